//! Sun, moon, sky and the haze that hides where the loaded city ends.
//!
//! ```text
//! Daylight, Weather ─► Illumination ─┬─► city, water, dome, rain (their shaders)
//! view radius ─► haze ───────────────┴─► DistanceFog, DirectionalLight, GlobalAmbientLight (cars, people)
//! ```

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::{CascadeShadowConfigBuilder, NotShadowCaster, NotShadowReceiver};
use bevy::math::DVec2;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::body::Body;
use super::camera::GameCamera;
use super::car::Car;
use super::collision::CollisionIndex;
use super::control::Control;
use super::daylight::Daylight;
use super::sunlight::{illumination, shown};
use super::weather::Weather;
use super::{DrawSet, SetupSet, palette};
use crate::city::{CityLightPlugin, CityMaterial, Finish, Illumination, ThingKind};
use crate::modes::GraphicsQuality;
use crate::streaming::{KeepsPlace, StreamingSettings, StreamingValues, WorldOrigin};

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_plugins(CityLightPlugin)
        .insert_resource(ClearColor(Color::BLACK))
        .insert_resource(GlobalAmbientLight {
            brightness: 0.0,
            ..default()
        })
        .add_systems(
            Startup,
            (spawn_key_light, spawn_dome, spawn_rain).in_set(SetupSet::View),
        )
        .add_systems(
            PostUpdate,
            (
                carry_dome,
                (fit_view, illuminate, light_what_bevy_shades).chain(),
                show_rain.after(illuminate),
            )
                .in_set(DrawSet::Sky),
        );
}

/// The sky is drawn at this share of the farthest distance that is drawn at all.
const DOME_SHARE: f32 = 0.96;
/// The haze begins at this share of the way to where nothing is seen any more.
const HAZE_BEGIN: f32 = 0.42;
/// However small the view, there is some, metres.
const LEAST_VIEW_M: f64 = 50.0;
/// In full mist nothing is seen beyond this, metres.
const MIST_END_M: f32 = 330.0;
/// How many drops there are around the eye.
const DROPS: u32 = 5_000;

#[derive(Component)]
struct Dome;

#[derive(Component)]
struct Drops;

#[derive(Component)]
struct KeyLight;

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

/// Where the haze begins and ends, metres, in so much mist.
fn haze_span_m(values: &StreamingValues, mist: f32) -> (f32, f32) {
    let clear_end = haze_end_m(values);
    let end = clear_end + (clear_end.min(MIST_END_M) - clear_end) * mist.sqrt();
    (end * HAZE_BEGIN * (1.0 - mist), end)
}

/// Haze for what Bevy's own materials draw; its colour and distances are set each frame.
#[must_use]
pub fn haze() -> DistanceFog {
    DistanceFog {
        color: Color::BLACK,
        directional_light_color: Color::NONE,
        directional_light_exponent: 8.0,
        falloff: FogFalloff::Linear {
            start: 500.0,
            end: 1160.0,
        },
    }
}

fn spawn_key_light(mut commands: Commands, quality: Res<GraphicsQuality>) {
    let light = (
        Name::new("Sun or moon"),
        KeyLight,
        // A direction has no place.
        KeepsPlace,
        DirectionalLight {
            illuminance: 0.0,
            shadow_maps_enabled: *quality != GraphicsQuality::Software,
            ..default()
        },
        Transform::default(),
    );
    match *quality {
        GraphicsQuality::Full => {
            // Each cascade is one more view of every caster, so: few, and not far.
            let cascades = CascadeShadowConfigBuilder {
                num_cascades: 3,
                first_cascade_far_bound: 22.0,
                maximum_distance: 260.0,
                ..default()
            };
            commands.spawn((light, cascades.build()));
        }
        GraphicsQuality::Balanced => {
            let cascades = CascadeShadowConfigBuilder {
                num_cascades: 2,
                first_cascade_far_bound: 24.0,
                maximum_distance: 130.0,
                ..default()
            };
            commands.spawn((light, cascades.build()));
        }
        GraphicsQuality::Software => {
            commands.spawn(light);
        }
    }
}

fn spawn_dome(
    mut commands: Commands,
    quality: Res<GraphicsQuality>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<CityMaterial>>,
) {
    commands.spawn((
        Name::new("Sky"),
        Dome,
        Mesh3d(meshes.add(Sphere::new(1.0).mesh().uv(32, 18))),
        MeshMaterial3d(materials.add(CityMaterial {
            finish: Finish::Sky,
            shading: palette::shading(*quality),
        })),
        NoFrustumCulling,
        NotShadowCaster,
        NotShadowReceiver,
    ));
}

fn spawn_rain(
    mut commands: Commands,
    quality: Res<GraphicsQuality>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<CityMaterial>>,
) {
    commands.spawn((
        Name::new("Rain"),
        Drops,
        Mesh3d(meshes.add(drops_mesh(DROPS))),
        MeshMaterial3d(materials.add(CityMaterial {
            finish: Finish::Rain,
            shading: palette::shading(*quality),
        })),
        Visibility::Hidden,
        NoFrustumCulling,
        NotShadowCaster,
        NotShadowReceiver,
    ));
}

/// Upright streaks whose places in the unit cube are in the positions; the shader makes them fall.
fn drops_mesh(drops: u32) -> Mesh {
    let (mut positions, mut normals, mut indices) = (Vec::new(), Vec::new(), Vec::new());
    // Steps of a sequence that fills the cube evenly (Roberts 2018), so no random numbers are needed.
    let at = |drop: u32, step: f64| (f64::from(drop) * step).fract() as f32;
    for drop in 0..drops {
        let place = [
            at(drop, 0.819_172_513),
            at(drop, 0.671_043_607),
            at(drop, 0.549_700_478),
        ];
        let dice = at(drop, 0.618_033_989);
        let first = positions.len() as u32;
        for (side, end) in [(-1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (-1.0, 1.0)] {
            positions.push(place);
            normals.push([side, end, dice]);
        }
        indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
    }
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
    .with_inserted_indices(Indices::U32(indices))
}

/// Makes everything that can be loaded visible.
fn fit_view(
    settings: Res<StreamingSettings>,
    mut cameras: Query<&mut Projection, With<GameCamera>>,
    mut domes: Query<&mut Transform, With<Dome>>,
) {
    let far = far_plane_m(&settings);
    for mut projection in &mut cameras {
        if matches!(&*projection, Projection::Perspective(perspective) if perspective.far == far) {
            continue;
        }
        if let Projection::Perspective(perspective) = &mut *projection {
            perspective.far = far;
        }
        for mut dome in &mut domes {
            dome.scale = Vec3::splat(far * DOME_SHARE);
        }
    }
}

fn illuminate(
    time: Res<Time>,
    daylight: Res<Daylight>,
    weather: Res<Weather>,
    settings: Res<StreamingSettings>,
    origin: Res<WorldOrigin>,
    control: Res<Control>,
    cars: Query<&Transform, With<Car>>,
    cameras: Query<&Transform, (With<GameCamera>, Without<Car>)>,
    mut light: ResMut<Illumination>,
) {
    let mut new = illumination(daylight.hours(), &weather.mix);
    (new.haze_begin_m, new.haze_end_m) = haze_span_m(&settings, weather.mix.mist);
    let secs = time.elapsed_secs_f64();
    new.clock_secs = secs.rem_euclid(Illumination::CLOCK_SECS) as f32;
    let eye = cameras
        .iter()
        .next()
        .map_or(Vec3::ZERO, |eye| eye.translation);
    new.cloud_at = clouds_over(origin.to_world(eye).xz(), secs);
    new.origin_in_pattern = origin
        .offset()
        .map(|along| along.rem_euclid(Illumination::PATTERN_M))
        .as_vec3();
    if let (Control::InCar, Ok(car)) = (*control, cars.single()) {
        new.headlight = new.lamps;
        new.headlight_at = car.transform_point(HEADLIGHT_AT);
        // A little downwards, so that it ends on the road.
        new.headlight_along = car.rotation * Vec3::new(0.0, -0.062, -0.998);
    }
    *light = new;
}

/// How far the wind carries the clouds, cells of their pattern in a second, and how large such a cell is, metres.
const WIND: DVec2 = DVec2::new(0.006, 0.003);
const CLOUD_CELL_M: f64 = 5_000.0;

/// The part of the clouds' pattern that is over a place of the world at a time.
fn clouds_over(place: DVec2, secs: f64) -> Vec2 {
    let cells = place / CLOUD_CELL_M + WIND * secs;
    cells
        .rem_euclid(DVec2::splat(Illumination::CLOUD_CELLS))
        .as_vec2()
}

/// Between the lamps of the car, metres from its middle on the ground; -z is forward.
const HEADLIGHT_AT: Vec3 = Vec3::new(0.0, 0.62, -1.9);
/// Illuminance of the key light and brightness of the ambience that look like 1 in [`Illumination`], for what Bevy's own
/// materials draw.
const KEY_LUX: f32 = 3_000.0;
const AMBIENT: f32 = 820.0;

/// Light of lamps that is everywhere in a street at night, and what comes from those around the car at most: shares of a
/// lamp's own light.
const LAMPS_AFAR: f32 = 0.16;
const LAMPS_NEAR: f32 = 0.75;
/// Height of a street lamp's head above the middle of a car, and how far its light reaches, metres.
const LAMP_ABOVE_M: f32 = 5.6;
const LAMP_REACH_M: f32 = 20.0;

/// The light of the street lamps around a place of the world, as a share of a lamp's own: like that which the city's
/// vertices carry.
fn lamplight_at(index: &CollisionIndex, place: DVec2) -> f32 {
    let lamps = index.things_near(place, LAMP_REACH_M).into_iter();
    let sum: f32 = lamps
        .filter(|thing| thing.kind == ThingKind::Lamp)
        .map(|lamp| {
            let away_m = lamp.in_world.distance(place) as f32;
            let way2 = away_m * away_m + LAMP_ABOVE_M * LAMP_ABOVE_M;
            let share = (1.0 - way2 / (LAMP_REACH_M * LAMP_REACH_M)).max(0.0);
            share * share * LAMP_ABOVE_M / way2.sqrt()
        })
        .sum();
    sum.min(1.0)
}

fn light_what_bevy_shades(
    light: Res<Illumination>,
    index: Option<Res<CollisionIndex>>,
    cars: Query<&Body, With<Car>>,
    mut clear: ResMut<ClearColor>,
    mut ambient: ResMut<GlobalAmbientLight>,
    mut lights: Query<(&mut DirectionalLight, &mut Transform), With<KeyLight>>,
    mut cameras: Query<&mut DistanceFog, With<GameCamera>>,
) {
    let horizon = shown(light.horizon, light.exposure);
    clear.0 = horizon;
    let mut lamps = LAMPS_AFAR;
    if let (true, Some(index), Ok(car)) = (light.lamps > 0.0, index, cars.single()) {
        lamps += LAMPS_NEAR * lamplight_at(&index, car.position.xz());
    }
    let (color, strength) =
        hue_and_strength(light.sky_light + light.lamp_light * (light.lamps * lamps));
    (ambient.color, ambient.brightness) = (color, strength * AMBIENT);
    let (color, strength) = hue_and_strength(light.key_light);
    for (mut directional, mut transform) in &mut lights {
        (directional.color, directional.illuminance) = (color, strength * KEY_LUX);
        *transform = Transform::default().looking_to(-light.key_direction, Vec3::Y);
    }
    for mut fog in &mut cameras {
        fog.color = horizon;
        fog.falloff = FogFalloff::Linear {
            start: light.haze_begin_m,
            end: light.haze_end_m,
        };
    }
}

/// A light as a colour whose largest part is 1, and how strong it is.
fn hue_and_strength(light: Vec3) -> (Color, f32) {
    let strength = light.max_element();
    let hue = light / strength.max(1e-6);
    (Color::linear_rgb(hue.x, hue.y, hue.z), strength)
}

fn show_rain(light: Res<Illumination>, mut drops: Query<&mut Visibility, With<Drops>>) {
    for mut visibility in &mut drops {
        visibility.set_if_neq(if light.rain > 0.0 {
            Visibility::Inherited
        } else {
            Visibility::Hidden
        });
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
    fn clouds_drift_evenly_wherever_the_scene_begins_and_however_long_it_runs() {
        let ways = |from: (DVec2, f64), to: (DVec2, f64)| {
            let way = clouds_over(to.0, to.1) - clouds_over(from.0, from.1);
            // The pattern repeats: whole rounds are no way.
            let cells = Illumination::CLOUD_CELLS as f32;
            way - (way / cells).round() * cells
        };
        for place in [
            DVec2::ZERO,
            DVec2::new(4_095.9, -1.0),
            DVec2::new(-7e6, 499_999.9),
        ] {
            for secs in [0.0, 3_599.99, 16_666.6, 1e6] {
                let step = ways((place, secs), (place + DVec2::new(0.5, 0.25), secs + 0.1));
                let expected = Vec2::new(0.000_7, 0.000_35);
                assert!(
                    step.distance(expected) < 2e-5,
                    "{step} at {place} after {secs} s"
                );
            }
        }
    }

    #[test]
    fn mist_brings_the_haze_near_but_never_beyond_what_is_loaded() {
        for view_radius_m in [200.0, 1_200.0, 6_000.0] {
            let values = StreamingValues {
                view_radius_m,
                ..default()
            };
            let (begin, end) = haze_span_m(&values, 0.0);
            assert!(end == haze_end_m(&values) && begin == end * HAZE_BEGIN);
            let (misty_begin, misty_end) = haze_span_m(&values, 1.0);
            assert!(misty_begin < 1.0 && misty_end <= MIST_END_M && misty_end <= end);
        }
    }

    #[test]
    fn what_bevy_draws_fades_into_the_colour_of_the_horizon() {
        let mut app = App::new();
        app.init_resource::<Illumination>()
            .insert_resource(ClearColor(Color::BLACK))
            .init_resource::<GlobalAmbientLight>()
            .add_systems(Update, light_what_bevy_shades);
        app.update();
        let light = Illumination::default();
        let horizon = shown(light.horizon, light.exposure);
        assert_eq!(app.world().resource::<ClearColor>().0, horizon);
    }
}
