//! HUD: one strip of numbers by `iyes_perf_ui`, and the verdict below it. Off means despawned: a hidden one goes on working.

use std::time::Instant;

use bevy::{
    camera::Camera,
    ecs::system::{SystemParam, lifetimeless::SRes},
    prelude::*,
};
use iyes_perf_ui::{PerfUiSet, entry::PerfUiEntry, prelude::*};

use super::scale::Scale;
use crate::{
    modes::OverlayDepth,
    streaming::{LawBook, StreamingMetrics, StreamingSettings},
    telemetry::{PanelData, Telemetry, Verdict, registry, sample::Sample},
};

/// Seconds between two changes of what is written: faster cannot be read, and each costs a layout.
const WRITE_SECS: f32 = 0.25;

/// Seconds between two verdicts: each reads the last ten seconds.
const JUDGE_SECS: f32 = 1.0;

/// Size of the text at 100 %, points.
const TEXT_SIZE: f32 = 12.0;

/// All numbers beside each other need so much at 100 %, with the margins, points.
const STRIP_WIDTH: f32 = 1_090.0;

/// Height of a strip with the gap below it, points.
const STRIP_HEIGHT: f32 = 34.0;

/// Gap to the edges of the picture, points.
const MARGIN: f32 = 8.0;

pub(super) fn plugin(app: &mut App) {
    app.add_perf_ui_simple_entry::<TasksEntry>()
        .add_perf_ui_simple_entry::<ReadyEntry>()
        .add_perf_ui_simple_entry::<LoadingEntry>()
        .add_perf_ui_simple_entry::<CompleteEntry>()
        .add_perf_ui_simple_entry::<HolesEntry>()
        .add_perf_ui_simple_entry::<StaleEntry>()
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
                judge_health.run_if(is_time_to_judge),
            )
                .chain()
                .before(PerfUiSet::Setup),
        )
        .add_systems(
            Update,
            note_cost.after(PerfUiSet::Update).run_if(is_hud_wanted),
        );
}

/// Marks the root of the HUD, with what it was made for.
#[derive(Component)]
pub struct Hud(Fit);

/// How the HUD fits into the picture.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Fit {
    factor: f32,
    /// The numbers take two strips where one has no room.
    is_in_two: bool,
}

impl Fit {
    fn new(scale: Scale, picture: Vec2) -> Self {
        let factor = scale.factor(picture.y);
        Self {
            factor,
            is_in_two: STRIP_WIDTH * factor > picture.x,
        }
    }

    /// Where the verdict begins, points below the top of the strip at 100 %.
    fn verdict_top(self) -> f32 {
        if self.is_in_two {
            2.0 * STRIP_HEIGHT
        } else {
            STRIP_HEIGHT
        }
    }
}

/// Marks the line of the verdict.
#[derive(Component)]
struct HudVerdict;

/// When the HUD is written.
#[derive(Resource, Default)]
pub struct HudClock {
    write_in_secs: f32,
    judge_in_secs: f32,
    is_time_to_write: bool,
    is_time_to_judge: bool,
    began: Option<Instant>,
}

fn is_hud_wanted(depth: Option<Res<OverlayDepth>>) -> bool {
    depth.is_some_and(|depth| *depth == OverlayDepth::Hud)
}

fn is_time_to_write(clock: Res<HudClock>, depth: Option<Res<OverlayDepth>>) -> bool {
    clock.is_time_to_write && is_hud_wanted(depth)
}

fn is_time_to_judge(clock: Res<HudClock>, depth: Option<Res<OverlayDepth>>) -> bool {
    clock.is_time_to_judge && is_hud_wanted(depth)
}

fn step_clock(time: Res<Time<Real>>, mut clock: ResMut<HudClock>) {
    clock.began = Some(Instant::now());
    clock.write_in_secs -= time.delta_secs();
    clock.judge_in_secs -= time.delta_secs();
    clock.is_time_to_write = clock.write_in_secs <= 0.0;
    if clock.is_time_to_write {
        clock.write_in_secs = WRITE_SECS;
    }
    clock.is_time_to_judge = clock.judge_in_secs <= 0.0;
    if clock.is_time_to_judge {
        clock.judge_in_secs = JUDGE_SECS;
    }
}

fn judge_health(
    telemetry: Res<Telemetry>,
    mut verdicts: Query<(&mut Text, &mut TextColor), With<HudVerdict>>,
    metrics: Option<Res<StreamingMetrics>>,
    settings: Option<Res<StreamingSettings>>,
    laws: Option<Res<LawBook>>,
) {
    if let (Some(metrics), Some(settings)) = (metrics, settings) {
        let data = PanelData::collect(&telemetry, &metrics, settings.values(), laws.as_deref());
        for (mut text, mut color) in &mut verdicts {
            text.0 = data.health.line();
            color.0 = match data.health.verdict {
                Verdict::Idle => Color::srgb_u8(0x56, 0xB4, 0xE9),
                _ => Color::srgb_u8(0xF0, 0xE4, 0x42),
            };
        }
    }
}

/// The HUD's own cost, as far as it is ours: writing, not the layout of the text by the engine.
fn note_cost(mut clock: ResMut<HudClock>, mut telemetry: ResMut<Telemetry>) {
    if let Some(began) = clock.began.take() {
        telemetry.note_overlay_cost(began.elapsed().as_secs_f64() * 1_000.0);
    }
}

fn fit_now(scale: Scale, cameras: &Query<&Camera>) -> Fit {
    let picture = cameras
        .iter()
        .filter(|camera| camera.is_active)
        .find_map(Camera::logical_viewport_size);
    Fit::new(scale, picture.unwrap_or(Vec2::new(f32::INFINITY, 0.0)))
}

fn is_hud_of_another_size(huds: Query<&Hud>, scale: Res<Scale>, cameras: Query<&Camera>) -> bool {
    let fit = fit_now(*scale, &cameras);
    huds.iter().any(|hud| hud.0 != fit)
}

/// The numbers, and below them the verdict, as many lines as it needs. Each list of `iyes_perf_ui` stands at the corner of its own box.
fn spawn_hud(
    mut commands: Commands,
    mut clock: ResMut<HudClock>,
    scale: Res<Scale>,
    cameras: Query<&Camera>,
) {
    let fit = fit_now(*scale, &cameras);
    let factor = fit.factor;
    *clock = HudClock::default();
    let ground = Color::srgba(0.063, 0.078, 0.094, 0.85);
    let line = |top: f32| Node {
        position_type: PositionType::Absolute,
        top: px(top * factor),
        left: px(0.0),
        max_width: percent(100.0),
        ..default()
    };
    let numbers = || PerfUiRoot {
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
        values_col_width: 64.0 * factor,
        text_err: registry_text(None),
        ..default()
    };
    let verdict = (
        Name::new("streaming HUD, verdict"),
        HudVerdict,
        Node {
            padding: UiRect::axes(px(9.0 * factor), px(4.0 * factor)),
            ..line(fit.verdict_top())
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
            Hud(fit),
            Node {
                position_type: PositionType::Absolute,
                top: px(MARGIN * factor),
                left: px(MARGIN * factor),
                // Long sentences wrap at the edge of the picture.
                right: px(MARGIN * factor),
                ..default()
            },
        ))
        .with_children(|hud| {
            // Colour says what is wrong here, so what is right has none.
            let first = (
                PerfUiEntryFPS {
                    label: "fps".to_owned(),
                    color_gradient: ColorGradient::default(),
                    threshold_highlight: Some(50.0),
                    ..default()
                },
                PerfUiEntryFrameTime {
                    label: "frame".to_owned(),
                    color_gradient: ColorGradient::default(),
                    threshold_highlight: Some(25.0),
                    precision: 1,
                    ..default()
                },
                TasksEntry,
                ReadyEntry,
            );
            let second = (LoadingEntry, CompleteEntry, HolesEntry, StaleEntry);
            let name = Name::new("streaming HUD, numbers");
            if fit.is_in_two {
                hud.spawn(line(0.0))
                    .with_child((name.clone(), numbers(), first));
                hud.spawn(line(STRIP_HEIGHT))
                    .with_child((name, numbers(), second));
            } else {
                hud.spawn(line(0.0))
                    .with_child((name, numbers(), first, second));
            }
            hud.spawn(verdict);
        });
}

fn despawn_hud(mut commands: Commands, huds: Query<Entity, With<Hud>>) {
    for hud in &huds {
        commands.entity(hud).despawn();
    }
}

/// Value over limit with no unit: the label is the unit.
fn registry_text(metric: Option<(&registry::Metric, &Sample)>) -> String {
    let Some((metric, sample)) = metric else {
        return "—".to_owned();
    };
    let value = metric.number_text(metric.value(sample));
    match metric.limit_in(sample) {
        Some(limit) => format!("{value}/{}", metric.number_text(Some(limit))),
        None => value,
    }
}

/// A number of the HUD that shows one metric of the registry.
macro_rules! metric_entry {
    ($name:ident, $label:literal, $id:literal, $order:literal) => {
        #[doc = concat!("HUD number: metric `", $id, "`.")]
        #[derive(Component, Default)]
        pub struct $name;

        impl PerfUiEntry for $name {
            type SystemParam = SRes<Telemetry>;
            type Value = Sample;

            fn label(&self) -> &str {
                $label
            }

            fn sort_key(&self) -> i32 {
                $order
            }

            fn update_value(
                &self,
                telemetry: &mut <Self::SystemParam as SystemParam>::Item<'_, '_>,
            ) -> Option<Self::Value> {
                telemetry.samples().last().copied()
            }

            fn format_value(&self, value: &Self::Value) -> String {
                registry_text(registry::find($id).map(|metric| (metric, value)))
            }

            fn value_highlight(&self, value: &Self::Value) -> bool {
                registry::find($id).is_some_and(|metric| metric.is_over(value))
            }
        }
    };
}

/// HUD number: wanted chunks that are there, over those that are wanted. What is loaded and not wanted any more does
/// not count, so it is never more than all.
#[derive(Component, Default)]
pub struct CompleteEntry;

impl PerfUiEntry for CompleteEntry {
    type SystemParam = SRes<Telemetry>;
    type Value = Sample;

    fn label(&self) -> &str {
        "complete"
    }

    fn sort_key(&self) -> i32 {
        1_003
    }

    fn update_value(
        &self,
        telemetry: &mut <Self::SystemParam as SystemParam>::Item<'_, '_>,
    ) -> Option<Self::Value> {
        telemetry.samples().last().copied()
    }

    fn format_value(&self, value: &Self::Value) -> String {
        let there = value.wanted.saturating_sub(value.missing);
        format!("{there}/{}", value.wanted)
    }
}

metric_entry!(TasksEntry, "tasks", "active", 1_000);
metric_entry!(ReadyEntry, "ready", "ready", 1_001);
metric_entry!(LoadingEntry, "loading", "loading", 1_002);
metric_entry!(HolesEntry, "holes", "holes", 1_004);
metric_entry!(StaleEntry, "stale", "stale", 1_005);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_from_the_registry_and_stand_over_their_limits() {
        let sample = Sample {
            active: 2,
            max_concurrent_tasks: 3,
            loaded: 211,
            wanted: 152,
            missing: 105,
            ..Sample::default()
        };
        assert_eq!(TasksEntry.format_value(&sample), "2/3");
        assert_eq!(CompleteEntry.format_value(&sample), "47/152");
        assert!(!TasksEntry.value_highlight(&sample));
    }

    #[test]
    fn a_metric_that_is_added_to_the_registry_reads_like_the_others() {
        let probe = registry::find("test_probe").expect("tests add it");
        let sample = Sample {
            frame: 4,
            ..Sample::default()
        };
        assert_eq!(registry_text(Some((probe, &sample))), "12");
    }

    #[test]
    fn every_number_of_the_hud_is_a_metric() {
        for id in [
            "active", "ready", "loading", "wanted", "missing", "holes", "stale",
        ] {
            assert!(registry::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn the_numbers_have_room_in_every_picture_at_every_scale() {
        for picture in [
            Vec2::new(1_280.0, 720.0),
            Vec2::new(1_920.0, 1_080.0),
            Vec2::new(2_560.0, 1_440.0),
        ] {
            for chosen in crate::overlay::scale::CHOICES {
                let fit = Fit::new(Scale { chosen }, picture);
                let strips = if fit.is_in_two { 2.0 } else { 1.0 };
                // Four of eight numbers each: half the width and the margin.
                let width = STRIP_WIDTH * fit.factor / strips + MARGIN;
                assert!(width <= picture.x, "{fit:?} in {picture}");
            }
        }
        assert!(!Fit::new(Scale::default(), Vec2::new(1_280.0, 720.0)).is_in_two);
    }
}
