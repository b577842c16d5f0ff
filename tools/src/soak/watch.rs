//! Seeing from outside how far a soak is, and surviving what it dies of.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Soak;
use super::finding::{Finding, Kind};
use super::plan::Episode;

/// A frame that takes longer than this (on the wall) hangs.
const HANG: Duration = Duration::from_secs(120);
/// Between two looks at a soak.
const LOOK: Duration = Duration::from_millis(5);
/// How many of the last episodes are remembered.
const REMEMBERED: usize = 8;

/// How far a soak is. Clones see the same soak.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    frames: Arc<AtomicU64>,
    milliseconds: Arc<AtomicU64>,
    episodes: Arc<Mutex<(u64, Vec<Episode>)>>,
    last_known: Arc<Mutex<Soak>>,
}

impl Watch {
    /// Simulated seconds.
    pub fn secs(&self) -> f64 {
        self.milliseconds.load(Ordering::Relaxed) as f64 / 1e3
    }

    /// Frames.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Episodes that were begun.
    pub fn episodes(&self) -> u64 {
        self.lock().0
    }

    /// The last episodes, the newest at the end.
    pub(super) fn last_episodes(&self) -> Vec<Episode> {
        self.lock().1.clone()
    }

    pub(super) fn see(&self, frames: u64, secs: f64) {
        self.frames.store(frames, Ordering::Relaxed);
        self.milliseconds
            .store((secs * 1e3) as u64, Ordering::Relaxed);
    }

    pub(super) fn begin(&self, episode: &Episode) {
        let mut episodes = self.lock();
        let (begun, last) = &mut *episodes;
        *begun += 1;
        last.push(episode.clone());
        let surplus = last.len().saturating_sub(REMEMBERED);
        last.drain(..surplus);
    }

    /// Remembers how things stood at a checkpoint, for a soak that dies.
    pub(super) fn keep(&self, soak: &Soak) {
        let last = self.last_known.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = soak.clone();
    }

    /// How things stood at the last checkpoint.
    pub(super) fn last_known(&self) -> Soak {
        let last = self.last_known.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, Vec<Episode>)> {
        self.episodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finding(&self, kind: Kind, text: String) -> Finding {
        Finding {
            kind,
            at_secs: self.secs(),
            text,
        }
    }
}

/// Runs something on a thread of its own, so that its panic, or a frame that never ends, is a finding.
/// A thread that hangs is left behind; the process ends without it.
///
/// # Errors
/// What it died of.
pub fn on_its_own_thread<T: Send + 'static>(
    watch: &Watch,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Finding> {
    let thread = std::thread::Builder::new()
        .name("soak".to_owned())
        .spawn(work)
        .map_err(|error| watch.finding(Kind::Panic, format!("no thread: {error}")))?;
    let mut last = (watch.frames(), Instant::now());
    while !thread.is_finished() {
        std::thread::park_timeout(LOOK);
        let frames = watch.frames();
        if frames != last.0 {
            last = (frames, Instant::now());
        } else if last.1.elapsed() > HANG {
            let text = format!("frame {frames} has taken {} s", HANG.as_secs());
            return Err(watch.finding(Kind::Hang, text));
        }
    }
    thread
        .join()
        .map_err(|payload| watch.finding(Kind::Panic, panic_text(&*payload)))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_finding_and_an_end_is_a_value() {
        let watch = Watch::default();
        watch.see(60, 1.0);
        assert_eq!(on_its_own_thread(&watch, || 3), Ok(3));
        let died = on_its_own_thread(&watch, || -> u32 { panic!("in frame {}", 60) });
        let finding = died.expect_err("it panicked");
        assert_eq!((finding.kind, finding.at_secs), (Kind::Panic, 1.0));
        assert_eq!(finding.text, "in frame 60");
    }

    #[test]
    fn only_the_last_episodes_are_remembered() {
        let watch = Watch::default();
        for index in 0..20 {
            watch.begin(&Episode {
                index,
                secs: 1.0,
                steps: Vec::new(),
            });
        }
        assert_eq!(watch.episodes(), 20);
        let last: Vec<u64> = watch.last_episodes().iter().map(|e| e.index).collect();
        assert_eq!(last, [12, 13, 14, 15, 16, 17, 18, 19]);
    }
}
