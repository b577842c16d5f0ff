//! Tickets: one number per request, for the whole process, never reused (law 2).

use bevy::reflect::Reflect;
use std::sync::atomic::{AtomicU64, Ordering};

/// The ticket of one generation request; unique in this process.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default, Reflect)]
pub struct GenerationId(pub u64);

impl std::fmt::Display for GenerationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl GenerationId {
    /// Draws the next ticket. The counter starts at 1 and is never reset: ids that restarted when a
    /// chunk was unloaded once let an old result match a new life.
    pub fn draw() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
