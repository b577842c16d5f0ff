//! Paint on the road: centre and lane lines, edge lines, stop lines, zebra crossings, arrows.

use bevy::math::Vec3;

use super::super::area::Axis;
use super::super::colour::{MARKING_WHITE, MARKING_YELLOW, Rgb};
use super::super::plan::ChunkPlan;
use super::super::plan::streets::{LocalRoad, StreetClass};
use super::mesh::MeshBuilder;
use super::wall::Span;

/// Height of paint above the asphalt, metres.
pub(super) const PAINT_M: f32 = 0.025;
/// Where the zebra crossing lies, metres from the kerb of the street at the end.
const ZEBRA: Span = Span(1.9, 4.7);
/// Where the stop line lies, likewise.
const STOP_LINE: Span = Span(5.6, 6.0);
/// Where the lines between lanes begin, likewise.
const LINES_FROM_M: f32 = 6.0;
/// Where arrows lie before the stop line, likewise.
const ARROW: Span = Span(10.0, 14.5);
const DASH_M: f32 = 3.0;
const DASH_PITCH_M: f32 = 7.5;
/// Lines end so far before a street that meets the road from a side, metres.
const BEFORE_CROSSING_M: f32 = 2.0;

/// Paints all streets of a chunk.
pub(super) fn paint_streets(mesh: &mut MeshBuilder, plan: &ChunkPlan) {
    let roads = plan.roads.iter();
    for road in roads.filter(|road| road.class != StreetClass::Alley) {
        Brush { road }.paint(mesh);
    }
}

struct Brush<'a> {
    road: &'a LocalRoad,
}

impl Brush<'_> {
    fn paint(&self, mesh: &mut MeshBuilder) {
        let road = self.road;
        if road.to - road.from < 2.0 * LINES_FROM_M + DASH_M {
            return;
        }
        // Which half comes towards the low end: traffic keeps to the right.
        let towards_high = match road.axis {
            Axis::X => 1.0,
            Axis::Z => -1.0,
        };
        let mut from = road.from + self.end(mesh, road.ends[0], road.from, 1.0, -towards_high);
        let end = road.to - self.end(mesh, road.ends[1], road.to, -1.0, towards_high);
        for crossing in &road.crossings {
            let gap = crossing.half_m() + BEFORE_CROSSING_M;
            self.lines(mesh, Span(from, crossing.at - gap));
            from = crossing.at + gap;
        }
        self.lines(mesh, Span(from, end));
    }

    /// What is painted where the road ends on another street; `inwards` leads into the road, `half` is the side on
    /// which traffic arrives. Returns how far from the end lines begin.
    fn end(
        &self,
        mesh: &mut MeshBuilder,
        other: StreetClass,
        at: f32,
        inwards: f32,
        half: f32,
    ) -> f32 {
        if other == StreetClass::Alley {
            return 1.0;
        }
        let along = |span: Span| {
            let (a, b) = (at + span.0 * inwards, at + span.1 * inwards);
            Span(a.min(b), a.max(b))
        };
        let reach = self.road.half_m() - 0.7;
        let bars = (2.0 * reach / 1.35).floor().max(1.0) as u32;
        let pitch = 2.0 * reach / bars as f32;
        for bar in 0..bars {
            let middle = -reach + (bar as f32 + 0.5) * pitch;
            self.strip(
                mesh,
                along(ZEBRA),
                Span(middle - 0.31, middle + 0.31),
                MARKING_WHITE * 0.95,
            );
        }
        let innermost = match self.road.class {
            StreetClass::Avenue => 4.95,
            _ => 0.25,
        };
        let (inner, outer) = (innermost * half, (self.road.half_m() - 0.3) * half);
        self.strip(
            mesh,
            along(STOP_LINE),
            Span(inner.min(outer), inner.max(outer)),
            MARKING_WHITE,
        );
        for lane in self.lanes() {
            self.arrow(mesh, at, inwards, lane * half);
        }
        LINES_FROM_M
    }

    /// The middles of the lanes of one direction, metres from the centre line, where arrows are painted.
    const fn lanes(&self) -> &'static [f32] {
        match self.road.class {
            StreetClass::Alley | StreetClass::Street => &[],
            StreetClass::Arterial => &[2.0, 5.6],
            StreetClass::Avenue => &[7.0, 11.0],
        }
    }

    /// An arrow that points to the end of the road.
    fn arrow(&self, mesh: &mut MeshBuilder, at: f32, inwards: f32, across: f32) {
        let (tip, foot) = (at + ARROW.0 * inwards, at + ARROW.1 * inwards);
        let neck = tip + 1.6 * inwards;
        self.strip(
            mesh,
            Span(neck.min(foot), neck.max(foot)),
            around(across, 0.18),
            MARKING_WHITE * 0.95,
        );
        let point = |along: f32, across: f32| match self.road.axis {
            Axis::X => Vec3::new(along, PAINT_M, self.road.center + across),
            Axis::Z => Vec3::new(self.road.center + across, PAINT_M, along),
        };
        let mut corners = [
            point(tip, across),
            point(neck, across - 0.55),
            point(neck, across + 0.55),
        ];
        // Counter-clockwise from above.
        let turn = (corners[1] - corners[0]).cross(corners[2] - corners[0]);
        if turn.y < 0.0 {
            corners.swap(1, 2);
        }
        mesh.outline(
            corners.map(|corner| (corner, MARKING_WHITE * 0.95)),
            Vec3::Y,
        );
    }

    fn lines(&self, mesh: &mut MeshBuilder, along: Span) {
        if along.length() < DASH_M {
            return;
        }
        let half = self.road.half_m();
        match self.road.class {
            StreetClass::Alley => {}
            StreetClass::Street => self.dashes(mesh, along, 0.0),
            StreetClass::Arterial => {
                for side in [-1.0f32, 1.0] {
                    self.strip(mesh, along, around(0.16 * side, 0.12), MARKING_YELLOW);
                    self.strip(
                        mesh,
                        along,
                        around((half - 0.75) * side, 0.12),
                        MARKING_WHITE * 0.9,
                    );
                    self.dashes(mesh, along, 3.75 * side);
                }
            }
            StreetClass::Avenue => {
                for side in [-1.0f32, 1.0] {
                    self.strip(mesh, along, around(5.12 * side, 0.14), MARKING_YELLOW);
                    self.strip(mesh, along, around(13.1 * side, 0.14), MARKING_WHITE * 0.9);
                    self.dashes(mesh, along, 9.0 * side);
                }
            }
        }
    }

    fn dashes(&self, mesh: &mut MeshBuilder, along: Span, offset: f32) {
        let count = ((along.length() - DASH_M) / DASH_PITCH_M).floor().max(0.0) as u32;
        let slack = along.length() - DASH_M - count as f32 * DASH_PITCH_M;
        for dash in 0..=count {
            let from = along.0 + slack / 2.0 + dash as f32 * DASH_PITCH_M;
            self.strip(
                mesh,
                Span(from, from + DASH_M),
                around(offset, 0.14),
                MARKING_WHITE,
            );
        }
    }

    /// Paint in the frame of this street: metres along it, metres from the centre line.
    fn strip(&self, mesh: &mut MeshBuilder, along: Span, across: Span, colour: Rgb) {
        let area = self.road.strip(along.0, along.1, across.0, across.1);
        if !area.is_empty() {
            mesh.floor(&area, PAINT_M, colour);
        }
    }
}

const fn around(offset: f32, width: f32) -> Span {
    Span(offset - width / 2.0, offset + width / 2.0)
}
