//! The control: a thing measured against itself. What it is off by is what the machine does to every ratio.

use std::sync::Arc;

use ringroad::streaming::{ChunkCoord, ChunkGenerator, ChunkRequest};

use super::bare::Foreman;
use super::generators::{Filler, TINY};
use super::stats::Estimate;

/// A run whose control lies outside counts for nothing.
pub const CALM: (f64, f64) = (0.97, 1.03);

/// Chunks of 1 ms on each side of a pair.
const CHUNKS: i32 = 120;

/// Whether the control allows any verdict.
pub fn is_calm(control: &Estimate) -> bool {
    (CALM.0..=CALM.1).contains(&control.value)
}

/// Bare threads against bare threads, in pairs that are spread over the whole run.
pub struct Control {
    generator: Arc<dyn ChunkGenerator>,
    requests: Arc<Vec<ChunkRequest>>,
    ratios: Vec<f64>,
}

impl Control {
    /// Without a pair yet.
    pub fn new(turns_per_us: f64) -> Self {
        let requests = (0..CHUNKS).map(|x| ChunkRequest::for_test(ChunkCoord::new(x, 0), 1, 16.0));
        Self {
            generator: Filler::Constant(1_000.0, TINY).generator(turns_per_us),
            requests: Arc::new(requests.collect()),
            ratios: Vec::new(),
        }
    }

    /// Measures one more pair.
    pub fn add_pair(&mut self, foreman: &Foreman) {
        let side = || foreman.loop_bare(1, &self.generator, &self.requests).secs;
        let (first, second) = (side(), side());
        // As in every ratio the side that goes first changes.
        let ratio = if self.ratios.len().is_multiple_of(2) {
            first / second
        } else {
            second / first
        };
        self.ratios.push(ratio);
    }

    /// The pairs so far.
    pub fn pairs(&self) -> usize {
        self.ratios.len()
    }

    /// What they say.
    pub fn estimate(&self) -> Option<Estimate> {
        Estimate::of(&self.ratios)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_off_by_more_than_3_percent_is_not_calm() {
        let off_by = |value| {
            is_calm(&Estimate {
                value,
                low: 0.5,
                high: 1.5,
            })
        };
        assert!(off_by(0.97) && off_by(1.0) && off_by(1.03));
        assert!(!off_by(0.969) && !off_by(1.031));
    }
}
