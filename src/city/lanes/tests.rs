//! What the lanes promise, over large areas and several seeds.

use std::collections::BTreeSet;

use bevy::math::DVec2;

use super::super::area::Axis;
use super::super::hash::{Dice, Topic};
use super::super::land::Land;
use super::super::network::rivers;
use super::cell::Numbered;
use super::*;

/// A square of so many superblocks around one, all lanes of them.
fn every_lane(graph: &mut LaneGraph, middle: (i64, i64), reach: i64) -> Vec<LaneId> {
    let mut lanes = Vec::new();
    for column in middle.0 - reach..=middle.0 + reach {
        for row in middle.1 - reach..=middle.1 + reach {
            let id = CellId { column, row };
            let cell = graph.cell(id);
            lanes.extend((0..).map_while(|number| {
                cell.numbered(number)?;
                Some(LaneId { cell: id, number })
            }));
        }
    }
    lanes
}

/// Whether the junction at the end of a lane, or which a connector crosses, is on the ground.
fn cell_level_is_ground(graph: &mut LaneGraph, lane: LaneId) -> bool {
    graph.end_of(lane).unwrap().level() == junction::Level::Ground
}

fn ground(pose: &Pose) -> DVec2 {
    DVec2::new(pose.place.x, pose.place.z)
}

#[test]
fn every_lane_has_a_successor_that_begins_where_it_ends() {
    for (seed, middle, reach) in [(7, (0, 0), 12), (31, (0, 2), 5), (3, (2_000, -4_000), 4)] {
        let mut graph = LaneGraph::new(seed);
        let lanes = every_lane(&mut graph, middle, reach);
        assert!(lanes.len() > 8_000, "{}", lanes.len());
        for lane in lanes {
            let next = graph.next(lane);
            assert!(!next.is_empty(), "{lane:?} of seed {seed} leads nowhere");
            let end = graph.plan_end(lane).unwrap();
            for next in next {
                let cell = graph.cell(next.cell);
                let start = cell.numbered(next.number).unwrap().path().start();
                assert!(end.distance(start) < 1e-9, "{lane:?} then {next:?}");
            }
        }
    }
}

#[test]
fn nobody_has_to_turn_back_and_every_lane_can_be_reached() {
    let mut graph = LaneGraph::new(11);
    let mut led_to = BTreeSet::new();
    let lanes = every_lane(&mut graph, (0, 0), 8);
    for lane in &lanes {
        assert_ne!(
            graph.lane(*lane).unwrap().turn,
            Some(Turn::Back),
            "{lane:?}"
        );
        led_to.extend(graph.next(*lane));
    }
    for lane in every_lane(&mut graph, (0, 0), 7) {
        assert!(led_to.contains(&lane), "nothing leads to {lane:?}");
    }
}

#[test]
fn a_street_without_another_arm_is_turned_back_in() {
    let piece = piece::Piece {
        axis: Axis::X,
        center: 0.0,
        road: LaneRoad::Street(StreetClass::Street),
        ends: [0.0, 80.0],
        trims: [10.0, 10.0],
        is_through: false,
        first_lane: 0,
        ways: piece::Ways::Both,
        ramp: None,
    };
    let cell = CellId { column: 0, row: 0 };
    let arm = junction::Arm {
        side: junction::side_of(&piece, true),
        cell,
        piece: &piece,
        is_high_end: true,
    };
    let end = junction::Junction::new(piece.junction(true), cell, 2, &[arm]);
    assert_eq!(end.connectors.len(), 1);
    assert_eq!(end.connectors[0].turn, Turn::Back);
    let way = end.connectors[0].path.points(2.0);
    assert_eq!(way[0].place, DVec2::new(70.0, 1.75));
    assert_eq!(way[way.len() - 1].place, DVec2::new(70.0, -1.75));
    assert!(way.iter().all(|point| point.place.x < 79.0));
}

#[test]
fn lanes_run_on_smoothly_in_the_world_on_the_height_of_the_land() {
    let mut graph = LaneGraph::new(5);
    let land = Land::new(5);
    let mut bends = 0;
    for lane in every_lane(&mut graph, (-3, 4), 2) {
        let curve = graph.curve(lane).unwrap();
        let end = curve.at(curve.length_m());
        for next in graph.next(lane) {
            let start = graph.curve(next).unwrap().at(0.0);
            assert!(end.place.distance(start.place) < 0.01, "{lane:?} {next:?}");
            assert!(
                end.direction.dot(start.direction) > 0.999,
                "{lane:?} {next:?}"
            );
        }
        let steps = (curve.length_m() / 1.5).ceil() as u32;
        let mut before = curve.at(0.0);
        for step in 1..=steps {
            let along = curve.length_m() * step as f32 / steps as f32;
            let pose = curve.at(along);
            let way = (ground(&pose) - ground(&before)).as_vec2();
            assert!((0.7..2.0).contains(&way.length()), "{lane:?} {along} {way}");
            assert!(
                way.normalize().dot(pose.direction) > 0.93,
                "{lane:?} {along}"
            );
            let plan = land.plan_of(ground(&pose));
            let height = land.height_at(plan);
            let is_on_ground = graph.lane(lane).unwrap().road.is_on_ground()
                && cell_level_is_ground(&mut graph, lane);
            assert!(
                !is_on_ground || (pose.place.y - height).abs() < 0.03,
                "{lane:?} {along}: {} {height}",
                pose.place.y
            );
            bends += u32::from(pose.direction.dot(before.direction) < 0.999_99);
            before = pose;
        }
    }
    assert!(bends > 1_000);
}

#[test]
fn traffic_keeps_to_the_right_of_the_centre_line() {
    let mut graph = LaneGraph::new(8);
    for lane in every_lane(&mut graph, (1, -1), 2) {
        let cell = graph.cell(lane.cell);
        if let Some(Numbered::Road(piece, of)) = cell.numbered(lane.number) {
            let path = piece.lane_path(of);
            let way = (path.end() - path.start()).normalize();
            let aside = path.start() - piece.place(piece.ends[0]);
            assert!(aside.dot(right_of(way)) > 1.0);
            let least = if piece.road == LaneRoad::Ramp {
                20.0
            } else {
                2.0
            };
            assert!(
                path.length_m() >= least,
                "{} m of {piece:?}",
                path.length_m()
            );
            let half = f64::from(piece.road.class().carriageway_m()) / 2.0;
            assert!(aside.dot(right_of(way)) + 1.2 < half);
        }
    }
}

#[test]
fn what_crosses_never_has_green_at_once_except_left_turns_that_yield() {
    let mut graph = LaneGraph::new(21);
    let signals = graph.signals_near(DVec2::ZERO, 2_000.0);
    assert!(signals.len() > 40, "{}", signals.len());
    for id in signals.into_iter().take(20) {
        let junction = graph.junction(id).unwrap();
        let shown: Vec<_> = (0..540)
            .map(|tenth| ArmSide::ALL.map(|arm| graph.signal(id, arm, f64::from(tenth) * 0.1)))
            .collect();
        for arm in [0, 1, 2, 3] {
            for wanted in [Signal::Green, Signal::Amber, Signal::Red] {
                assert!(shown.iter().any(|all| all[arm] == wanted));
            }
        }
        for (number, conflicts) in junction.conflicts.iter().enumerate() {
            let own = &junction.connectors[number];
            for conflict in conflicts {
                let other = &junction.connectors[conflict.other];
                let both_go = shown.iter().any(|all| {
                    all[own.arm as usize] != Signal::Red && all[other.arm as usize] != Signal::Red
                });
                let back = junction.conflicts[conflict.other]
                    .iter()
                    .find(|back| back.other == number)
                    .expect("conflicts are mutual");
                // Two that turn left before each other: who comes first goes first.
                let both_turn = own.turn == Turn::Left && other.turn == Turn::Left;
                assert!(
                    !both_go || both_turn || conflict.must_yield != back.must_yield,
                    "{own:?} and {other:?} both go"
                );
            }
        }
    }
}

#[test]
fn of_two_that_conflict_without_lights_at_most_one_has_to_wait() {
    let mut graph = LaneGraph::new(4);
    let mut kinds = BTreeSet::new();
    for lane in every_lane(&mut graph, (1, 0), 2) {
        let Some(id) = graph.end_of(lane) else {
            continue;
        };
        let junction = graph.junction(id).unwrap();
        kinds.insert(format!("{:?}", junction.kind));
        for (number, conflicts) in junction.conflicts.iter().enumerate() {
            for conflict in conflicts {
                let back = junction.conflicts[conflict.other]
                    .iter()
                    .find(|back| back.other == number)
                    .unwrap();
                assert!(!(conflict.must_yield && back.must_yield));
                assert!(number != conflict.other);
            }
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn nobody_crosses_the_median_under_the_highway_but_at_lights() {
    let mut graph = LaneGraph::new(2);
    let mut seen = 0;
    for lane in every_lane(&mut graph, (2, -3), 3) {
        let cell = graph.cell(lane.cell);
        if let Some(Numbered::Turn(junction, connector)) = cell.numbered(lane.number)
            && junction.kind == JunctionKind::RightOnly
        {
            seen += 1;
            assert!(matches!(connector.turn, Turn::Straight | Turn::Right));
            let middle = junction.id.plan().x;
            let (from, to) = (
                connector.path.start().x - middle,
                connector.path.end().x - middle,
            );
            assert!(from * to > 0.0, "{connector:?}");
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn rivers_are_crossed_on_bridges_and_embankments_end_no_lane() {
    let seed = 9;
    let mut graph = LaneGraph::new(seed);
    let (mut bridges, mut gaps) = (0, 0);
    for column in -30..30 {
        for row in [1, -6] {
            assert!(rivers::is_river(row));
            let cell = graph.cell(CellId { column, row });
            let crosses = cell
                .pieces
                .iter()
                .any(|piece| piece.axis == Axis::Z && piece.road.is_on_ground());
            assert_eq!(crosses, rivers::has_bridge(seed, column, row));
            bridges += u32::from(crosses);
            gaps += u32::from(!crosses);
        }
    }
    assert!(bridges > 50 && gaps > 5, "{bridges} {gaps}");
}

#[test]
fn lanes_do_not_depend_on_what_was_asked_before() {
    let mut dice = Dice::at(1, Topic::Block, 0, 0);
    let mut wandering = LaneGraph::new(6);
    for _ in 0..60 {
        let place = DVec2::new(
            f64::from(dice.between(-4_000.0, 4_000.0)),
            f64::from(dice.between(-4_000.0, 4_000.0)),
        );
        let lane = wandering.nearest_lane(place);
        wandering.forget_beyond(place, 500.0);
        let mut fresh = LaneGraph::new(6);
        assert_eq!(fresh.nearest_lane(place), lane);
        assert_eq!(fresh.next(lane.lane), wandering.next(lane.lane));
        assert_eq!(fresh.pose(lane), wandering.pose(lane));
    }
    assert!(wandering.cells_kept() < 20);
}

#[test]
fn the_nearest_lane_is_nearest() {
    let mut graph = LaneGraph::new(13);
    let mut dice = Dice::at(2, Topic::Block, 0, 0);
    for _ in 0..100 {
        let place = DVec2::new(
            f64::from(dice.between(-1_500.0, 1_500.0)),
            f64::from(dice.between(-1_500.0, 1_500.0)),
        );
        let found = graph.nearest_lane(place);
        let distance = |graph: &mut LaneGraph, lane| graph.curve(lane).unwrap().nearest(place).1;
        let best = distance(&mut graph, found.lane);
        let lanes = graph.lanes_near(place, 400.0).into_iter();
        for (lane, _) in lanes.filter(|(_, lane)| lane.road.is_on_ground()) {
            // What is nearest in the plan is nearest in the world but for the bend.
            assert!(
                distance(&mut graph, lane) > best * 0.6 - 0.5,
                "{place} {lane:?}"
            );
        }
    }
}

#[test]
fn a_car_can_drive_between_a_hundred_random_pairs_of_addresses_within_five_kilometres() {
    let mut graph = LaneGraph::new(7);
    let mut dice = Dice::at(7, Topic::Block, 1, 1);
    let kerbs = graph.kerbs_near(DVec2::ZERO, 2_500.0);
    assert!(kerbs.len() > 10_000, "{}", kerbs.len());
    let mut longest = 0.0_f64;
    for _ in 0..100 {
        let [from, to] = [(); 2].map(|()| graph.address_at(dice.pick(&kerbs)));
        for address in [from, to] {
            let pose = graph.pose(address.stop).unwrap();
            assert!(
                ground(&pose).distance(address.kerb_in_world) < 16.0,
                "{address:?}"
            );
        }
        let route = graph.route(from.stop, to.stop).unwrap();
        assert!(route.is_complete, "{from:?} to {to:?}");
        let (first, last) = (route.steps[0], route.steps[route.steps.len() - 1]);
        assert_eq!(
            (first.lane, first.from_m),
            (from.stop.lane, from.stop.along_m)
        );
        assert_eq!((last.lane, last.to_m), (to.stop.lane, to.stop.along_m));
        for pair in route.steps.windows(2) {
            if pair[0].changes {
                assert!(graph.beside(pair[0].lane).contains(&pair[1].lane));
            } else {
                assert!(graph.next(pair[0].lane).contains(&pair[1].lane), "{pair:?}");
            }
        }
        let way = graph.waypoints(&route);
        for pair in way.windows(2) {
            let step = pair[0].distance(pair[1]);
            assert!((0.3..11.0).contains(&step), "{step} m at {}", pair[0]);
        }
        for three in way.windows(3) {
            let (into, out) = (three[1] - three[0], three[2] - three[1]);
            let turn = into.angle_to(out).abs();
            assert!(
                turn < 0.9,
                "a turn by {turn} at {} in {into} {out}",
                three[1]
            );
        }
        let length: f64 = way.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
        let straight = from.kerb_in_world.distance(to.kerb_in_world);
        assert!(
            length < 1.9 * straight + 1_500.0,
            "{length} m for {straight} m"
        );
        longest = longest.max(length);
    }
    assert!(longest > 3_000.0);
}

#[test]
fn a_goal_just_behind_is_reached_by_driving_round() {
    let mut graph = LaneGraph::new(19);
    let mut dice = Dice::at(3, Topic::Block, 2, 2);
    for _ in 0..40 {
        let place = DVec2::new(
            f64::from(dice.between(-1_500.0, 1_500.0)),
            f64::from(dice.between(-1_500.0, 1_500.0)),
        );
        let near = graph.nearest_lane(place);
        let length = graph.curve(near.lane).unwrap().length_m();
        let at = |share: f32| LanePlace {
            lane: near.lane,
            along_m: length * share,
        };
        let route = graph.route(at(0.8), at(0.2)).unwrap();
        assert!(route.is_complete && route.steps.len() > 4, "{route:?}");
        assert_eq!(route.steps[0].from_m, length * 0.8);
        assert!(
            route.steps.iter().all(|step| step.to_m >= step.from_m),
            "{route:?}"
        );
    }
}

#[test]
fn every_ramp_leads_from_the_deck_to_the_avenue_or_back_at_the_height_of_both() {
    let (mut ramps_seen, mut ramps_planned) = (0, 0);
    for seed in [7, 22, 5] {
        let mut graph = LaneGraph::new(seed);
        for column in [-16, -10, -4, 2, 8, 14] {
            for row in -20..20 {
                ramps_planned += super::super::plan::viaduct::ramps(seed, column, row).len();
                let cell = graph.cell(CellId { column, row });
                for (number, lane) in cell.lanes.iter().enumerate() {
                    let piece = &cell.pieces[lane.piece];
                    let Some(ramp) = piece.ramp else { continue };
                    ramps_seen += 1;
                    let id = LaneId {
                        cell: cell.id,
                        number: number as u32,
                    };
                    let curve = graph.curve(id).unwrap();
                    let [start, end] = [0.0, curve.length_m()].map(|along| curve.at(along));
                    let is_exit = ramp.kind == super::super::plan::viaduct::RampKind::Exit;
                    let above =
                        [start, end].map(|pose| pose.place.y - graph.land_height(ground(&pose)));
                    let [low, high] = if is_exit { [above[1], above[0]] } else { above };
                    assert!(
                        low.abs() < 0.05 && high > 4.5,
                        "{ramp:?} from {low} to {high}"
                    );
                    for share in 0..40 {
                        let slope = curve.at(curve.length_m() * share as f32 / 40.0).slope;
                        assert!(slope.abs() < 0.2, "{slope}");
                    }
                    let over = graph.next(id)[0];
                    let on = graph.next(over)[0];
                    let expected = if is_exit {
                        LaneRoad::Street(StreetClass::Avenue)
                    } else {
                        LaneRoad::Deck
                    };
                    assert_eq!(graph.lane(on).unwrap().road, expected);
                }
            }
        }
    }
    assert!(ramps_planned > 200);
    assert_eq!(ramps_seen, ramps_planned);
}

#[test]
fn a_long_way_leads_over_the_highway() {
    let mut graph = LaneGraph::new(7);
    let from = graph.nearest_lane(DVec2::new(860.0, -4_000.0));
    let to = graph.nearest_lane(DVec2::new(860.0, 3_000.0));
    let route = graph.route(from, to).unwrap();
    assert!(route.is_complete);
    let on_deck = |step: &RouteStep, graph: &mut LaneGraph| {
        graph.lane(step.lane).unwrap().road == LaneRoad::Deck
    };
    let decks = route
        .steps
        .iter()
        .filter(|step| on_deck(step, &mut graph))
        .count();
    assert!(decks > 5, "{decks} of {}", route.steps.len());
}

#[test]
fn a_way_is_the_same_however_the_search_is_divided_and_a_slice_is_short() {
    let mut graph = LaneGraph::new(7);
    let mut dice = Dice::at(11, Topic::Block, 4, 4);
    let mut times = Vec::new();
    for _ in 0..12 {
        let [from, to] = [(); 2].map(|()| {
            let mut along = || f64::from(dice.between(-2_000.0, 2_000.0));
            let place = DVec2::new(along(), along());
            graph.nearest_lane(place)
        });
        let whole = graph.route(from, to).unwrap();
        // From nothing: cells are made as the search comes to them.
        let mut graph = LaneGraph::new(7);
        let mut search = graph.begin_route(from, to).unwrap();
        while !search.is_over() {
            let before = search.lanes_reached();
            let start = std::time::Instant::now();
            graph.search_on(&mut search, 200);
            times.push(start.elapsed());
            assert!(search.lanes_reached() < before + 200 * 12);
        }
        assert_eq!(graph.route_of(&search).unwrap(), whole);
    }
    times.sort_unstable();
    let (count, median, most) = (
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    );
    println!("{count} slices of {median:?}, 99 of 100 below {most:?}");
    assert!(count > 15, "{count} slices");
}

#[test]
fn a_route_knows_the_lights_on_it_and_where_their_lines_are() {
    let mut graph = LaneGraph::new(7);
    let from = graph.nearest_lane(DVec2::new(10.0, -60.0));
    let to = graph.nearest_lane(DVec2::new(1_500.0, 900.0));
    let route = graph.route(from, to).unwrap();
    let lights = graph.lights_on(&route);
    assert!(lights.len() >= 3, "{lights:?}");
    let way = graph.waypoints(&route);
    let mut passed = 0;
    for (place, junction, arm) in lights {
        let kind = graph.junction(junction).unwrap().kind;
        assert_eq!(kind, JunctionKind::Signals);
        let nearest = (0..way.len())
            .min_by(|a, b| way[*a].distance(place).total_cmp(&way[*b].distance(place)))
            .unwrap();
        assert!(way[nearest].distance(place) < 8.0);
        assert!(nearest >= passed, "in the order in which they come");
        passed = nearest;
        // The car comes from that side.
        let middle = graph.junction_place(junction);
        let side = place - DVec2::new(middle.x, middle.z);
        let out = match arm {
            ArmSide::West => DVec2::NEG_X,
            ArmSide::East => DVec2::X,
            ArmSide::North => DVec2::NEG_Y,
            ArmSide::South => DVec2::Y,
        };
        assert!(side.normalize().dot(out) > 0.6, "{side} is not {arm:?}");
    }
}

#[test]
fn people_walk_while_the_street_they_cross_has_red_and_only_if_they_get_over_it() {
    let mut graph = LaneGraph::new(7);
    let junction = graph.signals_near(DVec2::ZERO, 700.0)[0];
    let mut allowed = [0; 2];
    for tenth in 0..5_400 {
        let signals = Signals {
            seed: 7,
            secs: f64::from(tenth) / 10.0,
        };
        for (number, street) in [Axis::X, Axis::Z].into_iter().enumerate() {
            if !signals.may_walk(junction, street, 12.0) {
                continue;
            }
            allowed[number] += 1;
            let arms = match street {
                Axis::X => [ArmSide::West, ArmSide::East],
                Axis::Z => [ArmSide::North, ArmSide::South],
            };
            for later in 0..=12 {
                let then = Signals {
                    secs: signals.secs + f64::from(later),
                    ..signals
                };
                for arm in arms {
                    assert_eq!(then.shows(junction, arm), Signal::Red, "after {later} s");
                }
            }
        }
    }
    // 29 of 54 seconds both arms have red, and 12 of them are needed.
    for count in allowed {
        assert!((1_550..1_850).contains(&count), "{allowed:?} of 5,400");
    }
}
