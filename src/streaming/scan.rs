//! Stage 1: which chunks should exist, at which level. Reads the foci, plans what has changed, and marks
//! the table.

use bevy::ecs::entity::Entity;
use bevy::ecs::message::{MessageReader, MessageWriter};
use bevy::ecs::prelude::{Local, Query, Res, ResMut, With};
use bevy::math::{DVec2, Vec3Swizzles};
use bevy::time::{Real, Time};
use bevy::transform::components::GlobalTransform;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::focus::{FocusPoints, FocusPurpose, Scored, StreamingFocus};
use crate::instruments::StreamingInstruments;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::motion::Motion;
use crate::logic::need::Scale;
use crate::logic::rings::{Focus, FocusName, Purpose, Rings};
use crate::logic::table::{ChunkRecord, ChunkState};
use crate::messages::{ChunkUnloaded, StreamingRequest};
use crate::metrics::{FrameFacts, StreamingMetrics};
use crate::origin::WorldOrigin;
use crate::preload::{Preload, Preloads};
use crate::queue::AsyncChunkQueue;
use crate::settings::{NeedWeights, SettingChanged, StreamingSettings};
use crate::state::{Chunks, Trace, VersionSearch, WorldSide};
use crate::workers::{CancelReason, Cancelled};

/// What the scan remembers between frames.
#[derive(Default)]
pub(crate) struct ScanMemory {
    motions: BTreeMap<Entity, Motion>,
    next_at: Duration,
    /// The weights by which waiting work is scored.
    weights: Option<NeedWeights>,
    warned: bool,
}

/// The radii that the settings ask for, as far as memory reaches.
pub(crate) fn rings(settings: &StreamingSettings, reach_m: f64) -> Rings {
    Rings {
        must_have_m: settings.must_have_radius_m,
        load_m: settings.load_radius_m,
        unload_m: settings.unload_radius_m,
        view_m: settings.view_radius_m,
        detail_m: settings.detail_rings_m.0.clone(),
        reach_m,
        chunk_size_m: settings.chunk_size_m,
    }
}

type FocusQuery<'w, 's> =
    Query<'w, 's, (Entity, &'static GlobalTransform, &'static FocusPurpose), With<StreamingFocus>>;

/// The stage. While the foci stand still it costs a look at them; while they move, what they move past.
pub(crate) fn scan_stage(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    foci: FocusQuery,
    origin: Res<WorldOrigin>,
    queue: Res<AsyncChunkQueue>,
    mut preloads: ResMut<Preloads>,
    mut chunks: ResMut<Chunks>,
    mut points: ResMut<FocusPoints>,
    mut metrics: ResMut<StreamingMetrics>,
    mut memory: Local<ScanMemory>,
) {
    let _span = tracing::info_span!(target: "ringroad_streaming", "StreamingSet::Scan").entered();
    metrics.frame = FrameFacts::default();
    let began = Instant::now();
    let now = time.elapsed();
    // An interval that was shortened counts from now, not from when the long one was to end.
    let interval = Duration::from_secs_f64(settings.scan_interval_secs);
    memory.next_at = memory.next_at.min(now + interval);
    let is_time = now >= memory.next_at;
    if is_time {
        memory.next_at = now + interval;
    }
    let chunks = &mut *chunks;
    chunks.frames += 1;
    let rings = rings(&settings, chunks.governor.reach_m());
    preloads.enter_world(settings.chunk_size_m, chunks.epoch);
    let mut seen = places_of(&foci, &origin, &settings, &rings, &mut memory, time.delta());
    let has_focus = !seen.is_empty();
    if !has_focus {
        // The last ones go on to say what is needed; only that nothing is let go (law 11).
        let is_order = |focus: &Focus| matches!(focus.purpose, Purpose::Order(_));
        seen.extend(points.live.iter().filter(|focus| !is_order(focus)));
    }
    seen.extend(preloads.orders().map(Preload::as_focus));
    // A loading screen asks for a place before anybody is there.
    let has_need = has_focus || preloads.len() > 0;
    let [newest, before] = &mut points.scored;
    if newest != before {
        before.clone_from(newest);
    }
    points.was_planned = false;
    if has_need {
        let jumped = chunks.plan.has_jumped(&seen, time.delta());
        if jumped {
            chunks.view_was_complete = false;
        }
        let is_due = chunks.plan.is_due(&seen, &rings, is_time || jumped);
        let is_weighed_anew = memory.weights != Some(settings.need_weights);
        if is_due || is_weighed_anew || chunks.plan.is_outrun(&chunks.table, &seen, &rings) {
            chunks.plan.replan(&mut chunks.table, &seen, &rings, now);
            let scale = Scale {
                foci: &seen,
                rings: &rings,
                weights: &settings.need_weights,
            };
            queue.shared().rescore(|claim| scale.need(claim));
            memory.weights = Some(settings.need_weights);
            points.scored[0] = Scored {
                foci: seen.clone(),
                rings: Some(rings.clone()),
                weights: settings.need_weights,
            };
            points.was_planned = true;
        }
        let holes_before = chunks.table.tally().holes;
        let judgement = chunks
            .plan
            .judge(&mut chunks.table, &seen, &rings, jumped, now);
        metrics.late.must_have += judgement.late.len() as u64;
        if judgement.excused && chunks.table.tally().holes > holes_before {
            // A view that is new or wider is not complete before it was once.
            chunks.view_was_complete = false;
        }
    }
    look_after_preloads(&mut preloads, chunks, now);
    points.has_focus = has_focus;
    points.rings = Some(rings);
    // Where nobody needs anything, what waits keeps the order in which it was needed last.
    if has_need {
        points.live = seen;
    }
    metrics.frame.scan_ms = began.elapsed().as_secs_f64() * 1e3;
}

/// Farther than this many cells from the middle of the world there are no cells.
const FARTHEST_CELL: f64 = 1e9;

/// Where the foci are and go. One that is nowhere is ignored until it is somewhere.
fn places_of(
    foci: &FocusQuery,
    origin: &WorldOrigin,
    settings: &StreamingSettings,
    rings: &Rings,
    memory: &mut ScanMemory,
    dt: Duration,
) -> Vec<Focus> {
    let (mut seen, mut is_lost) = (Vec::new(), false);
    let mut motions = std::mem::take(&mut memory.motions);
    let mut by_entity: Vec<_> = foci.iter().collect();
    by_entity.sort_by_key(|(entity, ..)| *entity);
    for (entity, transform, purpose) in by_entity {
        let place = origin.to_world(transform.translation());
        let at = DVec2::new(place.x, place.z);
        if !at.is_finite() || at.abs().max_element() >= FARTHEST_CELL * settings.chunk_size_m {
            is_lost = true;
            continue;
        }
        let mut motion = motions.remove(&entity).unwrap_or_default();
        motion.follow(at, dt.as_secs_f64());
        let facing = transform.forward().as_vec3().xz().as_dvec2();
        seen.push(Focus {
            name: FocusName::Entity(entity.to_bits()),
            at,
            ahead: motion.ahead(settings.look_ahead_secs, 2.0 * rings.load_m),
            heading: motion.heading(),
            speed_mps: motion.speed_mps(),
            facing: facing.normalize_or_zero(),
            purpose: match purpose {
                FocusPurpose::See => Purpose::See,
                FocusPurpose::Collide => Purpose::Collide,
                FocusPurpose::Preload => Purpose::Preload,
            },
        });
        memory.motions.insert(entity, motion);
    }
    if is_lost && !memory.warned {
        tracing::warn!(
            "a StreamingFocus is at a place that is not finite or beyond {FARTHEST_CELL:e} chunks; it is ignored until it is not"
        );
    }
    memory.warned = is_lost;
    seen
}

/// Tells each preload how many of its chunks are missing.
fn look_after_preloads(preloads: &mut Preloads, chunks: &mut Chunks, now: Duration) {
    let turned = chunks.table.take_turned_ready();
    let table = &chunks.table;
    preloads.look(now, &turned, |disc| {
        let (mut missing, mut total) = (0, 0);
        for coord in disc.cells() {
            total += 1;
            let is_there = table.get(coord).is_some_and(ChunkRecord::is_ready);
            missing += u32::from(!is_there);
        }
        (missing, total)
    });
}

/// Before the scan: drops the whole world when its size or seed has changed, or when asked to.
pub(crate) fn regenerate_when_asked(
    time: Res<Time<Real>>,
    mut changed: MessageReader<SettingChanged>,
    mut requests: MessageReader<StreamingRequest>,
    instruments: Res<StreamingInstruments>,
    queue: ResMut<AsyncChunkQueue>,
    mut chunks: ResMut<Chunks>,
    mut side: ResMut<WorldSide>,
    mut trace: ResMut<Trace>,
    mut metrics: ResMut<StreamingMetrics>,
    mut unloaded: MessageWriter<ChunkUnloaded>,
) {
    trace.lives.begin_frame(instruments.0, time.elapsed());
    let by_setting = changed
        .read()
        .filter(|c| matches!(c.field, "chunk_size_m" | "seed"))
        .count()
        > 0;
    let (mut retry, mut retry_all) = (Vec::new(), false);
    let mut all = by_setting;
    for request in requests.read() {
        match request {
            StreamingRequest::RetryQuarantined => retry_all = true,
            StreamingRequest::RetryChunk(coord) => retry.push(*coord),
            StreamingRequest::GeneratorChanged => {
                chunks.version_search = Some(VersionSearch::default());
            }
            StreamingRequest::MakeAnew(coord) => {
                chunks.table.update(*coord, |record| {
                    record.is_outdated = record.shown.is_some();
                    // What is on its way may have been made before what changed.
                    record.is_outdated_on_arrival = record.state.open_ticket().is_some();
                });
                chunks.table.settle(*coord, time.elapsed());
            }
            StreamingRequest::RegenerateAll => all = true,
            // Another system looks after it.
            StreamingRequest::SweepOrphans => {}
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
        return;
    }
    if retry_all {
        retry.extend(
            chunks
                .table
                .iter()
                .filter(|(_, record)| record.state == ChunkState::Quarantined)
                .map(|(coord, _)| coord),
        );
    }
    for coord in retry {
        retry_chunk(coord, &mut chunks, &mut side, &mut trace, time.elapsed());
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
    // What a worker is still busy with is waited for: a chunk has one live request (law 3).
    let mut stopping = Vec::new();
    for (coord, record) in chunks.table.iter() {
        match record.state {
            ChunkState::Requested { id, .. } if queue.holds_result(id) => {}
            ChunkState::Requested { id, .. } => {
                let reason = CancelReason::Regenerated;
                let told = queue.end_request(coord, id, reason, trace, metrics);
                if told != Cancelled::AtOnce {
                    stopping.push((coord, id));
                }
            }
            ChunkState::Stopping(id) => stopping.push((coord, id)),
            ChunkState::Applying(id) => {
                metrics.counters.stale_discarded += 1;
                metrics.counters.stale_by_reason.gone += 1;
                trace.push(TraceEvent::Stale { coord, id });
                side.stop_applying(queue.shared());
            }
            ChunkState::Idle
            | ChunkState::Missing
            | ChunkState::Backoff(_)
            | ChunkState::Retiring
            | ChunkState::Quarantined => {}
        }
        if record.shown.is_some() {
            metrics.counters.unloaded += 1;
        }
        if record.shown.is_some() || record.is_collidable {
            unloaded.write(ChunkUnloaded { coord });
        }
    }
    queue.discard_all_results(trace, metrics);
    side.retire_everything();
    chunks.restart();
    for (coord, id) in stopping {
        chunks.table.insert_stopping(coord, id);
    }
    trace.push(TraceEvent::Regenerated);
}

fn retry_chunk(
    coord: ChunkCoord,
    chunks: &mut Chunks,
    side: &mut WorldSide,
    trace: &mut Trace,
    now: Duration,
) {
    if chunks.table.state(coord) != Some(ChunkState::Quarantined) {
        return;
    }
    chunks.table.update(coord, |record| {
        record.attempt = 0;
        record.wanted_since = now;
        record.state = ChunkState::Idle;
    });
    chunks.table.settle(coord, now);
    side.retire_placeholder(coord);
    trace.push(TraceEvent::Forgotten { coord });
}
