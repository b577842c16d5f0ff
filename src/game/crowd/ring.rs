//! Where those in the streets are born and retired: near the player, and not before the player's eyes.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use crate::game::body::{Body, forward_of, yaw_towards};
use crate::game::camera::FreeCamera;
use crate::game::car::Car;
use crate::game::collision::CollisionIndex;
use crate::game::control::Control;
use crate::game::look::Look;
use crate::game::walker::Walker;

/// Half the angle that is in view, as a cosine: a wide screen at speed, and some room.
const IN_VIEW_COSINE: f32 = 0.45;
/// Nearer than this even what is behind is noticed, metres.
const NOTICED_M: f64 = 14.0;
/// A farther way in one fixed step is a jump, metres: at 1,500 m/s a step is 24 m.
const JUMP_M: f64 = 60.0;
/// So long after an arrival the streets may fill up anywhere, seconds: the city itself is just appearing.
const ARRIVAL_SECS: f32 = 1.5;

/// Who looks at the streets: the controlled body, or the free camera.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct Viewer {
    /// Where, in the world, metres.
    pub place: DVec3,
    /// The direction of the view on the plane (x, z), of length 1.
    pub look: Vec2,
    /// How long the ground here has been there without a jump, seconds.
    settled_secs: f32,
    /// Whether there is ground here.
    pub has_ground: bool,
}

impl Viewer {
    /// Whether the place has only just come into view.
    #[must_use]
    pub const fn has_just_arrived(&self) -> bool {
        self.settled_secs < ARRIVAL_SECS
    }

    /// Distance on the plane (x, z), metres.
    #[must_use]
    pub fn distance_m(&self, place: DVec2) -> f64 {
        self.place.xz().distance(place)
    }

    fn sees_towards(&self, place: DVec2) -> bool {
        let way = (place - self.place.xz()).as_vec2();
        way.dot(self.look) > way.length() * IN_VIEW_COSINE
    }
}

/// The distances at which people are born and retired, metres. Vehicles, which follow streets and are seen from afar, have
/// rules of their own in `traffic/births.rs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Nobody is born nearer, not even behind the viewer.
    pub nearest_m: f64,
    /// From here on nobody sees a birth or an end.
    pub unseen_m: f64,
    /// Nobody is born farther away.
    pub birth_m: f64,
    /// Who is farther away is retired.
    pub keep_m: f64,
}

impl Ring {
    /// For people, who are small.
    pub const PEOPLE: Self = Self {
        nearest_m: 8.0,
        unseen_m: 120.0,
        birth_m: 165.0,
        keep_m: 185.0,
    };

    /// Whether somebody may appear at a place.
    #[must_use]
    pub fn may_be_born(&self, place: DVec2, viewer: &Viewer) -> bool {
        let distance = viewer.distance_m(place);
        (self.nearest_m..self.birth_m).contains(&distance)
            && (viewer.has_just_arrived() || self.is_out_of_sight(place, viewer))
    }

    /// Whether somebody has to go: too far away to matter.
    #[must_use]
    pub fn must_retire(&self, place: DVec2, viewer: &Viewer) -> bool {
        viewer.distance_m(place) > self.keep_m
    }

    /// Whether nobody sees what appears or vanishes at a place.
    #[must_use]
    pub fn is_out_of_sight(&self, place: DVec2, viewer: &Viewer) -> bool {
        let distance = viewer.distance_m(place);
        distance > self.unseen_m || (distance > NOTICED_M && !viewer.sees_towards(place))
    }
}

pub(super) fn see(
    time: Res<Time>,
    control: Res<Control>,
    look: Res<Look>,
    free: Res<FreeCamera>,
    index: Res<CollisionIndex>,
    walkers: Query<&Body, (With<Walker>, Without<Car>)>,
    cars: Query<&Body, With<Car>>,
    mut viewer: ResMut<Viewer>,
) {
    let body = match *control {
        Control::OnFoot => walkers.single(),
        Control::InCar => cars.single(),
    };
    let Ok(body) = body else { return };
    let (place, yaw) = if free.is_on {
        (free.position, look.yaw)
    } else if *control == Control::InCar {
        let nose = yaw_towards((body.rotation * Vec3::NEG_Z).xz());
        (body.position, nose + look.orbit_yaw)
    } else {
        (body.position, look.yaw)
    };
    let has_jumped = place.xz().distance(viewer.place.xz()) > JUMP_M;
    viewer.has_ground = index.is_ready(place);
    viewer.settled_secs = if has_jumped || !viewer.has_ground {
        0.0
    } else {
        viewer.settled_secs + time.delta_secs()
    };
    viewer.place = place;
    viewer.look = forward_of(yaw);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_born_before_the_viewers_eyes_but_behind_and_far_away() {
        let viewer = Viewer {
            place: DVec3::new(1e5, 3.0, -40.0),
            look: Vec2::NEG_Y,
            settled_secs: 9.0,
            has_ground: true,
        };
        let may = |east: f64, ahead: f64, viewer: &Viewer| {
            let place = viewer.place.xz() + DVec2::new(east, -ahead);
            Ring::PEOPLE.may_be_born(place, viewer)
        };
        assert!(!may(0.0, 50.0, &viewer) && !may(30.0, 40.0, &viewer));
        assert!(may(0.0, -50.0, &viewer) && may(60.0, 5.0, &viewer) && may(0.0, 140.0, &viewer));
        assert!(!may(0.0, -5.0, &viewer), "too near");
        assert!(!may(0.0, 170.0, &viewer), "too far");
        let arriving = Viewer {
            settled_secs: 0.2,
            ..viewer
        };
        assert!(may(0.0, 50.0, &arriving));
    }
}
