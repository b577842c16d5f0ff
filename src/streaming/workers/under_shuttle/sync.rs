//! Shuttle's primitives, and a clock that every look moves on, so that equal orders give equal runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};

pub(crate) struct Epoch(AtomicU64);

impl Epoch {
    pub fn begin() -> Self {
        Self(AtomicU64::new(0))
    }

    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
