//! The outcome of a soak as JSON, schema `ringroad.soak/1`.

use ringroad::streaming::LawStatus;
use serde_json::{Map, Value, json};

use super::checkpoint::{Checkpoint, memory_growth};
use super::{Soak, SoakOptions};

/// The schema of the report.
pub const SCHEMA: &str = "ringroad.soak/1";

/// What is read from the machine and differs from run to run: everything else follows from the seed.
pub const OF_THE_MACHINE: [&str; 6] = [
    "wall_secs",
    "times_real",
    "rss_ratio",
    "rss_mib",
    "heap_ratio",
    "heap_mib",
];

/// The report of a soak.
pub fn report(options: &SoakOptions, soak: &Soak) -> Value {
    let simulated_secs = soak.simulated_secs;
    json!({
        "schema": SCHEMA,
        "hours": options.hours,
        "generator": options.ground.name(),
        "seed": options.seed,
        "simulated_secs": simulated_secs,
        "wall_secs": soak.wall_secs,
        "times_real": (soak.wall_secs > 0.0).then(|| simulated_secs / soak.wall_secs),
        "frames": soak.frames,
        "episodes": soak.episodes,
        "acts": soak.acts,
        "passed": soak.finding.is_none(),
        "failure": soak.finding.as_ref().map(ToString::to_string),
        "laws": laws(&soak.laws),
        "growth": growth(&soak.checkpoints),
        "checkpoints": soak.checkpoints.iter().map(checkpoint).collect::<Vec<_>>(),
        "counters": soak.counters.iter().copied().map(|(name, count)| (name.to_owned(), Value::from(count))).collect::<Map<_, _>>(),
        "reproduce": soak.reproduce,
    })
}

fn laws(laws: &[LawStatus]) -> Value {
    let rows = laws.iter().map(|law| {
        let row = json!({ "checked": law.checked, "violations": law.violations });
        (law.number.to_string(), row)
    });
    Value::Object(rows.collect())
}

/// From the first checkpoint to the last one; memory from the second, when everything was once in use.
fn growth(checkpoints: &[Checkpoint]) -> Value {
    let by = |name: &str| {
        let (first, last) = (checkpoints.first()?, checkpoints.last()?);
        let difference = i128::from(last.count(name)) - i128::from(first.count(name));
        i64::try_from(difference).ok()
    };
    let memory = match checkpoints {
        [_, second, .., last] => Some(memory_growth(second, last)),
        _ => None,
    };
    json!({
        "rss_ratio": memory.and_then(|memory| memory.resident_ratio),
        "heap_ratio": memory.and_then(|memory| memory.heap_ratio),
        "tables_mib": memory.map(|memory| mib(memory.tables)),
        "allowance_mib": memory.map(|memory| mib(memory.allowance)),
        "entities": by("entities"),
        "meshes": by("mesh assets"),
        "materials": by("material assets"),
        "loaded_bytes": by("loaded_bytes"),
        "results": by("completed_results"),
        "queued": by("queued"),
    })
}

fn checkpoint(checkpoint: &Checkpoint) -> Value {
    let counts = checkpoint.counts.iter().chain(&checkpoint.leftovers);
    let mut row: Map<String, Value> = counts
        .map(|(name, count)| (name.replace(' ', "_"), Value::from(*count)))
        .collect();
    row.insert("at_secs".to_owned(), Value::from(checkpoint.at_secs));
    row.insert(
        "rss_mib".to_owned(),
        Value::from(checkpoint.resident.map(mib)),
    );
    row.insert("heap_mib".to_owned(), Value::from(checkpoint.heap.map(mib)));
    row.insert("tables_mib".to_owned(), mib(checkpoint.tables).into());
    Value::Object(row)
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
