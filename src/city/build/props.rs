//! Small things in the chunk's mesh: benches, hedges, bins, fountains, parked cars.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis, Side};
use super::super::colour::{
    CAR_GLASS, IRON, KERB_STONE, LEAF, METAL, Rgb, SOIL, TYRE, WATER, WOOD, srgb,
};
use super::super::plan::furniture::{CarBody, Prop};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;
use super::trees::add_bush;
use super::wall::{Span, Wall};

pub(super) fn draw(mesh: &mut MeshBuilder, prop: &Prop) {
    match prop {
        Prop::Bench { at, faces } => bench(mesh, *at, *faces),
        Prop::Hedge { area, height_m } => {
            mesh.block(area, KERB_HEIGHT_M, KERB_HEIGHT_M + height_m, LEAF[2] * 0.9);
        }
        Prop::Bush { at } => add_bush(mesh, Vec3::new(at.x, KERB_HEIGHT_M, at.y), 0.8, LEAF[2]),
        Prop::Bin { at } => mesh.block(
            &Area::around(*at, 0.45, 0.45),
            KERB_HEIGHT_M,
            1.05,
            IRON * 1.4,
        ),
        Prop::TreePit { at } => {
            mesh.floor(&Area::around(*at, 1.2, 1.2), KERB_HEIGHT_M + 0.03, SOIL);
        }
        Prop::Fountain { at, radius_m } => fountain(mesh, *at, *radius_m),
        Prop::Car {
            at,
            along,
            paint,
            van,
        } => car(mesh, *at, *along, *paint, *van),
    }
}

fn bench(mesh: &mut MeshBuilder, at: Vec2, faces: Side) {
    let seat = match faces.runs_along() {
        Axis::X => Area::around(at, 1.7, 0.5),
        Axis::Z => Area::around(at, 0.5, 1.7),
    };
    mesh.block(&seat, KERB_HEIGHT_M, 0.6, WOOD);
    let back = seat.strip(faces.opposite(), 0.0, 0.07);
    mesh.block(&back, 0.6, 1.0, WOOD * 0.9);
}

fn fountain(mesh: &mut MeshBuilder, at: Vec2, radius_m: f32) {
    // Two crossed basins make an octagon-like outline out of boxes.
    let rim = Area::around(at, 1.7 * radius_m, 1.7 * radius_m);
    mesh.block(&rim, KERB_HEIGHT_M, 0.6, KERB_STONE);
    mesh.floor(&rim.inset(0.35), 0.63, WATER);
    mesh.block(&Area::around(at, 0.9, 0.9), 0.6, 1.3, KERB_STONE * 0.95);
    mesh.block(&Area::around(at, 1.6, 1.6), 1.3, 1.5, KERB_STONE);
    mesh.block(&Area::around(at, 0.4, 0.4), 1.5, 2.3, KERB_STONE * 0.95);
}

/// A frame for cars: `u` along the car, `v` across, from its middle.
struct CarFrame {
    at: Vec2,
    along: Axis,
}

impl CarFrame {
    fn area(&self, from: f32, to: f32, half_width: f32) -> Area {
        match self.along {
            Axis::X => Area::new(
                self.at.x + from,
                self.at.y - half_width,
                self.at.x + to,
                self.at.y + half_width,
            ),
            Axis::Z => Area::new(
                self.at.x - half_width,
                self.at.y + from,
                self.at.x + half_width,
                self.at.y + to,
            ),
        }
    }
}

fn car(mesh: &mut MeshBuilder, at: Vec2, along: Axis, paint: Rgb, body: CarBody) {
    let [length, width, height] = body.size_m();
    let frame = CarFrame { at, along };
    let (front, half) = (length / 2.0, width / 2.0);
    let shoulder = if body == CarBody::Van { 1.15 } else { 0.92 };
    mesh.floor(
        &frame.area(-front - 0.1, front + 0.1, half + 0.12),
        0.025,
        srgb(0x2E2E30),
    );
    mesh.block(&frame.area(-front, front, half), 0.24, shoulder, paint);
    let (flanks, ends) = match along {
        Axis::X => ([Side::North, Side::South], [Side::West, Side::East]),
        Axis::Z => ([Side::West, Side::East], [Side::North, Side::South]),
    };
    for axle in [-front + 0.85, front - 0.85] {
        // Only the outer faces of the wheels show.
        for side in flanks {
            let wheel = Wall::of(&frame.area(axle - 0.33, axle + 0.33, half + 0.02), side);
            wheel.rect(
                mesh,
                Span(0.0, wheel.width_m),
                Span(0.0, 0.64),
                0.0,
                [TYRE; 2],
            );
        }
    }
    for side in ends {
        let end = Wall::of(&frame.area(-front, front, half - 0.12), side);
        end.rect(
            mesh,
            Span(0.0, end.width_m),
            Span(0.38, 0.54),
            0.02,
            [METAL * 0.8; 2],
        );
    }
    let (rear, nose) = match body {
        CarBody::Saloon => (-front + 0.55, front - 1.35),
        CarBody::Van => (-front + 0.1, front - 0.9),
    };
    cabin(
        mesh,
        &frame,
        [rear, nose],
        half - 0.08,
        [shoulder, height],
        paint,
    );
}

/// The glazed upper part: sloping glass under a painted roof.
fn cabin(
    mesh: &mut MeshBuilder,
    frame: &CarFrame,
    [rear, nose]: [f32; 2],
    half: f32,
    [low, high]: [f32; 2],
    paint: Rgb,
) {
    let (foot, roof) = (
        frame.area(rear, nose, half),
        frame.area(rear + 0.35, nose - 0.65, half - 0.16),
    );
    let corners = |area: &Area, height: f32| {
        [
            Vec3::new(area.x0, height, area.z1),
            Vec3::new(area.x1, height, area.z1),
            Vec3::new(area.x1, height, area.z0),
            Vec3::new(area.x0, height, area.z0),
        ]
    };
    let (bottom, top) = (corners(&foot, low), corners(&roof, high - 0.06));
    for k in 0..4 {
        let next = (k + 1) % 4;
        mesh.plain_quad([bottom[k], bottom[next], top[next], top[k]], CAR_GLASS);
    }
    mesh.floor(&roof, high - 0.06, paint);
}
