//! Made-up runs for the tests of what reads telemetry.

use std::time::Duration;

use bevy::math::DVec2;

use super::{Telemetry, log::EventKind, sample::Sample, snapshot::PanelData, timing::TimingId};
use crate::streaming::{
    ChunkCoord, ChunkFailed, GenerationId, LawBook, LayerTime, Preloads, StoppedBy,
    StreamingMetrics, StreamingValues,
};

/// Ten seconds at 60 frames a second, limited by `max_completed_per_frame`, with one hitch.
pub(crate) fn busy_telemetry() -> Telemetry {
    let mut telemetry = Telemetry::default();
    for frame in 1..=600u64 {
        let dt_ms = if frame == 500 { 60.0 } else { 1_000.0 / 60.0 };
        let applied = frame / 3;
        let stale = frame / 100;
        let ready = 5 + frame / 60;
        let requested = applied + stale + ready + 3 + 12 + 9;
        telemetry.record_sample(Sample {
            frame,
            t_secs: frame as f64 / 60.0,
            dt_ms,
            frame_ms: dt_ms,
            requested,
            applied,
            completed: applied + ready + stale,
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
            cancelled: 9,
            cancelled_unwanted: 4,
            cancelled_level: 3,
            cancelled_memory: 2,
            level_changes: frame / 50,
            loaded_coarse: 20.min(applied),
            memory_bytes: 8 << 20,
            evicted: 5,
            regret: Some(0.04),
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            apply_budget_ms: 2.0,
            upload_cap_bytes: 2 << 20,
            completed_cap_bytes: 64 << 20,
            memory_cap_bytes: 1 << 30,
            ..Sample::default()
        });
        telemetry.record_timing(TimingId::Generate, frame as f64 / 60.0, 8.0);
        if frame % 10 == 0 {
            let layer = |layer, ms| LayerTime { layer, ms };
            let times = [layer("pavements and blocks", 6.0), layer("lamplight", 2.0)];
            telemetry.record_layers(frame as f64 / 60.0, &times);
        }
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

/// The same three seconds later: all has landed but two chunks that were given up and one that holds a worker, and a
/// preload is under way.
pub(crate) fn troubled_panel(settings: &StreamingValues) -> PanelData {
    let mut telemetry = busy_telemetry();
    let busy = *telemetry.samples().last().expect("it was recorded");
    let missing = 3;
    let landed = busy.ready + busy.queued + busy.active - missing;
    for frame in 1..=180_u64 {
        telemetry.record_sample(Sample {
            frame: busy.frame + frame,
            t_secs: busy.t_secs + frame as f64 / 60.0,
            applied: busy.applied + landed,
            completed: busy.completed + busy.queued + busy.active,
            wanted: busy.loaded + landed + missing,
            missing,
            queued: 0,
            active: 0,
            ready: 0,
            ready_bytes: 0,
            loading: 0,
            loaded: busy.loaded + landed,
            applied_now: 0,
            stopped_by: StoppedBy::Empty,
            quarantined: 2,
            stuck_workers: 1,
            stuck: 1,
            failed: missing,
            preloads: 1,
            ..busy
        });
    }
    let failed = |x, z, quarantined, reason: &str| ChunkFailed {
        coord: ChunkCoord::new(x, z),
        generation_id: GenerationId(1),
        attempt: 3,
        reason: reason.to_owned(),
        panicked: quarantined,
        quarantined,
    };
    let mut preloads = Preloads::default();
    preloads
        .preload(DVec2::new(4_000.0, -900.0), 300.0, Duration::from_secs(2))
        .expect("a legal place");
    let watched = telemetry.watched_mut();
    watched.note_preloads(&preloads);
    let stuck = "the generation at level 0 has not ended after 10.0 s on chunk-gen 1";
    for failure in [
        failed(3, -2, true, "panicked at roofs.rs:7: no roof"),
        failed(4, -2, true, "panicked at roofs.rs:7: no roof"),
        failed(7, 7, false, stuck),
    ] {
        watched.note_failure(busy.t_secs, &failure);
    }
    PanelData::collect(
        &telemetry,
        &StreamingMetrics::default(),
        settings,
        Some(&LawBook::default()),
    )
}
