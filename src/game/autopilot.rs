//! A driver that follows a route with the same pedals as the keyboard. Pure: route and motion in, input out.
//!
//! Steering aims at a point ahead on the route; speed is what bends, lights and the end allow from here with gentle brakes;
//! a car that does not move backs off with the wheels turned the other way and tries again.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::body::{forward_of, right_of};
use super::car::{CarMotion, DriverInput, WHEELBASE_M, steer_limit};
use super::city_map::{DriveRoute, StopLine};
use super::standoff::{RoadAhead, Stand, Standoff};
use crate::city::Signal;

/// Fastest the autopilot drives, m/s.
const CRUISE_MPS: f32 = 30.0;
const BEND_GRIP_MPS2: f32 = 4.5;
const BRAKE_MPS2: f32 = 4.0;
/// How far before and after a corner the car may leave the route to round it, metres.
const TANGENT_M: f32 = 6.0;
const LOOK_AHEAD_M: f32 = 250.0;
/// The route ends when the car has come to rest this close to its end, metres.
const ARRIVE_M: f32 = 4.0;
const STUCK_SECS: f32 = 1.2;
/// Farther off than this the route is asked for again, metres.
const OFF_ROUTE_M: f32 = 30.0;
const JOINED_M: f32 = 6.0;
/// From the middle of the car to its nose, and from there to what it stands behind, metres.
const NOSE_M: f32 = 2.2;
const KEEP_M: f32 = 2.5;
/// A nose that is over a stop line by more than this goes on, metres.
const OVER_LINE_M: f32 = 1.2;
/// The nose is to stop so far before a line, metres: gentle brakes end a little later.
const BEFORE_LINE_M: f32 = 2.0;
/// Who would have to brake harder than this goes on at amber, m/s².
const AMBER_BRAKE_MPS2: f32 = 4.5;
const TRIES_PER_ROUTE: u32 = 4;
/// How gently the car goes back for others.
const BACK_PEDAL: f32 = -0.4;

/// What the driver thinks of the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// On the way.
    Driving,
    /// Standing at the end.
    Arrived,
    /// Too far off, or stuck too often: a new route from here is needed.
    Lost,
}

/// A route and how far the driver has come on it.
#[derive(Clone, Debug)]
pub struct RouteDriver {
    leads_to_the_goal: bool,
    route: Vec<DVec2>,
    /// How far each point is from the start along the route, metres.
    from_start_m: Vec<f32>,
    /// The lines at which lights may stop the car, in the order in which they come, each with its distance from the start.
    lines: Vec<(f32, StopLine)>,
    /// The leg the car is on, from `route[leg]` to `route[leg + 1]`.
    leg: usize,
    stuck_secs: f32,
    backing_secs: f32,
    backing_steer: f32,
    tries: u32,
    left_at_last_try_m: f32,
    /// Whether the car has been on the route; before that it may be far from it.
    has_joined: bool,
    standoff: Standoff,
    /// Where the wheels were turned to last: backwards with the same the car goes where it came from.
    last_steer: f32,
}

struct Ahead {
    /// Distance from the car to the route, metres.
    aside_m: f32,
    /// How far along the leg the car is, metres.
    along_m: f32,
    /// What is left to drive, metres.
    left_m: f32,
}

impl RouteDriver {
    /// A driver at the start of a route (world x and z, metres), which may be shorter than two points.
    #[must_use]
    pub fn new(route: Vec<DVec2>) -> Self {
        Self::on(DriveRoute {
            points: route,
            lines: Vec::new(),
            is_complete: true,
        })
    }

    /// The same on a route with lights, which may end before the goal, because the goal is too far to know the whole way.
    #[must_use]
    pub fn on(route: DriveRoute) -> Self {
        let DriveRoute {
            mut points,
            lines,
            is_complete,
        } = route;
        points.dedup_by(|a, b| a.distance_squared(*b) < 0.01);
        let mut from_start_m = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (number, point) in points.iter().enumerate() {
            sum += number
                .checked_sub(1)
                .map_or(0.0, |before| points[before].distance(*point));
            from_start_m.push(sum as f32);
        }
        let lines = placed(&points, &from_start_m, lines);
        Self {
            leads_to_the_goal: is_complete,
            route: points,
            from_start_m,
            lines,
            leg: 0,
            stuck_secs: 0.0,
            backing_secs: 0.0,
            backing_steer: 0.0,
            tries: 0,
            left_at_last_try_m: f32::INFINITY,
            has_joined: false,
            standoff: Standoff::default(),
            last_steer: 0.0,
        }
    }

    /// The points of the route, world x and z in metres.
    #[must_use]
    pub fn route(&self) -> &[DVec2] {
        &self.route
    }

    /// Whether the end of the route is where the car is to go.
    #[must_use]
    pub const fn leads_to_the_goal(&self) -> bool {
        self.leads_to_the_goal
    }

    /// Decides the next step of `dt` seconds on an empty road.
    pub fn drive(&mut self, motion: &CarMotion, dt: f32) -> (DriverInput, Progress) {
        self.drive_among(motion, &RoadAhead::default(), dt)
    }

    /// How far the next line is at which a light stops the car, from its middle in metres. `shows` says what the light of a
    /// line shows now.
    #[must_use]
    pub fn stop_ahead(
        &self,
        motion: &CarMotion,
        shows: impl Fn(&StopLine) -> Signal,
    ) -> Option<f32> {
        let (leg, ahead) = self.find(motion.position)?;
        let along_m = self.from_start_m.get(leg)? + ahead.along_m;
        let speed = motion.forward_speed().max(0.0);
        let first = self
            .lines
            .partition_point(|(line_m, _)| *line_m < along_m + NOSE_M - OVER_LINE_M);
        self.lines[first..]
            .iter()
            .map(|(line_m, line)| (line_m - along_m, line))
            .take_while(|(distance_m, _)| *distance_m < LOOK_AHEAD_M)
            .find(|(distance_m, line)| match shows(line) {
                Signal::Green => false,
                Signal::Red => true,
                Signal::Amber => {
                    let room_m = (distance_m - NOSE_M).max(0.1);
                    speed * speed / (2.0 * room_m) < AMBER_BRAKE_MPS2
                }
            })
            .map(|(distance_m, _)| distance_m)
    }

    /// What of others is first on the way, and its distance from the middle of the car in metres. `find` says what there
    /// is at a place of the way, and in which direction that goes there.
    #[must_use]
    pub fn first_ahead<T>(
        &self,
        position: DVec2,
        reach_m: f32,
        find: impl Fn(DVec2, Vec2) -> Option<T>,
    ) -> Option<(f32, T)> {
        const STEP_M: f32 = 1.5;
        let (leg, ahead) = self.find(position)?;
        if self.route.len() < 2 {
            return None;
        }
        let mut before = position;
        for step in 2..(reach_m / STEP_M) as u32 {
            let along_m = step as f32 * STEP_M;
            if along_m > ahead.left_m + STEP_M {
                break;
            }
            let place = self.point_at(leg, ahead.along_m + along_m);
            let way = (place - before).as_vec2().normalize_or_zero();
            if let Some(found) = find(place, way) {
                return Some((along_m, found));
            }
            before = place;
        }
        None
    }

    /// Decides the next step of `dt` seconds among others and lights.
    pub fn drive_among(
        &mut self,
        motion: &CarMotion,
        road: &RoadAhead,
        dt: f32,
    ) -> (DriverInput, Progress) {
        let position = motion.position;
        let Some(ahead) = self.locate(position) else {
            return (DriverInput::PARKED, Progress::Arrived);
        };
        let speed = motion.forward_speed();
        if ahead.left_m < ARRIVE_M * 0.7 {
            let progress = if speed.abs() < 0.3 {
                Progress::Arrived
            } else {
                Progress::Driving
            };
            return (DriverInput::PARKED, progress);
        }
        self.has_joined |= ahead.aside_m < JOINED_M;
        let strayed = self.has_joined && ahead.aside_m > OFF_ROUTE_M;
        if strayed || self.tries > TRIES_PER_ROUTE {
            return (DriverInput::PARKED, Progress::Lost);
        }

        let reach = (4.5 + 0.45 * speed.abs()).min(20.0);
        let aim = (self.point_at(self.leg, ahead.along_m + reach) - position).as_vec2();
        let aside = aim.dot(right_of(motion.yaw));
        let onward = aim.dot(forward_of(motion.yaw));
        if self.backing_secs > 0.0 {
            self.backing_secs -= dt;
            let input = DriverInput {
                pedal: -1.0,
                steer: self.backing_steer,
                handbrake: false,
            };
            return (input, Progress::Driving);
        }

        let back = DriverInput {
            pedal: BACK_PEDAL,
            steer: self.last_steer,
            handbrake: false,
        };
        match self.standoff.judge(speed, road, dt) {
            Stand::None => {}
            Stand::Back => return (back, Progress::Driving),
            Stand::Yield => return (DriverInput::PARKED, Progress::Driving),
            Stand::GiveUp => return (DriverInput::PARKED, Progress::Lost),
        }
        let curvature = 2.0 * aside / aim.length_squared().max(1.0);
        let (steer, bend_speed) = if onward > 0.0 {
            let angle = (WHEELBASE_M * curvature).atan();
            let fits = (BEND_GRIP_MPS2 / curvature.abs().max(1e-4)).sqrt();
            ((angle / steer_limit(speed)).clamp(-1.0, 1.0), fits.max(4.0))
        } else {
            // The route is behind: turn round slowly on full lock.
            (aside.signum(), 4.0)
        };
        let behind = road.leader.map_or(f32::MAX, |leader| {
            let (gap, speed_mps) = (leader.distance_m - NOSE_M - KEEP_M, leader.speed_mps);
            if gap <= 0.0 {
                0.0
            } else {
                (speed_mps * speed_mps + BRAKE_MPS2 * gap).sqrt()
            }
        });
        let to_line = road.line_m.map_or(f32::MAX, |distance_m| {
            let gap = distance_m - NOSE_M - BEFORE_LINE_M;
            // The last bit is rolled: braking as gently as from afar would end before the line.
            if gap <= 0.0 {
                0.0
            } else {
                (2.0 * 0.7 * BRAKE_MPS2 * gap).sqrt()
            }
        });
        let target = (self.speed_allowed(&ahead).min(bend_speed))
            .min(behind)
            .min(to_line);
        self.last_steer = steer;
        self.notice_stuck(speed, target, aside, ahead.left_m, dt);
        let error = target - speed;
        let pedal = if error >= 0.0 {
            (0.15 + error * 0.4).min(1.0)
        } else if error < -0.7 && speed > 0.5 {
            (error * 0.25).max(-1.0)
        } else {
            0.0
        };
        let input = DriverInput {
            pedal,
            steer,
            handbrake: false,
        };
        (input, Progress::Driving)
    }

    fn notice_stuck(&mut self, speed: f32, target: f32, aside: f32, left_m: f32, dt: f32) {
        if speed.abs() > 0.4 || target < 0.5 {
            self.stuck_secs = 0.0;
            return;
        }
        self.stuck_secs += dt;
        if self.stuck_secs < STUCK_SECS {
            return;
        }
        self.tries = if left_m < self.left_at_last_try_m - 15.0 {
            1
        } else {
            self.tries + 1
        };
        self.left_at_last_try_m = left_m;
        self.stuck_secs = 0.0;
        self.backing_secs = 1.4 + 0.5 * self.tries as f32;
        // Alternate sides after the first tries: the way out may be on the other one.
        let side = if self.tries.is_multiple_of(3) {
            -1.0
        } else {
            1.0
        };
        self.backing_steer = -aside.signum() * side;
    }

    fn leg_length(&self, leg: usize) -> f32 {
        self.from_start_m[leg + 1] - self.from_start_m[leg]
    }

    /// Finds the car on the route and remembers the leg: it never goes back to an earlier one.
    fn locate(&mut self, position: DVec2) -> Option<Ahead> {
        let (leg, ahead) = self.find(position)?;
        self.leg = leg;
        Some(ahead)
    }

    /// The leg that the car is on, and where on it.
    fn find(&self, position: DVec2) -> Option<(usize, Ahead)> {
        let end = *self.route.last()?;
        if self.route.len() < 2 {
            let left_m = position.distance(end) as f32;
            let ahead = Ahead {
                aside_m: 0.0,
                along_m: 0.0,
                left_m,
            };
            return Some((0, ahead));
        }
        let on_leg = |leg: usize| {
            let (from, to) = (self.route[leg], self.route[leg + 1]);
            let way = to - from;
            let share = ((position - from).dot(way) / way.length_squared()).clamp(0.0, 1.0);
            (share, position.distance(from + way * share) as f32)
        };
        let last = self.route.len() - 2;
        let mut at = self.leg;
        let (mut share, mut aside_m) = on_leg(at);
        while at < last {
            let next = on_leg(at + 1);
            if share < 1.0 && next.1 > aside_m {
                break;
            }
            at += 1;
            (share, aside_m) = next;
        }
        let along_m = share as f32 * self.leg_length(at);
        let left_m = self.from_start_m[last + 1] - self.from_start_m[at] - along_m;
        let ahead = Ahead {
            aside_m,
            along_m,
            left_m,
        };
        Some((at, ahead))
    }

    /// The point of the route so many metres after the start of a leg; the end beyond it.
    fn point_at(&self, from_leg: usize, mut along_m: f32) -> DVec2 {
        for leg in from_leg..self.route.len().saturating_sub(1) {
            let length = self.leg_length(leg);
            if along_m <= length {
                let share = f64::from(along_m / length.max(1e-3));
                return self.route[leg].lerp(self.route[leg + 1], share);
            }
            along_m -= length;
        }
        self.route[self.route.len() - 1]
    }

    /// The speed from which each bend ahead and the end can still be met with gentle brakes, m/s.
    fn speed_allowed(&self, ahead: &Ahead) -> f32 {
        let braking_from = |speed: f32, distance: f32| {
            (speed * speed + 2.0 * BRAKE_MPS2 * distance.max(0.0)).sqrt()
        };
        let mut allowed = CRUISE_MPS.min(braking_from(0.0, ahead.left_m - 2.0).max(1.0));
        let mut distance = -ahead.along_m;
        for corner in self.leg + 1..self.route.len().saturating_sub(1) {
            distance += self.leg_length(corner - 1);
            if distance > LOOK_AHEAD_M {
                break;
            }
            let before = (self.route[corner] - self.route[corner - 1]).as_vec2();
            let after = (self.route[corner + 1] - self.route[corner]).as_vec2();
            let turn = before.angle_to(after).abs();
            let tangent = TANGENT_M
                .min(before.length() / 2.0)
                .min(after.length() / 2.0);
            let radius = tangent / (turn / 2.0).tan().max(1e-3);
            let corner_speed = (BEND_GRIP_MPS2 * radius).sqrt().max(3.0);
            allowed = allowed.min(braking_from(corner_speed, distance - TANGENT_M));
        }
        allowed
    }
}

/// Puts lines on the route: each at the point nearest to it after the line before.
fn placed(points: &[DVec2], from_start_m: &[f32], lines: Vec<StopLine>) -> Vec<(f32, StopLine)> {
    /// A line farther from the route than this is of another way, metres.
    const ON_ROUTE_M: f64 = 6.0;
    let mut placed = Vec::with_capacity(lines.len());
    let mut from = 0;
    for line in lines {
        let near = points
            .windows(2)
            .enumerate()
            .skip(from)
            .map(|(leg, pair)| {
                let way = pair[1] - pair[0];
                let share =
                    ((line.place - pair[0]).dot(way) / way.length_squared()).clamp(0.0, 1.0);
                (leg, share, line.place.distance(pair[0] + way * share))
            })
            // The first that comes near counts: a route may pass a place twice.
            .skip_while(|(_, _, away_m)| *away_m > ON_ROUTE_M)
            .take_while(|(_, _, away_m)| *away_m <= ON_ROUTE_M)
            .min_by(|a, b| a.2.total_cmp(&b.2));
        if let Some((leg, share, _)) = near {
            let along_m = share as f32 * (from_start_m[leg + 1] - from_start_m[leg]);
            placed.push((from_start_m[leg] + along_m, line));
            from = leg;
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use bevy::math::DVec3;

    use super::*;
    use crate::game::collision::Solid;

    const DT: f32 = 1.0 / 64.0;

    fn run(driver: &mut RouteDriver, car: &mut CarMotion, boxes: &[Solid], secs: f32) -> Progress {
        let mut elapsed = 0.0;
        while elapsed < secs {
            let (input, progress) = driver.drive(car, DT);
            if progress != Progress::Driving {
                return progress;
            }
            car.advance(input, boxes, 0.0, DT);
            elapsed += DT;
        }
        Progress::Driving
    }

    fn route(points: &[[f64; 2]]) -> Vec<DVec2> {
        points.iter().copied().map(DVec2::from).collect()
    }

    #[test]
    fn corners_are_driven_close_to_the_route_and_the_end_is_reached() {
        let mut driver = RouteDriver::new(route(&[
            [0.0, 0.0],
            [0.0, -200.0],
            [150.0, -200.0],
            [150.0, -400.0],
        ]));
        let mut car = CarMotion::default();
        let mut worst = 0.0_f32;
        for _ in 0..64 * 90 {
            let (input, progress) = driver.drive(&car, DT);
            if progress == Progress::Arrived {
                break;
            }
            car.advance(input, &[], 0.0, DT);
            let ahead = driver.locate(car.position).unwrap();
            worst = worst.max(ahead.aside_m);
        }
        assert!(car.position.distance(DVec2::new(150.0, -400.0)) < f64::from(ARRIVE_M));
        assert!(worst < 3.5, "left the route by {worst} m");
    }

    #[test]
    fn a_route_that_starts_behind_the_car_is_still_driven() {
        let mut driver = RouteDriver::new(route(&[[0.0, 0.0], [0.0, 120.0]]));
        let mut car = CarMotion::default();
        assert_eq!(run(&mut driver, &mut car, &[], 60.0), Progress::Arrived);
        assert!(car.position.distance(DVec2::new(0.0, 120.0)) < f64::from(ARRIVE_M));
    }

    #[test]
    fn a_car_with_its_nose_in_a_wall_backs_off_and_goes_on() {
        let wall = Solid::new(DVec3::new(-30.0, 0.0, -13.0), DVec3::new(0.5, 3.0, -12.0));
        let mut driver = RouteDriver::new(route(&[[0.0, 0.0], [12.0, -6.0], [12.0, -80.0]]));
        let mut car = CarMotion::at(DVec2::new(-1.0, -9.6), 0.0);
        assert_eq!(run(&mut driver, &mut car, &[wall], 60.0), Progress::Arrived);
    }

    #[test]
    fn a_car_that_left_its_route_asks_for_another() {
        let mut driver = RouteDriver::new(route(&[[0.0, 0.0], [0.0, -100.0]]));
        let far = CarMotion::at(DVec2::new(80.0, -50.0), 0.0);
        assert_eq!(driver.drive(&far, DT).1, Progress::Driving);
        let on_route = CarMotion::at(DVec2::new(1.0, -50.0), 0.0);
        assert_eq!(driver.drive(&on_route, DT).1, Progress::Driving);
        assert_eq!(driver.drive(&far, DT).1, Progress::Lost);
    }

    #[test]
    fn a_red_light_stops_the_car_before_its_line_and_green_lets_it_go() {
        let map = crate::city::LaneGraph::new(7).signals_near(DVec2::ZERO, 700.0);
        let line = StopLine {
            place: DVec2::new(0.5, -150.0),
            junction: map[0],
            arm: crate::city::ArmSide::South,
        };
        let mut driver = RouteDriver::on(DriveRoute {
            points: vec![
                DVec2::ZERO,
                DVec2::new(0.0, -120.0),
                DVec2::new(0.0, -400.0),
            ],
            lines: vec![line],
            is_complete: true,
        });
        let mut car = CarMotion::default();
        let mut drive = |car: &mut CarMotion, light: Signal, secs: u32| {
            let mut progress = Progress::Driving;
            for _ in 0..secs * 64 {
                let stop = driver.stop_ahead(car, |_| light);
                let road = RoadAhead {
                    line_m: stop,
                    ..RoadAhead::default()
                };
                let (input, now) = driver.drive_among(car, &road, DT);
                car.advance(input, &[], 0.0, DT);
                progress = now;
            }
            progress
        };
        assert_eq!(
            drive(&mut car, Signal::Red, 40),
            Progress::Driving,
            "to wait is not to be lost"
        );
        let nose_m = 150.0 + car.position.y - f64::from(NOSE_M);
        assert!(
            (-0.3..3.0).contains(&nose_m),
            "stands {nose_m} m before the line"
        );
        assert!(car.velocity.length() < 0.05);
        assert_eq!(drive(&mut car, Signal::Green, 60), Progress::Arrived);
        // Amber: who is near and fast goes on, who is far stops.
        let mut driver = RouteDriver::on(DriveRoute {
            points: vec![DVec2::ZERO, DVec2::new(0.0, -400.0)],
            lines: vec![line],
            is_complete: true,
        });
        let mut car = CarMotion::at(DVec2::new(0.0, -130.0), 0.0);
        car.velocity = Vec2::new(0.0, -14.0);
        driver.drive(&car, DT);
        assert_eq!(driver.stop_ahead(&car, |_| Signal::Amber), None);
        assert!(driver.stop_ahead(&car, |_| Signal::Red).is_some());
        let mut car = CarMotion::at(DVec2::new(0.0, -100.0), 0.0);
        car.velocity = Vec2::new(0.0, -14.0);
        assert!(driver.stop_ahead(&car, |_| Signal::Amber).is_some());
        // Beyond the line nobody stops for its light.
        let car = CarMotion::at(DVec2::new(0.0, -151.0), 0.0);
        assert_eq!(driver.stop_ahead(&car, |_| Signal::Red), None);
    }

    #[test]
    fn an_empty_route_is_an_arrival() {
        let mut driver = RouteDriver::new(Vec::new());
        assert_eq!(driver.drive(&CarMotion::default(), DT).1, Progress::Arrived);
    }
}
