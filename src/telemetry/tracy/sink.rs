//! What can be told to a profiler, as a trait; and a sink that remembers, for tests.

use std::sync::{Mutex, PoisonError};

/// One of the three streaming sets.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum StreamingStage {
    /// `StreamingSet::Scan`.
    Scan,
    /// `StreamingSet::GenQueue`.
    GenQueue,
    /// `StreamingSet::GenApply`.
    GenApply,
}

impl StreamingStage {
    /// All three, in the order in which they run.
    pub const ALL: [Self; 3] = [Self::Scan, Self::GenQueue, Self::GenApply];
}

/// A receiver of frames, plots and messages. Called from any thread; calls must be cheap and never block for long.
pub trait TracySink: Send + Sync + 'static {
    /// The first system of the set is about to run.
    fn frame_begin(&self, stage: StreamingStage);
    /// The last system of the set has run.
    fn frame_end(&self, stage: StreamingStage);
    /// The value of a metric in this frame; `metric` is its index in the registry.
    fn plot(&self, metric: usize, value: f64);
    /// The main world finished a frame.
    fn frame_mark(&self);
    /// Something a person should see beside the timeline: a setting change, a hitch, a panic.
    fn message(&self, text: &str);
    /// Facts about the run.
    fn app_info(&self, text: &str);
    /// Whether anybody listens; without a listener nothing needs to be formatted.
    fn is_listening(&self) -> bool;
}

/// One call to a sink.
#[derive(Clone, Debug, PartialEq)]
pub enum SinkCall {
    /// [`TracySink::frame_begin`].
    FrameBegin(StreamingStage),
    /// [`TracySink::frame_end`].
    FrameEnd(StreamingStage),
    /// [`TracySink::plot`], with the metric's id.
    Plot(&'static str, f64),
    /// [`TracySink::frame_mark`].
    FrameMark,
    /// [`TracySink::message`].
    Message(String),
    /// [`TracySink::app_info`].
    AppInfo(String),
}

/// Remembers every call, in order.
#[derive(Default)]
pub struct RecordingSink {
    calls: Mutex<Vec<SinkCall>>,
}

impl RecordingSink {
    /// Takes the calls so far.
    pub fn take(&self) -> Vec<SinkCall> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, call: SinkCall) {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }
}

impl TracySink for RecordingSink {
    fn frame_begin(&self, stage: StreamingStage) {
        self.remember(SinkCall::FrameBegin(stage));
    }

    fn frame_end(&self, stage: StreamingStage) {
        self.remember(SinkCall::FrameEnd(stage));
    }

    fn plot(&self, metric: usize, value: f64) {
        self.remember(SinkCall::Plot(
            crate::telemetry::registry::METRICS[metric].id,
            value,
        ));
    }

    fn frame_mark(&self) {
        self.remember(SinkCall::FrameMark);
    }

    fn message(&self, text: &str) {
        self.remember(SinkCall::Message(text.to_owned()));
    }

    fn app_info(&self, text: &str) {
        self.remember(SinkCall::AppInfo(text.to_owned()));
    }

    fn is_listening(&self) -> bool {
        true
    }
}
