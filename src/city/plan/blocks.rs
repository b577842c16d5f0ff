//! One block: its kerbs, what it is used for, and everything that stands on it.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{GRASS, GRAVEL_PATH, LAWN, PAVING, PAVING_WARM, Rgb, YARD};
use super::super::hash::{Dice, Topic};
use super::buildings::{Building, Face};
use super::districts::Zone;
use super::furniture::{Furniture, Prop};
use super::houses::detached_house;
use super::lots::{Lot, Row, grid, perimeter, rows};
use super::parks::{self, Park};
use super::streets::{KerbOutline, StreetClass};
use super::terraces::{Terrace, terrace_house};
use super::uses::{self, BlockUse, Quarter};
use super::{Patch, PatchLayer, Scope, campus, downtown, industry, landmarks, midtown, yards};

/// The ground between four streets.
#[derive(Clone, Debug)]
pub(in super::super) struct Block {
    pub(in super::super) outline: KerbOutline,
    /// The ground inside the pavements; empty where the streets leave none.
    pub(in super::super) inner: Area,
    /// The classes of the streets around it, by side.
    pub(in super::super) streets: [StreetClass; 4],
    pub(in super::super) zone: Zone,
    pub(in super::super) ground: Rgb,
    pub(in super::super) patches: Vec<Patch>,
    pub(in super::super) buildings: Vec<Building>,
    pub(in super::super) furniture: Furniture,
    /// What a large park has beside patches and furniture.
    pub(in super::super) park: Option<Park>,
    /// What is left to chance while drawing; the same in all chunks that the block lies in.
    pub(in super::super) dice: Dice,
}

/// Whether a block may become a park.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum ParkWish {
    Never,
    Wanted,
}

impl Block {
    /// An empty block inside its kerbs.
    pub(super) fn new(outline: KerbOutline, streets: [StreetClass; 4], zone: Zone) -> Self {
        let inner = outline.area.inset_by(streets.map(StreetClass::pavement_m));
        Self {
            outline,
            inner,
            streets,
            zone,
            ground: PAVING,
            patches: Vec::new(),
            buildings: Vec::new(),
            furniture: Furniture::default(),
            park: None,
            dice: Dice::at(0, Topic::Block, 0, 0),
        }
    }

    /// An area that is filled for what it looks like from afar, without streets around it.
    pub(super) fn outside_streets(area: Area) -> Self {
        let outline = KerbOutline {
            area,
            radii: [0.0; 4],
        };
        let mut block = Self::new(outline, [StreetClass::Alley; 4], Zone::Houses);
        block.inner = area;
        block
    }

    /// Fills the block: a park, or lots with buildings, then the pavements.
    pub(super) fn fill(&mut self, density: f32, park: ParkWish, scope: Scope, dice: &Dice) {
        let mut own = dice.part(0);
        let (inner, dice_of_use) = (self.inner, dice.part(3));
        match BlockUse::of(&inner, self.streets, self.zone, park, dice) {
            BlockUse::Paved => {}
            BlockUse::Park if inner.shorter() >= parks::LARGE_FROM_M => {
                parks::lay_out(self, &mut own);
            }
            BlockUse::Park => self.lay_out_park(&mut own),
            BlockUse::Quarter(quarter) => self.build(quarter, &inner, density, scope, &mut own),
            BlockUse::Landmark(landmark, quarter) => {
                let (square, rest) = uses::square(&inner, landmark);
                landmarks::raise(self, landmark, &square, &mut dice_of_use.part(0));
                if let Some(rest) = rest {
                    self.build(quarter, &rest, density, scope, &mut own);
                }
            }
            BlockUse::GasStation => yards::gas_station(self, &mut dice_of_use.part(0)),
            BlockUse::CarPark => yards::car_park(self, scope, &mut dice_of_use.part(0)),
            BlockUse::Garage => yards::garage(self, &mut dice_of_use.part(0)),
            BlockUse::Construction => yards::construction(self, &mut dice_of_use.part(0)),
        }
        let mut furniture = std::mem::take(&mut self.furniture);
        furniture.append(self.kerbside(scope, dice));
        self.furniture = furniture;
    }

    /// What stands on the pavements around the block and along its kerbs; the same whether the block is filled or not.
    pub(super) fn kerbside(&self, scope: Scope, dice: &Dice) -> Furniture {
        let mut furniture = Furniture::default();
        if !self.outline.area.is_empty() {
            furniture.line_streets(self, scope, &dice.part(1));
        }
        furniture
    }

    fn build(
        &mut self,
        quarter: Quarter,
        area: &Area,
        density: f32,
        scope: Scope,
        dice: &mut Dice,
    ) {
        match quarter {
            Quarter::Core => self.build_core(area, density, dice),
            Quarter::Midtown => self.build_midtown(area, density, dice),
            Quarter::Terraces => self.build_terraces(area, dice),
            Quarter::Houses => self.build_houses(area, dice),
            Quarter::Industry => industry::fill(self, area, scope, dice),
            Quarter::Campus => campus::fill(self, area, dice),
        }
    }

    fn build_core(&mut self, area: &Area, density: f32, dice: &mut Dice) {
        let core = Core::of(area, dice);
        self.ground = core.ground;
        for (number, lot) in core.lots.iter().enumerate() {
            let mut own = dice.part(number as u64);
            if core.is_open(number) {
                self.lay_out_plaza(&lot.area, &mut own);
            } else {
                self.buildings
                    .push(downtown::design(lot, density, &mut own));
            }
        }
    }

    fn build_midtown(&mut self, area: &Area, density: f32, dice: &mut Dice) {
        self.ground = YARD;
        let base_floors = midtown_floors(density, dice);
        let (row_depth_m, lot_width_m) = midtown_lots(dice);
        let lots = perimeter(area, row_depth_m, lot_width_m, dice);
        for (number, lot) in lots.iter().enumerate() {
            let mut own = dice.part(number as u64);
            if lots.len() > 5 && own.chance(0.06) {
                self.lay_out_plaza(&lot.area, &mut own);
            } else {
                self.buildings
                    .push(midtown::design(lot, base_floors, &mut own));
            }
        }
        let court = area.inset(row_depth_m + 1.0);
        if court.shorter() > 8.0 {
            self.patches.push(Patch {
                area: court,
                colour: LAWN,
                layer: PatchLayer::Lower,
            });
            self.furniture.scatter_trees(&court, 7.5, 0.6, &[], dice);
        }
    }

    fn build_terraces(&mut self, area: &Area, dice: &mut Dice) {
        let terraces = Terraces::of(area, dice);
        self.ground = terraces.ground;
        for row in &terraces.rows {
            let terrace = &terraces.terraces[row.number as usize % terraces.terraces.len()];
            for (number, lot) in row
                .lots(area, terraces.lot_width_m, dice)
                .iter()
                .enumerate()
            {
                let mut own = dice.part(row.number * 1_000 + number as u64);
                self.buildings.extend(terrace_house(
                    lot,
                    terrace,
                    &mut own,
                    &mut self.patches,
                    &mut self.furniture,
                ));
            }
        }
    }

    fn build_houses(&mut self, area: &Area, dice: &mut Dice) {
        self.ground = GRASS * dice.between(0.9, 1.05);
        let lots: Vec<Lot> = perimeter(area, HOUSE_ROW_M, house_lot_width(dice), dice);
        for (number, lot) in lots.iter().enumerate() {
            let mut own = dice.part(number as u64);
            self.buildings.extend(detached_house(
                lot,
                &mut own,
                &mut self.patches,
                &mut self.furniture,
            ));
        }
    }

    fn lay_out_plaza(&mut self, area: &Area, dice: &mut Dice) {
        let green = area.inset(2.5);
        self.patches.push(Patch {
            area: *area,
            colour: PAVING_WARM,
            layer: PatchLayer::Lower,
        });
        if green.shorter() < 4.0 {
            return;
        }
        let fountain = green.shorter() > 14.0;
        let mut taken = Vec::new();
        if fountain {
            let radius_m = dice.between(2.0, 3.2);
            self.furniture.props.push(Prop::Fountain {
                at: area.center(),
                radius_m,
            });
            taken.push(Area::around(
                area.center(),
                2.0 * radius_m + 3.0,
                2.0 * radius_m + 3.0,
            ));
        }
        for side in [Side::North, Side::South] {
            let at = green.strip(side, 0.4, 0.4).center();
            self.furniture.props.push(Prop::Bench {
                at,
                faces: side.opposite(),
            });
            taken.push(Area::around(at, 2.0, 2.0));
        }
        self.furniture
            .scatter_trees(&green, 6.5, 0.55, &taken, dice);
    }

    fn lay_out_park(&mut self, dice: &mut Dice) {
        self.ground = GRASS * dice.between(0.92, 1.05);
        let inner = self.inner;
        let path = |area: Area| Patch {
            area,
            colour: GRAVEL_PATH,
            layer: PatchLayer::Upper,
        };
        let (center, ring) = (
            inner.center() + Vec2::new(dice.between(-2.0, 2.0), dice.between(-2.0, 2.0)),
            inner.inset(3.0),
        );
        let mut taken = Vec::new();
        // A ring and a cross, cut so that no two pieces lie in one plane over each other.
        let width = 2.2;
        let [north, south] = [Side::North, Side::South].map(|side| ring.strip(side, 0.0, width));
        let between = ring.inset_by([0.0, 0.0, width, width]);
        let [west, east] = [Side::West, Side::East].map(|side| between.strip(side, 0.0, width));
        let core = between.inset_by([width, width, 0.0, 0.0]);
        let across = Area::new(core.x0, center.y - 1.1, core.x1, center.y + 1.1);
        let down = [
            Area::new(center.x - 1.1, core.z0, center.x + 1.1, across.z0),
            Area::new(center.x - 1.1, across.z1, center.x + 1.1, core.z1),
        ];
        let gates = [
            Area::new(center.x - 1.5, inner.z0, center.x + 1.5, ring.z0),
            Area::new(center.x - 1.5, ring.z1, center.x + 1.5, inner.z1),
            Area::new(inner.x0, center.y - 1.5, ring.x0, center.y + 1.5),
            Area::new(ring.x1, center.y - 1.5, inner.x1, center.y + 1.5),
        ];
        for area in [north, south, west, east, across]
            .into_iter()
            .chain(down)
            .chain(gates)
        {
            if !area.is_empty() {
                self.patches.push(path(area));
                taken.push(area);
            }
        }
        let radius_m = dice.between(2.6, 4.5).min(core.shorter() * 0.3);
        self.furniture.props.push(Prop::Fountain {
            at: center,
            radius_m,
        });
        taken.push(Area::around(
            center,
            2.0 * radius_m + 3.0,
            2.0 * radius_m + 3.0,
        ));
        for side in [Side::North, Side::South] {
            let bench = core.strip(side, 0.9, 0.9).span(Axis::X, 3.0, 3.0).center();
            self.furniture.props.push(Prop::Bench {
                at: bench,
                faces: side,
            });
            taken.push(Area::around(bench, 2.2, 2.2));
        }
        self.furniture
            .scatter_trees(&inner.inset(1.0), 6.8, 0.6, &taken, dice);
    }
}

/// The lots of a downtown block.
pub(super) struct Core {
    pub(super) ground: Rgb,
    pub(super) lots: Vec<Lot>,
    /// The number of the lot that stays open.
    pub(super) plaza: Option<usize>,
}

impl Core {
    pub(super) fn of(inner: &Area, dice: &mut Dice) -> Self {
        let ground = PAVING_WARM * dice.between(0.85, 1.0);
        let one_building = inner.square_metres() < 2600.0 && dice.chance(0.3);
        let lots = grid(inner, if one_building { 90.0 } else { 36.0 }, dice);
        let plaza = if lots.len() > 2 && dice.chance(0.35) {
            Some(dice.whole(0, lots.len() as u32 - 1) as usize)
        } else {
            None
        };
        Self {
            ground,
            lots,
            plaza,
        }
    }
}

impl Core {
    /// Whether a lot stays open: the plaza, and courts that no street touches.
    pub(super) fn is_open(&self, number: usize) -> bool {
        self.plaza == Some(number) || !self.lots[number].faces.contains(&Face::Street)
    }
}

/// How many floors the buildings of a midtown block tend to have.
pub(super) fn midtown_floors(density: f32, dice: &mut Dice) -> u32 {
    3 + ((density - 0.42).max(0.0) * 14.0) as u32 + dice.whole(0, 1)
}

/// The rows of a block of terraced houses.
pub(super) struct Terraces {
    pub(super) ground: Rgb,
    pub(super) lot_width_m: f32,
    pub(super) rows: Vec<Row>,
    /// What the houses of each row share, by the row's number.
    pub(super) terraces: [Terrace; 4],
}

impl Terraces {
    pub(super) fn of(inner: &Area, dice: &mut Dice) -> Self {
        let ground = LAWN * dice.between(0.88, 1.0);
        let row_depth_m = dice.between(17.0, 22.0);
        Self {
            ground,
            lot_width_m: dice.between(7.8, 10.4),
            terraces: [0, 1, 2, 3].map(|row| Terrace::new(&mut dice.part(1000 + row))),
            rows: rows(inner, row_depth_m, dice),
        }
    }
}

/// Depth and width of the lots of midtown, metres.
pub(super) fn midtown_lots(dice: &mut Dice) -> (f32, f32) {
    (dice.between(14.0, 18.0), dice.between(17.0, 26.0))
}

/// Width of the lots of detached houses, metres.
pub(super) fn house_lot_width(dice: &mut Dice) -> f32 {
    dice.between(15.0, 21.0)
}

/// Depth of the lots of detached houses, metres.
pub(super) const HOUSE_ROW_M: f32 = 25.0;
