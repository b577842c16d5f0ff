//! Which curves of a junction cannot be driven at the same time, and who then waits.

use super::junction::{Connector, JunctionKind, Turn};
use super::path::PathPoint;

/// Curves that come nearer to each other than this conflict, metres: the width of a bus.
const NEAR_M: f64 = 2.5;
const STEP_M: f64 = 2.0;

/// Another connector of the same junction that crosses or joins one.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub struct Conflict {
    /// Its number among the connectors of the junction.
    pub other: usize,
    /// Whether the other goes first.
    pub must_yield: bool,
}

/// The conflicts of each connector.
pub(super) fn conflicts_of(kind: JunctionKind, connectors: &[Connector]) -> Vec<Vec<Conflict>> {
    let ways: Vec<Vec<PathPoint>> = connectors
        .iter()
        .map(|connector| connector.path.points(STEP_M))
        .collect();
    let mut conflicts = vec![Vec::new(); connectors.len()];
    for a in 0..connectors.len() {
        for b in 0..a {
            let (first, second) = (&connectors[a], &connectors[b]);
            // Behind each other on one lane: they keep their distance.
            if first.from == second.from {
                continue;
            }
            if first.to != second.to && !come_near(&ways[a], &ways[b]) {
                continue;
            }
            conflicts[a].push(Conflict {
                other: b,
                must_yield: must_yield(kind, first, second),
            });
            conflicts[b].push(Conflict {
                other: a,
                must_yield: must_yield(kind, second, first),
            });
        }
    }
    conflicts
}

fn come_near(a: &[PathPoint], b: &[PathPoint]) -> bool {
    a.iter().any(|point| {
        b.iter()
            .any(|other| point.place.distance_squared(other.place) < NEAR_M * NEAR_M)
    })
}

fn must_yield(kind: JunctionKind, own: &Connector, other: &Connector) -> bool {
    let turns_across =
        matches!(own.turn, Turn::Left | Turn::Back) && own.arm.opposite() == other.arm;
    let is_across = turns_across && matches!(other.turn, Turn::Straight | Turn::Right);
    match kind {
        JunctionKind::Signals => is_across,
        JunctionKind::GiveWay | JunctionKind::Merge | JunctionKind::RightOnly => {
            own.rank < other.rank || (own.rank == other.rank && is_across)
        }
    }
}
