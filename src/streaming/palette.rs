//! The shared meshes and materials of a world: their number never grows with the chunks (law 5).

use bevy::asset::Handle;
use bevy::camera::primitives::Aabb;
use bevy::ecs::resource::Resource;
use bevy::mesh::Mesh;
use bevy::pbr::StandardMaterial;
use std::collections::BTreeMap;

/// The name of a shared mesh or material.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct PaletteKey(pub &'static str);

/// Shared meshes and materials, by name. Fill it once, at startup.
#[derive(Resource, Default, Debug)]
pub struct ChunkPalette {
    meshes: BTreeMap<PaletteKey, (Handle<Mesh>, Aabb)>,
    materials: BTreeMap<PaletteKey, Handle<StandardMaterial>>,
}

impl ChunkPalette {
    /// Names a mesh for all chunks. `aabb` is its bounding box, so that no entity computes it again.
    pub fn insert_mesh(&mut self, key: PaletteKey, mesh: Handle<Mesh>, aabb: Aabb) {
        self.meshes.insert(key, (mesh, aabb));
    }

    /// Names a material for all chunks.
    pub fn insert_material(&mut self, key: PaletteKey, material: Handle<StandardMaterial>) {
        self.materials.insert(key, material);
    }

    /// A shared mesh and its bounding box.
    pub fn mesh(&self, key: PaletteKey) -> Option<(&Handle<Mesh>, Aabb)> {
        self.meshes.get(&key).map(|(mesh, aabb)| (mesh, *aabb))
    }

    /// A shared material.
    pub fn material(&self, key: PaletteKey) -> Option<&Handle<StandardMaterial>> {
        self.materials.get(&key)
    }

    /// How many meshes are shared.
    pub fn mesh_count(&self) -> usize {
        self.meshes.len()
    }

    /// How many materials are shared.
    pub fn material_count(&self) -> usize {
        self.materials.len()
    }
}
