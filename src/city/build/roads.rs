//! Asphalt, and the heights of everything that lies on the ground.
//!
//! ```text
//!  heights   0.23  upper patches (paths, drives)      the gaps of at least 2 cm keep the planes from flickering
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
use super::super::plan::streets::{LocalRoad, Square, StreetClass, corner_radius_m};
use super::mesh::MeshBuilder;
use super::tone::Tone;

/// Length of the pieces in which asphalt is coloured, metres.
const PIECE_M: f32 = 12.0;
/// Width of the gutter along kerbs, metres, and how dark it is.
const GUTTER_M: f32 = 0.55;
pub(super) const GUTTER: f32 = 0.72;
/// Asphalt is not divided into shorter pieces along a road, metres.
const SHORTEST_PIECE_M: f32 = 0.05;
/// Half the width of an avenue's median, metres.
pub(super) const MEDIAN_M: f32 = 4.5;
/// How far an avenue's median ends before the arterials that cross, metres.
pub(super) const MEDIAN_ENDS_M: f32 = 14.0;

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
    // Offset and shade; tyres polish the lanes. Narrow streets have fewer strips.
    let profile: &[(f32, f32)] = match road.class {
        StreetClass::Alley => &[
            (-half, 1.0),
            (-half + GUTTER_M, 1.03),
            (half - GUTTER_M, 1.03),
            (half, 1.0),
        ],
        StreetClass::Street => &[
            (-half, 1.0),
            (-half + GUTTER_M, 1.04),
            (0.0, 0.97),
            (half - GUTTER_M, 1.04),
            (half, 1.0),
        ],
        StreetClass::Arterial | StreetClass::Avenue => &[
            (-half, 1.0),
            (-half + GUTTER_M, 1.04),
            (-half * 0.4, 0.98),
            (half * 0.4, 0.98),
            (half - GUTTER_M, 1.04),
            (half, 1.0),
        ],
    };
    let mouths = mouths_along(road);
    let rows = rows_along(road, &mouths);
    let last = profile.len() - 1;
    // Counter-clockwise from above; the two axes mirror each other.
    let strip_of = |column: usize| match road.axis {
        Axis::X => last - column,
        Axis::Z => column,
    };
    let place = |row: usize, column: usize| {
        let along = rows[row];
        let across = road.center + profile[strip_of(column)].0;
        match road.axis {
            Axis::X => Vec3::new(along, 0.0, across),
            Axis::Z => Vec3::new(across, 0.0, along),
        }
    };
    mesh.lattice([rows.len() - 1, last], Vec3::Y, place, |row, column| {
        let (at, strip) = (place(row, column), strip_of(column));
        let gutter = if strip == 0 {
            gutter_at(rows[row], &mouths, 0)
        } else if strip == last {
            gutter_at(rows[row], &mouths, 1)
        } else {
            0.0
        };
        let shade = profile[strip].1 * (1.0 - (1.0 - GUTTER) * gutter);
        base * (shade * tone.at(Vec2::new(at.x, at.z)))
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

/// Where another street opens a road's kerbs: there is no gutter.
struct Mouth {
    /// From where to where along the road.
    from: f32,
    to: f32,
    /// The kerb beside it is rounded by so much, metres, on the road's low and high side; nothing where it has no mouth.
    rounding: [Option<f32>; 2],
}

/// The mouths of all streets that meet a road, at its ends and between.
fn mouths_along(road: &LocalRoad) -> Vec<Mouth> {
    let rounding = |class: StreetClass| {
        (class != StreetClass::Alley).then(|| corner_radius_m(class, road.class))
    };
    let ends = [(road.from, road.ends[0]), (road.to, road.ends[1])];
    let at_ends = ends.into_iter().map(|(at, class)| Mouth {
        from: at,
        to: at,
        rounding: [rounding(class); 2],
    });
    let between = road.crossings.iter().map(|crossing| Mouth {
        from: crossing.at - crossing.half_m(),
        to: crossing.at + crossing.half_m(),
        rounding: [crossing.low, crossing.high].map(|class| class.and_then(rounding)),
    });
    at_ends
        .chain(between)
        .filter(|mouth| road.class != StreetClass::Alley && mouth.rounding != [None; 2])
        .collect()
}

/// Where along a road its asphalt is divided: where gutters begin and end, and every [`PIECE_M`] between.
fn rows_along(road: &LocalRoad, mouths: &[Mouth]) -> Vec<f32> {
    let mut stops = vec![road.from, road.to];
    for mouth in mouths {
        stops.extend([mouth.from, mouth.to]);
        for radius_m in mouth.rounding.into_iter().flatten() {
            stops.extend([mouth.from - radius_m, mouth.to + radius_m]);
        }
    }
    stops.retain(|stop| (road.from..=road.to).contains(stop));
    stops.sort_by(f32::total_cmp);
    stops.dedup_by(|a, b| (*a - *b).abs() < SHORTEST_PIECE_M);
    let mut rows = vec![road.from];
    for pair in stops.windows(2) {
        let length = pair[1] - pair[0];
        let pieces = (length / PIECE_M).ceil().max(1.0) as usize;
        rows.extend((1..=pieces).map(|piece| pair[0] + length * piece as f32 / pieces as f32));
    }
    if let Some(last) = rows.last_mut() {
        *last = road.to;
    }
    rows
}

/// How much of a gutter is at a place along the low or high side of a road: 1 along kerbs, 0 where they are open.
fn gutter_at(along: f32, mouths: &[Mouth], side: usize) -> f32 {
    let beside = |mouth: &Mouth| {
        let away = (mouth.from - along).max(along - mouth.to).max(0.0);
        match mouth.rounding[side] {
            Some(radius_m) => (away / radius_m.max(SHORTEST_PIECE_M)).min(1.0),
            None => 1.0,
        }
    };
    mouths.iter().map(beside).fold(1.0, f32::min)
}
