//! Bridges over rivers: what carries the street that the ground builders lay across.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Side};
use super::super::colour::{CONCRETE, Rgb, SANDSTONE};
use super::super::plan::banks::{BED_M, Bridge, EMBANKMENT_M, River};
use super::super::plan::frame::Frame;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::banks::abutments;
use super::massing::road_colour;
use super::mesh::MeshBuilder;
use super::place::Place;
use super::wall::{Span, Wall};

/// Thickness of the deck, metres.
const DECK_M: f32 = 1.25;
const BEYOND_PAVEMENT_M: f32 = 0.06;
const PARAPET_M: (f32, f32) = (0.35, 1.0);
/// How far apart piers stand at least about, metres.
const SPAN_M: f32 = 43.0;
/// Half the length of a pier along the bridge, metres.
const PIER_M: f32 = 1.5;
/// Where arches spring from their piers, metres above the water.
const SPRING_M: f32 = 0.7;
const ARCH_STEPS: usize = 10;

pub(super) fn build(mesh: &mut MeshBuilder, frame: &Frame, river: &River) {
    for bridge in &river.bridges {
        // A little wider than the pavements, whose kerbs would else lie in the plane of its sides.
        let body = Area::new(
            bridge.x - bridge.half_m - BEYOND_PAVEMENT_M,
            river.north + EMBANKMENT_M,
            bridge.x + bridge.half_m + BEYOND_PAVEMENT_M,
            river.south - EMBANKMENT_M,
        );
        if !frame.reach.inset(-20.0).clip(&body).is_empty() {
            build_bridge(mesh, frame, river, bridge, &body);
        }
    }
}

fn stone_of(bridge: &Bridge) -> Rgb {
    if bridge.has_arches {
        SANDSTONE[3] * 0.95
    } else {
        CONCRETE[0] * 0.9
    }
}

fn build_bridge(
    mesh: &mut MeshBuilder,
    frame: &Frame,
    river: &River,
    bridge: &Bridge,
    body: &Area,
) {
    let stone = stone_of(bridge);
    let (north, south) = abutments(river);
    mesh.set_place(Place::ground(frame));
    for side in [Side::West, Side::East] {
        let parapet = body.strip(side, 0.0, PARAPET_M.0);
        let inner = Wall::of(&parapet, side.opposite());
        let across = Span(0.0, inner.width_m);
        let (low, high) = (KERB_HEIGHT_M, KERB_HEIGHT_M + PARAPET_M.1);
        inner.rect(mesh, across, Span(low, high), 0.0, [stone * 0.85, stone]);
        mesh.floor(&parapet, high, stone * 1.05);
        for end in [Side::North, Side::South] {
            let wall = Wall::of(&parapet, end);
            let across = Span(0.0, wall.width_m);
            wall.rect(mesh, across, Span(low, high), 0.0, [stone * 0.85, stone]);
        }
        // The outer face: parapet and deck in one, over the abutments down into the bank.
        let outer = Wall::of(body, side);
        for (from, to, low) in [
            (body.z0, north, -5.5),
            (north, south, -DECK_M),
            (south, body.z1, -5.5),
        ] {
            let part = Wall::of(&Area::new(body.x0, from, body.x1, to), side);
            let across = Span(0.0, part.width_m);
            if !(bridge.has_arches && low == -DECK_M) {
                part.rect(mesh, across, Span(low, high), 0.0, [stone * 0.7, stone]);
            }
        }
        debug_assert!(outer.width_m > 0.0);
    }
    mesh.set_place(Place::above_water(frame));
    for (z, side) in [(north, Side::South), (south, Side::North)] {
        let wall = Wall::of(&Area::new(body.x0, z, body.x1, z), side);
        let top_m = frame.survey.height_at(Vec2::new(bridge.x, z));
        wall.rect(
            mesh,
            Span(0.0, wall.width_m),
            Span(BED_M, top_m - 0.3),
            0.0,
            [stone * 0.5, stone * 0.8],
        );
    }
    let spans = ((south - north) / SPAN_M).round().max(1.0) as usize;
    let length = (south - north) / spans as f32;
    for number in 0..spans {
        let from = north + length * number as f32;
        let open = (
            if number == 0 { from } else { from + PIER_M },
            if number + 1 == spans {
                from + length
            } else {
                from + length - PIER_M
            },
        );
        if bridge.has_arches {
            arch(mesh, frame, body, open, stone);
        } else {
            let under = Area::new(body.x0, from, body.x1, from + length);
            let height_m = frame.survey.height_at(under.center()) - DECK_M;
            mesh.ceiling(&under, height_m, stone * 0.45);
        }
        if number > 0 {
            let reach = if bridge.has_arches { 1.2 } else { -1.5 };
            let pier = Area::new(
                body.x0 - reach,
                from - PIER_M,
                body.x1 + reach,
                from + PIER_M,
            );
            let top_m = if bridge.has_arches {
                1.3
            } else {
                frame.survey.height_at(pier.center()) - DECK_M
            };
            mesh.block(&pier, BED_M, top_m, stone * 0.8);
            if bridge.has_arches {
                pier_sides(mesh, frame, body, from, stone);
            }
        }
    }
}

/// The outer faces above a pier of an arched bridge.
fn pier_sides(mesh: &mut MeshBuilder, frame: &Frame, body: &Area, z: f32, stone: Rgb) {
    let part = Area::new(body.x0, z - PIER_M, body.x1, z + PIER_M);
    let top_m = frame.survey.height_at(part.center()) + KERB_HEIGHT_M + PARAPET_M.1;
    for side in [Side::West, Side::East] {
        let wall = Wall::of(&part, side);
        let across = Span(0.0, wall.width_m);
        wall.rect(mesh, across, Span(0.0, top_m), 0.0, [stone * 0.8, stone]);
    }
}

/// The vault between two piers and the faces above it.
fn arch(mesh: &mut MeshBuilder, frame: &Frame, body: &Area, (from, to): (f32, f32), stone: Rgb) {
    let survey = &frame.survey;
    let point = |step: usize| {
        let share = step as f32 / ARCH_STEPS as f32;
        let z = from + (to - from) * share;
        let deck_m = survey.height_at(Vec2::new(body.center().x, z));
        let off = 2.0 * share - 1.0;
        // Flatter than a parabola at its crown, steeper at its springs.
        let rise = 1.0 - off * off * off * off;
        let low_m = SPRING_M + (deck_m - 0.9 - SPRING_M) * rise;
        (z, low_m, deck_m + KERB_HEIGHT_M + PARAPET_M.1)
    };
    for step in 0..ARCH_STEPS {
        let ((z0, low0, top0), (z1, low1, top1)) = (point(step), point(step + 1));
        let west = [
            Vec3::new(body.x0, low0, z0),
            Vec3::new(body.x0, low1, z1),
            Vec3::new(body.x0, top1, z1),
            Vec3::new(body.x0, top0, z0),
        ];
        let colours = [stone * 0.85, stone * 0.85, stone, stone];
        mesh.quad(west, Vec3::NEG_X, colours);
        let east = [
            Vec3::new(body.x1, low1, z1),
            Vec3::new(body.x1, low0, z0),
            Vec3::new(body.x1, top0, z0),
            Vec3::new(body.x1, top1, z1),
        ];
        mesh.quad(east, Vec3::X, colours);
        let under = [
            Vec3::new(body.x0, low0, z0),
            Vec3::new(body.x1, low0, z0),
            Vec3::new(body.x1, low1, z1),
            Vec3::new(body.x0, low1, z1),
        ];
        let normal = (under[1] - under[0])
            .cross(under[2] - under[0])
            .normalize_or(Vec3::NEG_Y);
        mesh.quad(under, normal, [stone * 0.5; 4]);
    }
}

/// A bridge as it is seen from a kilometre or more away: a slab.
pub(super) fn slab(mesh: &mut MeshBuilder, frame: &Frame, river: &River, has_piers: bool) {
    for bridge in &river.bridges {
        let body = Area::new(
            bridge.x - bridge.half_m,
            river.north + EMBANKMENT_M - 4.5,
            bridge.x + bridge.half_m,
            river.south - EMBANKMENT_M + 4.5,
        );
        if frame.reach.clip(&body).is_empty() {
            continue;
        }
        let stone = stone_of(bridge);
        mesh.set_place(Place::ground_in(
            frame,
            if has_piers { 60.0 } else { 150.0 },
        ));
        mesh.floor(&body, if has_piers { 0.02 } else { 0.3 }, road_colour());
        for side in [Side::West, Side::East] {
            let wall = Wall::of(&body, side);
            let across = Span(0.0, wall.width_m);
            wall.rect(mesh, across, Span(-1.6, 1.0), 0.0, [stone * 0.8, stone]);
        }
        if !has_piers {
            continue;
        }
        let (north, south) = abutments(river);
        let spans = ((south - north) / SPAN_M).round().max(1.0) as usize;
        for number in 1..spans {
            let z = north + (south - north) * number as f32 / spans as f32;
            let pier = Area::new(body.x0, z - PIER_M, body.x1, z + PIER_M);
            for side in [Side::West, Side::East] {
                let wall = Wall::of(&pier, side);
                let across = Span(0.0, wall.width_m);
                wall.rect(
                    mesh,
                    across,
                    Span(-5.0, -1.6),
                    0.0,
                    [stone * 0.6, stone * 0.8],
                );
            }
        }
    }
}
