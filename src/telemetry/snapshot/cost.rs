//! What each stage and each chunk cost.

use super::worst_now;
use crate::telemetry::{
    Telemetry,
    sample::Sample,
    timing::{TimingId, TimingSummary, WINDOW_SECS, summary_of},
};

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

pub(super) fn stages(telemetry: &Telemetry, frame_time: Option<TimingSummary>) -> Vec<CostLine> {
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

pub(super) fn unattributed(sample: &Sample) -> f64 {
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

pub(super) fn chunk_times(telemetry: &Telemetry) -> Vec<CostLine> {
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
