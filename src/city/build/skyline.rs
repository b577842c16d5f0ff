//! The coarsest level: flat ground and volumes.

use super::super::plan::skyline::SkylinePlan;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::lights;
use super::massing::{draw_landmark, road_colour};
use super::mesh::MeshBuilder;
use super::place::Place;
use super::rounds::Sides;
use super::shapes::Shape;
use super::underlay::Underlay;
use super::{Built, banks, bridges, foot_of, lamplight, viaduct};

/// The ground of this level.
const GROUND: Underlay = Underlay {
    pitch_m: 100.0,
    sunk_m: 0.0,
    skirt_m: 8.0,
    per_skirt: 2,
};
/// The longest edge of ground that is laid without dividing it, metres.
const LONGEST_EDGE_M: f32 = 120.0;
/// How high the ground of blocks lies above the roads': higher than coarse pieces of either leave the land, metres.
const BLOCKS_M: f32 = KERB_HEIGHT_M + 0.6;

/// Builds what a chunk looks like from kilometres away.
pub(in super::super) fn skyline(plan: &SkylinePlan) -> Built {
    let mut mesh =
        MeshBuilder::with_room_for(96 + 6 * plan.grounds.len() + 22 * plan.volumes.len());
    let mut water = MeshBuilder::default();
    let frame = &plan.frame;
    GROUND.lay(&mut mesh, frame, &plan.rivers, &[], road_colour());
    lamplight::lie_evenly(&mut mesh, 0, lamplight::ON_STREETS);
    mesh.set_place(Place::ground_in(frame, LONGEST_EDGE_M));
    for ground in &plan.grounds {
        mesh.floor(&ground.area, BLOCKS_M, ground.colour);
    }
    for river in &plan.rivers {
        banks::lay_far(&mut mesh, &mut water, frame, river);
        bridges::slab(&mut mesh, frame, river, false);
    }
    viaduct::skyline(&mut mesh, frame, &plan.viaducts);
    let first_wall = mesh.count() as usize;
    let mut from = 0;
    for (block, end) in &plan.blocks {
        if from < *end {
            mesh.set_place(Place::standing(&frame.survey, block.center(), block));
        }
        for volume in &plan.volumes[from..*end] {
            let mass = volume.mass();
            let walls = volume
                .walls
                .map(|is_seen| is_seen.then_some([volume.wall * 0.78, volume.wall]));
            let shape = Shape {
                mass: &mass,
                walls,
                roof_colour: volume.roof_colour,
                sides: Sides::Eight,
            };
            shape.draw_far(&mut mesh);
            lights::draw_few(&mut mesh, &mass, volume.lights, &volume.dice);
        }
        from = *end;
    }
    for landmark in &plan.landmarks {
        let area = landmark.masses[0].area;
        mesh.set_place(Place::standing(&frame.survey, foot_of(landmark), &area));
        draw_landmark(&mut mesh, landmark);
    }
    lamplight::lie_on_walls(&mut mesh, first_wall, lamplight::ON_FAR_WALLS);
    Built {
        mesh,
        water,
        ..Built::default()
    }
}
