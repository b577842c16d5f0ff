//! Asphalt, and the heights of everything that lies on the ground.
//!
//! ```text
//!  heights   0.19  upper patches (paths, drives)      the gaps of at least 2 cm keep the planes from flickering
//!            0.17  lower patches (lawns, plazas)
//!            0.15  pavements and block ground  ┐
//!                                              │ kerb face
//!            0.02  markings                    │
//!            0.00  asphalt ────────────────────┘
//!           -0.06  underlay, behind the hairlines where strips of different division meet
//! ```

use bevy::math::{DVec2, Vec2, Vec3};

use super::super::area::{Area, Axis};
use super::super::colour::{ASPHALT, ASPHALT_ALLEY};
use super::super::plan::streets::{StreetClass, StreetGrid, StreetLine};
use super::super::plan::tone_at;
use super::mesh::MeshBuilder;
use super::wall::Span;

/// Length of the pieces in which asphalt is coloured, metres.
const PIECE_M: f32 = 12.0;
/// Width of the darker gutter along kerbs, metres.
const GUTTER_M: f32 = 0.55;

/// Where a chunk is, for colours that continue over its borders.
#[derive(Copy, Clone)]
pub(super) struct Tone {
    pub(super) seed: u64,
    pub(super) origin_in_world: DVec2,
}

impl Tone {
    pub(super) fn at(&self, offset_in_chunk: Vec2) -> f32 {
        let place = self.origin_in_world + offset_in_chunk.as_dvec2();
        tone_at(self.seed, place.x, place.y)
    }
}

/// Lays the asphalt of all streets of a chunk.
pub(super) fn lay_asphalt(mesh: &mut MeshBuilder, grid: &StreetGrid, tone: &Tone) {
    let size = grid.size_m;
    // Streets along z lie whole; streets along x fill in between them.
    for line in &grid.along_z {
        let crossings: Vec<Span> = grid
            .along_x
            .iter()
            .map(|cross| on_road(cross, size))
            .collect();
        for (along, junction) in pieces_between(&crossings) {
            strip(mesh, Axis::Z, line, along, junction, size, tone);
        }
    }
    for line in &grid.along_x {
        for pair in grid.along_z.windows(2) {
            let along = Span(
                pair[0].center + pair[0].half_road(),
                pair[1].center - pair[1].half_road(),
            );
            strip(mesh, Axis::X, line, along, Piece::Between, size, tone);
        }
    }
    mesh.floor(&Area::new(0.0, 0.0, size, size), -0.06, ASPHALT * 0.9);
}

#[derive(Copy, Clone, Eq, PartialEq)]
enum Piece {
    Junction,
    Between,
}

fn on_road(line: &StreetLine, size_m: f32) -> Span {
    Span(
        (line.center - line.half_road()).max(0.0),
        (line.center + line.half_road()).min(size_m),
    )
}

/// The junctions and what lies between them, in order.
fn pieces_between(crossings: &[Span]) -> Vec<(Span, Piece)> {
    let mut pieces = Vec::new();
    for (number, crossing) in crossings.iter().enumerate() {
        pieces.push((*crossing, Piece::Junction));
        if let Some(next) = crossings.get(number + 1) {
            pieces.push((Span(crossing.1, next.0), Piece::Between));
        }
    }
    pieces
}

/// A stretch of one street, divided across (gutters, lanes) and along.
fn strip(
    mesh: &mut MeshBuilder,
    axis: Axis,
    line: &StreetLine,
    along: Span,
    piece: Piece,
    size_m: f32,
    tone: &Tone,
) {
    if along.length() <= 0.0 {
        return;
    }
    let half = line.half_road();
    let shares = [
        -half,
        -half + GUTTER_M,
        -half * 0.4,
        0.0,
        half * 0.4,
        half - GUTTER_M,
        half,
    ];
    let base = if line.class == StreetClass::Alley {
        ASPHALT_ALLEY
    } else {
        ASPHALT
    };
    let across: Vec<(f32, f32)> = shares
        .into_iter()
        .map(|offset| (line.center + offset, offset))
        .filter(|(at, _)| (0.0..=size_m).contains(at))
        .map(|(at, offset)| {
            let gutter = piece == Piece::Between && offset.abs() == half;
            // Tyres polish the middle of the lanes.
            let worn = if offset == 0.0 { 0.97 } else { 1.04 };
            (at, if gutter { 0.72 } else { worn })
        })
        .collect();
    let steps = (along.length() / PIECE_M).ceil().max(1.0) as u32;
    let mut previous: Vec<u32> = Vec::new();
    for step in 0..=steps {
        let at = if step == steps {
            along.1
        } else {
            along.0 + along.length() * step as f32 / steps as f32
        };
        let row: Vec<u32> = across
            .iter()
            .map(|(cross, shade)| {
                let place = if axis == Axis::Z {
                    Vec2::new(*cross, at)
                } else {
                    Vec2::new(at, *cross)
                };
                mesh.vertex(
                    Vec3::new(place.x, 0.0, place.y),
                    Vec3::Y,
                    base * *shade * tone.at(place),
                )
            })
            .collect();
        for (old, new) in previous.windows(2).zip(row.windows(2)) {
            // Counter-clockwise from above; the two axes mirror each other.
            let [a, b, c, d] = if axis == Axis::Z {
                [old[0], new[0], new[1], old[1]]
            } else {
                [old[0], old[1], new[1], new[0]]
            };
            mesh.triangle([a, b, c]);
            mesh.triangle([a, c, d]);
        }
        previous = row;
    }
}
