//! Sums of products of terms, and what they are worth in a report.

use serde_json::Value;

use super::path::Path;

/// Products that are added or subtracted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sum(pub Vec<(Sign, Product)>);

/// Terms that are multiplied or divided, from left to right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Product(pub Vec<(Factor, Term)>);

/// How a product enters a sum.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// How a term enters a product.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Factor {
    Times,
    Over,
}

/// A single value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Value(Value),
    Path(Path),
}

impl Sum {
    /// Every term in it.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        let products = self.0.iter().map(|(_, product)| product);
        products.flat_map(|product| product.0.iter().map(|(_, term)| term))
    }

    /// What it is in a report: a text or truth value only where it stands alone. Missing data and a division by zero
    /// are `null`.
    pub fn value(&self, report: &Value) -> Value {
        if let [(Sign::Plus, Product(terms))] = self.0.as_slice()
            && let [(Factor::Times, term)] = terms.as_slice()
        {
            return term.value(report);
        }
        let products = self.0.iter().map(|(sign, product)| {
            let value = product.value(report)?;
            Some(match sign {
                Sign::Plus => value,
                Sign::Minus => -value,
            })
        });
        products
            .sum::<Option<f64>>()
            .filter(|sum| sum.is_finite())
            .map_or(Value::Null, whole_or_float)
    }
}

impl Product {
    fn value(&self, report: &Value) -> Option<f64> {
        self.0.iter().try_fold(1.0, |product, (factor, term)| {
            let value = term.value(report).as_f64()?;
            match factor {
                Factor::Times => Some(product * value),
                Factor::Over => (value != 0.0).then(|| product / value),
            }
        })
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
    /// What it is in a report; `null` where that says nothing.
    pub fn value(&self, report: &Value) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Path(path) => path.find(report).cloned().unwrap_or(Value::Null),
        }
    }
}
