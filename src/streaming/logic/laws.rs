//! The checkers of the fifteen laws: a second, simpler book of what happened, kept beside the real one.
//!
//! Stages write down what they did ([`TraceEvent`]) and how the frame ended ([`FrameEnd`]); the book
//! follows with its own model and never asks the table. Laws 12 and 14 cannot be seen from inside a
//! frame: 12 is a test of leaving, 14 a test of the systems' access; their `checked` stays 0 here.

use bevy::ecs::resource::Resource;
use std::collections::{BTreeMap, BTreeSet};

use super::coord::ChunkCoord;
use super::coord::DetailLevel;
use super::recent::Recent;
use super::rings::{Focus, Rings};
use super::ticket::GenerationId;
use crate::metrics::Counters;

/// How many laws there are.
pub const LAWS: usize = 15;

/// Something a stage did.
#[derive(Clone, Debug)]
pub enum TraceEvent {
    /// A request was made.
    Requested {
        coord: ChunkCoord,
        id: GenerationId,
        attempt: u32,
    },
    /// A worker began.
    Started {
        coord: ChunkCoord,
        /// Where something more needed was left waiting; `None` if nothing was.
        more_needed: Option<ChunkCoord>,
        /// Whether there was a choice.
        had_choice: bool,
    },
    /// A result was accepted and waits to be applied.
    Accepted { id: GenerationId },
    /// A chunk is in the world.
    Landed {
        coord: ChunkCoord,
        detail: DetailLevel,
        version: u32,
        id: GenerationId,
        content_hash: Option<u64>,
        spawned: u64,
        prepared: u64,
        own_meshes: usize,
    },
    /// A result was discarded.
    Stale { coord: ChunkCoord, id: GenerationId },
    /// A request ended without a result.
    Cancelled { coord: ChunkCoord, id: GenerationId },
    /// A request ended in an error or a panic.
    Failed {
        coord: ChunkCoord,
        id: GenerationId,
        attempt: u32,
        panicked: bool,
        quarantined: bool,
        /// Whether the chunk still waited for it, so that it counts as a try.
        awaited: bool,
    },
    /// A chunk began to leave because no focus needs it, or because memory has no room for it.
    Unloaded { coord: ChunkCoord, evicted: bool },
    /// The world is made anew: content may change, and everything leaves.
    Regenerated,
    /// The table forgets a cell, or its failures: what comes next is a new life.
    Forgotten { coord: ChunkCoord },
    /// The watchdog found a chunk whose request is nowhere.
    Lost { coord: ChunkCoord, id: GenerationId },
    /// Other settings are in force than in the frame before; why they do not pass their own checks, if so.
    SettingsChanged { problem: Option<String> },
}

/// How a frame ended.
#[derive(Clone, Debug, Default)]
pub struct FrameEnd {
    pub counters: Counters,
    pub running: u64,
    pub waiting: u64,
    pub accepted_waiting: u64,
    pub limit: u64,
    pub applied_now: u64,
    pub max_completed: u64,
    pub charged_ms: f64,
    pub budget_ms: f64,
    pub largest_slice_ms: f64,
    pub uploaded_bytes: u64,
    pub uploaded_meshes: u64,
    pub upload_cap: u64,
    pub slices: u64,
    pub stopped_by_budget: bool,
    pub world_entities: u64,
    pub known_entities: u64,
    pub missing: u64,
    pub oldest_idle_secs: f64,
    pub idle_bound_secs: f64,
    pub frame_secs: f64,
    pub unloaded_now: u64,
    pub queued: u64,
    pub is_backlog_full: bool,
    pub retiring: u64,
    pub leaving: u64,
    pub has_focus: bool,
    pub memory_bytes: u64,
    pub memory_cap_bytes: u64,
    pub held_bytes: u64,
    pub held_cap_bytes: u64,
    pub held_results: u64,
    pub panics_caught: u64,
    pub panics_on_their_way: u64,
    pub panics_discarded: u64,
}

/// What was true when an event happened.
#[derive(Copy, Clone, Debug, Default)]
pub struct Scene<'a> {
    /// The foci of this frame.
    pub foci: &'a [Focus],
    /// The radii in force.
    pub rings: Option<&'a Rings>,
    /// Retries before quarantine.
    pub retry_limit: u32,
}

/// Seconds that workers may idle beside waiting work, or results wait beside an idle apply.
const STALL_BOUND_SECS: f64 = 2.0;

/// Frames in a row that workers must have idled as well.
const LEAST_IDLE_FRAMES: u32 = 3;

/// Law 9 remembers the content of at least so many of the chunks that landed last, and of twice as many at
/// most: some megabytes, however long the game. A chunk that comes back after more others than that is taken
/// as it comes.
const HASHES: usize = 1 << 14;

/// What is known about one law.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LawStatus {
    /// 1 to 15.
    pub number: u8,
    /// Frames or events that really exercised it; 0 means this run could not.
    pub checked: u64,
    /// How often it was broken.
    pub violations: u64,
    /// What happened the first time it was broken.
    pub first: Option<String>,
}

/// Bytes and their caps at the end of a frame: a cap that was lowered drains, and what ended before it was
/// lowered obeyed the cap of then.
#[derive(Copy, Clone, Debug, Default)]
struct Bytes {
    held: u64,
    held_cap: u64,
    memory: u64,
    memory_cap: u64,
}

/// The book. Cost per event O(log chunks); per frame constant.
#[derive(Resource, Clone, Debug)]
pub struct LawBook {
    laws: [LawStatus; LAWS],
    is_balanced: bool,
    live: BTreeMap<ChunkCoord, GenerationId>,
    last_ticket: GenerationId,
    accepted: BTreeSet<GenerationId>,
    /// What each cell, level and version was, for the last ones that landed.
    hashes: Recent<(ChunkCoord, DetailLevel, u32), u64>,
    attempts: BTreeMap<ChunkCoord, u32>,
    panics: u64,
    /// Panics reported, caught, on their way and discarded at the last look.
    last_panics: [u64; 4],
    last_running: u64,
    last_limit: u64,
    idle_secs: f64,
    idle_frames: u32,
    was_idle: bool,
    stalled_secs: f64,
    last_bytes: Bytes,
    frames: u64,
}

impl Default for LawBook {
    fn default() -> Self {
        Self {
            laws: std::array::from_fn(|index| LawStatus {
                number: index as u8 + 1,
                ..LawStatus::default()
            }),
            is_balanced: true,
            live: BTreeMap::new(),
            last_ticket: GenerationId(0),
            accepted: BTreeSet::new(),
            hashes: Recent::new(HASHES),
            attempts: BTreeMap::new(),
            panics: 0,
            last_panics: [0; 4],
            last_running: 0,
            last_limit: 0,
            idle_secs: 0.0,
            idle_frames: 0,
            was_idle: false,
            stalled_secs: 0.0,
            last_bytes: Bytes::default(),
            frames: 0,
        }
    }
}

impl LawBook {
    /// The laws in order, law 1 first.
    pub fn laws(&self) -> &[LawStatus; LAWS] {
        &self.laws
    }

    /// Law 1 as of the last frame.
    pub fn ledger_balanced(&self) -> bool {
        self.is_balanced
    }

    /// Whether no law was ever broken.
    pub fn is_clean(&self) -> bool {
        self.laws.iter().all(|law| law.violations == 0)
    }

    fn check(&mut self, number: u8, holds: bool, what: impl FnOnce() -> String) {
        let law = &mut self.laws[usize::from(number) - 1];
        law.checked += 1;
        if !holds {
            law.violations += 1;
            if law.first.is_none() {
                let what = format!("frame {}: {}", self.frames, what());
                tracing::error!("law {number} is broken: {what}");
                law.first = Some(what);
            }
        }
    }

    /// Follows one event.
    pub fn follow(&mut self, event: &TraceEvent, scene: Scene<'_>) {
        let Scene {
            foci,
            rings,
            retry_limit,
            ..
        } = scene;
        match event {
            TraceEvent::Requested { coord, id, attempt } => {
                let fresh = *id > self.last_ticket;
                self.check(2, fresh, || {
                    format!("{coord} was requested with the used ticket {id}")
                });
                self.last_ticket = self.last_ticket.max(*id);
                let before = self.live.insert(*coord, *id);
                self.check(3, before.is_none(), || {
                    format!("{coord} was requested as {id} while {before:?} is live")
                });
                let failures = self.attempts.get(coord).copied().unwrap_or(0);
                // The bound is checked where a failure ends: the limit may have been lowered since.
                self.check(8, *attempt == failures, || {
                    format!("{coord} failed {failures} times and is tried as attempt {attempt} of {retry_limit}")
                });
            }
            TraceEvent::Started {
                coord,
                more_needed,
                had_choice,
            } => {
                if *had_choice {
                    self.check(15, more_needed.is_none(), || {
                        format!(
                            "{coord} started while {more_needed:?}, which is more needed, waited"
                        )
                    });
                }
            }
            TraceEvent::Accepted { id } => {
                self.accepted.insert(*id);
            }
            TraceEvent::Landed {
                coord,
                detail,
                version,
                id,
                content_hash,
                spawned,
                prepared,
                own_meshes,
            } => {
                let live = self.live.remove(coord);
                self.check(2, live == Some(*id), || {
                    format!("{coord} landed with {id}, but {live:?} is live")
                });
                self.accepted.remove(id);
                self.attempts.remove(coord);
                self.check(
                    5,
                    *own_meshes <= crate::content::MAX_MESHES_PER_CHUNK,
                    || format!("{coord} owns {own_meshes} meshes"),
                );
                let made = (*coord, *detail, *version);
                let hash = content_hash.unwrap_or_default();
                let known = *self.hashes.entry(made, || hash);
                let is_equal = content_hash.is_some() && known == hash;
                self.check(9, is_equal && spawned == prepared, || {
                    format!(
                        "{coord}: hash {hash:x} before {known:x}, {spawned} entities of {prepared}"
                    )
                });
            }
            TraceEvent::Stale { coord, id } | TraceEvent::Cancelled { coord, id } => {
                self.end(*coord, *id);
            }
            TraceEvent::Failed {
                coord,
                id,
                attempt,
                panicked,
                quarantined,
                awaited,
            } => {
                if *awaited && self.live.get(coord) == Some(id) {
                    *self.attempts.entry(*coord).or_default() += 1;
                }
                self.end(*coord, *id);
                if *panicked {
                    self.panics += 1;
                }
                let ended_rightly = *quarantined == (*attempt >= retry_limit);
                self.check(8, ended_rightly, || {
                    format!(
                        "{coord}: failure {attempt} of {retry_limit}, quarantined: {quarantined}"
                    )
                });
            }
            TraceEvent::Unloaded { coord, evicted } => {
                self.check(11, !foci.is_empty(), || {
                    format!("{coord} was unloaded without a focus")
                });
                if let Some(rings) = rings
                    && !evicted
                {
                    let is_kept = rings.wish(*coord, foci).keep.is_some();
                    self.check(10, !is_kept, || {
                        format!("{coord} was unloaded inside the radius within which it is kept")
                    });
                }
            }
            TraceEvent::Forgotten { coord } => {
                self.attempts.remove(coord);
            }
            TraceEvent::Regenerated => {
                self.hashes.clear();
                self.attempts.clear();
            }
            TraceEvent::Lost { coord, id } => {
                let was_accepted = self.accepted.contains(id);
                self.check(7, !was_accepted, || {
                    format!("{coord}: result {id} vanished from the backlog")
                });
                self.end(*coord, *id);
                self.check(4, false, || format!("{coord}: request {id} is nowhere"));
            }
            TraceEvent::SettingsChanged { problem } => {
                self.check(13, problem.is_none(), || {
                    let problem = problem.as_deref().unwrap_or_default();
                    format!("settings in force do not pass their own checks: {problem}")
                });
            }
        }
    }

    fn end(&mut self, coord: ChunkCoord, id: GenerationId) {
        self.accepted.remove(&id);
        if self.live.get(&coord) == Some(&id) {
            self.live.remove(&coord);
        }
    }

    /// Closes a frame.
    pub fn close_frame(&mut self, end: &FrameEnd) {
        self.frames += 1;
        let c = &end.counters;
        let ended = c.applied + c.stale_discarded + c.cancelled + c.failed;
        self.is_balanced = c.requested == ended + end.running + end.waiting;
        let (balanced, requested) = (self.is_balanced, c.requested);
        self.check(1, balanced, || {
            format!(
                "{requested} requested ≠ {ended} ended + {} running + {} waiting",
                end.running, end.waiting
            )
        });
        if end.missing > 0 && end.has_focus {
            self.check(4, end.oldest_idle_secs <= end.idle_bound_secs, || {
                format!(
                    "a wanted chunk has had no request for {:.2} s",
                    end.oldest_idle_secs
                )
            });
        }
        self.check(5, end.world_entities == end.known_entities, || {
            format!(
                "{} entities of chunks in the world, {} on record",
                end.world_entities, end.known_entities
            )
        });
        self.check_budgets(end);
        if end.stopped_by_budget || end.accepted_waiting > 0 {
            let expected = self.accepted.len() as u64;
            self.check(7, expected == end.accepted_waiting, || {
                format!(
                    "{expected} accepted results should wait, {} do",
                    end.accepted_waiting
                )
            });
        }
        self.check_panics(end);
        if !end.has_focus {
            self.check(11, end.unloaded_now == 0, || {
                format!("{} chunks were unloaded without a focus", end.unloaded_now)
            });
        }
        self.check_progress(end);
        if end.retiring > 0 || end.leaving > 0 {
            self.check(4, end.retiring == end.leaving, || {
                format!(
                    "{} chunks are to leave, {} are on their way",
                    end.retiring, end.leaving
                )
            });
        }
        self.check_bytes(end);
        self.last_running = end.running;
        self.last_limit = end.limit;
    }

    /// Law 8 for the number of panics: each that was caught is reported once, is on its way, or belonged to a
    /// request that had ended; none is swallowed and none is made up.
    fn check_panics(&mut self, end: &FrameEnd) {
        let (reported, caught) = (self.panics, end.panics_caught);
        let (open, discarded) = (end.panics_on_their_way, end.panics_discarded);
        let panics = [reported, caught, open, discarded];
        let before = std::mem::replace(&mut self.last_panics, panics);
        let is_whole = reported + open + discarded == caught;
        // Only what is reported happens at the same frame in every virtual run, so that alone counts as a check;
        // threads come to their panics when they may.
        if reported == before[0] && (is_whole || panics == before) {
            return;
        }
        self.check(8, is_whole, || {
            format!(
                "{caught} panics were caught, but {reported} reported, {open} are on their way and {discarded} were nobody's"
            )
        });
    }

    /// Law 6 for what waits and what is held: caps hold, except that a cap that was lowered drains, and
    /// that one result alone may be larger than what may wait.
    fn check_bytes(&mut self, end: &FrameEnd) {
        let before = std::mem::replace(
            &mut self.last_bytes,
            Bytes {
                held: end.held_bytes,
                held_cap: end.held_cap_bytes,
                memory: end.memory_bytes,
                memory_cap: end.memory_cap_bytes,
            },
        );
        if end.held_bytes > 0 {
            let allowed = end.held_cap_bytes.max(before.held).max(before.held_cap);
            let fits = end.held_bytes <= allowed || end.held_results <= 1;
            self.check(6, fits, || {
                format!("{} bytes of results wait, {allowed} may", end.held_bytes)
            });
        }
        if end.memory_bytes > 0 {
            let allowed = end
                .memory_cap_bytes
                .max(before.memory)
                .max(before.memory_cap);
            self.check(6, end.memory_bytes <= allowed, || {
                format!("{} bytes are held, {allowed} may be", end.memory_bytes)
            });
        }
    }

    /// Law 4 for what is under way: neither workers nor apply stand still beside work they may do.
    fn check_progress(&mut self, end: &FrameEnd) {
        let may_start = end.queued > 0 && end.limit > 0 && !end.is_backlog_full;
        self.idle_secs = if may_start && end.running == 0 {
            self.idle_secs + if self.was_idle { end.frame_secs } else { 0.0 }
        } else {
            0.0
        };
        self.idle_frames = if may_start && end.running == 0 {
            self.idle_frames + 1
        } else {
            0
        };
        // The length of a frame lies before what was seen in it, so the first such frame adds nothing.
        self.was_idle = may_start && end.running == 0;
        let may_apply = end.accepted_waiting > 0 && end.max_completed > 0;
        self.stalled_secs = if may_apply && end.slices == 0 {
            self.stalled_secs + end.frame_secs
        } else {
            0.0
        };
        if may_start || may_apply {
            let (idle, stalled) = (self.idle_secs, self.stalled_secs);
            // A frame that takes seconds is no proof: the workers had one chance only.
            let is_idle = idle > STALL_BOUND_SECS && self.idle_frames > LEAST_IDLE_FRAMES;
            self.check(4, !is_idle && stalled <= STALL_BOUND_SECS, || {
                format!("work waits beside idle workers for {idle:.2} s, results beside an idle apply for {stalled:.2} s")
            });
        }
    }

    fn check_budgets(&mut self, end: &FrameEnd) {
        // A limit that was lowered drains: what ran before may go on, and what started before it was
        // lowered obeyed the limit of then.
        let allowed = end.limit.max(self.last_running).max(self.last_limit);
        let allowed = if end.limit >= self.last_limit {
            end.limit.max(self.last_running)
        } else {
            allowed
        };
        self.check(6, end.running <= allowed, || {
            format!("{} run, {} may", end.running, end.limit)
        });
        if end.limit < self.last_limit {
            self.check(13, end.running <= allowed, || {
                "lowering the limit did not drain".to_owned()
            });
        }
        if end.slices == 0 && end.applied_now == 0 {
            return;
        }
        self.check(6, end.applied_now <= end.max_completed, || {
            format!("{} landed, {} may", end.applied_now, end.max_completed)
        });
        self.check(
            6,
            end.charged_ms <= end.budget_ms + end.largest_slice_ms + 1e-6,
            || {
                format!(
                    "{:.3} ms of {:.3} ms, largest slice {:.3} ms",
                    end.charged_ms, end.budget_ms, end.largest_slice_ms
                )
            },
        );
        self.check(
            6,
            end.uploaded_bytes <= end.upload_cap || end.uploaded_meshes == 1,
            || {
                format!(
                    "{} bytes in {} meshes, {} may",
                    end.uploaded_bytes, end.uploaded_meshes, end.upload_cap
                )
            },
        );
    }
}
