//! What the chunks contain: a city as pure functions of (seed, coordinate, detail level, chunk size).
//!
//! ```text
//!  hash ──► plan (streets, districts, lots, buildings, furniture) ──► build (one merged mesh, placements)
//!                 │                                                     ▲
//!                 ├──► collision (boxes, ground height)                 └── palette (shared meshes, the material)
//!                 └──► routes (streets for gameplay, without generating a chunk)
//! ```
//!
//! Nothing here knows a Bevy `World`; [`CityGenerator`] runs on workers.

mod area;
mod build;
mod collision;
mod colour;
mod generator;
mod hash;
mod land;
mod network;
mod palette;
mod plan;
mod routes;
mod waypoints;

#[cfg(test)]
mod tests;

pub use area::Axis;
pub use build::SUN_DIRECTION;
pub use collision::{CityCollision, CollisionBox};
pub use generator::CityGenerator;
pub use palette::{
    CITY_MATERIAL, LAMP, Shading, TREE_BROAD, TREE_CONIFER, TREE_TALL, register_palette,
};
pub use plan::streets::{KERB_HEIGHT_M, StreetClass};
pub use routes::{CityPlan, Junction, SpawnPoint, Street};
