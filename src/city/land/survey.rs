//! The land of one neighbourhood, measured once so that each vertex is cheap: the corners of the lattices around it.

use bevy::math::{DVec2, Mat2, Vec2};

use super::super::network::rivers;
use super::field::{BROAD_CELL_M, FINE_CELL_M, lattice};
use super::{
    BROAD_BEND_M, BROAD_HILL_M, FINE_BEND_M, FINE_HILL_M, FLAT_TO_M, HILLS_FROM_M, Land, SHORE_M,
};

/// The land around an origin in the plan. Places in the plan and in the world are metres from that same origin, `f32`:
/// a chunk's own corner, so that everything in it is near zero. Where the corner is no multiple of 1/16 m, plan
/// coordinates are from the nearest one that is: then streets lie at the same fractions in all chunks.
#[derive(Clone, Debug)]
pub(in super::super) struct Survey {
    broad: Grid,
    fine: Grid,
    /// The bend of the land's origin, which is taken from all others.
    bend_at_origin: Vec2,
    /// Where the middles of the rivers are that are near enough to flatten the land, `v` from the origin.
    rivers: Vec<f32>,
}

/// The origin of plan coordinates for a chunk's corner.
pub(in super::super) fn plan_origin(corner: DVec2) -> DVec2 {
    (corner * 16.0).round() / 16.0
}

/// A land at a place, as a vertex needs it.
#[derive(Copy, Clone, Debug)]
struct Sample {
    bend: Vec2,
    hill: f32,
}

impl Survey {
    /// Measures the land within `reach_m` of a square with its minimum corner at `origin` and sides of `size_m`.
    pub(in super::super) fn new(land: &Land, corner: DVec2, size_m: f64, reach_m: f64) -> Self {
        let origin = plan_origin(corner);
        let (low, high) = (
            origin - DVec2::splat(reach_m),
            origin + DVec2::splat(size_m + reach_m),
        );
        Self {
            broad: Grid::new(land.seed, 0, origin, (low, high), BROAD_CELL_M),
            fine: Grid::new(land.seed, 1, origin, (low, high), FINE_CELL_M),
            bend_at_origin: (land.bend_at_origin + (corner - origin)).as_vec2(),
            rivers: rivers::middles_near(land.seed, low.y - HILLS_FROM_M, high.y + HILLS_FROM_M)
                .map(|v| (v - origin.y) as f32)
                .collect(),
        }
    }

    /// The place in the world and the height of the land of a place in the plan.
    pub(in super::super) fn lift(&self, plan: Vec2) -> (Vec2, f32) {
        let sample = self.sample(plan);
        (
            plan + sample.bend - self.bend_at_origin,
            SHORE_M as f32 + self.hills_share(plan.y) * sample.hill,
        )
    }

    /// The place in the world of a place in the plan.
    pub(in super::super) fn world_of(&self, plan: Vec2) -> Vec2 {
        plan + self.sample(plan).bend - self.bend_at_origin
    }

    /// The place in the plan of a place in the world, to a few hundredths of a millimetre.
    pub(in super::super) fn plan_of(&self, world: Vec2) -> Vec2 {
        let mut plan = world;
        for _ in 0..16 {
            let next = world - (self.sample(plan).bend - self.bend_at_origin);
            let is_there = next.distance_squared(plan) < 1e-9;
            plan = next;
            if is_there {
                break;
            }
        }
        plan
    }

    /// Height of the land above the water, metres.
    pub(in super::super) fn height_at(&self, plan: Vec2) -> f32 {
        self.lift(plan).1
    }

    /// How small steps in the plan become steps in the world, from differences over a metre.
    pub(in super::super) fn stretch_at(&self, plan: Vec2) -> Mat2 {
        let difference =
            |step: Vec2| self.world_of(plan + step * 0.5) - self.world_of(plan - step * 0.5);
        Mat2::from_cols(difference(Vec2::X), difference(Vec2::Y))
    }

    fn hills_share(&self, v: f32) -> f32 {
        let nearest = self
            .rivers
            .iter()
            .fold(f32::MAX, |nearest, river| nearest.min((v - river).abs()));
        let t = (nearest - FLAT_TO_M as f32) / (HILLS_FROM_M - FLAT_TO_M) as f32;
        ease(t.clamp(0.0, 1.0))
    }

    fn sample(&self, plan: Vec2) -> Sample {
        let [broad, fine] = [self.broad.at(plan), self.fine.at(plan)];
        Sample {
            bend: Vec2::new(broad[0], broad[1]) * BROAD_BEND_M as f32
                + Vec2::new(fine[0], fine[1]) * FINE_BEND_M as f32,
            hill: (1.0 + broad[2]) * BROAD_HILL_M as f32 + (1.0 + fine[2]) * FINE_HILL_M as f32,
        }
    }
}

/// Some corners of one lattice.
#[derive(Clone, Debug)]
struct Grid {
    /// Cells per metre.
    scale: f32,
    /// The survey's origin in cells from the first corner.
    offset: Vec2,
    columns: usize,
    rows: usize,
    values: Vec<[f32; 3]>,
}

impl Grid {
    fn new(
        seed: u64,
        octave: u64,
        origin: DVec2,
        (low, high): (DVec2, DVec2),
        cell_m: f64,
    ) -> Self {
        let first = (low / cell_m).floor();
        let cells = (high / cell_m).floor() - first + DVec2::ONE;
        let (columns, rows) = (cells.x as usize, cells.y as usize);
        let (i, k) = (first.x as i64, first.y as i64);
        let values = (0..=rows as i64)
            .flat_map(|row| (0..=columns as i64).map(move |column| (column, row)))
            .map(|(column, row)| lattice(seed, octave, i + column, k + row))
            .collect();
        Self {
            scale: (1.0 / cell_m) as f32,
            offset: (origin / cell_m - first).as_vec2(),
            columns,
            rows,
            values,
        }
    }

    /// The three blended numbers at a place; places outside are treated as on the edge of what was measured.
    fn at(&self, plan: Vec2) -> [f32; 3] {
        let scaled = (plan * self.scale + self.offset).clamp(
            Vec2::ZERO,
            Vec2::new(self.columns as f32, self.rows as f32) - Vec2::splat(1e-4),
        );
        let (column, row) = (scaled.x as usize, scaled.y as usize);
        let (tx, tz) = (ease(scaled.x - column as f32), ease(scaled.y - row as f32));
        let first = row * (self.columns + 1) + column;
        let [a, b] = [self.values[first], self.values[first + 1]];
        let second = first + self.columns + 1;
        let [c, d] = [self.values[second], self.values[second + 1]];
        [0, 1, 2].map(|channel| {
            let north = a[channel] + (b[channel] - a[channel]) * tx;
            let south = c[channel] + (d[channel] - c[channel]) * tx;
            north + (south - north) * tz
        })
    }
}

fn ease(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::hash::{Dice, Topic};

    #[test]
    fn a_survey_agrees_with_the_land_and_with_its_neighbours() {
        for seed in 0..5 {
            let land = Land::new(seed);
            for (x, z) in [(0.0, 0.0), (-200.0, 400.0), (88_600.0, -13_000.0)] {
                let origin = DVec2::new(x, z);
                let here = Survey::new(&land, origin, 200.0, 200.0);
                let beside = Survey::new(&land, origin + DVec2::X * 200.0, 200.0, 200.0);
                let mut dice = Dice::at(seed, Topic::Ground, x as i64, z as i64);
                for _ in 0..200 {
                    let plan = Vec2::new(dice.between(0.0, 300.0), dice.between(-100.0, 300.0));
                    let (world, height) = here.lift(plan);
                    let exact = land.world_of(origin + plan.as_dvec2()) - origin;
                    assert!((exact - world.as_dvec2()).length() < 1e-3);
                    let exact = land.height_at(origin + plan.as_dvec2());
                    assert!((exact - f64::from(height)).abs() < 1e-3);
                    let (other, other_height) = beside.lift(plan - Vec2::X * 200.0);
                    assert!((other + Vec2::X * 200.0 - world).length() < 1e-3);
                    assert!((other_height - height).abs() < 1e-3);
                    assert!(here.plan_of(world).distance(plan) < 1e-3);
                    let stretch = land.stretch_at(origin + plan.as_dvec2()).as_mat2();
                    let found = here.stretch_at(plan);
                    assert!((stretch.x_axis - found.x_axis).length() < 2e-3);
                    assert!((stretch.y_axis - found.y_axis).length() < 2e-3);
                }
            }
        }
    }
}
