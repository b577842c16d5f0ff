//! What streaming follows: one entity that is always where the controlled body (or the free camera) is.
//!
//! A separate entity rather than a mark on walker or car: getting in and out moves nothing from one to the other, so there
//! is no frame with two centres or none. It leads the origin of the scene, too, whatever other foci there are.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::body::Body;
use super::camera::FreeCamera;
use super::car::Car;
use super::control::Control;
use super::script::GameRequest;
use super::walker::Walker;
use crate::streaming::{LeadsOrigin, OriginShifted, OriginSystems, StreamingFocus, WorldOrigin};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_main.in_set(super::SetupSet::Bodies))
        .add_systems(
            First,
            keep_extras
                .after(OriginSystems)
                .run_if(on_message::<OriginShifted>),
        )
        .add_systems(RunFixedMainLoop, serve.in_set(GameSet::Requests))
        .add_systems(RunFixedMainLoop, follow.in_set(GameSet::Focus));
}

/// Marks the focus that follows the player.
#[derive(Component)]
pub struct MainFocus;

/// Marks a focus that a script added.
#[derive(Component, Debug, PartialEq)]
pub struct ExtraFocus {
    /// Its name.
    pub name: String,
    /// Where it is, world x and z in metres.
    pub place_in_world: DVec2,
}

type WalkerBodies<'w, 's> = Query<'w, 's, &'static Body, (With<Walker>, Without<Car>)>;
type CarBodies<'w, 's> = Query<'w, 's, &'static Body, With<Car>>;

fn spawn_main(mut commands: Commands, origin: Res<WorldOrigin>, walkers: WalkerBodies) {
    let place = walkers.single().map_or(DVec3::ZERO, |body| body.position);
    spawn_main_at(&mut commands, origin.to_scene(place));
}

fn spawn_main_at(commands: &mut Commands, place_in_scene: Vec3) {
    commands.spawn((
        Name::new("Streaming focus"),
        MainFocus,
        StreamingFocus,
        LeadsOrigin,
        Transform::from_translation(place_in_scene),
        GlobalTransform::from_translation(place_in_scene),
    ));
}

fn serve(
    mut commands: Commands,
    mut requests: MessageReader<GameRequest>,
    control: Res<Control>,
    origin: Res<WorldOrigin>,
    walkers: WalkerBodies,
    cars: CarBodies,
    main: Query<Entity, With<MainFocus>>,
    extras: Query<(Entity, &ExtraFocus)>,
) {
    let remove = |commands: &mut Commands, name: &str| {
        for (entity, focus) in &extras {
            if focus.name == name {
                commands.entity(entity).despawn();
            }
        }
    };
    for request in requests.read() {
        match request {
            GameRequest::AddFocus {
                name,
                x,
                z,
                purpose,
            } => {
                remove(&mut commands, name);
                let place_in_world = DVec2::new(*x, *z);
                let place_in_scene = origin.to_scene(place_in_world.extend(0.0).xzy());
                commands.spawn((
                    Name::new(format!("Streaming focus {name}")),
                    ExtraFocus {
                        name: name.clone(),
                        place_in_world,
                    },
                    StreamingFocus,
                    *purpose,
                    Transform::from_translation(place_in_scene),
                    GlobalTransform::from_translation(place_in_scene),
                ));
            }
            GameRequest::RemoveFocus { name } => remove(&mut commands, name),
            GameRequest::DropFocus => {
                for entity in &main {
                    commands.entity(entity).despawn();
                }
            }
            GameRequest::RestoreFocus if main.is_empty() => {
                let body = match *control {
                    Control::OnFoot => walkers.single(),
                    Control::InCar => cars.single(),
                };
                let place = body.map_or(DVec3::ZERO, |body| body.position);
                spawn_main_at(&mut commands, origin.to_scene(place));
            }
            _ => {}
        }
    }
}

/// Puts the added foci back to where they are in the world, so that no number of shifts adds up to a drift.
fn keep_extras(
    origin: Res<WorldOrigin>,
    mut extras: Query<(&ExtraFocus, &mut Transform, &mut GlobalTransform)>,
) {
    for (extra, mut transform, mut global) in &mut extras {
        transform.translation = origin.to_scene(extra.place_in_world.extend(0.0).xzy());
        *global = GlobalTransform::from(*transform);
    }
}

/// Sets the global transform too: streaming reads it in this frame, before transforms propagate.
fn follow(
    control: Res<Control>,
    free_camera: Res<FreeCamera>,
    origin: Res<WorldOrigin>,
    walkers: Query<&Transform, (With<Walker>, Without<MainFocus>)>,
    cars: Query<&Transform, (With<Car>, Without<MainFocus>)>,
    mut focuses: Query<(&mut Transform, &mut GlobalTransform), With<MainFocus>>,
) {
    let body = match *control {
        Control::OnFoot => walkers.single(),
        Control::InCar => cars.single(),
    };
    let place = if free_camera.is_on {
        Some(origin.to_scene(free_camera.position))
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
