//! Random edits, requests, landings, unloads, saves and failures, beside a plain map of what was edited.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::StopToken;
use crate::logic::coord::DetailLevel;
use crate::logic::ticket::GenerationId;
use crate::store::depot::Depot;
use crate::store::stage::{DeltaStage, DeltaTicket};

#[derive(Clone, Debug)]
enum Step {
    Set(i32, u8, i32),
    Clear(i32),
    Request(i32),
    Merge(i32),
    Land(i32),
    Abandon(i32),
    DropAStray,
    Unload(i32),
    Work(u8),
    Tick(u8),
    Fail(bool),
    SaveAll,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let x = 0..4_i32;
    prop_oneof![
        6 => (x.clone(), 0..3_u8, 1..9_i32).prop_map(|(x, key, value)| Step::Set(x, key, value)),
        1 => x.clone().prop_map(Step::Clear),
        5 => x.clone().prop_map(Step::Request),
        4 => x.clone().prop_map(Step::Merge),
        5 => x.clone().prop_map(Step::Land),
        1 => x.clone().prop_map(Step::Abandon),
        1 => Just(Step::DropAStray),
        4 => x.prop_map(Step::Unload),
        5 => (1..4_u8).prop_map(Step::Work),
        3 => (0..100_u8).prop_map(Step::Tick),
        1 => any::<bool>().prop_map(Step::Fail),
        1 => Just(Step::SaveAll),
        1 => Just(Step::Restart),
    ]
}

/// A request under way, and what its content shows once it is merged.
struct UnderWay {
    ticket: Arc<dyn DeltaTicket>,
    request: ChunkRequest,
    shows: Option<Marks>,
}

struct Play {
    store: Arc<Moody>,
    depot: Arc<Depot<Marks>>,
    under_way: BTreeMap<i32, UnderWay>,
    strays: Vec<UnderWay>,
    /// What is seen of the chunks that are there.
    there: BTreeMap<i32, Marks>,
    truth: BTreeMap<i32, Marks>,
    now: Duration,
}

fn request(x: i32) -> ChunkRequest {
    ChunkRequest {
        coord: ChunkCoord::new(x, 0),
        detail: DetailLevel::FULL,
        seed: world().seed(),
        chunk_size_m: world().chunk_size_m(),
        generation_id: GenerationId::draw(),
        attempt: 0,
    }
}

impl Play {
    fn new() -> Self {
        let store = Arc::new(Moody::default());
        let depot = Arc::new(Depot::new(Box::new(Arc::clone(&store)), world()));
        Self {
            store,
            depot,
            under_way: BTreeMap::new(),
            strays: Vec::new(),
            there: BTreeMap::new(),
            truth: BTreeMap::new(),
            now: Duration::ZERO,
        }
    }

    fn truth_of(&self, x: i32) -> Marks {
        self.truth.get(&x).cloned().unwrap_or_default()
    }

    fn edit(&mut self, x: i32, change: impl Fn(&mut Marks) + Send + 'static) {
        change(self.truth.entry(x).or_default());
        // Who edits a chunk that is there changes what is seen of it.
        if let Some(seen) = self.there.get_mut(&x) {
            change(seen);
        }
        self.depot.book().edit(place(x, 0), Box::new(change));
    }

    fn request(&mut self, x: i32) {
        self.abandon(x);
        let request = request(x);
        let ticket = self.depot.prepare(&request).expect("full detail");
        let new = UnderWay {
            ticket,
            request,
            shows: None,
        };
        self.under_way.insert(x, new);
    }

    /// The engine wants it no more; its worker may still be busy with it.
    fn abandon(&mut self, x: i32) {
        self.strays.extend(self.under_way.remove(&x));
    }

    fn merge(&mut self, x: i32) {
        let Some(under_way) = self.under_way.get_mut(&x) else {
            return;
        };
        if under_way.shows.is_some() {
            return;
        }
        let mut content = ChunkContent::default();
        let tickets = [Arc::clone(&under_way.ticket)];
        let stop = StopToken::never();
        match merge_changes(&tickets, &under_way.request, &mut content, &stop) {
            Ok(()) => {
                let merged = content.payload.map(Arc::downcast::<Marks>);
                let merged = merged.map(|marks| (*marks.unwrap()).clone());
                under_way.shows = Some(merged.unwrap_or_default());
            }
            Err(_) => _ = self.under_way.remove(&x),
        }
    }

    fn land(&mut self, x: i32) -> Result<(), TestCaseError> {
        self.merge(x);
        let Some(UnderWay { ticket, shows, .. }) = self.under_way.remove(&x) else {
            return Ok(());
        };
        let shows = shows.expect("it was merged");
        let is_current = ticket.land();
        if is_current {
            prop_assert_eq!(&shows, &self.truth_of(x), "chunk {} shows the newest", x);
        }
        self.there.insert(x, shows);
        if !is_current {
            self.request(x);
        }
        Ok(())
    }

    fn unload(&mut self, x: i32) {
        self.abandon(x);
        if self.there.remove(&x).is_some() {
            self.depot.book().leave(place(x, 0));
        }
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Set(x, key, value) => self.edit(x, move |marks| _ = marks.0.insert(key, value)),
            Step::Clear(x) => self.edit(x, |marks| marks.0.clear()),
            Step::Request(x) => self.request(x),
            Step::Merge(x) => self.merge(x),
            Step::Land(x) => self.land(x)?,
            Step::Abandon(x) => self.abandon(x),
            Step::DropAStray => _ = self.strays.pop(),
            Step::Unload(x) => self.unload(x),
            Step::Work(times) => {
                for _ in 0..times {
                    self.depot.work();
                }
            }
            Step::Tick(secs) => {
                self.now += Duration::from_secs(secs.into());
                self.depot.book().tick(self.now);
            }
            Step::Fail(fails) => self.store.fails.store(fails, Ordering::SeqCst),
            Step::SaveAll => self.depot.book().save_all(),
            Step::Restart => self.restart()?,
        }
        self.check()
    }

    /// What must be true at every step.
    fn check(&self) -> Result<(), TestCaseError> {
        let book = self.depot.book();
        for x in 0..4 {
            if book.knows(place(x, 0)) {
                let known = book.get(place(x, 0)).map(|marks| (*marks).clone());
                prop_assert_eq!(known.unwrap_or_default(), self.truth_of(x));
            }
        }
        prop_assert!(book.due() + book.busy() <= book.in_memory());
        if book.unsaved() == 0 {
            drop(book);
            self.check_store()?;
        }
        Ok(())
    }

    fn check_store(&self) -> Result<(), TestCaseError> {
        for x in 0..4 {
            let stored = self.store.memory.load(&place(x, 0)).unwrap();
            let stored: Marks = stored
                .map(|delta| ron::de::from_bytes(&delta.bytes).unwrap())
                .unwrap_or_default();
            prop_assert_eq!(stored, self.truth_of(x), "the store has chunk {}", x);
        }
        Ok(())
    }

    /// The player leaves everything, the store works again, and all comes to rest.
    fn rest(&mut self) -> Result<(), TestCaseError> {
        self.store.fails.store(false, Ordering::SeqCst);
        for x in 0..4 {
            self.unload(x);
        }
        self.strays.clear();
        for _ in 0..200 {
            self.now += Duration::from_secs(70);
            self.depot.book().tick(self.now);
            while self.depot.work() {}
        }
        let book = self.depot.book();
        prop_assert_eq!((book.unsaved(), book.in_memory()), (0, 0));
        drop(book);
        self.check_store()
    }

    fn restart(&mut self) -> Result<(), TestCaseError> {
        self.rest()?;
        self.depot = Arc::new(Depot::new(Box::new(Arc::clone(&self.store)), world()));
        Ok(())
    }
}

/// What once stuck for ever: a failed save, an edit that makes it needless, and everything saved meanwhile.
#[test]
fn an_edit_after_a_failed_and_needless_save_is_saved() {
    let steps = [
        Step::Set(0, 0, 1),
        Step::Work(1),
        Step::Fail(true),
        Step::Tick(0),
        Step::Request(0),
        Step::Work(1),
        Step::Clear(0),
        Step::SaveAll,
        Step::Set(0, 0, 1),
    ];
    let mut play = Play::new();
    for step in steps {
        play.take(step).unwrap();
    }
    play.rest().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order_no_change_is_lost(steps in proptest::collection::vec(step(), 1..80)) {
        let mut play = Play::new();
        for step in steps {
            play.take(step)?;
        }
        play.rest()?;
        // Back again, out of the store alone: what lands is what was edited.
        for x in 0..4 {
            play.request(x);
            play.land(x)?;
            prop_assert_eq!(play.there.get(&x), Some(&play.truth_of(x)));
        }
    }
}
