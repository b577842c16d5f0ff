//! The map itself: cells, rings, foci, the way ahead. North is up.

use bevy::math::DVec2;
use bevy_egui::egui::{
    self, Align2, Color32, FontFamily, FontId, Mesh, Painter, Pos2, Rect, Response, Sense, Shape,
    Stroke, Vec2, pos2, vec2,
};

use super::{
    MapCell, MapData, MapState,
    look::{look_of, value_of, value_text},
};
use crate::{
    overlay::style,
    streaming::{ChunkCoord, FocusPurpose, FocusView},
};

/// A cell smaller than this has no room for a glyph, points.
const GLYPH_FROM: f32 = 9.0;

/// Width of a letter as a share of the size of its font.
const LETTER_WIDTH: f32 = 0.62;

/// World to picture, and back.
#[derive(Copy, Clone, Debug)]
pub(super) struct View {
    rect: Rect,
    centre: DVec2,
    points_per_metre: f64,
}

impl View {
    /// At least the square of `2 × span_m` around a place, in a rectangle.
    pub fn new(rect: Rect, centre: DVec2, span_m: f64) -> Self {
        Self {
            rect,
            centre,
            points_per_metre: f64::from(rect.width().min(rect.height())) / (2.0 * span_m),
        }
    }

    /// Where a place of the world is in the picture.
    pub fn to_picture(self, place: DVec2) -> Pos2 {
        let offset = (place - self.centre) * self.points_per_metre;
        self.rect.center() + vec2(offset.x as f32, offset.y as f32)
    }

    /// The cell under a point of the picture.
    pub fn cell_at(self, point: Pos2, chunk_size_m: f64) -> ChunkCoord {
        let offset = point - self.rect.center();
        let offset = DVec2::new(f64::from(offset.x), f64::from(offset.y)) / self.points_per_metre;
        ChunkCoord::containing_ground(self.centre + offset, chunk_size_m)
    }

    /// The square of a cell.
    pub fn square(self, coord: ChunkCoord, chunk_size_m: f64) -> Rect {
        let corner = coord.corner(chunk_size_m);
        Rect::from_min_max(
            self.to_picture(corner),
            self.to_picture(corner + DVec2::splat(chunk_size_m)),
        )
    }

    fn length(self, metres: f64) -> f32 {
        (metres * self.points_per_metre) as f32
    }
}

/// Paints the map in this size and returns what the pointer did on it.
pub(super) fn show(
    ui: &mut egui::Ui,
    data: &MapData,
    state: &mut MapState,
    size: Vec2,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, ui.visuals().extreme_bg_color);
    let view = View::new(rect, data.centre(), data.span_m(state));
    cells(&painter, data, state, view);
    rings(&painter, data, view);
    for focus in &data.foci {
        paint_focus(&painter, focus, data, view);
    }
    if let Some(hole) = data.outlook.hole_at {
        let at = view.to_picture(hole.center(data.chunk_size_m));
        let r = 6.0;
        for (a, b) in [(vec2(-r, -r), vec2(r, r)), (vec2(-r, r), vec2(r, -r))] {
            painter.line_segment([at + a, at + b], Stroke::new(2.0, style::CRITICAL));
        }
    }
    frame(&painter, rect, view);
    answer(ui, data, state, view, &response);
    response
}

/// All squares as one mesh; glyphs only where there is room.
fn cells(painter: &Painter, data: &MapData, state: &MapState, view: View) {
    let size = data.chunk_size_m;
    let cell_side = view.length(size);
    let most = data
        .cells
        .iter()
        .filter_map(|cell| value_of(cell, data.mode(state)))
        .fold(0.0, f64::max);
    let font = FontId::new((cell_side * 0.62).clamp(6.0, 11.0), FontFamily::Monospace);
    let mut mesh = Mesh::default();
    let mut glyphs = Vec::new();
    for cell in &data.cells {
        let square = view.square(cell.view.coord, size);
        if !square.intersects(painter.clip_rect()) {
            continue;
        }
        let look = look_of(cell, data.mode(state), most);
        // What is seen of it meanwhile lies under what is being done about it.
        if let Some(color) = look.under {
            let under = Vec2::splat(cell_side * 0.95);
            mesh.add_colored_rect(Rect::from_center_size(square.center(), under), color);
        }
        let side = (cell_side * look.fill).max(1.5);
        mesh.add_colored_rect(
            Rect::from_center_size(square.center(), Vec2::splat(side)),
            look.color,
        );
        // Long numbers need room, and what the edge would cut is not written.
        let letters = look.glyph.chars().count().max(1) as f32;
        let written = vec2(LETTER_WIDTH * letters, 1.0) * font.size;
        let is_whole = painter
            .clip_rect()
            .contains_rect(Rect::from_center_size(square.center(), written));
        let room = cell_side / letters;
        if !look.glyph.is_empty() && cell_side >= GLYPH_FROM && room >= 5.0 && is_whole {
            glyphs.push((square.center(), look));
        }
    }
    painter.add(Shape::mesh(mesh));
    for (at, look) in glyphs {
        let text_color = look.ink.unwrap_or_else(|| ink_on(look.color, look.fill));
        painter.text(
            at,
            Align2::CENTER_CENTER,
            look.glyph,
            font.clone(),
            text_color,
        );
    }
    if let Some(picked) = state.picked {
        let square = view.square(picked, size).expand(1.0);
        painter.rect_stroke(
            square,
            0.0,
            Stroke::new(2.0, Color32::WHITE),
            egui::StrokeKind::Outside,
        );
    }
}

/// Black on light, white on dark; beside a small dot the ground counts.
fn ink_on(color: Color32, fill: f32) -> Color32 {
    let lightness =
        0.3 * f32::from(color.r()) + 0.59 * f32::from(color.g()) + 0.11 * f32::from(color.b());
    if fill >= 0.5 && lightness > 120.0 {
        Color32::BLACK
    } else {
        Color32::WHITE
    }
}

fn rings(painter: &Painter, data: &MapData, view: View) {
    let Some(focus) = data
        .foci
        .iter()
        .find(|focus| focus.purpose == FocusPurpose::See)
    else {
        return;
    };
    let at = view.to_picture(focus.at);
    for (radius_m, _, color, width) in data.radii.drawn() {
        if let Some(radius) = radius_m.map(|metres| view.length(metres)) {
            painter.circle_stroke(at, radius, Stroke::new(width, color));
        }
    }
}

fn paint_focus(painter: &Painter, focus: &FocusView, data: &MapData, view: View) {
    let at = view.to_picture(focus.at);
    let sees = focus.purpose == FocusPurpose::See;
    let color = if sees { Color32::WHITE } else { style::INFO };
    if sees && focus.facing != DVec2::ZERO {
        let facing = vec2(focus.facing.x as f32, focus.facing.y as f32);
        let reach = view.length(data.radii.load_m);
        let edges = [-1.0, 1.0].map(|side| {
            let angle = facing.angle() + side * data.half_view_angle_rad as f32;
            at + Vec2::angled(angle) * reach
        });
        painter.add(Shape::convex_polygon(
            vec![at, edges[0], edges[1]],
            Color32::from_white_alpha(20),
            Stroke::NONE,
        ));
        for edge in edges {
            painter.line_segment([at, edge], Stroke::new(1.0, Color32::from_white_alpha(110)));
        }
    }
    if focus.ahead != focus.at {
        let way = [at, view.to_picture(focus.ahead)];
        painter.extend(Shape::dashed_line(
            &way,
            Stroke::new(1.5, style::WATCH),
            4.0,
            3.0,
        ));
        painter.circle_stroke(way[1], 3.0, Stroke::new(1.5, style::WATCH));
    }
    if focus.heading != DVec2::ZERO {
        // Where it is in two seconds.
        let way = view.to_picture(focus.at + focus.heading * focus.speed_mps * 2.0) - at;
        painter.arrow(at, way, Stroke::new(2.0, color));
    }
    painter.circle(at, 3.5, color, Stroke::new(1.5, Color32::BLACK));
}

/// North, and how long a hundred, a thousand … metres are.
fn frame(painter: &Painter, rect: Rect, view: View) {
    let font = FontId::new(10.0, FontFamily::Proportional);
    // Readable over cells as well.
    let corners = [
        Rect::from_min_size(rect.right_top() - vec2(19.0, 0.0), vec2(19.0, 30.0)),
        Rect::from_min_size(rect.left_bottom() - vec2(0.0, 22.0), vec2(64.0, 22.0)),
    ];
    for corner in corners {
        painter.rect_filled(corner, 0.0, style::GROUND);
    }
    let north = pos2(rect.right() - 9.0, rect.top() + 4.0);
    painter.arrow(
        north + vec2(0.0, 22.0),
        vec2(0.0, -10.0),
        Stroke::new(1.5, style::TEXT),
    );
    painter.text(north, Align2::CENTER_TOP, "N", font.clone(), style::TEXT);
    let quarter_m = f64::from(rect.width()) / view.points_per_metre / 4.0;
    let metres = 10_f64.powf(quarter_m.log10().floor());
    let metres = if metres * 5.0 <= quarter_m {
        metres * 5.0
    } else if metres * 2.0 <= quarter_m {
        metres * 2.0
    } else {
        metres
    };
    let start = pos2(rect.left() + 6.0, rect.bottom() - 6.0);
    let end = start + vec2(view.length(metres), 0.0);
    painter.line_segment([start, end], Stroke::new(2.0, style::TEXT));
    painter.text(
        start - vec2(0.0, 2.0),
        Align2::LEFT_BOTTOM,
        format!("{metres:.0} m"),
        font,
        style::TEXT,
    );
}

/// A click picks a cell, a second one lets it go; the wheel zooms; hovering says what is under the pointer.
fn answer(ui: &egui::Ui, data: &MapData, state: &mut MapState, view: View, response: &Response) {
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let coord = view.cell_at(pointer, data.chunk_size_m);
    if response.clicked() {
        state.picked = (state.picked != Some(coord)).then_some(coord);
    }
    let wheel = ui.input(|input| input.smooth_scroll_delta.y);
    if wheel != 0.0 {
        state.zoom(data, f64::from(-wheel / 120.0).exp2());
    }
    let cell = data.cells.iter().find(|cell| cell.view.coord == coord);
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.label(style::mono(hover_text(coord, cell, data, state)));
    });
}

fn hover_text(
    coord: ChunkCoord,
    cell: Option<&MapCell>,
    data: &MapData,
    state: &MapState,
) -> String {
    let mode = data.mode(state);
    let Some(cell) = cell else {
        if let Some(since) = data.incomplete_before_secs() {
            return format!("chunk {coord}: not on record; all is from {since:.1} s on");
        }
        return format!("chunk {coord}: not wanted");
    };
    let mut text = format!("chunk {coord}: {}", super::stage_text(cell));
    if let Some(value) = value_of(cell, mode) {
        text.push_str(&format!("\n{}", value_text(value, mode)));
    }
    text.push_str("\nclick: its whole life");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_under_its_own_square_and_north_is_up() {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(300.0, 300.0));
        let view = View::new(rect, DVec2::new(1_000.0, -400.0), 900.0);
        for coord in [ChunkCoord::new(4, -3), ChunkCoord::new(7, 0)] {
            assert_eq!(
                view.cell_at(view.square(coord, 200.0).center(), 200.0),
                coord
            );
        }
        let north = view.to_picture(DVec2::new(1_000.0, -500.0));
        let east = view.to_picture(DVec2::new(1_100.0, -400.0));
        assert!(north.y < rect.center().y && east.x > rect.center().x);
    }
}
