//! Where streaming settings come from: RON files, presets, single changes, and the live reload of a file.
//!
//! ```text
//! defaults < settings file < scenario < preset < --set        each layer is a SettingsLayer
//!                    │                                          layered() folds them, StreamingSettings::new judges
//!                    └── watched while the game runs ──► ProposeSettings (only what differs)
//! ```

mod layer;
mod nearest;
mod place;
mod preset;
mod reload;

pub use layer::{LayerError, SettingValue, SettingsLayer, check_setting, layered};
pub use nearest::{about_unknown, did_you_mean};
pub use place::{Place, ron_error_text};
pub use preset::{Preset, PresetName, UnknownPreset};
pub use reload::SettingsFile;

use bevy::prelude::App;

/// Watches the settings file, if the program was given one.
pub fn plugin(app: &mut App) {
    reload::plugin(app);
}
