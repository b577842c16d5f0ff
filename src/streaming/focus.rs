//! "Stream around me": the one thing a game puts on an entity.

use bevy::ecs::component::Component;
use bevy::ecs::resource::Resource;
use bevy::prelude::{ReflectComponent, Transform};
use bevy::reflect::Reflect;

use crate::logic::coord::ChunkCoord;
use crate::logic::rings::{Focus, Rings};
use crate::settings::NeedWeights;

/// Streams the world around its entity's `GlobalTransform`. Any number of entities may have one; with
/// none, nothing is forgotten (law 11).
#[derive(Component, Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
#[require(Transform, FocusPurpose)]
pub struct StreamingFocus;

/// What a [`StreamingFocus`] is for.
#[derive(Component, Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
pub enum FocusPurpose {
    /// To see: every level, out to `view_radius_m`.
    #[default]
    See,
    /// To stand and collide: full detail within `must_have_radius_m`, nothing beyond.
    Collide,
    /// To be ready for a visit: full detail out to `load_radius_m`, less needed than what is seen.
    Preload,
}

/// The cell that a streamed entity belongs to.
#[derive(Component, Reflect, Copy, Clone, Debug, PartialEq, Eq)]
#[reflect(Component)]
pub struct InChunk(pub ChunkCoord);

/// The foci and radii of this frame, for the stages after the scan.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub(crate) struct FocusPoints {
    /// Where the world is needed in this frame: foci first, then preloads; as it was last while there is
    /// no focus.
    pub live: Vec<Focus>,
    /// Whether any of them is a focus.
    pub has_focus: bool,
    /// The radii in force.
    pub rings: Option<Rings>,
    /// Whether this frame made a new plan, so that waiting work was scored again.
    pub was_planned: bool,
    /// What waiting work was scored by at the last plan, and at the one in force when the last frame
    /// ended: what is heard of now may have started under that.
    pub scored: [Scored; 2],
}

/// What waiting work was scored by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scored {
    pub foci: Vec<Focus>,
    pub rings: Option<Rings>,
    pub weights: NeedWeights,
}
