//! What is asked for next, and how far memory lets the world reach.

use super::stage::Stage;
use crate::generator::ChunkRequest;
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::memory::MemoryState;
use crate::logic::need::{Need, Scale};
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::Limits;
use crate::state::VersionSearch;
use crate::workers::{CancelReason, NewRequest, grow_to};

/// Requests that wait for a worker are at most so many; what is needed less is asked for later, so that
/// nothing that happens in a frame costs more than this.
const WINDOW: usize = 512;
/// After a plan so many new requests may be added to a full window: what came into sight may be needed
/// more than what waits.
const AFTER_PLAN: usize = 64;
/// How many cells a search for another version of the generator looks at in a frame.
const VERSIONS_PER_FRAME: usize = 128;

impl Stage<'_> {
    /// Asks for what is missing, most needed first, as far as the window has room.
    pub(super) fn request(&mut self) {
        let limits = Limits {
            running: self.settings.max_concurrent_tasks as usize,
            held_bytes: self.settings.completed_bytes_cap,
            memory_bytes: self.settings.memory_cap_mib << 20,
            loaded_bytes: self.side.bytes,
        };
        let waiting = self.queue.shared.waiting_len();
        let mut room = WINDOW.saturating_sub(waiting);
        if self.points.was_planned {
            room = room
                .max(AFTER_PLAN)
                .min((2 * WINDOW).saturating_sub(waiting));
        } else if room < WINDOW / 4 {
            // Filled up again in larger steps: each looks at all that is missing.
            room = 0;
        }
        let mut new = Vec::new();
        if room > 0 {
            new = self.choose(room, self.chunks.table.to_request(self.now));
        } else {
            // What must be there does not wait for that; it has an index of its own to look at.
            let room = (2 * WINDOW).saturating_sub(waiting).min(AFTER_PLAN);
            if room >= AFTER_PLAN / 4 {
                new = self.choose(room, self.chunks.table.to_request_urgently(self.now));
            }
        }
        if !new.is_empty() {
            let has_backlog = waiting + new.len() > 4 * limits.running.max(1);
            let requests: Vec<_> = new
                .into_iter()
                .filter_map(|(need, coord)| self.make_request(coord, need, has_backlog))
                .collect();
            if !requests.is_empty() {
                self.queue.shared.push(requests);
            }
        }
        let threads = self.queue.shared.set_limits(limits);
        grow_to(&self.queue.shared, &self.queue.generator, threads);
        self.queue.shared.wake();
    }

    /// The most needed of some cells. Cost: those cells.
    fn choose(
        &self,
        room: usize,
        cells: impl Iterator<Item = ChunkCoord>,
    ) -> Vec<(Need, ChunkCoord)> {
        // By the plan in force, as everything else that waits.
        let scored = &self.points.scored[0];
        let scale = match &scored.rings {
            Some(rings) => Scale {
                foci: &scored.foci,
                rings,
                weights: &scored.weights,
            },
            None => self.scale(),
        };
        let mut all: Vec<(Need, ChunkCoord)> = cells
            .filter_map(|coord| Some((scale.need(&self.claim(coord)?), coord)))
            .collect();
        if all.len() > room {
            all.select_nth_unstable(room);
            all.truncate(room);
        }
        all.sort_unstable();
        all
    }

    pub(super) fn make_request(
        &mut self,
        coord: ChunkCoord,
        need: Need,
        has_backlog: bool,
    ) -> Option<NewRequest> {
        let is_urgent = self.rings.is_must_have(coord, &self.points.live);
        let coarse_first = has_backlog && !is_urgent && self.rings.has_coarse_levels();
        let generation_id = GenerationId::draw();
        let generator = &self.queue.generator;
        let request = self.chunks.table.update(coord, |record| {
            let Some(target) = record.target().filter(|_| record.lacks()) else {
                record.state = ChunkState::Idle;
                return None;
            };
            // Coarse before fine: a hole is closed at a fraction of the cost.
            let is_hole = record.shown.is_none() && target == DetailLevel::FULL;
            let detail = if is_hole && coarse_first {
                DetailLevel::MASSING
            } else {
                target
            };
            record.state = ChunkState::Requested {
                id: generation_id,
                detail,
            };
            record.version = generator.version(coord, detail);
            record.is_outdated_on_arrival = false;
            Some((detail, record.attempt))
        });
        let Some(Some((detail, attempt))) = request else {
            self.forget_if_nothing(coord);
            return None;
        };
        self.metrics.counters.requested += 1;
        self.metrics.counters.retried += u64::from(attempt > 0);
        self.trace.push(TraceEvent::Requested {
            coord,
            id: generation_id,
            attempt,
        });
        let request = ChunkRequest {
            coord,
            detail,
            seed: self.settings.seed,
            chunk_size_m: self.settings.chunk_size_m,
            generation_id,
            attempt,
        };
        Some(NewRequest {
            deltas: self.queue.deltas.prepare(&request),
            request,
            claim: self.claim(coord)?,
            need,
        })
    }

    /// Keeps the world within memory: what is farthest is wanted no more while something waits for room.
    pub(super) fn govern_memory(&mut self) {
        let snapshot = self.queue.shared.snapshot();
        let cap_bytes = self.settings.memory_cap_mib << 20;
        let state = MemoryState {
            used_bytes: self.side.bytes + snapshot.held_bytes,
            cap_bytes,
            is_wanting: snapshot.wants_memory,
            sight_m: self.rings.view_m,
            chunk_size_m: self.rings.chunk_size_m,
            band_m: self.rings.margin_m(),
        };
        let (table, points, size) = (&self.chunks.table, self.points, self.rings.chunk_size_m);
        let farthest_m = || {
            let distance = |coord: ChunkCoord| {
                points
                    .live
                    .iter()
                    .map(|focus| coord.center_distance(focus.at, size))
                    .fold(f64::INFINITY, f64::min)
            };
            table
                .iter()
                .filter(|(_, record)| {
                    record.shown.is_some()
                        || matches!(
                            record.state,
                            ChunkState::Requested { .. } | ChunkState::Applying(_)
                        )
                })
                .map(|(coord, _)| distance(coord))
                .fold(0.0, f64::max)
        };
        self.chunks.governor.look(self.now, state, farthest_m);
    }

    /// After a change of the generator: finds what it would make differently, a few cells per frame.
    pub(super) fn search_versions(&mut self) {
        let Some(search) = self.chunks.version_search else {
            return;
        };
        let cells = self.chunks.table.after(search.after, VERSIONS_PER_FRAME);
        self.chunks.version_search = cells
            .last()
            .map(|last| VersionSearch { after: Some(*last) });
        for coord in cells {
            let Some(record) = self.chunks.table.get(coord) else {
                continue;
            };
            let generator = &self.queue.generator;
            let is_old = record
                .shown
                .is_some_and(|detail| generator.version(coord, detail) != record.shown_version);
            let asked = match record.state {
                ChunkState::Requested { id, detail } => {
                    (generator.version(coord, detail) != record.version).then_some(id)
                }
                _ => None,
            };
            if is_old {
                self.chunks
                    .table
                    .update(coord, |record| record.is_outdated = true);
            }
            if let Some(id) = asked {
                self.stop(coord, id, CancelReason::Regenerated);
            }
            self.chunks.table.settle(coord, self.now);
        }
    }
}
