//! Which cells should exist at which level, kept up to date by what changes: when a focus moves, only the
//! cells that crossed a border are looked at (laws 10 and 11).

use bevy::math::DVec2;
use std::time::Duration;

use super::coord::ChunkCoord;
use super::disc::Disc;
use super::rings::{Focus, FocusName, Purpose, Rings};
use super::table::{ChunkState, ChunkTable, Deadline};

/// What the table was last planned and judged for.
#[derive(Clone, Debug, Default)]
pub struct PlanMemory {
    planned: Option<(Vec<Focus>, Rings)>,
    wishing: Vec<Disc>,
    judging: Vec<Disc>,
    judged_by: Option<Rings>,
    judged_for: Vec<FocusName>,
    seen: Vec<(FocusName, DVec2)>,
}

/// What a look at the must-have radius and the view found.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Cells that have just become late.
    pub late: Vec<ChunkCoord>,
    /// Whether nobody could have been on time for what came inside.
    pub excused: bool,
}

/// A focus that moved less than this share of a chunk needs no new plan until it comes to rest.
const STILL_SHARE: f64 = 1.0 / 16.0;

impl PlanMemory {
    /// Looks at the foci, once per frame, and says whether a plan is due now. Other rings or other
    /// foci are planned at once, and so is a focus that has come to rest, so that a world at
    /// rest is exact; a focus on the move is planned when it is time to look (`is_time`), or before if it
    /// has used up half of the margin.
    pub fn is_due(&mut self, foci: &[Focus], rings: &Rings, is_time: bool) -> bool {
        let places: Vec<_> = places(foci).collect();
        let is_due = match &self.planned {
            Some((planned, planned_rings))
                if planned.len() == foci.len()
                    && planned_rings == rings
                    && planned
                        .iter()
                        .zip(foci)
                        .all(|(a, b)| a.name == b.name && a.purpose == b.purpose) =>
            {
                let moved = farthest_move(planned, foci);
                let rests = self.seen == places;
                let has_moved = moved > rings.chunk_size_m * STILL_SHARE;
                (rests && moved > 0.0)
                    || moved > rings.margin_m() / 2.0
                    || (is_time && (has_moved || has_turned(planned, foci)))
            }
            _ => true,
        };
        self.seen = places;
        is_due
    }

    /// Whether a focus is somewhere it cannot have moved to since the last look, `dt` ago. To be
    /// asked before [`is_due`](Self::is_due). Foci that come or go are no jump of the others.
    pub fn has_jumped(&self, foci: &[Focus], dt: Duration) -> bool {
        let reach = (FASTEST_MPS * dt.as_secs_f64().min(LONGEST_STEP_SECS)).max(LEAST_JUMP_M);
        places(foci).any(|(name, at)| {
            let mut before = self.seen.iter().filter(|(seen, _)| *seen == name);
            before.any(|(_, before)| before.distance(at) > reach)
        })
    }

    /// Brings the table's wishes up to date. Without a focus nothing changes (law 11). Cost: the rows of
    /// the discs and the cells that crossed a border.
    pub fn replan(&mut self, table: &mut ChunkTable, foci: &[Focus], rings: &Rings, now: Duration) {
        if foci.is_empty() {
            return;
        }
        let mut discs = Vec::with_capacity(self.wishing.len());
        for focus in foci {
            rings.wishing_discs(focus, |disc| discs.push(disc));
        }
        each_change(&self.wishing, discs.iter().copied(), &mut |coord| {
            table.wish(coord, rings.wish(coord, foci), now);
        });
        self.wishing = discs;
        self.planned = Some((foci.to_vec(), rings.clone()));
    }

    /// Looks at what entered and left the must-have radius and the view since the last look, every
    /// frame. `jumped`: a focus did not get here by moving, so nobody could have been on time; nor could
    /// anybody when the radii have changed or other foci judge.
    pub fn judge(
        &mut self,
        table: &mut ChunkTable,
        foci: &[Focus],
        rings: &Rings,
        jumped: bool,
        now: Duration,
    ) -> Judgement {
        if foci.is_empty() {
            return Judgement::default();
        }
        let discs: Vec<Disc> = foci
            .iter()
            .flat_map(|focus| rings.judging_discs(focus))
            .collect();
        let names = || {
            let judges = foci.iter().filter(|focus| focus.is_judged());
            judges.map(|focus| focus.name)
        };
        let excused = jumped
            || self.judging.len() != discs.len()
            || !names().eq(self.judged_for.iter().copied())
            || self.judged_by.as_ref() != Some(rings);
        let mut late = Vec::new();
        each_change(&self.judging, discs.iter().copied(), &mut |coord| {
            let (is_inside, is_in_view) = (
                rings.is_must_have(coord, foci),
                rings.is_in_view(coord, foci),
            );
            let missed = table.update(coord, |record| {
                record.is_in_view = is_in_view;
                let before = record.deadline;
                record.deadline = match before {
                    _ if !is_inside => Deadline::Outside,
                    Deadline::Outside if record.is_here() => Deadline::Met,
                    // What was given up is not late, whoever comes.
                    Deadline::Outside if excused || record.state == ChunkState::Quarantined => {
                        Deadline::Excused
                    }
                    Deadline::Outside => Deadline::MissedAt(now),
                    inside => inside,
                };
                before == Deadline::Outside && matches!(record.deadline, Deadline::MissedAt(_))
            });
            if missed == Some(true) {
                late.push(coord);
            }
        });
        self.judging = discs;
        if !names().eq(self.judged_for.iter().copied()) {
            self.judged_for = names().collect();
        }
        if self.judged_by.as_ref() != Some(rings) {
            self.judged_by = Some(rings.clone());
        }
        Judgement { late, excused }
    }

    /// Whether a cell that came into view or into the must-have radius is unknown to the table: the plan
    /// is too old.
    pub fn is_outrun(&self, table: &ChunkTable, foci: &[Focus], rings: &Rings) -> bool {
        let judging = foci.iter().flat_map(|focus| rings.judging_discs(focus));
        let mut outrun = false;
        each_change(&self.judging, judging, &mut |coord| {
            let is_known = table
                .get(coord)
                .is_some_and(|record| record.wish.give.is_some());
            outrun |=
                !is_known && (rings.is_in_view(coord, foci) || rings.is_must_have(coord, foci));
        });
        outrun
    }

    /// Makes the next look plan again from nothing, as after a change of world.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Visits every cell that one of the discs gained or lost. A disc without a partner of its role (another
/// number of foci or levels) is gained or lost whole.
fn each_change(
    before: &[Disc],
    after: impl Iterator<Item = Disc>,
    visit: &mut dyn FnMut(ChunkCoord),
) {
    let mut before = before.iter();
    for b in after {
        match before.next() {
            Some(a) if *a == b => {}
            Some(a) if a.role == b.role && a.chunk_size_m == b.chunk_size_m => {
                Disc::changes(Some(a), Some(&b), visit);
            }
            a => {
                Disc::changes(a, None, visit);
                Disc::changes(None, Some(&b), visit);
            }
        }
    }
    for a in before {
        Disc::changes(Some(a), None, visit);
    }
}

/// Nothing in a game moves faster than this; what does was put there.
const FASTEST_MPS: f64 = 2_000.0;
/// A frame that took longer than this did not simulate all of it.
const LONGEST_STEP_SECS: f64 = 0.1;
/// Moves shorter than this are never jumps, however short the frame.
const LEAST_JUMP_M: f64 = 50.0;

/// Foci that turned by more than 30° since the plan score what waits differently.
fn has_turned(before: &[Focus], after: &[Focus]) -> bool {
    const COS_30: f64 = 0.866;
    before
        .iter()
        .zip(after)
        .any(|(a, b)| a.facing != b.facing && a.facing.dot(b.facing) < COS_30)
}

/// Where the foci are that can move; a preload cannot.
fn places(foci: &[Focus]) -> impl Iterator<Item = (FocusName, DVec2)> {
    foci.iter()
        .filter(|focus| !matches!(focus.purpose, Purpose::Order(_)))
        .map(|focus| (focus.name, focus.at))
}

fn farthest_move(before: &[Focus], after: &[Focus]) -> f64 {
    before
        .iter()
        .zip(after)
        .map(|(a, b)| a.at.distance(b.at).max(a.ahead.distance(b.ahead)))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests;
