//! The one list of metrics: Tracy plots, Bevy's `Diagnostics`, telemetry files and hover texts are fed from it.

use bevy::diagnostic::DiagnosticPath;

use super::sample::Sample;

/// What kind of number a metric is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows for ever; a whole number.
    Counter,
    /// The value at the end of the frame; a whole number.
    Gauge,
    /// A measured quantity with decimals.
    Measure,
}

/// One metric.
pub struct Metric {
    /// Name in files, plots and the registry; also the column name of a telemetry file.
    pub id: &'static str,
    /// Unit, as shown behind a value.
    pub unit: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// One sentence for a hover text.
    pub help: &'static str,
    /// Where Bevy's `Diagnostics` and Tracy show it; `None`: in files only.
    pub path: Option<DiagnosticPath>,
    /// Takes it from a sample; `None` when there is no data.
    pub read: fn(&Sample) -> Option<f64>,
}

const fn metric(
    id: &'static str,
    unit: &'static str,
    kind: MetricKind,
    help: &'static str,
    read: fn(&Sample) -> Option<f64>,
) -> Metric {
    Metric {
        id,
        unit,
        kind,
        help,
        path: None,
        read,
    }
}

const fn plotted(
    path: &'static str,
    id: &'static str,
    unit: &'static str,
    kind: MetricKind,
    help: &'static str,
    read: fn(&Sample) -> Option<f64>,
) -> Metric {
    Metric {
        id,
        unit,
        kind,
        help,
        path: Some(DiagnosticPath::const_new(path)),
        read,
    }
}

use MetricKind::{Counter, Gauge, Measure};

/// Every metric. The first 24 are the columns of a telemetry file, in the order that is law.
pub static METRICS: [Metric; 52] = [
    metric(
        "frame",
        "frames",
        Counter,
        "Number of the frame, from 1.",
        |s| Some(s.frame as f64),
    ),
    metric(
        "t",
        "s",
        Measure,
        "Time of the run's clock at the end of the frame.",
        |s| Some(s.t_secs),
    ),
    metric(
        "dt_ms",
        "ms",
        Measure,
        "Length of the frame on the run's clock.",
        |s| Some(s.dt_ms),
    ),
    metric(
        "requested",
        "requests",
        Counter,
        "Requests made since the start; a retry is a new request.",
        |s| Some(s.requested as f64),
    ),
    metric(
        "applied",
        "chunks",
        Counter,
        "Chunks fully applied since the start.",
        |s| Some(s.applied as f64),
    ),
    plotted(
        "stream/stale_discarded",
        "stale",
        "results",
        Counter,
        "Results discarded as stale since the start: chunk gone, wrong state or old ticket.",
        |s| Some(s.stale as f64),
    ),
    metric(
        "cancelled",
        "requests",
        Counter,
        "Requests cancelled since the start.",
        |s| Some(s.cancelled as f64),
    ),
    metric(
        "failed",
        "requests",
        Counter,
        "Requests failed since the start, panics included.",
        |s| Some(s.failed as f64),
    ),
    plotted(
        "stream/queued",
        "queued",
        "requests",
        Gauge,
        "Requests waiting for a worker.",
        |s| Some(s.queued as f64),
    ),
    plotted(
        "stream/active_tasks",
        "active",
        "requests",
        Gauge,
        "Requests being generated; never over max_concurrent_tasks.",
        |s| Some(s.active as f64),
    ),
    plotted(
        "stream/completed_results",
        "ready",
        "chunks",
        Gauge,
        "Finished results waiting to be applied.",
        |s| Some(s.ready as f64),
    ),
    metric(
        "applying",
        "chunks",
        Gauge,
        "Chunks applied in part.",
        |s| Some(s.applying as f64),
    ),
    plotted(
        "stream/applied_now",
        "applied_now",
        "chunks",
        Gauge,
        "Chunks whose last slice landed in this frame; never over max_completed_per_frame.",
        |s| Some(s.applied_now as f64),
    ),
    plotted(
        "stream/loading",
        "loading",
        "chunks",
        Gauge,
        "Chunks between request and loaded.",
        |s| Some(s.loading as f64),
    ),
    plotted(
        "stream/loaded",
        "loaded",
        "chunks",
        Gauge,
        "Chunks with a visible level.",
        |s| Some(s.loaded as f64),
    ),
    metric(
        "quarantined",
        "chunks",
        Gauge,
        "Chunks given up after their last retry.",
        |s| Some(s.quarantined as f64),
    ),
    plotted(
        "stream/scan_ms",
        "scan_ms",
        "ms",
        Measure,
        "True time of the scan stage in this frame.",
        |s| Some(s.scan_ms),
    ),
    plotted(
        "stream/queue_ms",
        "queue_ms",
        "ms",
        Measure,
        "True time of the queue stage in this frame.",
        |s| Some(s.queue_ms),
    ),
    plotted(
        "stream/apply_ms",
        "apply_ms",
        "ms",
        Measure,
        "True time of applying in this frame.",
        |s| Some(s.apply_ms),
    ),
    metric(
        "unload_ms",
        "ms",
        Measure,
        "True time of unloading in this frame.",
        |s| Some(s.unload_ms),
    ),
    metric(
        "bytes_now",
        "bytes",
        Gauge,
        "Mesh bytes handed to the renderer in this frame.",
        |s| Some(s.bytes_now as f64),
    ),
    metric(
        "max_concurrent_tasks",
        "requests",
        Gauge,
        "Limit in force.",
        |s| Some(f64::from(s.max_concurrent_tasks)),
    ),
    metric(
        "max_completed_per_frame",
        "chunks",
        Gauge,
        "Limit in force.",
        |s| Some(f64::from(s.max_completed_per_frame)),
    ),
    metric(
        "apply_budget_ms",
        "ms",
        Measure,
        "Limit in force, for applying and unloading together.",
        |s| Some(s.apply_budget_ms),
    ),
    plotted(
        "stream/generate_ms",
        "generate_ms",
        "ms",
        Measure,
        "Longest generator run among the chunks that became visible in this frame.",
        |s| s.generate_ms,
    ),
    plotted(
        "stream/frame_ms",
        "frame_ms",
        "ms",
        Measure,
        "Length of the frame in true time.",
        |s| Some(s.frame_ms),
    ),
    metric(
        "overlay_ms",
        "ms",
        Measure,
        "The overlay's own work in this frame.",
        |s| s.overlay_ms,
    ),
    metric(
        "wanted",
        "chunks",
        Gauge,
        "Chunks that should exist.",
        |s| Some(s.wanted as f64),
    ),
    metric(
        "missing",
        "chunks",
        Gauge,
        "Chunks that should exist and are not loaded.",
        |s| Some(s.missing as f64),
    ),
    metric(
        "ready_bytes",
        "bytes",
        Gauge,
        "Bytes of the finished results that wait.",
        |s| Some(s.ready_bytes as f64),
    ),
    metric(
        "stale_gone",
        "results",
        Counter,
        "Stale because the chunk was gone.",
        |s| Some(s.stale_gone as f64),
    ),
    metric(
        "stale_wrong_state",
        "results",
        Counter,
        "Stale because the chunk was not being generated.",
        |s| Some(s.stale_wrong_state as f64),
    ),
    metric(
        "stale_old_ticket",
        "results",
        Counter,
        "Stale because the chunk holds another ticket.",
        |s| Some(s.stale_old_ticket as f64),
    ),
    metric(
        "wasted_worker_ms",
        "ms",
        Measure,
        "Worker time spent on results that were cancelled or discarded.",
        |s| Some(s.wasted_worker_ms),
    ),
    metric(
        "chunk_entities",
        "entities",
        Gauge,
        "Entities of all chunks.",
        |s| Some(s.chunk_entities as f64),
    ),
    metric(
        "loaded_bytes",
        "bytes",
        Gauge,
        "Bytes of all loaded chunks.",
        |s| Some(s.loaded_bytes as f64),
    ),
    plotted(
        "stream/holes",
        "holes",
        "chunks",
        Gauge,
        "Cells in view that show nothing at any level.",
        |s| Some(s.holes as f64),
    ),
    plotted(
        "stream/loaded_coarse",
        "loaded_coarse",
        "chunks",
        Gauge,
        "Cells that show a coarse level.",
        |s| Some(s.loaded_coarse as f64),
    ),
    plotted(
        "stream/memory_bytes",
        "memory_bytes",
        "bytes",
        Gauge,
        "Bytes of loaded chunks and of results that wait; bounded by memory_cap_mib.",
        |s| Some(s.memory_bytes as f64),
    ),
    metric(
        "held_back",
        "chunks",
        Gauge,
        "Cells in view that are not wanted because memory_cap_mib is reached.",
        |s| Some(s.held_back as f64),
    ),
    metric(
        "evicted",
        "chunks",
        Counter,
        "Chunks that left because memory_cap_mib was reached.",
        |s| Some(s.evicted as f64),
    ),
    metric(
        "level_changes",
        "chunks",
        Counter,
        "Chunks that changed their level of detail without leaving.",
        |s| Some(s.level_changes as f64),
    ),
    plotted(
        "stream/regret",
        "regret",
        "share",
        Measure,
        "How far the order of work was from the order of need: 0 always the most needed first, 1 always the least.",
        |s| s.regret,
    ),
    metric(
        "cancelled_unwanted",
        "requests",
        Counter,
        "Cancelled because no focus needs the chunk any more.",
        |s| Some(s.cancelled_unwanted as f64),
    ),
    metric(
        "cancelled_regenerated",
        "requests",
        Counter,
        "Cancelled because the world is made anew.",
        |s| Some(s.cancelled_regenerated as f64),
    ),
    metric(
        "cancelled_level",
        "requests",
        Counter,
        "Cancelled because the chunk is needed at another level of detail.",
        |s| Some(s.cancelled_level as f64),
    ),
    metric(
        "cancelled_memory",
        "requests",
        Counter,
        "Cancelled because memory_cap_mib leaves no room.",
        |s| Some(s.cancelled_memory as f64),
    ),
    metric(
        "stuck_workers",
        "threads",
        Gauge,
        "Threads whose generation was given up and has not come back.",
        |s| Some(s.stuck_workers as f64),
    ),
    metric(
        "stuck",
        "requests",
        Counter,
        "Generations given up after stuck_after_secs.",
        |s| Some(s.stuck as f64),
    ),
    metric(
        "late_returns",
        "requests",
        Counter,
        "Given-up generations that came back later; their results were discarded.",
        |s| Some(s.late_returns as f64),
    ),
    metric(
        "preloads",
        "orders",
        Gauge,
        "Preloads that are not released.",
        |s| Some(s.preloads as f64),
    ),
    metric(
        "origin_shifts",
        "shifts",
        Counter,
        "Shifts of the scene's origin.",
        |s| Some(s.origin_shifts as f64),
    ),
];

/// How many of [`METRICS`] are columns of a telemetry file.
pub const COLUMN_COUNT: usize = 24;

/// The columns of a telemetry file, in the order that is law.
pub fn columns() -> &'static [Metric] {
    &METRICS[..COLUMN_COUNT]
}

/// Metrics that Tracy and Bevy's `Diagnostics` show, with their index in [`METRICS`].
pub fn plotted_metrics() -> impl Iterator<Item = (usize, &'static Metric, &'static DiagnosticPath)>
{
    METRICS
        .iter()
        .enumerate()
        .filter_map(|(index, metric)| Some((index, metric, metric.path.as_ref()?)))
}

/// The metric called `id`.
pub fn find(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn columns_are_those_of_the_report_format() {
        let law = "frame,t,dt_ms,requested,applied,stale,cancelled,failed,queued,active,ready,applying,applied_now,loading,loaded,quarantined,scan_ms,queue_ms,apply_ms,unload_ms,bytes_now,max_concurrent_tasks,max_completed_per_frame,apply_budget_ms";
        let ours: Vec<_> = columns().iter().map(|metric| metric.id).collect();
        assert_eq!(ours.join(","), law);
    }

    #[test]
    fn every_metric_has_its_own_id_a_unit_and_help() {
        let ids: BTreeSet<_> = METRICS.iter().map(|metric| metric.id).collect();
        assert_eq!(ids.len(), METRICS.len());
        for metric in &METRICS {
            assert!(
                !metric.unit.is_empty() && metric.help.ends_with('.'),
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
}
