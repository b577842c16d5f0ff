//! The car, driven by the autopilot and against walls.

use super::*;
use crate::city::{ArmSide, LaneGraph, Signal};
use crate::game::crowd::{CrowdBudget, Mover, MoverKind, Movers, SignalClock};

#[test]
fn the_autopilot_drives_eight_hundred_metres_through_the_city() {
    let mut app = game();
    // Alone: what stands in the way is the city.
    app.insert_resource(CrowdBudget {
        people: 0,
        vehicles: 0,
    });
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

/// Whether two upright rounded boxes touch, from their axes and radii.
fn gap_m(a: &Mover, b: &Mover) -> f32 {
    let ends = |mover: &Mover| {
        let mover = *mover;
        (0..=8).map(move |step| {
            let along = (step as f32 / 4.0 - 1.0) * mover.half_length_m;
            mover.place + (mover.forward * along).as_dvec2()
        })
    };
    let least = |one: &Mover, other: &Mover| {
        ends(one)
            .map(|place| other.way_to(place).length())
            .fold(f32::MAX, f32::min)
    };
    least(a, b).min(least(b, a)) - a.radius_m - b.radius_m
}

/// A drive of the autopilot to a place among many others.
fn drive_in_traffic(middle: DVec2, goal: DVec2) {
    let mut app = game();
    app.insert_resource(CrowdBudget {
        people: 100,
        vehicles: 150,
    });
    load_around(&mut app, middle.x, middle.y, 5);
    run(&mut app, 6.0);
    ask(
        &mut app,
        GameRequest::DriveTo {
            x: goal.x,
            z: goal.y,
        },
    );
    let mut graph = LaneGraph::new(SEED);
    let lights = graph.signals_near(middle, 1_500.0);
    let (mut secs, mut stood_at_red, mut ran, mut met) = (0.0, 0, Vec::new(), 0);
    let (mut closest, mut worst_blow) = (f32::MAX, 0.0_f32);
    let mut inside_before: Option<crate::city::JunctionId> = None;
    while !app.world().resource::<Journey>().arrived {
        app.update();
        secs += 1.0 / 64.0;
        assert!(
            secs < 400.0,
            "not there: {}",
            body::<Car>(&mut app).position
        );
        let mut cars = app.world_mut().query::<(&Car, &Mover)>();
        let (car, own) = cars
            .single(app.world())
            .map(|(car, own)| (car.clone(), *own))
            .unwrap();
        worst_blow = worst_blow.max(car.impact_mps);
        for other in app.world().resource::<Movers>().all() {
            let is_near = other.place.distance(own.place) < 30.0
                && (other.height_m - own.height_m).abs() < 2.0;
            if other.kind == MoverKind::Vehicle && is_near {
                met += 1;
                closest = closest.min(gap_m(&own, other));
            }
        }
        // Who enters the middle of a junction with lights must not have had red.
        let clock = *app.world().resource::<SignalClock>();
        let inside = lights.iter().copied().find(|junction| {
            let middle = graph.junction_place(*junction);
            middle.xz().distance(own.place) < 9.0
        });
        if let (Some(junction), None) = (inside, inside_before) {
            let come_from = -car.motion.velocity;
            let arm = if come_from.x.abs() > come_from.y.abs() {
                if come_from.x > 0.0 {
                    ArmSide::East
                } else {
                    ArmSide::West
                }
            } else if come_from.y > 0.0 {
                ArmSide::South
            } else {
                ArmSide::North
            };
            ran.push(clock.shows(junction, arm));
        }
        inside_before = inside;
        let speed = car.motion.velocity.length();
        stood_at_red += usize::from(speed < 0.1);
    }
    println!(
        "{secs:.0} s, {:.0} s of them standing; entered on {ran:?}; {met} meetings, never nearer than {closest:.2} m",
        stood_at_red as f32 / 64.0
    );
    assert!(
        !ran.is_empty() && stood_at_red > 64,
        "{ran:?}, {stood_at_red} steps"
    );
    assert!(!ran.contains(&Signal::Red), "{ran:?}");
    assert!(met > 500, "{met} steps near others");
    assert!(closest > 0.0, "{closest} m to a vehicle");
    assert!(worst_blow < 1.0, "a blow of {worst_blow} m/s");
}

#[test]
fn the_autopilot_drives_in_traffic_stops_at_red_lights_and_touches_nobody() {
    drive_in_traffic(DVec2::new(300.0, -300.0), DVec2::new(600.0, -400.0));
}

#[test]
fn the_autopilot_brakes_for_who_crosses_its_way() {
    drive_in_traffic(DVec2::new(500.0, 100.0), DVec2::new(1_000.0, 300.0));
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
