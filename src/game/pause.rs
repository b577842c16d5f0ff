//! Esc: the game's time stands still, a small menu is shown; streaming goes on.
//!
//! The menu has the pointer for itself: `keys` ends tuning and `cursor` frees the cursor while it is open.

use bevy::prelude::*;

use super::help::HelpOpen;
use super::keys::{Action, Actions};
use super::{GameSet, ui};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PauseMenu>().add_systems(
        PreUpdate,
        (press_keys, hold_time).chain().in_set(GameSet::Menu),
    );
}

/// The part that needs a renderer.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(
        Update,
        (show.run_if(resource_changed::<PauseMenu>), click, light_up).chain(),
    );
}

/// Whether the game is paused with its menu shown.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Reflect)]
#[reflect(Resource)]
pub struct PauseMenu {
    /// Open means paused.
    pub is_open: bool,
}

#[derive(Component)]
struct MenuPanel;

#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Resume,
    Help,
    Quit,
}

const CHOICES: [(Choice, &str, &str); 3] = [
    (Choice::Resume, "Resume", "Esc"),
    (Choice::Help, "Help", "F1"),
    (Choice::Quit, "Quit", "Q"),
];

pub(super) fn press_keys(
    actions: Res<Actions>,
    mut menu: ResMut<PauseMenu>,
    mut help: ResMut<HelpOpen>,
    mut exit: MessageWriter<AppExit>,
) {
    if actions.started(Action::Pause) {
        if help.0 {
            help.0 = false;
        } else {
            menu.is_open = !menu.is_open;
        }
    }
    if menu.is_open && actions.started(Action::Quit) {
        exit.write(AppExit::Success);
    }
}

/// Touches the clock only when the menu opens or closes, so that a script may pause it for its own reasons.
fn hold_time(menu: Res<PauseMenu>, mut time: ResMut<Time<Virtual>>, mut was_open: Local<bool>) {
    if menu.is_open == *was_open {
        return;
    }
    *was_open = menu.is_open;
    if menu.is_open {
        time.pause();
    } else {
        time.unpause();
    }
}

fn show(mut commands: Commands, menu: Res<PauseMenu>, panels: Query<Entity, With<MenuPanel>>) {
    for panel in &panels {
        commands.entity(panel).despawn();
    }
    if !menu.is_open {
        return;
    }
    commands
        .spawn((
            Name::new("Pause menu"),
            MenuPanel,
            GlobalZIndex(10),
            ui::full_screen(),
            BackgroundColor(Color::srgba(0.0, 0.0, 0.0, 0.35)),
        ))
        .with_children(|screen| {
            screen
                .spawn((
                    Node {
                        flex_direction: FlexDirection::Column,
                        padding: UiRect::all(px(26)),
                        row_gap: px(12),
                        border_radius: BorderRadius::all(px(10)),
                        ..default()
                    },
                    BackgroundColor(ui::PANEL),
                ))
                .with_children(|panel| {
                    panel.spawn(ui::line("Paused", 28.0, ui::TEXT));
                    for (choice, name, key) in CHOICES {
                        panel.spawn(button(choice, name, key));
                    }
                    panel.spawn(ui::line("the city goes on loading", 14.0, ui::DIM));
                });
        });
}

fn button(choice: Choice, name: &'static str, key: &'static str) -> impl Bundle {
    (
        choice,
        Button,
        Node {
            width: px(240),
            padding: UiRect::axes(px(14), px(9)),
            justify_content: JustifyContent::SpaceBetween,
            border_radius: BorderRadius::all(px(6)),
            ..default()
        },
        BackgroundColor(REST),
        children![
            ui::line(name, 20.0, ui::TEXT),
            ui::line(key, 20.0, ui::ACCENT)
        ],
    )
}

const REST: Color = Color::srgb(0.13, 0.16, 0.21);
const HOVERED: Color = Color::srgb(0.23, 0.28, 0.36);

fn click(
    pressed: Query<(&Interaction, &Choice), Changed<Interaction>>,
    mut menu: ResMut<PauseMenu>,
    mut help: ResMut<HelpOpen>,
    mut exit: MessageWriter<AppExit>,
) {
    for (interaction, choice) in &pressed {
        if *interaction != Interaction::Pressed {
            continue;
        }
        match choice {
            Choice::Resume => menu.is_open = false,
            Choice::Help => help.0 = true,
            Choice::Quit => {
                exit.write(AppExit::Success);
            }
        }
    }
}

type ChangedButtons<'w, 's> = Query<
    'w,
    's,
    (&'static Interaction, &'static mut BackgroundColor),
    (Changed<Interaction>, With<Choice>),
>;

fn light_up(mut buttons: ChangedButtons) {
    for (interaction, mut color) in &mut buttons {
        color.0 = match interaction {
            Interaction::None => REST,
            Interaction::Hovered | Interaction::Pressed => HOVERED,
        };
    }
}
