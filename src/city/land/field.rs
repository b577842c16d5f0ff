//! The random numbers on the corners of a lattice that bend and hills are blended from.

use super::super::hash::{Topic, hash_at};

/// Distance between the corners of the broad and the fine lattice, metres.
pub(super) const BROAD_CELL_M: f64 = 1_100.0;
pub(super) const FINE_CELL_M: f64 = 330.0;

/// Three independent numbers in -1..=1 at a corner of a lattice: bend east, bend south, hill.
pub(super) fn lattice(seed: u64, octave: u64, i: i64, k: i64) -> [f32; 3] {
    let hash = hash_at(seed ^ (octave << 32), Topic::Land, i, k);
    [0, 21, 42].map(|shift| {
        let bits = (hash >> shift) & ((1 << 21) - 1);
        bits as f32 / (1u32 << 20) as f32 - 1.0
    })
}

/// Blends without a bend at the corners: first and second derivative are zero at 0 and 1 (Perlin 2002).
pub(super) fn ease(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// The derivative of [`ease`].
pub(super) fn ease_slope(t: f64) -> f64 {
    30.0 * t * t * (t * (t - 2.0) + 1.0)
}
