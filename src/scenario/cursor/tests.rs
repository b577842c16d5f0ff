//! When a script does what.

use std::path::Path;

use super::*;

const REST: Facts = Facts {
    is_at_rest: true,
    is_scanned: true,
    chunk_entities: 10,
    scan_interval_secs: 0.2,
};
const BUSY: Facts = Facts {
    is_at_rest: false,
    ..REST
};

fn cursor(events: &str, until: &str) -> ScriptCursor {
    let source = format!("Scenario(name: \"t\", generator: City, events: [{events}], {until})");
    let scenario = Scenario::parse(Path::new("t.ron"), &source).expect("legal");
    ScriptCursor::new(&scenario)
}

/// Plays at 10 frames per second; the marks with their times in tenths of a second.
fn play(cursor: &mut ScriptCursor, from: u32, to: u32, facts: Facts) -> Vec<(u32, Act)> {
    (from..=to)
        .flat_map(|tick| {
            let acts = cursor.advance(f64::from(tick) / 10.0, facts, false);
            acts.into_iter().map(move |act| (tick, act))
        })
        .collect()
}

fn mark(name: &str) -> Act {
    Act::Do(Event::Mark(name.into()))
}

#[test]
fn events_happen_in_order_of_time_and_equal_times_in_order_of_the_file() {
    let mut cursor = cursor(
        r#"(at: 1.0, do: Mark("c")), (at: 0.0, do: Mark("a")), (at: 0.0, do: Mark("b"))"#,
        "until: 2.0",
    );
    let seen = play(&mut cursor, 0, 30, REST);
    assert_eq!(
        seen,
        [
            (0, mark("a")),
            (0, mark("b")),
            (10, mark("c")),
            (20, Act::End)
        ]
    );
}

#[test]
fn times_count_from_the_end_of_the_last_settle() {
    let mut cursor = cursor(
        r#"(at: 0.5, do: Settle(timeout: 30)), (at: 1.0, do: Mark("a"))"#,
        "until: 2.0",
    );
    assert!(play(&mut cursor, 0, 50, BUSY).is_empty());
    assert!(cursor.is_settling());
    let seen = play(&mut cursor, 51, 100, REST);
    let Some((end, Act::Settled { .. })) = seen.first() else {
        panic!("settled first: {seen:?}");
    };
    assert_eq!(seen[1..], [(end + 10, mark("a")), (end + 20, Act::End)]);
}

#[test]
fn a_settle_does_not_believe_a_world_that_was_not_scanned_or_still_changes() {
    let mut cursor = cursor("(at: 0, do: Settle(timeout: 5))", "");
    assert!(play(&mut cursor, 0, 1, REST).is_empty());
    let unscanned = Facts {
        is_scanned: false,
        ..REST
    };
    assert!(play(&mut cursor, 2, 10, unscanned).is_empty());
    for tick in 11..30_u32 {
        let changing = Facts {
            chunk_entities: u64::from(tick),
            ..REST
        };
        assert!(
            cursor
                .advance(f64::from(tick) / 10.0, changing, false)
                .is_empty()
        );
    }
    let seen = play(&mut cursor, 30, 49, REST);
    assert!(
        matches!(seen.first(), Some((_, Act::Settled { .. }))),
        "{seen:?}"
    );
}

#[test]
fn a_settle_that_takes_too_long_fails_and_the_script_goes_on() {
    let mut cursor = cursor(
        r#"(at: 0, do: Settle(timeout: 3)), (at: 0, do: Mark("after"))"#,
        "until: 0",
    );
    let seen = play(&mut cursor, 0, 40, BUSY);
    assert_eq!(
        seen,
        [
            (30, Act::SettleFailed { timeout_secs: 3.0 }),
            (30, mark("after")),
            (30, Act::End)
        ]
    );
}

#[test]
fn repeat_happens_at_once_and_then_at_its_interval() {
    let mut cursor = cursor(
        r#"(at: 1.0, do: Repeat(times: 3, every: 0.5, do: Mark("r"))), (at: 1.2, do: Mark("x"))"#,
        "",
    );
    let seen = play(&mut cursor, 0, 40, REST);
    assert_eq!(
        seen,
        [
            (10, mark("r")),
            (12, mark("x")),
            (15, mark("r")),
            (20, mark("r")),
            (21, Act::End)
        ]
    );
}

#[test]
fn quit_ends_at_once_and_nothing_happens_afterwards() {
    let mut cursor = cursor(
        r#"(at: 1, do: Quit), (at: 2, do: Mark("never"))"#,
        "until: 9",
    );
    assert_eq!(play(&mut cursor, 0, 40, REST), [(10, Act::End)]);
}

#[test]
fn without_until_the_script_ends_when_travelling_is_over() {
    let mut cursor = cursor("(at: 0, do: DriveTo(x: 10, z: 0))", "");
    assert_eq!(cursor.advance(0.0, REST, false).len(), 1);
    assert!(cursor.advance(1.0, REST, true).is_empty());
    assert_eq!(cursor.advance(2.0, REST, false), [Act::End]);
}
