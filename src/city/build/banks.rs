//! Rivers: the water, the banks down to it, the pavements along it.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{
    GRASS, GRAVEL_PATH, KERB_STONE, LAWN, PAVING, PAVING_WARM, Rgb, SANDSTONE, srgb,
};
use super::super::land::SHORE_M;
use super::super::plan::banks::{
    ABUTMENT_M, BankKind, EMBANKMENT_M, KNOTS, Profile, River, WATER_FROM_M, on_land,
};
use super::super::plan::frame::Frame;
use super::super::plan::streets::KERB_HEIGHT_M;
use super::massing::road_colour;
use super::mesh::MeshBuilder;
use super::pavements;
use super::place::Place;
use super::tone::Tone;

/// The river's surface: in the shallows, and in the middle.
pub(super) const WATER: [Rgb; 2] = [srgb(0x5F_84_86), srgb(0x3F_63_70)];
/// How long the pieces are in which water is laid, metres.
const WATER_PIECE_M: f32 = 50.0;
/// The shallows reach so far out, metres.
const SHALLOWS_M: f32 = 22.0;
/// Segments of a profile that are drawn: the others are under water.
const DRAWN: usize = KNOTS - 2;
/// The corners of a profile that lie on the land.
const LEVEL_KNOTS: usize = 2;
/// The tops of banks are drawn so far below the pavements that they meet, metres: both are cut into pieces of their own,
/// which overlap by a sliver where they are bent.
const SUNK_M: f32 = 0.015;
/// Where they are laid coarsely, pavements reach so far over them, metres.
const OVER_M: f32 = 0.3;
/// No profile reaches farther from the embankment's centre line, metres.
const MOST_FROM_M: f32 = 60.0;
const SAND: Rgb = srgb(0xD8_C4_96);
const WET_SAND: Rgb = srgb(0xA8_94_6C);
const QUAY_WALL: Rgb = srgb(0x8E_86_78);

/// Lays the banks of a river, from the embankments down to its bed, in pieces of a length along the river.
pub(super) fn lay(mesh: &mut MeshBuilder, frame: &Frame, river: &River, pitch_m: f32) {
    mesh.set_place(Place::above_water(frame));
    for side in 0..2 {
        lay_bank(mesh, frame, river, side, pitch_m);
    }
}

/// Lays what is built on the banks: pavements, parapets, paths.
pub(super) fn dress(mesh: &mut MeshBuilder, frame: &Frame, river: &River) {
    mesh.set_place(Place::ground(frame));
    lay_strips(mesh, frame, river);
    for side in 0..2 {
        dress_bank(mesh, river, side);
    }
}

/// Lays the streets and pavements along a river as the middle level shows them. Its underlay may dip from `dips_m` inland
/// of the embankments' centre lines on.
pub(super) fn pave(
    mesh: &mut MeshBuilder,
    frame: &Frame,
    river: &River,
    (pitch_m, dips_m): (f32, f32),
) {
    mesh.set_place(Place::ground_in(frame, pitch_m));
    lay_embankments(mesh, frame, river, dips_m);
    for strip in &river.strips {
        // Over the edge of the bank, which is bent in pieces of its own.
        mesh.floor(&strip.area.inset(-OVER_M), KERB_HEIGHT_M, PAVING * 0.95);
    }
}

/// From the centre lines of the embankments inland: lines between which the coarsest level lays the land, which its
/// underlay leaves out there. The last are on the bank and in the water, metres.
const FAR_LINES_M: [f32; 5] = [-195.0, -90.0, 11.0, 28.0, 45.0];
/// Length of the pieces in which the coarsest level lays banks and water, metres.
const FAR_PIECE_M: f32 = 140.0;

/// Lays banks and water as they are seen from kilometres away.
pub(super) fn lay_far(
    mesh: &mut MeshBuilder,
    water: &mut MeshBuilder,
    frame: &Frame,
    river: &River,
) {
    let (north, south) = (river.z_at(0, FAR_LINES_M[0]), river.z_at(1, FAR_LINES_M[0]));
    if frame.reach.z1 < north || frame.reach.z0 > south {
        return;
    }
    let (west, east) = known(frame, river);
    // In each reach the same places, whichever chunk asks.
    let mut stations = Vec::with_capacity(8);
    for reach in &river.reaches {
        let length = reach.to - reach.from;
        let count = (length / FAR_PIECE_M).ceil().max(1.0);
        stations.extend((0..count as u32).map(|k| reach.from + length * k as f32 / count));
    }
    stations.retain(|x| *x > west - FAR_PIECE_M && *x < east + FAR_PIECE_M);
    if stations.len() < 2 {
        return;
    }
    for side in 0..2 {
        let [inland, out] = [FAR_LINES_M[0], FAR_LINES_M[4]].map(|from| river.z_at(side, from));
        if inland.max(out) < frame.reach.z0 || inland.min(out) > frame.reach.z1 {
            continue;
        }
        mesh.set_place(Place::ground(frame).sharing_from(mesh.count()));
        // Counter-clockwise from above: rows go north.
        let line = |row: usize| FAR_LINES_M[if side == 0 { 4 - row } else { row }];
        let bank = |x: f32| {
            let (own, other, share) = river.kinds_at(side, x);
            let [own, other] = [own, other].map(colours_of);
            [0, 2].map(|k: usize| own[k].lerp(other[k], share))
        };
        let place = |column: usize, row: usize| {
            let from = line(row);
            let above_land_m = if from == FAR_LINES_M[4] {
                // The land is even beside rivers.
                -(SHORE_M as f32) - 1.0
            } else if from == FAR_LINES_M[3] {
                0.0
            } else {
                -0.03
            };
            Vec3::new(stations[column], above_land_m, river.z_at(side, from))
        };
        mesh.lattice([stations.len() - 1, 4], Vec3::Y, place, |column, row| {
            let from = line(row);
            if from < EMBANKMENT_M {
                return road_colour();
            }
            let [top, slope] = bank(stations[column]);
            if from == FAR_LINES_M[3] { top } else { slope }
        });
    }
    water.set_place(Place::above_water(frame).sharing_from(water.count()));
    let (north, south) = (river.north + WATER_FROM_M, river.south - WATER_FROM_M);
    let place = |column: usize, row: usize| Vec3::new(stations[column], 0.0, [south, north][row]);
    // The eye mixes the shallows in.
    let colour = WATER[0].lerp(WATER[1], 0.9);
    water.lattice([stations.len() - 1, 1], Vec3::Y, place, |_, _| colour);
}

/// The streets along the river as coarse levels show them: their underlay dips under the banks well before.
fn lay_embankments(mesh: &mut MeshBuilder, frame: &Frame, river: &River, dips_m: f32) {
    let (west, east) = known(frame, river);
    for (z0, z1) in [
        (river.north - dips_m, river.north + EMBANKMENT_M),
        (river.south - EMBANKMENT_M, river.south + dips_m),
    ] {
        mesh.floor(&Area::new(west, z0, east, z1), -0.03, road_colour());
    }
}

/// From where to where banks and water are known: the chunk's reach, and a little more.
fn known(frame: &Frame, river: &River) -> (f32, f32) {
    let [first, last] = [river.reaches.first(), river.reaches.last()];
    (
        first
            .map_or(0.0, |reach| reach.from)
            .max(frame.reach.x0 - 60.0),
        last.map_or(0.0, |reach| reach.to)
            .min(frame.reach.x1 + 60.0),
    )
}

/// Lays the surface of a river.
pub(super) fn lay_water(mesh: &mut MeshBuilder, frame: &Frame, river: &River, pitch_m: f32) {
    let piece_m = pitch_m.max(WATER_PIECE_M);
    mesh.set_place(Place::above_water(frame));
    let (west, east) = known(frame, river);
    let (north, south) = (river.north + WATER_FROM_M, river.south - WATER_FROM_M);
    let middle = (north + south) / 2.0;
    let rows = [
        (south, WATER[0]),
        (south - SHALLOWS_M, WATER[0].lerp(WATER[1], 0.8)),
        ((south + middle) / 2.0, WATER[1]),
        (middle, WATER[1]),
        ((north + middle) / 2.0, WATER[1]),
        (north + SHALLOWS_M, WATER[0].lerp(WATER[1], 0.8)),
        (north, WATER[0]),
    ];
    let first = river.reaches.first().map_or(west, |reach| reach.from);
    let start = first + ((west - first) / piece_m).floor() * piece_m;
    let columns = ((east - start) / piece_m).ceil().max(1.0) as usize;
    let place =
        |column: usize, row: usize| Vec3::new(start + column as f32 * piece_m, 0.0, rows[row].0);
    mesh.lattice([columns, rows.len() - 1], Vec3::Y, place, |_, row| {
        rows[row].1
    });
}

/// The places along the river at which a bank is drawn: evenly in every reach, and at the edges of bridges.
fn stations(frame: &Frame, river: &River, pitch_m: f32) -> Vec<f32> {
    let (west, east) = known(frame, river);
    let mut stations = Vec::new();
    for reach in &river.reaches {
        let count = ((reach.to - reach.from) / pitch_m).ceil().max(1.0) as u32;
        stations.extend(
            (0..count).map(|k| reach.from + (reach.to - reach.from) * k as f32 / count as f32),
        );
    }
    for bridge in &river.bridges {
        stations.extend([bridge.x - bridge.half_m, bridge.x + bridge.half_m]);
    }
    stations.retain(|x| *x >= west - pitch_m && *x <= east + pitch_m);
    stations.sort_by(f32::total_cmp);
    stations.dedup_by(|a, b| (*a - *b).abs() < 1e-3);
    stations
}

/// A bank at one x: the corners of its profile and what lies between them.
struct Cross {
    corners: [Vec3; KNOTS],
    colours: [Rgb; DRAWN],
    profile: Profile,
}

impl Cross {
    fn at(frame: &Frame, river: &River, side: usize, x: f32) -> Self {
        let profile = river.profile_at(side, x);
        let mut corners = [Vec3::ZERO; KNOTS];
        for (knot, corner) in corners.iter_mut().enumerate().take(DRAWN + 1) {
            let (from, height) = profile[knot];
            let z = river.z_at(side, from);
            let height = on_land(height, frame.survey.height_at(Vec2::new(x, z)));
            let sunk_m = if knot < LEVEL_KNOTS { SUNK_M } else { 0.0 };
            *corner = Vec3::new(x, height - sunk_m, z);
        }
        Self {
            corners,
            colours: colours_at(river, side, x),
            profile,
        }
    }
}

fn lay_bank(mesh: &mut MeshBuilder, frame: &Frame, river: &River, side: usize, pitch_m: f32) {
    let stations = stations(frame, river, pitch_m);
    let (low, high) = (
        river.z_at(side, 0.0).min(river.z_at(side, MOST_FROM_M)),
        river.z_at(side, 0.0).max(river.z_at(side, MOST_FROM_M)),
    );
    if high < frame.reach.z0 || low > frame.reach.z1 {
        return;
    }
    let towards_water = if side == 0 { 1.0 } else { -1.0 };
    let mut crosses = stations.iter().map(|x| Cross::at(frame, river, side, *x));
    let Some(mut west) = crosses.next() else {
        return;
    };
    for east in crosses {
        let middle = (west.corners[0].x + east.corners[0].x) / 2.0;
        let is_under_bridge = river.has_bridge_at(Vec2::new(middle, 0.0));
        for segment in usize::from(is_under_bridge)..DRAWN {
            // Counter-clockwise from above: along the southern line to the east, back along the northern.
            let (southern, northern) = if side == 0 {
                (segment + 1, segment)
            } else {
                (segment, segment + 1)
            };
            let corners = [
                west.corners[southern],
                east.corners[southern],
                east.corners[northern],
                west.corners[northern],
            ];
            let ((d0, h0), (d1, h1)) = (west.profile[segment], west.profile[segment + 1]);
            let normal = Vec3::new(0.0, d1 - d0, (h0 - h1) * towards_water).normalize_or(Vec3::Y);
            let colours = [west.colours[segment], east.colours[segment]];
            mesh.quad(
                corners,
                normal,
                [colours[0], colours[1], colours[1], colours[0]],
            );
        }
        west = east;
    }
}

/// The colours of the segments of a bank at an x.
fn colours_at(river: &River, side: usize, x: f32) -> [Rgb; DRAWN] {
    let (own, other, share) = river.kinds_at(side, x);
    let [own, other] = [own, other].map(colours_of);
    let mut mixed = own;
    for (colour, there) in mixed.iter_mut().zip(other) {
        *colour = colour.lerp(there, share);
    }
    mixed
}

fn colours_of(kind: BankKind) -> [Rgb; DRAWN] {
    match kind {
        BankKind::Quay => [
            PAVING_WARM * 0.95,
            QUAY_WALL,
            PAVING * 0.9,
            QUAY_WALL * 0.7,
            QUAY_WALL * 0.5,
        ],
        BankKind::Meadow => [
            LAWN,
            GRASS * 0.97,
            GRASS * 0.9,
            WET_SAND * 0.7,
            WET_SAND * 0.5,
        ],
        BankKind::Beach => [LAWN, SAND.lerp(GRASS, 0.3), SAND, WET_SAND, WET_SAND * 0.7],
    }
}

fn lay_strips(mesh: &mut MeshBuilder, frame: &Frame, river: &River) {
    let tone = Tone::new(frame);
    let nothing = |strip: &Area| {
        let middle = strip.center();
        // A line along the middle, to which the paving reaches from both sides.
        if strip.size_x() > strip.size_z() {
            let half = strip.size_z() / 2.0;
            Area::new(strip.x0 + half, middle.y, strip.x1 - half, middle.y)
        } else {
            let half = strip.size_x() / 2.0;
            Area::new(middle.x, strip.z0 + half, middle.x, strip.z1 - half)
        }
    };
    for (number, strip) in river.strips.iter().enumerate() {
        let mark = number as u64;
        pavements::lay_raised(mesh, strip, &nothing(&strip.area), PAVING, mark, &tone);
    }
}

/// Parapets on quays, paths on lawns, between the bridges.
fn dress_bank(mesh: &mut MeshBuilder, river: &River, side: usize) {
    for reach in &river.reaches {
        let mut from = reach.from;
        let stops = river
            .bridges
            .iter()
            .map(|bridge| (bridge.x - bridge.half_m, bridge.x + bridge.half_m))
            .filter(|(low, high)| *high > reach.from && *low < reach.to)
            .chain([(reach.to, reach.to)]);
        for (low, high) in stops {
            if low > from {
                dress_reach(
                    mesh,
                    river,
                    side,
                    reach.kinds[side],
                    (from, low.min(reach.to)),
                );
            }
            from = from.max(high);
        }
    }
}

fn dress_reach(
    mesh: &mut MeshBuilder,
    river: &River,
    side: usize,
    kind: BankKind,
    (from, to): (f32, f32),
) {
    let strip = |near: f32, far: f32| {
        let (a, b) = (river.z_at(side, near), river.z_at(side, far));
        Area::new(from, a.min(b), to, a.max(b))
    };
    match kind {
        BankKind::Quay => {
            // Lower where one kind of bank turns into another: a wall ends before it.
            let wall =
                strip(26.55, 26.95).span(super::super::area::Axis::X, 14.0, to - from - 14.0);
            if wall.size_x() > 4.0 {
                mesh.block(
                    &wall,
                    KERB_HEIGHT_M - 2.0 * SUNK_M,
                    KERB_HEIGHT_M + 0.95,
                    SANDSTONE[1] * 0.95,
                );
            }
        }
        BankKind::Meadow | BankKind::Beach => {
            let path = strip(EMBANKMENT_M + 5.5, EMBANKMENT_M + 8.0);
            mesh.floor(&path, KERB_HEIGHT_M + 0.025, GRAVEL_PATH);
        }
    }
    let edging = strip(EMBANKMENT_M - 0.02, EMBANKMENT_M + 0.2);
    mesh.floor(&edging, KERB_HEIGHT_M + 0.025, KERB_STONE);
}

/// Where the abutments of bridges stand: z on both banks.
pub(super) const fn abutments(river: &River) -> (f32, f32) {
    (river.z_at(0, ABUTMENT_M), river.z_at(1, ABUTMENT_M))
}
