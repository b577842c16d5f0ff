//! What is not needed any more: requests that stop, chunks that leave.

use bevy::ecs::message::MessageWriter;
use std::time::Duration;

use super::stage::Stage;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::table::ChunkState;
use crate::messages::ChunkUnloaded;
use crate::workers::CancelReason;

impl Stage<'_> {
    /// Looks again at work whose chunk is wanted otherwise now.
    pub(super) fn reconsider(&mut self, unloaded: &mut MessageWriter<ChunkUnloaded>) {
        if !self.points.has_focus {
            return;
        }
        for coord in self.chunks.table.take_reconsidered() {
            let Some(record) = self.chunks.table.get(coord) else {
                continue;
            };
            let is_unwanted = self.is_let_go(coord);
            match record.state {
                ChunkState::Requested { id, detail } => {
                    let is_too_fine = record.wish.keep.is_some_and(|keep| detail < keep);
                    let is_too_coarse = record.shown.is_some()
                        && record.wish.give.is_some_and(|give| detail > give);
                    let is_idle_wish = record.shown.is_some() && !record.lacks();
                    if is_unwanted {
                        self.stop(coord, id, self.reason_to_stop(coord));
                    } else if is_too_fine || is_too_coarse || is_idle_wish {
                        self.stop(coord, id, CancelReason::LevelChanged);
                    }
                }
                ChunkState::Missing | ChunkState::Backoff(_) | ChunkState::Idle
                    if is_unwanted && record.shown.is_none() =>
                {
                    self.trace.push(TraceEvent::Forgotten { coord });
                    self.chunks.table.remove(coord);
                }
                ChunkState::Backoff(_) if !record.lacks() => {
                    self.chunks.table.set_state(coord, ChunkState::Idle);
                }
                ChunkState::Applying(_) | ChunkState::Quarantined
                    if is_unwanted && record.shown.is_none() =>
                {
                    self.retire(coord, unloaded);
                }
                ChunkState::Idle
                | ChunkState::Missing
                | ChunkState::Stopping(_)
                | ChunkState::Backoff(_)
                | ChunkState::Applying(_)
                | ChunkState::Retiring
                | ChunkState::Quarantined => {}
            }
        }
    }

    /// Takes chunks away that nobody has wanted for long enough, and lets too fine ones become coarser.
    pub(super) fn let_linger_end(&mut self, unloaded: &mut MessageWriter<ChunkUnloaded>) {
        if !self.points.has_focus {
            return;
        }
        let linger = Duration::from_secs_f64(self.settings.linger_secs);
        let due = self
            .now
            .checked_sub(linger)
            .map(|time| self.chunks.table.in_excess_since(time))
            .unwrap_or_default();
        for coord in due {
            if self.is_let_go(coord) {
                let state = self.chunks.table.state(coord);
                match state {
                    Some(ChunkState::Requested { id, .. }) => {
                        self.stop(coord, id, self.reason_to_stop(coord));
                    }
                    Some(ChunkState::Stopping(_) | ChunkState::Retiring) | None => continue,
                    _ => {}
                }
                match self.chunks.table.state(coord) {
                    None | Some(ChunkState::Stopping(_)) => {}
                    Some(_) => self.retire(coord, unloaded),
                }
            } else {
                self.chunks
                    .table
                    .update(coord, |record| record.has_lingered = true);
                self.chunks.table.settle(coord, self.now);
            }
        }
        let wants_memory = self.queue.shared.snapshot().wants_memory;
        if wants_memory || self.rings.reach_m.is_finite() {
            self.evict(wants_memory, unloaded);
        }
    }

    /// Takes chunks beyond the reach of memory away at once, and while something waits for room everything
    /// that nobody keeps: lingering is for when there is room. Cost: what is in excess, after a plan and while
    /// something waits for room; else only what came to be since the last look.
    fn evict(&mut self, wants_memory: bool, unloaded: &mut MessageWriter<ChunkUnloaded>) {
        let looks_at_all = wants_memory || self.points.was_planned;
        let from = if looks_at_all {
            Duration::ZERO
        } else {
            self.chunks.evicted_until
        };
        self.chunks.evicted_until = self.now;
        for coord in self.chunks.table.in_excess_between(from, self.now) {
            let is_there = self.chunks.table.get(coord).is_some_and(|record| {
                record.shown.is_some()
                    && matches!(record.state, ChunkState::Idle | ChunkState::Missing)
            });
            if is_there
                && self.is_let_go(coord)
                && (wants_memory || self.reason_to_stop(coord) == CancelReason::Memory)
            {
                self.metrics.counters.evicted += 1;
                self.retire(coord, unloaded);
            }
        }
    }

    /// Puts a chunk on its way out.
    pub(super) fn retire(
        &mut self,
        coord: ChunkCoord,
        unloaded: &mut MessageWriter<ChunkUnloaded>,
    ) {
        let evicted = self.reason_to_stop(coord) == CancelReason::Memory;
        let Some(record) = self.chunks.table.get(coord) else {
            return;
        };
        let (state, was_shown, was_collidable) =
            (record.state, record.shown.is_some(), record.is_collidable);
        self.trace.push(TraceEvent::Forgotten { coord });
        if let ChunkState::Applying(id) = state {
            self.metrics.counters.stale_discarded += 1;
            self.metrics.counters.stale_by_reason.wrong_state += 1;
            self.trace.push(TraceEvent::Stale { coord, id });
            self.side.stop_applying(&self.queue.shared);
        }
        if was_shown {
            self.metrics.counters.unloaded += 1;
            self.metrics.frame.unloaded_now += 1;
            self.trace.push(TraceEvent::Unloaded { coord, evicted });
        }
        if was_shown || was_collidable {
            unloaded.write(ChunkUnloaded { coord });
        }
        self.chunks.table.update(coord, |record| {
            record.state = ChunkState::Retiring;
            record.shown = None;
            record.is_collidable = false;
            record.has_lingered = false;
        });
        self.side.retire(coord, Some(self.chunks.epoch));
    }
}
