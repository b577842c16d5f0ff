//! What a window says about the target: how late things were, which limits were hit, whether the last change helped.

use ringroad_streaming::StreamingValues;

use super::Situation;
use crate::settings::autopilot::{knob::Knob, window::WindowFacts};

/// A limit was hit if it ended this share of the frames.
const HIT_SHARE: f64 = 0.1;

/// The same for the tasks, which are all running in passing often.
const SATURATED_SHARE: f64 = 0.3;

/// A change, what it was for, and how that stood before.
#[derive(Copy, Clone, Debug)]
pub(super) struct Trial {
    pub(super) knob: Knob,
    measure: fn(&Situation<'_>) -> f64,
    before: f64,
}

impl Trial {
    /// What is less than this share of what it was has become better.
    const BETTER: f64 = 0.95;

    pub(super) fn begin(
        knob: Knob,
        measure: fn(&Situation<'_>) -> f64,
        now: &Situation<'_>,
    ) -> Self {
        Self {
            knob,
            measure,
            before: measure(now),
        }
    }

    pub(super) fn has_helped(&self, now: &Situation<'_>) -> bool {
        (self.measure)(now) < Self::BETTER * self.before
    }
}

/// What a change for the milliseconds has to bring down.
pub(super) fn excess_ms(now: &Situation<'_>) -> f64 {
    now.facts.streaming_ms_p99
}

/// What a change for lateness has to bring down.
pub(super) fn late_count(now: &Situation<'_>) -> f64 {
    lateness(now) as f64
}

pub(super) fn lateness(now: &Situation<'_>) -> u64 {
    if now.target.nothing_late {
        now.facts.late + now.facts.holes
    } else {
        0
    }
}

/// The limits that held the pipeline back, the hardest first.
pub(super) fn limits_hit(facts: &WindowFacts) -> Vec<(Knob, f64)> {
    let mut limits: Vec<(Knob, f64)> = [
        (Knob::CompletedPerFrame, facts.share_by_count, HIT_SHARE),
        (Knob::ApplyBudget, facts.share_by_time, HIT_SHARE),
        (Knob::UploadBytes, facts.share_by_bytes, HIT_SHARE),
        (Knob::Tasks, facts.share_at_task_limit, SATURATED_SHARE),
    ]
    .into_iter()
    .filter(|(_, share, least)| share >= least)
    .map(|(knob, share, _)| (knob, share))
    .collect();
    limits.sort_by(|a, b| b.1.total_cmp(&a.1));
    limits
}

pub(super) fn hit_text(limits: &[(Knob, f64)], values: &StreamingValues) -> String {
    match limits.first() {
        Some((knob, share)) => format!(
            ", held back by {} = {} in {:.0} % of the frames",
            knob.name(),
            knob.value(values),
            share * 100.0
        ),
        None => ", and no limit was hit".to_owned(),
    }
}

pub(super) fn late_text(facts: &WindowFacts) -> String {
    format!(
        "{} chunks late and {} frames with a hole in {} frames",
        facts.late, facts.holes, facts.frames
    )
}
