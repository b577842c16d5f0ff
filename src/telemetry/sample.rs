//! What one frame left behind: a flat copy of the streaming metrics, taken in `Last`.

use crate::streaming::{StoppedBy, StreamingMetrics, StreamingValues};

/// One frame. Counts are cumulative since the start, gauges are at the end of the frame.
#[derive(Copy, Clone, Debug, Default)]
pub struct Sample {
    /// Number of the frame, from 1.
    pub frame: u64,
    /// Time of the run's clock at the end of the frame, s.
    pub t_secs: f64,
    /// Length of the frame on the run's clock, ms; on the real clock the same as `frame_ms`.
    pub dt_ms: f64,
    /// Length of the frame in true time, from one recording to the next, ms.
    pub frame_ms: f64,
    /// Requests made.
    pub requested: u64,
    /// Whether the length of the frame was stated and not measured: the virtual clock. Then only what was charged
    /// counts against it, not what the stages truly took.
    pub is_stated: bool,
    /// Requests whose chunk was fully applied.
    pub applied: u64,
    /// Requests that a worker ended.
    pub completed: u64,
    /// Chunks unloaded.
    pub unloaded: u64,
    /// Results discarded as stale.
    pub stale: u64,
    /// Stale because the chunk was gone.
    pub stale_gone: u64,
    /// Stale because the chunk was not being generated.
    pub stale_wrong_state: u64,
    /// Stale because the chunk holds another ticket.
    pub stale_old_ticket: u64,
    /// Requests cancelled.
    pub cancelled: u64,
    /// Cancelled because no focus needs the chunk any more.
    pub cancelled_unwanted: u64,
    /// Cancelled because the world is made anew.
    pub cancelled_regenerated: u64,
    /// Cancelled because the chunk is needed at another level of detail.
    pub cancelled_level: u64,
    /// Cancelled because `memory_cap_mib` leaves no room.
    pub cancelled_memory: u64,
    /// Requests failed, panics included.
    pub failed: u64,
    /// Requests that panicked.
    pub panicked: u64,
    /// Requests that try a failed chunk again.
    pub retried: u64,
    /// Worker time spent on results that were cancelled or discarded, ms.
    pub wasted_worker_ms: f64,
    /// Chunks that changed their level of detail without leaving.
    pub level_changes: u64,
    /// Chunks that left because of `memory_cap_mib`.
    pub evicted: u64,
    /// Generations given up because they did not end.
    pub stuck: u64,
    /// Those of them that came back later.
    pub late_returns: u64,
    /// Shifts of the scene's origin.
    pub origin_shifts: u64,
    /// Share (0–1) of the possible regret; `None` while nothing had a choice.
    pub regret: Option<f64>,
    /// Chunks wanted.
    pub wanted: u64,
    /// Chunks wanted and not there.
    pub missing: u64,
    /// Requests waiting for a worker.
    pub queued: u64,
    /// Requests being generated.
    pub active: u64,
    /// Workers that wait for room for a result.
    pub blocked: u64,
    /// Failed chunks that wait for their next try.
    pub backoff: u64,
    /// Finished results waiting to be applied.
    pub ready: u64,
    /// Their bytes.
    pub ready_bytes: u64,
    /// Chunks being applied in slices.
    pub applying: u64,
    /// Chunks between request and loaded.
    pub loading: u64,
    /// Chunks loaded.
    pub loaded: u64,
    /// Chunks given up.
    pub quarantined: u64,
    /// Entities of all chunks.
    pub chunk_entities: u64,
    /// Bytes of all loaded chunks.
    pub loaded_bytes: u64,
    /// Generation threads.
    pub threads: u64,
    /// Cells in view that show nothing.
    pub holes: u64,
    /// Cells that show a coarse level.
    pub loaded_coarse: u64,
    /// Cells not wanted because `memory_cap_mib` is reached.
    pub held_back: u64,
    /// Bytes of loaded chunks and of results that wait.
    pub memory_bytes: u64,
    /// Preloads that are not released.
    pub preloads: u64,
    /// Threads that are stuck.
    pub stuck_workers: u64,
    /// Frames so far with a hole in view.
    pub frames_with_hole: u64,
    /// Chunks so far that were late for the must-have ring.
    pub late_must_have: u64,
    /// True time of the scan stage in this frame, ms.
    pub scan_ms: f64,
    /// True time of the queue stage in this frame, ms.
    pub queue_ms: f64,
    /// True time of applying in this frame, ms.
    pub apply_ms: f64,
    /// True time of unloading in this frame, ms.
    pub unload_ms: f64,
    /// Entities of chunks that no chunk owns.
    pub orphans: u64,
    /// Seconds until the first hole reaches the must-have ring; `None` while none is foreseen.
    pub horizon_secs: Option<f64>,
    /// Chunks per second that can land now.
    pub rate_per_sec: Option<f64>,
    /// Chunks per second that the motion asks for.
    pub need_per_sec: Option<f64>,
    /// Speed of the fastest focus, m/s.
    pub speed_mps: Option<f64>,
    /// Hitches so far by the panel's rule.
    pub hitches: u64,
    /// What applying and unloading were charged in this frame on the clock in force, ms.
    pub charged_ms: f64,
    /// True time of the rest of the main schedule in this frame: without streaming, overlay and recording, ms; `None`
    /// for the first frame.
    pub game_ms: Option<f64>,
    /// True time for which the renderer held the main thread in this frame, ms; `None` without a renderer.
    pub render_ms: Option<f64>,
    /// True time for which the program slept in this frame until it was due, ms; `None` where nobody sleeps.
    pub sleep_ms: Option<f64>,
    /// What the runner states as the renderer's part of a stated frame, ms; `None` where nobody states it.
    pub stated_render_ms: Option<f64>,
    /// A frame longer than this is a hitch, ms; `None` before there are frames to judge by.
    pub hitch_bound_ms: Option<f64>,
    /// True time of the overlay in this frame, ms; `None` when it is not shown.
    pub overlay_ms: Option<f64>,
    /// True time of telemetry in this frame, ms: the recording that it began with (of the frame before), and the
    /// reckoning of the horizon.
    pub record_ms: f64,
    /// Chunks whose last slice landed in this frame.
    pub applied_now: u64,
    /// Mesh bytes handed to the renderer in this frame.
    pub bytes_now: u64,
    /// What ended applying in this frame.
    pub stopped_by: StoppedBy,
    /// Longest generator run among the chunks that became visible in this frame, ms.
    pub generate_ms: Option<f64>,
    /// The limit in force.
    pub max_concurrent_tasks: u32,
    /// The limit in force.
    pub max_completed_per_frame: u32,
    /// The limit in force, ms.
    pub apply_budget_ms: f64,
    /// The limit in force.
    pub upload_cap_bytes: u64,
    /// The limit in force.
    pub completed_cap_bytes: u64,
    /// The limit in force.
    pub memory_cap_bytes: u64,
}

/// When a frame was and how long it took.
#[derive(Copy, Clone, Debug, Default)]
pub struct FrameClock {
    /// Number of the frame, from 1.
    pub frame: u64,
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Length on the run's clock, ms.
    pub dt_ms: f64,
    /// Length in true time, ms.
    pub frame_ms: f64,
    /// Whether `dt_ms` was stated and not measured.
    pub is_stated: bool,
}

impl Sample {
    /// Copies one frame's facts; what only the recorder knows (overlay, recording, generator run) stays empty.
    pub fn read(clock: FrameClock, metrics: &StreamingMetrics, settings: &StreamingValues) -> Self {
        let counters = &metrics.counters;
        let gauges = &metrics.gauges;
        let facts = &metrics.frame;
        Self {
            frame: clock.frame,
            t_secs: clock.t_secs,
            dt_ms: clock.dt_ms,
            frame_ms: clock.frame_ms,
            is_stated: clock.is_stated,
            requested: counters.requested,
            applied: counters.applied,
            completed: counters.completed,
            unloaded: counters.unloaded,
            stale: counters.stale_discarded,
            stale_gone: counters.stale_by_reason.gone,
            stale_wrong_state: counters.stale_by_reason.wrong_state,
            stale_old_ticket: counters.stale_by_reason.old_ticket,
            cancelled: counters.cancelled,
            cancelled_unwanted: counters.cancelled_by_reason.unwanted,
            cancelled_regenerated: counters.cancelled_by_reason.regenerated,
            cancelled_level: counters.cancelled_by_reason.level_changed,
            cancelled_memory: counters.cancelled_by_reason.memory,
            failed: counters.failed,
            panicked: counters.panicked,
            retried: counters.retried,
            wasted_worker_ms: counters.wasted_worker_ms,
            level_changes: counters.level_changes,
            evicted: counters.evicted,
            stuck: counters.stuck,
            late_returns: counters.late_returns,
            origin_shifts: counters.origin_shifts,
            regret: metrics.regret.share(),
            wanted: gauges.wanted,
            missing: gauges.missing,
            queued: gauges.queued,
            active: gauges.active_tasks,
            blocked: gauges.blocked,
            backoff: gauges.backoff,
            ready: gauges.completed_results,
            ready_bytes: gauges.completed_results_bytes,
            applying: gauges.applying,
            loading: gauges.loading,
            loaded: gauges.loaded,
            quarantined: gauges.quarantined,
            chunk_entities: gauges.chunk_entities,
            loaded_bytes: gauges.loaded_bytes,
            threads: gauges.threads,
            holes: gauges.holes,
            loaded_coarse: gauges.loaded_coarse,
            held_back: gauges.held_back,
            memory_bytes: gauges.memory_bytes,
            preloads: gauges.preloads,
            stuck_workers: gauges.stuck_workers,
            frames_with_hole: metrics.late.frames_with_hole,
            late_must_have: metrics.late.must_have,
            scan_ms: facts.scan_ms,
            queue_ms: facts.queue_ms,
            apply_ms: facts.apply_ms,
            unload_ms: facts.unload_ms,
            orphans: gauges.orphans,
            horizon_secs: None,
            rate_per_sec: None,
            need_per_sec: None,
            speed_mps: None,
            hitches: 0,
            charged_ms: facts.charged_ms,
            game_ms: None,
            render_ms: None,
            sleep_ms: None,
            stated_render_ms: None,
            hitch_bound_ms: None,
            overlay_ms: None,
            record_ms: 0.0,
            applied_now: facts.applied_now,
            bytes_now: facts.uploaded_bytes,
            stopped_by: facts.stopped_by,
            generate_ms: None,
            max_concurrent_tasks: settings.max_concurrent_tasks,
            max_completed_per_frame: settings.max_completed_per_frame,
            apply_budget_ms: settings.apply_budget_ms,
            upload_cap_bytes: settings.upload_bytes_per_frame,
            completed_cap_bytes: settings.completed_bytes_cap,
            memory_cap_bytes: settings.memory_cap_mib << 20,
        }
    }

    /// Main-thread time of all streaming stages in this frame, ms.
    pub fn streaming_ms(&self) -> f64 {
        self.scan_ms + self.queue_ms + self.apply_ms + self.unload_ms
    }

    /// What nothing names of the frame's true length, ms: without streaming, overlay, recording, game, renderer and
    /// sleep. It lies between two main schedules: events of the window, what a runner does, or that the thread did not
    /// run at all.
    pub fn unattributed_ms(&self) -> f64 {
        let named = self.streaming_ms()
            + self.overlay_ms.unwrap_or(0.0)
            + self.record_ms
            + self.game_ms.unwrap_or(0.0)
            + self.render_ms.unwrap_or(0.0)
            + self.sleep_ms.unwrap_or(0.0);
        (self.frame_ms - named).max(0.0)
    }

    /// What streaming took of the frame's length on the run's clock, ms: all stages on the real one, what was charged
    /// on the virtual one.
    pub fn streaming_on_clock_ms(&self) -> f64 {
        if self.is_stated {
            self.charged_ms
        } else {
            self.streaming_ms()
        }
    }

    /// Length of the frame on the run's clock without what the program slept until it was due, ms.
    pub fn busy_ms(&self) -> f64 {
        let sleep_ms = self.sleep_ms.filter(|_| !self.is_stated).unwrap_or(0.0);
        (self.dt_ms - sleep_ms).max(0.0)
    }

    /// Waiting requests in the terms of law 1: queued, ready and applying.
    pub fn waiting(&self) -> u64 {
        self.queued + self.ready + self.applying
    }

    /// The right side of law 1; equal to `requested` when no request was lost.
    pub fn accounted(&self) -> u64 {
        self.applied + self.stale + self.cancelled + self.failed + self.active + self.waiting()
    }
}
