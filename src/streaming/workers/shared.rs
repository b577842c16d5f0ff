//! What the frame and the generation threads share, behind one short lock.

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
use crate::logic::need::Need;
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::{CancelledAt, Pulled, WorkQueue};

/// One request on its way to a thread.
pub(crate) struct Job {
    pub request: ChunkRequest,
    pub stop: StopToken,
    requested_at: Duration,
}

/// Why a request was cancelled.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum CancelReason {
    Unwanted,
    Regenerated,
}

/// A request that a worker ended.
pub(crate) struct Finished {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub generation_id: GenerationId,
    pub attempt: u32,
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

/// A request that a worker began.
pub(crate) struct Start {
    pub coord: ChunkCoord,
    /// The best that was left waiting.
    pub best_left: Option<ChunkCoord>,
}

/// A request to be queued.
pub(crate) struct NewRequest {
    pub request: ChunkRequest,
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

/// Numbers of one instant.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Snapshot {
    pub queued: u64,
    pub running: u64,
    pub ready: u64,
    pub held_bytes: u64,
    pub threads: u64,
    pub panics_caught: u64,
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

struct Running {
    coord: ChunkCoord,
    detail: DetailLevel,
    attempt: u32,
    stop: StopToken,
    cancel_reason: Option<CancelReason>,
    requested_at: Duration,
    started_at: Duration,
    /// When it ends on the virtual clock.
    ends_at: Duration,
}

pub(super) struct State {
    queue: WorkQueue<Job>,
    running: BTreeMap<GenerationId, Running>,
    ready: VecDeque<Finished>,
    starts: Vec<Start>,
    threads: usize,
    /// Virtual clock: how many virtual workers the limit calls for.
    virtual_workers: usize,
    panics_caught: u64,
    /// Virtual clock: the time served so far.
    served_until: Duration,
    /// Virtual clock: started requests that wait for a thread.
    to_make: VecDeque<Job>,
    /// Virtual clock: content that is made but not due.
    made: BTreeMap<GenerationId, Outcome>,
    /// Virtual clock: requests that were cancelled while a thread was busy with them.
    abandoned: BTreeSet<GenerationId>,
    #[cfg(test)]
    sabotage: Sabotage,
}

/// The meeting place of frame and threads.
pub(crate) struct Shared {
    state: Mutex<State>,
    work_to_do: Condvar,
    content_made: Condvar,
    stop_everything: Arc<AtomicBool>,
    clock: WorkClock,
    count: WorkerCount,
    faults: Arc<FaultSwitches>,
    epoch: Instant,
    /// Asking the system is too slow for every frame.
    cores: usize,
}

impl Shared {
    pub fn new(clock: WorkClock, count: WorkerCount, faults: Arc<FaultSwitches>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: WorkQueue::new(0, u64::MAX),
                running: BTreeMap::new(),
                ready: VecDeque::new(),
                starts: Vec::new(),
                threads: 0,
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
            stop_everything: Arc::default(),
            clock,
            count,
            faults,
            epoch: Instant::now(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and if it did the numbers would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn clock(&self) -> &WorkClock {
        &self.clock
    }

    fn is_virtual(&self) -> bool {
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

    /// The delay that the faults ask of a generation that starts now on the real clock.
    pub(super) fn real_delay(&self) -> Duration {
        if self.is_virtual() {
            Duration::ZERO
        } else {
            self.faults.delay(self.epoch.elapsed())
        }
    }

    // ---- the frame's side ----

    /// Sets the limits for this frame and says how many threads they call for.
    pub fn set_limits(&self, limit: usize, held_cap_bytes: u64) -> usize {
        let mut state = self.lock();
        state.queue.set_limits(limit, held_cap_bytes);
        if self.is_virtual() {
            state.virtual_workers = self.count.at_limit(limit);
            // Threads decide nothing on the virtual clock; as many as help.
            return self.cores.min(8);
        }
        let busy = state.running.len() + state.queue.waiting_len();
        self.count.at_limit(limit).min(busy.max(1))
    }

    /// Queues requests; [`wake`](Self::wake) comes after.
    pub fn push(&self, requests: impl IntoIterator<Item = NewRequest>) {
        let requested_at = self.now();
        let mut state = self.lock();
        for NewRequest { request, need } in requests {
            let (id, coord) = (request.generation_id, request.coord);
            let stop = StopToken::under(&self.stop_everything);
            state.queue.push(
                id,
                coord,
                need,
                Job {
                    request,
                    stop,
                    requested_at,
                },
            );
        }
    }

    /// Wakes the workers if there is something they may start.
    pub fn wake(&self) {
        let state = self.lock();
        let any = state.queue.waiting_len() > 0 && state.queue.may_start();
        drop(state);
        if any {
            self.work_to_do.notify_all();
        }
    }

    /// Gives every waiting request a new need.
    pub fn rescore(&self, need_of: impl Fn(ChunkCoord) -> Need) {
        self.lock().queue.rescore(need_of);
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
                if self.is_virtual() {
                    // The thread may be anywhere; the virtual worker is free from now on.
                    let now = state.served_until;
                    if state.made.remove(&id).is_none() {
                        state.abandoned.insert(id);
                    }
                    state.end(id, Outcome::Cancelled, now);
                }
                Cancelled::WhenTheWorkerSees
            }
        }
    }

    /// Takes what has finished and what has started since the last call.
    pub fn take_news(&self) -> (VecDeque<Finished>, Vec<Start>) {
        let mut state = self.lock();
        (
            std::mem::take(&mut state.ready),
            std::mem::take(&mut state.starts),
        )
    }

    /// Gives back bytes of results that were applied or discarded.
    pub fn release_bytes(&self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        self.lock().queue.release_bytes(bytes);
        self.work_to_do.notify_all();
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        Snapshot {
            queued: state.queue.waiting_len() as u64,
            running: state.queue.running_len() as u64,
            ready: state.ready.len() as u64,
            held_bytes: state.queue.held_bytes(),
            // On the virtual clock a number that is equal on every machine.
            threads: if self.is_virtual() {
                state.virtual_workers
            } else {
                state.threads
            } as u64,
            panics_caught: state.panics_caught,
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
    }

    #[cfg(test)]
    pub fn sabotage(&self, sabotage: Sabotage) {
        self.lock().sabotage = sabotage;
    }

    // ---- the threads' side ----

    /// Counts a thread that is about to start, unless there are enough.
    pub(super) fn reserve_thread(&self, wanted: usize) -> Option<usize> {
        let mut state = self.lock();
        (state.threads < wanted).then(|| {
            state.threads += 1;
            state.threads - 1
        })
    }

    pub(super) fn give_back_thread(&self) {
        self.lock().threads -= 1;
    }

    /// Waits for work; `None` when it is time to end.
    pub(super) fn next_job(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if self.stop_everything.load(Ordering::Relaxed) {
                return None;
            }
            let job = if self.is_virtual() {
                state.to_make.pop_front()
            } else {
                let now = self.epoch.elapsed();
                state.pull(now, |_| now)
            };
            if job.is_some() {
                return job;
            }
            state = self
                .work_to_do
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
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

    fn deliver(&self, id: GenerationId, outcome: Outcome) {
        let now = self.epoch.elapsed();
        let mut state = self.lock();
        if let Outcome::Failed { panicked: true, .. } = outcome {
            state.panics_caught += 1;
        }
        if self.is_virtual() {
            if !state.abandoned.remove(&id) {
                state.made.insert(id, outcome);
            }
            drop(state);
            self.content_made.notify_all();
        } else {
            state.end(id, outcome, now);
            drop(state);
            self.work_to_do.notify_one();
        }
    }

    // ---- the virtual clock's side ----

    pub(super) fn serve_virtual(&self, until: Duration) {
        let WorkClock::Virtual(costs) = &self.clock else {
            return;
        };
        let workers = match self.count {
            WorkerCount::OnDemand => usize::MAX,
            WorkerCount::Fixed(count) => count.max(1),
        };
        let mut state = self.lock();
        loop {
            let now = state.served_until;
            while state.running.len() < workers {
                let faults = &self.faults;
                let Some(job) = state.pull(now, |request| {
                    now + costs.service.of(request) + faults.delay(now)
                }) else {
                    break;
                };
                state.to_make.push_back(job);
                self.work_to_do.notify_one();
            }
            let next = state
                .running
                .iter()
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
            state.served_until = due.max(now);
            if let Some(outcome) = state.made.remove(&id) {
                state.end(id, outcome, due);
            }
        }
    }
}

impl State {
    fn pull(
        &mut self,
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
            best_left,
        } = pulled?;
        let request = &job.request;
        self.starts.push(Start {
            coord: request.coord,
            best_left,
        });
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
            },
        );
        Some(job)
    }

    fn end(&mut self, id: GenerationId, outcome: Outcome, finished_at: Duration) {
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
        } = running;
        self.ready.push_back(Finished {
            coord,
            detail,
            generation_id: id,
            attempt,
            outcome,
            cancel_reason,
            requested_at,
            started_at,
            finished_at,
        });
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
