//! The list as such, and that adding a metric is one definition.

use std::collections::BTreeSet;

use bevy::{
    diagnostic::{DiagnosticPath, DiagnosticsStore},
    prelude::*,
};

use super::*;
use crate::{
    streaming::{StreamingMetrics, StreamingSettings},
    telemetry::{
        PanelData, Telemetry, TelemetryFile, TelemetryPlugin, Window, panel_text,
        tracy::{RecordingSink, SinkCall, TracyPlugin},
    },
};

#[test]
fn columns_are_those_of_the_report_format() {
    let law = "frame,t,dt_ms,requested,applied,stale,cancelled,failed,queued,active,ready,applying,applied_now,loading,loaded,quarantined,scan_ms,queue_ms,apply_ms,unload_ms,bytes_now,max_concurrent_tasks,max_completed_per_frame,apply_budget_ms";
    let ours: Vec<_> = columns()[..COLUMN_COUNT]
        .iter()
        .map(|metric| metric.id)
        .collect();
    assert_eq!(ours.join(","), law);
}

#[test]
fn every_metric_has_its_own_id_a_unit_and_help() {
    let ids: BTreeSet<_> = METRICS.iter().map(|metric| metric.id).collect();
    assert_eq!(ids.len(), METRICS.len());
    for metric in METRICS {
        assert!(
            !metric.unit.is_empty() && metric.help.ends_with('.') && !metric.formula.is_empty(),
            "{}",
            metric.id
        );
    }
}

#[test]
fn the_five_required_readings_are_plotted() {
    let plotted: BTreeSet<_> = plotted_metrics().map(|(_, metric, _)| metric.id).collect();
    for id in [
        "active",
        "ready",
        "loading",
        "loaded",
        "stale",
        "generate_ms",
    ] {
        assert!(plotted.contains(id), "{id}");
    }
}

#[test]
fn no_data_is_not_zero() {
    let sample = Sample::default();
    assert_eq!((find("generate_ms").unwrap().read)(&sample), None);
    assert_eq!((find("overlay_ms").unwrap().read)(&sample), None);
}

/// The metric that only tests have: defined once, in the table.
const PROBE: &str = "test_probe";

/// A recorder with the panel's data, its files, Bevy's store and a profiler, after some frames.
fn recorded() -> (App, std::sync::Arc<RecordingSink>) {
    let sink = std::sync::Arc::new(RecordingSink::default());
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        bevy::diagnostic::DiagnosticsPlugin,
        TelemetryPlugin,
        TracyPlugin::new(sink.clone()),
    ))
    .init_resource::<StreamingMetrics>()
    .insert_resource(StreamingSettings::conservative());
    for _ in 0..5 {
        app.update();
    }
    (app, sink)
}

#[test]
fn a_new_metric_is_found_everywhere_from_its_one_definition() {
    let metric = find(PROBE).expect("it is in the table");
    let index = index_of(PROBE).expect("it is in the table");
    let folder = std::env::temp_dir();
    let files = ["csv", "jsonl"]
        .map(|ending| folder.join(format!("ringroad-probe-{}.{ending}", std::process::id())));
    for file in &files {
        let (mut app, _) = recorded();
        app.insert_resource(TelemetryFile::create(file).expect("created"));
        app.update();
        app.world_mut()
            .remove_resource::<TelemetryFile>()
            .expect("open")
            .flush()
            .expect("written");
        let text = std::fs::read_to_string(file).expect("written");
        assert!(text.contains(PROBE), "{text}");
        assert!(text.contains("18"), "three times frame 6: {text}");
        let _ = std::fs::remove_file(file);
    }
    let (app, sink) = recorded();
    let path = metric.path.expect("it is plotted");
    let store = app.world().resource::<DiagnosticsStore>();
    let diagnostic = store.get(&DiagnosticPath::new(path)).expect("registered");
    assert_eq!(diagnostic.value(), Some(15.0));
    assert!(sink.take().contains(&SinkCall::Plot(PROBE, 15.0)));
    let telemetry = app.world().resource::<Telemetry>();
    let panel = PanelData::collect(
        telemetry,
        app.world().resource::<StreamingMetrics>(),
        app.world().resource::<StreamingSettings>().values(),
        None,
    );
    let line = panel.metrics[index];
    assert_eq!(
        (line.metric.id, line.now, line.is_over),
        (PROBE, Some(15.0), false)
    );
    assert!(panel_text(&panel).contains("test_probe              15 probes"));
    let newest = telemetry
        .series(index, Window::Secs60, &(0.0..=f64::MAX))
        .pop()
        .expect("recorded");
    assert_eq!(newest.last, 15.0);
    assert!(metric.tooltip(5, 10.0).contains("3 × frame"));
}

#[test]
fn a_value_stands_over_its_limit_and_says_when_it_is_too_much() {
    let sample = Sample {
        active: 2,
        max_concurrent_tasks: 3,
        holes: 1,
        ..Sample::default()
    };
    let active = find("active").expect("known");
    assert_eq!(active.value_text(&sample), "2 / 3 requests");
    assert!(!active.is_over(&sample));
    assert!(find("holes").expect("known").is_over(&sample));
    assert_eq!(
        find("generate_ms").expect("known").value_text(&sample),
        "— ms"
    );
}
