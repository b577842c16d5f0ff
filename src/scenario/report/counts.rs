//! Counters, gauges and lateness with the keys of the report page.

use ringroad_streaming::{CancelReasons, Counters, Gauges, GaugesMax, Late, StaleReasons};
use serde_json::{Value, json};

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
                level_changed,
                memory,
            },
        failed,
        panicked,
        retried,
        quarantined,
        requeued_by_watchdog,
        wasted_worker_ms,
        level_changes,
        evicted,
        stuck,
        late_returns,
        origin_shifts,
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
        "cancelled_by_reason": {
            "unwanted": unwanted,
            "regenerated": regenerated,
            "level_changed": level_changed,
            "memory": memory,
        },
        "failed": failed,
        "panicked": panicked,
        "retried": retried,
        "quarantined": quarantined,
        "requeued_by_watchdog": requeued_by_watchdog,
        "wasted_worker_ms": wasted_worker_ms,
        "level_changes": level_changes,
        "evicted": evicted,
        "stuck": stuck,
        "late_returns": late_returns,
        "origin_shifts": origin_shifts,
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

/// The most of each gauge, and what only has a most.
pub(super) fn gauges_max(most: &GaugesMax) -> Value {
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

/// Lateness with the keys of the page.
pub(in crate::scenario) fn late(late: &Late) -> Value {
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
