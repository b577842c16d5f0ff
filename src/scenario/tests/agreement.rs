//! The panel's text, the report, the telemetry file and Tracy's plots of one run say the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::telemetry::registry::{METRICS, plotted_metrics};
use crate::telemetry::tracy::{RecordingSink, SinkCall, TracyPlugin};

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

    // The panel's text against the telemetry file, every metric of the frame that it is of.
    for name in ["middle", "end"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).expect(name);
        let frame = frame_of(&text);
        let row = rows.iter().find(|row| row.get("frame") == Some(&frame));
        let row = row.unwrap_or_else(|| panic!("{name} is of frame {frame}, which has no line"));
        for metric in METRICS {
            let recorded = metric.number_text(row.get(metric.id).copied());
            assert_eq!(said(&text, metric.id), recorded, "{} in {name}", metric.id);
        }
    }

    // The report against the last line: every count and gauge that both have.
    let report = scratch.read();
    let mut compared = 0;
    for metric in METRICS {
        let reported = ["counters", "gauges", "late"]
            .iter()
            .find_map(|part| report[part][metric.id].as_f64());
        if let Some(reported) = reported {
            assert_eq!(last.get(metric.id), Some(&reported), "{}", metric.id);
            compared += 1;
        }
    }
    assert!(compared >= 20, "only {compared} metrics are in both");
    let counters = &report["counters"];
    let happened = |name: &str| counters[name].as_u64() > Some(10);
    assert!(
        happened("requested") && happened("unloaded") && happened("panicked"),
        "{counters}"
    );

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
