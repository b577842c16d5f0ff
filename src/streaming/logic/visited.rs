//! Which cells were ever loaded, counted exactly in little memory: one bit per cell, in squares of cells.

use super::coord::ChunkCoord;
use super::recent::Recent;

/// The side of a square, in cells: 64 of them are the bits of one word.
const SIDE: i32 = 8;

/// So many squares are remembered at least, the last ones that something landed in. Together they hold two
/// million cells; even one square per place is a world of 30,000 places.
const SQUARES: usize = 1 << 15;

/// The cells that landed at least once. At most 2 MiB, however long the game; the
/// counting is exact until squares are forgotten for want of room.
#[derive(Clone, Debug)]
pub struct Visited {
    squares: Recent<(i32, i32), u64>,
}

impl Default for Visited {
    fn default() -> Self {
        Self {
            squares: Recent::new(SQUARES),
        }
    }
}

impl Visited {
    /// Notes a cell; whether it was new. Cost: O(log squares).
    pub fn insert(&mut self, coord: ChunkCoord) -> bool {
        let square = (coord.x.div_euclid(SIDE), coord.z.div_euclid(SIDE));
        let (column, row) = (coord.x.rem_euclid(SIDE), coord.z.rem_euclid(SIDE));
        let bit = 1_u64 << (row * SIDE + column);
        let cells = self.squares.entry(square, || 0);
        let is_new = *cells & bit == 0;
        *cells |= bit;
        is_new
    }

    /// Whether the counting is exact so far. It stops to be when squares were forgotten for want of room:
    /// from then on a cell that comes back after a very long way counts as new again.
    #[cfg(test)]
    pub fn is_exact(&self) -> bool {
        !self.squares.has_forgotten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_counts_as_a_set_of_cells_does(
            cells in proptest::collection::vec((-30..30_i32, -30..30_i32), 0..600)
        ) {
            let (mut visited, mut model) = (Visited::default(), BTreeSet::new());
            for (x, z) in cells {
                let coord = ChunkCoord::new(x, z);
                prop_assert_eq!(visited.insert(coord), model.insert(coord));
            }
            prop_assert!(visited.is_exact());
        }
    }

    #[test]
    fn the_ends_of_the_world_are_cells_like_others() {
        let mut visited = Visited::default();
        for x in [i32::MIN, -1, 0, i32::MAX] {
            for z in [i32::MIN, -1, 0, i32::MAX] {
                assert!(visited.insert(ChunkCoord::new(x, z)));
                assert!(!visited.insert(ChunkCoord::new(x, z)));
            }
        }
    }

    #[test]
    fn an_endless_journey_costs_no_more_than_a_long_one() {
        let mut visited = Visited::default();
        for x in 0..3 * SQUARES as i32 {
            assert!(visited.insert(ChunkCoord::new(x * SIDE, 0)));
        }
        assert!(!visited.is_exact());
        assert!(visited.squares.len() <= 2 * SQUARES);
    }
}
