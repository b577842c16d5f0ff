//! The land of one neighbourhood, measured once so that each vertex is cheap: the corners of the lattices around it.

use bevy::math::{DVec2, Mat2, Vec2, Vec3A};

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
    /// About how far places in the plan are from those in the world here: where [`Survey::plan_of`] begins.
    shift: Vec2,
    /// Where the middles of the rivers are that are near enough to flatten the land, `v` from the origin.
    rivers: Vec<f32>,
}

/// The origin of plan coordinates for a chunk's corner.
pub(in super::super) fn plan_origin(corner: DVec2) -> DVec2 {
    (corner * 16.0).round() / 16.0
}

/// The land around a place, as a thing that stands there needs it.
#[derive(Copy, Clone, Debug)]
pub(in super::super) struct Footing {
    /// The place in the world.
    pub(in super::super) world: Vec2,
    /// Height of the land above the water, metres.
    pub(in super::super) height_m: f32,
    /// How small steps in the plan become steps in the world.
    pub(in super::super) stretch: Mat2,
    /// How much the land rises for each metre along u and along v.
    pub(in super::super) rise: Vec2,
}

/// What the fields say at a place: bend east, bend south, hill.
#[derive(Copy, Clone)]
struct Slopes {
    value: Vec3A,
    by_u: Vec3A,
    by_v: Vec3A,
}

/// What the numbers of the broad and the fine field are worth, metres.
const BROAD_M: Vec3A = Vec3A::new(
    BROAD_BEND_M as f32,
    BROAD_BEND_M as f32,
    BROAD_HILL_M as f32,
);
const FINE_M: Vec3A = Vec3A::new(FINE_BEND_M as f32, FINE_BEND_M as f32, FINE_HILL_M as f32);
/// Half the height of all hills, metres.
const HILL_M: f32 = (BROAD_HILL_M + FINE_HILL_M) as f32;

impl Survey {
    /// Measures the land within `reach_m` of a square with its minimum corner at `origin` and sides of `size_m`.
    pub(in super::super) fn new(land: &Land, corner: DVec2, size_m: f64, reach_m: f64) -> Self {
        let origin = plan_origin(corner);
        let (low, high) = (
            origin - DVec2::splat(reach_m),
            origin + DVec2::splat(size_m + reach_m),
        );
        let mut survey = Self {
            broad: Grid::new(land.seed, 0, origin, (low, high), BROAD_CELL_M, BROAD_M),
            fine: Grid::new(land.seed, 1, origin, (low, high), FINE_CELL_M, FINE_M),
            bend_at_origin: (land.bend_at_origin + (corner - origin)).as_vec2(),
            shift: Vec2::ZERO,
            rivers: rivers::middles_near(land.seed, low.y - HILLS_FROM_M, high.y + HILLS_FROM_M)
                .map(|v| (v - origin.y) as f32)
                .collect(),
        };
        let middle = Vec2::splat(size_m as f32 / 2.0);
        survey.shift = survey.plan_of(middle) - middle;
        survey
    }

    /// The place in the world and the height of the land of a place in the plan.
    pub(in super::super) fn lift(&self, plan: Vec2) -> (Vec2, f32) {
        let sample = self.sample(plan);
        (
            plan + bend_of(sample) - self.bend_at_origin,
            self.height_of(plan, sample),
        )
    }

    /// The place in the world of a place in the plan.
    pub(in super::super) fn world_of(&self, plan: Vec2) -> Vec2 {
        plan + bend_of(self.sample(plan)) - self.bend_at_origin
    }

    /// The place in the plan of a place in the world, to a few hundredths of a millimetre, by Newton's method.
    pub(in super::super) fn plan_of(&self, world: Vec2) -> Vec2 {
        self.plan_from(world, world + self.shift)
    }

    /// Likewise, from a place in the plan that is not far from it.
    pub(in super::super) fn plan_from(&self, world: Vec2, guess: Vec2) -> Vec2 {
        let mut plan = guess;
        for _ in 0..16 {
            let sample = self.slopes(plan);
            let missing = world - (plan + bend_of(sample.value) - self.bend_at_origin);
            let (a, b) = (1.0 + sample.by_u.x, sample.by_v.x);
            let (c, d) = (sample.by_u.y, 1.0 + sample.by_v.y);
            let step = Vec2::new(d * missing.x - b * missing.y, a * missing.y - c * missing.x)
                / (a * d - b * c);
            plan += step;
            // What is missing now is the square of this step over more than a kilometre.
            if step.length_squared() < 4e-3 {
                break;
            }
        }
        plan
    }

    /// Height of the land above the water, metres.
    pub(in super::super) fn height_at(&self, plan: Vec2) -> f32 {
        self.height_of(plan, self.sample(plan))
    }

    /// How small steps in the plan become steps in the world.
    pub(in super::super) fn stretch_at(&self, plan: Vec2) -> Mat2 {
        stretch_of(&self.slopes(plan))
    }

    /// All that a thing needs to stand at a place.
    pub(in super::super) fn footing(&self, plan: Vec2) -> Footing {
        let slopes = self.slopes(plan);
        let (share, by_v) = self.hills(plan.y);
        let hill_m = HILL_M + slopes.value.z;
        Footing {
            world: plan + bend_of(slopes.value) - self.bend_at_origin,
            height_m: SHORE_M as f32 + share * hill_m,
            stretch: stretch_of(&slopes),
            rise: Vec2::new(share * slopes.by_u.z, share * slopes.by_v.z + by_v * hill_m),
        }
    }

    #[inline]
    fn height_of(&self, plan: Vec2, sample: Vec3A) -> f32 {
        SHORE_M as f32 + self.hills(plan.y).0 * (HILL_M + sample.z)
    }

    /// How much of the hills is left at a place, 0 to 1, and how fast that changes along v.
    fn hills(&self, v: f32) -> (f32, f32) {
        if self.rivers.is_empty() {
            return (1.0, 0.0);
        }
        let mut nearest = f32::MAX;
        for river in &self.rivers {
            let away = v - river;
            if away.abs() < nearest.abs() {
                nearest = away;
            }
        }
        let from_river = (nearest.abs() - FLAT_TO_M as f32) * (1.0 / HILLS_OVER_M);
        let t = from_river.clamp(0.0, 1.0);
        (ease(t), ease_slope(t).copysign(nearest) / HILLS_OVER_M)
    }

    /// The bend east and south, and the hill without its mean.
    fn sample(&self, plan: Vec2) -> Vec3A {
        self.broad.at(plan) + self.fine.at(plan)
    }

    fn slopes(&self, plan: Vec2) -> Slopes {
        let [broad, fine] = [self.broad.slopes_at(plan), self.fine.slopes_at(plan)];
        Slopes {
            value: broad.value + fine.value,
            by_u: broad.by_u + fine.by_u,
            by_v: broad.by_v + fine.by_v,
        }
    }
}

/// Over how far hills rise from none to their full height, metres.
const HILLS_OVER_M: f32 = (HILLS_FROM_M - FLAT_TO_M) as f32;

#[inline]
fn bend_of(sample: Vec3A) -> Vec2 {
    Vec2::new(sample.x, sample.y)
}

fn stretch_of(slopes: &Slopes) -> Mat2 {
    Mat2::from_cols(
        Vec2::X + bend_of(slopes.by_u),
        Vec2::Y + bend_of(slopes.by_v),
    )
}

/// Some cells of one lattice.
#[derive(Clone, Debug)]
struct Grid {
    /// Cells per metre.
    scale: f32,
    /// The survey's origin in cells from the first corner.
    offset: Vec2,
    columns: usize,
    /// Just less than the numbers of columns and rows.
    most: Vec2,
    cells: Vec<Cell>,
}

/// The surface over one cell in the eased shares of its sides, metres: `north_west + east s + south t + both s t`.
#[derive(Copy, Clone, Debug)]
struct Cell {
    north_west: Vec3A,
    east: Vec3A,
    south: Vec3A,
    both: Vec3A,
}

impl Grid {
    fn new(
        seed: u64,
        octave: u64,
        origin: DVec2,
        (low, high): (DVec2, DVec2),
        cell_m: f64,
        worth_m: Vec3A,
    ) -> Self {
        let first = (low / cell_m).floor();
        let counts = (high / cell_m).floor() - first + DVec2::ONE;
        let (columns, rows) = (counts.x as usize, counts.y as usize);
        let (i, k) = (first.x as i64, first.y as i64);
        // Loops, since adapters of iterators stay calls in the development profile, and each chunk does this first.
        let mut values = Vec::with_capacity((columns + 1) * (rows + 1));
        for row in 0..=rows as i64 {
            for column in 0..=columns as i64 {
                let corner = lattice(seed, octave, i + column, k + row);
                values.push(Vec3A::from_array(corner) * worth_m);
            }
        }
        let mut cells = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let first = row * (columns + 1) + column;
                let second = first + columns + 1;
                let (a, b) = (values[first], values[first + 1]);
                let (c, d) = (values[second], values[second + 1]);
                cells.push(Cell {
                    north_west: a,
                    east: b - a,
                    south: c - a,
                    both: (d - c) - (b - a),
                });
            }
        }
        Self {
            scale: (1.0 / cell_m) as f32,
            offset: (origin / cell_m - first).as_vec2(),
            columns,
            most: counts.as_vec2() - Vec2::splat(1e-4),
            cells,
        }
    }

    /// The cell of a place and where in it the place is; places outside are treated as on the edge of what was measured.
    #[inline(always)]
    fn cell(&self, plan: Vec2) -> (&Cell, Vec2) {
        let scaled = (plan * self.scale + self.offset).clamp(Vec2::ZERO, self.most);
        let (column, row) = (scaled.x as u32, scaled.y as u32);
        let cell = &self.cells[row as usize * self.columns + column as usize];
        (cell, scaled - Vec2::new(column as f32, row as f32))
    }

    /// The three blended numbers at a place, metres.
    fn at(&self, plan: Vec2) -> Vec3A {
        let (cell, within) = self.cell(plan);
        let (s, t) = (ease(within.x), ease(within.y));
        cell.north_west + cell.east * s + (cell.south + cell.both * s) * t
    }

    /// Likewise, with their derivatives.
    fn slopes_at(&self, plan: Vec2) -> Slopes {
        let (cell, within) = self.cell(plan);
        let (s, t) = (ease(within.x), ease(within.y));
        Slopes {
            value: cell.north_west + cell.east * s + (cell.south + cell.both * s) * t,
            by_u: (cell.east + cell.both * t) * (ease_slope(within.x) * self.scale),
            by_v: (cell.south + cell.both * s) * (ease_slope(within.y) * self.scale),
        }
    }
}

fn ease(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// The derivative of [`ease`].
fn ease_slope(t: f32) -> f32 {
    30.0 * t * t * (t * (t - 2.0) + 1.0)
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
                    let footing = here.footing(plan);
                    assert!(footing.world == world && footing.height_m == height);
                    assert!(footing.stretch == found);
                    for (step, rise) in [(Vec2::X, footing.rise.x), (Vec2::Y, footing.rise.y)] {
                        let [far, near] = [step, -step].map(|step| here.height_at(plan + step));
                        assert!(((far - near) / 2.0 - rise).abs() < 2e-3);
                    }
                    assert!((stretch.x_axis - found.x_axis).length() < 2e-3);
                    assert!((stretch.y_axis - found.y_axis).length() < 2e-3);
                }
            }
        }
    }
}
