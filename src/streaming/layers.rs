//! What the layers of a generator's work took: roads, buildings, plants, or whatever it names.

use std::time::Instant;

/// Layers of one chunk that are told apart; the time of further ones counts as [`OTHER_LAYERS`].
pub const MOST_LAYERS: usize = 16;

/// The name of what is beyond [`MOST_LAYERS`].
pub const OTHER_LAYERS: &str = "others";

/// What one layer of a chunk took.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LayerTime {
    /// As the generator named it.
    pub layer: &'static str,
    /// True milliseconds of its worker, also where work is on the virtual clock.
    pub ms: f64,
}

/// The stopwatch of one generation.
#[derive(Debug, Default)]
pub(crate) struct LayerClock {
    since: Option<Instant>,
    times: Vec<LayerTime>,
}

impl LayerClock {
    /// The generator is called now.
    pub fn begin(&mut self) {
        self.times.clear();
        self.since = Some(Instant::now());
    }

    /// A layer ends now, and the next one begins. Without a beginning nobody measures.
    pub fn end_layer(&mut self, layer: &'static str) {
        let Some(since) = self.since else { return };
        let now = Instant::now();
        self.since = Some(now);
        self.add(layer, now.duration_since(since).as_secs_f64() * 1e3);
    }

    /// A layer that is named again, as in a loop, adds up.
    fn add(&mut self, layer: &'static str, ms: f64) {
        let is_last = self.times.len() + 1 >= MOST_LAYERS;
        let known = self.times.iter_mut().find(|time| time.layer == layer);
        match known {
            Some(time) => time.ms += ms,
            None if is_last && layer != OTHER_LAYERS => self.add(OTHER_LAYERS, ms),
            None => self.times.push(LayerTime { layer, ms }),
        }
    }

    /// Ends measuring.
    pub fn take(&mut self) -> Vec<LayerTime> {
        self.since = None;
        std::mem::take(&mut self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;
    use std::time::Duration;

    #[test]
    fn each_layer_has_the_time_since_the_one_before() {
        let mut clock = LayerClock::default();
        clock.end_layer("before anybody measures");
        clock.begin();
        sleep(Duration::from_millis(4));
        clock.end_layer("roads");
        clock.end_layer("plants");
        sleep(Duration::from_millis(4));
        clock.end_layer("roads");
        let times = clock.take();
        let names: Vec<_> = times.iter().map(|time| time.layer).collect();
        assert_eq!(names, ["roads", "plants"]);
        assert!(times[0].ms >= 8.0 && times[1].ms < times[0].ms, "{times:?}");
        clock.end_layer("after it");
        assert_eq!(clock.take(), []);
    }

    #[test]
    fn layers_are_bounded_and_no_time_is_lost() {
        let mut clock = LayerClock::default();
        let names: [&'static str; 20] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
            "r", "s", "t",
        ];
        for name in names {
            clock.add(name, 1.0);
        }
        let times = clock.take();
        assert_eq!(times.len(), MOST_LAYERS);
        assert_eq!(times.last().map(|time| time.layer), Some(OTHER_LAYERS));
        assert_eq!(times.iter().map(|time| time.ms).sum::<f64>(), 20.0);
    }
}
