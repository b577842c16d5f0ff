//! What is solid right now: the collision data of the chunks that can be stood on, and the few questions the game asks
//! about it.
//!
//! Questions and answers are in coordinates of the world (`f64`). Chunks keep theirs from their own corners, so a wall is
//! as sharp 100 km away as in the middle, and nothing here moves when the scene does.

use std::sync::Arc;

use bevy::math::bounding::{Aabb2d, Aabb3d};
use bevy::math::{DVec2, DVec3};
use bevy::platform::collections::{HashMap, HashSet};
use bevy::prelude::*;

use crate::city::CityCollision;
use crate::streaming::{
    AsyncChunkQueue, ChunkCollidable, ChunkCoord, ChunkFailed, ChunkLoaded, ChunkPayload,
    ChunkReadiness, ChunkUnloaded, DetailLevel, StreamingSet, StreamingSettings,
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

/// A box with edges along the axes, metres of the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solid {
    /// The corner with the smallest coordinates.
    pub min: DVec3,
    /// The corner with the largest coordinates.
    pub max: DVec3,
}

impl Solid {
    /// A box between two corners.
    #[must_use]
    pub const fn new(min: DVec3, max: DVec3) -> Self {
        Self { min, max }
    }

    /// The box relative to a point of the world, for what is computed with `f32`.
    #[must_use]
    pub fn seen_from(&self, point_in_world: DVec3) -> Aabb3d {
        Aabb3d::from_min_max(
            (self.min - point_in_world).as_vec3(),
            (self.max - point_in_world).as_vec3(),
        )
    }

    /// Whether the box has anything between two heights in metres.
    #[must_use]
    pub fn blocks(&self, low_m: f64, high_m: f64) -> bool {
        self.max.y > low_m && self.min.y < high_m
    }

    /// The way from a point on the plane (x, z) to the nearest point of the footprint, metres; zero inside.
    #[must_use]
    pub fn way_from(&self, point_in_world: DVec2) -> Vec2 {
        self.footprint_from(point_in_world)
            .closest_point(Vec2::ZERO)
    }

    /// The shortest way out of the box for a circle on the plane (x, z); nothing while they do not touch.
    #[must_use]
    pub fn push_out(&self, center_in_world: DVec2, radius_m: f32) -> Option<Vec2> {
        let rectangle = self.footprint_from(center_in_world);
        let offset = -rectangle.closest_point(Vec2::ZERO);
        let distance = offset.length();
        if distance >= radius_m {
            return None;
        }
        if distance > 1e-5 {
            return Some(offset / distance * (radius_m - distance));
        }
        // The centre is inside: leave by the nearest side.
        let ways = [
            Vec2::new(rectangle.min.x - radius_m, 0.0),
            Vec2::new(rectangle.max.x + radius_m, 0.0),
            Vec2::new(0.0, rectangle.min.y - radius_m),
            Vec2::new(0.0, rectangle.max.y + radius_m),
        ];
        ways.into_iter()
            .min_by(|a, b| a.length_squared().total_cmp(&b.length_squared()))
    }

    /// The footprint on the plane (x, z), relative to a point of it.
    fn footprint_from(&self, point_in_world: DVec2) -> Aabb2d {
        Aabb2d {
            min: (self.min.xz() - point_in_world).as_vec2(),
            max: (self.max.xz() - point_in_world).as_vec2(),
        }
    }
}

/// The collision data of every chunk that can be stood on.
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

    /// Whether the chunk under this point is there to stand on. Height does not count.
    #[must_use]
    pub fn is_ready(&self, point_in_world: DVec3) -> bool {
        self.chunks.contains_key(&self.cell(point_in_world.xz()))
    }

    /// Whether a body may be there: the chunk is there to stand on, or was given up, so that waiting would be for ever.
    #[must_use]
    pub fn may_enter(&self, point_in_world: DVec2) -> bool {
        let coord = self.cell(point_in_world);
        self.chunks.contains_key(&coord) || self.given_up.contains(&coord)
    }

    /// Height of the ground in metres, or nothing where there is no chunk to stand on.
    #[must_use]
    pub fn ground_height(&self, point_in_world: DVec2) -> Option<f64> {
        let coord = self.cell(point_in_world);
        let collision = self.chunks.get(&coord)?;
        let offset_in_chunk = (point_in_world - coord.corner(self.chunk_size_m)).as_vec2();
        Some(collision.as_ref().map_or(0.0, |collision| {
            f64::from(collision.ground_height(offset_in_chunk))
        }))
    }

    /// Replaces the content of `found` with the boxes whose footprints come within `radius_m` of a point on the plane (x, z).
    pub fn boxes_near(&self, center_in_world: DVec2, radius_m: f32, found: &mut Vec<Solid>) {
        found.clear();
        let reach = DVec2::splat(f64::from(radius_m + OVERHANG_M));
        let (low, high) = (
            self.cell(center_in_world - reach),
            self.cell(center_in_world + reach),
        );
        for x in low.x..=high.x {
            for z in low.z..=high.z {
                let coord = ChunkCoord::new(x, z);
                let Some(Some(collision)) = self.chunks.get(&coord) else {
                    continue;
                };
                let corner = coord.corner(self.chunk_size_m);
                let boxes = collision.boxes_near((center_in_world - corner).as_vec2(), radius_m);
                let corner = corner.extend(0.0).xzy();
                found.extend(boxes.map(|solid| {
                    Solid::new(corner + solid.min.as_dvec3(), corner + solid.max.as_dvec3())
                }));
            }
        }
    }

    /// The place nearest to `point_in_world` where upright cylinders touch no box, searched outwards up to 60 m; the point
    /// itself if there is none. The cylinders stand at `offsets_m` (x, z) from the place.
    #[must_use]
    pub fn free_spot(
        &self,
        point_in_world: DVec3,
        offsets_m: &[Vec2],
        radius_m: f32,
        height_m: f32,
    ) -> DVec3 {
        let mut boxes = Vec::new();
        for ring in 0..40_u8 {
            let distance = f64::from(ring) * 1.5;
            let directions = if ring == 0 { 1 } else { 16_u8 };
            for step in 0..directions {
                let angle = f64::from(step) / f64::from(directions) * std::f64::consts::TAU;
                let place = point_in_world
                    + DVec3::new(angle.cos() * distance, 0.0, angle.sin() * distance);
                let Some(ground) = self.ground_height(place.xz()) else {
                    continue;
                };
                let is_free = offsets_m.iter().all(|offset| {
                    let center = place.xz() + offset.as_dvec2();
                    self.boxes_near(center, radius_m, &mut boxes);
                    boxes.iter().all(|solid| {
                        !solid.blocks(ground + 0.3, ground + f64::from(height_m))
                            || solid.push_out(center, radius_m).is_none()
                    })
                });
                if is_free {
                    return place;
                }
            }
        }
        point_in_world
    }

    fn cell(&self, point_in_world: DVec2) -> ChunkCoord {
        ChunkCoord::containing_ground(point_in_world, self.chunk_size_m)
    }
}

fn follow_chunks(
    settings: Res<StreamingSettings>,
    mut index: ResMut<CollisionIndex>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut collidable: MessageReader<ChunkCollidable>,
    mut loaded: MessageReader<ChunkLoaded>,
) {
    if settings.chunk_size_m != index.chunk_size_m {
        *index = CollisionIndex::new(settings.chunk_size_m);
    }
    // A chunk that was made anew is unloaded, can be stood on and is loaded in this order, in one frame or over several.
    for chunk in unloaded.read() {
        index.remove(chunk.coord);
    }
    for chunk in collidable.read() {
        index.insert(chunk.coord, collision_of(chunk.payload.as_ref()));
    }
    for chunk in loaded.read() {
        if chunk.detail > DetailLevel::FULL && chunk.payload.is_none() {
            // Only seen from afar: nothing to stand on.
            index.remove(chunk.coord);
        } else {
            index.insert(chunk.coord, collision_of(chunk.payload.as_ref()));
        }
    }
}

fn collision_of(payload: Option<&ChunkPayload>) -> Option<Arc<CityCollision>> {
    payload?.clone().downcast::<CityCollision>().ok()
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

    fn solid(min: [f64; 3], max: [f64; 3]) -> Solid {
        Solid::new(DVec3::from(min), DVec3::from(max))
    }

    #[test]
    fn a_circle_leaves_a_box_by_the_shortest_way() {
        let wall = solid([0.0, 0.0, 0.0], [10.0, 3.0, 10.0]);
        assert_eq!(wall.push_out(DVec2::new(-2.0, 5.0), 1.0), None);
        let push = wall.push_out(DVec2::new(-0.5, 5.0), 1.0).unwrap();
        assert!((push - Vec2::new(-0.5, 0.0)).length() < 1e-5);
        let push = wall.push_out(DVec2::new(9.0, 5.0), 1.0).unwrap();
        assert!((push - Vec2::new(2.0, 0.0)).length() < 1e-5);
    }

    #[test]
    fn a_wall_is_as_sharp_ten_thousand_kilometres_away() {
        let far = DVec3::new(1e7, 0.0, -1e7);
        let wall = solid([0.0, 0.0, 0.0], [10.0, 3.0, 10.0]);
        let far_wall = Solid::new(wall.min + far, wall.max + far);
        for x in [-0.9, -0.5, -0.1234, 3.3] {
            let point = DVec2::new(x, 4.0);
            let (near, away) = (
                wall.push_out(point, 1.0).unwrap(),
                far_wall.push_out(point + far.xz(), 1.0).unwrap(),
            );
            assert!(near.distance(away) < 1e-6, "{near} and {away}");
        }
    }

    #[test]
    fn a_place_is_ready_only_while_its_chunk_is_there() {
        let mut index = CollisionIndex::new(100.0);
        let place = DVec3::new(-50.0, 0.0, 250.0);
        assert!(!index.is_ready(place) && index.ground_height(place.xz()).is_none());
        index.insert(ChunkCoord::new(-1, 2), None);
        assert!(index.is_ready(place));
        assert_eq!(index.ground_height(place.xz()), Some(0.0));
        index.remove(ChunkCoord::new(-1, 2));
        assert!(!index.is_ready(place));
    }
}
