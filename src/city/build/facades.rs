//! Facades. Upper floors are a sheet of glass behind a lattice of wall: one strip per floor and one per bay look like
//! (floors times bays) windows at the price of (floors plus bays) quads.

use super::super::area::Side;
use super::super::colour::Rgb;
use super::super::hash::Dice;
use super::super::plan::buildings::{
    Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Outline, Roof,
};
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::roofs::EAVES_M;
use super::shopfronts::ground_floor;
use super::wall::{Span, Wall};
use super::{halls, ornaments, prisms, windows};

/// How far the outermost layer of a facade stands in front of the glass, metres.
pub(super) const REVEAL_M: f32 = 0.14;
/// Depth of the strips between floors where piers are in front, metres.
const SPANDREL_M: f32 = 0.09;

/// The measures of a lattice.
struct Lattice {
    /// Wall below the windows of a floor, metres.
    sill_m: f32,
    /// Wall above the windows of a floor, metres.
    head_m: f32,
    /// Width of the wall between two windows, metres; 0 for none.
    pier_m: f32,
    /// Width of the wall at both ends, metres.
    end_m: f32,
    pier: Rgb,
    spandrel: Rgb,
    bays: u32,
    /// Glass at the bottom and at the top.
    glass: [Rgb; 2],
    /// Of all panes, how many look different (blinds, light), and how many of a facade at most.
    odd: (f32, u32),
    /// How many bays next to each other belong to one room.
    room: u32,
    life: Life,
}

/// Draws all four faces of a mass.
pub(super) fn draw_faces(
    mesh: &mut MeshBuilder,
    mass: &Mass,
    look: &Look,
    front: Side,
    dice: &mut Dice,
) {
    if mass.outline != Outline::Rectangle {
        prisms::draw_facades(mesh, mass, look, dice);
        return;
    }
    for side in Side::ALL {
        let face = mass.faces[side as usize];
        let wall = Wall::of(&mass.area, side);
        // Corners close by reaching out to the plane of the neighbouring facade.
        let reach = |neighbour: Side| {
            let windowed =
                mass.faces[neighbour as usize] != Face::Blank && look.facade != Facade::Cottage;
            if windowed { REVEAL_M } else { 0.0 }
        };
        let edge = Span(
            -reach(wall.left_side),
            wall.width_m + reach(wall.right_side),
        );
        let low = if mass.stands_on_ground() { 0.78 } else { 0.92 };
        if matches!(face, Face::Blank | Face::Garage) {
            let colour = look.wall * 0.9;
            wall.rect(
                mesh,
                edge,
                Span(mass.base_m - 0.15, mass.top_m),
                0.0,
                [colour * low, colour],
            );
            if face == Face::Garage {
                super::cottages::garage_door(mesh, mass, &wall, look);
            }
            continue;
        }
        match look.facade {
            Facade::Shed => {
                halls::draw_shed(mesh, mass, &wall, face, look, dice);
                continue;
            }
            Facade::Civic => {
                halls::draw_civic(mesh, mass, &wall, (edge, face, side == front), look, dice);
                if look.cornice_m > 0.0 {
                    cornice(mesh, &wall, mass, look);
                }
                continue;
            }
            Facade::Decks => {
                halls::draw_decks(mesh, mass, &wall, edge, look);
                continue;
            }
            _ => {}
        }
        if look.facade == Facade::Cottage {
            super::cottages::draw_face(mesh, mass, &wall, face, look, side == front, dice);
            continue;
        }
        let mut base_m = mass.base_m;
        if mass.stands_on_ground() && look.ground != GroundFloor::Same {
            base_m = (mass.base_m + look.ground_floor_m).min(mass.top_m - 1.0);
            ground_floor(
                mesh,
                &wall,
                edge,
                Span(mass.base_m - 0.15, base_m),
                look,
                face,
                dice,
            );
            if face == Face::Street {
                let goes_on = |side: Side| mass.faces[side as usize] == Face::Street;
                moulding(
                    mesh,
                    &wall,
                    Span(base_m - 0.3, base_m + 0.12),
                    0.12,
                    look.trim * 0.92,
                    goes_on,
                );
            }
        }
        let heights = Span(base_m, mass.top_m);
        if heights.length() > 1.5 {
            let lattice = lattice(look, face, wall.width_m);
            draw_lattice(mesh, &wall, edge, heights, &lattice, look.floor_m, dice);
            if face == Face::Street && look.ornament != Ornament::Plain {
                let floors = (heights.length() / look.floor_m).round().max(1.0) as u32;
                let grid = ornaments::Grid {
                    heights,
                    floors,
                    bays: lattice.bays,
                    sill_m: lattice.sill_m,
                    head_m: lattice.head_m,
                    is_front: side == front,
                };
                ornaments::draw(mesh, &wall, &grid, look, dice);
            }
        }
        if face == Face::Street && look.cornice_m > 0.0 {
            cornice(mesh, &wall, mass, look);
        }
    }
}

fn lattice(look: &Look, face: Face, width_m: f32) -> Lattice {
    let bay_m = if face == Face::Rear {
        look.bay_m * 2.5
    } else {
        look.bay_m
    };
    let bays = (width_m / bay_m).round().max(1.0) as u32;
    let bay_m = width_m / bays as f32;
    let (odd, room) = match (face, look.life) {
        (Face::Rear, _) => ((0.12, 3), 1),
        (_, Life::Homes) => ((0.34, 13), 1),
        (_, Life::Offices) => ((0.45, 20), 3),
        (_, Life::Halls) => ((0.15, 6), 2),
    };
    let life = look.life;
    let dark_glass = [look.glass * 0.62, look.glass * 1.15];
    match look.facade {
        Facade::Punched | Facade::Cottage | Facade::Shed | Facade::Civic | Facade::Decks => {
            Lattice {
                sill_m: 0.95,
                head_m: 0.5,
                pier_m: bay_m * if face == Face::Rear { 0.6 } else { 0.46 },
                end_m: bay_m * 0.34,
                pier: look.wall,
                spandrel: look.wall * 0.97,
                bays,
                glass: dark_glass,
                odd,
                room,
                life,
            }
        }
        Facade::Bands => Lattice {
            sill_m: 1.05,
            head_m: 0.55,
            pier_m: 0.12,
            end_m: 0.5,
            pier: look.trim * 0.6,
            spandrel: look.wall,
            bays,
            glass: dark_glass,
            odd,
            room,
            life,
        },
        Facade::Vertical => Lattice {
            sill_m: 0.75,
            head_m: 0.35,
            pier_m: bay_m * 0.36,
            end_m: bay_m * 0.4,
            pier: look.wall,
            spandrel: look.wall * 0.45,
            bays,
            glass: dark_glass,
            odd,
            room,
            life,
        },
        Facade::Curtain => Lattice {
            sill_m: 0.28,
            head_m: 0.14,
            pier_m: 0.11,
            end_m: 0.3,
            pier: look.wall,
            spandrel: look.wall * 0.9,
            bays,
            glass: [look.glass * 0.5, look.glass * 1.35],
            odd,
            room,
            life,
        },
    }
}

fn draw_lattice(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    edge: Span,
    heights: Span,
    lattice: &Lattice,
    floor_m: f32,
    dice: &mut Dice,
) {
    let floors = (heights.length() / floor_m).round().max(1.0) as u32;
    let storey = heights.length() / floors as f32;
    let bay = wall.width_m / lattice.bays as f32;
    // Streets are darker at their bottom than the open sky above them.
    let share = |height_m: f32| 0.86 + 0.14 * (height_m / 40.0).min(1.0);

    wall.rect(mesh, Span(0.0, wall.width_m), heights, 0.0, lattice.glass);
    light_rooms(mesh, wall, heights, lattice, (floors, storey, bay), dice);
    for floor in 0..=floors {
        let middle = heights.0 + floor as f32 * storey;
        let low = if floor == 0 {
            heights.0
        } else {
            middle - lattice.head_m
        };
        let high = if floor == floors {
            heights.1
        } else {
            middle + lattice.sill_m
        };
        let colour = lattice.spandrel * share(middle);
        wall.rect(
            mesh,
            edge,
            Span(low, high),
            SPANDREL_M,
            [colour * 0.93, colour],
        );
    }
    let (bottom, top) = (
        lattice.pier * share(heights.0) * 0.97,
        lattice.pier * share(heights.1),
    );
    for pier in 0..=lattice.bays {
        let at = pier as f32 * bay;
        let across = match pier {
            0 => Span(edge.0, lattice.end_m),
            last if last == lattice.bays => Span(wall.width_m - lattice.end_m, edge.1),
            _ if lattice.pier_m > 0.0 => Span(at - lattice.pier_m / 2.0, at + lattice.pier_m / 2.0),
            _ => continue,
        };
        wall.rect(mesh, across, heights, REVEAL_M, [bottom, top]);
    }
}

/// Draws the panes behind which something is to be seen. Each comes from an equal share of all rooms of the facade, so
/// that no pane is drawn twice.
fn light_rooms(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    heights: Span,
    lattice: &Lattice,
    (floors, storey, bay): (u32, f32, f32),
    dice: &mut Dice,
) {
    let rooms_per_floor = lattice.bays.div_ceil(lattice.room);
    let rooms = floors * rooms_per_floor;
    let (share, most) = lattice.odd;
    let odd = ((rooms as f32 * share) as u32).min(most);
    for number in 0..odd {
        let (first, end) = (number * rooms / odd, (number + 1) * rooms / odd);
        let room = dice.whole(first, end - 1);
        let (column, floor) = (
            room % rooms_per_floor * lattice.room,
            room / rooms_per_floor,
        );
        let last = (column + dice.whole(1, lattice.room)).min(lattice.bays);
        let reflection = lattice.glass[0].lerp(lattice.glass[1], floor as f32 / floors as f32);
        let pane = windows::inside(lattice.life, reflection, dice);
        let from = heights.0 + floor as f32 * storey;
        let across = Span(column as f32 * bay + 0.05, last as f32 * bay - 0.05);
        mesh.set_glow(windows::glow(lattice.life, dice));
        wall.rect(
            mesh,
            across,
            Span(from + lattice.sill_m * 0.8, from + storey),
            0.025,
            [pane * 0.85, pane],
        );
    }
    mesh.set_glow(Glow::None);
}

/// The moulding at the top of a street face.
fn cornice(mesh: &mut MeshBuilder, wall: &Wall, mass: &Mass, look: &Look) {
    // Behind the eaves, if there are any.
    let out = match mass.roof {
        Roof::Gable { .. } | Roof::Hip { .. } => look.cornice_m.min(EAVES_M - REVEAL_M - 0.05),
        _ => look.cornice_m,
    };
    let goes_on = |side: Side| mass.faces[side as usize] == Face::Street;
    let heights = Span(mass.top_m - 0.75 - out * 0.5, mass.top_m - 0.25);
    moulding(mesh, wall, heights, out, look.trim, goes_on);
}

/// A moulding in front of a facade that `goes_on` around some corners. The east and west faces own the corners, so
/// that no two pieces overlap in one plane.
pub(super) fn moulding(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    heights: Span,
    out_m: f32,
    colour: Rgb,
    goes_on: impl Fn(Side) -> bool,
) {
    let owns_corners = matches!(wall.left_side, Side::North | Side::South);
    let reach = |side: Side| match (goes_on(side), owns_corners) {
        (true, true) => REVEAL_M + out_m,
        (true, false) => REVEAL_M,
        (false, _) => 0.0,
    };
    let across = Span(
        -reach(wall.left_side),
        wall.width_m + reach(wall.right_side),
    );
    wall.ledge(
        mesh,
        across,
        heights,
        Span(REVEAL_M, REVEAL_M + out_m),
        colour,
    );
}
