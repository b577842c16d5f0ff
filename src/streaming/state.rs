//! What the stages share: the table, what is in the world, and the trace for the law book.

use bevy::asset::AssetId;
use bevy::ecs::entity::Entity;
use bevy::ecs::resource::Resource;
use bevy::mesh::Mesh;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::apply::Room;
use crate::instruments::{Lives, Sweep};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::memory::MemoryGovernor;
use crate::logic::plan::PlanMemory;
use crate::logic::table::ChunkTable;
use crate::logic::ticket::GenerationId;
use crate::logic::visited::Visited;
use crate::prepared::PreparedChunk;
use crate::workers::Shared;

/// The table of chunks and what follows from it.
#[derive(Resource, Default)]
pub(crate) struct Chunks {
    pub table: ChunkTable,
    pub plan: PlanMemory,
    pub governor: MemoryGovernor,
    /// Counts up when the world is made anew, so that what still leaves is not taken for the new.
    pub epoch: u32,
    /// Frames since the world was made anew.
    pub frames: u64,
    /// Cells that landed at least once.
    pub distinct: Visited,
    /// Whether nothing in view was missing at some time since the last jump.
    pub view_was_complete: bool,
    /// How far the search for chunks of another version of the generator has come.
    pub version_search: Option<VersionSearch>,
    /// What came to be in excess until then was looked at while memory limits the world.
    pub evicted_until: Duration,
}

/// A search through all cells, a few per frame, for those that the generator would make differently now.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct VersionSearch {
    pub after: Option<ChunkCoord>,
}

impl Chunks {
    /// Whether the world was made anew in this frame.
    pub fn is_new(&self) -> bool {
        self.epoch > 0 && self.frames <= 1
    }

    /// Forgets the world, but not the counts.
    pub fn restart(&mut self) {
        self.table = ChunkTable::default();
        self.plan.forget();
        self.epoch += 1;
        self.frames = 0;
        self.view_was_complete = false;
        self.version_search = None;
    }
}

/// The entities of one chunk and what they hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spawned {
    pub entities: Vec<Entity>,
    pub own_meshes: Vec<AssetId<Mesh>>,
    pub bytes: u64,
}

/// The chunk that is being applied, slice by slice.
pub(crate) struct Applying {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    pub generation_id: GenerationId,
    pub prepared: PreparedChunk,
    /// Whether another level is seen until all of this one is there.
    pub is_hidden: bool,
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
    /// Meshes that nothing shows any more when the entities are gone.
    pub own_meshes: Vec<AssetId<Mesh>>,
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
    /// What was spawned of a chunk that stopped being applied, until it is put on the way out.
    pub cut_short: Spawned,
    /// Entities on record, whether they stay or go.
    pub entities: u64,
    /// Entities that a requested fault left behind, so that they count against no law.
    pub leaked: u64,
    pub own_meshes: u64,
    pub bytes: u64,
    pub room: Room,
    /// A search for entities that nobody owns, while somebody wants it.
    pub sweep: Option<Sweep>,
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
    /// Whether a chunk that is not leaving owns this entity of that cell. Adds the entities that were compared
    /// to `steps`.
    pub fn owns(&self, coord: ChunkCoord, entity: Entity, steps: &mut usize) -> bool {
        let mut has = |spawned: &Spawned| {
            let place = spawned.entities.iter().position(|own| *own == entity);
            *steps += place.unwrap_or(spawned.entities.len());
            place.is_some()
        };
        self.placeholders.get(&coord) == Some(&entity)
            || self.spawned.get(&coord).is_some_and(&mut has)
            || self
                .applying
                .as_ref()
                .is_some_and(|applying| has(&applying.spawned))
            || has(&self.cut_short)
    }

    /// Puts something on the way out, where a sweep that goes on takes note of it.
    fn leave(&mut self, leaving: Leaving) {
        if let Some(sweep) = &mut self.sweep {
            sweep.note_leaving(&leaving.entities);
        }
        self.leaving.push_back(leaving);
    }

    /// Takes a landed chunk out of the books and puts its entities on the way out.
    pub fn retire(&mut self, coord: ChunkCoord, epoch: Option<u32>) {
        let Spawned {
            mut entities,
            mut own_meshes,
            ..
        } = std::mem::take(&mut self.cut_short);
        if let Some(spawned) = self.spawned.remove(&coord) {
            self.own_meshes -= spawned.own_meshes.len() as u64;
            self.bytes -= spawned.bytes;
            entities.extend(spawned.entities);
            own_meshes.extend(spawned.own_meshes);
        }
        entities.extend(self.placeholders.remove(&coord));
        self.placeholders_due.remove(&coord);
        self.leave(Leaving {
            coord,
            epoch,
            entities,
            own_meshes,
        });
    }

    /// Stops applying; what is spawned so far goes with the next [`retire`](Self::retire) or
    /// [`retire_cut_short`](Self::retire_cut_short). Gives back its bytes and what was not spawned, which a
    /// thread frees.
    pub fn stop_applying(&mut self, shared: &Shared) {
        let Some(applying) = self.applying.take() else {
            return;
        };
        self.cut_short = applying.spawned;
        shared.release_bytes(applying.bytes);
        shared.bury(applying.prepared);
    }

    /// How many entities a swap shows and hides when the chunk that is being applied lands in that cell; 0 where
    /// nothing was there.
    pub fn swap_entities(&self, coord: ChunkCoord) -> usize {
        let old = self.spawned.get(&coord);
        let old = old.map_or(0, |spawned| spawned.entities.len());
        let new = self.applying.as_ref();
        let new = new.map_or(0, |applying| applying.spawned.entities.len());
        if old == 0 { 0 } else { old + new }
    }

    /// Puts what was spawned of a chunk that stopped being applied on the way out, and nothing else.
    pub fn retire_cut_short(&mut self, coord: ChunkCoord) {
        let cut_short = std::mem::take(&mut self.cut_short);
        if !cut_short.entities.is_empty() {
            self.leave_untied(coord, cut_short);
        }
    }

    /// Puts a landed chunk into the books in the place of what was there, which goes. Returns the
    /// entities that go, for hiding them.
    pub fn replace(&mut self, coord: ChunkCoord, spawned: Spawned) -> Vec<Entity> {
        self.own_meshes += spawned.own_meshes.len() as u64;
        self.bytes += spawned.bytes;
        let Some(old) = self.spawned.insert(coord, spawned) else {
            return Vec::new();
        };
        self.own_meshes -= old.own_meshes.len() as u64;
        self.bytes -= old.bytes;
        let gone = old.entities.clone();
        self.leave_untied(coord, old);
        gone
    }

    /// Puts something on the way out that the table does not wait for.
    fn leave_untied(&mut self, coord: ChunkCoord, spawned: Spawned) {
        self.leave(Leaving {
            coord,
            epoch: None,
            entities: spawned.entities,
            own_meshes: spawned.own_meshes,
        });
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
        self.retire_cut_short(ChunkCoord::default());
        self.placeholders_due.clear();
    }

    /// Takes away the sign that a chunk is quarantined.
    pub fn retire_placeholder(&mut self, coord: ChunkCoord) {
        self.placeholders_due.remove(&coord);
        if let Some(entity) = self.placeholders.remove(&coord) {
            self.leave(Leaving {
                coord,
                epoch: None,
                entities: vec![entity],
                own_meshes: Vec::new(),
            });
        }
    }
}

/// What the stages did in this frame, for the law book; empty unless laws are checked.
#[derive(Resource, Default)]
pub(crate) struct Trace {
    pub is_on: bool,
    pub events: Vec<TraceEvent>,
    /// The same for people, if anybody looks.
    pub lives: Lives,
}

impl Trace {
    pub fn push(&mut self, event: TraceEvent) {
        self.lives.follow(&event);
        if self.is_on {
            self.events.push(event);
        }
    }
}
