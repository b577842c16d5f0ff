//! Bundles of made-up runs.

use super::*;
use crate::{
    streaming::StreamingValues,
    telemetry::{fixture::busy_telemetry, log::SettingMark, registry::METRICS, route::RoutePoint},
};

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ringroad-bundle-{}-{name}", std::process::id()))
}

fn driven() -> Telemetry {
    let mut telemetry = busy_telemetry();
    for quarter in 0..40 {
        let t_secs = f64::from(quarter) * 0.25;
        // East at 20 m/s, a jump south after five seconds, then rest.
        let x = 20.0 * t_secs.min(5.0);
        let z = if t_secs > 5.0 { 4_000.0 } else { 0.0 };
        telemetry.route_mut().push(RoutePoint {
            t_secs,
            x,
            y: 1.7,
            z,
            heading_deg: 90.0,
        });
    }
    telemetry.log_mut().push_mark(SettingMark {
        t_secs: 3.0,
        field: "max_concurrent_tasks",
        old: "3".into(),
        new: "6".into(),
        source: "panel",
    });
    telemetry
}

#[test]
fn a_bundle_holds_everything_that_was_recorded() {
    let telemetry = driven();
    let values = StreamingValues {
        max_concurrent_tasks: 6,
        ..StreamingValues::default()
    };
    let panel = PanelData::collect(&telemetry, &StreamingMetrics::default(), &values, None);
    let files = files(
        &telemetry,
        &panel,
        &RunContext::default(),
        BundleReason::Key,
    );
    let folder = scratch("whole");
    assert_eq!(write(&folder, &files).error, None);
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let frames = read("frames.csv");
    assert_eq!(frames.lines().count(), 601);
    assert_eq!(
        frames.lines().next().map(|line| line.split(',').count()),
        Some(METRICS.len())
    );
    let history = read("history.csv");
    assert!(
        (10..=12).contains(&history.lines().count()),
        "{}",
        history.lines().count()
    );
    assert!(
        history
            .lines()
            .all(|line| line.split(',').count() == METRICS.len())
    );
    assert!(read("panel.txt").starts_with(panel.health.verdict.word()));
    assert!(read("events.txt").contains("max_concurrent_tasks 3 > 6 (panel)"));
    assert_eq!(read("route.csv").lines().count(), 41);
    let about: serde_json::Value = serde_json::from_str(&read("about.json")).expect("JSON");
    assert_eq!(about["schema"], "ringroad.bundle/1");
    assert!(read("settings.ron").contains("max_concurrent_tasks: 6"));
    assert!(read("settings-start.ron").contains("max_concurrent_tasks: 3"));
    let script = read("scenario.ron");
    for part in [
        "\"max_concurrent_tasks\": \"3\"",
        "(at: 3.000, do: Set(field: \"max_concurrent_tasks\", value: \"6\"))",
        "speed: 20.00",
        "Teleport(x: 100.00, z: 4000.00)",
        "start: At(x: 0.00, z: 0.00, heading_deg: 90.0)",
    ] {
        assert!(script.contains(part), "{part} is not in {script}");
    }
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = scratch("file");
    fs::write(&file, "").expect("written");
    let saved = write(&file.join("below"), &[]);
    assert!(saved.error.is_some_and(|error| error.contains("below")));
    let _ = fs::remove_file(&file);
}

#[test]
fn hitches_write_a_few_bundles_when_somebody_wants_them() {
    let folder = scratch("hitches");
    let mut app = App::new();
    app.add_plugins(plugin)
        .insert_resource(BundlePolicy {
            folder: folder.clone(),
            after_hitch: true,
        })
        .init_resource::<StreamingMetrics>()
        .insert_resource(StreamingSettings::conservative())
        .insert_resource(busy_telemetry());
    let wait = std::time::Instant::now();
    // The made-up run has one hitch; a thread writes it.
    while app.world().resource::<Messages<BundleSaved>>().is_empty() {
        app.update();
        assert!(wait.elapsed().as_secs() < 60, "nothing was written");
    }
    let mut messages = app.world_mut().resource_mut::<Messages<BundleSaved>>();
    let saved: Vec<_> = messages.drain().collect();
    assert_eq!(saved.len(), 1);
    assert_eq!(saved[0].error, None);
    assert_eq!(saved[0].folder, folder.join("bundle-0001-hitch-1"));
    app.update();
    assert!(app.world().resource::<Messages<BundleSaved>>().is_empty());
    let _ = fs::remove_dir_all(&folder);
}
