//! How far the world may reach with the memory there is: the governor behind `memory_cap_mib`.
//!
//! ```text
//!   room for more ──────────────► the reach grows by a chunk a second, until nothing limits it
//!   something waits for room ───► the reach shrinks to inside the farthest chunk, which is let go
//! ```
//! A reach that was given up is not tried again at once: the wait doubles with each failure, so that a
//! world that does not fit stays still instead of loading and dropping its edge for ever.

use std::time::Duration;

/// Memory below this share of the cap is room for more.
const ROOM_SHARE: f64 = 0.85;
/// Seconds before a reach that failed is tried again the first time, and at most.
const FIRST_WAIT_SECS: f64 = 10.0;
const LONGEST_WAIT_SECS: f64 = 640.0;
/// Seconds between two steps inwards: what was let go must have gone before more is.
const STEP_SECS: f64 = 0.1;

/// How things stand in one frame.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct MemoryState {
    /// Bytes of loaded chunks and waiting results.
    pub used_bytes: u64,
    /// The cap.
    pub cap_bytes: u64,
    /// Whether a result or a start waits for room.
    pub is_wanting: bool,
    /// How far the foci see without a cap (m).
    pub sight_m: f64,
    /// The side of a chunk (m).
    pub chunk_size_m: f64,
    /// How far beyond the reach a chunk is kept that is there (m).
    pub band_m: f64,
}

/// Decides the reach.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryGovernor {
    reach_m: f64,
    cap_bytes: u64,
    wait_secs: f64,
    next_try: Duration,
    next_step: Duration,
}

impl Default for MemoryGovernor {
    fn default() -> Self {
        Self {
            reach_m: f64::INFINITY,
            cap_bytes: 0,
            wait_secs: FIRST_WAIT_SECS,
            next_try: Duration::ZERO,
            next_step: Duration::ZERO,
        }
    }
}

impl MemoryGovernor {
    /// Nothing beyond this distance (m) is wanted; infinite while memory limits nothing.
    pub fn reach_m(&self) -> f64 {
        self.reach_m
    }

    /// Whether memory limits the world.
    pub fn is_limiting(&self) -> bool {
        self.reach_m.is_finite()
    }

    /// Takes a look. `farthest_m` is asked only when the reach must shrink: the distance of the farthest
    /// chunk that is loaded or under way. Returns whether the reach has changed.
    pub fn look(
        &mut self,
        now: Duration,
        state: MemoryState,
        farthest_m: impl FnOnce() -> f64,
    ) -> bool {
        let before = self.reach_m;
        if state.cap_bytes != self.cap_bytes {
            if state.cap_bytes > self.cap_bytes {
                // Nobody knows how far it reaches now: everything is tried.
                self.reach_m = f64::INFINITY;
            }
            self.cap_bytes = state.cap_bytes;
            self.wait_secs = FIRST_WAIT_SECS;
            self.next_try = now;
        }
        if state.is_wanting || state.used_bytes > state.cap_bytes {
            if now < self.next_step {
                return false;
            }
            self.next_step = now + Duration::from_secs_f64(STEP_SECS);
            let least = state.chunk_size_m;
            // A quarter of a chunk inside the farthest: that one goes, and its neighbours in the ring.
            let inside = farthest_m() - state.band_m - state.chunk_size_m * 0.25;
            self.reach_m = self.reach_m.min(inside).max(least);
            self.next_try = now + Duration::from_secs_f64(self.wait_secs);
            if self.reach_m < before {
                self.wait_secs = (self.wait_secs * 2.0).min(LONGEST_WAIT_SECS);
            }
        } else if self.is_limiting()
            && now >= self.next_try
            && (state.used_bytes as f64) < ROOM_SHARE * state.cap_bytes as f64
        {
            self.reach_m += state.chunk_size_m;
            self.next_try = now + Duration::from_secs(1);
            if self.reach_m >= state.sight_m {
                self.reach_m = f64::INFINITY;
                self.wait_secs = FIRST_WAIT_SECS;
            }
        }
        self.reach_m != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A world of rings: so many bytes per metre of reach, up to its sight.
    fn run(cap_bytes: u64, secs: u64) -> (MemoryGovernor, u32) {
        let (mut governor, mut changes) = (MemoryGovernor::default(), 0);
        let bytes_at = |reach: f64| (reach.min(2_000.0) * 1_000.0) as u64;
        for second in 0..secs {
            let reach = governor.reach_m();
            let state = MemoryState {
                used_bytes: bytes_at(reach).min(cap_bytes),
                cap_bytes,
                is_wanting: bytes_at(reach) > cap_bytes,
                sight_m: 2_000.0,
                chunk_size_m: 100.0,
                band_m: 0.0,
            };
            let farthest = reach.min(2_000.0);
            changes += u32::from(governor.look(Duration::from_secs(second), state, || farthest));
        }
        (governor, changes)
    }

    #[test]
    fn with_room_for_everything_nothing_is_limited() {
        let (governor, changes) = run(2_500_000, 100);
        assert!(!governor.is_limiting() && changes == 0);
    }

    #[test]
    fn a_world_that_does_not_fit_shrinks_until_it_does_and_then_stays_calm() {
        let (governor, _) = run(1_000_000, 60);
        assert!(
            (700.0..=1_000.0).contains(&governor.reach_m()),
            "{}",
            governor.reach_m()
        );
        let (_, hour) = run(1_000_000, 3_600);
        assert!(hour < 150, "{hour} changes in an hour");
    }

    #[test]
    fn a_larger_cap_is_used_at_once() {
        let (mut governor, _) = run(1_000_000, 60);
        let state = MemoryState {
            used_bytes: 900_000,
            cap_bytes: 4_000_000,
            is_wanting: false,
            sight_m: 2_000.0,
            chunk_size_m: 100.0,
            band_m: 0.0,
        };
        let before = governor.reach_m();
        assert!(governor.look(Duration::from_secs(60), state, || 0.0));
        assert!(before.is_finite() && !governor.is_limiting());
    }

    #[test]
    fn the_chunk_under_the_focus_is_never_out_of_reach() {
        let mut governor = MemoryGovernor::default();
        let state = MemoryState {
            used_bytes: 10,
            cap_bytes: 1,
            is_wanting: true,
            sight_m: 2_000.0,
            chunk_size_m: 100.0,
            band_m: 0.0,
        };
        for second in 0..100 {
            governor.look(Duration::from_secs(second), state, || 0.0);
        }
        assert_eq!(governor.reach_m(), 100.0);
    }
}
