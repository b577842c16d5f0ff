//! The autopilot in an `App`: frames in, proposals out, pins and the log between.

use ringroad_streaming::StoppedBy;

use super::*;
use crate::settings::autopilot::window::WINDOW_FRAMES;

/// The settings as streaming keeps them, without streaming.
fn answer(
    mut settings: ResMut<StreamingSettings>,
    mut proposals: MessageReader<ProposeSettings>,
    mut changed: MessageWriter<SettingChanged>,
    mut refused: MessageWriter<SettingRefused>,
) {
    for proposal in proposals.read() {
        match settings.with_changes(&proposal.changes) {
            Ok(next) => {
                for (field, old, new) in settings.differences(&next) {
                    changed.write(SettingChanged {
                        field,
                        old,
                        new,
                        source: proposal.source,
                    });
                }
                *settings = next;
            }
            Err(error) => {
                refused.write(SettingRefused {
                    changes: proposal.changes.clone(),
                    reason: error.to_string(),
                    source: proposal.source,
                });
            }
        }
    }
}

/// Every frame spends the whole budget.
fn spend(mut metrics: ResMut<StreamingMetrics>, settings: Res<StreamingSettings>) {
    metrics.frame.charged_ms = settings.apply_budget_ms;
    metrics.frame.stopped_by = StoppedBy::Time;
}

fn app() -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_micros(
            16_667,
        )))
        .insert_resource(StreamingSettings::conservative())
        .init_resource::<StreamingMetrics>()
        .add_systems(Update, (answer, spend).chain());
    plugin(&mut app);
    app
}

fn run(app: &mut App, frames: usize) {
    for _ in 0..frames {
        app.update();
    }
}

fn autopilot(app: &App) -> &SettingsAutopilot {
    app.world().resource()
}

fn set(app: &mut App, field: &str, value: &str, source: SettingSource) {
    app.world_mut().write_message(ProposeSettings {
        changes: vec![(field.to_owned(), value.to_owned())],
        source,
    });
    app.update();
}

const ONE_MS: AutopilotTarget = AutopilotTarget {
    streaming_ms_p99: 1.0,
    nothing_late: true,
};

#[test]
fn it_is_off_until_it_is_switched_on_and_leaves_the_settings_when_switched_off() {
    let mut app = app();
    run(&mut app, 3 * WINDOW_FRAMES);
    assert!(!autopilot(&app).is_on());
    assert_eq!(autopilot(&app).phase(), AutopilotPhase::Off);
    assert_eq!(
        *app.world().resource::<StreamingSettings>(),
        StreamingSettings::conservative()
    );
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    run(&mut app, 3 * WINDOW_FRAMES);
    let steered = app.world().resource::<StreamingSettings>().clone();
    assert_eq!(steered.apply_budget_ms, 0.9);
    assert_eq!(autopilot(&app).phase(), AutopilotPhase::Reached);
    app.world_mut().write_message(AutopilotRequest::SwitchOff);
    run(&mut app, 2 * WINDOW_FRAMES);
    assert_eq!(*app.world().resource::<StreamingSettings>(), steered);
    assert_eq!(autopilot(&app).phase(), AutopilotPhase::Off);
}

#[test]
fn each_change_is_logged_with_field_values_frame_and_reason() {
    let mut app = app();
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    run(&mut app, 2 * WINDOW_FRAMES);
    let autopilot = autopilot(&app);
    let [change] = autopilot.log().collect::<Vec<_>>()[..] else {
        panic!("{:?}", autopilot.log);
    };
    assert_eq!(
        (change.field, change.old.as_str(), change.new.as_str()),
        ("apply_budget_ms", "2", "0.9")
    );
    assert!(change.reason.contains("the target is 1 ms"), "{change:?}");
    assert!(change.frame > WINDOW_FRAMES as u64 && change.at > Duration::from_secs(2));
    assert_eq!(autopilot.changes_made(), 1);
}

#[test]
fn a_slider_pins_its_field_until_it_is_unpinned() {
    let mut app = app();
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    set(&mut app, "apply_budget_ms", "3", SettingSource::Panel);
    set(&mut app, "need_weights", "age=5", SettingSource::Panel);
    run(&mut app, 6 * WINDOW_FRAMES);
    let pinned: Vec<_> = autopilot(&app).pinned().collect();
    assert_eq!(pinned, ["apply_budget_ms"], "only what it would set itself");
    let settings = app.world().resource::<StreamingSettings>();
    assert_eq!(settings.apply_budget_ms, 3.0);
    app.world_mut()
        .write_message(AutopilotRequest::Unpin("apply_budget_ms".to_owned()));
    run(&mut app, 3 * WINDOW_FRAMES);
    let settings = app.world().resource::<StreamingSettings>();
    assert_eq!(settings.apply_budget_ms, 0.9);
}

#[test]
fn what_was_set_while_it_was_off_is_not_pinned() {
    let mut app = app();
    set(&mut app, "apply_budget_ms", "3", SettingSource::Panel);
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    run(&mut app, 2 * WINDOW_FRAMES);
    assert_eq!(autopilot(&app).pinned().count(), 0);
    assert_eq!(
        app.world().resource::<StreamingSettings>().apply_budget_ms,
        0.9
    );
}

#[test]
fn a_change_is_measured_by_frames_that_came_after_it() {
    let mut app = app();
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    run(&mut app, 100);
    set(&mut app, "linger_secs", "2", SettingSource::Panel);
    run(&mut app, SETTLING_FRAMES + WINDOW_FRAMES - 5);
    assert_eq!(autopilot(&app).windows_judged(), 0);
    run(&mut app, 10);
    assert_eq!(autopilot(&app).windows_judged(), 1);
}

#[test]
fn held_frames_are_not_measured_and_a_bad_target_or_pin_changes_nothing() {
    let mut app = app();
    let bad = AutopilotTarget {
        streaming_ms_p99: f64::NAN,
        nothing_late: true,
    };
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(bad));
    app.world_mut()
        .write_message(AutopilotRequest::Pin("seed".to_owned()));
    run(&mut app, 2);
    assert!(!autopilot(&app).is_on());
    assert_eq!(autopilot(&app).pinned().count(), 0);
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    app.insert_resource(StreamingHold(true));
    run(&mut app, 3 * WINDOW_FRAMES);
    assert_eq!(autopilot(&app).windows_judged(), 0);
}

#[test]
fn a_jump_of_the_focus_is_no_speed() {
    let mut autopilot = SettingsAutopilot::default();
    let places = [0.0, 4.0, 9_000.0, 9_003.0];
    let way_m: f64 = places
        .iter()
        .map(|x| autopilot.way_m(Some(DVec3::new(*x, 0.0, 0.0))))
        .sum();
    assert_eq!(way_m, 7.0);
}

#[test]
fn values_held_to_compare_with_pin_nothing_and_are_left_alone() {
    let mut app = app();
    app.world_mut()
        .write_message(AutopilotRequest::SwitchOn(ONE_MS));
    run(&mut app, 2);
    let folder = std::env::temp_dir().join(format!("ringroad-compared-{}", std::process::id()));
    let mut tuning = Tuning::with_folder(folder);
    tuning.hold_for_test();
    app.insert_resource(tuning);
    set(
        &mut app,
        "max_completed_per_frame",
        "4",
        SettingSource::Compare,
    );
    run(&mut app, 3 * WINDOW_FRAMES);
    assert_eq!(autopilot(&app).changes_made(), 0, "while they are held");
    app.world_mut().remove_resource::<Tuning>();
    set(
        &mut app,
        "max_completed_per_frame",
        "2",
        SettingSource::Compare,
    );
    run(&mut app, 4 * WINDOW_FRAMES);
    assert_eq!(autopilot(&app).pinned().count(), 0);
    assert!(
        autopilot(&app).changes_made() > 0,
        "when they are given back"
    );
}
