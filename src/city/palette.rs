//! The meshes and the material that all chunks of the city share.

use bevy::asset::Assets;
use bevy::color::Color;
use bevy::math::{Vec2, Vec3};
use bevy::mesh::Mesh;
use bevy::pbr::StandardMaterial;

use super::build::{BRIGHTEST, Fineness, MeshBuilder, add_lamp, add_tree};
use super::plan::furniture::Species;
use crate::streaming::{ChunkPalette, PaletteKey};

/// The one material of the city: colours come from the vertices.
pub const CITY_MATERIAL: PaletteKey = PaletteKey("city/vertex-coloured");
/// The surface of rivers and ponds, level at its height.
pub const WATER: PaletteKey = PaletteKey("city/water");
/// A round street or park tree, foot at the origin, about 7 m high.
pub const TREE_BROAD: PaletteKey = PaletteKey("city/tree-broad");
/// A slender street tree, foot at the origin, about 8 m high.
pub const TREE_TALL: PaletteKey = PaletteKey("city/tree-tall");
/// A conifer, foot at the origin, about 7 m high.
pub const TREE_CONIFER: PaletteKey = PaletteKey("city/tree-conifer");
/// A street lamp, foot at the origin, arm towards positive x.
pub const LAMP: PaletteKey = PaletteKey("city/lamp");

/// How the city's material treats light.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Shading {
    /// Lit by the scene: sun, sky and shadows on top of the moderate shading in the vertex colours.
    Lit,
    /// Unlit: only the light that is baked into the vertex colours. Far cheaper; for software renderers.
    Baked,
}

/// Registers the city's material and shared meshes. Call once, before the first chunk is applied.
pub fn register_palette(
    palette: &mut ChunkPalette,
    meshes: &mut Assets<Mesh>,
    materials: &mut Assets<StandardMaterial>,
    shading: Shading,
) {
    for key in [CITY_MATERIAL, WATER] {
        palette.insert_material(key, materials.add(city_material(shading)));
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

fn city_material(shading: Shading) -> StandardMaterial {
    StandardMaterial {
        // Baked colours already lack what the shaded faces do not get; the lit material makes up for it.
        base_color: match shading {
            Shading::Lit => grey(1.15 * BRIGHTEST),
            Shading::Baked => grey(BRIGHTEST),
        },
        perceptual_roughness: 0.92,
        reflectance: 0.25,
        unlit: shading == Shading::Baked,
        ..Default::default()
    }
}

const fn grey(brightness: f32) -> Color {
    Color::linear_rgb(brightness, brightness, brightness)
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
        (LAMP, lamp),
    ]
}
