//! How one person walks: round blocks, over streets, past others, away from cars. Pure functions, no ECS.

use bevy::math::DVec2;
use bevy::prelude::*;

use crate::city::{Corner, Course, Crossing, Signals, WalkBlock, WalkBlockId, Walks, Way};
use crate::game::body::{forward_of, yaw_towards};
use crate::game::crowd::{Chance, Mover, MoverKind, Movers};

/// Half the width of a person, metres.
pub const RADIUS_M: f32 = 0.28;
/// How far ahead others are stepped aside for, metres.
const AHEAD_M: f32 = 1.8;
/// Cars are looked out for within this distance, metres.
const CARS_M: f64 = 26.0;
const RUN_MPS: f32 = 4.8;
const FLEE_SECS: f32 = 0.9;
/// So much room somebody wants on the side to flee to, metres.
const ROOM_TO_FLEE_M: f32 = 1.7;
const DOWN_SECS: f32 = 4.0;
/// How fast a velocity changes, m/s².
const AGILITY_MPS2: f32 = 7.0;
/// How far somebody who is in the way steps aside, m/s.
const ASIDE_MPS: f32 = 1.0;
/// Longer than this nobody waits at a kerb without lights, and at one with lights, seconds.
const PATIENCE_SECS: f32 = 12.0;
const PATIENCE_AT_LIGHTS_SECS: f32 = 75.0;
/// Nobody crosses slower than this, m/s.
const CROSSING_MPS: f32 = 1.3;
/// Somebody wants to be over a street with lights so long before its traffic gets green, seconds.
const AHEAD_OF_GREEN_SECS: f32 = 1.5;
/// The bend changes so little that it is measured anew only after so many steps.
const STEPS_PER_BEND: u32 = 16;
/// Who wants to go faster than this and gets on by less than a share of it for so long is stuck, m/s and seconds.
const SLOW_MPS: f32 = 0.4;
const LEAST_SHARE: f32 = 0.3;
const STUCK_SECS: f32 = 1.5;
/// Higher or lower than this somebody is on another floor, metres.
const OTHER_FLOOR_M: f64 = 3.0;

/// What a person is about to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mind {
    /// Walks to the next corner of the block.
    Walking,
    /// Stands a while.
    Pausing {
        /// How long still, seconds.
        secs: f32,
    },
    /// Waits at the kerb until the street is free and its lights let people walk.
    Waiting {
        /// How long so far, seconds.
        secs: f32,
    },
    /// Is on the street.
    Crossing,
    /// Was hit and lies there.
    Down {
        /// How long still, seconds.
        secs: f32,
    },
}

/// What somebody in the streets sees: where one walks, who else is there, and the lights.
#[derive(Clone, Copy)]
pub(super) struct Street<'a> {
    pub(super) walks: &'a Walks,
    pub(super) movers: &'a Movers,
    pub(super) signals: Signals,
}

/// Somebody on the pavement. Places are in the plan of the neighbourhood.
#[derive(Component, Clone, Debug)]
pub struct Person {
    pub(super) place: Vec2,
    /// m/s in the world.
    velocity: Vec2,
    yaw: f32,
    pub(super) block: WalkBlockId,
    corner: Corner,
    way: Way,
    /// Where on the pavement's width: 0 by the kerb to 1 by the walls.
    share: f32,
    pace_mps: f32,
    mind: Mind,
    crossing: Option<Crossing>,
    flees_secs: f32,
    flees_to: Vec2,
    /// Whether a car pushed the person in this step.
    is_pushed: bool,
    /// Which figure, and how far it walked, for the picture of its step.
    pub(super) figure: u32,
    pub(super) stride_m: f32,
    chance: Chance,
    bend: Mat2,
    bend_inverse: Mat2,
    steps: u32,
    height_m: f32,
    /// How long it has walked without getting on.
    stuck_secs: f32,
}

impl Person {
    /// Somebody on the way along the pavement of a block.
    pub(super) fn new(walks: &Walks, block: &WalkBlock, place: Vec2, mut chance: Chance) -> Self {
        let way = if chance.is(0.5) {
            Way::Clockwise
        } else {
            Way::Anticlockwise
        };
        let bend = walks.stretch_at(place);
        let corner = block.next_corner(place, way);
        let pace_mps = chance.between(1.0, 1.75);
        let mut person = Self {
            place,
            velocity: Vec2::ZERO,
            yaw: 0.0,
            block: block.id,
            corner,
            way,
            share: chance.unit(),
            pace_mps,
            mind: Mind::Walking,
            crossing: None,
            flees_secs: 0.0,
            flees_to: Vec2::ZERO,
            is_pushed: false,
            figure: chance.roll() as u32,
            stride_m: chance.between(0.0, 2.0),
            bend,
            bend_inverse: bend.inverse(),
            steps: chance.roll() as u32 % STEPS_PER_BEND,
            height_m: 0.0,
            stuck_secs: 0.0,
            chance,
        };
        let ahead = person.towards(block.corner(corner, person.share));
        person.velocity = ahead * pace_mps;
        person.yaw = yaw_towards(ahead);
        person.height_m = block.rise_at(place);
        person
    }

    /// What the person is about to do.
    #[must_use]
    pub const fn mind(&self) -> Mind {
        self.mind
    }

    /// The lights of the street that the person crosses or is about to cross.
    #[cfg(test)]
    pub(super) fn light(&self) -> Option<(crate::city::JunctionId, crate::city::Axis)> {
        self.crossing.and_then(|crossing| crossing.light)
    }

    /// Whether the person runs from a car.
    #[must_use]
    pub fn flees(&self) -> bool {
        self.flees_secs > 0.0
    }

    /// Moves to the coordinates of another neighbourhood. False if its block is not there.
    pub(super) fn move_to(&mut self, origin_shift: Vec2, walks: &Walks) -> bool {
        self.place += origin_shift;
        if let Some(crossing) = &mut self.crossing {
            crossing.arrives_at += origin_shift;
        }
        walks.block(self.block).is_some()
            && self
                .crossing
                .is_none_or(|crossing| walks.block(crossing.to).is_some())
    }

    /// The place in the world and the height above the water, metres.
    pub(super) fn in_world(&self, walks: &Walks) -> (DVec2, f64) {
        let (place, land_m) = walks.in_world(self.place);
        (place, f64::from(land_m + self.height_m))
    }

    /// How others see the person.
    pub(super) fn as_mover(&self, place: DVec2, height_m: f64) -> Mover {
        Mover {
            kind: MoverKind::Person,
            place,
            height_m,
            velocity: self.velocity,
            forward: forward_of(self.yaw),
            half_length_m: 0.0,
            radius_m: RADIUS_M,
        }
    }

    /// Upright and looking ahead, or flat on the ground.
    pub(super) fn rotation(&self) -> Quat {
        let turn = Quat::from_rotation_y(self.yaw);
        match self.mind {
            Mind::Down { .. } => turn * Quat::from_rotation_x(std::f32::consts::FRAC_PI_2 * 0.94),
            _ => turn,
        }
    }

    /// One fixed step. `here` is how others see the person now.
    pub(super) fn step(&mut self, street: &Street, here: &Mover, dt: f32) {
        let Street { walks, movers, .. } = *street;
        let Some(block) = walks.block(self.block) else {
            return;
        };
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_PER_BEND) {
            self.bend = walks.stretch_at(self.place);
            self.bend_inverse = self.bend.inverse();
        }
        let wish = self.decide(street, block, here, dt);
        let wish = self.heed_cars(block, movers, here, wish, dt);
        let wish = self.step_aside(movers, here, wish);
        self.keep_apart(movers, here);
        // Fear is quick.
        let agility = if self.flees() {
            2.0 * AGILITY_MPS2
        } else {
            AGILITY_MPS2
        };
        let reach = agility * dt;
        self.velocity += (wish - self.velocity).clamp_length_max(reach);
        let way = self.velocity * dt;
        let before = self.place;
        self.place += self.bend_inverse * way;
        self.stride_m += way.length();
        // Who has just arrived is on the pavement beyond, not on the one that was left.
        let block = walks.block(self.block).unwrap_or(block);
        self.place = match self.mind {
            Mind::Crossing => self.place,
            _ if self.flees() || self.is_pushed => block.keep_out(self.place),
            _ => block.keep_on(self.place),
        };
        let moved = self.bend * (self.place - before);
        self.notice_stuck(block, way.length(), moved.length(), dt);
        let crossed = self.crossing.and_then(|crossing| walks.block(crossing.to));
        let rise = block
            .rise_at(self.place)
            .max(crossed.map_or(0.0, |other| other.rise_at(self.place)));
        self.height_m += (rise - self.height_m).clamp(-1.2 * dt, 1.2 * dt);
        if self.velocity.length_squared() > 0.04 && !matches!(self.mind, Mind::Down { .. }) {
            self.turn_to(yaw_towards(self.velocity), dt);
        }
    }

    /// Whoever walks against a wall or the kerb, because it was chased round a corner, turns back along its pavement.
    fn notice_stuck(&mut self, block: &WalkBlock, way_m: f32, moved_m: f32, dt: f32) {
        let walks = self.mind == Mind::Walking && !self.flees() && way_m > SLOW_MPS * dt;
        if !walks || moved_m > way_m * LEAST_SHARE {
            self.stuck_secs = 0.0;
            return;
        }
        self.stuck_secs += dt;
        if self.stuck_secs > STUCK_SECS {
            self.stuck_secs = 0.0;
            self.way = match self.way {
                Way::Clockwise => Way::Anticlockwise,
                Way::Anticlockwise => Way::Clockwise,
            };
            self.corner = block.next_corner(self.place, self.way);
        }
    }

    fn towards(&self, goal: Vec2) -> Vec2 {
        (self.bend * (goal - self.place)).normalize_or_zero()
    }

    fn turn_to(&mut self, yaw: f32, dt: f32) {
        let turn = (yaw - self.yaw + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU)
            - std::f32::consts::PI;
        self.yaw += turn * (8.0 * dt).min(1.0);
    }

    /// Where the person wants to go, m/s in the world.
    fn decide(&mut self, street: &Street, block: &WalkBlock, here: &Mover, dt: f32) -> Vec2 {
        let Street { walks, movers, .. } = *street;
        match self.mind {
            Mind::Down { secs } => {
                self.mind = if secs > dt {
                    Mind::Down { secs: secs - dt }
                } else if self.crossing.is_some() {
                    Mind::Crossing
                } else {
                    Mind::Walking
                };
                Vec2::ZERO
            }
            Mind::Pausing { secs } => {
                self.mind = if secs > dt {
                    Mind::Pausing { secs: secs - dt }
                } else {
                    Mind::Walking
                };
                Vec2::ZERO
            }
            Mind::Walking => {
                if self.chance.is(0.006 * dt) {
                    let secs = self.chance.between(3.0, 9.0);
                    self.mind = Mind::Pausing { secs };
                }
                let goal = block.corner(self.corner, self.share);
                if self.place.distance_squared(goal) < 0.8 {
                    self.choose_at_corner(walks, block);
                }
                self.towards(goal) * self.pace_mps
            }
            Mind::Waiting { secs } => {
                let Some(crossing) = self.crossing else {
                    self.mind = Mind::Walking;
                    return Vec2::ZERO;
                };
                let patience_secs = if crossing.light.is_some() {
                    PATIENCE_AT_LIGHTS_SECS
                } else {
                    PATIENCE_SECS
                };
                if self.may_walk(&crossing, &street.signals)
                    && self.is_free(&crossing, movers, here)
                {
                    self.mind = Mind::Crossing;
                } else if secs > patience_secs {
                    (self.mind, self.crossing) = (Mind::Walking, None);
                    self.corner = self.corner.next(self.way);
                } else {
                    self.mind = Mind::Waiting { secs: secs + dt };
                }
                let ahead = self.towards(crossing.arrives_at);
                self.turn_to(yaw_towards(ahead), dt);
                Vec2::ZERO
            }
            Mind::Crossing => {
                let Some(crossing) = self.crossing else {
                    self.mind = Mind::Walking;
                    return Vec2::ZERO;
                };
                if self.place.distance_squared(crossing.arrives_at) < 0.5
                    && let Some(other) = walks.block(crossing.to)
                {
                    (self.mind, self.crossing) = (Mind::Walking, None);
                    self.block = crossing.to;
                    self.corner = other.next_corner(self.place, self.way);
                }
                self.towards(crossing.arrives_at) * self.pace_mps.max(CROSSING_MPS)
            }
        }
    }

    /// Round the corner, or over one of the two streets.
    fn choose_at_corner(&mut self, walks: &Walks, block: &WalkBlock) {
        let course = match self.chance.below(4) {
            0 => Some(Course::Aside),
            1 => None,
            _ => Some(Course::Straight),
        };
        self.crossing = course
            .and_then(|course| walks.crossing(block, self.corner, self.way, course, self.share));
        if self.crossing.is_some() {
            self.mind = Mind::Waiting { secs: 0.0 };
        } else {
            self.corner = self.corner.next(self.way);
        }
    }

    /// Whether the lights, if there are some, let the person walk all the way over.
    fn may_walk(&self, crossing: &Crossing, signals: &Signals) -> bool {
        crossing.light.is_none_or(|(junction, along)| {
            let way_m = (self.bend * (crossing.arrives_at - self.place)).length();
            let needed_secs = way_m / self.pace_mps.max(CROSSING_MPS) + AHEAD_OF_GREEN_SECS;
            signals.may_walk(junction, along, needed_secs.into())
        })
    }

    /// Whether no car will come by while the person is on the street.
    fn is_free(&self, crossing: &Crossing, movers: &Movers, here: &Mover) -> bool {
        let way = self.bend * (crossing.arrives_at - self.place);
        let middle = here.place + (way / 2.0).as_dvec2();
        let secs = way.length() / self.pace_mps.max(CROSSING_MPS) + 0.5;
        movers.vehicles_near(middle, 45.0).all(|car| {
            let speed = car.velocity.length();
            if (car.height_m - here.height_m).abs() > OTHER_FLOOR_M || speed < 0.5 {
                return true;
            }
            let offset = (middle - car.place).as_vec2();
            let ahead = offset.dot(car.velocity / speed);
            let aside = (offset - car.velocity / speed * ahead).length();
            ahead < -4.0 || ahead > speed * secs + 4.0 || aside > way.length() / 2.0 + 1.5
        })
    }

    /// Runs from the path of a car; one that cannot be escaped throws the person down.
    fn heed_cars(
        &mut self,
        block: &WalkBlock,
        movers: &Movers,
        here: &Mover,
        wish: Vec2,
        dt: f32,
    ) -> Vec2 {
        self.flees_secs -= dt;
        self.is_pushed = false;
        let is_down = matches!(self.mind, Mind::Down { .. });
        let mut wish = wish;
        for car in movers.vehicles_near(here.place, CARS_M) {
            if (car.height_m - here.height_m).abs() > OTHER_FLOOR_M {
                continue;
            }
            let away = car.way_to(here.place);
            let gap = away.length() - car.radius_m - RADIUS_M;
            let speed = car.velocity.length();
            if gap < 0.0 {
                // Whatever else: nobody is inside a car.
                let out = away.normalize_or(Vec2::X);
                self.place += self.bend_inverse * (out * -gap);
                self.is_pushed = true;
                if speed > 2.5 && !is_down {
                    self.mind = Mind::Down { secs: DOWN_SECS };
                    self.velocity = car.velocity * 0.5 + out * 1.5;
                    return self.velocity;
                }
            }
            if is_down {
                continue;
            }
            if speed < 1.5 {
                // Stands in the way: round it.
                if gap < 0.5 && wish.dot(away) < 0.0 {
                    let along = wish - away * (wish.dot(away) / away.length_squared().max(1e-3));
                    wish = along.normalize_or(wish.perp().normalize_or_zero()) * self.pace_mps;
                }
                continue;
            }
            let ahead = car.velocity / speed;
            let offset = (here.place - car.place).as_vec2();
            let (to_go, aside) = (offset.dot(ahead), offset - ahead * offset.dot(ahead));
            // The traffic keeps to its lanes.
            if car.kind == MoverKind::Vehicle && self.mind != Mind::Crossing {
                continue;
            }
            let horizon = speed * 1.2 + 2.5;
            let width = car.radius_m + RADIUS_M + 0.7;
            if (-1.0..horizon).contains(&to_go) && aside.length() < width {
                // Away from its path, but not against a wall where the other side is open.
                let away = aside.normalize_or(ahead.perp());
                let has_room = |way: Vec2| {
                    let there = self.place + self.bend_inverse * (way * ROOM_TO_FLEE_M);
                    block.keep_out(there).distance_squared(there) < 0.01
                };
                let is_walled = aside.length() < 0.6 && !has_room(away) && has_room(-away);
                let is_new = !self.flees();
                self.flees_secs = FLEE_SECS;
                // Once on the run nobody turns back into the path.
                if is_new && is_walled {
                    self.flees_to = -away;
                } else if is_new || self.flees_to.dot(away) > 0.0 {
                    self.flees_to = away;
                }
            }
        }
        if is_down {
            return Vec2::ZERO;
        }
        if self.flees() {
            if let Mind::Pausing { .. } = self.mind {
                self.mind = Mind::Walking;
            }
            return self.flees_to * RUN_MPS;
        }
        wish
    }

    /// Nobody walks through anybody: the player does not give way, two people both do.
    fn keep_apart(&mut self, movers: &Movers, here: &Mover) {
        for other in movers.walkers_near(here.place, 1.0) {
            let offset = (here.place - other.place).as_vec2();
            let distance = offset.length();
            let overlap = other.radius_m + RADIUS_M - distance;
            if overlap <= 0.0
                || distance < 1e-4
                || (other.height_m - here.height_m).abs() > OTHER_FLOOR_M
            {
                continue;
            }
            let share = if other.kind == MoverKind::Walker {
                1.0
            } else {
                0.4
            };
            self.place += self.bend_inverse * (offset / distance * (overlap * share));
        }
    }

    /// Keeps clear of others: to the right of who comes towards, slower behind who is slower.
    fn step_aside(&self, movers: &Movers, here: &Mover, wish: Vec2) -> Vec2 {
        let speed = wish.length();
        if self.flees() || matches!(self.mind, Mind::Down { .. }) {
            return wish;
        }
        let mut result = wish;
        let ahead = wish.normalize_or_zero();
        let right = Vec2::new(-ahead.y, ahead.x);
        for other in movers.walkers_near(here.place, f64::from(AHEAD_M)) {
            let offset = (other.place - here.place).as_vec2();
            let distance = offset.length();
            if distance < 1e-4 || (other.height_m - here.height_m).abs() > OTHER_FLOOR_M {
                continue;
            }
            let near = other.radius_m + RADIUS_M + 0.15;
            if distance < near {
                // Who stands gives way too, to the player as to anybody.
                result -= offset / distance * ((near - distance) / near * 2.0);
            }
            let (to_go, aside) = (offset.dot(ahead), offset.dot(right));
            if speed < 0.1 || to_go <= 0.0 || aside.abs() > near {
                continue;
            }
            let is_before = (1.0 - to_go / AHEAD_M).max(0.0);
            let speed_of_other = other.velocity.dot(ahead);
            if speed_of_other < 0.3 {
                let side = if aside > 0.15 { -1.0 } else { 1.0 };
                result += right * (side * ASIDE_MPS * (0.35 + is_before));
            } else if speed_of_other < speed {
                // Overtakes on the left.
                result += right * (-0.5 * ASIDE_MPS) - ahead * (speed - speed_of_other) * is_before;
            }
        }
        result.clamp_length_max(speed.max(1.2))
    }
}
