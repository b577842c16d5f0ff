//! Why changes could not be kept or read.

use std::path::{Path, PathBuf};

use crate::logic::coord::ChunkCoord;

/// Why a store did not do what it was asked. Nothing is lost by any of them: what was to be saved stays
/// in memory, what cannot be read is set aside.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The system refused.
    #[error("cannot {action} {}: {reason}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// More than one chunk may have.
    #[error(
        "the changes of chunk {coord} take {bytes} bytes; the limit is {limit} (max_bytes_per_chunk)"
    )]
    ChunkTooBig {
        /// Which chunk.
        coord: ChunkCoord,
        /// What it would take.
        bytes: u64,
        /// What it may take.
        limit: u64,
    },
    /// More than the whole store may have.
    #[error("the store would hold {bytes} bytes; the limit is {limit} (max_bytes)")]
    Full {
        /// What it would hold.
        bytes: u64,
        /// What it may hold.
        limit: u64,
    },
    /// Torn, foreign, newer or corrupt: not read, and kept where it does no harm.
    #[error("{what} is refused: {reason}; it is kept as {kept_as}")]
    Refused {
        /// The file, or the place in memory.
        what: String,
        /// What is wrong with it.
        reason: String,
        /// Where it is now.
        kept_as: String,
    },
    /// The folder belongs to another running program.
    #[error("{} is in use by another running game", .0.display())]
    InUse(PathBuf),
    /// The game that the store belonged to has ended.
    #[error("the store is closed")]
    Closed,
    /// The delta's type does not survive being written.
    #[error("the changes of chunk {coord} cannot be written: {reason}")]
    NotWritable {
        /// Which chunk.
        coord: ChunkCoord,
        /// What went wrong.
        reason: String,
    },
}

impl StoreError {
    /// For `map_err` after a call to the system.
    pub(super) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Io {
            action,
            path,
            reason: error.to_string(),
        }
    }
}

/// How much a store takes before it refuses.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes of one chunk's changes, head included.
    pub max_bytes_per_chunk: u64,
    /// Bytes of all of them together, with what was set aside.
    pub max_bytes: u64,
}

impl Default for StoreLimits {
    /// 256 KiB for a chunk, 256 MiB for all of them.
    fn default() -> Self {
        Self {
            max_bytes_per_chunk: 256 << 10,
            max_bytes: 256 << 20,
        }
    }
}

impl StoreLimits {
    /// Checks what a store would hold after a save of `size` bytes in place of `old`.
    pub(super) fn check(
        self,
        coord: ChunkCoord,
        held: u64,
        old: u64,
        size: u64,
    ) -> Result<u64, StoreError> {
        if size > self.max_bytes_per_chunk {
            return Err(StoreError::ChunkTooBig {
                coord,
                bytes: size,
                limit: self.max_bytes_per_chunk,
            });
        }
        let bytes = held.saturating_sub(old) + size;
        // What makes the store smaller is welcome even when it is over a limit that was lowered.
        if bytes > self.max_bytes && size > old {
            return Err(StoreError::Full {
                bytes,
                limit: self.max_bytes,
            });
        }
        Ok(bytes)
    }
}
