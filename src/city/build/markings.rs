//! Paint on the road: centre and lane lines, edge lines, stop lines, zebra crossings.

use super::super::area::{Area, Axis, Side};
use super::super::colour::{MARKING_WHITE, MARKING_YELLOW, Rgb};
use super::super::plan::streets::{StreetClass, StreetGrid, StreetLine};
use super::mesh::MeshBuilder;
use super::wall::Span;

/// Where the zebra crossing lies, metres from the edge of the crossed street's road.
const ZEBRA: Span = Span(1.3, 4.1);
/// Where the stop line lies, likewise.
const STOP_LINE: Span = Span(5.0, 5.4);
/// Where the lines between lanes begin, likewise.
const LINES_FROM_M: f32 = 5.4;
const DASH_M: f32 = 3.0;
const DASH_PITCH_M: f32 = 7.5;

/// Paints all streets of a chunk. Both chunks at a border paint the same lines and each keeps its half.
pub(super) fn paint_streets(mesh: &mut MeshBuilder, grid: &StreetGrid) {
    for (axis, lines, crossings) in [
        (Axis::Z, &grid.along_z, &grid.along_x),
        (Axis::X, &grid.along_x, &grid.along_z),
    ] {
        for line in lines.iter().filter(|line| line.class != StreetClass::Alley) {
            let brush = Brush {
                axis,
                line,
                size_m: grid.size_m,
            };
            for pair in crossings.windows(2) {
                brush.stretch(mesh, &pair[0], &pair[1]);
            }
        }
    }
}

struct Brush<'a> {
    axis: Axis,
    line: &'a StreetLine,
    size_m: f32,
}

impl Brush<'_> {
    /// One stretch between two crossing streets.
    fn stretch(&self, mesh: &mut MeshBuilder, before: &StreetLine, after: &StreetLine) {
        let (start, end) = (
            before.center + before.half_road(),
            after.center - after.half_road(),
        );
        if end - start < 2.0 * LINES_FROM_M + DASH_M {
            return;
        }
        // Which half comes towards the low end: traffic keeps to the right.
        let towards_high = if matches!(right_of(self.axis), Side::West | Side::North) {
            -1.0
        } else {
            1.0
        };
        if before.class != StreetClass::Alley {
            self.crossing(mesh, |d| start + d, -towards_high);
        }
        if after.class != StreetClass::Alley {
            self.crossing(mesh, |d| end - d, towards_high);
        }
        let margin = |cross: &StreetLine| {
            if cross.class == StreetClass::Alley {
                1.0
            } else {
                LINES_FROM_M
            }
        };
        self.lines(mesh, Span(start + margin(before), end - margin(after)));
    }

    /// A zebra and the stop line before it; `half` is the side of the road on which traffic arrives.
    fn crossing(&self, mesh: &mut MeshBuilder, from_junction: impl Fn(f32) -> f32, half: f32) {
        let ordered = |span: Span| {
            let (a, b) = (from_junction(span.0), from_junction(span.1));
            Span(a.min(b), a.max(b))
        };
        let reach = self.line.half_road() - 0.7;
        let bars = (2.0 * reach / 1.35).floor().max(1.0) as u32;
        let pitch = 2.0 * reach / bars as f32;
        for bar in 0..bars {
            let at = -reach + (bar as f32 + 0.5) * pitch;
            self.strip(
                mesh,
                ordered(ZEBRA),
                Span(at - 0.31, at + 0.31),
                MARKING_WHITE * 0.95,
            );
        }
        let (inner, outer) = (0.25 * half, (self.line.half_road() - 0.3) * half);
        self.strip(
            mesh,
            ordered(STOP_LINE),
            Span(inner.min(outer), inner.max(outer)),
            MARKING_WHITE,
        );
    }

    fn lines(&self, mesh: &mut MeshBuilder, along: Span) {
        let half = self.line.half_road();
        match self.line.class {
            StreetClass::Alley => {}
            StreetClass::Street => self.dashes(mesh, along, 0.0),
            StreetClass::Arterial | StreetClass::Avenue => {
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

    /// Paint in the frame of this street: metres along the chunk, metres from the centre line.
    fn strip(&self, mesh: &mut MeshBuilder, along: Span, across: Span, colour: Rgb) {
        let across = Span(self.line.center + across.0, self.line.center + across.1);
        paint(mesh, self.axis, along, across, self.size_m, colour);
    }
}

fn around(offset: f32, width: f32) -> Span {
    Span(offset - width / 2.0, offset + width / 2.0)
}

/// A strip of paint along a street, given in the street's own frame and cut to the chunk.
fn paint(mesh: &mut MeshBuilder, axis: Axis, along: Span, across: Span, size_m: f32, colour: Rgb) {
    let area = match axis {
        Axis::Z => Area::new(across.0, along.0, across.1, along.1),
        Axis::X => Area::new(along.0, across.0, along.1, across.1),
    }
    .clip(&Area::new(0.0, 0.0, size_m, size_m));
    if !area.is_empty() {
        mesh.floor(&area, 0.02, colour);
    }
}

/// The side of a street's right-hand lane seen along the direction of travel: south of a street along x travelled
/// east, west of a street along z travelled south.
const fn right_of(axis: Axis) -> Side {
    match axis {
        Axis::X => Side::South,
        Axis::Z => Side::West,
    }
}
