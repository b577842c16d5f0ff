//! What a verdict is based on.

use crate::streaming::ChunkCoord;
use crate::telemetry::hitch::Hitch;

/// What the verdict is based on. Shares are 0–1 of the last seconds; `None` is no data.
#[derive(Clone, Debug, Default)]
pub struct HealthFacts {
    /// Limit in force.
    pub max_concurrent_tasks: u32,
    /// Limit in force.
    pub max_completed_per_frame: u32,
    /// Limit in force, ms.
    pub apply_budget_ms: f64,
    /// Limit in force, bytes.
    pub upload_bytes_per_frame: u64,
    /// Generation threads.
    pub threads: u64,
    /// Target frame time, ms.
    pub target_ms: f64,
    /// Chunks wanted and not there.
    pub missing: u64,
    /// Requests waiting for a worker.
    pub queued: u64,
    /// Requests being generated.
    pub active: u64,
    /// Finished results that wait.
    pub ready: u64,
    /// Growth of `ready` per second.
    pub ready_per_sec: Option<f64>,
    /// Share of the time with every permitted task running.
    pub share_at_task_limit: Option<f64>,
    /// Share of frames whose applying the count ended.
    pub share_stopped_by_count: Option<f64>,
    /// Share of frames whose applying the milliseconds ended.
    pub share_stopped_by_time: Option<f64>,
    /// Share of frames whose applying the bytes ended.
    pub share_stopped_by_bytes: Option<f64>,
    /// Frames with a hole in view in the last second.
    pub frames_with_hole: u64,
    /// The newest panel hitch, if it is at most five seconds old.
    pub recent_hitch: Option<Hitch>,
    /// 95th percentile of frame time over the last seconds, ms.
    pub frame_p95_ms: Option<f64>,
    /// 95th percentile of all streaming stages per frame over the last seconds, ms.
    pub streaming_p95_ms: Option<f64>,
    /// Bytes of loaded chunks and of results that wait.
    pub memory_bytes: u64,
    /// Limit in force, MiB.
    pub memory_cap_mib: u64,
    /// Cells in view that are not wanted because the cap is reached.
    pub held_back: u64,
    /// Chunks that were given up.
    pub quarantined: u64,
    /// Threads whose generation was given up and has not come back.
    pub stuck_workers: u64,
    /// The chunk that the newest of them makes.
    pub stuck_chunk: Option<ChunkCoord>,
    /// Cells in view that show nothing, now.
    pub holes: u64,
}
