//! People in the game as a whole, headless, over chunks that tests put there.

use std::time::Duration;

use bevy::math::DVec2;
use bevy::prelude::*;

use super::*;
use crate::game::collision::CollisionIndex;
use crate::game::crowd::{CrowdBudget, MoverKind};
use crate::game::tests::picture::{Picture, Upright};
use crate::game::tests::{ask, body, game, load_around, run};
use crate::game::walker::Walker;
use crate::streaming::{ChunkCoord, WorldOrigin};

mod knots;

fn people(app: &mut App) -> Vec<(Person, Mover)> {
    let mut query = app.world_mut().query::<(&Person, &Mover)>();
    query
        .iter(app.world())
        .map(|(person, mover)| (person.clone(), *mover))
        .collect()
}

/// A game whose streets around the start are full.
fn full_streets() -> App {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 2.0);
    app
}

#[test]
fn the_pavements_fill_up_and_everybody_walks_on_them() {
    let mut app = full_streets();
    let before = people(&mut app);
    assert!(before.len() >= 120, "{} people", before.len());
    assert!(before.len() <= app.world().resource::<CrowdBudget>().people);
    let mut seen_walking = 0;
    let mut seen_crossing = 0;
    for _ in 0..40 {
        run(&mut app, 0.5);
        let neighbourhood = app.world().resource::<Neighbourhood>();
        let walks = neighbourhood.walks().unwrap();
        let mut query = app.world().try_query::<(&Person, &Mover)>().unwrap();
        for (person, mover) in query.iter(app.world()) {
            let block = walks.block(person.block).unwrap();
            let off = block.keep_on(person.place).distance(person.place);
            match person.mind() {
                Mind::Crossing => {
                    seen_crossing += 1;
                    assert!(off < 40.0);
                }
                // Who is chased in the middle of a crossing has half a main street to the pavement.
                _ if person.flees() => assert!(off < 12.0, "{off} m: {person:?}"),
                _ => assert!(off < 0.05, "{off} m off the pavement: {person:?}"),
            }
            seen_walking += usize::from(mover.velocity.length() > 0.8);
            assert!(mover.velocity.length() < 6.0);
            let (place, height) = person.in_world(walks);
            assert!(place.distance(mover.place) < 1e-6 && (height - mover.height_m).abs() < 1e-6);
        }
    }
    assert!(seen_walking > 2_000, "{seen_walking}");
    assert!(seen_crossing > 50, "{seen_crossing}");
}

#[test]
fn two_runs_have_the_same_people_at_the_same_places() {
    let places = || {
        let mut app = full_streets();
        run(&mut app, 5.0);
        people(&mut app)
            .into_iter()
            .map(|(_, mover)| mover)
            .collect::<Vec<_>>()
    };
    assert_eq!(places(), places());
}

/// Lines of 720 that somebody is high who is too small to be seen appearing.
const SMALL_LINES: f32 = 11.0;

#[test]
fn nobody_appears_or_vanishes_before_the_players_eyes() {
    let mut app = full_streets();
    let mut known: std::collections::BTreeMap<Entity, DVec3> = std::collections::BTreeMap::new();
    let (mut births, mut ends, mut largest) = (0, 0, 0.0_f32);
    for frame in 0..64 * 60 {
        if frame == 100 {
            app.world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .press(KeyCode::KeyW);
        }
        app.update();
        let picture = Picture::now(&mut app);
        let mut query = app.world_mut().query::<(Entity, &Mover, &Person)>();
        let now: std::collections::BTreeMap<Entity, DVec3> = query
            .iter(app.world())
            .map(|(entity, mover, _)| (entity, mover.place.extend(mover.height_m).xzy()))
            .collect();
        let mut judge = |foot: DVec3| {
            let lines = picture.lines_of(&Upright {
                foot,
                height_m: 1.9,
                half_length: Vec2::ZERO,
            });
            assert!(lines < SMALL_LINES, "{lines} lines high at {foot}");
            largest = largest.max(lines);
        };
        if frame > 0 {
            for (_, foot) in now.iter().filter(|(entity, _)| !known.contains_key(entity)) {
                births += 1;
                judge(*foot);
            }
            for (_, foot) in known.iter().filter(|(entity, _)| !now.contains_key(entity)) {
                ends += 1;
                judge(*foot);
            }
        }
        known = now;
    }
    println!("{births} births, {ends} ends, at most {largest} of 720 lines high in the picture");
    assert!(births > 10 && ends > 10, "{births} births, {ends} ends");
}

#[test]
fn everybody_has_gone_when_the_place_is_left() {
    let mut app = full_streets();
    assert!(!people(&mut app).is_empty());
    let entities = |app: &mut App| {
        let mut query = app.world_mut().query::<Entity>();
        query.iter(app.world()).count()
    };
    let busy = entities(&mut app);
    ask(
        &mut app,
        crate::game::script::GameRequest::Teleport {
            x: 5_000.0,
            z: 3_000.0,
            heading_deg: None,
            after_preload: false,
        },
    );
    run(&mut app, 0.5);
    assert!(people(&mut app).is_empty(), "left behind by a jump");
    assert!(entities(&mut app) <= busy - 100);
    // Back, and then the ground itself goes.
    ask(
        &mut app,
        crate::game::script::GameRequest::Teleport {
            x: 0.0,
            z: 30.0,
            heading_deg: None,
            after_preload: false,
        },
    );
    run(&mut app, 1.0);
    assert!(people(&mut app).len() > 100);
    let mut index = app.world_mut().resource_mut::<CollisionIndex>();
    for x in -3..=3 {
        for z in -3..=3 {
            index.remove(ChunkCoord::new(x, z));
        }
    }
    run(&mut app, 0.5);
    assert!(people(&mut app).is_empty(), "no ground, no people");
}

#[test]
fn people_step_aside_for_the_player_who_stands_in_their_way() {
    let mut app = full_streets();
    let mut closest = f64::MAX;
    let mut passed = 0;
    for number in 0..6 {
        let walking = people(&mut app)
            .into_iter()
            .filter(|(person, mover)| {
                matches!(person.mind(), Mind::Walking) && mover.velocity.length() > 0.8
            })
            .nth(number * 9);
        let Some((_, mover)) = walking else { continue };
        // In the middle of the way.
        let place = mover.place + (mover.velocity.normalize() * 5.0).as_dvec2();
        ask(
            &mut app,
            crate::game::script::GameRequest::Teleport {
                x: place.x,
                z: place.y,
                heading_deg: None,
                after_preload: false,
            },
        );
        for frame in 0..64 * 8 {
            app.update();
            let walker = body::<Walker>(&mut app).position;
            for (person, mover) in people(&mut app) {
                let apart = mover.place.distance(walker.xz());
                if matches!(person.mind(), Mind::Walking) && apart < 1.5 {
                    passed += 1;
                }
                // Whoever stood where the player was put needs a moment.
                if frame > 64 {
                    closest = closest.min(apart);
                }
            }
        }
    }
    assert!(passed > 0, "nobody came by");
    assert!(closest > 0.3, "{closest} m is inside the player");
}

#[test]
fn a_fast_car_on_the_pavement_makes_people_run_and_who_was_hit_gets_up() {
    let mut app = full_streets();
    let (mut ran, mut down, mut inside, mut pressed) = (0, 0, 0, 0);
    for seed in 0..12 {
        // A car comes along somebody's way.
        let Some((_, target)) = people(&mut app)
            .into_iter()
            .filter(|(person, _)| matches!(person.mind(), Mind::Walking))
            .nth(seed * 7)
        else {
            continue;
        };
        let ahead = -target.velocity.normalize_or(Vec2::X);
        let mut car = Mover {
            kind: MoverKind::PlayerCar,
            place: target.place - (ahead * 22.0).as_dvec2(),
            height_m: target.height_m,
            velocity: ahead * 12.0,
            forward: ahead,
            half_length_m: 1.35,
            radius_m: 0.92,
        };
        let entity = app.world_mut().spawn(car).id();
        for _ in 0..64 * 2 {
            car.place += (car.velocity / 64.0).as_dvec2();
            app.world_mut().entity_mut(entity).insert(car);
            app.update();
            let now = people(&mut app);
            ran += now.iter().filter(|(person, _)| person.flees()).count();
            // Nobody is inside the car, unless it presses somebody against a wall.
            let walks = app.world().resource::<Neighbourhood>().walks().unwrap();
            for (person, mover) in &now {
                let out = car.way_to(mover.place);
                if out.length() > car.radius_m - 0.1 {
                    continue;
                }
                let outside = mover.place + (out.normalize_or(Vec2::X) * 0.5).as_dvec2();
                let wanted = walks.in_plan(outside);
                let may = walks.block(person.block).unwrap().keep_out(wanted);
                if may.distance(wanted) < 0.02 {
                    inside += 1;
                } else {
                    pressed += 1;
                }
            }
        }
        down += people(&mut app)
            .iter()
            .filter(|(person, _)| matches!(person.mind(), Mind::Down { .. }))
            .count();
        app.world_mut().despawn(entity);
        run(&mut app, 5.0);
    }
    assert!(ran > 100, "{ran} steps of flight");
    println!(
        "{ran} steps of flight, {down} were thrown down, {pressed} steps pressed against walls, {inside} inside"
    );
    assert!(inside < 30, "{inside} steps inside the car");
    let lying = people(&mut app)
        .iter()
        .filter(|(person, _)| matches!(person.mind(), Mind::Down { .. }))
        .count();
    assert_eq!(lying, 0, "and everybody got up");
}

#[test]
fn people_are_drawn_where_they_are_wherever_the_scenes_origin_is() {
    let mut app = full_streets();
    app.insert_resource(bevy::time::TimeUpdateStrategy::ManualDuration(
        Duration::from_micros(15_625),
    ));
    app.update();
    let origin = *app.world().resource::<WorldOrigin>();
    let mut query = app.world_mut().query::<(&Mover, &Transform, &Person)>();
    let mut count = 0;
    for (mover, transform, _) in query.iter(app.world()) {
        count += 1;
        let drawn = origin.to_world(transform.translation);
        let there = mover.place.extend(mover.height_m).xzy();
        assert!(drawn.distance(there) < 0.15, "{drawn} is not {there}");
    }
    assert!(count > 100);
}

#[test]
fn whoever_arrives_across_a_street_goes_on_from_there_without_a_jump() {
    let mut app = full_streets();
    let mut known: std::collections::BTreeMap<Entity, (DVec2, bool)> =
        std::collections::BTreeMap::new();
    let mut arrivals = 0;
    for _ in 0..64 * 40 {
        app.update();
        let mut query = app.world_mut().query::<(Entity, &Person, &Mover)>();
        for (entity, person, mover) in query.iter(app.world()) {
            let crosses = person.mind() == Mind::Crossing;
            let before = known.insert(entity, (mover.place, crosses));
            let Some((place, true)) = before else {
                continue;
            };
            arrivals += usize::from(person.mind() == Mind::Walking);
            let step_m = place.distance(mover.place);
            assert!(step_m < 0.9, "{step_m} m in a step: {person:?}");
        }
    }
    assert!(arrivals > 10, "{arrivals} arrived");
}

#[test]
fn people_wait_for_the_lights_and_are_over_the_street_before_its_traffic_goes() {
    use crate::city::{ArmSide, Axis, Signal};
    use crate::game::crowd::SignalClock;
    let mut app = full_streets();
    let (mut began, mut waited, mut on_green) = (0, 0, 0);
    let mut known: std::collections::BTreeMap<Entity, Mind> = std::collections::BTreeMap::new();
    for _ in 0..64 * 240 {
        app.update();
        let clock = *app.world().resource::<SignalClock>();
        let mut query = app.world_mut().query::<(Entity, &Person)>();
        let mut now = std::collections::BTreeMap::new();
        for (entity, person) in query.iter(app.world()) {
            now.insert(entity, person.mind());
            let Some((junction, street)) = person.light() else {
                continue;
            };
            let arms = match street {
                Axis::X => [ArmSide::West, ArmSide::East],
                Axis::Z => [ArmSide::North, ArmSide::South],
            };
            let goes = arms
                .iter()
                .any(|arm| clock.shows(junction, *arm) == Signal::Green);
            let before = known.get(&entity);
            match person.mind() {
                Mind::Crossing if matches!(before, Some(Mind::Waiting { .. })) => {
                    began += 1;
                    assert!(!goes, "stepped out while the traffic had green");
                }
                Mind::Crossing if goes => on_green += 1,
                Mind::Waiting { secs } if secs > 3.0 => waited += 1,
                _ => {}
            }
        }
        known = now;
    }
    println!("{began} began to cross at lights, {waited} steps waited, {on_green} steps too late");
    assert!(began > 12, "{began} crossed at lights");
    assert!(waited > 500, "{waited} steps waited");
    // Who was held up by others on the way may be late.
    assert!(
        on_green < began * 20,
        "{on_green} steps on the street while its traffic had green"
    );
}
