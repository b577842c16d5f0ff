//! Properties of the generated city, sampled over seeds, places and chunk sizes.

mod borders;
mod changes;
mod collision;
mod content;
mod far;
mod flicker;
mod levels;
mod places;
mod plans;
mod quarters;
mod same;
mod ways;

use super::plan::{ChunkPlan, Scope};
use crate::streaming::{ChunkCoord, StopToken};

/// The chunk sizes that must work as well as each other, metres.
const USUAL_SIZES_M: [f64; 3] = [128.0, 137.0, 200.0];

fn plan(seed: u64, x: i32, z: i32, chunk_size_m: f64) -> ChunkPlan {
    ChunkPlan::new(
        seed,
        ChunkCoord::new(x, z),
        chunk_size_m,
        Scope::Everything,
        &StopToken::never(),
    )
    .expect("nothing stops a test")
}

/// Chunks in the centre, in suburbs, far away and on both sides of zero, for several seeds and sizes.
fn sampled_chunks() -> impl Iterator<Item = (u64, i32, i32, f64)> {
    let places = [
        (0, 0),
        (-1, -1),
        (3, -2),
        (-7, 9),
        (12, 5),
        (-20, -31),
        (40, 17),
        (1_000, -999),
    ];
    let sizes = [64.0, 128.0, 137.0, 200.0, 512.0];
    places.into_iter().flat_map(move |(x, z)| {
        sizes
            .into_iter()
            .flat_map(move |size| [1, 77].map(|seed| (seed, x, z, size)))
    })
}
