//! Keeps what was painted last in the picture through the frames in which nothing is painted: `bevy_egui` takes the
//! shapes out of the main world with each picture and draws none where there are no new ones.
//!
//! ```text
//!  extract ── view with its shapes ──► put_back (a frame without painting gets the last ones) ──► drawn ──► keep
//! ```

use bevy::{
    prelude::*,
    render::{Extract, ExtractSchedule, Render, RenderApp, RenderSystems},
};
use bevy_egui::{
    EguiRenderOutput,
    egui::ClippedPrimitive,
    render::{EguiViewTarget, systems::prepare_egui_render_target_data_system},
};

use super::pace::Pace;

pub(super) fn plugin(app: &mut App) {
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app
            .init_resource::<LastPainted>()
            .add_systems(ExtractSchedule, note_painting)
            .add_systems(
                Render,
                (
                    put_back
                        .in_set(RenderSystems::Prepare)
                        .before(prepare_egui_render_target_data_system),
                    keep.in_set(RenderSystems::Cleanup),
                ),
            );
    }
}

/// The shapes of the newest painting, between two pictures.
#[derive(Resource, Default)]
struct LastPainted {
    /// Whether this frame was painted.
    is_new: bool,
    shapes: Vec<ClippedPrimitive>,
}

type Views<'w, 's> = Query<'w, 's, &'static mut EguiRenderOutput, With<EguiViewTarget>>;

fn note_painting(pace: Extract<Option<Res<Pace>>>, mut last: ResMut<LastPainted>) {
    last.is_new = pace.as_ref().is_none_or(|pace| pace.is_due());
}

/// Only the main camera has a view of ours.
fn put_back(mut views: Views, mut last: ResMut<LastPainted>) {
    if let Ok(mut view) = views.single_mut()
        && !last.is_new
    {
        view.paint_jobs = std::mem::take(&mut last.shapes);
    }
}

/// Takes the shapes back before the view of this picture goes; without a view there is nothing to keep.
fn keep(mut views: Views, mut last: ResMut<LastPainted>) {
    last.shapes = views
        .single_mut()
        .map(|mut view| std::mem::take(&mut view.paint_jobs))
        .unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use bevy::ecs::system::RunSystemOnce;
    use bevy_egui::egui::{Mesh, Rect, epaint::Primitive};

    use super::*;

    /// What is drawn in a frame that extracted so many shapes.
    fn drawn(world: &mut World, is_painted: bool, extracted: usize) -> usize {
        let shape = || ClippedPrimitive {
            clip_rect: Rect::EVERYTHING,
            primitive: Primitive::Mesh(Mesh::default()),
        };
        world.resource_mut::<LastPainted>().is_new = is_painted;
        let view = world.spawn((
            EguiViewTarget(Entity::PLACEHOLDER),
            EguiRenderOutput {
                paint_jobs: (0..extracted).map(|_| shape()).collect(),
                ..default()
            },
        ));
        let view = view.id();
        world.run_system_once(put_back).expect("it runs");
        let drawn = world
            .get::<EguiRenderOutput>(view)
            .map(|view| view.paint_jobs.len());
        world.run_system_once(keep).expect("it runs");
        world.despawn(view);
        drawn.expect("a view")
    }

    #[test]
    fn frames_without_painting_show_what_was_painted_last() {
        let mut world = World::new();
        world.init_resource::<LastPainted>();
        assert_eq!(drawn(&mut world, true, 7), 7);
        for _ in 0..14 {
            assert_eq!(drawn(&mut world, false, 0), 7);
        }
        assert_eq!(drawn(&mut world, true, 9), 9);
        assert_eq!(drawn(&mut world, false, 0), 9);
        // Painted and empty is empty.
        assert_eq!(drawn(&mut world, true, 0), 0);
        assert_eq!(drawn(&mut world, false, 0), 0);
        // Gone is gone.
        assert_eq!(drawn(&mut world, true, 3), 3);
        world.run_system_once(keep).expect("it runs");
        assert_eq!(drawn(&mut world, false, 0), 0);
    }
}
