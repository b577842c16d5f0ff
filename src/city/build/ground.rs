//! Lays flat pieces on the land: divided finely enough to follow it, and cut at the border of the chunk, so that all
//! chunks together cover the world exactly once.

use std::sync::Arc;

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::Rgb;
use super::super::land::Survey;
use super::super::plan::frame::Frame;
use super::mesh::MeshBuilder;
use super::place::rotation_in;

/// The longest edge that is laid without dividing it at full detail, metres: the land leaves it by a centimetre at most.
const LONGEST_EDGE_M: f32 = 12.0;
/// Normals that lean more than this are turned with the streets.
const LEVEL_NORMAL: f32 = 0.98;

/// The land of one chunk.
#[derive(Clone, Debug)]
pub(super) struct GroundPlace {
    survey: Arc<Survey>,
    size_m: f32,
    reach: Area,
    longest_edge_m: f32,
    /// Heights are above the water, not above the land.
    is_above_water: bool,
}

/// A corner of a piece, bent into the world.
#[derive(Copy, Clone)]
struct Corner {
    at: Vec3,
    colour: Rgb,
    is_in: bool,
    /// Its vertex, once it has one.
    index: Option<u32>,
}

impl Corner {
    fn between(self, other: Self, share: f32) -> Self {
        Self {
            at: self.at + (other.at - self.at) * share,
            colour: self.colour + (other.colour - self.colour) * share,
            is_in: false,
            index: None,
        }
    }
}

impl GroundPlace {
    pub(super) fn new(frame: &Frame) -> Self {
        Self {
            survey: Arc::clone(&frame.survey),
            size_m: frame.size_m,
            reach: frame.reach,
            longest_edge_m: LONGEST_EDGE_M,
            is_above_water: false,
        }
    }

    /// The same, with heights above the water.
    pub(super) fn above_water(mut self) -> Self {
        self.is_above_water = true;
        self
    }

    /// The same, divided more coarsely or finely.
    pub(super) fn divided(mut self, longest_edge_m: f32) -> Self {
        self.longest_edge_m = longest_edge_m;
        self
    }

    /// The place in the world of a point whose height is above the land or the water.
    pub(super) fn point(&self, point: Vec3) -> Vec3 {
        let plan = Vec2::new(point.x, point.z);
        if self.is_above_water {
            let world = self.survey.world_of(plan);
            return Vec3::new(world.x, point.y, world.y);
        }
        let (world, height_m) = self.survey.lift(plan);
        Vec3::new(world.x, height_m + point.y, world.y)
    }

    fn corner(&self, (plan, colour): (Vec3, Rgb)) -> Corner {
        let at = self.point(plan);
        Corner {
            at,
            colour,
            is_in: (0.0..=self.size_m).contains(&at.x) && (0.0..=self.size_m).contains(&at.z),
            index: None,
        }
    }

    /// Lays a quadrilateral, divided along both directions.
    pub(super) fn lay(
        &self,
        mesh: &mut MeshBuilder,
        corners: [Vec3; 4],
        normal: Vec3,
        colours: [Rgb; 4],
    ) {
        if self.is_outside(&corners) {
            return;
        }
        let edge = |a: usize, b: usize| (corners[a] - corners[b]).length();
        let pieces = |a: f32, b: f32| (a.max(b) / self.longest_edge_m).ceil().max(1.0) as usize;
        let (columns, rows) = (
            pieces(edge(0, 1), edge(3, 2)),
            pieces(edge(0, 3), edge(1, 2)),
        );
        if columns == 1 && rows == 1 {
            let mut piece = [0, 1, 2, 3].map(|k| self.corner((corners[k], colours[k])));
            let normal = self.turned(normal, corners[0]);
            self.place(mesh, &mut piece, normal);
            return;
        }
        let blend = |[a, b, c, d]: [Vec3; 4], s: f32, t: f32| {
            let (low, high) = (a + (b - a) * s, d + (c - d) * s);
            low + (high - low) * t
        };
        self.lay_lattice(mesh, [columns, rows], normal, |column, row| {
            let (s, t) = (column as f32 / columns as f32, row as f32 / rows as f32);
            (blend(corners, s, t), blend(colours, s, t))
        });
    }

    /// Lays a lattice of pieces that share their corners: `corner` gives place and colour of a column and a row. Counter-
    /// clockwise, seen from where the normal points, are: (0, 0), (1, 0), (1, 1), (0, 1).
    pub(super) fn lay_lattice(
        &self,
        mesh: &mut MeshBuilder,
        [columns, rows]: [usize; 2],
        normal: Vec3,
        corner: impl Fn(usize, usize) -> (Vec3, Rgb),
    ) {
        let read = |row: usize| -> Vec<(Vec3, Rgb)> {
            (0..=columns).map(|column| corner(column, row)).collect()
        };
        let mut given = read(0);
        let mut lifted: Vec<Option<Corner>> = vec![None; columns + 1];
        for row in 1..=rows {
            let given_next = read(row);
            let mut lifted_next: Vec<Option<Corner>> = vec![None; columns + 1];
            for column in 0..columns {
                let plan = [
                    given[column].0,
                    given[column + 1].0,
                    given_next[column + 1].0,
                    given_next[column].0,
                ];
                if self.is_outside(&plan) {
                    continue;
                }
                for k in [column, column + 1] {
                    lifted[k].get_or_insert_with(|| self.corner(given[k]));
                    lifted_next[k].get_or_insert_with(|| self.corner(given_next[k]));
                }
                let (Some(a), Some(b), Some(c), Some(d)) = (
                    lifted[column],
                    lifted[column + 1],
                    lifted_next[column + 1],
                    lifted_next[column],
                ) else {
                    continue;
                };
                let mut piece = [a, b, c, d];
                let turned = self.turned(normal, plan[0]);
                self.place(mesh, &mut piece, turned);
                let [a, b, c, d] = piece.map(Some);
                (lifted[column], lifted[column + 1]) = (a, b);
                (lifted_next[column + 1], lifted_next[column]) = (c, d);
            }
            (given, lifted) = (given_next, lifted_next);
        }
    }

    /// Lays a small convex outline, counter-clockwise seen from where its normal points.
    pub(super) fn lay_outline(
        &self,
        mesh: &mut MeshBuilder,
        corners: &[(Vec3, Rgb)],
        normal: Vec3,
    ) {
        let beyond = |outside: fn(Vec3, &Area) -> bool| {
            corners.iter().all(|(at, _)| outside(*at, &self.reach))
        };
        if beyond(|at, reach| at.x < reach.x0)
            || beyond(|at, reach| at.x > reach.x1)
            || beyond(|at, reach| at.z < reach.z0)
            || beyond(|at, reach| at.z > reach.z1)
        {
            return;
        }
        let mut piece: Vec<Corner> = corners.iter().map(|corner| self.corner(*corner)).collect();
        let normal = self.turned(normal, corners[0].0);
        self.place(mesh, &mut piece, normal);
    }

    /// Adds what of a convex piece lies in the chunk.
    fn place(&self, mesh: &mut MeshBuilder, corners: &mut [Corner], normal: Vec3) {
        if corners.iter().all(|corner| corner.is_in) {
            for corner in &mut *corners {
                corner
                    .index
                    .get_or_insert_with(|| mesh.vertex_in_world(corner.at, normal, corner.colour));
            }
            let index = |k: usize| corners[k].index.unwrap_or_default();
            for k in 1..corners.len() - 1 {
                mesh.triangle([index(0), index(k), index(k + 1)]);
            }
            return;
        }
        let size_m = self.size_m;
        let sides: [fn(Vec3, f32) -> f32; 4] = [
            |at, _| at.x,
            |at, size_m| size_m - at.x,
            |at, _| at.z,
            |at, size_m| size_m - at.z,
        ];
        if sides.iter().any(|inside| {
            corners
                .iter()
                .all(|corner| inside(corner.at, size_m) <= 0.0)
        }) {
            return;
        }
        let mut piece = corners.to_vec();
        for inside in sides {
            piece = cut(&piece, |at| inside(at, size_m));
            if piece.len() < 3 {
                return;
            }
        }
        fan(mesh, &piece, normal);
    }

    fn turned(&self, normal: Vec3, at: Vec3) -> Vec3 {
        if normal.y > LEVEL_NORMAL {
            return normal;
        }
        let turn = rotation_in(self.survey.stretch_at(Vec2::new(at.x, at.z)));
        let level = turn * Vec2::new(normal.x, normal.z);
        Vec3::new(level.x, normal.y, level.y)
    }

    fn is_outside(&self, corners: &[Vec3; 4]) -> bool {
        let reach = &self.reach;
        let [a, b, c, d] = corners;
        let (low, high) = (a.min(*b).min(c.min(*d)), a.max(*b).max(c.max(*d)));
        high.x < reach.x0 || high.z < reach.z0 || low.x > reach.x1 || low.z > reach.z1
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
