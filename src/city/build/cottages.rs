//! Faces of houses: a wall with single framed windows, and a front door.

use super::super::area::Side;
use super::super::colour::LAMP_GLASS;
use super::super::hash::Dice;
use super::super::plan::buildings::{Face, Life, Look, Mass, Ornament};
use super::super::plan::cottages::DOOR_SHARE;
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};
use super::windows;

const WINDOW_M: (f32, f32) = (1.15, 1.35);
const FRAME_M: f32 = 0.12;
/// How much wider the bays of sides and backs are than those of the front.
const REAR_BAYS: f32 = 1.2;
const DOOR_M: (f32, f32) = (1.0, 2.15);

/// Draws one face of a house; the front has the door.
pub(super) fn draw_face(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    wall: &Wall,
    face: Face,
    look: &Look,
    is_front: bool,
    dice: &mut Dice,
) {
    let heights = Span(mass.base_m - 0.15, mass.top_m);
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        heights,
        0.0,
        [look.wall * 0.78, look.wall],
    );
    let plinth = look.wall * 0.55;
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        Span(heights.0, mass.base_m + 0.4),
        0.03,
        [plinth * 0.8, plinth],
    );

    let bay_m = if face == Face::Rear {
        look.bay_m * REAR_BAYS
    } else {
        look.bay_m
    };
    let bays = (wall.width_m / bay_m).floor().max(1.0) as u32;
    let bay = wall.width_m / bays as f32;
    if wall.width_m < 2.2 {
        return;
    }
    let floors = ((mass.top_m - mass.base_m) / look.floor_m).round().max(1.0) as u32;
    let door = is_front.then(|| door_center(wall));
    for floor in 0..floors {
        let sill = mass.base_m + floor as f32 * look.floor_m + 0.95;
        if sill + WINDOW_M.1 > mass.top_m - 0.1 {
            break;
        }
        for column in 0..bays {
            let at = (column as f32 + 0.5) * bay;
            let at_door = floor == 0
                && door.is_some_and(|door| (door - at).abs() < (WINDOW_M.0 + DOOR_M.0) / 2.0 + 0.4);
            if !at_door {
                let shown = Pane {
                    at,
                    sill_m: sill,
                    is_plain: !is_front || floor > 0,
                };
                window(mesh, wall, &shown, look, dice);
            }
        }
    }
    if let Some(at) = door {
        let half = DOOR_M.0 / 2.0;
        let top = mass.base_m + DOOR_M.1;
        let frame = Span(at - half - 0.16, at + half + 0.16);
        wall.rect(
            mesh,
            frame,
            Span(mass.base_m, top + 0.4),
            0.05,
            [look.trim * 0.8, look.trim],
        );
        wall.rect(
            mesh,
            Span(at - half, at + half),
            Span(mass.base_m + 0.12, top),
            0.08,
            [look.accent * 0.85, look.accent],
        );
        wall.rect(
            mesh,
            Span(at - half, at + half),
            Span(top + 0.06, top + 0.3),
            0.08,
            [look.glass; 2],
        );
        wall.step(
            mesh,
            Span(at - 0.9, at + 0.9),
            Span(0.0, mass.base_m + 0.14),
            Span(0.0, 0.75),
            look.trim * 0.7,
        );
        if look.ornament != Ornament::Plain {
            door_lamp(mesh, wall, at, mass.base_m);
        }
        wall.course(
            mesh,
            Span(at - 0.85, at + 0.85),
            Span(top + 0.42, top + 0.56),
            Span(0.0, 0.6),
            look.roof,
        );
    }
}

/// A door of sheets for a car, in a frame.
pub(super) fn garage_door(mesh: &mut MeshBuilder, mass: &Mass, wall: &Wall, look: &Look) {
    let middle = wall.width_m / 2.0;
    let half = (middle - 0.35).min(1.3);
    let top_m = mass.base_m + 2.15;
    let frame = Span(middle - half - 0.12, middle + half + 0.12);
    let shades = [look.trim * 0.75, look.trim * 0.9];
    wall.rect(mesh, frame, Span(mass.base_m, top_m + 0.12), 0.04, shades);
    // Sheets that overlap like clapboards: each darker at its foot.
    let sheets = 4;
    for sheet in 0..sheets {
        let at = |number: u32| {
            mass.base_m + 0.03 + (top_m - mass.base_m - 0.03) * number as f32 / sheets as f32
        };
        let heights = Span(at(sheet), at(sheet + 1) - 0.02);
        let shades = [look.accent * 1.1, look.accent * 1.35];
        wall.rect(
            mesh,
            Span(middle - half, middle + half),
            heights,
            0.07,
            shades,
        );
    }
}

/// Where the door is along the wall: the plan says how far from the minimum corner, walls count from their left end.
fn door_center(wall: &Wall) -> f32 {
    let counts_from_minimum = matches!(wall.left_side, Side::West | Side::North);
    wall.width_m
        * if counts_from_minimum {
            DOOR_SHARE
        } else {
            1.0 - DOOR_SHARE
        }
}

struct Pane {
    at: f32,
    sill_m: f32,
    is_plain: bool,
}

fn window(mesh: &mut MeshBuilder, wall: &Wall, pane: &Pane, look: &Look, dice: &mut Dice) {
    let (half, height) = (WINDOW_M.0 / 2.0, WINDOW_M.1);
    let Pane {
        at,
        sill_m,
        is_plain,
    } = *pane;
    let frame = Span(at - half - FRAME_M, at + half + FRAME_M);
    wall.rect(
        mesh,
        frame,
        Span(sill_m - FRAME_M, sill_m + height + FRAME_M),
        0.04,
        [look.trim * 0.92, look.trim * 0.98],
    );
    if !is_plain && look.ornament == Ornament::Courses {
        // Shutters on both sides.
        for from in [frame.0 - 0.5, frame.1 + 0.05] {
            let leaf = Span(sill_m - 0.05, sill_m + height + 0.05);
            let shades = [look.accent * 0.9, look.accent * 1.2];
            wall.rect(mesh, Span(from, from + 0.45), leaf, 0.1, shades);
        }
    }
    let glass = windows::inside(Life::Homes, look.glass, dice);
    let shades = [glass * 1.2, glass * 0.75];
    let heights = Span(sill_m, sill_m + height);
    mesh.set_glow(windows::glow(Life::Homes, dice));
    if is_plain {
        wall.rect(mesh, Span(at - half, at + half), heights, 0.07, shades);
    } else {
        for across in [Span(at - half, at - 0.04), Span(at + 0.04, at + half)] {
            wall.rect(mesh, across, heights, 0.07, shades);
        }
    }
    mesh.set_glow(Glow::None);
}

/// A lamp beside the door.
fn door_lamp(mesh: &mut MeshBuilder, wall: &Wall, at: f32, base_m: f32) {
    mesh.set_glow(Glow::Lamp);
    let lamp = Span(base_m + 1.75, base_m + 2.0);
    wall.course(
        mesh,
        Span(at + 0.72, at + 0.88),
        lamp,
        Span(0.02, 0.2),
        LAMP_GLASS,
    );
    mesh.set_glow(Glow::None);
}
