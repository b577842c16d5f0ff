//! What passes between the frame and the generation threads.

use std::time::Duration;

use super::contained::Outcome;
use crate::generator::{ChunkRequest, StopToken};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::need::{Claim, Need};
use crate::logic::ticket::GenerationId;
use crate::store::Tickets;

/// A request to be queued.
pub(crate) struct NewRequest {
    pub request: ChunkRequest,
    pub deltas: Tickets,
    pub claim: Claim,
    pub need: Need,
}

/// One request on its way to a thread.
pub(crate) struct Job {
    pub request: ChunkRequest,
    /// What the player changed there.
    pub deltas: Tickets,
    pub stop: StopToken,
    pub requested_at: Duration,
}

/// Something that is not a chunk, to be done by a thread between two of them: freeing and saving.
pub(crate) type Chore = Box<dyn FnOnce() + Send>;

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

/// Why a request was cancelled.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum CancelReason {
    Unwanted,
    Regenerated,
    LevelChanged,
    Memory,
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
    pub end: StuckEnd,
}

/// What follows from a generation that was given up.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum StuckEnd {
    /// Another thread takes the place of the stuck one, and the chunk may be tried again.
    Replaced,
    /// So many threads are stuck already that none takes its place: the chunk is given up for good.
    NotReplaced,
    /// It never began: every thread there may be is stuck.
    NoThreadLeft,
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
    /// Workers that waited for room when the frame last took news.
    pub blocked: u64,
    pub ready: u64,
    pub held_bytes: u64,
    /// Results that hold them.
    pub held_results: u64,
    pub threads: u64,
    pub panics_caught: u64,
    pub panics_on_their_way: u64,
    pub panics_discarded: u64,
    pub stuck_threads: u64,
    pub late_returns: u64,
    /// Whether a result or a start waits for memory.
    pub wants_memory: bool,
}

/// A fault in the plugin itself, for testing the checkers of the laws and the test under Shuttle.
#[cfg(test)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    #[default]
    None,
    DropResults,
    FarFirst,
    /// A thread lets go of the lock between its look for work and its sleep.
    LooksAway,
    /// Nobody tells the threads that wait for room that there is some.
    KeepsRoomSecret,
}
