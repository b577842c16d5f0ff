//! "Stream around me": the one thing a game puts on an entity.

use bevy::ecs::component::Component;
use bevy::ecs::resource::Resource;
use bevy::math::DVec2;
use bevy::prelude::{ReflectComponent, Transform};
use bevy::reflect::Reflect;

use crate::logic::coord::ChunkCoord;

/// Streams the world around its entity's `GlobalTransform`. Any number of entities may have one; with
/// none, nothing is forgotten (law 11).
#[derive(Component, Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
#[require(Transform)]
pub struct StreamingFocus;

/// The cell that a streamed entity belongs to.
#[derive(Component, Reflect, Copy, Clone, Debug, PartialEq, Eq)]
#[reflect(Component)]
pub struct InChunk(pub ChunkCoord);

/// Where the foci are, on the ground plane (x, z) in metres.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub(crate) struct FocusPoints {
    /// In this frame.
    pub live: Vec<DVec2>,
    /// At the last plan, which is what waiting work is scored for.
    pub planned: Vec<DVec2>,
    /// At the plan in force when the last frame ended: work that is heard of in this frame may have
    /// started under that one.
    pub planned_before: Vec<DVec2>,
}
