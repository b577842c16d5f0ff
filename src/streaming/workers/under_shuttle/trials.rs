//! What must hold in every order of steps, and faults planted to see that the orders are tried.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::Mutex;
use shuttle::thread;

use super::parcel::{Cancelled, Chore, Sabotage};
use super::yard::{HELD_CAP, Yard, in_every_order};
use crate::clock::{ServiceCost, VirtualCosts, WorkClock};

/// Orders that each scene is tried in, twice.
const ORDERS: usize = 400;

/// Two workers and more requests than they hold; the frame only waits for what comes.
fn everything_lands(sabotage: Sabotage) {
    let mut yard = Yard::new(WorkClock::Real, 2);
    yard.shared.sabotage(sabotage);
    yard.start(2);
    let ids = yard.push(&[10, 20, 60, 90]);
    yard.shared.wake();
    while yard.ended.len() < ids.len() {
        yard.wait_for_news();
    }
    let yard = yard.leave();
    let log = yard.log.lock().unwrap();
    let different: BTreeSet<_> = log.handed_out.iter().copied().collect();
    assert_eq!(different.len(), log.handed_out.len(), "handed out twice");
    assert_eq!(different, ids.into_iter().collect(), "something was lost");
    assert_eq!(yard.landed_bytes, 180);
    assert!(log.most_running <= 2);
    assert_eq!(yard.shared.snapshot().held_bytes, 0);
}

#[test]
fn nothing_is_lost_and_nothing_is_handed_out_twice() {
    in_every_order(ORDERS, || everything_lands(Sabotage::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn sabotage_a_thread_that_looks_away_before_it_sleeps_is_found() {
    in_every_order(ORDERS, || everything_lands(Sabotage::LooksAway));
}

/// Results of which only one at a time has room, and a frame that lands the first when it sees it.
fn caps_hold(sabotage: Sabotage) {
    let mut yard = Yard::new(WorkClock::Real, 3);
    yard.shared.sabotage(sabotage);
    yard.start(3);
    let ids = yard.push(&[60, 61, 62]);
    yard.shared.wake();
    while yard.ended.len() < ids.len() {
        yard.wait_for_news();
        assert!(yard.shared.snapshot().held_bytes <= HELD_CAP);
    }
    assert_eq!(yard.leave().landed_bytes, 183);
}

#[test]
fn a_result_that_does_not_fit_waits_and_is_told_when_there_is_room() {
    in_every_order(ORDERS, || caps_hold(Sabotage::None));
}

#[test]
#[should_panic(expected = "deadlock")]
fn sabotage_room_that_nobody_is_told_of_is_found() {
    in_every_order(ORDERS, || caps_hold(Sabotage::KeepsRoomSecret));
}

#[test]
#[should_panic(expected = "deadlock")]
fn sabotage_a_result_that_vanishes_is_found() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 2);
        yard.shared.sabotage(Sabotage::DropResults);
        yard.start(2);
        yard.push(&[10, 20]);
        yard.shared.wake();
        while yard.ended.len() < 2 {
            yard.wait_for_news();
        }
    });
}

#[test]
fn paused_nothing_starts_and_every_limit_takes_effect_at_once() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 0);
        yard.start(3);
        yard.push(&[1, 2, 3, 4]);
        yard.shared.wake();
        thread::yield_now();
        assert!(yard.log.lock().unwrap().handed_out.is_empty(), "paused");
        yard.allow(1);
        yard.shared.wake();
        yard.wait_for_news();
        assert_eq!(yard.log.lock().unwrap().most_running, 1);
        // Raised, lowered before anybody may have seen it, and raised again.
        yard.allow(3);
        yard.shared.wake();
        yard.allow(0);
        yard.allow(2);
        yard.shared.wake();
        while yard.ended.len() < 4 {
            yard.wait_for_news();
        }
        assert_eq!(yard.leave().landed_bytes, 10);
    });
}

#[test]
fn a_cancelled_request_ends_exactly_once_wherever_it_is() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 2);
        yard.start(2);
        // One that never ends by itself, two that do not fit beside each other, one that waits.
        let ids = yard.push(&[-1, 70, 80, 90]);
        yard.shared.wake();
        thread::yield_now();
        for id in &ids {
            let cancelled = yard.cancel(*id);
            let has_ended = yard.shared.holds(*id);
            assert!(
                cancelled != Cancelled::AtOnce || !has_ended,
                "{id} is still there"
            );
        }
        while yard.all_ended() < ids.len() {
            yard.wait_for_news();
        }
        yard.leave();
    });
}

#[test]
fn leaving_is_prompt_whatever_the_workers_do() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 3);
        yard.start(4);
        // One is busy for ever, one result waits for room that never comes, one worker sleeps.
        yard.push(&[-1, 70, 80]);
        yard.shared.wake();
        thread::yield_now();
        yard.leave();
    });
}

#[test]
fn every_chore_is_done_once_while_paused_and_while_busy() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 1);
        yard.start(2);
        let done = Arc::new(Mutex::new(Vec::new()));
        let (told, news) = shuttle::sync::mpsc::channel();
        yard.push(&[5]);
        for (number, tasks) in [0, 1, 0].into_iter().enumerate() {
            yard.allow(tasks);
            let (done, told) = (Arc::clone(&done), told.clone());
            let chore: Chore = Box::new(move || {
                done.lock().unwrap().push(number);
                told.send(()).unwrap();
            });
            yard.shared.leave_chores([chore]);
        }
        for _ in 0..3 {
            news.recv().unwrap();
        }
        yard.leave();
        let mut done = done.lock().unwrap().clone();
        done.sort_unstable();
        assert_eq!(done, [0, 1, 2]);
    });
}

#[test]
fn what_is_given_up_ends_once_and_its_thread_comes_back() {
    in_every_order(ORDERS, || {
        let mut yard = Yard::new(WorkClock::Real, 2);
        yard.start(2);
        let ids = yard.push(&[-1, 30]);
        yard.shared.wake();
        thread::yield_now();
        let mut given_up = BTreeSet::new();
        while given_up.len() + yard.ended.len() < ids.len() {
            let stuck = yard.shared.give_up_stuck(Duration::from_millis(3));
            given_up.extend(stuck.iter().map(|stuck| stuck.generation_id));
            yard.collect();
            thread::yield_now();
        }
        assert!(given_up.is_disjoint(&yard.ended));
        let late = given_up.len() as u64;
        let yard = yard.leave();
        let snapshot = yard.shared.snapshot();
        assert_eq!((snapshot.threads, snapshot.stuck_threads), (2, 0));
        assert_eq!(snapshot.late_returns, late);
    });
}

#[test]
fn the_virtual_clock_waits_for_its_workers_and_never_for_ever() {
    in_every_order(ORDERS, || {
        let costs = VirtualCosts {
            service: ServiceCost::Fixed { us: 1_000.0 },
            apply_us_per_entity: 0.0,
            apply_ns_per_byte: 0.0,
        };
        let mut yard = Yard::new(WorkClock::Virtual(costs), 2);
        yard.start(2);
        let ids = yard.push(&[10, 20, 70, 80]);
        let mut frame = 0;
        while yard.all_ended() < ids.len() {
            frame += 1;
            yard.shared.serve_virtual(Duration::from_millis(frame));
            if frame == 1 {
                yard.cancel(ids[2]);
            }
            yard.collect();
            yard.allow(2);
            assert!(frame < 20, "{:?} of {ids:?}", yard.ended);
        }
        yard.leave();
    });
}
