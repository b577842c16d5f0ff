//! Large parks: a superblock of lawns and groves with curved paths, a pond, a playground and a round place in the middle.

use bevy::math::Vec2;

use super::super::area::{Area, Side};
use super::super::colour::GRASS;
use super::super::hash::Dice;
use super::super::land::Survey;
use super::blocks::Block;
use super::furniture::{Lamp, Prop, Species, Tree};
use super::streets::KERB_HEIGHT_M;

/// Directions around a circle, in sixteen steps.
pub(in super::super) const AROUND: [Vec2; 16] = {
    const A: f32 = 0.923_879_5;
    const B: f32 = 0.707_106_77;
    const C: f32 = 0.382_683_43;
    [
        Vec2::new(1.0, 0.0),
        Vec2::new(A, C),
        Vec2::new(B, B),
        Vec2::new(C, A),
        Vec2::new(0.0, 1.0),
        Vec2::new(-C, A),
        Vec2::new(-B, B),
        Vec2::new(-A, C),
        Vec2::new(-1.0, 0.0),
        Vec2::new(-A, -C),
        Vec2::new(-B, -B),
        Vec2::new(-C, -A),
        Vec2::new(0.0, -1.0),
        Vec2::new(C, -A),
        Vec2::new(B, -B),
        Vec2::new(A, -C),
    ]
};

/// Blocks whose shorter side is longer than this are laid out as large parks, metres.
pub(super) const LARGE_FROM_M: f32 = 150.0;
/// Length of the pieces of a path, metres.
const PIECE_M: f32 = 7.0;
/// How far trees keep from the edges of paths, metres.
const CLEAR_M: f32 = 2.2;
/// How far the water of a pond lies below the lowest place on its rim, metres.
const WATER_BELOW_M: f32 = 0.3;
/// Depth of a pond, metres.
const DEPTH_M: f32 = 0.6;
/// The water's edge as a share of the way from the middle to the rim.
pub(in super::super) const SHORE_SHARE: f32 = 0.86;
/// How many trees there may be, per 100 square metres.
const TREES_PER_HUNDRED: f32 = 0.75;

/// What a large park has that other blocks do not.
#[derive(Clone, Debug)]
pub(in super::super) struct Park {
    /// Paths of different layers cross each other; those of one layer do not.
    pub(in super::super) paths: Vec<Path>,
    pub(in super::super) pond: Pond,
    pub(in super::super) playground: Area,
    /// The round place where the paths cross: middle and radius.
    pub(in super::super) place: (Vec2, f32),
}

#[derive(Clone, Debug)]
pub(in super::super) struct Path {
    pub(in super::super) points: Vec<Vec2>,
    pub(in super::super) half_m: f32,
    /// How many paths lie below it where they cross.
    pub(in super::super) layer: u8,
}

/// A pond: its rim around its middle, in the directions of [`AROUND`].
#[derive(Clone, Debug)]
pub(in super::super) struct Pond {
    pub(in super::super) center: Vec2,
    pub(in super::super) radii_m: [f32; 16],
}

/// Where things of a playground stand, from its middle, metres.
pub(in super::super) mod playground {
    use bevy::math::Vec2;

    pub(in super::super::super) const SWING: Vec2 = Vec2::new(-4.5, -2.0);
    pub(in super::super::super) const TOWER: Vec2 = Vec2::new(3.6, 1.8);
    pub(in super::super::super) const RAIL: Vec2 = Vec2::new(-2.0, 4.0);
    pub(in super::super::super) const SEAT: Vec2 = Vec2::new(4.0, -4.5);
    /// How far from the tower's middle the slide begins and ends, eastwards.
    pub(in super::super::super) const SLIDE: [f32; 2] = [0.75, 3.6];
}

impl Park {
    /// What of the playground stops bodies: areas, and heights of their tops above the land.
    pub(in super::super) fn playground_boxes(&self) -> [(Area, f32); 7] {
        use playground::{RAIL, SEAT, SLIDE, SWING, TOWER};
        let middle = self.playground.center();
        let [from, to] = SLIDE;
        let steep = (from + to) / 2.0;
        let slide = |from: f32, to: f32| {
            Area::around(
                middle + TOWER + Vec2::X * ((from + to) / 2.0),
                to - from,
                0.6,
            )
        };
        [
            (
                Area::around(middle + SWING - Vec2::X * 2.2, 0.14, 1.54),
                2.6,
            ),
            (
                Area::around(middle + SWING + Vec2::X * 2.2, 0.14, 1.54),
                2.6,
            ),
            (Area::around(middle + TOWER, 1.5, 1.5), 2.7),
            (slide(from, steep), 1.5),
            (slide(steep, to), 0.95),
            (Area::around(middle + RAIL, 3.0, 0.14), 1.74),
            (Area::around(middle + SEAT, 2.4, 0.5), 0.6),
        ]
    }
}

impl Pond {
    pub(in super::super) fn rim(&self, number: usize, share: f32) -> Vec2 {
        let k = number % AROUND.len();
        self.center + AROUND[k] * (self.radii_m[k] * share)
    }

    /// The square around it that its surroundings fill.
    pub(in super::super) fn square(&self) -> Area {
        let half = self.radii_m.into_iter().fold(0.0, f32::max) + 2.0;
        Area::around(self.center, 2.0 * half, 2.0 * half)
    }

    /// Height of its water, metres above the water of rivers.
    pub(in super::super) fn level_m(&self, survey: &Survey) -> f32 {
        (0..AROUND.len())
            .map(|k| survey.height_at(self.rim(k, 1.0)))
            .fold(f32::MAX, f32::min)
            + KERB_HEIGHT_M
            - WATER_BELOW_M
    }

    /// How far out a place is as a share of the way to the rim.
    fn share_at(&self, place: Vec2) -> f32 {
        let offset = place - self.center;
        // The sector whose two spokes enclose the place.
        (0..AROUND.len())
            .find_map(|k| {
                let (a, b) = (
                    self.rim(k, 1.0) - self.center,
                    self.rim(k + 1, 1.0) - self.center,
                );
                let double_area = a.perp_dot(b);
                let (s, t) = (
                    offset.perp_dot(b) / double_area,
                    a.perp_dot(offset) / double_area,
                );
                (s >= 0.0 && t >= 0.0).then_some(s + t)
            })
            .unwrap_or(0.0)
    }

    /// Height of the ground of the pond at a place, if it is in it, and whether it is under water.
    pub(in super::super) fn height_at(&self, survey: &Survey, place: Vec2) -> Option<(f32, bool)> {
        if !self.square().contains(place) {
            return None;
        }
        let share = self.share_at(place);
        if share >= 1.0 {
            return None;
        }
        let level_m = self.level_m(survey);
        if share < SHORE_SHARE {
            let deeper = (1.0 - share / SHORE_SHARE).min(0.3) / 0.3;
            return Some((level_m - DEPTH_M * deeper, deeper > 0.0));
        }
        let rim_m = survey.height_at(place) + KERB_HEIGHT_M;
        let up = (share - SHORE_SHARE) / (1.0 - SHORE_SHARE);
        Some((level_m + (rim_m - level_m) * up, false))
    }
}

/// Lays out the whole block as one park.
pub(super) fn lay_out(block: &mut Block, dice: &mut Dice) {
    block.ground = GRASS * dice.between(0.92, 1.05);
    let inner = block.inner;
    let (center, size) = (inner.center(), Vec2::new(inner.size_x(), inner.size_z()));
    // The pond in one quarter, the playground in another.
    let [west, north] = [dice.chance(0.5), dice.chance(0.5)];
    let towards = Vec2::new(
        if west { -1.0 } else { 1.0 },
        if north { -1.0 } else { 1.0 },
    );
    let mut radii_m = [0.0; 16];
    for radius_m in &mut radii_m {
        *radius_m = inner.shorter() * dice.between(0.085, 0.115);
    }
    let pond = Pond {
        center: center + towards * size * 0.235,
        radii_m,
    };
    let play = center + Vec2::new(-towards.x, towards.y) * size * dice.between(0.2, 0.27);
    let paths = vec![
        ring(&inner, dice),
        across(&inner, center, Side::North, -towards.x, 1, dice),
        across(&inner, center, Side::West, -towards.y, 2, dice),
    ];
    let park = Park {
        playground: Area::around(play, dice.between(19.0, 26.0), dice.between(15.0, 20.0)),
        place: (center, dice.between(9.0, 12.0)),
        pond,
        paths,
    };
    furnish(block, &park, dice);
    block.park = Some(park);
}

/// The path around, not far from the pavements.
fn ring(inner: &Area, dice: &mut Dice) -> Path {
    let around = inner.inset(22.0);
    let (middle, half) = (
        around.center(),
        Vec2::new(around.size_x(), around.size_z()) / 2.0,
    );
    let corners: Vec<Vec2> = AROUND
        .into_iter()
        .map(|direction| {
            // Between a circle and a square.
            let square = direction / direction.x.abs().max(direction.y.abs());
            let at = direction.lerp(square, 0.62) * dice.between(0.94, 1.0);
            middle + at * half
        })
        .collect();
    let count = corners.len();
    let mut points = Vec::new();
    for k in 0..count {
        let four = [k + count - 1, k, k + 1, k + 2].map(|k| corners[k % count]);
        curve(&mut points, four);
    }
    points.push(corners[0]);
    Path {
        points,
        half_m: 1.7,
        layer: 0,
    }
}

/// A path from the middle of one side to the opposite one, through the middle, swinging away from the pond.
fn across(inner: &Area, center: Vec2, from: Side, away: f32, layer: u8, dice: &mut Dice) -> Path {
    let (start, end) = (
        inner.strip(from, 0.0, 0.0).center(),
        inner.strip(from.opposite(), 0.0, 0.0).center(),
    );
    let swing = match from {
        Side::North | Side::South => Vec2::X,
        Side::West | Side::East => Vec2::Y,
    } * away;
    let size = inner.shorter();
    let [first, second] = [0.5, 0.5].map(|share| {
        let _ = share;
        swing * (size * dice.between(0.05, 0.12))
    });
    let knots = [
        start - (center - start) * 0.2,
        start,
        start.lerp(center, 0.5) + first,
        center,
        center.lerp(end, 0.5) + second,
        end,
        end + (end - center) * 0.2,
    ];
    let mut points = Vec::new();
    for four in knots.windows(4) {
        curve(&mut points, [four[0], four[1], four[2], four[3]]);
    }
    points.push(end);
    Path {
        points,
        half_m: 2.2,
        layer,
    }
}

/// Adds the points of a curve from the second to before the third of four (Catmull and Rom 1974).
fn curve(points: &mut Vec<Vec2>, [a, b, c, d]: [Vec2; 4]) {
    let count = (b.distance(c) / PIECE_M).ceil().max(1.0) as u32;
    for k in 0..count {
        let t = k as f32 / count as f32;
        let (t2, t3) = (t * t, t * t * t);
        points.push(
            (b * 2.0
                + (c - a) * t
                + (a * 2.0 - b * 5.0 + c * 4.0 - d) * t2
                + (b * 3.0 - a - c * 3.0 + d) * t3)
                / 2.0,
        );
    }
}

fn furnish(block: &mut Block, park: &Park, dice: &mut Dice) {
    let inner = block.inner;
    let taken = Taken::of(park);
    let (middle, radius_m) = park.place;
    block.furniture.props.push(Prop::Fountain {
        at: middle,
        radius_m: 3.4,
    });
    for side in Side::ALL {
        block.furniture.props.push(Prop::Bench {
            at: middle + side.outward() * (radius_m - 1.2) + side.outward().perp() * 4.0,
            faces: side.opposite(),
        });
    }
    for path in &park.paths {
        for (number, pair) in path.points.windows(2).enumerate() {
            let beside = (pair[1] - pair[0]).perp().normalize_or_zero() * (path.half_m + 0.9);
            let at = pair[0] + beside;
            if number % 5 == 2 && taken.is_free(at, 0.3) {
                let towards = -beside;
                let road = Side::ALL
                    .into_iter()
                    .max_by(|a, b| {
                        a.outward()
                            .dot(towards)
                            .total_cmp(&b.outward().dot(towards))
                    })
                    .unwrap_or(Side::North);
                block.furniture.lamps.push(Lamp { at, road });
            } else if number % 4 == 0 && taken.is_free(at, 0.6) {
                let faces = Side::ALL
                    .into_iter()
                    .max_by(|a, b| {
                        let towards = |side: &Side| side.outward().dot(-beside);
                        towards(a).total_cmp(&towards(b))
                    })
                    .unwrap_or(Side::North);
                block.furniture.props.push(Prop::Bench { at, faces });
            }
        }
    }
    // Groves: most trees stand near one of some middles, the others anywhere.
    let groves: Vec<(Vec2, f32, Species)> = (0..14)
        .map(|_| {
            let at = Vec2::new(
                dice.between(inner.x0, inner.x1),
                dice.between(inner.z0, inner.z1),
            );
            let species = dice.pick(&[
                Species::Broad,
                Species::Broad,
                Species::Tall,
                Species::Conifer,
            ]);
            (at, dice.between(18.0, 48.0), species)
        })
        .collect();
    let edge = inner.inset(1.5);
    let count = (inner.square_metres() / 100.0 * TREES_PER_HUNDRED) as u32;
    for _ in 0..count {
        let (grove, radius_m, species) = dice.pick(&groves);
        let is_apart = dice.chance(0.22);
        let near = grove + Vec2::new(dice.between(-1.0, 1.0), dice.between(-1.0, 1.0)) * radius_m;
        let apart = Vec2::new(
            dice.between(inner.x0, inner.x1),
            dice.between(inner.z0, inner.z1),
        );
        let at = if is_apart { apart } else { near };
        let tree = Tree {
            at,
            species: if is_apart { Species::Broad } else { species },
            scale: dice.between(0.75, 1.4),
            turn: dice.whole(0, 7) as u8,
        };
        if edge.contains(at) && taken.is_free(at, CLEAR_M) {
            block.furniture.trees.push(tree);
        } else if edge.contains(at) && taken.is_free(at, 0.8) {
            block.furniture.props.push(Prop::Bush { at });
        }
    }
}

/// What of a park is no lawn, listed so that most of it is passed over quickly.
struct Taken<'a> {
    park: &'a Park,
    pond_m: f32,
    /// Runs of the paths' points, each with the box around it and half the path's width.
    runs: Vec<(Area, &'a [Vec2], f32)>,
}

/// How many pieces of a path are looked at together.
const RUN: usize = 8;

impl<'a> Taken<'a> {
    fn of(park: &'a Park) -> Self {
        let mut runs = Vec::new();
        for path in &park.paths {
            let mut first = 0;
            while first + 1 < path.points.len() {
                let end = (first + RUN + 1).min(path.points.len());
                let run = &path.points[first..end];
                let (low, high) = run
                    .iter()
                    .fold((Vec2::MAX, Vec2::MIN), |(low, high), point| {
                        (low.min(*point), high.max(*point))
                    });
                runs.push((Area::new(low.x, low.y, high.x, high.y), run, path.half_m));
                first = end - 1;
            }
        }
        Self {
            park,
            pond_m: park.pond.radii_m.into_iter().fold(0.0, f32::max),
            runs,
        }
    }

    /// Whether nothing of the park but its lawns is nearer to a place than a margin.
    fn is_free(&self, at: Vec2, margin_m: f32) -> bool {
        let (middle, radius_m) = self.park.place;
        at.distance(middle) > radius_m + margin_m
            && at.distance(self.park.pond.center) - self.pond_m > margin_m
            && !self.park.playground.inset(-margin_m - 0.5).contains(at)
            && self.runs.iter().all(|(around, run, half_m)| {
                let reach = half_m + margin_m;
                // A little more, so that rounding decides nothing here.
                !around.inset(-reach - 0.1).contains(at)
                    || run
                        .windows(2)
                        .all(|pair| distance_to(at, pair[0], pair[1]) > reach)
            })
    }
}

fn distance_to(at: Vec2, from: Vec2, to: Vec2) -> f32 {
    let way = to - from;
    let share = ((at - from).dot(way) / way.length_squared().max(1e-6)).clamp(0.0, 1.0);
    at.distance(from + way * share)
}
