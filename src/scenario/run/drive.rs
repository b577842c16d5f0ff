//! Drives a run without a window frame by frame, on either clock.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use ringroad_streaming::{StreamingHold, run_virtual_workers};

use crate::scenario::pictures::Pictures;
use crate::telemetry::{FrameSleep, FrameStatement, TelemetryFile};

/// The frame rate of the virtual clock, and the pace of the real one without a window.
const FRAMES_PER_SEC: f64 = 60.0;
/// A paced run that is further behind than this does not try to catch up.
const FORGIVEN: Duration = Duration::from_millis(250);

/// Frames of equal length. Work that is due by the end of the coming frame is waited for here, never in the plugin.
/// While a picture is on its way frames have no length, and nothing in them streams or is counted.
pub(super) fn drive_virtual(app: &mut App) {
    let frame = Duration::from_secs_f64(1.0 / FRAMES_PER_SEC);
    // The engine gives the first frame no length.
    let mut next_step = Duration::ZERO;
    let mut telemetry = None;
    while app.should_exit().is_none() {
        let is_held = app.world().resource::<Pictures>().is_busy();
        hold(app.world_mut(), is_held, &mut telemetry);
        let step = if is_held { Duration::ZERO } else { next_step };
        app.insert_resource(TimeUpdateStrategy::ManualDuration(step));
        if !is_held {
            let until = app.world().resource::<Time<Real>>().elapsed() + step;
            run_virtual_workers(app.world_mut(), until);
            next_step = frame;
        }
        app.update();
        if !is_held && let Some(stated) = app.world().get_resource::<FrameStatement>() {
            // A frame that cost more than its due ends later.
            next_step = Duration::from_secs_f64(stated.dt_ms / 1_000.0);
        }
    }
}

/// Stops or goes on with everything that counts. The telemetry file is out of the world meanwhile, so that it gets no rows.
fn hold(world: &mut World, is_held: bool, telemetry: &mut Option<TelemetryFile>) {
    world.insert_resource(StreamingHold(is_held));
    if is_held {
        *telemetry = telemetry
            .take()
            .or_else(|| world.remove_resource::<TelemetryFile>());
    } else if let Some(file) = telemetry.take() {
        world.insert_resource(file);
    }
}

/// True time, paced.
pub(super) fn drive_real(app: &mut App) {
    let frame = Duration::from_secs_f64(1.0 / FRAMES_PER_SEC);
    let mut due = Instant::now();
    while app.should_exit().is_none() {
        let now = Instant::now();
        if due > now {
            std::thread::sleep(due - now);
        } else if now - due > FORGIVEN {
            due = now;
        }
        if let Some(mut sleep) = app.world_mut().get_resource_mut::<FrameSleep>() {
            sleep.add(now.elapsed());
        }
        due += frame;
        app.update();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telemetry_file_gets_no_rows_while_a_picture_is_waited_for() {
        let path = std::env::temp_dir().join(format!("ringroad-held-{}.csv", std::process::id()));
        let mut world = World::new();
        world.insert_resource(TelemetryFile::create(&path).expect("created"));
        let mut telemetry = None;
        for is_held in [false, true, true, false] {
            hold(&mut world, is_held, &mut telemetry);
            assert_eq!(*world.resource::<StreamingHold>(), StreamingHold(is_held));
            assert_eq!(world.contains_resource::<TelemetryFile>(), !is_held);
        }
        std::fs::remove_file(&path).expect("removed");
    }
}
