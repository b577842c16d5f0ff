//! Far from the middle of the world the city is as exact as there: a chunk is planned in its own coordinates, and what
//! reaches over borders (districts, tones) is asked for in `f64`.

use std::collections::BTreeSet;

use super::super::CityPlan;
use super::super::area::Axis;
use super::super::plan::streets::StreetGrid;
use super::content::{coloured_vertices, generate, generate_at, triangles};
use super::levels::LEVELS;
use crate::streaming::ChunkCoord;

/// 100 km out, a hundred thousand kilometres out, a million out, and the last cells there are.
const FAR: [(i32, i32); 5] = [
    (500, -500),
    (500_000, -500_000),
    (5_000_000, -5_000_000),
    (i32::MAX - 1, i32::MIN),
    (i32::MIN, i32::MAX - 1),
];
const SIZE_M: f64 = 200.0;

/// The asphalt on a line of the chunk, as exact bits: places along the line and the colour there.
fn asphalt_at(chunk: (i32, i32), at_m: f32, across: usize) -> BTreeSet<(u32, [u32; 3])> {
    let vertices = coloured_vertices(&generate(5, chunk.0, chunk.1, SIZE_M)).into_iter();
    vertices
        .filter(|(place, _)| place[across] == at_m && place[1] == 0.0)
        .map(|(place, colour)| {
            let channels = [0, 1, 2].map(|k| colour[k].to_bits());
            (place[2 - across].to_bits(), channels)
        })
        .collect()
}

#[test]
fn neighbours_meet_exactly_at_the_ends_of_the_world() {
    let size = SIZE_M as f32;
    for (x, z) in FAR {
        let east = (asphalt_at((x, z), size, 0), asphalt_at((x + 1, z), 0.0, 0));
        let south = (asphalt_at((x, z), size, 2), asphalt_at((x, z + 1), 0.0, 2));
        for (here, there) in [east, south] {
            assert!(here.len() > 10, "{} at {x} {z}", here.len());
            assert_eq!(
                here, there,
                "the same places and the same colours, at {x} {z}"
            );
        }
    }
}

#[test]
fn tones_change_along_a_street_as_finely_as_in_the_middle_of_the_world() {
    let tones = |chunk| {
        asphalt_at(chunk, 0.0, 0)
            .into_iter()
            .map(|(_, colour)| colour)
    };
    let near = tones((2, -3)).collect::<BTreeSet<_>>().len();
    for (x, z) in FAR {
        // In `f32` the noise would see one place all along the border.
        let far = tones((x, z)).collect::<BTreeSet<_>>().len();
        assert!(
            far * 2 > near,
            "{far} colours at {x} {z}, {near} in the middle"
        );
    }
}

#[test]
fn chunks_are_built_in_their_own_coordinates_at_every_level() {
    let size = SIZE_M as f32;
    for (x, z) in FAR {
        for detail in LEVELS {
            let content = generate_at(detail, 3, x, z, SIZE_M);
            for corner in triangles(&content).into_iter().flatten() {
                let is_near = |at: f32| (-2.0..=size + 2.0).contains(&at);
                assert!(
                    is_near(corner[0]) && is_near(corner[2]),
                    "{corner:?} at {x} {z}"
                );
            }
        }
    }
}

#[test]
fn places_are_as_fine_as_in_the_middle_of_the_world() {
    // In `f32` of the world, 100,000 km out, a chunk would have 25 places in a row.
    let millimetres = |(x, z): (i32, i32)| {
        let corners = triangles(&generate(3, x, z, SIZE_M)).into_iter().flatten();
        let places: BTreeSet<i32> = corners.map(|corner| (corner[0] * 1e3) as i32).collect();
        places.len()
    };
    for place in FAR {
        let different = millimetres(place);
        assert!(different > 1_000, "{different} at {place:?}");
    }
}

#[test]
fn districts_differ_out_there_too() {
    for (x, z) in FAR {
        let step = if x > 0 { -1 } else { 1 };
        let heights: BTreeSet<i32> = (0..12)
            .map(|k| {
                let content = generate_at(
                    LEVELS[2],
                    3,
                    x + 9 * k * step,
                    z - z.signum() * 7 * k,
                    SIZE_M,
                );
                let corners = triangles(&content).into_iter().flatten();
                corners.map(|corner| corner[1] as i32).max().unwrap_or(0)
            })
            .collect();
        assert!(heights.len() > 4, "{heights:?} at {x} {z}");
    }
}

#[test]
fn gameplay_sees_the_same_streets_out_there() {
    let plan = CityPlan::new(5, SIZE_M);
    for (x, z) in FAR {
        let grid = StreetGrid::new(5, ChunkCoord::new(x, z), SIZE_M);
        let corner_x = f64::from(x) * SIZE_M;
        let expected: Vec<f64> = grid
            .along_z
            .iter()
            .map(|line| corner_x + f64::from(line.center))
            .collect();
        let asked: Vec<f64> = plan
            .street_lines(Axis::Z, corner_x + SIZE_M / 2.0, SIZE_M / 2.0)
            .into_iter()
            .map(|street| street.center_in_world)
            .collect();
        assert_eq!(asked, expected, "{x} {z}");
    }
}
