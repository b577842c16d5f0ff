//! What a bundle is made of, copied from the recorder a little in each frame, so that no frame is long for it.

use super::{BundleReason, RunContext};
use crate::{
    streaming::{LawBook, StreamingMetrics, StreamingValues},
    telemetry::{
        Telemetry, log::EventLog, recording::Seconds, route::RoutePoint, sample::Sample,
        snapshot::PanelData, ticket::HitchTicket, timing::WINDOW_SECS,
    },
};

/// Frames copied at once: some hundred KiB.
const AT_ONCE: usize = 300;

/// Everything that was recorded, of one moment.
pub(super) struct Copied {
    pub reason: BundleReason,
    pub context: RunContext,
    pub panel: PanelData,
    pub now_secs: f64,
    pub log: EventLog,
    pub route: Vec<RoutePoint>,
    pub tickets: Vec<HitchTicket>,
    /// What generation took on the mean, ms, level by level, as far as it was measured.
    pub generate_ms: Vec<Option<f64>>,
    /// Every metric by seconds; there with the second step.
    pub seconds: Option<Seconds>,
    /// The frames of the last minute.
    pub samples: Vec<Sample>,
    /// The number of the next frame to copy, and that of the last.
    frames: (u64, u64),
}

impl Copied {
    /// The first step: all but the frames and the seconds.
    pub fn begin(
        telemetry: &Telemetry,
        metrics: &StreamingMetrics,
        settings: &StreamingValues,
        laws: Option<&LawBook>,
        context: &RunContext,
        reason: BundleReason,
    ) -> Self {
        let from_secs = telemetry.now_secs() - WINDOW_SECS;
        let minute = || {
            telemetry
                .samples()
                .since(|sample| sample.t_secs >= from_secs)
        };
        let number = |sample: Option<&Sample>| sample.map_or(0, |sample| sample.frame);
        let levels = 0..context.city_cost_us.len();
        Self {
            reason,
            context: context.clone(),
            panel: PanelData::collect(telemetry, metrics, settings, laws),
            now_secs: telemetry.now_secs(),
            log: telemetry.log().clone(),
            route: telemetry.route().points().copied().collect(),
            tickets: telemetry.tickets().cloned().collect(),
            generate_ms: levels
                .map(|level| telemetry.mean_generate_ms(level))
                .collect(),
            seconds: None,
            // Room for all of them; the memory is touched step by step.
            samples: Vec::with_capacity(minute().len()),
            frames: (number(minute().next()), number(minute().next_back())),
        }
    }

    /// Copies some more; true when all is there.
    pub fn step(&mut self, telemetry: &Telemetry) -> bool {
        if self.seconds.is_none() {
            self.seconds = Some(telemetry.recording().seconds());
            return false;
        }
        let (next, last) = self.frames;
        let rest = telemetry.samples().since(|sample| sample.frame >= next);
        let rest = rest.take_while(|sample| sample.frame <= last);
        self.samples.extend(rest.take(AT_ONCE));
        match self.samples.last() {
            Some(newest) if newest.frame >= next => self.frames.0 = newest.frame + 1,
            // Nothing came: the recorder has no more of them.
            _ => return true,
        }
        self.frames.0 > last
    }

    /// Copies the rest at once.
    pub fn finish(mut self, telemetry: &Telemetry) -> Self {
        while !self.step(telemetry) {}
        self
    }
}
