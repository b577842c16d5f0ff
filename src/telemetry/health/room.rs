//! Workers that wait for room for what they made.

use super::advice::{Advice, step_to};
use super::limits::LIMITING_SHARE;
use super::{Health, HealthFacts, Verdict};
use crate::telemetry::text::bytes;

/// Workers stand still because what has finished fills its cap, and no limit of applying is why it does.
pub(super) fn waiting_for_room(facts: &HealthFacts) -> Option<Health> {
    let share = facts
        .share_waiting_for_room
        .filter(|share| *share >= LIMITING_SHARE)?;
    let values = &facts.settings;
    let cap = values.completed_bytes_cap as f64;
    // A chunk as large as those that are here.
    let each = facts.memory_bytes as f64 / (facts.loaded + facts.ready).max(1) as f64;
    let memory_cap = (values.memory_cap_mib as f64) * f64::from(1 << 20);
    let is_for_memory = facts.memory_bytes as f64 + each > memory_cap;
    if facts.missing == 0 || is_for_memory {
        return None;
    }
    // Room for what a frame can take and for what all workers make meanwhile, twice.
    let at_once =
        f64::from(values.max_completed_per_frame) + f64::from(values.max_concurrent_tasks);
    let to = (2.0 * at_once * each).clamp(2.0 * cap, (2.0 * cap).max(memory_cap / 4.0));
    Some(Health::new(
        Verdict::BytesBound,
        format!(
            "{} queued, workers wait for room {:.0} % of the time, limited by completed_bytes_cap = {}",
            facts.queued,
            share * 100.0,
            bytes(values.completed_bytes_cap)
        ),
        Some(Advice::set(
            vec![step_to(
                values,
                "completed_bytes_cap",
                (to / 1024.0).ceil() * 1024.0,
            )],
            "workers go on while what they finished waits",
        )),
    ))
}
