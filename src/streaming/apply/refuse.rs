//! Content that the palette cannot show: quarantined at once, since no retry would help.

use bevy::ecs::message::Messages;
use bevy::ecs::world::World;

use crate::content::ChunkInstances;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::messages::ChunkFailed;
use crate::metrics::StreamingMetrics;
use crate::palette::{ChunkPalette, PaletteKey};
use crate::prepared::PreparedMesh;
use crate::queue::AsyncChunkQueue;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, Trace, WorldSide};

/// The first name in the content that the palette does not know.
pub(super) fn missing_key(
    palette: &ChunkPalette,
    meshes: &[PreparedMesh],
    instances: &[ChunkInstances],
) -> Option<PaletteKey> {
    let own = meshes.iter().map(|mesh| mesh.own.material);
    let shared = instances.iter().map(|group| group.material);
    let material = own.chain(shared).find(|key| !palette.has_material(*key));
    let mesh = || {
        instances
            .iter()
            .map(|group| group.mesh)
            .find(|key| palette.mesh(*key).is_none())
    };
    material.or_else(mesh)
}

/// Content that names what the palette does not have can never be shown: no retry would help.
pub(super) fn quarantine_for_good(
    world: &mut World,
    side: &mut WorldSide,
    chunks: &mut Chunks,
    coord: ChunkCoord,
    id: GenerationId,
    attempt: u32,
    key: PaletteKey,
    bytes: u64,
) {
    let reason = format!("the palette has no mesh or material named \"{}\"", key.0);
    tracing::error!("chunk {coord} is quarantined: {reason}");
    world
        .resource::<AsyncChunkQueue>()
        .shared()
        .release_bytes(bytes);
    let retry_limit = world.resource::<StreamingSettings>().retry_limit;
    let mut metrics = world.resource_mut::<StreamingMetrics>();
    metrics.counters.failed += 1;
    metrics.counters.quarantined += 1;
    // For the law book this is the last of all tries.
    world.resource_mut::<Trace>().push(TraceEvent::Failed {
        coord,
        id,
        attempt: retry_limit,
        panicked: false,
        quarantined: true,
        awaited: true,
    });
    let is_bare = chunks.table.update(coord, |record| {
        record.attempt = attempt + 1;
        record.reason = Some(reason.clone());
        record.state = ChunkState::Quarantined;
        record.shown.is_none()
    });
    if is_bare == Some(true) {
        side.placeholders_due.insert(coord);
    }
    world
        .resource_mut::<Messages<ChunkFailed>>()
        .write(ChunkFailed {
            coord,
            generation_id: id,
            attempt,
            reason,
            panicked: false,
            quarantined: true,
        });
}
