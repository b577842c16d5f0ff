//! Tuning by hand: undo and redo, presets, and holding the saved values for comparison. Everything is a proposal that
//! streaming judges.
//!
//! ```text
//!  panel ── TuneRequest ──► Tuning ── ProposeSettings (Panel) ──► streaming
//!                              ▲                                      │
//!                              └────── SettingChanged, SettingRefused ┘
//! ```

use bevy::prelude::*;
use ringroad_streaming::{
    ProposeSettings, SettingChanged, SettingRefused, SettingSource, StreamingSet,
    StreamingSettings, StreamingValues,
};
use std::path::PathBuf;

use super::history::{Changed, UndoHistory};
use super::user_preset::{PresetEntry, PresetShelf, is_legal, tuned_differences};

/// The folder of presets below the one that the system has for settings.
const FOLDER: &str = "ringroad/presets";

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tuning>()
        .add_message::<TuneRequest>()
        .add_message::<ProposeSettings>()
        .add_message::<SettingChanged>()
        .add_message::<SettingRefused>()
        .add_systems(
            Update,
            (note_answers, tune)
                .chain()
                .before(StreamingSet::Scan)
                .run_if(resource_exists::<StreamingSettings>),
        );
}

/// What a hand on the panel asks for.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum TuneRequest {
    /// All changes up to the end are one step of undo.
    BeginDrag,
    /// The slider was let go.
    EndDrag,
    /// Takes the newest step back.
    Undo,
    /// Does the newest step again that was taken back.
    Redo,
    /// One setting as it was saved or at the start.
    ResetField(String),
    /// All settings as they were saved or at the start, but for seed and chunk size.
    ResetAll,
    /// Saves the values in force under a name.
    SavePreset(String),
    /// Takes the values of a preset.
    LoadPreset(String),
    /// Deletes a preset.
    DeletePreset(String),
    /// While held, the saved values are in force.
    HoldSaved(bool),
    /// Looks again which presets there are.
    RefreshPresets,
}

/// The saved values and their name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPreset {
    /// The preset's name; `at start` for what the program began with.
    pub name: String,
    /// Its values.
    pub values: StreamingValues,
}

/// Undo, presets and what is saved. Read by the panel, changed by [`TuneRequest`].
#[derive(Resource, Debug)]
pub struct Tuning {
    history: UndoHistory,
    shelf: PresetShelf,
    presets: Vec<PresetEntry>,
    saved: Option<SavedPreset>,
    /// What was in force before the saved values were held.
    held: Option<StreamingValues>,
    /// Changes to come that are no step of their own: holding and letting go.
    silent: u32,
    error: Option<String>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self::with_folder(default_folder())
    }
}

/// Where the system keeps settings of programs; beside the program without one.
fn default_folder() -> PathBuf {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".config"));
    config
        .filter(|folder| folder.is_absolute())
        .or_else(home)
        .unwrap_or_default()
        .join(FOLDER)
}

impl Tuning {
    /// With presets in that folder.
    pub fn with_folder(folder: PathBuf) -> Self {
        let shelf = PresetShelf::at(folder);
        Self {
            history: UndoHistory::default(),
            presets: shelf.entries(),
            shelf,
            saved: None,
            held: None,
            silent: 0,
            error: None,
        }
    }

    /// Steps back and forth.
    pub fn history(&self) -> &UndoHistory {
        &self.history
    }

    /// Where presets are kept.
    pub fn shelf(&self) -> &PresetShelf {
        &self.shelf
    }

    /// The presets at the last look.
    pub fn presets(&self) -> &[PresetEntry] {
        &self.presets
    }

    /// What was saved or loaded last, or the values at the start; `None` before the first frame.
    pub fn saved(&self) -> Option<&SavedPreset> {
        self.saved.as_ref()
    }

    /// The fields that differ from what is saved, with saved and present value; empty: nothing is unsaved.
    pub fn unsaved(&self, now: &StreamingValues) -> Vec<(&'static str, String, String)> {
        let now = self.held.as_ref().unwrap_or(now);
        self.saved
            .as_ref()
            .map(|saved| tuned_differences(&saved.values, now))
            .unwrap_or_default()
    }

    /// Whether the saved values are held for comparison.
    pub fn is_comparing(&self) -> bool {
        self.held.is_some()
    }

    /// What went wrong with the last request, with file, place and what would be legal.
    pub fn last_error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    fn propose_towards(
        &mut self,
        now: &StreamingValues,
        wanted: &StreamingValues,
    ) -> Option<Vec<(String, String)>> {
        if !is_legal(wanted) {
            self.error = Some("the saved values are not legal any more".to_owned());
            return None;
        }
        let changes: Vec<(String, String)> = tuned_differences(now, wanted)
            .into_iter()
            .map(|(field, _, new)| (field.to_owned(), new))
            .collect();
        (!changes.is_empty()).then_some(changes)
    }

    /// What a request asks of streaming, if anything.
    fn answer(
        &mut self,
        request: &TuneRequest,
        now: &StreamingValues,
    ) -> Option<Vec<(String, String)>> {
        if !matches!(request, TuneRequest::BeginDrag | TuneRequest::EndDrag) {
            self.error = None;
        }
        match request {
            TuneRequest::BeginDrag => {
                self.history.begin_drag();
                None
            }
            TuneRequest::EndDrag => {
                self.history.end_drag();
                None
            }
            TuneRequest::Undo => self.history.ask_undo(),
            TuneRequest::Redo => self.history.ask_redo(),
            TuneRequest::ResetField(field) => {
                let value = self.saved.as_ref()?.values.get(field)?;
                Some(vec![(field.clone(), value)])
            }
            TuneRequest::ResetAll => {
                let saved = self.saved.as_ref()?.values.clone();
                self.propose_towards(now, &saved)
            }
            TuneRequest::SavePreset(name) => {
                match self.shelf.save(name, now) {
                    Ok(_) => self.remember(name, now.clone()),
                    Err(error) => self.error = Some(error.to_string()),
                }
                None
            }
            TuneRequest::LoadPreset(name) => match self.shelf.load(name, now) {
                Ok(values) => {
                    let proposal = self.propose_towards(now, &values);
                    self.remember(name, values);
                    proposal
                }
                Err(error) => {
                    self.error = Some(error.to_string());
                    None
                }
            },
            TuneRequest::DeletePreset(name) => {
                if let Err(error) = self.shelf.delete(name) {
                    self.error = Some(error.to_string());
                }
                self.presets = self.shelf.entries();
                None
            }
            TuneRequest::HoldSaved(true) if self.held.is_none() => {
                let saved = self.saved.as_ref()?.values.clone();
                let proposal = self.propose_towards(now, &saved)?;
                self.held = Some(now.clone());
                self.silent += 1;
                Some(proposal)
            }
            TuneRequest::HoldSaved(false) => {
                let held = self.held.take()?;
                let proposal = self.propose_towards(now, &held)?;
                self.silent += 1;
                Some(proposal)
            }
            TuneRequest::HoldSaved(true) => None,
            TuneRequest::RefreshPresets => {
                self.presets = self.shelf.entries();
                None
            }
        }
    }

    fn remember(&mut self, name: &str, values: StreamingValues) {
        self.saved = Some(SavedPreset {
            name: name.to_owned(),
            values,
        });
        self.presets = self.shelf.entries();
    }

    /// One proposal's answer: its changes, all by one source.
    fn note(&mut self, changes: Vec<Changed>, source: SettingSource) {
        if changes.is_empty() {
            return;
        }
        if source == SettingSource::Panel && self.silent > 0 {
            self.silent -= 1;
            return;
        }
        // What a file, a script or the autopilot changes is not what a hand takes back.
        if matches!(source, SettingSource::Panel) {
            self.history.note(changes);
        }
    }
}

/// The answers to the proposals of the frame before.
fn note_answers(
    mut tuning: ResMut<Tuning>,
    mut changed: MessageReader<SettingChanged>,
    mut refused: MessageReader<SettingRefused>,
) {
    if changed.is_empty() && refused.is_empty() {
        return;
    }
    for refused in refused.read() {
        if refused.source == SettingSource::Panel {
            tuning.history.note_refused();
            tuning.silent = tuning.silent.saturating_sub(1);
        }
    }
    let mut changes: Vec<Changed> = Vec::new();
    for message in changed.read() {
        if message.source != SettingSource::Panel {
            continue;
        }
        // The same field again is another proposal's.
        if changes.iter().any(|change| change.field == message.field) {
            tuning.note(std::mem::take(&mut changes), SettingSource::Panel);
        }
        changes.push(Changed {
            field: message.field.to_owned(),
            old: message.old.clone(),
            new: message.new.clone(),
        });
    }
    tuning.note(changes, SettingSource::Panel);
}

fn tune(
    mut tuning: ResMut<Tuning>,
    settings: Res<StreamingSettings>,
    mut requests: MessageReader<TuneRequest>,
    mut proposals: MessageWriter<ProposeSettings>,
) {
    if tuning.saved.is_none() {
        tuning.saved = Some(SavedPreset {
            name: "at start".to_owned(),
            values: settings.values().clone(),
        });
    }
    for request in requests.read() {
        if let Some(changes) = tuning.answer(request, settings.values()) {
            proposals.write(ProposeSettings {
                changes,
                source: SettingSource::Panel,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> App {
        let folder =
            std::env::temp_dir().join(format!("ringroad-tuning-{}-{name}", std::process::id()));
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, plugin))
            .insert_resource(Tuning::with_folder(folder))
            .insert_resource(StreamingSettings::conservative())
            .add_systems(Update, answer.after(tune));
        app
    }

    /// What streaming does with proposals.
    fn answer(
        mut settings: ResMut<StreamingSettings>,
        mut proposals: MessageReader<ProposeSettings>,
        mut changed: MessageWriter<SettingChanged>,
    ) {
        for ProposeSettings { changes, source } in proposals.read() {
            let next = settings.with_changes(changes).expect("legal");
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
        app.update();
    }

    fn slide(app: &mut App, field: &str, value: &str) {
        app.world_mut().write_message(ProposeSettings {
            changes: vec![(field.to_owned(), value.to_owned())],
            source: SettingSource::Panel,
        });
        app.update();
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
}
