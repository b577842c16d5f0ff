//! TUNE: live sliders. Painting never changes a value; a change is a proposal that streaming may refuse.

mod bar;
mod change;
mod composite;
mod slider;

use bevy_egui::egui::{self, CollapsingHeader};

use super::{Intent, PanelState};
use crate::{
    overlay::style,
    settings::TuneRequest,
    streaming::{COMPOSITES, FIELDS, field},
    telemetry::{snapshot::PanelData, text::percent},
};
pub use bar::{PresetView, TuningView};
pub(super) use change::load_radius;
use change::{REGENERATING, Saved, changes_to_saved};
use composite::composite;
use slider::slider;

/// The settings with a slider that is always there, from the one that matters most.
pub(super) const TUNED: [&str; 5] = [
    "max_concurrent_tasks",
    "max_completed_per_frame",
    "apply_budget_ms",
    "scan_interval_secs",
    "load_radius_m",
];

/// The others by what they are about. A field that is named nowhere comes last, so none can be forgotten.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "what is wanted",
        &[
            "must_have_radius_m",
            "unload_radius_m",
            "view_radius_m",
            "detail_rings_m",
            "look_ahead_secs",
            "linger_secs",
        ],
    ),
    ("order", &["need_weights"]),
    (
        "bytes",
        &[
            "memory_cap_mib",
            "completed_bytes_cap",
            "upload_bytes_per_frame",
        ],
    ),
    (
        "failures",
        &["retry_limit", "retry_backoff_secs", "stuck_after_secs"],
    ),
];

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &PanelData,
    view: Option<&TuningView>,
    all_of_it: Option<bool>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    if let Some(view) = view {
        bar::keys(ui, view, intents);
        bar::above(ui, view, state, intents);
    }
    let saved = Saved::of(data, view);
    for spec in TUNED.into_iter().filter_map(field) {
        ui.horizontal(|ui| slider(ui, spec, data, saved, state, intents));
    }
    if data.settings.max_concurrent_tasks == 0 || data.settings.max_completed_per_frame == 0 {
        style::line(ui, "0 = PAUSED", style::INFO).on_hover_text(
            "max_concurrent_tasks 0: nothing is generated. max_completed_per_frame 0: nothing is applied. Not an error.",
        );
    }
    let stops = &data.stops;
    style::line(
        ui,
        format!(
            "apply ended: {}; 10 s: count {} time {} bytes {}",
            stops.newest,
            short_share(stops.count),
            short_share(stops.time),
            short_share(stops.bytes)
        ),
        style::NEUTRAL,
    )
    .on_hover_text("What ended applying in the newest frame, and in what shares of the frames of the last 10 s, or in all of them. Count: max_completed_per_frame; time: apply_budget_ms; bytes: upload_bytes_per_frame; empty, and the rest: nothing was left to apply.");
    all_settings(ui, data, saved, all_of_it, state, intents);
    let changed = changes_to_saved(data, saved);
    ui.horizontal(|ui| {
        let reset = ui.add_enabled(!changed.is_empty(), egui::Button::new("reset all").small());
        if reset
            .on_hover_text(format!(
                "All settings back to those of {}, but for chunk size and seed; {} differ.",
                saved.whose(),
                changed.len()
            ))
            .clicked()
        {
            intents.push(Intent::Tune(TuneRequest::ResetAll));
        }
        if let Some(view) = view {
            bar::below(ui, view, state, intents);
        }
    });
    if let Some(error) = view.and_then(|view| view.error.as_ref()) {
        ui.label(egui::RichText::new(format!("! {error}")).color(style::CRITICAL));
    }
    if let Some(refusal) = &data.refusal {
        ui.label(
            egui::RichText::new(format!(
                "! refused at {:.1} s: {}",
                refusal.t_secs, refusal.reason
            ))
            .color(style::CRITICAL)
            .strong(),
        )
        .on_hover_text("The last good values stay in force.");
    }
}

/// A share in as few letters as can be: three of them stand in one line.
fn short_share(share: Option<f64>) -> String {
    match share {
        Some(share) if share >= 0.995 => "all".to_owned(),
        _ => percent(share).trim_start().to_owned(),
    }
}

/// Every other setting, closed until somebody opens it: the five above are what a hand needs while it drives.
fn all_settings(
    ui: &mut egui::Ui,
    data: &PanelData,
    saved: Saved<'_>,
    open: Option<bool>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let others = rest();
    CollapsingHeader::new("more settings")
        .default_open(false)
        .open(open)
        .show_unindented(ui, |ui| {
            for (title, names) in GROUPS {
                group(ui, title, names, data, saved, state, intents);
            }
            if !others.is_empty() {
                group(ui, "other", &others, data, saved, state, intents);
            }
        });
}

/// Fields that no group names.
fn rest() -> Vec<&'static str> {
    let grouped = |name: &str| {
        TUNED.contains(&name)
            || REGENERATING.contains(&name)
            || GROUPS.iter().any(|(_, names)| names.contains(&name))
    };
    let fields = FIELDS.iter().map(|spec| spec.name);
    let composites = COMPOSITES.iter().map(|spec| spec.name);
    fields
        .chain(composites)
        .filter(|name| !grouped(name))
        .collect()
}

fn group(
    ui: &mut egui::Ui,
    title: &str,
    names: &[&str],
    data: &PanelData,
    saved: Saved<'_>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    style::line(ui, title, style::NEUTRAL);
    for name in names {
        if let Some(spec) = field(name) {
            ui.horizontal(|ui| slider(ui, spec, data, saved, state, intents));
        } else if let Some(spec) = COMPOSITES.iter().find(|spec| spec.name == *name) {
            composite(ui, spec, data, saved, state, intents);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_one_place_of_the_panel() {
        let mut placed: Vec<&str> = TUNED
            .into_iter()
            .chain(REGENERATING)
            .chain(rest())
            .collect();
        placed.extend(GROUPS.iter().flat_map(|(_, names)| names.iter().copied()));
        placed.sort_unstable();
        let mut all: Vec<&str> = FIELDS.iter().map(|spec| spec.name).collect();
        all.extend(COMPOSITES.iter().map(|spec| spec.name));
        all.sort_unstable();
        assert_eq!(placed, all);
    }
}
