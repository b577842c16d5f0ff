//! What an event chooses among.

use ringroad_streaming::FocusPurpose;
use serde::Deserialize;

use crate::game::weather::WeatherKind;
use crate::modes::GraphicsQuality;

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

/// The weather that is asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Weather {
    /// Sun, or stars, and a few clouds.
    Clear,
    /// Grey from end to end.
    Overcast,
    /// Grey, and it rains.
    Rain,
    /// The haze comes near.
    Mist,
    /// As it comes by itself.
    Free,
}

impl From<Weather> for Option<WeatherKind> {
    fn from(weather: Weather) -> Self {
        match weather {
            Weather::Clear => Some(WeatherKind::Clear),
            Weather::Overcast => Some(WeatherKind::Overcast),
            Weather::Rain => Some(WeatherKind::Rain),
            Weather::Mist => Some(WeatherKind::Mist),
            Weather::Free => None,
        }
    }
}

/// How the scenario is drawn, whatever the adapter.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Graphics {
    /// As on a graphics card.
    Full,
    /// As on graphics in the processor.
    Balanced,
    /// As on a software renderer.
    Software,
}

impl From<Graphics> for GraphicsQuality {
    fn from(graphics: Graphics) -> Self {
        match graphics {
            Graphics::Full => Self::Full,
            Graphics::Balanced => Self::Balanced,
            Graphics::Software => Self::Software,
        }
    }
}
