//! Where vehicles come from and where they go: out of sight, on lanes around the player, as many as the streets bear.

use bevy::math::{DVec2, Vec2, Vec3Swizzles};

use super::sim::{Eye, Surroundings, TrafficSim};
use super::vehicle::{Vehicle, VehicleKind, VehiclePose};
use crate::city::{LaneId, LaneRoad, StreetClass};

/// Vehicles are born at most this far from the eye, metres.
pub(super) const BIRTH_M: f64 = 330.0;
/// And at least this far where nothing hides them, metres: there a car is a few pixels high.
pub(super) const OPEN_SIGHT_M: f64 = 290.0;
/// And at least this far behind the eye or behind houses, metres.
pub(super) const HIDDEN_M: f64 = 70.0;
/// Farther than this they retire, seen or not, metres.
pub(super) const KEEP_M: f64 = 380.0;
/// So near they retire when they are out of sight and in nobody's way, metres.
const TIRED_M: f64 = 120.0;
/// Whoever has stood so long gives up as soon as nobody sees it, seconds.
const STUCK_SECS: f32 = 90.0;
/// The cosine of the angle beyond which something is behind the eye.
const BEHIND: f32 = -0.2;
/// A jump of the eye by more than this is an arrival at another place, metres.
const JUMP_M: f64 = 80.0;
/// For so long after an arrival vehicles are there as the streets are: nobody saw what was before, seconds.
const ARRIVAL_SECS: f32 = 3.0;
/// On arrival nobody is born nearer than this, metres.
const ARRIVAL_M: f64 = 25.0;
/// Faster than this the eye only passes by, m/s.
const FAST_MPS: f64 = 90.0;
/// The lanes around are looked up again when the eye has gone so far, metres.
const LOOK_AGAIN_M: f64 = 60.0;
/// Above the land one looks over houses, metres.
const HIGH_M: f64 = 12.0;
const TRIES_PER_STEP: u32 = 6;
const TRIES_ON_ARRIVAL: u32 = 60;
/// Room behind and before a vehicle that is born, metres.
const ROOM_M: f32 = 14.0;
/// So near to each other no two vehicles of a kind have one colour, if there are others, metres.
const TWINS_M: f64 = 80.0;
/// Nobody is born so near to the ends of a lane, metres.
const ENDS_M: f32 = 8.0;

/// The lanes on which vehicles can be born now.
#[derive(Debug, Default)]
pub(super) struct Births {
    around: Option<DVec2>,
    /// Each with the sum of the weights up to it.
    lanes: Vec<(LaneId, f32)>,
    eye_before: Option<DVec2>,
    arrival_left_secs: f32,
}

/// How many vehicles there are on a road, relative to others, by its length.
const fn busyness(road: LaneRoad) -> f32 {
    match road {
        LaneRoad::Street(StreetClass::Alley) => 0.02,
        LaneRoad::Street(StreetClass::Street) => 0.3,
        LaneRoad::Street(StreetClass::Arterial) | LaneRoad::Deck => 1.0,
        LaneRoad::Street(StreetClass::Avenue) => 1.1,
        LaneRoad::Ramp => 0.1,
    }
}

impl TrafficSim {
    /// Lets vehicles go that are far, whose ground is gone, or that have stood too long.
    pub(super) fn retire(&mut self, surroundings: &Surroundings) {
        let Some(eye) = surroundings.eye else {
            self.vehicles.clear();
            self.roadway.clear();
            return;
        };
        let mut leaving = Vec::new();
        // More than wanted: those behind go first.
        let mut surplus = self.vehicles.len().saturating_sub(surroundings.wanted);
        for (number, vehicle) in self.vehicles.iter().enumerate() {
            let place = vehicle.pose.place.xz();
            let away = place.distance(eye.place.xz());
            let is_behind = is_behind(&eye, place);
            let is_tired = vehicle.stood_secs > STUCK_SECS || surplus > 0;
            let is_gone = away > KEEP_M
                || !(surroundings.is_ready)(place)
                || (is_tired && is_behind && away > TIRED_M);
            if is_gone {
                surplus = surplus.saturating_sub(1);
                leaving.push(number);
            }
        }
        for number in leaving.into_iter().rev() {
            let vehicle = self.vehicles.remove(number);
            for claim in [vehicle.claim].into_iter().chain(vehicle.passed) {
                self.roadway.give_back(claim, vehicle.number);
            }
        }
    }

    /// Lets vehicles appear where nobody sees it.
    pub(super) fn bear(&mut self, dt: f32, surroundings: &Surroundings) {
        let Some(eye) = surroundings.eye else {
            self.births = Births::default();
            return;
        };
        let here = eye.place.xz();
        let before_m = self
            .births
            .eye_before
            .map_or(f64::MAX, |before| before.distance(here));
        let has_jumped = before_m > JUMP_M;
        self.births.eye_before = Some(here);
        if has_jumped {
            self.births.arrival_left_secs = ARRIVAL_SECS;
        }
        let is_arrival = self.births.arrival_left_secs > 0.0;
        let is_passing_by = before_m > FAST_MPS * f64::from(dt) && !has_jumped;
        self.births.arrival_left_secs -= dt;
        // Who flies over the city that fast sees no traffic, and it would be gone before it drives.
        if self.vehicles.len() >= surroundings.wanted || is_passing_by {
            return;
        }
        let is_old = |around: DVec2| around.distance(here) > LOOK_AGAIN_M;
        if self.births.around.is_none_or(is_old) {
            self.look_around(here);
        }
        self.take_places();
        let tries = if is_arrival {
            TRIES_ON_ARRIVAL
        } else {
            TRIES_PER_STEP
        };
        for _ in 0..tries {
            if self.vehicles.len() >= surroundings.wanted {
                break;
            }
            self.try_birth(&eye, is_arrival, surroundings);
        }
    }

    fn look_around(&mut self, here: DVec2) {
        let mut sum = 0.0;
        let lanes = self.graph.lanes_near(here, BIRTH_M);
        let density = self.graph.density_at(here);
        self.births.around = Some(here);
        self.births.lanes = lanes
            .into_iter()
            .filter(|(_, lane)| lane.plan_length_m > 3.0 * ENDS_M)
            .map(|(id, lane)| {
                // In quiet districts the side streets are empty.
                let quiet = match lane.road.class() {
                    StreetClass::Alley | StreetClass::Street => 0.3 + 0.7 * density,
                    StreetClass::Arterial | StreetClass::Avenue => 1.0,
                };
                sum += busyness(lane.road) * lane.plan_length_m * quiet;
                (id, sum)
            })
            .collect();
    }

    fn try_birth(&mut self, eye: &Eye, is_arrival: bool, surroundings: &Surroundings) {
        let Some((_, sum)) = self.births.lanes.last() else {
            return;
        };
        let roll = self.chance.unit() * sum;
        let number = self
            .births
            .lanes
            .partition_point(|(_, up_to)| *up_to <= roll);
        let Some((id, _)) = self.births.lanes.get(number).copied() else {
            return;
        };
        let share = self.chance.unit();
        let (Some(curve), Some(on)) = (self.graph.curve(id), self.graph.lane(id)) else {
            return;
        };
        let along_m = ENDS_M + share * (curve.length_m() - 2.0 * ENDS_M);
        let (pose, road) = (curve.at(along_m), on.road);
        if !(surroundings.is_ready)(pose.place.xz()) {
            return;
        }
        let kind = VehicleKind::on(road, &mut self.chance);
        let [length_m, ..] = kind.size_m();
        let is_unseen = [0.0, 0.5, 1.0].into_iter().all(|share| {
            let part = curve.at(along_m - share * length_m).place.xz();
            self.is_unseen(eye, part, is_arrival)
        });
        if !is_unseen {
            return;
        }
        let Some(lane) = self.roadway.open(id, &mut self.graph) else {
            return;
        };
        let limit_mps = self.roadway.lane(lane).speed_mps;
        let (front_m, rear_m) = (along_m + length_m + 1.0, along_m - length_m);
        // Its rear must be on the lane, and nobody near before or behind it.
        let is_free = rear_m > 0.5
            && along_m < self.roadway.lane(lane).curve.length_m() - 1.0
            && self.roadway.lane(lane).occupants.iter().all(|other| {
                other.rear_m > front_m + ROOM_M
                    || other.front_m < rear_m - ROOM_M - 0.5 * other.speed_mps
            })
            && surroundings.obstacles.iter().all(|obstacle| {
                let reach = f64::from(length_m + obstacle.half_length_m + obstacle.radius_m) + 8.0;
                obstacle.place.distance(pose.place) > reach
            });
        if !is_free {
            return;
        }
        let Some(next) = self.onward(kind, lane) else {
            return;
        };
        let after = self.onward(kind, next);
        let own = VehiclePose {
            place: pose.place,
            forward: pose.direction,
            slope: pose.slope,
        };
        let vehicle = Vehicle {
            number: self.next_number,
            kind,
            paint: self.paint_near(kind, pose.place.xz()),
            temper: self.chance.between(0.88, 1.08),
            lane,
            along_m,
            speed_mps: 0.6 * limit_mps,
            acceleration_mps2: 0.0,
            next: Some(next),
            after,
            trail: [None; 3],
            claim: None,
            passed: [None; 2],
            aside: None,
            stood_secs: 0.0,
            pose: own,
            before: own,
        };
        // Not faster than it could stop before the end of its lane.
        let left_m = self.roadway.lane(lane).curve.length_m() - along_m;
        let vehicle = Vehicle {
            speed_mps: vehicle
                .speed_mps
                .min((2.0 * (left_m - 2.0).max(0.0)).sqrt()),
            ..vehicle
        };
        self.next_number += 1;
        self.vehicles.push(vehicle);
        let number = self.vehicles.len() - 1;
        let pose = self.pose_of(number);
        (self.vehicles[number].pose, self.vehicles[number].before) = (pose, pose);
        self.take_places();
    }

    /// A colour, if possible one that no vehicle of the kind has nearby.
    fn paint_near(&mut self, kind: VehicleKind, place: DVec2) -> usize {
        let count = kind.paints();
        let first = self.chance.below(count);
        let is_taken = |paint: usize| {
            self.vehicles.iter().any(|other| {
                other.kind == kind
                    && other.paint == paint
                    && other.pose.place.xz().distance(place) < TWINS_M
            })
        };
        (0..count)
            .map(|number| (first + number) % count)
            .find(|paint| !is_taken(*paint))
            .unwrap_or(first)
    }

    /// Whether nobody sees a vehicle appear at a place.
    fn is_unseen(&mut self, eye: &Eye, place: DVec2, is_arrival: bool) -> bool {
        let away = place.distance(eye.place.xz());
        if away > BIRTH_M {
            return false;
        }
        if is_arrival {
            return away > ARRIVAL_M;
        }
        away > OPEN_SIGHT_M
            || away > HIDDEN_M
                && (is_behind(eye, place)
                    || self.is_near_ground(eye) && self.graph.is_hidden(eye.place.xz(), place))
    }

    /// From high above, nothing is hidden by houses.
    fn is_near_ground(&self, eye: &Eye) -> bool {
        eye.place.y < self.graph.land_height(eye.place.xz()) + HIGH_M
    }
}

fn is_behind(eye: &Eye, place: DVec2) -> bool {
    let way: Vec2 = (place - eye.place.xz()).as_vec2();
    way.normalize_or_zero().dot(eye.forward) < BEHIND
}
