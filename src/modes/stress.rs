//! Trouble on request: what a person at the panel may ask for, and what is on now.

use bevy::prelude::*;

/// Something that should go wrong, or stop going wrong. Whoever runs the game serves it; each is seeded by the
/// world's seed and written into the log.
#[derive(Message, Copy, Clone, Debug, PartialEq)]
pub enum StressRequest {
    /// Ten teleports, one a second, to places that follow from the seed; then back.
    TeleportTen,
    /// So large a share of generations, 0 to 1, panics. Which ones follows from seed, place and attempt.
    PanicRate(f64),
    /// Every generation takes so many milliseconds longer.
    SlowWorkers {
        /// Milliseconds.
        ms: f64,
    },
    /// No generation ends for so long.
    Stall {
        /// Seconds.
        secs: f64,
    },
    /// Circles in the air until something else is asked for.
    FlyCircuit,
    /// Goes to a place of the world.
    GoTo {
        /// East, metres.
        x: f64,
        /// South, metres.
        z: f64,
    },
    /// Everything back to normal; what was given up is tried again.
    Calm,
}

/// What of it is on.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq, Reflect)]
#[reflect(Resource)]
pub struct StressState {
    /// Whether anybody serves the requests.
    pub is_served: bool,
    /// The share of generations that panics.
    pub panic_rate: f64,
    /// Milliseconds that each generation takes longer.
    pub slow_ms: f64,
    /// How long no generation ends yet, seconds.
    pub stall_left_secs: f64,
    /// Teleports that are still to come.
    pub teleports_left: u32,
    /// Whether it flies in circles.
    pub is_circling: bool,
}
