//! D1 and Q1: content that depends on nothing but its place, and work in the order of need.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bevy::math::DVec2;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkCoord, ChunkRequest, DetailLevel, FaultSwitches, FaultyGenerator,
    ServiceCost, StopToken, StreamingValues, WorkClock, WorkerCount, content_hash,
};

use super::Workshop;
use super::case::Case;
use super::generators::{Filler, Load, TINY};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::virtual_world::{Path, SETTLE_LIMIT, drive, virtual_rig};
use super::world::{Pace, Rig, open_budgets};

const LIMIT: Duration = Duration::from_secs(60);
const SOME: Load = Load {
    entities: 50,
    bytes: 20_000,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (filler, size_m, chunks, secs) in [
        (Filler::Constant(100.0, SOME), 16.0, (60, 300), 2),
        (Filler::City, 200.0, (13, 37), 4),
    ] {
        let name = filler.name();
        cases.push(Case::new(&[Id::D1], name.clone(), secs, move |shop| {
            determinism(shop, &filler, size_m, shop.sized(chunks.0, chunks.1), &name)
        }));
    }
    cases.push(Case::new(&[Id::Q1], "overload", 3, regret));
    cases
}

/// The way to the same place: how many threads, from where, and what goes wrong on it.
struct Way {
    threads: usize,
    from: DVec2,
    panic_rate: f64,
}

fn determinism(
    shop: &Workshop,
    filler: &Filler,
    size_m: f64,
    chunks: u32,
    name: &str,
) -> Result<Vec<Measured>, String> {
    let generator = filler.generator(shop.turns_per_us);
    let beside = 3.0 * size_m;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ways: Vec<Way> = [1, 2, 2 * cores]
        .into_iter()
        .zip([(0.0, 0.0), (beside, -beside), (-beside, 0.5 * beside)])
        .flat_map(|(threads, (x, z))| {
            [0.0, 0.3].map(|panic_rate| Way {
                threads,
                from: DVec2::new(x, z),
                panic_rate,
            })
        })
        .collect();
    let mut truth: BTreeMap<(ChunkCoord, DetailLevel), Option<u64>> = BTreeMap::new();
    let (mut equal, mut all, mut retried, mut cancelled) = (0_u64, 0_u64, 0, 0);
    for way in &ways {
        let values = StreamingValues {
            retry_limit: 100,
            retry_backoff_secs: 0.0,
            ..open_budgets(way.threads as u32, size_m, chunks)
        };
        let seed = values.seed;
        let faults = Arc::new(FaultSwitches::default());
        faults.set_panic_rate(way.panic_rate);
        let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(
            Arc::clone(&generator),
            Arc::clone(&faults),
        ))
        .with_faults(faults)
        .with_content_hashes()
        .with_workers(WorkerCount::Fixed(way.threads))
        .with_clock(WorkClock::Real);
        let mut rig = Rig::new(plugin, values, Pace::Every(Duration::from_millis(1)));
        for place in [way.from, DVec2::new(5e3, 5e3), way.from] {
            // Away again before the place is complete, so that work is cancelled.
            rig.place_focus(place);
            for _ in 0..6 {
                rig.step();
            }
        }
        rig.place_focus(DVec2::ZERO);
        rig.settle(LIMIT)?;
        let counters = &rig.metrics().counters;
        retried += counters.retried;
        cancelled += counters.cancelled + counters.stale_discarded;
        for landing in &rig.seen().landings {
            let expected = truth
                .entry((landing.coord, landing.detail))
                .or_insert_with(|| {
                    let request = ChunkRequest {
                        detail: landing.detail,
                        ..ChunkRequest::for_test(landing.coord, seed, size_m)
                    };
                    let made = generator.generate(&request, &StopToken::never());
                    made.ok().map(|content| content_hash(&content))
                });
            all += 1;
            equal += u64::from(expected.is_some() && *expected == landing.content_hash);
        }
    }
    if all == 0 {
        return Err("nothing landed".to_owned());
    }
    Ok(vec![Measured {
        id: Id::D1,
        case: name.to_owned(),
        samples: vec![equal as f64 / all as f64],
        target: Target::at_least(1.0, 1.0),
        kind: Kind::Counted,
        note: format!(
            "real clock and threads; {equal} of {all} landings of {} distinct chunks as the generator makes them by hand, over {} ways with {{1, 2, {}}} threads, from three sides, with and without panics; {retried} retries, {cancelled} cancelled or stale",
            truth.len(),
            ways.len(),
            2 * cores,
        ),
    }])
}

fn regret(shop: &Workshop) -> Result<Vec<Measured>, String> {
    let mut rows = Vec::new();
    for (name, service) in [
        ("constant", ServiceCost::Fixed { us: 30_000.0 }),
        ("heavy-tailed", ServiceCost::HeavyTailed { us: 30_000.0 }),
    ] {
        let generator = Filler::Free(TINY).generator(shop.turns_per_us);
        let mut rig = virtual_rig(&generator, service, 2, StreamingValues::default());
        rig.settle(SETTLE_LIMIT)?;
        for path in [Path::Straight, Path::ZigZag, Path::Circle(400.0)] {
            drive(&mut rig, path, 120.0, shop.sized(400, 1_200), |_, _| {});
            // A turn about, and a teleport.
            let here = rig.focus_in_world();
            rig.place_focus(here + DVec2::new(-3_000.0, 2_000.0));
        }
        let metrics = rig.metrics();
        let share = metrics
            .gauges_max
            .priority_regret
            .or(metrics.regret.share());
        let started = metrics.counters.started;
        rows.push(Measured {
            id: Id::Q1,
            case: format!("{name}, straight, zig-zag, curve and jumps"),
            samples: share.into_iter().collect(),
            target: Target::at_most(0.10, 0.03),
            kind: Kind::Counted,
            note: match share {
                Some(_) => format!(
                    "virtual clock, 30 ms per chunk, 2 workers, 120 m/s; {started} starts, regret {:.0} of {:.0} possible",
                    metrics.regret.sum, metrics.regret.possible
                ),
                None => "not measured: the engine says nothing of its regret".to_owned(),
            },
        });
    }
    Ok(rows)
}
