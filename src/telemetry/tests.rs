//! A program without the plugin has nothing of telemetry in its schedules.

use bevy::{
    asset::AssetPlugin,
    ecs::schedule::{InternedScheduleLabel, ScheduleLabel},
    mesh::MeshPlugin,
    transform::TransformPlugin,
};

use super::*;
use crate::streaming::{
    AsyncChunkPlugin, ChunkContent, ChunkGenerator, ChunkQuestion, ChunkRequest, GenerateError,
    Outlook, StopToken, StreamingFocus,
};

struct Nothing;

impl ChunkGenerator for Nothing {
    fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
        Ok(ChunkContent::default())
    }
}

/// A world that streams, after some frames.
fn streaming(with_telemetry: bool) -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        bevy::diagnostic::DiagnosticsPlugin,
        AssetPlugin::default(),
        MeshPlugin,
        TransformPlugin,
    ))
    .init_asset::<StandardMaterial>()
    .add_plugins(AsyncChunkPlugin::new(Nothing));
    if with_telemetry {
        app.add_plugins(TelemetryPlugin);
    }
    app.world_mut().spawn(StreamingFocus);
    for _ in 0..5 {
        app.update();
    }
    app
}

/// How many systems each schedule of a frame has.
fn systems(app: &App) -> Vec<(InternedScheduleLabel, usize)> {
    let labels = [
        First.intern(),
        PreUpdate.intern(),
        Update.intern(),
        PostUpdate.intern(),
        Last.intern(),
    ];
    let count = |label: InternedScheduleLabel| {
        let schedule = app.get_schedule(label)?;
        Some((label, schedule.systems().ok()?.count()))
    };
    labels.into_iter().filter_map(count).collect()
}

#[test]
fn without_the_plugin_no_system_of_telemetry_is_in_any_schedule() {
    let without = systems(&streaming(false));
    let with = systems(&streaming(true));
    let of = |counts: &[(InternedScheduleLabel, usize)], label: InternedScheduleLabel| {
        counts
            .iter()
            .find(|(other, _)| *other == label)
            .map_or(0, |(_, count)| *count)
    };
    // Telemetry is in Last, and in schedules of its own before First and after Last; streaming is in neither but for
    // its origin.
    let more = of(&with, Last.intern()) - of(&without, Last.intern());
    assert!(more >= 6, "{with:?} {without:?}");
    assert_eq!(of(&with, First.intern()), of(&without, First.intern()));
    for label in [PreUpdate.intern(), Update.intern(), PostUpdate.intern()] {
        assert_eq!(of(&with, label), of(&without, label), "{label:?}");
    }
    let mut bare = App::new();
    bare.add_plugins((
        MinimalPlugins,
        bevy::diagnostic::DiagnosticsPlugin,
        AssetPlugin::default(),
        MeshPlugin,
        TransformPlugin,
    ))
    .init_asset::<StandardMaterial>();
    bare.update();
    assert_eq!(
        of(&systems(&bare), Last.intern()),
        of(&without, Last.intern())
    );
}

#[test]
fn without_the_plugin_streaming_writes_down_no_lives() {
    let ask = |app: &mut App| {
        let cells = app
            .world_mut()
            .run_system_cached(|question: ChunkQuestion| {
                let cells = question.cells(bevy::math::DVec2::ZERO, 1_000.0);
                let lives = cells
                    .iter()
                    .map(|cell| question.biography(cell.coord).len());
                (cells.len(), lives.sum::<usize>())
            })
            .expect("streaming is there");
        (cells, *app.world().resource::<Outlook>())
    };
    let ((cells, steps), outlook) = ask(&mut streaming(false));
    assert!(cells > 0);
    assert_eq!((steps, outlook), (0, Outlook::default()));
    let ((_, steps), outlook) = ask(&mut streaming(true));
    assert!(steps > 0 && outlook.speed_mps.is_some());
}
