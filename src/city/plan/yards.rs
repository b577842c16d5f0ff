//! Blocks that cars need: gas stations, car parks, garages; and the pits of which new buildings grow.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    ASPHALT_ALLEY, CAR_PAINT, CONCRETE, CONTAINER, CRANE, MARKING_WHITE, METAL, PLASTER, SHOP_SIGN,
    SOIL, TRIM, WINDOW_GLASS,
};
use super::super::hash::Dice;
use super::blocks::Block;
use super::buildings::{
    Building, Detail, DetailKind, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Roof,
    flat_roof,
};
use super::furniture::{CarBody, Prop};
use super::midtown::other;
use super::streets::{KERB_HEIGHT_M, StreetClass};
use super::{Patch, PatchLayer, Scope};

const STREET: [Face; 4] = [Face::Street; 4];

fn plain(facade: Facade, ground: GroundFloor, dice: &mut Dice) -> Look {
    Look {
        facade,
        ground,
        life: Life::Halls,
        ornament: Ornament::Plain,
        wall: dice.pick(&[CONCRETE[1], CONCRETE[3], PLASTER[8], PLASTER[3]])
            * dice.between(0.9, 1.05),
        trim: dice.pick(&TRIM),
        glass: dice.pick(&WINDOW_GLASS),
        roof: flat_roof(dice),
        accent: dice.pick(&SHOP_SIGN),
        floor_m: 3.0,
        ground_floor_m: 3.4,
        bay_m: dice.between(4.0, 5.5),
        cornice_m: 0.0,
    }
}

fn pave(block: &mut Block, dice: &mut Dice) {
    let area = block.inner;
    block.patches.push(Patch {
        area,
        colour: ASPHALT_ALLEY * dice.between(0.85, 1.0),
        layer: PatchLayer::Lower,
    });
}

/// The side with the widest street.
fn widest(streets: [StreetClass; 4]) -> Side {
    Side::ALL
        .into_iter()
        .max_by_key(|side| streets[*side as usize])
        .unwrap_or(Side::South)
}

/// A shop behind a lit canopy with pumps.
pub(super) fn gas_station(block: &mut Block, dice: &mut Dice) {
    pave(block, dice);
    let inner = block.inner;
    let front = widest(block.streets);
    let axis = front.runs_along();
    let depth = inner.size(other(axis));
    let length = inner.size(axis);
    let look = plain(Facade::Bands, GroundFloor::Shops, dice);
    let shop = inner
        .strip(front.opposite(), 2.0, 2.0 + (depth * 0.3).min(11.0))
        .span(axis, length * 0.2, length * 0.2 + (length * 0.5).min(24.0));
    let mass = Mass::at_ground(shop, 4.4, STREET, Roof::Flat);
    let mut building = Building::new(front, vec![mass], look);
    let accent = building.look.accent;
    let roof = inner
        .strip(
            front,
            depth * 0.16,
            depth * 0.16 + (depth * 0.36).clamp(7.0, 13.0),
        )
        .span(
            axis,
            length * 0.18,
            length * 0.18 + (length * 0.55).clamp(12.0, 26.0),
        );
    building.details.push(Detail {
        area: roof,
        base_m: KERB_HEIGHT_M,
        top_m: 5.6,
        colour: accent,
        kind: DetailKind::Canopy,
    });
    let sign = inner
        .strip(front, 1.0, 1.5)
        .span(axis, length - 4.2, length - 1.6);
    building.details.push(Detail {
        area: sign,
        base_m: KERB_HEIGHT_M,
        top_m: 7.4,
        colour: accent,
        kind: DetailKind::Billboard,
    });
    block.buildings.push(building);
    let islands = (roof.size(axis) / 6.0) as u32;
    for number in 0..islands {
        let at = (number as f32 + 0.5) * roof.size(axis) / islands as f32;
        block.furniture.props.push(Prop::Pump {
            at: roof.span(axis, at, at).center(),
            along: other(axis),
            colour: accent,
        });
    }
    for corner in [0.06, 0.94] {
        let at = inner.strip(front.opposite(), 1.2, 1.2);
        let at = at.span(axis, length * corner, length * corner).center();
        block.furniture.garden_tree(at, dice);
    }
}

/// How full a car park is, and how many cars stand in the largest one: a chunk has room for so many vertices.
const TAKEN: f32 = 0.55;
const MOST_CARS: f32 = 110.0;

/// Rows of cars under the open sky.
pub(super) fn car_park(block: &mut Block, scope: Scope, dice: &mut Dice) {
    pave(block, dice);
    let inner = block.inner;
    let axis = if inner.size_x() >= inner.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let across = inner.size(other(axis));
    let length = inner.size(axis);
    let rows = ((across - 4.0) / 8.5).max(1.0) as u32;
    let pitch = (across - 4.0) / rows as f32;
    let look = plain(Facade::Cottage, GroundFloor::Home, dice);
    let booth = inner.span(axis, 1.0, 4.0).span(other(axis), 1.0, 3.6);
    let mass = Mass::at_ground(booth, 2.8, STREET, Roof::Flat);
    block
        .buildings
        .push(Building::new(Side::South, vec![mass], look));
    if scope == Scope::FromAfar {
        return;
    }
    let slots = ((length - 14.0) / 2.7).max(1.0) as u32;
    let taken = TAKEN.min(MOST_CARS / (rows * slots) as f32);
    for row in 0..rows {
        let at = 2.0 + (row as f32 + 0.5) * pitch;
        for slot in 0..=slots {
            let along = 7.0 + slot as f32 * 2.7;
            let line = inner.span(axis, along - 0.06, along + 0.06);
            block.patches.push(Patch {
                area: line.span(other(axis), at - 2.4, at + 2.4),
                colour: MARKING_WHITE * 0.8,
                layer: PatchLayer::Upper,
            });
            if slot < slots && dice.chance(taken) {
                let place = inner
                    .span(axis, along + 1.35, along + 1.35)
                    .span(other(axis), at, at);
                block.furniture.props.push(Prop::Car {
                    at: place.center(),
                    along: other(axis),
                    paint: dice.pick(&CAR_PAINT),
                    body: CarBody::any_small(dice),
                    on_road: false,
                });
            }
        }
    }
    for side in Side::ALL {
        let fence = inner.strip(side, 0.2, 0.3);
        let run = fence.size(side.runs_along());
        let fence = fence.span(side.runs_along(), 1.0, run * 0.4);
        if !fence.is_empty() {
            block.furniture.line_up(&fence, 9.0, |area| Prop::Fence {
                area,
                height_m: 0.9,
            });
        }
    }
}

/// Open decks.
pub(super) fn garage(block: &mut Block, dice: &mut Dice) {
    let look = plain(Facade::Decks, GroundFloor::Same, dice);
    let area = block.inner.inset(1.5);
    let area = Area::around(
        area.center(),
        area.size_x().min(62.0),
        area.size_z().min(62.0),
    );
    let floors = dice.whole(4, 7) as f32;
    let mass = Mass::at_ground(area, look.floor_m * floors + 1.0, STREET, Roof::Flat);
    let front = widest(block.streets);
    let mut building = Building::new(front, vec![mass], look);
    let roof_m = building.height_m() - 0.9;
    let head = Area::around(area.center(), 5.0, 4.0);
    building.details.push(Detail {
        area: head,
        base_m: roof_m,
        top_m: roof_m + 3.2,
        colour: building.look.wall,
        kind: DetailKind::StairHead,
    });
    block.buildings.push(building);
}

/// A frame of concrete that grows behind a hoarding, and its crane.
pub(super) fn construction(block: &mut Block, dice: &mut Dice) {
    let inner = block.inner;
    block.patches.push(Patch {
        area: inner,
        colour: SOIL.lerp(CONCRETE[2], 0.35),
        layer: PatchLayer::Lower,
    });
    let mut look = plain(Facade::Decks, GroundFloor::Same, dice);
    look.wall = CONCRETE[2] * dice.between(0.9, 1.05);
    look.floor_m = 3.6;
    let size_x = (inner.size_x() - 18.0).min(34.0);
    let size_z = (inner.size_z() - 12.0).min(30.0);
    let frame = Area::new(
        inner.x0 + 4.5,
        inner.z0 + 4.5,
        inner.x0 + 4.5 + size_x,
        inner.z0 + 4.5 + size_z,
    );
    let floors = dice.whole(4, 11) as f32;
    let body = Mass::at_ground(frame, look.floor_m * floors, STREET, Roof::Flat);
    let core = body.on_top(
        Area::around(frame.center(), 6.0, 6.0),
        look.floor_m * 1.6,
        [Face::Blank; 4],
    );
    let top_m = body.top_m + look.floor_m * 1.6;
    let mut building = Building::new(Side::South, vec![body, core], look);
    let foot = Area::around(
        bevy::math::Vec2::new(frame.x1 + 3.4, frame.center().y),
        2.0,
        2.0,
    );
    let jib_m = top_m + dice.between(9.0, 16.0);
    let reach = dice.between(17.0, 24.0);
    let at = foot.center();
    let jib = Area::new(at.x - reach, at.y - 0.7, at.x + 8.5, at.y + 0.7);
    building.is_landmark = true;
    for (kind, area, base_m, top_m, colour) in [
        (DetailKind::Lattice, foot, 0.0, jib_m + 4.5, CRANE),
        (DetailKind::Jib, jib, jib_m, jib_m + 1.5, CRANE),
        (
            DetailKind::Box,
            Area::new(at.x + 5.4, at.y - 1.2, at.x + 8.2, at.y + 1.2),
            jib_m - 2.2,
            jib_m,
            CONCRETE[2],
        ),
    ] {
        building.details.push(Detail {
            area,
            base_m,
            top_m,
            colour,
            kind,
        });
    }
    block.buildings.push(building);
    let yard = Area::new(
        frame.x1 + 6.5,
        inner.z0 + 2.0,
        inner.x1 - 1.0,
        inner.z1 - 1.0,
    );
    if yard.size_x() > 2.6 && yard.size_z() > 8.0 {
        block.furniture.props.push(Prop::Container {
            area: Area::new(yard.x0, yard.z0, yard.x0 + 2.44, yard.z0 + 6.1),
            stacked: 2,
            colour: dice.pick(&CONTAINER),
        });
    }
    for side in Side::ALL {
        let run = inner.size(side.runs_along());
        let hoarding = inner
            .strip(side, 0.3, 0.42)
            .span(side.runs_along(), 0.5, run - 0.5);
        let colour = dice.pick(&[SHOP_SIGN[1], METAL, SHOP_SIGN[7], SHOP_SIGN[3]]);
        block
            .furniture
            .line_up(&hoarding, 8.0, |area| Prop::Hoarding { area, colour });
    }
}
