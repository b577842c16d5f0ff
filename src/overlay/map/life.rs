//! The life of one cell: why it is not here, and every step that brought it there.

use bevy_egui::egui::{self, ScrollArea};

use super::{MapCell, MapData, MapIntent, MapState, stage_text};
use crate::{
    overlay::style,
    streaming::{CellStage, ChunkCoord, LifeEvent, StreamingRequest},
    telemetry::text::bytes,
};

/// What is known of one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Which.
    pub coord: ChunkCoord,
    /// How it stands; `None` when nobody wants it.
    pub cell: Option<MapCell>,
    /// Why it is not here, in one sentence.
    pub why: String,
    /// Every step that is still on record, oldest first.
    pub steps: Vec<LifeEvent>,
}

/// Lines of steps that are in sight at once.
const STEPS_IN_SIGHT: f32 = 8.0;

pub(super) fn show(
    ui: &mut egui::Ui,
    data: &MapData,
    picked: ChunkCoord,
    state: &mut MapState,
    intents: &mut Vec<MapIntent>,
) {
    let life = data.life_of(picked);
    let cell = life.and_then(|life| life.cell.as_ref());
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
            if ui
                .small_button("go there")
                .on_hover_text("Takes you to the middle of this chunk.")
                .clicked()
            {
                intents.push(MapIntent::GoTo(picked));
            }
            let is_given_up = cell.is_some_and(|cell| cell.view.stage == CellStage::Quarantined);
            if is_given_up
                && ui
                    .small_button("retry")
                    .on_hover_text("This chunk again, from its first attempt.")
                    .clicked()
            {
                intents.push(MapIntent::Streaming(StreamingRequest::RetryChunk(picked)));
            }
        });
    });
    let Some(life) = life else {
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
        if !data.is_past {
            cost(ui, cell);
        }
    }
    if life.steps.is_empty() {
        style::line(ui, "no step of its life is on record", style::NEUTRAL);
        return;
    }
    steps(ui, life);
}

/// What it cost and weighs now; of the past that is not on record.
fn cost(ui: &mut egui::Ui, cell: &MapCell) {
    let view = &cell.view;
    let run = view
        .run_ms
        .map_or_else(|| "—".to_owned(), |ms| format!("{ms:.1} ms"));
    ui.label(
            style::mono(format!(
                "run {run}  wasted {}×  {}  {} entities",
                view.discards,
                bytes(view.bytes),
                view.entities
            ))
            .small()
            .color(style::NEUTRAL),
        )
        .on_hover_text("Run of its last generation; results of it that were discarded, as far back as is kept; bytes and entities of it in the world.");
}

fn steps(ui: &mut egui::Ui, life: &Life) {
    let height = STEPS_IN_SIGHT * ui.text_style_height(&egui::TextStyle::Small);
    ScrollArea::vertical()
        .id_salt("life")
        .max_height(height)
        .stick_to_bottom(true)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for step in &life.steps {
                let text = step.text();
                ui.add(
                    egui::Label::new(style::mono(&text).small())
                        .wrap_mode(egui::TextWrapMode::Truncate),
                )
                .on_hover_text(text);
            }
        });
}
