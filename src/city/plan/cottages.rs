//! What terraced and detached houses have in common.

use bevy::math::Vec2;

use super::super::area::{Area, Axis, Side};
use super::super::colour::{BRICK, DOOR, PLASTER, Rgb, TRIM, WINDOW_GLASS};
use super::super::hash::Dice;
use super::buildings::{Facade, GroundFloor, Life, Look, Ornament};

/// The look of a house under a roof of the given colour.
pub(super) fn look(brick: bool, roof: Rgb, floor_m: f32, dice: &mut Dice) -> Look {
    let wall = if brick {
        dice.pick(&BRICK)
    } else {
        dice.pick(&PLASTER)
    };
    Look {
        facade: Facade::Cottage,
        ground: GroundFloor::Home,
        life: Life::Homes,
        ornament: dice.pick(&[Ornament::Plain, Ornament::Oriels, Ornament::Courses]),
        wall: wall * dice.between(0.88, 1.1),
        trim: dice.pick(&TRIM),
        glass: dice.pick(&WINDOW_GLASS),
        roof: roof * dice.between(0.9, 1.1),
        accent: dice.pick(&DOOR),
        floor_m,
        ground_floor_m: floor_m,
        bay_m: dice.between(2.6, 3.4),
        cornice_m: 0.0,
    }
}

/// Where the front door of a cottage is: the middle of its first bay third, as drawn by the facade builder.
pub(super) fn door_along(area: &Area, front: Side) -> Vec2 {
    let axis = front.runs_along();
    along_point(area, axis, DOOR_SHARE)
}

/// How far along the front the door of a cottage is, from the minimum corner.
pub(in super::super) const DOOR_SHARE: f32 = 0.3;

/// The middle of an area across, so far along it.
pub(super) fn along_point(area: &Area, axis: Axis, share: f32) -> Vec2 {
    let line = area.span(axis, area.size(axis) * share, area.size(axis) * share);
    line.center()
}

/// The unit vector of an axis, as (x, z).
pub(super) const fn axis_vector(axis: Axis) -> Vec2 {
    match axis {
        Axis::X => Vec2::X,
        Axis::Z => Vec2::Y,
    }
}
