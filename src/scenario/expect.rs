//! Expectations: `sum op sum`, where a term is a number, a text, `true`, `false` or a path into the report.
//!
//! ```text
//! expectation = sum ("==" | "!=" | "<=" | ">=" | "<" | ">") sum
//! sum         = term { ("+" | "-") term }
//! term        = number | "text" | true | false | path
//! path        = name { "." name }   |   marks["NAME"] "." ("frame" | "gauges" | "counters") [ "." name ]
//! ```

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

use super::report::{MARK_PATHS, legal_paths};
use crate::settings::did_you_mean;

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

#[derive(Clone, Debug, PartialEq)]
struct Sum(Vec<(Sign, Term)>);

#[derive(Copy, Clone, Debug, PartialEq)]
enum Sign {
    Plus,
    Minus,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Value(Value),
    Path(Path),
}

/// A path into the report; the first part is the mark's name where it goes into a mark.
#[derive(Clone, Debug, PartialEq)]
struct Path {
    mark: Option<String>,
    keys: Vec<String>,
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
        let terms = self.left.0.iter().chain(&self.right.0);
        terms.filter_map(|(_, term)| match term {
            Term::Path(path) => path.mark.as_deref(),
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

impl Sum {
    fn value(&self, report: &Value) -> Value {
        if let [(Sign::Plus, term)] = self.0.as_slice() {
            return term.value(report);
        }
        let terms = self.0.iter().map(|(sign, term)| {
            let value = term.value(report).as_f64()?;
            Some(match sign {
                Sign::Plus => value,
                Sign::Minus => -value,
            })
        });
        terms
            .sum::<Option<f64>>()
            .map_or(Value::Null, whole_or_float)
    }
}

/// Sums of counts stay whole numbers, so that they print as such.
fn whole_or_float(value: f64) -> Value {
    if value.fract() == 0.0 && (0.0..9e15).contains(&value) {
        Value::from(value as u64)
    } else {
        Value::from(value)
    }
}

impl Term {
    fn value(&self, report: &Value) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Path(path) => path.find(report).cloned().unwrap_or(Value::Null),
        }
    }
}

impl Path {
    fn find<'a>(&self, report: &'a Value) -> Option<&'a Value> {
        let root = match &self.mark {
            None => report,
            Some(name) => report
                .get("marks")?
                .as_array()?
                .iter()
                .find(|mark| mark["name"] == name.as_str())?,
        };
        self.keys.iter().try_fold(root, |value, key| value.get(key))
    }

    fn check(&self) -> Result<(), String> {
        let path = self.keys.join(".");
        let (legal, whose) = match &self.mark {
            None => (legal_paths(), "report"),
            Some(_) => (MARK_PATHS.as_slice(), "mark"),
        };
        if legal.contains(&path) {
            return Ok(());
        }
        let prefix = format!("{path}.");
        let below: Vec<&str> = legal
            .iter()
            .filter(|legal| legal.starts_with(&prefix))
            .map(String::as_str)
            .collect();
        if !below.is_empty() {
            return Err(format!(
                "`{path}` is not one value; its values are {}",
                below.join(", ")
            ));
        }
        Err(format!(
            "there is no `{path}` in a {whose}{}; legal are {}",
            did_you_mean(&path, legal.iter().map(String::as_str)),
            legal.join(", ")
        ))
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

/// The part of the text that is not read yet.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn skip(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Result<Sum, String> {
        let mut terms = vec![(Sign::Plus, self.term()?)];
        loop {
            let sign = if self.skip("+") {
                Sign::Plus
            } else if self.skip("-") {
                Sign::Minus
            } else {
                break;
            };
            terms.push((sign, self.term()?));
        }
        let has_only_numbers = terms
            .iter()
            .all(|(_, term)| matches!(term, Term::Path(_) | Term::Value(Value::Number(_))));
        if terms.len() > 1 && !has_only_numbers {
            return Err("only numbers can be added".to_owned());
        }
        Ok(Sum(terms))
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        let found = Comparison::ALL.iter().find(|(sign, _)| self.skip(sign));
        found.map(|(_, comparison)| *comparison).ok_or_else(|| {
            let given = self.rest.trim();
            let given = if given.is_empty() { "the end" } else { given };
            format!("a comparison is needed before {given}; legal are ==, !=, <, <=, >, >=")
        })
    }

    fn term(&mut self) -> Result<Term, String> {
        if let Some(text) = self.quoted()? {
            return Ok(Term::Value(Value::from(text)));
        }
        let rest = self.rest.trim_start();
        let is_negative = rest.starts_with('-');
        let word = self.word();
        if is_negative || word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let number: f64 = word
                .replace('_', "")
                .parse()
                .map_err(|_| format!("`{word}` is not a number"))?;
            // Whole numbers stay whole: a 64-bit count does not fit a float exactly.
            let whole = word.replace('_', "").parse::<u64>().map(Value::from);
            return Ok(Term::Value(whole.unwrap_or_else(|_| Value::from(number))));
        }
        match word {
            "" => Err("a number or a path is missing".to_owned()),
            "true" => Ok(Term::Value(Value::Bool(true))),
            "false" => Ok(Term::Value(Value::Bool(false))),
            _ => self.path(word).map(Term::Path),
        }
    }

    fn path(&mut self, word: &'a str) -> Result<Path, String> {
        let mark = if word == "marks" {
            if !self.skip("[") {
                return Err("marks are named like marks[\"NAME\"].gauges.loaded".to_owned());
            }
            let name = self
                .quoted()?
                .ok_or("the mark's name is missing; write marks[\"NAME\"]")?;
            if !self.skip("].") {
                return Err("after marks[\"NAME\"] comes a dot and a path".to_owned());
            }
            Some(name)
        } else {
            None
        };
        let keys = if mark.is_some() { self.word() } else { word };
        let path = Path {
            mark,
            keys: keys.split('.').map(str::to_owned).collect(),
        };
        path.check()?;
        Ok(path)
    }

    fn quoted(&mut self) -> Result<Option<String>, String> {
        if !self.skip("\"") {
            return Ok(None);
        }
        let end = self
            .rest
            .find('"')
            .ok_or("a text has no closing quotation mark")?;
        let text = self.rest[..end].to_owned();
        self.rest = &self.rest[end + 1..];
        Ok(Some(text))
    }

    /// A number or a dotted path.
    fn word(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let signed = usize::from(rest.starts_with('-'));
        let end = rest[signed..]
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(rest.len(), |end| end + signed);
        self.rest = &rest[end..];
        &rest[..end]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report() -> Value {
        json!({
            "counters": { "applied": 201, "stale_discarded": 3, "cancelled": 4, "wasted_worker_ms": 1.5 },
            "gauges_max": { "loaded": 98, "priority_regret": null },
            "settled": true,
            "clock": "virtual",
            "laws": { "3": { "violations": 0 } },
            "marks": [
                { "name": "lap 2", "gauges": { "meshes": 77 } },
                { "name": "lap 20", "gauges": { "meshes": 77 } },
            ],
        })
    }

    fn is_met(text: &str) -> bool {
        Expectation::parse(text)
            .expect(text)
            .judge(&report())
            .is_met
    }

    #[test]
    fn every_comparison_compares_numbers() {
        assert!(is_met("gauges_max.loaded >= 98") && !is_met("gauges_max.loaded >= 99"));
        assert!(is_met("counters.applied > 200") && !is_met("counters.applied > 201"));
        assert!(is_met("laws.3.violations == 0") && !is_met("laws.3.violations != 0"));
        assert!(
            is_met("counters.wasted_worker_ms < 1.6") && !is_met("counters.wasted_worker_ms <= 1")
        );
    }

    #[test]
    fn sums_add_and_subtract() {
        assert!(is_met("counters.stale_discarded + counters.cancelled == 7"));
        assert!(is_met(
            "counters.applied - 1 == counters.stale_discarded + 197"
        ));
    }

    #[test]
    fn truth_and_text_are_compared_too() {
        assert!(is_met("settled == true") && !is_met("settled == false"));
        assert!(is_met("clock == \"virtual\"") && is_met("clock != \"real\""));
        assert!(!is_met("clock < \"z\""));
    }

    #[test]
    fn marks_are_compared_with_each_other() {
        assert!(is_met(
            "marks[\"lap 20\"].gauges.meshes == marks[\"lap 2\"].gauges.meshes"
        ));
        let expectation = Expectation::parse("marks[\"lap 2\"].gauges.meshes > 0").expect("legal");
        assert_eq!(expectation.marks().collect::<Vec<_>>(), ["lap 2"]);
    }

    #[test]
    fn missing_data_meets_nothing() {
        for comparison in ["==", "!=", "<=", ">=", "<", ">"] {
            assert!(!is_met(&format!(
                "gauges_max.priority_regret {comparison} 0"
            )));
            assert!(!is_met(&format!("content_hash {comparison} 0")));
        }
    }

    #[test]
    fn paths_that_no_report_has_are_refused_with_the_legal_ones() {
        let error = Expectation::parse("gauge_max.loaded > 1").expect_err("refused");
        assert!(
            error.contains("did you mean `gauges_max.loaded`?"),
            "{error}"
        );
        assert!(error.contains("counters.applied"), "{error}");
        let error = Expectation::parse("marks[\"a\"].gauges.lauded > 1").expect_err("refused");
        assert!(error.contains("gauges.loaded"), "{error}");
        let error = Expectation::parse("counters > 1").expect_err("refused");
        assert!(error.contains("not one value"), "{error}");
    }

    #[test]
    fn nonsense_is_refused_without_a_panic() {
        for text in [
            "",
            "==",
            "1",
            "1 ==",
            "counters.applied",
            "counters.applied =! 3",
            "1 == 2 3",
            "\"a",
            "marks",
            "marks[",
            "marks[\"a\"",
            "marks[\"a\"].",
            "-",
            "- == 1",
            "1.2.3 == 1",
            "true + 1 == 2",
            "äö == 1",
            "counters..x == 1",
        ] {
            assert!(Expectation::parse(text).is_err(), "{text}");
        }
    }
}
