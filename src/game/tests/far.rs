//! Far from the middle of the world, with the scene's origin following as it does in the game.

use super::*;
use crate::game::body::forward_of;
use crate::streaming::{
    AsyncChunkPlugin, ChunkContent, FocusPurpose, GenerateError, OriginShifted,
};

struct Nothing;

impl ChunkGenerator for Nothing {
    fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
        Ok(ChunkContent::default())
    }
}

/// The game with the origin of streaming, which itself is paused: tests say which chunks are there.
fn game_with_origin() -> App {
    let mut app = game();
    let values = StreamingValues {
        seed: SEED,
        chunk_size_m: SIZE_M,
        max_concurrent_tasks: 0,
        ..default()
    };
    app.add_plugins(bevy::mesh::MeshPlugin)
        .init_asset::<StandardMaterial>()
        .add_plugins(
            AsyncChunkPlugin::new(Nothing).with_settings(StreamingSettings::new(values).unwrap()),
        );
    app.update();
    app
}

/// Flat and empty ground around a place, except for the city's chunk (0, 0) right there.
fn lay_ground(app: &mut App, middle: DVec2, reach: i32) {
    let request = ChunkRequest::for_test(ChunkCoord::new(0, 0), SEED, SIZE_M);
    let content = CityGenerator
        .generate(&request, &StopToken::never())
        .unwrap();
    let block = content.payload.unwrap().downcast::<CityCollision>().ok();
    let cell = ChunkCoord::containing_ground(middle, SIZE_M);
    let mut index = app.world_mut().resource_mut::<CollisionIndex>();
    for x in -reach..=reach {
        for z in -reach..=reach {
            index.insert(ChunkCoord::new(cell.x + x, cell.z + z), None);
        }
    }
    index.insert(cell, block);
}

fn shifts(app: &App) -> u64 {
    app.world().resource::<WorldOrigin>().shifts()
}

fn teleport(app: &mut App, at: DVec2) {
    ask(
        app,
        GameRequest::Teleport {
            x: at.x,
            z: at.y,
            heading_deg: Some(30.0),
            after_preload: false,
        },
    );
}

fn place_in_scene<M: Component>(app: &mut App) -> Vec3 {
    let mut query = app.world_mut().query_filtered::<&Transform, With<M>>();
    query.single(app.world()).unwrap().translation
}

/// Drives through corners into walls and back, and on foot. Returns the way relative to the corner of the cell.
fn manoeuvre(app: &mut App, corner: DVec2) -> Vec<DVec3> {
    // Who is in the streets depends on where they are.
    app.insert_resource(crate::game::crowd::CrowdBudget {
        people: 0,
        vehicles: 0,
    });
    lay_ground(app, corner, 3);
    ask(app, GameRequest::EnterVehicle);
    teleport(app, corner + DVec2::new(2.0, 100.0));
    run(app, 0.2);
    let from = corner.extend(0.0).xzy();
    let mut way = Vec::new();
    for keys in [
        &[KeyCode::KeyW][..],
        &[KeyCode::KeyW, KeyCode::KeyA],
        &[KeyCode::KeyW, KeyCode::KeyD],
        &[KeyCode::KeyS],
        &[KeyCode::KeyS, KeyCode::KeyD],
        &[KeyCode::Space],
    ] {
        for key in keys {
            press(app, *key);
        }
        for _ in 0..64 * 2 {
            app.update();
            way.push(body::<Car>(app).position - from);
        }
        for key in keys {
            release(app, *key);
        }
    }
    ask(app, GameRequest::LeaveVehicle);
    press(app, KeyCode::KeyW);
    for _ in 0..64 * 3 {
        app.update();
        way.push(body::<Walker>(app).position - from);
    }
    release(app, KeyCode::KeyW);
    way
}

#[test]
fn the_same_manoeuvre_leads_the_same_way_at_the_origin_and_a_hundred_kilometres_out() {
    let near = manoeuvre(&mut game_with_origin(), DVec2::ZERO);
    let length: f64 = near.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    assert!(length > 60.0, "a manoeuvre of {length} m only");
    for corner in [
        DVec2::new(1e5, 0.0),
        DVec2::new(-1e5, 1e5),
        // Far, and at the edge of what the scene's origin lets be.
        DVec2::new(4_000.0, -4_000.0),
        DVec2::new(1e7, -1e7),
    ] {
        let mut app = game_with_origin();
        let far = manoeuvre(&mut app, corner);
        let apart = near
            .iter()
            .zip(&far)
            .map(|(a, b)| a.distance(*b))
            .fold(0.0, f64::max);
        assert!(apart < 1e-3, "{apart} m apart at {corner}");
    }
}

#[test]
fn what_is_drawn_stays_near_the_scenes_origin_and_sharp() {
    let mut app = game_with_origin();
    manoeuvre(&mut app, DVec2::new(1e5, -3e5));
    assert!(shifts(&app) > 0);
    let walker = body::<Walker>(&mut app);
    let in_scene = place_in_scene::<Walker>(&mut app);
    assert!(in_scene.length() < 4_500.0, "{in_scene}");
    let origin = *app.world().resource::<WorldOrigin>();
    assert!(origin.to_world(in_scene).distance(walker.position) < 0.12);
    assert_eq!(focus_places(&mut app).len(), 1);
}

#[test]
fn a_shift_during_a_drive_changes_no_velocity_distance_or_relative_position() {
    let mut app = game_with_origin();
    let start = DVec2::new(4_000.0, 20.0);
    lay_ground(&mut app, DVec2::new(4_700.0, 20.0), 4);
    teleport(&mut app, start + DVec2::new(-20.0, 4.0));
    run(&mut app, 0.2);
    ask(&mut app, GameRequest::EnterVehicle);
    teleport(&mut app, start);
    run(&mut app, 0.2);
    let mut cars = app.world_mut().query::<&mut Car>();
    let mut car = cars.single_mut(app.world_mut()).unwrap();
    car.motion.yaw = -std::f32::consts::FRAC_PI_2;
    car.motion.velocity = forward_of(car.motion.yaw) * 30.0;
    press(&mut app, KeyCode::KeyW);
    // Frames that are no whole number of steps: the body is drawn between two of them.
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_micros(
        11_111,
    )));
    for _ in 0..5 {
        app.update();
    }
    let mut seen = 0;
    for _ in 0..64 * 10 {
        let before = (
            shifts(&app),
            body::<Car>(&mut app),
            *app.world().resource::<Journey>(),
            app.world().resource::<WorldOrigin>().offset(),
            place_in_scene::<Car>(&mut app),
        );
        app.update();
        let (car, journey) = (body::<Car>(&mut app), *app.world().resource::<Journey>());
        let origin = *app.world().resource::<WorldOrigin>();
        let drawn = place_in_scene::<Car>(&mut app).as_dvec3() + origin.offset();
        let step = drawn - (before.4.as_dvec3() + before.3);
        let speed = f64::from(car.velocity.length());
        assert!(
            (step.length() - speed * 0.011_111).abs() < 0.02,
            "drawn {step} away at {speed} m/s"
        );
        let way = car.position.distance(before.1.position);
        assert!((journey.distance_m - before.2.distance_m - way).abs() < 1e-6);
        assert!(car.velocity.distance(before.1.velocity) < 0.3);
        if shifts(&app) > before.0 {
            seen += 1;
            let shifted = app.world().resource::<Messages<OriginShifted>>();
            assert!(!shifted.is_empty());
            assert!(drawn.x > 4_096.0 && place_in_scene::<Car>(&mut app).x.abs() < 200.0);
        }
    }
    assert_eq!(seen, 1);
}

#[test]
fn a_teleport_to_a_hundred_kilometres_and_back_ends_where_it_began() {
    let mut app = game_with_origin();
    lay_ground(&mut app, DVec2::ZERO, 1);
    lay_ground(&mut app, DVec2::new(1e5, 1e5), 1);
    let place = DVec2::new(2.0, 101.0);
    teleport(&mut app, place);
    run(&mut app, 0.3);
    let here = body::<Walker>(&mut app).position;
    let distance = app.world().resource::<Journey>().distance_m;
    for _ in 0..3 {
        teleport(&mut app, place + 1e5);
        run(&mut app, 0.3);
        let there = body::<Walker>(&mut app);
        assert!(!there.awaits_ground && there.position.xz() == place + 1e5);
        assert!(place_in_scene::<Walker>(&mut app).length() < 300.0);
        teleport(&mut app, place);
        run(&mut app, 0.3);
    }
    assert_eq!(body::<Walker>(&mut app).position, here);
    let journey = *app.world().resource::<Journey>();
    assert!((journey.distance_m - distance).abs() < 1e-9, "{journey:?}");
    assert!(shifts(&app) >= 6);
}

#[test]
fn an_added_focus_keeps_its_place_through_any_number_of_shifts() {
    let mut app = game_with_origin();
    let place = DVec3::new(123.456, 0.0, -77.7);
    ask(
        &mut app,
        GameRequest::AddFocus {
            name: "home".into(),
            x: place.x,
            z: place.z,
            purpose: FocusPurpose::See,
        },
    );
    for hop in 1..6 {
        teleport(&mut app, DVec2::new(f64::from(hop) * 7_000.0, 0.0));
        run(&mut app, 0.1);
    }
    assert!(
        shifts(&app) >= 5,
        "the player's focus leads, not the added one"
    );
    teleport(&mut app, DVec2::ZERO);
    run(&mut app, 0.1);
    let home = focus_places(&mut app)
        .into_iter()
        .map(|focus| focus.distance(place))
        .fold(f64::INFINITY, f64::min);
    assert!(home < 1e-4, "{home} m off");
}

#[test]
fn a_flight_of_a_hundred_kilometres_arrives_exactly() {
    let mut app = game_with_origin();
    let start = body::<Walker>(&mut app).position;
    ask(
        &mut app,
        GameRequest::FlyTo {
            x: 1e5,
            z: -300.5,
            height: 90.0,
            speed: 1_500.0,
        },
    );
    let mut secs = 0.0;
    while !app.world().resource::<Journey>().arrived {
        run(&mut app, 1.0);
        secs += 1.0;
        assert!(secs < 70.0);
    }
    let walker = body::<Walker>(&mut app).position;
    assert_eq!(walker, DVec3::new(1e5, 90.0, -300.5));
    let journey = *app.world().resource::<Journey>();
    let way = walker.xz().distance(start.xz());
    // The climb to its height is no part of the way over the ground.
    assert!((journey.distance_m - way).abs() < 1e-3, "{journey:?}");
    assert!(shifts(&app) >= 20);
}
