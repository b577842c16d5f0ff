//! A moving body: where physics says it is, and the smoothed place where it is drawn.
//!
//! Physics has coordinates of the world (`f64`) and knows nothing of the scene's origin: a shift of it changes no
//! position, velocity or distance, only where `interpolate` draws the body.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::collision::{CollisionIndex, Floor};
use crate::streaming::WorldOrigin;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(FixedUpdate, remember.in_set(GameSet::Remember))
        .add_systems(RunFixedMainLoop, interpolate.in_set(GameSet::Interpolate));
}

/// State of a body in the fixed steps; its `Transform` follows in the scene, interpolated between two steps.
#[derive(Component, Clone, Debug)]
#[require(Transform, Visibility)]
pub struct Body {
    /// Position in the world, metres: the feet of a walker, the ground under the middle of a car.
    pub position: DVec3,
    /// Orientation.
    pub rotation: Quat,
    /// Velocity in the world, m/s.
    pub velocity: Vec3,
    /// True while the body waits for the chunk under it; it neither moves nor falls.
    pub awaits_ground: bool,
    /// True over a chunk that was given up: it moves at its height, and finds its place when there is ground again.
    is_over_nothing: bool,
    /// Where it last stood on something that was neither water nor the slope down to it.
    firm_place: Option<DVec3>,
    previous_position: DVec3,
    previous_rotation: Quat,
}

/// Deeper than this under the water level nobody stays, metres.
const TOO_DEEP_M: f64 = 1.0;
/// A firm place is remembered anew after this way, metres: far enough from the edge that one fell over.
const FIRM_EVERY_M: f64 = 4.0;

impl Body {
    /// A body at rest that waits for its ground.
    #[must_use]
    pub fn waiting_at(position: DVec3, yaw: f32) -> Self {
        let rotation = Quat::from_rotation_y(yaw);
        Self {
            position,
            rotation,
            velocity: Vec3::ZERO,
            awaits_ground: true,
            is_over_nothing: false,
            firm_place: None,
            previous_position: position,
            previous_rotation: rotation,
        }
    }

    /// Moves without a trace: nothing is interpolated, no distance is counted.
    pub fn place(&mut self, position: DVec3, rotation: Quat) {
        self.position = position;
        self.rotation = rotation;
        self.velocity = Vec3::ZERO;
        self.previous_position = position;
        self.previous_rotation = rotation;
    }

    /// Looks what is under the body before it moves. Over a chunk that is not there yet it is held, so that it is not
    /// inside something when the chunk comes.
    pub(super) fn find_footing(&mut self, index: &CollisionIndex) -> Footing {
        if index.is_ready(self.position) {
            let is_new = self.awaits_ground || self.is_over_nothing;
            (self.awaits_ground, self.is_over_nothing) = (false, false);
            return if is_new {
                Footing::Found
            } else {
                Footing::Firm
            };
        }
        self.is_over_nothing = index.may_enter(self.position.xz());
        self.awaits_ground = !self.is_over_nothing;
        if self.awaits_ground {
            self.velocity = Vec3::ZERO;
            Footing::Awaited
        } else {
            Footing::Firm
        }
    }

    /// Remembers where it is as long as it stands on firm ground. Returns where to put it back once it is in the water.
    pub(super) fn way_out_of_water(&mut self, floor: Floor) -> Option<DVec3> {
        let is_on_floor = self.position.y - floor.height_m < 0.3;
        if floor.is_firm() && is_on_floor {
            let is_far = self
                .firm_place
                .is_none_or(|place| place.distance(self.position) > FIRM_EVERY_M);
            if is_far {
                self.firm_place = Some(self.position);
            }
            return None;
        }
        (self.position.y < -TOO_DEEP_M)
            .then_some(self.firm_place)
            .flatten()
    }

    /// The way of the last fixed step on the ground plane, metres.
    #[must_use]
    pub fn last_step(&self) -> DVec2 {
        (self.position - self.previous_position).xz()
    }

    fn between(&self, fraction: f32, origin: &WorldOrigin) -> Transform {
        let place = self
            .previous_position
            .lerp(self.position, f64::from(fraction));
        Transform {
            translation: origin.to_scene(place),
            rotation: self.previous_rotation.slerp(self.rotation, fraction),
            scale: Vec3::ONE,
        }
    }
}

/// What a body stands on before a fixed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Footing {
    /// Something that it stood on before, or nothing where nothing will come.
    Firm,
    /// Ground that has just come: the body takes the nearest free place.
    Found,
    /// Nothing yet: the body stands still.
    Awaited,
}

/// Turns a compass heading in degrees (0 = north = -z, 90 = east = +x) into a rotation about y in radians.
#[must_use]
pub fn yaw_from_heading(heading_deg: f64) -> f32 {
    -(heading_deg.to_radians() as f32)
}

/// The direction on the plane (x, z) that a rotation about y looks to.
#[must_use]
pub fn forward_of(yaw: f32) -> Vec2 {
    Vec2::new(-yaw.sin(), -yaw.cos())
}

/// The direction on the plane (x, z) to the right of [`forward_of`].
#[must_use]
pub fn right_of(yaw: f32) -> Vec2 {
    Vec2::new(yaw.cos(), -yaw.sin())
}

/// The rotation about y that looks along a direction on the plane (x, z).
#[must_use]
pub fn yaw_towards(direction: Vec2) -> f32 {
    (-direction.x).atan2(-direction.y)
}

fn remember(mut bodies: Query<&mut Body>) {
    for mut body in &mut bodies {
        body.previous_position = body.position;
        body.previous_rotation = body.rotation;
    }
}

fn interpolate(
    time: Res<Time<Fixed>>,
    origin: Res<WorldOrigin>,
    mut bodies: Query<(&Body, &mut Transform)>,
) {
    for (body, mut transform) in &mut bodies {
        transform.set_if_neq(body.between(time.overstep_fraction(), &origin));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_go_clockwise_from_north() {
        assert!((forward_of(yaw_from_heading(0.0)) - Vec2::NEG_Y).length() < 1e-6);
        assert!((forward_of(yaw_from_heading(90.0)) - Vec2::X).length() < 1e-6);
        assert!((right_of(yaw_from_heading(0.0)) - Vec2::X).length() < 1e-6);
        let yaw = yaw_towards(Vec2::new(3.0, -4.0));
        assert!((forward_of(yaw) - Vec2::new(0.6, -0.8)).length() < 1e-6);
    }
}
