//! Made-up runs for the tests of what reads telemetry.

use super::{Telemetry, log::EventKind, sample::Sample, snapshot::PanelData, timing::TimingId};
use crate::streaming::{LawBook, StoppedBy, StreamingMetrics, StreamingValues};

/// Ten seconds at 60 frames a second, limited by `max_completed_per_frame`, with one hitch.
pub(crate) fn busy_telemetry() -> Telemetry {
    let mut telemetry = Telemetry::default();
    for frame in 1..=600u64 {
        let dt_ms = if frame == 500 { 60.0 } else { 1_000.0 / 60.0 };
        let applied = frame / 3;
        let stale = frame / 100;
        let ready = 5 + frame / 60;
        let requested = applied + stale + ready + 3 + 12;
        telemetry.take_sample(Sample {
            frame,
            t_secs: frame as f64 / 60.0,
            dt_ms,
            frame_ms: dt_ms,
            requested,
            applied,
            stale,
            stale_gone: stale,
            wanted: 240,
            missing: 240 - applied.min(240),
            queued: 12,
            active: 3,
            ready,
            ready_bytes: ready * 100_000,
            loading: ready + 15,
            loaded: applied.min(240),
            threads: 2,
            scan_ms: if frame % 12 == 0 { 0.2 } else { 0.0 },
            queue_ms: 0.05,
            apply_ms: if frame == 500 { 2.0 } else { 0.8 },
            applied_now: u64::from(frame % 3 == 0),
            stopped_by: StoppedBy::Count,
            generate_ms: Some(8.0),
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            apply_budget_ms: 2.0,
            ..Sample::default()
        });
        telemetry.record_timing(TimingId::Generate, frame as f64 / 60.0, 8.0);
    }
    telemetry.note(EventKind::Stale, "6 results discarded".to_owned());
    telemetry
}

/// The panel's data at the end of [`busy_telemetry`], under the given settings.
pub(crate) fn busy_panel(settings: &StreamingValues) -> PanelData {
    PanelData::collect(
        &busy_telemetry(),
        &StreamingMetrics::default(),
        settings,
        Some(&LawBook::default()),
    )
}
