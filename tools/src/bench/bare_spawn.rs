//! The bare side of apply and unload: the same bundles, without the plugin spawning or despawning them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::primitives::{Aabb, MeshAabb};
use bevy::camera::visibility::NoAutoAabb;
use bevy::math::DVec2;
use bevy::prelude::*;
use ringroad::city::CityMaterial;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkContent, ChunkPalette, ChunkRequest, InChunk, PaletteKey, StopToken,
};

use super::Workshop;
use super::generators::Filler;
use super::world::{Pace, Rig, cells_within, open_budgets};

/// Milliseconds for each chunk.
#[derive(Copy, Clone, Debug)]
pub(super) struct Cost {
    pub apply_ms: f64,
    pub apply_set_ms: f64,
    pub unload_ms: f64,
    pub unload_set_ms: f64,
}

/// The same bundles into a world with the same plugins, and out of it again, without the plugin doing it.
pub(super) fn bare(shop: &Workshop, filler: &Filler, chunks: u32) -> Result<Cost, String> {
    let generator = filler.generator(shop.turns_per_us);
    let values = open_budgets(0, filler.chunk_size_m(), chunks);
    let (radius_m, size_m, seed) = (values.load_radius_m, values.chunk_size_m, values.seed);
    let mut rig = Rig::new(
        AsyncChunkPlugin::new(Arc::clone(&generator)),
        values,
        Pace::BackToBack,
    );
    rig.step();
    let contents = cells_within(DVec2::ZERO, radius_m, size_m)
        .into_iter()
        .map(|coord| {
            let request = ChunkRequest::for_test(coord, seed, size_m);
            let made = generator.generate(&request, &StopToken::never());
            Ok((InChunk(coord), made.map_err(|error| error.to_string())?))
        })
        .collect::<Result<Vec<_>, String>>()?;
    let count = contents.len();
    let mut spawned = Vec::with_capacity(count);
    let mut apply = Duration::ZERO;
    for (cell, content) in contents {
        let bounds: Vec<_> = content
            .meshes
            .iter()
            .map(|own| own.mesh.compute_aabb().unwrap_or_default())
            .collect();
        let began = Instant::now();
        spawned.push(spawn_bare(rig.app.world_mut(), cell, content, &bounds));
        apply += began.elapsed();
    }
    rig.step();
    // Chunks never leave in the order in which they came, which would be the kindest one to the tables.
    let world = rig.app.world_mut();
    let mut unload = Duration::ZERO;
    for at in scattered(count) {
        let began = Instant::now();
        for entity in &spawned[at] {
            world.despawn(*entity);
        }
        unload += began.elapsed();
    }
    let each = |took: Duration| took.as_secs_f64() * 1e3 / count as f64;
    Ok(Cost {
        apply_ms: each(apply),
        apply_set_ms: each(apply),
        unload_ms: each(unload),
        unload_set_ms: each(unload),
    })
}

/// Every number below `count` once, far from sorted, always the same.
fn scattered(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|at| (*at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    order
}

/// A material of one of the types that the cases use.
enum Paint {
    Plain(Handle<StandardMaterial>),
    City(Handle<CityMaterial>),
}

impl Paint {
    fn named(world: &World, key: PaletteKey) -> Option<Self> {
        let palette = world.resource::<ChunkPalette>();
        let plain = palette.material(key).cloned().map(Self::Plain);
        plain.or_else(|| palette.material(key).cloned().map(Self::City))
    }
}

fn spawn_bare(
    world: &mut World,
    cell: InChunk,
    content: ChunkContent,
    bounds: &[Aabb],
) -> Vec<Entity> {
    let mut entities = Vec::new();
    for (own, aabb) in content.meshes.into_iter().zip(bounds) {
        let Some(paint) = Paint::named(world, own.material) else {
            continue;
        };
        let mesh = world.resource_mut::<Assets<Mesh>>().add(own.mesh);
        let bundle = (cell, Mesh3d(mesh), own.offset_in_chunk, *aabb, NoAutoAabb);
        let entity = match paint {
            Paint::Plain(material) => world.spawn((bundle, MeshMaterial3d(material))),
            Paint::City(material) => world.spawn((bundle, MeshMaterial3d(material))),
        };
        entities.push(entity.id());
    }
    for group in content.instances {
        let palette = world.resource::<ChunkPalette>();
        let (Some((mesh, aabb)), Some(paint)) = (
            palette.mesh(group.mesh),
            Paint::named(world, group.material),
        ) else {
            continue;
        };
        let mesh = mesh.clone();
        let copies = group
            .offsets_in_chunk
            .into_iter()
            .map(move |place| (cell, Mesh3d(mesh.clone()), place, aabb, NoAutoAabb));
        match paint {
            Paint::Plain(material) => entities.extend(
                world.spawn_batch(copies.map(move |copy| (copy, MeshMaterial3d(material.clone())))),
            ),
            Paint::City(material) => entities.extend(
                world.spawn_batch(copies.map(move |copy| (copy, MeshMaterial3d(material.clone())))),
            ),
        }
    }
    entities
}

/// Milliseconds that a bare spawn of a chunk takes, as a mean over a few.
pub(super) fn bare_apply_ms(shop: &Workshop, filler: &Filler, chunks: u32) -> Result<f64, String> {
    let mut least_ms = f64::INFINITY;
    // One run may meet memory that was never touched.
    for _ in 0..3 {
        least_ms = least_ms.min(bare(shop, filler, chunks)?.apply_ms);
    }
    Ok(least_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_are_all_there_and_out_of_order() {
        let order = scattered(100);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert!(
            order
                .windows(2)
                .filter(|pair| pair[1] == pair[0] + 1)
                .count()
                < 10
        );
    }
}
