//! Undo, redo, presets, what is not saved, and holding to compare: the row above the sliders.

use bevy_egui::egui::{self, Sense};

use super::super::{Intent, PanelState};
use crate::{
    overlay::style,
    settings::{PresetOrigin, TuneRequest, Tuning, UndoStep},
    streaming::StreamingValues,
};

/// A preset that can be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresetView {
    /// Its name.
    pub name: String,
    /// Whether it is a file of the person's own, which can be deleted.
    pub is_own: bool,
    /// Why it cannot be loaded.
    pub problem: Option<String>,
}

/// How tuning stands, as plain data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TuningView {
    /// What undo would take back.
    pub undo: Option<String>,
    /// What redo would do again.
    pub redo: Option<String>,
    /// The preset that was saved or loaded last.
    pub saved: Option<String>,
    /// Its values: what a reset goes back to.
    pub saved_values: Option<StreamingValues>,
    /// Settings that differ from it.
    pub unsaved: Vec<&'static str>,
    /// Whether the saved values are in force while a button is held.
    pub is_comparing: bool,
    /// Presets, those of the program first.
    pub presets: Vec<PresetView>,
    /// Why the last request failed.
    pub error: Option<String>,
}

impl TuningView {
    /// Copies what is shown.
    pub fn of(tuning: &Tuning, values: &StreamingValues) -> Self {
        Self {
            undo: tuning.history().undo_steps().last().map(UndoStep::text),
            redo: tuning.history().redo_steps().last().map(UndoStep::text),
            saved: tuning.saved().map(|saved| saved.name.clone()),
            saved_values: tuning.saved().map(|saved| saved.values.clone()),
            unsaved: tuning
                .unsaved(values)
                .into_iter()
                .map(|(field, ..)| field)
                .collect(),
            is_comparing: tuning.is_comparing(),
            presets: tuning
                .presets()
                .iter()
                .map(|preset| PresetView {
                    name: preset.name.clone(),
                    is_own: preset.origin != PresetOrigin::Builtin,
                    problem: preset.fault.clone(),
                })
                .collect(),
            error: tuning.last_error().map(str::to_owned),
        }
    }
}

/// Above the sliders: what a hand needs between two tries.
pub(super) fn above(
    ui: &mut egui::Ui,
    view: &TuningView,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    ui.horizontal(|ui| {
        step(
            ui,
            "undo",
            view.undo.as_deref(),
            "Ctrl Z",
            TuneRequest::Undo,
            intents,
        );
        step(
            ui,
            "redo",
            view.redo.as_deref(),
            "Ctrl Y",
            TuneRequest::Redo,
            intents,
        );
        presets(ui, view, intents);
        compare(ui, view, state, intents);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            unsaved_mark(ui, view);
        });
    });
}

fn step(
    ui: &mut egui::Ui,
    word: &str,
    what: Option<&str>,
    key: &str,
    request: TuneRequest,
    intents: &mut Vec<Intent>,
) {
    let button = ui.add_enabled(what.is_some(), egui::Button::new(word).small());
    let help = format!(
        "{word}: {}\n{key}; one drag is one step.",
        what.unwrap_or("—")
    );
    if button
        .on_hover_text(&help)
        .on_disabled_hover_text(&help)
        .clicked()
    {
        intents.push(Intent::Tune(request));
    }
}

fn presets(ui: &mut egui::Ui, view: &TuningView, intents: &mut Vec<Intent>) {
    let shown = view.saved.as_deref().unwrap_or("preset");
    let list = egui::ComboBox::from_id_salt("presets")
        .selected_text(style::mono(format!("{shown:.14}")).small())
        .width(92.0)
        .show_ui(ui, |ui| {
            for preset in &view.presets {
                let is_loaded = view.saved.as_ref() == Some(&preset.name);
                let label = ui.add_enabled(
                    preset.problem.is_none(),
                    egui::Button::selectable(is_loaded, &preset.name),
                );
                let help = preset.problem.clone().unwrap_or_else(|| {
                    "Puts all its settings in force, but for chunk size and seed.".to_owned()
                });
                if label
                    .on_hover_text(&help)
                    .on_disabled_hover_text(&help)
                    .clicked()
                {
                    intents.push(Intent::Tune(TuneRequest::LoadPreset(preset.name.clone())));
                }
            }
        });
    list.response.on_hover_text(
        "Named sets of settings: those of the program, and your own as RON files. Save one below.",
    );
}

/// As long as the button is held the saved values are in force.
fn compare(
    ui: &mut egui::Ui,
    view: &TuningView,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let can = view.saved.is_some() && (!view.unsaved.is_empty() || view.is_comparing);
    let button = egui::Button::new("hold: saved")
        .small()
        .selected(view.is_comparing)
        .sense(Sense::click_and_drag());
    let held = ui
        .add_enabled(can, button)
        .on_hover_text(format!(
            "As long as you hold it, the values of {} are in force; letting go brings yours back.",
            view.saved.as_deref().unwrap_or("the saved preset")
        ))
        .is_pointer_button_down_on();
    if held != state.is_comparing {
        state.is_comparing = held;
        intents.push(Intent::Tune(TuneRequest::HoldSaved(held)));
    }
}

fn unsaved_mark(ui: &mut egui::Ui, view: &TuningView) {
    if view.unsaved.is_empty() {
        ui.label(style::mono("saved").small().color(style::NEUTRAL))
            .on_hover_text("Nothing differs from the preset that was saved or loaded last.");
    } else {
        ui.label(
            style::mono(format!("* {} unsaved", view.unsaved.len()))
                .small()
                .color(style::WATCH),
        )
        .on_hover_text(format!(
            "Differ from {}: {}",
            view.saved.as_deref().unwrap_or("the start"),
            view.unsaved.join(", ")
        ));
    }
}

/// Below the sliders: a name to save under.
pub(super) fn below(
    ui: &mut egui::Ui,
    view: &TuningView,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let name = state.preset_name.trim().to_owned();
    let field = ui.add(
        egui::TextEdit::singleline(&mut state.preset_name)
            .hint_text("preset name")
            .desired_width(110.0),
    );
    let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    field.on_hover_text("A name for the settings in force. Enter saves them.");
    let save = ui.add_enabled(!name.is_empty(), egui::Button::new("save").small());
    if save
        .on_hover_text("Writes the settings in force into a RON file of that name.")
        .clicked()
        || (is_entered && !name.is_empty())
    {
        intents.push(Intent::Tune(TuneRequest::SavePreset(name.clone())));
    }
    let is_own = view
        .presets
        .iter()
        .any(|preset| preset.is_own && preset.name == name);
    if is_own {
        let delete = ui.add(egui::Button::new("delete").small());
        if delete
            .on_hover_text("Deletes your preset of that name.")
            .clicked()
        {
            intents.push(Intent::Tune(TuneRequest::DeletePreset(name)));
        }
    }
}

/// Ctrl Z and Ctrl Y, unless a text field has the keys.
pub(super) fn keys(ui: &egui::Ui, view: &TuningView, intents: &mut Vec<Intent>) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let (undo, redo) = ui.input(|input| {
        let command = input.modifiers.command;
        (
            command && input.key_pressed(egui::Key::Z) && !input.modifiers.shift,
            command
                && (input.key_pressed(egui::Key::Y)
                    || (input.modifiers.shift && input.key_pressed(egui::Key::Z))),
        )
    });
    if undo && view.undo.is_some() {
        intents.push(Intent::Tune(TuneRequest::Undo));
    }
    if redo && view.redo.is_some() {
        intents.push(Intent::Tune(TuneRequest::Redo));
    }
}
