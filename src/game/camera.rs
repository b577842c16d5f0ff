//! The camera that follows walker or car without entering anything solid, and the free camera.

use bevy::camera::{CameraUpdateSystems, Hdr, RenderTarget};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::math::{DVec2, DVec3};
use bevy::post_process::bloom::{Bloom, BloomPrefilter};
use bevy::prelude::*;

use super::body::{forward_of, right_of, yaw_from_heading};
use super::car::Car;
use super::collision::{CollisionIndex, Solid};
use super::control::Control;
use super::keys::{Action, Actions};
use super::look::Look;
use super::low_resolution::LowResolution;
use super::pause::PauseMenu;
use super::script::GameRequest;
use super::walker::Walker;
use super::{DrawSet, GameSet, SetupSet};
use crate::modes::{GraphicsQuality, RenderMode};
use crate::streaming::WorldOrigin;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FreeCamera>()
        .add_systems(PreUpdate, toggle_free_camera.in_set(GameSet::Act))
        .add_systems(RunFixedMainLoop, pose.in_set(GameSet::Requests))
        .add_systems(RunFixedMainLoop, fly_free_camera.in_set(GameSet::Intend));
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, spawn.in_set(SetupSet::View))
        .add_systems(
            PostUpdate,
            follow.in_set(DrawSet::Camera).before(CameraUpdateSystems),
        );
}

/// Nearest distance that is drawn, metres. Everything solid stays farther from the eye: see [`SKIN_M`].
const NEAR_M: f32 = 0.1;
/// Half the edge of the box that is cast for the camera, metres; holds the corners of the near plane.
pub const SKIN_M: f32 = 0.22;
/// Least height of the eye above the ground, metres.
const CLEARANCE_M: f32 = 0.3;
const FREE_SPEED_MPS: f32 = 20.0;
const FREE_FAST_MPS: f32 = 120.0;
pub(super) const FOV: f32 = 1.05;
pub(super) const FOV_AT_SPEED: f32 = 1.27;

/// The game's only 3D camera.
#[derive(Component, Debug)]
pub struct GameCamera {
    /// Current distance from the pivot in metres: shrinks at once, grows slowly.
    distance_m: f32,
}

/// The camera that leaves the body behind. Streaming follows it while it is on.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Reflect)]
#[reflect(Resource)]
pub struct FreeCamera {
    /// Whether it is on.
    pub is_on: bool,
    /// Whether a script put it there to take a picture: then nothing is written over what it sees.
    pub is_posed: bool,
    /// Where it is in the world, metres.
    pub position: DVec3,
}

fn toggle_free_camera(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    control: Res<Control>,
    cameras: Query<&Transform, With<GameCamera>>,
    cars: Query<&Car>,
    origin: Res<WorldOrigin>,
    mut look: ResMut<Look>,
    mut free: ResMut<FreeCamera>,
) {
    if !actions.started(Action::FreeCamera) || menu.is_open {
        return;
    }
    let car_yaw = cars.single().map_or(0.0, |car| car.motion.yaw);
    free.is_on = !free.is_on;
    free.is_posed = false;
    if *control == Control::InCar {
        if free.is_on {
            look.yaw = car_yaw + look.orbit_yaw;
        } else {
            look.face_ahead();
        }
    }
    if let Ok(camera) = cameras.single() {
        free.position = origin.to_world(camera.translation);
    }
}

/// Puts the free camera where a script wants to take a picture from.
fn pose(
    mut requests: MessageReader<GameRequest>,
    index: Res<CollisionIndex>,
    mut look: ResMut<Look>,
    mut free: ResMut<FreeCamera>,
) {
    for request in requests.read() {
        let GameRequest::View {
            x,
            z,
            height,
            heading_deg,
            pitch_deg,
        } = *request
        else {
            continue;
        };
        if !request.is_finite() {
            continue;
        }
        let land_m = index.land_height(DVec2::new(x, z));
        (free.is_on, free.is_posed) = (true, true);
        free.position = DVec3::new(x, land_m + height, z);
        look.yaw = yaw_from_heading(heading_deg);
        look.pitch = pitch_deg.to_radians() as f32;
    }
}

/// Reads the true clock, so that it can look around while the game is paused by a script.
fn fly_free_camera(
    time: Res<Time<Real>>,
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    look: Res<Look>,
    index: Res<CollisionIndex>,
    mut free: ResMut<FreeCamera>,
) {
    if !free.is_on || menu.is_open {
        return;
    }
    let rotation = Quat::from_euler(EulerRot::YXZ, look.yaw, look.pitch, 0.0);
    let wish = Vec3::new(
        actions.axis(Action::Right, Action::Left),
        0.0,
        -actions.axis(Action::Forward, Action::Back),
    );
    let lift = Vec3::Y * actions.axis(Action::FlyUp, Action::FlyDown);
    let speed = if actions.held(Action::Run) {
        FREE_FAST_MPS
    } else {
        FREE_SPEED_MPS
    };
    let way = (rotation * wish + lift).clamp_length_max(1.0) * speed;
    free.position += (way * time.delta_secs().min(0.1)).as_dvec3();
    if let Some(floor) = index.floor_under(free.position) {
        let lowest = floor.height_m.max(0.0) + f64::from(CLEARANCE_M);
        free.position.y = free.position.y.max(lowest);
    }
}

fn spawn(
    mut commands: Commands,
    mode: Res<RenderMode>,
    quality: Res<GraphicsQuality>,
    low: Option<Res<LowResolution>>,
) {
    let msaa = match *quality {
        GraphicsQuality::Full => Msaa::Sample4,
        GraphicsQuality::Balanced | GraphicsQuality::Software => Msaa::Off,
    };
    let target = match (&*mode, &low) {
        (RenderMode::Offscreen { image, .. }, _) => RenderTarget::Image(image.clone().into()),
        (_, Some(low)) => low.target(),
        (RenderMode::Window | RenderMode::Headless, None) => RenderTarget::default(),
    };
    let mut camera = commands.spawn((
        Name::new("Camera"),
        GameCamera { distance_m: 1.0 },
        Camera3d::default(),
        target,
        Projection::Perspective(PerspectiveProjection {
            fov: FOV,
            near: NEAR_M,
            ..default()
        }),
        msaa,
        // The city's shaders bring their tone curve, so that it looks the same at every quality.
        Tonemapping::None,
        super::sky::haze(),
    ));
    if low.is_none() {
        camera.insert(IsDefaultUiCamera);
    }
    if *quality == GraphicsQuality::Full {
        camera.insert((Hdr, lamp_bloom()));
    }
}

/// Only what is brighter than white spreads: lamps, lit windows, the sun.
fn lamp_bloom() -> Bloom {
    Bloom {
        intensity: 0.22,
        prefilter: BloomPrefilter {
            threshold: 0.95,
            threshold_softness: 0.3,
        },
        ..Bloom::OLD_SCHOOL
    }
}

/// How far the camera can go from `pivot_in_world` along `direction` before it touches a box, metres.
#[must_use]
pub fn clear_distance(
    pivot_in_world: DVec3,
    direction: Dir3,
    wanted_m: f32,
    solids: &[Solid],
) -> f32 {
    solids
        .iter()
        .filter_map(|solid| solid.cast(pivot_in_world, direction, wanted_m, Vec3::splat(SKIN_M)))
        .fold(wanted_m, f32::min)
}

/// Where a following camera is: behind the pivot at the wanted distance, or nearer where something is in between.
#[must_use]
pub fn eye_behind(pivot_in_world: DVec3, back: Dir3, distance_m: f32, solids: &[Solid]) -> DVec3 {
    pivot_in_world + (back * clear_distance(pivot_in_world, back, distance_m, solids)).as_dvec3()
}

/// How far the camera can go before it is in the deck of a bridge or viaduct, metres.
fn clear_of_decks(pivot_in_world: DVec3, back: Dir3, wanted_m: f32, index: &CollisionIndex) -> f32 {
    const PIECE_M: f32 = 0.4;
    let pieces = (wanted_m / PIECE_M).ceil() as u32;
    (1..=pieces)
        .map(|piece| (piece as f32 * PIECE_M).min(wanted_m))
        .find(|distance| {
            let point = pivot_in_world + (back * *distance).as_dvec3();
            index.is_in_deck(point, f64::from(SKIN_M))
        })
        .map_or(wanted_m, |hit| (hit - PIECE_M).max(0.0))
}

/// What the camera turns around and how far it stays away.
struct Rig {
    base: Vec3,
    pivot_offset: Vec3,
    rotation: Quat,
    distance_m: f32,
    speed_mps: f32,
}

fn follow(
    time: Res<Time<Real>>,
    index: Res<CollisionIndex>,
    control: Res<Control>,
    free: Res<FreeCamera>,
    origin: Res<WorldOrigin>,
    mut look: ResMut<Look>,
    walkers: Query<&Transform, (With<Walker>, Without<GameCamera>)>,
    cars: Query<(&Transform, &Car), Without<GameCamera>>,
    mut cameras: Query<(&mut GameCamera, &mut Transform, &mut Projection)>,
    mut solids: Local<Vec<Solid>>,
) {
    let Ok((mut camera, mut transform, mut projection)) = cameras.single_mut() else {
        return;
    };
    if free.is_on {
        transform.translation = origin.to_scene(free.position);
        transform.rotation = Quat::from_euler(EulerRot::YXZ, look.yaw, look.pitch, 0.0);
        return;
    }
    let dt = time.delta_secs().min(0.1);
    let rig = match *control {
        Control::OnFoot => walkers
            .single()
            .ok()
            .map(|walker| rig_on_foot(walker, &look)),
        Control::InCar => cars.single().ok().map(|(transform, car)| {
            look.recentre(car.motion.forward_speed(), dt);
            rig_in_car(transform, car, &look)
        }),
    };
    let Some(rig) = rig else { return };
    let base = origin.to_world(rig.base);
    index.boxes_near(base.xz(), rig.distance_m + 2.0, &mut solids);

    // First from the body to the pivot, then from the pivot back: no step of the way may cross a wall.
    let pivot = Dir3::new(rig.pivot_offset).map_or(base, |way| {
        eye_behind(base, way, rig.pivot_offset.length(), &solids)
    });
    let back = Dir3::new(rig.rotation * Vec3::Z).unwrap_or(Dir3::Z);
    let clear = clear_distance(pivot, back, rig.distance_m, &solids);
    let clear = clear_of_decks(pivot, back, clear, &index);
    camera.distance_m = if clear < camera.distance_m {
        clear
    } else {
        camera.distance_m + (clear - camera.distance_m) * (1.0 - (-5.0 * dt).exp())
    };
    let mut eye = pivot + (back * camera.distance_m).as_dvec3();
    // Above the floor under the pivot's height, so that a hill behind lifts the eye and a deck above does not.
    if let Some(floor) = index.floor_under(eye.with_y(eye.y.max(base.y))) {
        eye.y = eye.y.max(floor.height_m + f64::from(CLEARANCE_M));
    }
    let eye = origin.to_scene(eye);
    transform.translation = eye;
    transform.rotation = rig.rotation;
    if let Projection::Perspective(perspective) = &mut *projection {
        let wanted = FOV + (FOV_AT_SPEED - FOV) * (rig.speed_mps / 45.0).clamp(0.0, 1.0);
        perspective.fov += (wanted - perspective.fov) * (1.0 - (-3.0 * dt).exp());
    }
}

fn rig_on_foot(walker: &Transform, look: &Look) -> Rig {
    let right = right_of(look.yaw);
    Rig {
        base: walker.translation + Vec3::Y * 1.55,
        pivot_offset: Vec3::new(right.x, 0.0, right.y) * 0.42 + Vec3::Y * 0.1,
        rotation: Quat::from_euler(EulerRot::YXZ, look.yaw, look.pitch, 0.0),
        distance_m: 3.1,
        speed_mps: 0.0,
    }
}

fn rig_in_car(transform: &Transform, car: &Car, look: &Look) -> Rig {
    let nose = (transform.rotation * Vec3::NEG_Z).xz();
    let yaw = super::body::yaw_towards(nose) + look.orbit_yaw;
    let forward = forward_of(yaw);
    Rig {
        base: transform.translation + Vec3::Y * 1.3,
        pivot_offset: Vec3::Y * 0.55 + Vec3::new(forward.x, 0.0, forward.y) * 0.2,
        rotation: Quat::from_euler(EulerRot::YXZ, yaw, look.pitch, 0.0),
        distance_m: 6.2,
        speed_mps: car.motion.velocity.length(),
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::DVec2;
    use proptest::prelude::*;

    use super::*;

    fn cuboid() -> impl Strategy<Value = Solid> {
        let center = (-8.0..8.0_f32, 0.0..6.0_f32, -8.0..8.0_f32);
        let half = (0.2..4.0_f32, 0.2..4.0_f32, 0.2..4.0_f32);
        let stretch = (0.8..1.2_f32, -0.2..0.2_f32, -0.2..0.2_f32, 0.8..1.2_f32);
        (center, half, stretch).prop_map(|(center, half, (a, b, c, d))| {
            let (center, half) = (Vec3::from(center), Vec3::from(half));
            let heights = [center.y - half.y, center.y + half.y].map(f64::from);
            let corners = [center - half, center + half].map(Vec3Swizzles::xz);
            let stretch = Mat2::from_cols(Vec2::new(a, b), Vec2::new(c, d));
            Solid::bent(DVec2::ZERO, corners, stretch, heights)
        })
    }

    /// Whether a ball as thick as the camera's skin is in the box.
    fn holds(solid: &Solid, place: DVec3, radius_m: f32) -> bool {
        solid.blocks(place.y - f64::from(radius_m), place.y + f64::from(radius_m))
            && solid.way_from(place.xz()).length() < radius_m
    }

    proptest! {
        #[test]
        fn the_camera_never_ends_inside_a_box(
            boxes in prop::collection::vec(cuboid(), 0..12),
            yaw in -3.2..3.2_f32,
            pitch in -1.4..1.4_f32,
            distance in 0.5..8.0_f32,
        ) {
            let pivot = DVec3::new(0.0, 1.5, 0.0);
            // The pivot itself is in the open: it is inside the body, which walls keep out.
            let boxes: Vec<_> = boxes
                .into_iter()
                .filter(|solid| !holds(solid, pivot, 2.0 * SKIN_M))
                .collect();
            let rotation = Quat::from_euler(EulerRot::YXZ, yaw, pitch, 0.0);
            let eye = eye_behind(pivot, Dir3::new(rotation * Vec3::Z).unwrap(), distance, &boxes);
            for solid in &boxes {
                prop_assert!(!holds(solid, eye, SKIN_M - 1e-3), "{eye} in {solid:?}");
            }
            prop_assert!(eye.distance(pivot) <= f64::from(distance) + 1e-4);
        }
    }

    #[test]
    fn the_camera_stops_before_the_wall_behind() {
        let wall = Solid::new(DVec3::new(-5.0, 0.0, 2.0), DVec3::new(5.0, 9.0, 3.0));
        let clear = clear_distance(DVec3::Y, Dir3::Z, 6.0, &[wall]);
        assert!((clear - (2.0 - SKIN_M)).abs() < 1e-4);
    }

    #[test]
    fn the_corners_of_the_near_plane_fit_into_the_skin() {
        let half_height = NEAR_M * (FOV_AT_SPEED / 2.0).tan();
        let corner = Vec3::new(half_height * 21.0 / 9.0, half_height, NEAR_M);
        assert!(corner.length() < SKIN_M);
    }
}
