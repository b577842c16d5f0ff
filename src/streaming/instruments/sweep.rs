//! Takes away entities of chunks that no chunk owns, when asked to: the way out of a leak. Paid from the frame's pot
//! like everything that leaves, a slice at a time.

use bevy::ecs::entity::Entity;
use bevy::ecs::message::MessageReader;
use bevy::ecs::prelude::{Query, ResMut, With};
use bevy::ecs::world::World;

use crate::focus::InChunk;
use crate::messages::StreamingRequest;
use crate::state::WorldSide;

/// Entities looked at in one slice.
const SLICE_LOOKS: usize = 256;

/// Entities taken away in one slice, as many as of a chunk that leaves.
const SLICE_GONE: usize = 64;

/// A search through all entities of chunks.
pub(crate) struct Sweep {
    to_look_at: Vec<Entity>,
    swept: u64,
}

/// Before the scan: writes down which entities there are, a copy of their ids. Looking at them is paid from the pot.
pub(crate) fn sweep_orphans(
    mut requests: MessageReader<StreamingRequest>,
    in_world: Query<Entity, With<InChunk>>,
    mut side: ResMut<WorldSide>,
) {
    let asked = requests
        .read()
        .filter(|request| **request == StreamingRequest::SweepOrphans)
        .count();
    if asked > 0 {
        side.sweep = Some(Sweep {
            to_look_at: in_world.iter().collect(),
            swept: 0,
        });
    }
}

/// One slice of the sweep; says how many entities it took away, and ends the sweep after the last.
pub(crate) fn sweep_slice(world: &mut World, side: &mut WorldSide) -> u64 {
    let Some(mut sweep) = side.sweep.take() else {
        return 0;
    };
    let mut gone = 0;
    for _ in 0..SLICE_LOOKS {
        let Some(entity) = sweep.to_look_at.pop() else {
            break;
        };
        // What left by itself meanwhile has no chunk any more.
        let Some(InChunk(coord)) = world.get::<InChunk>(entity).copied() else {
            continue;
        };
        if side.owns(coord, entity) {
            continue;
        }
        world.despawn(entity);
        gone += 1;
        if gone == SLICE_GONE {
            break;
        }
    }
    sweep.swept += gone as u64;
    side.leaked = side.leaked.saturating_sub(gone as u64);
    if !sweep.to_look_at.is_empty() {
        side.sweep = Some(sweep);
    } else if sweep.swept > 0 {
        tracing::warn!(
            "{} entities that no chunk owned were taken away",
            sweep.swept
        );
    }
    gone as u64
}
