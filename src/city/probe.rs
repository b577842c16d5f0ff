//! Places for tests of the game: where highways and rivers are, without a look into the plan.

use bevy::math::DVec2;

use super::area::Axis;
use super::land::Land;
use super::network;
use super::plan::viaduct::{RampKind, ramps};

/// A way up an entry, along the deck, and down the next exit: places of the world about 10 m apart, on the right lanes.
pub(crate) fn highway_way(seed: u64) -> Vec<DVec2> {
    let land = Land::new(seed);
    for column in (-12..12).filter(|column| network::is_highway(*column)) {
        let middle = network::arterial(seed, Axis::Z, column);
        let entries = (-12..12).flat_map(|row| ramps(seed, column, row));
        for entry in entries.filter(|ramp| ramp.kind == RampKind::Entry && ramp.direction > 0.0) {
            let exit = (-12..16)
                .flat_map(|row| ramps(seed, column, row))
                .filter(|ramp| ramp.kind == RampKind::Exit && ramp.direction > 0.0)
                .find(|ramp| ramp.merge_v > entry.merge_v + 20.0);
            let Some(exit) = exit.filter(|exit| exit.ground_v - entry.ground_v < 2_500.0) else {
                continue;
            };
            let mut way = Vec::new();
            let mut v = entry.ground_v - 15.0;
            while v < exit.ground_v + 15.0 {
                // On the ramps 2.3 m from the middle, on the deck's inner lane 6.5 m.
                let up = ((v - entry.deck_v - 5.0) / 30.0).clamp(0.0, 1.0);
                let down = ((exit.deck_v - 5.0 - v) / 30.0).clamp(0.0, 1.0);
                let u = middle - 2.3 - 4.2 * up.min(down);
                way.push(land.world_of(DVec2::new(u, v)));
                v += 10.0;
            }
            return way;
        }
    }
    panic!("seed {seed} has no highway with an entry and an exit");
}

/// From a pavement beside a river to the middle of the water.
pub(crate) fn way_into_river(seed: u64) -> [DVec2; 2] {
    let land = Land::new(seed);
    let row = (-8..8)
        .find(|row| network::rivers::is_river(*row))
        .expect("every seventh row is a river");
    let (north, south) = (
        network::arterial(seed, Axis::X, row),
        network::arterial(seed, Axis::X, row + 1),
    );
    let u = (network::arterial(seed, Axis::Z, 0) + network::arterial(seed, Axis::Z, 1)) / 2.0;
    [north + 10.0, (north + south) / 2.0].map(|v| land.world_of(DVec2::new(u, v)))
}
