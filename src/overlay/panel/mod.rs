//! The panel: paints plain data and returns what the person wants. Knows no Bevy type but settings.

pub mod autopilot;
mod cost;
mod engine;
mod events;
mod flow;
mod given_up;
mod health;
pub mod history;
mod tune;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bevy_egui::egui::{self, CollapsingHeader, ScrollArea};

use super::style;
use crate::{
    modes::ControlMode,
    settings::autopilot::{AutopilotRequest, AutopilotTarget},
    streaming::ChunkCoord,
    telemetry::snapshot::PanelData,
};
use autopilot::AutopilotView;
use history::History;

/// What the person at the panel wants. Nothing happens until the glue sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Change settings, all of them or none.
    Propose(Vec<(String, String)>),
    /// Generate the given-up chunks again.
    RetryQuarantined,
    /// Generate one of them again.
    RetryChunk(ChunkCoord),
    /// Ask something of the settings autopilot.
    Autopilot(AutopilotRequest),
    /// Write the panel as text into a file.
    SaveReport,
}

/// What the panel itself remembers between frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PanelState {
    /// The proposal sent last, so that holding a slider still does not send it again.
    sent: Option<(&'static str, String)>,
    /// Filter of the event list, e.g. `apply -stale`.
    pub filter: String,
    /// Texts of composite settings that are being typed.
    drafts: BTreeMap<&'static str, String>,
    /// The autopilot's target that is being set up while it is off.
    target: Option<AutopilotTarget>,
}

/// What the panel shows.
pub struct PanelInput<'a> {
    /// Values, refreshed four times a second.
    pub data: &'a PanelData,
    /// Graphs, refreshed every frame.
    pub history: &'a History,
    /// Who has the mouse.
    pub mode: ControlMode,
    /// Which Tracy fits and whether it is connected.
    pub tracy: &'a str,
    /// The settings autopilot, where the program has one.
    pub autopilot: Option<&'a AutopilotView>,
}

/// Paints the whole panel into `ui` and returns what was asked for in this pass.
pub fn panel(ui: &mut egui::Ui, input: &PanelInput<'_>, state: &mut PanelState) -> Vec<Intent> {
    let mut intents = Vec::new();
    ui.set_width(style::CONTENT_WIDTH);
    head(ui, input, &mut intents);
    ScrollArea::vertical()
        .max_height(ui.available_height())
        .auto_shrink([false, true])
        .show(ui, |ui| {
            section(ui, "1 HEALTH", |ui| {
                health::show(ui, input.data, input.history);
            });
            section(ui, "2 FLOW", |ui| {
                flow::show(ui, input.data, &mut intents);
            });
            let cost = format!("3 COST  ms, last {:.0} s", input.data.window_secs);
            section_named(ui, "3 COST", &cost, |ui| {
                cost::show(ui, input.data);
            });
            // Sliders before graphs: both are in a picture of 720 lines, and a hand needs the sliders.
            section(ui, "4 TUNE", |ui| {
                tune::show(ui, input.data, state, &mut intents);
            });
            if let Some(view) = input.autopilot {
                closed_section(ui, "5 AUTOPILOT", &view.heading(), |ui| {
                    autopilot::show(ui, view, state, &mut intents);
                });
            }
            section(ui, "6 HISTORY  last 60 s", |ui| {
                history::show(ui, input.history);
            });
            section(ui, "7 ENGINE", |ui| {
                engine::show(ui, input.data);
            });
            section(ui, "8 EVENTS", |ui| {
                events::show(ui, &input.data.events, &mut state.filter);
            });
            style::line(ui, input.tracy, style::NEUTRAL).on_hover_text(input.tracy);
        });
    intents
}

fn head(ui: &mut egui::Ui, input: &PanelInput<'_>, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        let (text, color) = match input.mode {
            ControlMode::Drive => ("DRIVE – F4 to tune", style::GOOD),
            ControlMode::Tune => ("TUNE – F4 to drive", style::WATCH),
        };
        ui.label(style::mono(text).color(color).strong())
            .on_hover_text("Drive: the game has mouse and keys. Tune: the panel has the mouse; keys still drive unless a text field has focus.");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let save = ui.small_button("Save report");
            if save.on_hover_text("The whole panel as text, into a file; its name is told.").clicked() {
                intents.push(Intent::SaveReport);
            }
            let own_ms = crate::telemetry::text::fixed(input.data.overlay.map(|own| own.p50), 5, 2);
            ui.label(style::mono(format!("overlay {own_ms} ms")).color(style::NEUTRAL))
                .on_hover_text("This panel's own CPU cost per frame: collecting, layout, tessellation. Median of the last minute, as far as COST says it is kept.");
        });
    });
}

fn section(ui: &mut egui::Ui, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    section_named(ui, title, title, add);
}

/// A section whose title changes and which stays the same one: `name` tells it apart.
fn section_named(ui: &mut egui::Ui, name: &str, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    CollapsingHeader::new(egui::RichText::new(title).heading().color(style::OK))
        .id_salt(name)
        .default_open(true)
        .show_unindented(ui, add);
}

/// A section that stays closed until somebody opens it; its title says the most of it.
fn closed_section(ui: &mut egui::Ui, name: &str, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    CollapsingHeader::new(egui::RichText::new(title).heading().color(style::OK))
        .id_salt(name)
        .default_open(false)
        .show_unindented(ui, add);
}
