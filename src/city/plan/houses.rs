//! Detached houses in their gardens.

use super::super::area::{Area, Side};
use super::super::colour::{BRICK, GRAVEL_PATH, LAWN, TILE_ROOF, YARD};
use super::super::hash::Dice;
use super::buildings::{Building, Detail, DetailKind, Face, Mass, Roof};
use super::cottages::{self, along_point, axis_vector, door_along};
use super::furniture::{Furniture, Prop};
use super::lots::Lot;
use super::midtown::other;
use super::{Patch, PatchLayer};

/// Designs one detached house in its garden.
pub(super) fn detached_house(
    lot: &Lot,
    dice: &mut Dice,
    patches: &mut Vec<Patch>,
    furniture: &mut Furniture,
) -> Option<Building> {
    let axis = lot.front.runs_along();
    let (lot_width, lot_depth) = (lot.area.size(axis), lot.area.size(other(axis)));
    let width = dice.between(8.5, 13.0).min(lot_width - 3.2);
    let depth = dice.between(7.5, 10.5).min(lot_depth - 4.0);
    if width < 5.0 || depth < 5.0 {
        return None;
    }
    let setback = dice.between(3.0, 6.0).min((lot_depth - depth) * 0.6);
    let with_garage = lot_width - width > 6.5 && dice.chance(0.6);
    let free = lot_width - width;
    let from = if with_garage {
        1.4
    } else {
        free * dice.between(0.35, 0.65)
    };
    let area = lot
        .area
        .strip(lot.front, setback, setback + depth)
        .span(axis, from, from + width);
    let faces = Side::ALL.map(|side| {
        if side == lot.front {
            Face::Street
        } else {
            Face::Rear
        }
    });
    let look = cottages::look(
        dice.chance(0.35),
        dice.pick(&TILE_ROOF),
        dice.between(2.7, 3.0),
        dice,
    );
    let floors = dice.whole(1, 2);
    let height_m = look.floor_m * floors as f32 + 0.35;
    let rise_m = dice.between(1.9, 3.3);
    let roof = match dice.whole(0, 2) {
        0 => Roof::Hip { rise_m },
        1 => Roof::Gable {
            ridge: axis,
            rise_m,
        },
        _ => Roof::Gable {
            ridge: other(axis),
            rise_m,
        },
    };
    let mut masses = vec![Mass::at_ground(area, height_m, faces, roof)];
    let mut details = Vec::new();
    if dice.chance(0.6) {
        let stack = Area::around(along_point(&area, axis, 0.78), 0.7, 0.7);
        let top_m = masses[0].ridge_m() + 0.6;
        details.push(Detail {
            area: stack,
            base_m: masses[0].top_m,
            top_m,
            colour: BRICK[dice.whole(0, 5) as usize],
            kind: DetailKind::Box,
        });
    }
    if with_garage {
        let garage_from = from + width;
        let garage_to = (garage_from + 3.4).min(lot_width - 0.8);
        let back = (depth * 0.75).min(6.0);
        let garage = lot
            .area
            .strip(lot.front, setback + 1.2, setback + 1.2 + back)
            .span(axis, garage_from, garage_to);
        masses.push(car_shed(garage, lot.front));
        let drive = lot.area.strip(lot.front, 0.0, setback + 1.2).span(
            axis,
            garage_from + 0.2,
            garage_to - 0.2,
        );
        patches.push(Patch {
            area: drive,
            colour: YARD,
            layer: PatchLayer::Upper,
        });
    }
    let garden = lot.area.strip(lot.front, 0.0, setback);
    let at =
        (door_along(&area, lot.front) - lot.area.center()).dot(axis_vector(axis)) + lot_width / 2.0;
    patches.push(Patch {
        area: lot.area,
        colour: LAWN * dice.between(0.85, 1.12),
        layer: PatchLayer::Lower,
    });
    patches.push(Patch {
        area: garden.span(axis, at - 0.65, at + 0.65),
        colour: GRAVEL_PATH,
        layer: PatchLayer::Upper,
    });
    if dice.chance(0.6) {
        let hedge = garden
            .strip(lot.front, 0.2, 0.9)
            .span(axis, 0.3, (at - 1.0).max(0.9));
        furniture.props.push(Prop::Hedge {
            area: hedge,
            height_m: dice.between(0.8, 1.4),
        });
    }
    if dice.chance(0.5) && at > 4.0 {
        furniture.props.push(Prop::Bush {
            at: garden
                .strip(lot.front, setback * 0.6, setback * 0.6)
                .span(axis, at - 2.2, at - 2.2)
                .center(),
        });
    }
    let behind = lot_depth - setback - depth;
    if behind > 4.0 && dice.chance(0.75) {
        // Where one garden ends and the next begins.
        furniture.props.push(Prop::Hedge {
            area: lot
                .area
                .strip(lot.front, lot_depth - 0.7, lot_depth - 0.1)
                .span(axis, 0.2, lot_width - 0.2),
            height_m: dice.between(1.0, 1.8),
        });
    }
    if behind > 5.0 {
        let yard = lot
            .area
            .strip(lot.front, setback + depth + 2.5, lot_depth - 2.0);
        for share in [0.25, 0.75] {
            if dice.chance(0.7) {
                furniture.garden_tree(
                    along_point(&yard, axis, share + dice.between(-0.1, 0.1)),
                    dice,
                );
            }
        }
    }
    let mut building = Building::new(lot.front, masses, look).on(lot);
    building.details = details;
    Some(building)
}

/// A garage with its door in front, under a roof that falls to the back.
fn car_shed(area: Area, front: Side) -> Mass {
    let faces = Side::ALL.map(|side| {
        if side == front {
            Face::Garage
        } else {
            Face::Blank
        }
    });
    let roof = Roof::Slant {
        high: front,
        rise_m: 0.45,
    };
    Mass::at_ground(area, 2.35, faces, roof)
}
