// Drops around the eye: streaks that stand still in the world while the eye moves through them.
#import bevy_pbr::{view_transformations::position_world_to_clip, mesh_view_bindings::view}
#import ringroad::sky::{light, display, PATTERN_M, CLOCK_SECS}

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    // A place in the unit cube.
    @location(0) position: vec3<f32>,
    // x: side, -1 or 1; y: 1 at the upper end; z: dice.
    @location(1) normal: vec3<f32>,
}

struct Between {
    @builtin(position) position: vec4<f32>,
    @location(0) strength: f32,
}

// A whole number of cubes fills the pattern.
const SIDE_M: f32 = PATTERN_M / 186.0;
const FALL_MPS: f32 = 11.0;

@vertex
fn vertex(in: Vertex) -> Between {
    var out: Between;
    let eye = view.world_position;
    var at = in.position * SIDE_M;
    // In one round of the clock each falls and drifts through a whole number of cubes.
    let falls = round(CLOCK_SECS / SIDE_M * FALL_MPS * (0.85 + 0.3 * in.normal.z));
    let round_share = light.clock_secs / CLOCK_SECS;
    at.y -= fract(round_share * falls) * SIDE_M;
    at.x += fract(round_share * 131.0) * SIDE_M;
    // Whichever copy of the cube's place lies nearest to the eye.
    let way = at - (eye + light.origin_in_pattern);
    let nearest = way - SIDE_M * round(way / SIDE_M);
    let away = length(nearest.xz);
    let across = normalize(vec3(-nearest.z, 0.0, nearest.x) + vec3(1e-4, 0.0, 0.0));
    let long = 0.35 + 0.35 * in.normal.z;
    let world = eye + nearest + vec3(-0.07, 1.0, 0.0) * (in.normal.y * long)
        + across * (in.normal.x * (0.0016 + 0.0007 * away));
    out.position = position_world_to_clip(world);
    let is_falling = step(in.normal.z, light.rain);
    out.strength = is_falling * 0.24 * saturate(away * 0.8 - 0.4) * saturate((SIDE_M * 0.5 - away) * 0.3);
    if out.strength <= 0.0 {
        // Behind everything: not drawn.
        out.position = vec4(2.0, 2.0, 2.0, 1.0);
    }
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let colour = light.sky_light * 0.7 + light.horizon * 0.35 + light.lamp_light * (light.lamps * 0.1);
    return vec4(display(colour), in.strength);
}
