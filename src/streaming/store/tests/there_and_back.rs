//! A block is moved, the player leaves and comes back: in a whole headless app, on both stores and clocks.

use bevy::app::AppExit;
use bevy::ecs::message::Messages;
use std::fs;

use super::world::{Blocks, Moved, World, virtual_clock};
use super::*;
use crate::*;

const HERE: ChunkCoord = ChunkCoord::new(0, 0);
const FAR: ChunkCoord = ChunkCoord::new(50, 0);

fn there_and_back(mut world: World) {
    world.settle();
    assert_eq!(world.heights(HERE), [1.0, 1.0, 1.0, 1.0]);
    world.move_block(HERE, 2, 7.5);
    world.move_block(ChunkCoord::new(-1, 0), 0, 0.25);
    assert_eq!(world.deltas().unsaved(), 2);
    world.go_to(3_000.0, 3_000.0);
    assert_eq!(world.heights(HERE), []);
    assert_eq!(world.deltas().unsaved(), 0, "saved when it went");
    assert!(world.deltas().bytes() > 0);
    assert!(!world.deltas().knows(HERE), "and out of memory");
    world.go_to(0.0, 0.0);
    assert_eq!(world.heights(HERE), [1.0, 1.0, 7.5, 1.0]);
    assert_eq!(world.heights(ChunkCoord::new(-1, 0))[0], 0.25);
    assert_eq!(
        world.deltas().get(HERE).as_deref(),
        Some(&Moved([(2, 7.5)].into()))
    );
    assert_eq!(
        (world.store_metrics().saved, world.store_metrics().loaded),
        (2, 2)
    );
    // Put back by hand: nothing is left of it.
    let mut deltas = world.app.world_mut().resource_mut::<ChunkDeltas<Moved>>();
    deltas.forget(HERE);
    world.leave_and_come_back();
    assert_eq!(world.heights(HERE), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(
        world.store_metrics().failed + world.store_metrics().refused,
        0
    );
}

#[test]
fn a_moved_block_is_still_moved_out_of_memory() {
    for clock in [virtual_clock(), WorkClock::Real] {
        there_and_back(World::new(clock, MemoryStore::default()));
    }
}

#[test]
fn a_moved_block_is_still_moved_out_of_a_saved_game() {
    for clock in [virtual_clock(), WorkClock::Real] {
        let folder = Folder::new();
        there_and_back(World::new(clock, folder.open()));
    }
}

#[test]
fn a_saved_game_goes_on_where_it_ended() {
    let folder = Folder::new();
    for night in 0..3_u8 {
        let mut world = World::new(virtual_clock(), folder.open());
        world.settle();
        let expected: Vec<f32> = (0..4_u8)
            .map(|block| {
                if block < night {
                    9.0 + f32::from(block)
                } else {
                    1.0
                }
            })
            .collect();
        assert_eq!(world.heights(HERE), expected);
        world.move_block(HERE, night.into(), 9.0 + f32::from(night));
        // The chunk is still there: only the end of the program saves it.
        assert_eq!(world.deltas().unsaved(), 1);
    }
}

#[test]
fn leaving_by_app_exit_saves() {
    let folder = Folder::new();
    let mut world = World::new(WorkClock::Real, folder.open());
    world.settle();
    world.move_block(HERE, 1, 4.0);
    world.app.world_mut().write_message(AppExit::Success);
    world.step();
    assert_eq!(world.deltas().unsaved(), 0);
}

#[test]
fn save_all_saves_what_is_still_there() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(HERE, 1, 4.0);
    world.settle();
    assert_eq!(world.deltas().unsaved(), 1);
    let mut deltas = world.app.world_mut().resource_mut::<ChunkDeltas<Moved>>();
    deltas.save_all();
    world.settle();
    assert_eq!(
        (world.deltas().unsaved(), world.store_metrics().saved),
        (0, 1)
    );
    assert!(world.deltas().knows(HERE), "it is there, so memory has it");
}

#[test]
fn a_chunk_nobody_has_seen_can_be_changed() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(FAR, 3, -2.0);
    world.move_block(FAR, 0, -1.0);
    world.settle();
    assert_eq!(
        world.deltas().unsaved(),
        0,
        "saved at once, since nobody is there"
    );
    world.go_to(5_050.0, 50.0);
    assert_eq!(world.heights(FAR), [-1.0, 1.0, 1.0, -2.0]);
}

#[test]
fn a_change_while_the_chunk_is_on_its_way_is_seen_in_the_end() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.until("it is asked for", |world| {
        world.metrics().counters.requested > 0
    });
    assert_eq!(world.metrics().counters.applied, 0, "and not there yet");
    world.move_block(HERE, 2, 7.5);
    world.settle();
    assert_eq!(world.heights(HERE), [1.0, 1.0, 7.5, 1.0]);
    let counters = &world.metrics().counters;
    assert_eq!(
        counters.applied,
        counters.distinct_loaded + 1,
        "made again, once"
    );
    world.leave_and_come_back();
    assert_eq!(world.heights(HERE), [1.0, 1.0, 7.5, 1.0]);
}

#[test]
fn another_seed_has_other_changes_and_the_first_finds_its_own_again() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(HERE, 2, 7.5);
    let set_seed = |world: &mut World, seed: &str| {
        world.app.world_mut().write_message(ProposeSettings {
            changes: vec![("seed".to_owned(), seed.to_owned())],
            source: SettingSource::Script,
        });
        world.settle();
    };
    set_seed(&mut world, "5");
    assert_eq!(world.heights(HERE), [5.0, 5.0, 5.0, 5.0]);
    world.move_block(HERE, 0, 6.0);
    set_seed(&mut world, "1");
    assert_eq!(world.heights(HERE), [1.0, 1.0, 7.5, 1.0]);
    set_seed(&mut world, "5");
    assert_eq!(world.heights(HERE), [6.0, 5.0, 5.0, 5.0]);
}

#[test]
fn a_damaged_file_costs_its_changes_and_not_its_chunk() {
    let folder = Folder::new();
    let store = Arc::new(folder.open());
    let mut world = World::new(virtual_clock(), Arc::clone(&store));
    world.settle();
    world.move_block(HERE, 2, 7.5);
    world.go_to(3_000.0, 3_000.0);
    let file = store.file_of(&StorePlace {
        world: StoreWorld::new(1, 100.0),
        coord: HERE,
    });
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    world.go_to(0.0, 0.0);
    assert_eq!(world.heights(HERE), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(world.failures, [""; 0], "the chunk did not fail");
    assert_eq!(world.store_metrics().refused, 1);
    assert!(file.with_extension("delta.bad").exists());
    // What is changed from now on is kept as ever, beside the damaged file.
    world.move_block(HERE, 0, 3.0);
    world.leave_and_come_back();
    assert_eq!(world.heights(HERE), [3.0, 1.0, 1.0, 1.0]);
    assert!(file.exists() && file.with_extension("delta.bad").exists());
}

#[test]
fn a_store_that_cannot_be_read_gives_the_chunk_up_and_loses_nothing() {
    let store = Arc::new(Moody::default());
    let mut world = World::new(virtual_clock(), Arc::clone(&store));
    world.settle();
    world.move_block(HERE, 2, 7.5);
    world.go_to(3_000.0, 3_000.0);
    store.fails.store(true, Ordering::SeqCst);
    world.place_focus(0.0, 0.0);
    world.until("given up", |world| world.metrics().gauges.quarantined > 5);
    let of_store = |reason: &String| reason.contains("the test says so");
    assert!(world.failures.iter().all(of_store));
    store.fails.store(false, Ordering::SeqCst);
    world
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryQuarantined);
    world.settle();
    world
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryQuarantined);
    world.settle();
    assert_eq!(world.heights(HERE), [1.0, 1.0, 7.5, 1.0]);
}

#[test]
fn a_save_that_fails_is_reported_and_done_when_the_store_is_well_again() {
    let store = Arc::new(Moody::default());
    let mut world = World::new(virtual_clock(), Arc::clone(&store));
    world.settle();
    world.move_block(FAR, 2, 7.5);
    world.settle();
    store.fails.store(true, Ordering::SeqCst);
    world.move_block(FAR, 2, 8.5);
    world.until("it failed", |world| world.store_metrics().failed > 0);
    let messages = world.app.world().resource::<Messages<ChunkSaveFailed>>();
    let mut cursor = messages.get_cursor();
    let failed: Vec<_> = cursor.read(messages).collect();
    assert_eq!(failed[0].coord, FAR);
    assert!(
        failed[0].reason.contains("the test says so"),
        "{}",
        failed[0].reason
    );
    assert_eq!(world.deltas().unsaved(), 1);
    store.fails.store(false, Ordering::SeqCst);
    world.until("saved", |world| world.deltas().unsaved() == 0);
    world.go_to(5_050.0, 50.0);
    assert_eq!(world.heights(FAR), [1.0, 1.0, 8.5, 1.0]);
}

#[test]
fn law_08_a_merge_that_panics_stays_in_its_chunk() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(FAR, 13, 0.0);
    world.settle();
    world.go_to(5_050.0, 50.0);
    assert_eq!(world.metrics().gauges.quarantined, 1);
    assert_eq!(world.heights(ChunkCoord::new(51, 0)), [1.0; 4]);
    let mut deltas = world.app.world_mut().resource_mut::<ChunkDeltas<Moved>>();
    deltas.forget(FAR);
    world.settle();
    world
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryChunk(FAR));
    world.settle();
    assert_eq!(world.heights(FAR), [1.0; 4]);
}

#[test]
fn a_merge_that_fails_is_reported_and_the_chunk_is_not_shown_without_its_changes() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(FAR, 14, 0.0);
    world.settle();
    world.go_to(5_050.0, 50.0);
    assert_eq!(world.metrics().gauges.quarantined, 1);
    let failures = &world.failures;
    assert!(
        failures
            .iter()
            .any(|reason| reason.contains("block 14 does not fit")),
        "{failures:?}"
    );
    assert!(world.landed.iter().all(|(coord, _)| *coord != FAR));
}

#[test]
fn law_09_what_is_merged_must_be_finite_and_the_hash_is_the_generators() {
    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.settle();
    world.move_block(HERE, 2, 7.5);
    world.leave_and_come_back();
    let plain = content_hash(
        &Blocks
            .generate(&ChunkRequest::for_test(HERE, 1, 100.0), &StopToken::never())
            .unwrap(),
    );
    let lives: Vec<u64> = world
        .landed
        .iter()
        .filter(|(coord, _)| *coord == HERE)
        .map(|(_, hash)| *hash)
        .collect();
    assert_eq!(lives, [plain, plain], "without the change, and with it");
    world.move_block(FAR, 0, f32::INFINITY);
    world.go_to(5_050.0, 50.0);
    let failures = &world.failures;
    assert!(
        failures.iter().any(|reason| reason.contains("not finite")),
        "{failures:?}"
    );
}

#[test]
fn two_types_of_changes_are_merged_side_by_side() {
    #[derive(Serialize, Deserialize, Clone, Default, PartialEq)]
    struct Raised(f32);

    impl ChunkDelta for Raised {
        const VERSION: u32 = 1;
        fn merge(
            &self,
            _request: &ChunkRequest,
            content: &mut ChunkContent,
            _stop: &StopToken,
        ) -> Result<(), GenerateError> {
            for transform in &mut content.instances[0].offsets_in_chunk {
                transform.translation.y += self.0;
            }
            Ok(())
        }
    }

    let mut world = World::new(virtual_clock(), MemoryStore::default());
    world.app.add_plugins(ChunkStorePlugin::<Raised>::default());
    world.move_block(FAR, 1, 5.0);
    let mut raised = world.app.world_mut().resource_mut::<ChunkDeltas<Raised>>();
    raised.edit(FAR, |raised| raised.0 = 100.0);
    world.settle();
    assert_eq!(world.store_metrics().saved, 2);
    assert_eq!(
        world.store_metrics().bytes,
        world.deltas().bytes() + world.app.world().resource::<ChunkDeltas<Raised>>().bytes()
    );
    world.go_to(5_050.0, 50.0);
    assert_eq!(world.heights(FAR), [101.0, 105.0, 101.0, 101.0]);
}

#[test]
fn a_paused_world_still_saves() {
    let store = Arc::new(Moody::default());
    let mut world = World::new(WorkClock::Real, Arc::clone(&store));
    world.app.world_mut().write_message(ProposeSettings {
        changes: vec![("max_concurrent_tasks".to_owned(), "0".to_owned())],
        source: SettingSource::Script,
    });
    world.step();
    world.move_block(FAR, 0, 2.0);
    world.until("saved", |world| world.deltas().unsaved() == 0);
    assert_eq!(store.saves.load(Ordering::SeqCst), 1);
    assert_eq!(world.metrics().counters.applied, 0, "nothing else was done");
}

#[test]
fn equal_runs_on_the_virtual_clock_save_and_load_equally() {
    let run = || {
        let mut world = World::new(virtual_clock(), MemoryStore::default());
        let mut story = Vec::new();
        for n in 0..60_i32 {
            let (x, z) = ((n * 7) % 11 - 5, (n * 5) % 7 - 3);
            world.move_block(ChunkCoord::new(x, z), 1, n as f32);
            if n % 9 == 0 {
                world.place_focus(n as f32 * 60.0 % 900.0, 0.0);
            }
            for _ in 0..5 {
                world.step();
            }
            story.push((*world.store_metrics(), world.metrics().counters.clone()));
        }
        story
    };
    let first = run();
    assert!(first.last().unwrap().0.saved > 5, "{:?}", first.last());
    assert_eq!(run(), first);
}
