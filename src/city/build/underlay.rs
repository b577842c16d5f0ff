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
        let height = |x: f32, z: f32| {
            let plan = frame.survey.plan_of(Vec2::new(x, z));
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
        let mut rows: Vec<Vec<Vec3>> = Vec::with_capacity(count + 1);
        let up = packed_normal(Vec3::Y);
        let first = mesh.count();
        for row in 0..=count {
            let places: Vec<Vec3> = (0..=count)
                .map(|column| {
                    let (x, z) = (at(column), at(row));
                    Vec3::new(x, height(x, z), z)
                })
                .collect();
            for place in &places {
                mesh.vertex_in_world(*place, up, colour);
            }
            rows.push(places);
        }
        let index = |column: usize, row: usize| first + (row * (count + 1) + column) as u32;
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
        // Each side from its left to its right, seen from outside.
        let side = |place: fn(usize, usize) -> (usize, usize)| -> Vec<Vec3> {
            (0..=count)
                .map(|k| {
                    let (column, row) = place(k, count);
                    rows[row][column]
                })
                .collect()
        };
        self.skirt(mesh, &side(|k, last| (k, last)), Vec3::Z, colour);
        self.skirt(mesh, &side(|k, last| (last - k, 0)), Vec3::NEG_Z, colour);
        self.skirt(mesh, &side(|k, last| (last, last - k)), Vec3::X, colour);
        self.skirt(mesh, &side(|k, _| (0, k)), Vec3::NEG_X, colour);
    }

    fn skirt(&self, mesh: &mut MeshBuilder, edge: &[Vec3], normal: Vec3, colour: Rgb) {
        let (first, normal) = (mesh.count(), packed_normal(normal));
        for place in edge {
            mesh.vertex_in_world(*place - Vec3::Y * self.skirt_m, normal, colour * 0.8);
            mesh.vertex_in_world(*place, normal, colour);
        }
        for k in 0..edge.len() as u32 - 1 {
            let a = first + 2 * k;
            mesh.triangle([a, a + 2, a + 3]);
            mesh.triangle([a, a + 3, a + 1]);
        }
    }
}
