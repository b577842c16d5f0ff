//! The lines that streets may lie on: arterials, and between two of them the lines of smaller streets.

use super::super::area::Axis;
use super::super::hash::{Dice, Topic};
use super::rivers;

/// How far apart arterials are on average, metres.
const ARTERIAL_PITCH_M: f64 = 420.0;
/// How far an arterial may be from its place in an even grid, metres.
const ARTERIAL_JITTER_M: f32 = 45.0;
/// The size of a block with its share of the streets that lines aim for, metres.
const BLOCK_PITCH_M: f64 = 68.0;
/// Share of the pitch by which a line may be moved.
const LINE_JITTER: f32 = 0.13;
/// Every so many columns an arterial has a highway above it.
const COLUMNS_PER_HIGHWAY: i64 = 6;
const FIRST_HIGHWAY: i64 = 2;

/// Where arterial `index` lies. Lines along [`Axis::Z`] are columns and lie at a `u`, lines along [`Axis::X`] are rows
/// and lie at a `v`. Ascending with the index; number 0 goes through the origin.
pub(in super::super) fn arterial(seed: u64, axis: Axis, index: i64) -> f64 {
    if index == 0 {
        return 0.0;
    }
    let mut dice = Dice::at(seed, Topic::Arterial, axis as i64, index);
    exact(
        index as f64 * ARTERIAL_PITCH_M
            + f64::from(dice.between(-ARTERIAL_JITTER_M, ARTERIAL_JITTER_M)),
    )
}

/// The index of the last arterial at or before a place.
pub(in super::super) fn arterial_near(seed: u64, axis: Axis, at: f64) -> i64 {
    let guess = (at / ARTERIAL_PITCH_M).floor() as i64;
    (guess - 1..=guess + 1)
        .rev()
        .find(|index| arterial(seed, axis, *index) <= at)
        .unwrap_or(guess - 1)
}

/// The indices of the arterials between two places, ends included.
pub(in super::super) fn arterials(
    seed: u64,
    axis: Axis,
    low: f64,
    high: f64,
) -> impl Iterator<Item = i64> {
    let (first, last) = (
        arterial_near(seed, axis, low),
        arterial_near(seed, axis, high),
    );
    (first..=last).filter(move |index| arterial(seed, axis, *index) >= low)
}

/// Whether a highway runs above the arterial of a column.
pub(in super::super) const fn is_highway(column: i64) -> bool {
    column.rem_euclid(COLUMNS_PER_HIGHWAY) == FIRST_HIGHWAY
}

/// The arterial with an index, the next one, and the lines between them.
#[derive(Clone, PartialEq, Debug)]
pub(in super::super) struct Lines {
    pub(in super::super) from: f64,
    pub(in super::super) to: f64,
    /// Ascending, strictly between `from` and `to`. Empty where a river is.
    pub(in super::super) between: Vec<f64>,
}

impl Lines {
    pub(in super::super) fn new(seed: u64, axis: Axis, index: i64) -> Self {
        let (from, to) = (arterial(seed, axis, index), arterial(seed, axis, index + 1));
        let is_river = axis == Axis::X && rivers::is_river(index);
        let count = if is_river {
            1
        } else {
            ((to - from) / BLOCK_PITCH_M).round().max(1.0) as u32
        };
        let pitch = (to - from) / f64::from(count);
        let mut dice = Dice::at(seed, Topic::SideStreets, axis as i64, index);
        let between = (1..count)
            .map(|line| {
                let shift = dice.between(-LINE_JITTER, LINE_JITTER);
                exact(from + pitch * (f64::from(line) + f64::from(shift)))
            })
            .collect();
        Self { from, to, between }
    }
}

/// A sixteenth of a metre is exact in `f32` too, near its origin: the same street is at the same place in every sum.
fn exact(metres: f64) -> f64 {
    (metres * 16.0).round() / 16.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_ascend_with_room_for_a_block_between_them() {
        for seed in 0..20 {
            for axis in [Axis::X, Axis::Z] {
                for index in -40..40 {
                    let lines = Lines::new(seed, axis, index);
                    let all: Vec<f64> = std::iter::once(lines.from)
                        .chain(lines.between.iter().copied())
                        .chain([lines.to])
                        .collect();
                    for pair in all.windows(2) {
                        assert!(pair[1] - pair[0] > 44.0, "{pair:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_arterial_before_a_place_is_found() {
        for seed in 0..10 {
            for at in (-9_000..9_000).step_by(37).map(f64::from) {
                let index = arterial_near(seed, Axis::Z, at);
                assert!(arterial(seed, Axis::Z, index) <= at);
                assert!(arterial(seed, Axis::Z, index + 1) > at);
            }
        }
    }
}
