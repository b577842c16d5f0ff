//! How the car looks: a body lofted from cross sections, glass, wheels that turn and steer, lamps.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::PrimitiveTopology;
use bevy::prelude::*;

use super::{Car, TRACK_M, WHEEL_RADIUS_M, WHEELBASE_M};
use crate::city::Illumination;
use crate::game::control::Control;
use crate::game::{DrawSet, SetupSet};
use crate::modes::GraphicsQuality;

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, build.in_set(SetupSet::View))
        .add_systems(PostUpdate, (lean, roll, light).in_set(DrawSet::Bodies));
}

/// What stands on the springs.
#[derive(Component)]
struct Sprung;

/// A wheel's hub: steers if it is in front, spins about its axle.
#[derive(Component)]
struct Wheel {
    steers: bool,
}

#[derive(Component)]
struct Lamp {
    kind: LampKind,
    lit: Handle<StandardMaterial>,
    /// At night, when it is not lit.
    dim: Handle<StandardMaterial>,
    dark: Handle<StandardMaterial>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LampKind {
    Head,
    Brake,
    Reverse,
}

/// From so bright street lamps on, a car has its lights on.
const LIGHTS_ON: f32 = 0.25;

/// A cross section: distance behind the middle, half widths at sill, belt and top, and heights of them.
struct Section {
    z: f32,
    half_widths: [f32; 3],
    heights: [f32; 3],
}

const fn section(z: f32, half_widths: [f32; 3], heights: [f32; 3]) -> Section {
    Section {
        z,
        half_widths,
        heights,
    }
}

/// From nose to tail, metres; -z is forward.
const HULL: &[Section] = &[
    section(-2.20, [0.70, 0.74, 0.66], [0.34, 0.52, 0.60]),
    section(-2.08, [0.82, 0.87, 0.76], [0.24, 0.55, 0.70]),
    section(-1.55, [0.86, 0.91, 0.80], [0.22, 0.60, 0.80]),
    section(-0.85, [0.86, 0.92, 0.82], [0.22, 0.64, 0.90]),
    section(0.30, [0.86, 0.92, 0.83], [0.22, 0.66, 0.92]),
    section(1.35, [0.86, 0.92, 0.83], [0.22, 0.68, 0.94]),
    section(1.95, [0.84, 0.90, 0.79], [0.26, 0.68, 0.93]),
    section(2.18, [0.76, 0.82, 0.72], [0.38, 0.66, 0.88]),
];

/// Glass from the foot of the windscreen to the foot of the rear window.
const CABIN: &[Section] = &[
    section(-0.86, [0.78, 0.77, 0.74], [0.86, 0.88, 0.90]),
    section(-0.12, [0.80, 0.72, 0.60], [0.88, 1.18, 1.37]),
    section(0.75, [0.80, 0.72, 0.61], [0.88, 1.20, 1.40]),
    section(1.62, [0.78, 0.76, 0.72], [0.88, 0.93, 0.95]),
];

/// A painted plate over the glass.
const ROOF: &[Section] = &[
    section(-0.16, [0.60, 0.615, 0.58], [1.350, 1.365, 1.385]),
    section(0.30, [0.61, 0.630, 0.59], [1.375, 1.395, 1.420]),
    section(0.80, [0.61, 0.630, 0.59], [1.370, 1.395, 1.415]),
    section(1.02, [0.60, 0.615, 0.58], [1.275, 1.290, 1.305]),
];

/// The shell through cross sections in order of z, with flat faces and closed ends.
fn loft(sections: &[Section]) -> Mesh {
    let ring = |section: &Section| {
        let [sill, belt, top] = section.half_widths;
        let [low, middle, high] = section.heights;
        [
            Vec3::new(-sill, low, section.z),
            Vec3::new(-belt, middle, section.z),
            Vec3::new(-top, high, section.z),
            Vec3::new(top, high, section.z),
            Vec3::new(belt, middle, section.z),
            Vec3::new(sill, low, section.z),
        ]
    };
    let mut corners: Vec<[f32; 3]> = Vec::new();
    let mut triangle = |a: Vec3, b: Vec3, c: Vec3| {
        corners.extend([a, b, c].map(|corner| corner.to_array()));
    };
    for pair in sections.windows(2) {
        let (front, back) = (ring(&pair[0]), ring(&pair[1]));
        for i in 0..6 {
            let j = (i + 1) % 6;
            triangle(front[i], back[i], back[j]);
            triangle(front[i], back[j], front[j]);
        }
    }
    if let [first, .., last] = sections {
        let (front, back) = (ring(first), ring(last));
        for i in 1..5 {
            triangle(front[0], front[i], front[i + 1]);
            triangle(back[0], back[i + 1], back[i]);
        }
    }
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, corners)
    .with_computed_flat_normals()
}

struct Paints {
    body: Handle<StandardMaterial>,
    glass: Handle<StandardMaterial>,
    rubber: Handle<StandardMaterial>,
    metal: Handle<StandardMaterial>,
    trim: Handle<StandardMaterial>,
    lamp: Handle<StandardMaterial>,
    head_lit: Handle<StandardMaterial>,
    tail: Handle<StandardMaterial>,
    brake_lit: Handle<StandardMaterial>,
    brake_dark: Handle<StandardMaterial>,
    shade: Handle<StandardMaterial>,
}

impl Paints {
    fn mix(materials: &mut Assets<StandardMaterial>) -> Self {
        let mut paint = |color: Color, roughness: f32, metallic: f32, glow: LinearRgba| {
            materials.add(StandardMaterial {
                base_color: color,
                perceptual_roughness: roughness,
                metallic,
                emissive: glow,
                ..default()
            })
        };
        let none = LinearRgba::BLACK;
        Self {
            body: paint(Color::srgb(0.12, 0.36, 0.62), 0.35, 0.15, none),
            glass: paint(Color::srgb(0.06, 0.09, 0.12), 0.12, 0.0, none),
            rubber: paint(Color::srgb(0.05, 0.05, 0.055), 0.95, 0.0, none),
            metal: paint(Color::srgb(0.62, 0.64, 0.67), 0.4, 0.6, none),
            trim: paint(Color::srgb(0.08, 0.08, 0.09), 0.8, 0.0, none),
            lamp: paint(
                Color::srgb(0.95, 0.95, 0.88),
                0.3,
                0.0,
                LinearRgba::rgb(0.9, 0.9, 0.75),
            ),
            head_lit: paint(
                Color::srgb(1.0, 0.98, 0.9),
                0.3,
                0.0,
                LinearRgba::rgb(9.0, 8.4, 6.8),
            ),
            tail: paint(
                Color::srgb(0.7, 0.05, 0.05),
                0.4,
                0.0,
                LinearRgba::rgb(1.3, 0.05, 0.03),
            ),
            brake_lit: paint(
                Color::srgb(0.95, 0.10, 0.08),
                0.4,
                0.0,
                LinearRgba::rgb(6.0, 0.25, 0.15),
            ),
            brake_dark: paint(Color::srgb(0.45, 0.03, 0.03), 0.4, 0.0, none),
            shade: materials.add(StandardMaterial {
                base_color: Color::srgba(0.0, 0.0, 0.0, 0.42),
                unlit: true,
                alpha_mode: AlphaMode::Blend,
                ..default()
            }),
        }
    }
}

fn build(
    mut commands: Commands,
    quality: Res<GraphicsQuality>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    cars: Query<Entity, With<Car>>,
) {
    let paints = Paints::mix(&mut materials);
    let hull = meshes.add(loft(HULL));
    let cabin = meshes.add(loft(CABIN));
    let roof = meshes.add(loft(ROOF));
    let block = meshes.add(Cuboid::from_length(1.0));
    let tyre = meshes.add(Cylinder::new(WHEEL_RADIUS_M, 0.22).mesh().resolution(24));
    let rim = meshes.add(
        Cylinder::new(WHEEL_RADIUS_M * 0.62, 0.235)
            .mesh()
            .resolution(10),
    );
    let spoke = meshes.add(Cuboid::new(WHEEL_RADIUS_M * 1.1, 0.245, 0.05));
    let arch = meshes.add(
        Cylinder::new(WHEEL_RADIUS_M + 0.07, 0.22)
            .mesh()
            .resolution(24),
    );
    let shade = meshes.add(Rectangle::new(1.9, 4.5));
    for car in &cars {
        commands.entity(car).with_children(|car| {
            if *quality == GraphicsQuality::Software {
                // Without shadow maps something has to tie the car to the road.
                car.spawn((
                    Name::new("Car shade"),
                    Mesh3d(shade.clone()),
                    MeshMaterial3d(paints.shade.clone()),
                    Transform::from_xyz(0.0, 0.035, 0.0)
                        .with_rotation(Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2)),
                ));
            }
            car.spawn((
                Name::new("Car body"),
                Sprung,
                Transform::default(),
                Visibility::default(),
            ))
            .with_children(|body| {
                for (mesh, paint) in [
                    (&hull, &paints.body),
                    (&cabin, &paints.glass),
                    (&roof, &paints.body),
                ] {
                    body.spawn((Mesh3d(mesh.clone()), MeshMaterial3d(paint.clone())));
                }
                furnish(body, &block, &paints);
                for (ahead, side) in corners() {
                    body.spawn((
                        Mesh3d(arch.clone()),
                        MeshMaterial3d(paints.trim.clone()),
                        Transform::from_xyz(side * (TRACK_M / 2.0 - 0.01), WHEEL_RADIUS_M, ahead)
                            .with_rotation(Quat::from_rotation_z(std::f32::consts::FRAC_PI_2)),
                    ));
                }
            });
            for (ahead, side) in corners() {
                let hub = Vec3::new(side * TRACK_M / 2.0, WHEEL_RADIUS_M, ahead);
                car.spawn((
                    Name::new("Wheel"),
                    Wheel {
                        steers: ahead < 0.0,
                    },
                    Transform::from_translation(hub),
                    Visibility::default(),
                ))
                .with_children(|hub| {
                    // The cylinder stands upright; its axis becomes the axle.
                    let axle = Quat::from_rotation_z(std::f32::consts::FRAC_PI_2);
                    let lie = Transform::from_rotation(axle);
                    hub.spawn((
                        Mesh3d(tyre.clone()),
                        MeshMaterial3d(paints.rubber.clone()),
                        lie,
                    ));
                    hub.spawn((
                        Mesh3d(rim.clone()),
                        MeshMaterial3d(paints.trim.clone()),
                        lie,
                    ));
                    for turn in [0.0, 1.05, 2.1] {
                        let turned = Quat::from_rotation_x(turn) * axle;
                        hub.spawn((
                            Mesh3d(spoke.clone()),
                            MeshMaterial3d(paints.metal.clone()),
                            Transform::from_rotation(turned),
                        ));
                    }
                });
            }
        });
    }
}

/// Where the wheels are: z of the axle (-z is forward) and side.
fn corners() -> impl Iterator<Item = (f32, f32)> {
    [-WHEELBASE_M / 2.0, WHEELBASE_M / 2.0]
        .into_iter()
        .flat_map(|ahead| [(ahead, -1.0), (ahead, 1.0)])
}

/// Lamps, bumpers, plates and mirrors: blocks of one mesh.
fn furnish(body: &mut ChildSpawnerCommands, block: &Handle<Mesh>, paints: &Paints) {
    let mut part = |paint: &Handle<StandardMaterial>, at: Vec3, size: Vec3| {
        body.spawn((
            Mesh3d(block.clone()),
            MeshMaterial3d(paint.clone()),
            Transform::from_translation(at).with_scale(size),
        ))
        .id()
    };
    part(
        &paints.trim,
        Vec3::new(0.0, 0.36, -2.14),
        Vec3::new(1.36, 0.16, 0.14),
    );
    part(
        &paints.trim,
        Vec3::new(0.0, 0.40, 2.13),
        Vec3::new(1.50, 0.16, 0.14),
    );
    part(
        &paints.metal,
        Vec3::new(0.0, 0.44, -2.216),
        Vec3::new(0.5, 0.1, 0.02),
    );
    part(
        &paints.metal,
        Vec3::new(0.0, 0.56, 2.205),
        Vec3::new(0.5, 0.1, 0.02),
    );
    for side in [-1.0, 1.0] {
        part(
            &paints.trim,
            Vec3::new(side * 0.95, 0.93, -0.62),
            Vec3::new(0.16, 0.11, 0.10),
        );
        part(
            &paints.trim,
            Vec3::new(side * 0.90, 0.24, 0.0),
            Vec3::new(0.06, 0.10, 1.7),
        );
    }
    for side in [-1.0, 1.0] {
        let at = Vec3::new(side * 0.58, 0.575, -2.15);
        body.spawn((
            Mesh3d(block.clone()),
            MeshMaterial3d(paints.lamp.clone()),
            Lamp {
                kind: LampKind::Head,
                lit: paints.head_lit.clone(),
                dim: paints.lamp.clone(),
                dark: paints.lamp.clone(),
            },
            Transform::from_translation(at).with_scale(Vec3::new(0.30, 0.10, 0.12)),
        ));
        for (kind, x, width, [lit, dim, dark]) in [
            (
                LampKind::Brake,
                0.60,
                0.26,
                [&paints.brake_lit, &paints.tail, &paints.brake_dark],
            ),
            (
                LampKind::Reverse,
                0.40,
                0.10,
                [&paints.lamp, &paints.metal, &paints.metal],
            ),
        ] {
            body.spawn((
                Mesh3d(block.clone()),
                MeshMaterial3d(paints.brake_dark.clone()),
                Lamp {
                    kind,
                    lit: lit.clone(),
                    dim: dim.clone(),
                    dark: dark.clone(),
                },
                Transform::from_xyz(side * x, 0.74, 2.12).with_scale(Vec3::new(width, 0.12, 0.14)),
            ));
        }
    }
}

fn lean(cars: Query<(&Car, &Children)>, mut sprung: Query<&mut Transform, With<Sprung>>) {
    for (car, children) in &cars {
        for child in children {
            if let Ok(mut transform) = sprung.get_mut(*child) {
                let rotation = Quat::from_euler(EulerRot::XZY, car.lean.x, -car.lean.y, 0.0);
                if transform.rotation != rotation {
                    transform.rotation = rotation;
                }
            }
        }
    }
}

fn roll(cars: Query<(&Car, &Children)>, mut wheels: Query<(&Wheel, &mut Transform)>) {
    for (car, children) in &cars {
        let spin = -(car.motion.rolled_m / WHEEL_RADIUS_M).rem_euclid(std::f32::consts::TAU);
        for child in children {
            let Ok((wheel, mut transform)) = wheels.get_mut(*child) else {
                continue;
            };
            // Right is positive for the driver, and negative about y.
            let steer = if wheel.steers { -car.motion.steer } else { 0.0 };
            let rotation = Quat::from_rotation_y(steer) * Quat::from_rotation_x(spin);
            if transform.rotation != rotation {
                transform.rotation = rotation;
            }
        }
    }
}

fn light(
    control: Res<Control>,
    illumination: Option<Res<Illumination>>,
    cars: Query<&Car>,
    mut lamps: Query<(&Lamp, &mut MeshMaterial3d<StandardMaterial>)>,
) {
    let Ok(car) = cars.single() else { return };
    let speed = car.motion.forward_speed();
    let is_driven = *control == Control::InCar;
    let is_dark = illumination.is_some_and(|light| light.lamps > LIGHTS_ON);
    let brakes = car.input.pedal < 0.0 && speed > 0.3;
    let reverses = speed < -0.2 && car.input.pedal < 0.0;
    for (lamp, mut material) in &mut lamps {
        let is_lit = match lamp.kind {
            LampKind::Head => is_driven && is_dark,
            LampKind::Brake => brakes,
            LampKind::Reverse => reverses,
        };
        let wanted = if is_lit {
            &lamp.lit
        } else if is_driven && is_dark {
            &lamp.dim
        } else {
            &lamp.dark
        };
        if material.0 != *wanted {
            material.0 = wanted.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A closed surface encloses a positive volume exactly when its faces look outwards.
    #[test]
    fn the_faces_of_the_body_look_outwards() {
        for (sections, litres) in [
            (HULL, 4_000.0..6_000.0),
            (CABIN, 400.0..2_000.0),
            (ROOF, 10.0..100.0),
        ] {
            let mesh = loft(sections);
            let corners = mesh
                .attribute(Mesh::ATTRIBUTE_POSITION)
                .unwrap()
                .as_float3()
                .unwrap();
            let volume: f32 = corners
                .chunks(3)
                .map(|face| {
                    let [a, b, c] = [face[0], face[1], face[2]].map(Vec3::from);
                    a.dot(b.cross(c)) / 6.0
                })
                .sum();
            assert!(
                litres.contains(&(volume * 1_000.0)),
                "{} litres",
                volume * 1_000.0
            );
        }
    }
}
