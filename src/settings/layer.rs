//! One source's part of the settings: some fields with their values, as text that streaming itself parses.

use std::path::{Path, PathBuf};

use ringroad_streaming::{SettingError, StreamingSettings, StreamingValues};
use thiserror::Error;

use super::fields::Fields;
use super::{Place, ron_error_text};

/// Why a layer of settings was refused.
#[derive(Debug, Error)]
pub enum LayerError {
    /// The file could not be read.
    #[error("settings file {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not RON of the right form, or names a field that does not exist.
    #[error("{0}")]
    Malformed(String),
    /// A value is out of range or contradicts another.
    #[error("{place}: {source}")]
    Refused {
        /// The source, with line and column where it is a file.
        place: String,
        /// What streaming said.
        source: SettingError,
    },
}

/// Some settings from one source, in the source's order. Names are legal; values are not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsLayer {
    origin: String,
    source: String,
    changes: Vec<(String, String)>,
}

impl SettingsLayer {
    /// A layer from changes that were given one by one, under the name of where they came from.
    pub fn new(origin: impl Into<String>, changes: Vec<(String, String)>) -> Self {
        Self {
            origin: origin.into(),
            source: String::new(),
            changes,
        }
    }

    /// Reads a partial settings file. Unknown and repeated fields are refused with their place.
    pub fn read(file: &Path) -> Result<Self, LayerError> {
        let source = std::fs::read_to_string(file).map_err(|source| LayerError::Unreadable {
            file: file.to_owned(),
            source,
        })?;
        Self::parse(file, source)
    }

    /// The same for a source that is already in memory; `file` is only named.
    pub fn parse(file: &Path, source: String) -> Result<Self, LayerError> {
        let fields: Fields = ron::from_str(&source)
            .map_err(|error| LayerError::Malformed(ron_error_text(file, &error)))?;
        Ok(Self {
            origin: file.display().to_string(),
            source,
            changes: fields.0,
        })
    }

    /// The same layer with the source text that its values came from, to name places in.
    pub fn with_source(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }

    /// The fields and values, in order.
    pub fn changes(&self) -> &[(String, String)] {
        &self.changes
    }

    /// Judges each value by itself; contradictions are judged by [`layered`] or over the values in force.
    pub fn check_values(&self) -> Result<(), LayerError> {
        self.changes.iter().try_for_each(|(field, value)| {
            check_setting(field, value).map_err(|error| self.refused(field, error))
        })
    }

    fn place_of(&self, field: &str) -> String {
        match Place::of_key(&self.source, field) {
            Some(place) => format!("{}:{place}", self.origin),
            None => self.origin.clone(),
        }
    }

    fn refused(&self, field: &str, source: SettingError) -> LayerError {
        LayerError::Refused {
            place: self.place_of(field),
            source,
        }
    }
}

/// Folds the layers, later ones over earlier ones, over the defaults; streaming judges the whole.
///
/// Each value is also judged in its own layer, so that a bad value that a later layer hides is still refused,
/// and every message names the layer that the value came from.
pub fn layered(layers: &[SettingsLayer]) -> Result<StreamingSettings, LayerError> {
    let mut values = StreamingValues::default();
    for layer in layers {
        for (field, value) in &layer.changes {
            values
                .set(field, value)
                .map_err(|error| layer.refused(field, error))?;
        }
    }
    StreamingSettings::new(values).map_err(|error| {
        // A contradiction is between two fields; the last layer that gave either of them is to blame.
        let blamed = layers.iter().rev().find_map(|layer| {
            let field = layer.changes.iter().rev().map(|(field, _)| field).find(
                |given| matches!(&error, SettingError::Contradiction { field, other, .. } if given == field || given == other),
            )?;
            Some(layer.place_of(field))
        });
        LayerError::Refused {
            place: blamed.unwrap_or_else(|| "settings".to_owned()),
            source: error,
        }
    })
}

/// Judges one field and value by itself: the name, the form and the hard range.
pub fn check_setting(field: &str, value: &str) -> Result<(), SettingError> {
    StreamingValues::default().set(field, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<SettingsLayer, LayerError> {
        SettingsLayer::parse(Path::new("s.ron"), source.to_owned())
    }

    fn message(source: &str) -> String {
        match parse(source) {
            Ok(layer) => layered(&[layer]).expect_err("refused").to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_partial_file_changes_only_what_it_names() {
        let layer =
            parse("(max_concurrent_tasks: 5, apply_budget_ms: 1.5, seed: 18446744073709551615)")
                .expect("legal");
        let settings = layered(&[layer]).expect("legal");
        let expected = StreamingValues {
            max_concurrent_tasks: 5,
            apply_budget_ms: 1.5,
            seed: u64::MAX,
            ..Default::default()
        };
        assert_eq!(*settings.values(), expected);
    }

    #[test]
    fn an_empty_file_of_settings_is_the_defaults_and_an_empty_file_is_refused() {
        let settings = layered(&[parse("StreamingSettings()").expect("legal")]).expect("legal");
        assert_eq!(*settings.values(), StreamingValues::default());
        assert!(message("").starts_with("s.ron:1:1"), "{}", message(""));
    }

    #[test]
    fn an_unknown_field_is_refused_with_place_hint_and_legal_names() {
        let text = message("(\n    max_concurrent_task: 3,\n)");
        assert!(text.starts_with("s.ron:2:"), "{text}");
        assert!(
            text.contains("did you mean `max_concurrent_tasks`?"),
            "{text}"
        );
        assert!(text.contains("scan_interval_secs"), "{text}");
    }

    #[test]
    fn rings_and_weights_are_written_as_what_they_are() {
        let layer = parse(
            "(detail_rings_m: [800, 2400], need_weights: (heading: 1, view: 0.25), memory_cap_mib: 900)",
        )
        .expect("legal");
        let settings = layered(&[layer]).expect("legal");
        assert_eq!(settings.detail_rings_m.to_string(), "800,2400");
        assert_eq!(settings.need_weights.view, 0.25);
        assert_eq!(settings.memory_cap_mib, 900);
    }

    #[test]
    fn bad_rings_and_weights_are_refused_with_field_value_place_and_form() {
        for (given, parts) in [
            (
                "detail_rings_m: [2400, 800]",
                ["detail_rings_m", "2400, 800", "rising radii"],
            ),
            (
                "need_weights: (speed: 1)",
                ["need_weights", "`speed`", "heading, view, age, purpose"],
            ),
            (
                "need_weight: (view: 1)",
                ["s.ron", "unknown", "did you mean `need_weights`?"],
            ),
        ] {
            let text = message(&format!("(\n  {given},\n)"));
            assert!(text.starts_with("s.ron:2:"), "{given}: {text}");
            for part in parts {
                assert!(text.contains(part), "{given}: {text}");
            }
        }
    }

    #[test]
    fn a_half_written_file_is_refused_with_its_place() {
        let text = message("(\n    max_concurrent_tasks: 3,\n    load_radi");
        assert!(text.starts_with("s.ron:3:"), "{text}");
    }

    #[test]
    fn values_out_of_range_and_not_numbers_are_refused_with_field_and_place() {
        for value in ["NaN", "inf", "-1", "1e9", "\"abc\"", "true"] {
            let text = message(&format!("(\n  apply_budget_ms: {value},\n)"));
            assert!(text.starts_with("s.ron:2:3: "), "{value}: {text}");
            assert!(text.contains("apply_budget_ms"), "{value}: {text}");
        }
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        assert!(message("(seed: 1, seed: 2)").contains("twice"));
    }

    #[test]
    fn a_contradiction_names_a_place_in_the_layer_that_caused_it() {
        let text = message("(\n  load_radius_m: 2000,\n)");
        assert!(text.starts_with("s.ron:2:3: "), "{text}");
    }

    #[test]
    fn later_layers_win_and_bad_values_in_hidden_layers_are_still_refused() {
        let low = SettingsLayer::new("low", vec![("seed".into(), "3".into())]);
        let high = SettingsLayer::new("high", vec![("seed".into(), "4".into())]);
        let settings = layered(&[low, high.clone()]).expect("legal");
        assert_eq!(settings.values().seed, 4);
        let bad = SettingsLayer::new("--set", vec![("apply_budget_ms".into(), "0".into())]);
        let fine = SettingsLayer::new("high", vec![("apply_budget_ms".into(), "2".into())]);
        let error = layered(&[bad, fine]).expect_err("refused").to_string();
        assert!(error.starts_with("--set: "), "{error}");
    }
}
