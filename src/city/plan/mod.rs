//! The plan of a chunk: what stands where, before any triangle. Collision, tests and meshes all read the same plan.

pub(super) mod blocks;
pub(super) mod buildings;
pub(super) mod cottages;
mod districts;
mod downtown;
pub(super) mod furniture;
mod houses;
mod lots;
mod midtown;
pub(super) mod streets;
mod terraces;

pub(super) use districts::{Zone, tone_at};

use super::area::Area;
use super::colour::Rgb;
use super::hash::{Dice, Topic, hash_at};
use crate::streaming::{ChunkCoord, GenerateError, StopToken};
use blocks::{Block, ParkWish};
use streets::{StreetGrid, kerb_outline};

/// Only every fifth chunk, in a knight's-move pattern, may have parks, so that no neighbourhood is all park.
const PARK_CHUNK_PERIOD: i64 = 5;

/// A flat piece of other ground on a block.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) area: Area,
    pub(super) colour: Rgb,
    pub(super) layer: PatchLayer,
}

/// Patches of one layer never overlap; layers are at least 2 cm apart, since nearer planes flicker.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum PatchLayer {
    Lower,
    Upper,
}

/// Everything that stands in one chunk.
#[derive(Clone, Debug)]
pub(super) struct ChunkPlan {
    pub(super) grid: StreetGrid,
    pub(super) blocks: Vec<Block>,
}

impl ChunkPlan {
    /// Plans a chunk. Fails only when stopped.
    pub(super) fn new(
        seed: u64,
        coord: ChunkCoord,
        chunk_size_m: f64,
        stop: &StopToken,
    ) -> Result<Self, GenerateError> {
        let grid = StreetGrid::new(seed, coord, chunk_size_m);
        let (origin_x, origin_z) = (
            f64::from(coord.x) * chunk_size_m,
            f64::from(coord.z) * chunk_size_m,
        );
        let place = Dice::at(seed, Topic::Block, i64::from(coord.x), i64::from(coord.z));
        let may_have_parks = park_chunk(seed, coord);

        let mut blocks = Vec::new();
        for (row, north_south) in grid.along_x.windows(2).enumerate() {
            for (column, west_east) in grid.along_z.windows(2).enumerate() {
                stop.checkpoint()?;
                let outline = kerb_outline(
                    (west_east[0], west_east[1]),
                    (north_south[0], north_south[1]),
                );
                let streets = [
                    west_east[0].class,
                    west_east[1].class,
                    north_south[0].class,
                    north_south[1].class,
                ];
                let center = outline.area.center();
                let (x, z) = (
                    origin_x + f64::from(center.x),
                    origin_z + f64::from(center.y),
                );
                let density = districts::density_at(seed, x, z);
                let mut dice = place.part((row * 64 + column) as u64);
                let share = if districts::greenness_at(seed, x, z) > 0.5 {
                    0.6
                } else {
                    0.15
                };
                let park = if dice.chance(share) && may_have_parks {
                    ParkWish::Wanted
                } else {
                    ParkWish::Never
                };
                let mut block = Block::new(outline, streets, Zone::of(density));
                block.fill(density, park, &dice);
                blocks.push(block);
            }
        }
        Ok(Self { grid, blocks })
    }

    pub(super) fn buildings(&self) -> impl Iterator<Item = &buildings::Building> {
        self.blocks.iter().flat_map(|block| &block.buildings)
    }
}

fn park_chunk(seed: u64, coord: ChunkCoord) -> bool {
    let phase = (hash_at(seed, Topic::Green, 0, 0) % PARK_CHUNK_PERIOD as u64) as i64;
    (i64::from(coord.x) * 2 + i64::from(coord.z)).rem_euclid(PARK_CHUNK_PERIOD) == phase
}
