//! ENGINE: the order of work, what was cancelled, stuck workers, preloads, shifts of the origin.

use bevy_egui::egui;

use crate::{
    overlay::style,
    telemetry::{
        snapshot::PanelData,
        text::{fixed, percent, preload_text},
    },
};

/// Preloads listed at once.
const PRELOADS: usize = 6;

pub(super) fn show(ui: &mut egui::Ui, data: &PanelData) {
    let engine = &data.engine;
    style::line(
        ui,
        format!(
            "regret  {} of the possible   origin shifts {}",
            percent(engine.regret),
            engine.origin_shifts
        ),
        style::TEXT,
    )
    .on_hover_text("How far the order of work was from the order of need: Σ (need of the most needed that waited − need of what started) ÷ Σ of the worst choice. 0 %: always the most needed first. — while nothing had a choice. Origin shifts: how often the scene was moved by whole chunks, so that what is near keeps its precision.");
    let cancels = &data.cancels;
    style::line(
        ui,
        format!(
            "cancelled {} = {} unwanted + {} level + {} memory + {} anew",
            cancels.total,
            cancels.unwanted,
            cancels.level_changed,
            cancels.memory,
            cancels.regenerated
        ),
        style::TEXT,
    )
    .on_hover_text("Requests that ended without a result since the start, because nobody needed the chunk any more, it was needed at another level, memory_cap_mib left no room, or the world was made anew.");
    style::line(
        ui,
        format!(
            "  {} cancelled/s   {:.0} worker ms wasted since the start",
            fixed(cancels.per_sec, 0, 1),
            data.stale.wasted_worker_ms
        ),
        style::NEUTRAL,
    )
    .on_hover_text("Cancelled per second over 10 s. Worker time spent on what was cancelled while it ran, or discarded as stale.");
    stuck(ui, data);
    for preload in engine.preloads.iter().take(PRELOADS) {
        let color = match (preload.is_ready, preload.late_by) {
            (_, Some(_)) => style::BAD,
            (true, None) => style::GOOD,
            (false, None) => style::TEXT,
        };
        style::line(ui, preload_text(preload), color).on_hover_text("A place that is made ready before somebody comes: where (x, z), radius, chunks at full detail of those that belong to it, when it will be ready at the rate so far, and how late it is.");
    }
    let left_out = engine.preloads.len().saturating_sub(PRELOADS);
    if left_out > 0 {
        style::line(ui, format!("and {left_out} more preloads"), style::NEUTRAL);
    }
}

fn stuck(ui: &mut egui::Ui, data: &PanelData) {
    const HELP: &str = "Threads whose generation did not end within stuck_after_secs and was given up; how many were given up since the start, how many of them came back later (their results are discarded), and the chunk of the newest.";
    let stuck = &data.engine.stuck;
    let color = if stuck.workers > 0 {
        style::BAD
    } else {
        style::TEXT
    };
    let counts = format!(
        "stuck   {} threads  given up {} came back {}",
        stuck.workers, stuck.given_up, stuck.late_returns
    );
    style::line(ui, counts, color).on_hover_text(HELP);
    if let Some(chunk) = stuck.newest {
        style::line(ui, format!("        newest {chunk}"), color).on_hover_text(HELP);
    }
}
