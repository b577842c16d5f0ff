//! Deltas written by other versions of the game, and deltas that cannot be written at all.

use std::sync::Arc;

use super::*;
use crate::store::depot::Depot;
use crate::store::messages::Trouble;
use crate::{GenerateError, StopToken};

fn depot(text: &str, version: u32) -> (Arc<Moody>, Depot<Marks>) {
    let store = Arc::new(Moody::default());
    let delta = StoredDelta {
        version,
        bytes: text.as_bytes().to_vec(),
    };
    store.memory.save(&place(0, 0), Some(&delta)).unwrap();
    let depot = Depot::new(Box::new(Arc::clone(&store)), world());
    (store, depot)
}

#[test]
fn the_same_version_is_read() {
    let (_, depot) = depot("({4:-2})", 3);
    let found = depot.load(&place(0, 0)).unwrap();
    assert_eq!((*found.value).clone(), Marks([(4, -2)].into()));
    assert_eq!(depot.take_news().counts.loaded, 1);
}

#[test]
fn an_older_version_is_upgraded_by_the_game() {
    let (_, depot) = depot("42", 2);
    let found = depot.load(&place(0, 0)).unwrap();
    assert_eq!((*found.value).clone(), Marks([(0, 42)].into()));
}

#[test]
fn what_cannot_be_read_is_set_aside_and_reported_and_the_chunk_is_as_generated() {
    for (text, version, why) in [
        (
            "({4:-2})",
            4,
            "version 4 of the game's changes, and this game knows version 3",
        ),
        ("({4:-2})", 1, "version 1 is too old"),
        ("forty-two", 2, "invalid digit"),
        ("({4:", 3, "1:"),
        ("({4:-2}) and more", 3, "1:"),
        (&"(".repeat(100_000), 3, "1:"),
    ] {
        let (store, depot) = depot(text, version);
        let found = depot.load(&place(0, 0)).unwrap();
        assert_eq!((*found.value).clone(), Marks::default());
        let news = depot.take_news();
        assert_eq!((news.counts.loaded, news.counts.refused), (0, 1));
        let [Trouble::Lost(lost)] = &news.troubles[..] else {
            panic!("one message is due for {why}");
        };
        assert!(lost.reason.contains(why), "{}", lost.reason);
        assert_eq!(store.load(&place(0, 0)), Ok(None));
        assert!(store.bytes() > 0, "it is kept aside");
    }
}

#[test]
fn bytes_that_are_no_text_are_set_aside() {
    let store = MemoryStore::default();
    let delta = StoredDelta {
        version: 3,
        bytes: vec![0xff, 0xfe],
    };
    store.save(&place(0, 0), Some(&delta)).unwrap();
    let depot = Depot::<Marks>::new(Box::new(store), world());
    assert!(!depot.load(&place(0, 0)).unwrap().is_stored);
    assert_eq!(depot.take_news().counts.refused, 1);
}

#[test]
fn a_delta_that_does_not_read_back_equal_is_reported_and_stays_in_memory() {
    #[derive(Serialize, Deserialize, Clone, Default, PartialEq)]
    struct Height(f32);

    impl ChunkDelta for Height {
        const VERSION: u32 = 1;
        fn merge(
            &self,
            _request: &ChunkRequest,
            _content: &mut ChunkContent,
            _stop: &StopToken,
        ) -> Result<(), GenerateError> {
            Ok(())
        }
    }

    let store = Arc::new(Moody::default());
    let depot = Depot::<Height>::new(Box::new(Arc::clone(&store)), world());
    depot
        .book()
        .edit(place(0, 0), Box::new(|height| height.0 = f32::NAN));
    assert!(depot.work(), "reads first");
    depot.book().take_answers();
    assert!(depot.work(), "then saves");
    assert_eq!(depot.book().unsaved(), 1);
    assert_eq!(store.saves.load(Ordering::SeqCst), 0);
    let news = depot.take_news();
    let [Trouble::Unsaved(failed)] = &news.troubles[..] else {
        panic!("one message is due");
    };
    assert!(
        failed.reason.contains("reads back as something else"),
        "{}",
        failed.reason
    );
}
