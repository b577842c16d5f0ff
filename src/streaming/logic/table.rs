//! The table of chunks: one record per cell that is wanted or still here, and its one state.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::coord::ChunkCoord;
use super::ticket::GenerationId;

/// What a chunk is doing. One enum, so that no chunk is two things at once.
///
/// ```text
///            request              finished, first slice        last slice
///  Missing ──────────► Requested ──────────────────► Applying ───────────► Loaded
///     ▲                  │    │ failed                   │ unwanted           │ unwanted
///     │   retry_at       │    ▼                          ▼                    ▼
///     ├──────────── Backoff  (or Quarantined)         Retiring ◄──────────────┘
///     └──────────────────────────────────────────────────┘ wanted again after the last entity
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ChunkState {
    /// Wanted, and nobody has been asked yet.
    Missing,
    /// Under way with this ticket: waiting, running, or finished and waiting to be applied.
    Requested(GenerationId),
    /// Failed; to be requested again at this time.
    Backoff(Duration),
    /// Some of its slices are in the world.
    Applying(GenerationId),
    /// All of it is in the world.
    Loaded,
    /// Its entities are going.
    Retiring,
    /// Given up after too many failures.
    Quarantined,
}

impl ChunkState {
    /// The ticket of the live request, if there is one.
    pub fn live_ticket(self) -> Option<GenerationId> {
        match self {
            Self::Requested(id) | Self::Applying(id) => Some(id),
            Self::Missing
            | Self::Backoff(_)
            | Self::Loaded
            | Self::Retiring
            | Self::Quarantined => None,
        }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkRecord {
    /// What it is doing.
    pub state: ChunkState,
    /// Whether it is inside the load radius of a focus.
    pub is_wanted: bool,
    /// Since when it is beyond the unload radius of every focus.
    pub left_at: Option<Duration>,
    /// Failures in this life.
    pub attempt: u32,
    /// Why it failed the last time.
    pub reason: Option<String>,
    /// Where it stands with the must-have radius.
    pub deadline: Deadline,
    /// When it was first wanted in this life.
    pub wanted_since: Duration,
}

/// Where a chunk stands with the must-have radius.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Deadline {
    /// Outside; to enter before it is loaded makes it late.
    Ahead,
    /// It was inside from the start or after a jump: nobody could have been on time.
    Excused,
    /// It entered at this time without being loaded.
    MissedAt(Duration),
    /// It was loaded when it mattered, or its lateness is counted already.
    Closed,
}

/// Numbers of cells, kept up to date with every change.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Inside the load radius.
    pub wanted: u64,
    /// Wanted and neither loaded nor quarantined.
    pub missing: u64,
    /// Beyond the unload radius and still in the world.
    pub unwanted: u64,
    /// Missing, requested, waiting for a retry, or being applied.
    pub loading: u64,
    /// Being applied.
    pub applying: u64,
    /// In the world.
    pub loaded: u64,
    /// Given up.
    pub quarantined: u64,
    /// Going.
    pub retiring: u64,
}

/// The fields of a [`Tally`], so that adding and taking away cannot differ.
macro_rules! each_tally {
    ($tally:ident, $record:ident, $op:tt) => {{
        let state = $record.state;
        let is = |yes: bool| u64::from(yes);
        let here = matches!(state, ChunkState::Loaded | ChunkState::Retiring);
        let done = matches!(state, ChunkState::Loaded | ChunkState::Quarantined);
        $tally.wanted $op is($record.is_wanted);
        $tally.missing $op is($record.is_wanted && !done);
        $tally.unwanted $op is($record.left_at.is_some() && here);
        $tally.loading $op is(matches!(
            state,
            ChunkState::Missing | ChunkState::Requested(_) | ChunkState::Backoff(_) | ChunkState::Applying(_)
        ));
        $tally.applying $op is(matches!(state, ChunkState::Applying(_)));
        $tally.loaded $op is(state == ChunkState::Loaded);
        $tally.quarantined $op is(state == ChunkState::Quarantined);
        $tally.retiring $op is(state == ChunkState::Retiring);
    }};
}

/// All cells that are wanted or still here. Iterates in the order of coordinates, so that equal
/// histories give equal runs.
#[derive(Clone, Debug, Default)]
pub struct ChunkTable {
    records: BTreeMap<ChunkCoord, ChunkRecord>,
    /// Cells in the state `Missing`.
    missing: BTreeSet<ChunkCoord>,
    /// Cells in the state `Backoff`.
    backoff: BTreeSet<ChunkCoord>,
    /// Cells beyond the unload radius.
    outside: BTreeSet<ChunkCoord>,
    tally: Tally,
}

impl ChunkTable {
    /// One cell.
    pub fn get(&self, coord: ChunkCoord) -> Option<&ChunkRecord> {
        self.records.get(&coord)
    }

    /// What a cell is doing.
    pub fn state(&self, coord: ChunkCoord) -> Option<ChunkState> {
        self.get(coord).map(|record| record.state)
    }

    /// All cells in the order of their coordinates.
    pub fn iter(&self) -> impl Iterator<Item = (ChunkCoord, &ChunkRecord)> {
        self.records.iter().map(|(coord, record)| (*coord, record))
    }

    /// The numbers of cells by kind. Constant cost.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Adds a cell that has just become wanted.
    pub fn insert(&mut self, coord: ChunkCoord, deadline: Deadline, now: Duration) {
        let record = ChunkRecord {
            state: ChunkState::Missing,
            is_wanted: true,
            left_at: None,
            attempt: 0,
            reason: None,
            deadline,
            wanted_since: now,
        };
        let tally = &mut self.tally;
        each_tally!(tally, record, +=);
        self.missing.insert(coord);
        self.records.insert(coord, record);
    }

    /// Changes a cell and keeps the indexes and numbers true.
    pub fn update<R>(
        &mut self,
        coord: ChunkCoord,
        change: impl FnOnce(&mut ChunkRecord) -> R,
    ) -> Option<R> {
        let record = self.records.get_mut(&coord)?;
        let tally = &mut self.tally;
        each_tally!(tally, record, -=);
        let result = change(record);
        each_tally!(tally, record, +=);
        let (state, left) = (record.state, record.left_at.is_some());
        file(&mut self.missing, coord, state == ChunkState::Missing);
        file(
            &mut self.backoff,
            coord,
            matches!(state, ChunkState::Backoff(_)),
        );
        file(&mut self.outside, coord, left);
        Some(result)
    }

    /// Changes what a cell is doing.
    pub fn set_state(&mut self, coord: ChunkCoord, state: ChunkState) {
        self.update(coord, |record| record.state = state);
    }

    /// Forgets a cell.
    pub fn remove(&mut self, coord: ChunkCoord) -> Option<ChunkRecord> {
        let record = self.records.remove(&coord)?;
        let tally = &mut self.tally;
        each_tally!(tally, record, -=);
        self.missing.remove(&coord);
        self.backoff.remove(&coord);
        self.outside.remove(&coord);
        Some(record)
    }

    /// Cells to request now: missing ones, and those whose retry is due.
    pub fn to_request(&self, now: Duration) -> Vec<ChunkCoord> {
        let due = |coord: &ChunkCoord| matches!(self.state(*coord), Some(ChunkState::Backoff(at)) if at <= now);
        self.missing
            .iter()
            .chain(self.backoff.iter().filter(|coord| due(coord)))
            .copied()
            .collect()
    }

    /// Cells beyond the unload radius of every focus.
    pub fn outside(&self) -> Vec<ChunkCoord> {
        self.outside.iter().copied().collect()
    }

    /// The next `count` cells after `cursor` in the order of coordinates, wrapping round: for looking
    /// at a few cells per frame.
    pub fn some_after(&self, cursor: Option<ChunkCoord>, count: usize) -> Vec<ChunkCoord> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = cursor.map_or(Unbounded, Excluded);
        let mut found: Vec<_> = self
            .records
            .range((from, Unbounded))
            .take(count)
            .map(|(c, _)| *c)
            .collect();
        let left = count.min(self.records.len()) - found.len().min(self.records.len());
        found.extend(
            self.records
                .keys()
                .take(left)
                .filter(|c| cursor.is_some_and(|at| **c <= at))
                .copied(),
        );
        found
    }
}

fn file(index: &mut BTreeSet<ChunkCoord>, coord: ChunkCoord, belongs: bool) {
    if belongs {
        index.insert(coord);
    } else {
        index.remove(&coord);
    }
}
