//! Places to be made ready before somebody comes: tickets that say when they are.

use bevy::ecs::resource::Resource;
use bevy::math::DVec2;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::logic::disc::{Disc, Measure};
use crate::logic::rings::{Focus, Purpose};

/// Tickets that nobody released are dropped this long after they were ready.
const KEPT_SECS: f64 = 60.0;

/// Beyond this distance from the middle of the world (m) there may be no chunks.
const FARTHEST_M: f64 = 1e10;

/// The name of a preload.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PreloadTicket(u64);

/// Why a preload was refused.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
pub enum PreloadError {
    /// NaN, infinity, or where there are no chunks.
    #[error("a preload at {0} is nowhere; the place must be finite and within 1e10 m")]
    NotFinite(DVec2),
    /// Not a radius, or one that no memory holds.
    #[error("a preload radius of {0} m is out of range; legal is 1 to 10000 m")]
    Radius(f64),
}

/// How a preload stands.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct PreloadStatus {
    /// Its middle on the ground plane of the world (x, z), metres.
    pub at_in_world: DVec2,
    /// Chunks with an edge nearer than this (m) belong to it.
    pub radius_m: f64,
    /// Whether every chunk of it is there at full detail (or was given up).
    pub is_ready: bool,
    /// Chunks that are not there yet.
    pub missing: u32,
    /// Chunks that belong to it.
    pub total: u32,
    /// How long after its deadline it became ready, or how late it is by now.
    pub late_by: Option<Duration>,
    /// When it will be ready at the rate so far; `None` until the first chunk has landed, and when ready.
    pub will_be_ready_in: Option<Duration>,
}

/// The preloads of a game.
///
/// ```
/// # use ringroad_streaming::*; use std::time::Duration; use bevy::math::DVec2;
/// let mut preloads = Preloads::default();
/// let ticket = preloads.preload(DVec2::new(4_000.0, -900.0), 300.0, Duration::from_secs(2)).unwrap();
/// // … each frame: `preloads.status(ticket)`; travel when `is_ready`, then:
/// preloads.release(ticket);
/// ```
#[derive(Resource, Debug, Default)]
pub struct Preloads {
    asked: u64,
    now: Duration,
    orders: BTreeMap<PreloadTicket, Preload>,
}

#[derive(Debug)]
pub(crate) struct Preload {
    at: DVec2,
    radius_m: f64,
    asked_at: Duration,
    due_at: Duration,
    ready_at: Option<Duration>,
    /// Chunks missing at the first look.
    missing_at_first: Option<u32>,
    status: PreloadStatus,
}

impl Preloads {
    /// Asks for everything within a radius at full detail, `within` so long. The order holds until it is
    /// released, or for a minute after it was ready.
    ///
    /// # Errors
    /// The place is not finite, or the radius not within 1 to 10,000 m.
    pub fn preload(
        &mut self,
        at_in_world: DVec2,
        radius_m: f64,
        within: Duration,
    ) -> Result<PreloadTicket, PreloadError> {
        if !at_in_world.is_finite() || at_in_world.abs().max_element() > FARTHEST_M {
            return Err(PreloadError::NotFinite(at_in_world));
        }
        if !(1.0..=10_000.0).contains(&radius_m) {
            return Err(PreloadError::Radius(radius_m));
        }
        self.asked += 1;
        let ticket = PreloadTicket(self.asked);
        let order = Preload {
            at: at_in_world,
            radius_m,
            asked_at: self.now,
            due_at: self.now.saturating_add(within),
            ready_at: None,
            missing_at_first: None,
            status: PreloadStatus {
                at_in_world,
                radius_m,
                is_ready: false,
                missing: 0,
                total: 0,
                late_by: None,
                will_be_ready_in: None,
            },
        };
        self.orders.insert(ticket, order);
        Ok(ticket)
    }

    /// How a preload stands as of the last frame; `None` once it is released.
    pub fn status(&self, ticket: PreloadTicket) -> Option<PreloadStatus> {
        self.orders.get(&ticket).map(|order| order.status)
    }

    /// Ends a preload: what it made stays only as long as a focus needs it.
    pub fn release(&mut self, ticket: PreloadTicket) {
        self.orders.remove(&ticket);
    }

    /// All that are not released, oldest first.
    pub fn statuses(&self) -> impl Iterator<Item = (PreloadTicket, PreloadStatus)> {
        self.orders
            .iter()
            .map(|(ticket, order)| (*ticket, order.status))
    }

    pub(crate) fn orders(&self) -> impl Iterator<Item = &Preload> {
        self.orders.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.orders.len()
    }

    /// Takes a look: `count` says of an order how many of its chunks are missing, and of how many.
    pub(crate) fn look(&mut self, now: Duration, count: impl Fn(&Preload) -> (u32, u32)) {
        self.now = now;
        self.orders.retain(|_, order| {
            let (missing, total) = count(order);
            order.see(now, missing, total);
            order
                .ready_at
                .is_none_or(|at| now.saturating_sub(at).as_secs_f64() < KEPT_SECS)
        });
    }
}

impl Preload {
    /// The order as a place where the world is needed.
    pub fn as_focus(&self) -> Focus {
        Focus {
            at: self.at,
            ahead: self.at,
            heading: DVec2::ZERO,
            speed_mps: 0.0,
            facing: DVec2::ZERO,
            purpose: Purpose::Order(self.radius_m),
        }
    }

    /// The chunks that belong to it.
    pub fn disc(&self, chunk_size_m: f64) -> Disc {
        Disc {
            centre: self.at,
            radius_m: self.radius_m,
            measure: Measure::Edge,
            chunk_size_m,
            role: 0,
        }
    }

    fn see(&mut self, now: Duration, missing: u32, total: u32) {
        let at_first = *self.missing_at_first.get_or_insert(missing);
        let is_ready = missing == 0;
        self.ready_at = if is_ready {
            self.ready_at.or(Some(now))
        } else {
            None
        };
        let judged = self.ready_at.unwrap_or(now);
        let landed = at_first.saturating_sub(missing);
        let will_be_ready_in = (!is_ready && landed > 0).then(|| {
            now.saturating_sub(self.asked_at)
                .mul_f64(f64::from(missing) / f64::from(landed))
        });
        self.status = PreloadStatus {
            is_ready,
            missing,
            total,
            late_by: (judged > self.due_at).then(|| judged - self.due_at),
            will_be_ready_in,
            ..self.status
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(value: f64) -> Duration {
        Duration::from_secs_f64(value)
    }

    #[test]
    fn a_ticket_says_when_it_will_be_ready_then_that_it_is_and_how_late() {
        let mut preloads = Preloads::default();
        preloads.look(secs(10.0), |_| (0, 0));
        let ticket = preloads.preload(DVec2::ZERO, 300.0, secs(2.0)).unwrap();
        preloads.look(secs(10.0), |_| (8, 9));
        let first = preloads.status(ticket).unwrap();
        assert_eq!(
            (first.missing, first.will_be_ready_in, first.late_by),
            (8, None, None)
        );
        preloads.look(secs(11.0), |_| (6, 9));
        assert_eq!(
            preloads.status(ticket).unwrap().will_be_ready_in,
            Some(secs(3.0))
        );
        preloads.look(secs(13.0), |_| (2, 9));
        assert_eq!(preloads.status(ticket).unwrap().late_by, Some(secs(1.0)));
        preloads.look(secs(14.0), |_| (0, 9));
        preloads.look(secs(20.0), |_| (0, 9));
        let last = preloads.status(ticket).unwrap();
        assert!(
            last.is_ready && last.late_by == Some(secs(2.0)) && last.will_be_ready_in.is_none()
        );
        preloads.look(secs(75.0), |_| (0, 9));
        assert_eq!(preloads.status(ticket), None, "kept for a minute");
    }

    #[test]
    fn places_and_radii_that_mean_nothing_are_refused() {
        let mut preloads = Preloads::default();
        for radius in [0.0, -1.0, f64::NAN, 1e9] {
            assert!(
                preloads.preload(DVec2::ZERO, radius, secs(1.0)).is_err(),
                "{radius}"
            );
        }
        assert!(preloads.preload(DVec2::NAN, 100.0, secs(1.0)).is_err());
        assert!(
            preloads
                .preload(DVec2::new(1e300, 0.0), 100.0, secs(1.0))
                .is_err()
        );
        assert_eq!(preloads.len(), 0);
    }
}
