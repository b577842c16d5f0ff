//! Walls: frames in which facades are drawn.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Side};
use super::super::colour::Rgb;
use super::mesh::MeshBuilder;

/// A range of metres.
#[derive(Copy, Clone)]
pub(super) struct Span(pub(super) f32, pub(super) f32);

impl Span {
    pub(super) const fn length(self) -> f32 {
        self.1 - self.0
    }
}

/// One side of a box seen from outside: a frame in which `u` runs to the right, heights are heights,
/// and depth is towards the viewer.
#[derive(Copy, Clone)]
pub(super) struct Wall {
    /// The left end at height 0.
    pub(super) origin: Vec3,
    pub(super) right: Vec3,
    pub(super) normal: Vec3,
    pub(super) width_m: f32,
    pub(super) left_side: Side,
    pub(super) right_side: Side,
}

impl Wall {
    pub(super) fn of(area: &Area, side: Side) -> Self {
        let (corner, left_side, right_side) = match side {
            Side::South => (Vec2::new(area.x0, area.z1), Side::West, Side::East),
            Side::North => (Vec2::new(area.x1, area.z0), Side::East, Side::West),
            Side::East => (Vec2::new(area.x1, area.z1), Side::South, Side::North),
            Side::West => (Vec2::new(area.x0, area.z0), Side::North, Side::South),
        };
        let (normal, right) = (on_ground(side.outward()), on_ground(right_side.outward()));
        Self {
            origin: on_ground(corner),
            right,
            normal,
            width_m: area.size(side.runs_along()),
            left_side,
            right_side,
        }
    }

    pub(super) fn point(&self, u: f32, height_m: f32, depth: f32) -> Vec3 {
        self.origin + self.right * u + self.normal * depth + Vec3::Y * height_m
    }

    /// Where along the wall the post with a number stands, of so many that divide it evenly and one more: at least half of
    /// its width from both ends, and in the middle of a wall that is narrower than a post.
    pub(super) fn along(&self, number: u32, count: u32, half_m: f32) -> f32 {
        let at = self.width_m * number as f32 / count.max(1) as f32;
        let most = (self.width_m - half_m).max(self.width_m / 2.0);
        at.clamp(half_m.min(self.width_m / 2.0), most)
    }

    /// A rectangle parallel to the wall with a bottom and a top colour.
    pub(super) fn rect(
        &self,
        mesh: &mut MeshBuilder,
        across: Span,
        heights: Span,
        depth: f32,
        [bottom, top]: [Rgb; 2],
    ) {
        // Walls are upright: the upper corners are above the lower ones.
        let out = self.origin + self.normal * depth;
        let (left, right) = (out + self.right * across.0, out + self.right * across.1);
        let at = |foot: Vec3, height_m: f32| Vec3::new(foot.x, foot.y + height_m, foot.z);
        let corners = [
            at(left, heights.0),
            at(right, heights.0),
            at(right, heights.1),
            at(left, heights.1),
        ];
        mesh.quad(corners, self.normal, [bottom, bottom, top, top]);
    }

    /// Front and top of a box that stands out from the wall on the ground.
    pub(super) fn step(
        &self,
        mesh: &mut MeshBuilder,
        across: Span,
        heights: Span,
        depths: Span,
        colour: Rgb,
    ) {
        let (Span(u0, u1), y1, Span(d0, d1)) = (across, heights.1, depths);
        let top = [
            self.point(u0, y1, d1),
            self.point(u1, y1, d1),
            self.point(u1, y1, d0),
            self.point(u0, y1, d0),
        ];
        self.rect(mesh, across, heights, d1, [colour * 0.8, colour]);
        mesh.quad(top, Vec3::Y, [colour; 4]);
    }

    /// A moulding whose ends meet other walls: front, top and underside.
    pub(super) fn course(
        &self,
        mesh: &mut MeshBuilder,
        across: Span,
        heights: Span,
        depths: Span,
        colour: Rgb,
    ) {
        let (Span(u0, u1), y0, Span(d0, d1)) = (across, heights.0, depths);
        let under = [
            self.point(u0, y0, d0),
            self.point(u1, y0, d0),
            self.point(u1, y0, d1),
            self.point(u0, y0, d1),
        ];
        self.step(mesh, across, heights, depths, colour);
        mesh.quad(under, Vec3::NEG_Y, [colour * 0.75; 4]);
    }

    /// A box that stands out from the wall: front, top, underside and both ends.
    pub(super) fn ledge(
        &self,
        mesh: &mut MeshBuilder,
        across: Span,
        heights: Span,
        depths: Span,
        colour: Rgb,
    ) {
        let point = |u, height, depth| self.point(u, height, depth);
        let (Span(u0, u1), Span(y0, y1), Span(d0, d1)) = (across, heights, depths);
        self.course(mesh, across, heights, depths, colour);
        mesh.quad(
            [
                point(u0, y0, d0),
                point(u0, y0, d1),
                point(u0, y1, d1),
                point(u0, y1, d0),
            ],
            -self.right,
            [colour; 4],
        );
        mesh.quad(
            [
                point(u1, y0, d1),
                point(u1, y0, d0),
                point(u1, y1, d0),
                point(u1, y1, d1),
            ],
            self.right,
            [colour; 4],
        );
    }
}

fn on_ground(point: Vec2) -> Vec3 {
    Vec3::new(point.x, 0.0, point.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_stay_on_walls_of_any_width() {
        for width_m in [0.0, 0.05, 0.4, 0.5, 3.0] {
            let wall = Wall::of(&Area::new(0.0, 0.0, width_m, 1.0), Side::South);
            for number in 0..=4 {
                let at = wall.along(number, 4, 0.25);
                assert!((0.0..=width_m).contains(&at), "{at} of {width_m} m");
            }
        }
    }
}
