//! Interruptions that a script asks for: the pause menu, and another window in front, each for a while of true time.

use std::time::Duration;

use bevy::input::keyboard::KeyboardFocusLost;
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, WindowFocused};

use super::GameSet;
use super::pause::PauseMenu;
use super::script::GameRequest;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Interruptions>()
        .add_message::<WindowFocused>()
        .add_systems(
            PreUpdate,
            (pause, lose_focus)
                .in_set(GameSet::Menu)
                .before(super::pause::press_keys),
        );
}

/// Until when the game is interrupted, in true time since the start.
#[derive(Resource, Debug, Default)]
struct Interruptions {
    paused_until: Option<Duration>,
    unfocused_until: Option<Duration>,
}

/// What is no length of time counts as none.
fn length(secs: f64) -> Duration {
    Duration::try_from_secs_f64(secs).unwrap_or_default()
}

fn pause(
    time: Res<Time<Real>>,
    mut requests: MessageReader<GameRequest>,
    mut interruptions: ResMut<Interruptions>,
    mut menu: ResMut<PauseMenu>,
) {
    for request in requests.read() {
        if let GameRequest::Pause { secs } = request {
            interruptions.paused_until = Some(time.elapsed() + length(*secs));
            menu.is_open = true;
        }
    }
    let is_over = |until: &mut Duration| time.elapsed() >= *until;
    if interruptions.paused_until.take_if(is_over).is_some() {
        menu.is_open = false;
    }
}

/// Does what a window system does when another window comes to the front: without a window the keys are let go all the same.
fn lose_focus(
    time: Res<Time<Real>>,
    mut requests: MessageReader<GameRequest>,
    mut interruptions: ResMut<Interruptions>,
    mut windows: Query<(Entity, &mut Window), With<PrimaryWindow>>,
    mut keys_lost: MessageWriter<KeyboardFocusLost>,
    mut focused: MessageWriter<WindowFocused>,
) {
    let mut tell = |is_in_front: bool| {
        for (entity, mut window) in &mut windows {
            window.focused = is_in_front;
            focused.write(WindowFocused {
                window: entity,
                focused: is_in_front,
            });
        }
    };
    for request in requests.read() {
        if let GameRequest::LoseFocus { secs } = request {
            interruptions.unfocused_until = Some(time.elapsed() + length(*secs));
            keys_lost.write(KeyboardFocusLost);
            tell(false);
        }
    }
    let is_over = |until: &mut Duration| time.elapsed() >= *until;
    if interruptions.unfocused_until.take_if(is_over).is_some() {
        tell(true);
    }
}
