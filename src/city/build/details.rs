//! Things on and beside buildings: roof equipment, spires, clocks, masts, cranes, stands.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    CONCRETE, CRANE, DOOR, IRON, KERB_STONE, LEAF, MARKING_WHITE, METAL, Rgb, TRIM, srgb,
};
use super::super::plan::buildings::{Detail, DetailKind};
use super::glow::Glow;
use super::mesh::MeshBuilder;
use super::rounds::{Sides, at_height, disc, dome, post, pyramid, radii, tapered};
use super::wall::{Span, Wall};

const RED_LIGHT: Rgb = srgb(0xE0342A);
const CLOCK_HANDS: Rgb = srgb(0x2A2A2C);

/// Draws a detail in full.
pub(super) fn draw(mesh: &mut MeshBuilder, detail: &Detail) {
    let (area, heights, colour) = (
        &detail.area,
        Span(detail.base_m, detail.top_m),
        detail.colour,
    );
    match detail.kind {
        DetailKind::Box => mesh.block(area, heights.0, heights.1, colour),
        DetailKind::StairHead => stair_head(mesh, area, heights, colour),
        DetailKind::Cooler => {
            mesh.block(area, heights.0, heights.1, colour);
            mesh.floor(
                &area.inset(area.shorter() * 0.16),
                heights.1 + 0.03,
                IRON * 0.8,
            );
        }
        DetailKind::Tank => tank(mesh, area, heights, colour),
        DetailKind::Railing => railing(mesh, area, heights, colour),
        DetailKind::Garden => {
            mesh.block(area, heights.0, heights.1, KERB_STONE * 0.8);
            mesh.floor(&area.inset(0.2), heights.1 + 0.03, colour);
            for share in [0.3, 0.7] {
                let at = Vec2::new(
                    area.x0 + area.size_x() * share,
                    area.z0 + area.size_z() * (1.0 - share),
                );
                let foot = Vec3::new(at.x, heights.1, at.y);
                super::trees::add_bush(mesh, foot, 0.7, LEAF[1]);
            }
        }
        DetailKind::Helipad => helipad(mesh, area, heights, colour),
        DetailKind::Solar => solar(mesh, area, heights, colour),
        DetailKind::Billboard => billboard(mesh, area, heights, colour),
        DetailKind::Column => {
            let radius = radii(area);
            tapered(
                mesh,
                area.center(),
                [radius, radius * 0.86],
                heights,
                [colour * 0.8, colour],
                Sides::Eight,
            );
        }
        DetailKind::Clock => clock(mesh, area, heights, colour, CLOCK_HANDS),
        DetailKind::Canopy => canopy(mesh, area, heights, colour),
        DetailKind::Lattice => lattice(mesh, detail),
        DetailKind::Drum
        | DetailKind::Stack
        | DetailKind::Cone
        | DetailKind::Pyramid
        | DetailKind::Dome
        | DetailKind::Mast
        | DetailKind::Crown
        | DetailKind::Jib
        | DetailKind::Stand(_) => solid(mesh, detail, Sides::Sixteen),
    }
}

/// What a detail is for those who are kilometres away.
pub(super) fn draw_far(mesh: &mut MeshBuilder, detail: &Detail) {
    match detail.kind {
        DetailKind::Tank | DetailKind::Column | DetailKind::Box | DetailKind::StairHead => {
            let colours = [detail.colour * 0.8, detail.colour];
            let heights = Span(detail.base_m, detail.top_m);
            mesh.far_box(&detail.area, heights, colours, None);
        }
        _ => draw_coarse(mesh, detail),
    }
}

/// Draws what of a detail reads from afar; its outline is that of the full one.
pub(super) fn draw_coarse(mesh: &mut MeshBuilder, detail: &Detail) {
    let heights = Span(detail.base_m, detail.top_m);
    match detail.kind {
        DetailKind::Lattice => {
            // Two blades across each other: as thin from above as the bars are.
            let (area, center) = (&detail.area, detail.area.center());
            let blades = [
                (Area::around(center, area.size_x() * 0.5, 0.02), Side::South),
                (Area::around(center, 0.02, area.size_z() * 0.5), Side::East),
            ];
            for (blade, side) in blades {
                let wall = Wall::of(&blade, side);
                two_sided(
                    mesh,
                    &wall,
                    Span(0.0, wall.width_m),
                    heights,
                    detail.colour * 0.8,
                );
            }
            if has_flood_lights(detail) {
                mesh.set_glow(Glow::Lamp);
                let head = Area::around(center, 3.4, 3.4);
                mesh.block(&head, heights.1 - 2.6, heights.1 - 0.4, METAL * 0.6);
                mesh.set_glow(Glow::None);
            }
            red_light(mesh, center, heights.1);
        }
        DetailKind::Clock => {
            mesh.set_glow(Glow::Own);
            mesh.block(
                &detail.area.inset(-0.05),
                heights.0 + 1.0,
                heights.1 - 1.0,
                detail.colour,
            );
            mesh.set_glow(Glow::None);
        }
        DetailKind::Canopy => {
            mesh.block(&detail.area, heights.1 - 0.9, heights.1, detail.colour);
        }
        DetailKind::Tank | DetailKind::Column | DetailKind::Box | DetailKind::StairHead => {
            mesh.block(&detail.area, heights.0, heights.1, detail.colour);
        }
        DetailKind::Billboard => {
            mesh.set_glow(Glow::Own);
            mesh.block(&detail.area, heights.0 + 1.6, heights.1, detail.colour);
            mesh.set_glow(Glow::None);
        }
        DetailKind::Cooler
        | DetailKind::Railing
        | DetailKind::Garden
        | DetailKind::Helipad
        | DetailKind::Solar => {}
        DetailKind::Drum
        | DetailKind::Stack
        | DetailKind::Cone
        | DetailKind::Pyramid
        | DetailKind::Dome
        | DetailKind::Mast
        | DetailKind::Crown
        | DetailKind::Jib
        | DetailKind::Stand(_) => solid(mesh, detail, Sides::Eight),
    }
}

/// Shapes that are the same near and far but for the number of their sides.
fn solid(mesh: &mut MeshBuilder, detail: &Detail, sides: Sides) {
    let (area, colour) = (&detail.area, detail.colour);
    let heights = Span(detail.base_m, detail.top_m);
    let (center, radius) = (area.center(), radii(area));
    let shades = [colour * 0.82, colour];
    match detail.kind {
        DetailKind::Drum => {
            tapered(mesh, center, [radius, radius], heights, shades, sides);
            disc(mesh, center, radius, heights.1, colour, sides);
        }
        DetailKind::Stack => {
            tapered(
                mesh,
                center,
                [radius, radius * 0.62],
                heights,
                shades,
                sides,
            );
            let band = Span(heights.1 - 5.0, heights.1 - 2.5);
            let at_band = radius * 0.66;
            let painted = [TRIM[3], TRIM[3]];
            tapered(mesh, center, [at_band, at_band], band, painted, sides);
            disc(
                mesh,
                center,
                radius * 0.6,
                heights.1 - 0.05,
                IRON * 0.4,
                sides,
            );
            red_light(mesh, center, heights.1);
        }
        DetailKind::Cone => tapered(mesh, center, [radius, Vec2::ZERO], heights, shades, sides),
        DetailKind::Pyramid => pyramid(mesh, area, heights, colour),
        DetailKind::Dome => dome(mesh, center, radius, heights, colour, sides),
        DetailKind::Mast => {
            let colours = [colour * 0.8, colour];
            tapered(
                mesh,
                center,
                [radius, radius * 0.3],
                heights,
                colours,
                Sides::Four,
            );
            if heights.length() > 8.0 {
                red_light(mesh, center, heights.1);
            }
        }
        DetailKind::Crown => {
            mesh.set_glow(Glow::Own);
            mesh.block(area, heights.0, heights.1, colour);
            mesh.set_glow(Glow::None);
        }
        DetailKind::Jib => {
            // Two chords with the sky between them.
            let chord = area.inset_by(match longer(area) {
                Axis::X => [0.0, 0.0, 0.35, 0.35],
                Axis::Z => [0.35, 0.35, 0.0, 0.0],
            });
            for (low, high) in [(0.0, 0.28), (0.75, 1.0)] {
                let (from, to) = (
                    heights.0 + heights.length() * low,
                    heights.0 + heights.length() * high,
                );
                mesh.block(&chord, from, to, colour);
                mesh.ceiling(&chord, from, colour * 0.6);
            }
            let tip = match longer(area) {
                Axis::X => Vec2::new(area.x0 + 0.5, center.y),
                Axis::Z => Vec2::new(center.x, area.z0 + 0.5),
            };
            // On the chord, which is as wide.
            red_light(mesh, tip, heights.1 + 0.1);
        }
        DetailKind::Stand(outwards) => stand(mesh, area, heights, colour, outwards),
        _ => mesh.block(area, heights.0, heights.1, colour),
    }
}

fn longer(area: &Area) -> Axis {
    if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    }
}

/// The light that warns aeroplanes.
fn red_light(mesh: &mut MeshBuilder, at: Vec2, height_m: f32) {
    mesh.set_glow(Glow::Own);
    mesh.block(
        &Area::around(at, 0.7, 0.7),
        height_m - 0.1,
        height_m + 0.6,
        RED_LIGHT,
    );
    mesh.set_glow(Glow::None);
}

fn stair_head(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    mesh.block(area, heights.0, heights.1, colour);
    let wall = Wall::of(area, Side::South);
    let middle = wall.width_m / 2.0;
    let door = Span(middle - 0.45, middle + 0.45);
    let opening = Span(heights.0, heights.0 + 2.0);
    wall.rect(mesh, door, opening, 0.03, [DOOR[4] * 0.8, DOOR[4]]);
}

/// A water tank of staves on four legs.
fn tank(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let (center, radius) = (area.center(), radii(area) * 0.92);
    let (legs_m, roof_m) = (
        heights.0 + heights.length() * 0.4,
        heights.1 - heights.length() * 0.18,
    );
    for corner in [(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)] {
        let at = center + Vec2::new(corner.0, corner.1) * radius * 0.8;
        post(mesh, at, 0.09, Span(heights.0, legs_m), IRON);
    }
    let staves = Span(legs_m, roof_m);
    let shades = [colour * 0.7, colour];
    tapered(
        mesh,
        center,
        [radius, radius * 0.95],
        staves,
        shades,
        Sides::Eight,
    );
    let roof = Span(roof_m - 0.05, heights.1);
    let shades = [colour * 0.55, colour * 0.7];
    tapered(
        mesh,
        center,
        [radius * 1.05, Vec2::ZERO],
        roof,
        shades,
        Sides::Eight,
    );
}

fn railing(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    for side in Side::ALL {
        let wall = Wall::of(area, side);
        let bar = Span(heights.1 - 0.08, heights.1);
        two_sided(mesh, &wall, Span(0.0, wall.width_m), bar, colour);
        let posts = (wall.width_m / 3.5).ceil().max(1.0) as u32;
        for number in 0..posts {
            let at = number as f32 * wall.width_m / posts as f32;
            let post = Span(heights.0, heights.1 - 0.08);
            wall.rect(mesh, Span(at, at + 0.06), post, 0.0, [colour; 2]);
        }
    }
}

/// A rectangle that is seen from both sides.
pub(super) fn two_sided(
    mesh: &mut MeshBuilder,
    wall: &Wall,
    across: Span,
    heights: Span,
    colour: Rgb,
) {
    wall.rect(mesh, across, heights, 0.0, [colour * 0.9, colour]);
    let corners = [
        wall.point(across.1, heights.0, -0.02),
        wall.point(across.0, heights.0, -0.02),
        wall.point(across.0, heights.1, -0.02),
        wall.point(across.1, heights.1, -0.02),
    ];
    mesh.quad(corners, -wall.normal, [colour * 0.8; 4]);
}

fn helipad(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let (center, radius) = (area.center(), radii(area));
    let rim = Span(heights.1 - 0.5, heights.1);
    let shades = [colour * 0.5, colour * 0.8];
    tapered(
        mesh,
        center,
        [radius * 0.9, radius],
        rim,
        shades,
        Sides::Eight,
    );
    disc(
        mesh,
        center,
        radius,
        heights.1,
        CONCRETE[2] * 0.8,
        Sides::Eight,
    );
    post(
        mesh,
        center,
        1.2,
        Span(heights.0, heights.1 - 0.5),
        colour * 0.6,
    );
    let paint_m = heights.1 + 0.03;
    let letter = radius.x * 0.34;
    for (x, z, size_x, size_z) in [
        (-letter, 0.0, 0.6, letter * 2.4),
        (letter, 0.0, 0.6, letter * 2.4),
        (0.0, 0.0, letter * 1.3, 0.6),
    ] {
        let bar = Area::around(center + Vec2::new(x, z), size_x, size_z);
        mesh.floor(&bar, paint_m, MARKING_WHITE);
    }
    mesh.set_glow(Glow::Lamp);
    for out in Sides::Four.corners() {
        let at = center + out * radius * 0.95;
        mesh.block(
            &Area::around(at, 0.3, 0.3),
            heights.1,
            heights.1 + 0.2,
            TRIM[3],
        );
    }
    mesh.set_glow(Glow::None);
}

fn solar(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let rows = (area.size_z() / 1.9).floor().max(1.0) as u32;
    for row in 0..rows {
        let z1 = area.z1 - row as f32 * 1.9;
        let (z0, high, low) = (z1 - 1.4, heights.1, heights.0 + 0.1);
        let panel = [
            Vec3::new(area.x0, low, z1),
            Vec3::new(area.x1, low, z1),
            Vec3::new(area.x1, high, z0),
            Vec3::new(area.x0, high, z0),
        ];
        mesh.plain_quad(panel, colour);
        let [a, b, c, d] = panel;
        mesh.plain_quad([d, c, b, a], METAL * 0.4);
    }
}

fn billboard(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let axis = longer(area);
    let (length, low) = (area.size(axis), heights.0 + heights.length() * 0.42);
    for share in [0.2, 0.8] {
        let at = area.span(axis, length * share, length * share).center();
        post(mesh, at, 0.1, Span(heights.0, heights.1 - 0.2), IRON);
    }
    mesh.block(area, low, heights.1, IRON * 1.2);
    let faces = match axis {
        Axis::X => [Side::North, Side::South],
        Axis::Z => [Side::West, Side::East],
    };
    mesh.set_glow(Glow::Own);
    for side in faces {
        let wall = Wall::of(area, side);
        let across = Span(0.15, wall.width_m - 0.15);
        let picture = Span(low + 0.15, heights.1 - 0.15);
        wall.rect(mesh, across, picture, 0.03, [colour * 0.7, colour * 1.1]);
        let (from, to) = (wall.width_m * 0.18, wall.width_m * 0.66);
        let line = Span(low + heights.length() * 0.2, low + heights.length() * 0.34);
        wall.rect(mesh, Span(from, to), line, 0.06, [TRIM[3] * 0.9; 2]);
    }
    mesh.set_glow(Glow::None);
}

fn clock(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb, hands: Rgb) {
    for side in Side::ALL {
        let wall = Wall::of(area, side);
        let (middle, level) = (wall.width_m / 2.0, (heights.0 + heights.1) / 2.0);
        let radius = (heights.length() / 2.0).min(middle) * 0.92;
        let circle = |radius: f32, depth: f32| -> Vec<Vec3> {
            Sides::Sixteen
                .corners()
                .map(|out| wall.point(middle + out.x * radius, level - out.y * radius, depth))
                .collect()
        };
        for (share, depth, colour, glow) in [
            (1.0, 0.0, hands * 1.4, Glow::None),
            (0.9, 0.03, colour, Glow::Own),
        ] {
            mesh.set_glow(glow);
            let rim: Vec<u32> = circle(radius * share, depth)
                .into_iter()
                .map(|point| mesh.vertex(point, wall.normal, colour))
                .collect();
            for k in 1..rim.len() - 1 {
                mesh.triangle([rim[0], rim[k], rim[k + 1]]);
            }
        }
        mesh.set_glow(Glow::None);
        let wide = radius * 0.06;
        let up = Span(level, level + radius * 0.75);
        wall.rect(
            mesh,
            Span(middle - wide, middle + wide),
            up,
            0.06,
            [hands; 2],
        );
        let across = Span(middle, middle + radius * 0.5);
        wall.rect(
            mesh,
            across,
            Span(level - wide, level + wide),
            0.06,
            [hands; 2],
        );
    }
}

fn canopy(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb) {
    let low = heights.1 - 0.9;
    mesh.block(area, low, heights.1, TRIM[3] * 0.95);
    for side in Side::ALL {
        let wall = Wall::of(area, side);
        mesh.set_glow(Glow::Own);
        let band = Span(low + 0.25, heights.1 - 0.15);
        wall.rect(mesh, Span(0.0, wall.width_m), band, 0.03, [colour; 2]);
        mesh.set_glow(Glow::None);
    }
    mesh.ceiling(area, low, TRIM[3] * 0.8);
    mesh.set_glow(Glow::Lamp);
    mesh.ceiling(
        &area.inset(area.shorter() * 0.25),
        low - 0.03,
        TRIM[3] * 1.2,
    );
    mesh.set_glow(Glow::None);
    let axis = longer(area);
    let length = area.size(axis);
    for share in [0.15, 0.85] {
        let at = area.span(axis, length * share, length * share).center();
        mesh.block(&Area::around(at, 0.45, 0.45), heights.0 - 0.5, low, METAL);
    }
}

/// Low masts light stadiums; high ones carry aerials, and cranes their jib.
fn has_flood_lights(detail: &Detail) -> bool {
    detail.colour != CRANE && detail.top_m - detail.base_m < 60.0
}

/// How far out the diagonals of a mast are, of what its legs are.
const BEHIND_LEGS: f32 = 0.95;

/// A tapering mast of four posts with cross pieces, dishes and red lights.
fn lattice(mesh: &mut MeshBuilder, detail: &Detail) {
    let (area, colour) = (&detail.area, detail.colour);
    let heights = Span(detail.base_m, detail.top_m);
    let (center, low) = (area.center(), radii(area));
    let height = heights.length();
    let is_crane = colour == CRANE;
    let taper = |share: f32| {
        if is_crane {
            low
        } else {
            low * (1.0 - 0.7 * share)
        }
    };
    let corners = [
        Vec2::new(-1.0, -1.0),
        Vec2::new(1.0, -1.0),
        Vec2::new(1.0, 1.0),
        Vec2::new(-1.0, 1.0),
    ];
    let thick = (low.x * 0.09).max(0.06);
    let bays = (height / (low.x * 4.0)).clamp(4.0, 16.0) as u32;
    let leg = |corner: Vec2, share: f32| {
        at_height(center + corner * taper(share), heights.0 + height * share)
    };
    let mut bar = |a: Vec3, b: Vec3, across: Vec3| {
        mesh.plain_quad([a - across, a + across, b + across, b - across], colour);
        mesh.plain_quad(
            [a + across, a - across, b - across, b + across],
            colour * 0.7,
        );
    };
    for k in 0..4 {
        let (corner, next) = (corners[k], corners[(k + 1) % 4]);
        let across = Vec3::new(-corner.y, 0.0, corner.x) * thick;
        bar(leg(corner, 0.0), leg(corner, 1.0), across);
        for number in 0..bays {
            let shares = [number, number + 1].map(|k| k as f32 / bays as f32);
            // Up and down in turn, each from its corner to the next, so that all have their fronts outside.
            let [from, to] = if number % 2 == 0 {
                [shares[0], shares[1]]
            } else {
                [shares[1], shares[0]]
            };
            // Behind the legs: what lies in one plane with them flickers.
            let a = leg(corner * BEHIND_LEGS, from);
            let b = leg(next * BEHIND_LEGS, to);
            bar(a, b, Vec3::Y * thick);
        }
    }
    if !is_crane && height > 40.0 {
        for share in [0.55, 0.7] {
            let at = center + Vec2::X * (taper(share).x + 0.6);
            let level = heights.0 + height * share;
            mesh.block(
                &Area::around(at, 0.5, 1.8),
                level - 0.9,
                level + 0.9,
                TRIM[3],
            );
        }
        red_light(mesh, center, heights.0 + height * 0.5);
    }
    red_light(mesh, center, heights.1);
    if has_flood_lights(detail) {
        let head = Area::around(center, 3.4, 3.4);
        mesh.block(&head, heights.1 - 2.6, heights.1 - 0.4, METAL * 0.6);
        mesh.set_glow(Glow::Lamp);
        for side in Side::ALL {
            let wall = Wall::of(&head, side);
            let lamps = Span(0.2, wall.width_m - 0.2);
            wall.rect(
                mesh,
                lamps,
                Span(heights.1 - 2.4, heights.1 - 0.6),
                0.03,
                [TRIM[3]; 2],
            );
        }
        mesh.set_glow(Glow::None);
    }
}

/// Rows of seats that rise outwards.
fn stand(mesh: &mut MeshBuilder, area: &Area, heights: Span, colour: Rgb, outwards: Side) {
    let wall = Wall::of(area, outwards.opposite());
    let depth = area.size(match outwards.runs_along() {
        Axis::X => Axis::Z,
        Axis::Z => Axis::X,
    });
    let rows = 3;
    for row in 0..rows {
        let (near, far) = (row as f32 / rows as f32, (row + 1) as f32 / rows as f32);
        let level = heights.0 + 1.0 + heights.length() * near;
        let below = if row == 0 {
            heights.0
        } else {
            level - heights.length() / rows as f32
        };
        let across = Span(0.0, wall.width_m);
        let shades = [colour * 0.7, colour * 0.9];
        wall.rect(mesh, across, Span(below, level), -depth * near, shades);
        let tread = [
            wall.point(0.0, level, -depth * near),
            wall.point(wall.width_m, level, -depth * near),
            wall.point(wall.width_m, level, -depth * far),
            wall.point(0.0, level, -depth * far),
        ];
        mesh.quad(tread, Vec3::Y, [colour; 4]);
    }
}
