//! Which limit holds the pipeline back, and what a higher one would be.

use super::{Health, HealthFacts, Verdict};

/// A stop reason counts as the limit from this share of frames on.
const LIMITING_SHARE: f64 = 0.3;

/// Which budget holds the pipeline back now.
pub(super) fn narrow_place(facts: &HealthFacts) -> Option<Health> {
    let backlog = match facts.ready_per_sec {
        Some(growth) => format!("{} ready ({growth:+.1}/s)", facts.ready),
        None => format!("{} ready", facts.ready),
    };
    let reaches = |share: Option<f64>| share.is_some_and(|share| share >= LIMITING_SHARE);
    if facts.ready > 0 {
        let stops = [
            (facts.share_stopped_by_bytes, Verdict::BytesBound),
            (facts.share_stopped_by_time, Verdict::TimeBound),
            (facts.share_stopped_by_count, Verdict::ApplyBound),
        ];
        let most = stops
            .into_iter()
            .filter(|(share, _)| reaches(*share))
            .max_by(|a, b| a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0)));
        if let Some((_, verdict)) = most {
            let sentence = match verdict {
                Verdict::BytesBound => {
                    let kib = facts.upload_bytes_per_frame / 1024;
                    format!(
                        "{backlog}, limited by upload_bytes_per_frame = {kib} KiB. Try {} KiB",
                        kib * 2
                    )
                }
                Verdict::TimeBound => format!(
                    "{backlog}, limited by apply_budget_ms = {:.2}. Try {:.2}",
                    facts.apply_budget_ms,
                    facts.apply_budget_ms * 1.5
                ),
                _ => format!(
                    "{backlog}, limited by max_completed_per_frame = {}. Try {}",
                    facts.max_completed_per_frame,
                    facts.max_completed_per_frame.saturating_mul(2)
                ),
            };
            return Some(Health::new(verdict, sentence));
        }
    }
    let is_saturated = facts.share_at_task_limit.is_some_and(|share| share >= 0.5);
    if facts.queued > 0 && is_saturated {
        let share = facts.share_at_task_limit.unwrap_or(0.0) * 100.0;
        let next = facts.max_concurrent_tasks.saturating_mul(2);
        return Some(Health::new(
            Verdict::GenBound,
            format!(
                "{} queued, limited by max_concurrent_tasks = {} (at the limit {share:.0} % of 10 s, {} threads). Try {next}",
                facts.queued, facts.max_concurrent_tasks, facts.threads
            ),
        ));
    }
    None
}
