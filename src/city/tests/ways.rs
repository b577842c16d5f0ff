//! Streets, routes, the starting place and collision, as the game asks for them.

use bevy::math::{DVec2, Vec2};

use super::super::area::Axis;
use super::super::hash::{Dice, Topic};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::super::{CityCollision, CityPlan, StreetClass};
use super::{USUAL_SIZES_M, plan, sampled_chunks};

/// The distance from a place in the world to the nearest solid box within a few metres.
fn clearance(seed: u64, size: f64, at: DVec2) -> f32 {
    let (column, row) = ((at.x / size).floor(), (at.y / size).floor());
    let collision = CityCollision::new(&plan(seed, column as i32, row as i32, size));
    let offset = (at - DVec2::new(column, row) * size).as_vec2();
    let away = |low: f32, high: f32, at: f32| (low - at).max(at - high).max(0.0);
    collision
        .boxes_near(offset, 6.0)
        .map(|solid| {
            Vec2::new(
                away(solid.min.x, solid.max.x, offset.x),
                away(solid.min.z, solid.max.z, offset.y),
            )
            .length()
        })
        .fold(6.0, f32::min)
}

#[test]
fn routes_follow_right_hand_lanes_of_roads_to_the_goal() {
    let mut dice = Dice::at(8, Topic::Block, 1, 1);
    for number in 0..120usize {
        let size = USUAL_SIZES_M[number % 3];
        let city = CityPlan::new(number as u64, size);
        let mut place = || {
            DVec2::new(
                f64::from(dice.between(-2_500.0, 2_500.0)),
                f64::from(dice.between(-2_500.0, 2_500.0)),
            )
        };
        let (from, to) = (place(), place());
        let way = city.route(from, to);
        assert!(way.iter().all(|point| point.is_finite()));
        for point in &way {
            assert!(
                city.is_on_road(point.x, point.y),
                "{point} of a way from {from} to {to}, size {size}"
            );
        }
        for pair in way.windows(2) {
            let step = pair[1] - pair[0];
            assert!(
                (0.4..=21.0).contains(&step.length()),
                "{} then {}",
                pair[0],
                pair[1]
            );
            let straight = step.x.abs().min(step.y.abs()) < 1e-6;
            if straight && step.length() > 12.0 {
                let right = DVec2::new(-step.y, step.x).normalize();
                let street = if step.x.abs() > step.y.abs() {
                    pair[0].y
                } else {
                    pair[0].x
                };
                let axis = if step.x.abs() > step.y.abs() {
                    Axis::X
                } else {
                    Axis::Z
                };
                let lines = city.street_lines(axis, street, 9.0);
                let offset = |center: f64| {
                    (street - center) * if axis == Axis::X { right.y } else { right.x }
                };
                assert!(
                    lines
                        .iter()
                        .any(
                            |line| (offset(line.center_in_world) - line.lane_center_m()).abs()
                                < 1e-6
                        ),
                    "{pair:?} is not on the right of {lines:?}"
                );
            }
        }
        let (first, last) = (way[0], way[way.len() - 1]);
        assert!(
            first.distance(from) <= size && last.distance(to) <= size,
            "{first} {last}"
        );
    }
}

#[test]
fn routes_are_clear_of_everything_solid() {
    for (number, size) in USUAL_SIZES_M.into_iter().enumerate() {
        let seed = number as u64;
        let way =
            CityPlan::new(seed, size).route(DVec2::new(30.0, -900.0), DVec2::new(-820.0, 610.0));
        assert!(way.len() > 40);
        for point in way {
            assert!(clearance(seed, size, point) > 1.4, "{point} at size {size}");
        }
    }
}

#[test]
fn a_way_to_where_one_stands_is_one_place() {
    let city = CityPlan::new(1, 200.0);
    assert_eq!(
        city.route(DVec2::new(3.0, 70.0), DVec2::new(3.0, 70.0))
            .len(),
        1
    );
}

#[test]
fn street_lines_agree_with_the_ground() {
    for size in USUAL_SIZES_M {
        let city = CityPlan::new(6, size);
        let streets = city.street_lines(Axis::Z, -50.0, 1_000.0);
        assert!(streets.is_sorted_by(|a, b| a.center_in_world < b.center_in_world));
        assert!(streets.len() as f64 > 2_000.0 / 130.0);
        for street in streets {
            assert!(city.is_on_road(street.center_in_world, 33.0));
            assert!(city.is_on_road(street.center_in_world + street.width_m() / 2.0 - 0.1, 33.0));
        }
        let junction = city.nearest_junction(-777.0, 1_234.0);
        assert!(junction.along_x != StreetClass::Alley && junction.along_z != StreetClass::Alley);
        assert!(
            junction
                .position_in_world
                .distance(DVec2::new(-777.0, 1_234.0))
                < size
        );
    }
}

#[test]
fn the_game_begins_on_a_pavement_beside_a_free_kerb() {
    for size in [16.0, 48.0, 64.0, 128.0, 137.0, 200.0, 512.0] {
        for seed in 0..40 {
            let city = CityPlan::new(seed, size);
            let start = city.spawn_point();
            let [person, car] = [start.person_in_world, start.car_in_world]
                .map(|at| DVec2::new(at.x.into(), at.z.into()));
            assert!(
                !city.is_on_road(person.x, person.y) && start.person_in_world.y == KERB_HEIGHT_M,
                "size {size}"
            );
            assert!(
                city.is_on_road(car.x, car.y) && start.car_in_world.y == 0.0,
                "size {size}"
            );
            if size >= 64.0 {
                assert!(
                    clearance(seed, size, person) > 0.5,
                    "person, size {size}, seed {seed}"
                );
                assert!(
                    clearance(seed, size, car) > 1.2,
                    "car, size {size}, seed {seed}"
                );
                assert!(person.distance(car) < 12.0);
            }
        }
    }
}

#[test]
fn boxes_near_a_place_are_exactly_those_in_reach() {
    let mut dice = Dice::at(3, Topic::Block, 2, 2);
    for (seed, x, z, size) in sampled_chunks().step_by(5) {
        let collision = CityCollision::new(&plan(seed, x, z, size));
        for _ in 0..40 {
            let side = size as f32;
            let center = Vec2::new(
                dice.between(-10.0, side + 10.0),
                dice.between(-10.0, side + 10.0),
            );
            let radius = dice.between(0.0, 45.0);
            let mut found: Vec<_> = collision
                .boxes_near(center, radius)
                .map(std::ptr::from_ref)
                .collect();
            let mut wanted: Vec<_> = collision
                .boxes()
                .iter()
                .filter(|solid| {
                    solid.min.x <= center.x + radius
                        && solid.max.x >= center.x - radius
                        && solid.min.z <= center.y + radius
                        && solid.max.z >= center.y - radius
                })
                .map(std::ptr::from_ref)
                .collect();
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "around {center} within {radius}");
        }
    }
}

#[test]
fn ground_is_low_on_roads_and_high_on_pavements() {
    let collision = CityCollision::new(&plan(1, 0, 0, 200.0));
    assert_eq!(
        collision.floor_below(Vec2::new(0.0, 100.0), 9.0).height_m,
        0.0
    );
    let kerb = StreetClass::Arterial.carriageway_m() / 2.0;
    let block_middle = plan(1, 0, 0, 200.0).blocks[0].outline.area.center();
    assert_eq!(
        collision
            .floor_below(Vec2::new(kerb + 1.0, block_middle.y), 9.0)
            .height_m,
        KERB_HEIGHT_M
    );
    assert_eq!(
        collision
            .floor_below(Vec2::new(kerb - 0.01, block_middle.y), 9.0)
            .height_m,
        0.0
    );
    assert_eq!(
        collision.floor_below(block_middle, 9.0).height_m,
        KERB_HEIGHT_M
    );
}
