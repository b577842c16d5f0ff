//! F1: the list of keys, from the key table.

use bevy::prelude::*;

use super::keys::{Action, Actions, KEY_TABLE, KeyBindings};
use super::{GameSet, ui};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<HelpOpen>()
        .add_systems(PreUpdate, toggle.in_set(GameSet::Act));
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(
        Update,
        show.run_if(resource_changed::<HelpOpen>.or_else(resource_changed::<KeyBindings>)),
    );
}

/// Whether the list of keys is shown.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Reflect)]
#[reflect(Resource)]
pub struct HelpOpen(pub bool);

#[derive(Component)]
struct HelpPanel;

fn toggle(actions: Res<Actions>, mut open: ResMut<HelpOpen>) {
    if actions.started(Action::Help) {
        open.0 = !open.0;
    }
}

fn show(
    mut commands: Commands,
    open: Res<HelpOpen>,
    bindings: Res<KeyBindings>,
    panels: Query<Entity, With<HelpPanel>>,
) {
    for panel in &panels {
        commands.entity(panel).despawn();
    }
    if !open.0 {
        return;
    }
    commands
        .spawn((
            Name::new("Help"),
            HelpPanel,
            GlobalZIndex(20),
            ui::full_screen(),
        ))
        .with_children(|screen| {
            screen
                .spawn((
                    Node {
                        flex_direction: FlexDirection::Column,
                        padding: UiRect::all(px(22)),
                        row_gap: px(14),
                        border_radius: BorderRadius::all(px(10)),
                        ..default()
                    },
                    BackgroundColor(ui::PANEL),
                ))
                .with_children(|panel| {
                    panel.spawn(ui::line("Keys", 26.0, ui::TEXT));
                    panel
                        .spawn(Node {
                            column_gap: px(36),
                            ..default()
                        })
                        .with_children(|columns| {
                            let half = KEY_TABLE.len().div_ceil(2);
                            for rows in KEY_TABLE.chunks(half) {
                                columns.spawn(column()).with_children(|column| {
                                    for row in rows {
                                        column.spawn(key_row(bindings.label(row), row.text));
                                    }
                                    if rows.len() < half {
                                        column.spawn(key_row("Mouse".to_owned(), "look around"));
                                    }
                                });
                            }
                        });
                    panel.spawn(ui::line("F1 or Esc closes this list", 15.0, ui::DIM));
                });
        });
}

fn column() -> Node {
    Node {
        flex_direction: FlexDirection::Column,
        row_gap: px(7),
        ..default()
    }
}

fn key_row(key: String, text: &'static str) -> impl Bundle {
    (
        Node {
            column_gap: px(12),
            ..default()
        },
        children![
            (
                Node {
                    width: px(62),
                    ..default()
                },
                children![ui::line(key, 17.0, ui::ACCENT)],
            ),
            ui::line(text, 17.0, ui::TEXT),
        ],
    )
}
