//! The plan by steps against the plan from nothing.

use super::*;
use crate::logic::coord::DetailLevel;
use crate::logic::rings::Wish;
use crate::logic::table::ChunkState;
use proptest::prelude::*;

fn rings(size: f64) -> Rings {
    Rings {
        must_have_m: 2.0 * size,
        load_m: 6.0 * size,
        unload_m: 7.0 * size,
        view_m: 20.0 * size,
        detail_m: vec![12.0 * size],
        reach_m: f64::INFINITY,
        chunk_size_m: size,
    }
}

fn full_only() -> Rings {
    Rings {
        view_m: 1_200.0,
        detail_m: Vec::new(),
        must_have_m: 500.0,
        ..rings(200.0)
    }
}

fn plan(memory: &mut PlanMemory, table: &mut ChunkTable, foci: &[Focus], rings: &Rings, secs: u64) {
    let now = Duration::from_secs(secs);
    memory.is_due(foci, rings, true);
    memory.replan(table, foci, rings, now);
    memory.judge(table, foci, rings, true, now);
}

fn show_what_is_wanted(table: &mut ChunkTable) {
    let cells: Vec<_> = table.iter().map(|(coord, _)| coord).collect();
    for coord in cells {
        table.update(coord, |record| {
            record.shown = record.target().or(record.shown);
            record.state = ChunkState::Idle;
        });
    }
}

#[test]
fn the_conservative_rings_hold_about_a_hundred_chunks() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    plan(
        &mut memory,
        &mut table,
        &[Focus::resting(DVec2::ZERO)],
        &full_only(),
        0,
    );
    let wanted = table.tally().wanted;
    assert!((98..=145).contains(&wanted), "{wanted}");
}

#[test]
fn without_a_focus_nothing_changes() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    plan(
        &mut memory,
        &mut table,
        &[Focus::resting(DVec2::ZERO)],
        &full_only(),
        0,
    );
    let before = table.tally();
    plan(&mut memory, &mut table, &[], &full_only(), 60);
    assert_eq!(table.tally(), before);
}

#[test]
fn levels_grow_coarser_with_distance_and_reach_to_the_view_radius() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    plan(
        &mut memory,
        &mut table,
        &[Focus::resting(DVec2::ZERO)],
        &rings(200.0),
        0,
    );
    let level = |x| {
        table
            .get(ChunkCoord::new(x, 0))
            .and_then(|record| record.wish.give)
    };
    assert_eq!(level(0), Some(DetailLevel::FULL));
    assert_eq!(level(8), Some(DetailLevel::MASSING));
    assert_eq!(level(18), Some(DetailLevel::SKYLINE));
    assert_eq!(level(22), None);
}

proptest! {
    #[test]
    fn planning_what_changed_gives_what_planning_from_nothing_gives(
        path in proptest::collection::vec(
            (-4_000.0..4_000.0_f64, -4_000.0..4_000.0_f64, 0..3_u8, -900.0..900.0_f64), 1..8),
        near in proptest::collection::vec((-150.0..150.0_f64, -150.0..150.0_f64), 0..8),
    ) {
        let mut memory = PlanMemory::default();
        let mut table = ChunkTable::default();
        let mut stations: Vec<Vec<Focus>> = Vec::new();
        for (x, z, others, ahead) in path {
            let at = DVec2::new(x, z);
            let mut focus = Focus::resting(at);
            focus.ahead = at + DVec2::new(ahead, 0.0);
            let mut foci = vec![focus];
            for other in 0..others {
                let mut extra = Focus::resting(DVec2::new(-z, x) * f64::from(other + 1) * 0.5);
                extra.purpose = if other == 0 { Purpose::Order(500.0) } else { Purpose::Collide };
                foci.push(extra);
            }
            stations.push(foci.clone());
            for (dx, dz) in &near {
                let mut moved = foci.clone();
                moved[0].at += DVec2::new(*dx, *dz);
                moved[0].ahead += DVec2::new(*dx, *dz);
                stations.push(moved);
            }
        }
        for (second, foci) in stations.into_iter().enumerate() {
            let mut rings = rings(200.0);
            if second % 3 == 2 {
                rings.reach_m = 2_000.0;
            }
            plan(&mut memory, &mut table, &foci, &rings, second as u64);
            let (mut fresh_memory, mut fresh) = (PlanMemory::default(), ChunkTable::default());
            plan(&mut fresh_memory, &mut fresh, &foci, &rings, second as u64);
            for (coord, record) in fresh.iter() {
                let known = table.get(coord);
                prop_assert_eq!(known.map(|k| k.wish), Some(record.wish), "{}", coord);
                prop_assert_eq!(known.map(|k| k.is_in_view), Some(record.is_in_view), "{}", coord);
            }
            for (coord, record) in table.iter() {
                prop_assert_eq!(record.wish, rings.wish(coord, &foci), "{}", coord);
                if fresh.get(coord).is_none() {
                    prop_assert_eq!(record.wish.give, None::<DetailLevel>);
                }
            }
        }
    }

    #[test]
    fn a_shuttle_of_six_metres_over_any_border_changes_no_target(
        x in -5_000.0..5_000.0_f64, z in -5_000.0..5_000.0_f64, angle in 0.0..6.3_f64,
    ) {
        let step = DVec2::from_angle(angle) * 6.0;
        let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
        let mut targets = Vec::new();
        for round in 0..8 {
            let at = DVec2::new(x, z) + step * if round % 2 == 0 { 1.0 } else { -1.0 };
            plan(&mut memory, &mut table, &[Focus::resting(at)], &rings(200.0), round);
            show_what_is_wanted(&mut table);
            let excess = table.iter().filter(|(_, record)| record.is_excess()).count();
            prop_assert_eq!(excess, 0);
            if round >= 2 {
                targets.push(table.iter().map(|(c, r)| (c, r.shown)).collect::<Vec<_>>());
            }
        }
        prop_assert!(targets.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

#[test]
fn a_chunk_keeps_a_finer_level_inside_the_band_and_gives_it_up_beyond_after_lingering() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    let coord = ChunkCoord::new(0, 0);
    let mut stand = |table: &mut ChunkTable, x: f64, secs| {
        plan(
            &mut memory,
            table,
            &[Focus::resting(DVec2::new(x, 100.0))],
            &rings(200.0),
            secs,
        );
    };
    stand(&mut table, 100.0, 0);
    show_what_is_wanted(&mut table);
    stand(&mut table, 100.0 + 1_390.0, 1);
    let record = table.get(coord).unwrap().clone();
    assert_eq!(
        (record.target(), record.is_excess()),
        (Some(DetailLevel::FULL), false),
        "in the band"
    );
    stand(&mut table, 100.0 + 1_410.0, 2);
    let record = table.get(coord).unwrap().clone();
    assert_eq!(
        (record.target(), record.is_excess()),
        (Some(DetailLevel::FULL), true),
        "lingers"
    );
    table.update(coord, |record| record.has_lingered = true);
    table.settle(coord, Duration::from_secs(3));
    let record = table.get(coord).unwrap();
    assert_eq!(
        (record.target(), record.state),
        (Some(DetailLevel::MASSING), ChunkState::Missing)
    );
    stand(&mut table, 100.0 + 9_000.0, 4);
    assert_eq!(table.get(coord).unwrap().wish, Wish::default());
}

#[test]
fn a_chunk_that_enters_the_must_have_radius_unloaded_is_late_unless_nobody_could_have_been_on_time()
{
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    let rings = full_only();
    let mut go = |table: &mut ChunkTable, x: f64, jumped| {
        let foci = [Focus::resting(DVec2::new(x, 100.0))];
        memory.is_due(&foci, &rings, true);
        memory.replan(table, &foci, &rings, Duration::ZERO);
        memory
            .judge(table, &foci, &rings, jumped, Duration::ZERO)
            .late
            .len()
    };
    assert_eq!(go(&mut table, 0.0, false), 0, "the start is excused");
    assert!(go(&mut table, 250.0, false) > 0);
    assert_eq!(go(&mut table, 5_000.0, true), 0, "a jump is excused");
}

#[test]
fn a_plan_is_due_when_a_focus_moves_on_turns_or_comes_to_rest() {
    let mut memory = PlanMemory::default();
    let mut table = ChunkTable::default();
    let at = |x: f64| [Focus::resting(DVec2::new(x, 0.0))];
    let rings = full_only();
    let mut due = |foci: &[Focus], rings: &Rings, is_time| {
        let is_due = memory.is_due(foci, rings, is_time);
        if is_due {
            memory.replan(&mut table, foci, rings, Duration::ZERO);
        }
        is_due
    };
    assert!(due(&at(0.0), &rings, false), "the first");
    assert!(!due(&at(0.0), &rings, true), "nothing moved");
    assert!(!due(&at(10.0), &rings, true), "too little, and on the move");
    assert!(due(&at(10.0), &rings, false), "at rest elsewhere");
    assert!(!due(&at(30.0), &rings, false), "far, but not yet time");
    assert!(due(&at(31.0), &rings, true));
    let mut turned = at(31.0);
    turned[0].facing = DVec2::X;
    assert!(due(&turned, &rings, true), "looks another way");
    let wider = Rings {
        load_m: 1_300.0,
        ..rings.clone()
    };
    assert!(due(&turned, &wider, false), "other rings");
    assert!(
        due(&[at(0.0)[0], at(0.0)[0]], &wider, false),
        "another focus"
    );
}

#[test]
fn only_a_move_that_nothing_can_make_is_a_jump() {
    let mut memory = PlanMemory::default();
    memory.is_due(&[Focus::resting(DVec2::ZERO)], &full_only(), true);
    let frame = Duration::from_millis(16);
    let at = |x: f64| Focus::resting(DVec2::new(x, 0.0));
    assert!(!memory.has_jumped(&[at(10.0)], frame), "600 m/s");
    assert!(memory.has_jumped(&[at(60.0)], frame));
    let other = Focus {
        name: FocusName::Entity(1),
        ..at(9e3)
    };
    assert!(
        !memory.has_jumped(&[at(0.0), other], frame),
        "one more focus"
    );
    assert!(!memory.has_jumped(&[other], frame), "another in its place");
    assert!(memory.has_jumped(&[other, at(60.0)], frame));
}

#[test]
fn a_focus_that_takes_the_place_of_another_is_planned_at_once_and_excused() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    let rings = full_only();
    plan(
        &mut memory,
        &mut table,
        &[Focus::resting(DVec2::ZERO)],
        &rings,
        0,
    );
    let other = Focus {
        name: FocusName::Entity(1),
        ..Focus::resting(DVec2::new(5.0, 0.0))
    };
    let foci = [other];
    assert!(memory.is_due(&foci, &rings, false));
    memory.replan(&mut table, &foci, &rings, Duration::ZERO);
    let judgement = memory.judge(&mut table, &foci, &rings, false, Duration::ZERO);
    assert!(judgement.excused && judgement.late.is_empty());
}

#[test]
fn a_chunk_that_was_given_up_is_not_late_whoever_comes() {
    let (mut memory, mut table) = (PlanMemory::default(), ChunkTable::default());
    let rings = full_only();
    let at = |x: f64| [Focus::resting(DVec2::new(x, 100.0))];
    plan(&mut memory, &mut table, &at(0.0), &rings, 0);
    show_what_is_wanted(&mut table);
    let given_up = ChunkCoord::new(4, 0);
    table.update(given_up, |record| {
        (record.shown, record.is_collidable) = (None, false);
        record.state = ChunkState::Quarantined;
    });
    let cells: Vec<_> = table.iter().map(|(coord, _)| coord).collect();
    for coord in cells.into_iter().filter(|coord| *coord != given_up) {
        table.update(coord, |record| record.is_collidable = true);
    }
    let judgement = memory.judge(&mut table, &at(400.0), &rings, false, Duration::ZERO);
    assert_eq!(judgement.late, Vec::new());
    assert_eq!(table.get(given_up).unwrap().deadline, Deadline::Excused);
}
