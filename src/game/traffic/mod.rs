//! Traffic: vehicles that follow the lanes around the player, keep distance, overtake, obey lights, and stop for
//! whoever is in the way.
//!
//! ```text
//!  LaneGraph (from the seed) ─┐
//!  Viewer, loaded chunks ─────┼─► TrafficSim, every second fixed step ─► fleet: one entity each, a Mover for everyone else
//!  Movers (player, people) ───┘                                      └─► lamps of the lights nearby
//! ```
//!
//! Vehicles belong to no chunk: when the ground under them goes, they go. They follow from the seed and the fixed steps
//! alone, with a renderer or without; only what is drawn is left out without one.

mod births;
mod fleet;
mod follow;
mod grants;
mod junctions;
mod lights;
mod look;
mod obstacles;
mod overtake;
mod roadway;
mod sim;
mod vehicle;

#[cfg(test)]
mod cost;
#[cfg(test)]
mod tests;

use bevy::math::DVec2;
use bevy::prelude::*;

pub use fleet::TrafficVehicle;
pub use obstacles::Obstacle;
pub use sim::{Eye, Surroundings, TrafficSim, VehicleView};
pub use vehicle::{VehicleKind, VehiclePose};

use super::GameSet;
use super::collision::CollisionIndex;
use super::crowd::{CrowdBudget, Mover, MoverKind, Movers, SignalClock, Viewer};
use super::people::{self, Mind, Person};
use crate::streaming::StreamingSettings;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Traffic>()
        .add_systems(
            FixedUpdate,
            (step, fleet::follow)
                .chain()
                .in_set(GameSet::People)
                // One order, or two runs would differ: drivers see where people are now.
                .after(people::walk)
                .run_if(resource_exists::<StreamingSettings>),
        )
        .add_systems(
            RunFixedMainLoop,
            fleet::interpolate.in_set(GameSet::Interpolate),
        );
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    look::drawn(app);
    lights::drawn(app);
}

/// Traffic is reckoned in one of so many fixed steps.
const FIXED_STEPS: u32 = 2;

/// The traffic of the city that is being streamed.
#[derive(Resource, Default)]
pub struct Traffic {
    sim: Option<TrafficSim>,
    /// Fixed steps since the last one of the traffic.
    since_step: u32,
}

impl Traffic {
    /// The vehicles and what they drive on, once there was a step.
    #[must_use]
    pub const fn sim(&self) -> Option<&TrafficSim> {
        self.sim.as_ref()
    }

    const fn sim_mut(&mut self) -> Option<&mut TrafficSim> {
        self.sim.as_mut()
    }
}

fn step(
    time: Res<Time>,
    settings: Res<StreamingSettings>,
    budget: Res<CrowdBudget>,
    viewer: Res<Viewer>,
    index: Res<CollisionIndex>,
    movers: Res<Movers>,
    clock: Res<SignalClock>,
    people: Query<(&Person, &Mover)>,
    mut traffic: ResMut<Traffic>,
    mut obstacles: Local<Vec<Obstacle>>,
) {
    let traffic = &mut *traffic;
    traffic.since_step += 1;
    if traffic.since_step < FIXED_STEPS {
        return;
    }
    traffic.since_step = 0;
    let is_other_city = |sim: &TrafficSim| sim.seed() != settings.seed;
    if traffic.sim.as_ref().is_none_or(is_other_city) {
        let first_number = traffic.sim.as_ref().map_or(0, TrafficSim::next_number);
        traffic.sim = Some(TrafficSim::new(settings.seed).numbered_from(first_number));
    }
    let Some(sim) = traffic.sim_mut() else { return };
    let dt = time.delta_secs() * FIXED_STEPS as f32;
    sim.set_secs(clock.secs - f64::from(dt));
    if budget.vehicles == 0 && sim.vehicles().len() == 0 {
        return;
    }
    obstacles.clear();
    // Whoever walks on a pavement is in nobody's way.
    let on_road = people
        .iter()
        .filter(|(person, _)| matches!(person.mind(), Mind::Crossing | Mind::Down { .. }))
        .map(|(_, mover)| obstacle(mover));
    let player = movers
        .all()
        .iter()
        .filter(|mover| matches!(mover.kind, MoverKind::PlayerCar | MoverKind::Walker))
        .map(obstacle);
    obstacles.extend(on_road.chain(player));
    let is_ready = |place: DVec2| index.is_ready(place.extend(0.0).xzy());
    let surroundings = Surroundings {
        eye: (viewer.look != Vec2::ZERO).then_some(Eye {
            place: viewer.place,
            forward: viewer.look,
        }),
        is_ready: &is_ready,
        obstacles: &obstacles,
        wanted: budget.vehicles,
    };
    sim.step(dt, &surroundings);
}

fn obstacle(mover: &Mover) -> Obstacle {
    Obstacle {
        place: mover.place.extend(mover.height_m).xzy(),
        forward: mover.forward,
        half_length_m: mover.half_length_m,
        radius_m: mover.radius_m,
        velocity: mover.velocity,
    }
}
