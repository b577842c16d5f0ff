//! The settings that the autopilot moves: how far one step goes, and where it ends.

use ringroad_streaming::{FieldSpec, StreamingValues, field};

/// What the autopilot may set, within the range that a slider offers. `must_have_radius_m` is not among it: it defines
/// what late is. The unload and the view radius only follow the load radius.
pub const STEERED: &[&str] = &[
    "apply_budget_ms",
    "max_completed_per_frame",
    "upload_bytes_per_frame",
    "max_concurrent_tasks",
    "scan_interval_secs",
    "look_ahead_secs",
    "load_radius_m",
    "unload_radius_m",
    "view_radius_m",
];

/// A frame is to stay this far (share) under the target.
pub(super) const AIM: f64 = 0.9;

/// Steps smaller than this share of a value are not worth a change.
const LEAST_STEP: f64 = 0.08;

/// One setting that is moved by a decision.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Knob {
    ApplyBudget,
    CompletedPerFrame,
    UploadBytes,
    Tasks,
    ScanInterval,
    LookAhead,
    LoadRadius,
}

impl Knob {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ApplyBudget => "apply_budget_ms",
            Self::CompletedPerFrame => "max_completed_per_frame",
            Self::UploadBytes => "upload_bytes_per_frame",
            Self::Tasks => "max_concurrent_tasks",
            Self::ScanInterval => "scan_interval_secs",
            Self::LookAhead => "look_ahead_secs",
            Self::LoadRadius => "load_radius_m",
        }
    }

    pub(super) fn spec(self) -> &'static FieldSpec {
        field(self.name()).expect("a test finds each knob among the fields")
    }

    pub(super) fn value(self, values: &StreamingValues) -> f64 {
        values.number(self.name()).unwrap_or_default()
    }

    /// The value after one step up, before any bound.
    pub(super) fn stepped_up(self, value: f64) -> f64 {
        match self {
            Self::ApplyBudget | Self::CompletedPerFrame => value * 1.5,
            Self::UploadBytes => value * 2.0,
            Self::Tasks | Self::LoadRadius => value * 1.25,
            Self::LookAhead => value + 1.0,
            Self::ScanInterval => value,
        }
    }

    /// The value after one step down, before any bound.
    pub(super) fn stepped_down(self, value: f64) -> f64 {
        match self {
            Self::LoadRadius => value * 0.8,
            // A look every frame costs more than it brings.
            Self::ScanInterval => (value / 2.0).max(0.05),
            Self::LookAhead => value,
            Self::ApplyBudget | Self::CompletedPerFrame | Self::UploadBytes | Self::Tasks => {
                value / 2.0
            }
        }
    }

    /// A raised value as the field can hold it and a person can read it.
    pub(super) fn rounded_up(self, value: f64) -> f64 {
        match self {
            Self::CompletedPerFrame | Self::Tasks => value.ceil(),
            _ => self.rounded_down(value),
        }
    }

    /// A value as the field can hold it and a person can read it, never above `value`.
    pub(super) fn rounded_down(self, value: f64) -> f64 {
        match self {
            Self::ApplyBudget | Self::ScanInterval => (value * 20.0 + 1e-9).floor() / 20.0,
            Self::LookAhead => (value * 2.0).floor() / 2.0,
            Self::LoadRadius => (value / 10.0).floor() * 10.0,
            Self::CompletedPerFrame | Self::Tasks | Self::UploadBytes => value.floor(),
        }
    }

    /// Whether the way from one value to another is worth a change.
    pub(super) fn is_worth(self, from: f64, to: f64) -> bool {
        (to - from).abs() >= (LEAST_STEP * from.abs()).max(1e-6)
    }
}

/// A load radius with the radii that must follow it to stay legal; `Err` names the pinned one that cannot.
pub(super) fn radii(
    load_m: f64,
    now: &StreamingValues,
    is_pinned: impl Fn(&str) -> bool,
) -> Result<Vec<(&'static str, String)>, &'static str> {
    let mut changes = vec![("load_radius_m", load_m.to_string())];
    let unload_m = load_m + (now.unload_radius_m - now.load_radius_m);
    // With equal radii everything in view is at full detail; then the view goes along.
    let view_m = if now.view_radius_m <= now.load_radius_m {
        load_m
    } else {
        now.view_radius_m.max(load_m)
    };
    for (name, from, to, is_legal_as_it_is) in [
        (
            "unload_radius_m",
            now.unload_radius_m,
            unload_m,
            now.unload_radius_m > load_m,
        ),
        (
            "view_radius_m",
            now.view_radius_m,
            view_m,
            now.view_radius_m >= load_m,
        ),
    ] {
        match (is_pinned(name), is_legal_as_it_is) {
            (true, true) => {}
            (true, false) => return Err(name),
            (false, _) if from == to => {}
            (false, _) => changes.push((name, to.to_string())),
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringroad_streaming::StreamingSettings;

    const ALL: [Knob; 7] = [
        Knob::ApplyBudget,
        Knob::CompletedPerFrame,
        Knob::UploadBytes,
        Knob::Tasks,
        Knob::ScanInterval,
        Knob::LookAhead,
        Knob::LoadRadius,
    ];

    #[test]
    fn every_knob_is_a_field_that_may_be_steered() {
        for knob in ALL {
            assert!(STEERED.contains(&knob.name()), "{knob:?}");
            assert_eq!(knob.spec().name, knob.name());
        }
        for name in STEERED {
            assert!(field(name).is_some(), "{name}");
        }
        assert!(!STEERED.contains(&"must_have_radius_m"));
    }

    #[test]
    fn steps_are_values_that_the_field_can_hold() {
        let mut values = StreamingValues::default();
        for knob in ALL {
            let value = knob.value(&values);
            for next in [
                knob.rounded_up(knob.stepped_up(value)),
                knob.rounded_down(knob.stepped_down(value)),
            ] {
                values
                    .set(knob.name(), &next.to_string())
                    .unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }

    #[test]
    fn radii_that_follow_stay_legal_and_a_pinned_one_is_left_alone() {
        let settings = StreamingSettings::conservative();
        for load_m in [700.0, 960.0, 1_500.0] {
            let changes: Vec<_> = radii(load_m, settings.values(), |_| false)
                .unwrap()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let next = settings
                .with_changes(&changes)
                .unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((next.load_radius_m, next.view_radius_m), (load_m, load_m));
        }
        let shrunk = radii(700.0, settings.values(), |name| name == "unload_radius_m").unwrap();
        assert!(shrunk.iter().all(|(name, _)| *name != "unload_radius_m"));
        let grown = radii(1_500.0, settings.values(), |name| name == "unload_radius_m");
        assert_eq!(grown, Err("unload_radius_m"));
    }
}
