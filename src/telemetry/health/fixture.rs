//! Made-up facts for every verdict with the longest sentence it has: for tests of what must have room for it.

use super::{FRAMES_TO_JUDGE, Health, HealthFacts, Verdict, judge};
use crate::{
    streaming::{ChunkCoord, StreamingValues},
    telemetry::hitch::FrameBreakdown,
};

/// Each verdict with numbers of many digits, holes in view and one to come.
pub(crate) fn longest_healths() -> Vec<Health> {
    Verdict::ALL
        .into_iter()
        .map(|verdict| judge(&longest(verdict)))
        .collect()
}

fn longest(verdict: Verdict) -> HealthFacts {
    let mut facts = troubled();
    let values = &mut facts.settings;
    match verdict {
        Verdict::Paused => values.max_completed_per_frame = 0,
        Verdict::Judging => facts.frames_judged = FRAMES_TO_JUDGE - 1,
        Verdict::Idle => {
            (facts.missing, facts.queued, facts.active) = (0, 0, 0);
            facts.quarantined = 88_888;
        }
        Verdict::GenBound => facts.share_at_task_limit = Some(1.0),
        Verdict::PoolBound => {
            values.stuck_after_secs = 3_600.0;
            facts.stalled_secs = 888.8;
            facts.longest_generate_ms = Some(88_888.0);
        }
        Verdict::ApplyBound => facts.share_stopped_by_count = Some(1.0),
        Verdict::TimeBound => facts.share_stopped_by_time = Some(1.0),
        Verdict::BytesBound => facts.share_stopped_by_bytes = Some(1.0),
        Verdict::ScanBound => {
            values.scan_interval_secs = 8.88;
            facts.late = 88_888;
        }
        Verdict::Starved => (facts.frames_with_hole, facts.holes) = (240, 88_888),
        Verdict::Hitching => {
            values.scan_interval_secs = 8.88;
            let parts = FrameBreakdown {
                dt_ms: 888.8,
                scan_ms: 866.6,
                ..FrameBreakdown::default()
            };
            facts.frame_p95_ms = Some(888.8);
            facts.streaming_p95_ms = Some(866.6);
            facts.slow_frame = Some(parts);
        }
        Verdict::Stuck => {
            facts.stuck_workers = 128;
            facts.stuck_chunk = Some(ChunkCoord::new(-888_888, -888_888));
        }
        Verdict::MemoryBound => facts.held_back = 88_888,
        Verdict::Leak => facts.orphans = 888_888,
        Verdict::NotUs => {
            facts.frame_p95_ms = Some(888.8);
            facts.slow_frame = Some(FrameBreakdown {
                dt_ms: 888.8,
                render_ms: Some(866.6),
                ..FrameBreakdown::default()
            });
        }
    }
    if matches!(
        verdict,
        Verdict::ApplyBound | Verdict::TimeBound | Verdict::BytesBound
    ) {
        facts.ready = 88_888;
        facts.ready_per_sec = Some(8_888.8);
        facts.frame_p95_ms = Some(888.8);
        facts.streaming_p95_ms = Some(880.0);
        // Nobody measured whose time it is: else it is HITCHING.
        facts.slow_frame = None;
    }
    facts
}

/// Nothing that is judged yet, and much of everything.
fn troubled() -> HealthFacts {
    HealthFacts {
        frames_judged: 120,
        settings: StreamingValues {
            must_have_radius_m: 1_000.0,
            load_radius_m: 12_345.0,
            unload_radius_m: 14_345.0,
            view_radius_m: 23_456.0,
            max_concurrent_tasks: 256,
            ..StreamingValues::default()
        },
        threads: 128,
        target_ms: 16.7,
        missing: 88_888,
        loaded: 88_888,
        queued: 88_888,
        active: 256,
        holes: 88_888,
        frames_with_hole: 0,
        horizon_secs: Some(28.8),
        speed_mps: Some(288.0),
        frame_p95_ms: Some(16.7),
        streaming_p95_ms: Some(0.88),
        memory_bytes: 888 << 20,
        ..HealthFacts::default()
    }
}
