//! Records what streaming counted: history, percentiles, hitches, the verdict, Tracy, files. Knows no window.
//!
//! ```text
//!  StreamingMetrics ─┐                      ┌─► registry ─► telemetry file, Diagnostics, Tracy plots
//!  ChunkLoaded … ────┼─► record (in `Last`) ┤
//!  SettingChanged ───┘    rings, histograms └─► snapshot ─► panel, text report, health verdict
//! ```

pub mod diagnostics;
pub mod export;
#[cfg(test)]
pub(crate) mod fixture;
pub mod health;
pub mod hitch;
pub mod log;
pub mod rates;
pub mod record;
pub mod registry;
pub mod ring;
pub mod sample;
pub mod snapshot;
pub mod text;
pub mod timing;
pub mod tracy;
pub mod watch;

use bevy::prelude::*;

pub use export::{ExportError, TelemetryFile};
pub use health::{Health, HealthFacts, Verdict};
pub use record::{Telemetry, TelemetrySystems};
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
        app.add_plugins((record::plugin, export::plugin, diagnostics::plugin));
        #[cfg(feature = "tracy")]
        {
            tracy::port::warn_if_taken();
            app.add_plugins(tracy::TracyPlugin::live());
        }
    }
}
