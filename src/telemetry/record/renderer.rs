//! For how long the renderer holds the main thread.
//!
//! ```text
//!  in a window     main thread   │ main schedule │ waits for the renderer, extracts │ events │ main schedule │
//!  (pipelined)     render thread │ draws the frame before … acquires, presents       │ draws the frame …
//!  into an image   main thread   │ main schedule │ extracts, draws                   │ main schedule │
//! ```
//!
//! In a window the renderer works beside the main thread, one frame behind; what counts against a frame is the time in
//! which the main thread waits for it. Waiting for the screen is part of that, since the renderer waits there itself.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bevy::{
    app::SubApp,
    prelude::*,
    render::{Render, RenderApp, RenderSystems, pipelined_rendering::RenderExtractApp},
};

/// Needs the renderer's plugins before it; without a renderer nothing is measured.
pub(super) fn plugin(app: &mut App) {
    let clock = RendererClock::default();
    if let Some(pipelined) = app.get_sub_app_mut(RenderExtractApp) {
        time_extraction(pipelined, &clock);
    } else if let Some(renderer) = app.get_sub_app_mut(RenderApp) {
        time_extraction(renderer, &clock);
        renderer
            .insert_resource(clock.clone())
            .add_systems(Render, note_drawn.in_set(RenderSystems::PostCleanup));
    }
    app.insert_resource(clock);
}

/// Shared by the main world and that of the renderer.
#[derive(Resource, Clone, Default)]
pub(super) struct RendererClock(Arc<Mutex<Held>>);

/// What was measured since it was asked last.
#[derive(Default)]
struct Held {
    counted_until: Option<Instant>,
    total: Option<Duration>,
}

impl RendererClock {
    fn begin(&self) {
        self.held().counted_until = Some(Instant::now());
    }

    /// Counts the time since the begin, or since the last end after it.
    fn end(&self) {
        let mut held = self.held();
        let now = Instant::now();
        if let Some(from) = held.counted_until.replace(now) {
            *held.total.get_or_insert_default() += now - from;
        }
    }

    /// How long the renderer held the main thread since this was asked last, ms; `None` without a renderer.
    pub(super) fn take_ms(&self) -> Option<f64> {
        Some(self.held().total.take()?.as_secs_f64() * 1e3)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A renderer that panicked ends the program; what it measured is still a number.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn time_extraction(sub_app: &mut SubApp, clock: &RendererClock) {
    let Some(mut extract) = sub_app.take_extract() else {
        return;
    };
    let clock = clock.clone();
    sub_app.set_extract(move |main, sub| {
        clock.begin();
        extract(main, sub);
        clock.end();
    });
}

fn note_drawn(clock: Res<RendererClock>) {
    clock.end();
}
