//! The bare side of the pipeline's ratios: threads that loop a generator, with the very priority of the plugin's workers.
//!
//! The priority of a thread is inherited by the threads that it starts. So the bare threads are started from
//! inside a generation on one of the plugin's own workers, and have its priority whatever that is.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Instant;

use ringroad::streaming::{
    AsyncChunkPlugin, ChunkContent, ChunkCoord, ChunkGenerator, ChunkRequest, GenerateError,
    StopToken, WorkClock, WorkerCount,
};

use super::stats::Estimate;
use super::world::{Pace, Rig, open_budgets};

type Order = Box<dyn FnOnce() + Send>;

/// A worker of the plugin that does what it is told, for as long as this lives.
pub struct Foreman {
    orders: Sender<Order>,
    /// Holds the worker; never stepped again.
    _rig: Rig,
}

/// Takes orders until there is nobody left to give any.
struct Obeys(Mutex<Receiver<Order>>);

impl ChunkGenerator for Obeys {
    fn generate(&self, _: &ChunkRequest, _: &StopToken) -> Result<ChunkContent, GenerateError> {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(order) = orders.recv() {
            order();
        }
        Ok(ChunkContent::default())
    }
}

/// What bare threads took.
#[derive(Clone, Debug)]
pub struct BareRun {
    /// From the start of all threads to the end of the last request.
    pub secs: f64,
    /// Seconds of each chunk, on the thread that made it.
    pub per_chunk: Vec<(ChunkCoord, f64)>,
}

impl Foreman {
    /// Hires one worker of the plugin.
    pub fn hire() -> Self {
        let (orders, received) = channel();
        let plugin = AsyncChunkPlugin::new(Obeys(Mutex::new(received)))
            .with_workers(WorkerCount::Fixed(1))
            .with_clock(WorkClock::Real);
        let mut values = open_budgets(1, 16.0, 4);
        // It is meant to be busy with one request for ever.
        values.stuck_after_secs = 3_600.0;
        let mut rig = Rig::new(plugin, values, Pace::BackToBack);
        for _ in 0..8 {
            rig.step();
        }
        Self { orders, _rig: rig }
    }

    /// Lets `threads` bare threads make all of `requests` once; the caller sleeps. What they make is kept until
    /// the end, as a world would keep it: a loop that throws away works in the same warm memory for ever.
    pub fn loop_bare(
        &self,
        threads: usize,
        generator: &Arc<dyn ChunkGenerator>,
        requests: &Arc<Vec<ChunkRequest>>,
    ) -> BareRun {
        let (report, done) = channel();
        let (generator, requests) = (Arc::clone(generator), Arc::clone(requests));
        let order = move || {
            // Nobody listens any more only if the bench is being ended.
            let _ = report.send(run_threads(threads, &*generator, &requests));
        };
        let sent = self.orders.send(Box::new(order));
        assert!(
            sent.is_ok(),
            "the worker listens as long as the foreman lives"
        );
        done.recv().expect("the worker does what it was told")
    }
}

fn run_threads(
    threads: usize,
    generator: &dyn ChunkGenerator,
    requests: &[ChunkRequest],
) -> BareRun {
    let next = AtomicUsize::new(0);
    let together = Barrier::new(threads);
    let mut run = BareRun {
        secs: 0.0,
        per_chunk: Vec::with_capacity(requests.len()),
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|index| {
                Builder::new()
                    .name(format!("bare ({index})"))
                    .spawn_scoped(scope, || {
                        let mut made = Vec::with_capacity(requests.len());
                        let mut kept = Vec::with_capacity(requests.len());
                        together.wait();
                        let began = Instant::now();
                        make_until_none_is_left(generator, requests, &next, &mut made, &mut kept);
                        (made, began, Instant::now())
                    })
                    .expect("the system gives the bench its threads")
            })
            .collect();
        // By the workers' own clocks: this thread may be woken after they are done.
        let mut spans = Vec::with_capacity(threads);
        for worker in workers {
            let (made, began, ended) = worker.join().expect("a bare generator does not panic");
            spans.push((began, ended));
            run.per_chunk.extend(made);
        }
        let began = spans.iter().map(|(began, _)| *began).min();
        let ended = spans.iter().map(|(_, ended)| *ended).max();
        if let (Some(began), Some(ended)) = (began, ended) {
            run.secs = ended.duration_since(began).as_secs_f64();
        }
    });
    run
}

fn make_until_none_is_left(
    generator: &dyn ChunkGenerator,
    requests: &[ChunkRequest],
    next: &AtomicUsize,
    made: &mut Vec<(ChunkCoord, f64)>,
    kept: &mut Vec<ChunkContent>,
) {
    let never = StopToken::never();
    let mut began = Instant::now();
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        kept.extend(black_box(generator.generate(request, &never)));
        let now = Instant::now();
        made.push((request.coord, now.duration_since(began).as_secs_f64()));
        began = now;
    }
}

/// Microseconds of one round trip between two threads over two channels.
pub fn round_trip_us() -> f64 {
    let looks: Vec<f64> = (0..5).map(|_| mean_trip_us()).collect();
    Estimate::of(&looks).map_or(f64::NAN, |trip| trip.value)
}

fn mean_trip_us() -> f64 {
    const TRIPS: u32 = 400;
    let (there, arrives) = channel::<u32>();
    let (back, returns) = channel::<u32>();
    std::thread::scope(|scope| {
        let echo = move || {
            for value in arrives {
                if back.send(value).is_err() {
                    return;
                }
            }
        };
        Builder::new()
            .name("echo".to_owned())
            .spawn_scoped(scope, echo)
            .expect("the system gives the bench its threads");
        let began = Instant::now();
        for trip in 0..TRIPS {
            let sent = there.send(trip);
            assert!(
                sent.is_ok() && returns.recv() == Ok(trip),
                "the echo answers"
            );
        }
        let took = began.elapsed();
        drop(there);
        took.as_secs_f64() * 1e6 / f64::from(TRIPS)
    })
}

#[cfg(test)]
mod tests {
    use super::super::generators::{Filler, TINY};
    use super::*;

    #[test]
    fn bare_threads_make_each_chunk_once() {
        let foreman = Foreman::hire();
        let filler = Filler::Free(TINY);
        let requests: Vec<_> = (0..50)
            .map(|x| ChunkRequest::for_test(ChunkCoord::new(x, 0), 1, 16.0))
            .collect();
        let run = foreman.loop_bare(2, &filler.generator(1.0), &Arc::new(requests));
        let mut made: Vec<i32> = run.per_chunk.iter().map(|(coord, _)| coord.x).collect();
        made.sort_unstable();
        assert_eq!(made, (0..50).collect::<Vec<_>>());
        assert!(run.secs > 0.0);
    }

    #[test]
    fn a_round_trip_takes_some_time() {
        assert!(round_trip_us() > 0.0);
    }
}
