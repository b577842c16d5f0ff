// Everything solid of the city. Light is reckoned at the corners; with RICH, at every pixel and with shadows.
#import bevy_pbr::{mesh_functions, view_transformations::position_world_to_clip, mesh_view_bindings::view}
#import ringroad::sky::{light, sky_colour, haze_share, display, repeating_noise, PATTERN_M}
#ifdef RICH
#import bevy_pbr::shadows::fetch_directional_shadow
#import bevy_pbr::mesh_view_bindings::lights
#endif

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    // The fourth is the light of street lamps.
    @location(1) normal: vec4<f32>,
    // The fourth is what glows: see `src/city/build/glow.rs`.
    @location(5) colour: vec4<f32>,
}

struct Between {
    @builtin(position) position: vec4<f32>,
    @location(0) world_position: vec3<f32>,
    @location(1) albedo: vec3<f32>,
    // Light that needs no shadow, and in the lean form all of it.
    @location(2) radiance: vec3<f32>,
    @location(3) normal: vec3<f32>,
#ifdef RICH
    // 1 where it is glass, and how bright its own light is.
    @location(4) @interpolate(flat) kind: vec2<f32>,
#endif
}

// Vertex colours are square roots of shares of this: `BRIGHTEST` in `src/city/build/vertex.rs`.
const BRIGHTEST: f32 = 2.0;
const LAMP: f32 = 0.06;
const OWN: f32 = 0.16;
const WINDOW: f32 = 0.9;

// Light that a surface gives off by itself; the fourth is 1 where it is glass.
fn glow_of(alpha: f32, albedo: vec3<f32>) -> vec4<f32> {
    if alpha > WINDOW {
        return vec4(0.0);
    }
    if alpha < LAMP {
        return vec4(light.lamp_light * (light.lamps * 3.0), 0.0);
    }
    if alpha < OWN {
        return vec4(albedo * (light.lamps * 1.7), 0.0);
    }
    let threshold = (alpha - 0.2) / 0.6;
    let on = saturate((light.evening - threshold) * 40.0);
    // The same number says which light it is: mostly warm, some cool, some dim.
    let choice = fract(threshold * 61.7);
    let strength = 0.22 + 0.5 * fract(threshold * 173.3);
    let tint = select(vec3(1.0, 0.58, 0.24), vec3(0.72, 0.86, 1.0), choice > 0.8);
    let room = mix(tint, vec3(1.0, 0.78, 0.5), saturate(choice - 0.35));
    return vec4(room * (on * strength * (0.25 + 0.75 * light.lamps)), 1.0);
}

// What a pane mirrors: sky above, streets below.
fn mirrored(direction: vec3<f32>) -> vec3<f32> {
    let below = saturate(-direction.y * 3.0);
    return mix(sky_colour(direction), light.ground_light * 0.6 + light.lamp_light * (light.lamps * 0.03), below);
}

fn fresnel(cosine: f32, least: f32) -> f32 {
    let c = 1.0 - saturate(cosine);
    let c2 = c * c;
    return least + (1.0 - least) * c2 * c2 * c;
}

fn hemisphere(normal: vec3<f32>) -> vec3<f32> {
    return mix(light.ground_light, light.sky_light, normal.y * 0.5 + 0.5);
}

@vertex
fn vertex(in: Vertex) -> Between {
    var out: Between;
    let world_from_local = mesh_functions::get_world_from_local(in.instance_index);
    let world = mesh_functions::mesh_position_local_to_world(world_from_local, vec4(in.position, 1.0)).xyz;
    let normal = normalize(mesh_functions::mesh_normal_local_to_world(in.normal.xyz, in.instance_index));
    let albedo = in.colour.rgb * in.colour.rgb * BRIGHTEST;
    let glow = glow_of(in.colour.a, albedo);
    out.position = position_world_to_clip(world);
    out.world_position = world;
    out.normal = normal;
    out.albedo = albedo;
    let lamps = light.lamp_light * (max(in.normal.w, 0.0) * light.lamps);
    var radiance = albedo * (hemisphere(normal) + lamps) + glow.rgb;
#ifdef RICH
    out.kind = vec2(glow.w, max(glow.r, max(glow.g, glow.b)));
#else
    // Without shadows there is too much sun in streets: a little less everywhere.
    radiance += albedo * light.key_light * (0.86 * max(dot(normal, light.key_direction), 0.0));
    if glow.w > 0.5 {
        let eye = normalize(view.world_position - world);
        let mirror = mirrored(reflect(-eye, normal));
        radiance = mix(radiance, mirror, fresnel(dot(eye, normal), 0.14));
    }
#endif
    out.radiance = radiance;
    return out;
}

// A cone of light along the street.
fn headlight_on(world: vec3<f32>, normal: vec3<f32>) -> f32 {
    let way = world - light.headlight_at;
    let distance2 = dot(way, way);
    let along = way * inverseSqrt(distance2);
    let cone = smoothstep(0.86, 0.985, dot(along, light.headlight_along));
    let facing = saturate(dot(normal, -along) * 3.0 + 0.25);
    return light.headlight * cone * facing * 130.0 / (60.0 + distance2);
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    var radiance = in.radiance;
    let way = in.world_position - view.world_position;
    let inverse_distance = inverseSqrt(max(dot(way, way), 1e-6));
    let distance_m = dot(way, way) * inverse_distance;
    let direction = way * inverse_distance;
#ifdef RICH
    let normal = normalize(in.normal);
    let facing = dot(normal, light.key_direction);
    var albedo = in.albedo;
    if normal.y > 0.7 && distance_m < 120.0 {
        // Grain of asphalt, stone and earth.
        let at = in.world_position.xz + light.origin_in_pattern.xz;
        let grain = repeating_noise(at * 9.0, 9.0 * PATTERN_M) * 0.5
            + repeating_noise(at * 1.25, 1.25 * PATTERN_M) * 0.5 - 0.5;
        let grained = 1.0 + grain * 0.16 * (1.0 - distance_m / 120.0);
        albedo *= grained;
        radiance *= grained;
    }
    if facing > 0.0 {
        var lit = 1.0;
        let view_z = dot(vec4(view.view_from_world[0].z, view.view_from_world[1].z, view.view_from_world[2].z, view.view_from_world[3].z), vec4(in.world_position, 1.0));
        if lights.n_directional_lights > 0u {
            lit = fetch_directional_shadow(0u, vec4(in.world_position, 1.0), normal, view_z, in.position.xy);
        }
        radiance += albedo * light.key_light * (facing * lit);
    }
    if in.kind.x > 0.5 {
        let mirror = mirrored(reflect(direction, normal));
        radiance = mix(radiance, mirror, fresnel(-dot(direction, normal), 0.14));
    }
#else
    let normal = in.normal;
    let albedo = in.albedo;
#endif
    if light.headlight > 0.0 {
        radiance += albedo * vec3(1.0, 0.93, 0.8) * headlight_on(in.world_position, normal);
    }
    if light.wetness > 0.0 && normal.y > 0.5 {
        // Water fills the grain: darker, and a mirror at a low angle.
        let wet = light.wetness * normal.y;
        // Between houses only some of the sky is mirrored.
        let mirror = sky_colour(vec3(direction.x, abs(direction.y), direction.z)) * 0.62 + light.lamp_light * (light.lamps * 0.06);
        let share = fresnel(abs(direction.y), 0.02) * wet * 0.42;
        radiance = mix(radiance * (1.0 - 0.42 * wet), mirror, share);
    }
    radiance = mix(radiance, sky_colour(direction), haze_share(distance_m));
    var shown = display(radiance);
#ifdef RICH
    // Brighter than a screen can show: what bloom spreads.
    shown += saturate(in.kind.y * 2.0 - 0.9) * 0.7 * in.radiance * (1.0 - haze_share(distance_m));
#endif
    return vec4(shown, 1.0);
}
