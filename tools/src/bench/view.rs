//! T1: how soon the view is complete.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::math::DVec2;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkRequest, DetailRings, ServiceCost, StreamingValues, WorkClock,
    WorkerCount,
};

use super::Workshop;
use super::bare_spawn::bare_apply_ms;
use super::case::Case;
use super::generators::{BUSY, Filler, Load};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::middle;
use super::virtual_world::{APPLY_NS_PER_BYTE, APPLY_US_PER_ENTITY, virtual_rig};
use super::world::{FRAME, Pace, Rig, cells_within};

const LIMIT: Duration = Duration::from_secs(60);
/// On a middle of a border, as far from the start as a teleport goes.
const ELSEWHERE: DVec2 = DVec2::new(30_000.0, 8_000.0);

pub(super) fn cases() -> Vec<Case> {
    let complete = Target::at_most(1.3, 1.1);
    let mut cases = Vec::new();
    for (filler, secs) in [
        (
            Filler::Constant(
                10_000.0,
                Load {
                    entities: 40,
                    bytes: 0,
                },
            ),
            6,
        ),
        (Filler::City, 7),
    ] {
        let name = format!("{}, 2 workers", filler.name());
        cases.push(Case::new(&[Id::T1], name.clone(), secs, move |shop| {
            time_to_view(shop, &filler, &name, complete)
        }));
    }
    cases.push(Case::new(&[Id::T1], "virtual clock", 2, move |shop| {
        let mut rows = stated_time_to_view(
            shop,
            "8 ms, 2 workers, virtual clock",
            8_000.0,
            BUSY,
            complete,
        )?;
        let heavy = Load {
            entities: 1_000,
            bytes: 0,
        };
        rows.extend(stated_time_to_view(
            shop,
            "bound by apply, virtual clock",
            500.0,
            heavy,
            complete,
        )?);
        Ok(rows)
    }));
    cases
}

/// Budgets of which only the time for applying is a bound.
pub(super) fn timed_values(workers: u32, load_radius_m: f64) -> StreamingValues {
    StreamingValues {
        max_concurrent_tasks: workers,
        max_completed_per_frame: 1_000,
        upload_bytes_per_frame: 1 << 30,
        completed_bytes_cap: 1 << 34,
        load_radius_m,
        view_radius_m: load_radius_m,
        unload_radius_m: load_radius_m + 200.0,
        detail_rings_m: DetailRings(Vec::new()),
        ..StreamingValues::default()
    }
}

/// How a view came to be complete.
#[derive(Copy, Clone, Debug, Default)]
struct Fill {
    secs: f64,
    /// Frames until the first generation was heard of, the last one came back, and all of it had landed.
    first_start: u32,
    last_made: u32,
    complete: u32,
}

impl Fill {
    fn text(&self) -> String {
        format!(
            "heard of the first start in frame {}, of the last result in frame {}, complete after {} frames",
            self.first_start, self.last_made, self.complete
        )
    }
}

/// Fills the view cold and after a teleport.
fn fill_twice(rig: &mut Rig) -> Result<[Fill; 2], String> {
    let mut fills = [Fill::default(); 2];
    for (fill, place) in fills.iter_mut().zip([DVec2::ZERO, ELSEWHERE]) {
        rig.place_focus(place);
        let frames = rig.spent().frames;
        let before = rig.metrics().counters.clone();
        let mut made = before.completed;
        let began = Instant::now();
        rig.until("complete", LIMIT, |rig| {
            let frame = rig.spent().frames - frames;
            let counters = &rig.metrics().counters;
            if fill.first_start == 0 && counters.started > before.started {
                fill.first_start = frame;
            }
            if counters.completed > made {
                made = counters.completed;
                fill.last_made = frame;
            }
            rig.is_view_complete()
        })?;
        fill.secs = began.elapsed().as_secs_f64();
        fill.complete = rig.spent().frames - frames;
    }
    Ok(fills)
}

fn time_to_view(
    shop: &Workshop,
    filler: &Filler,
    name: &str,
    target: Target,
) -> Result<Vec<Measured>, String> {
    const WORKERS: usize = 2;
    // The city is made so fast that a small view would be a matter of a few frames.
    let radius_m = match filler {
        Filler::City => shop.sized(1_500.0, 2_200.0),
        _ => shop.sized(900.0, 1_200.0),
    };
    let values = timed_values(WORKERS as u32, radius_m);
    let generator = filler.generator(shop.turns_per_us);
    let requests_at = |at| {
        let cells = cells_within(at, values.load_radius_m, values.chunk_size_m);
        let request = |coord| ChunkRequest::for_test(coord, values.seed, values.chunk_size_m);
        Arc::new(cells.into_iter().map(request).collect::<Vec<_>>())
    };
    let requests = [requests_at(DVec2::ZERO), requests_at(ELSEWHERE)];
    let pairs = shop.in_pairs(
        || {
            let plugin = AsyncChunkPlugin::new(Arc::clone(&generator))
                .with_workers(WorkerCount::Fixed(WORKERS))
                .with_clock(WorkClock::Real);
            let mut rig = Rig::new(plugin, values.clone(), Pace::Every(FRAME));
            fill_twice(&mut rig)
        },
        || {
            // V·g/N as bare threads take it.
            let bare = |at: usize| {
                let run = shop.foreman.loop_bare(WORKERS, &generator, &requests[at]);
                run.secs
            };
            Ok([bare(0), bare(1)])
        },
    )?;
    let apply_ms = bare_apply_ms(shop, filler, 30)?;
    let row = |at: usize, when: &str| {
        let chunks = requests[at].len();
        let frames = (chunks as f64 * apply_ms / values.apply_budget_ms).ceil();
        let apply_secs = frames * FRAME.as_secs_f64();
        let bound = |generate_secs: f64| generate_secs.max(apply_secs);
        let fill = pairs.last().map_or(Fill::default(), |(a, _)| a[at]);
        Measured {
            id: Id::T1,
            case: format!("{name}, {when}"),
            samples: pairs
                .iter()
                .map(|(a, b)| a[at].secs / bound(b[at]))
                .collect(),
            target,
            kind: Kind::Timed,
            note: format!(
                "real clock, frames of 16.7 ms, {chunks} chunks; {:.0} ms against {:.0} ms of {WORKERS} bare threads (on 2 cores that the main thread uses too) and {frames} frames to apply; {}",
                middle(pairs.iter().map(|(a, _)| a[at].secs)) * 1e3,
                middle(pairs.iter().map(|(_, b)| b[at])) * 1e3,
                fill.text(),
            ),
        }
    };
    Ok(vec![row(0, "cold"), row(1, "teleport")])
}

fn stated_time_to_view(
    shop: &Workshop,
    name: &str,
    us: f64,
    load: Load,
    target: Target,
) -> Result<Vec<Measured>, String> {
    const WORKERS: usize = 2;
    let values = timed_values(WORKERS as u32, 1_200.0);
    let generator = Filler::Free(load).generator(shop.turns_per_us);
    let mut rig = virtual_rig(
        &generator,
        ServiceCost::Fixed { us },
        WORKERS,
        values.clone(),
    );
    let fills = fill_twice(&mut rig)?;
    let row = |at: usize, when: &str| {
        let place = [DVec2::ZERO, ELSEWHERE][at];
        let chunks = cells_within(place, values.load_radius_m, values.chunk_size_m).len() as f64;
        let generate_secs = chunks * us / 1e6 / WORKERS as f64;
        let apply_ms = f64::from(load.entities) * APPLY_US_PER_ENTITY / 1e3
            + load.bytes as f64 * APPLY_NS_PER_BYTE / 1e6;
        let frames = (chunks * apply_ms / values.apply_budget_ms).ceil();
        let bound = generate_secs.max(frames * FRAME.as_secs_f64());
        // From the frame that first sees the focus there to the frame that completes the view.
        let took = FRAME.as_secs_f64() * f64::from(fills[at].complete.saturating_sub(1));
        Measured {
            id: Id::T1,
            case: format!("{name}, {when}"),
            samples: vec![took / bound],
            target,
            kind: Kind::Counted,
            note: format!(
                "virtual clock, {chunks} chunks; {:.0} ms against {:.0} ms (generate {:.0}, apply {frames} frames), {:.1} frames more; {}",
                took * 1e3,
                bound * 1e3,
                generate_secs * 1e3,
                (took - bound) / FRAME.as_secs_f64(),
                fills[at].text(),
            ),
        }
    };
    Ok(vec![row(0, "cold"), row(1, "teleport")])
}
