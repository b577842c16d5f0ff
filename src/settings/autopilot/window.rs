//! A window of frames, and what it says: the evidence of one decision.

use ringroad_streaming::{StoppedBy, StreamingMetrics};
use serde::Serialize;

/// Frames that one decision looks at.
pub const WINDOW_FRAMES: usize = 120;

/// How the time of a frame is taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Stopwatch {
    /// What the stages took on the main thread.
    Real,
    /// Stated costs only, so that equal runs decide equally on every machine.
    Virtual,
}

/// What one frame says.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(super) struct FrameMeasure {
    pub streaming_ms: f64,
    pub charged_ms: f64,
    pub largest_slice_ms: f64,
    pub stopped_by: StoppedBy,
    pub is_at_task_limit: bool,
    pub missing: u64,
    /// Totals since the start.
    pub late: u64,
    pub frames_with_hole: u64,
    /// How far the first focus went in this frame, and in how long; (0, 0) for a jump.
    pub way_m: f64,
    pub secs: f64,
}

impl FrameMeasure {
    pub(super) fn read(
        metrics: &StreamingMetrics,
        max_concurrent_tasks: u32,
        stopwatch: Stopwatch,
    ) -> Self {
        let facts = &metrics.frame;
        let gauges = &metrics.gauges;
        Self {
            streaming_ms: match stopwatch {
                Stopwatch::Real => facts.charged_ms + facts.scan_ms + facts.queue_ms,
                Stopwatch::Virtual => facts.charged_ms,
            },
            charged_ms: facts.charged_ms,
            largest_slice_ms: facts.largest_slice_ms,
            stopped_by: facts.stopped_by,
            is_at_task_limit: gauges.queued > 0
                && gauges.active_tasks >= u64::from(max_concurrent_tasks),
            missing: gauges.missing,
            late: metrics.late.must_have,
            frames_with_hole: metrics.late.frames_with_hole,
            way_m: 0.0,
            secs: 0.0,
        }
    }
}

/// What a full window says. Shares are 0 to 1 of its frames.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WindowFacts {
    /// Frames in it.
    pub frames: usize,
    /// Main-thread milliseconds of streaming per frame, 99th percentile by nearest rank.
    pub streaming_ms_p99: f64,
    /// The part of it that the apply budget bounds.
    pub charged_ms_p99: f64,
    /// The part of it that no budget bounds: scan and queue; 0 on the virtual clock.
    pub unbudgeted_ms_p99: f64,
    /// The most expensive slice of a frame, 99th percentile: no setting makes a slice smaller.
    pub slice_ms_p99: f64,
    /// Chunks that were late for the must-have ring.
    pub late: u64,
    /// Frames with a hole in view.
    pub holes: u64,
    /// Chunks missing at its end.
    pub missing: u64,
    /// Whether chunks were missing all the time, and more at its end than at its start.
    pub is_falling_behind: bool,
    /// Frames whose applying `max_completed_per_frame` ended.
    pub share_by_count: f64,
    /// Frames whose applying `apply_budget_ms` ended.
    pub share_by_time: f64,
    /// Frames whose applying `upload_bytes_per_frame` ended.
    pub share_by_bytes: f64,
    /// Frames with every permitted task running and more in the queue.
    pub share_at_task_limit: f64,
    /// Mean speed of the first focus, m/s.
    pub speed_m_s: f64,
}

/// Frames on their way to a full window.
#[derive(Debug, Default)]
pub(super) struct Window {
    frames: Vec<FrameMeasure>,
    /// Frames still to let pass before the first one counts.
    settling: usize,
}

impl Window {
    /// Begins anew, after `settling` frames that do not count.
    pub(super) fn restart(&mut self, settling: usize) {
        self.frames.clear();
        self.settling = settling;
    }

    /// Takes a frame, and when the window is full gives what it says and begins anew.
    pub(super) fn take(&mut self, frame: FrameMeasure) -> Option<WindowFacts> {
        if self.settling > 0 {
            self.settling -= 1;
            return None;
        }
        self.frames.push(frame);
        // One more, so that the totals have a frame before the first.
        if self.frames.len() <= WINDOW_FRAMES {
            return None;
        }
        let facts = facts_of(&self.frames);
        self.frames.clear();
        self.frames.push(frame);
        Some(facts)
    }
}

fn facts_of(frames: &[FrameMeasure]) -> WindowFacts {
    let Some(((before, frames), last)) = frames.split_first().zip(frames.last()) else {
        return WindowFacts::default();
    };
    let share = |holds: &dyn Fn(&FrameMeasure) -> bool| {
        frames.iter().filter(|frame| holds(frame)).count() as f64 / frames.len().max(1) as f64
    };
    let stopped_by = |reason: StoppedBy| share(&|frame| frame.stopped_by == reason);
    let secs: f64 = frames.iter().map(|frame| frame.secs).sum();
    let way_m: f64 = frames.iter().map(|frame| frame.way_m).sum();
    WindowFacts {
        frames: frames.len(),
        streaming_ms_p99: p99(frames, |frame| frame.streaming_ms),
        charged_ms_p99: p99(frames, |frame| frame.charged_ms),
        unbudgeted_ms_p99: p99(frames, |frame| frame.streaming_ms - frame.charged_ms),
        slice_ms_p99: p99(frames, |frame| frame.largest_slice_ms),
        late: last.late.saturating_sub(before.late),
        holes: last
            .frames_with_hole
            .saturating_sub(before.frames_with_hole),
        missing: last.missing,
        is_falling_behind: last.missing > before.missing
            && frames.iter().all(|frame| frame.missing > 0),
        share_by_count: stopped_by(StoppedBy::Count),
        share_by_time: stopped_by(StoppedBy::Time),
        share_by_bytes: stopped_by(StoppedBy::Bytes),
        share_at_task_limit: share(&|frame| frame.is_at_task_limit),
        speed_m_s: if secs > 0.0 { way_m / secs } else { 0.0 },
    }
}

/// The 99th percentile by nearest rank.
fn p99(frames: &[FrameMeasure], read: impl Fn(&FrameMeasure) -> f64) -> f64 {
    let mut values: Vec<f64> = frames.iter().map(read).collect();
    values.sort_unstable_by(f64::total_cmp);
    let rank = (values.len() as f64 * 0.99).ceil() as usize;
    values
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_says_what_its_own_frames_did_and_nothing_of_those_before() {
        let mut window = Window::default();
        window.restart(3);
        let mut facts = None;
        for number in 0..4 + WINDOW_FRAMES as u64 {
            assert_eq!(facts, None, "{number}");
            facts = window.take(FrameMeasure {
                // The settling frames are wild.
                streaming_ms: if number < 3 {
                    90.0
                } else {
                    number as f64 / 100.0
                },
                late: number,
                frames_with_hole: 7,
                missing: 5 + number,
                stopped_by: if number % 4 == 0 {
                    StoppedBy::Time
                } else {
                    StoppedBy::Empty
                },
                way_m: 0.5,
                secs: 0.02,
                ..FrameMeasure::default()
            });
        }
        let facts = facts.expect("the window is full");
        assert_eq!((facts.frames, facts.late, facts.holes), (120, 120, 0));
        assert_eq!(facts.streaming_ms_p99, 1.22, "the second largest of 120");
        assert_eq!(facts.share_by_time, 0.25);
        assert!((facts.speed_m_s - 25.0).abs() < 1e-9);
        assert!(facts.is_falling_behind);
    }

    #[test]
    fn the_virtual_clock_counts_stated_costs_only() {
        let mut metrics = StreamingMetrics::default();
        metrics.frame.charged_ms = 0.5;
        metrics.frame.scan_ms = 0.25;
        metrics.frame.queue_ms = 0.125;
        let ms = |stopwatch| FrameMeasure::read(&metrics, 3, stopwatch).streaming_ms;
        assert_eq!(ms(Stopwatch::Virtual), 0.5);
        assert_eq!(ms(Stopwatch::Real), 0.875);
    }
}
