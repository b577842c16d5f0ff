//! What else is on the streets: the player, people, anything that traffic must not run into.

use bevy::math::{DVec2, DVec3, Vec2, Vec3Swizzles};

use super::follow::Ahead;
use super::vehicle::{Vehicle, VehiclePose};
use crate::city::Curve;

/// Something that stands or moves on a street: an upright body over a line along its direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Obstacle {
    /// The ground under its middle, metres of the world.
    pub place: DVec3,
    /// (x, z), of length 1.
    pub forward: Vec2,
    /// From its middle to the centres of its round ends, metres; zero for a person.
    pub half_length_m: f32,
    /// Of its round ends, metres.
    pub radius_m: f32,
    /// (x, z), m/s.
    pub velocity: Vec2,
}

/// How far around a vehicle obstacles are looked at, metres.
const REACH_M: f64 = 48.0;
/// Above or below this there is another road, metres.
const STOREY_M: f64 = 3.0;
const STEP_M: f32 = 1.4;
/// Room that a vehicle wants at its sides, metres.
const SIDE_M: f32 = 0.15;
/// How far ahead in time the ways of others are followed, seconds.
const FORESIGHT_SECS: u32 = 3;

impl Obstacle {
    fn distance_m(&self, place: DVec2) -> f32 {
        let offset = (place - self.place.xz()).as_vec2();
        let along = offset
            .dot(self.forward)
            .clamp(-self.half_length_m, self.half_length_m);
        offset.distance(self.forward * along) - self.radius_m
    }
}

/// The obstacle as what is ahead, if a vehicle would run into it on its way. `path` is its lane and the next two.
pub(super) fn obstacle_ahead(
    vehicle: &Vehicle,
    path: [Option<&Curve>; 3],
    obstacle: &Obstacle,
) -> Option<Ahead> {
    let offset = obstacle.place - vehicle.pose.place;
    if offset.xz().length_squared() > REACH_M * REACH_M || offset.y.abs() > STOREY_M {
        return None;
    }
    let [_, width, _] = vehicle.kind.size_m();
    let half_width = width / 2.0;
    let reach = (vehicle.speed_mps * vehicle.speed_mps / 6.0 + 1.5 * vehicle.speed_mps + 8.0).min(45.0);
    let mut ahead_m = 0.0;
    let mut lanes = path.into_iter().flatten();
    let mut curve = lanes.next()?;
    // A disc as wide as the vehicle, at its nose.
    let mut along_m = vehicle.along_m - half_width;
    while ahead_m < reach {
        while along_m > curve.length_m() {
            along_m -= curve.length_m();
            curve = lanes.next()?;
        }
        let pose = curve.at(along_m.max(0.0));
        if obstacle.distance_m(pose.place.xz()) < half_width + SIDE_M {
            let is_behind = ahead_m == 0.0 && offset.xz().as_vec2().dot(vehicle.pose.forward) < 0.0;
            return (!is_behind).then(|| Ahead {
                gap_m: ahead_m,
                speed_mps: obstacle.velocity.dot(pose.direction).max(0.0),
            });
        }
        ahead_m += STEP_M;
        along_m += STEP_M;
    }
    None
}

/// Whether an obstacle will soon be on a curve that a vehicle wants to enter: then it waits.
pub(super) fn will_be_crossed(curve: &Curve, own: &VehiclePose, obstacle: &Obstacle) -> bool {
    let speed = obstacle.velocity.length();
    let offset = obstacle.place - own.place;
    if offset.xz().length_squared() > 4.0 * REACH_M * REACH_M || offset.y.abs() > STOREY_M {
        return false;
    }
    let follows = speed < 0.5
        || obstacle.velocity.dot(own.forward) > 0.8 * speed
            && offset.xz().as_vec2().dot(own.forward) < 2.0;
    let steps = 2 * FORESIGHT_SECS;
    // What only follows, or stands, is no reason to wait before the curve is blocked.
    let from = if follows { steps } else { 0 };
    let samples = (curve.length_m() / 3.0).ceil().max(2.0) as u32;
    (from..steps).any(|half_secs| {
        let moved = obstacle.velocity * (half_secs as f32 * 0.5);
        let then = Obstacle {
            place: obstacle.place + DVec3::new(f64::from(moved.x), 0.0, f64::from(moved.y)),
            ..*obstacle
        };
        (0..=samples).any(|sample| {
            let along_m = curve.length_m() * sample as f32 / samples as f32;
            then.distance_m(curve.at(along_m).place.xz()) < 1.8
        })
    })
}
