//! M1 and M2: what streaming takes of a frame while driving, and how far it goes beyond its budget.

use std::sync::Arc;
use std::time::Duration;

use ringroad::streaming::{ChunkGenerator, ServiceCost, StoppedBy, StreamingValues};

use super::Workshop;
use super::apply::piled_up;
use super::bare_spawn::bare_apply_ms;
use super::case::Case;
use super::generators::{BUSY, Filler};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::{middle, quantile};
use super::virtual_world::{Path, SETTLE_LIMIT, drive, virtual_rig};
use super::world::{ELSEWHERE, Rig, open_budgets};

const LIMIT: Duration = Duration::from_secs(30);
/// A frame of 60 in a second, in ms.
const FRAME_MS: f64 = 16.7;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (filler, path, speed_mps, frames, secs) in [
        (Filler::Free(BUSY), Path::Straight, 30.0, (900, 3_600), 3),
        (Filler::City, Path::Straight, 30.0, (600, 2_400), 4),
        (Filler::City, Path::Straight, 250.0, (240, 900), 6),
    ] {
        let name = format!("{} at {speed_mps} m/s", filler.name());
        cases.push(Case::new(&[Id::M1], name.clone(), secs, move |shop| {
            share(
                shop,
                &filler,
                path,
                speed_mps,
                shop.sized(frames.0, frames.1),
                &name,
            )
        }));
    }
    for (filler, chunks, budget_ms, secs) in [
        (Filler::Free(BUSY), (400, 1_000), 2.0, 3),
        (Filler::City, (40, 120), 0.25, 3),
    ] {
        let name = format!("{}, budget {budget_ms} ms", filler.name());
        cases.push(Case::new(&[Id::M2], name.clone(), secs, move |shop| {
            overshoot(
                shop,
                &filler,
                shop.sized(chunks.0, chunks.1),
                budget_ms,
                &name,
            )
        }));
    }
    cases
}

/// M1: a drive whose arrangement is stated and whose main-thread times are true.
fn share(
    shop: &Workshop,
    filler: &Filler,
    path: Path,
    speed_mps: f64,
    frames: u32,
    name: &str,
) -> Result<Vec<Measured>, String> {
    let generator: Arc<dyn ChunkGenerator> = filler.generator(shop.turns_per_us);
    let service = ServiceCost::ByLevel(vec![8_000.0, 900.0, 120.0]);
    let mut p50 = Vec::new();
    let mut p99 = Vec::new();
    let mut most = 0.0_f64;
    let mut applied = 0;
    for _ in 0..shop.pairs() {
        let values = StreamingValues::default();
        let mut rig = virtual_rig(&generator, service.clone(), 2, values);
        rig.settle(SETTLE_LIMIT)?;
        let before = rig.metrics().counters.applied;
        let mut stages_ms = Vec::with_capacity(frames as usize);
        drive(&mut rig, path, speed_mps, frames, |rig, _| {
            stages_ms.push(rig.seen().stages_ms);
        });
        applied = rig.metrics().counters.applied - before;
        p50.extend(quantile(&stages_ms, 0.5).map(|ms| ms / FRAME_MS));
        p99.extend(quantile(&stages_ms, 0.99).map(|ms| ms / FRAME_MS));
        most = stages_ms.iter().copied().fold(most, f64::max);
    }
    let chunk_ms = bare_apply_ms(shop, filler, 12)?;
    let row = |quantile: &str, samples: Vec<f64>, target| {
        let ms = middle(samples.iter().copied()) * FRAME_MS;
        Measured {
            id: Id::M1,
            case: format!("{name}, {quantile}"),
            samples,
            target,
            kind: Kind::Timed,
            note: format!(
                "true times of all stages with their commands, arranged on the virtual clock, preset Conservative, {frames} frames, {applied} chunks landed; {ms:.3} ms = {:.2} bare spawns of a chunk ({chunk_ms:.3} ms); most {most:.2} ms",
                ms / chunk_ms
            ),
        }
    };
    Ok(vec![
        row("p50", p50, Target::at_most(0.06, 0.03)),
        row("p99", p99, Target::at_most(0.12, 0.08)),
    ])
}

/// M2: frames that ran out of time, while a pile of chunks lands and leaves again.
fn overshoot(
    shop: &Workshop,
    filler: &Filler,
    chunks: u32,
    budget_ms: f64,
    name: &str,
) -> Result<Vec<Measured>, String> {
    let (mut landing, mut leaving) = (Overrun::default(), Overrun::default());
    for _ in 0..shop.pairs() {
        let mut values = open_budgets(2, filler.chunk_size_m(), chunks);
        values.apply_budget_ms = budget_ms;
        let mut rig = piled_up(shop, filler, values)?;
        let wanted = rig.metrics().gauges.wanted as usize;
        rig.set("max_completed_per_frame", "1000");
        landing.watch(&mut rig, budget_ms, |rig| rig.seen().there.len() >= wanted)?;
        rig.set("max_concurrent_tasks", "0");
        rig.step();
        rig.place_focus(ELSEWHERE);
        leaving.watch(&mut rig, budget_ms, |rig| {
            rig.seen().there.is_empty() && rig.metrics().gauges.chunk_entities == 0
        })?;
    }
    let rows = [(landing, "landing"), (leaving, "leaving")];
    Ok(rows
        .into_iter()
        .flat_map(|(overrun, what)| overrun.rows(&format!("{name}, {what}")))
        .collect())
}

/// How far frames went beyond their budget: by what was charged to it, and by the clock on the wall around the
/// whole stage, which sees what nobody charges (sorting results, landings without entities, messages).
#[derive(Default)]
struct Overrun {
    charged: Shares,
    whole_stage: Shares,
    largest_slice_ms: f64,
    /// Entities in the world when the largest slice was done.
    at_entities: u64,
}

/// Time ÷ budget, for each round the quantiles of its frames.
#[derive(Default)]
struct Shares {
    p99: Vec<f64>,
    most: Vec<f64>,
    frames: usize,
}

impl Shares {
    fn add_round(&mut self, used: &[f64]) {
        self.frames += used.len();
        self.p99.extend(quantile(used, 0.99));
        self.most.extend(quantile(used, 1.0));
    }

    fn rows(self, name: &str, note: &str) -> [Measured; 2] {
        let row = |quantile: &str, samples, target| Measured {
            id: Id::M2,
            case: format!("{name}, {quantile}"),
            samples,
            target,
            kind: Kind::Timed,
            note: note.to_owned(),
        };
        [
            row("p99", self.p99, Target::at_most(1.25, 1.10)),
            row(
                "most",
                self.most,
                Target::at_most(1.5, 1.5).with_goal_alone(),
            ),
        ]
    }
}

impl Overrun {
    fn watch(
        &mut self,
        rig: &mut Rig,
        budget_ms: f64,
        mut done: impl FnMut(&mut Rig) -> bool,
    ) -> Result<(), String> {
        let (mut charged, mut whole_stage) = (Vec::new(), Vec::new());
        rig.until("through with the pile", LIMIT, |rig| {
            let facts = &rig.metrics().frame;
            let stage_ms = rig.seen().gen_apply_ms;
            let ran_out = facts.stopped_by == StoppedBy::Time || facts.charged_ms >= budget_ms;
            if ran_out {
                charged.push(facts.charged_ms / budget_ms);
            }
            // Also a frame that charged next to nothing and still took long.
            if ran_out || stage_ms >= budget_ms {
                whole_stage.push(stage_ms / budget_ms);
            }
            if facts.largest_slice_ms > self.largest_slice_ms {
                self.largest_slice_ms = facts.largest_slice_ms;
                self.at_entities = rig.metrics().gauges.chunk_entities;
            }
            done(rig)
        })?;
        self.charged.add_round(&charged);
        self.whole_stage.add_round(&whole_stage);
        Ok(())
    }

    fn rows(self, name: &str) -> Vec<Measured> {
        let largest = format!(
            "largest slice {:.3} ms, with {} entities in the world",
            self.largest_slice_ms, self.at_entities
        );
        let charged = format!(
            "real clock, charged_ms ÷ budget in {} frames that ran out; {largest}",
            self.charged.frames
        );
        let whole_stage = format!(
            "real clock, wall time of all of GenApply ÷ budget in {} frames that ran out of time or took more; {largest}",
            self.whole_stage.frames
        );
        let rows = self.charged.rows(name, &charged);
        let whole = format!("{name}, whole stage");
        let whole = self.whole_stage.rows(&whole, &whole_stage);
        rows.into_iter().chain(whole).collect()
    }
}
