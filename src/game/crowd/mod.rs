//! What vehicles and people in the streets share: who is near whom, where they are born and retired, and chance.
//!
//! ```text
//!  Mover on every vehicle, person, walker, car ─► gather ─► Movers: who is near? (once a fixed step)
//!  controlled body, view, loaded chunks        ─► Viewer ─► Ring: may somebody be born or retired there?
//! ```
//! They belong to no chunk: a chunk that goes takes away the ground, and they leave by themselves.

mod chance;
mod movers;
mod ring;

use bevy::prelude::*;

pub use chance::Chance;
pub use movers::{Mover, MoverKind, Movers};
pub use ring::{Ring, Viewer};

use super::GameSet;
use crate::city::Signals;
use crate::streaming::StreamingSettings;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Movers>()
        .init_resource::<SignalClock>()
        .init_resource::<Viewer>()
        .init_resource::<CrowdBudget>()
        .add_systems(
            FixedUpdate,
            (
                tell_time.run_if(resource_exists::<StreamingSettings>),
                ring::see,
                movers::report_player,
                movers::gather,
            )
                .chain()
                .in_set(GameSet::Crowd),
        );
}

/// The time of the traffic lights. It goes on whether anybody is in the streets or not.
#[derive(Resource, Clone, Copy, Debug, Deref)]
pub struct SignalClock(Signals);

impl Default for SignalClock {
    fn default() -> Self {
        Self(Signals { seed: 0, secs: 0.0 })
    }
}

fn tell_time(time: Res<Time>, settings: Res<StreamingSettings>, mut clock: ResMut<SignalClock>) {
    clock.0.seed = settings.seed;
    clock.0.secs += time.delta_secs_f64();
}

/// How many of each there may be at most.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrowdBudget {
    /// People on the pavements.
    pub people: usize,
    /// Vehicles on the lanes.
    pub vehicles: usize,
}

impl Default for CrowdBudget {
    fn default() -> Self {
        Self {
            people: 200,
            vehicles: 200,
        }
    }
}
