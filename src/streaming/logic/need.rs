//! How badly a chunk is needed: the order in which work starts and results are applied (law 15).
//!
//! ```text
//!   cost = (distance to the braking path + aside) × view × purpose   least cost first, in metres
//!        − load radius    if it must be there; such come before everything else
//!        + what the farthest hole can cost   if something of it is seen already (coarse before fine)
//!        + age × the time at which it was first wanted          the older, the nearer
//! ```
//! The age enters as a constant, since all that wait grow older alike: waiting needs no new score. The
//! braking path is where a moving focus cannot help going: v² ÷ 2a ahead of it, but no farther than the
//! must-have radius. What it may need next is what can enter that radius next, whichever way it turns; a
//! longer path would put chunks straight ahead before nearer ones beside, and a turn would find those
//! missing (measured: 2.5 % late on a zig-zag instead of none).
//!
//! Aside is how far a cell lies outside of what the must-have radius sweeps if the focus goes straight on:
//! only a turn makes it needed. It counts in full from the speed on whose braking path is as long as that
//! radius, and not at all at rest. Without it workers that cannot keep up spend themselves on cells that are
//! passed by. Measured by `bench --only S1`, the speed up to which nothing is late, with a weight of 0 and of
//! 2: straight 293 and 340 m/s, with a heavy tail 220 and 284; on a curve 266 and 285, 251 and 278; turning by
//! 100 degrees every three seconds 219 and 184, 205 and 180.

use bevy::math::DVec2;
use std::cmp::Ordering;
use std::time::Duration;

use super::coord::ChunkCoord;
use super::rings::{Focus, Purpose, Rings};
use crate::settings::NeedWeights;

/// The need of a request: what must be there before everything else, then the least cost in metres.
#[derive(Copy, Clone, Debug)]
pub struct Need {
    can_wait: bool,
    metres: f64,
}

/// A comfortable braking, m/s².
const BRAKING_MPS2: f64 = 6.0;

/// What the need of a request depends on besides the foci.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The cell.
    pub coord: ChunkCoord,
    /// Whether nothing of it is seen yet.
    pub closes_hole: bool,
    /// Since when it is wanted.
    pub since: Duration,
}

/// Everything that need is measured against.
#[derive(Copy, Clone, Debug)]
pub struct Scale<'a> {
    /// The foci.
    pub foci: &'a [Focus],
    /// The radii.
    pub rings: &'a Rings,
    /// The weights.
    pub weights: &'a NeedWeights,
}

impl Need {
    /// Needed by nobody: after everything else.
    pub const LEAST: Self = Self {
        can_wait: true,
        metres: f64::INFINITY,
    };

    /// A need of so many metres.
    #[cfg(test)]
    pub fn from_metres(metres: f64) -> Self {
        Self {
            can_wait: true,
            metres,
        }
    }

    /// What is compared, in metres: the least is needed most; infinite where nobody needs it.
    pub fn in_metres(self) -> f64 {
        self.metres
    }

    /// How much more this is needed than another, in metres; 0 if it is needed less.
    pub fn lead_over(self, other: Self) -> f64 {
        let lead = (other.metres - self.metres).max(0.0);
        if lead.is_finite() { lead } else { 0.0 }
    }
}

/// What matters before distance does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Class {
    /// It must be there.
    MustHave,
    /// Nothing of it is seen.
    Hole,
    /// Something of it is seen.
    Refinement,
}

impl Class {
    fn metres(self, scale: &Scale<'_>) -> f64 {
        match self {
            Self::MustHave => -scale.rings.load_m,
            Self::Hole => 0.0,
            Self::Refinement => scale.farthest_hole_m(),
        }
    }
}

impl Scale<'_> {
    /// The need of a claim. Cost: the foci.
    pub fn need(&self, claim: &Claim) -> Need {
        let class = self.class(claim);
        Need {
            can_wait: class != Class::MustHave,
            metres: self.way(claim) + class.metres(self),
        }
    }

    /// How much farther away `second` is than `first`, in metres of cost; `None` where they are of
    /// different classes, or nothing is needed at all.
    pub fn lead_within_class(&self, first: &Claim, second: &Claim) -> Option<f64> {
        let lead = self.way(second) - self.way(first);
        (self.class(first) == self.class(second) && lead.is_finite()).then_some(lead)
    }

    /// The cost without the class: infinite where there is no focus.
    fn way(&self, claim: &Claim) -> f64 {
        let middle = claim.coord.center(self.rings.chunk_size_m);
        let nearest = self
            .foci
            .iter()
            .map(|focus| self.cost_for(focus, middle))
            .fold(f64::INFINITY, f64::min);
        nearest + self.weights.age * claim.since.as_secs_f64()
    }

    /// More than any hole can cost: one at the end of the view, behind, and aside, or the farthest of what is
    /// preloaded, which counts as farther.
    fn farthest_hole_m(&self) -> f64 {
        let (rings, weights) = (self.rings, self.weights);
        let cost =
            |reach_m: f64| (reach_m + weights.aside * rings.must_have_m) * (1.0 + weights.view);
        let preloaded = self.foci.iter().filter_map(|focus| match focus.purpose {
            Purpose::See | Purpose::Collide => None,
            Purpose::Preload => Some(rings.load_m),
            Purpose::Order(radius_m) => Some(radius_m + rings.chunk_size_m),
        });
        preloaded
            .map(|reach_m| cost(reach_m) * (1.0 + weights.purpose))
            .fold(cost(rings.view_m), f64::max)
    }

    fn class(&self, claim: &Claim) -> Class {
        if self.rings.is_must_have(claim.coord, self.foci) {
            Class::MustHave
        } else if claim.closes_hole {
            Class::Hole
        } else {
            Class::Refinement
        }
    }

    fn cost_for(&self, focus: &Focus, middle: DVec2) -> f64 {
        let weights = self.weights;
        let must_have_m = self.rings.must_have_m;
        let braking_m = (focus.speed_mps * focus.speed_mps / (2.0 * BRAKING_MPS2)).min(must_have_m);
        let path_m = braking_m * weights.heading;
        let offset = middle - focus.at;
        let ahead = offset.dot(focus.heading).max(0.0);
        // Outside of what the must-have ring sweeps; a cell is touched when its middle is half a cell away.
        let to_ray = (offset - focus.heading * ahead).length();
        let beside = to_ray - must_have_m - 0.5 * self.rings.chunk_size_m;
        let aside = beside.clamp(0.0, must_have_m) * weights.aside * braking_m / must_have_m;
        let distance = (offset - focus.heading * ahead.min(path_m)).length() + aside;
        let length = offset.length();
        let behind = if length > 0.0 && focus.facing != DVec2::ZERO {
            0.5 * (1.0 - offset.dot(focus.facing) / length)
        } else {
            0.0
        };
        let purpose = match focus.purpose {
            Purpose::See => 1.0,
            Purpose::Collide => 1.0 / (1.0 + weights.purpose),
            Purpose::Preload | Purpose::Order(_) => 1.0 + weights.purpose,
        };
        distance * (1.0 + weights.view * behind) * purpose
    }
}

impl PartialEq for Need {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Need {}

impl PartialOrd for Need {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Need {
    fn cmp(&self, other: &Self) -> Ordering {
        self.can_wait
            .cmp(&other.can_wait)
            .then(self.metres.total_cmp(&other.metres))
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
            view_m: 5_000.0,
            detail_m: vec![2_400.0],
            reach_m: f64::INFINITY,
            chunk_size_m: 200.0,
        }
    }

    fn need(focus: Focus, x: i32, z: i32, closes_hole: bool, since: f64) -> Need {
        let (rings, weights) = (rings(), NeedWeights::default());
        let scale = Scale {
            foci: &[focus],
            rings: &rings,
            weights: &weights,
        };
        scale.need(&Claim {
            coord: ChunkCoord::new(x, z),
            closes_hole,
            since: Duration::from_secs_f64(since),
        })
    }

    #[test]
    fn what_must_be_there_comes_first_and_coarse_before_fine() {
        let focus = Focus::resting(DVec2::ZERO);
        let must_have = need(focus, 2, 0, false, 0.0);
        let near_hole = need(focus, 4, 0, true, 0.0);
        let far_hole = need(focus, 23, 0, true, 0.0);
        let refinement = need(focus, 4, 0, false, 0.0);
        assert!(must_have < near_hole && near_hole < far_hole && far_hole < refinement);
    }

    #[test]
    fn at_speed_the_braking_path_counts_as_here_and_behind_counts_as_farther() {
        let mut focus = Focus::resting(DVec2::ZERO);
        focus.heading = DVec2::X;
        focus.facing = DVec2::X;
        focus.speed_mps = 100.0;
        let (ahead, behind, beside) = (
            need(focus, 5, 0, true, 0.0),
            need(focus, -6, 0, true, 0.0),
            need(focus, 0, 5, true, 0.0),
        );
        assert!(ahead < beside && beside < behind);
    }

    #[test]
    fn what_only_a_turn_makes_needed_comes_later_at_speed_and_only_then() {
        let mut focus = Focus::resting(DVec2::ZERO);
        focus.heading = DVec2::X;
        let (ahead, aside) = (6, 4);
        let sooner = |focus| {
            let ahead = need(focus, ahead, 0, true, 0.0);
            need(focus, 0, aside, true, 0.0) < ahead
        };
        focus.speed_mps = 1.0;
        assert!(sooner(focus));
        focus.speed_mps = 100.0;
        assert!(!sooner(focus));
        // Not more than coarse before fine: what lies aside still closes a hole.
        assert!(need(focus, 0, 23, true, 0.0) < need(focus, 4, 0, false, 0.0));
    }

    #[test]
    fn even_the_farthest_hole_of_a_preload_that_moves_comes_before_a_refinement() {
        let (wide, weights) = (rings(), NeedWeights::default());
        let rings = Rings {
            view_m: wide.load_m,
            detail_m: Vec::new(),
            ..wide
        };
        let preload = Focus {
            heading: DVec2::X,
            facing: DVec2::X,
            speed_mps: 100.0,
            purpose: Purpose::Preload,
            ..Focus::resting(DVec2::ZERO)
        };
        for (focus, x) in [
            (preload, -6),
            (
                Focus {
                    purpose: Purpose::Order(9_000.0),
                    ..Focus::resting(DVec2::ZERO)
                },
                45,
            ),
        ] {
            let scale = Scale {
                foci: &[focus],
                rings: &rings,
                weights: &weights,
            };
            let need = |x, closes_hole| {
                scale.need(&Claim {
                    coord: ChunkCoord::new(x, 0),
                    closes_hole,
                    since: Duration::ZERO,
                })
            };
            assert!(need(x, true) < need(1, false), "{x}");
        }
    }

    #[test]
    fn nothing_starves_what_waited_long_enough_comes_first() {
        let focus = Focus::resting(DVec2::ZERO);
        let old_refinement = need(focus, 6, 0, false, 0.0);
        assert!(need(focus, 4, 0, true, 60.0) < old_refinement);
        assert!(old_refinement < need(focus, 4, 0, true, 600.0));
    }
}
