//! Who comes and who goes: the neighbourhood follows the player, and its pavements fill up out of sight.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::Stance;
use super::stroll::Person;
use crate::city::{Corner, WalkBlock, Walks, Way};
use crate::game::collision::CollisionIndex;
use crate::game::crowd::{Chance, CrowdBudget, Mover, Movers, Ring, Viewer};
use crate::streaming::StreamingSettings;

/// How far around the player pavements are known, metres, and after which way they are looked up anew.
const REACH_M: f64 = 320.0;
const MOVE_M: f64 = 90.0;
/// People are born on what is so near, metres: a little beyond where they may be, for the player goes on.
const NEAR_M: f32 = Ring::PEOPLE.birth_m as f32 + 60.0;
/// Along a lively pavement there is one person for so many metres.
const METRES_PER_PERSON: f32 = 11.0;
/// How often a place for a birth is tried in one step: seldom, and often on arrival.
const TRIES: u32 = 6;
const TRIES_ON_ARRIVAL: u32 = 60;
/// Each person is looked at for retirement in one of so many steps.
const RETIRE_STEPS: u32 = 16;
/// Nobody is born nearer to somebody else, metres.
const APART_M: f64 = 1.2;

/// The pavements around the player, and the chance of who walks there.
#[derive(Resource, Debug)]
pub struct Neighbourhood {
    walks: Option<Walks>,
    middle: DVec2,
    chance: Chance,
    /// How many people it wants.
    wanted: usize,
    stretches: Vec<Stretch>,
    steps: u32,
}

/// The part of one side of a block's pavement where somebody can be born.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// The number of the block.
    block: usize,
    /// The corner where the side begins, clockwise.
    corner: Corner,
    /// From where to where, as shares of the side.
    part: [f32; 2],
    /// Lengths by how lively they are, summed up to this one.
    sum_m: f32,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self {
            walks: None,
            middle: DVec2::ZERO,
            chance: Chance::new(0),
            wanted: 0,
            stretches: Vec::new(),
            steps: 0,
        }
    }
}

impl Neighbourhood {
    /// The pavements, if there is a neighbourhood.
    #[must_use]
    pub const fn walks(&self) -> Option<&Walks> {
        self.walks.as_ref()
    }

    /// Only what is within reach counts: of a large park that is a short part of its pavement, wherever its corners are.
    fn set(&mut self, walks: Walks, middle: DVec2) {
        let in_plan = walks.in_plan(middle);
        let mut sum_m = 0.0;
        self.stretches.clear();
        for (number, block) in walks.blocks().iter().enumerate() {
            for corner in Corner::ALL {
                let (from, to) = side(block, corner, 0.5);
                let Some(part) = part_within(from, to, in_plan, NEAR_M) else {
                    continue;
                };
                sum_m += from.distance(to) * (part[1] - part[0]) * block.liveliness;
                self.stretches.push(Stretch {
                    block: number,
                    corner,
                    part,
                    sum_m,
                });
            }
        }
        self.wanted = (sum_m / METRES_PER_PERSON) as usize;
        (self.walks, self.middle) = (Some(walks), middle);
    }

    /// A place on a pavement, likelier where it is lively.
    fn pick(&mut self) -> Option<(WalkBlock, Vec2)> {
        let walks = self.walks.as_ref()?;
        let sum_m = self.stretches.last()?.sum_m;
        let at_m = self.chance.between(0.0, sum_m.max(1e-3));
        let number = self
            .stretches
            .partition_point(|stretch| stretch.sum_m <= at_m);
        let stretch = self.stretches.get(number)?;
        let block = walks.blocks().get(stretch.block)?;
        let (from, to) = side(block, stretch.corner, self.chance.unit());
        let [low, high] = stretch.part;
        let place = from.lerp(to, self.chance.between(low, high));
        Some((block.clone(), place))
    }
}

/// Where somebody walks along the side of a block that begins at a corner, clockwise, at a share of the pavement's width.
fn side(block: &WalkBlock, corner: Corner, share: f32) -> (Vec2, Vec2) {
    let end = corner.next(Way::Clockwise);
    (block.corner(corner, share), block.corner(end, share))
}

/// The part of a straight way that is within a distance of a place, as shares of it, if there is one.
fn part_within(from: Vec2, to: Vec2, middle: Vec2, radius_m: f32) -> Option<[f32; 2]> {
    let (way, offset) = (to - from, middle - from);
    let length_m = way.length().max(1e-3);
    let along = way / length_m;
    let (nearest_m, aside_m) = (offset.dot(along), offset.perp_dot(along));
    let half_m = (radius_m * radius_m - aside_m * aside_m).sqrt();
    let part = [nearest_m - half_m, nearest_m + half_m].map(|m| (m / length_m).clamp(0.0, 1.0));
    // Not a number where the way passes too far away.
    (part[0] < part[1]).then_some(part)
}

/// Looks up the pavements anew when the player has gone on, and takes the people along.
pub(super) fn follow_player(
    mut commands: Commands,
    settings: Res<StreamingSettings>,
    viewer: Res<Viewer>,
    mut neighbourhood: ResMut<Neighbourhood>,
    mut people: Query<(Entity, &mut Person)>,
) {
    let (place, seed) = (viewer.place.xz(), settings.seed);
    let is_other_city = neighbourhood
        .walks
        .as_ref()
        .is_none_or(|walks| walks.seed() != seed);
    if is_other_city {
        neighbourhood.chance = Chance::new(seed ^ 0x0070_656F_706C_6500);
        for (entity, _) in &people {
            commands.entity(entity).despawn();
        }
    } else if place.distance(neighbourhood.middle) < MOVE_M {
        return;
    }
    if !viewer.has_ground && people.is_empty() {
        // A flight over what is not there yet needs no pavements.
        return;
    }
    let walks = Walks::around(seed, place, REACH_M);
    if let Some(before) = neighbourhood.walks.as_ref().filter(|_| !is_other_city) {
        let shift = (before.origin_in_plan() - walks.origin_in_plan()).as_vec2();
        for (entity, mut person) in &mut people {
            if !person.move_to(shift, &walks) {
                commands.entity(entity).despawn();
            }
        }
    }
    neighbourhood.set(walks, place);
}

/// Takes away who is too far from the player, and whose ground has gone.
pub(super) fn retire(
    mut commands: Commands,
    index: Res<CollisionIndex>,
    viewer: Res<Viewer>,
    mut neighbourhood: ResMut<Neighbourhood>,
    people: Query<(Entity, &Mover, &Person)>,
) {
    neighbourhood.steps += 1;
    for (entity, mover, person) in &people {
        let turn = neighbourhood.steps.wrapping_add(person.figure);
        if !turn.is_multiple_of(RETIRE_STEPS) {
            continue;
        }
        let has_ground = index.is_ready(mover.place.extend(mover.height_m).xzy());
        if !has_ground || Ring::PEOPLE.must_retire(mover.place, &viewer) {
            commands.entity(entity).despawn();
        }
    }
}

/// Lets people appear on the pavements until there are enough.
pub(super) fn give_birth(
    mut commands: Commands,
    index: Res<CollisionIndex>,
    viewer: Res<Viewer>,
    budget: Res<CrowdBudget>,
    movers: Res<Movers>,
    mut neighbourhood: ResMut<Neighbourhood>,
    people: Query<(), With<Person>>,
) {
    let wanted = neighbourhood.wanted.min(budget.people);
    let mut missing = wanted.saturating_sub(people.iter().len());
    if !viewer.has_ground || missing == 0 {
        return;
    }
    let tries = if viewer.has_just_arrived() {
        TRIES_ON_ARRIVAL
    } else {
        TRIES
    };
    let mut born: Vec<DVec2> = Vec::new();
    for _ in 0..tries {
        let Some((block, place)) = neighbourhood.pick() else {
            return;
        };
        let seed = neighbourhood.chance.roll();
        let Some(walks) = neighbourhood.walks.as_ref() else {
            return;
        };
        let (in_world, land_m) = walks.in_world(place);
        let is_taken = movers.walkers_near(in_world, APART_M).next().is_some()
            || born.iter().any(|other| other.distance(in_world) < APART_M);
        if is_taken
            || !Ring::PEOPLE.may_be_born(in_world, &viewer)
            || !index.is_ready(in_world.extend(f64::from(land_m)).xzy())
        {
            continue;
        }
        let person = Person::new(walks, &block, place, Chance::new(seed));
        let (at, height_m) = person.in_world(walks);
        let position = at.extend(height_m).xzy();
        let rotation = person.rotation();
        commands.spawn((
            person.as_mover(at, height_m),
            Stance {
                position,
                previous_position: position,
                rotation,
                previous_rotation: rotation,
            },
            Transform::from_rotation(rotation).with_scale(Vec3::splat(height_of(person.figure))),
            Visibility::default(),
            person,
        ));
        born.push(in_world);
        missing -= 1;
        if missing == 0 {
            return;
        }
    }
}

/// How tall somebody is, as a share of the figure's own height.
fn height_of(figure: u32) -> f32 {
    0.92 + (figure >> 16 & 0xFF) as f32 / 255.0 * 0.14
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest block near the middle that is wide both ways, not a bank of the river: a park.
    fn park(seed: u64) -> Option<(Walks, WalkBlock)> {
        let walks = Walks::around(seed, DVec2::ZERO, 900.0);
        let width_m = |block: &WalkBlock| {
            let [low, high] =
                [Corner::NorthWest, Corner::SouthEast].map(|at| block.corner(at, 0.5));
            (high - low).min_element()
        };
        let largest = (walks.blocks().iter())
            .max_by(|a, b| width_m(a).total_cmp(&width_m(b)))
            .cloned()?;
        (width_m(&largest) > 330.0).then_some((walks, largest))
    }

    /// How likely people are born on the pavement of a block near a place, relative to the other pavements there, each by
    /// its length and liveliness; and the share of births that are near enough at all.
    fn births_on(block: &WalkBlock, place: DVec2, seed: u64) -> (f32, f32) {
        const ROUND_M: f32 = 90.0;
        let mut neighbourhood = Neighbourhood::default();
        neighbourhood.set(Walks::around(seed, place, REACH_M), place);
        let walks = neighbourhood.walks.as_ref().unwrap();
        let middle = walks.in_plan(place);
        let (mut own_m, mut others_m) = (0.0, 0.0);
        for other in walks.blocks() {
            for corner in Corner::ALL {
                let (from, to) = side(other, corner, 0.5);
                let part = part_within(from, to, middle, ROUND_M).unwrap_or_default();
                let weight_m = from.distance(to) * (part[1] - part[0]) * other.liveliness;
                if other.id == block.id {
                    own_m += weight_m;
                } else {
                    others_m += weight_m;
                }
            }
        }
        let (mut own, mut others, mut within) = (0.0, 0.0, 0.0);
        for _ in 0..20_000 {
            let (on, at) = neighbourhood.pick().unwrap();
            within += f32::from(at.distance(middle) < Ring::PEOPLE.birth_m as f32);
            if at.distance(middle) < ROUND_M {
                if on.id == block.id {
                    own += 1.0;
                } else {
                    others += 1.0;
                }
            }
        }
        assert!(own_m > 15.0 && others_m > 15.0, "{own_m} {others_m}");
        (own / own_m / (others / others_m), within / 20_000.0)
    }

    #[test]
    fn beside_a_large_park_as_many_are_born_as_along_other_streets_at_each_of_its_corners() {
        let mut parks = 0;
        for seed in 0..40 {
            let Some((walks, park)) = park(seed) else {
                continue;
            };
            parks += 1;
            for corner in Corner::ALL {
                let (place, _) = walks.in_world(park.corner(corner, 0.5));
                let (ratio, within) = births_on(&park, place, seed);
                println!(
                    "seed {seed}, {:.0} m round, {corner:?}: {ratio:.2}, {within:.2} within reach",
                    park.length_m()
                );
                assert!((0.8..1.25).contains(&ratio), "{ratio} at {corner:?}");
                assert!(within > 0.4, "{within} at {corner:?}");
            }
        }
        assert!(parks > 3, "{parks} parks");
    }
}
