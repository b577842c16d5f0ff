//! The panel's text, the report, the telemetry file and Tracy's plots of one run say the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::telemetry::registry::{METRICS, plotted_metrics};
use crate::telemetry::tracy::{RecordingSink, SinkCall, TracyPlugin};

mod lines;

/// One line of a telemetry file: values by metric; no data is left out.
type Row = BTreeMap<String, f64>;

fn rows(csv: &str) -> Vec<Row> {
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row = |line: &str| {
        let values = names.iter().zip(line.split(','));
        values
            .filter_map(|(name, value)| Some(((*name).to_owned(), value.parse().ok()?)))
            .collect()
    };
    lines.map(row).collect()
}

/// The frame that a panel's text is of.
fn frame_of(text: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with("RINGROAD PANEL"));
    let mut words = line.expect("a heading").split_whitespace();
    words.find(|word| *word == "frame");
    words
        .next()
        .and_then(|word| word.parse().ok())
        .expect("its number")
}

/// What the panel's text says of a metric, without limit and unit.
fn said<'a>(text: &'a str, id: &str) -> &'a str {
    let (_, metrics) = text.split_once("\nMETRICS").expect("the list of metrics");
    let lines = metrics
        .lines()
        .skip(1)
        .map(|line| line.trim_start_matches([' ', '!']));
    let mut words = lines
        .map(str::split_whitespace)
        .find_map(|mut words| (words.next() == Some(id)).then_some(words))
        .unwrap_or_else(|| panic!("{id} is not in the panel"));
    words.next().expect("a value or the sign for none")
}

/// Metrics that the report calls by another name.
const RENAMED: &[(&str, &str)] = &[
    ("frame", "/scenario/frames"),
    ("stale", "/counters/stale_discarded"),
    ("stale_gone", "/counters/stale_by_reason/gone"),
    ("stale_wrong_state", "/counters/stale_by_reason/wrong_state"),
    ("stale_old_ticket", "/counters/stale_by_reason/old_ticket"),
    (
        "cancelled_unwanted",
        "/counters/cancelled_by_reason/unwanted",
    ),
    (
        "cancelled_regenerated",
        "/counters/cancelled_by_reason/regenerated",
    ),
    (
        "cancelled_level",
        "/counters/cancelled_by_reason/level_changed",
    ),
    ("cancelled_memory", "/counters/cancelled_by_reason/memory"),
    ("active", "/gauges/active_tasks"),
    ("ready", "/gauges/completed_results"),
    ("ready_bytes", "/gauges/completed_results_bytes"),
    ("late_must_have", "/late/must_have"),
    ("frames_with_hole", "/late/frames_with_hole"),
    ("hitches", "/hitches/panel"),
    ("regret", "/regret/share"),
    ("max_concurrent_tasks", "/settings/max_concurrent_tasks"),
    (
        "max_completed_per_frame",
        "/settings/max_completed_per_frame",
    ),
    ("apply_budget_ms", "/settings/apply_budget_ms"),
];

/// Counters that the report has under the same name.
const COUNTERS: &[&str] = &[
    "requested",
    "applied",
    "cancelled",
    "failed",
    "wasted_worker_ms",
    "evicted",
    "level_changes",
    "stuck",
    "late_returns",
    "origin_shifts",
    "completed",
    "unloaded",
    "panicked",
    "retried",
];

/// Gauges that the report has under the same name.
const GAUGES: &[&str] = &[
    "queued",
    "applying",
    "loading",
    "loaded",
    "quarantined",
    "wanted",
    "missing",
    "chunk_entities",
    "loaded_bytes",
    "holes",
    "loaded_coarse",
    "memory_bytes",
    "held_back",
    "stuck_workers",
    "preloads",
    "threads",
    "orphans",
    "blocked",
    "backoff",
];

/// Metrics of one frame, which a report of the whole run does not have.
const OF_A_FRAME: &[&str] = &[
    "t",
    "dt_ms",
    "applied_now",
    "scan_ms",
    "queue_ms",
    "apply_ms",
    "unload_ms",
    "bytes_now",
    "generate_ms",
    "frame_ms",
    "overlay_ms",
    "horizon_secs",
    "rate_per_sec",
    "need_per_sec",
    "speed_mps",
    "charged_ms",
    "game_ms",
    "render_ms",
    "record_ms",
    "sleep_ms",
    "unattributed_ms",
    "stated_render_ms",
    "test_probe",
];

/// Where the report has a metric; `None` for those of one frame. A new metric must be in one of the lists.
fn path_in_report(id: &str) -> Option<String> {
    if let Some((_, path)) = RENAMED.iter().find(|(name, _)| *name == id) {
        return Some((*path).to_owned());
    }
    for (part, names) in [("counters", COUNTERS), ("gauges", GAUGES)] {
        if names.contains(&id) {
            return Some(format!("/{part}/{id}"));
        }
    }
    assert!(OF_A_FRAME.contains(&id), "where does the report have {id}?");
    None
}

#[test]
fn panel_report_telemetry_and_plots_of_one_run_are_equal() {
    let scratch = Scratch::new("agreement");
    let folder = std::env::temp_dir().join(format!("ringroad-agreement-{}", std::process::id()));
    let file = folder.join("frames.csv");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut plan = plan(
        r#"events: [
            (at: 0, do: Settle(timeout: 30)),
            (at: 0, do: FlyTo(x: 1200, z: 300, height: 40, speed: 120)),
            (at: 1, do: Set(field: "max_concurrent_tasks", value: 2)),
            (at: 2, do: PanicRate(0.3)), (at: 4, do: Teleport(x: 9000, z: 0)),
            (at: 5, do: PanelText("middle")), (at: 8, do: PanicRate(0)),
            (at: 9, do: Settle(timeout: 60)), (at: 1, do: PanelText("end")),
        ], until: 1"#,
        &scratch,
    );
    plan.telemetry = Some(file.clone());
    plan.pictures = Some(folder.clone());
    let sink = Arc::new(RecordingSink::default());
    let plots = Arc::clone(&sink);
    let outcome = run_with(plan, move |app| {
        app.add_plugins(TracyPlugin::new(plots));
    });
    assert_eq!(outcome, Outcome::Fine);

    let rows = rows(&std::fs::read_to_string(&file).expect("the telemetry file"));
    let last = rows.last().expect("frames");

    // The panel's text against the telemetry file: every metric of the frame that it is of, and its own lines.
    for name in ["middle", "end"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).expect(name);
        let frame = frame_of(&text);
        let at = rows.iter().position(|row| row.get("frame") == Some(&frame));
        let at = at.unwrap_or_else(|| panic!("{name} is of frame {frame}, which has no line"));
        for metric in METRICS {
            let recorded = metric.number_text(rows[at].get(metric.id).copied());
            assert_eq!(said(&text, metric.id), recorded, "{} in {name}", metric.id);
        }
        lines::counts_are_those_of_the_frame(&text, &rows[at]);
        lines::rates_are_the_slopes_of_the_file(&text, &rows[..=at]);
        lines::cost_is_the_distribution_of_the_file(&text, &rows[..=at]);
    }

    // The report against the last line: every metric, by name or by the map of names.
    let report = scratch.read();
    for metric in METRICS {
        let Some(path) = path_in_report(metric.id) else {
            continue;
        };
        let reported = report.pointer(&path).and_then(Value::as_f64);
        let reported = reported.unwrap_or_else(|| panic!("{path} is not in the report"));
        let recorded = last.get(metric.id).copied();
        assert!(
            recorded.is_some_and(|recorded| (recorded - reported).abs() < 1e-5),
            "{}: {recorded:?} in the file, {reported} at {path}",
            metric.id
        );
    }
    let counters = &report["counters"];
    let happened = |name: &str| counters[name].as_u64() > Some(10);
    assert!(
        happened("requested")
            && happened("unloaded")
            && happened("panicked")
            && happened("retried"),
        "{counters}"
    );
    // Nothing landed after the last text, and the run is shorter than the panel's minute: both are of the same chunks.
    let text = std::fs::read_to_string(folder.join("end.txt")).expect("end");
    lines::chunk_times_are_those_of_the_report(&text, &report["timings_ms"]);

    // Tracy's plots against the file, every plotted metric of every frame.
    let calls = sink.take();
    for (_, metric, _) in plotted_metrics() {
        let plotted: Vec<f64> = calls
            .iter()
            .filter_map(|call| match call {
                SinkCall::Plot(id, value) if *id == metric.id => Some(*value),
                _ => None,
            })
            .collect();
        let written: Vec<f64> = rows
            .iter()
            .filter_map(|row| row.get(metric.id).copied())
            .collect();
        assert_eq!(plotted.len(), written.len(), "{}", metric.id);
        for (plotted, written) in plotted.iter().zip(&written) {
            let text = |value: f64| metric.number_text(Some(value));
            assert_eq!(text(*plotted), text(*written), "{}", metric.id);
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}
