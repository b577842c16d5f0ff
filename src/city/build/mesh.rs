//! Collects triangles with colours and turns them into one mesh.
//!
//! Light that never changes is baked into the colours: how much sky and sun a face sees. Moderately, so that the lit
//! material still looks right with its own sun from [`SUN_DIRECTION`].

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::Aabb;
use bevy::math::{Vec2, Vec3};
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};

use super::super::area::{Area, Side};
use super::super::colour::Rgb;

/// The direction in which sunlight travels, of length 1. A directional light along it agrees with the baked shading.
pub const SUN_DIRECTION: Vec3 = Vec3::new(-0.48, -0.768, -0.424);

/// Light from the sky on a face that looks sideways, a little blue.
const SKY: Vec3 = Vec3::new(0.585, 0.615, 0.665);
/// What a face that looks up gets more than that (and one that looks down less).
const SKY_UPWARDS: Vec3 = Vec3::new(0.10, 0.105, 0.11);
/// Light from the sun at a right angle, a little yellow.
const SUN: Vec3 = Vec3::new(0.48, 0.445, 0.38);

/// The baked light on a face.
fn light_on(normal: Vec3) -> Vec3 {
    SKY + SKY_UPWARDS * normal.y + SUN * (-normal.dot(SUN_DIRECTION)).max(0.0)
}

/// Triangles of one mesh in the making. Space is that of the chunk, metres.
#[derive(Default)]
pub(in super::super) struct MeshBuilder {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colours: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl MeshBuilder {
    /// Adds one vertex whose colour is lit by its normal, and returns its index.
    pub(super) fn vertex(&mut self, position: Vec3, normal: Vec3, colour: Rgb) -> u32 {
        let lit = colour * light_on(normal);
        let index = self.positions.len() as u32;
        self.positions.push(position.to_array());
        self.normals.push(normal.to_array());
        self.colours.push([lit.x, lit.y, lit.z, 1.0]);
        index
    }

    pub(super) fn triangle(&mut self, corners: [u32; 3]) {
        self.indices.extend(corners);
    }

    /// A flat quadrilateral, counter-clockwise seen from where its normal points.
    pub(super) fn quad(&mut self, corners: [Vec3; 4], normal: Vec3, colours: [Rgb; 4]) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| self.vertex(corners[k], normal, colours[k]));
        self.indices.extend([a, b, c, a, c, d]);
    }

    /// A flat quadrilateral of one colour whose normal follows from its corners.
    pub(super) fn plain_quad(&mut self, corners: [Vec3; 4], colour: Rgb) {
        let normal = (corners[1] - corners[0])
            .cross(corners[2] - corners[0])
            .normalize_or_zero();
        self.quad(corners, normal, [colour; 4]);
    }

    pub(super) fn plain_triangle(&mut self, corners: [Vec3; 3], colour: Rgb) {
        let normal = (corners[1] - corners[0])
            .cross(corners[2] - corners[0])
            .normalize_or_zero();
        let [a, b, c] = corners.map(|corner| self.vertex(corner, normal, colour));
        self.indices.extend([a, b, c]);
    }

    /// A level rectangle that looks up.
    pub(super) fn floor(&mut self, area: &Area, height_m: f32, colour: Rgb) {
        self.quad(level_corners(area, height_m), Vec3::Y, [colour; 4]);
    }

    /// A level rectangle that looks down.
    pub(super) fn ceiling(&mut self, area: &Area, height_m: f32, colour: Rgb) {
        let [a, b, c, d] = level_corners(area, height_m);
        self.quad([d, c, b, a], Vec3::NEG_Y, [colour; 4]);
    }

    /// The four sides and the top of a box, darker towards its foot.
    pub(super) fn block(&mut self, area: &Area, base_m: f32, top_m: f32, colour: Rgb) {
        for side in Side::ALL {
            let wall = Wall::of(area, side);
            wall.rect(
                self,
                Span(0.0, wall.width_m),
                Span(base_m, top_m),
                0.0,
                [colour * 0.8, colour],
            );
        }
        self.floor(area, top_m, colour);
    }

    /// The smallest box around all vertices; a point at the origin if there are none.
    pub(in super::super) fn bounds(&self) -> Aabb {
        let corners = self
            .positions
            .iter()
            .map(|position| Vec3::from_array(*position));
        Aabb::enclosing(corners).unwrap_or_default()
    }

    /// The finished mesh, for the renderer only: nothing may read it back.
    pub(in super::super) fn into_mesh(self) -> Mesh {
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colours)
        .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// The corners of a level rectangle, counter-clockwise seen from above.
fn level_corners(area: &Area, height_m: f32) -> [Vec3; 4] {
    [
        Vec3::new(area.x0, height_m, area.z1),
        Vec3::new(area.x1, height_m, area.z1),
        Vec3::new(area.x1, height_m, area.z0),
        Vec3::new(area.x0, height_m, area.z0),
    ]
}

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

    /// A rectangle parallel to the wall with a bottom and a top colour.
    pub(super) fn rect(
        &self,
        mesh: &mut MeshBuilder,
        across: Span,
        heights: Span,
        depth: f32,
        [bottom, top]: [Rgb; 2],
    ) {
        let corners = [
            self.point(across.0, heights.0, depth),
            self.point(across.1, heights.0, depth),
            self.point(across.1, heights.1, depth),
            self.point(across.0, heights.1, depth),
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
