//! Hands frames, plots and messages to Tracy; the sink is a trait so that tests see the same calls.
//!
//! Two forms of a span for each system set: the static `tracing` span that `streaming` opens around the
//! stage's own work (any subscriber sees it; [`layer`] carries it to Tracy as a zone), and the discontinuous
//! frame that the bookend systems here open before the set's first system and close after its last one.

mod bookends;
mod filter;
#[cfg(feature = "tracy")]
mod live;
#[cfg(any(feature = "tracy", test))]
pub(super) mod port;
mod sink;

use std::sync::Arc;

use bevy::{log::BoxedLayer, prelude::*};

pub use filter::{Spans, log_filter, stderr_layer};
pub use sink::{RecordingSink, SinkCall, StreamingStage, TracySink};

/// The Tracy version whose profiler fits the pinned client (protocol 82); any patch release of it does.
pub const TRACY_VERSION: &str = "0.14";

/// The version of the client crate that [`TRACY_VERSION`] belongs to; a test compares it with the lock file.
pub const TRACY_CLIENT_VERSION: &str = "0.18.5";

/// Targets of our own spans; nothing else goes to Tracy without the feature `tracy-full`.
pub const TARGETS: [&str; 2] = ["ringroad", "ringroad_streaming"];

/// Every name of a zone of ours. A new zone is added here; coordinates never are part of a name.
pub const ZONE_NAMES: [&str; 5] = [
    "StreamingSet::Scan",
    "StreamingSet::GenQueue",
    "StreamingSet::GenApply",
    "generate chunk",
    "apply chunk",
];

/// Feeds a [`TracySink`] once per frame.
pub struct TracyPlugin {
    sink: Arc<dyn TracySink>,
}

impl TracyPlugin {
    /// Feeds the given sink.
    pub fn new(sink: Arc<dyn TracySink>) -> Self {
        Self { sink }
    }

    /// Feeds Tracy itself; without a profiler connected each call is a check of one flag.
    #[cfg(feature = "tracy")]
    pub fn live() -> Self {
        Self::new(Arc::new(live::LiveSink::new()))
    }
}

impl Plugin for TracyPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(TracyOut(self.sink.clone()));
        bookends::plugin(app);
    }
}

/// Where frames, plots and messages go.
#[derive(Resource, Clone)]
pub struct TracyOut(Arc<dyn TracySink>);

/// Facts about the run (seed, commit, preset) that let two traces be told apart; insert it as a resource.
/// A profiler gets it when it connects.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct TracyAppInfo(pub String);

/// The layer that carries our `tracing` spans to Tracy: use it as `LogPlugin::custom_layer`.
///
/// `None` without the feature `tracy`, and with `tracy-full`, where Bevy's own layer carries every span.
#[cfg(all(feature = "tracy", not(feature = "tracy-full")))]
pub fn layer(_app: &mut App) -> Option<BoxedLayer> {
    Some(live::layer())
}

/// The layer that carries our `tracing` spans to Tracy: use it as `LogPlugin::custom_layer`.
///
/// `None` without the feature `tracy`, and with `tracy-full`, where Bevy's own layer carries every span.
#[cfg(not(all(feature = "tracy", not(feature = "tracy-full"))))]
pub fn layer(_app: &mut App) -> Option<BoxedLayer> {
    None
}

/// Whether a profiler is connected; `None` in a build without Tracy.
pub fn is_connected() -> Option<bool> {
    #[cfg(feature = "tracy")]
    {
        Some(tracy_client::Client::is_connected())
    }
    #[cfg(not(feature = "tracy"))]
    {
        None
    }
}

/// One line for the panel: which Tracy fits, and whether one is connected.
pub fn status_line() -> String {
    match is_connected() {
        None => format!("tracy: build with feature `tracy` ({TRACY_VERSION}.x)"),
        Some(true) => format!("tracy: connected ({TRACY_VERSION}.x)"),
        Some(false) => format!("tracy: on demand, not connected (needs {TRACY_VERSION}.x)"),
    }
}

#[cfg(test)]
mod tests;
