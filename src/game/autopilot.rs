//! A driver that follows a route with the same pedals as the keyboard. Pure: route and motion in, input out.
//!
//! Steering aims at a point ahead on the route; speed is what bends and the end allow from here with gentle brakes; a car
//! that does not move backs off with the wheels turned the other way and tries again.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::body::{forward_of, right_of};
use super::car::{CarMotion, DriverInput, WHEELBASE_M, steer_limit};

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
const TRIES_PER_ROUTE: u32 = 4;

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
    /// The leg the car is on, from `route[leg]` to `route[leg + 1]`.
    leg: usize,
    stuck_secs: f32,
    backing_secs: f32,
    backing_steer: f32,
    tries: u32,
    left_at_last_try_m: f32,
    /// Whether the car has been on the route; before that it may be far from it.
    has_joined: bool,
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
        Self::on(route, true)
    }

    /// The same on a route that may end before the goal, because the goal is too far to know the whole way.
    #[must_use]
    pub fn on(mut route: Vec<DVec2>, leads_to_the_goal: bool) -> Self {
        route.dedup_by(|a, b| a.distance_squared(*b) < 0.01);
        Self {
            leads_to_the_goal,
            route,
            leg: 0,
            stuck_secs: 0.0,
            backing_secs: 0.0,
            backing_steer: 0.0,
            tries: 0,
            left_at_last_try_m: f32::INFINITY,
            has_joined: false,
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

    /// Decides the next step of `dt` seconds.
    pub fn drive(&mut self, motion: &CarMotion, dt: f32) -> (DriverInput, Progress) {
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
        let aim = (self.point_at(ahead.along_m + reach) - position).as_vec2();
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

        let curvature = 2.0 * aside / aim.length_squared().max(1.0);
        let (steer, bend_speed) = if onward > 0.0 {
            let angle = (WHEELBASE_M * curvature).atan();
            let fits = (BEND_GRIP_MPS2 / curvature.abs().max(1e-4)).sqrt();
            ((angle / steer_limit(speed)).clamp(-1.0, 1.0), fits.max(4.0))
        } else {
            // The route is behind: turn round slowly on full lock.
            (aside.signum(), 4.0)
        };
        let target = self.speed_allowed(&ahead).min(bend_speed);
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
        self.route[leg].distance(self.route[leg + 1]) as f32
    }

    /// Finds the car on the route, never going back to an earlier leg.
    fn locate(&mut self, position: DVec2) -> Option<Ahead> {
        let end = *self.route.last()?;
        if self.route.len() < 2 {
            let left_m = position.distance(end) as f32;
            return Some(Ahead {
                aside_m: 0.0,
                along_m: 0.0,
                left_m,
            });
        }
        let on_leg = |leg: usize| {
            let (from, to) = (self.route[leg], self.route[leg + 1]);
            let way = to - from;
            let share = ((position - from).dot(way) / way.length_squared()).clamp(0.0, 1.0);
            (share, position.distance(from + way * share) as f32)
        };
        let last = self.route.len() - 2;
        let (mut share, mut aside_m) = on_leg(self.leg);
        while self.leg < last {
            let next = on_leg(self.leg + 1);
            if share < 1.0 && next.1 > aside_m {
                break;
            }
            self.leg += 1;
            (share, aside_m) = next;
        }
        let length = self.leg_length(self.leg);
        let along_m = share as f32 * length;
        let rest: f32 = (self.leg + 1..=last).map(|leg| self.leg_length(leg)).sum();
        Some(Ahead {
            aside_m,
            along_m,
            left_m: length - along_m + rest,
        })
    }

    /// The point of the route so many metres after the start of the current leg; the end beyond it.
    fn point_at(&self, mut along_m: f32) -> DVec2 {
        for leg in self.leg..self.route.len().saturating_sub(1) {
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
    fn an_empty_route_is_an_arrival() {
        let mut driver = RouteDriver::new(Vec::new());
        assert_eq!(driver.drive(&CarMotion::default(), DT).1, Progress::Arrived);
    }
}
