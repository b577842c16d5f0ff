//! Which cells a drive has to bring in, counted from geometry alone.

use std::collections::BTreeSet;

use bevy::math::DVec2;
use ringroad::streaming::ChunkCoord;

use super::world::cells_within;

/// The cells whose nearest edge came within a radius on the way, but not at its start.
#[derive(Debug, Default)]
pub(super) struct Entered {
    at_start: BTreeSet<ChunkCoord>,
    later: BTreeSet<ChunkCoord>,
    has_started: bool,
}

impl Entered {
    /// The focus is here now.
    pub fn look(&mut self, at: DVec2, radius_m: f64, chunk_size_m: f64) {
        // Half a diagonal more, so that every cell whose edge is near enough is among them.
        let near = cells_within(at, radius_m + chunk_size_m, chunk_size_m)
            .into_iter()
            .filter(|coord| coord.edge_distance(at, chunk_size_m) < radius_m);
        if self.has_started {
            for coord in near {
                if !self.at_start.contains(&coord) {
                    self.later.insert(coord);
                }
            }
        } else {
            self.at_start.extend(near);
            self.has_started = true;
        }
    }

    /// How many entered.
    pub fn count(&self) -> usize {
        self.later.len()
    }
}

/// Rows of cells, across the way, that a straight drive along x brings within a radius, by their middle.
pub(super) fn rows_by_middle(radius_m: f64, chunk_size_m: f64) -> usize {
    // More rows than any radius of the bench reaches.
    let most = (20_000.0 / chunk_size_m) as i32;
    (-most..most)
        .filter(|row| ((f64::from(*row) + 0.5) * chunk_size_m).abs() <= radius_m)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_on_both_sides_of_the_way() {
        // Middles at 50, 150, 250 ….
        assert_eq!(rows_by_middle(260.0, 100.0), 6);
        assert_eq!(rows_by_middle(240.0, 100.0), 4);
    }

    #[test]
    fn only_what_was_not_near_at_the_start_has_entered() {
        let mut entered = Entered::default();
        entered.look(DVec2::new(50.0, 0.0), 250.0, 100.0);
        assert_eq!(entered.count(), 0);
        for step in 0..=10 {
            entered.look(DVec2::new(50.0 + 10.0 * f64::from(step), 0.0), 250.0, 100.0);
        }
        // One cell farther along each of the six rows whose nearest edge is at 0, 100, or 200 m.
        assert_eq!(entered.count(), 6);
    }
}
