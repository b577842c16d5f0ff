//! The light of one moment, as the shaders of city and sky read it: one buffer that all their materials share.
//!
//! ```text
//! main world                      render world
//! Illumination ── extracted ────► IlluminationBuffer ── bound by every CityMaterial, once and for all
//! ```
//! The buffer is rewritten each frame and never replaced, so no material changes when the light does: a changed material
//! would make Bevy look again at every entity that wears it.

use bevy::app::{App, Plugin};
use bevy::asset::Assets;
use bevy::ecs::prelude::{Res, ResMut, Resource};
use bevy::ecs::schedule::IntoScheduleConfigs;
use bevy::math::{Vec2, Vec3};
use bevy::pbr::MaterialPlugin;
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::render_resource::{Buffer, ShaderType, UniformBuffer};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;

use super::material::{CityMaterial, SHADERS};

/// Everything that shines on the city, and what the sky looks like. Colours are linear, before the shaders' tone curve;
/// directions point towards what they are about, in the scene, with length 1. The layout is that of `sky.wgsl`.
#[derive(Resource, ExtractResource, ShaderType, Clone, Copy, Debug)]
pub struct Illumination {
    /// Towards the light that throws shadows: the sun, at night the moon.
    pub key_direction: Vec3,
    /// 0 by day to 1 when it is dark.
    pub night: f32,
    /// Its light on a surface that faces it.
    pub key_light: Vec3,
    /// Windows with a threshold below this are lit, 0 to 1.
    pub evening: f32,
    /// Light from the sky on a surface that looks up.
    pub sky_light: Vec3,
    /// How wet the ground is, 0 to 1.
    pub wetness: f32,
    /// Light from the ground on a surface that looks down.
    pub ground_light: Vec3,
    /// How hard it rains, 0 to 1.
    pub rain: f32,
    /// Towards the sun.
    pub sun_direction: Vec3,
    /// How much of the sun's disc shines through, 0 to 1.
    pub sun_disc: f32,
    /// Towards the moon.
    pub moon_direction: Vec3,
    /// How bright the moon's disc is, 0 to 1.
    pub moon_disc: f32,
    /// The sky overhead.
    pub zenith: Vec3,
    /// How bright the stars are, 0 to 1.
    pub stars: f32,
    /// The sky at the horizon, and the haze.
    pub horizon: Vec3,
    /// Share of the sky that clouds cover, 0 to 1.
    pub cloud_cover: f32,
    /// What is added around the sun.
    pub sun_glow: Vec3,
    /// A clock for waves and rain, seconds; starts anew after [`Self::CLOCK_SECS`].
    pub clock_secs: f32,
    /// Clouds where the sun meets them.
    pub cloud_light: Vec3,
    /// Distance at which the haze begins, metres.
    pub haze_begin_m: f32,
    /// Clouds where it does not.
    pub cloud_shade: Vec3,
    /// Distance at which nothing but haze is seen, metres.
    pub haze_end_m: f32,
    /// Colour of the street lamps.
    pub lamp_light: Vec3,
    /// How bright lamps and signs are, 0 by day to 1 at night.
    pub lamps: f32,
    /// The head lights of the player's car, in the scene.
    pub headlight_at: Vec3,
    /// How bright they are, 0 to 1.
    pub headlight: f32,
    /// Where they point.
    pub headlight_along: Vec3,
    /// What all light is multiplied by before the tone curve.
    pub exposure: f32,
    /// Where the scene's origin is in the world, metres, each coordinate modulo [`Self::PATTERN_M`].
    pub origin_in_pattern: Vec3,
    /// Unused; fills the row.
    pub padding: f32,
    /// Where the eye is in the pattern of the clouds, in its cells, each coordinate modulo [`Self::CLOUD_CELLS`].
    pub cloud_at: Vec2,
    /// Unused; fills the last row.
    pub more_padding: Vec2,
}

impl Illumination {
    /// Waves and the grain of the ground repeat in the world after so many metres.
    pub const PATTERN_M: f64 = 4096.0;
    /// And waves and rain in time after so many seconds.
    pub const CLOCK_SECS: f64 = 3600.0;
    /// Clouds repeat after so many of their cells.
    pub const CLOUD_CELLS: f64 = 100.0;
}

impl Default for Illumination {
    /// A clear late morning.
    fn default() -> Self {
        let sun = Vec3::new(0.48, 0.768, 0.424);
        Self {
            key_direction: sun,
            night: 0.0,
            key_light: Vec3::new(1.9, 1.75, 1.5),
            evening: 0.0,
            sky_light: Vec3::new(0.42, 0.52, 0.66),
            wetness: 0.0,
            ground_light: Vec3::new(0.26, 0.24, 0.2),
            rain: 0.0,
            sun_direction: sun,
            sun_disc: 1.0,
            moon_direction: -sun,
            moon_disc: 0.0,
            zenith: Vec3::new(0.1, 0.27, 0.62),
            stars: 0.0,
            horizon: Vec3::new(0.6, 0.74, 0.86),
            cloud_cover: 0.3,
            sun_glow: Vec3::new(0.35, 0.33, 0.28),
            clock_secs: 0.0,
            cloud_light: Vec3::new(1.0, 0.98, 0.95),
            haze_begin_m: 500.0,
            cloud_shade: Vec3::new(0.55, 0.6, 0.68),
            haze_end_m: 1_100.0,
            lamp_light: Vec3::new(1.0, 0.72, 0.42),
            lamps: 0.0,
            headlight_at: Vec3::ZERO,
            headlight: 0.0,
            headlight_along: Vec3::NEG_Z,
            exposure: 1.0,
            origin_in_pattern: Vec3::ZERO,
            padding: 0.0,
            cloud_at: Vec2::ZERO,
            more_padding: Vec2::ZERO,
        }
    }
}

/// [`Illumination`] where the renderer reads it: in the render world.
#[derive(Resource)]
pub struct IlluminationBuffer(UniformBuffer<Illumination>);

impl IlluminationBuffer {
    /// The buffer itself; always the same one.
    pub(super) fn buffer(&self) -> Option<&Buffer> {
        self.0.buffer()
    }
}

/// Draws [`CityMaterial`] in the light of [`Illumination`]. Without a renderer it only brings the types.
pub struct CityLightPlugin;

impl Plugin for CityLightPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Illumination>().add_plugins((
            MaterialPlugin::<CityMaterial>::default(),
            ExtractResourcePlugin::<Illumination>::default(),
        ));
        if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
            for (handle, source, name) in SHADERS {
                // An id of our own is always free.
                let _ = shaders.insert(handle.id(), Shader::from_wgsl(*source, *name));
            }
        }
        if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
            render_app
                .add_systems(RenderStartup, make_buffer)
                .add_systems(Render, write_buffer.in_set(RenderSystems::PrepareResources));
        }
    }
}

fn make_buffer(
    mut commands: bevy::ecs::system::Commands,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let mut buffer = UniformBuffer::from(Illumination::default());
    buffer.set_label(Some("illumination"));
    buffer.write_buffer(&device, &queue);
    commands.insert_resource(IlluminationBuffer(buffer));
}

fn write_buffer(
    light: Option<Res<Illumination>>,
    mut buffer: ResMut<IlluminationBuffer>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let Some(light) = light else { return };
    buffer.0.set(*light);
    buffer.0.write_buffer(&device, &queue);
}
