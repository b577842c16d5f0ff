//! The one list of metrics: panel, HUD, Tracy plots, Bevy's `Diagnostics`, telemetry files and hover texts are fed from it.

mod metrics;

use super::{sample::Sample, text::NO_DATA};

pub use metrics::METRICS;

/// What kind of number a metric is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows for ever; a whole number.
    Counter,
    /// The value at the end of the frame; a whole number.
    Gauge,
    /// A measured quantity with decimals.
    Measure,
}

/// When a value asks for attention.
#[derive(Copy, Clone, Debug)]
pub enum Threshold {
    /// Never.
    None,
    /// Above this.
    Above(f64),
    /// Above what a setting or another count allows; shown as value over limit.
    Limit(fn(&Sample) -> Option<f64>),
    /// Never: what it is held against, shown like a limit, may be passed.
    Of(fn(&Sample) -> Option<f64>),
}

/// One metric.
#[derive(Copy, Clone, Debug)]
pub struct Metric {
    /// Name in files, plots and the registry; also the column name of a telemetry file.
    pub id: &'static str,
    /// Unit, as shown behind a value.
    pub unit: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// What it is: one sentence for a hover text.
    pub help: &'static str,
    /// How it is reckoned.
    pub formula: &'static str,
    /// Where Bevy's `Diagnostics` and Tracy show it; `None`: not there.
    pub path: Option<&'static str>,
    /// When a value asks for attention.
    pub threshold: Threshold,
    /// Whether it is true time, which differs between two runs that are otherwise equal.
    pub is_wall: bool,
    /// Takes it from a sample; `None` when there is no data.
    pub read: fn(&Sample) -> Option<f64>,
}

impl Metric {
    const fn new(
        id: &'static str,
        unit: &'static str,
        kind: MetricKind,
        read: fn(&Sample) -> Option<f64>,
    ) -> Self {
        Self {
            id,
            unit,
            kind,
            help: "",
            formula: "",
            path: None,
            threshold: Threshold::None,
            is_wall: false,
            read,
        }
    }

    const fn means(mut self, help: &'static str, formula: &'static str) -> Self {
        self.help = help;
        self.formula = formula;
        self
    }

    const fn plotted(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    const fn on_the_wall(mut self) -> Self {
        self.is_wall = true;
        self
    }

    const fn above(mut self, threshold: f64) -> Self {
        self.threshold = Threshold::Above(threshold);
        self
    }

    const fn limit(mut self, limit: fn(&Sample) -> Option<f64>) -> Self {
        self.threshold = Threshold::Limit(limit);
        self
    }

    const fn of(mut self, whole: fn(&Sample) -> Option<f64>) -> Self {
        self.threshold = Threshold::Of(whole);
        self
    }

    /// The value in a frame; `None` when there is no data or it is no number.
    pub fn value(&self, sample: &Sample) -> Option<f64> {
        (self.read)(sample).filter(|value| value.is_finite())
    }

    /// The limit that the value stands over, if it has one.
    pub fn limit_in(&self, sample: &Sample) -> Option<f64> {
        match self.threshold {
            Threshold::Limit(limit) | Threshold::Of(limit) => {
                limit(sample).filter(|limit| limit.is_finite())
            }
            Threshold::None | Threshold::Above(_) => None,
        }
    }

    /// Whether the value asks for attention.
    pub fn is_over(&self, sample: &Sample) -> bool {
        let most = match self.threshold {
            Threshold::None | Threshold::Of(_) => None,
            Threshold::Above(most) => Some(most),
            Threshold::Limit(_) => self.limit_in(sample),
        };
        self.value(sample)
            .zip(most)
            .is_some_and(|(value, most)| value > most)
    }

    /// A value with as many decimals as its kind has; the sign for no data without one.
    pub fn number_text(&self, value: Option<f64>) -> String {
        match (value.filter(|value| value.is_finite()), self.kind) {
            (None, _) => NO_DATA.to_owned(),
            (Some(value), MetricKind::Measure) => format!("{value:.2}"),
            (Some(value), MetricKind::Counter | MetricKind::Gauge) => format!("{value:.0}"),
        }
    }

    /// The value with its limit and unit: `2 / 3 requests`, `—`.
    pub fn value_text(&self, sample: &Sample) -> String {
        let value = self.number_text(self.value(sample));
        match self.limit_in(sample) {
            Some(limit) => format!("{value} / {} {}", self.number_text(Some(limit)), self.unit),
            None => format!("{value} {}", self.unit),
        }
    }

    /// Definition, formula, number of values and window, for a hover text.
    pub fn tooltip(&self, n: usize, window_secs: f64) -> String {
        format!(
            "{} [{}]\n{}\n= {}\nn {n} over {window_secs:.0} s",
            self.id, self.unit, self.help, self.formula
        )
    }
}

/// How many of [`METRICS`] are the columns of a telemetry file that are law; all others follow them.
pub const COLUMN_COUNT: usize = 24;

/// The columns of a telemetry file: those that are law in their order, then all others.
pub fn columns() -> &'static [Metric] {
    METRICS
}

/// Metrics that Tracy and Bevy's `Diagnostics` show, with their index in [`METRICS`].
pub fn plotted_metrics() -> impl Iterator<Item = (usize, &'static Metric, &'static str)> {
    METRICS
        .iter()
        .enumerate()
        .filter_map(|(index, metric)| Some((index, metric, metric.path?)))
}

/// The metric called `id`.
pub fn find(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

/// Where the metric called `id` stands in [`METRICS`].
pub fn index_of(id: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.id == id)
}

#[cfg(test)]
mod tests;
