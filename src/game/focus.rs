//! What streaming follows: one entity that is always where the controlled body (or the free camera) is.
//!
//! A separate entity rather than a mark on walker or car: getting in and out moves nothing from one to the other, so there
//! is no frame with two centres or none.

use bevy::prelude::*;

use super::GameSet;
use super::body::Body;
use super::camera::FreeCamera;
use super::car::Car;
use super::control::Control;
use super::walker::Walker;
use crate::streaming::StreamingFocus;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_main.in_set(super::SetupSet::Bodies))
        .add_systems(RunFixedMainLoop, follow.in_set(GameSet::Focus));
}

/// Marks the focus that follows the player.
#[derive(Component)]
pub struct MainFocus;

/// Marks a focus that a script added, by name.
#[derive(Component, Debug, PartialEq, Eq)]
pub struct ExtraFocus(pub String);

fn spawn_main(mut commands: Commands, bodies: Query<&Body, With<Walker>>) {
    let place = bodies.single().map_or(Vec3::ZERO, |body| body.position);
    spawn_main_at(&mut commands, place);
}

/// Spawns the focus that follows the player.
pub(super) fn spawn_main_at(commands: &mut Commands, place_in_world: Vec3) {
    commands.spawn((
        Name::new("Streaming focus"),
        MainFocus,
        StreamingFocus,
        Transform::from_translation(place_in_world),
        GlobalTransform::from_translation(place_in_world),
    ));
}

/// Spawns a focus that stays where it is.
pub(super) fn spawn_extra(commands: &mut Commands, name: &str, place_in_world: Vec3) {
    commands.spawn((
        Name::new(format!("Streaming focus {name}")),
        ExtraFocus(name.to_owned()),
        StreamingFocus,
        Transform::from_translation(place_in_world),
        GlobalTransform::from_translation(place_in_world),
    ));
}

/// Sets the global transform too: streaming reads it in this frame, before transforms propagate.
fn follow(
    control: Res<Control>,
    free_camera: Res<FreeCamera>,
    walkers: Query<&Transform, (With<Walker>, Without<MainFocus>)>,
    cars: Query<&Transform, (With<Car>, Without<MainFocus>)>,
    mut focuses: Query<(&mut Transform, &mut GlobalTransform), With<MainFocus>>,
) {
    let body = match *control {
        Control::OnFoot => walkers.single(),
        Control::InCar => cars.single(),
    };
    let place = if free_camera.is_on {
        Some(free_camera.position)
    } else {
        body.ok().map(|transform| transform.translation)
    };
    let Some(place) = place else { return };
    for (mut transform, mut global) in &mut focuses {
        if transform.translation != place {
            transform.translation = place;
            *global = GlobalTransform::from_translation(place);
        }
    }
}
