//! How many rows to reserve in a table of the ECS before they are needed.
//!
//! A table that is full is moved as a whole to one of twice its size: for a hundred thousand entities that
//! is tens of megabytes within one slice of apply. While a table is small, room for all that will come costs
//! next to nothing, since the system gives memory only where something is written. So the first chunks say
//! how many entities a chunk has, and room for a whole world of such chunks is reserved then, at once:
//! moving a table costs what it has room for, not what it holds, so steps would cost the sum of all steps.

/// Rows that are reserved beyond those in use at most, whatever the first chunks look like: the engine also
/// numbers them one by one, which takes about a millisecond for so many.
const MOST_ROWS: usize = 1 << 18;
/// Chunks that are there beyond the wanted ones: what lingers, and what leaves after a jump.
const BEYOND_WANTED: f64 = 1.25;
/// A table that has room for this share of what is expected is left alone.
const ENOUGH: f64 = 0.8;

/// How things stand with one table.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct TableUse {
    /// Rows in use.
    pub rows: usize,
    /// Rows that it has memory for.
    pub capacity: usize,
    /// Rows that all chunks so far have brought.
    pub brought: u64,
    /// By how many chunks.
    pub chunks: u64,
    /// Chunks that are wanted at once.
    pub wanted: u64,
}

impl TableUse {
    /// How many free rows the table should have now; 0 if it has enough.
    pub fn rows_to_reserve(self) -> usize {
        if self.chunks == 0 {
            return 0;
        }
        let per_chunk = self.brought as f64 / self.chunks as f64;
        let expected = (per_chunk * self.wanted as f64 * BEYOND_WANTED) as usize;
        let expected = expected.min(self.rows + MOST_ROWS);
        if self.capacity as f64 >= expected as f64 * ENOUGH {
            return 0;
        }
        expected - self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(rows: usize, capacity: usize, wanted: u64) -> TableUse {
        TableUse {
            rows,
            capacity,
            brought: 300,
            chunks: 2,
            wanted,
        }
    }

    #[test]
    fn the_first_chunks_say_how_much_room_the_world_needs() {
        assert_eq!(table(300, 300, 100).rows_to_reserve(), 18_750 - 300);
        assert_eq!(table(300, 18_000, 100).rows_to_reserve(), 0, "enough");
        let unknown = TableUse {
            chunks: 0,
            ..table(300, 300, 100)
        };
        assert_eq!(unknown.rows_to_reserve(), 0, "nobody knows yet");
    }

    #[test]
    fn an_absurd_world_is_not_made_room_for() {
        assert_eq!(table(300, 300, 10_000_000).rows_to_reserve(), MOST_ROWS);
    }

    proptest! {
        #[test]
        fn what_is_reserved_is_never_less_than_what_is_free(
            rows in 0..500_000_usize, free in 0..500_000_usize, brought in 0..1_000_000_u64,
            chunks in 0..10_000_u64, wanted in 0..10_000_u64,
        ) {
            let table = TableUse { rows, capacity: rows + free, brought, chunks, wanted };
            let reserved = table.rows_to_reserve();
            prop_assert!(reserved == 0 || reserved > free, "a step that changes nothing is taken for ever");
        }
    }
}
