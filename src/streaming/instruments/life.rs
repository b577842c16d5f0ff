//! The lives of chunks: a ring of steps of fixed size, written where the act happens.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bevy::platform::collections::HashMap;

use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::laws::TraceEvent;
use crate::logic::ticket::GenerationId;

/// Steps kept, of all cells together: ten minutes of 109 a second. A flight at 140 m/s makes about 60, a car 5.
const KEPT: usize = 65_536;

/// Longest name of a thread that is kept whole, in bytes.
const NAME_BYTES: usize = 20;

/// The name of a thread, without memory of its own; a longer one is cut.
#[derive(Copy, Clone, Default, PartialEq, Eq)]
pub struct ThreadName {
    bytes: [u8; NAME_BYTES],
    len: u8,
}

impl ThreadName {
    /// Takes a name.
    pub fn new(name: &str) -> Self {
        let mut taken = Self::default();
        for letter in name.chars() {
            let from = usize::from(taken.len);
            let Some(room) = taken.bytes.get_mut(from..from + letter.len_utf8()) else {
                break;
            };
            letter.encode_utf8(room);
            taken.len += letter.len_utf8() as u8;
        }
        taken
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for ThreadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// One kind of step in the life of a chunk.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum LifeStep {
    /// A request was made.
    Requested {
        /// Which try it is, from 0.
        attempt: u32,
    },
    /// A worker began.
    Started,
    /// The worker ended it and delivered.
    Generated,
    /// The result was discarded: nobody waited for it any more.
    Discarded,
    /// The request ended without a result: nobody needed it any more.
    Cancelled,
    /// The generation failed and will be tried again.
    Failed {
        /// Which try it was, from 0.
        attempt: u32,
    },
    /// It failed for the last time.
    GivenUp,
    /// Its first slice is being applied.
    Applying,
    /// All of it is in the world.
    Landed,
    /// It began to leave: no focus needs it.
    Unloaded,
    /// It began to leave: memory has no room for it.
    Evicted,
    /// The table forgot the cell, or its failures.
    Forgotten,
    /// The watchdog found that its request is nowhere.
    Lost,
}

impl LifeStep {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::Started => "started",
            Self::Generated => "generated",
            Self::Discarded => "discarded",
            Self::Cancelled => "cancelled",
            Self::Failed { .. } => "failed",
            Self::GivenUp => "given up",
            Self::Applying => "applying",
            Self::Landed => "landed",
            Self::Unloaded => "unloaded",
            Self::Evicted => "evicted",
            Self::Forgotten => "forgotten",
            Self::Lost => "lost",
        }
    }
}

/// One step in the life of a chunk.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LifeEvent {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// Whose life.
    pub coord: ChunkCoord,
    /// What happened.
    pub step: LifeStep,
    /// The request it belongs to, if it belongs to one.
    pub ticket: Option<GenerationId>,
    /// The level, where it is known.
    pub detail: Option<DetailLevel>,
    /// Who did it: `main`, or a generation thread.
    pub thread: ThreadName,
}

impl LifeEvent {
    /// Time, step, ticket, level and thread as one line.
    pub fn text(&self) -> String {
        let mut text = format!("{:>9.3} s {:<9}", self.t_secs, self.step.word());
        if let LifeStep::Requested { attempt } | LifeStep::Failed { attempt } = self.step {
            text += &format!(" attempt {attempt}");
        }
        if let Some(ticket) = self.ticket {
            text += &format!(" {ticket}");
        }
        if let Some(DetailLevel(level)) = self.detail {
            text += &format!(" level {level}");
        }
        text + &format!(" on {}", self.thread.as_str())
    }
}

/// How a cell stood at a time of the past.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct PastCell {
    /// Its newest step until then.
    pub newest: LifeEvent,
    /// The level that was in the world, as far back as steps are kept.
    pub shown: Option<DetailLevel>,
}

impl PastCell {
    /// Takes a step in; those of workers come late and may be older than what is there.
    fn follow(kept: &mut Option<(Self, f64)>, event: &LifeEvent) {
        let (cell, seen_at_secs) = kept.get_or_insert((
            Self {
                newest: *event,
                shown: None,
            },
            f64::NEG_INFINITY,
        ));
        if cell.newest.t_secs <= event.t_secs {
            cell.newest = *event;
        }
        let shown = match event.step {
            LifeStep::Landed => event.detail,
            LifeStep::Unloaded | LifeStep::Evicted | LifeStep::Forgotten => None,
            _ => return,
        };
        if *seen_at_secs <= event.t_secs {
            (cell.shown, *seen_at_secs) = (shown, event.t_secs);
        }
    }

    /// Whether nothing of it is there and nothing is being done about it.
    fn is_nothing(&self) -> bool {
        match self.newest.step {
            LifeStep::Unloaded | LifeStep::Evicted | LifeStep::Forgotten => true,
            LifeStep::Discarded | LifeStep::Cancelled => self.shown.is_none(),
            _ => false,
        }
    }
}

/// A generation that ended, as its worker saw it.
pub(crate) struct Run<'a> {
    pub coord: ChunkCoord,
    pub id: GenerationId,
    pub detail: DetailLevel,
    pub thread: &'a str,
    /// How long before now it began and ended.
    pub began_ago: Duration,
    pub ended_ago: Duration,
}

/// The ring. Memory is taken when it is first switched on.
#[derive(Default)]
pub(crate) struct Lives {
    is_on: bool,
    now_secs: f64,
    ring: Vec<Packed>,
    oldest: usize,
    threads: Threads,
    /// How the steps that are gone left the cells, with when each was last seen to change: what landed before the oldest
    /// step that is kept, and has stayed. At most as many as there were cells then.
    before: HashMap<ChunkCoord, (PastCell, f64)>,
    /// The time of the newest step that is gone. Workers' steps are written down late, so the oldest that is kept may be
    /// older.
    forgotten_until_secs: Option<f64>,
    /// Chunks that landed at full detail while it was on.
    pub full_landings: u64,
    /// Generator seconds of those at full detail, weighted towards the newest.
    pub mean_run_secs: Option<f64>,
}

impl Lives {
    /// The start of a frame.
    pub fn begin_frame(&mut self, is_on: bool, now: Duration) {
        self.is_on = is_on;
        self.now_secs = now.as_secs_f64();
        if is_on && self.ring.capacity() == 0 {
            self.ring.reserve_exact(KEPT);
        }
    }

    /// Whether anybody looks.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Writes down what the law book would be told.
    pub fn follow(&mut self, event: &TraceEvent) {
        if !self.is_on {
            return;
        }
        let (coord, step, ticket, detail) = match *event {
            TraceEvent::Requested { coord, id, attempt } => {
                (coord, LifeStep::Requested { attempt }, Some(id), None)
            }
            TraceEvent::Landed {
                coord, detail, id, ..
            } => {
                self.full_landings += u64::from(detail == DetailLevel::FULL);
                (coord, LifeStep::Landed, Some(id), Some(detail))
            }
            TraceEvent::Stale { coord, id } => (coord, LifeStep::Discarded, Some(id), None),
            TraceEvent::Cancelled { coord, id } => (coord, LifeStep::Cancelled, Some(id), None),
            TraceEvent::Failed {
                coord,
                id,
                attempt,
                quarantined,
                ..
            } => {
                let step = if quarantined {
                    LifeStep::GivenUp
                } else {
                    LifeStep::Failed { attempt }
                };
                (coord, step, Some(id), None)
            }
            TraceEvent::Unloaded { coord, evicted } => {
                let step = if evicted {
                    LifeStep::Evicted
                } else {
                    LifeStep::Unloaded
                };
                (coord, step, None, None)
            }
            TraceEvent::Forgotten { coord } => (coord, LifeStep::Forgotten, None, None),
            TraceEvent::Lost { coord, id } => (coord, LifeStep::Lost, Some(id), None),
            // What workers did is written down with their own times when they deliver.
            TraceEvent::Started { .. }
            | TraceEvent::Accepted { .. }
            | TraceEvent::Regenerated
            | TraceEvent::SettingsChanged { .. } => return,
        };
        self.push(LifeEvent {
            t_secs: self.now_secs,
            coord,
            step,
            ticket,
            detail,
            thread: ThreadName::new("main"),
        });
    }

    /// Writes down that a chunk begins to be applied.
    pub fn apply_begins(&mut self, coord: ChunkCoord, id: GenerationId, detail: DetailLevel) {
        if self.is_on {
            self.push(LifeEvent {
                t_secs: self.now_secs,
                coord,
                step: LifeStep::Applying,
                ticket: Some(id),
                detail: Some(detail),
                thread: ThreadName::new("main"),
            });
        }
    }

    /// Writes down a generation when its result is collected.
    pub fn ran(&mut self, run: &Run<'_>) {
        if !self.is_on {
            return;
        }
        let thread = ThreadName::new(run.thread);
        for (step, ago) in [
            (LifeStep::Started, run.began_ago),
            (LifeStep::Generated, run.ended_ago),
        ] {
            self.push(LifeEvent {
                t_secs: self.now_secs - ago.as_secs_f64(),
                coord: run.coord,
                step,
                ticket: Some(run.id),
                detail: Some(run.detail),
                thread,
            });
        }
        if run.detail == DetailLevel::FULL {
            let secs = run.began_ago.saturating_sub(run.ended_ago).as_secs_f64();
            self.mean_run_secs = Some(
                self.mean_run_secs
                    .map_or(secs, |mean| mean + 0.1 * (secs - mean)),
            );
        }
    }

    fn push(&mut self, event: LifeEvent) {
        let packed = Packed::new(&event, &mut self.threads);
        if self.ring.len() < KEPT {
            self.ring.push(packed);
            return;
        }
        let gone = std::mem::replace(&mut self.ring[self.oldest], packed);
        self.oldest = (self.oldest + 1) % KEPT;
        let until = self.forgotten_until_secs.unwrap_or(f64::NEG_INFINITY);
        self.forgotten_until_secs = Some(until.max(gone.t_secs));
        let mut kept = self.before.remove(&gone.coord);
        PastCell::follow(&mut kept, &gone.unpack(&self.threads));
        if let Some(cell) = kept.filter(|(cell, _)| !cell.is_nothing()) {
            self.before.insert(gone.coord, cell);
        }
    }

    fn packed(&self) -> impl Iterator<Item = &Packed> {
        let (newer, older) = self.ring.split_at(self.oldest);
        older.iter().chain(newer)
    }

    /// Every step kept of the cells that are asked for, in the order in which they were written.
    pub fn of_cells(
        &self,
        is_asked: impl Fn(ChunkCoord) -> bool,
    ) -> impl Iterator<Item = LifeEvent> {
        self.packed()
            .filter(move |event| is_asked(event.coord))
            .map(|event| event.unpack(&self.threads))
    }

    /// From when on every step is kept; `None` when nothing was forgotten yet.
    pub fn since_secs(&self) -> Option<f64> {
        self.forgotten_until_secs
    }

    /// Every cell as its steps up to a time left it. Cost: the ring.
    pub fn cells_at(&self, t_secs: f64) -> Vec<PastCell> {
        let mut cells = BTreeMap::<ChunkCoord, Option<(PastCell, f64)>>::new();
        if self.since_secs().is_some_and(|since| since <= t_secs) {
            let before = self.before.iter();
            cells.extend(before.map(|(coord, cell)| (*coord, Some(*cell))));
        }
        for event in self.packed().filter(|event| event.t_secs <= t_secs) {
            let kept = cells.entry(event.coord).or_default();
            PastCell::follow(kept, &event.unpack(&self.threads));
        }
        cells
            .into_values()
            .filter_map(|cell| Some(cell?.0))
            .collect()
    }

    /// The steps of one cell in order of time. Cost: the ring.
    pub fn of(&self, coord: ChunkCoord) -> Vec<LifeEvent> {
        let mut steps: Vec<LifeEvent> = self.of_cells(|other| other == coord).collect();
        steps.sort_by(|a, b| a.t_secs.total_cmp(&b.t_secs));
        steps
    }
}

/// A step as it is kept: 32 bytes.
#[derive(Copy, Clone)]
struct Packed {
    t_secs: f64,
    /// 0 is none: tickets begin with 1.
    ticket: u64,
    coord: ChunkCoord,
    thread: u16,
    step: StepKind,
    attempt: u8,
    /// 255 is unknown.
    detail: u8,
}

const UNKNOWN_DETAIL: u8 = u8::MAX;

/// [`LifeStep`] without what it carries.
#[derive(Copy, Clone)]
enum StepKind {
    Requested,
    Started,
    Generated,
    Discarded,
    Cancelled,
    Failed,
    GivenUp,
    Applying,
    Landed,
    Unloaded,
    Evicted,
    Forgotten,
    Lost,
}

impl Packed {
    fn new(event: &LifeEvent, threads: &mut Threads) -> Self {
        let (step, attempt) = match event.step {
            LifeStep::Requested { attempt } => (StepKind::Requested, attempt),
            LifeStep::Started => (StepKind::Started, 0),
            LifeStep::Generated => (StepKind::Generated, 0),
            LifeStep::Discarded => (StepKind::Discarded, 0),
            LifeStep::Cancelled => (StepKind::Cancelled, 0),
            LifeStep::Failed { attempt } => (StepKind::Failed, attempt),
            LifeStep::GivenUp => (StepKind::GivenUp, 0),
            LifeStep::Applying => (StepKind::Applying, 0),
            LifeStep::Landed => (StepKind::Landed, 0),
            LifeStep::Unloaded => (StepKind::Unloaded, 0),
            LifeStep::Evicted => (StepKind::Evicted, 0),
            LifeStep::Forgotten => (StepKind::Forgotten, 0),
            LifeStep::Lost => (StepKind::Lost, 0),
        };
        Self {
            t_secs: event.t_secs,
            ticket: event.ticket.map_or(0, |ticket| ticket.0),
            coord: event.coord,
            thread: threads.number_of(event.thread),
            step,
            // `retry_limit` permits a hundred.
            attempt: u8::try_from(attempt).unwrap_or(u8::MAX),
            detail: event.detail.map_or(UNKNOWN_DETAIL, |level| level.0),
        }
    }

    fn unpack(&self, threads: &Threads) -> LifeEvent {
        let attempt = u32::from(self.attempt);
        LifeEvent {
            t_secs: self.t_secs,
            coord: self.coord,
            step: match self.step {
                StepKind::Requested => LifeStep::Requested { attempt },
                StepKind::Started => LifeStep::Started,
                StepKind::Generated => LifeStep::Generated,
                StepKind::Discarded => LifeStep::Discarded,
                StepKind::Cancelled => LifeStep::Cancelled,
                StepKind::Failed => LifeStep::Failed { attempt },
                StepKind::GivenUp => LifeStep::GivenUp,
                StepKind::Applying => LifeStep::Applying,
                StepKind::Landed => LifeStep::Landed,
                StepKind::Unloaded => LifeStep::Unloaded,
                StepKind::Evicted => LifeStep::Evicted,
                StepKind::Forgotten => LifeStep::Forgotten,
                StepKind::Lost => LifeStep::Lost,
            },
            ticket: (self.ticket > 0).then_some(GenerationId(self.ticket)),
            detail: (self.detail != UNKNOWN_DETAIL).then_some(DetailLevel(self.detail)),
            thread: threads.name(self.thread),
        }
    }
}

/// The names of threads, each once.
#[derive(Default)]
struct Threads(Vec<ThreadName>);

/// Names kept: a thread that is stuck is replaced by one of another name, and a run may be long.
const THREADS_KEPT: usize = 1_024;

impl Threads {
    /// The number of a name; that of nobody where there is no room for another.
    fn number_of(&mut self, name: ThreadName) -> u16 {
        let known = self.0.iter().position(|other| *other == name);
        let index = known.unwrap_or_else(|| {
            if self.0.len() < THREADS_KEPT {
                self.0.push(name);
                self.0.len() - 1
            } else {
                THREADS_KEPT
            }
        });
        index as u16
    }

    fn name(&self, number: u16) -> ThreadName {
        self.0.get(usize::from(number)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(x: i32) -> TraceEvent {
        TraceEvent::Requested {
            coord: ChunkCoord::new(x, 0),
            id: GenerationId(7),
            attempt: 0,
        }
    }

    #[test]
    fn off_it_takes_no_memory_and_on_it_never_takes_more() {
        let mut lives = Lives::default();
        lives.follow(&requested(1));
        assert_eq!(lives.ring.capacity(), 0);
        lives.begin_frame(true, Duration::from_secs(1));
        let reserved = lives.ring.capacity();
        let all = 2 * KEPT as i32;
        for x in 0..all {
            lives.follow(&requested(x));
        }
        assert_eq!((lives.ring.len(), lives.ring.capacity()), (KEPT, reserved));
        assert_eq!(size_of::<Packed>(), 32);
        assert_eq!(
            lives.of_cells(|_| true).next().map(|event| event.coord.x),
            Some(all - KEPT as i32)
        );
        assert_eq!(lives.since_secs(), Some(1.0));
        assert!(
            lives.of(ChunkCoord::new(1, 0)).is_empty(),
            "the oldest is gone"
        );
    }

    #[test]
    fn a_run_is_told_with_its_own_times_and_thread() {
        let mut lives = Lives::default();
        let coord = ChunkCoord::new(3, -2);
        lives.begin_frame(true, Duration::from_secs(10));
        lives.follow(&TraceEvent::Requested {
            coord,
            id: GenerationId(9),
            attempt: 1,
        });
        lives.begin_frame(true, Duration::from_secs(12));
        lives.ran(&Run {
            coord,
            id: GenerationId(9),
            detail: DetailLevel::FULL,
            thread: "ChunkGen (3)",
            began_ago: Duration::from_millis(800),
            ended_ago: Duration::from_millis(300),
        });
        lives.apply_begins(coord, GenerationId(9), DetailLevel::FULL);
        let steps: Vec<_> = lives.of(coord).iter().map(LifeEvent::text).collect();
        assert_eq!(
            steps,
            [
                "   10.000 s requested attempt 1 #9 on main",
                "   11.200 s started   #9 level 0 on ChunkGen (3)",
                "   11.700 s generated #9 level 0 on ChunkGen (3)",
                "   12.000 s applying  #9 level 0 on main",
            ]
        );
        assert_eq!(lives.mean_run_secs, Some(0.5));
    }

    #[test]
    fn what_landed_is_seen_until_it_leaves_whatever_is_asked_of_it_meanwhile() {
        let mut lives = Lives::default();
        assert_eq!(lives.since_secs(), None);
        let coord = ChunkCoord::new(1, 0);
        let at = |lives: &mut Lives, secs, event: TraceEvent| {
            lives.begin_frame(true, Duration::from_secs(secs));
            lives.follow(&event);
        };
        lives.begin_frame(true, Duration::from_secs(1));
        lives.push(LifeEvent {
            t_secs: 1.0,
            coord,
            step: LifeStep::Landed,
            ticket: None,
            detail: Some(DetailLevel(1)),
            thread: ThreadName::new("main"),
        });
        at(&mut lives, 2, requested(1));
        let id = GenerationId(7);
        at(&mut lives, 3, TraceEvent::Cancelled { coord, id });
        let evicted = false;
        at(&mut lives, 4, TraceEvent::Unloaded { coord, evicted });
        let then = |secs: f64| {
            let cells = lives.cells_at(secs);
            (cells[0].newest.step.word(), cells[0].shown)
        };
        let seen = Some(DetailLevel(1));
        assert_eq!(then(2.5), ("requested", seen));
        assert_eq!(then(3.5), ("cancelled", seen));
        assert_eq!(then(4.5), ("unloaded", None));
        assert_eq!(lives.since_secs(), None, "nothing is forgotten yet");
    }

    #[test]
    fn what_stays_for_longer_than_steps_are_kept_is_on_the_map_and_what_left_is_not() {
        let mut lives = Lives::default();
        let landed = |x, secs| LifeEvent {
            t_secs: secs,
            coord: ChunkCoord::new(x, 0),
            step: LifeStep::Landed,
            ticket: Some(GenerationId(7)),
            detail: Some(DetailLevel(1)),
            thread: ThreadName::new("main"),
        };
        lives.begin_frame(true, Duration::from_secs(2));
        lives.push(landed(-1, 1.0));
        lives.push(landed(-2, 1.0));
        lives.follow(&TraceEvent::Unloaded {
            coord: ChunkCoord::new(-2, 0),
            evicted: false,
        });
        lives.begin_frame(true, Duration::from_secs(5));
        for _ in 0..KEPT {
            lives.follow(&requested(1));
        }
        assert_eq!(lives.since_secs(), Some(2.0));
        assert!(lives.of(ChunkCoord::new(-1, 0)).is_empty());
        let cells = |secs: f64| {
            let cells = lives.cells_at(secs).into_iter();
            let cells = cells.map(|cell| (cell.newest.coord.x, cell.shown));
            cells.collect::<Vec<_>>()
        };
        let stayed = (-1, Some(DetailLevel(1)));
        assert_eq!(cells(3.0), [stayed]);
        assert_eq!(cells(5.0), [stayed, (1, None)]);
        assert_eq!(cells(1.5), [], "nothing of then is on record");
        assert_eq!(lives.before.len(), 1);
    }

    #[test]
    fn every_step_is_told_as_it_was_written() {
        let mut lives = Lives::default();
        lives.begin_frame(true, Duration::from_secs(1));
        let steps = [
            LifeStep::Requested { attempt: 3 },
            LifeStep::Started,
            LifeStep::Generated,
            LifeStep::Discarded,
            LifeStep::Cancelled,
            LifeStep::Failed { attempt: 100 },
            LifeStep::GivenUp,
            LifeStep::Applying,
            LifeStep::Landed,
            LifeStep::Unloaded,
            LifeStep::Evicted,
            LifeStep::Forgotten,
            LifeStep::Lost,
        ];
        let written = steps.map(|step| LifeEvent {
            t_secs: 0.123_456_789,
            coord: ChunkCoord::new(i32::MIN, i32::MAX),
            step,
            ticket: (step != LifeStep::Forgotten).then_some(GenerationId(u64::MAX)),
            detail: (step == LifeStep::Landed).then_some(DetailLevel(6)),
            thread: ThreadName::new(step.word()),
        });
        for event in written {
            lives.push(event);
        }
        assert_eq!(lives.of_cells(|_| true).collect::<Vec<_>>(), written);
        for number in 0..2_000 {
            lives
                .threads
                .number_of(ThreadName::new(&number.to_string()));
        }
        assert_eq!(lives.threads.0.len(), THREADS_KEPT);
    }

    #[test]
    fn a_name_that_is_too_long_is_cut_at_a_letter() {
        assert_eq!(ThreadName::new("ChunkGen (12)").as_str(), "ChunkGen (12)");
        assert_eq!(ThreadName::new(&"ä".repeat(40)).as_str(), "ä".repeat(10));
    }
}
