//! On a software renderer pixels cost most, so a window shows the city drawn at half its resolution; text and panel stay sharp.
//!
//! ```text
//!  GameCamera ──► image, half as wide and high ──► stretched over the window ──► UI and panel on top
//! ```

use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureFormat};
use bevy::window::PrimaryWindow;

use super::SetupSet;
use crate::modes::{GraphicsQuality, RenderMode};
use crate::streaming::KeepsPlace;

pub(super) fn drawn(app: &mut App) {
    app.add_systems(
        PreStartup,
        prepare
            .after(SetupSet::Quality)
            .run_if(resource_exists::<GraphicsQuality>),
    )
    .add_systems(
        Startup,
        spawn_screen
            .in_set(SetupSet::View)
            .run_if(resource_exists::<LowResolution>),
    )
    .add_systems(
        PreUpdate,
        fit_to_window.run_if(resource_exists::<LowResolution>),
    );
}

/// Window pixels per drawn pixel, on each axis. A quarter of the pixels: measured, with its effect, in `docs/TUNING.md`.
const REDUCTION: u32 = 2;

/// What the game's camera draws into instead of the window.
#[derive(Resource)]
pub(super) struct LowResolution(Handle<Image>);

impl LowResolution {
    /// The camera's target.
    pub fn target(&self) -> RenderTarget {
        RenderTarget::Image(self.0.clone().into())
    }
}

fn prepare(
    mut commands: Commands,
    mode: Res<RenderMode>,
    quality: Res<GraphicsQuality>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut images: ResMut<Assets<Image>>,
) {
    let (RenderMode::Window, GraphicsQuality::Software) = (&*mode, &*quality) else {
        return;
    };
    let Ok(window) = windows.single() else {
        return;
    };
    let size = reduced(window);
    let image =
        Image::new_target_texture(size.width, size.height, TextureFormat::Rgba8UnormSrgb, None);
    commands.insert_resource(LowResolution(images.add(image)));
}

fn reduced(window: &Window) -> Extent3d {
    Extent3d {
        width: (window.physical_width() / REDUCTION).max(1),
        height: (window.physical_height() / REDUCTION).max(1),
        depth_or_array_layers: 1,
    }
}

fn spawn_screen(mut commands: Commands, low: Res<LowResolution>) {
    commands.spawn((
        Name::new("Screen camera"),
        KeepsPlace,
        Camera2d,
        Camera {
            // After the camera whose image it shows.
            order: 1,
            ..default()
        },
        IsDefaultUiCamera,
        Msaa::Off,
        Tonemapping::None,
    ));
    commands.spawn((
        Name::new("Stretched view"),
        ImageNode::new(low.0.clone()),
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            height: percent(100),
            ..default()
        },
        // Behind everything else that is drawn flat.
        GlobalZIndex(i32::MIN),
    ));
}

fn fit_to_window(
    low: Res<LowResolution>,
    windows: Query<&Window, (With<PrimaryWindow>, Changed<Window>)>,
    mut images: ResMut<Assets<Image>>,
) {
    let Ok(window) = windows.single() else {
        return;
    };
    let size = reduced(window);
    if images
        .get(&low.0)
        .is_some_and(|image| image.texture_descriptor.size != size)
        && let Some(mut image) = images.get_mut(&low.0)
    {
        image.resize(size);
    }
}
