// The sky: gradient, sun, moon, stars and clouds.
#import bevy_pbr::{mesh_functions, view_transformations::position_world_to_clip, mesh_view_bindings::view}
#import ringroad::sky::{light, sky_colour, display, hash_of, value_noise, repeating_noise}

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
}

struct Between {
    @builtin(position) position: vec4<f32>,
    @location(0) direction: vec3<f32>,
}

@vertex
fn vertex(in: Vertex) -> Between {
    var out: Between;
    let world_from_local = mesh_functions::get_world_from_local(in.instance_index);
    let world = mesh_functions::mesh_position_local_to_world(world_from_local, vec4(in.position, 1.0)).xyz;
    out.position = position_world_to_clip(world);
    out.direction = world - view.world_position;
    return out;
}

// Where and how bright the star of a cell is, on the face of a cube around the eye.
fn stars(direction: vec3<f32>) -> f32 {
    let a = abs(direction);
    var face = direction.xz / max(a.y, 1e-3);
    var side = 0.0;
    if a.x > a.y && a.x > a.z {
        face = direction.yz / a.x;
        side = 17.0 * sign(direction.x);
    } else if a.z > a.y {
        face = direction.xy / a.z;
        side = 31.0 * sign(direction.z);
    }
    let grid = face * 70.0;
    let cell = floor(grid);
    let dice = hash_of(cell + side);
    let at = vec2(hash_of(cell + side + 7.3), hash_of(cell + side + 3.1)) * 0.7 + 0.15;
    let way = grid - cell - at;
    let size = saturate(1.0 - dot(way, way) * 190.0);
    return size * size * step(0.86, dice) * (0.25 + 7.0 * (dice - 0.86));
}

// Repeats after 100 cells: `CLOUD_CELLS` in `src/city/illumination.rs`. So all octaves have a whole number of them.
fn cloud_noise(p: vec2<f32>) -> f32 {
    var sum = repeating_noise(p, 100.0) * 0.5;
    sum += repeating_noise(p * 2.13 + 5.2, 213.0) * 0.27;
    sum += repeating_noise(p * 4.31 + 11.7, 431.0) * 0.15;
#ifdef RICH
    sum += repeating_noise(p * 8.7 + 3.9, 870.0) * 0.08;
#endif
    return sum;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let direction = normalize(in.direction);
    var colour = sky_colour(direction);
    let up = direction.y;
    let to_sun = dot(direction, light.sun_direction);
    if light.stars > 0.0 && up > 0.0 {
        colour += vec3(0.85, 0.9, 1.0) * (stars(direction) * light.stars * saturate(up * 5.0));
    }
    // The moon, with darker plains.
    let to_moon = dot(direction, light.moon_direction);
    if to_moon > 0.999 {
        let disc = smoothstep(0.99978, 0.99984, to_moon);
        let plains = 0.75 + 0.25 * value_noise((direction.xz - light.moon_direction.xz) * 140.0 + 8.0);
        colour = mix(colour, vec3(0.9, 0.92, 0.88) * plains, disc * light.moon_disc);
    }
    let moon_halo = saturate(to_moon);
    let halo8 = moon_halo * moon_halo * moon_halo * moon_halo;
    colour += vec3(0.05, 0.06, 0.08) * (light.moon_disc * pow(halo8, 24.0));
    if to_sun > 0.95 {
        let near = (to_sun - 0.95) * 20.0;
        let halo = near * near * near * near;
        colour += light.key_light * (light.sun_disc * (halo * 0.12 + halo * halo * halo * 0.5));
        colour += light.key_light * (light.sun_disc * smoothstep(0.99965, 0.99985, to_sun) * 8.0);
    }
    if up > 0.02 && light.cloud_cover > 0.01 {
        let at = direction.xz / (up + 0.16) * 1.5 + light.cloud_at;
        let thickness = cloud_noise(at);
        let edge = 0.78 - 0.62 * light.cloud_cover;
        let cover = smoothstep(edge, edge + 0.20, thickness);
        // Thinner towards the sun is brighter, thicker is grey.
        let towards = cloud_noise(at + light.sun_direction.xz * 0.16);
        let lit = saturate(0.62 + (thickness - towards) * 3.2 - max(thickness - edge - 0.2, 0.0) * 0.9);
        let rim = pow(saturate(to_sun), 12.0) * (1.0 - cover) * 0.9;
        let cloud = mix(light.cloud_shade, light.cloud_light, lit) + light.sun_glow * rim;
        colour = mix(colour, cloud, cover * smoothstep(0.02, 0.16, up) * 0.93);
    }
    return vec4(display(colour), 1.0);
}
