//! K1: whether looking and queueing cost what changed, or what exists.

use std::time::Duration;

use bevy::math::DVec2;
use ringroad::streaming::{AsyncChunkPlugin, WorkClock, WorkerCount};

use super::Workshop;
use super::case::Case;
use super::cells::rows_by_middle;
use super::generators::{Filler, TINY};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::{Estimate, mean};
use super::world::{FRAME, Pace, Rig, open_budgets};

const LIMIT: Duration = Duration::from_secs(60);
const SIZE_M: f64 = 16.0;
const MANY: u32 = 5_000;
const FEW: u32 = 50;
const SPEED_MPS: f64 = 30.0;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(
        &[Id::K1],
        "5,000 ÷ 50 loaded chunks",
        10,
        measure,
    )]
}

fn rig_with(shop: &Workshop, chunks: u32) -> Result<Rig, String> {
    let plugin = AsyncChunkPlugin::new(Filler::Free(TINY).generator(shop.turns_per_us))
        .with_workers(WorkerCount::Fixed(1))
        .with_clock(WorkClock::Real);
    let mut values = open_budgets(1, SIZE_M, chunks);
    // As it ships: a plan every 0.2 s, calm borders.
    values.scan_interval_secs = 0.2;
    values.linger_secs = 1.0;
    let mut rig = Rig::new(plugin, values, Pace::Stated);
    rig.settle(LIMIT)?;
    Ok(rig)
}

/// Milliseconds per frame of one leg.
#[derive(Copy, Clone, Debug)]
struct Leg {
    scan_ms: f64,
    queue_ms: f64,
    stages_ms: f64,
    update_ms: f64,
}

fn leg(rig: &mut Rig, speed_mps: f64, frames: u32) -> Leg {
    let before = rig.spent();
    let mut stages_ms = Vec::new();
    for _ in 0..frames {
        let at = rig.focus_in_world();
        rig.place_focus(at + DVec2::new(speed_mps * FRAME.as_secs_f64(), 0.0));
        rig.step();
        stages_ms.push(rig.seen().stages_ms);
        // The one worker gets a moment, or all of its chunks would come in the last frames.
        std::thread::sleep(Duration::from_micros(200));
    }
    let spent = rig.spent().since(&before);
    let each = |ms: f64| ms / f64::from(frames);
    Leg {
        scan_ms: each(spent.scan_ms),
        queue_ms: each(spent.queue_ms),
        stages_ms: mean(&stages_ms).unwrap_or(f64::NAN),
        update_ms: each(spent.update_ms),
    }
}

fn measure(shop: &Workshop) -> Result<Vec<Measured>, String> {
    let (mut many, mut few) = (rig_with(shop, MANY)?, rig_with(shop, FEW)?);
    let loaded = [&many, &few].map(|rig| rig.metrics().gauges.loaded);
    let rows = [&many, &few].map(|rig| {
        let reach_m = rig
            .app
            .world()
            .resource::<ringroad::streaming::StreamingSettings>()
            .load_radius_m;
        rows_by_middle(reach_m, SIZE_M) as f64
    });
    let frames = shop.sized(300, 900);
    let equal_change_mps = SPEED_MPS * rows[1] / rows[0];
    let mut lines = Vec::new();
    for (how, many_mps, few_mps) in [
        ("as much changes", equal_change_mps, SPEED_MPS),
        ("equal speed", SPEED_MPS, SPEED_MPS),
        ("at rest", 0.0, 0.0),
    ] {
        let pairs = shop.in_pairs(
            || Ok(leg(&mut many, many_mps, frames)),
            || Ok(leg(&mut few, few_mps, frames)),
        )?;
        let target = Target::at_most(10.0, 2.0);
        let mut row = |case: &str, of: fn(&Leg) -> f64, target, what: &str| {
            let middle = |values: Vec<f64>| Estimate::of(&values).map_or(f64::NAN, |e| e.value);
            lines.push(Measured {
                id: Id::K1,
                case: case.to_owned(),
                samples: pairs.iter().map(|(a, b)| of(a) / of(b)).collect(),
                target,
                kind: Kind::Timed,
                note: format!(
                    "real clock, {what}; {:.4} ms per frame at {} chunks and {many_mps:.1} m/s (scan {:.4}, queue {:.4}), {:.4} ms at {} and {few_mps:.1} m/s",
                    middle(pairs.iter().map(|(a, _)| of(a)).collect()),
                    loaded[0],
                    middle(pairs.iter().map(|(a, _)| a.scan_ms).collect()),
                    middle(pairs.iter().map(|(a, _)| a.queue_ms).collect()),
                    middle(pairs.iter().map(|(_, b)| of(b)).collect()),
                    loaded[1],
                ),
            });
        };
        row(
            how,
            |leg| leg.scan_ms + leg.queue_ms,
            target,
            "scan_ms + queue_ms",
        );
        row(
            &format!("{how}, all stages"),
            |leg| leg.stages_ms,
            Target::SHOWN,
            "all three stages",
        );
        row(
            &format!("{how}, whole update"),
            |leg| leg.update_ms,
            Target::SHOWN,
            "everything in a frame, with what moves 5,000 or 50 entities",
        );
    }
    Ok(lines)
}
