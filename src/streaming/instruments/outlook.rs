//! When the first hole reaches the must-have ring, and what that follows from. Looked at twice a second.

use bevy::ecs::prelude::{Local, Res, ResMut};
use bevy::ecs::resource::Resource;
use bevy::math::DVec2;
use bevy::time::{Real, Time};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::focus::FocusPoints;
use crate::logic::coord::ChunkCoord;
use crate::logic::horizon::{Ahead, fastest, first_hole};
use crate::metrics::StreamingMetrics;
use crate::queue::AsyncChunkQueue;
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
    /// True time that looking took in this frame, ms.
    pub took_ms: f64,
}

/// More at once than this makes no difference to when the next ones land.
const MOST_IN_WORK: usize = 64;

/// Fewer landings than this in that time are no rate: one more or less is half of it.
const ENOUGH_LANDED: u64 = 10;

/// Landings and waiting at the looks of the last seconds.
#[derive(Default)]
pub(crate) struct Looks {
    next_at: Duration,
    /// When the first hole is to be expected.
    hole_at_secs: Option<f64>,
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
    queue: Res<AsyncChunkQueue>,
    metrics: Res<StreamingMetrics>,
    mut outlook: ResMut<Outlook>,
    mut looks: Local<Looks>,
) {
    let began = Instant::now();
    let now = time.elapsed();
    // Between two looks the hole comes nearer by itself.
    let hole_at_secs = looks.hole_at_secs;
    outlook.hole_in_secs = hole_at_secs.map(|at| (at - now.as_secs_f64()).max(0.0));
    if now < looks.next_at {
        outlook.took_ms = began.elapsed().as_secs_f64() * 1e3;
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
    let running = progress(&queue, trace.lives.mean_run_secs);
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
                    running: &running,
                    tasks: (settings.max_concurrent_tasks as usize).min(MOST_IN_WORK),
                    now,
                },
                &chunks.table,
            )
        });
    looks.hole_at_secs = hole.map(|(secs, _)| now.as_secs_f64() + secs);
    *outlook = Outlook {
        hole_in_secs: hole.map(|(secs, _)| secs),
        hole_at: hole.map(|(_, coord)| coord),
        rate_per_sec,
        need_per_sec: focus
            .map(|focus| focus.speed_mps * 2.0 * settings.load_radius_m / (size * size)),
        speed_mps: focus.map(|focus| focus.speed_mps),
        heading: focus.map_or(DVec2::ZERO, |focus| focus.heading),
        took_ms: began.elapsed().as_secs_f64() * 1e3,
    };
}

/// What is being made, and how much of it is done if it takes the usual time.
fn progress(queue: &AsyncChunkQueue, mean_run_secs: Option<f64>) -> Vec<(ChunkCoord, f64)> {
    let Some(usual_secs) = mean_run_secs.filter(|secs| *secs > 0.0) else {
        return Vec::new();
    };
    let running = queue.shared().running_now().into_iter();
    running
        .map(|running| {
            let done = running.for_how_long.as_secs_f64() / usual_secs;
            (running.coord, done.min(1.0))
        })
        .collect()
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
    let landed = last.landed - first.landed;
    let is_busy = elapsed >= 0.75 * RATE_SECS && looks.iter().all(|look| look.is_busy);
    if is_busy && landed >= ENOUGH_LANDED {
        return Some(landed as f64 / elapsed);
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
        // Two in two seconds may be one or three: then what the workers need says more.
        assert_eq!(rate(&looks(1, true), &settings, Some(2.0)), Some(1.5));
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
