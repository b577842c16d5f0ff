//! The facts that a verdict is based on, from what was recorded.

use std::sync::OnceLock;

use super::Engine;
use crate::{
    streaming::{StoppedBy, StreamingValues},
    telemetry::{
        Telemetry,
        health::{FRAMES_TO_JUDGE, HealthFacts},
        hitch::FrameBreakdown,
        rates,
        registry::index_of,
        sample::Sample,
        timing::TimingId,
    },
};

/// What lies longer back says nothing about now, s.
const JUDGED_SECS: f64 = 2.0;
/// A hitch is forgotten after this, s.
const HITCH_SECS: f64 = 3.0;

pub(super) fn health_facts(
    telemetry: &Telemetry,
    settings: &StreamingValues,
    newest: &Sample,
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
        .nth(FRAMES_TO_JUDGE as usize)
        .map_or(0.0, |sample| now - sample.t_secs);
    let span = JUDGED_SECS
        .max(few_frames_secs)
        .min(now - changed_at)
        .max(0.0);
    let recent = || samples.since(|sample| sample.t_secs >= now - span);
    let frames_judged = recent().len() as u64;
    let has_enough = frames_judged >= FRAMES_TO_JUDGE;
    let judged = |share: Option<f64>| share.filter(|_| has_enough);
    let stopped = |reason| judged(rates::share_stopped_by(samples, span, reason));
    let per_second = |count: fn(&Sample) -> f64| judged(rates::per_second(samples, span, count));
    let second_ago = samples
        .since(|sample| sample.t_secs >= now - span.min(1.0))
        .next()
        .unwrap_or(newest);
    let at_p95 = |of: fn(&Sample) -> f64| frame_at_p95(recent(), of).filter(|_| has_enough);
    let slow_frame = at_p95(Sample::busy_ms);
    let busy_frame = at_p95(Sample::streaming_on_clock_ms);
    HealthFacts {
        frames_judged,
        settings: settings.clone(),
        threads: newest.threads,
        cores: (!newest.is_stated).then(cores).flatten(),
        target_ms: telemetry.hitches().target_ms(),
        missing: newest.missing,
        loaded: newest.loaded,
        queued: newest.queued,
        active: newest.active,
        blocked: newest.blocked,
        backoff: newest.backoff,
        ready: newest.ready,
        ready_per_sec: per_second(|sample| sample.ready as f64),
        missing_per_sec: per_second(|sample| sample.missing as f64),
        completed_per_sec: per_second(|sample| sample.completed as f64),
        applied_per_sec: per_second(|sample| sample.applied as f64),
        uploaded_per_frame: mean_upload(recent()),
        frames_per_sec: per_second(|sample| sample.frame as f64),
        share_at_task_limit: judged(rates::share_at_task_limit(samples, span)),
        share_at_pool_limit: judged(rates::share_of_frames(samples, span, |sample| {
            sample.threads > 0
                && sample.threads < u64::from(sample.max_concurrent_tasks)
                && sample.active >= sample.threads
                && sample.blocked == 0
        })),
        stalled_secs: stalled_secs(telemetry, newest, changed_at),
        longest_generate_ms: telemetry
            .window_summary(TimingId::Generate)
            .or_else(|| telemetry.run_summary(TimingId::Generate))
            .map(|summary| summary.max),
        share_without_work: judged(rates::share_of_frames(samples, span, |sample| {
            sample.active == 0 && sample.queued == 0
        })),
        most_in_work: recent()
            .map(|sample| sample.active + sample.queued)
            .max()
            .filter(|_| has_enough),
        share_waiting_for_room: judged(rates::share_of_frames(samples, span, |sample| {
            sample.blocked > 0
        })),
        share_stopped_by_count: stopped(StoppedBy::Count),
        share_stopped_by_time: stopped(StoppedBy::Time),
        share_stopped_by_bytes: stopped(StoppedBy::Bytes),
        frames_with_hole: newest
            .frames_with_hole
            .saturating_sub(second_ago.frames_with_hole),
        late: newest
            .late_must_have
            .saturating_sub(second_ago.late_must_have),
        holes: newest.holes,
        horizon_secs: newest.horizon_secs,
        speed_mps: newest.speed_mps,
        recent_hitch: telemetry
            .hitches()
            .newest()
            .filter(|hitch| hitch.t_secs >= (now - HITCH_SECS).max(changed_at))
            .copied(),
        frame_p95_ms: slow_frame.map(Sample::busy_ms),
        frame_mean_ms: mean_with_vsync(recent()).filter(|_| has_enough),
        streaming_p95_ms: busy_frame.map(Sample::streaming_on_clock_ms),
        slow_frame: slow_frame.map(FrameBreakdown::of),
        memory_bytes: engine.memory.bytes,
        physical_mib: (!newest.is_stated).then(physical_mib).flatten(),
        held_back: engine.memory.held_back,
        orphans: newest.orphans,
        growing_secs: growing_secs(telemetry),
        quarantined: newest.quarantined,
        stuck_workers: engine.stuck.workers,
        stuck_chunk: engine.stuck.newest,
    }
}

/// The frame at the 95th percentile, by nearest rank.
fn frame_at_p95<'a>(
    frames: impl Iterator<Item = &'a Sample>,
    of: fn(&Sample) -> f64,
) -> Option<&'a Sample> {
    let mut frames: Vec<&Sample> = frames.collect();
    let last = frames.len().checked_sub(1)?;
    let rank = ((0.95 * frames.len() as f64).ceil() as usize).clamp(1, last + 1);
    let (_, at, _) = frames.select_nth_unstable_by(rank - 1, |a, b| of(a).total_cmp(&of(b)));
    Some(at)
}

/// For how long the bytes of loaded chunks have grown in a world at rest.
fn growing_secs(telemetry: &Telemetry) -> Option<f64> {
    let steady = [index_of("loaded")?, index_of("ready")?];
    let (bytes, missing) = (index_of("loaded_bytes")?, index_of("missing")?);
    telemetry.recording().grows_at_rest(bytes, missing, &steady)
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

/// Mean length of frames that wait for nobody but, it may be, the screen, ms: the renderer's part cannot be told from it.
fn mean_with_vsync<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
    let (frames, all_ms) = samples
        .filter(|sample| {
            !sample.is_stated && sample.sleep_ms.is_none() && sample.render_ms.is_some()
        })
        .fold((0_u64, 0.0), |(frames, all_ms), sample| {
            (frames + 1, all_ms + sample.dt_ms)
        });
    (frames > 0).then(|| all_ms / frames as f64)
}

/// Physical memory of the machine, MiB, where the system has a file that says so.
fn physical_mib() -> Option<u64> {
    static ONCE: OnceLock<Option<u64>> = OnceLock::new();
    *ONCE.get_or_init(|| total_mib(&std::fs::read_to_string("/proc/meminfo").ok()?))
}

fn total_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

fn cores() -> Option<u64> {
    let cores = std::thread::available_parallelism().ok()?;
    Some(cores.get() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn physical_memory_is_read_from_the_systems_own_text() {
        let text = "MemTotal:       16314352 kB\nMemFree:         1000000 kB\n";
        assert_eq!(total_mib(text), Some(15_931));
        assert_eq!(total_mib("MemFree: 3 kB\n"), None);
        assert_eq!(total_mib("MemTotal: much\n"), None);
    }

    #[test]
    fn only_frames_that_may_wait_for_a_screen_have_a_mean() {
        let frame = |dt_ms, sleep_ms, render_ms| Sample {
            dt_ms,
            sleep_ms,
            render_ms,
            ..Sample::default()
        };
        let in_a_window = [frame(10.0, None, Some(8.0)), frame(30.0, None, Some(8.0))];
        assert_eq!(mean_with_vsync(in_a_window.iter()), Some(20.0));
        let paced = [frame(16.7, Some(12.0), Some(2.0)), frame(16.7, None, None)];
        assert_eq!(mean_with_vsync(paced.iter()), None);
        assert!((paced[0].busy_ms() - 4.7).abs() < 1e-9);
    }
}
