//! Records what streaming counted: history, percentiles, hitches, the verdict, Tracy, files. Knows no window.
//!
//! ```text
//!  StreamingMetrics ─┐                      ┌─► registry ─► telemetry file, Diagnostics, Tracy plots
//!  ChunkLoaded … ────┼─► record (in `Last`) ┤
//!  SettingChanged ───┘    rings, histograms └─► snapshot ─► panel, text report, health verdict
//! ```

pub mod bundle;
pub mod diagnostics;
pub mod export;
#[cfg(test)]
pub(crate) mod fixture;
pub mod health;
pub mod hitch;
pub mod layers;
pub mod log;
pub mod rates;
pub mod record;
pub mod recording;
pub mod registry;
pub mod ring;
pub mod route;
pub mod sample;
pub mod snapshot;
pub mod text;
pub mod ticket;
pub mod timing;
pub mod tracy;
pub mod watch;

use bevy::prelude::*;

use crate::streaming::StreamingInstruments;

pub use bundle::{BundlePolicy, BundleReason, BundleSaved, RunContext, SaveBundle};
pub use export::{ExportError, TelemetryFile};
pub use health::{Advice, Health, HealthFacts, Verdict};
pub use layers::LayerSummary;
pub use record::{FrameSleep, FrameStatement, Telemetry, TelemetrySystems};
pub use recording::{Scrub, Window};
pub use snapshot::PanelData;
pub use text::panel_text;
pub use timing::{TimingId, TimingSummary};

/// Adds the recorder, its file, Bevy's `Diagnostics` and (with the feature `tracy`) Tracy.
///
/// Needs `AsyncChunkPlugin`: without its resources nothing is recorded.
#[derive(Default)]
pub struct TelemetryPlugin;

impl Plugin for TelemetryPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(StreamingInstruments(true))
            .add_plugins((
                record::plugin,
                export::plugin,
                diagnostics::plugin,
                bundle::plugin,
            ));
        #[cfg(feature = "tracy")]
        {
            tracy::port::warn_if_taken();
            app.add_plugins(tracy::TracyPlugin::live());
        }
    }
}

#[cfg(test)]
mod tests;
