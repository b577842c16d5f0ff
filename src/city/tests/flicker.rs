//! No two faces of a chunk lie so close in one plane that they flicker.

use super::super::hash::{Dice, Topic};
use super::content::{generate_at, triangles};
use super::levels::LEVELS;

/// Faces that look the same way must be this far apart, or they flicker, metres.
const APART_M: f32 = 0.0145;

type Point = [f32; 3];

fn normal_of([a, b, c]: &[Point; 3]) -> Point {
    let [u, v] = [b, c].map(|corner| [0, 1, 2].map(|k| corner[k] - a[k]));
    let cross = [
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
    ];
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

#[test]
fn no_two_faces_lie_in_one_plane_at_any_level() {
    let mut crossings = 0;
    let mut flickering = Vec::new();
    let places = [(1, 0, 0), (1, 11, 7), (2, -3, -16), (5, 15, 0), (5, -9, 2)];
    let at_each_level = places
        .into_iter()
        .flat_map(|place| LEVELS.map(|detail| (place, detail)));
    for ((seed, x, z), detail) in at_each_level {
        let content = generate_at(detail, seed, x, z, 200.0);
        let all = triangles(&content);
        for axis in 0..3 {
            for sign in [1.0, -1.0] {
                let facing: Vec<&[Point; 3]> = all
                    .iter()
                    .filter(|one| normal_of(one)[axis] * sign > 0.97)
                    .collect();
                let mut dice = Dice::at(seed, Topic::Block, axis as i64, sign as i64);
                for _ in 0..1_500 {
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
                    let at = [0, 1, 2].map(|k| {
                        target[0][k]
                            + u * (target[1][k] - target[0][k])
                            + v * (target[2][k] - target[0][k])
                    });
                    let (p, q) = (at[(axis + 1) % 3], at[(axis + 2) % 3]);
                    let mut depths: Vec<f32> = facing
                        .iter()
                        .filter_map(|one| meets(one, axis, p, q))
                        .collect();
                    depths.sort_by(f32::total_cmp);
                    crossings += depths.len();
                    for pair in depths.windows(2) {
                        if pair[1] - pair[0] <= APART_M {
                            flickering.push(format!(
                                "at {at:?} along axis {axis}, chunk {x} {z}, seed {seed}, {detail:?}"
                            ));
                        }
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
    assert!(crossings > 20_000, "the rays meet faces: {crossings}");
}
