//! Where the land lies under the lines in the world: asked for once per cell and a few cells per frame, since the height
//! of the land is not for free.

use std::collections::BTreeMap;

use bevy::math::DVec2;

use crate::{modes::LandHeight, streaming::ChunkCoord};

/// Points on each side of a cell's border.
pub(super) const SIDE_POINTS: usize = 8;

/// Points of a ring.
pub(super) const RING_POINTS: usize = 96;

/// Cells asked about in one frame.
const CELLS_AT_ONCE: usize = 6;

/// How far a border stays inside its cell, metres: two neighbours must both be seen.
const INSET_M: f64 = 2.0;

/// Above the land, metres: over kerbs and markings.
const ABOVE_M: f64 = 0.3;

/// The land under one cell.
pub(super) struct CellGround {
    /// Places along the border, the corners among them, and their heights.
    pub border: [(DVec2, f64); 4 * SIDE_POINTS],
    /// The height of the middle.
    pub middle_m: f64,
}

/// What is known of the land.
#[derive(Default)]
pub(super) struct Ground {
    cells: BTreeMap<ChunkCoord, CellGround>,
    chunk_size_m: f64,
    rings: Vec<[f64; RING_POINTS]>,
}

fn height_m(land: Option<&LandHeight>, at: DVec2) -> f64 {
    land.map_or(0.0, |land| land.at(at)) + ABOVE_M
}

/// A point of a ring, from its middle.
pub(super) fn on_circle(point: usize, radius_m: f64) -> DVec2 {
    DVec2::from_angle(point as f64 * std::f64::consts::TAU / RING_POINTS as f64) * radius_m
}

impl Ground {
    /// Asks about some of the cells that are not known yet, in their order, and forgets all others.
    pub fn look_at_cells(
        &mut self,
        cells: impl Iterator<Item = ChunkCoord> + Clone,
        chunk_size_m: f64,
        land: Option<&LandHeight>,
    ) {
        if self.chunk_size_m != chunk_size_m {
            self.cells.clear();
            self.chunk_size_m = chunk_size_m;
        }
        let before = self.cells.len();
        let unknown: Vec<ChunkCoord> = cells
            .clone()
            .filter(|coord| !self.cells.contains_key(coord))
            .take(CELLS_AT_ONCE)
            .collect();
        for coord in unknown {
            self.cells
                .insert(coord, CellGround::of(coord, chunk_size_m, land));
        }
        // What is not drawn any more goes when it is as much as what is drawn.
        if before > 2 * cells.clone().count() {
            let drawn: std::collections::BTreeSet<ChunkCoord> = cells.collect();
            self.cells.retain(|coord, _| drawn.contains(coord));
        }
    }

    /// Asks along the rings.
    pub fn look_at_rings(
        &mut self,
        rings: impl Iterator<Item = (DVec2, f64)>,
        land: Option<&LandHeight>,
    ) {
        self.rings.clear();
        self.rings.extend(rings.map(|(middle, radius_m)| {
            std::array::from_fn(|point| height_m(land, middle + on_circle(point, radius_m)))
        }));
    }

    /// The land under a cell, if it is known yet.
    pub fn cell(&self, coord: ChunkCoord) -> Option<&CellGround> {
        self.cells.get(&coord)
    }

    /// The heights of the rings, in the order in which they were asked for.
    pub fn rings(&self) -> impl Iterator<Item = &[f64; RING_POINTS]> {
        self.rings.iter()
    }

    /// About the height at a place: that of the middle of its cell.
    pub fn near(&self, at: DVec2, chunk_size_m: f64) -> f64 {
        let coord = ChunkCoord::containing_ground(at, chunk_size_m);
        self.cells
            .get(&coord)
            .map_or(ABOVE_M, |ground| ground.middle_m)
    }
}

impl CellGround {
    fn of(coord: ChunkCoord, chunk_size_m: f64, land: Option<&LandHeight>) -> Self {
        let middle = coord.center(chunk_size_m);
        let half = chunk_size_m / 2.0 - INSET_M;
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
            .map(|(x, z)| middle + DVec2::new(x, z) * half);
        Self {
            border: std::array::from_fn(|point| {
                let side = point / SIDE_POINTS;
                let along = (point % SIDE_POINTS) as f64 / SIDE_POINTS as f64;
                let at = corners[side].lerp(corners[(side + 1) % 4], along);
                (at, height_m(land, at))
            }),
            middle_m: height_m(land, middle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_the_land_and_come_a_few_cells_at_a_time() {
        let hill = LandHeight::new(|at| at.x / 10.0);
        let cells: Vec<ChunkCoord> = (0..20).map(|x| ChunkCoord::new(x, 0)).collect();
        let mut ground = Ground::default();
        ground.look_at_cells(cells.iter().copied(), 200.0, Some(&hill));
        assert!(ground.cell(cells[0]).is_some() && ground.cell(cells[19]).is_none());
        for _ in 0..4 {
            ground.look_at_cells(cells.iter().copied(), 200.0, Some(&hill));
        }
        for coord in &cells {
            let known = ground.cell(*coord).expect("known by now");
            for (at, height_m) in known.border {
                assert!((height_m - at.x / 10.0 - ABOVE_M).abs() < 1e-9);
            }
        }
        assert_eq!(ground.near(DVec2::new(500.0, 50.0), 200.0), 50.0 + ABOVE_M);
        // Gone far: what was there is forgotten.
        let far: Vec<ChunkCoord> = (100..105).map(|x| ChunkCoord::new(x, 0)).collect();
        for _ in 0..3 {
            ground.look_at_cells(far.iter().copied(), 200.0, Some(&hill));
        }
        assert!(ground.cell(cells[0]).is_none() && ground.cell(far[0]).is_some());
    }

    #[test]
    fn without_a_land_the_lines_lie_at_zero() {
        let mut ground = Ground::default();
        ground.look_at_rings([(DVec2::ZERO, 500.0)].into_iter(), None);
        let ring = ground.rings().next().expect("asked for");
        assert!(ring.iter().all(|height_m| *height_m == ABOVE_M));
    }
}
