//! The preloads that a script asked for: when each was ready, how late, and what a jump there found missing.

use std::time::Duration;

use bevy::math::DVec2;
use bevy::prelude::*;
use ringroad_streaming::{PreloadTicket, Preloads, StreamingMetrics};
use serde_json::{Value, json};

use super::pictures::is_held;
use super::record::RecordSystems;

/// How long after a jump (s) the view is looked at, and the ticket still held.
const LOOKED_AT_SECS: f64 = 2.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PreloadLog>().add_systems(
        Last,
        follow_preloads.in_set(RecordSystems).run_if(not(is_held)),
    );
}

/// Every preload of the run, in order.
#[derive(Resource, Debug, Default)]
pub(super) struct PreloadLog(Vec<Logged>);

#[derive(Debug)]
struct Logged {
    /// Until it is released.
    ticket: Option<PreloadTicket>,
    at: DVec2,
    radius_m: f64,
    within: Duration,
    asked_at: Duration,
    ready_after: Option<Duration>,
    late_by: Option<Duration>,
    jumped_at: Option<Duration>,
    /// The most cells in view without anything to see, in the time after the jump.
    holes_after_jump: Option<u64>,
}

impl PreloadLog {
    /// Writes down a new one.
    pub fn note(
        &mut self,
        ticket: PreloadTicket,
        at: DVec2,
        radius_m: f64,
        within: Duration,
        now: Duration,
    ) {
        self.0.push(Logged {
            ticket: Some(ticket),
            at,
            radius_m,
            within,
            asked_at: now,
            ready_after: None,
            late_by: None,
            jumped_at: None,
            holes_after_jump: None,
        });
    }

    /// The newest one that holds a place and was not used yet.
    pub fn newest_around(&self, place: DVec2) -> Option<usize> {
        self.0.iter().rposition(|logged| {
            logged.jumped_at.is_none() && logged.at.distance(place) <= logged.radius_m
        })
    }

    /// Whether everything of it is there.
    pub fn is_ready(&self, index: usize) -> bool {
        self.0
            .get(index)
            .is_none_or(|logged| logged.ready_after.is_some())
    }

    /// Somebody goes there now.
    pub fn note_jump(&mut self, index: usize, now: Duration) {
        if let Some(logged) = self.0.get_mut(index) {
            logged.jumped_at = Some(now);
        }
    }

    /// Nobody waits for any of them any more.
    pub fn release_all(&mut self, preloads: &mut Preloads) {
        for ticket in self.0.iter_mut().filter_map(|logged| logged.ticket.take()) {
            preloads.release(ticket);
        }
    }

    /// The list of the report.
    pub fn report(&self) -> Vec<Value> {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let entry = |logged: &Logged| {
            let late_ms = logged.late_by.map_or(0.0, ms);
            json!({
                "x": logged.at.x,
                "z": logged.at.y,
                "radius": logged.radius_m,
                "within_secs": logged.within.as_secs_f64(),
                "ready_after_secs": logged.ready_after.map(|time| time.as_secs_f64()),
                "late_ms": (logged.ready_after.is_some() || late_ms > 0.0).then_some(late_ms),
                "holes_after_jump": logged.holes_after_jump,
            })
        };
        self.0.iter().map(entry).collect()
    }
}

fn follow_preloads(
    time: Res<Time<Real>>,
    metrics: Res<StreamingMetrics>,
    mut preloads: ResMut<Preloads>,
    mut log: ResMut<PreloadLog>,
) {
    let now = time.elapsed();
    for logged in &mut log.bypass_change_detection().0 {
        let Some(ticket) = logged.ticket else {
            continue;
        };
        if logged.ready_after.is_none()
            && let Some(status) = preloads.status(ticket)
        {
            logged.late_by = status.late_by;
            if status.is_ready {
                logged.ready_after = Some(now - logged.asked_at);
            }
        }
        let Some(jumped_at) = logged.jumped_at else {
            continue;
        };
        let most = logged.holes_after_jump.unwrap_or(0);
        logged.holes_after_jump = Some(most.max(metrics.gauges.holes));
        if now - jumped_at > Duration::from_secs_f64(LOOKED_AT_SECS) {
            preloads.release(ticket);
            logged.ticket = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_goes_by_the_newest_preload_around_its_target_and_each_is_used_once() {
        let mut preloads = Preloads::default();
        let mut log = PreloadLog::default();
        for x in [0.0, 100.0, 5_000.0] {
            let (at, within) = (DVec2::new(x, 0.0), Duration::from_secs(1));
            let ticket = preloads.preload(at, 300.0, within).expect("legal");
            log.note(ticket, at, 300.0, within, Duration::ZERO);
        }
        assert_eq!(log.newest_around(DVec2::new(50.0, 0.0)), Some(1));
        log.note_jump(1, Duration::from_secs(2));
        assert_eq!(log.newest_around(DVec2::new(50.0, 0.0)), Some(0));
        assert_eq!(log.newest_around(DVec2::new(0.0, 900.0)), None);
        assert!(!log.is_ready(0));
        log.release_all(&mut preloads);
        assert_eq!(preloads.statuses().count(), 0);
    }
}
