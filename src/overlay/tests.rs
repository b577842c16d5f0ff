//! Off means gone: no system of the overlay runs.

use std::{any::TypeId, collections::BTreeSet, time::Duration};

use bevy::{
    ecs::{change_detection::Tick, schedule::Schedules},
    input::InputPlugin,
    prelude::*,
    shader::Shader,
    state::app::StatesPlugin,
    time::TimeUpdateStrategy,
    window::WindowPlugin,
};
use bevy_egui::EguiPlugin;
use iyes_perf_ui::PerfUiPlugin;

use super::*;
use crate::{
    modes::{InspectorOpen, MapOpen, OverlayDepth, WorldMarks},
    telemetry::TelemetryPlugin,
};

/// Everything that the overlay stands on, without the overlay.
fn ground() -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        StatesPlugin,
        AssetPlugin::default(),
        WindowPlugin::default(),
        InputPlugin,
        ImagePlugin::default(),
    ))
    .init_asset::<Shader>()
    .add_plugins((
        EguiPlugin::default(),
        PerfUiPlugin,
        FrameTimeDiagnosticsPlugin::default(),
        TelemetryPlugin,
    ));
    modes::ensure(&mut app);
    // Each frame has a fixed step. A schedule that never ran has no systems to be found, and on the real clock a
    // fixed step comes when it likes.
    app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
        20,
    )));
    app.world_mut()
        .spawn((Name::new("main camera"), Camera3d::default()));
    app
}

/// Every system by its type, with its name and the tick of its last run.
fn systems(app: &App) -> Vec<(TypeId, String, Tick)> {
    let schedules = app.world().resource::<Schedules>();
    let mut found = Vec::new();
    for (_, schedule) in schedules.iter() {
        let Ok(systems) = schedule.systems() else {
            continue;
        };
        found.extend(systems.map(|(_, system)| {
            let name = system.name().to_string();
            (system.system_type(), name, system.get_last_run())
        }));
    }
    found
}

/// How many systems of the overlay there are, and the names of those that ran in the last of some frames.
fn ours_that_ran(app: &mut App, ground: &BTreeSet<TypeId>) -> (usize, Vec<String>) {
    for _ in 0..5 {
        app.update();
    }
    let before = app.world_mut().change_tick();
    app.update();
    let now = app.world_mut().change_tick();
    let systems = systems(app);
    let ours: Vec<_> = systems
        .iter()
        .filter(|(system, ..)| !ground.contains(system))
        .collect();
    let ran = ours
        .iter()
        .filter(|(_, _, last_run)| last_run.is_newer_than(before, now))
        .map(|(_, name, _)| name.clone())
        .collect();
    (ours.len(), ran)
}

#[test]
fn off_means_that_no_system_of_the_overlay_runs() {
    let none: [String; 0] = [];
    let mut bare = ground();
    for _ in 0..3 {
        bare.update();
    }
    let ground_types: BTreeSet<TypeId> = systems(&bare).into_iter().map(|(id, ..)| id).collect();
    let mut app = ground();
    app.add_plugins(OverlayPlugin);
    let (all, ran) = ours_that_ran(&mut app, &ground_types);
    assert!(all >= 25, "only {all} systems of the overlay were found");
    assert_eq!(ran, none, "of {all}");

    // The same look finds them at work when something is shown, and idle again when it is not.
    *app.world_mut().resource_mut::<OverlayDepth>() = OverlayDepth::Full;
    assert!(ours_that_ran(&mut app, &ground_types).1.len() >= 3);
    *app.world_mut().resource_mut::<OverlayDepth>() = OverlayDepth::Off;
    assert_eq!(ours_that_ran(&mut app, &ground_types).1, none, "off again");
    app.world_mut().resource_mut::<InspectorOpen>().0 = true;
    assert!(!ours_that_ran(&mut app, &ground_types).1.is_empty());
    app.world_mut().resource_mut::<InspectorOpen>().0 = false;
    app.world_mut().resource_mut::<MapOpen>().0 = false;
    app.world_mut().resource_mut::<WorldMarks>().is_shown = false;
    assert_eq!(ours_that_ran(&mut app, &ground_types).1, none, "and again");
}
