//! The queue that workers pull from: most needed first, at most so many at once, and never more
//! finished bytes than may wait.

use std::collections::{BTreeMap, BTreeSet};

use super::need::{Claim, Need};
use super::ticket::GenerationId;

/// Requests that wait, and the tickets that are being worked on.
///
/// Costs are O(log waiting), except [`rescore`](Self::rescore), which is O(waiting · log waiting) and
/// runs when a focus has entered another cell or has turned, not every frame.
#[derive(Debug)]
pub struct WorkQueue<J> {
    waiting: BTreeMap<(Need, GenerationId), (Claim, J)>,
    place: BTreeMap<GenerationId, Need>,
    running: BTreeSet<GenerationId>,
    limits: Limits,
    held_bytes: u64,
    held_results: u64,
}

/// What bounds the queue.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests that may run at once; 0 means paused.
    pub running: usize,
    /// Bytes of finished results that may wait.
    pub held_bytes: u64,
    /// Bytes that loaded chunks and waiting results may hold together.
    pub memory_bytes: u64,
    /// Bytes of loaded chunks.
    pub loaded_bytes: u64,
}

/// A request that a worker took, and the choice there was.
#[derive(Debug)]
pub struct Pulled<J> {
    /// Its ticket.
    pub generation_id: GenerationId,
    /// What to do.
    pub job: J,
    /// The choice.
    pub choice: Choice,
}

/// What was taken and what was left.
#[derive(Copy, Clone, Debug)]
pub struct Choice {
    /// The request that was taken, and its need on record.
    pub taken: (Claim, Need),
    /// The best that was left.
    pub best_left: Option<(Claim, Need)>,
    /// The worst that was left.
    pub worst_left: Option<Claim>,
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
    /// An empty queue.
    pub fn new(limits: Limits) -> Self {
        Self {
            waiting: BTreeMap::new(),
            place: BTreeMap::new(),
            running: BTreeSet::new(),
            limits,
            held_bytes: 0,
            held_results: 0,
        }
    }

    /// Changes the limits. Lowering drains: what runs goes on, nothing new starts.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Adds a request.
    pub fn push(&mut self, generation_id: GenerationId, claim: Claim, need: Need, job: J) {
        self.place.insert(generation_id, need);
        self.waiting.insert((need, generation_id), (claim, job));
    }

    /// Takes the most needed request, if one may start.
    pub fn pull(&mut self) -> Option<Pulled<J>> {
        if !self.may_start() {
            return None;
        }
        let ((need, generation_id), (claim, job)) = self.waiting.pop_first()?;
        Some(self.begin(generation_id, (claim, need), job))
    }

    /// Takes the least needed request instead: the fault that law 15's checker must notice.
    #[cfg(test)]
    pub fn pull_worst(&mut self) -> Option<Pulled<J>> {
        if !self.may_start() {
            return None;
        }
        let ((need, generation_id), (claim, job)) = self.waiting.pop_last()?;
        Some(self.begin(generation_id, (claim, need), job))
    }

    fn begin(&mut self, generation_id: GenerationId, taken: (Claim, Need), job: J) -> Pulled<J> {
        self.place.remove(&generation_id);
        self.running.insert(generation_id);
        let best = self.waiting.first_key_value();
        Pulled {
            generation_id,
            job,
            choice: Choice {
                taken,
                best_left: best.map(|((need, _), (claim, _))| (*claim, *need)),
                worst_left: self.waiting.last_key_value().map(|(_, (claim, _))| *claim),
            },
        }
    }

    /// Whether the limits allow another start.
    pub fn may_start(&self) -> bool {
        self.running.len() < self.limits.running && !self.is_full() && !self.is_out_of_memory()
    }

    /// Whether what waits has reached its cap, so that nothing starts.
    pub fn is_full(&self) -> bool {
        self.held_bytes >= self.limits.held_bytes
    }

    /// Whether memory alone forbids that another request starts.
    pub fn is_out_of_memory(&self) -> bool {
        self.limits.loaded_bytes + self.held_bytes >= self.limits.memory_bytes
    }

    /// Whether a result of so many bytes may be added to those that wait. One that is alone always fits
    /// what may wait, however large it is, but never what memory there is.
    pub fn admits(&self, bytes: u64) -> bool {
        let fits = self.held_bytes == 0 || self.held_bytes + bytes <= self.limits.held_bytes;
        let in_memory =
            self.limits.loaded_bytes + self.held_bytes + bytes <= self.limits.memory_bytes;
        bytes == 0 || (fits && in_memory)
    }

    /// Ends a running request whose result of so many bytes now waits to be applied.
    pub fn finish(&mut self, generation_id: GenerationId, bytes: u64) {
        self.running.remove(&generation_id);
        self.held_bytes += bytes;
        self.held_results += u64::from(bytes > 0);
    }

    /// Gives back bytes of a result that was discarded.
    pub fn release_bytes(&mut self, bytes: u64) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        self.held_results = self.held_results.saturating_sub(u64::from(bytes > 0));
    }

    /// Moves bytes of a result into the world.
    pub fn land_bytes(&mut self, bytes: u64) {
        self.release_bytes(bytes);
        self.limits.loaded_bytes += bytes;
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

    /// Ends every waiting request, the most needed first.
    pub fn take_waiting(&mut self) -> Vec<(GenerationId, J)> {
        self.place.clear();
        let waiting = std::mem::take(&mut self.waiting);
        let each = |((_, id), (_, job))| (id, job);
        waiting.into_iter().map(each).collect()
    }

    /// Gives every waiting request a new need.
    pub fn rescore(&mut self, need_of: impl Fn(&Claim) -> Need) {
        // Sorted by the old need, which is nearly the new order: cheap to sort again.
        let waiting = std::mem::take(&mut self.waiting);
        for ((_, generation_id), (claim, job)) in waiting {
            self.push(generation_id, claim, need_of(&claim), job);
        }
    }

    /// Whether a ticket waits or runs.
    pub fn holds(&self, generation_id: GenerationId) -> bool {
        self.place.contains_key(&generation_id) || self.running.contains(&generation_id)
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

    /// Results that have bytes and wait to be applied; those without any always fit.
    pub fn held_results(&self) -> u64 {
        self.held_results
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::coord::ChunkCoord;
    use proptest::prelude::*;
    use std::time::Duration;

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
        Need::from_metres(f64::from((x - focus).abs()))
    }

    fn claim(x: i32) -> Claim {
        Claim {
            coord: ChunkCoord::new(x, 0),
            closes_hole: true,
            since: Duration::ZERO,
        }
    }

    fn limits(running: usize) -> Limits {
        Limits {
            running,
            held_bytes: CAP,
            memory_bytes: u64::MAX,
            loaded_bytes: 0,
        }
    }

    const CAP: u64 = 100;

    /// The model: plain lists, searched from end to end.
    #[derive(Default)]
    struct Model {
        waiting: Vec<(GenerationId, i32)>,
        running: Vec<GenerationId>,
        held: u64,
        limit: usize,
        focus: i32,
    }

    /// A chunk of air beside one that is larger than what may wait is no second result.
    #[test]
    fn results_without_bytes_hold_nothing() {
        let mut queue: WorkQueue<u32> = WorkQueue::new(limits(4));
        let ids = [1, 2, 3].map(GenerationId);
        for (id, bytes) in ids.into_iter().zip([CAP * 3, 0, 0]) {
            assert!(queue.admits(bytes));
            queue.finish(id, bytes);
        }
        assert_eq!((queue.held_bytes(), queue.held_results()), (CAP * 3, 1));
        queue.release_bytes(0);
        queue.land_bytes(CAP * 3);
        assert_eq!((queue.held_bytes(), queue.held_results()), (0, 0));
    }

    proptest! {
        #[test]
        fn the_queue_does_what_a_plain_list_does(ops in proptest::collection::vec(op(), 0..200)) {
            let mut queue = WorkQueue::new(limits(2));
            let mut model = Model { limit: 2, ..Model::default() };
            let mut all = Vec::new();
            for op in ops {
                match op {
                    Op::Push(x) => {
                        let id = GenerationId::draw();
                        all.push(id);
                        queue.push(id, claim(x), need(x, model.focus), x);
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
                        queue.set_limits(limits(limit));
                        model.limit = limit;
                    }
                    Op::Rescore(focus) => {
                        model.focus = focus;
                        queue.rescore(|claim| need(claim.coord.x, focus));
                    }
                }
                prop_assert_eq!(queue.waiting_len(), model.waiting.len());
                prop_assert_eq!(queue.running_len(), model.running.len());
                prop_assert_eq!(queue.held_bytes(), model.held);
            }
        }
    }
}
