//! Calls the generator so that nothing it does, not even a panic, leaves its chunk (law 8).

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Duration;

use super::parcel::{Chore, Job};
use super::shared::Shared;
use crate::content::content_hash;
use crate::faults::nap;
use crate::generator::{ChunkGenerator, GenerateError};
use crate::logic::work_queue::WorkQueue;
use crate::prepared::PreparedChunk;
use crate::store::merge_changes;

/// How a generation ended.
pub(crate) enum Outcome {
    /// With content that passed the checks.
    Made(Box<PreparedChunk>),
    /// It saw its stop token.
    Cancelled,
    /// With an error or a panic.
    Failed { reason: String, panicked: bool },
}

impl Outcome {
    /// Bytes that wait to be applied.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Made(prepared) => prepared.bytes,
            Self::Cancelled | Self::Failed { .. } => 0,
        }
    }

    /// Whether it ended in a panic.
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Failed { panicked: true, .. })
    }
}

impl<J> WorkQueue<J> {
    /// The failure that an outcome is if memory could never hold it. The outcome itself is for the caller to
    /// drop, without the lock: it is large.
    pub fn refusal(&self, outcome: &Outcome) -> Option<Outcome> {
        let (bytes, most) = (outcome.bytes(), self.limits().memory_bytes);
        (bytes > most).then(|| Outcome::Failed {
            reason: format!(
                "the chunk has {bytes} bytes, but memory_cap_mib allows {most} for all chunks together"
            ),
            panicked: false,
        })
    }
}

/// Does something for the frame that is not a chunk. A panic in it (a payload's own drop) is reported and
/// costs nothing else.
pub(super) fn do_chore(chore: Chore) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(chore)) {
        tracing::error!(
            "a chore of a generation thread panicked: {}",
            panic_text(&*payload)
        );
    }
}

/// Generates one chunk. With [`do_chore`], the only `catch_unwind` of the program.
pub(super) fn make(generator: &dyn ChunkGenerator, job: &Job, shared: &Shared) -> Outcome {
    if job.stop.is_stopped() {
        return Outcome::Cancelled;
    }
    let _zone = tracing::info_span!(target: "ringroad_streaming", "generate chunk").entered();
    keep_panic_places();
    if shared.is_to_stick(job) {
        nap(Duration::MAX / 4, &job.stop);
    }
    nap(shared.real_delay(), &job.stop);
    CONTAINED.set(true);
    let result = catch_unwind(AssertUnwindSafe(|| {
        job.stop.begin_layers();
        let mut content = generator.generate(&job.request, &job.stop)?;
        let layers = job.stop.take_layers();
        // Before the changes: law 9 is about what the generator makes.
        let hash = shared.takes_hashes().then(|| content_hash(&content));
        merge_changes(&job.deltas, &job.request, &mut content, &job.stop)?;
        let payload = content.payload.as_deref();
        let payload_bytes = payload.map_or(0, |payload| generator.payload_bytes(payload));
        let prepared = PreparedChunk::new(content, job.request.chunk_size_m, payload_bytes, hash);
        prepared
            .map(|prepared| PreparedChunk { layers, ..prepared })
            .map_err(|error| GenerateError::Failed(error.to_string()))
    }));
    CONTAINED.set(false);
    match result {
        Ok(Ok(prepared)) => Outcome::Made(Box::new(prepared)),
        Ok(Err(GenerateError::Cancelled)) if job.stop.is_stopped() => Outcome::Cancelled,
        Ok(Err(GenerateError::Cancelled)) => Outcome::Failed {
            reason: "the generator said it was cancelled, but nobody cancelled it".to_owned(),
            panicked: false,
        },
        Ok(Err(GenerateError::Failed(reason))) => Outcome::Failed {
            reason,
            panicked: false,
        },
        Err(payload) => Outcome::Failed {
            reason: panic_text(&*payload),
            panicked: true,
        },
    }
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Panics of generators are reported as messages with their place, so the hook notes the place and
/// prints nothing; every other panic goes to the hook that was there before.
fn keep_panic_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if CONTAINED.get() {
                PLACE.set(info.location().map(ToString::to_string));
            } else {
                before(info);
            }
        }));
    });
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned());
    match PLACE.take() {
        Some(place) => format!("panicked at {place}: {message}"),
        None => format!("panicked: {message}"),
    }
}
