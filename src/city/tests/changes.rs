//! What was changed stays what it is, wherever it is pushed.

use std::collections::BTreeMap;

use bevy::math::{DVec2, Vec2};

use super::super::changes::{MovedCar, StreetChanges};
use super::super::land::Land;
use super::super::plan::ChunkPlan;
use super::super::plan::furniture::Prop;
use super::super::{CityCollision, ThingKind};
use super::{plan, sampled_chunks};

const SIZE_M: f64 = 200.0;
/// As far as the game tells chunks of a change, metres of the world.
const TOLD_M: f64 = 30.0;
const STEP_M: f64 = 2.3;
const PUSHES: u32 = 190;

/// The chunks near a place of the world.
fn chunks_near(place: DVec2) -> impl Iterator<Item = (i32, i32)> {
    let cell = |at: f64| (at / SIZE_M).floor() as i32;
    let (low, high) = (place - TOLD_M, place + TOLD_M);
    (cell(low.x)..=cell(high.x))
        .flat_map(move |x| (cell(low.y)..=cell(high.y)).map(move |z| (x, z)))
}

/// The places in the whole plan of all cars that a chunk draws, with the homes they have.
fn cars_drawn(plan: &ChunkPlan) -> Vec<(DVec2, DVec2)> {
    let origin = plan.frame.origin_in_plan;
    plan.furniture()
        .flat_map(|things| &things.props)
        .filter_map(|prop| match prop {
            Prop::Car { at, .. } if plan.owns(*at) => Some(*at),
            _ => None,
        })
        .map(|at| (origin + at.as_dvec2(), origin + plan.home_of(at).as_dvec2()))
        .collect()
}

#[test]
fn a_car_that_is_pushed_over_many_borders_stands_in_exactly_one_chunk() {
    let seed = 7;
    let land = Land::new(seed);
    let mut crossed = 0;
    for (start, way) in [
        ((0, 0), DVec2::new(1.0, 0.13)),
        ((-2, 1), DVec2::new(-0.3, 1.0)),
        ((2, -1), DVec2::new(0.71, -0.7)),
    ] {
        let mut plain: BTreeMap<(i32, i32), ChunkPlan> = BTreeMap::new();
        let mut known: BTreeMap<(i32, i32), StreetChanges> = BTreeMap::new();
        // What a game that runs has in its index, beside what one has that loads.
        let mut running: BTreeMap<(i32, i32), CityCollision> = BTreeMap::new();
        let first = plan(seed, start.0, start.1, SIZE_M);
        let thing = *CityCollision::new(&first)
            .things_near(Vec2::splat(100.0), 300.0)
            .find(|thing| thing.kind == ThingKind::Car && first.owns(thing.at))
            .expect("somebody parks there");
        let home = first.frame.origin_in_plan + thing.home.as_dvec2();
        let mut place = home;
        let mut stands_in = start;
        for push in 0..PUSHES {
            let before = place;
            place += way * STEP_M;
            let moved = MovedCar {
                home,
                place,
                look: thing.car,
            };
            for told in [before, place] {
                for coord in chunks_near(land.world_of(told)) {
                    let base = plain
                        .entry(coord)
                        .or_insert_with(|| plan(seed, coord.0, coord.1, SIZE_M));
                    known.entry(coord).or_default().move_car(moved);
                    let mut only = StreetChanges::default();
                    only.move_car(moved);
                    let index = running
                        .entry(coord)
                        .or_insert_with(|| CityCollision::new(base));
                    *index = index.with(&only);
                }
            }
            if push % 5 != 0 {
                continue;
            }
            // Saved and loaded: every chunk that was told anything.
            let mut drawn_by = Vec::new();
            for (coord, changes) in &known {
                let mut loaded = plain[coord].clone();
                loaded.apply(changes);
                let drawn = cars_drawn(&loaded);
                let ours = drawn.iter().filter(|(_, of)| of.distance(home) < 0.3);
                for (at, _) in ours {
                    assert!(at.distance(place) < 0.01, "{at} is not {place}");
                    drawn_by.push(*coord);
                }
                let nobody = drawn.iter().all(|(at, of)| {
                    at.distance(home) > 0.3 || of.distance(home) < 0.3 || place.distance(home) < 0.5
                });
                assert!(nobody, "it is still drawn at home");
                let collision = CityCollision::new(&loaded);
                let at = (place - loaded.frame.origin_in_plan).as_vec2();
                for (index, name) in [(&collision, "loaded"), (&running[coord], "running")] {
                    let there: Vec<_> = index
                        .things_near(at, 0.2)
                        .filter(|thing| thing.kind == ThingKind::Car)
                        .collect();
                    let is_solid = index.boxes_near(at, 0.1).any(|solid| {
                        let size = solid.max - solid.min;
                        size.y > 1.0 && size.x.max(size.z) < 9.0
                    });
                    if loaded.owns(at) {
                        assert_eq!(there.len(), 1, "{name} {coord:?} after {push} pushes");
                        assert!(is_solid);
                    } else {
                        assert!(there.len() <= 1);
                    }
                }
            }
            assert_eq!(
                drawn_by.len(),
                1,
                "{drawn_by:?} draw it after {push} pushes"
            );
            crossed += usize::from(drawn_by[0] != stands_in);
            stands_in = drawn_by[0];
        }
    }
    assert!(crossed >= 6, "{crossed} borders were crossed");
}

#[test]
fn nothing_else_of_a_chunk_changes_with_a_car() {
    for (seed, x, z, size) in sampled_chunks().step_by(13) {
        let before = plan(seed, x, z, size);
        let mut after = before.clone();
        after.apply(&StreetChanges::default());
        assert_eq!(cars_drawn(&before), cars_drawn(&after));
        let (a, b) = (CityCollision::new(&before), CityCollision::new(&after));
        assert_eq!(a.boxes(), b.boxes());
    }
}
