//! The game's side: change a chunk, look at its changes, know what is saved.

use bevy::ecs::resource::Resource;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chunk_store::StorePlace;
use super::delta::ChunkDelta;
use super::depot::Depot;
use crate::logic::coord::ChunkCoord;

/// How long the end of the program waits for the disk, all in all. Law 12 gives a second for everything.
const LONGEST_END: Duration = Duration::from_millis(700);
/// A disk gets through several small files at once much faster than one after the other.
const THREADS_AT_END: usize = 4;

/// What the player changed, by chunk.
///
/// Whoever changes the world (moves a car's entity) writes it down here with [`edit`](Self::edit); when the
/// chunk comes back it comes with the change. All calls are cheap: reading and writing is done by
/// the generation threads.
#[derive(Resource)]
pub struct ChunkDeltas<D: ChunkDelta> {
    depot: Arc<Depot<D>>,
    /// For the end of the program, which may come in two steps: `AppExit`, and the drop of the world.
    time_left: Duration,
}

impl<D: ChunkDelta> ChunkDeltas<D> {
    pub(super) fn new(depot: Arc<Depot<D>>) -> Self {
        Self {
            depot,
            time_left: LONGEST_END,
        }
    }

    /// Changes what is kept of a chunk, whether it is there or not.
    ///
    /// On the main thread, now if the changes of the chunk are in memory, as they are while it is loaded; else
    /// when a worker has read them, a few frames later, in the order of the calls. A chunk that is there
    /// is saved when it goes, any other at once. A chunk on its way in, which cannot have the change yet,
    /// is made again after it has landed.
    pub fn edit(&mut self, coord: ChunkCoord, change: impl FnOnce(&mut D) + Send + 'static) {
        let mut book = self.depot.book();
        let world = book.world();
        book.edit(StorePlace { world, coord }, Box::new(change));
    }

    /// The changes of a chunk, as far as memory has them: those of a loaded chunk, and unsaved ones.
    /// `None` when there are none, or when they are in the store alone.
    pub fn get(&self, coord: ChunkCoord) -> Option<Arc<D>> {
        let book = self.depot.book();
        let world = book.world();
        book.get(StorePlace { world, coord })
    }

    /// Whether memory has the changes of a chunk, so that [`get`](Self::get) is the whole answer.
    pub fn knows(&self, coord: ChunkCoord) -> bool {
        let book = self.depot.book();
        let world = book.world();
        book.knows(StorePlace { world, coord })
    }

    /// Lets a chunk be as the generator makes it, from the next time it is loaded.
    pub fn forget(&mut self, coord: ChunkCoord) {
        self.edit(coord, |delta| *delta = D::default());
    }

    /// Saves everything now, also of chunks that are there: the player's "save".
    /// It is done when [`unsaved`](Self::unsaved) is 0.
    pub fn save_all(&mut self) {
        self.depot.book().save_all();
    }

    /// Chunks whose newest changes the store does not have.
    pub fn unsaved(&self) -> usize {
        self.depot.book().unsaved()
    }

    /// Bytes in the store.
    pub fn bytes(&self) -> u64 {
        self.depot.bytes()
    }

    pub(super) fn depot(&self) -> &Arc<Depot<D>> {
        &self.depot
    }

    /// Saves what is unsaved before the program ends. Returns what remained.
    ///
    /// The one place where the main thread waits for the disk, since nothing comes after it. On threads of
    /// its own, because the generation threads may be stuck and are told to end; a disk that hangs is left
    /// behind with them.
    pub(super) fn save_before_the_end(&mut self) -> usize {
        if self.unsaved() == 0 {
            return 0;
        }
        let began = Instant::now();
        let end_by = began + self.time_left;
        self.depot.begin_to_end();
        for index in 0..THREADS_AT_END {
            let depot = Arc::clone(&self.depot);
            let started = std::thread::Builder::new()
                .name(format!("ChunkStore ({index})"))
                .spawn(move || depot.work_until(end_by));
            if let Err(error) = started {
                tracing::error!("no thread to save with: {error}");
            }
        }
        let left = self.depot.wait_until_saved(end_by);
        self.time_left = self.time_left.saturating_sub(began.elapsed());
        if left > 0 {
            tracing::error!(
                "the changes of {left} chunks are not saved: the store failed or took longer than {LONGEST_END:?}"
            );
        }
        left
    }
}

impl<D: ChunkDelta> Drop for ChunkDeltas<D> {
    fn drop(&mut self) {
        self.save_before_the_end();
        self.depot.close();
    }
}
