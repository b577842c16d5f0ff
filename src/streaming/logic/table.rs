//! The table of chunks: one record per cell that is wanted or still here, what is seen of it, and the one
//! thing that is being done about it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::coord::{ChunkCoord, DetailLevel};
use super::need::Claim;
use super::rings::Wish;
use super::ticket::GenerationId;

/// What is being done about a chunk. One enum, so that no chunk is two things at once. What is seen of it
/// meanwhile is another question: [`ChunkRecord::shown`].
///
/// ```text
///          another level is wanted   request              first slice         last slice
///   Idle ──────────────────► Missing ────────► Requested ────────────► Applying ──────────► Idle
///     │                         ▲               │    │ failed              │
///     │ let go         retry_at │    stopped by │    ▼                     │ let go
///     ▼                         ├─ Stopping ◄───┘  Backoff (or Quarantined)│
///  Retiring ◄───────────────────┼──────────────────────────────────────────┘
///     └─────────────────────────┘ wanted again after the last entity
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ChunkState {
    /// Nothing: what is seen is what is wanted, or nothing is wanted any more.
    Idle,
    /// Another level is wanted than is seen, and nobody has been asked yet.
    Missing,
    /// Under way with this ticket: waiting, running, or finished and waiting to be applied.
    Requested {
        /// The ticket.
        id: GenerationId,
        /// The level that will come.
        detail: DetailLevel,
    },
    /// Its worker was told to stop and has not answered yet; until then nothing new is asked for (law 3).
    Stopping(GenerationId),
    /// Failed; to be requested again at this time.
    Backoff(Duration),
    /// Some of its slices are in the world.
    Applying(GenerationId),
    /// Its entities are going.
    Retiring,
    /// Given up after too many failures.
    Quarantined,
}

impl ChunkState {
    /// The ticket of the request that has not ended yet, if there is one.
    pub fn open_ticket(self) -> Option<GenerationId> {
        match self {
            Self::Requested { id, .. } | Self::Applying(id) | Self::Stopping(id) => Some(id),
            Self::Idle | Self::Missing | Self::Backoff(_) | Self::Retiring | Self::Quarantined => {
                None
            }
        }
    }

    /// Whether it waits for the result with this ticket.
    pub fn awaits(self, ticket: GenerationId) -> bool {
        matches!(self, Self::Requested { id, .. } if id == ticket)
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkRecord {
    /// What is being done about it.
    pub state: ChunkState,
    /// The level that is in the world, all of it.
    pub shown: Option<DetailLevel>,
    /// The version of the generator that makes what was asked for last.
    pub version: u32,
    /// The version that made what is shown.
    pub shown_version: u32,
    /// Whether the generator would make it differently now.
    pub is_outdated: bool,
    /// Whether what is on its way must be made once more when it has landed.
    pub is_outdated_on_arrival: bool,
    /// Whether its payload was handed over and still counts.
    pub is_collidable: bool,
    /// What the foci want of it.
    pub wish: Wish,
    /// Since when nobody wants so much of it as there is.
    pub excess_since: Option<Duration>,
    /// Whether that has lasted long enough to act.
    pub has_lingered: bool,
    /// Whether it is in view of a focus.
    pub is_in_view: bool,
    /// Failures in a row.
    pub attempt: u32,
    /// Why it failed the last time.
    pub reason: Option<String>,
    /// Where it stands with the must-have radius.
    pub deadline: Deadline,
    /// Since when what is wanted is not there.
    pub wanted_since: Duration,
}

impl ChunkRecord {
    fn new(wish: Wish, now: Duration) -> Self {
        Self {
            state: ChunkState::Missing,
            shown: None,
            version: 0,
            shown_version: 0,
            is_outdated: false,
            is_outdated_on_arrival: false,
            is_collidable: false,
            wish,
            excess_since: None,
            has_lingered: false,
            is_in_view: false,
            attempt: 0,
            reason: None,
            deadline: Deadline::Outside,
            wanted_since: now,
        }
    }

    /// The level that should be seen: what is shown, as long as that is fine enough and may be kept.
    pub fn target(&self) -> Option<DetailLevel> {
        let give = self.wish.give?;
        match self.shown {
            Some(shown) if shown <= give && !(self.is_excess() && self.has_lingered) => Some(shown),
            _ => Some(give),
        }
    }

    /// Whether more of it is there than anybody may keep: all of it, or a level that is too fine.
    pub fn is_excess(&self) -> bool {
        match (self.wish.keep, self.shown) {
            (None, _) => true,
            (Some(keep), Some(shown)) => self.wish.give.is_some() && shown < keep,
            (Some(_), None) => false,
        }
    }

    /// Whether something other than what is there should be made.
    pub fn lacks(&self) -> bool {
        self.target()
            .is_some_and(|target| self.shown != Some(target) || self.is_outdated)
    }

    /// What its need is measured by.
    pub fn claim(&self, coord: ChunkCoord) -> Claim {
        Claim {
            coord,
            closes_hole: self.shown.is_none(),
            since: self.wanted_since,
        }
    }

    /// Whether nobody has been asked for something that must be there.
    fn is_urgent_missing(&self) -> bool {
        self.state == ChunkState::Missing && self.deadline != Deadline::Outside
    }

    /// Whether a visitor would find all there will be: full detail, or a chunk that was given up.
    pub fn is_ready(&self) -> bool {
        self.shown == Some(DetailLevel::FULL) || self.state == ChunkState::Quarantined
    }

    /// Whether it is there to stand on and to see at some level.
    pub fn is_here(&self) -> bool {
        self.shown.is_some() && self.is_collidable
    }
}

/// Where a chunk stands with the must-have radius.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Deadline {
    /// Outside; to enter before it is there makes it late.
    Outside,
    /// Inside from the start or after a jump: nobody could have been on time.
    Excused,
    /// It entered at this time without being there.
    MissedAt(Duration),
    /// Inside, and it was there when it mattered, or its lateness is counted already.
    Met,
}

/// Numbers of cells, kept up to date with every change.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Wanted at some level.
    pub wanted: u64,
    /// Wanted at a level that is not there, and not given up.
    pub missing: u64,
    /// Beyond where anything may be kept, and still in the world.
    pub unwanted: u64,
    /// Missing, requested, stopping, waiting for a retry, or being applied.
    pub loading: u64,
    /// Being applied.
    pub applying: u64,
    /// In the world at some level.
    pub loaded: u64,
    /// In the world at a coarse level.
    pub loaded_coarse: u64,
    /// Given up.
    pub quarantined: u64,
    /// Going.
    pub retiring: u64,
    /// In view, nothing to see, and not given up.
    pub holes: u64,
    /// Failed, and waiting for their next try.
    pub backoff: u64,
}

/// The fields of a [`Tally`], so that adding and taking away cannot differ.
macro_rules! each_tally {
    ($tally:ident, $record:ident, $op:tt) => {{
        let state = $record.state;
        let is = |yes: bool| u64::from(yes);
        let given_up = state == ChunkState::Quarantined;
        let here = $record.shown.is_some();
        $tally.wanted $op is($record.wish.give.is_some());
        $tally.missing $op is(!given_up && $record.lacks());
        $tally.unwanted $op is($record.wish.keep.is_none() && (here || state == ChunkState::Retiring));
        $tally.loading $op is(matches!(
            state,
            ChunkState::Missing | ChunkState::Requested { .. } | ChunkState::Stopping(_)
                | ChunkState::Backoff(_) | ChunkState::Applying(_)
        ));
        $tally.applying $op is(matches!(state, ChunkState::Applying(_)));
        $tally.loaded $op is(here);
        $tally.loaded_coarse $op is($record.shown.is_some_and(|shown| shown > DetailLevel::FULL));
        $tally.quarantined $op is(given_up);
        $tally.retiring $op is(state == ChunkState::Retiring);
        $tally.backoff $op is(matches!(state, ChunkState::Backoff(_)));
        $tally.holes $op is($record.is_in_view && !here && !given_up);
    }};
}

/// All cells that are wanted or still here. Iterates in the order of coordinates, so that equal
/// histories give equal runs.
#[derive(Clone, Debug, Default)]
pub struct ChunkTable {
    records: BTreeMap<ChunkCoord, ChunkRecord>,
    /// Cells in the state `Missing`.
    missing: BTreeSet<ChunkCoord>,
    /// Those of them that must be there.
    urgent: BTreeSet<ChunkCoord>,
    /// Cells in the state `Backoff`, by the time of their retry.
    backoff: BTreeSet<(Duration, ChunkCoord)>,
    /// Cells that a request has not answered yet.
    under_way: BTreeSet<ChunkCoord>,
    /// Cells of which more is there than may be kept, by the time since when.
    excess: BTreeSet<(Duration, ChunkCoord)>,
    /// Cells whose work must be looked at again, because what is wanted has changed.
    reconsidered: BTreeSet<ChunkCoord>,
    /// Cells that became ready for a visit, or ceased to be, since somebody looked.
    turned_ready: Vec<(ChunkCoord, bool)>,
    tally: Tally,
}

impl ChunkTable {
    /// One cell.
    pub fn get(&self, coord: ChunkCoord) -> Option<&ChunkRecord> {
        self.records.get(&coord)
    }

    /// What is being done about a cell.
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

    /// Writes down what is wanted of a cell now; a cell that is not wanted is not added.
    pub fn wish(&mut self, coord: ChunkCoord, wish: Wish, now: Duration) {
        if !self.records.contains_key(&coord) {
            if wish.give.is_some() {
                let record = ChunkRecord::new(wish, now);
                let tally = &mut self.tally;
                each_tally!(tally, record, +=);
                self.missing.insert(coord);
                self.records.insert(coord, record);
            }
            return;
        }
        let changed = self.update(coord, |record| {
            let changed = record.wish != wish;
            record.wish = wish;
            if record.is_excess() {
                record.excess_since.get_or_insert(now);
            } else {
                record.excess_since = None;
                record.has_lingered = false;
            }
            changed
        });
        if changed == Some(true) {
            self.settle(coord, now);
            self.reconsidered.insert(coord);
        }
    }

    /// Adds a cell of another world whose worker has not stopped yet.
    pub fn insert_stopping(&mut self, coord: ChunkCoord, id: GenerationId) {
        let mut record = ChunkRecord::new(Wish::default(), Duration::ZERO);
        record.state = ChunkState::Stopping(id);
        let tally = &mut self.tally;
        each_tally!(tally, record, +=);
        self.under_way.insert(coord);
        self.records.insert(coord, record);
    }

    /// Decides between `Idle` and `Missing` where nothing is under way.
    pub fn settle(&mut self, coord: ChunkCoord, now: Duration) {
        self.update(coord, |record| {
            let next = match record.state {
                ChunkState::Idle if record.lacks() => ChunkState::Missing,
                ChunkState::Missing if !record.lacks() => ChunkState::Idle,
                _ => return,
            };
            if next == ChunkState::Missing {
                record.wanted_since = now;
            }
            record.state = next;
        });
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
        let (state_before, excess_before) = (record.state, record.excess_since);
        let (was_urgent, was_ready) = (record.is_urgent_missing(), record.is_ready());
        let result = change(record);
        each_tally!(tally, record, +=);
        let (state, excess) = (record.state, record.excess_since);
        let (is_urgent, is_ready) = (record.is_urgent_missing(), record.is_ready());
        if state != state_before {
            file(&mut self.missing, coord, state == ChunkState::Missing);
            if let ChunkState::Backoff(at) = state_before {
                self.backoff.remove(&(at, coord));
            }
            if let ChunkState::Backoff(at) = state {
                self.backoff.insert((at, coord));
            }
            file(&mut self.under_way, coord, state.open_ticket().is_some());
        }
        if is_urgent != was_urgent {
            file(&mut self.urgent, coord, is_urgent);
        }
        if is_ready != was_ready {
            self.turned_ready.push((coord, is_ready));
        }
        if excess != excess_before {
            if let Some(since) = excess_before {
                self.excess.remove(&(since, coord));
            }
            if let Some(since) = excess {
                self.excess.insert((since, coord));
            }
        }
        Some(result)
    }

    /// Changes what is being done about a cell.
    pub fn set_state(&mut self, coord: ChunkCoord, state: ChunkState) {
        self.update(coord, |record| record.state = state);
    }

    /// Forgets a cell.
    pub fn remove(&mut self, coord: ChunkCoord) -> Option<ChunkRecord> {
        let record = self.records.remove(&coord)?;
        let tally = &mut self.tally;
        each_tally!(tally, record, -=);
        self.missing.remove(&coord);
        self.urgent.remove(&coord);
        if let ChunkState::Backoff(at) = record.state {
            self.backoff.remove(&(at, coord));
        }
        if record.is_ready() {
            self.turned_ready.push((coord, false));
        }
        self.under_way.remove(&coord);
        if let Some(since) = record.excess_since {
            self.excess.remove(&(since, coord));
        }
        self.reconsidered.remove(&coord);
        Some(record)
    }

    /// Cells to request now: missing ones, and those whose retry is due. Cost: those cells.
    pub fn to_request(&self, now: Duration) -> impl Iterator<Item = ChunkCoord> {
        self.missing.iter().copied().chain(self.due(now))
    }

    /// Those of them that must be there. Cost: those cells, and all whose retry is due.
    pub fn to_request_urgently(&self, now: Duration) -> impl Iterator<Item = ChunkCoord> {
        let must_be_there = |coord: &ChunkCoord| {
            let record = self.records.get(coord);
            record.is_some_and(|record| record.deadline != Deadline::Outside)
        };
        let due = self.due(now).filter(must_be_there);
        self.urgent.iter().copied().chain(due)
    }

    /// Cells whose retry is due.
    fn due(&self, now: Duration) -> impl Iterator<Item = ChunkCoord> {
        let by_time = self.backoff.iter().take_while(move |(at, _)| *at <= now);
        by_time.map(|(_, coord)| *coord)
    }

    /// Takes the cells that became ready for a visit, or ceased to be, in the order of events.
    pub fn take_turned_ready(&mut self) -> Vec<(ChunkCoord, bool)> {
        std::mem::take(&mut self.turned_ready)
    }

    /// Cells of which more is there than may be kept, since that time or longer. Cost: those cells.
    pub fn in_excess_since(&self, time: Duration) -> Vec<ChunkCoord> {
        self.in_excess_between(Duration::ZERO, time)
    }

    /// Those that are so since a time between two, both included. Cost: those cells.
    pub fn in_excess_between(&self, from: Duration, until: Duration) -> Vec<ChunkCoord> {
        self.excess
            .range((from, ChunkCoord::new(i32::MIN, i32::MIN))..)
            .take_while(|(since, _)| *since <= until)
            .map(|(_, coord)| *coord)
            .collect()
    }

    /// Takes the cells whose work must be looked at again.
    pub fn take_reconsidered(&mut self) -> BTreeSet<ChunkCoord> {
        std::mem::take(&mut self.reconsidered)
    }

    /// The next `count` cells after `cursor` in the order of coordinates, to the end.
    pub fn after(&self, cursor: Option<ChunkCoord>, count: usize) -> Vec<ChunkCoord> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = cursor.map_or(Unbounded, Excluded);
        let cells = self.records.range((from, Unbounded));
        cells.take(count).map(|(coord, _)| *coord).collect()
    }

    /// The next `count` cells after `cursor` that wait for a request, in the order of coordinates, from
    /// the beginning again after the last: for looking at a few per frame. Cost: those cells.
    pub fn some_under_way(
        &self,
        cursor: Option<ChunkCoord>,
        count: usize,
    ) -> Vec<(ChunkCoord, GenerationId)> {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let after = cursor.map_or(Unbounded, Excluded);
        let until = cursor.map_or(Excluded(ChunkCoord::new(i32::MIN, i32::MIN)), Included);
        self.under_way
            .range((after, Unbounded))
            .chain(self.under_way.range((Unbounded, until)))
            .take(count)
            .filter_map(|coord| Some((*coord, self.state(*coord)?.open_ticket()?)))
            .collect()
    }
}

fn file(index: &mut BTreeSet<ChunkCoord>, coord: ChunkCoord, belongs: bool) {
    if belongs {
        index.insert(coord);
    } else {
        index.remove(&coord);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(value: u64) -> Duration {
        Duration::from_secs(value)
    }

    fn wanted(count: i32) -> ChunkTable {
        let mut table = ChunkTable::default();
        let full = Some(DetailLevel::FULL);
        let wish = Wish {
            give: full,
            keep: full,
        };
        for x in 0..count {
            table.wish(ChunkCoord::new(x, 0), wish, Duration::ZERO);
        }
        table
    }

    #[test]
    fn what_is_asked_for_urgently_is_what_is_missing_or_due_inside_the_must_have_radius() {
        let mut table = wanted(8);
        let at = |x| ChunkCoord::new(x, 0);
        for x in 0..6 {
            table.update(at(x), |record| record.deadline = Deadline::Excused);
        }
        table.set_state(at(0), ChunkState::Backoff(secs(5)));
        table.set_state(at(1), ChunkState::Backoff(secs(9)));
        table.set_state(at(6), ChunkState::Backoff(secs(5)));
        table.set_state(at(2), ChunkState::Idle);
        table.update(at(3), |record| record.deadline = Deadline::Outside);
        table.remove(at(4));
        let urgent =
            |table: &ChunkTable, now| table.to_request_urgently(secs(now)).collect::<Vec<_>>();
        assert_eq!(urgent(&table, 4), [at(5)]);
        assert_eq!(urgent(&table, 5), [at(5), at(0)]);
        assert_eq!(
            table.to_request(secs(5)).count(),
            5,
            "3, 5, 7 and two that are due"
        );
        table.set_state(at(0), ChunkState::Quarantined);
        table.remove(at(6));
        assert_eq!(
            table.to_request(secs(60)).collect::<Vec<_>>(),
            [at(3), at(5), at(7), at(1)]
        );
    }

    #[test]
    fn what_came_to_be_in_excess_is_found_by_its_time() {
        let mut table = wanted(4);
        for x in 0..4 {
            let coord = ChunkCoord::new(x, 0);
            table.update(coord, |record| record.shown = Some(DetailLevel::FULL));
            table.wish(coord, Wish::default(), secs(x as u64));
        }
        let between = |from, until| table.in_excess_between(secs(from), secs(until)).len();
        assert_eq!(
            (between(0, 3), between(2, 3), between(1, 1), between(4, 9)),
            (4, 2, 1, 0)
        );
    }

    #[test]
    fn what_turned_ready_or_not_is_told_once_in_order() {
        let mut table = wanted(2);
        let (one, two) = (ChunkCoord::new(0, 0), ChunkCoord::new(1, 0));
        table.update(one, |record| record.shown = Some(DetailLevel::MASSING));
        table.set_state(two, ChunkState::Quarantined);
        table.update(one, |record| record.shown = Some(DetailLevel::FULL));
        table.set_state(one, ChunkState::Missing);
        table.set_state(two, ChunkState::Missing);
        table.remove(one);
        let told = [(two, true), (one, true), (two, false), (one, false)];
        assert_eq!(table.take_turned_ready(), told);
        assert_eq!(table.take_turned_ready(), []);
    }
}
