//! Traffic lights: who has green when, as a pure function of the junction and the time.
//!
//! ```text
//!  secs     0     6          16  19  22  25 27                            54
//!  west     ███████████████████▒▒▒                        red
//!  east           ███████████████████▒▒▒                  red
//!  north                                 ███████████████████▒▒▒
//!  south                                        ███████████████████▒▒▒
//! ```
//!
//! Who crosses on foot goes with the traffic beside: while the street to cross has red, up to 29 seconds of the 54.
//! Each arm has some seconds for itself, in which its left turns need not wait for anyone (lead and lag).

use super::super::area::Axis;
use super::super::hash::{Topic, hash_at};
use super::junction::JunctionId;

/// Length of a whole cycle, seconds.
const CYCLE_SECS: f64 = 54.0;
const GREEN_SECS: f64 = 16.0;
const AMBER_SECS: f64 = 3.0;
/// How much later than the one arm of an axis the other begins.
const LAG_SECS: f64 = 6.0;

/// The side of a junction from which traffic comes.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum ArmSide {
    /// From smaller x.
    West,
    /// From larger x.
    East,
    /// From smaller z.
    North,
    /// From larger z.
    South,
}

impl ArmSide {
    /// All four, in the order of arrays by side.
    pub const ALL: [Self; 4] = [Self::West, Self::East, Self::North, Self::South];

    /// The side straight ahead.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::West => Self::East,
            Self::East => Self::West,
            Self::North => Self::South,
            Self::South => Self::North,
        }
    }
}

/// What a traffic light shows.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Signal {
    /// Go.
    Green,
    /// Stop if that is still possible.
    Amber,
    /// Stop.
    Red,
}

/// What the light of an arm shows at a time in seconds.
#[must_use]
pub(super) fn signal_at(seed: u64, junction: JunctionId, arm: ArmSide, secs: f64) -> Signal {
    let since = since_green(seed, junction, arm, secs);
    if since < GREEN_SECS {
        Signal::Green
    } else if since < GREEN_SECS + AMBER_SECS {
        Signal::Amber
    } else {
        Signal::Red
    }
}

/// How long ago an arm got green last, seconds.
fn since_green(seed: u64, junction: JunctionId, arm: ArmSide, secs: f64) -> f64 {
    let (x, z) = junction.sixteenths();
    let offset = (hash_at(seed, Topic::Signals, x, z) % 1_000) as f64 / 1_000.0 * CYCLE_SECS;
    let begin = match arm {
        ArmSide::West => 0.0,
        ArmSide::East => LAG_SECS,
        ArmSide::North => CYCLE_SECS / 2.0,
        ArmSide::South => CYCLE_SECS / 2.0 + LAG_SECS,
    };
    (secs + offset - begin).rem_euclid(CYCLE_SECS)
}

/// Whether somebody on foot may step onto a street that runs along an axis through a junction with lights, who needs so
/// many seconds to be over it: while its traffic has red, and long enough before it gets green.
#[must_use]
pub(super) fn may_walk(
    seed: u64,
    junction: JunctionId,
    street: Axis,
    secs: f64,
    needed_secs: f64,
) -> bool {
    let arms = match street {
        Axis::X => [ArmSide::West, ArmSide::East],
        Axis::Z => [ArmSide::North, ArmSide::South],
    };
    arms.into_iter().all(|arm| {
        let since = since_green(seed, junction, arm, secs);
        since >= GREEN_SECS + AMBER_SECS && since + needed_secs <= CYCLE_SECS
    })
}
