//! Where the world is needed: several foci with purposes, preloads, readiness, and places far from the
//! middle of the world.

use bevy::ecs::message::Messages;
use bevy::math::DVec2;
use bevy::prelude::*;
use std::time::Duration;

use super::generators::Blocks;
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

#[test]
fn a_focus_to_collide_wants_full_detail_near_itself_and_nothing_else() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let alone = trial.metrics().gauges.loaded;
    trial.app.world_mut().spawn((
        StreamingFocus,
        FocusPurpose::Collide,
        Transform::from_xyz(3_000.0, 0.0, 0.0),
    ));
    trial.settle();
    let more = trial.metrics().gauges.loaded - alone;
    assert!((20..45).contains(&more), "{more} of {alone}");
    assert_eq!(trial.metrics().gauges.loaded_coarse, 0);
    trial.assert_lawful();
}

#[test]
fn a_preload_makes_a_place_ready_and_a_teleport_there_finds_no_hole() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    let at = DVec2::new(20_000.0, -7_000.0);
    let ticket = trial
        .app
        .world_mut()
        .resource_mut::<Preloads>()
        .preload(at, 500.0, Duration::from_secs(5))
        .unwrap();
    trial.step();
    let status = |trial: &Trial| {
        let preloads = trial.app.world().resource::<Preloads>();
        preloads.status(ticket).unwrap()
    };
    let first = status(&trial);
    assert!(!first.is_ready && first.missing > 60 && first.total == first.missing);
    let mut was_estimated = false;
    assert!(trial.until(600, |trial| {
        was_estimated |= status(trial).will_be_ready_in.is_some();
        status(trial).is_ready
    }));
    assert!(was_estimated && status(&trial).late_by.is_none());
    trial.place_focus(20_000.0, -7_000.0);
    let (holes_before, late_before) = (
        trial.metrics().late.frames_with_hole,
        trial.metrics().late.must_have,
    );
    for _ in 0..30 {
        trial.step();
        assert_eq!(trial.metrics().gauges.holes, 0);
    }
    let late = &trial.metrics().late;
    assert_eq!(
        (late.frames_with_hole, late.must_have),
        (holes_before, late_before)
    );
    trial
        .app
        .world_mut()
        .resource_mut::<Preloads>()
        .release(ticket);
    trial.settle();
    assert_eq!(trial.metrics().gauges.preloads, 0);
    trial.assert_lawful();
}

#[test]
fn ground_is_announced_before_anything_of_its_chunk_is_seen() {
    let mut trial = Trial::new(Blocks);
    trial.set(&[
        ("apply_budget_ms", "0.05"),
        ("upload_bytes_per_frame", "4096"),
    ]);
    let (mut announced, mut seen_first) = (Vec::new(), 0);
    for _ in 0..400 {
        trial.step();
        let messages = trial.app.world().resource::<Messages<ChunkCollidable>>();
        announced.extend(messages.iter_current_update_messages().map(|message| {
            assert!(message.payload.is_some());
            message.coord
        }));
        let seen: Vec<_> = trial.streamed().iter().map(|(coord, _)| *coord).collect();
        seen_first += seen
            .iter()
            .filter(|coord| !announced.contains(coord))
            .count();
    }
    assert!(announced.len() > 20);
    assert_eq!(seen_first, 0);
    trial.assert_lawful();
}

#[test]
fn a_hundred_kilometres_out_everything_lies_near_the_zero_of_the_scene() {
    let far = DVec2::new(100_000.0, -100_000.0);
    let mut near_trial = Trial::new(Blocks);
    near_trial.settle();
    let mut trial = Trial::new(Blocks);
    trial.settle();
    trial.place_focus(far.x as f32, far.y as f32);
    trial.settle();
    assert!(trial.metrics().counters.origin_shifts > 0);
    let origin = *trial.app.world().resource::<WorldOrigin>();
    let world = trial.app.world_mut();
    let mut farthest = 0.0_f32;
    let mut errors = 0.0_f64;
    for (chunk, transform, global) in world
        .query::<(&InChunk, &Transform, &GlobalTransform)>()
        .iter(world)
    {
        farthest = farthest.max(transform.translation.length());
        let in_world = origin.to_world(transform.translation);
        let middle = chunk.0.center(100.0);
        errors = errors.max(DVec2::new(in_world.x, in_world.z).distance(middle));
        assert!(global.translation().distance(transform.translation) < 1e-3);
    }
    assert!(
        farthest < 1_000.0,
        "{farthest} m from the zero of the scene"
    );
    assert!(errors < 100.0, "content is in its own chunk");
    assert_eq!(
        near_trial.metrics().gauges.chunk_entities,
        trial.metrics().gauges.chunk_entities
    );
    trial.assert_lawful();
}

#[test]
fn a_drive_across_shifts_of_the_origin_loses_and_repeats_nothing() {
    let mut trial = Trial::with(
        AsyncChunkPlugin::new(Blocks).with_clock(virtual_clock()),
        StreamingValues {
            max_concurrent_tasks: 16,
            max_completed_per_frame: 16,
            ..small_world()
        },
    );
    trial.settle();
    let mut x = 0.0_f32;
    while x < 13_000.0 {
        x += 5.0;
        trial.place_focus(x, 50.0);
        trial.step();
        assert_eq!(trial.metrics().gauges.holes, 0, "at {x} m");
    }
    trial.settle();
    let metrics = trial.metrics();
    assert!(metrics.counters.origin_shifts >= 3);
    assert_eq!(metrics.counters.applied, metrics.counters.distinct_loaded);
    assert_eq!(
        (metrics.late.must_have, metrics.late.frames_with_hole),
        (0, 0)
    );
    trial.assert_lawful();
}

#[test]
fn a_focus_at_the_end_of_the_numbers_is_no_focus() {
    let mut trial = Trial::new(Blocks);
    trial.settle();
    for place in [1e13_f32, -1e30, f32::MAX] {
        trial.place_focus(place, 0.0);
        trial.steps(20);
        assert_eq!(trial.metrics().counters.unloaded, 0);
        trial.place_focus(0.0, 0.0);
        trial.steps(20);
    }
    trial.place_focus(1e9, -1e9);
    trial.settle();
    assert_eq!(trial.metrics().gauges.loaded, trial.metrics().gauges.wanted);
    trial.assert_lawful();
}
