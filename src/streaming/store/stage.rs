//! The seam towards the engine: what a request takes along, so that the engine knows no type of changes.
//!
//! ```text
//!  main thread            worker                                       main thread
//!  prepare ─► tickets ─► generate ─► merge ─► result ─► ChunkLoaded ─► land
//!                                       └─ stopped, failed, stale ───► forget_ended
//! ```

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, OnceLock};

use super::chunk_store::{StorePlace, StoreWorld};
use super::delta::ChunkDelta;
use super::depot::{Depot, Found};
use crate::content::ChunkContent;
use crate::generator::{ChunkRequest, GenerateError, StopToken};
use crate::logic::coord::ChunkCoord;
use crate::logic::ticket::GenerationId;

/// Something for a worker to do between two chunks.
type Chore = Box<dyn FnOnce() + Send>;

/// One type of changes, as the engine sees it.
pub(crate) trait DeltaStage: Send + Sync {
    /// When a request is made, on the main thread: what it takes along. `None` if this level shows no changes.
    fn prepare(&self, request: &ChunkRequest) -> Option<Arc<dyn DeltaTicket>>;

    /// What workers are to do between two chunks, because something is due to be saved or read.
    fn chores(&self) -> Vec<Chore>;

    /// Does one thing that is due, on this thread; false when there is none.
    fn work(&self) -> bool;
}

/// The changes of one request, from when it is made until its chunk is there or never will be.
pub(crate) trait DeltaTicket: Send + Sync {
    /// Whether there are changes, on the worker. What memory knew when the request was made counts, so that
    /// a run is the same however fast its workers are; if it knew nothing the store is asked.
    ///
    /// # Errors
    /// [`GenerateError::Failed`] when the store cannot be read: the chunk is tried again and in the end given up,
    /// rather than shown without changes that the next save would then destroy.
    fn has_changes(&self) -> Result<bool, GenerateError>;

    /// Puts the changes into the content, on the worker, after [`has_changes`](Self::has_changes).
    ///
    /// # Errors
    /// Those of [`ChunkDelta::merge`].
    fn merge(
        &self,
        request: &ChunkRequest,
        content: &mut ChunkContent,
        stop: &StopToken,
    ) -> Result<(), GenerateError>;

    /// When the chunk is there, on the main thread. Says whether it shows the newest changes.
    fn land(&self) -> bool;
}

/// The changes that a request takes along.
pub(crate) type Tickets = Vec<Arc<dyn DeltaTicket>>;

/// Puts changes into what a generator made.
pub(crate) fn merge_changes(
    tickets: &[Arc<dyn DeltaTicket>],
    request: &ChunkRequest,
    content: &mut ChunkContent,
    stop: &StopToken,
) -> Result<(), GenerateError> {
    for ticket in tickets {
        if ticket.has_changes()? {
            ticket.merge(request, content, stop)?;
        }
    }
    Ok(())
}

/// How many requests a frame looks at, to see whether they have ended.
const LOOKED_AT_PER_FRAME: usize = 64;

/// All types of changes, and the requests that have taken some along.
#[derive(Default)]
pub(crate) struct DeltaStages {
    /// In the order in which they are merged.
    stages: Vec<Box<dyn DeltaStage>>,
    under_way: BTreeMap<GenerationId, (ChunkCoord, Tickets)>,
    looked_at: Option<GenerationId>,
}

impl DeltaStages {
    /// From now on every request takes these changes along.
    pub fn add(&mut self, stage: Box<dyn DeltaStage>) {
        self.stages.push(stage);
    }

    /// What a request takes along.
    pub fn prepare(&mut self, request: &ChunkRequest) -> Tickets {
        let stages = self.stages.iter();
        let tickets: Tickets = stages.filter_map(|stage| stage.prepare(request)).collect();
        if !tickets.is_empty() {
            let entry = (request.coord, tickets.clone());
            self.under_way.insert(request.generation_id, entry);
        }
        tickets
    }

    /// The chunk of a request is there. Says whether it shows the newest changes.
    pub fn land(&mut self, id: GenerationId) -> bool {
        let landed = self.under_way.remove(&id);
        let tickets = landed.map(|(_, tickets)| tickets).unwrap_or_default();
        // Each is told, so no short cut at the first that is out of date.
        let outdated = tickets.iter().filter(|ticket| !ticket.land()).count();
        outdated == 0
    }

    /// Lets go of requests that ended without a chunk, a few per frame.
    pub fn forget_ended(&mut self, is_under_way: impl Fn(ChunkCoord, GenerationId) -> bool) {
        let from = self.looked_at.map_or(Unbounded, Excluded);
        let some: Vec<_> = self
            .under_way
            .range((from, Unbounded))
            .take(LOOKED_AT_PER_FRAME)
            .map(|(id, (coord, _))| (*id, *coord))
            .collect();
        // At the end it begins again from the start.
        self.looked_at = some.last().map(|(id, _)| *id);
        for (id, coord) in some {
            if !is_under_way(coord, id) {
                self.under_way.remove(&id);
            }
        }
    }

    /// What workers are to do between two chunks.
    pub fn chores(&self) -> Vec<Chore> {
        let stages = self.stages.iter();
        stages.flat_map(|stage| stage.chores()).collect()
    }

    /// Does everything that is due, on this thread.
    pub fn work_off(&self) {
        for stage in &self.stages {
            while stage.work() {}
        }
    }
}

struct Ticket<D: ChunkDelta> {
    depot: Arc<Depot<D>>,
    place: StorePlace,
    /// As of which edit.
    revision: u64,
    known: Option<Arc<D>>,
    found: OnceLock<Found<D>>,
}

impl<D: ChunkDelta> Ticket<D> {
    fn value(&self) -> Option<&Arc<D>> {
        self.known
            .as_ref()
            .or_else(|| self.found.get().map(|found| &found.value))
    }
}

impl<D: ChunkDelta> DeltaStage for Arc<Depot<D>> {
    fn prepare(&self, request: &ChunkRequest) -> Option<Arc<dyn DeltaTicket>> {
        if !D::applies_to(request.detail) {
            return None;
        }
        let place = StorePlace {
            world: StoreWorld::new(request.seed, request.chunk_size_m),
            coord: request.coord,
        };
        let prepared = self.book().prepare(place);
        Some(Arc::new(Ticket {
            depot: Self::clone(self),
            place,
            revision: prepared.revision,
            known: prepared.value,
            found: OnceLock::new(),
        }))
    }

    fn chores(&self) -> Vec<Chore> {
        Depot::chores(self)
    }

    fn work(&self) -> bool {
        Depot::work(self)
    }
}

impl<D: ChunkDelta> DeltaTicket for Ticket<D> {
    fn has_changes(&self) -> Result<bool, GenerateError> {
        if self.value().is_none() {
            let found = self
                .depot
                .load(&self.place)
                .map_err(|error| GenerateError::Failed(error.to_string()))?;
            self.found.get_or_init(|| found);
        }
        Ok(self.value().is_some_and(|value| **value != D::default()))
    }

    fn merge(
        &self,
        request: &ChunkRequest,
        content: &mut ChunkContent,
        stop: &StopToken,
    ) -> Result<(), GenerateError> {
        self.value()
            .map_or(Ok(()), |value| value.merge(request, content, stop))
    }

    fn land(&self) -> bool {
        let read = self
            .found
            .get()
            .map(|found| (Arc::clone(&found.value), found.is_stored));
        self.depot.book().land(self.place, read, self.revision)
    }
}

impl<D: ChunkDelta> Drop for Ticket<D> {
    fn drop(&mut self) {
        self.depot.book().end(self.place, self.known.is_none());
    }
}
