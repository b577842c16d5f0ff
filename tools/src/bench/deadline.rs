//! What raw workers could do on a straight way, on paper: each chunk by the time at which it must be there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ringroad::streaming::{ChunkCoord, ChunkRequest, ServiceCost, StreamingValues};

/// A chunk that a straight drive along x from the origin brings within the must-have radius.
#[derive(Copy, Clone, Debug)]
struct Job {
    /// How far the drive has come, in metres, when its middle enters the load radius.
    wanted_m: f64,
    /// The same for its nearest edge and the must-have radius.
    due_m: f64,
    /// How long a worker takes.
    secs: f64,
}

/// The chunks of such a drive. Those inside the load radius at its start are there.
#[derive(Clone, Debug)]
pub(super) struct Strip {
    jobs: Vec<Job>,
    look_ahead_secs: f64,
    farthest_ahead_m: f64,
}

impl Strip {
    pub fn new(values: &StreamingValues, service: &ServiceCost, length_m: f64) -> Self {
        let (size_m, must_m, load_m) = (
            values.chunk_size_m,
            values.must_have_radius_m,
            values.load_radius_m,
        );
        let rows = (must_m / size_m).ceil() as i32;
        let columns = ((length_m + must_m) / size_m).ceil() as i32;
        let mut jobs = Vec::new();
        for x in 0..columns {
            for z in -rows..rows {
                let coord = ChunkCoord { x, z };
                let (corner, middle) = (coord.corner(size_m), coord.center(size_m));
                let aside_m = 0.0_f64.clamp(corner.y, corner.y + size_m).abs();
                let due_m = corner.x - (must_m.powi(2) - aside_m.powi(2)).max(0.0).sqrt();
                let wanted_m = middle.x - (load_m.powi(2) - middle.y.powi(2)).max(0.0).sqrt();
                if aside_m > must_m || wanted_m <= 0.0 || due_m > length_m {
                    continue;
                }
                let request = ChunkRequest::for_test(coord, values.seed, size_m);
                jobs.push(Job {
                    wanted_m,
                    due_m,
                    secs: service.of(&request).as_secs_f64(),
                });
            }
        }
        Self {
            jobs,
            look_ahead_secs: values.look_ahead_secs,
            farthest_ahead_m: 2.0 * load_m,
        }
    }

    /// Seconds of the longest job.
    pub fn longest_secs(&self) -> f64 {
        self.jobs.iter().map(|job| job.secs).fold(0.0, f64::max)
    }

    /// Chunks that come too late at that speed, in m/s, if the workers have nothing else to do, lose no time
    /// between two, and always take the chunk that is due first (earliest deadline first, not interrupted).
    pub fn late(&self, speed_mps: f64, workers: usize) -> usize {
        let ahead_m = (speed_mps * self.look_ahead_secs).min(self.farthest_ahead_m);
        let nanos = |metres: f64| (metres.max(0.0) / speed_mps * 1e9) as u64;
        let mut coming: BinaryHeap<_> = self
            .jobs
            .iter()
            .map(|job| {
                let secs = (job.secs * 1e9) as u64;
                Reverse((nanos(job.wanted_m - ahead_m), nanos(job.due_m), secs))
            })
            .collect();
        let mut free_at: BinaryHeap<_> = (0..workers).map(|_| Reverse(0)).collect();
        let mut ready = BinaryHeap::new();
        let (mut now, mut late) = (0, 0);
        while let Some(Reverse(free)) = free_at.pop() {
            now = now.max(free);
            if ready.is_empty() {
                let Some(Reverse((wanted, ..))) = coming.peek() else {
                    break;
                };
                now = now.max(*wanted);
            }
            while let Some(Reverse((wanted, due, takes))) = coming.peek().copied()
                && wanted <= now
            {
                coming.pop();
                ready.push(Reverse((due, takes)));
            }
            if let Some(Reverse((due, takes))) = ready.pop() {
                late += usize::from(now + takes > due);
                free_at.push(Reverse(now + takes));
            }
        }
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(us: f64) -> Strip {
        let values = StreamingValues {
            chunk_size_m: 100.0,
            must_have_radius_m: 250.0,
            load_radius_m: 500.0,
            ..StreamingValues::default()
        };
        Strip::new(&values, &ServiceCost::Fixed { us }, 5_000.0)
    }

    #[test]
    fn what_two_workers_can_make_is_in_time_and_no_more() {
        // Six rows of 100 m: 333 m/s are 20 chunks/s, as much as two workers make of 100 ms each. A few more
        // metres per second are bought by what is wanted before it is due.
        let strip = strip(100_000.0);
        assert_eq!(strip.jobs.len(), 6 * 48);
        assert_eq!(strip.late(320.0, 2), 0);
        assert!(strip.late(400.0, 2) > 50);
        assert_eq!(strip.late(400.0, 3), 0);
    }

    #[test]
    fn a_chunk_that_takes_longer_than_its_way_is_late_with_any_number_of_workers() {
        // Known 2 s and some 200 m before it is due: 3 s are too long at 400 m/s, and not at 50.
        let strip = strip(3e6);
        assert_eq!(strip.late(400.0, 1_000), strip.jobs.len());
        assert_eq!(strip.late(50.0, 1_000), 0);
    }
}
