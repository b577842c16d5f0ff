//! From a chunk's plan to one merged mesh and a few placements of shared meshes.

mod banks;
mod bridges;
mod cars;
mod cottages;
mod details;
mod facades;
mod glow;
mod ground;
mod halls;
mod lamplight;
mod lights;
mod markings;
mod massing;
mod mesh;
mod ornaments;
mod parks;
mod pavements;
mod people;
mod place;
mod prisms;
mod props;
mod roads;
mod roofs;
mod rounds;
mod shapes;
mod shopfronts;
mod skyline;
mod street;
mod sweep;
mod tone;
mod trees;
mod underlay;
mod vehicles;
mod vertex;
mod viaduct;
mod wall;
mod windows;
mod wrecks;

pub(super) use massing::massing;
pub(super) use mesh::MeshBuilder;
pub(super) use people::figure;
pub use people::{FIGURES, STEP_PICTURES, STRIDE_M};
pub(super) use place::rotation_in;
pub(super) use skyline::skyline;
pub(super) use trees::{Fineness, add_lamp, add_tree};
pub use vehicles::VehicleShape;
pub(super) use vehicles::{signal_lenses, vehicle};
#[cfg(test)]
pub(super) use vertex::{BRIGHTEST, COLOUR, NORMAL};

use bevy::math::{Quat, Vec2, Vec3};
use bevy::transform::components::Transform;

use super::area::Side;
use super::hash::Dice;
use super::palette;
use super::plan::ChunkPlan;
use super::plan::blocks::Block;
use super::plan::buildings::{Building, Mass, Outline};
use super::plan::furniture::{Lamp, Tree};
use super::plan::streets::KERB_HEIGHT_M;
use crate::streaming::{ChunkInstances, GenerateError, PaletteKey, StopToken};

use lamplight::Lamplight;
pub(super) use rounds::SIXTEEN;

use place::Place;
use tone::Tone;
use underlay::Underlay;
use wall::{Span, Wall};

/// At most so many trees and lamps of a chunk become entities of their own; the rest is merged. Entities are what
/// a frame pays for; with the meshes of city and water they are forty.
const MOST_TREES: usize = 24;
const MOST_LAMPS: usize = 14;

/// What most chunks stay below; more costs another copy of the mesh in the making.
const VERTICES_PER_SQUARE_METRE: f32 = 1.4;
/// The underlay of the full detail.
const UNDERLAY: Underlay = Underlay {
    pitch_m: 12.5,
    sunk_m: 0.06,
    skirt_m: 1.5,
    per_skirt: 1,
};

/// Length of the pieces of a river, metres.
const RIVER_PITCH_M: f32 = 12.0;

/// What a chunk consists of.
#[derive(Default)]
pub(super) struct Built {
    pub(super) mesh: MeshBuilder,
    /// Rivers and ponds: their material is another.
    pub(super) water: MeshBuilder,
    pub(super) instances: Vec<ChunkInstances>,
    /// The anchors of what there was no room for: what is not drawn must not be solid either.
    pub(super) left_out: Vec<Vec2>,
}

/// A chunk of 200 m with so many vertices is almost as large as one may be, a megabyte and a half; then it goes without its
/// last small things. Of a thousand chunks about one comes so far.
const MOST_VERTICES: f32 = 63_000.0;
/// What a tree takes that is merged into the mesh, with a share of a lamp.
const VERTICES_PER_TREE: usize = 65;

/// How many vertices a chunk of a size may have before it goes without small things.
fn most_vertices(size_m: f32) -> f32 {
    MOST_VERTICES * (size_m / 200.0).max(1.0).powi(2)
}

/// Room for more vertices than this is made when they come: the largest chunks are mostly gardens.
const MOST_ROOM: usize = 1 << 20;

/// Is told after each layer of a chunk: the layer's name and how many vertices there are by then.
pub(super) type LayerProbe<'a> = &'a mut dyn FnMut(&'static str, usize);

/// Builds the full detail of a chunk, layer by layer.
pub(super) fn full(
    plan: &ChunkPlan,
    stop: &StopToken,
    probe: LayerProbe<'_>,
) -> Result<Built, GenerateError> {
    let ground = plan.frame.size_m * plan.frame.size_m;
    let mut built = Built {
        mesh: MeshBuilder::with_room_for(
            ((ground * VERTICES_PER_SQUARE_METRE) as usize).min(MOST_ROOM),
        ),
        ..Built::default()
    };
    let mut done = |layer: &'static str, built: &Built| {
        probe(layer, (built.mesh.count() + built.water.count()) as usize);
        stop.checkpoint()
    };
    let frame = &plan.frame;
    built.mesh.set_place(Place::ground(frame));
    lay_blocks(&mut built, plan);
    done("pavements and blocks", &built)?;
    markings::paint_streets(&mut built.mesh, plan);
    roads::lay_asphalt(&mut built.mesh, plan);
    done("streets", &built)?;
    for river in &plan.rivers {
        banks::lay_water(&mut built.water, frame, river, RIVER_PITCH_M);
        banks::lay(&mut built.mesh, frame, river, RIVER_PITCH_M);
        banks::dress(&mut built.mesh, frame, river);
        bridges::build(&mut built.mesh, frame, river);
    }
    done("rivers and bridges", &built)?;
    viaduct::build(&mut built.mesh, plan);
    done("highways", &built)?;
    let ponds = plan.ponds();
    UNDERLAY.lay(
        &mut built.mesh,
        frame,
        &plan.rivers,
        &ponds,
        massing::road_colour(),
    );
    done("underlay", &built)?;
    let ground_vertices = built.mesh.count() as usize;
    for block in &plan.blocks {
        stop.checkpoint()?;
        add_buildings(&mut built.mesh, plan, block);
    }
    done("buildings", &built)?;
    let (trees, lamps) = owned(plan);
    let merged = trees.len().saturating_sub(MOST_TREES);
    let most = (most_vertices(frame.size_m) as usize).saturating_sub(merged * VERTICES_PER_TREE);
    for block in &plan.blocks {
        add_props(&mut built, plan, block, most as u32);
    }
    let rivers = plan.rivers.iter().map(|river| &river.furniture);
    for prop in rivers.chain(&plan.beside).flat_map(|things| &things.props) {
        if plan.owns(prop.anchor()) {
            let place = Place::resting(&frame.survey, prop.anchor());
            built.mesh.set_place(place);
            props::draw(&mut built.mesh, prop);
        }
    }
    done("furniture", &built)?;
    wrecks::draw(&mut built.mesh, plan);
    built.instances = place_trees_and_lamps(&mut built.mesh, plan, &trees, &lamps);
    done("trees and lamps", &built)?;
    Lamplight::of(plan).fall_on(&mut built.mesh, ground_vertices);
    done("lamplight", &built)?;
    Ok(built)
}

fn lay_blocks(built: &mut Built, plan: &ChunkPlan) {
    let frame = &plan.frame;
    let tone = Tone::new(frame);
    for block in &plan.blocks {
        pavements::lay_block(&mut built.mesh, block, &tone);
    }
    for park in plan.parks() {
        parks::lay_pond(&mut built.mesh, &mut built.water, frame, &park.pond);
    }
}

/// The buildings of a block that belong to the chunk, each at its place.
fn add_buildings(mesh: &mut MeshBuilder, plan: &ChunkPlan, block: &Block) {
    let is_whole = plan.frame.encloses(&block.outline.area);
    for (number, building) in block.buildings.iter().enumerate() {
        if is_whole || plan.owns(building.anchor) {
            mesh.set_place(place_of(building, plan));
            let mut dice = block.dice.part(1_000 + number as u64);
            draw_building(mesh, building, &mut dice);
            draw_foundation(mesh, building, plan);
        }
    }
}

/// The props of a block that belong to the chunk, each at its place, as long as there are fewer vertices than `most`.
fn add_props(built: &mut Built, plan: &ChunkPlan, block: &Block, most: u32) {
    let mesh = &mut built.mesh;
    let is_whole = plan.frame.encloses(&block.outline.area);
    if let Some(park) = &block.park {
        parks::equip_playground(mesh, &plan.frame, park);
    }
    for prop in &block.furniture.props {
        let anchor = prop.anchor();
        if !is_whole && !plan.owns(anchor) {
            continue;
        }
        if mesh.count() < most {
            mesh.set_place(Place::resting(&plan.frame.survey, anchor));
            props::draw(mesh, prop);
        } else {
            built.left_out.push(anchor);
        }
    }
}

/// The place whose land's height a building stands on: before its front.
pub(super) fn foot_of(building: &Building) -> Vec2 {
    building.masses[0]
        .area
        .strip(building.front, 0.0, 0.0)
        .center()
}

/// The place at which a building is drawn.
fn place_of(building: &Building, plan: &ChunkPlan) -> Place {
    let area = building.masses[0].area;
    Place::standing(&plan.frame.survey, foot_of(building), &area)
}

/// Walls below the ground floor, on those sides where the land falls away from it.
fn draw_foundation(mesh: &mut MeshBuilder, building: &Building, plan: &ChunkPlan) {
    let survey = &plan.frame.survey;
    let base_m = survey.height_at(foot_of(building));
    let masses = building.masses.iter();
    // The walls of other outlines go on below the ground.
    let is_square = |mass: &&Mass| mass.stands_on_ground() && mass.outline == Outline::Rectangle;
    for mass in masses.filter(is_square) {
        for side in Side::ALL {
            let wall = Wall::of(&mass.area, side);
            let drop_m = [0.0, wall.width_m]
                .map(|u| {
                    let at = wall.point(u, 0.0, 0.0);
                    base_m - survey.height_at(Vec2::new(at.x, at.z))
                })
                .into_iter()
                .fold(0.0, f32::max);
            if drop_m > 0.01 {
                let colour = building.look.wall * 0.6;
                wall.rect(
                    mesh,
                    Span(0.0, wall.width_m),
                    Span(-drop_m - 0.2, 0.0),
                    0.0,
                    [colour * 0.8, colour],
                );
            }
        }
    }
}

fn draw_building(mesh: &mut MeshBuilder, building: &Building, dice: &mut Dice) {
    for mass in &building.masses {
        facades::draw_faces(mesh, mass, &building.look, building.front, dice);
        roofs::draw_roof(mesh, mass, &building.look);
    }
    for detail in &building.details {
        details::draw(mesh, detail);
    }
}

/// The trees and lamps that belong to a chunk.
fn owned(plan: &ChunkPlan) -> (Vec<&Tree>, Vec<&Lamp>) {
    let (mut trees, mut lamps) = (Vec::new(), Vec::new());
    for block in &plan.blocks {
        let is_whole = plan.frame.encloses(&block.outline.area);
        let belongs = |at: Vec2| is_whole || plan.owns(at);
        let furniture = &block.furniture;
        trees.extend(furniture.trees.iter().filter(|tree| belongs(tree.at)));
        lamps.extend(furniture.lamps.iter().filter(|lamp| belongs(lamp.at)));
    }
    let rivers = plan.rivers.iter().map(|river| &river.furniture);
    for things in rivers.chain(&plan.beside) {
        trees.extend(things.trees.iter().filter(|tree| plan.owns(tree.at)));
        lamps.extend(things.lamps.iter().filter(|lamp| plan.owns(lamp.at)));
    }
    (trees, lamps)
}

/// Spreads the entities evenly over the chunk and merges the rest.
fn place_trees_and_lamps(
    mesh: &mut MeshBuilder,
    plan: &ChunkPlan,
    trees: &[&Tree],
    lamps: &[&Lamp],
) -> Vec<ChunkInstances> {
    let survey = &plan.frame.survey;
    let foot = |at: Vec2| {
        let (world, height_m) = survey.lift(at);
        Vec3::new(world.x, height_m + KERB_HEIGHT_M, world.y)
    };
    let mut placed: [Vec<Transform>; 6] = Default::default();
    for (number, tree) in trees.iter().enumerate() {
        if is_chosen(number, trees.len(), MOST_TREES) {
            let place = Transform::from_translation(foot(tree.at))
                .with_rotation(turn(tree.turn))
                .with_scale(Vec3::splat(tree.scale));
            placed[tree.species as usize].push(place);
        } else {
            mesh.set_place(Place::rigid(survey, tree.at));
            let foot = Vec3::new(tree.at.x, KERB_HEIGHT_M, tree.at.y);
            add_tree(mesh, foot, tree.species, tree.scale, Fineness::Merged);
        }
    }
    for (number, lamp) in lamps.iter().enumerate() {
        if is_chosen(number, lamps.len(), MOST_LAMPS) {
            let bent = rotation_in(survey.stretch_at(lamp.at));
            let place = Transform::from_translation(foot(lamp.at))
                .with_rotation(place::quat_of(bent) * arm_towards(lamp.road));
            placed[5].push(place);
        } else {
            mesh.set_place(Place::rigid(survey, lamp.at));
            let foot = Vec3::new(lamp.at.x, KERB_HEIGHT_M, lamp.at.y);
            add_lamp(mesh, foot, lamp.road.outward(), Fineness::Merged);
        }
    }
    let keys = [
        palette::TREE_BROAD,
        palette::TREE_TALL,
        palette::TREE_CONIFER,
        palette::TREE_BIRCH,
        palette::TREE_PLANE,
        palette::LAMP,
    ];
    placed
        .into_iter()
        .zip(keys)
        .filter(|(places, _)| !places.is_empty())
        .map(|(places, key)| instances(key, places))
        .collect()
}

fn instances(mesh: PaletteKey, offsets_in_chunk: Vec<Transform>) -> ChunkInstances {
    ChunkInstances {
        mesh,
        material: palette::CITY_MATERIAL,
        offsets_in_chunk,
        casts_shadow: true,
    }
}

/// True for `limit` evenly spread numbers of `0..count`.
const fn is_chosen(number: usize, count: usize, limit: usize) -> bool {
    count <= limit || (number * limit) / count != ((number + 1) * limit) / count
}

/// Half of the square root of two.
const DIAGONAL: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// One of eight rotations about the vertical, an eighth of a turn apart.
const fn turn(eighths: u8) -> Quat {
    /// Sine and cosine of an eighth and of three eighths of half a turn.
    const S: f32 = 0.382_683_43;
    const C: f32 = 0.923_879_5;
    let (sine, cosine) = match eighths % 8 {
        0 => (0.0, 1.0),
        1 => (S, C),
        2 => (DIAGONAL, DIAGONAL),
        3 => (C, S),
        4 => (1.0, 0.0),
        5 => (C, -S),
        6 => (DIAGONAL, -DIAGONAL),
        _ => (S, -C),
    };
    Quat::from_xyzw(0.0, sine, 0.0, cosine)
}

/// Turns the shared lamp, whose arm points east, towards its road.
const fn arm_towards(road: Side) -> Quat {
    match road {
        Side::East => Quat::IDENTITY,
        Side::North => Quat::from_xyzw(0.0, DIAGONAL, 0.0, DIAGONAL),
        Side::West => Quat::from_xyzw(0.0, 1.0, 0.0, 0.0),
        Side::South => Quat::from_xyzw(0.0, -DIAGONAL, 0.0, DIAGONAL),
    }
}
