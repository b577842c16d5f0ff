//! The last ten minutes of every metric in fixed memory: each frame of the last seconds, then coarser and coarser.
//!
//! ```text
//!  each frame ──► 10 s: every frame (the ring of samples)
//!       └───────► 60 s: buckets of a tenth of a second ──┐  least, largest and last value of each metric
//!       └───────► 10 min: buckets of a second ───────────┘
//! ```

use bevy::prelude::Resource;

use super::{registry::METRICS, ring::Ring, sample::Sample};

/// How far back one looks.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// Ten seconds, every frame.
    #[default]
    Secs10,
    /// A minute, in tenths of a second.
    Secs60,
    /// Ten minutes, in seconds.
    Mins10,
}

impl Window {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Secs10, Self::Secs60, Self::Mins10];

    /// Its length, s.
    pub const fn secs(self) -> f64 {
        match self {
            Self::Secs10 => 10.0,
            Self::Secs60 => 60.0,
            Self::Mins10 => 600.0,
        }
    }

    /// Its name on buttons.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secs10 => "10 s",
            Self::Secs60 => "60 s",
            Self::Mins10 => "10 min",
        }
    }

    /// The length of one bucket, s; 0 is one per frame.
    const fn bucket_secs(self) -> f64 {
        match self {
            Self::Secs10 => 0.0,
            Self::Secs60 => 0.1,
            Self::Mins10 => 1.0,
        }
    }
}

/// Where plots and map look back to.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq)]
pub struct Scrub {
    /// A time of the run's clock, s; `None` is now.
    pub at_secs: Option<f64>,
}

/// The values of a metric within a bucket, or in one frame.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Point {
    /// The end of the bucket on the run's clock, s.
    pub t_secs: f64,
    /// The least value.
    pub min: f32,
    /// The largest value.
    pub max: f32,
    /// The last value.
    pub last: f32,
}

/// Least, largest and last of one metric; NaN while there is no data.
#[derive(Copy, Clone, Debug)]
struct Extent {
    min: f32,
    max: f32,
    last: f32,
}

impl Extent {
    const NONE: Self = Self {
        min: f32::NAN,
        max: f32::NAN,
        last: f32::NAN,
    };

    fn take(&mut self, value: f32) {
        // `min` and `max` of a float pass over NaN.
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.last = value;
    }

    fn point(self, t_secs: f64) -> Option<Point> {
        (!self.last.is_nan()).then_some(Point {
            t_secs,
            min: self.min,
            max: self.max,
            last: self.last,
        })
    }
}

/// Buckets of one length, in one block of memory: a row per bucket, a column per metric.
#[derive(Clone)]
struct Coarse {
    bucket_secs: f64,
    capacity: usize,
    extents: Vec<Extent>,
    ends: Ring<f64>,
    open_until: f64,
}

impl Coarse {
    fn new(window: Window) -> Self {
        // One more than fit, since the first and the last are cut.
        let capacity = (window.secs() / window.bucket_secs()).ceil() as usize + 1;
        Self {
            bucket_secs: window.bucket_secs(),
            capacity,
            extents: vec![Extent::NONE; capacity * METRICS.len()],
            ends: Ring::with_capacity(capacity),
            open_until: f64::NEG_INFINITY,
        }
    }

    fn take(&mut self, t_secs: f64, values: &[f32]) {
        if t_secs >= self.open_until {
            self.ends.push(t_secs);
            self.open_until = ((t_secs / self.bucket_secs).floor() + 1.0) * self.bucket_secs;
            let fresh = self.newest_row();
            self.extents[fresh].fill(Extent::NONE);
        }
        let row = self.newest_row();
        for (extent, value) in self.extents[row].iter_mut().zip(values) {
            if !value.is_nan() {
                extent.take(*value);
            }
        }
        self.ends.set_last(t_secs);
    }

    fn newest_row(&self) -> std::ops::Range<usize> {
        self.row(self.ends.pushed().saturating_sub(1))
    }

    /// Where the bucket of this number, counted from the first of the run, stands.
    fn row(&self, number: u64) -> std::ops::Range<usize> {
        let from = (number % self.capacity as u64) as usize * METRICS.len();
        from..from + METRICS.len()
    }

    fn newest_at(&self, metric: usize, t_secs: f64) -> Option<Point> {
        let first = self.ends.pushed() - self.ends.len() as u64;
        let index = self.ends.iter().rposition(|end| *end <= t_secs)?;
        let end = *self.ends.get(index)?;
        let row = self.row(first + index as u64);
        self.extents[row].get(metric)?.point(end)
    }

    fn points(&self, metric: usize) -> impl DoubleEndedIterator<Item = Point> {
        let first = self.ends.pushed() - self.ends.len() as u64;
        self.ends
            .iter()
            .enumerate()
            .filter_map(move |(index, end)| {
                let row = self.row(first + index as u64);
                self.extents[row].get(metric)?.point(*end)
            })
    }
}

/// The last ten minutes in seconds, copied.
pub(super) struct Seconds(Coarse);

impl Seconds {
    /// The values of one metric, oldest first; seconds without data are left out.
    pub(super) fn points(&self, metric: usize) -> impl DoubleEndedIterator<Item = Point> {
        self.0.points(metric)
    }
}

/// Every metric of the last ten minutes. Memory is fixed at the start; taking a frame does not allocate.
pub struct Recording {
    tenths: Coarse,
    seconds: Coarse,
    values: Vec<f32>,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            tenths: Coarse::new(Window::Secs60),
            seconds: Coarse::new(Window::Mins10),
            values: Vec::with_capacity(METRICS.len()),
        }
    }
}

impl Recording {
    /// Takes one frame.
    pub(super) fn take(&mut self, sample: &Sample) {
        self.values.clear();
        self.values.extend(
            METRICS
                .iter()
                .map(|metric| metric.value(sample).map_or(f32::NAN, |value| value as f32)),
        );
        self.tenths.take(sample.t_secs, &self.values);
        self.seconds.take(sample.t_secs, &self.values);
    }

    /// A copy of the last ten minutes in seconds.
    pub(super) fn seconds(&self) -> Seconds {
        Seconds(self.seconds.clone())
    }

    fn coarse(&self, window: Window) -> &Coarse {
        match window {
            Window::Secs10 | Window::Secs60 => &self.tenths,
            Window::Mins10 => &self.seconds,
        }
    }

    /// The buckets of one metric, oldest first; those without data are left out.
    pub(super) fn points(
        &self,
        metric: usize,
        window: Window,
    ) -> impl DoubleEndedIterator<Item = Point> {
        self.coarse(window).points(metric)
    }

    /// The same from the first time that is asked for: the next coarser buckets where those of the window do not
    /// reach so far back.
    pub(super) fn points_from(
        &self,
        metric: usize,
        window: Window,
        from_secs: f64,
    ) -> impl DoubleEndedIterator<Item = Point> {
        let ends = &self.coarse(window).ends;
        let window = if ends.reaches(|end| *end <= from_secs) {
            window
        } else {
            Window::Mins10
        };
        self.points(metric, window)
    }

    /// What a metric was in the newest bucket that ended at `t_secs` or before, of the finest buckets that reach so far
    /// back; `None` without data in it.
    pub(super) fn moment(&self, metric: usize, t_secs: f64) -> Option<Point> {
        let reaches =
            |coarse: &&Coarse| coarse.ends.iter().next().is_some_and(|end| *end <= t_secs);
        let coarse = [&self.tenths, &self.seconds].into_iter().find(reaches)?;
        coarse.newest_at(metric, t_secs)
    }

    /// For how many seconds up to now the least of `bytes` has risen with every ten seconds, in a world at rest: nothing
    /// of `missing`, and no more of any of `steady` than in the ten seconds before. `None` when it has not.
    pub(super) fn grows_at_rest(
        &self,
        bytes: usize,
        missing: usize,
        steady: &[usize],
    ) -> Option<f64> {
        const STRETCH: usize = 10;
        let newest_first = |metric: usize| self.seconds.points(metric).rev();
        let most =
            |metric: usize| stretches(newest_first(metric).map(|p| p.max), STRETCH, f32::max);
        let least = stretches(newest_first(bytes).map(|p| p.min), STRETCH, f32::min);
        let missing = most(missing);
        let steady: Vec<Vec<f32>> = steady.iter().map(|metric| most(*metric)).collect();
        let rests = |at: usize| missing.get(at).is_some_and(|most| *most == 0.0);
        let grown = (0..least.len().saturating_sub(1))
            .take_while(|&at| {
                least[at] > least[at + 1]
                    && rests(at)
                    && rests(at + 1)
                    && steady.iter().all(|of| of.get(at) <= of.get(at + 1))
            })
            .count();
        (grown > 0).then(|| (grown * STRETCH) as f64)
    }
}

/// Values in stretches of `length`, each as one by `fold`; what is left at the end is left out.
fn stretches(
    values: impl Iterator<Item = f32>,
    length: usize,
    fold: fn(f32, f32) -> f32,
) -> Vec<f32> {
    let values: Vec<f32> = values.collect();
    values
        .chunks_exact(length)
        .filter_map(|part| part.iter().copied().reduce(fold))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::registry::index_of;

    fn record(secs: u32, fps: u32, sample: impl Fn(f64) -> Sample) -> Recording {
        let mut recording = Recording::default();
        for frame in 0..secs * fps {
            let t_secs = f64::from(frame) / f64::from(fps);
            recording.take(&Sample {
                t_secs,
                ..sample(t_secs)
            });
        }
        recording
    }

    fn id(id: &str) -> usize {
        index_of(id).expect("a metric")
    }

    #[test]
    fn buckets_keep_the_least_the_largest_and_the_last_value() {
        let recording = record(3, 60, |t| Sample {
            queued: (100.0 * t) as u64,
            ..Sample::default()
        });
        let points: Vec<_> = recording.points(id("queued"), Window::Mins10).collect();
        assert_eq!(points.len(), 3);
        assert_eq!(
            (points[1].min, points[1].max, points[1].last),
            (100.0, 198.0, 198.0)
        );
        let tenths: Vec<_> = recording.points(id("queued"), Window::Secs60).collect();
        assert_eq!(tenths.len(), 30);
        assert!(tenths[7].max - tenths[7].min < 10.0);
    }

    #[test]
    fn an_hour_takes_no_more_memory_than_a_minute_and_the_last_ten_minutes_are_there() {
        let fresh = Recording::default();
        let reserved = (
            fresh.seconds.extents.capacity(),
            fresh.tenths.extents.capacity(),
        );
        let recording = record(3_600, 10, |t| Sample {
            frame: t as u64,
            ..Sample::default()
        });
        assert_eq!(
            (
                recording.seconds.extents.capacity(),
                recording.tenths.extents.capacity()
            ),
            reserved
        );
        let points: Vec<_> = recording.points(id("frame"), Window::Mins10).collect();
        assert!((600..=602).contains(&points.len()), "{}", points.len());
        assert_eq!(points[0].min, (3_600 - points.len()) as f32);
        // Also a time that the tenths have forgotten is found.
        let moment = recording.moment(id("frame"), 3_200.9).expect("kept");
        assert_eq!(moment.last, 3_200.0);
        assert_eq!(recording.moment(id("frame"), 100.0), None);
    }

    #[test]
    fn no_data_is_no_point() {
        let recording = record(3, 60, |t| Sample {
            generate_ms: (t >= 2.0).then_some(8.0),
            ..Sample::default()
        });
        let points: Vec<_> = recording
            .points(id("generate_ms"), Window::Mins10)
            .collect();
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].min, 8.0);
    }

    fn grows(recording: &Recording) -> Option<f64> {
        let steady = [id("loaded"), id("ready")];
        recording.grows_at_rest(id("loaded_bytes"), id("missing"), &steady)
    }

    #[test]
    fn bytes_that_grow_in_a_world_at_rest_are_told_from_one_that_fills() {
        let growing = |t: f64| Sample {
            loaded_bytes: 1_000 + (100.0 * t) as u64,
            loaded: 113,
            ..Sample::default()
        };
        let secs = grows(&record(100, 10, growing)).expect("it grows");
        assert!(secs >= 80.0, "{secs}");
        let filling = record(100, 10, |t| Sample {
            loaded: t as u64,
            ..growing(t)
        });
        assert_eq!(grows(&filling), None);
        let steady = record(100, 10, |_| growing(0.0));
        assert_eq!(grows(&steady), None);
    }

    #[test]
    fn coarse_chunks_that_become_full_and_results_that_pile_up_are_no_leak() {
        // As many chunks as before, and each of them larger: a wider load radius inside the view.
        let refining = record(100, 10, |t| Sample {
            loaded_bytes: 1_000 + (100.0 * t) as u64,
            memory_bytes: 1_000 + (100.0 * t) as u64,
            loaded: 400,
            missing: 300 - (2.0 * t) as u64,
            ..Sample::default()
        });
        assert_eq!(grows(&refining), None);
        let piling_up = record(100, 10, |t| Sample {
            memory_bytes: 1_000 + (200.0 * t) as u64,
            loaded_bytes: 1_000 + (100.0 * t) as u64,
            ready: (10.0 * t) as u64,
            loaded: 113,
            ..Sample::default()
        });
        assert_eq!(grows(&piling_up), None);
    }

    #[test]
    fn a_moment_without_data_does_not_tell_an_older_value() {
        let recording = record(400, 10, |t| Sample {
            generate_ms: (t < 5.0).then_some(8.0),
            ..Sample::default()
        });
        let at = |t_secs| {
            recording
                .moment(id("generate_ms"), t_secs)
                .map(|point| point.last)
        };
        assert_eq!(at(3.95), Some(8.0), "in seconds");
        assert_eq!(
            at(200.0),
            None,
            "in seconds, three minutes after the last run"
        );
        assert_eq!(at(399.0), None, "in tenths");
    }
}
