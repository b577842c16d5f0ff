//! Ten thousand random places: no building in a road, no tree in a building, nothing below the ground or above it.

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::build::foot_of;
use super::super::hash::{Dice, Topic};
use super::super::plan::ChunkPlan;
use super::super::plan::furniture::Prop;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::super::plan::surface::{Surface, SurfaceKind};
use super::plan;

const PLACES: u32 = 10_000;
/// How much lower or higher than the ground around it a building's floor may be: the land is steep in places, metres.
const MOST_STEP_M: f32 = 3.2;

struct Sample {
    plan: ChunkPlan,
    surface: Surface,
}

impl Sample {
    /// Chunks all over the city: in towers, houses, parks and rivers.
    fn all() -> Vec<Self> {
        (0..100)
            .map(|k| {
                let plan = plan(
                    1 + k % 4,
                    (k % 10) as i32 * 3 - 14,
                    (k / 10) as i32 * 3 - 13,
                    200.0,
                );
                Self {
                    surface: Surface::new(&plan),
                    plan,
                }
            })
            .collect()
    }

    fn buildings_at(&self, place: Vec2) -> impl Iterator<Item = &Area> {
        self.plan
            .buildings()
            .flat_map(|building| &building.masses)
            .filter(move |mass| mass.stands_on_ground() && mass.area.contains(place))
            .map(|mass| &mass.area)
    }

    /// What is solid there of street furniture and cars.
    fn things_at(&self, place: Vec2) -> impl Iterator<Item = &Prop> {
        self.plan
            .furniture()
            .flat_map(|furniture| &furniture.props)
            .filter(move |prop| prop.solid().is_some_and(|(area, ..)| area.contains(place)))
    }
}

#[test]
fn no_random_place_is_in_a_building_and_on_a_road_or_in_two_buildings() {
    let mut dice = Dice::at(45, Topic::Block, 0, 0);
    let samples = Sample::all();
    let mut kinds = [0u32; 5];
    let (mut built, mut met) = (0, 0);
    for _ in 0..PLACES {
        let sample = &samples[dice.whole(0, 99) as usize];
        let world = Vec2::new(dice.unit(), dice.unit()) * 199.9;
        let place = sample.plan.frame.survey.plan_of(world);
        let kind = sample.surface.kind_at(place);
        kinds[kind as usize] += 1;
        let buildings = sample.buildings_at(place).count();
        assert!(buildings <= 1, "two buildings at {place}");
        assert!(
            buildings == 0 || kind == SurfaceKind::Block,
            "a building on {kind:?} at {place}"
        );
        built += buildings as u32;
        let height_m = sample.surface.height_at(place);
        let above_land_m = height_m - sample.plan.frame.survey.height_at(place);
        // Roads lie on the land, what is raised a kerb above it; banks go down from there to the bed of the river.
        let legal = match kind {
            SurfaceKind::Road => 0.0..=0.001,
            SurfaceKind::Pavement => KERB_HEIGHT_M - 0.001..=KERB_HEIGHT_M + 0.001,
            SurfaceKind::Block => -2.5..=KERB_HEIGHT_M + 0.001,
            SurfaceKind::Bank | SurfaceKind::Water => -12.0..=KERB_HEIGHT_M + 0.001,
        };
        assert!(
            legal.contains(&above_land_m),
            "{kind:?} {above_land_m} m over the land at {place}"
        );
        if kind == SurfaceKind::Block && sample.plan.parks().next().is_none() {
            assert!((above_land_m - KERB_HEIGHT_M).abs() < 0.001, "at {place}");
        }
        if let Some(level_m) = sample.surface.water_at(place) {
            assert!(
                (level_m - 4.0..level_m).contains(&height_m),
                "a bed of {height_m} m"
            );
        }
        let things: Vec<&Prop> = sample.things_at(place).collect();
        assert!(things.len() <= 1, "{things:?} at {place}");
        assert!(
            things.is_empty() || buildings == 0,
            "{things:?} in a building"
        );
        met += things.len() as u32;
    }
    assert!(built > 1_500, "{built} places are built upon");
    assert!(met > 40, "{met} places are taken by things");
    assert!(kinds.iter().all(|count| *count > 20), "{kinds:?}");
}

#[test]
fn nothing_stands_in_a_road_in_water_or_in_a_building() {
    let mut things = 0;
    for sample in Sample::all() {
        for furniture in sample.plan.furniture() {
            let trees = furniture.trees.iter().map(|tree| tree.at);
            let lamps = furniture.lamps.iter().map(|lamp| lamp.at);
            for at in trees.chain(lamps).filter(|at| sample.plan.owns(*at)) {
                things += 1;
                let kind = sample.surface.kind_at(at);
                assert!(
                    !matches!(kind, SurfaceKind::Road | SurfaceKind::Water),
                    "a tree or lamp on {kind:?} at {at}"
                );
                assert_eq!(sample.buildings_at(at).count(), 0, "in a building at {at}");
                let ground_m = sample.surface.height_at(at);
                let stands_m = sample.plan.frame.survey.height_at(at) + KERB_HEIGHT_M;
                assert!(
                    (ground_m - stands_m).abs() < 0.1,
                    "stands at {stands_m} m over ground of {ground_m} m at {at}"
                );
            }
        }
    }
    assert!(things > PLACES / 2, "{things}");
}

#[test]
fn no_thing_stands_on_a_road_but_a_parked_car_and_none_in_a_building_or_in_water() {
    let mut things = 0;
    for sample in Sample::all() {
        for prop in sample
            .plan
            .furniture()
            .flat_map(|furniture| &furniture.props)
        {
            let at = prop.anchor();
            let Some((area, ..)) = prop.solid() else {
                continue;
            };
            if !sample.plan.owns(at) {
                continue;
            }
            things += 1;
            let kind = sample.surface.kind_at(at);
            let is_on_road = matches!(prop, Prop::Car { on_road: true, .. });
            assert_eq!(
                kind == SurfaceKind::Road,
                is_on_road,
                "{prop:?} on {kind:?}"
            );
            assert_ne!(kind, SurfaceKind::Water, "{prop:?}");
            // It may touch the wall behind it.
            let middle = area.inset(0.1);
            let places = [
                at,
                Vec2::new(middle.x0, middle.z0),
                Vec2::new(middle.x1, middle.z0),
                Vec2::new(middle.x1, middle.z1),
                Vec2::new(middle.x0, middle.z1),
            ];
            for place in places {
                assert_eq!(
                    sample.buildings_at(place).count(),
                    0,
                    "{prop:?} in a building"
                );
            }
        }
    }
    assert!(things > PLACES, "{things}");
}

#[test]
fn buildings_stand_on_the_ground_before_their_front() {
    for sample in Sample::all() {
        for building in sample.plan.buildings() {
            let survey = &sample.plan.frame.survey;
            let base_m = survey.height_at(foot_of(building));
            let area = building.masses[0].area;
            for corner in [
                Vec2::new(area.x0, area.z0),
                Vec2::new(area.x1, area.z0),
                Vec2::new(area.x1, area.z1),
                Vec2::new(area.x0, area.z1),
            ] {
                let step_m = survey.height_at(corner) - base_m;
                assert!(
                    step_m.abs() < MOST_STEP_M,
                    "{step_m} m at {corner} of {area:?}"
                );
                assert!(
                    building.height_m() > step_m + 2.0,
                    "a building under the ground at {corner}"
                );
            }
        }
    }
}

#[test]
fn pillars_of_highways_stand_beside_lanes_and_never_in_a_crossing_street() {
    let mut pillars = 0;
    for column in [2, -4] {
        for row in -6..6 {
            let u = super::super::network::arterial(3, super::super::area::Axis::Z, column);
            let land = super::super::land::Land::new(3);
            let world = land.world_of(bevy::math::DVec2::new(u, f64::from(row) * 190.0));
            let plan = plan(
                3,
                (world.x / 200.0).floor() as i32,
                (world.y / 200.0).floor() as i32,
                200.0,
            );
            for viaduct in &plan.viaducts {
                for area in viaduct.pillars().filter(|area| plan.owns(area.center())) {
                    pillars += 1;
                    let across = (area.center().x - viaduct.x).abs();
                    let half = area.size_x() / 2.0;
                    assert!(across + half <= 5.0 || across - half >= 13.0, "{area:?}");
                    assert!(across + half <= 15.0);
                    for road in &plan.roads {
                        let crosses = road.axis == super::super::area::Axis::X;
                        let body = road.area();
                        assert!(!(crosses && body.overlaps(&area)), "{area:?} in {road:?}");
                    }
                    assert!(
                        plan.squares
                            .iter()
                            .all(|square| !square.area.overlaps(&area))
                    );
                }
            }
        }
    }
    assert!(pillars > 60, "{pillars}");
}
