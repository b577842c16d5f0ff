//! The coarsest level: flat ground and volumes.

use super::super::plan::skyline::SkylinePlan;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::lights;
use super::massing::{draw_landmark, lay_underlay};
use super::mesh::MeshBuilder;
use super::shapes::Shape;

/// Builds what a chunk looks like from kilometres away.
pub(in super::super) fn skyline(plan: &SkylinePlan) -> MeshBuilder {
    let mut mesh = MeshBuilder::with_room_for(8 + 4 * plan.grounds.len() + 28 * plan.volumes.len());
    lay_underlay(&mut mesh, plan.size_m);
    for ground in &plan.grounds {
        mesh.floor(&ground.area, KERB_HEIGHT_M, ground.colour);
    }
    for volume in &plan.volumes {
        let mass = volume.mass();
        let shape = Shape {
            mass: &mass,
            walls: [Some([volume.wall * 0.78, volume.wall]); 4],
            roof_colour: volume.roof_colour,
        };
        shape.draw(&mut mesh);
        lights::draw_few(&mut mesh, &mass, volume.lights, &volume.dice);
    }
    for landmark in &plan.landmarks {
        draw_landmark(&mut mesh, landmark);
    }
    mesh
}
