//! The shared meshes and materials of a world: their number never grows with the chunks (law 5).

use bevy::asset::{Assets, Handle};
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::{NoAutoAabb, Visibility};
use bevy::ecs::entity::Entity;
use bevy::ecs::resource::Resource;
use bevy::ecs::world::World;
use bevy::light::NotShadowCaster;
use bevy::mesh::{Mesh, Mesh3d};
use bevy::pbr::{Material, MeshMaterial3d};
use bevy::prelude::Transform;
use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::apply::spawn_with_room;
use crate::focus::InChunk;

/// The name of a shared mesh or material.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct PaletteKey(pub &'static str);

/// Shared meshes and materials, by name. Fill it once, at startup.
#[derive(Resource, Default, Debug)]
pub struct ChunkPalette {
    meshes: BTreeMap<PaletteKey, (Handle<Mesh>, Aabb)>,
    materials: BTreeMap<PaletteKey, Arc<dyn SharedMaterial>>,
    /// One of each type of material that has a name here, to count its assets by.
    types: BTreeMap<TypeId, Arc<dyn SharedMaterial>>,
    /// How many assets there are of each type of material that has a name here.
    alive: AtomicUsize,
}

impl ChunkPalette {
    /// Names a mesh for all chunks. `aabb` is its bounding box, so that no entity computes it again.
    pub fn insert_mesh(&mut self, key: PaletteKey, mesh: Handle<Mesh>, aabb: Aabb) {
        self.meshes.insert(key, (mesh, aabb));
    }

    /// Names a material of any type for all chunks. The app must have Bevy's plugin for that type to draw it.
    pub fn insert_material<M: Material>(&mut self, key: PaletteKey, material: Handle<M>) {
        let material: Arc<dyn SharedMaterial> = Arc::new(material);
        self.types
            .entry(TypeId::of::<M>())
            .or_insert_with(|| Arc::clone(&material));
        self.materials.insert(key, material);
    }

    /// A shared mesh and its bounding box.
    pub fn mesh(&self, key: PaletteKey) -> Option<(&Handle<Mesh>, Aabb)> {
        self.meshes.get(&key).map(|(mesh, aabb)| (mesh, *aabb))
    }

    /// A shared material, if it is of this type.
    pub fn material<M: Material>(&self, key: PaletteKey) -> Option<&Handle<M>> {
        (&**self.materials.get(&key)? as &dyn Any).downcast_ref()
    }

    /// Whether a material has this name, of whatever type.
    pub fn has_material(&self, key: PaletteKey) -> bool {
        self.materials.contains_key(&key)
    }

    /// How many meshes are shared.
    pub fn mesh_count(&self) -> usize {
        self.meshes.len()
    }

    /// How many materials are shared.
    pub fn material_count(&self) -> usize {
        self.materials.len()
    }

    pub(crate) fn shared_material(&self, key: PaletteKey) -> Option<Arc<dyn SharedMaterial>> {
        self.materials.get(&key).cloned()
    }

    /// Material assets of all types in the palette, named or not, when they were last counted.
    pub(crate) fn material_assets(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }
}

/// Counts the materials of every type that the palette names: were chunks to make some of their own, it would show.
pub(crate) fn count_materials(world: &World) {
    let palette = world.resource::<ChunkPalette>();
    let counts = palette.types.values().map(|one| one.assets(world));
    palette.alive.store(counts.sum(), Ordering::Relaxed);
}

/// What all entities of chunks have but their material.
pub(crate) type Standing = (InChunk, Mesh3d, Transform, Aabb, NoAutoAabb, Visibility);

/// Whether an entity throws a shadow.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(crate) enum Shadow {
    Cast,
    None,
}

/// A handle of a material, the type of which only its own methods know.
pub(crate) trait SharedMaterial: Any + Debug + Send + Sync {
    /// How many materials of this type there are.
    fn assets(&self, world: &World) -> usize;

    /// Spawns entities with the material as one batch, which leaves so many rows free in its table.
    fn spawn(
        &self,
        world: &mut World,
        standing: &[Standing],
        shadow: Shadow,
        rows: usize,
        into: &mut Vec<Entity>,
    );
}

impl<M: Material> SharedMaterial for Handle<M> {
    fn assets(&self, world: &World) -> usize {
        world.get_resource::<Assets<M>>().map_or(0, Assets::len)
    }

    fn spawn(
        &self,
        world: &mut World,
        standing: &[Standing],
        shadow: Shadow,
        rows: usize,
        into: &mut Vec<Entity>,
    ) {
        let bundle = |one: Standing| (one, MeshMaterial3d(self.clone()));
        match shadow {
            Shadow::Cast => spawn_with_room(world, into, rows, standing, bundle),
            Shadow::None => {
                let bundle = |one| (bundle(one), NotShadowCaster);
                spawn_with_room(world, into, rows, standing, bundle);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::asset::uuid_handle;
    use bevy::pbr::StandardMaterial;

    #[test]
    fn materials_of_one_type_are_counted_once_however_many_have_names() {
        let mut world = World::new();
        let mut assets = Assets::<StandardMaterial>::default();
        let handles = [(); 3].map(|()| assets.add(StandardMaterial::default()));
        world.insert_resource(assets);
        let mut palette = ChunkPalette::default();
        for (key, handle) in ["test/a", "test/b"].into_iter().zip(&handles) {
            palette.insert_material(PaletteKey(key), handle.clone());
        }
        world.insert_resource(palette);
        count_materials(&world);
        assert_eq!(world.resource::<ChunkPalette>().material_assets(), 3);
    }

    #[test]
    fn a_material_is_found_under_its_own_type_only() {
        const KEY: PaletteKey = PaletteKey("test/standard");
        let mut palette = ChunkPalette::default();
        let handle: Handle<StandardMaterial> = uuid_handle!("6f0b3c1a-0b5e-4d0e-9d0c-5a7b7b1f2f01");
        palette.insert_material(KEY, handle.clone());
        assert_eq!(palette.material::<StandardMaterial>(KEY), Some(&handle));
        assert!(palette.has_material(KEY) && !palette.has_material(PaletteKey("test/other")));
        assert_eq!(palette.material_count(), 1);
    }
}
