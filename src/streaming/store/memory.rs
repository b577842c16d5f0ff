//! A store that ends with the program.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::chunk_store::{ChunkStore, StorePlace, StoredDelta};
use super::error::{StoreError, StoreLimits};

/// What one delta takes beside its bytes, roughly: its key and its place in the map.
const OVERHEAD: u64 = 64;

/// Keeps changes in memory, up to its limits; they end with the program.
///
/// As bytes and not as the delta's own type: a few hundred of RON for what may be a deep structure, and
/// the same road as a saved game, so that what works here works there.
#[derive(Debug, Default)]
pub struct MemoryStore {
    limits: StoreLimits,
    shelf: Mutex<Shelf>,
    /// Beside the lock, so that asking for it never waits.
    bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Shelf {
    kept: BTreeMap<StorePlace, StoredDelta>,
    aside: Vec<(StorePlace, StoredDelta)>,
}

impl MemoryStore {
    /// An empty store with limits of its own.
    pub fn with_limits(limits: StoreLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }
}

fn size(delta: &StoredDelta) -> u64 {
    delta.bytes.len() as u64 + OVERHEAD
}

impl ChunkStore for MemoryStore {
    fn load(&self, place: &StorePlace) -> Result<Option<StoredDelta>, StoreError> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(shelf.kept.get(place).cloned())
    }

    fn save(&self, place: &StorePlace, delta: Option<&StoredDelta>) -> Result<(), StoreError> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let old = shelf.kept.get(place).map_or(0, size);
        let held = self.bytes.load(Ordering::Relaxed);
        let bytes = match delta {
            Some(delta) => self.limits.check(place.coord, held, old, size(delta))?,
            None => held - old,
        };
        match delta {
            Some(delta) => shelf.kept.insert(*place, delta.clone()),
            None => shelf.kept.remove(place),
        };
        self.bytes.store(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn set_aside(&self, place: &StorePlace, reason: &str) -> StoreError {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delta) = shelf.kept.remove(place) {
            shelf.aside.push((*place, delta));
        }
        StoreError::Refused {
            what: format!("what memory has for chunk {}", place.coord),
            reason: reason.to_owned(),
            kept_as: "one of the things that were set aside".to_owned(),
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}
