//! The lanes of highways: the decks, the ramps, and where these join the avenue below.
//!
//! ```text
//!  deck    ══════════╦══════════════      a ramp lies beside the inner lane; the way from one to the other is a curve
//!                     ╲  ramp             that passes between two pillars, in the middle of the gap
//!  avenue  ════════════╲═══╦════════
//!                pillar ·     · pillar
//! ```

use super::super::area::Axis;
use super::super::network::{Lines, is_highway};
use super::super::plan::streets::StreetClass;
use super::super::plan::viaduct::{Ramp, RampKind, ramps};
use super::junction::Level;
use super::piece::{ALLEY_STOP_M, Piece, STOP_M, Ways};
use super::{CellId, LaneRoad};

/// How far before and after a place where lanes join they end and begin, on the road that goes on and on the ramp, metres.
const ON_ROAD_M: f64 = 4.0;
const ON_RAMP_M: f64 = 18.0;
/// From such a place to the middle of the curve, metres.
const TO_MIDDLE_M: f64 = (ON_RAMP_M - ON_ROAD_M) / 2.0;
/// How far apart pillars are at most, and how far from the streets that cross, metres: see `plan/viaduct.rs`.
const PILLAR_PITCH_M: f64 = 31.0;
const PILLAR_CLEARANCE_M: f64 = 2.5;
/// A car passes between two pillars that are so far apart, metres.
const PASSAGE_M: f64 = 13.0;
/// Places on the deck nearer to each other than this become one, metres: half of it is less than the room at the ends.
const NEARLY_M: f64 = 12.0;
/// A piece of street is at least so long between the ends of its lanes, metres.
const LEAST_M: f64 = 2.0;

/// Adds the highway of a cell's column to its pieces: those of its avenue come first.
pub(super) fn add(seed: u64, cell: CellId, pieces: &mut Vec<Piece>) {
    if !is_highway(cell.column) {
        return;
    }
    let column = Lines::new(seed, Axis::Z, cell.column).from;
    let row = Lines::new(seed, Axis::X, cell.row);
    let mut nodes = vec![row.from, row.to];
    let passages = passages(column, pieces);
    let ramps = ramps(seed, cell.column, cell.row);
    for (ramp, on_deck) in ramps.iter().zip(places_on_deck(&ramps)) {
        let Some(on_ground) = join_avenue(column, ramp, &passages, pieces) else {
            continue;
        };
        if !nodes.contains(&on_deck) {
            nodes.push(on_deck);
        }
        pieces.push(Piece {
            axis: Axis::Z,
            center: column,
            road: LaneRoad::Ramp,
            ends: [on_deck.min(on_ground), on_deck.max(on_ground)],
            trims: [ON_RAMP_M; 2],
            is_through: false,
            first_lane: 0,
            ways: if ramp.direction > 0.0 {
                Ways::High
            } else {
                Ways::Low
            },
            ramp: Some(*ramp),
        });
    }
    nodes.sort_by(f64::total_cmp);
    pieces.extend(nodes.windows(2).map(|ends| Piece {
        axis: Axis::Z,
        center: column,
        road: LaneRoad::Deck,
        ends: [ends[0], ends[1]],
        trims: [ON_ROAD_M; 2],
        is_through: true,
        first_lane: 0,
        ways: Ways::Both,
        ramp: None,
    }));
}

/// Where ramps leave or reach the deck, along it. The curve passes from one to the other in the middle of where both lie
/// side by side; two that are nearly at one place are at one place, since there is no lane between them.
fn places_on_deck(ramps: &[Ramp]) -> Vec<f64> {
    let own =
        |ramp: &Ramp| exact(f64::midpoint(ramp.merge_v, ramp.deck_v) - sign(ramp) * TO_MIDDLE_M);
    let places: Vec<f64> = ramps.iter().map(own).collect();
    match places[..] {
        [a, b] if (a - b).abs() < NEARLY_M => vec![exact(f64::midpoint(a, b)); 2],
        _ => places,
    }
}

/// Whether the end of a ramp is on the deck or on the ground.
pub(super) fn level_of_end(piece: &Piece, is_high_end: bool) -> Level {
    let is_deck_high = piece.ramp.is_some_and(|ramp| ramp.deck_v > ramp.ground_v);
    if is_deck_high == is_high_end {
        Level::Deck
    } else {
        Level::Ground
    }
}

/// Cuts the avenue where a ramp joins it, and returns where that is. Nothing if there is no room for it.
fn join_avenue(column: f64, ramp: &Ramp, passages: &[f64], pieces: &mut Vec<Piece>) -> Option<f64> {
    // The curve lies beyond the foot of the ramp, away from the deck.
    let away = (ramp.ground_v - ramp.deck_v).signum();
    let mut best: Option<(f64, usize, f64)> = None;
    for middle in passages {
        let beyond = (middle - ramp.ground_v) * away - (ON_RAMP_M + ON_ROAD_M) / 2.0;
        let node = exact(middle + sign(ramp) * TO_MIDDLE_M);
        let on = pieces.iter().position(|piece| {
            is_avenue(piece, column)
                && node - ON_ROAD_M - LEAST_M >= piece.ends[0] + piece.trims[0]
                && node + ON_ROAD_M + LEAST_M <= piece.ends[1] - piece.trims[1]
        });
        if let Some(number) = on.filter(|_| beyond >= 0.0)
            && best.is_none_or(|(least, ..)| beyond < least)
        {
            best = Some((beyond, number, node));
        }
    }
    let (_, number, node) = best?;
    let mut rest = pieces[number].clone();
    rest.ends[0] = node;
    rest.trims[0] = ON_ROAD_M;
    pieces[number].ends[1] = node;
    pieces[number].trims[1] = ON_ROAD_M;
    pieces.insert(number + 1, rest);
    Some(node)
}

/// Exits leave the deck, and reach the avenue, in the direction of travel: 1; entries the other way round: -1. With the
/// direction along v.
fn sign(ramp: &Ramp) -> f64 {
    match ramp.kind {
        RampKind::Exit => ramp.direction,
        RampKind::Entry => -ramp.direction,
    }
}

fn is_avenue(piece: &Piece, column: f64) -> bool {
    piece.road == LaneRoad::Street(StreetClass::Avenue) && piece.center == column
}

/// The middles between pillars where a car can pass, along the avenue of a column that is not cut yet.
fn passages(column: f64, pieces: &[Piece]) -> Vec<f64> {
    let avenue = pieces.iter().filter(|piece| is_avenue(piece, column));
    avenue
        .flat_map(|piece| {
            let pillars = pillars(piece);
            let gaps: Vec<f64> = pillars
                .windows(2)
                .filter(|gap| gap[1] - gap[0] >= PASSAGE_M)
                .map(|gap| f64::midpoint(gap[0], gap[1]))
                .collect();
            gaps
        })
        .collect()
}

/// Where pillars stand along a piece of the avenue, ascending.
fn pillars(piece: &Piece) -> Vec<f64> {
    // What the lanes keep from the crossing street is known; the pillars keep less.
    let half = |trim: f64| {
        let alley = f64::from(StreetClass::Alley.carriageway_m()) / 2.0 + ALLEY_STOP_M;
        let stop = if trim <= alley { ALLEY_STOP_M } else { STOP_M };
        trim - stop + PILLAR_CLEARANCE_M
    };
    let (from, to) = (
        piece.ends[0] + half(piece.trims[0]),
        piece.ends[1] - half(piece.trims[1]),
    );
    let gaps = ((to - from) / PILLAR_PITCH_M).ceil().max(1.0);
    (0..=gaps as u32)
        .map(|k| from + (to - from) * f64::from(k) / gaps)
        .collect()
}

/// Places of junctions are multiples of 1/16 m.
fn exact(v: f64) -> f64 {
    (v * 16.0).round() / 16.0
}
