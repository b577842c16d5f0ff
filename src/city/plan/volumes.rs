//! What a block looks like from kilometres away: rows, podiums, towers and landmarks as volumes.

use super::super::area::{Area, Side};
use super::super::colour::{
    ASPHALT_ALLEY, BRICK, CONCRETE, FLAT_ROOF, GRASS, GRAVEL_PATH, LAWN, LEAF, PAVING, PAVING_WARM,
    PLASTER, Rgb, SANDSTONE, TILE_ROOF, TRIM, WINDOW_GLASS, YARD,
};
use super::super::hash::Dice;
use super::blocks::{
    Block, Core, HOUSE_ROW_M, Terraces, house_lot_width, midtown_floors, midtown_lots,
};
use super::buildings::{Building, Facade, Mass, Roof};
use super::lots::{Lot, Row, perimeter, rows};
use super::midtown::other;
use super::skyline::{SUNK_M, SkylinePlan, Volume};
use super::streets::KERB_HEIGHT_M;
use super::terraces::{FRONT_GARDEN_M, SIDE_GARDEN_M};
use super::uses::{self, BlockUse, Landmark, Quarter};
use super::{Scope, Site, downtown, landmarks, yards};

/// Lower than this nothing stands out of its block as a tower, metres above the block.
const TOWER_M: f32 = 14.0;
/// Lower than this a hall is left out, metres.
const HALL_M: f32 = 5.0;
/// What a podium is at most, metres.
const PODIUM_M: f32 = 22.0;

impl SkylinePlan {
    /// Adds what stands in a block. Returns the colour of its ground.
    pub(super) fn fill(&mut self, site: &Site, inner: &Area) -> Rgb {
        let mut dice = site.dice.part(0);
        let own = site.dice.part(3);
        let ground = Plot {
            area: *inner,
            is_whole: self.frame.encloses(&site.outline.area),
        };
        match BlockUse::of(inner, site.streets, site.zone, site.park, &site.dice) {
            BlockUse::Paved => PAVING,
            BlockUse::Park => GRASS.lerp(LEAF[0], 0.4),
            BlockUse::Quarter(quarter) => {
                self.add_quarter(quarter, &ground, site.density, &own, &mut dice)
            }
            BlockUse::Landmark(landmark, quarter) => {
                let (square, rest) = uses::square(inner, landmark);
                let mut block = empty_block(site);
                landmarks::raise(&mut block, landmark, &square, &mut own.part(0));
                self.take_owned(block.buildings);
                let colour = match landmark {
                    Landmark::Church | Landmark::RadioMast => LAWN.lerp(LEAF[0], 0.3),
                    Landmark::Works => YARD,
                    Landmark::Stadium => PAVING_WARM.lerp(GRASS, 0.5),
                    _ => PAVING_WARM,
                };
                let Some(rest) = rest else { return colour };
                let share = rest.square_metres() / inner.square_metres();
                let rest = Plot {
                    area: rest,
                    ..ground
                };
                colour.lerp(
                    self.add_quarter(quarter, &rest, site.density, &own, &mut dice),
                    share,
                )
            }
            BlockUse::GasStation => ASPHALT_ALLEY,
            BlockUse::CarPark => ASPHALT_ALLEY.lerp(PAVING, 0.2),
            BlockUse::Garage => {
                let mut block = empty_block(site);
                yards::garage(&mut block, &mut own.part(0));
                self.take_owned(block.buildings);
                ASPHALT_ALLEY
            }
            BlockUse::Construction => {
                let mut block = empty_block(site);
                yards::construction(&mut block, &mut own.part(0));
                self.take_owned(block.buildings);
                YARD
            }
        }
    }

    /// Keeps those buildings that belong to the chunk.
    fn take_owned(&mut self, buildings: Vec<Building>) {
        let frame = &self.frame;
        let owned = |building: &Building| frame.owns(building.anchor);
        self.landmarks.extend(buildings.into_iter().filter(owned));
    }

    fn add_quarter(
        &mut self,
        quarter: Quarter,
        area: &Plot,
        density: f32,
        own: &Dice,
        dice: &mut Dice,
    ) -> Rgb {
        match quarter {
            Quarter::Core => self.add_core(area, density, dice),
            Quarter::Midtown => self.add_midtown(area, density, dice),
            Quarter::Terraces => self.add_terraces(area, dice),
            Quarter::Houses => self.add_houses(area, dice),
            Quarter::Industry | Quarter::Campus => self.add_halls(quarter, &area.area, own, dice),
        }
    }

    /// A podium for the whole block and every tower that stands out of it. Returns the colour of the ground.
    fn add_core(&mut self, plot: &Plot, density: f32, dice: &mut Dice) -> Rgb {
        let inner = &plot.area;
        let core = Core::of(inner, dice);
        let mut buildings: Vec<Building> = Vec::with_capacity(core.lots.len());
        for (number, lot) in core.lots.iter().enumerate() {
            if !core.is_open(number) {
                let mut own = dice.part(number as u64);
                buildings.push(downtown::shell(lot, density, &mut own));
            }
        }
        let built: f32 = buildings
            .iter()
            .map(|building| {
                let podium = &building.masses[0];
                podium.area.square_metres() * podium.top_m.min(PODIUM_M)
            })
            .sum();
        let podium_m = (built / inner.square_metres()).max(KERB_HEIGHT_M + 3.0);
        let podium = Volume {
            area: *inner,
            base_m: KERB_HEIGHT_M,
            top_m: podium_m,
            roof: Roof::Flat,
            wall: mean(&CONCRETE).lerp(mean(&WINDOW_GLASS), 0.4),
            walls: [true; 4],
            // Roofs, their copings and the plazas between them.
            roof_colour: mean(&FLAT_ROOF).lerp(PAVING_WARM, 0.4),
            lights: 0,
            dice: dice.part(70),
        };
        let built = |number: &usize| !core.is_open(*number);
        let lots = (0..core.lots.len()).filter(built);
        self.add_pieces(plot, podium, lots.map(|number| core.lots[number].area));
        for building in &buildings {
            if !plot.is_whole && !self.frame.owns(building.anchor) {
                continue;
            }
            let look = &building.look;
            let glass = match look.facade {
                Facade::Curtain => 0.85,
                Facade::Bands => 0.55,
                Facade::Vertical => 0.45,
                Facade::Punched | Facade::Civic | Facade::Cottage => 0.3,
                Facade::Shed | Facade::Decks => 0.15,
            };
            let mut drawn_up_to_m = f32::MIN;
            for (number, mass) in building.masses.iter().enumerate() {
                if mass.top_m <= podium_m + TOWER_M || goes_on(&building.masses, number) {
                    continue;
                }
                // On what is drawn below it, or else on the podium.
                let is_upper = (mass.base_m - drawn_up_to_m).abs() < STANDS_ON_M;
                drawn_up_to_m = mass.top_m;
                self.volumes.push(Volume {
                    // Its height is that of its own place: never in one plane with the podium.
                    area: mass.area.inset(0.06),
                    base_m: if is_upper {
                        mass.base_m
                    } else {
                        podium_m + SUNK_M
                    },
                    top_m: mass.top_m,
                    roof: mass.roof,
                    wall: look.wall.lerp(look.glass, glass),
                    walls: [true; 4],
                    roof_colour: look.roof,
                    lights: u32::from(mass.top_m > podium_m + 30.0)
                        + u32::from(mass.top_m > podium_m + 110.0),
                    dice: dice.part(71 + self.volumes.len() as u64),
                });
            }
        }
        PAVING_WARM
    }

    /// The closed wall of a midtown block, filled, at the height that its houses have on average.
    fn add_midtown(&mut self, plot: &Plot, density: f32, dice: &mut Dice) -> Rgb {
        let inner = &plot.area;
        let base_floors = midtown_floors(density, dice);
        let mut of_lots = dice.clone();
        let floors: u32 = (0..4)
            .map(|more| (base_floors + more).saturating_sub(1).max(3))
            .sum();
        let height_m = 4.9 + 3.35 * (floors as f32 / 4.0 - 1.0);
        // The yards and the court behind the houses.
        let behind = inner.inset(12.0);
        let court = if behind.is_empty() {
            0.1
        } else {
            behind.square_metres() / inner.square_metres()
        };
        let wall = mean(&BRICK) * 0.4
            + mean(&SANDSTONE) * 0.2
            + mean(&PLASTER) * 0.2
            + mean(&CONCRETE) * 0.2;
        let whole = Volume {
            area: *inner,
            base_m: KERB_HEIGHT_M,
            top_m: KERB_HEIGHT_M + height_m,
            roof: Roof::Flat,
            wall: wall.lerp(mean(&WINDOW_GLASS), 0.3) * dice.between(0.92, 1.06),
            walls: [true; 4],
            // Roofs, their copings and the courts behind them.
            roof_colour: mean(&FLAT_ROOF)
                .lerp(mean(&TRIM), 0.12)
                .lerp(LAWN.lerp(LEAF[0], 0.3), court),
            lights: u32::from(dice.part(69).chance(0.2)),
            dice: dice.part(70),
        };
        if plot.is_whole {
            self.volumes.push(whole);
            return PAVING;
        }
        let (row_depth_m, lot_width_m) = midtown_lots(&mut of_lots);
        let lots = perimeter(inner, row_depth_m, lot_width_m, &mut of_lots);
        self.add_pieces(plot, whole, lots.into_iter().map(|lot| lot.area));
        PAVING
    }

    /// One long house for each row of terraced houses.
    fn add_terraces(&mut self, plot: &Plot, dice: &mut Dice) -> Rgb {
        let inner = &plot.area;
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
            let lots = plot.lots(row, terraces.lot_width_m, dice);
            self.add_row(
                plot,
                (row, &lots),
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
                    walls: [true; 4],
                    roof_colour: terrace.roof,
                    lights: 0,
                    dice: dice.part(70),
                },
            );
        }
        terraces.ground.lerp(GRAVEL_PATH, 0.12)
    }

    /// One long roof down to the ground for each row of detached houses: gaps are filled, so it is lower than they are.
    fn add_houses(&mut self, plot: &Plot, dice: &mut Dice) -> Rgb {
        let inner = &plot.area;
        let ground = GRASS * dice.between(0.9, 1.05);
        let lot_width_m = house_lot_width(dice);
        for row in &rows(inner, HOUSE_ROW_M, dice) {
            let lots = plot.lots(row, lot_width_m, dice);
            self.add_row(
                plot,
                (row, &lots),
                [4.5, 13.5],
                3.0,
                Volume {
                    area: row.area,
                    base_m: KERB_HEIGHT_M,
                    top_m: KERB_HEIGHT_M + 0.3,
                    roof: Roof::Gable {
                        ridge: row.front.runs_along(),
                        rise_m: 3.9,
                    },
                    wall: mean(&PLASTER),
                    walls: [false; 4],
                    roof_colour: mean(&TILE_ROOF).lerp(LAWN, 0.4),
                    lights: 0,
                    dice: dice.part(70),
                },
            );
        }
        ground.lerp(LAWN, 0.7).lerp(GRAVEL_PATH, 0.12)
    }

    /// Warehouses or institutes, each as a volume: there are few of them.
    fn add_halls(&mut self, quarter: Quarter, area: &Area, own: &Dice, dice: &mut Dice) -> Rgb {
        let mut block = Block::outside_streets(*area);
        match quarter {
            Quarter::Industry => super::industry::fill(&mut block, area, Scope::FromAfar, dice),
            _ => super::campus::fill(&mut block, area, dice),
        }
        for (number, building) in block.buildings.iter().enumerate() {
            if !self.frame.owns(building.anchor) {
                continue;
            }
            let look = &building.look;
            for mass in building.masses.iter().filter(|mass| mass.top_m > HALL_M) {
                self.volumes.push(Volume {
                    area: mass.area,
                    base_m: KERB_HEIGHT_M,
                    top_m: mass.top_m,
                    roof: match mass.roof {
                        Roof::Vault { ridge, rise_m } => Roof::Gable { ridge, rise_m },
                        Roof::Gable { .. } | Roof::Hip { .. } => mass.roof,
                        _ => Roof::Flat,
                    },
                    wall: look.wall.lerp(look.glass, 0.2),
                    walls: [true; 4],
                    roof_colour: look.roof,
                    lights: 0,
                    dice: own.part(80 + number as u64),
                });
            }
        }
        match quarter {
            Quarter::Industry => YARD.lerp(ASPHALT_ALLEY, 0.3),
            _ => LAWN.lerp(LEAF[0], 0.2),
        }
    }

    /// Adds a volume that stands for the buildings of several lots, or where some of them are another chunk's, pieces of it
    /// on the others.
    fn add_pieces(&mut self, plot: &Plot, whole: Volume, lots: impl Iterator<Item = Area>) {
        if plot.is_whole {
            self.volumes.push(whole);
            return;
        }
        let is_owned = |area: &Area| self.frame.owns(area.center());
        let (owned, others): (Vec<Area>, Vec<Area>) = lots.partition(is_owned);
        if others.is_empty() {
            self.volumes.push(whole);
            return;
        }
        let pieces = joined(owned).into_iter().map(|area| Volume {
            area,
            walls: Side::ALL.map(|side| area.gap(&plot.area, side) < 0.1),
            ..whole.clone()
        });
        self.volumes.extend(pieces);
    }

    /// Adds a volume that fills a row between two distances from its street, as far as its lots belong to the chunk.
    fn add_row(
        &mut self,
        plot: &Plot,
        (row, lots): (&Row, &[Lot]),
        depths: [f32; 2],
        from_side_streets: f32,
        volume: Volume,
    ) {
        let is_owned = |lot: &&Lot| self.frame.owns(lot.area.center());
        let runs = if plot.is_whole {
            vec![row.area]
        } else {
            joined(lots.iter().filter(is_owned).map(|lot| lot.area).collect())
        };
        let axis = row.front.runs_along();
        for run in runs {
            let at_street = Side::ALL.map(|side| run.gap(&plot.area, side) == 0.0);
            let margins = Side::ALL.map(|side| {
                if side.runs_along() != axis && at_street[side as usize] {
                    from_side_streets
                } else {
                    0.0
                }
            });
            let depth = run.size(other(axis));
            let area =
                run.inset_by(margins)
                    .strip(row.front, depths[0], depths[1].min(depth - 0.5));
            if area.shorter() >= 4.0 {
                self.volumes.push(Volume {
                    area,
                    // Elsewhere the row goes on, or ends behind another.
                    walls: Side::ALL.map(|side| {
                        let is_seen = side.runs_along() == axis || at_street[side as usize];
                        volume.walls[side as usize] && is_seen
                    }),
                    ..volume.clone()
                });
            }
        }
    }
}

/// Fewer rectangles that cover the same: those are put together that have a whole side in common.
fn joined(mut areas: Vec<Area>) -> Vec<Area> {
    let is_one = |a: &Area, b: &Area| {
        let is_same = |a: f32, b: f32| (a - b).abs() < 1e-3;
        let in_row = is_same(a.z0, b.z0) && is_same(a.z1, b.z1) && is_same(a.x1, b.x0);
        let in_column = is_same(a.x0, b.x0) && is_same(a.x1, b.x1) && is_same(a.z1, b.z0);
        in_row || in_column
    };
    let mut at = 0;
    while at < areas.len() {
        let beside = (0..areas.len()).find(|other| {
            *other != at
                && (is_one(&areas[at], &areas[*other]) || is_one(&areas[*other], &areas[at]))
        });
        let Some(beside) = beside else {
            at += 1;
            continue;
        };
        let (one, other) = (areas[at], areas[beside]);
        areas[at] = Area::new(
            one.x0.min(other.x0),
            one.z0.min(other.z0),
            one.x1.max(other.x1),
            one.z1.max(other.z1),
        );
        areas.remove(beside);
        // What was put together may have a side in common with one before.
        at = 0;
    }
    areas
}

/// The ground of a quarter.
#[derive(Clone, Copy)]
struct Plot {
    area: Area,
    /// Whether its block lies in the chunk wholly.
    is_whole: bool,
}

impl Plot {
    /// The lots of a row, where some of them may be another chunk's.
    fn lots(&self, row: &Row, lot_width_m: f32, dice: &mut Dice) -> Vec<Lot> {
        if self.is_whole {
            return Vec::new();
        }
        row.lots(&self.area, lot_width_m, dice)
    }
}

/// A mass that begins so near to another's top stands on it, metres.
const STANDS_ON_M: f32 = 0.5;
/// A mass that stands on another hides little of it if it is at least so large, as a share of its area.
const ALMOST_AS_LARGE: f32 = 0.64;

/// Whether a mass is the wider foot of the next, by so little that nobody sees it from kilometres away.
fn goes_on(masses: &[Mass], number: usize) -> bool {
    let mass = &masses[number];
    masses.get(number + 1).is_some_and(|next| {
        (next.base_m - mass.top_m).abs() < STANDS_ON_M
            && next.area.square_metres() > ALMOST_AS_LARGE * mass.area.square_metres()
    })
}

/// The block of a site with nothing in it.
fn empty_block(site: &Site) -> Block {
    Block::new(site.outline, site.streets, site.zone)
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
