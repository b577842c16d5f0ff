//! Ringroad: an endless city, streamed chunk by chunk while you drive through it.
//!
//! ```text
//! cli ─► settings ─► scenario ─► game ─► city ─► streaming (the package `ringroad_streaming`)
//!                       overlay ─► telemetry ──────┘
//! ```
#![warn(missing_docs)]

pub use ringroad_streaming as streaming;

pub mod city;
pub mod cli;
pub mod game;
pub mod modes;
#[cfg(feature = "overlay")]
pub mod overlay;
pub mod scenario;
pub mod settings;
pub mod telemetry;

use bevy::app::{PluginGroup, PluginGroupBuilder, ScheduleRunnerPlugin};
use bevy::asset::AssetPlugin;
use bevy::camera::visibility::VisibilityPlugin;
use bevy::input::InputPlugin;
use bevy::log::{Level, LogPlugin};
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::TextureFormat;
use bevy::state::app::StatesPlugin;
use bevy::transform::TransformPlugin;
use bevy::window::{ExitCondition, PresentMode, WindowResolution};
use bevy::winit::{WinitPlugin, WinitSettings};

use crate::game::GamePlugin;
use crate::modes::RenderMode;
use crate::telemetry::{TelemetryPlugin, tracy};

/// The size of the window at the start, in logical pixels.
const WINDOW_SIZE: (u32, u32) = (1280, 720);

/// The game with a renderer. Neither group contains `AsyncChunkPlugin`: which generator fills the world, on which clock, is
/// the builder's choice.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum RingroadPlugins {
    /// In a window.
    Window,
    /// Into an image, driven from outside frame by frame.
    Offscreen {
        /// Width and height of the image in pixels.
        size: UVec2,
    },
}

impl PluginGroup for RingroadPlugins {
    fn build(self) -> PluginGroupBuilder {
        let engine = DefaultPlugins.set(log()).set(AssetPlugin {
            // Everything is made by the program; a folder of that name need not exist.
            watch_for_changes_override: Some(false),
            ..default()
        });
        let engine = match self {
            Self::Window => engine
                .set(WindowPlugin {
                    primary_window: Some(window()),
                    ..default()
                })
                .add(keep_drawing),
            Self::Offscreen { size } => engine
                .set(WindowPlugin {
                    primary_window: None,
                    exit_condition: ExitCondition::DontExit,
                    ..default()
                })
                .disable::<WinitPlugin>()
                // What a frame shows must be drawn in that frame: pictures are taken of it.
                .disable::<PipelinedRenderingPlugin>()
                .add(OffscreenTarget { size }),
        };
        let game = engine.add(GamePlugin).add(TelemetryPlugin);
        #[cfg(feature = "overlay")]
        let game = game.add(overlay::OverlayPlugin);
        game
    }
}

/// The game without a renderer: no window, no adapter, no overlay.
#[derive(Copy, Clone, Debug, Default)]
pub struct HeadlessPlugins;

impl PluginGroup for HeadlessPlugins {
    fn build(self) -> PluginGroupBuilder {
        MinimalPlugins
            .build()
            .disable::<ScheduleRunnerPlugin>()
            .add(log())
            .add(AssetPlugin::default())
            .add(MeshPlugin)
            .add(TransformPlugin)
            .add(VisibilityPlugin)
            .add(StatesPlugin)
            .add(InputPlugin)
            .add(headless_mode)
            .add(GamePlugin)
            .add(TelemetryPlugin)
    }
}

/// Panel and HUD where nothing is drawn: painted, and shown to nobody, for measuring what they cost. `OverlayDepth` says
/// which. Needs time, assets and `TelemetryPlugin`; nothing in a program without the overlay.
#[derive(Copy, Clone, Debug, Default)]
pub struct UnseenInstruments;

impl UnseenInstruments {
    /// Whether there are any in this program.
    pub const ARE_BUILT: bool = cfg!(feature = "overlay");
}

impl Plugin for UnseenInstruments {
    #[cfg_attr(
        not(feature = "overlay"),
        expect(unused_variables, reason = "there is nothing to add")
    )]
    fn build(&self, app: &mut App) {
        #[cfg(feature = "overlay")]
        app.add_plugins(overlay::unseen::plugin);
    }
}

/// The log goes to standard error: standard output belongs to `--report -`.
fn log() -> LogPlugin {
    LogPlugin {
        level: Level::WARN,
        filter: tracy::log_filter(tracy::Spans::BUILT),
        custom_layer: tracy::layer,
        fmt_layer: tracy::stderr_layer,
    }
}

fn window() -> Window {
    Window {
        title: "Ringroad".to_owned(),
        resolution: WindowResolution::new(WINDOW_SIZE.0, WINDOW_SIZE.1),
        present_mode: PresentMode::AutoVsync,
        ..default()
    }
}

/// Draws on when the window is not in front, so that a measurement does not depend on where the mouse is.
fn keep_drawing(app: &mut App) {
    app.insert_resource(WinitSettings::continuous())
        .insert_resource(RenderMode::Window);
}

fn headless_mode(app: &mut App) {
    app.init_asset::<StandardMaterial>()
        .init_asset::<city::CityMaterial>()
        .insert_resource(RenderMode::Headless);
}

/// Makes the image that the game draws into.
struct OffscreenTarget {
    size: UVec2,
}

impl Plugin for OffscreenTarget {
    fn build(&self, app: &mut App) {
        let image = Image::new_target_texture(
            self.size.x,
            self.size.y,
            TextureFormat::Rgba8UnormSrgb,
            None,
        );
        let image = app.world_mut().resource_mut::<Assets<Image>>().add(image);
        app.insert_resource(RenderMode::Offscreen {
            image,
            size: self.size,
        });
    }
}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
