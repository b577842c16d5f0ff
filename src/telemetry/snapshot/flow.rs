//! The pipeline from wanted to loaded, what leaves it early, and what ends a frame's applying.

use crate::streaming::{StoppedBy, StreamingMetrics};
use crate::telemetry::{Telemetry, hitch::stop_name, rates, sample::Sample};

/// The pipeline from wanted to loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// Chunks wanted.
    pub wanted: u64,
    /// Chunks wanted and not loaded.
    pub missing: u64,
    /// Requests waiting for a worker.
    pub queued: u64,
    /// Requests being generated.
    pub running: u64,
    /// Generation threads.
    pub threads: u64,
    /// Share (0–1) of the last 10 s with every permitted task running.
    pub share_at_task_limit: Option<f64>,
    /// Finished results that wait.
    pub ready: u64,
    /// Their bytes.
    pub ready_bytes: u64,
    /// Growth of `ready` per second, last 10 s.
    pub ready_per_sec: Option<f64>,
    /// Seconds until the ready results are applied at the present rate.
    pub drain_secs: Option<f64>,
    /// Chunks being applied in slices.
    pub applying: u64,
    /// Chunks per frame, mean of the last second.
    pub applied_per_frame: Option<f64>,
    /// Chunks applied per second, last 10 s.
    pub applied_per_sec: Option<f64>,
    /// Requests per second, last 10 s.
    pub requested_per_sec: Option<f64>,
    /// Chunks between request and loaded.
    pub loading: u64,
    /// Chunks loaded.
    pub loaded: u64,
    /// Chunks unloaded per second, last 10 s.
    pub unloaded_per_sec: Option<f64>,
    /// Chunks given up.
    pub quarantined: u64,
    /// Bytes of all loaded chunks.
    pub loaded_bytes: u64,
    /// Entities of all chunks.
    pub chunk_entities: u64,
}

/// Discarded results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stale {
    /// All.
    pub total: u64,
    /// The chunk was gone.
    pub gone: u64,
    /// The chunk was not being generated.
    pub wrong_state: u64,
    /// The chunk holds another ticket.
    pub old_ticket: u64,
    /// Per second, last 10 s.
    pub per_sec: Option<f64>,
    /// Worker time spent for nothing, ms.
    pub wasted_worker_ms: f64,
}

/// Requests that ended without a result because nobody needed them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cancels {
    /// All.
    pub total: u64,
    /// No focus needs the chunk any more.
    pub unwanted: u64,
    /// The world is made anew.
    pub regenerated: u64,
    /// The chunk is needed at another level of detail.
    pub level_changed: u64,
    /// `memory_cap_mib` leaves no room.
    pub memory: u64,
    /// Per second, last 10 s.
    pub per_sec: Option<f64>,
}

/// Late chunks and holes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lateness {
    /// Chunks that were late for the must-have ring.
    pub must_have: u64,
    /// Frames with a hole in view.
    pub frames_with_hole: u64,
    /// The worst lateness, ms.
    pub worst_ms: f64,
}

/// Shares (0–1) of the frames of the last 10 s by what ended applying.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StopShares {
    /// Nothing was left.
    pub empty: Option<f64>,
    /// `max_completed_per_frame`.
    pub count: Option<f64>,
    /// `apply_budget_ms`.
    pub time: Option<f64>,
    /// `upload_bytes_per_frame`.
    pub bytes: Option<f64>,
    /// What ended the newest frame.
    pub newest: &'static str,
}

pub(super) fn flow(telemetry: &Telemetry, newest: &Sample) -> Flow {
    let samples = telemetry.samples();
    let per_second = |count: fn(&Sample) -> f64| rates::per_second(samples, 10.0, count);
    let frames_per_sec = rates::per_second(samples, 1.0, |sample| sample.frame as f64);
    let applied_last_sec = rates::per_second(samples, 1.0, |sample| sample.applied as f64);
    let applied_per_sec = per_second(|sample| sample.applied as f64);
    // As the verdict sees it.
    let ready_per_sec = rates::per_second(samples, 2.0, |sample| sample.ready as f64);
    let grows = ready_per_sec.is_some_and(|rate| rate > 0.5);
    Flow {
        wanted: newest.wanted,
        missing: newest.missing,
        queued: newest.queued,
        running: newest.active,
        threads: newest.threads,
        share_at_task_limit: telemetry.share_at_task_limit(),
        ready: newest.ready,
        ready_bytes: newest.ready_bytes,
        ready_per_sec,
        drain_secs: applied_per_sec
            .filter(|rate| *rate > 0.0 && newest.ready > 0 && !grows)
            .map(|rate| newest.ready as f64 / rate),
        applying: newest.applying,
        applied_per_frame: applied_last_sec
            .zip(frames_per_sec)
            .filter(|(_, frames)| *frames > 0.0)
            .map(|(applied, frames)| applied / frames),
        applied_per_sec,
        requested_per_sec: per_second(|sample| sample.requested as f64),
        loading: newest.loading,
        loaded: newest.loaded,
        unloaded_per_sec: per_second(|sample| sample.unloaded as f64),
        quarantined: newest.quarantined,
        loaded_bytes: newest.loaded_bytes,
        chunk_entities: newest.chunk_entities,
    }
}

pub(super) fn stale(telemetry: &Telemetry, newest: &Sample) -> Stale {
    Stale {
        total: newest.stale,
        gone: newest.stale_gone,
        wrong_state: newest.stale_wrong_state,
        old_ticket: newest.stale_old_ticket,
        per_sec: telemetry.stale_per_sec(),
        wasted_worker_ms: newest.wasted_worker_ms,
    }
}

pub(super) fn cancels(telemetry: &Telemetry, newest: &Sample) -> Cancels {
    Cancels {
        total: newest.cancelled,
        unwanted: newest.cancelled_unwanted,
        regenerated: newest.cancelled_regenerated,
        level_changed: newest.cancelled_level,
        memory: newest.cancelled_memory,
        per_sec: rates::per_second(telemetry.samples(), 10.0, |sample| sample.cancelled as f64),
    }
}

pub(super) fn lateness(metrics: &StreamingMetrics) -> Lateness {
    Lateness {
        must_have: metrics.late.must_have,
        frames_with_hole: metrics.late.frames_with_hole,
        worst_ms: metrics.late.worst_ms,
    }
}

pub(super) fn stops(telemetry: &Telemetry, newest: &Sample) -> StopShares {
    let share = |reason| rates::share_stopped_by(telemetry.samples(), 10.0, reason);
    StopShares {
        empty: share(StoppedBy::Empty),
        count: share(StoppedBy::Count),
        time: share(StoppedBy::Time),
        bytes: share(StoppedBy::Bytes),
        newest: stop_name(newest.stopped_by),
    }
}
