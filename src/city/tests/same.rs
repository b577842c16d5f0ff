//! The city is one: whatever the chunk size, the order and the threads.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bevy::math::{DVec2, Vec2};
use proptest::prelude::*;

use super::content::{GOLDEN, generate_at};
use super::levels::LEVELS;
use super::plan;
use crate::city::{CityCollision, CityGenerator};
use crate::streaming::{
    ChunkContent, ChunkCoord, ChunkRequest, DetailLevel, GenerateError, StopToken, content_hash,
};

/// Everything that stands in a square of the world, as rounded places (decimetres) with what it is.
fn standing(seed: u64, size_m: f64, low: DVec2, high: DVec2) -> BTreeMap<(i64, i64), (u8, i32)> {
    let mut found = BTreeMap::new();
    let cell = |at: f64| (at / size_m).floor() as i32;
    for x in cell(low.x)..=cell(high.x) {
        for z in cell(low.y)..=cell(high.y) {
            let plan = plan(seed, x, z, size_m);
            let mut add = |at: Vec2, kind: u8, height_m: f32| {
                if !plan.owns(at) {
                    return;
                }
                let place = plan.frame.origin_in_plan + at.as_dvec2();
                let world = plan.frame.land.world_of(place);
                if world.cmpge(low).all() && world.cmplt(high).all() {
                    let key = (
                        (place.x * 4.0).round() as i64,
                        (place.y * 4.0).round() as i64,
                    );
                    found.insert(key, (kind, (height_m * 8.0).round() as i32));
                }
            };
            for block in &plan.blocks {
                for building in &block.buildings {
                    add(building.anchor, 0, building.height_m());
                }
                for tree in &block.furniture.trees {
                    add(tree.at, 1 + tree.species as u8, tree.scale);
                }
            }
            for river in &plan.rivers {
                for tree in &river.furniture.trees {
                    add(tree.at, 1 + tree.species as u8, tree.scale);
                }
            }
        }
    }
    found
}

#[test]
fn the_chunk_size_changes_nothing_of_the_city() {
    for (seed, low) in [
        (1, DVec2::new(-250.0, -300.0)),
        (4, DVec2::new(600.0, 380.0)),
    ] {
        let high = low + DVec2::splat(420.0);
        let usual = standing(seed, 200.0, low, high);
        assert!(usual.len() > 60, "{}", usual.len());
        for size_m in [64.0, 128.0, 137.3, 512.0] {
            let other = standing(seed, size_m, low, high);
            let (all, shared) = (
                usual.len().max(other.len()),
                usual
                    .iter()
                    .filter(|(key, what)| {
                        let (x, z) = **key;
                        // A place on the edge of two decimetres may be read as either.
                        (-1..=1).any(|dx| {
                            (-1..=1).any(|dz| {
                                other.get(&(x + dx, z + dz)).is_some_and(|there| {
                                    there.0 == what.0 && (there.1 - what.1).abs() <= 1
                                })
                            })
                        })
                    })
                    .count(),
            );
            assert_eq!(
                shared, all,
                "{shared} of {all} are the same with {size_m} m"
            );
        }
    }
}

fn hash(seed: u64, detail: DetailLevel, coord: ChunkCoord) -> u64 {
    hash_with_payload(&generate_at(detail, seed, coord.x, coord.z, 200.0))
}

/// The hash of a chunk and of what is solid in it and can be stood on.
fn hash_with_payload(content: &ChunkContent) -> u64 {
    let mut hasher = DefaultHasher::new();
    content_hash(content).hash(&mut hasher);
    let payload = content.payload.as_deref();
    if let Some(collision) = payload.and_then(|payload| payload.downcast_ref::<CityCollision>()) {
        format!("{:?}", collision.boxes()).hash(&mut hasher);
        for number in 0..100u8 {
            let place = Vec2::new(f32::from(number % 10), f32::from(number / 10)) * 20.0;
            let floor = collision.floor_below(collision.plan_of(place), 1_000.0);
            format!("{floor:?}").hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[test]
fn golden_hashes_hold_on_one_two_and_many_threads() {
    for threads in [1, 2, 8] {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                // Each in an order of its own.
                scope.spawn(move || {
                    for number in 0..GOLDEN.len() {
                        let (level, x, z, size_m, golden) =
                            GOLDEN[(number + thread) % GOLDEN.len()];
                        let content = generate_at(DetailLevel(level), 1, x, z, size_m);
                        assert_eq!(content_hash(&content), golden, "{level} {x} {z} {size_m}");
                    }
                });
            }
        });
    }
}

#[test]
fn one_two_and_many_threads_generate_the_same() {
    let jobs: Vec<(DetailLevel, ChunkCoord)> = (0..30)
        .map(|k| {
            (
                LEVELS[k % 3],
                ChunkCoord::new(k as i32 % 6 - 3, k as i32 / 6 - 2),
            )
        })
        .collect();
    let expected: Vec<u64> = jobs
        .iter()
        .map(|(detail, coord)| hash(5, *detail, *coord))
        .collect();
    for threads in [1, 2, 8] {
        let (next, made) = (AtomicUsize::new(0), Mutex::new(vec![0; jobs.len()]));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        // From the end, so that the order differs as well.
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.len().checked_sub(number + 1) else {
                            break;
                        };
                        let (detail, coord) = jobs[job];
                        made.lock().expect("nobody panics")[job] = hash(5, detail, coord);
                    }
                });
            }
        });
        assert_eq!(
            *made.lock().expect("nobody panics"),
            expected,
            "{threads} threads"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_order_of_asking_changes_no_chunk(
        places in proptest::collection::vec((-40i32..40, -40i32..40, 0u8..3), 3..7),
        seed in 0u64..50,
    ) {
        let at = |(x, z, level): &(i32, i32, u8)| {
            hash(seed, DetailLevel(*level), ChunkCoord::new(*x, *z))
        };
        let expected: Vec<u64> = places.iter().map(at).collect();
        for (number, place) in places.iter().enumerate().rev() {
            prop_assert_eq!(at(place), expected[number]);
        }
    }

    /// Whatever a stopped generation leaves behind in its thread, the next ones are not changed by it.
    #[test]
    fn a_chunk_that_was_stopped_half_made_is_made_the_same_afterwards(
        places in proptest::collection::vec((-40i32..40, -40i32..40, 0u8..3, 0usize..12), 2..5),
        seed in 0u64..50,
    ) {
        let expected: Vec<u64> = std::thread::scope(|scope| {
            // A thread of its own has stopped nothing.
            let fresh = scope.spawn(|| {
                let at = |(x, z, level, _): &(i32, i32, u8, usize)| {
                    hash(seed, DetailLevel(*level), ChunkCoord::new(*x, *z))
                };
                places.iter().map(at).collect()
            });
            fresh.join().expect("it generates as the others do")
        });
        for ((x, z, level, layers), expected) in places.iter().zip(expected) {
            let (coord, detail) = (ChunkCoord::new(*x, *z), DetailLevel(*level));
            let request = ChunkRequest { detail, ..ChunkRequest::for_test(coord, seed, 200.0) };
            let (stop, mut left) = (StopToken::never(), *layers);
            if left == 0 {
                stop.stop();
            }
            let stopped = CityGenerator::generate_watched(&request, &stop, &mut |_, _| {
                left = left.saturating_sub(1);
                if left == 0 {
                    stop.stop();
                }
            });
            // The last layers of all are followed by no checkpoint, or by the last one.
            if stop.is_stopped() && (*layers < 2 || *level == 0 && *layers < 11) {
                prop_assert!(matches!(stopped, Err(GenerateError::Cancelled)));
            }
            prop_assert_eq!(hash(seed, detail, coord), expected);
        }
    }
}
