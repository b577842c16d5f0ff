//! Reads an expectation from its text.

use serde_json::Value;

use super::Comparison;
use super::path::{Path, Root};
use super::sum::{Factor, Product, Sign, Sum, Term};

/// The part of the text that is not read yet.
pub(super) struct Tokens<'a> {
    pub rest: &'a str,
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

    pub fn sum(&mut self) -> Result<Sum, String> {
        let mut products = vec![(Sign::Plus, self.product()?)];
        loop {
            let sign = if self.skip("+") {
                Sign::Plus
            } else if self.skip("-") {
                Sign::Minus
            } else {
                break;
            };
            products.push((sign, self.product()?));
        }
        let sum = Sum(products);
        let is_number = |term: &Term| matches!(term, Term::Path(_) | Term::Value(Value::Number(_)));
        if sum.terms().count() > 1 && !sum.terms().all(is_number) {
            return Err("only numbers can be reckoned with".to_owned());
        }
        Ok(sum)
    }

    fn product(&mut self) -> Result<Product, String> {
        let mut terms = vec![(Factor::Times, self.term()?)];
        loop {
            let factor = if self.skip("*") {
                Factor::Times
            } else if self.skip("/") {
                Factor::Over
            } else {
                return Ok(Product(terms));
            };
            terms.push((factor, self.term()?));
        }
    }

    pub fn comparison(&mut self) -> Result<Comparison, String> {
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
        if word == "marks" {
            if !self.skip("[") {
                return Err("marks are named like marks[\"NAME\"].gauges.loaded".to_owned());
            }
            let name = self
                .quoted()?
                .ok_or("the mark's name is missing; write marks[\"NAME\"]")?;
            if !self.skip("].") {
                return Err("after marks[\"NAME\"] comes a dot and a path".to_owned());
            }
            return Path::checked(Root::Mark(name), self.word());
        }
        if self.skip("[") {
            let index = self
                .word()
                .parse()
                .map_err(|_| format!("an item of a list is named like {word}[0]"))?;
            if !self.skip("].") {
                return Err(format!("after {word}[{index}] comes a dot and a key"));
            }
            let root = Root::Item {
                list: word.to_owned(),
                index,
            };
            return Path::checked(root, self.word());
        }
        Path::checked(Root::Report, word)
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
