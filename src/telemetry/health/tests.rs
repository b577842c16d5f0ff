//! Each verdict from the facts that ask for it, with its next step.

use super::*;
use crate::{
    streaming::{ChunkCoord, StoppedBy, StreamingSettings, StreamingValues},
    telemetry::hitch::{FrameBreakdown, Hitch, stop_name},
};

fn calm() -> HealthFacts {
    HealthFacts {
        frames_judged: 120,
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
        longest_generate_ms: Some(8.0),
        share_without_work: Some(0.9),
        most_in_work: Some(1),
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
        for (field, to) in &proposal {
            let now = facts.settings.get(field);
            assert_ne!(now.as_ref(), Some(to), "{field} stays as it is");
        }
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
fn chunks_that_wait_for_their_next_try_are_named() {
    let waiting = HealthFacts {
        missing: 3,
        backoff: 3,
        ..calm()
    };
    let alone = check(
        &waiting,
        Verdict::Idle,
        &["3 chunks wait for their next try (retry_backoff_secs = 0.5)"],
    );
    assert!(!alone.sentence.contains("nothing to do"));
    let beside_work = HealthFacts {
        active: 1,
        missing: 4,
        ..waiting.clone()
    };
    let health = check(
        &beside_work,
        Verdict::Idle,
        &["keeping up: 1/3", "3 chunks wait for their next try"],
    );
    assert!(!health.sentence.contains("nothing to do"));
    // A level that failed over a coarser one that is there.
    let refined = HealthFacts {
        missing: 0,
        ..waiting
    };
    check(&refined, Verdict::Idle, &["3 chunks wait for their next"]);
}

#[test]
fn much_that_hardly_moves_is_not_kept_up_with() {
    let facts = |missing_per_sec| HealthFacts {
        missing: 232,
        queued: 228,
        active: 2,
        missing_per_sec,
        ..calm()
    };
    let health = check(
        &facts(Some(-3.0)),
        Verdict::Idle,
        &["behind: 2/3", "232 missing (-3.0/s)", "228 queued"],
    );
    assert!(!health.sentence.contains("keeping up"));
    check(&facts(Some(-60.0)), Verdict::Idle, &["keeping up"]);
}

#[test]
fn workers_that_wait_for_room_name_the_cap_of_finished_bytes() {
    let facts = HealthFacts {
        settings: values(|v| {
            v.completed_bytes_cap = 65_536;
            v.max_concurrent_tasks = 6;
            v.max_completed_per_frame = 8;
        }),
        missing: 232,
        queued: 228,
        active: 5,
        blocked: 5,
        loaded: 100,
        memory_bytes: 100 * 200_000,
        share_waiting_for_room: Some(0.9),
        ..calm()
    };
    // Twice of what fourteen chunks take.
    check(
        &facts,
        Verdict::BytesBound,
        &[
            "228 queued",
            "wait for room 90 % of the time",
            "limited by completed_bytes_cap = 64.0 KiB",
            "completed_bytes_cap 65536 > 5600256",
        ],
    );
    // They have not stopped working because they stand still.
    let for_long = HealthFacts {
        stalled_secs: 9.0,
        ..facts.clone()
    };
    check(&for_long, Verdict::BytesBound, &["completed_bytes_cap"]);
    // What keeps the results from landing is the limit, not the room for them.
    let slow_frame_side = HealthFacts {
        ready: 1,
        share_stopped_by_count: Some(0.9),
        ..facts.clone()
    };
    check(&slow_frame_side, Verdict::ApplyBound, &[]);
    let now_and_then = HealthFacts {
        share_waiting_for_room: Some(0.1),
        ..facts.clone()
    };
    check(&now_and_then, Verdict::Idle, &[]);
    let for_memory = HealthFacts {
        settings: values(|v| {
            v.completed_bytes_cap = 65_536;
            v.memory_cap_mib = 19;
        }),
        ..facts
    };
    assert_ne!(judge(&for_memory).verdict, Verdict::BytesBound);
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
fn no_more_tasks_are_advised_while_they_fill_the_cores_and_frames_miss_the_target() {
    let facts = |tasks, frame_ms| HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = tasks),
        active: u64::from(tasks),
        ready: 0,
        share_at_task_limit: Some(1.0),
        cores: Some(4),
        frame_p95_ms: Some(frame_ms),
        ..backlog()
    };
    let health = check(
        &facts(4, 24.0),
        Verdict::GenBound,
        &["all 4 cores are busy", "24.0 ms (p95)", "smaller radii"],
    );
    assert_eq!(health.advice.and_then(|advice| advice.proposal()), None);
    let step = &["Try: max_concurrent_tasks"];
    check(&facts(3, 24.0), Verdict::GenBound, step);
    check(&facts(4, 16.9), Verdict::GenBound, step);
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
fn a_long_run_of_every_permitted_task_is_gen_bound_before_anything_queues() {
    let facts = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 1),
        missing: 1,
        active: 1,
        share_at_task_limit: Some(0.6),
        stalled_secs: 1.2,
        longest_generate_ms: Some(12_000.0),
        ..calm()
    };
    check(
        &facts,
        Verdict::GenBound,
        &["1 missing, none ended for 1.2 s", "1 > 2"],
    );
    let short = HealthFacts {
        stalled_secs: 0.2,
        ..facts
    };
    check(&short, Verdict::Idle, &["keeping up"]);
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
            "longest run 8 ms",
            "max_concurrent_tasks 3 > 6",
            "stuck_after_secs 10 > 2.4",
        ],
    );
    // A generator that takes so long now and then stands not still.
    let slow = HealthFacts {
        longest_generate_ms: Some(900.0),
        ..facts.clone()
    };
    check(&slow, Verdict::GenBound, &[]);
    // Some of the permitted tasks take long, and nothing waits for the others.
    let one_of_many = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 6),
        active: 2,
        queued: 0,
        share_at_task_limit: Some(0.0),
        ..facts
    };
    check(&one_of_many, Verdict::Idle, &["keeping up"]);
}

/// As in the prepared scene `stutter.ron`: 28 chunks came in milliseconds, then each takes many seconds, of one task.
#[test]
fn chunks_that_have_become_slow_are_gen_bound_from_the_first_one_on() {
    let before_the_first_ends = (1..=24).map(|half_secs| (f64::from(half_secs) / 2.0, 9.0));
    let after_some = [0.5, 3.0, 6.0, 11.9].map(|stalled_secs| (stalled_secs, 12_000.0));
    for (stalled_secs, longest_ms) in before_the_first_ends.chain(after_some) {
        for tasks in [1, 6] {
            let facts = HealthFacts {
                settings: values(|v| {
                    v.max_concurrent_tasks = tasks;
                    v.stuck_after_secs = 300.0;
                }),
                loaded: 28,
                missing: 20,
                queued: 19,
                active: u64::from(tasks),
                share_at_task_limit: Some(1.0),
                stalled_secs,
                longest_generate_ms: Some(longest_ms),
                cores: Some(2),
                ..calm()
            };
            let health = check(&facts, Verdict::GenBound, &["max_concurrent_tasks"]);
            assert!(!health.sentence.contains("stuck_after_secs"));
        }
    }
}

#[test]
fn the_step_is_the_same_just_after_a_slow_chunk_and_long_after_it() {
    let facts = |completed_per_sec, stalled_secs| HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 1),
        missing: 18,
        queued: 17,
        active: 1,
        share_at_task_limit: Some(1.0),
        completed_per_sec,
        stalled_secs,
        longest_generate_ms: Some(6_000.0),
        cores: Some(2),
        ..calm()
    };
    let step = &["Try: max_concurrent_tasks 1 > 6"];
    check(&facts(Some(0.5), 0.4), Verdict::GenBound, step);
    check(&facts(Some(0.0), 4.0), Verdict::GenBound, step);
}

#[test]
fn what_is_only_slow_is_never_proposed_to_be_given_up() {
    for (stuck_after_secs, stalled_secs, longest_ms) in [
        (10.0, 1.2, 8.0),
        (10.0, 4.0, 8.0),
        (30.0, 20.0, 4_000.0),
        (300.0, 31.0, 8.0),
        (300.0, 200.0, 45_000.0),
    ] {
        let facts = HealthFacts {
            settings: values(|v| v.stuck_after_secs = stuck_after_secs),
            share_at_task_limit: Some(1.0),
            stalled_secs,
            longest_generate_ms: Some(longest_ms),
            ready: 0,
            ..backlog()
        };
        let health = check(&facts, Verdict::PoolBound, &["max_concurrent_tasks 3 > 6"]);
        let proposal = health.advice.and_then(|advice| advice.proposal());
        let give_up = proposal
            .iter()
            .flatten()
            .find(|(field, _)| field == "stuck_after_secs");
        if let Some((_, to)) = give_up {
            let to: f64 = to.parse().expect("a number");
            assert!(
                to + 1e-9 >= 2.0 * stalled_secs.max(longest_ms / 1_000.0),
                "{to}"
            );
        }
    }
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
fn seldom_scans_are_scan_bound_when_work_comes_in_bursts_or_too_late() {
    // Half of the margin of 100 m takes a second at 50 m/s: the plan is no older, however long the interval.
    let bursts = HealthFacts {
        settings: values(|v| v.scan_interval_secs = 5.0),
        speed_mps: Some(50.0),
        most_in_work: Some(14),
        share_without_work: Some(0.8),
        ..calm()
    };
    check(
        &bursts,
        Verdict::ScanBound,
        &[
            "bursts of 14",
            "80 % of the time",
            "up to 1.0 s late",
            "scan_interval_secs 5 > 0.2",
        ],
    );
    let late = HealthFacts {
        late: 3,
        most_in_work: Some(1),
        ..bursts.clone()
    };
    check(&late, Verdict::ScanBound, &["3 chunks came too late"]);
    for harmless in [
        // No burst: the setting alone is no bottleneck.
        HealthFacts {
            most_in_work: Some(2),
            ..bursts.clone()
        },
        // Workers always have something to do.
        HealthFacts {
            share_without_work: Some(0.1),
            ..bursts.clone()
        },
        HealthFacts {
            speed_mps: Some(0.0),
            ..bursts.clone()
        },
        // At such a speed half of the margin is used up soon enough.
        HealthFacts {
            speed_mps: Some(250.0),
            ..bursts
        },
    ] {
        check(&harmless, Verdict::Idle, &[]);
    }
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
            "; 7 holes in view; first hole in the must-have ring in 3.2 s. Try: max_completed_per_frame 2 > 4",
        ],
    );
    let there = HealthFacts {
        horizon_secs: Some(0.0),
        ..facts
    };
    check(
        &there,
        Verdict::ApplyBound,
        &["; a hole in the must-have ring now. Try: "],
    );
}

#[test]
fn holes_just_after_a_change_are_no_reason_to_say_that_nothing_is_exhausted() {
    let facts = HealthFacts {
        frames_judged: FRAMES_TO_JUDGE - 1,
        frames_with_hole: 6,
        holes: 7,
        horizon_secs: Some(0.0),
        share_at_task_limit: None,
        ..backlog()
    };
    let health = check(
        &facts,
        Verdict::Judging,
        &["7 of 8 frames", "7 holes in view"],
    );
    assert_eq!(health.advice, None);
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
    // Half of what the machine has is the most.
    let on_small = HealthFacts {
        physical_mib: Some(200),
        ..facts.clone()
    };
    check(&on_small, Verdict::MemoryBound, &["64 > 100"]);
    let on_smaller = HealthFacts {
        physical_mib: Some(128),
        ..facts
    };
    let health = check(&on_smaller, Verdict::MemoryBound, &["smaller radii"]);
    assert_eq!(health.advice.and_then(|advice| advice.proposal()), None);
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
            applied_now: 2,
            unattributed_ms: dt_ms - apply_ms,
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

/// Twelve milliseconds of a renderer and ten of streaming, all the time.
fn slowed(parts: FrameBreakdown) -> HealthFacts {
    HealthFacts {
        settings: values(|v| v.apply_budget_ms = 10.0),
        frame_p95_ms: Some(22.0),
        streaming_p95_ms: Some(parts.streaming_ms()),
        slow_frame: Some(parts),
        share_stopped_by_time: Some(0.9),
        ..backlog()
    }
}

fn busy(apply_ms: f64, scan_ms: f64, queue_ms: f64) -> FrameBreakdown {
    FrameBreakdown {
        dt_ms: 22.0,
        apply_ms,
        scan_ms,
        queue_ms,
        render_ms: Some(12.0),
        applied_now: 2,
        ..FrameBreakdown::default()
    }
}

#[test]
fn a_count_that_the_frame_did_not_reach_is_not_what_is_lowered() {
    let of = |max_completed: u32, applied_now: u64, stopped_by: StoppedBy| {
        let mut felt = hitch(48.2, 31.0);
        felt.breakdown.applied_now = applied_now;
        felt.breakdown.stopped_by = stop_name(stopped_by);
        HealthFacts {
            settings: values(|v| v.max_completed_per_frame = max_completed),
            recent_hitch: Some(felt),
            ..backlog()
        }
    };
    for (facts, step) in [
        // One chunk is the least: less of it at a time.
        (of(8, 1, StoppedBy::Empty), "Try: apply_budget_ms 2 > 0.25"),
        (of(8, 0, StoppedBy::Time), "Try: apply_budget_ms 2 > 0.25"),
        (
            of(8, 4, StoppedBy::Empty),
            "Try: max_completed_per_frame 8 > 3",
        ),
        (
            of(4, 4, StoppedBy::Count),
            "Try: max_completed_per_frame 4 > 3",
        ),
        (of(8, 4, StoppedBy::Time), "Try: apply_budget_ms 2 > 0.25"),
    ] {
        check(&facts, Verdict::Hitching, &[step]);
    }
    let mut smallest = of(8, 1, StoppedBy::Empty);
    smallest.settings.apply_budget_ms = 0.05;
    check(
        &smallest,
        Verdict::Hitching,
        &["look at what one chunk costs"],
    );
}

#[test]
fn frames_that_wait_for_the_screen_are_not_too_long_while_their_mean_is_the_target() {
    let of = |mean_ms| HealthFacts {
        frame_mean_ms: Some(mean_ms),
        ..slowed(busy(10.0, 0.0, 0.0))
    };
    assert_ne!(judge(&of(16.68)).verdict, Verdict::Hitching);
    check(&of(18.0), Verdict::Hitching, &["frame p95 22.0 ms is over"]);
}

#[test]
fn streaming_is_blamed_for_what_it_took_of_the_slow_frame_only() {
    let of = |slow: FrameBreakdown| HealthFacts {
        streaming_p95_ms: Some(10.0),
        slow_frame: Some(slow),
        ..slowed(busy(10.0, 0.0, 0.0))
    };
    assert_ne!(
        judge(&of(busy(0.3, 0.0, 0.0))).verdict,
        Verdict::Hitching,
        "other frames took ten"
    );
    let paced = FrameBreakdown {
        dt_ms: 30.0,
        sleep_ms: Some(8.0),
        ..busy(10.0, 0.0, 0.0)
    };
    check(
        &of(paced),
        Verdict::Hitching,
        &[
            "frame p95 22.0 ms without sleep is over",
            "takes 10.0 ms",
            "apply_budget_ms 10 > 2.35",
        ],
    );
}

#[test]
fn frames_that_streaming_makes_too_long_all_the_time_are_hitching() {
    check(
        &slowed(busy(10.0, 0.0, 0.0)),
        Verdict::Hitching,
        &[
            "frame p95 22.0 ms",
            "streaming takes 10.0 ms",
            "apply",
            "apply_budget_ms 10 > 2.35",
        ],
    );
    let in_time = HealthFacts {
        frame_p95_ms: Some(16.9),
        ..slowed(busy(10.0, 0.0, 0.0))
    };
    check(&in_time, Verdict::TimeBound, &["apply_budget_ms 10 >"]);
}

#[test]
fn no_larger_budget_is_advised_while_frames_miss_the_target() {
    let facts = HealthFacts {
        settings: StreamingValues::default(),
        ..slowed(busy(2.0, 0.0, 0.0))
    };
    let health = check(
        &facts,
        Verdict::TimeBound,
        &["22.0 ms (p95) already", "no larger apply_budget_ms"],
    );
    assert_eq!(health.advice.and_then(|advice| advice.proposal()), None);
}

#[test]
fn no_larger_count_is_advised_while_streaming_is_what_misses_the_target() {
    let of = |frame_ms: f64| HealthFacts {
        frame_p95_ms: Some(frame_ms),
        streaming_p95_ms: Some(2.0),
        share_stopped_by_count: Some(0.9),
        ..backlog()
    };
    // Sixteen milliseconds of a renderer and two of streaming.
    let health = check(
        &of(18.0),
        Verdict::ApplyBound,
        &["no larger max_completed_per_frame"],
    );
    assert_eq!(health.advice.and_then(|advice| advice.proposal()), None);
    // Of a renderer that takes 400 ms nobody asks more by a second chunk in the same two milliseconds.
    check(
        &of(400.0),
        Verdict::ApplyBound,
        &["max_completed_per_frame 2 > 4"],
    );
}

#[test]
fn advice_against_hitches_always_takes_something_away() {
    let of = |change: fn(&mut StreamingValues), parts: FrameBreakdown| HealthFacts {
        settings: values(change),
        ..slowed(parts)
    };
    let smallest: fn(&mut StreamingValues) = |v| {
        v.load_radius_m = v.must_have_radius_m;
        v.scan_interval_secs = 10.0;
        v.apply_budget_ms = 0.05;
        v.max_completed_per_frame = 1;
        v.max_concurrent_tasks = 1;
    };
    let (scan, queue, apply) = (
        busy(0.0, 9.0, 0.0),
        busy(0.0, 0.0, 9.0),
        busy(9.0, 0.0, 0.0),
    );
    for (facts, part) in [
        (
            of(|v| v.scan_interval_secs = 0.2, scan),
            "scan_interval_secs 0.2 > 0.4",
        ),
        (
            of(|v| v.scan_interval_secs = 0.8, scan),
            "scan_interval_secs 0.8 > 1",
        ),
        (
            of(|v| v.scan_interval_secs = 1.0, scan),
            "load_radius_m 1200 > 900",
        ),
        (
            of(|v| v.scan_interval_secs = 10.0, scan),
            "load_radius_m 1200 > 900",
        ),
        (of(smallest, scan), "look at view_radius_m"),
        (of(|_| (), queue), "max_concurrent_tasks 3 > 2"),
        (of(smallest, queue), "look at what the queue stage does"),
        (
            of(|v| v.apply_budget_ms = 0.05, apply),
            "max_completed_per_frame 2 > 1",
        ),
        (of(smallest, apply), "look at what one chunk costs"),
    ] {
        check(&facts, Verdict::Hitching, &[part]);
    }
}

#[test]
fn too_few_frames_are_no_verdict() {
    let facts = HealthFacts {
        frames_judged: 3,
        settings: values(|v| v.max_concurrent_tasks = 6),
        target_ms: 16.7,
        missing: 31,
        queued: 12,
        active: 6,
        ..HealthFacts::default()
    };
    let health = check(&facts, Verdict::Judging, &["3 of 8 frames", "31 missing"]);
    assert_eq!(health.advice, None);
    let quiet = HealthFacts {
        frames_judged: 7,
        ..calm()
    };
    check(&quiet, Verdict::Judging, &["7 of 8 frames"]);
    // What needs no share is said at once.
    let paused = HealthFacts {
        settings: values(|v| v.max_concurrent_tasks = 0),
        ..facts
    };
    check(&paused, Verdict::Paused, &[]);
}

#[test]
fn slow_frames_without_streaming_name_the_part_that_is_slow() {
    let slow = |game_ms: f64, render_ms: f64, unattributed_ms: f64| HealthFacts {
        frame_p95_ms: Some(41.0),
        slow_frame: Some(FrameBreakdown {
            dt_ms: 41.0,
            game_ms: Some(game_ms),
            render_ms: Some(render_ms),
            unattributed_ms,
            ..FrameBreakdown::default()
        }),
        ..calm()
    };
    check(
        &slow(4.0, 33.0, 1.0),
        Verdict::NotUs,
        &["render, 33.0 ms", "load_radius_m 1200 > 900"],
    );
    check(&slow(33.0, 4.0, 1.0), Verdict::NotUs, &["game, 33.0 ms"]);
    check(
        &slow(4.0, 3.0, 33.0),
        Verdict::NotUs,
        &["unattributed, 33.0 ms", "look at other programs"],
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
        frames_judged: FRAMES_TO_JUDGE,
        target_ms: 16.7,
        ready: 3,
        queued: 3,
        missing: 3,
        ..HealthFacts::default()
    };
    check(&facts, Verdict::Idle, &["keeping up"]);
}

#[test]
fn the_longest_sentences_are_of_every_verdict() {
    let healths = fixture::longest_healths();
    let verdicts: Vec<Verdict> = healths.iter().map(|health| health.verdict).collect();
    assert_eq!(verdicts, Verdict::ALL);
    assert!(healths.iter().all(|health| health.line().len() > 60));
    assert!(healths.iter().any(|health| health.line().len() > 260));
}

#[test]
fn every_verdict_has_its_own_word() {
    let words: std::collections::BTreeSet<_> = Verdict::ALL.iter().map(|v| v.word()).collect();
    assert_eq!(words.len(), Verdict::ALL.len());
}
