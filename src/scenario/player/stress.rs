//! Serves what the stress card asks for with the switches that scripts use. Seeded by the world, written into the log.

use std::time::Duration;

use bevy::ecs::system::SystemParam;
use bevy::math::DVec2;
use bevy::prelude::*;
use ringroad_streaming::{StreamingRequest, StreamingSettings, WorldOrigin};

use super::Faults;
use super::route::{Route, Step, orbit};
use crate::game::focus::MainFocus;
use crate::game::script::{GameRequest, Journey};
use crate::modes::{StressRequest, StressState};
use crate::telemetry::{Telemetry, log::EventKind};

/// Teleports of one order.
const TELEPORTS: u32 = 10;
/// One teleport a second.
const TELEPORT_EVERY: Duration = Duration::from_secs(1);
/// As far as a teleport goes in each direction, metres.
const TELEPORT_REACH_M: f64 = 20_000.0;
/// The circuit: radius in metres, speed in m/s.
const CIRCUIT: (f64, f64) = (800.0, 60.0);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Trouble>()
        .init_resource::<StressState>()
        .add_message::<StressRequest>()
        .add_systems(Startup, |mut state: ResMut<StressState>| {
            state.is_served = true;
        })
        .add_systems(
            PreUpdate,
            serve.run_if(on_message::<StressRequest>.or_else(goes_on)),
        );
}

/// What takes more than one frame.
#[derive(Resource, Default)]
struct Trouble {
    frame: u64,
    jumps: Vec<DVec2>,
    next_jump_at: Duration,
    route: Option<Route>,
    stall_until: Duration,
}

fn goes_on(trouble: Res<Trouble>, state: Res<StressState>) -> bool {
    !trouble.jumps.is_empty() || trouble.route.is_some() || state.stall_left_secs > 0.0
}

/// Where the player is, and the clock.
#[derive(SystemParam)]
struct Here<'w, 's> {
    time: Res<'w, Time<Real>>,
    settings: Res<'w, StreamingSettings>,
    origin: Res<'w, WorldOrigin>,
    journey: Res<'w, Journey>,
    players: Query<'w, 's, &'static GlobalTransform, With<MainFocus>>,
}

impl Here<'_, '_> {
    fn place(&self) -> DVec2 {
        let place = self.players.iter().next().map(GlobalTransform::translation);
        self.origin.to_world(place.unwrap_or_default()).xz()
    }
}

fn serve(
    mut asked: MessageReader<StressRequest>,
    here: Here,
    faults: Option<Res<Faults>>,
    mut trouble: ResMut<Trouble>,
    mut state: ResMut<StressState>,
    mut telemetry: Option<ResMut<Telemetry>>,
    mut game: MessageWriter<GameRequest>,
    mut streaming: MessageWriter<StreamingRequest>,
) {
    let Some(faults) = faults else {
        asked.clear();
        return;
    };
    let faults = &faults.0;
    let now = here.time.elapsed();
    let seed = here.settings.seed;
    trouble.frame += 1;
    for request in asked.read() {
        if let Some(telemetry) = &mut telemetry {
            telemetry.note(
                EventKind::Warning,
                format!("stress: {}", words(*request, seed)),
            );
        }
        match *request {
            StressRequest::TeleportTen => {
                trouble.route = None;
                trouble.jumps = jumps(here.place(), seed);
                trouble.next_jump_at = now;
            }
            StressRequest::PanicRate(rate) => {
                state.panic_rate = rate.clamp(0.0, 1.0);
                faults.set_panic_rate(state.panic_rate);
            }
            StressRequest::SlowWorkers { ms } => {
                state.slow_ms = ms.clamp(0.0, 10_000.0);
                faults.set_slow_ms(state.slow_ms);
            }
            StressRequest::Stall { secs } => {
                trouble.stall_until = now + Duration::from_secs_f64(secs.clamp(0.0, 600.0));
                faults.stall_until(trouble.stall_until);
            }
            StressRequest::FlyCircuit => {
                let (radius_m, speed_mps) = CIRCUIT;
                trouble.jumps.clear();
                trouble.route = Some(Route::new(orbit(here.place(), radius_m, speed_mps), true));
            }
            StressRequest::GoTo { x, z } => {
                trouble.jumps.clear();
                trouble.route = None;
                game.write(teleport(DVec2::new(x, z)));
            }
            StressRequest::Calm => {
                *trouble = Trouble {
                    frame: trouble.frame,
                    ..Trouble::default()
                };
                faults.clear_panics();
                faults.set_slow_ms(0.0);
                faults.stall_until(Duration::ZERO);
                state.panic_rate = 0.0;
                state.slow_ms = 0.0;
                game.write(GameRequest::StopAutopilot);
                streaming.write(StreamingRequest::RetryQuarantined);
            }
        }
    }
    if now >= trouble.next_jump_at
        && let Some(place) = trouble.jumps.pop()
    {
        trouble.next_jump_at = now + TELEPORT_EVERY;
        game.write(teleport(place));
    }
    let frame = trouble.frame;
    if let Some(Step::Order(leg)) = trouble
        .route
        .as_mut()
        .map(|route| route.advance(frame, &here.journey))
    {
        game.write(leg);
    }
    state.teleports_left = trouble.jumps.len() as u32;
    state.is_circling = trouble.route.is_some();
    state.stall_left_secs = trouble.stall_until.saturating_sub(now).as_secs_f64();
}

fn teleport(to: DVec2) -> GameRequest {
    GameRequest::Teleport {
        x: to.x,
        z: to.y,
        heading_deg: None,
        after_preload: false,
    }
}

/// Where the teleports go, last first: places that follow from the seed, and back home at the end.
fn jumps(home: DVec2, seed: u64) -> Vec<DVec2> {
    let mut drawn = seed;
    let mut reach = || {
        drawn = drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let unit = (mixed(drawn) >> 11) as f64 / (1_u64 << 53) as f64;
        (2.0 * unit - 1.0) * TELEPORT_REACH_M
    };
    let mut places: Vec<DVec2> = (1..TELEPORTS)
        .map(|_| home + DVec2::new(reach(), reach()))
        .collect();
    places.push(home);
    places.reverse();
    places
}

/// The finalizer of splitmix64 (Steele, Lea and Flood, 2014).
fn mixed(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

fn words(request: StressRequest, seed: u64) -> String {
    match request {
        StressRequest::TeleportTen => format!("{TELEPORTS} teleports, seed {seed}"),
        StressRequest::PanicRate(rate) => {
            format!("{:.0} % of generations panic, seed {seed}", rate * 100.0)
        }
        StressRequest::SlowWorkers { ms } => format!("each generation takes {ms} ms longer"),
        StressRequest::Stall { secs } => format!("no generation ends for {secs} s"),
        StressRequest::FlyCircuit => {
            format!("circles of {} m at {} m/s", CIRCUIT.0, CIRCUIT.1)
        }
        StressRequest::GoTo { x, z } => format!("goes to ({x:.0}, {z:.0})"),
        StressRequest::Calm => "everything back to normal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_jump_to_equal_places_and_come_home() {
        let home = DVec2::new(300.0, -40.0);
        let places = jumps(home, 7);
        assert_eq!(places, jumps(home, 7));
        assert_ne!(places, jumps(home, 8));
        assert_eq!(places.len(), TELEPORTS as usize);
        assert_eq!(places[0], home, "the last one leads home");
    }
}
