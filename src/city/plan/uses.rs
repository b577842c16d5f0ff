//! What a block is used for: the one decision that all levels of detail share.

use super::super::area::{Area, Axis};
use super::super::hash::Dice;
use super::blocks::ParkWish;
use super::districts::Zone;
use super::streets::StreetClass;

/// What fills a block.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum BlockUse {
    /// Too small for anything.
    Paved,
    Park,
    Quarter(Quarter),
    /// A landmark on its square; what is left of the block is a quarter.
    Landmark(Landmark, Quarter),
    GasStation,
    CarPark,
    Garage,
    Construction,
}

/// Blocks of ordinary buildings.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Quarter {
    Core,
    Midtown,
    Terraces,
    Houses,
    Industry,
    Campus,
}

/// Buildings to find one's way by.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Landmark {
    Skyscraper,
    ClockTower,
    DomedHall,
    Church,
    Stadium,
    MarketHall,
    RadioMast,
    Works,
}

/// The side of the square around a landmark, metres.
const SQUARE_M: f32 = 58.0;
/// Less than this is not worth a quarter of its own, metres.
const SMALLEST_REST_M: f32 = 18.0;

impl BlockUse {
    /// Decides for a block with this ground inside its pavements and these streets around it.
    pub(super) fn of(
        inner: &Area,
        streets: [StreetClass; 4],
        zone: Zone,
        park: ParkWish,
        dice: &Dice,
    ) -> Self {
        let shorter = inner.shorter();
        if shorter < 6.0 {
            return Self::Paved;
        }
        if park == ParkWish::Wanted && shorter >= 18.0 {
            return Self::Park;
        }
        let mut dice = dice.part(2);
        let mut quarter = match zone {
            Zone::Core if shorter >= 16.0 => Quarter::Core,
            Zone::Industry if shorter >= 24.0 => Quarter::Industry,
            Zone::Campus if shorter >= 30.0 => Quarter::Campus,
            Zone::Core | Zone::Midtown | Zone::Industry => Quarter::Midtown,
            Zone::Terraces | Zone::Campus => Quarter::Terraces,
            Zone::Houses => Quarter::Houses,
        };
        let under_highway = streets.contains(&StreetClass::Avenue);
        // Nobody wants a garden under a highway.
        if under_highway
            && matches!(quarter, Quarter::Houses | Quarter::Terraces)
            && shorter >= 24.0
            && dice.chance(0.6)
        {
            quarter = Quarter::Industry;
        }
        if shorter >= 30.0 && dice.chance(share_of_landmarks(zone)) {
            return Self::Landmark(landmark(inner, zone, &mut dice), quarter);
        }
        let on_arterial = streets.iter().any(|class| *class >= StreetClass::Arterial);
        let roll = dice.unit();
        match quarter {
            Quarter::Core | Quarter::Midtown if shorter >= 30.0 && roll < 0.018 => {
                Self::Construction
            }
            Quarter::Core | Quarter::Midtown if shorter >= 26.0 && roll < 0.035 => Self::Garage,
            Quarter::Midtown | Quarter::Industry if shorter >= 24.0 && roll < 0.06 => Self::CarPark,
            Quarter::Midtown | Quarter::Terraces | Quarter::Houses | Quarter::Industry
                if on_arterial
                    && (26.0..64.0).contains(&shorter)
                    && roll > 0.93
                    && inner.size_x().max(inner.size_z()) < 90.0 =>
            {
                Self::GasStation
            }
            _ => Self::Quarter(quarter),
        }
    }
}

const fn share_of_landmarks(zone: Zone) -> f32 {
    match zone {
        Zone::Core => 0.06,
        Zone::Midtown | Zone::Houses => 0.035,
        Zone::Terraces => 0.04,
        Zone::Industry => 0.12,
        Zone::Campus => 0.16,
    }
}

fn landmark(inner: &Area, zone: Zone, dice: &mut Dice) -> Landmark {
    let choices: &[Landmark] = match zone {
        Zone::Core => &[
            Landmark::Skyscraper,
            Landmark::Skyscraper,
            Landmark::Skyscraper,
            Landmark::Skyscraper,
            Landmark::DomedHall,
        ],
        Zone::Midtown => &[
            Landmark::ClockTower,
            Landmark::DomedHall,
            Landmark::MarketHall,
            Landmark::Skyscraper,
            Landmark::Church,
        ],
        Zone::Terraces => &[
            Landmark::Church,
            Landmark::Church,
            Landmark::ClockTower,
            Landmark::MarketHall,
            Landmark::Stadium,
        ],
        Zone::Houses => &[
            Landmark::Church,
            Landmark::Church,
            Landmark::RadioMast,
            Landmark::Stadium,
        ],
        Zone::Industry => &[Landmark::Works, Landmark::Works, Landmark::RadioMast],
        Zone::Campus => &[Landmark::DomedHall, Landmark::ClockTower],
    };
    match dice.pick(choices) {
        Landmark::Stadium if inner.shorter() < 46.0 => Landmark::Church,
        chosen => chosen,
    }
}

/// Cuts the square of a landmark off a block, and what is left of it, if that is worth building on.
pub(in super::super) fn square(inner: &Area, landmark: Landmark) -> (Area, Option<Area>) {
    let axis = if inner.size_x() >= inner.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let length = inner.size(axis);
    let wanted = match landmark {
        Landmark::Stadium => 95.0,
        Landmark::Works => 75.0,
        _ => SQUARE_M,
    };
    if length - wanted < SMALLEST_REST_M {
        return (*inner, None);
    }
    let rest = inner.span(axis, wanted, length);
    (inner.span(axis, 0.0, wanted), Some(rest))
}
