//! Round things: tapered drums, cones, domes and level discs, in as many sides as they deserve.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::Rgb;
use super::mesh::MeshBuilder;
use super::wall::Span;

const S1: f32 = 0.382_683_43;
const S2: f32 = std::f32::consts::FRAC_1_SQRT_2;
const S3: f32 = 0.923_879_5;
/// A circle in sixteen steps as (x, z), so that one sees the outside when going on to the next.
pub(in super::super) const SIXTEEN: [Vec2; 16] = [
    Vec2::new(1.0, 0.0),
    Vec2::new(S3, -S1),
    Vec2::new(S2, -S2),
    Vec2::new(S1, -S3),
    Vec2::new(0.0, -1.0),
    Vec2::new(-S1, -S3),
    Vec2::new(-S2, -S2),
    Vec2::new(-S3, -S1),
    Vec2::new(-1.0, 0.0),
    Vec2::new(-S3, S1),
    Vec2::new(-S2, S2),
    Vec2::new(-S1, S3),
    Vec2::new(0.0, 1.0),
    Vec2::new(S1, S3),
    Vec2::new(S2, S2),
    Vec2::new(S3, S1),
];

/// How many sides a round thing has.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub(super) enum Sides {
    Four,
    Eight,
    Sixteen,
}

impl Sides {
    /// The directions of the corners.
    pub(super) fn corners(self) -> impl Iterator<Item = Vec2> + Clone {
        let step = match self {
            Self::Four => 4,
            Self::Eight => 2,
            Self::Sixteen => 1,
        };
        SIXTEEN.iter().copied().step_by(step)
    }
}

/// Half of the extent of an area, as the radii of the ellipse in it.
pub(super) fn radii(area: &Area) -> Vec2 {
    Vec2::new(area.size_x(), area.size_z()) / 2.0
}

pub(super) fn at_height(point: Vec2, height_m: f32) -> Vec3 {
    Vec3::new(point.x, height_m, point.y)
}

/// The wall between two ellipses around one axis, smooth all around; the upper may be a point.
pub(super) fn tapered(
    mesh: &mut MeshBuilder,
    center: Vec2,
    [low, high]: [Vec2; 2],
    heights: Span,
    [bottom, top]: [Rgb; 2],
    sides: Sides,
) {
    let lean = (low.x - high.x) / heights.length().max(0.01);
    let mut ring = |radii: Vec2, height_m: f32, colour: Rgb| -> Vec<u32> {
        let corners = sides.corners();
        corners
            .map(|out| {
                let normal = Vec3::new(out.x, lean, out.y).normalize_or(Vec3::Y);
                mesh.vertex(at_height(center + out * radii, height_m), normal, colour)
            })
            .collect()
    };
    let below = ring(low, heights.0, bottom);
    let above = ring(high, heights.1, top);
    for k in 0..below.len() {
        let next = (k + 1) % below.len();
        mesh.triangle([below[k], below[next], above[next]]);
        mesh.triangle([below[k], above[next], above[k]]);
    }
}

/// A level disc that looks up.
pub(super) fn disc(
    mesh: &mut MeshBuilder,
    center: Vec2,
    radii: Vec2,
    height_m: f32,
    colour: Rgb,
    sides: Sides,
) {
    let rim: Vec<u32> = sides
        .corners()
        .map(|out| mesh.vertex(at_height(center + out * radii, height_m), Vec3::Y, colour))
        .collect();
    for k in 1..rim.len() - 1 {
        mesh.triangle([rim[0], rim[k], rim[k + 1]]);
    }
}

/// Radius and height of the rings of a half ball, as shares.
const DOME_RINGS: [(f32, f32); 4] = [(1.0, 0.0), (S3, S1), (S2, S2), (S1, S3)];

/// The upper half of a ball.
pub(super) fn dome(
    mesh: &mut MeshBuilder,
    center: Vec2,
    radii: Vec2,
    heights: Span,
    colour: Rgb,
    sides: Sides,
) {
    let rise_m = heights.length();
    let rings: Vec<Vec<u32>> = DOME_RINGS
        .into_iter()
        .map(|(level, height)| {
            let corners = sides.corners();
            corners
                .map(|out| {
                    let normal =
                        Vec3::new(out.x * level, height, out.y * level).normalize_or(Vec3::Y);
                    mesh.vertex(
                        at_height(center + out * radii * level, heights.0 + rise_m * height),
                        normal,
                        colour * (0.82 + 0.2 * height),
                    )
                })
                .collect()
        })
        .collect();
    let top = mesh.vertex(at_height(center, heights.1), Vec3::Y, colour * 1.04);
    let count = rings[0].len();
    for k in 0..count {
        let next = (k + 1) % count;
        for pair in rings.windows(2) {
            mesh.triangle([pair[0][k], pair[0][next], pair[1][next]]);
            mesh.triangle([pair[0][k], pair[1][next], pair[1][k]]);
        }
        mesh.triangle([rings[3][k], rings[3][next], top]);
    }
}

/// Four slopes from a rectangle up to its middle.
pub(super) fn pyramid(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let corners = [
        Vec2::new(area.x0, area.z1),
        Vec2::new(area.x1, area.z1),
        Vec2::new(area.x1, area.z0),
        Vec2::new(area.x0, area.z0),
    ]
    .map(|corner| at_height(corner, heights.0));
    let tip = at_height(area.center(), heights.1);
    for k in 0..4 {
        mesh.plain_triangle([corners[k], corners[(k + 1) % 4], tip], colour);
    }
}

/// A thin upright post of four sides without ends.
pub(super) fn post(mesh: &mut MeshBuilder, at: Vec2, radius_m: f32, heights: Span, colour: Rgb) {
    let radii = Vec2::splat(radius_m);
    tapered(
        mesh,
        at,
        [radii, radii],
        heights,
        [colour * 0.8, colour],
        Sides::Four,
    );
}
