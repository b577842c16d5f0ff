//! What the stages must do at their edges: without a focus, under a full window, with swaps that do not fit, with
//! content that is dropped.

use bevy::camera::visibility::Visibility;
use bevy::math::DVec2;
use bevy::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::generators::{Blocks, Gate, blocks};
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

fn preload(trial: &mut Trial, at: DVec2, radius_m: f64) -> PreloadTicket {
    let mut preloads = trial.app.world_mut().resource_mut::<Preloads>();
    preloads
        .preload(at, radius_m, Duration::from_secs(2))
        .unwrap()
}

fn status(trial: &Trial, ticket: PreloadTicket) -> PreloadStatus {
    let preloads = trial.app.world().resource::<Preloads>();
    preloads.status(ticket).unwrap()
}

#[test]
fn law_11_a_preload_becomes_ready_before_there_is_any_focus() {
    let mut trial = Trial::new(Blocks);
    trial.drop_focus();
    let ticket = preload(&mut trial, DVec2::new(2_000.0, 0.0), 300.0);
    assert!(trial.until(400, |trial| status(trial, ticket).is_ready));
    assert!(
        !trial.metrics().late.was_complete,
        "nobody has seen anything"
    );
    trial.restore_focus(2_000.0, 0.0);
    trial.settle();
    assert_eq!(trial.metrics().late.frames_with_hole, 0);
    trial.assert_lawful();
}

#[test]
fn law_11_a_preload_becomes_ready_after_the_last_focus_and_nothing_is_let_go() {
    for is_lost in [true, false] {
        let mut trial = Trial::new(Blocks);
        trial.settle();
        let loaded = trial.metrics().gauges.loaded;
        if is_lost {
            trial.place_focus(f32::NAN, 0.0);
        } else {
            trial.drop_focus();
        }
        let ticket = preload(&mut trial, DVec2::new(9_000.0, 0.0), 300.0);
        assert!(trial.until(400, |trial| status(trial, ticket).is_ready));
        assert_eq!(trial.metrics().counters.unloaded, 0);
        let preloaded = u64::from(status(&trial, ticket).total);
        assert!(trial.metrics().gauges.loaded >= loaded + preloaded);
        trial
            .app
            .world_mut()
            .resource_mut::<Preloads>()
            .release(ticket);
        trial.steps(60);
        assert_eq!(trial.metrics().counters.unloaded, 0);
        trial.assert_lawful();
    }
}

#[test]
fn what_a_preload_counts_as_it_goes_is_what_a_count_of_its_cells_finds() {
    let switches = Arc::new(FaultSwitches::default());
    let bad = ChunkCoord::new(7, 0);
    switches.panic_at(bad);
    let plugin =
        AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, switches)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    let places = [
        (700.0, 0.0, 350.0),
        (0.0, 900.0, 150.0),
        (-200.0, 0.0, 420.0),
    ];
    let tickets =
        places.map(|(x, z, radius)| (preload(&mut trial, DVec2::new(x, z), radius), radius));
    let mut given_up = 0;
    for step in 0..600 {
        match step {
            150 => trial.place_focus(1_500.0, 0.0),
            // Given up, it counts as ready; tried again, it does not until it is given up once more.
            200 => {
                let world = trial.app.world_mut();
                world.write_message(StreamingRequest::RetryChunk(bad));
            }
            300 => trial.place_focus(0.0, 1_500.0),
            330 => trial.set(&[("chunk_size_m", "80")]),
            450 => trial.set(&[("seed", "9")]),
            _ => {}
        }
        trial.step();
        let metrics = trial.metrics();
        let given_up_now = metrics.counters.quarantined - given_up;
        let turned_now = metrics.frame.applied_now + metrics.frame.unloaded_now + given_up_now;
        given_up += given_up_now;
        let size = trial
            .app
            .world()
            .resource::<StreamingSettings>()
            .chunk_size_m;
        for (ticket, radius_m) in tickets {
            let told = status(&trial, ticket);
            let disc = logic::disc::Disc {
                centre: told.at_in_world,
                radius_m,
                measure: logic::disc::Measure::Edge,
                chunk_size_m: size,
                role: 0,
            };
            // Told at the scan: what was there when the frame before had ended.
            let total = disc.count() as u32;
            assert_eq!(told.total, total, "step {step}");
            let chunks = trial.chunks();
            let is_there = |coord| {
                chunks
                    .table
                    .get(coord)
                    .is_some_and(logic::table::ChunkRecord::is_ready)
            };
            let missing = disc.cells().filter(|coord| !is_there(*coord)).count() as u32;
            let apart = u64::from(missing.abs_diff(told.missing));
            assert!(apart <= turned_now, "step {step}: {missing}, told {told:?}");
        }
    }
    assert!(given_up > 1, "{given_up}");
    assert!(
        tickets
            .iter()
            .all(|(ticket, _)| status(&trial, *ticket).is_ready)
    );
    trial.assert_lawful();
}

#[test]
fn the_window_of_waiting_requests_is_bounded_while_everything_must_be_there() {
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(Blocks).with_clock(virtual_clock()),
        StreamingValues {
            max_concurrent_tasks: 0,
            chunk_size_m: 20.0,
            must_have_radius_m: 640.0,
            load_radius_m: 640.0,
            view_radius_m: 640.0,
            unload_radius_m: 700.0,
            ..small_world()
        },
    );
    trial.steps(120);
    let gauges = &trial.metrics().gauges;
    assert!(gauges.missing > 3_000, "{gauges:?}");
    assert!((960..=1_024).contains(&gauges.queued), "{gauges:?}");
    trial.set(&[
        ("max_concurrent_tasks", "64"),
        ("max_completed_per_frame", "64"),
        ("apply_budget_ms", "50"),
    ]);
    trial.settle();
    assert_eq!(trial.metrics().gauges.missing, 0);
    trial.assert_lawful();
}

/// So many blocks at every level but the coarsest, which has as many as the second number says, or nothing.
struct Many(u64, u64);

impl ChunkGenerator for Many {
    fn generate(
        &self,
        request: &ChunkRequest,
        _stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        let is_coarsest = request.detail == DetailLevel::SKYLINE;
        match if is_coarsest { self.1 } else { self.0 } {
            0 => Ok(ChunkContent::default()),
            count => Ok(blocks(request, count)),
        }
    }
}

fn far_view() -> StreamingValues {
    StreamingValues {
        view_radius_m: 800.0,
        detail_rings_m: "600".parse().unwrap(),
        max_concurrent_tasks: 8,
        max_completed_per_frame: 16,
        ..small_world()
    }
}

#[test]
fn law_06_a_change_of_level_is_paid_from_the_pot_and_begins_only_with_room() {
    // 2 × 401 entities that change places are 1 ms at a sixteenth of 20 µs; 2 × 601 begin early in a pot only.
    for (count, swap_ms, most_before_ms) in [(400, 1.0, 1.5), (600, 1.5, 0.25 * 1.5)] {
        let plugin = AsyncChunkPlugin::new(Many(count, count)).with_clock(virtual_clock());
        let mut trial = Trial::with(plugin, far_view());
        trial.set(&[("apply_budget_ms", "100")]);
        trial.settle();
        trial.set(&[("apply_budget_ms", "1.5"), ("max_completed_per_frame", "1")]);
        let mut swaps = 0;
        for step in 0..1_500 {
            trial.place_focus(0.3 * step as f32, 0.0);
            let before = trial.metrics().counters.level_changes;
            trial.step();
            let metrics = trial.metrics();
            if metrics.counters.level_changes > before {
                swaps += 1;
                let frame = &metrics.frame;
                assert!(frame.charged_ms >= swap_ms, "{frame:?}");
                let most_ms = most_before_ms + frame.largest_slice_ms;
                assert!(frame.charged_ms <= most_ms, "{frame:?}");
            }
        }
        assert!(swaps > 5, "{swaps}");
        trial.settle();
        trial.assert_lawful();
    }
}

#[test]
fn what_comes_after_a_level_without_entities_is_seen() {
    let plugin = AsyncChunkPlugin::new(Many(3, 0)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, far_view());
    trial.settle();
    let coord = ChunkCoord::new(7, 0);
    assert_eq!(
        trial.chunks().table.get(coord).unwrap().shown,
        Some(DetailLevel::SKYLINE)
    );
    trial.place_focus(500.0, 0.0);
    trial.settle();
    let world = trial.app.world_mut();
    let mut all = world.query::<(&InChunk, &Visibility)>();
    let of_chunk = all.iter(world).filter(|(chunk, _)| chunk.0 == coord);
    let seen: Vec<_> = of_chunk.map(|(_, visibility)| *visibility).collect();
    assert_eq!(seen, [Visibility::Inherited; 4]);
}

#[test]
fn law_06_chunks_without_entities_land_within_the_count_and_the_pot() {
    struct Nothing;
    impl ChunkGenerator for Nothing {
        fn generate(
            &self,
            _request: &ChunkRequest,
            _stop: &StopToken,
        ) -> Result<ChunkContent, GenerateError> {
            Ok(ChunkContent::default())
        }
    }
    let mut trial = Trial::new(Nothing);
    trial.settle();
    let metrics = trial.metrics();
    assert_eq!(metrics.gauges.loaded, metrics.gauges.wanted);
    trial.assert_lawful();
}

/// Where the content of which chunk was dropped.
type Drops = Arc<Mutex<Vec<(ChunkCoord, String)>>>;

/// Content that says on which thread it was dropped, and may take its time for that.
struct Tells {
    coord: ChunkCoord,
    drops: Drops,
    /// Until this is open, or for three seconds.
    waits_for: Option<Arc<AtomicBool>>,
}

impl Drop for Tells {
    fn drop(&mut self) {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default().to_owned();
        self.drops.lock().unwrap().push((self.coord, name));
        let began = Instant::now();
        while let Some(flag) = &self.waits_for
            && !flag.load(Ordering::SeqCst)
            && began.elapsed() < Duration::from_secs(3)
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Blocks with a payload that tells where it was dropped.
#[derive(Clone, Default)]
struct Telling {
    drops: Drops,
    waits_for: Option<Arc<AtomicBool>>,
    blocks: u64,
    has_unknown_key: bool,
    payload_bytes: u64,
}

impl ChunkGenerator for Telling {
    fn generate(
        &self,
        request: &ChunkRequest,
        _stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        let mut content = blocks(request, self.blocks);
        content.payload = Some(Arc::new(Tells {
            coord: request.coord,
            drops: Arc::clone(&self.drops),
            waits_for: self.waits_for.clone(),
        }));
        if self.has_unknown_key {
            content.meshes[0].material = PaletteKey("test/nothing");
        }
        Ok(content)
    }

    fn payload_bytes(&self, _payload: &(dyn std::any::Any + Send + Sync)) -> u64 {
        self.payload_bytes
    }
}

/// Waits until the content of a chunk was dropped, and asserts that no frame had to do it.
#[track_caller]
fn assert_dropped_on_a_thread(drops: &Drops, coord: Option<ChunkCoord>) {
    let of_chunk = || {
        let drops = drops.lock().unwrap();
        let of_chunk = drops
            .iter()
            .filter(|drop| coord.is_none_or(|coord| drop.0 == coord));
        of_chunk.map(|drop| drop.1.clone()).collect::<Vec<_>>()
    };
    let began = Instant::now();
    while of_chunk().is_empty() && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let threads = of_chunk();
    let are_right = threads.iter().all(|name| name.starts_with("ChunkGen"));
    assert!(!threads.is_empty() && are_right, "{threads:?}");
}

#[test]
fn law_14_what_is_left_of_a_chunk_that_stops_being_applied_is_freed_on_a_thread() {
    for is_regenerated in [true, false] {
        let generator = Telling {
            blocks: 2_000,
            ..Telling::default()
        };
        let drops = Arc::clone(&generator.drops);
        let plugin = AsyncChunkPlugin::new(generator).with_clock(virtual_clock());
        let mut trial = Trial::with(plugin, far_view());
        trial.set(&[("apply_budget_ms", "0.5")]);
        // Coarse, so that its payload was not announced and is nobody else's.
        let mut coord = None;
        assert!(trial.until(4_000, |trial| {
            let side = trial.side();
            let applying = side.applying.as_ref();
            coord = applying
                .filter(|applying| applying.detail > DetailLevel::FULL)
                .map(|applying| applying.coord);
            coord.is_some()
        }));
        drops.lock().unwrap().clear();
        if is_regenerated {
            trial
                .app
                .world_mut()
                .write_message(StreamingRequest::RegenerateAll);
        } else {
            trial.place_focus(90_000.0, 0.0);
        }
        trial.steps(20);
        assert_dropped_on_a_thread(&drops, coord);
        trial.assert_lawful();
    }
}

#[test]
fn law_14_what_the_palette_cannot_show_is_freed_on_a_thread_and_paid_from_the_pot() {
    let generator = Telling {
        has_unknown_key: true,
        ..Telling::default()
    };
    let drops = Arc::clone(&generator.drops);
    let plugin = AsyncChunkPlugin::new(generator).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    trial.set(&[
        ("max_concurrent_tasks", "64"),
        ("apply_budget_ms", "0.05"),
        ("max_completed_per_frame", "1000"),
    ]);
    let mut before = 0;
    for _ in 0..200 {
        trial.step();
        let now = trial.metrics().counters.quarantined;
        // At 20 µs each, as one entity.
        assert!(now - before <= 4, "{} in one frame", now - before);
        before = now;
    }
    assert!(before > 40);
    assert_dropped_on_a_thread(&drops, None);
    trial.assert_lawful();
}

#[test]
fn law_14_the_frame_does_not_wait_while_a_chunk_that_is_too_large_is_freed() {
    let is_open = Arc::new(AtomicBool::new(false));
    let generator = Telling {
        waits_for: Some(Arc::clone(&is_open)),
        payload_bytes: 8 << 20,
        ..Telling::default()
    };
    let drops = Arc::clone(&generator.drops);
    let values = StreamingValues {
        memory_cap_mib: 1,
        ..small_world()
    };
    let mut trial = Trial::with(AsyncChunkPlugin::new(generator), values);
    let began = Instant::now();
    while drops.lock().unwrap().is_empty() && began.elapsed() < Duration::from_secs(10) {
        trial.real_step();
    }
    let began = Instant::now();
    for _ in 0..10 {
        trial.real_step();
    }
    let took = began.elapsed();
    is_open.store(true, Ordering::SeqCst);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_dropped_on_a_thread(&drops, None);
}

#[test]
fn law_04_a_generator_that_never_returns_takes_a_bounded_number_of_threads() {
    let gate = Gate {
        is_deaf: true,
        ..Gate::default()
    };
    let values = StreamingValues {
        max_concurrent_tasks: 2,
        stuck_after_secs: 0.1,
        retry_limit: 1,
        ..small_world()
    };
    let mut trial = Trial::with(AsyncChunkPlugin::new(gate.clone()), values);
    let is_given_up = |trial: &mut Trial| {
        let gauges = &trial.metrics().gauges;
        gauges.wanted > 0 && gauges.quarantined == gauges.wanted
    };
    let began = Instant::now();
    while !is_given_up(&mut trial) && began.elapsed() < Duration::from_secs(30) {
        trial.real_step();
    }
    assert!(is_given_up(&mut trial), "{:?}", trial.metrics().gauges);
    // Eight that were replaced, and the two that are left.
    assert_eq!(gate.began.load(Ordering::SeqCst), 10);
    assert_eq!(trial.metrics().gauges.stuck_workers, 10);
    let reason_at = |trial: &mut Trial, x| {
        let chunks = trial.chunks();
        let record = chunks.table.get(ChunkCoord::new(x, 0)).unwrap();
        record.reason.clone().unwrap()
    };
    assert!(reason_at(&mut trial, 3).contains("every generation thread"));
    trial.assert_lawful();
    // They come back, and the world with them.
    gate.is_open.store(true, Ordering::SeqCst);
    let are_back = |trial: &mut Trial| trial.metrics().gauges.stuck_workers == 0;
    assert!(trial.until(5_000, are_back));
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::RetryQuarantined);
    trial.settle();
    let metrics = trial.metrics();
    assert_eq!(metrics.gauges.quarantined, 0);
    assert_eq!(metrics.gauges.loaded, metrics.gauges.wanted);
    assert_eq!(metrics.counters.late_returns, 10);
    trial.assert_lawful();
}

#[test]
fn a_chunk_given_up_from_afar_is_not_late_when_somebody_comes() {
    let switches = Arc::new(FaultSwitches::default());
    switches.panic_at(ChunkCoord::new(3, 0));
    let plugin =
        AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, switches)).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    trial.settle();
    assert_eq!(trial.metrics().gauges.quarantined, 1);
    for step in 0..300 {
        trial.place_focus(step as f32, 0.0);
        trial.step();
    }
    assert_eq!(trial.metrics().late.must_have, 0);
    trial.assert_lawful();
}

#[test]
fn what_changes_while_a_chunk_is_made_anew_makes_it_anew_once_more() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let coord = ChunkCoord::new(1, 0);
    let is_requested = |trial: &mut Trial| {
        let state = trial.chunks().table.state(coord);
        state.is_some_and(|state| state.open_ticket().is_some())
    };
    let make_anew = |trial: &mut Trial| {
        let world = trial.app.world_mut();
        world.write_message(StreamingRequest::MakeAnew(coord));
    };
    let before = trial.metrics().counters.applied;
    make_anew(&mut trial);
    assert!(trial.until(20, is_requested));
    make_anew(&mut trial);
    trial.settle();
    assert_eq!(trial.metrics().counters.applied - before, 2);
    // The first time it is made, too.
    let mut trial = Trial::new(Blocks);
    assert!(trial.until(60, is_requested));
    make_anew(&mut trial);
    trial.settle();
    let metrics = trial.metrics();
    assert_eq!(metrics.counters.applied, metrics.gauges.loaded + 1);
    trial.assert_lawful();
}

#[test]
fn a_sweep_beside_a_world_that_leaves_takes_orphans_alone_and_little_at_a_time() {
    let mut trial = Trial::with(AsyncChunkPlugin::new(Many(400, 400)), small_world());
    trial.set(&[("apply_budget_ms", "100"), ("max_concurrent_tasks", "4")]);
    trial.settle();
    for _ in 0..3 {
        trial.app.world_mut().spawn(InChunk(ChunkCoord::new(0, 0)));
    }
    trial.side().leaked += 3;
    trial.set(&[("apply_budget_ms", "0.05")]);
    trial.step();
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::SweepOrphans);
    trial.step();
    assert!(trial.side().sweep.is_some(), "it takes more than a frame");
    // All that has not been looked at yet is on its way out from now on.
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::RegenerateAll);
    trial.step();
    let is_over = |trial: &mut Trial| trial.side().sweep.is_none();
    assert!(trial.until(4_000, is_over));
    assert_eq!(
        (trial.metrics().gauges.orphans, trial.side().leaked),
        (0, 0)
    );
    trial.set(&[("apply_budget_ms", "100")]);
    trial.settle();
    assert_eq!(trial.metrics().gauges.orphans, 0);
    trial.assert_lawful();
}
