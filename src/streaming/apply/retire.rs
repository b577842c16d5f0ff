//! Takes away the entities of chunks that were let go, in slices from the same pot as apply.

use bevy::asset::{AssetId, Assets};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;
use bevy::mesh::Mesh;
use std::time::{Duration, Instant};

use super::{Frame, SLICE_ENTITIES, sabotage};
use crate::instruments::sweep_slice;
use crate::logic::coord::ChunkCoord;
use crate::logic::table::ChunkState;
use crate::queue::AsyncChunkQueue;
use crate::state::{Chunks, WorldSide};

pub(super) fn unload(
    world: &mut World,
    side: &mut WorldSide,
    chunks: &mut Chunks,
    frame: &mut Frame,
) {
    while side.sweep.is_some() && frame.pot.has_room() {
        let began = Instant::now();
        let gone = sweep_slice(world, side);
        frame.unload_ms += frame.charge(began, gone, 0);
    }
    while frame.pot.has_room() {
        let Some(leaving) = side.leaving.front_mut() else {
            return;
        };
        let began = Instant::now();
        let from = leaving.entities.len().saturating_sub(SLICE_ENTITIES);
        let slice = leaving.entities.split_off(from);
        let gone = slice.len() as u64;
        let mut going = sabotage::spared(slice, side);
        side.leaked += leak(world, &mut going);
        for entity in going {
            world.despawn(entity);
        }
        side.entities -= gone;
        if side
            .leaving
            .front()
            .is_some_and(|leaving| leaving.entities.is_empty())
            && let Some(leaving) = side.leaving.pop_front()
        {
            take_meshes(world, &leaving.own_meshes, &mut frame.remains);
            if leaving.epoch == Some(chunks.epoch) {
                finish_leaving(chunks, leaving.coord, frame.now);
            }
        }
        frame.unload_ms += frame.charge(began, gone, 0);
    }
}

/// A requested fault: leaves a share of a slice in the world and nobody's, and says how many.
fn leak(world: &World, going: &mut Vec<Entity>) -> u64 {
    let share = world.resource::<AsyncChunkQueue>().shared().leak_share();
    let left = (going.len() as f64 * share).ceil() as usize;
    going.truncate(going.len() - left);
    left as u64
}

/// Takes the vertices of meshes that only this chunk showed, so that a thread frees them. Where there is a
/// renderer it has them, and nothing is left to take.
fn take_meshes(world: &mut World, own_meshes: &[AssetId<Mesh>], remains: &mut Vec<Mesh>) {
    let mut assets = world.resource_mut::<Assets<Mesh>>();
    remains.extend(own_meshes.iter().filter_map(|id| assets.remove(*id)));
}

fn finish_leaving(chunks: &mut Chunks, coord: ChunkCoord, now: Duration) {
    let is_wanted = chunks.table.update(coord, |record| {
        record.state = ChunkState::Idle;
        record.attempt = 0;
        record.wish.give.is_some()
    });
    if is_wanted == Some(true) {
        chunks.table.settle(coord, now);
    } else {
        chunks.table.remove(coord);
    }
}
