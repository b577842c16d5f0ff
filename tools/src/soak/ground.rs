//! What fills the chunks of a soak, what it costs on the virtual clock, and what may be wrong with it on purpose.

use std::sync::atomic::{AtomicU64, Ordering};

use bevy::asset::Assets;
use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use ringroad::city::{CityGenerator, Shading};
use ringroad::scenario::SyntheticGenerator;
use ringroad::streaming::{
    ChunkContent, ChunkGenerator, ChunkPalette, ChunkRequest, DetailLevel, GenerateError,
    PaletteKey, ServiceCost, StopToken, VirtualCosts,
};

/// Of a synthetic chunk: few enough that a frame is about streaming, not about entities.
pub const SYNTHETIC_ENTITIES: u32 = 6;
/// Bytes of its one mesh.
pub const SYNTHETIC_BYTES: u64 = 2_000;
/// Mean µs of its generation on the virtual clock; the spread is heavy.
pub const SYNTHETIC_COST_US: f64 = 2_000.0;
/// µs of the city's generation by level on the virtual clock, as scenarios have it.
pub const CITY_COST_US: [f64; 3] = [8_000.0, 900.0, 120.0];
/// µs per entity and ns per byte of apply on the virtual clock, as scenarios have it.
pub const APPLY_COST: (f64, f64) = (1.0, 0.5);

/// What fills the chunks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Ground {
    /// The city of the game.
    City,
    /// Boxes.
    Synthetic,
}

/// Something that is wrong on purpose, to see that the soak finds it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Sabotage {
    /// Now and then a chunk comes out otherwise than before (law 9).
    Content,
    /// Now and then somebody makes a mesh and keeps it for ever (growth).
    Leak,
}

impl Ground {
    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Synthetic => "synthetic",
        }
    }

    /// What the work costs on the virtual clock.
    pub fn costs(self) -> VirtualCosts {
        let (apply_us_per_entity, apply_ns_per_byte) = APPLY_COST;
        VirtualCosts {
            service: match self {
                Self::City => ServiceCost::ByLevel(CITY_COST_US.to_vec()),
                Self::Synthetic => ServiceCost::HeavyTailed {
                    us: SYNTHETIC_COST_US,
                },
            },
            apply_us_per_entity,
            apply_ns_per_byte,
        }
    }

    /// What makes the chunks.
    pub fn generator(self, sabotage: Option<Sabotage>) -> Box<dyn ChunkGenerator> {
        let generator: Box<dyn ChunkGenerator> = match self {
            Self::City => Box::new(CityGenerator),
            Self::Synthetic => {
                Box::new(SyntheticGenerator::new(SYNTHETIC_ENTITIES, SYNTHETIC_BYTES))
            }
        };
        match sabotage {
            Some(Sabotage::Content) => Box::new(Unsteady {
                inner: generator,
                made: AtomicU64::new(0),
            }),
            Some(Sabotage::Leak) | None => generator,
        }
    }

    /// Shared meshes and materials.
    pub fn fill_palette(self, world: &mut World) {
        world.resource_scope(|world, mut palette: Mut<ChunkPalette>| {
            world.resource_scope(|world, mut meshes: Mut<Assets<Mesh>>| match self {
                Self::City => ringroad::city::register_palette(
                    &mut palette,
                    &mut meshes,
                    &mut world.resource_mut(),
                    Shading::Lean,
                ),
                Self::Synthetic => {
                    let half = Vec3::splat(0.5);
                    let mut materials = world.resource_mut::<Assets<StandardMaterial>>();
                    palette.insert_mesh(
                        PaletteKey("synthetic/box"),
                        meshes.add(Cuboid::from_size(Vec3::ONE)),
                        Aabb::from_min_max(-half, half),
                    );
                    palette.insert_material(
                        PaletteKey("synthetic/plain"),
                        materials.add(Color::srgb(0.6, 0.6, 0.65)),
                    );
                }
            });
        });
    }
}

/// Between two chunks that come out otherwise.
const UNSTEADY_EVERY: u64 = 100;

/// A generator that breaks law 9: what it makes depends on how much it has made.
struct Unsteady {
    inner: Box<dyn ChunkGenerator>,
    made: AtomicU64,
}

impl ChunkGenerator for Unsteady {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        let mut content = self.inner.generate(request, stop)?;
        let made = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        if made.is_multiple_of(UNSTEADY_EVERY)
            && let Some(offset) = content
                .instances
                .iter_mut()
                .find_map(|group| group.offsets_in_chunk.first_mut())
        {
            offset.translation.y += 1.0;
        }
        Ok(content)
    }

    fn version(&self, coord: ringroad::streaming::ChunkCoord, detail: DetailLevel) -> u32 {
        self.inner.version(coord, detail)
    }
}
