//! Vehicles of the moving traffic, and what shines at its lights: shared meshes in the city's own vertex format.
//!
//! A vehicle stands with the ground under its middle at the origin and its nose towards negative z. Lamps are part of the
//! mesh; a mesh with its brake lights on takes the place of one without.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{CAR_GLASS, CAR_PAINT, METAL, Rgb, TYRE, srgb};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::glow::Glow;
use super::mesh::MeshBuilder;

/// The shapes of vehicle that there are.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum VehicleShape {
    /// A saloon.
    Car,
    /// A saloon in one colour with a sign on its roof.
    Taxi,
    /// A delivery van.
    Van,
    /// A lorry with a box.
    Truck,
    /// A city bus.
    Bus,
}

/// How far below and above its middle a lamp reaches, metres.
const LAMP_M: f32 = 0.09;
const WHITE: Rgb = srgb(0xF6F2E4);
const TAIL: Rgb = srgb(0x8A1512);
const TAXI_YELLOW: Rgb = srgb(0xE8B21C);
const VAN_PAINT: [Rgb; 5] = [
    srgb(0xE9E9E6),
    srgb(0x3E5A78),
    srgb(0xB8B2A4),
    srgb(0x8A3A30),
    srgb(0x3C5A48),
];
const TRUCK_PAINT: [Rgb; 2] = [srgb(0x3C6E8F), srgb(0xA33B2E)];
const BUS_PAINT: [Rgb; 2] = [srgb(0xC23A2C), srgb(0x2E6B4F)];
const BOX_PAINT: Rgb = srgb(0xDAD8D0);
const SHADE: Rgb = srgb(0x262628);

/// A vehicle of a size (length, width, height in metres); `paint` counts through its colours.
pub(in super::super) fn vehicle(
    shape: VehicleShape,
    [length, width, height]: [f32; 3],
    paint: usize,
    brakes: bool,
) -> MeshBuilder {
    let mut drawing = Drawing {
        mesh: MeshBuilder::default(),
        half: Vec2::new(width / 2.0, length / 2.0),
    };
    let half_length = length / 2.0;
    drawing.shade();
    match shape {
        VehicleShape::Car => drawing.saloon(height, CAR_PAINT[paint % CAR_PAINT.len()]),
        VehicleShape::Taxi => {
            drawing.saloon(height - 0.08, TAXI_YELLOW);
            drawing.mesh.set_glow(Glow::Own);
            let sign = Area::around(Vec2::new(0.0, 0.25), 0.5, 0.22);
            drawing.mesh.block(&sign, height - 0.1, height + 0.1, WHITE);
            drawing.mesh.set_glow(Glow::None);
        }
        VehicleShape::Van => drawing.van(height, VAN_PAINT[paint % VAN_PAINT.len()]),
        VehicleShape::Truck => drawing.truck(height, TRUCK_PAINT[paint % TRUCK_PAINT.len()]),
        VehicleShape::Bus => drawing.bus(height, BUS_PAINT[paint % BUS_PAINT.len()]),
    }
    let axle = match shape {
        VehicleShape::Car | VehicleShape::Taxi | VehicleShape::Van => half_length - 0.85,
        VehicleShape::Truck => half_length - 1.2,
        VehicleShape::Bus => half_length - 2.4,
    };
    let radius = if height > 2.5 { 0.46 } else { 0.33 };
    drawing.wheels(axle, radius);
    drawing.lamps(if height > 2.0 { 0.85 } else { 0.64 }, brakes);
    drawing.mesh
}

struct Drawing {
    mesh: MeshBuilder,
    /// Half width and half length.
    half: Vec2,
}

impl Drawing {
    /// A part between two distances behind the middle, as wide as a share of the whole.
    fn part(&self, from: f32, to: f32, share: f32) -> Area {
        Area::new(-self.half.x * share, from, self.half.x * share, to)
    }

    /// The shade on the road that ties it to the ground where nothing casts shadows.
    fn shade(&mut self) {
        let Vec2 { x, y } = self.half;
        let area = Area::new(-x - 0.08, -y - 0.08, x + 0.08, y + 0.08);
        self.mesh.floor(&area, 0.06, SHADE);
    }

    /// A body that narrows from one outline at a height to another above it, with its top.
    fn hull(&mut self, low: &Area, low_m: f32, high: &Area, high_m: f32, side: Rgb, top: Rgb) {
        let corners = |area: &Area, height_m: f32| {
            [
                Vec3::new(area.x0, height_m, area.z1),
                Vec3::new(area.x1, height_m, area.z1),
                Vec3::new(area.x1, height_m, area.z0),
                Vec3::new(area.x0, height_m, area.z0),
            ]
        };
        let (bottom, roof) = (corners(low, low_m), corners(high, high_m));
        for k in 0..4 {
            let next = (k + 1) % 4;
            self.mesh
                .plain_quad([bottom[k], bottom[next], roof[next], roof[k]], side);
        }
        self.mesh.floor(high, high_m, top);
    }

    fn saloon(&mut self, height: f32, paint: Rgb) {
        let end = self.half.y;
        let sill = self.part(-end + 0.06, end - 0.06, 0.96);
        let belt = self.part(-end, end, 1.0);
        let bonnet = self.part(-end + 0.22, end - 0.14, 0.92);
        self.hull(&sill, 0.2, &belt, 0.52, paint * 0.8, paint);
        self.hull(&belt, 0.52, &bonnet, 0.86, paint, paint);
        let foot = self.part(-end + 1.25, end - 0.45, 0.88);
        let roof = self.part(-end + 2.0, end - 1.15, 0.72);
        self.hull(&foot, 0.86, &roof, height - 0.03, CAR_GLASS, paint);
        let plate = self.part(-end + 1.96, end - 1.1, 0.74);
        self.hull(&plate, height - 0.05, &roof, height, paint * 0.9, paint);
        self.bumpers(0.3);
    }

    fn van(&mut self, height: f32, paint: Rgb) {
        let end = self.half.y;
        let belt = self.part(-end, end, 1.0);
        // As wide as what it stands on: a ledge narrower than a pixel would be a dotted line of light.
        let nose = self.part(-end + 0.75, end, 1.0);
        let roof = self.part(-end + 1.55, end - 0.1, 0.88);
        self.hull(&belt, 0.26, &belt, 0.98, paint * 0.92, paint);
        self.hull(&nose, 0.98, &roof, height, paint, paint * 0.95);
        self.band(-end + 1.5, -end + 2.6, 1.12, 1.72, 0.97);
        self.windscreen([-end + 0.83, 1.1], [-end + 1.42, 1.95], 0.84);
        self.bumpers(0.34);
    }

    fn truck(&mut self, height: f32, paint: Rgb) {
        let end = self.half.y;
        let cab = self.part(-end, -end + 1.9, 1.0);
        let roof = self.part(-end + 0.25, -end + 1.85, 0.94);
        let frame = self.part(-end + 1.9, end, 0.9);
        let load = self.part(-end + 2.15, end, 1.0);
        self.hull(&cab, 0.4, &cab, 1.5, paint, paint);
        self.hull(&cab, 1.5, &roof, 2.65, paint, paint * 0.95);
        self.windscreen([-end - 0.01, 1.55], [-end + 0.2, 2.4], 0.88);
        self.band(-end + 0.5, -end + 1.4, 1.6, 2.25, 1.005);
        self.mesh.block(&frame, 0.55, 0.95, METAL * 0.5);
        self.mesh.block(&load, 0.95, height, BOX_PAINT);
        self.bumpers(0.5);
    }

    fn bus(&mut self, height: f32, paint: Rgb) {
        let end = self.half.y;
        let body = self.part(-end, end, 1.0);
        let roof = self.part(-end + 0.12, end - 0.12, 0.95);
        self.hull(&body, 0.32, &body, height - 0.25, paint, paint);
        self.hull(
            &body,
            height - 0.25,
            &roof,
            height,
            WHITE * 0.85,
            WHITE * 0.8,
        );
        self.mesh.set_glow(Glow::Own);
        self.band(-end + 0.5, end - 0.5, 1.25, 2.3, 1.006);
        self.mesh.set_glow(Glow::None);
        self.windscreen([-end - 0.012, 1.0], [-end - 0.012, 2.45], 0.9);
        self.bumpers(0.4);
    }

    /// A row of windows along both flanks.
    fn band(&mut self, from: f32, to: f32, low: f32, high: f32, share: f32) {
        let x = self.half.x * share + 0.006;
        let count = ((to - from) / 1.5).round().max(1.0) as u32;
        let pitch = (to - from) / count as f32;
        for k in 0..count {
            let (a, b) = (
                from + pitch * k as f32 + 0.06,
                from + pitch * (k + 1) as f32 - 0.06,
            );
            let corner = |x: f32, y: f32, z: f32| Vec3::new(x, y, z);
            self.mesh.plain_quad(
                [
                    corner(x, low, b),
                    corner(x, low, a),
                    corner(x, high, a),
                    corner(x, high, b),
                ],
                CAR_GLASS,
            );
            self.mesh.plain_quad(
                [
                    corner(-x, low, a),
                    corner(-x, low, b),
                    corner(-x, high, b),
                    corner(-x, high, a),
                ],
                CAR_GLASS,
            );
        }
    }

    /// A pane across the nose between two points of the side view (distance behind the middle, height).
    fn windscreen(&mut self, [z0, y0]: [f32; 2], [z1, y1]: [f32; 2], share: f32) {
        let x = self.half.x * share;
        let ahead = 0.03;
        self.mesh.plain_quad(
            [
                Vec3::new(x, y0, z0 - ahead),
                Vec3::new(-x, y0, z0 - ahead),
                Vec3::new(-x, y1, z1 - ahead),
                Vec3::new(x, y1, z1 - ahead),
            ],
            CAR_GLASS,
        );
    }

    fn bumpers(&mut self, low: f32) {
        let end = self.half.y;
        for (from, to) in [(-end - 0.05, -end + 0.1), (end - 0.1, end + 0.05)] {
            let area = self.part(from, to, 0.94);
            self.mesh.block(&area, low, low + 0.16, METAL * 0.45);
        }
    }

    fn wheels(&mut self, axle: f32, radius: f32) {
        const SIN_COS: [(f32, f32); 8] = [
            (0.0, 1.0),
            (0.707, 0.707),
            (1.0, 0.0),
            (0.707, -0.707),
            (0.0, -1.0),
            (-0.707, -0.707),
            (-1.0, 0.0),
            (-0.707, 0.707),
        ];
        for z in [-axle, axle] {
            for side in [-1.0f32, 1.0] {
                for (size, out, colour) in
                    [(radius, 0.015, TYRE), (radius * 0.55, 0.025, METAL * 0.8)]
                {
                    let x = side * (self.half.x + out);
                    // Seen from outside, counter-clockwise on both sides.
                    let corners = SIN_COS.map(|(sin, cos)| {
                        (
                            Vec3::new(x, radius + size * cos, z + side * size * sin),
                            colour,
                        )
                    });
                    self.mesh.outline(corners, Vec3::X * side);
                }
            }
        }
    }

    /// Two lamps at both ends: they shine at night, and red ones when braking.
    fn lamps(&mut self, height: f32, brakes: bool) {
        let end = self.half.y + 0.012;
        let red = if brakes { srgb(0xFF2A1C) * 1.6 } else { TAIL };
        for side in [-1.0f32, 1.0] {
            let (inner, outer) = (side * self.half.x * 0.55, side * self.half.x * 0.88);
            let (x0, x1) = (inner.min(outer), inner.max(outer));
            let (low, high) = (height - LAMP_M, height + LAMP_M);
            self.mesh.set_glow(Glow::Own);
            self.mesh.plain_quad(
                [
                    Vec3::new(x1, low, -end),
                    Vec3::new(x0, low, -end),
                    Vec3::new(x0, high, -end),
                    Vec3::new(x1, high, -end),
                ],
                WHITE,
            );
            self.mesh.plain_quad(
                [
                    Vec3::new(x0, low, end),
                    Vec3::new(x1, low, end),
                    Vec3::new(x1, high, end),
                    Vec3::new(x0, high, end),
                ],
                red,
            );
            self.mesh.set_glow(Glow::None);
        }
    }
}

/// Heights of the lenses of a traffic light above the pavement: red, amber, green, metres.
const LENSES_M: [f32; 3] = [3.24, 2.98, 2.72];
const LENS_RADIUS_M: f32 = 0.12;
const LENS_COLOURS: [u32; 3] = [0xFF2A1C, 0xFFB020, 0x22E070];
/// From the post to the middle of a head, and from there to just before its lenses, metres.
const HEAD_M: f32 = 0.3;
const FACE_M: f32 = 0.2;

/// What shines at a post of traffic lights whose foot is at the origin, on the road: one lens for each arm, in the order
/// west, east, north, south; 0 is red, 1 amber, 2 green. `quadrant` is where the post stands seen from the junction, each
/// -1 or 1: its heads reach towards the roads.
pub(in super::super) fn signal_lenses(quadrant: Vec2, shown: [usize; 4]) -> MeshBuilder {
    const RING: [(f32, f32); 8] = [
        (1.0, 0.0),
        (0.707, 0.707),
        (0.0, 1.0),
        (-0.707, 0.707),
        (-1.0, 0.0),
        (-0.707, -0.707),
        (0.0, -1.0),
        (0.707, -0.707),
    ];
    let mut mesh = MeshBuilder::default();
    mesh.set_glow(Glow::Own);
    // The head towards the road along z is seen by traffic from north and south, the other from west and east.
    let (beside_z, beside_x) = (
        Vec3::new(-quadrant.x * HEAD_M, 0.0, 0.0),
        Vec3::new(0.0, 0.0, -quadrant.y * HEAD_M),
    );
    let faces = [
        (beside_x, Vec3::NEG_X),
        (beside_x, Vec3::X),
        (beside_z, Vec3::NEG_Z),
        (beside_z, Vec3::Z),
    ];
    for ((head, outward), lens) in faces.into_iter().zip(shown) {
        let right = Vec3::Y.cross(outward);
        let middle = head + outward * FACE_M + Vec3::Y * (KERB_HEIGHT_M + LENSES_M[lens.min(2)]);
        let colour = srgb(LENS_COLOURS[lens.min(2)]) * 1.5;
        let corners = RING.map(|(aside, up)| {
            let corner = middle + right * (aside * LENS_RADIUS_M) + Vec3::Y * (up * LENS_RADIUS_M);
            (corner, colour)
        });
        mesh.outline(corners, outward);
    }
    mesh
}

#[cfg(test)]
mod tests {
    use bevy::mesh::{Mesh, VertexAttributeValues};

    use super::*;

    /// Triangles whose corners run the other way round than their normals say are not drawn.
    fn faces_look_outwards(mesh: &Mesh) -> bool {
        let positions = mesh
            .attribute(Mesh::ATTRIBUTE_POSITION)
            .and_then(|positions| positions.as_float3())
            .expect("every mesh has positions");
        let Some(VertexAttributeValues::Snorm8x4(normals)) = mesh.attribute(Mesh::ATTRIBUTE_NORMAL)
        else {
            panic!("normals are packed");
        };
        let indices: Vec<usize> = mesh.indices().expect("triangles").iter().collect();
        indices.chunks(3).all(|face| {
            let [a, b, c] = [0, 1, 2].map(|corner| Vec3::from(positions[face[corner]]));
            let normal = normals[face[0]];
            let said = Vec3::new(normal[0].into(), normal[1].into(), normal[2].into());
            (b - a).cross(c - a).dot(said) > 0.0
        })
    }

    #[test]
    fn all_faces_of_vehicles_and_lamps_look_outwards() {
        for shape in [
            VehicleShape::Car,
            VehicleShape::Taxi,
            VehicleShape::Van,
            VehicleShape::Truck,
            VehicleShape::Bus,
        ] {
            for brakes in [false, true] {
                let mesh = vehicle(shape, [6.0, 2.0, 2.6], 1, brakes).into_mesh();
                assert!(faces_look_outwards(&mesh), "{shape:?}");
            }
        }
        for quadrant in [Vec2::ONE, Vec2::NEG_ONE, Vec2::new(1.0, -1.0)] {
            let mesh = signal_lenses(quadrant, [0, 1, 2, 0]).into_mesh();
            assert!(faces_look_outwards(&mesh));
        }
    }
}
