//! Street furniture: what stands on pavements.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis, Side};
use super::super::colour::{CAR_GLASS, IRON, METAL, Rgb, TRIM, TYRE, WOOD, srgb};
use super::super::plan::furniture::{SignKind, sizes};
use super::super::plan::streets::KERB_HEIGHT_M as GROUND_M;
use super::details::two_sided;
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::rounds::{Sides, disc, dome, post, tapered};
use super::wall::{Span, Wall};

const HYDRANT: Rgb = srgb(0xB3372C);
const POST_BOX: Rgb = srgb(0x2C4C8A);
const PHONE_BOX: Rgb = srgb(0xA02C2A);
const SIGN_RED: Rgb = srgb(0xB02A25);
const NAME_SIGN: Rgb = srgb(0x2A5E3F);
const LENS: Rgb = srgb(0x1B1D1E);

fn heights(from: f32, to: f32) -> Span {
    Span(GROUND_M + from, GROUND_M + to)
}

pub(super) fn fence(mesh: &mut MeshBuilder, area: &Area, height_m: f32) {
    let side = if area.size_x() >= area.size_z() {
        Side::South
    } else {
        Side::East
    };
    let wall = Wall::of(area, side);
    let colour = IRON * 1.7;
    for level in [height_m, height_m * 0.45] {
        let bar = heights(level - 0.07, level);
        two_sided(mesh, &wall, Span(0.0, wall.width_m), bar, colour);
    }
    let posts = (wall.width_m / 2.6).ceil().max(1.0) as u32;
    for number in 0..=posts {
        let at = wall.width_m * number as f32 / posts as f32;
        let across = Span((at - 0.05).max(0.0), (at + 0.05).min(wall.width_m));
        let post = Wall {
            origin: wall.point(0.0, 0.0, 0.045),
            ..wall
        };
        two_sided(
            mesh,
            &post,
            across,
            heights(-0.3, height_m + 0.1),
            colour * 0.9,
        );
    }
}

pub(super) fn bin(mesh: &mut MeshBuilder, at: Vec2) {
    let radius = Vec2::splat(sizes::BIN_RADIUS_M);
    let shades = [IRON * 1.1, IRON * 1.6];
    tapered(
        mesh,
        at,
        [radius * 0.85, radius],
        heights(0.0, sizes::BIN_HEIGHT_M),
        shades,
        Sides::Eight,
    );
    disc(
        mesh,
        at,
        radius,
        GROUND_M + sizes::BIN_HEIGHT_M,
        IRON * 0.6,
        Sides::Eight,
    );
}

pub(super) fn hydrant(mesh: &mut MeshBuilder, at: Vec2) {
    post(mesh, at, 0.17, heights(0.0, 0.62), HYDRANT);
    let cap = [Vec2::splat(sizes::HYDRANT_RADIUS_M), Vec2::ZERO];
    tapered(
        mesh,
        at,
        cap,
        heights(0.62, sizes::HYDRANT_HEIGHT_M),
        [HYDRANT; 2],
        Sides::Four,
    );
    let outlets = Wall::of(&Area::around(at, 0.44, 0.12), Side::South);
    two_sided(
        mesh,
        &outlets,
        Span(0.0, outlets.width_m),
        heights(0.38, 0.52),
        METAL,
    );
}

pub(super) fn post_box(mesh: &mut MeshBuilder, at: Vec2) {
    let body = Area::around(at, sizes::POST_BOX_M, sizes::POST_BOX_M);
    mesh.block(&body, GROUND_M, GROUND_M + 1.15, POST_BOX);
    let lid = Vec2::splat(0.36);
    dome(
        mesh,
        at,
        lid,
        heights(1.15, sizes::POST_BOX_HEIGHT_M),
        POST_BOX * 1.1,
        Sides::Eight,
    );
}

pub(super) fn phone_box(mesh: &mut MeshBuilder, at: Vec2) {
    let body = Area::around(at, sizes::PHONE_BOX_M, sizes::PHONE_BOX_M);
    mesh.block(&body, GROUND_M, GROUND_M + 2.3, PHONE_BOX);
    for side in Side::ALL {
        let wall = Wall::of(&body, side);
        mesh.set_glow(Glow::Window(0.0));
        let pane = Span(0.12, wall.width_m - 0.12);
        wall.rect(
            mesh,
            pane,
            heights(0.5, 2.0),
            0.02,
            [CAR_GLASS * 1.4, CAR_GLASS * 2.4],
        );
        mesh.set_glow(Glow::None);
    }
    mesh.block(
        &body.inset(0.08),
        GROUND_M + 2.3,
        GROUND_M + 2.45,
        PHONE_BOX * 0.9,
    );
}

/// A roof on two posts with a glass back, a bench and a poster that is lit.
pub(super) fn shelter(mesh: &mut MeshBuilder, at: Vec2, faces: Side) {
    let area = match faces.runs_along() {
        Axis::X => Area::around(at, 3.6, 1.3),
        Axis::Z => Area::around(at, 1.3, 3.6),
    };
    mesh.block(
        &area.inset(-0.1),
        GROUND_M + 2.35,
        GROUND_M + 2.5,
        IRON * 1.4,
    );
    mesh.ceiling(&area.inset(-0.1), GROUND_M + 2.35, METAL * 0.7);
    let back = area.strip(faces.opposite(), 0.0, 0.06);
    let wall = Wall::of(&back, faces);
    let glass = Span(0.0, wall.width_m);
    two_sided(mesh, &wall, glass, heights(0.3, 2.2), CAR_GLASS * 2.6);
    for across in [Span(0.0, 0.08), Span(wall.width_m - 0.08, wall.width_m)] {
        let post = Wall {
            origin: wall.point(0.0, 0.0, 0.05),
            ..wall
        };
        two_sided(mesh, &post, across, heights(0.0, 2.35), IRON * 1.3);
    }
    let seat = area
        .strip(faces.opposite(), 0.15, 0.5)
        .span(faces.runs_along(), 0.4, 2.4);
    mesh.block(&seat, GROUND_M + 0.38, GROUND_M + 0.46, WOOD);
    let along = faces.runs_along();
    let poster = area.span(along, 3.5, 3.6);
    mesh.set_glow(Glow::Own);
    mesh.block(&poster, GROUND_M + 0.4, GROUND_M + 2.1, srgb(0xBFD3DA));
    mesh.set_glow(Glow::None);
}

pub(super) fn kiosk(mesh: &mut MeshBuilder, at: Vec2, colour: Rgb) {
    let body = Area::around(at, sizes::KIOSK_M, sizes::KIOSK_M);
    mesh.block(&body, GROUND_M, GROUND_M + 2.3, colour * 0.8);
    for side in Side::ALL {
        let wall = Wall::of(&body, side);
        mesh.set_glow(Glow::Window(0.1));
        let pane = Span(0.2, wall.width_m - 0.2);
        wall.rect(
            mesh,
            pane,
            heights(0.95, 2.0),
            0.02,
            [CAR_GLASS * 1.2, CAR_GLASS * 2.2],
        );
        mesh.set_glow(Glow::None);
    }
    mesh.block(
        &body.inset(-0.3),
        GROUND_M + 2.3,
        GROUND_M + sizes::KIOSK_HEIGHT_M,
        colour,
    );
    mesh.ceiling(&body.inset(-0.3), GROUND_M + 2.3, colour * 0.5);
}

pub(super) fn meter(mesh: &mut MeshBuilder, at: Vec2) {
    post(
        mesh,
        at,
        sizes::POLE_RADIUS_M,
        heights(0.0, 1.1),
        IRON * 1.4,
    );
    let head = Wall::of(&Area::around(at, 0.22, 0.02), Side::South);
    let plate = Span(0.0, head.width_m);
    two_sided(mesh, &head, plate, heights(1.05, 1.45), METAL * 0.8);
}

/// A sign on a post: its face looks along the road on a side of the block.
pub(super) fn sign(mesh: &mut MeshBuilder, at: Vec2, faces: Side, kind: SignKind) {
    let (top_m, side_m, colour) = match kind {
        SignKind::GiveWay => (2.75, 0.9, SIGN_RED),
        SignKind::NoParking => (2.5, 0.46, TRIM[3]),
        SignKind::StreetName => (3.0, 1.1, NAME_SIGN),
    };
    post(
        mesh,
        at,
        sizes::POLE_RADIUS_M,
        heights(0.0, top_m),
        METAL * 0.8,
    );
    // Seen by those who drive along the road.
    let (size_x, size_z, seen_from) = match faces.runs_along() {
        Axis::X => (0.05, side_m, [Side::West, Side::East]),
        Axis::Z => (side_m, 0.05, [Side::North, Side::South]),
    };
    let plate = Area::around(at, size_x, size_z);
    let low = if kind == SignKind::StreetName {
        top_m - 0.25
    } else {
        top_m - side_m
    };
    for side in seen_from {
        let wall = Wall::of(&plate, side);
        if kind == SignKind::GiveWay {
            triangle(mesh, &wall, (low, top_m), 0.03, colour);
            let rim_m = 0.17 * side_m;
            let inner = (low + 2.0 * rim_m, top_m - rim_m);
            triangle(mesh, &wall, inner, 0.05, TRIM[3]);
        } else {
            wall.rect(
                mesh,
                Span(0.0, wall.width_m),
                heights(low, top_m),
                0.03,
                [colour; 2],
            );
            let inner = Span(wall.width_m * 0.15, wall.width_m * 0.85);
            let line = heights(low + (top_m - low) * 0.35, top_m - (top_m - low) * 0.35);
            let ink = if kind == SignKind::NoParking {
                SIGN_RED
            } else {
                TRIM[3]
            };
            wall.rect(mesh, inner, line, 0.05, [ink; 2]);
        }
    }
}

/// A triangle on its tip, as high as wide, in the middle of a wall.
fn triangle(mesh: &mut MeshBuilder, wall: &Wall, (low, top): (f32, f32), out_m: f32, colour: Rgb) {
    let (middle, half) = (wall.width_m / 2.0, (top - low) / 2.0);
    let corner = |u: f32, height_m: f32| (wall.point(u, GROUND_M + height_m, out_m), colour);
    let corners = [
        corner(middle, low),
        corner(middle + half, top),
        corner(middle - half, top),
    ];
    mesh.outline(corners, wall.normal);
}

/// A post with a head of three dark lenses towards each road.
pub(super) fn signal(mesh: &mut MeshBuilder, at: Vec2, faces: [Side; 2]) {
    post(mesh, at, 0.09, heights(0.0, 3.5), IRON * 1.2);
    for side in faces {
        let out = side.outward();
        let head = at + out * 0.3;
        let body = Area::around(head, 0.32, 0.32);
        mesh.block(&body, GROUND_M + 2.5, GROUND_M + 3.45, IRON * 0.8);
        // Lenses look both ways along the road that the side lies on.
        let looks = match side.runs_along() {
            Axis::X => [Side::West, Side::East],
            Axis::Z => [Side::North, Side::South],
        };
        for look in looks {
            let wall = Wall::of(&body, look);
            let lens = Span(0.08, wall.width_m - 0.08);
            wall.rect(mesh, lens, heights(2.56, 3.4), 0.02, [LENS; 2]);
        }
    }
}

/// A round table under a parasol with two chairs.
pub(super) fn table(mesh: &mut MeshBuilder, at: Vec2, colour: Rgb) {
    post(mesh, at, 0.04, heights(0.0, 2.3), METAL);
    disc(
        mesh,
        at,
        Vec2::splat(0.4),
        GROUND_M + 0.74,
        TRIM[3],
        Sides::Eight,
    );
    let cloth = [colour * 0.9, colour * 1.1];
    let spread = [Vec2::splat(1.1), Vec2::ZERO];
    tapered(mesh, at, spread, heights(2.05, 2.5), cloth, Sides::Four);
    for offset in [-0.62f32, 0.62] {
        let seat = Area::around(at + Vec2::new(offset, offset * 0.2), 0.4, 0.4);
        mesh.floor(&seat, GROUND_M + 0.45, WOOD * 1.1);
        let side = if offset > 0.0 { Side::West } else { Side::East };
        let back = Wall::of(&seat.strip(side.opposite(), 0.0, 0.04), side);
        two_sided(
            mesh,
            &back,
            Span(0.0, back.width_m),
            heights(0.0, 0.85),
            WOOD,
        );
    }
}

/// Two bicycles leaning on a rack.
pub(super) fn bicycles(mesh: &mut MeshBuilder, at: Vec2, along: Axis) {
    let (u, v) = match along {
        Axis::X => (Vec3::X, Vec3::Z),
        Axis::Z => (Vec3::Z, Vec3::X),
    };
    let foot = Vec3::new(at.x, GROUND_M, at.y);
    for (offset, paint) in [(-0.3, POST_BOX), (0.35, HYDRANT)] {
        let middle = foot + u * offset;
        for wheel in [-0.5, 0.5] {
            let hub = middle + v * wheel * 0.95 + Vec3::Y * 0.33;
            let (a, b) = (v * 0.31, Vec3::Y * 0.31);
            let ring = [hub - b, hub + a, hub + b, hub - a];
            mesh.plain_quad(ring, TYRE * 1.4);
            let [p, q, r, s] = ring;
            mesh.plain_quad([s, r, q, p], TYRE * 1.4);
        }
        let frame = [
            middle - v * 0.4 + Vec3::Y * 0.4,
            middle + v * 0.35 + Vec3::Y * 0.7,
            middle + v * 0.35 + Vec3::Y * 0.8,
            middle - v * 0.35 + Vec3::Y * 0.85,
        ];
        let lifted = frame.map(|corner| corner + u * 0.03);
        mesh.plain_quad(lifted, paint);
        let [p, q, r, s] = frame.map(|corner| corner - u * 0.03);
        mesh.plain_quad([s, r, q, p], paint);
    }
}

/// A petrol pump on its island.
pub(super) fn pump(mesh: &mut MeshBuilder, at: Vec2, along: Axis, colour: Rgb) {
    let island = match along {
        Axis::X => Area::around(at, 3.0, 1.1),
        Axis::Z => Area::around(at, 1.1, 3.0),
    };
    mesh.block(&island, GROUND_M, GROUND_M + 0.18, TRIM[2]);
    let [size_x, size_z] = sizes::PUMP_M;
    let body = Area::around(at, size_x, size_z);
    mesh.block(&body, GROUND_M + 0.18, GROUND_M + 1.5, TRIM[3]);
    mesh.set_glow(Glow::Own);
    mesh.block(
        &body.inset(-0.03),
        GROUND_M + 1.5,
        GROUND_M + sizes::PUMP_HEIGHT_M,
        colour,
    );
    mesh.set_glow(Glow::None);
}
