//! A yard to try the meeting place in: worker threads with a stated result for each request, and a frame
//! that counts what comes back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::Mutex;
use shuttle::sync::mpsc::{Receiver, Sender, channel};
use shuttle::thread::{self, JoinHandle};

use super::WorkerCount;
use super::contained::Outcome;
use super::parcel::{CancelReason, Cancelled, NewRequest};
use super::shared::Shared;
use crate::clock::WorkClock;
use crate::faults::FaultSwitches;
use crate::generator::ChunkRequest;
use crate::logic::coord::ChunkCoord;
use crate::logic::need::{Claim, Need};
use crate::logic::ticket::GenerationId;
use crate::logic::work_queue::Limits;
use crate::prepared::PreparedChunk;

/// Results that may wait, in bytes.
pub const HELD_CAP: u64 = 100;
/// What loaded chunks and results may hold together, in bytes.
pub const MEMORY_CAP: u64 = 1_000;

/// Tries so many random orders of `scene`, and as many that preempt seldom but at the worst moments.
pub fn in_every_order(orders: usize, scene: impl Fn() + Clone + Send + Sync + 'static) {
    let mut config = shuttle::Config::new();
    // Maps of requests and formatted texts are on the stack of each thread.
    config.stack_size = 1 << 18;
    // A scene takes some hundred steps: more is a thread that polls for what never comes.
    config.max_steps = shuttle::MaxSteps::FailAfter(20_000);
    config.silence_warnings = true;
    let random = shuttle::scheduler::RandomScheduler::new(orders);
    shuttle::Runner::new(random, config.clone()).run(scene.clone());
    let preempting = shuttle::scheduler::PctScheduler::new(3, orders);
    shuttle::Runner::new(preempting, config).run(scene);
}

/// What the workers were seen to do.
#[derive(Default)]
pub struct Log {
    /// Requests that were handed out, in order.
    pub handed_out: Vec<GenerationId>,
    running: usize,
    /// The most that ran at once.
    pub most_running: usize,
}

/// The meeting place, its workers, and the frame's count of what ended.
pub struct Yard {
    pub shared: Arc<Shared>,
    pub log: Arc<Mutex<Log>>,
    workers: Vec<JoinHandle<()>>,
    news: Receiver<()>,
    sender: Sender<()>,
    pub ended: BTreeSet<GenerationId>,
    pub cancelled_at_once: BTreeSet<GenerationId>,
    /// Bytes that landed.
    pub landed_bytes: u64,
}

impl Yard {
    pub fn new(clock: WorkClock, tasks: usize) -> Self {
        let faults = Arc::<FaultSwitches>::default();
        let shared = Shared::new(clock, WorkerCount::OnDemand, faults, false);
        let (sender, news) = channel();
        let yard = Self {
            shared: Arc::new(shared),
            log: Arc::default(),
            workers: Vec::new(),
            news,
            sender,
            ended: BTreeSet::new(),
            cancelled_at_once: BTreeSet::new(),
            landed_bytes: 0,
        };
        yard.allow(tasks);
        yard
    }

    /// The limits of a frame, with so many tasks at once.
    pub fn allow(&self, running: usize) {
        self.shared.set_limits(Limits {
            running,
            held_bytes: HELD_CAP,
            memory_bytes: MEMORY_CAP,
            loaded_bytes: self.landed_bytes,
        });
    }

    /// Starts workers. Each result holds as many bytes as its request's x says; a negative x is a generation
    /// that goes on until it is stopped.
    pub fn start(&mut self, workers: usize) {
        for index in 0..workers {
            let (shared, log) = (Arc::clone(&self.shared), Arc::clone(&self.log));
            let news = self.sender.clone();
            assert_eq!(shared.reserve_thread(workers), Some(index));
            self.workers.push(thread::spawn(move || {
                work(&shared, &log, &news, &format!("worker {index}"));
            }));
        }
    }

    /// Requests with results of so many bytes.
    pub fn push(&self, bytes: &[i32]) -> Vec<GenerationId> {
        let requests: Vec<NewRequest> = bytes
            .iter()
            .map(|bytes| {
                let coord = ChunkCoord::new(*bytes, 0);
                let request = ChunkRequest::for_test(coord, 1, 100.0);
                NewRequest {
                    claim: Claim {
                        coord,
                        closes_hole: true,
                        since: Duration::ZERO,
                    },
                    need: Need::from_metres(f64::from(*bytes)),
                    request,
                    deltas: Vec::new(),
                }
            })
            .collect();
        let ids = requests
            .iter()
            .map(|request| request.request.generation_id)
            .collect();
        self.shared.push(requests);
        ids
    }

    pub fn cancel(&mut self, id: GenerationId) -> Cancelled {
        let cancelled = self.shared.cancel(id, CancelReason::Unwanted);
        if cancelled == Cancelled::AtOnce {
            assert!(self.cancelled_at_once.insert(id), "{id} ended twice");
        }
        cancelled
    }

    /// Waits without polling until a worker has delivered something, so that a lost wake-up is a deadlock
    /// that Shuttle sees.
    pub fn wait_for_news(&mut self) {
        self.news.recv().expect("the yard holds a sender itself");
        self.collect();
    }

    /// Takes what has ended; everything that was made lands at once.
    pub fn collect(&mut self) {
        let bytes = self.collect_without_landing();
        self.land(bytes);
    }

    /// Takes what has ended, and lets it hold its bytes.
    pub fn collect_without_landing(&mut self) -> u64 {
        let (finished, _) = self.shared.take_news();
        let mut bytes = 0;
        for finished in finished {
            let id = finished.generation_id;
            assert!(self.ended.insert(id), "{id} ended twice");
            assert!(
                !self.cancelled_at_once.contains(&id),
                "{id} ended and was taken out"
            );
            bytes += finished.outcome.bytes();
        }
        let held = self.shared.snapshot().held_bytes;
        assert!(held <= HELD_CAP, "{held} bytes wait");
        assert!(
            self.landed_bytes + held <= MEMORY_CAP,
            "{held} bytes beside {} loaded ones",
            self.landed_bytes
        );
        bytes
    }

    pub fn land(&mut self, bytes: u64) {
        self.shared.land_bytes(bytes);
        self.landed_bytes += bytes;
    }

    /// Tells everybody to leave and waits until all have: whoever sleeps on is a deadlock.
    pub fn leave(mut self) -> Self {
        self.shared.shut_down();
        for worker in self.workers.drain(..) {
            worker.join().expect("no worker panicked");
        }
        self
    }

    /// How many requests have ended, in whatever way.
    pub fn all_ended(&self) -> usize {
        self.ended.len() + self.cancelled_at_once.len()
    }
}

/// The life of a worker, as `workers::work` has it, with a stated outcome.
fn work(shared: &Shared, log: &Mutex<Log>, news: &Sender<()>, name: &str) {
    while let Some(job) = shared.next_job(name) {
        let promise = shared.promise(&job);
        {
            let mut log = log.lock().expect("no worker panicked");
            log.handed_out.push(job.request.generation_id);
            log.running += 1;
            log.most_running = log.most_running.max(log.running);
        }
        let x = job.request.coord.x;
        while x < 0 && !job.stop.is_stopped() {
            thread::yield_now();
        }
        thread::yield_now();
        let outcome = if job.stop.is_stopped() {
            Outcome::Cancelled
        } else {
            made(u64::from(x.unsigned_abs()))
        };
        log.lock().expect("no worker panicked").running -= 1;
        promise.keep(outcome);
        // The frame may be gone by now.
        _ = news.send(());
    }
}

fn made(bytes: u64) -> Outcome {
    Outcome::Made(Box::new(PreparedChunk {
        meshes: Vec::new(),
        instances: Vec::new(),
        payload: None,
        content_hash: None,
        layers: Vec::new(),
        bytes,
        entities: 0,
    }))
}
