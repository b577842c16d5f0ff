//! Midtown: a closed wall of shops with flats and offices above, no two alike.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    BLIND, BRICK, CLADDING, CONCRETE, PLASTER, SANDSTONE, SHOP_SIGN, TILE_ROOF, TRIM, WINDOW_GLASS,
};
use super::super::hash::Dice;
use super::buildings::{
    Building, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Roof, faces_on, flat_roof,
};
use super::lots::Lot;

/// Designs one midtown building. `base_floors` is what the neighbours of the block tend to.
pub(super) fn design(lot: &Lot, base_floors: u32, dice: &mut Dice) -> Building {
    let look = look(dice);
    let floors = (base_floors + dice.whole(0, 3)).saturating_sub(1).max(3);
    let height_m = look.ground_floor_m + look.floor_m * (floors - 1) as f32 + 0.6;
    let yard_m = dice
        .between(1.5, 5.0)
        .min(lot.area.size(other(lot.front.runs_along())) * 0.3);
    let through = lot.faces[lot.front.opposite() as usize] == Face::Street;
    let area = if through {
        lot.area
    } else {
        lot.area.inset_by(margin(lot.front.opposite(), yard_m))
    };
    let faces = faces_on(lot, &area);
    let masses = match dice.whole(0, 9) {
        0..=1 if !through => with_rear_wing(lot, &area, faces, height_m, dice),
        2..=4 if floors >= 5 && area.shorter() > 9.0 => {
            with_attic(&area, faces, height_m, look.floor_m)
        }
        5 if floors <= 5 => {
            let ridge = lot.front.runs_along();
            let rise_m = (area.size(other(ridge)) * 0.22).min(3.6);
            vec![Mass::at_ground(
                area,
                height_m,
                faces,
                Roof::Gable { ridge, rise_m },
            )]
        }
        6 if floors <= 7 && area.shorter() > 8.0 => {
            let roof = Roof::Mansard {
                inset_m: dice.between(1.0, 1.6),
                rise_m: dice.between(2.6, 3.4),
            };
            vec![Mass::at_ground(area, height_m - look.floor_m, faces, roof)]
        }
        _ => vec![Mass::at_ground(area, height_m, faces, Roof::Flat)],
    };
    let mut look = look;
    if !matches!(masses[0].roof, Roof::Flat) {
        look.roof = dice.pick(&TILE_ROOF);
    }
    let mut building = Building::new(lot.front, masses, look).on(lot);
    building.add_roof_equipment(dice);
    building
}

fn look(dice: &mut Dice) -> Look {
    let (facade, wall) = match dice.whole(0, 10) {
        0..=3 => (Facade::Punched, dice.pick(&BRICK)),
        4..=5 => (Facade::Punched, dice.pick(&SANDSTONE)),
        6..=7 => (Facade::Punched, dice.pick(&PLASTER)),
        8 => (Facade::Bands, dice.pick(&CONCRETE)),
        9 => (Facade::Bands, dice.pick(&CLADDING)),
        _ => (Facade::Vertical, dice.pick(&CONCRETE)),
    };
    let life = match facade {
        Facade::Punched if dice.chance(0.8) => Life::Homes,
        Facade::Bands if dice.chance(0.5) => Life::Homes,
        _ => Life::Offices,
    };
    let ornament = match (facade, life) {
        (Facade::Punched, Life::Homes) => dice.pick(&[
            Ornament::Courses,
            Ornament::FireEscape,
            Ornament::Balconies,
            Ornament::Oriels,
            Ornament::Courses,
        ]),
        (Facade::Punched, _) => dice.pick(&[Ornament::Courses, Ornament::Plain]),
        (_, Life::Homes) => Ornament::Balconies,
        _ => Ornament::Plain,
    };
    Look {
        life,
        ornament,
        facade,
        ground: if dice.chance(0.8) {
            GroundFloor::Shops
        } else {
            GroundFloor::Lobby
        },
        wall: wall * dice.between(0.88, 1.1),
        trim: if facade == Facade::Punched {
            dice.pick(&TRIM)
        } else {
            dice.pick(&BLIND)
        },
        glass: dice.pick(&WINDOW_GLASS) * dice.between(0.9, 1.12),
        roof: flat_roof(dice),
        accent: dice.pick(&SHOP_SIGN),
        floor_m: dice.between(3.0, 3.7),
        ground_floor_m: dice.between(3.9, 4.7),
        bay_m: dice.between(2.5, 3.5),
        cornice_m: if dice.chance(0.7) {
            dice.between(0.25, 0.6)
        } else {
            0.0
        },
    }
}

/// An L: the front house and a narrower wing into the court.
fn with_rear_wing(
    lot: &Lot,
    area: &Area,
    faces: [Face; 4],
    height_m: f32,
    dice: &mut Dice,
) -> Vec<Mass> {
    let (front, axis) = (lot.front, lot.front.runs_along());
    let depth = area.size(other(axis));
    let width = area.size(axis);
    let house_depth = depth * dice.between(0.55, 0.68);
    let house = area.strip(front, 0.0, house_depth);
    let wing_width = width * dice.between(0.4, 0.55);
    // Not flush with the house, since facades in one plane would flicker; further back than any cornice.
    let from = if dice.chance(0.5) {
        0.9
    } else {
        width - wing_width - 0.9
    };
    let wing = area
        .strip(front, house_depth, depth)
        .span(axis, from, from + wing_width);
    let rear = Side::ALL.map(|side| match faces[side as usize] {
        // The wing stands on one party wall at most.
        Face::Blank if wing.gap(area, side) > 1.0 => Face::Rear,
        face => face,
    });
    vec![
        Mass::at_ground(house, height_m, faces, Roof::Flat),
        Mass::at_ground(wing, height_m * dice.between(0.6, 0.9), rear, Roof::Flat),
    ]
}

/// A top floor that stands back from the streets.
fn with_attic(area: &Area, faces: [Face; 4], height_m: f32, floor_m: f32) -> Vec<Mass> {
    let house = Mass::at_ground(*area, height_m - floor_m, faces, Roof::Flat);
    // Never flush with the wall below, which would put two faces into one plane.
    let margins = faces.map(|face| if face == Face::Blank { 0.12 } else { 2.2 });
    let attic = house.on_top(area.inset_by(margins), floor_m, faces);
    vec![house, attic]
}

const fn margin(side: Side, margin_m: f32) -> [f32; 4] {
    let mut margins = [0.0; 4];
    margins[side as usize] = margin_m;
    margins
}

pub(super) const fn other(axis: Axis) -> Axis {
    match axis {
        Axis::X => Axis::Z,
        Axis::Z => Axis::X,
    }
}
