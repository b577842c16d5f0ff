//! The vehicles as entities: one each, which everyone else sees as a [`Mover`].

use bevy::prelude::*;

use super::sim::VehicleView;
use super::vehicle::{VehicleKind, VehiclePose};
use super::{FIXED_STEPS, Traffic};
use crate::game::body::yaw_towards;
use crate::game::crowd::{Mover, MoverKind};
use crate::streaming::WorldOrigin;

/// A vehicle in the traffic.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct TrafficVehicle {
    /// Never given twice.
    pub number: u64,
    /// What it is.
    pub kind: VehicleKind,
    /// Its colour.
    pub paint: usize,
    /// Whether its brake lights are on.
    pub brakes: bool,
    before: VehiclePose,
    now: VehiclePose,
}

impl From<VehicleView> for TrafficVehicle {
    fn from(view: VehicleView) -> Self {
        Self {
            number: view.number,
            kind: view.kind,
            paint: view.paint,
            brakes: view.brakes,
            before: view.before,
            now: view.pose,
        }
    }
}

/// Gives every vehicle its entity, and takes those away whose vehicles have gone.
pub(super) fn follow(
    mut commands: Commands,
    traffic: Res<Traffic>,
    mut fleet: Local<Vec<(u64, Entity)>>,
    mut vehicles: Query<(&mut TrafficVehicle, &mut Mover)>,
) {
    if traffic.since_step != 0 {
        return;
    }
    let Some(sim) = traffic.sim() else { return };
    // Both lists ascend by number: vehicles are only added at the end.
    let mut kept = Vec::with_capacity(sim.vehicles().len());
    let mut old = fleet.iter().copied().peekable();
    for view in sim.vehicles() {
        while let Some((_, gone)) = old.next_if(|(number, _)| *number < view.number) {
            commands.entity(gone).despawn();
        }
        let same = old.next_if(|(number, _)| *number == view.number);
        let entity = match same {
            Some((_, entity)) => {
                if let Ok((mut vehicle, mut mover)) = vehicles.get_mut(entity) {
                    *vehicle = view.into();
                    *mover = mover_of(&view);
                }
                entity
            }
            None => commands
                .spawn((
                    TrafficVehicle::from(view),
                    mover_of(&view),
                    Transform::default(),
                    Visibility::default(),
                ))
                .id(),
        };
        kept.push((view.number, entity));
    }
    for (_, gone) in old {
        commands.entity(gone).despawn();
    }
    *fleet = kept;
}

fn mover_of(view: &VehicleView) -> Mover {
    let [length_m, width_m, _] = view.kind.size_m();
    let radius_m = width_m / 2.0;
    Mover {
        kind: MoverKind::Vehicle,
        place: view.pose.place.xz(),
        height_m: view.pose.place.y,
        velocity: view.pose.forward * view.speed_mps,
        forward: view.pose.forward,
        half_length_m: length_m / 2.0 - radius_m,
        radius_m,
    }
}

/// Where vehicles are drawn: between their last two steps.
pub(super) fn interpolate(
    time: Res<Time<Fixed>>,
    traffic: Res<Traffic>,
    origin: Res<WorldOrigin>,
    mut vehicles: Query<(&TrafficVehicle, &mut Transform)>,
) {
    let share = (traffic.since_step as f32 + time.overstep_fraction()) / FIXED_STEPS as f32;
    for (vehicle, mut transform) in &mut vehicles {
        let (a, b) = (&vehicle.before, &vehicle.now);
        let forward = a.forward.lerp(b.forward, share);
        let slope = a.slope + (b.slope - a.slope) * share;
        transform.translation = origin.to_scene(a.place.lerp(b.place, f64::from(share)));
        transform.rotation =
            Quat::from_rotation_y(yaw_towards(forward)) * Quat::from_rotation_x(slope.atan());
    }
}
