//! The form of a scenario file. Everything is checked while it is read, so that messages name the place.

mod checked;
mod choice;
mod event;
mod setup;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::Expectation;
use crate::settings::{Place, PresetName, SettingsLayer, did_you_mean, ron_error_text};
use checked::{costs, given, given_hours, given_secs, seed, settings};
pub use choice::{Depth, Graphics, Purpose, Weather};
pub use event::{Event, TimedEvent};
pub(in crate::scenario) use setup::city_cost_us;
pub use setup::{ApplyCost, Generator, Spread, Start};

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
    /// The hour of the day, which then stands still; absent, time runs from the game's first hour.
    #[serde(default, deserialize_with = "given_hours")]
    pub time: Option<f64>,
    /// The weather, which then stays; clear, if absent.
    #[serde(default = "clear")]
    pub weather: Weather,
    /// How it is drawn; as the adapter allows, if absent.
    #[serde(default, deserialize_with = "given")]
    pub graphics: Option<Graphics>,
    /// What happens when.
    pub events: Vec<TimedEvent>,
    /// What the report must say at the end.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Seconds after the end of the last `Settle` at which the run ends; without it, when every event is done.
    #[serde(default, deserialize_with = "given_secs")]
    pub until: Option<f64>,
}

/// A script says when it wants other weather, so that its pictures do not depend on how long they took.
const fn clear() -> Weather {
    Weather::Clear
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
