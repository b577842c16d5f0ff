//! What is known of each chunk's changes, what is to be saved, and what somebody is busy with. No IO, no
//! threads: every step is a call, so that tests can take them in any order.
//!
//! ```text
//!   edit ─► known ─► unsaved ─► due ─► being saved ─► saved: dropped from memory once nobody is there
//!             ▲                  │          │
//!             │                  │          └─ failed ─► waits, then due again; it stays in memory
//!   edit of a chunk of which     │
//!   memory knows nothing: the ───┴─► being read ─► known
//!   edit waits
//! ```
//! An entry lives while its chunk is there, a request for it is under way, or something is unsaved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::chunk_store::{StorePlace, StoreWorld};

/// A change that waits until what it changes is known.
pub(super) type Edit<D> = Box<dyn FnOnce(&mut D) + Send>;

/// The first wait after a save that failed; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(64);

struct Entry<D> {
    /// `None` while nobody has asked the store.
    value: Option<Arc<D>>,
    /// Edits that wait for the value, oldest first.
    waiting: Vec<Edit<D>>,
    /// Counts edits; draws from one counter, so that no two states of a book share one.
    revision: u64,
    /// The revision that the store has.
    stored: u64,
    /// Whether the store has anything.
    is_stored: bool,
    /// Whether a worker reads or saves it.
    is_busy: bool,
    /// Whether the chunk's content is in the world, with these changes.
    is_there: bool,
    /// Whether it is to be saved now and not only when the chunk goes.
    wants_save: bool,
    /// Requests under way that know the value.
    tickets: u32,
    /// Requests under way that will read the store.
    readers: u32,
    failures: u32,
    try_again_at: Option<Duration>,
}

impl<D> Default for Entry<D> {
    fn default() -> Self {
        Self {
            value: None,
            waiting: Vec::new(),
            revision: 0,
            stored: 0,
            is_stored: false,
            is_busy: false,
            is_there: false,
            wants_save: false,
            tickets: 0,
            readers: 0,
            failures: 0,
            try_again_at: None,
        }
    }
}

impl<D> Entry<D> {
    fn is_unsaved(&self) -> bool {
        self.revision != self.stored
    }

    fn is_under_way(&self) -> bool {
        self.tickets + self.readers > 0
    }

    /// Whether a worker may read or save it now.
    fn is_due(&self) -> bool {
        let is_asked = self.wants_save && self.is_unsaved();
        // A save under a request that reads the store would let the request's content depend on who was first.
        is_asked && !self.is_busy && self.try_again_at.is_none() && self.readers == 0
    }
}

/// What a worker is to do.
pub(super) enum Chore<D> {
    /// Ask the store, because edits wait for the answer.
    Read(StorePlace),
    /// Save this value.
    Save {
        place: StorePlace,
        value: Arc<D>,
        revision: u64,
        /// Whether the store has something that a default value must remove.
        is_stored: bool,
    },
}

impl<D> Chore<D> {
    pub fn place(&self) -> StorePlace {
        match self {
            Self::Read(place) | Self::Save { place, .. } => *place,
        }
    }
}

/// What a request for a chunk finds when it is made.
pub(super) struct Prepared<D> {
    /// What to merge; `None` if the store has to be asked.
    pub value: Option<Arc<D>>,
    /// As of which edit.
    pub revision: u64,
}

/// The changes of all chunks that memory knows something of.
pub(super) struct Book<D> {
    world: StoreWorld,
    now: Duration,
    entries: BTreeMap<StorePlace, Entry<D>>,
    unsaved: BTreeSet<StorePlace>,
    due: BTreeSet<StorePlace>,
    later: BTreeSet<(Duration, StorePlace)>,
    /// What workers have read; taken in by the main thread, so that edits run there and nowhere else.
    answers: Vec<(StorePlace, Arc<D>, bool)>,
    busy: usize,
    revisions: u64,
}

impl<D: Default + Clone + PartialEq> Book<D> {
    pub fn new(world: StoreWorld) -> Self {
        Self {
            world,
            now: Duration::ZERO,
            entries: BTreeMap::new(),
            unsaved: BTreeSet::new(),
            due: BTreeSet::new(),
            later: BTreeSet::new(),
            answers: Vec::new(),
            busy: 0,
            revisions: 0,
        }
    }

    pub fn world(&self) -> StoreWorld {
        self.world
    }

    /// Takes in what workers have read; what failed and has waited long enough is due again.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        self.take_answers();
        while let Some((at, place)) = self.later.first().copied() {
            if at > now {
                return;
            }
            self.later.pop_first();
            if let Some(entry) = self.entries.get_mut(&place) {
                entry.try_again_at = None;
            }
            self.consider(place);
        }
    }

    /// Another seed or chunk size: nothing of the old world is there any more.
    pub fn move_to(&mut self, world: StoreWorld) {
        if self.world == world {
            return;
        }
        self.world = world;
        let there: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.is_there)
            .map(|(place, _)| *place)
            .collect();
        for place in there {
            self.leave(place);
        }
    }

    /// The changes that memory knows of a chunk, if there are any.
    pub fn get(&self, place: StorePlace) -> Option<Arc<D>> {
        let value = self.entries.get(&place)?.value.as_ref()?;
        (**value != D::default()).then(|| Arc::clone(value))
    }

    /// Whether memory knows what the changes of a chunk are.
    pub fn knows(&self, place: StorePlace) -> bool {
        self.entries
            .get(&place)
            .is_some_and(|entry| entry.value.is_some())
    }

    /// Changes a chunk, at once if memory knows it, else when the store has answered.
    pub fn edit(&mut self, place: StorePlace, change: Edit<D>) {
        let value = self
            .entries
            .get(&place)
            .and_then(|entry| entry.value.clone());
        let Some(old) = value else {
            self.revisions += 1;
            let entry = self.entries.entry(place).or_default();
            entry.revision = self.revisions;
            entry.waiting.push(change);
            entry.wants_save |= !entry.is_there;
            self.consider(place);
            return;
        };
        // On a copy, so that an edit that panics changes nothing.
        let mut new = D::clone(&old);
        change(&mut new);
        if new == *old {
            return;
        }
        self.revisions += 1;
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.value = Some(Arc::new(new));
            entry.revision = self.revisions;
            entry.wants_save |= !entry.is_there;
        }
        self.settle_if_default(place);
        self.consider(place);
    }

    /// A default value of which the store has nothing needs no save.
    fn settle_if_default(&mut self, place: StorePlace) {
        if let Some(entry) = self.entries.get_mut(&place)
            && !entry.is_stored
            && !entry.is_busy
            && entry.waiting.is_empty()
            && entry
                .value
                .as_ref()
                .is_some_and(|value| **value == D::default())
        {
            entry.stored = entry.revision;
        }
    }

    // ---- requests ----

    /// A request is made: what memory knows now is what it merges, whatever is edited later.
    pub fn prepare(&mut self, place: StorePlace) -> Prepared<D> {
        let entry = self.entries.entry(place).or_default();
        if entry.value.is_some() {
            entry.tickets += 1;
        } else {
            entry.readers += 1;
        }
        let prepared = Prepared {
            value: entry.value.clone(),
            // What the store will say is without the edits that wait for it.
            revision: if entry.value.is_some() {
                entry.revision
            } else {
                entry.stored
            },
        };
        self.consider(place);
        prepared
    }

    /// A request ended, with or without a chunk.
    pub fn end(&mut self, place: StorePlace, was_reader: bool) {
        if let Some(entry) = self.entries.get_mut(&place) {
            let count = if was_reader {
                &mut entry.readers
            } else {
                &mut entry.tickets
            };
            *count = count.saturating_sub(1);
        }
        self.consider(place);
    }

    /// A chunk is there, with changes as of `revision`; `read` is what its worker found in the store.
    /// Says whether it is up to date. [`end`](Self::end) comes after.
    pub fn land(&mut self, place: StorePlace, read: Option<(Arc<D>, bool)>, revision: u64) -> bool {
        if place.world != self.world {
            return true;
        }
        let entry = self.entries.entry(place).or_default();
        entry.is_there = true;
        entry.wants_save = false;
        let is_current = entry.revision == revision;
        let is_unknown = entry.value.is_none() && !entry.is_busy;
        if let Some((value, is_stored)) = read
            && is_unknown
        {
            self.learn(place, value, is_stored);
        }
        self.consider(place);
        is_current
    }

    /// The store has answered: the value is known, and what waited for it is done to it.
    fn learn(&mut self, place: StorePlace, value: Arc<D>, is_stored: bool) {
        let Some(entry) = self.entries.get_mut(&place) else {
            return;
        };
        entry.is_stored = is_stored;
        let mut new = D::clone(&value);
        let edits = std::mem::take(&mut entry.waiting);
        for change in edits {
            change(&mut new);
        }
        if new == *value {
            entry.stored = entry.revision;
            entry.value = Some(value);
        } else {
            entry.value = Some(Arc::new(new));
        }
        self.settle_if_default(place);
    }

    /// A chunk is not there any more: what is unsaved of it is due.
    pub fn leave(&mut self, place: StorePlace) {
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.is_there = false;
            entry.wants_save = true;
        }
        self.consider(place);
    }

    // ---- saving ----

    /// Everything unsaved is due now, also what waits after a failure.
    pub fn save_all(&mut self) {
        // Also of those that are not unsaved at the moment: who forgets the time must forget the wait.
        for (_, place) in std::mem::take(&mut self.later) {
            if let Some(entry) = self.entries.get_mut(&place) {
                entry.try_again_at = None;
            }
        }
        let places: Vec<_> = self.unsaved.iter().copied().collect();
        for place in places {
            if let Some(entry) = self.entries.get_mut(&place) {
                entry.wants_save = true;
            }
            self.consider(place);
        }
    }

    /// Lets go of all requests, so that nothing unsaved waits for them: the program ends.
    pub fn end_all_requests(&mut self) {
        let places: Vec<_> = self.unsaved.iter().copied().collect();
        for place in places {
            if let Some(entry) = self.entries.get_mut(&place) {
                entry.readers = 0;
            }
            self.consider(place);
        }
    }

    /// The next thing for a worker to do.
    pub fn take_chore(&mut self) -> Option<Chore<D>> {
        let place = self.due.pop_first()?;
        let entry = self.entries.get_mut(&place)?;
        entry.is_busy = true;
        self.busy += 1;
        Some(match &entry.value {
            None => Chore::Read(place),
            Some(value) => Chore::Save {
                place,
                value: Arc::clone(value),
                revision: entry.revision,
                is_stored: entry.is_stored,
            },
        })
    }

    /// A save worked: the store has the value of this revision.
    pub fn saved(&mut self, place: StorePlace, revision: u64, is_stored: bool) {
        if let Some(entry) = self.no_longer_busy(place) {
            entry.stored = revision;
            entry.is_stored = is_stored;
            entry.failures = 0;
        }
        self.settle_if_default(place);
        self.consider(place);
    }

    /// A read worked; [`take_answers`](Self::take_answers) takes it in.
    pub fn was_read(&mut self, place: StorePlace, value: Arc<D>, is_stored: bool) {
        self.answers.push((place, value, is_stored));
    }

    /// Does the edits that waited for what was read.
    pub fn take_answers(&mut self) {
        for (place, value, is_stored) in std::mem::take(&mut self.answers) {
            if let Some(entry) = self.no_longer_busy(place) {
                entry.failures = 0;
                if entry.value.is_none() {
                    self.learn(place, value, is_stored);
                }
            }
            self.consider(place);
        }
    }

    /// A save or a read failed: it is tried again after a while.
    pub fn failed(&mut self, place: StorePlace) {
        let now = self.now;
        if let Some(entry) = self.no_longer_busy(place) {
            let wait = FIRST_WAIT * 2_u32.pow(entry.failures.min(5));
            entry.failures += 1;
            let at = now + wait.min(LONGEST_WAIT);
            entry.try_again_at = Some(at);
            self.later.insert((at, place));
        }
        self.consider(place);
    }

    fn no_longer_busy(&mut self, place: StorePlace) -> Option<&mut Entry<D>> {
        let entry = self.entries.get_mut(&place)?;
        if entry.is_busy {
            entry.is_busy = false;
            self.busy -= 1;
        }
        Some(entry)
    }

    /// Puts a place into the sets it belongs to, and drops it when nobody needs it.
    fn consider(&mut self, place: StorePlace) {
        let Some(entry) = self.entries.get(&place) else {
            return;
        };
        let (is_unsaved, is_due) = (entry.is_unsaved(), entry.is_due());
        let is_needed = is_unsaved || entry.is_there || entry.is_busy || entry.is_under_way();
        if is_unsaved {
            self.unsaved.insert(place);
        } else {
            self.unsaved.remove(&place);
        }
        if is_due {
            self.due.insert(place);
        } else {
            self.due.remove(&place);
        }
        if !is_needed {
            if let Some(at) = entry.try_again_at {
                self.later.remove(&(at, place));
            }
            self.entries.remove(&place);
        }
    }

    // ---- numbers ----

    /// Chunks whose newest changes the store does not have.
    pub fn unsaved(&self) -> usize {
        self.unsaved.len()
    }

    /// What a worker could do now.
    pub fn due(&self) -> usize {
        self.due.len()
    }

    /// What workers are doing.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// Chunks that memory knows something of.
    pub fn in_memory(&self) -> usize {
        self.entries.len()
    }
}
