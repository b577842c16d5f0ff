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
use super::vertex::packed_normal;

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
    /// Pieces that are cut share those vertices, from this number on, that lie where their corners are.
    shares_from: Option<u32>,
}

/// Corners so near to each other are one, metres.
const WELDED_M: f32 = 0.01;
/// A quadrilateral that is cut by the four sides of the cell has at most so many corners.
const MOST_CORNERS: usize = 8;

/// A corner of a piece, bent into the world.
#[derive(Copy, Clone)]
struct Corner {
    at: Vec3,
    colour: Rgb,
    is_in: bool,
    /// Its vertex, or [`NO_VERTEX`] as long as it has none.
    index: u32,
}

const NO_VERTEX: u32 = u32::MAX;

impl Corner {
    fn between(self, other: Self, share: f32) -> Self {
        Self {
            at: self.at + (other.at - self.at) * share,
            colour: self.colour + (other.colour - self.colour) * share,
            is_in: false,
            index: NO_VERTEX,
        }
    }

    /// The vertex, which is added when it is asked for first.
    #[inline]
    fn vertex(&mut self, mesh: &mut MeshBuilder, normal: [i8; 4]) -> u32 {
        if self.index == NO_VERTEX {
            self.index = mesh.vertex_in_world(self.at, normal, self.colour);
        }
        self.index
    }
}

/// A node of a lattice: where it is in the plan, and its corner, once a piece needed it.
#[derive(Copy, Clone)]
struct Node {
    plan: Vec3,
    is_lifted: bool,
    corner: Corner,
}

impl Node {
    const fn new(plan: Vec3) -> Self {
        Self {
            plan,
            is_lifted: false,
            corner: Corner {
                at: Vec3::ZERO,
                colour: Rgb::ZERO,
                is_in: false,
                index: NO_VERTEX,
            },
        }
    }
}

/// Memory that is used again for each piece.
#[derive(Default)]
pub(super) struct Scratch {
    nodes: Vec<Node>,
    piece: Vec<Corner>,
    cut: Vec<Corner>,
}

impl GroundPlace {
    pub(super) fn new(frame: &Frame) -> Self {
        Self {
            survey: Arc::clone(&frame.survey),
            size_m: frame.size_m,
            reach: frame.reach,
            longest_edge_m: LONGEST_EDGE_M,
            is_above_water: false,
            shares_from: None,
        }
    }

    /// The same, with heights above the water.
    pub(super) fn above_water(mut self) -> Self {
        self.is_above_water = true;
        self
    }

    /// The same for one smooth surface: its cut pieces share those vertices, from a number on, that lie where their corners
    /// are.
    pub(super) const fn sharing_from(mut self, first: u32) -> Self {
        self.shares_from = Some(first);
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

    fn corner(&self, plan: Vec3, colour: Rgb) -> Corner {
        let at = self.point(plan);
        let size_m = self.size_m;
        Corner {
            at,
            colour,
            is_in: at.x >= 0.0 && at.x <= size_m && at.z >= 0.0 && at.z <= size_m,
            index: NO_VERTEX,
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
        let [a, b, c, d] = corners;
        let per_edge = 1.0 / self.longest_edge_m;
        let pieces = |one: Vec3, other: Vec3| {
            let longer = one.length_squared().max(other.length_squared()).sqrt();
            (longer * per_edge).ceil().max(1.0)
        };
        let (columns, rows) = (pieces(b - a, c - d), pieces(d - a, c - b));
        if columns * rows == 1.0 {
            let mut piece = [
                self.corner(a, colours[0]),
                self.corner(b, colours[1]),
                self.corner(c, colours[2]),
                self.corner(d, colours[3]),
            ];
            self.place(mesh, &mut piece, packed_normal(self.turned(normal, a)));
            return;
        }
        let (by_column, by_row) = (1.0 / columns, 1.0 / rows);
        let blend = |[a, b, c, d]: &[Vec3; 4], column: usize, row: usize| {
            let (s, t) = (column as f32 * by_column, row as f32 * by_row);
            let (low, high) = (*a + (*b - *a) * s, *d + (*c - *d) * s);
            low + (high - low) * t
        };
        self.lay_lattice(
            mesh,
            [columns as usize, rows as usize],
            normal,
            |column, row| blend(&corners, column, row),
            |column, row| blend(&colours, column, row),
        );
    }

    /// Lays a lattice of pieces that share their corners: `place` and `colour` are asked for a column and a row, colours
    /// only where they are seen. Counter-clockwise, seen from where the normal points, are: (0, 0), (1, 0), (1, 1), (0, 1).
    pub(super) fn lay_lattice(
        &self,
        mesh: &mut MeshBuilder,
        [columns, rows]: [usize; 2],
        normal: Vec3,
        place: impl Fn(usize, usize) -> Vec3,
        colour: impl Fn(usize, usize) -> Rgb,
    ) {
        let is_level = normal.y > LEVEL_NORMAL;
        let packed = packed_normal(normal);
        let mut nodes = std::mem::take(&mut mesh.scratch.nodes);
        nodes.clear();
        let width = columns + 1;
        nodes.extend((0..width).map(|column| Node::new(place(column, 0))));
        nodes.extend((0..width).map(|column| Node::new(place(column, 1))));
        // The older row comes first or second, turn by turn.
        let (mut older, mut newer) = (0, width);
        for row in 1..=rows {
            if row > 1 {
                (older, newer) = (newer, older);
                for column in 0..width {
                    nodes[newer + column] = Node::new(place(column, row));
                }
            }
            for column in 0..columns {
                let [a, b] = [older + column, older + column + 1];
                let [c, d] = [newer + column + 1, newer + column];
                let plan = [nodes[a].plan, nodes[b].plan, nodes[c].plan, nodes[d].plan];
                if self.is_outside(&plan) {
                    continue;
                }
                let mut lift = |number: usize, column: usize, row: usize| {
                    let node: &mut Node = &mut nodes[number];
                    if !node.is_lifted {
                        node.corner = self.corner(node.plan, colour(column, row));
                        node.is_lifted = true;
                    }
                    node.corner.is_in
                };
                let are_in = [
                    lift(a, column, row - 1),
                    lift(b, column + 1, row - 1),
                    lift(c, column + 1, row),
                    lift(d, column, row),
                ];
                let turned = if is_level {
                    packed
                } else {
                    packed_normal(self.turned(normal, plan[0]))
                };
                if are_in == [true; 4] {
                    let mut index = |number: usize| nodes[number].corner.vertex(mesh, turned);
                    let [a, b, c, d] = [index(a), index(b), index(c), index(d)];
                    mesh.two_triangles([a, b, c, d]);
                } else if are_in != [false; 4] || !self.is_beyond(&nodes, [a, b, c, d]) {
                    let mut piece = [a, b, c, d].map(|number| nodes[number].corner);
                    self.place(mesh, &mut piece, turned);
                }
            }
        }
        mesh.scratch.nodes = nodes;
    }

    /// Lays a small convex outline, counter-clockwise seen from where its normal points.
    pub(super) fn lay_outline<const N: usize>(
        &self,
        mesh: &mut MeshBuilder,
        corners: &[(Vec3, Rgb); N],
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
        let mut piece = corners.map(|(plan, colour)| self.corner(plan, colour));
        let normal = packed_normal(self.turned(normal, corners[0].0));
        self.place(mesh, &mut piece, normal);
    }

    /// Adds what of a convex piece lies in the chunk.
    fn place(&self, mesh: &mut MeshBuilder, corners: &mut [Corner], normal: [i8; 4]) {
        let size_m = self.size_m;
        let mut are_in = true;
        // By side of the cell: whether all corners are beyond it or on it. Loops, since adapters of iterators stay calls in
        // the development profile.
        let mut are_beyond = [true; 4];
        for corner in corners.iter() {
            are_in &= corner.is_in;
            let at = corner.at;
            are_beyond[0] &= at.x <= 0.0;
            are_beyond[1] &= size_m - at.x <= 0.0;
            are_beyond[2] &= at.z <= 0.0;
            are_beyond[3] &= size_m - at.z <= 0.0;
        }
        if are_in {
            let first = corners[0].vertex(mesh, normal);
            let mut last = corners[1].vertex(mesh, normal);
            for corner in &mut corners[2..] {
                let next = corner.vertex(mesh, normal);
                mesh.triangle([first, last, next]);
                last = next;
            }
            return;
        }
        if are_beyond[0] || are_beyond[1] || are_beyond[2] || are_beyond[3] {
            return;
        }
        let mut piece = std::mem::take(&mut mesh.scratch.piece);
        let mut cut = std::mem::take(&mut mesh.scratch.cut);
        piece.clear();
        piece.reserve(MOST_CORNERS);
        piece.extend_from_slice(corners);
        for side in 0..4 {
            let mut is_cut = false;
            for corner in &piece {
                is_cut |= inside(side, corner.at, size_m) < 0.0;
            }
            if is_cut {
                keep(&piece, &mut cut, side, size_m);
                std::mem::swap(&mut piece, &mut cut);
            }
        }
        if piece.len() >= 3 {
            self.fan(mesh, &piece, normal);
        }
        (mesh.scratch.piece, mesh.scratch.cut) = (piece, cut);
    }

    fn fan(&self, mesh: &mut MeshBuilder, corners: &[Corner], normal: [i8; 4]) {
        let mut number = |corner: &Corner| {
            let shared = self
                .shares_from
                .and_then(|first| mesh.vertex_near(first, corner.at, WELDED_M));
            shared.unwrap_or_else(|| mesh.vertex_in_world(corner.at, normal, corner.colour))
        };
        if self.shares_from.is_some() {
            let mut numbers = [0; MOST_CORNERS];
            let count = corners.len().min(MOST_CORNERS);
            for (number_of, corner) in numbers.iter_mut().zip(corners) {
                *number_of = number(corner);
            }
            for k in 1..count - 1 {
                mesh.triangle([numbers[0], numbers[k], numbers[k + 1]]);
            }
            return;
        }
        let first = mesh.count();
        for corner in corners {
            mesh.vertex_in_world(corner.at, normal, corner.colour);
        }
        for k in 1..corners.len() as u32 - 1 {
            mesh.triangle([first, first + k, first + k + 1]);
        }
    }

    /// Whether a piece of a lattice lies beyond one side of the cell.
    fn is_beyond(&self, nodes: &[Node], [a, b, c, d]: [usize; 4]) -> bool {
        let at = [a, b, c, d].map(|number| nodes[number].corner.at);
        let size_m = self.size_m;
        at.iter().all(|at| at.x <= 0.0)
            || at.iter().all(|at| at.x >= size_m)
            || at.iter().all(|at| at.z <= 0.0)
            || at.iter().all(|at| at.z >= size_m)
    }

    fn turned(&self, normal: Vec3, at: Vec3) -> Vec3 {
        if normal.y > LEVEL_NORMAL {
            return normal;
        }
        let turn = rotation_in(self.survey.stretch_at(Vec2::new(at.x, at.z)));
        let level = turn * Vec2::new(normal.x, normal.z);
        Vec3::new(level.x, normal.y, level.y)
    }

    fn is_outside(&self, [a, b, c, d]: &[Vec3; 4]) -> bool {
        let reach = &self.reach;
        (a.x < reach.x0 && b.x < reach.x0 && c.x < reach.x0 && d.x < reach.x0)
            || (a.x > reach.x1 && b.x > reach.x1 && c.x > reach.x1 && d.x > reach.x1)
            || (a.z < reach.z0 && b.z < reach.z0 && c.z < reach.z0 && d.z < reach.z0)
            || (a.z > reach.z1 && b.z > reach.z1 && c.z > reach.z1 && d.z > reach.z1)
    }
}

/// How far inside of a side of the cell a place is, metres: west, east, north, south.
#[inline(always)]
fn inside(side: usize, at: Vec3, size_m: f32) -> f32 {
    match side {
        0 => at.x,
        1 => size_m - at.x,
        2 => at.z,
        _ => size_m - at.z,
    }
}

/// Keeps the part of a convex outline inside of a side of the cell (Sutherland and Hodgman 1974).
fn keep(corners: &[Corner], kept: &mut Vec<Corner>, side: usize, size_m: f32) {
    kept.clear();
    kept.reserve(MOST_CORNERS);
    let Some(first) = corners.first() else { return };
    let first_in = inside(side, first.at, size_m);
    let mut here = first_in;
    for (number, corner) in corners.iter().enumerate() {
        let (next, there) = match corners.get(number + 1) {
            Some(next) => (next, inside(side, next.at, size_m)),
            None => (first, first_in),
        };
        if here >= 0.0 {
            kept.push(*corner);
        }
        if (here < 0.0) != (there < 0.0) {
            kept.push(corner.between(*next, here / (here - there)));
        }
        here = there;
    }
}
