//! The coarsest level: flat ground and volumes.

use super::super::plan::skyline::SkylinePlan;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::massing::lay_underlay;
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
        let shape = Shape {
            area: volume.area,
            base_m: volume.base_m,
            top_m: volume.top_m,
            roof: volume.roof,
            walls: [Some([volume.wall * 0.78, volume.wall]); 4],
            roof_colour: volume.roof_colour,
        };
        shape.draw(&mut mesh);
    }
    mesh
}
