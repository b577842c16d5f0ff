//! Lays flat pieces on the land: divided finely enough to follow it, and cut at the border of the chunk, so that all
//! chunks together cover the world exactly once.

use std::sync::Arc;

use bevy::math::{Vec2, Vec3};

use super::super::colour::Rgb;
use super::super::land::Survey;
use super::mesh::MeshBuilder;

/// The longest edge that is laid without dividing it, metres: the land leaves it by a centimetre at most.
const LONGEST_EDGE_M: f32 = 12.0;

/// The land of one chunk.
#[derive(Clone, Debug)]
pub(super) struct GroundPlace {
    survey: Arc<Survey>,
    size_m: f32,
}

/// A corner of a piece, bent into the world.
#[derive(Copy, Clone)]
struct Corner {
    at: Vec3,
    colour: Rgb,
}

impl Corner {
    fn between(self, other: Self, share: f32) -> Self {
        Self {
            at: self.at + (other.at - self.at) * share,
            colour: self.colour + (other.colour - self.colour) * share,
        }
    }
}

impl GroundPlace {
    pub(super) const fn new(survey: Arc<Survey>, size_m: f32) -> Self {
        Self { survey, size_m }
    }

    /// The place in the world of a point whose height is above the land.
    pub(super) fn point(&self, point: Vec3) -> Vec3 {
        let (world, height_m) = self.survey.lift(Vec2::new(point.x, point.z));
        Vec3::new(world.x, height_m + point.y, world.y)
    }

    /// Lays a quadrilateral, divided along both directions.
    pub(super) fn lay(
        &self,
        mesh: &mut MeshBuilder,
        corners: [Vec3; 4],
        normal: Vec3,
        colours: [Rgb; 4],
    ) {
        let edge = |a: usize, b: usize| (corners[a] - corners[b]).length();
        let pieces = |a: f32, b: f32| (a.max(b) / LONGEST_EDGE_M).ceil().max(1.0) as u32;
        let (columns, rows) = (
            pieces(edge(0, 1), edge(3, 2)),
            pieces(edge(0, 3), edge(1, 2)),
        );
        // Far outside nothing needs to be bent.
        if self.is_far_outside(&corners) {
            return;
        }
        let corner = |column: u32, row: u32| {
            let (s, t) = (column as f32 / columns as f32, row as f32 / rows as f32);
            let blend = |a: Vec3, b: Vec3, c: Vec3, d: Vec3| {
                let (low, high) = (a + (b - a) * s, d + (c - d) * s);
                low + (high - low) * t
            };
            let [a, b, c, d] = corners;
            let [p, q, r, o] = colours;
            Corner {
                at: self.point(blend(a, b, c, d)),
                colour: blend(p, q, r, o),
            }
        };
        let mut below: Vec<Corner> = (0..=columns).map(|column| corner(column, 0)).collect();
        for row in 1..=rows {
            let above: Vec<Corner> = (0..=columns).map(|column| corner(column, row)).collect();
            for (low, high) in below.windows(2).zip(above.windows(2)) {
                self.place(mesh, &[low[0], low[1], high[1], high[0]], normal);
            }
            below = above;
        }
    }

    /// Lays a small convex outline, counter-clockwise seen from where its normal points.
    pub(super) fn lay_outline(
        &self,
        mesh: &mut MeshBuilder,
        corners: &[(Vec3, Rgb)],
        normal: Vec3,
    ) {
        let corners: Vec<Corner> = corners
            .iter()
            .map(|(at, colour)| Corner {
                at: self.point(*at),
                colour: *colour,
            })
            .collect();
        self.place(mesh, &corners, normal);
    }

    /// Adds what of a convex piece lies in the chunk.
    fn place(&self, mesh: &mut MeshBuilder, corners: &[Corner], normal: Vec3) {
        let is_in = |corner: &Corner| {
            (0.0..=self.size_m).contains(&corner.at.x) && (0.0..=self.size_m).contains(&corner.at.z)
        };
        if corners.iter().all(is_in) {
            fan(mesh, corners, normal);
            return;
        }
        let size_m = self.size_m;
        let mut piece = corners.to_vec();
        let sides: [fn(Vec3, f32) -> f32; 4] = [
            |at, _| at.x,
            |at, size_m| size_m - at.x,
            |at, _| at.z,
            |at, size_m| size_m - at.z,
        ];
        for inside in sides {
            piece = cut(&piece, |at| inside(at, size_m));
            if piece.len() < 3 {
                return;
            }
        }
        fan(mesh, &piece, normal);
    }

    fn is_far_outside(&self, corners: &[Vec3; 4]) -> bool {
        let reach = super::super::land::MOST_BEND_M as f32;
        let all = |inside: fn(&Vec3, f32) -> bool, limit: f32| {
            corners.iter().all(|corner| inside(corner, limit))
        };
        all(|corner, limit| corner.x < limit, -reach)
            || all(|corner, limit| corner.z < limit, -reach)
            || all(|corner, limit| corner.x > limit, self.size_m + reach)
            || all(|corner, limit| corner.z > limit, self.size_m + reach)
    }
}

/// Keeps the part of a convex outline where `inside` is not negative (Sutherland and Hodgman 1974).
fn cut(corners: &[Corner], inside: impl Fn(Vec3) -> f32) -> Vec<Corner> {
    let mut kept = Vec::with_capacity(corners.len() + 1);
    for (number, corner) in corners.iter().enumerate() {
        let next = corners[(number + 1) % corners.len()];
        let (here, there) = (inside(corner.at), inside(next.at));
        if here >= 0.0 {
            kept.push(*corner);
        }
        if (here < 0.0) != (there < 0.0) {
            kept.push(corner.between(next, here / (here - there)));
        }
    }
    kept
}

fn fan(mesh: &mut MeshBuilder, corners: &[Corner], normal: Vec3) {
    let first = corners
        .iter()
        .map(|corner| mesh.vertex_in_world(corner.at, normal, corner.colour))
        .min()
        .unwrap_or_default();
    for k in 1..corners.len() as u32 - 1 {
        mesh.triangle([first, first + k, first + k + 1]);
    }
}
