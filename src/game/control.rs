//! Who is controlled, getting in and out, and how keys become intents.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::body::{Body, forward_of, right_of};
use super::camera::FreeCamera;
use super::car::{Car, DriverInput, DriverInputNow};
use super::collision::CollisionIndex;
use super::keys::{Action, Actions};
use super::look::Look;
use super::pause::PauseMenu;
use super::pilot::Autopilot;
use super::walker::{self, WalkIntent, Walker};
use crate::modes::Toast;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Control>()
        .add_systems(PreUpdate, press_enter_or_leave.in_set(GameSet::Act))
        .add_systems(
            RunFixedMainLoop,
            (intend_walk, intend_drive).in_set(GameSet::Intend),
        );
}

/// Who the player controls. The other body stays in the world.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Reflect)]
#[reflect(Resource)]
pub enum Control {
    /// The walker.
    #[default]
    OnFoot,
    /// The car.
    InCar,
}

/// From how far the car can be entered, metres between the middles.
pub const ENTER_REACH_M: f64 = 6.0;
/// Faster than this nobody gets out by key, m/s.
const LEAVE_SPEED_MPS: f32 = 5.0;

/// Whether the walker stands close enough to the car to get in.
#[must_use]
pub fn is_in_reach(walker: &Body, car: &Body) -> bool {
    walker.position.xz().distance(car.position.xz()) <= ENTER_REACH_M
        && (walker.position.y - car.position.y).abs() < 2.0
}

/// The place beside a car where a walker fits: left, right, behind, in front, else the nearest free spot.
#[must_use]
pub fn place_to_get_out(car: &Car, body: &Body, index: &CollisionIndex) -> DVec3 {
    let (forward, right) = (forward_of(car.motion.yaw), right_of(car.motion.yaw));
    let mut boxes = Vec::new();
    index.boxes_near(car.motion.position, 5.0, &mut boxes);
    let ways = [right * -1.7, right * 1.7, forward * -3.0, forward * 3.0];
    let beside = |way: Vec2| -> DVec3 {
        let place: DVec2 = car.motion.position + way.as_dvec2();
        place.extend(body.position.y).xzy()
    };
    let is_free = |place: &DVec3| {
        index.floor_under(*place).is_some_and(|floor| {
            let ground = floor.height_m;
            !boxes.iter().any(|solid| {
                solid.blocks(ground + 0.4, ground + f64::from(walker::HEIGHT_M))
                    && solid
                        .push_out(place.xz(), walker::RADIUS_M + 0.05)
                        .is_some()
            })
        })
    };
    let mut place = ways
        .into_iter()
        .map(beside)
        .find(is_free)
        .unwrap_or_else(|| {
            index.free_spot(
                beside(right * -1.7),
                &[Vec2::ZERO],
                walker::RADIUS_M,
                walker::HEIGHT_M,
            )
        });
    place.y = index
        .floor_under(place)
        .map_or(place.y, |floor| floor.height_m)
        .max(body.position.y - 1.0);
    place
}

/// Puts the walker into the car; where the car stands does not change.
pub(super) fn enter(control: &mut Control, look: &mut Look) {
    *control = Control::InCar;
    look.face_ahead();
}

/// Puts the walker beside the car, looking where the car looks.
pub(super) fn leave(
    control: &mut Control,
    look: &mut Look,
    car: &Car,
    car_body: &Body,
    walker_body: &mut Body,
    index: &CollisionIndex,
) {
    *control = Control::OnFoot;
    look.face(car.motion.yaw);
    let place = place_to_get_out(car, car_body, index);
    walker_body.place(place, Quat::from_rotation_y(car.motion.yaw));
    walker_body.awaits_ground = !index.is_ready(place);
}

fn press_enter_or_leave(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    free_camera: Res<FreeCamera>,
    index: Res<CollisionIndex>,
    mut control: ResMut<Control>,
    mut look: ResMut<Look>,
    mut autopilot: ResMut<Autopilot>,
    mut walkers: Query<&mut Body, (With<Walker>, Without<Car>)>,
    cars: Query<(&Car, &Body)>,
    mut toasts: MessageWriter<Toast>,
) {
    if !actions.started(Action::EnterOrLeave) || menu.is_open || free_camera.is_on {
        return;
    }
    let (Ok(mut walker), Ok((car, body))) = (walkers.single_mut(), cars.single()) else {
        return;
    };
    match *control {
        Control::OnFoot if is_in_reach(&walker, body) => enter(&mut control, &mut look),
        Control::OnFoot => {
            toasts.write(Toast::new("the car is too far away"));
        }
        Control::InCar if car.motion.velocity.length() > LEAVE_SPEED_MPS => {
            toasts.write(Toast::new("too fast to get out"));
        }
        Control::InCar => {
            autopilot.stop();
            leave(&mut control, &mut look, car, body, &mut walker, &index);
        }
    }
}

fn intend_walk(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    free_camera: Res<FreeCamera>,
    look: Res<Look>,
    mut intent: ResMut<WalkIntent>,
) {
    // A jump stays asked for until a fixed step has seen it; in the menu there are no steps.
    let jump = intent.jump || actions.started(Action::Jump);
    *intent = if free_camera.is_on || menu.is_open {
        WalkIntent::default()
    } else {
        WalkIntent {
            direction: Vec2::new(
                actions.axis(Action::Right, Action::Left),
                actions.axis(Action::Forward, Action::Back),
            ),
            yaw: look.yaw,
            run: actions.held(Action::Run),
            jump,
        }
    };
}

fn intend_drive(
    actions: Res<Actions>,
    free_camera: Res<FreeCamera>,
    mut driver: ResMut<DriverInputNow>,
) {
    driver.0 = if free_camera.is_on {
        DriverInput::PARKED
    } else {
        DriverInput {
            pedal: actions.axis(Action::Forward, Action::Back),
            steer: actions.axis(Action::Right, Action::Left),
            handbrake: actions.held(Action::Jump),
        }
    };
}
