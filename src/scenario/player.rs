//! Plays a script: asks the cursor what is due and turns it into requests of the game, proposals and switches.

use std::time::Duration;

use bevy::app::AppExit;
use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::KeyboardInput;
use bevy::input::{ButtonState, InputSystems};
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use ringroad_streaming::{
    ChunkCoord, FaultSwitches, LawBook, ProposeSettings, SettingRefused, SettingSource,
    StreamingFocus, StreamingMetrics, StreamingSettings,
};
use std::sync::Arc;

use super::keys::key_message;
use super::pictures::{Pictures, is_held};
use super::record::{RecordSystems, RunRecord};
use super::{Act, Depth, Event, Facts, Scenario, ScriptCursor};
use crate::game::script::{GameRequest, Journey};
use crate::modes::{OverlayDepth, RenderMode};
use crate::settings::SettingValue;
use crate::telemetry::{PanelData, Telemetry, panel_text};

/// Frames after which an order to travel has surely reached the game; `Journey::arrived` means the last one until then.
const ORDER_FRAMES: u64 = 4;
/// Corners of the polygon that stands for a circle.
const ORBIT_CORNERS: u32 = 24;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        play.before(InputSystems)
            .run_if(resource_exists::<ScriptPlayer>.and_then(not(is_held))),
    )
    .add_systems(Last, note_refused_settings.in_set(RecordSystems));
}

/// A setting that the script asked for and did not get is a failure of the run.
fn note_refused_settings(
    mut refused: MessageReader<SettingRefused>,
    mut record: ResMut<RunRecord>,
) {
    for refused in refused.read() {
        if refused.source == SettingSource::Script {
            let asked: Vec<String> = refused
                .changes
                .iter()
                .map(|(field, value)| format!("{field} = {value}"))
                .collect();
            record.fail(format!(
                "the script's Set of {} was refused: {}",
                asked.join(", "),
                refused.reason
            ));
        }
    }
}

/// The faults that a script can switch, shared with the generator.
#[derive(Resource, Clone)]
pub(super) struct Faults(pub Arc<FaultSwitches>);

/// A script that is being played.
#[derive(Resource, Debug)]
pub(super) struct ScriptPlayer {
    cursor: ScriptCursor,
    frame: u64,
    route: Option<Route>,
    held: Vec<(KeyCode, Duration)>,
    /// Time that passed while the script stood still for a picture; none does on the virtual clock.
    stood_still: Duration,
}

/// Places to go to one after the other.
#[derive(Debug)]
struct Route {
    legs: Vec<GameRequest>,
    next: usize,
    ordered_at: u64,
    is_endless: bool,
}

impl ScriptPlayer {
    /// At the start of a script.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            cursor: ScriptCursor::new(scenario),
            frame: 0,
            route: None,
            held: Vec::new(),
            stood_still: Duration::ZERO,
        }
    }

    fn travel(&mut self, legs: Vec<GameRequest>, is_endless: bool) {
        self.route = Some(Route {
            legs,
            next: 0,
            ordered_at: 0,
            is_endless,
        });
    }

    /// The next order of the route, when the last one is done.
    fn next_leg(&mut self, arrived: bool) -> Option<GameRequest> {
        let frame = self.frame;
        let route = self.route.as_mut()?;
        let is_on_its_way = route.next > 0 && (frame < route.ordered_at + ORDER_FRAMES || !arrived);
        if is_on_its_way {
            return None;
        }
        if route.next == route.legs.len() {
            if !route.is_endless {
                self.route = None;
                return None;
            }
            route.next = 0;
        }
        let leg = route.legs[route.next].clone();
        route.next += 1;
        route.ordered_at = frame;
        Some(leg)
    }

    fn is_travelling(&self) -> bool {
        self.route.as_ref().is_some_and(|route| !route.is_endless)
    }
}

/// What a script looks at.
#[derive(SystemParam)]
struct Seen<'w, 's> {
    time: Res<'w, Time<Real>>,
    metrics: Res<'w, StreamingMetrics>,
    settings: Res<'w, StreamingSettings>,
    journey: Res<'w, Journey>,
    foci: Query<'w, 's, &'static GlobalTransform, With<StreamingFocus>>,
    window: Query<'w, 's, Entity, With<PrimaryWindow>>,
    mode: Res<'w, RenderMode>,
    telemetry: Option<Res<'w, Telemetry>>,
    laws: Option<Res<'w, LawBook>>,
}

/// What a script moves.
#[derive(SystemParam)]
struct Strings<'w> {
    requests: MessageWriter<'w, GameRequest>,
    proposals: MessageWriter<'w, ProposeSettings>,
    keys: MessageWriter<'w, KeyboardInput>,
    exit: MessageWriter<'w, AppExit>,
    depth: ResMut<'w, OverlayDepth>,
    faults: Option<Res<'w, Faults>>,
    pictures: ResMut<'w, Pictures>,
    record: ResMut<'w, RunRecord>,
}

impl Seen<'_, '_> {
    fn facts(&self) -> Facts {
        let gauges = &self.metrics.gauges;
        let under_way = [
            gauges.missing,
            gauges.unwanted,
            gauges.queued,
            gauges.active_tasks,
            gauges.completed_results,
            gauges.applying,
            gauges.loading,
        ];
        Facts {
            is_at_rest: under_way.iter().all(|count| *count == 0),
            is_scanned: gauges.wanted > 0 || self.foci.is_empty(),
            chunk_entities: gauges.chunk_entities,
            scan_interval_secs: self.settings.scan_interval_secs,
        }
    }

    /// Where the player is, on the ground plane.
    fn here(&self) -> DVec2 {
        let place = self.foci.iter().next().map(GlobalTransform::translation);
        place.unwrap_or_default().xz().as_dvec2()
    }
}

fn play(mut player: ResMut<ScriptPlayer>, seen: Seen, mut strings: Strings) {
    player.frame += 1;
    release_keys(&mut player, &seen, &mut strings);
    if strings.pictures.is_busy() {
        player.stood_still += seen.time.delta();
        return;
    }
    let now = (seen.time.elapsed() - player.stood_still).as_secs_f64();
    let is_travelling = player.is_travelling();
    for act in player.cursor.advance(now, seen.facts(), is_travelling) {
        match act {
            Act::Do(event) => perform(event, &mut player, &seen, &mut strings),
            Act::Settled { after_secs } => debug!("settled after {after_secs:.2} s"),
            Act::SettleFailed { timeout_secs } => {
                let gauges = &seen.metrics.gauges;
                strings.record.fail(format!(
                    "settle: not at rest after {timeout_secs} s ({} missing, {} unwanted, {} loading)",
                    gauges.missing, gauges.unwanted, gauges.loading
                ));
            }
            Act::End => {
                strings.exit.write(AppExit::Success);
            }
        }
    }
    if let Some(leg) = player.next_leg(seen.journey.arrived) {
        strings.requests.write(leg);
    }
}

fn perform(event: Event, player: &mut ScriptPlayer, seen: &Seen, strings: &mut Strings) {
    match event {
        // The cursor keeps these three to itself.
        Event::Settle { .. } | Event::Repeat { .. } | Event::Quit => {}
        Event::Mark(name) => strings.record.mark(&name, &seen.metrics),
        Event::DriveTo { x, z } => player.travel(vec![GameRequest::DriveTo { x, z }], false),
        Event::FlyTo {
            x,
            z,
            height,
            speed,
        } => {
            player.travel(
                vec![GameRequest::FlyTo {
                    x,
                    z,
                    height,
                    speed,
                }],
                false,
            );
        }
        Event::Shuttle { metres, times } => {
            player.travel(shuttle(seen.here(), metres, times), false);
        }
        Event::Orbit { radius, speed } => player.travel(orbit(seen.here(), radius, speed), true),
        Event::Look { yaw_deg, pitch_deg } => {
            strings
                .requests
                .write(GameRequest::Look { yaw_deg, pitch_deg });
        }
        Event::Teleport { x, z } => {
            player.route = None;
            strings.requests.write(GameRequest::Teleport {
                x,
                z,
                heading_deg: None,
            });
        }
        Event::AddFocus { name, x, z } => {
            strings.requests.write(GameRequest::AddFocus { name, x, z });
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
        Event::PanicAt { .. }
        | Event::PanicRate(_)
        | Event::SlowWorkers { .. }
        | Event::Stall { .. } => {
            if let Some(faults) = &strings.faults {
                switch_fault(&event, &faults.0, seen);
            }
        }
        Event::Set {
            field,
            value: SettingValue(value),
        } => {
            strings.proposals.write(ProposeSettings {
                changes: vec![(field, value)],
                source: SettingSource::Script,
            });
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
        Event::Overlay(depth) => {
            *strings.depth = match depth {
                Depth::Off => OverlayDepth::Off,
                Depth::Hud => OverlayDepth::Hud,
                Depth::Full => OverlayDepth::Full,
            };
        }
    }
}

fn switch_fault(event: &Event, faults: &FaultSwitches, seen: &Seen) {
    match *event {
        Event::PanicAt { x, z } => {
            let place = Vec3::new(x as f32, 0.0, z as f32);
            faults.panic_at(ChunkCoord::containing(place, seen.settings.chunk_size_m));
        }
        Event::PanicRate(rate) => faults.set_panic_rate(rate),
        Event::SlowWorkers { ms } => faults.set_slow_ms(ms),
        Event::Stall { secs } => {
            faults.stall_until(seen.time.elapsed() + Duration::from_secs_f64(secs));
        }
        _ => {}
    }
}

fn save_panel_text(name: &str, seen: &Seen, strings: &mut Strings) {
    let Some(folder) = strings.pictures.folder() else {
        info!("panel text {name} is not saved: no --screenshot folder was given");
        return;
    };
    let file = folder.join(format!("{name}.txt"));
    let Some(telemetry) = &seen.telemetry else {
        return;
    };
    let data = PanelData::collect(
        telemetry,
        &seen.metrics,
        seen.settings.values(),
        seen.laws.as_deref(),
    );
    if let Err(error) = std::fs::write(&file, panel_text(&data)) {
        strings
            .record
            .fail(format!("panel text {}: {error}", file.display()));
    }
}

fn press(
    key: KeyCode,
    length: Duration,
    player: &mut ScriptPlayer,
    seen: &Seen,
    strings: &mut Strings,
) {
    strings.keys.write(key_message(
        key,
        ButtonState::Pressed,
        seen.window.single().ok(),
    ));
    player.held.push((key, seen.time.elapsed() + length));
}

fn release_keys(player: &mut ScriptPlayer, seen: &Seen, strings: &mut Strings) {
    let now = seen.time.elapsed();
    let window = seen.window.single().ok();
    player.held.retain(|(key, until)| {
        let is_held = now < *until;
        if !is_held {
            strings
                .keys
                .write(key_message(*key, ButtonState::Released, window));
        }
        is_held
    });
}

/// East by `metres` and back, low and slow enough to stand at the ends.
fn shuttle(from: DVec2, metres: f64, times: u32) -> Vec<GameRequest> {
    let fly_to = |x| GameRequest::FlyTo {
        x,
        z: from.y,
        height: 20.0,
        speed: 20.0,
    };
    (0..times)
        .flat_map(|_| [fly_to(from.x + metres), fly_to(from.x)])
        .collect()
}

/// Once around, as a polygon.
fn orbit(middle: DVec2, radius: f64, speed: f64) -> Vec<GameRequest> {
    (0..ORBIT_CORNERS)
        .map(|corner| {
            let angle = std::f64::consts::TAU * f64::from(corner) / f64::from(ORBIT_CORNERS);
            let place = middle + radius * DVec2::from_angle(angle);
            GameRequest::FlyTo {
                x: place.x,
                z: place.y,
                height: 60.0,
                speed,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn player() -> ScriptPlayer {
        let source = r#"Scenario(name: "t", generator: City, events: [])"#;
        ScriptPlayer::new(&Scenario::parse(Path::new("t.ron"), source).expect("legal"))
    }

    #[test]
    fn a_route_waits_for_each_arrival_and_does_not_believe_the_last_one() {
        let mut player = player();
        player.travel(shuttle(DVec2::ZERO, 6.0, 2), false);
        let mut legs = 0;
        for _ in 0..4 {
            // The game still says "arrived" of the order before.
            assert!(player.next_leg(true).is_some());
            legs += 1;
            for _ in 0..ORDER_FRAMES - 1 {
                player.frame += 1;
                assert!(player.next_leg(true).is_none());
            }
            player.frame += 1;
            assert!(player.next_leg(false).is_none() && player.is_travelling());
        }
        assert_eq!(legs, 4);
        assert!(player.next_leg(true).is_none() && !player.is_travelling());
    }

    #[test]
    fn only_refusals_of_the_script_fail_the_run() {
        let mut app = App::new();
        app.add_message::<SettingRefused>()
            .init_resource::<RunRecord>()
            .add_systems(Last, note_refused_settings);
        for source in [SettingSource::Panel, SettingSource::Script] {
            app.world_mut().write_message(SettingRefused {
                changes: vec![("load_radius_m".to_owned(), "9".to_owned())],
                reason: format!("{source:?} says so"),
                source,
            });
        }
        app.update();
        let failures = app.world().resource::<RunRecord>().failures();
        let [failure] = failures else {
            panic!("one failure: {failures:?}");
        };
        assert!(failure.contains("load_radius_m = 9") && failure.contains("Script says so"));
    }

    #[test]
    fn an_orbit_goes_on_for_ever_and_holds_back_no_end() {
        let mut player = player();
        player.travel(orbit(DVec2::new(10.0, 20.0), 100.0, 30.0), true);
        assert!(!player.is_travelling());
        for _ in 0..3 * ORBIT_CORNERS {
            let Some(GameRequest::FlyTo { x, z, .. }) = player.next_leg(true) else {
                panic!("another corner");
            };
            assert!((DVec2::new(x - 10.0, z - 20.0).length() - 100.0).abs() < 1e-9);
            player.frame += ORDER_FRAMES;
        }
    }
}
