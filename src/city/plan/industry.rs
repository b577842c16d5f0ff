//! Warehouses and works on fenced yards.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    ASPHALT_ALLEY, BRICK, CAR_PAINT, CLADDING, CONCRETE, CONTAINER, METAL, Rgb, SHED, SHOP_SIGN,
    TRIM, WINDOW_GLASS, YARD,
};
use super::super::hash::Dice;
use super::blocks::Block;
use super::buildings::{
    Building, Detail, DetailKind, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Outline,
    Roof,
};
use super::furniture::{CarBody, Prop};
use super::lots::{Lot, grid};
use super::midtown::other;
use super::streets::KERB_HEIGHT_M;
use super::{Patch, PatchLayer, Scope};

/// Length of the pieces of a fence, metres.
const FENCE_PIECE_M: f32 = 9.0;
/// Height of the slab under a silo, metres.
const SLAB_M: f32 = 0.4;

/// Fills an area with works, each in its yard.
pub(super) fn fill(block: &mut Block, area: &Area, scope: Scope, dice: &mut Dice) {
    block.patches.push(Patch {
        area: *area,
        colour: YARD * dice.between(0.85, 1.0),
        layer: PatchLayer::Lower,
    });
    for (number, lot) in grid(area, dice.between(44.0, 62.0), dice)
        .iter()
        .enumerate()
    {
        let mut own = dice.part(number as u64);
        works(block, lot, scope, &mut own);
    }
}

fn look(dice: &mut Dice) -> Look {
    let is_brick = dice.chance(0.3);
    let wall = if is_brick {
        dice.pick(&BRICK)
    } else {
        dice.pick(&SHED)
    };
    Look {
        facade: if is_brick {
            Facade::Punched
        } else {
            Facade::Shed
        },
        ground: GroundFloor::Docks,
        life: Life::Halls,
        ornament: Ornament::Plain,
        wall: wall * dice.between(0.85, 1.1),
        trim: dice.pick(&TRIM) * 0.85,
        glass: dice.pick(&WINDOW_GLASS),
        roof: dice.pick(&[METAL * 0.75, CONCRETE[2], CLADDING[2], BRICK[4]]),
        accent: dice.pick(&SHOP_SIGN),
        floor_m: if is_brick { 4.2 } else { 5.0 },
        ground_floor_m: 4.8,
        bay_m: dice.between(3.2, 5.0),
        cornice_m: if is_brick { 0.25 } else { 0.0 },
    }
}

fn works(block: &mut Block, lot: &Lot, scope: Scope, dice: &mut Dice) {
    if !lot.faces.contains(&Face::Street) {
        // No lorry gets there: what is stored in the open.
        if scope == Scope::Everything {
            containers(block, &lot.area.inset(3.0), dice);
        }
        return;
    }
    let look = look(dice);
    let axis = lot.front.runs_along();
    let depth = lot.area.size(other(axis));
    let front_m = dice.between(7.0, 11.0).min(depth * 0.3);
    let margins = Side::ALL.map(|side| match (side == lot.front, lot.faces[side as usize]) {
        (true, _) => front_m,
        (false, Face::Street) => 2.6,
        _ => dice.between(1.4, 4.5),
    });
    let whole = lot.area.inset_by(margins);
    if whole.shorter() < 8.0 {
        return;
    }
    // A part of the ground stays free for tanks or containers.
    let share = dice.between(0.62, 1.0);
    let share = if whole.size(axis) < 24.0 || share > 0.88 {
        1.0
    } else {
        share
    };
    let length = whole.size(axis) * share;
    let body = whole.span(axis, 0.0, length);
    let height_m = if look.facade == Facade::Punched {
        look.ground_floor_m + look.floor_m * dice.whole(1, 3) as f32
    } else {
        dice.between(6.5, 11.5)
    };
    let ridge = if body.size_x() >= body.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let across = body.size(other(ridge));
    let roof = match dice.whole(0, 5) {
        0 | 1 => Roof::Gable {
            ridge,
            rise_m: (across * 0.11).min(4.0),
        },
        2 => Roof::Vault {
            ridge,
            rise_m: (across * 0.16).min(5.5),
        },
        3 => Roof::Sawtooth {
            along: ridge,
            teeth: (body.size(ridge) / 8.0).round().max(2.0) as u32,
            rise_m: 2.6,
        },
        _ => Roof::Flat,
    };
    let faces = Side::ALL.map(|side| {
        if side == lot.front || lot.faces[side as usize] == Face::Street {
            Face::Street
        } else {
            Face::Rear
        }
    });
    let mut masses = vec![Mass::at_ground(body, height_m, faces, roof)];
    let mut details = Vec::new();
    let rest = whole.span(axis, length + 1.2, whole.size(axis));
    if share < 1.0 && rest.shorter() > 4.0 {
        if dice.chance(0.5) {
            silos(&rest, &look, &mut masses, &mut details, dice);
        } else if scope == Scope::Everything {
            containers(block, &rest, &mut dice.part(50));
        }
    }
    let mut building = Building::new(lot.front, masses, look);
    building.details = details;
    building.add_roof_equipment(dice);
    block.buildings.push(building);
    if scope == Scope::Everything {
        yard(block, lot, front_m, dice);
    }
}

fn silos(
    area: &Area,
    look: &Look,
    masses: &mut Vec<Mass>,
    details: &mut Vec<Detail>,
    dice: &mut Dice,
) {
    let axis = if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let size_m = area.shorter().min(dice.between(4.5, 8.5));
    let count = ((area.size(axis) / (size_m + 0.5)) as u32).min(4);
    let height_m = dice.between(9.0, 17.0);
    let colour = dice.pick(&[METAL, CONCRETE[3], look.wall, TRIM[0]]);
    for number in 0..count {
        let at = (number as f32 + 0.5) * (size_m + 0.5);
        let foot = Area::around(area.span(axis, at, at).center(), size_m, size_m);
        let mass = Mass::at_ground(foot, SLAB_M, [Face::Blank; 4], Roof::Flat);
        masses.push(mass.outlined(Outline::Round));
        let top_m = KERB_HEIGHT_M + height_m;
        for (kind, from, to) in [
            (DetailKind::Drum, KERB_HEIGHT_M + SLAB_M, top_m),
            (DetailKind::Cone, top_m, top_m + size_m * 0.2),
        ] {
            details.push(Detail {
                area: foot,
                base_m: from,
                top_m: to,
                colour,
                kind,
            });
        }
    }
}

fn containers(block: &mut Block, area: &Area, dice: &mut Dice) {
    let axis = if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let columns = (area.size(axis) / 6.6) as u32;
    let rows = (area.size(other(axis)) / 2.9) as u32;
    for column in 0..columns.min(4) {
        for row in 0..rows.min(3) {
            if !dice.chance(0.6) {
                continue;
            }
            let place = area
                .span(axis, column as f32 * 6.6, column as f32 * 6.6 + 6.1)
                .span(other(axis), row as f32 * 2.9, row as f32 * 2.9 + 2.44);
            block.furniture.props.push(Prop::Container {
                area: place,
                stacked: dice.whole(1, 2),
                colour: dice.pick(&CONTAINER),
            });
        }
    }
}

/// The yard towards the street: a drive, a fence, trucks and cars.
fn yard(block: &mut Block, lot: &Lot, front_m: f32, dice: &mut Dice) {
    let axis = lot.front.runs_along();
    let strip = lot.area.strip(lot.front, 0.5, front_m - 0.5);
    let length = strip.size(axis);
    let gate = length * dice.between(0.25, 0.7);
    let drive: Rgb = ASPHALT_ALLEY * dice.between(0.9, 1.05);
    block.patches.push(Patch {
        area: lot.area.strip(lot.front, 0.0, front_m).inset(0.02),
        colour: drive,
        layer: PatchLayer::Upper,
    });
    let fence = lot.area.strip(lot.front, 0.25, 0.35);
    for (from, to) in [(0.4, gate - 3.2), (gate + 3.2, length - 0.4)] {
        if to - from > 1.5 {
            let fence = fence.span(axis, from, to);
            block
                .furniture
                .line_up(&fence, FENCE_PIECE_M, |area| Prop::Fence {
                    area,
                    height_m: 1.9,
                });
        }
    }
    if front_m < 8.0 {
        return;
    }
    let slots = (length / 7.6) as u32;
    for slot in 0..slots {
        let at = (slot as f32 + 0.5) * length / slots as f32;
        if (at - gate).abs() < 5.5 || !dice.chance(0.4) {
            continue;
        }
        let body = dice.pick(&[CarBody::Truck, CarBody::Van, CarBody::Van, CarBody::Saloon]);
        let [car_m, ..] = body.size_m();
        if car_m < 7.4 {
            block.furniture.props.push(Prop::Car {
                at: strip.span(axis, at, at).center(),
                along: axis,
                paint: dice.pick(&CAR_PAINT),
                body,
                on_road: false,
            });
        }
    }
}
