//! Parked cars: a body of slices along its length, glass between shoulder and roof, wheels, lights.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis};
use super::super::colour::{CAR_GLASS, METAL, Rgb, TRIM, TYRE, srgb};
use super::super::plan::furniture::CarBody;
use super::mesh::MeshBuilder;

const SHADOW: Rgb = srgb(0x2E2E30);
const REAR_LIGHT: Rgb = srgb(0x7E1512);

/// A frame for cars: `u` along the car, nose ahead, `v` to its right.
struct Frame {
    at: Vec3,
    ahead: Vec3,
    right: Vec3,
}

impl Frame {
    fn point(&self, u: f32, v: f32, height_m: f32) -> Vec3 {
        self.at + self.ahead * u + self.right * v + Vec3::Y * height_m
    }
}

/// A slice of the body: where, half its width at the shoulder, and the height of its upper edge.
#[derive(Copy, Clone)]
struct Slice(f32, f32, f32);

/// The profile of a body of length 1 and height 1: slices of the lower part, and the glazed part from its rear foot
/// over its roof to its front foot.
struct Profile {
    shoulder: [Slice; 3],
    /// Rear foot, rear of the roof, front of the roof, front foot.
    cabin: [f32; 4],
    /// How much of the upper part is glass; the rest is sheet metal.
    is_panel_van: bool,
}

const fn profile(body: CarBody) -> Profile {
    match body {
        CarBody::Saloon => Profile {
            shoulder: [
                Slice(-0.5, 0.96, 0.66),
                Slice(0.2, 1.0, 0.66),
                Slice(0.5, 0.88, 0.5),
            ],
            cabin: [-0.36, -0.2, 0.06, 0.2],
            is_panel_van: false,
        },
        CarBody::Estate => Profile {
            shoulder: [
                Slice(-0.5, 0.96, 0.66),
                Slice(0.2, 1.0, 0.66),
                Slice(0.5, 0.88, 0.5),
            ],
            cabin: [-0.47, -0.4, 0.06, 0.2],
            is_panel_van: false,
        },
        CarBody::Hatch => Profile {
            shoulder: [
                Slice(-0.5, 0.96, 0.66),
                Slice(0.22, 1.0, 0.66),
                Slice(0.5, 0.88, 0.5),
            ],
            cabin: [-0.46, -0.33, 0.08, 0.24],
            is_panel_van: false,
        },
        CarBody::Van => Profile {
            shoulder: [
                Slice(-0.5, 0.96, 0.58),
                Slice(0.36, 1.0, 0.56),
                Slice(0.5, 0.9, 0.44),
            ],
            cabin: [-0.49, -0.475, 0.24, 0.38],
            is_panel_van: true,
        },
        CarBody::Truck => Profile {
            shoulder: [
                Slice(-0.5, 0.96, 0.3),
                Slice(0.36, 1.0, 0.32),
                Slice(0.5, 0.96, 0.34),
            ],
            cabin: [-0.49, -0.485, 0.22, 0.23],
            is_panel_van: true,
        },
    }
}

/// Height of the underside of bodies above the road, metres.
const CLEARANCE_M: f32 = 0.22;
const WHEEL_M: f32 = 0.33;
/// Height of the shadow above the wheels' feet, metres: the ground is not quite level under a car.
const SHADOW_M: f32 = 0.05;

/// Draws a car whose wheels stand on the height of `foot`; `is_turned` for a nose towards the low end of its axis.
pub(super) fn draw(
    mesh: &mut MeshBuilder,
    foot: Vec3,
    along: Axis,
    is_turned: bool,
    paint: Rgb,
    body: CarBody,
) {
    let [length, width, height] = body.size_m();
    let sign = if is_turned { -1.0 } else { 1.0 };
    let ahead = match along {
        Axis::X => Vec3::X,
        Axis::Z => Vec3::Z,
    } * sign;
    // Right of the nose: up crosses to it.
    let right = ahead.cross(Vec3::Y);
    let frame = Frame {
        at: foot,
        ahead,
        right,
    };
    let half = width / 2.0;
    shadow(mesh, foot, along, length, width);
    let shape = profile(body);
    lower_body(mesh, &frame, &shape.shoulder, [length, half, height], paint);
    let shoulder = shape.shoulder[1].2 * height;
    if body == CarBody::Truck {
        truck(mesh, &frame, [length, half, height], paint);
    } else {
        cabin(
            mesh,
            &frame,
            &shape,
            [length, half, height],
            shoulder,
            paint,
        );
    }
    for axle in [-0.32, 0.31] {
        for side in [-1.0, 1.0] {
            wheel(mesh, &frame, axle * length, half * side, side);
        }
    }
    for (end, colour, level) in [(0.5f32, TRIM[3], 0.42), (-0.5, REAR_LIGHT, 0.5)] {
        // One strip over the whole end, light in its outer parts: the plate and the grille are left to the eye.
        let (u, wide) = (
            end * length + 0.03 * end.signum(),
            half * 0.86 * end.signum(),
        );
        let (low, high) = (height * level - 0.08, height * level + 0.05);
        let lamp = [
            frame.point(u, wide, low),
            frame.point(u, -wide, low),
            frame.point(u, -wide, high),
            frame.point(u, wide, high),
        ];
        mesh.quad(lamp, ahead * end.signum(), [colour; 4]);
    }
}

fn shadow(mesh: &mut MeshBuilder, foot: Vec3, along: Axis, length: f32, width: f32) {
    let at = Vec2::new(foot.x, foot.z);
    let (size_x, size_z) = match along {
        Axis::X => (length, width),
        Axis::Z => (width, length),
    };
    let area = Area::around(at, size_x + 0.2, size_z + 0.2);
    mesh.floor(&area, foot.y + SHADOW_M, SHADOW);
}

/// Flanks, bonnet, boot and both ends.
fn lower_body(
    mesh: &mut MeshBuilder,
    frame: &Frame,
    slices: &[Slice; 3],
    [length, half, height]: [f32; 3],
    paint: Rgb,
) {
    let dark = paint * 0.62;
    for pair in slices.windows(2) {
        let [Slice(u0, w0, h0), Slice(u1, w1, h1)] = [pair[0], pair[1]];
        let (u0, u1) = (u0 * length, u1 * length);
        for side in [1.0f32, -1.0] {
            let (v0, v1) = (half * w0 * side, half * w1 * side);
            let mut flank = [
                frame.point(u0, v0, CLEARANCE_M),
                frame.point(u1, v1, CLEARANCE_M),
                frame.point(u1, v1 * 0.98, h1 * height),
                frame.point(u0, v0 * 0.98, h0 * height),
            ];
            let mut shades = [dark, dark, paint, paint];
            if side < 0.0 {
                flank.reverse();
                shades.reverse();
            }
            let normal = (flank[1] - flank[0])
                .cross(flank[2] - flank[0])
                .normalize_or_zero();
            mesh.quad(flank, normal, shades);
        }
        let top = [
            frame.point(u0, -half * w0, h0 * height),
            frame.point(u1, -half * w1, h1 * height),
            frame.point(u1, half * w1, h1 * height),
            frame.point(u0, half * w0, h0 * height),
        ];
        upward(mesh, top, paint * 1.04);
    }
    for (slice, sign) in [(slices[0], -1.0f32), (slices[2], 1.0)] {
        let Slice(u, w, h) = slice;
        let (a, b) = (half * w * sign, -half * w * sign);
        let end = [
            frame.point(u * length, a, CLEARANCE_M),
            frame.point(u * length, b, CLEARANCE_M),
            frame.point(u * length, b, h * height),
            frame.point(u * length, a, h * height),
        ];
        mesh.quad(
            end,
            frame.ahead * sign,
            [dark * 0.8, dark * 0.8, paint, paint],
        );
    }
}

/// A quadrilateral that looks up, whichever way round it was given.
fn upward(mesh: &mut MeshBuilder, corners: [Vec3; 4], colour: Rgb) {
    let normal = (corners[1] - corners[0])
        .cross(corners[2] - corners[0])
        .normalize_or_zero();
    if normal.y >= 0.0 {
        mesh.quad(corners, normal, [colour; 4]);
    } else {
        let [a, b, c, d] = corners;
        mesh.quad([d, c, b, a], -normal, [colour; 4]);
    }
}

/// The upper part: windscreens, side windows with a pillar, the roof.
fn cabin(
    mesh: &mut MeshBuilder,
    frame: &Frame,
    shape: &Profile,
    [length, half, height]: [f32; 3],
    shoulder: f32,
    paint: Rgb,
) {
    let [rear, rear_roof, front_roof, front] = shape.cabin.map(|share| share * length);
    // Its foot is sunk into the body: narrower than the flanks are there, or their faces would flicker.
    let (wide, narrow) = (half * 0.9, half * 0.78);
    let low = |u: f32, side: f32| frame.point(u, wide * side, shoulder - 0.01);
    let high = |u: f32, side: f32| frame.point(u, narrow * side, height);
    let front_glass = [
        low(front, 1.0),
        low(front, -1.0),
        high(front_roof, -1.0),
        high(front_roof, 1.0),
    ];
    mesh.plain_quad(front_glass, CAR_GLASS * 1.1);
    let back = [
        low(rear, -1.0),
        low(rear, 1.0),
        high(rear_roof, 1.0),
        high(rear_roof, -1.0),
    ];
    mesh.plain_quad(back, if shape.is_panel_van { paint } else { CAR_GLASS });
    let split = if shape.is_panel_van {
        front_roof - 0.1
    } else {
        (rear_roof + front_roof) / 2.0
    };
    for side in [1.0f32, -1.0] {
        let pieces = [
            (
                [rear, split, split, rear_roof],
                if shape.is_panel_van {
                    paint * 0.95
                } else {
                    CAR_GLASS
                },
            ),
            ([split, front, front_roof, split], CAR_GLASS * 1.05),
        ];
        for ([u0, u1, u2, u3], colour) in pieces {
            let mut pane = [low(u0, side), low(u1, side), high(u2, side), high(u3, side)];
            if side < 0.0 {
                pane.reverse();
            }
            mesh.plain_quad(pane, colour);
        }
    }
    let roof = [
        high(rear_roof, -1.0),
        high(front_roof, -1.0),
        high(front_roof, 1.0),
        high(rear_roof, 1.0),
    ];
    upward(mesh, roof, paint * 1.05);
}

/// A box body behind a cab.
fn truck(mesh: &mut MeshBuilder, frame: &Frame, [length, half, height]: [f32; 3], paint: Rgb) {
    let cab = paint;
    let load = TRIM[3] * 0.92;
    for (from, to, low, high, wide, colour) in [
        (-0.495, 0.2, 0.3, 1.0, 1.0, load),
        (0.24, 0.495, 0.32, 0.82, 0.94, cab),
    ] {
        let (u0, u1, v) = (from * length, to * length, half * wide);
        let (y0, y1) = (low * height, high * height);
        for side in [1.0f32, -1.0] {
            let mut flank = [
                frame.point(u0, v * side, y0),
                frame.point(u1, v * side, y0),
                frame.point(u1, v * side, y1),
                frame.point(u0, v * side, y1),
            ];
            if side < 0.0 {
                flank.reverse();
            }
            mesh.plain_quad(flank, colour * 0.92);
        }
        for (u, sign) in [(u0, -1.0f32), (u1, 1.0)] {
            let end = [
                frame.point(u, v * sign, y0),
                frame.point(u, -v * sign, y0),
                frame.point(u, -v * sign, y1),
                frame.point(u, v * sign, y1),
            ];
            mesh.plain_quad(end, colour * 0.86);
        }
        let top = [
            frame.point(u0, -v, y1),
            frame.point(u1, -v, y1),
            frame.point(u1, v, y1),
            frame.point(u0, v, y1),
        ];
        upward(mesh, top, colour);
    }
    let u = 0.5 * length + 0.03;
    let screen = [
        frame.point(u, half * 0.85, height * 0.54),
        frame.point(u, -half * 0.85, height * 0.54),
        frame.point(u, -half * 0.85, height * 0.78),
        frame.point(u, half * 0.85, height * 0.78),
    ];
    mesh.plain_quad(screen, CAR_GLASS);
}

/// The outer face of a wheel: a hexagon with a hub.
fn wheel(mesh: &mut MeshBuilder, frame: &Frame, u: f32, v: f32, side: f32) {
    const H: f32 = 0.866_025_4;
    const RIM: [(f32, f32); 6] = [
        (0.5, H),
        (-0.5, H),
        (-1.0, 0.0),
        (-0.5, -H),
        (0.5, -H),
        (1.0, 0.0),
    ];
    const HUB: [(f32, f32); 3] = [(0.0, 0.6), (-0.55, -0.3), (0.55, -0.3)];
    let normal = frame.right * side;
    let point = |(x, y): (f32, f32), out: f32| {
        let radius = WHEEL_M * 1.06;
        frame.point(u + x * radius, v + out * side, WHEEL_M + y * radius)
    };
    let mut rim = RIM.map(|corner| (point(corner, 0.015), TYRE));
    let mut hub = HUB.map(|corner| (point(corner, 0.035), METAL * 0.7));
    if side < 0.0 {
        rim.reverse();
        hub.reverse();
    }
    mesh.outline(rim, normal);
    mesh.outline(hub, normal);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What faces inward is not drawn: one would look through the car.
    #[test]
    fn every_face_of_a_parked_car_looks_away_from_its_middle() {
        for body in [
            CarBody::Saloon,
            CarBody::Estate,
            CarBody::Hatch,
            CarBody::Van,
            CarBody::Truck,
        ] {
            for (along, is_turned) in [(Axis::X, false), (Axis::Z, false), (Axis::Z, true)] {
                let mut builder = MeshBuilder::default();
                draw(&mut builder, Vec3::ZERO, along, is_turned, METAL, body);
                let mut sideways = [0.0_f32; 2];
                for triangle in builder.into_mesh().triangles().unwrap() {
                    let [a, b, c] = triangle.vertices;
                    let area = (b - a).cross(c - a) / 2.0;
                    let across = |vector: Vec3| match along {
                        Axis::X => vector.z,
                        Axis::Z => vector.x,
                    };
                    assert!(
                        area.y > -0.8 * area.length(),
                        "{body:?}: the top looks down"
                    );
                    if across(area).abs() > 0.8 * area.length() {
                        let out = across(area) * across(a + b + c);
                        assert!(out > 0.0, "{body:?} {along:?}: {a} {b} {c}");
                        sideways[usize::from(across(area) > 0.0)] += across(area).abs();
                    }
                }
                // Both flanks are there.
                assert!(
                    sideways.iter().all(|area| *area > 1.5),
                    "{body:?} {sideways:?}"
                );
            }
        }
    }
}
