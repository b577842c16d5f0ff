//! What the stages share: the table, what is in the world, and the trace for the law book.

use bevy::ecs::entity::Entity;
use bevy::ecs::resource::Resource;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::content::PreparedChunk;
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::table::ChunkTable;
use crate::logic::ticket::GenerationId;

/// The table of chunks and what follows from it.
#[derive(Resource, Default)]
pub(crate) struct Chunks {
    pub table: ChunkTable,
    /// Counts up when the world is made anew, so that what still leaves is not taken for the new.
    pub epoch: u32,
    pub was_regenerated: bool,
    /// Cells that landed at least once.
    pub distinct: BTreeSet<ChunkCoord>,
    /// Cells whose lateness is counted in this life.
    pub late: BTreeSet<ChunkCoord>,
    /// Whether nothing wanted was missing at some time since the last jump.
    pub view_was_complete: bool,
}

impl Chunks {
    /// Forgets the world, but not the counts.
    pub fn restart(&mut self) {
        self.table = ChunkTable::default();
        self.epoch += 1;
        self.was_regenerated = true;
        self.late.clear();
        self.view_was_complete = false;
    }
}

/// The entities of one chunk and what they hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spawned {
    pub entities: Vec<Entity>,
    pub own_meshes: u64,
    pub bytes: u64,
}

/// The chunk that is being applied, slice by slice.
pub(crate) struct Applying {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub generation_id: GenerationId,
    pub prepared: PreparedChunk,
    /// Entities of the finished content, counted before the first slice took any.
    pub entities: u64,
    pub bytes: u64,
    pub spawned: Spawned,
    pub queue_wait_ms: f64,
    pub generate_ms: f64,
    pub ready_wait_ms: f64,
    pub requested_at: Duration,
    pub apply_ms: f64,
}

/// A chunk whose entities are going.
pub(crate) struct Leaving {
    pub coord: ChunkCoord,
    /// The epoch it belongs to; `None` when the table does not wait for it.
    pub epoch: Option<u32>,
    pub entities: Vec<Entity>,
}

/// What streaming has put into the world. A chunk's record holds its entity ids; there is no transform
/// hierarchy, which would cost every frame.
#[derive(Resource, Default)]
pub(crate) struct WorldSide {
    pub spawned: BTreeMap<ChunkCoord, Spawned>,
    pub placeholders: BTreeMap<ChunkCoord, Entity>,
    pub placeholders_due: BTreeSet<ChunkCoord>,
    pub applying: Option<Applying>,
    pub leaving: VecDeque<Leaving>,
    /// Entities on record, whether they stay or go.
    pub entities: u64,
    pub own_meshes: u64,
    pub bytes: u64,
    pub frames: u64,
    #[cfg(test)]
    pub sabotage: WorldSabotage,
}

/// A fault in apply or unload, for testing the checkers of the laws.
#[cfg(test)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum WorldSabotage {
    #[default]
    None,
    LeakEntity,
    IgnoreCount,
    IgnoreTime,
    WrongHash,
}

impl WorldSide {
    /// Takes a landed chunk out of the books and puts its entities on the way out.
    pub fn retire(&mut self, coord: ChunkCoord, epoch: Option<u32>) {
        let mut entities = Vec::new();
        if let Some(spawned) = self.spawned.remove(&coord) {
            self.own_meshes -= spawned.own_meshes;
            self.bytes -= spawned.bytes;
            entities = spawned.entities;
        }
        entities.extend(self.placeholders.remove(&coord));
        self.placeholders_due.remove(&coord);
        self.leaving.push_back(Leaving {
            coord,
            epoch,
            entities,
        });
    }

    /// Stops applying; what is spawned so far goes with [`retire`](Self::retire). Returns the bytes
    /// that waited.
    pub fn take_applying(&mut self) -> u64 {
        let Some(applying) = self.applying.take() else {
            return 0;
        };
        self.own_meshes += applying.spawned.own_meshes;
        self.bytes += applying.spawned.bytes;
        self.spawned.insert(applying.coord, applying.spawned);
        applying.bytes
    }

    /// Puts everything on the way out.
    pub fn retire_everything(&mut self) {
        // What left under the old table is nobody's wait any more.
        for leaving in &mut self.leaving {
            leaving.epoch = None;
        }
        let cells: BTreeSet<ChunkCoord> = self
            .spawned
            .keys()
            .chain(self.placeholders.keys())
            .copied()
            .collect();
        for coord in cells {
            self.retire(coord, None);
        }
        self.placeholders_due.clear();
    }

    /// Takes away the sign that a chunk is quarantined.
    pub fn retire_placeholder(&mut self, coord: ChunkCoord) {
        self.placeholders_due.remove(&coord);
        if let Some(entity) = self.placeholders.remove(&coord) {
            self.leaving.push_back(Leaving {
                coord,
                epoch: None,
                entities: vec![entity],
            });
        }
    }
}

/// What the stages did in this frame, for the law book; empty unless laws are checked.
#[derive(Resource, Default)]
pub(crate) struct Trace {
    pub is_on: bool,
    pub events: Vec<TraceEvent>,
}

impl Trace {
    pub fn push(&mut self, event: TraceEvent) {
        if self.is_on {
            self.events.push(event);
        }
    }
}
