//! The few switches that the game, the overlay and the scenarios share, so that none of them imports another.

mod card;
mod stress;

use std::sync::Arc;

use bevy::{math::DVec2, prelude::*};

pub use card::{PanelCard, ShowCard};
pub use stress::{StressRequest, StressState};

/// Registers every shared switch with its default; adding it twice is harmless through [`ensure`].
pub struct ModesPlugin;

impl Plugin for ModesPlugin {
    fn build(&self, app: &mut App) {
        app.init_state::<ControlMode>()
            .init_resource::<OverlayDepth>()
            .init_resource::<KeyboardTaken>()
            .init_resource::<InspectorOpen>()
            .init_resource::<MapOpen>()
            .init_resource::<WorldMarks>()
            .init_resource::<StressState>()
            .add_message::<ShowCard>()
            .add_message::<StressRequest>()
            .add_message::<SaveMoment>()
            .add_message::<Toast>();
    }
}

/// Adds [`ModesPlugin`] unless another plugin already did.
pub fn ensure(app: &mut App) {
    if !app.is_plugin_added::<ModesPlugin>() {
        app.add_plugins(ModesPlugin);
    }
}

/// Who gets the mouse. The keyboard drives in both unless [`KeyboardTaken`] says otherwise.
#[derive(States, Copy, Clone, Eq, PartialEq, Hash, Debug, Default, Reflect)]
pub enum ControlMode {
    /// The cursor is grabbed and hidden; the mouse turns the camera.
    #[default]
    Drive,
    /// The cursor is free; the mouse belongs to the panel or the inspector, one of which is shown.
    Tune,
}

/// How much of the overlay is shown.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Hash, Debug, Default, Reflect)]
#[reflect(Resource)]
pub enum OverlayDepth {
    /// Nothing spawned, nothing costs.
    #[default]
    Off,
    /// One compact strip.
    Hud,
    /// The whole panel.
    Full,
}

impl OverlayDepth {
    /// The depth that F3 goes to from this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Off => Self::Hud,
            Self::Hud => Self::Full,
            Self::Full => Self::Off,
        }
    }
}

/// True while a text field of the panel has the keyboard; the game reads no key then.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Debug, Default, Reflect)]
#[reflect(Resource)]
pub struct KeyboardTaken(pub bool);

/// Whether the world inspector is open.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Debug, Default, Reflect)]
#[reflect(Resource)]
pub struct InspectorOpen(pub bool);

/// Whether the chunk map is open.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Debug, Default, Reflect)]
#[reflect(Resource)]
pub struct MapOpen(pub bool);

/// What the overlay draws into the world itself.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Debug, Reflect)]
#[reflect(Resource)]
pub struct WorldMarks {
    /// Whether anything is drawn.
    pub is_shown: bool,
    /// Borders of chunks, coloured by their state.
    pub borders: bool,
    /// The radii around each focus.
    pub rings: bool,
    /// The order in which waiting chunks are needed.
    pub order: bool,
}

impl Default for WorldMarks {
    fn default() -> Self {
        Self {
            is_shown: false,
            borders: true,
            rings: true,
            order: true,
        }
    }
}

/// The height of the land anywhere in the world, metres, by the game, which knows what land there is: what is drawn
/// into the world lies on it.
#[derive(Resource, Clone)]
pub struct LandHeight(Arc<dyn Fn(DVec2) -> f64 + Send + Sync>);

impl LandHeight {
    /// As this function says, of x and z in the world.
    pub fn new(height_m: impl Fn(DVec2) -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(height_m))
    }

    /// The height at a place.
    #[must_use]
    pub fn at(&self, place_in_world: DVec2) -> f64 {
        (self.0)(place_in_world)
    }
}

/// Whether anything is shown that a free mouse could be used on. Only then there is a [`ControlMode::Tune`].
#[must_use]
pub fn has_something_to_tune(depth: OverlayDepth, inspector: InspectorOpen, map: MapOpen) -> bool {
    cfg!(feature = "overlay") && (depth == OverlayDepth::Full || inspector.0 || map.0)
}

/// Where the picture goes; inserted by the app builder before the plugins.
#[derive(Resource, Clone, Debug, Default)]
pub enum RenderMode {
    /// The primary window.
    Window,
    /// An image of the given size in pixels, without a window.
    Offscreen {
        /// The image that the camera draws to.
        image: Handle<Image>,
        /// Its size in pixels.
        size: UVec2,
    },
    /// No renderer at all.
    #[default]
    Headless,
}

impl RenderMode {
    /// Whether anything is drawn.
    #[must_use]
    pub const fn draws(&self) -> bool {
        !matches!(self, Self::Headless)
    }
}

/// How much the renderer may cost; chosen from the adapter unless inserted beforehand.
#[derive(Resource, Copy, Clone, Eq, PartialEq, Hash, Debug, Reflect)]
#[reflect(Resource)]
pub enum GraphicsQuality {
    /// A graphics card: four samples, shadows, light at every pixel, bloom.
    Full,
    /// Graphics in the processor: one sample, shadows nearby, light at every pixel.
    Balanced,
    /// A software renderer: one sample, no shadows, light at corners only.
    Software,
}

/// Save this moment as a bundle: telemetry, settings, seed, route and log.
#[derive(Message, Copy, Clone, Debug, Eq, PartialEq)]
pub struct SaveMoment;

/// A line shown at the top of the picture for three seconds.
#[derive(Message, Clone, Debug, Eq, PartialEq)]
pub struct Toast {
    /// What to say, one line.
    pub text: String,
}

impl Toast {
    /// A toast that says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}
