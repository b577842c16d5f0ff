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
mod tests;
