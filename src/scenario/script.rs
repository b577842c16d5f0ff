//! The form of a scenario file. Everything is checked while it is read, so that messages name the place.

use std::path::{Path, PathBuf};

use bevy::prelude::KeyCode;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use thiserror::Error;

use super::Expectation;
use super::keys::key_named;
use crate::settings::{
    Place, PresetName, SettingValue, SettingsLayer, about_unknown, check_setting, did_you_mean,
    ron_error_text,
};

/// Farther than this from the middle of the world (m) the game promises nothing.
const WORLD_LIMIT_M: f64 = 1e7;
/// No script waits or runs longer than this (s of simulated time): a day.
const TIME_LIMIT_SECS: f64 = 86_400.0;

/// A scenario, read and found legal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What reports call it.
    pub name: String,
    /// The seed of the world and of every random choice in the run.
    #[serde(default, deserialize_with = "seed")]
    pub seed: Option<u64>,
    /// The settings it starts from.
    #[serde(default, deserialize_with = "given")]
    pub preset: Option<PresetName>,
    /// Settings over the preset.
    #[serde(default, deserialize_with = "settings")]
    pub set: Vec<(String, String)>,
    /// What fills the chunks.
    pub generator: Generator,
    /// Virtual service time in microseconds by detail level, 0 = full. Ignored on the real clock.
    #[serde(default = "city_cost_us", deserialize_with = "costs")]
    pub city_cost_us: Vec<f64>,
    /// What applying and unloading cost on the virtual clock.
    #[serde(default)]
    pub apply_cost: ApplyCost,
    /// Where the player starts; where the game says, if absent.
    #[serde(default, deserialize_with = "given")]
    pub start: Option<Start>,
    /// What happens when.
    pub events: Vec<TimedEvent>,
    /// What the report must say at the end.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Seconds after the end of the last `Settle` at which the run ends; without it, when every event is done.
    #[serde(default, deserialize_with = "given_secs")]
    pub until: Option<f64>,
}

/// What fills the chunks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Generator {
    /// The city of the game.
    City,
    /// Boxes of a stated cost and size.
    Synthetic {
        /// Work per chunk in microseconds.
        #[serde(deserialize_with = "cost")]
        cost_us: f64,
        /// How the cost is spread over the chunks.
        #[serde(default)]
        spread: Spread,
        /// Entities per chunk.
        #[serde(deserialize_with = "entities")]
        entities: u32,
        /// Bytes of mesh per chunk, rounded up to whole triangles.
        #[serde(deserialize_with = "mesh_bytes")]
        bytes: u64,
    },
}

/// How the cost of synthetic chunks is spread.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Spread {
    /// Every chunk costs the same.
    #[default]
    Constant,
    /// Most chunks cost less than the mean, a few cost many times as much.
    Heavy,
}

/// What applying and unloading cost on the virtual clock.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyCost {
    /// Microseconds per entity.
    #[serde(deserialize_with = "cost")]
    pub us_per_entity: f64,
    /// Nanoseconds per byte of mesh.
    #[serde(deserialize_with = "cost")]
    pub ns_per_byte: f64,
}

impl Default for ApplyCost {
    fn default() -> Self {
        Self {
            us_per_entity: 1.0,
            ns_per_byte: 0.5,
        }
    }
}

/// Where the player starts.
#[derive(Copy, Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Start {
    /// A point on the ground and a heading (0 = towards −Z, clockwise).
    At {
        /// East in metres.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South in metres.
        #[serde(deserialize_with = "place_m")]
        z: f64,
        /// Degrees.
        #[serde(default, deserialize_with = "degrees")]
        heading_deg: f64,
    },
}

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
    /// Puts the player somewhere else at once.
    Teleport {
        /// East.
        #[serde(deserialize_with = "place_m")]
        x: f64,
        /// South.
        #[serde(deserialize_with = "place_m")]
        z: f64,
    },
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
    /// Changes a setting.
    Set {
        /// The setting.
        field: String,
        /// Its new value.
        value: SettingValue,
    },
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
    /// Ends the run.
    Quit,
}

/// How much of the overlay is shown.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Depth {
    /// Nothing.
    #[serde(alias = "off")]
    Off,
    /// The strip.
    #[serde(alias = "hud")]
    Hud,
    /// The panel.
    #[serde(alias = "full")]
    Full,
}

/// Why a scenario was refused.
#[derive(Debug, Error)]
pub enum ScriptError {
    /// The file could not be read.
    #[error("scenario {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not RON of the right form, or a name or value in it is not legal.
    #[error("{0}")]
    Malformed(String),
}

impl Scenario {
    /// Reads and checks a file.
    pub fn read(file: &Path) -> Result<(Self, SettingsLayer), ScriptError> {
        let source = std::fs::read_to_string(file).map_err(|source| ScriptError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        let scenario = Self::parse(file, &source)?;
        let layer = scenario
            .layer(&file.display().to_string())
            .with_source(&source);
        Ok((scenario, layer))
    }

    /// The same for a source in memory; `file` is only named.
    pub fn parse(file: &Path, source: &str) -> Result<Self, ScriptError> {
        let scenario: Self = ron::from_str(source)
            .map_err(|error| ScriptError::Malformed(ron_error_text(file, &error)))?;
        scenario
            .check_marks()
            .map_err(|text| ScriptError::Malformed(format!("{}: {text}", file.display())))?;
        scenario.check_until().map_err(|(event, text)| {
            // Without a place where something else in the file looks like the time of an event.
            let places: Vec<Place> = Place::of_keys(source, "at").collect();
            let place = (places.len() == scenario.events.len()).then(|| places[event]);
            let place = place.map_or_else(String::new, |place| format!("{place}:"));
            ScriptError::Malformed(format!("{}:{place} {text}", file.display()))
        })?;
        Ok(scenario)
    }

    /// The settings that the scenario states: its preset, over it `set`, over both its seed.
    fn layer(&self, origin: &str) -> SettingsLayer {
        let preset = self.preset.map(|preset| preset.0.layer());
        let mut changes = preset.map_or_else(Vec::new, |layer| layer.changes().to_vec());
        changes.extend(self.set.iter().cloned());
        changes.extend(self.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        SettingsLayer::new(origin, changes)
    }

    /// The names of all marks, in order.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|timed| {
            let event = match &timed.event {
                Event::Repeat { event, .. } => event,
                event => event,
            };
            match event {
                Event::Mark(name) => Some(name.as_str()),
                _ => None,
            }
        })
    }

    /// An expectation may only speak of marks that the script sets.
    fn check_marks(&self) -> Result<(), String> {
        for expectation in &self.expect {
            for mark in expectation.marks() {
                if !self.marks().any(|name| name == mark) {
                    let names: Vec<_> = self.marks().collect();
                    return Err(format!(
                        "expect `{expectation}`: no event sets the mark \"{mark}\"{}; the marks are {names:?}",
                        did_you_mean(mark, names.iter().copied())
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Scenario {
    /// Nothing may be due after the end: which event is, by its index, and how.
    fn check_until(&self) -> Result<(), (usize, String)> {
        let Some(until) = self.until else {
            return Ok(());
        };
        let is_settle = |timed: &TimedEvent| matches!(timed.event, Event::Settle { .. });
        let from = self
            .events
            .iter()
            .rposition(is_settle)
            .map_or(0, |at| at + 1);
        let late = (from..).zip(&self.events[from..]);
        for (index, timed) in late {
            if timed.at > until {
                return Err((
                    index,
                    format!(
                        "at {} is after the end of the run at {until} (`until`), both in seconds after the end of the last `Settle`; legal is 0 to {until}, or a later `until`",
                        timed.at
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// What a chunk of the city costs by level, unless a scenario says otherwise.
pub(super) fn city_cost_us() -> Vec<f64> {
    vec![8_000.0, 900.0, 120.0]
}

fn fly_height() -> f64 {
    60.0
}

fn fly_speed() -> f64 {
    60.0
}

/// An optional field is written without `Some(…)`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// A seed, written without `Some(…)`; the message names the greatest one to its last digit.
fn seed<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
    let raw = Box::<ron::value::RawValue>::deserialize(d)?;
    let text = raw.trim().get_ron();
    ron::from_str(text).map(Some).map_err(|_| {
        D::Error::custom(format!(
            "seed {text} is not a whole number in range; legal is 0 to {}",
            u64::MAX
        ))
    })
}

fn given_secs<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    secs(d).map(Some)
}

/// A number in a closed range; NaN is in none.
fn within<'de, D: Deserializer<'de>>(
    d: D,
    what: &str,
    low: f64,
    high: f64,
) -> Result<f64, D::Error> {
    let value = f64::deserialize(d)?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!(
            "{what} {value} is out of range; legal is {low} to {high}"
        )))
    }
}

fn secs<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "time in seconds", 0.0, TIME_LIMIT_SECS)
}

fn place_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "place in metres", -WORLD_LIMIT_M, WORLD_LIMIT_M)
}

fn height_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "height in metres", 0.0, 100_000.0)
}

fn radius_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "radius in metres", 1.0, 100_000.0)
}

fn speed_mps<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "speed in m/s", 0.1, 10_000.0)
}

fn degrees<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "angle in degrees", -360.0, 360.0)
}

fn share<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "share", 0.0, 1.0)
}

fn slow_ms<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "delay in ms", 0.0, 60_000.0)
}

fn cost<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "cost", 0.0, 1e9)
}

fn costs<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f64>, D::Error> {
    let costs = Vec::<f64>::deserialize(d)?;
    let legal = !costs.is_empty() && costs.iter().all(|cost| (0.0..=1e9).contains(cost));
    if legal {
        Ok(costs)
    } else {
        Err(D::Error::custom(format!(
            "costs {costs:?} are not legal; give at least one, each 0 to 1e9 µs, the first for full detail"
        )))
    }
}

fn times<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    let times = u32::deserialize(d)?;
    if (1..=100_000).contains(&times) {
        Ok(times)
    } else {
        Err(D::Error::custom(format!(
            "{times} times is out of range; legal is 1 to 100000"
        )))
    }
}

fn entities<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    let count = u32::deserialize(d)?;
    if (1..=100_000).contains(&count) {
        Ok(count)
    } else {
        Err(D::Error::custom(format!(
            "{count} entities are out of range; legal is 1 to 100000"
        )))
    }
}

fn mesh_bytes<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    let bytes = u64::deserialize(d)?;
    if bytes <= 256 << 20 {
        Ok(bytes)
    } else {
        Err(D::Error::custom(format!(
            "{bytes} bytes are out of range; legal is 0 to {}",
            256 << 20
        )))
    }
}

fn name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let name = String::deserialize(d)?;
    if name.trim().is_empty() {
        Err(D::Error::custom("the name is empty"))
    } else {
        Ok(name)
    }
}

fn mark_name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let name = name(d)?;
    if name.contains('"') {
        Err(D::Error::custom(format!(
            "a mark's name has no quotation marks in it: {name:?}"
        )))
    } else {
        Ok(name)
    }
}

/// A name that cannot leave the folder it is meant for.
fn file_name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let name = name(d)?;
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.chars().all(legal) && !name.starts_with('.') {
        Ok(name)
    } else {
        Err(D::Error::custom(format!(
            "{name:?} is not a legal picture name; use letters, digits, `-`, `_` and `.`, not first"
        )))
    }
}

fn key<'de, D: Deserializer<'de>>(d: D) -> Result<KeyCode, D::Error> {
    let given = String::deserialize(d)?;
    key_named(&given).map_err(D::Error::custom)
}

fn repeatable<'de, D: Deserializer<'de>>(d: D) -> Result<Box<Event>, D::Error> {
    let event = checked_event(d)?;
    match event {
        Event::Settle { .. } | Event::Repeat { .. } | Event::Quit => Err(D::Error::custom(
            "`Settle`, `Repeat` and `Quit` cannot be repeated; list them as events of their own",
        )),
        event => Ok(Box::new(event)),
    }
}

fn settings<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<(String, String)>, D::Error> {
    let map = std::collections::BTreeMap::<String, SettingValue>::deserialize(d)?;
    let checked = map.into_iter().map(|(field, SettingValue(value))| {
        judge(&field, &value).map_err(D::Error::custom)?;
        Ok((field, value))
    });
    checked.collect()
}

/// An event whose fields were also judged together.
fn checked_event<'de, D: Deserializer<'de>>(d: D) -> Result<Event, D::Error> {
    let event = Event::deserialize(d)?;
    if let Event::Set {
        field,
        value: SettingValue(value),
    } = &event
    {
        judge(field, value).map_err(D::Error::custom)?;
    }
    Ok(event)
}

fn judge(field: &str, value: &str) -> Result<(), String> {
    check_setting(field, value).map_err(|error| {
        let names = ringroad_streaming::FIELDS.iter().map(|spec| spec.name);
        let hint = if names.clone().any(|name| name == field) {
            String::new()
        } else {
            about_unknown(field, names)
        };
        format!("{error}{hint}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Scenario, String> {
        Scenario::parse(Path::new("t.ron"), source).map_err(|error| error.to_string())
    }

    fn with_event(event: &str) -> Result<Scenario, String> {
        parse(&format!(
            "Scenario(name: \"t\", generator: City, events: [\n(at: 0, do: {event}),\n])"
        ))
    }

    #[test]
    fn the_example_of_the_report_page_is_legal() {
        let scenario = parse(
            r#"Scenario(
  name: "first-drive", seed: 7, preset: "Conservative", set: { "load_radius_m": 1200 },
  generator: City,                       // or Synthetic(cost_us: 1000, spread: Heavy, entities: 150, bytes: 200000)
  city_cost_us: [8000, 900, 120],        // virtual service time by level; ignored on the real clock
  apply_cost: (us_per_entity: 1.0, ns_per_byte: 0.5),
  start: At(x: 0, z: 0, heading_deg: 90),
  events: [
    (at: 0.0, do: Settle(timeout: 30)),  // wait until nothing wanted is missing
    (at: 0.0, do: Mark("start")),
    (at: 0.0, do: DriveTo(x: 1500, z: 300)),
    (at: 20.0, do: Set(field: "max_concurrent_tasks", value: 6)),
    (at: 40.0, do: Repeat(times: 3, every: 2.0, do: Teleport(x: 4000, z: -900))),
    (at: 60.0, do: Screenshot("street")),
  ],
  expect: ["gauges_max.loaded >= 98", "counters.applied > 200", "late.must_have == 0"],
  until: 90.0,
)"#,
        )
        .expect("legal");
        assert_eq!(
            (scenario.seed, scenario.until, scenario.events.len()),
            (Some(7), Some(90.0), 6)
        );
        let repeated = Event::Repeat {
            times: 3,
            every: 2.0,
            event: Box::new(Event::Teleport {
                x: 4000.0,
                z: -900.0,
            }),
        };
        assert_eq!(scenario.events[4].event, repeated);
    }

    #[test]
    fn every_event_of_the_page_is_understood() {
        for event in [
            "FlyTo(x: 1, z: 2, height: 3, speed: 4)",
            "Shuttle(metres: 6, times: 40)",
            "Orbit(radius: 100, speed: 20)",
            "Look(yaw_deg: 90, pitch_deg: -10)",
            "AddFocus(name: \"b\", x: 1, z: 2)",
            "RemoveFocus(name: \"b\")",
            "DropFocus",
            "RestoreFocus",
            "PanicAt(x: 1, z: 2)",
            "PanicRate(0.05)",
            "SlowWorkers(ms: 20)",
            "Stall(secs: 2)",
            "EnterVehicle",
            "LeaveVehicle",
            "Key(\"F3\")",
            "HoldKey(key: \"KeyW\", secs: 2)",
            "PanelText(\"panel\")",
            "Overlay(Full)",
            "Quit",
        ] {
            with_event(event).unwrap_or_else(|error| panic!("{event}: {error}"));
        }
    }

    #[test]
    fn unknown_events_are_refused_with_place_and_the_known_ones() {
        for event in [
            "Preload(x: 1, z: 2, radius: 3, within: 4)",
            "FollowAdvice",
            "Telport(x: 1, z: 2)",
        ] {
            let error = with_event(event).expect_err("refused");
            assert!(error.starts_with("t.ron:2:"), "{event}: {error}");
            assert!(
                error.contains("`Settle`") && error.contains("`Overlay`"),
                "{event}: {error}"
            );
        }
        for event in ["Preload(x: 1, z: 2)", "FollowAdvice"] {
            let error = with_event(event).expect_err("refused");
            assert!(error.contains("not in this version yet"), "{error}");
        }
        assert!(
            with_event("Telport(x: 1, z: 2)")
                .expect_err("refused")
                .contains("did you mean `Teleport`?")
        );
    }

    #[test]
    fn values_that_make_no_sense_are_refused_with_their_place() {
        for event in [
            "Settle(timeout: -1)",
            "Settle(timeout: NaN)",
            "DriveTo(x: inf, z: 0)",
            "Teleport(x: 1e9, z: 0)",
            "FlyTo(x: 0, z: 0, speed: 0)",
            "PanicRate(1.5)",
            "PanicRate(NaN)",
            "Repeat(times: 0, every: 1, do: DropFocus)",
            "Repeat(times: 2, every: 1, do: Quit)",
            "Repeat(times: 2, every: 1, do: Set(field: \"sead\", value: 1))",
            "Set(field: \"sead\", value: 1)",
            "Set(field: \"apply_budget_ms\", value: NaN)",
            "Set(field: \"max_concurrent_tasks\", value: 1000)",
            "Mark(\"\")",
            "Screenshot(\"../out\")",
            "Key(\"Spce\")",
            "Look(yaw_deg: 1e6)",
            "AddFocus(name: \" \", x: 0, z: 0)",
            "DriveTo(x: 1)",
            "DriveTo(x: 1, z: 2, y: 3)",
            "SlowWorkers(ms: \"fast\")",
        ] {
            let error = with_event(event).expect_err(event);
            assert!(error.starts_with("t.ron:2:"), "{event}: {error}");
        }
    }

    #[test]
    fn seeds_of_all_64_bits_in_any_notation_are_legal() {
        for (text, seed) in [
            ("18446744073709551615", u64::MAX),
            ("0xff", 255),
            ("1_000", 1000),
        ] {
            let source =
                format!("Scenario(name: \"t\", generator: City, events: [], seed: {text})");
            assert_eq!(parse(&source).expect("legal").seed, Some(seed), "{text}");
        }
    }

    #[test]
    fn an_event_after_the_end_is_refused_with_its_place_and_both_times() {
        let with = |events: &str| {
            parse(&format!(
                "Scenario(name: \"t\", generator: City, until: 2.5, events: [\n{events}\n])"
            ))
        };
        let error = with("(at: 0, do: DropFocus),\n  (at: 3, do: DropFocus)").expect_err("late");
        assert!(error.starts_with("t.ron:3:4: at 3 "), "{error}");
        assert!(error.contains("2.5"), "{error}");
        let strange = "(at: 1, do: Mark(\"at: last\")), (at: 3, do: DropFocus)";
        let error = with(strange).expect_err("late");
        assert!(error.starts_with("t.ron: at 3 "), "{error}");
        // Before the last `Settle` times count from another beginning.
        with("(at: 9, do: DropFocus), (at: 10, do: Settle(timeout: 9)), (at: 2.5, do: DropFocus)")
            .expect("legal");
    }

    #[test]
    fn unknown_fields_presets_paths_and_half_files_are_refused() {
        for (source, part) in [
            (
                "Scenario(name: \"t\", generator: City, events: [], speed: 3)",
                "`speed`",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], preset: \"Fast\")",
                "Conservative",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], expect: [\"gauge.x > 1\"])",
                "gauges.wanted",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], expect: [\"marks[\\\"a\\\"].frame > 1\"])",
                "no event sets the mark",
            ),
            (
                "Scenario(name: \"t\", generator: Town, events: [])",
                "`City`",
            ),
            ("Scenario(name: \"t\", generator: City", "t.ron:1:"),
            ("Scenario(generator: City, events: [])", "name"),
            ("", "t.ron:1:1"),
            (
                "Scenario(name: \"t\", generator: City, events: [], set: { \"sead\": 3 })",
                "did you mean `seed`?",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], city_cost_us: [])",
                "at least one",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], seed: -3)",
                "seed -3 is not a whole number in range; legal is 0 to 18446744073709551615",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], seed: \"a\")",
                "18446744073709551615",
            ),
            (
                "Scenario(name: \"t\", generator: City, events: [], set: { \"need_weights\": 3 })",
                "not in this version yet",
            ),
        ] {
            let error = parse(source).expect_err(source);
            assert!(
                error.starts_with("t.ron:") && error.contains(part),
                "{source}: {error}"
            );
        }
    }
}
