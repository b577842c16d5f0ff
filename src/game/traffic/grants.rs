//! When a vehicle asks for its curve across a junction, and when it has to give the claim back.
//!
//! ```text
//!  who is first on its lane, or follows only those that may go ─┐
//!  nobody stands before the line or on the curve ───────────────┼─► claim ─► given back by driving through,
//!  light, priority, room behind, nobody about to cross ─────────┘            for a light, or after standing with it
//!
//!  no room for long ─► another turn          priority of others for long ─► they let it go
//! ```

use super::follow::{BRAKE_MPS2, STANDSTILL_M};
use super::junctions::{Approach, Claim};
use super::obstacles::{Obstacle, is_barred, will_be_crossed};
use super::roadway::Occupant;
use super::sim::{CLEAR_M, TrafficSim};
use super::vehicle::Vehicle;
use crate::city::Curve;

/// Who has stood so long with a claim cannot use it, and others may go, seconds.
const UNUSED_SECS: f32 = 3.0;
/// Who has waited so long at a junction without lights goes before all others, seconds.
const FAVOUR_SECS: f32 = 40.0;
/// For whom there has been no room for so long looks for another turn, every so many steps, seconds and steps.
const DETOUR_SECS: f32 = 15.0;
const DETOUR_STEPS: u64 = 32;
/// Turns that a driver likes less than this are no detour: they are too narrow for it.
const LEAST_LIKED: f32 = 0.01;
/// Room beyond what a queue of cars takes up that all have stopped as near as they do, metres.
const SPARE_M: f32 = 0.5;
/// Slower than this a vehicle stands, m/s.
const STANDS_MPS: f32 = 0.5;

impl TrafficSim {
    /// Tells the junctions who comes.
    pub(super) fn see_who_comes(&mut self) {
        let numbers: Vec<usize> = self.roadway.junctions().map(|(number, _)| number).collect();
        for number in numbers {
            self.roadway.junction_mut(number).approaches.clear();
        }
        for number in 0..self.vehicles.len() {
            let vehicle = &self.vehicles[number];
            let lane = self.roadway.lane(vehicle.lane);
            let Some(next) = vehicle.next.filter(|_| lane.connector.is_none()) else {
                continue;
            };
            let distance_m = lane.curve.length_m() - vehicle.along_m;
            let curve = self.roadway.lane(next);
            let Some(connector) = curve.connector else {
                continue;
            };
            if distance_m > 25.0 + 5.0 * vehicle.speed_mps {
                continue;
            }
            let approach = Approach {
                vehicle: number,
                connector,
                distance_m,
                speed_mps: vehicle.speed_mps,
                stood_secs: vehicle.stood_secs,
                curve_m: curve.curve.length_m(),
                length_m: vehicle.length_m(),
            };
            let junction = lane.junction;
            self.roadway
                .junction_mut(junction)
                .approaches
                .push(approach);
        }
    }

    /// Whose rear has left a curve gives its claim back.
    pub(super) fn give_back_passed(&mut self) {
        for vehicle in &mut self.vehicles {
            let roadway = &self.roadway;
            let is_on = |claim: &Claim, lane: usize| {
                let lane = roadway.lane(lane);
                lane.junction == claim.junction && lane.connector == Some(claim.connector)
            };
            let front = [Some(vehicle.lane), vehicle.next];
            let rear = vehicle.trail;
            let gone = vehicle
                .claim
                .take_if(|claim| !front.into_iter().flatten().any(|lane| is_on(claim, lane)));
            let passed = vehicle.passed.each_mut().map(|claim| {
                claim.take_if(|claim| !rear.into_iter().flatten().any(|lane| is_on(claim, lane)))
            });
            let number = vehicle.number;
            for claim in [gone].into_iter().chain(passed) {
                self.roadway.give_back(claim, number);
            }
        }
    }

    /// Gives claims to those that may go, and takes them from those that a light stops or that do not move.
    pub(super) fn grant(&mut self, obstacles: &[Obstacle]) {
        let numbers: Vec<usize> = self
            .roadway
            .junctions()
            .filter(|(_, junction)| !junction.approaches.is_empty())
            .map(|(number, _)| number)
            .collect();
        let mut shut_out = Vec::new();
        for number in numbers {
            let order = self.roadway.junction(number).order();
            let favoured = self.favoured(number, &order, obstacles);
            for place in order {
                let junction = self.roadway.junction(number);
                let approach = junction.approaches[place];
                let (id, secs) = (junction.id, self.secs());
                let light = |arm| self.graph.signal(id, arm, secs);
                let vehicle = &self.vehicles[approach.vehicle];
                let holder = vehicle.number;
                let is_stopped = junction.is_stopped_by_light(&approach, light);
                if let Some(claim) = vehicle.claim {
                    let held_secs = (secs - claim.since_secs) as f32;
                    if is_stopped || approach.stood_secs.min(held_secs) > UNUSED_SECS {
                        self.vehicles[approach.vehicle].claim = None;
                        self.roadway.give_back(Some(claim), holder);
                    }
                    continue;
                }
                let decides_at = approach.speed_mps * approach.speed_mps / 4.0 + 8.0;
                if is_stopped || approach.distance_m > decides_at || !self.is_next(&approach) {
                    continue;
                }
                if !self.can_leave(&approach, obstacles) {
                    shut_out.push(approach);
                    continue;
                }
                let is_free = match favoured {
                    Some(first) if first.vehicle == approach.vehicle => {
                        !junction.is_taken_for(&approach)
                    }
                    Some(first) if junction.is_conflict(&approach, first.connector) => false,
                    _ => junction.is_free_for(&approach, light),
                };
                if !is_free || self.is_crossed(&approach, obstacles) {
                    continue;
                }
                let connector = approach.connector;
                self.roadway
                    .junction_mut(number)
                    .claims
                    .push((connector, holder));
                self.vehicles[approach.vehicle].claim = Some(Claim {
                    junction: number,
                    connector,
                    since_secs: secs,
                });
            }
        }
        for approach in shut_out {
            let turn = self.vehicles[approach.vehicle].number + self.steps();
            if approach.stood_secs > DETOUR_SECS && turn.is_multiple_of(DETOUR_STEPS) {
                self.turn_elsewhere(&approach, obstacles);
            }
        }
    }

    /// Who has waited so long at a junction without lights that all others let it go, although they would go first.
    fn favoured(&self, number: usize, order: &[usize], obstacles: &[Obstacle]) -> Option<Approach> {
        let junction = self.roadway.junction(number);
        let longest = order.iter().map(|place| junction.approaches[*place]);
        longest
            .take_while(|approach| approach.stood_secs > FAVOUR_SECS && !junction.has_lights())
            .find(|approach| {
                self.vehicles[approach.vehicle].claim.is_none()
                    && self.is_next(approach)
                    && self.can_leave(approach, obstacles)
            })
    }

    /// Somebody for whom there is no room where it wants to go takes another turn where there is: else streets that are
    /// full in a circle would stay so.
    fn turn_elsewhere(&mut self, approach: &Approach, obstacles: &[Obstacle]) {
        let vehicle = &self.vehicles[approach.vehicle];
        let (kind, wanted) = (vehicle.kind, (vehicle.next, vehicle.after));
        let lane = self.roadway.lane(vehicle.lane);
        let from = lane.id;
        let turns = self.roadway.junction(lane.junction).connectors.clone();
        for (connector, turn) in turns.iter().enumerate() {
            if turn.from != from
                || connector == approach.connector
                || self.likes(kind, turn) < LEAST_LIKED
            {
                continue;
            }
            let next = self.roadway.open(turn.lane, &mut self.graph);
            let after = self.roadway.open(turn.to, &mut self.graph);
            let (Some(next), Some(after)) = (next, after) else {
                continue;
            };
            let vehicle = &mut self.vehicles[approach.vehicle];
            (vehicle.next, vehicle.after) = (Some(next), Some(after));
            let there = Approach {
                connector,
                curve_m: self.roadway.lane(next).curve.length_m(),
                ..*approach
            };
            if self.can_leave(&there, obstacles) {
                return;
            }
        }
        let vehicle = &mut self.vehicles[approach.vehicle];
        (vehicle.next, vehicle.after) = wanted;
    }

    /// Whether a vehicle is the first on its lane, or all that are before it on the lane may go.
    fn is_next(&self, approach: &Approach) -> bool {
        let vehicle = &self.vehicles[approach.vehicle];
        let lane = self.roadway.lane(vehicle.lane);
        let ahead = vehicle.along_m..=lane.curve.length_m();
        lane.occupants
            .iter()
            .filter(|other| other.vehicle != approach.vehicle && ahead.contains(&other.front_m))
            .all(|other| {
                let claim = self.vehicles[other.vehicle].claim;
                claim.is_some_and(|claim| claim.junction == lane.junction)
            })
    }

    /// Whether a vehicle that enters a junction will be out of it again without having to wait in it: nothing stands on
    /// the way there, and behind it there is room.
    fn can_leave(&self, approach: &Approach, obstacles: &[Obstacle]) -> bool {
        let reach_m = approach.distance_m + approach.curve_m + approach.length_m;
        let stands_ahead = self
            .leader(approach.vehicle)
            .is_some_and(|ahead| ahead.speed_mps < STANDS_MPS && ahead.gap_m < reach_m);
        let vehicle = &self.vehicles[approach.vehicle];
        !stands_ahead
            && self.has_room_behind(approach)
            && !is_barred(vehicle, self.path_of(vehicle), obstacles, reach_m)
    }

    /// The lane of a vehicle and the next two.
    pub(super) fn path_of(&self, vehicle: &Vehicle) -> [Option<&Curve>; 3] {
        [Some(vehicle.lane), vehicle.next, vehicle.after]
            .map(|lane| lane.map(|lane| &self.roadway.lane(lane).curve))
    }

    /// Whether there is room for a vehicle behind a junction, even if all who are there come to a stand.
    fn has_room_behind(&self, approach: &Approach) -> bool {
        let vehicle = &self.vehicles[approach.vehicle];
        let (Some(next), Some(after)) = (vehicle.next, vehicle.after) else {
            return true;
        };
        let [own, curve, after] = [vehicle.lane, next, after].map(|lane| self.roadway.lane(lane));
        let Some(last) = after.occupants.first() else {
            return true;
        };
        // Whoever is on the curve already, or goes there first, needs room as well.
        let goes_there = |other: &&Occupant| {
            let claim = self.vehicles[other.vehicle].claim;
            claim.is_some_and(|claim| {
                claim.junction == curve.junction && Some(claim.connector) == curve.connector
            })
        };
        let on_curve = (curve.occupants.iter())
            .filter(|other| (0.0..curve.curve.length_m()).contains(&other.front_m));
        let before_it = (own.occupants.iter())
            .filter(|other| (vehicle.along_m..own.curve.length_m()).contains(&other.front_m));
        let needed_m: f32 = on_curve
            .chain(before_it.filter(goes_there))
            .filter(|other| other.vehicle != approach.vehicle)
            .map(|other| other.front_m - other.rear_m + STANDSTILL_M)
            .sum::<f32>()
            + approach.length_m
            + CLEAR_M
            + SPARE_M
            + STANDSTILL_M;
        let end_m = after.curve.length_m();
        let used_m: f32 = (after.occupants.iter())
            .map(|other| other.front_m.min(end_m) - other.rear_m.max(0.0) + STANDSTILL_M)
            .sum();
        let braking_m = last.speed_mps * last.speed_mps / (2.0 * BRAKE_MPS2);
        last.rear_m + braking_m > needed_m && end_m - used_m > needed_m - STANDSTILL_M
    }

    /// Whether the player or a person is about to be on the curve.
    fn is_crossed(&self, approach: &Approach, obstacles: &[Obstacle]) -> bool {
        let vehicle = &self.vehicles[approach.vehicle];
        vehicle.next.is_some_and(|next| {
            let curve = &self.roadway.lane(next).curve;
            obstacles
                .iter()
                .any(|obstacle| will_be_crossed(curve, &vehicle.pose, obstacle))
        })
    }
}
