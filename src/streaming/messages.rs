//! What the rest of a game hears from streaming, and what it may ask of it.

use bevy::ecs::message::Message;

use crate::content::ChunkPayload;
use crate::layers::LayerTime;
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::ticket::GenerationId;

/// A chunk has landed: all of its entities are in the world.
#[derive(Message, Clone)]
pub struct ChunkLoaded {
    /// Where.
    pub coord: ChunkCoord,
    /// How detailed.
    pub detail: DetailLevel,
    /// The level that was there before and leaves now; `None` where nothing was.
    pub previous: Option<DetailLevel>,
    /// The ticket of the request that made it.
    pub generation_id: GenerationId,
    /// The game's own data, as the generator made it.
    pub payload: Option<ChunkPayload>,
    /// See [`content_hash`](crate::content_hash). `None` unless laws are checked or the plugin was told
    /// [`with_content_hashes`](crate::AsyncChunkPlugin::with_content_hashes): reading each byte of each
    /// chunk for nobody is a cost.
    pub content_hash: Option<u64>,
    /// How long each step took.
    pub times: ChunkTimes,
    /// What the layers of its making took, as far as the generator names them
    /// ([`StopToken::end_layer`](crate::StopToken::end_layer)).
    pub layers: Vec<LayerTime>,
}

/// A chunk at full detail is about to land: its payload counts from now on, so that ground and colliders
/// are there before anything is seen of them. [`ChunkLoaded`] follows, or [`ChunkUnloaded`] if it is
/// not needed any more.
#[derive(Message, Clone)]
pub struct ChunkCollidable {
    /// Where.
    pub coord: ChunkCoord,
    /// The ticket of the request that made it.
    pub generation_id: GenerationId,
    /// The game's own data, as the generator made it.
    pub payload: Option<ChunkPayload>,
}

/// A chunk is leaving: its payload no longer counts, its entities go within the next frames.
#[derive(Message, Clone, Debug)]
pub struct ChunkUnloaded {
    /// Where.
    pub coord: ChunkCoord,
}

/// A generation failed.
#[derive(Message, Clone, Debug)]
pub struct ChunkFailed {
    /// Where.
    pub coord: ChunkCoord,
    /// The ticket of the request that failed.
    pub generation_id: GenerationId,
    /// Which try it was, from 0.
    pub attempt: u32,
    /// What the generator said, with the place in the source for a panic.
    pub reason: String,
    /// Whether it was a panic.
    pub panicked: bool,
    /// Whether it was the last try.
    pub quarantined: bool,
}

/// The life of one request in milliseconds of the clock in force.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct ChunkTimes {
    /// From request to the start of generation.
    pub queue_wait_ms: f64,
    /// From start to finish of generation.
    pub generate_ms: f64,
    /// From the finish of generation to the first slice of apply.
    pub ready_wait_ms: f64,
    /// Main-thread time of all slices, true milliseconds.
    pub apply_ms: f64,
    /// From request to landed.
    pub time_to_visible_ms: f64,
}

/// Something a game or a panel may ask of streaming.
#[derive(Message, Copy, Clone, Debug, PartialEq, Eq)]
pub enum StreamingRequest {
    /// Try every quarantined chunk again, from its first attempt.
    RetryQuarantined,
    /// Try one quarantined chunk again, from its first attempt.
    RetryChunk(ChunkCoord),
    /// Ask the generator for the version of every loaded chunk again, and make anew those that changed;
    /// what is there stays until the new is.
    GeneratorChanged,
    /// Take entities of chunks away that no chunk owns: the way out of a leak.
    SweepOrphans,
    /// Make one loaded chunk anew, because something in it was changed; what is there stays until the new is.
    MakeAnew(ChunkCoord),
    /// Drop everything and make it anew.
    RegenerateAll,
}
