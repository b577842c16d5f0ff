//! Asphalt, and the heights of everything that lies on the ground.
//!
//! ```text
//!  heights   0.21  upper patches (paths, drives)      the gaps of at least 2 cm keep the planes from flickering
//!            0.18  lower patches (lawns, plazas)
//!            0.15  pavements and block ground  ┐
//!                                              │ kerb face
//!            0.025 markings                    │
//!            0.00  asphalt ────────────────────┘
//!           -0.06  underlay, behind the hairlines where strips of different division meet
//! ```

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis};
use super::super::colour::{ASPHALT, ASPHALT_ALLEY, CONCRETE};
use super::super::plan::ChunkPlan;
use super::super::plan::ToneField;
use super::super::plan::frame::Frame;
use super::super::plan::streets::{LocalRoad, Square, StreetClass};
use super::mesh::MeshBuilder;

/// Length of the pieces in which asphalt is coloured, metres.
const PIECE_M: f32 = 12.0;
/// Width of the darker gutter along kerbs, metres.
const GUTTER_M: f32 = 0.55;
/// Half the width of an avenue's median, metres.
pub(super) const MEDIAN_M: f32 = 4.5;
/// How far an avenue's median ends before the arterials that cross, metres.
pub(super) const MEDIAN_ENDS_M: f32 = 14.0;

/// The tones of a chunk's ground, which continue over its borders.
pub(super) struct Tone(ToneField);

impl Tone {
    pub(super) fn new(frame: &Frame) -> Self {
        let origin = frame.origin_in_plan;
        Self(ToneField::new(frame.land.seed(), origin, &frame.reach))
    }

    pub(super) fn at(&self, plan_local: Vec2) -> f32 {
        self.0.at(plan_local)
    }
}

/// Lays the asphalt of all streets of a chunk.
pub(super) fn lay_asphalt(mesh: &mut MeshBuilder, plan: &ChunkPlan) {
    let tone = Tone::new(&plan.frame);
    for road in &plan.roads {
        lay_road(mesh, road, &tone);
    }
    for square in &plan.squares {
        lay_square(mesh, square, &tone);
    }
}

/// One road, divided across (gutters, lanes) and along.
fn lay_road(mesh: &mut MeshBuilder, road: &LocalRoad, tone: &Tone) {
    let length = road.to - road.from;
    if length <= 0.0 {
        return;
    }
    let half = road.half_m();
    let base = if road.class == StreetClass::Alley {
        ASPHALT_ALLEY
    } else {
        ASPHALT
    };
    // Offset and shade; tyres polish the lanes, gutters are dark. Narrow streets have fewer strips.
    let profile: &[(f32, f32)] = match road.class {
        StreetClass::Alley => &[
            (-half, 0.74),
            (-half + GUTTER_M, 1.03),
            (half - GUTTER_M, 1.03),
            (half, 0.74),
        ],
        StreetClass::Street => &[
            (-half, 0.72),
            (-half + GUTTER_M, 1.04),
            (0.0, 0.97),
            (half - GUTTER_M, 1.04),
            (half, 0.72),
        ],
        StreetClass::Arterial | StreetClass::Avenue => &[
            (-half, 0.72),
            (-half + GUTTER_M, 1.04),
            (-half * 0.4, 0.98),
            (half * 0.4, 0.98),
            (half - GUTTER_M, 1.04),
            (half, 0.72),
        ],
    };
    let steps = (length / PIECE_M).ceil().max(1.0) as usize;
    let last = profile.len() - 1;
    // Counter-clockwise from above; the two axes mirror each other. Offset and shade.
    let line = |strip: usize| match road.axis {
        Axis::X => profile[last - strip],
        Axis::Z => profile[strip],
    };
    let place = |step: usize, strip: usize| {
        let along = road.from + length * step as f32 / steps as f32;
        let across = road.center + line(strip).0;
        match road.axis {
            Axis::X => Vec3::new(along, 0.0, across),
            Axis::Z => Vec3::new(across, 0.0, along),
        }
    };
    mesh.lattice([steps, last], Vec3::Y, place, |step, strip| {
        let place = place(step, strip);
        base * (line(strip).1 * tone.at(Vec2::new(place.x, place.z)))
    });
    if road.class == StreetClass::Avenue && !road.is_bridge {
        let median = road.strip(
            road.from + MEDIAN_ENDS_M,
            road.to - MEDIAN_ENDS_M,
            -MEDIAN_M,
            MEDIAN_M,
        );
        mesh.floor(&median, 0.022, CONCRETE[2] * 0.75);
    }
}

fn lay_square(mesh: &mut MeshBuilder, square: &Square, tone: &Tone) {
    let area: &Area = &square.area;
    let pieces = [area.size_x(), area.size_z()].map(|length| (length / PIECE_M).ceil() as usize);
    let place = |column: usize, row: usize| {
        Vec3::new(
            area.x0 + area.size_x() * column as f32 / pieces[0] as f32,
            0.0,
            area.z1 - area.size_z() * row as f32 / pieces[1] as f32,
        )
    };
    mesh.lattice(pieces, Vec3::Y, place, |column, row| {
        let place = place(column, row);
        ASPHALT * (0.98 * tone.at(Vec2::new(place.x, place.z)))
    });
}
