//! What is solid right now: the collision data of the chunks that can be stood on, and the few questions the game asks
//! about it.
//!
//! Questions and answers are in coordinates of the world (`f64`). Chunks keep theirs from their own corners, so a wall is
//! as sharp 100 km away as in the middle, and nothing here moves when the scene does.
//!
//! ```text
//!  place in the world ─► its chunk ─► the chunk's survey bends it into the plan ─► boxes and floors of the plan
//!                                                                                     │ bent back around the place
//!  push, cast, height ◄──────────────────────────────── Solid, Floor ◄────────────────┘
//! ```

mod solid;

use std::sync::Arc;

pub use solid::Solid;

use bevy::math::{DVec2, DVec3};
use bevy::platform::collections::{HashMap, HashSet};
use bevy::prelude::*;

use crate::city::{
    CityCollision, CityRelief, CollisionBox, FloorKind, ParkedCar, StreetChanges, ThingKind,
};
use crate::streaming::{
    AsyncChunkQueue, ChunkCollidable, ChunkCoord, ChunkFailed, ChunkLoaded, ChunkPayload,
    ChunkReadiness, ChunkUnloaded, DetailLevel, StreamingSet, StreamingSettings,
};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<CollisionIndex>()
        // Before anybody asks how high the land is, in the first frame too.
        .add_systems(
            PreUpdate,
            follow_settings.run_if(resource_exists_and_changed::<StreamingSettings>),
        )
        .add_systems(
            Update,
            (
                follow_chunks,
                follow_quarantine.run_if(resource_exists::<AsyncChunkQueue>),
            )
                .chain()
                .after(StreamingSet::GenApply),
        );
}

/// A chunk lists boxes that are so far outside its cell at least, metres: who stands in it touches no others.
const KNOWN_AROUND_M: f32 = 3.0;
/// Boxes farther from the middle of a question are bent around their own nearest point, metres.
const NEAR_M: f32 = 5.0;
/// How much longer a way of the plan is than its way in the world, at most.
const MOST_LONGER: f32 = 1.5;
/// A floor this far above the feet is still under them, metres: a step, not a roof.
const STEP_M: f64 = 0.5;
/// A chunk may know things that are so far outside its cell, metres.
const KNOWN_FROM_M: f64 = 30.0;
/// Thickness of a deck, metres, for what comes from below.
const DECK_M: f64 = 1.3;

/// Something near that can be knocked over or pushed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearThing {
    /// What it is.
    pub kind: ThingKind,
    /// Where it is in the world, x and z in metres.
    pub in_world: DVec2,
    /// Where it is in the city's plan.
    pub at_in_plan: DVec2,
    /// Where it was in the plan when the city was new: its name.
    pub home_in_plan: DVec2,
    /// What it looks like, if it is a car.
    pub car: Option<ParkedCar>,
    /// How small steps in the world become steps in the plan here.
    pub to_plan: Mat2,
    /// Its box.
    pub solid: Solid,
}

/// What a body stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Height above the water, metres.
    pub height_m: f64,
    /// What it is.
    pub kind: FloorKind,
}

impl Floor {
    /// Whether somebody who was taken out of the water may be put here.
    #[must_use]
    pub const fn is_firm(&self) -> bool {
        !matches!(self.kind, FloorKind::Water | FloorKind::Bank)
    }
}

/// The collision data of every chunk that can be stood on.
#[derive(Resource)]
pub struct CollisionIndex {
    chunk_size_m: f64,
    /// `None` for a chunk that brought no collision data: flat and empty ground.
    chunks: HashMap<ChunkCoord, Option<Arc<CityCollision>>>,
    given_up: HashSet<ChunkCoord>,
    /// The land where no chunk is.
    relief: Option<CityRelief>,
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
            relief: None,
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

    /// Height of the ground in metres, without decks above it, or nothing where there is no chunk to stand on.
    #[must_use]
    pub fn ground_height(&self, point_in_world: DVec2) -> Option<f64> {
        // Lower than everything: the lowest floor.
        self.floor_below(point_in_world, f64::MIN)
            .map(|floor| floor.height_m)
    }

    /// Height of the land in metres, whether a chunk is there or not.
    #[must_use]
    pub fn land_height(&self, point_in_world: DVec2) -> f64 {
        self.relief
            .as_ref()
            .map_or(0.0, |relief| relief.height_at(point_in_world))
    }

    /// What a body with its feet at a point stands on, or would fall onto: the highest floor that is not above the feet
    /// by more than a step. Nothing where there is no chunk to stand on.
    #[must_use]
    pub fn floor_under(&self, feet_in_world: DVec3) -> Option<Floor> {
        self.floor_below(feet_in_world.xz(), feet_in_world.y + STEP_M)
    }

    /// Whether a ball at a point touches a deck from below or inside, as of a viaduct over the street.
    #[must_use]
    pub fn is_in_deck(&self, point_in_world: DVec3, radius_m: f64) -> bool {
        let (place, height_m) = (point_in_world.xz(), point_in_world.y);
        let over = self.floor_below(place, height_m + radius_m + DECK_M);
        over.is_some_and(|floor| {
            floor.height_m > height_m - radius_m
                && self
                    .ground_height(place)
                    .is_some_and(|ground| floor.height_m > ground + DECK_M)
        })
    }

    fn floor_below(&self, point_in_world: DVec2, most_m: f64) -> Option<Floor> {
        let coord = self.cell(point_in_world);
        let Some(collision) = self.chunks.get(&coord)? else {
            return Some(Floor {
                height_m: 0.0,
                kind: FloorKind::Block,
            });
        };
        let offset_in_chunk = (point_in_world - coord.corner(self.chunk_size_m)).as_vec2();
        let floor = collision.floor_below(collision.plan_of(offset_in_chunk), most_m as f32);
        Some(Floor {
            height_m: f64::from(floor.height_m),
            kind: floor.kind,
        })
    }

    /// Replaces the content of `found` with the boxes whose footprints come within `radius_m` of a point on the plane
    /// (x, z), and perhaps some that are a little farther. A box that several chunks know may be there more than once.
    pub fn boxes_near(&self, center_in_world: DVec2, radius_m: f32, found: &mut Vec<Solid>) {
        found.clear();
        let reach = DVec2::splat(f64::from((radius_m - KNOWN_AROUND_M).max(0.0)));
        let (low, high) = (
            self.cell(center_in_world - reach),
            self.cell(center_in_world + reach),
        );
        for x in low.x..=high.x {
            for z in low.z..=high.z {
                let coord = ChunkCoord::new(x, z);
                if let Some(Some(collision)) = self.chunks.get(&coord) {
                    self.add_boxes(coord, collision, center_in_world, radius_m, found);
                }
            }
        }
    }

    fn add_boxes(
        &self,
        coord: ChunkCoord,
        collision: &CityCollision,
        center_in_world: DVec2,
        radius_m: f32,
        found: &mut Vec<Solid>,
    ) {
        let corner = coord.corner(self.chunk_size_m);
        let center = collision.plan_of((center_in_world - corner).as_vec2());
        let stretch = collision.stretch_at(center);
        let boxes = collision.boxes_near(center, radius_m * MOST_LONGER);
        found.extend(boxes.map(|solid| {
            let CollisionBox { min, max, outline } = *solid;
            let (low, high) = (min.xz(), max.xz());
            let heights = [f64::from(min.y), f64::from(max.y)];
            let nearest = center.clamp(low, high);
            if nearest.distance_squared(center) < NEAR_M * NEAR_M {
                return Solid::bent(
                    center_in_world,
                    [low - center, high - center],
                    stretch,
                    heights,
                )
                .outlined(outline);
            }
            let anchor = corner + collision.world_of(nearest).as_dvec2();
            let stretch = collision.stretch_at(nearest);
            Solid::bent(anchor, [low - nearest, high - nearest], stretch, heights).outlined(outline)
        }));
    }

    /// What can be knocked over or pushed within a distance of a point on the plane (x, z), nearest first. Only what the
    /// chunk there knows: also what is a few metres beyond its border.
    #[must_use]
    pub fn things_near(&self, center_in_world: DVec2, radius_m: f32) -> Vec<NearThing> {
        let coord = self.cell(center_in_world);
        let Some(Some(collision)) = self.chunks.get(&coord) else {
            return Vec::new();
        };
        let corner = coord.corner(self.chunk_size_m);
        let center = collision.plan_of((center_in_world - corner).as_vec2());
        let origin = collision.origin_in_plan();
        let mut things: Vec<NearThing> = collision
            .things_near(center, radius_m * MOST_LONGER)
            .map(|thing| {
                let in_world = corner + collision.world_of(thing.at).as_dvec2();
                let stretch = collision.stretch_at(thing.at);
                let CollisionBox { min, max, .. } = collision.box_of(thing);
                let corners = [min.xz() - thing.at, max.xz() - thing.at];
                let heights = [f64::from(min.y), f64::from(max.y)];
                NearThing {
                    kind: thing.kind,
                    in_world,
                    at_in_plan: origin + thing.at.as_dvec2(),
                    home_in_plan: origin + thing.home.as_dvec2(),
                    car: thing.car,
                    to_plan: stretch.inverse(),
                    solid: Solid::bent(in_world, corners, stretch, heights),
                }
            })
            .collect();
        things.sort_by(|a, b| {
            let distance = |thing: &NearThing| thing.in_world.distance_squared(center_in_world);
            distance(a).total_cmp(&distance(b))
        });
        things
    }

    /// The chunks that may know things at these places.
    #[must_use]
    pub fn chunks_near(&self, places: [DVec2; 2]) -> Vec<ChunkCoord> {
        let mut coords = Vec::new();
        let reach = DVec2::splat(KNOWN_FROM_M);
        for place in places {
            let (low, high) = (self.cell(place - reach), self.cell(place + reach));
            for x in low.x..=high.x {
                for z in low.z..=high.z {
                    let coord = ChunkCoord::new(x, z);
                    if !coords.contains(&coord) {
                        coords.push(coord);
                    }
                }
            }
        }
        coords
    }

    /// Changes what is solid in a chunk that is there, until it is made anew.
    pub fn change(&mut self, coord: ChunkCoord, change: impl FnOnce(&mut StreetChanges)) {
        if let Some(Some(collision)) = self.chunks.get_mut(&coord) {
            let mut changes = StreetChanges::default();
            change(&mut changes);
            *collision = Arc::new(collision.with(&changes));
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
                let Some(floor) = self.floor_under(place) else {
                    continue;
                };
                if floor.kind == FloorKind::Water {
                    continue;
                }
                let ground = floor.height_m;
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

    fn follow(&mut self, settings: &StreamingSettings) {
        if settings.chunk_size_m != self.chunk_size_m {
            *self = Self::new(settings.chunk_size_m);
        }
        let seed = settings.seed;
        if self.relief.is_none_or(|relief| relief.seed() != seed) {
            self.relief = Some(CityRelief::new(seed));
        }
    }

    fn cell(&self, point_in_world: DVec2) -> ChunkCoord {
        ChunkCoord::containing_ground(point_in_world, self.chunk_size_m)
    }
}

/// Another chunk size is another index, and another seed another land.
fn follow_settings(settings: Res<StreamingSettings>, mut index: ResMut<CollisionIndex>) {
    index.follow(&settings);
}

fn follow_chunks(
    settings: Res<StreamingSettings>,
    mut index: ResMut<CollisionIndex>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut collidable: MessageReader<ChunkCollidable>,
    mut loaded: MessageReader<ChunkLoaded>,
) {
    // They may have changed since the frame began.
    index.follow(&settings);
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
