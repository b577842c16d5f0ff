//! What must add up: the terms of law 1, and how every law stands.

use crate::streaming::LawBook;
use crate::telemetry::sample::Sample;

/// The terms of law 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Requests made.
    pub requested: u64,
    /// Applied.
    pub applied: u64,
    /// Discarded as stale.
    pub stale: u64,
    /// Cancelled.
    pub cancelled: u64,
    /// Failed, panics included.
    pub failed: u64,
    /// Being generated.
    pub running: u64,
    /// Queued, ready and applying.
    pub waiting: u64,
}

impl Ledger {
    pub(super) fn of(newest: &Sample) -> Self {
        Self {
            requested: newest.requested,
            applied: newest.applied,
            stale: newest.stale,
            cancelled: newest.cancelled,
            failed: newest.failed,
            running: newest.active,
            waiting: newest.waiting(),
        }
    }

    /// What `requested` must equal.
    pub fn sum(&self) -> u64 {
        self.applied + self.stale + self.cancelled + self.failed + self.running + self.waiting
    }

    /// Whether no request was lost or invented.
    pub fn is_balanced(&self) -> bool {
        self.requested == self.sum()
    }
}

/// One law's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LawLine {
    /// Number of the law, from 1.
    pub number: u8,
    /// Frames or events that exercised it.
    pub checked: u64,
    /// How often it was broken.
    pub violations: u64,
    /// The first violation in words.
    pub first: Option<String>,
}

pub(super) fn law_lines(laws: &LawBook) -> Vec<LawLine> {
    laws.laws()
        .iter()
        .map(|law| LawLine {
            number: law.number,
            checked: law.checked,
            violations: law.violations,
            first: law.first.clone(),
        })
        .collect()
}
