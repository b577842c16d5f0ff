//! What frames cost between two marks.

use serde_json::{Value, json};

/// True milliseconds that scan and queue took in each frame since the mark before.
#[derive(Debug, Default)]
pub(super) struct FrameCosts(Vec<f64>);

impl FrameCosts {
    /// One frame more.
    pub fn note(&mut self, ms: f64) {
        self.0.push(ms);
    }

    /// Mean, median and tail; `null` without a frame.
    pub fn report(mut self) -> Value {
        self.0.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = self.0.len().checked_sub(1)?;
            self.0.get((last as f64 * share).round() as usize).copied()
        };
        // Without the slowest hundredth, in which the system let somebody else run.
        let kept = &self.0[..self.0.len() - self.0.len() / 100];
        let mean = (!kept.is_empty()).then(|| kept.iter().sum::<f64>() / kept.len() as f64);
        json!({
            "scan_and_queue_mean": mean,
            "scan_and_queue_p50": at(0.5),
            "scan_and_queue_p99": at(0.99),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_leaves_out_the_slowest_hundredth_and_no_frame_is_no_data() {
        let mut costs = FrameCosts::default();
        assert_eq!(
            FrameCosts::default().report()["scan_and_queue_mean"],
            Value::Null
        );
        for frame in 0..200 {
            costs.note(if frame < 2 { 1_000.0 } else { 0.5 });
        }
        let report = costs.report();
        assert_eq!(report["scan_and_queue_mean"], 0.5);
        assert_eq!(report["scan_and_queue_p50"], 0.5);
    }
}
