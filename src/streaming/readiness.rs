//! "Is this place ready?": what a game may ask instead of reading the chunk table.

use bevy::ecs::prelude::Res;
use bevy::ecs::system::SystemParam;
use bevy::math::Vec3;

use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::table::{ChunkRecord, ChunkState};
use crate::origin::WorldOrigin;
use crate::settings::StreamingSettings;
use crate::state::Chunks;

/// How much of a place is there. Ordered: each step includes the one before.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// Nothing is there.
    #[default]
    Nothing,
    /// A coarse level is seen; there is nothing to stand on.
    Coarse,
    /// The payload was handed over, so there is ground and something to collide with; what is seen of
    /// it is still landing.
    Collidable,
    /// All of it is there.
    Full,
}

/// Answers whether a place can be stood on and seen.
#[derive(SystemParam)]
pub struct ChunkReadiness<'w> {
    chunks: Res<'w, Chunks>,
    settings: Res<'w, StreamingSettings>,
    origin: Res<'w, WorldOrigin>,
}

impl ChunkReadiness<'_> {
    /// Whether a place of the scene can be stood on. Height does not count.
    pub fn is_ready(&self, point_in_scene: Vec3) -> bool {
        self.readiness(point_in_scene) >= Readiness::Collidable
    }

    /// How much is there of the chunk under a place of the scene.
    pub fn readiness(&self, point_in_scene: Vec3) -> Readiness {
        let coord = self
            .origin
            .chunk_at(point_in_scene, self.settings.chunk_size_m);
        let Some(record) = self.chunks.table.get(coord) else {
            return Readiness::Nothing;
        };
        match record.shown {
            Some(DetailLevel::FULL) => Readiness::Full,
            _ if record.is_collidable => Readiness::Collidable,
            Some(_) => Readiness::Coarse,
            None => Readiness::Nothing,
        }
    }

    /// Why a chunk was given up, if it was.
    pub fn quarantine_reason(&self, coord: ChunkCoord) -> Option<&str> {
        let record = self.chunks.table.get(coord)?;
        (record.state == ChunkState::Quarantined)
            .then(|| record.reason.as_deref().unwrap_or("unknown"))
    }

    /// How a chunk stands and why it is not there at full detail, in one sentence.
    pub fn why_absent(&self, coord: ChunkCoord) -> String {
        why_absent(coord, self.chunks.table.get(coord))
    }
}

/// How a chunk stands, in one sentence.
pub(crate) fn why_absent(coord: ChunkCoord, record: Option<&ChunkRecord>) -> String {
    let Some(record) = record else {
        return format!("chunk {coord} is not wanted: it is beyond view_radius_m of every focus");
    };
    let shown = match record.shown {
        Some(DetailLevel::FULL) => "it is there at full detail".to_owned(),
        Some(level) => format!("level {} is seen", level.0),
        None => "nothing of it is seen".to_owned(),
    };
    let reason = record.reason.as_deref().unwrap_or("unknown");
    let work = match record.state {
        ChunkState::Idle => "nothing more is wanted of it".to_owned(),
        ChunkState::Missing => "more is wanted, and others are needed more".to_owned(),
        ChunkState::Requested { id, detail } => {
            format!("level {} is under way as request {id}", detail.0)
        }
        ChunkState::Stopping(id) => {
            format!("request {id} was told to stop, and its worker has not answered")
        }
        ChunkState::Backoff(_) => {
            format!(
                "attempt {} failed ({reason}), and a retry is due",
                record.attempt
            )
        }
        ChunkState::Applying(_) => "its entities are being spawned".to_owned(),
        ChunkState::Retiring => "its entities are going".to_owned(),
        ChunkState::Quarantined => {
            format!(
                "it was given up after {} attempts: {reason}",
                record.attempt
            )
        }
    };
    format!("chunk {coord}: {shown}; {work}")
}
