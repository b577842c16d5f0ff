//! Stage 2: hand out work, most needed first, and collect what has finished.

use bevy::ecs::message::MessageWriter;
use bevy::ecs::prelude::{Local, Res, ResMut};
use bevy::ecs::resource::Resource;
use bevy::time::{Real, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::focus::FocusPoints;
use crate::generator::{ChunkGenerator, ChunkRequest};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::need::Need;
use crate::logic::plan::{Release, releases};
use crate::logic::retry::{AfterFailure, after_failure};
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::messages::{ChunkFailed, ChunkUnloaded};
use crate::metrics::StreamingMetrics;
use crate::scan::rings;
use crate::settings::StreamingSettings;
use crate::state::{Chunks, Trace, WorldSide};
use crate::workers::{CancelReason, Cancelled, Finished, NewRequest, Outcome, Shared, grow_to};

/// Everything between a request and its place in the world: the shared queue that workers pull from,
/// and the finished results that wait to be applied.
#[derive(Resource)]
pub struct AsyncChunkQueue {
    shared: Arc<Shared>,
    generator: Arc<dyn ChunkGenerator>,
    results: VecDeque<Finished>,
}

impl AsyncChunkQueue {
    pub(crate) fn new(shared: Shared, generator: Arc<dyn ChunkGenerator>) -> Self {
        Self {
            shared: Arc::new(shared),
            generator,
            results: VecDeque::new(),
        }
    }

    /// Requests that a worker is busy with at this instant.
    pub fn active_tasks(&self) -> usize {
        self.shared.snapshot().running as usize
    }

    /// Finished results that were collected and wait to be applied.
    pub fn completed_results(&self) -> usize {
        self.results.len()
    }

    /// Bytes of all finished results that wait, collected or not.
    pub fn completed_bytes(&self) -> u64 {
        self.shared.snapshot().held_bytes
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn holds_result(&self, id: GenerationId) -> bool {
        self.results
            .iter()
            .any(|finished| finished.generation_id == id)
    }

    /// Takes the most needed result.
    pub(crate) fn pop_most_needed(
        &mut self,
        need_of: impl Fn(ChunkCoord) -> Need,
    ) -> Option<Finished> {
        let best = (0..self.results.len()).min_by_key(|at| need_of(self.results[*at].coord))?;
        self.results.remove(best)
    }

    /// Ends a request as far as it can be ended, and counts it if it has ended.
    pub(crate) fn end_request(
        &self,
        coord: ChunkCoord,
        id: GenerationId,
        reason: CancelReason,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
    ) {
        match self.shared.cancel(id, reason) {
            Cancelled::AtOnce => {
                trace.push(TraceEvent::Cancelled { coord, id });
                count_cancelled(metrics, reason);
            }
            Cancelled::WhenTheWorkerSees | Cancelled::TooLate => {
                trace.push(TraceEvent::Cancelled { coord, id });
            }
        }
    }

    /// Discards a result that nobody waits for.
    fn discard(
        &self,
        finished: &Finished,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
        state: Option<ChunkState>,
    ) {
        let counters = &mut metrics.counters;
        counters.stale_discarded += 1;
        counters.wasted_worker_ms += finished.worker_ms();
        match state {
            None => counters.stale_by_reason.gone += 1,
            Some(ChunkState::Requested(_)) => counters.stale_by_reason.old_ticket += 1,
            Some(_) => counters.stale_by_reason.wrong_state += 1,
        }
        trace.push(TraceEvent::Stale {
            coord: finished.coord,
            id: finished.generation_id,
        });
        self.shared.release_bytes(finished.outcome.bytes());
    }

    /// Discards collected results whose chunk no longer waits for them.
    fn discard_unwanted(
        &mut self,
        chunks: &Chunks,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
    ) {
        let results = std::mem::take(&mut self.results);
        for finished in results {
            let state = chunks.table.state(finished.coord);
            if state == Some(ChunkState::Requested(finished.generation_id)) {
                self.results.push_back(finished);
            } else {
                self.discard(&finished, trace, metrics, state);
            }
        }
    }

    /// Discards every collected result: the world is made anew.
    pub(crate) fn discard_all_results(
        &mut self,
        trace: &mut Trace,
        metrics: &mut StreamingMetrics,
    ) {
        for finished in std::mem::take(&mut self.results) {
            self.discard(&finished, trace, metrics, None);
        }
    }
}

impl Drop for AsyncChunkQueue {
    fn drop(&mut self) {
        self.shared.shut_down();
    }
}

fn count_cancelled(metrics: &mut StreamingMetrics, reason: CancelReason) {
    metrics.counters.cancelled += 1;
    match reason {
        CancelReason::Unwanted => metrics.counters.cancelled_by_reason.unwanted += 1,
        CancelReason::Regenerated => metrics.counters.cancelled_by_reason.regenerated += 1,
    }
}

/// The stage: collect, let go, request, look for the lost.
pub(crate) fn gen_queue_stage(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    points: Res<FocusPoints>,
    mut queue: ResMut<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut side: ResMut<WorldSide>,
    mut trace: ResMut<Trace>,
    mut metrics: ResMut<StreamingMetrics>,
    mut failed: MessageWriter<ChunkFailed>,
    mut unloaded: MessageWriter<ChunkUnloaded>,
    mut watched: Local<Option<ChunkCoord>>,
) {
    let _span =
        tracing::info_span!(target: "ringroad_streaming", "StreamingSet::GenQueue").entered();
    let began = Instant::now();
    let now = time.elapsed();
    let queue = &mut *queue;
    collect(
        queue,
        &mut chunks,
        &mut side,
        &mut trace,
        &mut metrics,
        &mut failed,
        &settings,
        now,
    );
    let linger = Duration::from_secs_f64(settings.linger_secs);
    let leaving = releases(&chunks.table, &points.live, rings(&settings), linger, now);
    let any = !leaving.is_empty();
    for (coord, release) in leaving {
        let_go(
            coord,
            release,
            queue,
            &mut chunks,
            &mut side,
            &mut trace,
            &mut metrics,
            &mut unloaded,
        );
    }
    if any {
        queue.discard_unwanted(&chunks, &mut trace, &mut metrics);
    }
    request(
        queue,
        &mut chunks,
        &mut trace,
        &mut metrics,
        &settings,
        &points,
        now,
    );
    watch(
        queue,
        &mut chunks,
        &side,
        &mut trace,
        &mut metrics,
        &mut watched,
    );
    metrics.frame.queue_ms = began.elapsed().as_secs_f64() * 1e3;
}

/// Takes what the workers finished. Failures end here, stale results cost no budget (law 7).
fn collect(
    queue: &mut AsyncChunkQueue,
    chunks: &mut Chunks,
    side: &mut WorldSide,
    trace: &mut Trace,
    metrics: &mut StreamingMetrics,
    failed: &mut MessageWriter<ChunkFailed>,
    settings: &StreamingSettings,
    now: Duration,
) {
    let (finished, starts) = queue.shared.take_news();
    metrics.counters.started += starts.len() as u64;
    for start in starts {
        trace.push(TraceEvent::Started {
            coord: start.coord,
            best_left: start.best_left,
        });
    }
    for finished in finished {
        metrics.counters.completed += 1;
        let (coord, id) = (finished.coord, finished.generation_id);
        let state = chunks.table.state(coord);
        let is_awaited = state == Some(ChunkState::Requested(id));
        match &finished.outcome {
            Outcome::Made(_) if is_awaited => {
                trace.push(TraceEvent::Accepted { id });
                queue.results.push_back(finished);
            }
            Outcome::Made(_) => queue.discard(&finished, trace, metrics, state),
            Outcome::Cancelled => {
                metrics.counters.wasted_worker_ms += finished.worker_ms();
                trace.push(TraceEvent::Cancelled { coord, id });
                count_cancelled(
                    metrics,
                    finished.cancel_reason.unwrap_or(CancelReason::Unwanted),
                );
                if is_awaited {
                    // Nobody asked for this, so the chunk is asked for again.
                    chunks.table.set_state(coord, ChunkState::Missing);
                }
            }
            Outcome::Failed { reason, panicked } => {
                metrics.counters.failed += 1;
                metrics.counters.panicked += u64::from(*panicked);
                let next = after_failure(
                    finished.attempt,
                    settings.retry_limit,
                    settings.retry_backoff_secs,
                    now,
                );
                let quarantined = next == AfterFailure::Quarantine;
                trace.push(TraceEvent::Failed {
                    coord,
                    id,
                    attempt: finished.attempt,
                    panicked: *panicked,
                    quarantined,
                });
                if !is_awaited {
                    continue;
                }
                tracing::warn!(
                    "chunk {coord} failed on attempt {}: {reason}",
                    finished.attempt
                );
                chunks.table.update(coord, |record| {
                    record.attempt = finished.attempt + 1;
                    record.reason = Some(reason.clone());
                    record.state = match next {
                        AfterFailure::RetryAt(at) => ChunkState::Backoff(at),
                        AfterFailure::Quarantine => ChunkState::Quarantined,
                    };
                });
                if quarantined {
                    metrics.counters.quarantined += 1;
                    side.placeholders_due.insert(coord);
                }
                failed.write(ChunkFailed {
                    coord,
                    generation_id: id,
                    attempt: finished.attempt,
                    reason: reason.clone(),
                    panicked: *panicked,
                    quarantined,
                });
            }
        }
    }
}

fn let_go(
    coord: ChunkCoord,
    release: Release,
    queue: &AsyncChunkQueue,
    chunks: &mut Chunks,
    side: &mut WorldSide,
    trace: &mut Trace,
    metrics: &mut StreamingMetrics,
    unloaded: &mut MessageWriter<ChunkUnloaded>,
) {
    chunks.late.remove(&coord);
    trace.push(TraceEvent::Forgotten { coord });
    match release {
        Release::Forget => {
            chunks.table.remove(coord);
        }
        Release::Cancel(id) => {
            if queue.holds_result(id) {
                // It is collected already: found stale when the table no longer knows it.
                chunks.table.remove(coord);
                return;
            }
            chunks.table.remove(coord);
            queue.end_request(coord, id, CancelReason::Unwanted, trace, metrics);
        }
        Release::Retire => {
            match chunks.table.state(coord) {
                Some(ChunkState::Applying(id)) => {
                    metrics.counters.stale_discarded += 1;
                    metrics.counters.stale_by_reason.wrong_state += 1;
                    trace.push(TraceEvent::Stale { coord, id });
                    queue.shared.release_bytes(side.take_applying());
                }
                Some(ChunkState::Loaded) => {
                    metrics.counters.unloaded += 1;
                    metrics.frame.unloaded_now += 1;
                    trace.push(TraceEvent::Unloaded { coord });
                    unloaded.write(ChunkUnloaded { coord });
                }
                _ => {}
            }
            chunks.table.set_state(coord, ChunkState::Retiring);
            side.retire(coord, Some(chunks.epoch));
        }
    }
}

fn request(
    queue: &mut AsyncChunkQueue,
    chunks: &mut Chunks,
    trace: &mut Trace,
    metrics: &mut StreamingMetrics,
    settings: &StreamingSettings,
    points: &FocusPoints,
    now: Duration,
) {
    let limit = settings.max_concurrent_tasks as usize;
    let mut new = Vec::new();
    for coord in chunks.table.to_request(now) {
        let generation_id = GenerationId::draw();
        let attempt = chunks.table.update(coord, |record| {
            record.state = ChunkState::Requested(generation_id);
            record.attempt
        });
        let Some(attempt) = attempt else { continue };
        metrics.counters.requested += 1;
        metrics.counters.retried += u64::from(attempt > 0);
        trace.push(TraceEvent::Requested {
            coord,
            id: generation_id,
            attempt,
        });
        new.push(NewRequest {
            request: ChunkRequest {
                coord,
                detail: DetailLevel::FULL,
                seed: settings.seed,
                chunk_size_m: settings.chunk_size_m,
                generation_id,
                attempt,
            },
            need: Need::of(coord, &points.planned, settings.chunk_size_m),
        });
    }
    queue.shared.push(new);
    let threads = queue.shared.set_limits(limit, settings.completed_bytes_cap);
    grow_to(&queue.shared, &queue.generator, threads);
    queue.shared.wake();
}

/// How many cells the watchdog looks at in a frame.
const WATCHED_PER_FRAME: usize = 32;

/// The watchdog of law 4: a chunk whose request is nowhere is reported and asked for again.
fn watch(
    queue: &AsyncChunkQueue,
    chunks: &mut Chunks,
    side: &WorldSide,
    trace: &mut Trace,
    metrics: &mut StreamingMetrics,
    cursor: &mut Option<ChunkCoord>,
) {
    let cells = chunks.table.some_after(*cursor, WATCHED_PER_FRAME);
    *cursor = cells.last().copied();
    for coord in cells {
        let Some(id) = chunks.table.state(coord).and_then(ChunkState::live_ticket) else {
            continue;
        };
        let is_applying = side
            .applying
            .as_ref()
            .is_some_and(|applying| applying.generation_id == id);
        if is_applying || queue.holds_result(id) || queue.shared.holds(id) {
            continue;
        }
        tracing::error!(
            "chunk {coord} waits for request {id}, which is nowhere; it is requested again"
        );
        trace.push(TraceEvent::Lost { coord, id });
        // The lost request has ended without a result, so the ledger can balance again.
        metrics.counters.failed += 1;
        metrics.counters.requeued_by_watchdog += 1;
        chunks.table.set_state(coord, ChunkState::Missing);
    }
}
