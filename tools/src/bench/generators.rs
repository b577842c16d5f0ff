//! Generators whose work is counted in turns, not in time, so that a core that is shared slows them as it slows real work.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::asset::{Assets, RenderAssetUsages};
use bevy::camera::primitives::Aabb;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;
use ringroad::city::{CityGenerator, CityMaterial, Shading};
use ringroad::streaming::{
    ChunkContent, ChunkGenerator, ChunkInstances, ChunkMesh, ChunkPalette, ChunkRequest,
    GenerateError, PaletteKey, ServiceCost, StopToken,
};

const BOX: PaletteKey = PaletteKey("bench/box");
const PLAIN: PaletteKey = PaletteKey("bench/plain");

/// Checkpoints in the work of one chunk.
const CHECKPOINTS: u64 = 100;

/// How many turns of work this machine does in a microsecond; the best of several looks.
pub fn turns_per_us() -> f64 {
    const TURNS: u64 = 400_000;
    let look = || {
        let began = Instant::now();
        turn(TURNS);
        TURNS as f64 / (began.elapsed().as_secs_f64() * 1e6)
    };
    (0..12).map(|_| look()).fold(0.0, f64::max)
}

fn turn(turns: u64) {
    let mut value = turns;
    for _ in 0..turns {
        value = black_box(value.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 1);
    }
}

/// What each chunk holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Entities, one of them the mesh if there is one.
    pub entities: u32,
    /// Bytes of a mesh of the chunk's own; 0 for none.
    pub bytes: u64,
}

/// Nothing but one entity.
pub const TINY: Load = Load {
    entities: 1,
    bytes: 0,
};

/// What a busy chunk of the city holds.
pub const BUSY: Load = Load {
    entities: 150,
    bytes: 200_000,
};

/// Boxes, after work of a stated cost.
#[derive(Clone, Debug)]
pub struct Spinner {
    /// The stated time of each chunk on an idle core; no work at all if absent.
    pub cost: Option<ServiceCost>,
    /// What each chunk holds.
    pub load: Load,
    /// From [`turns_per_us`].
    pub turns_per_us: f64,
}

impl ChunkGenerator for Spinner {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        if let Some(cost) = &self.cost {
            let us = cost.of(request).as_secs_f64() * 1e6;
            let turns = (us * self.turns_per_us) as u64;
            for part in 0..CHECKPOINTS {
                stop.checkpoint()?;
                turn(turns * (part + 1) / CHECKPOINTS - turns * part / CHECKPOINTS);
            }
        }
        stop.checkpoint()?;
        Ok(boxes(request, self.load))
    }
}

fn boxes(request: &ChunkRequest, load: Load) -> ChunkContent {
    let size_m = request.chunk_size_m as f32;
    let shift = ((request.coord.x * 31 + request.coord.z * 17).rem_euclid(97)) as f32 / 97.0;
    let mut content = ChunkContent::default();
    if load.bytes > 0 {
        content
            .meshes
            .push(carpet((load.bytes / 84).max(1) as u32, size_m, shift));
    }
    let copies = load.entities - u32::from(load.bytes > 0).min(load.entities);
    let offsets_in_chunk = (0..copies)
        .map(|n| {
            let along = n as f32 / copies as f32;
            Transform::from_xyz(along * size_m, 0.5, (along * 7.0 + shift).fract() * size_m)
        })
        .collect();
    content.instances.push(ChunkInstances {
        mesh: BOX,
        material: PLAIN,
        offsets_in_chunk,
        casts_shadow: true,
    });
    content
}

/// One mesh of so many triangles, 84 bytes each.
fn carpet(triangles: u32, size_m: f32, shift: f32) -> ChunkMesh {
    let positions: Vec<[f32; 3]> = (0..triangles)
        .flat_map(|n| {
            let x = (n as f32 * 0.618 + shift).fract() * size_m;
            let z = n as f32 / triangles as f32 * size_m;
            [[x, 0.0, z], [x, 0.0, z + 1.0], [x + 1.0, 0.0, z]]
        })
        .collect();
    let normals = vec![[0.0_f32, 1.0, 0.0]; positions.len()];
    let indices = (0..positions.len() as u32).collect();
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
        casts_shadow: true,
    }
}

/// Puts the shared meshes and materials of [`Spinner`] and of the city into the palette.
pub fn fill_palette(
    mut palette: ResMut<ChunkPalette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    mut city: ResMut<Assets<CityMaterial>>,
) {
    let half = Vec3::splat(0.5);
    palette.insert_mesh(
        BOX,
        meshes.add(Cuboid::from_length(1.0)),
        Aabb::from_min_max(-half, half),
    );
    palette.insert_material(PLAIN, materials.add(Color::WHITE));
    ringroad::city::register_palette(&mut palette, &mut meshes, &mut city, Shading::Lit);
}

/// What fills the chunks of a case.
#[derive(Clone)]
pub enum Filler {
    /// Boxes with work of so many microseconds in front of them.
    Constant(f64, Load),
    /// The same with a heavy tail and that mean.
    Heavy(f64, Load),
    /// Boxes without any work, for runs whose time is stated.
    Free(Load),
    /// The real city.
    City,
}

impl Filler {
    /// As it is called in the report.
    pub fn name(&self) -> String {
        match self {
            Self::Constant(us, _) => format!("synthetic {}", cost_text(*us)),
            Self::Heavy(us, _) => format!("synthetic {} heavy-tailed", cost_text(*us)),
            Self::Free(_) => "synthetic".to_owned(),
            Self::City => "city".to_owned(),
        }
    }

    /// The side of its chunks in metres: the city's own, else the least, so that there can be many.
    pub fn chunk_size_m(&self) -> f64 {
        match self {
            Self::City => 200.0,
            Self::Constant(..) | Self::Heavy(..) | Self::Free(_) => 16.0,
        }
    }

    /// The stated cost of a chunk; `None` where it must be measured.
    pub fn stated(&self, request: &ChunkRequest) -> Option<Duration> {
        self.cost().map(|cost| cost.of(request))
    }

    fn cost(&self) -> Option<ServiceCost> {
        match self {
            Self::Constant(us, _) => Some(ServiceCost::Fixed { us: *us }),
            Self::Heavy(us, _) => Some(ServiceCost::HeavyTailed { us: *us }),
            Self::Free(_) | Self::City => None,
        }
    }

    /// The generator itself.
    pub fn generator(&self, turns_per_us: f64) -> Arc<dyn ChunkGenerator> {
        match self {
            Self::City => Arc::new(CityGenerator),
            Self::Constant(_, load) | Self::Heavy(_, load) | Self::Free(load) => {
                Arc::new(Spinner {
                    cost: self.cost(),
                    load: *load,
                    turns_per_us,
                })
            }
        }
    }
}

fn cost_text(us: f64) -> String {
    if us >= 1e3 {
        format!("{} ms", us / 1e3)
    } else {
        format!("{us} µs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringroad::streaming::ChunkCoord;

    fn spinner(us: f64) -> Spinner {
        Spinner {
            cost: Some(ServiceCost::Fixed { us }),
            load: BUSY,
            turns_per_us: 100.0,
        }
    }

    #[test]
    fn a_chunk_holds_what_was_asked_for() {
        let request = ChunkRequest::for_test(ChunkCoord::new(3, -4), 1, 200.0);
        let content = spinner(1.0)
            .generate(&request, &StopToken::never())
            .unwrap();
        let copies: usize = content
            .instances
            .iter()
            .map(|group| group.offsets_in_chunk.len())
            .sum();
        assert_eq!(copies + content.meshes.len(), 150);
        let mesh = &content.meshes[0].mesh;
        let bytes =
            mesh.get_vertex_buffer_size() + mesh.get_index_buffer_bytes().map_or(0, <[u8]>::len);
        assert!((199_000..=200_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn more_work_takes_longer() {
        let request = ChunkRequest::for_test(ChunkCoord::new(0, 0), 1, 200.0);
        let took = |us| {
            let began = Instant::now();
            let spinner = Spinner {
                load: TINY,
                ..spinner(us)
            };
            spinner.generate(&request, &StopToken::never()).unwrap();
            began.elapsed()
        };
        assert!(took(100_000.0) > 4 * took(1_000.0));
    }
}
