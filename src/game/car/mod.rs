//! The car: its place in the world, its springs, and the step that moves it. It is no part of any chunk.

mod model;
mod visual;

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

pub use model::{
    CIRCLE_OFFSETS_M, CIRCLE_RADIUS_M, CarMotion, DriverInput, STEER_MAX, TRACK_M, WHEEL_RADIUS_M,
    WHEELBASE_M, steer_limit,
};

use super::GameSet;
use super::body::{Body, Footing, forward_of, right_of};
use super::collision::{CollisionIndex, Solid};
use super::control::Control;
use super::pilot::Autopilot;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<DriverInputNow>()
        .add_systems(FixedUpdate, drive.in_set(GameSet::Move));
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    visual::drawn(app);
}

const GRAVITY_MPS2: f32 = 9.81;
/// Farther than this above its ground the car is in the air.
const AIRBORNE_M: f64 = 0.35;

/// A car.
#[derive(Component, Clone, Debug, Default)]
pub struct Car {
    /// Its motion on the ground plane.
    pub motion: CarMotion,
    /// What the driver did in the last step.
    pub input: DriverInput,
    /// Hardest blow of the last step in m/s.
    pub impact_mps: f32,
    /// Lean of the body on its springs: pitch (nose up) and roll (right side down), radians.
    pub lean: Vec2,
    lean_rate: Vec2,
    slope: Vec2,
}

impl Car {
    /// A car at rest on the plane (x, z).
    #[must_use]
    pub fn at(position: DVec2, yaw: f32) -> Self {
        Self {
            motion: CarMotion::at(position, yaw),
            ..default()
        }
    }

    /// Puts the car somewhere at rest.
    pub fn place(&mut self, body: &mut Body, position: DVec3, yaw: f32) {
        self.motion = CarMotion::at(position.xz(), yaw);
        (self.lean, self.lean_rate, self.slope) = (Vec2::ZERO, Vec2::ZERO, Vec2::ZERO);
        body.place(position, Quat::from_rotation_y(yaw));
    }
}

/// What the driver, keyboard or autopilot, does in the next fixed steps.
#[derive(Resource, Clone, Copy, Debug, Default, Deref, DerefMut)]
pub struct DriverInputNow(pub DriverInput);

fn drive(
    time: Res<Time>,
    index: Res<CollisionIndex>,
    control: Res<Control>,
    autopilot: Res<Autopilot>,
    driver: Res<DriverInputNow>,
    mut cars: Query<(&mut Car, &mut Body)>,
    mut boxes: Local<Vec<Solid>>,
) {
    let dt = time.delta_secs();
    for (mut car, mut body) in &mut cars {
        let is_driven = *control == Control::InCar;
        if is_driven && autopilot.is_flying() {
            car.motion.position = body.position.xz();
            continue;
        }
        match body.find_footing(&index) {
            Footing::Firm => {}
            Footing::Found => land(&mut car, &mut body, &index),
            Footing::Awaited => {
                car.motion.velocity = Vec2::ZERO;
                continue;
            }
        }
        let input = if is_driven {
            driver.0
        } else {
            DriverInput::PARKED
        };
        let reach = 4.0 + car.motion.velocity.length() * dt;
        index.boxes_near(car.motion.position, reach, &mut boxes);
        car.input = input;
        let before = car.motion;
        car.impact_mps = car.motion.advance(input, &boxes, body.position.y, dt);
        if !may_move(&before, &car.motion, &index) {
            car.motion = CarMotion {
                steer: car.motion.steer,
                rolled_m: before.rolled_m,
                ..CarMotion::at(before.position, before.yaw)
            };
        }
        stand(&mut car, &mut body, &index, dt);
        sway(&mut car, dt);
    }
}

/// A car stops at the edge of a chunk that is not there yet, so that it is not inside something when the chunk comes.
/// One that already reaches over the edge may still drive away from it.
fn may_move(before: &CarMotion, after: &CarMotion, index: &CollisionIndex) -> bool {
    let is_whole =
        |motion: &CarMotion| motion.circles().iter().all(|point| index.may_enter(*point));
    is_whole(after) || (index.may_enter(after.position) && !is_whole(before))
}

/// Whether the chunk before the car's nose has to come first.
pub(super) fn has_edge_ahead(motion: &CarMotion, index: &CollisionIndex) -> bool {
    const MARGIN_M: f32 = 1.0;
    let nose = CIRCLE_OFFSETS_M[2] + CIRCLE_RADIUS_M + MARGIN_M;
    let point = motion.position + (forward_of(motion.yaw) * nose).as_dvec2();
    !index.may_enter(point)
}

/// Puts the car at the nearest free place; a place that is free already costs no speed.
fn land(car: &mut Car, body: &mut Body, index: &CollisionIndex) {
    let yaw = car.motion.yaw;
    let circles = CIRCLE_OFFSETS_M.map(|offset| forward_of(yaw) * offset);
    let mut place = index.free_spot(body.position, &circles, CIRCLE_RADIUS_M + 0.05, 1.6);
    place.y = index.ground_height(place.xz()).unwrap_or(place.y);
    if place.xz() != body.position.xz() || car.motion.velocity == Vec2::ZERO {
        car.place(body, place, yaw);
    }
}

/// Puts the wheels on the ground: height from their mean, slope from their differences; falls when above it.
fn stand(car: &mut Car, body: &mut Body, index: &CollisionIndex, dt: f32) {
    let (forward, right) = (forward_of(car.motion.yaw), right_of(car.motion.yaw));
    let under = |ahead: f32, aside: f32| {
        index.ground_height(car.motion.position + (forward * ahead + right * aside).as_dvec2())
    };
    let (axle, side) = (WHEELBASE_M / 2.0, TRACK_M / 2.0);
    let wheels = [
        under(axle, -side),
        under(axle, side),
        under(-axle, -side),
        under(-axle, side),
    ];
    let mut height = body.position.y;
    let mut fall = body.velocity.y;
    // A wheel over a chunk that is not there: keep the height.
    if let [Some(fl), Some(fr), Some(rl), Some(rr)] = wheels {
        let ground = (fl + fr + rl + rr) / 4.0;
        let slope = Vec2::new(
            (((fl + fr - rl - rr) / 2.0) as f32).atan2(WHEELBASE_M),
            (((fl + rl - fr - rr) / 2.0) as f32).atan2(TRACK_M),
        );
        let follow = 1.0 - (-18.0 * dt).exp();
        if height - ground > AIRBORNE_M {
            fall -= GRAVITY_MPS2 * dt;
            height = (height + f64::from(fall * dt)).max(ground);
        } else {
            fall = 0.0;
            height += (ground - height) * f64::from(follow);
            car.slope = car.slope.lerp(slope, follow);
        }
    } else {
        fall = 0.0;
    }
    let velocity = car.motion.velocity;
    body.position = car.motion.position.extend(height).xzy();
    body.velocity = Vec3::new(velocity.x, fall, velocity.y);
    body.rotation = Quat::from_euler(EulerRot::YXZ, car.motion.yaw, car.slope.x, -car.slope.y);
}

/// Lets the body lean on its springs, against what the car accelerates to.
fn sway(car: &mut Car, dt: f32) {
    const STIFFNESS: f32 = 90.0;
    const DAMPING: f32 = 11.0;
    let wanted = Vec2::new(
        car.motion.acceleration.x * 0.006,
        -car.motion.acceleration.y * 0.008,
    )
    .clamp(Vec2::splat(-0.07), Vec2::splat(0.07));
    let rate = car.lean_rate + ((wanted - car.lean) * STIFFNESS - car.lean_rate * DAMPING) * dt;
    car.lean_rate = rate;
    car.lean += rate * dt;
}
