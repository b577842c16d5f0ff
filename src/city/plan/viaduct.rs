//! Highways on viaducts: where decks, ramps and pillars are, and how high.
//!
//! ```text
//!      seen along the highway                         seen from the side: a ramp within the gap between two rows
//!   ╥──deck──╥   │   ╥──deck──╥   about 7.5 m     ══════════════╗merge╔══════════════
//!   ║   ╨    ║ ramps ║   ╨    ║                                 ╚═════╲
//!  14  13   4.5  median  4.5 13  14 m             ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔╲▁▁ground lane▁▁▔▔▔
//! ```
//!
//! Traffic keeps to the right, so the deck towards +z lies at the smaller u. Ramps lie between the decks, above and on
//! the median.

use std::sync::Arc;

use bevy::math::Vec2;

use super::super::area::Area;
use super::super::hash::{Topic, hash_at};
use super::super::land::Survey;
use super::super::network;
use super::frame::Frame;
use super::known::Known;
use super::streets::StreetClass;

/// Height of the decks above the land under them, which is smoothed, metres.
pub(in super::super) const DECK_ABOVE_LAND_M: f32 = 7.5;
/// The decks reach from so far to so far from the middle, on both sides, metres.
pub(in super::super) const DECK_M: (f32, f32) = (4.5, 13.0);
/// Thickness of decks and ramps, metres.
pub(in super::super) const SLAB_M: f32 = 1.0;
/// The ramp of each direction reaches from so far to so far from the middle, metres.
pub(in super::super) const RAMP_M: (f32, f32) = (0.2, 4.4);
/// Length of the slope of a ramp, metres.
pub(in super::super) const SLOPE_M: f64 = 140.0;
/// How long the upper end of a ramp lies beside the deck, on its height and open to it, metres.
pub(in super::super) const MERGE_M: f64 = 40.0;
/// How far the lower end of a ramp is from the centre line of the arterial there, metres.
pub(in super::super) const LANDING_M: f64 = 70.0;
/// Where the pillars stand, metres from the middle, and their size across and along.
pub(in super::super) const PILLARS_M: [(f32, f32, f32); 2] = [(14.0, 1.2, 1.6), (4.76, 0.44, 1.4)];
/// How far apart pillars stand, metres.
const PILLAR_PITCH_M: f32 = 31.0;
/// Pillars keep so far from streets that cross below, metres.
const PILLAR_CLEARANCE_M: f32 = 2.5;
/// Where the land is measured that a deck's height is the mean of, metres along it.
const SMOOTHED_OVER_M: [f32; 5] = [-60.0, -30.0, 0.0, 30.0, 60.0];
/// The share of a ramp that is rounded at each end.
const ROUNDED: f32 = 0.15;

/// Which way ramps lead in a gap between two rows.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(in super::super) enum RampKind {
    /// From the deck to the ground.
    Exit,
    /// From the ground to the deck.
    Entry,
}

/// One ramp, in plan coordinates, metres.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct Ramp {
    pub(in super::super) kind: RampKind,
    /// The direction of travel along v: 1 or -1.
    pub(in super::super) direction: f64,
    /// Where its upper end begins to lie beside the deck.
    pub(in super::super) merge_v: f64,
    /// Where its slope is on the height of the deck.
    pub(in super::super) deck_v: f64,
    /// Where its slope is on the ground.
    pub(in super::super) ground_v: f64,
}

/// The ramps of a highway's column between the arterial of a row and the next: none, or one for each direction.
pub(in super::super) fn ramps(seed: u64, column: i64, row: i64) -> Vec<Ramp> {
    let phase = (hash_at(seed, Topic::Highway, column, 0) % 3) as i64;
    let kind = match (row + phase).rem_euclid(3) {
        0 => RampKind::Exit,
        1 => RampKind::Entry,
        _ => return Vec::new(),
    };
    if !network::is_highway(column) || network::rivers::is_river(row) {
        return Vec::new();
    }
    let lines = network::Lines::new(seed, super::super::area::Axis::X, row);
    [1.0, -1.0]
        .map(|direction| {
            // An exit lands before the arterial ahead, an entry starts behind the one that was passed.
            let ahead = if kind == RampKind::Exit {
                direction
            } else {
                -direction
            };
            let ground_v = if ahead > 0.0 {
                lines.to - LANDING_M
            } else {
                lines.from + LANDING_M
            };
            let deck_v = ground_v - ahead * SLOPE_M;
            Ramp {
                kind,
                direction,
                merge_v: deck_v - ahead * MERGE_M,
                deck_v,
                ground_v,
            }
        })
        .to_vec()
}

/// Height of the decks above the water at a v, for land whose height along the middle is `height_at`.
pub(in super::super) fn deck_height(v: f32, height_at: impl Fn(f32) -> f32) -> f32 {
    let sum: f32 = SMOOTHED_OVER_M
        .into_iter()
        .map(|step| height_at(v + step))
        .sum();
    sum / SMOOTHED_OVER_M.len() as f32 + DECK_ABOVE_LAND_M
}

/// How much of the way up a ramp is done at a share of its slope, 0 to 1 from the ground to the deck.
fn risen(share: f32) -> f32 {
    let t = share.clamp(0.0, 1.0);
    let end = |t: f32| t * t / (2.0 * ROUNDED * (1.0 - ROUNDED));
    if t < ROUNDED {
        end(t)
    } else if t > 1.0 - ROUNDED {
        1.0 - end(1.0 - t)
    } else {
        (t - ROUNDED / 2.0) / (1.0 - ROUNDED)
    }
}

impl Ramp {
    /// Height at a v above the water over land whose height is `height_at` so many metres further along v, metres.
    pub(in super::super) fn height_over(&self, v: f64, height_at: impl Fn(f32) -> f32) -> f32 {
        let share = risen(((v - self.ground_v) / (self.deck_v - self.ground_v)) as f32);
        let ground = height_at(0.0);
        ground + share * (deck_height(0.0, height_at) - ground)
    }
}

/// A ramp in plan-local metres.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(in super::super) struct LocalRamp {
    pub(in super::super) kind: RampKind,
    /// The direction of travel along z: 1 or -1.
    pub(in super::super) direction: f32,
    pub(in super::super) merge_z: f32,
    pub(in super::super) deck_z: f32,
    pub(in super::super) ground_z: f32,
}

impl LocalRamp {
    /// From where to where it reaches along z, ascending.
    pub(in super::super) fn range(&self) -> (f32, f32) {
        (
            self.merge_z.min(self.ground_z),
            self.merge_z.max(self.ground_z),
        )
    }

    /// The side of the middle on which it lies: -1 or 1.
    pub(in super::super) const fn side(&self) -> f32 {
        -self.direction
    }
}

/// The part of one highway that passes a chunk, in plan-local metres.
#[derive(Clone, Debug)]
pub(in super::super) struct Viaduct {
    survey: Arc<Survey>,
    /// The middle.
    pub(in super::super) x: f32,
    /// The decks go on beyond both ends.
    pub(in super::super) from_z: f32,
    pub(in super::super) to_z: f32,
    pub(in super::super) ramps: Vec<LocalRamp>,
    /// Where rows of pillars stand, ascending.
    pub(in super::super) pillars_z: Vec<f32>,
    /// Where signs hang over the decks: the place along z and the direction of the traffic that reads them.
    pub(in super::super) signs: Vec<(f32, f32)>,
}

/// How far before the deck's end of an exit its sign hangs, metres.
const SIGN_BEFORE_M: f32 = 75.0;

impl Viaduct {
    /// The highway of a column between the arterials of two rows, ends included.
    pub(super) fn new(seed: u64, column: i64, rows: (i64, i64), frame: &Frame) -> Self {
        let mut viaduct = Self::bare(seed, column, rows, frame);
        for row in rows.0..=rows.1 {
            viaduct.add_gap(seed, column, row, frame);
        }
        viaduct
    }

    /// Likewise, without ramps, pillars and signs.
    pub(super) fn bare(seed: u64, column: i64, rows: (i64, i64), frame: &Frame) -> Self {
        let u = network::arterial(seed, super::super::area::Axis::Z, column);
        Self {
            survey: Arc::clone(&frame.survey),
            x: frame.local_x(u),
            from_z: frame.local_z(network::arterial(seed, super::super::area::Axis::X, rows.0)),
            to_z: frame.local_z(network::arterial(
                seed,
                super::super::area::Axis::X,
                rows.1 + 1,
            )),
            ramps: Vec::new(),
            pillars_z: Vec::new(),
            signs: Vec::new(),
        }
    }

    fn add_gap(&mut self, seed: u64, column: i64, row: i64, frame: &Frame) {
        self.ramps
            .extend(ramps(seed, column, row).iter().map(|ramp| LocalRamp {
                kind: ramp.kind,
                direction: ramp.direction as f32,
                merge_z: frame.local_z(ramp.merge_v),
                deck_z: frame.local_z(ramp.deck_v),
                ground_z: frame.local_z(ramp.ground_v),
            }));
        let exits = self.ramps.iter().filter(|ramp| ramp.kind == RampKind::Exit);
        self.signs = exits
            .map(|ramp| {
                (
                    ramp.merge_z - ramp.direction * SIGN_BEFORE_M,
                    ramp.direction,
                )
            })
            .collect();
        let [west, here] = [column - 1, column].map(|column| Known::at(seed, column, row));
        let (west, here) = (&west.superblock, &here.superblock);
        let half = |class: StreetClass| class.carriageway_m() / 2.0 + PILLAR_CLEARANCE_M;
        let arterial = half(StreetClass::Arterial);
        let axis = super::super::area::Axis::Z;
        // What lies free between the streets that meet the avenue, ascending.
        let mut streets: Vec<(f32, f32)> = west
            .ends_on(axis, true)
            .into_iter()
            .chain(here.ends_on(axis, false))
            .map(|(at, class)| (frame.local_z(at), half(class)))
            .collect();
        streets.sort_by(|a, b| a.0.total_cmp(&b.0));
        streets.push((frame.local_z(here.area.high.y), arterial));
        let mut from = frame.local_z(here.area.low.y) + arterial;
        for (at, half) in streets {
            self.add_pillars(from, at - half);
            from = from.max(at + half);
        }
    }

    fn add_pillars(&mut self, from: f32, to: f32) {
        let length = to - from;
        if length < 2.0 {
            return;
        }
        let gaps = (length / PILLAR_PITCH_M).ceil().max(1.0) as u32;
        for k in 0..=gaps {
            self.pillars_z.push(from + length * k as f32 / gaps as f32);
        }
    }

    /// Height of the decks' surface above the water, metres.
    pub(in super::super) fn deck_height_at(&self, z: f32) -> f32 {
        deck_height(z, |z| self.survey.height_at(Vec2::new(self.x, z)))
    }

    /// Height of a ramp's surface above the water, metres; nothing beside its ends.
    pub(in super::super) fn ramp_height_at(&self, ramp: &LocalRamp, z: f32) -> Option<f32> {
        let (from, to) = ramp.range();
        if !(from..=to).contains(&z) {
            return None;
        }
        let share = risen((z - ramp.ground_z) / (ramp.deck_z - ramp.ground_z));
        let ground = self.survey.height_at(Vec2::new(self.x, z));
        Some(ground + share * (self.deck_height_at(z) - ground))
    }

    /// Height of the deck or ramp above or at a plan-local place, if there is one, metres above the water.
    pub(in super::super) fn height_at(&self, place: Vec2) -> Option<f32> {
        let across = place.x - self.x;
        if (DECK_M.0..=DECK_M.1).contains(&across.abs()) {
            return Some(self.deck_height_at(place.y));
        }
        if !(RAMP_M.0..=DECK_M.0).contains(&across.abs()) {
            return None;
        }
        self.ramps
            .iter()
            .filter(|ramp| ramp.side() * across > 0.0)
            .find_map(|ramp| self.ramp_height_at(ramp, place.y))
    }

    /// The footprints of all pillars; they reach from the ground to the underside of the deck.
    pub(in super::super) fn pillars(&self) -> impl Iterator<Item = Area> {
        self.pillars_z.iter().flat_map(move |z| {
            PILLARS_M
                .into_iter()
                .flat_map(move |(offset, across, along)| {
                    [-offset, offset]
                        .map(|offset| Area::around(Vec2::new(self.x + offset, *z), across, along))
                })
        })
    }
}
