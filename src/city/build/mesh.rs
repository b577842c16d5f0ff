//! Collects triangles with colours and turns them into one mesh.
//!
//! Whoever draws does so in the plan's coordinates; where the vertices come to lie in the world is the [`Place`] of the
//! moment. A vertex carries the colour of its surface without any light, what it does at night ([`Glow`]), and how much
//! light of street lamps falls on it; sun, sky and haze are the material's.

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::Aabb;
use bevy::math::Vec3;
use bevy::mesh::{Mesh, PrimitiveTopology, VertexAttributeValues};

use super::super::area::{Area, Side};
use super::super::colour::Rgb;
use super::glow::Glow;
use super::ground::{GroundPlace, Scratch};
use super::place::Place;
use super::vertex::{COLOUR, Indices, NORMAL, Paint, packed_colour, packed_colours, packed_normal};
use super::wall::{Span, Wall};

/// Triangles of one mesh in the making. What is drawn is given in metres of the plan from the chunk's corner, heights
/// above the land; the mesh is in metres of the world from the chunk's corner, heights above the water.
#[derive(Default)]
pub(in super::super) struct MeshBuilder {
    positions: Vec<[f32; 3]>,
    normals: Vec<[i8; 4]>,
    colours: Vec<[u8; 4]>,
    indices: Indices,
    place: Place,
    glow: Glow,
    /// The colour that was packed last, and what it became.
    mixed: (Rgb, [u8; 4]),
    pub(super) scratch: Scratch,
}

impl MeshBuilder {
    /// An empty mesh with room for so many vertices and half as many triangles.
    pub(super) fn with_room_for(vertices: usize) -> Self {
        Self {
            positions: Vec::with_capacity(vertices),
            normals: Vec::with_capacity(vertices),
            colours: Vec::with_capacity(vertices),
            indices: Indices::with_room_for(vertices / 2 * 3 + vertices / 8),
            ..Self::default()
        }
    }

    /// From now on things are drawn at this place; at first vertices lie as they are given.
    pub(super) fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// What the surfaces that are drawn from now on do at night.
    pub(super) fn set_glow(&mut self, glow: Glow) {
        self.glow = glow;
    }

    /// Adds one vertex and returns its index. Not on the ground, where pieces are cut at the border of the chunk.
    pub(super) fn vertex(&mut self, position: Vec3, normal: Vec3, colour: Rgb) -> u32 {
        let index = self.positions.len() as u32;
        let [position] = self.place.points(&[position]);
        self.positions.push(position);
        self.normals.push(packed_normal(self.place.normal(normal)));
        self.colours.push(packed_colour(colour, self.glow.packed()));
        index
    }

    /// Adds vertices that share a normal and returns the index of the first. Most of a chunk comes through here, four
    /// at a time: the normal is packed once, and so is a colour that several share.
    fn vertices<const N: usize>(
        &mut self,
        corners: &[Vec3; N],
        normal: Vec3,
        colours: &[Rgb; N],
    ) -> u32 {
        let first = self.positions.len() as u32;
        let normal = packed_normal(self.place.normal(normal));
        self.positions
            .extend_from_slice(&self.place.points(corners));
        self.normals.extend_from_slice(&[normal; N]);
        self.colours
            .extend_from_slice(&packed_colours(colours, self.glow.packed()));
        first
    }

    /// Adds light of street lamps to the vertices from a number on: `light` is told their places and normals in the
    /// world, packed as they are, and writes into the fourth number of each normal.
    pub(super) fn light_from(
        &mut self,
        first: usize,
        light: impl FnOnce(&[[f32; 3]], &mut [[i8; 4]]),
    ) {
        light(&self.positions[first..], &mut self.normals[first..]);
    }

    /// How many vertices there are.
    pub(in super::super) const fn count(&self) -> u32 {
        self.positions.len() as u32
    }

    /// Adds a vertex that is in the world already; for [`super::ground`].
    #[inline]
    pub(super) fn vertex_in_world(&mut self, position: Vec3, normal: [i8; 4], colour: Rgb) -> u32 {
        let index = self.positions.len() as u32;
        self.positions.push(position.to_array());
        self.normals.push(normal);
        // Most pieces of ground have one colour.
        let alpha = self.glow.packed();
        if self.mixed.0 != colour || self.mixed.1[3] != alpha {
            self.mixed = (colour, packed_colour(colour, alpha));
        }
        self.colours.push(self.mixed.1);
        index
    }

    /// A vertex from a number on that lies within a distance of a place in the world.
    pub(super) fn vertex_near(&self, first: u32, place: Vec3, within_m: f32) -> Option<u32> {
        let later = &self.positions[first as usize..];
        let is_near = |at: &[f32; 3]| {
            (at[0] - place.x).abs() < within_m
                && (at[2] - place.z).abs() < within_m
                && (at[1] - place.y).abs() < within_m
        };
        let found = later.iter().position(is_near)?;
        Some(first + found as u32)
    }

    /// Adds a small shape with shared vertices whose paint was mixed before; for shapes that are there many times.
    pub(super) fn stamp<const N: usize, const M: usize>(
        &mut self,
        corners: [Vec3; N],
        paint: &Paint<N>,
        triangles: &[[u32; 3]; M],
    ) {
        let first = self.positions.len() as u32;
        self.positions
            .extend_from_slice(&self.place.points(&corners));
        for normal in &paint.normals {
            self.normals.push(packed_normal(self.place.normal(*normal)));
        }
        self.colours.extend_from_slice(&paint.colours);
        for triangle in triangles {
            self.triangle(triangle.map(|corner| first + corner));
        }
    }

    pub(super) fn triangle(&mut self, corners: [u32; 3]) {
        self.indices.add(&corners);
    }

    /// The two triangles of a quadrilateral whose corners are there.
    #[inline]
    pub(super) fn two_triangles(&mut self, [a, b, c, d]: [u32; 4]) {
        self.indices.add(&[a, b, c, a, c, d]);
    }

    /// A flat quadrilateral, counter-clockwise seen from where its normal points.
    pub(super) fn quad(&mut self, corners: [Vec3; 4], normal: Vec3, colours: [Rgb; 4]) {
        if self.on_ground(|mesh, ground| ground.lay(mesh, corners, normal, colours)) {
            return;
        }
        let a = self.vertices(&corners, normal, &colours);
        self.indices.add(&[a, a + 1, a + 2, a, a + 2, a + 3]);
    }

    /// A lattice of pieces on the ground; see [`GroundPlace::lay_lattice`]. Nothing at other places.
    pub(super) fn lattice(
        &mut self,
        pieces: [usize; 2],
        normal: Vec3,
        place: impl Fn(usize, usize) -> Vec3,
        colour: impl Fn(usize, usize) -> Rgb,
    ) {
        self.on_ground(|mesh, ground| ground.lay_lattice(mesh, pieces, normal, place, colour));
    }

    /// Draws with the ground's help, if that is the place of the moment.
    #[inline]
    fn on_ground(&mut self, draw: impl FnOnce(&mut Self, &GroundPlace)) -> bool {
        if !matches!(self.place, Place::Ground(_)) {
            return false;
        }
        let place = std::mem::take(&mut self.place);
        if let Place::Ground(ground) = &place {
            draw(self, ground);
        }
        self.place = place;
        true
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
        self.outline(corners.map(|corner| (corner, colour)), normal);
    }

    /// A flat convex outline, counter-clockwise seen from where its normal points, each corner with its colour.
    pub(super) fn outline<const N: usize>(&mut self, corners: [(Vec3, Rgb); N], normal: Vec3) {
        if self.on_ground(|mesh, ground| ground.lay_outline(mesh, &corners, normal)) {
            return;
        }
        let first = self.vertices(
            &corners.map(|(corner, _)| corner),
            normal,
            &corners.map(|(_, colour)| colour),
        );
        for k in 1..N as u32 - 1 {
            self.triangle([first, first + k, first + k + 1]);
        }
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
        let walls = [Some([colour * 0.8, colour]); 4];
        self.upright(area, Span(base_m, top_m), walls, Some(colour));
    }

    /// Some sides of a box, each with its foot's and its top's colour, and its top.
    pub(super) fn upright(
        &mut self,
        area: &Area,
        heights: Span,
        walls: [Option<[Rgb; 2]>; 4],
        top: Option<Rgb>,
    ) {
        if matches!(self.place, Place::Ground(_)) {
            self.upright_on_ground(area, heights, walls, top);
            return;
        }
        // At all other places whatever is above each other in the plan is so in the world.
        let corners = self.place.points(&level_corners(area, 0.0));
        let at = |corner: usize, height_m: f32| {
            let [x, y, z] = corners[corner];
            [x, y + height_m, z]
        };
        let (Span(low, high), alpha) = (heights, self.glow.packed());
        for side in Side::ALL {
            let Some([foot, head]) = walls[side as usize] else {
                continue;
            };
            // Counter-clockwise seen from outside.
            let (left, right) = match side {
                Side::South => (0, 1),
                Side::East => (1, 2),
                Side::North => (2, 3),
                Side::West => (3, 0),
            };
            let out = side.outward();
            let normal = self.place.normal(Vec3::new(out.x, 0.0, out.y));
            let [foot, head] = [packed_colour(foot, alpha), packed_colour(head, alpha)];
            self.add_quad(
                [
                    at(left, low),
                    at(right, low),
                    at(right, high),
                    at(left, high),
                ],
                packed_normal(normal),
                [foot, foot, head, head],
            );
        }
        if let Some(top) = top {
            let corners = [at(0, high), at(1, high), at(2, high), at(3, high)];
            let top = packed_colour(top, alpha);
            self.add_quad(corners, packed_normal(Vec3::Y), [top; 4]);
        }
    }

    /// A closed box whose four walls are alike. Without a colour of its own its top has the colour and the light of the
    /// walls, since nobody sees it. Not on the ground.
    pub(super) fn far_box(
        &mut self,
        area: &Area,
        heights: Span,
        [foot, head]: [Rgb; 2],
        top: Option<Rgb>,
    ) {
        let corners = self.place.points(&level_corners(area, 0.0));
        let at = |corner: usize, height_m: f32| {
            let [x, y, z] = corners[corner];
            [x, y + height_m, z]
        };
        let (Span(low, high), alpha) = (heights, self.glow.packed());
        let [foot, head] = [packed_colour(foot, alpha), packed_colour(head, alpha)];
        let mut positions = [[0.0; 3]; 16];
        let mut normals = [[0; 4]; 16];
        let first = self.count();
        // From west to south, counter-clockwise seen from outside.
        for (side, (left, right)) in [(3, 0), (1, 2), (2, 3), (0, 1)].into_iter().enumerate() {
            let out = Side::ALL[side].outward();
            let normal = packed_normal(self.place.normal(Vec3::new(out.x, 0.0, out.y)));
            let k = 4 * side;
            positions[k] = at(left, low);
            positions[k + 1] = at(right, low);
            positions[k + 2] = at(right, high);
            positions[k + 3] = at(left, high);
            normals[k] = normal;
            normals[k + 1] = normal;
            normals[k + 2] = normal;
            normals[k + 3] = normal;
            let a = first + k as u32;
            self.two_triangles([a, a + 1, a + 2, a + 3]);
        }
        self.positions.extend_from_slice(&positions);
        self.normals.extend_from_slice(&normals);
        let wall = [foot, foot, head, head];
        self.colours.extend_from_slice([wall; 4].as_flattened());
        if let Some(top) = top {
            let corners = [at(0, high), at(1, high), at(2, high), at(3, high)];
            let top = packed_colour(top, alpha);
            self.add_quad(corners, packed_normal(Vec3::Y), [top; 4]);
        } else {
            // The upper corners of the walls to the north and to the south.
            let (north, south) = (first + 8, first + 12);
            self.two_triangles([south + 3, south + 2, north + 3, north + 2]);
        }
    }

    fn upright_on_ground(
        &mut self,
        area: &Area,
        heights: Span,
        walls: [Option<[Rgb; 2]>; 4],
        top: Option<Rgb>,
    ) {
        for side in Side::ALL {
            if let Some(colours) = walls[side as usize] {
                let wall = Wall::of(area, side);
                wall.rect(self, Span(0.0, wall.width_m), heights, 0.0, colours);
            }
        }
        if let Some(top) = top {
            self.floor(area, heights.1, top);
        }
    }

    /// Adds a quadrilateral that is in the world already.
    fn add_quad(&mut self, corners: [[f32; 3]; 4], normal: [i8; 4], colours: [[u8; 4]; 4]) {
        let a = self.positions.len() as u32;
        self.positions.extend_from_slice(&corners);
        self.normals.extend_from_slice(&[normal; 4]);
        self.colours.extend_from_slice(&colours);
        self.indices.add(&[a, a + 1, a + 2, a, a + 2, a + 3]);
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
        .with_inserted_attribute(NORMAL, VertexAttributeValues::Snorm8x4(self.normals))
        .with_inserted_attribute(COLOUR, VertexAttributeValues::Unorm8x4(self.colours))
        .with_inserted_indices(self.indices.finished())
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
