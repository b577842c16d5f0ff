//! What the frame and the generation threads share, behind one short lock.
//!
//! The frame's side of it is `frame_side.rs`, the threads' `thread_side.rs`, and the virtual clock's
//! `virtual_side.rs`. Whoever changes what a sleeping thread waits for does so under the lock and wakes it
//! afterwards; `under_shuttle` tries out the orders in which that can happen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::WorkerCount;
#[cfg(test)]
use super::parcel::Sabotage;
use super::parcel::{Chore, Snapshot};
use super::state::State;
use super::sync::{Condvar, Epoch, Mutex, MutexGuard};
use crate::clock::WorkClock;
use crate::faults::FaultSwitches;
use crate::logic::work_queue::Limits;

/// The meeting place of frame and threads.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(super) work_to_do: Condvar,
    pub(super) content_made: Condvar,
    pub(super) room: Condvar,
    pub(super) stop_everything: Arc<AtomicBool>,
    pub(super) clock: WorkClock,
    pub(super) count: WorkerCount,
    pub(super) faults: Arc<FaultSwitches>,
    pub(super) epoch: Epoch,
    /// Whether the log knows that the system refuses more threads.
    pub(super) is_refusal_told: AtomicBool,
    /// Asking the system is too slow for every frame.
    cores: usize,
    takes_hashes: bool,
}

impl Shared {
    pub fn new(
        clock: WorkClock,
        count: WorkerCount,
        faults: Arc<FaultSwitches>,
        takes_hashes: bool,
    ) -> Self {
        Self {
            state: Mutex::new(State::default()),
            work_to_do: Condvar::new(),
            content_made: Condvar::new(),
            room: Condvar::new(),
            stop_everything: Arc::default(),
            clock,
            count,
            faults,
            epoch: Epoch::begin(),
            is_refusal_told: AtomicBool::new(false),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            takes_hashes,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and if it did the numbers would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn clock(&self) -> &WorkClock {
        &self.clock
    }

    pub(super) fn is_virtual(&self) -> bool {
        matches!(self.clock, WorkClock::Virtual(_))
    }

    /// Whether somebody asks for the hash of each content.
    pub(super) fn takes_hashes(&self) -> bool {
        self.takes_hashes
    }

    /// The clock that requests are timed with.
    pub fn now(&self) -> Duration {
        if self.is_virtual() {
            self.lock().served_until
        } else {
            self.epoch.elapsed()
        }
    }

    /// Sets the limits for this frame and says how many threads they call for.
    pub fn set_limits(&self, limits: Limits) -> usize {
        let mut state = self.lock();
        state.queue.set_limits(limits);
        let has_blocked = !state.blocked.is_empty();
        let threads = if self.is_virtual() {
            state.virtual_workers = self.count.at_limit(limits.running);
            // Threads decide nothing on the virtual clock; as many as help.
            self.cores.min(8)
        } else {
            let busy = state.running.len() + state.queue.waiting_len();
            let threads = self.count.at_limit(limits.running).min(busy.max(1));
            // Paused is no reason to leave what the player changed unsaved.
            threads.max(usize::from(!state.chores.is_empty()))
        };
        drop(state);
        if has_blocked {
            self.room.notify_all();
        }
        threads
    }

    /// Wakes as many idle threads as there is work that may start.
    pub fn wake(&self) {
        let state = self.lock();
        let startable = if state.queue.may_start() {
            state.queue.waiting_len()
        } else {
            0
        };
        let wanted = (startable + state.chores.len()).min(state.idle_threads);
        drop(state);
        for _ in 0..wanted {
            self.work_to_do.notify_one();
        }
    }

    /// Leaves things to be done, or only to be freed, to the threads.
    pub fn leave_chores(&self, chores: impl IntoIterator<Item = Chore>) {
        let mut state = self.lock();
        state.chores.extend(chores);
        let any = !state.chores.is_empty() && state.idle_threads > 0;
        drop(state);
        if any {
            self.work_to_do.notify_one();
        }
    }

    /// Frees something on a thread.
    pub fn bury(&self, remains: impl Send + 'static) {
        self.leave_chores([Box::new(move || drop(remains)) as Chore]);
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        let queue = &state.queue;
        let limits = queue.limits();
        let is_start_refused = queue.waiting_len() > 0
            && queue.running_len() < limits.running
            && queue.is_out_of_memory();
        let is_result_refused = state
            .blocked
            .values()
            .any(|bytes| limits.loaded_bytes + queue.held_bytes() + bytes > limits.memory_bytes);
        Snapshot {
            queued: queue.waiting_len() as u64,
            running: queue.running_len() as u64,
            blocked: state.waited_for_room as u64,
            ready: state.ready.len() as u64,
            held_bytes: queue.held_bytes(),
            held_results: queue.held_results(),
            // On the virtual clock a number that is equal on every machine.
            threads: if self.is_virtual() {
                state.virtual_workers
            } else {
                state.threads
            } as u64,
            panics_caught: state.panics_caught,
            panics_on_their_way: state.panics_on_their_way(),
            panics_discarded: state.panics_discarded,
            stuck_threads: (state.stuck_threads + state.lost_threads) as u64,
            late_returns: state.late_returns,
            wants_memory: is_start_refused || is_result_refused,
        }
    }

    /// Tells every thread to end and every generation to stop; nobody is waited for (law 12).
    pub fn shut_down(&self) {
        // Under the lock: a thread between its look and its sleep would miss the call.
        let state = self.lock();
        self.stop_everything.store(true, Ordering::Relaxed);
        drop(state);
        self.work_to_do.notify_all();
        self.room.notify_all();
    }

    #[cfg(test)]
    pub fn sabotage(&self, sabotage: Sabotage) {
        self.lock().sabotage = sabotage;
    }
}
