//! CITY: what a chunk of the city costs at each level and in each layer, near the origin and far from it.

use std::hint::black_box;
use std::time::Instant;

use ringroad::city::CityGenerator;
use ringroad::streaming::{
    ChunkContent, ChunkCoord, ChunkGenerator, ChunkRequest, DetailLevel, StopToken, content_hash,
};

use super::Workshop;
use super::case::Case;
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::stats::{Estimate, mean, quantile};

const SIZE_M: f64 = 200.0;
const SEED: u64 = 1;
const LEVELS: u8 = 3;
/// Cells from the origin to the far place: 100 km.
const FAR: i32 = 500;
/// What a chunk of full detail may cost: times the raw workload, bytes of mesh, entities that do not move.
const MOST_RATIO: f64 = 4.0;
const MOST_BYTES: f64 = 1.5e6;
const MOST_ENTITIES: f64 = 40.0;
/// What a level may cost of the nearer one.
const EIGHTH: f64 = 1.0 / 8.0;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(&[Id::City], "by level", 5, measure)]
}

/// One chunk.
#[derive(Copy, Clone, Debug, Default)]
struct Cost {
    ms: f64,
    hash_ms: f64,
    bytes: f64,
    vertices: f64,
    entities: f64,
}

fn cost(coord: ChunkCoord, detail: DetailLevel) -> Result<Cost, String> {
    let request = ChunkRequest {
        detail,
        ..ChunkRequest::for_test(coord, SEED, SIZE_M)
    };
    let began = Instant::now();
    let made = CityGenerator.generate(&request, &StopToken::never());
    let ms = began.elapsed().as_secs_f64() * 1e3;
    let content = made.map_err(|error| error.to_string())?;
    let began = Instant::now();
    black_box(content_hash(&content));
    let hash_ms = began.elapsed().as_secs_f64() * 1e3;
    let (bytes, vertices) = weight(&content);
    let copies: usize = content
        .instances
        .iter()
        .map(|group| group.offsets_in_chunk.len())
        .sum();
    Ok(Cost {
        ms,
        hash_ms,
        bytes: bytes as f64,
        vertices: vertices as f64,
        entities: (content.meshes.len() + copies) as f64,
    })
}

fn weight(content: &ChunkContent) -> (usize, usize) {
    let meshes = content.meshes.iter().map(|own| &own.mesh);
    meshes.fold((0, 0), |(bytes, vertices), mesh| {
        let indices = mesh.get_index_buffer_bytes().map_or(0, <[u8]>::len);
        (
            bytes + mesh.get_vertex_buffer_size() + indices,
            vertices + mesh.count_vertices(),
        )
    })
}

/// Milliseconds to write so many vertices of so many bytes in all, with one noise-like sample for each.
fn writing_ms(vertices: usize, bytes: usize) -> f64 {
    let words = (bytes / 4 / vertices.max(1)).max(1);
    let began = Instant::now();
    let mut written: Vec<f32> = Vec::with_capacity(vertices * words);
    for vertex in 0..vertices {
        let sample = noise(vertex as f32 * 0.37, vertex as f32 * 0.11);
        written.extend((0..words).map(|word| sample + word as f32));
    }
    drop(black_box(written));
    began.elapsed().as_secs_f64() * 1e3
}

/// Value noise: four hashed corners, smoothly blended.
fn noise(x: f32, z: f32) -> f32 {
    let corner = |x: i32, z: i32| {
        let mut value = (x as u32).wrapping_mul(0x9e37_79b9) ^ (z as u32).wrapping_mul(0x85eb_ca6b);
        value = (value ^ (value >> 15)).wrapping_mul(0x2c1b_3c6d);
        (value >> 8) as f32 / (1_u32 << 24) as f32
    };
    let (cell_x, cell_z) = (x.floor(), z.floor());
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (smooth(x - cell_x), smooth(z - cell_z));
    let (i, k) = (cell_x as i32, cell_z as i32);
    let low = corner(i, k) * (1.0 - u) + corner(i + 1, k) * u;
    let high = corner(i, k + 1) * (1.0 - u) + corner(i + 1, k + 1) * u;
    low * (1.0 - v) + high * v
}

fn cells(middle: i32, side: i32) -> Vec<ChunkCoord> {
    let around = -side / 2..side - side / 2;
    around
        .clone()
        .flat_map(|x| around.clone().map(move |z| ChunkCoord::new(middle + x, z)))
        .collect()
}

/// The mean cost of many chunks at each level; one set for every repetition.
fn levels(middle: i32, side: i32, times: usize) -> Result<Vec<Vec<Cost>>, String> {
    (0..times)
        .map(|_| {
            (0..LEVELS)
                .map(|level| {
                    let costs = cells(middle, side)
                        .into_iter()
                        .map(|coord| cost(coord, DetailLevel(level)))
                        .collect::<Result<Vec<_>, _>>()?;
                    let over = |of: fn(&Cost) -> f64| {
                        let values: Vec<_> = costs.iter().map(of).collect();
                        mean(&values).unwrap_or(f64::NAN)
                    };
                    Ok(Cost {
                        ms: over(|c| c.ms),
                        hash_ms: over(|c| c.hash_ms),
                        bytes: over(|c| c.bytes),
                        vertices: over(|c| c.vertices),
                        entities: over(|c| c.entities),
                    })
                })
                .collect()
        })
        .collect()
}

fn measure(shop: &Workshop) -> Result<Vec<Measured>, String> {
    let side = shop.sized(4, 8);
    let mut rows = Vec::new();
    for (where_, middle) in [("near", 0), ("100 km out", FAR)] {
        let found = levels(middle, side, shop.pairs())?;
        for level in 0..usize::from(LEVELS) {
            rows.extend(shown(&found, level, where_));
            if level > 0 {
                rows.extend(shares(&found, level, where_));
            }
        }
        rows.push(against_writing(&found, where_));
        rows.extend(within_budget(middle, side, where_)?);
        rows.extend(layers(middle, side, shop.pairs(), where_)?);
    }
    Ok(rows)
}

/// What no chunk may exceed, and the chunk that comes nearest to it.
fn within_budget(middle: i32, side: i32, where_: &str) -> Result<Vec<Measured>, String> {
    let costs = cells(middle, side)
        .into_iter()
        .map(|coord| cost(coord, DetailLevel::FULL))
        .collect::<Result<Vec<_>, _>>()?;
    let most = |of: fn(&Cost) -> f64| costs.iter().map(of).fold(0.0, f64::max);
    let rows = [
        ("bytes of mesh", most(|c| c.bytes), MOST_BYTES),
        ("entities", most(|c| c.entities), MOST_ENTITIES),
    ];
    Ok(rows
        .into_iter()
        .map(|(what, found, most)| Measured {
            id: Id::City,
            case: format!("most {what} of any chunk, level 0, {where_}"),
            samples: vec![found; 3],
            target: Target::at_most(most, most).with_goal_alone(),
            kind: Kind::Counted,
            note: format!("the largest of {} chunks", costs.len()),
        })
        .collect())
}

/// What each layer of the full detail costs, mean over a square of chunks.
fn layers(middle: i32, side: i32, times: usize, where_: &str) -> Result<Vec<Measured>, String> {
    let coords = cells(middle, side);
    // By layer: its name, its milliseconds in each repetition, its vertices.
    let mut found: Vec<(&'static str, Vec<f64>, f64)> = Vec::new();
    for repetition in 0..times {
        for coord in &coords {
            let request = ChunkRequest::for_test(*coord, SEED, SIZE_M);
            let (mut began, mut before, mut number) = (Instant::now(), 0, 0);
            let mut after_layer = |layer: &'static str, vertices: usize| {
                let ms = began.elapsed().as_secs_f64() * 1e3 / coords.len() as f64;
                if number == found.len() {
                    found.push((layer, vec![0.0; times], 0.0));
                }
                let (_, all_ms, all_vertices) = &mut found[number];
                all_ms[repetition] += ms;
                if repetition == 0 {
                    *all_vertices += (vertices - before) as f64 / coords.len() as f64;
                }
                (before, number) = (vertices, number + 1);
                began = Instant::now();
            };
            CityGenerator::generate_watched(&request, &StopToken::never(), &mut after_layer)
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(found
        .into_iter()
        .map(|(layer, samples, vertices)| Measured {
            id: Id::City,
            case: format!("ms of the layer {layer}, level 0, {where_}"),
            samples,
            target: Target::SHOWN,
            kind: Kind::Timed,
            note: format!("{vertices:.0} vertices per chunk"),
        })
        .collect())
}

fn middle_of(found: &[Vec<Cost>], level: usize, of: fn(&Cost) -> f64) -> f64 {
    let values: Vec<_> = found.iter().map(|levels| of(&levels[level])).collect();
    quantile(&values, 0.5).unwrap_or(f64::NAN)
}

/// The plain numbers of a level.
fn shown(found: &[Vec<Cost>], level: usize, where_: &str) -> Vec<Measured> {
    let rows: [(&str, fn(&Cost) -> f64); 5] = [
        ("ms", |c| c.ms),
        ("ms of its content hash", |c| c.hash_ms),
        ("bytes", |c| c.bytes),
        ("vertices", |c| c.vertices),
        ("entities", |c| c.entities),
    ];
    rows.into_iter()
        .map(|(what, of)| Measured {
            id: Id::City,
            case: format!("{what} per chunk, level {level}, {where_}"),
            samples: found.iter().map(|levels| of(&levels[level])).collect(),
            target: Target::SHOWN,
            kind: Kind::Timed,
            note: "generator alone on the main thread, mean over a square of chunks".to_owned(),
        })
        .collect()
}

/// What a level costs of the nearer one.
fn shares(found: &[Vec<Cost>], level: usize, where_: &str) -> Vec<Measured> {
    let rows: [(&str, fn(&Cost) -> f64, Kind); 2] = [
        ("ms", |c| c.ms, Kind::Timed),
        ("vertices", |c| c.vertices, Kind::Counted),
    ];
    rows.into_iter()
        .map(|(what, of, kind)| Measured {
            id: Id::City,
            case: format!("{what}, level {level} ÷ level {}, {where_}", level - 1),
            samples: found
                .iter()
                .map(|levels| of(&levels[level]) / of(&levels[level - 1]))
                .collect(),
            target: Target::at_most(EIGHTH, EIGHTH).with_goal_alone(),
            kind,
            note: format!(
                "{:.3} ÷ {:.3} {what} per chunk",
                middle_of(found, level, of),
                middle_of(found, level - 1, of),
            ),
        })
        .collect()
}

fn against_writing(found: &[Vec<Cost>], where_: &str) -> Measured {
    let ratio = |levels: &Vec<Cost>| {
        let full = levels[0];
        let times: Vec<_> = (0..5)
            .map(|_| writing_ms(full.vertices as usize, full.bytes as usize))
            .collect();
        full.ms / Estimate::of(&times).map_or(f64::NAN, |estimate| estimate.value)
    };
    Measured {
        id: Id::City,
        case: format!("generate ÷ write its vertices, level 0, {where_}"),
        samples: found.iter().map(ratio).collect(),
        target: Target::at_most(MOST_RATIO, MOST_RATIO).with_goal_alone(),
        kind: Kind::Timed,
        note: "÷ the time to write as many bytes for as many vertices with one sample of value noise each".to_owned(),
    }
}
