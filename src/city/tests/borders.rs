//! Neighbouring chunks agree about the streets between them.

use bevy::math::Vec2;

use super::super::hash::{Dice, Topic};
use super::super::plan::streets::{StreetGrid, Surface};
use super::USUAL_SIZES_M;
use crate::streaming::ChunkCoord;

/// Surfaces along a profile across the border between two neighbours, read from each side as far as it goes.
fn profile(
    seed: u64,
    coord: ChunkCoord,
    size: f64,
    along: f32,
    step: ChunkCoord,
) -> (Vec<Surface>, Vec<Surface>) {
    let here = StreetGrid::new(seed, coord, size);
    let there = StreetGrid::new(
        seed,
        ChunkCoord::new(coord.x + step.x, coord.z + step.z),
        size,
    );
    let side = size as f32;
    let read = |distance: f32| {
        let (mine, theirs) = if step.x == 1 {
            (
                Vec2::new(side - distance, along),
                Vec2::new(distance, along),
            )
        } else {
            (
                Vec2::new(along, side - distance),
                Vec2::new(along, distance),
            )
        };
        (here.surface_at(mine), there.surface_at(theirs))
    };
    (0..60).map(|k| read(k as f32 * 0.25 + 0.01)).unzip()
}

#[test]
fn streets_and_kerbs_meet_at_two_hundred_random_borders() {
    let mut dice = Dice::at(42, Topic::Block, 0, 0);
    for number in 0..200u32 {
        let size = USUAL_SIZES_M[number as usize % 3];
        let seed = dice.roll();
        let coord = ChunkCoord::new(
            dice.whole(0, 4_000) as i32 - 2_000,
            dice.whole(0, 4_000) as i32 - 2_000,
        );
        let step = if dice.chance(0.5) {
            ChunkCoord::new(1, 0)
        } else {
            ChunkCoord::new(0, 1)
        };
        for _ in 0..25 {
            let along = dice.unit() * size as f32;
            let (mine, theirs) = profile(seed, coord, size, along, step);
            assert_eq!(
                mine[0],
                Surface::Road,
                "the border itself is the middle of a street"
            );
            // The street is symmetric, so equal profiles mean equal widths, kerbs and corners on both sides.
            assert_eq!(
                mine, theirs,
                "{coord:?} to {step:?} at {along} m, size {size}, seed {seed}"
            );
        }
    }
}

#[test]
fn side_streets_run_on_through_all_chunks_of_a_column_and_of_a_row() {
    for size in USUAL_SIZES_M {
        for seed in 0..8 {
            for k in -4..4 {
                let here = StreetGrid::new(seed, ChunkCoord::new(k, 3), size);
                let below = StreetGrid::new(seed, ChunkCoord::new(k, 4), size);
                let beside = StreetGrid::new(seed, ChunkCoord::new(k + 1, 3), size);
                assert_eq!(here.along_z, below.along_z);
                assert_eq!(here.along_x, beside.along_x);
                assert_eq!(
                    here.along_z.last().map(|line| line.class),
                    beside.along_z.first().map(|line| line.class)
                );
            }
        }
    }
}

#[test]
fn every_neighbourhood_has_three_widths_of_street() {
    for size in USUAL_SIZES_M {
        for seed in 0..20 {
            let mut classes = std::collections::BTreeSet::new();
            for (x, z) in (-3..3).flat_map(|x| (-3..3).map(move |z| (x, z))) {
                let grid = StreetGrid::new(seed, ChunkCoord::new(x, z), size);
                classes.extend(
                    grid.along_x
                        .iter()
                        .chain(&grid.along_z)
                        .map(|line| line.class),
                );
            }
            assert_eq!(classes.len(), 3, "seed {seed}, size {size}");
        }
    }
}

#[test]
fn ground_meshes_of_neighbours_share_their_border_vertices() {
    use super::content::{coloured_vertices, generate};
    for size in USUAL_SIZES_M {
        let side = size as f32;
        let on_road_at = |x: f32, content: &crate::streaming::ChunkContent| {
            let mut border: Vec<[u32; 5]> = coloured_vertices(content)
                .into_iter()
                .filter(|(position, _)| position[0] == x && position[1] == 0.0)
                .map(|(p, c)| {
                    [
                        p[1].to_bits(),
                        p[2].to_bits(),
                        c[0].to_bits(),
                        c[1].to_bits(),
                        c[2].to_bits(),
                    ]
                })
                .collect();
            border.sort_unstable();
            border.dedup();
            border
        };
        let (west, east) = (generate(5, 2, -3, size), generate(5, 3, -3, size));
        let (left, right) = (on_road_at(side, &west), on_road_at(0.0, &east));
        assert!(
            left.len() > 10,
            "the border street has vertices on the border"
        );
        assert_eq!(left.len(), right.len());
        for (a, b) in left.iter().zip(&right) {
            assert_eq!(a[..2], b[..2], "places");
            for channel in 2..5 {
                assert!(
                    (f32::from_bits(a[channel]) - f32::from_bits(b[channel])).abs() < 1e-3,
                    "colours"
                );
            }
        }
    }
}
