//! Plain shapes of the coarse levels: boxes with roofs, crowns of trees.

use bevy::math::Vec3;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{LEAF, Rgb};
use super::super::plan::buildings::Roof;
use super::super::plan::furniture::Tree;
use super::super::plan::skyline::SUNK_M;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::{MeshBuilder, Paint};
use super::roofs::{EAVES_M, RoofFrame};
use super::wall::{Span, Wall};

/// A box with a roof.
pub(super) struct Shape {
    pub(super) area: Area,
    pub(super) base_m: f32,
    pub(super) top_m: f32,
    pub(super) roof: Roof,
    /// The foot and the top of each wall; `None` for one that nobody sees.
    pub(super) walls: [Option<[Rgb; 2]>; 4],
    pub(super) roof_colour: Rgb,
}

impl Shape {
    pub(super) fn draw(&self, mesh: &mut MeshBuilder) {
        let gables = match self.roof {
            Roof::Gable { ridge, .. } => Some(ridge),
            Roof::Flat | Roof::Hip { .. } => None,
        };
        for side in Side::ALL {
            let Some(colours) = self.walls[side as usize] else {
                continue;
            };
            if gables.is_some_and(|ridge| ridge != side.runs_along()) {
                self.gable_end(mesh, side, colours);
            } else {
                let wall = Wall::of(&self.area, side);
                wall.rect(
                    mesh,
                    Span(0.0, wall.width_m),
                    Span(self.base_m - SUNK_M, self.top_m),
                    0.0,
                    colours,
                );
            }
        }
        match self.roof {
            Roof::Flat => mesh.floor(&self.area, self.top_m, self.roof_colour),
            Roof::Gable { ridge, rise_m } => self.gable(mesh, ridge, rise_m),
            Roof::Hip { rise_m } => self.hip(mesh, rise_m),
        }
    }

    fn gable_end(&self, mesh: &mut MeshBuilder, side: Side, [foot, top]: [Rgb; 2]) {
        let wall = Wall::of(&self.area, side);
        let (base_m, width_m) = (self.base_m - SUNK_M, wall.width_m);
        let ridge_m = match self.roof {
            Roof::Gable { rise_m, .. } | Roof::Hip { rise_m } => self.top_m + rise_m,
            Roof::Flat => self.top_m,
        };
        let corners = [
            (wall.point(0.0, base_m, 0.0), foot),
            (wall.point(width_m, base_m, 0.0), foot),
            (wall.point(width_m, self.top_m, 0.0), top),
            (wall.point(width_m / 2.0, ridge_m, 0.0), top),
            (wall.point(0.0, self.top_m, 0.0), top),
        ];
        mesh.outline(corners, wall.normal);
    }

    fn gable(&self, mesh: &mut MeshBuilder, ridge: Axis, rise_m: f32) {
        let frame = RoofFrame::new(&self.area, ridge, self.top_m);
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
        let ridge = if self.area.size_x() >= self.area.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let frame = RoofFrame::new(&self.area, ridge, self.top_m);
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
    paint: [Paint<6>; 3],
}

/// Foot, widest place, top and radius of the crown of a tree of scale 1, metres, by species. A pyramid is a little less
/// than round, so it is a little wider.
const CROWNS_M: [(f32, f32, f32, f32); 3] = [
    (2.2, 4.9, 7.9, 2.75),
    (2.2, 5.4, 9.2, 1.85),
    (0.9, 1.6, 7.7, 1.8),
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
        let paint = [LEAF[0], LEAF[1], LEAF[2]].map(|leaf| {
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
