//! Neighbouring chunks meet: at a thousand random borders ground, roads and water go on at every level, and what is
//! planned beside a border is planned by both alike.

use bevy::math::{Vec2, Vec3};

use super::super::hash::{Dice, Topic};
use super::super::plan::surface::{Surface, SurfaceKind};
use super::content::{generate_at, painted_triangles};
use super::levels::LEVELS;
use super::{USUAL_SIZES_M, plan};
use crate::streaming::{ChunkContent, ChunkCoord, DetailLevel};

const BORDERS: u32 = 1_000;
/// How far from the border both sides are looked at, metres.
const BESIDE_M: f32 = 0.02;

/// A border between two chunks.
#[derive(Copy, Clone, Debug)]
struct Border {
    seed: u64,
    here: ChunkCoord,
    there: ChunkCoord,
    size_m: f64,
}

impl Border {
    fn random(dice: &mut Dice, size_m: f64) -> Self {
        // Some are hundreds of kilometres out.
        let reach = if dice.chance(0.1) { 4_000 } else { 100 };
        let mut along = || dice.whole(0, 2 * reach) as i32 - reach as i32;
        let here = ChunkCoord::new(along(), along());
        let there = if dice.chance(0.5) {
            ChunkCoord::new(here.x + 1, here.z)
        } else {
            ChunkCoord::new(here.x, here.z + 1)
        };
        Self {
            seed: u64::from(dice.whole(0, 9)),
            here,
            there,
            size_m,
        }
    }

    /// A place on the border, just inside of each of the two.
    fn beside(&self, along: f32) -> [Vec2; 2] {
        let size = self.size_m as f32;
        let (mine, theirs) = (size - BESIDE_M, BESIDE_M);
        if self.there.x > self.here.x {
            [Vec2::new(mine, along), Vec2::new(theirs, along)]
        } else {
            [Vec2::new(along, mine), Vec2::new(along, theirs)]
        }
    }
}

#[test]
fn both_sides_of_a_thousand_borders_plan_the_same_ground() {
    let mut dice = Dice::at(42, Topic::Block, 0, 0);
    let mut kinds = std::collections::BTreeSet::new();
    for number in 0..BORDERS {
        let border = Border::random(&mut dice, USUAL_SIZES_M[number as usize % 3]);
        let [mine, theirs] = [border.here, border.there].map(|coord| {
            let plan = plan(border.seed, coord.x, coord.z, border.size_m);
            (Surface::new(&plan), plan)
        });
        let mut different = 0;
        for _ in 0..40 {
            let along = dice.unit() * border.size_m as f32;
            // One place, seen from both.
            let [a, b] = border.beside(along);
            let b_for_me = b
                + (Vec2::new(
                    (border.there.x - border.here.x) as f32,
                    (border.there.z - border.here.z) as f32,
                ) * border.size_m as f32);
            let [here, there] =
                [(&mine, b_for_me), (&theirs, b)].map(|((surface, plan), world)| {
                    let place = plan.frame.survey.plan_of(world);
                    (surface.kind_at(place), surface.height_at(place))
                });
            kinds.insert(here.0 as u8);
            // A kerb may lie between two readings of one place that differ by a hair.
            if here.0 == there.0 {
                let gap = (here.1 - there.1).abs();
                assert!(gap < 0.02, "{here:?} and {there:?} at {a} of {border:?}");
            } else {
                different += 1;
            }
        }
        assert!(different <= 1, "{different} of 40 differ at {border:?}");
    }
    assert!(
        kinds.contains(&(SurfaceKind::Water as u8)) && kinds.contains(&(SurfaceKind::Bank as u8)),
        "some borders lie in rivers"
    );
}

/// The heights of all level faces over a place, ascending.
fn floors_over(parts: &[([[f32; 3]; 3], [f32; 3])], at: Vec2) -> Vec<f32> {
    let mut floors: Vec<f32> = parts
        .iter()
        .filter_map(|(corners, _)| {
            let [a, b, c] = corners.map(Vec3::from_array);
            let (u, v) = (b - a, c - a);
            let double_area = u.z * v.x - u.x * v.z;
            if double_area < 1e-5 {
                return None;
            }
            let offset = Vec3::new(at.x, 0.0, at.y) - a;
            let s = (offset.z * v.x - offset.x * v.z) / double_area;
            let t = (u.z * offset.x - u.x * offset.z) / double_area;
            (s >= -1e-4 && t >= -1e-4 && s + t <= 1.0 + 1e-4).then_some(a.y + s * u.y + t * v.y)
        })
        .collect();
    floors.sort_by(f32::total_cmp);
    floors
}

fn faces(content: &ChunkContent) -> Vec<([[f32; 3]; 3], [f32; 3])> {
    let meshes = content.meshes.iter();
    meshes
        .flat_map(|part| painted_triangles(&part.mesh))
        .collect()
}

/// The height of the ground as it is drawn: the highest face that is not far above where the ground is planned.
fn drawn_ground(floors: &[f32], planned_m: f32, tolerance_m: f32) -> Option<f32> {
    floors
        .iter()
        .copied()
        .rfind(|height| *height < planned_m + tolerance_m)
}

#[test]
fn the_ground_is_drawn_up_to_a_thousand_borders_at_every_level() {
    let mut dice = Dice::at(43, Topic::Block, 0, 0);
    // The farther, the coarser: how far what is drawn may be from what is planned, metres.
    let tolerances = [0.12, 0.35, 1.2];
    // And how far the two sides of a border may be from each other: a kerb is fifteen centimetres high, and from far away blocks are plates that end there.
    let apart = [0.17, 0.35, 1.2];
    let (mut even, mut gaps, mut worst) = ([0; 3], [0; 3], String::new());
    for number in 0..3 * BORDERS {
        let border = Border::random(&mut dice, USUAL_SIZES_M[number as usize % 3]);
        let (level, tolerance_m) = (number as usize / 3 % 3, tolerances[number as usize / 3 % 3]);
        let drawn = [border.here, border.there].map(|coord| {
            let content = generate_at(LEVELS[level], border.seed, coord.x, coord.z, border.size_m);
            let plan = plan(border.seed, coord.x, coord.z, border.size_m);
            (faces(&content), Surface::new(&plan), plan)
        });
        for _ in 0..12 {
            let along = dice.unit() * border.size_m as f32;
            let places = border.beside(along);
            let heights = [0, 1].map(|side| {
                let (faces, surface, plan) = &drawn[side];
                let place = plan.frame.survey.plan_of(places[side]);
                // The surface of water is drawn, not its bed.
                let planned_m = surface.water_at(place).unwrap_or(surface.height_at(place));
                let floors = floors_over(faces, places[side]);
                (drawn_ground(&floors, planned_m, tolerance_m), planned_m)
            });
            let is_whole = heights.iter().all(|(drawn, planned_m)| {
                drawn.is_some_and(|drawn| (drawn - planned_m).abs() < tolerance_m)
            });
            let meets = match heights {
                [(Some(mine), _), (Some(theirs), _)] => (mine - theirs).abs() < apart[level],
                _ => false,
            };
            let (_, surface, plan) = &drawn[0];
            let place = plan.frame.survey.plan_of(places[0]);
            if is_at_edge(surface, place, EDGES_M[level]) {
                continue;
            }
            even[level] += 1;
            if !is_whole || !meets {
                gaps[level] += 1;
                worst = format!("{heights:?} at {along} m of {border:?}, level {level}");
            }
        }
    }
    assert_eq!(gaps, [0; 3], "of {even:?} places, such as {worst}");
    assert!(even.iter().all(|count| *count > 4_000), "{even:?}");
}

/// How far from a kerb, a wall or a bank the ground is even by level, metres: the farther, the coarser it is drawn.
const EDGES_M: [f32; 3] = [0.5, 1.5, 4.0];

/// Whether the planned ground changes its height by more than a slope does around a place.
fn is_at_edge(surface: &Surface, place: Vec2, within_m: f32) -> bool {
    let around = [
        Vec2::X,
        Vec2::NEG_X,
        Vec2::Y,
        Vec2::NEG_Y,
        Vec2::ONE,
        Vec2::NEG_ONE,
        Vec2::new(1.0, -1.0),
        Vec2::new(-1.0, 1.0),
    ];
    let level_of = |at: Vec2| surface.height_at(at) - surface.survey().height_at(at);
    let own = level_of(place);
    around
        .into_iter()
        .flat_map(|way| [0.5, 1.0].map(|share| place + way * within_m * share))
        .any(|at| (level_of(at) - own).abs() > 0.01)
}

#[test]
fn every_thing_belongs_to_exactly_one_chunk() {
    let mut dice = Dice::at(44, Topic::Block, 0, 0);
    for number in 0..60u32 {
        let size = USUAL_SIZES_M[number as usize % 3];
        let border = Border::random(&mut dice, size);
        let plans: Vec<_> = (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dz| (dx, dz)))
            .map(|(dx, dz)| plan(border.seed, border.here.x + dx, border.here.z + dz, size))
            .collect();
        let middle = &plans[4];
        for block in &middle.blocks {
            for building in &block.buildings {
                let anchor = building.anchor;
                let at = middle.frame.origin_in_plan + anchor.as_dvec2();
                let owners = plans
                    .iter()
                    .filter(|plan| plan.owns((at - plan.frame.origin_in_plan).as_vec2()))
                    .count();
                let world = middle.frame.survey.world_of(anchor);
                let is_near = world.cmpgt(Vec2::splat(-(size as f32))).all()
                    && world.cmplt(Vec2::splat(2.0 * size as f32)).all();
                assert!(
                    owners == 1 || !is_near,
                    "{owners} owners of {anchor} {border:?}"
                );
            }
        }
    }
}

#[test]
fn coarse_levels_have_skirts_below_all_of_their_border() {
    for (seed, x, z) in [(1, 0, 0), (1, 3, 2), (2, -7, 5), (5, 40, -18)] {
        for detail in [
            DetailLevel::FULL,
            DetailLevel::MASSING,
            DetailLevel::SKYLINE,
        ] {
            let content = generate_at(detail, seed, x, z, 200.0);
            let on_border: Vec<_> = faces(&content)
                .into_iter()
                .filter(|(corners, _)| {
                    [0, 2].into_iter().any(|axis| {
                        [0.0, 200.0]
                            .into_iter()
                            .any(|side| corners.iter().all(|corner| corner[axis] == side))
                    })
                })
                .collect();
            for axis in [0, 2] {
                for side in [0.0, 200.0] {
                    let covered: f32 = on_border
                        .iter()
                        .filter(|(corners, _)| corners.iter().all(|corner| corner[axis] == side))
                        .map(|(corners, _)| {
                            let along = corners.map(|corner| corner[2 - axis]);
                            let [low, high] = [f32::min, f32::max]
                                .map(|pick| along.into_iter().reduce(pick).unwrap_or(0.0));
                            (high - low) / 2.0
                        })
                        .sum();
                    assert!(covered > 199.0, "{covered} m of {detail:?} at {x} {z}");
                }
            }
        }
    }
}
