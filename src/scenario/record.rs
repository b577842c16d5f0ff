//! What only the run itself knows: frames, times, marks, memory, which content is loaded, and what went wrong.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bevy::math::DVec2;
use bevy::prelude::*;
use ringroad_streaming::{
    ChunkCoord, ChunkFailed, ChunkLoaded, ChunkUnloaded, DetailLevel, FocusPurpose,
    StreamingMetrics, StreamingValues, WorldOrigin,
};
use serde_json::{Value, json};

use super::content::{chunk_share, hash_text};
use super::frame_costs::FrameCosts;
use super::pictures::is_held;
use super::report::{counters, gauges, late};
use crate::game::focus::MainFocus;
use crate::telemetry::PanelData;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RunRecord>().add_systems(
        Last,
        (
            note_chunks,
            note_failures,
            (note_frame, note_offset).run_if(not(is_held)),
        )
            .in_set(RecordSystems),
    );
}

/// Where the run is recorded, in `Last`.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RecordSystems;

/// What only the run itself knows.
#[derive(Resource, Debug)]
pub struct RunRecord {
    started: Instant,
    frames: u64,
    simulated: Duration,
    /// Level and content hash of what is there.
    loaded: BTreeMap<ChunkCoord, (DetailLevel, Option<u64>)>,
    marks: Vec<Value>,
    failures: Vec<String>,
    chunk_failures: Vec<Value>,
    max_offset_m: Option<f32>,
    offset_before_m: f32,
    since_mark: FrameCosts,
    memory: MemoryRecord,
}

/// As many failed generations are kept with their reasons: the first ones, which say what began it.
const FAILURES_KEPT: usize = 64;

/// Memory of the process in MiB. Asking costs milliseconds, so it is asked at the start and at the end only; the system
/// itself keeps the peak.
#[derive(Debug, Default)]
struct MemoryRecord {
    start_mib: Option<f64>,
    peak_mib: Option<f64>,
    end_mib: Option<f64>,
}

impl Default for RunRecord {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            frames: 0,
            simulated: Duration::ZERO,
            loaded: BTreeMap::new(),
            marks: Vec::new(),
            failures: Vec::new(),
            chunk_failures: Vec::new(),
            max_offset_m: None,
            offset_before_m: 0.0,
            since_mark: FrameCosts::default(),
            memory: MemoryRecord {
                start_mib: physical_mib(),
                ..Default::default()
            },
        }
    }
}

impl RunRecord {
    /// Frames since the start, without those that only waited for a picture on the virtual clock.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Seconds on the run's clock.
    pub fn simulated_secs(&self) -> f64 {
        self.simulated.as_secs_f64()
    }

    /// Seconds on the wall.
    pub fn wall_secs(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The marks as they stand in the report.
    pub fn marks(&self) -> &[Value] {
        &self.marks
    }

    /// Writes down how things stand under a name.
    pub(super) fn mark(
        &mut self,
        name: &str,
        metrics: &StreamingMetrics,
        hash: Option<u64>,
        panel: Option<&PanelData>,
    ) {
        let health = panel.map(|panel| &panel.health);
        self.marks.push(json!({
            "name": name,
            "frame": self.frames,
            "gauges": gauges(&metrics.gauges),
            "counters": counters(&metrics.counters),
            "late": late(&metrics.late),
            "content_hash": hash.map(hash_text),
            "memory_max_bytes": metrics.gauges_max.gauges.memory_bytes,
            "verdict": health.map(|health| health.verdict.word()),
            "sentence": health.map(|health| health.sentence.as_str()),
            "hitches": panel.map(|panel| panel.hitches.0),
            "wall_ms": std::mem::take(&mut self.since_mark).report(),
        }));
    }

    /// Writes down something that the run was asked for and that did not happen.
    pub(super) fn fail(&mut self, what: String) {
        warn!("{what}");
        self.failures.push(what);
    }

    /// What was asked for and did not happen.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// The first generations that failed, with their reasons.
    pub(super) fn chunk_failures(&self) -> &[Value] {
        &self.chunk_failures
    }

    /// The farthest that the player ever was from the scene's zero along an axis for two frames, in metres.
    pub(super) fn max_offset_m(&self) -> Option<f32> {
        self.max_offset_m
    }

    /// Memory of the process in MiB; `null` where the system does not tell.
    pub(super) fn memory_mib(&self) -> Value {
        let MemoryRecord {
            start_mib,
            peak_mib,
            end_mib,
        } = self.memory;
        json!({ "start": start_mib, "peak": peak_mib, "end": end_mib })
    }

    /// Looks at the memory once more, for the end of the run.
    pub(super) fn close(&mut self) {
        self.memory.end_mib = physical_mib();
        self.memory.peak_mib = peak_mib();
    }

    /// One hash of the chunks whose middle is inside the load radius of a focus, in any order of loading and by any
    /// route. `None` without a focus, and where a chunk of them is there at a coarser level only, since that is not the
    /// whole content of the place.
    pub(super) fn content_hash<'a>(
        &self,
        foci: impl Iterator<Item = (&'a GlobalTransform, &'a FocusPurpose)>,
        origin: &WorldOrigin,
        values: &StreamingValues,
    ) -> Option<u64> {
        let foci: Vec<(DVec2, f64)> = foci
            .map(|(place, purpose)| {
                let radius_m = match purpose {
                    FocusPurpose::See | FocusPurpose::Preload => values.load_radius_m,
                    FocusPurpose::Collide => values.must_have_radius_m,
                };
                (origin.to_world(place.translation()).xz(), radius_m)
            })
            .collect();
        if foci.is_empty() {
            return None;
        }
        let is_inside = |coord: &ChunkCoord| {
            foci.iter().any(|(focus, radius_m)| {
                coord.center_distance(*focus, values.chunk_size_m) <= *radius_m
            })
        };
        let mut inside = self.loaded.iter().filter(|(coord, _)| is_inside(coord));
        inside.try_fold(0, |sum: u64, (coord, (detail, hash))| {
            let hash = hash.filter(|_| *detail == DetailLevel::FULL)?;
            Some(sum.wrapping_add(chunk_share(*coord, hash)))
        })
    }
}

/// Memory of this process in MiB, where the system tells it.
pub fn physical_mib() -> Option<f64> {
    memory_stats::memory_stats().map(|stats| stats.physical_mem as f64 / f64::from(1 << 20))
}

/// The most that the process ever had, where the system tells it in a file.
fn peak_mib() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn note_chunks(
    mut record: ResMut<RunRecord>,
    mut loaded: MessageReader<ChunkLoaded>,
    mut unloaded: MessageReader<ChunkUnloaded>,
) {
    // A chunk never leaves and lands again within one frame, so the order between the two queues does not matter,
    // but a leaving one must not be taken for loaded.
    for message in loaded.read() {
        let content = (message.detail, message.content_hash);
        record.loaded.insert(message.coord, content);
    }
    for message in unloaded.read() {
        record.loaded.remove(&message.coord);
    }
}

fn note_failures(mut record: ResMut<RunRecord>, mut failed: MessageReader<ChunkFailed>) {
    for failure in failed.read() {
        if record.chunk_failures.len() < FAILURES_KEPT {
            let row = json!({
                "frame": record.frames,
                "x": failure.coord.x,
                "z": failure.coord.z,
                "attempt": failure.attempt,
                "reason": failure.reason,
                "panicked": failure.panicked,
                "quarantined": failure.quarantined,
            });
            record.chunk_failures.push(row);
        }
    }
}

fn note_offset(mut record: ResMut<RunRecord>, players: Query<&GlobalTransform, With<MainFocus>>) {
    for player in &players {
        let offset = player.translation().xz().abs().max_element();
        // A jump is that far from the scene's zero for the one frame in which it happens.
        let lasting = offset.min(record.offset_before_m);
        record.offset_before_m = offset;
        record.max_offset_m = Some(
            record
                .max_offset_m
                .map_or(lasting, |most| most.max(lasting)),
        );
    }
}

fn note_frame(
    mut record: ResMut<RunRecord>,
    time: Res<Time<Real>>,
    metrics: Option<Res<StreamingMetrics>>,
) {
    if let Some(metrics) = metrics {
        let frame = &metrics.frame;
        record.since_mark.note(frame.scan_ms + frame.queue_ms);
    }
    record.frames += 1;
    record.simulated = time.elapsed();
}

#[cfg(test)]
mod tests {
    use ringroad_streaming::StreamingHold;

    use super::*;

    #[test]
    fn frames_that_only_wait_for_a_picture_are_not_counted() {
        let mut app = App::new();
        app.init_resource::<Time<Real>>()
            .add_message::<ChunkLoaded>()
            .add_message::<ChunkUnloaded>()
            .add_message::<ChunkFailed>()
            .insert_resource(StreamingHold(false))
            .add_plugins(plugin);
        for is_held in [false, true, true, false] {
            app.insert_resource(StreamingHold(is_held));
            app.update();
        }
        assert_eq!(app.world().resource::<RunRecord>().frames(), 2);
    }

    #[test]
    fn memory_is_known_on_this_system() {
        assert!(physical_mib().is_some_and(|mib| mib > 1.0));
        assert!(!cfg!(target_os = "linux") || peak_mib().is_some_and(|mib| mib > 1.0));
    }
}
