//! The end of the program: everything is saved, or within a second it is said what is not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::store::depot::Depot;

fn deltas(store: &Arc<Moody>) -> ChunkDeltas<Marks> {
    ChunkDeltas::new(Arc::new(Depot::new(Box::new(Arc::clone(store)), world())))
}

fn mark(deltas: &mut ChunkDeltas<Marks>, x: i32, value: i32) {
    deltas.edit(ChunkCoord::new(x, 0), move |marks| {
        marks.0.insert(0, value);
    });
}

#[test]
fn what_is_unsaved_is_saved_when_the_program_ends() {
    let store = Arc::new(Moody::default());
    let mut unsaved = deltas(&store);
    for x in 0..300 {
        mark(&mut unsaved, x, x + 1);
    }
    assert_eq!(unsaved.unsaved(), 300);
    drop(unsaved);
    let depot = Depot::<Marks>::new(Box::new(Arc::clone(&store)), world());
    for x in 0..300 {
        let found = depot.load(&place(x, 0)).unwrap();
        assert_eq!((*found.value).clone(), Marks([(0, x + 1)].into()));
    }
}

#[test]
fn an_edit_before_the_end_keeps_what_the_store_had() {
    let store = Arc::new(Moody::default());
    let mut first = deltas(&store);
    first.edit(ChunkCoord::new(0, 0), |marks| _ = marks.0.insert(5, 5));
    drop(first);
    let mut second = deltas(&store);
    mark(&mut second, 0, 1);
    drop(second);
    let depot = Depot::<Marks>::new(Box::new(Arc::clone(&store)), world());
    let found = depot.load(&place(0, 0)).unwrap();
    assert_eq!((*found.value).clone(), Marks([(0, 1), (5, 5)].into()));
}

#[test]
fn law_12_a_store_that_hangs_delays_the_end_by_less_than_a_second() {
    let store = Arc::new(Moody::default());
    let mut unsaved = deltas(&store);
    let hanging = store.hangs.lock().unwrap();
    for x in 0..20 {
        mark(&mut unsaved, x, 1);
    }
    let began = Instant::now();
    assert_eq!(unsaved.save_before_the_end(), 20, "and it says how many");
    drop(unsaved);
    assert!(began.elapsed() < Duration::from_secs(1));
    drop(hanging);
}

#[test]
fn a_store_that_fails_ends_at_once_with_a_count() {
    let store = Arc::new(Moody::default());
    store.fails.store(true, Ordering::SeqCst);
    let mut unsaved = deltas(&store);
    for x in 0..20 {
        mark(&mut unsaved, x, 1);
    }
    let began = Instant::now();
    assert_eq!(unsaved.save_before_the_end(), 20);
    assert!(
        began.elapsed() < Duration::from_millis(600),
        "nothing to wait for"
    );
    store.fails.store(false, Ordering::SeqCst);
    assert_eq!(unsaved.save_before_the_end(), 0, "the failure has passed");
}

#[test]
fn nothing_unsaved_means_nothing_to_wait_for() {
    let store = Arc::new(Moody::default());
    let mut all_saved = deltas(&store);
    let _hanging = store.hangs.lock().unwrap();
    let began = Instant::now();
    assert_eq!(all_saved.save_before_the_end(), 0);
    drop(all_saved);
    assert!(began.elapsed() < Duration::from_millis(100));
}

#[test]
fn a_saved_game_is_free_when_its_world_has_gone_though_a_thread_still_works_for_it() {
    let folder = Folder::new();
    let depot = Arc::new(Depot::<Marks>::new(Box::new(folder.open()), world()));
    let of_thread = Arc::clone(&depot);
    let mut ended = ChunkDeltas::new(depot);
    mark(&mut ended, 0, 1);
    drop(ended);
    assert_eq!(
        folder.open().load(&place(0, 0)),
        Ok(Some(stored("({0:1})")))
    );
    assert!(matches!(
        of_thread.load(&place(0, 0)),
        Err(StoreError::Closed)
    ));
}
