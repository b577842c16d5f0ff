//! What else is on the streets: the player, people, anything that traffic must not run into.

use bevy::math::{DVec2, DVec3, Vec2, Vec3Swizzles};

use super::follow::Ahead;
use super::vehicle::{Vehicle, VehiclePose};
use crate::city::{Curve, Pose};

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

/// From so far on something fast counts that may cross, metres.
const REACH_M: f64 = 90.0;
/// Slower things do not count as crossing: one stops for them when they are on the way, m/s.
const FAST_MPS: f32 = 2.0;
/// Slower things stand, as far as those are concerned who would have to get past them: people walk faster, m/s.
const STANDS_MPS: f32 = 0.8;
/// Nearer than this a curve is crossed, metres.
const CROSSED_M: f32 = 1.8;
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

/// What is ahead of a vehicle among obstacles, if it would run into one on its way. `path` is its lane and the next two.
pub(super) fn obstacle_ahead(
    vehicle: &Vehicle,
    path: [Option<&Curve>; 3],
    obstacles: &[Obstacle],
) -> Option<Ahead> {
    let reach_m =
        (vehicle.speed_mps * vehicle.speed_mps / 6.0 + 1.5 * vehicle.speed_mps + 8.0).min(45.0);
    first_on_way(vehicle, path, obstacles.iter(), reach_m)
}

/// Whether something stands on the way of a vehicle within a distance from its nose. `path` is its lane and the next two.
pub(super) fn is_barred(
    vehicle: &Vehicle,
    path: [Option<&Curve>; 3],
    obstacles: &[Obstacle],
    reach_m: f32,
) -> bool {
    let standing = obstacles
        .iter()
        .filter(|obstacle| obstacle.velocity.length_squared() < STANDS_MPS * STANDS_MPS);
    first_on_way(vehicle, path, standing, reach_m).is_some()
}

fn first_on_way<'a>(
    vehicle: &Vehicle,
    path: [Option<&Curve>; 3],
    obstacles: impl Iterator<Item = &'a Obstacle>,
    reach_m: f32,
) -> Option<Ahead> {
    let half_length_m = vehicle.length_m() / 2.0;
    let is_near = |obstacle: &&'a Obstacle| {
        let offset = obstacle.place - vehicle.pose.place;
        let far = f64::from(reach_m + half_length_m + obstacle.half_length_m + 2.0);
        offset.xz().length_squared() < far * far && offset.y.abs() < STOREY_M
    };
    let mut near = obstacles.filter(is_near).peekable();
    near.peek()?;
    let [_, width, _] = vehicle.kind.size_m();
    let half_width = width / 2.0;
    // Discs as wide as the vehicle, from its nose on.
    let way = way_ahead(vehicle.along_m - half_width, path, reach_m);
    near.filter_map(|obstacle| {
        let first = way
            .iter()
            .position(|pose| obstacle.distance_m(pose.place.xz()) < half_width + SIDE_M)?;
        let offset = (obstacle.place - vehicle.pose.place).xz().as_vec2();
        let is_behind = first == 0 && offset.dot(vehicle.pose.forward) < 0.0;
        (!is_behind).then(|| Ahead {
            gap_m: first as f32 * STEP_M,
            speed_mps: obstacle.velocity.dot(way[first].direction).max(0.0),
        })
    })
    .min_by(|a, b| a.gap_m.total_cmp(&b.gap_m))
}

/// Places along the next lanes, from so many metres after the beginning of the first.
fn way_ahead(mut along_m: f32, path: [Option<&Curve>; 3], reach_m: f32) -> Vec<Pose> {
    let mut lanes = path.into_iter().flatten();
    let mut way = Vec::with_capacity((reach_m / STEP_M) as usize + 1);
    let Some(mut curve) = lanes.next() else {
        return way;
    };
    while (way.len() as f32) * STEP_M < reach_m {
        while along_m > curve.length_m() {
            along_m -= curve.length_m();
            let Some(next) = lanes.next() else { return way };
            curve = next;
        }
        way.push(curve.at(along_m.max(0.0)));
        along_m += STEP_M;
    }
    way
}

/// Whether something fast will soon be on a curve that a vehicle wants to enter: then it waits. What only follows, or is
/// slow, is no reason to wait before the curve is blocked.
pub(super) fn will_be_crossed(curve: &Curve, own: &VehiclePose, obstacle: &Obstacle) -> bool {
    let speed = obstacle.velocity.length();
    let offset = obstacle.place - own.place;
    let follows = obstacle.velocity.dot(own.forward) > 0.8 * speed
        && offset.xz().as_vec2().dot(own.forward) < 2.0;
    let is_far = offset.xz().length_squared() > REACH_M * REACH_M || offset.y.abs() > STOREY_M;
    if speed < FAST_MPS || follows || is_far {
        return false;
    }
    let samples = (curve.length_m() / 3.0).ceil().max(2.0) as u32;
    (0..=samples).any(|sample| {
        let place = curve
            .at(curve.length_m() * sample as f32 / samples as f32)
            .place
            .xz();
        (0..2 * FORESIGHT_SECS).any(|half_secs| {
            let moved = (obstacle.velocity * (half_secs as f32 * 0.5)).as_dvec2();
            obstacle.distance_m(place - moved) < CROSSED_M
        })
    })
}
