//! How dense the city is at a place: smooth noise of world coordinates, so that districts ignore chunk borders.

use super::super::hash::{Topic, hash_at};

/// What is built in a block.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Hash)]
pub(in super::super) enum Zone {
    /// Towers on podiums.
    Core,
    /// Closed street walls of four to ten floors with shops.
    Midtown,
    /// Terraced houses with small front gardens.
    Terraces,
    /// Detached houses in gardens.
    Houses,
}

impl Zone {
    pub(in super::super) fn of(density: f32) -> Zone {
        match density {
            d if d > 0.70 => Zone::Core,
            d if d > 0.44 => Zone::Midtown,
            d if d > 0.22 => Zone::Terraces,
            _ => Zone::Houses,
        }
    }
}

/// Radius of the centre that every city has around the world's origin, metres.
const CENTER_RADIUS_M: f64 = 750.0;

/// How dense the city is at a place, 0 (gardens) to 1 (towers).
pub(in super::super) fn density_at(seed: u64, x_in_world: f64, z_in_world: f64) -> f32 {
    let broad = smooth_noise(
        seed,
        Topic::Density,
        0,
        x_in_world / 870.0,
        z_in_world / 870.0,
    );
    let fine = smooth_noise(
        seed,
        Topic::Density,
        1,
        x_in_world / 290.0,
        z_in_world / 290.0,
    );
    // The sum of noises rarely leaves the middle; stretching it brings out towers and gardens.
    let noise = (0.66 * broad + 0.34 * fine - 0.5) * 1.75 + 0.46;
    let from_center =
        (x_in_world * x_in_world + z_in_world * z_in_world) / (CENTER_RADIUS_M * CENTER_RADIUS_M);
    let center = (1.0 - from_center).max(0.0);
    (noise + 0.38 * center).clamp(0.0, 1.0) as f32
}

/// How strongly a place wants to be a park, 0 to 1.
pub(in super::super) fn greenness_at(seed: u64, x_in_world: f64, z_in_world: f64) -> f32 {
    smooth_noise(
        seed,
        Topic::Green,
        0,
        x_in_world / 240.0,
        z_in_world / 240.0,
    ) as f32
}

/// A tone for large surfaces such as roads, around 1, that is continuous over chunk borders.
pub(in super::super) fn tone_at(seed: u64, x_in_world: f64, z_in_world: f64) -> f32 {
    0.93 + 0.14 * smooth_noise(seed, Topic::Ground, 0, x_in_world / 17.0, z_in_world / 17.0) as f32
}

/// Value noise in 0..=1 on the unit lattice.
fn smooth_noise(seed: u64, topic: Topic, layer: u64, x: f64, z: f64) -> f64 {
    let (x_cell, z_cell) = (x.floor(), z.floor());
    let corner = |dx: f64, dz: f64| {
        let hash = hash_at(
            seed ^ (layer << 32),
            topic,
            (x_cell + dx) as i64,
            (z_cell + dz) as i64,
        );
        (hash >> 11) as f64 / (1u64 << 53) as f64
    };
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - x_cell), ease(z - z_cell));
    let north = corner(0.0, 0.0) * (1.0 - u) + corner(1.0, 0.0) * u;
    let south = corner(0.0, 1.0) * (1.0 - u) + corner(1.0, 1.0) * u;
    north * (1.0 - v) + south * v
}
