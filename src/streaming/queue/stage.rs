//! Stage 2: its steps in their order, and what they share.

use bevy::ecs::message::MessageWriter;
use bevy::ecs::prelude::{Local, Res, ResMut};
use bevy::time::{Real, Time};
use std::cell::OnceCell;
use std::time::{Duration, Instant};

use super::AsyncChunkQueue;
use crate::focus::FocusPoints;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::need::{Claim, Scale};
use crate::logic::rings::Rings;
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::messages::{ChunkFailed, ChunkUnloaded};
use crate::metrics::StreamingMetrics;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, Trace, WorldSide};
use crate::workers::{CancelReason, Cancelled};

/// What the parts of the stage work on.
pub(super) struct Stage<'a> {
    pub queue: &'a mut AsyncChunkQueue,
    pub chunks: &'a mut Chunks,
    pub side: &'a mut WorldSide,
    pub trace: &'a mut Trace,
    pub metrics: &'a mut StreamingMetrics,
    pub settings: &'a StreamingSettings,
    pub points: &'a FocusPoints,
    pub rings: &'a Rings,
    /// The radii without the limit of memory, once somebody asked for them.
    pub unlimited: OnceCell<Rings>,
    pub now: Duration,
}

/// The stage: collect, let go, request, look for the lost.
pub(crate) fn gen_queue_stage(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    points: Res<FocusPoints>,
    mut queue: ResMut<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut side: ResMut<WorldSide>,
    mut trace: ResMut<Trace>,
    mut metrics: ResMut<StreamingMetrics>,
    mut failed: MessageWriter<ChunkFailed>,
    mut unloaded: MessageWriter<ChunkUnloaded>,
    mut watched: Local<Option<ChunkCoord>>,
) {
    let _span =
        tracing::info_span!(target: "ringroad_streaming", "StreamingSet::GenQueue").entered();
    let began = Instant::now();
    let Some(rings) = &points.rings else { return };
    let mut stage = Stage {
        queue: &mut queue,
        chunks: &mut chunks,
        side: &mut side,
        trace: &mut trace,
        metrics: &mut metrics,
        settings: &settings,
        points: &points,
        rings,
        unlimited: OnceCell::new(),
        now: time.elapsed(),
    };
    stage.collect(&mut failed);
    stage.give_up_stuck(&mut failed);
    stage.reconsider(&mut unloaded);
    stage.let_linger_end(&mut unloaded);
    stage.search_versions();
    if points.was_planned {
        stage.queue.results.rescore();
    }
    stage.govern_memory();
    stage.request();
    stage.watch(&mut watched);
    stage.forget_ended_changes();
    metrics.frame.queue_ms = began.elapsed().as_secs_f64() * 1e3;
}

impl Stage<'_> {
    pub(super) fn scale(&self) -> Scale<'_> {
        Scale {
            foci: &self.points.live,
            rings: self.rings,
            weights: &self.settings.need_weights,
        }
    }

    pub(super) fn claim(&self, coord: ChunkCoord) -> Option<Claim> {
        self.chunks
            .table
            .get(coord)
            .map(|record| record.claim(coord))
    }

    /// A request that was told to stop has ended: the chunk may be asked for again, or forgotten.
    pub(super) fn has_stopped(&mut self, coord: ChunkCoord, id: GenerationId) {
        if self.chunks.table.state(coord) != Some(ChunkState::Stopping(id)) {
            return;
        }
        self.chunks.table.set_state(coord, ChunkState::Idle);
        self.chunks.table.settle(coord, self.now);
        self.forget_if_nothing(coord);
    }

    /// Removes a cell of which nothing is there, wanted or under way.
    pub(super) fn forget_if_nothing(&mut self, coord: ChunkCoord) {
        let is_nothing = self.chunks.table.get(coord).is_some_and(|record| {
            record.state == ChunkState::Idle && record.shown.is_none() && record.wish.give.is_none()
        });
        if is_nothing {
            self.trace.push(TraceEvent::Forgotten { coord });
            self.chunks.table.remove(coord);
        }
    }

    /// Ends the request of a chunk. A worker that is busy with it answers first (law 3).
    pub(super) fn stop(&mut self, coord: ChunkCoord, id: GenerationId, reason: CancelReason) {
        if self.queue.holds_result(id) {
            self.chunks.table.set_state(coord, ChunkState::Idle);
            self.queue
                .discard_result(id, self.trace, self.metrics, Some(ChunkState::Idle));
        } else {
            let told = self
                .queue
                .end_request(coord, id, reason, self.trace, self.metrics);
            let next = match told {
                Cancelled::AtOnce => ChunkState::Idle,
                Cancelled::WhenTheWorkerSees | Cancelled::TooLate => ChunkState::Stopping(id),
            };
            self.chunks.table.set_state(coord, next);
        }
        self.chunks.table.settle(coord, self.now);
        self.forget_if_nothing(coord);
    }

    /// Whether no focus keeps any of a chunk. The plan may be older than this frame, so the cell is
    /// measured again: nothing is let go that a focus has come back to.
    pub(super) fn is_let_go(&self, coord: ChunkCoord) -> bool {
        self.rings.wish(coord, &self.points.live).keep.is_none()
    }

    pub(super) fn reason_to_stop(&self, coord: ChunkCoord) -> CancelReason {
        if self.rings.reach_m.is_infinite() {
            return CancelReason::Unwanted;
        }
        let unlimited = self.unlimited.get_or_init(|| Rings {
            reach_m: f64::INFINITY,
            ..self.rings.clone()
        });
        if unlimited.wish(coord, &self.points.live).keep.is_some() {
            CancelReason::Memory
        } else {
            CancelReason::Unwanted
        }
    }
}
