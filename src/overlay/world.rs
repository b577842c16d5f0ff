//! In the world itself (F8): borders of chunks coloured by their state, the radii, the order of need. Drawn where the
//! scene is: the world moves under its origin, and so do the lines. They lie on the land, whose height whoever knows it
//! tells ([`LandHeight`]); where nobody does they lie at the world's zero.

mod ground;

use std::time::Instant;

use bevy::{
    math::{DVec2, DVec3},
    prelude::*,
};
use bevy_egui::egui::Color32;

use super::{
    map::{MapCell, MapMode, cell_look, in_order},
    style,
};
use crate::{
    modes::{LandHeight, WorldMarks},
    streaming::{
        CellStage, ChunkQuestion, FocusPurpose, FocusView, StreamingFocus, StreamingSettings,
        WorldOrigin,
    },
    telemetry::Telemetry,
};
use ground::{Ground, RING_POINTS, SIDE_POINTS};

/// Seconds between two looks at all cells.
const LOOK_SECS: f32 = 0.25;

/// Cells whose middle is farther than this are not drawn, metres: lines beyond melt into one.
const DRAWN_M: f64 = 1_500.0;

/// How far the posts at the corners rise above whoever looks and above the land, metres.
const POST_M: f32 = 9.0;

/// Height of the signs above the ground, metres.
const SIGN_M: f32 = 14.0;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Looked>()
        .add_systems(
            PostUpdate,
            (look, draw)
                .chain()
                .run_if(is_shown)
                .after(TransformSystems::Propagate),
        )
        .add_systems(
            PostUpdate,
            forget.run_if(resource_changed::<WorldMarks>.and_then(not(is_shown))),
        );
}

/// The cells as they were at the last look; empty while nothing is drawn.
#[derive(Resource, Default)]
struct Looked {
    cells: Vec<MapCell>,
    foci: Vec<FocusView>,
    since_secs: f32,
    ground: Ground,
}

fn is_shown(marks: Option<Res<WorldMarks>>) -> bool {
    marks.is_some_and(|marks| marks.is_shown)
}

fn forget(mut looked: ResMut<Looked>) {
    *looked = Looked::default();
}

fn look(
    time: Res<Time<Real>>,
    question: ChunkQuestion,
    settings: Res<StreamingSettings>,
    land: Option<Res<LandHeight>>,
    mut looked: ResMut<Looked>,
    mut telemetry: ResMut<Telemetry>,
) {
    let began = Instant::now();
    let looked = &mut *looked;
    if land.as_ref().is_some_and(DetectChanges::is_changed) {
        looked.ground = Ground::default();
    }
    looked.foci = question.foci();
    looked.since_secs += time.delta_secs();
    if looked.cells.is_empty() || looked.since_secs >= LOOK_SECS {
        looked.since_secs = 0.0;
        let sees = |focus: &&FocusView| focus.purpose == FocusPurpose::See;
        let middle = looked.foci.iter().find(sees).map(|focus| focus.at);
        looked.cells = middle
            .map(|middle| in_order(question.cells(middle, DRAWN_M)))
            .unwrap_or_default();
        let rings = looked.foci.iter().flat_map(|focus| {
            radii(focus, &settings).map(move |(radius_m, _)| (focus.at, radius_m))
        });
        looked.ground.look_at_rings(rings, land.as_deref());
    }
    let cells = looked.cells.iter().map(|cell| cell.view.coord);
    looked
        .ground
        .look_at_cells(cells, settings.chunk_size_m, land.as_deref());
    telemetry.note_overlay_cost(began.elapsed().as_secs_f64() * 1_000.0);
}

fn draw(
    marks: Res<WorldMarks>,
    looked: Res<Looked>,
    settings: Res<StreamingSettings>,
    origin: Res<WorldOrigin>,
    places: Query<&GlobalTransform, With<StreamingFocus>>,
    cameras: Query<(&Camera, &GlobalTransform), With<Camera3d>>,
    mut telemetry: ResMut<Telemetry>,
    mut gizmos: Gizmos,
) {
    let began = Instant::now();
    let Some((_, camera)) = cameras.iter().find(|(camera, _)| camera.is_active) else {
        return;
    };
    let eye = origin.to_world(camera.translation());
    // The posts are seen from the street and from the air.
    let looks_from = places.iter().next();
    let top = looks_from.map_or(f32::MIN, |place| place.translation().y) + POST_M;
    if marks.rings {
        rings(&mut gizmos, &looked, &settings, &origin);
    }
    let size_m = settings.chunk_size_m;
    for cell in &looked.cells {
        let coord = cell.view.coord;
        let middle = coord.center(size_m);
        if middle.distance(DVec2::new(eye.x, eye.z)) > DRAWN_M {
            continue;
        }
        // Heights are asked for a few cells per frame; the others come with the next ones.
        let Some(land) = looked.ground.cell(coord) else {
            continue;
        };
        let look = cell_look(cell, MapMode::State, 0.0);
        let color = scene_color(look.color);
        let in_scene =
            |(at, height_m): (DVec2, f64)| origin.to_scene(DVec3::new(at.x, height_m, at.y));
        if marks.borders {
            let line = land.border.iter().copied().map(in_scene);
            gizmos.linestrip(line.chain([in_scene(land.border[0])]), color);
            for corner in land.border.iter().step_by(SIDE_POINTS) {
                let foot = in_scene(*corner);
                gizmos.line(foot, foot.with_y(top.max(foot.y + POST_M)), color);
            }
        }
        let sign = match cell.order {
            Some(order) if marks.order => order.to_string(),
            _ if marks.borders && cell.view.stage != CellStage::Idle => look.glyph,
            _ => continue,
        };
        let place = in_scene((middle, land.middle_m)) + Vec3::Y * SIGN_M;
        // As large from afar as from nearby.
        let height = 0.03 * place.distance(camera.translation()).max(20.0);
        gizmos.text(
            Isometry3d::new(place, camera.rotation()),
            &sign,
            height,
            Vec2::ZERO,
            color,
        );
    }
    telemetry.note_overlay_cost(began.elapsed().as_secs_f64() * 1_000.0);
}

/// The radii around a focus, and their colours.
fn radii(
    focus: &FocusView,
    settings: &StreamingSettings,
) -> impl Iterator<Item = (f64, Color32)> + use<> {
    let radii = match focus.purpose {
        FocusPurpose::See => [
            Some((settings.must_have_radius_m, style::CRITICAL)),
            Some((settings.load_radius_m, style::TEXT)),
            Some((settings.unload_radius_m, style::NEUTRAL)),
        ],
        FocusPurpose::Collide => [Some((settings.must_have_radius_m, style::INFO)), None, None],
        FocusPurpose::Preload => [Some((settings.load_radius_m, style::INFO)), None, None],
    };
    radii.into_iter().flatten()
}

fn rings(gizmos: &mut Gizmos, looked: &Looked, settings: &StreamingSettings, origin: &WorldOrigin) {
    // The heights are of the last look and the places of now: the land changes little on that way.
    let mut heights = looked.ground.rings();
    for focus in &looked.foci {
        for (radius_m, color) in radii(focus, settings) {
            let Some(heights) = heights.next() else {
                return;
            };
            let points = (0..=RING_POINTS).map(|point| {
                let at = focus.at + ground::on_circle(point, radius_m);
                origin.to_scene(DVec3::new(at.x, heights[point % RING_POINTS], at.y))
            });
            gizmos.linestrip(points, scene_color(color));
        }
        if focus.ahead != focus.at {
            let at = |place: DVec2| {
                let height_m = looked.ground.near(place, settings.chunk_size_m);
                origin.to_scene(DVec3::new(place.x, height_m, place.y))
            };
            gizmos.arrow(at(focus.at), at(focus.ahead), scene_color(style::WATCH));
        }
    }
}

fn scene_color(color: Color32) -> Color {
    Color::srgb_u8(color.r(), color.g(), color.b())
}
