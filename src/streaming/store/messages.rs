//! What the game hears of its store, and the numbers.

use bevy::ecs::message::Message;
use bevy::ecs::resource::Resource;

use super::error::StoreError;
use crate::logic::coord::ChunkCoord;

/// Changes of a chunk could not be saved. They stay in memory and are tried again, after 2 s and then after
/// ever longer waits of up to 64 s.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ChunkSaveFailed {
    /// Which chunk.
    pub coord: ChunkCoord,
    /// What the store said: the limit by name, or the file and what the system said.
    pub reason: String,
}

/// What was saved of a chunk could not be used: torn, foreign, newer or corrupt. It was set aside, and
/// the chunk is as the generator makes it.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ChunkChangesLost {
    /// Which chunk.
    pub coord: ChunkCoord,
    /// The file, what is wrong with it, and where it is kept now.
    pub reason: String,
}

/// Numbers of all stores together.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreMetrics {
    /// Chunks whose changes were saved or forgotten, each time counted.
    pub saved: u64,
    /// Chunks whose changes were read.
    pub loaded: u64,
    /// Saves and reads that failed, and will be tried again.
    pub failed: u64,
    /// Stored changes that could not be used and were set aside.
    pub refused: u64,
    /// Chunks whose newest changes no store has.
    pub unsaved: u64,
    /// Chunks that memory knows the changes of.
    pub in_memory: u64,
    /// Bytes in the stores.
    pub bytes: u64,
}

/// What is counted on workers.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub saved: u64,
    pub loaded: u64,
    pub failed: u64,
    pub refused: u64,
}

/// Something that becomes a message.
pub(super) enum Trouble {
    Unsaved(ChunkSaveFailed),
    Lost(ChunkChangesLost),
}

impl Trouble {
    pub fn unsaved(coord: ChunkCoord, reason: String) -> Self {
        Self::Unsaved(ChunkSaveFailed { coord, reason })
    }

    pub fn lost(coord: ChunkCoord, error: &StoreError) -> Self {
        Self::Lost(ChunkChangesLost {
            coord,
            reason: error.to_string(),
        })
    }
}
