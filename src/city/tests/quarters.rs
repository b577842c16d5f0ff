//! What fills the blocks: everything on its lot, doors on streets, no two buildings alike, landmarks, lights.

use std::collections::{BTreeMap, BTreeSet};

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::plan::buildings::{Building, DetailKind, Face};
use super::super::plan::furniture::Prop;
use super::super::plan::{ChunkPlan, Zone};
use super::content::{coloured_vertices, generate_at};
use super::plan;
use crate::streaming::DetailLevel;

/// Chunks of 200 m over six kilometres: all districts, several downtowns.
fn places() -> impl Iterator<Item = (u64, i32, i32)> {
    (0..180).map(|k| (1 + k as u64 % 3, (k % 15) * 4 - 30, (k / 15) * 5 - 28))
}

fn plans() -> impl Iterator<Item = ChunkPlan> {
    places().map(|(seed, x, z)| plan(seed, x, z, 200.0))
}

fn holds(outer: &Area, inner: &Area) -> bool {
    let outer = outer.inset(-0.02);
    outer.contains(Vec2::new(inner.x0, inner.z0)) && outer.contains(Vec2::new(inner.x1, inner.z1))
}

#[test]
fn buildings_and_what_stands_on_them_stay_inside_their_block() {
    let mut details = 0;
    for plan in plans() {
        for block in &plan.blocks {
            for building in &block.buildings {
                for mass in &building.masses {
                    assert!(
                        holds(&block.inner, &mass.area),
                        "{mass:?} of {:?}",
                        block.inner
                    );
                    assert!(mass.top_m > mass.base_m, "{mass:?}");
                }
                for detail in &building.details {
                    assert!(
                        !detail.area.is_empty() && detail.top_m > detail.base_m,
                        "{detail:?}"
                    );
                    // The jib of a crane swings over the street; a cross or a light is on a spire.
                    if detail.kind != DetailKind::Jib {
                        let around = block.inner.inset(-1.0);
                        assert!(holds(&around, &detail.area), "{detail:?} of {around:?}");
                    }
                    details += 1;
                }
            }
        }
    }
    assert!(details > 5_000, "{details}");
}

#[test]
fn doors_are_on_streets() {
    let mut doors = 0;
    for plan in plans() {
        for block in &plan.blocks {
            for building in &block.buildings {
                let mass = &building.masses[0];
                assert_ne!(
                    mass.faces[building.front as usize],
                    Face::Blank,
                    "{building:?}"
                );
                // Nothing of another building stands between the door and the street.
                let way = mass.area.strip(building.front, -1.0, 0.0);
                let across = way.size(building.front.runs_along());
                let door = way.span(building.front.runs_along(), across * 0.45, across * 0.55);
                let blocked = block.buildings.iter().any(|other| {
                    !std::ptr::eq(other, building)
                        && other.masses.iter().any(|mass| {
                            mass.stands_on_ground() && mass.area.inset(0.05).overlaps(&door)
                        })
                });
                assert!(!blocked, "{:?} of {:?}", mass.area, block.zone);
                doors += 1;
            }
        }
    }
    assert!(doors > 3_000, "{doors}");
}

/// Size to a decimetre, style and colours: what one sees of a building.
fn look_of(building: &Building) -> [i64; 9] {
    let (mass, look) = (&building.masses[0], &building.look);
    let fine = |value: f32, steps: f32| (value * steps).round() as i64;
    [
        fine(mass.area.size_x(), 10.0),
        fine(mass.area.size_z(), 10.0),
        fine(building.height_m(), 10.0),
        look.facade as i64,
        fine(look.wall.x, 255.0),
        fine(look.wall.y, 255.0),
        fine(look.wall.z, 255.0),
        fine(look.bay_m, 10.0),
        fine(look.roof.x, 255.0),
    ]
}

#[test]
fn no_two_buildings_in_view_are_the_same() {
    let (mut views, mut buildings) = (0, 0);
    for (seed, x, z) in places().step_by(6) {
        let mut seen = BTreeSet::new();
        for (dx, dz) in (0..9).map(|k| (k % 3, k / 3)) {
            let plan = plan(seed, x + dx, z + dz, 200.0);
            for block in &plan.blocks {
                for building in &block.buildings {
                    if plan.owns(building.anchor) {
                        assert!(seen.insert(look_of(building)), "twice: {building:?}");
                        buildings += 1;
                    }
                }
            }
        }
        views += 1;
    }
    assert!(views >= 30 && buildings > 3_000, "{views} {buildings}");
}

#[test]
fn landmarks_are_found_in_all_districts() {
    let mut by_zone: BTreeMap<u8, usize> = BTreeMap::new();
    let mut tallest = 0.0f32;
    for plan in plans() {
        for block in &plan.blocks {
            let is_landmark = block.buildings.iter().any(|building| building.is_landmark);
            *by_zone.entry(block.zone as u8).or_default() += usize::from(is_landmark);
            tallest = block
                .buildings
                .iter()
                .map(Building::tip_m)
                .fold(tallest, f32::max);
        }
    }
    for zone in [
        Zone::Core,
        Zone::Midtown,
        Zone::Terraces,
        Zone::Houses,
        Zone::Industry,
        Zone::Campus,
    ] {
        assert!(by_zone[&(zone as u8)] >= 2, "{zone:?}: {by_zone:?}");
    }
    assert!(tallest > 180.0, "{tallest}");
}

/// The highest place of a chunk's mesh above the water.
fn top_m(detail: DetailLevel, (seed, x, z): (u64, i32, i32)) -> f32 {
    let content = generate_at(detail, seed, x, z, 200.0);
    coloured_vertices(&content)
        .into_iter()
        .map(|(position, _)| position[1])
        .fold(0.0, f32::max)
}

#[test]
fn high_landmarks_have_the_same_top_at_all_levels() {
    let mut checked = 0;
    for (seed, x, z) in places() {
        let plan = plan(seed, x, z, 200.0);
        let highest = plan
            .buildings()
            .filter(|building| plan.owns(building.anchor))
            .max_by(|a, b| a.tip_m().total_cmp(&b.tip_m()));
        let Some(building) = highest.filter(|building| building.is_landmark) else {
            continue;
        };
        if building.tip_m() < 60.0 {
            continue;
        }
        let tops = [
            DetailLevel::FULL,
            DetailLevel::MASSING,
            DetailLevel::SKYLINE,
        ]
        .map(|detail| top_m(detail, (seed, x, z)));
        for top in tops {
            assert!(
                (top - tops[0]).abs() < 1.0,
                "{tops:?} at {x} {z}, seed {seed}"
            );
        }
        checked += 1;
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn props_stay_clear_of_buildings() {
    let mut kinds = BTreeSet::new();
    for plan in plans() {
        for block in &plan.blocks {
            for prop in &block.furniture.props {
                let name = format!("{prop:?}");
                kinds.insert(name.split(' ').next().unwrap_or_default().to_owned());
                let Some((area, ..)) = prop.solid() else {
                    continue;
                };
                assert!(!area.is_empty(), "{prop:?}");
                let area = area.inset(0.02);
                for mass in block.buildings.iter().flat_map(|building| &building.masses) {
                    assert!(
                        !mass.stands_on_ground() || !mass.area.overlaps(&area),
                        "{prop:?} in {:?}, {:?}",
                        mass.area,
                        block.zone
                    );
                }
                if !matches!(prop, Prop::Car { on_road: true, .. }) {
                    assert!(holds(&block.outline.area, &area), "{prop:?}");
                }
            }
        }
    }
    assert!(kinds.len() >= 18, "{kinds:?}");
}

/// Shares of vertices behind which light may go on, and of those that are on when a given part of the evening is over.
fn lit(detail: DetailLevel, zone: Zone) -> [f32; 2] {
    let (mut all, mut windows, mut on) = (0.0, 0.0, 0.0);
    for (seed, x, z) in places() {
        let plan = plan(seed, x, z, 200.0);
        if !plan.blocks.iter().all(|block| block.zone == zone) {
            continue;
        }
        for (_, [.., alpha]) in coloured_vertices(&generate_at(detail, seed, x, z, 200.0)) {
            all += 1.0;
            if (0.19..0.81).contains(&alpha) {
                windows += 1.0;
                on += f32::from((alpha - 0.2) / 0.6 < 0.4);
            }
        }
    }
    assert!(all > 0.0, "no chunk is all {zone:?}");
    [windows / all, on / windows]
}

#[test]
fn windows_light_at_night_in_all_districts_and_at_all_levels() {
    for zone in [Zone::Core, Zone::Midtown, Zone::Terraces, Zone::Houses] {
        let [windows, on] = lit(DetailLevel::FULL, zone);
        assert!(windows > 0.015 && windows < 0.5, "{zone:?}: {windows}");
        assert!((0.15..0.75).contains(&on), "{zone:?}: {on}");
    }
    for detail in [DetailLevel::MASSING, DetailLevel::SKYLINE] {
        let [windows, on] = lit(detail, Zone::Core);
        assert!(windows > 0.03, "{detail:?}: {windows}");
        assert!((0.15..0.85).contains(&on), "{detail:?}: {on}");
    }
}
