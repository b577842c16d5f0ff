//! Takes away the entities of chunks that were let go, in slices from the same pot as apply.

use bevy::ecs::world::World;
use std::time::{Duration, Instant};

use super::{Frame, SLICE_ENTITIES, sabotage};
use crate::logic::coord::ChunkCoord;
use crate::logic::table::ChunkState;
use crate::state::{Chunks, WorldSide};

pub(super) fn unload(
    world: &mut World,
    side: &mut WorldSide,
    chunks: &mut Chunks,
    frame: &mut Frame,
) {
    while frame.pot.has_room() {
        let Some(leaving) = side.leaving.front_mut() else {
            return;
        };
        let began = Instant::now();
        let from = leaving.entities.len().saturating_sub(SLICE_ENTITIES);
        let slice = leaving.entities.split_off(from);
        let gone = slice.len() as u64;
        for entity in sabotage::spared(slice, side) {
            world.despawn(entity);
        }
        side.entities -= gone;
        if side
            .leaving
            .front()
            .is_some_and(|leaving| leaving.entities.is_empty())
            && let Some(leaving) = side.leaving.pop_front()
            && leaving.epoch == Some(chunks.epoch)
        {
            finish_leaving(chunks, leaving.coord, frame.now);
        }
        frame.unload_ms += frame.charge(began, gone, 0);
    }
}

fn finish_leaving(chunks: &mut Chunks, coord: ChunkCoord, now: Duration) {
    let is_wanted = chunks
        .table
        .get(coord)
        .is_some_and(|record| record.is_wanted);
    if is_wanted {
        chunks.table.update(coord, |record| {
            record.state = ChunkState::Missing;
            record.attempt = 0;
            record.wanted_since = now;
        });
    } else {
        chunks.table.remove(coord);
    }
}
