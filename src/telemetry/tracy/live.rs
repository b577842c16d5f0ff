//! The sink that is Tracy, and the layer that carries `tracing` spans to it. Feature `tracy`.

use std::sync::{Mutex, PoisonError};

use bevy::log::BoxedLayer;
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt::format::DefaultFields,
};
use tracy_client::{
    Client, Frame, FrameName, PlotConfiguration, PlotFormat, PlotLineStyle, PlotName, frame_name,
};

use super::{StreamingStage, TARGETS, TracySink};
use crate::telemetry::registry::{METRICS, MetricKind};

// `static`s: Tracy tells frame sets apart by the pointer of their name.
static SCAN: FrameName = frame_name!("StreamingSet::Scan");
static GEN_QUEUE: FrameName = frame_name!("StreamingSet::GenQueue");
static GEN_APPLY: FrameName = frame_name!("StreamingSet::GenApply");
static MAIN_WORLD: FrameName = frame_name!("main world");

/// Blue of the Okabe–Ito palette, for plots.
const PLOT_COLOR: u32 = 0x0056_B4E9;

/// Sends to the Tracy client of this process.
pub(super) struct LiveSink {
    client: Client,
    open: [Mutex<Option<Frame>>; 3],
    plots: Vec<Option<PlotName>>,
}

impl LiveSink {
    pub(super) fn new() -> Self {
        let client = Client::start();
        let plots = METRICS
            .iter()
            .map(|metric| {
                // Leaked once per metric and process: Tracy keeps names by pointer.
                let name = PlotName::new_leak(metric.path?.to_owned());
                client.plot_config(name, configuration(metric.kind));
                Some(name)
            })
            .collect();
        Self {
            client,
            open: Default::default(),
            plots,
        }
    }

    fn slot(&self, stage: StreamingStage) -> std::sync::MutexGuard<'_, Option<Frame>> {
        self.open[stage as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn configuration(kind: MetricKind) -> PlotConfiguration {
    let style = match kind {
        MetricKind::Counter | MetricKind::Gauge => PlotLineStyle::Stepped,
        MetricKind::Measure => PlotLineStyle::Smooth,
    };
    PlotConfiguration::default()
        .format(PlotFormat::Number)
        .line_style(style)
        .fill(true)
        .color(Some(PLOT_COLOR))
}

impl TracySink for LiveSink {
    fn frame_begin(&self, stage: StreamingStage) {
        let name = match stage {
            StreamingStage::Scan => SCAN,
            StreamingStage::GenQueue => GEN_QUEUE,
            StreamingStage::GenApply => GEN_APPLY,
        };
        *self.slot(stage) = Some(self.client.non_continuous_frame(name));
    }

    fn frame_end(&self, stage: StreamingStage) {
        // Dropping the guard ends the frame.
        *self.slot(stage) = None;
    }

    fn plot(&self, metric: usize, value: f64) {
        if let Some(name) = self.plots.get(metric).copied().flatten() {
            self.client.plot(name, value);
        }
    }

    fn frame_mark(&self) {
        self.client.secondary_frame_mark(MAIN_WORLD);
    }

    fn message(&self, text: &str) {
        self.client.message(text, 0);
    }

    fn app_info(&self, text: &str) {
        // The client has no safe call for Tracy's application info; a message says the same to a reader.
        self.client.message(&format!("run: {text}"), 0);
    }

    fn is_listening(&self) -> bool {
        Client::is_connected()
    }
}

/// Zones keep their static name whatever fields a span has.
#[derive(Default)]
struct StaticNames(DefaultFields);

impl tracing_tracy::Config for StaticNames {
    type Formatter = DefaultFields;

    fn formatter(&self) -> &Self::Formatter {
        &self.0
    }

    fn format_fields_in_zone_name(&self) -> bool {
        false
    }
}

/// Our targets only, at `info` and above.
#[cfg_attr(
    feature = "tracy-full",
    expect(dead_code, reason = "Bevy's own layer carries our spans then")
)]
pub(super) fn layer() -> BoxedLayer {
    let ours = TARGETS.iter().fold(Targets::new(), |targets, target| {
        targets.with_target(*target, LevelFilter::INFO)
    });
    Box::new(tracing_tracy::TracyLayer::new(StaticNames::default()).with_filter(ours))
}
