//! Keys that a script presses and lets go of.

use std::time::Duration;

use bevy::input::ButtonState;
use bevy::prelude::*;

use super::{ScriptPlayer, Seen, Strings};
use crate::scenario::keys::key_message;

/// Presses a key now, for so long.
pub(super) fn press(
    key: KeyCode,
    length: Duration,
    player: &mut ScriptPlayer,
    seen: &Seen,
    strings: &mut Strings,
) {
    strings.keys.write(key_message(
        key,
        ButtonState::Pressed,
        seen.window.single().ok(),
    ));
    player.held.push((key, seen.time.elapsed() + length));
}

/// Lets go of what was held long enough.
pub(super) fn release_keys(player: &mut ScriptPlayer, seen: &Seen, strings: &mut Strings) {
    let now = seen.time.elapsed();
    let window = seen.window.single().ok();
    player.held.retain(|(key, until)| {
        let is_held = now < *until;
        if !is_held {
            strings
                .keys
                .write(key_message(*key, ButtonState::Released, window));
        }
        is_held
    });
}
