//! What a script can ask of the game, and what it can read about the journey.

use bevy::prelude::*;

use super::GameSet;
use super::body::Body;
use super::car::Car;
use super::control::Control;
use super::walker::Walker;
use super::weather::WeatherKind;
use crate::streaming::FocusPurpose;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<GameRequest>()
        .init_resource::<Journey>()
        .add_systems(FixedUpdate, keep_journey.in_set(GameSet::Journey));
}

/// Something a script asks of the game. Coordinates are the world's, in metres, wherever the scene's origin is; headings in degrees, 0 = north = -z, 90 = east = +x.
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
        /// Whether to stay where the body is until the place around the target is loaded, for ten seconds at most.
        after_preload: bool,
    },
    /// Back to where the city starts, once that is loaded, or after ten seconds.
    Respawn,
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
    /// Flies straight to a place, through everything, and stays in the air there. Given while a flight is arriving
    /// ([`Journey::is_arriving`]), the leg follows without a stop; given earlier, it replaces the flight.
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
    /// Flies a circular arc from where the body is and looks, at the height given, and stays in the air at its end.
    /// Follows or replaces another flight as [`GameRequest::FlyTo`] does.
    FlyArc {
        /// Radius of the arc, metres.
        radius_m: f64,
        /// How far to turn: to the right if positive, to the left if negative.
        degrees: f64,
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
    /// Makes it another hour of the day.
    SetTime {
        /// Hours since midnight, 0 to 24.
        hours: f64,
        /// Whether time goes on from there.
        runs: bool,
    },
    /// Holds a weather that is there at once; without one the weather is its own again.
    SetWeather(Option<WeatherKind>),
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
        /// What it is for.
        purpose: FocusPurpose,
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
    /// Opens the pause menu for a while.
    Pause {
        /// For how long, true seconds.
        secs: f64,
    },
    /// The window loses the focus of the keyboard for a while, as if another one were in front.
    LoseFocus {
        /// For how long, true seconds.
        secs: f64,
    },
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
    /// Whether the flight ends within a tenth of a second: a leg that is ordered now follows without a stop.
    pub is_arriving: bool,
    /// Whether a teleport waits for its place to be loaded.
    pub awaits_preload: bool,
    /// How many teleports went after ten seconds although their place was not ready.
    pub late_preloads: u64,
    /// How long teleports have waited for their places, true seconds.
    pub preload_wait_secs: f64,
}

impl GameRequest {
    /// Whether the controlled body or its view is to do something where it is: such an order waits for a teleport.
    pub(super) const fn moves_the_body(&self) -> bool {
        self.is_travel()
            || matches!(
                self,
                Self::EnterVehicle | Self::LeaveVehicle | Self::Look { .. } | Self::StopAutopilot
            )
    }

    /// Whether it leads somewhere.
    pub(super) const fn is_travel(&self) -> bool {
        matches!(
            self,
            Self::DriveTo { .. } | Self::FlyTo { .. } | Self::FlyArc { .. }
        )
    }

    /// Whether every number says something; a body at NaN would be lost for ever.
    pub(super) fn is_finite(&self) -> bool {
        let numbers = match *self {
            Self::Teleport {
                x, z, heading_deg, ..
            } => [x, z, heading_deg.unwrap_or(0.0), 0.0],
            Self::DriveTo { x, z } | Self::AddFocus { x, z, .. } => [x, z, 0.0, 0.0],
            Self::FlyTo {
                x,
                z,
                height,
                speed,
            } => [x, z, height, speed],
            Self::FlyArc {
                radius_m,
                degrees,
                height,
                speed,
            } => [radius_m, degrees, height, speed],
            Self::Look { yaw_deg, pitch_deg } => [yaw_deg, pitch_deg, 0.0, 0.0],
            Self::Pause { secs } | Self::LoseFocus { secs } => [secs, 0.0, 0.0, 0.0],
            Self::SetTime { hours, .. } => [hours, 0.0, 0.0, 0.0],
            Self::Respawn
            | Self::SetWeather(_)
            | Self::EnterVehicle
            | Self::LeaveVehicle
            | Self::StopAutopilot
            | Self::RemoveFocus { .. }
            | Self::DropFocus
            | Self::RestoreFocus => [0.0; 4],
        };
        numbers.iter().all(|number| number.is_finite())
    }
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
    let way = body.last_step().length();
    journey.distance_m += way;
    journey.speed_mps = way / time.delta_secs_f64();
    journey.speed_max_mps = journey.speed_max_mps.max(journey.speed_mps);
}
