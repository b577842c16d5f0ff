//! The fields of a settings file: known names with their values, in the file's order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use super::{SettingValue, did_you_mean, setting_names};

/// The fields of a partial settings file, as they stand.
pub(super) struct Fields(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("StreamingSettings", &[], FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings as (field: value, …)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut changes: Vec<(String, String)> = Vec::new();
        while let Some(FieldName(name)) = map.next_key()? {
            if changes.iter().any(|(earlier, _)| *earlier == name) {
                return Err(A::Error::custom(format!("`{name}` is given twice")));
            }
            let SettingValue(value) = map.next_value()?;
            changes.push((name, value));
        }
        Ok(Fields(changes))
    }
}

/// The name of an existing setting.
struct FieldName(String);

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = FieldName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a setting")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<FieldName, E> {
                let legal: Vec<&str> = setting_names().collect();
                if legal.contains(&name) {
                    return Ok(FieldName(name.to_owned()));
                }
                let hint = did_you_mean(name, legal.iter().copied());
                Err(E::custom(format!(
                    "unknown setting `{name}`{hint}; the settings are {}",
                    legal.join(", ")
                )))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}
