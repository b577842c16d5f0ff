//! What stands where: nothing overlaps, nothing blocks a road, no two streets look alike.

use std::collections::BTreeSet;

use bevy::math::Vec2;

use super::super::area::{Area, Side};
use super::super::colour::Rgb;
use super::super::plan::buildings::{Building, Facade};
use super::super::plan::furniture::{Prop, SignKind};
use super::super::plan::surface::{Surface, SurfaceKind};
use super::super::plan::{ChunkPlan, Zone};
use super::{USUAL_SIZES_M, plan, sampled_chunks};

/// Touching is allowed, and so is the rounding of a coordinate.
fn clash(a: &Area, b: &Area) -> bool {
    a.inset(0.002).overlaps(&b.inset(0.002))
}

fn footprints(building: &Building) -> impl Iterator<Item = &Area> {
    building
        .masses
        .iter()
        .filter(|mass| mass.stands_on_ground())
        .map(|mass| &mass.area)
}

fn corners_and_middles(area: &Area) -> [Vec2; 9] {
    let middle = area.center();
    let mut points = [middle; 9];
    for (k, point) in points.iter_mut().enumerate() {
        point.x = [area.x0, middle.x, area.x1][k % 3];
        point.y = [area.z0, middle.y, area.z1][k / 3];
    }
    points
}

#[test]
fn no_building_stands_in_a_road_or_on_a_pavement() {
    for (seed, x, z, size) in sampled_chunks() {
        let plan = plan(seed, x, z, size);
        let surface = Surface::new(&plan);
        for block in &plan.blocks {
            let inner = block.inner.inset(-0.002);
            for area in block.buildings.iter().flat_map(footprints) {
                assert!(!area.is_empty(), "{area:?}");
                for point in corners_and_middles(area) {
                    assert!(
                        inner.contains(point),
                        "{point} outside {inner:?}, chunk {x} {z}, size {size}"
                    );
                    assert_eq!(surface.kind_at(point), SurfaceKind::Block);
                }
            }
        }
    }
}

#[test]
fn no_two_buildings_overlap() {
    for (seed, x, z, size) in sampled_chunks() {
        for block in &plan(seed, x, z, size).blocks {
            let areas: Vec<&Area> = block.buildings.iter().flat_map(footprints).collect();
            for (number, a) in areas.iter().enumerate() {
                for b in &areas[number + 1..] {
                    assert!(
                        !clash(a, b),
                        "{a:?} and {b:?}, chunk {x} {z}, size {size}, seed {seed}"
                    );
                }
            }
        }
    }
}

#[test]
fn upper_masses_and_roof_boxes_stay_over_their_building() {
    for (seed, x, z, size) in sampled_chunks() {
        for building in plan(seed, x, z, size).buildings() {
            let (mut low, mut high) = (building.masses[0].area, building.masses[0].area);
            for mass in &building.masses {
                low = Area::new(
                    low.x0.min(mass.area.x0),
                    low.z0.min(mass.area.z0),
                    low.x1,
                    low.z1,
                );
                high = Area::new(
                    high.x0,
                    high.z0,
                    high.x1.max(mass.area.x1),
                    high.z1.max(mass.area.z1),
                );
                assert!(
                    mass.top_m > mass.base_m && mass.ridge_m() <= 235.0,
                    "{mass:?}"
                );
            }
            assert!(building.tip_m() <= 275.0, "{}", building.tip_m());
            let whole = Area::new(low.x0, low.z0, high.x1, high.z1).inset(-0.01);
            // What stands beside a building, such as a canopy or a mast, is on its lot; see the tests of blocks.
            let on_roof = building
                .details
                .iter()
                .filter(|detail| detail.base_m > 3.0 && !building.is_landmark);
            for area in building
                .masses
                .iter()
                .map(|mass| &mass.area)
                .chain(on_roof.map(|detail| &detail.area))
            {
                assert!(!area.is_empty(), "{area:?} of {building:?}");
                assert!(
                    corners_and_middles(area)
                        .into_iter()
                        .all(|corner| whole.contains(corner))
                );
            }
        }
    }
}

#[test]
fn no_tree_or_lamp_stands_in_a_road_or_in_a_building() {
    for (seed, x, z, size) in sampled_chunks() {
        let plan = plan(seed, x, z, size);
        let surface = Surface::new(&plan);
        for block in &plan.blocks {
            let furniture = &block.furniture;
            let places = furniture
                .trees
                .iter()
                .map(|tree| tree.at)
                .chain(furniture.lamps.iter().map(|lamp| lamp.at));
            for at in places {
                let trunk = Area::around(at, 0.5, 0.5);
                assert!(
                    corners_and_middles(&trunk)
                        .into_iter()
                        .all(|point| surface.kind_at(point) != SurfaceKind::Road),
                    "{at}"
                );
                for area in block.buildings.iter().flat_map(footprints) {
                    assert!(
                        !clash(area, &trunk),
                        "{at} in {area:?}, chunk {x} {z}, size {size}, seed {seed}"
                    );
                }
            }
        }
    }
}

#[test]
fn props_are_clear_of_buildings_and_parked_cars_stand_on_the_road() {
    for (seed, x, z, size) in sampled_chunks() {
        let plan = plan(seed, x, z, size);
        let surface = Surface::new(&plan);
        let mut cars: Vec<Area> = Vec::new();
        for block in &plan.blocks {
            for prop in &block.furniture.props {
                let Some((area, ..)) = prop.solid() else {
                    continue;
                };
                assert!(!area.is_empty(), "{prop:?}");
                if matches!(prop, Prop::Car { on_road: true, .. }) {
                    assert!(
                        corners_and_middles(&area)
                            .into_iter()
                            .all(|point| surface.kind_at(point) == SurfaceKind::Road)
                    );
                    assert!(
                        cars.iter().all(|other| !clash(other, &area)),
                        "two cars at {area:?}"
                    );
                    cars.push(area);
                } else {
                    assert!(
                        corners_and_middles(&area)
                            .into_iter()
                            .all(|point| surface.kind_at(point) != SurfaceKind::Road),
                        "{prop:?}"
                    );
                    for building in block.buildings.iter().flat_map(footprints) {
                        assert!(
                            !clash(building, &area),
                            "{prop:?} in {building:?}, chunk {x} {z}, size {size}, seed {seed}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn patches_of_one_layer_never_overlap() {
    for (seed, x, z, size) in sampled_chunks() {
        for block in &plan(seed, x, z, size).blocks {
            for (number, a) in block.patches.iter().enumerate() {
                assert!(!a.area.is_empty(), "{a:?}");
                for b in &block.patches[number + 1..] {
                    assert!(
                        a.layer != b.layer || !clash(&a.area, &b.area),
                        "{a:?} and {b:?}"
                    );
                }
            }
        }
    }
}

/// What makes two buildings look different: footprint (decimetres), height (decimetres), colour.
fn look_of(building: &Building) -> [i32; 6] {
    let area = &building.masses[0].area;
    let Rgb {
        x: red,
        y: green,
        z: blue,
    } = building.look.wall;
    [
        area.size_x() * 10.0,
        area.size_z() * 10.0,
        building.height_m() * 10.0,
        red * 50.0,
        green * 50.0,
        blue * 50.0,
    ]
    .map(|value| value.round() as i32)
}

fn distinct_looks(plans: &[ChunkPlan]) -> usize {
    plans
        .iter()
        .flat_map(ChunkPlan::buildings)
        .map(look_of)
        .collect::<BTreeSet<_>>()
        .len()
}

fn neighbourhood(seed: u64, x: i32, z: i32, size: f64) -> Vec<ChunkPlan> {
    (x..x + 3)
        .flat_map(|x| (z..z + 3).map(move |z| plan(seed, x, z, size)))
        .collect()
}

/// No river and no large park takes the room of the houses.
fn is_built_up(plans: &[ChunkPlan]) -> bool {
    plans
        .iter()
        .all(|plan| plan.rivers.is_empty() && plan.parks().next().is_none())
}

#[test]
fn any_three_by_three_chunks_hold_at_least_twelve_distinct_buildings() {
    let mut fewest = usize::MAX;
    let mut zones = BTreeSet::new();
    for size in USUAL_SIZES_M {
        for seed in [0, 1, 2, 99, u64::MAX] {
            for k in 0..12 {
                let (x, z) = (k * 7 - 40, k * k - 60);
                let plans = neighbourhood(seed, x, z, size);
                if !is_built_up(&plans) {
                    continue;
                }
                zones.extend(
                    plans
                        .iter()
                        .flat_map(|plan| &plan.blocks)
                        .map(|block| block.zone as u8),
                );
                let distinct = distinct_looks(&plans);
                fewest = fewest.min(distinct);
                assert!(
                    distinct >= 12,
                    "{distinct} at {x} {z}, size {size}, seed {seed}"
                );
            }
        }
    }
    assert_eq!(zones.len(), 6, "the sample reaches all districts");
    println!("fewest distinct buildings in 3 x 3 chunks: {fewest}");
}

#[test]
fn parks_and_gardens_are_the_worst_case_and_still_hold_twelve() {
    // The neighbourhoods with the fewest buildings of a wide area, counted one by one.
    for size in USUAL_SIZES_M {
        let mut worst = (usize::MAX, 0, 0);
        for x in -12..12 {
            for z in -12..12 {
                let plan = plan(3, x, z, size);
                if is_built_up(std::slice::from_ref(&plan)) {
                    worst = worst.min((plan.buildings().count(), x, z));
                }
            }
        }
        let (_, x, z) = worst;
        for (dx, dz) in [(-2, -2), (-1, -1), (0, 0), (-2, 0), (0, -2)] {
            let plans = neighbourhood(3, x + dx, z + dz, size);
            assert!(
                !is_built_up(&plans) || distinct_looks(&plans) >= 12,
                "around {x} {z}, size {size}"
            );
        }
    }
}

#[test]
fn towers_stand_in_the_core_and_houses_do_not() {
    let heights = |zone: Zone| {
        let mut heights: Vec<f32> = Vec::new();
        for x in -16..16 {
            for z in -16..16 {
                let plan = plan(11, x, z, 200.0);
                let blocks = plan.blocks.iter().filter(|block| block.zone == zone);
                heights.extend(
                    blocks
                        .flat_map(|block| &block.buildings)
                        .filter(|building| {
                            zone != Zone::Houses || building.look.facade == Facade::Cottage
                        })
                        .map(Building::height_m),
                );
            }
        }
        heights.sort_by(f32::total_cmp);
        heights
    };
    let (core, houses) = (heights(Zone::Core), heights(Zone::Houses));
    assert!(
        core.last()
            .is_some_and(|tallest| (150.0..=235.0).contains(tallest)),
        "{:?}",
        core.last()
    );
    assert!(
        core[core.len() / 2] > 35.0,
        "half of downtown is higher than 35 m"
    );
    assert!(
        houses.last().is_some_and(|tallest| *tallest < 12.0),
        "{:?}",
        houses.last()
    );
}

#[test]
fn signs_that_give_way_face_the_narrower_street_on_the_right_of_its_traffic() {
    let mut count = 0;
    for (seed, x, z, size) in sampled_chunks() {
        for block in &plan(seed, x, z, size).blocks {
            let kerb = block.outline.area;
            for prop in &block.furniture.props {
                let Prop::Sign { at, faces, kind } = prop else {
                    continue;
                };
                if *kind != SignKind::GiveWay {
                    continue;
                }
                count += 1;
                let own = faces.outward();
                let along = (*at - kerb.center()) - own * (*at - kerb.center()).dot(own);
                // Towards the nearer corner, where the junction is.
                let ahead = along.normalize();
                let crossed = Side::ALL
                    .into_iter()
                    .find(|side| side.outward().dot(ahead) > 0.9)
                    .expect("a side lies ahead");
                let classes = [*faces, crossed].map(|side| block.streets[side as usize]);
                assert!(classes[0] < classes[1], "{classes:?} at {at}");
                // x runs east and z south: that is the right hand.
                let right = Vec2::new(-ahead.y, ahead.x);
                assert!(right.dot(own) < 0.0, "on the wrong side at {at}");
            }
        }
    }
    assert!(count > 40, "{count} signs");
}
