//! Roofs: flat behind a parapet, gabled, hipped.

use bevy::math::Vec3;

use super::super::area::{Area, Axis, Side};
use super::super::colour::Rgb;
use super::super::plan::buildings::{Face, Look, Mass, PARAPET_M, Roof};
use super::facades::REVEAL_M;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};

/// How far eaves stand out, metres.
pub(super) const EAVES_M: f32 = 0.4;

pub(super) fn draw_roof(mesh: &mut MeshBuilder, mass: &Mass, look: &Look) {
    match mass.roof {
        Roof::Flat => flat(mesh, mass, look),
        Roof::Gable { ridge, rise_m } => gable(mesh, mass, look, ridge, rise_m),
        Roof::Hip { rise_m } => hip(mesh, mass, look.roof, rise_m),
    }
}

/// The roof surface, the inner faces of the parapet and the coping on it.
fn flat(mesh: &mut MeshBuilder, mass: &Mass, look: &Look) {
    let overhang = mass.faces.map(|face| {
        if face == Face::Blank {
            0.0
        } else {
            -REVEAL_M - 0.02
        }
    });
    let (outer, inner) = (mass.area.inset_by(overhang), mass.area.inset(0.3));
    if inner.is_empty() {
        mesh.floor(&mass.area, mass.top_m, look.roof);
        return;
    }
    let coping = look.trim * 0.95;
    for side in Side::ALL {
        let (out, into) = (Wall::of(&outer, side), Wall::of(&inner, side));
        let ends = |wall: &Wall| {
            [
                wall.point(0.0, mass.top_m, 0.0),
                wall.point(wall.width_m, mass.top_m, 0.0),
            ]
        };
        let ([a, b], [d, c]) = (ends(&out), ends(&into));
        mesh.quad([a, b, c, d], Vec3::Y, [coping; 4]);
        let low = mass.top_m - PARAPET_M;
        let face = [
            into.point(into.width_m, low, 0.0),
            into.point(0.0, low, 0.0),
            d,
            c,
        ];
        let [bottom, top] = [look.wall * 0.65, look.wall * 0.9];
        mesh.quad(face, -into.normal, [bottom, bottom, top, top]);
    }
    mesh.floor(&inner, mass.top_m - PARAPET_M, look.roof);
}

/// A frame for roofs: `u` along the ridge, `v` across it, both from the middle of the area.
pub(super) struct RoofFrame {
    center: Vec3,
    u: Vec3,
    v: Vec3,
    pub(super) half_u: f32,
    pub(super) half_v: f32,
}

impl RoofFrame {
    pub(super) fn new(area: &Area, ridge: Axis, top_m: f32) -> Self {
        let middle = area.center();
        let center = Vec3::new(middle.x, top_m, middle.y);
        let (half_x, half_z) = (area.size_x() / 2.0, area.size_z() / 2.0);
        // v is u turned a quarter clockwise seen from above, so that the winding below fits both axes.
        match ridge {
            Axis::X => Self {
                center,
                u: Vec3::X,
                v: Vec3::Z,
                half_u: half_x,
                half_v: half_z,
            },
            Axis::Z => Self {
                center,
                u: Vec3::Z,
                v: Vec3::NEG_X,
                half_u: half_z,
                half_v: half_x,
            },
        }
    }

    pub(super) fn point(&self, u: f32, v: f32, height_m: f32) -> Vec3 {
        self.center + self.u * u + self.v * v + Vec3::Y * height_m
    }
}

fn gable(mesh: &mut MeshBuilder, mass: &Mass, look: &Look, ridge: Axis, rise_m: f32) {
    let frame = RoofFrame::new(&mass.area, ridge, mass.top_m);
    let drop = rise_m * EAVES_M / frame.half_v;
    let eaves_v = frame.half_v + EAVES_M;
    // The low and the high end of the ridge stand out over free gables only.
    let (low_end, high_end) = match ridge {
        Axis::X => (Side::West, Side::East),
        Axis::Z => (Side::North, Side::South),
    };
    let verge = |side: Side| {
        frame.half_u
            + if mass.faces[side as usize] == Face::Blank {
                0.0
            } else {
                0.3
            }
    };
    let (from, to) = (-verge(low_end), verge(high_end));
    // Both slopes seen from outside: left and right swap on the far side.
    for (sign, left, right) in [(1.0, from, to), (-1.0, to, from)] {
        let slope = [
            frame.point(left, eaves_v * sign, -drop),
            frame.point(right, eaves_v * sign, -drop),
            frame.point(right, 0.0, rise_m),
            frame.point(left, 0.0, rise_m),
        ];
        mesh.plain_quad(slope, look.roof);
        let [a, b, c, d] = slope.map(|corner| corner - Vec3::Y * 0.14);
        mesh.plain_quad([d, c, b, a], look.trim * 0.7);
        let [low_a, low_b] = [slope[0], slope[1]];
        mesh.plain_quad([a, b, low_b, low_a], look.trim * 0.85);
    }
    for sign in [1.0f32, -1.0] {
        let end = frame.half_u * sign;
        let triangle = [
            frame.point(end, frame.half_v * sign, 0.0),
            frame.point(end, -frame.half_v * sign, 0.0),
            frame.point(end, 0.0, rise_m),
        ];
        mesh.plain_triangle(triangle, look.wall);
    }
}

fn hip(mesh: &mut MeshBuilder, mass: &Mass, roof: Rgb, rise_m: f32) {
    let ridge = if mass.area.size_x() >= mass.area.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let frame = RoofFrame::new(&mass.area, ridge, mass.top_m);
    let drop = rise_m * EAVES_M / frame.half_v;
    let (eaves_u, eaves_v) = (frame.half_u + EAVES_M, frame.half_v + EAVES_M);
    let ridge_u = (frame.half_u - frame.half_v).max(0.05);
    for sign in [1.0, -1.0] {
        let corner = |u: f32, v: f32, height_m: f32| frame.point(u * sign, v * sign, height_m);
        let long = [
            corner(-eaves_u, eaves_v, -drop),
            corner(eaves_u, eaves_v, -drop),
            corner(ridge_u, 0.0, rise_m),
            corner(-ridge_u, 0.0, rise_m),
        ];
        mesh.plain_quad(long, roof);
        let short = [
            corner(eaves_u, eaves_v, -drop),
            corner(eaves_u, -eaves_v, -drop),
            corner(ridge_u, 0.0, rise_m),
        ];
        mesh.plain_triangle(short, roof * 0.95);
    }
    let under = mass.area.inset(-EAVES_M);
    mesh.ceiling(&under, mass.top_m - drop, roof * 0.6);
}

/// A box on a roof.
pub(super) fn draw_detail(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    mesh.block(area, heights.0, heights.1, colour);
}
