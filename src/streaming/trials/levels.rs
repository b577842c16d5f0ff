//! Levels of detail: coarse far away, fine nearby, and a change that nobody sees happen.

use bevy::camera::visibility::Visibility;
use bevy::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::generators::{Blocks, blocks};
use super::trial::{Trial, small_world, virtual_clock};
use crate::*;

/// The small world with a massing ring to 800 m and a skyline to 1,500 m.
fn far_view() -> StreamingValues {
    StreamingValues {
        view_radius_m: 1_500.0,
        detail_rings_m: "800".parse().unwrap(),
        max_concurrent_tasks: 8,
        max_completed_per_frame: 16,
        ..small_world()
    }
}

fn far_trial() -> Trial {
    Trial::with(
        AsyncChunkPlugin::new(Blocks).with_clock(virtual_clock()),
        far_view(),
    )
}

fn shown(trial: &mut Trial, x: i32, z: i32) -> Option<DetailLevel> {
    trial
        .chunks()
        .table
        .get(ChunkCoord::new(x, z))
        .and_then(|record| record.shown)
}

#[test]
fn three_levels_reach_from_the_focus_to_the_view_radius() {
    let mut trial = far_trial();
    trial.settle();
    assert_eq!(shown(&mut trial, 1, 0), Some(DetailLevel::FULL));
    assert_eq!(shown(&mut trial, 6, 0), Some(DetailLevel::MASSING));
    assert_eq!(shown(&mut trial, 13, 0), Some(DetailLevel::SKYLINE));
    let gauges = &trial.metrics().gauges;
    assert!(gauges.loaded > 700 && gauges.loaded_coarse > 600);
    assert_eq!(gauges.holes, 0);
    trial.assert_lawful();
}

/// Entities of one cell that are not hidden.
fn visible_in(trial: &mut Trial, coord: ChunkCoord) -> usize {
    let world = trial.app.world_mut();
    world
        .query::<(&InChunk, &Visibility)>()
        .iter(world)
        .filter(|(chunk, visibility)| chunk.0 == coord && **visibility != Visibility::Hidden)
        .count()
}

#[test]
fn a_change_of_level_shows_neither_a_hole_nor_two_versions() {
    let mut trial = far_trial();
    trial.settle();
    trial.set(&[("apply_budget_ms", "0.3")]);
    let coord = ChunkCoord::new(6, 0);
    let before = visible_in(&mut trial, coord);
    assert_eq!(before, 13, "one mesh and twelve blocks");
    let mut frames_between = 0;
    for step in 1..=200 {
        trial.place_focus(3.0 * step as f32, 0.0);
        trial.step();
        assert_eq!(visible_in(&mut trial, coord), 13, "frame {step}");
        frames_between +=
            u32::from(trial.streamed().iter().filter(|(c, _)| *c == coord).count() > 13);
    }
    trial.settle();
    assert_eq!(shown(&mut trial, 6, 0), Some(DetailLevel::FULL));
    assert!(
        frames_between > 0,
        "the new one landed in slices beside the old one"
    );
    assert!(trial.metrics().counters.level_changes > 0);
    trial.assert_lawful();
}

#[test]
fn a_chunk_that_is_left_behind_becomes_coarse_and_then_goes() {
    let mut trial = far_trial();
    trial.settle();
    for step in 1..=110 {
        trial.place_focus(9.0 * step as f32, 0.0);
        trial.step();
    }
    trial.settle();
    assert_eq!(shown(&mut trial, 0, 0), Some(DetailLevel::SKYLINE));
    trial.place_focus(30_000.0, 0.0);
    trial.settle();
    assert_eq!(shown(&mut trial, 0, 0), None);
    trial.assert_lawful();
}

#[test]
fn after_a_jump_holes_are_closed_coarsely_before_anything_is_refined() {
    let mut trial = far_trial();
    trial.settle();
    let began = trial.metrics().counters.clone();
    trial.place_focus(30_000.0, 0.0);
    assert!(trial.until(3_000, |trial| {
        let gauges = &trial.metrics().gauges;
        gauges.holes == 0
            && gauges.wanted > 700
            && trial.metrics().counters.applied > began.applied + 600
    }));
    assert!(
        trial.metrics().gauges.missing > 0,
        "finer levels are still to come"
    );
    trial.settle();
    assert_eq!(trial.metrics().gauges.missing, 0);
    trial.assert_lawful();
}

#[test]
fn law_10_a_shuttle_over_a_border_of_rings_changes_no_level() {
    let mut trial = far_trial();
    trial.settle();
    let before = trial.metrics().counters.clone();
    for round in 0..40 {
        for step in 0..30 {
            let way = if round % 2 == 0 { step } else { 30 - step };
            trial.place_focus(0.4 * way as f32 - 6.0, 3.0);
            trial.step();
        }
    }
    trial.settle();
    let after = &trial.metrics().counters;
    assert_eq!(after.unloaded, before.unloaded);
    assert_eq!(
        after.applied - before.applied,
        (after.distinct_loaded - before.distinct_loaded)
            + (after.level_changes - before.level_changes)
    );
    assert!(
        after.level_changes - before.level_changes <= 40,
        "each cell at most once"
    );
    trial.assert_lawful();
}

/// Content that follows from a number, which is the version of half of the world.
#[derive(Clone, Default)]
struct Versioned(Arc<AtomicU32>);

impl ChunkGenerator for Versioned {
    fn generate(
        &self,
        request: &ChunkRequest,
        _stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        let more = self.version(request.coord, request.detail);
        Ok(blocks(request, 3 + u64::from(more)))
    }

    fn version(&self, coord: ChunkCoord, _detail: DetailLevel) -> u32 {
        if coord.x < 0 {
            self.0.load(Ordering::Relaxed)
        } else {
            0
        }
    }
}

#[test]
fn a_changed_generator_makes_only_what_it_affects_anew_and_shows_the_old_until_then() {
    let generator = Versioned::default();
    let plugin = AsyncChunkPlugin::new(generator.clone()).with_clock(virtual_clock());
    let mut trial = Trial::with(plugin, small_world());
    trial.settle();
    let before = trial.metrics().counters.clone();
    let loaded = trial.metrics().gauges.loaded;
    generator.0.store(2, Ordering::Relaxed);
    trial
        .app
        .world_mut()
        .write_message(StreamingRequest::GeneratorChanged);
    assert!(trial.until(100, |trial| trial.metrics().gauges.missing > 0));
    while trial.metrics().gauges.missing > 0 {
        assert_eq!(trial.metrics().gauges.loaded, loaded);
        trial.step();
    }
    trial.settle();
    let affected = trial
        .chunks()
        .table
        .iter()
        .filter(|(coord, _)| coord.x < 0)
        .count() as u64;
    assert_eq!(trial.metrics().counters.applied - before.applied, affected);
    assert_eq!(
        trial
            .streamed()
            .iter()
            .filter(|(c, _)| *c == ChunkCoord::new(-1, 0))
            .count(),
        6
    );
    assert_eq!(trial.metrics().counters.unloaded, before.unloaded);
    trial.assert_lawful();
}
