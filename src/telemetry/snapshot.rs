//! One moment of everything the panel and the text report show, as plain data. Made four times a second.

use super::{
    health::{Health, HealthFacts, judge},
    hitch::{Hitch, stop_name},
    log::EventKind,
    rates,
    record::{Refusal, Telemetry},
    sample::Sample,
    timing::{TimingId, TimingSummary, WINDOW_SECS, summary_of},
};
use crate::streaming::{LawBook, StoppedBy, StreamingMetrics, StreamingValues};

/// Seconds that "now" looks back: the worst value between two refreshes of the text.
pub const NOW_SECS: f64 = 0.25;

/// Events shown.
const EVENTS_SHOWN: usize = 40;

/// The terms of law 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Requests made.
    pub requested: u64,
    /// Applied.
    pub applied: u64,
    /// Discarded as stale.
    pub stale: u64,
    /// Cancelled.
    pub cancelled: u64,
    /// Failed, panics included.
    pub failed: u64,
    /// Being generated.
    pub running: u64,
    /// Queued, ready and applying.
    pub waiting: u64,
}

impl Ledger {
    /// What `requested` must equal.
    pub fn sum(&self) -> u64 {
        self.applied + self.stale + self.cancelled + self.failed + self.running + self.waiting
    }

    /// Whether no request was lost or invented.
    pub fn is_balanced(&self) -> bool {
        self.requested == self.sum()
    }
}

/// One law's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LawLine {
    /// Number of the law, from 1.
    pub number: u8,
    /// Frames or events that exercised it.
    pub checked: u64,
    /// How often it was broken.
    pub violations: u64,
    /// The first violation in words.
    pub first: Option<String>,
}

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

/// One line of the cost table.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLine {
    /// What it is.
    pub label: &'static str,
    /// Worst value since the last refresh, ms.
    pub now_ms: Option<f64>,
    /// Last minute.
    pub window: Option<TimingSummary>,
    /// Share (0–1) of the frame, by means; only for what happens on the main thread per frame.
    pub share_of_frame: Option<f64>,
    /// What it measures.
    pub help: &'static str,
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

/// One event, ready to show.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLine {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Kind.
    pub kind: EventKind,
    /// Text.
    pub text: String,
}

/// Everything the panel shows, of one moment.
#[derive(Clone, Debug)]
pub struct PanelData {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Frames recorded.
    pub frames: u64,
    /// Verdict and sentence.
    pub health: Health,
    /// Seconds that "last minute" means below: fewer in a young run, or when frames are more than are kept.
    pub window_secs: f64,
    /// Frame time in true time, last minute.
    pub frame_time: Option<TimingSummary>,
    /// Frames per second over the last second (frames ÷ seconds).
    pub fps: Option<f64>,
    /// Target frame time, ms.
    pub target_ms: f64,
    /// Law 1.
    pub ledger: Ledger,
    /// All laws.
    pub laws: Vec<LawLine>,
    /// The pipeline.
    pub flow: Flow,
    /// Main-thread stages per frame, then per-chunk times.
    pub stages: Vec<CostLine>,
    /// Times per chunk.
    pub chunk_times: Vec<CostLine>,
    /// Discarded results.
    pub stale: Stale,
    /// Late chunks and holes.
    pub late: Lateness,
    /// What ended applying.
    pub stops: StopShares,
    /// Panel hitches and hitches by rule H1.
    pub hitches: (u64, u64),
    /// The worst hitches, longest first.
    pub worst_hitches: Vec<Hitch>,
    /// Settings in force.
    pub settings: StreamingValues,
    /// Settings that a reset goes back to.
    pub settings_at_start: StreamingValues,
    /// The newest refusal, if no change came after it.
    pub refusal: Option<Refusal>,
    /// Newest events, newest first.
    pub events: Vec<EventLine>,
    /// The overlay's own cost per frame, last minute.
    pub overlay: Option<TimingSummary>,
    /// The recorder's own cost per frame, last minute.
    pub record: Option<TimingSummary>,
}

impl PanelData {
    /// Reads everything. Costs a few hundred microseconds: call it four times a second, not every frame.
    pub fn collect(
        telemetry: &Telemetry,
        metrics: &StreamingMetrics,
        settings: &StreamingValues,
        laws: Option<&LawBook>,
    ) -> Self {
        let newest = telemetry.samples().last().copied().unwrap_or_default();
        let frame_time = telemetry.window_summary(TimingId::Frame);
        let flow = flow(telemetry, &newest);
        let stops = stops(telemetry, &newest);
        let health = judge(&health_facts(telemetry, settings, &newest, &flow, &stops));
        Self {
            t_secs: newest.t_secs,
            frames: telemetry.frames(),
            health,
            window_secs: telemetry.window_secs(),
            frame_time,
            fps: fps(telemetry),
            target_ms: telemetry.hitches().target_ms(),
            ledger: Ledger {
                requested: newest.requested,
                applied: newest.applied,
                stale: newest.stale,
                cancelled: newest.cancelled,
                failed: newest.failed,
                running: newest.active,
                waiting: newest.waiting(),
            },
            laws: laws.map(law_lines).unwrap_or_default(),
            flow,
            stages: stages(telemetry, frame_time),
            chunk_times: chunk_times(telemetry),
            stale: Stale {
                total: newest.stale,
                gone: newest.stale_gone,
                wrong_state: newest.stale_wrong_state,
                old_ticket: newest.stale_old_ticket,
                per_sec: telemetry.stale_per_sec(),
                wasted_worker_ms: newest.wasted_worker_ms,
            },
            late: Lateness {
                must_have: metrics.late.must_have,
                frames_with_hole: metrics.late.frames_with_hole,
                worst_ms: metrics.late.worst_ms,
            },
            stops,
            hitches: (telemetry.hitches().panel(), telemetry.hitches().h1()),
            worst_hitches: telemetry.hitches().worst().to_vec(),
            settings: settings.clone(),
            settings_at_start: telemetry.settings_at_start().unwrap_or(settings).clone(),
            refusal: telemetry.last_refusal().cloned(),
            events: telemetry
                .log()
                .events()
                .iter()
                .rev()
                .take(EVENTS_SHOWN)
                .map(|event| EventLine {
                    t_secs: event.t_secs,
                    kind: event.kind,
                    text: event.text.clone(),
                })
                .collect(),
            overlay: telemetry.window_summary(TimingId::Overlay),
            record: telemetry.window_summary(TimingId::Record),
        }
    }

    /// The laws that were broken.
    pub fn broken_laws(&self) -> impl Iterator<Item = &LawLine> {
        self.laws.iter().filter(|law| law.violations > 0)
    }
}

fn law_lines(laws: &LawBook) -> Vec<LawLine> {
    laws.laws()
        .iter()
        .map(|law| LawLine {
            number: law.number,
            checked: law.checked,
            violations: law.violations,
            first: law.first.clone(),
        })
        .collect()
}

/// The worst of `read` over the samples of the last [`NOW_SECS`].
fn worst_now(telemetry: &Telemetry, read: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
    let from = telemetry.now_secs() - NOW_SECS;
    telemetry
        .samples()
        .since(|sample| sample.t_secs >= from)
        .filter_map(read)
        .max_by(f64::total_cmp)
}

fn fps(telemetry: &Telemetry) -> Option<f64> {
    let from = telemetry.now_secs() - 1.0;
    let recent = telemetry.samples().since(|sample| sample.t_secs >= from);
    let frames = recent.len();
    let seconds: f64 = recent.map(|sample| sample.frame_ms).sum::<f64>() / 1_000.0;
    (seconds > 0.0).then(|| frames as f64 / seconds)
}

fn flow(telemetry: &Telemetry, newest: &Sample) -> Flow {
    let samples = telemetry.samples();
    let per_second = |count: fn(&Sample) -> f64| rates::per_second(samples, 10.0, count);
    let frames_per_sec = rates::per_second(samples, 1.0, |sample| sample.frame as f64);
    let applied_last_sec = rates::per_second(samples, 1.0, |sample| sample.applied as f64);
    let applied_per_sec = per_second(|sample| sample.applied as f64);
    Flow {
        wanted: newest.wanted,
        missing: newest.missing,
        queued: newest.queued,
        running: newest.active,
        threads: newest.threads,
        share_at_task_limit: telemetry.share_at_task_limit(),
        ready: newest.ready,
        ready_bytes: newest.ready_bytes,
        ready_per_sec: per_second(|sample| sample.ready as f64),
        drain_secs: applied_per_sec
            .filter(|rate| *rate > 0.0 && newest.ready > 0)
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

fn stops(telemetry: &Telemetry, newest: &Sample) -> StopShares {
    let share = |reason| rates::share_stopped_by(telemetry.samples(), 10.0, reason);
    StopShares {
        empty: share(StoppedBy::Empty),
        count: share(StoppedBy::Count),
        time: share(StoppedBy::Time),
        bytes: share(StoppedBy::Bytes),
        newest: stop_name(newest.stopped_by),
    }
}

fn health_facts(
    telemetry: &Telemetry,
    settings: &StreamingValues,
    newest: &Sample,
    flow: &Flow,
    stops: &StopShares,
) -> HealthFacts {
    let from = newest.t_secs - 5.0;
    let recent = || telemetry.samples().since(|sample| sample.t_secs >= from);
    let mut frames: Vec<f32> = recent().map(|sample| sample.frame_ms as f32).collect();
    let mut streaming: Vec<f32> = recent()
        .map(|sample| sample.streaming_ms() as f32)
        .collect();
    let holes_before = telemetry
        .samples()
        .since(|sample| sample.t_secs >= newest.t_secs - 1.0)
        .next()
        .map_or(newest.frames_with_hole, |sample| sample.frames_with_hole);
    HealthFacts {
        max_concurrent_tasks: settings.max_concurrent_tasks,
        max_completed_per_frame: settings.max_completed_per_frame,
        apply_budget_ms: settings.apply_budget_ms,
        upload_bytes_per_frame: settings.upload_bytes_per_frame,
        threads: newest.threads,
        target_ms: telemetry.hitches().target_ms(),
        missing: newest.missing,
        queued: newest.queued,
        active: newest.active,
        ready: newest.ready,
        ready_per_sec: flow.ready_per_sec,
        share_at_task_limit: flow.share_at_task_limit,
        share_stopped_by_count: stops.count,
        share_stopped_by_time: stops.time,
        share_stopped_by_bytes: stops.bytes,
        frames_with_hole: newest.frames_with_hole.saturating_sub(holes_before),
        recent_hitch: telemetry
            .hitches()
            .newest()
            .filter(|hitch| hitch.t_secs >= from)
            .copied(),
        frame_p95_ms: summary_of(&mut frames).map(|summary| summary.p95),
        streaming_p95_ms: summary_of(&mut streaming).map(|summary| summary.p95),
    }
}

fn stages(telemetry: &Telemetry, frame_time: Option<TimingSummary>) -> Vec<CostLine> {
    let frame_mean = frame_time
        .map(|summary| summary.mean)
        .filter(|mean| *mean > 0.0);
    let frames = frame_time.map_or(0.0, |summary| summary.n as f64);
    let line = |label, help, now_ms, window: Option<TimingSummary>| CostLine {
        label,
        now_ms,
        window,
        // A stage that runs in some frames only is spread over all of them.
        share_of_frame: window
            .zip(frame_mean)
            .map(|(window, frame)| window.mean * window.n as f64 / (frame * frames)),
        help,
    };
    let ran = |ms: f64| (ms > 0.0).then_some(ms);
    vec![
        line(
            "scan",
            "StreamingSet::Scan: which chunks should exist. Per frame in which it ran.",
            worst_now(telemetry, |s| ran(s.scan_ms)),
            telemetry.window_summary(TimingId::Scan),
        ),
        line(
            "queue",
            "StreamingSet::GenQueue: hand out work, collect results. Per frame in which it ran.",
            worst_now(telemetry, |s| ran(s.queue_ms)),
            telemetry.window_summary(TimingId::GenQueue),
        ),
        line(
            "apply",
            "StreamingSet::GenApply, spawning. Per frame in which it ran.",
            worst_now(telemetry, |s| ran(s.apply_ms)),
            telemetry.window_summary(TimingId::GenApply),
        ),
        line(
            "unload",
            "StreamingSet::GenApply, retiring. Per frame in which it ran.",
            worst_now(telemetry, |s| ran(s.unload_ms)),
            telemetry.window_summary(TimingId::Unload),
        ),
        line(
            "overlay",
            "This panel: collecting, layout, painting on the CPU. Per frame in which it was shown.",
            worst_now(telemetry, |s| s.overlay_ms),
            telemetry.window_summary(TimingId::Overlay),
        ),
        line(
            "recording",
            "Telemetry's own sampling, every frame.",
            None,
            telemetry.window_summary(TimingId::Record),
        ),
        line(
            "unattributed",
            "Frame minus all of the above, frame by frame: rendering, game, vsync, the rest.",
            worst_now(telemetry, |s| Some(unattributed(s))),
            unattributed_window(telemetry),
        ),
    ]
}

fn unattributed(sample: &Sample) -> f64 {
    let named = sample.streaming_ms() + sample.overlay_ms.unwrap_or(0.0) + sample.record_ms;
    (sample.frame_ms - named).max(0.0)
}

fn unattributed_window(telemetry: &Telemetry) -> Option<TimingSummary> {
    // Slow frames fill the ring with more than the window.
    let from = telemetry.now_secs() - WINDOW_SECS;
    let mut rest: Vec<f32> = telemetry
        .samples()
        .iter()
        .filter(|sample| sample.frame_ms > 0.0 && sample.t_secs >= from)
        .map(|sample| unattributed(sample) as f32)
        .collect();
    summary_of(&mut rest)
}

fn chunk_times(telemetry: &Telemetry) -> Vec<CostLine> {
    let line = |label, id, help| CostLine {
        label,
        now_ms: None,
        window: telemetry.window_summary(id),
        share_of_frame: None,
        help,
    };
    let mut lines = vec![
        line(
            "queue wait",
            TimingId::QueueWait,
            "Per chunk: from the request until a worker takes it.",
        ),
        line(
            "generate",
            TimingId::Generate,
            "Per chunk: the generator's own run on a worker.",
        ),
        line(
            "ready wait",
            TimingId::ReadyWait,
            "Per chunk: from finished until its first slice is applied.",
        ),
        line(
            "apply",
            TimingId::Apply,
            "Per chunk: main-thread time of all its slices.",
        ),
        line(
            "to visible",
            TimingId::TimeToVisible,
            "Per chunk: from wanted until visible.",
        ),
    ];
    if let Some(generate) = lines.iter_mut().find(|line| line.label == "generate") {
        generate.now_ms = worst_now(telemetry, |s| s.generate_ms);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{
        Verdict,
        fixture::{busy_panel, busy_telemetry},
        text::panel_text,
    };

    #[test]
    fn busy_run_reads_as_it_was_made() {
        let data = busy_panel(&StreamingValues::default());
        assert_eq!(
            data.health.verdict,
            Verdict::ApplyBound,
            "{}",
            data.health.line()
        );
        assert!(data.ledger.is_balanced());
        assert_eq!(data.flow.running, 3);
        assert_eq!(data.flow.share_at_task_limit, Some(1.0));
        assert!((data.flow.applied_per_sec.unwrap() - 20.0).abs() < 0.2);
        assert!((data.flow.applied_per_frame.unwrap() - 1.0 / 3.0).abs() < 0.02);
        assert!((data.flow.ready_per_sec.unwrap() - 1.0).abs() < 0.11);
        assert_eq!(data.hitches.0, 1);
        assert_eq!(data.chunk_times[1].window.unwrap().n, 600);
        assert_eq!(data.chunk_times[0].window, None);
    }

    #[test]
    fn stages_and_the_rest_add_up_to_the_frame() {
        let data = busy_panel(&StreamingValues::default());
        let share: f64 = data
            .stages
            .iter()
            .filter_map(|line| line.share_of_frame)
            .sum();
        assert!((share - 1.0).abs() < 1e-3, "{share}");
    }

    #[test]
    fn rest_is_without_the_recording() {
        let sample = Sample {
            frame_ms: 16.0,
            apply_ms: 2.0,
            overlay_ms: Some(1.0),
            record_ms: 0.5,
            ..Sample::default()
        };
        assert_eq!(unattributed(&sample), 12.5);
    }

    #[test]
    fn lost_request_unbalances_the_ledger() {
        let mut telemetry = busy_telemetry();
        let newest = *telemetry.samples().last().unwrap();
        telemetry.take_sample(Sample {
            requested: newest.requested + 1,
            ..newest
        });
        let data = PanelData::collect(
            &telemetry,
            &StreamingMetrics::default(),
            &StreamingValues::default(),
            None,
        );
        assert!(!data.ledger.is_balanced());
        assert!(panel_text(&data).contains("NOT BALANCED"));
    }

    #[test]
    fn text_has_every_section_and_the_five_readings() {
        let text = panel_text(&busy_panel(&StreamingValues::default()));
        for part in [
            "HEALTH",
            "FLOW",
            "COST",
            "STALE",
            "TUNE",
            "EVENTS",
            "APPLY-BOUND",
            "3/3",
            "ready   15",
            "loaded 200 of 240",
            "loading 30",
            "total 6",
            "generate",
            "max_completed_per_frame",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn nothing_recorded_shows_no_data_instead_of_zero() {
        let data = PanelData::collect(
            &Telemetry::default(),
            &StreamingMetrics::default(),
            &StreamingValues::default(),
            None,
        );
        assert_eq!(data.frame_time, None);
        assert_eq!(data.fps, None);
        assert!(
            data.stages
                .iter()
                .chain(&data.chunk_times)
                .all(|line| line.window.is_none())
        );
        assert!(panel_text(&data).contains("frame   n 0 —"));
    }
}
