//! The recorder: reads what streaming counted once per frame, in `Last`.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use bevy::{
    prelude::*,
    time::{Real, TimeUpdateStrategy},
};

mod events;
mod frame;

use super::{
    hitch::{Hitch, Hitches},
    layers::{LayerSummary, LayerTimings},
    log::{EventKind, EventLog},
    rates,
    recording::{Point, Recording, Scrub, Window},
    registry::METRICS,
    ring::Ring,
    route::Route,
    sample::{FrameClock, Sample},
    ticket::{HitchTicket, Tickets},
    timing::{KEPT, TimingId, TimingSummary, Timings, WINDOW_SECS},
    watch::{self, Watched},
};
use crate::streaming::{
    ChunkFailed, ChunkLoaded, LawBook, Outlook, Preloads, SettingChanged, SettingRefused,
    SettingSource, StreamingMetrics, StreamingSettings, StreamingValues,
};
use events::Happened;
mod renderer;

use frame::FrameTimes;
pub use frame::{FrameSleep, FrameStatement};

/// The frame time that hitches and bars are judged against, ms.
pub const DEFAULT_TARGET_MS: f64 = 1_000.0 / 60.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Telemetry>()
        .add_message::<ChunkLoaded>()
        .add_message::<ChunkFailed>()
        .add_message::<SettingChanged>()
        .add_message::<SettingRefused>()
        .init_resource::<Scrub>()
        .add_systems(Last, record_frame.in_set(TelemetrySystems::Record));
    frame::plugin(app);
    watch::plugin(app);
}

/// Where the recorder runs, in `Last`: order readers after it.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum TelemetrySystems {
    /// Takes the frame's sample.
    Record,
}

/// Everything recorded. Memory is fixed at the start; recording a frame does not allocate
/// (an event's text does, and events are rare).
#[derive(Resource)]
pub struct Telemetry {
    frame: u64,
    samples: Ring<Sample>,
    timings: Timings,
    layers: LayerTimings,
    hitches: Hitches,
    log: EventLog,
    last_end: Option<Instant>,
    overlay_ms: Option<f64>,
    stand_in: Option<Duration>,
    record_ms: f64,
    settings_at_start: Option<StreamingValues>,
    last_refusal: Option<Refusal>,
    drag: Drag,
    stale_said: (f64, u64),
    retries_said: (f64, u64),
    laws_said: [bool; 15],
    watched: Watched,
    recording: Recording,
    tickets: Tickets,
    route: Route,
    /// Runs and their milliseconds by level.
    generated: [(u64, f64); 8],
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::with_target(DEFAULT_TARGET_MS)
    }
}

impl Telemetry {
    /// Judges frames against `target_ms`.
    pub fn with_target(target_ms: f64) -> Self {
        Self {
            frame: 0,
            samples: Ring::with_capacity(KEPT),
            timings: Timings::default(),
            layers: LayerTimings::default(),
            hitches: Hitches::new(target_ms),
            log: EventLog::default(),
            last_end: None,
            overlay_ms: None,
            stand_in: None,
            record_ms: 0.0,
            settings_at_start: None,
            last_refusal: None,
            drag: Drag::default(),
            stale_said: (0.0, 0),
            retries_said: (0.0, 0),
            laws_said: [false; 15],
            watched: Watched::default(),
            recording: Recording::default(),
            tickets: Tickets::default(),
            route: Route::default(),
            generated: [(0, 0.0); 8],
        }
    }

    /// The distribution since the start; `None` when nothing was measured.
    pub fn run_summary(&self, id: TimingId) -> Option<TimingSummary> {
        self.timings.run_summary(id)
    }

    /// The distribution of the last minute; `None` when nothing was measured in it.
    pub fn window_summary(&self, id: TimingId) -> Option<TimingSummary> {
        self.timings.window_summary(id, self.now_secs())
    }

    /// What each layer of the generator's work took in the last minute.
    pub fn layer_summaries(&self) -> Vec<LayerSummary> {
        self.layers.summaries(self.now_secs())
    }

    /// The frames kept, oldest first: the last minute at 240 frames a second, more when frames are slow.
    pub fn samples(&self) -> &Ring<Sample> {
        &self.samples
    }

    /// Seconds that the window summaries look back: [`WINDOW_SECS`], or fewer when the run is younger or frames are
    /// more than are kept.
    pub fn window_secs(&self) -> f64 {
        let first = self.samples.iter().next();
        first.map_or(0.0, |first| {
            (self.now_secs() - first.t_secs).min(WINDOW_SECS)
        })
    }

    /// The values of a metric (its index in the registry) within a stretch of time, oldest first: every frame where
    /// ten seconds are looked at, or buckets. What the finest record has forgotten is taken from the next coarser
    /// one, back to ten minutes. Points without data are left out.
    pub fn series(&self, metric: usize, window: Window, asked: &RangeInclusive<f64>) -> Vec<Point> {
        let has_frames = self
            .samples
            .reaches(|sample| sample.t_secs <= *asked.start());
        if window != Window::Secs10 || !has_frames {
            let points = self.recording.points_from(metric, window, *asked.start());
            return points
                .filter(|point| asked.contains(&point.t_secs))
                .collect();
        }
        let Some(metric) = METRICS.get(metric) else {
            return Vec::new();
        };
        let frames = self
            .samples
            .since(|sample| sample.t_secs >= *asked.start())
            .take_while(|sample| sample.t_secs <= *asked.end());
        frames
            .filter_map(|sample| {
                let value = metric.value(sample)? as f32;
                Some(Point {
                    t_secs: sample.t_secs,
                    min: value,
                    max: value,
                    last: value,
                })
            })
            .collect()
    }

    /// The frame that was the newest at a time, if it is kept: those of the last minute are.
    pub fn sample_at(&self, t_secs: f64) -> Option<&Sample> {
        let later = self.samples.since(|sample| sample.t_secs > t_secs).len();
        self.samples.get(self.samples.len().checked_sub(later + 1)?)
    }

    /// What a metric was at a time: the frame's value, or, of a frame that is not kept any more, that of its bucket, back
    /// to ten minutes. Without data in that frame or bucket there is none: an older value says nothing about it.
    pub fn moment(&self, metric: usize, t_secs: f64) -> Option<Point> {
        let Some(sample) = self.sample_at(t_secs) else {
            return self.recording.moment(metric, t_secs);
        };
        let value = METRICS.get(metric)?.value(sample)? as f32;
        Some(Point {
            t_secs: sample.t_secs,
            min: value,
            max: value,
            last: value,
        })
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The newest hitch tickets, oldest first.
    pub fn tickets(&self) -> impl DoubleEndedIterator<Item = &HitchTicket> {
        self.tickets.iter()
    }

    /// The hitch ticket of this number, if it is kept.
    pub fn ticket(&self, number: u64) -> Option<&HitchTicket> {
        self.tickets.get(number)
    }

    /// The mean run of the generator at a level since the start, ms; `None` when there was none.
    pub fn mean_generate_ms(&self, level: usize) -> Option<f64> {
        let (runs, ms) = *self.generated.get(level)?;
        (runs > 0).then(|| ms / runs as f64)
    }

    /// Where the player was in the last ten minutes.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Hitches by both rules, and the worst.
    pub fn hitches(&self) -> &Hitches {
        &self.hitches
    }

    /// Setting changes and events.
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    /// Time of the run's clock at the newest frame, s.
    pub fn now_secs(&self) -> f64 {
        self.samples.last().map_or(0.0, |sample| sample.t_secs)
    }

    /// Frames recorded so far.
    pub fn frames(&self) -> u64 {
        self.frame
    }

    /// Chunks applied per second over the last ten seconds.
    pub fn applied_per_sec(&self) -> Option<f64> {
        rates::per_second(&self.samples, 10.0, |sample| sample.applied as f64)
    }

    /// Requests per second over the last ten seconds.
    pub fn requested_per_sec(&self) -> Option<f64> {
        rates::per_second(&self.samples, 10.0, |sample| sample.requested as f64)
    }

    /// Stale discards per second over the last ten seconds.
    pub fn stale_per_sec(&self) -> Option<f64> {
        rates::per_second(&self.samples, 10.0, |sample| sample.stale as f64)
    }

    /// Share (0–1) of the last ten seconds with every permitted task running.
    pub fn share_at_task_limit(&self) -> Option<f64> {
        rates::share_at_task_limit(&self.samples, 10.0)
    }

    /// The settings of the first recorded frame: what "reset" goes back to.
    pub fn settings_at_start(&self) -> Option<&StreamingValues> {
        self.settings_at_start.as_ref()
    }

    /// The newest refusal of a setting, unless a later change was accepted.
    pub fn last_refusal(&self) -> Option<&Refusal> {
        self.last_refusal.as_ref()
    }

    /// Given-up chunks, stuck generations and preloads, by name.
    pub fn watched(&self) -> &Watched {
        &self.watched
    }

    pub(super) fn watched_mut(&mut self) -> &mut Watched {
        &mut self.watched
    }

    /// Adds an event that another part of the program saw.
    pub fn note(&mut self, kind: EventKind, text: String) {
        self.log.push(self.now_secs(), kind, text);
    }

    /// Tells what the overlay's work took in this frame, ms; counted with the next sample.
    pub fn note_overlay_cost(&mut self, ms: f64) {
        self.overlay_ms = Some(self.overlay_ms.unwrap_or(0.0) + ms);
    }

    /// Tells that something in the main schedule stood in for a renderer for so long; counted with the next sample as
    /// the renderer's.
    pub fn note_render_stand_in(&mut self, took: Duration) {
        *self.stand_in.get_or_insert_default() += took;
    }

    /// Tells that a hand begins to drag: all changes by hand up to [`end_drag`](Self::end_drag) are one mark for each
    /// setting.
    pub fn begin_drag(&mut self) {
        self.drag.number += 1;
        self.drag.until_frame = Some(u64::MAX);
    }

    /// Tells that the hand let go. The last change arrives in the next frame and is still part of the drag.
    pub fn end_drag(&mut self) {
        if self.drag.until_frame.is_some() {
            self.drag.until_frame = Some(self.frame + 2);
        }
    }

    /// Takes one sample, and returns the hitch if the frame was one.
    pub(crate) fn take_sample(&mut self, mut sample: Sample) -> Option<Hitch> {
        let now = sample.t_secs;
        // What did not run took no time at all: that is no measurement. (The first frame has no length.)
        for (id, ms) in [
            (TimingId::Frame, sample.frame_ms),
            (TimingId::Scan, sample.scan_ms),
            (TimingId::GenQueue, sample.queue_ms),
            (TimingId::GenApply, sample.apply_ms),
            (TimingId::Unload, sample.unload_ms),
            (TimingId::Record, sample.record_ms),
        ] {
            if ms > 0.0 {
                self.timings.record(id, now, ms);
            }
        }
        if let Some(ms) = sample.overlay_ms {
            self.timings.record(TimingId::Overlay, now, ms);
        }
        let newest = self.samples.len();
        let before = [
            newest
                .checked_sub(1)
                .and_then(|index| self.samples.get(index)),
            newest
                .checked_sub(2)
                .and_then(|index| self.samples.get(index)),
        ];
        let hitch = self.hitches.observe(&sample, before);
        sample.hitches = self.hitches.panel();
        sample.hitch_bound_ms = self.hitches.bound_ms();
        self.recording.take(&sample);
        self.samples.push(sample);
        hitch
    }

    /// The same as the recorder does with a frame.
    #[cfg(test)]
    pub(crate) fn record_sample(&mut self, sample: Sample) {
        if let Some(hitch) = self.take_sample(sample) {
            self.note_hitch(&hitch, &sample);
        }
    }

    #[cfg(test)]
    pub(crate) fn route_mut(&mut self) -> &mut Route {
        &mut self.route
    }

    #[cfg(test)]
    pub(crate) fn log_mut(&mut self) -> &mut EventLog {
        &mut self.log
    }

    #[cfg(test)]
    pub(crate) fn record_layers(&mut self, at_secs: f64, times: &[crate::streaming::LayerTime]) {
        self.layers.record(at_secs, times);
    }

    #[cfg(test)]
    pub(crate) fn record_timing(&mut self, id: TimingId, at_secs: f64, ms: f64) {
        self.timings.record(id, at_secs, ms);
    }

    fn note_hitch(&mut self, hitch: &Hitch, sample: &Sample) {
        let parts = &hitch.breakdown;
        let limits = [
            u64::from(sample.max_concurrent_tasks),
            u64::from(sample.max_completed_per_frame),
        ];
        let number = self.tickets.write(*hitch, limits);
        self.log.push(
            hitch.t_secs,
            EventKind::Hitch,
            format!(
                "ticket {number}: {:.1} ms: apply {:.1}, unload {:.1}, scan {:.1}, queue {:.1}, overlay {:.1}, recording {:.1}, game {:.1}, render {:.1}, sleep {:.1}, unattributed {:.1}",
                parts.dt_ms,
                parts.apply_ms,
                parts.unload_ms,
                parts.scan_ms,
                parts.queue_ms,
                parts.overlay_ms.unwrap_or(0.0),
                parts.recording_ms,
                parts.game_ms.unwrap_or(0.0),
                parts.render_ms.unwrap_or(0.0),
                parts.sleep_ms.unwrap_or(0.0),
                parts.unattributed_ms
            ),
        );
    }

    /// One line per second at most, however many results were stale.
    fn note_stale(&mut self, now: f64, stale: u64) {
        if let Some(more) = news(&mut self.stale_said, now, stale) {
            let text = format!("{more} results discarded");
            self.log.push(now, EventKind::Stale, text);
        }
    }

    /// One line per second at most, however many chunks are tried again.
    fn note_retries(&mut self, now: f64, retried: u64) {
        if let Some(more) = news(&mut self.retries_said, now, retried) {
            let text = format!("{more} failed chunks are tried again");
            self.log.push(now, EventKind::Retry, text);
        }
    }

    fn note_laws(&mut self, now: f64, laws: &LawBook) {
        for law in laws.laws() {
            let Some(said) = self
                .laws_said
                .get_mut(usize::from(law.number).wrapping_sub(1))
            else {
                continue;
            };
            if law.violations > 0 && !*said {
                *said = true;
                let first = law.first.as_deref().unwrap_or("no details");
                self.log.push(
                    now,
                    EventKind::Law,
                    format!("law {} violated: {first}", law.number),
                );
            }
        }
    }
}

/// How much a count has grown since it was last told, if that is to be told now: once per second.
fn news(told: &mut (f64, u64), now: f64, count: u64) -> Option<u64> {
    let (told_at, told_count) = *told;
    let is_due = count > told_count && now - told_at >= 1.0;
    if count < told_count || is_due {
        *told = (now, count);
    }
    is_due.then(|| count - told_count)
}

/// The drag that is under way, or ends with one of the next frames.
#[derive(Copy, Clone, Debug, Default)]
struct Drag {
    number: u64,
    until_frame: Option<u64>,
}

impl Drag {
    fn now(self) -> Option<u64> {
        self.until_frame.map(|_| self.number)
    }
}

/// A refused proposal of settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// The proposed fields and values.
    pub changes: Vec<(String, String)>,
    /// Field, value and what is legal, in words.
    pub reason: String,
}

/// The word for a source of a setting change.
pub const fn source_word(source: SettingSource) -> &'static str {
    match source {
        SettingSource::Panel => "panel",
        SettingSource::File => "file",
        SettingSource::Script => "script",
        SettingSource::Remote => "remote",
        SettingSource::Program => "program",
        SettingSource::Autopilot => "autopilot",
        SettingSource::Compare => "compare",
    }
}

fn record_frame(
    mut telemetry: ResMut<Telemetry>,
    metrics: Option<Res<StreamingMetrics>>,
    settings: Option<Res<StreamingSettings>>,
    laws: Option<Res<LawBook>>,
    time: Res<Time<Real>>,
    strategy: Option<Res<TimeUpdateStrategy>>,
    preloads: Option<Res<Preloads>>,
    outlook: Option<Res<Outlook>>,
    mut frame_times: FrameTimes,
    mut happened: Happened,
) {
    let started = Instant::now();
    let frame_ms = telemetry
        .last_end
        .replace(started)
        .map_or(0.0, |last| (started - last).as_secs_f64() * 1_000.0);
    let (Some(metrics), Some(settings)) = (metrics, settings) else {
        return;
    };
    telemetry.frame += 1;
    if telemetry.settings_at_start.is_none() {
        telemetry.settings_at_start = Some(settings.values().clone());
    }
    let is_stated = strategy.is_some_and(|strategy| is_stated(&strategy));
    let clock = FrameClock {
        frame: telemetry.frame,
        t_secs: time.elapsed_secs_f64(),
        // The engine's step is the frame before: on the real clock what the stages took is in Last to Last. A stated
        // step is this frame's.
        dt_ms: match frame_times.stated_ms() {
            Some(stated_ms) => stated_ms,
            None if is_stated => time.delta_secs_f64() * 1_000.0,
            None => frame_ms,
        },
        frame_ms,
        is_stated,
    };
    let now = clock.t_secs;
    let mut sample = Sample::read(clock, &metrics, settings.values());
    sample.overlay_ms = telemetry.overlay_ms.take();
    // The horizon is reckoned for the record only.
    let horizon_ms = outlook.as_ref().map_or(0.0, |outlook| outlook.took_ms);
    sample.record_ms = telemetry.record_ms + horizon_ms;
    frame_times.fill(&mut sample, started, telemetry.stand_in.take());
    if let Some(outlook) = outlook {
        sample.horizon_secs = outlook.hole_in_secs;
        sample.rate_per_sec = outlook.rate_per_sec;
        sample.need_per_sec = outlook.need_per_sec;
        sample.speed_mps = outlook.speed_mps;
    }
    happened.note(&mut telemetry, now, &mut sample);
    let frame = telemetry.frame;
    telemetry.drag.until_frame.take_if(|until| frame >= *until);
    if let Some(preloads) = preloads {
        telemetry.watched.note_preloads(&preloads);
    }
    if let Some(hitch) = telemetry.take_sample(sample) {
        telemetry.note_hitch(&hitch, &sample);
    }
    telemetry.note_stale(now, sample.stale);
    telemetry.note_retries(now, sample.retried);
    if let Some(laws) = laws {
        telemetry.note_laws(now, &laws);
    }
    frame_times.follow_route(&mut telemetry.route, now);
    telemetry.record_ms = started.elapsed().as_secs_f64() * 1_000.0;
}

/// Whether the length of frames is stated and not measured: the virtual clock.
fn is_stated(strategy: &TimeUpdateStrategy) -> bool {
    match strategy {
        TimeUpdateStrategy::ManualDuration(_) | TimeUpdateStrategy::FixedTimesteps(_) => true,
        TimeUpdateStrategy::Automatic | TimeUpdateStrategy::ManualInstant(_) => false,
    }
}

#[cfg(test)]
mod allocations;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod tests;
