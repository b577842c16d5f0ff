//! Far from the middle of the world the city is as exact as there: a chunk is planned in its own coordinates, and what
//! reaches over borders (districts, tones) is asked for in `f64`.

use std::collections::BTreeSet;

use bevy::math::Vec2;

use super::super::CityPlan;
use super::super::plan::surface::{Surface, SurfaceKind};
use super::content::{coloured_vertices, generate, generate_at, triangles};
use super::levels::LEVELS;
use super::plan;

/// 100 km out, a hundred thousand kilometres out, a million out, and the last cells there are.
const FAR: [(i32, i32); 5] = [
    (500, -500),
    (500_000, -500_000),
    (5_000_000, -5_000_000),
    (i32::MAX - 1, i32::MIN),
    (i32::MIN, i32::MAX - 1),
];
const SIZE_M: f64 = 200.0;

/// The vertices on a line of the chunk: places along the line, heights and colours.
fn on_border(chunk: (i32, i32), at_m: f32, across: usize) -> Vec<([f32; 2], [f32; 3])> {
    let vertices = coloured_vertices(&generate(5, chunk.0, chunk.1, SIZE_M)).into_iter();
    vertices
        .filter(|(place, _)| (place[across] - at_m).abs() < 1e-3)
        .map(|(place, [red, green, blue, _])| ([place[2 - across], place[1]], [red, green, blue]))
        .collect()
}

#[test]
fn neighbours_meet_at_the_ends_of_the_world() {
    let size = SIZE_M as f32;
    for (x, z) in FAR {
        let east = (on_border((x, z), size, 0), on_border((x + 1, z), 0.0, 0));
        let south = (on_border((x, z), size, 2), on_border((x, z + 1), 0.0, 2));
        for (here, there) in [east, south] {
            assert!(here.len() > 60, "{} at {x} {z}", here.len());
            let met = here
                .iter()
                .filter(|(place, _)| {
                    there.iter().any(|(other, _)| {
                        (0..2).all(|axis| (place[axis] - other[axis]).abs() < 6e-3)
                    })
                })
                .count();
            // The feet of skirts and what hangs over the border have no counterpart.
            assert!(
                met * 100 > here.len() * 70,
                "{met} of {} at {x} {z}",
                here.len()
            );
        }
    }
}

#[test]
fn tones_are_as_fine_as_in_the_middle_of_the_world() {
    let tones = |(x, z): (i32, i32)| {
        let vertices = coloured_vertices(&generate(5, x, z, SIZE_M)).into_iter();
        vertices
            .map(|(_, colour)| colour.map(f32::to_bits))
            .collect::<BTreeSet<_>>()
            .len()
    };
    let near = tones((2, -3));
    for place in FAR {
        // In `f32` the noise would see one place all over a chunk.
        let far = tones(place);
        assert!(
            far * 4 > near,
            "{far} colours at {place:?}, {near} in the middle"
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
                let is_near = |at: f32| (-60.0..=size + 60.0).contains(&at);
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
    let city = CityPlan::new(5);
    for (x, z) in FAR {
        let plan = plan(5, x, z, SIZE_M);
        let surface = Surface::new(&plan);
        let mut differ = 0;
        for k in 0..200 {
            let offset = Vec2::new((k % 20) as f32 * 9.7 + 3.0, (k / 20) as f32 * 19.3 + 3.0);
            let world = plan.frame.corner_in_world + offset.as_dvec2();
            let kind = surface.kind_at(plan.frame.survey.plan_of(offset));
            differ += u32::from(city.is_on_road(world.x, world.y) != (kind == SurfaceKind::Road));
        }
        // Far out a place of the world is exact to a centimetre or two, and a kerb may lie between.
        assert!(differ <= 2, "{differ} of 200 at {x} {z}");
    }
}
