//! Conservation, tickets, single flight, nothing stuck, nothing leaked.

use bevy::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::generators::{Blocks, Gate};
use super::trial::{Trial, small_world, virtual_clock};
use crate::logic::laws::{FrameEnd, Scene, TraceEvent};
use crate::logic::table::ChunkState;
use crate::state::WorldSabotage;
use crate::workers::Sabotage;
use crate::*;

#[test]
fn law_01_conservation_holds_at_every_step_of_a_panicking_drive() {
    let switches = Arc::new(FaultSwitches::default());
    switches.set_panic_rate(0.1);
    // Slow enough that a jump finds work to drop.
    switches.set_slow_ms(60.0);
    let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, Arc::clone(&switches)))
        .with_clock(virtual_clock());
    let mut trial = Trial::with(plugin.with_faults(switches), small_world());
    for frame in 0..600 {
        trial.place_focus(
            frame as f32 * 2.0,
            if frame % 200 < 100 { 0.0 } else { 900.0 },
        );
        trial.step();
        assert!(trial.app.world().resource::<LawBook>().ledger_balanced());
    }
    trial.assert_lawful();
    let counters = &trial.metrics().counters;
    assert!(
        counters.applied > 100 && counters.panicked > 5,
        "{counters:?}"
    );
    assert!(
        counters.stale_discarded + counters.cancelled > 0,
        "{counters:?}"
    );
}

#[test]
fn law_01_sabotage_a_dropped_result_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.queue().shared().sabotage(Sabotage::DropResults);
    trial.steps(30);
    trial.assert_broken(1);
}

#[test]
fn law_02_a_result_of_an_old_life_is_discarded_after_reload() {
    let gate = Gate {
        is_deaf: true,
        ..Gate::default()
    };
    let mut trial = Trial::with(AsyncChunkPlugin::new(gate.clone()), small_world());
    assert!(trial.until(200, |_| gate.began.load(Ordering::SeqCst) == 4));
    // Away, so that the chunks of the running work are forgotten, and back, so that they live again.
    trial.place_focus(9_000.0, 0.0);
    for _ in 0..20 {
        trial.real_step();
    }
    trial.place_focus(0.0, 0.0);
    for _ in 0..20 {
        trial.real_step();
    }
    gate.is_open.store(true, Ordering::SeqCst);
    trial.settle();
    trial.assert_lawful();
    let counters = &trial.metrics().counters;
    assert!(counters.stale_discarded >= 4, "{counters:?}");
    assert_eq!(
        counters.applied, counters.distinct_loaded,
        "something landed twice"
    );
}

#[test]
fn law_02_sabotage_a_reused_ticket_is_reported() {
    let mut book = LawBook::default();
    let id = GenerationId::draw();
    let request = |x| TraceEvent::Requested {
        coord: ChunkCoord::new(x, 0),
        id,
        attempt: 0,
    };
    book.follow(
        &request(0),
        Scene {
            retry_limit: 3,
            ..Scene::default()
        },
    );
    book.follow(
        &request(1),
        Scene {
            retry_limit: 3,
            ..Scene::default()
        },
    );
    assert_eq!(book.laws()[1].violations, 1);
}

#[test]
fn law_03_a_finished_chunk_that_waits_is_not_generated_again() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_completed_per_frame", "0")]);
    trial.steps(300);
    let requested = trial.metrics().counters.requested;
    assert_eq!(requested, trial.metrics().gauges.wanted);
    assert_eq!(trial.metrics().gauges.completed_results, requested);
    trial.steps(300);
    assert_eq!(trial.metrics().counters.requested, requested);
    trial.set(&[("max_completed_per_frame", "4")]);
    trial.settle();
    assert_eq!(trial.metrics().counters.requested, requested);
    trial.assert_lawful();
}

#[test]
fn law_03_sabotage_a_second_request_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_completed_per_frame", "0")]);
    trial.steps(60);
    trial
        .chunks()
        .table
        .set_state(ChunkCoord::new(0, 0), ChunkState::Missing);
    trial.step();
    trial.assert_broken(3);
}

#[test]
fn law_04_everything_wanted_becomes_loaded_or_quarantined() {
    let switches = Arc::new(FaultSwitches::default());
    switches.panic_at(ChunkCoord::new(0, 0));
    switches.panic_at(ChunkCoord::new(2, -1));
    let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, Arc::clone(&switches)))
        .with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    trial.settle();
    let gauges = trial.metrics().gauges.clone();
    assert_eq!(gauges.quarantined, 2);
    assert_eq!(gauges.loaded + 2, gauges.wanted);
    switches.clear_panics();
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryQuarantined);
    trial.settle();
    assert_eq!(trial.metrics().gauges.loaded, trial.metrics().gauges.wanted);
    trial.assert_lawful();
}

#[test]
fn law_04_sabotage_lost_requests_are_reported_and_healed_by_the_watchdog() {
    let mut trial = Trial::new(Blocks);
    trial.queue().shared().sabotage(Sabotage::DropResults);
    trial.steps(60);
    trial.assert_broken(4);
    trial.queue().shared().sabotage(Sabotage::None);
    trial.settle();
    assert!(trial.metrics().counters.requeued_by_watchdog > 0);
    assert_eq!(trial.metrics().gauges.loaded, trial.metrics().gauges.wanted);
    assert!(
        trial.app.world().resource::<LawBook>().ledger_balanced(),
        "the lost requests were written off"
    );
}

#[test]
fn law_04_sabotage_a_forgotten_unload_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial.set(&[("apply_budget_ms", "0.05")]);
    trial.place_focus(9_000.0, 0.0);
    assert!(trial.until(100, |trial| trial.side().leaving.len() > 4));
    trial.side().leaving.pop_back();
    trial.step();
    trial.assert_broken(4);
}

fn books(trial: &mut Trial) -> (u64, u64, u64, usize, usize, u64) {
    // Dropped meshes leave their asset collection a frame or two later.
    trial.steps(8);
    let gauges = trial.metrics().gauges.clone();
    let world = trial.app.world();
    let (meshes, materials) = (
        world.resource::<Assets<Mesh>>().len(),
        world.resource::<Assets<StandardMaterial>>().len(),
    );
    (
        gauges.chunk_entities,
        gauges.meshes,
        gauges.loaded_bytes,
        meshes,
        materials,
        gauges.loaded,
    )
}

#[test]
fn law_05_twenty_laps_leave_nothing_behind() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let home = books(&mut trial);
    for lap in 0..20 {
        trial.place_focus(3_000.0, lap as f32 * 50.0);
        trial.settle();
        trial.place_focus(0.0, 0.0);
        trial.settle();
        assert_eq!(books(&mut trial), home, "lap {lap}");
    }
    trial.assert_lawful();
}

#[test]
fn law_05_materials_and_shared_meshes_do_not_grow_with_the_world() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let few = trial.metrics().gauges.clone();
    trial.set(&[
        ("load_radius_m", "1300"),
        ("unload_radius_m", "1500"),
        ("view_radius_m", "1300"),
    ]);
    trial.settle();
    let many = trial.metrics().gauges.clone();
    assert!(
        few.loaded < 70 && many.loaded >= 500,
        "{} and {}",
        few.loaded,
        many.loaded
    );
    assert_eq!(
        (few.materials, few.shared_meshes),
        (many.materials, many.shared_meshes)
    );
    assert_eq!(
        many.meshes, many.loaded,
        "each chunk of this generator owns one mesh"
    );
}

#[test]
fn law_05_sabotage_a_leaked_entity_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial.side().sabotage = WorldSabotage::LeakEntity;
    trial.place_focus(9_000.0, 0.0);
    trial.steps(60);
    trial.assert_broken(5);
}

#[test]
fn law_05_sabotage_a_fifth_mesh_is_reported() {
    let mut book = LawBook::default();
    let (coord, id) = (ChunkCoord::new(0, 0), GenerationId::draw());
    book.follow(
        &TraceEvent::Requested {
            coord,
            id,
            attempt: 0,
        },
        Scene {
            retry_limit: 3,
            ..Scene::default()
        },
    );
    let landed = TraceEvent::Landed {
        coord,
        detail: DetailLevel::FULL,
        version: 0,
        id,
        content_hash: Some(1),
        spawned: 5,
        prepared: 5,
        own_meshes: 5,
    };
    book.follow(
        &landed,
        Scene {
            retry_limit: 3,
            ..Scene::default()
        },
    );
    book.close_frame(&FrameEnd::default());
    assert_eq!(book.laws()[4].violations, 1);
}
