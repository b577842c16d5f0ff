//! How a focus moves: its velocity and turn, and where they take it.

use bevy::math::DVec2;
use std::collections::VecDeque;

/// Steps of the window that a motion is judged by.
const STEPS: usize = 4;
/// So many of the newest steps are believed where the whole window does not agree.
const NEWEST: usize = 2;
/// Steps agree when the slowest of them, along the way of all, has this share of their mean speed.
const AGREED_SHARE: f64 = 0.7;
/// A step is at least so long (s), so that a simulation slower than the frames still moves in each.
const STEP_SECS: f64 = 0.025;
/// Slower than this (m/s) counts as standing.
const STILL_MPS: f64 = 0.5;
/// A move that is faster than this (m/s) was no move.
const FASTEST_MPS: f64 = 2_000.0;
/// The look-ahead follows a turn by at most this angle (rad): beyond, nobody knows.
const FARTHEST_TURN: f64 = 1.2;

/// What is known of the motion of one focus: its last steps, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Motion {
    at: Option<DVec2>,
    steps: VecDeque<Step>,
    velocity: DVec2,
    /// Radians per second.
    turn: f64,
}

#[derive(Copy, Clone, Debug, Default, PartialEq)]
struct Step {
    way: DVec2,
    secs: f64,
}

impl Step {
    fn velocity(self) -> DVec2 {
        self.way / self.secs
    }
}

/// What some steps have in common.
#[derive(Copy, Clone, Debug)]
struct Course {
    heading: DVec2,
    /// Along the heading, in the slowest of the steps.
    slowest_mps: f64,
    mean_mps: f64,
    /// Radians per second.
    turn: f64,
    /// From the middle of the steps to now, in seconds.
    lag_secs: f64,
}

impl Course {
    fn of(steps: &[Step]) -> Self {
        let (first, last) = (steps[0], steps[steps.len() - 1]);
        let way: DVec2 = steps.iter().map(|step| step.way).sum();
        let secs: f64 = steps.iter().map(|step| step.secs).sum();
        let heading = way.normalize_or_zero();
        let between = secs - 0.5 * (first.secs + last.secs);
        Self {
            heading,
            slowest_mps: steps
                .iter()
                .map(|step| step.velocity().dot(heading))
                .fold(f64::INFINITY, f64::min),
            mean_mps: steps.iter().map(|step| step.way.length()).sum::<f64>() / secs,
            turn: first.velocity().angle_to(last.velocity()) / between,
            lag_secs: 0.5 * (between + last.secs),
        }
    }

    /// Whether no step went a very different way, or at a very different speed.
    fn is_agreed(&self) -> bool {
        self.slowest_mps >= AGREED_SHARE * self.mean_mps
    }

    /// Velocity and turn at the end of the steps: since their middle it turned a little further.
    fn now(&self) -> (DVec2, f64) {
        let since = DVec2::from_angle(self.turn * self.lag_secs);
        (since.rotate(self.heading * self.slowest_mps), self.turn)
    }
}

impl Motion {
    /// Looks at where the focus is now, `dt_secs` after the last look.
    pub fn follow(&mut self, at: DVec2, dt_secs: f64) {
        let Some(before) = self.at.replace(at) else {
            return;
        };
        if dt_secs <= 0.0 {
            return;
        }
        let way = at - before;
        if way.length() > FASTEST_MPS * dt_secs.max(STEP_SECS) {
            // Put there, and nobody knows where to from here.
            self.steps.clear();
        } else {
            match self.steps.back_mut().filter(|step| step.secs < STEP_SECS) {
                Some(step) => {
                    step.way += way;
                    step.secs += dt_secs;
                }
                None => self.steps.push_back(Step { way, secs: dt_secs }),
            }
            while self.steps.len() > STEPS {
                self.steps.pop_front();
            }
        }
        self.judge();
    }

    /// A motion is what all steps share: a single hop among rests goes nowhere. After a sharp turn the newest
    /// steps know better: they have left the old way behind.
    fn judge(&mut self) {
        (self.velocity, self.turn) = (DVec2::ZERO, 0.0);
        if self.steps.len() < STEPS {
            return;
        }
        let steps = self.steps.make_contiguous();
        let whole = Course::of(steps);
        let newest = Course::of(&steps[STEPS - NEWEST..]);
        let course = if whole.is_agreed() || !newest.is_agreed() {
            whole
        } else {
            newest
        };
        if course.slowest_mps >= STILL_MPS {
            (self.velocity, self.turn) = course.now();
        }
    }

    /// m/s.
    pub fn speed_mps(&self) -> f64 {
        self.velocity.length()
    }

    /// The way it moves, as a unit vector; zero while it stands.
    pub fn heading(&self) -> DVec2 {
        self.velocity.normalize_or_zero()
    }

    /// Where it will be after so many seconds if it goes on turning as it does, at most `farthest_m` away.
    pub fn ahead(&self, secs: f64, farthest_m: f64) -> DVec2 {
        let at = self.at.unwrap_or_default();
        // The chord of an arc points half of the turn away from its tangent.
        let half_turn = (self.turn * secs / 2.0).clamp(-FARTHEST_TURN / 2.0, FARTHEST_TURN / 2.0);
        let way = (self.velocity * secs).clamp_length_max(farthest_m);
        at + DVec2::from_angle(half_turn).rotate(way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(path: impl Fn(f64) -> DVec2, secs: f64, fps: f64) -> Motion {
        let mut motion = Motion::default();
        for frame in 0..(secs * fps) as u32 {
            motion.follow(path(f64::from(frame) / fps), 1.0 / fps);
        }
        motion
    }

    #[test]
    fn straight_flight_is_looked_ahead_exactly_at_any_frame_rate() {
        for fps in [5.0, 30.0, 60.0, 240.0] {
            let motion = follow(|t| DVec2::new(250.0 * t, 0.0), 3.0, fps);
            let at = motion.at.unwrap();
            assert!(motion.ahead(2.0, 1e4).distance(at + DVec2::new(500.0, 0.0)) < 1.0);
            assert!(motion.ahead(2.0, 300.0).distance(at) < 300.1, "bounded");
        }
    }

    #[test]
    fn a_simulation_slower_than_the_frames_is_still_a_motion() {
        let stepped = |t: f64| DVec2::new(50.0 * (t * 60.0).floor() / 60.0, 0.0);
        let motion = follow(stepped, 2.0, 144.0);
        assert!(motion.speed_mps() > 25.0, "{}", motion.speed_mps());
    }

    #[test]
    fn a_sharp_turn_is_followed_before_the_window_has_forgotten_the_old_way() {
        let path = |t: f64| {
            let turned = (t - 1.0).max(0.0);
            DVec2::new(160.0 * t.min(1.0), 0.0) + DVec2::from_angle(1.75) * 160.0 * turned
        };
        let motion = follow(path, 1.085, 60.0);
        let truth = path(1.085 - 1.0 / 60.0 + 2.0);
        let error = motion.ahead(2.0, 1e4).distance(truth);
        assert!(error < 20.0, "{error} m");
    }

    #[test]
    fn a_curve_is_followed_better_than_its_tangent() {
        let (radius, speed) = (2_000.0, 250.0);
        let path = |t: f64| DVec2::from_angle(speed * t / radius) * radius;
        let motion = follow(path, 3.0, 60.0);
        let truth = path(3.0 - 1.0 / 60.0 + 2.0);
        let tangent = motion.at.unwrap() + motion.velocity * 2.0;
        let error = motion.ahead(2.0, 1e4).distance(truth);
        assert!(
            error < 25.0 && error < tangent.distance(truth) / 2.0,
            "{error} m"
        );
    }

    #[test]
    fn a_teleport_a_hop_and_standing_look_nowhere() {
        let mut motion = follow(|t| DVec2::new(10.0 * t, 0.0), 2.0, 60.0);
        motion.follow(DVec2::new(9e5, 0.0), 1.0 / 60.0);
        assert_eq!(motion.ahead(2.0, 1e4), DVec2::new(9e5, 0.0));
        let mut hop = follow(|_| DVec2::ONE, 2.0, 60.0);
        hop.follow(DVec2::splat(9.0), 1.0 / 60.0);
        assert_eq!(
            (hop.ahead(2.0, 1e4), hop.heading()),
            (DVec2::splat(9.0), DVec2::ZERO)
        );
    }
}
