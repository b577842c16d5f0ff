//! Where the player was in the last ten minutes, four times a second.

use super::ring::Ring;

/// Between two points, s.
const EVERY_SECS: f64 = 0.25;

/// Ten minutes of points.
const KEPT: usize = 2_400;

/// Where the player was at a time, in the world.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct RoutePoint {
    /// Time of the run's clock, s.
    pub t_secs: f64,
    /// East, m.
    pub x: f64,
    /// Up, m.
    pub y: f64,
    /// South, m.
    pub z: f64,
    /// The way it looked: 0 = towards −Z, clockwise, degrees.
    pub heading_deg: f64,
}

/// The points in a ring of fixed size.
pub struct Route {
    points: Ring<RoutePoint>,
}

impl Default for Route {
    fn default() -> Self {
        Self {
            points: Ring::with_capacity(KEPT),
        }
    }
}

impl Route {
    /// Whether a quarter of a second has passed since the newest point.
    pub(super) fn is_due(&self, t_secs: f64) -> bool {
        // A hair earlier, so that frames of a sixtieth do not slip by one each time.
        self.points
            .last()
            .is_none_or(|last| t_secs - last.t_secs >= EVERY_SECS - 1e-3)
    }

    pub(super) fn push(&mut self, point: RoutePoint) {
        self.points.push(point);
    }

    /// The points, oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &RoutePoint> + ExactSizeIterator {
        self.points.iter()
    }

    /// Where the player was at a time: the newest point that is not younger.
    pub fn at(&self, t_secs: f64) -> Option<&RoutePoint> {
        self.points
            .iter()
            .rev()
            .find(|point| point.t_secs <= t_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_points_a_second_for_ten_minutes() {
        let mut route = Route::default();
        for frame in 0..60 * 700 {
            let t_secs = f64::from(frame) / 60.0;
            if route.is_due(t_secs) {
                route.push(RoutePoint {
                    t_secs,
                    x: t_secs,
                    ..RoutePoint::default()
                });
            }
        }
        assert_eq!(route.points().len(), KEPT);
        let oldest = route.points().next().expect("full").t_secs;
        assert!((699.0 - oldest - 600.0).abs() < 2.0, "{oldest}");
        let then = route.at(650.1).expect("kept");
        assert!((650.1 - then.t_secs) < 0.25 && then.x == then.t_secs);
        assert_eq!(route.at(3.0), None);
    }
}
