//! The queue that workers pull from: most needed first, at most so many at once, and never more
//! finished bytes than may wait.

use std::collections::{BTreeMap, BTreeSet};

use super::coord::ChunkCoord;
use super::need::Need;
use super::ticket::GenerationId;

/// Requests that wait, and the tickets that are being worked on.
///
/// Costs are O(log waiting), except [`rescore`](Self::rescore), which is O(waiting · log waiting) and
/// runs when a focus has moved, not every frame.
#[derive(Debug)]
pub struct WorkQueue<J> {
    waiting: BTreeMap<(Need, GenerationId), (ChunkCoord, J)>,
    place: BTreeMap<GenerationId, Need>,
    running: BTreeSet<GenerationId>,
    limit: usize,
    held_bytes: u64,
    held_cap_bytes: u64,
}

/// A request that a worker took.
#[derive(Debug)]
pub struct Pulled<J> {
    /// Its ticket.
    pub generation_id: GenerationId,
    /// What to do.
    pub job: J,
    /// Where the best is that was left behind.
    pub best_left: Option<ChunkCoord>,
}

/// Where a cancelled request was.
#[derive(Debug, PartialEq, Eq)]
pub enum CancelledAt<J> {
    /// It waited; here is its job, and the request has ended.
    Waiting(J),
    /// A worker is busy with it; it ends when the worker says so.
    Running,
    /// It is not here: finished already, or never seen.
    Absent,
}

impl<J> WorkQueue<J> {
    /// An empty queue. A limit of 0 means paused.
    pub fn new(limit: usize, held_cap_bytes: u64) -> Self {
        Self {
            waiting: BTreeMap::new(),
            place: BTreeMap::new(),
            running: BTreeSet::new(),
            limit,
            held_bytes: 0,
            held_cap_bytes,
        }
    }

    /// Changes the limits. Lowering drains: what runs goes on, nothing new starts.
    pub fn set_limits(&mut self, limit: usize, held_cap_bytes: u64) {
        self.limit = limit;
        self.held_cap_bytes = held_cap_bytes;
    }

    /// Adds a request.
    pub fn push(&mut self, generation_id: GenerationId, coord: ChunkCoord, need: Need, job: J) {
        self.place.insert(generation_id, need);
        self.waiting.insert((need, generation_id), (coord, job));
    }

    /// Takes the most needed request, if one may start.
    pub fn pull(&mut self) -> Option<Pulled<J>> {
        if !self.may_start() {
            return None;
        }
        let ((_, generation_id), (_, job)) = self.waiting.pop_first()?;
        Some(self.begin(generation_id, job))
    }

    /// Takes the least needed request instead: the fault that law 15's checker must notice.
    #[cfg(test)]
    pub fn pull_worst(&mut self) -> Option<Pulled<J>> {
        if !self.may_start() {
            return None;
        }
        let ((_, generation_id), (_, job)) = self.waiting.pop_last()?;
        Some(self.begin(generation_id, job))
    }

    fn begin(&mut self, generation_id: GenerationId, job: J) -> Pulled<J> {
        self.place.remove(&generation_id);
        self.running.insert(generation_id);
        Pulled {
            generation_id,
            job,
            best_left: self.best_waiting(),
        }
    }

    /// Whether the limits allow another start.
    pub fn may_start(&self) -> bool {
        self.running.len() < self.limit && self.held_bytes < self.held_cap_bytes
    }

    /// Ends a running request whose result of so many bytes now waits to be applied.
    pub fn finish(&mut self, generation_id: GenerationId, bytes: u64) {
        self.running.remove(&generation_id);
        self.held_bytes += bytes;
    }

    /// Gives back bytes of a result that was applied or discarded.
    pub fn release_bytes(&mut self, bytes: u64) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
    }

    /// Ends a waiting request, or says that it is running or absent.
    pub fn cancel(&mut self, generation_id: GenerationId) -> CancelledAt<J> {
        if let Some(need) = self.place.remove(&generation_id)
            && let Some((_, job)) = self.waiting.remove(&(need, generation_id))
        {
            return CancelledAt::Waiting(job);
        }
        if self.running.contains(&generation_id) {
            CancelledAt::Running
        } else {
            CancelledAt::Absent
        }
    }

    /// Gives every waiting request a new need.
    pub fn rescore(&mut self, need_of: impl Fn(ChunkCoord) -> Need) {
        let waiting = std::mem::take(&mut self.waiting);
        for ((_, generation_id), (coord, job)) in waiting {
            self.push(generation_id, coord, need_of(coord), job);
        }
    }

    /// Whether a ticket waits or runs.
    pub fn holds(&self, generation_id: GenerationId) -> bool {
        self.place.contains_key(&generation_id) || self.running.contains(&generation_id)
    }

    /// Where the best is that waits.
    pub fn best_waiting(&self) -> Option<ChunkCoord> {
        self.waiting.first_key_value().map(|(_, (coord, _))| *coord)
    }

    /// How many wait.
    pub fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// How many are being worked on.
    pub fn running_len(&self) -> usize {
        self.running.len()
    }

    /// Bytes of finished results that wait to be applied.
    pub fn held_bytes(&self) -> u64 {
        self.held_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::math::DVec2;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Op {
        Push(i32),
        Pull,
        Finish(usize, u64),
        Release(u64),
        Cancel(usize),
        Limit(usize),
        Rescore(i32),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            4 => (-20..20_i32).prop_map(Op::Push),
            4 => Just(Op::Pull),
            2 => (0..8_usize, 0..60_u64).prop_map(|(i, b)| Op::Finish(i, b)),
            1 => (0..100_u64).prop_map(Op::Release),
            1 => (0..20_usize).prop_map(Op::Cancel),
            1 => (0..5_usize).prop_map(Op::Limit),
            1 => (-20..20_i32).prop_map(Op::Rescore),
        ]
    }

    fn need(x: i32, focus: i32) -> Need {
        Need::of(
            ChunkCoord::new(x, 0),
            &[DVec2::new(f64::from(focus) + 0.5, 0.5)],
            1.0,
        )
    }

    /// The model: plain lists, searched from end to end.
    #[derive(Default)]
    struct Model {
        waiting: Vec<(GenerationId, i32)>,
        running: Vec<GenerationId>,
        held: u64,
        limit: usize,
        focus: i32,
    }

    proptest! {
        #[test]
        fn the_queue_does_what_a_plain_list_does(ops in proptest::collection::vec(op(), 0..200)) {
            const CAP: u64 = 100;
            let mut queue = WorkQueue::new(2, CAP);
            let mut model = Model { limit: 2, ..Model::default() };
            let mut all = Vec::new();
            for op in ops {
                match op {
                    Op::Push(x) => {
                        let id = GenerationId::draw();
                        all.push(id);
                        queue.push(id, ChunkCoord::new(x, 0), need(x, model.focus), x);
                        model.waiting.push((id, x));
                    }
                    Op::Pull => {
                        let allowed = model.running.len() < model.limit && model.held < CAP;
                        let best = model.waiting.iter().copied().min_by_key(|(id, x)| (need(*x, model.focus), *id));
                        let expected = if allowed { best } else { None };
                        let pulled = queue.pull();
                        prop_assert_eq!(pulled.as_ref().map(|p| (p.generation_id, p.job)), expected);
                        if let Some((id, _)) = expected {
                            model.waiting.retain(|(other, _)| *other != id);
                            model.running.push(id);
                        }
                    }
                    Op::Finish(index, bytes) => {
                        if let Some(id) = model.running.get(index).copied() {
                            queue.finish(id, bytes);
                            model.running.remove(index);
                            model.held += bytes;
                        }
                    }
                    Op::Release(bytes) => {
                        queue.release_bytes(bytes);
                        model.held = model.held.saturating_sub(bytes);
                    }
                    Op::Cancel(index) => {
                        if let Some(id) = all.get(index).copied() {
                            let expected = if let Some(at) = model.waiting.iter().position(|(other, _)| *other == id) {
                                CancelledAt::Waiting(model.waiting.remove(at).1)
                            } else if model.running.contains(&id) {
                                CancelledAt::Running
                            } else {
                                CancelledAt::Absent
                            };
                            prop_assert_eq!(queue.cancel(id), expected);
                        }
                    }
                    Op::Limit(limit) => {
                        queue.set_limits(limit, CAP);
                        model.limit = limit;
                    }
                    Op::Rescore(focus) => {
                        model.focus = focus;
                        queue.rescore(|coord| need(coord.x, focus));
                    }
                }
                prop_assert_eq!(queue.waiting_len(), model.waiting.len());
                prop_assert_eq!(queue.running_len(), model.running.len());
                prop_assert_eq!(queue.held_bytes(), model.held);
            }
        }
    }
}
