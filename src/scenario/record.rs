//! What only the run itself knows: frames, times, marks, memory, which content is loaded, and what went wrong.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use ringroad_streaming::{
    ChunkCoord, ChunkLoaded, ChunkUnloaded, StreamingFocus, StreamingMetrics, StreamingValues,
};
use serde_json::{Value, json};

use super::pictures::is_held;
use super::report::{counters, gauges};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RunRecord>().add_systems(
        Last,
        (note_chunks, note_frame.run_if(not(is_held))).in_set(RecordSystems),
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
    loaded: BTreeMap<ChunkCoord, u64>,
    marks: Vec<Value>,
    failures: Vec<String>,
    memory: MemoryRecord,
}

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
    pub(super) fn mark(&mut self, name: &str, metrics: &StreamingMetrics) {
        self.marks.push(json!({
            "name": name,
            "frame": self.frames,
            "gauges": gauges(&metrics.gauges),
            "counters": counters(&metrics.counters),
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

    /// One hash of all loaded chunks whose middle is inside the load radius of a focus, in any order of loading.
    /// `None` without a focus.
    pub(super) fn content_hash(world: &mut World, values: &StreamingValues) -> Option<u64> {
        let mut foci = world.query_filtered::<&GlobalTransform, With<StreamingFocus>>();
        let foci: Vec<Vec3> = foci.iter(world).map(GlobalTransform::translation).collect();
        if foci.is_empty() {
            return None;
        }
        let is_inside = |coord: &ChunkCoord| {
            let center = coord.center_in_world(values.chunk_size_m).xz().as_dvec2();
            foci.iter()
                .any(|focus| focus.xz().as_dvec2().distance(center) <= values.load_radius_m)
        };
        let record = world.resource::<Self>();
        let inside = record.loaded.iter().filter(|(coord, _)| is_inside(coord));
        Some(
            inside
                .map(|(coord, hash)| chunk_share(*coord, *hash))
                .fold(0, u64::wrapping_add),
        )
    }
}

/// A chunk's part of the sum: place and content, mixed so that two chunks that swap contents do not cancel out.
fn chunk_share(coord: ChunkCoord, content: u64) -> u64 {
    let place = u64::from(coord.x as u32) << 32 | u64::from(coord.z as u32);
    mixed(mixed(place).rotate_left(32) ^ content)
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): every bit of the input changes half of the output.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn physical_mib() -> Option<f64> {
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
        record.loaded.insert(message.coord, message.content_hash);
    }
    for message in unloaded.read() {
        record.loaded.remove(&message.coord);
    }
}

fn note_frame(mut record: ResMut<RunRecord>, time: Res<Time<Real>>) {
    record.frames += 1;
    record.simulated = time.elapsed();
}

#[cfg(test)]
mod tests {
    use ringroad_streaming::StreamingHold;

    use super::*;

    #[test]
    fn the_content_hash_knows_which_chunk_has_which_content() {
        let (a, b) = (ChunkCoord::new(0, 1), ChunkCoord::new(1, 0));
        let straight = chunk_share(a, 7).wrapping_add(chunk_share(b, 9));
        let swapped = chunk_share(a, 9).wrapping_add(chunk_share(b, 7));
        assert_ne!(straight, swapped);
    }

    #[test]
    fn frames_that_only_wait_for_a_picture_are_not_counted() {
        let mut app = App::new();
        app.init_resource::<Time<Real>>()
            .add_message::<ChunkLoaded>()
            .add_message::<ChunkUnloaded>()
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
