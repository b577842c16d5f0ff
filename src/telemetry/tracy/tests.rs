//! What Tracy would get, seen by a capturing `tracing` layer and by a recording sink.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use bevy::{
    ecs::schedule::{ScheduleLabel, SingleThreadedExecutor},
    mesh::MeshPlugin,
};
use tracing::{Subscriber, span};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

use super::*;
use crate::{
    streaming::{
        AsyncChunkPlugin, ChunkContent, ChunkGenerator, ChunkInstances, ChunkRequest,
        GenerateError, PLACEHOLDER_MATERIAL, PLACEHOLDER_MESH, ProposeSettings, SettingSource,
        StopToken, StreamingFocus, StreamingMetrics,
    },
    telemetry::record,
};

/// One shared box per chunk, so that there is something to apply.
struct OneBox;

impl ChunkGenerator for OneBox {
    fn generate(
        &self,
        _request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        stop.checkpoint()?;
        Ok(ChunkContent {
            instances: vec![ChunkInstances {
                mesh: PLACEHOLDER_MESH,
                material: PLACEHOLDER_MATERIAL,
                offsets_in_chunk: vec![Transform::IDENTITY],
                casts_shadow: false,
            }],
            ..default()
        })
    }
}

/// A headless streaming world whose stages run on this thread.
pub(super) fn streaming_app() -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        AssetPlugin::default(),
        MeshPlugin,
        TransformPlugin,
    ))
    .init_asset::<StandardMaterial>()
    .add_plugins((AsyncChunkPlugin::new(OneBox), record::plugin));
    for label in [
        First.intern(),
        PreUpdate.intern(),
        Update.intern(),
        PostUpdate.intern(),
        Last.intern(),
    ] {
        app.edit_schedule(label, |schedule| {
            schedule.set_executor(SingleThreadedExecutor::new());
        });
    }
    app.world_mut().spawn((Name::new("focus"), StreamingFocus));
    app
}

/// How often a span was made, entered, left and closed.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(super) struct SpanCounts {
    made: u32,
    entered: u32,
    left: u32,
    closed: u32,
}

/// Counts our spans by name.
#[derive(Clone, Default)]
pub(super) struct Capture(Arc<Mutex<BTreeMap<&'static str, SpanCounts>>>);

impl Capture {
    fn count(&self, metadata: &tracing::Metadata<'static>, count: impl FnOnce(&mut SpanCounts)) {
        if TARGETS.contains(&metadata.target()) {
            count(self.0.lock().unwrap().entry(metadata.name()).or_default());
        }
    }

    pub(super) fn take(&self) -> BTreeMap<&'static str, SpanCounts> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        _id: &span::Id,
        _context: Context<'_, S>,
    ) {
        self.count(attributes.metadata(), |counts| counts.made += 1);
    }

    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        self.count(context.metadata(id).unwrap(), |counts| counts.entered += 1);
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        self.count(context.metadata(id).unwrap(), |counts| counts.left += 1);
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        self.count(context.metadata(&id).unwrap(), |counts| counts.closed += 1);
    }
}

pub(super) const SETS: [&str; 3] = [
    "StreamingSet::Scan",
    "StreamingSet::GenQueue",
    "StreamingSet::GenApply",
];

#[test]
fn each_sets_span_opens_and_closes_once_per_frame() {
    let capture = Capture::default();
    let once = SpanCounts {
        made: 1,
        entered: 1,
        left: 1,
        closed: 1,
    };
    tracing::subscriber::with_default(Registry::default().with(capture.clone()), || {
        let mut app = streaming_app();
        app.update();
        capture.take();
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut names = BTreeSet::new();
        let mut frames = 0;
        // At least 20 frames, and on until a chunk was applied.
        while frames < 20 || app.world().resource::<StreamingMetrics>().counters.applied == 0 {
            assert!(
                Instant::now() < deadline,
                "no chunk was applied within 30 s"
            );
            app.update();
            frames += 1;
            let spans = capture.take();
            for set in SETS {
                assert_eq!(spans.get(set), Some(&once), "{set} in frame {frames}");
            }
            names.extend(spans.into_keys());
        }
        assert!(names.contains("apply chunk"), "{names:?}");
        assert!(
            names.iter().all(|name| ZONE_NAMES.contains(name)),
            "{names:?}"
        );
    });
}

#[test]
fn recording_sink_gets_each_frame_once_and_in_order() {
    let sink = Arc::new(RecordingSink::default());
    let mut app = streaming_app();
    app.add_plugins(TracyPlugin::new(sink.clone()));
    app.update();
    sink.take();
    for _ in 0..10 {
        app.update();
        let calls = sink.take();
        let frames: Vec<_> = calls
            .iter()
            .filter(|call| {
                matches!(
                    call,
                    SinkCall::FrameBegin(_) | SinkCall::FrameEnd(_) | SinkCall::FrameMark
                )
            })
            .cloned()
            .collect();
        let mut expected: Vec<_> = StreamingStage::ALL
            .into_iter()
            .flat_map(|stage| [SinkCall::FrameBegin(stage), SinkCall::FrameEnd(stage)])
            .collect();
        expected.push(SinkCall::FrameMark);
        assert_eq!(frames, expected);
    }
}

#[test]
fn recording_sink_gets_each_reading_once_per_frame() {
    let sink = Arc::new(RecordingSink::default());
    let mut app = streaming_app();
    app.add_plugins(TracyPlugin::new(sink.clone()));
    app.update();
    sink.take();
    let mut plotted = BTreeSet::new();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !plotted.contains("generate_ms") {
        assert!(
            Instant::now() < deadline,
            "no generation time within 30 s: {plotted:?}"
        );
        app.update();
        let mut seen = BTreeSet::new();
        for call in sink.take() {
            if let SinkCall::Plot(id, _) = call {
                assert!(seen.insert(id), "{id} twice in a frame");
            }
        }
        for id in ["active", "ready", "loading", "loaded", "stale"] {
            assert!(seen.contains(id), "{id} is not plotted: {seen:?}");
        }
        plotted.extend(seen);
    }
}

#[test]
fn setting_change_and_run_facts_become_messages() {
    let sink = Arc::new(RecordingSink::default());
    let mut app = streaming_app();
    app.add_plugins(TracyPlugin::new(sink.clone()));
    app.insert_resource(TracyAppInfo("seed 7".to_owned()));
    app.update();
    app.world_mut().write_message(ProposeSettings {
        changes: vec![("max_concurrent_tasks".to_owned(), "6".to_owned())],
        source: SettingSource::Panel,
    });
    app.update();
    app.update();
    let calls = sink.take();
    let change = SinkCall::Message("SET max_concurrent_tasks 3 > 6 (panel)".to_owned());
    assert_eq!(
        calls.iter().filter(|call| **call == change).count(),
        1,
        "{calls:?}"
    );
    let facts = SinkCall::AppInfo("seed 7".to_owned());
    assert_eq!(calls.iter().filter(|call| **call == facts).count(), 1);
}

/// Every literal after our span macro, in the sources of ours.
fn zone_names_in(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            zone_names_in(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            for part in source
                .split(concat!("span!", "(target: \"ringroad"))
                .skip(1)
            {
                // `_streaming", "NAME")`: the second literal.
                names.insert(part.split('"').nth(2).unwrap().to_owned());
            }
        }
    }
}

#[test]
fn zone_names_are_a_small_fixed_set() {
    let mut names = BTreeSet::new();
    zone_names_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut names,
    );
    let listed: BTreeSet<_> = ZONE_NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(names, listed);
}

/// The version of a package in the lock file.
fn locked_version(package: &str) -> String {
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let mut lines = lock.lines();
    lines
        .find(|line| *line == format!("name = \"{package}\""))
        .unwrap_or_else(|| panic!("{package} is not locked"));
    let version = lines.next().unwrap();
    version
        .trim_start_matches("version = ")
        .trim_matches('"')
        .to_owned()
}

#[test]
fn locked_tracy_client_fits_the_tracy_version_we_name() {
    assert_eq!(TRACY_VERSION, "0.14");
    assert_eq!(locked_version("tracy-client"), TRACY_CLIENT_VERSION);
    assert_eq!(locked_version("tracy-client-sys"), "0.29.0");
    assert_eq!(locked_version("tracing-tracy"), "0.11.4");
}
