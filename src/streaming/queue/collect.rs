//! What the workers have finished, and what they will not finish.

use bevy::ecs::message::MessageWriter;
use std::time::Duration;

use super::count_cancelled;
use super::stage::Stage;
use crate::focus::Scored;
use crate::instruments::Run;
use crate::logic::coord::ChunkCoord;
use crate::logic::laws::TraceEvent;
use crate::logic::need::{Claim, Scale};
use crate::logic::retry::{AfterFailure, after_failure};
use crate::logic::table::ChunkState;
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::Choice;
use crate::messages::ChunkFailed;
use crate::workers::{CancelReason, Finished, Outcome, Stuck, StuckEnd};

impl Stage<'_> {
    /// Takes what the workers finished. Failures end here, stale results cost no budget (law 7).
    pub(super) fn collect(&mut self, failed: &mut MessageWriter<ChunkFailed>) {
        let (finished, starts) = self.queue.shared.take_news();
        self.metrics.counters.started += starts.len() as u64;
        for choice in starts {
            self.note_start(&choice);
        }
        for finished in finished {
            self.metrics.counters.completed += 1;
            self.note_run(&finished);
            let (coord, id) = (finished.coord, finished.generation_id);
            let state = self.chunks.table.state(coord);
            let is_awaited = state.is_some_and(|state| state.awaits(id));
            match &finished.outcome {
                Outcome::Made(_) if is_awaited => {
                    self.trace.push(TraceEvent::Accepted { id });
                    self.queue.results.push(finished);
                }
                Outcome::Made(_) => {
                    self.queue
                        .discard(finished, self.trace, self.metrics, state);
                    self.has_stopped(coord, id);
                }
                Outcome::Cancelled => {
                    self.metrics.counters.wasted_worker_ms += finished.worker_ms();
                    self.trace.push(TraceEvent::Cancelled { coord, id });
                    let reason = finished.cancel_reason.unwrap_or(CancelReason::Unwanted);
                    count_cancelled(self.metrics, reason);
                    if is_awaited {
                        // Nobody asked for this, so the chunk is asked for again.
                        self.chunks.table.set_state(coord, ChunkState::Idle);
                        self.chunks.table.settle(coord, self.now);
                    }
                    self.has_stopped(coord, id);
                }
                Outcome::Failed { reason, panicked } => {
                    self.metrics.counters.panicked += u64::from(*panicked);
                    let failure = Failure {
                        coord,
                        id,
                        attempt: finished.attempt,
                        reason: reason.clone(),
                        panicked: *panicked,
                        is_final: false,
                    };
                    self.fail(failure, is_awaited, failed);
                    self.has_stopped(coord, id);
                }
            }
        }
    }

    /// Writes a generation into the life of its chunk, if anybody looks.
    fn note_run(&mut self, finished: &Finished) {
        if !self.trace.lives.is_on() {
            return;
        }
        let now = self.queue.shared.now();
        self.trace.lives.ran(&Run {
            coord: finished.coord,
            id: finished.generation_id,
            detail: finished.detail,
            thread: &finished.thread,
            began_ago: now.saturating_sub(finished.started_at),
            ended_ago: now.saturating_sub(finished.finished_at),
        });
    }

    /// Looks at the choice that a start was: was something needed more (law 15), and how far from the
    /// best was it with the need of now?
    pub(super) fn note_start(&mut self, choice: &Choice) {
        if self.chunks.is_new() {
            // What started in the world before is measured by nothing any more.
            return;
        }
        let (taken, on_record) = choice.taken;
        let more_needed = choice
            .best_left
            .filter(|(best, need)| *need < on_record || self.is_plainly_first(best, &taken))
            .map(|(claim, _)| claim.coord);
        self.trace.push(TraceEvent::Started {
            coord: taken.coord,
            more_needed,
            had_choice: choice.best_left.is_some(),
        });
        if let (Some((best, _)), Some(worst)) = (choice.best_left, choice.worst_left) {
            let scale = self.scale();
            let (taken, best, worst) = (scale.need(&taken), scale.need(&best), scale.need(&worst));
            let regret = &mut self.metrics.regret;
            regret.sum += best.lead_over(taken);
            regret.possible += best.min(taken).lead_over(worst.max(taken));
            self.metrics.gauges_max.priority_regret = regret.share();
        }
    }

    /// Whether one claim is needed so much more than another, now and by the plans that the start may
    /// have obeyed, that no score of the right age could have had them the other way round.
    fn is_plainly_first(&self, first: &Claim, second: &Claim) -> bool {
        let size = self.rings.chunk_size_m;
        let leads = |scale: Scale<'_>| {
            let fastest = scale
                .foci
                .iter()
                .map(|focus| focus.speed_mps)
                .fold(0.0, f64::max);
            let slack = 2.0 * size + 4.0 * fastest * self.settings.scan_interval_secs;
            scale
                .lead_within_class(first, second)
                .is_some_and(|lead| lead > slack)
        };
        let led = |scored: &Scored| {
            scored.rings.as_ref().is_some_and(|rings| {
                leads(Scale {
                    foci: &scored.foci,
                    rings,
                    weights: &scored.weights,
                })
            })
        };
        leads(self.scale()) && self.points.scored.iter().all(led)
    }

    fn fail(
        &mut self,
        failure: Failure,
        is_awaited: bool,
        failed: &mut MessageWriter<ChunkFailed>,
    ) {
        let Failure {
            coord,
            id,
            attempt,
            reason,
            panicked,
            is_final,
        } = failure;
        self.metrics.counters.failed += 1;
        let settings = self.settings;
        // What is given up for good has had the last of all its tries.
        let tries = if is_final {
            attempt.max(settings.retry_limit)
        } else {
            attempt
        };
        let next = after_failure(
            tries,
            settings.retry_limit,
            settings.retry_backoff_secs,
            self.now,
        );
        let quarantined = next == AfterFailure::Quarantine;
        self.trace.push(TraceEvent::Failed {
            coord,
            id,
            attempt: tries,
            panicked,
            quarantined,
            awaited: is_awaited,
        });
        if !is_awaited {
            return;
        }
        tracing::warn!("chunk {coord} failed on attempt {attempt}: {reason}");
        let is_bare = self.chunks.table.update(coord, |record| {
            record.attempt = attempt + 1;
            record.reason = Some(reason.clone());
            record.state = match next {
                AfterFailure::RetryAt(at) => ChunkState::Backoff(at),
                AfterFailure::Quarantine => ChunkState::Quarantined,
            };
            record.shown.is_none()
        });
        if quarantined {
            self.metrics.counters.quarantined += 1;
            if is_bare == Some(true) {
                self.side.placeholders_due.insert(coord);
            }
        }
        failed.write(ChunkFailed {
            coord,
            generation_id: id,
            attempt,
            reason,
            panicked,
            quarantined,
        });
    }

    /// The watchdog for what runs: a generation that does not end is named, given up, and tried again.
    pub(super) fn give_up_stuck(&mut self, failed: &mut MessageWriter<ChunkFailed>) {
        let limit = Duration::from_secs_f64(self.settings.stuck_after_secs);
        for stuck in self.queue.shared.give_up_stuck(limit) {
            let Stuck {
                coord,
                detail,
                generation_id: id,
                attempt,
                thread,
                after,
                end,
            } = stuck;
            let mut reason = format!(
                "the generation at level {} has not ended after {:.1} s on {thread}; it was given up",
                detail.0,
                after.as_secs_f64()
            );
            match end {
                StuckEnd::Replaced => {}
                StuckEnd::NotReplaced => {
                    reason += ", and so many threads are stuck that no other takes its place";
                }
                StuckEnd::NoThreadLeft => {
                    "every generation thread there may be is stuck; none is left to make it"
                        .clone_into(&mut reason);
                }
            }
            if end == StuckEnd::NoThreadLeft {
                tracing::debug!("chunk {coord}: {reason}");
            } else {
                tracing::error!("chunk {coord}: {reason}");
                self.metrics.counters.stuck += 1;
            }
            self.metrics.counters.wasted_worker_ms += after.as_secs_f64() * 1e3;
            let is_awaited = self
                .chunks
                .table
                .state(coord)
                .is_some_and(|state| state.awaits(id));
            let is_final = end != StuckEnd::Replaced;
            self.metrics.counters.requeued_by_watchdog += u64::from(is_awaited && !is_final);
            let failure = Failure {
                coord,
                id,
                attempt,
                reason,
                panicked: false,
                is_final,
            };
            self.fail(failure, is_awaited, failed);
            self.has_stopped(coord, id);
        }
    }
}

/// A generation that failed.
struct Failure {
    coord: ChunkCoord,
    id: GenerationId,
    attempt: u32,
    reason: String,
    panicked: bool,
    /// Whether no retry would help.
    is_final: bool,
}
