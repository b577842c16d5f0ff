//! What streaming counted: plain data, counted where the act happens, never by walking all chunks.

use bevy::ecs::resource::Resource;
use bevy::prelude::ReflectResource;
use bevy::reflect::Reflect;

/// Everything that streaming counts and measures about itself.
#[derive(Resource, Reflect, Clone, Debug, Default, PartialEq)]
#[reflect(Resource)]
pub struct StreamingMetrics {
    /// Totals since the start.
    pub counters: Counters,
    /// How things stand at the end of the last frame.
    pub gauges: Gauges,
    /// The most that each gauge ever was.
    pub gauges_max: GaugesMax,
    /// Chunks that came too late.
    pub late: Late,
    /// How far the order of work was from the order of need.
    pub regret: Regret,
    /// The last frame.
    pub frame: FrameFacts,
}

/// Totals since the start. `requested = applied + stale_discarded + cancelled + failed + running + waiting` (law 1).
#[derive(Reflect, Clone, Debug, Default, PartialEq)]
pub struct Counters {
    /// Requests made; a retry is a new request.
    pub requested: u64,
    /// Requests that a worker began.
    pub started: u64,
    /// Requests that a worker ended, in whatever way.
    pub completed: u64,
    /// Chunks that landed in the world.
    pub applied: u64,
    /// Different cells that landed at least once. Exact until cells in more than 32,768 squares of 8 × 8 have
    /// landed; from then on one that comes back after a very long way counts as new again.
    pub distinct_loaded: u64,
    /// Chunks that left the world.
    pub unloaded: u64,
    /// Results that nobody waited for any more.
    pub stale_discarded: u64,
    /// The same by reason.
    pub stale_by_reason: StaleReasons,
    /// Requests that ended without a result because nobody needed them.
    pub cancelled: u64,
    /// The same by reason.
    pub cancelled_by_reason: CancelReasons,
    /// Requests that ended in an error or a panic.
    pub failed: u64,
    /// Those of them that panicked.
    pub panicked: u64,
    /// Requests that were repeats after a failure.
    pub retried: u64,
    /// Chunks that were given up after the last retry.
    pub quarantined: u64,
    /// Chunks that the watchdog found without a live request.
    pub requeued_by_watchdog: u64,
    /// Chunks that changed their level of detail without leaving.
    pub level_changes: u64,
    /// Chunks that left because `memory_cap_mib` was reached.
    pub evicted: u64,
    /// Generations that were given up because they did not end within `stuck_after_secs`.
    pub stuck: u64,
    /// Those of them that came back later; their results were discarded.
    pub late_returns: u64,
    /// How often the scene was moved under the world's origin.
    pub origin_shifts: u64,
    /// Worker milliseconds spent on results that were cancelled or stale.
    pub wasted_worker_ms: f64,
}

/// Why a finished result was discarded.
#[derive(Reflect, Clone, Debug, Default, PartialEq, Eq)]
pub struct StaleReasons {
    /// The chunk is no longer in the table.
    pub gone: u64,
    /// The chunk is there, but not being generated.
    pub wrong_state: u64,
    /// The chunk is being generated under another ticket.
    pub old_ticket: u64,
}

/// Why a request was cancelled.
#[derive(Reflect, Clone, Debug, Default, PartialEq, Eq)]
pub struct CancelReasons {
    /// No focus needs the chunk any more.
    pub unwanted: u64,
    /// The world is made anew (chunk size, seed, or by request).
    pub regenerated: u64,
    /// The chunk is needed at another level of detail now.
    pub level_changed: u64,
    /// `memory_cap_mib` leaves no room for it.
    pub memory: u64,
}

macro_rules! gauges {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// How things stand at the end of a frame.
        #[derive(Reflect, Clone, Debug, Default, PartialEq, Eq)]
        pub struct Gauges { $($(#[$doc])* pub $name: u64,)+ }

        impl Gauges {
            /// Raises each value to at least that of `other`.
            pub fn raise_to(&mut self, other: &Self) {
                $(self.$name = self.$name.max(other.$name);)+
            }

            /// Every gauge by name, in order.
            pub fn by_name(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name)),+]
            }
        }
    };
}

gauges! {
    /// Cells inside the load radius of a focus.
    wanted,
    /// Wanted cells that are neither loaded nor quarantined.
    missing,
    /// Loaded cells beyond the unload radius of every focus that have not begun to leave.
    unwanted,
    /// Requests that wait for a worker.
    queued,
    /// Requests that a worker is busy with.
    active_tasks,
    /// Finished results that wait to be applied.
    completed_results,
    /// Their bytes.
    completed_results_bytes,
    /// Chunks of which some slices are in the world.
    applying,
    /// Chunks that are requested, waiting for a retry, or being applied.
    loading,
    /// Chunks that are in the world.
    loaded,
    /// Chunks that were given up.
    quarantined,
    /// Entities that belong to chunks, counted in the world.
    chunk_entities,
    /// Meshes that belong to one chunk.
    meshes,
    /// Meshes that all chunks share.
    shared_meshes,
    /// Materials in the world.
    materials,
    /// Bytes of the chunks that are in the world.
    loaded_bytes,
    /// Generation threads.
    threads,
    /// Cells in view of a focus that show nothing at any level.
    holes,
    /// Cells that show a coarse level.
    loaded_coarse,
    /// Cells in view that are not wanted because `memory_cap_mib` is reached.
    held_back,
    /// Bytes of loaded chunks and of results that wait.
    memory_bytes,
    /// Preloads that are not released.
    preloads,
    /// Threads whose generation was given up and has not come back.
    stuck_workers,
    /// Entities of chunks that no chunk owns: a leak.
    orphans,
    /// Workers that wait for room: finished results, or what memory there is, are at their cap.
    blocked,
    /// Failed chunks that wait for their next try.
    backoff,
}

/// The most of each gauge over the run.
#[derive(Reflect, Clone, Debug, Default, PartialEq)]
pub struct GaugesMax {
    /// Field by field.
    pub gauges: Gauges,
    /// Chunks that landed in one frame.
    pub applied_in_frame: u64,
    /// Σ need of what started while more needed work waited ÷ Σ possible; `None` until work has started.
    pub priority_regret: Option<f64>,
}

/// How far the order in which work started was from the order of need, measured with the need of the
/// moment of the start, not with the need that the queue had on record.
#[derive(Reflect, Clone, Debug, Default, PartialEq)]
pub struct Regret {
    /// Σ of how much more the best waiting request was needed than the one that started.
    pub sum: f64,
    /// Σ of the same for the worst possible choice.
    pub possible: f64,
}

impl Regret {
    /// The share of the possible regret, 0 (always the most needed first) to 1; `None` while nothing
    /// had a choice.
    pub fn share(&self) -> Option<f64> {
        (self.possible > 0.0).then(|| self.sum / self.possible)
    }
}

/// Lateness, as the settings' must-have radius defines it.
#[derive(Reflect, Clone, Debug, Default, PartialEq)]
pub struct Late {
    /// Chunks whose nearest edge entered the must-have radius before they were loaded. Chunks that
    /// were inside from their first request (the start, a teleport) did not enter.
    pub must_have: u64,
    /// Frames in which a wanted cell was not loaded, counted from the first complete view after the
    /// start or a jump.
    pub frames_with_hole: u64,
    /// The longest that a late chunk was waited for, in ms.
    pub worst_ms: f64,
    /// Whether the view was ever complete; until then `frames_with_hole` means nothing.
    pub was_complete: bool,
}

/// What the last frame did; times are true milliseconds on the main thread.
#[derive(Reflect, Clone, Debug, Default, PartialEq)]
pub struct FrameFacts {
    /// The scan, 0 in frames without one.
    pub scan_ms: f64,
    /// Collecting results and handing out work.
    pub queue_ms: f64,
    /// Applying.
    pub apply_ms: f64,
    /// Unloading.
    pub unload_ms: f64,
    /// The apply and unload time that was charged to the budget, on the clock in force.
    pub charged_ms: f64,
    /// The most expensive slice among it.
    pub largest_slice_ms: f64,
    /// Chunks that landed.
    pub applied_now: u64,
    /// Chunks that left.
    pub unloaded_now: u64,
    /// Mesh bytes handed to the renderer.
    pub uploaded_bytes: u64,
    /// Meshes handed to the renderer.
    pub uploaded_meshes: u64,
    /// Slices of apply and unload.
    pub slices: u64,
    /// Why apply stopped.
    pub stopped_by: StoppedBy,
}

/// Why apply stopped in a frame.
#[derive(Reflect, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum StoppedBy {
    /// Nothing was left to do.
    #[default]
    Empty,
    /// `max_completed_per_frame`.
    Count,
    /// `apply_budget_ms`.
    Time,
    /// `upload_bytes_per_frame`.
    Bytes,
    /// `max_completed_per_frame` is 0.
    Paused,
}
