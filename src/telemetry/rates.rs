//! Rates and shares over the last seconds, read from the ring of samples.

use super::{ring::Ring, sample::Sample};
use crate::streaming::StoppedBy;

/// Cumulative `count` per second over the last `span_secs`; `None` until two samples lie in them.
pub fn per_second(
    samples: &Ring<Sample>,
    span_secs: f64,
    count: impl Fn(&Sample) -> f64,
) -> Option<f64> {
    let newest = samples.last()?;
    let oldest = samples
        .since(|sample| sample.t_secs >= newest.t_secs - span_secs)
        .next()?;
    let elapsed = newest.t_secs - oldest.t_secs;
    (elapsed > 0.0).then(|| (count(newest) - count(oldest)) / elapsed)
}

/// Share (0–1) of the frames of the last `span_secs` for which `holds`; `None` without frames.
pub fn share_of_frames(
    samples: &Ring<Sample>,
    span_secs: f64,
    holds: impl Fn(&Sample) -> bool,
) -> Option<f64> {
    let newest = samples.last()?;
    let recent = samples.since(|sample| sample.t_secs >= newest.t_secs - span_secs);
    let frames = recent.len();
    let held = recent.filter(|sample| holds(sample)).count();
    (frames > 0).then(|| held as f64 / frames as f64)
}

/// Share (0–1) of the time of the last `span_secs` with every permitted task running, and none waiting for room.
pub fn share_at_task_limit(samples: &Ring<Sample>, span_secs: f64) -> Option<f64> {
    let newest = samples.last()?;
    let mut at_limit_ms = 0.0;
    let mut all_ms = 0.0;
    for sample in samples.since(|sample| sample.t_secs >= newest.t_secs - span_secs) {
        all_ms += sample.dt_ms;
        if sample.max_concurrent_tasks > 0
            && sample.active >= u64::from(sample.max_concurrent_tasks)
            && sample.blocked == 0
        {
            at_limit_ms += sample.dt_ms;
        }
    }
    (all_ms > 0.0).then(|| at_limit_ms / all_ms)
}

/// Share (0–1) of the frames of the last `span_secs` in which `reason` ended applying.
pub fn share_stopped_by(samples: &Ring<Sample>, span_secs: f64, reason: StoppedBy) -> Option<f64> {
    share_of_frames(samples, span_secs, |sample| sample.stopped_by == reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute_of(frames: u32, sample: impl Fn(u32) -> Sample) -> Ring<Sample> {
        let mut ring = Ring::with_capacity(1_000);
        for frame in 0..frames {
            ring.push(Sample {
                t_secs: f64::from(frame) * 0.1,
                dt_ms: 100.0,
                ..sample(frame)
            });
        }
        ring
    }

    #[test]
    fn rate_is_the_slope_of_the_last_seconds_only() {
        let ring = minute_of(101, |frame| Sample {
            applied: u64::from(if frame < 50 { 0 } else { (frame - 50) * 2 }),
            ..Sample::default()
        });
        let rate = per_second(&ring, 2.0, |sample| sample.applied as f64).unwrap();
        assert!((rate - 20.0).abs() < 1e-9, "{rate}");
        assert_eq!(per_second(&Ring::with_capacity(4), 2.0, |_| 1.0), None);
        assert_eq!(
            per_second(&minute_of(1, |_| Sample::default()), 2.0, |_| 1.0),
            None
        );
    }

    #[test]
    fn share_at_the_limit_weighs_time_and_ignores_pause() {
        let ring = minute_of(100, |frame| Sample {
            active: if frame < 75 { 3 } else { 2 },
            max_concurrent_tasks: 3,
            ..Sample::default()
        });
        let share = share_at_task_limit(&ring, 1_000.0).unwrap();
        assert!((share - 0.75).abs() < 1e-9, "{share}");
        let without_room = minute_of(10, |_| Sample {
            active: 3,
            blocked: 1,
            max_concurrent_tasks: 3,
            ..Sample::default()
        });
        assert_eq!(share_at_task_limit(&without_room, 10.0), Some(0.0));
        let paused = minute_of(10, |_| Sample::default());
        assert_eq!(share_at_task_limit(&paused, 10.0), Some(0.0));
    }

    #[test]
    fn stop_reasons_are_counted_apart() {
        let ring = minute_of(10, |frame| Sample {
            stopped_by: if frame % 2 == 0 {
                StoppedBy::Count
            } else {
                StoppedBy::Time
            },
            ..Sample::default()
        });
        assert_eq!(share_stopped_by(&ring, 100.0, StoppedBy::Count), Some(0.5));
        assert_eq!(share_stopped_by(&ring, 100.0, StoppedBy::Bytes), Some(0.0));
    }
}
