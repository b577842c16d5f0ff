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
    let by_frame = |label, help, of: fn(&Sample) -> Option<f64>| {
        line(
            label,
            help,
            worst_now(telemetry, of),
            window_of(telemetry, of),
        )
    };
    let mut lines = vec![
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
            worst_now(telemetry, |s| ran(s.record_ms)),
            telemetry.window_summary(TimingId::Record),
        ),
        by_frame(
            "game",
            "The rest of the main schedule: the game and the engine's own systems.",
            |s| s.game_ms,
        ),
        by_frame(
            "render",
            "What the renderer held the main thread for. In a window: waiting until it is done with the frame before, vsync and present included, and handing over the new one. Into an image: handing over and drawing.",
            |s| s.render_ms,
        ),
    ];
    let sleep = by_frame(
        "sleep",
        "Until the frame was due: the run is driven at 60 frames a second.",
        |s| s.sleep_ms,
    );
    // Only a run without a window sleeps.
    lines.extend(Some(sleep).filter(|sleep| sleep.window.is_some()));
    lines.push(by_frame(
        "unattributed",
        "Frame minus all of the above, frame by frame: events of the window, what a runner does between frames (on the virtual clock the workers' own work), or that the thread did not run.",
        |s| (s.frame_ms > 0.0).then(|| s.unattributed_ms()),
    ));
    lines
}

/// The distribution of a part of the frame over the last minute.
fn window_of(telemetry: &Telemetry, of: fn(&Sample) -> Option<f64>) -> Option<TimingSummary> {
    // Slow frames fill the ring with more than the window.
    let from = telemetry.now_secs() - WINDOW_SECS;
    let recent = telemetry
        .samples()
        .iter()
        .filter(|sample| sample.t_secs >= from);
    let mut values: Vec<f32> = recent.filter_map(of).map(|ms| ms as f32).collect();
    summary_of(&mut values)
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
