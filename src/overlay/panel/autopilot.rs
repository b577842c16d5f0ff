//! AUTOPILOT: the target, how it stands, what it changed and why, and which fields it leaves alone.

use bevy_egui::egui;

use super::{Intent, PanelState};
use crate::{
    overlay::style,
    settings::autopilot::{
        AutopilotChange, AutopilotPhase, AutopilotRequest, AutopilotTarget, SettingsAutopilot,
    },
};

/// Changes listed, newest first.
const LISTED: usize = 5;

/// The autopilot of one moment, as plain data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutopilotView {
    /// Whether it steers.
    pub is_on: bool,
    /// What it steers to, or last steered to.
    pub target: AutopilotTarget,
    /// How it stands.
    pub phase: AutopilotPhase,
    /// Why.
    pub sentence: String,
    /// Fields that it leaves alone.
    pub pinned: Vec<&'static str>,
    /// Newest changes, newest first.
    pub log: Vec<AutopilotChange>,
    /// All changes that it made.
    pub changes_made: u64,
}

impl AutopilotView {
    /// Copies what is shown.
    pub fn of(autopilot: &SettingsAutopilot) -> Self {
        Self {
            is_on: autopilot.is_on(),
            target: autopilot.target(),
            phase: autopilot.phase(),
            sentence: autopilot.sentence().to_owned(),
            pinned: autopilot.pinned().collect(),
            log: autopilot.log().rev().take(LISTED).cloned().collect(),
            changes_made: autopilot.changes_made(),
        }
    }

    /// The heading: it tells how things stand also while the card is closed.
    pub(super) fn heading(&self) -> String {
        if self.is_on {
            let AutopilotTarget {
                streaming_ms_p99,
                nothing_late,
            } = self.target;
            let late = if nothing_late { ", nothing late" } else { "" };
            format!(
                "9 AUTOPILOT  {}: ≤ {streaming_ms_p99} ms{late}",
                self.phase.word()
            )
        } else {
            "9 AUTOPILOT  off".to_owned()
        }
    }
}

pub(super) fn show(
    ui: &mut egui::Ui,
    view: &AutopilotView,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    target(ui, view, state, intents);
    ui.label(egui::RichText::new(&view.sentence).color(phase_color(view.phase)));
    pins(ui, view, intents);
    for change in &view.log {
        style::line(
            ui,
            format!(
                "{:>7.1} s {} {} > {}",
                change.at.as_secs_f64(),
                change.field,
                change.old,
                change.new
            ),
            style::INFO,
        )
        .on_hover_text(&change.reason);
        ui.label(
            egui::RichText::new(format!("since {}", change.reason))
                .small()
                .color(style::NEUTRAL),
        );
    }
    let earlier = view.changes_made.saturating_sub(view.log.len() as u64);
    if earlier > 0 {
        style::line(ui, format!("{earlier} changes before"), style::NEUTRAL);
    }
}

/// On, milliseconds, nothing late. While it is off a target can be set up; it counts when it is switched on.
fn target(
    ui: &mut egui::Ui,
    view: &AutopilotView,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let shown = if view.is_on {
        view.target
    } else {
        state.target.unwrap_or(view.target)
    };
    let mut wanted = shown;
    let mut is_on = view.is_on;
    ui.horizontal(|ui| {
        ui.checkbox(&mut is_on, "on").on_hover_text(
            "Sets tasks, budgets and radii so that the target holds, and says what it changed and why. A slider that you touch is yours: its field is pinned.",
        );
        let (least, most) = AutopilotTarget::LEGAL_MS;
        ui.add(
            egui::DragValue::new(&mut wanted.streaming_ms_p99)
                .range(least..=most)
                .speed(0.02)
                .max_decimals(2)
                .update_while_editing(false)
                .prefix("streaming ≤ ")
                .suffix(" ms p99"),
        )
        .on_hover_text("Main-thread time of streaming per frame that 99 of 100 frames keep within.");
        ui.checkbox(&mut wanted.nothing_late, "nothing late")
            .on_hover_text("No chunk late for must_have_radius_m, and no frame with a hole in view.");
    });
    if is_on != view.is_on {
        intents.push(Intent::Autopilot(if is_on {
            AutopilotRequest::SwitchOn(wanted)
        } else {
            AutopilotRequest::SwitchOff
        }));
    } else if wanted != shown {
        if view.is_on {
            intents.push(Intent::Autopilot(AutopilotRequest::SwitchOn(wanted)));
        } else {
            state.target = Some(wanted);
        }
    }
}

fn pins(ui: &mut egui::Ui, view: &AutopilotView, intents: &mut Vec<Intent>) {
    for field in &view.pinned {
        ui.horizontal(|ui| {
            if ui.small_button(format!("unpin {field}")).clicked() {
                intents.push(Intent::Autopilot(AutopilotRequest::Unpin(
                    (*field).to_owned(),
                )));
            }
            ui.label(style::mono("pinned: left alone").color(style::NEUTRAL))
                .on_hover_text("Somebody else set this field while the autopilot was on.");
        });
    }
    if view.pinned.len() > 1 && ui.small_button("unpin all").clicked() {
        intents.push(Intent::Autopilot(AutopilotRequest::UnpinAll));
    }
}

fn phase_color(phase: AutopilotPhase) -> egui::Color32 {
    match phase {
        AutopilotPhase::Off => style::NEUTRAL,
        AutopilotPhase::Working => style::WATCH,
        AutopilotPhase::Reached => style::GOOD,
        AutopilotPhase::Stuck => style::BAD,
    }
}
