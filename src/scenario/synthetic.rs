//! A generator of boxes with a stated number of entities, bytes and work, for runs that are about the queue.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bevy::asset::{Assets, RenderAssetUsages};
use bevy::camera::primitives::Aabb;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};
use bevy::prelude::*;
use ringroad_streaming::{
    ChunkContent, ChunkGenerator, ChunkInstances, ChunkMesh, ChunkPalette, ChunkRequest,
    GenerateError, PaletteKey, ServiceCost, StopToken,
};

const BOX: PaletteKey = PaletteKey("synthetic/box");
const PLAIN: PaletteKey = PaletteKey("synthetic/plain");

/// Bytes of one triangle of the merged mesh: three positions, three normals, three indices.
const TRIANGLE_BYTES: u64 = 3 * (12 + 12 + 4);
/// Between two looks at the stop token while work is spun away.
const SPIN: Duration = Duration::from_micros(50);

/// Puts the one box and the one material that all synthetic chunks share into the palette.
pub fn register_palette(
    mut palette: ResMut<ChunkPalette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let half = Vec3::splat(0.5);
    palette.insert_mesh(
        BOX,
        meshes.add(Cuboid::from_size(Vec3::ONE)),
        Aabb::from_min_max(-half, half),
    );
    palette.insert_material(PLAIN, materials.add(Color::srgb(0.6, 0.6, 0.65)));
}

/// Boxes on a chunk: content follows from seed and coordinate alone.
#[derive(Clone, Debug)]
pub struct SyntheticGenerator {
    entities: u32,
    bytes: u64,
    work: Option<ServiceCost>,
}

impl SyntheticGenerator {
    /// Chunks of `entities` entities, one of them a mesh of at least `bytes` bytes if `bytes` is not 0.
    pub fn new(entities: u32, bytes: u64) -> Self {
        Self {
            entities,
            bytes,
            work: None,
        }
    }

    /// The same with real work of that cost for each chunk, for the real clock.
    pub fn with_work(mut self, cost: ServiceCost) -> Self {
        self.work = Some(cost);
        self
    }
}

impl ChunkGenerator for SyntheticGenerator {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        if let Some(cost) = &self.work {
            spin(cost.of(request), stop)?;
        }
        let mut draw = Draw::of(request);
        let has_mesh = self.bytes > 0;
        let mut content = ChunkContent::default();
        if has_mesh {
            content.meshes.push(carpet(
                self.bytes.div_ceil(TRIANGLE_BYTES),
                request,
                &mut draw,
            ));
        }
        stop.checkpoint()?;
        let boxes = self.entities - u32::from(has_mesh).min(self.entities);
        let size_m = request.chunk_size_m as f32;
        let offsets_in_chunk = (0..boxes)
            .map(|_| {
                let place = Vec3::new(draw.unit() * size_m, 0.5, draw.unit() * size_m);
                Transform::from_translation(place).with_scale(Vec3::splat(0.5 + 2.0 * draw.unit()))
            })
            .collect();
        content.instances.push(ChunkInstances {
            mesh: BOX,
            material: PLAIN,
            offsets_in_chunk,
            casts_shadow: false,
        });
        Ok(content)
    }
}

/// Keeps a core busy for that long, as a real generator would.
fn spin(work: Duration, stop: &StopToken) -> Result<(), GenerateError> {
    let end = Instant::now() + work;
    loop {
        stop.checkpoint()?;
        let now = Instant::now();
        if now >= end {
            return Ok(());
        }
        let until = (now + SPIN).min(end);
        let mut turns = 0_u64;
        while Instant::now() < until {
            turns = black_box(turns.wrapping_add(1));
        }
    }
}

/// One merged mesh of that many triangles, strewn over the ground.
fn carpet(triangles: u64, request: &ChunkRequest, draw: &mut Draw) -> ChunkMesh {
    let size_m = request.chunk_size_m as f32;
    let mut positions = Vec::with_capacity(3 * triangles as usize);
    for _ in 0..triangles {
        let corner = Vec3::new(draw.unit() * size_m, 0.02, draw.unit() * size_m);
        positions
            .extend([corner, corner + Vec3::Z, corner + Vec3::X].map(|place| place.to_array()));
    }
    let normals = vec![[0.0_f32, 1.0, 0.0]; positions.len()];
    let indices: Vec<u32> = (0..positions.len() as u32).collect();
    let mesh = Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
    .with_inserted_indices(Indices::U32(indices));
    ChunkMesh {
        mesh,
        material: PLAIN,
        offset_in_chunk: Transform::IDENTITY,
        casts_shadow: false,
    }
}

/// A stream of numbers that follows from a chunk's seed and coordinate.
struct Draw(u64);

impl Draw {
    fn of(request: &ChunkRequest) -> Self {
        let place = u64::from(request.coord.x as u32) << 32 | u64::from(request.coord.z as u32);
        Self(request.seed.rotate_left(29) ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// From 0 up to, not including, 1; by `SplitMix64`.
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use ringroad_streaming::{ChunkCoord, content_hash};

    use super::*;

    fn content(generator: &SyntheticGenerator, x: i32, seed: u64) -> ChunkContent {
        let request = ChunkRequest::for_test(ChunkCoord::new(x, 2), seed, 200.0);
        generator
            .generate(&request, &StopToken::never())
            .expect("made")
    }

    #[test]
    fn a_chunk_has_the_entities_and_bytes_that_were_asked_for() {
        let content = content(&SyntheticGenerator::new(150, 200_000), 1, 1);
        let instances: usize = content
            .instances
            .iter()
            .map(|group| group.offsets_in_chunk.len())
            .sum();
        assert_eq!(instances + content.meshes.len(), 150);
        let mesh = &content.meshes[0].mesh;
        let bytes =
            mesh.get_vertex_buffer_size() + mesh.get_index_buffer_bytes().map_or(0, <[u8]>::len);
        assert!((200_000..200_100).contains(&bytes), "{bytes}");
    }

    #[test]
    fn content_follows_from_seed_and_coordinate_alone() {
        let generator = SyntheticGenerator::new(10, 1_000);
        let hash = |x, seed| content_hash(&content(&generator, x, seed));
        assert_eq!(hash(1, 1), hash(1, 1));
        assert_ne!(hash(1, 1), hash(2, 1));
        assert_ne!(hash(1, 1), hash(1, 2));
    }

    #[test]
    fn real_work_takes_at_least_its_stated_time() {
        let generator = SyntheticGenerator::new(1, 0).with_work(ServiceCost::Fixed { us: 3_000.0 });
        let started = Instant::now();
        content(&generator, 0, 1);
        assert!(started.elapsed() >= Duration::from_millis(3));
    }
}
