//! The game: a person and a car in the streamed city, seen through a camera, moved by keys and mouse or by a script.
//!
//! ```text
//! First             after the scene moved under its origin      added foci go back to their places
//! PreUpdate         Keys ─► Menu ─► Act ─► Cursor           what was pressed in this frame
//! before fixed      Requests ─► Look ─► Intend              what the bodies are asked to do
//! FixedUpdate       Remember ─► Crowd ─► Pilot ─► Move ─► Knocks ─► People ─► Journey    64 steps a second
//! after fixed       Interpolate ─► Focus                    where things are drawn, what streaming follows
//! Update            StreamingSet::*, then the collision index follows the chunks
//! PostUpdate        Bodies ─► Camera ─► Sky                 only where something is drawn
//! ```
//!
//! Physics, autopilot and journey have coordinates of the world (`f64`); only what is drawn, and the foci, are in the scene,
//! whose origin follows the player. Where the one becomes the other (`Interpolate`), nothing is kept, so nothing jumps.
//!
//! Without a renderer the same bodies, collision, autopilot and journey run; only what draws is left out.

pub mod autopilot;
pub mod body;
pub mod camera;
pub mod car;
pub mod city_map;
pub mod collision;
pub mod control;
pub mod crowd;
mod cursor;
pub mod daylight;
mod figure;
pub mod flight;
pub mod focus;
pub mod help;
mod hud;
mod interruption;
pub mod keys;
mod knocks;
mod land_height;
pub mod look;
mod low_resolution;
mod orders;
mod palette;
pub mod pause;
pub mod people;
mod photo;
pub mod pilot;
mod quality;
pub mod script;
pub mod sky;
mod spawn;
mod standoff;
pub mod sunlight;
mod toast;
pub mod traffic;
pub mod travel;
mod ui;
pub mod walker;
pub mod weather;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bevy::input::InputSystems;
use bevy::prelude::*;
use bevy::transform::TransformSystems;

use crate::modes::{self, RenderMode};
use crate::streaming::{ChunkCollidable, OriginShifted, WorldOrigin};

/// The whole game. Wants [`RenderMode`] inserted before it (absent counts as headless), the streaming plugin beside it,
/// and of Bevy at least time, states, input, assets and transforms.
pub struct GamePlugin;

impl Plugin for GamePlugin {
    fn build(&self, app: &mut App) {
        modes::ensure(app);
        app.init_resource::<RenderMode>()
            // Streaming brings them too; without it the scene's origin stays where the world's is.
            .init_resource::<WorldOrigin>()
            .add_message::<OriginShifted>()
            .add_message::<ChunkCollidable>();
        configure_sets(app);
        // A hitch must not be answered by a second of physics in one frame.
        app.add_systems(PreStartup, |mut time: ResMut<Time<Virtual>>| {
            time.set_max_delta(MAX_FRAME);
        });
        app.add_plugins((
            (keys::plugin, help::plugin, pause::plugin),
            (interruption::plugin, look::plugin),
            (city_map::plugin, land_height::plugin),
            palette::plugin,
            (daylight::plugin, weather::plugin),
            collision::plugin,
            spawn::plugin,
            body::plugin,
            walker::plugin,
            car::plugin,
            control::plugin,
            pilot::plugin,
            (orders::plugin, script::plugin),
            (focus::plugin, camera::plugin),
            (
                crowd::plugin,
                people::plugin,
                traffic::plugin,
                knocks::plugin,
            ),
        ));
        let mode = app.world().resource::<RenderMode>().clone();
        if mode.draws() {
            app.add_plugins((
                quality::drawn,
                low_resolution::drawn,
                camera::drawn,
                sky::drawn,
                car::drawn,
                figure::drawn,
                people::drawn,
                traffic::drawn,
                hud::drawn,
                help::drawn,
                pause::drawn,
                toast::drawn,
                photo::drawn,
            ));
        }
        if matches!(mode, RenderMode::Window) {
            app.add_plugins(cursor::windowed);
        }
    }
}

/// The longest frame that game time follows; beyond it the game slows down.
const MAX_FRAME: Duration = Duration::from_millis(60);

/// Order of the game's systems within their schedules; see the diagram above.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GameSet {
    /// Keys become actions and modes.
    Keys,
    /// The pause menu takes its keys.
    Menu,
    /// Actions of a single press.
    Act,
    /// The cursor follows the mode.
    Cursor,
    /// Requests of scripts.
    Requests,
    /// The mouse turns the view.
    Look,
    /// Held keys become intents.
    Intend,
    /// Bodies remember where they were.
    Remember,
    /// Who is near whom in the streets.
    Crowd,
    /// The autopilot replaces the player's intents.
    Pilot,
    /// Bodies move.
    Move,
    /// What was hit falls or moves.
    Knocks,
    /// People come, walk and go.
    People,
    /// The way is counted.
    Journey,
    /// Transforms are set between two steps.
    Interpolate,
    /// The streaming focus follows.
    Focus,
}

/// Order of what is drawn, in `PostUpdate`; `Ui` runs in `Update`.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DrawSet {
    /// Parts of bodies.
    Bodies,
    /// The camera.
    Camera,
    /// Sky and haze.
    Sky,
    /// HUD and toasts.
    Ui,
}

/// Order of what is made at start.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetupSet {
    /// The graphics quality is chosen (`PreStartup`).
    Quality,
    /// The city's shared meshes and material are named.
    Palette,
    /// The street plan is made.
    Map,
    /// Walker and car are placed.
    Bodies,
    /// Everything that is drawn.
    View,
}

fn configure_sets(app: &mut App) {
    app.configure_sets(
        PreUpdate,
        (GameSet::Keys, GameSet::Menu, GameSet::Act, GameSet::Cursor)
            .chain()
            .after(InputSystems),
    )
    .configure_sets(
        RunFixedMainLoop,
        (
            (GameSet::Requests, GameSet::Look, GameSet::Intend)
                .chain()
                .in_set(RunFixedMainLoopSystems::BeforeFixedMainLoop),
            (GameSet::Interpolate, GameSet::Focus)
                .chain()
                .in_set(RunFixedMainLoopSystems::AfterFixedMainLoop),
        ),
    )
    .configure_sets(
        FixedUpdate,
        (
            GameSet::Remember,
            GameSet::Crowd,
            GameSet::Pilot,
            GameSet::Move,
            GameSet::Knocks,
            GameSet::People,
            GameSet::Journey,
        )
            .chain(),
    )
    .configure_sets(
        PostUpdate,
        (DrawSet::Bodies, DrawSet::Camera, DrawSet::Sky)
            .chain()
            .before(TransformSystems::Propagate),
    )
    .configure_sets(
        Startup,
        (
            SetupSet::Palette,
            SetupSet::Map,
            SetupSet::Bodies,
            SetupSet::View,
        )
            .chain(),
    );
}
