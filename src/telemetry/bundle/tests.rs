//! Bundles of made-up runs.

use std::fs;

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
        drag: None,
        source: "panel",
    });
    telemetry
}

fn copied(telemetry: &Telemetry, values: &StreamingValues) -> Copied {
    Copied::begin(
        telemetry,
        &StreamingMetrics::default(),
        values,
        None,
        &RunContext::default(),
        BundleReason::Key,
    )
    .finish(telemetry)
}

#[test]
fn a_bundle_holds_everything_that_was_recorded() {
    let telemetry = driven();
    let values = StreamingValues {
        max_concurrent_tasks: 6,
        ..StreamingValues::default()
    };
    let copied = copied(&telemetry, &values);
    let folder = scratch("whole");
    assert_eq!(write(&copied, &Target::This(folder.clone())).error, None);
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
    assert!(read("panel.txt").starts_with(copied.panel.health.verdict.word()));
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
    let copied = copied(&driven(), &StreamingValues::default());
    let saved = write(&copied, &Target::This(file.join("below")));
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

#[test]
fn changes_made_together_are_one_event_also_those_of_a_drag() {
    let mut telemetry = driven();
    let mut change = |t_secs: f64, field, old: &str, new: &str, drag| {
        telemetry.log_mut().push_mark(SettingMark {
            t_secs,
            field,
            old: old.into(),
            new: new.into(),
            drag,
            source: "panel",
        });
    };
    // In one frame, each alone against a rule; then a drag whose parts end at different times.
    change(4.0, "load_radius_m", "1200", "1500", None);
    change(4.0, "unload_radius_m", "1400", "1700", None);
    change(5.0, "unload_radius_m", "1700", "2300", Some(1));
    change(6.0, "load_radius_m", "1500", "2000", Some(1));
    change(6.5, "load_radius_m", "2000", "1900", Some(1));
    let values = StreamingValues {
        max_concurrent_tasks: 6,
        load_radius_m: 1_900.0,
        unload_radius_m: 2_300.0,
        ..StreamingValues::default()
    };
    let script = script::script(&copied(&telemetry, &values));
    for part in [
        "(at: 3.000, do: Set(field: \"max_concurrent_tasks\", value: \"6\"))",
        "(at: 4.000, do: SetTogether({\"load_radius_m\": \"1500\", \"unload_radius_m\": \"1700\"}))",
        "(at: 6.500, do: SetTogether({\"unload_radius_m\": \"2300\", \"load_radius_m\": \"1900\"}))",
    ] {
        assert!(
            script.text.contains(part),
            "{part} is not in {}",
            script.text
        );
    }
    assert_eq!(script.values_at_start.load_radius_m, 1_200.0);
    assert_eq!(script.values_at_start.unload_radius_m, 1_400.0);
}

#[test]
fn no_two_bundles_share_a_folder() {
    let below = scratch("many");
    let copied = copied(&driven(), &StreamingValues::default());
    let folders: std::collections::BTreeSet<PathBuf> = std::thread::scope(|scope| {
        let write_one = || {
            let target = Target::New {
                below: below.clone(),
                from: 1,
            };
            write(&copied, &target)
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(write_one)).collect();
        threads
            .into_iter()
            .map(|thread| {
                let saved = thread.join().expect("it writes");
                assert_eq!(saved.error, None);
                saved.folder
            })
            .collect()
    });
    assert_eq!(folders.len(), 4);
    let _ = fs::remove_dir_all(&below);
}

#[test]
fn what_is_being_written_when_the_program_ends_is_whole() {
    let folder = scratch("exit");
    let mut app = App::new();
    app.add_plugins(plugin)
        .add_message::<AppExit>()
        .insert_resource(BundlePolicy {
            folder: folder.clone(),
            after_hitch: false,
        })
        .init_resource::<StreamingMetrics>()
        .insert_resource(StreamingSettings::conservative())
        .insert_resource(busy_telemetry());
    app.world_mut().write_message(SaveBundle {
        reason: BundleReason::Key,
        folder: None,
    });
    app.world_mut().write_message(AppExit::Success);
    app.update();
    let bundle = folder.join("bundle-0001-key");
    let script = fs::read_to_string(bundle.join("scenario.ron")).expect("written");
    assert!(script.ends_with(")\n"));
    assert_eq!(
        fs::read_to_string(bundle.join("frames.csv"))
            .expect("written")
            .lines()
            .count(),
        601
    );
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn a_bundle_of_a_program_that_records_nothing_says_why_there_is_none() {
    let mut app = App::new();
    app.init_resource::<Telemetry>().add_plugins(plugin);
    app.world_mut().write_message(SaveBundle {
        reason: BundleReason::Key,
        folder: Some(scratch("nothing")),
    });
    app.update();
    let saved: Vec<_> = app
        .world_mut()
        .resource_mut::<Messages<BundleSaved>>()
        .drain()
        .collect();
    assert_eq!(saved.len(), 1);
    let error = saved[0].error.as_deref().expect("there is none");
    assert!(error.contains("AsyncChunkPlugin"), "{error}");
    assert_eq!(saved[0].folder, scratch("nothing"));
}
