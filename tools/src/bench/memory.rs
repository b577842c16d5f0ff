//! G1: what chunks hold beyond their payloads, and whether memory grows from lap to lap.
//!
//! Each probe runs in a process of its own: memory that an earlier measurement has given back to the
//! allocator would be taken again without being seen.

use std::process::Command;
use std::time::Duration;

use bevy::math::DVec2;
use ringroad::streaming::{AsyncChunkPlugin, WorkClock, WorkerCount};
use serde_json::{Value, json};

use super::Workshop;
use super::case::Case;
use super::generators::{BUSY, Filler, Load};
use super::id::Id;
use super::ratio::{Kind, Measured, Target};
use super::world::{ELSEWHERE, Pace, Rig, open_budgets};

const LIMIT: Duration = Duration::from_secs(60);
/// Laps that are compared.
const LAPS: (u32, u32) = (2, 20);

/// One entity, and a mesh that outweighs everything else.
const HEAVY: Load = Load {
    entities: 1,
    bytes: 200_000,
};

/// What a process of its own measures.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum MemoryProbe {
    /// Live bytes ÷ payloads, one entity with a mesh of 200 kB in each chunk.
    LiveMeshes,
    /// The same with 150 entities in each chunk.
    LiveBusy,
    /// The same in the city.
    LiveCity,
    /// Memory of lap 20 ÷ lap 2.
    Laps,
}

impl MemoryProbe {
    /// Every probe.
    pub const ALL: [Self; 4] = [Self::LiveMeshes, Self::LiveBusy, Self::LiveCity, Self::Laps];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LiveMeshes => "live-meshes",
            Self::LiveBusy => "live-busy",
            Self::LiveCity => "live-city",
            Self::Laps => "laps",
        }
    }

    const fn case(self) -> &'static str {
        match self {
            Self::LiveMeshes => "live ÷ payloads, a mesh of 200 kB",
            Self::LiveBusy => "live ÷ payloads, 149 copies and a mesh of 200 kB",
            Self::LiveCity => "live ÷ payloads, city",
            Self::Laps => "lap 20 ÷ lap 2",
        }
    }

    const fn target(self) -> Target {
        match self {
            Self::LiveMeshes | Self::LiveBusy | Self::LiveCity => Target::at_most(1.25, 1.15),
            Self::Laps => Target::at_most(1.05, 1.02),
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    MemoryProbe::ALL
        .into_iter()
        .map(|probe| {
            Case::new(&[Id::G1], probe.case(), 3, move |shop| {
                ask_child(shop, probe)
            })
        })
        .collect()
}

fn ask_child(shop: &Workshop, probe: MemoryProbe) -> Result<Vec<Measured>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut samples = Vec::new();
    let mut note = String::new();
    // Memory hardly differs from run to run.
    for _ in 0..shop.sized(1, 3) {
        let output = Command::new(&program)
            .args(["--memory-probe", probe.name()])
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let answer: Value = serde_json::from_str(&text).map_err(|_| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("the probe ended with {}: {}", output.status, said.trim())
        })?;
        samples.extend(answer["ratio"].as_f64());
        note = answer["note"].as_str().unwrap_or_default().to_owned();
    }
    Ok(vec![Measured {
        id: Id::G1,
        case: probe.case().to_owned(),
        samples,
        target: probe.target(),
        kind: Kind::Timed,
        note,
    }])
}

/// Measures in this process, which should be a fresh one: `{ "ratio", "note" }`.
///
/// # Errors
/// A world that did not settle, or a system that does not say how much memory a process has.
pub fn probe_memory(probe: MemoryProbe) -> Result<Value, String> {
    match probe {
        MemoryProbe::LiveMeshes => live(&Filler::Free(HEAVY), 16.0, 300),
        MemoryProbe::LiveBusy => live(&Filler::Free(BUSY), 16.0, 300),
        MemoryProbe::LiveCity => live(&Filler::City, 200.0, 80),
        MemoryProbe::Laps => laps(),
    }
}

fn rig_of(filler: &Filler, size_m: f64, chunks: u32, tasks: u32) -> Rig {
    let plugin = AsyncChunkPlugin::new(filler.generator(1.0))
        .with_workers(WorkerCount::Fixed(2))
        .with_clock(WorkClock::Real);
    let mut values = open_budgets(tasks, size_m, chunks);
    // What waits is memory too.
    values.completed_bytes_cap = 4 << 20;
    Rig::new(plugin, values, Pace::Every(Duration::from_millis(1)))
}

fn live(filler: &Filler, size_m: f64, chunks: u32) -> Result<Value, String> {
    let mut rig = rig_of(filler, size_m, chunks, 0);
    for _ in 0..60 {
        rig.step();
    }
    let before = resident_kib()?;
    rig.set("max_concurrent_tasks", "2");
    rig.settle(LIMIT)?;
    let live = (resident_kib()?.saturating_sub(before)) * 1_024;
    let gauges = &rig.metrics().gauges;
    let (loaded, payloads) = (gauges.loaded, gauges.loaded_bytes);
    let entities = gauges.chunk_entities;
    if payloads == 0 {
        return Err("nothing is loaded".to_owned());
    }
    Ok(json!({
        "ratio": live as f64 / payloads as f64,
        "note": format!(
            "resident memory of a fresh process before and after: {:.1} MiB for {:.1} MiB of meshes and places in {loaded} chunks, {entities} entities; {:.0} bytes per entity beyond them",
            live as f64 / 1_048_576.0,
            payloads as f64 / 1_048_576.0,
            live.saturating_sub(payloads) as f64 / entities.max(1) as f64,
        ),
    }))
}

fn laps() -> Result<Value, String> {
    let mut rig = rig_of(&Filler::Free(BUSY), 16.0, 60, 2);
    let mut at_lap = Vec::new();
    for lap in 1..=LAPS.1 {
        for place in [ELSEWHERE, DVec2::ZERO] {
            rig.place_focus(place);
            rig.settle(LIMIT)?;
        }
        if lap == LAPS.0 || lap == LAPS.1 {
            at_lap.push(resident_kib()?);
        }
    }
    let [early, late] = at_lap[..] else {
        return Err("a lap is missing".to_owned());
    };
    Ok(json!({
        "ratio": late as f64 / early as f64,
        "note": format!(
            "resident memory of a fresh process after lap {}: {:.1} MiB, after lap {}: {:.1} MiB; 60 chunks leave and 60 come on each half of a lap",
            LAPS.0,
            early as f64 / 1_024.0,
            LAPS.1,
            late as f64 / 1_024.0,
        ),
    }))
}

/// Memory of this process, where the system tells it in a file.
fn resident_kib() -> Result<u64, String> {
    let text = std::fs::read_to_string("/proc/self/status")
        .map_err(|_| "this system does not say how much memory a process has".to_owned())?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
        .ok_or_else(|| "this system does not say how much memory a process has".to_owned())
}
