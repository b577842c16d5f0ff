//! Tuning by hand: undo and redo, presets, and holding the saved values for comparison. Everything is a proposal that
//! streaming judges.
//!
//! ```text
//!  panel ── TuneRequest ──► tune (PreUpdate) ── ProposeSettings (Panel, Compare) ──► streaming (Update)
//!                                                                                      │
//!            note_answers (PostUpdate) ◄────── SettingChanged, SettingRefused ─────────┘
//! ```
//!
//! A request, its proposal and the answer are of one frame, so nothing that was asked for is awaited in the next.

use bevy::prelude::*;
use ringroad_streaming::{
    ProposeSettings, SettingChanged, SettingRefused, SettingSource, StreamingSettings,
    StreamingValues,
};
use std::collections::VecDeque;
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
        .add_systems(PreUpdate, tune.run_if(resource_exists::<StreamingSettings>))
        .add_systems(PostUpdate, note_answers);
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
    /// While held, the saved values are in force. Whatever else is asked for ends it first.
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
    /// What the saved values that are held have changed.
    held: Option<Vec<Changed>>,
    /// Requests that wait for the next frame: each is judged by the values that the one before has left.
    waiting: VecDeque<TuneRequest>,
    /// The proposal of this frame.
    asked: Option<Asked>,
    /// Whether the drag ends with the changes of this frame.
    is_drag_over: bool,
    error: Option<String>,
}

/// A proposal of this module.
#[derive(Debug)]
struct Asked {
    changes: Vec<(String, String)>,
    /// Whether it goes along the steps that there are, and is none of its own.
    is_walk: bool,
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
            waiting: VecDeque::new(),
            asked: None,
            is_drag_over: false,
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
        let Some(saved) = &self.saved else {
            return Vec::new();
        };
        let mut own = now.clone();
        for held in self.held.iter().flatten() {
            // What was in force was readable.
            let _ = own.set(&held.field, &held.old);
        }
        tuned_differences(&saved.values, &own)
    }

    /// Whether the saved values are held for comparison.
    pub fn is_comparing(&self) -> bool {
        self.held.is_some()
    }

    #[cfg(test)]
    pub(super) fn hold_for_test(&mut self) {
        self.held = Some(Vec::new());
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
                self.is_drag_over = false;
                None
            }
            TuneRequest::EndDrag => {
                self.is_drag_over = true;
                None
            }
            TuneRequest::Undo => self.history.ask_undo(|field| now.get(field)),
            TuneRequest::Redo => self.history.ask_redo(|field| now.get(field)),
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
                let held = |(field, new): &(String, String)| {
                    Some(Changed {
                        field: field.clone(),
                        old: now.get(field)?,
                        new: new.clone(),
                    })
                };
                self.held = Some(proposal.iter().filter_map(held).collect());
                Some(proposal)
            }
            TuneRequest::HoldSaved(true) => None,
            TuneRequest::HoldSaved(false) => {
                // What somebody else set meanwhile stays theirs.
                let mut held = self.held.take()?;
                held.retain(|held| now.get(&held.field).as_ref() == Some(&held.new));
                let back = held.into_iter().map(|held| (held.field, held.old));
                let back: Vec<(String, String)> = back.collect();
                (!back.is_empty()).then_some(back)
            }
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

    /// Whether a request goes together with values that are held.
    fn must_end_hold(&self, request: &TuneRequest) -> bool {
        let goes_along = matches!(
            request,
            TuneRequest::HoldSaved(_) | TuneRequest::RefreshPresets
        );
        self.held.is_some() && !goes_along
    }

    /// What a hand changed in this frame, in the order of the proposals; that of this module came last.
    fn note_changes(&mut self, mut changes: Vec<Changed>, is_refused: bool) {
        let asked = self.asked.take();
        let own = asked.as_ref().map_or(&[][..], |asked| &asked.changes);
        let is_own = |change: &Changed| {
            own.iter()
                .any(|(field, new)| *field == change.field && *new == change.new)
        };
        let others = changes.len() - changes.iter().rev().take_while(|one| is_own(one)).count();
        let own = changes.split_off(others);
        let is_walk = asked.is_some_and(|asked| asked.is_walk);
        if is_walk {
            // First: the step that was asked for is the newest until the others are steps, too.
            self.history.note_answer(!is_refused);
        }
        let mut one: Vec<Changed> = Vec::new();
        for change in changes {
            // The same field again is another proposal's.
            if one.iter().any(|before| before.field == change.field) {
                self.history.note(std::mem::take(&mut one));
            }
            one.push(change);
        }
        self.history.note(one);
        if !is_walk {
            self.history.note(own);
        }
        if std::mem::take(&mut self.is_drag_over) {
            self.history.end_drag();
        }
    }
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
    if requests.is_empty() && tuning.waiting.is_empty() {
        return;
    }
    tuning.waiting.extend(requests.read().cloned());
    while let Some(request) = tuning.waiting.pop_front() {
        let request = if tuning.must_end_hold(&request) {
            tuning.waiting.push_front(request);
            TuneRequest::HoldSaved(false)
        } else {
            request
        };
        let Some(changes) = tuning.answer(&request, settings.values()) else {
            continue;
        };
        let source = match request {
            TuneRequest::HoldSaved(_) => SettingSource::Compare,
            _ => SettingSource::Panel,
        };
        if source == SettingSource::Panel {
            tuning.asked = Some(Asked {
                changes: changes.clone(),
                is_walk: matches!(request, TuneRequest::Undo | TuneRequest::Redo),
            });
        }
        proposals.write(ProposeSettings { changes, source });
        return;
    }
}

/// The answers of this frame. What a file, a script or the autopilot changes is not what a hand takes back.
fn note_answers(
    mut tuning: ResMut<Tuning>,
    mut changed: MessageReader<SettingChanged>,
    mut refused: MessageReader<SettingRefused>,
) {
    if changed.is_empty() && refused.is_empty() && tuning.asked.is_none() && !tuning.is_drag_over {
        return;
    }
    let mut is_refused = false;
    for refused in refused.read() {
        match refused.source {
            SettingSource::Panel => {
                is_refused |= tuning
                    .asked
                    .as_ref()
                    .is_some_and(|asked| asked.changes == refused.changes);
            }
            SettingSource::Compare => {
                tuning.held = None;
                tuning.error = Some(refused.reason.clone());
            }
            _ => {}
        }
    }
    let by_hand = changed
        .read()
        .filter(|changed| changed.source == SettingSource::Panel)
        .map(|changed| Changed {
            field: changed.field.to_owned(),
            old: changed.old.clone(),
            new: changed.new.clone(),
        })
        .collect();
    tuning.note_changes(by_hand, is_refused);
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
}
