//! The primitives by which threads meet, in one place: the tests compile the meeting place a second time
//! with Shuttle's in their stead.

use std::time::{Duration, Instant};

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

/// A clock that starts with the pool.
pub(crate) struct Epoch(Instant);

impl Epoch {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
