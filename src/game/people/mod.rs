//! People on the pavements around the player: they walk, cross streets (with the lights, where there are some), step aside, and run from cars.
//!
//! ```text
//!  Walks (pavements of the neighbourhood, from the seed) ─┐
//!  Viewer, Ring, loaded chunks ─► births ─► Person ─► stroll (one step each) ─► retire
//!                                   Movers ─┘             │
//!                                                         └─► Mover, Transform, and which picture of a step is shown
//! ```
//! Nobody belongs to a chunk. They follow from the seed, the player's way and the fixed steps alone.

mod births;
#[cfg(test)]
mod cost;
mod look;
mod stroll;
#[cfg(test)]
mod tests;

use bevy::math::DVec3;
use bevy::prelude::*;

pub use births::Neighbourhood;
use stroll::Street;
pub use stroll::{Mind, Person};

use super::GameSet;
use super::crowd::{Mover, Movers, SignalClock};
use crate::streaming::WorldOrigin;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Neighbourhood>()
        .add_systems(
            FixedUpdate,
            (
                births::follow_player,
                births::retire,
                births::give_birth,
                walk,
            )
                .chain()
                .in_set(GameSet::People),
        )
        .add_systems(RunFixedMainLoop, interpolate.in_set(GameSet::Interpolate));
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    look::drawn(app);
}

/// Where a person is drawn: between two fixed steps.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Stance {
    position: DVec3,
    previous_position: DVec3,
    rotation: Quat,
    previous_rotation: Quat,
}

pub(super) fn walk(
    time: Res<Time>,
    neighbourhood: Res<Neighbourhood>,
    movers: Res<Movers>,
    clock: Res<SignalClock>,
    mut people: Query<(&mut Person, &mut Mover, &mut Stance)>,
) {
    let Some(walks) = neighbourhood.walks() else {
        return;
    };
    let dt = time.delta_secs();
    let street = Street {
        walks,
        movers: &movers,
        signals: **clock,
    };
    for (mut person, mut mover, mut stance) in &mut people {
        person.step(&street, &mover, dt);
        let (place, height_m) = person.in_world(walks);
        *mover = person.as_mover(place, height_m);
        *stance = Stance {
            position: place.extend(height_m).xzy(),
            previous_position: stance.position,
            rotation: person.rotation(),
            previous_rotation: stance.rotation,
        };
    }
}

fn interpolate(
    time: Res<Time<Fixed>>,
    origin: Res<WorldOrigin>,
    mut people: Query<(&Stance, &mut Transform)>,
) {
    let fraction = time.overstep_fraction();
    for (stance, mut transform) in &mut people {
        let place = stance
            .previous_position
            .lerp(stance.position, f64::from(fraction));
        *transform = Transform {
            translation: origin.to_scene(place),
            rotation: stance.previous_rotation.lerp(stance.rotation, fraction),
            scale: transform.scale,
        };
    }
}
