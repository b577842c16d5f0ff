//! The facts that a verdict is based on, from what was recorded.

use super::{Engine, Flow};
use crate::{
    streaming::{StoppedBy, StreamingValues},
    telemetry::{
        Telemetry,
        health::HealthFacts,
        rates,
        registry::index_of,
        sample::Sample,
        timing::{TimingId, summary_of},
    },
};

/// What lies longer back says nothing about now, s.
const JUDGED_SECS: f64 = 2.0;
/// A hitch is forgotten after this, s.
const HITCH_SECS: f64 = 3.0;
/// A share of fewer frames says nothing.
const LEAST_FRAMES: usize = 8;

pub(super) fn health_facts(
    telemetry: &Telemetry,
    settings: &StreamingValues,
    newest: &Sample,
    flow: &Flow,
    engine: &Engine,
) -> HealthFacts {
    let now = newest.t_secs;
    // What was measured under other settings says nothing about these.
    let changed_at = telemetry
        .log()
        .marks()
        .last()
        .map_or(f64::NEG_INFINITY, |mark| mark.t_secs);
    let samples = telemetry.samples();
    // A slow machine draws few frames in that time: then it is as many as say something.
    let few_frames_secs = samples
        .iter()
        .rev()
        .nth(LEAST_FRAMES)
        .map_or(0.0, |sample| now - sample.t_secs);
    let span = JUDGED_SECS
        .max(few_frames_secs)
        .min(now - changed_at)
        .max(0.0);
    let recent = || samples.since(|sample| sample.t_secs >= now - span);
    let has_enough = recent().len() >= LEAST_FRAMES;
    let judged = |share: Option<f64>| share.filter(|_| has_enough);
    let stopped = |reason| judged(rates::share_stopped_by(samples, span, reason));
    let per_second = |count: fn(&Sample) -> f64| judged(rates::per_second(samples, span, count));
    let holes_before = samples
        .since(|sample| sample.t_secs >= now - span.min(1.0))
        .next()
        .map_or(newest.frames_with_hole, |sample| sample.frames_with_hole);
    let percentile = |of: fn(&Sample) -> f64| {
        let mut values: Vec<f32> = recent().map(|sample| of(sample) as f32).collect();
        summary_of(&mut values)
            .filter(|_| has_enough)
            .map(|summary| summary.p95)
    };
    let indices = index_of("memory_bytes").zip(index_of("loaded"));
    HealthFacts {
        settings: settings.clone(),
        threads: newest.threads,
        cores: (!newest.is_stated).then(cores).flatten(),
        target_ms: telemetry.hitches().target_ms(),
        missing: newest.missing,
        loaded: newest.loaded,
        queued: newest.queued,
        active: newest.active,
        ready: newest.ready,
        ready_per_sec: flow.ready_per_sec,
        completed_per_sec: per_second(|sample| sample.completed as f64),
        applied_per_sec: per_second(|sample| sample.applied as f64),
        uploaded_per_frame: mean_upload(recent()),
        frames_per_sec: per_second(|sample| sample.frame as f64),
        share_at_task_limit: judged(rates::share_at_task_limit(samples, span)),
        share_at_pool_limit: judged(rates::share_of_frames(samples, span, |sample| {
            sample.threads > 0
                && sample.threads < u64::from(sample.max_concurrent_tasks)
                && sample.active >= sample.threads
        })),
        stalled_secs: stalled_secs(telemetry, newest, changed_at),
        usual_generate_ms: telemetry
            .run_summary(TimingId::Generate)
            .map(|summary| summary.mean),
        share_stopped_by_count: stopped(StoppedBy::Count),
        share_stopped_by_time: stopped(StoppedBy::Time),
        share_stopped_by_bytes: stopped(StoppedBy::Bytes),
        frames_with_hole: newest.frames_with_hole.saturating_sub(holes_before),
        holes: newest.holes,
        horizon_secs: newest.horizon_secs,
        speed_mps: newest.speed_mps,
        recent_hitch: telemetry
            .hitches()
            .newest()
            .filter(|hitch| hitch.t_secs >= (now - HITCH_SECS).max(changed_at))
            .copied(),
        frame_p95_ms: percentile(|sample| sample.dt_ms),
        streaming_p95_ms: percentile(Sample::streaming_on_clock_ms),
        memory_bytes: engine.memory.bytes,
        held_back: engine.memory.held_back,
        orphans: newest.orphans,
        growing_secs: indices
            .and_then(|(bytes, loaded)| telemetry.recording().grows_alone(bytes, loaded)),
        quarantined: newest.quarantined,
        stuck_workers: engine.stuck.workers,
        stuck_chunk: engine.stuck.newest,
    }
}

/// For how long workers have been busy without ending anything, under the settings in force.
fn stalled_secs(telemetry: &Telemetry, newest: &Sample, changed_at: f64) -> f64 {
    let first = telemetry
        .samples()
        .iter()
        .rev()
        .take_while(|sample| {
            sample.completed == newest.completed && sample.active > 0 && sample.t_secs >= changed_at
        })
        .last();
    first.map_or(0.0, |first| newest.t_secs - first.t_secs)
}

/// Mesh bytes per frame, mean of the frames that handed over any.
fn mean_upload<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
    let (frames, bytes) = samples
        .filter(|sample| sample.bytes_now > 0)
        .fold((0_u64, 0_u64), |(frames, bytes), sample| {
            (frames + 1, bytes + sample.bytes_now)
        });
    (frames > 0).then(|| bytes as f64 / frames as f64)
}

fn cores() -> Option<u64> {
    let cores = std::thread::available_parallelism().ok()?;
    Some(cores.get() as u64)
}
