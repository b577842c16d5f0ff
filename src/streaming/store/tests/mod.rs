//! Tests of the stores, of what happens to damaged files, and of edits, loads and saves in any order.

mod any_order;
mod book;
mod damage;
mod ending;
mod stores;
mod there_and_back;
mod versions;
mod world;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::content::ChunkContent;
use crate::generator::ChunkRequest;
use crate::logic::coord::ChunkCoord;
use crate::{GenerateError, StopToken};

/// Numbers with names, and what a merge saw as the payload.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct Marks(pub BTreeMap<u8, i32>);

impl ChunkDelta for Marks {
    const VERSION: u32 = 3;

    fn merge(
        &self,
        _request: &ChunkRequest,
        content: &mut ChunkContent,
        _stop: &StopToken,
    ) -> Result<(), GenerateError> {
        content.payload = Some(Arc::new(self.clone()));
        Ok(())
    }

    fn upgrade(from_version: u32, text: &str) -> Result<Self, String> {
        // Version 2 was one number.
        match from_version {
            2 => {
                let one = text.parse().map_err(|error| format!("{error}"))?;
                Ok(Self([(0, one)].into()))
            }
            other => Err(format!("version {other} is too old")),
        }
    }
}

pub fn world() -> StoreWorld {
    StoreWorld::new(7, 200.0)
}

pub fn place(x: i32, z: i32) -> StorePlace {
    StorePlace {
        world: world(),
        coord: ChunkCoord::new(x, z),
    }
}

pub fn stored(text: &str) -> StoredDelta {
    StoredDelta {
        version: 3,
        bytes: text.as_bytes().to_vec(),
    }
}

/// A folder of its own for a test, gone when the test is.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringroad-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn open(&self) -> DiskStore {
        DiskStore::open(&self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Memory that fails or hangs when told to.
#[derive(Default)]
pub struct Moody {
    pub memory: MemoryStore,
    pub fails: AtomicBool,
    pub hangs: Mutex<()>,
    pub saves: AtomicU64,
}

impl Moody {
    fn answer(&self) -> Result<(), StoreError> {
        drop(self.hangs.lock().unwrap());
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Io {
                action: "reach",
                path: "the store".into(),
                reason: "the test says so".to_owned(),
            });
        }
        Ok(())
    }
}

impl ChunkStore for Moody {
    fn load(&self, place: &StorePlace) -> Result<Option<StoredDelta>, StoreError> {
        self.answer()?;
        self.memory.load(place)
    }

    fn save(&self, place: &StorePlace, delta: Option<&StoredDelta>) -> Result<(), StoreError> {
        self.answer()?;
        self.saves.fetch_add(1, Ordering::SeqCst);
        self.memory.save(place, delta)
    }

    fn set_aside(&self, place: &StorePlace, reason: &str) -> StoreError {
        self.memory.set_aside(place, reason)
    }

    fn bytes(&self) -> u64 {
        self.memory.bytes()
    }
}
