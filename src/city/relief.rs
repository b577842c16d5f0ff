//! The height of the land anywhere, without a chunk: for bodies that wait for their ground, and for flights.

use bevy::math::DVec2;

use super::land::Land;

/// The land of one seed as gameplay sees it. World coordinates, metres, (x, z).
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CityRelief {
    land: Land,
}

impl CityRelief {
    /// The land of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            land: Land::new(seed),
        }
    }

    /// The seed it was made from.
    pub const fn seed(&self) -> u64 {
        self.land.seed()
    }

    /// Height of the land above the water at a place, metres: that of roads there, and of the banks beside a river.
    pub fn height_at(&self, place_in_world: DVec2) -> f64 {
        self.land.height_at(self.land.plan_of(place_in_world))
    }
}
