//! Room in the tables of the ECS, reserved before chunks need it, so that no slice pays for moving a table.

use bevy::ecs::bundle::{Bundle, NoBundleEffect};
use bevy::ecs::entity::Entity;
use bevy::ecs::storage::TableId;
use bevy::ecs::world::World;
use std::collections::BTreeMap;

use crate::logic::room::TableUse;
use crate::palette::PaletteKey;

/// What decides in which table an entity is: its material and whether it throws a shadow.
pub(crate) type Kind = (PaletteKey, bool);

/// Which tables chunks fill, and how many rows they have brought.
#[derive(Default)]
pub(crate) struct Room {
    kinds: BTreeMap<Kind, usize>,
    tables: Vec<Filled>,
    chunks: u64,
}

/// A table that chunks fill.
struct Filled {
    id: TableId,
    /// Rows that whole chunks have brought.
    brought: u64,
    /// Rows of the chunk that is being applied.
    of_this_chunk: u64,
}

impl Room {
    /// How many rows the next batch of a kind should leave free in its table.
    pub fn rows_to_reserve(&self, world: &World, kind: Kind, wanted: u64) -> usize {
        let known = self.kinds.get(&kind).and_then(|at| self.tables.get(*at));
        let Some(filled) = known else { return 0 };
        let Some(table) = world.storages().tables.get(filled.id) else {
            return 0;
        };
        let table = TableUse {
            rows: table.entity_count() as usize,
            capacity: table.capacity(),
            brought: filled.brought,
            chunks: self.chunks,
            wanted,
        };
        table.rows_to_reserve()
    }

    /// Counts what a batch has brought.
    pub fn note(&mut self, world: &World, kind: Kind, spawned: &[Entity]) {
        let Some(first) = spawned.first() else { return };
        let at = match self.kinds.get(&kind) {
            Some(at) => *at,
            None => {
                let Ok(entity) = world.get_entity(*first) else {
                    return;
                };
                let id = entity.location().table_id;
                let known = self.tables.iter().position(|filled| filled.id == id);
                let at = known.unwrap_or_else(|| {
                    self.tables.push(Filled {
                        id,
                        brought: 0,
                        of_this_chunk: 0,
                    });
                    self.tables.len() - 1
                });
                self.kinds.insert(kind, at);
                at
            }
        };
        self.tables[at].of_this_chunk += spawned.len() as u64;
    }

    /// Another chunk is being applied.
    pub fn begin_chunk(&mut self) {
        for filled in &mut self.tables {
            filled.of_this_chunk = 0;
        }
    }

    /// All of it is there.
    pub fn end_chunk(&mut self) {
        self.chunks += 1;
        for filled in &mut self.tables {
            filled.brought += std::mem::take(&mut filled.of_this_chunk);
        }
    }
}

/// How many entities a batch that reserves rows must have at least. `World::spawn_batch` takes a number for
/// each entity that may come and gives back those that it did not use, through a list of 128 that may hold
/// others already. In Bevy 0.19.1 that list is written over numbers which are not taken yet, so that two
/// entities get one number, unless the batch has used as many as the list holds.
const LEAST_BATCH: usize = 128;

/// Spawns a batch and reserves so many rows of its table beyond it. Where the batch is small some of its
/// entities are spawned twice, and the second ones go at once.
pub(crate) fn spawn_with_room<T: Clone, B: Bundle<Effect: NoBundleEffect>>(
    world: &mut World,
    spawned: &mut Vec<Entity>,
    rows: usize,
    each: &[T],
    bundle: impl Fn(T) -> B,
) {
    let copies = each.len();
    let (false, Some(last)) = (rows == 0, each.last()) else {
        spawned.extend(world.spawn_batch(each.iter().map(|one| bundle(one.clone()))));
        return;
    };
    let surplus = LEAST_BATCH.saturating_sub(copies);
    let all = each.iter().chain(std::iter::repeat_n(last, surplus));
    let batch = WithRoom {
        inner: all.map(|one| bundle(one.clone())),
        rows,
    };
    let from = spawned.len();
    spawned.extend(world.spawn_batch(batch));
    for entity in spawned.drain(from + copies..) {
        world.despawn(entity);
    }
}

/// An iterator that says it may go on for so many more: what the engine reserves rows by.
struct WithRoom<I> {
    inner: I,
    rows: usize,
}

impl<I: Iterator> Iterator for WithRoom<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.inner.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.inner.size_hint();
        (least, most.map(|most| most.saturating_add(self.rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::component::Component;
    use bevy::prelude::Transform;
    use std::collections::BTreeSet;

    #[derive(Component)]
    struct Row(#[expect(dead_code, reason = "a row has to have a size")] Transform);

    /// However many numbers wait to be given out again, no two entities get the same one.
    #[test]
    fn room_is_reserved_and_every_entity_has_a_number_of_its_own() {
        for freed in (0..=400).step_by(7) {
            for copies in [1, 64, 127, 128, 200] {
                let mut world = World::new();
                let old: Vec<Entity> = world
                    .spawn_batch((0..3_000).map(|_| Row(Transform::IDENTITY)))
                    .collect();
                let stay = old.len() - 1_000 - freed;
                for entity in &old[stay..] {
                    world.despawn(*entity);
                }
                let mut seen: BTreeSet<Entity> = old[..stay].iter().copied().collect();
                for rows in [5_000, 0, 9_000] {
                    let mut spawned = Vec::new();
                    let offsets = vec![Transform::IDENTITY; copies];
                    spawn_with_room(&mut world, &mut spawned, rows, &offsets, Row);
                    assert_eq!(spawned.len(), copies);
                    for entity in spawned {
                        assert!(seen.insert(entity), "{entity} twice after {freed} freed");
                        assert!(world.get::<Row>(entity).is_some());
                    }
                    let mut alive = world.query::<&Row>();
                    assert_eq!(alive.iter(&world).count(), seen.len());
                    let tables = world.storages().tables.iter();
                    let capacity = tables.map(bevy::ecs::storage::Table::capacity).max();
                    assert!(capacity >= Some(seen.len() + rows - LEAST_BATCH));
                }
            }
        }
    }
}
