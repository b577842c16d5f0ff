//! The chunk map (F5, lower right): one cell per chunk, and for the picked one its whole life and why it is not here.

mod canvas;
mod life;
mod look;
mod screen;

use std::collections::BTreeMap;

use bevy::math::DVec2;
use bevy_egui::egui;

use super::style;
use crate::{
    modes::ControlMode,
    streaming::{CellStage, ChunkCell, ChunkCoord, DetailLevel, FocusKind, FocusView},
};
pub use life::{Life, LifeStep};
pub use look::{CellLook, CellPast, MapMode, STATES, look_of as cell_look};

pub(super) use screen::plugin;

/// The radii in force, metres.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct MapRadii {
    /// Inside, a chunk must be there.
    pub must_have_m: f64,
    /// Full detail is loaded.
    pub load_m: f64,
    /// Full detail is let go.
    pub unload_m: f64,
    /// The farthest that is seen.
    pub view_m: f64,
    /// As far as memory reaches; `None` while it limits nothing.
    pub reach_m: Option<f64>,
}

/// Everything the map shows, of one moment.
#[derive(Clone, Debug, Default)]
pub struct MapData {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Side of a cell, metres.
    pub chunk_size_m: f64,
    /// Every cell that is wanted or still here.
    pub cells: Vec<ChunkCell>,
    /// What is known of the past of cells.
    pub pasts: BTreeMap<ChunkCoord, CellPast>,
    /// Foci and preloads.
    pub foci: Vec<FocusView>,
    /// The radii.
    pub radii: MapRadii,
    /// Half of what the camera sees from left to right, radians.
    pub half_view_angle_rad: f64,
    /// Where the first hole will reach the must-have radius, if nothing changes.
    pub horizon: Option<DVec2>,
    /// The picked cell's life.
    pub life: Option<Life>,
    /// Whether this is a moment of the past.
    pub is_past: bool,
}

impl MapData {
    /// The middle of the map: the first focus that sees.
    fn centre(&self) -> DVec2 {
        let sees = |focus: &&FocusView| focus.kind == FocusKind::See;
        self.foci
            .iter()
            .find(sees)
            .or(self.foci.first())
            .map_or(DVec2::ZERO, |focus| focus.at)
    }

    fn past(&self, coord: ChunkCoord) -> CellPast {
        self.pasts.get(&coord).copied().unwrap_or_default()
    }

    /// Half the side of what is shown, metres: a little more than is loaded in full, unless somebody zoomed.
    fn span_m(&self, state: &MapState) -> f64 {
        state
            .span_m
            .unwrap_or((1.15 * self.radii.unload_m).max(2.0 * self.chunk_size_m))
    }

    /// The life of a cell is shown for the picked cell only.
    fn life_of(&self, picked: ChunkCoord) -> Option<&Life> {
        self.life.as_ref().filter(|life| life.coord == picked)
    }
}

/// What the map itself remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapState {
    /// What the colours mean.
    pub mode: MapMode,
    /// The cell whose life is shown.
    pub picked: Option<ChunkCoord>,
    /// Half the side of what is shown, metres; `None` follows the radii.
    pub span_m: Option<f64>,
}

impl MapState {
    fn zoom(&mut self, data: &MapData, factor: f64) {
        let least = 2.0 * data.chunk_size_m;
        let most = (1.2 * data.radii.view_m).max(least);
        self.span_m = Some((data.span_m(self) * factor).clamp(least, most));
    }
}

/// Paints the map into `ui`, `side` points wide. Nothing is changed but the map's own state.
pub fn map(ui: &mut egui::Ui, data: &MapData, state: &mut MapState, mode: ControlMode, side: f32) {
    ui.set_width(side);
    ui.spacing_mut().item_spacing.y = 2.0;
    if let Some(picked) = state.picked {
        life::show(ui, data, picked, state);
    }
    head(ui, data, state, mode);
    canvas::show(ui, data, state, side);
    legend(ui, data, state);
}

fn head(ui: &mut egui::Ui, data: &MapData, state: &mut MapState, control: ControlMode) {
    ui.horizontal(|ui| {
        for mode in MapMode::ALL {
            let is_on = state.mode == mode;
            if ui
                .selectable_label(is_on, mode.word())
                .on_hover_text(mode.help())
                .clicked()
            {
                state.mode = mode;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            for (sign, factor, help) in [
                ("+", 0.5, "Nearer. The wheel does the same."),
                ("−", 2.0, "Farther."),
            ] {
                if ui.small_button(sign).on_hover_text(help).clicked() {
                    state.zoom(data, factor);
                }
            }
        });
    });
    if data.is_past {
        style::line(
            ui,
            format!("PAST: {:.1} s, frozen with the graphs", data.t_secs),
            style::INFO,
        );
    } else if control == ControlMode::Drive {
        style::line(ui, "F4 frees the mouse: click a cell", style::NEUTRAL);
    }
}

/// The glyphs that are on the map now, with how many there are.
fn legend(ui: &mut egui::Ui, data: &MapData, state: &MapState) {
    if state.mode != MapMode::State {
        style::line(ui, state.mode.help(), style::NEUTRAL).on_hover_text(state.mode.help());
        return;
    }
    let count = |matches: &dyn Fn(&ChunkCell) -> bool| {
        data.cells.iter().filter(|cell| matches(cell)).count()
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        let settled = |cell: &ChunkCell| cell.stage == CellStage::Settled;
        let full = count(&|cell| settled(cell) && cell.shown == Some(DetailLevel::FULL));
        let coarse = count(&|cell| settled(cell) && cell.shown > Some(DetailLevel::FULL));
        if full > 0 {
            entry(ui, "■", "full", full, style::GOOD);
        }
        if coarse > 0 {
            entry(ui, "1", "coarse", coarse, style::COARSE_TEXT);
        }
        for (stage, glyph, word, color, _) in STATES {
            let number = count(&|cell| cell.stage == stage);
            if number > 0 {
                entry(ui, &glyph.to_string(), word, number, color);
            }
        }
    });
}

fn entry(ui: &mut egui::Ui, glyph: &str, word: &str, number: usize, color: egui::Color32) {
    ui.label(
        style::mono(format!("{glyph} {word} {number}"))
            .small()
            .color(color),
    );
}

/// A cell's state in words.
pub fn stage_text(cell: &ChunkCell) -> String {
    let seen = match (cell.shown, cell.stage) {
        (Some(DetailLevel::FULL), _) => "full detail is seen".to_owned(),
        (Some(level), _) => format!("level {} is seen", level.0),
        (None, _) => "nothing is seen".to_owned(),
    };
    let ticket = cell
        .ticket
        .map_or_else(String::new, |ticket| format!(" as {ticket}"));
    let work = match cell.stage {
        CellStage::Settled => return seen,
        CellStage::Missing => "wanted, not asked for yet".to_owned(),
        CellStage::Queued => format!("queued{ticket}"),
        CellStage::Running => match &cell.on_thread {
            Some((thread, time)) => format!(
                "running{ticket} on {thread} for {:.1} ms",
                time.as_secs_f64() * 1e3
            ),
            None => format!("running{ticket}"),
        },
        CellStage::Ready => format!("finished{ticket}, waits to be applied"),
        CellStage::Applying => format!("being applied{ticket}"),
        CellStage::Stopping => format!("told to stop{ticket}"),
        CellStage::Backoff => match cell.retry_in {
            Some(time) => format!(
                "failed {} times, next try in {:.1} s",
                cell.attempt,
                time.as_secs_f64()
            ),
            None => format!("failed {} times", cell.attempt),
        },
        CellStage::Retiring => "its entities are leaving".to_owned(),
        CellStage::Quarantined => format!("given up after {} tries", cell.attempt),
    };
    match cell.order {
        Some(order) => format!("{seen}; {work}, number {order} in the order of need"),
        None => format!("{seen}; {work}"),
    }
}

#[cfg(test)]
mod tests;
