//! The one trait a game implements: from a request to the content of a chunk, on a worker thread.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::content::ChunkContent;
use crate::layers::{LayerClock, LayerTime};
use crate::logic::coord::{ChunkCoord, DetailLevel};
use crate::logic::ticket::GenerationId;

/// Everything a generator may depend on. Content must follow from `seed`, `coord`, `detail` and
/// `chunk_size_m` alone (law 9); the ticket and the attempt are for messages.
#[derive(Clone, Debug)]
pub struct ChunkRequest {
    /// The cell to fill.
    pub coord: ChunkCoord,
    /// How much of it to make.
    pub detail: DetailLevel,
    /// The seed of the world.
    pub seed: u64,
    /// The side of the cell in metres. Passed, never a constant.
    pub chunk_size_m: f64,
    /// The ticket of this request.
    pub generation_id: GenerationId,
    /// 0 for the first try, 1 for the first retry after a failure, and so on.
    pub attempt: u32,
}

impl ChunkRequest {
    /// A request at full detail with a fresh ticket, for calling a generator by hand.
    pub fn for_test(coord: ChunkCoord, seed: u64, chunk_size_m: f64) -> Self {
        Self {
            coord,
            detail: DetailLevel::FULL,
            seed,
            chunk_size_m,
            generation_id: GenerationId::draw(),
            attempt: 0,
        }
    }
}

/// Tells running work that nobody needs it any more.
///
/// A task on a thread cannot be stopped from outside, so a generator polls: between layers and every
/// few hundred objects. One poll is two relaxed loads. It also takes the time of the layers.
#[derive(Clone, Debug, Default)]
pub struct StopToken {
    this_request: Arc<Request>,
    everything: Arc<AtomicBool>,
}

/// What all tokens of one request share.
#[derive(Debug, Default)]
struct Request {
    is_stopped: AtomicBool,
    layers: Mutex<LayerClock>,
}

impl StopToken {
    /// A token that is never stopped.
    pub fn never() -> Self {
        Self::default()
    }

    /// A token for one request that also follows the switch for all of them.
    pub(crate) fn under(everything: &Arc<AtomicBool>) -> Self {
        Self {
            this_request: Arc::default(),
            everything: Arc::clone(everything),
        }
    }

    /// Says that nobody needs the work any more; for tests and tools that call a generator themselves.
    pub fn stop(&self) {
        self.this_request.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the work should end now.
    pub fn is_stopped(&self) -> bool {
        self.this_request.is_stopped.load(Ordering::Relaxed)
            || self.everything.load(Ordering::Relaxed)
    }

    /// For `?` inside a generator.
    ///
    /// # Errors
    /// [`GenerateError::Cancelled`] once the token is stopped.
    pub fn checkpoint(&self) -> Result<(), GenerateError> {
        if self.is_stopped() {
            Err(GenerateError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Ends a layer of the work and names it: what passed since the layer before, or since the generator was
    /// called, is the layer's time in [`ChunkLoaded::layers`](crate::ChunkLoaded::layers). One that is
    /// named again adds up.
    pub fn end_layer(&self, layer: &'static str) {
        self.layers().end_layer(layer);
    }

    pub(crate) fn begin_layers(&self) {
        self.layers().begin();
    }

    pub(crate) fn take_layers(&self) -> Vec<LayerTime> {
        self.layers().take()
    }

    fn layers(&self) -> std::sync::MutexGuard<'_, LayerClock> {
        let layers = &self.this_request.layers;
        layers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a generator returned no content.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum GenerateError {
    /// The stop token was seen.
    #[error("cancelled")]
    Cancelled,
    /// The generator could not make the chunk; it is retried with backoff, then quarantined.
    #[error("{0}")]
    Failed(String),
}

/// Makes chunks. Called on worker threads, several at a time.
pub trait ChunkGenerator: Send + Sync + 'static {
    /// Makes one chunk. A panic in here stays in its chunk (law 8).
    ///
    /// # Errors
    /// [`GenerateError::Cancelled`] when `stop` was seen, [`GenerateError::Failed`] with a reason otherwise.
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError>;

    /// How many bytes a payload of this generator holds, so that `memory_cap_mib` and the cap on waiting
    /// results see them. Called once per chunk on its worker, after [`generate`](Self::generate) and whatever
    /// a store has changed. A payload that says nothing counts as 0.
    fn payload_bytes(&self, _payload: &(dyn Any + Send + Sync)) -> u64 {
        0
    }

    /// The version of what this generator makes of a cell at a level. After a change of the generator,
    /// [`StreamingRequest::GeneratorChanged`](crate::StreamingRequest::GeneratorChanged) makes anew the
    /// chunks whose version differs, and no others. Called on the main thread: cheap, please.
    fn version(&self, _coord: ChunkCoord, _detail: DetailLevel) -> u32 {
        0
    }
}

impl<G: ChunkGenerator + ?Sized> ChunkGenerator for Arc<G> {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        (**self).generate(request, stop)
    }

    fn payload_bytes(&self, payload: &(dyn Any + Send + Sync)) -> u64 {
        (**self).payload_bytes(payload)
    }

    fn version(&self, coord: ChunkCoord, detail: DetailLevel) -> u32 {
        (**self).version(coord, detail)
    }
}

impl ChunkGenerator for Box<dyn ChunkGenerator> {
    fn generate(
        &self,
        request: &ChunkRequest,
        stop: &StopToken,
    ) -> Result<ChunkContent, GenerateError> {
        (**self).generate(request, stop)
    }

    fn payload_bytes(&self, payload: &(dyn Any + Send + Sync)) -> u64 {
        (**self).payload_bytes(payload)
    }

    fn version(&self, coord: ChunkCoord, detail: DetailLevel) -> u32 {
        (**self).version(coord, detail)
    }
}
