//! Downtown: towers on podiums, towers with setbacks, slabs on plazas.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    BRICK, CLADDING, CONCRETE, CURTAIN_GLASS, SANDSTONE, SHOP_SIGN, STEEL, TRIM, WINDOW_GLASS,
};
use super::super::hash::Dice;
use super::buildings::{
    Building, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Outline, Roof, faces_on,
    flat_roof,
};
use super::lots::Lot;

/// No roof is higher than this, metres.
const TALLEST_M: f32 = 140.0;
/// How far a lower part stands back from a higher one beside it: facades in one plane would flicker, metres.
const FLUSH_M: f32 = 0.6;
const ALL_STREET: [Face; 4] = [Face::Street; 4];

/// Designs one downtown building for a lot.
pub(super) fn design(lot: &Lot, density: f32, dice: &mut Dice) -> Building {
    let mut building = shell(lot, density, dice);
    building.add_roof_equipment(dice);
    building
}

/// The building without what stands on its roofs.
pub(super) fn shell(lot: &Lot, density: f32, dice: &mut Dice) -> Building {
    let look = look(dice);
    let fame = ((density - 0.66) / 0.34).clamp(0.0, 1.0);
    let height_m = ((34.0 + 104.0 * fame) * dice.between(0.5, 1.12)).min(TALLEST_M - 8.0);
    let shorter = lot.area.shorter();
    let masses = if shorter < 19.0 {
        street_wall(lot, (height_m * 0.55).clamp(18.0, 46.0))
    } else {
        match look.facade {
            Facade::Punched => stepped(lot, height_m, dice),
            _ if dice.chance(0.25) => slab_on_plaza(lot, height_m, dice),
            _ if shorter > 26.0 && dice.chance(0.25) => twin_height(lot, height_m, dice),
            _ => tower_on_podium(lot, height_m, dice),
        }
    };
    Building::new(lot.front, masses, look).on(lot)
}

/// A look for towers.
pub(super) fn look(dice: &mut Dice) -> Look {
    let (facade, wall, glass, bay_m) = match dice.whole(0, 11) {
        0..=3 => (
            Facade::Curtain,
            dice.pick(&STEEL),
            dice.pick(&CURTAIN_GLASS),
            dice.between(2.4, 3.6),
        ),
        4..=5 => (
            Facade::Bands,
            dice.pick(&CONCRETE),
            dice.pick(&WINDOW_GLASS) * 1.3,
            dice.between(5.0, 7.0),
        ),
        6..=7 => (
            Facade::Vertical,
            dice.pick(&CLADDING),
            dice.pick(&WINDOW_GLASS),
            dice.between(2.6, 3.6),
        ),
        8 => (
            Facade::Bands,
            dice.pick(&CLADDING),
            dice.pick(&CURTAIN_GLASS),
            dice.between(4.0, 6.0),
        ),
        9 => (
            Facade::Vertical,
            dice.pick(&SANDSTONE),
            dice.pick(&WINDOW_GLASS),
            dice.between(2.4, 3.2),
        ),
        10 => (
            Facade::Punched,
            dice.pick(&SANDSTONE),
            dice.pick(&WINDOW_GLASS),
            dice.between(3.4, 4.2),
        ),
        _ => (
            Facade::Punched,
            dice.pick(&BRICK),
            dice.pick(&WINDOW_GLASS),
            dice.between(3.4, 4.2),
        ),
    };
    let life = if facade == Facade::Bands && dice.chance(0.35) {
        Life::Homes
    } else {
        Life::Offices
    };
    let ornament = match (facade, life) {
        (_, Life::Homes) => Ornament::Balconies,
        (Facade::Punched, _) => Ornament::Courses,
        (Facade::Curtain, _) if dice.chance(0.3) => Ornament::Fins,
        _ => Ornament::Plain,
    };
    Look {
        facade,
        ground: if dice.chance(0.55) {
            GroundFloor::Lobby
        } else {
            GroundFloor::Shops
        },
        life,
        ornament,
        wall: wall * dice.between(0.88, 1.1),
        trim: if facade == Facade::Punched {
            dice.pick(&TRIM)
        } else {
            wall * 0.75
        },
        glass: glass * dice.between(0.9, 1.1),
        roof: flat_roof(dice),
        accent: dice.pick(&SHOP_SIGN),
        floor_m: dice.between(3.5, 4.1),
        ground_floor_m: dice.between(5.0, 6.2),
        bay_m,
        cornice_m: if facade == Facade::Punched {
            dice.between(0.4, 0.7)
        } else {
            0.0
        },
    }
}

/// A building that fills a lot too narrow for a tower.
fn street_wall(lot: &Lot, height_m: f32) -> Vec<Mass> {
    vec![Mass::at_ground(lot.area, height_m, lot.faces, Roof::Flat)]
}

/// The area of a tower inside a podium: set back on all sides, slim enough to be a tower.
fn shaft(podium: &Area, dice: &mut Dice) -> Area {
    let shorter = podium.shorter();
    let most = ((shorter - 13.0) / 2.0).max(0.3);
    let margins = Side::ALL.map(|_| dice.between(1.5, 6.0).min(most));
    let area = podium.inset_by(margins);
    Area::around(
        area.center(),
        area.size_x().min(36.0),
        area.size_z().min(36.0),
    )
}

fn tower_on_podium(lot: &Lot, height_m: f32, dice: &mut Dice) -> Vec<Mass> {
    let podium_m = dice.between(9.0, 22.0).min(height_m * 0.4);
    let podium = Mass::at_ground(lot.area, podium_m, lot.faces, Roof::Flat);
    let area = shaft(&lot.area, dice);
    let tower = podium.on_top(area, height_m - podium_m, ALL_STREET);
    match dice.whole(0, 9) {
        0 | 1 => {
            let corner_m = (area.shorter() * dice.between(0.12, 0.24)).min(6.0);
            vec![podium, tower.outlined(Outline::Chamfered(corner_m))]
        }
        2 if area.shorter() > 15.0 => vec![podium, tower.outlined(Outline::Round)],
        3 => {
            let high = dice.pick(&Side::ALL);
            let rise_m = (area.size(crossing(high)) * dice.between(0.3, 0.6)).min(14.0);
            vec![podium, tower.roofed(Roof::Slant { high, rise_m })]
        }
        4 | 5 if height_m > 60.0 && area.shorter() > 14.0 => {
            // A smaller head on the shaft.
            let head_m = dice.between(8.0, 16.0);
            let (low_m, inset_m) = (height_m - podium_m - head_m, dice.between(1.6, 3.2));
            let tower = podium.on_top(area, low_m, ALL_STREET);
            let head = tower.on_top(area.inset(inset_m), head_m, ALL_STREET);
            vec![podium, tower, head]
        }
        _ => vec![podium, tower],
    }
}

/// The axis across a side.
const fn crossing(side: Side) -> Axis {
    match side.runs_along() {
        Axis::X => Axis::Z,
        Axis::Z => Axis::X,
    }
}

/// The setback towers of the 1920s: each tier smaller than the one below.
fn stepped(lot: &Lot, height_m: f32, dice: &mut Dice) -> Vec<Mass> {
    let first = Mass::at_ground(
        lot.area,
        height_m * dice.between(0.28, 0.42),
        lot.faces,
        Roof::Flat,
    );
    let mut masses = vec![first];
    let mut area = shaft(&lot.area, dice);
    for share in [dice.between(0.62, 0.76), 1.0] {
        let below = &masses[masses.len() - 1];
        let tier_m = height_m * share - below.top_m;
        if tier_m < 6.0 || area.shorter() < 8.0 {
            break;
        }
        let tier = below.on_top(area, tier_m, ALL_STREET);
        masses.push(tier);
        area = area.inset(dice.between(1.4, 2.8));
    }
    if dice.chance(0.4)
        && let Some(top) = masses.last_mut()
        && top.area.shorter() > 7.0
    {
        let rise_m = (top.area.shorter() * dice.between(0.4, 0.9)).min(16.0);
        top.roof = if dice.chance(0.5) {
            Roof::Hip { rise_m }
        } else {
            let inset_m = top.area.shorter() * 0.2;
            Roof::Mansard {
                inset_m,
                rise_m: rise_m * 0.6,
            }
        };
    }
    masses
}

/// A slab that stands back from the street on its own paved ground.
fn slab_on_plaza(lot: &Lot, height_m: f32, dice: &mut Dice) -> Vec<Mass> {
    let most = (lot.area.shorter() - 13.0) / 2.0;
    let margins = Side::ALL.map(|side| match lot.faces[side as usize] {
        Face::Street => dice.between(2.5, 7.0).min(most),
        _ => dice.between(1.5, 4.0).min(most),
    });
    vec![Mass::at_ground(
        lot.area.inset_by(margins),
        height_m,
        ALL_STREET,
        Roof::Flat,
    )]
}

/// Two shafts of different height side by side, an L from above, on one podium.
fn twin_height(lot: &Lot, height_m: f32, dice: &mut Dice) -> Vec<Mass> {
    let podium_m = dice.between(8.0, 14.0);
    let podium = Mass::at_ground(lot.area, podium_m, faces_on(lot, &lot.area), Roof::Flat);
    let whole = lot.area.inset(dice.between(1.5, 3.0));
    let axis = if whole.size_x() >= whole.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let length = whole.size(axis);
    let cut = length * dice.between(0.42, 0.58);
    let high = whole.span(axis, 0.0, cut);
    let low_whole = whole.span(axis, cut, length);
    let low = match axis {
        Axis::X => low_whole.strip(Side::North, FLUSH_M, low_whole.size_z() * 0.7),
        Axis::Z => low_whole.strip(Side::West, FLUSH_M, low_whole.size_x() * 0.7),
    };
    let tall = podium.on_top(high, height_m - podium_m, ALL_STREET);
    let short = podium.on_top(
        low,
        (height_m - podium_m) * dice.between(0.55, 0.8),
        ALL_STREET,
    );
    vec![podium, tall, short]
}
