//! Plain shapes of the coarse levels: boxes with roofs, crowns of trees.

use bevy::math::Vec3;

use super::super::area::{Axis, Side};
use super::super::colour::{LEAF, Rgb};
use super::super::plan::buildings::{Mass, Outline, Roof};
use super::super::plan::furniture::Tree;
use super::super::plan::skyline::SUNK_M;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;
use super::prisms;
use super::roofs::{EAVES_M, RoofFrame, draw_shell};
use super::rounds::Sides;
use super::vertex::Paint;
use super::wall::{Span, Wall};

/// How far walls reach below the ground of a building, so that none floats where the land falls, metres.
const FOUNDATION_M: f32 = 3.0;

/// What stands on others and is so high is seen from the side, metres.
const TOWER_M: f32 = 10.0;

/// A mass without anything on its faces.
pub(super) struct Shape<'a> {
    pub(super) mass: &'a Mass,
    /// The foot and the top of each wall; `None` for one that nobody sees.
    pub(super) walls: [Option<[Rgb; 2]>; 4],
    pub(super) roof_colour: Rgb,
    /// How many sides round masses have, at most.
    pub(super) sides: Sides,
}

impl Shape<'_> {
    pub(super) fn draw(&self, mesh: &mut MeshBuilder) {
        let mass = self.mass;
        let sunk = self.sunk_m();
        if mass.outline == Outline::Rectangle {
            self.walls(mesh, sunk);
        } else {
            let colours = self.walls.into_iter().flatten().next();
            let heights = (mass.base_m - sunk, mass.top_m);
            let colours = colours.unwrap_or([self.roof_colour; 2]);
            prisms::draw_coarse_walls(mesh, mass, heights, colours, self.sides);
        }
        match mass.roof {
            // The walls brought it.
            Roof::Flat if mass.outline == Outline::Rectangle => {}
            Roof::Gable { ridge, rise_m } => self.gable(mesh, ridge, rise_m),
            Roof::Hip { rise_m } => self.hip(mesh, rise_m),
            _ => {
                let wall = self.walls.into_iter().flatten().next();
                let wall = wall.map_or(self.roof_colour, |colours| colours[1]);
                draw_shell(
                    mesh,
                    mass,
                    [wall, self.roof_colour],
                    Sides::Eight.min(self.sides),
                );
            }
        }
    }

    /// Draws it for those who are kilometres away: the flat top of a tower is hardly seen from there.
    pub(super) fn draw_far(&self, mesh: &mut MeshBuilder) {
        let mass = self.mass;
        if mass.top_m - mass.base_m > TOWER_M && !mass.stands_on_ground() {
            self.draw_far_under(mesh, None);
        } else {
            self.draw_far_under(mesh, Some(self.roof_colour));
        }
    }

    /// Likewise, with a top that is hardly seen.
    pub(super) fn draw_covered(&self, mesh: &mut MeshBuilder) {
        self.draw_far_under(mesh, None);
    }

    fn draw_far_under(&self, mesh: &mut MeshBuilder, top: Option<Rgb>) {
        let mass = self.mass;
        let is_plain = mass.roof == Roof::Flat && mass.outline == Outline::Rectangle;
        match self.walls {
            [Some(colours), Some(a), Some(b), Some(c)]
                if is_plain && (top.is_none() || [a, b, c] == [colours; 3]) =>
            {
                let heights = Span(mass.base_m - self.sunk_m(), mass.top_m);
                mesh.far_box(&mass.area, heights, colours, top);
            }
            _ => self.draw(mesh),
        }
    }

    /// How far below its base its walls begin, metres.
    fn sunk_m(&self) -> f32 {
        if self.mass.stands_on_ground() {
            FOUNDATION_M
        } else {
            SUNK_M
        }
    }

    fn walls(&self, mesh: &mut MeshBuilder, sunk: f32) {
        let mass = self.mass;
        let heights = Span(mass.base_m - sunk, mass.top_m);
        let roof = (mass.roof == Roof::Flat).then_some(self.roof_colour);
        let mut walls = self.walls;
        if let Roof::Gable { ridge, .. } = mass.roof {
            for side in Side::ALL
                .into_iter()
                .filter(|side| side.runs_along() != ridge)
            {
                if let Some(colours) = walls[side as usize].take() {
                    self.gable_end(mesh, side, colours, sunk);
                }
            }
        }
        mesh.upright(&mass.area, heights, walls, roof);
    }

    fn gable_end(&self, mesh: &mut MeshBuilder, side: Side, [foot, top]: [Rgb; 2], sunk: f32) {
        let wall = Wall::of(&self.mass.area, side);
        let (base_m, width_m) = (self.mass.base_m - sunk, wall.width_m);
        let ridge_m = self.mass.ridge_m();
        let corners = [
            (wall.point(0.0, base_m, 0.0), foot),
            (wall.point(width_m, base_m, 0.0), foot),
            (wall.point(width_m, self.mass.top_m, 0.0), top),
            (wall.point(width_m / 2.0, ridge_m, 0.0), top),
            (wall.point(0.0, self.mass.top_m, 0.0), top),
        ];
        mesh.outline(corners, wall.normal);
    }

    fn gable(&self, mesh: &mut MeshBuilder, ridge: Axis, rise_m: f32) {
        let frame = RoofFrame::new(&self.mass.area, ridge, self.mass.top_m);
        let drop = rise_m * EAVES_M / frame.half_v;
        let (end, eaves) = (frame.half_u, frame.half_v + EAVES_M);
        for sign in [1.0, -1.0] {
            let slope = [
                frame.point(-end * sign, eaves * sign, -drop),
                frame.point(end * sign, eaves * sign, -drop),
                frame.point(end * sign, 0.0, rise_m),
                frame.point(-end * sign, 0.0, rise_m),
            ];
            mesh.plain_quad(slope, self.roof_colour);
        }
    }

    fn hip(&self, mesh: &mut MeshBuilder, rise_m: f32) {
        let ridge = if self.mass.area.size_x() >= self.mass.area.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let frame = RoofFrame::new(&self.mass.area, ridge, self.mass.top_m);
        let drop = rise_m * EAVES_M / frame.half_v;
        let (eaves_u, eaves_v) = (frame.half_u + EAVES_M, frame.half_v + EAVES_M);
        let ridge_u = (frame.half_u - frame.half_v).max(0.05);
        for sign in [1.0, -1.0] {
            let corner = |u: f32, v: f32, height_m: f32| frame.point(u * sign, v * sign, height_m);
            let high = [corner(ridge_u, 0.0, rise_m), corner(-ridge_u, 0.0, rise_m)];
            let low = [
                corner(-eaves_u, eaves_v, -drop),
                corner(eaves_u, eaves_v, -drop),
            ];
            mesh.plain_quad([low[0], low[1], high[0], high[1]], self.roof_colour);
            let end = [low[1], corner(eaves_u, -eaves_v, -drop), high[0]];
            mesh.plain_triangle(end, self.roof_colour * 0.95);
        }
    }
}

/// Crowns of leaves without trunks, one for each species: two pyramids, base to base.
pub(super) struct Crowns {
    paint: [Paint<6>; 5],
}

/// Foot, widest place, top and radius of the crown of a tree of scale 1, metres, by species. A pyramid is a little less
/// than round, so it is a little wider.
const CROWNS_M: [(f32, f32, f32, f32); 5] = [
    (2.2, 4.9, 7.9, 2.75),
    (2.2, 5.4, 9.2, 1.85),
    (0.9, 1.6, 7.7, 1.8),
    (2.8, 5.2, 8.5, 1.6),
    (3.6, 5.4, 7.9, 3.4),
];
const CROWN_TRIANGLES: [[u32; 3]; 8] = [
    [2, 1, 3],
    [3, 1, 4],
    [4, 1, 5],
    [5, 1, 2],
    [2, 3, 0],
    [3, 4, 0],
    [4, 5, 0],
    [5, 2, 0],
];
/// The directions of the widest place.
const AROUND: [Vec3; 4] = [Vec3::X, Vec3::Z, Vec3::NEG_X, Vec3::NEG_Z];
/// How far the normals there lean up: sine and cosine.
const LEAN: (f32, f32) = (0.330_350_4, 0.943_858_4);

impl Crowns {
    pub(super) fn new() -> Self {
        let paint = LEAF.map(|leaf| {
            let [a, b, c, d] = AROUND.map(|out| (out * LEAN.1 + Vec3::Y * LEAN.0, leaf * 0.92));
            Paint::new([
                (Vec3::NEG_Y, leaf * 0.65),
                (Vec3::Y, leaf * 1.1),
                a,
                b,
                c,
                d,
            ])
        });
        Self { paint }
    }

    pub(super) fn draw(&self, mesh: &mut MeshBuilder, tree: &Tree) {
        let (foot, middle, top, radius) = CROWNS_M[tree.species as usize];
        let ground = Vec3::new(tree.at.x, KERB_HEIGHT_M, tree.at.y);
        let at = |height_m: f32| ground + Vec3::Y * (height_m * tree.scale);
        let [a, b, c, d] = AROUND.map(|out| at(middle) + out * (radius * tree.scale));
        mesh.stamp(
            [at(foot), at(top), a, b, c, d],
            &self.paint[tree.species as usize],
            &CROWN_TRIANGLES,
        );
    }
}
