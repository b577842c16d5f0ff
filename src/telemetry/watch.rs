//! What has a name: chunks that were given up, generations that were stuck, preloads. Kept from messages, since counts
//! do not say which.

use std::collections::{BTreeMap, VecDeque};

use bevy::prelude::*;

use super::record::{Telemetry, TelemetrySystems};
use crate::streaming::{
    AsyncChunkQueue, ChunkCoord, ChunkFailed, ChunkReadiness, PreloadStatus, Preloads,
};

/// Given-up chunks and stuck generations kept by name; more are only counted.
const KEPT: usize = 256;

/// What the engine says in the failure of a generation that its watchdog gave up.
const STUCK_WORDS: &str = "has not ended";

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Last,
        forget_released
            .before(TelemetrySystems::Record)
            .run_if(resource_exists::<AsyncChunkQueue>),
    );
}

/// A failure that is still of interest.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureNote {
    /// Where.
    pub coord: ChunkCoord,
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Which try it was, from 0.
    pub attempt: u32,
    /// Whether it was a panic.
    pub panicked: bool,
    /// What the generator or the watchdog said.
    pub reason: String,
}

/// The things with a name.
#[derive(Debug, Default)]
pub struct Watched {
    quarantined: BTreeMap<ChunkCoord, FailureNote>,
    stuck: VecDeque<FailureNote>,
    preloads: Vec<PreloadStatus>,
}

impl Watched {
    /// Chunks that were given up and not tried again since, by place.
    pub fn quarantined(&self) -> impl Iterator<Item = &FailureNote> {
        self.quarantined.values()
    }

    /// Generations that the watchdog gave up, newest first.
    pub fn stuck(&self) -> impl Iterator<Item = &FailureNote> {
        self.stuck.iter().rev()
    }

    /// Preloads that are not released, oldest first.
    pub fn preloads(&self) -> &[PreloadStatus] {
        &self.preloads
    }

    pub(super) fn note_failure(&mut self, t_secs: f64, failed: &ChunkFailed) {
        let note = || FailureNote {
            coord: failed.coord,
            t_secs,
            attempt: failed.attempt,
            panicked: failed.panicked,
            reason: failed.reason.clone(),
        };
        if failed.quarantined
            && (self.quarantined.len() < KEPT || self.quarantined.contains_key(&failed.coord))
        {
            self.quarantined.insert(failed.coord, note());
        }
        if !failed.panicked && failed.reason.contains(STUCK_WORDS) {
            if self.stuck.len() == KEPT {
                self.stuck.pop_front();
            }
            self.stuck.push_back(note());
        }
    }

    pub(super) fn note_preloads(&mut self, preloads: &Preloads) {
        self.preloads.clear();
        self.preloads
            .extend(preloads.statuses().map(|(_, status)| status));
    }
}

/// Drops the chunks that are being tried again or are not wanted any more.
fn forget_released(mut telemetry: ResMut<Telemetry>, readiness: ChunkReadiness) {
    if telemetry.watched().quarantined.is_empty() {
        return;
    }
    telemetry
        .watched_mut()
        .quarantined
        .retain(|coord, _| readiness.quarantine_reason(*coord).is_some());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streaming::GenerationId;
    use bevy::math::DVec2;
    use std::time::Duration;

    fn failed(x: i32, quarantined: bool, panicked: bool, reason: &str) -> ChunkFailed {
        ChunkFailed {
            coord: ChunkCoord::new(x, 4),
            generation_id: GenerationId(7),
            attempt: 3,
            reason: reason.to_owned(),
            panicked,
            quarantined,
        }
    }

    #[test]
    fn only_the_last_failure_of_a_chunk_gives_it_up() {
        let mut watched = Watched::default();
        watched.note_failure(1.0, &failed(1, false, true, "panicked at roofs.rs:7"));
        assert_eq!(watched.quarantined().count(), 0);
        watched.note_failure(2.0, &failed(1, true, true, "panicked at roofs.rs:7"));
        let note = watched.quarantined().next().unwrap();
        assert_eq!((note.coord.x, note.t_secs), (1, 2.0));
        assert_eq!(note.reason, "panicked at roofs.rs:7");
        assert_eq!(watched.stuck().count(), 0);
    }

    #[test]
    fn a_stuck_generation_is_kept_by_name_newest_first_and_bounded() {
        let mut watched = Watched::default();
        let reason = "the generation at level 0 has not ended after 10.0 s on chunk-gen 1";
        for x in 0..300 {
            watched.note_failure(f64::from(x), &failed(x, false, false, reason));
        }
        assert_eq!(watched.stuck().next().unwrap().coord.x, 299);
        assert_eq!(watched.stuck().count(), KEPT);
    }

    #[test]
    fn preloads_are_those_of_this_frame() {
        let mut preloads = Preloads::default();
        let ticket = preloads
            .preload(DVec2::new(900.0, 0.0), 300.0, Duration::from_secs(2))
            .unwrap();
        let mut watched = Watched::default();
        watched.note_preloads(&preloads);
        assert_eq!(watched.preloads()[0].radius_m, 300.0);
        preloads.release(ticket);
        watched.note_preloads(&preloads);
        assert_eq!(watched.preloads(), []);
    }
}
