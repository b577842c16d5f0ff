//! The car, driven by the autopilot and against walls.

use super::*;

#[test]
fn the_autopilot_drives_eight_hundred_metres_through_the_city() {
    let mut app = game();
    load_around(&mut app, 300.0, -300.0, 4);
    run(&mut app, 0.3);
    ask(
        &mut app,
        GameRequest::DriveTo {
            x: 600.0,
            z: -400.0,
        },
    );
    assert_eq!(*app.world().resource::<Control>(), Control::InCar);
    let end = app
        .world_mut()
        .resource_mut::<CityMap>()
        .nearest_lane(DVec2::new(600.0, -400.0))
        .place;
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
    let place = body::<Car>(&mut app).position.xz();
    assert!(place.distance(end) < 5.0, "{place} is not {end}");
    let journey = *app.world().resource::<Journey>();
    assert!(
        (700.0..1_500.0).contains(&journey.distance_m),
        "{journey:?}"
    );
    // Red lights and other traffic included.
    assert!(
        journey.speed_max_mps < 35.0 && secs < 150.0,
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
                after_preload: false,
            },
        );
        run(&mut app, 0.1);
        let mut cars = app.world_mut().query::<&mut Car>();
        let mut car = cars.single_mut(app.world_mut()).unwrap();
        car.motion.velocity = crate::game::body::forward_of(car.motion.yaw) * 50.0;
        press(&mut app, KeyCode::KeyW);
        for _ in 0..200 {
            app.update();
            let mut cars = app.world_mut().query::<(&Car, &Body)>();
            let (car, body) = cars.single(app.world()).unwrap();
            let index = app.world().resource::<CollisionIndex>();
            index.boxes_near(car.motion.position, 4.0, &mut boxes);
            for solid in boxes
                .iter()
                .filter(|solid| solid.blocks(body.position.y + 0.4, body.position.y + 1.3))
            {
                for circle in car.motion.circles() {
                    let depth = solid
                        .push_out(circle, car::CIRCLE_RADIUS_M)
                        .map_or(0.0, Vec2::length);
                    assert!(depth < 0.5, "{depth} m inside {solid:?} at {circle}");
                }
            }
        }
    }
}
