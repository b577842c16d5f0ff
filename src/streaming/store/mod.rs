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
//! Only the difference is kept, never the chunk. What it promises and how to use it stands in
//! [`docs::changes`](crate::docs::changes).

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
