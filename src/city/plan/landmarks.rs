//! Landmarks: churches, halls, clock towers, stadiums, masts and works, each on a square of its own.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    BRICK, CONCRETE, GRASS, IRON, LAWN, METAL, PAVING_WARM, PLASTER, Rgb, SANDSTONE, SLATE,
    TILE_ROOF, TRIM, VERDIGRIS, WINDOW_GLASS, YARD,
};
use super::super::hash::Dice;
use super::blocks::Block;
use super::buildings::{
    Building, Detail, DetailKind, Facade, Face, GroundFloor, Life, Look, Mass, Ornament, Outline,
    Roof,
};
use super::furniture::Prop;
use super::midtown::other;
use super::skyscrapers;
use super::streets::KERB_HEIGHT_M;
use super::uses::Landmark;
use super::{Patch, PatchLayer};

const STREET: [Face; 4] = [Face::Street; 4];

/// Builds a landmark on its square.
pub(super) fn raise(block: &mut Block, landmark: Landmark, area: &Area, dice: &mut Dice) {
    let mut building = match landmark {
        Landmark::Skyscraper => skyscrapers::design(area, dice),
        Landmark::ClockTower => clock_tower(area, dice),
        Landmark::DomedHall => domed_hall(area, dice),
        Landmark::Church => church(area, dice),
        Landmark::Stadium => stadium(area, dice),
        Landmark::MarketHall => market_hall(area, dice),
        Landmark::RadioMast => radio_mast(area, dice),
        Landmark::Works => works(area, dice),
    };
    building.is_landmark = true;
    let (colour, trees) = match landmark {
        Landmark::Church | Landmark::RadioMast => (LAWN * dice.between(0.9, 1.05), 0.4),
        Landmark::Works => (YARD, 0.0),
        Landmark::Stadium => (PAVING_WARM * 0.9, 0.0),
        _ => (PAVING_WARM * dice.between(0.9, 1.05), 0.35),
    };
    block.patches.push(Patch {
        area: *area,
        colour,
        layer: PatchLayer::Lower,
    });
    if landmark == Landmark::Stadium {
        block.patches.push(Patch {
            area: pitch(area),
            colour: GRASS * 1.1,
            layer: PatchLayer::Upper,
        });
    }
    let mut taken: Vec<Area> = building
        .masses
        .iter()
        .filter(|mass| mass.stands_on_ground())
        .map(|mass| mass.area.inset(-2.2))
        .collect();
    taken.extend(
        building
            .details
            .iter()
            .map(|detail| detail.area.inset(-1.0)),
    );
    if trees > 0.0 {
        let square = area.inset(2.0);
        for side in Side::ALL {
            let at = square.strip(side, 1.0, 1.0).center();
            let bench = Area::around(at, 2.4, 2.4);
            if taken.iter().all(|taken| taken.clip(&bench).is_empty()) {
                block.furniture.props.push(Prop::Bench {
                    at,
                    faces: side.opposite(),
                });
                taken.push(bench);
            }
        }
        block
            .furniture
            .scatter_trees(&square, 7.0, trees, &taken, dice);
    }
    block.buildings.push(building);
}

/// The grass of a stadium.
fn pitch(area: &Area) -> Area {
    area.inset(stand_depth_m(area) + 4.5)
}

fn stand_depth_m(area: &Area) -> f32 {
    (area.shorter() * 0.2).min(16.0)
}

/// A look for halls of stone.
fn hall(wall: Rgb, dice: &mut Dice) -> Look {
    Look {
        facade: Facade::Civic,
        ground: GroundFloor::Same,
        life: Life::Halls,
        ornament: Ornament::Plain,
        wall: wall * dice.between(0.92, 1.08),
        trim: dice.pick(&TRIM),
        glass: dice.pick(&WINDOW_GLASS),
        roof: dice.pick(&[SLATE, VERDIGRIS, TILE_ROOF[0]]) * dice.between(0.92, 1.06),
        accent: dice.pick(&[VERDIGRIS, SLATE]),
        floor_m: dice.between(6.5, 8.0),
        ground_floor_m: 6.0,
        bay_m: dice.between(3.2, 4.4),
        cornice_m: dice.between(0.4, 0.7),
    }
}

fn detail(kind: DetailKind, area: Area, heights: (f32, f32), colour: Rgb) -> Detail {
    Detail {
        area,
        base_m: heights.0,
        top_m: heights.1,
        colour,
        kind,
    }
}

fn ground_mass(area: Area, height_m: f32, roof: Roof) -> Mass {
    Mass::at_ground(area, height_m, STREET, roof)
}

fn longer_axis(area: &Area) -> Axis {
    if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    }
}

fn clock_tower(area: &Area, dice: &mut Dice) -> Building {
    let axis = longer_axis(area);
    let wall = dice.pick(&[SANDSTONE[0], BRICK[0], BRICK[3], SANDSTONE[3]]);
    let look = hall(wall, dice);
    let width = (area.shorter() * 0.24).clamp(6.5, 9.0);
    let free = area.inset(5.0);
    let (length, depth) = (free.size(axis).min(34.0), free.size(other(axis)).min(20.0));
    let hall_area = sized(axis, free.center(), length, depth);
    let hall_m = dice.between(9.0, 13.0);
    let rise_m = depth * 0.3;
    let main = ground_mass(hall_area, hall_m, Roof::Hip { rise_m });
    // The tower stands on the front edge of the hall, just inside it.
    let at = hall_area.center() - perpendicular(axis) * (depth / 2.0 - width / 2.0 - 0.4);
    let tower_m = dice.between(42.0, 62.0);
    let shaft = Area::around(at, width, width);
    let tower = main.on_top(shaft, tower_m - hall_m, STREET);
    let mut building = Building::new(front_of(axis), vec![main, tower], look);
    let top_m = tower_m + KERB_HEIGHT_M;
    let clock = shaft.inset(-0.3);
    let roof = building.look.roof;
    building.details = vec![
        detail(
            DetailKind::Clock,
            clock,
            (top_m - width * 0.95, top_m - 1.4),
            TRIM[3],
        ),
        detail(
            DetailKind::Pyramid,
            shaft.inset(0.3),
            (top_m - 0.6, top_m + width * 1.5),
            roof,
        ),
    ];
    building
}

fn domed_hall(area: &Area, dice: &mut Dice) -> Building {
    let axis = longer_axis(area);
    let wall = dice.pick(&[SANDSTONE[2], PLASTER[8], CONCRETE[3], SANDSTONE[0]]);
    let look = hall(wall, dice);
    let free = area.inset(7.0);
    let (length, depth) = (free.size(axis).min(46.0), free.size(other(axis)).min(30.0));
    let body = sized(axis, free.center(), length, depth);
    let body_m = dice.between(12.0, 16.0);
    let main = ground_mass(body, body_m, Roof::Flat);
    let round = Area::around(body.center(), depth * 0.72, depth * 0.72);
    let drum_m = dice.between(6.0, 10.0);
    let drum = main
        .on_top(round, drum_m, STREET)
        .outlined(Outline::Round)
        .roofed(Roof::Dome {
            rise_m: depth * dice.between(0.32, 0.42),
        });
    let dome_top_m = drum.ridge_m();
    let front = front_of(axis);
    let porch = body
        .strip(front, -4.6, 0.0)
        .span(axis, length * 0.32, length * 0.68);
    let roof_m = body_m - 1.2;
    let mut building = Building::new(front, vec![main, drum], look);
    let trim = building.look.trim;
    building.details = vec![
        detail(DetailKind::Box, porch, (roof_m - 1.6, roof_m), trim),
        detail(
            DetailKind::Drum,
            Area::around(body.center(), 2.4, 2.4),
            (dome_top_m - 0.3, dome_top_m + 3.2),
            trim,
        ),
        detail(
            DetailKind::Cone,
            Area::around(body.center(), 3.0, 3.0),
            (dome_top_m + 3.2, dome_top_m + 7.5),
            building.look.roof,
        ),
    ];
    let columns = 6;
    for number in 0..columns {
        let share = (number as f32 + 0.5) / columns as f32;
        let line = porch.strip(front, 0.8, 0.8);
        let along = porch.size(axis) * share;
        let at = line.span(axis, along, along).center();
        let foot = Area::around(at, 1.1, 1.1);
        building
            .details
            .push(detail(DetailKind::Column, foot, (0.0, roof_m - 1.6), trim));
    }
    building
}

fn church(area: &Area, dice: &mut Dice) -> Building {
    let axis = longer_axis(area);
    let wall = dice.pick(&[BRICK[0], SANDSTONE[3], PLASTER[8], CONCRETE[2], BRICK[5]]);
    let mut look = hall(wall, dice);
    look.cornice_m = 0.0;
    let free = area.inset(6.0);
    let length = free.size(axis).min(36.0);
    let width = (free.size(other(axis)) * 0.5).clamp(9.0, 13.0);
    let nave = sized(axis, free.center(), length, width);
    let nave_m = dice.between(9.0, 12.0);
    let rise_m = width * dice.between(0.5, 0.7);
    let main = ground_mass(
        nave,
        nave_m,
        Roof::Gable {
            ridge: axis,
            rise_m,
        },
    );
    let tower_width = width * 0.5;
    let at = nave.center() - along(axis) * (length / 2.0 + tower_width / 2.0 - 0.05);
    let shaft = Area::around(at, tower_width, tower_width);
    let tower_m = nave_m + rise_m + dice.between(6.0, 12.0);
    let tower = ground_mass(shaft, tower_m, Roof::Flat);
    let arm = (free.size(other(axis)) - 1.0).min(width * 1.9);
    let side_aisle = sized(
        other(axis),
        nave.center() + along(axis) * length * 0.22,
        arm,
        7.0,
    );
    let [low, high] = [other_side(axis, -1.0), other_side(axis, 1.0)];
    let mut masses = vec![main, tower];
    for side in [low, high] {
        let outside = side_aisle.strip(side, 0.0, (arm - width) / 2.0 - 0.02);
        if outside.shorter() > 2.0 {
            let roof = Roof::Gable {
                ridge: other(axis),
                rise_m: 3.6,
            };
            masses.push(ground_mass(outside, nave_m * 0.72, roof));
        }
    }
    let front = end_of(axis);
    let mut building = Building::new(front, masses, look);
    let top_m = tower_m + KERB_HEIGHT_M;
    let spire = top_m + tower_width * dice.between(2.0, 3.2);
    let roof = building.look.roof;
    building.details = vec![
        detail(
            DetailKind::Pyramid,
            shaft.inset(0.15),
            (top_m - 0.5, spire),
            roof,
        ),
        detail(
            DetailKind::Box,
            Area::around(at, 0.25, 0.25),
            (spire - 0.6, spire + 2.0),
            METAL,
        ),
    ];
    if dice.chance(0.6) {
        let heights = (top_m - tower_width, top_m - tower_width * 0.3);
        building.details.push(detail(
            DetailKind::Clock,
            shaft.inset(-0.2),
            heights,
            TRIM[3],
        ));
    }
    building
}

fn market_hall(area: &Area, dice: &mut Dice) -> Building {
    let axis = longer_axis(area);
    let wall = dice.pick(&[BRICK[0], BRICK[3], SANDSTONE[1]]);
    let mut look = hall(wall, dice);
    look.roof = dice.pick(&[VERDIGRIS, METAL * 0.8, SLATE]);
    look.floor_m = 7.0;
    let free = area.inset(4.5);
    let (length, depth) = (free.size(axis), free.size(other(axis)).min(34.0));
    let body = sized(axis, free.center(), length, depth);
    let walls_m = dice.between(7.0, 9.0);
    let rise_m = depth * dice.between(0.2, 0.3);
    let main = ground_mass(
        body,
        walls_m,
        Roof::Vault {
            ridge: axis,
            rise_m,
        },
    );
    let mut building = Building::new(front_of(axis), vec![main], look);
    let top_m = walls_m + rise_m + KERB_HEIGHT_M;
    let lantern = sized(axis, body.center(), length * 0.7, 3.2);
    let (trim, roof) = (building.look.trim, building.look.roof);
    building.details = vec![
        detail(
            DetailKind::Crown,
            lantern,
            (top_m - 0.7, top_m + 1.2),
            TRIM[3],
        ),
        detail(
            DetailKind::Box,
            lantern.inset(-0.4),
            (top_m + 1.2, top_m + 1.6),
            roof,
        ),
    ];
    let tower = Area::around(body.center(), 4.2, 4.2);
    building.details.extend([
        detail(DetailKind::Box, tower, (top_m - 1.0, top_m + 8.0), trim),
        detail(
            DetailKind::Clock,
            tower.inset(-0.2),
            (top_m + 3.6, top_m + 7.2),
            TRIM[3],
        ),
        detail(
            DetailKind::Pyramid,
            tower.inset(-0.4),
            (top_m + 8.0, top_m + 14.0),
            roof,
        ),
    ]);
    building
}

fn stadium(area: &Area, dice: &mut Dice) -> Building {
    let free = area.inset(3.0);
    let depth = stand_depth_m(area);
    let height_m = dice.between(13.0, 19.0);
    let rise_m = height_m * 0.45;
    let mut look = hall(dice.pick(&CONCRETE), dice);
    look.facade = Facade::Bands;
    look.floor_m = 4.5;
    look.roof = dice.pick(&[METAL, PLASTER[8], CONCRETE[3]]);
    let mut masses = Vec::new();
    let mut details = Vec::new();
    for side in Side::ALL {
        let strip = free.strip(side, 0.0, depth);
        let gap_m = if side.runs_along() == Axis::X {
            0.0
        } else {
            depth + 0.6
        };
        let length = strip.size(side.runs_along());
        let stand = strip.span(side.runs_along(), gap_m, length - gap_m);
        masses.push(ground_mass(
            stand,
            height_m,
            Roof::Slant { high: side, rise_m },
        ));
        let seats = free.strip(side, depth + 0.02, depth + 5.0).span(
            side.runs_along(),
            depth + 6.0,
            length - depth - 6.0,
        );
        if seats.shorter() > 2.0 {
            let colour = dice.pick(&[BRICK[0], SLATE * 1.4, VERDIGRIS]);
            details.push(detail(
                DetailKind::Stand(side),
                seats,
                (KERB_HEIGHT_M, height_m * 0.5),
                colour,
            ));
        }
    }
    masses.sort_by(|a, b| b.area.square_metres().total_cmp(&a.area.square_metres()));
    for (x, z) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let at = Vec2::new(
            area.x0 + 1.6 + x * (area.size_x() - 3.2),
            area.z0 + 1.6 + z * (area.size_z() - 3.2),
        );
        let foot = Area::around(at, 1.4, 1.4);
        let top_m = height_m + rise_m + 17.0;
        details.push(detail(DetailKind::Lattice, foot, (0.0, top_m), METAL));
    }
    let mut building = Building::new(Side::South, masses, look);
    building.details = details;
    building
}

fn radio_mast(area: &Area, dice: &mut Dice) -> Building {
    let at = area.center();
    let look = hall(dice.pick(&CONCRETE), dice);
    let house = Area::around(at + Vec2::new(7.0, 0.0), 7.0, 5.0);
    let main = ground_mass(house, 3.6, Roof::Flat);
    let mut building = Building::new(Side::South, vec![main], look);
    let top_m = dice.between(95.0, 150.0);
    building.details = vec![detail(
        DetailKind::Lattice,
        Area::around(at, 3.4, 3.4),
        (0.0, top_m),
        dice.pick(&[TRIM[3], METAL]),
    )];
    let yard = area.clip(&Area::around(at, 26.0, 20.0));
    let heights = (KERB_HEIGHT_M, 2.0);
    building
        .details
        .push(detail(DetailKind::Railing, yard, heights, IRON * 1.6));
    building
}

fn works(area: &Area, dice: &mut Dice) -> Building {
    let axis = longer_axis(area);
    let mut look = hall(dice.pick(&[BRICK[0], BRICK[4], CONCRETE[2]]), dice);
    look.facade = Facade::Punched;
    look.ground = GroundFloor::Docks;
    look.floor_m = 5.5;
    look.cornice_m = 0.3;
    let free = area.inset(4.0);
    let length = free.size(axis);
    let body = free.span(axis, 0.0, length * 0.6);
    let walls_m = dice.between(13.0, 19.0);
    let roof = Roof::Sawtooth {
        along: axis,
        teeth: (body.size(axis) / 9.0).round().max(2.0) as u32,
        rise_m: 3.4,
    };
    let mut masses = vec![ground_mass(body, walls_m, roof)];
    let rest = free.span(axis, length * 0.6 + 3.0, length);
    let size_m = rest.shorter().min(24.0);
    let tank = Area::around(rest.center(), size_m, size_m);
    let tank_m = size_m * dice.between(0.7, 1.2);
    masses.push(
        ground_mass(
            tank,
            tank_m,
            Roof::Dome {
                rise_m: size_m * 0.12,
            },
        )
        .outlined(Outline::Round),
    );
    let mut building = Building::new(front_of(axis), masses, look);
    let stacks = dice.whole(1, 3);
    let top_m = dice.between(48.0, 82.0);
    for number in 0..stacks {
        let share = 0.2 + 0.25 * number as f32;
        let foot = body
            .span(axis, body.size(axis) * share, body.size(axis) * share)
            .center();
        let foot = Area::around(foot, 4.2, 4.2);
        let colour = dice.pick(&[BRICK[0], CONCRETE[1]]);
        building.details.push(detail(
            DetailKind::Stack,
            foot,
            (walls_m - 0.5, top_m),
            colour,
        ));
    }
    building
}

/// A rectangle with its length along an axis.
pub(super) fn sized(axis: Axis, center: Vec2, length: f32, depth: f32) -> Area {
    match axis {
        Axis::X => Area::around(center, length, depth),
        Axis::Z => Area::around(center, depth, length),
    }
}

const fn along(axis: Axis) -> Vec2 {
    match axis {
        Axis::X => Vec2::X,
        Axis::Z => Vec2::Y,
    }
}

const fn perpendicular(axis: Axis) -> Vec2 {
    along(other(axis))
}

/// The long side that a hall shows to its visitors.
const fn front_of(axis: Axis) -> Side {
    match axis {
        Axis::X => Side::North,
        Axis::Z => Side::West,
    }
}

/// The low end of an axis.
const fn end_of(axis: Axis) -> Side {
    match axis {
        Axis::X => Side::West,
        Axis::Z => Side::North,
    }
}

/// The side across an axis, low or high.
fn other_side(axis: Axis, sign: f32) -> Side {
    let low = end_of(other(axis));
    if sign < 0.0 { low } else { low.opposite() }
}
