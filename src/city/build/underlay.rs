//! What lies below the ground of every chunk: the land in coarse pieces, behind hairlines and below the gaps between two
//! levels of detail, with a skirt all around.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::Rgb;
use super::super::plan::banks::{EMBANKMENT_M, River};
use super::super::plan::frame::{Frame, border_steps};
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
    /// So many of its pieces share one piece of the skirt.
    pub(super) per_skirt: usize,
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
        // The coarsest has its corners on the border where the cell's own are.
        let knows_border = count == border_steps(frame.size_m);
        let known = |column: usize, row: usize| {
            let around = match (column, row) {
                _ if !knows_border => return None,
                (0, 0) => 4 * count,
                (_, 0) => column,
                (_, _) if column == count => count + row,
                (_, _) if row == count => 3 * count - column,
                (0, _) => 4 * count - row,
                _ => return None,
            };
            frame.border.get(around - 1).copied()
        };
        let mut plan = known(0, 0).unwrap_or_else(|| frame.survey.plan_of(Vec2::ZERO));
        let mut before = Vec2::ZERO;
        for row in 0..=count {
            // To and fro, so that each place is near the one before.
            for step in 0..=count {
                let column = if row % 2 == 0 { step } else { count - step };
                let world = Vec2::new(at(column), at(row));
                plan = match known(column, row) {
                    Some(plan) => plan,
                    None => frame.survey.plan_from(world, plan + (world - before)),
                };
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
            .map(|k| (k, number(k, count)))
            .chain((0..count).map(|k| (k, number(count, count - k))))
            .chain((0..count).map(|k| (k, number(count - k, 0))))
            .chain((0..count).map(|k| (k, number(0, k))));
        self.skirt(mesh, first, around, &places, colour);
    }

    /// The skirt shares its upper edge with the ground, and its light: nobody is to see it as an edge. Around the cell are
    /// the places on its border, each with its number on its side.
    fn skirt(
        &self,
        mesh: &mut MeshBuilder,
        first: u32,
        around: impl Iterator<Item = (usize, usize)>,
        places: &[Vec3],
        colour: Rgb,
    ) {
        let (up, start) = (packed_normal(Vec3::Y), mesh.count());
        let mut begin = None;
        // The upper corners from the last lower one on.
        let mut upper: Vec<u32> = Vec::with_capacity(self.per_skirt + 2);
        for (on_side, number) in around {
            let here = first + number as u32;
            begin = begin.or(Some(here));
            upper.push(here);
            if on_side.is_multiple_of(self.per_skirt) {
                mesh.vertex_in_world(places[number] - Vec3::Y * self.skirt_m, up, colour * 0.8);
                let low = mesh.count() - 1;
                if low > start {
                    side(mesh, &upper, [low - 1, low]);
                }
                upper.clear();
                upper.push(here);
            }
        }
        if let Some(begin) = begin {
            upper.push(begin);
            side(mesh, &upper, [mesh.count() - 1, start]);
        }
    }
}

/// One piece of a skirt under the edges between some corners, with the two corners below the first and the last.
fn side(mesh: &mut MeshBuilder, upper: &[u32], [from, to]: [u32; 2]) {
    if let Some(last) = upper.last() {
        mesh.triangle([from, to, *last]);
    }
    for pair in upper.windows(2).rev() {
        mesh.triangle([from, pair[1], pair[0]]);
    }
}
