//! Chunks as streaming gets them: the same again each time, whole, and within their budgets.

use std::time::{Duration, Instant};

use bevy::mesh::{Indices, Mesh, VertexAttributeValues};

use super::super::CityGenerator;
use super::USUAL_SIZES_M;
use crate::streaming::{
    ChunkContent, ChunkCoord, ChunkGenerator, ChunkRequest, DetailLevel, GenerateError, StopToken,
    content_hash,
};

pub(super) fn generate(seed: u64, x: i32, z: i32, chunk_size_m: f64) -> ChunkContent {
    let request = ChunkRequest::for_test(ChunkCoord::new(x, z), seed, chunk_size_m);
    CityGenerator
        .generate(&request, &StopToken::never())
        .expect("the size is legal and nothing stops a test")
}

fn hash(seed: u64, x: i32, z: i32, chunk_size_m: f64) -> u64 {
    content_hash(&generate(seed, x, z, chunk_size_m))
}

fn vectors(mesh: &Mesh, attribute: bevy::mesh::MeshVertexAttribute) -> &[[f32; 3]] {
    match mesh.attribute(attribute) {
        Some(VertexAttributeValues::Float32x3(values)) => values,
        other => panic!("expected Float32x3, found {other:?}"),
    }
}

fn colours(mesh: &Mesh) -> &[[f32; 4]] {
    match mesh.attribute(Mesh::ATTRIBUTE_COLOR) {
        Some(VertexAttributeValues::Float32x4(values)) => values,
        other => panic!("expected Float32x4, found {other:?}"),
    }
}

fn indices(mesh: &Mesh) -> &[u32] {
    match mesh.indices() {
        Some(Indices::U32(indices)) => indices,
        other => panic!("expected u32 indices, found {other:?}"),
    }
}

pub(super) fn coloured_vertices(content: &ChunkContent) -> Vec<([f32; 3], [f32; 4])> {
    let mesh = &content.meshes[0].mesh;
    vectors(mesh, Mesh::ATTRIBUTE_POSITION)
        .iter()
        .copied()
        .zip(colours(mesh).iter().copied())
        .collect()
}

/// The corners of all triangles of a chunk with their common normal.
pub(super) fn triangles(content: &ChunkContent) -> Vec<[[f32; 3]; 3]> {
    let mesh = &content.meshes[0].mesh;
    let positions = vectors(mesh, Mesh::ATTRIBUTE_POSITION);
    indices(mesh)
        .chunks(3)
        .map(|corner| [0, 1, 2].map(|k| positions[corner[k] as usize]))
        .collect()
}

fn bytes(content: &ChunkContent) -> usize {
    content
        .meshes
        .iter()
        .map(|part| {
            vectors(&part.mesh, Mesh::ATTRIBUTE_POSITION).len() * 40 + indices(&part.mesh).len() * 4
        })
        .sum()
}

#[test]
fn generating_again_gives_the_same_content() {
    for size in USUAL_SIZES_M {
        for (x, z) in [(0, 0), (-3, 8), (25, -14)] {
            assert_eq!(hash(9, x, z, size), hash(9, x, z, size));
        }
    }
}

#[test]
fn seed_coordinate_and_size_each_change_the_content() {
    let base = hash(1, 4, -6, 200.0);
    assert_ne!(base, hash(2, 4, -6, 200.0));
    assert_ne!(base, hash(1, 5, -6, 200.0));
    assert_ne!(base, hash(1, 4, -5, 200.0));
    assert_ne!(base, hash(1, 4, -6, 128.0));
}

#[test]
fn content_is_the_one_that_was_generated_when_this_test_was_written() {
    let golden = GOLDEN.map(|(x, z, size, _)| (x, z, size, hash(1, x, z, size)));
    assert_eq!(
        golden, GOLDEN,
        "if the city was changed on purpose, take over the left side"
    );
}

/// Chunk coordinate, chunk size in metres and content hash, for seed 1.
const GOLDEN: [(i32, i32, f64, u64); 3] = [
    (0, 0, 128.0, 12_247_344_117_935_203_303),
    (-5, 3, 137.0, 17_165_894_237_977_167_512),
    (14, -9, 200.0, 14_969_170_843_001_096_568),
];

#[test]
fn unusual_sizes_and_far_coordinates_do_not_panic() {
    for size in [
        16.0, 17.3, 24.0, 33.0, 47.9, 48.0, 64.0, 90.0, 100.0, 256.5, 333.3, 512.0, 1024.0,
    ] {
        for (x, z) in [(0, 0), (-1, 1), (i32::MAX, i32::MIN), (123_456, -654_321)] {
            let content = generate(3, x, z, size);
            assert_eq!(content.meshes.len(), 1, "size {size}");
            assert!(content.payload.is_some());
        }
    }
    assert!(bytes(&generate(3, 0, 0, 4096.0)) > 1_000_000);
}

#[test]
fn impossible_sizes_are_refused_with_the_reason() {
    for size in [0.0, -200.0, 15.9, 4_096.5, f64::NAN, f64::INFINITY] {
        let request = ChunkRequest::for_test(ChunkCoord::new(0, 0), 1, size);
        match CityGenerator.generate(&request, &StopToken::never()) {
            Err(GenerateError::Failed(reason)) => {
                assert!(reason.contains("chunk_size_m"), "{reason}");
            }
            _ => panic!("size {size} was accepted"),
        }
    }
}

#[test]
fn meshes_are_whole_and_stay_near_their_chunk() {
    for (x, z) in [(0, 0), (6, -2), (-18, 11), (30, 30)] {
        let content = generate(21, x, z, 200.0);
        let mesh = &content.meshes[0].mesh;
        let (positions, normals) = (
            vectors(mesh, Mesh::ATTRIBUTE_POSITION),
            vectors(mesh, Mesh::ATTRIBUTE_NORMAL),
        );
        assert_eq!(positions.len(), normals.len());
        assert_eq!(positions.len(), colours(mesh).len());
        assert!(
            indices(mesh)
                .iter()
                .all(|index| (*index as usize) < positions.len())
        );
        assert_eq!(indices(mesh).len() % 3, 0);
        for [px, py, pz] in positions {
            assert!(
                (-1.0..=201.0).contains(px)
                    && (-0.1..=170.0).contains(py)
                    && (-1.0..=201.0).contains(pz),
                "{px} {py} {pz}"
            );
        }
        for normal in normals {
            let length = normal.iter().map(|part| part * part).sum::<f32>();
            assert!((0.75..1.3).contains(&length), "{normal:?}");
        }
        for colour in colours(mesh) {
            assert!(
                colour.iter().all(|channel| (0.0..=1.6).contains(channel)),
                "{colour:?}"
            );
        }
    }
}

#[test]
fn a_chunk_stays_within_its_budget() {
    let (mut total_bytes, mut total_vertices, mut most_bytes, mut took, mut count) =
        (0, 0, 0, Duration::ZERO, 0);
    for seed in [1, 2] {
        for x in -12..12 {
            for z in [-12, -5, -1, 0, 3, 9] {
                let start = Instant::now();
                let content = generate(seed, x, z, 200.0);
                took += start.elapsed();
                count += 1;
                total_bytes += bytes(&content);
                total_vertices += coloured_vertices(&content).len();
                most_bytes = most_bytes.max(bytes(&content));
                assert_eq!(content.meshes.len(), 1);
                let entities: usize = content
                    .instances
                    .iter()
                    .map(|group| group.offsets_in_chunk.len())
                    .sum();
                assert!(entities <= 40, "{entities}");
            }
        }
    }
    let mean_bytes = total_bytes / count;
    println!(
        "mean of {count} chunks of 200 m: {:.2} ms, {} vertices, {} KiB; most {} KiB",
        took.as_secs_f64() * 1e3 / count as f64,
        total_vertices / count,
        mean_bytes / 1024,
        most_bytes / 1024
    );
    assert!(mean_bytes < 2_000_000, "{mean_bytes}");
    assert!(most_bytes < 4_000_000, "{most_bytes}");
}

#[test]
fn coarser_levels_are_plain_and_much_smaller() {
    for (x, z) in [(0, 0), (8, 8), (-20, 5)] {
        let mut request = ChunkRequest::for_test(ChunkCoord::new(x, z), 4, 200.0);
        let full = CityGenerator
            .generate(&request, &StopToken::never())
            .expect("legal");
        request.detail = DetailLevel(1);
        let coarse = CityGenerator
            .generate(&request, &StopToken::never())
            .expect("legal");
        assert!(coarse.instances.is_empty() && coarse.payload.is_none());
        assert!(
            bytes(&coarse) * 2 < bytes(&full),
            "{} of {}",
            bytes(&coarse),
            bytes(&full)
        );
    }
}
