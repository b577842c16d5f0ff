//! Facades of halls: sheds of sheet metal, stone fronts with tall windows, open decks.

use super::super::colour::{DOOR, METAL, Rgb, TRIM, srgb};
use super::super::hash::Dice;
use super::super::plan::buildings::{Face, Look, Mass};
use super::facades::REVEAL_M;
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};
use super::windows;

const DARK: Rgb = srgb(0x24282B);
/// What is seen between the decks of a car park.
const DECK_SHADE: Rgb = srgb(0x35373A);

/// Sheets with ribs, a band of light under the eaves, and gates towards the street.
pub(super) fn draw_shed(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    wall: &Wall,
    face: Face,
    look: &Look,
    dice: &mut Dice,
) {
    let whole = Span(0.0, wall.width_m);
    let heights = Span(mass.base_m - 0.15, mass.top_m);
    wall.rect(mesh, whole, heights, 0.0, [look.wall * 0.8, look.wall]);
    let plinth = Span(heights.0, mass.base_m + 0.9);
    wall.rect(
        mesh,
        whole,
        plinth,
        0.03,
        [look.wall * 0.4, look.wall * 0.55],
    );
    let ribs = ((wall.width_m / 4.2) as u32).min(12);
    for rib in 1..ribs {
        let at = rib as f32 * wall.width_m / ribs as f32;
        let across = Span(at - 0.09, at + 0.09);
        let sheet = Span(mass.base_m + 0.9, mass.top_m);
        wall.rect(
            mesh,
            across,
            sheet,
            0.05,
            [look.wall * 0.7, look.wall * 0.85],
        );
    }
    let edge = Span(mass.top_m - 0.45, mass.top_m);
    wall.rect(mesh, whole, edge, 0.08, [look.trim * 0.9, look.trim]);
    let band = Span(mass.top_m - 1.7, mass.top_m - 0.8);
    mesh.set_glow(windows::glow(look.life, dice));
    let lights = Span(0.8, wall.width_m - 0.8);
    wall.rect(
        mesh,
        lights,
        band,
        0.075,
        [look.glass * 1.5, look.glass * 1.1],
    );
    mesh.set_glow(Glow::None);
    if face == Face::Street {
        gates(
            mesh,
            wall,
            mass.base_m,
            (mass.top_m - mass.base_m - 2.2).min(4.2),
            look,
            dice,
        );
    }
}

/// Rolling gates with a dock in front of some, a door, and a sign.
pub(super) fn gates(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    base_m: f32,
    height_m: f32,
    look: &Look,
    dice: &mut Dice,
) {
    let count = ((wall.width_m - 4.0) / 6.5).clamp(0.0, 4.0) as u32;
    let pitch = wall.width_m / (count + 1) as f32;
    for number in 0..count {
        let at = (number as f32 + 1.0) * pitch;
        let across = Span(at - 1.9, at + 1.9);
        let frame = Span(across.0 - 0.18, across.1 + 0.18);
        let top_m = base_m + height_m;
        wall.rect(
            mesh,
            frame,
            Span(base_m, top_m + 0.18),
            0.16,
            [look.trim * 0.8; 2],
        );
        let gate = dice.pick(&[METAL * 0.9, look.accent * 0.8, TRIM[0] * 0.85]);
        let sheet = Span(base_m + 0.1, top_m);
        wall.rect(mesh, across, sheet, 0.19, [gate * 0.8, gate]);
        wall.rect(
            mesh,
            across,
            Span(base_m + 0.1, base_m + 0.5),
            0.22,
            [DARK, DARK * 1.4],
        );
    }
    let door = Span(1.1, 2.1);
    if wall.width_m > 5.0 {
        let leaf = Span(base_m + 0.1, base_m + 2.15);
        wall.rect(mesh, door, leaf, 0.17, [DOOR[3] * 0.9, DOOR[3] * 1.3]);
        mesh.set_glow(Glow::Lamp);
        let lamp = Span(base_m + 2.45, base_m + 2.7);
        wall.ledge(mesh, Span(1.35, 1.85), lamp, Span(0.17, 0.4), TRIM[3]);
        mesh.set_glow(Glow::None);
    }
    if wall.width_m > 14.0 && dice.chance(0.7) {
        let from = wall.width_m * dice.between(0.1, 0.4);
        let to = from + wall.width_m * dice.between(0.25, 0.4);
        let sign = Span(base_m + height_m + 0.45, base_m + height_m + 1.5);
        mesh.set_glow(Glow::Own);
        wall.rect(
            mesh,
            Span(from, to),
            sign,
            0.17,
            [look.accent * 0.9, look.accent],
        );
        let line = Span(sign.0 + 0.35, sign.1 - 0.35);
        let letters = if look.accent.element_sum() > 1.2 {
            DARK
        } else {
            TRIM[3]
        };
        wall.rect(mesh, Span(from + 0.6, to - 0.9), line, 0.2, [letters; 2]);
        mesh.set_glow(Glow::None);
    }
}

/// Tall windows between piers, a door with steps on the front.
pub(super) fn draw_civic(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    wall: &Wall,
    (edge, face, is_front): (Span, Face, bool),
    look: &Look,
    dice: &mut Dice,
) {
    let heights = Span(mass.base_m - 0.15, mass.top_m);
    wall.rect(
        mesh,
        edge,
        heights,
        0.0,
        [look.wall * 0.76, look.wall * 0.97],
    );
    let plinth = Span(heights.0, mass.base_m + 1.0);
    if mass.stands_on_ground() {
        wall.rect(
            mesh,
            edge,
            plinth,
            REVEAL_M,
            [look.wall * 0.5, look.wall * 0.66],
        );
    }
    let base_m = mass.base_m + if mass.stands_on_ground() { 1.4 } else { 0.9 };
    let height = mass.top_m - 1.0 - base_m;
    if height < 1.6 || wall.width_m < 2.4 {
        return;
    }
    let floors = (height / look.floor_m).round().max(1.0) as u32;
    let storey = height / floors as f32;
    let bay_m = if face == Face::Rear {
        look.bay_m * 1.8
    } else {
        look.bay_m
    };
    let bays = (wall.width_m / bay_m).round().clamp(1.0, 14.0) as u32;
    let bay = wall.width_m / bays as f32;
    let floors = floors.min(8);
    for floor in 0..floors {
        let level = base_m + floor as f32 * storey;
        for column in 0..bays {
            let at = (column as f32 + 0.5) * bay;
            let is_door = is_front && mass.stands_on_ground() && floor == 0 && column == bays / 2;
            if !is_door {
                let half = (bay * 0.26).clamp(0.35, 0.9);
                arched(
                    mesh,
                    wall,
                    (at, half),
                    Span(level, level + storey * 0.8),
                    look,
                    dice,
                );
            }
        }
    }
    for pier in 0..=bays {
        let at = (pier as f32 * bay).clamp(0.3, wall.width_m - 0.3);
        let across = Span(at - 0.3, at + 0.3);
        // It stands on the plinth, whose face lies as far out.
        let foot_m = mass.base_m + if mass.stands_on_ground() { 1.0 } else { 0.0 };
        let shaft = Span(foot_m, mass.top_m - 0.8);
        let shades = [look.wall * 0.82, look.wall * 1.02];
        wall.rect(mesh, across, shaft, REVEAL_M, shades);
    }
    if is_front && mass.stands_on_ground() {
        let at = (bays / 2) as f32 * bay + bay / 2.0;
        portal(mesh, wall, at, mass.base_m, look);
    }
}

/// A window with a pointed head in a frame.
fn arched(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    (at, half): (f32, f32),
    heights: Span,
    look: &Look,
    dice: &mut Dice,
) {
    let frame = half + 0.16;
    let spring = heights.1 - half;
    let outline = |half: f32, low: f32, lift: f32, depth: f32, [bottom, top]: [Rgb; 2]| {
        [
            (wall.point(at - half, low, depth), bottom),
            (wall.point(at + half, low, depth), bottom),
            (wall.point(at + half, spring, depth), top),
            (
                wall.point(at + half * 0.6, spring + half * 0.75 + lift, depth),
                top,
            ),
            (wall.point(at, spring + half + lift, depth), top),
            (
                wall.point(at - half * 0.6, spring + half * 0.75 + lift, depth),
                top,
            ),
            (wall.point(at - half, spring, depth), top),
        ]
    };
    let stone = [look.trim * 0.85, look.trim];
    mesh.outline(
        outline(frame, heights.0 - 0.16, 0.0, 0.03, stone),
        wall.normal,
    );
    mesh.set_glow(windows::glow(look.life, dice));
    let glass = [look.glass * 1.25, look.glass * 0.7];
    mesh.outline(outline(half, heights.0, 0.0, 0.06, glass), wall.normal);
    mesh.set_glow(Glow::None);
}

fn portal(mesh: &mut MeshBuilder, wall: &Wall, at: f32, base_m: f32, look: &Look) {
    let half = 1.3f32.min(wall.width_m * 0.3);
    let frame = Span(at - half - 0.35, at + half + 0.35);
    wall.rect(
        mesh,
        frame,
        Span(base_m, base_m + 3.7),
        REVEAL_M + 0.05,
        [look.trim * 0.8, look.trim],
    );
    for leaf in [Span(at - half, at - 0.04), Span(at + 0.04, at + half)] {
        let door = Span(base_m + 0.4, base_m + 3.2);
        wall.rect(
            mesh,
            leaf,
            door,
            REVEAL_M + 0.08,
            [DOOR[0] * 0.8, DOOR[0] * 1.2],
        );
    }
    for (step, out) in [(0.15, 1.3), (0.3, 0.9), (0.45, 0.5)] {
        let stair = Span(0.0, base_m + step);
        let reach = REVEAL_M + out;
        wall.ledge(
            mesh,
            Span(frame.0 - out, frame.1 + out),
            stair,
            Span(0.0, reach),
            look.trim * 0.8,
        );
    }
}

/// Parapets of open decks with the dark between them.
pub(super) fn draw_decks(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    wall: &Wall,
    edge: Span,
    look: &Look,
) {
    let whole = Span(0.0, wall.width_m);
    let heights = Span(mass.base_m - 0.15, mass.top_m);
    wall.rect(
        mesh,
        whole,
        heights,
        -0.6,
        [DECK_SHADE * 0.5, DECK_SHADE * 0.8],
    );
    let floors = ((mass.top_m - mass.base_m) / look.floor_m).round().max(1.0) as u32;
    let storey = (mass.top_m - mass.base_m) / floors as f32;
    for floor in 1..=floors {
        let level = mass.base_m + floor as f32 * storey;
        // The uppermost ends below the coping of the roof, which is as wide.
        let top = (level + 0.75).min(mass.top_m - 0.03);
        let band = Span(level - 0.35, top);
        let shades = [look.wall * 0.88, look.wall];
        wall.course(mesh, edge, band, Span(-0.55, REVEAL_M), look.wall);
        wall.rect(mesh, edge, band, REVEAL_M + 0.02, shades);
        mesh.set_glow(Glow::Lamp);
        let lamps = (wall.width_m / 12.0).round().max(1.0) as u32;
        for number in 0..lamps {
            let at = (number as f32 + 0.5) * wall.width_m / lamps as f32;
            let lamp = Span(level - 0.75, level - 0.6);
            wall.rect(mesh, Span(at - 0.6, at + 0.6), lamp, -0.57, [TRIM[3]; 2]);
        }
        mesh.set_glow(Glow::None);
    }
    let columns = (wall.width_m / 7.0).round().max(1.0) as u32;
    for number in 0..=columns {
        let at = wall.along(number, columns, 0.25);
        let across = Span(at - 0.25, at + 0.25);
        wall.rect(
            mesh,
            across,
            heights,
            REVEAL_M - 0.03,
            [look.wall * 0.75, look.wall * 0.9],
        );
    }
}
