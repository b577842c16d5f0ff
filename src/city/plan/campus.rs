//! Institutes and halls around a lawn.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    BRICK, CONCRETE, GRAVEL_PATH, LAWN, PLASTER, SANDSTONE, SLATE, TILE_ROOF, TRIM, VERDIGRIS,
    WINDOW_GLASS,
};
use super::super::hash::Dice;
use super::blocks::Block;
use super::buildings::{Building, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Roof};
use super::furniture::Prop;
use super::lots::rows;
use super::midtown::other;
use super::{Patch, PatchLayer};

/// Halls keep so far from the back of their row, metres: in a shallow block two rows lie back to back.
const BEHIND_M: f32 = 1.5;

/// Fills an area with halls around a green court.
pub(super) fn fill(block: &mut Block, area: &Area, dice: &mut Dice) {
    let lawn = LAWN * dice.between(0.9, 1.05);
    block.patches.push(Patch {
        area: *area,
        colour: lawn,
        layer: PatchLayer::Lower,
    });
    let depth = dice.between(13.0, 17.0);
    let free = area.inset(4.5);
    let wall = dice.pick(&[BRICK[0], BRICK[3], SANDSTONE[0], PLASTER[8], CONCRETE[3]]);
    for row in rows(&free, depth, dice) {
        let mut own = dice.part(row.number);
        if row.number == 1 && own.chance(0.25) {
            continue;
        }
        let axis = row.front.runs_along();
        let length = row.area.size(axis);
        // Gaps lead into the court.
        let halls = if length > 56.0 { 2 } else { 1 };
        let step = length / halls as f32;
        for number in 0..halls {
            let from = number as f32 * step + own.between(1.0, 4.0);
            let to = (number + 1) as f32 * step - own.between(1.0, 4.0);
            let inset = if row.number > 1 { 3.0 } else { 0.0 };
            let deep_m = row.area.size(other(axis)) - BEHIND_M;
            let hall = row
                .area
                .strip(row.front, 0.0, deep_m)
                .span(axis, from + inset, to - inset);
            if hall.shorter() >= 7.0 {
                block
                    .buildings
                    .push(institute(&hall, row.front, wall, &mut own));
            }
        }
    }
    let court = free.inset(depth + 2.0);
    if court.shorter() > 8.0 {
        let axis = if court.size_x() >= court.size_z() {
            Axis::X
        } else {
            Axis::Z
        };
        let middle = court.size(other(axis)) / 2.0;
        let path = court.span(other(axis), middle - 1.2, middle + 1.2);
        block.patches.push(Patch {
            area: path,
            colour: GRAVEL_PATH,
            layer: PatchLayer::Upper,
        });
        let statue = court.center();
        block.furniture.props.push(Prop::Statue { at: statue });
        let taken = [path.inset(-0.6), Area::around(statue, 5.0, 5.0)];
        block
            .furniture
            .scatter_trees(&court, 7.5, 0.5, &taken, dice);
    }
    for side in Side::ALL {
        let edge = area.strip(side, 0.8, 3.6);
        let taken: Vec<Area> = block
            .buildings
            .iter()
            .flat_map(|building| building.masses.iter().map(|mass| mass.area.inset(-1.0)))
            .collect();
        if edge.shorter() > 2.0 && dice.chance(0.5) {
            let length = edge.size(side.runs_along());
            let part = edge.span(side.runs_along(), 4.0, length - 4.0);
            if part.shorter() > 2.0 {
                block.furniture.scatter_trees(&part, 2.7, 0.2, &taken, dice);
            }
        }
    }
}

fn institute(
    area: &Area,
    front: Side,
    wall: super::super::colour::Rgb,
    dice: &mut Dice,
) -> Building {
    let is_civic = dice.chance(0.4);
    let floors = dice.whole(2, 5);
    let look = Look {
        facade: if is_civic {
            Facade::Civic
        } else {
            dice.pick(&[Facade::Punched, Facade::Punched, Facade::Bands])
        },
        ground: if is_civic {
            GroundFloor::Same
        } else {
            GroundFloor::Lobby
        },
        life: Life::Offices,
        ornament: dice.pick(&[Ornament::Courses, Ornament::Plain]),
        wall: wall * dice.between(0.9, 1.08),
        trim: dice.pick(&TRIM),
        glass: dice.pick(&WINDOW_GLASS),
        roof: dice.pick(&[SLATE, VERDIGRIS, TILE_ROOF[0], TILE_ROOF[3]]) * dice.between(0.92, 1.08),
        accent: dice.pick(&[VERDIGRIS, SLATE]),
        floor_m: if is_civic {
            6.2
        } else {
            dice.between(3.4, 4.0)
        },
        ground_floor_m: dice.between(4.2, 5.2),
        bay_m: dice.between(2.8, 3.8),
        cornice_m: dice.between(0.3, 0.6),
    };
    let height_m = if is_civic {
        dice.between(9.0, 14.0)
    } else {
        look.ground_floor_m + look.floor_m * (floors - 1) as f32 + 0.6
    };
    let rise_m = area.shorter() * dice.between(0.22, 0.36);
    let ridge = if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let roof = match dice.whole(0, 3) {
        0 => Roof::Flat,
        1 => Roof::Gable { ridge, rise_m },
        2 => Roof::Mansard {
            inset_m: 1.5,
            rise_m: 3.0,
        },
        _ => Roof::Hip { rise_m },
    };
    let mass = Mass::at_ground(*area, height_m, [Face::Street; 4], roof);
    let mut building = Building::new(front, vec![mass], look);
    building.add_roof_equipment(dice);
    building
}
