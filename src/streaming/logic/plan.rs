//! Which cells should exist: wanted inside the load radius, kept to the unload radius, and released
//! after a while beyond it (laws 10 and 11).

use bevy::math::DVec2;
use std::collections::BTreeSet;
use std::time::Duration;

use super::coord::ChunkCoord;
use super::table::{ChunkState, ChunkTable, Deadline};
use super::ticket::GenerationId;

/// The radii of a plan, in metres.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Rings {
    /// To the nearest edge: inside, a chunk must be there.
    pub must_have_m: f64,
    /// To the middle: inside, a chunk is wanted.
    pub load_m: f64,
    /// To the middle: beyond, a chunk is released.
    pub unload_m: f64,
    /// The side of a chunk.
    pub chunk_size_m: f64,
}

/// The cells whose middle lies inside the load radius of at least one focus.
pub fn wanted_cells(foci: &[DVec2], rings: Rings) -> BTreeSet<ChunkCoord> {
    let mut cells = BTreeSet::new();
    for focus in foci {
        let reach = DVec2::splat(rings.load_m);
        let low = ChunkCoord::containing_ground(*focus - reach, rings.chunk_size_m);
        let high = ChunkCoord::containing_ground(*focus + reach, rings.chunk_size_m);
        for x in low.x..=high.x {
            for z in low.z..=high.z {
                let coord = ChunkCoord::new(x, z);
                if coord.center_distance(*focus, rings.chunk_size_m) <= rings.load_m {
                    cells.insert(coord);
                }
            }
        }
    }
    cells
}

/// Brings the table's wishes up to date. Without a focus nothing changes (law 11). `jumped` says that
/// a focus did not get here by moving, so that nobody could have been on time.
pub fn replan(table: &mut ChunkTable, foci: &[DVec2], rings: Rings, jumped: bool, now: Duration) {
    if foci.is_empty() {
        return;
    }
    let nearest = |measure: &dyn Fn(DVec2) -> f64| {
        foci.iter()
            .map(|focus| measure(*focus))
            .fold(f64::INFINITY, f64::min)
    };
    let must_have = |coord: ChunkCoord| {
        nearest(&|focus| coord.edge_distance(focus, rings.chunk_size_m)) <= rings.must_have_m
    };
    let wanted = wanted_cells(foci, rings);
    let known: Vec<ChunkCoord> = table.iter().map(|(coord, _)| coord).collect();
    for coord in known {
        let is_wanted = wanted.contains(&coord);
        let is_outside =
            nearest(&|focus| coord.center_distance(focus, rings.chunk_size_m)) > rings.unload_m;
        let is_inside = must_have(coord);
        table.update(coord, |record| {
            record.is_wanted = is_wanted;
            record.left_at = is_outside.then(|| record.left_at.unwrap_or(now));
            record.deadline = next_deadline(record.deadline, record.state, is_inside, jumped, now);
        });
    }
    for coord in wanted {
        if table.get(coord).is_none() {
            let deadline = if must_have(coord) {
                Deadline::Excused
            } else {
                Deadline::Ahead
            };
            table.insert(coord, deadline, now);
        }
    }
}

fn next_deadline(
    deadline: Deadline,
    state: ChunkState,
    is_inside: bool,
    jumped: bool,
    now: Duration,
) -> Deadline {
    let is_here = matches!(state, ChunkState::Loaded | ChunkState::Quarantined);
    match deadline {
        // What is leaving and wanted again begins a new life when it is gone.
        _ if state == ChunkState::Retiring && is_inside => Deadline::Excused,
        _ if state == ChunkState::Retiring => Deadline::Ahead,
        Deadline::Ahead if is_inside && is_here => Deadline::Closed,
        Deadline::Ahead if is_inside && jumped => Deadline::Excused,
        Deadline::Ahead if is_inside => Deadline::MissedAt(now),
        other => other,
    }
}

/// What to do with a cell beyond the unload radius.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Release {
    /// Forget it: it has no work and no entities.
    Forget,
    /// End its request and forget it.
    Cancel(GenerationId),
    /// Take away its entities; a request that is being applied ends as stale.
    Retire,
}

/// What to do with the cells beyond the unload radius: work is dropped at once, loaded chunks linger.
/// The plan may be older than this frame, so each cell is measured again: without a focus nothing is
/// released, and nothing that a focus has come back to.
pub fn releases(
    table: &ChunkTable,
    foci: &[DVec2],
    rings: Rings,
    linger: Duration,
    now: Duration,
) -> Vec<(ChunkCoord, Release)> {
    if foci.is_empty() {
        return Vec::new();
    }
    let is_beyond = |coord: &ChunkCoord| {
        foci.iter()
            .all(|focus| coord.center_distance(*focus, rings.chunk_size_m) > rings.unload_m)
    };
    let decide = |coord: ChunkCoord| {
        let record = table.get(coord)?;
        let lingered = now.saturating_sub(record.left_at?) >= linger;
        match record.state {
            ChunkState::Missing | ChunkState::Backoff(_) => Some(Release::Forget),
            ChunkState::Requested(id) => Some(Release::Cancel(id)),
            ChunkState::Applying(_) | ChunkState::Quarantined => Some(Release::Retire),
            ChunkState::Loaded => lingered.then_some(Release::Retire),
            ChunkState::Retiring => None,
        }
    };
    let outside = table.outside().into_iter().filter(is_beyond);
    outside
        .filter_map(|coord| Some((coord, decide(coord)?)))
        .collect()
}

/// When the table must be planned again, and what it was last planned for.
#[derive(Clone, Debug, Default)]
pub struct PlanMemory {
    planned: Option<(Vec<DVec2>, Rings)>,
    seen: Vec<DVec2>,
}

/// A focus that moved less than this share of a chunk needs no new plan until it comes to rest.
const STILL_SHARE: f64 = 1.0 / 16.0;

impl PlanMemory {
    /// Looks at the foci, once per frame, and says whether a plan is due now. Other rings or another
    /// number of foci are planned at once, and so is a focus that has come to rest, so that a world at
    /// rest is exact; a focus on the move is planned when it is time to look (`is_time`).
    pub fn is_due(&mut self, foci: &[DVec2], rings: Rings, is_time: bool) -> bool {
        let is_due = match &self.planned {
            Some((planned, planned_rings))
                if planned.len() == foci.len() && *planned_rings == rings =>
            {
                let moved = farthest_move(planned, foci);
                let rests = self.seen == foci;
                (rests && moved > 0.0) || (is_time && moved > rings.chunk_size_m * STILL_SHARE)
            }
            _ => true,
        };
        foci.clone_into(&mut self.seen);
        if is_due {
            self.planned = Some((foci.to_vec(), rings));
        }
        is_due
    }

    /// Whether a focus is somewhere it cannot have moved to since the last look, `dt` ago. To be asked
    /// before [`is_due`](Self::is_due). Foci that come or go are no jump of the others.
    pub fn has_jumped(&self, foci: &[DVec2], dt: Duration) -> bool {
        let reach = (FASTEST_MPS * dt.as_secs_f64().min(LONGEST_STEP_SECS)).max(LEAST_JUMP_M);
        self.seen.len() == foci.len() && farthest_move(&self.seen, foci) > reach
    }

    /// Makes the next look plan again, as after a change of world.
    pub fn forget(&mut self) {
        self.planned = None;
    }
}

/// Nothing in a game moves faster than this; what does was put there.
const FASTEST_MPS: f64 = 1_500.0;
/// A frame that took longer than this did not simulate all of it.
const LONGEST_STEP_SECS: f64 = 0.1;
/// Moves shorter than this are never jumps, however short the frame.
const LEAST_JUMP_M: f64 = 50.0;

fn farthest_move(before: &[DVec2], after: &[DVec2]) -> f64 {
    let moves = before.iter().zip(after).map(|(a, b)| a.distance(*b));
    moves.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RINGS: Rings = Rings {
        must_have_m: 500.0,
        load_m: 1_200.0,
        unload_m: 1_400.0,
        chunk_size_m: 200.0,
    };

    fn load_everything(table: &mut ChunkTable) {
        let cells: Vec<_> = table.iter().map(|(coord, _)| coord).collect();
        for coord in cells {
            table.set_state(coord, ChunkState::Loaded);
        }
    }

    #[test]
    fn the_conservative_rings_hold_about_a_hundred_chunks() {
        let count = wanted_cells(&[DVec2::ZERO], RINGS).len();
        assert!((98..=127).contains(&count), "{count}");
    }

    #[test]
    fn without_a_focus_nothing_is_released() {
        let mut table = ChunkTable::default();
        replan(&mut table, &[DVec2::ZERO], RINGS, true, Duration::ZERO);
        load_everything(&mut table);
        let before = table.tally();
        replan(&mut table, &[], RINGS, true, Duration::from_secs(60));
        assert_eq!(table.tally(), before);
        assert!(releases(&table, &[], RINGS, Duration::ZERO, Duration::from_secs(60)).is_empty());
    }

    proptest! {
        #[test]
        fn a_shuttle_of_six_metres_over_any_border_releases_nothing(
            x in -5_000.0..5_000.0_f64, z in -5_000.0..5_000.0_f64, angle in 0.0..6.3_f64,
        ) {
            let home = DVec2::new(x, z);
            let step = DVec2::from_angle(angle) * 6.0;
            let mut table = ChunkTable::default();
            for round in 0..6 {
                let foci = [home + step * if round % 2 == 0 { 1.0 } else { -1.0 }];
                replan(&mut table, &foci, RINGS, false, Duration::from_secs(round));
                load_everything(&mut table);
                prop_assert!(releases(&table, &foci, RINGS, Duration::ZERO, Duration::from_secs(round)).is_empty());
            }
        }

        #[test]
        fn every_wanted_cell_is_known_and_every_release_is_beyond_the_unload_radius(
            path in proptest::collection::vec((-8_000.0..8_000.0_f64, -8_000.0..8_000.0_f64), 1..6),
            size in 64.0..400.0_f64,
        ) {
            let rings = Rings { must_have_m: 2.0 * size, load_m: 4.0 * size, unload_m: 5.0 * size, chunk_size_m: size };
            let mut table = ChunkTable::default();
            for (second, (x, z)) in path.into_iter().enumerate() {
                let now = Duration::from_secs(second as u64);
                let focus = DVec2::new(x, z);
                replan(&mut table, &[focus], rings, true, now);
                load_everything(&mut table);
                let wanted = wanted_cells(&[focus], rings);
                prop_assert_eq!(table.tally().wanted, wanted.len() as u64);
                prop_assert!(wanted.iter().all(|coord| table.get(*coord).is_some()));
                for (coord, release) in releases(&table, &[focus], rings, Duration::ZERO, now) {
                    prop_assert!(coord.center_distance(focus, size) > rings.unload_m);
                    prop_assert_eq!(release, Release::Retire);
                    table.remove(coord);
                }
            }
        }
    }

    #[test]
    fn a_plan_is_due_when_a_focus_moves_on_or_comes_to_rest() {
        let mut memory = PlanMemory::default();
        let at = |x: f64| [DVec2::new(x, 0.0)];
        assert!(memory.is_due(&at(0.0), RINGS, false), "the first");
        assert!(!memory.is_due(&at(0.0), RINGS, true), "nothing moved");
        assert!(
            !memory.is_due(&at(10.0), RINGS, true),
            "too little, and on the move"
        );
        assert!(memory.is_due(&at(10.0), RINGS, false), "at rest elsewhere");
        assert!(
            !memory.is_due(&at(30.0), RINGS, false),
            "far, but not yet time"
        );
        assert!(memory.is_due(&at(31.0), RINGS, true));
        let wider = Rings {
            load_m: 1_300.0,
            ..RINGS
        };
        assert!(memory.is_due(&at(31.0), wider, false), "other rings");
        assert!(
            memory.is_due(&[DVec2::ZERO; 2], wider, false),
            "another focus"
        );
    }

    #[test]
    fn only_a_move_that_nothing_can_make_is_a_jump() {
        let mut memory = PlanMemory::default();
        memory.is_due(&[DVec2::ZERO], RINGS, true);
        let frame = Duration::from_millis(16);
        assert!(
            !memory.has_jumped(&[DVec2::new(10.0, 0.0)], frame),
            "600 m/s"
        );
        assert!(memory.has_jumped(&[DVec2::new(60.0, 0.0)], frame));
        assert!(
            !memory.has_jumped(&[DVec2::ZERO, DVec2::new(9e3, 0.0)], frame),
            "one more focus"
        );
    }
}
