//! Lanes, routes and the starting place against what is built: nothing stands where one drives.

use std::collections::BTreeMap;

use bevy::math::{DVec2, Vec2, Vec3Swizzles};

use super::super::hash::{Dice, Topic};
use super::super::walks::{Corner, Course, Walks, Way};
use super::super::{CityCollision, CityPlan, KERB_HEIGHT_M, LaneGraph, Pose};
use super::{USUAL_SIZES_M, plan};

/// How far from a place pavements are walked along, metres.
const REACH_M: f64 = 200.0;
const SIZE_M: f64 = 200.0;

/// The collision of the chunks that were asked for.
#[derive(Default)]
struct Built {
    chunks: BTreeMap<(i32, i32), CityCollision>,
}

impl Built {
    /// The collision around a place of the world, and the place in its plan.
    fn at(&mut self, seed: u64, size_m: f64, place: DVec2) -> (&CityCollision, Vec2) {
        let cell = (place / size_m).floor();
        let coord = (cell.x as i32, cell.y as i32);
        let collision = self
            .chunks
            .entry(coord)
            .or_insert_with(|| CityCollision::new(&plan(seed, coord.0, coord.1, size_m)));
        let offset = (place - cell * size_m).as_vec2();
        (&*collision, collision.plan_of(offset))
    }

    /// The distance from a place to the nearest box that reaches between two heights, up to 4 m.
    fn clearance(&mut self, seed: u64, size_m: f64, place: DVec2, low_m: f32, high_m: f32) -> f32 {
        let (collision, in_plan) = self.at(seed, size_m, place);
        collision
            .boxes_near(in_plan, 4.0)
            .filter(|solid| solid.max.y > low_m && solid.min.y < high_m)
            .map(|solid| {
                in_plan
                    .clamp(solid.min.xz(), solid.max.xz())
                    .distance(in_plan)
            })
            .fold(4.0, f32::min)
    }
}

fn ground(pose: &Pose) -> DVec2 {
    DVec2::new(pose.place.x, pose.place.z)
}

#[test]
fn lanes_of_routes_lie_on_the_road_and_are_clear_of_everything_solid() {
    let mut dice = Dice::at(8, Topic::Block, 1, 1);
    let (mut poses, mut decks) = (0, 0);
    for seed in [7, 3] {
        let mut graph = LaneGraph::new(seed);
        let mut built = Built::default();
        let mut place = || {
            DVec2::new(
                f64::from(dice.between(-500.0, 1_300.0)),
                f64::from(dice.between(-900.0, 900.0)),
            )
        };
        for number in 0..8 {
            let (from, to) = if number == 0 {
                // Far enough for the highway.
                (DVec2::new(860.0, -2_600.0), DVec2::new(860.0, 1_200.0))
            } else {
                (place(), place())
            };
            let [start, goal] = [from, to].map(|place| graph.nearest_lane(place));
            let route = graph.route(start, goal).expect("lanes of this graph");
            for step in &route.steps {
                let curve = graph.curve(step.lane).expect("a lane of this graph");
                let mut along_m = step.from_m;
                while along_m < step.to_m {
                    let pose = curve.at(along_m);
                    along_m += 4.0;
                    poses += 1;
                    let height_m = pose.place.y as f32;
                    let clear = built.clearance(
                        seed,
                        SIZE_M,
                        ground(&pose),
                        height_m + 0.4,
                        height_m + 3.4,
                    );
                    assert!(clear > 1.0, "{clear} m at {pose:?} of seed {seed}");
                    let (collision, in_plan) = built.at(seed, SIZE_M, ground(&pose));
                    let floor = collision.floor_below(in_plan, height_m + 0.5);
                    let above = floor.height_m - height_m;
                    decks +=
                        u32::from(height_m - collision.floor_below(in_plan, -9.0).height_m > 4.0);
                    assert!(
                        above.abs() < 0.12,
                        "{above} m at {pose:?} of seed {seed}, {:?}, {floor:?}",
                        graph.lane(step.lane)
                    );
                }
            }
        }
    }
    assert!(poses > 3_000 && decks > 200, "{poses} {decks}");
}

#[test]
fn the_game_begins_on_a_pavement_beside_a_free_kerb() {
    for size in USUAL_SIZES_M {
        for seed in 0..12 {
            let city = CityPlan::new(seed);
            let start = city.spawn_point();
            let [person, car] = [start.person_in_world, start.car_in_world]
                .map(|at| DVec2::new(at.x.into(), at.z.into()));
            assert!(!city.is_on_road(person.x, person.y) && city.is_on_road(car.x, car.y));
            assert!(person.distance(car) < 12.0);
            let mut built = Built::default();
            for (place, height_m, room_m) in [
                // A body finds itself a free place from there.
                (person, start.person_in_world.y, 0.05),
                (car, start.car_in_world.y, 1.0),
            ] {
                let (collision, in_plan) = built.at(seed, size, place);
                let floor = collision.floor_below(in_plan, height_m + 0.5).height_m;
                assert!((floor - height_m).abs() < 0.05, "{floor} and {height_m}");
                let clear = built.clearance(seed, size, place, height_m + 0.3, height_m + 1.6);
                assert!(clear > room_m, "{clear} m, size {size}, seed {seed}");
            }
            let step = start.person_in_world.y - start.car_in_world.y;
            assert!(
                (step - KERB_HEIGHT_M).abs() < 0.6,
                "a hill between them: {step}"
            );
        }
    }
}

#[test]
fn traffic_passes_beside_the_car_at_the_start() {
    for seed in 0..12 {
        let start = CityPlan::new(seed).spawn_point();
        let car = DVec2::new(start.car_in_world.x.into(), start.car_in_world.z.into());
        let mut graph = LaneGraph::new(seed);
        let lane = graph.nearest_lane(car);
        let pose = graph.pose(lane).expect("a lane of this graph");
        // Half a bus and half a car.
        assert!(ground(&pose).distance(car) > 2.0, "seed {seed}");
    }
}

#[test]
fn who_walks_the_pavements_walks_into_nothing_solid() {
    let mut steps = 0;
    // In town, at a river and on its bridges.
    for (seed, x, z) in [
        (7, 0.0, 0.0),
        (3, 300.0, -400.0),
        (1, -900.0, 700.0),
        (7, 0.0, 640.0),
    ] {
        let mut built = Built::default();
        let walks = Walks::around(seed, DVec2::new(x, z), REACH_M);
        for block in walks.blocks() {
            for share in [0.0, 0.5, 1.0] {
                for corner in Corner::ALL {
                    let from = block.corner(corner, share);
                    let to = block.corner(corner.next(Way::Clockwise), share);
                    let count = (from.distance(to) / 0.4).ceil().max(1.0) as u32;
                    for step in 0..count {
                        let at = from.lerp(to, step as f32 / count as f32);
                        let (place, land_m) = walks.in_world(at);
                        // Pavements along rivers go on beyond the land that was surveyed.
                        if place.distance(DVec2::new(x, z)) > REACH_M + 50.0 {
                            continue;
                        }
                        let (collision, in_plan) = built.at(seed, SIZE_M, place);
                        let floor = collision.floor_below(in_plan, land_m + 0.6).height_m;
                        let rise_m = floor - land_m - block.rise_at(at);
                        assert!(rise_m.abs() < 0.02, "{rise_m} m over the ground at {place}");
                        let clear =
                            built.clearance(seed, SIZE_M, place, land_m + 0.3, land_m + 1.7);
                        assert!(
                            clear > 0.18,
                            "{clear} m at {place}, share {share}, seed {seed}"
                        );
                        steps += 1;
                    }
                }
            }
        }
    }
    assert!(steps > 30_000, "{steps}");
}

#[test]
fn who_crosses_a_street_stands_on_what_is_under_the_feet() {
    let mut steps = 0;
    for (seed, x, z) in [(7, 0.0, 0.0), (3, 300.0, -400.0), (7, 0.0, 640.0)] {
        let mut built = Built::default();
        let walks = Walks::around(seed, DVec2::new(x, z), REACH_M);
        for block in walks.blocks() {
            let ways = Corner::ALL.into_iter().flat_map(|corner| {
                [Course::Straight, Course::Aside].map(|course| (corner, course))
            });
            for (corner, course) in ways {
                let way = Way::Clockwise;
                let Some(crossing) = walks.crossing(block, corner, way, course, 0.3) else {
                    continue;
                };
                let other = walks.block(crossing.to).expect("it leads to a pavement");
                let from = block.corner(corner, 0.3);
                let count = (from.distance(crossing.arrives_at) / 0.25).ceil() as u32;
                for step in 0..=count {
                    let at = from.lerp(crossing.arrives_at, step as f32 / count as f32);
                    let (place, land_m) = walks.in_world(at);
                    if place.distance(DVec2::new(x, z)) > REACH_M + 50.0 {
                        continue;
                    }
                    let (collision, in_plan) = built.at(seed, SIZE_M, place);
                    let floor = collision.floor_below(in_plan, land_m + 0.6).height_m;
                    let rise_m = block.rise_at(at).max(other.rise_at(at));
                    let over_m = land_m + rise_m - floor;
                    // The step at the kerb is walked as a short slope.
                    let is_at_kerb = (0.001..KERB_HEIGHT_M - 1e-5).contains(&rise_m);
                    assert!(
                        over_m.abs() < 0.02 || (is_at_kerb && over_m.abs() < KERB_HEIGHT_M),
                        "{over_m} m over the ground at {place}, seed {seed}"
                    );
                    steps += u32::from(!is_at_kerb);
                }
            }
        }
    }
    assert!(steps > 10_000, "{steps}");
}
