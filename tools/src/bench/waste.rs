//! W1, W2, C1: work that nobody saw, loads that were not needed, and how soon a worker hears that it may stop.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bevy::math::DVec2;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkContent, ChunkGenerator, ChunkRequest, DetailRings, GenerateError,
    ServiceCost, StopToken, StreamingValues, WorkClock, WorkerCount,
};

use super::Workshop;
use super::case::Case;
use super::generators::{Filler, TINY};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::{Estimate, quantile};
use super::virtual_world::{Path, SETTLE_LIMIT, drive, virtual_rig};
use super::world::{FRAME, Pace, Rig, open_budgets};

/// Virtual costs of the city by level, as scenarios state them.
fn city_cost() -> ServiceCost {
    ServiceCost::ByLevel(vec![8_000.0, 900.0, 120.0])
}

pub(super) fn cases() -> Vec<Case> {
    let small = |goal| Target::at_most(0.05_f64.max(goal), goal);
    let mut cases = Vec::new();
    for (name, path, speed_mps, rings, target) in [
        (
            "cruise at 30 m/s",
            Path::Straight,
            30.0,
            "none",
            small(0.02),
        ),
        ("jet at 250 m/s", Path::Straight, 250.0, "none", small(0.02)),
        ("zig-zag at 60 m/s", Path::ZigZag, 60.0, "none", small(0.10)),
        (
            "zig-zag at 60 m/s, three levels",
            Path::ZigZag,
            60.0,
            "2400",
            small(0.10),
        ),
    ] {
        cases.push(Case::new(&[Id::W1], name, 2, move |shop| {
            waste(shop, name, path, speed_mps, rings, target)
        }));
    }
    cases.push(Case::new(&[Id::W2], "shuttle over borders", 2, shuttle));
    for (filler, size_m, secs) in [
        (Filler::Constant(1_000.0, TINY), 16.0, 1),
        (Filler::Constant(10_000.0, TINY), 16.0, 2),
        (Filler::City, 200.0, 2),
    ] {
        let name = filler.name();
        cases.push(Case::new(&[Id::C1], name.clone(), secs, move |shop| {
            cancel_latency(shop, &filler, size_m, &name)
        }));
    }
    cases
}

fn waste(
    shop: &Workshop,
    name: &str,
    path: Path,
    speed_mps: f64,
    rings: &str,
    target: Target,
) -> Result<Vec<Measured>, String> {
    let mut values = StreamingValues::default();
    values
        .set("detail_rings_m", rings)
        .map_err(|error| error.to_string())?;
    if rings != "none" {
        values.view_radius_m = 3_000.0;
    }
    let generator = Filler::Free(TINY).generator(shop.turns_per_us);
    let mut rig = virtual_rig(&generator, city_cost(), 2, values);
    rig.settle(SETTLE_LIMIT)?;
    let frames = shop.sized(1_200, 3_600);
    let before = rig.metrics().counters.clone();
    let unseen_before = rig.seen().unloaded_unseen;
    drive(&mut rig, path, speed_mps, frames, |_, _| {});
    let metrics = rig.metrics();
    let (now, gauges) = (&metrics.counters, &metrics.gauges);
    let made = (now.completed - before.completed) - (now.failed - before.failed);
    let landed = now.applied - before.applied;
    let waiting = gauges.completed_results + gauges.applying;
    let unseen = rig.seen().unloaded_unseen - unseen_before;
    let wasted = made.saturating_sub(landed + waiting) + unseen;
    if made == 0 {
        return Err("the drive needed no chunk".to_owned());
    }
    Ok(vec![Measured {
        id: Id::W1,
        case: name.to_owned(),
        samples: vec![wasted as f64 / made as f64],
        target,
        kind: Kind::Counted,
        note: format!(
            "virtual clock, city costs, preset Conservative, 2 workers, {:.0} s; {made} generated, {landed} landed, {} cancelled or stale after their start, {unseen} gone within a second",
            FRAME.as_secs_f64() * f64::from(frames),
            wasted - unseen,
        ),
    }])
}

/// ±6 m over a border of cells, and over the places between where a middle crosses a radius.
fn shuttle(shop: &Workshop) -> Result<Vec<Measured>, String> {
    const REACH_M: f64 = 6.0;
    const PERIOD_FRAMES: u32 = 120;
    let turns = shop.sized(5, 20);
    let generator = Filler::Free(TINY).generator(shop.turns_per_us);
    let mut rows = Vec::new();
    let size_m = StreamingValues::default().chunk_size_m;
    let places = [
        ("over a border", DVec2::new(0.0, 0.3 * size_m)),
        ("over a corner", DVec2::ZERO),
        ("over a middle", DVec2::splat(size_m / 2.0)),
        ("between", DVec2::new(0.25 * size_m, 0.0)),
    ];
    for (name, place) in places {
        let mut rig = virtual_rig(&generator, city_cost(), 2, StreamingValues::default());
        rig.place_focus(place);
        rig.settle(SETTLE_LIMIT)?;
        for frame in 0..turns * PERIOD_FRAMES {
            let phase = f64::from(frame % PERIOD_FRAMES) / f64::from(PERIOD_FRAMES);
            let swing = (phase * std::f64::consts::TAU).sin() * REACH_M;
            rig.place_focus(place + DVec2::splat(swing));
            rig.step();
        }
        rig.settle(SETTLE_LIMIT)?;
        let counters = &rig.metrics().counters;
        let ratio = counters.applied as f64 / counters.distinct_loaded.max(1) as f64;
        rows.push(Measured {
            id: Id::W2,
            case: format!("±6 m {name}"),
            samples: vec![ratio],
            target: Target::at_most(1.0, 1.0),
            kind: Kind::Counted,
            note: format!(
                "virtual clock, {turns} times to and fro across both axes; {} loads of {} distinct chunks, {} unloads",
                counters.applied, counters.distinct_loaded, counters.unloaded
            ),
        });
    }
    Ok(rows)
}

/// One generation, from its begin to its return.
#[derive(Copy, Clone, Debug)]
struct Stay {
    began: Instant,
    ended: Option<Instant>,
    was_cancelled: bool,
}

/// Every generation in order. There is one worker, so the last one is the one that runs.
#[derive(Default)]
struct Diary(Mutex<Vec<Stay>>);

impl Diary {
    fn stays(&self) -> MutexGuard<'_, Vec<Stay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the generation that runs now began; `None` while none does.
    fn running_since(&self) -> Option<Instant> {
        let last = self.stays().last().copied()?;
        last.ended.is_none().then_some(last.began)
    }

    /// The generation that was cancelled after `told`.
    fn cancelled_after(&self, told: Instant) -> Option<Stay> {
        let stays = self.stays();
        let is_it =
            |stay: &&Stay| stay.was_cancelled && stay.ended.is_some_and(|ended| ended > told);
        stays.iter().rev().find(is_it).copied()
    }
}

struct Watched {
    inner: Arc<dyn ChunkGenerator>,
    diary: Arc<Diary>,
}

impl ChunkGenerator for Watched {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        self.diary.stays().push(Stay {
            began: Instant::now(),
            ended: None,
            was_cancelled: false,
        });
        let made = self.inner.generate(request, stop);
        if let Some(stay) = self.diary.stays().last_mut() {
            stay.ended = Some(Instant::now());
            stay.was_cancelled = matches!(made, Err(GenerateError::Cancelled));
        }
        made
    }
}

fn cancel_latency(
    shop: &Workshop,
    filler: &Filler,
    size_m: f64,
    name: &str,
) -> Result<Vec<Measured>, String> {
    let inner = filler.generator(shop.turns_per_us);
    let requests: Vec<_> = (0..shop.sized(16, 40))
        .map(|x| ChunkRequest::for_test(ringroad::streaming::ChunkCoord::new(x, 0), 1, size_m))
        .collect();
    let bare = shop.foreman.loop_bare(1, &inner, &Arc::new(requests));
    let generate_secs = bare.secs / bare.per_chunk.len() as f64;
    let diary = Arc::new(Diary::default());
    let watched = Watched {
        inner,
        diary: Arc::clone(&diary),
    };
    let values = StreamingValues {
        detail_rings_m: DetailRings(Vec::new()),
        ..open_budgets(1, size_m, 30)
    };
    let plugin = AsyncChunkPlugin::new(watched)
        .with_workers(WorkerCount::Fixed(1))
        .with_clock(WorkClock::Real);
    let mut rig = Rig::new(plugin, values, Pace::BackToBack);
    let mut samples = Vec::new();
    let mut all = Vec::new();
    for group in 0..shop.pairs() {
        let mut latencies = Vec::new();
        let mut tries = 0;
        while latencies.len() < shop.sized(8, 20) {
            tries += 1;
            if tries > 400 {
                return Err("hardly any generation could be cancelled".to_owned());
            }
            let away = DVec2::new(1e4 * f64::from(tries % 2), 1e4 * group as f64);
            latencies.extend(one_cancel(&mut rig, &diary, away, generate_secs));
        }
        samples.extend(quantile(&latencies, 0.5));
        all.extend(latencies);
    }
    let worst = Estimate::of(&all).map_or(f64::NAN, |_| quantile(&all, 0.95).unwrap_or(f64::NAN));
    Ok(vec![Measured {
        id: Id::C1,
        case: name.to_owned(),
        samples,
        target: Target::at_most(0.5, 0.1),
        kind: Kind::Timed,
        note: format!(
            "real clock; from the begin of the GenQueue that cancels to the end of the generation, ÷ {:.2} ms of one; {} cancels, p95 {worst:.3}; the synthetic work has a checkpoint every 1 %",
            generate_secs * 1e3,
            all.len(),
        ),
    }])
}

/// Teleports in the midst of a generation; the latency as a share of a generation, or nothing where that
/// generation ended by itself.
fn one_cancel(rig: &mut Rig, diary: &Diary, away: DVec2, generate_secs: f64) -> Option<f64> {
    let young = Duration::from_secs_f64(0.3 * generate_secs);
    let mut frames = 0;
    // A generation that has just begun.
    while diary
        .running_since()
        .is_none_or(|began| began.elapsed() > young)
    {
        frames += 1;
        if frames > 300 {
            return None;
        }
        if frames % 8 == 1 {
            rig.step();
        }
        std::thread::sleep(Duration::from_secs_f64(0.1 * generate_secs));
    }
    rig.place_focus_at_once(away);
    rig.step();
    let told = rig.seen().queue_began?;
    let deadline = Duration::from_secs_f64(2.0 * generate_secs);
    while told.elapsed() < deadline {
        if let Some(stay) = diary.cancelled_after(told) {
            let freed = stay.ended?;
            return Some(freed.duration_since(told.max(stay.began)).as_secs_f64() / generate_secs);
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    None
}
