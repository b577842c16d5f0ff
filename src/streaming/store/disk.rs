//! A store in a folder: a saved game.
//!
//! ```text
//!  <folder>/lock                            held while a game has the folder open
//!  <folder>/world-7-200m/                   seed 7, chunks of 200 m
//!      r.0.-1/                              32 × 32 chunks, so that no folder grows without end
//!          5.-3.delta                       one chunk
//!          5.-3.delta.4.tmp                 being written; removed when the folder is opened again
//!          6.-3.delta.bad                   was refused; never read, never overwritten
//! ```
//! One file per chunk, not one per region: a save then never rewrites a neighbour, a torn or damaged file
//! costs one chunk, and "old or new, never half" is one rename. The price is a file system block for each
//! changed chunk, and only changed ones have a file.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::chunk_store::{ChunkStore, StorePlace, StoredDelta};
use super::error::{StoreError, StoreLimits};
use super::record;

/// Chunks along a side of a folder.
const REGION: i32 = 32;
/// No file above this is read, whatever the limits are: a lowered limit must not turn what was saved under a
/// higher one into rubbish, and a file of another origin must not fill the memory.
const READ_AT_MOST: u64 = 16 << 20;

/// Keeps changes in a folder, one file per changed chunk, each written whole or not at all.
///
/// A save writes a file beside the old one, waits until the disk has it, and renames it. Two games cannot
/// have one folder open at once.
#[derive(Debug)]
pub struct DiskStore {
    folder: PathBuf,
    limits: StoreLimits,
    /// Also the lock under which files change their names, so that it is always true of the folder.
    held: Mutex<u64>,
    /// The same number where nobody waits for it.
    bytes: AtomicU64,
    temporary: AtomicU64,
    // Released by the system when the file is closed, also after a crash.
    _lock: File,
}

impl DiskStore {
    /// Opens or makes the folder of a saved game.
    ///
    /// Reads the folder once to measure it, so call it where a loading screen is, not in a system.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another game has it open, [`StoreError::Io`] when it cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::open_with_limits(folder, StoreLimits::default())
    }

    /// As [`open`](Self::open), with limits of its own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_limits(
        folder: impl Into<PathBuf>,
        limits: StoreLimits,
    ) -> Result<Self, StoreError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(StoreError::io("make", &folder))?;
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(StoreError::io("make", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(folder)),
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::io("lock", &lock_path)(error));
            }
        }
        let held = tidy_and_measure(&folder)?;
        Ok(Self {
            folder,
            limits,
            held: Mutex::new(held),
            bytes: AtomicU64::new(held),
            temporary: AtomicU64::new(0),
            _lock: lock,
        })
    }

    /// The folder of the saved game.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn region(&self, place: &StorePlace) -> PathBuf {
        let StorePlace { world, coord } = place;
        let world = format!("world-{}-{}m", world.seed(), world.chunk_size_m());
        let (x, z) = (coord.x.div_euclid(REGION), coord.z.div_euclid(REGION));
        self.folder.join(world).join(format!("r.{x}.{z}"))
    }

    /// The file that a chunk's changes are in, if it has any.
    pub fn file_of(&self, place: &StorePlace) -> PathBuf {
        let name = format!("{}.{}.delta", place.coord.x, place.coord.z);
        self.region(place).join(name)
    }

    fn hold(&self) -> MutexGuard<'_, u64> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_held(&self, held: &mut u64, now: u64) {
        *held = now;
        self.bytes.store(now, Ordering::Relaxed);
    }

    /// Makes the new file, safe on the disk but not in its place yet.
    fn write_beside(
        &self,
        region: &Path,
        file: &Path,
        bytes: &[u8],
    ) -> Result<PathBuf, StoreError> {
        let is_new = !region.is_dir();
        fs::create_dir_all(region).map_err(StoreError::io("make", region))?;
        if is_new {
            region
                .ancestors()
                .skip(1)
                .take(2)
                .try_for_each(sync_folder)?;
        }
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let beside = file.with_extension(format!("delta.{number}.tmp"));
        let written = File::create(&beside).and_then(|mut new| {
            new.write_all(bytes)?;
            new.sync_all()
        });
        match written {
            Ok(()) => Ok(beside),
            Err(error) => {
                remove_leftover(&beside);
                Err(StoreError::io("write", &beside)(error))
            }
        }
    }

    fn replace(&self, place: &StorePlace, delta: &StoredDelta) -> Result<(), StoreError> {
        let bytes = record::encode(place, delta);
        let (region, file) = (self.region(place), self.file_of(place));
        let size = bytes.len() as u64;
        // Before anything is written, and again when it takes its place: others save meanwhile.
        self.limits
            .check(place.coord, *self.hold(), length(&file)?, size)?;
        let beside = self.write_beside(&region, &file, &bytes)?;
        let mut held = self.hold();
        let placed = length(&file)
            .and_then(|old| self.limits.check(place.coord, *held, old, size))
            .and_then(|now| {
                fs::rename(&beside, &file).map_err(StoreError::io("replace", &file))?;
                Ok(now)
            });
        match placed {
            Ok(now) => self.set_held(&mut held, now),
            Err(error) => {
                remove_leftover(&beside);
                return Err(error);
            }
        }
        drop(held);
        sync_folder(&region)
    }

    fn forget(&self, place: &StorePlace) -> Result<(), StoreError> {
        let file = self.file_of(place);
        let mut held = self.hold();
        let old = length(&file)?;
        match fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(StoreError::io("remove", &file)(error)),
        }
        let now = held.saturating_sub(old);
        self.set_held(&mut held, now);
        drop(held);
        sync_folder(&self.region(place))
    }
}

impl ChunkStore for DiskStore {
    fn load(&self, place: &StorePlace) -> Result<Option<StoredDelta>, StoreError> {
        let path = self.file_of(place);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let at_most = READ_AT_MOST.max(self.limits.max_bytes_per_chunk);
        let mut bytes = Vec::new();
        file.take(at_most + 1)
            .read_to_end(&mut bytes)
            .map_err(StoreError::io("read", &path))?;
        if bytes.len() as u64 > at_most {
            return Err(self.set_aside(place, &format!("it has more than {at_most} bytes")));
        }
        match record::decode(place, &bytes) {
            Ok(delta) => Ok(Some(delta)),
            Err(reason) => Err(self.set_aside(place, &reason)),
        }
    }

    fn save(&self, place: &StorePlace, delta: Option<&StoredDelta>) -> Result<(), StoreError> {
        match delta {
            Some(delta) => self.replace(place, delta),
            None => self.forget(place),
        }
    }

    fn set_aside(&self, place: &StorePlace, reason: &str) -> StoreError {
        let file = self.file_of(place);
        // Names change only under this lock, so a free name stays free.
        let _held = self.hold();
        let bad = (1..u32::MAX)
            .map(|n| match n {
                1 => file.with_extension("delta.bad"),
                n => file.with_extension(format!("delta.bad{n}")),
            })
            .find(|path| !path.exists());
        let Some(bad) = bad else {
            return StoreError::io("set aside", &file)(ErrorKind::AlreadyExists.into());
        };
        match fs::rename(&file, &bad) {
            Ok(()) => StoreError::Refused {
                what: file.display().to_string(),
                reason: reason.to_owned(),
                kept_as: bad.display().to_string(),
            },
            Err(error) => StoreError::io("set aside", &file)(error),
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Bytes of a file, 0 where there is none.
fn length(file: &Path) -> Result<u64, StoreError> {
    match fs::metadata(file) {
        Ok(facts) => Ok(facts.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::io("look at", file)(error)),
    }
}

/// A rename is on the disk when its folder is.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    // Only there can a folder be opened like a file.
    #[cfg(unix)]
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::io("sync", folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn remove_leftover(file: &Path) {
    if let Err(error) = fs::remove_file(file) {
        tracing::debug!("{} stays behind: {error}", file.display());
    }
}

/// Removes what a crash left half written and counts the rest. Files of other names are none of ours.
fn tidy_and_measure(folder: &Path) -> Result<u64, StoreError> {
    let mut bytes = 0;
    for world in folders_in(folder, "world-")? {
        for region in folders_in(&world, "r.")? {
            for entry in fs::read_dir(&region).map_err(StoreError::io("read", &region))? {
                let entry = entry.map_err(StoreError::io("read", &region))?;
                let name = entry.file_name();
                let Some((_, kind)) = name.to_str().and_then(|name| name.split_once(".delta"))
                else {
                    continue;
                };
                if kind.ends_with(".tmp") {
                    remove_leftover(&entry.path());
                } else if kind.is_empty() || kind.starts_with(".bad") {
                    bytes += length(&entry.path())?;
                }
            }
        }
    }
    Ok(bytes)
}

fn folders_in(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
        let entry = entry.map_err(StoreError::io("read", folder))?;
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(prefix));
        if is_ours && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
