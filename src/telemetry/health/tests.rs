//! Each verdict from the facts that ask for it, with its next step.

use super::*;
use crate::{
    streaming::{ChunkCoord, StreamingSettings, StreamingValues},
    telemetry::hitch::FrameBreakdown,
};

fn calm() -> HealthFacts {
    HealthFacts {
        threads: 2,
        target_ms: 16.7,
        loaded: 113,
        share_at_task_limit: Some(0.0),
        share_at_pool_limit: Some(0.0),
        share_stopped_by_count: Some(0.0),
        share_stopped_by_time: Some(0.0),
        share_stopped_by_bytes: Some(0.0),
        frame_p95_ms: Some(16.9),
        streaming_p95_ms: Some(0.4),
        usual_generate_ms: Some(8.0),
        speed_mps: Some(0.0),
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

fn values(change: impl FnOnce(&mut StreamingValues)) -> StreamingValues {
    let mut values = StreamingValues::default();
    change(&mut values);
    values
}

/// Judges, and looks whether the next step is legal.
#[track_caller]
fn check(facts: &HealthFacts, verdict: Verdict, parts: &[&str]) -> Health {
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
    if let Some(proposal) = health.advice.as_ref().and_then(Advice::proposal) {
        let settings = StreamingSettings::new(facts.settings.clone()).expect("legal");
        assert!(settings.with_changes(&proposal).is_ok(), "{proposal:?}");
    }
    health
}

#[test]
fn zero_tasks_is_paused_before_anything_else() {
    let facts = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 0),
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
            "max_concurrent_tasks 0 > 3",
        ],
    );
    let facts = HealthFacts {
        settings: values(|v| v.max_completed_per_frame = 0),
        ..backlog()
    };
    check(
        &facts,
        Verdict::Paused,
        &["max_completed_per_frame = 0", "nothing is applied", "0 > 2"],
    );
}

#[test]
fn quiet_world_is_idle() {
    let health = check(&calm(), Verdict::Idle, &["nothing to do"]);
    assert_eq!(health.advice, None);
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
    let health = check(&facts, Verdict::Idle, &["13 chunks were given up", "retry"]);
    let request = health.advice.and_then(|advice| advice.request());
    assert_eq!(request, Some(StreamingRequest::RetryQuarantined));
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
        &["max_concurrent_tasks = 3", "92 %", "3 > 6"],
    );
    // Measured rates say how many are needed: 12 waiting and 10 a second ended by one task.
    let measured = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 1),
        completed_per_sec: Some(4.0),
        ..facts.clone()
    };
    check(&measured, Verdict::GenBound, &["1 > 3"]);
    // A machine of two cores gains nothing from sixteen.
    let small = HealthFacts {
        completed_per_sec: Some(0.5),
        cores: Some(2),
        ..facts
    };
    check(&small, Verdict::GenBound, &["3 > 6"]);
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
fn workers_that_end_nothing_are_pool_bound() {
    let facts = HealthFacts {
        ready: 0,
        share_at_task_limit: Some(1.0),
        stalled_secs: 1.2,
        ..backlog()
    };
    check(
        &facts,
        Verdict::PoolBound,
        &[
            "3 of 3 tasks",
            "usual run 8 ms",
            "max_concurrent_tasks 3 > 6",
            "stuck_after_secs 10 > 2",
        ],
    );
    // A generator that always takes so long stands not still.
    let slow = HealthFacts {
        usual_generate_ms: Some(900.0),
        ..facts
    };
    check(&slow, Verdict::GenBound, &[]);
}

#[test]
fn fewer_threads_than_permitted_tasks_are_pool_bound() {
    let facts = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 8),
        ready: 0,
        active: 2,
        share_at_pool_limit: Some(0.9),
        ..backlog()
    };
    check(
        &facts,
        Verdict::PoolBound,
        &["all 2 threads busy", "--threads"],
    );
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
        &["14 ready (+3.1/s)", "max_completed_per_frame = 2", "2 > 4"],
    );
    let time = HealthFacts {
        share_stopped_by_count: Some(0.4),
        share_stopped_by_time: Some(0.6),
        ..backlog()
    };
    check(
        &time,
        Verdict::TimeBound,
        &["apply_budget_ms = 2.00", "apply_budget_ms 2 > 4"],
    );
    let bytes = HealthFacts {
        share_stopped_by_bytes: Some(0.5),
        ..backlog()
    };
    check(
        &bytes,
        Verdict::BytesBound,
        &["upload_bytes_per_frame = 2048 KiB", "2097152 > 4194304"],
    );
}

#[test]
fn seldom_scans_at_speed_are_scan_bound() {
    let facts = HealthFacts {
        settings: values(|v| v.scan_interval_secs = 5.0),
        speed_mps: Some(50.0),
        ..calm()
    };
    check(
        &facts,
        Verdict::ScanBound,
        &["250 m between two scans", "scan_interval_secs 5 > 0.2"],
    );
    let resting = HealthFacts {
        speed_mps: Some(0.0),
        ..facts
    };
    check(&resting, Verdict::Idle, &[]);
}

#[test]
fn a_limit_behind_holes_is_named_with_them() {
    let facts = HealthFacts {
        frames_with_hole: 20,
        holes: 7,
        horizon_secs: Some(3.21),
        share_stopped_by_count: Some(0.9),
        ..backlog()
    };
    check(
        &facts,
        Verdict::ApplyBound,
        &[
            "max_completed_per_frame = 2",
            "7 holes in view",
            "must-have ring in 3.2 s",
        ],
    );
}

#[test]
fn holes_without_a_limit_are_starved() {
    let free = HealthFacts {
        frames_with_hole: 20,
        holes: 5,
        ..backlog()
    };
    check(
        &free,
        Verdict::Starved,
        &[
            "31 chunks missing",
            "scan_interval_secs 0.2 > 0.1",
            "look_ahead_secs 2 > 3",
        ],
    );
    let soon = HealthFacts {
        horizon_secs: Some(4.0),
        ..calm()
    };
    check(&soon, Verdict::Starved, &["in 4.0 s"]);
    let far = HealthFacts {
        horizon_secs: Some(20.0),
        ..calm()
    };
    check(&far, Verdict::Idle, &["in 20.0 s"]);
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
        settings: values(|v| v.memory_cap_mib = 64),
        held_back: 40,
        memory_bytes: 64 << 20,
        share_stopped_by_count: Some(0.9),
        ..backlog()
    };
    check(
        &facts,
        Verdict::MemoryBound,
        &["40 chunks", "64.0 MiB of memory_cap_mib = 64", "64 > 128"],
    );
    let near = HealthFacts {
        memory_bytes: 63 << 20,
        held_back: 0,
        settings: values(|v| v.memory_cap_mib = 64),
        ..calm()
    };
    check(&near, Verdict::Idle, &[]);
}

#[test]
fn entities_without_a_chunk_are_a_leak() {
    let facts = HealthFacts {
        orphans: 120,
        ..backlog()
    };
    let health = check(
        &facts,
        Verdict::Leak,
        &["120 entities", "sweep the orphans"],
    );
    let request = health.advice.and_then(|advice| advice.request());
    assert_eq!(request, Some(StreamingRequest::SweepOrphans));
}

#[test]
fn bytes_that_only_grow_are_a_leak() {
    let facts = HealthFacts {
        growing_secs: Some(75.0),
        memory_bytes: 300 << 20,
        ..calm()
    };
    check(&facts, Verdict::Leak, &["75 s", "300.0 MiB", "generator"]);
    let young = HealthFacts {
        growing_secs: Some(20.0),
        ..facts
    };
    check(&young, Verdict::Idle, &[]);
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
        settings: values(|v| v.max_completed_per_frame = 1),
        ..facts.clone()
    };
    check(&single, Verdict::Hitching, &["apply_budget_ms 2 > 0.25"]);
    let too_large = HealthFacts {
        settings: values(|v| v.apply_budget_ms = 40.0),
        recent_hitch: Some(hitch(41.0, 31.0)),
        ..facts
    };
    check(
        &too_large,
        Verdict::Hitching,
        &["apply_budget_ms 40 > 3.35"],
    );
}

#[test]
fn slow_frames_without_streaming_are_not_us() {
    let facts = HealthFacts {
        frame_p95_ms: Some(41.0),
        recent_hitch: Some(hitch(48.2, 0.4)),
        ..calm()
    };
    check(
        &facts,
        Verdict::NotUs,
        &[
            "41.0 ms",
            "0.40 ms",
            "rendering",
            "load_radius_m 1200 > 900",
        ],
    );
    let smallest = HealthFacts {
        settings: values(|v| v.load_radius_m = 500.0),
        ..facts
    };
    check(&smallest, Verdict::NotUs, &["look at rendering"]);
}

#[test]
fn missing_data_never_makes_a_verdict() {
    let facts = HealthFacts {
        target_ms: 16.7,
        ready: 3,
        queued: 3,
        missing: 3,
        ..HealthFacts::default()
    };
    check(&facts, Verdict::Idle, &["keeping up"]);
}

#[test]
fn every_verdict_has_its_own_word() {
    let words: std::collections::BTreeSet<_> = Verdict::ALL.iter().map(|v| v.word()).collect();
    assert_eq!(words.len(), Verdict::ALL.len());
}
