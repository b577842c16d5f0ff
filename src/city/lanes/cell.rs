//! The lanes and junctions of one superblock.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bevy::math::DVec2;

use super::super::area::Axis;
use super::super::land::{Land, Survey};
use super::super::network::{Ground, Lines, Superblock, arterial_near};
use super::super::plan::Zone;
use super::super::plan::districts::density_at;
use super::junction::{Arm, Connector, Junction, JunctionId, side_of};
use super::path::Path;
use super::piece::{Piece, PieceLane, lanes_of};
use super::{CellId, LaneRoad};

/// How far the land is measured around a superblock: junctions reach over its edges, and decks are smoothed, metres.
const REACH_M: f64 = 130.0;

impl CellId {
    /// The superblock that a place of the plan belongs to.
    pub(super) fn containing(seed: u64, plan: DVec2) -> Self {
        Self {
            column: arterial_near(seed, Axis::Z, plan.x),
            row: arterial_near(seed, Axis::X, plan.y),
        }
    }
}

/// The lanes of one superblock: of the streets inside it and the arterials on its west and north; and the junctions on
/// and inside these.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) id: CellId,
    /// Its corners in the plan.
    pub(super) low: DVec2,
    pub(super) high: DVec2,
    pub(super) pieces: Arc<Vec<Piece>>,
    /// The lanes of the pieces; after them, the connectors are numbered.
    pub(super) lanes: Vec<PieceLane>,
    pub(super) junctions: Vec<Junction>,
    /// The junction and the number in it of each connector.
    connectors: Vec<(usize, usize)>,
    /// Whether its houses stand wall to wall, and nothing is seen through between them.
    pub(super) has_closed_rows: bool,
    survey: OnceLock<Survey>,
}

/// What a number in a cell means.
#[derive(Copy, Clone, Debug)]
pub(super) enum Numbered<'a> {
    Road(&'a Piece, PieceLane),
    Turn(&'a Junction, &'a Connector),
}

impl Cell {
    /// `west` and `north` are the pieces of the neighbours on these sides, with which it shares junctions.
    pub(super) fn new(seed: u64, id: CellId, [own, west, north]: [&Arc<Vec<Piece>>; 3]) -> Self {
        let (columns, rows) = (
            Lines::new(seed, Axis::Z, id.column),
            Lines::new(seed, Axis::X, id.row),
        );
        let (low, high) = (
            DVec2::new(columns.from, rows.from),
            DVec2::new(columns.to, rows.to),
        );
        let lanes: Vec<PieceLane> = lanes_of(own).collect();
        let is_own = |junction: JunctionId| {
            let place = junction.plan();
            place.cmpge(low).all() && place.cmplt(high).all()
        };
        let mut meeting: BTreeMap<JunctionId, Vec<Arm>> = BTreeMap::new();
        let neighbours = [
            (id, own),
            (
                CellId {
                    column: id.column - 1,
                    ..id
                },
                west,
            ),
            (
                CellId {
                    row: id.row - 1,
                    ..id
                },
                north,
            ),
        ];
        for (cell, pieces) in neighbours {
            for piece in pieces.iter() {
                for is_high_end in [false, true] {
                    let junction = piece.junction(is_high_end);
                    if is_own(junction) {
                        meeting.entry(junction).or_default().push(Arm {
                            side: side_of(piece, is_high_end),
                            cell,
                            piece,
                            is_high_end,
                        });
                    }
                }
            }
        }
        let mut connectors = Vec::new();
        let mut junctions = Vec::with_capacity(meeting.len());
        for (place, mut arms) in meeting {
            arms.sort_by_key(|arm| arm.side);
            let first = (lanes.len() + connectors.len()) as u32;
            let junction = Junction::new(place, id, first, &arms);
            connectors
                .extend((0..junction.connectors.len()).map(|number| (junctions.len(), number)));
            junctions.push(junction);
        }
        Self {
            id,
            low,
            high,
            pieces: Arc::clone(own),
            lanes,
            junctions,
            connectors,
            has_closed_rows: has_closed_rows(seed, id),
            survey: OnceLock::new(),
        }
    }

    pub(super) fn numbered(&self, number: u32) -> Option<Numbered<'_>> {
        let number = number as usize;
        if let Some(lane) = self.lanes.get(number) {
            return Some(Numbered::Road(&self.pieces[lane.piece], *lane));
        }
        let (junction, connector) = self.connectors.get(number - self.lanes.len())?;
        let junction = &self.junctions[*junction];
        Some(Numbered::Turn(junction, &junction.connectors[*connector]))
    }

    pub(super) fn junction(&self, id: JunctionId) -> Option<&Junction> {
        let number = self
            .junctions
            .binary_search_by_key(&id, |junction| junction.id)
            .ok()?;
        Some(&self.junctions[number])
    }

    pub(super) fn survey(&self, land: &Land) -> &Survey {
        self.survey.get_or_init(|| {
            let size = (self.high - self.low).max_element();
            Survey::new(land, self.low, size, REACH_M)
        })
    }
}

fn has_closed_rows(seed: u64, id: CellId) -> bool {
    let superblock = Superblock::new(seed, id.column, id.row);
    let middle = superblock.area.center();
    let zone = Zone::of(density_at(seed, middle.x, middle.y));
    superblock.ground == Ground::Blocks && matches!(zone, Zone::Core | Zone::Midtown)
}

impl Numbered<'_> {
    pub(super) fn path(&self) -> Path {
        match self {
            Self::Road(piece, lane) => piece.lane_path(*lane),
            Self::Turn(_, connector) => connector.path,
        }
    }

    pub(super) fn road(&self, of_turn: impl FnOnce(&Connector) -> LaneRoad) -> LaneRoad {
        match self {
            Self::Road(piece, _) => piece.road,
            Self::Turn(_, connector) => of_turn(connector),
        }
    }
}
