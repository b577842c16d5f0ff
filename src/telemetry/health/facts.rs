//! What a verdict is based on.

use crate::streaming::{ChunkCoord, StreamingValues};
use crate::telemetry::hitch::{FrameBreakdown, Hitch};

/// Shares of fewer frames say nothing.
pub const FRAMES_TO_JUDGE: u64 = 8;

/// What the verdict is based on. Shares are 0–1 of the last two seconds, or of the time since the last change of a
/// setting if that is shorter: what was before it says nothing about the settings in force. `None` is no data.
#[derive(Clone, Debug, Default)]
pub struct HealthFacts {
    /// Frames that the shares are of, since the last change of a setting. Of fewer than [`FRAMES_TO_JUDGE`] there are
    /// none.
    pub frames_judged: u64,
    /// Settings in force.
    pub settings: StreamingValues,
    /// Generation threads.
    pub threads: u64,
    /// Cores of the machine, where they decide: on the real clock.
    pub cores: Option<u64>,
    /// Target frame time, ms.
    pub target_ms: f64,
    /// Chunks wanted and not there.
    pub missing: u64,
    /// Chunks there.
    pub loaded: u64,
    /// Requests waiting for a worker.
    pub queued: u64,
    /// Requests being generated.
    pub active: u64,
    /// Workers that wait for room for what they made, or may not start for want of it.
    pub blocked: u64,
    /// Failed chunks that wait for their next try.
    pub backoff: u64,
    /// Finished results that wait.
    pub ready: u64,
    /// Growth of `ready` per second under the settings in force.
    pub ready_per_sec: Option<f64>,
    /// Growth of `missing` per second under the settings in force.
    pub missing_per_sec: Option<f64>,
    /// Requests that workers ended per second.
    pub completed_per_sec: Option<f64>,
    /// Chunks that landed per second.
    pub applied_per_sec: Option<f64>,
    /// Mesh bytes handed over per frame, mean of the frames that handed over any.
    pub uploaded_per_frame: Option<f64>,
    /// Frames per second.
    pub frames_per_sec: Option<f64>,
    /// Share of the time with every permitted task running and none waiting for room.
    pub share_at_task_limit: Option<f64>,
    /// Share of the time with every thread busy, where threads are fewer than the permitted tasks.
    pub share_at_pool_limit: Option<f64>,
    /// Seconds for which workers have been busy and none has ended anything.
    pub stalled_secs: f64,
    /// The longest run of a generator that ended in the last minute, or, if none did, since the start, ms.
    pub longest_generate_ms: Option<f64>,
    /// Share of frames at whose end workers had nothing to do and nothing waited for them.
    pub share_without_work: Option<f64>,
    /// The most requests that waited or ran at the end of a frame.
    pub most_in_work: Option<u64>,
    /// Share of frames in which workers waited for room.
    pub share_waiting_for_room: Option<f64>,
    /// Share of frames whose applying the count ended.
    pub share_stopped_by_count: Option<f64>,
    /// Share of frames whose applying the milliseconds ended.
    pub share_stopped_by_time: Option<f64>,
    /// Share of frames whose applying the bytes ended.
    pub share_stopped_by_bytes: Option<f64>,
    /// Frames with a hole in view in the last second.
    pub frames_with_hole: u64,
    /// Chunks that were late for the must-have ring in the last second.
    pub late: u64,
    /// Cells in view that show nothing, now.
    pub holes: u64,
    /// Seconds until the first hole reaches the must-have ring.
    pub horizon_secs: Option<f64>,
    /// Speed of the fastest focus, m/s.
    pub speed_mps: Option<f64>,
    /// The newest panel hitch, if it is young and the settings have not changed since.
    pub recent_hitch: Option<Hitch>,
    /// 95th percentile of the frame's length on the run's clock, without what the program slept until it was due, ms.
    pub frame_p95_ms: Option<f64>,
    /// Mean length of the frames, ms, where waiting for the screen may be part of it: with vsync a frame whose length
    /// jitters misses nothing as long as the mean is the target.
    pub frame_mean_ms: Option<f64>,
    /// 95th percentile of all streaming stages per frame on the run's clock, ms.
    pub streaming_p95_ms: Option<f64>,
    /// The frame at the 95th percentile of the frame's length, in its parts.
    pub slow_frame: Option<FrameBreakdown>,
    /// Bytes of loaded chunks and of results that wait.
    pub memory_bytes: u64,
    /// Physical memory of the machine, where it can be read and decides: on the real clock.
    pub physical_mib: Option<u64>,
    /// Cells in view that are not wanted because the cap is reached.
    pub held_back: u64,
    /// Entities of chunks that no chunk owns.
    pub orphans: u64,
    /// Seconds for which the bytes of loaded chunks have only grown in a world at rest: nothing missing, and neither
    /// more chunks nor more results that wait.
    pub growing_secs: Option<f64>,
    /// Chunks that were given up.
    pub quarantined: u64,
    /// Threads whose generation was given up and has not come back.
    pub stuck_workers: u64,
    /// The chunk that the newest of them makes.
    pub stuck_chunk: Option<ChunkCoord>,
}

/// Frames that are longer than this share of the target miss it; a little more is what a screen's own clock varies by.
const OVER_TARGET: f64 = 1.05;
/// The same for their mean, which varies less.
const MEAN_OVER_TARGET: f64 = 1.02;

impl HealthFacts {
    /// The 95th percentile of the frame's length, ms, if it misses the target.
    pub(super) fn over_target_ms(&self) -> Option<f64> {
        let is_paced = self
            .frame_mean_ms
            .is_some_and(|mean_ms| mean_ms <= MEAN_OVER_TARGET * self.target_ms);
        self.frame_p95_ms
            .filter(|frame_ms| !is_paced && *frame_ms > OVER_TARGET * self.target_ms)
    }

    /// What streaming took of the frame at that percentile, ms; of the percentile of its own where nobody kept the frame.
    pub(super) fn streaming_of_slow_ms(&self) -> Option<f64> {
        self.slow_frame
            .as_ref()
            .map(FrameBreakdown::streaming_ms)
            .or(self.streaming_p95_ms)
    }

    /// Workers that are busy and do not wait for room.
    pub(super) fn working(&self) -> u64 {
        self.active.saturating_sub(self.blocked)
    }

    /// How much more would have to be done per second than is done, so that what waits is gone in a while.
    pub(super) fn shortfall(
        &self,
        done_per_sec: Option<f64>,
        comes_per_sec: f64,
        waits: u64,
    ) -> Option<f64> {
        const CLEARED_IN_SECS: f64 = 1.5;
        let done = done_per_sec.filter(|done| *done > 0.0)?;
        Some((comes_per_sec + waits as f64 / CLEARED_IN_SECS) / done)
    }
}
