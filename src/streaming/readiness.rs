//! "Is this place ready?": what a game may ask instead of reading the chunk table.

use bevy::ecs::prelude::Res;
use bevy::ecs::system::SystemParam;
use bevy::math::Vec3;

use crate::logic::coord::ChunkCoord;
use crate::logic::table::ChunkState;
use crate::settings::StreamingSettings;
use crate::state::Chunks;

/// Answers whether a place can be stood on and seen.
#[derive(SystemParam)]
pub struct ChunkReadiness<'w> {
    chunks: Res<'w, Chunks>,
    settings: Res<'w, StreamingSettings>,
}

impl ChunkReadiness<'_> {
    /// Whether the chunk under a point is in the world. Height does not count.
    pub fn is_ready(&self, point_in_world: Vec3) -> bool {
        let coord = ChunkCoord::containing(point_in_world, self.settings.chunk_size_m);
        self.chunks.table.state(coord) == Some(ChunkState::Loaded)
    }

    /// Why a chunk was given up, if it was.
    pub fn quarantine_reason(&self, coord: ChunkCoord) -> Option<&str> {
        let record = self.chunks.table.get(coord)?;
        (record.state == ChunkState::Quarantined)
            .then(|| record.reason.as_deref().unwrap_or("unknown"))
    }
}
