//! The chunks that were given up: which, why, and a button to try each again.

use bevy_egui::egui;

use super::Intent;
use crate::{overlay::style, streaming::StreamingRequest, telemetry::snapshot::PanelData};

/// Chunks listed at once; "retry all" takes the others along.
const LISTED: usize = 4;

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData, intents: &mut Vec<Intent>) {
    let count = data.flow.quarantined;
    ui.horizontal(|ui| {
        ui.label(style::mono(format!("{count} given up")).color(style::CRITICAL));
        let all = ui.small_button("retry all now");
        if all
            .on_hover_text("Every given-up chunk again, from its first attempt.")
            .clicked()
        {
            intents.push(Intent::Streaming(StreamingRequest::RetryQuarantined));
        }
    });
    let notes = &data.engine.quarantined;
    for note in notes.iter().take(LISTED) {
        ui.horizontal(|ui| {
            let retry = ui.small_button(format!("retry {} now", note.coord));
            if retry
                .on_hover_text("This chunk again, from its first attempt.")
                .clicked()
            {
                intents.push(Intent::Streaming(StreamingRequest::RetryChunk(note.coord)));
            }
            style::line(ui, &note.reason, style::CRITICAL).on_hover_text(format!(
                "Chunk {} {} at attempt {}, {:.1} s: {}",
                note.coord,
                if note.panicked { "panicked" } else { "failed" },
                note.attempt,
                note.t_secs,
                note.reason
            ));
        });
    }
    let left_out = notes.len().saturating_sub(LISTED);
    if left_out > 0 {
        style::line(ui, format!("  and {left_out} more"), style::NEUTRAL);
    }
}
