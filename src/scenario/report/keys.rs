//! Every path that a report has a single value at, so that an expectation can be checked before the run.

use std::sync::LazyLock;

use ringroad_streaming::Gauges;

use super::WALL_PATHS;
use crate::settings::setting_names;

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
    "cancelled_by_reason.level_changed",
    "cancelled_by_reason.memory",
    "failed",
    "panicked",
    "retried",
    "quarantined",
    "requeued_by_watchdog",
    "wasted_worker_ms",
    "level_changes",
    "evicted",
    "stuck",
    "late_returns",
    "origin_shifts",
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

const MARK_WALL: &[&str] = &[
    "scan_and_queue_mean",
    "scan_and_queue_p50",
    "scan_and_queue_p99",
];

const LATE: &[&str] = &["must_have", "frames_with_hole", "worst_ms"];

const AUTOPILOT: &[&str] = &[
    "on",
    "target_ms",
    "nothing_late",
    "phase",
    "reached",
    "sentence",
    "measured_ms",
    "windows_judged",
    "changes_made",
];

/// Lists of a report with the keys of their items. An item is named by its index, as in `preloads[0].late_ms`.
pub const LIST_PATHS: &[(&str, &[&str])] = &[
    (
        "preloads",
        &[
            "x",
            "z",
            "radius",
            "within_secs",
            "ready_after_secs",
            "late_ms",
            "holes_after_jump",
        ],
    ),
    (
        "autopilot.changes",
        &["frame", "t", "field", "old", "new", "reason"],
    ),
    (
        "failures",
        &[
            "frame",
            "x",
            "z",
            "attempt",
            "reason",
            "panicked",
            "quarantined",
        ],
    ),
];

/// The names of all gauges.
fn gauges() -> Vec<&'static str> {
    let gauges = Gauges::default().by_name();
    gauges.into_iter().map(|(name, _)| name).collect()
}

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
        let fields: Vec<&str> = setting_names().collect();
        add("settings", &fields);
        add(
            "focus",
            &[
                "distance_m",
                "speed_max_mps",
                "teleports",
                "jumps_too_late",
                "jumps_waited_secs",
            ],
        );
        add("counters", COUNTERS);
        add("gauges", &gauges());
        add("gauges_max", &gauges());
        add("gauges_max", &["applied_in_frame", "priority_regret"]);
        add("late", LATE);
        for timing in TIMINGS {
            add(&format!("timings_ms.{timing}"), SUMMARY);
        }
        paths.push("ledger_balanced".to_owned());
        for law in 1..=15 {
            paths.extend(["checked", "violations"].map(|key| format!("laws.{law}.{key}")));
        }
        paths.extend(["hitches.panel", "hitches.h1", "content_hash"].map(String::from));
        let mut add = |group: &str, keys: &[&str]| {
            paths.extend(keys.iter().map(|key| format!("{group}.{key}")));
        };
        add("memory_mib", &["start", "peak", "end"]);
        add("memory", &["cap_mib", "cap_bytes", "max_bytes"]);
        add("regret", &["sum", "possible", "share"]);
        add("origin", &["shifts", "max_offset_m", "max_step_mm"]);
        add("autopilot", AUTOPILOT);
        paths
    });
    &PATHS
}

/// Paths of one mark of a report.
pub static MARK_PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let groups = [
        ("gauges", gauges()),
        ("counters", COUNTERS.to_vec()),
        ("late", LATE.to_vec()),
        ("wall_ms", MARK_WALL.to_vec()),
    ];
    let below = groups
        .into_iter()
        .flat_map(|(group, keys)| keys.into_iter().map(move |key| format!("{group}.{key}")));
    let single = [
        "frame",
        "content_hash",
        "memory_max_bytes",
        "verdict",
        "sentence",
        "hitches",
    ]
    .map(String::from);
    single.into_iter().chain(below).collect()
});

/// Whether a path holds wall times or memory, which differ between two runs that are otherwise equal.
pub fn is_wall_path(path: &str) -> bool {
    // The wall times of every mark.
    let in_mark = path
        .strip_prefix("marks[")
        .and_then(|rest| rest.split_once(']'));
    let path = in_mark.map_or(path, |(_, below)| below.trim_start_matches('.'));
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
            "marks[3].wall_ms.scan_and_queue_p50",
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
            "marks[0].content_hash",
            "machines",
        ] {
            assert!(!is_wall_path(exact), "{exact}");
        }
    }
}
