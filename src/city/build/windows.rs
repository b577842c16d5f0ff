//! What is behind windows: blinds and curtains by day, and when light goes on at night.

use super::super::colour::{BLIND, Rgb};
use super::super::hash::Dice;
use super::super::plan::buildings::Life;
use super::glow::Glow;

/// When light goes on behind a window. Most homes light up some time in the evening; few offices are used late, and
/// halls hardly ever.
pub(super) fn glow(life: Life, dice: &mut Dice) -> Glow {
    let roll = dice.unit();
    Glow::Window(match life {
        Life::Homes => roll,
        Life::Offices => 0.15 + 0.85 * roll,
        Life::Halls => 0.45 + 0.55 * roll,
    })
}

/// What is seen in a window by day instead of the reflection of its neighbours.
pub(super) fn inside(life: Life, reflection: Rgb, dice: &mut Dice) -> Rgb {
    match life {
        Life::Homes if dice.chance(0.45) => dice.pick(&BLIND) * dice.between(0.5, 0.85),
        Life::Offices if dice.chance(0.2) => dice.pick(&BLIND) * 0.75,
        _ => reflection * dice.between(0.8, 1.3),
    }
}
