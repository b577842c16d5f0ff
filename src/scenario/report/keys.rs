//! Every path that a report has a single value at, so that an expectation can be checked before the run.

use std::sync::LazyLock;

use ringroad_streaming::FIELDS;

use super::WALL_PATHS;

const COUNTERS: &[&str] = &[
    "requested",
    "started",
    "completed",
    "applied",
    "distinct_loaded",
    "unloaded",
    "stale_discarded",
    "stale_by_reason.gone",
    "stale_by_reason.wrong_state",
    "stale_by_reason.old_ticket",
    "cancelled",
    "cancelled_by_reason.unwanted",
    "cancelled_by_reason.regenerated",
    "failed",
    "panicked",
    "retried",
    "quarantined",
    "requeued_by_watchdog",
    "wasted_worker_ms",
];

const GAUGES: &[&str] = &[
    "wanted",
    "missing",
    "unwanted",
    "queued",
    "active_tasks",
    "completed_results",
    "completed_results_bytes",
    "applying",
    "loading",
    "loaded",
    "quarantined",
    "chunk_entities",
    "meshes",
    "shared_meshes",
    "materials",
    "loaded_bytes",
    "threads",
];

const TIMINGS: &[&str] = &[
    "frame",
    "scan",
    "gen_queue",
    "gen_apply",
    "unload",
    "queue_wait",
    "generate",
    "ready_wait",
    "apply",
    "time_to_visible",
];

const SUMMARY: &[&str] = &["n", "p50", "p95", "p99", "max", "mean"];

/// Paths of a report, in the order of the report page. Marks have theirs in [`MARK_PATHS`].
pub fn legal_paths() -> &'static [String] {
    static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut paths: Vec<String> = ["schema", "clock", "settled", "verdict"]
            .map(String::from)
            .into();
        let mut add = |group: &str, keys: &[&str]| {
            paths.extend(keys.iter().map(|key| format!("{group}.{key}")));
        };
        add("build", &["version", "commit", "profile"]);
        add("machine", &["cpu", "cores", "os", "adapter"]);
        add(
            "scenario",
            &[
                "name",
                "seed",
                "generator",
                "frames",
                "simulated_secs",
                "wall_secs",
            ],
        );
        let fields: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        add("settings", &fields);
        add("focus", &["distance_m", "speed_max_mps", "teleports"]);
        add("counters", COUNTERS);
        add("gauges", GAUGES);
        add("gauges_max", GAUGES);
        add("gauges_max", &["applied_in_frame", "priority_regret"]);
        add("late", &["must_have", "frames_with_hole", "worst_ms"]);
        for timing in TIMINGS {
            add(&format!("timings_ms.{timing}"), SUMMARY);
        }
        paths.push("ledger_balanced".to_owned());
        for law in 1..=15 {
            paths.extend(["checked", "violations"].map(|key| format!("laws.{law}.{key}")));
        }
        paths.extend(["hitches.panel", "hitches.h1", "content_hash"].map(String::from));
        paths.extend(["start", "peak", "end"].map(|key| format!("memory_mib.{key}")));
        paths
    });
    &PATHS
}

/// Paths of one mark of a report.
pub static MARK_PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let groups = [("gauges", GAUGES), ("counters", COUNTERS)];
    let below = groups
        .into_iter()
        .flat_map(|(group, keys)| keys.iter().map(move |key| format!("{group}.{key}")));
    std::iter::once("frame".to_owned()).chain(below).collect()
});

/// Whether a path holds wall times or memory, which differ between two runs that are otherwise equal.
pub fn is_wall_path(path: &str) -> bool {
    WALL_PATHS.iter().any(|wall| {
        path.strip_prefix(wall)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_times_and_memory_are_told_from_what_must_be_equal() {
        for wall in [
            "memory_mib.peak",
            "hitches.worst[0].frame",
            "scenario.wall_secs",
            "machine",
        ] {
            assert!(is_wall_path(wall), "{wall}");
        }
        for exact in [
            "scenario.frames",
            "counters.applied",
            "timings_ms.generate.p50",
            "content_hash",
            "machines",
        ] {
            assert!(!is_wall_path(exact), "{exact}");
        }
    }
}
