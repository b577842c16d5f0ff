//! The cards of the panel, and the wish to see one of them alone.

use bevy::prelude::*;
use serde::Deserialize;

/// A card of the panel.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum PanelCard {
    /// What is wrong.
    Health,
    /// Where the work is.
    Flow,
    /// What it costs.
    Cost,
    /// How it came.
    History,
    /// What to do about it.
    Tune,
    /// Frames that a person felt.
    Hitches,
    /// What happened.
    Events,
    /// Trouble on request.
    Stress,
    /// The controller of the settings.
    Autopilot,
    /// The engine's own numbers.
    Engine,
    /// Every metric there is.
    Metrics,
}

/// Opens one card of the panel, with what is folded away in it, and shuts the others.
#[derive(Message, Copy, Clone, Debug, PartialEq, Eq)]
pub struct ShowCard(pub PanelCard);
