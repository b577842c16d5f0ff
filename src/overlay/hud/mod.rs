//! HUD: one strip of numbers by `iyes_perf_ui`, and the verdict below it. Off means despawned: a hidden one goes on working.
//!
//! Numbers and verdict are written together, from the same newest frame: what the sentence says is true of the numbers
//! beside it.

mod numbers;

#[cfg(test)]
mod tests;

use std::time::Instant;

use bevy::{camera::Camera, prelude::*};
use iyes_perf_ui::{PerfUiSet, prelude::*};

use super::scale::Scale;
use crate::{
    modes::OverlayDepth,
    streaming::StreamingSettings,
    telemetry::{Telemetry, Verdict, snapshot::health_now},
};
use numbers::registry_text;

/// Seconds between two changes of what is written: faster cannot be read, and each costs a layout.
const WRITE_SECS: f32 = 0.25;

/// Size of the text at 100 %, points.
const TEXT_SIZE: f32 = 12.0;

/// A value takes at least so much at 100 %, so that its neighbours stand still while it changes; points.
const VALUE_WIDTH: f32 = 40.0;

/// Gap to the edges of the picture, points.
const MARGIN: f32 = 8.0;

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(numbers::plugin)
        .init_resource::<HudClock>()
        .configure_sets(Update, PerfUiSet::Update.run_if(is_time_to_write))
        .add_systems(
            Update,
            (
                despawn_hud.run_if(
                    any_with_component::<Hud>
                        .and_then(not(is_hud_wanted).or_else(is_hud_of_another_size)),
                ),
                spawn_hud.run_if(is_hud_wanted.and_then(not(any_with_component::<Hud>))),
                step_clock.run_if(is_hud_wanted),
                judge_health.run_if(is_time_to_write),
            )
                .chain()
                .before(PerfUiSet::Setup),
        )
        .add_systems(
            Update,
            (
                take_place
                    .run_if(is_hud_wanted)
                    .after(PerfUiSet::Setup)
                    .before(PerfUiSet::Update),
                note_cost.after(PerfUiSet::Update).run_if(is_hud_wanted),
            ),
        );
}

/// Marks the root of the HUD, with the factor of the scale that it was made for.
#[derive(Component)]
pub struct Hud(f32);

/// Marks the line of the verdict.
#[derive(Component)]
struct HudVerdict;

/// When the HUD is written.
#[derive(Resource, Default)]
pub struct HudClock {
    write_in_secs: f32,
    is_time_to_write: bool,
    began: Option<Instant>,
}

fn is_hud_wanted(depth: Option<Res<OverlayDepth>>) -> bool {
    depth.is_some_and(|depth| *depth == OverlayDepth::Hud)
}

fn is_time_to_write(clock: Res<HudClock>, depth: Option<Res<OverlayDepth>>) -> bool {
    clock.is_time_to_write && is_hud_wanted(depth)
}

fn step_clock(time: Res<Time<Real>>, mut clock: ResMut<HudClock>) {
    clock.began = Some(Instant::now());
    clock.write_in_secs -= time.delta_secs();
    clock.is_time_to_write = clock.write_in_secs <= 0.0;
    if clock.is_time_to_write {
        clock.write_in_secs = WRITE_SECS;
    }
}

fn judge_health(
    telemetry: Res<Telemetry>,
    mut verdicts: Query<(&mut Text, &mut TextColor), With<HudVerdict>>,
    settings: Option<Res<StreamingSettings>>,
) {
    let Some(settings) = settings else {
        return;
    };
    let health = health_now(&telemetry, settings.values());
    for (mut text, mut color) in &mut verdicts {
        text.set_if_neq(Text(health.line()));
        color.set_if_neq(TextColor(match health.verdict {
            Verdict::Idle => Color::srgb_u8(0x56, 0xB4, 0xE9),
            _ => Color::srgb_u8(0xF0, 0xE4, 0x42),
        }));
    }
}

/// The HUD's own cost, as far as it is ours: writing, not the layout of the text by the engine.
fn note_cost(mut clock: ResMut<HudClock>, mut telemetry: ResMut<Telemetry>) {
    if let Some(began) = clock.began.take() {
        telemetry.note_overlay_cost(began.elapsed().as_secs_f64() * 1_000.0);
    }
}

fn factor_now(scale: Scale, cameras: &Query<&Camera>) -> f32 {
    let picture = cameras
        .iter()
        .filter(|camera| camera.is_active)
        .find_map(Camera::logical_viewport_size);
    scale.factor(picture.map_or(0.0, |picture| picture.y))
}

fn is_hud_of_another_size(huds: Query<&Hud>, scale: Res<Scale>, cameras: Query<&Camera>) -> bool {
    let factor = factor_now(*scale, &cameras);
    huds.iter().any(|hud| hud.0 != factor)
}

/// A column of two: the numbers, and the verdict below them. Both take what they need and wrap at the edge of the
/// picture.
fn spawn_hud(
    mut commands: Commands,
    mut clock: ResMut<HudClock>,
    scale: Res<Scale>,
    cameras: Query<&Camera>,
) {
    let factor = factor_now(*scale, &cameras);
    *clock = HudClock::default();
    let ground = Color::srgba(0.063, 0.078, 0.094, 0.85);
    let numbers = PerfUiRoot {
        background_color: ground,
        inner_background_color_highlight: Color::srgba(0.90, 0.62, 0.0, 0.35),
        default_value_color: Color::srgb_u8(0xF2, 0xF2, 0xF2),
        label_color: Color::srgb_u8(0xBB, 0xBB, 0xBB),
        layout_horizontal: true,
        position: PerfUiPosition::TopLeft,
        margin: 0.0,
        padding: 2.0,
        inner_margin: 3.0 * factor,
        fontsize_label: TEXT_SIZE * factor,
        fontsize_value: TEXT_SIZE * factor,
        values_col_width: VALUE_WIDTH * factor,
        text_err: registry_text(None),
        ..default()
    };
    let verdict = (
        Name::new("streaming HUD, verdict"),
        HudVerdict,
        Node {
            padding: UiRect::axes(px(9.0 * factor), px(4.0 * factor)),
            max_width: percent(100.0),
            ..default()
        },
        BackgroundColor(ground),
        Text::new(registry_text(None)),
        TextFont {
            font_size: FontSize::Px(TEXT_SIZE * factor),
            ..default()
        },
        TextColor(Color::srgb_u8(0xBB, 0xBB, 0xBB)),
        TextLayout {
            linebreak: LineBreak::WordBoundary,
            ..default()
        },
    );
    commands
        .spawn((
            Name::new("streaming HUD"),
            Hud(factor),
            Node {
                position_type: PositionType::Absolute,
                top: px(MARGIN * factor),
                left: px(MARGIN * factor),
                right: px(MARGIN * factor),
                flex_direction: FlexDirection::Column,
                align_items: AlignItems::FlexStart,
                row_gap: px(3.0 * factor),
                ..default()
            },
        ))
        .with_children(|hud| {
            hud.spawn((Name::new("streaming HUD, numbers"), numbers, numbers::all()));
            hud.spawn(verdict);
        });
}

/// `iyes_perf_ui` lays its list out in a corner of its own, in one line, with values of a fixed width that longer ones
/// leave. Here it stands in the HUD's column and wraps, and each value is as wide as it must be.
fn take_place(
    roots: Query<(Entity, &PerfUiRoot, &Children), Changed<Children>>,
    children: Query<&Children>,
    mut nodes: Query<&mut Node>,
) {
    for (root, perf_ui, entries) in &roots {
        if let Ok(mut node) = nodes.get_mut(root) {
            node.position_type = PositionType::Relative;
            node.flex_wrap = FlexWrap::Wrap;
            node.max_width = percent(100.0);
        }
        let values = entries
            .iter()
            .filter_map(|entry| children.get(entry).ok()?.last().copied());
        for value in values {
            if let Ok(mut node) = nodes.get_mut(value) {
                node.width = auto();
                node.min_width = px(perf_ui.values_col_width);
                node.justify_content = JustifyContent::FlexStart;
            }
        }
    }
}

fn despawn_hud(mut commands: Commands, huds: Query<Entity, With<Hud>>) {
    for hud in &huds {
        commands.entity(hud).despawn();
    }
}
