//! Calm borders, no focus, prompt leaving, live tuning, a free main thread, nearest need first.

use bevy::ecs::query::FilteredAccessSet;
use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel};
use bevy::ecs::system::IntoSystem;
use bevy::math::DVec2;
use bevy::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::generators::{Blocks, Gate, Logbook};
use super::trial::{Trial, small_world, virtual_clock};
use crate::logic::laws::{FrameEnd, Scene, TraceEvent};
use crate::logic::need::Scale;
use crate::logic::rings::{Focus, Rings};
use crate::scan::rings;
use crate::workers::Sabotage;
use crate::*;

#[test]
fn law_10_height_unloads_nothing() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let before = trial.metrics().counters.clone();
    for height in [10.0, 1e3, 1e5] {
        trial.place_focus_at(Vec3::new(0.0, height, 0.0));
        trial.steps(60);
    }
    assert_eq!(trial.metrics().counters, before);
}

#[test]
fn law_10_a_shuttle_over_a_corner_loads_each_chunk_once() {
    let mut trial = Trial::new(Blocks);
    for round in 0..40 {
        let side = if round % 2 == 0 { 6.0 } else { -6.0 };
        trial.place_focus(side, side);
        trial.steps(30);
    }
    trial.settle();
    let counters = &trial.metrics().counters;
    assert_eq!(counters.applied, counters.distinct_loaded);
    assert_eq!(counters.unloaded, 0);
    trial.assert_lawful();
}

fn small_rings() -> Rings {
    rings(
        &StreamingSettings::new(small_world()).unwrap(),
        f64::INFINITY,
    )
}

#[test]
fn law_10_sabotage_an_unload_inside_the_ring_is_reported() {
    let mut book = LawBook::default();
    let event = TraceEvent::Unloaded {
        coord: ChunkCoord::new(3, 0),
        evicted: false,
    };
    book.follow(
        &event,
        Scene {
            foci: &[Focus::resting(DVec2::ZERO)],
            rings: Some(&small_rings()),
            retry_limit: 3,
        },
    );
    assert_eq!(book.laws()[9].violations, 1);
}

#[test]
fn law_11_without_a_focus_work_goes_on_and_nothing_unloads() {
    let mut trial = Trial::new(Blocks);
    assert!(trial.until(200, |trial| trial.metrics().gauges.loaded >= 5));
    trial.drop_focus();
    trial.steps(600);
    let gauges = trial.metrics().gauges.clone();
    assert_eq!(gauges.loaded, gauges.wanted, "what was queued was made");
    assert_eq!(trial.metrics().counters.unloaded, 0);
    trial.restore_focus(100.0, 0.0);
    trial.settle();
    assert!(trial.law(11).checked > 500);
    trial.assert_lawful();
}

#[test]
fn law_11_two_foci_keep_both_places() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let alone = trial.metrics().gauges.loaded;
    trial
        .app
        .world_mut()
        .spawn((StreamingFocus, Transform::from_xyz(5_000.0, 0.0, 0.0)));
    trial.settle();
    assert!(trial.metrics().gauges.loaded >= alone + 40);
    assert_eq!(trial.metrics().counters.unloaded, 0);
    trial.assert_lawful();
}

#[test]
fn law_11_a_focus_that_is_not_finite_is_no_focus() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial.place_focus(f32::NAN, 0.0);
    trial.steps(120);
    assert_eq!(trial.metrics().counters.unloaded, 0);
    trial.place_focus(0.0, 0.0);
    trial.settle();
    trial.assert_lawful();
}

#[test]
fn law_11_sabotage_an_unload_without_a_focus_is_reported() {
    let mut book = LawBook::default();
    book.follow(
        &TraceEvent::Unloaded {
            coord: ChunkCoord::new(9, 9),
            evicted: false,
        },
        Scene {
            rings: Some(&small_rings()),
            retry_limit: 3,
            ..Scene::default()
        },
    );
    assert_eq!(book.laws()[10].violations, 1);
}

/// How long it takes to leave with a full queue and every worker busy.
fn leaving_takes(gate: Gate) -> Duration {
    let mut trial = Trial::with(AsyncChunkPlugin::new(gate.clone()), small_world());
    assert!(trial.until(500, |_| gate.began.load(Ordering::SeqCst) == 4));
    assert!(trial.metrics().gauges.queued > 20);
    let began = Instant::now();
    drop(trial);
    began.elapsed()
}

#[test]
fn law_12_leaving_is_prompt_even_with_deaf_generators() {
    for is_deaf in [false, true] {
        let gate = Gate {
            is_deaf,
            ..Gate::default()
        };
        let took = leaving_takes(gate.clone());
        assert!(
            took < Duration::from_secs(1),
            "{took:?} with is_deaf = {is_deaf}"
        );
        gate.is_open.store(true, Ordering::SeqCst);
    }
}

#[test]
fn law_12_running_work_hears_that_it_is_over() {
    let gate = Gate::default();
    leaving_takes(gate.clone());
    let began = Instant::now();
    while gate.stopped.load(Ordering::SeqCst) < 4 && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(gate.stopped.load(Ordering::SeqCst), 4);
    assert_eq!(
        gate.began.load(Ordering::SeqCst),
        4,
        "nothing was begun after the end"
    );
}

#[test]
fn law_13_zero_tasks_pause_and_raising_the_limit_takes_effect_at_once() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_concurrent_tasks", "0")]);
    trial.steps(60);
    assert_eq!(
        (
            trial.metrics().counters.started,
            trial.metrics().gauges.loaded
        ),
        (0, 0)
    );
    trial.set(&[("max_concurrent_tasks", "3")]);
    trial.steps(2);
    assert_eq!(trial.metrics().gauges.active_tasks, 3);
    trial.set(&[("max_concurrent_tasks", "1")]);
    trial.steps(3);
    assert_eq!(trial.metrics().gauges.active_tasks, 1);
    trial.settle();
    trial.assert_lawful();
    assert!(trial.law(13).checked >= 3);
}

#[test]
fn law_13_refused_values_leave_the_last_good_settings() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let before = trial.app.world().resource::<StreamingSettings>().clone();
    for (field, value) in [
        ("apply_budget_ms", "NaN"),
        ("max_concurrent_tasks", "-3"),
        ("load_radius_m", "1e9"),
        ("unload_radius_m", "1"),
        ("nonsense", "1"),
    ] {
        trial.set(&[("scan_interval_secs", "0.3"), (field, value)]);
        trial.step();
        let refused: Vec<_> = trial
            .app
            .world_mut()
            .resource_mut::<Messages<SettingRefused>>()
            .drain()
            .collect();
        assert_eq!(refused.len(), 1, "{field}");
        assert!(refused[0].reason.contains(field), "{}", refused[0].reason);
        assert_eq!(
            *trial.app.world().resource::<StreamingSettings>(),
            before,
            "all or nothing"
        );
    }
    trial.assert_lawful();
}

/// Writes a field through reflection, as a remote protocol or an inspector would.
fn reflect_into<T: Reflect>(world: &mut World, field: &str, value: T) {
    let mut settings = world.resource_mut::<StreamingSettings>();
    let settings: &mut dyn PartialReflect = &mut *settings;
    let whole = settings.reflect_mut().as_tuple_struct().unwrap();
    let values = whole
        .field_mut(0)
        .unwrap()
        .reflect_mut()
        .as_struct()
        .unwrap();
    values.field_mut(field).unwrap().try_apply(&value).unwrap();
}

#[test]
fn law_13_what_reflection_writes_is_checked_before_anything_reads_it() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let good = trial.app.world().resource::<StreamingSettings>().clone();
    let before = trial.law(13).checked;
    // A scan interval or a size that is no number would panic in the stages or move the scene nowhere.
    for field in [
        "scan_interval_secs",
        "stuck_after_secs",
        "chunk_size_m",
        "linger_secs",
    ] {
        reflect_into(trial.app.world_mut(), field, f64::NAN);
        trial.step();
        assert_eq!(*trial.app.world().resource::<StreamingSettings>(), good);
        let refused: Vec<_> = trial
            .app
            .world_mut()
            .resource_mut::<Messages<SettingRefused>>()
            .drain()
            .collect();
        assert_eq!(refused.len(), 1, "{field}");
        assert!(refused[0].reason.contains(field), "{}", refused[0].reason);
        assert_eq!(refused[0].changes, [(field.to_owned(), "NaN".to_owned())]);
    }
    assert_eq!(trial.law(13).checked, before);
    let content = trial.streamed();
    reflect_into(trial.app.world_mut(), "seed", 99_u64);
    trial.settle();
    assert_ne!(
        trial.streamed(),
        content,
        "a legal change counts like a proposal"
    );
    assert!(trial.law(13).checked > before);
    trial.assert_lawful();
}

#[test]
fn law_13_sabotage_settings_that_go_wrong_within_a_frame_are_reported() {
    let mut trial = Trial::new(Blocks);
    trial.app.add_systems(
        Update,
        (|world: &mut World| reflect_into(world, "max_concurrent_tasks", 9_999_u32))
            .after(StreamingSet::GenApply)
            .before(publish::keep_the_law_book),
    );
    trial.steps(3);
    trial.assert_broken(13);
    let first = trial.law(13).first.clone().unwrap();
    assert!(first.contains("max_concurrent_tasks"), "{first}");
}

#[test]
fn law_13_size_and_seed_change_by_regeneration_that_keeps_every_law() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let before = trial.streamed();
    trial.set(&[("seed", "99"), ("max_concurrent_tasks", "1")]);
    trial.steps(5);
    trial.set(&[("chunk_size_m", "80")]);
    trial.settle();
    let after = trial.streamed();
    assert_ne!(before, after);
    assert!(trial.metrics().counters.cancelled_by_reason.regenerated > 0);
    assert_eq!(after.len() as u64, trial.metrics().gauges.chunk_entities);
    trial.assert_lawful();
}

#[test]
fn law_13_sabotage_a_limit_that_does_not_drain_is_reported() {
    let mut book = LawBook::default();
    let frame = |limit, running| FrameEnd {
        limit,
        running,
        ..FrameEnd::default()
    };
    book.close_frame(&frame(4, 4));
    book.close_frame(&frame(2, 5));
    assert!(book.laws()[12].violations > 0);
    let mut book = LawBook::default();
    book.follow(
        &TraceEvent::SettingsChanged {
            problem: Some("it is wrong".to_owned()),
        },
        Scene {
            retry_limit: 3,
            ..Scene::default()
        },
    );
    assert_eq!(book.laws()[12].violations, 1);
}

/// What a system may touch.
fn access_of<M>(
    world: &mut World,
    system: impl IntoSystem<(), (), M>,
) -> (FilteredAccessSet, bool) {
    let mut system = IntoSystem::into_system(system);
    let access = system.initialize(world);
    let is_exclusive = system.is_exclusive();
    (access, is_exclusive)
}

/// Whether a system may hold up half the frame: the whole world, or all of an asset collection.
fn holds_up_the_frame(
    world: &mut World,
    (access, is_exclusive): (FilteredAccessSet, bool),
) -> bool {
    let assets = [
        world.component_id::<Assets<Mesh>>(),
        world.component_id::<Assets<StandardMaterial>>(),
        world.component_id::<Assets<Image>>(),
    ];
    let writes_assets = assets
        .into_iter()
        .flatten()
        .any(|id| access.combined_access().has_write(id));
    is_exclusive || access.combined_access().has_write_all() || writes_assets
}

#[test]
fn law_14_scan_and_gen_queue_take_neither_the_world_nor_the_assets() {
    let mut trial = Trial::new(Blocks);
    trial.steps(2);
    let world = trial.app.world_mut();
    let scan = access_of(world, scan::scan_stage);
    assert!(!holds_up_the_frame(world, scan));
    let gen_queue = access_of(world, queue::gen_queue_stage);
    assert!(!holds_up_the_frame(world, gen_queue));
    let publish = access_of(world, publish::publish_gauges);
    assert!(!holds_up_the_frame(world, publish));
}

#[test]
fn law_14_sabotage_a_system_that_takes_the_assets_or_the_world_is_noticed() {
    fn greedy(_: ResMut<Assets<Mesh>>) {}
    fn exclusive(_: &mut World) {}
    let mut trial = Trial::new(Blocks);
    let world = trial.app.world_mut();
    let access = access_of(world, greedy);
    assert!(holds_up_the_frame(world, access));
    let access = access_of(world, exclusive);
    assert!(holds_up_the_frame(world, access));
}

#[test]
fn law_14_apply_does_nothing_on_frames_without_results() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial.steps(30);
    assert!(!apply::has_work(trial.app.world()));
    assert_eq!(trial.metrics().frame.slices, 0);
}

#[test]
fn law_14_frames_go_on_while_every_worker_is_stuck() {
    let gate = Gate {
        is_deaf: true,
        ..Gate::default()
    };
    let mut trial = Trial::with(AsyncChunkPlugin::new(gate.clone()), small_world());
    assert!(trial.until(500, |_| gate.began.load(Ordering::SeqCst) == 4));
    // If a frame waited for a worker, this would never come back: the gate is shut.
    trial.steps(200);
    trial.assert_lawful();
    gate.is_open.store(true, Ordering::SeqCst);
    trial.settle();
}

#[test]
fn law_15_work_starts_in_order_of_distance() {
    let log = Logbook::default();
    let plugin = AsyncChunkPlugin::new(log.clone()).with_workers(WorkerCount::Fixed(1));
    let values = StreamingValues {
        need_weights: "view=0".parse().unwrap(),
        ..small_world()
    };
    let mut trial = Trial::with(plugin, values);
    trial.place_focus(30.0, 70.0);
    trial.settle();
    let order = log.order.lock().unwrap().clone();
    let at = DVec2::new(30.0, 70.0);
    let distance = |coord: &ChunkCoord| coord.center_distance(at, 100.0);
    let can_wait = |coord: &ChunkCoord| coord.edge_distance(at, 100.0) > 200.0;
    assert!(order.len() > 40);
    assert!(
        order.is_sorted_by(|a, b| {
            (can_wait(a), distance(a) - 1e-9) <= (can_wait(b), distance(b) + 1e-9)
        }),
        "{order:?}"
    );
    trial.assert_lawful();
    assert!(trial.law(15).checked > 40);
}

#[test]
fn law_15_waiting_work_is_rescored_when_the_focus_moves() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_concurrent_tasks", "0")]);
    trial.steps(20);
    trial.place_focus(180.0, 0.0);
    trial.steps(20);
    trial.set(&[
        ("max_concurrent_tasks", "1"),
        ("max_completed_per_frame", "1"),
    ]);
    assert!(trial.until(100, |trial| trial.metrics().counters.applied == 1));
    let landed = trial.streamed()[0].0;
    assert!(
        landed == ChunkCoord::new(1, 0) || landed == ChunkCoord::new(1, -1),
        "{landed}"
    );
    trial.assert_lawful();
}

#[test]
fn law_15_running_work_that_nobody_needs_is_stopped() {
    let gate = Gate::default();
    let mut trial = Trial::with(AsyncChunkPlugin::new(gate.clone()), small_world());
    assert!(trial.until(500, |_| gate.began.load(Ordering::SeqCst) == 4));
    trial.place_focus(9_000.0, 0.0);
    assert!(
        trial.until(500, |_| gate.stopped.load(Ordering::SeqCst) == 4),
        "the workers were not freed"
    );
    assert!(trial.until(500, |trial| trial.metrics().counters.cancelled > 40));
    trial.assert_lawful();
}

#[test]
fn law_15_sabotage_a_far_chunk_first_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.queue().shared().sabotage(Sabotage::FarFirst);
    trial.steps(30);
    trial.assert_broken(15);
}

#[test]
fn law_15_sabotage_a_forgotten_rescore_is_reported() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("max_concurrent_tasks", "0")]);
    trial.steps(20);
    // As if nobody had told the queue that the focus is elsewhere.
    trial.place_focus(350.0, 0.0);
    trial.steps(20);
    let small = small_rings();
    let scale = Scale {
        foci: &[Focus::resting(DVec2::ZERO)],
        rings: &small,
        weights: &NeedWeights::default(),
    };
    trial.queue().shared().rescore(|claim| scale.need(claim));
    trial.set(&[("max_concurrent_tasks", "1")]);
    trial.steps(20);
    trial.assert_broken(15);
}

#[test]
fn law_04_sabotage_workers_that_idle_beside_work_are_reported() {
    let mut book = LawBook::default();
    let frame = FrameEnd {
        queued: 9,
        limit: 3,
        frame_secs: 0.5,
        has_focus: true,
        ..FrameEnd::default()
    };
    for _ in 0..10 {
        book.close_frame(&frame);
    }
    assert!(book.laws()[3].violations > 0);
}

#[test]
fn law_10_and_11_hold_when_rings_or_foci_change_while_chunks_linger() {
    for drop_focus in [false, true] {
        let mut trial = Trial::new(Blocks);
        trial.settle();
        trial.set(&[("scan_interval_secs", "5"), ("linger_secs", "1")]);
        trial.place_focus(800.0, 0.0);
        trial.steps(10);
        let unloaded = trial.metrics().counters.unloaded;
        if drop_focus {
            trial.drop_focus();
        } else {
            trial.set(&[("unload_radius_m", "5000")]);
        }
        trial.steps(200);
        assert_eq!(trial.metrics().counters.unloaded, unloaded);
        trial.assert_lawful();
    }
}

#[test]
fn a_focus_that_comes_to_rest_is_planned_exactly() {
    let mut still = Trial::new(Blocks);
    still.place_focus(5.0, 3.0);
    still.settle();
    let mut nudged = Trial::new(Blocks);
    nudged.settle();
    nudged.place_focus(5.0, 3.0);
    nudged.settle();
    assert_eq!(
        still.metrics().gauges.wanted,
        nudged.metrics().gauges.wanted
    );
}

#[test]
fn a_held_world_counts_nothing() {
    let mut trial = Trial::new(Blocks);
    trial.steps(10);
    let before = trial.metrics().clone();
    let checked = trial.law(1).checked;
    trial.app.world_mut().resource_mut::<StreamingHold>().0 = true;
    for _ in 0..20 {
        trial.app.update();
    }
    assert_eq!((trial.metrics(), trial.law(1).checked), (&before, checked));
    trial.app.world_mut().resource_mut::<StreamingHold>().0 = false;
    trial.settle();
    trial.assert_lawful();
}

#[test]
fn a_jump_is_no_hole() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[("scan_interval_secs", "2")]);
    trial.settle();
    trial.place_focus(9_000.0, 0.0);
    trial.settle();
    let late = &trial.metrics().late;
    assert!(late.was_complete);
    assert_eq!((late.must_have, late.frames_with_hole), (0, 0));
}

#[test]
fn law_13_lowering_the_retry_limit_while_a_chunk_waits_keeps_every_law() {
    let switches = Arc::new(FaultSwitches::default());
    switches.panic_at(ChunkCoord::new(0, 0));
    let plugin = AsyncChunkPlugin::new(FaultyGenerator::new(Blocks, Arc::clone(&switches)));
    let mut trial = Trial::with(plugin.with_clock(virtual_clock()), small_world());
    assert!(trial.until(500, |trial| trial.metrics().counters.failed == 3));
    trial.set(&[("retry_limit", "0")]);
    trial.settle();
    assert_eq!(trial.metrics().gauges.quarantined, 1);
    trial.assert_lawful();
}

#[test]
fn law_14_no_two_systems_of_streaming_are_ordered_by_luck() {
    let mut trial = Trial::new(Blocks);
    for label in [First.intern(), Update.intern()] {
        trial.app.edit_schedule(label, |schedule| {
            schedule.set_build_settings(ScheduleBuildSettings {
                ambiguity_detection: LogLevel::Error,
                ..ScheduleBuildSettings::default()
            });
        });
    }
    // Building the schedules fails on an ambiguity.
    trial.settle();
    trial.assert_lawful();
}
