//! What the lock protects: requests that wait, run and have ended, and the threads that are busy with them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::contained::Outcome;
#[cfg(test)]
use super::parcel::Sabotage;
use super::parcel::{CancelReason, Chore, Finished, Job};
use crate::generator::{ChunkRequest, StopToken};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::{Choice, Limits, Pulled, WorkQueue};

pub(crate) struct Running {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub attempt: u32,
    pub stop: StopToken,
    pub cancel_reason: Option<CancelReason>,
    pub requested_at: Duration,
    pub started_at: Duration,
    /// When it ends on the virtual clock.
    pub ends_at: Duration,
    pub thread: String,
}

pub(crate) struct State {
    pub queue: WorkQueue<Job>,
    pub running: BTreeMap<GenerationId, Running>,
    pub ready: VecDeque<Finished>,
    pub starts: Vec<Choice>,
    pub chores: VecDeque<Chore>,
    pub threads: usize,
    /// Threads that wait for work.
    pub idle_threads: usize,
    /// Threads whose request was given up, and in whose place others have come.
    pub stuck_threads: usize,
    /// Threads whose request was given up when there were too many stuck ones to start others: they still count
    /// as `threads`.
    pub lost_threads: usize,
    /// Requests that were given up while a thread was busy with them, and whether another thread has taken its
    /// place.
    pub given_up: BTreeMap<GenerationId, bool>,
    pub late_returns: u64,
    /// Finished requests whose results wait for room, still counted as running.
    pub blocked: BTreeMap<GenerationId, u64>,
    /// Workers that waited for room when the frame last took news, before it made any.
    pub waited_for_room: usize,
    /// Virtual clock: how many virtual workers the limit calls for.
    pub virtual_workers: usize,
    pub panics_caught: u64,
    /// Those of them that nobody hears of: their requests had ended before.
    pub panics_discarded: u64,
    /// Virtual clock: the time served so far.
    pub served_until: Duration,
    /// Virtual clock: started requests that wait for a thread.
    pub to_make: VecDeque<Job>,
    /// Virtual clock: content that is made but not due.
    pub made: BTreeMap<GenerationId, Outcome>,
    /// Virtual clock: requests that were cancelled while a thread was busy with them.
    pub abandoned: BTreeSet<GenerationId>,
    #[cfg(test)]
    pub sabotage: Sabotage,
}

impl Default for State {
    fn default() -> Self {
        Self {
            queue: WorkQueue::new(Limits::default()),
            running: BTreeMap::new(),
            ready: VecDeque::new(),
            starts: Vec::new(),
            chores: VecDeque::new(),
            threads: 0,
            idle_threads: 0,
            stuck_threads: 0,
            lost_threads: 0,
            given_up: BTreeMap::new(),
            late_returns: 0,
            blocked: BTreeMap::new(),
            waited_for_room: 0,
            virtual_workers: 0,
            panics_caught: 0,
            panics_discarded: 0,
            served_until: Duration::ZERO,
            to_make: VecDeque::new(),
            made: BTreeMap::new(),
            abandoned: BTreeSet::new(),
            #[cfg(test)]
            sabotage: Sabotage::None,
        }
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

    /// How many of `workers` wait for room: those that hold a result that does not fit, and those that may not start
    /// because what waits has reached its cap.
    pub fn waiting_for_room(&self, workers: usize) -> usize {
        let idle = if self.queue.is_full() {
            workers.saturating_sub(self.queue.running_len())
        } else {
            0
        };
        self.blocked.len() + idle.min(self.queue.waiting_len())
    }

    /// Notes that nobody will hear of this outcome.
    pub fn discard(&mut self, outcome: &Outcome) {
        self.panics_discarded += u64::from(outcome.is_panic());
    }

    /// Panics that the frame has not heard of yet.
    pub fn panics_on_their_way(&self) -> u64 {
        let ready = self.ready.iter().map(|finished| &finished.outcome);
        let on_their_way = ready.chain(self.made.values());
        on_their_way.filter(|outcome| outcome.is_panic()).count() as u64
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
