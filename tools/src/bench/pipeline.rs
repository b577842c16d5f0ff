//! P1 and P3: how much of what bare threads make comes through the plugin.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::math::DVec2;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkCoord, ChunkGenerator, ChunkRequest, StreamingValues, WorkClock,
    WorkerCount,
};

use super::Workshop;
use super::bare::{BareRun, round_trip_us};
use super::case::Case;
use super::generators::{BUSY, Filler, TINY};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::seen::Spent;
use super::stats::Estimate;
use super::world::{Pace, Rig, cells_within, open_budgets};

/// Frames of the plugin's side: short, so that at most 1,000 landings a frame are no bound.
const PACE: Duration = Duration::from_millis(4);
const LIMIT: Duration = Duration::from_secs(30);

/// What fills the world, how many chunks, how many threads, what P1 should be, and seconds of a quick look.
struct Plan {
    filler: Filler,
    chunks: (u32, u32),
    threads: usize,
    target: Target,
    gives_overhead: bool,
    secs: u64,
}

pub(super) fn cases(is_quick: bool) -> Vec<Case> {
    let at = |goal| Target::at_least(goal, goal).with_goal_alone();
    let slow = Target::at_least(0.85, 0.95);
    let synthetic = |us| Filler::Constant(us, TINY);
    let rows = [
        (synthetic(10.0), (12_000, 24_000), 1, at(0.50), true, 3),
        (synthetic(10.0), (12_000, 24_000), 2, at(0.50), true, 2),
        (synthetic(100.0), (2_500, 6_000), 1, at(0.80), true, 2),
        (synthetic(100.0), (4_000, 10_000), 2, at(0.80), true, 2),
        (synthetic(1_000.0), (300, 800), 1, slow, false, 2),
        (synthetic(1_000.0), (500, 1_600), 2, slow, false, 2),
        (Filler::Heavy(1_000.0, TINY), (300, 800), 1, slow, false, 2),
        (
            Filler::Constant(1_000.0, BUSY),
            (300, 800),
            1,
            slow,
            false,
            2,
        ),
        (synthetic(10_000.0), (40, 120), 1, slow, false, 3),
        (Filler::City, (40, 120), 1, slow, false, 3),
        (Filler::City, (60, 200), 2, slow, false, 3),
    ];
    rows.into_iter()
        .map(|(filler, chunks, threads, target, gives_overhead, secs)| {
            let plan = Plan {
                filler,
                chunks,
                threads,
                target,
                gives_overhead,
                secs,
            };
            case(plan, is_quick)
        })
        .collect()
}

fn case(plan: Plan, is_quick: bool) -> Case {
    let content = match plan.filler {
        Filler::Constant(_, BUSY) => ", 150 entities and 200 kB",
        _ => "",
    };
    let name = format!(
        "{}{content}, {} worker{}",
        plan.filler.name(),
        plan.threads,
        if plan.threads == 1 { "" } else { "s" }
    );
    let ids: &[Id] = if plan.gives_overhead {
        &[Id::P1, Id::P3]
    } else {
        &[Id::P1]
    };
    let chunks = if is_quick {
        plan.chunks.0
    } else {
        plan.chunks.1
    };
    Case::new(ids, name.clone(), plan.secs, move |shop| {
        measure(shop, &plan, chunks, &name)
    })
}

/// One side of a pair.
struct Rate {
    /// Work done per second: stated seconds of generation, or those that the bare side took.
    work: f64,
    chunks_per_sec: f64,
}

fn measure(shop: &Workshop, plan: &Plan, chunks: u32, name: &str) -> Result<Vec<Measured>, String> {
    let size_m = plan.filler.chunk_size_m();
    let mut values = open_budgets(plan.threads as u32, size_m, chunks);
    // One generation is no measure of being stuck, however shared the machine is.
    values.stuck_after_secs = 600.0;
    let requests: Arc<Vec<_>> = Arc::new(
        cells_within(DVec2::ZERO, values.load_radius_m, size_m)
            .into_iter()
            .map(|coord| ChunkRequest::for_test(coord, values.seed, size_m))
            .collect(),
    );
    let generator = plan.filler.generator(shop.turns_per_us);
    let bare = || shop.foreman.loop_bare(plan.threads, &generator, &requests);
    // The city's chunks differ: a look at each, alone, says how much work each is.
    let weights = weights(&plan.filler, &requests, || {
        shop.foreman.loop_bare(1, &generator, &requests)
    });
    let mut spent = (Spent::default(), 0);
    let mut trips = Vec::new();
    let pairs = shop.in_pairs(
        || {
            let (rate, facts) = through_plugin(&generator, &values, plan.threads, &weights)?;
            spent = facts;
            Ok(rate)
        },
        || {
            trips.push(round_trip_us());
            Ok(bare_rate(&bare(), &weights))
        },
    )?;
    let efficiency = pairs.iter().map(|(plugin, bare)| plugin.work / bare.work);
    let trip_us = Estimate::of(&trips).map_or(f64::NAN, |trip| trip.value);
    let overhead_us = |(plugin, bare): &(Rate, Rate)| {
        (1.0 / plugin.chunks_per_sec - 1.0 / bare.chunks_per_sec) * plan.threads as f64 * 1e6
    };
    let bare_us: Vec<_> = pairs
        .iter()
        .map(|(_, bare)| plan.threads as f64 * 1e6 / bare.chunks_per_sec)
        .collect();
    let breakdown = spent.0.per_chunk_text(spent.1);
    let shares = if plan.threads > 1 {
        "; the main thread competes with the workers for the cores"
    } else {
        ""
    };
    let mut rows = vec![Measured {
        id: Id::P1,
        case: name.to_owned(),
        samples: efficiency.collect(),
        target: plan.target,
        kind: Kind::Timed,
        note: format!(
            "real clock, filling a cold disc of {} chunks, the middle 80 % of it, frames of 4 ms; bare: {:.1} µs per chunk and thread; {breakdown}{shares}",
            requests.len(),
            Estimate::of(&bare_us).map_or(f64::NAN, |us| us.value),
        ),
    }];
    if plan.gives_overhead {
        rows.push(Measured {
            id: Id::P3,
            case: name.to_owned(),
            samples: pairs
                .iter()
                .map(|pair| overhead_us(pair) / trip_us)
                .collect(),
            target: Target::at_most(5.0, 2.0),
            kind: Kind::Timed,
            note: format!(
                "real clock; one round trip of a channel took {trip_us:.1} µs; {breakdown}{shares}"
            ),
        });
    }
    Ok(rows)
}

type Weights = BTreeMap<ChunkCoord, f64>;

fn weights(filler: &Filler, requests: &[ChunkRequest], look: impl Fn() -> BareRun) -> Weights {
    let stated = requests
        .iter()
        .map(|request| Some((request.coord, filler.stated(request)?.as_secs_f64())));
    stated
        .collect::<Option<Weights>>()
        .unwrap_or_else(|| look().per_chunk.into_iter().collect())
}

fn bare_rate(run: &BareRun, weights: &Weights) -> Rate {
    let work: f64 = run
        .per_chunk
        .iter()
        .filter_map(|(coord, _)| weights.get(coord))
        .sum();
    Rate {
        work: work / run.secs,
        chunks_per_sec: run.per_chunk.len() as f64 / run.secs,
    }
}

/// Fills a world from nothing, and looks at the part between a tenth and nine tenths of it.
fn through_plugin(
    generator: &Arc<dyn ChunkGenerator>,
    values: &StreamingValues,
    threads: usize,
    weights: &Weights,
) -> Result<(Rate, (Spent, usize)), String> {
    let plugin = AsyncChunkPlugin::new(Arc::clone(generator))
        .with_workers(WorkerCount::Fixed(threads))
        .with_clock(WorkClock::Real);
    let mut rig = Rig::new(plugin, values.clone(), Pace::Every(PACE));
    let (from, to) = (weights.len() / 10, weights.len() * 9 / 10);
    let mut start = None;
    let mut end = None;
    rig.until("filled", LIMIT, |rig| {
        let landed = rig.seen().landings.len();
        let now = (Instant::now(), landed, rig.spent());
        if start.is_none() && landed >= from.max(1) {
            start = Some(now);
        } else if landed >= to {
            end = Some(now);
        }
        end.is_some()
    })?;
    let (Some((began, first, before)), Some((ended, last, after))) = (start, end) else {
        return Err("the disc was full at once".to_owned());
    };
    let secs = ended.duration_since(began).as_secs_f64();
    let landings = &rig.seen().landings[first..last];
    let work: f64 = landings
        .iter()
        .filter_map(|landing| weights.get(&landing.coord))
        .sum();
    let rate = Rate {
        work: work / secs,
        chunks_per_sec: landings.len() as f64 / secs,
    };
    Ok((rate, (after.since(&before), landings.len())))
}
