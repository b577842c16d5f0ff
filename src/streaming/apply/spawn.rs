//! From prepared content to entities: one bundle for everything that stands still.

use bevy::asset::Assets;
use bevy::camera::visibility::{NoAutoAabb, Visibility};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;
use bevy::math::Vec3;
use bevy::mesh::{Mesh, Mesh3d};
use bevy::prelude::Transform;

use crate::content::ChunkInstances;
use crate::focus::InChunk;
use crate::palette::{ChunkPalette, Shadow};
use crate::prepared::PreparedMesh;
use crate::state::Applying;

fn placed(offset_in_chunk: Transform, origin: Vec3) -> Transform {
    Transform {
        translation: origin + offset_in_chunk.translation,
        ..offset_in_chunk
    }
}

/// What takes the place of another level is not seen before all of it is there.
fn visibility(applying: &Applying) -> Visibility {
    if applying.is_hidden {
        Visibility::Hidden
    } else {
        Visibility::Inherited
    }
}

/// Shows or hides what belongs to a chunk.
pub(super) fn show(world: &mut World, entities: &[Entity], as_seen: Visibility) {
    for entity in entities {
        if let Some(mut visibility) = world.get_mut::<Visibility>(*entity) {
            *visibility = as_seen;
        }
    }
}

const fn shadow(casts_shadow: bool) -> Shadow {
    if casts_shadow {
        Shadow::Cast
    } else {
        Shadow::None
    }
}

pub(super) fn spawn_mesh(
    world: &mut World,
    applying: &mut Applying,
    mesh: PreparedMesh,
    origin: Vec3,
    rows: usize,
) {
    let PreparedMesh {
        own,
        aabb,
        bytes: _,
    } = mesh;
    let palette = world.resource::<ChunkPalette>();
    let Some(material) = palette.shared_material(own.material) else {
        return;
    };
    let handle = world.resource_mut::<Assets<Mesh>>().add(own.mesh);
    applying.spawned.own_meshes.push(handle.id());
    let standing = (
        InChunk(applying.coord),
        Mesh3d(handle),
        placed(own.offset_in_chunk, origin),
        aabb,
        NoAutoAabb,
        visibility(applying),
    );
    let entities = &mut applying.spawned.entities;
    material.spawn(world, &[standing], shadow(own.casts_shadow), rows, entities);
}

pub(super) fn spawn_instances(
    world: &mut World,
    applying: &mut Applying,
    group: ChunkInstances,
    origin: Vec3,
    rows: usize,
) {
    let palette = world.resource::<ChunkPalette>();
    let (Some((mesh, aabb)), Some(material)) = (
        palette.mesh(group.mesh),
        palette.shared_material(group.material),
    ) else {
        return;
    };
    let mesh = Mesh3d(mesh.clone());
    let visibility = visibility(applying);
    let copies = group.offsets_in_chunk.iter().map(|offset| {
        (
            InChunk(applying.coord),
            mesh.clone(),
            placed(*offset, origin),
            aabb,
            NoAutoAabb,
            visibility,
        )
    });
    let copies: Vec<_> = copies.collect();
    let entities = &mut applying.spawned.entities;
    material.spawn(world, &copies, shadow(group.casts_shadow), rows, entities);
}
