//! How dense the city is at a place: downtowns on a jittered lattice and smooth noise between
//! them, functions of places in the plan, so that districts ignore chunk borders.

use bevy::math::{DVec2, Vec2};

use super::super::area::Area;
use super::super::hash::{Dice, Topic, hash_at};
use super::super::network::rivers;

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
    /// Warehouses, works and yards.
    Industry,
    /// Halls and institutes on lawns.
    Campus,
}

impl Zone {
    /// What density alone asks for: towers, street walls, terraces or houses.
    pub(in super::super) fn of(density: f32) -> Zone {
        match density {
            d if d > 0.70 => Zone::Core,
            d if d > 0.46 => Zone::Midtown,
            d if d > 0.25 => Zone::Terraces,
            _ => Zone::Houses,
        }
    }
}

/// Distance between the downtowns of the endless city, metres; one is at the origin, the others are moved about.
const DOWNTOWN_PITCH_M: f64 = 5_000.0;
const DOWNTOWN_JITTER_M: f64 = 1_100.0;
/// Radius of the downtown at the origin, metres.
const FIRST_RADIUS_M: f64 = 1_000.0;

/// Where a downtown is, how far it reaches and how dense it is.
struct Downtown {
    u: f64,
    v: f64,
    radius_m: f64,
    strength: f64,
}

impl Downtown {
    fn of(seed: u64, i: i64, k: i64) -> Self {
        if i == 0 && k == 0 {
            return Self {
                u: 0.0,
                v: 0.0,
                radius_m: FIRST_RADIUS_M,
                strength: 0.62,
            };
        }
        let mut dice = Dice::at(seed, Topic::Downtown, i, k);
        let mut moved = |cell: i64| {
            cell as f64 * DOWNTOWN_PITCH_M + f64::from(dice.between(-1.0, 1.0)) * DOWNTOWN_JITTER_M
        };
        Self {
            u: moved(i),
            v: moved(k),
            radius_m: f64::from(dice.between(700.0, 1_300.0)),
            strength: f64::from(dice.between(0.36, 0.66)),
        }
    }

    /// 1 in the middle, 0 from the radius on, smooth between.
    fn share_at(&self, u: f64, v: f64) -> f64 {
        let (du, dv) = ((u - self.u) / self.radius_m, (v - self.v) / self.radius_m);
        let inside = (1.0 - du * du - dv * dv).max(0.0);
        inside * (2.0 - inside)
    }
}

/// How dense the city is at a place of the plan, 0 (gardens) to 1 (towers).
pub(in super::super) fn density_at(seed: u64, u: f64, v: f64) -> f32 {
    let broad = smooth_noise(seed, Topic::Density, 0, u / 950.0, v / 950.0);
    let fine = smooth_noise(seed, Topic::Density, 1, u / 290.0, v / 290.0);
    // The sum of noises rarely leaves the middle; stretching it brings out both ends.
    let noise = (0.66 * broad + 0.34 * fine - 0.5) * 1.35 + 0.36;
    let (i, k) = (
        (u / DOWNTOWN_PITCH_M).round() as i64,
        (v / DOWNTOWN_PITCH_M).round() as i64,
    );
    // No downtown reaches out of its own cell of the lattice.
    let downtown = Downtown::of(seed, i, k);
    let center = downtown.strength * downtown.share_at(u, v);
    (noise * (1.0 - 0.35 * center) + center).clamp(0.0, 1.0) as f32
}

/// What is built at a place of the plan with this density.
pub(in super::super) fn zone_at(seed: u64, u: f64, v: f64, density: f32) -> Zone {
    let zone = Zone::of(density);
    if zone == Zone::Core {
        return zone;
    }
    // Works need water to ship on and cheap land.
    let beside_river = 0.3 * (1.0 - (rivers::distance_m(seed, v) - 250.0) / 650.0).clamp(0.0, 1.0);
    let works = smooth_noise(seed, Topic::Industry, 0, u / 620.0, v / 480.0) + beside_river;
    if works > 0.93 + 0.3 * f64::from(density - 0.3).max(0.0) {
        return Zone::Industry;
    }
    let learning = smooth_noise(seed, Topic::Industry, 1, u / 420.0, v / 420.0);
    if learning > 0.86 && density > 0.25 {
        return Zone::Campus;
    }
    zone
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

/// Side of the cells of the lattice of tones, metres.
const TONE_CELL_M: f64 = 17.0;

/// Tones for large surfaces such as roads, around 1, that are continuous over chunk borders; measured once for an area.
pub(in super::super) struct ToneField {
    seed: u64,
    origin: DVec2,
    /// The first cell along u and v, and how many corners there are along u.
    first: [i64; 2],
    columns: usize,
    /// What the corners have, row by row: 0 to 1.
    corners: Vec<f64>,
}

impl ToneField {
    /// Measures the tones of an area in metres from an origin in the plan.
    pub(in super::super) fn new(seed: u64, origin: DVec2, area: &Area) -> Self {
        let cell = |at: f64| (at / TONE_CELL_M).floor() as i64;
        let (low, high) = (
            [
                cell(origin.x + f64::from(area.x0)),
                cell(origin.y + f64::from(area.z0)),
            ],
            [
                cell(origin.x + f64::from(area.x1)),
                cell(origin.y + f64::from(area.z1)),
            ],
        );
        let corners = (low[1]..=high[1] + 1)
            .flat_map(|k| (low[0]..=high[0] + 1).map(move |i| (i, k)))
            .map(|(i, k)| corner(seed, Topic::Ground, i, k))
            .collect();
        Self {
            seed,
            origin,
            first: low,
            columns: (high[0] - low[0] + 2) as usize,
            corners,
        }
    }

    /// The tone at a place in metres from the origin.
    pub(in super::super) fn at(&self, place: Vec2) -> f32 {
        let at = (self.origin + place.as_dvec2()) / TONE_CELL_M;
        let cell = at.floor();
        let (i, k) = (cell.x as i64 - self.first[0], cell.y as i64 - self.first[1]);
        let rows = self.corners.len() / self.columns;
        let is_measured = i >= 0 && k >= 0 && i + 1 < self.columns as i64 && k + 1 < rows as i64;
        let corners = if is_measured {
            let first = k as usize * self.columns + i as usize;
            let second = first + self.columns;
            [first, first + 1, second, second + 1].map(|number| self.corners[number])
        } else {
            corners(self.seed, Topic::Ground, [cell.x, cell.y])
        };
        0.93 + 0.14 * blended(corners, at - cell) as f32
    }
}

/// Value noise in 0..=1 on the unit lattice.
fn smooth_noise(seed: u64, topic: Topic, layer: u64, x: f64, z: f64) -> f64 {
    let at = DVec2::new(x, z);
    let cell = at.floor();
    blended(
        corners(seed ^ (layer << 32), topic, [cell.x, cell.y]),
        at - cell,
    )
}

/// What the corners of a cell have: the north-western, then to the east, then the southern ones.
fn corners(seed: u64, topic: Topic, [x_cell, z_cell]: [f64; 2]) -> [f64; 4] {
    [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
        .map(|(dx, dz)| corner(seed, topic, (x_cell + dx) as i64, (z_cell + dz) as i64))
}

fn corner(seed: u64, topic: Topic, i: i64, k: i64) -> f64 {
    (hash_at(seed, topic, i, k) >> 11) as f64 / (1u64 << 53) as f64
}

fn blended([a, b, c, d]: [f64; 4], within: DVec2) -> f64 {
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(within.x), ease(within.y));
    let north = a * (1.0 - u) + b * u;
    let south = c * (1.0 - u) + d * u;
    north * (1.0 - v) + south * v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_are_the_same_where_they_were_measured_and_elsewhere() {
        for origin in [DVec2::ZERO, DVec2::new(-88_600.5, 1.0e8)] {
            let all = ToneField::new(3, origin, &Area::new(-40.0, -40.0, 240.0, 240.0));
            let beside = ToneField::new(
                3,
                origin + DVec2::X * 200.0,
                &Area::new(-40.0, -40.0, 9.0, 9.0),
            );
            for k in 0..400 {
                let place = Vec2::new((k % 20) as f32 * 11.0, (k / 20) as f32 * 11.0);
                let (one, other) = (all.at(place), beside.at(place - Vec2::X * 200.0));
                assert_eq!(one, other);
                assert!((0.93..=1.07).contains(&one));
            }
        }
    }
}
