//! What a frame is said to be made of is what it was made of, with a renderer that draws nothing, on both ways to run it.

use std::{thread::sleep, time::Duration};

use bevy::{
    ecs::schedule::{ScheduleLabel, SingleThreadedExecutor},
    prelude::*,
    render::{
        Render, RenderApp, RenderSystems, extract_plugin::ExtractPlugin,
        pipelined_rendering::PipelinedRenderingPlugin,
    },
};

use super::*;

/// What the game takes of each frame.
const GAME: Duration = Duration::from_millis(6);
/// What the program does between two frames that nobody knows of.
const BETWEEN: Duration = Duration::from_millis(12);
/// What the runner sleeps and says so.
const ASLEEP: Duration = Duration::from_millis(9);
/// Frames of one run.
const FRAMES: usize = 25;

/// A system that sleeps must not hold up a thread that all apps of the process share.
fn alone(schedule: &mut Schedule) {
    schedule.set_executor(SingleThreadedExecutor::new());
}

/// A recorded app with a game; the renderer is added to it before the recorder.
fn app(add_renderer: impl FnOnce(&mut App)) -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins);
    add_renderer(&mut app);
    app.add_plugins(plugin)
        .init_resource::<StreamingMetrics>()
        .insert_resource(StreamingSettings::conservative())
        .add_systems(Update, || sleep(GAME))
        .edit_schedule(Update, alone)
        .edit_schedule(Last, alone);
    app.finish();
    app.cleanup();
    app
}

fn run(app: &mut App, is_driven: bool) -> Vec<Sample> {
    for _ in 0..FRAMES {
        if is_driven {
            sleep(ASLEEP);
            app.world_mut().resource_mut::<FrameSleep>().add(ASLEEP);
        }
        sleep(BETWEEN);
        app.update();
    }
    let telemetry = app.world().resource::<Telemetry>();
    // The first frame has no length, and schedules are made in the one after.
    telemetry.samples().iter().skip(2).copied().collect()
}

/// A part in the frame in which it took least, ms: a busy machine makes any of them longer and none shorter.
fn least(samples: &[Sample], of: impl Fn(&Sample) -> Option<f64>) -> f64 {
    let values: Vec<f64> = samples.iter().filter_map(of).collect();
    assert_eq!(values.len(), samples.len(), "every frame has it");
    values.into_iter().fold(f64::INFINITY, f64::min)
}

#[track_caller]
fn add_up(samples: &[Sample]) {
    for sample in samples {
        let parts = sample.streaming_ms()
            + sample.record_ms
            + sample.game_ms.unwrap_or(0.0)
            + sample.render_ms.unwrap_or(0.0)
            + sample.sleep_ms.unwrap_or(0.0);
        let sum = parts + sample.unattributed_ms();
        assert!((sum - sample.frame_ms).abs() < 0.01, "{sum} {sample:?}");
    }
}

fn between(ms: f64, least: f64, most: f64) {
    assert!(least <= ms && ms < most, "{ms} is not in {least}..{most}");
}

#[test]
fn what_the_renderer_does_not_take_stays_unattributed() {
    let mut app = app(|app| {
        app.add_plugins(ExtractPlugin::default());
        let renderer = app.get_sub_app_mut(RenderApp).expect("it was added");
        renderer.update_schedule = Some(Render.intern());
        renderer.edit_schedule(Render, alone);
        let draw = || sleep(Duration::from_millis(20));
        renderer.add_systems(Render, draw.in_set(RenderSystems::Render));
    });
    let samples = run(&mut app, false);
    add_up(&samples);
    between(least(&samples, |sample| sample.game_ms), 6.0, 12.0);
    between(least(&samples, |sample| sample.render_ms), 20.0, 30.0);
    between(least(&samples, |s| Some(s.unattributed_ms())), 12.0, 18.0);
    assert_eq!(samples[0].sleep_ms, None);
}

#[test]
fn a_renderer_on_its_own_thread_takes_what_the_main_thread_waits_for_it() {
    let mut app = app(|app| {
        app.add_plugins(ExtractPlugin::default());
        let renderer = app.get_sub_app_mut(RenderApp).expect("it was added");
        renderer.update_schedule = Some(Render.intern());
        renderer.edit_schedule(Render, alone);
        let draw = || sleep(Duration::from_millis(40));
        renderer.add_systems(Render, draw.in_set(RenderSystems::Render));
        app.add_plugins(PipelinedRenderingPlugin);
    });
    let samples = run(&mut app, false);
    add_up(&samples);
    between(least(&samples, |sample| sample.game_ms), 6.0, 12.0);
    // Of its 40 ms the game and what lies between pass 18 at the same time.
    let waited = samples.iter().filter_map(|sample| sample.render_ms);
    let is_rest = |ms: f64| (12.0..30.0).contains(&ms);
    assert!(
        waited.clone().any(is_rest),
        "{:?}",
        waited.collect::<Vec<_>>()
    );
    between(least(&samples, |s| Some(s.unattributed_ms())), 12.0, 18.0);
}

#[test]
fn without_a_renderer_there_is_no_render_time_and_sleep_has_its_name() {
    let mut app = app(|_| ());
    let samples = run(&mut app, true);
    add_up(&samples);
    assert_eq!(samples[0].render_ms, None);
    between(least(&samples, |sample| sample.game_ms), 6.0, 12.0);
    between(least(&samples, |sample| sample.sleep_ms), 9.0, 9.1);
    between(least(&samples, |s| Some(s.unattributed_ms())), 12.0, 18.0);
}

#[test]
fn a_sleep_in_place_of_a_renderer_is_the_renderers() {
    let mut app = app(|_| ());
    let stand_in = |mut telemetry: ResMut<Telemetry>| {
        let began = Instant::now();
        sleep(Duration::from_millis(10));
        telemetry.note_render_stand_in(began.elapsed());
    };
    app.add_systems(Last, stand_in.before(TelemetrySystems::Record));
    let samples = run(&mut app, false);
    add_up(&samples);
    between(least(&samples, |sample| sample.game_ms), 6.0, 12.0);
    between(least(&samples, |sample| sample.render_ms), 10.0, 20.0);
}
