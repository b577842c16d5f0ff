//! Where streaming settings come from: RON files, presets, single changes, and the live reload of a file.
//!
//! ```text
//! defaults < settings file < scenario < preset < --set        each layer is a SettingsLayer
//!                    │                                          layered() folds them, StreamingSettings::new judges
//!                    └── watched while the game runs ──► ProposeSettings (only what differs)
//! ```

pub mod autopilot;
mod fields;
mod history;
mod layer;
mod nearest;
mod place;
mod preset;
mod reload;
mod tuning;
mod user_preset;
mod value;

pub use autopilot::{
    AutopilotChange, AutopilotPhase, AutopilotRequest, AutopilotTarget, AutopilotTargetError,
    STEERED, SettingsAutopilot, WINDOW_FRAMES, WindowFacts,
};
pub use history::{Changed, UndoHistory, UndoStep};
pub use layer::{LayerError, SettingsLayer, check_setting, layered};
pub use nearest::did_you_mean;
pub use place::{Place, ron_error_text};
pub use preset::{Preset, PresetName, UnknownPreset};
pub use reload::SettingsFile;
pub use tuning::{SavedPreset, TuneRequest, Tuning};
pub use user_preset::{PresetEntry, PresetError, PresetOrigin, PresetShelf};
pub use value::{SettingValue, setting_names};

use bevy::prelude::App;

/// Watches the settings file, if the program was given one, steers by the autopilot, when it is asked to, and keeps
/// undo and presets.
pub fn plugin(app: &mut App) {
    reload::plugin(app);
    autopilot::plugin(app);
    tuning::plugin(app);
}
