//! Where a chunk is: cells of the ground plane and their places in the world.

use bevy::math::{DVec2, Vec3};
use bevy::reflect::Reflect;
use serde::{Deserialize, Serialize};

/// A cell of the ground plane: chunk (x, z) covers `[x·size, (x+1)·size) × [z·size, (z+1)·size)` on X and Z, in metres.
#[derive(
    Copy,
    Clone,
    Eq,
    PartialEq,
    Ord,
    PartialOrd,
    Hash,
    Debug,
    Default,
    Reflect,
    Serialize,
    Deserialize,
)]
pub struct ChunkCoord {
    /// Cell index along world X.
    pub x: i32,
    /// Cell index along world Z.
    pub z: i32,
}

impl ChunkCoord {
    /// The cell with these indices.
    pub const fn new(x: i32, z: i32) -> Self {
        Self { x, z }
    }

    /// The cell that holds a point, whatever its height.
    pub fn containing(point_in_world: Vec3, chunk_size_m: f64) -> Self {
        Self::containing_ground(ground_point(point_in_world), chunk_size_m)
    }

    /// The cell that holds a point of the ground plane (x, z).
    pub fn containing_ground(point: DVec2, chunk_size_m: f64) -> Self {
        // `as` saturates, so a point beyond the last cell belongs to the last cell.
        Self::new(
            (point.x / chunk_size_m).floor() as i32,
            (point.y / chunk_size_m).floor() as i32,
        )
    }

    /// The corner with the least X and Z, at height 0, in metres.
    pub fn origin_in_world(self, chunk_size_m: f64) -> Vec3 {
        let corner = self.corner(chunk_size_m);
        Vec3::new(corner.x as f32, 0.0, corner.y as f32)
    }

    /// The middle of the cell, at height 0, in metres.
    pub fn center_in_world(self, chunk_size_m: f64) -> Vec3 {
        let center = self.center(chunk_size_m);
        Vec3::new(center.x as f32, 0.0, center.y as f32)
    }

    /// The middle of the cell on the ground plane (x, z), in metres.
    pub fn center(self, chunk_size_m: f64) -> DVec2 {
        self.corner(chunk_size_m) + DVec2::splat(chunk_size_m * 0.5)
    }

    /// Distance from a point of the ground plane to the middle of the cell, in metres.
    pub fn center_distance(self, point: DVec2, chunk_size_m: f64) -> f64 {
        self.center(chunk_size_m).distance(point)
    }

    /// Distance from a point of the ground plane to the nearest edge of the cell, 0 inside, in metres.
    pub fn edge_distance(self, point: DVec2, chunk_size_m: f64) -> f64 {
        let corner = self.corner(chunk_size_m);
        let nearest = point.clamp(corner, corner + DVec2::splat(chunk_size_m));
        nearest.distance(point)
    }

    /// The corner with the least X and Z on the ground plane (x, z), in metres.
    pub fn corner(self, chunk_size_m: f64) -> DVec2 {
        DVec2::new(f64::from(self.x), f64::from(self.z)) * chunk_size_m
    }
}

impl std::fmt::Display for ChunkCoord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {})", self.x, self.z)
    }
}

/// How much of a chunk to make: 0 is everything, larger numbers are coarser.
#[derive(
    Copy,
    Clone,
    Eq,
    PartialEq,
    Ord,
    PartialOrd,
    Hash,
    Debug,
    Default,
    Reflect,
    Serialize,
    Deserialize,
)]
pub struct DetailLevel(pub u8);

impl DetailLevel {
    /// Everything the chunk has.
    pub const FULL: Self = Self(0);
    /// Massing: the shape of what stands there.
    pub const MASSING: Self = Self(1);
    /// Skyline: what is seen of it from far away.
    pub const SKYLINE: Self = Self(2);
}

/// A world position seen from above: (x, z) in metres. Height never counts (law 10).
pub fn ground_point(point_in_world: Vec3) -> DVec2 {
    DVec2::new(f64::from(point_in_world.x), f64::from(point_in_world.z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_point_lies_in_its_own_cell_at_any_chunk_size(
            x in -1e5..1e5_f64, z in -1e5..1e5_f64, size in 16.0..4096.0_f64,
        ) {
            let point = DVec2::new(x, z);
            let coord = ChunkCoord::containing_ground(point, size);
            prop_assert!(coord.edge_distance(point, size) < 1e-6);
            prop_assert!(coord.center_distance(point, size) <= size * 0.7072);
        }
    }

    #[test]
    fn height_never_changes_the_cell() {
        for y in [-1e6, 0.0, 1e6] {
            assert_eq!(
                ChunkCoord::containing(Vec3::new(-0.5, y, 399.0), 200.0),
                ChunkCoord::new(-1, 1)
            );
        }
    }
}
