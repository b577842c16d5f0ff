//! The game as a whole, headless, with chunks put straight into the collision index.

use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::ecs::schedule::SingleThreadedExecutor;
use bevy::input::InputPlugin;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;

use super::body::Body;
use super::car::Car;
use super::city_map::CityMap;
use super::collision::{CollisionIndex, blocks, push_out};
use super::control::Control;
use super::focus::MainFocus;
use super::look::Look;
use super::pause::PauseMenu;
use super::script::{GameRequest, Journey};
use super::walker::{self, Walker};
use super::{GamePlugin, car};
use crate::city::{CityCollision, CityGenerator};
use crate::modes::{ControlMode, KeyboardTaken, OverlayDepth};
use crate::streaming::{
    ChunkCoord, ChunkGenerator, ChunkLoaded, ChunkRequest, ChunkUnloaded, StopToken,
    StreamingFocus, StreamingSettings, StreamingValues,
};

mod edge;
mod pointer;

const SEED: u64 = 7;
const SIZE_M: f64 = 200.0;

/// The game at 64 frames a second, without streaming: tests say which chunks are there.
fn game() -> App {
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
    app.update();
    app
}

fn load(app: &mut App, coord: ChunkCoord) {
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

fn load_around(app: &mut App, x: f64, z: f64, reach: i32) {
    let middle = ChunkCoord::containing(Vec3::new(x as f32, 0.0, z as f32), SIZE_M);
    for dx in -reach..=reach {
        for dz in -reach..=reach {
            load(app, ChunkCoord::new(middle.x + dx, middle.z + dz));
        }
    }
}

fn run(app: &mut App, secs: f32) {
    for _ in 0..(secs * 64.0) as u32 {
        app.update();
    }
}

fn ask(app: &mut App, request: GameRequest) {
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

fn body<M: Component>(app: &mut App) -> Body {
    let mut query = app.world_mut().query_filtered::<&Body, With<M>>();
    query.single(app.world()).unwrap().clone()
}

fn focus_places(app: &mut App) -> Vec<Vec3> {
    let mut query = app
        .world_mut()
        .query_filtered::<&GlobalTransform, With<StreamingFocus>>();
    query
        .iter(app.world())
        .map(GlobalTransform::translation)
        .collect()
}

#[test]
fn nobody_falls_while_the_ground_is_not_loaded_yet() {
    let mut app = game();
    let start = body::<Walker>(&mut app).position;
    run(&mut app, 2.0);
    assert_eq!(body::<Walker>(&mut app).position, start);
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let (walker, car) = (body::<Walker>(&mut app), body::<Car>(&mut app));
    assert!(!walker.awaits_ground && !car.awaits_ground);
    assert!(walker.position.distance(start) < 3.0, "{}", walker.position);
    // The chunk goes again: the walker stays at its height.
    app.world_mut()
        .resource_mut::<CollisionIndex>()
        .remove(ChunkCoord::containing(walker.position, SIZE_M));
    run(&mut app, 2.0);
    assert!((body::<Walker>(&mut app).position.y - walker.position.y).abs() < 0.01);
}

#[test]
fn the_walker_steps_up_the_kerb_and_stops_at_a_wall() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    // From the middle of the arterial road to the east: road, kerb, pavement, sooner or later a wall.
    let z = body::<Walker>(&mut app).position.z;
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 2.0,
            z: f64::from(z),
            heading_deg: Some(90.0),
        },
    );
    run(&mut app, 0.2);
    assert!(
        body::<Walker>(&mut app).position.y.abs() < 0.01,
        "starts on the road"
    );
    press(&mut app, KeyCode::KeyW);
    let mut boxes = Vec::new();
    let mut before = body::<Walker>(&mut app).position;
    for _ in 0..64 * 20 {
        app.update();
        let position = body::<Walker>(&mut app).position;
        assert!(
            (position.y - before.y).abs() < 0.06,
            "a jerk from {before} to {position}"
        );
        app.world()
            .resource::<CollisionIndex>()
            .boxes_near(position.xz(), 1.0, &mut boxes);
        for solid in &boxes {
            let depth = push_out(position.xz(), walker::RADIUS_M - 0.02, solid);
            let in_the_way = blocks(solid, position.y + 0.45, position.y + walker::HEIGHT_M);
            assert!(
                !in_the_way || depth.is_none(),
                "{position} inside {solid:?}"
            );
        }
        before = position;
    }
    assert!(
        (before.y - 0.15).abs() < 0.3,
        "on the pavement or a doorstep: {before}"
    );
    assert!(
        before.x > 8.0 && before.x < 62.0,
        "crossed the kerb, stopped by something: {before}"
    );
}

#[test]
fn a_jump_goes_up_and_comes_down() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let floor = body::<Walker>(&mut app).position.y;
    tap(&mut app, KeyCode::Space);
    let mut top = floor;
    for _ in 0..96 {
        app.update();
        top = top.max(body::<Walker>(&mut app).position.y);
    }
    assert!(
        (0.7..1.5).contains(&(top - floor)),
        "jumped {} m",
        top - floor
    );
    assert!((body::<Walker>(&mut app).position.y - floor).abs() < 0.02);
}

#[test]
fn exactly_one_focus_is_at_the_controlled_body_in_every_frame() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 0.5);
    let car = body::<Car>(&mut app).position;
    ask(
        &mut app,
        GameRequest::Teleport {
            x: f64::from(car.x) + 2.5,
            z: f64::from(car.z),
            heading_deg: None,
        },
    );
    run(&mut app, 0.3);
    let mut switches = 0;
    for frame in 0..400 {
        match frame {
            20 | 200 => tap(&mut app, KeyCode::KeyF),
            40 => press(&mut app, KeyCode::KeyW),
            120 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::KeyW),
            130 => press(&mut app, KeyCode::KeyS),
            145 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::KeyS),
            150 => press(&mut app, KeyCode::Space),
            190 => app
                .world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .release(KeyCode::Space),
            _ => app.update(),
        }
        let control = *app.world().resource::<Control>();
        let controlled = match control {
            Control::OnFoot => body::<Walker>(&mut app),
            Control::InCar => body::<Car>(&mut app),
        };
        let focuses = focus_places(&mut app);
        assert_eq!(focuses.len(), 1, "frame {frame}");
        let lag = focuses[0].distance(controlled.position);
        assert!(lag < 0.8, "frame {frame}: {lag} m away as {control:?}");
        if frame == 60 {
            assert_eq!(control, Control::InCar, "F gets in");
            switches += 1;
        }
        if frame == 399 {
            assert_eq!(control, Control::OnFoot, "F gets out");
            switches += 1;
        }
    }
    assert_eq!(switches, 2);
    let (walker, car) = (body::<Walker>(&mut app), body::<Car>(&mut app));
    let apart = walker.position.xz().distance(car.position.xz());
    assert!((1.0..6.0).contains(&apart), "{apart} m beside the car");
}

#[test]
fn the_focus_can_be_dropped_restored_and_joined_by_others() {
    let mut app = game();
    assert_eq!(focus_places(&mut app).len(), 1);
    ask(&mut app, GameRequest::DropFocus);
    app.update();
    assert!(focus_places(&mut app).is_empty());
    ask(&mut app, GameRequest::RestoreFocus);
    ask(&mut app, GameRequest::RestoreFocus);
    app.update();
    assert_eq!(focus_places(&mut app).len(), 1);
    ask(
        &mut app,
        GameRequest::AddFocus {
            name: "a".into(),
            x: 5000.0,
            z: -100.0,
        },
    );
    app.update();
    assert!(focus_places(&mut app).contains(&Vec3::new(5000.0, 0.0, -100.0)));
    ask(&mut app, GameRequest::RemoveFocus { name: "a".into() });
    app.update();
    let mut mains = app.world_mut().query_filtered::<(), With<MainFocus>>();
    assert_eq!(
        (
            focus_places(&mut app).len(),
            mains.iter(app.world()).count()
        ),
        (1, 1)
    );
}

#[test]
fn the_autopilot_drives_eight_hundred_metres_through_the_city() {
    let mut app = game();
    load_around(&mut app, 300.0, -300.0, 4);
    run(&mut app, 0.3);
    let start = body::<Car>(&mut app).position;
    ask(
        &mut app,
        GameRequest::DriveTo {
            x: 600.0,
            z: -400.0,
        },
    );
    assert_eq!(*app.world().resource::<Control>(), Control::InCar);
    let end = app.world().resource::<CityMap>().route(
        DVec2::new(f64::from(start.x), f64::from(start.z)),
        DVec2::new(600.0, -400.0),
    );
    let end = *end.last().unwrap();
    let mut secs = 0.0;
    let mut worst_blow = 0.0_f32;
    while !app.world().resource::<Journey>().arrived {
        app.update();
        secs += 1.0 / 64.0;
        let mut cars = app.world_mut().query::<&Car>();
        worst_blow = worst_blow.max(cars.single(app.world()).unwrap().impact_mps);
        assert!(
            secs < 150.0,
            "not there after {secs} s: {}",
            body::<Car>(&mut app).position
        );
    }
    let place = body::<Car>(&mut app).position.xz().as_dvec2();
    assert!(place.distance(end) < 5.0, "{place} is not {end}");
    let journey = *app.world().resource::<Journey>();
    assert!(
        (700.0..1_500.0).contains(&journey.distance_m),
        "{journey:?}"
    );
    assert!(
        journey.speed_max_mps < 35.0 && secs < 90.0,
        "{journey:?} in {secs} s"
    );
    assert!(worst_blow < 1.0, "hit something at {worst_blow} m/s");
}

#[test]
fn two_runs_of_the_same_script_end_at_the_same_place_bit_for_bit() {
    let drive = || {
        let mut app = game();
        load_around(&mut app, 100.0, -100.0, 2);
        run(&mut app, 0.3);
        ask(
            &mut app,
            GameRequest::DriveTo {
                x: 250.0,
                z: -250.0,
            },
        );
        run(&mut app, 15.0);
        (
            body::<Car>(&mut app).position,
            app.world().resource::<Journey>().distance_m,
        )
    };
    assert_eq!(drive(), drive());
}

#[test]
fn the_car_stands_still_at_buildings_even_at_top_speed() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 0.3);
    ask(&mut app, GameRequest::EnterVehicle);
    let mut boxes = Vec::new();
    for heading in [20.0, 70.0, 110.0, 200.0, 250.0, 310.0] {
        ask(
            &mut app,
            GameRequest::Teleport {
                x: 0.0,
                z: 30.0,
                heading_deg: Some(heading),
            },
        );
        run(&mut app, 0.1);
        let mut cars = app.world_mut().query::<&mut Car>();
        let mut car = cars.single_mut(app.world_mut()).unwrap();
        car.motion.velocity = super::body::forward_of(car.motion.yaw) * 50.0;
        press(&mut app, KeyCode::KeyW);
        for _ in 0..200 {
            app.update();
            let mut cars = app.world_mut().query::<(&Car, &Body)>();
            let (car, body) = cars.single(app.world()).unwrap();
            let index = app.world().resource::<CollisionIndex>();
            index.boxes_near(car.motion.position, 4.0, &mut boxes);
            for solid in boxes
                .iter()
                .filter(|solid| blocks(solid, body.position.y + 0.4, body.position.y + 1.3))
            {
                for circle in car.motion.circles() {
                    let depth =
                        push_out(circle, car::CIRCLE_RADIUS_M, solid).map_or(0.0, Vec2::length);
                    assert!(depth < 0.5, "{depth} m inside {solid:?} at {circle}");
                }
            }
        }
    }
}

#[test]
fn a_teleport_waits_for_its_chunk_and_is_counted() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    ask(&mut app, GameRequest::EnterVehicle);
    let before = app.world().resource::<Journey>().distance_m;
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 4_000.0,
            z: -900.0,
            heading_deg: Some(0.0),
        },
    );
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 1.0);
    let place = body::<Car>(&mut app).position;
    assert_eq!(place.xz(), Vec2::new(4_000.0, -900.0));
    assert_eq!(focus_places(&mut app)[0].xz(), place.xz());
    load_around(&mut app, 4_000.0, -900.0, 1);
    run(&mut app, 1.0);
    let journey = *app.world().resource::<Journey>();
    assert_eq!(journey.teleports, 1);
    assert!(
        journey.distance_m - before < 30.0,
        "a teleport is no way: {journey:?}"
    );
    assert!(
        journey.distance_m - before > 0.5,
        "and then it drives: {journey:?}"
    );
}

#[test]
fn a_flight_is_straight_as_fast_as_asked_and_stays_in_the_air() {
    let mut app = game();
    run(&mut app, 0.1);
    ask(&mut app, GameRequest::EnterVehicle);
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 0.0,
            z: 0.0,
            heading_deg: None,
        },
    );
    ask(
        &mut app,
        GameRequest::FlyTo {
            x: 1_000.0,
            z: 0.0,
            height: 80.0,
            speed: 200.0,
        },
    );
    run(&mut app, 2.5);
    let half = body::<Car>(&mut app).position;
    assert!((half.x - 500.0).abs() < 15.0 && half.y == 80.0, "{half}");
    assert!(!app.world().resource::<Journey>().arrived);
    run(&mut app, 4.0);
    assert_eq!(
        body::<Car>(&mut app).position,
        Vec3::new(1_000.0, 80.0, 0.0)
    );
    let journey = *app.world().resource::<Journey>();
    assert!(
        journey.arrived && (journey.speed_max_mps - 200.0).abs() < 1.0,
        "{journey:?}"
    );
    load_around(&mut app, 1_000.0, 0.0, 1);
    ask(&mut app, GameRequest::StopAutopilot);
    run(&mut app, 6.0);
    assert!(body::<Car>(&mut app).position.y < 70.0, "falls when let go");
}

#[test]
fn a_taken_keyboard_moves_nothing_and_switches_nothing() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let before = body::<Walker>(&mut app).position;
    app.world_mut().resource_mut::<KeyboardTaken>().0 = true;
    press(&mut app, KeyCode::KeyW);
    for key in [KeyCode::F3, KeyCode::F4, KeyCode::Escape, KeyCode::KeyF] {
        tap(&mut app, key);
    }
    run(&mut app, 0.5);
    assert_eq!(body::<Walker>(&mut app).position, before);
    assert_eq!(*app.world().resource::<OverlayDepth>(), OverlayDepth::Off);
    assert_eq!(
        *app.world().resource::<State<ControlMode>>().get(),
        ControlMode::Drive
    );
    assert!(!app.world().resource::<PauseMenu>().is_open);
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

#[cfg(feature = "overlay")]
#[test]
fn the_mouse_turns_the_view_while_driving_and_not_while_tuning() {
    use bevy::window::PrimaryWindow;
    let mut app = game();
    app.world_mut().spawn((Window::default(), PrimaryWindow));
    let turned = |app: &mut App| {
        let before = app.world().resource::<Look>().yaw;
        app.world_mut()
            .write_message(bevy::input::mouse::MouseMotion {
                delta: Vec2::new(40.0, 0.0),
            });
        app.update();
        assert!(app.world().contains_resource::<AccumulatedMouseMotion>());
        (app.world().resource::<Look>().yaw - before).abs()
    };
    assert!(turned(&mut app) > 0.01);
    tune(&mut app);
    assert_eq!(turned(&mut app), 0.0);
}

#[cfg(feature = "overlay")]
#[test]
fn the_keyboard_drives_while_tuning() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    tune(&mut app);
    let before = body::<Walker>(&mut app).position;
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 0.5);
    assert!(body::<Walker>(&mut app).position.distance(before) > 0.5);
}

#[test]
fn the_menu_stops_the_games_time_and_only_it() {
    let mut app = game();
    tap(&mut app, KeyCode::Escape);
    assert!(app.world().resource::<Time<Virtual>>().is_paused());
    let real = app.world().resource::<Time<Real>>().elapsed();
    app.update();
    assert!(app.world().resource::<Time<Real>>().elapsed() > real);
    tap(&mut app, KeyCode::Escape);
    assert!(!app.world().resource::<Time<Virtual>>().is_paused());
}

#[test]
fn the_overlay_key_cycles_the_depth() {
    let mut app = game();
    for expected in [OverlayDepth::Hud, OverlayDepth::Full, OverlayDepth::Off] {
        tap(&mut app, KeyCode::F3);
        assert_eq!(*app.world().resource::<OverlayDepth>(), expected);
    }
}

#[test]
fn a_jump_asked_for_in_the_menu_is_not_jumped_afterwards() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let floor = body::<Walker>(&mut app).position.y;
    for key in [KeyCode::Escape, KeyCode::Space, KeyCode::Escape] {
        tap(&mut app, key);
    }
    for _ in 0..32 {
        app.update();
        assert!((body::<Walker>(&mut app).position.y - floor).abs() < 0.02);
    }
}
