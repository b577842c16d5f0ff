//! The coarsest level: flat ground and volumes.

use super::super::area::Side;
use super::super::colour::Rgb;
use super::super::plan::buildings::Roof;
use super::super::plan::skyline::{SkylinePlan, Volume};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::lights;
use super::massing::{draw_landmark, road_colour};
use super::mesh::MeshBuilder;
use super::place::Place;
use super::shapes::Shape;
use super::underlay::Underlay;
use super::{Built, banks, bridges, foot_of, viaduct};

/// The ground of this level.
const GROUND: Underlay = Underlay {
    pitch_m: 100.0,
    sunk_m: 0.0,
    skirt_m: 8.0,
};
/// The longest edge of ground that is laid without dividing it, metres.
const LONGEST_EDGE_M: f32 = 90.0;
/// Houses with lower walls are low, metres.
const LOW_M: f32 = 4.0;
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
    let mut from = 0;
    for (block, end) in &plan.blocks {
        if from < *end {
            mesh.set_place(Place::standing(&frame.survey, block.center(), block));
        }
        for volume in &plan.volumes[from..*end] {
            let mass = volume.mass();
            let shape = Shape {
                mass: &mass,
                walls: walls_of(volume),
                roof_colour: volume.roof_colour,
            };
            shape.draw(&mut mesh);
            lights::draw_few(&mut mesh, &mass, volume.lights, &volume.dice);
        }
        from = *end;
    }
    for landmark in &plan.landmarks {
        let area = landmark.masses[0].area;
        mesh.set_place(Place::standing(&frame.survey, foot_of(landmark), &area));
        draw_landmark(&mut mesh, landmark);
    }
    Built {
        mesh,
        water,
        ..Built::default()
    }
}

/// The walls of a volume. Low houses have none under their gables, which nobody makes out from so far away.
fn walls_of(volume: &Volume) -> [Option<[Rgb; 2]>; 4] {
    let is_low = volume.top_m - volume.base_m < LOW_M;
    Side::ALL.map(|side| match volume.roof {
        _ if !volume.walls[side as usize] => None,
        Roof::Gable { ridge, .. } if is_low && side.runs_along() != ridge => None,
        _ => Some([volume.wall * 0.78, volume.wall]),
    })
}
