//! The seam for time: whether work takes the time it takes, or a stated time.

use crate::generator::ChunkRequest;
use crate::logic::rng::{mix64, unit_from};
use std::time::Duration;

/// Which clock decides when work starts and ends, and what a slice of apply costs.
///
/// "Now" is always `Time<Real>`: on the virtual clock the runner advances it by a fixed step.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum WorkClock {
    /// Workers pull by themselves; slices cost what they take.
    #[default]
    Real,
    /// Work starts and ends at stated times; [`run_virtual_workers`](crate::run_virtual_workers) serves
    /// it. Content is still made by the real generator on real threads.
    Virtual(VirtualCosts),
}

/// What things cost on the virtual clock.
#[derive(Clone, Debug, PartialEq)]
pub struct VirtualCosts {
    /// One generation.
    pub service: ServiceCost,
    /// Spawning or despawning one entity, in µs.
    pub apply_us_per_entity: f64,
    /// Handing over one byte of a mesh, in ns.
    pub apply_ns_per_byte: f64,
}

/// What showing or hiding one entity costs of what spawning it does: one component is written (measured: an
/// eighteenth to a twenty-seventh).
const SHOWN_SHARE: f64 = 1.0 / 16.0;

impl VirtualCosts {
    /// What it costs to show and hide so many entities, in ms.
    pub fn shown_ms(&self, entities: u64) -> f64 {
        self.slice_ms(entities, 0) * SHOWN_SHARE
    }

    /// What a slice of apply or unload costs, in ms.
    pub fn slice_ms(&self, entities: u64, bytes: u64) -> f64 {
        entities as f64 * self.apply_us_per_entity / 1e3
            + bytes as f64 * self.apply_ns_per_byte / 1e6
    }
}

/// The stated time of one generation, in µs.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceCost {
    /// Always the same.
    Fixed {
        /// µs per generation.
        us: f64,
    },
    /// By level of detail, finest first; the last one counts for all coarser levels.
    ByLevel(Vec<f64>),
    /// Most are short and a few very long (Pareto, shape 2, cut at 50 times the mean), by coordinate.
    HeavyTailed {
        /// The mean in µs.
        us: f64,
    },
}

impl ServiceCost {
    /// The stated time of a request; equal for equal coordinate, seed and level.
    pub fn of(&self, request: &ChunkRequest) -> Duration {
        let us = match self {
            Self::Fixed { us } => *us,
            Self::ByLevel(levels) => levels
                .get(usize::from(request.detail.0))
                .or(levels.last())
                .copied()
                .unwrap_or_default(),
            Self::HeavyTailed { us } => us * heavy_factor(request),
        };
        Duration::from_secs_f64(us.max(0.0) / 1e6)
    }
}

/// A draw from a Pareto distribution with shape 2 and mean 1, cut at 50. Only operations that IEEE 754
/// rounds exactly, so that it is equal on every machine.
fn heavy_factor(request: &ChunkRequest) -> f64 {
    let place = (u64::from(request.coord.x as u32) << 32) | u64::from(request.coord.z as u32);
    let draw = unit_from(mix64(place ^ mix64(request.seed)));
    (0.5 / (1.0 - draw).sqrt()).min(50.0)
}
