//! Builds the app of a run: the game, the streaming plugin with the scenario's generator, the player and the record.

use std::sync::Arc;

use bevy::app::AppExit;
use bevy::ecs::schedule::SingleThreadedExecutor;
use bevy::math::DVec3;
use bevy::prelude::*;
use ringroad_streaming::{
    AsyncChunkPlugin, ChunkGenerator, ChunkStorePlugin, FaultSwitches, FaultyGenerator,
    ServiceCost, StreamingValues, VirtualCosts, WorkClock, WorkerCount,
};

use super::close::{Ending, close_run};
use super::{Clock, RunPlan, Screen};
use crate::city::{CityGenerator, StreetChanges};
use crate::game::SetupSet;
use crate::game::body::{Body, yaw_from_heading};
use crate::game::crowd::CrowdBudget;
use crate::game::daylight::Daylight;
use crate::game::look::Look;
use crate::game::walker::Walker;
use crate::game::weather::Weather;
use crate::modes::{GraphicsQuality, OverlayDepth};
use crate::scenario::charges::{self, FrameCharges};
use crate::scenario::pictures::{self, DrawsForPicturesOnly, Pictures, is_held};
use crate::scenario::player::{self, Faults, ScriptPlayer};
use crate::scenario::record::{self, RecordSystems};
use crate::scenario::report::ReportContext;
use crate::scenario::script::city_cost_us;
use crate::scenario::{
    Depth, Generator, Scenario, Spread, Start, SyntheticGenerator, preloads, synthetic,
};
use crate::settings::Preset;
use crate::telemetry::tracy::TracyAppInfo;
use crate::telemetry::{BundlePolicy, RunContext, TelemetrySystems};
use crate::{HeadlessPlugins, RingroadPlugins};

/// Frames left before the run ends by `--max-frames`.
#[derive(Resource)]
struct FrameLimit(u64);

/// The whole app, not yet started.
pub(super) fn build(plan: &RunPlan, ending: &Ending) -> App {
    let mut app = App::new();
    match plan.screen {
        Screen::Window => app.add_plugins(RingroadPlugins::Window),
        Screen::Offscreen { size } => app.add_plugins(RingroadPlugins::Offscreen { size }),
        Screen::Headless => app.add_plugins(HeadlessPlugins),
    };
    let faults = Arc::new(FaultSwitches::default());
    app.add_plugins((
        streaming_plugin(plan, &faults),
        ChunkStorePlugin::<StreetChanges>::default(),
        crate::settings::plugin,
        charges::plugin,
        pictures::plugin,
        player::plugin,
        preloads::plugin,
        record::plugin,
    ))
    .insert_resource(Faults(faults))
    .insert_resource(Pictures::into_folder(plan.pictures.clone()))
    .insert_resource(ending.clone())
    .insert_resource(tracy_info(plan.settings.values()))
    .insert_resource(context(plan))
    .insert_resource(FrameCharges::on(plan.clock))
    .insert_resource(run_context(plan))
    .insert_resource(BundlePolicy {
        after_hitch: plan.bundle_hitches,
        ..BundlePolicy::default()
    });
    if let Some(scenario) = &plan.scenario {
        app.insert_resource(ScriptPlayer::new(scenario));
        if let Some(start) = scenario.start {
            start_at(&mut app, start);
        }
        light_as_in(&mut app, scenario);
        if scenario.generator != Generator::City {
            app.add_systems(Startup, synthetic::register_palette);
        }
    }
    if let Some(frames) = plan.max_frames {
        app.insert_resource(FrameLimit(frames))
            .add_systems(First, count_frame.run_if(not(is_held)));
    }
    if let Some(graphics) = plan.graphics {
        app.insert_resource(graphics);
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
    // What a scenario expects may be about the content.
    let plugin = match scenario {
        Some(_) => plugin.with_content_hashes(),
        None => plugin,
    };
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

/// What a bundle says about how the run was made, so that it can be run again.
fn run_context(plan: &RunPlan) -> RunContext {
    let scenario = plan.scenario.as_ref();
    let apply = scenario
        .map(|scenario| scenario.apply_cost)
        .unwrap_or_default();
    RunContext {
        scenario: scenario.map(|scenario| scenario.name.clone()),
        generator: context(plan).generator,
        clock: context(plan).clock,
        commit: option_env!("RINGROAD_COMMIT"),
        city_cost_us: scenario.map_or_else(city_cost_us, |scenario| scenario.city_cost_us.clone()),
        apply_us_per_entity: apply.us_per_entity,
        apply_ns_per_byte: apply.ns_per_byte,
    }
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

/// Time of day, weather, quality and life in the streets of a scenario, before the first frame.
fn light_as_in(app: &mut App, scenario: &Scenario) {
    if let Some(hours) = scenario.time {
        let mut daylight = Daylight::default();
        daylight.set_hours(hours);
        daylight.runs = false;
        app.insert_resource(daylight);
    }
    if let Some(kind) = scenario.weather.into() {
        let mut weather = Weather::default();
        weather.hold(kind);
        app.insert_resource(weather);
    }
    if !scenario.crowd {
        app.insert_resource(CrowdBudget {
            people: 0,
            vehicles: 0,
        });
    }
    if let Some(graphics) = scenario.graphics {
        app.insert_resource(GraphicsQuality::from(graphics));
    }
}

/// Puts the walker where the scenario starts, before the first frame; without a start the game chooses.
fn start_at(app: &mut App, start: Start) {
    let Start::At { x, z, heading_deg } = start;
    let place_in_world = DVec3::new(x, 0.0, z);
    let yaw = yaw_from_heading(heading_deg);
    let place_walker =
        move |mut look: ResMut<Look>,
              mut walkers: Query<(&mut Body, &mut Transform), With<Walker>>| {
            look.face(yaw);
            for (mut body, mut transform) in &mut walkers {
                *body = Body::waiting_at(place_in_world, yaw);
                transform.translation = place_in_world.as_vec3();
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

#[cfg(test)]
mod tests {
    use super::*;

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
