//! No two faces of a chunk lie so close in one plane that they flicker.

use super::super::hash::{Dice, Topic};
use super::content::{generate_at, painted_triangles};
use super::levels::LEVELS;

/// Faces that look the same way must be this far apart, or they flicker, metres.
const APART_M: f32 = 0.0145;
/// Smaller faces may cross larger ones, as a doorstep the slope it lies on, and the smallest may lie in one: nobody sees so
/// small a piece flicker, square metres.
const SMALL: f32 = 2.0;
const TINY: f32 = 0.35;
/// What lies so far behind a face of the same kind is hidden by it, metres.
const HIDDEN_M: f32 = 0.4;
/// Faces whose colours differ by less look the same, whichever is in front.
const ALIKE: f32 = 0.06;
/// Chunks that are looked at besides those that once flickered, and rays for each of six directions.
const SAMPLED: u64 = 60;
const RAYS: usize = 1_500;
const SIZE_M: f32 = 200.0;

type Point = [f32; 3];

/// A triangle with its mean colour.
struct Face {
    corners: [Point; 3],
    colour: [f32; 3],
    normal: Point,
}

impl Face {
    fn new((corners, colour): ([Point; 3], [f32; 3])) -> Self {
        Self {
            corners,
            colour,
            normal: normal_of(&corners),
        }
    }

    fn is_smaller(&self, square_m: f32) -> bool {
        let cross = cross(&self.corners);
        cross.iter().map(|part| part * part).sum::<f32>() < square_m * square_m
    }

    /// Its size along the axes, metres.
    fn extent(&self) -> Point {
        [0, 1, 2].map(|k| {
            let along = self.corners.map(|at| at[k]);
            along.into_iter().fold(f32::MIN, f32::max) - along.into_iter().fold(f32::MAX, f32::min)
        })
    }

    /// Whether it is part of the skirt that closes the border of a chunk below the ground.
    fn is_skirt(&self, axis: usize) -> bool {
        let on = |level: f32| {
            self.corners
                .iter()
                .all(|at| (at[axis] - level).abs() < 1e-3)
        };
        axis != 1 && (on(0.0) || on(SIZE_M))
    }
}

/// Twice the area, along the normal.
fn cross([a, b, c]: &[Point; 3]) -> Point {
    let [u, v] = [b, c].map(|corner| [0, 1, 2].map(|k| corner[k] - a[k]));
    [
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
    ]
}

fn normal_of(corners: &[Point; 3]) -> Point {
    let cross = cross(corners);
    let length = cross.iter().map(|part| part * part).sum::<f32>().sqrt();
    if length < 1e-6 {
        [0.0; 3]
    } else {
        cross.map(|part| part / length)
    }
}

/// Where a line along `axis` through (p, q) meets a triangle: barycentric in the plane of the other two axes.
/// Edges are left out, since neighbours share them.
fn meets(triangle: &[Point; 3], axis: usize, p: f32, q: f32) -> Option<f32> {
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    let [a, b, c] = triangle;
    let double_area = (b[i] - a[i]) * (c[j] - a[j]) - (c[i] - a[i]) * (b[j] - a[j]);
    let weight =
        |m: &Point, n: &Point| ((m[i] - p) * (n[j] - q) - (n[i] - p) * (m[j] - q)) / double_area;
    let (wa, wb, wc) = (weight(b, c), weight(c, a), weight(a, b));
    (wa > 1e-3 && wb > 1e-3 && wc > 1e-3).then(|| wa * a[axis] + wb * b[axis] + wc * c[axis])
}

/// Whether one sees two faces flicker that a line along an axis meets at the same depth.
fn flickers(one: &Face, other: &Face, axis: usize) -> bool {
    let differ: f32 = (0..3)
        .map(|k| (one.colour[k] - other.colour[k]).abs())
        .sum();
    let is_parallel = (0..3).map(|k| one.normal[k] * other.normal[k]).sum::<f32>() > 0.999_999;
    differ > ALIKE
        && !one.is_skirt(axis)
        && !other.is_skirt(axis)
        && [one, other]
            .into_iter()
            .all(|face| !face.is_smaller(TINY) && (is_parallel || !face.is_smaller(SMALL)))
}

#[test]
fn no_two_faces_lie_in_one_plane_at_any_level() {
    let mut crossings = 0;
    let mut flickering = Vec::new();
    let mut dice = Dice::at(11, Topic::Block, 0, 0);
    let sampled = (0..SAMPLED).map(|number| {
        let mut along = || dice.between(-30.0, 30.0) as i32;
        (1 + number % 7, along(), along())
    });
    let sampled: Vec<(u64, i32, i32)> = sampled.collect();
    let places = [(1, 0, 0), (1, 11, 7), (2, -3, -16), (5, 15, 0), (5, -9, 2)];
    let at_each_level = places
        .into_iter()
        .chain(sampled)
        .flat_map(|place| LEVELS.map(|detail| (place, detail)));
    for ((seed, x, z), detail) in at_each_level {
        let content = generate_at(detail, seed, x, z, SIZE_M.into());
        let all: Vec<Face> = painted_triangles(&content.meshes[0].mesh)
            .into_iter()
            .map(Face::new)
            .collect();
        for axis in 0..3 {
            for sign in [1.0, -1.0] {
                let facing: Vec<&Face> = all
                    .iter()
                    .filter(|face| face.normal[axis] * sign > 0.97)
                    .collect();
                let mut dice = Dice::at(seed, Topic::Block, axis as i64, sign as i64);
                for _ in 0..RAYS {
                    // Aim at a random point of a random face, so that every sample hits something.
                    let Some(target) =
                        facing.get(dice.whole(0, facing.len().max(1) as u32 - 1) as usize)
                    else {
                        break;
                    };
                    let (mut u, mut v) = (dice.unit(), dice.unit());
                    if u + v > 1.0 {
                        (u, v) = (1.0 - u, 1.0 - v);
                    }
                    let [a, b, c] = target.corners;
                    let mut at = [0, 1, 2].map(|k| a[k] + u * (b[k] - a[k]) + v * (c[k] - a[k]));
                    let (p, q) = (at[(axis + 1) % 3], at[(axis + 2) % 3]);
                    // From the outside inwards.
                    let mut met: Vec<(f32, &Face)> = facing
                        .iter()
                        .filter_map(|face| Some((meets(&face.corners, axis, p, q)? * -sign, *face)))
                        .collect();
                    met.sort_by(|a, b| a.0.total_cmp(&b.0));
                    crossings += met.len();
                    let mut before = f32::MIN;
                    for pair in met.windows(2) {
                        let [(outer, one), (inner, other)] = [pair[0], pair[1]];
                        let is_hidden = outer - before < HIDDEN_M;
                        if inner - outer <= APART_M && !is_hidden && flickers(one, other, axis) {
                            at[axis] = outer * -sign;
                            let [near, far] = [one, other].map(|face| {
                                format!("{:.2?} of colour {:.2?}", face.extent(), face.colour)
                            });
                            flickering.push(format!(
                                "at {at:.1?} along axis {axis}, chunk {x} {z}, seed {seed}, {detail:?}: {near} and {far}"
                            ));
                        }
                        before = outer;
                    }
                }
            }
        }
    }
    assert!(
        flickering.is_empty(),
        "{} pairs, such as {:#?}",
        flickering.len(),
        &flickering[..flickering.len().min(12)]
    );
    assert!(crossings > 200_000, "the rays meet faces: {crossings}");
}
