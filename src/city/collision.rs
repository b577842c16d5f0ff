//! What bodies bump into and stand on, per chunk.
//!
//! Boxes lie in the plan, where walls are parallel to its axes; their heights are above the water. A chunk lists every
//! box that comes near its cell, its neighbours' too, so that a body in it needs no other chunk.

use std::sync::Arc;

use bevy::math::{DVec2, Mat2, Vec2, Vec3};

use super::area::Area;
use super::build::{SIXTEEN, foot_of};
use super::changes::{ParkedCar, StreetChanges};
use super::land::Survey;
use super::plan::ChunkPlan;
use super::plan::buildings::{Mass, Outline};
use super::plan::furniture::{Furniture, Tree};
use super::plan::surface::{Surface, SurfaceKind};

mod roads;

/// Side of the cells in which boxes are listed, metres.
const CELL_M: f32 = 16.0;
/// Half the width of the box of a tree trunk or lamp post, metres.
const POLE_HALF_M: f32 = 0.2;
const POLE_HEIGHT_M: f32 = 3.2;

/// How far around the cell boxes are listed, metres.
const AROUND_M: f32 = 4.0;
/// Things whose anchors are so far outside of that are none of the chunk's, metres.
const THINGS_BESIDE_M: f32 = 10.0;
/// Homes nearer than this are the same thing's, metres.
const SAME_M: f32 = 0.3;
/// Walls on the ground go on so far below their building's foot, metres: hills fall away by less under any of them.
const FOUNDATION_M: f32 = 8.0;

/// A solid upright body with edges along the axes of the plan, or within them: x and z in metres from the plan's origin of the chunk, heights above
/// the water.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct CollisionBox {
    /// The corner with the smallest coordinates.
    pub min: Vec3,
    /// The corner with the largest coordinates.
    pub max: Vec3,
    /// What of the rectangle on the ground is solid.
    pub outline: BoxOutline,
}

/// The outline of a box on the ground, within its rectangle.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum BoxOutline {
    /// All of it.
    Rectangle,
    /// Without its corners: so many metres are cut off both sides of each.
    Chamfered(f32),
    /// The inscribed ellipse, in sixteen sides like what is drawn.
    Round,
}

impl BoxOutline {
    /// The corners of the outline in a rectangle, going round, and how many of them there are.
    #[must_use]
    pub fn corners(self, low: Vec2, high: Vec2) -> ([Vec2; 16], usize) {
        let mut corners = [Vec2::ZERO; 16];
        match self {
            Self::Rectangle => {
                corners[..4].copy_from_slice(&[
                    low,
                    Vec2::new(high.x, low.y),
                    high,
                    Vec2::new(low.x, high.y),
                ]);
                (corners, 4)
            }
            Self::Chamfered(cut) => {
                corners[..8].copy_from_slice(&[
                    Vec2::new(low.x + cut, low.y),
                    Vec2::new(high.x - cut, low.y),
                    Vec2::new(high.x, low.y + cut),
                    Vec2::new(high.x, high.y - cut),
                    Vec2::new(high.x - cut, high.y),
                    Vec2::new(low.x + cut, high.y),
                    Vec2::new(low.x, high.y - cut),
                    Vec2::new(low.x, low.y + cut),
                ]);
                (corners, 8)
            }
            Self::Round => {
                let (middle, half) = (low.midpoint(high), (high - low) / 2.0);
                (SIXTEEN.map(|out| middle + out * half), 16)
            }
        }
    }

    /// The outline of a mass at its foot, and the rectangle around it.
    fn of(mass: &Mass) -> (Area, Self) {
        match mass.outline {
            Outline::Rectangle => (mass.area, Self::Rectangle),
            Outline::Chamfered(cut) => (mass.area, Self::Chamfered(cut)),
            Outline::Round => (mass.area, Self::Round),
            // At its foot the square stands on a corner.
            Outline::Twisted(_) => {
                let radius = mass.area.shorter() / 2.0;
                let square = Area::around(mass.area.center(), 2.0 * radius, 2.0 * radius);
                if mass.stands_on_ground() {
                    (square, Self::Chamfered(radius))
                } else {
                    (square, Self::Round)
                }
            }
        }
    }
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
    /// What it looks like, if it is a car.
    pub car: Option<ParkedCar>,
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
    /// Everything of a plan that is solid in or near the cell.
    #[cfg(test)]
    pub(super) fn new(plan: &ChunkPlan) -> Self {
        Self::without(plan, &[])
    }

    /// The same without the props at some anchors, which the chunk does not draw either.
    pub(super) fn without(plan: &ChunkPlan, left_out: &[Vec2]) -> Self {
        let reach = plan.frame.reach.inset(-AROUND_M);
        let count = |size_m: f32| (size_m / CELL_M).ceil().max(1.0) as u32;
        let Collector { boxes, things, .. } = Collector::of(plan, &reach, left_out);
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
            let moved = changes.moved(home).filter(|_| thing.kind == ThingKind::Car);
            let is_down = thing.kind == ThingKind::Lamp && changes.fallen(home).is_some();
            if is_down || moved.is_some() {
                // What lies there is driven over, and where a car was there is nothing.
                let solid = &mut changed.boxes[thing.number as usize];
                solid.max.y = solid.min.y;
            }
            let Some(moved) = moved else {
                if !is_down {
                    changed.things.push(*thing);
                }
                continue;
            };
            if let Some(car) = moved.look.or(thing.car) {
                changed.put(
                    &car,
                    (moved.place - self.origin_in_plan).as_vec2(),
                    thing.home,
                );
            }
        }
        // Cars that come from where this chunk knows nothing.
        for moved in &changes.cars {
            let [at, home] =
                [moved.place, moved.home].map(|place| (place - self.origin_in_plan).as_vec2());
            let is_new = self
                .things
                .iter()
                .all(|thing| thing.kind != ThingKind::Car || !is_same(thing.home, home));
            if let (true, Some(car)) = (is_new, &moved.look) {
                changed.put(car, at, home);
            }
        }
        changed.listed()
    }

    /// Puts a car to a place, if it is near enough to be solid here.
    fn put(&mut self, car: &ParkedCar, at: Vec2, home: Vec2) {
        let Some((area, base_m, top_m)) = car.at(at).solid() else {
            return;
        };
        let size = self.counts.map(|count| count as f32 * CELL_M);
        let reach = Area::new(
            self.low.x,
            self.low.y,
            self.low.x + size[0],
            self.low.y + size[1],
        );
        if !reach.inset(-THINGS_BESIDE_M).contains(at) {
            return;
        }
        let survey = self.surface.survey();
        let (area, [base_m, top_m]) = rigid(survey, at, &area, [base_m, top_m]);
        self.boxes.push(CollisionBox {
            min: Vec3::new(area.x0, base_m, area.z0),
            max: Vec3::new(area.x1, top_m, area.z1),
            outline: BoxOutline::Rectangle,
        });
        self.things.push(Thing {
            kind: ThingKind::Car,
            at,
            home,
            car: Some(*car),
            number: self.boxes.len() as u32 - 1,
        });
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

fn is_same(a: Vec2, b: Vec2) -> bool {
    a.distance_squared(b) < SAME_M * SAME_M
}

const fn ground(point: Vec3) -> Vec2 {
    Vec2::new(point.x, point.z)
}

/// The rectangle and the heights above the water of a thing that keeps its size in the world.
fn rigid(
    survey: &Survey,
    anchor: Vec2,
    area: &Area,
    [base_m, top_m]: [f32; 2],
) -> (Area, [f32; 2]) {
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
    (drawn, [land_m + base_m - 0.5, land_m + top_m])
}

/// Collects the boxes that come near a chunk.
struct Collector<'a> {
    plan: &'a ChunkPlan,
    reach: &'a Area,
    /// Anchors of props that are not drawn.
    left_out: &'a [Vec2],
    boxes: Vec<CollisionBox>,
    things: Vec<Thing>,
}

impl<'a> Collector<'a> {
    fn of(plan: &'a ChunkPlan, reach: &'a Area, left_out: &'a [Vec2]) -> Self {
        let mut collector = Self {
            plan,
            reach,
            left_out,
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
                    let (area, outline) = BoxOutline::of(mass);
                    collector.add_outlined(
                        &area,
                        [foot_m + base_m, foot_m + mass.ridge_m()],
                        outline,
                    );
                }
                for detail in &building.details {
                    let heights_m = [detail.base_m, detail.top_m].map(|height| foot_m + height);
                    let outline = if detail.kind.is_round() {
                        BoxOutline::Round
                    } else {
                        BoxOutline::Rectangle
                    };
                    collector.add_outlined(&detail.area, heights_m, outline);
                }
            }
        }
        for park in plan.parks() {
            let middle = park.playground.center();
            for (area, top_m) in park.playground_boxes() {
                collector.add_rigid(middle, &area, 0.0, top_m);
            }
        }
        for things in plan.furniture() {
            collector.furnish(things);
        }
        for river in &plan.rivers {
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
        self.add_outlined(area, [base_m, top_m], BoxOutline::Rectangle);
    }

    fn add_outlined(&mut self, area: &Area, [base_m, top_m]: [f32; 2], outline: BoxOutline) {
        let is_near = area.x0 <= self.reach.x1
            && area.x1 >= self.reach.x0
            && area.z0 <= self.reach.z1
            && area.z1 >= self.reach.z0;
        if is_near {
            self.boxes.push(CollisionBox {
                min: Vec3::new(area.x0, base_m, area.z0),
                max: Vec3::new(area.x1, top_m, area.z1),
                outline,
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
            self.note(ThingKind::Lamp, lamp.at, None, number);
        }
        for prop in &furniture.props {
            if self.left_out.contains(&prop.anchor()) {
                continue;
            }
            if let Some((area, base_m, top_m)) = prop.solid() {
                let number = self.boxes.len();
                self.add_rigid(prop.anchor(), &area, base_m, top_m);
                if let Some(car) = ParkedCar::of(prop) {
                    self.note(ThingKind::Car, prop.anchor(), Some(car), number);
                }
            }
        }
    }

    /// Notes that a box, if it came near enough to be added, can be knocked over or pushed.
    fn note(&mut self, kind: ThingKind, at: Vec2, car: Option<ParkedCar>, number: usize) {
        if self.boxes.len() > number {
            self.things.push(Thing {
                kind,
                at,
                home: self.plan.home_of(at),
                car,
                number: number as u32,
            });
        }
    }

    /// Adds a thing that keeps its size in the world, with heights above the land.
    fn add_rigid(&mut self, anchor: Vec2, area: &Area, base_m: f32, top_m: f32) {
        let is_far = !self.reach.inset(-THINGS_BESIDE_M).contains(anchor);
        if is_far {
            return;
        }
        let (drawn, [base_m, top_m]) =
            rigid(&self.plan.frame.survey, anchor, area, [base_m, top_m]);
        self.add(&drawn, base_m, top_m);
    }
}
