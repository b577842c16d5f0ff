//! Which rows hold a river. Rivers run east and west between two arterials, which are their embankments.

use super::super::area::Axis;
use super::lines;

/// Every so many rows one holds a river.
const ROWS_PER_RIVER: i64 = 7;
/// The river nearest to the origin is in this row: a short drive south.
const FIRST_ROW: i64 = 1;
/// Of all columns, those without a bridge.
const BRIDGELESS_ONE_IN: u64 = 5;

/// Whether the row between arterial `row` and the next is a river.
pub(in super::super) const fn is_river(row: i64) -> bool {
    row.rem_euclid(ROWS_PER_RIVER) == FIRST_ROW
}

/// Whether the arterial of a column crosses the river in a row.
pub(in super::super) fn has_bridge(seed: u64, column: i64, row: i64) -> bool {
    use super::super::hash::{Topic, hash_at};
    // The arterial through the origin and the avenues under a highway always cross.
    column == 0
        || lines::is_highway(column)
        || !hash_at(seed, Topic::Bridge, column, row).is_multiple_of(BRIDGELESS_ONE_IN)
}

/// Where the middles of the rivers are whose middle lies between two `v`, ascending.
pub(in super::super) fn middles_near(seed: u64, low: f64, high: f64) -> impl Iterator<Item = f64> {
    let first = lines::arterial_near(seed, Axis::X, low) - ROWS_PER_RIVER;
    let last = lines::arterial_near(seed, Axis::X, high) + ROWS_PER_RIVER;
    (first..=last)
        .filter(|row| is_river(*row))
        .map(move |row| middle(seed, row))
        .filter(move |middle| (low..=high).contains(middle))
}

/// Distance from a `v` to the middle of the nearest river, metres.
pub(in super::super) fn distance_m(seed: u64, v: f64) -> f64 {
    let row = lines::arterial_near(seed, Axis::X, v);
    (row - ROWS_PER_RIVER..=row + ROWS_PER_RIVER)
        .filter(|row| is_river(*row))
        .map(|row| (v - middle(seed, row)).abs())
        .fold(f64::MAX, f64::min)
}

fn middle(seed: u64, row: i64) -> f64 {
    (lines::arterial(seed, Axis::X, row) + lines::arterial(seed, Axis::X, row + 1)) / 2.0
}
