//! Where the focus of a soak is: the route of a script, without a game around it.

use bevy::math::DVec2;
use std::collections::VecDeque;

/// As scenarios do it: `Shuttle` flies at this height (m) and speed (m/s).
const SHUTTLE: (f64, f64) = (20.0, 20.0);
/// As scenarios do it: corners of the polygon that stands for a circle, and its height (m).
const ORBIT: (u32, f64) = (24, 60.0);

/// Something that moves along straight legs.
#[derive(Clone, Debug)]
pub struct Driver {
    /// On the ground plane of the world (x, z), metres.
    pub at: DVec2,
    /// Above the ground, metres.
    pub height: f64,
    legs: VecDeque<Leg>,
    is_endless: bool,
    direction: DVec2,
}

#[derive(Copy, Clone, Debug)]
struct Leg {
    to: DVec2,
    height: f64,
    speed: f64,
}

impl Driver {
    /// At rest.
    pub fn new(at: DVec2) -> Self {
        Self {
            at,
            height: 1.0,
            legs: VecDeque::new(),
            is_endless: false,
            direction: DVec2::NEG_Y,
        }
    }

    /// Where it is going, as a unit vector; the last one when at rest.
    pub fn direction(&self) -> DVec2 {
        self.direction
    }

    /// Goes straight to a place from now on.
    pub fn fly_to(&mut self, to: DVec2, height: f64, speed: f64) {
        self.is_endless = false;
        self.legs = VecDeque::from([Leg { to, height, speed }]);
    }

    /// Is somewhere else, at rest.
    pub fn teleport(&mut self, to: DVec2) {
        *self = Self {
            direction: self.direction,
            ..Self::new(to)
        };
    }

    /// Goes east by so much and back, so often.
    pub fn shuttle(&mut self, metres: f64, times: u32) {
        let (height, speed) = SHUTTLE;
        let leg = |to| Leg { to, height, speed };
        let turn = [leg(self.at + DVec2::X * metres), leg(self.at)];
        self.is_endless = false;
        self.legs = (0..times).flat_map(|_| turn).collect();
    }

    /// Circles around where it is.
    pub fn orbit(&mut self, radius: f64, speed: f64) {
        let (corners, height) = ORBIT;
        let middle = self.at;
        self.is_endless = true;
        self.legs = (0..corners)
            .map(|corner| {
                let angle = std::f64::consts::TAU * f64::from(corner) / f64::from(corners);
                let to = middle + radius * DVec2::from_angle(angle);
                Leg { to, height, speed }
            })
            .collect();
    }

    /// Moves for so many seconds.
    pub fn advance(&mut self, secs: f64) {
        let Some(leg) = self.legs.front().copied() else {
            return;
        };
        self.height = leg.height;
        let way = leg.to - self.at;
        let reach = leg.speed * secs;
        if let Some(direction) = way.try_normalize() {
            self.direction = direction;
        }
        if way.length() > reach {
            self.at += self.direction * reach;
            return;
        }
        self.at = leg.to;
        self.legs.pop_front();
        if self.is_endless {
            self.legs.push_back(leg);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_takes_its_time_and_ends_at_its_place() {
        let mut driver = Driver::new(DVec2::ZERO);
        driver.fly_to(DVec2::new(30.0, 40.0), 60.0, 10.0);
        for _ in 0..49 {
            driver.advance(0.1);
        }
        assert!(driver.at.distance(DVec2::new(29.4, 39.2)) < 1e-9);
        driver.advance(0.1);
        driver.advance(0.1);
        assert_eq!((driver.at, driver.height), (DVec2::new(30.0, 40.0), 60.0));
    }

    #[test]
    fn a_shuttle_comes_back_and_a_circle_goes_on() {
        let mut driver = Driver::new(DVec2::ONE);
        driver.shuttle(6.0, 3);
        let mut farthest: f64 = 0.0;
        for _ in 0..200 {
            driver.advance(0.05);
            farthest = farthest.max(driver.at.distance(DVec2::ONE));
        }
        assert_eq!((driver.at, farthest), (DVec2::ONE, 6.0));
        driver.orbit(100.0, 50.0);
        for _ in 0..10_000 {
            driver.advance(0.1);
        }
        assert!((98.0..=100.0).contains(&driver.at.distance(DVec2::ONE)));
    }
}
