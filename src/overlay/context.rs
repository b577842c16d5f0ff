//! Gives the main camera an egui context while something of ours is shown, and takes it away after: off means gone.

use bevy::{
    prelude::*,
    render::{Extract, ExtractSchedule, RenderApp, sync_world::MainEntity},
    ui::IsDefaultUiCamera,
};
use bevy_egui::{
    EguiContext, EguiGlobalSettings, EguiMultipassSchedule, EguiPreUpdateSet, PrimaryEguiContext,
    egui, render::EguiCameraView,
};

use super::style;
use crate::modes::{InspectorOpen, MapOpen, OverlayDepth};

pub(super) fn plugin(app: &mut App) {
    // Contexts come and go with what is shown; the first camera does not get one for ever.
    app.world_mut()
        .get_resource_or_init::<EguiGlobalSettings>()
        .auto_create_primary_context = false;
    app.init_resource::<KeptMemory>().add_systems(
        PreUpdate,
        (
            attach_context
                .run_if(wants_egui.and_then(not(any_with_component::<PrimaryEguiContext>))),
            detach_context
                .run_if(not(wants_egui).and_then(any_with_component::<PrimaryEguiContext>)),
        )
            .before(EguiPreUpdateSet::InitContexts),
    );
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app.add_systems(ExtractSchedule, forget_removed_views);
    }
}

/// Unlinks cameras of the render world whose context is gone: `bevy_egui` never does, and its next look at such a
/// link is an error that ends the program.
fn forget_removed_views(
    mut commands: Commands,
    contexts: Extract<Query<(), With<EguiContext>>>,
    views: Query<(Entity, &MainEntity), With<EguiCameraView>>,
) {
    for (view, camera) in &views {
        if !contexts.contains(camera.id()) {
            commands.entity(view).remove::<EguiCameraView>();
        }
    }
}

/// Whether anything of ours is drawn with egui.
pub(super) fn wants_egui(
    depth: Option<Res<OverlayDepth>>,
    inspector: Option<Res<InspectorOpen>>,
    map: Option<Res<MapOpen>>,
) -> bool {
    depth.is_some_and(|depth| *depth == OverlayDepth::Full)
        || inspector.is_some_and(|open| open.0)
        || map.is_some_and(|open| open.0)
}

/// What egui remembered the last time, so that open sections and positions come back. Only that: the context itself
/// would come back with the buttons and keys that were held when it went, and nobody told it of their release.
#[derive(Resource, Default)]
struct KeptMemory(Option<egui::Memory>);

type MainCamera<'a> = (Entity, &'a Camera, Has<IsDefaultUiCamera>);

fn attach_context(
    mut commands: Commands,
    cameras: Query<MainCamera, Or<(With<Camera3d>, With<Camera2d>)>>,
    mut kept: ResMut<KeptMemory>,
) {
    // The camera of the game's own interface; without one, the camera that draws last.
    let Some((camera, ..)) = cameras
        .iter()
        .filter(|(_, camera, _)| camera.is_active)
        .max_by_key(|(_, camera, is_default)| (*is_default, camera.order))
    else {
        return;
    };
    commands
        .entity(camera)
        .insert((context_with(kept.0.take()), PrimaryEguiContext));
}

fn context_with(kept: Option<egui::Memory>) -> EguiContext {
    let mut context = EguiContext::default();
    if let Some(kept) = kept {
        context.get_mut().memory_mut(|memory| *memory = kept);
    }
    style::apply(context.get_mut());
    context
}

fn detach_context(
    mut commands: Commands,
    mut contexts: Query<(Entity, &mut EguiContext), With<PrimaryEguiContext>>,
    mut kept: ResMut<KeptMemory>,
) {
    for (camera, mut context) in &mut contexts {
        let ctx = context.get_mut();
        let_go(ctx);
        kept.0 = Some(ctx.memory(Clone::clone));
        commands
            .entity(camera)
            .remove::<EguiMultipassSchedule>()
            .remove_with_requires::<PrimaryEguiContext>();
    }
}

/// Ends a drag and takes the focus away.
pub(super) fn let_go(ctx: &egui::Context) {
    ctx.memory_mut(|memory| {
        if let Some(focused) = memory.focused() {
            memory.surrender_focus(focused);
        }
    });
    ctx.stop_dragging();
}

/// The context of the main camera, if it has one now.
pub(super) fn primary_context(world: &mut World) -> Option<egui::Context> {
    let mut contexts = world.query_filtered::<&mut EguiContext, With<PrimaryEguiContext>>();
    let mut context = contexts.single_mut(world).ok()?;
    Some(context.get_mut().clone())
}
