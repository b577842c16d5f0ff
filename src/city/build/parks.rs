//! The ground of large parks: lawns around a pond, curved paths, a round place, a playground.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{
    GRAVEL_PATH, IRON, KERB_STONE, METAL, PAVING_WARM, Rgb, SHOP_SIGN, SOIL, WOOD, srgb,
};
use super::super::plan::blocks::Block;
use super::super::plan::frame::Frame;
use super::super::plan::parks::playground::{RAIL, SEAT, SLIDE, SWING, TOWER};
use super::super::plan::parks::{AROUND, Park, Path, Pond, SHORE_SHARE};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::banks::WATER;
use super::mesh::MeshBuilder;
use super::place::Place;
use super::tone::Tone;

/// Heights above the block's ground: each layer of paths, the round place above all of them, metres.
const LAYER_M: f32 = 0.03;
const PLACE_LAYER: u8 = 3;
/// Where the ground is laid coarsely, paths lie higher: both leave the land by some centimetres.
const COARSE_M: f32 = 0.1;
/// How far the bank of a pond goes on below the water, metres.
const UNDER_WATER_M: f32 = 0.35;

/// Lays the ground of a park inside its pavements; coarsely, in one tone, where none is given.
pub(super) fn lay(mesh: &mut MeshBuilder, block: &Block, park: &Park, tone: Option<&Tone>) {
    let (inner, square, ground) = (block.inner, park.pond.square(), block.ground);
    for area in [
        Area::new(inner.x0, inner.z0, inner.x1, square.z0),
        Area::new(inner.x0, square.z1, inner.x1, inner.z1),
        Area::new(inner.x0, square.z0, square.x0, square.z1),
        Area::new(square.x1, square.z0, inner.x1, square.z1),
    ] {
        match tone {
            Some(tone) => tone.floor(mesh, &area, KERB_HEIGHT_M, ground),
            None => mesh.floor(&area, KERB_HEIGHT_M, ground),
        }
    }
    around_pond(mesh, &park.pond, ground, tone);
    let ground_m = KERB_HEIGHT_M + if tone.is_some() { 0.0 } else { COARSE_M };
    for path in &park.paths {
        lay_path(mesh, path, ground_m);
    }
    lay_place(mesh, park, ground_m);
    let sand = srgb(0xD2_BE_90);
    mesh.floor(&park.playground, ground_m + LAYER_M, sand);
}

/// A place on the square around a pond, in a direction.
fn on_square(pond: &Pond, number: usize) -> Vec2 {
    let direction = AROUND[number % AROUND.len()];
    let half = pond.square().size_x() / 2.0;
    pond.center + direction * (half / direction.x.abs().max(direction.y.abs()))
}

fn around_pond(mesh: &mut MeshBuilder, pond: &Pond, ground: Rgb, tone: Option<&Tone>) {
    let at = |place: Vec2| Vec3::new(place.x, KERB_HEIGHT_M, place.y);
    let toned = |at: Vec3| ground * tone.map_or(1.0, |tone| tone.of_ground(Vec2::new(at.x, at.z)));
    for k in 0..AROUND.len() {
        // Counter-clockwise from above; the directions go clockwise.
        let corners = [
            at(pond.rim(k, 1.0)),
            at(pond.rim(k + 1, 1.0)),
            at(on_square(pond, k + 1)),
            at(on_square(pond, k)),
        ];
        mesh.quad(corners, Vec3::Y, corners.map(toned));
    }
}

/// The bank of a park's pond, in heights above the water of rivers, and its water.
pub(super) fn lay_pond(
    mesh: &mut MeshBuilder,
    water: &mut MeshBuilder,
    frame: &Frame,
    pond: &Pond,
) {
    let survey = &frame.survey;
    if frame.reach.clip(&pond.square()).is_empty() {
        return;
    }
    let level_m = pond.level_m(survey);
    mesh.set_place(Place::above_water(frame));
    water.set_place(Place::above_water(frame));
    let rim = |k: usize| {
        let place = pond.rim(k, 1.0);
        Vec3::new(place.x, survey.height_at(place) + KERB_HEIGHT_M, place.y)
    };
    let shore = |k: usize, height_m: f32, share: f32| {
        let place = pond.rim(k, share);
        Vec3::new(place.x, height_m, place.y)
    };
    for k in 0..AROUND.len() {
        let low_m = level_m - UNDER_WATER_M;
        let bank = [
            shore(k, low_m, SHORE_SHARE - 0.06),
            shore(k + 1, low_m, SHORE_SHARE - 0.06),
            rim(k + 1),
            rim(k),
        ];
        let normal = (bank[1] - bank[0])
            .cross(bank[2] - bank[0])
            .normalize_or(Vec3::Y);
        let dry = SOIL.lerp(KERB_STONE, 0.4);
        mesh.quad(bank, normal, [dry * 0.6, dry * 0.6, dry, dry]);
        let surface = [
            (shore(k + 1, level_m, SHORE_SHARE), WATER[0]),
            (shore(k, level_m, SHORE_SHARE), WATER[0]),
            (shore(k, level_m, 0.0), WATER[1]),
        ];
        water.outline(surface, Vec3::Y);
    }
    mesh.set_place(Place::ground(frame));
}

fn lay_path(mesh: &mut MeshBuilder, path: &Path, ground_m: f32) {
    let height_m = ground_m + LAYER_M * (1.0 + f32::from(path.layer));
    let count = path.points.len();
    let is_ring = path.points[0].distance(path.points[count - 1]) < 0.1;
    let side = |k: usize| {
        let before = if k == 0 {
            if is_ring {
                path.points[count - 2]
            } else {
                path.points[0]
            }
        } else {
            path.points[k - 1]
        };
        let after = if k + 1 == count {
            if is_ring {
                path.points[1]
            } else {
                path.points[k]
            }
        } else {
            path.points[k + 1]
        };
        (after - before).perp().normalize_or_zero() * path.half_m
    };
    let at = |place: Vec2| (Vec3::new(place.x, height_m, place.y), GRAVEL_PATH);
    for k in 0..count - 1 {
        let (a, b) = (path.points[k], path.points[k + 1]);
        let (over_a, over_b) = (side(k), side(k + 1));
        mesh.outline(
            [
                at(a + over_a),
                at(b + over_b),
                at(b - over_b),
                at(a - over_a),
            ],
            Vec3::Y,
        );
    }
}

fn lay_place(mesh: &mut MeshBuilder, park: &Park, ground_m: f32) {
    let (middle, radius_m) = park.place;
    let height_m = ground_m + LAYER_M * (1.0 + f32::from(PLACE_LAYER));
    let at = |place: Vec2, shade: f32| (Vec3::new(place.x, height_m, place.y), PAVING_WARM * shade);
    for k in 0..AROUND.len() {
        let (a, b) = (AROUND[k], AROUND[(k + 1) % AROUND.len()]);
        let shade = if k % 2 == 0 { 0.92 } else { 1.0 };
        mesh.outline(
            [
                at(middle + b * radius_m, shade),
                at(middle + a * radius_m, shade),
                at(middle, shade),
            ],
            Vec3::Y,
        );
    }
}

/// Swings, a slide and a climbing frame; drawn by the chunk that owns the playground's middle.
pub(super) fn equip_playground(mesh: &mut MeshBuilder, frame: &Frame, park: &Park) {
    let middle = park.playground.center();
    if !frame.owns(middle) {
        return;
    }
    mesh.set_place(Place::rigid(&frame.survey, middle));
    let post = |mesh: &mut MeshBuilder, at: Vec2, top_m: f32, colour: Rgb| {
        mesh.block(
            &Area::around(at, 0.14, 0.14),
            KERB_HEIGHT_M - 0.3,
            top_m,
            colour,
        );
    };
    // Swings: two frames, a beam, two seats on ropes.
    let swing = middle + SWING;
    for x in [-2.2, 2.2] {
        for z in [-0.7, 0.7] {
            post(mesh, swing + Vec2::new(x, z), 2.6, SHOP_SIGN[0]);
        }
    }
    mesh.block(&Area::around(swing, 4.7, 0.14), 2.55, 2.7, SHOP_SIGN[0]);
    for x in [-1.0, 1.0] {
        let seat = swing + Vec2::X * x;
        mesh.block(&Area::around(seat, 0.5, 0.22), 0.62, 0.68, IRON);
        for rope in [-0.22, 0.22] {
            mesh.block(
                &Area::around(seat + Vec2::X * rope, 0.03, 0.03),
                0.68,
                2.55,
                METAL,
            );
        }
    }
    // A tower with a slide.
    let tower = middle + TOWER;
    for (x, z) in [(-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7)] {
        post(mesh, tower + Vec2::new(x, z), 2.6, WOOD);
    }
    mesh.block(&Area::around(tower, 1.5, 1.5), 1.35, 1.5, WOOD * 0.9);
    mesh.block(&Area::around(tower, 1.8, 1.8), 2.6, 2.72, SHOP_SIGN[7]);
    let (top, foot) = (tower.x + SLIDE[0], tower.x + SLIDE[1]);
    let chute = |x: f32, height_m: f32, z: f32| Vec3::new(x, height_m, tower.y + z);
    mesh.plain_quad(
        [
            chute(top, 1.5, 0.3),
            chute(foot, 0.35, 0.3),
            chute(foot, 0.35, -0.3),
            chute(top, 1.5, -0.3),
        ],
        SHOP_SIGN[3],
    );
    for z in [-0.3f32, 0.3] {
        let mut side = [
            chute(top, 1.5, z),
            chute(foot, 0.35, z),
            chute(foot, 0.6, z),
            chute(top, 1.75, z),
        ];
        for _ in 0..2 {
            mesh.plain_quad(side, SHOP_SIGN[3] * 0.9);
            side.reverse();
        }
    }
    // A rail to climb over and a box to sit on.
    let rail = middle + RAIL;
    for x in [-1.4, 0.0, 1.4] {
        post(mesh, rail + Vec2::X * x, 1.7, METAL);
    }
    mesh.block(&Area::around(rail, 3.0, 0.09), 1.65, 1.74, METAL);
    mesh.block(
        &Area::around(middle + SEAT, 2.4, 0.5),
        KERB_HEIGHT_M - 0.3,
        0.6,
        WOOD,
    );
}
