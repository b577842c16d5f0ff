//! What bodies bump into and stand on, per chunk, in chunk-local metres.

use bevy::math::{Mat2, Vec2, Vec3};

use super::area::Area;
use super::build::{anchor_of, foot_of};
use super::plan::ChunkPlan;
use super::plan::furniture::Tree;
use super::plan::surface::{Surface, SurfaceKind};

/// Side of the cells in which boxes are listed, metres.
const CELL_M: f32 = 16.0;
/// Half the width of the box of a tree trunk or lamp post, metres.
const POLE_HALF_M: f32 = 0.2;
const POLE_HEIGHT_M: f32 = 3.2;

/// A solid axis-aligned box, metres from the chunk's minimum corner.
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

/// The solid things and the ground of one chunk: the payload of every chunk of the city.
#[derive(Debug)]
pub struct CityCollision {
    boxes: Vec<CollisionBox>,
    /// For each cell the start of its list in `listed`, and one end: compressed rows.
    starts: Vec<u32>,
    listed: Vec<u32>,
    cells_per_side: u32,
    surface: Surface,
}

impl CityCollision {
    pub(super) fn new(plan: &ChunkPlan) -> Self {
        Self::from_boxes(solid_boxes(plan), Surface::new(plan), plan.frame.size_m)
    }

    fn from_boxes(boxes: Vec<CollisionBox>, surface: Surface, size_m: f32) -> Self {
        let cells_per_side = (size_m / CELL_M).ceil().max(1.0) as u32;
        let mut index = Self {
            boxes,
            starts: Vec::new(),
            listed: Vec::new(),
            cells_per_side,
            surface,
        };
        let mut cells: Vec<Vec<u32>> = vec![Vec::new(); (cells_per_side * cells_per_side) as usize];
        for (number, solid) in index.boxes.iter().enumerate() {
            let [from, to] =
                [ground(solid.min), ground(solid.max)].map(|corner| index.cell_of(corner));
            for row in from[1]..=to[1] {
                for column in from[0]..=to[0] {
                    cells[(row * cells_per_side + column) as usize].push(number as u32);
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

    /// All boxes of the chunk.
    pub fn boxes(&self) -> &[CollisionBox] {
        &self.boxes
    }

    /// The boxes whose ground rectangle comes within `radius` metres of a place along both axes, each once.
    ///
    /// `center_in_chunk` is (x, z) from the chunk's minimum corner and may lie outside the chunk. The cost grows with
    /// the boxes in the cells (16 m) that the circle touches, not with the chunk.
    pub fn boxes_near(
        &self,
        center_in_chunk: Vec2,
        radius: f32,
    ) -> impl Iterator<Item = &CollisionBox> {
        let reach = Vec2::splat(radius);
        let (low, high) = (center_in_chunk - reach, center_in_chunk + reach);
        let (from, to) = (self.cell_of(low), self.cell_of(high));
        let cells = (from[1]..=to[1])
            .flat_map(move |row| (from[0]..=to[0]).map(move |column| [column, row]));
        cells.flat_map(move |cell| {
            let cell_number = (cell[1] * self.cells_per_side + cell[0]) as usize;
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
        let cell = |at: f32| ((at / CELL_M).max(0.0) as u32).min(self.cells_per_side - 1);
        [cell(point.x), cell(point.y)]
    }
}

const fn ground(point: Vec3) -> Vec2 {
    Vec2::new(point.x, point.z)
}

fn solid_boxes(plan: &ChunkPlan) -> Vec<CollisionBox> {
    let survey = &plan.frame.survey;
    let solid = |foot: Vec2, area: &Area, base_m: f32, top_m: f32| {
        let land_m = survey.height_at(foot);
        CollisionBox {
            min: Vec3::new(area.x0, land_m + base_m, area.z0),
            max: Vec3::new(area.x1, land_m + top_m, area.z1),
        }
    };
    let pole = |at: Vec2, half_m: f32, height_m: f32| {
        let area = Area::around(at, 2.0 * half_m, 2.0 * half_m);
        solid(at, &area, 0.0, height_m)
    };
    let mut boxes = Vec::new();
    for block in &plan.blocks {
        let buildings = block.buildings.iter();
        for building in buildings.filter(|building| plan.owns(anchor_of(building))) {
            let foot = foot_of(building);
            boxes.extend(building.masses.iter().map(|mass| {
                // Below the land, so that nothing slips under a wall.
                let base_m = if mass.stands_on_ground() {
                    -2.0
                } else {
                    mass.base_m
                };
                solid(foot, &mass.area, base_m, mass.ridge_m())
            }));
            boxes.extend(
                building
                    .details
                    .iter()
                    .map(|detail| solid(foot, &detail.area, detail.base_m, detail.top_m)),
            );
        }
    }
    let rivers = plan.rivers.iter().map(|river| &river.furniture);
    let blocks = plan.blocks.iter().map(|block| &block.furniture);
    for furniture in blocks.chain(rivers) {
        let trees = furniture.trees.iter().filter(|tree| plan.owns(tree.at));
        boxes.extend(trees.map(|Tree { at, .. }| pole(*at, POLE_HALF_M, POLE_HEIGHT_M)));
        let lamps = furniture.lamps.iter().filter(|lamp| plan.owns(lamp.at));
        boxes.extend(lamps.map(|lamp| pole(lamp.at, POLE_HALF_M * 0.75, 2.0 * POLE_HEIGHT_M)));
        let props = furniture.props.iter();
        let owned = props.filter(|prop| plan.owns(prop.anchor()));
        boxes.extend(owned.filter_map(|prop| {
            let (area, base_m, top_m) = prop.solid()?;
            Some(solid(prop.anchor(), &area, base_m, top_m))
        }));
    }
    boxes
}
