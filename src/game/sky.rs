//! Sun, sky and the haze that hides where the loaded city ends.

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::{CascadeShadowConfigBuilder, NotShadowCaster, NotShadowReceiver};
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::camera::GameCamera;
use super::{DrawSet, SetupSet};
use crate::city::SUN_DIRECTION;
use crate::modes::GraphicsQuality;
use crate::streaming::{KeepsPlace, StreamingSettings, StreamingValues};

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.insert_resource(ClearColor(HORIZON))
        .insert_resource(GlobalAmbientLight {
            color: Color::srgb(0.75, 0.84, 1.0),
            brightness: 420.0,
            ..default()
        })
        .add_systems(Startup, (spawn_sun, spawn_dome).in_set(SetupSet::View))
        .add_systems(PostUpdate, (fit_haze, carry_dome).in_set(DrawSet::Sky));
}

/// Colour of the sky at the horizon, and of the haze.
pub const HORIZON: Color = Color::srgb(0.72, 0.81, 0.89);
const ZENITH: Color = Color::srgb(0.22, 0.43, 0.74);
const BELOW: Color = Color::srgb(0.60, 0.66, 0.70);
const SUN: Color = Color::srgb(1.0, 0.95, 0.85);
/// The sky is drawn at this share of the farthest distance that is drawn at all.
const DOME_SHARE: f32 = 0.96;
/// The haze begins at this share of the way to where nothing is seen any more.
const HAZE_BEGIN: f32 = 0.42;
/// However small the view, there is some, metres.
const LEAST_VIEW_M: f64 = 50.0;

#[derive(Component)]
struct Dome;

/// Distance in metres at which the haze swallows everything: what is nearer is surely loaded.
///
/// A chunk belongs to the view when its middle does, so the corner of one that does not is nearer by half a diagonal.
#[must_use]
pub fn haze_end_m(values: &StreamingValues) -> f32 {
    let half_diagonal_m = values.chunk_size_m * std::f64::consts::FRAC_1_SQRT_2;
    (values.view_radius_m - half_diagonal_m).max(LEAST_VIEW_M) as f32
}

/// Farthest distance that is drawn, metres: beyond the outer corner of the last chunk of the view, and of those that are
/// there ahead of time, so that what the haze has swallowed is never cut off against the sky.
#[must_use]
pub fn far_plane_m(values: &StreamingValues) -> f32 {
    ((values.view_radius_m + 2.0 * values.chunk_size_m) * 1.12) as f32
}

/// Haze with the colour of the horizon; its distances are set each frame from the settings.
#[must_use]
pub fn haze() -> DistanceFog {
    DistanceFog {
        color: HORIZON,
        directional_light_color: Color::NONE,
        directional_light_exponent: 8.0,
        falloff: FogFalloff::Linear {
            start: 500.0,
            end: 1160.0,
        },
    }
}

fn spawn_sun(mut commands: Commands, quality: Res<GraphicsQuality>) {
    let sun = (
        Name::new("Sun"),
        // A direction has no place.
        KeepsPlace,
        DirectionalLight {
            color: SUN,
            // Without tone mapping the brightest lit colour must stay below white.
            illuminance: match *quality {
                GraphicsQuality::Full => 9_500.0,
                GraphicsQuality::Software => 6_000.0,
            },
            shadow_maps_enabled: *quality == GraphicsQuality::Full,
            ..default()
        },
        Transform::default().looking_to(SUN_DIRECTION, Vec3::Y),
    );
    match *quality {
        GraphicsQuality::Full => {
            // Each cascade is one more view of every caster, so: few, and not far.
            let cascades = CascadeShadowConfigBuilder {
                num_cascades: 3,
                first_cascade_far_bound: 14.0,
                maximum_distance: 150.0,
                ..default()
            };
            commands.spawn((sun, cascades.build()));
        }
        GraphicsQuality::Software => {
            commands.spawn(sun);
        }
    }
}

fn spawn_dome(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    commands.spawn((
        Name::new("Sky"),
        Dome,
        Mesh3d(meshes.add(dome_mesh(48, 40))),
        MeshMaterial3d(materials.add(StandardMaterial {
            base_color: Color::WHITE,
            unlit: true,
            fog_enabled: false,
            cull_mode: None,
            ..default()
        })),
        NoFrustumCulling,
        NotShadowCaster,
        NotShadowReceiver,
    ));
}

/// A sphere of radius 1 m with the sky's colours at its corners.
fn dome_mesh(around: u32, up: u32) -> Mesh {
    let mut positions = Vec::new();
    let mut colors = Vec::new();
    for ring in 0..=up {
        // Rings are closest near the horizon, where the colour changes most.
        let share = ring as f32 / up as f32 * 2.0 - 1.0;
        let height = share.abs().powf(1.6) * share.signum();
        let width = (1.0 - height * height).max(0.0).sqrt();
        for step in 0..=around {
            let angle = step as f32 / around as f32 * std::f32::consts::TAU;
            let direction = Vec3::new(angle.cos() * width, height, angle.sin() * width);
            positions.push(direction.to_array());
            colors.push(sky_color(direction));
        }
    }
    let row = around + 1;
    let indices = (0..up)
        .flat_map(|ring| (0..around).map(move |step| ring * row + step))
        .flat_map(|corner| {
            let above = corner + row;
            [corner, above, corner + 1, corner + 1, above, above + 1]
        })
        .collect();
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, positions.clone())
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colors)
    .with_inserted_indices(Indices::U32(indices))
}

/// The sky's linear colour in a direction.
fn sky_color(direction: Vec3) -> [f32; 4] {
    let up = direction.y;
    let base = if up >= 0.0 {
        HORIZON
            .to_linear()
            .mix(&ZENITH.to_linear(), (up * 1.35).min(1.0).powf(0.62))
    } else {
        HORIZON
            .to_linear()
            .mix(&BELOW.to_linear(), (-up * 6.0).min(1.0))
    };
    let near_sun = direction.dot(-SUN_DIRECTION).max(0.0);
    let glow = near_sun.powf(10.0) * 0.25 + near_sun.powf(220.0) * 0.7;
    base.mix(&SUN.to_linear(), glow.min(1.0)).to_f32_array()
}

fn fit_haze(
    settings: Res<StreamingSettings>,
    mut cameras: Query<(&mut DistanceFog, &mut Projection), With<GameCamera>>,
    mut domes: Query<&mut Transform, With<Dome>>,
) {
    let end = haze_end_m(&settings);
    let far = far_plane_m(&settings);
    for (mut fog, mut projection) in &mut cameras {
        let is_drawn_so =
            matches!(&*projection, Projection::Perspective(perspective) if perspective.far == far);
        let is_hazy_so =
            matches!(fog.falloff, FogFalloff::Linear { end: hazy_end, .. } if hazy_end == end);
        if is_drawn_so && is_hazy_so {
            continue;
        }
        fog.falloff = FogFalloff::Linear {
            start: end * HAZE_BEGIN,
            end,
        };
        if let Projection::Perspective(perspective) = &mut *projection {
            perspective.far = far;
        }
        for mut dome in &mut domes {
            dome.scale = Vec3::splat(far * DOME_SHARE);
        }
    }
}

/// The sky goes where the eye goes.
fn carry_dome(
    cameras: Query<&Transform, (With<GameCamera>, Without<Dome>)>,
    mut domes: Query<&mut Transform, With<Dome>>,
) {
    let (Ok(camera), Ok(mut dome)) = (cameras.single(), domes.single_mut()) else {
        return;
    };
    dome.translation = camera.translation;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_haze_ends_inside_the_view_and_what_is_drawn_beyond_it() {
        for view_radius_m in [600.0, 1_200.0, 5_000.0, 6_000.0] {
            for chunk_size_m in [100.0, 200.0, 400.0] {
                let values = StreamingValues {
                    view_radius_m,
                    chunk_size_m,
                    ..default()
                };
                let half_diagonal = chunk_size_m * std::f64::consts::FRAC_1_SQRT_2;
                let (end, far) = (
                    f64::from(haze_end_m(&values)),
                    f64::from(far_plane_m(&values)),
                );
                assert!(end <= view_radius_m - half_diagonal + 0.01);
                assert!(far * f64::from(DOME_SHARE) > view_radius_m + half_diagonal);
                assert!(end > view_radius_m * 0.5, "and far enough to see something");
            }
        }
    }

    #[test]
    fn at_five_kilometres_the_near_city_is_clear_and_the_skyline_shows() {
        let values = StreamingValues {
            view_radius_m: 5_000.0,
            ..default()
        };
        let end = haze_end_m(&values);
        let haze_at = |distance: f32| {
            ((distance - end * HAZE_BEGIN) / (end - end * HAZE_BEGIN)).clamp(0.0, 1.0)
        };
        assert!(haze_at(values.load_radius_m as f32) == 0.0);
        assert!(haze_at(4_000.0) < 0.8 && haze_at(5_000.0) == 1.0);
    }

    #[test]
    fn the_sky_meets_the_haze_at_the_horizon() {
        let away = Vec3::new(SUN_DIRECTION.x, 0.0, SUN_DIRECTION.z).normalize();
        let color = sky_color(away);
        let haze = HORIZON.to_linear().to_f32_array();
        assert!(color.iter().zip(haze).all(|(a, b)| (a - b).abs() < 0.01));
    }
}
