//! Rivers: where the water is, how their banks fall to it, and the bridges over them.
//!
//! ```text
//!   embankment │kerb│pavement│ promenade ┐ quay                pavement │ lawn ╲ path
//!   ═══════════╧════╧════════╧═══════════╡                     ═════════╧══════ ╲ grass, or a beach
//!              8.5       13 m            └── lower quay ┐                        ╲~~~~ water ~~~~
//!                                                       └~~~~ water ~~~~
//! ```
//!
//! All banks reach the water and end below it at the same distance from the embankment's centre line, so that one kind
//! turns into another smoothly.

use bevy::math::Vec2;

use super::super::area::Side;
use super::super::area::{Area, Axis};
use super::super::hash::{Dice, Topic};
use super::super::land::{SHORE_M, Survey};
use super::super::network::{self, rivers};
use super::THINGS_REACH_M;
use super::districts::{self, Zone};
use super::frame::Frame;
use super::furniture::{Furniture, Lamp, Prop, Species, Tree};
use super::streets::{KERB_HEIGHT_M, KerbOutline, StreetClass};

/// How the ground falls to the water.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum BankKind {
    /// A promenade, a wall, a lower quay, a wall.
    Quay,
    /// A lawn and a slope of grass.
    Meadow,
    /// A lawn and a slope of sand.
    Beach,
}

/// The corners of a bank's profile: distance from the embankment's centre line and height above the water, metres.
/// Heights that are [`SHORE_M`] or more are the land's.
pub(in super::super) type Profile = [(f32, f32); KNOTS];
pub(in super::super) const KNOTS: usize = 7;

const TOP_M: f32 = SHORE_M as f32 + KERB_HEIGHT_M;

impl BankKind {
    const fn profile(self) -> Profile {
        match self {
            Self::Quay => [
                (EMBANKMENT_M, TOP_M),
                (27.0, TOP_M),
                (27.35, 1.25),
                (40.0, 1.2),
                (40.35, -1.2),
                (44.0, -2.0),
                (60.0, -3.0),
            ],
            Self::Meadow => [
                (EMBANKMENT_M, TOP_M),
                (29.0, TOP_M),
                (33.0, 3.1),
                (40.0, 0.9),
                (44.0, -0.5),
                (49.0, -1.5),
                (60.0, -3.0),
            ],
            Self::Beach => [
                (EMBANKMENT_M, TOP_M),
                (23.0, TOP_M),
                (28.0, 2.7),
                (38.0, 1.1),
                (50.0, -0.4),
                (56.0, -1.4),
                (60.0, -3.0),
            ],
        }
    }
}

/// Where the pavement on the river's side of an embankment ends, metres from its centre line.
pub(in super::super) const EMBANKMENT_M: f32 =
    StreetClass::Arterial.carriageway_m() / 2.0 + StreetClass::Arterial.pavement_m();
/// Where the water is drawn from, likewise: below every bank.
pub(in super::super) const WATER_FROM_M: f32 = 38.0;
/// The kerbs of bridges are rounded by so much where they meet the embankments, metres: less than the pavement is wide, since
/// the stone of the kerb follows the curve inside.
pub(in super::super) const BRIDGE_CORNER_M: f32 = 0.8 * StreetClass::Arterial.pavement_m();
/// Height of the river's bed, metres.
pub(in super::super) const BED_M: f32 = -3.0;
/// Half the length in which one kind of bank turns into another, metres.
const TURNS_OVER_M: f32 = 14.0;
/// The top of the bank ends so far from the embankment at the latest; there bridges have their abutments, metres.
pub(in super::super) const ABUTMENT_M: f32 = 29.0;
/// How far beyond a chunk's reach things on banks are looked at, metres.
const FURNISHED_M: f32 = 40.0;
/// How many columns away the next bridge is at most looked for.
pub(in super::super) const MOST_COLUMNS: i64 = 8;

/// The street of a column, which crosses rivers on bridges.
pub(in super::super) const fn bridge_class(column: i64) -> StreetClass {
    if network::is_highway(column) {
        StreetClass::Avenue
    } else {
        StreetClass::Arterial
    }
}

/// The banks between two columns.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct Reach {
    pub(in super::super) from: f32,
    pub(in super::super) to: f32,
    /// Of the northern and of the southern bank.
    pub(in super::super) kinds: [BankKind; 2],
}

/// A bridge: its middle along x, and half its width with and without pavements.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct Bridge {
    pub(in super::super) x: f32,
    pub(in super::super) half_m: f32,
    pub(in super::super) half_road_m: f32,
    /// Stands on arches, not on girders.
    pub(in super::super) has_arches: bool,
}

/// One river where it passes a chunk, in plan-local metres.
#[derive(Clone, Debug)]
pub(in super::super) struct River {
    /// The centre lines of its embankments.
    pub(in super::super) north: f32,
    pub(in super::super) south: f32,
    /// From west to east without gaps, one more than touch the chunk at both ends.
    pub(in super::super) reaches: Vec<Reach>,
    pub(in super::super) bridges: Vec<Bridge>,
    /// The pavements on the river's side of the embankments and those of the bridges.
    pub(in super::super) strips: Vec<KerbOutline>,
    /// What stands on banks, strips and bridges in the chunk and around it.
    pub(in super::super) furniture: Furniture,
}

impl River {
    pub(super) fn new(seed: u64, row: i64, columns: (i64, i64), frame: &Frame) -> Self {
        let mut river = Self::bare(seed, row, columns, frame);
        river.add_strips();
        river.strips.retain(|strip| frame.touches(&strip.area, 8.0));
        river.furnish(seed, row, columns, frame);
        river
    }

    /// Banks and bridges without pavements and what stands on them.
    pub(super) fn bare(seed: u64, row: i64, columns: (i64, i64), frame: &Frame) -> Self {
        let lines = |axis, index| network::arterial(seed, axis, index);
        let (north, south) = (lines(Axis::X, row), lines(Axis::X, row + 1));
        let reaches = (columns.0 - 1..=columns.1 + 1)
            .map(|column| {
                let (from, to) = (lines(Axis::Z, column), lines(Axis::Z, column + 1));
                Reach {
                    from: frame.local_x(from),
                    to: frame.local_x(to),
                    kinds: [(0, north), (1, south)].map(|(side, v)| {
                        let density = districts::density_at(seed, (from + to) / 2.0, v);
                        let mut dice = Dice::at(seed, Topic::Bank, column, row * 2 + side);
                        kind_of(Zone::of(density), &mut dice)
                    }),
                }
            })
            .collect();
        let bridge = |column: i64| {
            let class = bridge_class(column);
            let half_road_m = class.carriageway_m() / 2.0;
            Bridge {
                x: frame.local_x(lines(Axis::Z, column)),
                half_m: half_road_m + class.pavement_m(),
                half_road_m,
                has_arches: class != StreetClass::Avenue,
            }
        };
        let has = |column: &i64| rivers::has_bridge(seed, *column, row);
        // The strips along the embankments run from bridge to bridge, so the next ones outside are needed as well.
        let before = (columns.0 - MOST_COLUMNS..columns.0).rev().find(has);
        let after = (columns.1 + 1..=columns.1 + 1 + MOST_COLUMNS).find(has);
        let bridges: Vec<Bridge> = before
            .into_iter()
            .chain((columns.0..=columns.1).filter(has))
            .chain(after)
            .map(bridge)
            .collect();
        Self {
            north: frame.local_z(north),
            south: frame.local_z(south),
            reaches,
            bridges,
            strips: Vec::new(),
            furniture: Furniture::default(),
        }
    }

    fn add_strips(&mut self) {
        let half = StreetClass::Arterial.carriageway_m() / 2.0;
        let round = BRIDGE_CORNER_M;
        for pair in self.bridges.windows(2) {
            let (from, to) = (pair[0].x + pair[0].half_m, pair[1].x - pair[1].half_m);
            for (z0, z1) in [
                (self.north + half, self.north + EMBANKMENT_M),
                (self.south - EMBANKMENT_M, self.south - half),
            ] {
                self.strips.push(KerbOutline {
                    area: Area::new(from, z0, to, z1),
                    radii: [0.0; 4],
                });
            }
        }
        for bridge in &self.bridges {
            let (z0, z1) = (self.north + half, self.south - half);
            let (inner, outer) = (bridge.half_road_m, bridge.half_m);
            self.strips.push(KerbOutline {
                area: Area::new(bridge.x - outer, z0, bridge.x - inner, z1),
                radii: [0.0, round, round, 0.0],
            });
            self.strips.push(KerbOutline {
                area: Area::new(bridge.x + inner, z0, bridge.x + outer, z1),
                radii: [round, 0.0, 0.0, round],
            });
        }
    }

    /// Whether the land is dug away or paved for the river at a place: between the kerbs of its embankments.
    pub(in super::super) fn is_dug_at(&self, place: Vec2) -> bool {
        let half = StreetClass::Arterial.carriageway_m() / 2.0;
        place.y > self.north + half && place.y < self.south - half
    }

    pub(in super::super) fn has_bridge_at(&self, place: Vec2) -> bool {
        self.bridges
            .iter()
            .any(|bridge| (place.x - bridge.x).abs() <= bridge.half_m)
    }

    /// The profile of a bank at an x; side 0 is the northern.
    pub(in super::super) fn profile_at(&self, side: usize, x: f32) -> Profile {
        let last = self.reaches.len() - 1;
        let number = self
            .reaches
            .iter()
            .position(|reach| x < reach.to)
            .unwrap_or(last);
        let reach = &self.reaches[number];
        let own = reach.kinds[side].profile();
        let (from, to) = (x - reach.from, reach.to - x);
        let (other, distance) = if from <= to {
            (number.saturating_sub(1), from)
        } else {
            ((number + 1).min(last), to)
        };
        if distance >= TURNS_OVER_M {
            return own;
        }
        let other = self.reaches[other].kinds[side].profile();
        let share = 0.5 * (1.0 - distance.max(0.0) / TURNS_OVER_M);
        let mut blended = own;
        for (knot, there) in blended.iter_mut().zip(other) {
            knot.0 += (there.0 - knot.0) * share;
            knot.1 += (there.1 - knot.1) * share;
        }
        blended
    }

    /// The kinds of bank that meet at an x, and how much of it is the second.
    pub(in super::super) fn kinds_at(&self, side: usize, x: f32) -> (BankKind, BankKind, f32) {
        let last = self.reaches.len() - 1;
        let number = self
            .reaches
            .iter()
            .position(|reach| x < reach.to)
            .unwrap_or(last);
        let reach = &self.reaches[number];
        let (from, to) = (x - reach.from, reach.to - x);
        let (other, distance) = if from <= to {
            (number.saturating_sub(1), from)
        } else {
            ((number + 1).min(last), to)
        };
        let share = (0.5 * (1.0 - distance.max(0.0) / TURNS_OVER_M)).max(0.0);
        (reach.kinds[side], self.reaches[other].kinds[side], share)
    }

    /// The z of a distance from the embankment of a side.
    pub(in super::super) const fn z_at(&self, side: usize, from_embankment_m: f32) -> f32 {
        if side == 0 {
            self.north + from_embankment_m
        } else {
            self.south - from_embankment_m
        }
    }

    /// Height of the bank or the bed at a place beyond the kerbs of the embankments, without bridges, metres.
    pub(in super::super) fn height_at(&self, survey: &Survey, place: Vec2) -> f32 {
        let (north, south) = (place.y - self.north, self.south - place.y);
        let (side, from) = if north <= south {
            (0, north)
        } else {
            (1, south)
        };
        let profile = self.profile_at(side, place.x);
        let land = || survey.height_at(place);
        if from <= profile[0].0 {
            return land() + KERB_HEIGHT_M;
        }
        for pair in profile.windows(2) {
            let ((d0, h0), (d1, h1)) = (pair[0], pair[1]);
            if from < d1 {
                let height = h0 + (h1 - h0) * (from - d0) / (d1 - d0);
                return on_land(height, land());
            }
        }
        BED_M
    }

    fn furnish(&mut self, seed: u64, row: i64, columns: (i64, i64), frame: &Frame) {
        for column in columns.0..=columns.1 {
            let reach = self.reaches[(column - columns.0 + 1) as usize];
            for side in 0..2 {
                let mut dice = Dice::at(seed, Topic::Bank, column, row * 2 + side as i64).part(7);
                self.furnish_bank(reach, side, frame, &mut dice);
            }
        }
        self.light_bridges(frame);
    }

    /// Rows of trees with benches between them on promenades, groups of trees on lawns, lamps along the water.
    fn furnish_bank(&mut self, reach: Reach, side: usize, frame: &Frame, dice: &mut Dice) {
        let kind = reach.kinds[side];
        let pitch = if kind == BankKind::Quay { 9.0 } else { 11.0 };
        let slots = ((reach.to - reach.from) / pitch) as u32;
        let inland = if side == 0 { Side::North } else { Side::South };
        for slot in 0..slots {
            let x = reach.from + (slot as f32 + 0.5) * pitch;
            let is_far = x < frame.reach.x0 - FURNISHED_M || x > frame.reach.x1 + FURNISHED_M;
            if is_far {
                continue;
            }
            // Always roll the same number of times, whatever is free.
            let mut own = dice.part(u64::from(slot));
            let is_free = !self
                .bridges
                .iter()
                .any(|bridge| (x - bridge.x).abs() < bridge.half_m + 3.0)
                && (x - reach.from).min(reach.to - x) > TURNS_OVER_M;
            if !is_free {
                continue;
            }
            let tree = |furniture: &mut Furniture, from: f32, species, dice: &mut Dice| {
                let at = Vec2::new(
                    x + dice.between(-1.0, 1.0),
                    self_z(self.north, self.south, side, from),
                );
                let tree = Tree {
                    at,
                    species,
                    scale: dice.between(0.8, 1.25),
                    turn: dice.whole(0, 7) as u8,
                };
                if frame.is_near(at, THINGS_REACH_M) {
                    furniture.trees.push(tree);
                }
            };
            if slot % 4 == 2 {
                let at = Vec2::new(x, self_z(self.north, self.south, side, 14.2));
                if frame.is_near(at, THINGS_REACH_M) {
                    self.furniture.lamps.push(Lamp { at, road: inland });
                }
            }
            match kind {
                BankKind::Quay => {
                    for from in [16.0, 22.5] {
                        tree(&mut self.furniture, from, Species::Broad, &mut own);
                    }
                    let at = Vec2::new(x + pitch / 2.0, self_z(self.north, self.south, side, 24.6));
                    if slot % 2 == 0 && frame.is_near(at, THINGS_REACH_M) {
                        self.furniture.props.push(Prop::Bench {
                            at,
                            faces: inland.opposite(),
                        });
                    }
                }
                BankKind::Meadow => {
                    for from in [16.5, 25.5] {
                        let (plants, species) = (own.chance(0.55), own.pick(&SPECIES));
                        if plants {
                            tree(&mut self.furniture, from, species, &mut own);
                        }
                    }
                }
                BankKind::Beach => {
                    let plants = own.chance(0.5);
                    if plants {
                        tree(&mut self.furniture, 16.0, Species::Tall, &mut own);
                    }
                    let at = Vec2::new(x, self_z(self.north, self.south, side, 21.0));
                    if slot % 3 == 0 && frame.is_near(at, THINGS_REACH_M) {
                        self.furniture.props.push(Prop::Bench {
                            at,
                            faces: inland.opposite(),
                        });
                    }
                }
            }
        }
    }

    fn light_bridges(&mut self, frame: &Frame) {
        let length = self.south - self.north - 2.0 * EMBANKMENT_M;
        let count = (length / 32.0).round().max(1.0) as u32;
        for bridge in &self.bridges {
            for k in 0..count {
                let z = self.north + EMBANKMENT_M + length * (k as f32 + 0.5) / count as f32;
                for (sign, road) in [(-1.0, Side::East), (1.0, Side::West)] {
                    let at = Vec2::new(bridge.x + sign * (bridge.half_road_m + 0.85), z);
                    if frame.is_near(at, THINGS_REACH_M) {
                        self.furniture.lamps.push(Lamp { at, road });
                    }
                }
            }
        }
    }
}

/// Heights of a profile follow the land where they are above the shore, which is nearly flat there.
pub(in super::super) fn on_land(profile_m: f32, land_m: f32) -> f32 {
    if profile_m <= 0.0 {
        return profile_m;
    }
    profile_m + (land_m - SHORE_M as f32) * (profile_m / TOP_M).min(1.0)
}

const SPECIES: [Species; 4] = [
    Species::Broad,
    Species::Broad,
    Species::Tall,
    Species::Conifer,
];

const fn self_z(north: f32, south: f32, side: usize, from: f32) -> f32 {
    if side == 0 {
        north + from
    } else {
        south - from
    }
}

fn kind_of(zone: Zone, dice: &mut Dice) -> BankKind {
    let [quay, meadow] = match zone {
        Zone::Core => [0.95, 0.05],
        Zone::Midtown => [0.7, 0.2],
        Zone::Terraces => [0.3, 0.5],
        Zone::Campus => [0.3, 0.6],
        Zone::Industry => [0.8, 0.1],
        Zone::Houses => [0.05, 0.65],
    };
    let roll = dice.unit();
    if roll < quay {
        BankKind::Quay
    } else if roll < quay + meadow {
        BankKind::Meadow
    } else {
        BankKind::Beach
    }
}
