//! What the chunks contain: a city as pure functions of (seed, coordinate, detail level, chunk size).
//!
//! ```text
//!  hash ──► plan (streets, districts, lots, buildings, furniture) ──► build (one merged mesh, placements)
//!                 │                                                     ▲
//!                 ├──► collision (boxes, ground height)                 └── palette (shared meshes, the materials)
//!                 └──► routes, lanes (streets for gameplay and traffic, without generating a chunk)
//! ```
//!
//! Nothing here knows a Bevy `World`; [`CityGenerator`] runs on workers.

mod area;
mod build;
mod changes;
mod collision;
mod colour;
mod generator;
mod hash;
mod illumination;
mod land;
mod lanes;
mod material;
mod network;
mod palette;
mod plan;
mod relief;
mod routes;
mod walks;

#[cfg(test)]
pub(crate) mod probe;
#[cfg(test)]
mod tests;

pub use area::Axis;
pub use build::{FIGURES, STEP_PICTURES, STRIDE_M, VehicleShape};
pub use changes::{FallenLamp, MovedCar, ParkedCar, StreetChanges};
pub use collision::{
    BoxOutline, CityCollision, CityFloor, CollisionBox, FloorKind, Thing, ThingKind,
};
pub use generator::CityGenerator;
pub use illumination::{CityLightPlugin, Illumination};
pub use lanes::{
    Address, ArmSide, Conflict, Connector, Curve, JunctionId, JunctionKind, JunctionLanes, Lane,
    LaneGraph, LaneId, LanePlace, LaneRoad, Pose, Route, RouteSearch, RouteStep, Signal,
    SignalPost, Signals, Turn,
};
pub use material::{CityMaterial, Finish};
pub use palette::{
    CITY_MATERIAL, LAMP, Shading, TREE_BROAD, TREE_CONIFER, TREE_TALL, WATER, person_mesh,
    register_palette, signal_mesh, vehicle_mesh,
};
pub use plan::streets::{KERB_HEIGHT_M, StreetClass};
pub use relief::CityRelief;
pub use routes::{CityPlan, Junction, SpawnPoint};
pub use walks::{Corner, Course, Crossing, WalkBlock, WalkBlockId, Walks, Way};
