//! A body that stops others, as it lies in the world: upright, with a footprint that is bent like the streets around it:
//! a rectangle, or what is left of one without its corners, or an ellipse in sixteen sides.

use bevy::math::bounding::Aabb3d;
use bevy::math::{DVec2, DVec3};
use bevy::prelude::*;

use crate::city::BoxOutline;

/// No bend makes distances shorter than this share of what they are in the plan.
const LEAST_STRETCH: f32 = 0.6;

/// A box: a rectangle of the city's plan between two heights. Around a place of the world the plan is bent like a
/// parallelogram, which is exact enough for what is near: half a centimetre within two metres of the place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solid {
    /// The place of the world (x, z) that the rectangle is told from, metres.
    anchor_in_world: DVec2,
    /// Corners of the rectangle from the anchor, metres of the plan.
    low: Vec2,
    high: Vec2,
    /// How small steps in the plan become steps in the world, and back.
    stretch: Mat2,
    inverse: Mat2,
    bottom_m: f64,
    top_m: f64,
    outline: BoxOutline,
}

impl Solid {
    /// A box with edges along the axes of the world, between two corners.
    #[must_use]
    pub fn new(min: DVec3, max: DVec3) -> Self {
        let middle = min.xz().midpoint(max.xz());
        Self::bent(
            middle,
            [min, max].map(|corner| (corner.xz() - middle).as_vec2()),
            Mat2::IDENTITY,
            [min.y, max.y],
        )
    }

    /// A box whose footprint is a rectangle of the plan around `anchor_in_world`, between two heights.
    #[must_use]
    pub fn bent(
        anchor_in_world: DVec2,
        [low, high]: [Vec2; 2],
        stretch: Mat2,
        [bottom_m, top_m]: [f64; 2],
    ) -> Self {
        Self {
            anchor_in_world,
            low,
            high,
            stretch,
            inverse: stretch.inverse(),
            bottom_m,
            top_m,
            outline: BoxOutline::Rectangle,
        }
    }

    /// The same with an outline of its own within the rectangle.
    #[must_use]
    pub const fn outlined(mut self, outline: BoxOutline) -> Self {
        self.outline = outline;
        self
    }

    /// Height of its lower end above the water, metres.
    #[must_use]
    pub const fn bottom_m(&self) -> f64 {
        self.bottom_m
    }

    /// Height of its upper end above the water, metres.
    #[must_use]
    pub const fn top_m(&self) -> f64 {
        self.top_m
    }

    /// The middle of its footprint, world x and z in metres.
    #[must_use]
    pub fn middle(&self) -> DVec2 {
        self.anchor_in_world + (self.stretch * self.low.midpoint(self.high)).as_dvec2()
    }

    /// The direction of the longer side of its footprint in the world, of length 1.
    #[must_use]
    pub fn long_axis(&self) -> Vec2 {
        let sides = self.sides_m();
        let axis = if sides.x >= sides.y {
            self.stretch.x_axis
        } else {
            self.stretch.y_axis
        };
        axis.normalize_or(Vec2::X)
    }

    /// The sides of its footprint in metres of the world.
    #[must_use]
    pub fn sides_m(&self) -> Vec2 {
        let size = self.high - self.low;
        Vec2::new(
            size.x * self.stretch.x_axis.length(),
            size.y * self.stretch.y_axis.length(),
        )
    }

    /// Whether the box has anything between two heights in metres.
    #[must_use]
    pub fn blocks(&self, low_m: f64, high_m: f64) -> bool {
        self.top_m > low_m && self.bottom_m < high_m
    }

    /// The way from a point on the plane (x, z) to the nearest point of the footprint, metres; zero inside.
    #[must_use]
    pub fn way_from(&self, point_in_world: DVec2) -> Vec2 {
        let offset = self.offset_of(point_in_world);
        let in_plan = self.inverse * offset;
        if self.holds(in_plan) {
            return Vec2::ZERO;
        }
        let nearest = self
            .edges()
            .map(|(start, edge)| nearest_on(start, edge, offset) - offset);
        nearest
            .min_by(|a, b| a.length_squared().total_cmp(&b.length_squared()))
            .unwrap_or_default()
    }

    /// The shortest way out of the box for a circle on the plane (x, z); nothing while they do not touch.
    #[must_use]
    pub fn push_out(&self, center_in_world: DVec2, radius_m: f32) -> Option<Vec2> {
        let offset = self.offset_of(center_in_world);
        let in_plan = self.inverse * offset;
        let gap_in_plan = in_plan.distance(in_plan.clamp(self.low, self.high));
        if gap_in_plan * LEAST_STRETCH >= radius_m {
            return None;
        }
        if !self.holds(in_plan) {
            let away = -self.way_from(center_in_world);
            let distance = away.length();
            if distance >= radius_m {
                return None;
            }
            if distance > 1e-5 {
                return Some(away / distance * (radius_m - distance));
            }
        }
        // The centre is inside: leave by the nearest side.
        let middle = self.stretch * self.low.midpoint(self.high);
        let ways = self.edges().map(|(start, edge)| {
            let normal = edge.perp().normalize_or(Vec2::X);
            let outwards = normal * normal.dot(start - middle).signum();
            outwards * ((start - offset).dot(outwards).max(0.0) + radius_m)
        });
        ways.min_by(|a, b| a.length_squared().total_cmp(&b.length_squared()))
    }

    /// How far a cuboid with half edges `half_m` may go from a point of the world before it touches the box; nothing if
    /// it may go all of `longest_m`.
    #[must_use]
    pub fn cast(
        &self,
        from_in_world: DVec3,
        direction: Dir3,
        longest_m: f32,
        half_m: Vec3,
    ) -> Option<f32> {
        let start = self.inverse * self.offset_of(from_in_world.xz());
        let along = self.inverse * direction.xz();
        // The cuboid's outline in the plan.
        let reach = |row: Vec2| row.x.abs() * half_m.x + row.y.abs() * half_m.z;
        let margin = Vec2::new(reach(self.inverse.row(0)), reach(self.inverse.row(1)));
        let grown = Aabb3d::from_min_max(
            Vec3::new(
                self.low.x - margin.x,
                (self.bottom_m - from_in_world.y) as f32 - half_m.y,
                self.low.y - margin.y,
            ),
            Vec3::new(
                self.high.x + margin.x,
                (self.top_m - from_in_world.y) as f32 + half_m.y,
                self.high.y + margin.y,
            ),
        );
        let (start, along) = (
            Vec3::new(start.x, 0.0, start.y),
            Vec3::new(along.x, direction.y, along.y),
        );
        let (mut near, mut far) = (0.0_f32, longest_m);
        if self.outline != BoxOutline::Rectangle {
            // The sides that are none of the rectangle's.
            let middle = self.low.midpoint(self.high);
            let (corners, count) = self.outline.corners(self.low, self.high);
            for number in 0..count {
                let (from, to) = (corners[number], corners[(number + 1) % count]);
                let normal = (to - from).perp().normalize_or(Vec2::X);
                let normal = normal * normal.dot(from - middle).signum();
                let to_side = (from - start.xz()).dot(normal) + normal.abs().dot(margin);
                let speed = along.xz().dot(normal);
                if speed.abs() < 1e-9 {
                    if to_side < 0.0 {
                        return None;
                    }
                } else if speed < 0.0 {
                    near = near.max(to_side / speed);
                } else {
                    far = far.min(to_side / speed);
                }
            }
        }
        for axis in 0..3 {
            let (low, high) = (grown.min[axis] - start[axis], grown.max[axis] - start[axis]);
            if along[axis].abs() < 1e-9 {
                if low > 0.0 || high < 0.0 {
                    return None;
                }
                continue;
            }
            let (a, b) = (low / along[axis], high / along[axis]);
            near = near.max(a.min(b));
            far = far.min(a.max(b));
        }
        (near <= far).then_some(near)
    }

    fn offset_of(&self, point_in_world: DVec2) -> Vec2 {
        (point_in_world - self.anchor_in_world).as_vec2()
    }

    fn holds(&self, in_plan: Vec2) -> bool {
        if !(in_plan.cmpge(self.low).all() && in_plan.cmple(self.high).all()) {
            return false;
        }
        if self.outline == BoxOutline::Rectangle {
            return true;
        }
        let (corners, count) = self.outline.corners(self.low, self.high);
        let middle = self.low.midpoint(self.high);
        (0..count).all(|number| {
            let (from, to) = (corners[number], corners[(number + 1) % count]);
            let normal = (to - from).perp();
            (in_plan - from).dot(normal) * (middle - from).dot(normal) >= 0.0
        })
    }

    /// The sides from the anchor, metres of the world: where each starts, and the way to its end.
    fn edges(&self) -> impl Iterator<Item = (Vec2, Vec2)> {
        let (corners, count) = self.outline.corners(self.low, self.high);
        let corners = corners.map(|corner| self.stretch * corner);
        (0..count).map(move |number| {
            let from = corners[number];
            (from, corners[(number + 1) % count] - from)
        })
    }
}

fn nearest_on(start: Vec2, edge: Vec2, point: Vec2) -> Vec2 {
    let share = (point - start).dot(edge) / edge.length_squared().max(1e-12);
    start + edge * share.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn solid(min: [f64; 3], max: [f64; 3]) -> Solid {
        Solid::new(DVec3::from(min), DVec3::from(max))
    }

    #[test]
    fn a_circle_leaves_a_box_by_the_shortest_way() {
        let wall = solid([0.0, 0.0, 0.0], [10.0, 3.0, 10.0]);
        assert_eq!(wall.push_out(DVec2::new(-2.0, 5.0), 1.0), None);
        let push = wall.push_out(DVec2::new(-0.5, 5.0), 1.0).unwrap();
        assert!((push - Vec2::new(-0.5, 0.0)).length() < 1e-5);
        let push = wall.push_out(DVec2::new(9.0, 5.0), 1.0).unwrap();
        assert!((push - Vec2::new(2.0, 0.0)).length() < 1e-5);
    }

    #[test]
    fn a_wall_is_as_sharp_ten_thousand_kilometres_away() {
        let far = DVec3::new(1e7, 0.0, -1e7);
        let (low, high) = (DVec3::ZERO, DVec3::new(10.0, 3.0, 10.0));
        let wall = Solid::new(low, high);
        let far_wall = Solid::new(low + far, high + far);
        for x in [-0.9, -0.5, -0.1234, 3.3] {
            let point = DVec2::new(x, 4.0);
            let (near, away) = (
                wall.push_out(point, 1.0).unwrap(),
                far_wall.push_out(point + far.xz(), 1.0).unwrap(),
            );
            assert!(near.distance(away) < 1e-6, "{near} and {away}");
        }
    }

    fn bent() -> impl Strategy<Value = Solid> {
        let stretch = (
            0.75..1.25_f32,
            -0.25..0.25_f32,
            -0.25..0.25_f32,
            0.75..1.25_f32,
        );
        let rectangle = (-6.0..6.0_f32, -6.0..6.0_f32, 0.3..5.0_f32, 0.3..5.0_f32);
        (stretch, rectangle, 0..3, 0.05..0.5_f32).prop_map(
            |((a, b, c, d), (x, z, size_x, size_z), kind, cut)| {
                let outline = match kind {
                    0 => BoxOutline::Rectangle,
                    1 => BoxOutline::Chamfered(cut * size_x.min(size_z)),
                    _ => BoxOutline::Round,
                };
                Solid::bent(
                    DVec2::new(3e5, -7e4),
                    [Vec2::new(x, z), Vec2::new(x + size_x, z + size_z)],
                    Mat2::from_cols(Vec2::new(a, b), Vec2::new(c, d)),
                    [0.0, 3.0],
                )
                .outlined(outline)
            },
        )
    }

    proptest! {
        #[test]
        fn whoever_was_pushed_out_of_a_bent_box_touches_it_no_more(
            solid in bent(), x in -9.0..9.0_f32, z in -9.0..9.0_f32, radius in 0.2..1.5_f32,
        ) {
            let place = solid.anchor_in_world + DVec2::new(x.into(), z.into());
            let gap = solid.way_from(place).length();
            match solid.push_out(place, radius) {
                None => prop_assert!(gap >= radius - 1e-4),
                Some(push) => {
                    let after = solid.way_from(place + push.as_dvec2()).length();
                    prop_assert!((after - radius).abs() < 2e-3, "{after} away, radius {radius}");
                    // Nobody is pushed farther than needed: no shorter way in sixty-four directions leads out.
                    for step in 0..64 {
                        let way = Vec2::from_angle(step as f32 * 0.0982) * push.length() * 0.97;
                        let there = solid.way_from(place + way.as_dvec2()).length();
                        prop_assert!(there < radius + 1e-3, "{way} is shorter than {push}");
                    }
                }
            }
        }

        #[test]
        fn a_cast_ends_where_the_box_begins(
            solid in bent(), x in -9.0..9.0_f32, z in -9.0..9.0_f32, angle in 0.0..std::f32::consts::TAU,
        ) {
            let from = (solid.anchor_in_world + DVec2::new(x.into(), z.into())).extend(1.0).xzy();
            let way = Vec2::from_angle(angle);
            let direction = Dir3::new(Vec3::new(way.x, 0.0, way.y)).unwrap();
            let hit = solid.cast(from, direction, 20.0, Vec3::ZERO);
            let gap_at = |distance: f32| {
                solid.way_from(from.xz() + (way * distance).as_dvec2()).length()
            };
            let free_m = hit.unwrap_or(20.0);
            for step in 0..40 {
                let distance = free_m * step as f32 / 40.0;
                prop_assert!(hit == Some(0.0) || gap_at(distance) > 0.0, "inside after {distance}");
            }
            if let Some(distance) = hit {
                prop_assert!(gap_at(distance) < 1e-3);
            }
        }
    }
}
