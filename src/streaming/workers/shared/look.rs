//! What is running and what is finished at this instant, by ticket: for maps, not for the frame's own work.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Shared;
use crate::logic::ticket::GenerationId;

/// A request that a thread is busy with.
pub(crate) struct OnThread {
    /// The name of the thread.
    pub thread: String,
    /// For how long.
    pub runs_for: Duration,
    /// Whether it is finished and its result waits for room.
    pub waits_for_room: bool,
}

/// One look at the other side of the queue.
#[derive(Default)]
pub(crate) struct Look {
    pub running: BTreeMap<GenerationId, OnThread>,
    pub ready: BTreeSet<GenerationId>,
}

impl Shared {
    /// Looks at what runs and what is finished. Cost: those requests, under the lock.
    pub fn look(&self) -> Look {
        let now = self.now();
        let state = self.lock();
        let running = state.running.iter().map(|(id, running)| {
            let on_thread = OnThread {
                thread: running.thread.clone(),
                runs_for: now.saturating_sub(running.started_at),
                waits_for_room: state.blocked.contains_key(id),
            };
            (*id, on_thread)
        });
        Look {
            running: running.collect(),
            ready: state.ready.iter().map(|done| done.generation_id).collect(),
        }
    }
}
