//! Distributions of durations: of the whole run (log histogram) and of the last minute (exact).

use hdrhistogram::Histogram;
use serde::Serialize;

use super::ring::Ring;

/// Seconds that a window summary looks back.
pub const WINDOW_SECS: f64 = 60.0;

/// Frames, and values per timing, kept for the window: a minute at 240 a second.
pub const KEPT: usize = 14_400;

/// Longest duration that a run histogram can tell apart: an hour, in ns.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// What is timed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum TimingId {
    /// Wall time from one frame's end to the next.
    Frame,
    /// Stage `StreamingSet::Scan`, per frame in which it ran.
    Scan,
    /// Stage `StreamingSet::GenQueue`, per frame in which it ran.
    GenQueue,
    /// Spawning finished chunks, per frame in which it ran.
    GenApply,
    /// Retiring chunks, per frame in which it ran.
    Unload,
    /// Per chunk: from the request until a worker takes it.
    QueueWait,
    /// Per chunk: the generator's own run.
    Generate,
    /// Per chunk: from finished until the first slice is applied.
    ReadyWait,
    /// Per chunk: main-thread time of all its slices.
    Apply,
    /// Per chunk: from wanted until visible.
    TimeToVisible,
    /// Telemetry's own recording, per frame.
    Record,
    /// The overlay's own work, per frame in which it was shown.
    Overlay,
}

impl TimingId {
    /// Every timing, in the order of the discriminants.
    pub const ALL: [Self; 12] = [
        Self::Frame,
        Self::Scan,
        Self::GenQueue,
        Self::GenApply,
        Self::Unload,
        Self::QueueWait,
        Self::Generate,
        Self::ReadyWait,
        Self::Apply,
        Self::TimeToVisible,
        Self::Record,
        Self::Overlay,
    ];

    /// The timings of a run report's `timings_ms`, in its order.
    pub const REPORT: [Self; 10] = [
        Self::Frame,
        Self::Scan,
        Self::GenQueue,
        Self::GenApply,
        Self::Unload,
        Self::QueueWait,
        Self::Generate,
        Self::ReadyWait,
        Self::Apply,
        Self::TimeToVisible,
    ];

    /// The key in a run report.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Scan => "scan",
            Self::GenQueue => "gen_queue",
            Self::GenApply => "gen_apply",
            Self::Unload => "unload",
            Self::QueueWait => "queue_wait",
            Self::Generate => "generate",
            Self::ReadyWait => "ready_wait",
            Self::Apply => "apply",
            Self::TimeToVisible => "time_to_visible",
            Self::Record => "record",
            Self::Overlay => "overlay",
        }
    }
}

/// A distribution in ms. There is no summary of nothing: `n` is at least 1.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct TimingSummary {
    /// Number of values.
    pub n: u64,
    /// Median, ms.
    pub p50: f64,
    /// 95th percentile, ms.
    pub p95: f64,
    /// 99th percentile, ms.
    pub p99: f64,
    /// Largest value, ms, exact.
    pub max: f64,
    /// Arithmetic mean, ms, exact.
    pub mean: f64,
}

/// One timing over the whole run: a log histogram of 3 significant digits, exact sum and maximum.
struct RunTiming {
    histogram: Histogram<u64>,
    sum_ms: f64,
    max_ms: f64,
}

/// Index of the place in ascending order that holds quantile `q` (nearest rank).
fn nearest_rank(n: usize, q: f64) -> usize {
    ((q * n as f64).ceil() as usize).clamp(1, n) - 1
}

/// A value with the moment it was measured.
#[derive(Copy, Clone, Debug)]
struct Timed {
    at_secs: f64,
    ms: f32,
}

/// All timings: of the run and of the last minute. Memory is fixed at the start.
pub struct Timings {
    run: Vec<RunTiming>,
    window: Vec<Ring<Timed>>,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            run: TimingId::ALL
                .iter()
                .map(|_| RunTiming {
                    histogram: Histogram::new_with_bounds(1, LONGEST_NS, 3)
                        .expect("the bounds are constants that the crate allows"),
                    sum_ms: 0.0,
                    max_ms: 0.0,
                })
                .collect(),
            window: TimingId::ALL
                .iter()
                .map(|_| Ring::with_capacity(KEPT))
                .collect(),
        }
    }
}

impl Timings {
    /// Records one duration measured at `at_secs`; a value that is not a finite, non-negative number is no measurement.
    pub fn record(&mut self, id: TimingId, at_secs: f64, ms: f64) {
        if !ms.is_finite() || ms < 0.0 {
            return;
        }
        let run = &mut self.run[id as usize];
        run.histogram
            .saturating_record((ms * 1e6).round().max(1.0) as u64);
        run.sum_ms += ms;
        run.max_ms = run.max_ms.max(ms);
        self.window[id as usize].push(Timed {
            at_secs,
            ms: ms as f32,
        });
    }

    /// The distribution since the start; `None` when nothing was measured. Quantiles are within 0.1 %.
    pub fn run_summary(&self, id: TimingId) -> Option<TimingSummary> {
        let run = &self.run[id as usize];
        let n = run.histogram.len();
        if n == 0 {
            return None;
        }
        let quantile = |q| (run.histogram.value_at_quantile(q) as f64 / 1e6).min(run.max_ms);
        Some(TimingSummary {
            n,
            p50: quantile(0.50),
            p95: quantile(0.95),
            p99: quantile(0.99),
            max: run.max_ms,
            mean: run.sum_ms / n as f64,
        })
    }

    /// The distribution of the last [`WINDOW_SECS`], or of the newest [`KEPT`] values if they are more; exact; `None` when nothing was measured in it.
    /// Costs O(n) and one short-lived buffer: meant for four times a second, not for every frame.
    pub fn window_summary(&self, id: TimingId, now_secs: f64) -> Option<TimingSummary> {
        let from = now_secs - WINDOW_SECS;
        let mut values: Vec<f32> = self.window[id as usize]
            .since(|timed| timed.at_secs >= from)
            .map(|timed| timed.ms)
            .collect();
        summary_of(&mut values)
    }
}

/// The exact distribution of `values` (ms), which are reordered; `None` for none.
pub fn summary_of(values: &mut [f32]) -> Option<TimingSummary> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let sum: f64 = values.iter().map(|ms| f64::from(*ms)).sum();
    let mut quantile = |q| {
        f64::from(
            *values
                .select_nth_unstable_by(nearest_rank(n, q), f32::total_cmp)
                .1,
        )
    };
    Some(TimingSummary {
        n: n as u64,
        p50: quantile(0.50),
        p95: quantile(0.95),
        p99: quantile(0.99),
        max: quantile(1.0),
        mean: sum / n as f64,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_of_one_to_a_thousand_are_known() {
        let mut timings = Timings::default();
        for ms in (1..=1_000).rev() {
            timings.record(TimingId::Generate, 0.0, f64::from(ms));
        }
        let run = timings.run_summary(TimingId::Generate).unwrap();
        assert_eq!(run.n, 1_000);
        for (found, known) in [(run.p50, 500.0), (run.p95, 950.0), (run.p99, 990.0)] {
            assert!(
                (found - known).abs() / known < 0.002,
                "{found} is not {known}"
            );
        }
        assert_eq!(run.max, 1_000.0);
        assert!((run.mean - 500.5).abs() < 1e-9);
        let window = timings.window_summary(TimingId::Generate, 1.0).unwrap();
        assert_eq!(
            (window.p50, window.p95, window.p99, window.max),
            (500.0, 950.0, 990.0, 1_000.0)
        );
    }

    #[test]
    fn no_measurement_is_no_summary() {
        let mut timings = Timings::default();
        assert_eq!(timings.run_summary(TimingId::Apply), None);
        assert_eq!(timings.window_summary(TimingId::Apply, 0.0), None);
        timings.record(TimingId::Apply, 0.0, f64::NAN);
        timings.record(TimingId::Apply, 0.0, -1.0);
        timings.record(TimingId::Apply, 0.0, f64::INFINITY);
        assert_eq!(timings.run_summary(TimingId::Apply), None);
    }

    #[test]
    fn window_forgets_after_a_minute_and_the_run_does_not() {
        let mut timings = Timings::default();
        timings.record(TimingId::Frame, 0.0, 100.0);
        timings.record(TimingId::Frame, 50.0, 10.0);
        assert_eq!(
            timings.window_summary(TimingId::Frame, 59.0).unwrap().max,
            100.0
        );
        assert_eq!(
            timings.window_summary(TimingId::Frame, 61.0).unwrap().max,
            10.0
        );
        assert_eq!(timings.window_summary(TimingId::Frame, 111.0), None);
        assert_eq!(timings.run_summary(TimingId::Frame).unwrap().n, 2);
    }

    #[test]
    fn every_timing_has_its_own_place_and_key() {
        for (index, id) in TimingId::ALL.iter().enumerate() {
            assert_eq!(*id as usize, index);
        }
        let mut keys: Vec<_> = TimingId::ALL.iter().map(|id| id.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), TimingId::ALL.len());
    }

    proptest! {
        #[test]
        fn percentiles_are_ordered_and_are_values_that_occurred(mut values in prop::collection::vec(0.0f32..1e5, 1..200)) {
            let original = values.clone();
            let summary = summary_of(&mut values).unwrap();
            prop_assert!(summary.p50 <= summary.p95 && summary.p95 <= summary.p99 && summary.p99 <= summary.max);
            for quantile in [summary.p50, summary.p95, summary.p99, summary.max] {
                prop_assert!(original.iter().any(|value| f64::from(*value) == quantile));
            }
        }
    }
}
