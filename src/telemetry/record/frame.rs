//! What a frame is made of beside streaming: the rest of the main schedule, the renderer, sleep, and where the player was.
//!
//! ```text
//!  a frame:  │ recording │ rest of Last ┊ renderer ┊ sleep ┊ unattributed ┊ First … streaming … Last │
//!            └───────── main schedule ──┘                                └────── main schedule ──────┘
//! ```

use std::time::{Duration, Instant};

use bevy::{
    app::MainScheduleOrder,
    ecs::{
        schedule::{ScheduleLabel, SingleThreadedExecutor},
        system::SystemParam,
    },
    prelude::*,
};

use super::renderer::{self, RendererClock};
use crate::{
    streaming::{FocusPurpose, StreamingFocus, WorldOrigin},
    telemetry::{
        route::{Route, RoutePoint},
        sample::Sample,
    },
};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<MainSchedule>()
        .init_resource::<FrameSleep>()
        .add_plugins(renderer::plugin)
        .init_schedule(MainBegins)
        .init_schedule(MainEnds)
        .add_systems(MainBegins, |mut main: ResMut<MainSchedule>| main.begin())
        .add_systems(MainEnds, |mut main: ResMut<MainSchedule>| main.end());
    for label in [MainBegins.intern(), MainEnds.intern()] {
        app.edit_schedule(label, |schedule| {
            schedule.set_executor(SingleThreadedExecutor::new());
        });
    }
    if let Some(mut order) = app.world_mut().get_resource_mut::<MainScheduleOrder>() {
        order.insert_before(First, MainBegins);
        order.insert_after(Last, MainEnds);
    }
}

/// Runs before everything else of a frame.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct MainBegins;

/// Runs after everything else of a frame.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
struct MainEnds;

/// How long the main schedule took since the last recording.
#[derive(Resource, Default)]
pub(super) struct MainSchedule {
    counted_until: Option<Instant>,
    total: Duration,
    was_recorded: bool,
}

impl MainSchedule {
    fn begin(&mut self) {
        self.counted_until = Some(Instant::now());
    }

    fn end(&mut self) {
        self.count(Instant::now());
        self.counted_until = None;
    }

    fn count(&mut self, now: Instant) {
        if let Some(from) = self.counted_until.replace(now) {
            self.total += now.saturating_duration_since(from);
        }
    }

    /// Its time between the last recording and the one that begins now, ms; `None` for the first.
    fn take_ms(&mut self, now: Instant) -> Option<f64> {
        self.count(now);
        let total = std::mem::take(&mut self.total);
        let was_recorded = std::mem::replace(&mut self.was_recorded, true);
        was_recorded.then(|| ms(total))
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How long the program slept since the last frame until the next was due. Whoever drives the frames adds to it.
#[derive(Resource, Copy, Clone, Debug, Default, PartialEq)]
pub struct FrameSleep(Option<Duration>);

impl FrameSleep {
    /// Adds to the sleep of the coming frame; nothing was slept is data, too.
    pub fn add(&mut self, slept: Duration) {
        *self.0.get_or_insert_default() += slept;
    }
}

/// What a runner states about this frame on the virtual clock, where frames may cost more than their due. Put in
/// before the frame is recorded; without it a frame has the length of its step.
#[derive(Resource, Copy, Clone, Debug, PartialEq)]
pub struct FrameStatement {
    /// Length of the frame, ms.
    pub dt_ms: f64,
    /// The renderer's part of it, ms.
    pub render_ms: f64,
}

/// What is read about a frame beside what streaming counted.
#[derive(SystemParam)]
pub(super) struct FrameTimes<'w, 's> {
    main: ResMut<'w, MainSchedule>,
    renderer: Res<'w, RendererClock>,
    sleep: ResMut<'w, FrameSleep>,
    statement: Option<Res<'w, FrameStatement>>,
    foci: Query<'w, 's, (&'static GlobalTransform, &'static FocusPurpose), With<StreamingFocus>>,
    origin: Option<Res<'w, WorldOrigin>>,
}

impl FrameTimes<'_, '_> {
    /// The stated length of this frame, if somebody states it.
    pub(super) fn stated_ms(&self) -> Option<f64> {
        self.statement.as_ref().map(|statement| statement.dt_ms)
    }

    /// Fills in what was outside of streaming, overlay and recording, which the sample holds already. What stood in for
    /// a renderer within the main schedule is the renderer's.
    pub(super) fn fill(&mut self, sample: &mut Sample, now: Instant, stand_in: Option<Duration>) {
        let stand_in_ms = stand_in.map(ms);
        let named_ms = sample.streaming_ms()
            + sample.overlay_ms.unwrap_or(0.0)
            + sample.record_ms
            + stand_in_ms.unwrap_or(0.0);
        sample.game_ms = self
            .main
            .take_ms(now)
            .map(|main_ms| (main_ms - named_ms).max(0.0));
        let renderer_ms = self.renderer.take_ms();
        sample.render_ms = match (renderer_ms, stand_in_ms) {
            (Some(renderer_ms), Some(stand_in_ms)) => Some(renderer_ms + stand_in_ms),
            (one, other) => one.or(other),
        };
        sample.sleep_ms = self.sleep.0.take().map(ms);
        sample.stated_render_ms = self.statement.as_ref().map(|stated| stated.render_ms);
    }

    /// Writes down where the first focus that sees is.
    pub(super) fn follow_route(&self, route: &mut Route, t_secs: f64) {
        if !route.is_due(t_secs) {
            return;
        }
        let sees = self
            .foci
            .iter()
            .find(|(_, purpose)| **purpose == FocusPurpose::See);
        let Some((place, _)) = sees else { return };
        let origin = self.origin.as_deref().copied().unwrap_or_default();
        let at = origin.to_world(place.translation());
        let facing = place.forward();
        route.push(RoutePoint {
            t_secs,
            x: at.x,
            y: at.y,
            z: at.z,
            // Without the sign of a zero, which nobody reads.
            heading_deg: f64::from(facing.x.atan2(-facing.z).to_degrees()) + 0.0,
        });
    }
}
