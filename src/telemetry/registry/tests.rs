//! The list as such, and that adding a metric is one definition.

use std::collections::BTreeSet;

use super::*;

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
