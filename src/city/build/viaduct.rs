//! Highways on viaducts: decks with parapets, pillars, ramps, joints, lamps and signs.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{
    ASPHALT, CONCRETE, IRON, MARKING_WHITE, MARKING_YELLOW, METAL, Rgb, srgb,
};
use super::super::plan::ChunkPlan;
use super::super::plan::frame::Frame;
use super::super::plan::viaduct::{DECK_M, LocalRamp, RAMP_M, SLAB_M, Viaduct};
use super::markings::PAINT_M;
use super::mesh::MeshBuilder;
use super::place::Place;
use super::sweep::Sweep;
use super::trees::{Fineness, add_lamp};

/// Distance of the stations along the highway, metres.
const STATION_M: f64 = 12.0;
const PARAPET_M: f32 = 0.35;
const PARAPET_HEIGHT_M: f32 = 0.95;
/// Height and length along the highway of the beams on the pillars, metres.
const BEAM_M: (f32, f32) = (1.1, 1.5);
/// Height of joints above the asphalt: over the paint, metres.
const JOINT_M: f32 = PAINT_M + 0.025;
/// Ramps lower than this stand on walls, higher ones are slabs, metres above the land.
const WALLS_BELOW_M: f32 = 3.4;
/// Ramps lie so far above the ground that they land on, metres: paint and median are below.
const RAMP_LIFT_M: f32 = 0.05;
/// In so many metres a ramp widens from nothing where it leaves the deck.
const TAPER_M: f32 = 20.0;
const FAR_STATION_M: f64 = 48.0;
const SKYLINE_STATION_M: f64 = 96.0;

/// The stone of a viaduct, from its darkest to its brightest.
fn stone() -> [Rgb; 3] {
    let concrete = CONCRETE[0];
    [concrete * 0.6, concrete * 0.82, concrete]
}

/// Builds the highways of a chunk in full.
pub(super) fn build(mesh: &mut MeshBuilder, plan: &ChunkPlan) {
    for viaduct in &plan.viaducts {
        let deck = Sweep::new(plan.frame.raster_z(STATION_M), |z| {
            viaduct.deck_height_at(z)
        });
        mesh.set_place(Place::above_water(&plan.frame));
        for side in [-1.0, 1.0] {
            lay_deck(mesh, viaduct, &deck, side);
        }
        for ramp in &viaduct.ramps {
            lay_ramp(mesh, viaduct, &deck, ramp, &plan.frame);
        }
        raise_pillars(mesh, plan, viaduct, &deck);
        light(mesh, plan, viaduct, &deck);
        for (z, direction) in &viaduct.signs {
            hang_sign(mesh, plan, viaduct, &deck, *z, *direction);
        }
    }
}

/// One deck: asphalt, paint, parapets and the slab.
fn lay_deck(mesh: &mut MeshBuilder, viaduct: &Viaduct, deck: &Sweep, side: f32) {
    let x = |offset: f32| viaduct.x + side * offset;
    let [dark, middle, bright] = stone();
    let outward = Vec3::X * side;
    let (inner, outer) = DECK_M;
    for (a, b, shades) in [
        (inner, inner + 4.0, [0.92, 1.0]),
        (inner + 4.0, outer, [1.0, 0.9]),
    ] {
        let colours = shades.map(|shade| ASPHALT * shade);
        deck.strip(mesh, [(x(a), 0.0), (x(b), 0.0)], Vec3::Y, colours);
    }
    let paint = |mesh: &mut MeshBuilder, sweep: &Sweep, offset: f32, colour: Rgb| {
        let lines = [(x(offset - 0.07), PAINT_M), (x(offset + 0.07), PAINT_M)];
        sweep.strip(mesh, lines, Vec3::Y, [colour; 2]);
    };
    paint(mesh, deck, outer - 1.3, MARKING_WHITE * 0.9);
    paint(mesh, deck, inner + 0.55, MARKING_YELLOW);
    for z in dashes(deck) {
        paint(mesh, &deck.between(z, z + 3.0), inner + 4.0, MARKING_WHITE);
    }
    for z in viaduct.pillars_z.iter().step_by(2) {
        let lines = [(x(inner), JOINT_M), (x(outer), JOINT_M)];
        deck.between(z - 0.16, z + 0.16)
            .strip(mesh, lines, Vec3::Y, [IRON * 0.7; 2]);
    }
    // The outer edge: parapet and slab in one face.
    parapet(mesh, deck, [x(outer - PARAPET_M), x(outer)], -outward);
    let fascia = [(x(outer), PARAPET_HEIGHT_M), (x(outer), -SLAB_M)];
    deck.strip(mesh, fascia, outward, [bright, middle]);
    deck.strip(
        mesh,
        [(x(inner), -SLAB_M), (x(outer), -SLAB_M)],
        Vec3::NEG_Y,
        [dark; 2],
    );
    // The inner edge is open where a ramp lies beside it.
    let (Some(first), Some(last)) = (deck.stations().first(), deck.stations().last()) else {
        return;
    };
    let mut openings: Vec<(f32, f32)> = viaduct
        .ramps
        .iter()
        .filter(|ramp| ramp.side() == side)
        .map(|ramp| (ramp.merge_z.min(ramp.deck_z), ramp.merge_z.max(ramp.deck_z)))
        .collect();
    openings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut from = first.0;
    for (opens, closes) in openings.into_iter().chain([(last.0, last.0)]) {
        let closed = deck.between(from, opens);
        parapet(mesh, &closed, [x(inner + PARAPET_M), x(inner)], outward);
        let edge = [(x(inner), PARAPET_HEIGHT_M), (x(inner), -SLAB_M)];
        closed.strip(mesh, edge, -outward, [bright, middle]);
        from = from.max(closes);
    }
}

/// The face towards the road and the top of a parapet between two lines; `inwards` looks to the road.
fn parapet(mesh: &mut MeshBuilder, sweep: &Sweep, [road, edge]: [f32; 2], inwards: Vec3) {
    let [_, middle, bright] = stone();
    let face = [(road, 0.0), (road, PARAPET_HEIGHT_M)];
    sweep.strip(mesh, face, inwards, [middle, bright]);
    let top = [(road, PARAPET_HEIGHT_M), (edge, PARAPET_HEIGHT_M)];
    sweep.strip(mesh, top, Vec3::Y, [bright * 1.05; 2]);
}

/// Where dashes begin: on the stations, so that neighbours agree.
fn dashes(deck: &Sweep) -> Vec<f32> {
    let stations = deck.stations().iter();
    stations.flat_map(|(z, _)| [*z, z + 6.0]).collect()
}

fn lay_ramp(
    mesh: &mut MeshBuilder,
    viaduct: &Viaduct,
    deck: &Sweep,
    ramp: &LocalRamp,
    frame: &Frame,
) {
    let (from, to) = ramp.range();
    let (Some(first), Some(last)) = (deck.stations().first(), deck.stations().last()) else {
        return;
    };
    if to < first.0 || from > last.0 {
        return;
    }
    let mut places: Vec<f32> = deck
        .stations()
        .iter()
        .map(|(z, _)| *z)
        .filter(|z| *z > from && *z < to)
        .chain([ramp.merge_z, ramp.deck_z, ramp.ground_z])
        .collect();
    places.sort_by(f32::total_cmp);
    places.dedup();
    let is_beside =
        |z: f32| (ramp.merge_z.min(ramp.deck_z)..=ramp.merge_z.max(ramp.deck_z)).contains(&z);
    let surface = Sweep::new(places, |z| {
        if is_beside(z) {
            return deck.height_at(z);
        }
        viaduct.ramp_height_at(ramp, z).unwrap_or_default() + RAMP_LIFT_M
    });
    let side = ramp.side();
    let x = |offset: f32| viaduct.x + side * offset;
    let outward = Vec3::X * side;
    let [dark, middle, bright] = stone();
    let taper = move |z: f32| {
        let share = ((z - ramp.merge_z).abs() / TAPER_M).min(1.0);
        DECK_M.0 + (RAMP_M.0 - DECK_M.0) * share
    };
    let (slope_from, slope_to) = (
        ramp.deck_z.min(ramp.ground_z),
        ramp.deck_z.max(ramp.ground_z),
    );
    let beside = surface.between(ramp.merge_z.min(ramp.deck_z), ramp.merge_z.max(ramp.deck_z));
    let slope = surface.between(slope_from, slope_to);
    let asphalt = [ASPHALT * 0.97, ASPHALT * 0.97];
    beside.strip_with(
        mesh,
        |z| [(x(taper(z)), 0.0), (x(DECK_M.0), 0.0)],
        Vec3::Y,
        asphalt,
    );
    slope.strip(
        mesh,
        [(x(RAMP_M.0), 0.0), (x(RAMP_M.1), 0.0)],
        Vec3::Y,
        asphalt,
    );
    // Walls and slabs reach down from the surface: to the ground where it is near.
    let land = |z: f32| frame.survey.height_at(Vec2::new(viaduct.x, z));
    let depth = |z: f32| {
        let above = surface.height_at(z) - land(z);
        if above < WALLS_BELOW_M {
            -above - 0.3
        } else {
            -SLAB_M
        }
    };
    let inner = |z: f32| if is_beside(z) { taper(z) } else { RAMP_M.0 };
    surface.strip_with(
        mesh,
        |z| [(x(inner(z)), PARAPET_HEIGHT_M), (x(inner(z)), depth(z))],
        -outward,
        [bright, middle],
    );
    surface.strip_with(
        mesh,
        |z| {
            let edge = inner(z);
            [
                (x(edge), PARAPET_HEIGHT_M),
                (x(edge + 0.3), PARAPET_HEIGHT_M),
            ]
        },
        Vec3::Y,
        [bright * 1.05; 2],
    );
    surface.strip_with(
        mesh,
        |z| {
            [
                (x(inner(z) + 0.3), PARAPET_HEIGHT_M),
                (x(inner(z) + 0.3), 0.0),
            ]
        },
        outward,
        [bright, middle],
    );
    slope.strip_with(
        mesh,
        |z| [(x(RAMP_M.1), PARAPET_HEIGHT_M), (x(RAMP_M.1), depth(z))],
        outward,
        [bright, middle],
    );
    parapet(mesh, &slope, [x(RAMP_M.1 - 0.3), x(RAMP_M.1)], -outward);
    surface.strip_with(
        mesh,
        |z| {
            [
                (x(inner(z)), depth(z)),
                (x(if is_beside(z) { DECK_M.0 } else { RAMP_M.1 }), depth(z)),
            ]
        },
        Vec3::NEG_Y,
        [dark; 2],
    );
}

fn raise_pillars(mesh: &mut MeshBuilder, plan: &ChunkPlan, viaduct: &Viaduct, deck: &Sweep) {
    let survey = &plan.frame.survey;
    let [dark, middle, _] = stone();
    for area in viaduct.pillars() {
        let at = area.center();
        if !plan.owns(at) {
            continue;
        }
        mesh.set_place(Place::rigid(survey, at));
        let top_m = deck.height_at(at.y) - survey.height_at(at) - SLAB_M;
        mesh.block(&area, -0.6, top_m - BEAM_M.0 + 0.05, middle);
    }
    for z in &viaduct.pillars_z {
        for side in [-1.0f32, 1.0] {
            let at = Vec2::new(viaduct.x + side * 9.6, *z);
            if !plan.owns(at) {
                continue;
            }
            mesh.set_place(Place::rigid(survey, at));
            let top_m = deck.height_at(*z) - survey.height_at(at) - SLAB_M;
            let area = Area::around(at, 10.6, BEAM_M.1);
            mesh.block(&area, top_m - BEAM_M.0, top_m - 0.02, middle * 0.95);
            mesh.ceiling(&area, top_m - BEAM_M.0, dark);
        }
    }
}

/// Lamps on the outer parapets, at every pillar, on the two sides in turn.
fn light(mesh: &mut MeshBuilder, plan: &ChunkPlan, viaduct: &Viaduct, deck: &Sweep) {
    let survey = &plan.frame.survey;
    for z in &viaduct.pillars_z {
        for side in [-1.0f32, 1.0] {
            let at = Vec2::new(
                viaduct.x + side * (DECK_M.1 - PARAPET_M / 2.0),
                z + side * 7.0,
            );
            if !plan.owns(at) {
                continue;
            }
            mesh.set_place(Place::rigid(survey, at));
            let top_m = deck.height_at(at.y) - survey.height_at(at) + PARAPET_HEIGHT_M;
            let foot = Vec3::new(at.x, top_m, at.y);
            add_lamp(mesh, foot, Vec2::new(-side, 0.0), Fineness::Merged);
        }
    }
}

/// A sign over one deck that is read by traffic in a direction along z.
fn hang_sign(
    mesh: &mut MeshBuilder,
    plan: &ChunkPlan,
    viaduct: &Viaduct,
    deck: &Sweep,
    z: f32,
    direction: f32,
) {
    let side = -direction;
    let middle = (DECK_M.0 + DECK_M.1) / 2.0;
    let at = Vec2::new(viaduct.x + side * middle, z);
    if !plan.owns(at) {
        return;
    }
    let survey = &plan.frame.survey;
    mesh.set_place(Place::rigid(survey, at));
    let base_m = deck.height_at(z) - survey.height_at(at);
    let half = (DECK_M.1 - DECK_M.0) / 2.0 - 0.15;
    for post in [-half, half] {
        let foot = Area::around(at + Vec2::X * post, 0.3, 0.3);
        mesh.block(&foot, base_m, base_m + 7.6, METAL);
    }
    let beam = Area::around(at, 2.0 * half, 0.25);
    mesh.block(&beam, base_m + 7.2, base_m + 7.55, METAL);
    mesh.ceiling(&beam, base_m + 7.2, METAL * 0.7);
    // Two panels: straight on, and the exit at the inner edge.
    let towards = -direction;
    for (offset, size, colour) in [
        (side * 1.9, 3.2, srgb(0x2A_5C_8C)),
        (-side * 2.1, 3.4, srgb(0x2F_6B_45)),
    ] {
        let middle = at + Vec2::new(offset, towards * 0.3);
        let board = Area::around(middle, size, 0.12);
        mesh.block(&board, base_m + 5.5, base_m + 7.9, colour);
        mesh.ceiling(&board, base_m + 5.5, colour * 0.6);
        let face_z = middle.y + towards * 0.09;
        for (low, high, share) in [(7.3, 7.5, 0.7), (6.7, 6.95, 0.5), (6.0, 6.2, 0.6)] {
            let half = size * share / 2.0;
            let corner = |x: f32, y: f32| Vec3::new(middle.x + x * -direction, base_m + y, face_z);
            let corners = [
                corner(-half, low),
                corner(half, low),
                corner(half, high),
                corner(-half, high),
            ];
            mesh.plain_quad(corners, MARKING_WHITE);
        }
    }
}

/// Builds the highways of a chunk as they are seen from a kilometre away.
pub(super) fn massing(mesh: &mut MeshBuilder, frame: &Frame, viaducts: &[Viaduct]) {
    let [dark, middle, _] = stone();
    for viaduct in viaducts {
        let deck = Sweep::new(frame.raster_z(FAR_STATION_M), |z| viaduct.deck_height_at(z));
        mesh.set_place(Place::above_water(frame));
        for side in [-1.0, 1.0] {
            let x = |offset: f32| viaduct.x + side * offset;
            let outward = Vec3::X * side;
            let (inner, outer) = DECK_M;
            deck.strip(
                mesh,
                [(x(inner), 0.3), (x(outer), 0.3)],
                Vec3::Y,
                [ASPHALT; 2],
            );
            deck.strip(
                mesh,
                [(x(outer), 0.95), (x(outer), -SLAB_M)],
                outward,
                [middle; 2],
            );
            deck.strip(
                mesh,
                [(x(inner), 0.95), (x(inner), -SLAB_M)],
                -outward,
                [middle; 2],
            );
            deck.strip(
                mesh,
                [(x(inner), -SLAB_M), (x(outer), -SLAB_M)],
                Vec3::NEG_Y,
                [dark; 2],
            );
        }
        for ramp in &viaduct.ramps {
            let places = [0.0, 0.25, 0.5, 0.75, 1.0]
                .map(|share| ramp.range().0 + share * (ramp.range().1 - ramp.range().0));
            let slope = Sweep::new(places, |z| {
                viaduct.ramp_height_at(ramp, z).unwrap_or_default()
            });
            let x = |offset: f32| viaduct.x + ramp.side() * offset;
            let lines = [(x(RAMP_M.0), 0.3), (x(RAMP_M.1), 0.3)];
            slope.strip(mesh, lines, Vec3::Y, [ASPHALT; 2]);
        }
        for z in &viaduct.pillars_z {
            for side in [-1.0f32, 1.0] {
                let at = Vec2::new(viaduct.x + side * 9.0, *z);
                if frame.owns(at) {
                    let top_m = deck.height_at(*z) - frame.survey.height_at(at) - SLAB_M;
                    mesh.set_place(Place::rigid(&frame.survey, at));
                    let area = Area::around(at, 9.6, 1.0);
                    for wall_side in [
                        super::super::area::Side::North,
                        super::super::area::Side::South,
                    ] {
                        let wall = super::wall::Wall::of(&area, wall_side);
                        let across = super::wall::Span(0.0, wall.width_m);
                        wall.rect(
                            mesh,
                            across,
                            super::wall::Span(0.0, top_m),
                            0.0,
                            [middle * 0.7, middle],
                        );
                    }
                }
            }
        }
    }
}

/// Builds the highways of a chunk as they are seen from kilometres away.
pub(super) fn skyline(mesh: &mut MeshBuilder, frame: &Frame, viaducts: &[Viaduct]) {
    let [_, middle, _] = stone();
    for viaduct in viaducts {
        let deck = Sweep::new(frame.raster_z(SKYLINE_STATION_M), |z| {
            viaduct.deck_height_at(z)
        });
        mesh.set_place(Place::above_water(frame));
        let [west, east] = [viaduct.x - DECK_M.1, viaduct.x + DECK_M.1];
        deck.strip(mesh, [(west, 0.6), (east, 0.6)], Vec3::Y, [ASPHALT; 2]);
        deck.strip(
            mesh,
            [(west, 0.6), (west, -SLAB_M)],
            Vec3::NEG_X,
            [middle; 2],
        );
        deck.strip(mesh, [(east, 0.6), (east, -SLAB_M)], Vec3::X, [middle; 2]);
    }
}
