//! Puts the report together from what streaming, telemetry, the game and the run recorded.

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use ringroad_streaming::{
    CancelReasons, Counters, FIELDS, Gauges, GaugesMax, Late, LawBook, StaleReasons,
    StreamingMetrics, StreamingSettings, StreamingValues,
};
use serde_json::{Map, Value, json};

use super::SCHEMA;
use crate::game::script::Journey;
use crate::scenario::record::RunRecord;
use crate::telemetry::hitch::Hitches;
use crate::telemetry::timing::TimingId;
use crate::telemetry::{PanelData, Telemetry};

/// What the report says about the run beside what the world knows.
#[derive(Resource, Clone, Debug)]
pub struct ReportContext {
    /// `virtual` or `real`.
    pub clock: &'static str,
    /// The scenario's name, if one is played.
    pub scenario: Option<String>,
    /// What fills the chunks, in words.
    pub generator: String,
}

/// The whole report of a world at the end of a run.
pub fn build_report(world: &mut World, context: &ReportContext) -> Value {
    let metrics = world
        .get_resource::<StreamingMetrics>()
        .cloned()
        .unwrap_or_default();
    let values = world
        .get_resource::<StreamingSettings>()
        .map(|settings| settings.values().clone())
        .unwrap_or_default();
    let is_settled = metrics.gauges.wanted > 0 && metrics.gauges.missing == 0;
    let content_hash = if is_settled {
        RunRecord::content_hash(world, &values)
    } else {
        None
    };
    let record = world.resource::<RunRecord>();
    let telemetry = world.get_resource::<Telemetry>();
    let laws = world.get_resource::<LawBook>();
    json!({
        "schema": SCHEMA,
        "clock": context.clock,
        "settled": is_settled,
        "verdict": verdict(telemetry, &metrics, &values, laws),
        "build": build(),
        "machine": machine(world),
        "scenario": {
            "name": context.scenario,
            "seed": values.seed,
            "generator": context.generator,
            "frames": record.frames(),
            "simulated_secs": record.simulated_secs(),
            "wall_secs": record.wall_secs(),
        },
        "settings": settings(&values),
        "focus": focus(world.get_resource::<Journey>()),
        "counters": counters(&metrics.counters),
        "gauges": gauges(&metrics.gauges),
        "gauges_max": gauges_max(&metrics.gauges_max),
        "late": late(&metrics.late),
        "timings_ms": timings(telemetry),
        "ledger_balanced": laws.map(LawBook::ledger_balanced),
        "laws": laws.map(law_table),
        "hitches": hitches(telemetry),
        "marks": record.marks(),
        "content_hash": content_hash.map(|hash| format!("{hash:016x}")),
        "memory_mib": record.memory_mib(),
    })
}

fn verdict(
    telemetry: Option<&Telemetry>,
    metrics: &StreamingMetrics,
    values: &StreamingValues,
    laws: Option<&LawBook>,
) -> Option<&'static str> {
    let data = PanelData::collect(telemetry?, metrics, values, laws);
    Some(data.health.verdict.word())
}

fn build() -> Value {
    let features: Vec<&str> = [
        ("overlay", cfg!(feature = "overlay")),
        ("tracy", cfg!(feature = "tracy")),
        ("tracy-full", cfg!(feature = "tracy-full")),
    ]
    .into_iter()
    .filter_map(|(name, is_on)| is_on.then_some(name))
    .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("RINGROAD_COMMIT"),
        "profile": env!("RINGROAD_PROFILE"),
        "features": features,
    })
}

fn machine(world: &World) -> Value {
    let adapter = world
        .get_resource::<RenderAdapterInfo>()
        .map(|info| format!("{} ({:?})", info.name, info.backend));
    json!({
        "cpu": cpu_name(),
        "cores": std::thread::available_parallelism().ok().map(std::num::NonZero::get),
        "os": std::env::consts::OS,
        "adapter": adapter,
    })
}

/// The processor's name where the system tells it in a file.
fn cpu_name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn settings(values: &StreamingValues) -> Value {
    let fields = FIELDS.iter().map(|field| {
        let text = values.get(field.name).unwrap_or_default();
        let whole = text.parse::<u64>().map(Value::from);
        let number = whole.or_else(|_| text.parse::<f64>().map(Value::from));
        (field.name.to_owned(), number.unwrap_or(Value::Null))
    });
    Value::Object(fields.collect())
}

fn focus(journey: Option<&Journey>) -> Value {
    json!({
        "distance_m": journey.map(|journey| journey.distance_m),
        "speed_max_mps": journey.map(|journey| journey.speed_max_mps),
        "teleports": journey.map(|journey| journey.teleports),
    })
}

/// Counters with the keys of the page. Destructured whole, so that a new counter cannot be forgotten.
pub(in crate::scenario) fn counters(counters: &Counters) -> Value {
    let Counters {
        requested,
        started,
        completed,
        applied,
        distinct_loaded,
        unloaded,
        stale_discarded,
        stale_by_reason:
            StaleReasons {
                gone,
                wrong_state,
                old_ticket,
            },
        cancelled,
        cancelled_by_reason:
            CancelReasons {
                unwanted,
                regenerated,
            },
        failed,
        panicked,
        retried,
        quarantined,
        requeued_by_watchdog,
        wasted_worker_ms,
    } = counters;
    json!({
        "requested": requested,
        "started": started,
        "completed": completed,
        "applied": applied,
        "distinct_loaded": distinct_loaded,
        "unloaded": unloaded,
        "stale_discarded": stale_discarded,
        "stale_by_reason": { "gone": gone, "wrong_state": wrong_state, "old_ticket": old_ticket },
        "cancelled": cancelled,
        "cancelled_by_reason": { "unwanted": unwanted, "regenerated": regenerated },
        "failed": failed,
        "panicked": panicked,
        "retried": retried,
        "quarantined": quarantined,
        "requeued_by_watchdog": requeued_by_watchdog,
        "wasted_worker_ms": wasted_worker_ms,
    })
}

/// Gauges with the keys of the page, which are the names of the fields.
pub(in crate::scenario) fn gauges(gauges: &Gauges) -> Value {
    let by_name = gauges.by_name().into_iter();
    Value::Object(
        by_name
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect(),
    )
}

fn gauges_max(most: &GaugesMax) -> Value {
    let GaugesMax {
        gauges: by_gauge,
        applied_in_frame,
        priority_regret,
    } = most;
    let mut value = gauges(by_gauge);
    value["applied_in_frame"] = json!(applied_in_frame);
    value["priority_regret"] = json!(priority_regret);
    value
}

fn late(late: &Late) -> Value {
    let Late {
        must_have,
        frames_with_hole,
        worst_ms,
        was_complete,
    } = late;
    json!({
        "must_have": must_have,
        "frames_with_hole": was_complete.then_some(frames_with_hole),
        "worst_ms": (*must_have > 0).then_some(worst_ms),
    })
}

fn timings(telemetry: Option<&Telemetry>) -> Value {
    let table = TimingId::REPORT.into_iter().map(|id| {
        let summary = telemetry.and_then(|telemetry| telemetry.run_summary(id));
        let value = match summary {
            Some(summary) => json!({
                "n": summary.n,
                "p50": summary.p50,
                "p95": summary.p95,
                "p99": summary.p99,
                "max": summary.max,
                "mean": summary.mean,
            }),
            None => json!({
                "n": telemetry.map(|_| 0), "p50": null, "p95": null, "p99": null, "max": null, "mean": null
            }),
        };
        (id.key().to_owned(), value)
    });
    Value::Object(table.collect())
}

fn law_table(book: &LawBook) -> Value {
    let rows = book.laws().iter().map(|law| {
        let row = json!({ "checked": law.checked, "violations": law.violations });
        (law.number.to_string(), row)
    });
    Value::Object(rows.collect::<Map<_, _>>())
}

fn hitches(telemetry: Option<&Telemetry>) -> Value {
    let hitches = telemetry.map(Telemetry::hitches);
    json!({
        "panel": hitches.map(Hitches::panel),
        "h1": hitches.map(Hitches::h1),
        "worst": hitches.map(Hitches::worst),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_no_data_until_the_view_was_complete_once() {
        let filling = Late::default();
        assert_eq!(late(&filling)["frames_with_hole"], Value::Null);
        let complete = Late {
            was_complete: true,
            ..filling
        };
        assert_eq!(late(&complete)["frames_with_hole"], 0);
    }
}
