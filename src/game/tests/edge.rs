//! Where the city is not loaded: nobody goes on into it, nobody ends inside a building that comes later.

use super::*;
use crate::game::body::forward_of;
use crate::game::collision::Solid;
use crate::game::crowd::CrowdBudget;
use crate::streaming::{AsyncChunkPlugin, ChunkContent, GenerateError, StreamingRequest};

/// How deep the outline of the car stands in the boxes of the loaded chunks, metres.
fn depth_of_car(app: &mut App) -> f32 {
    let mut cars = app.world_mut().query::<(&Car, &Body)>();
    let (car, body) = cars.single(app.world()).unwrap();
    let mut boxes = Vec::new();
    app.world()
        .resource::<CollisionIndex>()
        .boxes_near(car.motion.position, 4.0, &mut boxes);
    let in_the_way = |solid: &&Solid| solid.blocks(body.position.y + 0.4, body.position.y + 1.3);
    let depths = boxes.iter().filter(in_the_way).flat_map(|solid| {
        let circles = car.motion.circles();
        circles.map(|circle| {
            solid
                .push_out(circle, car::CIRCLE_RADIUS_M)
                .map_or(0.0, Vec2::length)
        })
    });
    depths.fold(0.0, f32::max)
}

#[test]
fn a_car_stops_where_the_city_is_not_loaded_yet_and_may_turn_back() {
    let mut app = game();
    // Other traffic waits at the edge too, and would stand between it and the car.
    app.insert_resource(CrowdBudget {
        people: 0,
        vehicles: 0,
    });
    load(&mut app, ChunkCoord::new(0, 0));
    load(&mut app, ChunkCoord::new(-1, 0));
    ask(&mut app, GameRequest::EnterVehicle);
    let mut edges = 0;
    // Along the street through the origin, both ways, and off it.
    let place = bent(2.0, 100.0);
    let north = heading(place, bent(2.0, 80.0));
    for turn in [0.0, 180.0, 40.0, 220.0] {
        teleport_to(&mut app, place, north + turn);
        run(&mut app, 0.1);
        let mut cars = app.world_mut().query::<&mut Car>();
        let mut car = cars.single_mut(app.world_mut()).unwrap();
        car.motion.velocity = forward_of(car.motion.yaw) * 50.0;
        press(&mut app, KeyCode::KeyW);
        for _ in 0..64 * 8 {
            app.update();
            let car = body::<Car>(&mut app);
            let index = app.world().resource::<CollisionIndex>();
            assert!(index.is_ready(car.position) && !car.awaits_ground);
        }
        release(&mut app, KeyCode::KeyW);
        let mut cars = app.world_mut().query::<&Car>();
        let stopped = cars.single(app.world()).unwrap().motion;
        if car::has_edge_ahead(&stopped, app.world().resource::<CollisionIndex>()) {
            edges += 1;
            press(&mut app, KeyCode::KeyS);
            run(&mut app, 2.0);
            release(&mut app, KeyCode::KeyS);
            let back = body::<Car>(&mut app).position.xz();
            let way = stopped.position.distance(back);
            assert!(way > 1.0, "only {way} m back from {stopped:?}");
        }
    }
    assert!(edges >= 2, "the street leads to the edge both ways");
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 0.5);
    assert!(depth_of_car(&mut app) < 0.1);
}

#[test]
fn a_walker_stops_where_the_city_is_not_loaded_yet() {
    let mut app = game();
    load(&mut app, ChunkCoord::new(0, 0));
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 3.0,
            z: 100.0,
            heading_deg: Some(300.0),
            after_preload: false,
        },
    );
    run(&mut app, 0.1);
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 6.0);
    let walker = body::<Walker>(&mut app);
    assert!(
        !walker.awaits_ground && walker.position.x >= 0.0,
        "{}",
        walker.position
    );
    assert!(
        walker.position.x < 0.2,
        "at the very edge: {}",
        walker.position
    );
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 1.0);
    assert!(
        body::<Walker>(&mut app).position.x < -1.0,
        "and then goes on"
    );
}

#[test]
fn a_car_whose_chunk_goes_is_held_and_finds_a_free_place_when_it_comes_back() {
    let mut app = game();
    ask(&mut app, GameRequest::EnterVehicle);
    load(&mut app, ChunkCoord::new(0, 0));
    run(&mut app, 0.1);
    let mut boxes = Vec::new();
    let index = app.world().resource::<CollisionIndex>();
    index.boxes_near(DVec2::new(100.0, 100.0), 90.0, &mut boxes);
    let house = boxes
        .into_iter()
        .filter(|solid| solid.top_m() - solid.bottom_m() > 3.0)
        .max_by(|a, b| a.sides_m().length().total_cmp(&b.sides_m().length()))
        .unwrap();
    app.world_mut()
        .resource_mut::<CollisionIndex>()
        .remove(ChunkCoord::new(0, 0));
    let middle = house.middle();
    let mut cars = app.world_mut().query::<(&mut Car, &mut Body)>();
    let (mut car, mut standing) = cars.single_mut(app.world_mut()).unwrap();
    car.place(&mut standing, middle.extend(0.0).xzy(), 0.0);
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 1.0);
    let held = body::<Car>(&mut app);
    assert!(held.awaits_ground && held.position.xz() == middle);
    release(&mut app, KeyCode::KeyW);
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    assert!(!body::<Car>(&mut app).awaits_ground && depth_of_car(&mut app) < 0.1);
}

#[test]
fn a_chunk_that_was_given_up_holds_nobody() {
    let mut app = game();
    load(&mut app, ChunkCoord::new(0, 0));
    app.world_mut()
        .resource_mut::<CollisionIndex>()
        .give_up(ChunkCoord::new(-1, 0));
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 3.0,
            z: 100.0,
            heading_deg: Some(270.0),
            after_preload: false,
        },
    );
    run(&mut app, 0.1);
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 6.0);
    let walker = body::<Walker>(&mut app);
    assert!(
        walker.position.x < -8.0 && !walker.awaits_ground,
        "{}",
        walker.position
    );
    // Tried again with success: no wall is around the walker.
    load(&mut app, ChunkCoord::new(-1, 0));
    run(&mut app, 0.1);
    let position = body::<Walker>(&mut app).position;
    let mut boxes = Vec::new();
    let index = app.world().resource::<CollisionIndex>();
    index.boxes_near(position.xz(), 1.0, &mut boxes);
    let is_inside = boxes.iter().any(|solid| {
        solid.blocks(position.y + 0.45, position.y + f64::from(walker::HEIGHT_M))
            && solid
                .push_out(position.xz(), walker::RADIUS_M - 0.02)
                .is_some()
    });
    assert!(!is_inside, "{position}");
}

struct Broken;

impl ChunkGenerator for Broken {
    fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
        Err(GenerateError::Failed("always".to_owned()))
    }
}

#[test]
fn a_quarantined_chunk_is_given_up_until_it_is_tried_again() {
    let mut app = game();
    let values = StreamingValues {
        seed: SEED,
        retry_limit: 0,
        ..default()
    };
    app.add_plugins(bevy::mesh::MeshPlugin)
        .init_asset::<StandardMaterial>()
        .add_plugins(
            AsyncChunkPlugin::new(Broken).with_settings(StreamingSettings::new(values).unwrap()),
        );
    let start = body::<Walker>(&mut app).position;
    let is_given_up = |app: &App| {
        app.world()
            .resource::<CollisionIndex>()
            .may_enter(start.xz())
    };
    assert!(!is_given_up(&app));
    for _ in 0..1_000 {
        app.update();
        if is_given_up(&app) {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(is_given_up(&app));
    app.world_mut()
        .write_message(StreamingRequest::RetryQuarantined);
    app.update();
    assert!(!is_given_up(&app), "it may come now");
}
