//! Takes away entities of chunks that no chunk owns, when asked to: the way out of a leak.

use bevy::ecs::entity::Entity;
use bevy::ecs::message::MessageReader;
use bevy::ecs::prelude::{Commands, Query, ResMut, With};
use std::collections::BTreeSet;

use crate::focus::InChunk;
use crate::messages::StreamingRequest;
use crate::state::WorldSide;

/// Before the scan. Cost, only when asked: all entities of chunks.
pub(crate) fn sweep_orphans(
    mut requests: MessageReader<StreamingRequest>,
    in_world: Query<Entity, With<InChunk>>,
    mut side: ResMut<WorldSide>,
    mut commands: Commands,
) {
    let asked = requests
        .read()
        .filter(|request| **request == StreamingRequest::SweepOrphans)
        .count();
    if asked == 0 {
        return;
    }
    let owned: BTreeSet<Entity> = side.owned().collect();
    let mut swept = 0_u64;
    for entity in in_world.iter().filter(|entity| !owned.contains(entity)) {
        commands.entity(entity).despawn();
        swept += 1;
    }
    side.leaked = 0;
    if swept > 0 {
        tracing::warn!("{swept} entities that no chunk owned were taken away");
    }
}
