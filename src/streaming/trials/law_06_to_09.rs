//! Budgets hold and only defer; panics stay in their chunk; content is what the generator made.

use bevy::camera::visibility::NoAutoAabb;
use bevy::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::generators::{Blocks, Broken, blocks};
use super::trial::{Trial, small_world, virtual_clock};
use crate::state::WorldSabotage;
use crate::workers::Sabotage;
use crate::*;

#[test]
fn law_06_budgets_hold_whatever_they_are() {
    for (tasks, completed, budget, bytes) in [
        ("1", "1", "0.05", "4096"),
        ("3", "2", "0.3", "4096"),
        ("16", "100", "100", "100000000"),
        ("2", "3", "1", "8192"),
    ] {
        let mut trial = Trial::new(Blocks);
        trial.set(&[
            ("max_concurrent_tasks", tasks),
            ("max_completed_per_frame", completed),
            ("apply_budget_ms", budget),
            ("upload_bytes_per_frame", bytes),
        ]);
        trial.settle();
        trial.place_focus(700.0, 700.0);
        trial.settle();
        trial.assert_lawful();
        let most = &trial.metrics().gauges_max;
        assert!(most.applied_in_frame <= completed.parse().unwrap());
        assert!(most.gauges.active_tasks <= tasks.parse().unwrap());
        assert!(trial.law(6).checked > 0);
    }
}

#[test]
fn law_06_a_heavy_chunk_is_applied_over_several_frames() {
    struct Heavy;
    impl ChunkGenerator for Heavy {
        fn generate(
            &self,
            request: &ChunkRequest,
            _stop: &StopToken,
        ) -> Result<ChunkContent, GenerateError> {
            Ok(blocks(request, 2_000))
        }
    }
    let mut trial = Trial::new(Heavy);
    trial.set(&[("apply_budget_ms", "2")]);
    assert!(trial.until(300, |trial| trial.metrics().gauges.applying == 1));
    // 2,000 entities at 20 µs are 40 ms: a frame of 2 ms must cut them.
    assert_eq!(trial.metrics().frame.stopped_by, StoppedBy::Time);
    trial.steps(400);
    assert!(trial.metrics().counters.applied > 5);
    trial.assert_lawful();
}

#[test]
fn law_06_sabotage_one_chunk_too_many_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[
        ("max_completed_per_frame", "1"),
        ("apply_budget_ms", "100"),
        ("max_concurrent_tasks", "32"),
    ]);
    trial.side().sabotage = WorldSabotage::IgnoreCount;
    trial.steps(60);
    trial.assert_broken(6);
}

#[test]
fn law_06_sabotage_a_frame_that_overruns_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[
        ("max_completed_per_frame", "50"),
        ("apply_budget_ms", "0.05"),
        ("max_concurrent_tasks", "32"),
    ]);
    trial.side().sabotage = WorldSabotage::IgnoreTime;
    trial.steps(60);
    trial.assert_broken(6);
}

#[test]
fn law_07_budgets_defer_and_never_drop() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[
        ("max_completed_per_frame", "1"),
        ("apply_budget_ms", "0.05"),
        ("completed_bytes_cap", "65536"),
    ]);
    trial.settle();
    let counters = &trial.metrics().counters;
    assert_eq!(counters.requested, counters.applied);
    assert_eq!(
        counters.stale_discarded + counters.cancelled + counters.failed,
        0
    );
    assert!(trial.law(7).checked > 0);
    trial.assert_lawful();
}

#[test]
fn law_07_discarding_stale_results_costs_no_budget() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_completed_per_frame", "0")]);
    trial.steps(300);
    let waiting = trial.metrics().gauges.completed_results;
    assert!(waiting > 40);
    trial.place_focus(9_000.0, 0.0);
    trial.steps(6);
    let metrics = trial.metrics();
    assert_eq!(
        metrics.counters.stale_discarded, waiting,
        "all at once, though nothing may be applied"
    );
    trial.assert_lawful();
}

#[test]
fn law_07_a_full_backlog_makes_workers_wait_and_loses_nothing() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[
        ("max_completed_per_frame", "0"),
        ("completed_bytes_cap", "65536"),
        ("load_radius_m", "3000"),
        ("unload_radius_m", "3200"),
        ("view_radius_m", "3000"),
    ]);
    trial.steps(2_000);
    let gauges = trial.metrics().gauges.clone();
    // Nearly full, never more; each worker holds a result that does not fit, and waits with it.
    let waiting = gauges.completed_results_bytes;
    assert!((60_000..=65_536).contains(&waiting), "{gauges:?}");
    assert_eq!((gauges.active_tasks, gauges.blocked), (4, 4));
    assert!(gauges.queued > 0);
    trial.assert_lawful();
}

#[test]
fn law_07_sabotage_a_result_that_vanishes_from_the_backlog_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_completed_per_frame", "0")]);
    trial.steps(60);
    let mut queue = trial.app.world_mut().resource_mut::<AsyncChunkQueue>();
    assert!(
        queue
            .pop_most_needed(|_| logic::need::Need::LEAST)
            .is_some()
    );
    trial.step();
    trial.assert_broken(7);
}

#[test]
fn law_08_a_panic_is_kept_retried_later_and_later_and_then_quarantined() {
    let switches = Arc::new(FaultSwitches::default());
    let bad = ChunkCoord::new(1, 1);
    switches.panic_at(bad);
    let plugin =
        AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, switches)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    let mut failures: Vec<ChunkFailed> = Vec::new();
    for _ in 0..200 {
        trial.step();
        failures.extend(
            trial
                .app
                .world_mut()
                .resource_mut::<Messages<ChunkFailed>>()
                .drain(),
        );
    }
    let attempts: Vec<u32> = failures.iter().map(|failure| failure.attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 3]);
    assert!(
        failures
            .iter()
            .all(|failure| failure.panicked && failure.coord == bad)
    );
    assert!(
        failures[0].reason.contains("requested fault") && failures[0].reason.contains("faults.rs:"),
        "{}",
        failures[0].reason
    );
    assert_eq!(
        failures
            .iter()
            .filter(|failure| failure.quarantined)
            .count(),
        1
    );
    let signs = trial
        .streamed()
        .into_iter()
        .filter(|(coord, _)| *coord == bad)
        .count();
    assert_eq!(
        signs, 1,
        "the placeholder stands where the chunk was given up"
    );
    assert_eq!(trial.metrics().counters.panicked, 4);
    trial.assert_lawful();
    assert!(trial.law(8).checked > 0);
}

#[test]
fn law_08_content_that_must_not_reach_the_world_is_refused_with_a_reason() {
    for (broken, reason) in [
        (Broken::NotFinite, "not finite"),
        (Broken::InstanceFarAway, "an instance of test/block reaches"),
        (Broken::InstanceHuge, "an instance of test/block is scaled"),
        (Broken::MeshFarAway, "mesh 0 reaches from [-100000"),
        (Broken::MeshHuge, "mesh 0 reaches"),
        (Broken::NormalNotFinite, "Vertex_Normal that is not finite"),
        (Broken::ColourNotFinite, "Vertex_Color that is not finite"),
        (Broken::ColoursMissing, "3 values of Vertex_Color for 4"),
        (Broken::IndexOutOfRange, "the index 4"),
        (Broken::TooManyMeshes, "at most 4"),
        (Broken::UnknownKey, "test/nothing"),
    ] {
        let mut trial = Trial::new(broken);
        let mut seen = String::new();
        trial.until(200, |trial| {
            for failure in trial
                .app
                .world_mut()
                .resource_mut::<Messages<ChunkFailed>>()
                .drain()
            {
                seen = failure.reason;
            }
            trial.metrics().counters.quarantined > 0
        });
        assert!(seen.contains(reason), "{broken:?}: {seen}");
        assert_eq!(trial.metrics().counters.applied, 0, "{broken:?}");
        trial.assert_lawful();
    }
}

#[test]
fn law_08_sabotage_a_table_that_forgets_its_failures_is_reported() {
    let switches = Arc::new(FaultSwitches::default());
    let bad = ChunkCoord::new(1, 1);
    switches.panic_at(bad);
    let plugin =
        AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, switches)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    for _ in 0..100 {
        trial.step();
        trial
            .chunks()
            .table
            .update(bad, |record| record.attempt = 0);
    }
    assert_eq!(trial.metrics().counters.quarantined, 0, "retried for ever");
    trial.assert_broken(8);
}

#[test]
fn law_08_panics_of_requests_that_had_ended_are_accounted_for() {
    let switches = Arc::new(FaultSwitches::default());
    switches.set_panic_rate(0.5);
    // Long enough for every jump to find workers busy.
    switches.set_slow_ms(60.0);
    let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, Arc::clone(&switches)))
        .with_faults(Arc::clone(&switches))
        .with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    for round in 0..40 {
        trial.place_focus(2_000.0 * (round % 3) as f32, 0.0);
        trial.steps(7);
    }
    switches.clear_panics();
    trial.settle();
    let snapshot = trial.queue().shared().snapshot();
    assert!(snapshot.panics_discarded > 0, "{snapshot:?}");
    assert_eq!(
        snapshot.panics_caught,
        trial.metrics().counters.panicked + snapshot.panics_discarded
    );
    trial.assert_lawful();
}

#[test]
fn law_08_sabotage_a_panic_that_is_swallowed_is_reported() {
    let switches = Arc::new(FaultSwitches::default());
    switches.set_panic_rate(1.0);
    let plugin =
        AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, switches)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    trial.queue().shared().sabotage(Sabotage::DropResults);
    trial.steps(30);
    assert_eq!(trial.metrics().counters.panicked, 0);
    trial.assert_broken(8);
}

#[test]
fn law_09_place_rotation_scale_and_colour_round_trip() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let size = small_world().chunk_size_m;
    for coord in [
        ChunkCoord::new(0, 0),
        ChunkCoord::new(-3, 2),
        ChunkCoord::new(2, -3),
    ] {
        let content = blocks(&ChunkRequest::for_test(coord, 1, size), 12);
        let origin = coord.origin_in_world(size);
        let mut expected: Vec<String> = content.instances[0]
            .offsets_in_chunk
            .iter()
            .chain([&content.meshes[0].offset_in_chunk])
            .map(|offset| {
                format!(
                    "{:?}",
                    Transform {
                        translation: origin + offset.translation,
                        ..*offset
                    }
                )
            })
            .collect();
        expected.sort();
        let found: Vec<String> = trial
            .streamed()
            .into_iter()
            .filter(|(c, _)| *c == coord)
            .map(|(_, t)| t)
            .collect();
        assert_eq!(found, expected);
        let world = trial.app.world_mut();
        let mut own = world.query::<(&InChunk, &Mesh3d, &NoAutoAabb)>();
        let shared = world
            .resource::<ChunkPalette>()
            .mesh(super::generators::BLOCK)
            .unwrap()
            .0
            .id();
        let handle = own
            .iter(world)
            .find(|(c, m, _)| c.0 == coord && m.0.id() != shared)
            .unwrap()
            .1
            .clone();
        let mesh = world.resource::<Assets<Mesh>>().get(&handle.0).unwrap();
        let color = |mesh: &Mesh| format!("{:?}", mesh.attribute(Mesh::ATTRIBUTE_COLOR));
        assert_eq!(color(mesh), color(&content.meshes[0].mesh));
    }
}

fn hashes_of(
    workers: usize,
    completed: &str,
    detour: bool,
) -> (BTreeMap<ChunkCoord, u64>, Vec<(ChunkCoord, String)>) {
    let plugin = AsyncChunkPlugin::new(Blocks)
        .with_clock(virtual_clock())
        .with_workers(WorkerCount::Fixed(workers));
    let mut trial = Trial::with(plugin, small_world());
    trial.set(&[("max_completed_per_frame", completed)]);
    let mut hashes = BTreeMap::new();
    for stop in if detour {
        vec![0.0, 2_000.0, 350.0, 0.0]
    } else {
        vec![0.0]
    } {
        trial.place_focus(stop, 0.0);
        for _ in 0..if detour { 12 } else { 400 } {
            trial.step();
            for loaded in trial
                .app
                .world_mut()
                .resource_mut::<Messages<ChunkLoaded>>()
                .drain()
            {
                hashes.insert(loaded.coord, loaded.content_hash.unwrap());
            }
        }
    }
    trial.settle();
    for loaded in trial
        .app
        .world_mut()
        .resource_mut::<Messages<ChunkLoaded>>()
        .drain()
    {
        hashes.insert(loaded.coord, loaded.content_hash.unwrap());
    }
    trial.assert_lawful();
    (hashes, trial.streamed())
}

#[test]
fn law_09_the_world_is_the_same_for_any_workers_budgets_and_route() {
    let (hashes, world) = hashes_of(1, "1", false);
    for (workers, completed, detour) in [(2, "4", false), (4, "100", false), (3, "2", true)] {
        let (other_hashes, other_world) = hashes_of(workers, completed, detour);
        // A detour leaves more behind in the keep ring; what one focus wants must be equal.
        let wanted: Vec<_> = other_world
            .into_iter()
            .filter(|(coord, _)| hashes.contains_key(coord))
            .collect();
        assert!(
            wanted == world,
            "{workers} workers, {completed} per frame, detour {detour}"
        );
        for (coord, hash) in &hashes {
            if let Some(other) = other_hashes.get(coord) {
                assert_eq!(other, hash, "{coord}");
            }
        }
    }
}

#[test]
fn law_09_sabotage_content_that_changes_between_visits_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.side().sabotage = WorldSabotage::WrongHash;
    trial.settle();
    trial.place_focus(9_000.0, 0.0);
    trial.settle();
    trial.place_focus(0.0, 0.0);
    trial.settle();
    trial.assert_broken(9);
}
