//! A lane in the world: places, directions and heights along it, measured once and cheap to ask.

use bevy::math::{DVec2, DVec3, Vec2, Vec3};

use super::super::land::Survey;
use super::path::Path;

/// How far apart the places are that are measured on straight lanes, metres.
const STEP_M: f64 = 8.0;

/// A lane in the world by its length in metres.
#[derive(Clone, Debug)]
pub struct Curve {
    nodes: Vec<Node>,
    length_m: f32,
}

#[derive(Copy, Clone, Debug)]
struct Node {
    place: DVec3,
    /// Of length 1 on the ground plane, with the slope as height.
    tangent: Vec3,
    along_m: f32,
}

/// A place on a lane and the way that it goes there.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Pose {
    /// The middle of the lane on the road, metres of the world.
    pub place: DVec3,
    /// Where traffic goes, (x, z), of length 1.
    pub direction: Vec2,
    /// Metres of height per metre of way.
    pub slope: f32,
}

impl Curve {
    /// Measures a path. `origin` is that of the survey; `height_m` is the height of the road above the water at a place
    /// of the survey, of which the land's is known.
    pub(super) fn new(
        path: &Path,
        survey: &Survey,
        origin: DVec2,
        height_m: impl Fn(Vec2, f32) -> f32,
    ) -> Self {
        let points = path.points(STEP_M);
        let mut nodes: Vec<Node> = Vec::with_capacity(points.len());
        for point in &points {
            let local = (point.place - origin).as_vec2();
            let (world, land_m) = survey.lift(local);
            let place = DVec3::new(
                origin.x + f64::from(world.x),
                f64::from(height_m(local, land_m)),
                origin.y + f64::from(world.y),
            );
            let tangent = (survey.stretch_at(local) * point.direction.as_vec2()).normalize();
            let along_m = nodes.last().map_or(0.0, |before| {
                before.along_m + (place - before.place).length() as f32
            });
            nodes.push(Node {
                place,
                tangent: Vec3::new(tangent.x, 0.0, tangent.y),
                along_m,
            });
        }
        for number in 0..nodes.len() {
            let (before, after) = (
                nodes[number.saturating_sub(1)],
                nodes[(number + 1).min(nodes.len() - 1)],
            );
            let run = (after.along_m - before.along_m).max(0.01);
            nodes[number].tangent.y = (after.place.y - before.place.y) as f32 / run;
        }
        // At the ends there is nothing before or after: ask the land a little further on.
        for number in [0, nodes.len() - 1] {
            let point = &points[number];
            let height_at = |along: f64| {
                let local = (point.place + point.direction * along - origin).as_vec2();
                height_m(local, survey.height_at(local))
            };
            let local = (point.place - origin).as_vec2();
            let stretch = (survey.stretch_at(local) * point.direction.as_vec2()).length();
            nodes[number].tangent.y = (height_at(0.5) - height_at(-0.5)) / stretch;
        }
        let length_m = nodes.last().map_or(0.0, |node| node.along_m);
        Self { nodes, length_m }
    }

    /// Its length, metres of the world.
    #[must_use]
    pub const fn length_m(&self) -> f32 {
        self.length_m
    }

    /// The place so many metres after its beginning; its ends beyond them.
    #[must_use]
    pub fn at(&self, along_m: f32) -> Pose {
        let last = self.nodes.len() - 1;
        let next = self
            .nodes
            .partition_point(|node| node.along_m <= along_m)
            .clamp(1, last.max(1));
        let (a, b) = (
            &self.nodes[(next - 1).min(last)],
            &self.nodes[next.min(last)],
        );
        let run = (b.along_m - a.along_m).max(1e-3);
        let t = ((along_m - a.along_m) / run).clamp(0.0, 1.0);
        // A cubic through both places with both directions (Hermite).
        let (t2, t3) = (t * t, t * t * t);
        let chord = (b.place - a.place).as_vec3();
        let offset = chord * (3.0 * t2 - 2.0 * t3)
            + (a.tangent * (t3 - 2.0 * t2 + t) + b.tangent * (t3 - t2)) * run;
        let tangent = a.tangent.lerp(b.tangent, t);
        Pose {
            place: a.place + offset.as_dvec3(),
            direction: Vec2::new(tangent.x, tangent.z).normalize_or(Vec2::X),
            slope: tangent.y,
        }
    }

    /// The place of it that is nearest to a place of the world (x, z): metres along it, and the distance.
    #[must_use]
    pub fn nearest(&self, place: DVec2) -> (f32, f32) {
        let mut best = (0.0, f32::MAX);
        for pair in self.nodes.windows(2) {
            let (from, to) = (pair[0].place, pair[1].place);
            let way = DVec2::new(to.x - from.x, to.z - from.z);
            let offset = place - DVec2::new(from.x, from.z);
            let share = (offset.dot(way) / way.length_squared().max(1e-9)).clamp(0.0, 1.0);
            let distance = offset.distance(way * share) as f32;
            if distance < best.1 {
                let run = pair[1].along_m - pair[0].along_m;
                best = (pair[0].along_m + share as f32 * run, distance);
            }
        }
        best
    }
}
