//! Trees and lamps: the shared meshes and the lighter copies that become part of a chunk.

use bevy::math::{Vec2, Vec3};

use super::super::area::Area;
use super::super::colour::{BARK, IRON, LAMP_GLASS, LEAF, Rgb, srgb};
use super::super::plan::furniture::Species;
use super::glow::Glow;
use super::mesh::MeshBuilder;

/// A circle in eight steps, as (cosine, sine).
const CIRCLE: [(f32, f32); 8] = [
    (1.0, 0.0),
    (0.707_106_77, 0.707_106_77),
    (0.0, 1.0),
    (-0.707_106_77, 0.707_106_77),
    (-1.0, 0.0),
    (-0.707_106_77, -0.707_106_77),
    (0.0, -1.0),
    (0.707_106_77, -0.707_106_77),
];
/// A circle in six steps, as (cosine, sine).
const HEXAGON: [(f32, f32); 6] = [
    (1.0, 0.0),
    (0.5, 0.866_025_4),
    (-0.5, 0.866_025_4),
    (-1.0, 0.0),
    (-0.5, -0.866_025_4),
    (0.5, -0.866_025_4),
];
/// Rings of a ball between its poles, as (cosine, sine) of the latitude.
const RINGS: [(f32, f32); 3] = [(0.766, -0.643), (0.985, 0.174), (0.643, 0.766)];

/// How finely a tree is made.
#[derive(Copy, Clone, Eq, PartialEq)]
pub(in super::super) enum Fineness {
    /// For a mesh that many entities share.
    Shared,
    /// For a copy inside a chunk's mesh.
    Merged,
}

/// A merged copy has the first so many parts of its crown.
const MERGED_CROWNS: usize = 2;

/// A crown: where its parts are, how large, how bright, in metres for a tree of scale 1.
struct Crown {
    center: Vec3,
    radius: Vec3,
    brightness: f32,
}

const fn crown(center: [f32; 3], radius: [f32; 3], brightness: f32) -> Crown {
    Crown {
        center: Vec3::from_array(center),
        radius: Vec3::from_array(radius),
        brightness,
    }
}

/// The largest part of a crown comes first, then the one that keeps its outline from being round.
const BROAD: [Crown; 6] = [
    crown([0.1, 5.2, 0.0], [2.2, 1.9, 2.2], 1.0),
    crown([-1.2, 4.5, 0.8], [1.5, 1.2, 1.5], 0.92),
    crown([0.3, 6.6, 0.3], [1.5, 1.25, 1.5], 1.12),
    crown([1.3, 4.3, -0.6], [1.5, 1.2, 1.5], 0.88),
    crown([0.5, 4.6, 1.5], [1.3, 1.1, 1.3], 0.96),
    crown([-0.6, 5.5, -1.4], [1.4, 1.2, 1.4], 1.04),
];
const BIRCH: [Crown; 4] = [
    crown([0.0, 5.4, 0.0], [1.3, 2.0, 1.3], 1.0),
    crown([0.7, 4.4, 0.3], [0.95, 1.2, 0.95], 0.9),
    crown([0.1, 7.2, 0.1], [0.8, 1.2, 0.8], 1.14),
    crown([-0.6, 5.0, -0.5], [0.95, 1.3, 0.95], 1.05),
];
const PLANE: [Crown; 6] = [
    crown([0.0, 5.4, 0.0], [2.8, 1.7, 2.8], 0.98),
    crown([-1.8, 5.0, 0.7], [1.7, 1.2, 1.7], 0.92),
    crown([-0.4, 6.6, 0.4], [1.9, 1.2, 1.9], 1.1),
    crown([1.7, 4.9, 0.9], [1.7, 1.25, 1.7], 0.96),
    crown([0.4, 5.2, -1.9], [1.7, 1.25, 1.7], 0.9),
    crown([0.9, 6.2, -0.7], [1.5, 1.1, 1.5], 1.06),
];
const BIRCH_BARK: Rgb = srgb(0xD8D4C8);
const TALL: [Crown; 3] = [
    crown([0.0, 5.4, 0.0], [1.55, 2.6, 1.55], 1.0),
    crown([-0.3, 3.9, -0.2], [1.25, 1.4, 1.25], 0.86),
    crown([0.2, 7.4, 0.1], [1.05, 1.7, 1.05], 1.1),
];

/// Base, top, radius (metres) and brightness of the tiers of a conifer.
const CONIFER: [(f32, f32, f32, f32); 3] = [
    (1.1, 4.2, 1.7, 0.85),
    (2.7, 5.9, 1.35, 0.95),
    (4.4, 7.6, 0.95, 1.08),
];
const CONIFER_MERGED: [(f32, f32, f32, f32); 2] = [(1.1, 5.0, 1.7, 0.88), (3.4, 7.6, 1.2, 1.02)];

/// Adds a tree whose foot is at `foot`.
pub(in super::super) fn add_tree(
    mesh: &mut MeshBuilder,
    foot: Vec3,
    species: Species,
    scale: f32,
    fineness: Fineness,
) {
    let leaf = LEAF[species as usize];
    match species {
        Species::Broad => {
            prism(mesh, foot, 0.2 * scale, 3.6 * scale, BARK, fineness);
            crowns(mesh, foot, scale, leaf, &BROAD, fineness);
        }
        Species::Tall => {
            prism(mesh, foot, 0.17 * scale, 3.2 * scale, BARK, fineness);
            crowns(mesh, foot, scale, leaf, &TALL, fineness);
        }
        Species::Birch => {
            prism(mesh, foot, 0.13 * scale, 4.2 * scale, BIRCH_BARK, fineness);
            crowns(mesh, foot, scale, leaf, &BIRCH, fineness);
        }
        Species::Plane => {
            prism(mesh, foot, 0.27 * scale, 3.4 * scale, BARK * 1.3, fineness);
            crowns(mesh, foot, scale, leaf, &PLANE, fineness);
        }
        Species::Conifer => {
            prism(mesh, foot, 0.18 * scale, 1.6 * scale, BARK, fineness);
            let tiers: &[(f32, f32, f32, f32)] = match fineness {
                Fineness::Shared => &CONIFER,
                Fineness::Merged => &CONIFER_MERGED,
            };
            for (base_m, top_m, radius_m, brightness) in tiers {
                let colour = leaf * brightness;
                cone(
                    mesh,
                    foot + Vec3::Y * base_m * scale,
                    radius_m * scale,
                    (top_m - base_m) * scale,
                    colour,
                );
            }
        }
    }
}

fn crowns(
    mesh: &mut MeshBuilder,
    foot: Vec3,
    scale: f32,
    leaf: Rgb,
    parts: &[Crown],
    fineness: Fineness,
) {
    let (parts, circle): (&[Crown], &[(f32, f32)]) = match fineness {
        Fineness::Shared => (parts, &CIRCLE),
        Fineness::Merged => (&parts[..MERGED_CROWNS], &HEXAGON),
    };
    for part in parts {
        ball(
            mesh,
            foot + part.center * scale,
            part.radius * scale,
            leaf * part.brightness,
            circle,
        );
    }
}

/// A rounded bush on the ground.
pub(super) fn add_bush(mesh: &mut MeshBuilder, foot: Vec3, radius_m: f32, colour: Rgb) {
    ball(
        mesh,
        foot + Vec3::Y * radius_m * 0.55,
        Vec3::new(radius_m, radius_m * 0.8, radius_m),
        colour,
        &HEXAGON,
    );
}

fn ball(mesh: &mut MeshBuilder, center: Vec3, radius: Vec3, colour: Rgb, circle: &[(f32, f32)]) {
    // The underside of leaves is in their own shadow.
    let shade = |height: f32| colour * (0.86 + 0.22 * height);
    let mut add =
        |direction: Vec3| mesh.vertex(center + direction * radius, direction, shade(direction.y));
    let bottom = add(Vec3::NEG_Y);
    let rings: Vec<Vec<u32>> = RINGS
        .into_iter()
        .enumerate()
        .map(|(number, (level, height))| {
            circle
                .iter()
                .enumerate()
                .map(|(k, (x, z))| {
                    // Uneven rings look less like a machine part.
                    let bump = if (k + number) % 2 == 0 { 1.06 } else { 0.92 };
                    add(Vec3::new(x * level * bump, height, z * level * bump))
                })
                .collect()
        })
        .collect();
    let top = add(Vec3::Y);
    let count = circle.len();
    for k in 0..count {
        let next = (k + 1) % count;
        mesh.triangle([bottom, rings[0][k], rings[0][next]]);
        for pair in rings.windows(2) {
            mesh.triangle([pair[0][k], pair[1][k], pair[1][next]]);
            mesh.triangle([pair[0][k], pair[1][next], pair[0][next]]);
        }
        mesh.triangle([rings[2][k], top, rings[2][next]]);
    }
}

fn cone(mesh: &mut MeshBuilder, foot: Vec3, radius_m: f32, height_m: f32, colour: Rgb) {
    let slope = Vec2::new(height_m, radius_m).normalize_or_zero();
    let top = foot + Vec3::Y * height_m;
    for k in 0..HEXAGON.len() {
        let [(x0, z0), (x1, z1)] = [HEXAGON[k], HEXAGON[(k + 1) % HEXAGON.len()]];
        let normal = |x: f32, z: f32| Vec3::new(x * slope.x, slope.y, z * slope.x);
        let a = mesh.vertex(
            foot + Vec3::new(x0, 0.0, z0) * radius_m,
            normal(x0, z0),
            colour * 0.72,
        );
        let b = mesh.vertex(
            foot + Vec3::new(x1, 0.0, z1) * radius_m,
            normal(x1, z1),
            colour * 0.72,
        );
        let c = mesh.vertex(top, normal((x0 + x1) / 2.0, (z0 + z1) / 2.0), colour * 1.1);
        mesh.triangle([a, c, b]);
    }
}

/// An upright prism without ends: six sides, or three in merged copies.
fn prism(
    mesh: &mut MeshBuilder,
    foot: Vec3,
    radius_m: f32,
    height_m: f32,
    colour: Rgb,
    fineness: Fineness,
) {
    let step = if fineness == Fineness::Shared { 1 } else { 2 };
    let mut ring = |height: f32, shade: f32| -> Vec<u32> {
        let circle = HEXAGON.iter().step_by(step);
        circle
            .map(|(x, z)| {
                let out = Vec3::new(*x, 0.0, *z);
                mesh.vertex(
                    foot + out * radius_m + Vec3::Y * height,
                    out,
                    colour * shade,
                )
            })
            .collect()
    };
    let (low, high) = (ring(0.0, 0.75), ring(height_m, 0.9));
    for k in 0..low.len() {
        let next = (k + 1) % low.len();
        mesh.triangle([low[k], high[k], high[next]]);
        mesh.triangle([low[k], high[next], low[next]]);
    }
}

/// Adds a street lamp at `foot` whose arm points along `arm`, a unit vector on an axis.
pub(in super::super) fn add_lamp(
    mesh: &mut MeshBuilder,
    foot: Vec3,
    arm: Vec2,
    fineness: Fineness,
) {
    let at = Vec2::new(foot.x, foot.z);
    let (base_m, top_m) = (foot.y, foot.y + 6.4);
    if fineness == Fineness::Shared {
        mesh.block(
            &Area::around(at, 0.26, 0.26),
            base_m,
            base_m + 0.9,
            IRON * 0.9,
        );
    }
    prism(mesh, foot, 0.08, top_m - base_m, IRON * 1.15, fineness);
    let reach = |from: f32, to: f32, width: f32| {
        let (a, b) = (at + arm * from, at + arm * to);
        let (low, high) = (a.min(b), a.max(b));
        let grow = Vec2::new(arm.y.abs(), arm.x.abs()) * width / 2.0;
        Area::new(
            low.x - grow.x,
            low.y - grow.y,
            high.x + grow.x,
            high.y + grow.y,
        )
    };
    if fineness == Fineness::Shared {
        mesh.block(&reach(-0.05, 1.3, 0.09), top_m - 0.1, top_m, IRON * 1.15);
    }
    let head = reach(
        if fineness == Fineness::Shared {
            1.0
        } else {
            0.05
        },
        1.9,
        0.26,
    );
    mesh.block(&head, top_m - 0.12, top_m + 0.05, IRON * 1.3);
    mesh.set_glow(Glow::Lamp);
    mesh.ceiling(&head, top_m - 0.12, LAMP_GLASS * 1.6);
    mesh.set_glow(Glow::None);
}
