//! The settings autopilot: the user states a target, and it sets tasks, budgets and radii so that the target holds. Off by
//! default.
//!
//! ```text
//!  StreamingMetrics ─► window (120 frames) ─► decide (pure) ─► ProposeSettings { source: Autopilot }
//!                        ▲ begins anew                              │
//!                        └────────────── SettingChanged ◄───────────┘   own: logged with its reason
//!                                                                       other source: the field is pinned
//! ```

mod decide;
mod knob;
mod steer;
mod target;
mod window;

pub use decide::AutopilotPhase;
pub use knob::STEERED;
pub use steer::{AutopilotChange, SettingsAutopilot};
pub use target::{AutopilotRequest, AutopilotTarget, AutopilotTargetError};
pub use window::{WINDOW_FRAMES, WindowFacts};

use bevy::prelude::App;

/// Steers when asked to; while nobody asks it costs a look at one flag per frame.
pub(super) fn plugin(app: &mut App) {
    steer::plugin(app);
}
