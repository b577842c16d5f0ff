//! Flights: straight legs and arcs, one after the other, at exactly the speed that was asked for. Pure: time in, place out.
//!
//! What is left of a step at the end of a leg belongs to the next one, so that between two legs nothing stands still.

use std::collections::VecDeque;

use bevy::math::{DVec2, DVec3};

/// One leg of a flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leg {
    /// Straight to a place, at its height.
    Straight {
        /// Where to in the world, metres.
        target: DVec3,
        /// How fast, m/s.
        speed_mps: f64,
    },
    /// Along a circle, from where the leg begins and looks.
    Arc {
        /// Radius of the circle, metres.
        radius_m: f64,
        /// How far to turn, radians: to the right if positive.
        turn_rad: f64,
        /// Height above zero, metres.
        height_m: f64,
        /// How fast, m/s.
        speed_mps: f64,
    },
}

/// Slower than this nothing flies, m/s: a leg has to end.
const SLOWEST_MPS: f64 = 0.1;
/// A circle has at least this radius, metres.
const SMALLEST_M: f64 = 0.1;

impl Leg {
    /// Straight to a place.
    #[must_use]
    pub fn straight(target: DVec3, speed_mps: f64) -> Self {
        Self::Straight {
            target,
            speed_mps: speed_mps.max(SLOWEST_MPS),
        }
    }

    /// Along a circle; positive degrees turn to the right.
    #[must_use]
    pub fn arc(radius_m: f64, degrees: f64, height_m: f64, speed_mps: f64) -> Self {
        Self::Arc {
            radius_m: radius_m.max(SMALLEST_M),
            turn_rad: degrees.to_radians(),
            height_m,
            speed_mps: speed_mps.max(SLOWEST_MPS),
        }
    }

    const fn speed_mps(&self) -> f64 {
        match self {
            Self::Straight { speed_mps, .. } | Self::Arc { speed_mps, .. } => *speed_mps,
        }
    }
}

/// What flies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flyer {
    /// Where it is in the world, metres.
    pub place: DVec3,
    /// Where it looks on the plane (x, z), a unit vector.
    pub heading: DVec2,
    /// How fast it is, m/s.
    pub speed_mps: f64,
}

/// An arc that has begun.
#[derive(Clone, Copy, Debug)]
struct Turn {
    center: DVec2,
    arm_at_start: DVec2,
    heading_at_start: DVec2,
    /// How much of the turn is done, radians, never negative.
    done_rad: f64,
}

/// Legs that are flown one after the other.
#[derive(Clone, Debug, Default)]
pub struct Flight {
    legs: VecDeque<Leg>,
    /// The first leg, if it is an arc that has begun.
    turn: Option<Turn>,
}

impl Flight {
    /// A flight of one leg.
    #[must_use]
    pub fn of(leg: Leg) -> Self {
        Self {
            legs: VecDeque::from([leg]),
            turn: None,
        }
    }

    /// Adds a leg after the last one.
    pub fn then(&mut self, leg: Leg) {
        self.legs.push_back(leg);
    }

    /// Whether the end of the last leg is reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.legs.is_empty()
    }

    /// Whether the flight ends within so many seconds.
    #[must_use]
    pub fn ends_within(&self, flyer: Flyer, secs: f64) -> bool {
        let (mut flight, mut flyer) = (self.clone(), flyer);
        flight.advance(&mut flyer, secs);
        flight.is_over()
    }

    /// Flies for so many seconds; at the end of the last leg the flyer stands in the air.
    pub fn advance(&mut self, flyer: &mut Flyer, secs: f64) {
        let mut left_secs = secs;
        while let Some(leg) = self.legs.front().copied() {
            let used_secs = match leg {
                Leg::Straight { target, speed_mps } => {
                    go_straight(flyer, target, speed_mps, left_secs)
                }
                Leg::Arc { .. } => self.go_round(flyer, leg, left_secs),
            };
            let Some(used_secs) = used_secs else {
                flyer.speed_mps = leg.speed_mps();
                return;
            };
            left_secs = (left_secs - used_secs).max(0.0);
            self.legs.pop_front();
            self.turn = None;
        }
        flyer.speed_mps = 0.0;
    }

    /// Flies on a circle. Returns the seconds that were needed to its end, or nothing if it is farther.
    fn go_round(&mut self, flyer: &mut Flyer, leg: Leg, secs: f64) -> Option<f64> {
        let Leg::Arc {
            radius_m,
            turn_rad,
            height_m,
            speed_mps,
        } = leg
        else {
            return Some(0.0);
        };
        let side = turn_rad.signum();
        let turn = self.turn.get_or_insert_with(|| {
            let right = DVec2::new(-flyer.heading.y, flyer.heading.x);
            let arm = -right * radius_m * side;
            Turn {
                center: DVec2::new(flyer.place.x, flyer.place.z) - arm,
                arm_at_start: arm,
                heading_at_start: flyer.heading,
                done_rad: 0.0,
            }
        });
        let left_rad = turn_rad.abs() - turn.done_rad;
        let needed_secs = left_rad * radius_m / speed_mps;
        let is_end = needed_secs <= secs;
        turn.done_rad = if is_end {
            turn_rad.abs()
        } else {
            turn.done_rad + secs * speed_mps / radius_m
        };
        let turned = DVec2::from_angle(turn.done_rad * side);
        let place = turn.center + turned.rotate(turn.arm_at_start);
        flyer.place = DVec3::new(place.x, height_m, place.y);
        flyer.heading = turned.rotate(turn.heading_at_start);
        is_end.then_some(needed_secs)
    }
}

/// Flies straight. Returns the seconds that were needed to the end, or nothing if it is farther.
fn go_straight(flyer: &mut Flyer, target: DVec3, speed_mps: f64, secs: f64) -> Option<f64> {
    let way = DVec2::new(target.x - flyer.place.x, target.z - flyer.place.z);
    let left_m = way.length();
    flyer.heading = way.try_normalize().unwrap_or(flyer.heading);
    let needed_secs = left_m / speed_mps;
    if needed_secs <= secs {
        flyer.place = target;
        return Some(needed_secs);
    }
    let step = flyer.heading * speed_mps * secs;
    flyer.place = DVec3::new(flyer.place.x + step.x, target.y, flyer.place.z + step.y);
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DT: f64 = 1.0 / 64.0;

    fn flyer_at(x: f64, z: f64) -> Flyer {
        Flyer {
            place: DVec3::new(x, 0.0, z),
            heading: DVec2::NEG_Y,
            speed_mps: 0.0,
        }
    }

    /// Flies to the end and says the shortest and the longest step but the last.
    fn fly(flight: &mut Flight, flyer: &mut Flyer) -> (f64, f64) {
        let (mut shortest, mut longest) = (f64::INFINITY, 0.0_f64);
        loop {
            let before = flyer.place;
            flight.advance(flyer, DT);
            if flight.is_over() {
                return (shortest, longest);
            }
            let step = flyer.place.distance(before);
            (shortest, longest) = (shortest.min(step), longest.max(step));
        }
    }

    #[test]
    fn a_quarter_turn_to_the_right_ends_east_of_the_start_looking_east() {
        let mut flyer = flyer_at(1e5, 0.0);
        let mut flight = Flight::of(Leg::arc(2_000.0, 90.0, 80.0, 250.0));
        let secs = 2_000.0 * std::f64::consts::FRAC_PI_2 / 250.0;
        assert!(flight.ends_within(flyer, secs + 1e-6) && !flight.ends_within(flyer, secs - 1e-6));
        fly(&mut flight, &mut flyer);
        let end = DVec3::new(1e5 + 2_000.0, 80.0, -2_000.0);
        assert!(flyer.place.distance(end) < 1e-6, "{}", flyer.place);
        assert!(flyer.heading.distance(DVec2::X) < 1e-9);
        assert_eq!(flyer.speed_mps, 0.0);
    }

    #[test]
    fn a_full_circle_to_the_left_ends_where_it_began() {
        let mut flyer = flyer_at(-40.0, 7.0);
        let mut flight = Flight::of(Leg::arc(500.0, -360.0, 0.0, 1_500.0));
        flight.advance(&mut flyer, 0.1);
        assert!(flyer.place.x < -40.0, "to the left: {}", flyer.place);
        fly(&mut flight, &mut flyer);
        assert!(flyer.place.distance(DVec3::new(-40.0, 0.0, 7.0)) < 1e-6);
    }

    #[test]
    fn a_leg_that_follows_another_costs_no_step() {
        let mut flyer = flyer_at(0.0, 0.0);
        let mut flight = Flight::of(Leg::straight(DVec3::new(0.0, 0.0, -1_003.7), 600.0));
        flight.then(Leg::arc(3_000.0, 30.0, 0.0, 600.0));
        flight.then(Leg::arc(3_000.0, -30.0, 0.0, 600.0));
        let (shortest, longest) = fly(&mut flight, &mut flyer);
        let step = 600.0 * DT;
        assert!(
            shortest > step * 0.9999 && longest < step * 1.0001,
            "{shortest} to {longest}"
        );
    }

    proptest! {
        #[test]
        fn every_flight_arrives_exactly_and_in_the_time_its_speed_needs(
            x in -1e6..1e6_f64, z in -1e6..1e6_f64, way_x in -5e3..5e3_f64, way_z in -5e3..5e3_f64,
            speed in 50.0..1_500.0_f64,
        ) {
            let mut flyer = flyer_at(x, z);
            let target = DVec3::new(x + way_x, 60.0, z + way_z);
            let mut flight = Flight::of(Leg::straight(target, speed));
            let mut steps = 0.0;
            while !flight.is_over() {
                flight.advance(&mut flyer, DT);
                steps += 1.0;
            }
            prop_assert_eq!(flyer.place, target);
            let secs = way_x.hypot(way_z) / speed;
            prop_assert!((steps * DT - secs).abs() <= DT + 1e-6);
        }
    }
}
