//! The plan of a chunk: what stands where, before any triangle. Collision, tests and meshes all read the same plan.

pub(super) mod banks;
pub(super) mod blocks;
pub(super) mod buildings;
mod campus;
pub(super) mod cottages;
pub(super) mod districts;
mod downtown;
mod equipment;
pub(super) mod frame;
pub(super) mod furniture;
mod houses;
mod industry;
pub(super) mod kerbside;
mod known;
mod landmarks;
mod lots;
mod midtown;
pub(super) mod parks;
pub(super) mod skyline;
mod skyscrapers;
pub(super) mod streets;
pub(super) mod surface;
mod terraces;
pub(super) mod uses;
pub(super) mod viaduct;
mod volumes;
mod yards;

pub(super) use districts::{ToneField, Zone};

use std::rc::Rc;

use bevy::math::Vec2;

use super::area::{Area, Axis};
use super::colour::Rgb;
use super::network::{self, Superblock, arterial_near};
use crate::streaming::{ChunkCoord, GenerateError, StopToken};
use banks::River;
use blocks::Block;
use frame::Frame;
use furniture::Furniture;
use known::{Known, KnownBlock, Wishes};
use streets::{KerbOutline, LocalRoad, Square, StreetClass, kerb_outline};
use viaduct::Viaduct;

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

/// Everything that lies and stands in one chunk, in plan-local metres.
#[derive(Clone, Debug)]
pub(super) struct ChunkPlan {
    pub(super) frame: Frame,
    /// Every block that lies in the cell or within a few metres of it; only what reaches into the cell is filled.
    pub(super) blocks: Vec<Block>,
    /// Likewise all streets, each once; none in a plan from afar.
    pub(super) roads: Vec<LocalRoad>,
    /// What stands on the pavements and at the kerbs of the blocks around the cell: it may be solid in the cell or light it,
    /// and a parked car may even stand in it.
    pub(super) beside: Vec<Furniture>,
    /// Where arterials cross; none in a plan from afar.
    pub(super) squares: Vec<Square>,
    pub(super) rivers: Vec<River>,
    pub(super) viaducts: Vec<Viaduct>,
    /// Lamps that a player knocked over: where they stood, and where their heads lie from there.
    pub(super) fallen_lamps: Vec<(Vec2, Vec2)>,
    /// Parked cars that a player pushed away: where they are now, and where they were parked.
    pub(super) moved_cars: Vec<(Vec2, Vec2)>,
}

/// How much of a chunk to plan. What both plan is the same.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Scope {
    Everything,
    /// What is seen from a kilometre away; without parked cars.
    FromAfar,
}

/// How far around the cell arterials are looked for, metres: the widest reaches so far from its centre line.
const ARTERIAL_REACH_M: f64 = 24.0;
/// How far around the cell kerbs are known, metres.
const KERBS_REACH_M: f32 = 6.0;
/// How far around the cell things are known that stand along streets and rivers, metres: as far as a lamp shines.
pub(super) const THINGS_REACH_M: f32 = 22.0;

impl ChunkPlan {
    /// Plans a chunk. Fails only when stopped.
    pub(super) fn new(
        seed: u64,
        coord: ChunkCoord,
        chunk_size_m: f64,
        scope: Scope,
        stop: &StopToken,
    ) -> Result<Self, GenerateError> {
        let frame = Frame::new(seed, coord, chunk_size_m);
        stop.checkpoint()?;
        // From afar streets are the ground between blocks.
        let neighbours = usize::from(scope == Scope::Everything);
        let quarter = Quarter::new(seed, &frame, neighbours);
        let (mut blocks, mut beside) = (Vec::new(), Vec::new());
        let reach_m = match scope {
            Scope::Everything => THINGS_REACH_M,
            Scope::FromAfar => KERBS_REACH_M,
        };
        for site in quarter.sites(&frame, reach_m) {
            stop.checkpoint()?;
            let wishes = site.wishes();
            let mut block = Block::new(site.outline, site.streets, wishes.zone);
            block.dice = wishes.dice.clone();
            if frame.touches(&site.outline.area, 0.0) {
                block.fill(wishes.density, wishes.park, scope, &wishes.dice);
            } else if scope == Scope::Everything {
                beside.extend(block.kerbside(scope, &wishes.dice).near(&frame));
            }
            if frame.touches(&site.outline.area, KERBS_REACH_M) {
                blocks.push(block);
            }
        }
        let mut plan = Self {
            blocks,
            beside,
            roads: Vec::new(),
            squares: Vec::new(),
            rivers: quarter.rivers(seed, &frame),
            viaducts: quarter.viaducts(seed, &frame),
            fallen_lamps: Vec::new(),
            moved_cars: Vec::new(),
            frame,
        };
        if scope == Scope::Everything {
            plan.add_streets(seed, &quarter);
        }
        Ok(plan)
    }

    /// Whether a thing with its anchor at a plan-local place belongs to this chunk.
    pub(super) fn owns(&self, at_plan_local: Vec2) -> bool {
        self.frame.owns(at_plan_local)
    }

    /// Everything that stands in the chunk or so near that it is solid in it or lights it.
    pub(super) fn furniture(&self) -> impl Iterator<Item = &Furniture> {
        let blocks = self.blocks.iter().map(|block| &block.furniture);
        let rivers = self.rivers.iter().map(|river| &river.furniture);
        blocks.chain(&self.beside).chain(rivers)
    }

    /// The large parks.
    pub(super) fn parks(&self) -> impl Iterator<Item = &parks::Park> {
        self.blocks.iter().filter_map(|block| block.park.as_ref())
    }

    /// The squares around the ponds of large parks.
    pub(super) fn ponds(&self) -> Vec<Area> {
        self.parks().map(|park| park.pond.square()).collect()
    }

    fn add_streets(&mut self, seed: u64, quarter: &Quarter) {
        let frame = &self.frame;
        for (superblock, west, north) in quarter.with_neighbours() {
            let roads = superblock
                .inner_roads()
                .into_iter()
                .chain(superblock.outer_roads(seed, west, north));
            for road in roads {
                let road = LocalRoad::new(&road, frame);
                if frame.touches(&road.area(), KERBS_REACH_M) {
                    self.roads.push(road);
                }
            }
            let square = quarter.square(seed, superblock, frame);
            if frame.touches(&square.area, KERBS_REACH_M) {
                self.squares.push(square);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn buildings(&self) -> impl Iterator<Item = &buildings::Building> {
        self.blocks.iter().flat_map(|block| &block.buildings)
    }
}

/// Where a block is and what the place asks for: all that its plan depends on, at any level of detail.
struct Site<'a> {
    outline: KerbOutline,
    /// The classes of the streets around it, by side.
    streets: [StreetClass; 4],
    known: &'a Known,
    block: &'a KnownBlock,
}

impl<'a> Site<'a> {
    fn wishes(&self) -> &'a Wishes {
        self.known.wishes(self.block)
    }
}

/// The superblocks around one chunk: those that may touch it, and, where streets are wanted, their neighbours to the west
/// and to the north.
struct Quarter {
    /// The column and row of the first that may touch the chunk, and of the last.
    first: (i64, i64),
    last: (i64, i64),
    /// How many columns and rows of neighbours there are: 0 or 1.
    beside: usize,
    columns: usize,
    /// Row by row, from the neighbours on.
    superblocks: Vec<Rc<Known>>,
}

impl Quarter {
    fn new(seed: u64, frame: &Frame, beside: usize) -> Self {
        let area = frame.plan_area(ARTERIAL_REACH_M);
        let near = |axis, at| arterial_near(seed, axis, at);
        let first = (near(Axis::Z, area.low.x), near(Axis::X, area.low.y));
        let last = (near(Axis::Z, area.high.x), near(Axis::X, area.high.y));
        let more = beside as i64;
        let superblocks = (first.1 - more..=last.1)
            .flat_map(|row| (first.0 - more..=last.0).map(move |column| (column, row)))
            .map(|(column, row)| Known::at(seed, column, row))
            .collect();
        Self {
            first,
            last,
            beside,
            columns: (last.0 - first.0 + 1) as usize + beside,
            superblocks,
        }
    }

    fn at(&self, column: usize, row: usize) -> &Superblock {
        &self.known_at(column, row).superblock
    }

    fn known_at(&self, column: usize, row: usize) -> &Known {
        &self.superblocks[row * self.columns + column]
    }

    /// The places of the superblocks that may touch the chunk.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (columns, beside) = (self.columns, self.beside);
        let rows = self.superblocks.len() / columns;
        (beside..rows).flat_map(move |row| (beside..columns).map(move |column| (column, row)))
    }

    /// The superblocks that may touch the chunk, each with its western and its northern neighbour.
    fn with_neighbours(&self) -> impl Iterator<Item = (&Superblock, &Superblock, &Superblock)> {
        self.places()
            .filter(|(column, row)| *column > 0 && *row > 0)
            .map(|(column, row)| {
                (
                    self.at(column, row),
                    self.at(column - 1, row),
                    self.at(column, row - 1),
                )
            })
    }

    /// The blocks whose kerbs come within a distance of the chunk, in a fixed order.
    fn sites(&self, frame: &Frame, margin_m: f32) -> Vec<Site<'_>> {
        let mut sites = Vec::with_capacity(16);
        let near = frame.plan_area(f64::from(margin_m));
        for (column, row) in self.places() {
            let known = self.known_at(column, row);
            for block in &known.blocks {
                let site = &block.site;
                if !site.area.overlaps(&near) {
                    continue;
                }
                let outline = kerb_outline(&frame.local(&site.area), site.streets);
                if frame.touches(&outline.area, margin_m) {
                    sites.push(Site {
                        outline,
                        streets: site.streets,
                        known,
                        block,
                    });
                }
            }
        }
        sites
    }

    fn rivers(&self, seed: u64, frame: &Frame) -> Vec<River> {
        let columns = (self.first.0, self.last.0);
        self.river_rows()
            .map(|row| River::new(seed, row, columns, frame))
            .collect()
    }

    /// The rivers without what stands along them.
    fn bare_rivers(&self, seed: u64, frame: &Frame) -> Vec<River> {
        let columns = (self.first.0, self.last.0);
        self.river_rows()
            .map(|row| River::bare(seed, row, columns, frame))
            .collect()
    }

    fn river_rows(&self) -> impl Iterator<Item = i64> + use<> {
        (self.first.1..=self.last.1).filter(|row| network::rivers::is_river(*row))
    }

    fn viaducts(&self, seed: u64, frame: &Frame) -> Vec<Viaduct> {
        let rows = (self.first.1 - 1, self.last.1);
        self.highways()
            .map(|column| Viaduct::new(seed, column, rows, frame))
            .collect()
    }

    /// The viaducts without what stands under and above them.
    fn bare_viaducts(&self, seed: u64, frame: &Frame) -> Vec<Viaduct> {
        let rows = (self.first.1 - 1, self.last.1);
        self.highways()
            .map(|column| Viaduct::bare(seed, column, rows, frame))
            .collect()
    }

    /// The columns that have one.
    fn highways(&self) -> impl Iterator<Item = i64> + use<> {
        (self.first.0..=self.last.0).filter(|column| network::is_highway(*column))
    }

    /// Where the arterials at the north-western corner of a superblock cross.
    fn square(&self, seed: u64, superblock: &Superblock, frame: &Frame) -> Square {
        let along_z = superblock.arterials()[0];
        let (u, v) = (
            frame.local_x(superblock.area.low.x),
            frame.local_z(superblock.area.low.y),
        );
        let (half_x, half_z) = (
            along_z.carriageway_m() / 2.0,
            StreetClass::Arterial.carriageway_m() / 2.0,
        );
        let goes_on = |row: i64| {
            !network::rivers::is_river(row)
                || network::rivers::has_bridge(seed, superblock.column, row)
        };
        Square {
            area: Area::new(u - half_x, v - half_z, u + half_x, v + half_z),
            along_z,
            arms: [
                true,
                true,
                goes_on(superblock.row - 1),
                goes_on(superblock.row),
            ],
        }
    }
}
