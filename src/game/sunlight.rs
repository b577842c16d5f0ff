//! The light of an hour in a weather: where sun and moon are, and what the sky looks like.
//!
//! ```text
//! hours ─► sun and moon ─┐
//! WeatherMix ────────────┴─► Illumination ─► shaders of city and sky
//! ```
//! Colours between the `STOPS` were chosen by eye, against pictures.

use bevy::prelude::*;

use super::weather::WeatherMix;
use crate::city::Illumination;

/// Sine and cosine of the latitude: that of Rome or Chicago.
const LATITUDE: (f32, f32) = (0.6691, 0.7431);
/// Sine and cosine of the sun's declination: late spring.
const DECLINATION: (f32, f32) = (0.2588, 0.9659);

/// Towards a body of the sky that culminates at noon; x east, y up, z south.
fn towards_body(hours: f32, (sin_declination, cos_declination): (f32, f32)) -> Vec3 {
    let (sin_hour, cos_hour) = ((hours - 12.0) * std::f32::consts::TAU / 24.0).sin_cos();
    let (sin_latitude, cos_latitude) = LATITUDE;
    Vec3::new(
        -cos_declination * sin_hour,
        sin_latitude * sin_declination + cos_latitude * cos_declination * cos_hour,
        sin_latitude * cos_declination * cos_hour - cos_latitude * sin_declination,
    )
}

/// Towards the sun.
#[must_use]
pub fn towards_sun(hours: f64) -> Vec3 {
    towards_body(hours as f32, DECLINATION)
}

/// Towards the moon, which is nearly full: it rises a little after the sun has set.
#[must_use]
pub fn towards_moon(hours: f64) -> Vec3 {
    let (sin, cos) = DECLINATION;
    towards_body(
        hours as f32 + 10.6,
        (-sin * 0.4, (1.0 - sin * sin * 0.16).sqrt().max(cos)),
    )
}

/// The light of a clear sky for one height of the sun.
struct Stop {
    /// Sine of the sun's elevation.
    height: f32,
    zenith: Vec3,
    horizon: Vec3,
    glow: Vec3,
    sun: Vec3,
    sky: Vec3,
    ground: Vec3,
    cloud_light: Vec3,
    cloud_shade: Vec3,
    exposure: f32,
}

const fn v(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3::new(x, y, z)
}

/// From deep night to noon.
const STOPS: &[Stop] = &[
    Stop {
        height: -0.30,
        zenith: v(0.006, 0.010, 0.028),
        horizon: v(0.040, 0.042, 0.062),
        glow: v(0.0, 0.0, 0.0),
        sun: v(0.0, 0.0, 0.0),
        sky: v(0.075, 0.085, 0.135),
        ground: v(0.115, 0.090, 0.075),
        cloud_light: v(0.050, 0.050, 0.066),
        cloud_shade: v(0.018, 0.020, 0.032),
        exposure: 1.05,
    },
    Stop {
        height: -0.13,
        zenith: v(0.018, 0.034, 0.105),
        horizon: v(0.145, 0.110, 0.160),
        glow: v(0.34, 0.13, 0.07),
        sun: v(0.0, 0.0, 0.0),
        sky: v(0.13, 0.14, 0.23),
        ground: v(0.135, 0.110, 0.105),
        cloud_light: v(0.36, 0.19, 0.19),
        cloud_shade: v(0.055, 0.060, 0.105),
        exposure: 1.0,
    },
    Stop {
        height: -0.03,
        zenith: v(0.045, 0.095, 0.26),
        horizon: v(0.46, 0.29, 0.24),
        glow: v(1.0, 0.40, 0.13),
        sun: v(0.0, 0.0, 0.0),
        sky: v(0.29, 0.28, 0.39),
        ground: v(0.20, 0.165, 0.16),
        cloud_light: v(1.15, 0.55, 0.32),
        cloud_shade: v(0.19, 0.17, 0.24),
        exposure: 0.92,
    },
    Stop {
        height: 0.07,
        zenith: v(0.075, 0.165, 0.40),
        horizon: v(0.72, 0.52, 0.37),
        glow: v(1.15, 0.58, 0.22),
        sun: v(1.75, 0.88, 0.38),
        sky: v(0.37, 0.37, 0.46),
        ground: v(0.29, 0.23, 0.18),
        cloud_light: v(1.35, 0.86, 0.56),
        cloud_shade: v(0.34, 0.31, 0.36),
        exposure: 0.84,
    },
    Stop {
        height: 0.26,
        zenith: v(0.085, 0.225, 0.54),
        horizon: v(0.66, 0.68, 0.66),
        glow: v(0.62, 0.46, 0.28),
        sun: v(2.0, 1.52, 1.0),
        sky: v(0.43, 0.49, 0.60),
        ground: v(0.35, 0.29, 0.22),
        cloud_light: v(1.30, 1.16, 0.98),
        cloud_shade: v(0.48, 0.51, 0.57),
        exposure: 0.76,
    },
    Stop {
        height: 0.60,
        zenith: v(0.075, 0.235, 0.62),
        horizon: v(0.56, 0.71, 0.84),
        glow: v(0.34, 0.31, 0.24),
        sun: v(1.92, 1.72, 1.42),
        sky: v(0.48, 0.56, 0.68),
        ground: v(0.38, 0.33, 0.26),
        cloud_light: v(1.30, 1.27, 1.22),
        cloud_shade: v(0.58, 0.64, 0.73),
        exposure: 0.70,
    },
];

fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

fn between(low: f32, high: f32, share: f32) -> f32 {
    low + (high - low) * share
}

/// Share of windows behind which somebody is awake, by the hour.
fn awake(hours: f32) -> f32 {
    const BY_HOUR: &[(f32, f32)] = &[
        (0.0, 0.42),
        (1.5, 0.22),
        (3.0, 0.13),
        (5.0, 0.14),
        (6.5, 0.40),
        (8.0, 0.16),
        (16.0, 0.16),
        (18.0, 0.50),
        (20.0, 0.66),
        (22.0, 0.64),
        (24.0, 0.42),
    ];
    let pair = BY_HOUR.windows(2).find(|pair| hours <= pair[1].0);
    let Some([(from, low), (to, high)]) = pair.and_then(|pair| pair.first_chunk()) else {
        return 0.0;
    };
    between(*low, *high, (hours - from) / (to - from))
}

const LAMP_LIGHT: Vec3 = Vec3::new(1.0, 0.70, 0.40);
const MOON_LIGHT: Vec3 = Vec3::new(0.085, 0.10, 0.15);

/// The light at an hour in a weather, without what depends on the view: haze, origin, clock and head lights.
#[must_use]
pub fn illumination(hours: f64, weather: &WeatherMix) -> Illumination {
    let (sun, moon) = (towards_sun(hours), towards_moon(hours));
    let above = STOPS
        .iter()
        .position(|stop| stop.height > sun.y)
        .unwrap_or(STOPS.len() - 1)
        .max(1);
    let (low, high) = (&STOPS[above - 1], &STOPS[above]);
    let share = ((sun.y - low.height) / (high.height - low.height)).clamp(0.0, 1.0);
    let mixed = |of: fn(&Stop) -> Vec3| of(low).lerp(of(high), share);
    let grey = weather.overcast;
    let sky = mixed(|stop| stop.sky);
    let brightness = (sky.x + sky.y + sky.z) / 3.0;
    // What a closed cover of clouds lets through has no colour and no direction.
    let cover = Vec3::new(0.96, 1.0, 1.06) * brightness;
    let veil = |colour: Vec3, to: Vec3| colour.lerp(to, grey);
    let night = 1.0 - smooth(-0.20, 0.02, sun.y);
    let is_day = sun.y > -0.05;
    let sun_share = 1.0 - 0.93 * grey;
    let moon_share = smooth(-0.06, -0.16, sun.y) * smooth(0.02, 0.25, moon.y) * sun_share;
    let (key_direction, key_light) = if is_day {
        (
            sun,
            mixed(|stop| stop.sun) * (sun_share * smooth(0.0, 0.07, sun.y)),
        )
    } else {
        (moon, MOON_LIGHT * moon_share)
    };
    let gloom = 0.10 * weather.overcast + 0.05 * weather.rain;
    let dark = smooth(0.17, -0.10, sun.y - gloom);
    let horizon = veil(mixed(|stop| stop.horizon), cover * 1.12);
    let mist = weather.mist;
    Illumination {
        key_direction,
        night,
        key_light,
        evening: awake(hours as f32) * (0.12 + 0.88 * dark),
        sky_light: veil(sky, cover * 1.12),
        wetness: weather.wetness,
        ground_light: veil(mixed(|stop| stop.ground), cover * 0.5),
        rain: weather.rain,
        sun_direction: sun,
        sun_disc: (1.0 - grey * 1.15).max(0.0) * (1.0 - 0.6 * mist),
        moon_direction: moon,
        moon_disc: smooth(0.05, -0.15, sun.y) * (1.0 - grey),
        zenith: veil(mixed(|stop| stop.zenith), cover * 0.95).lerp(horizon, 0.6 * mist),
        stars: smooth(-0.08, -0.22, sun.y) * (1.0 - grey) * (1.0 - 0.8 * mist),
        horizon,
        cloud_cover: weather.clouds,
        sun_glow: mixed(|stop| stop.glow) * (1.0 - 0.9 * grey),
        cloud_light: veil(mixed(|stop| stop.cloud_light), cover * 1.5),
        cloud_shade: veil(mixed(|stop| stop.cloud_shade), cover * 0.8),
        lamp_light: LAMP_LIGHT,
        lamps: smooth(0.06, -0.05, sun.y - gloom),
        exposure: between(low.exposure, high.exposure, share) * (1.0 + 0.12 * grey),
        ..default()
    }
}

/// What a screen shows of a light: the tone curve of the shaders, for what they do not draw.
#[must_use]
pub fn shown(colour: Vec3, exposure: f32) -> Color {
    let curve = |light: f32| {
        let x = light * exposure;
        (x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)).clamp(0.0, 1.0)
    };
    Color::linear_rgb(curve(colour.x), curve(colour.y), curve(colour.z))
}

#[cfg(test)]
mod tests {
    use super::super::weather::Weather;
    use super::*;

    fn clear(hours: f64) -> Illumination {
        illumination(hours, &Weather::default().mix)
    }

    #[test]
    fn the_sun_rises_in_the_east_stands_in_the_south_and_sets_in_the_west() {
        let (morning, noon, evening) = (towards_sun(6.0), towards_sun(12.0), towards_sun(18.0));
        assert!(morning.x > 0.8 && evening.x < -0.8);
        assert!(noon.z > 0.0 && noon.y > 0.7 && noon.x.abs() < 1e-5);
        assert!(towards_sun(0.0).y < -0.3 && towards_moon(0.0).y > 0.3);
        for quarter in 0..96 {
            let hours = f64::from(quarter) / 4.0;
            assert!((towards_sun(hours).length() - 1.0).abs() < 1e-3);
            assert!((towards_moon(hours).length() - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn light_never_jumps_and_the_key_light_changes_sides_in_the_dark() {
        for minute in 0..1_440 {
            let (now, next) = (
                clear(f64::from(minute) / 60.0),
                clear(f64::from(minute + 1) / 60.0),
            );
            assert!(now.sky_light.distance(next.sky_light) < 0.02, "{minute}");
            assert!(now.horizon.distance(next.horizon) < 0.05, "{minute}");
            assert!(now.key_light.distance(next.key_light) < 0.20, "{minute}");
            if now.key_direction.distance(next.key_direction) > 0.1 {
                assert!(now.key_light.length() < 0.01 && next.key_light.length() < 0.01);
            }
            assert!(now.key_direction.y > 0.0 || now.key_light.length() < 0.05);
        }
    }

    #[test]
    fn windows_and_lamps_are_lit_at_night_only() {
        assert!(clear(12.0).lamps == 0.0 && clear(12.0).evening < 0.05);
        assert!(clear(21.0).lamps == 1.0 && clear(21.0).evening > 0.5);
        assert!(clear(3.0).lamps == 1.0 && clear(3.0).evening < clear(21.0).evening);
        assert!(clear(12.0).stars == 0.0 && clear(0.0).stars == 1.0);
    }
}
