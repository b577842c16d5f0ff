//! From a chunk's plan to one merged mesh and a few placements of shared meshes.

mod cottages;
mod facades;
mod glow;
mod ground;
mod markings;
mod massing;
mod mesh;
mod pavements;
mod place;
mod props;
mod roads;
mod roofs;
mod shapes;
mod shopfronts;
mod skyline;
mod trees;
mod wall;

pub(super) use massing::massing;
pub use mesh::SUN_DIRECTION;
pub(super) use mesh::{BRIGHTEST, MeshBuilder};
#[cfg(test)]
pub(super) use mesh::{COLOUR, NORMAL};
pub(super) use skyline::skyline;
pub(super) use trees::{Fineness, add_lamp, add_tree};

use bevy::math::{DVec2, Quat, Vec3};
use bevy::transform::components::Transform;

use super::area::Side;
use super::hash::{Dice, Topic};
use super::palette;
use super::plan::ChunkPlan;
use super::plan::buildings::Building;
use super::plan::furniture::{Lamp, Tree};
use super::plan::streets::KERB_HEIGHT_M;
use crate::streaming::{ChunkInstances, ChunkRequest, GenerateError, PaletteKey, StopToken};

use roads::Tone;
use wall::Span;

/// At most so many trees and lamps of a chunk become entities of their own; the rest is merged. Entities are what
/// a frame pays for.
const MOST_TREES: usize = 26;
const MOST_LAMPS: usize = 14;

/// What most chunks stay below; more costs another copy of the mesh in the making.
const VERTICES_PER_SQUARE_METRE: f32 = 1.1;

/// Builds the full detail of a chunk.
pub(super) fn full(
    plan: &ChunkPlan,
    request: &ChunkRequest,
    stop: &StopToken,
) -> Result<(MeshBuilder, Vec<ChunkInstances>), GenerateError> {
    let ground = plan.grid.size_m * plan.grid.size_m;
    let mut mesh = MeshBuilder::with_room_for((ground * VERTICES_PER_SQUARE_METRE) as usize);
    lay_ground(&mut mesh, plan, request, stop)?;
    let place = Dice::at(
        request.seed,
        Topic::Furniture,
        i64::from(request.coord.x),
        i64::from(request.coord.z),
    );
    for (number, block) in plan.blocks.iter().enumerate() {
        stop.checkpoint()?;
        let dice = place.part(number as u64);
        for (building_number, building) in block.buildings.iter().enumerate() {
            draw_building(&mut mesh, building, &mut dice.part(building_number as u64));
        }
        for prop in &block.furniture.props {
            props::draw(&mut mesh, prop);
        }
    }
    stop.checkpoint()?;
    let instances = place_trees_and_lamps(&mut mesh, plan);
    Ok((mesh, instances))
}

fn lay_ground(
    mesh: &mut MeshBuilder,
    plan: &ChunkPlan,
    request: &ChunkRequest,
    stop: &StopToken,
) -> Result<(), GenerateError> {
    let corner =
        DVec2::new(f64::from(request.coord.x), f64::from(request.coord.z)) * request.chunk_size_m;
    let tone = Tone {
        seed: request.seed,
        origin_in_world: corner,
    };
    for block in &plan.blocks {
        pavements::lay_block(mesh, block, &tone);
    }
    stop.checkpoint()?;
    markings::paint_streets(mesh, &plan.grid);
    roads::lay_asphalt(mesh, &plan.grid, &tone);
    stop.checkpoint()
}

fn draw_building(mesh: &mut MeshBuilder, building: &Building, dice: &mut Dice) {
    for mass in &building.masses {
        facades::draw_faces(mesh, mass, &building.look, building.front, dice);
        roofs::draw_roof(mesh, mass, &building.look);
    }
    for detail in &building.details {
        roofs::draw_detail(
            mesh,
            &detail.area,
            Span(detail.base_m, detail.top_m),
            detail.colour,
        );
    }
}

/// Spreads the entities evenly over the chunk and merges the rest.
fn place_trees_and_lamps(mesh: &mut MeshBuilder, plan: &ChunkPlan) -> Vec<ChunkInstances> {
    let trees: Vec<&Tree> = plan
        .blocks
        .iter()
        .flat_map(|block| &block.furniture.trees)
        .collect();
    let lamps: Vec<&Lamp> = plan
        .blocks
        .iter()
        .flat_map(|block| &block.furniture.lamps)
        .collect();
    let mut placed: [Vec<Transform>; 4] = Default::default();
    for (number, tree) in trees.iter().enumerate() {
        let foot = Vec3::new(tree.at.x, KERB_HEIGHT_M, tree.at.y);
        if is_chosen(number, trees.len(), MOST_TREES) {
            let place = Transform::from_translation(foot)
                .with_rotation(turn(tree.turn))
                .with_scale(Vec3::splat(tree.scale));
            placed[tree.species as usize].push(place);
        } else {
            add_tree(mesh, foot, tree.species, tree.scale, Fineness::Merged);
        }
    }
    for (number, lamp) in lamps.iter().enumerate() {
        let foot = Vec3::new(lamp.at.x, KERB_HEIGHT_M, lamp.at.y);
        if is_chosen(number, lamps.len(), MOST_LAMPS) {
            placed[3].push(Transform::from_translation(foot).with_rotation(arm_towards(lamp.road)));
        } else {
            add_lamp(mesh, foot, lamp.road.outward(), Fineness::Merged);
        }
    }
    let keys = [
        palette::TREE_BROAD,
        palette::TREE_TALL,
        palette::TREE_CONIFER,
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
