//! How vehicles look: shared meshes of every kind, colour and state of the brake lights, in the city's own material.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::TrafficVehicle;
use super::vehicle::VehicleKind;
use crate::city::{CITY_MATERIAL, CityMaterial, VehicleShape, vehicle_mesh};
use crate::game::{DrawSet, SetupSet};
use crate::streaming::ChunkPalette;

pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, build.in_set(SetupSet::View))
        .add_systems(PostUpdate, (dress, brake).chain().in_set(DrawSet::Bodies));
}

/// All meshes of vehicles, and what they are painted with.
#[derive(Resource)]
struct Garage {
    meshes: HashMap<(VehicleKind, usize, bool), Handle<Mesh>>,
    paint: Handle<CityMaterial>,
}

impl Garage {
    fn mesh(&self, vehicle: &TrafficVehicle) -> Option<&Handle<Mesh>> {
        self.meshes
            .get(&(vehicle.kind, vehicle.paint, vehicle.brakes))
    }
}

const fn shape_of(kind: VehicleKind) -> VehicleShape {
    match kind {
        VehicleKind::Car => VehicleShape::Car,
        VehicleKind::Taxi => VehicleShape::Taxi,
        VehicleKind::Van => VehicleShape::Van,
        VehicleKind::Truck => VehicleShape::Truck,
        VehicleKind::Bus => VehicleShape::Bus,
    }
}

fn build(
    mut commands: Commands,
    palette: Option<Res<ChunkPalette>>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let paint =
        palette.and_then(|palette| palette.material::<CityMaterial>(CITY_MATERIAL).cloned());
    let Some(paint) = paint else { return };
    let mut garage = HashMap::default();
    for kind in VehicleKind::ALL {
        for colour in 0..kind.paints() {
            for brakes in [false, true] {
                let mesh = vehicle_mesh(shape_of(kind), kind.size_m(), colour, brakes);
                garage.insert((kind, colour, brakes), meshes.add(mesh));
            }
        }
    }
    commands.insert_resource(Garage {
        meshes: garage,
        paint,
    });
}

fn dress(
    mut commands: Commands,
    garage: Option<Res<Garage>>,
    bare: Query<(Entity, &TrafficVehicle), Without<Mesh3d>>,
) {
    let Some(garage) = garage else { return };
    for (entity, vehicle) in &bare {
        if let Some(mesh) = garage.mesh(vehicle) {
            commands
                .entity(entity)
                .insert((Mesh3d(mesh.clone()), MeshMaterial3d(garage.paint.clone())));
        }
    }
}

fn brake(garage: Option<Res<Garage>>, mut vehicles: Query<(&TrafficVehicle, &mut Mesh3d)>) {
    let Some(garage) = garage else { return };
    for (vehicle, mut mesh) in &mut vehicles {
        if let Some(wanted) = garage.mesh(vehicle)
            && mesh.0 != *wanted
        {
            mesh.0 = wanted.clone();
        }
    }
}
