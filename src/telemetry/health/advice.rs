//! The next step of a verdict as data, so that a button and a scenario can do what a person reads.

use std::fmt;

use crate::streaming::{StreamingRequest, StreamingValues, field};

/// One setting's step.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The setting.
    pub field: &'static str,
    /// Its value now, as settings print it.
    pub from: String,
    /// The value to try, as settings read it.
    pub to: String,
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} > {}", self.field, self.from, self.to)
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Change these settings together.
    Set(Vec<FieldChange>),
    /// Ask this of streaming.
    Ask(StreamingRequest),
    /// Nothing that a setting can do: look here.
    Look(&'static str),
}

/// The next step of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// What to do.
    pub step: Step,
    /// What is expected of it, in a few words.
    pub why: &'static str,
}

impl Advice {
    pub(super) fn set(changes: Vec<FieldChange>, why: &'static str) -> Self {
        Self {
            step: Step::Set(changes),
            why,
        }
    }

    pub(super) fn ask(request: StreamingRequest, why: &'static str) -> Self {
        Self {
            step: Step::Ask(request),
            why,
        }
    }

    pub(super) fn look(place: &'static str, why: &'static str) -> Self {
        Self {
            step: Step::Look(place),
            why,
        }
    }

    /// The step in words: `max_concurrent_tasks 1 > 4`.
    pub fn text(&self) -> String {
        match &self.step {
            Step::Set(changes) => {
                let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
                changes.join(", ")
            }
            Step::Ask(StreamingRequest::SweepOrphans) => "sweep the orphans".to_owned(),
            Step::Ask(StreamingRequest::RetryQuarantined) => "retry what was given up".to_owned(),
            Step::Ask(StreamingRequest::RetryChunk(coord)) => format!("retry chunk {coord}"),
            Step::Ask(StreamingRequest::MakeAnew(coord)) => format!("make chunk {coord} anew"),
            Step::Ask(StreamingRequest::GeneratorChanged) => "ask the generator again".to_owned(),
            Step::Ask(StreamingRequest::RegenerateAll) => "make everything anew".to_owned(),
            Step::Look(place) => format!("look at {place}"),
        }
    }

    /// The settings to propose, if that is the step.
    pub fn proposal(&self) -> Option<Vec<(String, String)>> {
        match &self.step {
            Step::Set(changes) => Some(
                changes
                    .iter()
                    .map(|change| (change.field.to_owned(), change.to.clone()))
                    .collect(),
            ),
            Step::Ask(_) | Step::Look(_) => None,
        }
    }

    /// What to ask of streaming, if that is the step.
    pub fn request(&self) -> Option<StreamingRequest> {
        match self.step {
            Step::Ask(request) => Some(request),
            Step::Set(_) | Step::Look(_) => None,
        }
    }
}

/// A step from the value in force to a number, kept within what is legal.
pub(super) fn step_to(values: &StreamingValues, name: &'static str, to: f64) -> FieldChange {
    let (low, high) = field(name).map_or((f64::NEG_INFINITY, f64::INFINITY), |spec| spec.hard);
    let to = to.clamp(low, high);
    let is_whole = values
        .get(name)
        .is_some_and(|text| text.parse::<u64>().is_ok())
        && !matches!(
            name,
            "apply_budget_ms" | "scan_interval_secs" | "look_ahead_secs" | "stuck_after_secs"
        );
    FieldChange {
        field: name,
        from: values.get(name).unwrap_or_default(),
        to: if is_whole {
            format!("{:.0}", to.ceil())
        } else {
            // Two decimals are what a person can read; the least budget needs no more.
            ((to * 100.0).round() / 100.0).to_string()
        },
    }
}

/// The load radius and those that must move with it, their margins kept.
pub(super) fn shrink_radii(values: &StreamingValues, load_radius_m: f64) -> Vec<FieldChange> {
    let shift = values.load_radius_m - load_radius_m;
    [
        ("load_radius_m", load_radius_m),
        ("unload_radius_m", values.unload_radius_m - shift),
        ("view_radius_m", values.view_radius_m - shift),
    ]
    .into_iter()
    .map(|(name, to)| step_to(values, name, to))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streaming::StreamingSettings;

    #[test]
    fn a_step_is_a_legal_proposal() {
        let settings = StreamingSettings::conservative();
        let values = settings.values();
        for (name, to) in [
            ("max_concurrent_tasks", 4.2),
            ("max_concurrent_tasks", 9_000.0),
            ("apply_budget_ms", 0.001),
            ("upload_bytes_per_frame", 4e6),
            ("scan_interval_secs", 0.1),
            ("memory_cap_mib", 2_048.0),
        ] {
            let advice = Advice::set(vec![step_to(values, name, to)], "");
            let proposal = advice.proposal().expect("a proposal");
            assert!(settings.with_changes(&proposal).is_ok(), "{proposal:?}");
        }
        let radii = Advice::set(shrink_radii(values, 900.0), "").proposal();
        let smaller = settings
            .with_changes(&radii.expect("a proposal"))
            .expect("legal");
        assert_eq!(smaller.load_radius_m, 900.0);
        assert_eq!(smaller.unload_radius_m, 1_100.0);
    }

    #[test]
    fn what_is_no_setting_is_asked_for_or_looked_at() {
        let sweep = Advice::ask(StreamingRequest::SweepOrphans, "");
        assert_eq!(sweep.request(), Some(StreamingRequest::SweepOrphans));
        assert_eq!(
            (sweep.proposal(), sweep.text()),
            (None, "sweep the orphans".to_owned())
        );
        let look = Advice::look("the driver", "");
        assert_eq!((look.proposal(), look.request()), (None, None));
        assert_eq!(look.text(), "look at the driver");
    }
}
