//! The generator that streaming calls on its workers.

use std::any::Any;
use std::sync::Arc;

use bevy::transform::components::Transform;

use super::build::{self, Built, LayerProbe, MeshBuilder};
use super::changes::StreetChanges;
use super::collision::CityCollision;
use super::palette::{CITY_MATERIAL, WATER};
use super::plan::skyline::SkylinePlan;
use super::plan::{ChunkPlan, Scope};
use crate::streaming::{
    ChunkContent, ChunkGenerator, ChunkMesh, ChunkPayload, ChunkRequest, DetailLevel,
    GenerateError, StopToken,
};

/// Chunk sizes that can be generated, metres. Below 16 no street fits; above 4,096 the merged mesh grows too large.
const SIZES_M: std::ops::RangeInclusive<f64> = 16.0..=4096.0;

/// Generates chunks of the city: pure in (seed, coordinate, detail level, chunk size).
///
/// [`DetailLevel::FULL`] gives the whole chunk with its [`CityCollision`] as payload, [`DetailLevel::MASSING`] the same
/// streets, houses and trees in plain shapes, and every coarser level the skyline: rows, blocks and towers. Each is one
/// mesh, and another of water where there is any, and has less than an eighth of the vertices of the one before; what
/// they take in time stands in docs/PROFILING.md.
#[derive(Copy, Clone, Default, Debug)]
pub struct CityGenerator;

impl ChunkGenerator for CityGenerator {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        Self::generate_watched(request, stop, &mut |layer, _| stop.end_layer(layer))
    }

    fn payload_bytes(&self, payload: &(dyn Any + Send + Sync)) -> u64 {
        payload
            .downcast_ref::<CityCollision>()
            .map_or(0, |collision| collision.bytes() as u64)
    }
}

impl CityGenerator {
    /// Generates a chunk and tells after each layer of its making: the layer's name, and how many vertices there are by
    /// then. What is made is the same; for measurements.
    pub fn generate_watched(
        request: &ChunkRequest,
        stop: &StopToken,
        after_layer: &mut dyn FnMut(&'static str, usize),
    ) -> Result<ChunkContent, GenerateError> {
        if !SIZES_M.contains(&request.chunk_size_m) {
            return Err(GenerateError::Failed(format!(
                "chunk_size_m {} is outside what the city can build: {} to {} m",
                request.chunk_size_m,
                SIZES_M.start(),
                SIZES_M.end()
            )));
        }
        stop.checkpoint()?;
        let (seed, coord, size_m) = (request.seed, request.coord, request.chunk_size_m);
        let built = match request.detail {
            DetailLevel::FULL => {
                let plan = ChunkPlan::new(seed, coord, size_m, Scope::Everything, stop)?;
                after_layer("plan", 0);
                return full_of(&plan, stop, after_layer);
            }
            DetailLevel::MASSING => {
                let plan = ChunkPlan::new(seed, coord, size_m, Scope::FromAfar, stop)?;
                let built = build::massing(&plan, stop)?;
                after_layer("massing", built.mesh.count() as usize);
                built
            }
            _ => {
                let plan = SkylinePlan::new(seed, coord, size_m, stop)?;
                let built = build::skyline(&plan);
                after_layer("skyline", built.mesh.count() as usize);
                built
            }
        };
        stop.checkpoint()?;
        Ok(content_of(built, None, request.detail))
    }
}

/// The whole chunk with what a player changed. Fails only when stopped.
pub(super) fn full_with(
    request: &ChunkRequest,
    changes: &StreetChanges,
    stop: &StopToken,
) -> Result<ChunkContent, GenerateError> {
    let (seed, coord, size_m) = (request.seed, request.coord, request.chunk_size_m);
    let mut plan = ChunkPlan::new(seed, coord, size_m, Scope::Everything, stop)?;
    plan.apply(changes);
    full_of(&plan, stop, &mut |_, _| {})
}

fn full_of(
    plan: &ChunkPlan,
    stop: &StopToken,
    after_layer: LayerProbe<'_>,
) -> Result<ChunkContent, GenerateError> {
    let built = build::full(plan, stop, after_layer)?;
    let collision: ChunkPayload = Arc::new(CityCollision::without(plan, &built.left_out));
    let vertices = built.mesh.count() + built.water.count();
    after_layer("collision", vertices as usize);
    stop.checkpoint()?;
    Ok(content_of(built, Some(collision), DetailLevel::FULL))
}

fn content_of(built: Built, payload: Option<ChunkPayload>, detail: DetailLevel) -> ChunkContent {
    let Built {
        mesh,
        water,
        instances,
        ..
    } = built;
    // From so far away no shadow is seen, and the shadow map does not reach there. Water throws none.
    let casts_shadow = detail < DetailLevel::SKYLINE;
    let part = |mesh: MeshBuilder, material, casts_shadow| ChunkMesh {
        mesh: mesh.into_mesh(),
        material,
        offset_in_chunk: Transform::IDENTITY,
        casts_shadow,
    };
    let mut meshes = vec![part(mesh, CITY_MATERIAL, casts_shadow)];
    if water.count() > 0 {
        meshes.push(part(water, WATER, false));
    }
    ChunkContent {
        meshes,
        instances,
        payload,
    }
}
