//! Builds the app of a run, drives it frame by frame, and judges what came out.
//!
//! ```text
//! headless, off screen:   run_virtual_workers(until = the coming frame) ─► app.update() ─► … until AppExit
//! window:                 the window system drives; the same systems play, record and judge
//! ```

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::app::{AppExit, PluginsState};
use bevy::ecs::schedule::SingleThreadedExecutor;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use ringroad_streaming::{
    AsyncChunkPlugin, ChunkGenerator, FaultSwitches, FaultyGenerator, LawBook, ServiceCost,
    StreamingHold, StreamingSettings, StreamingValues, VirtualCosts, WorkClock, WorkerCount,
    run_virtual_workers,
};
use serde_json::Value;
use thiserror::Error;

use super::pictures::{self, DrawsForPicturesOnly, Pictures, is_held};
use super::player::{self, Faults, ScriptPlayer};
use super::record::{self, RecordSystems, RunRecord};
use super::report::{ReportContext, ReportTarget, build_report};
use super::script::city_cost_us;
use super::{
    Depth, Generator, NoGraphics, Scenario, Spread, Start, SyntheticGenerator, probe_adapter,
    probe_display, synthetic,
};
use crate::city::CityGenerator;
use crate::game::SetupSet;
use crate::game::body::{Body, yaw_from_heading};
use crate::game::look::Look;
use crate::game::walker::Walker;
use crate::modes::OverlayDepth;
use crate::settings::{Preset, SettingsFile};
use crate::telemetry::tracy::TracyAppInfo;
use crate::telemetry::{ExportError, TelemetryFile, TelemetrySystems};
use crate::{HeadlessPlugins, RingroadPlugins};

/// The frame rate of the virtual clock, and the pace of the real one without a window.
const FRAMES_PER_SEC: f64 = 60.0;
/// A paced run that is further behind than this does not try to catch up.
const FORGIVEN: Duration = Duration::from_millis(250);

/// Where the picture goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A window.
    Window,
    /// An image of this size in pixels.
    Offscreen {
        /// Width and height.
        size: UVec2,
    },
    /// Nowhere: no renderer.
    Headless,
}

/// Which clock decides.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Every frame is a sixtieth of a second; work takes its stated cost.
    Virtual,
    /// Frames are paced at the target rate; everything takes what it takes.
    Real,
}

/// Everything that a run needs, already found legal.
#[derive(Debug)]
pub struct RunPlan {
    /// Where the picture goes.
    pub screen: Screen,
    /// Which clock decides.
    pub clock: Clock,
    /// The script, if one is played.
    pub scenario: Option<Scenario>,
    /// The settings at the start.
    pub settings: StreamingSettings,
    /// The settings file to watch.
    pub settings_file: Option<SettingsFile>,
    /// Generation workers; the plugin chooses if absent.
    pub threads: Option<NonZero<u16>>,
    /// Where the report goes.
    pub report: Option<ReportTarget>,
    /// One line per frame goes here.
    pub telemetry: Option<PathBuf>,
    /// The folder for pictures; the run makes it where it is not there.
    pub pictures: Option<PathBuf>,
    /// How the overlay starts.
    pub overlay: Option<Depth>,
    /// The run ends after this many frames at the latest; frames that only wait for a picture do not count.
    pub max_frames: Option<u64>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As asked; every law held and every expectation was met.
    Fine,
    /// It ran, but this went wrong.
    Failed(Vec<String>),
    /// It never began: this is why.
    Refused(String),
    /// It ran, but its report could not be written.
    Unwritten {
        /// Why not.
        why: String,
        /// What else went wrong, which no report says now.
        failures: Vec<String>,
    },
}

impl Outcome {
    /// The exit code of the report page.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed(_) => 1,
            Self::Refused(_) | Self::Unwritten { .. } => 2,
        }
    }
}

/// What the end of a run leaves behind, where a window system swallows the app.
#[derive(Resource, Clone, Default)]
struct Ending(Arc<Mutex<Option<Closed>>>);

/// The report and what the run itself says went wrong.
struct Closed {
    report: Value,
    failures: Vec<String>,
}

/// Frames left before the run ends by `--max-frames`.
#[derive(Resource)]
struct FrameLimit(u64);

/// Runs the plan to its end, writes the report and says how it went.
pub fn run(mut plan: RunPlan) -> Outcome {
    let ran = match plan.screen {
        Screen::Window => run_window(&mut plan),
        Screen::Offscreen { .. } | Screen::Headless => run_without_window(&mut plan),
    };
    match ran {
        Ok(closed) => conclude(&plan, closed),
        Err(refusal) => Outcome::Refused(refusal.to_string()),
    }
}

/// Why a run did not begin.
#[derive(Debug, Error)]
enum Refusal {
    #[error(transparent)]
    Graphics(#[from] NoGraphics),
    #[error(transparent)]
    Telemetry(#[from] ExportError),
    #[error("--screenshot {}: the folder cannot be made: {source}", folder.display())]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
}

/// Makes what the run writes into. Only when nothing else can refuse the run: a refused run leaves everything as it was.
fn open_files(plan: &mut RunPlan, app: &mut App) -> Result<(), Refusal> {
    if let Some(folder) = &plan.pictures {
        std::fs::create_dir_all(folder).map_err(|source| Refusal::Folder {
            folder: folder.clone(),
            source,
        })?;
    }
    if let Some(path) = &plan.telemetry {
        app.insert_resource(TelemetryFile::create(path)?);
    }
    if let Some(file) = plan.settings_file.take() {
        app.insert_resource(file);
    }
    Ok(())
}

fn conclude(plan: &RunPlan, closed: Closed) -> Outcome {
    let Closed {
        report,
        mut failures,
    } = closed;
    let written = plan.report.iter().map(|target| target.write(&report));
    let unwritten = written.filter_map(Result::err).next();
    let expectations = plan.scenario.iter().flat_map(|scenario| &scenario.expect);
    failures.extend(
        expectations
            .map(|expectation| expectation.judge(&report))
            .filter(|finding| !finding.is_met)
            .map(|finding| format!("expectation not met: {}", finding.text)),
    );
    match unwritten {
        Some(error) => Outcome::Unwritten {
            why: error.to_string(),
            failures,
        },
        None if failures.is_empty() => Outcome::Fine,
        None => Outcome::Failed(failures),
    }
}

fn run_window(plan: &mut RunPlan) -> Result<Closed, Refusal> {
    probe_display()?;
    probe_adapter()?;
    let ending = Ending::default();
    // The window system panics where it finds no way to open a window, and only there is this caught: by then nothing runs.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let built = catch_unwind(AssertUnwindSafe(|| build(plan, &ending)));
    std::panic::set_hook(hook);
    let mut app = built.map_err(|payload| NoGraphics::NoWindow {
        why: panic_text(&*payload),
    })?;
    open_files(plan, &mut app)?;
    app.run();
    Ok(ending.take())
}

fn run_without_window(plan: &mut RunPlan) -> Result<Closed, Refusal> {
    if matches!(plan.screen, Screen::Offscreen { .. }) {
        probe_adapter()?;
    }
    let ending = Ending::default();
    let mut app = build(plan, &ending);
    open_files(plan, &mut app)?;
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    match plan.clock {
        Clock::Virtual => drive_virtual(&mut app),
        Clock::Real => drive_real(&mut app),
    }
    Ok(ending.take())
}

impl Ending {
    fn take(&self) -> Closed {
        let closed = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        closed.unwrap_or_else(|| Closed {
            report: Value::Null,
            failures: vec!["the run ended without a last frame".to_owned()],
        })
    }
}

/// Frames of equal length. Work that is due by the end of the coming frame is waited for here, never in the plugin.
/// While a picture is on its way frames have no length, and nothing in them streams or is counted.
fn drive_virtual(app: &mut App) {
    let frame = Duration::from_secs_f64(1.0 / FRAMES_PER_SEC);
    // The engine gives the first frame no length.
    let mut next_step = Duration::ZERO;
    let mut telemetry = None;
    while app.should_exit().is_none() {
        let is_held = app.world().resource::<Pictures>().is_busy();
        hold(app.world_mut(), is_held, &mut telemetry);
        let step = if is_held { Duration::ZERO } else { next_step };
        app.insert_resource(TimeUpdateStrategy::ManualDuration(step));
        if !is_held {
            let until = app.world().resource::<Time<Real>>().elapsed() + step;
            run_virtual_workers(app.world_mut(), until);
            next_step = frame;
        }
        app.update();
    }
}

/// Stops or goes on with everything that counts. The telemetry file is out of the world meanwhile, so that it gets no rows.
fn hold(world: &mut World, is_held: bool, telemetry: &mut Option<TelemetryFile>) {
    world.insert_resource(StreamingHold(is_held));
    if is_held {
        *telemetry = telemetry
            .take()
            .or_else(|| world.remove_resource::<TelemetryFile>());
    } else if let Some(file) = telemetry.take() {
        world.insert_resource(file);
    }
}

/// True time, paced.
fn drive_real(app: &mut App) {
    let frame = Duration::from_secs_f64(1.0 / FRAMES_PER_SEC);
    let mut due = Instant::now();
    while app.should_exit().is_none() {
        let now = Instant::now();
        if due > now {
            std::thread::sleep(due - now);
        } else if now - due > FORGIVEN {
            due = now;
        }
        due += frame;
        app.update();
    }
}

fn build(plan: &RunPlan, ending: &Ending) -> App {
    let mut app = App::new();
    match plan.screen {
        Screen::Window => app.add_plugins(RingroadPlugins::Window),
        Screen::Offscreen { size } => app.add_plugins(RingroadPlugins::Offscreen { size }),
        Screen::Headless => app.add_plugins(HeadlessPlugins),
    };
    let faults = Arc::new(FaultSwitches::default());
    app.add_plugins((
        streaming_plugin(plan, &faults),
        crate::settings::plugin,
        pictures::plugin,
        player::plugin,
        record::plugin,
    ))
    .insert_resource(Faults(faults))
    .insert_resource(Pictures::into_folder(plan.pictures.clone()))
    .insert_resource(ending.clone())
    .insert_resource(tracy_info(plan.settings.values()))
    .insert_resource(context(plan));
    if let Some(scenario) = &plan.scenario {
        app.insert_resource(ScriptPlayer::new(scenario));
        if let Some(start) = scenario.start {
            start_at(&mut app, start);
        }
        if scenario.generator != Generator::City {
            app.add_systems(Startup, synthetic::register_palette);
        }
    }
    if let Some(frames) = plan.max_frames {
        app.insert_resource(FrameLimit(frames))
            .add_systems(First, count_frame.run_if(not(is_held)));
    }
    if let Some(depth) = plan.overlay {
        app.insert_resource(match depth {
            Depth::Off => OverlayDepth::Off,
            Depth::Hud => OverlayDepth::Hud,
            Depth::Full => OverlayDepth::Full,
        });
    }
    app.add_systems(
        Last,
        close_run
            .after(TelemetrySystems::Record)
            .after(RecordSystems)
            .run_if(on_message::<AppExit>),
    );
    match (plan.screen, plan.clock) {
        (Screen::Headless, _) => prefer_one_thread(&mut app),
        // True frame times would be wrong without the drawing; stated ones are not.
        (Screen::Offscreen { .. }, Clock::Virtual) => {
            app.insert_resource(DrawsForPicturesOnly);
        }
        (Screen::Offscreen { .. } | Screen::Window, _) => {}
    }
    app
}

/// The streaming plugin with the scenario's generator, faults before it, on the plan's clock.
fn streaming_plugin(plan: &RunPlan, faults: &Arc<FaultSwitches>) -> AsyncChunkPlugin {
    let scenario = plan.scenario.as_ref();
    let (generator, service): (Box<dyn ChunkGenerator>, ServiceCost) =
        match scenario.map(|scenario| &scenario.generator) {
            Some(Generator::Synthetic {
                cost_us,
                spread,
                entities,
                bytes,
            }) => {
                let us = *cost_us;
                let cost = match spread {
                    Spread::Constant => ServiceCost::Fixed { us },
                    Spread::Heavy => ServiceCost::HeavyTailed { us },
                };
                let boxes = SyntheticGenerator::new(*entities, *bytes);
                // On the virtual clock the cost is stated; only on the real one somebody has to work for it.
                let boxes = match plan.clock {
                    Clock::Virtual => boxes,
                    Clock::Real => boxes.with_work(cost.clone()),
                };
                (Box::new(boxes), cost)
            }
            Some(Generator::City) | None => {
                let costs =
                    scenario.map_or_else(city_cost_us, |scenario| scenario.city_cost_us.clone());
                (Box::new(CityGenerator), ServiceCost::ByLevel(costs))
            }
        };
    let work = match plan.clock {
        Clock::Real => WorkClock::Real,
        Clock::Virtual => {
            let apply = scenario
                .map(|scenario| scenario.apply_cost)
                .unwrap_or_default();
            WorkClock::Virtual(VirtualCosts {
                service,
                apply_us_per_entity: apply.us_per_entity,
                apply_ns_per_byte: apply.ns_per_byte,
            })
        }
    };
    let workers = plan.threads.map_or(WorkerCount::OnDemand, |threads| {
        WorkerCount::Fixed(usize::from(threads.get()))
    });
    let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(generator, Arc::clone(faults)))
        .with_settings(plan.settings.clone())
        .with_faults(Arc::clone(faults))
        .with_clock(work)
        .with_workers(workers);
    // A report states every law; without one, builds for development still look.
    if plan.report.is_some() {
        plugin.with_law_checks()
    } else {
        plugin
    }
}

/// What tells one trace from another.
fn tracy_info(values: &StreamingValues) -> TracyAppInfo {
    let preset = Preset::ALL.iter().find(|preset| {
        let mut with_it = values.clone();
        let is_legal = |(field, value): &(String, String)| with_it.set(field, value).is_ok();
        preset.layer().changes().iter().all(is_legal) && with_it == *values
    });
    TracyAppInfo(format!(
        "seed {}, commit {}, preset {}",
        values.seed,
        option_env!("RINGROAD_COMMIT").unwrap_or("unknown"),
        preset.map_or("none", |preset| preset.name),
    ))
}

fn context(plan: &RunPlan) -> ReportContext {
    let generator = match plan.scenario.as_ref().map(|scenario| &scenario.generator) {
        None | Some(Generator::City) => "City".to_owned(),
        Some(Generator::Synthetic {
            cost_us,
            spread,
            entities,
            bytes,
        }) => {
            format!(
                "Synthetic(cost_us: {cost_us}, spread: {spread:?}, entities: {entities}, bytes: {bytes})"
            )
        }
    };
    ReportContext {
        clock: match plan.clock {
            Clock::Virtual => "virtual",
            Clock::Real => "real",
        },
        scenario: plan.scenario.as_ref().map(|scenario| scenario.name.clone()),
        generator,
    }
}

/// Puts the walker where the scenario starts, before the first frame; without a start the game chooses.
fn start_at(app: &mut App, start: Start) {
    let Start::At { x, z, heading_deg } = start;
    let place = Vec3::new(x as f32, 0.0, z as f32);
    let yaw = yaw_from_heading(heading_deg);
    let place_walker =
        move |mut look: ResMut<Look>,
              mut walkers: Query<(&mut Body, &mut Transform), With<Walker>>| {
            look.face(yaw);
            for (mut body, mut transform) in &mut walkers {
                *body = Body::waiting_at(place, yaw);
                transform.translation = place;
            }
        };
    app.add_systems(
        Startup,
        place_walker.after(SetupSet::Bodies).before(SetupSet::View),
    );
}

fn count_frame(mut limit: ResMut<FrameLimit>, mut exit: MessageWriter<AppExit>) {
    limit.0 = limit.0.saturating_sub(1);
    if limit.0 == 0 {
        exit.write(AppExit::Success);
    }
}

/// Without a renderer there is too little to do in parallel for the parallel executor to pay: it took 2.9 times as long.
fn prefer_one_thread(app: &mut App) {
    let single = |schedule: &mut Schedule| {
        schedule.set_executor(SingleThreadedExecutor::new());
    };
    app.edit_schedule(First, single)
        .edit_schedule(PreUpdate, single)
        .edit_schedule(RunFixedMainLoop, single)
        .edit_schedule(FixedUpdate, single)
        .edit_schedule(Update, single)
        .edit_schedule(PostUpdate, single)
        .edit_schedule(Last, single);
}

/// In the last frame: puts the report together while the world still stands.
fn close_run(world: &mut World) {
    let mut failures = Vec::new();
    if let Some(exit) = world.get_resource::<Messages<AppExit>>()
        && exit.iter_current_update_messages().any(AppExit::is_error)
    {
        failures.push("the engine ended the run with an error".to_owned());
    }
    if world.resource::<Pictures>().is_busy() {
        failures.push("a picture was still on its way when the run ended".to_owned());
    }
    let context = world.resource::<ReportContext>().clone();
    world.resource_mut::<RunRecord>().close();
    let report = build_report(world, &context);
    failures.extend(world.resource::<RunRecord>().failures().iter().cloned());
    if let Some(laws) = world.get_resource::<LawBook>() {
        let broken = laws
            .laws()
            .iter()
            .filter(|law| law.violations > 0)
            .map(|law| {
                let first = law.first.as_deref().unwrap_or("no details");
                format!(
                    "law {} violated {} times, first: {first}",
                    law.number, law.violations
                )
            });
        failures.extend(broken);
        if !laws.ledger_balanced() {
            failures.push("the ledger of requests does not balance (law 1)".to_owned());
        }
    }
    if let Some(failure) = world
        .get_resource::<TelemetryFile>()
        .and_then(TelemetryFile::failure)
    {
        failures.push(failure.to_owned());
    }
    let ending = world.resource::<Ending>().clone();
    *ending.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Closed { report, failures });
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the window system could not be started".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telemetry_file_gets_no_rows_while_a_picture_is_waited_for() {
        let path = std::env::temp_dir().join(format!("ringroad-held-{}.csv", std::process::id()));
        let mut world = World::new();
        world.insert_resource(TelemetryFile::create(&path).expect("created"));
        let mut telemetry = None;
        for is_held in [false, true, true, false] {
            hold(&mut world, is_held, &mut telemetry);
            assert_eq!(*world.resource::<StreamingHold>(), StreamingHold(is_held));
            assert_eq!(world.contains_resource::<TelemetryFile>(), !is_held);
        }
        std::fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn tracy_hears_seed_commit_and_the_preset_in_force() {
        for preset in Preset::ALL {
            let settings = crate::settings::layered(&[preset.layer()]).expect("presets are legal");
            let mut values = settings.values().clone();
            values.seed = 7;
            let TracyAppInfo(text) = tracy_info(&values);
            assert!(text.starts_with("seed 7, commit "), "{text}");
            assert!(text.ends_with(&format!("preset {}", preset.name)), "{text}");
            values.apply_budget_ms += 0.25;
            let TracyAppInfo(text) = tracy_info(&values);
            assert!(text.ends_with("preset none"), "{text}");
        }
    }
}
