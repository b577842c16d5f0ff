//! Where a script sends the player: legs that follow one another.

use bevy::math::DVec2;

use crate::game::script::{GameRequest, Journey};

/// Frames after which an order to travel has surely reached the game; until then [`Journey`] speaks of the one before.
pub(super) const ORDER_FRAMES: u64 = 4;
/// Corners of the polygon that stands for a circle.
pub(super) const ORBIT_CORNERS: u32 = 24;

/// Places to go to one after the other.
#[derive(Debug)]
pub(super) struct Route {
    legs: Vec<GameRequest>,
    next: usize,
    ordered_at: u64,
    is_endless: bool,
}

impl Route {
    /// From the beginning.
    pub fn new(legs: Vec<GameRequest>, is_endless: bool) -> Self {
        Self {
            legs,
            next: 0,
            ordered_at: 0,
            is_endless,
        }
    }

    /// One more leg after the last one.
    pub fn push(&mut self, leg: GameRequest) {
        self.legs.push(leg);
    }

    /// Whether it goes round for ever.
    pub fn is_endless(&self) -> bool {
        self.is_endless
    }

    /// What to do in this frame.
    pub fn advance(&mut self, frame: u64, journey: &Journey) -> Step {
        // A flight that is about to arrive takes the next order without a stop.
        let is_free = journey.arrived || journey.is_arriving;
        if self.next > 0 && (frame < self.ordered_at + ORDER_FRAMES || !is_free) {
            return Step::OnTheWay;
        }
        if self.next == self.legs.len() {
            if !self.is_endless {
                // The last leg is over only when the player is there.
                return if journey.arrived {
                    Step::Over
                } else {
                    Step::OnTheWay
                };
            }
            self.next = 0;
        }
        let leg = self.legs[self.next].clone();
        self.next += 1;
        self.ordered_at = frame;
        Step::Order(leg)
    }
}

/// What a route says in a frame.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing to do.
    OnTheWay,
    /// The next leg begins.
    Order(GameRequest),
    /// The end is reached.
    Over,
}

/// East by `metres` and back, low and slow enough to stand at the ends.
pub(super) fn shuttle(from: DVec2, metres: f64, times: u32) -> Vec<GameRequest> {
    let fly_to = |x| GameRequest::FlyTo {
        x,
        z: from.y,
        height: 20.0,
        speed: 20.0,
    };
    (0..times)
        .flat_map(|_| [fly_to(from.x + metres), fly_to(from.x)])
        .collect()
}

/// Once around, as a polygon.
pub(super) fn orbit(middle: DVec2, radius: f64, speed: f64) -> Vec<GameRequest> {
    (0..ORBIT_CORNERS)
        .map(|corner| {
            let angle = std::f64::consts::TAU * f64::from(corner) / f64::from(ORBIT_CORNERS);
            let place = middle + radius * DVec2::from_angle(angle);
            GameRequest::FlyTo {
                x: place.x,
                z: place.y,
                height: 60.0,
                speed,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVED: Journey = Journey {
        arrived: true,
        ..ON_THE_WAY
    };
    const ARRIVING: Journey = Journey {
        is_arriving: true,
        ..ON_THE_WAY
    };
    const ON_THE_WAY: Journey = Journey {
        distance_m: 0.0,
        speed_mps: 0.0,
        speed_max_mps: 0.0,
        teleports: 0,
        arrived: false,
        is_arriving: false,
        awaits_preload: false,
        late_preloads: 0,
        preload_wait_secs: 0.0,
    };

    #[test]
    fn a_route_waits_for_each_arrival_and_does_not_believe_the_last_one() {
        let mut route = Route::new(shuttle(DVec2::ZERO, 6.0, 2), false);
        let mut frame = 0;
        for _ in 0..4 {
            // The game still says "arrived" of the order before.
            assert!(matches!(route.advance(frame, &ARRIVED), Step::Order(_)));
            for _ in 0..ORDER_FRAMES - 1 {
                frame += 1;
                assert_eq!(route.advance(frame, &ARRIVED), Step::OnTheWay);
            }
            frame += 1;
            assert_eq!(route.advance(frame, &ON_THE_WAY), Step::OnTheWay);
        }
        assert_eq!(route.advance(frame, &ARRIVED), Step::Over);
    }

    #[test]
    fn a_leg_that_is_about_to_end_is_followed_by_the_next_without_a_stop() {
        let mut route = Route::new(shuttle(DVec2::ZERO, 6.0, 1), false);
        assert!(matches!(route.advance(0, &ON_THE_WAY), Step::Order(_)));
        assert!(matches!(route.advance(9, &ARRIVING), Step::Order(_)));
        assert_eq!(route.advance(19, &ARRIVING), Step::OnTheWay);
        assert_eq!(route.advance(29, &ARRIVED), Step::Over);
    }

    #[test]
    fn an_orbit_goes_on_for_ever() {
        let mut route = Route::new(orbit(DVec2::new(10.0, 20.0), 100.0, 30.0), true);
        for lap in 0..u64::from(3 * ORBIT_CORNERS) {
            let Step::Order(GameRequest::FlyTo { x, z, .. }) =
                route.advance(lap * ORDER_FRAMES, &ARRIVED)
            else {
                panic!("another corner");
            };
            assert!((DVec2::new(x, z).distance(DVec2::new(10.0, 20.0)) - 100.0).abs() < 1e-9);
        }
    }
}
