//! The two settings that are more than one number, with a text form that reads back.

use bevy::reflect::Reflect;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use super::SettingError;

/// What a panel or an error message says about a field that is not one number.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CompositeSpec {
    /// The name in files, options and messages.
    pub name: &'static str,
    /// The legal form.
    pub form: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// The fields of [`StreamingValues`](crate::StreamingValues) that are not one number.
pub const COMPOSITES: &[CompositeSpec] = &[
    CompositeSpec {
        name: "detail_rings_m",
        form: "\"none\", or at most 6 rising radii of 32 to 100000 m, as in \"800,2400\"",
        help: "Outer radii of the coarse levels beyond load_radius_m; the last level reaches view_radius_m.",
    },
    CompositeSpec {
        name: "need_weights",
        form: "any of heading, view, age, purpose, aside with weights of 0 to 1000, as in \"heading=1 view=0.5 age=20 purpose=1 aside=2\"",
        help: "What makes a chunk more needed than another at the same distance.",
    },
];

/// More levels than this have no use: each is at most an eighth of the one before.
const MAX_RINGS: usize = 6;

/// Outer radii of the coarse levels in metres, rising: level `i + 1` reaches `DetailRings.0[i]`, and one
/// more level reaches the view radius. Rings inside the load radius are without effect.
#[derive(Clone, Debug, PartialEq, Reflect, Serialize, Deserialize)]
pub struct DetailRings(pub Vec<f64>);

impl Default for DetailRings {
    fn default() -> Self {
        Self(vec![2_400.0])
    }
}

impl fmt::Display for DetailRings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let radii: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&radii.join(","))
    }
}

impl FromStr for DetailRings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = text
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .trim();
        if inner.is_empty() || inner == "none" {
            return Ok(Self(Vec::new()));
        }
        let mut radii: Vec<f64> = Vec::new();
        for part in inner.split(',') {
            let radius: f64 = part
                .trim()
                .replace('_', "")
                .parse()
                .map_err(|_| format!("`{}` is not a number", part.trim()))?;
            if !(32.0..=100_000.0).contains(&radius) {
                return Err(format!("{radius} is out of range"));
            }
            if radii.last().is_some_and(|last| radius <= *last) {
                return Err(format!("{radius} does not lie beyond the ring before it"));
            }
            radii.push(radius);
        }
        if radii.len() > MAX_RINGS {
            return Err(format!("{} rings are too many", radii.len()));
        }
        Ok(Self(radii))
    }
}

/// How need is weighed against distance. 0 switches a part off.
#[derive(Copy, Clone, Debug, PartialEq, Reflect, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeedWeights {
    /// How much of the braking distance ahead of a moving focus counts as being there already (share).
    pub heading: f64,
    /// How much farther a chunk behind the focus counts than one in front of it (share of its distance).
    pub view: f64,
    /// Metres by which a request comes nearer for every second that it waits: nothing starves.
    pub age: f64,
    /// How much farther a chunk counts that is only preloaded, and nearer one to collide with (share).
    pub purpose: f64,
    /// How much farther a chunk counts that a moving focus passes by unless it turns (share of how far it lies
    /// outside of what the must-have ring sweeps).
    pub aside: f64,
}

impl Default for NeedWeights {
    fn default() -> Self {
        Self {
            heading: 1.0,
            view: 0.5,
            age: 20.0,
            purpose: 1.0,
            aside: 2.0,
        }
    }
}

impl fmt::Display for NeedWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            heading,
            view,
            age,
            purpose,
            aside,
        } = self;
        write!(
            f,
            "heading={heading} view={view} age={age} purpose={purpose} aside={aside}"
        )
    }
}

impl FromStr for NeedWeights {
    type Err = String;

    /// Weights that are not named keep their defaults.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut weights = Self::default();
        for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once(['=', ':'])
                .ok_or_else(|| format!("`{part}` is not name=weight"))?;
            let weight: f64 = value
                .parse()
                .map_err(|_| format!("`{value}` is not a number"))?;
            if !(0.0..=1_000.0).contains(&weight) {
                return Err(format!("{name} = {weight} is out of range"));
            }
            match name {
                "heading" => weights.heading = weight,
                "view" => weights.view = weight,
                "age" => weights.age = weight,
                "purpose" => weights.purpose = weight,
                "aside" => weights.aside = weight,
                _ => return Err(format!("there is no weight `{name}`")),
            }
        }
        Ok(weights)
    }
}

/// Reads one of the two from its text.
pub(super) fn composite<T: FromStr<Err = String>>(
    name: &'static str,
    value: &str,
) -> Result<T, SettingError> {
    value.parse().map_err(|what| SettingError::Malformed {
        field: name,
        value: value.to_owned(),
        what,
        legal: COMPOSITES
            .iter()
            .find(|spec| spec.name == name)
            .map_or("", |spec| spec.form),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_and_weights_read_back_what_they_print() {
        for text in ["none", "800", "800,2400.5"] {
            assert_eq!(text.parse::<DetailRings>().unwrap().to_string(), text);
        }
        let weights: NeedWeights = "view=2, age=0".parse().unwrap();
        assert_eq!(weights.to_string().parse::<NeedWeights>().unwrap(), weights);
    }

    #[test]
    fn rings_that_fall_or_are_not_finite_and_unknown_weights_are_refused() {
        for text in [
            "2400,800",
            "NaN",
            "inf",
            "31",
            "1,2,x",
            "100,200,300,400,500,600,700",
        ] {
            assert!(text.parse::<DetailRings>().is_err(), "{text}");
        }
        for text in ["speed=1", "view", "view=NaN", "age=-1", "heading=1001"] {
            let error = composite::<NeedWeights>("need_weights", text)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("need_weights")
                    && error.contains(text)
                    && error.contains("0 to 1000"),
                "{error}"
            );
        }
    }
}
