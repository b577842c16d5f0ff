//! The chunk map (F5, lower right): one cell per chunk, and for the picked one its whole life and why it is not here.

mod canvas;
mod life;
mod look;
mod past;
mod screen;

use bevy::math::DVec2;
use bevy_egui::egui;

use super::style;
use crate::{
    modes::{ControlMode, StressRequest},
    streaming::{
        CellStage, CellView, ChunkCoord, DetailLevel, FocusPurpose, FocusView, Outlook,
        StreamingRequest,
    },
};
pub use life::Life;
pub use look::{CellLook, MapMode, STATES, look_of as cell_look};

pub(super) use screen::plugin;

/// What the person at the map wants. Nothing happens until the glue sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum MapIntent {
    /// Go to the middle of a chunk.
    GoTo(ChunkCoord),
    /// Ask something of streaming.
    Streaming(StreamingRequest),
    /// Draw something into the world, or stop.
    Marks(crate::modes::WorldMarks),
    /// Back from the past.
    Live,
}

impl MapIntent {
    /// What a game is asked for to go to a chunk.
    pub fn go_to(coord: ChunkCoord, chunk_size_m: f64) -> StressRequest {
        let middle = coord.center(chunk_size_m);
        StressRequest::GoTo {
            x: middle.x,
            z: middle.y,
        }
    }
}

/// One cell on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapCell {
    /// How it stands.
    pub view: CellView,
    /// Its place in the order of need among those that wait for a worker, from 1.
    pub order: Option<u32>,
}

/// The cells with their order of need.
pub fn in_order(views: Vec<CellView>) -> Vec<MapCell> {
    let waits = |view: &CellView| matches!(view.stage, CellStage::Missing | CellStage::Queued);
    let mut waiting: Vec<(f64, usize)> = views
        .iter()
        .enumerate()
        .filter(|(_, view)| waits(view) && view.need_m.is_finite())
        .map(|(index, view)| (view.need_m, index))
        .collect();
    waiting.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut cells: Vec<MapCell> = views
        .into_iter()
        .map(|view| MapCell { view, order: None })
        .collect();
    for (order, (_, index)) in (1..).zip(waiting) {
        cells[index].order = Some(order);
    }
    cells
}

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

impl MapRadii {
    /// Each with its name, colour and width of its line.
    fn drawn(&self) -> [(Option<f64>, &'static str, egui::Color32, f32); 5] {
        [
            (Some(self.must_have_m), "must have", style::CRITICAL, 1.5),
            (Some(self.load_m), "load", style::TEXT, 1.2),
            (Some(self.unload_m), "unload", style::NEUTRAL, 0.7),
            (Some(self.view_m), "view", style::OK, 0.9),
            (self.reach_m, "memory", style::BAD, 1.5),
        ]
    }
}

/// Everything the map shows, of one moment.
#[derive(Clone, Debug, Default)]
pub struct MapData {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Side of a cell, metres.
    pub chunk_size_m: f64,
    /// Every cell that is wanted or still here.
    pub cells: Vec<MapCell>,
    /// Foci and preloads.
    pub foci: Vec<FocusView>,
    /// The radii.
    pub radii: MapRadii,
    /// Half of what the camera sees from left to right, radians.
    pub half_view_angle_rad: f64,
    /// When and where the first hole will reach the must-have radius, if nothing changes.
    pub outlook: Outlook,
    /// What is drawn into the world.
    pub marks: crate::modes::WorldMarks,
    /// The picked cell's life.
    pub life: Option<Life>,
    /// Whether this is a moment of the past.
    pub is_past: bool,
    /// From when on every step of every cell is on record, s; before, cells may be missing on the map.
    pub on_record_since_secs: Option<f64>,
}

impl MapData {
    /// The middle of the map: the first focus that sees.
    fn centre(&self) -> DVec2 {
        let sees = |focus: &&FocusView| focus.purpose == FocusPurpose::See;
        self.foci
            .iter()
            .find(sees)
            .or(self.foci.first())
            .map_or(DVec2::ZERO, |focus| focus.at)
    }

    /// Half the side of what is shown, metres: a little more than is loaded in full, unless somebody zoomed.
    fn span_m(&self, state: &MapState) -> f64 {
        state
            .span_m
            .unwrap_or((1.15 * self.radii.unload_m).max(2.0 * self.chunk_size_m))
    }

    /// What the colours mean: of the past only states are on record.
    fn mode(&self, state: &MapState) -> MapMode {
        if self.is_past {
            MapMode::State
        } else {
            state.mode
        }
    }

    /// From when on the map is on record, where the moment that is looked at is before it.
    fn incomplete_before_secs(&self) -> Option<f64> {
        self.on_record_since_secs
            .filter(|since| self.is_past && self.t_secs < *since)
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
    /// How much room there is for what is told of the picked cell, and how much of it that took last, points.
    life_limit: Option<f32>,
    life_height: f32,
}

impl MapState {
    fn zoom(&mut self, data: &MapData, factor: f64) {
        let least = 2.0 * data.chunk_size_m;
        let most = (1.2 * data.radii.view_m).max(least);
        self.span_m = Some((data.span_m(self) * factor).clamp(least, most));
    }
}

/// Paints the map of this size into `ui`, with what belongs to it above and below, and returns what was asked for in this
/// pass.
pub fn map(
    ui: &mut egui::Ui,
    data: &MapData,
    state: &mut MapState,
    mode: ControlMode,
    size: egui::Vec2,
) -> Vec<MapIntent> {
    let mut intents = Vec::new();
    ui.set_width(size.x);
    ui.spacing_mut().item_spacing.y = 2.0;
    state.life_height = 0.0;
    if let Some(picked) = state.picked {
        let block = egui::ScrollArea::vertical()
            .id_salt("picked")
            .max_height(state.life_limit.unwrap_or(f32::INFINITY))
            .auto_shrink([false, true])
            .show(ui, |ui| life::show(ui, data, picked, state, &mut intents));
        state.life_height = block.inner_rect.height() + ui.spacing().item_spacing.y;
    }
    head(ui, data, state, mode, &mut intents);
    canvas::show(ui, data, state, size);
    rings(ui, data);
    if data.mode(state) == MapMode::RunTime {
        slowest(ui, data, state);
    } else {
        legend(ui, data, state);
    }
    foot(ui, data, &mut intents);
    intents
}

/// The ten chunks whose last generation took longest; a click shows the life of one, and from there leads there.
fn slowest(ui: &mut egui::Ui, data: &MapData, state: &mut MapState) {
    let mut runs: Vec<(f64, ChunkCoord)> = data
        .cells
        .iter()
        .filter_map(|cell| Some((cell.view.run_ms?, cell.view.coord)))
        .collect();
    runs.sort_by(|a, b| b.0.total_cmp(&a.0));
    ui.horizontal_wrapped(|ui| {
        ui.label(style::mono("slowest").small().color(style::NEUTRAL))
            .on_hover_text(MapMode::RunTime.help());
        for (ms, coord) in runs.into_iter().take(SLOWEST) {
            let button = ui.small_button(style::mono(format!("{coord} {ms:.1} ms")).small());
            if button
                .on_hover_text("Shows its life, and from there leads there.")
                .clicked()
            {
                state.picked = Some(coord);
            }
        }
    });
}

/// Chunks listed as the slowest.
const SLOWEST: usize = 10;

/// The horizon of starvation, and what is drawn into the world.
fn foot(ui: &mut egui::Ui, data: &MapData, intents: &mut Vec<MapIntent>) {
    let Outlook {
        hole_in_secs,
        hole_at,
        rate_per_sec,
        need_per_sec,
        speed_mps,
        ..
    } = data.outlook;
    let number =
        |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"));
    let (text, color) = match (hole_in_secs, hole_at) {
        (Some(secs), None) if secs < 0.05 => ("hole near now".to_owned(), style::CRITICAL),
        (Some(secs), Some(coord)) if secs < 0.05 => {
            (format!("hole near now at {coord} X"), style::CRITICAL)
        }
        (Some(secs), Some(coord)) => (
            format!("hole near in {secs:.1} s at {coord} X"),
            style::CRITICAL,
        ),
        (Some(secs), None) => (format!("hole near in {secs:.1} s"), style::CRITICAL),
        (None, _) if data.is_past && data.outlook == Outlook::default() => {
            ("— of then is not on record".to_owned(), style::NEUTRAL)
        }
        (None, _) => ("no hole near within 30 s".to_owned(), style::NEUTRAL),
    };
    let help = format!(
        "At this speed ({} m/s) and heading, when the first chunk that is not there reaches must_have_radius_m. Needed per second (chunks that come within load_radius_m) over what can land per second; reckoned twice a second.",
        number(speed_mps)
    );
    ui.label(style::mono(text).color(color))
        .on_hover_text(&help);
    let rates = format!(
        "needs {} of {} chunks/s",
        number(need_per_sec),
        number(rate_per_sec)
    );
    style::line(ui, rates, style::NEUTRAL).on_hover_text(help);
    ui.horizontal(|ui| {
        let mut marks = data.marks;
        ui.label(style::mono("in the world").small().color(style::NEUTRAL));
        ui.checkbox(&mut marks.is_shown, "F8")
            .on_hover_text("Draws into the world itself what is chosen beside.");
        for (on, word, help) in [
            (
                &mut marks.borders,
                "borders",
                "Borders of chunks in the colour of their state, with its letter.",
            ),
            (
                &mut marks.rings,
                "rings",
                "must_have, load and unload radius around each focus.",
            ),
            (
                &mut marks.order,
                "order",
                "The order in which waiting chunks are needed.",
            ),
        ] {
            ui.checkbox(on, word).on_hover_text(help);
        }
        if marks != data.marks {
            intents.push(MapIntent::Marks(marks));
        }
    });
}

/// A head that is narrower than this has its buttons nearer to each other, points.
const NARROW: f32 = 265.0;

fn head(
    ui: &mut egui::Ui,
    data: &MapData,
    state: &mut MapState,
    control: ControlMode,
    intents: &mut Vec<MapIntent>,
) {
    ui.horizontal(|ui| {
        if ui.available_width() < NARROW {
            ui.spacing_mut().item_spacing.x = 1.0;
            ui.spacing_mut().button_padding.x = 2.0;
        }
        for mode in MapMode::ALL {
            let is_on = data.mode(state) == mode;
            // What a cell cost or weighed then is not on record.
            let can = !data.is_past || mode == MapMode::State;
            if ui
                .add_enabled(can, egui::Button::selectable(is_on, mode.word()))
                .on_hover_text(mode.help())
                .on_disabled_hover_text("Of the past only states are on record.")
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
    ui.horizontal(|ui| {
        if data.is_past {
            let text = format!("PAST {:.2} s, with the graphs", data.t_secs);
            style::line(ui, text, style::INFO);
            if ui
                .small_button("live")
                .on_hover_text("Back to now.")
                .clicked()
            {
                intents.push(MapIntent::Live);
            }
        } else if control == ControlMode::Drive {
            style::line(ui, "CHUNK MAP F5 – F4 frees the mouse", style::NEUTRAL);
        } else {
            style::line(ui, "CHUNK MAP F5 – click a cell", style::NEUTRAL);
        }
    });
}

/// What the circles are, in their colours: words beside them would hide cells.
fn rings(ui: &mut egui::Ui, data: &MapData) {
    if let Some(since) = data.incomplete_before_secs() {
        style::line(
            ui,
            format!("not all on record before {since:.1} s"),
            style::WATCH,
        )
        .on_hover_text("The record of steps has an end: cells whose steps are older are blank here, and need not have been missing.");
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        for (radius_m, word, color, _) in data.radii.drawn() {
            if let Some(radius_m) = radius_m {
                ui.label(style::mono(format!("○ {word}")).small().color(color))
                    .on_hover_text(format!("{radius_m:.0} m around the focus."));
            }
        }
    });
}

/// The glyphs that are on the map now, with how many there are.
fn legend(ui: &mut egui::Ui, data: &MapData, state: &MapState) {
    if data.mode(state) != MapMode::State {
        ui.label(
            egui::RichText::new(state.mode.help())
                .small()
                .color(style::NEUTRAL),
        );
        return;
    }
    let count = |matches: &dyn Fn(&CellView) -> bool| {
        data.cells.iter().filter(|cell| matches(&cell.view)).count()
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 7.0;
        let rests = |view: &CellView| view.stage == CellStage::Idle;
        let full = count(&|view| rests(view) && view.shown == Some(DetailLevel::FULL));
        let coarse = count(&|view| rests(view) && view.shown > Some(DetailLevel::FULL));
        if full > 0 {
            entry(ui, "■", "full", full, style::GOOD);
        }
        if coarse > 0 {
            entry(ui, "1", "coarse", coarse, style::COARSE_TEXT);
        }
        for (stage, color, _) in STATES {
            let number = count(&|view| view.stage == stage);
            if number > 0 {
                entry(ui, &stage.glyph().to_string(), stage.word(), number, color);
            }
        }
    });
}

fn entry(ui: &mut egui::Ui, glyph: &str, word: &str, number: usize, color: egui::Color32) {
    // As a text the darkest would be hard to read.
    let color = if color == style::DIM {
        style::NEUTRAL
    } else {
        color
    };
    ui.label(
        style::mono(format!("{glyph} {word} {number}"))
            .small()
            .color(color),
    )
    .on_hover_text(format!("Chunks in sight of the map that are \"{word}\"."));
}

/// A cell's state in words.
pub fn stage_text(cell: &MapCell) -> String {
    let view = &cell.view;
    let mut text = match view.shown {
        Some(DetailLevel::FULL) => "full detail".to_owned(),
        Some(level) => format!("level {}", level.0),
        None => "nothing seen".to_owned(),
    };
    if view.stage != CellStage::Idle {
        text += &format!("; {}", view.stage.word());
        if let Some(ticket) = view.ticket {
            text += &format!(" {ticket}");
        }
    }
    if let Some(order) = cell.order {
        text += &format!(", number {order} in the order of need");
    }
    if view.age_secs > 0.0 {
        text += &format!(", lacking for {:.1} s", view.age_secs);
    }
    if view.attempt > 0 {
        text += &format!(", {} failures in a row", view.attempt);
    }
    if view.is_must_have {
        text += ", must be there";
    }
    text
}

#[cfg(test)]
mod tests;
