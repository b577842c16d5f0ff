//! Changing to the lane beside: for who is held up where one drives faster, after MOBIL (Kesting, Treiber, Helbing 2007).
//!
//! ```text
//!   old lane   ──▭────────┐                      who changes is on the new lane at once, and on the old one too
//!                          ╲ aside                until most of it has left
//!   new lane   ─────────────└────────▭───▶
//! ```

use bevy::math::{Vec2, Vec3Swizzles};

use super::follow::{Ahead, EMERGENCY_MPS2, STANDSTILL_M, acceleration};
use super::obstacles::{Obstacle, obstacle_ahead};
use super::roadway::Occupant;
use super::sim::TrafficSim;
use super::vehicle::{Vehicle, VehiclePose};

/// A change of lanes under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Aside {
    /// The lane that is left, and how much farther along it the vehicle is than along its own.
    lane: usize,
    farther_m: f32,
    /// How far to the right of its own lane it was when it began, metres; negative to the left.
    from_m: f32,
    /// How far it has driven since, and how far it will have when it is over, metres.
    done_m: f32,
    way_m: f32,
}

/// Everyone looks for a better lane in one of so many steps.
const LOOK_STEPS: u64 = 16;
/// Slower than this nobody changes, m/s.
const LEAST_MPS: f32 = 3.5;
/// A change takes so much time at speed, and so much way at least, seconds and metres.
const CHANGE_SECS: f32 = 2.7;
const SHORTEST_M: f32 = 18.0;
/// So much of the lane is left when a change is over, at least, metres. With the way of the change it is room enough to
/// stop for whoever has to ask anew for the junction ahead.
const LEFT_M: f32 = 14.0;
/// How much stronger one could accelerate on a lane that is worth it, m/s².
const WORTH_MPS2: f32 = 0.3;
/// How strongly whoever comes behind on the new lane may have to brake, m/s².
const SAFE_MPS2: f32 = 1.6;
/// Bumper to bumper at least, metres.
const ROOM_M: f32 = 4.0;
/// Nearer than this to its own lane a vehicle no longer is on the old one, metres.
const LEFT_OLD_M: f32 = 1.1;
/// Where others are in so much time counts too, seconds.
const SOON_SECS: [f32; 3] = [0.0, 0.8, 1.6];
/// An obstacle so near to a lane is on it, metres.
const ON_LANE_M: f32 = 2.2;

impl Aside {
    fn share(&self) -> f32 {
        (self.done_m / self.way_m).clamp(0.0, 1.0)
    }

    /// How far to the right of its own lane the vehicle is now, metres.
    pub(super) fn offset_m(&self) -> f32 {
        let share = self.share();
        self.from_m * (1.0 - share * share * (3.0 - 2.0 * share))
    }

    /// How far the vehicle will drive until it is off the old lane, metres.
    fn way_on_old_m(&self) -> f32 {
        let done = 1.0 - (LEFT_OLD_M / self.from_m.abs()).min(1.0);
        // The inverse of the smooth step from 0 to 1.
        let share = 0.5 - ((1.0 - 2.0 * done).asin() / 3.0).sin();
        (self.way_m * share - self.done_m).max(0.0)
    }

    /// A pose on the own lane, where the vehicle is instead.
    pub(super) fn moved(&self, pose: VehiclePose) -> VehiclePose {
        let share = self.share();
        let right = Vec2::new(-pose.forward.y, pose.forward.x);
        let way = right * self.offset_m();
        let drift = -self.from_m * 6.0 * share * (1.0 - share) / self.way_m;
        VehiclePose {
            place: pose.place + bevy::math::DVec3::new(way.x.into(), 0.0, way.y.into()),
            forward: (pose.forward + right * drift).normalize_or(pose.forward),
            ..pose
        }
    }
}

impl Vehicle {
    /// The lane that the vehicle is still on beside its own, and where its front is on it.
    pub(super) fn also_on(&self) -> Option<(usize, f32)> {
        self.aside
            .filter(|aside| aside.offset_m().abs() > LEFT_OLD_M)
            .map(|aside| (aside.lane, self.along_m + aside.farther_m))
    }

    /// The vehicle has driven on.
    pub(super) fn carry_aside(&mut self, way_m: f32) {
        if let Some(aside) = &mut self.aside {
            aside.done_m += way_m;
            if aside.done_m >= aside.way_m {
                self.aside = None;
            }
        }
    }
}

impl TrafficSim {
    /// Lets those change lanes that get on better on the lane beside.
    pub(super) fn change_lanes(&mut self, obstacles: &[Obstacle]) {
        for number in 0..self.vehicles.len() {
            if (self.vehicles[number].number + self.steps()).is_multiple_of(LOOK_STEPS) {
                self.look_beside(number, obstacles);
            }
        }
    }

    fn look_beside(&mut self, number: usize, obstacles: &[Obstacle]) {
        let vehicle = &self.vehicles[number];
        let lane = self.roadway.lane(vehicle.lane);
        let way_m = (CHANGE_SECS * vehicle.speed_mps).max(SHORTEST_M);
        let left_m = lane.curve.length_m() - vehicle.along_m;
        let may = vehicle.aside.is_none()
            && !vehicle.kind.is_large()
            && !lane.beside.is_empty()
            && vehicle.speed_mps > LEAST_MPS
            && vehicle.rear_m() > 1.0
            && left_m > way_m + LEFT_M;
        if !may {
            return;
        }
        let wanted_mps = lane.speed_mps * vehicle.temper;
        let pull = vehicle.kind.pull_mps2();
        let held_by = [
            self.leader(number),
            obstacle_ahead(vehicle, self.path_of(vehicle), obstacles),
        ];
        let drives = |ahead| acceleration(vehicle.speed_mps, wanted_mps, pull, ahead);
        let now = held_by
            .into_iter()
            .flatten()
            .map(|ahead| drives(Some(ahead)))
            .fold(drives(None), f32::min);
        // Only who is held up looks for more.
        if now > drives(None) - WORTH_MPS2 {
            return;
        }
        let (place, kind, beside) = (vehicle.pose.place.xz(), vehicle.kind, lane.beside.clone());
        for id in beside {
            let Some(other) = self.roadway.open(id, &mut self.graph) else {
                continue;
            };
            let curve = &self.roadway.lane(other).curve;
            // The vehicle's pose is its middle; its front is half a length on.
            let (middle_m, _) = curve.nearest(place);
            let along_m = middle_m + kind.size_m()[0] / 2.0;
            let is_fit =
                along_m - kind.size_m()[0] > 1.0 && curve.length_m() - along_m > way_m + LEFT_M;
            let is_blocked = obstacles.iter().any(|obstacle| {
                // Whoever comes from behind is not cut off, nor who is only about to come out of the junction there.
                let behind_m = kind.size_m()[0] + 6.0 + 1.5 * obstacle.velocity.length();
                SOON_SECS.into_iter().any(|secs| {
                    let then = obstacle.place.xz() + (obstacle.velocity * secs).as_dvec2();
                    let (at_m, away_m) = curve.nearest(then);
                    away_m < ON_LANE_M + obstacle.radius_m
                        && (along_m - behind_m..along_m + 70.0).contains(&at_m)
                })
            });
            if !is_fit || is_blocked {
                continue;
            }
            let Some(then) = self.drives_beside(number, other, along_m) else {
                continue;
            };
            if then < now + WORTH_MPS2 {
                continue;
            }
            let Some(next) = self.onward(kind, other) else {
                continue;
            };
            let after = self.onward(kind, next);
            self.go_aside(number, other, along_m, way_m);
            let vehicle = &mut self.vehicles[number];
            (vehicle.next, vehicle.after) = (Some(next), after);
            return;
        }
    }

    /// Who changes lanes must not touch who drives ahead on the old one either: how strongly it may accelerate
    /// beside that, m/s², and how far it may go, metres. It does not mean to follow, so it keeps no distance to follow at.
    pub(super) fn beside_old_lane(&self, number: usize) -> Option<(f32, f32)> {
        let vehicle = &self.vehicles[number];
        let (aside, (lane, along_m)) = (vehicle.aside?, vehicle.also_on()?);
        let ahead = self.roadway.lane(lane).occupants.iter();
        let next = ahead
            .filter(|other| other.vehicle != number && other.rear_m > along_m)
            .min_by(|a, b| a.rear_m.total_cmp(&b.rear_m))?;
        let gap_m = next.rear_m - along_m;
        let closing_mps = vehicle.speed_mps - next.speed_mps;
        // Off the old lane before it comes near: it drives past.
        let secs = aside.way_on_old_m() / vehicle.speed_mps.max(0.5);
        if closing_mps <= 0.0 || gap_m - closing_mps * secs > STANDSTILL_M + ROOM_M {
            return Some((f32::INFINITY, gap_m));
        }
        let brake = closing_mps * closing_mps / (2.0 * (gap_m - STANDSTILL_M).max(0.3));
        Some((-brake.min(EMERGENCY_MPS2), gap_m))
    }

    /// How a vehicle would accelerate on another lane, m/s². Nothing if somebody there would have to brake hard.
    fn drives_beside(&self, number: usize, lane: usize, along_m: f32) -> Option<f32> {
        let vehicle = &self.vehicles[number];
        let on = self.roadway.lane(lane);
        let rear_m = along_m - vehicle.length_m();
        let mut ahead: Option<Ahead> = None;
        for other in on.occupants.iter().filter(|other| other.vehicle != number) {
            if other.rear_m > along_m {
                let gap_m = other.rear_m - along_m;
                if gap_m < ROOM_M {
                    return None;
                }
                if ahead.is_none_or(|nearest| gap_m < nearest.gap_m) {
                    ahead = Some(Ahead {
                        gap_m,
                        speed_mps: other.speed_mps,
                    });
                }
            } else if other.front_m < rear_m {
                let gap_m = rear_m - other.front_m;
                let behind = &self.vehicles[other.vehicle];
                let brakes = acceleration(
                    other.speed_mps,
                    on.speed_mps * behind.temper,
                    behind.kind.pull_mps2(),
                    Some(Ahead {
                        gap_m,
                        speed_mps: vehicle.speed_mps,
                    }),
                );
                if gap_m < ROOM_M || brakes < -SAFE_MPS2 {
                    return None;
                }
            } else {
                return None;
            }
        }
        let wanted_mps = on.speed_mps * vehicle.temper;
        let pull = vehicle.kind.pull_mps2();
        Some(acceleration(vehicle.speed_mps, wanted_mps, pull, ahead))
    }

    fn go_aside(&mut self, number: usize, lane: usize, along_m: f32, way_m: f32) {
        let own = self.vehicles[number].pose;
        let vehicle = &mut self.vehicles[number];
        let (old_lane, old_along_m) = (vehicle.lane, vehicle.along_m);
        (vehicle.lane, vehicle.along_m) = (lane, along_m);
        // Its rear is on the new lane as well.
        vehicle.trail = [None; 3];
        let claims = [vehicle.claim.take(), vehicle.passed[0], vehicle.passed[1]];
        vehicle.passed = [None; 2];
        for claim in claims {
            self.roadway.give_back(claim, vehicle.number);
        }
        let vehicle = &self.vehicles[number];
        let occupant = Occupant {
            vehicle: number,
            front_m: along_m,
            rear_m: vehicle.rear_m(),
            speed_mps: vehicle.speed_mps,
        };
        self.roadway.insert_occupant(lane, occupant);
        let there = self.pose_of(number);
        let right = Vec2::new(-there.forward.y, there.forward.x);
        let from_m = (own.place - there.place).xz().as_vec2().dot(right);
        self.vehicles[number].aside = Some(Aside {
            lane: old_lane,
            farther_m: old_along_m - along_m,
            from_m,
            done_m: 0.0,
            way_m,
        });
    }
}
