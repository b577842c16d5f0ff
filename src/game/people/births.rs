//! Who comes and who goes: the neighbourhood follows the player, and its pavements fill up out of sight.

use bevy::math::DVec2;
use bevy::prelude::*;

use super::Stance;
use super::stroll::Person;
use crate::city::{WalkBlock, Walks};
use crate::game::collision::CollisionIndex;
use crate::game::crowd::{Chance, CrowdBudget, Mover, Movers, Ring, Viewer};
use crate::streaming::StreamingSettings;

/// How far around the player pavements are known, metres, and after which way they are looked up anew.
const REACH_M: f64 = 320.0;
const MOVE_M: f64 = 90.0;
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
    /// Lengths of the blocks' walks by how lively they are, summed up.
    weights: Vec<f32>,
    steps: u32,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self {
            walks: None,
            middle: DVec2::ZERO,
            chance: Chance::new(0),
            wanted: 0,
            weights: Vec::new(),
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

    fn set(&mut self, walks: Walks, middle: DVec2) {
        let in_plan = walks.in_plan(middle);
        let mut sum = 0.0;
        self.weights.clear();
        for block in walks.blocks() {
            let corner = block.corner(crate::city::Corner::NorthWest, 0.5);
            if f64::from(corner.distance(in_plan)) < Ring::PEOPLE.birth_m + 60.0 {
                sum += block.length_m() * block.liveliness;
            }
            self.weights.push(sum);
        }
        self.wanted = (sum / METRES_PER_PERSON) as usize;
        (self.walks, self.middle) = (Some(walks), middle);
    }

    /// A place on a pavement, likelier where it is lively.
    fn pick(&mut self) -> Option<(WalkBlock, Vec2)> {
        let walks = self.walks.as_ref()?;
        let sum = *self.weights.last()?;
        let at = self.chance.between(0.0, sum.max(1e-3));
        let number = self.weights.partition_point(|weight| *weight <= at);
        let block = walks.blocks().get(number)?;
        let corner = crate::city::Corner::ALL[self.chance.below(4)];
        let share = self.chance.unit();
        let (from, to) = (
            block.corner(corner, share),
            block.corner(corner.next(crate::city::Way::Clockwise), share),
        );
        let place = from.lerp(to, self.chance.unit());
        Some((block.clone(), place))
    }
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
