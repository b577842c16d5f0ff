//! Lamps that were knocked over.

use bevy::math::{Vec2, Vec3};

use super::super::colour::{IRON, Rgb};
use super::super::plan::ChunkPlan;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;
use super::place::Place;

/// Length of the part that lies, and height of the stump, metres.
const LENGTH_M: f32 = 6.1;
const STUMP_M: f32 = 0.35;

/// The lamps of a chunk that lie on the ground, dark.
pub(super) fn draw(mesh: &mut MeshBuilder, plan: &ChunkPlan) {
    let survey = &plan.frame.survey;
    for (at, towards) in plan.fallen_lamps.iter().filter(|(at, _)| plan.owns(*at)) {
        mesh.set_place(Place::rigid(survey, *at));
        let foot = Vec3::new(at.x, KERB_HEIGHT_M, at.y);
        beam(mesh, [foot, foot + Vec3::Y * STUMP_M], 0.11, IRON * 0.9);
        // It lies on the slope: its head is as high above the land as its foot.
        let end = *at + *towards * LENGTH_M;
        let rise_m = survey.height_at(end) - survey.height_at(*at);
        let from = foot + Vec3::new(towards.x, 0.0, towards.y) * 0.25 + Vec3::Y * 0.12;
        let to = Vec3::new(end.x, KERB_HEIGHT_M + 0.12 + rise_m, end.y);
        beam(mesh, [from, to], 0.08, IRON * 1.15);
        let aside = Vec2::new(-towards.y, towards.x);
        let head = to + Vec3::new(aside.x, 0.0, aside.y) * 1.8;
        beam(mesh, [to, head], 0.05, IRON * 1.15);
        let lamp = head - Vec3::new(aside.x, 0.0, aside.y) * 0.7;
        beam(mesh, [lamp, head], 0.13, IRON * 1.3);
    }
}

/// A square beam between two points.
fn beam(mesh: &mut MeshBuilder, [from, to]: [Vec3; 2], half_m: f32, colour: Rgb) {
    let along = (to - from).normalize_or(Vec3::Y);
    let side = along.any_orthonormal_vector() * half_m;
    let up = along.cross(side);
    let ring = |middle: Vec3| [side + up, up - side, -side - up, side - up].map(|out| middle + out);
    let (first, last) = (ring(from), ring(to));
    for k in 0..4 {
        let next = (k + 1) % 4;
        mesh.plain_quad([first[k], first[next], last[next], last[k]], colour);
    }
    mesh.plain_quad(last, colour);
    mesh.plain_quad([first[3], first[2], first[1], first[0]], colour);
}
