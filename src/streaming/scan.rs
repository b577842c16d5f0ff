//! Stage 1: which chunks should exist. Reads the foci, plans, and marks the table.

use bevy::ecs::message::{MessageReader, MessageWriter};
use bevy::ecs::prelude::{Local, Query, Res, ResMut, With};
use bevy::math::DVec2;
use bevy::time::{Real, Time};
use bevy::transform::components::GlobalTransform;
use std::time::{Duration, Instant};

use crate::focus::{FocusPoints, StreamingFocus};
use crate::logic::coord::ground_point;
use crate::logic::laws::TraceEvent;
use crate::logic::need::Need;
use crate::logic::plan::{PlanMemory, Rings, replan};
use crate::logic::table::{ChunkState, Deadline};
use crate::messages::{ChunkUnloaded, StreamingRequest};
use crate::metrics::{FrameFacts, StreamingMetrics};
use crate::queue::AsyncChunkQueue;
use crate::settings::{SettingChanged, StreamingSettings};
use crate::state::{Chunks, Trace, WorldSide};
use crate::workers::CancelReason;

/// What the scan remembers between frames.
#[derive(Default)]
pub(crate) struct ScanMemory {
    plan: PlanMemory,
    next_at: Duration,
    jumped: bool,
    warned_of_nan: bool,
}

pub(crate) fn rings(settings: &StreamingSettings) -> Rings {
    Rings {
        must_have_m: settings.must_have_radius_m,
        load_m: settings.load_radius_m,
        unload_m: settings.unload_radius_m,
        chunk_size_m: settings.chunk_size_m,
    }
}

/// The stage. Costs nothing but a look at the foci while they stand still.
pub(crate) fn scan_stage(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    foci: Query<&GlobalTransform, With<StreamingFocus>>,
    queue: Res<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut points: ResMut<FocusPoints>,
    mut metrics: ResMut<StreamingMetrics>,
    mut memory: Local<ScanMemory>,
) {
    let _span = tracing::info_span!(target: "ringroad_streaming", "StreamingSet::Scan").entered();
    metrics.frame = FrameFacts::default();
    let began = Instant::now();
    let now = time.elapsed();
    if chunks.was_regenerated {
        chunks.was_regenerated = false;
        memory.plan.forget();
    }
    // An interval that was shortened counts from now, not from when the long one was to end.
    let interval = Duration::from_secs_f64(settings.scan_interval_secs);
    memory.next_at = memory.next_at.min(now + interval);
    let is_time = now >= memory.next_at;
    if is_time {
        memory.next_at = now + interval;
    }
    let seen = finite_points(foci.iter(), &mut memory.warned_of_nan);
    let rings = rings(&settings);
    let FocusPoints {
        planned,
        planned_before,
        ..
    } = &mut *points;
    planned_before.clone_from(planned);
    if !seen.is_empty() {
        if memory.plan.has_jumped(&seen, time.delta()) {
            memory.jumped = true;
            chunks.view_was_complete = false;
        }
        if memory.plan.is_due(&seen, rings, is_time) {
            let jumped = std::mem::take(&mut memory.jumped);
            if jumped {
                // Again, now that the plan is of the new place: the old one may have looked complete.
                chunks.view_was_complete = false;
            }
            replan(&mut chunks.table, &seen, rings, jumped, now);
            queue
                .shared()
                .rescore(|coord| Need::of(coord, &seen, rings.chunk_size_m));
            count_late(&mut chunks, &mut metrics);
            points.planned.clone_from(&seen);
            metrics.frame.scan_ms = began.elapsed().as_secs_f64() * 1e3;
        }
    }
    points.live = seen;
}

fn finite_points<'a>(
    foci: impl Iterator<Item = &'a GlobalTransform>,
    warned: &mut bool,
) -> Vec<DVec2> {
    let (mut finite, mut lost) = (Vec::new(), false);
    for transform in foci {
        let place = transform.translation();
        if place.is_finite() {
            finite.push(ground_point(place));
        } else {
            lost = true;
        }
    }
    if lost && !*warned {
        tracing::warn!(
            "a StreamingFocus is at a place that is not finite; it is ignored until it is"
        );
    }
    *warned = lost;
    finite
}

/// Counts the chunks that have just entered the must-have radius unloaded.
fn count_late(chunks: &mut Chunks, metrics: &mut StreamingMetrics) {
    let missed: Vec<_> = chunks
        .table
        .iter()
        .filter(|(_, record)| matches!(record.deadline, Deadline::MissedAt(_)))
        .map(|(coord, _)| coord)
        .collect();
    for coord in missed {
        if chunks.late.insert(coord) {
            metrics.late.must_have += 1;
        }
    }
}

/// Before the scan: drops the whole world when its size or seed has changed, or when asked to.
pub(crate) fn regenerate_when_asked(
    mut changed: MessageReader<SettingChanged>,
    mut requests: MessageReader<StreamingRequest>,
    queue: ResMut<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut side: ResMut<WorldSide>,
    mut trace: ResMut<Trace>,
    mut metrics: ResMut<StreamingMetrics>,
    mut unloaded: MessageWriter<ChunkUnloaded>,
) {
    let by_setting = changed
        .read()
        .filter(|c| matches!(c.field, "chunk_size_m" | "seed"))
        .count()
        > 0;
    let mut retry = false;
    let mut all = by_setting;
    for request in requests.read() {
        match request {
            StreamingRequest::RetryQuarantined => retry = true,
            StreamingRequest::RegenerateAll => all = true,
        }
    }
    if all {
        regenerate(
            queue.into_inner(),
            &mut chunks,
            &mut side,
            &mut trace,
            &mut metrics,
            &mut unloaded,
        );
    } else if retry {
        retry_quarantined(&mut chunks, &mut side, &mut trace);
    }
}

fn regenerate(
    queue: &mut AsyncChunkQueue,
    chunks: &mut Chunks,
    side: &mut WorldSide,
    trace: &mut Trace,
    metrics: &mut StreamingMetrics,
    unloaded: &mut MessageWriter<ChunkUnloaded>,
) {
    for (coord, record) in chunks.table.iter() {
        match record.state {
            ChunkState::Requested(id) => {
                queue.end_request(coord, id, CancelReason::Regenerated, trace, metrics);
            }
            ChunkState::Applying(id) => {
                metrics.counters.stale_discarded += 1;
                metrics.counters.stale_by_reason.gone += 1;
                trace.push(TraceEvent::Stale { coord, id });
                queue.shared().release_bytes(side.take_applying());
            }
            ChunkState::Loaded => {
                metrics.counters.unloaded += 1;
                unloaded.write(ChunkUnloaded { coord });
            }
            ChunkState::Missing
            | ChunkState::Backoff(_)
            | ChunkState::Retiring
            | ChunkState::Quarantined => {}
        }
    }
    queue.discard_all_results(trace, metrics);
    side.retire_everything();
    chunks.restart();
    trace.push(TraceEvent::Regenerated);
}

fn retry_quarantined(chunks: &mut Chunks, side: &mut WorldSide, trace: &mut Trace) {
    let given_up: Vec<_> = chunks
        .table
        .iter()
        .filter(|(_, record)| record.state == ChunkState::Quarantined)
        .map(|(coord, _)| coord)
        .collect();
    for coord in given_up {
        chunks.table.update(coord, |record| {
            record.attempt = 0;
            record.state = ChunkState::Missing;
        });
        side.retire_placeholder(coord);
        trace.push(TraceEvent::Forgotten { coord });
    }
}
