//! What the instruments of streaming tell: lives, answers, the horizon, leaks.

use bevy::ecs::message::Messages;
use bevy::ecs::system::{RunSystemOnce, SystemState};
use bevy::math::DVec2;
use bevy::time::{Real, Time, TimeUpdateStrategy};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::generators::{Blocks, Gate};
use super::trial::{FRAME, Trial, small_world, virtual_clock};
use crate::*;

fn watched(values: StreamingValues, clock: WorkClock) -> Trial {
    let mut trial = Trial::with(AsyncChunkPlugin::new(Blocks).with_clock(clock), values);
    trial.app.insert_resource(StreamingInstruments(true));
    trial
}

fn ask<R: Send + Sync + 'static>(
    trial: &mut Trial,
    question: impl FnOnce(ChunkQuestion) -> R + Send + Sync + 'static,
) -> R {
    let mut state = SystemState::<ChunkQuestion>::new(trial.app.world_mut());
    question(state.get(trial.app.world()).expect("streaming is there"))
}

#[test]
fn a_chunk_tells_its_whole_life_with_times_threads_and_tickets() {
    let mut trial = watched(small_world(), virtual_clock());
    trial.settle();
    let coord = ChunkCoord::new(2, 1);
    let steps = ask(&mut trial, move |question| question.biography(coord));
    let words: Vec<_> = steps.iter().map(|event| event.step.word()).collect();
    assert_eq!(
        words,
        ["requested", "started", "generated", "applying", "landed"]
    );
    assert!(
        steps
            .windows(2)
            .all(|pair| pair[0].t_secs <= pair[1].t_secs)
    );
    let tickets: Vec<_> = steps.iter().filter_map(|event| event.ticket).collect();
    assert!(tickets.len() == 5 && tickets.iter().all(|ticket| *ticket == tickets[0]));
    assert_eq!(steps[1].thread.as_str(), "virtual worker");
    // The stated run is 4 ms.
    assert!((steps[2].t_secs - steps[1].t_secs - 0.004).abs() < 1e-9);
    trial.place_focus(9_000.0, 0.0);
    trial.settle();
    let newest = ask(&mut trial, move |question| question.biography(coord));
    assert_eq!(
        newest.last().map(|event| event.step.word()),
        Some("unloaded")
    );
}

#[test]
fn without_instruments_nothing_is_written_down() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let steps = ask(&mut trial, |question| {
        question.biography(ChunkCoord::new(2, 1))
    });
    assert_eq!(steps, []);
    let outlook = trial.app.world().resource::<Outlook>();
    assert_eq!(*outlook, Outlook::default());
}

#[test]
fn why_a_chunk_is_not_here_is_one_sentence_with_its_history() {
    let gate = Gate::default();
    let opener = Arc::clone(&gate.is_open);
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(gate),
        StreamingValues {
            max_concurrent_tasks: 1,
            ..small_world()
        },
    );
    trial.app.insert_resource(StreamingInstruments(true));
    let running = |trial: &mut Trial| {
        ask(trial, |question| {
            let cells = question.cells(DVec2::ZERO, 2_000.0);
            let running = cells.iter().find(|cell| cell.stage == CellStage::Running);
            running.map(|cell| (cell.coord, question.why(cell.coord)))
        })
    };
    assert!(trial.until(2_000, |trial| running(trial).is_some()));
    let (_, why) = running(&mut trial).expect("one runs");
    for part in [
        "nothing of it is seen",
        "generating on ChunkGen (0)",
        "requested 0.",
    ] {
        assert!(why.contains(part), "{part} is not in {why}");
    }
    assert!(!why.contains('\n'));
    let waiting = ask(&mut trial, |question| {
        let cells = question.cells(DVec2::ZERO, 2_000.0);
        let queued = cells.iter().find(|cell| cell.stage == CellStage::Queued);
        question.why(queued.expect("one waits").coord)
    });
    assert!(waiting.contains("waiting for a worker with"), "{waiting}");
    let far = ask(&mut trial, |question| question.why(ChunkCoord::new(900, 0)));
    assert!(far.contains("not wanted"), "{far}");
    opener.store(true, Ordering::Relaxed);
}

#[test]
fn the_map_knows_every_cell_and_the_past_of_it() {
    let mut trial = watched(small_world(), virtual_clock());
    trial.settle();
    let loaded = trial.metrics().gauges.loaded;
    let cells = ask(&mut trial, |question| question.cells(DVec2::ZERO, 5_000.0));
    let shown = cells.iter().filter(|cell| cell.shown.is_some());
    assert_eq!(shown.count() as u64, loaded);
    let near = cells.iter().min_by(|a, b| a.need_m.total_cmp(&b.need_m));
    let near = near.expect("there are some");
    assert!(near.is_must_have && near.entities > 0 && near.bytes > 0);
    assert_eq!(near.run_ms.map(f64::round), Some(4.0));
    let entities: u64 = cells.iter().map(|cell| u64::from(cell.entities)).sum();
    assert_eq!(entities, trial.metrics().gauges.chunk_entities);
    let middle = ChunkCoord::new(0, 0);
    let (before, then, after) = ask(&mut trial, move |question| {
        let newest = question.cells_at(1e9).len();
        (
            question.cells_at(-1.0),
            question.cell_at(middle, 0.0),
            newest,
        )
    });
    assert_eq!(before, [], "nothing was before the start");
    assert!(
        matches!(then, Some(LifeStep::Requested { .. } | LifeStep::Started)),
        "{then:?}"
    );
    assert!(after as u64 >= loaded, "{after}");
}

#[test]
fn after_ten_minutes_of_flying_the_map_of_nine_and_a_half_minutes_ago_is_as_it_was() {
    const SPEED_MPS: f64 = 140.0;
    let step = 6 * FRAME;
    let mut trial = watched(StreamingValues::default(), virtual_clock());
    trial
        .app
        .insert_resource(TimeUpdateStrategy::ManualDuration(step));
    let shown = |cells: Vec<(ChunkCoord, Option<DetailLevel>)>| {
        let mut shown: Vec<_> = cells
            .into_iter()
            .filter(|(_, level)| level.is_some())
            .collect();
        shown.sort();
        shown
    };
    let mut then = None;
    for frame in 0..6_300_u32 {
        run_virtual_workers(trial.app.world_mut(), step * frame);
        let now_secs = f64::from(frame) * step.as_secs_f64();
        trial.place_focus((SPEED_MPS * now_secs) as f32, 0.0);
        trial.app.update();
        if now_secs >= 30.0 && then.is_none() {
            let cells = ask(&mut trial, |question| question.cells(DVec2::ZERO, 1e5));
            let cells = cells.iter().map(|cell| (cell.coord, cell.shown)).collect();
            let secs = trial
                .app
                .world()
                .resource::<Time<Real>>()
                .elapsed_secs_f64();
            then = Some((secs, shown(cells)));
        }
    }
    let (then_secs, then_shown) = then.expect("it was looked at");
    assert!(then_shown.len() > 80, "{}", then_shown.len());
    let (since_secs, past) = ask(&mut trial, move |question| {
        let since = question.on_record_since_secs();
        (since, question.cells_at(then_secs))
    });
    let now_secs = trial
        .app
        .world()
        .resource::<Time<Real>>()
        .elapsed_secs_f64();
    assert!(now_secs > then_secs + 570.0, "{now_secs}");
    assert!(
        since_secs.is_none_or(|since| since < then_secs),
        "all is on record since {since_secs:?} only"
    );
    let past = past
        .iter()
        .map(|cell| (cell.newest.coord, cell.shown))
        .collect();
    assert_eq!(shown(past), then_shown);
}

/// Flies east and compares what was foreseen with what then happens, at every look on the way.
fn foreseen_against_happened(speed_mps: f64, service_us: f64) -> (f64, Vec<(f64, f64)>) {
    let values = StreamingValues {
        max_concurrent_tasks: 64,
        max_completed_per_frame: 8,
        scan_interval_secs: 0.1,
        ..StreamingValues::default()
    };
    let clock = WorkClock::Virtual(VirtualCosts {
        service: ServiceCost::Fixed { us: service_us },
        apply_us_per_entity: 1.0,
        apply_ns_per_byte: 0.0,
    });
    let mut trial = watched(values, clock);
    trial.settle();
    trial.set(&[("max_concurrent_tasks", "1")]);
    let mut foreseen: Vec<(f64, f64)> = Vec::new();
    let mut x = 0.0;
    for frame in 0..60 * 60 {
        let now = f64::from(frame) * FRAME.as_secs_f64();
        x += speed_mps * FRAME.as_secs_f64();
        trial.place_focus(x as f32, 0.0);
        trial.step();
        if trial.metrics().late.must_have > 0 {
            return (now, foreseen);
        }
        let outlook = *trial.app.world().resource::<Outlook>();
        if let Some(secs) = outlook.hole_in_secs {
            foreseen.push((now, secs));
        }
    }
    panic!("no hole within a minute");
}

#[test]
fn the_horizon_is_within_a_fifth_of_what_then_happens() {
    for (speed_mps, service_us) in [
        (100.0, 1_000_000.0),
        (150.0, 600_000.0),
        (120.0, 500_000.0),
        (60.0, 2_000_000.0),
    ] {
        let (hole_at, foreseen) = foreseen_against_happened(speed_mps, service_us);
        // Once it is settled how fast the pipeline is, and while there is something to foresee.
        let judged: Vec<_> = foreseen
            .iter()
            .filter(|(now, _)| *now > 1.0 && hole_at - now > 1.0)
            .collect();
        assert!(
            judged.len() > 60,
            "{speed_mps} m/s: the hole at {hole_at} s was foreseen at {} frames",
            judged.len()
        );
        let mut errors: Vec<f64> = judged
            .iter()
            .map(|(now, secs)| ((now + secs) - hole_at).abs() / (hole_at - now))
            .collect();
        errors.sort_by(f64::total_cmp);
        let worst = errors[errors.len() * 9 / 10];
        assert!(
            worst <= 0.2,
            "{speed_mps} m/s: hole at {hole_at:.2} s, off by {worst:.2}; foreseen {:?}",
            judged.iter().step_by(30).collect::<Vec<_>>()
        );
    }
}

#[test]
fn who_flies_no_faster_than_the_pipeline_delivers_has_no_horizon() {
    let mut trial = watched(StreamingValues::default(), virtual_clock());
    trial.settle();
    for frame in 0..900 {
        trial.place_focus(frame as f32, 0.0);
        trial.step();
        let outlook = *trial.app.world().resource::<Outlook>();
        assert_eq!(outlook.hole_in_secs, None, "frame {frame}: {outlook:?}");
    }
    assert_eq!(trial.metrics().late.must_have, 0);
}

#[test]
fn a_leak_on_purpose_is_counted_breaks_no_law_and_is_swept() {
    let faults = Arc::new(FaultSwitches::default());
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(Blocks)
            .with_clock(virtual_clock())
            .with_faults(Arc::clone(&faults)),
        small_world(),
    );
    trial.settle();
    assert_eq!(trial.metrics().gauges.orphans, 0);
    faults.set_leak_share(0.1);
    trial.place_focus(9_000.0, 0.0);
    trial.settle();
    faults.set_leak_share(0.0);
    let orphans = trial.metrics().gauges.orphans;
    assert!(orphans > 0);
    trial.assert_lawful();
    trial
        .app
        .world_mut()
        .resource_mut::<Messages<StreamingRequest>>()
        .write(StreamingRequest::SweepOrphans);
    // Paid from the pot: with room for one slice it takes a frame for each.
    trial.set(&[("apply_budget_ms", "0.05")]);
    let mut frames = 0;
    while trial.metrics().gauges.orphans > 0 {
        let before = trial.metrics().gauges.orphans;
        trial.steps(1);
        let metrics = trial.metrics();
        let swept = before - metrics.gauges.orphans;
        assert!(swept <= 64, "{swept} in one frame");
        assert!(swept == 0 || metrics.frame.charged_ms > 0.0, "for nothing");
        frames += 1;
        assert!(frames < 200_u64, "{} are left", metrics.gauges.orphans);
    }
    assert!(frames >= orphans / 64, "{orphans} in {frames} frames");
    trial.settle();
    trial.assert_lawful();
}

#[test]
fn a_leak_that_nobody_asked_for_breaks_law_5() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial
        .app
        .world_mut()
        .run_system_once(|mut commands: bevy::ecs::prelude::Commands| {
            commands.spawn(InChunk(ChunkCoord::new(0, 0)));
        })
        .expect("it runs");
    trial.steps(2);
    assert_eq!(trial.metrics().gauges.orphans, 1);
    trial.assert_broken(5);
}

/// Blocks in two layers that are named, on top of what is not.
struct Layered;

impl ChunkGenerator for Layered {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        std::thread::sleep(std::time::Duration::from_millis(1));
        stop.end_layer("ground");
        let content = Blocks.generate(request, stop);
        stop.end_layer("blocks");
        content
    }
}

#[test]
fn a_chunk_that_lands_tells_what_the_layers_of_its_making_took() {
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(Layered).with_clock(virtual_clock()),
        small_world(),
    );
    let mut landed = 0;
    trial.until(200, |trial| {
        let world = trial.app.world_mut();
        let mut messages = world.resource_mut::<Messages<ChunkLoaded>>();
        for loaded in messages.drain() {
            let [ground, blocks] = loaded.layers[..] else {
                panic!("{:?}", loaded.layers);
            };
            assert_eq!((ground.layer, blocks.layer), ("ground", "blocks"));
            assert!(ground.ms >= 1.0 && blocks.ms > 0.0, "{ground:?} {blocks:?}");
            landed += 1;
        }
        landed >= 20
    });
    assert!(landed >= 20, "{landed}");
    trial.assert_lawful();
}
