//! What a player changed in the streets: lamps that were knocked over, parked cars that were pushed away.
//!
//! Things are named by their places in the plan: the same in every chunk that knows them. A change is kept with every
//! chunk near it, since a thing beside a border is solid on both sides.

use bevy::math::{DVec2, Vec2};
use serde::{Deserialize, Serialize};

use super::generator;
use super::plan::ChunkPlan;
use crate::streaming::{ChunkContent, ChunkDelta, ChunkRequest};

/// Two places nearer than this are the same thing, metres.
const SAME_M: f64 = 0.3;

/// A lamp that lies on the ground.
#[derive(Serialize, Deserialize, Copy, Clone, PartialEq, Debug)]
pub struct FallenLamp {
    /// Where its foot is in the plan, metres.
    pub foot: DVec2,
    /// Where its head lies from there, of length 1.
    pub towards: DVec2,
}

/// A parked car that stands elsewhere.
#[derive(Serialize, Deserialize, Copy, Clone, PartialEq, Debug)]
pub struct MovedCar {
    /// Where it was parked, in the plan, metres.
    pub home: DVec2,
    /// Where it is now.
    pub place: DVec2,
}

/// The changes near one chunk.
#[derive(Serialize, Deserialize, Clone, Default, PartialEq, Debug)]
pub struct StreetChanges {
    /// Lamps that lie, each once.
    pub lamps: Vec<FallenLamp>,
    /// Cars that were moved, each once.
    pub cars: Vec<MovedCar>,
}

impl StreetChanges {
    /// Knocks a lamp over; one that lies already goes on lying.
    pub fn knock_over(&mut self, lamp: FallenLamp) {
        if self.fallen(lamp.foot).is_none() {
            self.lamps.push(lamp);
        }
    }

    /// Moves a car to another place.
    pub fn move_car(&mut self, moved: MovedCar) {
        self.cars.retain(|car| !is_same(car.home, moved.home));
        self.cars.push(moved);
    }

    pub(super) fn fallen(&self, foot: DVec2) -> Option<&FallenLamp> {
        self.lamps.iter().find(|lamp| is_same(lamp.foot, foot))
    }

    pub(super) fn moved(&self, home: DVec2) -> Option<&MovedCar> {
        self.cars.iter().find(|car| is_same(car.home, home))
    }
}

fn is_same(a: DVec2, b: DVec2) -> bool {
    a.distance_squared(b) < SAME_M * SAME_M
}

impl ChunkDelta for StreetChanges {
    const VERSION: u32 = 1;

    /// Plans the chunk with the changes and builds it again: twice the work, for the few chunks that were changed.
    fn merge(&self, request: &ChunkRequest, content: &mut ChunkContent) {
        if let Ok(changed) = generator::full_with(request, self) {
            *content = changed;
        }
    }
}

impl ChunkPlan {
    /// Puts what was changed into the plan.
    pub(super) fn apply(&mut self, changes: &StreetChanges) {
        use super::plan::furniture::Prop;
        let origin = self.frame.origin_in_plan;
        let blocks = self.blocks.iter_mut().map(|block| &mut block.furniture);
        let rivers = self.rivers.iter_mut().map(|river| &mut river.furniture);
        let (fallen, moved) = (&mut self.fallen_lamps, &mut self.moved_cars);
        for furniture in blocks.chain(rivers) {
            furniture.lamps.retain(|lamp| {
                let fell = changes.fallen(origin + lamp.at.as_dvec2());
                if let Some(lamp_down) = fell {
                    fallen.push((lamp.at, lamp_down.towards.as_vec2()));
                }
                fell.is_none()
            });
            for prop in &mut furniture.props {
                if let Prop::Car { at, .. } = prop
                    && let Some(car) = changes.moved(origin + at.as_dvec2())
                {
                    let home = *at;
                    *at = (car.place - origin).as_vec2();
                    moved.push((*at, home));
                }
            }
        }
    }

    /// Where a parked car at a place was when the city was new.
    pub(super) fn home_of(&self, at: Vec2) -> Vec2 {
        let moved = self.moved_cars.iter().find(|(now, _)| *now == at);
        moved.map_or(at, |(_, home)| *home)
    }
}
