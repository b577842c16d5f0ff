//! The watchdog for what waits.

use super::stage::Stage;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::table::ChunkState;

/// How many cells the watchdog looks at in a frame.
const WATCHED_PER_FRAME: usize = 32;

impl Stage<'_> {
    /// The watchdog of law 4 for what waits: a chunk whose request is nowhere is reported and asked for
    /// again.
    pub(super) fn watch(&mut self, cursor: &mut Option<ChunkCoord>) {
        let cells = self.chunks.table.some_under_way(*cursor, WATCHED_PER_FRAME);
        *cursor = cells.last().map(|(coord, _)| *coord);
        for (coord, id) in cells {
            let is_applying = self
                .side
                .applying
                .as_ref()
                .is_some_and(|applying| applying.generation_id == id);
            if is_applying || self.queue.holds_result(id) || self.queue.shared.holds(id) {
                continue;
            }
            tracing::error!(
                "chunk {coord} waits for request {id}, which is nowhere; it is requested again"
            );
            self.trace.push(TraceEvent::Lost { coord, id });
            // The lost request has ended without a result, so the ledger can balance again.
            self.metrics.counters.failed += 1;
            self.metrics.counters.requeued_by_watchdog += 1;
            self.chunks.table.set_state(coord, ChunkState::Idle);
            self.chunks.table.settle(coord, self.now);
            self.forget_if_nothing(coord);
        }
    }

    /// Lets go of the changes of requests that ended without a chunk.
    pub(super) fn forget_ended_changes(&mut self) {
        let table = &self.chunks.table;
        self.queue.deltas.forget_ended(|coord, id| {
            table.state(coord).and_then(ChunkState::open_ticket) == Some(id)
        });
    }
}
