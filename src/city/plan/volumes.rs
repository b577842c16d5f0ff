//! What a block looks like from kilometres away: rows, podiums, towers and landmarks as volumes.

use bevy::math::Vec2;

use super::super::area::{Area, Side};
use super::super::colour::{
    ASPHALT_ALLEY, BRICK, CONCRETE, FLAT_ROOF, GRASS, GRAVEL_PATH, LAWN, LEAF, PAVING, PAVING_WARM,
    PLASTER, Rgb, SANDSTONE, TILE_ROOF, TRIM, WINDOW_GLASS, YARD,
};
use super::super::hash::Dice;
use super::blocks::{
    Block, Core, HOUSE_ROW_M, Terraces, house_lot_width, midtown_floors, midtown_lots,
};
use super::buildings::{Building, Facade, Mass, PARAPET_M, Roof};
use super::frame::Frame;
use super::known::Wishes;
use super::lots::{Lot, Row, perimeter, rows};
use super::midtown::other;
use super::skyline::{SUNK_M, SkylinePlan, Volume};
use super::streets::{KERB_HEIGHT_M, KerbOutline, StreetClass};
use super::terraces::{FRONT_GARDEN_M, SIDE_GARDEN_M};
use super::uses::{self, BlockUse, Landmark, Quarter};
use super::{Scope, downtown, landmarks, yards};

/// Lower than this nothing stands out of its block as a tower, metres above the block.
const TOWER_M: f32 = 20.0;
/// Lower than this a hall is left out, metres.
const HALL_M: f32 = 5.0;
/// Of the towers, so many show a light at night; each stands for several.
const LIT_TOWERS: f32 = 0.45;
/// What a podium is at most, metres.
const PODIUM_M: f32 = 22.0;

/// What stands in a block, whichever chunk asks: in metres from the block's minimum corner.
#[derive(Clone, Debug)]
pub(super) struct FarBlock {
    /// The ground inside the pavements.
    inner: Area,
    /// The colour of that ground.
    pub(super) colour: Rgb,
    parts: Vec<Part>,
    landmarks: Vec<Building>,
}

/// One building of a block, or several that are seen as one.
#[derive(Clone, Debug)]
struct Part {
    /// What is drawn where all of it belongs to the chunk; nothing where that would be too small.
    whole: Option<Volume>,
    buildings: Buildings,
}

/// Whose a part is where its block lies in several chunks.
#[derive(Clone, Debug)]
enum Buildings {
    /// One building with this anchor.
    One(Vec2),
    /// Those on these lots: pieces of the whole stand on some of them, if others are another chunk's.
    On(Vec<Area>),
    /// Those on the lots of a row.
    InRow(Vec<Area>, RowShape, Box<Volume>),
}

/// Where in a row its houses stand.
#[derive(Clone, Debug)]
struct RowShape {
    front: Side,
    /// The ground of the quarter.
    plot: Area,
    /// From the street, metres.
    depths: [f32; 2],
    from_side_streets: f32,
}

impl SkylinePlan {
    /// Adds what of a block belongs to the chunk. `corner` is the block's minimum corner.
    pub(super) fn take(&mut self, far: &FarBlock, corner: Vec2, is_whole: bool) {
        let frame = &self.frame;
        let owns = |anchor: Vec2| is_whole || frame.owns(corner + anchor);
        for part in &far.parts {
            let volumes = &mut self.volumes;
            let mut push = |volume: &Volume, area: Area, walls: [bool; 4]| {
                volumes.push(Volume {
                    area: area.moved_by(corner),
                    walls,
                    ..volume.clone()
                });
            };
            let whole = part.whole.as_ref();
            match &part.buildings {
                _ if is_whole => {
                    if let Some(whole) = whole {
                        push(whole, whole.area, whole.walls);
                    }
                }
                Buildings::One(anchor) => {
                    if let Some(whole) = whole.filter(|_| owns(*anchor)) {
                        push(whole, whole.area, whole.walls);
                    }
                }
                Buildings::On(lots) => {
                    let owned = owned(lots, owns);
                    let Some(whole) = whole else { continue };
                    if owned.len() == lots.len() {
                        push(whole, whole.area, whole.walls);
                        continue;
                    }
                    for area in joined(owned) {
                        let walls = Side::ALL.map(|side| area.gap(&whole.area, side) < 0.1);
                        push(whole, area, walls);
                    }
                }
                Buildings::InRow(lots, shape, house) => {
                    for run in joined(owned_in_row(frame, lots, corner)) {
                        if let Some((area, walls)) = shape.houses(&run, house.walls) {
                            push(house, area, walls);
                        }
                    }
                }
            }
        }
        let landmarks = far.landmarks.iter();
        for landmark in landmarks.filter(|landmark| frame.owns(corner + landmark.anchor)) {
            self.landmarks.push(landmark.moved_by(corner));
        }
    }
}

/// The lots that belong to a chunk.
fn owned(lots: &[Area], owns: impl Fn(Vec2) -> bool) -> Vec<Area> {
    let lots = lots.iter().copied();
    lots.filter(|lot| owns(lot.center())).collect()
}

/// Likewise for lots in one line.
fn owned_in_row(frame: &Frame, lots: &[Area], corner: Vec2) -> Vec<Area> {
    let ends = lots.first().zip(lots.last());
    let alike = ends.and_then(|(first, last)| {
        frame.owns_between(corner + first.center(), corner + last.center())
    });
    match alike {
        Some(true) => lots.to_vec(),
        Some(false) => Vec::new(),
        None => owned(lots, |anchor| frame.owns(corner + anchor)),
    }
}

impl RowShape {
    /// Where the houses stand in a run of lots, and which of their walls are seen; nothing where there is no room.
    fn houses(&self, run: &Area, walls: [bool; 4]) -> Option<(Area, [bool; 4])> {
        let axis = self.front.runs_along();
        let at_street = Side::ALL.map(|side| run.gap(&self.plot, side) == 0.0);
        let margins = Side::ALL.map(|side| {
            if side.runs_along() != axis && at_street[side as usize] {
                self.from_side_streets
            } else {
                0.0
            }
        });
        let depth = run.size(other(axis));
        let to = self.depths[1].min(depth - 0.5);
        let area = run.inset_by(margins).strip(self.front, self.depths[0], to);
        // Elsewhere the row goes on, or ends behind another.
        let walls = Side::ALL.map(|side| {
            let is_seen = side.runs_along() == axis || at_street[side as usize];
            walls[side as usize] && is_seen
        });
        (area.shorter() >= 4.0).then_some((area, walls))
    }
}

impl FarBlock {
    /// Designs a block whose area reaches to the centre lines of its four streets.
    pub(super) fn new(outline: KerbOutline, streets: [StreetClass; 4], wishes: &Wishes) -> Self {
        let mut far = Self {
            inner: outline.area.inset_by(streets.map(StreetClass::pavement_m)),
            colour: PAVING,
            parts: Vec::new(),
            landmarks: Vec::new(),
        };
        far.colour = far.fill(&Block::new(outline, streets, wishes.zone), wishes);
        far
    }

    /// Adds what stands in the block. Returns the colour of its ground.
    fn fill(&mut self, empty: &Block, wishes: &Wishes) -> Rgb {
        let inner = self.inner;
        let mut dice = wishes.dice.part(0);
        let own = wishes.dice.part(3);
        let density = wishes.density;
        match BlockUse::of(
            &inner,
            empty.streets,
            wishes.zone,
            wishes.park,
            &wishes.dice,
        ) {
            BlockUse::Paved => PAVING,
            BlockUse::Park => GRASS.lerp(LEAF[0], 0.4),
            BlockUse::Quarter(quarter) => {
                self.add_quarter(quarter, &inner, density, &own, &mut dice)
            }
            BlockUse::Landmark(landmark, quarter) => {
                let (square, rest) = uses::square(&inner, landmark);
                let mut block = empty.clone();
                landmarks::raise(&mut block, landmark, &square, &mut own.part(0));
                self.landmarks = block.buildings;
                let colour = match landmark {
                    Landmark::Church | Landmark::RadioMast => LAWN.lerp(LEAF[0], 0.3),
                    Landmark::Works => YARD,
                    Landmark::Stadium => PAVING_WARM.lerp(GRASS, 0.5),
                    _ => PAVING_WARM,
                };
                let Some(rest) = rest else { return colour };
                let share = rest.square_metres() / inner.square_metres();
                colour.lerp(
                    self.add_quarter(quarter, &rest, density, &own, &mut dice),
                    share,
                )
            }
            BlockUse::GasStation => ASPHALT_ALLEY,
            BlockUse::CarPark => ASPHALT_ALLEY.lerp(PAVING, 0.2),
            BlockUse::Garage => {
                let mut block = empty.clone();
                yards::garage(&mut block, &mut own.part(0));
                self.landmarks = block.buildings;
                ASPHALT_ALLEY
            }
            BlockUse::Construction => {
                let mut block = empty.clone();
                yards::construction(&mut block, &mut own.part(0));
                self.landmarks = block.buildings;
                YARD
            }
        }
    }

    fn add_quarter(
        &mut self,
        quarter: Quarter,
        area: &Area,
        density: f32,
        own: &Dice,
        dice: &mut Dice,
    ) -> Rgb {
        match quarter {
            Quarter::Core => self.add_core(area, density, dice),
            Quarter::Midtown => self.add_midtown(area, density, dice),
            Quarter::Terraces => self.add_terraces(area, dice),
            Quarter::Houses => self.add_houses(area, dice),
            Quarter::Industry | Quarter::Campus => self.add_halls(quarter, area, own, dice),
        }
    }

    /// Adds one building's volume.
    fn add(&mut self, anchor: Vec2, volume: Volume) {
        self.parts.push(Part {
            whole: Some(volume),
            buildings: Buildings::One(anchor),
        });
    }

    /// Adds a volume that stands for the buildings of several lots.
    fn add_pieces(&mut self, whole: Volume, lots: Vec<Area>) {
        if !lots.is_empty() {
            self.parts.push(Part {
                whole: Some(whole),
                buildings: Buildings::On(lots),
            });
        }
    }

    /// Adds a volume that stands for the houses of a row.
    fn add_row(&mut self, row: &Row, lots: Vec<Lot>, shape: RowShape, house: Volume) {
        let whole = shape
            .houses(&row.area, house.walls)
            .map(|(area, walls)| Volume {
                area,
                walls,
                ..house.clone()
            });
        let lots = lots.into_iter().map(|lot| lot.area).collect();
        self.parts.push(Part {
            whole,
            buildings: Buildings::InRow(lots, shape, Box::new(house)),
        });
    }

    /// A podium for the whole block and every tower that stands out of it. Returns the colour of the ground.
    fn add_core(&mut self, inner: &Area, density: f32, dice: &mut Dice) -> Rgb {
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
        self.add_pieces(podium, lots.map(|number| core.lots[number].area).collect());
        for building in &buildings {
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
                let mut lit = dice.part(71 + self.parts.len() as u64);
                self.add(
                    building.anchor,
                    Volume {
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
                        lights: u32::from(mass.top_m > podium_m + 30.0 && lit.chance(LIT_TOWERS)),
                        dice: lit,
                    },
                );
            }
        }
        PAVING_WARM
    }

    /// The closed wall of a midtown block, filled, at the height that its houses have on average.
    fn add_midtown(&mut self, inner: &Area, density: f32, dice: &mut Dice) -> Rgb {
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
        let (row_depth_m, lot_width_m) = midtown_lots(&mut of_lots);
        let lots = perimeter(inner, row_depth_m, lot_width_m, &mut of_lots);
        self.add_pieces(whole, lots.into_iter().map(|lot| lot.area).collect());
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
            let lots = row.lots(inner, terraces.lot_width_m, dice);
            let shape = RowShape {
                front: row.front,
                plot: *inner,
                depths: [FRONT_GARDEN_M, FRONT_GARDEN_M + depth],
                from_side_streets: SIDE_GARDEN_M,
            };
            self.add_row(
                row,
                lots,
                shape,
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
    fn add_houses(&mut self, inner: &Area, dice: &mut Dice) -> Rgb {
        let ground = GRASS * dice.between(0.9, 1.05);
        let lot_width_m = house_lot_width(dice);
        for row in &rows(inner, HOUSE_ROW_M, dice) {
            let lots = row.lots(inner, lot_width_m, dice);
            let shape = RowShape {
                front: row.front,
                plot: *inner,
                depths: [4.5, 13.5],
                from_side_streets: 3.0,
            };
            self.add_row(
                row,
                lots,
                shape,
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
            let look = &building.look;
            for mass in building.masses.iter().filter(|mass| mass.top_m > HALL_M) {
                self.add(
                    building.anchor,
                    Volume {
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
                    },
                );
            }
        }
        match quarter {
            Quarter::Industry => YARD.lerp(ASPHALT_ALLEY, 0.3),
            _ => LAWN.lerp(LEAF[0], 0.2),
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

/// A mass that begins so near to another's top stands on it, metres: behind its parapet.
const STANDS_ON_M: f32 = PARAPET_M + 0.1;
/// A mass that stands on another hides little of it if it is at least so large, as a share of its area.
const ALMOST_AS_LARGE: f32 = 0.58;

/// Whether a mass is the wider foot of the next, by so little that nobody sees it from kilometres away.
fn goes_on(masses: &[Mass], number: usize) -> bool {
    let mass = &masses[number];
    masses.get(number + 1).is_some_and(|next| {
        (next.base_m - mass.top_m).abs() < STANDS_ON_M
            && next.area.square_metres() > ALMOST_AS_LARGE * mass.area.square_metres()
    })
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

#[cfg(test)]
impl FarBlock {
    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let parts = self.parts.iter().map(|part| {
            let buildings = match &part.buildings {
                Buildings::One(_) => 0,
                Buildings::On(lots) => lots.capacity() * size_of::<Area>(),
                Buildings::InRow(lots, _, _) => {
                    lots.capacity() * size_of::<Area>() + size_of::<Volume>()
                }
            };
            size_of::<Part>() + buildings
        });
        let landmarks = self.landmarks.iter().map(|building| {
            size_of::<Building>() + size_of_val(&*building.masses) + size_of_val(&*building.details)
        });
        size_of::<Self>() + parts.sum::<usize>() + landmarks.sum::<usize>()
    }
}
