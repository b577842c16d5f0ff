//! What each layer of a generator's work took: the newest chunks of the last minute, exact.

use crate::streaming::{LayerTime, MOST_LAYERS};

use super::{
    ring::Ring,
    timing::{TimingSummary, WINDOW_SECS, summary_of},
};

/// Chunks per layer that are kept for the window.
const KEPT: usize = 2_048;

/// All layers that were ever named, in the order in which they were heard of. Memory is fixed but for a layer's first time.
#[derive(Default)]
pub struct LayerTimings {
    layers: Vec<Layer>,
}

struct Layer {
    name: &'static str,
    newest: Ring<(f64, f32)>,
}

/// One layer in the window.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LayerSummary {
    /// As the generator names it.
    pub layer: &'static str,
    /// Its milliseconds per chunk that has it.
    pub window: TimingSummary,
    /// Its share (0–1) of the milliseconds of all layers of all those chunks.
    pub share: f64,
}

impl LayerTimings {
    /// Notes the layers of a chunk that landed at a time.
    pub fn record(&mut self, at_secs: f64, times: &[LayerTime]) {
        for LayerTime { layer, ms } in times {
            let has_room = self.layers.len() < 2 * MOST_LAYERS;
            let known = self.layers.iter_mut().find(|known| known.name == *layer);
            match known {
                Some(known) => known.newest.push((at_secs, *ms as f32)),
                None if has_room => {
                    let mut newest = Ring::with_capacity(KEPT);
                    newest.push((at_secs, *ms as f32));
                    self.layers.push(Layer {
                        name: layer,
                        newest,
                    });
                }
                None => {}
            }
        }
    }

    /// Every layer that ran in the last minute.
    pub fn summaries(&self, now_secs: f64) -> Vec<LayerSummary> {
        let from = now_secs - WINDOW_SECS;
        let windows = self.layers.iter().filter_map(|layer| {
            let newest = layer.newest.since(|(at_secs, _)| *at_secs >= from);
            let mut values: Vec<f32> = newest.map(|(_, ms)| *ms).collect();
            Some((layer.name, summary_of(&mut values)?))
        });
        let windows: Vec<_> = windows.collect();
        let sum_of = |window: &TimingSummary| window.mean * window.n as f64;
        let all: f64 = windows.iter().map(|(_, window)| sum_of(window)).sum();
        let lines = windows.iter().map(|(layer, window)| LayerSummary {
            layer,
            window: *window,
            share: if all > 0.0 { sum_of(window) / all } else { 0.0 },
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(layer: &'static str, ms: f64) -> LayerTime {
        LayerTime { layer, ms }
    }

    #[test]
    fn layers_have_percentiles_and_shares_of_the_last_minute() {
        let mut timings = LayerTimings::default();
        timings.record(0.0, &[time("roads", 1_000.0)]);
        for at in 100..200 {
            let ms = f64::from(at - 99);
            timings.record(f64::from(at) / 10.0 + 60.0, &[time("roads", ms)]);
        }
        timings.record(79.9, &[time("roads", 50.0), time("plants", 1_275.0)]);
        let [roads, plants] = timings.summaries(80.0)[..] else {
            panic!("two layers");
        };
        assert_eq!((roads.layer, plants.layer), ("roads", "plants"));
        assert_eq!((roads.window.n, roads.window.max), (101, 100.0));
        assert_eq!(roads.window.p50, 50.0);
        assert!((roads.share - 0.8).abs() < 1e-9, "{}", roads.share);
        assert!((plants.share - 0.2).abs() < 1e-9);
        assert_eq!(timings.summaries(200.0), []);
    }
}
