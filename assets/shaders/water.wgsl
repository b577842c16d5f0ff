// Rivers: level water whose ripples mirror the sky.
#import bevy_pbr::{mesh_functions, view_transformations::position_world_to_clip, mesh_view_bindings::view}
#import ringroad::sky::{light, sky_colour, haze_share, display, repeating_noise, PATTERN_M, CLOCK_SECS, TAU}

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(5) colour: vec4<f32>,
}

struct Between {
    @builtin(position) position: vec4<f32>,
    @location(0) world_position: vec3<f32>,
    @location(1) depth_colour: vec3<f32>,
}

@vertex
fn vertex(in: Vertex) -> Between {
    var out: Between;
    let world_from_local = mesh_functions::get_world_from_local(in.instance_index);
    let world = mesh_functions::mesh_position_local_to_world(world_from_local, vec4(in.position, 1.0)).xyz;
    out.position = position_world_to_clip(world);
    out.world_position = world;
    // What comes back from below, whichever way one looks.
    let key = light.key_light * max(light.key_direction.y, 0.0);
    // Vertex colours are square roots of shares of 2: `BRIGHTEST` in `src/city/build/vertex.rs`.
    out.depth_colour = in.colour.rgb * in.colour.rgb * 2.0 * (light.sky_light * 0.32 + key * 0.16);
    return out;
}

// Slope of one train of waves: how many of them there are along x and z in one pattern, and how many pass in one round of
// the clock. Whole numbers, so that neither ends with a jump.
fn wave(at: vec2<f32>, count: vec2<f32>, passing: f32) -> vec2<f32> {
    let along = count * (TAU / PATTERN_M);
    return along * cos(dot(at, along) + light.clock_secs * (passing * TAU / CLOCK_SECS));
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let way = in.world_position - view.world_position;
    let distance_m = length(way);
    let direction = way / distance_m;
    let at = in.world_position.xz + light.origin_in_pattern.xz;
    // Bent by noise, so that no pattern of straight crests is seen.
    let cells = at * (288.0 / PATTERN_M);
    let bend = vec2(repeating_noise(cells, 288.0), repeating_noise(cells + 31.7, 288.0)) * 9.0;
    let place = at + bend;
    var slope = wave(place, vec2(248.0, 150.0), 745.0) * 0.03
        + wave(place, vec2(-398.0, 548.0), 1089.0) * 0.014
        + wave(place, vec2(1369.0, 847.0), 1948.0) * 0.006;
#ifdef RICH
    slope += wave(place, vec2(-2151.0, 1695.0), 2636.0) * 0.004
        + wave(place, vec2(3455.0, -2673.0), 3495.0) * 0.0022;
#endif
    slope *= (1.0 + light.rain) / (1.0 + distance_m * 0.006);
    let normal = normalize(vec3(-slope.x, 1.0, -slope.y));
    var mirror = reflect(direction, normal);
    mirror.y = abs(mirror.y);
    let c = 1.0 - saturate(-dot(direction, normal));
    let c2 = c * c;
    let share = 0.03 + 0.97 * c2 * c2 * c;
    var seen = sky_colour(mirror);
    // Clouds and far banks take a little of the sky away.
    seen = mix(seen, light.cloud_light, light.cloud_cover * 0.3);
    seen *= 0.82 + 0.18 * saturate(mirror.y * 4.0);
    let towards = saturate(dot(mirror, light.key_direction));
    let glitter = pow(towards, 380.0) * 6.0 + pow(towards, 40.0) * 0.25;
    var radiance = mix(in.depth_colour, seen, share) + light.key_light * glitter * share * 3.0;
    // What is low over the water is the lit city: a light here and there, which ripples draw out towards the eye.
    let low = exp(-mirror.y * 9.0);
    let round = atan2(mirror.x, mirror.z) * (288.0 / TAU);
    let lit = repeating_noise(vec2(round, 0.5), 288.0);
    let lit2 = lit * lit;
    radiance += light.lamp_light * (light.lamps * (0.015 + 0.28 * lit2 * lit2 * lit) * low * share);
    radiance = mix(radiance, sky_colour(direction), haze_share(distance_m));
    return vec4(display(radiance), 1.0);
}
