//! Teleports and flights.

use super::*;
use crate::streaming::{AsyncChunkPlugin, ChunkContent, GenerateError};

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
            after_preload: false,
        },
    );
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 1.0);
    let place = body::<Car>(&mut app).position;
    assert_eq!(place.xz(), DVec2::new(4_000.0, -900.0));
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
            after_preload: false,
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
        DVec3::new(1_000.0, 80.0, 0.0)
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

fn fly(app: &mut App, x: f64, speed: f64) {
    ask(
        app,
        GameRequest::FlyTo {
            x,
            z: 0.0,
            height: 80.0,
            speed,
        },
    );
}

#[test]
fn a_leg_that_is_ordered_on_arrival_follows_without_a_frame_that_stands() {
    let mut app = game();
    fly(&mut app, 3_000.0, 1_500.0);
    let mut orders = 0;
    let mut before = body::<Walker>(&mut app).position;
    let step = 1_500.0 / 64.0;
    for frame in 0..400 {
        let journey = *app.world().resource::<Journey>();
        if journey.is_arriving && orders < 3 {
            orders += 1;
            ask(
                &mut app,
                GameRequest::FlyArc {
                    radius_m: 2_000.0,
                    degrees: if orders == 2 { -45.0 } else { 45.0 },
                    height: 80.0,
                    speed: 1_500.0,
                },
            );
        } else {
            app.update();
        }
        if app.world().resource::<Journey>().arrived {
            assert_eq!(orders, 3);
            return;
        }
        let here = body::<Walker>(&mut app).position;
        let way = here.distance(before);
        assert!(
            (way - step).abs() < step * 1e-3 || frame == 0,
            "{way} m in frame {frame} after {orders} orders"
        );
        before = here;
    }
    panic!("not there: {before}");
}

#[test]
fn an_order_before_the_arrival_replaces_the_flight() {
    let mut app = game();
    fly(&mut app, 5_000.0, 500.0);
    run(&mut app, 1.0);
    fly(&mut app, 0.0, 500.0);
    let turned = body::<Walker>(&mut app).position.x;
    run(&mut app, 0.5);
    assert!(body::<Walker>(&mut app).position.x < turned - 200.0);
}

#[test]
fn a_teleport_after_preload_stays_for_ten_seconds_at_most_and_takes_orders_along() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    let start = body::<Walker>(&mut app).position;
    // Without streaming no ticket is ever ready.
    ask(
        &mut app,
        GameRequest::Teleport {
            x: 9_000.0,
            z: 70.0,
            heading_deg: None,
            after_preload: true,
        },
    );
    ask(
        &mut app,
        GameRequest::FlyTo {
            x: 9_000.0,
            z: -300.0,
            height: 50.0,
            speed: 100.0,
        },
    );
    run(&mut app, 9.5);
    let journey = *app.world().resource::<Journey>();
    assert!(
        journey.awaits_preload && journey.teleports == 0,
        "{journey:?}"
    );
    assert_eq!(body::<Walker>(&mut app).position, start);
    run(&mut app, 1.0);
    let journey = *app.world().resource::<Journey>();
    assert!(!journey.awaits_preload && !journey.arrived);
    assert_eq!((journey.teleports, journey.late_preloads), (1, 1));
    assert!(
        (journey.preload_wait_secs - 10.0).abs() < 0.1,
        "{journey:?}"
    );
    let flying = body::<Walker>(&mut app).position;
    assert!(flying.x == 9_000.0 && flying.z < 70.0, "{flying}");
    run(&mut app, 5.0);
    assert!(app.world().resource::<Journey>().arrived);
}

#[test]
fn an_order_to_nowhere_moves_nobody() {
    let mut app = game();
    let start = body::<Walker>(&mut app).position;
    fly(&mut app, f64::NAN, 100.0);
    ask(
        &mut app,
        GameRequest::Teleport {
            x: f64::INFINITY,
            z: 0.0,
            heading_deg: None,
            after_preload: true,
        },
    );
    run(&mut app, 0.2);
    assert_eq!(body::<Walker>(&mut app).position, start);
    assert!(!app.world().resource::<Journey>().awaits_preload);
}

#[test]
fn the_respawn_key_leads_back_to_the_start() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    let start = app.world().resource::<CityMap>().spawn_point();
    fly(&mut app, 900.0, 600.0);
    run(&mut app, 2.0);
    tap(&mut app, KeyCode::KeyR);
    run(&mut app, 10.2);
    let walker = body::<Walker>(&mut app);
    assert!(walker.position.distance(start.person_in_world.as_dvec3()) < 3.0);
    assert!(!walker.awaits_ground, "stands on the ground again");
}

struct Nothing;

impl ChunkGenerator for Nothing {
    fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
        Ok(ChunkContent::default())
    }
}

#[test]
fn a_teleport_after_preload_finds_its_place_loaded_and_stands_at_once() {
    let mut app = game();
    let values = StreamingValues {
        must_have_radius_m: 400.0,
        load_radius_m: 400.0,
        unload_radius_m: 600.0,
        view_radius_m: 400.0,
        ..default()
    };
    app.add_plugins(bevy::mesh::MeshPlugin)
        .init_asset::<StandardMaterial>()
        .add_plugins(
            AsyncChunkPlugin::new(Nothing).with_settings(StreamingSettings::new(values).unwrap()),
        );
    let place = DVec2::new(-1e5, 250.0);
    ask(
        &mut app,
        GameRequest::Teleport {
            x: place.x,
            z: place.y,
            heading_deg: None,
            after_preload: true,
        },
    );
    let mut frames = 0;
    while app.world().resource::<Journey>().awaits_preload {
        assert!(body::<Walker>(&mut app).position.x > -100.0, "not yet");
        app.update();
        std::thread::sleep(Duration::from_millis(2));
        frames += 1;
    }
    assert!(frames > 5, "it had to be loaded first");
    let journey = *app.world().resource::<Journey>();
    assert_eq!((journey.teleports, journey.late_preloads), (1, 0));
    let index = app.world().resource::<CollisionIndex>();
    for way in [DVec2::ZERO, DVec2::X, DVec2::Y, DVec2::NEG_X, DVec2::NEG_Y] {
        let there = place + way * 350.0;
        assert!(index.may_enter(there), "nothing to stand on at {there}");
    }
    // The step of this frame or the next lets go of the body.
    app.update();
    let walker = body::<Walker>(&mut app);
    assert!(!walker.awaits_ground && walker.position.xz().distance(place) < 0.5);
}
