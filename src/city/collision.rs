//! What bodies bump into and stand on, per chunk.
//!
//! Boxes lie in the plan, where walls are parallel to its axes; their heights are above the water. A chunk lists every
//! box that comes near its cell, its neighbours' too, so that a body in it needs no other chunk.

use std::sync::Arc;

use bevy::math::{DVec2, Mat2, Vec2, Vec3};

use super::area::Area;
use super::build::foot_of;
use super::changes::StreetChanges;
use super::plan::ChunkPlan;
use super::plan::furniture::{Furniture, Prop, Tree};
use super::plan::surface::{Surface, SurfaceKind};

mod roads;

/// Side of the cells in which boxes are listed, metres.
const CELL_M: f32 = 16.0;
/// Half the width of the box of a tree trunk or lamp post, metres.
const POLE_HALF_M: f32 = 0.2;
const POLE_HEIGHT_M: f32 = 3.2;

/// How far around the cell boxes are listed, metres.
const AROUND_M: f32 = 4.0;
/// Walls on the ground go on so far below their building's foot, metres: hills fall away by less under any of them.
const FOUNDATION_M: f32 = 8.0;

/// A solid box with edges along the axes of the plan: x and z in metres from the plan's origin of the chunk, heights above
/// the water.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CollisionBox {
    /// The corner with the smallest coordinates.
    pub min: Vec3,
    /// The corner with the largest coordinates.
    pub max: Vec3,
}

/// What there is to stand on.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum FloorKind {
    /// Asphalt: streets, bridges, decks and ramps.
    Road,
    /// The pavement of a street.
    Pavement,
    /// The ground of blocks and parks.
    Block,
    /// The slope between an embankment and the water.
    Bank,
    /// The bed of a river, under water.
    Water,
}

/// A floor of a chunk.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CityFloor {
    /// Height above the water, metres.
    pub height_m: f32,
    /// What it is.
    pub kind: FloorKind,
}

/// What a car can knock over or push.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum ThingKind {
    /// A street lamp.
    Lamp,
    /// A parked car.
    Car,
}

/// Something that can be knocked over or pushed, metres of the plan from the plan's origin of the chunk.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Thing {
    /// What it is.
    pub kind: ThingKind,
    /// Where it is.
    pub at: Vec2,
    /// Where it was when the city was new.
    pub home: Vec2,
    /// The number of its box.
    number: u32,
}

/// The solid things and the ground of one chunk: the payload of every chunk of the city.
#[derive(Debug)]
pub struct CityCollision {
    boxes: Vec<CollisionBox>,
    /// For each cell the start of its list in `listed`, and one end: compressed rows.
    starts: Vec<u32>,
    listed: Vec<u32>,
    /// The least corner of the cells in the plan, and how many there are along x and z.
    low: Vec2,
    counts: [u32; 2],
    surface: Arc<Surface>,
    things: Vec<Thing>,
    origin_in_plan: DVec2,
}

impl CityCollision {
    pub(super) fn new(plan: &ChunkPlan) -> Self {
        let reach = plan.frame.reach.inset(-AROUND_M);
        let count = |size_m: f32| (size_m / CELL_M).ceil().max(1.0) as u32;
        let Collector { boxes, things, .. } = Collector::of(plan, &reach);
        Self {
            boxes,
            starts: Vec::new(),
            listed: Vec::new(),
            low: Vec2::new(reach.x0, reach.z0),
            counts: [count(reach.size_x()), count(reach.size_z())],
            surface: Arc::new(Surface::new(plan)),
            things,
            origin_in_plan: plan.frame.origin_in_plan,
        }
        .listed()
    }

    /// Lists the boxes by cells.
    fn listed(mut self) -> Self {
        let counts = self.counts;
        self.starts.clear();
        self.listed.clear();
        let mut index = self;
        let mut cells: Vec<Vec<u32>> = vec![Vec::new(); (counts[0] * counts[1]) as usize];
        for (number, solid) in index.boxes.iter().enumerate() {
            let [from, to] =
                [ground(solid.min), ground(solid.max)].map(|corner| index.cell_of(corner));
            for row in from[1]..=to[1] {
                for column in from[0]..=to[0] {
                    cells[(row * counts[0] + column) as usize].push(number as u32);
                }
            }
        }
        for cell in cells {
            index.starts.push(index.listed.len() as u32);
            index.listed.extend(cell);
        }
        index.starts.push(index.listed.len() as u32);
        index
    }

    /// The same chunk after something was knocked over or pushed.
    #[must_use]
    pub fn with(&self, changes: &StreetChanges) -> Self {
        let mut changed = Self {
            boxes: self.boxes.clone(),
            starts: Vec::new(),
            listed: Vec::new(),
            surface: Arc::clone(&self.surface),
            things: Vec::with_capacity(self.things.len()),
            ..*self
        };
        for thing in &self.things {
            let home = self.origin_in_plan + thing.home.as_dvec2();
            let solid = &mut changed.boxes[thing.number as usize];
            let mut now = *thing;
            match thing.kind {
                ThingKind::Lamp if changes.fallen(home).is_some() => {
                    // What lies there is driven over.
                    solid.max.y = solid.min.y;
                    continue;
                }
                ThingKind::Lamp => {}
                ThingKind::Car => {
                    if let Some(car) = changes.moved(home) {
                        now.at = (car.place - self.origin_in_plan).as_vec2();
                        let way = now.at - thing.at;
                        let survey = self.surface.survey();
                        let rise_m = survey.height_at(now.at) - survey.height_at(thing.at);
                        let way = Vec3::new(way.x, rise_m, way.y);
                        (solid.min, solid.max) = (solid.min + way, solid.max + way);
                    }
                }
            }
            changed.things.push(now);
        }
        changed.listed()
    }

    /// What can be knocked over or pushed within a distance of a place of the plan.
    pub fn things_near(&self, center_in_plan: Vec2, radius: f32) -> impl Iterator<Item = &Thing> {
        self.things
            .iter()
            .filter(move |thing| thing.at.distance_squared(center_in_plan) < radius * radius)
    }

    /// The box of a thing.
    pub fn box_of(&self, thing: &Thing) -> &CollisionBox {
        &self.boxes[thing.number as usize]
    }

    /// Where the origin of places in the plan is in the plan of the whole city, metres.
    pub const fn origin_in_plan(&self) -> DVec2 {
        self.origin_in_plan
    }

    /// All boxes of the chunk.
    pub fn boxes(&self) -> &[CollisionBox] {
        &self.boxes
    }

    /// About how many bytes all of it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.boxes.capacity() * size_of::<CollisionBox>()
            + (self.starts.capacity() + self.listed.capacity()) * size_of::<u32>()
            + self.things.capacity() * size_of::<Thing>()
            + self.surface.bytes()
    }

    /// The boxes whose ground rectangle comes within `radius` metres of a place along both axes of the plan, each once.
    ///
    /// `center_in_plan` may lie outside the chunk. The cost grows with the boxes in the cells (16 m) that the circle
    /// touches, not with the chunk.
    pub fn boxes_near(
        &self,
        center_in_plan: Vec2,
        radius: f32,
    ) -> impl Iterator<Item = &CollisionBox> {
        let reach = Vec2::splat(radius);
        let (low, high) = (center_in_plan - reach, center_in_plan + reach);
        let (from, to) = (self.cell_of(low), self.cell_of(high));
        let cells = (from[1]..=to[1])
            .flat_map(move |row| (from[0]..=to[0]).map(move |column| [column, row]));
        cells.flat_map(move |cell| {
            let cell_number = (cell[1] * self.counts[0] + cell[0]) as usize;
            let range = self.starts[cell_number] as usize..self.starts[cell_number + 1] as usize;
            self.listed[range]
                .iter()
                .map(|number| &self.boxes[*number as usize])
                .filter(move |solid| {
                    // A box in several cells is reported by the first of them that the question touches.
                    let first = self.cell_of(ground(solid.min));
                    cell == [first[0].max(from[0]), first[1].max(from[1])]
                        && solid.min.x <= high.x
                        && solid.max.x >= low.x
                        && solid.min.z <= high.y
                        && solid.max.z >= low.y
                })
        })
    }

    /// The place in the plan of a place in the world, both metres from the chunk's minimum corner.
    pub fn plan_of(&self, offset_in_chunk: Vec2) -> Vec2 {
        self.surface.survey().plan_of(offset_in_chunk)
    }

    /// The place in the world of a place in the plan, both metres from the chunk's minimum corner.
    pub fn world_of(&self, place_in_plan: Vec2) -> Vec2 {
        self.surface.survey().world_of(place_in_plan)
    }

    /// How small steps in the plan become steps in the world there.
    pub fn stretch_at(&self, place_in_plan: Vec2) -> Mat2 {
        self.surface.survey().stretch_at(place_in_plan)
    }

    /// The highest floor at a place of the plan that is not above `most_m`; the lowest where all are.
    pub fn floor_below(&self, place_in_plan: Vec2, most_m: f32) -> CityFloor {
        let (height_m, kind) = self.surface.floor_below(place_in_plan, most_m);
        CityFloor {
            height_m,
            kind: match kind {
                SurfaceKind::Road => FloorKind::Road,
                SurfaceKind::Pavement => FloorKind::Pavement,
                SurfaceKind::Block => FloorKind::Block,
                SurfaceKind::Bank => FloorKind::Bank,
                SurfaceKind::Water => FloorKind::Water,
            },
        }
    }

    /// The cell of a point, or the nearest one if it lies outside.
    fn cell_of(&self, point: Vec2) -> [u32; 2] {
        let cell = |at: f32, count: u32| ((at / CELL_M).max(0.0) as u32).min(count - 1);
        let offset = point - self.low;
        [
            cell(offset.x, self.counts[0]),
            cell(offset.y, self.counts[1]),
        ]
    }
}

const fn ground(point: Vec3) -> Vec2 {
    Vec2::new(point.x, point.z)
}

/// Collects the boxes that come near a chunk.
struct Collector<'a> {
    plan: &'a ChunkPlan,
    reach: &'a Area,
    boxes: Vec<CollisionBox>,
    things: Vec<Thing>,
}

impl<'a> Collector<'a> {
    fn of(plan: &'a ChunkPlan, reach: &'a Area) -> Self {
        let mut collector = Self {
            plan,
            reach,
            boxes: Vec::new(),
            things: Vec::new(),
        };
        for block in &plan.blocks {
            for building in &block.buildings {
                let foot_m = plan.frame.survey.height_at(foot_of(building));
                for mass in &building.masses {
                    let base_m = if mass.stands_on_ground() {
                        -FOUNDATION_M
                    } else {
                        mass.base_m
                    };
                    collector.add(&mass.area, foot_m + base_m, foot_m + mass.ridge_m());
                }
                for detail in &building.details {
                    collector.add(&detail.area, foot_m + detail.base_m, foot_m + detail.top_m);
                }
            }
            collector.furnish(&block.furniture);
        }
        for river in &plan.rivers {
            collector.furnish(&river.furniture);
            collector.rail_bridges(river);
        }
        for viaduct in &plan.viaducts {
            collector.wall_viaduct(viaduct);
        }
        collector
    }
}

impl Collector<'_> {
    /// Adds a box between two heights above the water if it comes near the cell.
    fn add(&mut self, area: &Area, base_m: f32, top_m: f32) {
        let is_near = area.x0 <= self.reach.x1
            && area.x1 >= self.reach.x0
            && area.z0 <= self.reach.z1
            && area.z1 >= self.reach.z0;
        if is_near {
            self.boxes.push(CollisionBox {
                min: Vec3::new(area.x0, base_m, area.z0),
                max: Vec3::new(area.x1, top_m, area.z1),
            });
        }
    }

    fn furnish(&mut self, furniture: &Furniture) {
        for Tree { at, .. } in &furniture.trees {
            self.add_rigid(
                *at,
                &Area::around(*at, 2.0 * POLE_HALF_M, 2.0 * POLE_HALF_M),
                0.0,
                POLE_HEIGHT_M,
            );
        }
        for lamp in &furniture.lamps {
            let area = Area::around(lamp.at, 1.5 * POLE_HALF_M, 1.5 * POLE_HALF_M);
            let number = self.boxes.len();
            self.add_rigid(lamp.at, &area, 0.0, 2.0 * POLE_HEIGHT_M);
            self.note(ThingKind::Lamp, lamp.at, number);
        }
        for prop in &furniture.props {
            if let Some((area, base_m, top_m)) = prop.solid() {
                let number = self.boxes.len();
                self.add_rigid(prop.anchor(), &area, base_m, top_m);
                if let Prop::Car { at, .. } = prop {
                    self.note(ThingKind::Car, *at, number);
                }
            }
        }
    }

    /// Notes that a box, if it came near enough to be added, can be knocked over or pushed.
    fn note(&mut self, kind: ThingKind, at: Vec2, number: usize) {
        if self.boxes.len() > number {
            self.things.push(Thing {
                kind,
                at,
                home: self.plan.home_of(at),
                number: number as u32,
            });
        }
    }

    /// Adds a thing that keeps its size in the world, with heights above the land.
    fn add_rigid(&mut self, anchor: Vec2, area: &Area, base_m: f32, top_m: f32) {
        let is_far = !self.reach.inset(-10.0).contains(anchor);
        if is_far {
            return;
        }
        let survey = &self.plan.frame.survey;
        let land_m = survey.height_at(anchor);
        let stretch = survey.stretch_at(anchor);
        let (x, z) = (stretch.x_axis.length(), stretch.y_axis.length());
        let drawn = Area::new(
            anchor.x + (area.x0 - anchor.x) / x,
            anchor.y + (area.z0 - anchor.y) / z,
            anchor.x + (area.x1 - anchor.x) / x,
            anchor.y + (area.z1 - anchor.y) / z,
        );
        // Down to below the land on its lower side.
        self.add(&drawn, land_m + base_m - 0.5, land_m + top_m);
    }
}
