//! Readers that judge a value where it stands in the file.

use bevy::prelude::KeyCode;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::Event;
use crate::scenario::keys::key_named;
use crate::settings::{SettingValue, check_setting, did_you_mean, setting_names};

/// Farther than this from the middle of the world (m) the game promises nothing.
const WORLD_LIMIT_M: f64 = 1e7;
/// No script waits or runs longer than this (s of simulated time): a day.
const TIME_LIMIT_SECS: f64 = 86_400.0;

pub(super) fn fly_height() -> f64 {
    60.0
}

pub(super) fn eye_height() -> f64 {
    1.7
}

pub(super) fn fly_speed() -> f64 {
    60.0
}

/// An optional field is written without `Some(…)`.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// A seed, written without `Some(…)`; the message names the greatest one to its last digit.
pub(super) fn seed<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
    let raw = Box::<ron::value::RawValue>::deserialize(d)?;
    let text = raw.trim().get_ron();
    ron::from_str(text).map(Some).map_err(|_| {
        D::Error::custom(format!(
            "seed {text} is not a whole number in range; legal is 0 to {}",
            u64::MAX
        ))
    })
}

/// An hour of the day.
pub(super) fn hours<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "time of day in hours", 0.0, 24.0)
}

pub(super) fn given_hours<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    hours(d).map(Some)
}

pub(super) fn given_secs<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    secs(d).map(Some)
}

/// A number in a closed range; NaN is in none.
pub(super) fn within<'de, D: Deserializer<'de>>(
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

pub(super) fn secs<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "time in seconds", 0.0, TIME_LIMIT_SECS)
}

pub(super) fn place_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "place in metres", -WORLD_LIMIT_M, WORLD_LIMIT_M)
}

pub(super) fn height_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "height in metres", 0.0, 100_000.0)
}

pub(super) fn radius_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "radius in metres", 1.0, 100_000.0)
}

pub(super) fn speed_mps<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "speed in m/s", 0.1, 1_500.0)
}

pub(super) fn degrees<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "angle in degrees", -360.0, 360.0)
}

pub(super) fn arc_degrees<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "turn in degrees", -3_600.0, 3_600.0)
}

pub(super) fn preload_radius_m<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "preload radius in metres", 1.0, 10_000.0)
}

pub(super) fn preload_secs() -> f64 {
    10.0
}

pub(super) fn yes() -> bool {
    true
}

/// The target of the settings' autopilot.
pub(super) mod target_ms {
    use super::{Deserializer, within};

    pub fn usual() -> f64 {
        1.0
    }

    pub fn read<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        within(d, "target in ms", 0.1, 20.0)
    }
}

pub(super) fn share<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "share", 0.0, 1.0)
}

pub(super) fn slow_ms<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "delay in ms", 0.0, 60_000.0)
}

pub(super) fn cost<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, "cost", 0.0, 1e9)
}

pub(super) fn costs<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f64>, D::Error> {
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

pub(super) fn times<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    let times = u32::deserialize(d)?;
    if (1..=100_000).contains(&times) {
        Ok(times)
    } else {
        Err(D::Error::custom(format!(
            "{times} times is out of range; legal is 1 to 100000"
        )))
    }
}

pub(super) fn entities<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    let count = u32::deserialize(d)?;
    if (1..=100_000).contains(&count) {
        Ok(count)
    } else {
        Err(D::Error::custom(format!(
            "{count} entities are out of range; legal is 1 to 100000"
        )))
    }
}

pub(super) fn mesh_bytes<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
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

pub(super) fn name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let name = String::deserialize(d)?;
    if name.trim().is_empty() {
        Err(D::Error::custom("the name is empty"))
    } else {
        Ok(name)
    }
}

pub(super) fn mark_name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
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
pub(super) fn file_name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
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

pub(super) fn key<'de, D: Deserializer<'de>>(d: D) -> Result<KeyCode, D::Error> {
    let given = String::deserialize(d)?;
    key_named(&given).map_err(D::Error::custom)
}

pub(super) fn repeatable<'de, D: Deserializer<'de>>(d: D) -> Result<Box<Event>, D::Error> {
    let event = checked_event(d)?;
    match event {
        Event::Settle { .. } | Event::Repeat { .. } | Event::Quit => Err(D::Error::custom(
            "`Settle`, `Repeat` and `Quit` cannot be repeated; list them as events of their own",
        )),
        event => Ok(Box::new(event)),
    }
}

pub(super) fn settings<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<(String, String)>, D::Error> {
    let map = std::collections::BTreeMap::<String, SettingValue>::deserialize(d)?;
    let checked = map.into_iter().map(|(field, SettingValue(value))| {
        judge(&field, &value).map_err(D::Error::custom)?;
        Ok((field, value))
    });
    checked.collect()
}

pub(super) fn some_settings<'de, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<(String, String)>, D::Error> {
    let changes = settings(d)?;
    if changes.is_empty() {
        return Err(D::Error::custom(
            "no setting is named; write SetTogether({\"load_radius_m\": 900, \"unload_radius_m\": 1100})",
        ));
    }
    Ok(changes)
}

/// An event whose fields were also judged together.
pub(super) fn checked_event<'de, D: Deserializer<'de>>(d: D) -> Result<Event, D::Error> {
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

pub(super) fn judge(field: &str, value: &str) -> Result<(), String> {
    check_setting(field, value).map_err(|error| {
        let hint = if setting_names().any(|name| name == field) {
            String::new()
        } else {
            did_you_mean(field, setting_names())
        };
        format!("{error}{hint}")
    })
}
