//! The run report: JSON with the keys of the report page, in its order, `null` for missing data.
//!
//! Two virtual runs give reports that are equal but for wall times and memory. Wall times and memory stand only at
//! [`WALL_PATHS`]: the whole of `machine`, `hitches` and `memory_mib`, `wall_ms` of each mark, `scenario.wall_secs`, the verdict (which judges true
//! frame times), and in `timings_ms` what is measured on the main thread. The other timings are on the run's own clock.

mod build;
mod counts;
mod keys;
mod sections;
mod write;

pub use build::{ReportContext, build_report};
pub use keys::{LIST_PATHS, MARK_PATHS, is_wall_path, legal_paths};
pub use write::{ReportTarget, ReportUnwritten, is_special, resolved_file, try_beside};

pub(super) use counts::{counters, gauges, late};

/// The schema of reports that this program writes.
pub const SCHEMA: &str = "ringroad.report/1";

/// Where a report holds wall times and memory: a path, or everything below it.
pub const WALL_PATHS: &[&str] = &[
    "verdict",
    "machine",
    "scenario.wall_secs",
    "timings_ms.frame",
    "timings_ms.scan",
    "timings_ms.gen_queue",
    "timings_ms.gen_apply",
    "timings_ms.unload",
    "timings_ms.apply",
    "hitches",
    "memory_mib",
    "wall_ms",
];
