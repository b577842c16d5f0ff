//! A ring of fixed capacity: memory is taken once, the oldest item gives way to the newest.

/// Keeps the newest `capacity` items in order of arrival; pushing never allocates.
#[derive(Clone, Debug)]
pub struct Ring<T> {
    items: Vec<T>,
    capacity: usize,
    oldest: usize,
    pushed: u64,
}

impl<T> Ring<T> {
    /// Reserves room for `capacity` items (at least one).
    pub fn with_capacity(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self {
            items: Vec::with_capacity(capacity),
            capacity,
            oldest: 0,
            pushed: 0,
        }
    }

    /// Adds an item; the oldest one goes when the ring is full.
    pub fn push(&mut self, item: T) {
        self.pushed += 1;
        if self.items.len() < self.capacity {
            self.items.push(item);
        } else {
            self.items[self.oldest] = item;
            self.oldest = (self.oldest + 1) % self.capacity;
        }
    }

    /// Puts an item in the place of the newest one; nothing when there is none.
    pub fn set_last(&mut self, item: T) {
        let newest = match self.items.len() {
            0 => return,
            full if full == self.capacity => (self.oldest + full - 1) % full,
            part => part - 1,
        };
        self.items[newest] = item;
    }

    /// Takes out the item at `index`, counted from the oldest; the others keep their order. Moves all of them, so it
    /// is for what is rare.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        if index >= self.items.len() {
            return None;
        }
        self.items.rotate_left(self.oldest);
        self.oldest = 0;
        Some(self.items.remove(index))
    }

    /// How many items are kept now.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many items fit.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many items were ever pushed, also those that are gone.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// The item at `index`, counted from the oldest.
    pub fn get(&self, index: usize) -> Option<&T> {
        if index >= self.items.len() {
            return None;
        }
        self.items.get((self.oldest + index) % self.items.len())
    }

    /// Whether everything after a place is kept: the oldest item is before it, or none was ever dropped.
    pub fn reaches(&self, is_before: impl Fn(&T) -> bool) -> bool {
        self.pushed == self.items.len() as u64 || self.get(0).is_some_and(is_before)
    }

    /// The newest item.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All items, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        (0..self.items.len()).map(|index| &self.items[(self.oldest + index) % self.items.len()])
    }

    /// The items from the first one for which `is_recent` holds; items must be ordered so that
    /// it holds for all later ones too. Costs O(log n) to find the place.
    pub fn since(
        &self,
        is_recent: impl Fn(&T) -> bool,
    ) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle) {
                Some(item) if !is_recent(item) => low = middle + 1,
                _ => high = middle,
            }
        }
        (low..self.len()).map(|index| &self.items[(self.oldest + index) % self.items.len()])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ring_keeps_the_newest_items_in_order(capacity in 1usize..20, items in prop::collection::vec(0u32..1000, 0..100)) {
            let mut ring = Ring::with_capacity(capacity);
            let mut model = VecDeque::new();
            for item in &items {
                ring.push(*item);
                model.push_back(*item);
                if model.len() > capacity {
                    model.pop_front();
                }
                prop_assert_eq!(ring.iter().copied().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(ring.last(), model.back());
                ring.set_last(item + 1);
                *model.back_mut().unwrap() += 1;
                prop_assert_eq!(ring.last(), model.back());
            }
            prop_assert_eq!(ring.pushed(), items.len() as u64);
            prop_assert_eq!(ring.get(ring.len()), None);
        }

        #[test]
        fn since_finds_exactly_the_recent_part(capacity in 1usize..20, steps in prop::collection::vec(0u32..4, 0..60), cut in 0u32..120) {
            let mut ring = Ring::with_capacity(capacity);
            let mut time = 0;
            for step in steps {
                time += step;
                ring.push(time);
            }
            let expected: Vec<u32> = ring.iter().copied().filter(|t| *t >= cut).collect();
            prop_assert_eq!(ring.since(|t| *t >= cut).copied().collect::<Vec<_>>(), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_out_leaves_the_others_in_order(capacity in 1usize..8, items in prop::collection::vec(0u32..100, 1..30), at in 0usize..10) {
            let mut ring = Ring::with_capacity(capacity);
            items.iter().for_each(|item| ring.push(*item));
            let mut model: Vec<u32> = ring.iter().copied().collect();
            let taken = (at < model.len()).then(|| model.remove(at));
            prop_assert_eq!(ring.remove(at), taken);
            for item in 0..20 {
                ring.push(item);
                model.push(item);
                let kept = &model[model.len().saturating_sub(capacity)..];
                prop_assert_eq!(ring.iter().copied().collect::<Vec<_>>(), kept);
            }
        }
    }

    #[test]
    fn pushing_never_takes_more_memory() {
        let mut ring = Ring::with_capacity(64);
        let reserved = ring.items.capacity();
        for item in 0..1_000 {
            ring.push(item);
        }
        assert_eq!(ring.items.capacity(), reserved);
        assert_eq!(ring.len(), 64);
    }
}
