//! What a frame is made of beside streaming: the rest of the main schedule, what is outside of it, and where the
//! player was.

use std::time::Instant;

use bevy::{ecs::system::SystemParam, prelude::*};

use crate::{
    streaming::{FocusPurpose, StreamingFocus, WorldOrigin},
    telemetry::{
        route::{Route, RoutePoint},
        sample::Sample,
    },
};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FrameBegin>()
        .add_systems(First, note_begin);
}

/// When the main schedule of this frame began, and when that of the one before was recorded.
#[derive(Resource, Default)]
pub(super) struct FrameBegin {
    began: Option<Instant>,
    recorded_before: Option<Instant>,
}

fn note_begin(mut begin: ResMut<FrameBegin>) {
    begin.began = Some(Instant::now());
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
    begin: ResMut<'w, FrameBegin>,
    statement: Option<Res<'w, FrameStatement>>,
    foci: Query<'w, 's, (&'static GlobalTransform, &'static FocusPurpose), With<StreamingFocus>>,
    origin: Option<Res<'w, WorldOrigin>>,
}

impl FrameTimes<'_, '_> {
    /// The stated length of this frame, if somebody states it.
    pub(super) fn stated_ms(&self) -> Option<f64> {
        self.statement.as_ref().map(|statement| statement.dt_ms)
    }

    /// Fills in what was outside of streaming. On the virtual clock only what is stated.
    pub(super) fn fill(&mut self, sample: &mut Sample, now: Instant, overlay_ms: Option<f64>) {
        let recorded_before = self.begin.recorded_before.replace(now);
        if let Some(statement) = &self.statement {
            sample.render_ms = Some(statement.render_ms);
            return;
        }
        if sample.is_stated {
            return;
        }
        let ms =
            |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1e3;
        if let Some(began) = self.begin.began {
            let ours_ms = sample.streaming_ms() + overlay_ms.unwrap_or(0.0);
            sample.game_ms = Some((ms(began, now) - ours_ms).max(0.0));
            sample.render_ms = recorded_before.map(|before| ms(before, began));
        }
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
            heading_deg: f64::from(facing.x.atan2(-facing.z).to_degrees()),
        });
    }
}
