//! Recording a frame takes no memory: counted by an allocator that only the tests have.

use std::{
    alloc::{GlobalAlloc, Layout, System as SystemAllocator},
    cell::Cell,
};

use bevy::{prelude::*, time::TimeUpdateStrategy};

use super::*;
use crate::streaming::{
    ChunkCoord, ChunkTimes, DetailLevel, GenerationId, LayerTime, StreamingSettings,
};

/// Counts what this thread takes.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends takes and gives memory after its counter is gone.
    let _ = TAKEN.try_with(|taken| taken.set(taken.get() + 1));
}

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; every call goes to the system's unchanged, counted"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { SystemAllocator.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { SystemAllocator.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { SystemAllocator.realloc(memory, layout, size) }
    }
}

fn taken_by(work: impl FnOnce()) -> u64 {
    let before = TAKEN.get();
    work();
    TAKEN.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(taken_by(|| drop(std::hint::black_box(vec![3_u8; 64]))) > 0);
    assert_eq!(taken_by(|| ()), 0);
}

#[test]
fn recording_a_frame_takes_no_memory() {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, plugin))
        .init_resource::<StreamingMetrics>()
        .init_resource::<LawBook>()
        .init_resource::<Preloads>()
        .init_resource::<Outlook>()
        .insert_resource(StreamingSettings::conservative())
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
            16,
        )));
    app.update();
    let world = app.world_mut();
    let mut record = IntoSystem::into_system(record_frame);
    record.initialize(world);
    let mut frame = |world: &mut World, number: u64| {
        let mut metrics = world.resource_mut::<StreamingMetrics>();
        metrics.counters.requested += 3;
        metrics.counters.applied += 2;
        metrics.gauges.queued = number % 17;
        metrics.frame.scan_ms = 0.1;
        metrics.frame.apply_ms = 0.5 + (number % 5) as f64;
        world
            .resource_mut::<Time<Real>>()
            .advance_by(Duration::from_millis(16));
        world
            .resource_mut::<Messages<ChunkLoaded>>()
            .write(ChunkLoaded {
                coord: ChunkCoord::new(number as i32, 0),
                detail: DetailLevel::FULL,
                previous: None,
                generation_id: GenerationId(number),
                payload: None,
                content_hash: Some(number),
                times: ChunkTimes::default(),
                layers: vec![LayerTime {
                    layer: "roads",
                    ms: 1.0,
                }],
            });
        let taken = taken_by(|| {
            record.run((), world).expect("it runs");
        });
        world.resource_mut::<Messages<ChunkLoaded>>().update();
        taken
    };
    // Buffers of the first frames aside.
    for number in 0..100 {
        frame(world, number);
    }
    for number in 100..3_000 {
        assert_eq!(frame(world, number), 0, "frame {number}");
    }
    let telemetry = world.resource::<Telemetry>();
    assert!(telemetry.frames() >= 3_000);
    assert_eq!(
        telemetry.samples().last().map(|sample| sample.requested),
        Some(9_000)
    );
}
