//! A setting that is more than one number: a text field that streaming's own parser judges.

use bevy_egui::egui;

use super::{
    super::{Intent, PanelState},
    change::{Saved, reset_of},
};
use crate::{overlay::style, streaming::CompositeSpec, telemetry::snapshot::PanelData};

/// The bar floats over the right edge, points.
const SCROLL_BAR_WIDTH: f32 = 6.0;

pub(super) fn composite(
    ui: &mut egui::Ui,
    spec: &'static CompositeSpec,
    data: &PanelData,
    saved: Saved<'_>,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    let Some(current) = data.settings.get(spec.name) else {
        return;
    };
    let mut text = state.drafts.get(spec.name).unwrap_or(&current).clone();
    let value_saved = saved.values.get(spec.name).unwrap_or_default();
    let response = ui
        .horizontal(|ui| {
            let label = ui.label(style::mono(spec.name));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(SCROLL_BAR_WIDTH);
                let is_changed = value_saved != current;
                let reset = ui.add_enabled(is_changed, egui::Button::new("reset").small());
                if reset
                    .on_hover_text(format!("Back to {value_saved} of {}.", saved.whose()))
                    .clicked()
                {
                    state.drafts.remove(spec.name);
                    intents.push(reset_of(spec.name, data, saved));
                }
                let width = ui.available_width();
                ui.add(egui::TextEdit::singleline(&mut text).desired_width(width))
                    .labelled_by(label.id)
                    .on_hover_text(format!(
                        "{} Legal: {}. Enter proposes it, Esc takes it back.",
                        spec.help, spec.form
                    ))
            })
            .inner
        })
        .inner;
    let judged = data.settings.clone().set(spec.name, &text);
    if response.changed() {
        state.drafts.insert(spec.name, text.clone());
    }
    if response.lost_focus() {
        let is_taken_back = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if is_taken_back || text == current {
            state.drafts.remove(spec.name);
        } else if judged.is_ok() {
            state.drafts.remove(spec.name);
            intents.push(Intent::Propose(vec![(spec.name.to_owned(), text.clone())]));
        }
    }
    if let Err(error) = judged
        && state.drafts.contains_key(spec.name)
    {
        ui.label(egui::RichText::new(format!("! {error}")).color(style::CRITICAL));
    }
}
