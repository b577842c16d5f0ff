//! What is seen of a chunk from kilometres away: the ground of its blocks, one volume for each row of houses or closed
//! block, and the towers. It comes from the same sites, rows and designs as the whole plan, so that it has the same
//! outline; it leaves out whatever is smaller than a row, so that it costs a fraction.

use super::super::area::{Area, Side};
use super::super::colour::{
    BRICK, CONCRETE, FLAT_ROOF, GRASS, GRAVEL_PATH, LAWN, LEAF, PAVING, PAVING_WARM, PLASTER, Rgb,
    SANDSTONE, TILE_ROOF, TRIM, WINDOW_GLASS,
};
use super::super::hash::Dice;
use super::banks::River;
use super::blocks::{Core, HOUSE_ROW_M, ParkWish, Terraces, midtown_floors};
use super::buildings::{Building, Facade, Roof};
use super::districts::Zone;
use super::downtown;
use super::frame::Frame;
use super::lots::{Row, rows};
use super::midtown::other;
use super::streets::{KERB_HEIGHT_M, StreetClass};
use super::terraces::{FRONT_GARDEN_M, SIDE_GARDEN_M};
use super::viaduct::Viaduct;
use super::{Quarter, Site};
use crate::streaming::{ChunkCoord, GenerateError, StopToken};

/// A piece of ground inside kerbs.
#[derive(Clone, Debug)]
pub(in super::super) struct Ground {
    pub(in super::super) area: Area,
    pub(in super::super) colour: Rgb,
}

/// Houses that are seen as one, or a tower.
#[derive(Clone, Debug)]
pub(in super::super) struct Volume {
    pub(in super::super) area: Area,
    pub(in super::super) base_m: f32,
    pub(in super::super) top_m: f32,
    pub(in super::super) roof: Roof,
    pub(in super::super) wall: Rgb,
    pub(in super::super) roof_colour: Rgb,
}

/// The coarsest plan of a chunk.
#[derive(Clone, Debug)]
pub(in super::super) struct SkylinePlan {
    pub(in super::super) frame: Frame,
    pub(in super::super) rivers: Vec<River>,
    pub(in super::super) viaducts: Vec<Viaduct>,
    pub(in super::super) grounds: Vec<Ground>,
    pub(in super::super) volumes: Vec<Volume>,
}

/// Lower than this nothing stands out of its block as a tower, metres above the block.
const TOWER_M: f32 = 5.0;
/// How far below its base a volume is drawn, metres; a tower that is flush with its podium must not reach into it.
pub(in super::super) const SUNK_M: f32 = 0.15;
/// What a podium is at most, metres.
const PODIUM_M: f32 = 22.0;

impl SkylinePlan {
    /// Plans a chunk. Fails only when stopped.
    pub(in super::super) fn new(
        seed: u64,
        coord: ChunkCoord,
        chunk_size_m: f64,
        stop: &StopToken,
    ) -> Result<Self, GenerateError> {
        let frame = Frame::new(seed, coord, chunk_size_m);
        stop.checkpoint()?;
        let quarter = Quarter::new(seed, &frame);
        let mut plan = Self {
            rivers: quarter.rivers(seed, &frame),
            viaducts: quarter.viaducts(seed, &frame),
            grounds: Vec::new(),
            volumes: Vec::new(),
            frame,
        };
        for site in quarter.sites(seed, &plan.frame, 0.0) {
            stop.checkpoint()?;
            plan.add(&site);
        }
        Ok(plan)
    }

    fn add(&mut self, site: &Site) {
        let area = site.outline.area;
        if area.is_empty() {
            return;
        }
        let inner = area.inset_by(site.streets.map(StreetClass::pavement_m));
        let mut dice = site.dice.part(0);
        let colour = if inner.shorter() < 6.0 {
            PAVING
        } else if site.park == ParkWish::Wanted && inner.shorter() >= 18.0 {
            GRASS.lerp(LEAF[0], 0.4)
        } else {
            match Zone::of(site.density) {
                Zone::Core if inner.shorter() >= 16.0 => {
                    self.add_core(&inner, site.density, &mut dice)
                }
                Zone::Core | Zone::Midtown => self.add_midtown(&inner, site.density, &mut dice),
                Zone::Terraces => self.add_terraces(&inner, &mut dice),
                Zone::Houses => self.add_houses(&inner, &mut dice),
            }
        };
        // The eye mixes the pavements in.
        let share = inner.square_metres() / area.square_metres();
        let colour = if inner.is_empty() {
            PAVING
        } else {
            PAVING.lerp(colour, share)
        };
        self.grounds.push(Ground { area, colour });
    }

    /// A podium for the whole block and every tower that stands out of it. Returns the colour of the ground.
    fn add_core(&mut self, inner: &Area, density: f32, dice: &mut Dice) -> Rgb {
        let core = Core::of(inner, dice);
        let designs = |number: usize| {
            let lot = &core.lots[number];
            downtown::design(lot, density, &mut dice.part(number as u64))
        };
        let buildings: Vec<Building> = (0..core.lots.len())
            .filter(|number| core.plaza != Some(*number))
            .map(designs)
            .collect();
        let built: f32 = buildings
            .iter()
            .map(|building| {
                let podium = &building.masses[0];
                podium.area.square_metres() * podium.top_m.min(PODIUM_M)
            })
            .sum();
        let podium_m = (built / inner.square_metres()).max(KERB_HEIGHT_M + 3.0);
        self.volumes.push(Volume {
            area: *inner,
            base_m: KERB_HEIGHT_M,
            top_m: podium_m,
            roof: Roof::Flat,
            wall: mean(&CONCRETE).lerp(mean(&WINDOW_GLASS), 0.4),
            // Roofs, their copings and the plazas between them.
            roof_colour: mean(&FLAT_ROOF).lerp(PAVING_WARM, 0.4),
        });
        for building in &buildings {
            let look = &building.look;
            let glass = match look.facade {
                Facade::Curtain => 0.85,
                Facade::Bands => 0.55,
                Facade::Vertical => 0.45,
                Facade::Punched | Facade::Cottage => 0.3,
            };
            for mass in &building.masses {
                if mass.top_m > podium_m + TOWER_M {
                    self.volumes.push(Volume {
                        area: mass.area,
                        base_m: mass.base_m.max(podium_m + SUNK_M),
                        top_m: mass.top_m,
                        roof: Roof::Flat,
                        wall: look.wall.lerp(look.glass, glass),
                        roof_colour: look.roof,
                    });
                }
            }
        }
        PAVING_WARM
    }

    /// The closed wall of a midtown block, filled, at the height that its houses have on average.
    fn add_midtown(&mut self, inner: &Area, density: f32, dice: &mut Dice) -> Rgb {
        let base_floors = midtown_floors(density, dice);
        let floors: u32 = (0..4)
            .map(|more| (base_floors + more).saturating_sub(1).max(3))
            .sum();
        let height_m = 4.9 + 3.35 * (floors as f32 / 4.0 - 1.0);
        let wall = mean(&BRICK) * 0.4
            + mean(&SANDSTONE) * 0.2
            + mean(&PLASTER) * 0.2
            + mean(&CONCRETE) * 0.2;
        self.volumes.push(Volume {
            area: *inner,
            base_m: KERB_HEIGHT_M,
            top_m: KERB_HEIGHT_M + height_m,
            roof: Roof::Flat,
            wall: wall.lerp(mean(&WINDOW_GLASS), 0.3) * dice.between(0.92, 1.06),
            // Roofs, their copings and the courts behind them.
            roof_colour: mean(&FLAT_ROOF).lerp(mean(&TRIM), 0.12).lerp(LAWN, 0.3),
        });
        PAVING
    }

    /// One long house for each row of terraced houses.
    fn add_terraces(&mut self, inner: &Area, dice: &mut Dice) -> Rgb {
        let terraces = Terraces::of(inner, dice);
        for row in &terraces.rows {
            let terrace = &terraces.terraces[row.number as usize % terraces.terraces.len()];
            let axis = row.front.runs_along();
            let depth = terrace
                .depth_m
                .min(row.area.size(other(axis)) - FRONT_GARDEN_M - 0.5);
            let wall = if terrace.brick {
                mean(&BRICK)
            } else {
                mean(&PLASTER)
            };
            let floors = (terrace.floors as f32 + 0.25).min(4.0);
            self.add_row(
                inner,
                row,
                [FRONT_GARDEN_M, FRONT_GARDEN_M + depth],
                SIDE_GARDEN_M,
                Volume {
                    area: row.area,
                    base_m: KERB_HEIGHT_M,
                    top_m: KERB_HEIGHT_M + terrace.floor_m * floors + 0.4,
                    roof: Roof::Gable {
                        ridge: axis,
                        rise_m: terrace.rise_m,
                    },
                    wall: wall.lerp(mean(&WINDOW_GLASS), 0.2),
                    roof_colour: terrace.roof,
                },
            );
        }
        terraces.ground.lerp(GRAVEL_PATH, 0.12)
    }

    /// One low, long house for each row of detached houses: gaps are filled, so it is lower than they are.
    fn add_houses(&mut self, inner: &Area, dice: &mut Dice) -> Rgb {
        let ground = GRASS * dice.between(0.9, 1.05);
        for row in &rows(inner, HOUSE_ROW_M, dice) {
            self.add_row(
                inner,
                row,
                [4.5, 13.5],
                3.0,
                Volume {
                    area: row.area,
                    base_m: KERB_HEIGHT_M,
                    top_m: KERB_HEIGHT_M + 2.7,
                    roof: Roof::Gable {
                        ridge: row.front.runs_along(),
                        rise_m: 2.3,
                    },
                    wall: mean(&PLASTER).lerp(ground, 0.4),
                    roof_colour: mean(&TILE_ROOF).lerp(LAWN, 0.4),
                },
            );
        }
        ground.lerp(LAWN, 0.7).lerp(GRAVEL_PATH, 0.12)
    }

    /// Adds a volume that fills a row between two distances from its street.
    fn add_row(
        &mut self,
        inner: &Area,
        row: &Row,
        depths: [f32; 2],
        from_side_streets: f32,
        volume: Volume,
    ) {
        let margins = Side::ALL.map(|side| {
            if side.runs_along() != row.front.runs_along() && row.area.gap(inner, side) == 0.0 {
                from_side_streets
            } else {
                0.0
            }
        });
        let depth = row.area.size(other(row.front.runs_along()));
        let area =
            row.area
                .inset_by(margins)
                .strip(row.front, depths[0], depths[1].min(depth - 0.5));
        if area.shorter() >= 4.0 {
            self.volumes.push(Volume { area, ..volume });
        }
    }
}

/// The mean of a palette.
const fn mean<const N: usize>(colours: &[Rgb; N]) -> Rgb {
    let (mut x, mut y, mut z, mut k) = (0.0, 0.0, 0.0, 0);
    while k < N {
        x += colours[k].x;
        y += colours[k].y;
        z += colours[k].z;
        k += 1;
    }
    let count = N as f32;
    Rgb::new(x / count, y / count, z / count)
}
