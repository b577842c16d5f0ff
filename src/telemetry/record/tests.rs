//! Whole frames through the recorder: a frame's length and what its stages took belong together.

use std::{thread::sleep, time::Duration};

use super::*;
use crate::telemetry::hitch::FrameBreakdown;

/// The frame whose apply stage takes long, from 1.
const SLOW_FRAME: u64 = 40;

/// How long it takes: far over anything that a loaded machine adds to the others.
const SLOW: Duration = Duration::from_millis(300);

/// Applies for a moment in each frame, and for [`SLOW`] in one.
fn apply(mut metrics: ResMut<StreamingMetrics>, mut frame: Local<u64>) {
    *frame += 1;
    let started = Instant::now();
    sleep(if *frame == SLOW_FRAME {
        SLOW
    } else {
        Duration::from_millis(1)
    });
    metrics.frame.apply_ms = started.elapsed().as_secs_f64() * 1_000.0;
}

fn app() -> App {
    let settings =
        StreamingSettings::new(StreamingValues::default()).expect("the defaults are legal");
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, plugin))
        .init_resource::<StreamingMetrics>()
        .insert_resource(settings)
        .add_systems(Update, apply);
    app
}

fn frames(app: &mut App, count: u64) {
    for _ in 0..count {
        app.update();
    }
}

#[test]
fn slow_stage_belongs_to_its_own_frame_and_explains_it() {
    let mut app = app();
    frames(&mut app, SLOW_FRAME);
    // A loaded machine may hold up the next frame, too; then it truly is as long as this clock says.
    let began = Instant::now();
    frames(&mut app, 1);
    let next_ms = began.elapsed().as_secs_f64() * 1e3;
    frames(&mut app, 4);
    let telemetry = app.world().resource::<Telemetry>();
    // On a loaded machine a hitch just before may hide this one in the list, so the frame itself is asked.
    let slow = telemetry
        .samples()
        .iter()
        .find(|sample| sample.frame == SLOW_FRAME)
        .expect("it was recorded");
    let parts = FrameBreakdown::of(slow);
    assert!(parts.dt_ms >= 300.0, "{parts:?}");
    assert!(parts.apply_ms >= 300.0, "{parts:?}");
    assert!(parts.unattributed_ms < parts.dt_ms / 2.0, "{parts:?}");
    assert!(parts.streaming_share() > 0.5, "{parts:?}");
    assert!(telemetry.hitches().panel() > 0);
    // The frame after it is not blamed for its step.
    let next = telemetry
        .samples()
        .iter()
        .find(|sample| sample.frame == SLOW_FRAME + 1)
        .expect("it was recorded");
    assert!(next.dt_ms < next_ms + 250.0, "{next_ms} ms, {next:?}");
    assert!(next.apply_ms < 300.0, "{next:?}");
}

#[test]
fn stated_frames_keep_their_stated_length() {
    let mut app = app();
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
        16,
    )));
    frames(&mut app, SLOW_FRAME + 5);
    let telemetry = app.world().resource::<Telemetry>();
    assert_eq!(telemetry.hitches().panel(), 0);
    // The engine gives its first frame no length.
    for sample in telemetry.samples().iter().skip(1) {
        assert!((sample.dt_ms - 16.0).abs() < 1e-9, "{sample:?}");
    }
    let slow = telemetry
        .samples()
        .iter()
        .find(|sample| sample.frame == SLOW_FRAME)
        .expect("it was recorded");
    assert!(slow.frame_ms >= 300.0, "true time is kept beside it");
}

#[test]
fn window_is_as_long_as_the_run_at_most() {
    let mut app = app();
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
        100,
    )));
    frames(&mut app, 11);
    let window_secs = app.world().resource::<Telemetry>().window_secs();
    assert!((window_secs - 1.0).abs() < 1e-6, "{window_secs}");
}

#[test]
fn a_frame_without_data_does_not_tell_that_of_frames_before() {
    let mut telemetry = Telemetry::default();
    for frame in 1..=120_u64 {
        telemetry.record_sample(Sample {
            frame,
            t_secs: frame as f64 / 60.0,
            generate_ms: (frame == 30).then_some(8.0),
            ..Sample::default()
        });
    }
    let index = crate::telemetry::registry::index_of("generate_ms").expect("a metric");
    let at = |t_secs| telemetry.moment(index, t_secs).map(|point| point.last);
    assert_eq!(at(0.505), Some(8.0));
    assert_eq!(at(1.5), None, "a second later nothing had run");
}

#[test]
fn retries_are_told_once_a_second_with_how_many_there_were() {
    let mut app = app();
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
        250,
    )));
    app.add_systems(First, |mut metrics: ResMut<StreamingMetrics>| {
        metrics.counters.retried += 2;
    });
    frames(&mut app, 10);
    let telemetry = app.world().resource::<Telemetry>();
    let told: Vec<_> = telemetry
        .log()
        .events()
        .iter()
        .filter(|event| event.kind == EventKind::Retry)
        .map(|event| event.text.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "10 failed chunks are tried again",
            "8 failed chunks are tried again"
        ]
    );
}

#[test]
fn a_long_frame_is_over_the_bound_of_a_hitch_and_no_other() {
    let metric = crate::telemetry::registry::find("frame_ms").expect("a metric");
    let mut telemetry = Telemetry::with_target(10.0);
    for frame in 1..=60_u64 {
        let frame_ms = if frame == 60 { 22.0 } else { 8.0 };
        telemetry.record_sample(Sample {
            frame,
            t_secs: frame as f64 / 100.0,
            dt_ms: frame_ms,
            frame_ms,
            ..Sample::default()
        });
    }
    let newest = telemetry.samples().last().expect("recorded");
    assert_eq!(metric.limit_in(newest), Some(20.0), "twice the target");
    assert!(metric.is_over(newest));
    assert_eq!(telemetry.hitches().panel(), 1);
}
