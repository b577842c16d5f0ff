//! Masses whose outline is no rectangle: towers with cut corners, round towers, towers that turn on their way up.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{Rgb, srgb};
use super::super::hash::Dice;
use super::super::plan::buildings::{Facade, Life, Look, Mass, Outline};
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::rounds::{Sides, at_height, radii, tapered};
use super::wall::Span;
use super::windows;

/// Cosine and sine of a step of a twisted tower, 3.75 degrees.
const STEP: Vec2 = Vec2::new(0.997_858_9, 0.065_403_13);
const LOBBY: Rgb = srgb(0x8E9698);

/// The corners of a mass at a share of its height, so that one sees the outside when going on to the next.
pub(super) fn corners(area: &Area, outline: Outline, share: f32) -> Vec<Vec2> {
    let center = area.center();
    let half = radii(area);
    match outline {
        Outline::Rectangle => vec![
            Vec2::new(area.x0, area.z1),
            Vec2::new(area.x1, area.z1),
            Vec2::new(area.x1, area.z0),
            Vec2::new(area.x0, area.z0),
        ],
        Outline::Chamfered(cut) => {
            let (x0, z0, x1, z1) = (area.x0, area.z0, area.x1, area.z1);
            vec![
                Vec2::new(x0 + cut, z1),
                Vec2::new(x1 - cut, z1),
                Vec2::new(x1, z1 - cut),
                Vec2::new(x1, z0 + cut),
                Vec2::new(x1 - cut, z0),
                Vec2::new(x0 + cut, z0),
                Vec2::new(x0, z0 + cut),
                Vec2::new(x0, z1 - cut),
            ]
        }
        Outline::Round => Sides::Sixteen
            .corners()
            .map(|out| center + out * half)
            .collect(),
        Outline::Twisted(steps) => {
            let turn =
                (0..(steps as f32 * share + 0.5) as u32).fold(Vec2::X, |turn, _| turn.rotate(STEP));
            let radius = half.min_element();
            Sides::Four
                .corners()
                .map(|out| center + turn.rotate(out) * radius)
                .collect()
        }
    }
}

/// How many pieces a mass has one above the other: its corners differ from piece to piece.
const fn pieces(outline: Outline) -> u32 {
    match outline {
        Outline::Twisted(steps) => steps,
        _ => 1,
    }
}

/// The walls of a mass between its foot and its top with a foot and a top colour.
pub(super) fn draw_walls(mesh: &mut MeshBuilder, mass: &Mass, heights: Span2, colours: [Rgb; 2]) {
    draw_in_pieces(
        mesh,
        mass,
        heights,
        colours,
        Sides::Sixteen,
        pieces(mass.outline),
    );
}

/// The same in so many sides at most, and what is twisted in fewer pieces the fewer sides there are.
pub(super) fn draw_coarse_walls(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    heights: Span2,
    colours: [Rgb; 2],
    sides: Sides,
) {
    let pieces = match sides {
        Sides::Sixteen => pieces(mass.outline),
        Sides::Eight | Sides::Four => pieces(mass.outline).div_ceil(4),
    };
    draw_in_pieces(mesh, mass, heights, colours, sides, pieces);
}

fn draw_in_pieces(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    heights: Span2,
    colours: [Rgb; 2],
    sides: Sides,
    pieces: u32,
) {
    if mass.outline == Outline::Round {
        let (center, radii) = (mass.area.center(), radii(&mass.area));
        let heights = Span(heights.0, heights.1);
        tapered(mesh, center, [radii, radii], heights, colours, sides);
        return;
    }
    for piece in 0..pieces {
        let [low, high] = [piece, piece + 1].map(|k| k as f32 / pieces as f32);
        let [below, above] = [low, high].map(|share| corners(&mass.area, mass.outline, share));
        let at = |share: f32| heights.0 + (heights.1 - heights.0) * share;
        let tone = |share: f32| colours[0].lerp(colours[1], share);
        band(
            mesh,
            [&below, &above],
            (at(low), at(high)),
            [tone(low), tone(high)],
        );
    }
}

/// A bottom and a top.
pub(super) type Span2 = (f32, f32);

/// One ring of flat quadrilaterals.
fn band(mesh: &mut MeshBuilder, [below, above]: [&[Vec2]; 2], heights: Span2, colours: [Rgb; 2]) {
    let count = below.len();
    for k in 0..count {
        let next = (k + 1) % count;
        let quad = [
            at_height(below[k], heights.0),
            at_height(below[next], heights.0),
            at_height(above[next], heights.1),
            at_height(above[k], heights.1),
        ];
        let normal = (quad[1] - quad[0])
            .cross(quad[3] - quad[0])
            .normalize_or(Vec3::Y);
        mesh.quad(
            quad,
            normal,
            [colours[0], colours[0], colours[1], colours[1]],
        );
    }
}

/// The level top of a mass.
pub(super) fn draw_top(mesh: &mut MeshBuilder, mass: &Mass, height_m: f32, colour: Rgb) {
    let rim: Vec<u32> = corners(&mass.area, mass.outline, 1.0)
        .into_iter()
        .map(|corner| mesh.vertex(at_height(corner, height_m), Vec3::Y, colour))
        .collect();
    for k in 1..rim.len() - 1 {
        mesh.triangle([rim[0], rim[k], rim[k + 1]]);
    }
}

/// Facades all around: glass, a band at each floor, lit windows.
pub(super) fn draw_facades(mesh: &mut MeshBuilder, mass: &Mass, look: &Look, dice: &mut Dice) {
    let mut base_m = mass.base_m;
    if mass.stands_on_ground() {
        base_m = (base_m + look.ground_floor_m).min(mass.top_m - 0.2);
        draw_walls(
            mesh,
            mass,
            (mass.base_m - 3.0, mass.base_m),
            [look.wall * 0.5; 2],
        );
        if mass.top_m - mass.base_m > 3.0 {
            mesh.set_glow(Glow::Window(0.0));
            draw_walls(
                mesh,
                mass,
                (mass.base_m, base_m),
                [LOBBY * 0.3, LOBBY * 0.7],
            );
            mesh.set_glow(Glow::None);
        } else {
            draw_walls(
                mesh,
                mass,
                (mass.base_m, mass.top_m),
                [look.wall * 0.8, look.wall],
            );
            return;
        }
    }
    let height = mass.top_m - base_m;
    let twisted = pieces(mass.outline);
    let floors = (height / look.floor_m).round().max(1.0) as u32;
    // A twisted tower has as many floors as it has pieces, so that bands and corners meet.
    let (floors, sheet) = if twisted > 1 {
        (twisted, false)
    } else {
        (floors, true)
    };
    let storey = height / floors as f32;
    let glass = [look.glass * 0.55, look.glass * 1.3];
    let share_of_band = match look.facade {
        Facade::Curtain => 0.2,
        Facade::Bands => 0.42,
        _ => 0.34,
    };
    let wall = look.wall;
    if sheet {
        draw_walls(mesh, mass, (base_m, mass.top_m), glass);
    }
    let fixed = corners(&mass.area, mass.outline, 0.0);
    let outer = mass.area.inset(-0.12);
    for floor in 0..=floors {
        let share = floor as f32 / floors as f32;
        let from = base_m + storey * floor as f32;
        let to = if floor == floors {
            mass.top_m
        } else {
            from + storey * share_of_band
        };
        if floor == floors {
            let ring = corners(&outer, mass.outline, 1.0);
            let last = from - storey * 0.2;
            band(mesh, [&ring, &ring], (last, to), [wall * 0.97, wall]);
            break;
        }
        if sheet {
            let ring = corners(&outer, mass.outline, share);
            band(mesh, [&ring, &ring], (from, to), [wall * 0.9, wall]);
        } else {
            let next = (floor + 1) as f32 / floors as f32;
            let [below, above] = [share, next].map(|k| corners(&mass.area, mass.outline, k));
            let between: Vec<Vec2> = below
                .iter()
                .zip(&above)
                .map(|(a, b)| *a + (*b - *a) * share_of_band)
                .collect();
            band(mesh, [&below, &between], (from, to), [wall * 0.9, wall]);
            let tone = glass[0].lerp(glass[1], share);
            // In strips, which are almost flat: what is lit lies before one of them.
            let [below, above] = [&between, &above].map(|ring| in_strips(ring));
            let heights = (to, from + storey);
            band(mesh, [&below, &above], heights, [tone, tone * 1.06]);
            light_ring(mesh, [&below, &above], heights, look, dice);
        }
        if sheet {
            let ring: &[Vec2] = &fixed;
            let heights = (to, from + storey - 0.3);
            light_ring(mesh, [ring, ring], heights, look, dice);
        }
    }
}

/// How many strips the glass between two corners of a twisted tower is divided into.
const STRIPS: usize = 4;

/// A ring with corners between its corners.
fn in_strips(ring: &[Vec2]) -> Vec<Vec2> {
    (0..ring.len() * STRIPS)
        .map(|number| {
            let (k, strip) = (number / STRIPS, number % STRIPS);
            let next = ring[(k + 1) % ring.len()];
            ring[k].lerp(next, strip as f32 / STRIPS as f32)
        })
        .collect()
}

/// Lights some windows of one floor.
fn light_ring(
    mesh: &mut MeshBuilder,
    [below, above]: [&[Vec2]; 2],
    heights: Span2,
    look: &Look,
    dice: &mut Dice,
) {
    let count = below.len();
    let share = if look.life == Life::Halls { 0.1 } else { 0.34 };
    for k in 0..count {
        let next = (k + 1) % count;
        if !dice.chance(share * (below[next] - below[k]).length() / 8.0 + 0.04) {
            continue;
        }
        let (mut from, mut to) = (dice.between(0.06, 0.5), dice.between(0.5, 0.94));
        if count > 8 {
            (from, to) = (0.05, 0.95);
        }
        let out = {
            let along = below[next] - below[k];
            Vec2::new(-along.y, along.x).normalize_or(Vec2::X) * 0.05
        };
        let at = |ring: &[Vec2], share: f32, height_m: f32| {
            at_height(ring[k] + (ring[next] - ring[k]) * share + out, height_m)
        };
        let quad = [
            at(below, from, heights.0),
            at(below, to, heights.0),
            at(above, to, heights.1),
            at(above, from, heights.1),
        ];
        mesh.set_glow(windows::glow(look.life, dice));
        mesh.plain_quad(quad, look.glass * dice.between(0.75, 1.25));
        mesh.set_glow(Glow::None);
    }
}
