//! What a script can ask of the game, and what it can read about the journey.

use bevy::math::DVec2;
use bevy::math::bounding::{Aabb3d, AabbCast3d};
use bevy::prelude::*;

use super::GameSet;
use super::autopilot::{Progress, RouteDriver};
use super::body::{Body, yaw_from_heading, yaw_towards};
use super::car::{Car, DriverInput, DriverInputNow, has_edge_ahead};
use super::city_map::CityMap;
use super::collision::CollisionIndex;
use super::control::{self, Control};
use super::focus::{self, ExtraFocus, MainFocus};
use super::look::Look;
use super::walker::Walker;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<GameRequest>()
        .init_resource::<Autopilot>()
        .init_resource::<Journey>()
        .add_systems(
            RunFixedMainLoop,
            (serve_bodies, serve_focuses).in_set(GameSet::Requests),
        )
        .add_systems(FixedUpdate, pilot.in_set(GameSet::Pilot))
        .add_systems(FixedUpdate, keep_journey.in_set(GameSet::Journey));
}

/// Something a script asks of the game. World coordinates in metres; headings in degrees, 0 = north = -z, 90 = east = +x.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum GameRequest {
    /// Puts the controlled body on the ground at a place and holds it until the chunk there is loaded; ends the autopilot.
    Teleport {
        /// East, metres.
        x: f64,
        /// South, metres.
        z: f64,
        /// New heading; kept if absent.
        heading_deg: Option<f64>,
    },
    /// Gets into the car, which is brought here if it stands more than 30 m away.
    EnterVehicle,
    /// Gets out of the car at any speed; ends the autopilot.
    LeaveVehicle,
    /// Drives along the streets to the place nearest to this one that lies on a main street; gets into the car first.
    /// A car that is walled in is towed to the nearest street, which counts as a teleport.
    DriveTo {
        /// East, metres.
        x: f64,
        /// South, metres.
        z: f64,
    },
    /// Flies straight to a place, through everything, and stays in the air there.
    FlyTo {
        /// East, metres.
        x: f64,
        /// South, metres.
        z: f64,
        /// Height above zero, metres.
        height: f64,
        /// Speed in m/s.
        speed: f64,
    },
    /// Turns the view: compass heading on foot, clockwise from the nose in the car; up is positive.
    Look {
        /// Heading.
        yaw_deg: f64,
        /// Above the horizon.
        pitch_deg: f64,
    },
    /// Lets go of the wheel, or of the body in the air.
    StopAutopilot,
    /// Adds a place to stream around.
    AddFocus {
        /// Its name, unique among the added ones; the same name moves it.
        name: String,
        /// East, metres.
        x: f64,
        /// South, metres.
        z: f64,
    },
    /// Removes an added place.
    RemoveFocus {
        /// Its name.
        name: String,
    },
    /// Removes the focus that follows the player.
    DropFocus,
    /// Brings back the focus that follows the player.
    RestoreFocus,
}

/// What the controlled body has done so far.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Reflect)]
#[reflect(Resource)]
pub struct Journey {
    /// Way on the ground plane, metres; teleports do not count.
    pub distance_m: f64,
    /// Speed on the ground plane in the last step, m/s.
    pub speed_mps: f64,
    /// The largest speed so far, m/s.
    pub speed_max_mps: f64,
    /// How often the body was teleported.
    pub teleports: u64,
    /// Whether the last target was reached; false while on the way.
    pub arrived: bool,
}

/// Who drives instead of the player.
#[derive(Resource, Clone, Debug, Default)]
pub enum Autopilot {
    /// Nobody.
    #[default]
    Off,
    /// A driver on a route to a place (world x and z, metres).
    Drive {
        /// Where to.
        target: DVec2,
        /// The driver; none until the next step has asked for a route.
        driver: Option<RouteDriver>,
        /// How many routes in a row ended nowhere.
        failures: u32,
    },
    /// The controlled body flies straight to a place and stays there.
    Fly {
        /// Where to, metres.
        target: Vec3,
        /// How fast, m/s.
        speed_mps: f32,
    },
}

impl Autopilot {
    /// Whether the controlled body is out of the hands of physics.
    #[must_use]
    pub const fn is_flying(&self) -> bool {
        matches!(self, Self::Fly { .. })
    }

    /// Gives control back to the player.
    pub fn stop(&mut self) {
        *self = Self::Off;
    }
}

type WalkerBodies<'w, 's> = Query<'w, 's, &'static mut Body, (With<Walker>, Without<Car>)>;
type CarBodies<'w, 's> = Query<'w, 's, (&'static mut Car, &'static mut Body), Without<Walker>>;

fn serve_bodies(
    mut requests: MessageReader<GameRequest>,
    index: Res<CollisionIndex>,
    mut control: ResMut<Control>,
    mut look: ResMut<Look>,
    mut autopilot: ResMut<Autopilot>,
    mut journey: ResMut<Journey>,
    mut walkers: WalkerBodies,
    mut cars: CarBodies,
) {
    for request in requests.read() {
        let (Ok(mut walker), Ok((mut car, mut body))) = (walkers.single_mut(), cars.single_mut())
        else {
            return;
        };
        match *request {
            GameRequest::Teleport { x, z, heading_deg } => {
                autopilot.stop();
                journey.teleports += 1;
                let place = ground_place(&index, x, z);
                match *control {
                    Control::OnFoot => {
                        let yaw = heading_deg.map_or(look.yaw, yaw_from_heading);
                        look.face(yaw);
                        walker.place(place, Quat::from_rotation_y(yaw));
                        walker.awaits_ground = true;
                    }
                    Control::InCar => {
                        let yaw = heading_deg.map_or(car.motion.yaw, yaw_from_heading);
                        car.place(&mut body, place, yaw);
                        body.awaits_ground = true;
                    }
                }
            }
            GameRequest::EnterVehicle => {
                get_in(&mut control, &mut look, &walker, &mut car, &mut body);
            }
            GameRequest::LeaveVehicle => {
                autopilot.stop();
                if *control == Control::InCar {
                    control::leave(&mut control, &mut look, &car, &body, &mut walker, &index);
                }
            }
            GameRequest::DriveTo { x, z } => {
                get_in(&mut control, &mut look, &walker, &mut car, &mut body);
                journey.arrived = false;
                *autopilot = Autopilot::Drive {
                    target: DVec2::new(x, z),
                    driver: None,
                    failures: 0,
                };
            }
            GameRequest::FlyTo {
                x,
                z,
                height,
                speed,
            } => {
                journey.arrived = false;
                *autopilot = Autopilot::Fly {
                    target: Vec3::new(x as f32, height as f32, z as f32),
                    speed_mps: speed as f32,
                };
            }
            GameRequest::Look { yaw_deg, pitch_deg } => look.pin(yaw_deg, pitch_deg, *control),
            GameRequest::StopAutopilot => autopilot.stop(),
            GameRequest::AddFocus { .. }
            | GameRequest::RemoveFocus { .. }
            | GameRequest::DropFocus
            | GameRequest::RestoreFocus => {}
        }
    }
}

fn ground_place(index: &CollisionIndex, x: f64, z: f64) -> Vec3 {
    let place = Vec3::new(x as f32, 0.0, z as f32);
    place.with_y(index.ground_height(place).unwrap_or(0.0))
}

/// From how far a script gets into the car where it stands, metres. A key needs it within reach of the hand.
const WALK_OVER_M: f32 = 30.0;

/// Gets in; a car farther away is put where the walker is, and finds itself a free place there.
fn get_in(control: &mut Control, look: &mut Look, walker: &Body, car: &mut Car, body: &mut Body) {
    if *control == Control::InCar {
        return;
    }
    let is_near = walker.position.distance(body.position) < WALK_OVER_M;
    if !is_near || walker.awaits_ground != body.awaits_ground {
        car.place(body, walker.position, look.yaw);
        body.awaits_ground = true;
    }
    control::enter(control, look);
}

fn serve_focuses(
    mut commands: Commands,
    mut requests: MessageReader<GameRequest>,
    control: Res<Control>,
    walkers: Query<&Body, (With<Walker>, Without<Car>)>,
    cars: Query<&Body, With<Car>>,
    main: Query<Entity, With<MainFocus>>,
    extras: Query<(Entity, &ExtraFocus)>,
) {
    let remove = |commands: &mut Commands, name: &str| {
        for (entity, focus) in &extras {
            if focus.0 == name {
                commands.entity(entity).despawn();
            }
        }
    };
    for request in requests.read() {
        match request {
            GameRequest::AddFocus { name, x, z } => {
                remove(&mut commands, name);
                focus::spawn_extra(&mut commands, name, Vec3::new(*x as f32, 0.0, *z as f32));
            }
            GameRequest::RemoveFocus { name } => remove(&mut commands, name),
            GameRequest::DropFocus => {
                for entity in &main {
                    commands.entity(entity).despawn();
                }
            }
            GameRequest::RestoreFocus if main.is_empty() => {
                let body = match *control {
                    Control::OnFoot => walkers.single(),
                    Control::InCar => cars.single(),
                };
                let place = body.map_or(Vec3::ZERO, |body| body.position);
                focus::spawn_main_at(&mut commands, place);
            }
            _ => {}
        }
    }
}

fn pilot(
    time: Res<Time>,
    map: Res<CityMap>,
    index: Res<CollisionIndex>,
    control: Res<Control>,
    mut autopilot: ResMut<Autopilot>,
    mut journey: ResMut<Journey>,
    mut driver_input: ResMut<DriverInputNow>,
    mut walkers: WalkerBodies,
    mut cars: CarBodies,
) {
    let (Ok(mut walker), Ok((mut car, mut body))) = (walkers.single_mut(), cars.single_mut())
    else {
        return;
    };
    match &mut *autopilot {
        Autopilot::Off => {}
        Autopilot::Drive {
            target,
            driver,
            failures,
        } => {
            // A car that waits for its ground has not found its place yet: the route starts there.
            if body.awaits_ground {
                driver_input.0 = DriverInput::PARKED;
                return;
            }
            if driver.is_none() && (*failures > 1 || is_walled_in(&map, &index, &car, &body)) {
                tow(&map, &mut car, &mut body);
                journey.teleports += 1;
                *failures = 0;
                return;
            }
            // The city is not there yet: to wait is not to be stuck.
            if has_edge_ahead(&car.motion, &index) {
                driver_input.0 = DriverInput::PARKED;
                return;
            }
            let here = car.motion.position.as_dvec2();
            let on_route =
                driver.get_or_insert_with(|| RouteDriver::new(map.drive_route(here, *target)));
            let (input, progress) = on_route.drive(&car.motion, time.delta_secs());
            driver_input.0 = input;
            match progress {
                Progress::Driving => {}
                Progress::Arrived => journey.arrived = true,
                Progress::Lost => {
                    *driver = None;
                    *failures += 1;
                }
            }
        }
        Autopilot::Fly { target, speed_mps } => {
            let reach = *speed_mps * time.delta_secs();
            let flyer: &mut Body = match *control {
                Control::OnFoot => &mut walker,
                Control::InCar => &mut body,
            };
            journey.arrived = fly(flyer, *target, reach, *speed_mps);
            if *control == Control::InCar {
                car.motion.velocity = Vec2::ZERO;
                car.motion.position = body.position.xz();
                car.motion.yaw = yaw_towards((body.rotation * Vec3::NEG_Z).xz());
            }
        }
    }
}

/// Whether something stands between the car and the nearest street, as in a courtyard.
fn is_walled_in(map: &CityMap, index: &CollisionIndex, car: &Car, body: &Body) -> bool {
    let here = car.motion.position;
    let Some(street) = map.side_street(here.as_dvec2()) else {
        return false;
    };
    let way = street.nearest.as_vec2() - here;
    let Ok(direction) = Dir3::new(Vec3::new(way.x, 0.0, way.y)) else {
        return false;
    };
    let mut boxes = Vec::new();
    index.boxes_near(here, way.length() + 2.0, &mut boxes);
    let middle = body.position + Vec3::Y * 0.9;
    let profile = Aabb3d::new(Vec3::ZERO, Vec3::new(0.8, 0.4, 0.8));
    let cast = AabbCast3d::new(profile, middle, direction, way.length());
    boxes
        .iter()
        .any(|solid| cast.aabb_collision_at(*solid).is_some())
}

/// The last resort of a driver who cannot get out: puts the car on the nearest street. Counted as a teleport.
fn tow(map: &CityMap, car: &mut Car, body: &mut Body) {
    let here = car.motion.position.as_dvec2();
    let (place, yaw) = match map.side_street(here) {
        Some(street) => (street.nearest, street.yaw()),
        None => {
            let junction = map.nearest_junction(here.x, here.y);
            (junction.position_in_world, car.motion.yaw)
        }
    };
    info!("the car cannot get out at {here}: towed to {place}");
    car.place(
        body,
        Vec3::new(place.x as f32, body.position.y, place.y as f32),
        yaw,
    );
    body.awaits_ground = true;
}

/// Moves a body by `reach` metres towards its target, at the target's height. Says whether it is there.
fn fly(body: &mut Body, target: Vec3, reach: f32, speed_mps: f32) -> bool {
    let way = (target - body.position).xz();
    let left = way.length();
    body.awaits_ground = false;
    body.position.y = target.y;
    if left <= reach {
        body.position = target;
        body.velocity = Vec3::ZERO;
        return true;
    }
    let direction = way / left;
    body.position += Vec3::new(direction.x, 0.0, direction.y) * reach;
    body.rotation = Quat::from_rotation_y(yaw_towards(direction));
    body.velocity = Vec3::new(direction.x, 0.0, direction.y) * speed_mps;
    false
}

fn keep_journey(
    time: Res<Time>,
    control: Res<Control>,
    walkers: Query<&Body, (With<Walker>, Without<Car>)>,
    cars: Query<&Body, With<Car>>,
    mut journey: ResMut<Journey>,
) {
    let body = match *control {
        Control::OnFoot => walkers.single(),
        Control::InCar => cars.single(),
    };
    let Ok(body) = body else { return };
    let way = f64::from(body.last_step().length());
    journey.distance_m += way;
    journey.speed_mps = way / time.delta_secs_f64();
    journey.speed_max_mps = journey.speed_max_mps.max(journey.speed_mps);
}
