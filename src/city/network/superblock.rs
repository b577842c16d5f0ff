//! A superblock: the ground between four arterials, and how it is cut into blocks.

use bevy::math::DVec2;

use super::super::area::Axis;
use super::super::hash::{Dice, Topic};
use super::super::plan::districts::{self, Zone};
use super::super::plan::streets::StreetClass;
use super::lines::{Lines, is_highway};
use super::{PlanArea, rivers};

/// What the ground between four arterials is.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum Ground {
    /// Blocks and streets.
    Blocks,
    /// One large park.
    Park,
    /// A river from west to east, with its banks.
    River,
}

/// The ground between the arterials of a column and the next, and of a row and the next.
#[derive(Clone, Debug)]
pub(in super::super) struct Superblock {
    pub(in super::super) column: i64,
    pub(in super::super) row: i64,
    pub(in super::super) ground: Ground,
    /// Between the centre lines of the four arterials.
    pub(in super::super) area: PlanArea,
    /// The direction of the streets that run through it.
    pub(in super::super) along: Axis,
    /// Ascending across `along`; together they fill the area.
    pub(in super::super) strips: Vec<Strip>,
    dice: Dice,
}

/// What lies between two streets that run through a superblock.
#[derive(Clone, PartialEq, Debug)]
pub(in super::super) struct Strip {
    /// Centre lines of the streets on both sides, on the axis across.
    pub(in super::super) from: f64,
    pub(in super::super) to: f64,
    /// The class of the street at `to`.
    pub(in super::super) class_at_end: StreetClass,
    /// The cross streets within the strip, ascending: centre line and class.
    pub(in super::super) cuts: Vec<(f64, StreetClass)>,
}

/// The ground of one block, between centre lines of streets.
#[derive(Clone, Debug)]
pub(in super::super) struct BlockSite {
    /// Between the centre lines of the four streets.
    pub(in super::super) area: PlanArea,
    /// The classes of the streets around it: west, east, north, south.
    pub(in super::super) streets: [StreetClass; 4],
    pub(in super::super) dice: Dice,
}

/// Of all superblocks that are no river, so many in a hundred are a park.
const PARKS_PER_HUNDRED: u64 = 6;

impl Superblock {
    pub(in super::super) fn new(seed: u64, column: i64, row: i64) -> Self {
        let (columns, rows) = (
            Lines::new(seed, Axis::Z, column),
            Lines::new(seed, Axis::X, row),
        );
        let area = PlanArea::new(
            DVec2::new(columns.from, rows.from),
            DVec2::new(columns.to, rows.to),
        );
        let dice = Dice::at(seed, Topic::Superblock, column, row);
        let ground = ground_of(&dice, column, row);
        let mut own = dice.part(1);
        let along = if own.chance(0.5) { Axis::X } else { Axis::Z };
        let strips = if ground == Ground::Blocks {
            let zone = Zone::of(districts::density_at(
                seed,
                area.center().x,
                area.center().y,
            ));
            let (through, across) = match along {
                Axis::X => (&rows, &columns),
                Axis::Z => (&columns, &rows),
            };
            let last = match along {
                Axis::X => StreetClass::Arterial,
                Axis::Z => column_class(column + 1),
            };
            cut(zone, through, across, last, &mut own)
        } else {
            Vec::new()
        };
        Self {
            column,
            row,
            ground,
            area,
            along,
            strips,
            dice,
        }
    }

    /// The classes of the arterials around it: west, east, north, south.
    pub(in super::super) const fn arterials(&self) -> [StreetClass; 4] {
        [
            column_class(self.column),
            column_class(self.column + 1),
            StreetClass::Arterial,
            StreetClass::Arterial,
        ]
    }

    /// Its blocks, in a fixed order. A park is one block; a river has none.
    pub(in super::super) fn blocks(&self) -> Vec<BlockSite> {
        self.blocks_near(&self.area)
    }

    /// Those of its blocks that touch an area, in a fixed order.
    pub(in super::super) fn blocks_near(&self, near: &PlanArea) -> Vec<BlockSite> {
        let [west, east, north, south] = self.arterials();
        if self.ground == Ground::Park {
            return vec![BlockSite {
                area: self.area,
                streets: [west, east, north, south],
                dice: self.dice.part(100),
            }];
        }
        let (start, end) = match self.along {
            Axis::X => ((self.area.low.x, west), (self.area.high.x, east)),
            Axis::Z => ((self.area.low.y, north), (self.area.high.y, south)),
        };
        // Of the area, what counts along and across the streets that run through.
        let ([near_from, near_to], [across_from, across_to]) = match self.along {
            Axis::X => ([near.low.x, near.high.x], [near.low.y, near.high.y]),
            Axis::Z => ([near.low.y, near.high.y], [near.low.x, near.high.x]),
        };
        let mut before = match self.along {
            Axis::X => north,
            Axis::Z => west,
        };
        let mut blocks = Vec::with_capacity(12);
        let mut number = 100;
        for strip in &self.strips {
            if strip.to < across_from || strip.from > across_to {
                number += strip.cuts.len() as u64 + 1;
                before = strip.class_at_end;
                continue;
            }
            let mut from = start;
            for to in strip.cuts.iter().copied().chain([end]) {
                if to.0 >= near_from && from.0 <= near_to {
                    let (area, streets) = match self.along {
                        Axis::X => (
                            PlanArea::new(
                                DVec2::new(from.0, strip.from),
                                DVec2::new(to.0, strip.to),
                            ),
                            [from.1, to.1, before, strip.class_at_end],
                        ),
                        Axis::Z => (
                            PlanArea::new(
                                DVec2::new(strip.from, from.0),
                                DVec2::new(strip.to, to.0),
                            ),
                            [before, strip.class_at_end, from.1, to.1],
                        ),
                    };
                    blocks.push(BlockSite {
                        area,
                        streets,
                        dice: self.dice.part(number),
                    });
                }
                number += 1;
                from = to;
            }
            before = strip.class_at_end;
        }
        blocks
    }

    /// The centre lines and classes of the streets that run through it, ascending.
    pub(in super::super) fn through(&self) -> impl Iterator<Item = (f64, StreetClass)> {
        let count = self.strips.len().saturating_sub(1);
        self.strips[..count]
            .iter()
            .map(|strip| (strip.to, strip.class_at_end))
    }

    /// The streets that end on the arterial along `axis` at its low or high side, ascending: centre line and class.
    pub(in super::super) fn ends_on(
        &self,
        axis: Axis,
        is_high_side: bool,
    ) -> Vec<(f64, StreetClass)> {
        if axis != self.along {
            return self.through().collect();
        }
        let strip = if is_high_side {
            self.strips.last()
        } else {
            self.strips.first()
        };
        strip.map_or_else(Vec::new, |strip| strip.cuts.clone())
    }
}

/// The class of the arterial of a column.
pub(super) const fn column_class(column: i64) -> StreetClass {
    if is_highway(column) {
        StreetClass::Avenue
    } else {
        StreetClass::Arterial
    }
}

fn ground_of(dice: &Dice, column: i64, row: i64) -> Ground {
    let is_beside_origin = (-1..=0).contains(&column) && (-1..=0).contains(&row);
    if rivers::is_river(row) {
        Ground::River
    } else if !is_beside_origin && dice.part(0).roll() % 100 < PARKS_PER_HUNDRED {
        Ground::Park
    } else {
        Ground::Blocks
    }
}

/// Cuts the ground into strips and the strips into blocks. `last` is the class of the arterial at the last strip's end.
fn cut(
    zone: Zone,
    through: &Lines,
    across: &Lines,
    last: StreetClass,
    dice: &mut Dice,
) -> Vec<Strip> {
    // Leaving out a street here and there gives long blocks beside square ones.
    let (omit_through, keep_cut, alley_through, alley_cut) = match zone {
        Zone::Core => (0.10, 0.85, 0.10, 0.30),
        Zone::Midtown => (0.15, 0.70, 0.15, 0.35),
        Zone::Terraces => (0.10, 0.55, 0.10, 0.25),
        Zone::Houses | Zone::Industry | Zone::Campus => (0.15, 0.45, 0.0, 0.10),
    };
    let mut strips: Vec<Strip> = Vec::with_capacity(through.between.len() + 1);
    let mut from = through.from;
    let mut was_omitted = false;
    for at in through.between.iter().copied().chain([through.to]) {
        let is_last = at == through.to;
        if !is_last && !was_omitted && dice.chance(omit_through) {
            was_omitted = true;
            continue;
        }
        was_omitted = false;
        let class_at_end = if is_last {
            last
        } else if dice.chance(alley_through) {
            StreetClass::Alley
        } else {
            StreetClass::Street
        };
        let cuts = cuts(keep_cut, alley_cut, across, strips.last(), dice);
        strips.push(Strip {
            from,
            to: at,
            class_at_end,
            cuts,
        });
        from = at;
    }
    strips
}

/// The cross streets of one strip. Two neighbouring lines are never both left out.
fn cuts(
    keep: f32,
    alleys: f32,
    across: &Lines,
    before: Option<&Strip>,
    dice: &mut Dice,
) -> Vec<(f64, StreetClass)> {
    let mut cuts = Vec::with_capacity(across.between.len());
    let mut was_omitted = false;
    for at in &across.between {
        if !was_omitted && !dice.chance(keep) {
            was_omitted = true;
            continue;
        }
        was_omitted = false;
        // Half of the streets go on on the other side as what they were.
        let continued = before
            .and_then(|strip| strip.cuts.iter().find(|(other, _)| other == at))
            .map(|(_, class)| *class);
        let class = match continued {
            Some(class) if dice.chance(0.5) => class,
            _ if dice.chance(alleys) => StreetClass::Alley,
            _ => StreetClass::Street,
        };
        cuts.push((*at, class));
    }
    cuts
}
