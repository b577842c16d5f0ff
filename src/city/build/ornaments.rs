//! What stands out of street faces: courses, balconies, fire escapes, oriels, fins.

use super::super::colour::{IRON, Rgb};
use super::super::hash::Dice;
use super::super::plan::buildings::{Look, Ornament};
use super::details::two_sided;
use super::facades::REVEAL_M;
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::wall::{Span, Wall};
use super::windows;

/// The windows of a face.
pub(super) struct Grid {
    pub(super) heights: Span,
    pub(super) floors: u32,
    pub(super) bays: u32,
    pub(super) sill_m: f32,
    pub(super) head_m: f32,
    pub(super) is_front: bool,
}

impl Grid {
    fn storey_m(&self) -> f32 {
        self.heights.length() / self.floors as f32
    }

    fn floor_m(&self, floor: u32) -> f32 {
        self.heights.0 + floor as f32 * self.storey_m()
    }
}

pub(super) fn draw(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, look: &Look, dice: &mut Dice) {
    match look.ornament {
        Ornament::Plain => {}
        Ornament::Courses => courses(mesh, wall, grid, look.trim),
        Ornament::Balconies => balconies(mesh, wall, grid, look, dice),
        Ornament::FireEscape if grid.is_front => {
            sills(mesh, wall, grid, look.trim);
            fire_escape(mesh, wall, grid, dice);
        }
        Ornament::Oriels if grid.is_front => oriels(mesh, wall, grid, look, dice),
        Ornament::FireEscape | Ornament::Oriels => sills(mesh, wall, grid, look.trim),
        Ornament::Fins => fins(mesh, wall, grid, look.trim),
    }
}

/// A ledge below the windows of each third floor, and a line under those of the others.
fn courses(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, trim: Rgb) {
    for floor in 1..grid.floors {
        let level = grid.floor_m(floor);
        if floor % 3 == 1 {
            let across = Span(0.0, wall.width_m);
            let ledge = Span(level - 0.1, level + 0.16);
            wall.step(mesh, across, ledge, Span(REVEAL_M, REVEAL_M + 0.16), trim);
        } else if grid.floors < 7 {
            let line = Span(level + grid.sill_m - 0.16, level + grid.sill_m + 0.02);
            let across = Span(0.1, wall.width_m - 0.1);
            wall.rect(mesh, across, line, REVEAL_M - 0.02, [trim * 0.9, trim]);
        }
    }
}

/// A stone under the windows of each floor: one strip behind the piers.
fn sills(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, trim: Rgb) {
    for floor in (0..grid.floors).filter(|floor| grid.floors < 7 || floor % 2 == 0) {
        let sill = grid.floor_m(floor) + grid.sill_m;
        let line = Span(sill - 0.14, sill + 0.02);
        let across = Span(0.1, wall.width_m - 0.1);
        wall.rect(mesh, across, line, REVEAL_M - 0.02, [trim * 0.9, trim]);
    }
}

/// The most balconies of the front and of another face.
const MOST_BALCONIES: (u32, u32) = (10, 4);

fn balconies(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, look: &Look, dice: &mut Dice) {
    let bay = wall.width_m / grid.bays as f32;
    let columns = (grid.bays / 2).clamp(1, 4);
    let pitch = wall.width_m / columns as f32;
    // On a narrow wall as wide as there is room for.
    let half = (bay * 0.48).max(1.1).min(pitch * 0.42);
    let offset = dice.between(0.4, 0.6);
    let most = if grid.is_front {
        MOST_BALCONIES.0
    } else {
        MOST_BALCONIES.1
    };
    let every = (grid.floors * columns).div_ceil(most).max(1);
    let is_glass = dice.chance(0.4);
    for floor in (1..grid.floors).filter(|floor| floor % every == 0) {
        let level = grid.floor_m(floor);
        for column in 0..columns {
            let at = (column as f32 + offset) * pitch;
            if at - half < 0.2 || at + half > wall.width_m - 0.2 {
                continue;
            }
            let across = Span(at - half, at + half);
            let deck = Span(level - 0.06, level + 0.12);
            let out = REVEAL_M + 1.15;
            wall.course(mesh, across, deck, Span(REVEAL_M, out), look.trim * 0.95);
            let rail = if is_glass {
                Span(level + 0.12, level + 1.1)
            } else {
                Span(level + 0.2, level + 1.1)
            };
            let colour = if is_glass {
                look.glass * 1.5
            } else {
                IRON * 1.6
            };
            let front = Wall {
                origin: wall.point(0.0, 0.0, out - 0.04),
                ..*wall
            };
            two_sided(mesh, &front, across, rail, colour);
            for (u, sign) in [(across.0, -1.0), (across.1, 1.0)] {
                let normal = wall.right * sign;
                let (near, far) = if sign > 0.0 {
                    (out - 0.05, REVEAL_M)
                } else {
                    (REVEAL_M, out - 0.05)
                };
                let side = [
                    wall.point(u, rail.0, near),
                    wall.point(u, rail.0, far),
                    wall.point(u, rail.1, far),
                    wall.point(u, rail.1, near),
                ];
                mesh.quad(side, normal, [colour * 0.9; 4]);
            }
        }
    }
}

/// Iron platforms with flights of stairs between them.
fn fire_escape(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, dice: &mut Dice) {
    if wall.width_m < 9.0 {
        return;
    }
    let at = wall.width_m * dice.between(0.3, 0.7);
    let across = Span(at - 2.0, at + 2.0);
    let iron = dice.pick(&[IRON, IRON * 1.7, Rgb::new(0.16, 0.06, 0.04)]);
    let (near, far) = (REVEAL_M + 0.05, REVEAL_M + 1.0);
    let floors = grid.floors.min(7);
    let front = Wall {
        origin: wall.point(0.0, 0.0, far - 0.03),
        ..*wall
    };
    for floor in 0..floors {
        let level = grid.floor_m(floor) + 0.25;
        let deck = Span(level, level + 0.08);
        wall.course(mesh, across, deck, Span(near, far), iron);
        let rail = Span(level + 0.92, level + 1.0);
        two_sided(mesh, &front, across, rail, iron);
        let post = Span(at - 0.04, at + 0.04);
        front.rect(mesh, post, Span(level + 0.08, level + 0.91), 0.0, [iron; 2]);
        if floor + 1 < floors {
            let rise = grid.storey_m();
            let (from, to) = if floor % 2 == 0 {
                (across.0 + 0.3, across.1 - 0.5)
            } else {
                (across.1 - 0.3, across.0 + 0.5)
            };
            let out = near + 0.7;
            // Seen from the front only, as the strings of a steep flight hide its treads.
            let string = [
                wall.point(from, level - 0.14, out),
                wall.point(to, level + rise - 0.22, out),
                wall.point(to, level + rise + 0.08, out),
                wall.point(from, level + 0.16, out),
            ];
            let [p, q, r, s] = string;
            let string = if to > from { string } else { [q, p, s, r] };
            mesh.quad(string, wall.normal, [iron; 4]);
        }
    }
}

/// Glazed bays over the full height.
fn oriels(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, look: &Look, dice: &mut Dice) {
    let columns = ((wall.width_m / 7.5) as u32).clamp(1, 3);
    let pitch = wall.width_m / columns as f32;
    let top_m = grid.heights.1
        - if dice.chance(0.5) {
            0.9
        } else {
            grid.storey_m()
        };
    let low_m = grid.heights.0 + 0.1;
    if top_m - low_m < 2.0 {
        return;
    }
    let (half, out) = ((pitch * 0.22).clamp(1.1, 1.7), REVEAL_M + 0.75);
    for column in 0..columns {
        let at = (column as f32 + 0.5) * pitch;
        let across = Span(at - half, at + half);
        wall.ledge(
            mesh,
            across,
            Span(low_m, top_m),
            Span(REVEAL_M, out),
            look.wall * 0.96,
        );
        for floor in 0..grid.floors {
            let level = grid.floor_m(floor);
            let pane = Span(level + grid.sill_m, level + grid.storey_m() - grid.head_m);
            if pane.1 > top_m - 0.2 || pane.0 < low_m {
                continue;
            }
            let frame = Span(pane.0 - 0.12, pane.1 + 0.12);
            let front = Span(across.0 + 0.14, across.1 - 0.14);
            wall.rect(
                mesh,
                front,
                frame,
                out + 0.02,
                [look.trim * 0.95, look.trim],
            );
            mesh.set_glow(windows::glow(look.life, dice));
            for (from, to) in [(front.0 + 0.1, at - 0.05), (at + 0.05, front.1 - 0.1)] {
                let glass = [look.glass * 1.2, look.glass * 0.75];
                wall.rect(mesh, Span(from, to), pane, out + 0.045, glass);
            }
            mesh.set_glow(Glow::None);
        }
    }
}

/// Upright blades in front of the glass.
fn fins(mesh: &mut MeshBuilder, wall: &Wall, grid: &Grid, trim: Rgb) {
    let count = grid.bays.min(6);
    let (near, far) = (REVEAL_M, REVEAL_M + 0.45);
    let Span(low, high) = grid.heights;
    for number in 0..=count {
        let at = wall.along(number, count, 0.06);
        let (from, to) = (at - 0.06, at + 0.06);
        wall.rect(
            mesh,
            Span(from, to),
            grid.heights,
            far,
            [trim * 1.1, trim * 1.2],
        );
        for (u, normal, a, b) in [(from, -wall.right, near, far), (to, wall.right, far, near)] {
            let side = [
                wall.point(u, low, a),
                wall.point(u, low, b),
                wall.point(u, high, b),
                wall.point(u, high, a),
            ];
            mesh.quad(side, normal, [trim; 4]);
        }
    }
}
