//! The horizon of starvation: flies the rings ahead at the present speed and heading, serves what is missing most
//! needed first at a given rate, and says when a hole first lies within the must-have radius.

use bevy::math::DVec2;

use super::coord::ChunkCoord;
use super::disc::{Disc, Measure};
use super::need::{Claim, Scale};
use super::rings::{Focus, Purpose, Rings};
use super::table::{ChunkTable, Deadline};
use crate::settings::NeedWeights;
use std::collections::VecDeque;
use std::time::Duration;

/// Nobody knows where a focus will be after this, s.
const FARTHEST_SECS: f64 = 30.0;
/// A look ahead is at most so many steps.
const MOST_STEPS: u32 = 120;
/// A disc of more cells is not looked ahead of: the look compares what is missing with itself.
const MOST_CELLS: f64 = 1_000.0;
/// Slower than this (m/s) nothing new comes near.
const STILL_MPS: f64 = 1.0;

/// What the look ahead depends on beside the table.
pub struct Ahead<'a> {
    /// The foci of now.
    pub foci: &'a [Focus],
    /// The radii.
    pub rings: &'a Rings,
    /// The weights of need.
    pub weights: &'a NeedWeights,
    /// Chunks per second that can land.
    pub rate_per_sec: f64,
    /// Chunks that are being made, and how much of each is done, 0 to 1: they are not overtaken.
    pub running: &'a [(ChunkCoord, f64)],
    /// How many are made at once: a chunk is chosen when one of so many before it has ended.
    pub tasks: usize,
    /// Now on the run's clock.
    pub now: Duration,
}

/// The focus that the horizon is about: the fastest one around which lateness is judged.
pub fn fastest(foci: &[Focus]) -> Option<&Focus> {
    foci.iter()
        .filter(|focus| focus.is_judged())
        .max_by(|a, b| a.speed_mps.total_cmp(&b.speed_mps))
}

/// Seconds until the first hole, and where it will be; `None` while none is to be expected within half a minute.
/// or where the load radius holds more than a thousand cells. Cost: the square of the cells that are missing there.
pub fn first_hole(ahead: &Ahead<'_>, table: &ChunkTable) -> Option<(f64, ChunkCoord)> {
    let focus = *fastest(ahead.foci)?;
    if focus.speed_mps < STILL_MPS {
        return None;
    }
    let rings = ahead.rings;
    let reach_m = match focus.purpose {
        Purpose::Collide => rings.must_have_m + rings.chunk_size_m,
        Purpose::See | Purpose::Preload | Purpose::Order(_) => rings.load_m + rings.margin_m(),
    };
    let reach_cells = reach_m / rings.chunk_size_m;
    if std::f64::consts::PI * reach_cells * reach_cells > MOST_CELLS {
        return None;
    }
    let look_ahead = focus.ahead - focus.at;
    let velocity = focus.heading * focus.speed_mps;
    let disc = |centre: DVec2| Disc {
        centre,
        radius_m: reach_m,
        measure: Measure::Middle,
        chunk_size_m: rings.chunk_size_m,
        role: 0,
    };
    let step_secs = (rings.chunk_size_m / (8.0 * focus.speed_mps))
        .max(FARTHEST_SECS / f64::from(MOST_STEPS))
        .min(1.0);
    let mut missing: Vec<Claim> = Vec::new();
    let add = |missing: &mut Vec<Claim>, coord: ChunkCoord, since: Duration| {
        let is_here = table
            .get(coord)
            .is_some_and(|record| record.is_here() || record.deadline == Deadline::Excused);
        if !is_here && missing.iter().all(|claim| claim.coord != coord) {
            missing.push(Claim {
                coord,
                closes_hole: true,
                since,
            });
        }
    };
    let discs = [disc(focus.at), disc(focus.ahead)];
    for coord in discs.iter().flat_map(Disc::cells) {
        let since = table
            .get(coord)
            .map_or(ahead.now, |record| record.wanted_since);
        add(&mut missing, coord, since);
    }
    let mut before = discs;
    let mut in_work: VecDeque<ChunkCoord> = ahead.running.iter().map(|(at, _)| *at).collect();
    let mut credit: f64 = ahead.running.iter().map(|(_, done)| done).sum();
    let mut secs = 0.0;
    let mut moved = focus;
    while secs < FARTHEST_SECS {
        // What lands on the way to the next place was chosen before.
        credit += ahead.rate_per_sec * step_secs;
        let served = credit.floor().max(0.0);
        credit -= served;
        serve(&mut missing, &mut in_work, served as usize, &moved, ahead);
        secs += step_secs;
        let here = moved.at;
        moved.at = focus.at + velocity * secs;
        moved.ahead = moved.at + look_ahead;
        let after = [disc(moved.at), disc(moved.ahead)];
        let mut crossed = Vec::new();
        for (before, after) in before.iter().zip(&after) {
            Disc::changes(Some(before), Some(after), &mut |coord| {
                if after.contains(coord) {
                    crossed.push(coord);
                }
            });
        }
        let now = ahead.now + Duration::from_secs_f64(secs);
        for coord in crossed {
            add(&mut missing, coord, now);
        }
        missing.retain(|claim| after.iter().any(|disc| disc.contains(claim.coord)));
        before = after;
        let edge_m = |coord: ChunkCoord, at| coord.edge_distance(at, rings.chunk_size_m);
        let hole = missing
            .iter()
            .map(|claim| (edge_m(claim.coord, moved.at), claim.coord))
            .filter(|(edge_m, _)| *edge_m <= rings.must_have_m)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((now_m, coord)) = hole {
            // When within the step its edge came so near.
            let before_m = edge_m(coord, here);
            let into = (before_m - rings.must_have_m) / (before_m - now_m).max(1e-9);
            let at_secs = secs - step_secs * (1.0 - into.clamp(0.0, 1.0));
            return Some((at_secs, coord));
        }
    }
    None
}

/// Lets what is in work land, the oldest first, and takes the most needed of the others into work.
fn serve(
    missing: &mut Vec<Claim>,
    in_work: &mut VecDeque<ChunkCoord>,
    served: usize,
    focus: &Focus,
    ahead: &Ahead<'_>,
) {
    // As many as are made at once must be in work when those have landed.
    let free = (ahead.tasks.max(1) + served).saturating_sub(in_work.len());
    if free == 0 && served == 0 {
        return;
    }
    let foci = [*focus];
    let scale = Scale {
        foci: &foci,
        rings: ahead.rings,
        weights: ahead.weights,
    };
    let mut waiting: Vec<_> = missing
        .iter()
        .filter(|claim| !in_work.contains(&claim.coord))
        .map(|claim| (scale.need(claim), claim.coord))
        .collect();
    if waiting.len() > free {
        waiting.select_nth_unstable(free);
        waiting.truncate(free);
    }
    waiting.sort_unstable();
    in_work.extend(waiting.into_iter().map(|(_, coord)| coord));
    for _ in 0..served {
        let Some(landed) = in_work.pop_front() else {
            return;
        };
        missing.retain(|claim| claim.coord != landed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings() -> Rings {
        Rings {
            must_have_m: 500.0,
            load_m: 1_200.0,
            unload_m: 1_400.0,
            view_m: 1_200.0,
            detail_m: Vec::new(),
            reach_m: f64::INFINITY,
            chunk_size_m: 200.0,
        }
    }

    fn eastwards(speed_mps: f64) -> Focus {
        Focus {
            heading: DVec2::X,
            facing: DVec2::X,
            speed_mps,
            ..Focus::resting(DVec2::ZERO)
        }
    }

    /// A table in which everything within reach of the start is there.
    fn filled(rings: &Rings) -> ChunkTable {
        let mut table = ChunkTable::default();
        let focus = Focus::resting(DVec2::ZERO);
        let disc = Disc {
            centre: focus.at,
            radius_m: 1_300.0,
            measure: Measure::Middle,
            chunk_size_m: rings.chunk_size_m,
            role: 0,
        };
        for coord in disc.cells() {
            table.wish(coord, rings.wish(coord, &[focus]), Duration::ZERO);
            table.update(coord, |record| {
                record.shown = Some(super::super::coord::DetailLevel::FULL);
                record.is_collidable = true;
            });
        }
        table
    }

    fn horizon(speed_mps: f64, rate_per_sec: f64) -> Option<f64> {
        let (rings, weights) = (rings(), NeedWeights::default());
        let foci = [eastwards(speed_mps)];
        let ahead = Ahead {
            foci: &foci,
            rings: &rings,
            weights: &weights,
            rate_per_sec,
            running: &[],
            tasks: 1,
            now: Duration::ZERO,
        };
        first_hole(&ahead, &filled(&rings)).map(|(secs, _)| secs)
    }

    #[test]
    fn without_any_work_the_hole_comes_as_fast_as_the_focus_goes() {
        // The first cell that is not there begins at 1,200 or 1,400 m: its edge is 700 to 900 m from the ring.
        let secs = horizon(100.0, 0.0).expect("nothing lands");
        assert!((6.5..=9.5).contains(&secs), "{secs}");
        let twice = horizon(200.0, 0.0).expect("nothing lands");
        assert!((secs / twice - 2.0).abs() < 0.3, "{secs} and {twice}");
    }

    #[test]
    fn more_work_moves_it_away_and_enough_work_takes_it_away() {
        let (slow, faster) = (horizon(100.0, 0.5), horizon(100.0, 1.5));
        assert!(slow < faster || faster.is_none(), "{slow:?} {faster:?}");
        assert_eq!(horizon(100.0, 20.0), None);
    }

    #[test]
    fn who_stands_starves_never() {
        assert_eq!(horizon(0.0, 0.0), None);
    }
}
