//! Stage 2: hand out work, most needed first, and collect what has finished.

mod collect;
mod let_go;
mod request;
mod results;
mod stage;
mod watch;

use bevy::ecs::resource::Resource;
use std::sync::Arc;

use crate::clock::WorkClock;
use crate::generator::ChunkGenerator;
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::need::Need;
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::metrics::StreamingMetrics;
use crate::state::Trace;
use crate::store::DeltaStages;
use crate::workers::{CancelReason, Cancelled, Finished, Shared};
use results::Results;
pub(crate) use stage::gen_queue_stage;

/// Everything between a request and its place in the world: the shared queue that workers pull from,
/// and the finished results that wait to be applied.
#[derive(Resource)]
pub struct AsyncChunkQueue {
    shared: Arc<Shared>,
    generator: Arc<dyn ChunkGenerator>,
    results: Results,
    deltas: DeltaStages,
}

impl AsyncChunkQueue {
    pub(crate) fn new(shared: Shared, generator: Arc<dyn ChunkGenerator>) -> Self {
        Self {
            shared: Arc::new(shared),
            generator,
            results: Results::default(),
            deltas: DeltaStages::default(),
        }
    }

    /// Requests that a worker is busy with at this instant.
    pub fn active_tasks(&self) -> usize {
        self.shared.snapshot().running as usize
    }

    /// Finished results that were collected and wait to be applied.
    pub fn completed_results(&self) -> usize {
        self.results.len()
    }

    /// Bytes of all finished results that wait, collected or not.
    pub fn completed_bytes(&self) -> u64 {
        self.shared.snapshot().held_bytes
    }

    /// The version of what the generator would make of a cell now.
    pub(crate) fn version_of(&self, coord: ChunkCoord, detail: DetailLevel) -> u32 {
        self.generator.version(coord, detail)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The player's changes, which requests take along.
    pub(crate) fn deltas_mut(&mut self) -> &mut DeltaStages {
        &mut self.deltas
    }

    /// Asks threads to come by for changes that are due to be saved or read. On the virtual clock
    /// [`save_on_virtual_clock`](Self::save_on_virtual_clock) does that, at times that are always the same.
    pub(crate) fn ask_to_save(&self) {
        if *self.shared.clock() == WorkClock::Real {
            let chores = self.deltas.chores();
            if !chores.is_empty() {
                self.shared.leave_chores(chores);
            }
        }
    }

    /// Saves and reads what is due, if the clock is the virtual one. For its runner, never for a frame.
    pub(crate) fn save_on_virtual_clock(&self) {
        if *self.shared.clock() != WorkClock::Real {
            self.deltas.work_off();
        }
    }

    pub(crate) fn holds_result(&self, id: GenerationId) -> bool {
        self.results.holds(id)
    }

    /// Takes the most needed result.
    pub(crate) fn pop_most_needed(
        &mut self,
        need_of: impl Fn(&Finished) -> Need,
    ) -> Option<Finished> {
        self.results.pop_most_needed(need_of)
    }

    /// Ends a request as far as it can be ended, and counts it if it has ended.
    pub(crate) fn end_request(
        &self,
        coord: ChunkCoord,
        id: GenerationId,
        reason: CancelReason,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
    ) -> Cancelled {
        let cancelled = self.shared.cancel(id, reason);
        if cancelled == Cancelled::AtOnce {
            trace.push(TraceEvent::Cancelled { coord, id });
            count_cancelled(metrics, reason);
        }
        cancelled
    }

    /// Discards a result that nobody waits for; what it holds is freed on a thread.
    fn discard(
        &self,
        finished: Finished,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
        state: Option<ChunkState>,
    ) {
        let counters = &mut metrics.counters;
        counters.stale_discarded += 1;
        counters.wasted_worker_ms += finished.worker_ms();
        match state {
            None => counters.stale_by_reason.gone += 1,
            Some(ChunkState::Requested { .. }) => counters.stale_by_reason.old_ticket += 1,
            Some(_) => counters.stale_by_reason.wrong_state += 1,
        }
        trace.push(TraceEvent::Stale {
            coord: finished.coord,
            id: finished.generation_id,
        });
        self.shared.release_bytes(finished.outcome.bytes());
        self.shared.bury(finished);
    }

    /// Discards a collected result.
    fn discard_result(
        &mut self,
        id: GenerationId,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
        state: Option<ChunkState>,
    ) {
        if let Some(finished) = self.results.take(id) {
            self.discard(finished, trace, metrics, state);
        }
    }

    /// Discards every collected result: the world is made anew.
    pub(crate) fn discard_all_results(
        &mut self,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
    ) {
        for finished in std::mem::take(&mut self.results).into_all() {
            self.discard(finished, trace, metrics, None);
        }
    }
}

impl Drop for AsyncChunkQueue {
    fn drop(&mut self) {
        self.shared.shut_down();
    }
}

fn count_cancelled(metrics: &mut StreamingMetrics, reason: CancelReason) {
    metrics.counters.cancelled += 1;
    match reason {
        CancelReason::Unwanted => metrics.counters.cancelled_by_reason.unwanted += 1,
        CancelReason::Regenerated => metrics.counters.cancelled_by_reason.regenerated += 1,
        CancelReason::LevelChanged => metrics.counters.cancelled_by_reason.level_changed += 1,
        CancelReason::Memory => metrics.counters.cancelled_by_reason.memory += 1,
    }
}
