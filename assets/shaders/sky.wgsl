// The light of one moment and the sky it makes: shared by all shaders of city and sky.
#define_import_path ringroad::sky

// See `src/city/illumination.rs`.
struct Illumination {
    key_direction: vec3<f32>,
    night: f32,
    key_light: vec3<f32>,
    evening: f32,
    sky_light: vec3<f32>,
    wetness: f32,
    ground_light: vec3<f32>,
    rain: f32,
    sun_direction: vec3<f32>,
    sun_disc: f32,
    moon_direction: vec3<f32>,
    moon_disc: f32,
    zenith: vec3<f32>,
    stars: f32,
    horizon: vec3<f32>,
    cloud_cover: f32,
    sun_glow: vec3<f32>,
    clock_secs: f32,
    cloud_light: vec3<f32>,
    haze_begin_m: f32,
    cloud_shade: vec3<f32>,
    haze_end_m: f32,
    lamp_light: vec3<f32>,
    lamps: f32,
    headlight_at: vec3<f32>,
    headlight: f32,
    headlight_along: vec3<f32>,
    exposure: f32,
    origin_in_pattern: vec3<f32>,
    padding: f32,
    cloud_at: vec2<f32>,
    more_padding: vec2<f32>,
}

// What repeats in the world repeats after so many metres, and in time after so many seconds: `PATTERN_M` and `CLOCK_SECS`
// in `src/city/illumination.rs`. Whoever uses place or clock must repeat with them, or it jumps.
const PATTERN_M: f32 = 4096.0;
const CLOCK_SECS: f32 = 3600.0;
const TAU: f32 = 6.2831853;

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> light: Illumination;

// The sky without disc, clouds and stars. Below the horizon it goes on as at the horizon.
fn sky_colour(direction: vec3<f32>) -> vec3<f32> {
    let low = 1.0 - max(direction.y, 0.0);
    let low2 = low * low;
    let low4 = low2 * low2;
    let base = mix(light.zenith, light.horizon, low4 * (0.35 + 0.65 * low4));
    let towards = max(dot(direction, light.sun_direction), 0.0);
    let t2 = towards * towards;
    let t8 = t2 * t2 * t2 * t2;
    return base + light.sun_glow * (t2 * 0.25 + t8 * 0.75) * (0.25 + 0.75 * low2);
}

// The share of haze between the eye and what is so far away.
fn haze_share(distance_m: f32) -> f32 {
    let share = saturate((distance_m - light.haze_begin_m) / (light.haze_end_m - light.haze_begin_m));
    // A little of it everywhere, so that distance reads; all of it at the end.
    let near = saturate(distance_m / light.haze_end_m);
    return max(share, 0.22 * near);
}

// From light to what a screen shows (Narkowicz 2016, a fit to the ACES curve).
fn display(colour: vec3<f32>) -> vec3<f32> {
    let x = colour * light.exposure;
    return saturate(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14));
}

// Without sine, whose precision differs between adapters (Hoskins 2014, "Hash without Sine").
fn hash_of(p: vec2<f32>) -> f32 {
    var q = fract(vec3(p.xyx) * 0.1031);
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
}

// The same noise, which repeats after a whole number of cells.
fn repeating_noise(p: vec2<f32>, period: f32) -> f32 {
    let whole = floor(p);
    let f = p - whole;
    let s = f * f * (3.0 - 2.0 * f);
    let cell = whole - period * floor(whole / period);
    // The cell after the last is the first.
    let next = (cell + 1.0) * step(cell + 1.0, vec2(period - 0.5));
    let a = hash_of(cell);
    let b = hash_of(vec2(next.x, cell.y));
    let c = hash_of(vec2(cell.x, next.y));
    let d = hash_of(next);
    return mix(mix(a, b, s.x), mix(c, d, s.x), s.y);
}

fn value_noise(p: vec2<f32>) -> f32 {
    let cell = floor(p);
    let f = p - cell;
    let s = f * f * (3.0 - 2.0 * f);
    let a = hash_of(cell);
    let b = hash_of(cell + vec2(1.0, 0.0));
    let c = hash_of(cell + vec2(0.0, 1.0));
    let d = hash_of(cell + vec2(1.0, 1.0));
    return mix(mix(a, b, s.x), mix(c, d, s.x), s.y);
}
