//! Small things in the chunk's mesh: each prop by its kind, and what stands in gardens and parks.

use bevy::math::{Vec2, Vec3};

use super::super::area::{Area, Axis, Side};
use super::super::colour::{IRON, KERB_STONE, LEAF, METAL, SOIL, VERDIGRIS, WATER, WOOD};
use super::super::plan::furniture::{Prop, sizes};
use super::super::plan::streets::KERB_HEIGHT_M;
use super::mesh::MeshBuilder;
use super::pavements::UPPER_M;
use super::rounds::{Sides, disc, post, tapered};
use super::trees::add_bush;
use super::wall::Span;
use super::{cars, street};

pub(super) fn draw(mesh: &mut MeshBuilder, prop: &Prop) {
    match prop {
        Prop::Bench { at, faces } => bench(mesh, *at, *faces),
        Prop::Hedge { area, height_m } => hedge(mesh, area, *height_m),
        Prop::Fence { area, height_m } => street::fence(mesh, area, *height_m),
        Prop::Hoarding { area, colour } => {
            mesh.block(area, KERB_HEIGHT_M - 0.4, KERB_HEIGHT_M + 2.3, *colour);
        }
        Prop::Bush { at } => add_bush(mesh, Vec3::new(at.x, KERB_HEIGHT_M, at.y), 0.8, LEAF[2]),
        Prop::Bin { at } => street::bin(mesh, *at),
        Prop::TreePit { at } => {
            mesh.floor(&Area::around(*at, 1.2, 1.2), KERB_HEIGHT_M + 0.03, SOIL);
        }
        Prop::Fountain { at, radius_m } => fountain(mesh, *at, *radius_m),
        Prop::Statue { at } => statue(mesh, *at),
        Prop::Hydrant { at } => street::hydrant(mesh, *at),
        Prop::Bollard { at } => {
            let radius_m = sizes::BOLLARD_RADIUS_M;
            let heights = Span(KERB_HEIGHT_M, KERB_HEIGHT_M + sizes::BOLLARD_HEIGHT_M);
            post(mesh, *at, radius_m, heights, IRON * 1.3);
            disc(
                mesh,
                *at,
                Vec2::splat(radius_m),
                heights.1,
                METAL,
                Sides::Four,
            );
        }
        Prop::PostBox { at } => street::post_box(mesh, *at),
        Prop::PhoneBox { at } => street::phone_box(mesh, *at),
        Prop::Shelter { at, faces } => street::shelter(mesh, *at, *faces),
        Prop::Kiosk { at, colour } => street::kiosk(mesh, *at, *colour),
        Prop::Meter { at } => street::meter(mesh, *at),
        Prop::Sign { at, faces, kind } => street::sign(mesh, *at, *faces, *kind),
        Prop::Signal { at, faces } => street::signal(mesh, *at, *faces),
        Prop::Planter { area } => {
            mesh.block(area, KERB_HEIGHT_M, KERB_HEIGHT_M + 0.5, KERB_STONE * 0.8);
            let leaves = area.inset(0.06);
            mesh.block(&leaves, KERB_HEIGHT_M + 0.5, KERB_HEIGHT_M + 0.85, LEAF[0]);
        }
        Prop::Table { at, colour } => street::table(mesh, *at, *colour),
        Prop::Bicycles { at, along } => street::bicycles(mesh, *at, *along),
        Prop::Container {
            area,
            stacked,
            colour,
        } => {
            for number in 0..*stacked {
                let base_m = KERB_HEIGHT_M + 2.6 * number as f32;
                let tone = *colour * if number == 0 { 1.0 } else { 0.8 };
                mesh.block(area, base_m, base_m + 2.55, tone);
            }
        }
        Prop::Pump { at, along, colour } => street::pump(mesh, *at, *along, *colour),
        Prop::Car {
            at,
            along,
            paint,
            body,
            on_road,
        } => {
            let height_m = if *on_road {
                0.0
            } else {
                KERB_HEIGHT_M + UPPER_M
            };
            let foot = Vec3::new(at.x, height_m, at.y);
            // Which way the nose looks follows from the paint, so that neighbours differ.
            let is_turned = ((paint.x * 4_096.0) as u32).is_multiple_of(2);
            cars::draw(mesh, foot, *along, is_turned, *paint, *body);
        }
    }
}

/// Clipped leaves: darker below, uneven on top.
fn hedge(mesh: &mut MeshBuilder, area: &Area, height_m: f32) {
    let top_m = KERB_HEIGHT_M + height_m;
    mesh.block(area, KERB_HEIGHT_M - 0.4, top_m, LEAF[2] * 0.9);
    let axis = if area.size_x() >= area.size_z() {
        Axis::X
    } else {
        Axis::Z
    };
    let length = area.size(axis);
    if length > 2.4 {
        let tuft = area.span(axis, length * 0.2, length * 0.45).inset(0.06);
        mesh.block(&tuft, top_m - 0.1, top_m + 0.09, LEAF[2]);
    }
}

fn statue(mesh: &mut MeshBuilder, at: Vec2) {
    let stone = KERB_STONE * 0.9;
    mesh.block(
        &Area::around(at, 1.9, 1.9),
        KERB_HEIGHT_M,
        KERB_HEIGHT_M + 0.4,
        stone,
    );
    mesh.block(
        &Area::around(at, 1.1, 1.1),
        KERB_HEIGHT_M + 0.4,
        KERB_HEIGHT_M + 1.9,
        stone,
    );
    let bronze = VERDIGRIS * 0.7;
    let low = Vec2::new(0.32, 0.24);
    let heights = Span(KERB_HEIGHT_M + 1.9, KERB_HEIGHT_M + 3.2);
    tapered(
        mesh,
        at,
        [low, low * 1.2],
        heights,
        [bronze * 0.8, bronze],
        Sides::Eight,
    );
    let head = Span(KERB_HEIGHT_M + 3.2, KERB_HEIGHT_M + 3.6);
    tapered(
        mesh,
        at,
        [low * 0.6, low * 0.5],
        head,
        [bronze, bronze * 1.1],
        Sides::Eight,
    );
    disc(mesh, at, low * 0.5, head.1, bronze, Sides::Eight);
}

fn bench(mesh: &mut MeshBuilder, at: Vec2, faces: Side) {
    let [long, across] = sizes::BENCH_M;
    let seat = match faces.runs_along() {
        Axis::X => Area::around(at, long, across),
        Axis::Z => Area::around(at, across, long),
    };
    mesh.block(&seat, KERB_HEIGHT_M, 0.6, WOOD);
    let back = seat.strip(faces.opposite(), 0.0, 0.07);
    mesh.block(&back, 0.6, 1.0, WOOD * 0.9);
}

fn fountain(mesh: &mut MeshBuilder, at: Vec2, radius_m: f32) {
    let stone = [KERB_STONE * 0.75, KERB_STONE];
    let (out, into) = (Vec2::splat(radius_m), Vec2::splat(radius_m - 0.35));
    let rim = Span(KERB_HEIGHT_M - 0.3, 0.65);
    tapered(mesh, at, [out, out], rim, stone, Sides::Sixteen);
    disc(mesh, at, out, 0.65, KERB_STONE, Sides::Sixteen);
    disc(mesh, at, into, 0.67, WATER, Sides::Sixteen);
    for (radius, from, to) in [(0.5, 0.6, 1.5), (0.22, 1.7, 2.5)] {
        let post = Vec2::splat(radius);
        tapered(
            mesh,
            at,
            [post, post * 0.7],
            Span(from, to),
            stone,
            Sides::Eight,
        );
    }
    let bowl = [Vec2::splat(0.4), Vec2::splat(1.15)];
    tapered(mesh, at, bowl, Span(1.35, 1.7), stone, Sides::Eight);
    disc(mesh, at, bowl[1], 1.7, WATER * 1.1, Sides::Eight);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One walks up to what one sees, and no nearer.
    #[test]
    fn boxes_fit_what_is_drawn_at_their_foot() {
        let (at, faces) = (Vec2::ZERO, Side::North);
        let area = Area::around(at, 1.4, 0.55);
        for prop in [
            Prop::Bench { at, faces },
            Prop::Bench {
                at,
                faces: Side::West,
            },
            Prop::Bin { at },
            Prop::Hydrant { at },
            Prop::Bollard { at },
            Prop::PostBox { at },
            Prop::PhoneBox { at },
            Prop::Kiosk { at, colour: METAL },
            Prop::Planter { area },
            Prop::Statue { at },
            Prop::Table { at, colour: METAL },
            Prop::Bicycles { at, along: Axis::X },
            Prop::Bicycles { at, along: Axis::Z },
        ] {
            let mut builder = MeshBuilder::default();
            draw(&mut builder, &prop);
            let mesh = builder.into_mesh();
            let low = mesh
                .triangles()
                .unwrap()
                .flat_map(|triangle| triangle.vertices)
                .filter(|corner| corner.y < 1.0);
            let (min, max) = low.fold((Vec3::MAX, Vec3::MIN), |(min, max), corner| {
                (min.min(corner), max.max(corner))
            });
            let (solid, ..) = prop.solid().unwrap();
            for (drawn, boxed) in [
                (min.x, solid.x0),
                (max.x, solid.x1),
                (min.z, solid.z0),
                (max.z, solid.z1),
            ] {
                assert!((drawn - boxed).abs() < 0.13, "{drawn} {boxed} of {prop:?}");
            }
        }
    }
}
