//! What an event chooses among.

use ringroad_streaming::FocusPurpose;
use serde::Deserialize;

/// What an added place is for.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Purpose {
    /// To be looked at: every level out to the view radius.
    #[default]
    See,
    /// To be stood on: full detail within the must-have radius.
    Collide,
    /// To be ready for later.
    Preload,
}

impl From<Purpose> for FocusPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::See => Self::See,
            Purpose::Collide => Self::Collide,
            Purpose::Preload => Self::Preload,
        }
    }
}

/// How much of the overlay is shown.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Depth {
    /// Nothing.
    #[serde(alias = "off")]
    Off,
    /// The strip.
    #[serde(alias = "hud")]
    Hud,
    /// The panel.
    #[serde(alias = "full")]
    Full,
}
