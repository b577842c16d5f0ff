//! The map driven as a person would, without Bevy.
