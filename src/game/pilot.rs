//! Who drives or flies instead of the player: along streets with the pedals, or through the air without physics.

use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::autopilot::{Progress, RouteDriver};
use super::body::{Body, forward_of, yaw_towards};
use super::car::{Car, CarMotion, DriverInput, DriverInputNow, has_edge_ahead};
use super::city_map::{CityMap, DriveSearch, LaneSpot};
use super::collision::CollisionIndex;
use super::control::Control;
use super::crowd::{MoverKind, Movers, SignalClock};
use super::flight::{Flight, Flyer};
use super::script::Journey;
use super::standoff::{InTheWay, RoadAhead};
use super::walker::Walker;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Autopilot>()
        .add_systems(FixedUpdate, (drive, fly).chain().in_set(GameSet::Pilot));
}

/// A flight that ends within so many seconds can be prolonged without a stop. Longer than any frame that game time follows.
const ARRIVING_SECS: f64 = 0.1;

/// Nothing flies nearer to the land, metres.
const LOWEST_FLIGHT_M: f64 = 3.0;

/// Farther ahead than this the autopilot looks for nobody, metres.
const SIGHT_M: f32 = 70.0;
/// Half the length of the longest vehicle, half the width of the own car with room beside it, and what is above or below
/// the own road, metres.
const LARGEST_M: f32 = 8.0;
const HALF_WIDTH_M: f32 = 1.15;
/// Half the length of the own car, metres.
const HALF_LENGTH_M: f32 = 2.2;
/// Whoever looks the same way as the own route, by the cosine between, is ahead in the same queue.
const SAME_WAY_COSINE: f32 = 0.6;
const STOREY_M: f64 = 3.0;
/// So far ahead in time the ways of crossing vehicles are followed, and how far one goes meanwhile, seconds and metres.
const FORESIGHT_SECS: f32 = 2.5;
const CROSSING_M: f64 = 30.0;
/// Nearer than this to a lane a car simply joins it, metres.
const ON_STREET_M: f32 = 7.0;

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
        /// The driver; none until a route is found.
        driver: Option<RouteDriver>,
        /// The route that is being looked for, a slice in each step.
        search: Option<Box<DriveSearch>>,
        /// How many routes in a row ended nowhere.
        failures: u32,
    },
    /// The controlled body flies, and stays in the air at the end.
    Fly(Flight),
}

impl Autopilot {
    /// Whether the controlled body is out of the hands of physics.
    #[must_use]
    pub const fn is_flying(&self) -> bool {
        matches!(self, Self::Fly(_))
    }

    /// Gives control back to the player.
    pub fn stop(&mut self) {
        *self = Self::Off;
    }
}

fn drive(
    time: Res<Time>,
    mut map: ResMut<CityMap>,
    index: Res<CollisionIndex>,
    movers: Res<Movers>,
    clock: Res<SignalClock>,
    mut autopilot: ResMut<Autopilot>,
    mut journey: ResMut<Journey>,
    mut driver_input: ResMut<DriverInputNow>,
    mut cars: Query<(&mut Car, &mut Body)>,
) {
    let Autopilot::Drive {
        target,
        driver,
        search,
        failures,
    } = &mut *autopilot
    else {
        return;
    };
    let Ok((mut car, mut body)) = cars.single_mut() else {
        return;
    };
    // A car that waits for its ground has not found its place yet: the route starts there.
    if body.awaits_ground {
        driver_input.0 = DriverInput::PARKED;
        return;
    }
    let is_new = driver.is_none() && search.is_none();
    if is_new && (*failures > 1 || is_walled_in(&mut map, &index, &body)) {
        tow(&mut map, &mut car, &mut body, &movers);
        journey.teleports += 1;
        *failures = 0;
        return;
    }
    // The city is not there yet: to wait is not to be stuck.
    if has_edge_ahead(&car.motion, &index) {
        driver_input.0 = DriverInput::PARKED;
        return;
    }
    let Some(on_route) = driver else {
        let under_way = search.get_or_insert_with(|| {
            let forward = forward_of(car.motion.yaw);
            Box::new(map.begin_drive(body.position, forward, *target))
        });
        if let Some(route) = map.search_in_step(under_way) {
            *driver = Some(RouteDriver::on(route));
            *search = None;
        }
        driver_input.0 = DriverInput::PARKED;
        return;
    };
    let is_last = on_route.leads_to_the_goal();
    let leader = first_in_the_way(on_route, &car.motion, body.position.y, &movers);
    let room_behind_m = room_behind(&car.motion, body.position.y, &movers);
    let line_m = on_route.stop_ahead(&car.motion, |line| clock.shows(line.junction, line.arm));
    let road = RoadAhead {
        leader,
        line_m,
        room_behind_m,
    };
    let (input, progress) = on_route.drive_among(&car.motion, &road, time.delta_secs());
    driver_input.0 = input;
    match progress {
        Progress::Driving => {}
        Progress::Arrived if is_last => journey.arrived = true,
        Progress::Arrived => *driver = None,
        Progress::Lost => {
            *driver = None;
            *failures += 1;
        }
    }
}

/// Who is first in the way of a car, at a height, on its route.
pub(super) fn first_in_the_way(
    on_route: &RouteDriver,
    motion: &CarMotion,
    height_m: f64,
    movers: &Movers,
) -> Option<InTheWay> {
    let (here, speed) = (motion.position, motion.forward_speed());
    let reach_m = speed * speed / 6.0 + speed + 10.0;
    let found = on_route.first_ahead(here, reach_m.min(SIGHT_M), |place, way| {
        let near = f64::from(LARGEST_M);
        let others = movers
            .vehicles_near(place, near)
            .chain(movers.walkers_near(place, near));
        others
            .filter(|other| !matches!(other.kind, MoverKind::PlayerCar | MoverKind::Walker))
            .filter(|other| (other.height_m - height_m).abs() < STOREY_M)
            .find(|other| other.way_to(place).length() < other.radius_m + HALF_WIDTH_M)
            .map(|other| {
                let is_queue = other.forward.dot(way) > SAME_WAY_COSINE;
                (other.velocity.dot(way).max(0.0), is_queue)
            })
            .or_else(|| {
                // Who will cross just there when the car comes there.
                let secs = here.distance(place) as f32 / speed.max(2.0);
                let crossing = movers.vehicles_near(place, near + CROSSING_M);
                (secs < FORESIGHT_SECS)
                    .then_some(crossing)?
                    .filter(|other| {
                        let pace = other.velocity.length();
                        other.kind == MoverKind::Vehicle
                            && pace > 1.0
                            && other.velocity.dot(way).abs() < 0.8 * pace
                            && (other.height_m - height_m).abs() < STOREY_M
                    })
                    .find(|other| {
                        let then = place - (other.velocity * secs).as_dvec2();
                        other.way_to(then).length() < other.radius_m + HALF_WIDTH_M
                    })
                    // It moves: nobody to back off for.
                    .map(|_| (0.0, true))
            })
    });
    found.map(|(distance_m, (speed_mps, is_queue))| InTheWay {
        distance_m,
        speed_mps,
        is_queue,
    })
}

/// How far a car can go backwards before it comes to somebody, metres; only so far as it might want to.
pub(super) fn room_behind(motion: &CarMotion, height_m: f64, movers: &Movers) -> f32 {
    const STEP_M: f32 = 0.5;
    const STEPS: u32 = 12;
    let back = -forward_of(motion.yaw);
    let is_taken = |place: DVec2| {
        let near = f64::from(LARGEST_M);
        movers
            .vehicles_near(place, near)
            .chain(movers.walkers_near(place, near))
            .filter(|other| !matches!(other.kind, MoverKind::PlayerCar | MoverKind::Walker))
            .filter(|other| (other.height_m - height_m).abs() < STOREY_M)
            .any(|other| other.way_to(place).length() < other.radius_m + HALF_WIDTH_M)
    };
    (0..STEPS)
        .map(|step| step as f32 * STEP_M)
        .find(|room_m| {
            let place = motion.position + (back * (HALF_LENGTH_M + room_m)).as_dvec2();
            is_taken(place)
        })
        .unwrap_or(STEPS as f32 * STEP_M)
}

/// Whether something stands between the car and the nearest lane, as in a courtyard.
fn is_walled_in(map: &mut CityMap, index: &CollisionIndex, body: &Body) -> bool {
    let here = body.position.xz();
    let way = (map.nearest_lane(here).place - here).as_vec2();
    if way.length() < ON_STREET_M {
        return false;
    }
    let Ok(direction) = Dir3::new(Vec3::new(way.x, 0.0, way.y)) else {
        return false;
    };
    let mut boxes = Vec::new();
    index.boxes_near(here, way.length() + 2.0, &mut boxes);
    let middle = body.position + DVec3::Y * 0.9;
    let profile = Vec3::new(0.8, 0.4, 0.8);
    boxes.iter().any(|solid| {
        solid
            .cast(middle, direction, way.length(), profile)
            .is_some()
    })
}

/// The last resort of a driver who cannot get out: puts the car on the nearest lane where nobody is. Counted as a teleport.
fn tow(map: &mut CityMap, car: &mut Car, body: &mut Body, movers: &Movers) {
    let here = body.position.xz();
    let LaneSpot {
        place,
        yaw,
        height_m,
    } = free_spot(map, here, movers);
    info!("the car cannot get out at {here}: towed to {place}");
    car.place(body, place.extend(height_m).xzy(), yaw);
    body.awaits_ground = true;
}

/// The place on a lane near another where nobody is; the nearest at all if there are many everywhere.
fn free_spot(map: &mut CityMap, here: DVec2, movers: &Movers) -> LaneSpot {
    const RINGS_M: [f64; 4] = [0.0, 12.0, 25.0, 45.0];
    let is_free = |spot: &LaneSpot| {
        let mut near = movers.vehicles_near(spot.place, f64::from(LARGEST_M));
        near.all(|other| {
            other.kind == MoverKind::PlayerCar || (other.height_m - spot.height_m).abs() > STOREY_M
        })
    };
    let ring = |radius_m: f64| {
        (0..8).map(move |eighth| {
            let turn = f64::from(eighth) * std::f64::consts::FRAC_PI_4;
            here + DVec2::from_angle(turn) * radius_m
        })
    };
    let around: Vec<DVec2> = RINGS_M.into_iter().flat_map(ring).collect();
    let found = around
        .into_iter()
        .map(|place| map.nearest_lane(place))
        .find(is_free);
    found.unwrap_or_else(|| map.nearest_lane(here))
}

fn fly(
    time: Res<Time>,
    control: Res<Control>,
    index: Res<CollisionIndex>,
    mut autopilot: ResMut<Autopilot>,
    mut journey: ResMut<Journey>,
    mut walkers: Query<&mut Body, (With<Walker>, Without<Car>)>,
    mut cars: Query<(&mut Car, &mut Body), Without<Walker>>,
) {
    let Autopilot::Fly(flight) = &mut *autopilot else {
        return;
    };
    let dt = time.delta_secs_f64();
    match *control {
        Control::OnFoot => {
            if let Ok(mut body) = walkers.single_mut() {
                carry(&mut body, flight, &mut journey, &index, dt);
            }
        }
        Control::InCar => {
            if let Ok((mut car, mut body)) = cars.single_mut() {
                carry(&mut body, flight, &mut journey, &index, dt);
                car.motion.velocity = Vec2::ZERO;
                car.motion.position = body.position.xz();
                car.motion.yaw = yaw_towards((body.rotation * Vec3::NEG_Z).xz());
            }
        }
    }
}

/// Moves a body along its flight for one step.
fn carry(
    body: &mut Body,
    flight: &mut Flight,
    journey: &mut Journey,
    index: &CollisionIndex,
    dt: f64,
) {
    let nose = (body.rotation * Vec3::NEG_Z).xz().as_dvec2();
    let mut flyer = Flyer {
        place: body.position,
        heading: nose.try_normalize().unwrap_or(DVec2::NEG_Y),
        speed_mps: 0.0,
    };
    body.awaits_ground = false;
    flight.advance(&mut flyer, dt);
    body.position = flyer.place;
    // Hills are higher than the lowest flights.
    let lowest = index.land_height(flyer.place.xz()) + LOWEST_FLIGHT_M;
    body.position.y = body.position.y.max(lowest);
    let heading = flyer.heading.as_vec2();
    body.rotation = Quat::from_rotation_y(yaw_towards(heading));
    body.velocity = Vec3::new(heading.x, 0.0, heading.y) * flyer.speed_mps as f32;
    journey.arrived = flight.is_over();
    journey.is_arriving = !journey.arrived && flight.ends_within(flyer, ARRIVING_SECS);
}
