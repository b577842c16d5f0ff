//! Puts the report together from what streaming, telemetry, the game and the run recorded.

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use ringroad_streaming::{
    FocusPurpose, LawBook, StreamingFocus, StreamingMetrics, StreamingSettings, StreamingValues,
    WorldOrigin,
};
use serde_json::{Map, Value, json};

use super::SCHEMA;
use super::counts::{counters, gauges, gauges_max, late};
use super::sections::{autopilot, memory, origin, preloads, regret};
use crate::game::script::Journey;
use crate::scenario::content::hash_text;
use crate::scenario::record::RunRecord;
use crate::settings::setting_names;
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
        content_hash(world, &values)
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
        "content_hash": content_hash.map(hash_text),
        "memory_mib": record.memory_mib(),
        "memory": memory(&metrics, &values),
        "regret": regret(&metrics.regret),
        "origin": origin(&metrics, record),
        "preloads": preloads(world),
        "autopilot": autopilot(world),
        "failures": record.chunk_failures(),
    })
}

fn content_hash(world: &mut World, values: &StreamingValues) -> Option<u64> {
    let origin = world.get_resource::<WorldOrigin>().copied();
    let mut foci =
        world.query_filtered::<(&GlobalTransform, &FocusPurpose), With<StreamingFocus>>();
    let record = world.resource::<RunRecord>();
    record.content_hash(foci.iter(world), &origin.unwrap_or_default(), values)
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
    let fields = setting_names().map(|field| {
        let text = values.get(field).unwrap_or_default();
        let whole = text.parse::<u64>().map(Value::from);
        let number = whole.or_else(|_| text.parse::<f64>().map(Value::from));
        // What is more than one number stays a text, in the form that settings read.
        (
            field.to_owned(),
            number.unwrap_or_else(|_| Value::from(text)),
        )
    });
    Value::Object(fields.collect())
}

fn focus(journey: Option<&Journey>) -> Value {
    json!({
        "distance_m": journey.map(|journey| journey.distance_m),
        "speed_max_mps": journey.map(|journey| journey.speed_max_mps),
        "teleports": journey.map(|journey| journey.teleports),
        "jumps_too_late": journey.map(|journey| journey.late_preloads),
        "jumps_waited_secs": journey.map(|journey| journey.preload_wait_secs),
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
