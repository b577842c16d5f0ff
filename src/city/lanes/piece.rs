//! Pieces of street from one junction to the next, and the lanes on them.

use bevy::math::DVec2;

use super::super::area::Axis;
use super::super::network::{Road, RoadEnd, Superblock};
use super::super::plan::streets::StreetClass;
use super::super::plan::viaduct::Ramp;
use super::highway;
use super::junction::{JunctionId, Level};
use super::path::Path;
use super::{CellId, LaneRoad, lane_offsets_m, right_of, unit};

/// From the edge of the crossed street to where cars wait, where there is a crossing for people, metres.
pub(super) const STOP_M: f64 = 6.1;
/// Likewise where there is none: at alleys. Room to turn without touching the kerb.
pub(super) const ALLEY_STOP_M: f64 = 3.2;

/// A straight piece of street between two junctions.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Piece {
    pub(super) axis: Axis,
    /// The centre line on the other axis.
    pub(super) center: f64,
    pub(super) road: LaneRoad,
    /// Where the junctions are, low end and high end.
    pub(super) ends: [f64; 2],
    /// How far before and after them the lanes end and begin.
    pub(super) trims: [f64; 2],
    /// Whether it runs through a superblock while others end on it.
    pub(super) is_through: bool,
    pub(super) first_lane: u32,
    pub(super) ways: Ways,
    /// How it rises, if it is a ramp.
    pub(super) ramp: Option<Ramp>,
}

/// In which directions there are lanes.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Ways {
    Both,
    /// Towards larger coordinates only.
    High,
    /// Towards smaller coordinates only.
    Low,
}

/// A lane of a piece.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) struct PieceLane {
    pub(super) piece: usize,
    pub(super) towards_high: bool,
    /// From the inside.
    pub(super) index: usize,
}

impl Piece {
    /// How many lanes there are in a direction.
    pub(super) const fn lanes(&self, towards_high: bool) -> usize {
        match (self.ways, towards_high) {
            (Ways::High, false) | (Ways::Low, true) => 0,
            _ => lane_offsets_m(self.road).len(),
        }
    }

    /// The number in its cell of a lane.
    pub(super) const fn lane_number(&self, towards_high: bool, index: usize) -> u32 {
        let before = if towards_high { 0 } else { self.lanes(true) };
        self.first_lane + (before + index) as u32
    }

    pub(super) fn lane_path(&self, lane: PieceLane) -> Path {
        let direction = unit(self.axis, lane.towards_high);
        let offset = right_of(direction) * lane_offsets_m(self.road)[lane.index];
        let [low, high] = [
            self.place(self.ends[0] + self.trims[0]) + offset,
            self.place(self.ends[1] - self.trims[1]) + offset,
        ];
        if lane.towards_high {
            Path::line(low, high)
        } else {
            Path::line(high, low)
        }
    }

    /// A place on the centre line.
    pub(super) const fn place(&self, along: f64) -> DVec2 {
        match self.axis {
            Axis::X => DVec2::new(along, self.center),
            Axis::Z => DVec2::new(self.center, along),
        }
    }

    /// The junction at the low or the high end.
    pub(super) fn junction(&self, is_high_end: bool) -> JunctionId {
        let level = match self.road {
            LaneRoad::Street(_) => Level::Ground,
            LaneRoad::Deck => Level::Deck,
            LaneRoad::Ramp => highway::level_of_end(self, is_high_end),
        };
        JunctionId::at(self.place(self.ends[usize::from(is_high_end)]), level)
    }
}

/// How far from the centre line of a street that is crossed a lane of a street of `own` class ends.
fn trim(own: StreetClass, crossed: StreetClass) -> f64 {
    let stop = if own == StreetClass::Alley || crossed == StreetClass::Alley {
        ALLEY_STOP_M
    } else {
        STOP_M
    };
    f64::from(crossed.carriageway_m()) / 2.0 + stop
}

/// The pieces of the streets of a superblock and of the arterials along its west and north, in a fixed order.
pub(super) fn pieces_of(seed: u64, cell: CellId) -> Vec<Piece> {
    let CellId { column, row } = cell;
    let own = Superblock::new(seed, column, row);
    let west = Superblock::new(seed, column - 1, row);
    let north = Superblock::new(seed, column, row - 1);
    let mut pieces = Vec::new();
    for road in own.outer_roads(seed, &west, &north) {
        cut(&road, false, &mut pieces);
    }
    highway::add(seed, cell, &mut pieces);
    for road in own.inner_roads() {
        cut(&road, road.axis == own.along, &mut pieces);
    }
    let mut lanes = 0;
    for piece in &mut pieces {
        piece.first_lane = lanes;
        lanes += (piece.lanes(true) + piece.lanes(false)) as u32;
    }
    pieces
}

/// Cuts a road at its crossings.
fn cut(road: &Road, is_through: bool, pieces: &mut Vec<Piece>) {
    let crossings = road.crossings.iter().map(|crossing| RoadEnd {
        at: crossing.at,
        class: crossing.class(),
    });
    let mut before = road.start;
    for after in crossings.chain([road.end]) {
        pieces.push(Piece {
            axis: road.axis,
            center: road.center,
            road: LaneRoad::Street(road.class),
            ends: [before.at, after.at],
            trims: [before, after].map(|end| trim(road.class, end.class)),
            is_through,
            first_lane: 0,
            ways: Ways::Both,
            ramp: None,
        });
        before = after;
    }
}

/// The lanes of pieces in the order of their numbers.
pub(super) fn lanes_of(pieces: &[Piece]) -> impl Iterator<Item = PieceLane> {
    pieces.iter().enumerate().flat_map(|(piece, of)| {
        [true, false].into_iter().flat_map(move |towards_high| {
            (0..of.lanes(towards_high)).map(move |index| PieceLane {
                piece,
                towards_high,
                index,
            })
        })
    })
}
