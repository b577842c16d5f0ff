//! The named sets of settings that come with the program.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use thiserror::Error;

use super::{SettingsLayer, did_you_mean};

/// One preset: a name and a RON file that is part of the program.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name as it is shown.
    pub name: &'static str,
    file: &'static str,
    source: &'static str,
}

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Preset] = &[
        Preset {
            name: "Conservative",
            file: "assets/settings/conservative.ron",
            source: include_str!("../../assets/settings/conservative.ron"),
        },
        Preset {
            name: "Balanced",
            file: "assets/settings/balanced.ron",
            source: include_str!("../../assets/settings/balanced.ron"),
        },
    ];

    /// The fields that the preset states.
    pub fn layer(&self) -> SettingsLayer {
        SettingsLayer::parse(Path::new(self.file), self.source.to_owned())
            .expect("a preset is part of the program and a test parses each")
    }
}

/// There is no preset of that name.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("unknown preset `{given}`{hint}; the presets are {legal}")]
pub struct UnknownPreset {
    given: String,
    hint: String,
    legal: String,
}

/// The name of an existing preset; upper and lower case do not matter.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PresetName(pub &'static Preset);

impl FromStr for PresetName {
    type Err = UnknownPreset;

    fn from_str(given: &str) -> Result<Self, UnknownPreset> {
        let found = Preset::ALL
            .iter()
            .find(|preset| preset.name.eq_ignore_ascii_case(given));
        found.map(Self).ok_or_else(|| {
            let names = Preset::ALL.iter().map(|preset| preset.name);
            UnknownPreset {
                given: given.to_owned(),
                hint: did_you_mean(given, names.clone()),
                legal: names.collect::<Vec<_>>().join(", "),
            }
        })
    }
}

impl fmt::Display for PresetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl<'de> Deserialize<'de> for PresetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        given.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use ringroad_streaming::StreamingValues;

    use super::*;
    use crate::settings::layered;

    #[test]
    fn every_preset_is_legal_and_leaves_the_world_alone() {
        for preset in Preset::ALL {
            let settings = layered(&[preset.layer()]).expect("legal");
            let defaults = StreamingValues::default();
            assert_eq!(settings.values().seed, defaults.seed);
            assert_eq!(settings.values().chunk_size_m, defaults.chunk_size_m);
            let named = preset.layer();
            assert!(
                named
                    .changes()
                    .iter()
                    .all(|(field, _)| field != "seed" && field != "chunk_size_m")
            );
        }
    }

    #[test]
    fn conservative_is_the_default() {
        let settings = layered(&[Preset::ALL[0].layer()]).expect("legal");
        assert_eq!(*settings.values(), StreamingValues::default());
    }

    #[test]
    fn preset_names_ignore_case_and_unknown_ones_are_answered_with_the_list() {
        let name: PresetName = "bALANCED".parse().expect("legal");
        assert_eq!(name.0.name, "Balanced");
        let error = "Balancd"
            .parse::<PresetName>()
            .expect_err("unknown")
            .to_string();
        assert!(error.contains("did you mean `Balanced`?"), "{error}");
        assert!(error.contains("Conservative"), "{error}");
    }
}
