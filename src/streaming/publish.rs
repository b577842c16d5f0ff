//! After the stages: the gauges of the frame, and the law book's page for it.

use bevy::ecs::prelude::{Local, Query, Res, ResMut, With};
use bevy::time::{Real, Time};

use crate::focus::{FocusPoints, InChunk};
use crate::logic::disc::{Disc, Measure};
use crate::logic::laws::{FrameEnd, LawBook, Scene, TraceEvent};
use crate::logic::rings::{Focus, Purpose};
use crate::metrics::{Gauges, StoppedBy, StreamingMetrics};
use crate::palette::ChunkPalette;
use crate::preload::Preloads;
use crate::queue::AsyncChunkQueue;
use crate::settings::{StreamingSettings, StreamingValues};
use crate::state::{Chunks, Trace, WorldSide};

/// Reads how things stand. Constant cost: everything was counted where it happened.
pub(crate) fn publish_gauges(
    queue: Res<AsyncChunkQueue>,
    side: Res<WorldSide>,
    palette: Res<ChunkPalette>,
    preloads: Res<Preloads>,
    points: Res<FocusPoints>,
    in_world: Query<(), With<InChunk>>,
    mut chunks: ResMut<Chunks>,
    mut metrics: ResMut<StreamingMetrics>,
) {
    let snapshot = queue.shared().snapshot();
    let tally = chunks.table.tally();
    let gauges = Gauges {
        wanted: tally.wanted,
        missing: tally.missing,
        unwanted: tally.unwanted,
        queued: snapshot.queued,
        active_tasks: snapshot.running,
        completed_results: snapshot.ready + queue.completed_results() as u64,
        completed_results_bytes: snapshot.held_bytes,
        applying: tally.applying,
        loading: tally.loading,
        loaded: tally.loaded,
        quarantined: tally.quarantined,
        chunk_entities: in_world.iter().len() as u64,
        meshes: side.own_meshes
            + side
                .applying
                .as_ref()
                .map_or(0, |applying| applying.spawned.own_meshes.len() as u64),
        shared_meshes: palette.mesh_count() as u64,
        materials: palette.material_assets() as u64,
        loaded_bytes: side.bytes,
        threads: snapshot.threads,
        holes: tally.holes,
        loaded_coarse: tally.loaded_coarse,
        held_back: held_back(&points),
        memory_bytes: side.bytes + snapshot.held_bytes,
        preloads: preloads.len() as u64,
        stuck_workers: snapshot.stuck_threads,
        orphans: (in_world.iter().len() as u64).saturating_sub(side.entities),
        blocked: snapshot.blocked,
        backoff: tally.backoff,
    };
    metrics.counters.late_returns = snapshot.late_returns;
    // What was preloaded before anybody came is no view.
    if tally.wanted > 0 && tally.missing == 0 && points.has_focus {
        chunks.view_was_complete = true;
        metrics.late.was_complete = true;
    } else if chunks.view_was_complete && tally.holes > 0 {
        metrics.late.frames_with_hole += 1;
    }
    metrics.gauges_max.gauges.raise_to(&gauges);
    metrics.gauges = gauges;
}

/// Cells that would be in view if memory reached farther. Costs nothing while it limits nothing, else the rows of the
/// view.
fn held_back(points: &FocusPoints) -> u64 {
    let Some(rings) = points
        .rings
        .as_ref()
        .filter(|rings| rings.sight_m() < rings.view_m)
    else {
        return 0;
    };
    let cells = |focus: &Focus, radius_m| {
        Disc {
            centre: focus.at,
            radius_m,
            measure: Measure::Middle,
            chunk_size_m: rings.chunk_size_m,
            role: 0,
        }
        .count()
    };
    let sees = |focus: &&Focus| focus.purpose == Purpose::See;
    let foci = points.live.iter().filter(sees);
    foci.map(|focus| cells(focus, rings.view_m) - cells(focus, rings.sight_m()))
        .sum()
}

/// Seconds beyond a scan interval that a wanted chunk may be without a request.
const IDLE_SLACK_SECS: f64 = 1.0;

/// Writes the frame into the law book.
pub(crate) fn keep_the_law_book(
    time: Res<Time<Real>>,
    settings: Res<StreamingSettings>,
    queue: Res<AsyncChunkQueue>,
    side: Res<WorldSide>,
    chunks: Res<Chunks>,
    metrics: Res<StreamingMetrics>,
    points: Res<FocusPoints>,
    mut judged: Local<Option<StreamingValues>>,
    mut trace: ResMut<Trace>,
    mut book: ResMut<LawBook>,
) {
    // However they came to be in force: reflection reaches them without a proposal.
    if judged.as_ref() != Some(settings.values()) {
        let checked = StreamingSettings::new(settings.values().clone());
        trace.push(TraceEvent::SettingsChanged {
            problem: checked.err().map(|error| error.to_string()),
        });
        *judged = Some(settings.values().clone());
    }
    let scene = Scene {
        foci: if points.has_focus { &points.live } else { &[] },
        rings: points.rings.as_ref(),
        retry_limit: settings.retry_limit,
    };
    for event in std::mem::take(&mut trace.events) {
        book.follow(&event, scene);
    }
    let (counters, gauges, facts) = (&metrics.counters, &metrics.gauges, &metrics.frame);
    let now = time.elapsed();
    // What is beyond the window of waiting requests waits for its turn, and is not forgotten.
    let oldest_idle_secs = if gauges.queued == 0 {
        chunks
            .table
            .to_request(std::time::Duration::ZERO)
            .filter_map(|coord| chunks.table.get(coord))
            .map(|record| now.saturating_sub(record.wanted_since).as_secs_f64())
            .fold(0.0, f64::max)
    } else {
        0.0
    };
    let waiting_here = queue.completed_results() as u64 + gauges.applying;
    let leaving = side
        .leaving
        .iter()
        .filter(|leaving| leaving.epoch == Some(chunks.epoch))
        .count() as u64;
    let workers = queue.shared().snapshot();
    book.close_frame(&FrameEnd {
        counters: counters.clone(),
        running: gauges.active_tasks,
        waiting: gauges.queued + gauges.completed_results + gauges.applying,
        accepted_waiting: waiting_here,
        limit: u64::from(settings.max_concurrent_tasks),
        applied_now: facts.applied_now,
        max_completed: u64::from(settings.max_completed_per_frame),
        charged_ms: facts.charged_ms,
        budget_ms: settings.apply_budget_ms,
        largest_slice_ms: facts.largest_slice_ms,
        uploaded_bytes: facts.uploaded_bytes,
        uploaded_meshes: facts.uploaded_meshes,
        upload_cap: settings.upload_bytes_per_frame,
        slices: facts.slices,
        stopped_by_budget: !matches!(facts.stopped_by, StoppedBy::Empty),
        world_entities: gauges.chunk_entities,
        known_entities: side.entities + side.leaked,
        missing: gauges.missing,
        oldest_idle_secs,
        frame_secs: time.delta_secs_f64(),
        unloaded_now: facts.unloaded_now,
        queued: gauges.queued,
        is_backlog_full: gauges.completed_results_bytes >= settings.completed_bytes_cap
            || gauges.memory_bytes >= settings.memory_cap_mib << 20,
        idle_bound_secs: settings.scan_interval_secs + IDLE_SLACK_SECS,
        retiring: chunks.table.tally().retiring,
        leaving,
        has_focus: points.has_focus,
        memory_bytes: gauges.memory_bytes,
        memory_cap_bytes: settings.memory_cap_mib << 20,
        held_bytes: gauges.completed_results_bytes,
        held_cap_bytes: settings.completed_bytes_cap,
        held_results: workers.held_results,
        panics_caught: workers.panics_caught,
        panics_on_their_way: workers.panics_on_their_way,
        panics_discarded: workers.panics_discarded,
    });
}
