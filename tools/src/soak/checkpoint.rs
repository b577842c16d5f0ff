//! A checkpoint: everything back to how it was at the first one, then counted.

use bevy::asset::Assets;
use bevy::ecs::change_detection::Tick;
use bevy::prelude::*;
use ringroad::city::CityMaterial;
use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::memory::{heap_bytes, resident_bytes};
use super::plan::{ANTEROOM, Act, HOME};
use super::world::SoakWorld;

/// Simulated seconds after which a world at rest settings must have come to rest.
pub const SETTLE_SECS: f64 = 120.0;
/// For how long everything must stand still before it counts as rest, seconds.
const REST_SECS: f64 = 0.5;
/// Simulated seconds that a checkpoint takes about, for dividing up the time of a soak.
pub const ABOUT_SECS: f64 = 8.0;
/// A loaded world may hold this much more (share) than at the second checkpoint.
const MEMORY_SLACK: f64 = 0.05;
/// Bytes that the book of law 9 and the count of distinct cells keep for each cell that was ever loaded: a hash
/// for each of its levels, in an ordered map of which a third is unused.
const BYTES_PER_CELL: u64 = 200;
/// Both remember a bounded part of the past: so many bytes and no more, however long the soak.
const BYTES_OF_ALL_CELLS: u64 = 4 << 20;
/// Bytes that the engine keeps for each entity of the largest crowd so far beside the rows of its tables: where
/// it is, its number when it is free again, and a message for each component when it goes. They grow by
/// doubling and never shrink.
const BYTES_PER_ENTITY: u64 = 320;

/// How things stand at rest, at home, with the settings of checkpoints and nothing wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Simulated seconds.
    pub at_secs: f64,
    /// What must be equal at every checkpoint, by name; the name of a gauge where it is one.
    pub counts: Vec<(&'static str, u64)>,
    /// What must be 0.
    pub leftovers: Vec<(&'static str, u64)>,
    /// Cells that were ever loaded.
    pub distinct_cells: u64,
    /// The most chunk entities that there ever were at once.
    pub most_entities: u64,
    /// Bytes of the engine's tables of entities. They have room for the largest crowd so far, since the engine
    /// never makes one smaller.
    pub tables: u64,
    /// Bytes of the process in memory, where the system tells.
    pub resident: Option<u64>,
    /// Bytes of them that are in use, where they are counted.
    pub heap: Option<u64>,
}

impl Checkpoint {
    /// One of the counts.
    pub fn count(&self, name: &str) -> u64 {
        let all = self.counts.iter().chain(&self.leftovers);
        all.filter(|(known, _)| *known == name)
            .map(|(_, count)| *count)
            .sum()
    }
}

/// Goes home by way of the anteroom, waits until everything is at rest each time, and counts.
///
/// # Errors
/// What went wrong on the way, or that something is left over.
pub fn take(world: &mut SoakWorld) -> Result<Checkpoint, Finding> {
    world.clean_up();
    world.act(&Act::Teleport(ANTEROOM));
    settle(world)?;
    world.act(&Act::Teleport(HOME));
    settle(world)?;
    let checkpoint = count(world);
    match checkpoint.leftovers.iter().find(|(_, count)| *count > 0) {
        None => Ok(checkpoint),
        Some((name, count)) => {
            Err(world.finding(Kind::Growth(name), format!("{count} {name} left at rest")))
        }
    }
}

/// Compares a checkpoint with the first one. Counts must be equal exactly.
///
/// # Errors
/// The first count that differs.
pub fn compare(world: &SoakWorld, first: &Checkpoint, now: &Checkpoint) -> Result<(), Finding> {
    let differing = first
        .counts
        .iter()
        .zip(&now.counts)
        .find(|(before, after)| before != after);
    match differing {
        None => Ok(()),
        Some(((name, before), (_, after))) => Err(world.finding(
            Kind::Growth(name),
            format!("{after} {name}, but {before} at the first checkpoint"),
        )),
    }
}

/// The growth of memory between two checkpoints.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct MemoryGrowth {
    /// Bytes in memory at the later over those at the earlier checkpoint.
    pub resident_ratio: Option<f64>,
    /// The same of bytes in use.
    pub heap_ratio: Option<f64>,
    /// Bytes that the engine's tables have grown by; they never shrink.
    pub tables: u64,
    /// Bytes that may have been added beside them: what books keep of each new cell, up to their bound, and
    /// what the engine keeps for a larger crowd.
    pub allowance: u64,
    /// Whether what is in use, without tables and allowance, is within the slack. Where that is not counted, nothing
    /// is judged: what is in memory has in it all that the allocator keeps, and all that others do.
    pub is_fine: bool,
}

/// How much memory grew.
pub fn memory_growth(second: &Checkpoint, last: &Checkpoint) -> MemoryGrowth {
    let new_cells = last.distinct_cells.saturating_sub(second.distinct_cells);
    let larger_crowd = last.most_entities.saturating_sub(second.most_entities);
    let of_cells = (new_cells * BYTES_PER_CELL).min(BYTES_OF_ALL_CELLS);
    let allowance = of_cells + larger_crowd * BYTES_PER_ENTITY;
    let tables = last.tables.saturating_sub(second.tables);
    let both = |of: fn(&Checkpoint) -> Option<u64>| of(second).zip(of(last));
    let ratio = |(before, after): (u64, u64)| after as f64 / before as f64;
    let (heap, resident) = (both(|at| at.heap), both(|at| at.resident));
    let is_fine = heap.is_none_or(|(before, after)| {
        let after = after.saturating_sub(last.tables + allowance);
        ratio((before.saturating_sub(second.tables), after)) <= 1.0 + MEMORY_SLACK
    });
    MemoryGrowth {
        resident_ratio: resident.map(ratio),
        heap_ratio: heap.map(ratio),
        tables,
        allowance,
        is_fine,
    }
}

fn settle(world: &mut SoakWorld) -> Result<(), Finding> {
    let start = world.secs();
    let mut rest: Option<(f64, u64)> = None;
    while world.secs() - start < SETTLE_SECS {
        world.step()?;
        let gauges = &world.metrics().gauges;
        let under_way = [
            gauges.missing,
            gauges.unwanted,
            gauges.queued,
            gauges.active_tasks,
            gauges.completed_results,
            gauges.applying,
            gauges.loading,
            gauges.holes,
            // After a cap was raised the world grows back by a chunk a second.
            gauges.held_back,
        ];
        let is_at_rest = gauges.wanted > 0 && under_way.iter().all(|count| *count == 0);
        // A plan that does not know yet where the focus is wants what it wanted before.
        let is_believed = world.secs() - start > REST_SECS + world.settings().scan_interval_secs;
        let entities = gauges.chunk_entities;
        rest = match rest {
            Some((since, before)) if is_at_rest && before == entities => {
                if is_believed && world.secs() - since >= REST_SECS {
                    return Ok(());
                }
                Some((since, before))
            }
            _ if is_at_rest => Some((world.secs(), entities)),
            _ => None,
        };
    }
    let gauges: Vec<String> = world
        .metrics()
        .gauges
        .by_name()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let text = format!("not at rest after {SETTLE_SECS} s: {}", gauges.join(", "));
    Err(world.finding(Kind::Unsettled, text))
}

fn count(world: &SoakWorld) -> Checkpoint {
    let gauges = &world.metrics().gauges;
    let engine = world.world();
    let content = world.loaded().iter().fold(0_u64, |sum, (coord, hash)| {
        let place = u64::from(coord.x as u32) << 32 | u64::from(coord.z as u32);
        sum.rotate_left(7) ^ hash ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    Checkpoint {
        at_secs: world.secs(),
        counts: vec![
            ("entities", u64::from(engine.entities().count_spawned())),
            ("chunk_entities", gauges.chunk_entities),
            (
                "mesh assets",
                engine.resource::<Assets<Mesh>>().len() as u64,
            ),
            (
                "material assets",
                (engine.resource::<Assets<StandardMaterial>>().len()
                    + engine.resource::<Assets<CityMaterial>>().len()) as u64,
            ),
            ("loaded", gauges.loaded),
            ("chunks told of", world.loaded().len() as u64),
            ("loaded_bytes", gauges.loaded_bytes),
            ("content", content),
        ],
        leftovers: vec![
            ("completed_results", gauges.completed_results),
            ("completed_results_bytes", gauges.completed_results_bytes),
            ("queued", gauges.queued),
            ("quarantined", gauges.quarantined),
            ("held_back", gauges.held_back),
            ("preloads", gauges.preloads),
            ("stuck_workers", gauges.stuck_workers),
        ],
        distinct_cells: world.metrics().counters.distinct_loaded,
        most_entities: world.metrics().gauges_max.gauges.chunk_entities,
        tables: bytes_of_tables(engine),
        resident: resident_bytes(),
        heap: heap_bytes(),
    }
}

/// What the engine's tables hold: for each row its components with two change ticks each, and the entity.
fn bytes_of_tables(world: &World) -> u64 {
    let mut row_bytes = BTreeMap::new();
    for archetype in world.archetypes().iter() {
        let components = archetype.table_components();
        let infos = components.filter_map(|id| world.components().get_info(id));
        let of_components: usize = infos
            .map(|info| info.layout().size() + 2 * size_of::<Tick>())
            .sum();
        row_bytes.insert(archetype.table_id().as_u32(), of_components);
    }
    let tables = world.storages().tables.iter().enumerate();
    tables
        .map(|(at, table)| {
            let of_components = row_bytes.get(&(at as u32)).copied().unwrap_or_default();
            (table.capacity() * (of_components + size_of::<Entity>())) as u64
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(heap: u64, resident: u64, distinct_cells: u64) -> Checkpoint {
        Checkpoint {
            at_secs: 0.0,
            counts: Vec::new(),
            leftovers: Vec::new(),
            distinct_cells,
            most_entities: 0,
            tables: 0,
            resident: Some(resident << 20),
            heap: (heap > 0).then_some(heap << 20),
        }
    }

    #[test]
    fn tables_are_counted_with_the_room_that_they_have() {
        let mut world = World::new();
        let empty = bytes_of_tables(&world);
        world.spawn_batch((0..1_000).map(|_| Transform::IDENTITY));
        let rows = (bytes_of_tables(&world) - empty) as usize / 1_000;
        // Transform and what it requires: at least itself, its place in the scene, and four ticks.
        let least = size_of::<Transform>() + size_of::<GlobalTransform>() + 4 * size_of::<Tick>();
        assert!((least..3 * least).contains(&rows), "{rows} bytes per row");
    }

    #[test]
    fn memory_in_use_may_grow_by_the_slack_and_by_what_the_books_keep() {
        let second = checkpoint(100, 150, 1_000);
        let judge =
            |heap, resident, cells| memory_growth(&second, &checkpoint(heap, resident, cells));
        assert!(judge(104, 150, 1_000).is_fine);
        assert!(!judge(107, 150, 1_000).is_fine);
        // Five MiB are slack; the other two take the books of more than 10_485 new cells.
        assert!(!judge(107, 150, 11_000).is_fine);
        let explained = judge(107, 150, 12_000);
        assert!(explained.is_fine && explained.allowance == 11_000 * BYTES_PER_CELL);
        assert!(explained.heap_ratio > Some(1.06));
        // The books are bounded: a million cells excuse no more than their bound.
        let endless = judge(112, 150, 1_000_000);
        assert!(!endless.is_fine && endless.allowance == BYTES_OF_ALL_CELLS);
        // Tables for a larger crowd are known exactly and no growth of ours.
        let mut crowded = checkpoint(130, 180, 1_000);
        assert!(!memory_growth(&second, &crowded).is_fine);
        crowded.tables = 28 << 20;
        let crowded = memory_growth(&second, &crowded);
        assert!(crowded.is_fine && crowded.tables == 28 << 20);
        // What the allocator keeps is shown, not judged.
        let kept = judge(100, 300, 1_000);
        assert!(kept.is_fine && kept.resident_ratio == Some(2.0));
    }
}
