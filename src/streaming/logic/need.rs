//! How badly a chunk is needed: the order in which work starts and results are applied (law 15).

use bevy::math::DVec2;
use std::cmp::Ordering;

use super::coord::ChunkCoord;

/// The need of a request as a cost in metres: the least is the most needed.
#[derive(Copy, Clone, Debug)]
pub struct Need(f64);

impl Need {
    /// Needed by nobody we know of: after everything else.
    pub const LEAST: Self = Self(f64::INFINITY);

    /// The need of a chunk: the distance on the ground from the nearest focus to its middle.
    pub fn of(coord: ChunkCoord, foci: &[DVec2], chunk_size_m: f64) -> Self {
        foci.iter()
            .map(|focus| coord.center_distance(*focus, chunk_size_m))
            .min_by(f64::total_cmp)
            .map_or(Self::LEAST, Self)
    }
}

impl PartialEq for Need {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Need {}

impl PartialOrd for Need {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Need {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
