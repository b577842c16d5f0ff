//! The middle level: streets, ground, the boxes and roofs of all buildings, trees as clumps. Everything stands where it
//! stands in the full chunk and is as high, so that a change of level changes nothing but the detail.

use bevy::math::Vec3;

use super::super::area::{Area, Side};
use super::super::colour::{ASPHALT, KERB_STONE, MARKING_WHITE, PAVING, PAVING_WARM, Rgb};
use super::super::hash::Dice;
use super::super::plan::blocks::Block;
use super::super::plan::buildings::{Building, Facade, Face, Look, Mass, PARAPET_M, Roof};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::super::plan::{ChunkPlan, PatchLayer, Zone};
use super::mesh::MeshBuilder;
use super::place::Place;
use super::rounds::Sides;
use super::shapes::{Crowns, Shape};
use super::underlay::Underlay;
use super::{Built, banks, bridges, lamplight, parks, place_of, viaduct};
use super::{details, lights};
use crate::streaming::{GenerateError, StopToken};

/// The longest edge of ground that is laid without dividing it, metres.
const LONGEST_EDGE_M: f32 = 34.0;
/// Smaller patches of ground are left out, square metres.
const SMALLEST_PATCH: f32 = 20.0;
/// Boxes on roofs that are lower than this are left out, metres.
const LOWEST_DETAIL_M: f32 = 2.85;
/// Likewise for landmarks on the skyline.
const SKYLINE_DETAIL_M: f32 = 4.5;
/// Width of the coping on flat roofs, metres.
const COPING_M: f32 = 0.4;
/// What covers more of a roof than this hides it from those who are kilometres away.
const HIDES_FROM: f32 = 0.4;
/// Pavements reach so far under the ground inside them, and so far below it, metres.
const UNDER_M: f32 = 0.4;
const SUNK_M: f32 = 0.04;
/// Walls that end so much below a neighbour's are hidden by it, metres.
const HIDDEN_M: f32 = 0.01;

/// The ground of this level: asphalt over the whole cell, on which blocks lie.
const GROUND: Underlay = Underlay {
    pitch_m: 25.0,
    sunk_m: 0.0,
    skirt_m: 4.0,
    per_skirt: 1,
};

/// Length of the pieces of a river, metres.
const RIVER_PITCH_M: f32 = 50.0;
/// From the centre lines of the embankments inland, where this level's underlay may dip, metres.
const RIVER_DIPS_M: f32 = 55.0;

/// Builds what a chunk looks like from a kilometre away.
pub(in super::super) fn massing(
    plan: &ChunkPlan,
    stop: &StopToken,
) -> Result<Built, GenerateError> {
    let mut mesh = MeshBuilder::with_room_for(4_096);
    let mut water = MeshBuilder::default();
    let frame = &plan.frame;
    GROUND.lay(&mut mesh, frame, &plan.rivers, &plan.ponds(), road_colour());
    mesh.set_place(Place::ground_in(frame, LONGEST_EDGE_M));
    for block in &plan.blocks {
        lay_pavement(&mut mesh, block);
    }
    for river in &plan.rivers {
        banks::lay_water(&mut water, frame, river, RIVER_PITCH_M);
        banks::pave(&mut mesh, frame, river, (RIVER_PITCH_M, RIVER_DIPS_M));
        bridges::slab(&mut mesh, frame, river, true);
    }
    viaduct::massing(&mut mesh, frame, &plan.viaducts);
    lamplight::lie_evenly(&mut mesh, 0, lamplight::ON_STREETS);
    let before = mesh.count() as usize;
    for river in &plan.rivers {
        banks::lay(&mut mesh, frame, river, RIVER_PITCH_M);
    }
    lamplight::lie_evenly(&mut mesh, before, lamplight::ON_BANKS);
    // No street lamp lights a lawn, a garden or a yard.
    mesh.set_place(Place::ground_in(frame, LONGEST_EDGE_M));
    for block in &plan.blocks {
        lay_inside(&mut mesh, block);
    }
    for park in plan.parks() {
        parks::lay_pond(&mut mesh, &mut water, frame, &park.pond);
    }
    stop.checkpoint()?;
    let crowns = Crowns::new();
    for block in &plan.blocks {
        stop.checkpoint()?;
        let is_whole = frame.encloses(&block.outline.area);
        for (number, building) in block.buildings.iter().enumerate() {
            if !is_whole && !plan.owns(building.anchor) {
                continue;
            }
            let before = number.checked_sub(1).map(|number| &block.buildings[number]);
            let after = block.buildings.get(number + 1);
            mesh.set_place(place_of(building, plan));
            let mut dice = block.dice.part(2_000 + number as u64);
            draw_building(&mut mesh, building, [before, after], &mut dice);
        }
        for tree in &block.furniture.trees {
            if is_whole || plan.owns(tree.at) {
                mesh.set_place(Place::rigid(&frame.survey, tree.at));
                crowns.draw(&mut mesh, tree);
            }
        }
    }
    let trees = plan.rivers.iter().flat_map(|river| &river.furniture.trees);
    for tree in trees.filter(|tree| plan.owns(tree.at)) {
        mesh.set_place(Place::rigid(&frame.survey, tree.at));
        crowns.draw(&mut mesh, tree);
    }
    Ok(Built {
        mesh,
        water,
        ..Built::default()
    })
}

/// Asphalt as the eye mixes it with its paint, gutters and wheel tracks.
pub(super) fn road_colour() -> Rgb {
    (ASPHALT * 1.02).lerp(MARKING_WHITE, 0.04)
}

fn lay_pavement(mesh: &mut MeshBuilder, block: &Block) {
    let outer = block.outline.area;
    if outer.is_empty() {
        return;
    }
    let paving = match block.zone {
        Zone::Core => PAVING_WARM,
        _ => PAVING,
    };
    let paving = (paving * 0.93).lerp(KERB_STONE, 0.06);
    if block.inner.is_empty() {
        mesh.floor(&outer, KERB_HEIGHT_M, paving);
        return;
    }
    ring(mesh, &outer, &block.inner, paving);
}

/// What lies inside the pavements.
fn lay_inside(mesh: &mut MeshBuilder, block: &Block) {
    if block.outline.area.is_empty() || block.inner.is_empty() {
        return;
    }
    match &block.park {
        Some(park) => parks::lay(mesh, block, park, None),
        None => mesh.floor(&block.inner, KERB_HEIGHT_M, block.ground),
    }
    for patch in &block.patches {
        let height_m = match patch.layer {
            PatchLayer::Lower => 0.06,
            PatchLayer::Upper => 0.12,
        };
        if patch.area.square_metres() >= SMALLEST_PATCH {
            mesh.floor(&patch.area, KERB_HEIGHT_M + height_m, patch.colour);
        }
    }
}

/// The ground between two rectangles.
fn ring(mesh: &mut MeshBuilder, outer: &Area, inner: &Area, colour: Rgb) {
    let corners = |area: &Area| {
        [
            (area.x0, area.z0),
            (area.x0, area.z1),
            (area.x1, area.z1),
            (area.x1, area.z0),
        ]
        .map(|(x, z)| Vec3::new(x, KERB_HEIGHT_M, z))
    };
    // A little under what lies inside: both are divided by themselves, which would leave pinholes.
    let under = corners(&inner.inset(UNDER_M)).map(|corner| corner - Vec3::Y * SUNK_M);
    let (out, into) = (corners(outer), under);
    for k in 0..4 {
        let next = (k + 1) % 4;
        mesh.quad(
            [out[k], out[next], into[next], into[k]],
            Vec3::Y,
            [colour; 4],
        );
    }
}

fn draw_building(
    mesh: &mut MeshBuilder,
    building: &Building,
    beside: [Option<&Building>; 2],
    dice: &mut Dice,
) {
    for mass in &building.masses {
        let walls = Side::ALL.map(|side| {
            let face = mass.faces[side as usize];
            let hidden = face == Face::Blank
                && beside.into_iter().flatten().any(|neighbour| {
                    let other = &neighbour.masses[0];
                    mass.stands_on_ground() && is_behind(mass, side, other)
                });
            (!hidden).then(|| wall_colours(&building.look, face, mass.stands_on_ground()))
        });
        let shape = Shape {
            mass,
            walls,
            roof_colour: roof_colour(mass, &building.look),
            sides: Sides::Sixteen,
        };
        shape.draw(mesh);
        lights::draw_some(mesh, mass, &building.look, dice);
    }
    for detail in &building.details {
        let is_tall = detail.top_m - detail.base_m >= LOWEST_DETAIL_M;
        if is_tall || (building.is_landmark && detail.kind.is_skyline()) {
            details::draw_coarse(mesh, detail);
        }
    }
}

/// A landmark as it is seen from kilometres away: its outline is that of the middle level, in fewer pieces.
pub(super) fn draw_landmark(mesh: &mut MeshBuilder, building: &Building) {
    for (number, mass) in building.masses.iter().enumerate() {
        let walls = mass
            .faces
            .map(|face| Some(wall_colours(&building.look, face, mass.stands_on_ground())));
        let shape = Shape {
            mass,
            walls,
            roof_colour: roof_colour(mass, &building.look),
            sides: Sides::Eight,
        };
        let next = building.masses.get(number + 1);
        if next.is_some_and(|next| stands_on(next, mass)) {
            shape.draw_covered(mesh);
        } else {
            shape.draw_far(mesh);
        }
    }
    let tops = building.details.iter().map(|detail| detail.top_m);
    let highest_m = tops.fold(0.0, f32::max);
    for detail in &building.details {
        let is_tall = detail.top_m - detail.base_m >= SKYLINE_DETAIL_M;
        if detail.kind.is_skyline() && (is_tall || detail.top_m == highest_m) {
            details::draw_far(mesh, detail);
        }
    }
}

/// Whether a mass hides most of the roof of another that it stands on.
fn stands_on(upper: &Mass, lower: &Mass) -> bool {
    (upper.base_m - lower.top_m).abs() <= PARAPET_M + 0.1
        && upper.area.square_metres() > HIDES_FROM * lower.area.square_metres()
}

/// A roof as the eye mixes it with the coping around it.
fn roof_colour(mass: &Mass, look: &Look) -> Rgb {
    match mass.roof {
        Roof::Flat => {
            let around_m = 2.0 * (mass.area.size_x() + mass.area.size_z());
            let share = (around_m * COPING_M / mass.area.square_metres()).min(1.0);
            look.roof.lerp(look.trim * 0.95, share)
        }
        _ => look.roof,
    }
}

/// True if a neighbour's mass covers the whole side of a mass.
fn is_behind(mass: &Mass, side: Side, neighbour: &Mass) -> bool {
    let (mine, theirs) = (&mass.area, &neighbour.area);
    let (touches, covers) = match side {
        Side::West => (
            theirs.x1 - mine.x0,
            theirs.z0 <= mine.z0 && theirs.z1 >= mine.z1,
        ),
        Side::East => (
            theirs.x0 - mine.x1,
            theirs.z0 <= mine.z0 && theirs.z1 >= mine.z1,
        ),
        Side::North => (
            theirs.z1 - mine.z0,
            theirs.x0 <= mine.x0 && theirs.x1 >= mine.x1,
        ),
        Side::South => (
            theirs.z0 - mine.z1,
            theirs.x0 <= mine.x0 && theirs.x1 >= mine.x1,
        ),
    };
    touches.abs() < HIDDEN_M && covers && neighbour.top_m >= mass.ridge_m() - HIDDEN_M
}

/// The foot and the top of a facade as the eye mixes wall and windows from far away.
fn wall_colours(look: &Look, face: Face, on_ground: bool) -> [Rgb; 2] {
    let foot = if on_ground { 0.8 } else { 0.92 };
    if matches!(face, Face::Blank | Face::Garage) {
        return [look.wall * 0.9 * foot, look.wall * 0.9];
    }
    let rear = face == Face::Rear;
    // How much of the wall is glass, and how much brighter the glass is at the top than at the foot.
    let (glass, low, high) = match look.facade {
        Facade::Curtain => (0.83, 0.5, 1.35),
        Facade::Bands => (0.56, 0.62, 1.15),
        Facade::Vertical => (0.45, 0.62, 1.15),
        Facade::Punched => (if rear { 0.22 } else { 0.31 }, 0.62, 1.15),
        Facade::Cottage => (0.2, 0.9, 1.0),
        Facade::Civic => (0.24, 0.62, 1.0),
        Facade::Shed => (0.06, 0.9, 1.0),
        Facade::Decks => (0.45, 0.5, 0.8),
    };
    let mix =
        |brightness: f32, share: f32| (look.wall * share).lerp(look.glass * brightness, glass);
    [mix(low, 0.86 * foot), mix(high, 0.97)]
}
