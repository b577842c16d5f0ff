//! The coarsest level: flat ground and volumes.

use super::super::plan::skyline::SkylinePlan;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::lights;
use super::massing::{draw_landmark, road_colour};
use super::mesh::MeshBuilder;
use super::place::Place;
use super::shapes::Shape;
use super::underlay::Underlay;
use super::{Built, anchor_of, banks, bridges, foot_of, viaduct};

/// The ground of this level.
const GROUND: Underlay = Underlay {
    pitch_m: 100.0,
    sunk_m: 0.0,
    skirt_m: 8.0,
};
/// The longest edge of ground that is laid without dividing it, metres.
const LONGEST_EDGE_M: f32 = 90.0;
/// How high the ground of blocks lies above the roads': higher than coarse pieces of either leave the land, metres.
const BLOCKS_M: f32 = KERB_HEIGHT_M + 0.6;

const RIVERS: banks::Fine = banks::Fine {
    pitch_m: 110.0,
    is_full: false,
    dips_m: 195.0,
};

/// Builds what a chunk looks like from kilometres away.
pub(in super::super) fn skyline(plan: &SkylinePlan) -> Built {
    let mut mesh =
        MeshBuilder::with_room_for(64 + 4 * plan.grounds.len() + 28 * plan.volumes.len());
    let mut water = MeshBuilder::default();
    let frame = &plan.frame;
    GROUND.lay(&mut mesh, frame, &plan.rivers, &[], road_colour());
    mesh.set_place(Place::ground_in(frame, LONGEST_EDGE_M));
    for ground in &plan.grounds {
        mesh.floor(&ground.area, BLOCKS_M, ground.colour);
    }
    for river in &plan.rivers {
        banks::lay_water(&mut water, frame, river, RIVERS);
        banks::lay(&mut mesh, frame, river, RIVERS);
        bridges::slab(&mut mesh, frame, river, false);
    }
    viaduct::skyline(&mut mesh, frame, &plan.viaducts);
    for volume in &plan.volumes {
        let mass = volume.mass();
        let anchor = volume.area.center();
        if !frame.owns(anchor) {
            continue;
        }
        let shape = Shape {
            mass: &mass,
            walls: [Some([volume.wall * 0.78, volume.wall]); 4],
            roof_colour: volume.roof_colour,
        };
        mesh.set_place(Place::standing(&frame.survey, anchor, &volume.area));
        shape.draw(&mut mesh);
        lights::draw_few(&mut mesh, &mass, volume.lights, &volume.dice);
    }
    for landmark in &plan.landmarks {
        if frame.owns(anchor_of(landmark)) {
            mesh.set_place(Place::standing(
                &frame.survey,
                foot_of(landmark),
                &landmark.masses[0].area,
            ));
            draw_landmark(&mut mesh, landmark);
        }
    }
    Built {
        mesh,
        water,
        ..Built::default()
    }
}
