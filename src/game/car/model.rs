//! How a car moves: a kinematic bicycle with a limit of grip, and circles against walls. Pure functions, no ECS.
//!
//! The bicycle says how fast the nose *wants* to turn; the tyres say how fast velocity can follow it. While they can, the
//! car goes where it points; beyond that, or with the handbrake, it slides.

use bevy::math::DVec2;
use bevy::prelude::*;

use crate::game::body::{forward_of, right_of};
use crate::game::collision::Solid;

/// Distance between the axles in metres.
pub const WHEELBASE_M: f32 = 2.6;
/// Distance between left and right wheels in metres.
pub const TRACK_M: f32 = 1.66;
/// Radius of a wheel in metres.
pub const WHEEL_RADIUS_M: f32 = 0.33;
/// Radius in metres of each of the circles that stand for the car's outline.
pub const CIRCLE_RADIUS_M: f32 = 0.92;
/// The car's outline as circles on its long axis, metres ahead of the middle.
pub const CIRCLE_OFFSETS_M: [f32; 3] = [-1.35, 0.0, 1.35];
/// Largest angle of the front wheels in radians.
pub const STEER_MAX: f32 = 0.6;

const TRACTION_MPS2: f32 = 5.6;
const POWER_W_PER_KG: f32 = 118.0;
const DRAG_PER_M: f32 = 0.0009;
const ROLLING_MPS2: f32 = 0.12;
const BRAKE_MPS2: f32 = 9.0;
const HANDBRAKE_MPS2: f32 = 6.5;
const REVERSE_MPS2: f32 = 3.5;
const GRAVITY_MPS2: f32 = 9.81;
/// Slower than this a car whose pedals nobody touches holds itself on a slope, m/s; and how strongly.
const HOLD_BELOW_MPS: f32 = 0.6;
const HOLD_MPS2: f32 = 3.0;
const REVERSE_MAX_MPS: f32 = 9.0;
const GRIP_MPS2: f32 = 9.5;
const SLIDE_GRIP_MPS2: f32 = 6.5;
const HANDBRAKE_GRIP_MPS2: f32 = 3.2;
/// Share of the grip that steering asks for at most at speed, so that a keyboard can hold the road.
const STEER_GRIP_SHARE: f32 = 1.25;
const STEER_SECS: f32 = 0.22;
const YAW_AGILITY: f32 = 12.0;
const BOUNCE: f32 = 0.18;
const SCRAPE: f32 = 0.3;
/// A step is cut into pieces no longer than this; the circles are wider, so no wall is passed.
const PIECE_M: f32 = 0.35;

/// What the driver does, whoever it is: keyboard or autopilot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DriverInput {
    /// -1 (brake, then reverse) to 1 (full throttle).
    pub pedal: f32,
    /// -1 (left) to 1 (right).
    pub steer: f32,
    /// Whether the handbrake is pulled.
    pub handbrake: bool,
}

impl DriverInput {
    /// What a parked car does.
    pub const PARKED: Self = Self {
        pedal: 0.0,
        steer: 0.0,
        handbrake: true,
    };
}

/// Where a car is on the plane (x, z) and how it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CarMotion {
    /// Middle of the car in the world, metres.
    pub position: DVec2,
    /// Rotation about y in radians.
    pub yaw: f32,
    /// Velocity on the plane, m/s.
    pub velocity: Vec2,
    /// Angle of the front wheels in radians, right is positive.
    pub steer: f32,
    /// Rotation in radians per second.
    pub yaw_rate: f32,
    /// Acceleration along and across in m/s², for the springs.
    pub acceleration: Vec2,
    /// How far the wheels have rolled, metres.
    pub rolled_m: f32,
    /// How much the ground rises per metre towards the nose.
    pub grade: f32,
}

/// The largest angle of the front wheels at a speed: full lock when slow, the grip's share when fast.
#[must_use]
pub fn steer_limit(speed_mps: f32) -> f32 {
    let at_grip = WHEELBASE_M * GRIP_MPS2 * STEER_GRIP_SHARE / speed_mps.powi(2).max(1.0);
    at_grip.atan().min(STEER_MAX)
}

impl CarMotion {
    /// A car at rest.
    #[must_use]
    pub fn at(position: DVec2, yaw: f32) -> Self {
        Self {
            position,
            yaw,
            ..default()
        }
    }

    /// Speed along the nose in m/s; negative in reverse.
    #[must_use]
    pub fn forward_speed(&self) -> f32 {
        self.velocity.dot(forward_of(self.yaw))
    }

    /// Speed across the nose in m/s: how much it slides.
    #[must_use]
    pub fn slide_speed(&self) -> f32 {
        self.velocity.dot(right_of(self.yaw))
    }

    /// Middles of the circles that stand for the outline.
    #[must_use]
    pub fn circles(&self) -> [DVec2; 3] {
        CIRCLE_OFFSETS_M.map(|offset| self.position + (forward_of(self.yaw) * offset).as_dvec2())
    }

    /// Moves for `dt` seconds among boxes, standing on `floor_m`. Returns the hardest impact in m/s, 0 without one.
    pub fn advance(&mut self, input: DriverInput, boxes: &[Solid], floor_m: f64, dt: f32) -> f32 {
        let before = self.velocity;
        self.turn_wheels(input, dt);
        self.push_along(input, dt);
        self.turn_nose(input, dt);
        self.grip(input, dt);
        let gained = (self.velocity - before) / dt;
        self.acceleration = Vec2::new(
            gained.dot(forward_of(self.yaw)),
            gained.dot(right_of(self.yaw)),
        );

        let pieces = (self.velocity.length() * dt / PIECE_M).ceil().max(1.0);
        let mut impact = 0.0_f32;
        for _ in 0..pieces as u32 {
            self.position += (self.velocity * dt / pieces).as_dvec2();
            impact = impact.max(self.leave_boxes(boxes, floor_m));
        }
        self.rolled_m += self.forward_speed() * dt;
        impact
    }

    fn turn_wheels(&mut self, input: DriverInput, dt: f32) {
        let limit = steer_limit(self.forward_speed());
        let target = input.steer.clamp(-1.0, 1.0) * limit;
        let reach = limit * dt / STEER_SECS;
        self.steer = (self.steer + (target - self.steer).clamp(-reach, reach)).clamp(-limit, limit);
    }

    fn push_along(&mut self, input: DriverInput, dt: f32) {
        let speed = self.forward_speed();
        let pedal = input.pedal.clamp(-1.0, 1.0);
        let engine = TRACTION_MPS2.min(POWER_W_PER_KG / speed.abs().max(1.0));
        let downhill = -GRAVITY_MPS2 * self.grade / self.grade.hypot(1.0);
        let (mut push, mut hold) = (0.0, ROLLING_MPS2 + DRAG_PER_M * speed * speed);
        if pedal > 0.0 && speed > -0.3 {
            push = pedal * engine;
        } else if pedal < 0.0 && speed < 0.3 {
            if speed > -REVERSE_MAX_MPS {
                push = pedal * REVERSE_MPS2;
            }
        } else {
            hold += pedal.abs() * BRAKE_MPS2;
        }
        if pedal == 0.0 && speed.abs() < HOLD_BELOW_MPS {
            hold += HOLD_MPS2;
        }
        if input.handbrake {
            push = 0.0;
            hold += HANDBRAKE_MPS2;
        }
        // Whatever holds the car stops it but never drives it back.
        let pushed = speed + (push + downhill) * dt;
        let held = pushed.signum() * (pushed.abs() - hold * dt).max(0.0);
        self.velocity += forward_of(self.yaw) * (held - speed);
    }

    fn turn_nose(&mut self, input: DriverInput, dt: f32) {
        let speed = self.forward_speed();
        let grip = if input.handbrake {
            GRIP_MPS2 * 1.9
        } else {
            GRIP_MPS2
        };
        let fastest = grip / self.velocity.length().max(1.0);
        let wanted = (-speed * self.steer.tan() / WHEELBASE_M).clamp(-fastest, fastest);
        let reach = YAW_AGILITY * dt;
        self.yaw_rate += (wanted - self.yaw_rate).clamp(-reach, reach);
        self.yaw = (self.yaw + self.yaw_rate * dt + std::f32::consts::PI)
            .rem_euclid(std::f32::consts::TAU)
            - std::f32::consts::PI;
    }

    fn grip(&mut self, input: DriverInput, dt: f32) {
        let (forward, right) = (forward_of(self.yaw), right_of(self.yaw));
        let (along, across) = (self.velocity.dot(forward), self.velocity.dot(right));
        let grip = if input.handbrake {
            HANDBRAKE_GRIP_MPS2
        } else if across.abs() > 2.0 {
            SLIDE_GRIP_MPS2
        } else {
            GRIP_MPS2
        };
        let left_over = across.signum() * (across.abs() - grip * dt).max(0.0);
        self.velocity = if left_over == 0.0 && !input.handbrake {
            // Rolling round a bend costs no speed.
            forward * along.signum() * self.velocity.length()
        } else {
            forward * along + right * left_over
        };
    }

    /// Moves out of every box, loses the speed into it and some along it, and turns with the blow.
    fn leave_boxes(&mut self, boxes: &[Solid], floor_m: f64) -> f32 {
        let mut impact = 0.0_f32;
        for _ in 0..4 {
            let deepest = boxes
                .iter()
                .filter(|solid| solid.blocks(floor_m + 0.35, floor_m + 1.4))
                .flat_map(|solid| {
                    self.circles().into_iter().zip(CIRCLE_OFFSETS_M).filter_map(
                        move |(circle, offset)| {
                            solid
                                .push_out(circle, CIRCLE_RADIUS_M)
                                .map(|push| (push, offset))
                        },
                    )
                })
                .max_by(|a, b| a.0.length_squared().total_cmp(&b.0.length_squared()));
            let Some((push, offset)) = deepest else {
                break;
            };
            let depth = push.length();
            if depth < 1e-4 {
                break;
            }
            let normal = push / depth;
            self.position += push.as_dvec2();
            let arm = forward_of(self.yaw) * offset;
            let twist = arm.y * normal.x - arm.x * normal.y;
            self.yaw += (twist * depth * 0.25).clamp(-0.05, 0.05);
            let into = -self.velocity.dot(normal);
            if into > 0.0 {
                impact = impact.max(into);
                self.velocity += normal * into * (1.0 + BOUNCE);
                let along = self.velocity - normal * self.velocity.dot(normal);
                let kept = (along.length() - SCRAPE * into).max(0.0);
                self.velocity -= along - along.normalize_or_zero() * kept;
                self.yaw_rate += (twist * into * 0.12).clamp(-2.5, 2.5);
            }
        }
        impact
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::DVec3;

    use super::*;

    const DT: f32 = 1.0 / 64.0;
    const THROTTLE: DriverInput = DriverInput {
        pedal: 1.0,
        steer: 0.0,
        handbrake: false,
    };

    fn drive(car: &mut CarMotion, input: DriverInput, boxes: &[Solid], secs: f32) {
        for _ in 0..(secs / DT) as u32 {
            car.advance(input, boxes, 0.0, DT);
        }
    }

    #[test]
    fn a_car_reaches_a_hundred_in_about_six_seconds_and_stays_under_its_top_speed() {
        let mut car = CarMotion::default();
        let mut secs = 0.0;
        while car.forward_speed() < 100.0 / 3.6 {
            car.advance(THROTTLE, &[], 0.0, DT);
            secs += DT;
            assert!(secs < 10.0, "too slow");
        }
        assert!((5.0..7.5).contains(&secs), "0-100 km/h took {secs} s");
        drive(&mut car, THROTTLE, &[], 120.0);
        let top = car.forward_speed();
        assert!((45.0..52.0).contains(&top), "top speed {top} m/s");
    }

    #[test]
    fn the_handbrake_stops_the_car_and_holds_it() {
        let mut car = CarMotion {
            velocity: Vec2::new(0.0, -20.0),
            ..default()
        };
        drive(&mut car, DriverInput::PARKED, &[], 4.0);
        assert_eq!(car.velocity, Vec2::ZERO);
        assert!((15.0..60.0).contains(&-car.position.y), "{}", car.position);
        let parked = car.position;
        drive(&mut car, DriverInput::PARKED, &[], 1.0);
        assert_eq!(car.position, parked);
    }

    #[test]
    fn a_slope_slows_the_car_down_drives_it_back_and_is_held_at_rest() {
        let speed_after = |grade: f32, secs: f32| {
            let mut car = CarMotion {
                grade,
                ..CarMotion::default()
            };
            drive(&mut car, THROTTLE, &[], secs);
            car.forward_speed()
        };
        assert!(speed_after(0.08, 5.0) < speed_after(0.0, 5.0) - 2.0);
        assert!(speed_after(-0.08, 5.0) > speed_after(0.0, 5.0) + 1.0);
        assert!(speed_after(0.25, 20.0) > 10.0, "climbs what a city has");
        let mut car = CarMotion {
            grade: 0.09,
            velocity: Vec2::new(0.0, -3.0),
            ..default()
        };
        drive(&mut car, DriverInput::default(), &[], 6.0);
        let there = car;
        drive(&mut car, DriverInput::default(), &[], 6.0);
        assert_eq!((car.position, car.velocity), (there.position, Vec2::ZERO));
        car.velocity = Vec2::new(0.0, 2.0);
        drive(&mut car, DriverInput::default(), &[], 2.0);
        assert!(car.forward_speed() < -2.5, "rolls back: {car:?}");
    }

    #[test]
    fn braking_leads_into_reverse() {
        let mut car = CarMotion {
            velocity: Vec2::new(0.0, -10.0),
            ..default()
        };
        let brake = DriverInput {
            pedal: -1.0,
            ..default()
        };
        drive(&mut car, brake, &[], 1.0);
        assert!(car.forward_speed() > 0.0);
        drive(&mut car, brake, &[], 3.0);
        assert!(car.forward_speed() < -3.0);
        drive(&mut car, brake, &[], 10.0);
        assert!(car.forward_speed() >= -REVERSE_MAX_MPS - 0.1);
    }

    #[test]
    fn no_wall_is_passed_at_top_speed_however_thin() {
        let wall = Solid::new(
            DVec3::new(-900.0, 0.0, -60.2),
            DVec3::new(900.0, 3.0, -60.0),
        );
        for angle in [0.0, 0.3, 0.7] {
            let mut car = CarMotion {
                yaw: angle,
                velocity: forward_of(angle) * 50.0,
                ..default()
            };
            for _ in 0..300 {
                car.advance(THROTTLE, &[wall], 0.0, DT);
                for circle in car.circles() {
                    assert!(circle.y > -60.0, "inside or behind the wall: {circle}");
                }
            }
        }
    }

    #[test]
    fn a_head_on_crash_costs_most_of_the_speed_and_a_scrape_little() {
        let wall = Solid::new(
            DVec3::new(-500.0, 0.0, -61.0),
            DVec3::new(500.0, 3.0, -60.0),
        );
        let crash = |angle: f32| {
            let mut car = CarMotion {
                yaw: angle,
                velocity: forward_of(angle) * 20.0,
                position: DVec2::new(0.0, -55.0),
                ..default()
            };
            for _ in 0..200 {
                if car.advance(DriverInput::default(), &[wall], 0.0, DT) > 0.0 {
                    return car.velocity.length();
                }
            }
            panic!("no contact at {angle}");
        };
        assert!(crash(0.0) < 6.0);
        assert!(crash(1.45) > 15.0);
    }

    #[test]
    fn steering_right_turns_right_and_less_at_speed() {
        let mut slow = CarMotion {
            velocity: Vec2::new(0.0, -6.0),
            ..default()
        };
        let right = DriverInput {
            pedal: 0.3,
            steer: 1.0,
            handbrake: false,
        };
        drive(&mut slow, right, &[], 1.0);
        assert!(slow.position.x > 0.5 && slow.yaw < -0.5, "{slow:?}");
        assert!(steer_limit(40.0) < steer_limit(10.0) && steer_limit(2.0) == STEER_MAX);
    }

    #[test]
    fn the_handbrake_makes_the_car_slide_and_grip_catches_it() {
        let mut car = CarMotion {
            velocity: Vec2::new(0.0, -16.0),
            ..default()
        };
        let turn = DriverInput {
            pedal: 0.0,
            steer: 1.0,
            handbrake: true,
        };
        drive(&mut car, turn, &[], 0.8);
        assert!(car.slide_speed().abs() > 2.0, "{car:?}");
        drive(&mut car, DriverInput::default(), &[], 2.5);
        assert!(car.slide_speed().abs() < 0.3, "{car:?}");
    }

    #[test]
    fn a_bend_within_the_grip_costs_hardly_any_speed() {
        let mut car = CarMotion {
            velocity: Vec2::new(0.0, -12.0),
            ..default()
        };
        let bend = DriverInput {
            pedal: 0.0,
            steer: 0.3,
            handbrake: false,
        };
        drive(&mut car, bend, &[], 1.0);
        assert!(car.forward_speed() > 11.0, "{car:?}");
    }
}
