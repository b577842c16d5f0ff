//! What the player's car knocks over or pushes: street lamps and parked cars. It stays so.
//!
//! ```text
//!  a blow ─► what was touched? ─► StreetChanges of each chunk that knows it (kept by the chunk store)
//!                                 ├─► the collision index, at once
//!                                 └─► the chunk is made anew, so that it is seen
//! ```

use bevy::math::DVec2;
use bevy::prelude::*;

use super::GameSet;
use super::car::{CIRCLE_RADIUS_M, Car};
use super::collision::{CollisionIndex, NearThing, Solid};
use super::pilot::Autopilot;
use crate::city::{FallenLamp, MovedCar, StreetChanges, ThingKind};
use crate::streaming::{ChunkDeltas, StreamingRequest};

pub(super) fn plugin(app: &mut App) {
    app.add_message::<StreamingRequest>()
        .add_systems(FixedUpdate, knock.in_set(GameSet::Knocks));
}

/// A softer blow moves nothing, m/s.
const PUSHES_FROM_MPS: f32 = 1.5;
/// A lamp stands softer blows, m/s.
const FELLS_FROM_MPS: f32 = 3.5;
/// How near something has to be to the car's outline to have been hit, metres.
const TOUCH_M: f32 = 0.3;
/// How far a pushed car slides for each m/s of the blow, and at most, metres.
const SLIDE_M_PER_MPS: f32 = 0.16;
const LONGEST_SLIDE_M: f32 = 2.4;
/// Shorter than this is no push, metres.
const SHORTEST_SLIDE_M: f32 = 0.15;
/// Half the width of a parked car, metres.
const PARKED_HALF_M: f32 = 0.85;

fn knock(
    autopilot: Res<Autopilot>,
    cars: Query<&Car>,
    mut index: ResMut<CollisionIndex>,
    mut deltas: Option<ResMut<ChunkDeltas<StreetChanges>>>,
    mut requests: MessageWriter<StreamingRequest>,
) {
    if autopilot.is_flying() {
        return;
    }
    for car in &cars {
        if car.impact_mps < PUSHES_FROM_MPS {
            continue;
        }
        for thing in index.things_near(car.motion.position, 8.0) {
            let Some(change) = change_by(car, &thing, &index) else {
                continue;
            };
            let reached = match &change {
                Change::Fall(_) => thing.in_world,
                Change::Move(_, place) => *place,
            };
            for coord in index.chunks_near([thing.in_world, reached]) {
                let change = change.clone();
                index.change(coord, |changes| change.clone().put_into(changes));
                if let Some(deltas) = deltas.as_mut() {
                    deltas.edit(coord, move |changes| change.put_into(changes));
                }
                requests.write(StreamingRequest::MakeAnew(coord));
            }
            // One thing for one blow.
            break;
        }
    }
}

/// What happens to one thing.
#[derive(Clone, Debug)]
enum Change {
    Fall(FallenLamp),
    /// Where to, also in the world.
    Move(MovedCar, DVec2),
}

impl Change {
    fn put_into(self, changes: &mut StreetChanges) {
        match self {
            Self::Fall(lamp) => changes.knock_over(lamp),
            Self::Move(car, _) => changes.move_car(car),
        }
    }
}

fn change_by(car: &Car, thing: &NearThing, index: &CollisionIndex) -> Option<Change> {
    let (circle, way) = car
        .motion
        .circles()
        .into_iter()
        .map(|circle| (circle, thing.solid.way_from(circle)))
        .min_by(|a, b| a.1.length_squared().total_cmp(&b.1.length_squared()))?;
    if way.length() > CIRCLE_RADIUS_M + TOUCH_M {
        return None;
    }
    let towards = way
        .try_normalize()
        .unwrap_or_else(|| (thing.in_world - circle).as_vec2().normalize_or(Vec2::X));
    match thing.kind {
        ThingKind::Lamp if car.impact_mps >= FELLS_FROM_MPS => {
            let in_plan = (thing.to_plan * towards).normalize_or(Vec2::X);
            Some(Change::Fall(FallenLamp {
                foot: thing.home_in_plan,
                towards: in_plan.as_dvec2(),
            }))
        }
        ThingKind::Lamp => None,
        ThingKind::Car => {
            let slide_m = (car.impact_mps * SLIDE_M_PER_MPS).min(LONGEST_SLIDE_M);
            let slide_m = free_way(thing, towards, slide_m, index)?;
            let way = towards * slide_m;
            Some(Change::Move(
                MovedCar {
                    home: thing.home_in_plan,
                    place: thing.at_in_plan + (thing.to_plan * way).as_dvec2(),
                    look: thing.car,
                },
                thing.in_world + way.as_dvec2(),
            ))
        }
    }
}

/// How far a parked car can slide before it touches something else, metres; nothing if hardly at all.
fn free_way(
    thing: &NearThing,
    towards: Vec2,
    wanted_m: f32,
    index: &CollisionIndex,
) -> Option<f32> {
    let mut boxes: Vec<Solid> = Vec::new();
    index.boxes_near(thing.in_world, 8.0, &mut boxes);
    let (low_m, high_m) = (thing.solid.bottom_m() + 0.9, thing.solid.top_m());
    let others = || {
        boxes.iter().filter(|solid| {
            solid.blocks(low_m, high_m) && solid.middle().distance(thing.solid.middle()) > 0.2
        })
    };
    // The long axis of the car, as three circles.
    let (side, along) = (thing.solid.sides_m(), thing.solid.long_axis());
    let reach = (side.max_element() / 2.0 - PARKED_HALF_M).max(0.0);
    let is_free = |slide_m: f32| {
        [-reach, 0.0, reach].into_iter().all(|offset| {
            let center = thing.in_world + (towards * slide_m + along * offset).as_dvec2();
            others().all(|solid| {
                let now = solid.way_from(center).length();
                let before = solid
                    .way_from(thing.in_world + (along * offset).as_dvec2())
                    .length();
                now > PARKED_HALF_M || now >= before
            })
        })
    };
    let steps = (wanted_m / SHORTEST_SLIDE_M) as u32;
    let free_steps = (1..=steps)
        .take_while(|step| is_free(*step as f32 * SHORTEST_SLIDE_M))
        .count();
    (free_steps > 0).then_some(free_steps as f32 * SHORTEST_SLIDE_M)
}
