//! The messages that become timings, events and names.

use bevy::{ecs::system::SystemParam, prelude::*};

use super::{Refusal, Telemetry, source_word};
use crate::streaming::{ChunkFailed, ChunkLoaded, SettingChanged, SettingRefused, SettingSource};
use crate::telemetry::{
    log::{EventKind, SettingMark},
    sample::Sample,
    ticket::Landing,
    timing::TimingId,
};

/// What happened since the last frame.
#[derive(SystemParam)]
pub(super) struct Happened<'w, 's> {
    loaded: MessageReader<'w, 's, ChunkLoaded>,
    failed: MessageReader<'w, 's, ChunkFailed>,
    changed: MessageReader<'w, 's, SettingChanged>,
    refused: MessageReader<'w, 's, SettingRefused>,
}

impl Happened<'_, '_> {
    /// Notes all of it; the longest generator run goes into the frame's sample.
    pub(super) fn note(&mut self, telemetry: &mut Telemetry, now: f64, sample: &mut Sample) {
        for loaded in self.loaded.read() {
            let landing = Landing::of(sample.frame, loaded);
            telemetry.tickets.note_landing(landing);
            let times = loaded.times;
            if let Some((runs, ms)) = telemetry.generated.get_mut(usize::from(loaded.detail.0)) {
                *runs += 1;
                *ms += times.generate_ms;
            }
            for (id, ms) in [
                (TimingId::QueueWait, times.queue_wait_ms),
                (TimingId::Generate, times.generate_ms),
                (TimingId::ReadyWait, times.ready_wait_ms),
                (TimingId::Apply, times.apply_ms),
                (TimingId::TimeToVisible, times.time_to_visible_ms),
            ] {
                telemetry.timings.record(id, now, ms);
            }
            telemetry.layers.record(now, &loaded.layers);
            let longest = sample.generate_ms.unwrap_or(0.0).max(times.generate_ms);
            sample.generate_ms = Some(longest);
        }
        for failed in self.failed.read() {
            note_failure(telemetry, now, failed);
        }
        for changed in self.changed.read() {
            telemetry.last_refusal = None;
            let mark = SettingMark {
                t_secs: now,
                field: changed.field,
                old: changed.old.clone(),
                new: changed.new.clone(),
                drag: telemetry
                    .drag
                    .now()
                    .filter(|_| changed.source == SettingSource::Panel),
                source: source_word(changed.source),
            };
            telemetry.log.push_mark(mark);
        }
        for refused in self.refused.read() {
            telemetry
                .log
                .push(now, EventKind::Refusal, refused.reason.clone());
            telemetry.last_refusal = Some(Refusal {
                t_secs: now,
                changes: refused.changes.clone(),
                reason: refused.reason.clone(),
            });
        }
    }
}

fn note_failure(telemetry: &mut Telemetry, now: f64, failed: &ChunkFailed) {
    telemetry.watched.note_failure(now, failed);
    let kind = if failed.quarantined {
        EventKind::Quarantine
    } else {
        EventKind::Failure
    };
    let what = if failed.panicked {
        "panicked"
    } else {
        "failed"
    };
    telemetry.log.push(
        now,
        kind,
        format!(
            "chunk {} {what} at attempt {}: {}",
            failed.coord, failed.attempt, failed.reason
        ),
    );
}
