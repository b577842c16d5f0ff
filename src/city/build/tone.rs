//! Large surfaces are never of one tone: asphalt is patched, lawns are dry here and lush there.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::Rgb;
use super::super::plan::ToneField;
use super::super::plan::frame::Frame;
use super::mesh::MeshBuilder;

/// Length of the pieces in which toned ground is coloured, metres.
const PIECE_M: f32 = 12.0;
/// How much more the tone of lawns and yards varies than that of roads.
const STRONGER: f32 = 3.4;

/// The tones of a chunk's ground, which continue over its borders.
pub(super) struct Tone(ToneField);

impl Tone {
    pub(super) fn new(frame: &Frame) -> Self {
        let origin = frame.origin_in_plan;
        Self(ToneField::new(frame.land.seed(), origin, &frame.reach))
    }

    /// The tone of a road, around 1.
    pub(super) fn at(&self, plan_local: Vec2) -> f32 {
        self.0.at(plan_local)
    }

    /// The tone of lawns and yards, around 1.
    pub(super) fn of_ground(&self, plan_local: Vec2) -> f32 {
        1.0 + (self.at(plan_local) - 1.0) * STRONGER
    }

    /// Lays a level rectangle whose colour varies with the tone.
    pub(super) fn floor(&self, mesh: &mut MeshBuilder, area: &Area, height_m: f32, colour: Rgb) {
        if area.is_empty() {
            return;
        }
        let pieces = [area.size_x(), area.size_z()].map(|length| (length / PIECE_M).ceil());
        let place = |column: usize, row: usize| {
            Vec3::new(
                area.x0 + area.size_x() * column as f32 / pieces[0],
                height_m,
                area.z1 - area.size_z() * row as f32 / pieces[1],
            )
        };
        let counts = pieces.map(|count| count as usize);
        mesh.lattice(counts, Vec3::Y, place, |column, row| {
            let at = place(column, row);
            colour * self.of_ground(Vec2::new(at.x, at.z))
        });
    }
}
