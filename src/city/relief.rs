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

    /// Where a place of the plan, in which streets are straight, lies in the world.
    pub fn in_world(&self, place_in_plan: DVec2) -> DVec2 {
        self.land.world_of(place_in_plan)
    }

    /// Where a place of the world lies in the plan.
    pub fn in_plan(&self, place_in_world: DVec2) -> DVec2 {
        self.land.plan_of(place_in_world)
    }

    /// Height of the land above the water at a place, metres: that of roads there, and of the banks beside a river.
    pub fn height_at(&self, place_in_world: DVec2) -> f64 {
        self.land.height_at(self.land.plan_of(place_in_world))
    }
}
