//! Telemetry of several runs beside each other, metric by metric.

use ringroad::telemetry::registry::{METRICS, Metric, MetricKind};

use super::Replayed;
use crate::Telemetry;

/// One metric in one run.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Mean over the frames; of a counter, its growth per second.
    pub mean: Option<f64>,
    /// The largest value; of a counter, its last.
    pub most: Option<f64>,
}

/// One metric in every run.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which.
    pub metric: &'static Metric,
    /// By run, in their order.
    pub series: Vec<Series>,
    /// Whether frame by frame the last two runs are equal; `None` for true times, which never are.
    pub is_equal: Option<bool>,
}

impl Row {
    /// Whether the last two runs differ by more than a hundredth in mean or most.
    pub fn differs(&self) -> bool {
        let [.., left, right] = self.series.as_slice() else {
            return false;
        };
        let apart = |left: Option<f64>, right: Option<f64>| match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() > 0.01 * left.abs().max(right.abs()),
            (None, None) => false,
            _ => true,
        };
        apart(left.mean, right.mean) || apart(left.most, right.most)
    }
}

/// Every metric that any of the runs has.
pub fn summarise(replayed: &[Replayed]) -> Vec<Row> {
    let has = |metric: &&Metric| {
        replayed.iter().any(|run| {
            run.telemetry
                .columns
                .iter()
                .any(|column| column == metric.id)
        })
    };
    METRICS
        .iter()
        .filter(has)
        .map(|metric| Row {
            metric,
            series: replayed
                .iter()
                .map(|run| series(&run.telemetry, metric))
                .collect(),
            is_equal: equal(replayed, metric),
        })
        .collect()
}

fn values(telemetry: &Telemetry, id: &str) -> Vec<Option<f64>> {
    telemetry
        .column(id)
        .map(Iterator::collect)
        .unwrap_or_default()
}

fn series(telemetry: &Telemetry, metric: &Metric) -> Series {
    let known: Vec<f64> = values(telemetry, metric.id).into_iter().flatten().collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return Series::default();
    };
    let most = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if metric.kind == MetricKind::Counter {
        let times: Vec<f64> = values(telemetry, "t").into_iter().flatten().collect();
        let secs = times
            .last()
            .zip(times.first())
            .map(|(end, begin)| end - begin);
        return Series {
            mean: secs
                .filter(|secs| *secs > 0.0)
                .map(|secs| (last - first) / secs),
            most: Some(*last),
        };
    }
    Series {
        mean: Some(known.iter().sum::<f64>() / known.len() as f64),
        most: Some(most),
    }
}

fn equal(replayed: &[Replayed], metric: &Metric) -> Option<bool> {
    let [.., left, right] = replayed else {
        return None;
    };
    (!metric.is_wall)
        .then(|| values(&left.telemetry, metric.id) == values(&right.telemetry, metric.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &'static str, ready: [f64; 3], scan_ms: f64) -> Replayed {
        let row = |at: usize| {
            vec![
                Some(at as f64),
                Some(10.0 * at as f64),
                Some(ready[at]),
                Some(scan_ms),
            ]
        };
        Replayed {
            name,
            telemetry: Telemetry {
                columns: ["t", "applied", "ready", "scan_ms"]
                    .map(str::to_owned)
                    .into(),
                rows: (0..3).map(row).collect(),
            },
            failures: Vec::new(),
        }
    }

    #[test]
    fn counters_are_rates_gauges_are_means_and_true_times_are_never_equal() {
        let rows = summarise(&[
            run("as it is", [0.0, 4.0, 8.0], 0.1),
            run("changed", [0.0, 1.0, 2.0], 0.3),
        ]);
        let find = |id: &str| rows.iter().find(|row| row.metric.id == id).expect("there");
        assert_eq!(find("applied").series[0].mean, Some(10.0));
        assert_eq!(
            (find("applied").is_equal, find("applied").differs()),
            (Some(true), false)
        );
        let ready = find("ready");
        assert_eq!(
            (ready.series[0].mean, ready.series[1].most),
            (Some(4.0), Some(2.0))
        );
        assert_eq!((ready.is_equal, ready.differs()), (Some(false), true));
        assert_eq!(find("scan_ms").is_equal, None);
        assert!(rows.iter().all(|row| row.metric.id != "queued"));
    }
}
