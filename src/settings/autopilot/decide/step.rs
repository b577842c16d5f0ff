//! One step of one knob within its bounds, or why there is none.

use super::{Controller, Proposal, Situation};
use crate::settings::autopilot::knob::{AIM, Knob, radii};

/// Times that a change may not have helped before it is not tried again.
const TRIES: u32 = 2;

/// Why a knob cannot be moved.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Blocked {
    Pinned(&'static str),
    AtBound(String),
    /// The other half of the target forbids it.
    NoRoom(String),
    WithoutEffect(String),
}

impl Blocked {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Pinned(field) => format!("{field} is pinned"),
            Self::AtBound(text) | Self::NoRoom(text) | Self::WithoutEffect(text) => text.clone(),
        }
    }
}

impl Controller {
    pub(super) fn raised(
        &self,
        knob: Knob,
        now: &Situation<'_>,
        reason: String,
    ) -> Result<Proposal, Blocked> {
        self.check_free(knob, now)?;
        let name = knob.name();
        let value = knob.value(now.values);
        let most = knob.spec().soft.1;
        if value >= most {
            return Err(Blocked::AtBound(format!("{name} = {value} is the most")));
        }
        let mut next = knob.stepped_up(value).min(most);
        let target_ms = now.target.streaming_ms_p99;
        let room_ms = AIM * target_ms - now.facts.streaming_ms_p99;
        let no_room = || {
            Blocked::NoRoom(format!(
                "{name} = {value} is the most that {target_ms} ms leaves room for"
            ))
        };
        match knob {
            Knob::ApplyBudget => next = next.min(value + room_ms),
            Knob::CompletedPerFrame | Knob::UploadBytes if room_ms <= 0.0 => {
                return Err(no_room());
            }
            _ => {}
        }
        if let Some(too_high) = self.too_high.get(&knob).filter(|high| next >= **high) {
            // Whole numbers have no middle between neighbours.
            next = knob.rounded_down((value + too_high) / 2.0);
        }
        let next = knob.rounded_up(next);
        if next > value && knob.is_worth(value, next) {
            self.proposal(knob, next, now, reason)
        } else {
            Err(no_room())
        }
    }

    pub(super) fn lowered(
        &self,
        knob: Knob,
        now: &Situation<'_>,
        reason: String,
    ) -> Result<Proposal, Blocked> {
        self.check_free(knob, now)?;
        let value = knob.value(now.values);
        let least = match knob {
            Knob::CompletedPerFrame => 1.0,
            Knob::ScanInterval => 0.05,
            // One ring of chunks more than must be there.
            Knob::LoadRadius => {
                let needed = now.values.must_have_radius_m + now.values.chunk_size_m;
                (needed / 10.0).ceil() * 10.0
            }
            _ => knob.spec().soft.0,
        };
        let next = match knob {
            Knob::ApplyBudget => {
                // What was spent is what has to come down, however large the budget was.
                let spent = value.min(now.facts.charged_ms_p99);
                let excess = now.facts.streaming_ms_p99 - AIM * now.target.streaming_ms_p99;
                (spent - excess).max(value / 4.0)
            }
            _ => knob.stepped_down(value),
        };
        let next = knob.rounded_down(next).max(least);
        // The last step to the bound may be a short one, or the bound would be named and never reached.
        if next < value && (next == least || knob.is_worth(value, next)) {
            self.proposal(knob, next, now, reason)
        } else {
            Err(Blocked::AtBound(format!(
                "{} = {value} is the least",
                knob.name()
            )))
        }
    }

    fn check_free(&self, knob: Knob, now: &Situation<'_>) -> Result<(), Blocked> {
        let name = knob.name();
        if now.pinned.contains(name) {
            return Err(Blocked::Pinned(name));
        }
        if self
            .failures
            .get(&knob)
            .is_some_and(|tries| *tries >= TRIES)
        {
            return Err(Blocked::WithoutEffect(format!(
                "changing {name} did not help"
            )));
        }
        Ok(())
    }

    pub(super) fn proposal(
        &self,
        knob: Knob,
        next: f64,
        now: &Situation<'_>,
        reason: String,
    ) -> Result<Proposal, Blocked> {
        let changes = if knob == Knob::LoadRadius {
            radii(next, now.values, |name| now.pinned.contains(name)).map_err(Blocked::Pinned)?
        } else {
            vec![(knob.name(), next.to_string())]
        };
        Ok(Proposal { changes, reason })
    }
}
