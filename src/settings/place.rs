//! Places in RON sources, so that a message can name file, line and column.

use std::fmt;
use std::path::Path;

use super::did_you_mean;

/// A line and a column in a source, both counted from 1.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Place {
    /// Where `key` is given a value (`key:` or `"key":`) in a RON source, outside comments.
    pub fn of_key(source: &str, key: &str) -> Option<Self> {
        Self::of_keys(source, key).next()
    }

    /// Every such place, in the order of the source.
    pub fn of_keys<'a>(source: &'a str, key: &'a str) -> impl Iterator<Item = Self> + 'a {
        source.lines().enumerate().flat_map(move |(index, line)| {
            let code = line.split("//").next().unwrap_or_default();
            let found = code.match_indices(key).map(|(at, _)| at);
            let keys = found.filter(move |&at| {
                let before = code[..at].chars().next_back();
                let after = code[at + key.len()..].trim_start_matches('"').trim_start();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && after.starts_with(':')
            });
            keys.map(move |at| Self {
                line: index + 1,
                column: code[..at].chars().count() + 1,
            })
        })
    }
}

/// A RON error as one line: `file:line:column: what, what is legal, and the nearest legal name`.
pub fn ron_error_text(file: &Path, error: &ron::error::SpannedError) -> String {
    use ron::error::Error;
    let hint = match &error.code {
        Error::NoSuchStructField {
            expected, found, ..
        }
        | Error::NoSuchEnumVariant {
            expected, found, ..
        } => did_you_mean(found, expected.iter().copied()),
        _ => String::new(),
    };
    let start = error.span.start;
    format!(
        "{}:{}:{}: {}{hint}",
        file.display(),
        start.line,
        start.col,
        error.code
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_as_a_whole_word_outside_comments() {
        let source = "(\n  // load_radius_m: 3\n  unload_radius_m: 4, load_radius_m: 5,\n)";
        assert_eq!(
            Place::of_key(source, "load_radius_m"),
            Some(Place {
                line: 3,
                column: 23
            })
        );
        assert_eq!(Place::of_key(source, "seed"), None);
    }

    #[test]
    fn every_place_of_a_repeated_key_is_found() {
        let places = Place::of_keys("(at: 1),\n(at: 2), (that: 3, at : 4)", "at");
        let places: Vec<String> = places.map(|place| place.to_string()).collect();
        assert_eq!(places, ["1:2", "2:2", "2:20"]);
    }

    #[test]
    fn a_quoted_key_is_found_too() {
        let source = "set: { \"seed\": 3 }";
        assert_eq!(
            Place::of_key(source, "seed"),
            Some(Place { line: 1, column: 9 })
        );
    }
}
