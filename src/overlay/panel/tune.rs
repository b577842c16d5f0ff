//! TUNE: live sliders. Painting never changes a value; a change is a proposal that streaming may refuse.

use bevy_egui::egui::{self, Slider, SliderClamping};

use super::{Intent, PanelState};
use crate::{
    overlay::style,
    streaming::{FIELDS, FieldSpec, StreamingValues, field},
    telemetry::{snapshot::PanelData, text::percent},
};

/// The settings with a slider, from the one that matters most.
pub(super) const TUNED: [&str; 5] = [
    "max_concurrent_tasks",
    "max_completed_per_frame",
    "apply_budget_ms",
    "scan_interval_secs",
    "load_radius_m",
];

/// Settings that only an explicit regeneration changes: "reset all" leaves them alone.
const REGENERATING: [&str; 2] = ["chunk_size_m", "seed"];

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &PanelData,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    for spec in TUNED.into_iter().filter_map(field) {
        ui.horizontal(|ui| slider(ui, spec, data, state, intents));
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
            "stopped by {:<6} count {} time {} bytes {}",
            stops.newest,
            percent(stops.count),
            percent(stops.time),
            percent(stops.bytes)
        ),
        style::NEUTRAL,
    )
    .on_hover_text("What ended applying in the newest frame, and the shares of the frames of the last 10 s: max_completed_per_frame, apply_budget_ms, upload_bytes_per_frame; the rest ended because nothing was left.");
    let changed = changes_to_start(data);
    ui.horizontal(|ui| {
        let reset = ui.add_enabled(!changed.is_empty(), egui::Button::new("reset all").small());
        if reset
            .on_hover_text("All settings as they were at the start, but for chunk size and seed.")
            .clicked()
        {
            intents.push(Intent::Propose(changed.clone()));
        }
        ui.label(
            style::mono(format!("{} changed since the start", changed.len())).color(style::NEUTRAL),
        );
    });
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

fn slider(
    ui: &mut egui::Ui,
    spec: &'static FieldSpec,
    data: &PanelData,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let Some(current) = number(&data.settings, spec.name) else {
        return;
    };
    let mut value = current;
    let is_whole = matches!(
        spec.name,
        "max_concurrent_tasks" | "max_completed_per_frame"
    );
    // Never clamped: a value from a file beyond the soft range stays, and what is typed is judged by streaming.
    let mut slider = Slider::new(&mut value, spec.soft.0..=spec.soft.1)
        .clamping(SliderClamping::Never)
        .update_while_editing(false)
        .text(style::mono(spec.name));
    slider = match spec.name {
        "load_radius_m" => slider.max_decimals(0).suffix(" m"),
        "apply_budget_ms" => slider.max_decimals(2).suffix(" ms"),
        "scan_interval_secs" => slider.max_decimals(2).suffix(" s"),
        _ => slider.integer(),
    };
    let response = ui.add(slider).on_hover_text(format!(
        "{} Unit: {}. Slider {}–{}, typed {}–{}.",
        spec.help, spec.unit, spec.soft.0, spec.soft.1, spec.hard.0, spec.hard.1
    ));
    let text = shown(value, is_whole);
    if response.changed() && Some(&text) != data.settings.get(spec.name).as_ref() {
        let proposal = (spec.name, text);
        if state.sent.as_ref() != Some(&proposal) {
            intents.push(Intent::Propose(with_margins(
                spec.name,
                value,
                &proposal.1,
                &data.settings,
            )));
            state.sent = Some(proposal);
        }
    } else if !response.dragged()
        && state
            .sent
            .as_ref()
            .is_some_and(|(sent, _)| *sent == spec.name)
    {
        state.sent = None;
    }
    if response.drag_stopped() {
        // Arrow keys would go on moving a slider that keeps the focus.
        response.surrender_focus();
    }
    let at_start = data.settings_at_start.get(spec.name);
    let is_changed = at_start != data.settings.get(spec.name);
    let reset = ui.add_enabled(is_changed, egui::Button::new("reset").small());
    if reset
        .on_hover_text(format!(
            "Back to {} {}.",
            at_start.as_deref().unwrap_or("—"),
            spec.unit
        ))
        .clicked()
    {
        intents.push(Intent::Propose(reset_of(spec.name, data)));
    }
}

/// A value as settings read it: whole numbers without decimals, others as short as they are exact.
fn shown(value: f64, is_whole: bool) -> String {
    if is_whole && value.is_finite() {
        format!("{value:.0}")
    } else {
        value.to_string()
    }
}

fn number(values: &StreamingValues, name: &str) -> Option<f64> {
    values.get(name)?.parse().ok()
}

/// The change of one field, and of those that must move with it to stay legal:
/// the load radius takes the unload and view radii along, their margins kept, and never passes under the must-have radius.
fn with_margins(
    name: &str,
    value: f64,
    text: &str,
    now: &StreamingValues,
) -> Vec<(String, String)> {
    let mut changes = vec![(name.to_owned(), text.to_owned())];
    if name == "load_radius_m" {
        let unload_margin_m = now.unload_radius_m - now.load_radius_m;
        let view_margin_m = now.view_radius_m - now.load_radius_m;
        changes.push((
            "unload_radius_m".to_owned(),
            shown(value + unload_margin_m, false),
        ));
        changes.push((
            "view_radius_m".to_owned(),
            shown(value + view_margin_m, false),
        ));
        if value < now.must_have_radius_m {
            changes.push(("must_have_radius_m".to_owned(), shown(value, false)));
        }
    }
    changes
}

/// The proposal that takes one slider back to the start.
fn reset_of(name: &str, data: &PanelData) -> Vec<(String, String)> {
    let fields: &[&str] = match name {
        "load_radius_m" => &[
            "load_radius_m",
            "unload_radius_m",
            "view_radius_m",
            "must_have_radius_m",
        ],
        _ => &[name],
    };
    changes_to_start(data)
        .into_iter()
        .filter(|(field, _)| fields.contains(&field.as_str()))
        .collect()
}

/// Every setting that differs from the start, with its value at the start.
fn changes_to_start(data: &PanelData) -> Vec<(String, String)> {
    FIELDS
        .iter()
        .filter(|spec| !REGENERATING.contains(&spec.name))
        .filter_map(|spec| {
            let start = data.settings_at_start.get(spec.name)?;
            (data.settings.get(spec.name)? != start).then(|| (spec.name.to_owned(), start))
        })
        .collect()
}
