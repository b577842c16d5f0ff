//! Takes away entities of chunks that no chunk owns, when asked to: the way out of a leak. Paid from the frame's pot
//! like everything that leaves, a slice at a time.

use bevy::ecs::entity::{Entity, EntityHashSet};
use bevy::ecs::message::MessageReader;
use bevy::ecs::prelude::{Query, ResMut, With};
use bevy::ecs::world::World;

use crate::focus::InChunk;
use crate::messages::StreamingRequest;
use crate::state::WorldSide;

/// Steps of a slice: an entity that is looked at is one, and so are so many that it is compared with.
const SLICE_STEPS: usize = 256;
const COMPARED_PER_STEP: usize = 64;

/// Entities taken away in one slice, as many as of a chunk that leaves.
const SLICE_GONE: usize = 64;

/// A search through all entities of chunks.
pub(crate) struct Sweep {
    to_look_at: Vec<Entity>,
    /// What is on its way out, so that nobody has to search the lists for each entity.
    leaving: EntityHashSet,
    /// The lists of what is on its way out that are not in the set yet: the first so many.
    unread: usize,
    swept: u64,
}

impl Sweep {
    /// Takes note of what leaves while the sweep goes on.
    pub fn note_leaving(&mut self, entities: &[Entity]) {
        self.leaving.extend(entities);
    }
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
    if asked > 0 && side.sweep.is_none() {
        side.sweep = Some(Sweep {
            to_look_at: in_world.iter().collect(),
            leaving: EntityHashSet::default(),
            unread: side.leaving.len(),
            swept: 0,
        });
    }
}

/// One slice of the sweep; says how many entities it took away, and ends the sweep after the last.
pub(crate) fn sweep_slice(world: &mut World, side: &mut WorldSide) -> u64 {
    let Some(mut sweep) = side.sweep.take() else {
        return 0;
    };
    let (mut gone, mut compared, mut looks) = (0, 0, 0);
    // Nothing leaves for good while a sweep goes on, which comes first in the pot: the lists stay where they are.
    while sweep.unread > 0 && looks + compared / COMPARED_PER_STEP < SLICE_STEPS {
        sweep.unread -= 1;
        if let Some(list) = side.leaving.get(sweep.unread) {
            looks += 1 + list.entities.len();
            sweep.leaving.extend(&list.entities);
        }
    }
    while looks + compared / COMPARED_PER_STEP < SLICE_STEPS {
        looks += 1;
        let Some(entity) = sweep.to_look_at.pop() else {
            break;
        };
        // What left by itself meanwhile has no chunk any more.
        let Some(InChunk(coord)) = world.get::<InChunk>(entity).copied() else {
            continue;
        };
        if sweep.leaving.contains(&entity) || side.owns(coord, entity, &mut compared) {
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
