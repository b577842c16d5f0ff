//! Whether houses stand between two places: where traffic may appear without being seen to.

use std::sync::Arc;

use bevy::math::DVec2;

use super::super::area::Axis;
use super::cell::Cell;
use super::graph::LaneGraph;

/// How far apart the places are that are looked at along a line of sight, metres.
const STEP_M: f64 = 7.0;
/// Houses stand at least so far behind the pavement, metres.
const BEHIND_PAVEMENT_M: f64 = 3.0;
/// So many places between houses hide what is behind.
const ENOUGH: u32 = 2;

impl LaneGraph {
    /// Whether a line of sight near the ground passes through blocks of closed rows of houses. Careful: where gardens,
    /// parks and water are, nothing is hidden.
    pub fn is_hidden(&mut self, from_in_world: DVec2, to_in_world: DVec2) -> bool {
        let [from, to] = [from_in_world, to_in_world].map(|place| self.land().plan_of(place));
        let steps = (from.distance(to) / STEP_M).floor();
        let mut inside = 0;
        let mut cell: Option<Arc<Cell>> = None;
        for step in 1..steps as u32 {
            let place = from.lerp(to, f64::from(step) / steps);
            let here = match cell.take() {
                Some(cell) if is_in(&cell, place) => cell,
                _ => {
                    let id = super::CellId::containing(self.seed(), place);
                    self.cell(id)
                }
            };
            inside += u32::from(here.has_closed_rows && is_between_houses(&here, place));
            if inside >= ENOUGH {
                return true;
            }
            cell = Some(here);
        }
        false
    }
}

fn is_in(cell: &Cell, place: DVec2) -> bool {
    place.cmpge(cell.low).all() && place.cmplt(cell.high).all()
}

/// Whether a place is within a block rather than on a street or a pavement.
fn is_between_houses(cell: &Cell, place: DVec2) -> bool {
    // The arterials on the other two sides belong to the neighbours.
    let edge = (cell.high - place).min_element();
    if edge < 15.0 + 4.5 + BEHIND_PAVEMENT_M {
        return false;
    }
    cell.pieces
        .iter()
        .filter(|piece| piece.road.is_on_ground())
        .all(|piece| {
            let (along, across) = match piece.axis {
                Axis::X => (place.x, place.y),
                Axis::Z => (place.y, place.x),
            };
            let class = piece.road.class();
            let half =
                f64::from(class.carriageway_m() / 2.0 + class.pavement_m()) + BEHIND_PAVEMENT_M;
            (across - piece.center).abs() > half
                || along < piece.ends[0] - half
                || along > piece.ends[1] + half
        })
}
