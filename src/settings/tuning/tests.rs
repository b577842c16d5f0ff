//! Requests in, proposals out, and what is kept for undo.

use super::*;

fn app(name: &str) -> App {
    let folder =
        std::env::temp_dir().join(format!("ringroad-tuning-{}-{name}", std::process::id()));
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, plugin))
        .insert_resource(Tuning::with_folder(folder))
        .insert_resource(StreamingSettings::conservative())
        .add_systems(Update, answer);
    app
}

/// What streaming does with proposals.
fn answer(
    mut settings: ResMut<StreamingSettings>,
    mut proposals: MessageReader<ProposeSettings>,
    mut changed: MessageWriter<SettingChanged>,
    mut refused: MessageWriter<SettingRefused>,
) {
    for ProposeSettings { changes, source } in proposals.read() {
        let Ok(next) = settings.with_changes(changes) else {
            refused.write(SettingRefused {
                changes: changes.clone(),
                reason: "not legal".to_owned(),
                source: *source,
            });
            continue;
        };
        for (field, old, new) in settings.differences(&next) {
            changed.write(SettingChanged {
                field,
                old,
                new,
                source: *source,
            });
        }
        *settings = next;
    }
}

fn ask(app: &mut App, request: TuneRequest) {
    app.world_mut().write_message(request);
    app.update();
}

fn propose(app: &mut App, field: &str, value: &str, source: SettingSource) {
    app.world_mut().write_message(ProposeSettings {
        changes: vec![(field.to_owned(), value.to_owned())],
        source,
    });
}

fn slide(app: &mut App, field: &str, value: &str) {
    propose(app, field, value, SettingSource::Panel);
    app.update();
}

fn tasks(app: &App) -> u32 {
    app.world()
        .resource::<StreamingSettings>()
        .max_concurrent_tasks
}

fn tuning(app: &App) -> &Tuning {
    app.world().resource::<Tuning>()
}

#[test]
fn a_drag_is_taken_back_in_one_step_and_done_again() {
    let mut app = app("drag");
    app.update();
    ask(&mut app, TuneRequest::BeginDrag);
    for value in ["4", "5", "6"] {
        slide(&mut app, "max_concurrent_tasks", value);
    }
    ask(&mut app, TuneRequest::EndDrag);
    assert_eq!(tuning(&app).history().undo_steps().len(), 1);
    ask(&mut app, TuneRequest::Undo);
    assert_eq!(tasks(&app), 3);
    ask(&mut app, TuneRequest::Redo);
    assert_eq!(tasks(&app), 6);
    assert_eq!(tuning(&app).history().undo_steps().len(), 1);
}

#[test]
fn saving_loading_and_the_unsaved_mark() {
    let mut app = app("save");
    app.update();
    let values = |app: &App| app.world().resource::<StreamingSettings>().values().clone();
    assert!(tuning(&app).unsaved(&values(&app)).is_empty());
    slide(&mut app, "max_concurrent_tasks", "6");
    let unsaved = tuning(&app).unsaved(&values(&app));
    assert_eq!(unsaved, [("max_concurrent_tasks", "3".into(), "6".into())]);
    ask(&mut app, TuneRequest::SavePreset("mine".into()));
    assert!(tuning(&app).unsaved(&values(&app)).is_empty());
    ask(&mut app, TuneRequest::LoadPreset("Conservative".into()));
    assert_eq!(tasks(&app), 3);
    ask(&mut app, TuneRequest::LoadPreset("mine".into()));
    assert_eq!(tasks(&app), 6);
    // Loading a preset can be taken back like anything else.
    ask(&mut app, TuneRequest::Undo);
    assert_eq!(tasks(&app), 3);
    ask(&mut app, TuneRequest::LoadPreset("nowhere".into()));
    assert!(
        tuning(&app)
            .last_error()
            .is_some_and(|error| error.contains("nowhere"))
    );
    ask(&mut app, TuneRequest::DeletePreset("mine".into()));
    assert_eq!(tuning(&app).presets().len(), 2);
    let _ = std::fs::remove_dir_all(tuning(&app).shelf().folder());
}

#[test]
fn holding_compares_and_is_no_step() {
    let mut app = app("hold");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    ask(&mut app, TuneRequest::HoldSaved(true));
    assert_eq!((tasks(&app), tuning(&app).is_comparing()), (3, true));
    ask(&mut app, TuneRequest::HoldSaved(false));
    assert_eq!((tasks(&app), tuning(&app).is_comparing()), (6, false));
    assert_eq!(tuning(&app).history().undo_steps().len(), 1);
}

#[test]
fn undo_of_what_is_taken_back_already_swallows_no_later_change() {
    let mut app = app("passed-over");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    propose(&mut app, "max_concurrent_tasks", "3", SettingSource::File);
    app.update();
    ask(&mut app, TuneRequest::Undo);
    assert!(tuning(&app).history().undo_steps().is_empty());
    slide(&mut app, "max_concurrent_tasks", "5");
    let steps = tuning(&app).history().undo_steps();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].text(), "max_concurrent_tasks 3 > 5");
}

#[test]
fn a_refused_undo_stays_a_step() {
    let mut app = app("refused");
    app.update();
    slide(&mut app, "load_radius_m", "700");
    // Taking it back needs room below the unload radius.
    propose(&mut app, "unload_radius_m", "900", SettingSource::File);
    app.update();
    ask(&mut app, TuneRequest::Undo);
    let load = |app: &App| app.world().resource::<StreamingSettings>().load_radius_m;
    assert_eq!(load(&app), 700.0);
    assert_eq!(tuning(&app).history().undo_steps().len(), 1);
    propose(&mut app, "unload_radius_m", "1400", SettingSource::File);
    app.update();
    ask(&mut app, TuneRequest::Undo);
    assert_eq!(load(&app), 1_200.0);
}

#[test]
fn a_slider_and_an_undo_in_one_frame_are_told_apart() {
    let mut app = app("both");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    propose(&mut app, "apply_budget_ms", "4", SettingSource::Panel);
    ask(&mut app, TuneRequest::Undo);
    assert_eq!(tasks(&app), 3);
    let settings = app.world().resource::<StreamingSettings>();
    assert_eq!(settings.apply_budget_ms, 4.0);
    let steps = tuning(&app).history().undo_steps();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].text(), "apply_budget_ms 2 > 4");
}

#[test]
fn two_undos_in_one_frame_take_two_steps_back() {
    let mut app = app("twice");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    slide(&mut app, "max_concurrent_tasks", "8");
    app.world_mut().write_message(TuneRequest::Undo);
    ask(&mut app, TuneRequest::Undo);
    app.update();
    assert_eq!(tasks(&app), 3);
}

#[test]
fn the_last_change_of_a_drag_comes_with_its_end() {
    let mut app = app("end");
    app.update();
    ask(&mut app, TuneRequest::BeginDrag);
    slide(&mut app, "max_concurrent_tasks", "5");
    propose(&mut app, "max_concurrent_tasks", "6", SettingSource::Panel);
    ask(&mut app, TuneRequest::EndDrag);
    let steps = tuning(&app).history().undo_steps();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].text(), "max_concurrent_tasks 3 > 6");
}

#[test]
fn what_somebody_else_sets_while_values_are_held_stays() {
    let mut app = app("held");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    slide(&mut app, "apply_budget_ms", "4");
    ask(&mut app, TuneRequest::HoldSaved(true));
    propose(&mut app, "max_concurrent_tasks", "2", SettingSource::File);
    app.update();
    // Undo ends holding first, and takes back the newest step then.
    ask(&mut app, TuneRequest::Undo);
    app.update();
    let settings = app.world().resource::<StreamingSettings>();
    assert_eq!(
        (settings.max_concurrent_tasks, settings.apply_budget_ms),
        (2, 2.0)
    );
    assert!(!tuning(&app).is_comparing());
}

#[test]
fn reset_goes_back_to_what_was_saved() {
    let mut app = app("reset");
    app.update();
    slide(&mut app, "max_concurrent_tasks", "6");
    slide(&mut app, "apply_budget_ms", "4");
    ask(&mut app, TuneRequest::ResetField("apply_budget_ms".into()));
    let settings = app.world().resource::<StreamingSettings>();
    assert_eq!(
        (settings.apply_budget_ms, settings.max_concurrent_tasks),
        (2.0, 6)
    );
    ask(&mut app, TuneRequest::ResetAll);
    assert_eq!(tasks(&app), 3);
}
