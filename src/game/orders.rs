//! Carries out what is asked of the player's bodies: at once, or at the end of a teleport that waits for its place.

use bevy::ecs::system::SystemParam;
use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use super::GameSet;
use super::body::{Body, yaw_from_heading};
use super::car::Car;
use super::city_map::CityMap;
use super::collision::CollisionIndex;
use super::control::{self, Control};
use super::flight::{Flight, Leg};
use super::keys::{Action, Actions};
use super::look::Look;
use super::pause::PauseMenu;
use super::pilot::Autopilot;
use super::script::{GameRequest, Journey};
use super::travel::{Departure, Destination, Travel};
use super::walker::Walker;
use crate::modes::Toast;
use crate::streaming::{Preloads, StreamingSettings};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Preloads>()
        .init_resource::<Travel>()
        .add_systems(PreUpdate, press_respawn.in_set(GameSet::Act))
        .add_systems(RunFixedMainLoop, serve.in_set(GameSet::Requests));
}

/// The player's two bodies and what moves them.
#[derive(SystemParam)]
struct Player<'w, 's> {
    map: Res<'w, CityMap>,
    index: Res<'w, CollisionIndex>,
    control: ResMut<'w, Control>,
    look: ResMut<'w, Look>,
    autopilot: ResMut<'w, Autopilot>,
    journey: ResMut<'w, Journey>,
    walkers: Query<'w, 's, &'static mut Body, (With<Walker>, Without<Car>)>,
    cars: Query<'w, 's, (&'static mut Car, &'static mut Body), Without<Walker>>,
}

/// A way to ask for the places of teleports.
#[derive(SystemParam)]
struct Agency<'w> {
    time: Res<'w, Time<Real>>,
    settings: Res<'w, StreamingSettings>,
    travel: ResMut<'w, Travel>,
    preloads: ResMut<'w, Preloads>,
    toasts: MessageWriter<'w, Toast>,
}

impl Agency<'_> {
    fn wait_for(&mut self, destination: Destination) {
        let radius_m = self.settings.load_radius_m.min(LARGEST_PRELOAD_M);
        let now = self.time.elapsed();
        if let Err(error) = self
            .travel
            .wait_for(destination, radius_m, now, &mut self.preloads)
        {
            warn!("no teleport: {error}");
        }
    }

    fn depart(&mut self) -> Option<Departure> {
        let departure = self
            .travel
            .depart(self.time.elapsed(), &mut self.preloads)?;
        if !departure.is_ready {
            let secs = departure.waited.as_secs();
            self.toasts.write(Toast::new(format!(
                "not loaded after {secs} s, going anyway"
            )));
        }
        Some(departure)
    }
}

/// No preload is larger, metres.
const LARGEST_PRELOAD_M: f64 = 10_000.0;

fn press_respawn(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    mut requests: MessageWriter<GameRequest>,
) {
    if actions.started(Action::Respawn) && !menu.is_open {
        requests.write(GameRequest::Respawn);
    }
}

fn serve(mut requests: MessageReader<GameRequest>, mut player: Player, mut agency: Agency) {
    for request in requests.read() {
        player.serve(request, &mut agency);
    }
    if let Some(departure) = agency.depart() {
        player.journey.preload_wait_secs += departure.waited.as_secs_f64();
        player.journey.late_preloads += u64::from(!departure.is_ready);
        player.arrive(departure.destination);
        for order in departure.orders {
            player.serve(&order, &mut agency);
        }
    }
    player.journey.awaits_preload = agency.travel.ticket().is_some();
}

impl Player<'_, '_> {
    fn serve(&mut self, request: &GameRequest, agency: &mut Agency) {
        if !request.is_finite() {
            warn!("{request:?} leads nowhere");
            return;
        }
        match *request {
            GameRequest::Teleport {
                x,
                z,
                heading_deg,
                after_preload,
            } => {
                let destination = Destination::Place {
                    at: DVec2::new(x, z),
                    yaw: heading_deg.map(yaw_from_heading),
                };
                if after_preload {
                    agency.wait_for(destination);
                } else {
                    agency.travel.forget(&mut agency.preloads);
                    self.arrive(destination);
                }
            }
            GameRequest::Respawn => agency.wait_for(Destination::Start {
                at: self.map.spawn_point().person_in_world.as_dvec3().xz(),
            }),
            ref order if order.moves_the_body() => {
                if !agency.travel.keep_order(order) {
                    self.obey(order);
                } else if order.is_travel() {
                    self.set_out();
                }
            }
            _ => {}
        }
    }

    /// Carries out an order to the body that stands where it is.
    fn obey(&mut self, order: &GameRequest) {
        match *order {
            GameRequest::EnterVehicle => self.get_in(),
            GameRequest::LeaveVehicle => {
                self.autopilot.stop();
                if *self.control == Control::InCar {
                    self.get_out();
                }
            }
            GameRequest::DriveTo { x, z } => {
                self.get_in();
                self.set_out();
                *self.autopilot = Autopilot::Drive {
                    target: DVec2::new(x, z),
                    driver: None,
                    search: None,
                    failures: 0,
                };
            }
            GameRequest::FlyTo {
                x,
                z,
                height,
                speed,
            } => self.fly(Leg::straight(DVec3::new(x, height, z), speed)),
            GameRequest::FlyArc {
                radius_m,
                degrees,
                height,
                speed,
            } => self.fly(Leg::arc(radius_m, degrees, height, speed)),
            GameRequest::Look { yaw_deg, pitch_deg } => {
                self.look.pin(yaw_deg, pitch_deg, *self.control);
            }
            GameRequest::StopAutopilot => self.autopilot.stop(),
            _ => {}
        }
    }

    fn set_out(&mut self) {
        (self.journey.arrived, self.journey.is_arriving) = (false, false);
    }

    fn fly(&mut self, leg: Leg) {
        match &mut *self.autopilot {
            Autopilot::Fly(flight) if self.journey.is_arriving => flight.then(leg),
            autopilot => *autopilot = Autopilot::Fly(Flight::of(leg)),
        }
        self.set_out();
    }

    /// Puts the player at the end of a teleport.
    fn arrive(&mut self, destination: Destination) {
        let (Ok(mut walker), Ok((mut car, mut body))) =
            (self.walkers.single_mut(), self.cars.single_mut())
        else {
            return;
        };
        self.autopilot.stop();
        self.journey.is_arriving = false;
        self.journey.teleports += 1;
        let (place, yaw) = match destination {
            Destination::Place { at, yaw } => (at, yaw),
            Destination::Start { at } => {
                let start = self.map.spawn_point();
                let parked = start.car_in_world.as_dvec3();
                car.place(&mut body, parked, start.car_heading_rad);
                body.awaits_ground = true;
                if *self.control == Control::InCar {
                    return;
                }
                (at, Some(start.heading_rad))
            }
        };
        // Where nothing is loaded yet the body waits at the height of the land, and finds its floor later.
        let height = self
            .index
            .ground_height(place)
            .unwrap_or_else(|| self.index.land_height(place));
        let place = place.extend(height).xzy();
        match *self.control {
            Control::OnFoot => {
                let yaw = yaw.unwrap_or(self.look.yaw);
                self.look.face(yaw);
                walker.place(place, Quat::from_rotation_y(yaw));
                walker.awaits_ground = true;
            }
            Control::InCar => {
                let yaw = yaw.unwrap_or(car.motion.yaw);
                car.place(&mut body, place, yaw);
                body.awaits_ground = true;
            }
        }
    }

    /// Gets in; a car farther away is put where the walker is, and finds itself a free place there.
    fn get_in(&mut self) {
        let (Ok(walker), Ok((mut car, mut body))) = (self.walkers.single(), self.cars.single_mut())
        else {
            return;
        };
        if *self.control == Control::InCar {
            return;
        }
        let is_near = walker.position.distance(body.position) < WALK_OVER_M;
        if !is_near || walker.awaits_ground != body.awaits_ground {
            car.place(&mut body, walker.position, self.look.yaw);
            body.awaits_ground = true;
        }
        control::enter(&mut self.control, &mut self.look);
    }

    fn get_out(&mut self) {
        let (Ok(mut walker), Ok((car, body))) = (self.walkers.single_mut(), self.cars.single())
        else {
            return;
        };
        control::leave(
            &mut self.control,
            &mut self.look,
            car,
            body,
            &mut walker,
            &self.index,
        );
    }
}

/// From how far a script gets into the car where it stands, metres. A key needs it within reach of the hand.
const WALK_OVER_M: f64 = 30.0;
