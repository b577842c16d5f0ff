//! When the first hole reaches the must-have ring, and what that follows from. Looked at twice a second.

use bevy::ecs::prelude::{Local, Res, ResMut};
use bevy::ecs::resource::Resource;
use bevy::math::DVec2;
use bevy::time::{Real, Time};
use std::collections::VecDeque;
use std::time::Duration;

use crate::focus::FocusPoints;
use crate::logic::coord::ChunkCoord;
use crate::logic::horizon::{Ahead, fastest, first_hole};
use crate::metrics::StreamingMetrics;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, Trace};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);
/// The rate is that of this time, s.
const RATE_SECS: f64 = 2.0;

/// What is ahead of the focus that moves fastest.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// Seconds until the first hole reaches the must-have ring; `None` while none is to be expected within half a minute.
    pub hole_in_secs: Option<f64>,
    /// The cell that will be the hole.
    pub hole_at: Option<ChunkCoord>,
    /// Chunks of full detail per second that can land; `None` before anything was generated.
    pub rate_per_sec: Option<f64>,
    /// Chunks per second that come within the load radius at this speed.
    pub need_per_sec: Option<f64>,
    /// m/s; `None` without a focus.
    pub speed_mps: Option<f64>,
    /// The way it moves on the ground plane (x, z), a unit vector; zero at rest.
    pub heading: DVec2,
}

/// Landings and waiting at the looks of the last seconds.
#[derive(Default)]
pub(crate) struct Looks {
    next_at: Duration,
    seen: VecDeque<Look>,
}

#[derive(Copy, Clone)]
struct Look {
    at_secs: f64,
    landed: u64,
    /// Whether work waited for workers or for the frame.
    is_busy: bool,
    frame_secs: f64,
}

pub(crate) fn look_out(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    points: Res<FocusPoints>,
    chunks: Res<Chunks>,
    trace: Res<Trace>,
    metrics: Res<StreamingMetrics>,
    mut outlook: ResMut<Outlook>,
    mut looks: Local<Looks>,
) {
    let now = time.elapsed();
    if now < looks.next_at {
        return;
    }
    looks.next_at = now + EVERY;
    let gauges = &metrics.gauges;
    looks.seen.push_back(Look {
        at_secs: now.as_secs_f64(),
        landed: trace.lives.full_landings,
        is_busy: gauges.missing > 0
            && (gauges.queued > 0 || gauges.completed_results > 0 || gauges.applying > 0),
        frame_secs: time.delta_secs_f64(),
    });
    while looks
        .seen
        .front()
        .is_some_and(|look| look.at_secs < now.as_secs_f64() - RATE_SECS)
    {
        looks.seen.pop_front();
    }
    let rate_per_sec = rate(&looks.seen, &settings, trace.lives.mean_run_secs);
    let focus = fastest(&points.live);
    let size = settings.chunk_size_m;
    let hole = rate_per_sec
        .zip(points.rings.as_ref())
        .and_then(|(rate, rings)| {
            first_hole(
                &Ahead {
                    foci: &points.live,
                    rings,
                    weights: &settings.need_weights,
                    rate_per_sec: rate,
                    now,
                },
                &chunks.table,
            )
        });
    *outlook = Outlook {
        hole_in_secs: hole.map(|(secs, _)| secs),
        hole_at: hole.map(|(_, coord)| coord),
        rate_per_sec,
        need_per_sec: focus
            .map(|focus| focus.speed_mps * 2.0 * settings.load_radius_m / (size * size)),
        speed_mps: focus.map(|focus| focus.speed_mps),
        heading: focus.map_or(DVec2::ZERO, |focus| focus.heading),
    };
}

/// While something waits all the time, what lands is what can land; else what workers and budgets allow.
fn rate(
    looks: &VecDeque<Look>,
    settings: &StreamingSettings,
    mean_run_secs: Option<f64>,
) -> Option<f64> {
    if settings.max_concurrent_tasks == 0 || settings.max_completed_per_frame == 0 {
        return Some(0.0);
    }
    let (first, last) = (looks.front()?, looks.back()?);
    let elapsed = last.at_secs - first.at_secs;
    if elapsed >= 0.75 * RATE_SECS && looks.iter().all(|look| look.is_busy) {
        return Some((last.landed - first.landed) as f64 / elapsed);
    }
    let by_workers = f64::from(settings.max_concurrent_tasks) / mean_run_secs?.max(1e-6);
    let by_frames = f64::from(settings.max_completed_per_frame) / last.frame_secs.max(1e-3);
    Some(by_workers.min(by_frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(landed_per_look: u64, is_busy: bool) -> VecDeque<Look> {
        (0..5)
            .map(|look| Look {
                at_secs: 0.5 * look as f64,
                landed: landed_per_look * look,
                is_busy,
                frame_secs: 1.0 / 60.0,
            })
            .collect()
    }

    #[test]
    fn what_lands_is_the_rate_only_while_something_waits() {
        let settings = StreamingSettings::conservative();
        assert_eq!(rate(&looks(4, true), &settings, Some(0.1)), Some(8.0));
        // Three tasks of 100 ms each.
        let idle = rate(&looks(0, false), &settings, Some(0.1)).expect("known");
        assert!((idle - 30.0).abs() < 1e-9, "{idle}");
        assert_eq!(rate(&looks(0, false), &settings, None), None);
    }

    #[test]
    fn a_pause_delivers_nothing() {
        let settings = StreamingSettings::conservative()
            .with_changes(&[("max_concurrent_tasks".into(), "0".into())])
            .expect("legal");
        assert_eq!(rate(&looks(4, true), &settings, Some(0.1)), Some(0.0));
    }
}
