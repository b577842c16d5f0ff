//! One thing to measure, which may give lines for several ratios.

use super::Workshop;
use super::id::Id;
use super::ratio::{Kind, Measured, Target};

type Run = Box<dyn Fn(&Workshop) -> Result<Vec<Measured>, String>>;

/// One thing to measure.
pub(super) struct Case {
    /// The ratios it gives lines for.
    pub ids: Vec<Id>,
    /// Its name in the report.
    pub name: String,
    /// How long it takes beside the others, for the estimate.
    pub weight: u64,
    run: Run,
}

impl Case {
    /// A case of these ratios.
    pub fn new(
        ids: &[Id],
        name: impl Into<String>,
        weight: u64,
        run: impl Fn(&Workshop) -> Result<Vec<Measured>, String> + 'static,
    ) -> Self {
        Self {
            ids: ids.to_vec(),
            name: name.into(),
            weight,
            run: Box::new(run),
        }
    }

    /// Measures it. What cannot be measured is a line without a value that says why.
    pub fn measure(&self, shop: &Workshop) -> Vec<Measured> {
        (self.run)(shop).unwrap_or_else(|why| self.unmeasured(&why))
    }

    /// Its lines without a value, and why.
    pub fn unmeasured(&self, why: &str) -> Vec<Measured> {
        let empty = |id: &Id| Measured {
            id: *id,
            case: self.name.clone(),
            samples: Vec::new(),
            target: Target::SHOWN,
            kind: Kind::Timed,
            note: format!("not measured: {why}"),
        };
        self.ids.iter().map(empty).collect()
    }
}
