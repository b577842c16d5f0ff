//! Two who wait for each other, nose to flank: the autopilot is the one that backs off. Pure.
//!
//! ```text
//!  stands before somebody who stands across its way ─8 s─► backs off ─► lets them pass ─► drives on
//!                                                   └──── again and again for a minute ─► asks for another way
//! ```
//!
//! The traffic cannot drive backwards, so it has to be the autopilot. Behind who stands in the same direction it queues.

/// Who is first in the way of a car.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InTheWay {
    /// From the middle of the car to the nearest part, metres.
    pub distance_m: f32,
    /// Its speed along the way, m/s.
    pub speed_mps: f32,
    /// Whether it goes the same way.
    pub is_queue: bool,
}

/// What a driver sees of others and of lights.
#[derive(Clone, Copy, Debug)]
pub struct RoadAhead {
    /// Who is first in the way.
    pub leader: Option<InTheWay>,
    /// From the middle of the car to a line where a light stops it, metres.
    pub line_m: Option<f32>,
    /// How far the car can go backwards, metres.
    pub room_behind_m: f32,
}

impl Default for RoadAhead {
    /// An empty road.
    fn default() -> Self {
        Self {
            leader: None,
            line_m: None,
            room_behind_m: f32::INFINITY,
        }
    }
}

/// What to do about a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Drive as ever.
    None,
    /// Go backwards the way the car came.
    Back,
    /// Stand and let the others pass.
    Yield,
    /// There is no way through here.
    GiveUp,
}

/// Slower than this one stands, m/s.
const STANDS_MPS: f32 = 0.4;
/// Faster than this one is under way again, m/s.
const DRIVES_MPS: f32 = 3.0;
/// Farther away nobody is in a standoff, metres.
const NEAR_M: f32 = 9.0;
/// So long one waits whether the others go, seconds.
const PATIENCE_SECS: f32 = 8.0;
/// So long one goes backwards, at most, and stands afterwards, seconds.
const BACK_SECS: f32 = 2.2;
const YIELD_SECS: f32 = 5.0;
/// With less room behind nobody goes backwards, metres.
const ROOM_M: f32 = 1.5;
/// After so long of this there is no way through; queues move on by themselves and are given longer, seconds.
const GIVE_UP_SECS: f32 = 60.0;
const QUEUE_SHARE: f32 = 0.25;

/// How long a car has been held up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standoff {
    /// Since the car drove last.
    held_secs: f32,
    /// Since the last attempt.
    stood_secs: f32,
    backs_secs: f32,
    yields_secs: f32,
}

impl Standoff {
    /// One step of `dt` seconds of a car with a speed, m/s.
    pub(super) fn judge(&mut self, speed_mps: f32, road: &RoadAhead, dt: f32) -> Stand {
        if speed_mps > DRIVES_MPS {
            *self = Self::default();
            return Stand::None;
        }
        if self.backs_secs > 0.0 {
            self.held_secs += dt;
            self.backs_secs -= dt;
            if self.backs_secs > 0.0 && road.room_behind_m > ROOM_M {
                return Stand::Back;
            }
            (self.backs_secs, self.yields_secs) = (0.0, YIELD_SECS);
        }
        if self.yields_secs > 0.0 {
            self.held_secs += dt;
            self.yields_secs -= dt;
            return Stand::Yield;
        }
        let held_by = road.leader.filter(|leader| {
            let both_stand = speed_mps.abs() < STANDS_MPS && leader.speed_mps < STANDS_MPS;
            both_stand && leader.distance_m < NEAR_M
        });
        let Some(leader) = held_by else {
            self.stood_secs = 0.0;
            // A queue that creeps along is no standoff.
            if speed_mps > STANDS_MPS {
                self.held_secs = (self.held_secs - dt).max(0.0);
            }
            return Stand::None;
        };
        self.held_secs += if leader.is_queue {
            QUEUE_SHARE * dt
        } else {
            dt
        };
        if self.held_secs > GIVE_UP_SECS {
            return Stand::GiveUp;
        }
        if leader.is_queue {
            return Stand::None;
        }
        self.stood_secs += dt;
        if self.stood_secs > PATIENCE_SECS && road.room_behind_m > 2.0 * ROOM_M {
            (self.stood_secs, self.backs_secs) = (0.0, BACK_SECS);
            return Stand::Back;
        }
        Stand::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f32 = 1.0 / 64.0;

    /// What a car that stands does before somebody who does not move, second by second.
    fn before(is_queue: bool, room_behind_m: f32, secs: u32) -> Vec<Stand> {
        let road = RoadAhead {
            leader: Some(InTheWay {
                distance_m: 4.7,
                speed_mps: 0.0,
                is_queue,
            }),
            line_m: None,
            room_behind_m,
        };
        let mut standoff = Standoff::default();
        let mut second = || {
            let stands = (0..64).map(|_| standoff.judge(0.0, &road, DT));
            stands.last().unwrap_or(Stand::None)
        };
        (0..secs).map(|_| second()).collect()
    }

    #[test]
    fn who_stands_before_somebody_across_backs_off_lets_it_pass_and_gives_up_in_the_end() {
        let stands = before(false, f32::INFINITY, 62);
        assert_eq!(stands[6], Stand::None);
        assert_eq!(stands[8], Stand::Back);
        assert_eq!(stands[12], Stand::Yield);
        assert_eq!(stands[18], Stand::None);
        assert_eq!(stands[61], Stand::GiveUp);
    }

    #[test]
    fn who_queues_stays_and_who_has_no_room_behind_does_not_go_there() {
        let stands = before(true, f32::INFINITY, 200);
        assert!(stands.iter().all(|stand| *stand == Stand::None));
        assert_eq!(before(true, f32::INFINITY, 242)[241], Stand::GiveUp);
        let stands = before(false, 1.0, 58);
        assert!(stands.iter().all(|stand| *stand == Stand::None));
    }
}
