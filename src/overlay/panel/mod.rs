//! The panel: paints plain data and returns what the person wants. Knows no Bevy type but settings.

pub mod autopilot;
mod card;
mod cost;
mod engine;
mod events;
mod flow;
mod given_up;
mod health;
pub mod history;
mod metrics;
mod stress;
mod tickets;
mod tune;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bevy_egui::egui::{self, ScrollArea};

use super::{scale, style};
use crate::{
    modes::{ControlMode, PanelCard, StressRequest, StressState},
    settings::{
        TuneRequest,
        autopilot::{AutopilotRequest, AutopilotTarget},
    },
    streaming::StreamingRequest,
    telemetry::{recording::Window, snapshot::PanelData},
};
use autopilot::AutopilotView;
use card::{Cards, Painting};
use history::History;
pub use tune::{PresetView, TuningView};

/// What the person at the panel wants. Nothing happens until the glue sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Change settings, all of them or none.
    Propose(Vec<(String, String)>),
    /// Ask something of streaming.
    Streaming(StreamingRequest),
    /// Undo, redo, presets, comparing, the ends of a drag.
    Tune(TuneRequest),
    /// Write the bundle of a hitch ticket.
    SaveTicket(u64),
    /// Write a bundle after each hitch, or no more.
    BundleHitches(bool),
    /// Look at a moment of the past; `None` is now.
    Scrub(Option<f64>),
    /// Ask something of the settings autopilot.
    Autopilot(AutopilotRequest),
    /// Ask for trouble, or for its end.
    Stress(StressRequest),
    /// Show everything larger or smaller; `None` follows the picture.
    Scale(Option<f32>),
    /// Put the panel as text into the clipboard.
    CopyReport,
    /// Write the panel as text into a file.
    SaveReport,
}

/// What the panel itself remembers between frames.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelState {
    /// The proposal sent last, so that holding a slider still does not send it again.
    sent: Option<(&'static str, String)>,
    /// Filter of the event list, e.g. `apply -stale`.
    pub filter: String,
    /// Search of the list of metrics.
    pub metric_search: String,
    /// Texts of composite settings that are being typed.
    drafts: BTreeMap<&'static str, String>,
    /// The autopilot's target that is being set up while it is off.
    target: Option<AutopilotTarget>,
    /// How far the graphs look back.
    pub window: Window,
    /// Which cards are open.
    cards: Cards,
    /// The hitch ticket that opens with the next painting: its event was clicked.
    pub open_ticket: Option<u64>,
    /// The name under which settings are to be saved.
    preset_name: String,
    /// Whether the button that compares with the saved values is held.
    is_comparing: bool,
}

impl PanelState {
    /// Opens one card with the next painting and shuts the others.
    pub fn show_alone(&mut self, card: PanelCard) {
        self.cards.show_alone(card);
    }
}

impl Default for PanelState {
    fn default() -> Self {
        Self {
            sent: None,
            filter: String::new(),
            metric_search: String::new(),
            drafts: BTreeMap::new(),
            target: None,
            window: Window::Secs60,
            cards: Cards::default(),
            open_ticket: None,
            preset_name: String::new(),
            is_comparing: false,
        }
    }
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
    /// Undo, presets and what is not saved, where the program keeps them.
    pub tuning: Option<&'a TuningView>,
    /// Trouble that is on.
    pub stress: StressState,
    /// Whether each hitch writes a bundle, where the program can.
    pub saves_bundles: Option<bool>,
    /// The scale that somebody chose.
    pub scale: Option<f32>,
    /// What the overlay itself costs.
    pub own: OwnCost,
}

/// What the overlay itself costs, and how often it is painted for it.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct OwnCost {
    /// One painting, ms.
    pub paint_ms: f64,
    /// Painted once in so many frames.
    pub every: u32,
    /// What it may cost per frame, ms.
    pub limit_ms: f64,
}

/// Paints the whole panel into `ui` and returns what was asked for in this pass.
pub fn panel(ui: &mut egui::Ui, input: &PanelInput<'_>, state: &mut PanelState) -> Vec<Intent> {
    let mut intents = Vec::new();
    ui.set_width(style::CONTENT_WIDTH + style::SCROLL_BAR);
    head(ui, input, &mut intents);
    // What is scrolled is cut a few points below its end.
    let foot = ui.text_style_height(&egui::TextStyle::Small) + 2.0 * BEFORE_FOOT;
    let scrolled = ScrollArea::vertical()
        .max_height(ui.available_height() - foot)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.set_max_width(style::CONTENT_WIDTH);
            cards(ui, input, state, &mut intents);
            style::line(ui, input.tracy, style::NEUTRAL).on_hover_text(input.tracy);
        });
    if scrolled.content_size.y > scrolled.inner_rect.height() + 1.0 {
        ui.add_space(BEFORE_FOOT);
        more(ui, input);
    }
    intents
}

/// Above the last line of the panel, points.
const BEFORE_FOOT: f32 = 5.0;

/// What the cards are called that may be out of sight below; a drawn bar would cost a column of every card.
fn more(ui: &mut egui::Ui, input: &PanelInput<'_>) {
    let hitches = input.data.hitches.0;
    let text = format!("more below: 6 HITCHES {hitches}  7 EVENTS  8 STRESS  … 11 METRICS");
    ui.label(egui::RichText::new(text).small().color(style::NEUTRAL))
        .on_hover_text("The panel goes on below. F4, and the wheel over it scrolls; a click on a heading shuts a card and makes room.");
}

/// The cards in the order in which one reads: what is wrong, where the work is, what it costs, how it came, what to do.
fn cards(
    ui: &mut egui::Ui,
    input: &PanelInput<'_>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let data = input.data;
    let mut painting = state.cards.begin();
    painting.card(ui, PanelCard::Health, "1 HEALTH", |ui| {
        health::show(ui, data, input.history, intents);
    });
    painting.card(ui, PanelCard::Flow, "2 FLOW", |ui| {
        flow::show(ui, data, intents);
    });
    let cost = format!("3 COST  ms, last {:.0} s", data.window_secs);
    let all_of_it = painting.opens_all_of(PanelCard::Cost);
    painting.card(ui, PanelCard::Cost, &cost, |ui| {
        cost::show(ui, data, all_of_it);
    });
    painting.card(ui, PanelCard::History, "4 HISTORY", |ui| {
        history::show(ui, input.history, data.target_ms, state, intents);
    });
    let all_of_it = painting.opens_all_of(PanelCard::Tune);
    painting.card(ui, PanelCard::Tune, "5 TUNE", |ui| {
        tune::show(ui, data, input.tuning, all_of_it, state, intents);
    });
    hitches(ui, &mut painting, input, state, intents);
    painting.card(ui, PanelCard::Events, "7 EVENTS", |ui| {
        events::show(ui, data, state, intents);
    });
    let stress = stress::heading(input.stress);
    painting.card(ui, PanelCard::Stress, &stress, |ui| {
        stress::show(ui, data, input.stress, intents);
    });
    if let Some(view) = input.autopilot {
        painting.card(ui, PanelCard::Autopilot, &view.heading(), |ui| {
            autopilot::show(ui, view, state, intents);
        });
    }
    painting.card(ui, PanelCard::Engine, "10 ENGINE", |ui| {
        engine::show(ui, data);
    });
    let all = format!("11 METRICS  {}", data.metrics.len());
    painting.card(ui, PanelCard::Metrics, &all, |ui| {
        metrics::show(ui, data, state);
    });
    state.cards.end(&painting);
}

/// HITCHES, which also opens by itself for a ticket whose event was clicked.
fn hitches(
    ui: &mut egui::Ui,
    painting: &mut Painting,
    input: &PanelInput<'_>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let data = input.data;
    let newest = data.tickets.first().map(|ticket| ticket.number);
    let ticket = state.open_ticket.take();
    let all_of_it = painting.opens_all_of(PanelCard::Hitches);
    let opened = ticket.or(newest.filter(|_| all_of_it.is_some()));
    let title = format!("6 HITCHES  {}", data.hitches.0);
    let add = |ui: &mut egui::Ui| {
        tickets::show(ui, &data.tickets, opened, input.saves_bundles, intents);
    };
    if ticket.is_some() {
        painting.opened(ui, PanelCard::Hitches, &title, Some(true), add);
    } else {
        painting.card(ui, PanelCard::Hitches, &title, add);
    }
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
            if ui
                .small_button("Save")
                .on_hover_text("The whole panel as text, into a file; its name is told.")
                .clicked()
            {
                intents.push(Intent::SaveReport);
            }
            if ui
                .small_button("Copy")
                .on_hover_text("The whole panel as text, into the clipboard.")
                .clicked()
            {
                intents.push(Intent::CopyReport);
            }
            scale_choice(ui, input.scale, intents);
            own_cost(ui, input);
        });
    });
}

fn scale_choice(ui: &mut egui::Ui, chosen: Option<f32>, intents: &mut Vec<Intent>) {
    let choice = egui::ComboBox::from_id_salt("scale")
        .selected_text(scale::choice_text(chosen))
        .width(44.0)
        .show_ui(ui, |ui| {
            for choice in scale::CHOICES {
                let text = scale::choice_text(choice);
                if ui.selectable_label(chosen == choice, text).clicked() && chosen != choice {
                    intents.push(Intent::Scale(choice));
                }
            }
        });
    choice
        .response
        .on_hover_text("Size of the overlay; auto follows the height of the picture.");
}

/// What the panel itself costs, with how often it is painted to keep within the limit.
fn own_cost(ui: &mut egui::Ui, input: &PanelInput<'_>) {
    let OwnCost {
        paint_ms,
        every,
        limit_ms,
    } = input.own;
    let mean = input.data.overlay.map(|own| own.mean);
    let rate = if every > 1 {
        format!(" 1:{every}")
    } else {
        String::new()
    };
    let color = if mean.is_some_and(|mean| mean > limit_ms) {
        style::BAD
    } else {
        style::NEUTRAL
    };
    let text = format!("own {} ms{rate}", crate::telemetry::text::fixed(mean, 0, 2));
    ui.label(style::mono(text).color(color)).on_hover_text(format!(
        "The overlay's own CPU cost per frame: collecting, layout, tessellation. Mean of n {} frames of the last minute, as far as COST says it is kept. One painting takes {paint_ms:.2} ms; the limit is {limit_ms:.2} ms per frame (3 % or 0.3 ms), so it is painted once in {every} frames.",
        input.data.overlay.map_or(0, |own| own.n),
    ));
}
