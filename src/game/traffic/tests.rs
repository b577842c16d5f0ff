//! What the traffic promises, on real streets without a renderer.

use std::collections::BTreeMap;

use bevy::math::{DVec2, DVec3, Vec2, Vec3Swizzles};

use super::births::{HIDDEN_M, KEEP_M, OPEN_SIGHT_M};
use super::*;
use crate::city::Signal;

mod claims;

const DT: f32 = 1.0 / 32.0;

fn always(_: DVec2) -> bool {
    true
}

fn eye_at(x: f64, z: f64, forward: Vec2) -> Eye {
    Eye {
        place: DVec3::new(x, 12.0, z),
        forward,
    }
}

fn around<'a>(eye: Eye, wanted: usize, obstacles: &'a [Obstacle]) -> Surroundings<'a> {
    Surroundings {
        eye: Some(eye),
        is_ready: &always,
        obstacles,
        wanted,
    }
}

/// Traffic of a seed around a place after some seconds.
fn running(seed: u64, eye: Eye, wanted: usize, secs: f32) -> TrafficSim {
    let mut sim = TrafficSim::new(seed);
    for _ in 0..(secs / DT) as u32 {
        sim.step(DT, &around(eye, wanted, &[]));
    }
    sim
}

/// How deep two boxes on the plane overlap, metres; zero if they do not (separating axes).
fn overlap_m(a: &VehicleView, b: &VehicleView) -> f32 {
    let offset = (b.pose.place.xz() - a.pose.place.xz()).as_vec2();
    if (b.pose.place.y - a.pose.place.y).abs() > 3.0 || offset.length() > 16.0 {
        return 0.0;
    }
    let half = |of: &VehicleView| {
        let [length, width, _] = of.kind.size_m();
        [
            of.pose.forward * length / 2.0,
            of.pose.forward.perp() * width / 2.0,
        ]
    };
    let (a_sides, b_sides) = (half(a), half(b));
    [
        a.pose.forward,
        a.pose.forward.perp(),
        b.pose.forward,
        b.pose.forward.perp(),
    ]
    .into_iter()
    .map(|axis| {
        let reach: f32 = a_sides
            .iter()
            .chain(&b_sides)
            .map(|side| side.dot(axis).abs())
            .sum();
        reach - offset.dot(axis).abs()
    })
    .fold(f32::MAX, f32::min)
    .max(0.0)
}

fn worst_overlap(sim: &TrafficSim) -> (f32, String) {
    let all: Vec<VehicleView> = sim.vehicles().collect();
    let mut worst = (0.0, String::new());
    for (number, a) in all.iter().enumerate() {
        for b in &all[..number] {
            let depth = overlap_m(a, b);
            if depth > worst.0 {
                worst = (depth, format!("{a:?}\n{b:?}"));
            }
        }
    }
    worst
}

#[test]
fn two_hundred_vehicles_drive_around_the_player_and_keep_moving() {
    for seed in [7, 31] {
        let eye = eye_at(0.0, 0.0, Vec2::NEG_Y);
        let mut sim = running(seed, eye, 200, 30.0);
        assert!(
            sim.vehicles().len() > 180,
            "{} vehicles",
            sim.vehicles().len()
        );
        let mut way: BTreeMap<u64, f64> = BTreeMap::new();
        for _ in 0..32 * 60 {
            sim.step(DT, &around(eye, 200, &[]));
            for vehicle in sim.vehicles() {
                *way.entry(vehicle.number).or_default() +=
                    vehicle.pose.place.distance(vehicle.before.place);
            }
        }
        let mean = way.values().sum::<f64>() / way.len() as f64;
        let standing = sim
            .vehicles()
            .filter(|vehicle| vehicle.speed_mps < 0.3)
            .count();
        assert!(mean > 80.0, "{mean} m in a minute");
        assert!(
            standing < 140,
            "{standing} of {} stand",
            sim.vehicles().len()
        );
    }
}

#[test]
fn no_vehicles_overlap_in_two_busy_minutes() {
    for seed in [7, 12] {
        let eye = eye_at(0.0, 0.0, Vec2::X);
        let mut sim = TrafficSim::new(seed);
        for step in 0..32 * 120 {
            sim.step(DT, &around(eye, 240, &[]));
            if step % 4 == 0 {
                let (depth, who) = worst_overlap(&sim);
                assert!(depth < 0.15, "{depth} m at {} s:\n{who}", step as f32 * DT);
            }
        }
        assert!(sim.vehicles().len() > 150);
    }
}

#[test]
fn everyone_keeps_distance_to_who_drives_ahead() {
    let mut sim = running(5, eye_at(0.0, 0.0, Vec2::X), 220, 30.0);
    let mut least = f32::MAX;
    for _ in 0..32 * 60 {
        sim.step(DT, &around(eye_at(0.0, 0.0, Vec2::X), 220, &[]));
        sim.take_places();
        for (number, vehicle) in sim.vehicles.iter().enumerate() {
            for other in &sim.roadway.lane(vehicle.lane).occupants {
                if other.vehicle != number && other.front_m > vehicle.along_m {
                    let gap = other.rear_m - vehicle.along_m;
                    least = least.min(gap);
                    assert!(gap > 0.3, "{gap} m behind at {} m/s", vehicle.speed_mps);
                }
            }
        }
    }
    assert!(least < 6.0, "nobody ever came near: {least} m");
}

#[test]
fn nobody_passes_a_red_light() {
    let mut sim = running(7, eye_at(0.0, 0.0, Vec2::NEG_Y), 220, 20.0);
    let (mut passed, mut waited) = (0, 0);
    for _ in 0..32 * 120 {
        let before: BTreeMap<u64, usize> = sim
            .vehicles
            .iter()
            .map(|vehicle| (vehicle.number, vehicle.lane))
            .collect();
        sim.step(DT, &around(eye_at(0.0, 0.0, Vec2::NEG_Y), 220, &[]));
        for vehicle in &sim.vehicles {
            let lane = sim.roadway.lane(vehicle.lane);
            let junction = sim.roadway.junction(lane.junction);
            let Some(connector) = lane.connector.filter(|_| junction.has_lights()) else {
                waited += u32::from(junction.has_lights() && vehicle.stood_secs > 2.0);
                continue;
            };
            let has_entered = before
                .get(&vehicle.number)
                .is_some_and(|lane| *lane != vehicle.lane);
            if has_entered {
                let arm = junction.connectors[connector].arm;
                let shown = sim.graph.signal(junction.id, arm, sim.secs());
                assert_ne!(shown, Signal::Red, "at {} m/s", vehicle.speed_mps);
                passed += 1;
            }
        }
    }
    assert!(passed > 45 && waited > 100, "{passed} {waited}");
}

#[test]
fn vehicles_appear_out_of_sight_and_move_without_jumps() {
    let mut sim = TrafficSim::new(3);
    let mut known: BTreeMap<u64, DVec3> = BTreeMap::new();
    let (mut born, mut hidden) = (0, 0);
    for step in 0..32 * 90 {
        // Along an arterial, looking ahead.
        let z = -f64::from(step) * f64::from(DT) * 14.0;
        let eye = eye_at(6.0, z, Vec2::NEG_Y);
        let is_arrival = step < 32 * 4;
        sim.step(DT, &around(eye, 200, &[]));
        let now: BTreeMap<u64, VehicleView> = sim
            .vehicles()
            .map(|vehicle| (vehicle.number, vehicle))
            .collect();
        for (number, vehicle) in &now {
            let place = vehicle.pose.place;
            match known.get(number) {
                Some(before) => {
                    let moved = before.distance(place);
                    assert!(moved < 1.6, "jumped {moved} m");
                    assert!(vehicle.before.place.distance(*before) < 1e-6);
                }
                None if is_arrival => {}
                None => {
                    born += 1;
                    let away = place.xz().distance(eye.place.xz());
                    let ahead = (place.xz() - eye.place.xz())
                        .as_vec2()
                        .normalize()
                        .dot(eye.forward);
                    let is_hidden = sim.graph.is_hidden(eye.place.xz(), place.xz());
                    hidden += u32::from(is_hidden);
                    assert!(
                        away > OPEN_SIGHT_M - 8.0
                            || away > HIDDEN_M - 8.0 && (ahead < -0.1 || is_hidden),
                        "born {away} m away, {ahead} ahead"
                    );
                }
            }
        }
        // And nobody vanishes in front of the eye.
        for (number, place) in &known {
            if !now.contains_key(number) {
                let away = place.xz().distance(eye.place.xz());
                let ahead = (place.xz() - eye.place.xz())
                    .as_vec2()
                    .normalize()
                    .dot(eye.forward);
                assert!(
                    away > KEEP_M - 5.0 || ahead < 0.0 || is_arrival,
                    "gone at {away} m"
                );
            }
        }
        known = now
            .into_iter()
            .map(|(number, vehicle)| (number, vehicle.pose.place))
            .collect();
    }
    assert!(born > 60 && hidden > 0, "{born} {hidden}");
}

#[test]
fn no_vehicle_appears_or_vanishes_before_the_players_eyes() {
    use crate::game::collision::CollisionIndex;
    use crate::game::tests::picture::{Picture, Upright};
    use crate::game::tests::{game, load_around, run};
    /// A vehicle so small in a picture of 720 lines is not seen appearing.
    const SMALL_LINES: f32 = 8.0;
    let mut app = game();
    // Farther than traffic goes from where the player walks.
    load_around(&mut app, 0.0, -100.0, 3);
    run(&mut app, 6.0);
    let mut known: BTreeMap<u64, Upright> = BTreeMap::new();
    let (mut births, mut ends, mut behind_walls, mut seen) = (0, 0, 0, Vec::new());
    for frame in 0..64 * 90 {
        if frame == 64 {
            let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
            keys.press(KeyCode::KeyW);
        }
        app.update();
        let picture = Picture::now(&mut app);
        let mut query = app.world_mut().query::<(&TrafficVehicle, &Mover)>();
        let now: BTreeMap<u64, Upright> = query
            .iter(app.world())
            .map(|(vehicle, mover)| {
                let [length_m, _, height_m] = vehicle.kind.size_m();
                let upright = Upright {
                    foot: mover.place.extend(mover.height_m).xzy(),
                    height_m,
                    half_length: mover.forward * length_m / 2.0,
                };
                (vehicle.number, upright)
            })
            .collect();
        if frame > 0 {
            let born = now.iter().filter(|(number, _)| !known.contains_key(number));
            let gone = known.iter().filter(|(number, _)| !now.contains_key(number));
            births += born.clone().count();
            ends += gone.clone().count();
            for (_, vehicle) in born.chain(gone) {
                let lines = picture.lines_of(vehicle);
                if lines > SMALL_LINES {
                    let index = app.world().resource::<CollisionIndex>();
                    if picture.is_behind_walls(vehicle, index) {
                        behind_walls += 1;
                    } else {
                        seen.push((frame, lines, *vehicle, picture));
                    }
                }
            }
        }
        known = now;
    }
    println!(
        "{births} births, {ends} ends, {behind_walls} behind walls, {} seen",
        seen.len()
    );
    assert!(births > 20 && ends > 20 && behind_walls > 0);
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn counts_return_to_zero_when_the_place_is_left() {
    let mut sim = running(7, eye_at(0.0, 0.0, Vec2::X), 200, 20.0);
    assert!(sim.vehicles().len() > 150 && sim.in_use().0 > 100);
    let nowhere = Surroundings {
        eye: Some(eye_at(90_000.0, 5_000.0, Vec2::X)),
        is_ready: &|_| false,
        obstacles: &[],
        wanted: 200,
    };
    for _ in 0..32 * 12 {
        sim.step(DT, &nowhere);
    }
    assert_eq!(sim.vehicles().len(), 0);
    assert_eq!(sim.in_use(), (0, 0));
    assert!(sim.graph.cells_kept() < 80, "{}", sim.graph.cells_kept());

    let mut sim = running(7, eye_at(0.0, 0.0, Vec2::X), 200, 20.0);
    let unseen = Surroundings {
        eye: None,
        ..nowhere
    };
    sim.step(DT, &unseen);
    assert_eq!((sim.vehicles().len(), sim.in_use()), (0, (0, 0)));
}

#[test]
fn nobody_drives_where_the_ground_is_not_there() {
    let is_ready = |place: DVec2| place.x > 0.0;
    let mut sim = TrafficSim::new(7);
    let surroundings = Surroundings {
        eye: Some(eye_at(60.0, 0.0, Vec2::X)),
        is_ready: &is_ready,
        obstacles: &[],
        wanted: 120,
    };
    for _ in 0..32 * 40 {
        sim.step(DT, &surroundings);
        assert!(sim.vehicles().all(|vehicle| vehicle.pose.place.x > -1.0));
    }
    assert!(sim.vehicles().len() > 80);
}

#[test]
fn the_same_seed_and_steps_give_the_same_traffic() {
    let run = || {
        let sim = running(11, eye_at(40.0, -30.0, Vec2::Y), 150, 25.0);
        let mut all: Vec<_> = sim
            .vehicles()
            .map(|vehicle| (vehicle.number, vehicle.pose.place, vehicle.speed_mps))
            .collect();
        all.sort_by_key(|(number, ..)| *number);
        all
    };
    assert_eq!(run(), run());
}

/// The first vehicle that drives freely on an arterial, and where it will be in some metres.
fn someone_fast(sim: &TrafficSim) -> VehicleView {
    sim.vehicles()
        .filter(|vehicle| vehicle.speed_mps > 9.0)
        .min_by_key(|vehicle| vehicle.number)
        .expect("someone drives")
}

#[test]
fn who_drives_stops_for_a_person_on_the_road() {
    let eye = eye_at(0.0, 0.0, Vec2::X);
    let mut checked = 0;
    for seed in 0..6 {
        let mut sim = running(seed, eye, 60, 8.0);
        let driver = someone_fast(&sim);
        let ahead = (driver.pose.forward * 26.0).as_dvec2();
        let person = Obstacle {
            place: driver.pose.place + DVec3::new(ahead.x, 0.0, ahead.y),
            forward: Vec2::X,
            half_length_m: 0.0,
            radius_m: 0.35,
            velocity: Vec2::ZERO,
        };
        let mut least = f64::MAX;
        for _ in 0..32 * 8 {
            sim.step(DT, &around(eye, 60, &[person]));
            let Some(now) = sim.vehicles().find(|other| other.number == driver.number) else {
                break;
            };
            let nose =
                now.pose.place.xz() + (now.pose.forward * now.kind.size_m()[0] / 2.0).as_dvec2();
            least = least.min(nose.distance(person.place.xz()));
            checked += u32::from(now.speed_mps < 0.2);
        }
        assert!(least > 0.6, "seed {seed}: {least} m");
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn nobody_runs_into_the_players_car_that_stands_on_a_lane_and_who_can_passes_it() {
    let eye = eye_at(0.0, 0.0, Vec2::X);
    let mut sim = running(7, eye, 200, 10.0);
    let lane = sim.graph.nearest_lane(DVec2::new(120.0, 0.0));
    let pose = sim.graph.pose(lane).expect("a lane of this graph");
    let car = Obstacle {
        place: pose.place,
        forward: pose.direction,
        half_length_m: 1.4,
        radius_m: 0.9,
        velocity: Vec2::ZERO,
    };
    assert!(
        !sim.graph.beside(lane.lane).is_empty(),
        "there is a lane to pass on"
    );
    let (mut waiting, mut passing) = (0, std::collections::BTreeSet::new());
    for _ in 0..32 * 90 {
        sim.step(DT, &around(eye, 200, &[car]));
        for vehicle in sim.vehicles() {
            let offset = (vehicle.pose.place - car.place).xz().as_vec2();
            let along = offset.dot(car.forward);
            let across = offset.perp_dot(car.forward).abs();
            let reach = 2.3 + vehicle.kind.size_m()[0] / 2.0;
            if across < 1.0 && along.abs() < reach + 6.0 && along < 0.0 {
                assert!(along < -reach + 0.4, "{along}");
                waiting += u32::from(vehicle.speed_mps < 0.2);
            }
            let is_beside = (1.8..4.5).contains(&across) && along.abs() < reach;
            if is_beside && vehicle.pose.forward.dot(car.forward) > 0.8 {
                passing.insert(vehicle.number);
            }
        }
    }
    println!("{waiting} steps of waiting, {} passed", passing.len());
    assert!(passing.len() > 3, "{passing:?}");
}

#[test]
fn the_lights_go_on_with_nobody_in_the_streets_and_numbers_are_never_given_twice() {
    use crate::game::crowd::{CrowdBudget, SignalClock};
    use crate::game::tests::{game, load_around, run};
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 2);
    run(&mut app, 1.0);
    let numbers = |app: &mut App| -> Vec<u64> {
        let mut query = app.world_mut().query::<&TrafficVehicle>();
        query
            .iter(app.world())
            .map(|vehicle| vehicle.number)
            .collect()
    };
    let before = numbers(&mut app);
    assert!(before.len() > 20, "{} vehicles", before.len());
    // Another city: whoever was drawn before goes.
    let settings = app.world().resource::<StreamingSettings>().clone();
    let other = crate::streaming::StreamingValues {
        seed: settings.seed + 1,
        ..(*settings).clone()
    };
    app.insert_resource(StreamingSettings::new(other).unwrap());
    run(&mut app, 1.0);
    let after = numbers(&mut app);
    assert!(!after.is_empty());
    assert!(
        after.iter().all(|number| !before.contains(number)),
        "{before:?} {after:?}"
    );
    app.insert_resource(CrowdBudget {
        people: 0,
        vehicles: 0,
    });
    run(&mut app, 2.0);
    let shown = |app: &App| app.world().resource::<SignalClock>().secs;
    let (from, sim_from) = (
        shown(&app),
        app.world().resource::<Traffic>().sim().unwrap().secs(),
    );
    run(&mut app, 10.0);
    assert!((shown(&app) - from - 10.0).abs() < 0.1);
    let sim_secs = app.world().resource::<Traffic>().sim().unwrap().secs();
    assert!(
        sim_secs - sim_from > 9.9,
        "traffic that comes back sees the same lights"
    );
}

#[test]
fn who_is_held_up_changes_to_the_lane_beside_and_nobody_has_to_brake_hard_for_it() {
    let eye = eye_at(0.0, 0.0, Vec2::X);
    let (mut changes, mut sideways_m, mut hardest_mps2, mut overlap_m) =
        (0, 0.0_f32, 0.0_f32, 0.0_f32);
    for seed in [3, 7] {
        let mut sim = running(seed, eye, 200, 5.0);
        let mut under_way = std::collections::BTreeSet::new();
        let mut offsets: BTreeMap<u64, f32> = BTreeMap::new();
        for _ in 0..32 * 120 {
            sim.step(DT, &around(eye, 200, &[]));
            let now: std::collections::BTreeSet<u64> = sim
                .vehicles
                .iter()
                .filter(|vehicle| vehicle.aside.is_some())
                .map(|vehicle| vehicle.number)
                .collect();
            changes += now.difference(&under_way).count();
            offsets.retain(|number, _| now.contains(number));
            for vehicle in sim.vehicles.iter().filter(|one| now.contains(&one.number)) {
                let offset_m = vehicle.aside.map_or(0.0, |aside| aside.offset_m());
                if let Some(before_m) = offsets.insert(vehicle.number, offset_m) {
                    sideways_m = sideways_m.max((offset_m - before_m).abs());
                }
                hardest_mps2 = hardest_mps2.min(vehicle.acceleration_mps2);
                assert!(vehicle.acceleration_mps2 > -4.5, "{vehicle:?}");
            }
            under_way = now;
            let (depth_m, who) = worst_overlap(&sim);
            overlap_m = overlap_m.max(depth_m);
            assert!(
                depth_m < 0.15,
                "{depth_m} m after {} steps: {who}",
                sim.steps()
            );
        }
    }
    println!(
        "{changes} changes of lanes in four minutes, at most {sideways_m:.3} m aside in a step, {hardest_mps2} m/s², \
         overlap {overlap_m} m"
    );
    assert!(changes > 20, "{changes} changes");
    // A car's width in a second at most.
    assert!(sideways_m < 0.08, "{sideways_m} m in a step");
}
