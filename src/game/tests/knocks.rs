//! What the car knocks over or pushes, and that it stays so.

use super::*;
use crate::city::{StreetChanges, ThingKind};
use crate::game::collision::NearThing;
use crate::streaming::{AsyncChunkPlugin, ChunkStorePlugin};

fn things(app: &App, around: DVec2, kind: ThingKind) -> Vec<NearThing> {
    let mut things = app
        .world()
        .resource::<CollisionIndex>()
        .things_near(around, 90.0);
    things.retain(|thing| thing.kind == kind);
    things
}

fn find(app: &App, home: DVec2, around: DVec2, kind: ThingKind) -> Option<NearThing> {
    things(app, around, kind)
        .into_iter()
        .find(|thing| thing.home_in_plan.distance(home) < 0.3)
}

/// Whether the outline of a car is free of boxes there.
fn is_free(app: &App, place: DVec2, towards: Vec2) -> bool {
    let index = app.world().resource::<CollisionIndex>();
    let Some(ground) = index.ground_height(place) else {
        return false;
    };
    let mut boxes = Vec::new();
    index.boxes_near(place, 4.0, &mut boxes);
    car::CIRCLE_OFFSETS_M.into_iter().all(|offset| {
        let circle = place + (towards * offset).as_dvec2();
        boxes.iter().all(|solid| {
            !solid.blocks(ground + 0.3, ground + 1.6)
                || solid.push_out(circle, car::CIRCLE_RADIUS_M).is_none()
        })
    })
}

/// Lets the car run against something from a side where there is room. False if there is none.
fn run_into(app: &mut App, target: &NearThing, speed_mps: f32) -> bool {
    let gap = target.solid.sides_m().min_element() / 2.0 + 3.4;
    let Some(towards) = (0..16)
        .map(|step| Vec2::from_angle(step as f32 * std::f32::consts::TAU / 16.0))
        .find(|towards| is_free(app, target.in_world - (*towards * gap).as_dvec2(), *towards))
    else {
        return false;
    };
    let place = target.in_world - (towards * gap).as_dvec2();
    teleport_to(app, place, heading(place, target.in_world));
    run(app, 0.1);
    let mut cars = app.world_mut().query::<&mut Car>();
    let mut car = cars.single_mut(app.world_mut()).unwrap();
    car.motion.velocity = towards * speed_mps;
    run(app, 0.6);
    true
}

#[test]
fn a_lamp_that_is_hit_falls_and_stands_in_nobodys_way() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    ask(&mut app, GameRequest::EnterVehicle);
    let middle = bent(0.0, 60.0);
    let mut fallen = 0;
    for lamp in things(&app, middle, ThingKind::Lamp).into_iter().take(4) {
        if !run_into(&mut app, &lamp, 11.0) {
            continue;
        }
        if find(&app, lamp.home_in_plan, lamp.in_world, ThingKind::Lamp).is_none() {
            fallen += 1;
            let mut boxes = Vec::new();
            let index = app.world().resource::<CollisionIndex>();
            index.boxes_near(lamp.in_world, 0.5, &mut boxes);
            let ground = index.ground_height(lamp.in_world).unwrap();
            let post = boxes.iter().find(|solid| {
                solid.blocks(ground + 0.4, ground + 1.4)
                    && solid.way_from(lamp.in_world).length() < 0.05
            });
            assert!(post.is_none(), "{post:?}");
        }
    }
    assert!(fallen >= 2, "{fallen} lamps fell");
    // A soft touch fells none.
    let lamp = things(&app, middle, ThingKind::Lamp)
        .into_iter()
        .find(|lamp| run_into(&mut app, lamp, 2.5))
        .unwrap();
    assert!(find(&app, lamp.home_in_plan, lamp.in_world, ThingKind::Lamp).is_some());
}

#[test]
fn a_parked_car_that_is_hit_slides_away_and_into_nothing() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.3);
    ask(&mut app, GameRequest::EnterVehicle);
    let mut moved = 0;
    let parked = things(&app, DVec2::new(100.0, 100.0), ThingKind::Car);
    assert!(parked.len() > 3, "{} parked cars", parked.len());
    for car in parked.into_iter().take(8) {
        if !run_into(&mut app, &car, 10.0) {
            continue;
        }
        let now = find(&app, car.home_in_plan, car.in_world, ThingKind::Car).unwrap();
        let way = now.in_world.distance(car.in_world);
        assert!(way < 3.5, "{way} m");
        if way > 0.1 {
            moved += 1;
            assert!(
                now.solid.middle().distance(now.in_world) < 0.2,
                "its box went along"
            );
        }
    }
    assert!(moved >= 2, "{moved} cars were pushed");
}

/// The game with the city streamed around the player, and what was changed kept.
fn streamed() -> App {
    let mut app = App::new();
    let values = StreamingValues {
        seed: SEED,
        chunk_size_m: SIZE_M,
        must_have_radius_m: 400.0,
        load_radius_m: 400.0,
        unload_radius_m: 500.0,
        view_radius_m: 400.0,
        ..default()
    };
    app.add_plugins((
        MinimalPlugins,
        TransformPlugin,
        AssetPlugin::default(),
        bevy::mesh::MeshPlugin,
        StatesPlugin,
        InputPlugin,
    ))
    .init_asset::<StandardMaterial>()
    .init_asset::<crate::city::CityMaterial>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_micros(
        15_625,
    )))
    .add_plugins((
        AsyncChunkPlugin::new(CityGenerator).with_settings(StreamingSettings::new(values).unwrap()),
        ChunkStorePlugin::<StreetChanges>::default(),
        GamePlugin,
    ));
    app.update();
    app
}

/// Runs until the ground around the player is there.
fn wait_for_ground(app: &mut App) {
    for _ in 0..20_000 {
        app.update();
        let place = body::<Car>(app).position;
        let index = app.world().resource::<CollisionIndex>();
        let is_there = [-150.0, 0.0, 150.0].into_iter().all(|x| {
            [-150.0, 0.0, 150.0]
                .into_iter()
                .all(|z| index.is_ready(place + DVec3::new(x, 0.0, z)))
        });
        if is_there {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the city does not come");
}

/// Runs until a place that was left is unloaded, which may take longer than loading the new one.
fn wait_until_gone(app: &mut App, place: DVec2) {
    for _ in 0..5_000 {
        let index = app.world().resource::<CollisionIndex>();
        if !index.is_ready(place.extend(0.0).xzy()) {
            return;
        }
        app.update();
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("{place} was left and is still loaded");
}

#[test]
fn what_was_knocked_over_and_pushed_stays_so_when_the_place_is_left_and_found_again() {
    let mut app = streamed();
    ask(&mut app, GameRequest::EnterVehicle);
    teleport_to(&mut app, bent(2.0, 60.0), 0.0);
    wait_for_ground(&mut app);
    run(&mut app, 0.3);
    let middle = bent(0.0, 60.0);
    let lamp = things(&app, middle, ThingKind::Lamp)
        .into_iter()
        .find(|lamp| {
            run_into(&mut app, lamp, 11.0)
                && find(&app, lamp.home_in_plan, lamp.in_world, ThingKind::Lamp).is_none()
        })
        .unwrap();
    let (car, pushed) = things(&app, middle, ThingKind::Car)
        .into_iter()
        .find_map(|car| {
            let is_hit = run_into(&mut app, &car, 10.0);
            let now = find(&app, car.home_in_plan, car.in_world, ThingKind::Car)?;
            (is_hit && now.in_world.distance(car.in_world) > 0.2).then_some((car, now))
        })
        .unwrap();
    teleport_to(&mut app, middle + 5_000.0, 0.0);
    wait_for_ground(&mut app);
    wait_until_gone(&mut app, middle);
    teleport_to(&mut app, middle, 0.0);
    wait_for_ground(&mut app);
    let again = find(&app, lamp.home_in_plan, lamp.in_world, ThingKind::Lamp);
    assert!(again.is_none(), "the lamp stands again");
    let there = find(&app, car.home_in_plan, car.in_world, ThingKind::Car).unwrap();
    let off = there.in_world.distance(pushed.in_world);
    assert!(off < 0.01, "{off} m from where it was pushed to");
}
