//! Expectations: `sum op sum`, where a term is a number, a text, `true`, `false` or a path into the report.
//!
//! ```text
//! expectation = sum ("==" | "!=" | "<=" | ">=" | "<" | ">") sum
//! sum         = product { ("+" | "-") product }
//! product     = term { ("*" | "/") term }
//! term        = number | "text" | true | false | path
//! path        = name { "." name }   |   list "[" index "]" "." name
//!             | marks["NAME"] "." name { "." name }
//! ```

mod parse;
mod path;
mod sum;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

use parse::Tokens;
use sum::{Sum, Term};

/// A checked expectation; its paths exist in every report.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    text: String,
    left: Sum,
    comparison: Comparison,
    right: Sum,
}

/// What came of an expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the report meets it.
    pub is_met: bool,
    /// The expectation with the values found, for people.
    pub text: String,
}

#[derive(Copy, Clone, Debug, PartialEq)]
enum Comparison {
    Equal,
    Different,
    AtMost,
    AtLeast,
    Less,
    Greater,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Expectation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Expectation {
    /// Reads an expectation. The error says what was wrong and what is legal.
    pub fn parse(text: &str) -> Result<Self, String> {
        let about = |what: String| format!("expect `{text}`: {what}");
        let mut tokens = Tokens { rest: text };
        let left = tokens.sum().map_err(about)?;
        let comparison = tokens.comparison().map_err(about)?;
        let right = tokens.sum().map_err(about)?;
        if !tokens.rest.trim().is_empty() {
            return Err(about(format!(
                "`{}` is one thing too many; the form is `path op number`",
                tokens.rest.trim()
            )));
        }
        Ok(Self {
            text: text.to_owned(),
            left,
            comparison,
            right,
        })
    }

    /// The names of the marks that it speaks of.
    pub fn marks(&self) -> impl Iterator<Item = &str> {
        let terms = self.left.terms().chain(self.right.terms());
        terms.filter_map(|term| match term {
            Term::Path(path) => path.mark(),
            Term::Value(_) => None,
        })
    }

    /// Whether a report meets it. Missing data (`null`) meets nothing.
    pub fn judge(&self, report: &Value) -> Finding {
        let left = self.left.value(report);
        let right = self.right.value(report);
        let is_met = match (&left, &right) {
            (Value::Number(a), Value::Number(b)) => match (a.as_u64(), b.as_u64()) {
                (Some(a), Some(b)) => self.comparison.holds(a.cmp(&b)),
                _ => a
                    .as_f64()
                    .zip(b.as_f64())
                    .and_then(|(a, b)| a.partial_cmp(&b))
                    .is_some_and(|order| self.comparison.holds(order)),
            },
            (Value::Null, _) | (_, Value::Null) => false,
            (a, b) => match self.comparison {
                Comparison::Equal => a == b,
                Comparison::Different => a != b,
                _ => false,
            },
        };
        let text = format!(
            "{} (found {left} {} {right})",
            self.text,
            self.comparison.sign()
        );
        Finding { is_met, text }
    }
}

impl Comparison {
    const ALL: [(&'static str, Self); 6] = [
        ("==", Self::Equal),
        ("!=", Self::Different),
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    fn sign(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, comparison)| *comparison == self)
            .map_or("", |(sign, _)| sign)
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::AtMost => order.is_le(),
            Self::AtLeast => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::Greater => order.is_gt(),
        }
    }
}
