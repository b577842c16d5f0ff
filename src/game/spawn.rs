//! The start: a person on the pavement, a car parked at the kerb nearby.

use bevy::prelude::*;

use super::SetupSet;
use super::body::Body;
use super::car::Car;
use super::city_map::CityMap;
use super::look::Look;
use super::walker::Walker;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_bodies.in_set(SetupSet::Bodies));
}

fn spawn_bodies(mut commands: Commands, map: Res<CityMap>, mut look: ResMut<Look>) {
    let start = map.spawn_point();
    look.face(start.heading_rad);
    commands.spawn((
        Name::new("Walker"),
        Walker::default(),
        Body::waiting_at(start.person_in_world.as_dvec3(), start.heading_rad),
        Transform::from_translation(start.person_in_world),
    ));
    commands.spawn((
        Name::new("Car"),
        Car::at(start.car_in_world.xz().as_dvec2(), start.car_heading_rad),
        Body::waiting_at(start.car_in_world.as_dvec3(), start.car_heading_rad),
        Transform::from_translation(start.car_in_world),
    ));
}
