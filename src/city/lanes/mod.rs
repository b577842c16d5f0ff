//! The lanes of the city: where traffic drives, how it turns at junctions, who gives way, and the way from here to there.
//!
//! ```text
//!  network (roads of a superblock) ─► pieces (from junction to junction) ─► lanes, one or two each way
//!                                        │ ends that meet
//!                                        ▼
//!                                    junctions ─► connectors: the curves of straight on, right, left; who yields to whom
//! ```
//!
//! Nothing is built as a whole: a [`LaneGraph`] makes the lanes of one superblock when one of them is asked for, as pure
//! functions of the seed, and forgets them again. Traffic keeps to the right. What is planned is in plan coordinates; a
//! [`Curve`] is the same lane in the world.

mod address;
mod cell;
mod conflicts;
mod curve;
mod graph;
mod highway;
mod junction;
mod path;
mod piece;
mod route;
mod sight;
mod signals;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use conflicts::Conflict;
pub use curve::{Curve, Pose};
pub use graph::{JunctionLanes, Lane, LaneGraph, LanePlace};
pub use junction::{Connector, JunctionId, JunctionKind, SignalPost, Turn};
pub use route::{Route, RouteSearch, RouteStep};
pub use signals::{ArmSide, Signal};

use super::area::Axis;
use super::plan::streets::StreetClass;

/// The superblock that a lane belongs to: the numbers of the arterials on its west and north.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub(super) struct CellId {
    pub(super) column: i64,
    pub(super) row: i64,
}

/// One lane: of a street, or across a junction. The same id means the same lane whenever it is asked for.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct LaneId {
    cell: CellId,
    number: u32,
}

/// What a lane is a part of.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum LaneRoad {
    /// A street at ground level, or a bridge.
    Street(StreetClass),
    /// A deck of the highway.
    Deck,
    /// A ramp between the highway and the avenue below it.
    Ramp,
}

impl LaneRoad {
    /// The speed limit, m/s.
    #[must_use]
    pub const fn speed_mps(self) -> f32 {
        match self {
            Self::Street(StreetClass::Alley) => 5.5,
            Self::Street(StreetClass::Street) => 10.0,
            Self::Street(StreetClass::Arterial) => 14.0,
            Self::Street(StreetClass::Avenue) => 16.5,
            Self::Deck => 25.0,
            Self::Ramp => 12.5,
        }
    }

    /// The class of the street at ground level; an avenue for the highway above it.
    #[must_use]
    pub const fn class(self) -> StreetClass {
        match self {
            Self::Street(class) => class,
            Self::Deck | Self::Ramp => StreetClass::Avenue,
        }
    }

    /// Whether this is at ground level, where players and addresses are.
    #[must_use]
    pub const fn is_on_ground(self) -> bool {
        matches!(self, Self::Street(_))
    }
}

/// The junction at ground level where the centre lines of two streets cross, at a place of the plan.
pub(super) fn junction_at(plan: bevy::math::DVec2) -> JunctionId {
    JunctionId::at(plan, junction::Level::Ground)
}

/// What the lights of a city show and whom they let walk, at a time in seconds.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Signals {
    /// The city.
    pub seed: u64,
    /// The time, seconds.
    pub secs: f64,
}

impl Signals {
    /// What the light of an arm of a junction shows, if the junction has lights.
    #[must_use]
    pub fn shows(&self, junction: JunctionId, arm: ArmSide) -> Signal {
        signals::signal_at(self.seed, junction, arm, self.secs)
    }

    /// Whether somebody on foot may step onto a street along an axis at a junction with lights, who is over it in
    /// `needed_secs`.
    #[must_use]
    pub fn may_walk(&self, junction: JunctionId, street: Axis, needed_secs: f64) -> bool {
        signals::may_walk(self.seed, junction, street, self.secs, needed_secs)
    }
}

/// Distances from the centre line of a street to the middles of its lanes on one side, from the inside, metres.
const fn lane_offsets_m(road: LaneRoad) -> &'static [f64] {
    match road {
        LaneRoad::Street(StreetClass::Alley) => &[1.3],
        LaneRoad::Street(StreetClass::Street) => &[1.75],
        LaneRoad::Street(StreetClass::Arterial) => &[2.0, 5.4],
        LaneRoad::Street(StreetClass::Avenue) => &[7.0, 11.0],
        LaneRoad::Deck => &[6.8, 10.4],
        LaneRoad::Ramp => &[2.3],
    }
}

/// The unit vector along an axis.
const fn unit(axis: Axis, towards_high: bool) -> bevy::math::DVec2 {
    let sign = if towards_high { 1.0 } else { -1.0 };
    match axis {
        Axis::X => bevy::math::DVec2::new(sign, 0.0),
        Axis::Z => bevy::math::DVec2::new(0.0, sign),
    }
}

/// To the right of a direction on the ground plane, y up.
const fn right_of(direction: bevy::math::DVec2) -> bevy::math::DVec2 {
    bevy::math::DVec2::new(-direction.y, direction.x)
}
