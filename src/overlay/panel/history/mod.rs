//! HISTORY: the last ten seconds, minute or ten minutes as linked graphs, with marks where a setting changed.
//!
//! A click freezes every graph, and the map, at that moment; the slider below walks through time.

mod graphs;

use std::{collections::VecDeque, ops::RangeInclusive};

use bevy_egui::egui::{self, Id};
use egui_plot::{
    AxisHints, FilledArea, GridInput, GridMark, HLine, Line, Plot, PlotPoint, PlotPoints, VLine,
};

use super::{Intent, PanelState};
use crate::{
    overlay::style,
    telemetry::{
        Telemetry,
        log::SettingMark,
        recording::{Scrub, Window},
        registry::{METRICS, Metric},
        text::fixed,
    },
};
use graphs::{Drawn, GRAPHS, Graph, Series};

/// How the graphs stand: how many side by side, and how high each is, points.
fn arrangement(ui: &egui::Ui) -> (usize, f32) {
    if style::is_low(ui) {
        (3, 24.0)
    } else {
        (2, 44.0)
    }
}

/// A point of a line: no more are kept than there are places for on a panel.
const POINTS: usize = 700;

/// A mark so near to the pointer is meant, as a share of the window.
const MARK_REACH: f64 = 0.015;

/// Width of the numbers at the left of each graph, and their size, points.
const VALUES_WIDTH: f32 = 22.0;
const VALUES_SIZE: f32 = 8.0;

/// What one metric was in the window.
#[derive(Default)]
struct Drawing {
    metric: Option<(usize, &'static Metric)>,
    /// The largest values.
    high: Vec<PlotPoint>,
    low: Vec<f64>,
    /// The value at the frozen moment, or the newest.
    shown: Option<f64>,
}

/// What the graphs show: the recording of telemetry, reduced to what can be told apart. Memory is fixed.
pub struct History {
    drawings: Vec<Drawing>,
    bars: VecDeque<f32>,
    marks: Vec<SettingMark>,
    frame_seen: u64,
    window: Window,
    /// The right edge of the graphs, s.
    until_secs: f64,
    now_secs: f64,
    frozen_secs: Option<f64>,
    /// What the points were read for while the graphs are frozen: they are not read again for the same.
    read_for: Option<(Window, f64, f64)>,
}

impl Default for History {
    fn default() -> Self {
        let series = GRAPHS.iter().flat_map(|graph| graph.series);
        Self {
            drawings: series
                .map(|series| Drawing {
                    metric: METRICS
                        .iter()
                        .enumerate()
                        .find(|(_, metric)| metric.id == series.id),
                    high: Vec::with_capacity(POINTS),
                    low: Vec::with_capacity(POINTS),
                    shown: None,
                })
                .collect(),
            bars: VecDeque::with_capacity(Self::BARS + 1),
            marks: Vec::new(),
            frame_seen: 0,
            window: Window::Secs60,
            until_secs: 0.0,
            now_secs: 0.0,
            frozen_secs: None,
            read_for: None,
        }
    }
}

impl History {
    /// Frames shown as bars.
    pub const BARS: usize = 176;

    /// Reads what was recorded since the last call.
    pub fn update(&mut self, telemetry: &Telemetry, window: Window, scrub: Scrub) {
        self.now_secs = telemetry.now_secs();
        let at_secs = scrub.at_secs.and_then(|at| self.legal_moment(at));
        self.read_bars(telemetry, at_secs);
        // Frozen graphs stand still; they move only where the moment that is looked at would be out of sight.
        self.until_secs = match at_secs {
            None => self.now_secs,
            Some(at) => {
                let until = match self.frozen_secs {
                    Some(_) => self.until_secs,
                    None => self.now_secs,
                };
                if (until - window.secs()..=until).contains(&at) {
                    until
                } else {
                    (at + window.secs() / 2.0).min(self.now_secs)
                }
            }
        };
        self.frozen_secs = at_secs;
        self.window = window;
        let reading = at_secs.map(|at| (window, self.until_secs, at));
        if reading.is_some() && reading == self.read_for {
            return;
        }
        self.read_for = reading;
        let shown = self.range();
        self.marks.clear();
        let in_sight = |mark: &&SettingMark| shown.contains(&mark.t_secs);
        self.marks
            .extend(telemetry.log().marks().iter().filter(in_sight).cloned());
        self.read_points(telemetry);
    }

    /// The newest frames; while frozen, those up to that moment.
    fn read_bars(&mut self, telemetry: &Telemetry, at_secs: Option<f64>) {
        if let Some(at) = at_secs {
            if self.frozen_secs != at_secs {
                let later = telemetry.samples().since(|sample| sample.t_secs > at).len();
                let frames = telemetry.samples().iter().rev().skip(later);
                self.bars.clear();
                for sample in frames.take(Self::BARS) {
                    self.bars.push_front(sample.frame_ms as f32);
                }
            }
            return;
        }
        if self.frozen_secs.is_some() {
            self.bars.clear();
            self.frame_seen = 0;
        }
        let seen = self.frame_seen;
        for sample in telemetry.samples().since(|sample| sample.frame > seen) {
            self.frame_seen = sample.frame;
            self.bars.push_back(sample.frame_ms as f32);
            if self.bars.len() > Self::BARS {
                self.bars.pop_front();
            }
        }
    }

    /// A moment that can be looked at: what is typed may be anything, and the record has an end on both sides.
    fn legal_moment(&self, at_secs: f64) -> Option<f64> {
        let oldest = (self.now_secs - Window::Mins10.secs()).max(0.0);
        at_secs
            .is_finite()
            .then(|| at_secs.max(oldest).min(self.now_secs))
    }

    /// The settings that changed about a time, as lines for the label at the pointer.
    fn changes_about(&self, t_secs: f64) -> String {
        let near_secs = self.window.secs() * MARK_REACH;
        self.marks
            .iter()
            .filter(|mark| (mark.t_secs - t_secs).abs() <= near_secs)
            .map(|mark| {
                format!(
                    "\n{} {} > {} ({})",
                    mark.field, mark.old, mark.new, mark.source
                )
            })
            .collect()
    }

    /// The times at the left edge, the middle and the right edge: seconds before now, or of the run's clock while
    /// frozen.
    fn axis(&self) -> [String; 3] {
        let length = self.window.secs();
        [length, length / 2.0, 0.0].map(|before| match self.frozen_secs {
            // Nothing was before the start.
            Some(_) if self.until_secs < before => "—".to_owned(),
            Some(_) => format!("{:.1} s", self.until_secs - before),
            None if before > 0.0 => format!("−{before:.0} s"),
            None => "now".to_owned(),
        })
    }

    fn read_points(&mut self, telemetry: &Telemetry) {
        let shown = self.range();
        for drawing in &mut self.drawings {
            drawing.high.clear();
            drawing.low.clear();
            let Some((index, _)) = drawing.metric else {
                continue;
            };
            for point in telemetry.series(index, self.window, &shown) {
                let (x, low, high) = (point.t_secs, f64::from(point.min), f64::from(point.max));
                // Frames closer together than a place on the panel share it.
                let least_gap = self.window.secs() / (POINTS as f64 - 2.0);
                match (drawing.high.last_mut(), drawing.low.last_mut()) {
                    (Some(last), Some(last_low)) if x - last.x < least_gap => {
                        last.y = last.y.max(high);
                        *last_low = last_low.min(low);
                    }
                    _ => {
                        drawing.high.push(PlotPoint::new(x, high));
                        drawing.low.push(low);
                    }
                }
            }
            let at = self.frozen_secs.unwrap_or(self.now_secs);
            drawing.shown = telemetry
                .moment(index, at)
                .map(|point| match self.frozen_secs {
                    Some(_) => f64::from(point.last),
                    None => f64::from(point.max),
                });
        }
    }

    /// The moment that is looked at; `None` is now.
    pub fn frozen_secs(&self) -> Option<f64> {
        self.frozen_secs
    }

    /// Frame times of the newest frames, or of those before the moment that is looked at, oldest first, ms.
    pub fn frame_bars(&self) -> &VecDeque<f32> {
        &self.bars
    }

    fn range(&self) -> RangeInclusive<f64> {
        self.until_secs - self.window.secs()..=self.until_secs
    }
}

/// Several graphs side by side, so that all of them fit beside the sliders.
pub(super) fn show(
    ui: &mut egui::Ui,
    history: &History,
    target_ms: f64,
    state: &mut PanelState,
    intents: &mut Vec<Intent>,
) {
    head(ui, history, state, intents);
    let mut first = 0;
    let (side_by_side, height) = arrangement(ui);
    for (row, graphs) in GRAPHS.chunks(side_by_side).enumerate() {
        ui.columns(side_by_side, |columns| {
            for (column, (ui, graph)) in columns.iter_mut().zip(graphs).enumerate() {
                let drawings = &history.drawings[first..first + graph.series.len()];
                first += graph.series.len();
                legend(ui, history, graph, drawings);
                plot(
                    ui,
                    history,
                    side_by_side * row + column,
                    graph,
                    drawings,
                    (height, target_ms),
                    intents,
                );
            }
        });
    }
    ui.columns(side_by_side, |columns| {
        for ui in columns {
            time_axis(ui, history);
        }
    });
}

/// The times that all graphs above share.
fn time_axis(ui: &mut egui::Ui, history: &History) {
    // As near to the graphs as can be read: there is little room.
    ui.add_space(-ui.spacing().item_spacing.y);
    let size = if style::is_low(ui) { 8.0 } else { 9.0 };
    let height = size;
    let (rect, _) = ui.allocate_exact_size(
        egui::vec2(ui.available_width(), height),
        egui::Sense::hover(),
    );
    let left = rect.left() + VALUES_WIDTH;
    let third = (rect.right() - left) / 3.0;
    let aligns = [egui::Align::Min, egui::Align::Center, egui::Align::Max];
    for (index, (text, align)) in history.axis().into_iter().zip(aligns).enumerate() {
        let place = egui::Rect::from_min_size(
            egui::pos2(left + third * index as f32, rect.top()),
            egui::vec2(third, height),
        );
        let layout = egui::Layout::left_to_right(egui::Align::Center)
            .with_main_align(align)
            .with_main_justify(true);
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(layout));
        ui.add(
            egui::Label::new(egui::RichText::new(text).size(size).color(style::NEUTRAL))
                .halign(align)
                .extend(),
        );
    }
}

fn head(ui: &mut egui::Ui, history: &History, state: &mut PanelState, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        if style::is_low(ui) {
            ui.spacing_mut().interact_size.y = 13.0;
            ui.spacing_mut().button_padding.y = 0.0;
        }
        for window in Window::ALL {
            let button = ui.selectable_label(state.window == window, window.word());
            if button
                .on_hover_text("How far the graphs look back.")
                .clicked()
            {
                state.window = window;
            }
        }
        match history.frozen_secs {
            None => {
                ui.label(
                    egui::RichText::new("live; a click freezes everything there")
                        .small()
                        .color(style::NEUTRAL),
                );
            }
            Some(at) => {
                let mut wanted = at;
                ui.spacing_mut().slider_width = 110.0;
                let slider = egui::Slider::new(&mut wanted, history.range())
                    // Painting must not round the moment that was clicked.
                    .clamping(egui::SliderClamping::Never)
                    .fixed_decimals(2)
                    .suffix(" s");
                if ui
                    .add(slider)
                    .on_hover_text("The moment that graphs and map show.")
                    .changed()
                {
                    let moment = history.legal_moment(wanted);
                    intents.extend(moment.map(|at| Intent::Scrub(Some(at))));
                }
                if ui
                    .small_button("live")
                    .on_hover_text("Back to now.")
                    .clicked()
                {
                    intents.push(Intent::Scrub(None));
                }
            }
        }
    });
}

fn legend(ui: &mut egui::Ui, history: &History, graph: &Graph, drawings: &[Drawing]) {
    let legend = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let is_short = style::is_low(ui) && graph.series.len() > 2;
        if is_short {
            // Three words beside each other have no room; the hover text has them.
            ui.label(
                egui::RichText::new(graph.short_name)
                    .small()
                    .color(style::NEUTRAL),
            );
        }
        for (Series { word, color, .. }, drawing) in graph.series.iter().zip(drawings) {
            let decimals = match drawing.metric {
                Some((_, metric)) if metric.unit == "ms" => 1,
                _ => 0,
            };
            let value = fixed(drawing.shown, 0, decimals);
            let text = if is_short {
                // A letter beside the colour: not everybody tells colours apart.
                let letter = word.get(..1).unwrap_or_default();
                format!("■{letter}{value}")
            } else {
                format!("■ {word} {value}")
            };
            ui.label(egui::RichText::new(text).small().color(*color));
        }
    });
    legend.response.on_hover_ui(|ui| {
        ui.label(help_of(history, graph, drawings));
    });
}

fn help_of(history: &History, graph: &Graph, drawings: &[Drawing]) -> String {
    let mut help = format!(
        "{}: last {}. Vertical marks: setting changes.",
        graph.title,
        history.window.word()
    );
    for drawing in drawings {
        if let Some((_, metric)) = drawing.metric {
            help += &format!(
                "\n\n{}",
                metric.tooltip(drawing.high.len(), history.window.secs())
            );
        }
    }
    help
}

fn plot(
    ui: &mut egui::Ui,
    history: &History,
    index: usize,
    graph: &Graph,
    drawings: &[Drawing],
    (height, target_ms): (f32, f64),
    intents: &mut Vec<Intent>,
) {
    let mut plot = Plot::new(("history", index))
        .height(height)
        .width(ui.available_width())
        .show_axes([false, true])
        .custom_y_axes(vec![values_axis()])
        .y_grid_spacer(values_shown)
        .show_grid([false, true])
        .include_y(0.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(egui::vec2(0.0, 0.12))
        .include_x(*history.range().start())
        .include_x(*history.range().end())
        .link_cursor(Id::new("history cursor"), [true, false])
        .label_formatter(|name, point| {
            format!(
                "{name} {:.2}\n{:.2} s{}",
                point.y,
                point.x,
                history.changes_about(point.x)
            )
        });
    let top = graph.top.map(|top| top_for(top, drawings));
    plot = match top {
        Some(top) => plot.default_y_bounds(0.0, top),
        // What is always 0 is at the bottom.
        None => plot.include_y(1.0),
    };
    let clicked = plot
        .show(ui, |plot_ui| {
            if let Some(top) = top {
                plot_ui.set_plot_bounds_y(0.0..=top);
            }
            for mark in &history.marks {
                let name = format!("{} {} > {}", mark.field, mark.old, mark.new);
                plot_ui.vline(VLine::new(name, mark.t_secs).color(style::INFO).width(1.0));
            }
            if graph.top.is_some() {
                plot_ui.hline(
                    HLine::new("target", target_ms)
                        .color(style::NEUTRAL)
                        .width(0.7),
                );
            }
            for (series, drawing) in graph.series.iter().zip(drawings) {
                draw(plot_ui, series, drawing);
            }
            if let Some(at) = history.frozen_secs {
                plot_ui.vline(
                    VLine::new("frozen", at)
                        .color(egui::Color32::WHITE)
                        .width(1.5),
                );
            }
            let response = plot_ui.response();
            response
                .clicked()
                .then(|| plot_ui.pointer_coordinate())
                .flatten()
        })
        .inner;
    if let Some(place) = clicked {
        let range = history.range();
        let within = place.x.max(*range.start()).min(*range.end());
        intents.extend(
            history
                .legal_moment(within)
                .map(|at| Intent::Scrub(Some(at))),
        );
    }
}

/// A scale that stands still, unless most of the values are above it: then as high as they are.
fn top_for(top: f64, drawings: &[Drawing]) -> f64 {
    let values = || drawings.iter().flat_map(|drawing| &drawing.high);
    let above = values().filter(|point| point.y > top).count();
    if 2 * above > values().count() {
        1.1 * values().map(|point| point.y).fold(top, f64::max)
    } else {
        top
    }
}

/// The numbers at the left: small ones, since the graphs are low.
fn values_axis() -> AxisHints<'static> {
    AxisHints::new_y()
        .min_thickness(VALUES_WIDTH)
        .label_spacing(egui::Rangef::new(7.0, 8.0))
        .tick_label_font(egui::FontId::proportional(VALUES_SIZE))
        .tick_label_color(style::NEUTRAL)
        .formatter(|mark, _| value_text(mark.value))
}

/// Zero, and a round number near the top.
fn values_shown(input: GridInput) -> Vec<GridMark> {
    let top = round_below(input.bounds.1);
    let mark = |value| GridMark {
        value,
        step_size: top.unwrap_or(1.0),
    };
    std::iter::once(0.0).chain(top).map(mark).collect()
}

/// The largest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not above a value.
fn round_below(value: f64) -> Option<f64> {
    if !(value.is_finite() && value > 0.0) {
        return None;
    }
    let power = 10_f64.powf(value.log10().floor());
    [7.0, 5.0, 3.0, 2.0, 1.5, 1.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|round| *round <= value)
}

fn value_text(value: f64) -> String {
    if value >= 1_000.0 {
        format!("{}k", value / 1_000.0)
    } else {
        // No more digits than a round number has.
        format!("{}", (value * 1_000.0).round() / 1_000.0)
    }
}

fn draw<'a>(plot_ui: &mut egui_plot::PlotUi<'a>, series: &Series, drawing: &'a Drawing) {
    let width = match series.drawn {
        Drawn::Line => 1.3,
        Drawn::Band => 1.0,
        Drawn::Limit => 0.7,
    };
    if series.drawn == Drawn::Band && !drawing.high.is_empty() {
        let xs: Vec<f64> = drawing.high.iter().map(|point| point.x).collect();
        let highs: Vec<f64> = drawing.high.iter().map(|point| point.y).collect();
        plot_ui.add(
            FilledArea::new(series.word, &xs, &drawing.low, &highs)
                .fill_color(series.color.gamma_multiply(0.3)),
        );
    }
    plot_ui.line(
        Line::new(series.word, PlotPoints::Borrowed(&drawing.high))
            .color(series.color)
            .width(width),
    );
}

#[cfg(test)]
mod tests;
