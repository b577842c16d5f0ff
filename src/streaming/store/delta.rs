//! The one trait for changes: what a player did to a chunk, and how it is put into the content again.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::content::ChunkContent;
use crate::generator::{ChunkRequest, GenerateError, StopToken};
use crate::logic::coord::DetailLevel;

/// What a player changed in one chunk: a moved car, a broken lamp. Not the chunk, only the difference.
///
/// `Default` is the chunk as the generator makes it; a delta that equals it is forgotten. It is written as
/// RON on a worker, and read back once before it counts as saved, so a type that RON cannot carry
/// (`#[serde(flatten)]` over an untagged enum, a float that is NaN) is reported instead of lost.
pub trait ChunkDelta:
    Serialize + DeserializeOwned + Clone + Default + PartialEq + Send + Sync + 'static
{
    /// Counts up when the type changes in a way that old text no longer fits.
    const VERSION: u32;

    /// Puts the changes into what the generator made, on the worker, before anybody sees it.
    ///
    /// The content hash was taken before, since law 9 speaks of what the generator makes. A panic here
    /// stays in its chunk like one of the generator (law 8), and what is put in is checked as strictly.
    ///
    /// # Errors
    /// As a generator's: [`GenerateError::Cancelled`] once `stop` is set, [`GenerateError::Failed`] when the changes cannot
    /// be put in. The chunk is then tried again and in the end given up, rather than shown without its changes.
    fn merge(
        &self,
        request: &ChunkRequest,
        content: &mut ChunkContent,
        stop: &StopToken,
    ) -> Result<(), GenerateError>;

    /// Whether the changes are to be seen at this level. Full detail alone, unless the game says otherwise:
    /// a broken lamp is nothing in a skyline, and each level that takes part waits for the store.
    fn applies_to(detail: DetailLevel) -> bool {
        detail == DetailLevel::FULL
    }

    /// Reads what an older version of the game wrote. `text` is RON.
    ///
    /// # Errors
    /// The reason why it cannot be read; the old text is then set aside and the chunk is as generated.
    fn upgrade(from_version: u32, text: &str) -> Result<Self, String> {
        let _ = text;
        Err(format!(
            "written by version {from_version} of the game's changes, and version {} cannot read that",
            Self::VERSION
        ))
    }
}
