//! What the frame does at the meeting place: queue, score and end requests, take news, give room back.

use std::collections::VecDeque;
use std::time::Duration;

use super::contained::Outcome;
#[cfg(test)]
use super::parcel::Sabotage;
use super::parcel::{
    CancelReason, Cancelled, Finished, Job, NewRequest, RunningNow, Stuck, StuckEnd,
};
use super::shared::Shared;
use crate::generator::StopToken;
use crate::logic::need::{Claim, Need};
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::{CancelledAt, Choice, WorkQueue};

/// Stuck threads are replaced until so many are stuck, or as many as may run at once where that is more.
pub(super) const MOST_STUCK: usize = 8;

impl Shared {
    /// Queues requests; [`wake`](Self::wake) comes after.
    pub fn push(&self, requests: impl IntoIterator<Item = NewRequest>) {
        let requested_at = self.now();
        let mut state = self.lock();
        for NewRequest {
            request,
            deltas,
            claim,
            need,
        } in requests
        {
            let id = request.generation_id;
            let stop = StopToken::under(&self.stop_everything);
            let job = Job {
                request,
                deltas,
                stop,
                requested_at,
            };
            state.queue.push(id, claim, need, job);
        }
    }

    /// Gives every waiting request a new need.
    pub fn rescore(&self, need_of: impl Fn(&Claim) -> Need) {
        self.lock().queue.rescore(need_of);
    }

    /// What workers are busy with at this instant.
    pub fn running_now(&self) -> Vec<RunningNow> {
        let now = self.now();
        let state = self.lock();
        let running = state.running.iter().map(|(id, running)| RunningNow {
            id: *id,
            coord: running.coord,
            thread: running.thread.clone(),
            for_how_long: now.saturating_sub(running.started_at),
        });
        running.collect()
    }

    /// The share of a leaving chunk that a requested fault leaves behind.
    pub fn leak_share(&self) -> f64 {
        self.faults.leak_share()
    }

    /// How many requests wait for a worker.
    pub fn waiting_len(&self) -> usize {
        self.lock().queue.waiting_len()
    }

    /// Ends a request as far as it can be ended.
    pub fn cancel(&self, id: GenerationId, reason: CancelReason) -> Cancelled {
        let mut state = self.lock();
        match state.queue.cancel(id) {
            CancelledAt::Waiting(_) => Cancelled::AtOnce,
            CancelledAt::Absent => Cancelled::TooLate,
            CancelledAt::Running => {
                let Some(running) = state.running.get_mut(&id) else {
                    return Cancelled::TooLate;
                };
                running.stop.stop();
                running.cancel_reason = Some(reason);
                // No thread was ever asked to make what sticks.
                let sticks = running.ends_at == Duration::MAX;
                if self.is_virtual() {
                    // The thread may be anywhere; the virtual worker is free from now on.
                    let now = state.served_until;
                    if let Some(outcome) = state.made.remove(&id) {
                        state.discard(&outcome);
                    } else if !sticks {
                        state.abandoned.insert(id);
                    }
                    state.end(id, Outcome::Cancelled, now);
                } else if state.blocked.contains_key(&id) {
                    self.room.notify_all();
                }
                Cancelled::WhenTheWorkerSees
            }
        }
    }

    /// Gives up the generations that have run longer than `limit`: their requests have ended, their
    /// threads are written off until they come back, and others take their places. No more than
    /// [`MOST_STUCK`] (or as many as may run) are replaced, since none can be ended from outside; when every
    /// thread that is left is stuck too, what waits is given up as well.
    pub fn give_up_stuck(&self, limit: Duration) -> Vec<Stuck> {
        let now = self.now();
        let mut state = self.lock();
        let late: Vec<GenerationId> = state
            .running
            .iter()
            .filter(|(id, running)| {
                now.saturating_sub(running.started_at) > limit && !state.blocked.contains_key(id)
            })
            .map(|(id, _)| *id)
            .collect();
        let may_run = self.count.at_limit(state.queue.limits().running);
        let mut stuck = Vec::new();
        for id in late {
            let Some(running) = state.running.remove(&id) else {
                continue;
            };
            running.stop.stop();
            state.queue.finish(id, 0);
            let is_replaced = self.is_virtual() || state.stuck_threads < may_run.max(MOST_STUCK);
            if self.is_virtual() {
                if let Some(outcome) = state.made.remove(&id) {
                    state.discard(&outcome);
                } else if running.ends_at != Duration::MAX {
                    state.abandoned.insert(id);
                }
            } else {
                state.given_up.insert(id, is_replaced);
                if is_replaced {
                    state.threads -= 1;
                    state.stuck_threads += 1;
                } else {
                    state.lost_threads += 1;
                }
            }
            stuck.push(Stuck {
                coord: running.coord,
                detail: running.detail,
                generation_id: id,
                attempt: running.attempt,
                thread: running.thread,
                after: now.saturating_sub(running.started_at),
                end: if is_replaced {
                    StuckEnd::Replaced
                } else {
                    StuckEnd::NotReplaced
                },
            });
        }
        let is_paused = state.queue.limits().running == 0;
        let is_lost = state.lost_threads > 0 && state.lost_threads >= state.threads;
        if is_lost && !is_paused && state.threads >= may_run {
            for (id, job) in state.queue.take_waiting() {
                stuck.push(Stuck {
                    coord: job.request.coord,
                    detail: job.request.detail,
                    generation_id: id,
                    attempt: job.request.attempt,
                    thread: String::new(),
                    after: Duration::ZERO,
                    end: StuckEnd::NoThreadLeft,
                });
            }
        }
        stuck
    }

    /// Takes what has finished and what has started since the last call.
    pub fn take_news(&self) -> (VecDeque<Finished>, Vec<Choice>) {
        let mut state = self.lock();
        let workers = self.count.at_limit(state.queue.limits().running);
        state.waited_for_room = state.waiting_for_room(workers);
        (
            std::mem::take(&mut state.ready),
            std::mem::take(&mut state.starts),
        )
    }

    /// Gives back bytes of results that were discarded.
    pub fn release_bytes(&self, bytes: u64) {
        self.change_bytes(bytes, |queue| queue.release_bytes(bytes));
    }

    /// Moves bytes of a result into the world.
    pub fn land_bytes(&self, bytes: u64) {
        self.change_bytes(bytes, |queue| queue.land_bytes(bytes));
    }

    fn change_bytes(&self, bytes: u64, change: impl FnOnce(&mut WorkQueue<Job>)) {
        if bytes == 0 {
            return;
        }
        let mut state = self.lock();
        let could_start = state.queue.may_start();
        change(&mut state.queue);
        let may_start = !could_start && state.queue.may_start() && state.idle_threads > 0;
        let has_blocked = !state.blocked.is_empty();
        #[cfg(test)]
        let has_blocked = has_blocked && state.sabotage != Sabotage::KeepsRoomSecret;
        drop(state);
        if may_start {
            self.work_to_do.notify_all();
        }
        if has_blocked {
            self.room.notify_all();
        }
    }

    /// Whether a ticket is queued, running, or finished and not yet taken.
    pub fn holds(&self, id: GenerationId) -> bool {
        let state = self.lock();
        state.queue.holds(id)
            || state
                .ready
                .iter()
                .any(|finished| finished.generation_id == id)
    }
}
