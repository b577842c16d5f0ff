//! The traffic itself: one step of all vehicles. Pure: it knows no entity, no chunk and no clock.
//!
//! ```text
//!  who is where ─► who changes lanes ─► who may enter junctions ─► accelerations ─► move ─► retire, be born
//! ```

use bevy::math::{DVec2, DVec3, Vec2, Vec3Swizzles};

use super::births::Births;
use super::follow::{Ahead, acceleration, braking_from};
use super::junctions::liking;
use super::obstacles::{Obstacle, obstacle_ahead};
use super::roadway::{Occupant, Roadway};
use super::vehicle::{Vehicle, VehicleKind, VehiclePose, weighted};
use crate::city::{
    ArmSide, Connector, JunctionId, LaneGraph, LaneRoad, Pose, Signal, StreetClass, Turn,
};
use crate::game::crowd::Chance;

/// Where the eye is and looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eye {
    /// Metres of the world.
    pub place: DVec3,
    /// (x, z), of length 1.
    pub forward: Vec2,
}

/// What a step needs to know of the rest of the game.
pub struct Surroundings<'a> {
    /// Where the player sees from; nothing while nobody looks: then everyone retires.
    pub eye: Option<Eye>,
    /// Whether the ground at a place (x, z) of the world is there.
    pub is_ready: &'a dyn Fn(DVec2) -> bool,
    /// What else moves or stands on the streets.
    pub obstacles: &'a [Obstacle],
    /// How many vehicles there should be.
    pub wanted: usize,
}

/// A vehicle as others see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VehicleView {
    /// Its number, which is never given twice.
    pub number: u64,
    /// What it is.
    pub kind: VehicleKind,
    /// Its colour, a number below [`VehicleKind::paints`].
    pub paint: usize,
    /// Where it is now.
    pub pose: VehiclePose,
    /// Where it was before the last step.
    pub before: VehiclePose,
    /// m/s.
    pub speed_mps: f32,
    /// Whether its brake lights are on.
    pub brakes: bool,
}

/// All vehicles and what they drive on.
pub struct TrafficSim {
    pub(super) graph: LaneGraph,
    pub(super) roadway: Roadway,
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) chance: Chance,
    pub(super) births: Births,
    pub(super) next_number: u64,
    secs: f64,
    steps: u64,
}

/// Lanes and junctions that nobody uses are forgotten every so many steps.
const TIDY_STEPS: u64 = 64;
/// Lanes farther than this from the eye are forgotten by the graph, metres.
const FORGET_BEYOND_M: f64 = 1_500.0;
/// Where the wheels are: so far from nose and tail, metres.
const OVERHANG_M: f32 = 0.85;
/// Nobody comes nearer to a bumper than this, metres.
const LEAST_GAP_M: f32 = 0.5;
/// Whose rear is so far beyond a lane's end has left it, metres.
pub(super) const CLEAR_M: f32 = 0.5;
/// Farther ahead than this nobody looks, metres.
const HORIZON_M: f32 = 120.0;

impl TrafficSim {
    /// Empty streets of the city of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            graph: LaneGraph::new(seed),
            roadway: Roadway::default(),
            vehicles: Vec::new(),
            chance: Chance::new(seed ^ 0x0074_7261_6666_6963),
            births: Births::default(),
            next_number: 0,
            secs: 0.0,
            steps: 0,
        }
    }

    /// The vehicles, in an order that may change from step to step.
    pub fn vehicles(&self) -> impl ExactSizeIterator<Item = VehicleView> {
        self.vehicles.iter().map(|vehicle| VehicleView {
            number: vehicle.number,
            kind: vehicle.kind,
            paint: vehicle.paint,
            pose: vehicle.pose,
            before: vehicle.before,
            speed_mps: vehicle.speed_mps,
            brakes: vehicle.brakes(),
        })
    }

    /// How many lanes and junctions are kept for the traffic.
    #[must_use]
    pub fn in_use(&self) -> (usize, usize) {
        self.roadway.len()
    }

    /// The seed of the city.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.graph.seed()
    }

    /// What the light of an arm of a junction shows now.
    #[must_use]
    pub fn signal(&self, junction: JunctionId, arm: ArmSide) -> Signal {
        self.graph.signal(junction, arm, self.secs)
    }

    /// The time of the lights, seconds.
    #[must_use]
    pub const fn secs(&self) -> f64 {
        self.secs
    }

    /// How many steps there were.
    pub(super) const fn steps(&self) -> u64 {
        self.steps
    }

    /// Sets the time of the lights, seconds.
    pub const fn set_secs(&mut self, secs: f64) {
        self.secs = secs;
    }

    /// The number that the next vehicle gets.
    #[must_use]
    pub const fn next_number(&self) -> u64 {
        self.next_number
    }

    /// The same streets, whose first vehicle gets a number: those that are still drawn have lower ones.
    #[must_use]
    pub const fn numbered_from(mut self, first_number: u64) -> Self {
        self.next_number = first_number;
        self
    }

    /// The lanes that the traffic knows.
    pub const fn graph(&mut self) -> &mut LaneGraph {
        &mut self.graph
    }

    /// One step of `dt` seconds.
    pub fn step(&mut self, dt: f32, surroundings: &Surroundings) {
        self.secs += f64::from(dt);
        self.steps += 1;
        self.take_places();
        self.change_lanes(surroundings.obstacles);
        self.see_who_comes();
        self.grant(surroundings.obstacles);
        let changes: Vec<(f32, f32)> = (0..self.vehicles.len())
            .map(|number| self.decide(number, surroundings.obstacles))
            .collect();
        for (number, (change, room_m)) in changes.into_iter().enumerate() {
            self.drive(number, change, room_m, dt);
        }
        self.retire(surroundings);
        self.bear(dt, surroundings);
        if self.steps.is_multiple_of(TIDY_STEPS) {
            self.tidy(surroundings);
        }
    }

    fn tidy(&mut self, surroundings: &Surroundings) {
        self.roadway.forget_unused();
        let Some(eye) = surroundings.eye else { return };
        self.graph.forget_beyond(eye.place.xz(), FORGET_BEYOND_M);
    }

    /// Writes down who is on which lane.
    pub(super) fn take_places(&mut self) {
        self.roadway.clear_occupants();
        for (number, vehicle) in self.vehicles.iter_mut().enumerate() {
            let mut front_m = vehicle.along_m;
            let (length_m, speed_mps) = (vehicle.length_m(), vehicle.speed_mps);
            let occupant = |front_m: f32| Occupant {
                vehicle: number,
                front_m,
                rear_m: front_m - length_m,
                speed_mps,
            };
            self.roadway.push_occupant(vehicle.lane, occupant(front_m));
            if let Some((old_lane, old_front_m)) = vehicle.also_on() {
                self.roadway.push_occupant(old_lane, occupant(old_front_m));
            }
            for slot in &mut vehicle.trail {
                let Some(lane) = *slot else { continue };
                // Its rear has left this one, and with it all before.
                if front_m - length_m > CLEAR_M {
                    *slot = None;
                    continue;
                }
                front_m += self.roadway.lane(lane).curve.length_m();
                self.roadway.push_occupant(lane, occupant(front_m));
            }
            for lane in [vehicle.next, vehicle.after].into_iter().flatten() {
                self.roadway.touch(lane);
            }
        }
        self.roadway.sort_occupants();
        self.give_back_passed();
    }

    /// The acceleration of a vehicle, and how far it may move in this step.
    fn decide(&self, number: usize, obstacles: &[Obstacle]) -> (f32, f32) {
        let vehicle = &self.vehicles[number];
        let lane = self.roadway.lane(vehicle.lane);
        let left_m = lane.curve.length_m() - vehicle.along_m;
        let mut wanted_mps = lane.speed_mps * vehicle.temper;
        let mut distance_m = left_m;
        for ahead in [vehicle.next, vehicle.after].into_iter().flatten() {
            let ahead = self.roadway.lane(ahead);
            wanted_mps = wanted_mps.min(braking_from(ahead.speed_mps * vehicle.temper, distance_m));
            distance_m += ahead.curve.length_m();
        }
        let pull = vehicle.kind.pull_mps2();
        let mut change = acceleration(vehicle.speed_mps, wanted_mps, pull, None);
        let mut room_m = f32::MAX;
        if let Some(leader) = self.leader(number) {
            change = change.min(acceleration(
                vehicle.speed_mps,
                wanted_mps,
                pull,
                Some(leader),
            ));
            room_m = leader.gap_m - LEAST_GAP_M;
        }
        if let Some((most_mps2, gap_m)) = self.beside_old_lane(number) {
            change = change.min(most_mps2);
            room_m = room_m.min(gap_m - LEAST_GAP_M);
        }
        let must_wait =
            lane.connector.is_none() && vehicle.claim.is_none() && vehicle.next.is_some();
        let sees_line = vehicle.speed_mps * vehicle.speed_mps / 4.0 + 8.0;
        if must_wait && left_m <= sees_line {
            // The model keeps two metres from what stands ahead; from a line, half a metre is enough.
            let line = Ahead {
                gap_m: left_m + 1.4,
                speed_mps: 0.0,
            };
            change = change.min(acceleration(
                vehicle.speed_mps,
                wanted_mps,
                pull,
                Some(line),
            ));
            room_m = room_m.min(left_m - 0.1);
        }
        if let Some(ahead) = obstacle_ahead(vehicle, self.path_of(vehicle), obstacles) {
            change = change.min(acceleration(
                vehicle.speed_mps,
                wanted_mps,
                pull,
                Some(ahead),
            ));
            // At walking pace one can stop on the spot; faster, one runs into it.
            if vehicle.speed_mps < 2.5 {
                room_m = room_m.min(ahead.gap_m - LEAST_GAP_M);
            }
        }
        (change, room_m.max(0.0))
    }

    /// The vehicle ahead on the way of another.
    pub(super) fn leader(&self, number: usize) -> Option<Ahead> {
        let vehicle = &self.vehicles[number];
        let lane = self.roadway.lane(vehicle.lane);
        let mut best: Option<Ahead> = None;
        let mut consider = |offset_m: f32, occupant: &Occupant| {
            let gap_m = offset_m + occupant.rear_m;
            if best.is_none_or(|best| gap_m < best.gap_m) {
                best = Some(Ahead {
                    gap_m,
                    speed_mps: occupant.speed_mps,
                });
            }
        };
        let next_on = lane
            .occupants
            .iter()
            .find(|other| other.front_m > vehicle.along_m && other.vehicle != number);
        if let Some(occupant) = next_on {
            consider(-vehicle.along_m, occupant);
        }
        self.beside_on_branches(vehicle.lane, vehicle.along_m, number, |occupant| {
            consider(-vehicle.along_m, occupant);
        });
        let mut offset_m = lane.curve.length_m() - vehicle.along_m;
        for ahead in [vehicle.next, vehicle.after].into_iter().flatten() {
            if offset_m > HORIZON_M {
                break;
            }
            let on = self.roadway.lane(ahead);
            if let Some(occupant) = on.occupants.iter().find(|other| other.vehicle != number) {
                consider(offset_m, occupant);
            }
            self.beside_on_branches(ahead, f32::MIN, number, |occupant| {
                consider(offset_m, occupant);
            });
            offset_m += on.curve.length_m();
        }
        best
    }

    /// Who is on a curve that branches off from this one, where the two are not apart yet.
    fn beside_on_branches(
        &self,
        lane: usize,
        along_m: f32,
        own: usize,
        mut found: impl FnMut(&Occupant),
    ) {
        for (branch, apart_m) in &self.roadway.lane(lane).siblings {
            let Some(branch) = self.roadway.find(*branch) else {
                continue;
            };
            let next = self.roadway.lane(branch).occupants.iter().find(|other| {
                other.vehicle != own && other.front_m > along_m && other.rear_m < *apart_m
            });
            if let Some(occupant) = next.filter(|_| along_m < *apart_m) {
                found(occupant);
            }
        }
    }

    fn drive(&mut self, number: usize, change: f32, room_m: f32, dt: f32) {
        let vehicle = &mut self.vehicles[number];
        let speed = (vehicle.speed_mps + change * dt).max(0.0);
        let mut way = (vehicle.speed_mps + speed) / 2.0 * dt;
        vehicle.speed_mps = speed;
        if way > room_m {
            way = room_m;
            vehicle.speed_mps = vehicle.speed_mps.min(room_m / dt);
        }
        vehicle.acceleration_mps2 = change;
        vehicle.stood_secs = if vehicle.speed_mps < 0.3 {
            vehicle.stood_secs + dt
        } else {
            0.0
        };
        vehicle.along_m += way;
        vehicle.carry_aside(way);
        loop {
            let vehicle = &self.vehicles[number];
            let length_m = self.roadway.lane(vehicle.lane).curve.length_m();
            let (true, Some(next)) = (vehicle.along_m > length_m, vehicle.next) else {
                break;
            };
            let onward = vehicle.after.and_then(|after| self.choose(number, after));
            let vehicle = &mut self.vehicles[number];
            vehicle.trail = [Some(vehicle.lane), vehicle.trail[0], vehicle.trail[1]];
            vehicle.along_m -= length_m;
            let is_curve = self.roadway.lane(vehicle.lane).connector.is_some();
            if let Some(claim) = vehicle.claim.take_if(|_| is_curve) {
                let [last, oldest] = vehicle.passed;
                vehicle.passed = [Some(claim), last];
                self.roadway.give_back(oldest, vehicle.number);
            }
            vehicle.lane = next;
            vehicle.next = vehicle.after;
            vehicle.after = onward;
        }
        let pose = self.pose_of(number);
        let vehicle = &mut self.vehicles[number];
        vehicle.before = vehicle.pose;
        vehicle.pose = pose;
    }

    /// The lane that a vehicle takes after one.
    pub(super) fn choose(&mut self, number: usize, lane: usize) -> Option<usize> {
        let kind = self.vehicles[number].kind;
        self.onward(kind, lane)
    }

    pub(super) fn onward(&mut self, kind: VehicleKind, lane: usize) -> Option<usize> {
        let active = self.roadway.lane(lane);
        let junction = self.roadway.junction(active.junction);
        let id = match active.connector {
            Some(connector) => junction.connectors[connector].to,
            None => {
                let from = active.id;
                let choices: Vec<Connector> = junction
                    .connectors
                    .iter()
                    .filter(|connector| connector.from == from)
                    .copied()
                    .collect();
                let weights: Vec<f32> = choices
                    .iter()
                    .map(|choice| self.likes(kind, choice))
                    .collect();
                let chosen = weighted(&mut self.chance, &weights)?;
                choices[chosen].lane
            }
        };
        self.roadway.open(id, &mut self.graph)
    }

    /// How much a driver likes a turn.
    pub(super) fn likes(&mut self, kind: VehicleKind, connector: &Connector) -> f32 {
        let road = self.graph.lane(connector.to).map(|lane| lane.road);
        let by_class = match road {
            Some(LaneRoad::Street(StreetClass::Alley)) => 0.08,
            Some(LaneRoad::Street(StreetClass::Street)) => 0.6,
            Some(LaneRoad::Ramp) => 0.3,
            _ => 1.0,
        };
        let class = road.map(LaneRoad::class);
        let is_narrow = matches!(class, Some(StreetClass::Alley | StreetClass::Street));
        // Never zero: somewhere it must go.
        let by_size = if kind.is_large() && (is_narrow || connector.turn == Turn::Right) {
            1e-4
        } else {
            1.0
        };
        liking(connector.turn) * by_class * by_size
    }

    /// A place on the way of a vehicle, so many metres from the beginning of its lane, or before it.
    fn on_way(&self, vehicle: &Vehicle, mut along_m: f32) -> Pose {
        let mut lane = vehicle.lane;
        for before in vehicle.trail.iter().flatten() {
            if along_m >= 0.0 {
                break;
            }
            lane = *before;
            along_m += self.roadway.lane(lane).curve.length_m();
        }
        self.roadway.lane(lane).curve.at(along_m)
    }

    pub(super) fn pose_of(&self, number: usize) -> VehiclePose {
        let vehicle = &self.vehicles[number];
        let front = self.on_way(vehicle, vehicle.along_m - OVERHANG_M);
        let rear = self.on_way(vehicle, vehicle.rear_m() + OVERHANG_M);
        let way = (front.place - rear.place).as_vec3();
        let level = Vec2::new(way.x, way.z);
        let pose = VehiclePose {
            place: rear.place.midpoint(front.place),
            forward: level.normalize_or(front.direction),
            slope: way.y / level.length().max(0.1),
        };
        vehicle.aside.map_or(pose, |aside| aside.moved(pose))
    }
}
