//! The vehicles of the traffic: their kinds, sizes and tempers, and the state of each.

use bevy::math::{DVec3, Vec2};

use super::junctions::Claim;
use super::overtake::Aside;
use crate::city::{LaneRoad, StreetClass};
use crate::game::crowd::Chance;

/// The kinds of vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VehicleKind {
    /// A saloon.
    Car,
    /// A taxi.
    Taxi,
    /// A delivery van.
    Van,
    /// A lorry.
    Truck,
    /// A city bus.
    Bus,
}

impl VehicleKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Car, Self::Taxi, Self::Van, Self::Truck, Self::Bus];

    /// Length, width and height, metres.
    #[must_use]
    pub const fn size_m(self) -> [f32; 3] {
        match self {
            Self::Car => [4.3, 1.8, 1.42],
            Self::Taxi => [4.6, 1.82, 1.5],
            Self::Van => [5.4, 1.98, 2.3],
            Self::Truck => [8.2, 2.4, 3.3],
            Self::Bus => [11.5, 2.5, 3.1],
        }
    }

    /// How many colours there are of it.
    #[must_use]
    pub const fn paints(self) -> usize {
        match self {
            Self::Car => 8,
            Self::Taxi => 1,
            Self::Van => 5,
            Self::Truck | Self::Bus => 2,
        }
    }

    /// How strongly it accelerates, m/s².
    pub(super) const fn pull_mps2(self) -> f32 {
        match self {
            Self::Car | Self::Taxi => 2.0,
            Self::Van => 1.6,
            Self::Truck | Self::Bus => 1.1,
        }
    }

    /// Whether it is too large for alleys and small streets.
    pub(super) const fn is_large(self) -> bool {
        matches!(self, Self::Truck | Self::Bus)
    }

    /// How likely it is on a road, as a share.
    const fn share_on(self, road: LaneRoad) -> f32 {
        let is_main = matches!(road.class(), StreetClass::Arterial | StreetClass::Avenue);
        match self {
            Self::Car => 0.68,
            Self::Taxi | Self::Van => 0.12,
            Self::Truck if is_main => 0.05,
            Self::Bus if is_main && road.is_on_ground() => 0.05,
            Self::Truck | Self::Bus => 0.0,
        }
    }

    /// A kind that drives on a road.
    pub(super) fn on(road: LaneRoad, chance: &mut Chance) -> Self {
        let shares = Self::ALL.map(|kind| kind.share_on(road));
        Self::ALL[weighted(chance, &shares).unwrap_or(0)]
    }
}

/// One vehicle on its way. Lanes are numbers in the [`Roadway`](super::roadway::Roadway).
#[derive(Clone, Debug)]
pub(super) struct Vehicle {
    /// Never given twice.
    pub(super) number: u64,
    pub(super) kind: VehicleKind,
    pub(super) paint: usize,
    /// How fast it wants to be, as a share of the limit.
    pub(super) temper: f32,
    /// The lane that its front is on, and how far from its beginning.
    pub(super) lane: usize,
    pub(super) along_m: f32,
    pub(super) speed_mps: f32,
    pub(super) acceleration_mps2: f32,
    /// The lane that it takes after this one, and the one after that.
    pub(super) next: Option<usize>,
    pub(super) after: Option<usize>,
    /// The lanes that its rear may still be on, last left first.
    pub(super) trail: [Option<usize>; 3],
    /// The claim of the curve that its front is on or comes to.
    pub(super) claim: Option<Claim>,
    /// The claims of curves that its front has left and its rear has not.
    pub(super) passed: [Option<Claim>; 2],
    /// A change of lanes under way.
    pub(super) aside: Option<Aside>,
    /// How long it has stood still.
    pub(super) stood_secs: f32,
    pub(super) pose: VehiclePose,
    pub(super) before: VehiclePose,
}

/// Where a vehicle is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VehiclePose {
    /// The ground under its middle, metres of the world.
    pub place: DVec3,
    /// Where its nose points, (x, z), of length 1.
    pub forward: Vec2,
    /// Metres of height per metre ahead.
    pub slope: f32,
}

impl Vehicle {
    pub(super) const fn length_m(&self) -> f32 {
        self.kind.size_m()[0]
    }

    pub(super) const fn rear_m(&self) -> f32 {
        self.along_m - self.length_m()
    }

    /// Whether its brake lights are on.
    pub(super) const fn brakes(&self) -> bool {
        self.acceleration_mps2 < -0.7 || self.speed_mps < 0.15
    }
}

/// The number of one of several, by weight; nothing if all weights are zero.
pub(super) fn weighted(chance: &mut Chance, weights: &[f32]) -> Option<usize> {
    let mut left = chance.unit() * weights.iter().sum::<f32>();
    let mut last = None;
    for (number, weight) in weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0.0)
    {
        last = Some(number);
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}
