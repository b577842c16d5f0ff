//! HISTORY: the last minute as lines, a quarter second per point, with marks where a setting changed.

use std::collections::VecDeque;

use bevy_egui::egui::{self, Color32, Id};
use egui_plot::{Line, Plot, PlotPoint, PlotPoints, VLine};

use crate::{
    overlay::style,
    telemetry::{Telemetry, log::SettingMark, sample::Sample, text::fixed},
};

/// Seconds shown.
const SPAN_SECS: f64 = 60.0;

/// Seconds per point; each keeps the least and the largest value of its frames.
const BUCKET_SECS: f64 = 0.25;

/// Points kept.
const BUCKETS: usize = (SPAN_SECS / BUCKET_SECS) as usize + 1;

/// Height of one graph, points.
const PLOT_HEIGHT: f32 = 36.0;

/// One line of a graph.
struct Series {
    name: &'static str,
    color: Color32,
    decimals: usize,
    read: fn(&Sample) -> Option<f64>,
}

/// One graph: name and lines.
struct Graph {
    title: &'static str,
    series: &'static [usize],
}

const SERIES: [Series; 8] = [
    Series {
        name: "running",
        color: style::OK,
        decimals: 0,
        read: |s| Some(s.active as f64),
    },
    Series {
        name: "limit",
        color: style::NEUTRAL,
        decimals: 0,
        read: |s| Some(f64::from(s.max_concurrent_tasks)),
    },
    Series {
        name: "ready",
        color: style::BAD,
        decimals: 0,
        read: |s| Some(s.ready as f64),
    },
    Series {
        name: "loading",
        color: style::WATCH,
        decimals: 0,
        read: |s| Some(s.loading as f64),
    },
    Series {
        name: "loaded",
        color: style::GOOD,
        decimals: 0,
        read: |s| Some(s.loaded as f64),
    },
    Series {
        name: "stale",
        color: style::CRITICAL,
        decimals: 0,
        read: |s| Some(s.stale as f64),
    },
    Series {
        name: "generate ms",
        color: style::INFO,
        decimals: 1,
        read: |s| s.generate_ms,
    },
    Series {
        name: "frame ms",
        color: style::OK,
        decimals: 1,
        read: |s| Some(s.frame_ms),
    },
];

const GRAPHS: [Graph; 4] = [
    Graph {
        title: "tasks",
        series: &[0, 1, 2],
    },
    Graph {
        title: "chunks",
        series: &[3, 4],
    },
    Graph {
        title: "stale results since the start",
        series: &[5],
    },
    Graph {
        title: "milliseconds",
        series: &[6, 7],
    },
];

/// Least and largest value of one series in one bucket.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Extent {
    low: f64,
    high: f64,
}

#[derive(Copy, Clone, Debug)]
struct Bucket {
    number: i64,
    extents: [Option<Extent>; SERIES.len()],
}

/// The last minute, reduced to what can be told apart on a panel. Memory is fixed.
pub struct History {
    buckets: VecDeque<Bucket>,
    bars: VecDeque<f32>,
    marks: Vec<SettingMark>,
    marks_seen: u64,
    points: [Vec<PlotPoint>; SERIES.len()],
    frame_seen: u64,
    now_secs: f64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            buckets: VecDeque::with_capacity(BUCKETS + 1),
            bars: VecDeque::with_capacity(Self::BARS + 1),
            marks: Vec::new(),
            marks_seen: 0,
            points: std::array::from_fn(|_| Vec::with_capacity(2 * BUCKETS)),
            frame_seen: 0,
            now_secs: 0.0,
        }
    }
}

impl History {
    /// Frames shown as bars.
    pub const BARS: usize = 176;

    /// Takes in the frames since the last call; after a pause it catches up with what is still recorded.
    pub fn update(&mut self, telemetry: &Telemetry) {
        let seen = self.frame_seen;
        for sample in telemetry.samples().since(|sample| sample.frame > seen) {
            self.take(sample);
        }
        let marks = telemetry.log().marks();
        if marks.pushed() != self.marks_seen
            || self.marks.first().is_some_and(|mark| self.is_past(mark))
        {
            self.marks_seen = marks.pushed();
            self.marks = marks
                .iter()
                .filter(|mark| !self.is_past(mark))
                .cloned()
                .collect();
        }
        self.rebuild_points();
    }

    /// Frame times of the newest frames, oldest first, ms.
    pub fn frame_bars(&self) -> &VecDeque<f32> {
        &self.bars
    }

    fn is_past(&self, mark: &SettingMark) -> bool {
        mark.t_secs < self.now_secs - SPAN_SECS
    }

    fn take(&mut self, sample: &Sample) {
        self.frame_seen = sample.frame;
        self.now_secs = sample.t_secs;
        self.bars.push_back(sample.frame_ms as f32);
        if self.bars.len() > Self::BARS {
            self.bars.pop_front();
        }
        let number = (sample.t_secs / BUCKET_SECS).floor() as i64;
        if self
            .buckets
            .back()
            .is_none_or(|bucket| bucket.number != number)
        {
            self.buckets.push_back(Bucket {
                number,
                extents: [None; SERIES.len()],
            });
            while self.buckets.len() > BUCKETS
                || self
                    .buckets
                    .front()
                    .is_some_and(|first| first.number <= number - BUCKETS as i64)
            {
                self.buckets.pop_front();
            }
        }
        let Some(bucket) = self.buckets.back_mut() else {
            return;
        };
        for (extent, series) in bucket.extents.iter_mut().zip(&SERIES) {
            if let Some(value) = (series.read)(sample) {
                *extent = Some(match *extent {
                    Some(Extent { low, high }) => Extent {
                        low: low.min(value),
                        high: high.max(value),
                    },
                    None => Extent {
                        low: value,
                        high: value,
                    },
                });
            }
        }
    }

    fn rebuild_points(&mut self) {
        for (index, points) in self.points.iter_mut().enumerate() {
            points.clear();
            for bucket in &self.buckets {
                let Some(Extent { low, high }) = bucket.extents[index] else {
                    continue;
                };
                let x = bucket.number as f64 * BUCKET_SECS;
                points.push(PlotPoint::new(x, low));
                if high > low {
                    points.push(PlotPoint::new(x, high));
                }
            }
        }
    }

    /// The largest value of the newest quarter second; `None` when it brought none, however old the last one is.
    fn newest(&self, series: usize) -> Option<f64> {
        Some(self.buckets.back()?.extents[series]?.high)
    }
}

/// Two graphs side by side, so that all of them fit beside the sliders.
pub(super) fn show(ui: &mut egui::Ui, history: &History) {
    for (row, pair) in GRAPHS.chunks(2).enumerate() {
        ui.columns(2, |columns| {
            for (column, (ui, graph)) in columns.iter_mut().zip(pair).enumerate() {
                legend(ui, history, graph);
                plot(ui, history, 2 * row + column, graph);
            }
        });
    }
}

fn legend(ui: &mut egui::Ui, history: &History, graph: &Graph) {
    let legend = ui.horizontal(|ui| {
        for series in graph.series {
            let Series {
                name,
                color,
                decimals,
                ..
            } = SERIES[*series];
            let value = fixed(history.newest(*series), 0, decimals);
            ui.label(
                egui::RichText::new(format!("■ {name} {value}"))
                    .small()
                    .color(color),
            );
        }
    });
    legend.response.on_hover_text(format!(
        "{}: last {SPAN_SECS:.0} s, least and largest value per {BUCKET_SECS} s. Vertical marks: setting changes.",
        graph.title
    ));
}

fn plot(ui: &mut egui::Ui, history: &History, index: usize, graph: &Graph) {
    let now = history.now_secs;
    Plot::new(("history", index))
        .height(PLOT_HEIGHT)
        .width(ui.available_width())
        .show_axes([false, true])
        .y_axis_min_width(22.0)
        .show_grid([false, true])
        .include_y(0.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(egui::vec2(0.0, 0.12))
        .include_x(now - SPAN_SECS)
        .include_x(now)
        .link_cursor(Id::new("history cursor"), [true, false])
        .label_formatter(|name, point| format!("{name} {:.2}\n{:.1} s", point.y, point.x))
        .show(ui, |plot_ui| {
            for mark in &history.marks {
                plot_ui.vline(
                    VLine::new(
                        format!("{} {} > {}", mark.field, mark.old, mark.new),
                        mark.t_secs,
                    )
                    .color(style::INFO)
                    .width(1.0),
                );
            }
            for series in graph.series {
                let points = PlotPoints::Borrowed(&history.points[*series]);
                plot_ui.line(
                    Line::new(SERIES[*series].name, points)
                        .color(SERIES[*series].color)
                        .width(1.2),
                );
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(frame: u64, t_secs: f64, active: u64) -> Sample {
        Sample {
            frame,
            t_secs,
            active,
            frame_ms: 16.0,
            ..Sample::default()
        }
    }

    #[test]
    fn bucket_keeps_the_least_and_the_largest_value() {
        let mut history = History::default();
        for (frame, active) in [2, 5, 1].into_iter().enumerate() {
            history.take(&sample(frame as u64, 1.0 + frame as f64 * 0.01, active));
        }
        history.rebuild_points();
        let values: Vec<f64> = history.points[0].iter().map(|point| point.y).collect();
        assert_eq!(values, [1.0, 5.0]);
    }

    #[test]
    fn an_hour_takes_no_more_memory_than_a_minute() {
        let mut history = History::default();
        for frame in 0..36_000u64 {
            history.take(&sample(frame, frame as f64 * 0.1, frame % 4));
            history.rebuild_points();
        }
        assert!(history.buckets.len() <= BUCKETS);
        assert_eq!(history.bars.len(), History::BARS);
        assert!(
            history
                .points
                .iter()
                .all(|points| points.capacity() == 2 * BUCKETS)
        );
        let first = history.points[0].first().unwrap().x;
        assert!(
            first >= history.now_secs - SPAN_SECS - BUCKET_SECS,
            "{first}"
        );
    }

    #[test]
    fn legend_does_not_repeat_an_old_value() {
        let mut history = History::default();
        history.take(&Sample {
            generate_ms: Some(8.0),
            ..sample(1, 1.0, 0)
        });
        assert_eq!(history.newest(6), Some(8.0));
        history.take(&sample(2, 1.3, 3));
        history.rebuild_points();
        assert_eq!(history.newest(6), None, "nothing was generated since");
        assert_eq!(history.newest(0), Some(3.0));
        assert_eq!(history.points[6].len(), 1, "the line keeps it");
    }

    #[test]
    fn a_value_without_data_draws_no_point() {
        let mut history = History::default();
        history.take(&sample(1, 1.0, 0));
        history.rebuild_points();
        assert!(history.points[6].is_empty(), "no chunk was generated");
        assert_eq!(history.points[0].len(), 1);
    }
}
