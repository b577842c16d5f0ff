//! The virtual clock: requests start and end at stated times, by the same scheduling code; only the
//! content is made on real threads, whenever they come to it.

use std::sync::PoisonError;
use std::time::Duration;

use super::WorkerCount;
use super::shared::Shared;
use crate::clock::WorkClock;

impl Shared {
    /// Starts and ends what is due until then, and waits for the content of what is due.
    pub(super) fn serve_virtual(&self, until: Duration) {
        let WorkClock::Virtual(costs) = &self.clock else {
            return;
        };
        let workers = match self.count {
            WorkerCount::OnDemand => usize::MAX,
            WorkerCount::Fixed(count) => count.max(1),
        };
        let mut state = self.lock();
        // There may be room by now.
        state.blocked.clear();
        loop {
            let now = state.served_until;
            while state.running.len() < workers {
                let faults = &self.faults;
                let mut sticks = false;
                let Some(job) = state.pull("virtual worker", now, |request| {
                    sticks = faults.takes_stick(request.coord);
                    if sticks {
                        Duration::MAX
                    } else {
                        now + costs.service.of(request) + faults.delay(now)
                    }
                }) else {
                    break;
                };
                if !sticks {
                    state.to_make.push_back(job);
                    self.work_to_do.notify_one();
                }
            }
            let next = state
                .running
                .iter()
                .filter(|(id, _)| !state.blocked.contains_key(id))
                .map(|(id, running)| (running.ends_at, *id))
                .min();
            let Some((due, id)) = next.filter(|(due, _)| *due <= until) else {
                state.served_until = until;
                return;
            };
            while !state.made.contains_key(&id) {
                state = self
                    .content_made
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            let Some(outcome) = state.made.remove(&id) else {
                continue;
            };
            let outcome = state.queue.refusal(&outcome).unwrap_or(outcome);
            let bytes = outcome.bytes();
            if state.queue.admits(bytes) {
                state.served_until = due.max(now);
                // What it waited for room is no part of the run, as on the real clock.
                state.end(id, outcome, due);
            } else {
                state.blocked.insert(id, bytes);
                state.made.insert(id, outcome);
            }
        }
    }
}
