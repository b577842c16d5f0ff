//! The HUD laid out by the engine without a renderer, and what it writes.

use std::time::Duration;

use bevy::{
    asset::AssetPlugin,
    camera::{ComputedCameraValues, RenderTargetInfo, Viewport},
    diagnostic::FrameTimeDiagnosticsPlugin,
    image::TextureAtlasPlugin,
    input::InputPlugin,
    prelude::*,
    text::{TextLayoutInfo, TextPlugin},
    time::TimeUpdateStrategy,
    ui::UiPlugin,
};
use iyes_perf_ui::PerfUiPlugin;

use super::*;
use crate::{
    overlay::scale::CHOICES,
    telemetry::{health::fixture::longest_healths, sample::Sample},
};

/// A picture of this size with the HUD in it, a tenth of a second per frame.
fn app(size: UVec2, scale: Scale) -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        AssetPlugin::default(),
        InputPlugin,
        ImagePlugin::default(),
        TextureAtlasPlugin,
        TextPlugin,
        UiPlugin,
        PerfUiPlugin,
        FrameTimeDiagnosticsPlugin::default(),
    ))
    .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
        100,
    )))
    .insert_resource(scale)
    .insert_resource(OverlayDepth::Hud)
    .init_resource::<Telemetry>()
    .add_plugins(plugin);
    let computed = ComputedCameraValues {
        target_info: Some(RenderTargetInfo {
            physical_size: size,
            scale_factor: 1.0,
        }),
        ..default()
    };
    let viewport = Some(Viewport {
        physical_size: size,
        ..default()
    });
    app.world_mut().spawn((
        Camera2d,
        Camera {
            computed,
            viewport,
            ..default()
        },
    ));
    app
}

/// Everything below the HUD's root with its place, text boxes with what is written in them.
struct Placed {
    name: String,
    place: Rect,
    text: Option<(String, Vec2)>,
}

fn placed(app: &mut App) -> Vec<Placed> {
    let mut roots = app.world_mut().query_filtered::<Entity, With<Hud>>();
    let root = roots.single(app.world()).expect("one HUD");
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(entity) = open.pop() {
        let entity = app.world().entity(entity);
        if let Some(children) = entity.get::<Children>() {
            open.extend(children.iter().rev());
        }
        let node = entity.get::<ComputedNode>().expect("a node");
        let middle = entity
            .get::<UiGlobalTransform>()
            .expect("a node")
            .translation;
        found.push(Placed {
            name: entity
                .get::<Name>()
                .map_or_else(String::new, ToString::to_string),
            place: Rect::from_center_size(middle, node.size()),
            text: entity.get::<Text>().map(|text| {
                let laid_out = entity.get::<TextLayoutInfo>().expect("it is laid out");
                (text.0.clone(), laid_out.size)
            }),
        });
    }
    found
}

fn overlaps(a: Rect, b: Rect) -> bool {
    let both = a.intersect(b);
    both.width() > 0.5 && both.height() > 0.5
}

/// What is wrong with the picture: what leaves it, does not hold its text, or lies over something else.
fn faults(placed: &[Placed], size: UVec2) -> Vec<String> {
    let picture = Rect::from_corners(Vec2::ZERO, size.as_vec2()).inflate(0.5);
    let mut faults = Vec::new();
    for one in placed {
        if !(picture.contains(one.place.min) && picture.contains(one.place.max)) {
            faults.push(format!("{:?} {:?} leaves the picture", one.name, one.place));
        }
        if let Some((text, extent)) = &one.text
            && (extent.x > one.place.width() + 1.0 || extent.y > one.place.height() + 1.0)
        {
            faults.push(format!("{text:?} of {extent} in {:?}", one.place));
        }
    }
    let texts: Vec<&Placed> = placed.iter().filter(|one| one.text.is_some()).collect();
    for (index, one) in texts.iter().enumerate() {
        for other in &texts[index + 1..] {
            if overlaps(one.place, other.place) {
                faults.push(format!("{:?} over {:?}", one.text, other.text));
            }
        }
    }
    faults
}

/// The largest numbers that anybody will see.
fn crowded() -> Sample {
    Sample {
        active: 256,
        max_concurrent_tasks: 256,
        ready: 88_888,
        loading: 88_888,
        wanted: 88_888,
        missing: 11_111,
        holes: 88_888,
        stale: 88_888_888,
        ..Sample::default()
    }
}

#[test]
fn every_verdict_and_the_largest_numbers_have_room_at_every_scale_in_every_picture() {
    let lines: Vec<String> = longest_healths()
        .iter()
        .map(crate::telemetry::Health::line)
        .collect();
    for size in [
        UVec2::new(1_280, 720),
        UVec2::new(1_920, 1_080),
        UVec2::new(2_560, 1_440),
        UVec2::new(3_840, 2_160),
    ] {
        for chosen in CHOICES {
            let mut app = app(size, Scale { chosen });
            app.world_mut()
                .resource_mut::<Telemetry>()
                .record_sample(crowded());
            for _ in 0..5 {
                app.update();
            }
            for line in &lines {
                let mut verdicts = app
                    .world_mut()
                    .query_filtered::<&mut Text, With<HudVerdict>>();
                let mut verdict = verdicts.single_mut(app.world_mut()).expect("one verdict");
                verdict.0.clone_from(line);
                app.update();
                let placed = placed(&mut app);
                let none: [String; 0] = [];
                assert_eq!(faults(&placed, size), none, "{chosen:?} of {size}: {line}");
                let texts: Vec<&str> = placed
                    .iter()
                    .filter_map(|one| Some(one.text.as_ref()?.0.as_str()))
                    .collect();
                assert!(texts.contains(&line.as_str()));
                assert!(texts.contains(&"77777/88888"), "{texts:?}");
                assert!(texts.contains(&"88888888"), "{texts:?}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_found_to_be_a_fault() {
    let size = UVec2::new(1_280, 720);
    let mut app = app(size, Scale::default());
    for _ in 0..5 {
        app.update();
    }
    assert!(faults(&placed(&mut app), size).is_empty());
    assert!(!faults(&placed(&mut app), UVec2::new(320, 720)).is_empty());
    let mut verdicts = app
        .world_mut()
        .query_filtered::<&mut Node, With<HudVerdict>>();
    let mut node = verdicts.single_mut(app.world_mut()).expect("one verdict");
    node.position_type = PositionType::Absolute;
    node.top = px(4.0);
    app.update();
    assert!(!faults(&placed(&mut app), size).is_empty());
}

#[test]
fn the_verdict_is_true_of_the_numbers_beside_it_whenever_they_are_written() {
    let mut app = app(UVec2::new(1_280, 720), Scale::default());
    app.insert_resource(StreamingSettings::conservative());
    let mut seen = [0, 0];
    for frame in 1..=300_u64 {
        // One chunk is missing, or none: for eight frames each, which is three times what lies between two writings.
        let missing = frame / 8 % 2;
        app.world_mut()
            .resource_mut::<Telemetry>()
            .record_sample(Sample {
                frame,
                t_secs: frame as f64 / 10.0,
                dt_ms: 16.7,
                frame_ms: 16.7,
                wanted: 152,
                loaded: 152 - missing,
                missing,
                active: missing,
                max_concurrent_tasks: 3,
                ..Sample::default()
            });
        app.update();
        let texts: Vec<String> = placed(&mut app)
            .into_iter()
            .filter_map(|one| Some(one.text?.0))
            .collect();
        let complete = texts.iter().position(|text| text == "complete: ");
        let complete = &texts[complete.expect("it is there") + 1];
        let verdict = texts.last().expect("the verdict");
        if verdict.contains("everything wanted is loaded") {
            seen[0] += 1;
            assert_eq!(complete, "152/152", "frame {frame}: {verdict}");
        }
        if verdict.contains("1 missing") {
            seen[1] += 1;
            assert_eq!(complete, "151/152", "frame {frame}: {verdict}");
        }
    }
    assert!(seen.iter().all(|frames| *frames > 50), "{seen:?}");
}
