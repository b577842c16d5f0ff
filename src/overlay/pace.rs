//! How often the overlay is painted: every frame as long as its own cost allows, less often above the limit.
//!
//! ```text
//!  decide ─► due?  ── yes ─► collect ─► paint ─► tessellate ─► cost of this paint
//!                  └─ no  ─► what was painted last stays in the picture (`picture`), and what was typed waits
//! ```

use std::time::Instant;

use bevy::prelude::*;
use bevy_egui::{
    EguiContextSettings, EguiInput, EguiPostUpdateSet, EguiPrimaryContextPass, EguiRenderOutput,
    PrimaryEguiContext, egui,
};

use super::context::wants_egui;
use crate::{streaming::StreamingHold, telemetry::Telemetry};

/// The overlay may take this share of a frame, or this many milliseconds, whichever is more.
pub const SHARE: f64 = 0.03;
/// See [`SHARE`].
pub const LEAST_MS: f64 = 0.3;
/// Painted at least once in so many frames.
const RAREST: u32 = 15;
/// The same while somebody moves the mouse or types.
const RAREST_IN_USE: u32 = 2;
/// How much a new cost counts against those before.
const NEWS: f64 = 0.2;

/// Where everything that is painted belongs: it runs only in frames that are painted.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Paint;

/// Where what is shown is collected, in `PostUpdate`; inside the overlay's cost.
#[derive(SystemSet, Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Collect;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Pace>()
        .configure_sets(
            PostUpdate,
            (
                Collect
                    .run_if(is_due)
                    .after(start_clock)
                    .before(EguiPostUpdateSet::EndPass),
                EguiPostUpdateSet::ProcessOutput.run_if(is_due),
            ),
        )
        .configure_sets(EguiPrimaryContextPass, Paint.run_if(is_due))
        .add_systems(
            PostUpdate,
            (
                (decide, start_clock)
                    .chain()
                    .before(EguiPostUpdateSet::EndPass),
                stop_clock.after(EguiPostUpdateSet::ProcessOutput),
            )
                .run_if(wants_egui),
        );
}

/// How often is painted, and what one painting costs.
#[derive(Resource, Debug)]
pub struct Pace {
    is_due: bool,
    /// Cost of one painting, ms.
    cost_ms: f64,
    /// Length of a frame, ms.
    frame_ms: f64,
    /// Painted once in so many frames.
    every: u32,
    skipped: u32,
    /// Painted at least once in so many frames, whatever it costs.
    rarest: u32,
    began: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            is_due: true,
            cost_ms: 0.0,
            frame_ms: 1_000.0 / 60.0,
            every: 1,
            skipped: 0,
            rarest: RAREST,
            began: None,
        }
    }
}

impl Pace {
    /// Paints every frame, whatever it costs: for tests that look at each.
    #[cfg(test)]
    pub fn tireless() -> Self {
        Self {
            rarest: 1,
            ..Self::default()
        }
    }

    /// Whether this frame is painted.
    pub fn is_due(&self) -> bool {
        self.is_due
    }

    /// Painted once in so many frames; 1 is every frame.
    pub fn every(&self) -> u32 {
        self.every
    }

    /// What one painting costs, ms.
    pub fn cost_ms(&self) -> f64 {
        self.cost_ms
    }

    /// What the overlay may cost per frame, ms.
    pub fn limit_ms(&self) -> f64 {
        (SHARE * self.frame_ms).max(LEAST_MS)
    }

    /// Counts a frame and says whether it is painted.
    fn step(&mut self, is_in_use: bool) -> bool {
        let rarest = if is_in_use {
            self.rarest.min(RAREST_IN_USE)
        } else {
            self.rarest
        };
        self.skipped += 1;
        self.is_due = self.skipped >= self.every.min(rarest);
        if self.is_due {
            self.skipped = 0;
        }
        self.is_due
    }

    /// Learns what a painting cost and how often there may be one.
    fn learn(&mut self, cost_ms: f64, frame_ms: f64) {
        let mix = |old: f64, new: f64| old + (new - old) * NEWS;
        self.cost_ms = if self.cost_ms == 0.0 {
            cost_ms
        } else {
            mix(self.cost_ms, cost_ms)
        };
        self.frame_ms = mix(self.frame_ms, frame_ms);
        self.every = (self.cost_ms / self.limit_ms())
            .ceil()
            .clamp(1.0, f64::from(RAREST)) as u32;
    }
}

fn is_due(pace: Option<Res<Pace>>) -> bool {
    pace.is_none_or(|pace| pace.is_due)
}

fn decide(
    mut pace: ResMut<Pace>,
    hold: Option<Res<StreamingHold>>,
    mut contexts: Query<
        (&mut EguiContextSettings, &EguiInput, &mut EguiRenderOutput),
        With<PrimaryEguiContext>,
    >,
) {
    let mut is_in_use = false;
    for (_, input, _) in &contexts {
        is_in_use |= input.events.iter().any(|event| {
            !matches!(
                event,
                egui::Event::PointerGone | egui::Event::WindowFocused(_)
            )
        });
    }
    // While everything stands still for a picture, what is in it must be the newest.
    let is_held = hold.is_some_and(|hold| hold.0);
    let is_due = pace.step(is_in_use) || is_held;
    pace.is_due = is_due;
    for (mut settings, _, mut output) in &mut contexts {
        settings.run_manually = !is_due;
        if !is_due && !output.textures_delta.is_empty() {
            // It is in the textures already; it would be copied again in every frame.
            output.textures_delta.clear();
        }
    }
}

fn start_clock(mut pace: ResMut<Pace>) {
    pace.began = Some(Instant::now());
}

fn stop_clock(mut pace: ResMut<Pace>, telemetry: Option<ResMut<Telemetry>>) {
    let Some(began) = pace.began.take() else {
        return;
    };
    let cost_ms = began.elapsed().as_secs_f64() * 1_000.0;
    let Some(mut telemetry) = telemetry else {
        return;
    };
    telemetry.note_overlay_cost(cost_ms);
    if pace.is_due {
        let frame_ms = telemetry
            .samples()
            .last()
            .map_or(0.0, |sample| sample.frame_ms);
        pace.learn(cost_ms, frame_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted_in(pace: &mut Pace, frames: u32, is_in_use: bool) -> u32 {
        (0..frames).map(|_| u32::from(pace.step(is_in_use))).sum()
    }

    #[test]
    fn what_is_cheap_is_painted_in_every_frame() {
        let mut pace = Pace::default();
        pace.learn(0.25, 16.7);
        assert_eq!(painted_in(&mut pace, 60, false), 60);
    }

    #[test]
    fn above_the_limit_it_is_painted_less_often_until_the_mean_is_within() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace.learn(2.0, 16.7);
        }
        let painted = painted_in(&mut pace, 600, false);
        let mean_ms = f64::from(painted) * 2.0 / 600.0;
        assert!(mean_ms <= pace.limit_ms(), "{mean_ms} ms");
        assert!(painted >= 600 / 5, "and no less often than needed");
    }

    #[test]
    fn it_is_never_painted_less_than_four_times_a_second_and_not_under_a_hand() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace.learn(200.0, 16.7);
        }
        assert!(painted_in(&mut pace, 60, false) >= 4);
        assert!(painted_in(&mut pace, 60, true) >= 30);
    }
}
