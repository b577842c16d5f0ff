//! Lit windows as they are seen from afar: a few quads on plain walls, so that the skyline at night is a skyline.

use super::super::area::Side;
use super::super::colour::{Rgb, srgb};
use super::super::hash::Dice;
use super::super::plan::buildings::{Face, Look, Mass, Outline};
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};
use super::windows;

/// One lit spot for so many square metres of wall at the middle level, and so many on a wall at most.
const WALL_PER_LIGHT: f32 = 190.0;
const MOST_LIGHTS: u32 = 7;
/// How far lights stand in front of the wall, metres: seen from so far away less would flicker.
const IN_FRONT_M: f32 = 0.12;
const GLASS: Rgb = srgb(0x4C5862);

/// Lights of a mass at the middle level.
pub(super) fn draw_some(mesh: &mut MeshBuilder, mass: &Mass, look: &Look, dice: &mut Dice) {
    if mass.outline != Outline::Rectangle {
        return;
    }
    for side in Side::ALL {
        if mass.faces[side as usize] != Face::Street {
            continue;
        }
        let wall = Wall::of(&mass.area, side);
        let square_metres = wall.width_m * (mass.top_m - mass.base_m);
        let share = square_metres / WALL_PER_LIGHT + dice.unit() * 0.8;
        let count = (share as u32).min(MOST_LIGHTS);
        for number in 0..count {
            mesh.set_glow(windows::glow(look.life, dice));
            let place = Part(number, count);
            spot(
                mesh,
                &wall,
                mass,
                (place, look.floor_m),
                look.glass * 1.1,
                dice,
            );
        }
    }
    mesh.set_glow(Glow::None);
}

/// So many lights on the walls of a volume of the skyline: a stair that is lit from top to bottom, or a floor. From
/// kilometres away single rooms would be lost.
pub(super) fn draw_few(mesh: &mut MeshBuilder, mass: &Mass, count: u32, dice: &Dice) {
    let mut dice = dice.clone();
    let height = mass.top_m - mass.base_m;
    let first = dice.whole(0, 3);
    for number in 0..count {
        let side = Side::ALL[((first + 2 * number + number / 2) % 4) as usize];
        let wall = Wall::of(&mass.area, side);
        let is_seen = mass.faces[side as usize] != Face::Blank;
        if !is_seen || height < 6.0 || wall.width_m < 4.0 {
            continue;
        }
        let (across, heights) = if height > 16.0 && dice.chance(0.7) {
            let wide = dice.between(2.3, 4.2).min(wall.width_m * 0.5);
            let from = dice.between(0.1, 0.9) * (wall.width_m - wide);
            let low = mass.base_m + height * dice.between(0.05, 0.35);
            let high = low + (mass.top_m - low) * dice.between(0.5, 0.95);
            (Span(from, from + wide), Span(low, high))
        } else {
            let long = wall.width_m * dice.between(0.4, 0.9);
            let from = dice.between(0.05, 0.9) * (wall.width_m - long);
            let low = mass.base_m + (height - 3.6) * dice.between(0.2, 0.95);
            (Span(from, from + long), Span(low, low + 2.6))
        };
        mesh.set_glow(Glow::Window(dice.between(0.02, 0.5)));
        wall.rect(mesh, across, heights, IN_FRONT_M, [GLASS * 0.8, GLASS]);
    }
    mesh.set_glow(Glow::None);
}

/// Which of so many equal parts of the height of a wall a light is in, so that no two overlap.
#[derive(Copy, Clone)]
struct Part(u32, u32);

/// One to three rooms on one floor.
fn spot(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    mass: &Mass,
    (part, floor_m): (Part, f32),
    colour: Rgb,
    dice: &mut Dice,
) {
    let height = mass.top_m - mass.base_m;
    let floors = (height / floor_m).max(1.0) as u32;
    let (first, end) = (part.0 * floors / part.1, (part.0 + 1) * floors / part.1);
    if first == end {
        return;
    }
    let floor = dice.whole(first, end - 1);
    let level = mass.base_m + 0.8 + floor as f32 * floor_m;
    let length = dice.between(2.2, 7.5).min(wall.width_m * 0.7);
    let from = 0.4 + dice.unit() * (wall.width_m - length - 0.8).max(0.0);
    let heights = Span(level, (level + floor_m * 0.55).min(mass.top_m - 0.3));
    if heights.length() > 0.6 {
        let across = Span(from, (from + length).min(wall.width_m - 0.3));
        wall.rect(mesh, across, heights, IN_FRONT_M, [colour * 0.8, colour]);
    }
}
