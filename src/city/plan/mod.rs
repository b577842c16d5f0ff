//! The plan of a chunk: what stands where, before any triangle. Collision, tests and meshes all read the same plan.

pub(super) mod blocks;
pub(super) mod buildings;
pub(super) mod cottages;
pub(super) mod districts;
mod downtown;
pub(super) mod furniture;
mod houses;
mod lots;
mod midtown;
pub(super) mod skyline;
pub(super) mod streets;
mod terraces;

pub(super) use districts::{Zone, tone_at};

use bevy::math::DVec2;

use super::area::Area;
use super::colour::Rgb;
use super::hash::{Dice, Topic, hash_at};
use crate::streaming::{ChunkCoord, GenerateError, StopToken};
use blocks::{Block, ParkWish};
use streets::{KerbOutline, StreetClass, StreetGrid, StreetLine, kerb_outline};

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

/// How much of a chunk to plan. What both plan is the same.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Scope {
    Everything,
    /// What is seen from a kilometre away; without parked cars.
    FromAfar,
}

impl ChunkPlan {
    /// Plans a chunk. Fails only when stopped.
    pub(super) fn new(
        seed: u64,
        coord: ChunkCoord,
        chunk_size_m: f64,
        scope: Scope,
        stop: &StopToken,
    ) -> Result<Self, GenerateError> {
        let grid = StreetGrid::new(seed, coord, chunk_size_m);
        let mut blocks = Vec::with_capacity((grid.along_x.len() - 1) * (grid.along_z.len() - 1));
        for site in Sites::new(seed, coord, chunk_size_m).of(&grid) {
            stop.checkpoint()?;
            let mut block = Block::new(site.outline, site.streets, Zone::of(site.density));
            block.fill(site.density, site.park, scope, &site.dice);
            blocks.push(block);
        }
        Ok(Self { grid, blocks })
    }

    #[cfg(test)]
    pub(super) fn buildings(&self) -> impl Iterator<Item = &buildings::Building> {
        self.blocks.iter().flat_map(|block| &block.buildings)
    }
}

/// Where a block is and what the place asks for: all that its plan depends on, at any level of detail.
struct Site {
    outline: KerbOutline,
    /// The classes of the streets around it, by side.
    streets: [StreetClass; 4],
    density: f32,
    park: ParkWish,
    dice: Dice,
}

/// The blocks of one chunk.
struct Sites {
    seed: u64,
    /// The chunk's minimum corner, metres in the world.
    corner: DVec2,
    place: Dice,
    may_have_parks: bool,
}

impl Sites {
    fn new(seed: u64, coord: ChunkCoord, chunk_size_m: f64) -> Self {
        let (x, z) = (i64::from(coord.x), i64::from(coord.z));
        Self {
            seed,
            corner: DVec2::new(f64::from(coord.x), f64::from(coord.z)) * chunk_size_m,
            place: Dice::at(seed, Topic::Block, x, z),
            may_have_parks: park_chunk(seed, coord),
        }
    }

    /// The blocks between the streets, row by row.
    fn of<'a>(&'a self, grid: &'a StreetGrid) -> impl Iterator<Item = Site> + 'a {
        let rows = grid.along_x.windows(2).enumerate();
        rows.flat_map(move |(row, north_south)| {
            let columns = grid.along_z.windows(2).enumerate();
            columns.map(move |(column, west_east)| {
                self.site(
                    (west_east[0], west_east[1]),
                    (north_south[0], north_south[1]),
                    self.place.part((row * 64 + column) as u64),
                )
            })
        })
    }

    fn site(
        &self,
        west_east: (StreetLine, StreetLine),
        north_south: (StreetLine, StreetLine),
        mut dice: Dice,
    ) -> Site {
        let outline = kerb_outline(west_east, north_south);
        let center = self.corner + outline.area.center().as_dvec2();
        let is_green =
            self.may_have_parks && districts::greenness_at(self.seed, center.x, center.y) > 0.5;
        let park = if dice.chance(if is_green { 0.6 } else { 0.15 }) && self.may_have_parks {
            ParkWish::Wanted
        } else {
            ParkWish::Never
        };
        Site {
            outline,
            streets: [
                west_east.0.class,
                west_east.1.class,
                north_south.0.class,
                north_south.1.class,
            ],
            density: districts::density_at(self.seed, center.x, center.y),
            park,
            dice,
        }
    }
}

fn park_chunk(seed: u64, coord: ChunkCoord) -> bool {
    let phase = (hash_at(seed, Topic::Green, 0, 0) % PARK_CHUNK_PERIOD as u64) as i64;
    (i64::from(coord.x) * 2 + i64::from(coord.z)).rem_euclid(PARK_CHUNK_PERIOD) == phase
}
