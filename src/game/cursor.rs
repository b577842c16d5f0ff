//! The cursor: grabbed while the game has the mouse, free otherwise.

use bevy::prelude::*;
use bevy::window::{CursorGrabMode, CursorOptions, PrimaryWindow};

use super::GameSet;
use super::keys::game_has_mouse;
use super::pause::PauseMenu;
use crate::modes::ControlMode;

/// The part that needs a window.
pub(super) fn windowed(app: &mut App) {
    app.add_systems(PreUpdate, grab.in_set(GameSet::Cursor))
        .add_systems(OnEnter(ControlMode::Drive), release_buttons)
        .add_systems(OnEnter(ControlMode::Tune), release_buttons);
}

/// One rule instead of transitions: it also holds when the window loses the focus or a menu opens.
fn grab(
    mode: Res<State<ControlMode>>,
    menu: Res<PauseMenu>,
    mut windows: Query<(&Window, &mut CursorOptions), With<PrimaryWindow>>,
) {
    let Ok((window, mut cursor)) = windows.single_mut() else {
        return;
    };
    let has_mouse = game_has_mouse(*mode.get(), menu.is_open, window.focused);
    let wanted = if has_mouse {
        CursorGrabMode::Locked
    } else {
        CursorGrabMode::None
    };
    if cursor.grab_mode != wanted {
        cursor.grab_mode = wanted;
    }
    if cursor.visible == has_mouse {
        cursor.visible = !has_mouse;
    }
}

/// A button held over the switch would stay down for ever: its release goes to the other side.
fn release_buttons(mut mouse: ResMut<ButtonInput<MouseButton>>) {
    mouse.reset_all();
}
