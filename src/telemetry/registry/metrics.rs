//! Every metric, each defined in one place. The first 24 are the columns of a telemetry file that are law, in their order.

use super::{Metric, MetricKind};
use crate::telemetry::sample::Sample;

type Read = fn(&Sample) -> Option<f64>;

const fn counter(id: &'static str, unit: &'static str, read: Read) -> Metric {
    Metric::new(id, unit, MetricKind::Counter, read)
}

const fn gauge(id: &'static str, unit: &'static str, read: Read) -> Metric {
    Metric::new(id, unit, MetricKind::Gauge, read)
}

const fn measure(id: &'static str, unit: &'static str, read: Read) -> Metric {
    Metric::new(id, unit, MetricKind::Measure, read)
}

/// Every metric. New ones come last; what they are shown in reads them from here.
pub static METRICS: &[Metric] = &[
    counter("frame", "frames", |s| Some(s.frame as f64))
        .means("Number of the frame, from 1.", "counted up by one per recorded frame"),
    measure("t", "s", |s| Some(s.t_secs))
        .means("Time of the run's clock at the end of the frame.", "Time<Real> at the end of the frame"),
    measure("dt_ms", "ms", |s| Some(s.dt_ms))
        .means("Length of the frame on the run's clock.", "true time between two recordings, or the stated step of the virtual clock"),
    counter("requested", "requests", |s| Some(s.requested as f64))
        .means("Requests made since the start; a retry is a new request.", "StreamingMetrics.counters.requested; = applied + stale + cancelled + failed + active + queued + ready + applying"),
    counter("applied", "chunks", |s| Some(s.applied as f64))
        .means("Chunks fully applied since the start.", "counters.applied, one more when the last slice lands"),
    counter("stale", "results", |s| Some(s.stale as f64))
        .means("Results discarded as stale since the start: chunk gone, wrong state or old ticket.", "stale_gone + stale_wrong_state + stale_old_ticket")
        .plotted("stream/stale_discarded"),
    counter("cancelled", "requests", |s| Some(s.cancelled as f64))
        .means("Requests cancelled since the start.", "cancelled_unwanted + cancelled_regenerated + cancelled_level + cancelled_memory"),
    counter("failed", "requests", |s| Some(s.failed as f64))
        .means("Requests failed since the start, panics included.", "counters.failed")
        .above(0.0),
    gauge("queued", "requests", |s| Some(s.queued as f64))
        .means("Requests waiting for a worker.", "length of the work queue at the end of the frame")
        .plotted("stream/queued"),
    gauge("active", "requests", |s| Some(s.active as f64))
        .means("Requests being generated; never over max_concurrent_tasks.", "requests that a worker holds at the end of the frame")
        .limit(|s| Some(f64::from(s.max_concurrent_tasks)))
        .plotted("stream/active_tasks"),
    gauge("ready", "chunks", |s| Some(s.ready as f64))
        .means("Finished results waiting to be applied.", "results delivered and not begun to be applied")
        .plotted("stream/completed_results"),
    gauge("applying", "chunks", |s| Some(s.applying as f64))
        .means("Chunks applied in part.", "chunks with some slices in the world"),
    gauge("applied_now", "chunks", |s| Some(s.applied_now as f64))
        .means("Chunks whose last slice landed in this frame; never over max_completed_per_frame.", "applied − applied one frame before")
        .limit(|s| Some(f64::from(s.max_completed_per_frame)))
        .plotted("stream/applied_now"),
    gauge("loading", "chunks", |s| Some(s.loading as f64))
        .means("Chunks between request and loaded.", "missing + requested + waiting for a retry + being applied")
        .plotted("stream/loading"),
    gauge("loaded", "chunks", |s| Some(s.loaded as f64))
        .means("Chunks with a visible level.", "cells with a level in the world")
        .of(|s| Some(s.wanted as f64))
        .plotted("stream/loaded"),
    gauge("quarantined", "chunks", |s| Some(s.quarantined as f64))
        .means("Chunks given up after their last retry.", "cells that failed retry_limit + 1 times")
        .above(0.0),
    measure("scan_ms", "ms", |s| Some(s.scan_ms))
        .means("True time of the scan stage in this frame.", "end − begin of StreamingSet::Scan")
        .on_the_wall()
        .plotted("stream/scan_ms"),
    measure("queue_ms", "ms", |s| Some(s.queue_ms))
        .means("True time of the queue stage in this frame.", "end − begin of StreamingSet::GenQueue")
        .on_the_wall()
        .plotted("stream/queue_ms"),
    measure("apply_ms", "ms", |s| Some(s.apply_ms))
        .means("True time of applying in this frame.", "sum of the slices of applying")
        .on_the_wall()
        .plotted("stream/apply_ms"),
    measure("unload_ms", "ms", |s| Some(s.unload_ms))
        .means("True time of unloading in this frame.", "sum of the slices of unloading")
        .on_the_wall(),
    gauge("bytes_now", "bytes", |s| Some(s.bytes_now as f64))
        .means("Mesh bytes handed to the renderer in this frame.", "sum of the mesh bytes of the slices of this frame")
        .limit(|s| Some(s.upload_cap_bytes as f64)),
    gauge("max_concurrent_tasks", "requests", |s| Some(f64::from(s.max_concurrent_tasks)))
        .means("Limit in force.", "the setting"),
    gauge("max_completed_per_frame", "chunks", |s| Some(f64::from(s.max_completed_per_frame)))
        .means("Limit in force.", "the setting"),
    measure("apply_budget_ms", "ms", |s| Some(s.apply_budget_ms))
        .means("Limit in force, for applying and unloading together.", "the setting"),
    measure("generate_ms", "ms", |s| s.generate_ms)
        .means("Longest generator run among the chunks that became visible in this frame.", "max over ChunkLoaded.times.generate_ms of the frame")
        .plotted("stream/generate_ms"),
    measure("frame_ms", "ms", |s| Some(s.frame_ms))
        .means("Length of the frame in true time; over its limit it is a hitch.", "now − the recording before; limit: max(2 × target, 2.5 × median of the last second)")
        .on_the_wall()
        .limit(|s| s.hitch_bound_ms)
        .plotted("stream/frame_ms"),
    measure("overlay_ms", "ms", |s| s.overlay_ms)
        .means("The overlay's own work in this frame.", "collecting + layout + painting on the CPU")
        .on_the_wall(),
    gauge("wanted", "chunks", |s| Some(s.wanted as f64))
        .means("Chunks that should exist.", "cells that a focus gives a level to"),
    gauge("missing", "chunks", |s| Some(s.missing as f64))
        .means("Chunks that should exist and are not loaded.", "wanted cells whose wanted level is not there and that are not given up"),
    gauge("ready_bytes", "bytes", |s| Some(s.ready_bytes as f64))
        .means("Bytes of the finished results that wait.", "sum of the bytes of results that wait")
        .limit(|s| Some(s.completed_cap_bytes as f64)),
    counter("stale_gone", "results", |s| Some(s.stale_gone as f64))
        .means("Stale because the chunk was gone.", "stale_by_reason.gone"),
    counter("stale_wrong_state", "results", |s| Some(s.stale_wrong_state as f64))
        .means("Stale because the chunk was not being generated.", "stale_by_reason.wrong_state"),
    counter("stale_old_ticket", "results", |s| Some(s.stale_old_ticket as f64))
        .means("Stale because the chunk holds another ticket.", "stale_by_reason.old_ticket"),
    measure("wasted_worker_ms", "ms", |s| Some(s.wasted_worker_ms))
        .means("Worker time spent on results that were cancelled or discarded.", "sum of finished − started over discarded and cancelled results"),
    gauge("chunk_entities", "entities", |s| Some(s.chunk_entities as f64))
        .means("Entities of all chunks.", "number of entities with InChunk"),
    gauge("loaded_bytes", "bytes", |s| Some(s.loaded_bytes as f64))
        .means("Bytes of all loaded chunks.", "sum of the bytes of landed chunks"),
    gauge("holes", "chunks", |s| Some(s.holes as f64))
        .means("Cells in view that show nothing at any level.", "cells within view_radius_m that show nothing and are not given up")
        .above(0.0)
        .plotted("stream/holes"),
    gauge("loaded_coarse", "chunks", |s| Some(s.loaded_coarse as f64))
        .means("Cells that show a coarse level.", "loaded cells whose level is above 0")
        .plotted("stream/loaded_coarse"),
    gauge("memory_bytes", "bytes", |s| Some(s.memory_bytes as f64))
        .means("Bytes of loaded chunks and of results that wait; bounded by memory_cap_mib.", "loaded_bytes + ready_bytes")
        .limit(|s| Some(s.memory_cap_bytes as f64))
        .plotted("stream/memory_bytes"),
    gauge("held_back", "chunks", |s| Some(s.held_back as f64))
        .means("Cells in view that are not wanted because memory_cap_mib is reached.", "cells within view_radius_m − cells within the reach that memory leaves")
        .above(0.0),
    counter("evicted", "chunks", |s| Some(s.evicted as f64))
        .means("Chunks that left because memory_cap_mib was reached.", "counters.evicted"),
    counter("level_changes", "chunks", |s| Some(s.level_changes as f64))
        .means("Chunks that changed their level of detail without leaving.", "landings over another level"),
    measure("regret", "share", |s| s.regret)
        .means("How far the order of work was from the order of need: 0 always the most needed first, 1 always the least.", "Σ lead of the best that waited over what started ÷ Σ the worst possible lead")
        .plotted("stream/regret"),
    counter("cancelled_unwanted", "requests", |s| Some(s.cancelled_unwanted as f64))
        .means("Cancelled because no focus needs the chunk any more.", "cancelled_by_reason.unwanted"),
    counter("cancelled_regenerated", "requests", |s| Some(s.cancelled_regenerated as f64))
        .means("Cancelled because the world is made anew.", "cancelled_by_reason.regenerated"),
    counter("cancelled_level", "requests", |s| Some(s.cancelled_level as f64))
        .means("Cancelled because the chunk is needed at another level of detail.", "cancelled_by_reason.level_changed"),
    counter("cancelled_memory", "requests", |s| Some(s.cancelled_memory as f64))
        .means("Cancelled because memory_cap_mib leaves no room.", "cancelled_by_reason.memory"),
    gauge("stuck_workers", "threads", |s| Some(s.stuck_workers as f64))
        .means("Threads whose generation was given up and has not come back.", "threads given up and not back")
        .above(0.0),
    counter("stuck", "requests", |s| Some(s.stuck as f64))
        .means("Generations given up after stuck_after_secs.", "generations that ran longer than stuck_after_secs"),
    counter("late_returns", "requests", |s| Some(s.late_returns as f64))
        .means("Given-up generations that came back later; their results were discarded.", "given-up generations that ended"),
    gauge("preloads", "orders", |s| Some(s.preloads as f64))
        .means("Preloads that are not released.", "tickets not released"),
    counter("origin_shifts", "shifts", |s| Some(s.origin_shifts as f64))
        .means("Shifts of the scene's origin.", "counters.origin_shifts"),
    counter("completed", "requests", |s| Some(s.completed as f64))
        .means("Requests that a worker ended since the start, in whatever way.", "counters.completed"),
    counter("unloaded", "chunks", |s| Some(s.unloaded as f64))
        .means("Chunks that left the world since the start.", "counters.unloaded"),
    counter("panicked", "requests", |s| Some(s.panicked as f64))
        .means("Generations that panicked since the start.", "counters.panicked")
        .above(0.0),
    gauge("threads", "threads", |s| Some(s.threads as f64))
        .means("Generation threads.", "threads alive; on the virtual clock the workers that the limit calls for"),
    gauge("orphans", "entities", |s| Some(s.orphans as f64))
        .means("Entities with InChunk that no chunk owns: a leak.", "chunk_entities − entities in the books of streaming")
        .above(0.0)
        .plotted("stream/orphans"),
    counter("late_must_have", "chunks", |s| Some(s.late_must_have as f64))
        .means("Chunks that came too late for the must-have ring since the start.", "edges that entered must_have_radius_m before the chunk was collidable and visible")
        .above(0.0)
        .plotted("stream/late"),
    counter("frames_with_hole", "frames", |s| Some(s.frames_with_hole as f64))
        .means("Frames with a hole in view since the view was complete once.", "frames with holes > 0")
        .above(0.0),
    measure("horizon_secs", "s", |s| s.horizon_secs)
        .means("Horizon of starvation: seconds until the first hole reaches the must-have ring at this speed and heading; no data while none is foreseen.", "the rings flown ahead, missing cells served most needed first at rate_per_sec, until one lies within must_have_radius_m")
        .plotted("stream/horizon_secs"),
    measure("rate_per_sec", "chunks/s", |s| s.rate_per_sec)
        .means("Chunks per second that the pipeline can deliver now.", "landed per second while something waits, else the least of tasks ÷ generate_ms and the limits of applying")
        .plotted("stream/rate_per_sec"),
    measure("need_per_sec", "chunks/s", |s| s.need_per_sec)
        .means("Chunks per second that the motion of the focus asks for.", "speed × 2 × load_radius_m ÷ chunk_size_m²")
        .plotted("stream/need_per_sec"),
    measure("speed_mps", "m/s", |s| s.speed_mps)
        .means("Speed of the focus that moves fastest.", "the least of its last steps along their common way"),
    measure("charged_ms", "ms", |s| Some(s.charged_ms))
        .means("Time charged to apply_budget_ms in this frame, on the clock in force.", "Σ slices of applying and unloading")
        .limit(|s| Some(s.apply_budget_ms)),
    measure("game_ms", "ms", |s| s.game_ms)
        .means("The rest of the main schedule in this frame: the game and the engine's own systems.", "Σ (end − begin of the main schedule) since the recording before − scan − queue − apply − unload − overlay − recording")
        .on_the_wall(),
    measure("render_ms", "ms", |s| s.render_ms)
        .means("What the renderer held the main thread for in this frame. In a window, where it draws on a thread of its own and one frame behind: waiting until it is done with the frame before, vsync and present included, and handing over the new one. Into an image: handing over and drawing. Without a renderer no data.", "in a window: end − begin of the extraction with its wait; into an image: end of the Render schedule − begin of the extraction")
        .on_the_wall()
        .plotted("stream/render_ms"),
    measure("record_ms", "ms", |s| Some(s.record_ms))
        .means("Telemetry's own work in this frame.", "end − begin of the recording before, + the reckoning of the horizon")
        .on_the_wall(),
    counter("hitches", "frames", |s| Some(s.hitches as f64))
        .means("Frames that a player feels since the start.", "dt_ms over max(2 × target, 2.5 × median of the last second), at least 250 ms apart")
        .above(0.0)
        .plotted("stream/hitches"),
    measure("sleep_ms", "ms", |s| s.sleep_ms)
        .means("What the program slept in this frame until it was due; only where it draws into no window, on the real clock.", "Σ sleep of the loop that drives the frames")
        .on_the_wall(),
    measure("unattributed_ms", "ms", |s| (s.frame_ms > 0.0).then(|| s.unattributed_ms()))
        .means("What nothing names of the frame: events of the window, what lies between two schedules, or that the thread did not run.", "frame − scan − queue − apply − unload − overlay − recording − game − render − sleep")
        .on_the_wall(),
    measure("stated_render_ms", "ms", |s| s.stated_render_ms)
        .means("The renderer's part of a stated frame, on the virtual clock.", "ChargeFrames: render_ms + us_per_chunk × loaded"),
    counter("retried", "requests", |s| Some(s.retried as f64))
        .means("Requests that try a failed chunk again, since the start.", "counters.retried")
        .plotted("stream/retried"),
    gauge("blocked", "workers", |s| Some(s.blocked as f64))
        .means("Workers that wait for room: what has finished, or memory, is at its cap.", "requests whose result does not fit, + free workers that may not start because ready_bytes has reached completed_bytes_cap, before the frame takes results")
        .above(0.0)
        .plotted("stream/blocked"),
    gauge("backoff", "chunks", |s| Some(s.backoff as f64))
        .means("Failed chunks that wait for their next try.", "cells whose retry_backoff_secs are not over")
        .above(0.0)
        .plotted("stream/backoff"),
    // Nobody but the test that adding a metric is one definition looks for this one.
    #[cfg(test)]
    gauge("test_probe", "probes", |s| Some((s.frame * 3) as f64))
        .means("Three times the frame's number.", "3 × frame")
        .above(1e9)
        .plotted("stream/test_probe"),
];
