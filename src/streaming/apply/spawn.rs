//! From prepared content to entities: one bundle for everything that stands still.

use bevy::asset::Assets;
use bevy::camera::visibility::NoAutoAabb;
use bevy::ecs::world::World;
use bevy::light::NotShadowCaster;
use bevy::math::Vec3;
use bevy::mesh::{Mesh, Mesh3d};
use bevy::pbr::MeshMaterial3d;
use bevy::prelude::Transform;

use crate::content::{ChunkInstances, PreparedMesh};
use crate::focus::InChunk;
use crate::palette::ChunkPalette;
use crate::state::Applying;

fn placed(offset_in_chunk: Transform, origin: Vec3) -> Transform {
    Transform {
        translation: origin + offset_in_chunk.translation,
        ..offset_in_chunk
    }
}

pub(super) fn spawn_mesh(
    world: &mut World,
    applying: &mut Applying,
    mesh: PreparedMesh,
    origin: Vec3,
) {
    let PreparedMesh { own, aabb, bytes } = mesh;
    let Some(material) = world
        .resource::<ChunkPalette>()
        .material(own.material)
        .cloned()
    else {
        return;
    };
    let handle = world.resource_mut::<Assets<Mesh>>().add(own.mesh);
    let bundle = (
        InChunk(applying.coord),
        Mesh3d(handle),
        MeshMaterial3d(material),
        placed(own.offset_in_chunk, origin),
        aabb,
        NoAutoAabb,
    );
    let entity = if own.casts_shadow {
        world.spawn(bundle).id()
    } else {
        world.spawn((bundle, NotShadowCaster)).id()
    };
    applying.spawned.entities.push(entity);
    applying.spawned.own_meshes += 1;
    applying.spawned.bytes += bytes;
}

pub(super) fn spawn_instances(
    world: &mut World,
    applying: &mut Applying,
    group: ChunkInstances,
    origin: Vec3,
) {
    let palette = world.resource::<ChunkPalette>();
    let (Some((mesh, aabb)), Some(material)) =
        (palette.mesh(group.mesh), palette.material(group.material))
    else {
        return;
    };
    let (mesh, material, coord) = (mesh.clone(), material.clone(), applying.coord);
    let copies = group.offsets_in_chunk.len();
    let bundles = group.offsets_in_chunk.into_iter().map(move |offset| {
        (
            InChunk(coord),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            placed(offset, origin),
            aabb,
            NoAutoAabb,
        )
    });
    if group.casts_shadow {
        applying.spawned.entities.extend(world.spawn_batch(bundles));
    } else {
        applying
            .spawned
            .entities
            .extend(world.spawn_batch(bundles.map(|bundle| (bundle, NotShadowCaster))));
    }
    applying.spawned.bytes += (copies * size_of::<Transform>()) as u64;
}
