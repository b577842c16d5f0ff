//! The levels of detail: how much less each costs, and that all of them show the same city.

use std::time::{Duration, Instant};

use bevy::math::{DVec2, Vec2, Vec3};

use super::super::hash::{Dice, Topic};
use super::super::palette::shared_meshes;
use super::super::plan::frame::Frame;
use super::super::plan::skyline::SkylinePlan;
use super::super::plan::{ChunkPlan, Scope};
use super::content::{generate_at, painted_triangles};
use crate::streaming::{ChunkContent, ChunkCoord, DetailLevel, StopToken};

pub(super) const LEVELS: [DetailLevel; 3] = [
    DetailLevel::FULL,
    DetailLevel::MASSING,
    DetailLevel::SKYLINE,
];

const SIZE_M: f32 = 200.0;

fn at_level(detail: DetailLevel, (seed, x, z): (u64, i32, i32)) -> ChunkContent {
    generate_at(detail, seed, x, z, f64::from(SIZE_M))
}

/// A hundred chunks over five kilometres around the centre: towers, streets, terraces, gardens, parks.
fn hundred_chunks() -> impl Iterator<Item = (u64, i32, i32)> {
    (0..100).map(|k| (1 + k as u64 % 2, (k % 10) * 5 - 23, (k / 10) * 5 - 22))
}

fn vertices(content: &ChunkContent) -> usize {
    let meshes = content.meshes.iter();
    meshes.map(|part| part.mesh.count_vertices()).sum()
}

#[test]
fn each_level_has_an_eighth_of_the_vertices_of_the_nearer_one_at_most() {
    let (mut count, mut took) = ([0; 3], [Duration::ZERO; 3]);
    for place in hundred_chunks() {
        for (level, detail) in LEVELS.into_iter().enumerate() {
            count[level] += vertices(&at_level(detail, place));
            // The best of three, since others use the machine too.
            let timed = || {
                let start = Instant::now();
                let content = at_level(detail, place);
                (start.elapsed(), content).0
            };
            took[level] += timed().min(timed()).min(timed());
        }
    }
    let ms = took.map(|took| took.as_secs_f64() * 10.0);
    println!(
        "vertices {:?}, ms {ms:.3?}, each as a share of the nearer: {:.3} {:.3} and {:.3} {:.3}",
        count.map(|count| count / 100),
        count[1] as f64 / count[0] as f64,
        count[2] as f64 / count[1] as f64,
        ms[1] / ms[0],
        ms[2] / ms[1],
    );
    assert!(count[1] * 8 <= count[0], "{count:?}");
    assert!(count[2] * 8 <= count[1], "{count:?}");
}

#[test]
fn coarse_levels_are_one_mesh_without_payload_and_the_coarsest_throws_no_shadow() {
    let levels = [1, 2, 3, 255].map(DetailLevel);
    for place in hundred_chunks().step_by(7) {
        for detail in levels {
            let content = at_level(detail, place);
            assert!((1..=2).contains(&content.meshes.len()), "water is apart");
            assert!(content.instances.is_empty() && content.payload.is_none());
            let throws = content.meshes[0].casts_shadow;
            assert_eq!(throws, detail == DetailLevel::MASSING, "{detail:?}");
        }
    }
}

/// What is seen from straight above, on a grid of places.
struct FromAbove {
    heights_m: Vec<f32>,
    colours: Vec<Vec3>,
}

/// Distance of the places of the grid, metres.
const STEP_M: f32 = 2.0;
const PER_SIDE: usize = (SIZE_M / STEP_M) as usize;

impl FromAbove {
    /// What is seen of a chunk at a level, with heights above the land.
    fn at(detail: DetailLevel, place: (u64, i32, i32)) -> Self {
        Self::of(&at_level(detail, place)).above_land(place)
    }

    /// Likewise, with what neighbours own that reaches over the border: a volume is a whole block, whose houses belong to
    /// the chunks that they stand in.
    fn with_neighbours(detail: DetailLevel, (seed, x, z): (u64, i32, i32)) -> Self {
        let mut seen = Self::of(&at_level(detail, (seed, x, z)));
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dz| (dx, dz)));
        for (dx, dz) in around.filter(|step| *step != (0, 0)) {
            let offset = Vec3::new(dx as f32, 0.0, dz as f32) * SIZE_M;
            for part in &at_level(detail, (seed, x + dx, z + dz)).meshes {
                let painted = painted_triangles(&part.mesh).into_iter();
                seen.add(painted.map(|(corners, colour)| {
                    let moved = corners.map(|at| (Vec3::from_array(at) + offset).to_array());
                    (moved, colour)
                }));
            }
        }
        seen.above_land((seed, x, z))
    }

    fn above_land(self, (seed, x, z): (u64, i32, i32)) -> Self {
        let mut seen = self;
        let frame = Frame::new(seed, ChunkCoord::new(x, z), f64::from(SIZE_M));
        for (cell, height_m) in seen.heights_m.iter_mut().enumerate() {
            let world = Vec2::new(
                (cell % PER_SIDE) as f32 + 0.5,
                (cell / PER_SIDE) as f32 + 0.5,
            );
            *height_m -= frame.survey.height_at(frame.survey.plan_of(world * STEP_M));
        }
        seen
    }

    fn of(content: &ChunkContent) -> Self {
        let mut seen = Self {
            heights_m: vec![f32::NEG_INFINITY; PER_SIDE * PER_SIDE],
            colours: vec![Vec3::ZERO; PER_SIDE * PER_SIDE],
        };
        for part in &content.meshes {
            seen.add(painted_triangles(&part.mesh).into_iter());
        }
        let shared: Vec<_> = shared_meshes()
            .into_iter()
            .map(|(key, mesh)| (key, painted_triangles(&mesh.into_mesh())))
            .collect();
        for group in &content.instances {
            let (_, mesh) = shared
                .iter()
                .find(|(key, _)| *key == group.mesh)
                .expect("chunks place shared meshes only");
            for place in &group.offsets_in_chunk {
                seen.add(mesh.iter().map(|(corners, colour)| {
                    let placed = corners
                        .map(|corner| place.transform_point(Vec3::from_array(corner)).to_array());
                    (placed, *colour)
                }));
            }
        }
        seen
    }

    fn add(&mut self, painted: impl Iterator<Item = ([[f32; 3]; 3], [f32; 3])>) {
        for (corners, colour) in painted {
            let [a, b, c] = corners.map(Vec3::from_array);
            let (u, v) = (b - a, c - a);
            let double_area = u.z * v.x - u.x * v.z;
            if double_area < 1e-4 {
                continue;
            }
            let (low, high) = (a.min(b).min(c), a.max(b).max(c));
            let first = |low: f32| (low / STEP_M - 0.5).ceil().max(0.0) as usize;
            let end = |high: f32| ((high / STEP_M - 0.5).floor() as isize + 1).max(0) as usize;
            for row in first(low.z)..end(high.z).min(PER_SIDE) {
                for column in first(low.x)..end(high.x).min(PER_SIDE) {
                    let place = Vec3::new(column as f32 + 0.5, 0.0, row as f32 + 0.5) * STEP_M - a;
                    let along_u = (place.z * v.x - place.x * v.z) / double_area;
                    let along_v = (u.z * place.x - u.x * place.z) / double_area;
                    if along_u < -1e-5 || along_v < -1e-5 || along_u + along_v > 1.0 + 1e-5 {
                        continue;
                    }
                    let height_m = a.y + along_u * u.y + along_v * v.y;
                    let cell = row * PER_SIDE + column;
                    if height_m > self.heights_m[cell] {
                        self.heights_m[cell] = height_m;
                        self.colours[cell] = Vec3::from_array(colour);
                    }
                }
            }
        }
    }

    fn mean_colour(&self) -> Vec3 {
        self.colours.iter().sum::<Vec3>() / self.colours.len() as f32
    }

    /// The highest point of each column of the grid: the outline seen from the south.
    fn outline_m(&self) -> Vec<f32> {
        let highest = |column: usize| {
            let rows = self.heights_m.iter().skip(column).step_by(PER_SIDE);
            rows.copied().fold(0.0, f32::max)
        };
        (0..PER_SIDE).map(highest).collect()
    }
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

/// Trees end below this, so what is higher is a building, metres.
const ABOVE_TREES_M: f32 = 12.0;

#[test]
fn massing_has_the_ground_the_outline_and_the_colours_of_the_full_chunk() {
    let (mut full_colour, mut coarse_colour) = (Vec3::ZERO, Vec3::ZERO);
    let (mut worst, mut worst_ground) = (0.0f32, 1.0f32);
    for place in hundred_chunks().step_by(3) {
        let [full, coarse] =
            [DetailLevel::FULL, DetailLevel::MASSING].map(|detail| FromAbove::at(detail, place));
        let (mut on_ground, mut level) = (0, 0);
        for (a, b) in full.heights_m.iter().zip(&coarse.heights_m) {
            if a.max(*b) < 0.3 {
                on_ground += 1;
                level += usize::from((a - b).abs() <= 0.2);
            }
        }
        worst_ground = worst_ground.min(level as f32 / on_ground as f32);
        let (a, b) = (full.outline_m(), coarse.outline_m());
        for (one, other) in [(&a, &b), (&b, &a)] {
            for (column, height_m) in one.iter().enumerate() {
                // Facades stand out a little, so the other outline may end a column earlier.
                let near = &other[column.saturating_sub(1)..(column + 2).min(PER_SIDE)];
                let highest_m = near.iter().copied().fold(0.0, f32::max);
                assert!(
                    *height_m < ABOVE_TREES_M || *height_m < highest_m + 3.2,
                    "{height_m} m beside {highest_m} m at {place:?}"
                );
            }
        }
        let (a, b) = (full.mean_colour(), coarse.mean_colour());
        worst = worst.max(((b - a) / a).abs().max_element());
        full_colour += a;
        coarse_colour += b;
    }
    println!(
        "colours: {:.3} of the full ones, at worst off by {worst:.3}; ground at worst {worst_ground:.3}",
        coarse_colour / full_colour
    );
    assert!(
        ((coarse_colour - full_colour) / full_colour)
            .abs()
            .max_element()
            < 0.05
    );
    assert!(worst < 0.08, "{worst}");
    assert!(worst_ground > 0.98, "roads and pavements: {worst_ground}");
}

#[test]
fn the_skyline_has_the_height_and_the_colours_of_the_massing() {
    let (mut colours, mut heights) = ([Vec3::ZERO; 2], [0.0; 2]);
    let (mut worst_colour, mut worst_height, mut worst_roads) = (0.0f32, 0.0f32, 1.0f32);
    for place in hundred_chunks().step_by(3) {
        let [near, far] = [DetailLevel::MASSING, DetailLevel::SKYLINE]
            .map(|detail| FromAbove::with_neighbours(detail, place));
        let (mut roads, mut agreed) = (0, 0);
        for (a, b) in near.heights_m.iter().zip(&far.heights_m) {
            // From so far away a pavement may be street or block.
            let is_pavement = (0.09..0.3).contains(a);
            let is_road = [*a < 0.09, *b < 0.3 && !is_pavement];
            roads += usize::from(is_road.contains(&true));
            agreed += usize::from(is_road == [true; 2]);
        }
        worst_roads = worst_roads.min(agreed as f32 / roads as f32);
        let [a, b] = [&near, &far].map(|seen| mean(&seen.outline_m()));
        if a > ABOVE_TREES_M {
            worst_height = worst_height.max((b / a - 1.0).abs());
            heights[0] += a;
            heights[1] += b;
        }
        let [a, b] = [&near, &far].map(FromAbove::mean_colour);
        worst_colour = worst_colour.max(((b - a) / a).abs().max_element());
        colours[0] += a;
        colours[1] += b;
    }
    let (height, colour) = (heights[1] / heights[0], colours[1] / colours[0]);
    println!(
        "outline {height:.3}, colours {colour:.3} of the massing; at worst off by {worst_height:.3} and {worst_colour:.3}; roads at worst {worst_roads:.3}"
    );
    assert!((height - 1.0).abs() < 0.1, "{height}");
    assert!((colour - 1.0).abs().max_element() < 0.05, "{colour}");
    assert!(worst_height < 0.22 && worst_colour < 0.28 && worst_roads > 0.85);
}

/// Whether the coarsest level of a chunk shows something over a place of the plan.
fn shows(plan: &SkylinePlan, place: DVec2) -> bool {
    let at = (place - plan.frame.origin_in_plan).as_vec2();
    let volumes = plan.volumes.iter().map(|volume| volume.area);
    let landmarks = plan.landmarks.iter().flat_map(|landmark| &landmark.masses);
    volumes
        .chain(landmarks.map(|mass| mass.area))
        .any(|area| area.contains(at))
}

#[test]
fn whatever_levels_meet_at_a_border_each_building_is_there_once() {
    let (mut buildings, mut left_out) = (0, 0);
    let mut by_zone = std::collections::BTreeSet::new();
    let mut dice = Dice::at(5, Topic::Block, 0, 0);
    for (seed, x, z) in hundred_chunks().step_by(9) {
        // Nine chunks, all at the middle level and at the coarsest.
        let around = || (-1..=1).flat_map(|dx| (-1..=1).map(move |dz| (dx, dz)));
        let coords: Vec<ChunkCoord> = around()
            .map(|(dx, dz)| ChunkCoord::new(x + dx, z + dz))
            .collect();
        let stop = StopToken::never();
        let size_m = f64::from(SIZE_M);
        let near: Vec<ChunkPlan> = coords
            .iter()
            .map(|coord| ChunkPlan::new(seed, *coord, size_m, Scope::FromAfar, &stop).unwrap())
            .collect();
        let far: Vec<SkylinePlan> = coords
            .iter()
            .map(|coord| SkylinePlan::new(seed, *coord, size_m, &stop).unwrap())
            .collect();
        let is_far: Vec<bool> = coords.iter().map(|_| dice.chance(0.5)).collect();
        // What stands in the chunk in the middle: all who might draw it are here.
        let middle = &near[4];
        for block in &middle.blocks {
            for building in &block.buildings {
                if !middle.owns(building.anchor) {
                    continue;
                }
                let origin = middle.frame.origin_in_plan;
                let place = origin + building.masses[0].area.center().as_dvec2();
                let anchor = origin + building.anchor.as_dvec2();
                let owners = near
                    .iter()
                    .filter(|plan| plan.owns((anchor - plan.frame.origin_in_plan).as_vec2()));
                assert_eq!(
                    owners.count(),
                    1,
                    "at the middle level, {place} of seed {seed}"
                );
                let shown: Vec<usize> = (0..9).filter(|k| shows(&far[*k], place)).collect();
                assert!(
                    shown.iter().all(|k| *k == 4),
                    "{place} of seed {seed} is also shown by {shown:?}"
                );
                // Any mixture: by its own chunk at either level, and by nobody else.
                let drawn = (0..9)
                    .filter(|k| {
                        if is_far[*k] {
                            shown.contains(k)
                        } else {
                            *k == 4
                        }
                    })
                    .count();
                assert!(drawn == 1 || is_far[4] && shown.is_empty());
                buildings += 1;
                left_out += usize::from(shown.is_empty());
                by_zone.insert(format!("{:?}", block.zone));
            }
        }
    }
    println!("{buildings} buildings of {by_zone:?}, {left_out} too small for the skyline");
    assert!(
        buildings > 400 && by_zone.len() >= 5,
        "{buildings} of {by_zone:?}"
    );
    assert!(
        left_out * 50 < buildings,
        "{left_out} of {buildings} are missing"
    );
}
