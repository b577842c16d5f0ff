//! Faults on request: generators that panic, are slow or stall, for tests, scenarios and the stress panel.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::content::ChunkContent;
use crate::generator::{ChunkGenerator, ChunkRequest, GenerateError, StopToken};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::rng::{mix64, unit_from};

/// What should go wrong, changeable at any time from any thread.
#[derive(Debug, Default)]
pub struct FaultSwitches {
    panic_rate_bits: AtomicU64,
    slow_us: AtomicU64,
    stalled_until_us: AtomicU64,
    leak_share_bits: AtomicU64,
    panic_at: Mutex<BTreeSet<ChunkCoord>>,
    stick_at: Mutex<BTreeSet<ChunkCoord>>,
}

impl FaultSwitches {
    /// The share of generations, 0 to 1, that panic. Which ones follows from the coordinate, the seed
    /// and the attempt, so that equal runs fail equally and a retry may succeed.
    pub fn set_panic_rate(&self, rate: f64) {
        self.panic_rate_bits
            .store(rate.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
    }

    /// Makes one cell panic on every attempt.
    pub fn panic_at(&self, coord: ChunkCoord) {
        self.panic_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(coord);
    }

    /// Lets the next generation of one cell never end, until the watchdog has given it up.
    pub fn stick_at(&self, coord: ChunkCoord) {
        self.stick_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(coord);
    }

    /// Whether the generation of this cell that starts now is to stick; asked once per start.
    pub(crate) fn takes_stick(&self, coord: ChunkCoord) -> bool {
        self.stick_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&coord)
    }

    /// Lets every cell succeed again.
    pub fn clear_panics(&self) {
        self.set_panic_rate(0.0);
        self.panic_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Milliseconds that each generation takes longer.
    pub fn set_slow_ms(&self, slow_ms: f64) {
        self.slow_us
            .store((slow_ms.max(0.0) * 1_000.0) as u64, Ordering::Relaxed);
    }

    /// The share of each leaving chunk's entities, 0 to 1, that stays in the world and is nobody's: a leak on
    /// purpose. Law 5 is told of it, so that it finds the leaks that nobody asked for.
    pub fn set_leak_share(&self, share: f64) {
        self.leak_share_bits
            .store(share.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn leak_share(&self) -> f64 {
        f64::from_bits(self.leak_share_bits.load(Ordering::Relaxed))
    }

    /// Lets no generation end before this time of the workers' clock.
    pub fn stall_until(&self, until: Duration) {
        self.stalled_until_us
            .store(until.as_micros() as u64, Ordering::Relaxed);
    }

    /// How much later a generation that starts at `start` ends.
    pub(crate) fn delay(&self, start: Duration) -> Duration {
        let slow = Duration::from_micros(self.slow_us.load(Ordering::Relaxed));
        let stalled_until = Duration::from_micros(self.stalled_until_us.load(Ordering::Relaxed));
        slow + stalled_until.saturating_sub(start)
    }

    fn should_panic(&self, request: &ChunkRequest) -> bool {
        let rate = f64::from_bits(self.panic_rate_bits.load(Ordering::Relaxed));
        let place =
            mix64(u64::from(request.coord.x as u32) << 32 | u64::from(request.coord.z as u32));
        let draw = unit_from(mix64(
            place ^ request.seed.rotate_left(17) ^ u64::from(request.attempt),
        ));
        draw < rate
            || self
                .panic_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&request.coord)
    }
}

/// A generator with faults in front of it. Delays are served by the workers, each on its own clock.
pub struct FaultyGenerator<G> {
    inner: G,
    switches: Arc<FaultSwitches>,
}

impl<G> FaultyGenerator<G> {
    /// Puts the switches in front of a generator.
    pub fn new(inner: G, switches: Arc<FaultSwitches>) -> Self {
        Self { inner, switches }
    }
}

impl<G: ChunkGenerator> ChunkGenerator for FaultyGenerator<G> {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        assert!(
            !self.switches.should_panic(request),
            "requested fault: chunk {} panics on attempt {}",
            request.coord,
            request.attempt
        );
        self.inner.generate(request, stop)
    }

    fn payload_bytes(&self, payload: &(dyn Any + Send + Sync)) -> u64 {
        self.inner.payload_bytes(payload)
    }

    fn version(&self, coord: ChunkCoord, detail: DetailLevel) -> u32 {
        self.inner.version(coord, detail)
    }
}

/// Sleeps in short naps and wakes early when told to stop.
pub(crate) fn nap(length: Duration, stop: &StopToken) {
    const NAP: Duration = Duration::from_millis(5);
    if length.is_zero() {
        return;
    }
    let began = Instant::now();
    while !stop.is_stopped() {
        let left = length.saturating_sub(began.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(NAP));
    }
}
