//! Places to be made ready before somebody comes: tickets that say when they are.

use bevy::ecs::resource::Resource;
use bevy::math::DVec2;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::logic::coord::ChunkCoord;
use crate::logic::disc::{Disc, Measure};
use crate::logic::rings::{Focus, FocusName, Purpose};
use crate::settings::{MAX_CELLS, StreamingValues, cells_within};

/// Tickets that nobody released are dropped this long after they were ready.
const KEPT_SECS: f64 = 60.0;

/// Beyond this distance from the middle of the world (m) there may be no chunks.
const FARTHEST_M: f64 = 1e10;

/// Preloads that may be held at once: each is one more place that need is measured from.
const MOST_ORDERS: usize = 256;

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
    /// With the preloads that are held already it has more chunks than one plan may hold.
    #[error(
        "a preload radius of {radius_m} m holds about {cells} chunks of {chunk_size_m} m, and other preloads hold {held}; legal are 100,000 in all, here a radius of at most {most_m} m"
    )]
    TooManyChunks {
        /// The radius given.
        radius_m: f64,
        /// About how many chunks that is.
        cells: u64,
        /// Chunks of the other preloads.
        held: u64,
        /// The side of a chunk.
        chunk_size_m: f64,
        /// The largest radius that there is room for; negative if there is none.
        most_m: f64,
    },
    /// Too many preloads are held.
    #[error("{0} preloads are held; legal are at most 256 at once: release one first")]
    TooMany(usize),
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
#[derive(Resource, Debug)]
pub struct Preloads {
    asked: u64,
    now: Duration,
    chunk_size_m: f64,
    /// The world that was counted in; another one is counted anew.
    epoch: u32,
    orders: BTreeMap<PreloadTicket, Preload>,
}

impl Default for Preloads {
    fn default() -> Self {
        Self::for_chunks(StreamingValues::default().chunk_size_m)
    }
}

#[derive(Debug)]
pub(crate) struct Preload {
    ticket: PreloadTicket,
    at: DVec2,
    radius_m: f64,
    asked_at: Duration,
    due_at: Duration,
    ready_at: Option<Duration>,
    /// Chunks missing at the first look.
    missing_at_first: Option<u32>,
    /// Chunks that are missing, and how many there are, once they were counted.
    counted: Option<(u32, u32)>,
    status: PreloadStatus,
}

impl Preloads {
    /// None yet, in a world of chunks of this side.
    pub(crate) fn for_chunks(chunk_size_m: f64) -> Self {
        Self {
            asked: 0,
            now: Duration::ZERO,
            chunk_size_m,
            epoch: 0,
            orders: BTreeMap::new(),
        }
    }

    /// Asks for everything within a radius at full detail, `within` so long. The order holds until it is
    /// released, for a minute after it was ready, or until `chunk_size_m` shrinks so much that it would
    /// hold too many chunks. No focus is needed for it.
    ///
    /// Cost: its chunks once, then what becomes of them.
    ///
    /// # Errors
    /// The place is not finite, the radius not within 1 to 10,000 m, or there would be more than 256
    /// preloads, or more than 100,000 chunks in them.
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
        if self.orders.len() >= MOST_ORDERS {
            return Err(PreloadError::TooMany(self.orders.len()));
        }
        let (cells, held) = (self.cells_of(radius_m), self.cells_held());
        if cells + held > MAX_CELLS {
            let room = ((MAX_CELLS - held) / std::f64::consts::PI).sqrt();
            return Err(PreloadError::TooManyChunks {
                radius_m,
                cells: cells as u64,
                held: held as u64,
                chunk_size_m: self.chunk_size_m,
                // Whole metres, rounded down.
                most_m: (room * self.chunk_size_m).floor() - self.chunk_size_m,
            });
        }
        self.asked += 1;
        let ticket = PreloadTicket(self.asked);
        let order = Preload {
            ticket,
            at: at_in_world,
            radius_m,
            asked_at: self.now,
            due_at: self.now.saturating_add(within),
            ready_at: None,
            missing_at_first: None,
            counted: None,
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

    /// About how many chunks an order of this radius has: those that its circle touches.
    fn cells_of(&self, radius_m: f64) -> f64 {
        cells_within(radius_m + self.chunk_size_m, self.chunk_size_m)
    }

    fn cells_held(&self) -> f64 {
        let radii = self.orders.values().map(|order| order.radius_m);
        radii.map(|radius_m| self.cells_of(radius_m)).sum()
    }

    /// Takes note of the world: where its chunks have another size or are made anew, everything is counted
    /// again, and what would hold too many chunks now is dropped, the newest first.
    pub(crate) fn enter_world(&mut self, chunk_size_m: f64, epoch: u32) {
        if self.chunk_size_m == chunk_size_m && self.epoch == epoch {
            return;
        }
        (self.chunk_size_m, self.epoch) = (chunk_size_m, epoch);
        for order in self.orders.values_mut() {
            order.counted = None;
        }
        while self.cells_held() > MAX_CELLS
            && let Some((_, order)) = self.orders.pop_last()
        {
            tracing::warn!(
                "the preload of {} m around {} is dropped: with chunks of {chunk_size_m} m there would be more than {MAX_CELLS} in all preloads",
                order.radius_m,
                order.at
            );
        }
    }

    /// Takes a look: `count` says of a new order how many of its chunks are missing, and of how many;
    /// `turned` are the chunks that became ready or ceased to be since the last look.
    pub(crate) fn look(
        &mut self,
        now: Duration,
        turned: &[(ChunkCoord, bool)],
        count: impl Fn(&Disc) -> (u32, u32),
    ) {
        self.now = now;
        let chunk_size_m = self.chunk_size_m;
        self.orders.retain(|_, order| {
            let disc = order.disc(chunk_size_m);
            let (missing, total) = match &mut order.counted {
                Some((missing, total)) => {
                    for (_, is_ready) in turned.iter().filter(|(coord, _)| disc.contains(*coord)) {
                        if *is_ready {
                            *missing = missing.saturating_sub(1);
                        } else {
                            *missing += 1;
                        }
                    }
                    (*missing, *total)
                }
                None => *order.counted.insert(count(&disc)),
            };
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
            name: FocusName::Order(self.ticket.0),
            at: self.at,
            ahead: self.at,
            heading: DVec2::ZERO,
            speed_mps: 0.0,
            facing: DVec2::ZERO,
            purpose: Purpose::Order(self.radius_m),
        }
    }

    /// The chunks that belong to it.
    fn disc(&self, chunk_size_m: f64) -> Disc {
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
        let none = |_: &Disc| unreachable!("there is no order");
        preloads.look(secs(10.0), &[], none);
        let ticket = preloads.preload(DVec2::ZERO, 300.0, secs(2.0)).unwrap();
        let look = |preloads: &mut Preloads, at, landed: i32| {
            let turned: Vec<_> = (0..landed)
                .map(|x| (ChunkCoord::new(x % 2, 0), true))
                .collect();
            // Far away, so nothing to this order.
            let elsewhere = [(ChunkCoord::new(40, 0), true)];
            preloads.look(secs(at), &[&elsewhere[..], &turned].concat(), |_| (8, 9));
        };
        look(&mut preloads, 10.0, 0);
        let first = preloads.status(ticket).unwrap();
        assert_eq!(
            (first.missing, first.will_be_ready_in, first.late_by),
            (8, None, None)
        );
        look(&mut preloads, 11.0, 2);
        assert_eq!(
            preloads.status(ticket).unwrap().will_be_ready_in,
            Some(secs(3.0))
        );
        look(&mut preloads, 13.0, 4);
        assert_eq!(preloads.status(ticket).unwrap().late_by, Some(secs(1.0)));
        look(&mut preloads, 14.0, 2);
        look(&mut preloads, 20.0, 0);
        let last = preloads.status(ticket).unwrap();
        assert!(
            last.is_ready && last.late_by == Some(secs(2.0)) && last.will_be_ready_in.is_none()
        );
        look(&mut preloads, 75.0, 0);
        assert_eq!(preloads.status(ticket), None, "kept for a minute");
    }

    #[test]
    fn more_chunks_or_preloads_than_a_plan_may_hold_are_refused_with_what_is_legal() {
        let mut preloads = Preloads::for_chunks(16.0);
        let far = DVec2::new(1e6, 0.0);
        let error = preloads.preload(far, 10_000.0, secs(1.0)).unwrap_err();
        let PreloadError::TooManyChunks { most_m, .. } = error else {
            panic!("{error}");
        };
        assert!((2_700.0..2_900.0).contains(&most_m), "{error}");
        assert!(preloads.preload(far, most_m, secs(1.0)).is_ok());
        assert!(preloads.preload(far, most_m, secs(1.0)).is_err(), "in all");
        let mut many = Preloads::default();
        for _ in 0..MOST_ORDERS {
            assert!(many.preload(far, 1.0, secs(1.0)).is_ok());
        }
        assert_eq!(
            many.preload(far, 1.0, secs(1.0)),
            Err(PreloadError::TooMany(MOST_ORDERS))
        );
        let mut shrinks = Preloads::default();
        let near = shrinks.preload(far, 100.0, secs(1.0)).unwrap();
        let wide = shrinks.preload(far, 10_000.0, secs(1.0)).unwrap();
        shrinks.enter_world(16.0, 1);
        assert!(shrinks.status(near).is_some() && shrinks.status(wide).is_none());
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
