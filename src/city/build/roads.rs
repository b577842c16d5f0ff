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

use bevy::math::{DVec2, Vec2, Vec3};

use super::super::area::{Area, Axis};
use super::super::colour::{ASPHALT, ASPHALT_ALLEY, CONCRETE};
use super::super::plan::ChunkPlan;
use super::super::plan::frame::Frame;
use super::super::plan::streets::{LocalRoad, Square, StreetClass};
use super::super::plan::tone_at;
use super::mesh::MeshBuilder;

/// Length of the pieces in which asphalt is coloured, metres.
const PIECE_M: f32 = 12.0;
/// Width of the darker gutter along kerbs, metres.
const GUTTER_M: f32 = 0.55;
/// Half the width of an avenue's median, metres.
pub(super) const MEDIAN_M: f32 = 4.5;
/// How far an avenue's median ends before the arterials that cross, metres.
pub(super) const MEDIAN_ENDS_M: f32 = 14.0;

/// Where a chunk is, for colours that continue over its borders.
#[derive(Copy, Clone)]
pub(super) struct Tone {
    seed: u64,
    origin_in_plan: DVec2,
}

impl Tone {
    pub(super) const fn new(frame: &Frame) -> Self {
        Self {
            seed: frame.land.seed(),
            origin_in_plan: frame.origin_in_plan,
        }
    }

    pub(super) fn at(&self, plan_local: Vec2) -> f32 {
        let place = self.origin_in_plan + plan_local.as_dvec2();
        tone_at(self.seed, place.x, place.y)
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
    mesh.lattice([steps, last], Vec3::Y, |step, strip| {
        let along = road.from + length * step as f32 / steps as f32;
        // Counter-clockwise from above; the two axes mirror each other.
        let (offset, shade) = match road.axis {
            Axis::X => profile[last - strip],
            Axis::Z => profile[strip],
        };
        let place = match road.axis {
            Axis::X => Vec2::new(along, road.center + offset),
            Axis::Z => Vec2::new(road.center + offset, along),
        };
        (
            Vec3::new(place.x, 0.0, place.y),
            base * (shade * tone.at(place)),
        )
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
    mesh.lattice(pieces, Vec3::Y, |column, row| {
        let place = Vec2::new(
            area.x0 + area.size_x() * column as f32 / pieces[0] as f32,
            area.z1 - area.size_z() * row as f32 / pieces[1] as f32,
        );
        (
            Vec3::new(place.x, 0.0, place.y),
            ASPHALT * (0.98 * tone.at(place)),
        )
    });
}
