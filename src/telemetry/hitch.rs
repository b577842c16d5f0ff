//! Finds frames that a player feels, and keeps the worst with what streaming did in and before them.

use serde::Serialize;

use super::{ring::Ring, sample::Sample};
use crate::streaming::StoppedBy;

/// Hitches kept with their breakdown, worst first.
pub const WORST_KEPT: usize = 16;

/// Frames needed before a median means something.
const WARM_UP_FRAMES: usize = 15;

/// Least time between two panel hitches, s.
const LEAST_GAP_SECS: f64 = 0.25;

/// What one frame was made of; the parts are those of the panel's COST.
///
/// A stated frame is made of stated costs: `apply_ms` is then what applying and unloading were charged, `render_ms` what
/// was stated for the renderer, and the rest up to its due is `sleep_ms`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize)]
pub struct FrameBreakdown {
    /// Length of the frame, ms.
    pub dt_ms: f64,
    /// Scan stage, ms.
    pub scan_ms: f64,
    /// Queue stage, ms.
    pub queue_ms: f64,
    /// Applying, ms.
    pub apply_ms: f64,
    /// Unloading, ms.
    pub unload_ms: f64,
    /// Overlay, ms; `None` when it was not shown.
    pub overlay_ms: Option<f64>,
    /// Telemetry's own work, ms.
    pub recording_ms: f64,
    /// The rest of the main schedule: the game and the engine's own systems, ms; `None` where nobody measured it.
    pub game_ms: Option<f64>,
    /// What the renderer held the main thread for, ms; `None` where there is none.
    pub render_ms: Option<f64>,
    /// What the program slept until the frame was due, ms; `None` where nobody sleeps.
    pub sleep_ms: Option<f64>,
    /// The frame without all of the above, ms.
    pub unattributed_ms: f64,
    /// Chunks applied.
    pub applied_now: u64,
    /// Mesh bytes handed over.
    pub bytes_now: u64,
    /// What ended applying: `empty`, `count`, `time`, `bytes` or `paused`.
    pub stopped_by: &'static str,
}

impl FrameBreakdown {
    /// Splits one frame.
    pub fn of(sample: &Sample) -> Self {
        let facts = Self {
            dt_ms: sample.dt_ms,
            applied_now: sample.applied_now,
            bytes_now: sample.bytes_now,
            stopped_by: stop_name(sample.stopped_by),
            ..Self::default()
        };
        if sample.is_stated {
            let stated_ms = sample.charged_ms + sample.stated_render_ms.unwrap_or(0.0);
            return Self {
                apply_ms: sample.charged_ms,
                render_ms: sample.stated_render_ms,
                sleep_ms: Some((sample.dt_ms - stated_ms).max(0.0)),
                ..facts
            };
        }
        Self {
            scan_ms: sample.scan_ms,
            queue_ms: sample.queue_ms,
            apply_ms: sample.apply_ms,
            unload_ms: sample.unload_ms,
            overlay_ms: sample.overlay_ms,
            recording_ms: sample.record_ms,
            game_ms: sample.game_ms,
            render_ms: sample.render_ms,
            sleep_ms: sample.sleep_ms,
            unattributed_ms: sample.unattributed_ms(),
            ..facts
        }
    }

    /// Main-thread time of all stages of streaming, ms.
    pub fn streaming_ms(&self) -> f64 {
        self.scan_ms + self.queue_ms + self.apply_ms + self.unload_ms
    }

    /// Share (0–1) of the frame that streaming took.
    pub fn streaming_share(&self) -> f64 {
        if self.dt_ms > 0.0 {
            (self.streaming_ms() / self.dt_ms).min(1.0)
        } else {
            0.0
        }
    }
}

/// The name of a stop reason in files and on the panel.
pub const fn stop_name(stopped_by: StoppedBy) -> &'static str {
    match stopped_by {
        StoppedBy::Empty => "empty",
        StoppedBy::Count => "count",
        StoppedBy::Time => "time",
        StoppedBy::Bytes => "bytes",
        StoppedBy::Paused => "paused",
    }
}

/// One panel hitch.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct Hitch {
    /// Number of the frame, from 1.
    pub frame: u64,
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Median of the second before it, ms.
    pub median_ms: f64,
    /// The frame itself.
    #[serde(flatten)]
    pub breakdown: FrameBreakdown,
    /// The two frames before it, newest first; `None` before the start.
    pub before: [Option<FrameBreakdown>; 2],
}

/// Counts hitches by both rules while frames pass.
///
/// Panel: over max(2 × target, 2.5 × median of the last second), at least 250 ms after the last one.
/// H1 (performance page): over max(2 × median, median + 4 ms) of the same second.
pub struct Hitches {
    target_ms: f64,
    recent: Ring<(f64, f32)>,
    scratch: Vec<f32>,
    last_at_secs: Option<f64>,
    panel: u64,
    h1: u64,
    worst: Vec<Hitch>,
    newest: Option<Hitch>,
    bound_ms: Option<f64>,
}

impl Hitches {
    /// Judges against a target frame time, ms.
    pub fn new(target_ms: f64) -> Self {
        Self {
            target_ms,
            recent: Ring::with_capacity(1_024),
            scratch: Vec::with_capacity(1_024),
            last_at_secs: None,
            panel: 0,
            h1: 0,
            worst: Vec::with_capacity(WORST_KEPT + 1),
            newest: None,
            bound_ms: None,
        }
    }

    /// The target frame time, ms.
    pub fn target_ms(&self) -> f64 {
        self.target_ms
    }

    /// What the newest frame was held against: longer is a hitch, ms; `None` before there are frames to judge by.
    pub fn bound_ms(&self) -> Option<f64> {
        self.bound_ms
    }

    /// Hitches by the panel's rule.
    pub fn panel(&self) -> u64 {
        self.panel
    }

    /// Hitches by the rule of ratio H1.
    pub fn h1(&self) -> u64 {
        self.h1
    }

    /// The worst hitches, longest first, at most [`WORST_KEPT`].
    pub fn worst(&self) -> &[Hitch] {
        &self.worst
    }

    /// The hitch that came last.
    pub fn newest(&self) -> Option<&Hitch> {
        self.newest.as_ref()
    }

    /// Judges the frame `now`; `before` are the two frames before it, newest first.
    /// Returns the hitch if it is one by the panel's rule.
    pub fn observe(&mut self, now: &Sample, before: [Option<&Sample>; 2]) -> Option<Hitch> {
        let median_ms = self.median_of_last_second(now.t_secs);
        self.recent.push((now.t_secs, now.dt_ms as f32));
        self.bound_ms = median_ms.map(|median_ms| (2.0 * self.target_ms).max(2.5 * median_ms));
        let median_ms = median_ms?;
        if now.dt_ms > (2.0 * median_ms).max(median_ms + 4.0) {
            self.h1 += 1;
        }
        let is_over = self.bound_ms.is_some_and(|bound_ms| now.dt_ms > bound_ms);
        let is_apart = self
            .last_at_secs
            .is_none_or(|last| now.t_secs - last >= LEAST_GAP_SECS);
        if !(is_over && is_apart) {
            return None;
        }
        self.last_at_secs = Some(now.t_secs);
        self.panel += 1;
        let hitch = Hitch {
            frame: now.frame,
            t_secs: now.t_secs,
            median_ms,
            breakdown: FrameBreakdown::of(now),
            before: before.map(|sample| sample.map(FrameBreakdown::of)),
        };
        self.newest = Some(hitch);
        let place = self
            .worst
            .partition_point(|kept| kept.breakdown.dt_ms >= hitch.breakdown.dt_ms);
        if place < WORST_KEPT {
            self.worst.truncate(WORST_KEPT - 1);
            self.worst.insert(place, hitch);
        }
        Some(hitch)
    }

    fn median_of_last_second(&mut self, now_secs: f64) -> Option<f64> {
        self.scratch.clear();
        // The frames that end within a second before this one; the ring may hold fewer at extreme rates.
        let recent = self.recent.since(|(at_secs, _)| *at_secs >= now_secs - 1.0);
        self.scratch.extend(recent.map(|(_, dt_ms)| *dt_ms));
        if self.scratch.len() < WARM_UP_FRAMES {
            // Slow machines draw fewer frames in a second: then the newest frames stand in for it.
            self.scratch.clear();
            self.scratch.extend(
                self.recent
                    .iter()
                    .rev()
                    .take(WARM_UP_FRAMES)
                    .map(|(_, dt_ms)| *dt_ms),
            );
        }
        if self.scratch.len() < WARM_UP_FRAMES {
            return None;
        }
        let middle = self.scratch.len() / 2;
        Some(f64::from(
            *self
                .scratch
                .select_nth_unstable_by(middle, f32::total_cmp)
                .1,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Drive {
        hitches: Hitches,
        t_secs: f64,
        frame: u64,
    }

    impl Drive {
        fn new() -> Self {
            Self {
                hitches: Hitches::new(1_000.0 / 60.0),
                t_secs: 0.0,
                frame: 0,
            }
        }

        fn frame(&mut self, dt_ms: f64, apply_ms: f64) -> Option<Hitch> {
            self.t_secs += dt_ms / 1_000.0;
            self.frame += 1;
            let sample = Sample {
                frame: self.frame,
                t_secs: self.t_secs,
                dt_ms,
                frame_ms: dt_ms,
                apply_ms,
                ..Sample::default()
            };
            self.hitches.observe(&sample, [None, None])
        }

        fn calm(&mut self, frames: u32) {
            for _ in 0..frames {
                assert_eq!(self.frame(16.7, 0.1), None);
            }
        }
    }

    #[test]
    fn long_frame_after_calm_is_a_hitch_with_its_breakdown() {
        let mut drive = Drive::new();
        drive.calm(60);
        let hitch = drive
            .frame(50.0, 31.0)
            .expect("50 ms is over 2.5 × 16.7 ms");
        assert!((hitch.median_ms - 16.7).abs() < 0.01);
        assert_eq!(hitch.breakdown.apply_ms, 31.0);
        assert!((hitch.breakdown.unattributed_ms - 19.0).abs() < 1e-9);
        assert_eq!((drive.hitches.panel(), drive.hitches.h1()), (1, 1));
    }

    #[test]
    fn second_hitch_within_a_quarter_second_is_not_counted_again() {
        let mut drive = Drive::new();
        drive.calm(60);
        assert!(drive.frame(50.0, 0.0).is_some());
        assert!(drive.frame(50.0, 0.0).is_none());
        drive.calm(20);
        assert!(drive.frame(50.0, 0.0).is_some());
        assert_eq!((drive.hitches.panel(), drive.hitches.h1()), (2, 3));
    }

    #[test]
    fn frame_over_the_median_but_under_twice_the_target_is_h1_only() {
        let mut drive = Drive::new();
        for _ in 0..100 {
            assert_eq!(drive.frame(4.0, 0.0), None);
        }
        assert_eq!(drive.frame(20.0, 0.0), None);
        assert_eq!((drive.hitches.panel(), drive.hitches.h1()), (0, 1));
    }

    #[test]
    fn start_up_frames_are_not_judged() {
        let mut drive = Drive::new();
        for _ in 0..WARM_UP_FRAMES {
            assert_eq!(drive.frame(500.0, 0.0), None);
        }
        assert_eq!((drive.hitches.panel(), drive.hitches.h1()), (0, 0));
    }

    #[test]
    fn worst_sixteen_are_kept_longest_first() {
        let mut drive = Drive::new();
        drive.calm(60);
        for index in 0..40u32 {
            drive.frame(60.0 + f64::from((index * 7) % 40), 0.0);
            drive.calm(60);
        }
        let kept: Vec<f64> = drive
            .hitches
            .worst()
            .iter()
            .map(|hitch| hitch.breakdown.dt_ms)
            .collect();
        let expected: Vec<f64> = (84..100).rev().map(f64::from).collect();
        assert_eq!(kept, expected);
    }
}
