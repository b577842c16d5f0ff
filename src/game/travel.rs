//! Teleports: at once, or after the place has been loaded.
//!
//! ```text
//!  Teleport { after_preload } ─► ticket of Preloads ─► ready, or ten seconds are over ─► the body is there
//!                                 │ the old place stays, the HUD counts down         ─► the ticket is kept two seconds
//!                                 └ orders that come meanwhile are carried out there
//! ```

use std::time::Duration;

use bevy::math::DVec2;
use bevy::prelude::*;

use super::script::GameRequest;
use crate::streaming::{PreloadError, PreloadStatus, PreloadTicket, Preloads};

/// Longer than this no teleport waits for its place.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How long a place is still asked for after the arrival: until the focus there has taken over for sure.
const KEPT: Duration = Duration::from_secs(2);

/// Where a teleport goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Destination {
    /// A place: world x and z in metres.
    Place {
        /// Where.
        at: DVec2,
        /// The rotation about y there; kept if absent.
        yaw: Option<f32>,
    },
    /// Where the city starts.
    Start {
        /// Its place, world x and z in metres.
        at: DVec2,
    },
}

impl Destination {
    const fn at(&self) -> DVec2 {
        match self {
            Self::Place { at, .. } | Self::Start { at } => *at,
        }
    }
}

/// The teleport that waits for its place, and the ticket of the last one that did.
#[derive(Resource, Debug, Default)]
pub struct Travel {
    waiting: Option<Waiting>,
    /// The ticket of a place that was reached, and when it is released.
    kept: Option<(PreloadTicket, Duration)>,
}

#[derive(Debug)]
struct Waiting {
    destination: Destination,
    ticket: PreloadTicket,
    since: Duration,
    /// What else was asked for meanwhile.
    orders: Vec<GameRequest>,
}

/// The end of a wait.
#[derive(Debug, PartialEq)]
pub(super) struct Departure {
    /// Where to.
    pub destination: Destination,
    /// What was asked for meanwhile.
    pub orders: Vec<GameRequest>,
    /// How long it took.
    pub waited: Duration,
    /// Whether the place is ready.
    pub is_ready: bool,
}

impl Travel {
    /// The ticket that a teleport waits for.
    #[must_use]
    pub fn ticket(&self) -> Option<PreloadTicket> {
        self.waiting.as_ref().map(|waiting| waiting.ticket)
    }

    /// Asks for the place of a teleport; one that waited before is forgotten.
    pub(super) fn wait_for(
        &mut self,
        destination: Destination,
        radius_m: f64,
        now: Duration,
        preloads: &mut Preloads,
    ) -> Result<(), PreloadError> {
        let ticket = preloads.preload(destination.at(), radius_m, LONGEST_WAIT)?;
        self.forget(preloads);
        self.waiting = Some(Waiting {
            destination,
            ticket,
            since: now,
            orders: Vec::new(),
        });
        Ok(())
    }

    /// Forgets the teleport that waits.
    pub(super) fn forget(&mut self, preloads: &mut Preloads) {
        if let Some(waiting) = self.waiting.take() {
            preloads.release(waiting.ticket);
        }
    }

    /// Keeps an order for the arrival; gives it back if nothing waits.
    pub(super) fn keep_order(&mut self, order: &GameRequest) -> bool {
        if let Some(waiting) = &mut self.waiting {
            waiting.orders.push(order.clone());
        }
        self.waiting.is_some()
    }

    /// Looks whether the wait is over.
    pub(super) fn depart(&mut self, now: Duration, preloads: &mut Preloads) -> Option<Departure> {
        if let Some((ticket, until)) = self.kept
            && now >= until
        {
            preloads.release(ticket);
            self.kept = None;
        }
        let waiting = self.waiting.take_if(|waiting| {
            is_over(
                preloads.status(waiting.ticket),
                now.saturating_sub(waiting.since),
            )
        })?;
        let is_ready = is_ready(preloads.status(waiting.ticket));
        if let Some((earlier, _)) = self.kept.replace((waiting.ticket, now + KEPT)) {
            preloads.release(earlier);
        }
        Some(Departure {
            destination: waiting.destination,
            orders: waiting.orders,
            waited: now.saturating_sub(waiting.since),
            is_ready,
        })
    }
}

/// A ticket that streaming has dropped by itself was ready a minute ago.
fn is_ready(status: Option<PreloadStatus>) -> bool {
    status.is_none_or(|status| status.is_ready)
}

fn is_over(status: Option<PreloadStatus>, waited: Duration) -> bool {
    is_ready(status) || waited >= LONGEST_WAIT
}

/// What the HUD says while a teleport waits.
#[must_use]
pub fn wait_text(status: &PreloadStatus) -> String {
    match status.will_be_ready_in {
        Some(left) => format!("loading the place, ready in {:.1} s", left.as_secs_f64()),
        None => "loading the place".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Destination = Destination::Place {
        at: DVec2::new(9_000.0, -50.0),
        yaw: None,
    };

    fn secs(value: f64) -> Duration {
        Duration::from_secs_f64(value)
    }

    #[test]
    fn a_teleport_leaves_when_its_place_is_ready_or_after_ten_seconds() {
        let status = PreloadStatus {
            at_in_world: DVec2::ZERO,
            radius_m: 300.0,
            is_ready: false,
            missing: 3,
            total: 9,
            late_by: None,
            will_be_ready_in: Some(secs(1.25)),
        };
        assert!(!is_over(Some(status), secs(9.9)) && is_over(Some(status), secs(10.0)));
        assert_eq!(wait_text(&status), "loading the place, ready in 1.2 s");
        let ready = PreloadStatus {
            is_ready: true,
            ..status
        };
        assert!(is_over(Some(ready), secs(0.0)) && is_over(None, secs(0.0)));
    }

    #[test]
    fn a_late_teleport_takes_its_orders_along_and_its_ticket_is_kept_for_a_while() {
        let (mut travel, mut preloads) = (Travel::default(), Preloads::default());
        assert!(!travel.keep_order(&GameRequest::StopAutopilot));
        travel
            .wait_for(PLACE, 1_200.0, secs(5.0), &mut preloads)
            .unwrap();
        assert!(travel.keep_order(&GameRequest::EnterVehicle));
        assert_eq!(travel.depart(secs(14.9), &mut preloads), None);
        let departure = travel.depart(secs(15.0), &mut preloads).unwrap();
        assert_eq!(departure.orders, [GameRequest::EnterVehicle]);
        assert!(!departure.is_ready && departure.waited == LONGEST_WAIT);
        assert_eq!(preloads.statuses().count(), 1, "kept");
        assert_eq!(travel.depart(secs(17.0), &mut preloads), None);
        assert_eq!(preloads.statuses().count(), 0, "released");
    }

    #[test]
    fn another_teleport_forgets_the_one_that_waits() {
        let (mut travel, mut preloads) = (Travel::default(), Preloads::default());
        for _ in 0..3 {
            travel
                .wait_for(PLACE, 300.0, secs(1.0), &mut preloads)
                .unwrap();
        }
        assert_eq!(preloads.statuses().count(), 1);
        travel.forget(&mut preloads);
        assert_eq!(preloads.statuses().count(), 0);
    }
}
