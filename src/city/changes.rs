//! What a player changed in the streets: lamps that were knocked over, parked cars that were pushed away.
//!
//! Things are named by their places in the plan: the same in every chunk that knows them. A change is kept with every
//! chunk near it, since a thing beside a border is solid on both sides. A car may be pushed over any number of borders, so
//! its change tells what it looks like: the chunk that it stands in need not know the place where it was parked.

use bevy::math::{DVec2, Vec2, Vec3};
use serde::{Deserialize, Serialize};

use super::area::Axis;
use super::generator;
use super::plan::furniture::{CarBody, Furniture, Prop};
use super::plan::{ChunkPlan, THINGS_REACH_M};
use crate::streaming::{ChunkContent, ChunkDelta, ChunkRequest, GenerateError, StopToken};

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

/// What a parked car is, wherever it stands.
#[derive(Serialize, Deserialize, Copy, Clone, PartialEq, Debug)]
pub struct ParkedCar {
    along: Axis,
    body: CarBody,
    /// Linear.
    paint: [f32; 3],
    /// On the carriageway, or on the higher ground inside the kerbs.
    on_road: bool,
}

impl ParkedCar {
    /// What a prop is, if it is a car.
    pub(super) const fn of(prop: &Prop) -> Option<Self> {
        match prop {
            Prop::Car {
                along,
                paint,
                body,
                on_road,
                ..
            } => Some(Self {
                along: *along,
                body: *body,
                paint: paint.to_array(),
                on_road: *on_road,
            }),
            _ => None,
        }
    }

    /// The car at a plan-local place.
    pub(super) const fn at(&self, at: Vec2) -> Prop {
        Prop::Car {
            at,
            along: self.along,
            paint: Vec3::from_array(self.paint),
            body: self.body,
            on_road: self.on_road,
        }
    }
}

/// A parked car that stands elsewhere.
#[derive(Serialize, Deserialize, Copy, Clone, PartialEq, Debug)]
pub struct MovedCar {
    /// Where it was parked, in the plan, metres.
    pub home: DVec2,
    /// Where it is now.
    pub place: DVec2,
    /// What it looks like. Unknown in what older versions saved: then it is only found near its home.
    #[serde(default)]
    pub look: Option<ParkedCar>,
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
    fn merge(
        &self,
        request: &ChunkRequest,
        content: &mut ChunkContent,
        stop: &StopToken,
    ) -> Result<(), GenerateError> {
        *content = generator::full_with(request, self, stop)?;
        Ok(())
    }
}

impl ChunkPlan {
    /// Puts what was changed into the plan.
    pub(super) fn apply(&mut self, changes: &StreetChanges) {
        let origin = self.frame.origin_in_plan;
        let blocks = self.blocks.iter_mut().map(|block| &mut block.furniture);
        let rivers = self.rivers.iter_mut().map(|river| &mut river.furniture);
        let (fallen, moved) = (&mut self.fallen_lamps, &mut self.moved_cars);
        for furniture in blocks.chain(&mut self.beside).chain(rivers) {
            furniture.lamps.retain(|lamp| {
                let fell = changes.fallen(origin + lamp.at.as_dvec2());
                if let Some(lamp_down) = fell {
                    fallen.push((lamp.at, lamp_down.towards.as_vec2()));
                }
                fell.is_none()
            });
            furniture.props.retain_mut(|prop| {
                let Prop::Car { at, .. } = prop else {
                    return true;
                };
                let Some(car) = changes.moved(origin + at.as_dvec2()) else {
                    return true;
                };
                if car.look.is_none() {
                    let home = *at;
                    *at = (car.place - origin).as_vec2();
                    moved.push((*at, home));
                }
                car.look.is_none()
            });
        }
        let mut pushed = Furniture::default();
        for car in &changes.cars {
            let Some(look) = &car.look else { continue };
            let [at, home] = [car.place, car.home].map(|place| (place - origin).as_vec2());
            if self.frame.is_near(at, THINGS_REACH_M) {
                pushed.props.push(look.at(at));
                moved.push((at, home));
            }
        }
        self.beside.push(pushed);
    }

    /// Where a parked car at a place was when the city was new.
    pub(super) fn home_of(&self, at: Vec2) -> Vec2 {
        let moved = self.moved_cars.iter().find(|(now, _)| *now == at);
        moved.map_or(at, |(_, home)| *home)
    }
}
