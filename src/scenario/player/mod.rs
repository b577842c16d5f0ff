//! Plays a script: asks the cursor what is due and turns it into requests of the game, proposals and switches.

mod keys;
mod moment;
mod perform;
mod route;
mod stress;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bevy::app::AppExit;
use bevy::ecs::system::SystemParam;
use bevy::input::InputSystems;
use bevy::input::keyboard::KeyboardInput;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use ringroad_streaming::{
    FaultSwitches, FocusPurpose, LawBook, Preloads, ProposeSettings, SettingRefused, SettingSource,
    StreamingFocus, StreamingMetrics, StreamingRequest, StreamingSettings, WorldOrigin,
};

use super::charges::FrameCharges;
use super::pictures::{Pictures, is_held};
use super::preloads::PreloadLog;
use super::record::{RecordSystems, RunRecord};
use super::{Act, Facts, Scenario, ScriptCursor};
use crate::game::focus::MainFocus;
use crate::game::script::{GameRequest, Journey};
use crate::modes::{OverlayDepth, RenderMode, ShowCard};
use crate::settings::AutopilotRequest;
use crate::telemetry::{PanelData, SaveBundle, Scrub, Telemetry};
use keys::release_keys;
use perform::perform;
use route::{Route, Step};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        play.before(InputSystems)
            .run_if(resource_exists::<ScriptPlayer>.and_then(not(is_held))),
    )
    .add_plugins((moment::plugin, stress::plugin))
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
    /// A teleport that waits for the preload of this index in the log.
    waiting_jump: Option<(DVec2, usize)>,
    held: Vec<(KeyCode, Duration)>,
    /// Time that passed while the script stood still for a picture; none does on the virtual clock.
    stood_still: Duration,
}

impl ScriptPlayer {
    /// At the start of a script.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            cursor: ScriptCursor::new(scenario),
            frame: 0,
            route: None,
            waiting_jump: None,
            held: Vec::new(),
            stood_still: Duration::ZERO,
        }
    }

    fn travel(&mut self, legs: Vec<GameRequest>, is_endless: bool) {
        self.route = Some(Route::new(legs, is_endless));
    }

    /// One more leg, after what is on its way if it says so.
    fn travel_on(&mut self, leg: GameRequest, then: bool) {
        match &mut self.route {
            Some(route) if then && !route.is_endless() => route.push(leg),
            _ => self.travel(vec![leg], false),
        }
    }

    /// The next order of the route, when the last one is done.
    fn next_leg(&mut self, journey: &Journey) -> Option<GameRequest> {
        match self.route.as_mut()?.advance(self.frame, journey) {
            Step::Order(leg) => Some(leg),
            Step::OnTheWay => None,
            Step::Over => {
                self.route = None;
                None
            }
        }
    }

    fn is_travelling(&self) -> bool {
        let has_end = |route: &Route| !route.is_endless();
        self.waiting_jump.is_some() || self.route.as_ref().is_some_and(has_end)
    }
}

/// What a script looks at.
#[derive(SystemParam)]
struct Seen<'w, 's> {
    time: Res<'w, Time<Real>>,
    metrics: Res<'w, StreamingMetrics>,
    settings: Res<'w, StreamingSettings>,
    journey: Res<'w, Journey>,
    origin: Res<'w, WorldOrigin>,
    foci: Query<'w, 's, (&'static GlobalTransform, &'static FocusPurpose), With<StreamingFocus>>,
    players: Query<'w, 's, &'static GlobalTransform, With<MainFocus>>,
    window: Query<'w, 's, Entity, With<PrimaryWindow>>,
    mode: Res<'w, RenderMode>,
    telemetry: Option<Res<'w, Telemetry>>,
    laws: Option<Res<'w, LawBook>>,
}

/// What a script moves.
#[derive(SystemParam)]
struct Strings<'w> {
    requests: MessageWriter<'w, GameRequest>,
    streaming: MessageWriter<'w, StreamingRequest>,
    proposals: MessageWriter<'w, ProposeSettings>,
    autopilot: MessageWriter<'w, AutopilotRequest>,
    keys: MessageWriter<'w, KeyboardInput>,
    exit: MessageWriter<'w, AppExit>,
    depth: ResMut<'w, OverlayDepth>,
    cards: MessageWriter<'w, ShowCard>,
    scrub: Option<ResMut<'w, Scrub>>,
    faults: Option<Res<'w, Faults>>,
    preloads: ResMut<'w, Preloads>,
    preload_log: ResMut<'w, PreloadLog>,
    pictures: ResMut<'w, Pictures>,
    record: ResMut<'w, RunRecord>,
    charges: ResMut<'w, FrameCharges>,
    bundles: MessageWriter<'w, SaveBundle>,
}

impl Seen<'_, '_> {
    /// What the panel shows at this moment; `None` in a program without telemetry.
    fn panel(&self) -> Option<PanelData> {
        let telemetry = self.telemetry.as_ref()?;
        Some(PanelData::collect(
            telemetry,
            &self.metrics,
            self.settings.values(),
            self.laws.as_deref(),
        ))
    }

    fn facts(&self, player: &ScriptPlayer) -> Facts {
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
        let is_jumping = player.waiting_jump.is_some() || self.journey.awaits_preload;
        Facts {
            is_at_rest: !is_jumping && under_way.iter().all(|count| *count == 0),
            is_scanned: gauges.wanted > 0 || self.foci.is_empty(),
            chunk_entities: gauges.chunk_entities,
            scan_interval_secs: self.settings.scan_interval_secs,
        }
    }

    /// The hash of what is there, if all of it is.
    fn content_hash(&self, record: &RunRecord) -> Option<u64> {
        let gauges = &self.metrics.gauges;
        let is_settled = gauges.wanted > 0 && gauges.missing == 0;
        let values = self.settings.values();
        is_settled
            .then(|| record.content_hash(self.foci.iter(), &self.origin, values))
            .flatten()
    }

    /// Where the player is, on the ground plane of the world.
    fn here(&self) -> DVec2 {
        let foci = self.foci.iter().map(|(place, _)| place);
        let mut places = self.players.iter().chain(foci);
        let place = places.next().map(GlobalTransform::translation);
        self.origin.to_world(place.unwrap_or_default()).xz()
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
    let is_travelling = player.is_travelling() || seen.journey.awaits_preload;
    let facts = seen.facts(&player);
    for act in player.cursor.advance(now, facts, is_travelling) {
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
    jump_when_ready(&mut player, &seen, &mut strings);
    if let Some(leg) = player.next_leg(&seen.journey) {
        strings.requests.write(leg);
    }
}

/// A teleport that waits for a ticket goes in the frame after everything of it is there.
fn jump_when_ready(player: &mut ScriptPlayer, seen: &Seen, strings: &mut Strings) {
    let Some((to, index)) = player.waiting_jump else {
        return;
    };
    if strings.preload_log.is_ready(index) {
        player.waiting_jump = None;
        strings.preload_log.note_jump(index, seen.time.elapsed());
        strings.requests.write(GameRequest::Teleport {
            x: to.x,
            z: to.y,
            heading_deg: None,
            after_preload: false,
        });
    }
}
