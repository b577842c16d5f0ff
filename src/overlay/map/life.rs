//! The life of one cell: why it is not here, and every step that brought it there.

use bevy_egui::egui::{self, ScrollArea};

use super::{MapData, MapState, stage_text};
use crate::{
    overlay::style,
    streaming::{ChunkCell, ChunkCoord},
};

/// One step of a chunk's life.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeStep {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// What happened, with ticket, level and thread.
    pub text: String,
}

/// What is known of one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Which.
    pub coord: ChunkCoord,
    /// How it stands; `None` when nobody wants it.
    pub cell: Option<ChunkCell>,
    /// Why it is not here, in one sentence.
    pub why: String,
    /// Every step that is still on record, oldest first.
    pub steps: Vec<LifeStep>,
}

/// Lines of steps that are in sight at once.
const STEPS_IN_SIGHT: f32 = 9.0;

pub(super) fn show(ui: &mut egui::Ui, data: &MapData, picked: ChunkCoord, state: &mut MapState) {
    ui.horizontal(|ui| {
        ui.label(
            style::mono(format!("chunk {picked}"))
                .color(style::OK)
                .strong(),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui
                .small_button("close")
                .on_hover_text("Lets go of this cell.")
                .clicked()
            {
                state.picked = None;
            }
        });
    });
    let Some(life) = data.life_of(picked) else {
        style::line(ui, "—", style::NEUTRAL);
        return;
    };
    ui.label(egui::RichText::new(&life.why).color(style::TEXT))
        .on_hover_text("Why this chunk is not here, or that it is.");
    if let Some(cell) = &life.cell {
        ui.label(
            egui::RichText::new(stage_text(cell))
                .small()
                .color(style::NEUTRAL),
        );
    }
    if life.steps.is_empty() {
        style::line(ui, "no step of its life is on record", style::NEUTRAL);
        return;
    }
    let height = STEPS_IN_SIGHT * ui.text_style_height(&egui::TextStyle::Small);
    ScrollArea::vertical()
        .id_salt("life")
        .max_height(height)
        .stick_to_bottom(true)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for step in &life.steps {
                let text = format!("{:>8.2} s {}", step.t_secs, step.text);
                ui.add(
                    egui::Label::new(style::mono(text).small())
                        .wrap_mode(egui::TextWrapMode::Truncate),
                )
                .on_hover_text(&step.text);
            }
        });
}
