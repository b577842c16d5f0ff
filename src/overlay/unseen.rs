//! The overlay where nothing is drawn: everything is collected, laid out and tessellated for a picture of the usual
//! size, and shown to nobody. For measuring what it costs.

use bevy::{
    camera::{ComputedCameraValues, RenderTargetInfo},
    input::InputPlugin,
    prelude::*,
    shader::Shader,
    state::app::StatesPlugin,
    window::WindowPlugin,
};

use super::OverlayPlugin;

/// The size of the picture, pixels.
const SIZE: UVec2 = UVec2::new(1280, 720);

/// Adds what the overlay stands on and the overlay itself. Wants time, assets and `TelemetryPlugin`.
pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((
        StatesPlugin,
        WindowPlugin::default(),
        InputPlugin,
        ImagePlugin::default(),
    ))
    .init_asset::<Shader>()
    .init_asset::<Font>()
    .add_plugins(OverlayPlugin);
    // No renderer tells the camera how large its picture is.
    let camera = Camera {
        computed: ComputedCameraValues {
            target_info: Some(RenderTargetInfo {
                physical_size: SIZE,
                scale_factor: 1.0,
            }),
            ..default()
        },
        ..default()
    };
    app.world_mut()
        .spawn((Name::new("unseen"), Camera3d::default(), camera));
}

#[cfg(test)]
mod tests {
    use bevy_egui::{EguiContext, PrimaryEguiContext};

    use super::*;
    use crate::{
        UnseenInstruments,
        modes::OverlayDepth,
        streaming::{StreamingMetrics, StreamingSettings},
        telemetry::{Telemetry, TelemetryPlugin, TimingId},
    };

    #[test]
    fn panel_and_hud_are_painted_and_timed_where_nobody_sees_them() {
        for depth in [OverlayDepth::Full, OverlayDepth::Hud, OverlayDepth::Off] {
            let mut app = App::new();
            app.add_plugins((MinimalPlugins, AssetPlugin::default(), TelemetryPlugin))
                .init_resource::<StreamingMetrics>()
                .insert_resource(StreamingSettings::conservative())
                .add_plugins(UnseenInstruments)
                .insert_resource(depth);
            for _ in 0..30 {
                app.update();
            }
            let world = app.world_mut();
            let cost = world.resource::<Telemetry>().run_summary(TimingId::Overlay);
            let is_shown = depth != OverlayDepth::Off;
            assert_eq!(cost.is_some_and(|cost| cost.n >= 20), is_shown, "{depth:?}");
            let mut contexts = world.query_filtered::<&mut EguiContext, With<PrimaryEguiContext>>();
            let painted = contexts.iter_mut(world).next().map(|mut context| {
                let ctx = context.get_mut();
                let id = bevy_egui::egui::Id::new("streaming panel");
                (
                    ctx.content_rect().height(),
                    ctx.memory(|memory| memory.area_rect(id)),
                )
            });
            if depth == OverlayDepth::Full {
                let (height, rect) = painted.expect("a context");
                assert_eq!(height, SIZE.y as f32);
                assert!(rect.is_some_and(|rect| rect.height() > 500.0), "{rect:?}");
            } else {
                assert!(painted.is_none());
            }
        }
    }
}
