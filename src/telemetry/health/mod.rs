//! The verdict: one word and one sentence that names the limit and the next step. Pure.

mod facts;
mod limits;

pub use facts::HealthFacts;

use super::{hitch::Hitch, text::bytes};
use limits::narrow_place;

/// What is wrong, or that nothing is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A limit of 0 stops the work on purpose.
    Paused,
    /// Nothing to do, or keeping up.
    Idle,
    /// Generation is the narrow place.
    GenBound,
    /// `max_completed_per_frame` is the narrow place.
    ApplyBound,
    /// `apply_budget_ms` is the narrow place.
    TimeBound,
    /// `upload_bytes_per_frame` is the narrow place.
    BytesBound,
    /// Holes are in view.
    Starved,
    /// Streaming broke frames.
    Hitching,
    /// A generation does not end.
    Stuck,
    /// `memory_cap_mib` is the narrow place.
    MemoryBound,
    /// Frames are slow and streaming is not why.
    NotUs,
}

impl Verdict {
    /// The word on the panel and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paused => "PAUSED",
            Self::Idle => "IDLE",
            Self::GenBound => "GEN-BOUND",
            Self::ApplyBound => "APPLY-BOUND",
            Self::TimeBound => "TIME-BOUND",
            Self::BytesBound => "BYTES-BOUND",
            Self::Starved => "STARVED",
            Self::Hitching => "HITCHING",
            Self::Stuck => "STUCK",
            Self::MemoryBound => "MEMORY-BOUND",
            Self::NotUs => "NOT-US",
        }
    }
}

/// A verdict with its sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The word.
    pub verdict: Verdict,
    /// What limits, with its value, and what to do next.
    pub sentence: String,
}

impl Health {
    fn new(verdict: Verdict, sentence: String) -> Self {
        Self { verdict, sentence }
    }

    /// Verdict and sentence as one line.
    pub fn line(&self) -> String {
        format!("{}: {}", self.verdict.word(), self.sentence)
    }
}

/// Streaming is to blame for a hitch from this share of its frame on.
const BLAME_SHARE: f64 = 0.3;

/// Judges one moment. The order is the order of what a player must know first.
pub fn judge(facts: &HealthFacts) -> Health {
    if let Some(paused) = pause(facts) {
        return paused;
    }
    if let Some(hitch) = facts
        .recent_hitch
        .filter(|hitch| hitch.breakdown.streaming_share() >= BLAME_SHARE)
    {
        return hitching(facts, &hitch);
    }
    let limit = memory(facts).or_else(|| narrow_place(facts));
    // Holes that somebody sees come first; while the first view is being filled they are no fault.
    if facts.frames_with_hole > 0 && (facts.missing > 0 || facts.holes > 0) {
        let next = match &limit {
            Some(limit) => limit.sentence.clone(),
            None => "no budget is exhausted: lower scan_interval_secs or raise look_ahead_secs"
                .to_owned(),
        };
        return Health::new(
            Verdict::Starved,
            format!(
                "{} holes in view, {} chunks missing; {next}",
                facts.holes, facts.missing
            ),
        );
    }
    if let Some(stuck) = stuck(facts) {
        return stuck;
    }
    if let Some(limit) = limit {
        return limit;
    }
    if let Some(slow) = not_us(facts) {
        return slow;
    }
    idle(facts)
}

fn idle(facts: &HealthFacts) -> Health {
    let is_done = facts.missing == 0 && facts.active == 0 && facts.queued == 0 && facts.ready == 0;
    let sentence = match (is_done, facts.quarantined) {
        (true, 0) => "everything wanted is loaded; nothing to do".to_owned(),
        (true, given_up) => format!(
            "everything else wanted is loaded, {given_up} chunks were given up. Read why below, then retry them"
        ),
        (false, _) => format!(
            "keeping up: {}/{} tasks running, {} missing, no limit is exhausted; nothing to do",
            facts.active, facts.max_concurrent_tasks, facts.missing
        ),
    };
    Health::new(Verdict::Idle, sentence)
}

fn pause(facts: &HealthFacts) -> Option<Health> {
    let (field, effect) = if facts.max_concurrent_tasks == 0 {
        ("max_concurrent_tasks", "nothing is generated")
    } else if facts.max_completed_per_frame == 0 {
        ("max_completed_per_frame", "nothing is applied")
    } else {
        return None;
    };
    Some(Health::new(
        Verdict::Paused,
        format!(
            "{field} = 0: {effect} ({} missing). Set it to 1 or more to go on",
            facts.missing
        ),
    ))
}

fn hitching(facts: &HealthFacts, hitch: &Hitch) -> Health {
    let breakdown = &hitch.breakdown;
    let stages = [
        (breakdown.apply_ms, "apply"),
        (breakdown.unload_ms, "unload"),
        (breakdown.scan_ms, "scan"),
        (breakdown.queue_ms, "queue"),
    ];
    let (worst_ms, worst) = stages
        .into_iter()
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, "streaming"));
    let next = match worst {
        "apply" | "unload" if facts.max_completed_per_frame > 1 => format!(
            "Try max_completed_per_frame {} > {} or apply_budget_ms {:.2} > {:.2}",
            facts.max_completed_per_frame,
            facts.max_completed_per_frame - 1,
            facts.apply_budget_ms,
            facts.apply_budget_ms / 2.0,
        ),
        "apply" | "unload" => format!(
            "Try apply_budget_ms {:.2} > {:.2}",
            facts.apply_budget_ms,
            facts.apply_budget_ms / 2.0
        ),
        "scan" => "Try a higher scan_interval_secs or a smaller load_radius_m".to_owned(),
        _ => format!(
            "Try max_concurrent_tasks {} > {}",
            facts.max_concurrent_tasks,
            facts.max_concurrent_tasks.saturating_sub(1).max(1)
        ),
    };
    Health::new(
        Verdict::Hitching,
        format!(
            "a frame of {:.1} ms, {worst_ms:.1} ms of it {worst}. {next}",
            breakdown.dt_ms
        ),
    )
}

/// A generation that was given up goes on holding its thread.
fn stuck(facts: &HealthFacts) -> Option<Health> {
    let chunk = match facts.stuck_chunk {
        Some(chunk) => format!("the generation of chunk {chunk} does not end"),
        None => "a generation does not end".to_owned(),
    };
    (facts.stuck_workers > 0).then(|| {
        Health::new(
            Verdict::Stuck,
            format!(
                "{chunk}: {} of {} threads stuck, the work goes on without them. Look at what the generator does there, or raise stuck_after_secs if it is only slow",
                facts.stuck_workers,
                facts.threads + facts.stuck_workers
            ),
        )
    })
}

/// The cap is the limit only when something is held back for it; being near it is no fault.
fn memory(facts: &HealthFacts) -> Option<Health> {
    (facts.held_back > 0).then(|| {
        Health::new(
            Verdict::MemoryBound,
            format!(
                "{} chunks in view held back, {} of memory_cap_mib = {} used. Try {} or smaller radii",
                facts.held_back,
                bytes(facts.memory_bytes),
                facts.memory_cap_mib,
                facts.memory_cap_mib.saturating_mul(2)
            ),
        )
    })
}

fn not_us(facts: &HealthFacts) -> Option<Health> {
    let frame_ms = facts.frame_p95_ms?;
    let streaming_ms = facts.streaming_p95_ms?;
    let is_slow = frame_ms > 1.25 * facts.target_ms;
    let is_ours = streaming_ms > 0.2 * frame_ms;
    (is_slow && !is_ours).then(|| {
        Health::new(
            Verdict::NotUs,
            format!(
                "frame p95 {frame_ms:.1} ms is over the target {:.1} ms, streaming takes {streaming_ms:.2} ms of it. Look at rendering, the driver or vsync",
                facts.target_ms
            ),
        )
    })
}

#[cfg(test)]
mod tests;
