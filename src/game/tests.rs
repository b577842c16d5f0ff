//! The game as a whole, headless, with chunks put straight into the collision index.

use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::ecs::schedule::SingleThreadedExecutor;
use bevy::input::InputPlugin;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;

use super::body::Body;
use super::car::Car;
use super::city_map::CityMap;
use super::collision::CollisionIndex;
use super::control::Control;
use super::focus::MainFocus;
use super::look::Look;
use super::pause::PauseMenu;
use super::script::{GameRequest, Journey};
use super::walker::{self, Walker};
use super::{GamePlugin, car};
use crate::city::{CityCollision, CityGenerator, CityRelief};
use crate::modes::{ControlMode, KeyboardTaken, OverlayDepth};
use crate::streaming::{
    ChunkCoord, ChunkGenerator, ChunkLoaded, ChunkRequest, ChunkUnloaded, FocusPurpose, StopToken,
    StreamingFocus, StreamingSettings, StreamingValues, WorldOrigin,
};

mod driving;
mod edge;
mod far;
mod follow;
mod interruption;
mod knocks;
mod modes;
mod on_foot;
pub(super) mod picture;
mod pointer;
mod relief;
mod standoff;
mod stopped;
mod travel;

const SEED: u64 = 7;
const SIZE_M: f64 = 200.0;

/// The game at 64 frames a second, without streaming: tests say which chunks are there.
pub(super) fn game() -> App {
    let mut app = game_before_its_first_frame();
    app.update();
    app
}

fn game_before_its_first_frame() -> App {
    let mut app = App::new();
    let values = StreamingValues {
        seed: SEED,
        chunk_size_m: SIZE_M,
        ..default()
    };
    app.add_plugins((
        MinimalPlugins,
        TransformPlugin,
        AssetPlugin::default(),
        StatesPlugin,
        InputPlugin,
    ))
    .insert_resource(StreamingSettings::new(values).unwrap())
    .add_message::<ChunkLoaded>()
    .add_message::<ChunkUnloaded>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_micros(
        15_625,
    )))
    .add_plugins(GamePlugin);
    app.edit_schedule(FixedUpdate, |schedule| {
        schedule.set_executor(SingleThreadedExecutor::new());
    });
    app
}

pub(super) fn load(app: &mut App, coord: ChunkCoord) {
    let request = ChunkRequest::for_test(coord, SEED, SIZE_M);
    let content = CityGenerator
        .generate(&request, &StopToken::never())
        .unwrap();
    let collision = content.payload.unwrap().downcast::<CityCollision>().ok();
    assert!(collision.is_some());
    app.world_mut()
        .resource_mut::<CollisionIndex>()
        .insert(coord, collision);
}

pub(super) fn load_around(app: &mut App, x: f64, z: f64, reach: i32) {
    let middle = ChunkCoord::containing_ground(DVec2::new(x, z), SIZE_M);
    for dx in -reach..=reach {
        for dz in -reach..=reach {
            load(app, ChunkCoord::new(middle.x + dx, middle.z + dz));
        }
    }
}

/// Where a place of the plan lies in the world. The arterial road through the origin runs along x = 0 of the plan.
fn bent(x: f64, z: f64) -> DVec2 {
    CityRelief::new(SEED).in_world(DVec2::new(x, z))
}

/// The compass heading from one place to another, degrees.
fn heading(from: DVec2, to: DVec2) -> f64 {
    let way = to - from;
    way.x.atan2(-way.y).to_degrees()
}

fn teleport_to(app: &mut App, place: DVec2, heading_deg: f64) {
    ask(
        app,
        GameRequest::Teleport {
            x: place.x,
            z: place.y,
            heading_deg: Some(heading_deg),
            after_preload: false,
        },
    );
}

pub(super) fn run(app: &mut App, secs: f32) {
    for _ in 0..(secs * 64.0) as u32 {
        app.update();
    }
}

pub(super) fn ask(app: &mut App, request: GameRequest) {
    app.world_mut().write_message(request);
    app.update();
}

fn press(app: &mut App, key: KeyCode) {
    app.world_mut()
        .resource_mut::<ButtonInput<KeyCode>>()
        .press(key);
}

fn release(app: &mut App, key: KeyCode) {
    app.world_mut()
        .resource_mut::<ButtonInput<KeyCode>>()
        .release(key);
}

/// Presses a key for one frame. The input plugin is told nothing, so the press is undone by hand.
fn tap(app: &mut App, key: KeyCode) {
    // Cleared at the start of a frame unless it comes as a message: send it as the window would.
    use bevy::input::ButtonState;
    use bevy::input::keyboard::{Key, KeyboardInput};
    for state in [ButtonState::Pressed, ButtonState::Released] {
        app.world_mut().write_message(KeyboardInput {
            key_code: key,
            logical_key: Key::Dead(None),
            state,
            text: None,
            repeat: false,
            window: Entity::PLACEHOLDER,
        });
        app.update();
    }
}

pub(super) fn body<M: Component>(app: &mut App) -> Body {
    let mut query = app.world_mut().query_filtered::<&Body, With<M>>();
    query.single(app.world()).unwrap().clone()
}

/// Where the foci are in the world.
fn focus_places(app: &mut App) -> Vec<DVec3> {
    let mut query = app
        .world_mut()
        .query_filtered::<&GlobalTransform, With<StreamingFocus>>();
    query
        .iter(app.world())
        .map(|place| {
            app.world()
                .resource::<WorldOrigin>()
                .to_world(place.translation())
        })
        .collect()
}

fn mode(app: &App) -> ControlMode {
    *app.world().resource::<State<ControlMode>>().get()
}

/// Opens the panel and frees the mouse for it.
#[cfg(feature = "overlay")]
fn tune(app: &mut App) {
    for key in [KeyCode::F3, KeyCode::F3, KeyCode::F4] {
        tap(app, key);
    }
    assert_eq!(mode(app), ControlMode::Tune);
}
