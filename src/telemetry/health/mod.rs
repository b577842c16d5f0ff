//! The verdict: one word, one sentence that names the limit, and the next step as data. Pure.

mod advice;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod frames;
mod idle;
mod limits;
mod room;

pub use advice::{Advice, FieldChange, Step};
pub use facts::{FRAMES_TO_JUDGE, HealthFacts};

use super::text::bytes;
use crate::streaming::StreamingRequest;
use advice::step_to;
use frames::{hitching, not_us, slowed};
use idle::{idle, judging};
use limits::narrow_place;

/// What is wrong, or that nothing is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A limit of 0 stops the work on purpose.
    Paused,
    /// Too few frames since the last change of a setting to say anything.
    Judging,
    /// Nothing to do, or keeping up.
    Idle,
    /// `max_concurrent_tasks` is the narrow place.
    GenBound,
    /// The pool is: its threads stand still, or are fewer than the permitted tasks.
    PoolBound,
    /// `max_completed_per_frame` is the narrow place.
    ApplyBound,
    /// `apply_budget_ms` is the narrow place.
    TimeBound,
    /// `upload_bytes_per_frame` is the narrow place.
    BytesBound,
    /// `scan_interval_secs` is too long for the speed, and work comes in bursts or too late.
    ScanBound,
    /// Holes are in view, or soon will be, and no limit is exhausted.
    Starved,
    /// Streaming broke frames.
    Hitching,
    /// A generation does not end.
    Stuck,
    /// `memory_cap_mib` is the narrow place.
    MemoryBound,
    /// Entities without a chunk, or bytes that only grow.
    Leak,
    /// Frames are slow and streaming is not why.
    NotUs,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 15] = [
        Self::Paused,
        Self::Judging,
        Self::Idle,
        Self::GenBound,
        Self::PoolBound,
        Self::ApplyBound,
        Self::TimeBound,
        Self::BytesBound,
        Self::ScanBound,
        Self::Starved,
        Self::Hitching,
        Self::Stuck,
        Self::MemoryBound,
        Self::Leak,
        Self::NotUs,
    ];

    /// The word on the panel and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paused => "PAUSED",
            Self::Judging => "JUDGING",
            Self::Idle => "IDLE",
            Self::GenBound => "GEN-BOUND",
            Self::PoolBound => "POOL-BOUND",
            Self::ApplyBound => "APPLY-BOUND",
            Self::TimeBound => "TIME-BOUND",
            Self::BytesBound => "BYTES-BOUND",
            Self::ScanBound => "SCAN-BOUND",
            Self::Starved => "STARVED",
            Self::Hitching => "HITCHING",
            Self::Stuck => "STUCK",
            Self::MemoryBound => "MEMORY-BOUND",
            Self::Leak => "LEAK",
            Self::NotUs => "NOT-US",
        }
    }
}

/// A verdict with its sentence and its next step.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The word.
    pub verdict: Verdict,
    /// What limits, with its value, and what to do next.
    pub sentence: String,
    /// The next step as data; `None` where nothing is to be done.
    pub advice: Option<Advice>,
}

/// What stands between the limit and the next step.
const TRY: &str = ". Try: ";

impl Health {
    fn new(verdict: Verdict, what: String, advice: Option<Advice>) -> Self {
        let sentence = match &advice {
            Some(advice) => format!("{what}{TRY}{}", advice.text()),
            None => what,
        };
        Self {
            verdict,
            sentence,
            advice,
        }
    }

    /// Verdict and sentence as one line.
    pub fn line(&self) -> String {
        format!("{}: {}", self.verdict.word(), self.sentence)
    }

    /// The same with the holes that are seen already, and how soon the must-have ring will have one. The next step stays
    /// last.
    fn with_danger(mut self, facts: &HealthFacts) -> Self {
        let mut danger = String::new();
        if self.verdict != Verdict::Starved && facts.holes > 0 && facts.frames_with_hole > 0 {
            danger += &format!("; {} holes in view", facts.holes);
        }
        match facts.horizon_secs {
            Some(secs) if secs < NOW_SECS => danger += "; a hole in the must-have ring now",
            Some(secs) => {
                danger += &format!("; first hole in the must-have ring in {secs:.1} s");
            }
            None => {}
        }
        let end = self.sentence.rfind(TRY).unwrap_or(self.sentence.len());
        self.sentence.insert_str(end, &danger);
        self
    }
}

/// A hole that is nearer than this is there, s.
const NOW_SECS: f64 = 0.05;
/// A hole that is nearer than this needs something to be done now, s.
const SOON_SECS: f64 = 5.0;
/// Bytes that only grow for this long leak, s.
const LEAK_SECS: f64 = 60.0;

/// Judges one moment. First what somebody did on purpose or feels, then what holds the pipeline back, narrowest place
/// first, then what is not streaming.
pub fn judge(facts: &HealthFacts) -> Health {
    let found = pause(facts)
        .or_else(|| hitching(facts))
        .or_else(|| slowed(facts))
        .or_else(|| leak(facts))
        .or_else(|| memory(facts))
        .or_else(|| narrow_place(facts))
        // That no limit is exhausted can be said only when the frames for it are there.
        .or_else(|| judging(facts))
        .or_else(|| starved(facts))
        .or_else(|| stuck(facts))
        .or_else(|| not_us(facts));
    found.unwrap_or_else(|| idle(facts)).with_danger(facts)
}

fn pause(facts: &HealthFacts) -> Option<Health> {
    let values = &facts.settings;
    let (field, effect, to) = if values.max_concurrent_tasks == 0 {
        ("max_concurrent_tasks", "nothing is generated", 3.0)
    } else if values.max_completed_per_frame == 0 {
        ("max_completed_per_frame", "nothing is applied", 2.0)
    } else {
        return None;
    };
    Some(Health::new(
        Verdict::Paused,
        format!(
            "{field} = 0: {effect} ({} missing); 1 or more goes on",
            facts.missing
        ),
        Some(Advice::set(
            vec![step_to(values, field, to)],
            "the work goes on",
        )),
    ))
}

fn leak(facts: &HealthFacts) -> Option<Health> {
    if facts.orphans > 0 {
        return Some(Health::new(
            Verdict::Leak,
            format!(
                "{} entities with InChunk belong to no chunk; somebody spawned or kept what streaming does not know",
                facts.orphans
            ),
            Some(Advice::ask(
                StreamingRequest::SweepOrphans,
                "takes them away; who made them will make more",
            )),
        ));
    }
    let growing_secs = facts.growing_secs.filter(|secs| *secs >= LEAK_SECS)?;
    Some(Health::new(
        Verdict::Leak,
        format!(
            "with nothing missing the bytes of chunks have only grown for {growing_secs:.0} s, to {}, and their number has not",
            bytes(facts.memory_bytes)
        ),
        Some(Advice::look(
            "what the generator puts into a chunk",
            "each version of a chunk is larger than the one before",
        )),
    ))
}

/// Holes that somebody sees, or soon will, without a limit behind them.
fn starved(facts: &HealthFacts) -> Option<Health> {
    let is_seen = facts.frames_with_hole > 0 && (facts.missing > 0 || facts.holes > 0);
    let is_near = facts.horizon_secs.is_some_and(|secs| secs <= SOON_SECS);
    if !(is_seen || is_near) {
        return None;
    }
    let values = &facts.settings;
    let mut changes = Vec::new();
    if values.scan_interval_secs > 0.1 {
        changes.push(step_to(
            values,
            "scan_interval_secs",
            (values.scan_interval_secs / 2.0).max(0.1),
        ));
    }
    if values.look_ahead_secs < 6.0 {
        changes.push(step_to(
            values,
            "look_ahead_secs",
            (values.look_ahead_secs * 1.5).clamp(1.0, 6.0),
        ));
    }
    let advice = if changes.is_empty() {
        Advice::look(
            "the speed, or load_radius_m",
            "the world is asked for as early as it can be",
        )
    } else {
        Advice::set(changes, "each chunk on the way is asked for earlier")
    };
    Some(Health::new(
        Verdict::Starved,
        format!(
            "{} holes in view now, {} frames with one in the last second, {} chunks missing, no budget is exhausted",
            facts.holes, facts.frames_with_hole, facts.missing
        ),
        Some(advice),
    ))
}

/// A generation that was given up goes on holding its thread.
fn stuck(facts: &HealthFacts) -> Option<Health> {
    let chunk = match facts.stuck_chunk {
        Some(chunk) => format!("the generation of chunk {chunk} does not end"),
        None => "a generation does not end".to_owned(),
    };
    (facts.stuck_workers > 0).then(|| {
        Health::new(
            Verdict::Stuck,
            format!(
                "{chunk}: {} of {} threads stuck, the work goes on without them; raise stuck_after_secs if it is only slow",
                facts.stuck_workers,
                facts.threads + facts.stuck_workers
            ),
            Some(Advice::look(
                "what the generator does there",
                "the thread comes back when it ends",
            )),
        )
    })
}

/// The cap is the limit only when something is held back for it; being near it is no fault.
fn memory(facts: &HealthFacts) -> Option<Health> {
    let values = &facts.settings;
    (facts.held_back > 0).then(|| {
        let cap = values.memory_cap_mib as f64;
        let short = 1.0 + facts.held_back as f64 / facts.loaded.max(1) as f64;
        // The other half is for the program itself, its pictures and everybody else.
        let most = facts.physical_mib.map(|physical| physical as f64 / 2.0);
        let to = (cap * (1.25 * short).max(2.0)).min(most.unwrap_or(f64::INFINITY).floor());
        let advice = if to > cap {
            Advice::set(
                vec![step_to(values, "memory_cap_mib", to)],
                "the world reaches as far as the view again",
            )
        } else {
            Advice::look(
                "smaller radii",
                "the cap is at half of the machine's memory or more",
            )
        };
        Health::new(
            Verdict::MemoryBound,
            format!(
                "{} chunks in view held back, {} of memory_cap_mib = {} used; or smaller radii",
                facts.held_back,
                bytes(facts.memory_bytes),
                values.memory_cap_mib,
            ),
            Some(advice),
        )
    })
}

#[cfg(test)]
mod tests;
