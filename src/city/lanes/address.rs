//! Addresses: places at the kerb before the lots of the city.

use bevy::math::DVec2;

use super::super::network::{PlanArea, superblocks_in};
use super::super::plan::streets::StreetClass;
use super::graph::{LaneGraph, LanePlace};

/// Lots are about this wide, metres.
const LOT_M: f64 = 18.0;
/// Corners of a block have no addresses: junctions are there, metres.
const CORNER_M: f64 = 12.0;

/// A place at the kerb before a lot.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Address {
    /// The kerb, (x, z) in the world, metres.
    pub kerb_in_world: DVec2,
    /// The place on the lane beside it.
    pub stop: LanePlace,
}

impl LaneGraph {
    /// The addresses within a square of `2 * reach_m` around a place of the world, in a fixed order.
    pub fn addresses_near(&mut self, place_in_world: DVec2, reach_m: f64) -> Vec<Address> {
        self.kerbs_near(place_in_world, reach_m)
            .into_iter()
            .map(|kerb| self.address_at(kerb))
            .collect()
    }

    /// The kerbs of these addresses, (x, z) in the world; without the lanes beside them, which cost more.
    #[must_use]
    pub fn kerbs_near(&self, place_in_world: DVec2, reach_m: f64) -> Vec<DVec2> {
        let center = self.land().plan_of(place_in_world);
        let area = PlanArea::new(center, center).grown(reach_m);
        let mut kerbs = Vec::new();
        for superblock in superblocks_in(self.seed(), &area) {
            for block in superblock.blocks() {
                let half = block
                    .streets
                    .map(|class: StreetClass| f64::from(class.carriageway_m()) / 2.0);
                let low = block.area.low + DVec2::new(half[0], half[2]);
                let high = block.area.high - DVec2::new(half[1], half[3]);
                let corners = [
                    low,
                    DVec2::new(high.x, low.y),
                    high,
                    DVec2::new(low.x, high.y),
                ];
                for (number, from) in corners.iter().enumerate() {
                    let to = corners[(number + 1) % 4];
                    let length = from.distance(to);
                    let lots = ((length - 2.0 * CORNER_M) / LOT_M).floor();
                    if lots < 1.0 {
                        continue;
                    }
                    for lot in 0..lots as u32 {
                        let share = (f64::from(lot) + 0.5) / lots;
                        let along = CORNER_M + share * (length - 2.0 * CORNER_M);
                        let kerb = *from + (to - *from) * (along / length);
                        if area.contains(kerb) {
                            kerbs.push(self.land().world_of(kerb));
                        }
                    }
                }
            }
        }
        kerbs
    }

    /// The address at a kerb.
    pub fn address_at(&mut self, kerb_in_world: DVec2) -> Address {
        Address {
            kerb_in_world,
            stop: self.nearest_lane(kerb_in_world),
        }
    }
}
