//! A measured ratio, what it should be, and the verdict that the control allows.

use super::id::Id;
use super::stats::Estimate;

/// Which side of its bounds a ratio should be on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Larger is better.
    AtLeast,
    /// Smaller is better.
    AtMost,
}

/// What a ratio should be.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Target {
    /// Which way is better.
    pub sense: Sense,
    /// Good enough, where the design says so.
    pub good: Option<f64>,
    /// What we want; `None` for a number that is only shown.
    pub goal: Option<f64>,
}

impl Target {
    /// Larger is better.
    pub const fn at_least(good: f64, goal: f64) -> Self {
        Self {
            sense: Sense::AtLeast,
            good: Some(good),
            goal: Some(goal),
        }
    }

    /// Smaller is better.
    pub const fn at_most(good: f64, goal: f64) -> Self {
        Self {
            sense: Sense::AtMost,
            good: Some(good),
            goal: Some(goal),
        }
    }

    /// The same without anything between goal and miss.
    pub const fn with_goal_alone(self) -> Self {
        Self { good: None, ..self }
    }

    /// A number that is shown and not judged.
    pub const SHOWN: Self = Self {
        sense: Sense::AtMost,
        good: None,
        goal: None,
    };

    fn is_met(&self, value: f64, bound: f64) -> bool {
        match self.sense {
            Sense::AtLeast => value >= bound,
            Sense::AtMost => value <= bound,
        }
    }

    /// Where a value stands, whatever the noise; `None` without a goal.
    pub fn stands(&self, value: f64) -> Option<Verdict> {
        let goal = self.goal?;
        if self.is_met(value, goal) {
            Some(Verdict::Goal)
        } else if self.good.is_some_and(|good| self.is_met(value, good)) {
            Some(Verdict::Good)
        } else {
            Some(Verdict::Miss)
        }
    }

    /// How far a value is from the nearest bound that would change where it stands, as a share of that bound.
    fn margin(&self, value: f64) -> f64 {
        let bounds = [self.goal, self.good];
        let shares = bounds.into_iter().flatten().map(|bound| {
            if bound == 0.0 {
                if value == 0.0 { 0.0 } else { f64::INFINITY }
            } else {
                (value / bound - 1.0).abs()
            }
        });
        shares.fold(f64::INFINITY, f64::min)
    }
}

/// What is said of a ratio.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In the goal column.
    Goal,
    /// Good, but not what we want.
    Good,
    /// Neither.
    Miss,
    /// The run does not allow a verdict.
    Unresolved,
}

impl Verdict {
    /// As it is written in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Good => "good",
            Self::Miss => "miss",
            Self::Unresolved => "unresolved",
        }
    }
}

/// How a ratio came about, which decides whether noise can have moved it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From times: the control must resolve it.
    Timed,
    /// Counted, or measured on the virtual clock: equal on every run and machine.
    Counted,
}

/// What one case of a ratio gave.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which ratio.
    pub id: Id,
    /// Which case of it.
    pub case: String,
    /// One value per pair, or one value where it is counted; empty where it could not be measured.
    pub samples: Vec<f64>,
    /// What it should be.
    pub target: Target,
    /// Whether noise can have moved it.
    pub kind: Kind,
    /// What was measured, and what explains the value.
    pub note: String,
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub measured: Measured,
    /// Median and interval; `None` where it could not be measured.
    pub estimate: Option<Estimate>,
    /// What may be said of it.
    pub verdict: Verdict,
    /// Where the value stands, whatever the noise.
    pub stands: Option<Verdict>,
    /// Why nothing may be said of it.
    pub why_unresolved: Option<String>,
}

/// Says of a measured case what the control allows; `judges` is false for a quick look.
pub fn judge(measured: Measured, control: Option<&Estimate>, judges: bool) -> Row {
    let estimate = Estimate::of(&measured.samples);
    let stands = estimate.and_then(|estimate| measured.target.stands(estimate.value));
    let verdict = match (estimate, stands) {
        (None, _) => Err("not measured".to_owned()),
        (Some(_), None) => Err("shown, there is no goal for it".to_owned()),
        (Some(_), Some(_)) if !judges => Err("a quick look never judges".to_owned()),
        (Some(estimate), Some(stands)) => allowed(&measured, &estimate, control).map(|()| stands),
    };
    Row {
        measured,
        estimate,
        stands,
        verdict: *verdict.as_ref().unwrap_or(&Verdict::Unresolved),
        why_unresolved: verdict.err(),
    }
}

/// Whether the control allows a verdict on this value.
fn allowed(
    measured: &Measured,
    estimate: &Estimate,
    control: Option<&Estimate>,
) -> Result<(), String> {
    let Some(control) = control else {
        return Err("there is no control".to_owned());
    };
    if !super::control::is_calm(control) {
        return Err(format!(
            "the control is {:.3}, so the run counts for nothing",
            control.value
        ));
    }
    if measured.kind == Kind::Counted {
        return Ok(());
    }
    let stands = |value| measured.target.stands(value);
    if stands(estimate.low) != stands(estimate.high) {
        return Err("its own interval reaches over a bound".to_owned());
    }
    let margin = measured.target.margin(estimate.value);
    if control.width() > margin / 3.0 {
        return Err(format!(
            "the control's interval ({:.1} %) is wider than a third of the margin ({:.1} %)",
            control.width() * 1e2,
            margin * 1e2
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Estimate = Estimate {
        value: 1.0,
        low: 0.995,
        high: 1.005,
    };

    fn measured(samples: &[f64], target: Target, kind: Kind) -> Measured {
        Measured {
            id: Id::A1,
            case: "test".to_owned(),
            samples: samples.to_vec(),
            target,
            kind,
            note: String::new(),
        }
    }

    fn verdict(value: f64, target: Target) -> Verdict {
        judge(
            measured(&[value; 5], target, Kind::Timed),
            Some(&CALM),
            true,
        )
        .verdict
    }

    #[test]
    fn a_verdict_follows_from_the_bounds_in_both_directions() {
        let small = Target::at_most(1.5, 1.2);
        assert_eq!(verdict(1.0, small), Verdict::Goal);
        assert_eq!(verdict(1.35, small), Verdict::Good);
        assert_eq!(verdict(1.7, small), Verdict::Miss);
        let large = Target::at_least(0.85, 0.95);
        assert_eq!(verdict(0.99, large), Verdict::Goal);
        assert_eq!(verdict(0.9, large), Verdict::Good);
        assert_eq!(verdict(0.5, large), Verdict::Miss);
        assert_eq!(verdict(0.9, large.with_goal_alone()), Verdict::Miss);
    }

    #[test]
    fn a_value_too_near_to_a_bound_for_the_control_is_unresolved() {
        // The control is 1 % wide, so a verdict needs 3 % of distance.
        let target = Target::at_most(1.5, 1.2);
        assert_eq!(verdict(1.19, target), Verdict::Unresolved);
        assert_eq!(verdict(1.21, target), Verdict::Unresolved);
        assert_eq!(verdict(1.52, target), Verdict::Unresolved);
        assert_eq!(verdict(1.15, target), Verdict::Goal);
    }

    #[test]
    fn a_ratio_whose_own_interval_reaches_over_a_bound_is_unresolved() {
        let scattered = [1.0, 1.05, 1.1, 1.3, 1.4];
        let target = Target::at_most(1.5, 1.2);
        let row = judge(measured(&scattered, target, Kind::Timed), Some(&CALM), true);
        assert_eq!(row.stands, Some(Verdict::Goal));
        assert_eq!(row.verdict, Verdict::Unresolved);
    }

    #[test]
    fn a_count_is_not_blurred_by_the_control_but_a_bad_control_voids_it() {
        let exactly_one = Target::at_most(1.0, 1.0);
        let count = || measured(&[1.0], exactly_one, Kind::Counted);
        assert_eq!(judge(count(), Some(&CALM), true).verdict, Verdict::Goal);
        let wild = Estimate {
            value: 1.05,
            ..CALM
        };
        assert_eq!(
            judge(count(), Some(&wild), true).verdict,
            Verdict::Unresolved
        );
        assert_eq!(judge(count(), None, true).verdict, Verdict::Unresolved);
    }

    #[test]
    fn a_quick_look_shows_where_a_value_stands_and_never_judges() {
        let row = judge(
            measured(&[1.0; 3], Target::at_most(1.5, 1.2), Kind::Timed),
            Some(&CALM),
            false,
        );
        assert_eq!(row.verdict, Verdict::Unresolved);
        assert_eq!(row.stands, Some(Verdict::Goal));
    }

    #[test]
    fn what_was_not_measured_has_no_value_and_no_verdict() {
        let row = judge(
            measured(&[], Target::at_most(1.5, 1.2), Kind::Timed),
            Some(&CALM),
            true,
        );
        assert_eq!((row.verdict, row.estimate), (Verdict::Unresolved, None));
        assert_eq!(row.why_unresolved.as_deref(), Some("not measured"));
    }

    #[test]
    fn a_goal_of_zero_is_met_by_zero_alone() {
        let none = Target::at_most(0.01, 0.0);
        assert_eq!(none.stands(0.0), Some(Verdict::Goal));
        assert_eq!(none.stands(0.005), Some(Verdict::Good));
        assert_eq!(none.stands(0.02), Some(Verdict::Miss));
    }
}
