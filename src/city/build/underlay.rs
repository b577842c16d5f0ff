//! What lies below the ground of every chunk: the land in coarse pieces, behind hairlines and below the gaps between two
//! levels of detail, with a skirt all around.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::Rgb;
use super::super::plan::banks::{EMBANKMENT_M, River};
use super::super::plan::frame::Frame;
use super::mesh::MeshBuilder;
use super::vertex::packed_normal;

/// How an underlay is laid.
#[derive(Copy, Clone)]
pub(super) struct Underlay {
    /// Side of its pieces, metres.
    pub(super) pitch_m: f32,
    /// How far below the land it lies, metres.
    pub(super) sunk_m: f32,
    /// How far its skirt reaches down, metres.
    pub(super) skirt_m: f32,
}

/// How far inland of the embankments' centre lines it dips at most, metres.
const DIPS_M: f32 = 90.0;
/// Likewise under ponds, metres below the land.
const UNDER_PONDS_M: f32 = 6.0;
/// Under banks and water it lies out of sight, metres above the water.
const UNDER_RIVERS_M: f32 = -4.0;

impl Underlay {
    /// Lays it over the whole cell. It is in the world's coordinates, so nothing is cut.
    pub(super) fn lay(
        &self,
        mesh: &mut MeshBuilder,
        frame: &Frame,
        rivers: &[River],
        ponds: &[Area],
        colour: Rgb,
    ) {
        let count = (frame.size_m / self.pitch_m).ceil().max(1.0) as usize;
        let at = |k: usize| {
            if k == count {
                frame.size_m
            } else {
                frame.size_m * k as f32 / count as f32
            }
        };
        let height = |plan: Vec2| {
            let is_dug = rivers.iter().any(|river| {
                // So far before the bank that no piece reaches above it.
                let margin = EMBANKMENT_M - (1.6 * self.pitch_m).min(EMBANKMENT_M + DIPS_M);
                plan.y > river.north + margin && plan.y < river.south - margin
            });
            let is_pond = ponds
                .iter()
                .any(|pond| pond.inset(-1.6 * self.pitch_m).contains(plan));
            if is_pond {
                frame.survey.height_at(plan) - UNDER_PONDS_M
            } else if is_dug {
                UNDER_RIVERS_M
            } else {
                frame.survey.height_at(plan) - self.sunk_m
            }
        };
        let up = packed_normal(Vec3::Y);
        let first = mesh.count();
        let mut places: Vec<Vec3> = Vec::with_capacity((count + 1) * (count + 1));
        let mut plan = frame.survey.plan_of(Vec2::ZERO);
        let mut before = Vec2::ZERO;
        for row in 0..=count {
            // To and fro, so that each place is near the one before.
            for step in 0..=count {
                let column = if row % 2 == 0 { step } else { count - step };
                let world = Vec2::new(at(column), at(row));
                plan = frame.survey.plan_from(world, plan + (world - before));
                before = world;
                places.push(Vec3::new(world.x, height(plan), world.y));
            }
            if row % 2 == 1 {
                places[row * (count + 1)..].reverse();
            }
        }
        for place in &places {
            mesh.vertex_in_world(*place, up, colour);
        }
        let number = |column: usize, row: usize| row * (count + 1) + column;
        let index = |column: usize, row: usize| first + number(column, row) as u32;
        for row in 0..count {
            for column in 0..count {
                let [a, b, c, d] = [
                    index(column, row + 1),
                    index(column + 1, row + 1),
                    index(column + 1, row),
                    index(column, row),
                ];
                mesh.triangle([a, b, c]);
                mesh.triangle([a, c, d]);
            }
        }
        // Around the cell, so that one sees the outside when going on to the next.
        let around = (0..count)
            .map(|k| number(k, count))
            .chain((0..count).map(|k| number(count, count - k)))
            .chain((0..count).map(|k| number(count - k, 0)))
            .chain((0..count).map(|k| number(0, k)));
        self.skirt(mesh, first, around, &places, colour);
    }

    /// The skirt shares its upper edge with the ground, and its light: nobody is to see it as an edge.
    fn skirt(
        &self,
        mesh: &mut MeshBuilder,
        first: u32,
        around: impl Iterator<Item = usize>,
        places: &[Vec3],
        colour: Rgb,
    ) {
        let (up, start) = (packed_normal(Vec3::Y), mesh.count());
        let mut upper: Option<(u32, u32)> = None;
        for number in around {
            mesh.vertex_in_world(places[number] - Vec3::Y * self.skirt_m, up, colour * 0.8);
            let here = first + number as u32;
            let low = mesh.count() - 1;
            if let Some((_, before)) = upper {
                side(mesh, [before, here], low);
            }
            upper = Some((upper.map_or(here, |(start, _)| start), here));
        }
        if let Some((begin, last)) = upper {
            let low = mesh.count() - 1;
            mesh.triangle([low, start, begin]);
            mesh.triangle([low, begin, last]);
        }
    }
}

/// One piece of a skirt under an edge; `low` is the number of the vertex under its end, one after that under its start.
fn side(mesh: &mut MeshBuilder, [from, to]: [u32; 2], low: u32) {
    mesh.triangle([low - 1, low, to]);
    mesh.triangle([low - 1, to, from]);
}
