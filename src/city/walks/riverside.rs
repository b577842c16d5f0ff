//! The pavements on the water's side of embankments, and those of bridges.
//!
//! ```text
//!   ════ embankment ════╗       ╔════════════
//!   ── promenade ─────┐ ║ road  ║ ┌──────────     where a promenade meets a bridge, one steps over from pavement to
//!                     │ ║ of the║ │               pavement
//!        water        │ ║ bridge║ │
//! ```

use bevy::math::{DVec2, Vec2};

use super::super::area::{Area, Axis, Side};
use super::super::network::{self, PlanArea, rivers};
use super::super::plan::banks::{MOST_COLUMNS, bridge_class};
use super::super::plan::districts;
use super::super::plan::streets::StreetClass;
use super::{WalkBlock, WalkBlockId, liveliness};

/// Where one walks on such a pavement, metres from the kerb of the road and from the edge of the bank or bridge.
pub(super) const BY_THE_ROAD_M: (f32, f32) = (1.7, 2.1);
pub(super) const BY_THE_WATER_M: (f32, f32) = (0.6, 1.0);
/// The way from one pavement to the next where they meet, metres.
pub(super) const STEP_M: f32 = 1.0;
/// How much of a block's life such a pavement has: both its sides count, as those of a block do.
const ONE_PAVEMENT: f32 = 0.4;
/// Blocks of a superblock have lower numbers.
const FIRST_NUMBER: u32 = 1_000;

/// A bridge: its column, its middle, and half the width of its road.
struct Bridge {
    column: i64,
    x: f64,
    half_road_m: f64,
    class: StreetClass,
}

impl Bridge {
    fn new(seed: u64, column: i64) -> Self {
        let class = bridge_class(column);
        Self {
            column,
            x: network::arterial(seed, Axis::Z, column),
            half_road_m: f64::from(class.carriageway_m()) / 2.0,
            class,
        }
    }

    fn half_m(&self) -> f64 {
        self.half_road_m + f64::from(self.class.pavement_m())
    }
}

/// The pavements along and across all rivers in an area of the plan, told from an origin in it.
pub(super) fn pavements_in(seed: u64, area: &PlanArea, origin: DVec2) -> Vec<WalkBlock> {
    let near = |axis, at| network::arterial_near(seed, axis, at);
    let rows = near(Axis::X, area.low.y) - 1..=near(Axis::X, area.high.y) + 1;
    let (first, last) = (
        near(Axis::Z, area.low.x) - MOST_COLUMNS,
        near(Axis::Z, area.high.x) + MOST_COLUMNS,
    );
    let mut found = Vec::new();
    for row in rows.filter(|row| rivers::is_river(*row)) {
        let (north, south) = (
            network::arterial(seed, Axis::X, row),
            network::arterial(seed, Axis::X, row + 1),
        );
        let half_road_m = f64::from(StreetClass::Arterial.carriageway_m()) / 2.0;
        let wide_m = f64::from(StreetClass::Arterial.pavement_m());
        let (north, south) = (north + half_road_m, south - half_road_m);
        let bridges: Vec<Bridge> = (first..=last)
            .filter(|column| rivers::has_bridge(seed, *column, row))
            .map(|column| Bridge::new(seed, column))
            .collect();
        let mut add = |column: i64, number: u32, [x0, x1, z0, z1]: [f64; 4], streets, edge| {
            let whole = PlanArea::new(DVec2::new(x0, z0), DVec2::new(x1, z1));
            if !whole.overlaps(area) {
                return;
            }
            let [low, high] = [whole.low, whole.high].map(|at| (at - origin).as_vec2());
            // As lively as the banks that it joins: a single pavement, on which people walk both ways.
            let zone_at = |v: f64| {
                let u = whole.center().x;
                districts::zone_at(seed, u, v, districts::density_at(seed, u, v))
            };
            let lively = (liveliness(zone_at(z0)) + liveliness(zone_at(z1))) / 2.0;
            found.push(WalkBlock {
                id: WalkBlockId {
                    column,
                    row,
                    number: FIRST_NUMBER + number,
                },
                liveliness: ONE_PAVEMENT * lively,
                kerb: area_of(low, high),
                streets,
                edge: Some(edge),
            });
        };
        let along = StreetClass::Arterial;
        for bridge in &bridges {
            let (inner, outer) = (bridge.half_road_m, bridge.half_m());
            let Bridge { x, class, .. } = *bridge;
            add(
                bridge.column,
                0,
                [x - outer, x - inner, north, south],
                [StreetClass::Alley, class, along, along],
                Side::West,
            );
            add(
                bridge.column,
                1,
                [x + inner, x + outer, north, south],
                [class, StreetClass::Alley, along, along],
                Side::East,
            );
        }
        for pair in bridges.windows(2) {
            let (from, to) = (pair[0].x + pair[0].half_m(), pair[1].x - pair[1].half_m());
            let open = StreetClass::Alley;
            add(
                pair[0].column,
                2,
                [from, to, north, north + wide_m],
                [open, open, along, open],
                Side::South,
            );
            add(
                pair[0].column,
                3,
                [from, to, south - wide_m, south],
                [open, open, open, along],
                Side::North,
            );
        }
    }
    found
}

const fn area_of(low: Vec2, high: Vec2) -> Area {
    Area::new(low.x, low.y, high.x, high.y)
}
