//! What is solid right now: the collision data of the loaded chunks, and the few questions the game asks about it.

use std::sync::Arc;

use bevy::math::bounding::{Aabb2d, Aabb3d};
use bevy::platform::collections::{HashMap, HashSet};
use bevy::prelude::*;

use crate::city::CityCollision;
use crate::streaming::{
    AsyncChunkQueue, ChunkCoord, ChunkFailed, ChunkLoaded, ChunkReadiness, ChunkUnloaded,
    StreamingSet, StreamingSettings,
};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<CollisionIndex>().add_systems(
        Update,
        (
            follow_chunks,
            follow_quarantine.run_if(resource_exists::<AsyncChunkQueue>),
        )
            .chain()
            .after(StreamingSet::GenApply),
    );
}

/// A box that reaches this far over the border of its chunk is still found from the other side.
const OVERHANG_M: f32 = 2.0;

/// The collision data of every loaded chunk.
#[derive(Resource)]
pub struct CollisionIndex {
    chunk_size_m: f64,
    /// `None` for a chunk that brought no collision data: flat and empty ground.
    chunks: HashMap<ChunkCoord, Option<Arc<CityCollision>>>,
    given_up: HashSet<ChunkCoord>,
}

impl Default for CollisionIndex {
    fn default() -> Self {
        Self::new(200.0)
    }
}

impl CollisionIndex {
    /// An empty index for chunks with edges of `chunk_size_m` metres.
    #[must_use]
    pub fn new(chunk_size_m: f64) -> Self {
        Self {
            chunk_size_m,
            chunks: HashMap::new(),
            given_up: HashSet::new(),
        }
    }

    /// Remembers a chunk; without data it counts as flat, empty ground at height zero.
    pub fn insert(&mut self, coord: ChunkCoord, collision: Option<Arc<CityCollision>>) {
        self.chunks.insert(coord, collision);
    }

    /// Forgets a chunk.
    pub fn remove(&mut self, coord: ChunkCoord) {
        self.chunks.remove(&coord);
    }

    /// Remembers a chunk that will not come: nothing is there, and nothing is waited for.
    pub fn give_up(&mut self, coord: ChunkCoord) {
        self.given_up.insert(coord);
    }

    /// How many chunks are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether no chunk is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether the chunk under this point of the world is there to stand on.
    #[must_use]
    pub fn is_ready(&self, point_in_world: Vec3) -> bool {
        self.chunks
            .contains_key(&ChunkCoord::containing(point_in_world, self.chunk_size_m))
    }

    /// Whether a body may be there: the chunk is there to stand on, or was given up, so that waiting would be for ever.
    #[must_use]
    pub fn may_enter(&self, point_in_world: Vec3) -> bool {
        self.is_ready(point_in_world)
            || self
                .given_up
                .contains(&ChunkCoord::containing(point_in_world, self.chunk_size_m))
    }

    /// Height of the ground in metres, or nothing where no chunk is loaded.
    #[must_use]
    pub fn ground_height(&self, point_in_world: Vec3) -> Option<f32> {
        let coord = ChunkCoord::containing(point_in_world, self.chunk_size_m);
        let collision = self.chunks.get(&coord)?;
        let offset_in_chunk = point_in_world - coord.origin_in_world(self.chunk_size_m);
        Some(collision.as_ref().map_or(0.0, |collision| {
            collision.ground_height(offset_in_chunk.xz())
        }))
    }

    /// Replaces the content of `found` with the boxes whose footprints come within `radius_m` of a point on the plane (x, z).
    pub fn boxes_near(&self, center_in_world: Vec2, radius_m: f32, found: &mut Vec<Aabb3d>) {
        found.clear();
        let reach = Vec2::splat(radius_m + OVERHANG_M);
        let corner = |point: Vec2| {
            ChunkCoord::containing(Vec3::new(point.x, 0.0, point.y), self.chunk_size_m)
        };
        let (low, high) = (
            corner(center_in_world - reach),
            corner(center_in_world + reach),
        );
        for x in low.x..=high.x {
            for z in low.z..=high.z {
                let coord = ChunkCoord::new(x, z);
                let Some(Some(collision)) = self.chunks.get(&coord) else {
                    continue;
                };
                let origin = coord.origin_in_world(self.chunk_size_m);
                let boxes = collision.boxes_near(center_in_world - origin.xz(), radius_m);
                found.extend(
                    boxes.map(|solid| Aabb3d::from_min_max(solid.min + origin, solid.max + origin)),
                );
            }
        }
    }

    /// The place nearest to `point_in_world` where upright cylinders touch no box, searched outwards up to 60 m; the point
    /// itself if there is none. The cylinders stand at `offsets_m` (x, z) from the place.
    #[must_use]
    pub fn free_spot(
        &self,
        point_in_world: Vec3,
        offsets_m: &[Vec2],
        radius_m: f32,
        height_m: f32,
    ) -> Vec3 {
        let mut boxes = Vec::new();
        for ring in 0..40_u8 {
            let distance = f32::from(ring) * 1.5;
            let directions = if ring == 0 { 1 } else { 16_u8 };
            for step in 0..directions {
                let angle = f32::from(step) / f32::from(directions) * std::f32::consts::TAU;
                let place =
                    point_in_world + Vec3::new(angle.cos() * distance, 0.0, angle.sin() * distance);
                let Some(ground) = self.ground_height(place) else {
                    continue;
                };
                let is_free = offsets_m.iter().all(|offset| {
                    let center = place.xz() + *offset;
                    self.boxes_near(center, radius_m, &mut boxes);
                    boxes.iter().all(|solid| {
                        !blocks(solid, ground + 0.3, ground + height_m)
                            || push_out(center, radius_m, solid).is_none()
                    })
                });
                if is_free {
                    return place;
                }
            }
        }
        point_in_world
    }
}

/// Whether a box has anything between two heights in metres.
#[must_use]
pub fn blocks(solid: &Aabb3d, low_m: f32, high_m: f32) -> bool {
    solid.max.y > low_m && solid.min.y < high_m
}

/// The footprint of a box on the plane (x, z).
#[must_use]
pub fn footprint(solid: &Aabb3d) -> Aabb2d {
    Aabb2d {
        min: Vec2::new(solid.min.x, solid.min.z),
        max: Vec2::new(solid.max.x, solid.max.z),
    }
}

/// The shortest way out of a box for a circle on the plane (x, z); nothing while they do not touch.
#[must_use]
pub fn push_out(center: Vec2, radius_m: f32, solid: &Aabb3d) -> Option<Vec2> {
    let rectangle = footprint(solid);
    let offset = center - rectangle.closest_point(center);
    let distance = offset.length();
    if distance >= radius_m {
        return None;
    }
    if distance > 1e-5 {
        return Some(offset / distance * (radius_m - distance));
    }
    // The centre is inside: leave by the nearest side.
    let ways = [
        Vec2::new(rectangle.min.x - center.x - radius_m, 0.0),
        Vec2::new(rectangle.max.x - center.x + radius_m, 0.0),
        Vec2::new(0.0, rectangle.min.y - center.y - radius_m),
        Vec2::new(0.0, rectangle.max.y - center.y + radius_m),
    ];
    ways.into_iter()
        .min_by(|a, b| a.length_squared().total_cmp(&b.length_squared()))
}

fn follow_chunks(
    settings: Res<StreamingSettings>,
    mut index: ResMut<CollisionIndex>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut loaded: MessageReader<ChunkLoaded>,
) {
    if settings.chunk_size_m != index.chunk_size_m {
        *index = CollisionIndex::new(settings.chunk_size_m);
    }
    // A chunk that was made anew is unloaded and loaded in one frame, in this order.
    for chunk in unloaded.read() {
        index.remove(chunk.coord);
    }
    for chunk in loaded.read() {
        let collision = chunk
            .payload
            .clone()
            .and_then(|payload| payload.downcast::<CityCollision>().ok());
        index.insert(chunk.coord, collision);
    }
}

fn follow_quarantine(
    readiness: ChunkReadiness,
    mut index: ResMut<CollisionIndex>,
    mut failed: MessageReader<ChunkFailed>,
) {
    for chunk in failed.read().filter(|chunk| chunk.quarantined) {
        index.give_up(chunk.coord);
    }
    // Tried again, or far away by now.
    if !index.given_up.is_empty() {
        index
            .given_up
            .retain(|coord| readiness.quarantine_reason(*coord).is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solid(min: [f32; 3], max: [f32; 3]) -> Aabb3d {
        Aabb3d::from_min_max(Vec3::from(min), Vec3::from(max))
    }

    #[test]
    fn a_circle_leaves_a_box_by_the_shortest_way() {
        let wall = solid([0.0, 0.0, 0.0], [10.0, 3.0, 10.0]);
        assert_eq!(push_out(Vec2::new(-2.0, 5.0), 1.0, &wall), None);
        let push = push_out(Vec2::new(-0.5, 5.0), 1.0, &wall).unwrap();
        assert!((push - Vec2::new(-0.5, 0.0)).length() < 1e-5);
        let push = push_out(Vec2::new(9.0, 5.0), 1.0, &wall).unwrap();
        assert!((push - Vec2::new(2.0, 0.0)).length() < 1e-5);
    }

    #[test]
    fn a_place_is_ready_only_while_its_chunk_is_there() {
        let mut index = CollisionIndex::new(100.0);
        let place = Vec3::new(-50.0, 0.0, 250.0);
        assert!(!index.is_ready(place) && index.ground_height(place).is_none());
        index.insert(ChunkCoord::new(-1, 2), None);
        assert!(index.is_ready(place));
        assert_eq!(index.ground_height(place), Some(0.0));
        index.remove(ChunkCoord::new(-1, 2));
        assert!(!index.is_ready(place));
    }
}
