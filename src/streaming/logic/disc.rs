//! Which cells a circle covers, row by row, so that a circle that moves costs what changes: rows, not
//! cells.

use bevy::math::DVec2;
use std::ops::RangeInclusive;

use super::coord::ChunkCoord;

/// How far a cell is from a point.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// To its middle.
    Middle,
    /// To its nearest edge; 0 inside.
    Edge,
}

/// The cells within a radius of a point.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Disc {
    /// On the ground plane of the world (x, z), metres.
    pub centre: DVec2,
    /// Metres; nothing is inside a negative one.
    pub radius_m: f64,
    /// From where to where.
    pub measure: Measure,
    /// The side of a chunk in metres.
    pub chunk_size_m: f64,
    /// What it means to be inside; only discs of the same role can take each other's place.
    pub role: u16,
}

impl Disc {
    /// Whether a cell is inside.
    pub fn contains(&self, coord: ChunkCoord) -> bool {
        let distance = match self.measure {
            Measure::Middle => coord.center_distance(self.centre, self.chunk_size_m),
            Measure::Edge => coord.edge_distance(self.centre, self.chunk_size_m),
        };
        distance <= self.radius_m
    }

    /// Every cell inside. Cost: the cells.
    pub fn cells(&self) -> impl Iterator<Item = ChunkCoord> {
        self.rows().flat_map(|z| {
            let (low, high) = self.span(z).unwrap_or((1, 0));
            (low..=high).map(move |x| ChunkCoord::new(x, z))
        })
    }

    /// How many cells are inside. Cost: the rows.
    pub fn count(&self) -> u64 {
        let in_row = |(low, high): (i32, i32)| (i64::from(high) - i64::from(low) + 1) as u64;
        self.rows().filter_map(|z| self.span(z)).map(in_row).sum()
    }

    /// Visits every cell that is inside exactly one of two discs. Cost: their rows and those cells.
    pub fn changes(before: Option<&Self>, after: Option<&Self>, visit: &mut dyn FnMut(ChunkCoord)) {
        let rows = |disc: Option<&Self>| disc.map_or(RangeInclusive::new(1, 0), Self::rows);
        let span = |disc: Option<&Self>, z| disc.and_then(|disc| disc.span(z));
        let old_rows = rows(before);
        for z in old_rows.clone() {
            let (old, new) = (span(before, z), span(after, z));
            if old != new {
                visit_row(old, new, z, visit);
                visit_row(new, old, z, visit);
            }
        }
        for z in rows(after).filter(|z| !old_rows.contains(z)) {
            visit_row(span(after, z), None, z, visit);
        }
    }

    /// The rows that may hold cells.
    fn rows(&self) -> RangeInclusive<i32> {
        let row = |z: f64| (z / self.chunk_size_m).floor() as i32;
        row(self.centre.y - self.radius_m)..=row(self.centre.y + self.radius_m)
    }

    /// The first and the last cell of a row.
    fn span(&self, z: i32) -> Option<(i32, i32)> {
        let size = self.chunk_size_m;
        let row_z = f64::from(z) * size;
        let off = match self.measure {
            Measure::Middle => row_z + size * 0.5 - self.centre.y,
            Measure::Edge => self.centre.y.clamp(row_z, row_z + size) - self.centre.y,
        };
        let half = (self.radius_m * self.radius_m - off * off).sqrt();
        // NaN outside of the disc, and for a negative radius below.
        if half.is_nan() || self.radius_m < 0.0 {
            return None;
        }
        let (from, to) = ((self.centre.x - half) / size, (self.centre.x + half) / size);
        let (low, high) = match self.measure {
            Measure::Middle => ((from - 0.5).ceil() as i32, (to - 0.5).floor() as i32),
            Measure::Edge => ((from - 1.0).ceil() as i32, to.floor() as i32),
        };
        (low <= high).then_some((low, high))
    }
}

/// Visits the cells of `a` that are not in `b`.
fn visit_row(
    a: Option<(i32, i32)>,
    b: Option<(i32, i32)>,
    z: i32,
    visit: &mut dyn FnMut(ChunkCoord),
) {
    let Some((low, high)) = a else { return };
    let (without_low, without_high) = b.unwrap_or((i32::MAX, i32::MAX));
    let mut each = |from: i32, to: i32| {
        for x in from..=to {
            visit(ChunkCoord::new(x, z));
        }
    };
    if b.is_none() {
        each(low, high);
        return;
    }
    each(low, high.min(without_low.saturating_sub(1)));
    each(low.max(without_high.saturating_add(1)), high);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn disc() -> impl Strategy<Value = Disc> {
        (
            -3_000.0..3_000.0_f64,
            -3_000.0..3_000.0_f64,
            -10.0..1_500.0_f64,
            any::<bool>(),
        )
            .prop_map(|(x, z, radius_m, is_edge)| Disc {
                centre: DVec2::new(x, z),
                radius_m,
                measure: if is_edge {
                    Measure::Edge
                } else {
                    Measure::Middle
                },
                chunk_size_m: 100.0,
                role: 0,
            })
    }

    /// The model: look at every cell.
    fn all(disc: &Disc) -> BTreeSet<ChunkCoord> {
        let mut found = BTreeSet::new();
        for x in -50..50 {
            for z in -50..50 {
                let coord = ChunkCoord::new(x, z);
                if disc.contains(coord) {
                    found.insert(coord);
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn the_rows_hold_exactly_the_cells_within_the_radius(disc in disc()) {
            prop_assert_eq!(disc.cells().collect::<BTreeSet<_>>(), all(&disc));
            prop_assert_eq!(disc.count(), all(&disc).len() as u64);
        }

        #[test]
        fn changes_are_exactly_the_cells_inside_one_of_two(a in disc(), b in disc()) {
            let mut found = BTreeSet::new();
            Disc::changes(Some(&a), Some(&b), &mut |coord| {
                found.insert(coord);
            });
            let (a, b) = (all(&a), all(&b));
            prop_assert_eq!(found, a.symmetric_difference(&b).copied().collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn discs_far_apart_cost_their_own_rows() {
        let at = |x: f64| Disc {
            centre: DVec2::new(x, -x),
            radius_m: 500.0,
            measure: Measure::Middle,
            chunk_size_m: 100.0,
            role: 0,
        };
        let mut count = 0;
        Disc::changes(Some(&at(0.0)), Some(&at(1e9)), &mut |_| count += 1);
        assert_eq!(count, at(0.0).cells().count() + at(1e9).cells().count());
        Disc::changes(None, Some(&at(0.0)), &mut |_| count -= 1);
        assert_eq!(count, at(1e9).cells().count());
    }
}
