//! What the panel is told of a made-up run.

use super::*;
use crate::{
    streaming::ChunkCoord,
    telemetry::{
        Verdict,
        fixture::{busy_panel, busy_telemetry, troubled_panel},
        text::panel_text,
    },
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
fn cost_and_a_hitch_ticket_name_the_same_parts_and_leave_the_same_rest() {
    let mut telemetry = busy_telemetry();
    let newest = *telemetry.samples().last().expect("it was recorded");
    let slow = Sample {
        frame: newest.frame + 1,
        t_secs: newest.t_secs + 0.1,
        dt_ms: 100.0,
        frame_ms: 100.0,
        scan_ms: 1.0,
        queue_ms: 2.0,
        apply_ms: 3.0,
        unload_ms: 4.0,
        overlay_ms: Some(5.0),
        record_ms: 6.0,
        game_ms: Some(7.0),
        render_ms: Some(8.0),
        sleep_ms: Some(9.0),
        ..newest
    };
    telemetry.record_sample(slow);
    let data = PanelData::collect(
        &telemetry,
        &StreamingMetrics::default(),
        &StreamingValues::default(),
        None,
    );
    let cost: Vec<_> = data
        .stages
        .iter()
        .map(|line| (line.label, line.now_ms))
        .collect();
    let parts = data.tickets[0].hitch.breakdown;
    let ticket = [
        ("scan", Some(parts.scan_ms)),
        ("queue", Some(parts.queue_ms)),
        ("apply", Some(parts.apply_ms)),
        ("unload", Some(parts.unload_ms)),
        ("overlay", parts.overlay_ms),
        ("recording", Some(parts.recording_ms)),
        ("game", parts.game_ms),
        ("render", parts.render_ms),
        ("sleep", parts.sleep_ms),
        ("unattributed", Some(parts.unattributed_ms)),
    ];
    assert_eq!(cost, ticket);
    let sum: f64 = ticket.iter().filter_map(|(_, ms)| *ms).sum();
    assert_eq!((parts.unattributed_ms, sum), (55.0, 100.0));
}

#[test]
fn growth_of_what_is_ready_is_that_under_the_settings_in_force() {
    let mut telemetry = busy_telemetry();
    let newest = *telemetry.samples().last().expect("it was recorded");
    telemetry
        .log_mut()
        .push_mark(crate::telemetry::log::SettingMark {
            t_secs: newest.t_secs,
            field: "max_completed_per_frame",
            old: "1".to_owned(),
            new: "2".to_owned(),
            drag: None,
            source: "panel",
        });
    // The backlog grew before the change and shrinks since.
    for frame in 1..=30_u64 {
        telemetry.record_sample(Sample {
            frame: newest.frame + frame,
            t_secs: newest.t_secs + frame as f64 / 60.0,
            dt_ms: 1_000.0 / 60.0,
            ready: newest.ready - frame / 6,
            ..newest
        });
    }
    let data = PanelData::collect(
        &telemetry,
        &StreamingMetrics::default(),
        &StreamingValues::default(),
        None,
    );
    let line = data.health.line();
    assert!(line.contains("ready (-10."), "{line}");
}

#[test]
fn right_after_a_change_nothing_is_said_to_be_fine() {
    let mut telemetry = busy_telemetry();
    let newest = *telemetry.samples().last().expect("it was recorded");
    telemetry
        .log_mut()
        .push_mark(crate::telemetry::log::SettingMark {
            t_secs: newest.t_secs + 0.01,
            field: "max_completed_per_frame",
            old: "1".to_owned(),
            new: "2".to_owned(),
            drag: None,
            source: "panel",
        });
    for frame in 1..=3_u64 {
        telemetry.record_sample(Sample {
            frame: newest.frame + frame,
            t_secs: newest.t_secs + frame as f64 / 60.0,
            ..newest
        });
    }
    let data = PanelData::collect(
        &telemetry,
        &StreamingMetrics::default(),
        &StreamingValues::default(),
        None,
    );
    assert_eq!(data.health.verdict, Verdict::Judging);
    let line = data.health.line();
    assert!(line.contains("3 of 8 frames"), "{line}");
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
        "CANCELLED",
        "total 9 (unwanted 4, made anew 0, level changed 3, memory 2)",
        "ENGINE",
        "full 180, coarse 20, holes 0",
        "8.0 MiB of 1.0 GiB; held back 0, evicted 5",
        "regret   4 %",
        "detail_rings_m",
        "heading=1",
        "TUNE",
        "EVENTS",
        "APPLY-BOUND",
        "3/3",
        "ready   15",
        "complete 200/240 wanted",
        "loaded 200  missing 40",
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

#[test]
fn names_of_what_failed_and_of_preloads_reach_the_panel() {
    let data = troubled_panel(&StreamingValues::default());
    let engine = &data.engine;
    assert_eq!(engine.quarantined.len(), 2);
    assert_eq!(engine.stuck.newest, Some(ChunkCoord::new(7, 7)));
    assert_eq!(engine.preloads.len(), 1);
    assert_eq!(
        data.health.verdict,
        Verdict::Stuck,
        "{}",
        data.health.line()
    );
    let text = panel_text(&data);
    for part in [
        "given up (3, -2) at attempt 3: panicked at roofs.rs:7: no roof",
        "newest chunk (7, 7)",
        "preload (4000, -900) 300 m",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

/// Two and a half frames a second, as a software renderer draws them.
#[test]
fn a_slow_machine_is_judged_by_as_many_frames_as_say_something() {
    let mut telemetry = Telemetry::default();
    for frame in 1..=20_u64 {
        telemetry.record_sample(Sample {
            frame,
            t_secs: frame as f64 * 0.4,
            dt_ms: 400.0,
            frame_ms: 400.0,
            loaded: 113,
            wanted: 113,
            max_concurrent_tasks: 3,
            max_completed_per_frame: 2,
            ..Sample::default()
        });
    }
    let data = PanelData::collect(
        &telemetry,
        &StreamingMetrics::default(),
        &StreamingValues::default(),
        None,
    );
    assert_eq!(
        data.health.verdict,
        Verdict::NotUs,
        "{}",
        data.health.line()
    );
}
