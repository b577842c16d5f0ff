//! Everything that a script can do, and when.

use bevy::prelude::KeyCode;
use serde::Deserialize;

use super::checked::{
    arc_degrees, checked_event, cost, degrees, eye_height, file_name, fly_height, fly_speed,
    height_m, hours, key, mark_name, name, place_m, preload_radius_m, preload_secs, radius_m,
    repeatable, secs, share, slow_ms, some_settings, speed_mps, target_ms, times, yes,
};
use super::{Depth, Purpose, Weather};
use crate::modes::PanelCard;
use crate::settings::SettingValue;

/// An event with its time in seconds after the end of the last `Settle`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedEvent {
    /// Seconds.
    #[serde(deserialize_with = "secs")]
    pub at: f64,
    /// What happens.
    #[serde(rename = "do", deserialize_with = "checked_event")]
    pub event: Event,
}

/// Everything a script can do. Distances in metres on the ground plane, speeds in m/s.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Event {
    /// Waits until nothing wanted is missing and nothing is on its way in or out.
    Settle {
        /// Seconds after which waiting has failed.
        #[serde(deserialize_with = "secs")]
        timeout: f64,
    },
    /// Writes gauges and counters into the report under a name.
    Mark(#[serde(deserialize_with = "mark_name")] String),
    /// Drives the car there along the streets.
    DriveTo {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
    },
    /// Flies there in a straight line.
    FlyTo {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Above the ground.
        #[serde(default = "fly_height", deserialize_with = "height_m")]
        height: f64,
        /// m/s.
        #[serde(default = "fly_speed", deserialize_with = "speed_mps")]
        speed: f64,
        /// Begins where the flight before it ends, without a stop; else at once.
        #[serde(default)]
        then: bool,
    },
    /// Flies an arc of a circle from where the player is and looks.
    FlyArc {
        /// Of the circle.
        #[serde(deserialize_with = "radius_m")]
        radius: f64,
        /// To the right if positive, to the left if negative.
        #[serde(deserialize_with = "arc_degrees")]
        degrees: f64,
        /// Above the ground.
        #[serde(default = "fly_height", deserialize_with = "height_m")]
        height: f64,
        /// m/s.
        #[serde(default = "fly_speed", deserialize_with = "speed_mps")]
        speed: f64,
        /// Begins where the flight before it ends, without a stop; else at once.
        #[serde(default)]
        then: bool,
    },
    /// Flies east by `metres` and back, `times` times, from where the player is.
    Shuttle {
        /// How far.
        #[serde(deserialize_with = "place_m")]
        metres: f64,
        /// How often.
        #[serde(deserialize_with = "times")]
        times: u32,
    },
    /// Flies circles around where the player is, until the next order.
    Orbit {
        /// Of the circle.
        #[serde(deserialize_with = "radius_m")]
        radius: f64,
        /// m/s.
        #[serde(deserialize_with = "speed_mps")]
        speed: f64,
    },
    /// Turns the camera.
    Look {
        /// Degrees, 0 = towards −Z, clockwise.
        #[serde(deserialize_with = "degrees")]
        yaw_deg: f64,
        /// Degrees, up is positive.
        #[serde(default, deserialize_with = "degrees")]
        pitch_deg: f64,
    },
    /// Puts the player somewhere else.
    Teleport {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Waits until the last `Preload` whose radius holds the place is ready; without such a one, until the game
        /// itself has preloaded it, ten seconds at most. Else at once.
        #[serde(default)]
        after_preload: bool,
    },
    /// Takes the player back to where the city starts, once that is there.
    Respawn,
    /// Asks for everything around a place at full detail; the report says when it was there.
    Preload {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Chunks with an edge nearer than this.
        #[serde(deserialize_with = "preload_radius_m")]
        radius: f64,
        /// Seconds until it should be there.
        #[serde(default = "preload_secs", deserialize_with = "secs")]
        within: f64,
    },
    /// Gives back every preload that the script has asked for.
    ReleasePreloads,
    /// Adds a second place to stream around.
    AddFocus {
        /// To remove it by.
        #[serde(deserialize_with = "name")]
        name: String,
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// What it is for.
        #[serde(default)]
        purpose: Purpose,
    },
    /// Removes an added place.
    RemoveFocus {
        /// As it was added.
        #[serde(deserialize_with = "name")]
        name: String,
    },
    /// Takes the focus off the player: nothing may be forgotten.
    DropFocus,
    /// Gives the player the focus back.
    RestoreFocus,
    /// The generation of the chunk at this place panics from now on.
    PanicAt {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
    },
    /// This share of generations panics from now on.
    PanicRate(#[serde(deserialize_with = "share")] f64),
    /// Every generation takes longer from now on.
    SlowWorkers {
        /// By how many milliseconds; 0 ends it.
        #[serde(deserialize_with = "slow_ms")]
        ms: f64,
    },
    /// No generation finishes for a while.
    Stall {
        /// For how many seconds.
        #[serde(deserialize_with = "secs")]
        secs: f64,
    },
    /// The next generation of the chunk at this place never ends, until the watchdog gives it up.
    StickAt {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
    },
    /// A share of each leaving chunk's entities stays in the world and is nobody's: a leak on purpose.
    Leak {
        /// Of the entities; 0 ends it.
        #[serde(deserialize_with = "share")]
        share: f64,
    },
    /// Every frame costs so much outside of streaming from now on; with both 0 frames have their usual length again.
    /// On the virtual clock a frame that costs more than its due lasts longer, streaming's charges included; on the
    /// real one the main thread sleeps for that long.
    ChargeFrames {
        /// Milliseconds per frame.
        #[serde(default, deserialize_with = "slow_ms")]
        render_ms: f64,
        /// Microseconds per chunk in the world and frame.
        #[serde(default, deserialize_with = "cost")]
        us_per_chunk: f64,
    },
    /// Does what the verdict of the panel advises.
    FollowAdvice,
    /// Writes a bundle of the last minutes under this name into the `--screenshot` folder, for `replay`.
    SaveBundle(#[serde(deserialize_with = "file_name")] String),
    /// Tries every quarantined chunk again.
    RetryQuarantined,
    /// Asks the generator for the version of every loaded chunk again, and makes anew what changed.
    GeneratorChanged,
    /// Makes the chunk at this place anew, as if something in it had been changed; what is there stays until the new is.
    MakeAnew {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
    },
    /// Takes entities of chunks away that no chunk owns: the way out of a leak.
    SweepOrphans,
    /// Opens the pause menu for a while: the game stands still, streaming goes on.
    Pause {
        /// For how many seconds.
        #[serde(deserialize_with = "secs")]
        secs: f64,
    },
    /// The window loses the focus of the keyboard for a while.
    LoseFocus {
        /// For how many seconds.
        #[serde(deserialize_with = "secs")]
        secs: f64,
    },
    /// Switches the controller of the settings on, with its target, or off.
    Autopilot {
        /// Whether it steers.
        #[serde(default = "yes")]
        on: bool,
        /// The 99th percentile of streaming's milliseconds per frame that it should keep.
        #[serde(default = "target_ms::usual", deserialize_with = "target_ms::read")]
        streaming_ms: f64,
        /// Whether nothing may come late.
        #[serde(default = "yes")]
        nothing_late: bool,
    },
    /// Changes a setting.
    Set {
        /// The setting.
        field: String,
        /// Its new value.
        value: SettingValue,
    },
    /// Changes several settings at once, all of them or none: rules between them see the end only.
    SetTogether(#[serde(deserialize_with = "some_settings")] Vec<(String, String)>),
    /// Does one event several times; the first at once.
    Repeat {
        /// How often.
        #[serde(deserialize_with = "times")]
        times: u32,
        /// Seconds between two.
        #[serde(deserialize_with = "secs")]
        every: f64,
        /// What; anything but `Settle`, `Repeat` and `Quit`.
        #[serde(rename = "do", deserialize_with = "repeatable")]
        event: Box<Event>,
    },
    /// Saves a picture under this name into the `--screenshot` folder.
    Screenshot(#[serde(deserialize_with = "file_name")] String),
    /// Gets into the nearest car.
    EnterVehicle,
    /// Gets out.
    LeaveVehicle,
    /// Puts the free camera somewhere, to take a picture without the player in it.
    View {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Above the land.
        #[serde(default = "eye_height", deserialize_with = "height_m")]
        height: f64,
        /// Degrees, 0 = towards −Z, clockwise.
        #[serde(deserialize_with = "degrees")]
        yaw_deg: f64,
        /// Degrees, up is positive.
        #[serde(default, deserialize_with = "degrees")]
        pitch_deg: f64,
    },
    /// Makes it another hour of the day.
    SetTime {
        /// Since midnight, 0 to 24.
        #[serde(deserialize_with = "hours")]
        hours: f64,
        /// Whether time goes on from there; else it stands still.
        #[serde(default)]
        runs: bool,
    },
    /// Makes it another weather, at once, and holds it.
    SetWeather(Weather),
    /// Presses a key for one frame, by Bevy's name for its place: `KeyW`, `F3`, `Space`.
    Key(#[serde(deserialize_with = "key")] KeyCode),
    /// Holds a key down.
    HoldKey {
        /// As in `Key`.
        #[serde(deserialize_with = "key")]
        key: KeyCode,
        /// For how long.
        #[serde(deserialize_with = "secs")]
        secs: f64,
    },
    /// Saves the panel's text report under this name into the `--screenshot` folder.
    PanelText(#[serde(deserialize_with = "file_name")] String),
    /// Opens or shuts the overlay.
    Overlay(Depth),
    /// Opens one card of the panel, with what is folded away in it, and shuts the others.
    Card(PanelCard),
    /// Shows graphs and map as they were so many seconds before, and holds them there; 0 is live again.
    LookBack(#[serde(deserialize_with = "secs")] f64),
    /// Ends the run.
    Quit,
}
