//! What is solid and what can be stood on: as planned, as the neighbours say, and free where one drives.

use bevy::math::{DVec2, Vec2, Vec3Swizzles};

use super::super::area::Axis;
use super::super::build::full;
use super::super::network;
use super::super::plan::streets::StreetClass;
use super::super::plan::viaduct::{RampKind, Viaduct};
use super::super::{CityCollision, CollisionBox, FloorKind, KERB_HEIGHT_M};
use super::{plan, sampled_chunks};
use crate::city::land::Land;
use crate::streaming::StopToken;

/// The chunk of a place of the plan.
fn chunk_at(seed: u64, place: DVec2, size_m: f64) -> (i32, i32) {
    let world = (Land::new(seed).world_of(place) / size_m).floor();
    (world.x as i32, world.y as i32)
}

fn blocks(solid: &CollisionBox, at: Vec2, low_m: f32, high_m: f32, radius_m: f32) -> bool {
    let nearest = at.clamp(solid.min.xz(), solid.max.xz());
    solid.max.y > low_m && solid.min.y < high_m && nearest.distance(at) < radius_m
}

#[test]
fn boxes_near_a_place_are_exactly_those_in_reach() {
    for (seed, x, z, size) in sampled_chunks().step_by(5) {
        let collision = CityCollision::new(&plan(seed, x, z, size));
        let reach = collision.plan_of(Vec2::splat(size as f32 / 2.0));
        for step in 0..40 {
            let center = reach
                + Vec2::new(
                    (step as f32 * 0.37).fract() - 0.5,
                    (step as f32 * 0.71).fract() - 0.5,
                ) * (size as f32 * 1.2);
            for radius in [0.5, 6.0, 40.0] {
                let found: Vec<&CollisionBox> = collision.boxes_near(center, radius).collect();
                let expected = collision
                    .boxes()
                    .iter()
                    .filter(|solid| {
                        let apart = center.clamp(solid.min.xz(), solid.max.xz()) - center;
                        apart.abs().max_element() <= radius
                    })
                    .count();
                assert_eq!(found.len(), expected);
            }
        }
    }
}

#[test]
fn every_building_is_solid_from_below_its_foot_to_its_ridge() {
    let mut count = 0;
    for (seed, x, z, size) in sampled_chunks().step_by(7) {
        let plan = plan(seed, x, z, size);
        let collision = CityCollision::new(&plan);
        for building in plan.buildings() {
            let middle = building.masses[0].area.center();
            if !plan.owns(building.anchor) {
                continue;
            }
            count += 1;
            let floor = collision.floor_below(middle, f32::MIN);
            let solid = collision.boxes_near(middle, 0.1).find(|solid| {
                solid.min.y < floor.height_m - 1.0 && solid.max.y > floor.height_m + 1.5
            });
            assert!(solid.is_some(), "{middle} in chunk {x} {z} of {size} m");
        }
    }
    assert!(count > 700, "{count} buildings");
}

#[test]
fn neighbours_agree_about_floors_and_boxes_at_their_border() {
    let size = 200.0;
    let mut count = 0;
    for (seed, x, z) in [
        (1, 0, 0),
        (7, -3, 1),
        (7, 4, 2),
        (77, 12, -9),
        (3, 900, -700),
    ] {
        let here = CityCollision::new(&plan(seed, x, z, size));
        let beside = CityCollision::new(&plan(seed, x + 1, z, size));
        let shift = Vec2::X * size as f32;
        for step in 0..400 {
            let at = Vec2::new(size as f32, step as f32 * 0.5);
            let (a, b) = (here.plan_of(at), beside.plan_of(at - shift));
            let (floor, other) = (here.floor_below(a, 1e3), beside.floor_below(b, 1e3));
            if floor.kind == other.kind {
                assert!(
                    (floor.height_m - other.height_m).abs() < 2e-2,
                    "{floor:?} {other:?}"
                );
            } else {
                // Exactly on a kerb.
                assert!((floor.height_m - other.height_m).abs() < KERB_HEIGHT_M + 0.02);
            }
            let touching = |collision: &CityCollision, at: Vec2| -> usize {
                collision.boxes_near(at, 1.2).count()
            };
            count += touching(&here, a);
            // A box whose edge is just at the reach may be in one list only.
            let differ = touching(&here, a).abs_diff(touching(&beside, b));
            assert!(differ <= 1, "{differ} boxes differ at {at} of {x} {z}");
        }
    }
    assert!(count > 100, "{count} boxes met");
}

/// The first ramp of a kind on the highways of a seed.
fn find_ramp(seed: u64, kind: RampKind) -> (i64, i64) {
    for column in (-20..20).filter(|column| network::is_highway(*column)) {
        for row in -20..20 {
            let ramps = super::super::plan::viaduct::ramps(seed, column, row);
            if ramps.iter().any(|ramp| ramp.kind == kind) {
                return (column, row);
            }
        }
    }
    panic!("no ramp of {kind:?}");
}

#[test]
fn a_way_leads_up_each_ramp_along_the_deck_and_down_again_without_a_step_or_a_wall() {
    for seed in [1, 7, 42] {
        for kind in [RampKind::Entry, RampKind::Exit] {
            let (column, row) = find_ramp(seed, kind);
            let middle_u = network::arterial(seed, Axis::Z, column);
            for ramp in super::super::plan::viaduct::ramps(seed, column, row) {
                // From the ground lane 20 m before the ramp, up its middle, over to the deck's inner lane.
                let away = (ramp.ground_v - ramp.deck_v).signum();
                let side = -ramp.direction;
                let mut height_m: Option<f32> = None;
                let mut top_m = f32::MIN;
                let mut v = ramp.ground_v + 20.0 * away;
                let mut collision: Option<((i32, i32), CityCollision, DVec2)> = None;
                while (v - ramp.merge_v) * away > -60.0 {
                    let merged = ((ramp.deck_v - v) * away / 30.0).clamp(0.0, 1.0);
                    let u = middle_u + side * (2.3 + merged * 4.2);
                    let place = DVec2::new(u, v);
                    let chunk = chunk_at(seed, place, 200.0);
                    if collision.as_ref().is_none_or(|(at, ..)| *at != chunk) {
                        let plan = plan(seed, chunk.0, chunk.1, 200.0);
                        let origin = plan.frame.origin_in_plan;
                        collision = Some((chunk, CityCollision::new(&plan), origin));
                    }
                    let (_, collision, origin) = collision.as_ref().unwrap();
                    let local = (place - *origin).as_vec2();
                    let before_m =
                        height_m.unwrap_or_else(|| collision.floor_below(local, f32::MIN).height_m);
                    let floor = collision.floor_below(local, before_m + 0.5);
                    assert!(
                        (floor.height_m - before_m).abs() < 0.16,
                        "a step from {before_m} to {floor:?} at {place}, seed {seed}"
                    );
                    let wall = collision.boxes_near(local, 1.2).find(|solid| {
                        blocks(
                            solid,
                            local,
                            floor.height_m + 0.35,
                            floor.height_m + 1.4,
                            0.95,
                        )
                    });
                    assert!(
                        wall.is_none(),
                        "{wall:?} at {local} {place}, {ramp:?}, seed {seed}"
                    );
                    height_m = Some(floor.height_m);
                    top_m =
                        top_m.max(floor.height_m - collision.floor_below(local, f32::MIN).height_m);
                    v -= away;
                }
                assert!(top_m > 5.0, "only {top_m} m above the ground");
            }
        }
    }
}

#[test]
fn the_deck_has_parapets_on_both_sides_except_where_ramps_join() {
    let seed = 7;
    let (column, row) = find_ramp(seed, RampKind::Exit);
    let middle_u = network::arterial(seed, Axis::Z, column);
    let ramp = super::super::plan::viaduct::ramps(seed, column, row)[0];
    let mut walled = 0;
    for step in 0..60 {
        let v = ramp.merge_v - ramp.direction * (f64::from(step) + 1.0);
        let chunk = chunk_at(seed, DVec2::new(middle_u, v), 200.0);
        let plan = plan(seed, chunk.0, chunk.1, 200.0);
        let collision = CityCollision::new(&plan);
        let viaduct: &Viaduct = &plan.viaducts[0];
        let z = (v - plan.frame.origin_in_plan.y) as f32;
        let deck_m = viaduct.deck_height_at(z);
        for across in [12.9, 4.6, -4.6, -12.9] {
            let at = Vec2::new(viaduct.x + across, z);
            let world = collision.world_of(at);
            if world.min_element() < 3.0 || world.max_element() > 197.0 {
                continue;
            }
            // Another ramp may join here.
            let is_open = viaduct.ramps.iter().any(|ramp| {
                let (from, to) = (ramp.merge_z.min(ramp.deck_z), ramp.merge_z.max(ramp.deck_z));
                across.abs() < 5.0 && ramp.side() * across > 0.0 && z >= from && z <= to
            });
            if is_open {
                continue;
            }
            walled += 1;
            let has_wall = collision
                .boxes_near(at, 0.5)
                .any(|solid| blocks(solid, at, deck_m + 0.35, deck_m + 0.9, 0.3));
            assert!(has_wall, "no parapet {across} m from the middle at {v}");
        }
    }
    assert!(walled > 40);
}

#[test]
fn rivers_have_beds_banks_and_railed_bridges() {
    let seed = 7;
    // The river nearest to the origin, seen from the bridge of the arterial through it.
    let north = network::arterial(seed, Axis::X, 1);
    let south = network::arterial(seed, Axis::X, 2);
    let floor = |u: f64, v: f64, most_m: f32| {
        let place = DVec2::new(u, v);
        let chunk = chunk_at(seed, place, 200.0);
        let plan = plan(seed, chunk.0, chunk.1, 200.0);
        let local = (place - plan.frame.origin_in_plan).as_vec2();
        CityCollision::new(&plan).floor_below(local, most_m)
    };
    let middle = (north + south) / 2.0;
    let on_bridge = floor(2.0, middle, 6.0);
    assert_eq!(on_bridge.kind, FloorKind::Road);
    assert!((3.5..6.0).contains(&on_bridge.height_m));
    let under = floor(2.0, middle, 1.0);
    assert!(
        under.kind == FloorKind::Water && under.height_m < -1.5,
        "{under:?}"
    );
    let beside = floor(60.0, middle, 6.0);
    assert_eq!(beside.kind, FloorKind::Water);
    let bank = floor(60.0, north + 31.0, 6.0);
    assert_eq!(bank.kind, FloorKind::Bank);
    // Each parapet is asked of the chunk that it stands in: a bridge may lie across a border.
    let class = if network::is_highway(0) {
        StreetClass::Avenue
    } else {
        StreetClass::Arterial
    };
    let half_m = class.carriageway_m() / 2.0 + class.pavement_m();
    let bridge_u = network::arterial(seed, Axis::Z, 0);
    for side in [-1.0, 1.0] {
        let place = DVec2::new(bridge_u + f64::from(side * (half_m - 0.2)), middle);
        let chunk = chunk_at(seed, place, 200.0);
        let plan = plan(seed, chunk.0, chunk.1, 200.0);
        let collision = CityCollision::new(&plan);
        let at = (place - plan.frame.origin_in_plan).as_vec2();
        let is_railed = collision.boxes_near(at, 0.5).any(|solid| {
            blocks(
                solid,
                at,
                on_bridge.height_m + 0.4,
                on_bridge.height_m + 1.0,
                0.2,
            )
        });
        assert!(is_railed, "on side {side}");
        assert!(collision.boxes()[0].min.is_finite());
    }
}

#[test]
fn what_is_drawn_round_or_without_corners_is_solid_in_that_outline_alone() {
    use super::super::BoxOutline;
    use super::super::plan::buildings::Outline;
    let (mut round, mut cut) = (0, 0);
    for seed in [1, 7, 77] {
        for (x, z) in (-6..6).flat_map(|x| (-6..6).map(move |z| (x, z))) {
            let plan = plan(seed, x, z, 200.0);
            let collision = CityCollision::new(&plan);
            for building in plan.buildings().filter(|one| plan.owns(one.anchor)) {
                for mass in &building.masses {
                    let middle = mass.area.center();
                    if mass.outline == Outline::Rectangle || !plan.owns(middle) {
                        continue;
                    }
                    let solid = collision.boxes_near(middle, 0.1).find(|solid| {
                        solid.outline != BoxOutline::Rectangle
                            && solid.min.xz().midpoint(solid.max.xz()).distance(middle) < 0.01
                    });
                    let solid =
                        solid.unwrap_or_else(|| panic!("{mass:?} at {middle} of chunk {x} {z}"));
                    let (corners, count) = solid.outline.corners(solid.min.xz(), solid.max.xz());
                    let half = (solid.max.xz() - solid.min.xz()) / 2.0;
                    let farthest = corners[..count]
                        .iter()
                        .map(|corner| ((*corner - middle) / half).length())
                        .fold(0.0, f32::max);
                    // In a square's corner the length would be 1.41.
                    assert!(farthest < 1.4, "{farthest} of {:?}", solid.outline);
                    match solid.outline {
                        BoxOutline::Round => {
                            assert!(farthest < 1.001);
                            round += 1;
                        }
                        _ => cut += 1,
                    }
                }
            }
        }
    }
    assert!(
        round > 10 && cut > 10,
        "{round} round, {cut} without corners"
    );
}

#[test]
fn what_a_crowded_chunk_has_no_room_for_is_not_solid_either() {
    // One chunk in some thousands is so full of gardens.
    let plan = plan(3, 5, 7, 200.0);
    let built = full(&plan, &StopToken::never(), &mut |_, _| {}).unwrap();
    let solid_left_out = plan
        .blocks
        .iter()
        .flat_map(|block| &block.furniture.props)
        .filter(|prop| built.left_out.contains(&prop.anchor()) && prop.solid().is_some())
        .count();
    assert!(
        solid_left_out > 10,
        "{solid_left_out} of {}",
        built.left_out.len()
    );
    let everything = CityCollision::new(&plan).boxes().len();
    let drawn = CityCollision::without(&plan, &built.left_out).boxes().len();
    assert_eq!(drawn, everything - solid_left_out);
}
