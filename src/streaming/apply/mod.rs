//! Stage 3: spawn finished chunks in slices and take unwanted ones away, both from one millisecond pot.
//!
//! ```text
//!  completed_results ── most needed ──► Applying ── slices (spawn) ──► landed: ChunkLoaded
//!                                                                        one pot, one byte gate
//!  let go by GenQueue ────────────────► leaving ─── slices (retire) ──► gone
//! ```

mod refuse;
mod retire;
mod room;
mod sabotage;
mod spawn;

pub(crate) use room::{Room, spawn_with_room};

use bevy::camera::visibility::Visibility;
use bevy::ecs::message::Messages;
use bevy::ecs::world::World;
use bevy::mesh::Mesh;
use bevy::time::{Real, Time};
use std::time::{Duration, Instant};

use crate::clock::WorkClock;
use crate::content::{ChunkInstances, ChunkPayload};
use crate::focus::FocusPoints;
use crate::logic::budget::{Pot, UploadGate};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::need::{Need, Scale};
use crate::logic::table::{ChunkState, Deadline};
use crate::logic::ticket::GenerationId;
use crate::messages::{ChunkCollidable, ChunkLoaded, ChunkTimes};
use crate::metrics::{StoppedBy, StreamingMetrics};
use crate::origin::WorldOrigin;
use crate::palette::ChunkPalette;
use crate::placeholder;
use crate::queue::AsyncChunkQueue;
use crate::settings::{NeedWeights, StreamingSettings};
use crate::state::{Applying, Chunks, Spawned, Trace, WorldSide};
use crate::workers::{Finished, Outcome};

/// Entities in one slice: small enough that the pot is never overrun by much.
const SLICE_ENTITIES: usize = 64;

/// A level swap of more entities than this begins only early in a pot: it cannot be split, or the chunk would
/// be seen twice or in part.
const LARGE_SWAP_ENTITIES: usize = 1_024;

/// One frame of applying and unloading.
struct Frame {
    pot: Pot,
    gate: UploadGate,
    max_landed: u64,
    landed: u64,
    apply_ms: f64,
    unload_ms: f64,
    clock: WorkClock,
    now: Duration,
    chunk_size_m: f64,
    /// Chunks that are wanted at once.
    wanted: u64,
    weights: NeedWeights,
    points: FocusPoints,
    /// Vertices of chunks that left, to be freed on a thread.
    remains: Vec<Mesh>,
}

impl Frame {
    /// Charges a slice at its true or its stated cost, and says what it truly took.
    fn charge(&mut self, began: Instant, entities: u64, bytes: u64) -> f64 {
        let true_ms = began.elapsed().as_secs_f64() * 1e3;
        self.pot.charge(match &self.clock {
            WorkClock::Real => true_ms,
            WorkClock::Virtual(costs) => costs.slice_ms(entities, bytes),
        });
        true_ms
    }

    /// Charges what is done beside slices to the last one: choosing a result, landing a chunk.
    fn extend(&mut self, began: Instant) {
        let true_ms = began.elapsed().as_secs_f64() * 1e3;
        if self.clock == WorkClock::Real {
            self.pot.extend(true_ms);
        }
        self.apply_ms += true_ms;
    }

    /// Charges a landing in which so many entities changed places.
    fn charge_swap(&mut self, began: Instant, swapped: u64) {
        let true_ms = began.elapsed().as_secs_f64() * 1e3;
        self.pot.charge(match &self.clock {
            WorkClock::Real => true_ms,
            WorkClock::Virtual(costs) => costs.shown_ms(swapped),
        });
        self.apply_ms += true_ms;
    }
}

/// The stage. The only exclusive system of streaming; without work it looks and returns (law 14).
pub(crate) fn gen_apply_stage(world: &mut World) {
    let _span =
        tracing::info_span!(target: "ringroad_streaming", "StreamingSet::GenApply").entered();
    if !has_work(world) {
        return;
    }
    let mut side = std::mem::take(&mut *world.resource_mut::<WorldSide>());
    let mut chunks = std::mem::take(&mut *world.resource_mut::<Chunks>());
    let settings = world.resource::<StreamingSettings>();
    let mut frame = Frame {
        pot: Pot::new(settings.apply_budget_ms),
        gate: UploadGate::new(settings.upload_bytes_per_frame),
        max_landed: u64::from(settings.max_completed_per_frame),
        landed: 0,
        apply_ms: 0.0,
        unload_ms: 0.0,
        clock: world.resource::<AsyncChunkQueue>().shared().clock().clone(),
        now: world.resource::<Time<Real>>().elapsed(),
        chunk_size_m: settings.chunk_size_m,
        wanted: chunks.table.tally().wanted,
        weights: settings.need_weights,
        points: std::mem::take(&mut *world.resource_mut::<FocusPoints>()),
        remains: Vec::new(),
    };
    // First, because it is cheap and says that something is wrong.
    mark_quarantined(world, &mut side, &mut frame);
    // Neither side starves: the one that goes first changes with every frame.
    let stopped_by = if side.frames.is_multiple_of(2) {
        let stopped_by = apply(world, &mut side, &mut chunks, &mut frame);
        retire::unload(world, &mut side, &mut chunks, &mut frame);
        stopped_by
    } else {
        retire::unload(world, &mut side, &mut chunks, &mut frame);
        apply(world, &mut side, &mut chunks, &mut frame)
    };
    side.frames += 1;
    write_facts(world, &frame, stopped_by);
    if !frame.remains.is_empty() {
        let queue = world.resource::<AsyncChunkQueue>();
        queue.shared().bury(std::mem::take(&mut frame.remains));
    }
    *world.resource_mut::<FocusPoints>() = frame.points;
    *world.resource_mut::<WorldSide>() = side;
    *world.resource_mut::<Chunks>() = chunks;
}

pub(crate) fn has_work(world: &World) -> bool {
    let side = world.resource::<WorldSide>();
    side.applying.is_some()
        || !side.leaving.is_empty()
        || !side.placeholders_due.is_empty()
        || side.sweep.is_some()
        || world.resource::<AsyncChunkQueue>().completed_results() > 0
}

fn write_facts(world: &mut World, frame: &Frame, stopped_by: StoppedBy) {
    let mut metrics = world.resource_mut::<StreamingMetrics>();
    let facts = &mut metrics.frame;
    facts.apply_ms = frame.apply_ms;
    facts.unload_ms = frame.unload_ms;
    facts.charged_ms = frame.pot.used_ms();
    facts.largest_slice_ms = frame.pot.largest_slice_ms();
    facts.applied_now = frame.landed;
    facts.uploaded_bytes = frame.gate.used_bytes();
    facts.uploaded_meshes = frame.gate.meshes();
    facts.slices = frame.pot.slices();
    facts.stopped_by = stopped_by;
    metrics.gauges_max.applied_in_frame = metrics.gauges_max.applied_in_frame.max(frame.landed);
}

fn apply(
    world: &mut World,
    side: &mut WorldSide,
    chunks: &mut Chunks,
    frame: &mut Frame,
) -> StoppedBy {
    loop {
        if frame.max_landed == 0 {
            return StoppedBy::Paused;
        }
        if frame.landed >= frame.max_landed && !sabotage::may_ignore_count(side) {
            return StoppedBy::Count;
        }
        if side.applying.is_none() {
            let is_any_left = world.resource::<AsyncChunkQueue>().completed_results() > 0;
            if is_any_left && !frame.pot.has_room() && !sabotage::may_ignore_time(side) {
                return StoppedBy::Time;
            }
            let began = Instant::now();
            match begin_next(world, side, chunks, frame) {
                Begun::Applying => frame.extend(began),
                Begun::Nothing => return StoppedBy::Empty,
                Begun::Refused => {
                    frame.apply_ms += frame.charge(began, 1, 0);
                    if !frame.pot.has_room() {
                        return StoppedBy::Time;
                    }
                    continue;
                }
            }
        }
        while let Some(applying) = &side.applying {
            if applying.is_done() {
                break;
            }
            if !frame.pot.has_room() && !sabotage::may_ignore_time(side) {
                return StoppedBy::Time;
            }
            if let Some(mesh) = applying.prepared.meshes.last()
                && !frame.gate.admits(mesh.bytes)
            {
                return StoppedBy::Bytes;
            }
            apply_slice(world, side, frame);
        }
        if !may_land(side, frame) && !sabotage::may_ignore_time(side) {
            return StoppedBy::Time;
        }
        land(world, side, chunks, frame);
    }
}

/// Whether the chunk whose slices are all in may land in this frame. Showing it in the place of another level
/// is a step of the pot like a slice, and so is landing without any slice; any other landing belongs to the
/// last slice.
fn may_land(side: &WorldSide, frame: &Frame) -> bool {
    match side.applying.as_ref() {
        Some(applying) => match side.swap_entities(applying.coord) {
            0 if applying.entities > 0 => true,
            swapped if swapped > LARGE_SWAP_ENTITIES => frame.pot.is_fresh(),
            _ => frame.pot.has_room(),
        },
        None => true,
    }
}

/// What came of the look for the next result.
enum Begun {
    /// It is being applied.
    Applying,
    /// It cannot be shown and was quarantined.
    Refused,
    /// None is left.
    Nothing,
}

/// Takes the most needed result and begins to apply it.
fn begin_next(
    world: &mut World,
    side: &mut WorldSide,
    chunks: &mut Chunks,
    frame: &Frame,
) -> Begun {
    loop {
        let Some(rings) = &frame.points.rings else {
            return Begun::Nothing;
        };
        let scale = Scale {
            foci: &frame.points.live,
            rings,
            weights: &frame.weights,
        };
        let table = &chunks.table;
        let mut queue = world.resource_mut::<AsyncChunkQueue>();
        let most_needed = queue.pop_most_needed(|finished| {
            let record = table.get(finished.coord);
            record.map_or(Need::LEAST, |record| {
                scale.need(&record.claim(finished.coord))
            })
        });
        let Some(finished) = most_needed else {
            return Begun::Nothing;
        };
        let workers_now = queue.shared().now();
        let Finished {
            coord,
            detail,
            generation_id,
            attempt,
            outcome,
            requested_at,
            started_at,
            finished_at,
            ..
        } = finished;
        let Outcome::Made(prepared) = outcome else {
            continue;
        };
        let state = chunks.table.state(coord);
        if !state.is_some_and(|state| state.awaits(generation_id)) {
            // Law 2: not its ticket. GenQueue discards these before; here is the last door.
            queue.shared().release_bytes(prepared.bytes);
            queue.shared().bury(prepared);
            let mut metrics = world.resource_mut::<StreamingMetrics>();
            metrics.counters.stale_discarded += 1;
            metrics.counters.stale_by_reason.old_ticket += 1;
            world.resource_mut::<Trace>().push(TraceEvent::Stale {
                coord,
                id: generation_id,
            });
            continue;
        }
        if let Some(key) = refuse::missing_key(
            world.resource::<ChunkPalette>(),
            &prepared.meshes,
            &prepared.instances,
        ) {
            refuse::quarantine_for_good(
                world,
                side,
                chunks,
                coord,
                generation_id,
                attempt,
                key,
                prepared.bytes,
            );
            world.resource::<AsyncChunkQueue>().shared().bury(prepared);
            return Begun::Refused;
        }
        chunks
            .table
            .set_state(coord, ChunkState::Applying(generation_id));
        world
            .resource_mut::<Trace>()
            .lives
            .apply_begins(coord, generation_id, detail);
        if detail == DetailLevel::FULL {
            announce_collidable(
                world,
                chunks,
                coord,
                generation_id,
                prepared.payload.clone(),
            );
        }
        side.room.begin_chunk();
        let ms = |from: Duration, to: Duration| to.saturating_sub(from).as_secs_f64() * 1e3;
        side.applying = Some(Applying {
            coord,
            detail,
            generation_id,
            is_hidden: side
                .spawned
                .get(&coord)
                .is_some_and(|spawned| !spawned.entities.is_empty()),
            entities: prepared.entities,
            bytes: prepared.bytes,
            spawned: Spawned {
                entities: Vec::with_capacity(prepared.entities as usize),
                ..Spawned::default()
            },
            prepared: *prepared,
            queue_wait_ms: ms(requested_at, started_at),
            generate_ms: ms(started_at, finished_at),
            ready_wait_ms: ms(finished_at, workers_now),
            requested_at,
            apply_ms: 0.0,
        });
        return Begun::Applying;
    }
}

impl Applying {
    fn is_done(&self) -> bool {
        self.prepared.meshes.is_empty() && self.prepared.instances.is_empty()
    }
}

/// One mesh, or up to [`SLICE_ENTITIES`] copies of a shared one.
fn apply_slice(world: &mut World, side: &mut WorldSide, frame: &mut Frame) {
    let Some(applying) = side.applying.as_mut() else {
        return;
    };
    let _zone = tracing::info_span!(target: "ringroad_streaming", "apply chunk").entered();
    let began = Instant::now();
    let origin = world
        .resource::<WorldOrigin>()
        .corner_in_scene(applying.coord, frame.chunk_size_m);
    let before = applying.spawned.entities.len();
    let room = &mut side.room;
    // Early in a pot there is time for it.
    let is_early = frame.pot.is_fresh();
    let rows_for = |world: &World, room: &Room, kind| {
        if is_early {
            room.rows_to_reserve(world, kind, frame.wanted)
        } else {
            0
        }
    };
    let mut bytes = 0;
    if let Some(mesh) = applying.prepared.meshes.pop() {
        bytes = mesh.bytes;
        let kind = (mesh.own.material, mesh.own.casts_shadow);
        let rows = rows_for(world, room, kind);
        spawn::spawn_mesh(world, applying, mesh, origin, rows);
        room.note(world, kind, &applying.spawned.entities[before..]);
        frame.gate.count(bytes);
    } else if let Some(group) = applying.prepared.instances.last_mut() {
        let from = group.offsets_in_chunk.len().saturating_sub(SLICE_ENTITIES);
        let offsets = group.offsets_in_chunk.split_off(from);
        let part = ChunkInstances {
            offsets_in_chunk: offsets,
            ..*group
        };
        if group.offsets_in_chunk.is_empty() {
            applying.prepared.instances.pop();
        }
        let kind = (part.material, part.casts_shadow);
        let rows = rows_for(world, room, kind);
        spawn::spawn_instances(world, applying, part, origin, rows);
        room.note(world, kind, &applying.spawned.entities[before..]);
    }
    let spawned = (applying.spawned.entities.len() - before) as u64;
    side.entities += spawned;
    let true_ms = frame.charge(began, spawned, bytes);
    frame.apply_ms += true_ms;
    if let Some(applying) = side.applying.as_mut() {
        applying.apply_ms += true_ms;
    }
}

/// The last slice is in: the chunk is loaded.
fn land(world: &mut World, side: &mut WorldSide, chunks: &mut Chunks, frame: &mut Frame) {
    let began = Instant::now();
    let swapped = match &side.applying {
        Some(applying) => side.swap_entities(applying.coord) as u64,
        None => 0,
    };
    let Some(applying) = side.applying.take() else {
        return;
    };
    let Applying {
        coord,
        detail,
        generation_id,
        prepared,
        entities,
        bytes,
        mut spawned,
        ..
    } = applying;
    spawned.bytes = bytes;
    frame.landed += 1;
    // The generator may have changed while this one was on its way.
    let version_now = world
        .resource::<AsyncChunkQueue>()
        .version_of(coord, detail);
    let landed = chunks.table.update(coord, |record| {
        let previous = record.shown.replace(detail);
        record.state = ChunkState::Idle;
        record.shown_version = record.version;
        record.is_outdated =
            record.version != version_now || std::mem::take(&mut record.is_outdated_on_arrival);
        record.is_collidable = detail == DetailLevel::FULL;
        record.attempt = 0;
        record.reason = None;
        let late_since = match record.deadline {
            Deadline::MissedAt(since) if record.is_here() => {
                record.deadline = Deadline::Met;
                Some(since)
            }
            _ => None,
        };
        if record.is_excess() {
            record.excess_since.get_or_insert(frame.now);
        } else {
            record.excess_since = None;
            record.has_lingered = false;
        }
        (previous, late_since, record.version)
    });
    let (previous, late_since, version) = landed.unwrap_or_default();
    chunks.table.settle(coord, frame.now);
    let (spawned_now, own_meshes) = (spawned.entities.len() as u64, spawned.own_meshes.len());
    let gone = side.replace(coord, spawned);
    if !gone.is_empty() {
        // Both versions change places in this very frame: neither a hole nor two at once.
        spawn::show(world, &gone, Visibility::Hidden);
        if let Some(shown) = side.spawned.get(&coord) {
            spawn::show(world, &shown.entities, Visibility::Inherited);
        }
    }
    side.room.end_chunk();
    let is_new = chunks.distinct.insert(coord);
    let content_hash = sabotage::reported_hash(side, prepared.content_hash);
    world.resource_mut::<Trace>().push(TraceEvent::Landed {
        coord,
        detail,
        version,
        id: generation_id,
        content_hash,
        spawned: spawned_now,
        prepared: entities,
        own_meshes,
    });
    let mut metrics = world.resource_mut::<StreamingMetrics>();
    metrics.counters.applied += 1;
    metrics.counters.distinct_loaded += u64::from(is_new);
    metrics.counters.level_changes += u64::from(previous.is_some_and(|level| level != detail));
    if let Some(since) = late_since {
        let late_ms = frame.now.saturating_sub(since).as_secs_f64() * 1e3;
        metrics.late.worst_ms = metrics.late.worst_ms.max(late_ms);
    }
    let queue = world.resource::<AsyncChunkQueue>();
    let workers_now = queue.shared().now();
    queue.shared().land_bytes(bytes);
    let times = ChunkTimes {
        queue_wait_ms: applying.queue_wait_ms,
        generate_ms: applying.generate_ms,
        ready_wait_ms: applying.ready_wait_ms,
        apply_ms: applying.apply_ms,
        time_to_visible_ms: workers_now
            .saturating_sub(applying.requested_at)
            .as_secs_f64()
            * 1e3,
    };
    world
        .resource_mut::<Messages<ChunkLoaded>>()
        .write(ChunkLoaded {
            coord,
            detail,
            previous,
            generation_id,
            payload: prepared.payload,
            content_hash,
            times,
            layers: prepared.layers,
        });
    if swapped > 0 || entities == 0 {
        frame.charge_swap(began, swapped);
    } else {
        frame.extend(began);
    }
}

/// Says that there is ground to stand on, before anything of the chunk is seen.
fn announce_collidable(
    world: &mut World,
    chunks: &mut Chunks,
    coord: ChunkCoord,
    generation_id: GenerationId,
    payload: Option<ChunkPayload>,
) {
    chunks
        .table
        .update(coord, |record| record.is_collidable = true);
    world
        .resource_mut::<Messages<ChunkCollidable>>()
        .write(ChunkCollidable {
            coord,
            generation_id,
            payload,
        });
}

/// Puts the sign of quarantine where a chunk was given up (law 8).
fn mark_quarantined(world: &mut World, side: &mut WorldSide, frame: &mut Frame) {
    while frame.pot.has_room() {
        let Some(coord) = side.placeholders_due.pop_first() else {
            return;
        };
        let began = Instant::now();
        if let Some(entity) = placeholder::spawn(world, coord, frame.chunk_size_m) {
            side.placeholders.insert(coord, entity);
            side.entities += 1;
        }
        frame.apply_ms += frame.charge(began, 1, 0);
    }
}
