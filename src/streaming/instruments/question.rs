//! "How does this cell stand, and why is it not here?": what a map and a click may ask of streaming.

use bevy::ecs::prelude::Res;
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::platform::collections::HashMap;
use bevy::time::{Real, Time};

use super::life::{LifeEvent, LifeStep, PastCell};
use crate::focus::{FocusPoints, FocusPurpose};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::disc::{Disc, Measure};
use crate::logic::need::Scale;
use crate::logic::rings::Purpose;
use crate::logic::table::{ChunkRecord, ChunkState};
use crate::logic::ticket::GenerationId;
use crate::queue::AsyncChunkQueue;
use crate::readiness::why_absent;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, Trace, WorldSide};
use crate::workers::RunningNow;

/// What is being done about a cell.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CellStage {
    /// Nothing: what is seen is what is wanted.
    Idle,
    /// More is wanted, and nobody has been asked yet.
    Missing,
    /// Its request waits for a worker.
    Queued,
    /// A worker is busy with it.
    Running,
    /// It is finished and waits to be applied.
    Ready,
    /// Some of its slices are in the world.
    Applying,
    /// Its worker was told to stop and has not answered.
    Stopping,
    /// It failed and waits for its next try.
    Backoff,
    /// Its entities are going.
    Retiring,
    /// It was given up.
    Quarantined,
}

impl CellStage {
    /// Every stage, in the order of a chunk's way.
    pub const ALL: [Self; 10] = [
        Self::Idle,
        Self::Missing,
        Self::Queued,
        Self::Running,
        Self::Ready,
        Self::Applying,
        Self::Stopping,
        Self::Backoff,
        Self::Retiring,
        Self::Quarantined,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Missing => "missing",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Applying => "applying",
            Self::Stopping => "stopping",
            Self::Backoff => "retry due",
            Self::Retiring => "leaving",
            Self::Quarantined => "given up",
        }
    }

    /// One letter for it, in every font.
    pub const fn glyph(self) -> char {
        match self {
            Self::Idle => '·',
            Self::Missing => '?',
            Self::Queued => 'q',
            Self::Running => 'g',
            Self::Ready => 'r',
            Self::Applying => 'a',
            Self::Stopping => 's',
            Self::Backoff => '!',
            Self::Retiring => '-',
            Self::Quarantined => 'X',
        }
    }
}

/// How one cell stands.
#[derive(Clone, Debug, PartialEq)]
pub struct CellView {
    /// Which cell.
    pub coord: ChunkCoord,
    /// What is being done about it.
    pub stage: CellStage,
    /// The level that is in the world.
    pub shown: Option<DetailLevel>,
    /// The level that should be.
    pub target: Option<DetailLevel>,
    /// The request that is under way.
    pub ticket: Option<GenerationId>,
    /// Failures in a row.
    pub attempt: u32,
    /// Whether it must be there.
    pub is_must_have: bool,
    /// Whether it is in view.
    pub is_in_view: bool,
    /// What its need is measured by, in metres: the least is needed most. Infinite without a focus.
    pub need_m: f64,
    /// Since when what is wanted is not there, s; 0 where nothing is lacking.
    pub age_secs: f64,
    /// How long its last generation ran, ms, as far back as the lives reach; of a running one, so far.
    pub run_ms: Option<f64>,
    /// Results of it that were discarded, as far back as the lives reach.
    pub discards: u32,
    /// Bytes of what is in the world.
    pub bytes: u64,
    /// Entities of what is in the world.
    pub entities: u32,
}

/// Where a focus is and goes, on the ground plane of the world (x, z).
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct FocusView {
    /// Where it is.
    pub at: DVec2,
    /// Where it will be after `look_ahead_secs`.
    pub ahead: DVec2,
    /// The way it moves, a unit vector; zero at rest.
    pub heading: DVec2,
    /// The way it looks, a unit vector; zero if it looks nowhere.
    pub facing: DVec2,
    /// m/s.
    pub speed_mps: f64,
    /// What for; preloads count as `Preload`.
    pub purpose: FocusPurpose,
}

/// Answers how cells stand. Reads only; the lives are empty unless
/// [`StreamingInstruments`](super::StreamingInstruments) are on.
#[derive(SystemParam)]
pub struct ChunkQuestion<'w> {
    time: Res<'w, Time<Real>>,
    chunks: Res<'w, Chunks>,
    settings: Res<'w, StreamingSettings>,
    queue: Res<'w, AsyncChunkQueue>,
    side: Res<'w, WorldSide>,
    trace: Res<'w, Trace>,
    points: Res<'w, FocusPoints>,
}

impl ChunkQuestion<'_> {
    /// Every step of a cell's life that is kept, in order of time. Cost: some tens of microseconds.
    pub fn biography(&self, coord: ChunkCoord) -> Vec<LifeEvent> {
        self.trace.lives.of(coord)
    }

    /// How a cell stands and why it is not there at full detail, with its newest history, in one sentence.
    pub fn why(&self, coord: ChunkCoord) -> String {
        let now_secs = self.time.elapsed_secs_f64();
        let record = self.chunks.table.get(coord);
        let mut sentence = why_absent(coord, record);
        if let Some(ChunkState::Requested { id, .. }) = record.map(|record| record.state) {
            let running = self.queue.shared().running_now();
            sentence += &match running.iter().find(|running| running.id == id) {
                Some(running) => format!(
                    ", generating on {} for {:.0} ms",
                    running.thread,
                    running.for_how_long.as_secs_f64() * 1e3
                ),
                None if self.queue.holds_result(id) => {
                    ", finished and waiting to be applied".to_owned()
                }
                None => format!(
                    ", waiting for a worker with {} others",
                    self.queue.shared().waiting_len().saturating_sub(1)
                ),
            };
        }
        let steps = self.biography(coord);
        if let Some(begin) = steps.len().checked_sub(1) {
            let told: Vec<String> = steps[begin.saturating_sub(3)..]
                .iter()
                .map(|event| {
                    format!(
                        "{} {:.1} s ago",
                        event.step.word(),
                        (now_secs - event.t_secs).max(0.0)
                    )
                })
                .collect();
            sentence += &format!(" ({})", told.join(", "));
        }
        sentence
    }

    /// One cell; `None` when nothing is wanted or there of it.
    pub fn cell(&self, coord: ChunkCoord) -> Option<CellView> {
        let record = self.chunks.table.get(coord)?;
        let runs = self.runs(|other| other == coord);
        let running = self.queue.shared().running_now();
        Some(self.view(coord, record, &runs, &running))
    }

    /// Every known cell whose middle is within a radius of a place on the ground plane of the world: for a map.
    /// Cost: those cells and the lives, some hundreds of microseconds; four times a second is plenty.
    pub fn cells(&self, centre: DVec2, radius_m: f64) -> Vec<CellView> {
        let disc = Disc {
            centre,
            radius_m,
            measure: Measure::Middle,
            chunk_size_m: self.settings.chunk_size_m,
            role: 0,
        };
        let runs = self.runs(|coord| disc.contains(coord));
        let running = self.queue.shared().running_now();
        disc.cells()
            .filter_map(|coord| {
                let record = self.chunks.table.get(coord)?;
                Some(self.view(coord, record, &runs, &running))
            })
            .collect()
    }

    /// The newest step of a cell at a time of the past, as far back as the lives reach.
    pub fn cell_at(&self, coord: ChunkCoord, t_secs: f64) -> Option<LifeStep> {
        let steps = self.biography(coord);
        let newest = steps.iter().rev().find(|event| event.t_secs <= t_secs)?;
        Some(newest.step)
    }

    /// Every cell at a time of the past, as far back as the lives reach: for a map that is scrubbed. In the order of
    /// coordinates.
    pub fn cells_at(&self, t_secs: f64) -> Vec<PastCell> {
        self.trace.lives.cells_at(t_secs)
    }

    /// From when on every step is kept, s of the run's clock; `None` when nothing was forgotten yet.
    pub fn on_record_since_secs(&self) -> Option<f64> {
        self.trace.lives.since_secs()
    }

    /// How far memory lets the world reach, metres; `None` while it limits nothing.
    pub fn reach_m(&self) -> Option<f64> {
        let reach_m = self.points.rings.as_ref()?.reach_m;
        reach_m.is_finite().then_some(reach_m)
    }

    /// The foci, then the preloads.
    pub fn foci(&self) -> Vec<FocusView> {
        let views = self.points.live.iter().map(|focus| FocusView {
            at: focus.at,
            ahead: focus.ahead,
            heading: focus.heading,
            facing: focus.facing,
            speed_mps: focus.speed_mps,
            purpose: match focus.purpose {
                Purpose::See => FocusPurpose::See,
                Purpose::Collide => FocusPurpose::Collide,
                Purpose::Preload | Purpose::Order(_) => FocusPurpose::Preload,
            },
        });
        views.collect()
    }

    /// Last run and discards of the cells that are asked for.
    fn runs(&self, is_asked: impl Fn(ChunkCoord) -> bool) -> HashMap<ChunkCoord, Runs> {
        let mut runs = HashMap::<ChunkCoord, Runs>::default();
        for event in self.trace.lives.of_cells(is_asked) {
            let kept = runs.entry(event.coord).or_default();
            match event.step {
                LifeStep::Started => kept.began_secs = Some(event.t_secs),
                LifeStep::Generated => {
                    kept.run_ms = kept.began_secs.map(|began| (event.t_secs - began) * 1e3);
                }
                LifeStep::Discarded => kept.discards += 1,
                _ => {}
            }
        }
        runs
    }

    fn view(
        &self,
        coord: ChunkCoord,
        record: &ChunkRecord,
        runs: &HashMap<ChunkCoord, Runs>,
        running: &[RunningNow],
    ) -> CellView {
        let now = self.time.elapsed();
        let ticket = record.state.open_ticket();
        let runs = runs.get(&coord).copied().unwrap_or_default();
        let mine = running.iter().find(|running| Some(running.id) == ticket);
        let stage = match record.state {
            ChunkState::Idle => CellStage::Idle,
            ChunkState::Missing => CellStage::Missing,
            ChunkState::Requested { .. } if mine.is_some() => CellStage::Running,
            ChunkState::Requested { id, .. } if self.queue.holds_result(id) => CellStage::Ready,
            ChunkState::Requested { .. } => CellStage::Queued,
            ChunkState::Stopping(_) => CellStage::Stopping,
            ChunkState::Backoff(_) => CellStage::Backoff,
            ChunkState::Applying(_) => CellStage::Applying,
            ChunkState::Retiring => CellStage::Retiring,
            ChunkState::Quarantined => CellStage::Quarantined,
        };
        let need_m = self.points.rings.as_ref().map_or(f64::INFINITY, |rings| {
            let scale = Scale {
                foci: &self.points.live,
                rings,
                weights: &self.settings.need_weights,
            };
            scale.need(&record.claim(coord)).in_metres()
        });
        let is_must_have = self
            .points
            .rings
            .as_ref()
            .is_some_and(|rings| rings.is_must_have(coord, &self.points.live));
        let spawned = self.side.spawned.get(&coord);
        CellView {
            coord,
            stage,
            shown: record.shown,
            target: record.target(),
            ticket,
            attempt: record.attempt,
            is_must_have,
            is_in_view: record.is_in_view,
            need_m,
            age_secs: if record.lacks() {
                now.saturating_sub(record.wanted_since).as_secs_f64()
            } else {
                0.0
            },
            run_ms: mine.map_or(runs.run_ms, |mine| {
                Some(mine.for_how_long.as_secs_f64() * 1e3)
            }),
            discards: runs.discards,
            bytes: spawned.map_or(0, |spawned| spawned.bytes),
            entities: spawned.map_or(0, |spawned| spawned.entities.len() as u32),
        }
    }
}

/// What the lives say of one cell's generations.
#[derive(Copy, Clone, Debug, Default)]
struct Runs {
    began_secs: Option<f64>,
    run_ms: Option<f64>,
    discards: u32,
}
