//! What follows a failed generation: a few retries, each later than the last, then quarantine (law 8).

use std::time::Duration;

/// What to do with a chunk whose generation failed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// Request it again at this time.
    RetryAt(Duration),
    /// Give it up until somebody asks for it.
    Quarantine,
}

/// Doubling stops here, so that a large `retry_limit` never waits for days.
const MAX_DOUBLINGS: u32 = 6;

/// `attempt` counts from 0, the first try. Exponential backoff.
pub fn after_failure(
    attempt: u32,
    retry_limit: u32,
    backoff_secs: f64,
    now: Duration,
) -> AfterFailure {
    if attempt >= retry_limit {
        return AfterFailure::Quarantine;
    }
    let factor = f64::from(1_u32 << attempt.min(MAX_DOUBLINGS));
    AfterFailure::RetryAt(now + Duration::from_secs_f64(backoff_secs * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_retry_waits_twice_as_long_and_the_last_failure_quarantines() {
        let wait = |attempt| match after_failure(attempt, 3, 0.5, Duration::ZERO) {
            AfterFailure::RetryAt(at) => at.as_secs_f64(),
            AfterFailure::Quarantine => f64::NAN,
        };
        assert_eq!([wait(0), wait(1), wait(2)], [0.5, 1.0, 2.0]);
        assert_eq!(
            after_failure(3, 3, 0.5, Duration::ZERO),
            AfterFailure::Quarantine
        );
        assert_eq!(
            after_failure(0, 0, 0.5, Duration::ZERO),
            AfterFailure::Quarantine
        );
    }
}
