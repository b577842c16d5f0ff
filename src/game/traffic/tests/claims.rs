//! Who may enter a junction, and that nobody keeps others out who does not move.

use super::*;
use crate::city::{Connector, JunctionId, JunctionKind, LaneId, LaneRoad, Turn};
use crate::game::traffic::junctions::Claim;
use crate::game::traffic::vehicle::Vehicle;

/// Streets of a seed, the junctions near the middle, and the eye on them.
struct Place {
    sim: TrafficSim,
    junctions: Vec<JunctionId>,
}

impl Place {
    fn new(seed: u64) -> Self {
        let mut sim = TrafficSim::new(seed);
        let lanes = sim.graph.lanes_near(DVec2::ZERO, 400.0);
        let ends = lanes
            .into_iter()
            .filter(|(_, lane)| matches!(lane.road, LaneRoad::Street(_)))
            .filter_map(|(id, _)| sim.graph.end_of(id));
        let junctions: std::collections::BTreeSet<JunctionId> = ends.collect();
        Self {
            sim,
            junctions: junctions.into_iter().collect(),
        }
    }

    /// Puts a car on a lane, so far from its end, that will take a turn.
    fn put(&mut self, turn: &Connector, left_m: f32, speed_mps: f32) -> u64 {
        let sim = &mut self.sim;
        let mut open = |id: LaneId| sim.roadway.open(id, &mut sim.graph).unwrap();
        let [lane, next, after] = [turn.from, turn.lane, turn.to].map(&mut open);
        let along_m = sim.roadway.lane(lane).curve.length_m() - left_m;
        assert!(along_m > 5.0, "the lane is too short");
        let pose = VehiclePose {
            place: DVec3::ZERO,
            forward: Vec2::X,
            slope: 0.0,
        };
        let number = sim.next_number;
        sim.next_number += 1;
        sim.vehicles.push(Vehicle {
            number,
            kind: VehicleKind::Car,
            paint: 0,
            temper: 1.0,
            lane,
            along_m,
            speed_mps,
            acceleration_mps2: 0.0,
            next: Some(next),
            after: Some(after),
            trail: [None; 3],
            claim: None,
            passed: [None; 2],
            aside: None,
            stood_secs: 0.0,
            pose,
            before: pose,
        });
        let pose = sim.pose_of(sim.vehicles.len() - 1);
        let vehicle = sim.vehicles.last_mut().unwrap();
        (vehicle.pose, vehicle.before) = (pose, pose);
        number
    }

    /// A car that stands on a lane, so far from its end.
    fn car_before_line(&mut self, lane: LaneId, nose_to_line_m: f32) -> Obstacle {
        let curve = self.sim.graph.curve(lane).unwrap();
        let pose = curve.at(curve.length_m() - nose_to_line_m - 2.3);
        Obstacle {
            place: pose.place,
            forward: pose.direction,
            half_length_m: 1.4,
            radius_m: 0.9,
            velocity: Vec2::ZERO,
        }
    }

    fn run(&mut self, secs: f32, at: DVec3, obstacles: &[Obstacle]) {
        let eye = Eye {
            place: at,
            forward: Vec2::X,
        };
        for _ in 0..(secs / DT) as u32 {
            self.sim.step(DT, &around(eye, 0, obstacles));
        }
    }

    fn vehicle(&self, number: u64) -> &Vehicle {
        let mut all = self.sim.vehicles.iter();
        all.find(|vehicle| vehicle.number == number).unwrap()
    }

    fn is_gone(&self, number: u64) -> bool {
        let mut all = self.sim.vehicles.iter();
        all.all(|vehicle| vehicle.number != number)
    }

    /// Whether a vehicle is beyond its turn.
    fn has_passed(&self, number: u64, turn: &Connector) -> bool {
        // Nobody wants it: far away it retires.
        self.is_gone(number) || {
            let lane = self.sim.roadway.lane(self.vehicle(number).lane).id;
            lane != turn.from && lane != turn.lane
        }
    }
}

/// Places where one turn keeps another out, as `is_wanted` says of a junction's turns and conflicts.
fn junctions_with<T>(
    seeds: std::ops::Range<u64>,
    kind: JunctionKind,
    is_wanted: impl Fn(&[Connector], &dyn Fn(usize, usize) -> bool) -> Option<T>,
) -> Vec<(Place, JunctionId, T)> {
    let mut found = Vec::new();
    for seed in seeds {
        let mut place = Place::new(seed);
        for id in place.junctions.clone() {
            let junction = place.sim.graph.junction(id).unwrap();
            if junction.kind != kind {
                continue;
            }
            let is_long = |lane: LaneId| {
                let curve = place.sim.graph.clone().curve(lane);
                curve.is_some_and(|curve| curve.length_m() > 45.0)
            };
            let conflict = |a: usize, b: usize| {
                let mut all = junction.conflicts[a].iter();
                all.any(|conflict| conflict.other == b)
            };
            let all = &junction.connectors;
            let fits = all.iter().all(|turn| is_long(turn.from));
            if let Some(turns) = fits.then(|| is_wanted(all, &conflict)).flatten() {
                found.push((place, id, turns));
                break;
            }
        }
    }
    assert!(found.len() > 3, "{} such junctions", found.len());
    found
}

#[test]
fn a_car_that_stands_before_a_line_keeps_nobody_out_of_the_junction_behind_it() {
    let cases = junctions_with(0..12, JunctionKind::GiveWay, |turns, conflict| {
        (0..turns.len())
            .flat_map(|own| (0..turns.len()).map(move |other| (own, other)))
            .find(|(own, other)| {
                let [a, b] = [&turns[*own], &turns[*other]];
                a.turn == Turn::Straight && b.turn == Turn::Straight && conflict(*own, *other)
            })
            .map(|(own, other)| (turns[own], turns[other]))
    });
    for (mut place, _, (own, other)) in cases {
        let player = place.car_before_line(own.from, 0.4);
        let at = player.place;
        // Two metres behind the player: the line is within reach for it.
        let behind = place.put(&own, 0.4 + 4.6 + 2.2, 0.0);
        place.run(8.0, at, &[player]);
        assert!(place.vehicle(behind).claim.is_none());
        let crossing = place.put(&other, 40.0, 8.0);
        place.run(25.0, at, &[player]);
        assert!(place.has_passed(crossing, &other), "{crossing} waits");
        assert!(!place.has_passed(behind, &own));
        // And once the player has gone on, the other follows.
        place.run(25.0, at, &[]);
        assert!(place.has_passed(behind, &own), "{behind} waits");
    }
}

#[test]
fn who_is_second_in_a_queue_keeps_nobody_out_while_the_first_waits() {
    let cases = junctions_with(0..40, JunctionKind::GiveWay, |turns, conflict| {
        let of = |lane, turn| {
            turns
                .iter()
                .position(|one| one.from == lane && one.turn == turn)
        };
        turns.iter().find_map(|any| {
            let (left, right) = (of(any.from, Turn::Left)?, of(any.from, Turn::Right)?);
            let others = 0..turns.len();
            let holding = others.clone().find(|number| {
                conflict(left, *number)
                    && !conflict(right, *number)
                    && others.clone().any(|crossing| {
                        turns[crossing].from != turns[*number].from
                            && conflict(right, crossing)
                            && !conflict(crossing, *number)
                    })
            })?;
            let crossing = others.clone().find(|crossing| {
                turns[*crossing].from != turns[holding].from
                    && conflict(right, *crossing)
                    && !conflict(*crossing, holding)
            })?;
            Some((holding, turns[left], turns[right], turns[crossing]))
        })
    });
    for (mut place, id, (holding, left, right, crossing)) in cases {
        let at = place.car_before_line(left.from, 0.0).place;
        let first = place.put(&left, 1.0, 0.0);
        let second = place.put(&right, 1.0 + 4.3 + 2.1, 0.0);
        // Somebody who is always on a curve that the first has to wait for.
        let (number, state) = place
            .sim
            .roadway
            .junctions()
            .find(|(_, one)| one.id == id)
            .unwrap();
        assert!(state.claims.is_empty());
        let claims = &mut place.sim.roadway.junction_mut(number).claims;
        claims.push((holding, u64::MAX));
        place.run(5.0, at, &[]);
        assert!(place.vehicle(second).claim.is_none());
        let third = place.put(&crossing, 40.0, 8.0);
        place.run(25.0, at, &[]);
        assert!(place.has_passed(third, &crossing), "{third} waits");
        assert!(!place.has_passed(first, &left) && !place.has_passed(second, &right));
        place
            .sim
            .roadway
            .junction_mut(number)
            .claims
            .retain(|(_, holder)| *holder != u64::MAX);
        place.run(30.0, at, &[]);
        assert!(place.has_passed(first, &left) && place.has_passed(second, &right));
    }
}

/// The longest that anybody stood who was not kept by the player, who it was; and how many were seen going over a junction.
fn longest_wait(seed: u64, wanted: usize, minutes: u32) -> (f32, String, usize) {
    let mut place = Place::new(seed);
    // A car that stands at a line for good.
    let near = place.sim.graph.lanes_near(DVec2::new(40.0, 30.0), 200.0);
    let lane = near
        .into_iter()
        .filter(|(_, lane)| lane.road.is_on_ground() && lane.plan_length_m > 40.0)
        .map(|(id, _)| id)
        .find(|id| {
            let end = place.sim.graph.end_of(*id);
            let lanes = end.and_then(|end| place.sim.graph.junction(end));
            lanes.is_some_and(|lanes| lanes.kind == JunctionKind::GiveWay)
        })
        .expect("a lane that gives way");
    let player = place.car_before_line(lane, 0.4);
    let mut sim = place.sim;
    let eye = Eye {
        place: player.place,
        forward: player.forward,
    };
    let mut worst = (0.0_f32, String::new());
    let mut going = 0;
    for step in 0..32 * 60 * minutes {
        sim.step(DT, &around(eye, wanted, &[player]));
        if step % 32 != 0 {
            continue;
        }
        sim.take_places();
        assert_all_claims_are_held(&sim);
        let kept = kept_by(&sim, &player);
        for (number, vehicle) in sim.vehicles.iter().enumerate() {
            going += usize::from(vehicle.claim.is_some());
            if !kept.contains(&number) && vehicle.stood_secs > worst.0 {
                let junction = sim
                    .roadway
                    .junction(sim.roadway.lane(vehicle.lane).junction);
                let who = format!("after {} s: {vehicle:?} at {junction:?}", step / 32);
                worst = (vehicle.stood_secs, who);
            }
        }
    }
    (worst.0, worst.1, going)
}

/// Or a junction would be shut for good.
fn assert_all_claims_are_held(sim: &TrafficSim) {
    for (number, junction) in sim.roadway.junctions() {
        for (connector, holder) in &junction.claims {
            let is_held = sim.vehicles.iter().any(|vehicle| {
                let claims = [vehicle.claim].into_iter().chain(vehicle.passed);
                let is_this =
                    |claim: Claim| (claim.junction, claim.connector) == (number, *connector);
                vehicle.number == *holder && claims.flatten().any(is_this)
            });
            assert!(is_held, "nobody gives {connector} back, which {holder} had");
        }
    }
}

/// Who stands behind the player's car, or behind somebody who does.
fn kept_by(sim: &TrafficSim, player: &Obstacle) -> std::collections::BTreeSet<usize> {
    let mut kept = std::collections::BTreeSet::new();
    loop {
        let before = kept.len();
        for (number, vehicle) in sim.vehicles.iter().enumerate() {
            if kept.contains(&number) {
                continue;
            }
            let path = sim.path_of(vehicle);
            let is_behind = obstacles::is_barred(vehicle, path, &[*player], 60.0);
            let lanes = [Some(vehicle.lane), vehicle.next, vehicle.after];
            let is_after = lanes.into_iter().flatten().any(|lane| {
                sim.roadway.lane(lane).occupants.iter().any(|other| {
                    let is_ahead = lane != vehicle.lane || other.front_m > vehicle.along_m;
                    other.vehicle != number && is_ahead && kept.contains(&other.vehicle)
                })
            });
            if is_behind || is_after {
                kept.insert(number);
            }
        }
        if kept.len() == before {
            return kept;
        }
    }
}

#[test]
fn in_crowded_streets_everybody_who_is_not_behind_the_player_moves_on() {
    for seed in [7, 31] {
        let (longest_secs, who, going) = longest_wait(seed, 320, 10);
        println!("seed {seed}: nobody stood longer than {longest_secs} s in ten minutes");
        assert!(going > 30_000, "{going}");
        // Two and a half times round the lights.
        assert!(longest_secs < 135.0, "{longest_secs} s: {who}");
    }
}
