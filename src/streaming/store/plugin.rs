//! Puts a store beside the streaming: the plugin and its two systems.

use bevy::app::{App, AppExit, Last, Plugin, Update};
use bevy::ecs::message::{MessageReader, MessageWriter};
use bevy::ecs::prelude::{IntoScheduleConfigs, Local, Res, ResMut, SystemSet};
use bevy::time::{Real, Time};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use super::chunk_store::{ChunkStore, StorePlace, StoreWorld};
use super::delta::ChunkDelta;
use super::deltas::ChunkDeltas;
use super::depot::Depot;
use super::memory::MemoryStore;
use super::messages::{ChunkChangesLost, ChunkSaveFailed, StoreMetrics, Trouble};
use crate::StreamingSet;
use crate::apply::gen_apply_stage;
use crate::messages::{ChunkLoaded, ChunkUnloaded};
use crate::queue::AsyncChunkQueue;
use crate::settings::StreamingSettings;
use crate::state::Chunks;

/// Keeps what the player changed, in a [`MemoryStore`] or any other [`ChunkStore`]. Added after
/// [`AsyncChunkPlugin`](crate::AsyncChunkPlugin), once for each type of changes, each with a store of its own;
/// their deltas are merged in that order.
pub struct ChunkStorePlugin<D> {
    store: Mutex<Option<Box<dyn ChunkStore>>>,
    changes: PhantomData<fn() -> D>,
}

impl<D: ChunkDelta> ChunkStorePlugin<D> {
    /// Keeps changes in this store.
    pub fn new(store: impl ChunkStore) -> Self {
        Self {
            store: Mutex::new(Some(Box::new(store))),
            changes: PhantomData,
        }
    }
}

impl<D: ChunkDelta> Default for ChunkStorePlugin<D> {
    /// Keeps changes in memory.
    fn default() -> Self {
        Self::new(MemoryStore::default())
    }
}

impl<D: ChunkDelta> Plugin for ChunkStorePlugin<D> {
    fn build(&self, app: &mut App) {
        let store = self
            .store
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let store = store.expect("a plugin is built once");
        let settings = app.world().get_resource::<StreamingSettings>();
        let settings = settings.expect("ChunkStorePlugin is added after AsyncChunkPlugin");
        let depot = Arc::new(Depot::<D>::new(store, world_of(settings)));
        app.world_mut()
            .resource_mut::<AsyncChunkQueue>()
            .deltas_mut()
            .add(Box::new(Arc::clone(&depot)));
        if !app.world().contains_resource::<StoreMetrics>() {
            // One for all stores.
            app.add_systems(Update, land_changes.in_set(AfterLanding));
        }
        app.insert_resource(ChunkDeltas::new(depot))
            .init_resource::<StoreMetrics>()
            .add_message::<ChunkSaveFailed>()
            .add_message::<ChunkChangesLost>()
            .configure_sets(
                Update,
                AfterLanding
                    .in_set(StreamingSet::GenApply)
                    .after(gen_apply_stage),
            )
            .add_systems(
                Update,
                keep_up::<D>
                    .in_set(AfterLanding)
                    .after(land_changes)
                    // Those of two stores share the numbers, each its own part of them.
                    .ambiguous_with(AfterLanding),
            )
            .add_systems(Last, save_at_exit::<D>);
    }
}

/// Part of the stage that lands chunks, so that who looks after it finds the changes of what has landed.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct AfterLanding;

fn world_of(settings: &StreamingSettings) -> StoreWorld {
    StoreWorld::new(settings.seed, settings.chunk_size_m)
}

/// Tells the changes that were merged into it when a chunk has landed. One that was changed while it was on its
/// way is made again; what has landed stays until then.
fn land_changes(
    time: Res<Time<Real>>,
    mut queue: ResMut<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut loaded: MessageReader<ChunkLoaded>,
) {
    for landed in loaded.read() {
        if queue.deltas_mut().land(landed.generation_id) {
            continue;
        }
        chunks.table.update(landed.coord, |record| {
            record.is_outdated = record.shown == Some(landed.detail);
        });
        chunks.table.settle(landed.coord, time.elapsed());
    }
}

/// Follows which chunks are there, asks workers for what is due, and passes on what they report.
///
/// Also while streaming is held: what is unsaved does not wait for a picture.
fn keep_up<D: ChunkDelta>(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    deltas: Res<ChunkDeltas<D>>,
    queue: Res<AsyncChunkQueue>,
    mut loaded: MessageReader<ChunkLoaded>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut metrics: ResMut<StoreMetrics>,
    mut failed: MessageWriter<ChunkSaveFailed>,
    mut lost: MessageWriter<ChunkChangesLost>,
    mut share: Local<[u64; 3]>,
) {
    let depot = deltas.depot();
    let mut book = depot.book();
    let world = world_of(&settings);
    book.move_to(world);
    for ChunkUnloaded { coord } in unloaded.read() {
        let coord = *coord;
        book.leave(StorePlace { world, coord });
    }
    for landed in loaded.read().filter(|c| !D::applies_to(c.detail)) {
        let coord = landed.coord;
        book.leave(StorePlace { world, coord });
    }
    book.tick(time.elapsed());
    let now = [
        book.unsaved() as u64,
        book.in_memory() as u64,
        depot.bytes(),
    ];
    drop(book);
    queue.ask_to_save();
    let news = depot.take_news();
    metrics.saved += news.counts.saved;
    metrics.loaded += news.counts.loaded;
    metrics.failed += news.counts.failed;
    metrics.refused += news.counts.refused;
    // Stores share the numbers, so each takes its old part out before it puts the new one in.
    let StoreMetrics {
        unsaved,
        in_memory,
        bytes,
        ..
    } = &mut *metrics;
    for (index, gauge) in [unsaved, in_memory, bytes].into_iter().enumerate() {
        *gauge = *gauge - share[index] + now[index];
    }
    *share = now;
    for trouble in news.troubles {
        match trouble {
            Trouble::Unsaved(message) => _ = failed.write(message),
            Trouble::Lost(message) => _ = lost.write(message),
        }
    }
}

fn save_at_exit<D: ChunkDelta>(
    mut exit: MessageReader<AppExit>,
    mut deltas: ResMut<ChunkDeltas<D>>,
) {
    if exit.read().count() > 0 {
        deltas.save_before_the_end();
    }
}
