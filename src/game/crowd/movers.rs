//! Who is near whom: everything that moves on the ground, once a fixed step, in two grids.

use bevy::math::DVec2;
use bevy::prelude::*;

use crate::game::body::{Body, forward_of};
use crate::game::car::{CIRCLE_OFFSETS_M, CIRCLE_RADIUS_M, Car};
use crate::game::control::Control;
use crate::game::walker::{RADIUS_M, Walker};

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoverKind {
    /// The player's car, driven or parked.
    PlayerCar,
    /// The player on foot.
    Walker,
    /// A vehicle in the traffic.
    Vehicle,
    /// Somebody on the pavement.
    Person,
}

impl MoverKind {
    const fn is_vehicle(self) -> bool {
        matches!(self, Self::PlayerCar | Self::Vehicle)
    }
}

/// Something that others keep clear of. Its owner keeps it up to date.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Mover {
    /// What it is.
    pub kind: MoverKind,
    /// Its middle, world x and z in metres.
    pub place: DVec2,
    /// Height of its foot above the water, metres: what is on a viaduct meets nobody under it.
    pub height_m: f64,
    /// m/s on the plane (x, z).
    pub velocity: Vec2,
    /// Where its nose points, of length 1.
    pub forward: Vec2,
    /// From its middle to the middles of the round ends, metres; 0 for a person.
    pub half_length_m: f32,
    /// Half its width, metres.
    pub radius_m: f32,
}

impl Mover {
    /// The way from its axis to a place, metres: from the nearest point between the middles of its ends.
    #[must_use]
    pub fn way_to(&self, place: DVec2) -> Vec2 {
        let offset = (place - self.place).as_vec2();
        let along = offset
            .dot(self.forward)
            .clamp(-self.half_length_m, self.half_length_m);
        offset - self.forward * along
    }
}

/// Everything that moved in the last fixed step, by place.
#[derive(Resource, Debug)]
pub struct Movers {
    all: Vec<Mover>,
    walkers: Grid,
    vehicles: Grid,
}

impl Default for Movers {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            walkers: Grid::new(4.0),
            vehicles: Grid::new(24.0),
        }
    }
}

impl Movers {
    /// Replaces everything. The order counts: neighbours are found in it.
    pub fn refill(&mut self, movers: impl Iterator<Item = Mover>) {
        self.all.clear();
        self.all.extend(movers);
        self.walkers.clear();
        self.vehicles.clear();
        for (number, mover) in self.all.iter().enumerate() {
            let grid = if mover.kind.is_vehicle() {
                &mut self.vehicles
            } else {
                &mut self.walkers
            };
            grid.add(mover.place, number as u32);
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Mover] {
        &self.all
    }

    /// The people, and the player on foot, whose middles are within a distance along both axes.
    pub fn walkers_near(&self, place: DVec2, radius_m: f64) -> impl Iterator<Item = &Mover> {
        self.near(&self.walkers, place, radius_m)
    }

    /// The vehicles, and the player's car, whose middles are within a distance along both axes.
    pub fn vehicles_near(&self, place: DVec2, radius_m: f64) -> impl Iterator<Item = &Mover> {
        self.near(&self.vehicles, place, radius_m)
    }

    fn near<'a>(
        &'a self,
        grid: &'a Grid,
        place: DVec2,
        radius_m: f64,
    ) -> impl Iterator<Item = &'a Mover> {
        grid.near(place, radius_m)
            .map(|number| &self.all[number as usize])
            .filter(move |mover| {
                let apart = (mover.place - place).abs();
                apart.x <= radius_m && apart.y <= radius_m
            })
    }
}

/// Numbers in square cells; the cells share a fixed number of lists.
#[derive(Debug)]
struct Grid {
    cell_m: f64,
    /// The first entry of each list in `entries`, [`NONE`] if it is empty.
    heads: Vec<u32>,
    /// Cell, number, and the next entry of the list.
    entries: Vec<([i32; 2], u32, u32)>,
}

const NONE: u32 = u32::MAX;
const LISTS: usize = 512;

impl Grid {
    fn new(cell_m: f64) -> Self {
        Self {
            cell_m,
            heads: vec![NONE; LISTS],
            entries: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.heads.fill(NONE);
        self.entries.clear();
    }

    fn cell(&self, place: DVec2) -> [i32; 2] {
        let cell = (place / self.cell_m).floor();
        [cell.x as i32, cell.y as i32]
    }

    const fn list([x, z]: [i32; 2]) -> usize {
        let mixed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (z as u32).wrapping_mul(0x85EB_CA77);
        (mixed >> 16) as usize % LISTS
    }

    fn add(&mut self, place: DVec2, number: u32) {
        let cell = self.cell(place);
        let list = Self::list(cell);
        self.entries.push((cell, number, self.heads[list]));
        self.heads[list] = self.entries.len() as u32 - 1;
    }

    fn near(&self, place: DVec2, radius_m: f64) -> impl Iterator<Item = u32> {
        let reach = DVec2::splat(radius_m);
        let (low, high) = (self.cell(place - reach), self.cell(place + reach));
        (low[1]..=high[1])
            .flat_map(move |z| (low[0]..=high[0]).map(move |x| [x, z]))
            .flat_map(move |cell| {
                let mut at = self.heads[Self::list(cell)];
                std::iter::from_fn(move || {
                    while let Some((other, number, next)) = self.entries.get(at as usize) {
                        at = *next;
                        if *other == cell {
                            return Some(*number);
                        }
                    }
                    None
                })
            })
    }
}

/// Tells where the player is.
pub(super) fn report_player(
    mut commands: Commands,
    control: Res<Control>,
    walkers: Query<(Entity, &Body), (With<Walker>, Without<Car>)>,
    cars: Query<(Entity, &Body, &Car), Without<Walker>>,
    mut movers: Query<&mut Mover>,
) {
    let mut now: Vec<(Entity, Mover)> = Vec::with_capacity(2);
    now.extend(cars.iter().map(|(entity, body, car)| {
        let mover = Mover {
            kind: MoverKind::PlayerCar,
            place: body.position.xz(),
            height_m: body.position.y,
            velocity: car.motion.velocity,
            forward: forward_of(car.motion.yaw),
            half_length_m: CIRCLE_OFFSETS_M[2],
            radius_m: CIRCLE_RADIUS_M,
        };
        (entity, mover)
    }));
    for (entity, body) in &walkers {
        if *control == Control::InCar {
            // In the car, not beside it.
            commands.entity(entity).remove::<Mover>();
            continue;
        }
        let look = (body.rotation * Vec3::NEG_Z).xz();
        let mover = Mover {
            kind: MoverKind::Walker,
            place: body.position.xz(),
            height_m: body.position.y,
            velocity: body.velocity.xz(),
            forward: look.normalize_or(Vec2::NEG_Y),
            half_length_m: 0.0,
            radius_m: RADIUS_M,
        };
        now.push((entity, mover));
    }
    for (entity, mover) in now {
        if let Ok(mut told) = movers.get_mut(entity) {
            *told = mover;
        } else {
            commands.entity(entity).insert(mover);
        }
    }
}

pub(super) fn gather(mut movers: ResMut<Movers>, places: Query<&Mover>) {
    movers.refill(places.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mover(kind: MoverKind, x: f64, z: f64) -> Mover {
        Mover {
            kind,
            place: DVec2::new(x, z),
            height_m: 0.0,
            velocity: Vec2::ZERO,
            forward: Vec2::X,
            half_length_m: 0.0,
            radius_m: 0.3,
        }
    }

    #[test]
    fn neighbours_are_exactly_those_within_reach() {
        let mut chance = crate::game::crowd::Chance::new(5);
        let mut place = || f64::from(chance.between(-120.0, 120.0));
        let all: Vec<Mover> = (0..600)
            .map(|number| {
                let kind = if number % 3 == 0 {
                    MoverKind::Vehicle
                } else {
                    MoverKind::Person
                };
                mover(kind, 1e6 + place(), place() - 3e6)
            })
            .collect();
        let mut movers = Movers::default();
        movers.refill(all.iter().copied());
        for radius in [0.5, 3.0, 30.0] {
            for middle in all.iter().step_by(37) {
                let expected = |wants_vehicles: bool| {
                    all.iter()
                        .filter(|other| other.kind.is_vehicle() == wants_vehicles)
                        .filter(|other| {
                            let apart = (other.place - middle.place).abs();
                            apart.max_element() <= radius
                        })
                        .count()
                };
                let (walkers, vehicles) = (
                    movers.walkers_near(middle.place, radius).count(),
                    movers.vehicles_near(middle.place, radius).count(),
                );
                assert_eq!((walkers, vehicles), (expected(false), expected(true)));
            }
        }
    }

    #[test]
    fn the_way_from_a_car_starts_at_its_axis() {
        let car = Mover {
            half_length_m: 2.0,
            ..mover(MoverKind::Vehicle, 0.0, 0.0)
        };
        assert_eq!(car.way_to(DVec2::new(1.0, 3.0)), Vec2::new(0.0, 3.0));
        assert_eq!(car.way_to(DVec2::new(-5.0, 0.0)), Vec2::new(-3.0, 0.0));
    }
}
