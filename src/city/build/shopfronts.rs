//! Ground floors: shops with signs and awnings, lobbies with canopies, plain rear walls.

use super::super::colour::{DOOR, Rgb, SHOP_SIGN, TRIM, srgb};
use super::super::hash::Dice;
use super::super::plan::buildings::{Face, GroundFloor, Look};
use super::facades::REVEAL_M;
use super::glow::Glow;
use super::halls;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};

const DARK_GLASS: Rgb = srgb(0x2A3136);
const LOBBY_LIGHT: Rgb = srgb(0x93A0A4);
/// What is seen in shop windows.
const DISPLAY: [Rgb; 6] = [
    srgb(0x46525A),
    srgb(0x5E5F5A),
    srgb(0x74705F),
    srgb(0x4C4E50),
    srgb(0x405260),
    srgb(0x857B68),
];
const SHOP_WIDTH_M: f32 = 10.0;

/// Draws the ground floor of one face between the pavement and the first floor.
pub(super) fn ground_floor(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    edge: Span,
    heights: Span,
    look: &Look,
    face: Face,
    dice: &mut Dice,
) {
    if face == Face::Rear {
        rear_wall(mesh, wall, edge, heights, look);
        return;
    }
    match look.ground {
        GroundFloor::Shops => shops(mesh, wall, edge, heights, look, dice),
        GroundFloor::Docks => docks(mesh, wall, edge, heights, look, dice),
        GroundFloor::Lobby | GroundFloor::Home | GroundFloor::Same => {
            lobby(mesh, wall, edge, heights, look);
        }
    }
}

fn rear_wall(mesh: &mut MeshBuilder, wall: &Wall, edge: Span, heights: Span, look: &Look) {
    let colour = look.wall * 0.88;
    wall.rect(mesh, edge, heights, REVEAL_M, [colour * 0.72, colour]);
    let middle = wall.width_m / 2.0;
    let door = Span(middle - 0.6, middle + 0.6);
    wall.rect(
        mesh,
        door,
        Span(heights.0, 2.4),
        REVEAL_M + 0.03,
        [DOOR[4] * 0.8, DOOR[4]],
    );
}

/// A plain wall with rolling gates.
fn docks(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    edge: Span,
    heights: Span,
    look: &Look,
    dice: &mut Dice,
) {
    let colour = look.wall * 0.92;
    wall.rect(mesh, edge, heights, 0.14, [colour * 0.72, colour]);
    let gate_m = (heights.length() - 1.6).min(3.6);
    halls::gates(mesh, wall, heights.0 + 0.15, gate_m, look, dice);
}

fn shops(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    edge: Span,
    heights: Span,
    look: &Look,
    dice: &mut Dice,
) {
    let Span(y0, y1) = heights;
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        heights,
        0.0,
        [DARK_GLASS * 0.7, DARK_GLASS],
    );
    let shops = (wall.width_m / SHOP_WIDTH_M).round().max(1.0) as u32;
    let width = wall.width_m / shops as f32;
    let sign_top = y1 - 0.38;
    let sign_bottom = sign_top - 0.72;
    for shop in 0..shops {
        let (left, right) = (shop as f32 * width + 0.3, (shop + 1) as f32 * width - 0.3);
        if right - left < 1.6 {
            continue;
        }
        let accent = if shop == 0 {
            look.accent
        } else {
            dice.pick(&SHOP_SIGN)
        };
        let display = dice.pick(&DISPLAY);
        let frame = accent * 0.45;
        mesh.set_glow(if dice.chance(0.8) {
            Glow::Window(dice.between(0.0, 0.25))
        } else {
            Glow::None
        });
        let panes = ((right - left) / 4.0).round().clamp(1.0, 2.0) as u32;
        for pane in 0..panes {
            let [from, to] =
                [pane, pane + 1].map(|k| left + (right - left) * k as f32 / panes as f32);
            wall.rect(
                mesh,
                Span(from + 0.05, to - 0.05),
                Span(y0 + 0.6, sign_bottom - 0.5),
                0.025,
                [display * 0.6, display * 1.25],
            );
        }
        mesh.set_glow(Glow::None);
        wall.rect(
            mesh,
            Span(left, right),
            Span(y0, y0 + 0.6),
            0.07,
            [frame * 0.7, frame],
        );
        // The door stands at the left or the right end.
        let door_at = if dice.chance(0.5) {
            left + 0.8
        } else {
            right - 0.8
        };
        wall.rect(
            mesh,
            Span(door_at - 0.62, door_at + 0.62),
            Span(y0, sign_bottom - 0.5),
            0.1,
            [frame * 0.8, frame * 1.1],
        );
        wall.rect(
            mesh,
            Span(door_at - 0.45, door_at + 0.45),
            Span(y0 + 0.35, y0 + 2.35),
            0.125,
            [DARK_GLASS, DARK_GLASS * 1.8],
        );
        let sign = Span(left, right);
        let board = Span(sign_bottom, sign_top);
        mesh.set_glow(if dice.chance(0.45) {
            Glow::Own
        } else {
            Glow::None
        });
        wall.rect(mesh, sign, board, REVEAL_M + 0.08, [accent * 0.85, accent]);
        let letters = if accent.element_sum() > 1.2 {
            frame
        } else {
            TRIM[3]
        };
        let (middle, half) = (
            (left + right) / 2.0,
            (right - left) * dice.between(0.16, 0.3),
        );
        let line = Span(sign_bottom + 0.25, sign_top - 0.25);
        wall.rect(
            mesh,
            Span(middle - half, middle + half),
            line,
            REVEAL_M + 0.11,
            [letters * 0.9; 2],
        );
        mesh.set_glow(Glow::None);
        if dice.chance(0.22) {
            blade_sign(mesh, wall, left + 0.5, sign_top + 0.3, accent);
        }
        if dice.chance(0.3) {
            awning(
                mesh,
                wall,
                Span(left + 0.1, right - 0.1),
                sign_bottom + 0.05,
                accent,
            );
        }
    }
    let pier = [look.wall * 0.7, look.wall * 0.92];
    for number in 0..=shops {
        let at = number as f32 * width;
        let across = match number {
            0 => Span(edge.0, 0.45),
            last if last == shops => Span(wall.width_m - 0.45, edge.1),
            _ => Span(at - 0.32, at + 0.32),
        };
        wall.rect(mesh, across, heights, REVEAL_M, pier);
    }
}

/// A sign that stands out over the pavement, seen from along the street.
fn blade_sign(mesh: &mut MeshBuilder, wall: &Wall, at: f32, low_m: f32, colour: Rgb) {
    let across = Span(at - 0.06, at + 0.06);
    let heights = Span(low_m, low_m + 1.5);
    mesh.set_glow(Glow::Own);
    wall.ledge(
        mesh,
        across,
        heights,
        // Farther than a fire escape, in whose plane its edge would flicker.
        Span(REVEAL_M + 0.25, REVEAL_M + 1.05),
        colour,
    );
    mesh.set_glow(Glow::None);
    let arm = Span(low_m + 1.2, low_m + 1.28);
    wall.step(
        mesh,
        Span(at - 0.03, at + 0.03),
        arm,
        Span(0.0, REVEAL_M + 0.25),
        DARK_GLASS,
    );
}

/// A sloping awning with a valance, closed on its underside.
fn awning(mesh: &mut MeshBuilder, wall: &Wall, across: Span, top_m: f32, colour: Rgb) {
    let (inner, outer) = (REVEAL_M + 0.02, REVEAL_M + 1.25);
    let low = top_m - 0.62;
    let corner = |u, height, depth| wall.point(u, height, depth);
    if across.length() > 3.0 {
        // Stripes lie on the cloth.
        let stripes = (across.length() / 1.5) as u32;
        let pitch = across.length() / stripes as f32;
        for stripe in (0..stripes.min(6)).filter(|stripe| stripe % 2 == 1) {
            let from = across.0 + stripe as f32 * pitch;
            let lifted = 0.03;
            mesh.plain_quad(
                [
                    corner(from, low + lifted, outer),
                    corner(from + pitch, low + lifted, outer),
                    corner(from + pitch, top_m + lifted, inner),
                    corner(from, top_m + lifted, inner),
                ],
                TRIM[3] * 0.95,
            );
        }
    }
    let slope = [
        corner(across.0, low, outer),
        corner(across.1, low, outer),
        corner(across.1, top_m, inner),
        corner(across.0, top_m, inner),
    ];
    mesh.plain_quad(slope, colour * 1.1);
    let [a, b, c, d] = slope;
    mesh.plain_quad([d, c, b, a], colour * 0.6);
    let valance = Span(low - 0.22, low);
    wall.rect(mesh, across, valance, outer, [colour * 0.95; 2]);
}

fn lobby(mesh: &mut MeshBuilder, wall: &Wall, edge: Span, heights: Span, look: &Look) {
    let Span(y0, y1) = heights;
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        heights,
        0.0,
        [DARK_GLASS * 0.8, look.glass * 0.9],
    );
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        Span(y0, y0 + 0.5),
        0.06,
        [look.trim * 0.5, look.trim * 0.6],
    );
    wall.rect(
        mesh,
        Span(0.0, wall.width_m),
        Span(y0 + 3.1, y0 + 3.25),
        0.06,
        [look.trim * 0.7; 2],
    );
    wall.rect(
        mesh,
        edge,
        Span(y1 - 0.9, y1 - 0.3),
        REVEAL_M - 0.02,
        [look.wall * 0.85, look.wall * 0.9],
    );
    let bays = (wall.width_m / (look.bay_m * 1.6)).round().max(2.0) as u32;
    let bay = wall.width_m / bays as f32;
    for number in (0..bays).filter(|number| number % 3 != 1) {
        // Lobbies are lit by day and by night; what stands inside is a lighter patch behind the glass.
        mesh.set_glow(Glow::Window(0.02));
        let across = Span(number as f32 * bay + 0.3, (number + 1) as f32 * bay - 0.3);
        let shade = if number % 2 == 0 { 0.5 } else { 0.32 };
        wall.rect(
            mesh,
            across,
            Span(y0 + 0.5, y0 + 3.1),
            0.025,
            [LOBBY_LIGHT * shade * 0.5, LOBBY_LIGHT * shade],
        );
    }
    mesh.set_glow(Glow::None);
    let stone = look.wall.lerp(TRIM[2], 0.35);
    for pier in 0..=bays {
        let at = pier as f32 * bay;
        let across = match pier {
            0 => Span(edge.0, 0.6),
            last if last == bays => Span(wall.width_m - 0.6, edge.1),
            _ => Span(at - 0.3, at + 0.3),
        };
        wall.rect(mesh, across, heights, REVEAL_M, [stone * 0.7, stone * 0.95]);
    }
    let middle = (bays / 2) as f32 * bay + bay / 2.0;
    let half = (bay * 0.5 - 0.35).clamp(0.6, 1.6);
    wall.rect(
        mesh,
        Span(middle - half - 0.12, middle + half + 0.12),
        Span(y0, y0 + 2.85),
        0.085,
        [look.trim * 0.5; 2],
    );
    for leaf in [
        Span(middle - half, middle - 0.05),
        Span(middle + 0.05, middle + half),
    ] {
        wall.rect(
            mesh,
            leaf,
            Span(y0 + 0.2, y0 + 2.7),
            0.11,
            [LOBBY_LIGHT * 0.55, LOBBY_LIGHT * 0.8],
        );
    }
    let canopy = Span(middle - half - 0.7, middle + half + 0.7);
    wall.ledge(
        mesh,
        canopy,
        Span(y0 + 3.3, y0 + 3.55),
        Span(0.0, 1.7),
        look.accent * 0.7,
    );
}
