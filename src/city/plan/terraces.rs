//! Terraced houses with small front gardens.

use super::super::area::{Area, Side};
use super::super::colour::{PAVING, Rgb, TILE_ROOF};
use super::super::hash::Dice;
use super::buildings::{Building, Detail, DetailKind, Face, Mass, Roof, faces_on};
use super::cottages::{self, along_point, axis_vector, door_along};
use super::furniture::{Furniture, Prop};
use super::lots::Lot;
use super::midtown::other;
use super::{Patch, PatchLayer};

/// What the houses of one terrace share.
#[derive(Clone)]
pub(super) struct Terrace {
    pub(super) floors: u32,
    pub(super) floor_m: f32,
    pub(super) depth_m: f32,
    pub(super) rise_m: f32,
    pub(super) roof: Rgb,
    pub(super) brick: bool,
}

impl Terrace {
    pub(super) fn new(dice: &mut Dice) -> Self {
        Self {
            floors: dice.whole(2, 4),
            floor_m: dice.between(2.8, 3.2),
            depth_m: dice.between(8.5, 10.5),
            rise_m: dice.between(2.0, 3.2),
            roof: dice.pick(&TILE_ROOF),
            brick: dice.chance(0.6),
        }
    }
}

/// Depth of the front gardens of terraces, metres.
pub(super) const FRONT_GARDEN_M: f32 = 2.4;

/// Width of the strip between corner houses and side streets, metres.
pub(super) const SIDE_GARDEN_M: f32 = 1.4;

/// Designs one house of a terrace and its gardens.
pub(super) fn terrace_house(
    lot: &Lot,
    terrace: &Terrace,
    dice: &mut Dice,
    patches: &mut Vec<Patch>,
    furniture: &mut Furniture,
) -> Option<Building> {
    let axis = lot.front.runs_along();
    let lot_depth = lot.area.size(other(axis));
    let depth = terrace.depth_m.min(lot_depth - FRONT_GARDEN_M - 0.5);
    if depth < 5.0 || lot.area.size(axis) < 4.0 {
        return None;
    }
    // Corner houses leave a strip towards the side street as well.
    let side_margins = Side::ALL.map(|side| {
        if lot.faces[side as usize] == Face::Street && side.runs_along() != axis {
            SIDE_GARDEN_M
        } else {
            0.0
        }
    });
    let area =
        lot.area
            .inset_by(side_margins)
            .strip(lot.front, FRONT_GARDEN_M, FRONT_GARDEN_M + depth);
    let faces = faces_on(lot, &area);
    let look = cottages::look(terrace.brick, terrace.roof, terrace.floor_m, dice);
    let floors = (terrace.floors + u32::from(dice.chance(0.25))).min(4);
    let height_m = terrace.floor_m * floors as f32 + 0.4;
    let house = Mass::at_ground(
        area,
        height_m,
        faces,
        Roof::Gable {
            ridge: axis,
            rise_m: terrace.rise_m,
        },
    );
    let mut masses = vec![house];
    let behind = lot_depth - FRONT_GARDEN_M - depth;
    let mut wing_m = 0.0;
    if behind > 6.0 && dice.chance(0.5) {
        let width = area.size(axis);
        wing_m = dice.between(2.5, 4.0);
        let wing = lot
            .area
            .inset_by(side_margins)
            .strip(
                lot.front,
                FRONT_GARDEN_M + depth,
                FRONT_GARDEN_M + depth + wing_m,
            )
            .span(axis, width * 0.1, width * 0.6);
        masses.push(Mass::at_ground(wing, 2.9, [Face::Rear; 4], Roof::Flat));
    }
    if behind > 3.5 + wing_m && dice.chance(0.45) {
        let yard = lot.area.strip(lot.front, lot_depth - 2.6, lot_depth - 1.2);
        furniture.garden_tree(yard.center(), dice);
    }
    let chimney = Area::around(along_point(&area, axis, 0.9), 0.8, 0.8).clip(&area.inset(0.05));
    let chimney_top_m = masses[0].ridge_m() + 0.9;
    let details = vec![Detail {
        area: chimney,
        base_m: masses[0].top_m,
        top_m: chimney_top_m,
        colour: look.wall * 0.85,
        kind: DetailKind::Box,
    }];

    let front_garden = lot.area.strip(lot.front, 0.0, FRONT_GARDEN_M);
    let width = front_garden.size(axis);
    let door = door_along(&area, lot.front);
    let at = (door - front_garden.center()).dot(axis_vector(axis)) + width / 2.0;
    patches.push(Patch {
        area: front_garden.span(axis, at - 0.7, at + 0.7),
        colour: PAVING,
        layer: PatchLayer::Upper,
    });
    if dice.chance(0.55) {
        for (from, to) in [(0.15, at - 0.85), (at + 0.85, width - 0.15)] {
            if to - from > 0.8 {
                let hedge = front_garden.strip(lot.front, 0.1, 0.6).span(axis, from, to);
                furniture.props.push(Prop::Hedge {
                    area: hedge,
                    height_m: 0.9,
                });
            }
        }
    }
    let mut building = Building::new(lot.front, masses, look).on(lot);
    building.details = details;
    Some(building)
}
