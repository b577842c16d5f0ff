//! Hills, highways and rivers.

use super::*;
use crate::city::FloorKind;
use crate::city::probe::{highway_way, way_into_river};
use crate::game::body::{forward_of, right_of};
use crate::game::camera::FreeCamera;
use crate::game::car::{DriverInput, DriverInputNow};

/// Where the driver of these tests goes, world x and z in metres.
#[derive(Resource)]
struct Towards(DVec2);

/// Steers the car towards a place, at about 15 m/s.
fn steer(towards: Res<Towards>, cars: Query<&Car>, mut driver: ResMut<DriverInputNow>) {
    let motion = cars.single().unwrap().motion;
    let way = (towards.0 - motion.position).as_vec2().normalize_or_zero();
    let aside = way.dot(right_of(motion.yaw));
    driver.0 = DriverInput {
        pedal: ((15.0 - motion.forward_speed()) * 0.5).clamp(-1.0, 1.0),
        steer: (aside * 4.0).clamp(-1.0, 1.0),
        handbrake: false,
    };
}

/// Keeps the chunks around a place loaded and no others.
fn stream(app: &mut App, loaded: &mut Vec<ChunkCoord>, place: DVec2) {
    let middle = ChunkCoord::containing_ground(place, SIZE_M);
    for dx in -1..=1 {
        for dz in -1..=1 {
            let coord = ChunkCoord::new(middle.x + dx, middle.z + dz);
            if !loaded.contains(&coord) {
                load(app, coord);
                loaded.push(coord);
            }
        }
    }
}

#[test]
fn a_car_drives_up_the_ramp_along_the_highway_and_down_again() {
    let mut app = game();
    let way = highway_way(SEED);
    app.insert_resource(Towards(way[0]))
        .add_systems(FixedUpdate, steer.in_set(crate::game::GameSet::Pilot));
    let mut loaded = Vec::new();
    stream(&mut app, &mut loaded, way[0]);
    ask(&mut app, GameRequest::EnterVehicle);
    teleport_to(&mut app, way[0], heading(way[0], way[1]));
    run(&mut app, 0.3);
    let relief = CityRelief::new(SEED);
    let mut highest = 0.0_f64;
    let mut before = body::<Car>(&mut app).position;
    let mut climb_before: Option<f64> = None;
    for pair in way.windows(2).skip(1) {
        stream(&mut app, &mut loaded, pair[1]);
        let mut frames = 0;
        loop {
            app.insert_resource(Towards(pair[1]));
            app.update();
            let mut cars = app.world_mut().query::<(&Car, &Body)>();
            let (car, body) = cars.single(app.world()).unwrap();
            assert!(car.impact_mps < 0.5, "hit something at {}", body.position);
            let climb = (body.position.y - before.y)
                / (body.position.xz() - before.xz()).length().max(0.05);
            assert!(
                climb.abs() < 0.14,
                "a slope of {climb} at {}",
                body.position
            );
            if let Some(earlier) = climb_before {
                assert!(
                    (climb - earlier).abs() < 0.05,
                    "a jolt of {climb} after {earlier}"
                );
            }
            climb_before = Some(climb);
            let nose = body.rotation * Vec3::NEG_Z;
            assert!(
                (f64::from(nose.y) - climb).abs() < 0.06,
                "the nose follows the slope"
            );
            before = body.position;
            highest = highest.max(before.y - relief.height_at(before.xz()));
            if before.xz().distance(pair[1]) < 6.0 {
                break;
            }
            frames += 1;
            assert!(
                frames < 64 * 20,
                "stuck at {before}, on the way to {}",
                pair[1]
            );
        }
    }
    assert!(highest > 5.5, "only {highest} m above the land");
    let down = before.y - relief.height_at(before.xz());
    assert!(down.abs() < 0.4, "{down} m above the street at the end");
}

#[test]
fn under_the_deck_is_the_street_and_on_it_the_highway() {
    let mut app = game();
    let way = highway_way(SEED);
    let middle = way[way.len() / 2];
    load_around(&mut app, middle.x, middle.y, 1);
    let index = app.world().resource::<CollisionIndex>();
    let ground = index.ground_height(middle).unwrap();
    let above = |height: f64| {
        index
            .floor_under(middle.extend(ground + height).xzy())
            .unwrap()
            .height_m
            - ground
    };
    assert!(above(0.0) == 0.0 && above(4.0) == 0.0);
    assert!((6.0..10.0).contains(&above(12.0)), "{}", above(12.0));
    let deck = above(12.0);
    let is_in = |height: f64| index.is_in_deck(middle.extend(ground + height).xzy(), 0.2);
    assert!(is_in(deck - 0.5) && !is_in(deck + 0.5) && !is_in(2.0));
}

/// A way beside the given one, into the water between the trees and lamps of the bank: nothing stands in a car's way.
fn free_way_beside(app: &App, [bank, water]: [DVec2; 2]) -> [DVec2; 2] {
    const BANK_M: i32 = 60;
    const MARGIN_M: f32 = 0.4;
    let index = app.world().resource::<CollisionIndex>();
    let ahead = (water - bank).normalize();
    let mut boxes = Vec::new();
    let mut is_free = |from: DVec2| {
        (-3..BANK_M).all(|way_m| {
            let place = from + ahead * f64::from(way_m);
            index.boxes_near(place, 3.0, &mut boxes);
            boxes.iter().all(|solid| {
                solid
                    .push_out(place, car::CIRCLE_RADIUS_M + MARGIN_M)
                    .is_none()
            })
        })
    };
    (0..60)
        .map(|step| ahead.perp() * f64::from(step))
        .find(|aside| is_free(bank + *aside))
        .map(|aside| [bank + aside, water + aside])
        .expect("a gap between the trees")
}

#[test]
fn who_walks_or_drives_into_the_river_is_put_back_on_firm_ground() {
    let mut app = game();
    let [bank, water] = way_into_river(SEED);
    load_around(&mut app, bank.x, bank.y, 1);
    load_around(&mut app, water.x, water.y, 1);
    let [bank, water] = free_way_beside(&app, [bank, water]);
    for in_car in [false, true] {
        if in_car {
            ask(&mut app, GameRequest::EnterVehicle);
        }
        teleport_to(&mut app, bank, heading(bank, water));
        run(&mut app, 0.5);
        press(&mut app, KeyCode::KeyW);
        press(&mut app, KeyCode::ShiftLeft);
        let (mut lowest, mut was_put_back) = (f64::MAX, false);
        let mut before = None::<DVec3>;
        for _ in 0..64 * 30 {
            app.update();
            let body = if in_car {
                body::<Car>(&mut app)
            } else {
                body::<Walker>(&mut app)
            };
            lowest = lowest.min(body.position.y);
            if let Some(before) = before
                && body.position.distance(before) > 3.0
            {
                was_put_back = true;
                let index = app.world().resource::<CollisionIndex>();
                let floor = index.floor_under(body.position).unwrap();
                assert!(
                    !matches!(floor.kind, FloorKind::Water | FloorKind::Bank),
                    "{floor:?}"
                );
                assert!((body.position.y - floor.height_m).abs() < 0.3);
                break;
            }
            before = Some(body.position);
        }
        release(&mut app, KeyCode::KeyW);
        release(&mut app, KeyCode::ShiftLeft);
        assert!(was_put_back, "in the car: {in_car}; lowest {lowest}");
        assert!(lowest > -4.0, "nobody falls through the bed: {lowest}");
        assert!(
            !app.world()
                .resource::<Messages<crate::modes::Toast>>()
                .is_empty()
        );
    }
}

#[test]
fn a_parked_car_on_a_hill_neither_creeps_nor_trembles() {
    let mut app = game();
    let relief = CityRelief::new(SEED);
    // The steepest of many places on the arterial through the origin.
    let (_, place, ahead) = (0..200)
        .map(|step| {
            let v = f64::from(step) * 12.0;
            let (place, ahead) = (bent(2.0, v), bent(2.0, v + 4.0));
            let rise = (relief.height_at(ahead) - relief.height_at(place)).abs();
            (rise, place, ahead)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap();
    load_around(&mut app, place.x, place.y, 1);
    ask(&mut app, GameRequest::EnterVehicle);
    teleport_to(&mut app, place, heading(place, ahead));
    run(&mut app, 2.0);
    let start = body::<Car>(&mut app);
    for _ in 0..64 * 5 {
        app.update();
        let now = body::<Car>(&mut app);
        assert!(
            now.position.distance(start.position) < 1e-3,
            "{}",
            now.position
        );
        assert!(now.rotation.angle_between(start.rotation) < 1e-3);
    }
    let nose = start.rotation * Vec3::NEG_Z;
    let slope = (relief.height_at(ahead) - relief.height_at(place)) / place.distance(ahead);
    assert!(
        (f64::from(nose.y) - slope).abs() < 0.02,
        "{nose} on a slope of {slope}"
    );
    assert!(slope.abs() > 0.01, "no hill at all: {slope}");
    // Full throttle up and down the hill leaves the wheels on the ground.
    let mut cars = app.world_mut().query::<&mut Car>();
    let mut car = cars.single_mut(app.world_mut()).unwrap();
    car.motion.velocity = forward_of(car.motion.yaw) * 12.0;
    for _ in 0..64 * 3 {
        app.update();
        let now = body::<Car>(&mut app);
        let index = app.world().resource::<CollisionIndex>();
        let floor = index.floor_under(now.position).unwrap();
        assert!(
            (now.position.y - floor.height_m).abs() < 0.12,
            "{floor:?} {}",
            now.position
        );
    }
}

#[test]
fn a_view_of_the_first_frame_stands_above_the_land_as_well() {
    let mut app = game_before_its_first_frame();
    let place = DVec2::new(-4.0, 30.0);
    let request = GameRequest::View {
        x: place.x,
        z: place.y,
        height: 1.7,
        heading_deg: 2.0,
        pitch_deg: 4.0,
    };
    ask(&mut app, request);
    let land_m = CityRelief::new(SEED).height_at(place);
    assert!(land_m > 1.0, "or the test cannot fail: {land_m}");
    let eye_m = app.world().resource::<FreeCamera>().position.y;
    assert!((eye_m - land_m - 1.7).abs() < 1e-6, "{eye_m} over {land_m}");
}
