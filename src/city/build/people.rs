//! Figures of people in the city's own vertex format, one mesh for each moment of a step: a flip book, so that a person
//! is one entity.

use bevy::math::{Vec2, Vec3};

use super::super::colour::{Rgb, srgb};
use super::mesh::MeshBuilder;

/// How many pictures a full swing of the legs has.
pub const STEP_PICTURES: u32 = 12;
/// How many different figures there are.
pub const FIGURES: u32 = 10;
/// Metres walked for a full swing.
pub const STRIDE_M: f32 = 1.45;

/// What a figure wears.
struct Clothes {
    coat: Rgb,
    trousers: Rgb,
    hair: Rgb,
    skin: Rgb,
    /// How far down the coat reaches, metres above the ground.
    hem_m: f32,
}

const fn clothes(coat: u32, trousers: u32, hair: u32, skin: u32, hem_m: f32) -> Clothes {
    Clothes {
        coat: srgb(coat),
        trousers: srgb(trousers),
        hair: srgb(hair),
        skin: srgb(skin),
        hem_m,
    }
}

const WARDROBE: [Clothes; FIGURES as usize] = [
    clothes(0x2F4A6D, 0x2A2D33, 0x2B1D12, 0xD9A98A, 0.86),
    clothes(0x9C3B32, 0x26364F, 0x51351E, 0xE3BC9C, 0.84),
    clothes(0x3C3F45, 0x1F2125, 0x14110F, 0x8A5A3C, 0.62),
    clothes(0xC9B78F, 0x4A4036, 0x7A5A34, 0xE8C4A6, 0.60),
    clothes(0x4F7A56, 0x39404A, 0x1B1512, 0xB98258, 0.86),
    clothes(0xE2DFD6, 0x3E5478, 0xA88453, 0xEFCFB4, 0.84),
    clothes(0x6B4A78, 0x2C2A33, 0x2A1A14, 0xC98F68, 0.58),
    clothes(0xD9A441, 0x33383D, 0x0F0D0C, 0x6B442D, 0.86),
    clothes(0x5D6E7A, 0x6B5B48, 0x8C8780, 0xDDB295, 0.86),
    clothes(0xB0607A, 0x2E2E3A, 0x3A2417, 0xE5BD9F, 0.56),
];
const SHOES: Rgb = srgb(0x1D1A18);

/// The figure with a number, at one of [`STEP_PICTURES`] moments of its step; looks towards negative z, foot at the
/// origin.
pub(in super::super) fn figure(number: u32, picture: u32) -> MeshBuilder {
    let wears = &WARDROBE[(number % FIGURES) as usize];
    let phase = picture as f32 / STEP_PICTURES as f32 * std::f32::consts::TAU;
    let mut mesh = MeshBuilder::default();
    // The body is highest when a leg is under it.
    let bob = 0.025 * (2.0 * phase).cos();
    let hip_m = 0.90 + bob;
    for side in [-1.0, 1.0] {
        let swing = phase.sin() * side;
        // A leg bends while it comes forward.
        let lifted = (phase.cos() * side).max(0.0);
        let hip = Vec3::new(0.095 * side, hip_m, 0.0);
        let thigh_turn = 0.50 * swing + 0.22 * lifted;
        let knee = hip + turned(thigh_turn) * 0.44;
        let ankle = knee + turned(thigh_turn - 0.15 - 0.95 * lifted) * 0.41;
        limb(&mut mesh, [hip, knee], [0.085, 0.065], wears.trousers);
        limb(&mut mesh, [knee, ankle], [0.065, 0.05], wears.trousers);
        let toe = ankle + Vec3::new(0.0, -0.035, -0.15);
        limb(
            &mut mesh,
            [ankle + Vec3::new(0.0, -0.02, 0.05), toe],
            [0.05, 0.045],
            SHOES,
        );
        let shoulder = Vec3::new(0.205 * side, 1.40 + bob, 0.0);
        let arm_turn = -0.42 * swing;
        let elbow = shoulder + turned(arm_turn) * 0.28;
        let hand = elbow + turned(arm_turn + 0.35) * 0.26;
        limb(
            &mut mesh,
            [shoulder, elbow],
            [0.06, 0.05],
            wears.coat * 0.92,
        );
        limb(&mut mesh, [elbow, hand], [0.05, 0.04], wears.coat * 0.92);
        limb(
            &mut mesh,
            [hand, hand + turned(arm_turn + 0.35) * 0.09],
            [0.04, 0.03],
            wears.skin,
        );
    }
    let hem = wears.hem_m + bob;
    let flare = if wears.hem_m < 0.8 { 1.2 } else { 1.0 };
    rings(
        &mut mesh,
        &[
            (hem, Vec2::new(0.155, 0.115) * flare),
            (1.02 + bob, Vec2::new(0.150, 0.105)),
            (1.30 + bob, Vec2::new(0.195, 0.125)),
            (1.44 + bob, Vec2::new(0.170, 0.100)),
            (1.50 + bob, Vec2::new(0.060, 0.060)),
        ],
        0.0,
        wears.coat,
    );
    rings(
        &mut mesh,
        &[
            (1.48 + bob, Vec2::new(0.052, 0.055)),
            (1.55 + bob, Vec2::new(0.060, 0.070)),
            (1.64 + bob, Vec2::new(0.080, 0.098)),
            (1.70 + bob, Vec2::new(0.078, 0.095)),
        ],
        -0.015,
        wears.skin,
    );
    rings(
        &mut mesh,
        &[
            (1.66 + bob, Vec2::new(0.086, 0.104)),
            (1.74 + bob, Vec2::new(0.080, 0.096)),
            (1.79 + bob, Vec2::new(0.040, 0.050)),
        ],
        0.008,
        wears.hair,
    );
    mesh
}

/// Down, turned forward (to negative z) by an angle in radians.
fn turned(angle: f32) -> Vec3 {
    Vec3::new(0.0, -angle.cos(), -angle.sin())
}

/// A prism of four sides between two points in a plane of the figure's middle, half as thick as `radii` says.
fn limb(mesh: &mut MeshBuilder, [from, to]: [Vec3; 2], radii: [f32; 2], colour: Rgb) {
    let along = (to - from).normalize_or(Vec3::NEG_Y);
    let side = Vec3::X;
    let front = side.cross(along).normalize_or(Vec3::Z);
    let ring = |middle: Vec3, radius: f32| {
        [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
            .map(|(a, b): (f32, f32)| middle + side * (a * radius * 0.85) + front * (b * radius))
    };
    let (first, last) = (ring(from, radii[0]), ring(to, radii[1]));
    for k in 0..4 {
        let next = (k + 1) % 4;
        outward(
            mesh,
            [first[k], first[next], last[next], last[k]],
            from.midpoint(to),
            colour,
        );
    }
    outward(mesh, last, from, colour * 0.8);
}

/// A closed body through rings of six corners at rising heights, each with its half widths across and along.
fn rings(mesh: &mut MeshBuilder, levels: &[(f32, Vec2)], ahead_m: f32, colour: Rgb) {
    const AROUND: [(f32, f32); 6] = [
        (1.0, 0.0),
        (0.5, 0.866),
        (-0.5, 0.866),
        (-1.0, 0.0),
        (-0.5, -0.866),
        (0.5, -0.866),
    ];
    let ring = |(height_m, half): (f32, Vec2)| {
        AROUND.map(|(x, z)| Vec3::new(x * half.x, height_m, z * half.y + ahead_m))
    };
    for pair in levels.windows(2) {
        let (low, high) = (ring(pair[0]), ring(pair[1]));
        let inside = Vec3::new(0.0, pair[0].0.midpoint(pair[1].0), ahead_m);
        for k in 0..6 {
            let next = (k + 1) % 6;
            outward(
                mesh,
                [low[k], low[next], high[next], high[k]],
                inside,
                colour,
            );
        }
    }
    if let [first, .., last] = levels {
        let (low, high) = (ring(*first), ring(*last));
        for (cap, inside) in [(low, 1.0), (high, -1.0)] {
            let within = cap[0].midpoint(cap[3]) + Vec3::Y * inside;
            outward(mesh, [cap[0], cap[1], cap[2], cap[3]], within, colour);
            outward(mesh, [cap[3], cap[4], cap[5], cap[0]], within, colour);
        }
    }
}

/// A quadrilateral whose face looks away from a point inside.
fn outward(mesh: &mut MeshBuilder, corners: [Vec3; 4], inside: Vec3, colour: Rgb) {
    let [a, b, c, d] = corners;
    let normal = (b - a).cross(d - a);
    if normal.dot(a.midpoint(c) - inside) >= 0.0 {
        mesh.plain_quad(corners, colour);
    } else {
        mesh.plain_quad([d, c, b, a], colour);
    }
}
