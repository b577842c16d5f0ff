//! Frames that cost something on purpose: a heavy renderer, and jolts from a budget that is too large for it.
//!
//! ```text
//!  virtual clock:  frame = max(1/60 s, render_ms + us_per_chunk × chunks + what streaming was charged)
//!  real clock:     the main thread sleeps for render_ms + us_per_chunk × chunks
//! ```

use std::time::{Duration, Instant};

use bevy::prelude::*;
use ringroad_streaming::StreamingMetrics;

use super::Clock;
use super::pictures::is_held;
use crate::telemetry::{FrameStatement, Telemetry, TelemetrySystems};

/// The due of a frame, ms.
const DUE_MS: f64 = 1_000.0 / 60.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Last,
        charge_frame
            .before(TelemetrySystems::Record)
            .run_if(not(is_held)),
    );
}

/// What each frame costs outside of streaming.
#[derive(Resource, Copy, Clone, Debug)]
pub(super) struct FrameCharges {
    clock: Clock,
    render_ms: f64,
    us_per_chunk: f64,
}

impl FrameCharges {
    /// Nothing, on this clock.
    pub fn on(clock: Clock) -> Self {
        Self {
            clock,
            render_ms: 0.0,
            us_per_chunk: 0.0,
        }
    }

    /// From now on; both 0 is nothing.
    pub fn set(&mut self, render_ms: f64, us_per_chunk: f64) {
        self.render_ms = render_ms;
        self.us_per_chunk = us_per_chunk;
    }

    fn are_on(self) -> bool {
        self.render_ms > 0.0 || self.us_per_chunk > 0.0
    }

    fn outside_ms(self, chunks: u64) -> f64 {
        self.render_ms + self.us_per_chunk * chunks as f64 / 1_000.0
    }

    /// The length of a frame in which streaming was charged so much.
    fn statement(self, chunks: u64, charged_ms: f64) -> FrameStatement {
        let render_ms = self.outside_ms(chunks);
        FrameStatement {
            dt_ms: (render_ms + charged_ms).max(DUE_MS),
            render_ms,
        }
    }
}

fn charge_frame(
    mut commands: Commands,
    charges: Res<FrameCharges>,
    metrics: Res<StreamingMetrics>,
    statement: Option<Res<FrameStatement>>,
    mut telemetry: ResMut<Telemetry>,
) {
    let chunks = metrics.gauges.loaded;
    match (charges.are_on(), charges.clock) {
        (true, Clock::Virtual) => {
            commands.insert_resource(charges.statement(chunks, metrics.frame.charged_ms));
        }
        (true, Clock::Real) => {
            let began = Instant::now();
            std::thread::sleep(Duration::from_secs_f64(
                charges.outside_ms(chunks) / 1_000.0,
            ));
            telemetry.note_render_stand_in(began.elapsed());
        }
        (false, _) if statement.is_some() => {
            commands.remove_resource::<FrameStatement>();
        }
        (false, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_lasts_as_long_as_it_costs_and_never_less_than_its_due() {
        let mut charges = FrameCharges::on(Clock::Virtual);
        assert!(!charges.are_on());
        charges.set(8.0, 50.0);
        let calm = charges.statement(100, 0.5);
        assert_eq!((calm.dt_ms, calm.render_ms), (DUE_MS, 13.0));
        let jolt = charges.statement(100, 40.0);
        assert_eq!(jolt.dt_ms, 53.0);
        charges.set(0.0, 0.0);
        assert!(!charges.are_on());
    }
}
