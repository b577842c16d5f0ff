//! Finished results that were collected and wait to be applied, most needed first.

use std::collections::BTreeMap;

use crate::logic::need::Need;
use crate::logic::ticket::GenerationId;
use crate::workers::Finished;

/// The results by ticket, and the order in which they are taken.
#[derive(Default)]
pub(crate) struct Results {
    by_ticket: BTreeMap<GenerationId, Finished>,
    /// Least needed first, so that the most needed is popped; may name results that are gone.
    order: Vec<(Need, GenerationId)>,
    is_sorted: bool,
}

impl Results {
    pub fn len(&self) -> usize {
        self.by_ticket.len()
    }

    pub fn holds(&self, id: GenerationId) -> bool {
        self.by_ticket.contains_key(&id)
    }

    pub fn push(&mut self, finished: Finished) {
        self.is_sorted = false;
        self.by_ticket.insert(finished.generation_id, finished);
    }

    pub fn take(&mut self, id: GenerationId) -> Option<Finished> {
        self.by_ticket.remove(&id)
    }

    pub fn into_all(self) -> impl Iterator<Item = Finished> {
        self.by_ticket.into_values()
    }

    /// Forgets the order: what is needed has changed.
    pub fn rescore(&mut self) {
        self.is_sorted = false;
    }

    /// Takes the most needed result. Cost: O(1), and a sort after something came or needs changed.
    pub fn pop_most_needed(&mut self, need_of: impl Fn(&Finished) -> Need) -> Option<Finished> {
        if !self.is_sorted {
            self.order = self
                .by_ticket
                .values()
                .map(|finished| (need_of(finished), finished.generation_id))
                .collect();
            self.order.sort_unstable_by(|a, b| b.cmp(a));
            self.is_sorted = true;
        }
        while let Some((_, id)) = self.order.pop() {
            if let Some(finished) = self.by_ticket.remove(&id) {
                return Some(finished);
            }
        }
        None
    }
}
