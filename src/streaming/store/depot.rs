//! The meeting place of main thread, workers and store: the book behind a short lock, and what workers do.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::book::{Book, Chore};
use super::chunk_store::{ChunkStore, StorePlace, StoreWorld, StoredDelta};
use super::delta::ChunkDelta;
use super::error::StoreError;
use super::messages::{Counts, Trouble};

/// Everything about one type of changes.
pub(super) struct Depot<D> {
    book: Mutex<Book<D>>,
    /// A chore has ended.
    chore_ended: Condvar,
    /// Gone when the program, or the game in it, has ended. Threads may outlive that, but a saved game is
    /// free for the next one at once.
    store: Mutex<Option<Arc<dyn ChunkStore>>>,
    /// Places with which a worker is at the store.
    at_store: Mutex<BTreeSet<StorePlace>>,
    left_store: Condvar,
    /// Workers that were asked to come by and have not come.
    asked: AtomicUsize,
    news: Mutex<News>,
}

/// When a thousand chunks go at once, the workers still make chunks between the saves.
const ASKED_AT_MOST: usize = 16;
/// How often a thread looks whether there is something to do.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What the main thread has not heard of yet.
#[derive(Default)]
pub(super) struct News {
    pub counts: Counts,
    pub troubles: Vec<Trouble>,
}

/// What a read found.
pub(super) struct Found<D> {
    pub value: Arc<D>,
    /// Whether the store had anything.
    pub is_stored: bool,
}

impl<D> Clone for Found<D> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            is_stored: self.is_stored,
        }
    }
}

impl<D: ChunkDelta> Depot<D> {
    pub fn new(store: Box<dyn ChunkStore>, world: StoreWorld) -> Self {
        Self {
            book: Mutex::new(Book::new(world)),
            chore_ended: Condvar::new(),
            store: Mutex::new(Some(store.into())),
            at_store: Mutex::default(),
            left_store: Condvar::new(),
            asked: AtomicUsize::new(0),
            news: Mutex::default(),
        }
    }

    /// The book. Held for a look or a note, never while the store is asked.
    pub fn book(&self) -> MutexGuard<'_, Book<D>> {
        // A note is whole or not made, whatever panicked meanwhile.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what has happened since the last call.
    pub fn take_news(&self) -> News {
        std::mem::take(&mut *self.news())
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> Result<Arc<dyn ChunkStore>, StoreError> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.as_ref().map(Arc::clone).ok_or(StoreError::Closed)
    }

    /// Lets go of the store.
    pub fn close(&self) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let last = store.take();
        drop(store);
        drop(last);
    }

    pub fn bytes(&self) -> u64 {
        self.store().map_or(0, |store| store.bytes())
    }

    // ---- on workers ----

    /// Does the next thing that is due; false when there is none.
    ///
    /// What is done is chosen when a worker comes to it and not when the frame asked for it: so it is the
    /// newest value that is saved, and nothing is left half asked when the workers end.
    pub fn work(&self) -> bool {
        let Some(chore) = self.book().take_chore() else {
            return false;
        };
        let promise = Promise {
            depot: self,
            place: chore.place(),
            is_kept: false,
        };
        match chore {
            Chore::Read(place) => match self.load(&place) {
                Ok(found) => {
                    promise.keep(|book| book.was_read(place, found.value, found.is_stored));
                }
                Err(error) => promise.give_up(error),
            },
            Chore::Save {
                place,
                value,
                revision,
                is_stored,
            } => match self.save(&place, &value, is_stored) {
                Ok(is_stored) => promise.keep(|book| book.saved(place, revision, is_stored)),
                Err(error) => promise.give_up(error),
            },
        }
        true
    }

    /// What the store has of a chunk; nothing if what it had cannot be used and was set aside.
    pub fn load(&self, place: &StorePlace) -> Result<Found<D>, StoreError> {
        match self.read(place) {
            Ok(Some(value)) => {
                self.news().counts.loaded += 1;
                Ok(Found {
                    value: Arc::new(value),
                    is_stored: true,
                })
            }
            Ok(None) => Ok(Found::nothing()),
            Err(error @ StoreError::Refused { .. }) => {
                tracing::error!("changes of chunk {} are lost: {error}", place.coord);
                let mut news = self.news();
                news.counts.refused += 1;
                news.troubles.push(Trouble::lost(place.coord, &error));
                Ok(Found::nothing())
            }
            Err(error) => {
                self.news().counts.failed += 1;
                Err(error)
            }
        }
    }

    fn read(&self, place: &StorePlace) -> Result<Option<D>, StoreError> {
        let _turn = self.enter(place);
        let store = self.store()?;
        let Some(StoredDelta { version, bytes }) = store.load(place)? else {
            return Ok(None);
        };
        let text = str::from_utf8(&bytes).map_err(|error| error.to_string());
        let value = text.and_then(|text| {
            if version > D::VERSION {
                Err(format!(
                    "it was written by version {version} of the game's changes, and this game knows version {}",
                    D::VERSION
                ))
            } else if version < D::VERSION {
                D::upgrade(version, text)
            } else {
                ron::from_str(text).map_err(|error| error.to_string())
            }
        });
        value
            .map(Some)
            .map_err(|reason| store.set_aside(place, &reason))
    }

    /// Saves a value, or forgets the place if it is the default. Says whether the store has something now.
    fn save(&self, place: &StorePlace, value: &D, is_stored: bool) -> Result<bool, StoreError> {
        if *value == D::default() {
            if is_stored {
                let _turn = self.enter(place);
                self.store()?.save(place, None)?;
            }
        } else {
            let delta = encode(place, value)?;
            let _turn = self.enter(place);
            self.store()?.save(place, Some(&delta))?;
        }
        self.news().counts.saved += 1;
        Ok(*value != D::default())
    }

    /// Waits until no other worker is at the store with this place.
    fn enter(&self, place: &StorePlace) -> Turn<'_, D> {
        let mut at_store = self.at_store.lock().unwrap_or_else(PoisonError::into_inner);
        while !at_store.insert(*place) {
            at_store = self
                .left_store
                .wait(at_store)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Turn {
            depot: self,
            place: *place,
        }
    }

    /// What workers should be asked to do for what is due now, beside what they were asked before.
    pub fn chores(self: &Arc<Self>) -> Vec<Box<dyn FnOnce() + Send>> {
        let due = self.book().due().min(ASKED_AT_MOST);
        let more = due.saturating_sub(self.asked.load(Ordering::Relaxed));
        self.asked.fetch_add(more, Ordering::Relaxed);
        let chore = || -> Box<dyn FnOnce() + Send> {
            let depot = Arc::clone(self);
            Box::new(move || {
                depot.asked.fetch_sub(1, Ordering::Relaxed);
                depot.work();
            })
        };
        (0..more).map(|_| chore()).collect()
    }

    // ---- at the end ----

    /// Starts to save everything unsaved.
    pub fn begin_to_end(&self) {
        let mut book = self.book();
        book.end_all_requests();
        book.save_all();
    }

    /// Works until nothing is left to do, or until `deadline`.
    pub fn work_until(&self, deadline: Instant) {
        while Instant::now() < deadline {
            if self.work() {
                continue;
            }
            let book = self.book();
            if book.due() + book.busy() == 0 {
                return;
            }
            // An edit that waits for a read becomes a save when the main thread has taken the answer.
            drop(self.chore_ended.wait_timeout(book, LOOK_AGAIN));
        }
    }

    /// Waits until nothing is due and nobody is busy, or until `deadline`. Returns what is unsaved then.
    pub fn wait_until_saved(&self, deadline: Instant) -> usize {
        let mut book = self.book();
        loop {
            book.take_answers();
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO || book.due() + book.busy() == 0 {
                return book.unsaved();
            }
            book = self
                .chore_ended
                .wait_timeout(book, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl<D: Default> Found<D> {
    fn nothing() -> Self {
        Self {
            value: Arc::default(),
            is_stored: false,
        }
    }
}

/// RON, read back once: what does not come back equal must not count as saved.
fn encode<D: ChunkDelta>(place: &StorePlace, value: &D) -> Result<StoredDelta, StoreError> {
    let not_writable = |reason| StoreError::NotWritable {
        coord: place.coord,
        reason,
    };
    let text = ron::to_string(value).map_err(|error| not_writable(error.to_string()))?;
    let back: D = ron::from_str(&text)
        .map_err(|error| not_writable(format!("it cannot be read back: {error}")))?;
    if back != *value {
        return Err(not_writable("it reads back as something else".to_owned()));
    }
    Ok(StoredDelta {
        version: D::VERSION,
        bytes: text.into_bytes(),
    })
}

/// Lets the next one at the store when it is dropped.
struct Turn<'a, D> {
    depot: &'a Depot<D>,
    place: StorePlace,
}

impl<D> Drop for Turn<'_, D> {
    fn drop(&mut self) {
        let mut at_store = self
            .depot
            .at_store
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        at_store.remove(&self.place);
        drop(at_store);
        self.depot.left_store.notify_all();
    }
}

/// Writes down how a chore ended, also when a delta's own code panicked in it.
struct Promise<'a, D: ChunkDelta> {
    depot: &'a Depot<D>,
    place: StorePlace,
    is_kept: bool,
}

impl<D: ChunkDelta> Promise<'_, D> {
    fn keep(mut self, note: impl FnOnce(&mut Book<D>)) {
        self.is_kept = true;
        note(&mut self.depot.book());
        self.depot.chore_ended.notify_all();
    }

    fn give_up(mut self, error: StoreError) {
        self.is_kept = true;
        self.fail(error.to_string());
    }

    fn fail(&self, reason: String) {
        let coord = self.place.coord;
        tracing::error!("changes of chunk {coord} stay unsaved for now: {reason}");
        {
            let mut news = self.depot.news();
            news.counts.failed += 1;
            news.troubles.push(Trouble::unsaved(coord, reason));
        }
        self.depot.book().failed(self.place);
        self.depot.chore_ended.notify_all();
    }
}

impl<D: ChunkDelta> Drop for Promise<'_, D> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.fail("the game's own code panicked while they were written".to_owned());
        }
    }
}
