//! The autopilot and the traffic: nobody waits for the other for good.

use super::*;
use crate::city::Signals;
use crate::game::autopilot::{Progress, RouteDriver};
use crate::game::body::forward_of;
use crate::game::car::{CIRCLE_OFFSETS_M, CIRCLE_RADIUS_M, CarMotion};
use crate::game::crowd::{Mover, MoverKind, Movers};
use crate::game::pilot::{first_in_the_way, room_behind};
use crate::game::standoff::RoadAhead;
use crate::game::traffic::{Eye, Obstacle, Surroundings, TrafficSim};

const DT: f32 = 1.0 / 64.0;

/// The autopilot among the traffic of a seed, on streets without houses.
struct Drive {
    map: CityMap,
    sim: TrafficSim,
    movers: Movers,
    car: CarMotion,
    driver: Option<RouteDriver>,
    lost: u32,
}

impl Drive {
    fn new(seed: u64, place: DVec2, yaw: f32) -> Self {
        Self {
            map: CityMap::new(seed),
            sim: TrafficSim::new(seed),
            movers: Movers::default(),
            car: CarMotion::at(place, yaw),
            driver: None,
            lost: 0,
        }
    }

    fn as_obstacle(&self, height_m: f64) -> Obstacle {
        Obstacle {
            place: self.car.position.extend(height_m).xzy(),
            forward: forward_of(self.car.yaw),
            half_length_m: CIRCLE_OFFSETS_M[2],
            radius_m: CIRCLE_RADIUS_M,
            velocity: self.car.velocity,
        }
    }

    /// One step of traffic, two of the car. Whether a light stops the car, and whether it has arrived.
    fn step(&mut self, goal: DVec2, wanted: usize) -> (bool, bool) {
        let height_m = self.sim.graph().land_height(self.car.position);
        let player = self.as_obstacle(height_m);
        let eye = Eye {
            place: player.place,
            forward: player.forward,
        };
        self.sim.step(
            2.0 * DT,
            &Surroundings {
                eye: Some(eye),
                is_ready: &|_| true,
                obstacles: &[player],
                wanted,
            },
        );
        let vehicles = self.sim.vehicles().map(|view| {
            let [length_m, width_m, _] = view.kind.size_m();
            Mover {
                kind: MoverKind::Vehicle,
                place: view.pose.place.xz(),
                height_m: view.pose.place.y,
                velocity: view.pose.forward * view.speed_mps,
                forward: view.pose.forward,
                half_length_m: (length_m - width_m) / 2.0,
                radius_m: width_m / 2.0,
            }
        });
        self.movers.refill(vehicles.collect::<Vec<_>>().into_iter());
        let (map, car) = (&mut self.map, &self.car);
        let driver = self.driver.get_or_insert_with(|| {
            let from = car.position.extend(height_m).xzy();
            RouteDriver::on(map.drive_route(from, forward_of(car.yaw), goal))
        });
        let clock = Signals {
            seed: self.sim.seed(),
            secs: self.sim.secs(),
        };
        let mut waits_for_light = false;
        for _ in 0..2 {
            let leader = first_in_the_way(driver, &self.car, height_m, &self.movers);
            let line_m = driver.stop_ahead(&self.car, |line| clock.shows(line.junction, line.arm));
            waits_for_light |= line_m.is_some_and(|line_m| line_m < 60.0);
            let road = RoadAhead {
                leader,
                line_m,
                room_behind_m: room_behind(&self.car, height_m, &self.movers),
            };
            let (input, progress) = driver.drive_among(&self.car, &road, DT);
            self.car.advance(input, &[], 0.0, DT);
            match progress {
                Progress::Driving => {}
                Progress::Arrived => {
                    self.driver = None;
                    return (waits_for_light, true);
                }
                Progress::Lost => {
                    self.driver = None;
                    self.lost += 1;
                    break;
                }
            }
        }
        (waits_for_light, false)
    }
}

#[test]
fn the_autopilot_and_the_traffic_never_wait_for_each_other_for_good() {
    // On the last one they met in two left turns.
    for seed in [1, 7, 11] {
        let mut drive = Drive::new(seed, DVec2::ZERO, 0.0);
        let spot = drive.map.nearest_lane(DVec2::new(20.0, 30.0));
        drive.car = CarMotion::at(spot.place, spot.yaw);
        let goals = [
            [350.0, 200.0],
            [-300.0, 250.0],
            [-200.0, -350.0],
            [300.0, -250.0],
            [0.0, 30.0],
        ];
        let mut arrivals = 0;
        let (mut stood_secs, mut longest_secs, mut way_m) = (0.0_f32, 0.0_f32, 0.0);
        for _ in 0..32 * 60 * 10 {
            let before = drive.car.position;
            let (waits, has_arrived) = drive.step(DVec2::from(goals[arrivals % 5]), 200);
            arrivals += usize::from(has_arrived);
            way_m += before.distance(drive.car.position);
            let stands = drive.car.velocity.length() < 0.3 && !waits;
            stood_secs = if stands { stood_secs + 2.0 * DT } else { 0.0 };
            longest_secs = longest_secs.max(stood_secs);
        }
        println!(
            "seed {seed}: {way_m:.0} m, {arrivals} goals, stood {longest_secs} s at most, lost {} times",
            drive.lost
        );
        assert!(longest_secs < 75.0, "seed {seed}: stood {longest_secs} s");
        assert!(way_m > 3_000.0 && arrivals > 3 && drive.lost == 0);
    }
}
