//! In the world itself (F8): borders of chunks coloured by their state, the radii, the order of need. Drawn where the
//! scene is: the world moves under its origin, and so do the lines.

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
    modes::WorldMarks,
    streaming::{
        CellStage, ChunkQuestion, FocusPurpose, FocusView, StreamingFocus, StreamingSettings,
        WorldOrigin,
    },
    telemetry::Telemetry,
};

/// Seconds between two looks at all cells.
const LOOK_SECS: f32 = 0.25;

/// Cells whose middle is farther than this are not drawn, metres: lines beyond melt into one.
const DRAWN_M: f64 = 1_500.0;

/// How far a border stays inside its cell, metres: two neighbours must both be seen.
const INSET_M: f32 = 2.0;

/// Height of the lines above the world's zero, metres: over kerbs and markings.
const GROUND_M: f32 = 0.3;

/// How far the posts at the corners rise above whoever looks, metres.
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
}

fn is_shown(marks: Option<Res<WorldMarks>>) -> bool {
    marks.is_some_and(|marks| marks.is_shown)
}

fn forget(mut looked: ResMut<Looked>) {
    *looked = Looked::default();
}

fn look(time: Res<Time<Real>>, question: ChunkQuestion, mut looked: ResMut<Looked>) {
    looked.foci = question.foci();
    looked.since_secs += time.delta_secs();
    if looked.cells.is_empty() || looked.since_secs >= LOOK_SECS {
        looked.since_secs = 0.0;
        let sees = |focus: &&FocusView| focus.purpose == FocusPurpose::See;
        let middle = looked.foci.iter().find(sees).map(|focus| focus.at);
        looked.cells = middle
            .map(|middle| in_order(question.cells(middle, DRAWN_M)))
            .unwrap_or_default();
    }
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
    // The posts are seen from the street and from the air; the lines between them lie where the world's zero is.
    let top = places
        .iter()
        .next()
        .map_or(0.0, |place| place.translation().y)
        .max(0.0)
        + POST_M;
    let ground = GROUND_M;
    if marks.rings {
        for focus in &looked.foci {
            rings(&mut gizmos, focus, &settings, &origin, ground);
        }
    }
    let size_m = settings.chunk_size_m;
    for cell in &looked.cells {
        let middle = cell.view.coord.center(size_m);
        if middle.distance(DVec2::new(eye.x, eye.z)) > DRAWN_M {
            continue;
        }
        let look = cell_look(cell, MapMode::State, 0.0);
        let corner = origin
            .corner_in_scene(cell.view.coord, size_m)
            .with_y(ground);
        if marks.borders {
            border(
                &mut gizmos,
                corner,
                top,
                size_m as f32,
                scene_color(look.color),
            );
        }
        let sign = match cell.order {
            Some(order) if marks.order => order.to_string(),
            _ if marks.borders && cell.view.stage != CellStage::Idle => look.glyph,
            _ => continue,
        };
        let place = origin
            .to_scene(DVec3::new(middle.x, 0.0, middle.y))
            .with_y(ground + SIGN_M);
        // As large from afar as from nearby.
        let height = 0.03 * place.distance(camera.translation()).max(20.0);
        gizmos.text(
            Isometry3d::new(place, camera.rotation()),
            &sign,
            height,
            Vec2::ZERO,
            scene_color(look.color),
        );
    }
    telemetry.note_overlay_cost(began.elapsed().as_secs_f64() * 1_000.0);
}

fn border(gizmos: &mut Gizmos, corner: Vec3, top: f32, size_m: f32, color: Color) {
    let far = size_m - INSET_M;
    let corners = [
        (INSET_M, INSET_M),
        (far, INSET_M),
        (far, far),
        (INSET_M, far),
    ]
    .map(|(x, z)| corner + Vec3::new(x, 0.0, z));
    gizmos.lineloop(corners, color);
    for foot in corners {
        gizmos.line(foot, foot.with_y(top), color);
    }
}

fn rings(
    gizmos: &mut Gizmos,
    focus: &FocusView,
    settings: &StreamingSettings,
    origin: &WorldOrigin,
    ground: f32,
) {
    let middle = origin
        .to_scene(DVec3::new(focus.at.x, 0.0, focus.at.y))
        .with_y(ground);
    let flat = Isometry3d::new(middle, Quat::from_rotation_x(std::f32::consts::FRAC_PI_2));
    let mut ring = |radius_m: f64, color| {
        gizmos
            .circle(flat, radius_m as f32, scene_color(color))
            .resolution(128);
    };
    match focus.purpose {
        FocusPurpose::See => {
            ring(settings.must_have_radius_m, style::CRITICAL);
            ring(settings.load_radius_m, style::TEXT);
            ring(settings.unload_radius_m, style::NEUTRAL);
        }
        FocusPurpose::Collide => ring(settings.must_have_radius_m, style::INFO),
        FocusPurpose::Preload => ring(settings.load_radius_m, style::INFO),
    }
    if focus.ahead != focus.at {
        let ahead = origin
            .to_scene(DVec3::new(focus.ahead.x, 0.0, focus.ahead.y))
            .with_y(ground);
        gizmos.arrow(middle, ahead, scene_color(style::WATCH));
    }
}

fn scene_color(color: Color32) -> Color {
    Color::srgb_u8(color.r(), color.g(), color.b())
}
