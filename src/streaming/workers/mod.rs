//! The chunk-generation pool: named threads that pull the most needed request by themselves.
//!
//! ```text
//!  main thread                 one lock                       generation threads
//!  push, rescore, cancel ──► WorkQueue ── pull ─────────────► generate (panics are caught here)
//!  take_news             ◄── ready     ◄─ finish, with times ─┘
//!  leave_chores, bury    ──► chores    ── between two chunks ─► free, save
//! ```
//! Not Bevy's `AsyncComputeTaskPool`: that one has at most four threads, knows no order, and compiles
//! the renderer's pipelines. Not `TaskPool` either: its executor is for futures that yield, while a
//! generator is one long call, and its threads are joined when it is dropped (law 12).

mod contained;
mod frame_side;
mod parcel;
mod shared;
mod state;
mod sync;
mod thread_side;
#[cfg(test)]
mod under_shuttle;
mod virtual_side;

use bevy::ecs::world::World;
use std::sync::Arc;
use std::time::Duration;

use crate::generator::ChunkGenerator;
use crate::queue::AsyncChunkQueue;

pub(crate) use contained::Outcome;
#[cfg(test)]
pub(crate) use parcel::Sabotage;
pub(crate) use parcel::{
    CancelReason, Cancelled, Finished, NewRequest, RunningNow, Stuck, StuckEnd,
};
pub(crate) use shared::Shared;

/// How many threads generate.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum WorkerCount {
    /// As many as `max_concurrent_tasks` asks for, started when they are first needed.
    #[default]
    OnDemand,
    /// So many, whatever the limit.
    Fixed(usize),
}

impl WorkerCount {
    /// Threads (or virtual workers) for a limit.
    fn at_limit(self, limit: usize) -> usize {
        match self {
            Self::OnDemand => limit,
            Self::Fixed(count) => count.max(1),
        }
    }
}

/// Serves the virtual clock up to `until`, the `Time<Real>` of the coming frame: starts what free
/// virtual workers may start, and waits for the results that are due. The runner of a virtual run calls
/// it before each `App::update`; on the real clock it does nothing. The plugin itself never waits.
pub fn run_virtual_workers(world: &mut World, until: Duration) {
    if let Some(queue) = world.get_resource::<AsyncChunkQueue>() {
        queue.save_on_virtual_clock();
        queue.shared().serve_virtual(until);
    }
}

/// Starts threads until there are `wanted`.
pub(crate) fn grow_to(shared: &Arc<Shared>, generator: &Arc<dyn ChunkGenerator>, wanted: usize) {
    while let Some(index) = shared.reserve_thread(wanted) {
        let (shared_of_thread, generator) = (Arc::clone(shared), Arc::clone(generator));
        let name = format!("ChunkGen ({index})");
        let started = std::thread::Builder::new()
            .name(name.clone())
            .spawn(move || work(&shared_of_thread, &*generator, &name));
        if let Err(error) = started {
            shared.give_back_thread();
            // Tried again in every frame; told once.
            if shared.is_first_refusal() {
                tracing::error!("no more generation threads than {index}: {error}");
            }
            return;
        }
    }
}

/// The life of a generation thread.
fn work(shared: &Shared, generator: &dyn ChunkGenerator, name: &str) {
    lower_priority();
    let _written_off = WrittenOff(shared);
    while let Some(job) = shared.next_job(name) {
        // Unless finished, the guard reports the request as failed: a result is always sent.
        let guard = shared.promise(&job);
        let outcome = contained::make(generator, &job, shared);
        guard.keep(outcome);
    }
}

/// A thread that dies of a panic (a payload's own drop) no longer counts, so that another takes its place.
struct WrittenOff<'a>(&'a Shared);

impl Drop for WrittenOff<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a generation thread died of a panic outside of a generator");
            self.0.give_back_thread();
        }
    }
}

/// Generation gives way to the frame's own threads.
fn lower_priority() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!("generation threads keep their priority: {error}");
    }
}
