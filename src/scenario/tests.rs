//! Whole headless runs with the synthetic generator: the report has the page's keys, and the verdict is right.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::report::{MARK_PATHS, ReportTarget, is_wall_path, legal_paths};
use super::run::run_with;
use super::*;
use crate::settings::{SettingsLayer, layered};

mod agreement;
mod content_passes;
mod walk;

/// A small world that is there within a few frames.
const SMALL: &[(&str, &str)] = &[
    ("must_have_radius_m", "400"),
    ("load_radius_m", "500"),
    ("unload_radius_m", "700"),
    ("view_radius_m", "500"),
];

/// A report file of one test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let file = format!("ringroad-run-{}-{name}.json", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn read(&self) -> Value {
        let text = std::fs::read_to_string(&self.0).expect("the report was written");
        serde_json::from_str(&text).expect("the report is JSON")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn plan(script: &str, report: &Scratch) -> RunPlan {
    let source = format!(
        "Scenario(name: \"t\", seed: 3, generator: Synthetic(cost_us: 2000, entities: 8, bytes: 3000), {script})"
    );
    let scenario = Scenario::parse(Path::new("t.ron"), &source).expect("legal");
    let changes = SMALL
        .iter()
        .map(|(field, value)| ((*field).into(), (*value).into()));
    let small = SettingsLayer::new("test", changes.collect());
    RunPlan {
        screen: Screen::Headless,
        clock: Clock::Virtual,
        scenario: Some(scenario),
        settings: layered(&[small]).expect("legal"),
        settings_file: None,
        threads: None,
        report: Some(ReportTarget::File(report.0.clone())),
        telemetry: None,
        pictures: None,
        overlay: None,
        graphics: None,
        bundle_hitches: false,
        max_frames: Some(5_000),
    }
}

/// Every path with a single value; lists keep only the form of their items.
fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                paths(value, &below, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{path}[]"), found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

fn without_wall_times(value: &Value, path: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(key, value)| {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                (!is_wall_path(&below)).then(|| (key.clone(), without_wall_times(value, &below)))
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => {
            let kept = items.iter().enumerate();
            let kept = kept.map(|(at, item)| without_wall_times(item, &format!("{path}[{at}]")));
            Value::Array(kept.collect())
        }
        other => other.clone(),
    }
}

const JOURNEY: &str = r#"events: [
        (at: 0, do: Settle(timeout: 30)), (at: 0, do: Mark("start")),
        (at: 0, do: FlyTo(x: 1200, z: 300, height: 40, speed: 80)), (at: 20, do: Settle(timeout: 30)),
    ], until: 0.5"#;

#[test]
fn a_settled_run_meets_its_expectations_and_its_report_has_the_keys_of_the_page() {
    let scratch = Scratch::new("keys");
    let script = format!(
        "{JOURNEY}, expect: [\"settled == true\", \"counters.applied > 20\", \"focus.distance_m > 1000\", \"marks[\\\"start\\\"].gauges.missing == 0\"]"
    );
    assert_eq!(run(plan(&script, &scratch)), Outcome::Fine);
    let report = scratch.read();
    let mut found = BTreeSet::new();
    paths(&report, "", &mut found);
    let lists = [
        "marks[]",
        "hitches.worst[]",
        "build.features[]",
        "preloads[]",
        "autopilot.changes[]",
        "autopilot.pinned[]",
        "failures[]",
    ];
    let single: BTreeSet<String> = found
        .iter()
        .filter(|path| !lists.iter().any(|list| path.starts_with(list)))
        .cloned()
        .collect();
    assert_eq!(single, legal_paths().iter().cloned().collect());
    let marks: BTreeSet<String> = found
        .iter()
        .filter_map(|path| path.strip_prefix("marks[]."))
        .filter(|path| *path != "name")
        .map(String::from)
        .collect();
    assert_eq!(marks, MARK_PATHS.iter().cloned().collect());
    assert!(report["content_hash"].is_string() && report["machine"]["adapter"].is_null());
    let order: Vec<&str> = report
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        order,
        [
            "schema",
            "clock",
            "settled",
            "verdict",
            "build",
            "machine",
            "scenario",
            "settings",
            "focus",
            "counters",
            "gauges",
            "gauges_max",
            "late",
            "timings_ms",
            "ledger_balanced",
            "laws",
            "hitches",
            "marks",
            "content_hash",
            "memory_mib",
            "memory",
            "regret",
            "origin",
            "preloads",
            "autopilot",
            "failures",
        ]
    );
}

#[test]
fn two_virtual_runs_are_equal_but_for_wall_times_and_memory() {
    let (first, second) = (Scratch::new("first"), Scratch::new("second"));
    assert_eq!(run(plan(JOURNEY, &first)), Outcome::Fine);
    assert_eq!(run(plan(JOURNEY, &second)), Outcome::Fine);
    let (first, second) = (first.read(), second.read());
    assert_eq!(
        without_wall_times(&first, ""),
        without_wall_times(&second, "")
    );
}

#[test]
fn the_content_hash_does_not_depend_on_workers_or_budgets() {
    let hashes: BTreeSet<String> = [(1, "1"), (2, "2"), (4, "16")]
        .into_iter()
        .map(|(workers, per_frame)| {
            let scratch = Scratch::new(&format!("workers-{workers}"));
            let mut plan = plan(JOURNEY, &scratch);
            plan.threads = NonZero::new(workers);
            let budget = ("max_completed_per_frame".to_owned(), per_frame.to_owned());
            plan.settings = plan.settings.with_changes(&[budget]).expect("legal");
            assert_eq!(run(plan), Outcome::Fine);
            scratch.read()["content_hash"]
                .as_str()
                .expect("settled")
                .to_owned()
        })
        .collect();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}

#[test]
fn an_unmet_expectation_and_a_failed_settle_are_named() {
    let scratch = Scratch::new("unmet");
    let script = "events: [(at: 0, do: SlowWorkers(ms: 60000)), (at: 0, do: Settle(timeout: 1))], until: 0, expect: [\"gauges.loaded >= 1\"]";
    let Outcome::Failed(failures) = run(plan(script, &scratch)) else {
        panic!("failed");
    };
    assert!(
        failures
            .iter()
            .any(|failure| failure.starts_with("settle: ")),
        "{failures:?}"
    );
    assert!(
        failures
            .iter()
            .any(|failure| failure.contains("gauges.loaded >= 1 (found 0 >= 1)")),
        "{failures:?}"
    );
    assert_eq!(
        scratch.read()["content_hash"],
        Value::Null,
        "nothing is settled"
    );
}

#[test]
fn a_setting_of_the_script_that_is_refused_fails_the_run() {
    let scratch = Scratch::new("refused");
    let script = "events: [(at: 0, do: Set(field: \"load_radius_m\", value: 900))], until: 0";
    let Outcome::Failed(failures) = run(plan(script, &scratch)) else {
        panic!("failed");
    };
    assert!(
        failures
            .iter()
            .any(|failure| failure.contains("load_radius_m = 900")),
        "{failures:?}"
    );
}

#[test]
fn a_teleport_waits_for_its_preload_and_finds_no_hole() {
    let scratch = Scratch::new("preload");
    let script = r#"events: [
        (at: 0, do: Settle(timeout: 30)),
        (at: 0, do: Preload(x: 5000, z: 0, radius: 700, within: 30)),
        (at: 0, do: Preload(x: 9000, z: 0, radius: 300, within: 0)),
        (at: 0, do: Teleport(x: 5000, z: 100, after_preload: true)),
        (at: 4, do: Settle(timeout: 30)),
    ], until: 1, expect: [
        "focus.teleports == 1", "preloads[0].late_ms == 0", "preloads[0].ready_after_secs > 0",
        "preloads[0].holes_after_jump == 0", "preloads[1].late_ms > 0", "gauges.preloads >= 1",
    ]"#;
    assert_eq!(run(plan(script, &scratch)), Outcome::Fine);
    let report = scratch.read();
    assert_eq!(report["preloads"][1]["holes_after_jump"], Value::Null);
}

#[test]
fn the_watchdog_heals_a_stuck_generation_and_the_report_names_it() {
    let scratch = Scratch::new("stuck");
    let script = r#"events: [
        (at: 0, do: StickAt(x: 50, z: 50)), (at: 0, do: Settle(timeout: 30)),
    ], until: 0, expect: [
        "counters.stuck == 1", "failures[0].x == 0", "failures[0].z == 0", "failures[0].panicked == false",
        "gauges.missing == 0", "gauges.quarantined == 0",
    ]"#;
    let mut plan = plan(script, &scratch);
    let change = ("stuck_after_secs".to_owned(), "1".to_owned());
    plan.settings = plan.settings.with_changes(&[change]).expect("legal");
    assert_eq!(run(plan), Outcome::Fine);
    let reason = scratch.read()["failures"][0]["reason"].to_string();
    assert!(reason.contains("given up"), "{reason}");
}

#[test]
fn quarantined_chunks_are_tried_again_on_request_and_all_is_the_same_city() {
    let scratch = Scratch::new("retry");
    let script = r#"events: [
        (at: 0, do: Settle(timeout: 30)), (at: 0, do: Mark("whole")),
        (at: 0, do: PanicRate(1)), (at: 0, do: Teleport(x: 30000, z: 0)),
        (at: 1, do: Settle(timeout: 60)), (at: 0, do: Mark("broken")),
        (at: 0, do: PanicRate(0)), (at: 0, do: RetryQuarantined), (at: 0, do: GeneratorChanged),
        (at: 1, do: Settle(timeout: 60)), (at: 0, do: Teleport(x: 0, z: 0)),
        (at: 1, do: Settle(timeout: 60)), (at: 0, do: Mark("again")),
    ], start: At(x: 0, z: 0), until: 0, expect: [
        "marks[\"broken\"].gauges.quarantined > 0", "gauges.quarantined == 0",
        "marks[\"again\"].content_hash == marks[\"whole\"].content_hash",
        "marks[\"again\"].content_hash == content_hash",
    ]"#;
    assert_eq!(run(plan(script, &scratch)), Outcome::Fine);
}

#[test]
fn streaming_goes_on_while_the_game_is_paused_and_without_the_windows_focus() {
    let scratch = Scratch::new("pause");
    let script = r#"events: [
        (at: 0, do: Pause(secs: 30)), (at: 0, do: Settle(timeout: 20)), (at: 0, do: Mark("paused")),
        (at: 30, do: LoseFocus(secs: 2)), (at: 30.5, do: FlyTo(x: 600, z: 0, height: 40, speed: 200)),
        (at: 36, do: Settle(timeout: 20)),
    ], until: 0, expect: [
        "marks[\"paused\"].gauges.loaded > 10", "marks[\"paused\"].gauges.missing == 0", "focus.distance_m > 400",
    ]"#;
    assert_eq!(run(plan(script, &scratch)), Outcome::Fine);
}

#[test]
fn an_arc_between_two_flights_is_flown_without_a_stop() {
    let scratch = Scratch::new("arc");
    let script = r#"start: At(x: 0, z: 0, heading_deg: 90), events: [
        (at: 0, do: Settle(timeout: 30)),
        (at: 0, do: FlyTo(x: 1000, z: 0, speed: 100)),
        (at: 0, do: FlyArc(radius: 300, degrees: 180, speed: 100, then: true)),
        (at: 0, do: FlyTo(x: 0, z: 600, speed: 100, then: true)),
    ]"#;
    assert_eq!(run(plan(script, &scratch)), Outcome::Fine);
    let distance = scratch.read()["focus"]["distance_m"].as_f64();
    let expected = 2_000.0 + std::f64::consts::PI * 300.0;
    assert!(
        distance.is_some_and(|way| (way - expected).abs() < 25.0),
        "{distance:?}"
    );
}

#[test]
fn the_autopilot_is_switched_by_the_script_and_reported() {
    let scratch = Scratch::new("autopilot");
    let script = r#"events: [
        (at: 0, do: Autopilot(streaming_ms: 0.75, nothing_late: false)), (at: 1, do: Mark("on")),
        (at: 1, do: Set(field: "apply_budget_ms", value: 3)),
    ], until: 2, expect: [
        "autopilot.on == true", "autopilot.target_ms == 0.75", "autopilot.nothing_late == false",
    ]"#;
    assert_eq!(run(plan(script, &scratch)), Outcome::Fine);
    let pinned = &scratch.read()["autopilot"]["pinned"];
    assert_eq!(*pinned, serde_json::json!(["apply_budget_ms"]));
}

#[test]
fn a_run_whose_report_cannot_be_written_still_says_what_went_wrong() {
    let scratch = Scratch::new("unwritten");
    let script = "events: [], until: 0, expect: [\"gauges.loaded >= 9000\"]";
    let mut plan = plan(script, &scratch);
    let file = PathBuf::from("no/such/folder/r.json");
    plan.report = Some(ReportTarget::File(file));
    let outcome = run(plan);
    assert_eq!(outcome.exit_code(), 2);
    let Outcome::Unwritten { why, failures } = outcome else {
        panic!("unwritten: {outcome:?}");
    };
    assert!(why.contains("no/such/folder/r.json"), "{why}");
    assert!(
        failures
            .iter()
            .any(|failure| failure.contains("gauges.loaded >= 9000")),
        "{failures:?}"
    );
}

#[test]
fn a_run_ends_at_its_last_frame() {
    let scratch = Scratch::new("frames");
    let mut plan = plan("events: [], until: 1000", &scratch);
    plan.max_frames = Some(30);
    assert_eq!(run(plan), Outcome::Fine);
    assert_eq!(scratch.read()["scenario"]["frames"], 30);
}

#[test]
fn every_scenario_of_the_game_is_legal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is part of the project") {
        let file = entry.expect("readable").path();
        let (scenario, layer) = Scenario::read(&file).unwrap_or_else(|error| panic!("{error}"));
        layered(&[layer]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            Some(scenario.name.as_str()),
            file.file_stem().and_then(|stem| stem.to_str())
        );
        names.push(scenario.name);
    }
    for name in [
        "first-drive",
        "teleport-storm",
        "panic-rain",
        "five-hundred",
        "laps",
        "demo",
        "jet",
        "five-thousand",
        "border-shuttle",
        "border-rings",
        "storm",
        "preload",
        "byte-squeeze",
        "stuck-worker",
        "far-away",
        "autopilot",
        "postcards",
    ] {
        assert!(names.iter().any(|found| found == name), "{name}");
    }
}

/// One run whose numbers are read in three ways.
#[test]
fn panel_text_report_and_telemetry_file_of_one_run_say_the_same() {
    let scratch = Scratch::new("same-numbers");
    let folder = std::env::temp_dir().join(format!("ringroad-same-{}", std::process::id()));
    let script = r#"events: [
        (at: 0, do: Settle(timeout: 30)),
        (at: 0, do: FlyTo(x: 1200, z: 300, height: 40, speed: 80)),
        (at: 6, do: PanelText("on-the-way")),
    ], until: 8"#;
    let mut plan = plan(script, &scratch);
    std::fs::create_dir_all(&folder).expect("made");
    plan.telemetry = Some(folder.join("frames.csv"));
    plan.pictures = Some(folder.clone());
    assert_eq!(run(plan), Outcome::Fine);
    let report = scratch.read();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let (frames, panel) = (read("frames.csv"), read("on-the-way.txt"));
    let mut lines = frames.lines();
    let columns: Vec<&str> = lines.next().expect("a heading").split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let value = |row: &[&str], id: &str| {
        let column = columns.iter().position(|column| *column == id).expect(id);
        row[column].to_owned()
    };
    // The panel's table of metrics against the row of its frame, value by value.
    let table: Vec<(&str, &str)> = panel
        .split("\nMETRICS")
        .nth(1)
        .expect("the table")
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let mut words = line[2..].split_whitespace();
            (words.next().expect("an id"), words.next().expect("a value"))
        })
        .collect();
    let frame = table
        .iter()
        .find(|(id, _)| *id == "frame")
        .expect("there")
        .1;
    let row = rows
        .iter()
        .find(|row| value(row, "frame") == frame)
        .expect("the panel's frame is in the file");
    assert_eq!(table.len(), columns.len());
    for (id, shown) in &table {
        let written = value(row, id);
        match written.parse::<f64>() {
            Err(_) => assert_eq!(*shown, "—", "{id}"),
            Ok(number) => {
                let shown: f64 = shown.parse().expect(id);
                assert!(
                    (shown - number).abs() <= 0.005 + 1e-9,
                    "{id}: {shown} {number}"
                );
            }
        }
    }
    let verdict = panel.split(':').next().expect("a first line");
    assert!(
        crate::telemetry::Verdict::ALL
            .iter()
            .any(|known| known.word() == verdict),
        "{panel}"
    );
    // The last row against the report.
    let last = rows.last().expect("there are frames");
    for (column, path) in [
        ("requested", "/counters/requested"),
        ("applied", "/counters/applied"),
        ("completed", "/counters/completed"),
        ("unloaded", "/counters/unloaded"),
        ("stale", "/counters/stale_discarded"),
        ("cancelled", "/counters/cancelled"),
        ("failed", "/counters/failed"),
        ("queued", "/gauges/queued"),
        ("active", "/gauges/active_tasks"),
        ("ready", "/gauges/completed_results"),
        ("ready_bytes", "/gauges/completed_results_bytes"),
        ("loading", "/gauges/loading"),
        ("loaded", "/gauges/loaded"),
        ("wanted", "/gauges/wanted"),
        ("missing", "/gauges/missing"),
        ("holes", "/gauges/holes"),
        ("chunk_entities", "/gauges/chunk_entities"),
        ("loaded_bytes", "/gauges/loaded_bytes"),
        ("memory_bytes", "/gauges/memory_bytes"),
        ("orphans", "/gauges/orphans"),
        ("late_must_have", "/late/must_have"),
        ("hitches", "/hitches/panel"),
        ("frame", "/scenario/frames"),
    ] {
        let told = report.pointer(path).and_then(Value::as_u64);
        assert_eq!(
            value(last, column).parse::<u64>().ok(),
            told,
            "{column} {path}"
        );
    }
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn settings_that_need_each_other_are_set_together_and_refused_one_by_one() {
    let events = |first: &str, second: &str| {
        format!(
            "events: [(at: 0, do: {first}), (at: 0.5, do: {second})], until: 1, expect: [\"settings.load_radius_m == 900\"]"
        )
    };
    let load = r#"Set(field: "load_radius_m", value: 900)"#;
    let unload = r#"Set(field: "unload_radius_m", value: 1100)"#;
    let scratch = Scratch::new("together");
    let Outcome::Failed(failures) = run(plan(&events(load, unload), &scratch)) else {
        panic!("a load radius beyond the unload radius is legal?");
    };
    assert!(failures[0].contains("refused"), "{failures:?}");
    let together =
        r#"SetTogether({"load_radius_m": 900, "unload_radius_m": 1100, "view_radius_m": 900})"#;
    let mark = r#"Mark("set")"#;
    assert_eq!(run(plan(&events(together, mark), &scratch)), Outcome::Fine);
}

/// The scenario of every bottleneck: its expectations hold, and each text begins with its verdict.
#[test]
fn every_bottleneck_is_named_within_two_seconds_and_its_advice_removes_it() {
    let scratch = Scratch::new("bottlenecks");
    let folder = std::env::temp_dir().join(format!("ringroad-bottlenecks-{}", std::process::id()));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios/bottlenecks.ron");
    let (scenario, layer) = Scenario::read(&file).expect("legal");
    let plan = RunPlan {
        settings: layered(&[layer]).expect("legal"),
        scenario: Some(scenario),
        pictures: Some(folder.clone()),
        bundle_hitches: false,
        max_frames: None,
        ..plan("events: []", &scratch)
    };
    assert_eq!(run(plan), Outcome::Fine);
    for (name, word) in [
        ("calm", "IDLE"),
        ("one-task", "GEN-BOUND"),
        ("tiny-apply-count", "APPLY-BOUND"),
        ("tiny-budget", "TIME-BOUND"),
        ("tiny-byte-cap", "BYTES-BOUND"),
        ("tiny-room", "BYTES-BOUND"),
        ("stalled-pool", "POOL-BOUND"),
        ("slow-scan", "SCAN-BOUND"),
        ("paused", "PAUSED"),
        ("heavy-render", "NOT-US"),
        ("jolts", "HITCHING"),
        ("small-memory", "MEMORY-BOUND"),
        ("leak", "LEAK"),
        ("end", "IDLE"),
    ] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).expect(name);
        assert!(text.starts_with(&format!("{word}: ")), "{name}: {text}");
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// Chunks that take long and an outlook that is too short for them: nothing is used up, and there are holes.
#[test]
fn a_world_that_is_asked_for_too_late_is_starved_and_looking_farther_ahead_helps() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios/tuning-latency.ron");
    let look_ahead = |secs: &str| {
        let scratch = Scratch::new(&format!("latency-{secs}"));
        let (scenario, layer) = Scenario::read(&file).expect("legal");
        let over = SettingsLayer::new("test", vec![("look_ahead_secs".into(), secs.into())]);
        let plan = RunPlan {
            settings: layered(&[layer, over]).expect("legal"),
            scenario: Some(scenario),
            ..plan("events: []", &scratch)
        };
        assert_eq!(run(plan), Outcome::Fine);
        let report = scratch.read();
        let marks = report["marks"].as_array().expect("marks").clone();
        let mark = marks.into_iter().find(|mark| mark["name"] == "on the way");
        let mark = mark.expect("it is set");
        let text = |key: &str| mark[key].as_str().unwrap_or_default().to_owned();
        let holes = report["late"]["frames_with_hole"].as_u64();
        (text("verdict"), text("sentence"), holes.expect("counted"))
    };
    let (verdict, sentence, holes) = look_ahead("1");
    assert_eq!(verdict, "STARVED", "{sentence}");
    assert!(sentence.contains("look_ahead_secs 1 > 1.5"), "{sentence}");
    let (verdict, sentence, fewer) = look_ahead("1.5");
    assert_ne!(verdict, "STARVED", "{sentence}");
    assert!(5 * fewer < holes, "{fewer} of {holes}");
}

/// The prepared scene that a stranger tries the panel on: the advice must be right from the first second on in which a
/// chunk is missing, also before a slow one has ended.
#[test]
fn the_stuttering_drive_is_gen_bound_whenever_a_chunk_is_missing() {
    // The first chunk is asked for before a second is over, and takes six.
    const AT_SECS: [f64; 10] = [0.5, 2.0, 3.5, 5.0, 6.5, 13.0, 20.0, 30.0, 37.0, 48.0];
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios/stutter.ron");
    let source = std::fs::read_to_string(&file).expect("it is there");
    let marks: String = AT_SECS
        .iter()
        .map(|secs| format!("(at: {secs:?}, do: Mark(\"{secs}\")),\n"))
        .collect();
    let (head, _) = source
        .split_once("    ],\n    until: 3600")
        .expect("its end");
    let source = format!("{head}{marks}    ],\n    until: 48.5,\n)\n");
    let scratch = Scratch::new("stutter");
    let folder = std::env::temp_dir().join(format!("ringroad-stutter-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("made");
    let copy = folder.join("stutter.ron");
    std::fs::write(&copy, source).expect("written");
    let (scenario, layer) = Scenario::read(&copy).expect("legal");
    let plan = RunPlan {
        settings: layered(&[layer]).expect("legal"),
        scenario: Some(scenario),
        max_frames: None,
        ..plan("events: []", &scratch)
    };
    assert_eq!(run(plan), Outcome::Fine);
    let report = scratch.read();
    let marks = report["marks"].as_array().expect("marks");
    assert_eq!(marks.len(), AT_SECS.len());
    let mut complete = 0;
    for mark in marks {
        let sentence = mark["sentence"].as_str().unwrap_or_default();
        if mark["gauges"]["missing"] == 0 {
            assert_eq!(mark["verdict"], "IDLE", "{}: {sentence}", mark["name"]);
            complete += 1;
            continue;
        }
        assert_eq!(mark["verdict"], "GEN-BOUND", "{}: {sentence}", mark["name"]);
        let is_right = sentence.contains("Try: max_concurrent_tasks 1 >")
            && !sentence.contains("stuck_after_secs");
        assert!(is_right, "{sentence}");
    }
    // At first everything is there.
    assert_eq!(complete, 1);
    let _ = std::fs::remove_dir_all(&folder);
}
