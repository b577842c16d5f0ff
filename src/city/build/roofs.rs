//! Roofs: flat behind a parapet, gabled, hipped, mansards, vaults, saw teeth, slants and domes.

use bevy::math::Vec3;

use super::super::area::{Area, Axis, Side};
use super::super::colour::Rgb;
use super::super::plan::buildings::{Face, Look, Mass, Outline, PARAPET_M, Roof};
use super::facades::REVEAL_M;
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::prisms;
use super::rounds::{Sides, dome, radii};
use super::wall::{Span, Wall};

/// How far eaves stand out, metres.
pub(super) const EAVES_M: f32 = 0.4;

pub(super) fn draw_roof(mesh: &mut MeshBuilder, mass: &Mass, look: &Look) {
    match mass.roof {
        Roof::Flat if mass.outline == Outline::Rectangle => flat(mesh, mass, look),
        Roof::Gable { ridge, rise_m } => gable(mesh, mass, look, ridge, rise_m),
        Roof::Hip { rise_m } => {
            hip(mesh, mass, look.roof, rise_m);
        }
        _ => draw_shell(mesh, mass, [look.wall, look.roof], Sides::Sixteen),
    }
    if let Roof::Mansard { inset_m, rise_m } = mass.roof {
        dormers(mesh, mass, look, inset_m, rise_m);
    }
}

/// Roofs that are the same near and far: all but flat ones with their parapets, gables and hips with their eaves.
pub(super) fn draw_shell(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    [wall, roof]: [Rgb; 2],
    sides: Sides,
) {
    let area = &mass.area;
    match mass.roof {
        Roof::Flat => prisms::draw_top(mesh, mass, mass.flat_roof_m(), roof),
        Roof::Mansard { inset_m, rise_m } => {
            let around = area.inset(-0.2);
            slopes(
                mesh,
                &around,
                &area.inset(inset_m),
                Span(mass.top_m, mass.top_m + rise_m),
                roof,
            );
            mesh.floor(&area.inset(inset_m), mass.top_m + rise_m, roof * 0.85);
        }
        Roof::Vault { ridge, rise_m } => vault(mesh, mass, ridge, rise_m, [wall, roof]),
        Roof::Sawtooth {
            along,
            teeth,
            rise_m,
        } => sawtooth(mesh, mass, (along, teeth, rise_m), [wall, roof]),
        Roof::Slant { high, rise_m } => slant(mesh, mass, high, rise_m, [wall, roof]),
        Roof::Dome { rise_m } => {
            let heights = Span(mass.top_m, mass.top_m + rise_m);
            dome(mesh, area.center(), radii(area), heights, roof, sides);
        }
        Roof::Gable { .. } | Roof::Hip { .. } => {}
    }
}

/// Four slopes between two rectangles.
fn slopes(mesh: &mut MeshBuilder, low: &Area, high: &Area, heights: Span, colour: Rgb) {
    for side in Side::ALL {
        let (out, into) = (Wall::of(low, side), Wall::of(high, side));
        let slope = [
            out.point(0.0, heights.0, 0.0),
            out.point(out.width_m, heights.0, 0.0),
            into.point(into.width_m, heights.1, 0.0),
            into.point(0.0, heights.1, 0.0),
        ];
        mesh.plain_quad(slope, colour);
    }
}

/// Windows in the steep sides of a mansard.
fn dormers(mesh: &mut MeshBuilder, mass: &Mass, look: &Look, inset_m: f32, rise_m: f32) {
    for side in Side::ALL {
        if mass.faces[side as usize] != Face::Street {
            continue;
        }
        let wall = Wall::of(&mass.area, side);
        let bays = (wall.width_m / (look.bay_m * 1.4)).floor() as u32;
        let (from, to) = (mass.top_m + 0.5, mass.top_m + rise_m * 0.78);
        for bay in 0..bays {
            let at = (bay as f32 + 0.5) * wall.width_m / bays as f32;
            let across = Span(at - 0.75, at + 0.75);
            let back = -inset_m * 0.8;
            wall.ledge(mesh, across, Span(from, to), Span(back, 0.1), look.trim);
            mesh.set_glow(Glow::Window(
                0.15 + 0.8 * ((bay * 7 + 3) % 10) as f32 / 10.0,
            ));
            let pane = Span(from + 0.3, to - 0.15);
            wall.rect(
                mesh,
                Span(at - 0.5, at + 0.5),
                pane,
                0.13,
                [look.glass * 1.2, look.glass],
            );
            mesh.set_glow(Glow::None);
        }
    }
}

/// Heights of a half circle over its width in eight steps, as shares.
const ARC: [(f32, f32); 7] = [
    (-1.0, 0.0),
    (-0.866_025_4, 0.5),
    (-0.5, 0.866_025_4),
    (0.0, 1.0),
    (0.5, 0.866_025_4),
    (0.866_025_4, 0.5),
    (1.0, 0.0),
];

fn vault(mesh: &mut MeshBuilder, mass: &Mass, ridge: Axis, rise_m: f32, [wall, roof]: [Rgb; 2]) {
    let frame = RoofFrame::new(&mass.area, ridge, mass.top_m);
    let end = frame.half_u + 0.15;
    for pair in ARC.windows(2) {
        let [(v0, h0), (v1, h1)] = [pair[0], pair[1]];
        let at = |u: f32, v: f32, h: f32| frame.point(u, v * (frame.half_v + 0.1), h * rise_m);
        // From the far side of the frame to the near one, so that the outside is seen.
        let strip = [
            at(-end, v1, h1),
            at(end, v1, h1),
            at(end, v0, h0),
            at(-end, v0, h0),
        ];
        let shade = 0.86 + 0.14 * (h0 + h1) / 2.0;
        mesh.plain_quad(strip, roof * shade);
    }
    for sign in [1.0f32, -1.0] {
        let rim = ARC.map(|(v, h)| {
            let point = frame.point(frame.half_u * sign, -v * frame.half_v * sign, h * rise_m);
            (point, wall * 0.95)
        });
        let normal = (rim[1].0 - rim[0].0)
            .cross(rim[6].0 - rim[0].0)
            .normalize_or_zero();
        let outwards = frame.point(sign, 0.0, 0.0) - frame.point(0.0, 0.0, 0.0);
        if normal.dot(outwards) > 0.0 {
            mesh.outline(rim, normal);
        } else {
            let mut turned = rim;
            turned.reverse();
            mesh.outline(turned, -normal);
        }
    }
}

fn sawtooth(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    (along, teeth, rise_m): (Axis, u32, f32),
    [wall, roof]: [Rgb; 2],
) {
    let pitch = mass.area.size(along) / teeth as f32;
    // The glass looks towards the low end of the axis.
    let (glass_side, ends) = match along {
        Axis::X => (Side::West, [Side::North, Side::South]),
        Axis::Z => (Side::North, [Side::West, Side::East]),
    };
    for tooth in 0..teeth {
        let from = tooth as f32 * pitch;
        let area = mass.area.span(along, from, from + pitch);
        let upright = Wall::of(&area, glass_side);
        let across = Span(0.0, upright.width_m);
        let heights = Span(mass.top_m, mass.top_m + rise_m);
        mesh.set_glow(Glow::Window(0.35 + 0.5 * (tooth % 3) as f32 / 3.0));
        upright.rect(mesh, across, heights, 0.0, [wall * 0.4, wall * 0.55]);
        mesh.set_glow(Glow::None);
        let far = Wall::of(&area, glass_side.opposite());
        let slope = [
            far.point(0.0, mass.top_m, 0.0),
            far.point(far.width_m, mass.top_m, 0.0),
            upright.point(0.0, mass.top_m + rise_m, 0.0),
            upright.point(upright.width_m, mass.top_m + rise_m, 0.0),
        ];
        mesh.plain_quad(slope, roof);
        for side in ends {
            let end = Wall::of(&area, side);
            let is_left = end.left_side == glass_side;
            let high = if is_left { 0.0 } else { end.width_m };
            let corners = [
                end.point(0.0, mass.top_m, 0.0),
                end.point(end.width_m, mass.top_m, 0.0),
                end.point(high, mass.top_m + rise_m, 0.0),
            ];
            mesh.outline(corners.map(|corner| (corner, wall)), end.normal);
        }
    }
}

fn slant(mesh: &mut MeshBuilder, mass: &Mass, high: Side, rise_m: f32, [wall, roof]: [Rgb; 2]) {
    let area = &mass.area;
    let (up, down) = (Wall::of(area, high), Wall::of(area, high.opposite()));
    let top_m = mass.top_m;
    let slope = [
        down.point(0.0, top_m, 0.0),
        down.point(down.width_m, top_m, 0.0),
        up.point(0.0, top_m + rise_m, 0.0),
        up.point(up.width_m, top_m + rise_m, 0.0),
    ];
    mesh.plain_quad(slope, roof);
    let back = Span(top_m, top_m + rise_m);
    up.rect(mesh, Span(0.0, up.width_m), back, 0.0, [wall * 0.95, wall]);
    for side in [up.left_side, up.right_side] {
        let end = Wall::of(area, side);
        let at = if end.left_side == high {
            0.0
        } else {
            end.width_m
        };
        let corners = [
            end.point(0.0, top_m, 0.0),
            end.point(end.width_m, top_m, 0.0),
            end.point(at, top_m + rise_m, 0.0),
        ];
        mesh.outline(corners.map(|corner| (corner, wall)), end.normal);
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
