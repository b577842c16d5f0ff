//! The origin of the scene: it follows the first focus by whole chunks, so that everything near the player
//! has coordinates that an `f32` can tell apart, however far away from the middle of the world.
//!
//! *World* coordinates are absolute (`f64`); *scene* coordinates are Bevy's (`f32`), the world's less
//! [`WorldOrigin::offset`]. At 4,096 m an `f32` has steps of half a millimetre; at 100 km they would be
//! 8 mm, which is seen and felt.

use bevy::ecs::component::Component;
use bevy::ecs::hierarchy::ChildOf;
use bevy::ecs::message::{Message, MessageWriter};
use bevy::ecs::prelude::{
    Entity, Has, ParamSet, Query, Res, ResMut, Resource, SystemSet, With, Without,
};
use bevy::math::{DVec2, DVec3, Vec3};
use bevy::prelude::{ReflectComponent, ReflectResource, Transform};
use bevy::reflect::Reflect;
use bevy::transform::components::GlobalTransform;

use crate::focus::{FocusPurpose, StreamingFocus};
use crate::logic::coord::ChunkCoord;
use crate::metrics::StreamingMetrics;
use crate::settings::StreamingSettings;

/// Farther than this from the scene's zero (m), the first focus takes the zero with it.
const REACH_M: f64 = 4_096.0;

/// The set, in `First`, in which the scene moves under its origin. What keeps places of its own moves
/// them after it, by [`OriginShifted::by`].
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct OriginSystems;

/// Where the scene's zero lies in the world.
#[derive(Resource, Reflect, Copy, Clone, Debug, Default, PartialEq)]
#[reflect(Resource)]
pub struct WorldOrigin {
    offset: DVec3,
    shifts: u64,
}

impl WorldOrigin {
    /// The place of the scene's zero in the world, in metres.
    pub fn offset(&self) -> DVec3 {
        self.offset
    }

    /// How often it has moved.
    pub fn shifts(&self) -> u64 {
        self.shifts
    }

    /// A place of the scene as a place of the world.
    pub fn to_world(&self, point_in_scene: Vec3) -> DVec3 {
        point_in_scene.as_dvec3() + self.offset
    }

    /// A place of the world as a place of the scene.
    pub fn to_scene(&self, point_in_world: DVec3) -> Vec3 {
        (point_in_world - self.offset).as_vec3()
    }

    /// The cell under a place of the scene.
    pub fn chunk_at(&self, point_in_scene: Vec3, chunk_size_m: f64) -> ChunkCoord {
        let point = self.to_world(point_in_scene);
        ChunkCoord::containing_ground(DVec2::new(point.x, point.z), chunk_size_m)
    }

    /// The corner of a cell with the least X and Z, at height 0, in the scene.
    pub fn corner_in_scene(&self, coord: ChunkCoord, chunk_size_m: f64) -> Vec3 {
        let corner = coord.corner(chunk_size_m);
        self.to_scene(DVec3::new(corner.x, 0.0, corner.y))
    }
}

/// The scene has moved: `by` was added to the `Transform` of every root and to every `GlobalTransform`.
#[derive(Message, Copy, Clone, Debug, PartialEq)]
pub struct OriginShifted {
    /// What to add to a place of the scene that you keep yourself.
    pub by: Vec3,
}

/// An entity that is not moved with the scene: the sun, a backdrop.
#[derive(Component, Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
pub struct KeepsPlace;

/// The focus that the origin follows, among several. Without it, the first that sees.
#[derive(Component, Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
pub struct LeadsOrigin;

/// Moves the scene when the leading focus has gone too far from its zero. Costs a pass over all
/// transforms, once in [`REACH_M`] of way.
pub(crate) fn shift_origin(
    settings: Res<StreamingSettings>,
    mut origin: ResMut<WorldOrigin>,
    mut metrics: ResMut<StreamingMetrics>,
    mut shifted: MessageWriter<OriginShifted>,
    mut roots: ParamSet<(
        Query<&mut Transform, (Without<ChildOf>, Without<KeepsPlace>)>,
        Query<&mut GlobalTransform, Without<KeepsPlace>>,
        Query<(&GlobalTransform, &FocusPurpose, Has<LeadsOrigin>, Entity), With<StreamingFocus>>,
    )>,
) {
    let leader = roots
        .p2()
        .iter()
        .filter(|(_, purpose, ..)| **purpose == FocusPurpose::See)
        .min_by_key(|(_, _, leads, entity)| (!leads, *entity))
        .map(|(place, ..)| place.translation());
    let Some(by) = leader.and_then(|place| shift_for(place, settings.chunk_size_m)) else {
        return;
    };
    let by_in_scene = by.as_vec3();
    for mut transform in &mut roots.p0() {
        transform.translation += by_in_scene;
    }
    for mut global in &mut roots.p1() {
        let mut moved = global.affine();
        moved.translation += bevy::math::Vec3A::from(by_in_scene);
        *global = GlobalTransform::from(moved);
    }
    origin.offset -= by;
    origin.shifts += 1;
    metrics.counters.origin_shifts += 1;
    shifted.write(OriginShifted { by: by_in_scene });
    tracing::debug!(
        "the scene moved by {by_in_scene}, its zero is at {} of the world",
        origin.offset
    );
}

/// What to add to the scene so that a place is near its zero again: whole chunks, on the ground plane.
fn shift_for(leader_in_scene: Vec3, chunk_size_m: f64) -> Option<DVec3> {
    let place = leader_in_scene.as_dvec3();
    let is_far = place.x.abs().max(place.z.abs()) > REACH_M;
    if !is_far || !place.is_finite() {
        return None;
    }
    let whole = |value: f64| (value / chunk_size_m).round() * chunk_size_m;
    Some(-DVec3::new(whole(place.x), 0.0, whole(place.z)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_shift_is_of_whole_chunks_and_brings_the_leader_home(
            x in -1e8..1e8_f32, z in -1e8..1e8_f32, chunks in 1..20_u32,
        ) {
            let size = f64::from(chunks) * 50.0;
            let place = Vec3::new(x, 30.0, z);
            match shift_for(place, size) {
                None => prop_assert!(x.abs().max(z.abs()) <= REACH_M as f32),
                Some(by) => {
                    let home = place.as_dvec3() + by;
                    prop_assert!(home.x.abs() <= size && home.z.abs() <= size && home.y == 30.0);
                    prop_assert_eq!((by.x / size).fract(), 0.0);
                }
            }
        }
    }

    #[test]
    fn a_place_goes_to_the_world_and_back() {
        let origin = WorldOrigin {
            offset: DVec3::new(1e7, 0.0, -2e7),
            shifts: 1,
        };
        let place = Vec3::new(12.25, 3.5, -7.125);
        assert_eq!(origin.to_scene(origin.to_world(place)), place);
        assert_eq!(
            origin.chunk_at(place, 200.0),
            ChunkCoord::new(50_000, -100_001)
        );
        assert_eq!(
            origin.corner_in_scene(ChunkCoord::new(50_000, -100_000), 200.0),
            Vec3::ZERO
        );
    }

    #[test]
    fn a_leader_that_is_nowhere_moves_nothing() {
        assert_eq!(shift_for(Vec3::NAN, 200.0), None);
        assert_eq!(shift_for(Vec3::splat(f32::INFINITY), 200.0), None);
    }
}
