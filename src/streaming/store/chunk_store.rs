//! What a store is: bytes per place, kept until they are asked for.

use std::sync::Arc;

use super::error::StoreError;
use crate::logic::coord::ChunkCoord;

/// The world that changes belong to. Another seed or another chunk size is another world, with changes of
/// its own; who goes back to the first finds them again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreWorld {
    seed: u64,
    // Bits, so that worlds can be compared and put in order.
    chunk_size_m: u64,
}

impl StoreWorld {
    /// The world of a seed and the side of its chunks in metres.
    pub fn new(seed: u64, chunk_size_m: f64) -> Self {
        Self {
            seed,
            chunk_size_m: chunk_size_m.to_bits(),
        }
    }

    /// The seed of the world.
    pub fn seed(self) -> u64 {
        self.seed
    }

    /// The side of its chunks in metres.
    pub fn chunk_size_m(self) -> f64 {
        f64::from_bits(self.chunk_size_m)
    }
}

/// One chunk of one world.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StorePlace {
    /// Of which world.
    pub world: StoreWorld,
    /// Which cell.
    pub coord: ChunkCoord,
}

/// The changes of one chunk as a store keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelta {
    /// [`ChunkDelta::VERSION`](crate::ChunkDelta::VERSION) of who wrote it.
    pub version: u32,
    /// RON, for the eyes of nobody but the delta's own type.
    pub bytes: Vec<u8>,
}

/// Keeps the changes of chunks. Called on worker threads, several at a time, never twice at once for the
/// same place; it may take as long as a disk takes.
///
/// A place is passed, not only a coordinate: a seed can change while the game runs, and the changes of one
/// world must not appear in another.
pub trait ChunkStore: Send + Sync + 'static {
    /// What was saved last, or `None`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when what is there cannot be trusted; it has been set aside then and will not be
    /// found again. Any other error leaves everything as it is.
    fn load(&self, place: &StorePlace) -> Result<Option<StoredDelta>, StoreError>;

    /// Replaces what was saved; `None` forgets it. Whole or not at all: after an error, or a crash in the
    /// middle, [`load`](Self::load) finds either the old or the new.
    ///
    /// # Errors
    /// [`StoreError::ChunkTooBig`] and [`StoreError::Full`] name the limit; [`StoreError::Io`] what the system said.
    fn save(&self, place: &StorePlace, delta: Option<&StoredDelta>) -> Result<(), StoreError>;

    /// Moves what is stored out of the way, for somebody to look at, because of `reason`; never over something
    /// that was set aside before. Returns the error that says so.
    fn set_aside(&self, place: &StorePlace, reason: &str) -> StoreError;

    /// Bytes that it holds, with what was set aside. Cheap: asked every frame.
    fn bytes(&self) -> u64;
}

impl<S: ChunkStore + ?Sized> ChunkStore for Arc<S> {
    fn load(&self, place: &StorePlace) -> Result<Option<StoredDelta>, StoreError> {
        (**self).load(place)
    }

    fn save(&self, place: &StorePlace, delta: Option<&StoredDelta>) -> Result<(), StoreError> {
        (**self).save(place, delta)
    }

    fn set_aside(&self, place: &StorePlace, reason: &str) -> StoreError {
        (**self).set_aside(place, reason)
    }

    fn bytes(&self) -> u64 {
        (**self).bytes()
    }
}
