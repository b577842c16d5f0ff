//! The streets as lines of the plan: which there are, of what class, and where they meet. Pure functions of the seed.
//!
//! ```text
//!        column 0              column 1             arterials: endless lines, about 420 m apart
//!   ═══════╬═════════════════════╬═════════ row 0
//!          ║ strip  │   │    │   ║                 between them a superblock, cut into strips by streets that run
//!          ╟────────┴──┬┴────┬───╢ street          through it, and the strips into blocks by cross streets of their own
//!          ║ strip     │     │   ║
//!   ═══════╬═════════════════════╬═════════ row 1
//!          ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~                 some rows hold a river: only arterials cross it, on bridges
//! ```
//!
//! The lines that streets may lie on belong to the whole column or row, so streets of neighbouring superblocks meet on
//! the arterial between them; which of them are built is each superblock's own decision.
//!
//! Places are in plan coordinates, metres, `f64`, multiples of 1/16 m: exact wherever they are asked for.

mod lines;
pub(super) mod rivers;
mod roads;
mod superblock;

pub(super) use lines::{Lines, arterial, arterial_near, arterials, is_highway};
pub(super) use roads::{Crossing, Road, RoadEnd};
pub(super) use superblock::{BlockSite, Ground, Superblock};

use bevy::math::DVec2;

/// A rectangle of the plan, metres.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) struct PlanArea {
    pub(super) low: DVec2,
    pub(super) high: DVec2,
}

impl PlanArea {
    pub(super) const fn new(low: DVec2, high: DVec2) -> Self {
        Self { low, high }
    }

    pub(super) fn center(&self) -> DVec2 {
        (self.low + self.high) / 2.0
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.low.cmplt(other.high).all() && other.low.cmplt(self.high).all()
    }

    pub(super) fn contains(&self, place: DVec2) -> bool {
        self.low.cmple(place).all() && place.cmplt(self.high).all()
    }

    /// The area with a margin on all sides.
    pub(super) fn grown(&self, margin_m: f64) -> Self {
        Self::new(
            self.low - DVec2::splat(margin_m),
            self.high + DVec2::splat(margin_m),
        )
    }
}

/// The superblocks that touch an area, by column and row.
pub(super) fn superblocks_in(seed: u64, area: &PlanArea) -> impl Iterator<Item = Superblock> {
    use super::area::Axis;
    let first = (
        arterial_near(seed, Axis::Z, area.low.x),
        arterial_near(seed, Axis::X, area.low.y),
    );
    let last = (
        arterial_near(seed, Axis::Z, area.high.x),
        arterial_near(seed, Axis::X, area.high.y),
    );
    (first.1..=last.1)
        .flat_map(move |row| (first.0..=last.0).map(move |column| (column, row)))
        .map(move |(column, row)| Superblock::new(seed, column, row))
}
