//! Single steps of the book, each by hand.

use std::time::Duration;

use super::*;
use crate::store::book::{Book, Chore};

fn set(key: u8, value: i32) -> Box<dyn FnOnce(&mut Marks) + Send> {
    Box::new(move |marks| _ = marks.0.insert(key, value))
}

fn marks(pairs: &[(u8, i32)]) -> Arc<Marks> {
    Arc::new(Marks(pairs.iter().copied().collect()))
}

fn new_book() -> Book<Marks> {
    Book::new(world())
}

/// A chunk that is there, with these changes from the store.
fn with_chunk(pairs: &[(u8, i32)]) -> Book<Marks> {
    let mut book = new_book();
    let prepared = book.prepare(place(0, 0));
    assert!(prepared.value.is_none(), "memory knows nothing yet");
    let read = (marks(pairs), !pairs.is_empty());
    assert!(book.land(place(0, 0), Some(read), prepared.revision));
    book.end(place(0, 0), true);
    book
}

#[track_caller]
fn save(book: &mut Book<Marks>) -> (Arc<Marks>, u64) {
    match book.take_chore() {
        Some(Chore::Save {
            value, revision, ..
        }) => (value, revision),
        Some(Chore::Read(_)) => panic!("a read"),
        None => panic!("nothing is due"),
    }
}

#[test]
fn a_chunk_that_is_there_is_saved_when_it_goes() {
    let mut book = with_chunk(&[(1, 1)]);
    assert_eq!(book.get(place(0, 0)), Some(marks(&[(1, 1)])));
    book.edit(place(0, 0), set(2, 2));
    assert_eq!((book.unsaved(), book.due()), (1, 0));
    book.leave(place(0, 0));
    let (value, revision) = save(&mut book);
    assert_eq!(value, marks(&[(1, 1), (2, 2)]));
    book.saved(place(0, 0), revision, true);
    assert_eq!((book.unsaved(), book.in_memory()), (0, 0));
}

#[test]
fn a_chunk_without_changes_costs_no_save_and_no_memory_when_it_has_gone() {
    let mut book = with_chunk(&[]);
    assert_eq!(book.get(place(0, 0)), None);
    assert!(book.knows(place(0, 0)));
    book.leave(place(0, 0));
    assert!(book.take_chore().is_none());
    assert_eq!(book.in_memory(), 0);
}

#[test]
fn a_chunk_that_comes_back_during_its_save_has_the_newest_changes() {
    let mut book = with_chunk(&[]);
    book.edit(place(0, 0), set(1, 1));
    book.leave(place(0, 0));
    let (_, revision) = save(&mut book);
    let prepared = book.prepare(place(0, 0));
    assert_eq!(prepared.value, Some(marks(&[(1, 1)])));
    book.saved(place(0, 0), revision, true);
    assert!(book.land(place(0, 0), None, prepared.revision));
    book.end(place(0, 0), false);
    assert_eq!(book.get(place(0, 0)), Some(marks(&[(1, 1)])));
}

#[test]
fn an_edit_during_a_save_is_saved_after_it() {
    let mut book = with_chunk(&[]);
    book.edit(place(0, 0), set(1, 1));
    book.leave(place(0, 0));
    let (_, first) = save(&mut book);
    book.edit(place(0, 0), set(1, 2));
    assert!(book.take_chore().is_none(), "one save of a chunk at a time");
    book.saved(place(0, 0), first, true);
    assert_eq!(book.unsaved(), 1);
    let (value, second) = save(&mut book);
    assert_eq!(value, marks(&[(1, 2)]));
    book.saved(place(0, 0), second, true);
    assert_eq!(book.unsaved(), 0);
}

#[test]
fn an_edit_of_an_absent_chunk_waits_for_the_store_and_changes_what_is_there() {
    let mut book = new_book();
    book.edit(place(0, 0), set(1, 1));
    book.edit(place(0, 0), set(2, 2));
    assert!(matches!(book.take_chore(), Some(Chore::Read(_))));
    book.was_read(place(0, 0), marks(&[(2, 0), (3, 3)]), true);
    book.tick(Duration::ZERO);
    let (value, revision) = save(&mut book);
    assert_eq!(value, marks(&[(1, 1), (2, 2), (3, 3)]));
    book.saved(place(0, 0), revision, true);
    assert_eq!((book.unsaved(), book.in_memory()), (0, 0));
}

#[test]
fn a_change_on_the_way_makes_what_lands_out_of_date() {
    for is_known in [false, true] {
        let mut book = if is_known {
            with_chunk(&[(1, 1)])
        } else {
            new_book()
        };
        let prepared = book.prepare(place(0, 0));
        book.edit(place(0, 0), set(1, 5));
        let read = (!is_known).then(|| (marks(&[(1, 1)]), true));
        assert!(!book.land(place(0, 0), read, prepared.revision));
        book.end(place(0, 0), !is_known);
        let again = book.prepare(place(0, 0));
        assert_eq!(again.value, Some(marks(&[(1, 5)])));
        assert!(book.land(place(0, 0), None, again.revision));
    }
}

#[test]
fn an_edit_that_waited_before_the_request_is_not_taken_for_merged() {
    let mut book = new_book();
    book.edit(place(0, 0), set(1, 5));
    let prepared = book.prepare(place(0, 0));
    assert!(prepared.value.is_none());
    assert!(
        book.take_chore().is_none(),
        "nobody saves under a request that reads"
    );
    assert!(!book.land(place(0, 0), Some((marks(&[]), false)), prepared.revision));
    assert_eq!(book.get(place(0, 0)), Some(marks(&[(1, 5)])));
}

#[test]
fn a_request_that_ends_without_a_chunk_leaves_nothing() {
    let mut book = new_book();
    book.prepare(place(0, 0));
    book.end(place(0, 0), true);
    assert_eq!(book.in_memory(), 0);
}

#[test]
fn the_default_is_forgotten_in_the_store_and_costs_nothing_without_one() {
    let clear = || Box::new(|marks: &mut Marks| marks.0.clear());
    let mut stored = with_chunk(&[(1, 1)]);
    stored.edit(place(0, 0), clear());
    assert_eq!((stored.get(place(0, 0)), stored.unsaved()), (None, 1));
    let mut unstored = with_chunk(&[]);
    unstored.edit(place(0, 0), set(1, 1));
    unstored.edit(place(0, 0), clear());
    assert_eq!((unstored.get(place(0, 0)), unstored.unsaved()), (None, 0));
}

#[test]
fn an_edit_that_changes_nothing_is_none() {
    let mut book = with_chunk(&[(1, 1)]);
    book.edit(place(0, 0), set(1, 1));
    assert_eq!(book.unsaved(), 0);
}

#[test]
fn a_save_that_failed_is_tried_again_after_ever_longer_waits() {
    let mut book = with_chunk(&[]);
    book.edit(place(0, 0), set(1, 1));
    book.leave(place(0, 0));
    let mut now = Duration::ZERO;
    for secs in [2, 4, 8, 16, 32, 64, 64] {
        save(&mut book);
        book.failed(place(0, 0));
        now += Duration::from_secs(secs) - Duration::from_millis(1);
        book.tick(now);
        assert!(book.take_chore().is_none(), "not before {secs} s");
        now += Duration::from_millis(1);
        book.tick(now);
        assert_eq!(book.due(), 1, "after {secs} s");
        assert_eq!(book.get(place(0, 0)), Some(marks(&[(1, 1)])));
    }
    let (_, revision) = save(&mut book);
    book.saved(place(0, 0), revision, true);
    assert_eq!(book.in_memory(), 0);
}

#[test]
fn the_changes_of_one_world_do_not_appear_in_another() {
    let mut book = with_chunk(&[]);
    book.edit(place(0, 0), set(1, 1));
    let other = StoreWorld::new(8, 200.0);
    book.move_to(other);
    let there = StorePlace {
        world: other,
        coord: place(0, 0).coord,
    };
    assert_eq!(book.get(there), None);
    let (value, revision) = save(&mut book);
    assert_eq!(
        value,
        marks(&[(1, 1)]),
        "the old world is saved when it goes"
    );
    book.saved(place(0, 0), revision, true);
    assert_eq!(book.in_memory(), 0);
}

#[test]
fn an_edit_that_panics_changes_nothing() {
    let mut book = with_chunk(&[(1, 1)]);
    let edit = Box::new(|marks: &mut Marks| {
        marks.0.clear();
        panic!("requested by the test");
    });
    let result = std::thread::scope(|scope| {
        let book = &mut book;
        scope.spawn(move || book.edit(place(0, 0), edit)).join()
    });
    assert!(result.is_err());
    assert_eq!(book.get(place(0, 0)), Some(marks(&[(1, 1)])));
    assert_eq!(book.unsaved(), 0);
}
