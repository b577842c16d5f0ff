//! The sign that stands where a chunk was given up: a slab nobody takes for a piece of the city.

use bevy::asset::Assets;
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::{NoAutoAabb, Visibility};
use bevy::color::Color;
use bevy::ecs::entity::Entity;
use bevy::ecs::prelude::ResMut;
use bevy::ecs::world::World;
use bevy::math::Vec3;
use bevy::math::primitives::Cuboid;
use bevy::mesh::{Mesh, Mesh3d};
use bevy::pbr::StandardMaterial;
use bevy::prelude::Transform;

use crate::focus::InChunk;
use crate::logic::coord::ChunkCoord;
use crate::origin::WorldOrigin;
use crate::palette::{ChunkPalette, PaletteKey, Shadow};

/// The palette's name for the sign's mesh, a cube of side 1 m around its origin.
pub const PLACEHOLDER_MESH: PaletteKey = PaletteKey("streaming/placeholder");
/// The palette's name for the sign's material.
pub const PLACEHOLDER_MATERIAL: PaletteKey = PaletteKey("streaming/placeholder");

/// Fills in the sign unless the game has brought its own under the same names.
pub(crate) fn register(
    mut palette: ResMut<ChunkPalette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    if palette.mesh(PLACEHOLDER_MESH).is_none() {
        let half = Vec3::splat(0.5);
        let mesh = meshes.add(Cuboid::from_length(1.0));
        palette.insert_mesh(PLACEHOLDER_MESH, mesh, Aabb::from_min_max(-half, half));
    }
    if !palette.has_material(PLACEHOLDER_MATERIAL) {
        let color = Color::srgb(0.90, 0.30, 0.05);
        let material = StandardMaterial {
            base_color: color,
            unlit: true,
            ..StandardMaterial::default()
        };
        palette.insert_material(PLACEHOLDER_MATERIAL, materials.add(material));
    }
}

/// Puts the sign over a whole cell, 1 m high.
pub(crate) fn spawn(world: &mut World, coord: ChunkCoord, chunk_size_m: f64) -> Option<Entity> {
    let palette = world.resource::<ChunkPalette>();
    let (mesh, aabb) = palette.mesh(PLACEHOLDER_MESH)?;
    let mesh = mesh.clone();
    let material = palette.shared_material(PLACEHOLDER_MATERIAL)?;
    let side = chunk_size_m as f32;
    let transform = Transform::from_translation(
        world
            .resource::<WorldOrigin>()
            .corner_in_scene(coord, chunk_size_m)
            + Vec3::new(side / 2.0, 0.5, side / 2.0),
    )
    .with_scale(Vec3::new(side, 1.0, side));
    let bundle = (
        InChunk(coord),
        Mesh3d(mesh),
        transform,
        aabb,
        NoAutoAabb,
        Visibility::Inherited,
    );
    let mut spawned = Vec::with_capacity(1);
    material.spawn(world, &[bundle], Shadow::None, 0, &mut spawned);
    spawned.pop()
}
