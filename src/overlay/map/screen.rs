//! Puts the map on the screen: looks at the cells while it is open, paints, and measures nothing twice.

use bevy::prelude::*;
use bevy_egui::{EguiPrimaryContextPass, egui};

use super::{Life, MapData, MapIntent, MapRadii, MapState, in_order, map, past};
use crate::{
    modes::{ControlMode, MapOpen, StressRequest, WorldMarks},
    overlay::{
        context::primary_context,
        pace::{Collect, Paint},
        style,
    },
    streaming::{ChunkCoord, ChunkQuestion, Outlook, StreamingRequest, StreamingSettings},
    telemetry::{Telemetry, recording::Scrub},
};

/// Seconds between two looks at all cells.
const LOOK_SECS: f64 = 0.25;

/// From so much earlier on follows how the player moved at a moment of the past, seconds.
const BEFORE_SECS: f64 = 0.4;

/// Distance from the right edge, and from the bottom, where the game shows the speed; points.
const MARGINS: egui::Vec2 = egui::vec2(10.0, 118.0);

/// Between the map and the edge of its ground, points.
const PADDING: i8 = 6;

/// Side of the map as a share of the picture's height, and its limits in points.
const SIDE_SHARE: f32 = 0.4;
const SIDE_LIMITS: (f32, f32) = (200.0, 460.0);

/// What is around the map takes what it needs; in a low picture the map gives way to it, down to this, points.
const LEAST_SIDE: f32 = 64.0;

/// And what is told of a picked cell scrolls, in no less than this, points.
const LEAST_LIFE: f32 = 44.0;

/// The words above and below it are no narrower than this, unless the panel beside needs the room, points.
const USUAL_WIDTH: f32 = 270.0;
const LEAST_WIDTH: f32 = 220.0;

pub(in crate::overlay) fn plugin(app: &mut App) {
    app.init_resource::<MapScreen>()
        .add_systems(PostUpdate, collect.run_if(is_open).in_set(Collect))
        .add_systems(
            PostUpdate,
            forget.run_if(resource_changed::<MapOpen>.and_then(not(is_open))),
        )
        .add_systems(EguiPrimaryContextPass, show.run_if(is_open).in_set(Paint));
}

/// What the map keeps between frames; empty while it is shut.
#[derive(Resource, Default)]
struct MapScreen {
    data: Option<MapData>,
    state: MapState,
    looked_at_secs: f64,
    looked_for: (Option<ChunkCoord>, Option<f64>),
}

fn is_open(open: Option<Res<MapOpen>>) -> bool {
    open.is_some_and(|open| open.0)
}

fn forget(mut screen: ResMut<MapScreen>) {
    screen.data = None;
}

/// Foci every frame, cells four times a second, the picked cell's life with them.
fn collect(
    mut screen: ResMut<MapScreen>,
    question: ChunkQuestion,
    settings: Option<Res<StreamingSettings>>,
    telemetry: Res<Telemetry>,
    scrub: Option<Res<Scrub>>,
    marks: Res<WorldMarks>,
    outlook: Option<Res<Outlook>>,
    cameras: Query<(&Camera, &Projection), With<Camera3d>>,
) {
    let Some(settings) = settings else {
        return;
    };
    let now = telemetry.now_secs();
    let at_secs = scrub.and_then(|scrub| scrub.at_secs);
    let screen = &mut *screen;
    let asked = (screen.state.picked, at_secs);
    let is_due = screen.data.is_none()
        || (now - screen.looked_at_secs).abs() >= LOOK_SECS
        || screen.looked_for != asked;
    let data = screen.data.get_or_insert_default();
    data.marks = *marks;
    data.foci = question.foci();
    if let Some(point) = at_secs.and_then(|at| telemetry.route().at(at)) {
        let before = telemetry.route().at(point.t_secs - BEFORE_SECS);
        data.foci = vec![past::focus(point, before)];
    }
    data.half_view_angle_rad = cameras
        .iter()
        .find(|(camera, _)| camera.is_active)
        .map_or(0.6, |(_, projection)| half_view_angle(projection));
    if !is_due {
        return;
    }
    data.t_secs = at_secs.unwrap_or(now);
    data.is_past = at_secs.is_some();
    data.chunk_size_m = settings.chunk_size_m;
    data.on_record_since_secs = question.on_record_since_secs();
    match at_secs {
        None => {
            data.radii = MapRadii {
                must_have_m: settings.must_have_radius_m,
                load_m: settings.load_radius_m,
                unload_m: settings.unload_radius_m,
                view_m: settings.view_radius_m,
                reach_m: question.reach_m(),
            };
            data.outlook = outlook.map(|outlook| *outlook).unwrap_or_default();
        }
        Some(at) => {
            data.radii = past::radii(settings.values(), telemetry.log().marks().iter(), at);
            data.outlook = telemetry
                .sample_at(at)
                .map(past::outlook)
                .unwrap_or_default();
        }
    }
    // What is beyond the picture costs nothing.
    let reach_m = 1.5 * data.span_m(&screen.state) + settings.chunk_size_m;
    data.cells = match at_secs {
        Some(at) => past::cells(question.cells_at(at), at),
        None => in_order(question.cells(data.centre(), reach_m)),
    };
    data.life = screen.state.picked.map(|coord| Life {
        coord,
        cell: data
            .cells
            .iter()
            .find(|cell| cell.view.coord == coord)
            .cloned(),
        why: at_secs.map_or_else(
            || question.why(coord),
            |at| past::why(&question.biography(coord), at),
        ),
        steps: question
            .biography(coord)
            .into_iter()
            .filter(|step| at_secs.is_none_or(|at| step.t_secs <= at))
            .collect(),
    });
    screen.looked_at_secs = now;
    screen.looked_for = asked;
}

/// Half of what a camera sees from left to right, radians.
fn half_view_angle(projection: &Projection) -> f64 {
    match projection {
        Projection::Perspective(perspective) => {
            let half_height = (perspective.fov / 2.0).tan();
            f64::from((half_height * perspective.aspect_ratio).atan())
        }
        Projection::Orthographic(_) | Projection::Custom(_) => 0.0,
    }
}

fn show(world: &mut World) {
    let Some(ctx) = primary_context(world) else {
        return;
    };
    let mode = world
        .get_resource::<State<ControlMode>>()
        .map(|state| *state.get())
        .unwrap_or_default();
    let mut screen = world.resource_mut::<MapScreen>();
    let MapScreen { data, state, .. } = &mut *screen;
    let Some(data) = data else {
        return;
    };
    let chunk_size_m = data.chunk_size_m;
    let intents = paint(&ctx, data, state, mode);
    for intent in intents {
        fulfil(world, intent, chunk_size_m);
    }
}

/// Paints the map into the lower right corner.
pub(super) fn paint(
    ctx: &egui::Context,
    data: &MapData,
    state: &mut MapState,
    mode: ControlMode,
) -> Vec<MapIntent> {
    let id = egui::Id::new("chunk map");
    let place = ctx.content_rect();
    // What was around the map in the last painting, above and below it.
    let around = ctx.data(|data| data.get_temp::<f32>(id)).unwrap_or(0.0);
    let free = place.height() - MARGINS.y - MARGINS.x;
    let side = (place.height() * SIDE_SHARE)
        .clamp(SIDE_LIMITS.0, SIDE_LIMITS.1)
        .min(free - around)
        .max(LEAST_SIDE);
    let besides = around - state.life_height.min(around);
    state.life_limit = Some((free - LEAST_SIDE - besides).max(LEAST_LIFE));
    let beside_panel = place.width() - style::PANEL_RIGHT - MARGINS.x - 2.0 * f32::from(PADDING);
    let width = beside_panel.clamp(LEAST_WIDTH, USUAL_WIDTH);
    let area = egui::Area::new(id)
        .order(egui::Order::Middle)
        .pivot(egui::Align2::RIGHT_BOTTOM)
        .fixed_pos(place.right_bottom() - MARGINS)
        .show(ctx, |ui| {
            egui::Frame::new()
                .fill(style::GROUND)
                .inner_margin(egui::Margin::same(PADDING))
                .corner_radius(3)
                .show(ui, |ui| {
                    let size = egui::vec2(side.max(width), side);
                    map(ui, data, state, mode, size)
                })
                .inner
        });
    let around = area.response.rect.height() - side;
    ctx.data_mut(|data| data.insert_temp(id, around));
    area.inner
}

fn fulfil(world: &mut World, intent: MapIntent, chunk_size_m: f64) {
    match intent {
        MapIntent::GoTo(coord) => {
            world.write_message::<StressRequest>(MapIntent::go_to(coord, chunk_size_m));
        }
        MapIntent::Streaming(request) => {
            world.write_message::<StreamingRequest>(request);
        }
        MapIntent::Marks(marks) => *world.resource_mut::<WorldMarks>() = marks,
        MapIntent::Live => world.resource_mut::<Scrub>().at_secs = None,
    }
}
