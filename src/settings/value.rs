//! The value of one setting as text, from any of the forms that a RON file or an option gives it in.
//!
//! ```text
//! 1_200   "2 text"   [800, 2400]   (heading: 1, view: 0.5)   { "heading": 1 }   ──►  text that streaming parses
//! ```

use std::fmt;

use ringroad_streaming::{COMPOSITES, FIELDS};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The names of all settings: those that are one number, then the others.
pub fn setting_names() -> impl Iterator<Item = &'static str> + Clone {
    let composites = COMPOSITES.iter().map(|spec| spec.name);
    FIELDS.iter().map(|spec| spec.name).chain(composites)
}

/// A setting's value as text that streaming reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingValue(pub String);

impl SettingValue {
    /// From RON or plain text. What is no legal RON stays as it is, so that streaming names it when it refuses it.
    pub fn from_text(text: &str) -> Self {
        let text = text.trim();
        let read = match text.chars().next() {
            Some('[') => ron::from_str::<Vec<f64>>(text).ok().map(list_text),
            Some('{') => ron::from_str::<Pairs<true>>(text).ok().map(Pairs::text),
            // A struct, with or without its name.
            _ if text.ends_with(')') => ron::from_str::<Pairs<false>>(text).ok().map(Pairs::text),
            _ => Some(text.trim_matches('"').replace('_', "")),
        };
        Self(read.unwrap_or_else(|| text.to_owned()))
    }
}

fn list_text(numbers: Vec<f64>) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

impl<'de> Deserialize<'de> for SettingValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<ron::value::RawValue>::deserialize(deserializer)?;
        Ok(Self::from_text(raw.trim().get_ron()))
    }
}

/// Names with numbers, as a map with quoted names or as a struct.
struct Pairs<const IS_MAP: bool>(Vec<(String, f64)>);

impl<const IS_MAP: bool> Pairs<IS_MAP> {
    fn text(self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, number)| format!("{name}={number}"))
            .collect();
        pairs.join(" ")
    }
}

impl<'de, const IS_MAP: bool> Deserialize<'de> for Pairs<IS_MAP> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if IS_MAP {
            deserializer.deserialize_map(PairsVisitor)
        } else {
            deserializer.deserialize_struct("NeedWeights", &[], PairsVisitor)
        }
    }
}

struct PairsVisitor<const IS_MAP: bool>;

impl<'de, const IS_MAP: bool> Visitor<'de> for PairsVisitor<IS_MAP> {
    type Value = Pairs<IS_MAP>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names with numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        loop {
            let name = if IS_MAP {
                map.next_key::<String>()?
            } else {
                map.next_key::<Name>()?.map(|Name(name)| name)
            };
            let Some(name) = name else {
                return Ok(Pairs(pairs));
            };
            pairs.push((name, map.next_value()?));
        }
    }
}

/// A field's name in a struct; a map's keys are texts.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.to_owned()))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use ringroad_streaming::StreamingValues;

    use super::*;

    fn value(field: &str, text: &str) -> Result<String, String> {
        let mut values = StreamingValues::default();
        let SettingValue(text) = SettingValue::from_text(text);
        values
            .set(field, &text)
            .map_err(|error| error.to_string())?;
        Ok(values.get(field).expect("a field"))
    }

    #[test]
    fn numbers_keep_every_digit_and_lose_their_underscores() {
        assert_eq!(
            SettingValue::from_text("18446744073709551615").0,
            "18446744073709551615"
        );
        assert_eq!(SettingValue::from_text(" 1_200 ").0, "1200");
        assert_eq!(SettingValue::from_text("\"2\"").0, "2");
    }

    #[test]
    fn rings_are_written_as_a_list_or_a_text() {
        for text in [
            "[800, 2400]",
            "[800.0, 2_400,]",
            "\"800,2400\"",
            "800, 2400",
        ] {
            assert_eq!(
                value("detail_rings_m", text).as_deref(),
                Ok("800,2400"),
                "{text}"
            );
        }
        for text in ["[]", "\"none\"", "none"] {
            assert_eq!(
                value("detail_rings_m", text).as_deref(),
                Ok("none"),
                "{text}"
            );
        }
    }

    #[test]
    fn weights_are_written_as_a_struct_a_map_or_a_text() {
        for text in [
            "(heading: 2, view: 0.5)",
            "NeedWeights(heading: 2.0, view: 0.5)",
            "{ \"heading\": 2, \"view\": 0.5 }",
            "\"heading=2 view=0.5\"",
            "heading=2",
        ] {
            assert_eq!(
                value("need_weights", text).as_deref(),
                Ok("heading=2 view=0.5 age=20 purpose=1 aside=2"),
                "{text}"
            );
        }
    }

    #[test]
    fn values_that_make_no_sense_are_refused_with_field_value_and_the_legal_form() {
        for (field, text, part) in [
            ("detail_rings_m", "[2400, 800]", "2400, 800"),
            ("detail_rings_m", "[NaN]", "NaN"),
            ("detail_rings_m", "[\"far\"]", "far"),
            ("detail_rings_m", "[800; 900]", "800; 900"),
            ("detail_rings_m", "(near: 800)", "near"),
            ("need_weights", "(speed: 1)", "speed"),
            ("need_weights", "(heading: -1)", "heading=-1"),
            ("need_weights", "(heading: \"a\")", "heading"),
            ("need_weights", "[1, 2]", "[1, 2]"),
            ("load_radius_m", "[800, 2400]", "[800, 2400]"),
        ] {
            let error = value(field, text).expect_err(text);
            assert!(
                error.contains(field) && error.contains(part) && error.contains("legal is"),
                "{text}: {error}"
            );
        }
    }
}
