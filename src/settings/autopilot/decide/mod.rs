//! The controller: from what one window says to at most one proposal. Pure; it remembers only what its own changes taught it.
//!
//! ```text
//!  over the milliseconds?   budget down, then count, then bytes; scan and queue: load radius down
//!  late or holes?           the limit that was hit up, if the target leaves room; else tasks; else load radius down
//!                           no limit hit: look farther ahead, scan more often
//!  neither                  nothing; after a while a load radius that was cut is given back
//! ```
//!
//! It is calm because a value that was over the target is never passed again, a step must be worth it, an excess must be
//! seen twice unless budget and slice explain it, and a change that twice did not help is not repeated.

mod evidence;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use ringroad_streaming::StreamingValues;

use evidence::{Trial, excess_ms, hit_text, late_count, late_text, lateness, limits_hit};
use step::Blocked;

use super::knob::{AIM, Knob};
use super::target::AutopilotTarget;
use super::window::WindowFacts;

/// Windows in a row that must be over the milliseconds, or fall behind, before something is changed for it.
const CONFIRMING_WINDOWS: u32 = 2;

/// Windows in a row in which the target must hold before something is given back.
const CALM_WINDOWS: u32 = 5;

/// A radius that was too far at one speed may be right below this share of it.
const SLOWER: f64 = 0.6;

/// How the autopilot stands.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum AutopilotPhase {
    /// Switched off.
    #[default]
    Off,
    /// Measuring, or measuring what a change did.
    Working,
    /// The target holds.
    Reached,
    /// The target does not hold, and nothing is left to change.
    Stuck,
}

impl AutopilotPhase {
    /// The word on the panel and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Working => "working",
            Self::Reached => "reached",
            Self::Stuck => "stuck",
        }
    }
}

/// What a decision is based on.
pub(super) struct Situation<'a> {
    pub facts: &'a WindowFacts,
    pub values: &'a StreamingValues,
    pub target: AutopilotTarget,
    pub pinned: &'a BTreeSet<&'static str>,
}

/// Changes that belong together, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proposal {
    pub changes: Vec<(&'static str, String)>,
    pub reason: String,
}

/// The outcome of one window.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judgement {
    pub phase: AutopilotPhase,
    pub sentence: String,
    pub proposal: Option<Proposal>,
}

impl Judgement {
    fn new(phase: AutopilotPhase, sentence: String) -> Self {
        Self {
            phase,
            sentence,
            proposal: None,
        }
    }
}

/// What the changes so far have taught.
#[derive(Debug, Default)]
pub(super) struct Controller {
    /// Values that were over the target (or, of the load radius, late).
    too_high: BTreeMap<Knob, f64>,
    /// How often in a row a change did not help.
    failures: BTreeMap<Knob, u32>,
    /// The change whose effect is being measured.
    trial: Option<Trial>,
    over_windows: u32,
    behind_windows: u32,
    calm_windows: u32,
    /// The load radius before it was cut.
    wished_radius_m: Option<f64>,
    /// The speed at which the load radius was too far.
    too_far_at_m_s: f64,
}

impl Controller {
    /// Judges one window.
    pub(super) fn judge(&mut self, now: &Situation<'_>) -> Judgement {
        if let Some(paused) = paused(now.values) {
            return paused;
        }
        self.end_trial(now);
        let facts = now.facts;
        let target_ms = now.target.streaming_ms_p99;
        let is_over = facts.streaming_ms_p99 > target_ms;
        let lateness = lateness(now);
        if is_over || lateness > 0 {
            self.calm_windows = 0;
        }
        if let Some(proposal) = fitted_budget(now) {
            return working(proposal);
        }
        if is_over {
            return self.over(now);
        }
        self.over_windows = 0;
        if lateness > 0 {
            return self.late(now);
        }
        if let Some(judgement) = self.behind(now) {
            return judgement;
        }
        self.calm_windows += 1;
        if self.calm_windows >= CALM_WINDOWS {
            self.failures.clear();
            if let Some(proposal) = self.given_back(now) {
                self.calm_windows = 0;
                return working(proposal);
            }
        }
        Judgement::new(
            AutopilotPhase::Reached,
            format!(
                "streaming {:.2} ms p99 within {target_ms} ms{} in the last {} frames",
                facts.streaming_ms_p99,
                if now.target.nothing_late {
                    ", nothing late"
                } else {
                    ""
                },
                facts.frames
            ),
        )
    }

    /// Looks at what the last change did.
    fn end_trial(&mut self, now: &Situation<'_>) {
        let Some(trial) = self.trial.take() else {
            return;
        };
        if trial.has_helped(now) {
            self.failures.remove(&trial.knob);
        } else {
            *self.failures.entry(trial.knob).or_default() += 1;
        }
    }

    /// The milliseconds are over the target.
    fn over(&mut self, now: &Situation<'_>) -> Judgement {
        let facts = now.facts;
        let target_ms = now.target.streaming_ms_p99;
        let excess = format!(
            "streaming {:.2} ms p99 is over the target of {target_ms} ms",
            facts.streaming_ms_p99
        );
        let is_unbudgeted = facts.unbudgeted_ms_p99 > facts.charged_ms_p99;
        // The last slice of a frame may begin when the budget is nearly spent. Then the excess is no accident.
        let most_ms = Knob::ApplyBudget.value(now.values) + facts.slice_ms_p99;
        let is_explained = !is_unbudgeted && facts.slice_ms_p99 <= target_ms && most_ms > target_ms;
        self.over_windows += 1;
        if self.over_windows < CONFIRMING_WINDOWS && !is_explained {
            return Judgement::new(
                AutopilotPhase::Working,
                format!("{excess}; a second window decides"),
            );
        }
        if facts.slice_ms_p99 > target_ms {
            return stuck(
                &format!(
                    "{excess}: one slice alone takes {:.2} ms, and no setting makes a slice smaller; the generator must make smaller meshes",
                    facts.slice_ms_p99
                ),
                &[],
            );
        }
        let knobs: &[Knob] = if is_unbudgeted {
            &[Knob::LoadRadius]
        } else {
            &[
                Knob::ApplyBudget,
                Knob::CompletedPerFrame,
                Knob::UploadBytes,
            ]
        };
        let mut blocked = Vec::new();
        for knob in knobs {
            match self.lowered(*knob, now, excess.clone()) {
                Ok(proposal) => {
                    self.too_high.insert(*knob, knob.value(now.values));
                    self.over_windows = 0;
                    self.trial = Some(Trial::begin(*knob, excess_ms, now));
                    return working(proposal);
                }
                Err(reason) => blocked.push(reason),
            }
        }
        let what = if is_unbudgeted {
            format!(
                "scan and queue alone take {:.2} ms, which no budget bounds",
                facts.unbudgeted_ms_p99
            )
        } else {
            format!(
                "applying takes {:.2} ms, {:.2} ms of it in one slice",
                facts.charged_ms_p99, facts.slice_ms_p99
            )
        };
        stuck(&format!("{excess}: {what}"), &blocked)
    }

    /// Something was late, and the milliseconds hold.
    fn late(&mut self, now: &Situation<'_>) -> Judgement {
        let limits = limits_hit(now.facts);
        let reason = format!("{}{}", late_text(now.facts), hit_text(&limits, now.values));
        let mut blocked = Vec::new();
        let ways: Vec<(Knob, Way)> = if limits.is_empty() {
            vec![(Knob::LookAhead, Way::Up), (Knob::ScanInterval, Way::Down)]
        } else {
            let raised = limits.iter().map(|(knob, _)| (*knob, Way::Up));
            raised.chain([(Knob::LoadRadius, Way::Down)]).collect()
        };
        for (knob, way) in ways {
            let step = match way {
                Way::Up => self.raised(knob, now, reason.clone()),
                Way::Down => self.lowered(knob, now, reason.clone()),
            };
            match step {
                Ok(proposal) => {
                    if knob == Knob::LoadRadius {
                        self.note_cut(now);
                    }
                    self.trial = Some(Trial::begin(knob, late_count, now));
                    return working(proposal);
                }
                Err(reason) => blocked.push(reason),
            }
        }
        let speed = format!("at this speed ({:.0} m/s)", now.facts.speed_m_s);
        let is_conflict = blocked
            .iter()
            .any(|reason| matches!(reason, Blocked::NoRoom(_)));
        let what = if is_conflict {
            format!(
                "{} ms p99 and nothing late cannot both hold {speed}: {}",
                now.target.streaming_ms_p99,
                late_text(now.facts)
            )
        } else {
            format!(
                "nothing late cannot be reached {speed}: {}",
                late_text(now.facts)
            )
        };
        stuck(&what, &blocked)
    }

    /// Nothing is late yet, but more and more is missing: raises a limit that was hit, as long as there is room.
    fn behind(&mut self, now: &Situation<'_>) -> Option<Judgement> {
        if !now.facts.is_falling_behind || !now.target.nothing_late {
            self.behind_windows = 0;
            return None;
        }
        self.behind_windows += 1;
        if self.behind_windows < CONFIRMING_WINDOWS {
            return None;
        }
        let limits = limits_hit(now.facts);
        let reason = format!(
            "{} chunks missing and more every second{}",
            now.facts.missing,
            hit_text(&limits, now.values)
        );
        limits
            .iter()
            .find_map(|(knob, _)| self.raised(*knob, now, reason.clone()).ok().map(working))
    }

    /// A part of the load radius that was cut, if there is room for it now.
    fn given_back(&mut self, now: &Situation<'_>) -> Option<Proposal> {
        let knob = Knob::LoadRadius;
        let wished_m = self.wished_radius_m?;
        let current_m = knob.value(now.values);
        if now.facts.streaming_ms_p99 > 0.7 * now.target.streaming_ms_p99 {
            return None;
        }
        if now.facts.speed_m_s < SLOWER * self.too_far_at_m_s {
            self.too_high.remove(&knob);
        }
        let next_m = knob.stepped_up(current_m).min(wished_m);
        let next_m = match self.too_high.get(&knob) {
            Some(too_far_m) if next_m >= *too_far_m => (current_m + too_far_m) / 2.0,
            _ => next_m,
        };
        let next_m = knob.rounded_up(next_m);
        let is_all = next_m >= wished_m;
        if next_m <= current_m || !(is_all || knob.is_worth(current_m, next_m)) {
            return None;
        }
        let reason = format!(
            "the target held for {} windows at {:.0} m/s, so {} of the radius is given back",
            self.calm_windows,
            now.facts.speed_m_s,
            if is_all { "the rest" } else { "a part" }
        );
        let proposal = self.proposal(knob, next_m, now, reason).ok()?;
        if is_all {
            self.wished_radius_m = None;
        }
        Some(proposal)
    }

    fn note_cut(&mut self, now: &Situation<'_>) {
        let radius_m = Knob::LoadRadius.value(now.values);
        self.wished_radius_m.get_or_insert(radius_m);
        self.too_high.insert(Knob::LoadRadius, radius_m);
        self.too_far_at_m_s = now.facts.speed_m_s;
    }
}

/// Which way a value goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// A limit of 0 stops the work on purpose; that is not for the autopilot to end.
fn paused(values: &StreamingValues) -> Option<Judgement> {
    let field = match (values.max_concurrent_tasks, values.max_completed_per_frame) {
        (0, _) => "max_concurrent_tasks",
        (_, 0) => "max_completed_per_frame",
        _ => return None,
    };
    Some(Judgement::new(
        AutopilotPhase::Working,
        format!("waits: {field} = 0 pauses streaming"),
    ))
}

/// A budget that would be over the target if it were spent comes down before it is.
fn fitted_budget(now: &Situation<'_>) -> Option<Proposal> {
    let knob = Knob::ApplyBudget;
    let value = knob.value(now.values);
    let target_ms = now.target.streaming_ms_p99;
    // The last slice of a frame may pass the budget by its whole length.
    let left_ms = (target_ms - now.facts.slice_ms_p99).max(target_ms / 2.0);
    let fitting_ms = left_ms.min(AIM * target_ms);
    let next = knob.rounded_down(fitting_ms).max(knob.spec().soft.0);
    let is_fitting = value <= target_ms || now.pinned.contains(knob.name()) || next >= value;
    (!is_fitting).then(|| Proposal {
        changes: vec![(knob.name(), next.to_string())],
        reason: format!("a budget of {value} ms could be spent, and the target is {target_ms} ms"),
    })
}

fn working(proposal: Proposal) -> Judgement {
    let changes: Vec<_> = proposal
        .changes
        .iter()
        .map(|(field, value)| format!("{field} = {value}"))
        .collect();
    Judgement {
        phase: AutopilotPhase::Working,
        sentence: format!("{}; measuring {}", proposal.reason, changes.join(", ")),
        proposal: Some(proposal),
    }
}

fn stuck(what: &str, blocked: &[Blocked]) -> Judgement {
    let reasons: Vec<_> = blocked.iter().map(Blocked::text).collect();
    let sentence = if reasons.is_empty() {
        what.to_owned()
    } else {
        format!("{what}; {}", reasons.join(", "))
    };
    Judgement::new(AutopilotPhase::Stuck, sentence)
}

#[cfg(test)]
mod tests;
