//! One moment of everything the panel and the text report show, as plain data. Made four times a second.

mod cost;
mod engine;
mod facts;
mod flow;
mod ledger;

pub use cost::CostLine;
pub use engine::{Engine, Levels, Memory, Stuck};
pub use flow::{Cancels, Flow, Lateness, Stale, StopShares};
pub use ledger::{LawLine, Ledger};

use super::{
    health::{Health, judge},
    hitch::Hitch,
    layers::LayerSummary,
    log::EventKind,
    record::{Refusal, Telemetry},
    registry::{METRICS, Metric},
    sample::Sample,
    ticket::HitchTicket,
    timing::{TimingId, TimingSummary},
};
use crate::streaming::{LawBook, StreamingMetrics, StreamingValues};

/// Seconds that "now" looks back: the worst value between two refreshes of the text.
pub const NOW_SECS: f64 = 0.25;

/// One event, ready to show.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLine {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Kind.
    pub kind: EventKind,
    /// Text.
    pub text: String,
}

/// One metric of the registry, ready to show.
#[derive(Copy, Clone, Debug)]
pub struct MetricLine {
    /// Which one.
    pub metric: &'static Metric,
    /// Its value in the newest frame.
    pub now: Option<f64>,
    /// The largest since the last refresh.
    pub worst: Option<f64>,
    /// What it stands over.
    pub limit: Option<f64>,
    /// Whether it asks for attention.
    pub is_over: bool,
}

/// Everything the panel shows, of one moment.
#[derive(Clone, Debug)]
pub struct PanelData {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Frames recorded.
    pub frames: u64,
    /// Whether the length of frames is stated, not measured: the virtual clock.
    pub is_virtual: bool,
    /// Verdict and sentence.
    pub health: Health,
    /// Seconds that "last minute" means below: fewer in a young run, or when frames are more than are kept.
    pub window_secs: f64,
    /// Frame time in true time, last minute.
    pub frame_time: Option<TimingSummary>,
    /// Frames per second over the last second (frames ÷ seconds).
    pub fps: Option<f64>,
    /// Target frame time, ms.
    pub target_ms: f64,
    /// Law 1.
    pub ledger: Ledger,
    /// All laws.
    pub laws: Vec<LawLine>,
    /// The pipeline.
    pub flow: Flow,
    /// Main-thread stages per frame, then per-chunk times.
    pub stages: Vec<CostLine>,
    /// Times per chunk.
    pub chunk_times: Vec<CostLine>,
    /// Per chunk, by the layers that the generator names.
    pub layers: Vec<LayerSummary>,
    /// Discarded results.
    pub stale: Stale,
    /// Cancelled requests.
    pub cancels: Cancels,
    /// Late chunks and holes.
    pub late: Lateness,
    /// Levels, memory, stuck workers, preloads, what was given up.
    pub engine: Engine,
    /// What ended applying.
    pub stops: StopShares,
    /// Panel hitches and hitches by rule H1.
    pub hitches: (u64, u64),
    /// The worst hitches, longest first.
    pub worst_hitches: Vec<Hitch>,
    /// Tickets of the newest hitches, newest first.
    pub tickets: Vec<HitchTicket>,
    /// Every metric of the registry, in its order.
    pub metrics: Vec<MetricLine>,
    /// Settings in force.
    pub settings: StreamingValues,
    /// Settings that a reset goes back to.
    pub settings_at_start: StreamingValues,
    /// The newest refusal, if no change came after it.
    pub refusal: Option<Refusal>,
    /// Every event that is kept, newest first: a filter looks through all of them.
    pub events: Vec<EventLine>,
    /// The overlay's own cost per frame, last minute.
    pub overlay: Option<TimingSummary>,
    /// The recorder's own cost per frame, last minute.
    pub record: Option<TimingSummary>,
}

impl PanelData {
    /// Reads everything. Costs a few hundred microseconds: call it four times a second, not every frame.
    pub fn collect(
        telemetry: &Telemetry,
        metrics: &StreamingMetrics,
        settings: &StreamingValues,
        laws: Option<&LawBook>,
    ) -> Self {
        let newest = telemetry.samples().last().copied().unwrap_or_default();
        let frame_time = telemetry.window_summary(TimingId::Frame);
        let flow = flow::flow(telemetry, &newest);
        let stops = flow::stops(telemetry, &newest);
        let engine = engine::engine(telemetry, settings, &newest);
        let health = judge(&facts::health_facts(telemetry, settings, &newest, &engine));
        Self {
            t_secs: newest.t_secs,
            frames: telemetry.frames(),
            health,
            window_secs: telemetry.window_secs(),
            frame_time,
            fps: fps(telemetry),
            target_ms: telemetry.hitches().target_ms(),
            is_virtual: newest.is_stated,
            ledger: Ledger::of(&newest),
            laws: laws.map(ledger::law_lines).unwrap_or_default(),
            flow,
            stages: cost::stages(telemetry, frame_time),
            chunk_times: cost::chunk_times(telemetry),
            layers: telemetry.layer_summaries(),
            stale: flow::stale(telemetry, &newest),
            cancels: flow::cancels(telemetry, &newest),
            late: flow::lateness(metrics),
            engine,
            stops,
            hitches: (telemetry.hitches().panel(), telemetry.hitches().h1()),
            worst_hitches: telemetry.hitches().worst().to_vec(),
            tickets: telemetry.tickets().rev().cloned().collect(),
            metrics: metric_lines(telemetry, &newest),
            settings: settings.clone(),
            settings_at_start: telemetry.settings_at_start().unwrap_or(settings).clone(),
            refusal: telemetry.last_refusal().cloned(),
            events: telemetry
                .log()
                .events()
                .iter()
                .rev()
                .map(|event| EventLine {
                    t_secs: event.t_secs,
                    kind: event.kind,
                    text: event.text.clone(),
                })
                .collect(),
            overlay: telemetry.window_summary(TimingId::Overlay),
            record: telemetry.window_summary(TimingId::Record),
        }
    }

    /// The laws that were broken.
    pub fn broken_laws(&self) -> impl Iterator<Item = &LawLine> {
        self.laws.iter().filter(|law| law.violations > 0)
    }
}

/// The verdict alone, of the newest frame.
pub fn health_now(telemetry: &Telemetry, settings: &StreamingValues) -> Health {
    let newest = telemetry.samples().last().copied().unwrap_or_default();
    let engine = engine::engine(telemetry, settings, &newest);
    judge(&facts::health_facts(telemetry, settings, &newest, &engine))
}

/// The worst of `read` over the samples of the last [`NOW_SECS`].
fn worst_now(telemetry: &Telemetry, read: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
    let from = telemetry.now_secs() - NOW_SECS;
    telemetry
        .samples()
        .since(|sample| sample.t_secs >= from)
        .filter_map(read)
        .max_by(f64::total_cmp)
}

fn metric_lines(telemetry: &Telemetry, newest: &Sample) -> Vec<MetricLine> {
    let line = |metric: &'static Metric| MetricLine {
        metric,
        now: metric.value(newest),
        worst: worst_now(telemetry, |sample| metric.value(sample)),
        limit: metric.limit_in(newest),
        is_over: metric.is_over(newest),
    };
    METRICS.iter().map(line).collect()
}

fn fps(telemetry: &Telemetry) -> Option<f64> {
    let from = telemetry.now_secs() - 1.0;
    let recent = telemetry.samples().since(|sample| sample.t_secs >= from);
    let frames = recent.len();
    let seconds: f64 = recent.map(|sample| sample.frame_ms).sum::<f64>() / 1_000.0;
    (seconds > 0.0).then(|| frames as f64 / seconds)
}

#[cfg(test)]
mod tests;
