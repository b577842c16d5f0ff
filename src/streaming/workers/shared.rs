//! What the frame and the generation threads share, behind one short lock: the frame's side of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::WorkerCount;
use super::contained::Outcome;
use crate::clock::WorkClock;
use crate::faults::FaultSwitches;
use crate::generator::{ChunkRequest, StopToken};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::need::{Claim, Need};
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::{CancelledAt, Choice, Limits, Pulled, WorkQueue};
use crate::store::Tickets;

/// One request on its way to a thread.
pub(crate) struct Job {
    pub request: ChunkRequest,
    /// What the player changed there.
    pub deltas: Tickets,
    pub stop: StopToken,
    requested_at: Duration,
}

/// Something that is not a chunk, to be done by a thread between two of them: freeing and saving.
pub(crate) type Chore = Box<dyn FnOnce() + Send>;

/// Why a request was cancelled.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum CancelReason {
    Unwanted,
    Regenerated,
    LevelChanged,
    Memory,
}

/// A request that a worker ended.
pub(crate) struct Finished {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub generation_id: GenerationId,
    pub attempt: u32,
    pub thread: String,
    pub outcome: Outcome,
    pub cancel_reason: Option<CancelReason>,
    pub requested_at: Duration,
    pub started_at: Duration,
    pub finished_at: Duration,
}

impl Finished {
    /// Worker time in ms.
    pub fn worker_ms(&self) -> f64 {
        self.finished_at
            .saturating_sub(self.started_at)
            .as_secs_f64()
            * 1e3
    }
}

/// A request to be queued.
pub(crate) struct NewRequest {
    pub request: ChunkRequest,
    pub deltas: Tickets,
    pub claim: Claim,
    pub need: Need,
}

/// What became of a cancelled request.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// It had not started and has ended.
    AtOnce,
    /// Its worker was told; it will come back as finished.
    WhenTheWorkerSees,
    /// It is finished already and will be found stale.
    TooLate,
}

/// A generation that was given up.
#[derive(Clone, Debug)]
pub(crate) struct Stuck {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub generation_id: GenerationId,
    pub attempt: u32,
    pub thread: String,
    pub after: Duration,
}

/// What a worker is busy with.
#[derive(Clone, Debug)]
pub(crate) struct RunningNow {
    pub id: GenerationId,
    pub coord: ChunkCoord,
    pub thread: String,
    pub for_how_long: Duration,
}

/// Numbers of one instant.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Snapshot {
    pub queued: u64,
    pub running: u64,
    pub ready: u64,
    pub held_bytes: u64,
    pub threads: u64,
    pub panics_caught: u64,
    pub stuck_threads: u64,
    pub late_returns: u64,
    /// Whether a result or a start waits for memory.
    pub wants_memory: bool,
}

/// A fault in the plugin itself, for testing the checkers of the laws.
#[cfg(test)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    #[default]
    None,
    DropResults,
    FarFirst,
}

pub(super) struct Running {
    coord: ChunkCoord,
    detail: DetailLevel,
    attempt: u32,
    pub stop: StopToken,
    cancel_reason: Option<CancelReason>,
    requested_at: Duration,
    started_at: Duration,
    /// When it ends on the virtual clock.
    pub ends_at: Duration,
    thread: String,
}

pub(super) struct State {
    pub queue: WorkQueue<Job>,
    pub running: BTreeMap<GenerationId, Running>,
    ready: VecDeque<Finished>,
    starts: Vec<Choice>,
    pub chores: VecDeque<Chore>,
    pub threads: usize,
    /// Threads that wait for work.
    pub idle_threads: usize,
    /// Threads whose request was given up.
    pub stuck_threads: usize,
    /// Requests that were given up while a thread was busy with them.
    pub given_up: BTreeSet<GenerationId>,
    pub late_returns: u64,
    /// Finished requests whose results wait for room, still counted as running.
    pub blocked: BTreeMap<GenerationId, u64>,
    /// Virtual clock: how many virtual workers the limit calls for.
    virtual_workers: usize,
    pub panics_caught: u64,
    /// Virtual clock: the time served so far.
    pub served_until: Duration,
    /// Virtual clock: started requests that wait for a thread.
    pub to_make: VecDeque<Job>,
    /// Virtual clock: content that is made but not due.
    pub made: BTreeMap<GenerationId, Outcome>,
    /// Virtual clock: requests that were cancelled while a thread was busy with them.
    pub abandoned: BTreeSet<GenerationId>,
    #[cfg(test)]
    sabotage: Sabotage,
}

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
    pub(super) epoch: Instant,
    /// Asking the system is too slow for every frame.
    cores: usize,
}

impl Shared {
    pub fn new(clock: WorkClock, count: WorkerCount, faults: Arc<FaultSwitches>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: WorkQueue::new(Limits::default()),
                running: BTreeMap::new(),
                ready: VecDeque::new(),
                starts: Vec::new(),
                chores: VecDeque::new(),
                threads: 0,
                idle_threads: 0,
                stuck_threads: 0,
                given_up: BTreeSet::new(),
                late_returns: 0,
                blocked: BTreeMap::new(),
                virtual_workers: 0,
                panics_caught: 0,
                served_until: Duration::ZERO,
                to_make: VecDeque::new(),
                made: BTreeMap::new(),
                abandoned: BTreeSet::new(),
                #[cfg(test)]
                sabotage: Sabotage::None,
            }),
            work_to_do: Condvar::new(),
            content_made: Condvar::new(),
            room: Condvar::new(),
            stop_everything: Arc::default(),
            clock,
            count,
            faults,
            epoch: Instant::now(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
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
                    if state.made.remove(&id).is_none() && !sticks {
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
    /// threads are written off until they come back.
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
        let mut stuck = Vec::new();
        for id in late {
            let Some(running) = state.running.remove(&id) else {
                continue;
            };
            running.stop.stop();
            state.queue.finish(id, 0);
            if self.is_virtual() {
                if state.made.remove(&id).is_none() && running.ends_at != Duration::MAX {
                    state.abandoned.insert(id);
                }
            } else {
                state.given_up.insert(id);
                state.threads -= 1;
                state.stuck_threads += 1;
            }
            stuck.push(Stuck {
                coord: running.coord,
                detail: running.detail,
                generation_id: id,
                attempt: running.attempt,
                thread: running.thread,
                after: now.saturating_sub(running.started_at),
            });
        }
        stuck
    }

    /// Takes what has finished and what has started since the last call.
    pub fn take_news(&self) -> (VecDeque<Finished>, Vec<Choice>) {
        let mut state = self.lock();
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
        drop(state);
        if may_start {
            self.work_to_do.notify_all();
        }
        if has_blocked {
            self.room.notify_all();
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
            ready: state.ready.len() as u64,
            held_bytes: queue.held_bytes(),
            // On the virtual clock a number that is equal on every machine.
            threads: if self.is_virtual() {
                state.virtual_workers
            } else {
                state.threads
            } as u64,
            panics_caught: state.panics_caught,
            stuck_threads: state.stuck_threads as u64,
            late_returns: state.late_returns,
            wants_memory: is_start_refused || is_result_refused,
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

impl State {
    /// Begins the most needed request on this thread; `ends_at` says when it ends on the virtual clock.
    pub fn pull(
        &mut self,
        thread: &str,
        now: Duration,
        ends_at: impl FnOnce(&ChunkRequest) -> Duration,
    ) -> Option<Job> {
        #[cfg(test)]
        let pulled = if self.sabotage == Sabotage::FarFirst {
            self.queue.pull_worst()
        } else {
            self.queue.pull()
        };
        #[cfg(not(test))]
        let pulled = self.queue.pull();
        let Pulled {
            generation_id,
            job,
            choice,
        } = pulled?;
        let request = &job.request;
        self.starts.push(choice);
        self.running.insert(
            generation_id,
            Running {
                coord: request.coord,
                detail: request.detail,
                attempt: request.attempt,
                stop: job.stop.clone(),
                cancel_reason: None,
                requested_at: job.requested_at,
                started_at: now,
                ends_at: ends_at(request),
                thread: thread.to_owned(),
            },
        );
        Some(job)
    }

    /// Ends a running request.
    pub fn end(&mut self, id: GenerationId, outcome: Outcome, finished_at: Duration) {
        self.blocked.remove(&id);
        let Some(running) = self.running.remove(&id) else {
            return;
        };
        self.queue.finish(id, outcome.bytes());
        #[cfg(test)]
        if self.sabotage == Sabotage::DropResults {
            return;
        }
        let Running {
            coord,
            detail,
            attempt,
            stop: _,
            cancel_reason,
            requested_at,
            started_at,
            ends_at: _,
            thread,
        } = running;
        self.ready.push_back(Finished {
            coord,
            detail,
            generation_id: id,
            attempt,
            thread,
            outcome,
            cancel_reason,
            requested_at,
            started_at,
            finished_at,
        });
    }
}
