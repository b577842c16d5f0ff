//! What the engine does beyond the pipeline: levels of detail, memory, stuck workers, preloads, what was given up.

use crate::streaming::{ChunkCoord, PreloadStatus, StreamingValues};
use crate::telemetry::{Telemetry, rates, sample::Sample, watch::FailureNote};

/// What is seen, by level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    /// Cells at full detail.
    pub full: u64,
    /// Cells at a coarse level.
    pub coarse: u64,
    /// Cells in view that show nothing.
    pub holes: u64,
    /// Changes of level since the start.
    pub changes: u64,
    /// The same per second, last 10 s.
    pub changes_per_sec: Option<f64>,
}

/// Bytes against their cap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Bytes of loaded chunks and of results that wait.
    pub bytes: u64,
    /// What `memory_cap_mib` allows.
    pub cap_bytes: u64,
    /// Cells in view that are not wanted because the cap is reached.
    pub held_back: u64,
    /// Chunks that left because of the cap, since the start.
    pub evicted: u64,
}

impl Memory {
    /// The share (0–1 and above) of the cap that is used.
    pub fn share(&self) -> f64 {
        self.bytes as f64 / self.cap_bytes.max(1) as f64
    }
}

/// Generations that did not end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stuck {
    /// Threads that are stuck now.
    pub workers: u64,
    /// Generations given up since the start.
    pub given_up: u64,
    /// Those that came back later.
    pub late_returns: u64,
    /// The chunk of the newest one.
    pub newest: Option<ChunkCoord>,
}

/// Everything of the engine's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// By level.
    pub levels: Levels,
    /// Bytes.
    pub memory: Memory,
    /// Generations that did not end.
    pub stuck: Stuck,
    /// Share (0–1) of the possible regret: 0 is always the most needed first.
    pub regret: Option<f64>,
    /// Preloads that are not released, oldest first.
    pub preloads: Vec<PreloadStatus>,
    /// Shifts of the scene's origin.
    pub origin_shifts: u64,
    /// Chunks that were given up, with reasons. The count is in the flow; more than are listed may have been.
    pub quarantined: Vec<FailureNote>,
}

pub(super) fn engine(telemetry: &Telemetry, settings: &StreamingValues, newest: &Sample) -> Engine {
    let watched = telemetry.watched();
    Engine {
        levels: Levels {
            full: newest.loaded.saturating_sub(newest.loaded_coarse),
            coarse: newest.loaded_coarse,
            holes: newest.holes,
            changes: newest.level_changes,
            changes_per_sec: rates::per_second(telemetry.samples(), 10.0, |sample| {
                sample.level_changes as f64
            }),
        },
        memory: Memory {
            bytes: newest.memory_bytes,
            cap_bytes: settings.memory_cap_mib.saturating_mul(1 << 20),
            held_back: newest.held_back,
            evicted: newest.evicted,
        },
        stuck: Stuck {
            workers: newest.stuck_workers,
            given_up: newest.stuck,
            late_returns: newest.late_returns,
            newest: watched.stuck().next().map(|note| note.coord),
        },
        regret: newest.regret,
        preloads: watched.preloads().to_vec(),
        origin_shifts: newest.origin_shifts,
        quarantined: watched.quarantined().cloned().collect(),
    }
}
