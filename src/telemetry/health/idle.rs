//! Where nothing is wrong, or nobody can know yet: what is under way, and what is waited for.

use super::advice::Advice;
use super::{FRAMES_TO_JUDGE, Health, HealthFacts, Verdict};
use crate::streaming::StreamingRequest;

/// What is missing is not kept up with when it is not gone after this, s.
const DRAINED_SECS: f64 = 20.0;

/// Before there are frames enough, nothing says that no limit is exhausted.
pub(super) fn judging(facts: &HealthFacts) -> Option<Health> {
    (facts.frames_judged < FRAMES_TO_JUDGE).then(|| {
        Health::new(
            Verdict::Judging,
            format!(
                "{} of {FRAMES_TO_JUDGE} frames under these settings; {} missing, {} queued, {}/{} tasks running",
                facts.frames_judged,
                facts.missing,
                facts.queued,
                facts.active,
                facts.settings.max_concurrent_tasks
            ),
            None,
        )
    })
}

/// What is being done, or waited for, where no limit is exhausted.
fn under_way(facts: &HealthFacts) -> String {
    let values = &facts.settings;
    let tasks = format!(
        "{}/{} tasks running",
        facts.active, values.max_concurrent_tasks
    );
    let retries = (facts.backoff > 0).then(|| {
        format!(
            "{} chunks wait for their next try (retry_backoff_secs = {})",
            facts.backoff, values.retry_backoff_secs
        )
    });
    let has_work = facts.active > 0 || facts.queued > 0 || facts.ready > 0;
    if let Some(retries) = retries.as_ref().filter(|_| !has_work) {
        return format!(
            "{retries}, {} missing; nothing else is under way",
            facts.missing
        );
    }
    // So much would not be gone in a while.
    let is_large = facts.missing > 0 && facts.queued > u64::from(values.max_concurrent_tasks);
    let slow = facts
        .missing_per_sec
        .filter(|growth| is_large && *growth > -(facts.missing as f64) / DRAINED_SECS);
    let end = retries.map_or_else(String::new, |retries| format!("; {retries}"));
    match slow {
        Some(growth) => format!(
            "behind: {tasks}, {} missing ({growth:+.1}/s), {} queued, and no limit alone is exhausted{end}",
            facts.missing, facts.queued
        ),
        None => {
            let end = if end.is_empty() {
                "; nothing to do"
            } else {
                &end
            };
            format!(
                "keeping up: {tasks}, {} missing, no limit is exhausted{end}",
                facts.missing
            )
        }
    }
}

pub(super) fn idle(facts: &HealthFacts) -> Health {
    let is_done = facts.missing == 0
        && facts.active == 0
        && facts.queued == 0
        && facts.ready == 0
        && facts.backoff == 0;
    let (sentence, advice) = match (is_done, facts.quarantined) {
        (true, 0) => (
            "everything wanted is loaded; nothing to do".to_owned(),
            None,
        ),
        (true, given_up) => (
            format!(
                "everything else wanted is loaded, {given_up} chunks were given up; read why below"
            ),
            Some(Advice::ask(
                StreamingRequest::RetryQuarantined,
                "what failed then may succeed now",
            )),
        ),
        (false, _) => (under_way(facts), None),
    };
    Health::new(Verdict::Idle, sentence, advice)
}
