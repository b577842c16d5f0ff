//! Walks round blocks, over streets and along the river.

use super::*;

#[test]
fn a_walk_round_a_block_stays_on_its_pavement() {
    for seed in 0..4 {
        let walks = Walks::around(seed, DVec2::new(700.0, -900.0), 300.0);
        assert!(walks.blocks().len() > 20);
        for block in walks.blocks() {
            for share in [0.0, 0.4, 1.0] {
                for way in [Way::Clockwise, Way::Anticlockwise] {
                    for corner in Corner::ALL {
                        let (from, to) = (
                            block.corner(corner, share),
                            block.corner(corner.next(way), share),
                        );
                        for step in 0..=10 {
                            let place = from.lerp(to, step as f32 / 10.0);
                            assert!(block.keep_on(place).distance(place) < 1e-3, "{block:?}");
                            assert_eq!(block.rise_at(place), KERB_HEIGHT_M);
                        }
                        let middle = from.midpoint(to);
                        assert_eq!(block.next_corner(middle, way), corner.next(way));
                    }
                }
            }
        }
    }
}

#[test]
fn a_crossing_leads_over_one_street_to_another_pavement() {
    let walks = Walks::around(7, DVec2::new(-300.0, 200.0), 400.0);
    let mut count = 0;
    for block in walks.blocks() {
        for corner in Corner::ALL {
            for course in [Course::Straight, Course::Aside] {
                let way = Way::Clockwise;
                let Some(crossing) = walks.crossing(block, corner, way, course, 0.5) else {
                    continue;
                };
                count += 1;
                let other = walks.block(crossing.to).unwrap();
                assert_ne!(other.id, block.id);
                let there = crossing.arrives_at;
                assert!(other.keep_on(there).distance(there) < 1e-3);
                let way = there.distance(block.corner(corner, 0.5));
                assert!((crossing.width_m..crossing.width_m + 12.0).contains(&way));
            }
        }
    }
    assert!(count > 100, "{count} crossings");
}

#[test]
fn every_crossing_with_lights_is_at_a_junction_that_has_them() {
    let walks = Walks::around(7, DVec2::new(-300.0, 200.0), 600.0);
    let mut lanes = crate::city::LaneGraph::new(7);
    let (mut lit, mut dark) = (0, 0);
    for block in walks.blocks() {
        for corner in Corner::ALL {
            for course in [Course::Straight, Course::Aside] {
                let crossing = walks.crossing(block, corner, Way::Clockwise, course, 0.5);
                let Some(crossing) = crossing else { continue };
                let Some((junction, _)) = crossing.light else {
                    dark += 1;
                    continue;
                };
                lit += 1;
                let kind = lanes.junction(junction).map(|junction| junction.kind);
                assert_eq!(kind, Some(crate::city::JunctionKind::Signals));
                let (here, _) = walks.in_world(block.corner(corner, 0.5));
                let there = lanes.junction_place(junction);
                assert!(here.distance(DVec2::new(there.x, there.z)) < 45.0);
            }
        }
    }
    assert!(lit > 20 && dark > 50, "{lit} with lights, {dark} without");
}

#[test]
fn neighbourhoods_agree_about_their_common_blocks() {
    let here = Walks::around(3, DVec2::new(0.0, 0.0), 300.0);
    let there = Walks::around(3, DVec2::new(150.0, -100.0), 300.0);
    let mut common = 0;
    for block in here.blocks() {
        let Some(other) = there.block(block.id) else {
            continue;
        };
        common += 1;
        let shift = (here.origin_in_plan() - there.origin_in_plan()).as_vec2();
        let (a, b) = (
            block.corner(Corner::NorthEast, 0.5),
            other.corner(Corner::NorthEast, 0.5),
        );
        assert!((a + shift).distance(b) < 1e-3);
        let ((place, height), (again, height_again)) = (here.in_world(a), there.in_world(b));
        assert!(place.distance(again) < 2e-3 && (height - height_again).abs() < 2e-3);
        assert!(here.in_plan(place).distance(a) < 2e-3);
    }
    assert!(common > 20);
}

#[test]
fn people_walk_along_rivers_and_over_their_bridges() {
    let walks = Walks::around(7, DVec2::new(0.0, 640.0), 320.0);
    let of = |along: bool| {
        let blocks = walks.blocks().iter();
        blocks.filter(move |block| {
            let is_along = matches!(block.edge, Some(Side::North | Side::South));
            block.edge.is_some() && is_along == along
        })
    };
    let (promenades, bridges) = (of(true).count(), of(false).count());
    assert!(
        promenades >= 4 && bridges >= 2,
        "{promenades} and {bridges}"
    );
    let (mut lit, mut over) = (0, 0);
    for bridge in of(false) {
        for corner in Corner::ALL {
            for course in [Course::Straight, Course::Aside] {
                let way = Way::Clockwise;
                let Some(crossing) = walks.crossing(bridge, corner, way, course, 0.5) else {
                    continue;
                };
                let to = walks.block(crossing.to).unwrap();
                assert_ne!(to.id, bridge.id);
                // Over the embankment to a block, over the bridge's road to its other side, or to the promenade beside it.
                lit += u32::from(crossing.light.is_some() && to.edge.is_none());
                over += u32::from(matches!(to.edge, Some(Side::North | Side::South)));
            }
        }
    }
    assert!(
        lit >= 4 && over >= 2,
        "{lit} to blocks, {over} to promenades"
    );
    let back = of(true).flat_map(|promenade| {
        let crossings = Corner::ALL.into_iter().flat_map(|corner| {
            [Course::Straight, Course::Aside]
                .map(|course| walks.crossing(promenade, corner, Way::Clockwise, course, 0.5))
        });
        crossings.flatten().filter(|crossing| {
            let to = walks.block(crossing.to).unwrap();
            matches!(to.edge, Some(Side::West | Side::East))
        })
    });
    assert!(back.count() >= 2);
}
