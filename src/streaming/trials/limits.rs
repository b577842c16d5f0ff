//! Caps and watchdogs: memory, waiting bytes, generations that never end.

use bevy::asset::RenderAssetUsages;
use bevy::ecs::message::Messages;
use bevy::mesh::{Mesh, PrimitiveTopology};
use bevy::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::generators::{BLOCK, Blocks};
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

/// One mesh of about so many KiB.
struct Heavy(usize);

impl ChunkGenerator for Heavy {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        stop.checkpoint()?;
        let corner = [request.coord.x as f32, 0.0, request.coord.z as f32];
        let mesh = Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, vec![corner; self.0 * 1_024 / 12]);
        Ok(ChunkContent {
            meshes: vec![ChunkMesh {
                mesh,
                material: BLOCK,
                offset_in_chunk: Transform::IDENTITY,
                casts_shadow: false,
            }],
            ..ChunkContent::default()
        })
    }
}

fn heavy_trial(values: StreamingValues) -> Trial {
    Trial::with(
        AsyncChunkPlugin::new(Heavy(100)).with_clock(virtual_clock()),
        values,
    )
}

#[test]
fn law_06_memory_stays_below_its_cap_the_nearest_stay_and_a_larger_cap_is_used() {
    let mut trial = heavy_trial(StreamingValues {
        memory_cap_mib: 3,
        ..small_world()
    });
    let cap = 3 << 20;
    for step in 0..1_200 {
        trial.place_focus(0.5 * step as f32, 0.0);
        trial.step();
        assert!(trial.metrics().gauges.memory_bytes <= cap);
    }
    trial.settle();
    let gauges = trial.metrics().gauges.clone();
    assert!(gauges.memory_bytes > cap / 2, "{gauges:?}");
    assert!(gauges.held_back > 10 && gauges.missing == 0, "{gauges:?}");
    assert!(trial.metrics().counters.evicted > 0);
    let under = ChunkCoord::new(6, 0);
    assert!(trial.chunks().table.get(under).unwrap().shown.is_some());
    trial.set(&[("memory_cap_mib", "64")]);
    assert!(trial.until(2_000, |trial| trial.metrics().gauges.held_back == 0));
    trial.settle();
    assert!(trial.metrics().gauges.loaded > gauges.loaded + 10);
    trial.assert_lawful();
}

#[test]
fn a_memory_cap_that_is_too_small_for_the_world_leaves_it_calm() {
    let mut trial = heavy_trial(StreamingValues {
        memory_cap_mib: 3,
        ..small_world()
    });
    trial.settle();
    trial.steps(300);
    let before = trial.metrics().counters.clone();
    trial.steps(1_200);
    let counters = &trial.metrics().counters;
    assert!(
        counters.requested - before.requested < 60,
        "it loads and drops its edge for ever"
    );
    trial.assert_lawful();
}

#[test]
fn a_chunk_that_no_memory_could_hold_is_refused_with_the_reason() {
    let plugin = AsyncChunkPlugin::new(Heavy(2_000)).with_clock(virtual_clock());
    let values = StreamingValues {
        memory_cap_mib: 1,
        retry_limit: 0,
        ..small_world()
    };
    let mut trial = Trial::with(plugin, values);
    trial.settle();
    assert_eq!(trial.metrics().gauges.loaded, 0);
    assert!(trial.metrics().gauges.quarantined > 40);
    let reason = trial
        .chunks()
        .table
        .get(ChunkCoord::new(0, 0))
        .unwrap()
        .reason
        .clone();
    assert!(reason.unwrap().contains("memory_cap_mib"));
    trial.assert_lawful();
}

#[test]
fn law_06_waiting_bytes_never_exceed_their_cap_on_the_real_clock() {
    let values = StreamingValues {
        completed_bytes_cap: 350_000,
        max_completed_per_frame: 1,
        ..small_world()
    };
    let mut trial = Trial::with(AsyncChunkPlugin::new(Heavy(100)), values);
    let mut most = 0;
    for _ in 0..150 {
        trial.real_step();
        most = most.max(trial.queue().completed_bytes());
    }
    assert!((200_000..=350_000).contains(&most), "{most}");
    trial.settle();
    assert!(trial.metrics().gauges.loaded >= 49);
    trial.assert_lawful();
}

/// One result of 100 KiB at a time finds room: the others wait for frames, and none of that is generation.
#[test]
fn waiting_for_room_is_no_part_of_generation_on_the_virtual_clock() {
    for tasks in [1, 4] {
        let mut trial = heavy_trial(StreamingValues {
            completed_bytes_cap: 65_536,
            max_concurrent_tasks: tasks,
            ..small_world()
        });
        let (mut times, mut waited_for_room) = (Vec::new(), 0);
        for _ in 0..120 {
            trial.step();
            waited_for_room += u32::from(trial.metrics().gauges.blocked > 0);
            let world = trial.app.world_mut();
            let mut loaded = world.resource_mut::<Messages<ChunkLoaded>>();
            times.extend(loaded.drain().map(|loaded| loaded.times));
        }
        assert!(times.len() >= 40, "{} landed", times.len());
        assert!(waited_for_room >= 40, "{waited_for_room} frames");
        for time in &times {
            assert!((time.generate_ms - 4.0).abs() < 1e-6, "{time:?}");
        }
        let longest = times
            .iter()
            .map(|time| time.ready_wait_ms)
            .fold(0.0, f64::max);
        // Of four workers three wait for whole frames.
        assert!(tasks == 1 || longest > 16.0, "{longest}");
        trial.settle();
        let gauges = &trial.metrics().gauges;
        assert_eq!((gauges.blocked, gauges.missing), (0, 0));
        trial.assert_lawful();
    }
}

fn stuck_plugin(switches: &Arc<FaultSwitches>) -> AsyncChunkPlugin {
    AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, Arc::clone(switches)))
        .with_faults(Arc::clone(switches))
}

#[test]
fn law_04_a_generation_that_never_ends_is_named_given_up_and_made_again() {
    let switches = Arc::new(FaultSwitches::default());
    for x in -1..=1 {
        switches.stick_at(ChunkCoord::new(x, 0));
    }
    let values = StreamingValues {
        stuck_after_secs: 0.5,
        ..small_world()
    };
    let mut trial = Trial::with(stuck_plugin(&switches).with_clock(virtual_clock()), values);
    trial.steps(20);
    let mut reasons = Vec::new();
    for _ in 0..60 {
        trial.step();
        let failed = trial.app.world().resource::<Messages<ChunkFailed>>();
        reasons.extend(
            failed
                .iter_current_update_messages()
                .map(|f| (f.coord, f.reason.clone())),
        );
    }
    assert_eq!(reasons.len(), 3);
    assert!(
        reasons
            .iter()
            .all(|(_, reason)| reason.contains("has not ended"))
    );
    trial.settle();
    let metrics = trial.metrics();
    assert_eq!(
        (
            metrics.counters.stuck,
            metrics.counters.requeued_by_watchdog
        ),
        (3, 3)
    );
    assert_eq!(metrics.gauges.loaded, metrics.gauges.wanted);
    trial.assert_lawful();
}

#[test]
fn law_04_threads_that_are_stuck_are_replaced_and_welcomed_back() {
    let switches = Arc::new(FaultSwitches::default());
    for x in -1..=1 {
        switches.stick_at(ChunkCoord::new(x, 0));
    }
    let values = StreamingValues {
        stuck_after_secs: 0.2,
        max_concurrent_tasks: 2,
        ..small_world()
    };
    let mut trial = Trial::with(stuck_plugin(&switches), values);
    let began = Instant::now();
    while trial.metrics().counters.late_returns < 3 && began.elapsed() < Duration::from_secs(30) {
        trial.real_step();
    }
    trial.settle();
    let metrics = trial.metrics();
    assert_eq!(
        (metrics.counters.stuck, metrics.counters.late_returns),
        (3, 3)
    );
    assert_eq!(
        (metrics.gauges.stuck_workers, metrics.gauges.missing),
        (0, 0)
    );
    trial.assert_lawful();
}

#[test]
fn a_quarantined_chunk_can_be_tried_again_alone() {
    let switches = Arc::new(FaultSwitches::default());
    let (one, other) = (ChunkCoord::new(0, 0), ChunkCoord::new(2, 0));
    switches.panic_at(one);
    switches.panic_at(other);
    let mut trial = Trial::with(
        stuck_plugin(&switches).with_clock(virtual_clock()),
        small_world(),
    );
    trial.settle();
    assert_eq!(trial.metrics().gauges.quarantined, 2);
    switches.clear_panics();
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryChunk(one));
    trial.settle();
    assert_eq!(trial.metrics().gauges.quarantined, 1);
    assert!(trial.chunks().table.get(one).unwrap().shown.is_some());
    trial.assert_lawful();
}
