//! The generator that streaming calls on its workers.

use std::sync::Arc;

use bevy::transform::components::Transform;

use super::build;
use super::changes::StreetChanges;
use super::collision::CityCollision;
use super::palette::CITY_MATERIAL;
use super::plan::skyline::SkylinePlan;
use super::plan::{ChunkPlan, Scope};
use crate::streaming::{
    ChunkContent, ChunkGenerator, ChunkInstances, ChunkMesh, ChunkPayload, ChunkRequest,
    DetailLevel, GenerateError, StopToken,
};

/// Chunk sizes that can be generated, metres. Below 16 no street fits; above 4,096 the merged mesh grows too large.
const SIZES_M: std::ops::RangeInclusive<f64> = 16.0..=4096.0;

/// Generates chunks of the city: pure in (seed, coordinate, detail level, chunk size).
///
/// [`DetailLevel::FULL`] gives the whole chunk with its [`CityCollision`] as payload, [`DetailLevel::MASSING`] the same
/// streets, houses and trees in plain shapes, and every coarser level the skyline: rows, blocks and towers. Each is one
/// mesh and costs less than an eighth of the one before.
#[derive(Copy, Clone, Default, Debug)]
pub struct CityGenerator;

impl ChunkGenerator for CityGenerator {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
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
        let (mesh, instances, payload): (_, _, Option<ChunkPayload>) = match request.detail {
            DetailLevel::FULL => {
                let plan = ChunkPlan::new(seed, coord, size_m, Scope::Everything, stop)?;
                return full_of(&plan, stop);
            }
            DetailLevel::MASSING => {
                let plan = ChunkPlan::new(seed, coord, size_m, Scope::FromAfar, stop)?;
                (build::massing(&plan, stop)?, Vec::new(), None)
            }
            _ => {
                let plan = SkylinePlan::new(seed, coord, size_m, stop)?;
                (build::skyline(&plan), Vec::new(), None)
            }
        };
        stop.checkpoint()?;
        Ok(content_of(mesh, instances, payload, request.detail))
    }
}

/// The whole chunk with what a player changed.
pub(super) fn full_with(
    request: &ChunkRequest,
    changes: &StreetChanges,
) -> Result<ChunkContent, GenerateError> {
    let stop = StopToken::never();
    let (seed, coord, size_m) = (request.seed, request.coord, request.chunk_size_m);
    let mut plan = ChunkPlan::new(seed, coord, size_m, Scope::Everything, &stop)?;
    plan.apply(changes);
    full_of(&plan, &stop)
}

fn full_of(plan: &ChunkPlan, stop: &StopToken) -> Result<ChunkContent, GenerateError> {
    let (mesh, instances) = build::full(plan, stop)?;
    let collision: ChunkPayload = Arc::new(CityCollision::new(plan));
    stop.checkpoint()?;
    Ok(content_of(
        mesh,
        instances,
        Some(collision),
        DetailLevel::FULL,
    ))
}

fn content_of(
    mesh: build::MeshBuilder,
    instances: Vec<ChunkInstances>,
    payload: Option<ChunkPayload>,
    detail: DetailLevel,
) -> ChunkContent {
    let mesh = ChunkMesh {
        mesh: mesh.into_mesh(),
        material: CITY_MATERIAL,
        offset_in_chunk: Transform::IDENTITY,
        // From so far away no shadow is seen, and the shadow map does not reach there.
        casts_shadow: detail < DetailLevel::SKYLINE,
    };
    ChunkContent {
        meshes: vec![mesh],
        instances,
        payload,
    }
}
