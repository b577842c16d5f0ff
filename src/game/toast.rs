//! Short messages in the upper part of the picture.

use bevy::prelude::*;

use super::{DrawSet, ui};
use crate::modes::Toast;

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Startup, spawn_column)
        .add_systems(Update, (show, fade).chain().in_set(DrawSet::Ui));
}

/// How long a toast stays.
const SHOWN_SECS: f32 = 3.0;
const MOST_AT_ONCE: usize = 4;

#[derive(Component)]
struct Column;

#[derive(Component)]
struct Shown {
    left_secs: f32,
}

fn spawn_column(mut commands: Commands) {
    commands.spawn((
        Name::new("Toasts"),
        Column,
        GlobalZIndex(30),
        Node {
            position_type: PositionType::Absolute,
            width: percent(100),
            // Below the strip of readings, at any scale of it.
            top: percent(22),
            flex_direction: FlexDirection::Column,
            align_items: AlignItems::Center,
            row_gap: px(6),
            ..default()
        },
    ));
}

fn show(
    mut commands: Commands,
    mut toasts: MessageReader<Toast>,
    columns: Query<Entity, With<Column>>,
    shown: Query<(Entity, &Shown)>,
) {
    let Ok(column) = columns.single() else {
        return;
    };
    let mut newest_first: Vec<_> = shown
        .iter()
        .map(|(entity, toast)| (toast.left_secs, entity))
        .collect();
    newest_first.sort_by(|a, b| b.0.total_cmp(&a.0));
    let first_to_go = MOST_AT_ONCE.saturating_sub(toasts.len());
    for (_, entity) in newest_first.iter().skip(first_to_go) {
        commands.entity(*entity).despawn();
    }
    for toast in toasts.read() {
        info!("{}", toast.text);
        commands.spawn((
            Name::new("Toast"),
            Shown {
                left_secs: SHOWN_SECS,
            },
            ChildOf(column),
            Node {
                padding: UiRect::axes(px(16), px(7)),
                border_radius: BorderRadius::all(px(6)),
                ..default()
            },
            BackgroundColor(ui::PANEL),
            children![ui::line(toast.text.clone(), 18.0, ui::TEXT)],
        ));
    }
}

/// Counts true seconds, so that a toast also ends in the pause menu.
fn fade(mut commands: Commands, time: Res<Time<Real>>, mut shown: Query<(Entity, &mut Shown)>) {
    for (entity, mut toast) in &mut shown {
        toast.left_secs -= time.delta_secs();
        if toast.left_secs <= 0.0 {
            commands.entity(entity).despawn();
        }
    }
}
