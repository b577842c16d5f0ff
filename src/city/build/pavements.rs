//! Kerbs, pavements and the ground of blocks.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{ASPHALT, KERB_STONE, PAVING, PAVING_WARM, Rgb};
use super::super::hash::mix;
use super::super::plan::blocks::Block;
use super::super::plan::streets::{KERB_HEIGHT_M, KerbOutline};
use super::super::plan::{PatchLayer, Zone};
use super::mesh::MeshBuilder;
use super::parks;
use super::roads::GUTTER;
use super::tone::Tone;

/// Width of the stone on top of the kerb, metres.
const KERB_WIDTH_M: f32 = 0.3;
/// Length of pavement slabs, metres. Kerbs are divided where slabs meet: corners in the middle of a neighbour's edge would
/// leave pinholes.
const SLAB_M: f32 = 7.0;
/// How dark the face of a kerb is at its foot and at its top.
const KERB_FOOT: f32 = 0.62;
const KERB_FACE: f32 = 0.9;
/// Kerbs reach so far below the road, metres.
const KERB_SUNK_M: f32 = 0.03;
/// Pavements reach so far under the ground inside them, and so far below it, metres.
const UNDER_M: f32 = 0.35;
const SUNK_M: f32 = 0.03;
/// Heights of the two layers of patches above the ground of a block, metres.
const LOWER_M: f32 = 0.03;
pub(super) const UPPER_M: f32 = 0.08;
const CORNER_STEPS: usize = 6;
/// A quarter circle in [`CORNER_STEPS`] steps, as (cosine, sine).
const QUARTER: [(f32, f32); CORNER_STEPS + 1] = [
    (1.0, 0.0),
    (0.965_925_8, 0.258_819_04),
    (0.866_025_4, 0.5),
    (0.707_106_77, 0.707_106_77),
    (0.5, 0.866_025_4),
    (0.258_819_04, 0.965_925_8),
    (0.0, 1.0),
];

/// Builds kerbs, pavements and the ground of one block.
pub(super) fn lay_block(mesh: &mut MeshBuilder, block: &Block, tone: &Tone) {
    if block.outline.area.is_empty() {
        return;
    }
    let paving = if block.zone == Zone::Core {
        PAVING_WARM
    } else {
        PAVING
    };
    let mark = block.dice.part(3).roll();
    lay_raised(mesh, &block.outline, &block.inner, paving, mark, tone);
    if let Some(park) = &block.park {
        parks::lay(mesh, block, park, Some(tone));
    } else if !block.inner.is_empty() {
        tone.floor(mesh, &block.inner, KERB_HEIGHT_M, block.ground);
    }
    for patch in &block.patches {
        match patch.layer {
            PatchLayer::Lower => {
                tone.floor(mesh, &patch.area, KERB_HEIGHT_M + LOWER_M, patch.colour);
            }
            PatchLayer::Upper => mesh.floor(&patch.area, KERB_HEIGHT_M + UPPER_M, patch.colour),
        }
    }
}

/// Builds the kerbs around an outline and the paving from there to what is inside. `mark` is the outline's own chance.
pub(super) fn lay_raised(
    mesh: &mut MeshBuilder,
    outline: &KerbOutline,
    inner: &Area,
    paving: Rgb,
    mark: u64,
    tone: &Tone,
) {
    let outer = outline_points(outline, 0.0);
    let kerb_inner = outline_points(outline, KERB_WIDTH_M);
    for (corner, radius) in outline.radii.into_iter().enumerate() {
        let first = corner * QUARTER.len();
        let arc = first..first + QUARTER.len();
        if radius > 0.0 {
            kerb_around(mesh, &outer[arc.clone()], &kerb_inner[arc.clone()]);
            corner_asphalt(mesh, outline.area, corner, &outer[arc.clone()], tone);
        }
        let (last, next) = (arc.end - 1, arc.end % outer.len());
        let (from, to) = (outer[last], outer[next]);
        if (to - from).length_squared() > 1e-6 {
            kerb(mesh, [from, to], [kerb_inner[last], kerb_inner[next]]);
        }
    }
    let inner = if inner.is_empty() {
        collapsed(inner)
    } else {
        *inner
    };
    let count = outer.len();
    for k in 0..count {
        let mark = mark.wrapping_add((k as u64) << 32);
        pavement(
            mesh,
            kerb_inner[k],
            kerb_inner[(k + 1) % count],
            &inner,
            paving,
            mark,
        );
    }
}

/// The middle of an area whose sides have crossed.
fn collapsed(area: &Area) -> Area {
    let center = area.center();
    let (half_x, half_z) = (
        (area.size_x() / 2.0).max(0.0),
        (area.size_z() / 2.0).max(0.0),
    );
    Area::new(
        center.x - half_x,
        center.y - half_z,
        center.x + half_x,
        center.y + half_z,
    )
}

/// The points of a rounded rectangle moved inwards, from the north-west corner clockwise seen from above.
fn outline_points(outline: &KerbOutline, inset_m: f32) -> Vec<Vec2> {
    let area = outline.area.inset(inset_m);
    // Each corner: its point, and the directions of its first and second neighbour sides, pointing inwards.
    let corners = [
        (Vec2::new(area.x0, area.z0), Vec2::X, Vec2::Y),
        (Vec2::new(area.x1, area.z0), Vec2::Y, Vec2::NEG_X),
        (Vec2::new(area.x1, area.z1), Vec2::NEG_X, Vec2::NEG_Y),
        (Vec2::new(area.x0, area.z1), Vec2::NEG_Y, Vec2::X),
    ];
    let mut points = Vec::with_capacity(4 * QUARTER.len());
    for ((corner, ahead, behind), radius) in corners.into_iter().zip(outline.radii) {
        let radius = (radius - inset_m).max(0.0);
        let middle = corner + (ahead + behind) * radius;
        for (cosine, sine) in QUARTER {
            points.push(middle - ahead * radius * cosine - behind * radius * sine);
        }
    }
    points
}

/// How many slabs lie along a stretch of kerb.
fn slabs(from: Vec2, to: Vec2) -> u32 {
    ((to - from).length() / SLAB_M).ceil().max(1.0) as u32
}

/// Where the slab with a number begins.
fn joint(from: Vec2, to: Vec2, number: u32, count: u32) -> Vec2 {
    from + (to - from) * (number as f32 / count as f32)
}

/// One piece of kerb: the upright face and the stone on top, with a joint wherever slabs have one.
fn kerb(mesh: &mut MeshBuilder, outer: [Vec2; 2], inner: [Vec2; 2]) {
    let along = outer[1] - outer[0];
    let normal = Vec3::new(along.y, 0.0, -along.x).normalize_or_zero();
    let count = slabs(inner[0], inner[1]);
    // Against the way round, so that faces look out and up.
    let at = |[from, to]: [Vec2; 2], column: usize, height_m: f32| {
        let point = joint(from, to, count - column as u32, count);
        Vec3::new(point.x, height_m, point.y)
    };
    let pieces = [count as usize, 1];
    mesh.lattice(
        pieces,
        normal,
        |column, row| {
            let height_m = if row == 0 {
                -KERB_SUNK_M
            } else {
                KERB_HEIGHT_M
            };
            at(outer, column, height_m)
        },
        |_, row| KERB_STONE * if row == 0 { KERB_FOOT } else { KERB_FACE },
    );
    mesh.lattice(
        pieces,
        Vec3::Y,
        |column, row| at(if row == 0 { outer } else { inner }, column, KERB_HEIGHT_M),
        |_, _| KERB_STONE,
    );
}

/// The kerb around a corner, whose points go clockwise seen from above.
fn kerb_around(mesh: &mut MeshBuilder, outer: &[Vec2], inner: &[Vec2]) {
    for pair in outer.windows(2) {
        let along = pair[1] - pair[0];
        let normal = Vec3::new(along.y, 0.0, -along.x).normalize_or_zero();
        let at = |point: Vec2, height_m: f32| Vec3::new(point.x, height_m, point.y);
        let face = [
            at(pair[1], -KERB_SUNK_M),
            at(pair[0], -KERB_SUNK_M),
            at(pair[0], KERB_HEIGHT_M),
            at(pair[1], KERB_HEIGHT_M),
        ];
        let (foot, top) = (KERB_STONE * KERB_FOOT, KERB_STONE * KERB_FACE);
        mesh.quad(face, normal, [foot, foot, top, top]);
    }
    let last = outer.len() - 1;
    mesh.lattice(
        [last, 1],
        Vec3::Y,
        |column, row| {
            let point = [outer, inner][row][last - column];
            Vec3::new(point.x, KERB_HEIGHT_M, point.y)
        },
        |_, _| KERB_STONE,
    );
}

/// The asphalt between a square corner of the junction and the rounded kerb, an arc clockwise seen from above.
fn corner_asphalt(mesh: &mut MeshBuilder, area: Area, corner: usize, arc: &[Vec2], tone: &Tone) {
    let middle = [
        Vec2::new(area.x0, area.z0),
        Vec2::new(area.x1, area.z0),
        Vec2::new(area.x1, area.z1),
        Vec2::new(area.x0, area.z1),
    ][corner];
    let at = |point: Vec2, shade: f32| {
        (
            Vec3::new(point.x, 0.0, point.y),
            ASPHALT * (shade * tone.at(point)),
        )
    };
    // The gutter follows the kerb around the corner.
    let middle = at(middle, 1.0);
    for pair in arc.windows(2) {
        let triangle = [middle, at(pair[0], GUTTER), at(pair[1], GUTTER)];
        mesh.outline(triangle, Vec3::Y);
    }
}

/// Paving from a stretch of kerb to the inside of the block, in slabs of slightly different tone, darker at the walls.
fn pavement(mesh: &mut MeshBuilder, from: Vec2, to: Vec2, inner: &Area, paving: Rgb, mark: u64) {
    let slabs = slabs(from, to);
    // A little under what lies inside, which is divided by itself: that would leave pinholes.
    let under = if inner.shorter() > 1.0 {
        inner.inset(UNDER_M)
    } else {
        *inner
    };
    let inside =
        |point: Vec2| point.clamp(Vec2::new(under.x0, under.z0), Vec2::new(under.x1, under.z1));
    for slab in 0..slabs {
        let [a, b] = [slab, slab + 1].map(|number| joint(from, to, number, slabs));
        let (c, d) = (inside(b), inside(a));
        let area_twice = (c - a).perp_dot(d - b).abs();
        if area_twice < 1e-3 {
            continue;
        }
        let noise = mix(mark.wrapping_add(u64::from(slab))) >> 40;
        let shade = 0.92 + 0.12 * noise as f32 / (1u32 << 24) as f32;
        let colour = paving * shade;
        let at = |point: Vec2, height_m: f32| Vec3::new(point.x, height_m, point.y);
        let (outer_m, inner_m) = (KERB_HEIGHT_M, KERB_HEIGHT_M - SUNK_M);
        let at_wall = colour * 0.86;
        if c == d {
            let corners = [
                (at(b, outer_m), colour),
                (at(a, outer_m), colour),
                (at(c, inner_m), at_wall),
            ];
            mesh.outline(corners, Vec3::Y);
            continue;
        }
        let corners = [
            at(b, outer_m),
            at(a, outer_m),
            at(d, inner_m),
            at(c, inner_m),
        ];
        mesh.quad(corners, Vec3::Y, [colour, colour, at_wall, at_wall]);
    }
}
