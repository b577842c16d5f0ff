//! Every cell of the chunk table as plain data, for maps and drawings. Nothing is kept for it: it costs what a
//! look costs, and nothing while nobody looks.

use bevy::ecs::prelude::Res;
use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::time::{Real, Time};
use std::time::Duration;

use crate::focus::FocusPoints;
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::need::{Need, Scale};
use crate::logic::rings::{Focus, Purpose};
use crate::logic::table::{ChunkRecord, ChunkState};
use crate::logic::ticket::GenerationId;
use crate::queue::AsyncChunkQueue;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, WorldSide};
use crate::workers::Look;

/// What is being done about a cell, as finely as it can be told apart from outside.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellStage {
    /// Nothing: what is seen is what is wanted.
    #[default]
    Settled,
    /// More is wanted, and nobody has been asked yet.
    Missing,
    /// Its request waits for a worker.
    Queued,
    /// A worker is busy with it.
    Running,
    /// Its result waits to be applied.
    Ready,
    /// Some of its slices are in the world.
    Applying,
    /// Its worker was told to stop and has not answered.
    Stopping,
    /// It failed and is asked for again later.
    Backoff,
    /// Its entities are going.
    Retiring,
    /// It was given up.
    Quarantined,
}

/// One cell at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChunkCell {
    /// Where.
    pub coord: ChunkCoord,
    /// What is being done about it.
    pub stage: CellStage,
    /// The level that is seen.
    pub shown: Option<DetailLevel>,
    /// The level that should be seen.
    pub wanted: Option<DetailLevel>,
    /// The ticket of its open request.
    pub ticket: Option<GenerationId>,
    /// Its place in the order of need among those that wait for a worker, from 1.
    pub order: Option<u32>,
    /// Whether it is in view of a focus.
    pub is_in_view: bool,
    /// Since when what is wanted is missing, on the clock of `Time<Real>`; `None` when nothing is.
    pub lacking_for: Option<Duration>,
    /// The thread that is busy with it, and for how long.
    pub on_thread: Option<(String, Duration)>,
    /// When it is asked for again after a failure.
    pub retry_in: Option<Duration>,
    /// Failures in a row.
    pub attempt: u32,
    /// Bytes of it that are in the world.
    pub bytes: u64,
}

/// What a focus is for, and how far it asks.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum FocusKind {
    /// To see.
    See,
    /// To collide.
    Collide,
    /// To be ready for a visit.
    Preload,
    /// A preload of this radius, metres.
    Order {
        /// Metres.
        radius_m: f64,
    },
}

/// A focus as the last scan saw it, on the ground plane of the world (x, z) in metres.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct FocusView {
    /// Where it is.
    pub at: DVec2,
    /// Where it will be after `look_ahead_secs` if it goes on as it does.
    pub ahead: DVec2,
    /// The way it moves, a unit vector; zero at rest.
    pub heading: DVec2,
    /// m/s.
    pub speed_mps: f64,
    /// The way it looks, a unit vector; zero if it looks nowhere.
    pub facing: DVec2,
    /// What for.
    pub kind: FocusKind,
}

impl From<&Focus> for FocusView {
    fn from(focus: &Focus) -> Self {
        let Focus {
            at,
            ahead,
            heading,
            speed_mps,
            facing,
            purpose,
        } = *focus;
        let kind = match purpose {
            Purpose::See => FocusKind::See,
            Purpose::Collide => FocusKind::Collide,
            Purpose::Preload => FocusKind::Preload,
            Purpose::Order(radius_m) => FocusKind::Order { radius_m },
        };
        Self {
            at,
            ahead,
            heading,
            speed_mps,
            facing,
            kind,
        }
    }
}

/// Looks at the chunk table.
#[derive(SystemParam)]
pub struct ChunkCells<'w> {
    chunks: Res<'w, Chunks>,
    side: Res<'w, WorldSide>,
    points: Res<'w, FocusPoints>,
    queue: Res<'w, AsyncChunkQueue>,
    settings: Res<'w, StreamingSettings>,
    time: Res<'w, Time<Real>>,
}

impl ChunkCells<'_> {
    /// Every focus and preload, as the last scan saw them.
    pub fn foci(&self) -> impl Iterator<Item = FocusView> {
        self.points.live.iter().map(FocusView::from)
    }

    /// How far memory lets the world reach, metres; `None` while it limits nothing.
    pub fn reach_m(&self) -> Option<f64> {
        let reach = self.points.rings.as_ref()?.reach_m;
        reach.is_finite().then_some(reach)
    }

    /// Every cell that is wanted or still here, in the order of coordinates. Cost: all cells, and a sort of those
    /// that wait.
    pub fn all(&self) -> Vec<ChunkCell> {
        let look = self.queue.shared().look();
        let mut waiting: Vec<(Need, usize)> = Vec::new();
        let mut cells = Vec::new();
        for (coord, record) in self.chunks.table.iter() {
            let cell = self.cell(coord, record, &look);
            if matches!(cell.stage, CellStage::Missing | CellStage::Queued)
                && let Some(need) = self.need(coord, record)
            {
                waiting.push((need, cells.len()));
            }
            cells.push(cell);
        }
        waiting.sort_unstable();
        for (order, (_, index)) in (1..).zip(waiting) {
            cells[index].order = Some(order);
        }
        cells
    }

    fn need(&self, coord: ChunkCoord, record: &ChunkRecord) -> Option<Need> {
        let scale = Scale {
            foci: &self.points.live,
            rings: self.points.rings.as_ref()?,
            weights: &self.settings.need_weights,
        };
        Some(scale.need(&record.claim(coord)))
    }

    fn cell(&self, coord: ChunkCoord, record: &ChunkRecord, look: &Look) -> ChunkCell {
        let now = self.time.elapsed();
        let ticket = record.state.open_ticket();
        let on_thread = ticket.and_then(|id| look.running.get(&id));
        let stage = match record.state {
            ChunkState::Idle => CellStage::Settled,
            ChunkState::Missing => CellStage::Missing,
            ChunkState::Requested { id, .. } => match on_thread {
                Some(on_thread) if on_thread.waits_for_room => CellStage::Ready,
                Some(_) => CellStage::Running,
                None if look.ready.contains(&id) || self.queue.holds_result(id) => CellStage::Ready,
                None => CellStage::Queued,
            },
            ChunkState::Stopping(_) => CellStage::Stopping,
            ChunkState::Backoff(_) => CellStage::Backoff,
            ChunkState::Applying(_) => CellStage::Applying,
            ChunkState::Retiring => CellStage::Retiring,
            ChunkState::Quarantined => CellStage::Quarantined,
        };
        ChunkCell {
            coord,
            stage,
            shown: record.shown,
            wanted: record.target(),
            ticket,
            order: None,
            is_in_view: record.is_in_view,
            lacking_for: record
                .lacks()
                .then(|| now.saturating_sub(record.wanted_since)),
            on_thread: on_thread.map(|busy| (busy.thread.clone(), busy.runs_for)),
            retry_in: match record.state {
                ChunkState::Backoff(at) => Some(at.saturating_sub(now)),
                _ => None,
            },
            attempt: record.attempt,
            bytes: self
                .side
                .spawned
                .get(&coord)
                .map_or(0, |spawned| spawned.bytes),
        }
    }
}
