//! What the player changed stays changed: typed deltas per chunk, saved when it goes, merged when it comes.
//!
//! ```text
//!  game                main thread                     workers                            store
//!
//!  edit ────────────► ChunkDeltas ── prepare ─► ticket ─► generate, hash, MERGE ◄── load ── MemoryStore
//!  (a car was moved)     │ ▲                              │                                 DiskStore
//!                        │ └──────── landed ◄─────────────┘
//!  ChunkUnloaded ───────►│
//!                        └─ due ─► asked to come by ───► encode ─────────────────► save ──►
//!                           ▲                                      │
//!                           └── ChunkSaveFailed, tried again ◄─────┘
//! ```
//! Only the difference is kept, never the chunk. Three promises:
//!
//! - **The newest wins.** A change stays in memory until the store has it, so a chunk that comes back while its
//!   save is under way comes with the change, never with an older file.
//! - **Nothing is lost in silence.** What cannot be saved stays in memory, is reported and tried again; what
//!   cannot be read is set aside, reported, and never overwritten.
//! - **The frame does no IO.** Encoding, reading and writing happen on the generation threads, between two
//!   chunks; the main thread moves a pointer (law 14). Only the end of the program waits, 0.7 s at most (law 12).
//!
//! What a request merges is settled when it is made. A change that comes while its chunk is on the way makes the
//! chunk anew as soon as it has landed, so that what is seen follows what is known, on the virtual clock bit for bit.
//!
//! ```
//! use bevy::prelude::*;
//! use ringroad_streaming::*;
//! use serde::{Deserialize, Serialize};
//!
//! /// Cars that were moved: which, and where they are now.
//! #[derive(Serialize, Deserialize, Clone, Default, PartialEq)]
//! struct MovedCars(Vec<(usize, Vec3)>);
//!
//! impl ChunkDelta for MovedCars {
//!     const VERSION: u32 = 1;
//!
//!     fn merge(
//!         &self,
//!         _request: &ChunkRequest,
//!         content: &mut ChunkContent,
//!         _stop: &StopToken,
//!     ) -> Result<(), GenerateError> {
//!         let Some(cars) = content.instances.first_mut() else { return Ok(()) };
//!         for (car, place) in &self.0 {
//!             if let Some(transform) = cars.offsets_in_chunk.get_mut(*car) {
//!                 transform.translation = *place;
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # struct City;
//! # impl ChunkGenerator for City {
//! #     fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
//! #         Ok(ChunkContent::default())
//! #     }
//! # }
//! # let folder = std::env::temp_dir().join(format!("ringroad-doc-{}", std::process::id()));
//! let saved_game = DiskStore::open(&folder)?;
//! let mut app = App::new();
//! # app.add_plugins((MinimalPlugins, AssetPlugin::default(), bevy::mesh::MeshPlugin, TransformPlugin));
//! # app.init_asset::<StandardMaterial>();
//! app.add_plugins((
//!     AsyncChunkPlugin::new(City),
//!     ChunkStorePlugin::<MovedCars>::new(saved_game),
//! ));
//!
//! // In a system this is `mut deltas: ResMut<ChunkDeltas<MovedCars>>`.
//! let mut deltas = app.world_mut().resource_mut::<ChunkDeltas<MovedCars>>();
//! deltas.edit(ChunkCoord::new(3, -1), |cars| cars.0.push((7, Vec3::new(12.0, 0.0, 80.0))));
//! assert_eq!(deltas.unsaved(), 1);
//!
//! drop(app); // Saves what is unsaved.
//! let saved_game = DiskStore::open(&folder)?;
//! assert!(saved_game.bytes() > 0);
//! # drop(saved_game);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), StoreError>(())
//! ```

mod book;
mod chunk_store;
mod delta;
mod deltas;
mod depot;
mod disk;
mod error;
mod memory;
mod messages;
mod plugin;
mod record;
mod stage;
#[cfg(test)]
mod tests;

pub use chunk_store::{ChunkStore, StorePlace, StoreWorld, StoredDelta};
pub use delta::ChunkDelta;
pub use deltas::ChunkDeltas;
pub use disk::DiskStore;
pub use error::{StoreError, StoreLimits};
pub use memory::MemoryStore;
pub use messages::{ChunkChangesLost, ChunkSaveFailed, StoreMetrics};
pub use plugin::ChunkStorePlugin;
pub(crate) use stage::{DeltaStages, Tickets, merge_changes};
