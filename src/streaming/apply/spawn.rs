//! From prepared content to entities: one bundle for everything that stands still.

use bevy::asset::Assets;
use bevy::camera::visibility::{NoAutoAabb, Visibility};
use bevy::ecs::entity::Entity;
use bevy::ecs::world::World;
use bevy::light::NotShadowCaster;
use bevy::math::Vec3;
use bevy::mesh::{Mesh, Mesh3d};
use bevy::pbr::MeshMaterial3d;
use bevy::prelude::Transform;

use super::room::spawn_with_room;
use crate::content::ChunkInstances;
use crate::focus::InChunk;
use crate::palette::ChunkPalette;
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
    let Some(material) = world
        .resource::<ChunkPalette>()
        .material(own.material)
        .cloned()
    else {
        return;
    };
    let handle = world.resource_mut::<Assets<Mesh>>().add(own.mesh);
    applying.spawned.own_meshes.push(handle.id());
    let (coord, visibility) = (applying.coord, visibility(applying));
    let spawned = &mut applying.spawned.entities;
    let bundle = |offset| {
        (
            InChunk(coord),
            Mesh3d(handle.clone()),
            MeshMaterial3d(material.clone()),
            placed(offset, origin),
            aabb,
            NoAutoAabb,
            visibility,
        )
    };
    let offsets = [own.offset_in_chunk];
    if own.casts_shadow {
        spawn_with_room(world, spawned, rows, &offsets, bundle);
    } else {
        let bundle = |offset| (bundle(offset), NotShadowCaster);
        spawn_with_room(world, spawned, rows, &offsets, bundle);
    }
}

pub(super) fn spawn_instances(
    world: &mut World,
    applying: &mut Applying,
    group: ChunkInstances,
    origin: Vec3,
    rows: usize,
) {
    let palette = world.resource::<ChunkPalette>();
    let (Some((mesh, aabb)), Some(material)) =
        (palette.mesh(group.mesh), palette.material(group.material))
    else {
        return;
    };
    let (mesh, material, coord) = (mesh.clone(), material.clone(), applying.coord);
    let visibility = visibility(applying);
    let spawned = &mut applying.spawned.entities;
    let bundle = |offset| {
        (
            InChunk(coord),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            placed(offset, origin),
            aabb,
            NoAutoAabb,
            visibility,
        )
    };
    let offsets = &group.offsets_in_chunk;
    if group.casts_shadow {
        spawn_with_room(world, spawned, rows, offsets, bundle);
    } else {
        let bundle = |offset| (bundle(offset), NotShadowCaster);
        spawn_with_room(world, spawned, rows, offsets, bundle);
    }
}
