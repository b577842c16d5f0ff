//! The meshes and the materials that all chunks of the city share.

use bevy::asset::Assets;
use bevy::math::{Vec2, Vec3};
use bevy::mesh::Mesh;

use super::build::{Fineness, MeshBuilder, add_lamp, add_tree};
use super::material::{CityMaterial, Finish};
use super::plan::furniture::Species;
use crate::streaming::{ChunkPalette, PaletteKey};

/// The one material of the city: colours come from the vertices.
pub const CITY_MATERIAL: PaletteKey = PaletteKey("city/vertex-coloured");
/// The material of rivers: a level mesh of its own, whose vertex colours are what comes back from below.
pub const WATER: PaletteKey = PaletteKey("city/water");
/// A round street or park tree, foot at the origin, about 7 m high.
pub const TREE_BROAD: PaletteKey = PaletteKey("city/tree-broad");
/// A slender street tree, foot at the origin, about 8 m high.
pub const TREE_TALL: PaletteKey = PaletteKey("city/tree-tall");
/// A conifer, foot at the origin, about 7 m high.
pub const TREE_CONIFER: PaletteKey = PaletteKey("city/tree-conifer");
/// A light tree with a white trunk, foot at the origin, about 8 m high.
pub const TREE_BIRCH: PaletteKey = PaletteKey("city/tree-birch");
/// A wide tree on a strong trunk, foot at the origin, about 8 m high.
pub const TREE_PLANE: PaletteKey = PaletteKey("city/tree-plane");
/// A street lamp, foot at the origin, arm towards positive x.
pub const LAMP: PaletteKey = PaletteKey("city/lamp");

/// How much the city's materials may cost.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Shading {
    /// Light at every pixel, with shadows, grain and bloom; for graphics cards.
    Lit,
    /// Light at the corners only, without shadows: the same look from far cheaper pixels; for software renderers.
    Lean,
}

/// Registers the city's materials and shared meshes. Call once, before the first chunk is applied.
pub fn register_palette(
    palette: &mut ChunkPalette,
    meshes: &mut Assets<Mesh>,
    materials: &mut Assets<CityMaterial>,
    shading: Shading,
) {
    for (key, finish) in [(CITY_MATERIAL, Finish::Surface), (WATER, Finish::Water)] {
        palette.insert_material(key, materials.add(CityMaterial { finish, shading }));
    }
    for (key, mesh) in shared_meshes() {
        let bounds = mesh.bounds();
        palette.insert_mesh(key, meshes.add(mesh.into_mesh()), bounds);
    }
}

/// A figure of a person at one moment of its step: number below [`FIGURES`](super::FIGURES), moment below
/// [`STEP_PICTURES`](super::STEP_PICTURES). Foot at the origin, 1.8 m high, looks towards negative z; drawn with
/// [`CITY_MATERIAL`].
#[must_use]
pub fn person_mesh(number: u32, picture: u32) -> Mesh {
    super::build::figure(number, picture).into_mesh()
}

pub(super) fn shared_meshes() -> Vec<(PaletteKey, MeshBuilder)> {
    let tree = |species| {
        let mut mesh = MeshBuilder::default();
        add_tree(&mut mesh, Vec3::ZERO, species, 1.0, Fineness::Shared);
        mesh
    };
    let mut lamp = MeshBuilder::default();
    add_lamp(&mut lamp, Vec3::ZERO, Vec2::X, Fineness::Shared);
    vec![
        (TREE_BROAD, tree(Species::Broad)),
        (TREE_TALL, tree(Species::Tall)),
        (TREE_CONIFER, tree(Species::Conifer)),
        (TREE_BIRCH, tree(Species::Birch)),
        (TREE_PLANE, tree(Species::Plane)),
        (LAMP, lamp),
    ]
}
