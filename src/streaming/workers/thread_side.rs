//! What generation threads do with the meeting place: take work, deliver results, wait for room.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::contained::{Outcome, do_chore};
use super::parcel::Job;
#[cfg(test)]
use super::parcel::Sabotage;
use super::shared::Shared;
use crate::logic::ticket::GenerationId;

impl Shared {
    /// The delay that the faults ask of a generation that starts now on the real clock.
    pub(super) fn real_delay(&self) -> Duration {
        if self.is_virtual() {
            Duration::ZERO
        } else {
            self.faults.delay(self.epoch.elapsed())
        }
    }

    /// Whether the faults let the generation of this job stick.
    pub(super) fn is_to_stick(&self, job: &Job) -> bool {
        !self.is_virtual() && self.faults.takes_stick(job.request.coord)
    }

    /// Counts a thread that is about to start, unless there are enough.
    pub(super) fn reserve_thread(&self, wanted: usize) -> Option<usize> {
        let mut state = self.lock();
        (state.threads < wanted).then(|| {
            state.threads += 1;
            state.threads + state.stuck_threads - 1
        })
    }

    /// Whether nobody was told yet that the system refuses a thread.
    pub(super) fn is_first_refusal(&self) -> bool {
        !self.is_refusal_told.swap(true, Ordering::Relaxed)
    }

    pub(super) fn give_back_thread(&self) {
        self.lock().threads -= 1;
    }

    /// Does chores and waits for work; `None` when it is time to end.
    pub(super) fn next_job(&self, thread: &str) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if self.stop_everything.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(chore) = state.chores.pop_front() {
                drop(state);
                do_chore(chore);
                state = self.lock();
                continue;
            }
            let job = if self.is_virtual() {
                state.to_make.pop_front()
            } else {
                let now = self.epoch.elapsed();
                state.pull(thread, now, |_| now)
            };
            if job.is_some() {
                return job;
            }
            #[cfg(test)]
            if state.sabotage == Sabotage::LooksAway {
                drop(state);
                state = self.lock();
            }
            state.idle_threads += 1;
            state = self
                .work_to_do
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle_threads -= 1;
        }
    }

    /// A promise that a result for this job is sent, whatever happens.
    pub(super) fn promise<'a>(&'a self, job: &Job) -> Promise<'a> {
        Promise {
            shared: self,
            id: job.request.generation_id,
            is_kept: false,
        }
    }

    /// What is not handed on is dropped after the lock is given back, since parameters outlive every variable: to
    /// free many vertices takes long, and the frame would wait for it (law 14).
    fn deliver(&self, id: GenerationId, outcome: Outcome) {
        let now = self.epoch.elapsed();
        let mut state = self.lock();
        state.panics_caught += u64::from(outcome.is_panic());
        if self.is_virtual() {
            if state.abandoned.remove(&id) {
                state.discard(&outcome);
            } else {
                state.made.insert(id, outcome);
            }
            drop(state);
            self.content_made.notify_all();
            return;
        }
        if let Some(was_replaced) = state.given_up.remove(&id) {
            // Its request has ended long ago; the thread is one of us again.
            state.late_returns += 1;
            state.discard(&outcome);
            if was_replaced {
                state.stuck_threads -= 1;
                state.threads += 1;
            } else {
                state.lost_threads -= 1;
            }
            return;
        }
        if let Some(refusal) = state.queue.refusal(&outcome) {
            state.end(id, refusal, now);
            return;
        }
        let bytes = outcome.bytes();
        while !state.queue.admits(bytes) {
            let is_awaited = state
                .running
                .get(&id)
                .is_some_and(|running| !running.stop.is_stopped());
            if !is_awaited {
                state.end(id, Outcome::Cancelled, now);
                return;
            }
            state.blocked.insert(id, bytes);
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.end(id, outcome, now);
    }
}

/// Sends a failure when it is dropped unkept.
pub(super) struct Promise<'a> {
    shared: &'a Shared,
    id: GenerationId,
    is_kept: bool,
}

impl Promise<'_> {
    pub fn keep(mut self, outcome: Outcome) {
        self.is_kept = true;
        self.shared.deliver(self.id, outcome);
    }
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let reason = "the generation thread ended without a result".to_owned();
            self.shared.deliver(
                self.id,
                Outcome::Failed {
                    reason,
                    panicked: true,
                },
            );
        }
    }
}
