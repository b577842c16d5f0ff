//! A memory of bounded size: what was used last is remembered, what was not used for long is forgotten.
//!
//! ```text
//!   look up, write ──► young ── full ──► old ── young is full again ──► forgotten
//!                        ▲                │
//!                        └── used again ──┘
//! ```

use std::collections::BTreeMap;

/// Two generations of entries. At least the last `generation` keys that were used are remembered, and never
/// more than twice as many. Cost: O(log generation).
#[derive(Clone, Debug)]
pub struct Recent<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    generation: usize,
    has_forgotten: bool,
}

impl<K: Ord, V> Recent<K, V> {
    /// An empty memory.
    pub fn new(generation: usize) -> Self {
        Self {
            young: BTreeMap::new(),
            old: BTreeMap::new(),
            generation,
            has_forgotten: false,
        }
    }

    /// What is remembered under a key, put there first if nothing is; the key counts as used now.
    pub fn entry(&mut self, key: K, first: impl FnOnce() -> V) -> &mut V {
        if !self.young.contains_key(&key) && self.young.len() >= self.generation {
            self.has_forgotten |= !self.old.is_empty();
            self.old = std::mem::take(&mut self.young);
        }
        let again = self.old.remove(&key);
        self.young
            .entry(key)
            .or_insert_with(|| again.unwrap_or_else(first))
    }

    /// Forgets everything, on purpose.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether anything was ever forgotten for want of room.
    #[cfg(test)]
    pub fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_last_keys_used_are_remembered_and_never_more_than_twice_as_many(
            keys in proptest::collection::vec(0..40_u8, 0..400), generation in 1..20_usize
        ) {
            let mut memory = Recent::new(generation);
            // The model: every key with the time of its last use, and its first value since it was forgotten.
            let mut last_used: Vec<u8> = Vec::new();
            for (time, key) in keys.into_iter().enumerate() {
                let is_recent = last_used.iter().rev().take(generation).any(|known| *known == key);
                let value = *memory.entry(key, || time);
                prop_assert!(value == time || last_used.contains(&key));
                prop_assert!(!is_recent || value < time, "key {key} was forgotten too early");
                last_used.retain(|known| *known != key);
                last_used.push(key);
                prop_assert!(memory.len() <= 2 * generation);
                prop_assert!(memory.has_forgotten() || memory.len() == last_used.len());
            }
        }
    }
}
