//! Shows and tunes: every line of egui, the HUD, the inspector. Owns no facts; what it wants, it proposes.
//!
//! ```text
//!  telemetry ─► snapshot (4×/s), history ─► panel (paints) ─► intents ─► ProposeSettings, StreamingRequest
//! ```

mod clipboard;
mod context;
#[cfg(test)]
mod fit;
mod hud;
mod input;
mod inspector;
pub mod map;
mod pace;
pub mod panel;
mod picture;
pub mod scale;
mod screen;
pub mod style;
#[cfg(test)]
mod tests;
pub(crate) mod unseen;
mod world;

use bevy::{diagnostic::FrameTimeDiagnosticsPlugin, prelude::*};
use bevy_egui::EguiPlugin;
use iyes_perf_ui::PerfUiPlugin;

use crate::modes::{self, RenderMode};

pub use crate::telemetry::{PanelData, panel_text};

/// Adds the overlay; without a renderer (`RenderMode::Headless`, which must be inserted before) it adds nothing.
///
/// Needs `TelemetryPlugin`, and `StatesPlugin` for the states of `modes`.
#[derive(Default)]
pub struct OverlayPlugin;

impl Plugin for OverlayPlugin {
    fn build(&self, app: &mut App) {
        if matches!(
            app.world().get_resource::<RenderMode>(),
            Some(RenderMode::Headless)
        ) {
            return;
        }
        if !app.is_plugin_added::<EguiPlugin>() {
            app.add_plugins(EguiPlugin::default());
        }
        if !app.is_plugin_added::<PerfUiPlugin>() {
            app.add_plugins(PerfUiPlugin);
        }
        if !app.is_plugin_added::<FrameTimeDiagnosticsPlugin>() {
            app.add_plugins(FrameTimeDiagnosticsPlugin::default());
        }
        modes::ensure(app);
        app.add_plugins((
            context::plugin,
            pace::plugin,
            picture::plugin,
            scale::plugin,
            input::plugin,
            screen::plugin,
            map::plugin,
            hud::plugin,
            inspector::plugin,
            world::plugin,
        ));
    }
}
