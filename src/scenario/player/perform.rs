//! What each event of a script does.

use std::time::Duration;

use bevy::math::DVec2;
use bevy::prelude::*;
use ringroad_streaming::{
    ChunkCoord, FaultSwitches, ProposeSettings, SettingSource, StreamingRequest,
};

use super::keys::press;
use super::route::{orbit, shuttle};
use super::{ScriptPlayer, Seen, Strings};
use crate::game::script::GameRequest;
use crate::modes::{OverlayDepth, ShowCard};
use crate::scenario::{Depth, Event};
use crate::settings::{AutopilotRequest, AutopilotTarget, SettingValue};
use crate::telemetry::{Advice, BundleReason, SaveBundle, panel_text};

/// Does it, or asks for it.
pub(super) fn perform(event: Event, player: &mut ScriptPlayer, seen: &Seen, strings: &mut Strings) {
    match event {
        // The cursor keeps these three to itself.
        Event::Settle { .. } | Event::Repeat { .. } | Event::Quit => {}
        Event::Mark(name) => {
            let hash = seen.content_hash(&strings.record);
            let panel = seen.panel();
            strings
                .record
                .mark(&name, &seen.metrics, hash, panel.as_ref());
        }
        Event::DriveTo { .. }
        | Event::FlyTo { .. }
        | Event::FlyArc { .. }
        | Event::Shuttle { .. }
        | Event::Orbit { .. } => travel(&event, player, seen),
        Event::Look { yaw_deg, pitch_deg } => {
            strings
                .requests
                .write(GameRequest::Look { yaw_deg, pitch_deg });
        }
        Event::Teleport {
            x,
            z,
            after_preload,
        } => teleport(DVec2::new(x, z), after_preload, player, strings),
        Event::Respawn => {
            player.route = None;
            strings.requests.write(GameRequest::Respawn);
        }
        Event::Preload {
            x,
            z,
            radius,
            within,
        } => {
            let (at, within) = (DVec2::new(x, z), Duration::from_secs_f64(within));
            match strings.preloads.preload(at, radius, within) {
                Ok(ticket) => {
                    let now = seen.time.elapsed();
                    strings.preload_log.note(ticket, at, radius, within, now);
                }
                Err(error) => strings.record.fail(format!("preload: {error}")),
            }
        }
        Event::ReleasePreloads => strings.preload_log.release_all(&mut strings.preloads),
        Event::AddFocus {
            name,
            x,
            z,
            purpose,
        } => {
            strings.requests.write(GameRequest::AddFocus {
                name,
                x,
                z,
                purpose: purpose.into(),
            });
        }
        Event::RemoveFocus { name } => {
            strings.requests.write(GameRequest::RemoveFocus { name });
        }
        Event::DropFocus => {
            strings.requests.write(GameRequest::DropFocus);
        }
        Event::RestoreFocus => {
            strings.requests.write(GameRequest::RestoreFocus);
        }
        Event::EnterVehicle => {
            strings.requests.write(GameRequest::EnterVehicle);
        }
        Event::LeaveVehicle => {
            player.route = None;
            strings.requests.write(GameRequest::LeaveVehicle);
        }
        Event::Pause { secs } => {
            strings.requests.write(GameRequest::Pause { secs });
        }
        Event::LoseFocus { secs } => {
            strings.requests.write(GameRequest::LoseFocus { secs });
        }
        Event::PanicAt { .. }
        | Event::StickAt { .. }
        | Event::PanicRate(_)
        | Event::SlowWorkers { .. }
        | Event::Leak { .. }
        | Event::Stall { .. } => {
            if let Some(faults) = &strings.faults {
                switch_fault(&event, &faults.0, seen);
            }
        }
        Event::ChargeFrames {
            render_ms,
            us_per_chunk,
        } => strings.charges.set(render_ms, us_per_chunk),
        Event::FollowAdvice => follow_advice(seen, strings),
        Event::SaveBundle(name) => match strings.pictures.folder() {
            Some(folder) => {
                strings.bundles.write(SaveBundle {
                    reason: BundleReason::Script,
                    folder: Some(folder.join(name)),
                });
            }
            None => info!("bundle {name} is not saved: no --screenshot folder was given"),
        },
        Event::RetryQuarantined => {
            strings.streaming.write(StreamingRequest::RetryQuarantined);
        }
        Event::GeneratorChanged => {
            strings.streaming.write(StreamingRequest::GeneratorChanged);
        }
        Event::MakeAnew { x, z } => {
            let coord = chunk_at(x, z, seen);
            strings.streaming.write(StreamingRequest::MakeAnew(coord));
        }
        Event::SweepOrphans => {
            strings.streaming.write(StreamingRequest::SweepOrphans);
        }
        Event::Autopilot {
            on,
            streaming_ms,
            nothing_late,
        } => steer(on, streaming_ms, nothing_late, strings),
        Event::Set {
            field,
            value: SettingValue(value),
        } => {
            strings.proposals.write(ProposeSettings {
                changes: vec![(field, value)],
                source: SettingSource::Script,
            });
        }
        Event::View {
            x,
            z,
            height,
            yaw_deg: heading_deg,
            pitch_deg,
        } => {
            strings.requests.write(GameRequest::View {
                x,
                z,
                height,
                heading_deg,
                pitch_deg,
            });
        }
        Event::SetTogether(changes) => {
            strings.proposals.write(ProposeSettings {
                changes,
                source: SettingSource::Script,
            });
        }
        Event::SetTime { hours, runs } => {
            strings.requests.write(GameRequest::SetTime { hours, runs });
        }
        Event::SetWeather(weather) => {
            strings
                .requests
                .write(GameRequest::SetWeather(weather.into()));
        }
        Event::Screenshot(name) => {
            if let Err(why) = strings.pictures.ask(&name, &seen.mode) {
                info!("picture {name} is not taken: {why}");
            }
        }
        Event::PanelText(name) => save_panel_text(&name, seen, strings),
        Event::Key(key) => press(key, Duration::ZERO, player, seen, strings),
        Event::HoldKey { key, secs } => {
            press(key, Duration::from_secs_f64(secs), player, seen, strings);
        }
        Event::Card(card) => {
            strings.cards.write(ShowCard(card));
        }
        Event::LookBack(secs) => {
            // Nothing is shown without a renderer.
            if let (Some(scrub), Some(telemetry)) = (&mut strings.scrub, &seen.telemetry) {
                scrub.at_secs = (secs > 0.0).then(|| (telemetry.now_secs() - secs).max(0.0));
            }
        }
        Event::Overlay(depth) => {
            *strings.depth = match depth {
                Depth::Off => OverlayDepth::Off,
                Depth::Hud => OverlayDepth::Hud,
                Depth::Full => OverlayDepth::Full,
            };
        }
    }
}

fn travel(event: &Event, player: &mut ScriptPlayer, seen: &Seen) {
    match *event {
        Event::DriveTo { x, z } => player.travel(vec![GameRequest::DriveTo { x, z }], false),
        Event::FlyTo {
            x,
            z,
            height,
            speed,
            then,
        } => {
            let leg = GameRequest::FlyTo {
                x,
                z,
                height,
                speed,
            };
            player.travel_on(leg, then);
        }
        Event::FlyArc {
            radius,
            degrees,
            height,
            speed,
            then,
        } => {
            let leg = GameRequest::FlyArc {
                radius_m: radius,
                degrees,
                height,
                speed,
            };
            player.travel_on(leg, then);
        }
        Event::Shuttle { metres, times } => {
            player.travel(shuttle(seen.here(), metres, times), false);
        }
        Event::Orbit { radius, speed } => player.travel(orbit(seen.here(), radius, speed), true),
        _ => {}
    }
}

/// With a ticket of the script's own the jump waits here; without one the game preloads the place itself.
fn teleport(to: DVec2, after_preload: bool, player: &mut ScriptPlayer, strings: &mut Strings) {
    player.route = None;
    player.waiting_jump = None;
    let ticket = after_preload.then(|| strings.preload_log.newest_around(to));
    if let Some(index) = ticket.flatten() {
        player.waiting_jump = Some((to, index));
        return;
    }
    strings.requests.write(GameRequest::Teleport {
        x: to.x,
        z: to.y,
        heading_deg: None,
        after_preload,
    });
}

fn steer(on: bool, streaming_ms: f64, nothing_late: bool, strings: &mut Strings) {
    let request = if on {
        match AutopilotTarget::new(streaming_ms, nothing_late) {
            Ok(target) => AutopilotRequest::SwitchOn(target),
            Err(error) => {
                strings.record.fail(format!("autopilot: {error}"));
                return;
            }
        }
    } else {
        AutopilotRequest::SwitchOff
    };
    strings.autopilot.write(request);
}

fn chunk_at(x: f64, z: f64, seen: &Seen) -> ChunkCoord {
    ChunkCoord::containing_ground(DVec2::new(x, z), seen.settings.chunk_size_m)
}

fn switch_fault(event: &Event, faults: &FaultSwitches, seen: &Seen) {
    match *event {
        Event::PanicAt { x, z } => faults.panic_at(chunk_at(x, z, seen)),
        Event::StickAt { x, z } => faults.stick_at(chunk_at(x, z, seen)),
        Event::PanicRate(rate) => faults.set_panic_rate(rate),
        Event::SlowWorkers { ms } => faults.set_slow_ms(ms),
        Event::Leak { share } => faults.set_leak_share(share),
        Event::Stall { secs } => {
            faults.stall_until(seen.time.elapsed() + Duration::from_secs_f64(secs));
        }
        _ => {}
    }
}

/// What the verdict says is asked for; where it says nothing that can be asked for, nothing is.
fn follow_advice(seen: &Seen, strings: &mut Strings) {
    let Some(health) = seen.panel().map(|panel| panel.health) else {
        return;
    };
    let advice = health.advice.as_ref();
    if let Some(changes) = advice.and_then(Advice::proposal) {
        strings.proposals.write(ProposeSettings {
            changes,
            source: SettingSource::Script,
        });
    } else if let Some(request) = advice.and_then(Advice::request) {
        strings.streaming.write(request);
    } else {
        info!("nothing to follow: {}", health.line());
    }
}

fn save_panel_text(name: &str, seen: &Seen, strings: &mut Strings) {
    let Some(folder) = strings.pictures.folder() else {
        info!("panel text {name} is not saved: no --screenshot folder was given");
        return;
    };
    let file = folder.join(format!("{name}.txt"));
    let Some(data) = seen.panel() else {
        return;
    };
    if let Err(error) = std::fs::write(&file, panel_text(&data)) {
        strings
            .record
            .fail(format!("panel text {}: {error}", file.display()));
    }
}
