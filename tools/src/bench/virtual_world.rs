//! Drives on the virtual clock: stated costs, exact counts, the same on every machine.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use bevy::math::DVec2;
use ringroad::streaming::{
    AsyncChunkPlugin, ChunkGenerator, ServiceCost, StreamingValues, VirtualCosts, WorkClock,
    WorkerCount,
};

use super::world::{FRAME, Pace, Rig};

/// The stated costs of apply, as in scenarios.
pub(super) const APPLY_US_PER_ENTITY: f64 = 1.0;
pub(super) const APPLY_NS_PER_BYTE: f64 = 0.5;

/// A world on the virtual clock with so many virtual workers.
pub(super) fn virtual_rig(
    generator: &Arc<dyn ChunkGenerator>,
    service: ServiceCost,
    workers: usize,
    values: StreamingValues,
) -> Rig {
    let plugin = AsyncChunkPlugin::new(Arc::clone(generator))
        .with_workers(WorkerCount::Fixed(workers))
        .with_clock(WorkClock::Virtual(VirtualCosts {
            service,
            apply_us_per_entity: APPLY_US_PER_ENTITY,
            apply_ns_per_byte: APPLY_NS_PER_BYTE,
        }));
    Rig::new(plugin, values, Pace::Stated)
}

/// A way to drive, from the origin on.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Path {
    /// Along x.
    Straight,
    /// Along x, turning by 100 degrees every three seconds.
    ZigZag,
    /// Round a circle of that radius in metres.
    Circle(f64),
}

impl Path {
    /// Where one is after driving so far at that speed, in m/s.
    pub fn at(self, secs: f64, speed_mps: f64) -> DVec2 {
        match self {
            Self::Straight => DVec2::new(secs * speed_mps, 0.0),
            Self::ZigZag => {
                const LEG_SECS: f64 = 3.0;
                let (east, across) = 50.0_f64.to_radians().sin_cos();
                // Forward by the cosine of 50 degrees, across by its sine, to and fro.
                let (forward, across) = (across, east);
                let leg = (secs / LEG_SECS).floor();
                let within = secs - leg * LEG_SECS;
                let swing = if (leg as u64).is_multiple_of(2) {
                    within
                } else {
                    LEG_SECS - within
                };
                DVec2::new(secs * forward, swing * across) * speed_mps
            }
            Self::Circle(radius_m) => {
                let angle = (secs * speed_mps / radius_m) % TAU;
                DVec2::new(angle.sin(), 1.0 - angle.cos()) * radius_m
            }
        }
    }

    /// As it is called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Straight => "straight",
            Self::ZigZag => "zig-zag",
            Self::Circle(_) => "curve",
        }
    }
}

/// Drives for so many frames, and calls `each` after every one with the place of the focus.
pub(super) fn drive(
    rig: &mut Rig,
    path: Path,
    speed_mps: f64,
    frames: u32,
    mut each: impl FnMut(&Rig, DVec2),
) {
    let start = rig.focus_in_world();
    for frame in 1..=frames {
        let at = start + path.at(FRAME.as_secs_f64() * f64::from(frame), speed_mps);
        rig.place_focus(at);
        rig.step();
        each(rig, at);
    }
}

/// How long a virtual run may take to settle, in true time.
pub(super) const SETTLE_LIMIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_keeps_its_speed() {
        for path in [Path::Straight, Path::ZigZag, Path::Circle(500.0)] {
            let mut way_m = 0.0;
            let step = 0.01;
            for n in 0..1_000 {
                let t = f64::from(n) * step;
                way_m += path.at(t, 30.0).distance(path.at(t + step, 30.0));
            }
            assert!((way_m - 300.0).abs() < 1.0, "{}: {way_m} m", path.name());
        }
    }
}
