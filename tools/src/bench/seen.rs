//! What streaming said and what its stages took, noted frame by frame.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use ringroad::streaming::{
    ChunkCoord, ChunkLoaded, ChunkUnloaded, DetailLevel, FrameFacts, StreamingSet,
};

/// Notes landings, departures, and the times of the stages.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Seen>()
        .add_systems(
            Update,
            (
                open_scan.before(StreamingSet::Scan),
                open_queue
                    .after(StreamingSet::Scan)
                    .before(StreamingSet::GenQueue),
                open_apply
                    .after(StreamingSet::GenQueue)
                    .before(StreamingSet::GenApply),
                close_stages.after(StreamingSet::GenApply),
            ),
        )
        .add_systems(Last, follow);
}

/// A chunk that landed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    pub coord: ChunkCoord,
    pub detail: DetailLevel,
    /// Only where the case asks for hashes.
    pub content_hash: Option<u64>,
}

/// What streaming said, and what its stages took in the last frame.
#[derive(Resource, Default)]
pub struct Seen {
    /// Every landing in order.
    pub landings: Vec<Landing>,
    /// When each chunk landed that is there now.
    pub there: BTreeMap<ChunkCoord, Duration>,
    /// Chunks that left.
    pub unloads: u64,
    /// Those that left within a second of landing.
    pub unloaded_unseen: u64,
    /// When `GenQueue` began in this frame.
    pub queue_began: Option<Instant>,
    apply_began: Option<Instant>,
    scan_began: Option<Instant>,
    /// All three stages with their commands, ms.
    pub stages_ms: f64,
    /// The stage `GenApply`, ms.
    pub gen_apply_ms: f64,
}

/// Sums over frames.
#[derive(Copy, Clone, Debug, Default)]
pub struct Spent {
    pub frames: u32,
    pub scan_ms: f64,
    pub queue_ms: f64,
    pub gen_apply_ms: f64,
    pub apply_ms: f64,
    pub unload_ms: f64,
    pub update_ms: f64,
}

impl Spent {
    /// Adds a frame.
    pub fn add(&mut self, facts: &FrameFacts, gen_apply_ms: f64, update_ms: f64) {
        self.frames += 1;
        self.scan_ms += facts.scan_ms;
        self.queue_ms += facts.queue_ms;
        self.apply_ms += facts.apply_ms;
        self.unload_ms += facts.unload_ms;
        self.gen_apply_ms += gen_apply_ms;
        self.update_ms += update_ms;
    }

    /// What was spent since `before`.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            frames: self.frames - before.frames,
            scan_ms: self.scan_ms - before.scan_ms,
            queue_ms: self.queue_ms - before.queue_ms,
            gen_apply_ms: self.gen_apply_ms - before.gen_apply_ms,
            apply_ms: self.apply_ms - before.apply_ms,
            unload_ms: self.unload_ms - before.unload_ms,
            update_ms: self.update_ms - before.update_ms,
        }
    }

    /// Where the main thread's time went, in µs for each of `chunks`.
    pub fn per_chunk_text(&self, chunks: usize) -> String {
        let us = |ms: f64| ms * 1e3 / chunks.max(1) as f64;
        format!(
            "main thread per chunk: scan {:.1} + queue {:.1} + apply {:.1} µs (slices {:.1}) of {:.1} µs in all updates, {} frames",
            us(self.scan_ms),
            us(self.queue_ms),
            us(self.gen_apply_ms),
            us(self.apply_ms),
            us(self.update_ms),
            self.frames,
        )
    }
}

fn ms_since(began: Option<Instant>) -> f64 {
    began.map_or(0.0, |began| began.elapsed().as_secs_f64() * 1e3)
}

fn open_scan(mut seen: ResMut<Seen>) {
    seen.scan_began = Some(Instant::now());
}

fn open_queue(mut seen: ResMut<Seen>) {
    seen.queue_began = Some(Instant::now());
}

fn open_apply(mut seen: ResMut<Seen>) {
    seen.apply_began = Some(Instant::now());
}

fn close_stages(mut seen: ResMut<Seen>) {
    seen.gen_apply_ms = ms_since(seen.apply_began);
    seen.stages_ms = ms_since(seen.scan_began);
}

fn follow(
    time: Res<Time<Real>>,
    mut loaded: MessageReader<ChunkLoaded>,
    mut unloaded: MessageReader<ChunkUnloaded>,
    mut seen: ResMut<Seen>,
) {
    let now = time.elapsed();
    // A chunk can leave and come back in one frame's messages only in that order.
    for event in unloaded.read() {
        seen.unloads += 1;
        if let Some(landed) = seen.there.remove(&event.coord)
            && now.saturating_sub(landed) < Duration::from_secs(1)
        {
            seen.unloaded_unseen += 1;
        }
    }
    for event in loaded.read() {
        seen.landings.push(Landing {
            coord: event.coord,
            detail: event.detail,
            content_hash: event.content_hash,
        });
        seen.there.insert(event.coord, now);
    }
}
