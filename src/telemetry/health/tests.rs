//! Each verdict from the facts that ask for it.

use super::*;
use crate::{streaming::ChunkCoord, telemetry::hitch::FrameBreakdown};

fn calm() -> HealthFacts {
    HealthFacts {
        max_concurrent_tasks: 3,
        max_completed_per_frame: 2,
        apply_budget_ms: 2.0,
        upload_bytes_per_frame: 2 << 20,
        threads: 2,
        target_ms: 16.7,
        share_at_task_limit: Some(0.0),
        share_stopped_by_count: Some(0.0),
        share_stopped_by_time: Some(0.0),
        share_stopped_by_bytes: Some(0.0),
        frame_p95_ms: Some(16.9),
        streaming_p95_ms: Some(0.4),
        ..HealthFacts::default()
    }
}

fn backlog() -> HealthFacts {
    HealthFacts {
        missing: 31,
        queued: 12,
        active: 3,
        ready: 14,
        ready_per_sec: Some(3.1),
        ..calm()
    }
}

#[track_caller]
fn check(facts: &HealthFacts, verdict: Verdict, parts: &[&str]) {
    let health = judge(facts);
    assert_eq!(health.verdict, verdict, "{}", health.line());
    for part in parts {
        assert!(
            health.sentence.contains(part),
            "{:?} is not in {:?}",
            part,
            health.sentence
        );
    }
}

#[test]
fn zero_tasks_is_paused_before_anything_else() {
    let facts = HealthFacts {
        max_concurrent_tasks: 0,
        frames_with_hole: 9,
        ..backlog()
    };
    check(
        &facts,
        Verdict::Paused,
        &[
            "max_concurrent_tasks = 0",
            "nothing is generated",
            "1 or more",
        ],
    );
    let facts = HealthFacts {
        max_completed_per_frame: 0,
        ..backlog()
    };
    check(
        &facts,
        Verdict::Paused,
        &["max_completed_per_frame = 0", "nothing is applied"],
    );
}

#[test]
fn quiet_world_is_idle() {
    check(&calm(), Verdict::Idle, &["nothing to do"]);
    check(
        &HealthFacts {
            active: 1,
            missing: 2,
            ..calm()
        },
        Verdict::Idle,
        &["keeping up", "1/3"],
    );
}

#[test]
fn chunks_that_were_given_up_are_not_passed_over() {
    let facts = HealthFacts {
        quarantined: 13,
        ..calm()
    };
    check(&facts, Verdict::Idle, &["13 chunks were given up", "retry"]);
}

#[test]
fn full_workers_with_a_queue_are_gen_bound() {
    let facts = HealthFacts {
        ready: 0,
        share_at_task_limit: Some(0.92),
        ..backlog()
    };
    check(
        &facts,
        Verdict::GenBound,
        &["max_concurrent_tasks = 3", "92 %", "Try 6"],
    );
}

#[test]
fn full_workers_without_a_queue_are_not_gen_bound() {
    let facts = HealthFacts {
        ready: 0,
        queued: 0,
        share_at_task_limit: Some(1.0),
        ..backlog()
    };
    assert_ne!(judge(&facts).verdict, Verdict::GenBound);
}

#[test]
fn the_stop_reason_with_the_largest_share_names_the_limit() {
    let count = HealthFacts {
        share_stopped_by_count: Some(0.8),
        share_stopped_by_time: Some(0.4),
        ..backlog()
    };
    check(
        &count,
        Verdict::ApplyBound,
        &["14 ready (+3.1/s)", "max_completed_per_frame = 2", "Try 4"],
    );
    let time = HealthFacts {
        share_stopped_by_count: Some(0.4),
        share_stopped_by_time: Some(0.6),
        ..backlog()
    };
    check(
        &time,
        Verdict::TimeBound,
        &["apply_budget_ms = 2.00", "Try 3.00"],
    );
    let bytes = HealthFacts {
        share_stopped_by_bytes: Some(0.5),
        ..backlog()
    };
    check(
        &bytes,
        Verdict::BytesBound,
        &["upload_bytes_per_frame = 2048 KiB", "Try 4096"],
    );
}

#[test]
fn holes_name_the_limit_behind_them() {
    let facts = HealthFacts {
        frames_with_hole: 20,
        share_stopped_by_count: Some(0.9),
        ..backlog()
    };
    check(
        &facts,
        Verdict::Starved,
        &["31 chunks missing", "max_completed_per_frame = 2"],
    );
    let free = HealthFacts {
        frames_with_hole: 20,
        ..backlog()
    };
    check(&free, Verdict::Starved, &["scan_interval_secs"]);
}

#[test]
fn holes_without_a_missing_chunk_are_holes_still() {
    let facts = HealthFacts {
        frames_with_hole: 3,
        holes: 7,
        ..calm()
    };
    check(&facts, Verdict::Starved, &["7 holes in view"]);
}

#[test]
fn what_is_held_back_for_memory_names_the_cap() {
    let facts = HealthFacts {
        held_back: 40,
        memory_bytes: 64 << 20,
        memory_cap_mib: 64,
        share_stopped_by_count: Some(0.9),
        ..backlog()
    };
    check(
        &facts,
        Verdict::MemoryBound,
        &["40 chunks", "64.0 MiB of memory_cap_mib = 64", "Try 128"],
    );
    let near = HealthFacts {
        memory_bytes: 63 << 20,
        memory_cap_mib: 64,
        ..calm()
    };
    check(&near, Verdict::Idle, &[]);
}

#[test]
fn a_stuck_worker_names_its_chunk() {
    let facts = HealthFacts {
        stuck_workers: 1,
        stuck_chunk: Some(ChunkCoord::new(3, -2)),
        ..backlog()
    };
    check(
        &facts,
        Verdict::Stuck,
        &["chunk (3, -2)", "1 of 3 threads", "stuck_after_secs"],
    );
}

fn hitch(dt_ms: f64, apply_ms: f64) -> Hitch {
    Hitch {
        frame: 1,
        t_secs: 1.0,
        median_ms: 16.7,
        breakdown: FrameBreakdown {
            dt_ms,
            apply_ms,
            unexplained_ms: dt_ms - apply_ms,
            ..FrameBreakdown::default()
        },
        before: [None, None],
    }
}

#[test]
fn hitch_that_streaming_caused_says_what_to_lower() {
    let facts = HealthFacts {
        recent_hitch: Some(hitch(48.2, 31.0)),
        ..backlog()
    };
    check(
        &facts,
        Verdict::Hitching,
        &[
            "48.2 ms",
            "31.0 ms of it apply",
            "max_completed_per_frame 2 > 1",
        ],
    );
    let single = HealthFacts {
        max_completed_per_frame: 1,
        ..facts
    };
    check(&single, Verdict::Hitching, &["apply_budget_ms 2.00 > 1.00"]);
}

#[test]
fn slow_frames_without_streaming_are_not_us() {
    let facts = HealthFacts {
        frame_p95_ms: Some(41.0),
        recent_hitch: Some(hitch(48.2, 0.4)),
        ..calm()
    };
    check(&facts, Verdict::NotUs, &["41.0 ms", "0.40 ms", "rendering"]);
}

#[test]
fn missing_data_never_makes_a_verdict() {
    let facts = HealthFacts {
        max_concurrent_tasks: 3,
        max_completed_per_frame: 2,
        target_ms: 16.7,
        ready: 3,
        queued: 3,
        missing: 3,
        ..HealthFacts::default()
    };
    check(&facts, Verdict::Idle, &["keeping up"]);
}
