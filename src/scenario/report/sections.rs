//! The parts of a report that came with the engine at its limit: memory, regret, origin, preloads, autopilot.

use bevy::prelude::*;
use ringroad_streaming::{Regret, StreamingMetrics, StreamingValues};
use serde_json::{Value, json};

use crate::scenario::preloads::PreloadLog;
use crate::scenario::record::RunRecord;
use crate::settings::{AutopilotPhase, SettingsAutopilot};

/// What streaming held, and what it might.
pub(super) fn memory(metrics: &StreamingMetrics, values: &StreamingValues) -> Value {
    json!({
        "cap_mib": values.memory_cap_mib,
        "cap_bytes": values.memory_cap_mib << 20,
        "max_bytes": metrics.gauges_max.gauges.memory_bytes,
    })
}

/// How far the order of work was from the order of need.
pub(super) fn regret(regret: &Regret) -> Value {
    json!({ "sum": regret.sum, "possible": regret.possible, "share": regret.share() })
}

/// How far from the scene's zero the player ever was, and how fine an `f32` is there.
pub(super) fn origin(metrics: &StreamingMetrics, record: &RunRecord) -> Value {
    let offset = record.max_offset_m();
    json!({
        "shifts": metrics.counters.origin_shifts,
        "max_offset_m": offset,
        "max_step_mm": offset.map(step_mm),
    })
}

/// The distance between two neighbouring `f32` at this number of metres, in millimetres.
fn step_mm(at_m: f32) -> f64 {
    let next = f32::from_bits(at_m.abs().to_bits() + 1);
    (f64::from(next) - f64::from(at_m.abs())) * 1_000.0
}

/// What the script preloaded.
pub(super) fn preloads(world: &World) -> Value {
    let log = world.get_resource::<PreloadLog>();
    log.map_or(Value::Null, |log| Value::from(log.report()))
}

/// What the settings' autopilot was told, reached and changed.
pub(super) fn autopilot(world: &World) -> Value {
    let autopilot = world.get_resource::<SettingsAutopilot>();
    let measured = autopilot.and_then(SettingsAutopilot::measured);
    let changes = autopilot.map(|autopilot| {
        let rows = autopilot.log().map(|change| {
            json!({
                "frame": change.frame,
                "t": change.at.as_secs_f64(),
                "field": change.field,
                "old": change.old,
                "new": change.new,
                "reason": change.reason,
            })
        });
        rows.collect::<Vec<_>>()
    });
    json!({
        "on": autopilot.map(SettingsAutopilot::is_on),
        "target_ms": autopilot.map(|autopilot| autopilot.target().streaming_ms_p99),
        "nothing_late": autopilot.map(|autopilot| autopilot.target().nothing_late),
        "phase": autopilot.map(|autopilot| autopilot.phase().word()),
        "reached": autopilot.map(|autopilot| autopilot.phase() == AutopilotPhase::Reached),
        "sentence": autopilot.map(SettingsAutopilot::sentence),
        "measured_ms": measured.map(|window| window.streaming_ms_p99),
        "windows_judged": autopilot.map(SettingsAutopilot::windows_judged),
        "changes_made": autopilot.map(SettingsAutopilot::changes_made),
        "changes": changes,
        "pinned": autopilot.map(|autopilot| autopilot.pinned().collect::<Vec<_>>()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_scene_is_as_fine_as_an_f32_is() {
        assert_eq!(step_mm(4_096.0), 0.48828125);
        assert_eq!(step_mm(-100_000.0), 7.8125);
    }
}
