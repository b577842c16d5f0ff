//! How the walker looks: a simple figure whose limbs swing with its steps.

use bevy::prelude::*;

use super::control::Control;
use super::pilot::Autopilot;
use super::walker::Walker;
use super::{DrawSet, SetupSet};
use crate::modes::GraphicsQuality;

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, dress.in_set(SetupSet::View))
        .add_systems(PostUpdate, (hide, swing).in_set(DrawSet::Bodies));
}

/// A limb that swings about its upper end.
#[derive(Component)]
struct Limb {
    /// 1 swings forward first, -1 back.
    side: f32,
    /// Largest angle in radians.
    reach: f32,
}

/// Metres walked for a full swing.
const STRIDE_M: f32 = 1.5;

fn dress(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    quality: Res<GraphicsQuality>,
    walkers: Query<Entity, With<Walker>>,
) {
    let shade_paint = materials.add(StandardMaterial {
        base_color: Color::srgba(0.0, 0.0, 0.0, 0.38),
        unlit: true,
        alpha_mode: AlphaMode::Blend,
        ..default()
    });
    let shade = meshes.add(Circle::new(0.36));
    let mut paint = |r: f32, g: f32, b: f32| {
        materials.add(StandardMaterial {
            base_color: Color::srgb(r, g, b),
            perceptual_roughness: 0.9,
            ..default()
        })
    };
    let (skin, jacket, trousers, hair) = (
        paint(0.80, 0.60, 0.48),
        paint(0.62, 0.22, 0.17),
        paint(0.16, 0.20, 0.30),
        paint(0.14, 0.10, 0.08),
    );
    let torso = meshes.add(Capsule3d::new(0.19, 0.34));
    let head = meshes.add(Sphere::new(0.125));
    let cap = meshes.add(Sphere::new(0.132));
    let arm = meshes.add(Capsule3d::new(0.055, 0.50));
    let leg = meshes.add(Capsule3d::new(0.08, 0.66));
    let foot = meshes.add(Cuboid::new(0.12, 0.09, 0.27));
    for walker in &walkers {
        commands.entity(walker).with_children(|body| {
            if *quality == GraphicsQuality::Software {
                // Without shadow maps something has to tie the feet to the ground.
                body.spawn((
                    Mesh3d(shade.clone()),
                    MeshMaterial3d(shade_paint.clone()),
                    Transform::from_xyz(0.0, 0.03, 0.0)
                        .with_rotation(Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2)),
                ));
            }
            body.spawn((
                Mesh3d(torso.clone()),
                MeshMaterial3d(jacket.clone()),
                Transform::from_xyz(0.0, 1.17, 0.0).with_scale(Vec3::new(1.12, 1.0, 0.72)),
            ));
            body.spawn((
                Mesh3d(head.clone()),
                MeshMaterial3d(skin.clone()),
                Transform::from_xyz(0.0, 1.66, 0.0),
            ));
            body.spawn((
                Mesh3d(cap.clone()),
                MeshMaterial3d(hair.clone()),
                Transform::from_xyz(0.0, 1.69, 0.025),
            ));
            for side in [-1.0, 1.0] {
                let shoulder = Transform::from_xyz(0.26 * side, 1.42, 0.0);
                body.spawn((Limb { side, reach: 0.55 }, shoulder, Visibility::default()))
                    .with_child((
                        Mesh3d(arm.clone()),
                        MeshMaterial3d(jacket.clone()),
                        Transform::from_xyz(0.0, -0.28, 0.0),
                    ));
                let hip = Transform::from_xyz(0.1 * side, 0.86, 0.0);
                let swing = Limb {
                    side: -side,
                    reach: 0.62,
                };
                body.spawn((swing, hip, Visibility::default()))
                    .with_children(|limb| {
                        limb.spawn((
                            Mesh3d(leg.clone()),
                            MeshMaterial3d(trousers.clone()),
                            Transform::from_xyz(0.0, -0.41, 0.0),
                        ));
                        limb.spawn((
                            Mesh3d(foot.clone()),
                            MeshMaterial3d(hair.clone()),
                            Transform::from_xyz(0.0, -0.815, -0.06),
                        ));
                    });
            }
        });
    }
}

/// Who drives is in the car, not beside it; and what is flown about is a view, not somebody who walks in the air.
fn hide(
    control: Res<Control>,
    autopilot: Res<Autopilot>,
    mut walkers: Query<&mut Visibility, With<Walker>>,
) {
    let wanted = match *control {
        Control::OnFoot if !autopilot.is_flying() => Visibility::Inherited,
        Control::OnFoot | Control::InCar => Visibility::Hidden,
    };
    for mut visibility in &mut walkers {
        visibility.set_if_neq(wanted);
    }
}

fn swing(walkers: Query<(&Walker, &super::body::Body)>, mut limbs: Query<(&Limb, &mut Transform)>) {
    let Ok((walker, body)) = walkers.single() else {
        return;
    };
    let speed = body.velocity.xz().length();
    let strength = (speed / 3.0).min(1.4);
    let phase = (walker.stride_m / STRIDE_M * std::f32::consts::TAU).sin();
    for (limb, mut transform) in &mut limbs {
        let angle = if walker.is_grounded {
            phase * limb.side * limb.reach * strength
        } else {
            0.35 * limb.side
        };
        let rotation = Quat::from_rotation_x(angle);
        if transform.rotation != rotation {
            transform.rotation = rotation;
        }
    }
}
