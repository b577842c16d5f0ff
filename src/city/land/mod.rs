//! The land under the city: how the straight plan is bent into the world, and how high the ground is.
//!
//! ```text
//!  plan (u, v)   straight lines and rectangles: streets, blocks, lots; endless and independent of chunks
//!     │  world = plan + bend(plan)       smooth, gentle, invertible; the origin stays where it is
//!     ▼
//!  world (x, z)  curved streets, blocks that are no rectangles; chunks are squares of it
//! ```
//!
//! All that is planned is planned in plan coordinates, where a street is a straight line and a wall is parallel to an
//! axis. Both sides of a chunk border bend the same plan by the same functions, so everything meets.

mod field;
mod survey;

pub(super) use survey::{Footing, Survey, plan_origin};

use bevy::math::{DMat2, DVec2};

use super::network::rivers;
use field::{BROAD_CELL_M, FINE_CELL_M, ease, ease_slope, lattice};

/// How far the bend moves a point at most along an axis, broad and fine part, metres.
const BROAD_BEND_M: f64 = 58.0;
const FINE_BEND_M: f64 = 8.0;
/// Farthest that a place of the world is from its place in the plan, along an axis, metres.
pub(super) const MOST_BEND_M: f64 = 2.0 * (BROAD_BEND_M + FINE_BEND_M);
/// Half the height of the hills, broad and fine part, metres.
const BROAD_HILL_M: f64 = 12.0;
const FINE_HILL_M: f64 = 2.2;
/// Height of the land beside rivers above the water, metres. Water is at height 0 everywhere.
pub(super) const SHORE_M: f64 = 4.0;
/// From the middle of a river, how far the land stays at [`SHORE_M`], and where the hills have their full height, metres.
const FLAT_TO_M: f64 = 230.0;
const HILLS_FROM_M: f64 = 900.0;

/// The land of one seed.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) struct Land {
    seed: u64,
    /// The bend at the origin of the plan, which is taken from all others.
    bend_at_origin: DVec2,
}

/// What the fields say at a place: bend east, bend south, hill. Broad and fine part, each in -1..=1.
struct Sample {
    bend: DVec2,
    hill: f64,
    /// Derivatives of the bend by u and by v.
    bend_by_u: DVec2,
    bend_by_v: DVec2,
}

impl Land {
    pub(super) fn new(seed: u64) -> Self {
        let mut land = Self {
            seed,
            bend_at_origin: DVec2::ZERO,
        };
        land.bend_at_origin = land.sample(DVec2::ZERO).bend;
        land
    }

    pub(super) const fn seed(&self) -> u64 {
        self.seed
    }

    /// The place in the world of a place in the plan, metres.
    pub(super) fn world_of(&self, plan: DVec2) -> DVec2 {
        plan + self.sample(plan).bend - self.bend_at_origin
    }

    /// The place in the plan of a place in the world, metres; exact to a hundredth of a millimetre.
    ///
    /// The bend changes by less than a third of the way, so repeating the subtraction comes three times nearer each time.
    pub(super) fn plan_of(&self, world: DVec2) -> DVec2 {
        let mut plan = world;
        for _ in 0..24 {
            let next = world - (self.sample(plan).bend - self.bend_at_origin);
            let is_there = next.distance_squared(plan) < 1e-12;
            plan = next;
            if is_there {
                break;
            }
        }
        plan
    }

    /// How small steps in the plan become steps in the world: the columns are the images of (1, 0) and (0, 1).
    pub(super) fn stretch_at(&self, plan: DVec2) -> DMat2 {
        let sample = self.sample(plan);
        DMat2::from_cols(DVec2::X + sample.bend_by_u, DVec2::Y + sample.bend_by_v)
    }

    /// Height of the land above the water, metres. Roads lie on it; rivers are dug into it.
    pub(super) fn height_at(&self, plan: DVec2) -> f64 {
        SHORE_M + hills_share(rivers::distance_m(self.seed, plan.y)) * self.sample(plan).hill
    }

    fn sample(&self, plan: DVec2) -> Sample {
        let broad = Cell::of(self.seed, 0, plan, BROAD_CELL_M);
        let fine = Cell::of(self.seed, 1, plan, FINE_CELL_M);
        let bend = |pick: fn(&Cell, usize) -> f64| {
            DVec2::new(
                BROAD_BEND_M * pick(&broad, 0) + FINE_BEND_M * pick(&fine, 0),
                BROAD_BEND_M * pick(&broad, 1) + FINE_BEND_M * pick(&fine, 1),
            )
        };
        Sample {
            bend: bend(Cell::value),
            bend_by_u: bend(Cell::slope_u),
            bend_by_v: bend(Cell::slope_v),
            hill: BROAD_HILL_M * (1.0 + broad.value(2)) + FINE_HILL_M * (1.0 + fine.value(2)),
        }
    }
}

/// How much of the hills is left at a distance from the middle of the nearest river, 0 to 1.
fn hills_share(from_river_m: f64) -> f64 {
    ease(((from_river_m - FLAT_TO_M) / (HILLS_FROM_M - FLAT_TO_M)).clamp(0.0, 1.0))
}

/// One cell of a field's lattice and a place in it.
struct Cell {
    corners: [[f32; 3]; 4],
    eased: DVec2,
    slopes: DVec2,
}

impl Cell {
    fn of(seed: u64, octave: u64, plan: DVec2, cell_m: f64) -> Self {
        let scaled = plan / cell_m;
        let floor = scaled.floor();
        let (i, k) = (floor.x as i64, floor.y as i64);
        let at = scaled - floor;
        Self {
            corners: [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(di, dk)| lattice(seed, octave, i + di, k + dk)),
            eased: DVec2::new(ease(at.x), ease(at.y)),
            slopes: DVec2::new(ease_slope(at.x), ease_slope(at.y)) / cell_m,
        }
    }

    fn corner(&self, number: usize, channel: usize) -> f64 {
        f64::from(self.corners[number][channel])
    }

    fn value(&self, channel: usize) -> f64 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|number| self.corner(number, channel));
        let (north, south) = (a + (b - a) * self.eased.x, c + (d - c) * self.eased.x);
        north + (south - north) * self.eased.y
    }

    fn slope_u(&self, channel: usize) -> f64 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|number| self.corner(number, channel));
        ((b - a) + ((d - c) - (b - a)) * self.eased.y) * self.slopes.x
    }

    fn slope_v(&self, channel: usize) -> f64 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|number| self.corner(number, channel));
        let (north, south) = (a + (b - a) * self.eased.x, c + (d - c) * self.eased.x);
        (south - north) * self.slopes.y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::hash::{Dice, Topic};

    fn places(count: u64) -> impl Iterator<Item = (Land, DVec2)> {
        (0..count).map(|number| {
            let mut dice = Dice::at(number, Topic::Ground, 0, 0);
            let far = if number % 3 == 0 { 1e6 } else { 3e3 };
            let plan = DVec2::new(
                f64::from(dice.between(-1.0, 1.0)) * far,
                f64::from(dice.between(-1.0, 1.0)) * far,
            );
            (Land::new(number % 7), plan)
        })
    }

    #[test]
    fn the_way_to_the_world_and_back_ends_where_it_began() {
        for (land, plan) in places(2_000) {
            let back = land.plan_of(land.world_of(plan));
            assert!(back.distance(plan) < 1e-5, "{plan} came back as {back}");
            assert!(land.world_of(plan).distance(plan) < 2.0 * MOST_BEND_M);
        }
        assert_eq!(Land::new(5).world_of(DVec2::ZERO), DVec2::ZERO);
    }

    #[test]
    fn the_stretch_is_the_derivative_and_never_folds() {
        for (land, plan) in places(2_000) {
            let stretch = land.stretch_at(plan);
            for (step, column) in [(DVec2::X, stretch.x_axis), (DVec2::Y, stretch.y_axis)] {
                let difference =
                    (land.world_of(plan + step * 1e-2) - land.world_of(plan - step * 1e-2)) / 2e-2;
                assert!(difference.distance(column) < 1e-4, "{difference} {column}");
                assert!((0.65..1.4).contains(&column.length()), "{column}");
            }
            assert!(stretch.determinant() > 0.4);
        }
    }

    #[test]
    fn the_land_is_gentle_above_the_water_and_flat_at_rivers() {
        for (land, plan) in places(5_000) {
            let height = land.height_at(plan);
            assert!((SHORE_M..SHORE_M + 30.0).contains(&height));
            for step in [DVec2::X, DVec2::Y] {
                let slope = (land.height_at(plan + step) - height).abs();
                assert!(slope < 0.09, "a slope of {slope} at {plan}");
            }
            if rivers::distance_m(land.seed, plan.y) < FLAT_TO_M {
                assert_eq!(height, SHORE_M);
            }
        }
    }
}
