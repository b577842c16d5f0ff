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
use super::collision::{CollisionIndex, Floor, Solid};
use super::control::Control;
use super::pilot::Autopilot;
use crate::modes::Toast;

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
/// Ground that is so much higher than the wheels stops the car, metres.
const FACE_M: f64 = 0.5;
/// How far beyond its axles such ground is looked for, metres.
const FACE_AHEAD_M: f32 = 0.4;
/// A wheel over an edge hangs: it is at most so far below the highest, metres.
const HANG_M: f64 = 0.6;

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
    mut toasts: MessageWriter<Toast>,
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
        if !may_move(&before, &car.motion, body.position.y, &index) {
            car.motion = CarMotion {
                steer: car.motion.steer,
                rolled_m: before.rolled_m,
                grade: before.grade,
                ..CarMotion::at(before.position, before.yaw)
            };
        }
        stand(&mut car, &mut body, &index, dt);
        sway(&mut car, dt);
        let floor = index.floor_under(body.position);
        if let Some(bank) = floor.and_then(|floor| body.way_out_of_water(floor)) {
            let yaw = car.motion.yaw;
            car.place(&mut body, bank, yaw);
            toasts.write(Toast::new("the car was pulled out of the water"));
        }
    }
}

/// A car stops at the edge of a chunk that is not there yet, so that it is not inside something when the chunk comes,
/// and at ground that rises like a wall. One that already reaches over the edge may still drive away from it.
fn may_move(before: &CarMotion, after: &CarMotion, height_m: f64, index: &CollisionIndex) -> bool {
    let is_whole =
        |motion: &CarMotion| motion.circles().iter().all(|point| index.may_enter(*point));
    let has_face = |motion: &CarMotion| {
        // Both ends, and a little beyond them: no wall is so steep that many small steps do not lead up it.
        [-1.0, 1.0].into_iter().any(|end| {
            [0.0, FACE_AHEAD_M].into_iter().any(|beyond| {
                let ahead = end * (CIRCLE_OFFSETS_M[2] + beyond);
                let point = motion.position + (forward_of(motion.yaw) * ahead).as_dvec2();
                let wheels_m = height_m + f64::from(motion.grade * ahead);
                index
                    .floor_under(point.extend(wheels_m).xzy())
                    .is_some_and(|floor| floor.height_m > wheels_m + FACE_M)
            })
        })
    };
    (is_whole(after) || (index.may_enter(after.position) && !is_whole(before)))
        && (!has_face(after) || has_face(before))
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
    place.y = index
        .floor_under(place)
        .map_or(place.y, |floor| floor.height_m);
    if place.xz() != body.position.xz() || car.motion.velocity == Vec2::ZERO {
        car.place(body, place, yaw);
    }
}

/// Puts the wheels on the ground: height from their mean, slope from their differences; falls when above it.
fn stand(car: &mut Car, body: &mut Body, index: &CollisionIndex, dt: f32) {
    let (forward, right) = (forward_of(car.motion.yaw), right_of(car.motion.yaw));
    // The slope of the last step says where the wheels are, so that each finds the floor it is on.
    let (rise_ahead, rise_aside) = (car.slope.x.tan(), car.slope.y.tan());
    let way = (car.motion.position - body.position.xz()).as_vec2();
    let climbed = f64::from(way.dot(forward) * rise_ahead + way.dot(right) * rise_aside);
    let under = |ahead: f32, aside: f32| {
        let wheel = car.motion.position + (forward * ahead + right * aside).as_dvec2();
        let height_m =
            body.position.y + climbed + f64::from(ahead * rise_ahead + aside * rise_aside);
        index.floor_under(wheel.extend(height_m).xzy())
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
        let [fl, fr, rl, rr] = resting([fl, fr, rl, rr]);
        let ground = (fl + fr + rl + rr) / 4.0;
        let slope = Vec2::new(
            (((fl + fr - rl - rr) / 2.0) as f32).atan2(WHEELBASE_M),
            (((fl + rl - fr - rr) / -2.0) as f32).atan2(TRACK_M),
        );
        let follow = 1.0 - (-18.0 * dt).exp();
        if height - ground > AIRBORNE_M {
            fall -= GRAVITY_MPS2 * dt;
            height = (height + f64::from(fall * dt)).max(ground);
        } else {
            // Along the slope at once, so that no hill lags behind; only steps are left to the springs.
            fall = 0.0;
            height += climbed;
            height += (ground - height) * f64::from(follow);
            car.slope = car.slope.lerp(slope, follow);
        }
    } else {
        fall = 0.0;
    }
    car.motion.grade = car.slope.x.tan();
    let velocity = car.motion.velocity;
    body.position = car.motion.position.extend(height).xzy();
    body.velocity = Vec3::new(velocity.x, fall, velocity.y);
    body.rotation = Quat::from_euler(EulerRot::YXZ, car.motion.yaw, car.slope.x, car.slope.y);
}

/// The heights of four wheels; one over an edge hangs a little below the highest, unless the car is on its way down.
fn resting(floors: [Floor; 4]) -> [f64; 4] {
    let heights = floors.map(|floor| floor.height_m);
    let highest = heights.into_iter().fold(f64::MIN, f64::max);
    let hanging = heights
        .iter()
        .filter(|height| **height < highest - HANG_M)
        .count();
    if hanging > 2 {
        return heights;
    }
    heights.map(|height| height.max(highest - HANG_M))
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
