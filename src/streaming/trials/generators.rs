//! Generators that do what a test says.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, Mesh, MeshVertexAttribute, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::logic::rng::{mix64, unit_from};
use crate::*;

pub const BLOCK: PaletteKey = PaletteKey("test/block");

/// One own mesh and some blocks, everywhere different, always the same for the same request.
pub struct Blocks;

impl ChunkGenerator for Blocks {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        stop.checkpoint()?;
        Ok(blocks(request, 12))
    }
}

pub fn blocks(request: &ChunkRequest, count: u64) -> ChunkContent {
    let place = (u64::from(request.coord.x as u32) << 32) | u64::from(request.coord.z as u32);
    let draw = |n: u64| unit_from(mix64(mix64(place) ^ request.seed ^ mix64(n))) as f32;
    let size = request.chunk_size_m as f32;
    let offsets_in_chunk = (0..count)
        .map(|n| {
            Transform::from_xyz(draw(n) * size, draw(n + 100) * 9.0, draw(n + 200) * size)
                .with_rotation(Quat::from_rotation_y(draw(n + 300)))
                .with_scale(Vec3::new(1.0 + draw(n + 400), 2.0, 0.5))
        })
        .collect();
    let color = [draw(1), draw(2), draw(3), 1.0];
    let mesh = Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(
        Mesh::ATTRIBUTE_POSITION,
        vec![
            [0.0, 0.0, 0.0],
            [size, 0.0, 0.0],
            [0.0, 0.0, size],
            [size, draw(4), size],
        ],
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, vec![color; 4])
    .with_inserted_indices(Indices::U32(vec![0, 1, 2, 2, 1, 3]));
    ChunkContent {
        meshes: vec![ChunkMesh {
            mesh,
            material: BLOCK,
            offset_in_chunk: Transform::from_xyz(0.0, 0.25, 0.0),
            casts_shadow: false,
        }],
        instances: vec![ChunkInstances {
            mesh: BLOCK,
            material: BLOCK,
            offsets_in_chunk,
            casts_shadow: true,
        }],
        payload: Some(Arc::new(request.coord)),
    }
}

/// Holds every generation until it is opened; listens to the stop token unless it is deaf.
#[derive(Clone, Default)]
pub struct Gate {
    pub is_open: Arc<AtomicBool>,
    pub is_deaf: bool,
    pub began: Arc<AtomicU64>,
    pub stopped: Arc<AtomicU64>,
}

impl ChunkGenerator for Gate {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        self.began.fetch_add(1, Ordering::SeqCst);
        while !self.is_open.load(Ordering::SeqCst) {
            if !self.is_deaf && stop.is_stopped() {
                self.stopped.fetch_add(1, Ordering::SeqCst);
                return Err(GenerateError::Cancelled);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(blocks(request, 2))
    }
}

/// Writes down the order in which chunks are begun.
#[derive(Clone, Default)]
pub struct Logbook {
    pub order: Arc<Mutex<Vec<ChunkCoord>>>,
}

impl ChunkGenerator for Logbook {
    fn generate(
        &self,
        request: &ChunkRequest,
        _stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        self.order.lock().unwrap().push(request.coord);
        Ok(blocks(request, 2))
    }
}

/// Returns what must not reach the world.
#[derive(Copy, Clone, Debug)]
pub enum Broken {
    NotFinite,
    InstanceFarAway,
    InstanceHuge,
    MeshFarAway,
    MeshHuge,
    NormalNotFinite,
    ColourNotFinite,
    ColoursMissing,
    IndexOutOfRange,
    TooManyMeshes,
    UnknownKey,
}

impl ChunkGenerator for Broken {
    fn generate(
        &self,
        request: &ChunkRequest,
        _stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        let mut content = blocks(request, 2);
        match self {
            Self::NotFinite => content.instances[0].offsets_in_chunk[1].translation.x = f32::NAN,
            Self::InstanceFarAway => {
                content.instances[0].offsets_in_chunk[1].translation.z = 100_000.0;
            }
            Self::InstanceHuge => content.instances[0].offsets_in_chunk[0].scale.y = 1e30,
            Self::MeshFarAway => {
                content.meshes[0].offset_in_chunk.translation = Vec3::new(-100_000.0, 0.0, 0.0);
            }
            Self::MeshHuge => {
                let corners = vec![[0.0, 0.0, 0.0], [1e30, 0.0, 0.0], [0.0; 3], [1.0; 3]];
                insert(&mut content, Mesh::ATTRIBUTE_POSITION, corners);
            }
            Self::NormalNotFinite => {
                let normals = vec![[0.0, 1.0, 0.0], [0.0, f32::NAN, 0.0], [0.0; 3], [0.0; 3]];
                insert(&mut content, Mesh::ATTRIBUTE_NORMAL, normals);
            }
            Self::ColourNotFinite => {
                let colours = vec![[0.0, 1.0, f32::INFINITY, 1.0]; 4];
                insert(&mut content, Mesh::ATTRIBUTE_COLOR, colours);
            }
            Self::ColoursMissing => {
                insert(&mut content, Mesh::ATTRIBUTE_COLOR, vec![[1.0_f32; 4]; 3]);
            }
            Self::IndexOutOfRange => {
                let mesh = &mut content.meshes[0].mesh;
                mesh.insert_indices(Indices::U32(vec![0, 1, 4]));
            }
            Self::TooManyMeshes => {
                for _ in 0..MAX_MESHES_PER_CHUNK {
                    content.meshes.push(blocks(request, 0).meshes.remove(0));
                }
            }
            Self::UnknownKey => content.instances[0].mesh = PaletteKey("test/nothing"),
        }
        Ok(content)
    }
}

fn insert(
    content: &mut ChunkContent,
    attribute: MeshVertexAttribute,
    values: impl Into<VertexAttributeValues>,
) {
    content.meshes[0].mesh.insert_attribute(attribute, values);
}
