//! The names of keys in scripts, and the messages that a press and a release are.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;

use crate::settings::did_you_mean;

macro_rules! keys {
    ($($name:ident),* $(,)?) => {
        /// Every key a script can press, by Bevy's name for its place on the keyboard.
        const KEYS: &[(&str, KeyCode)] = &[$((stringify!($name), KeyCode::$name)),*];
    };
}

keys!(
    KeyA,
    KeyB,
    KeyC,
    KeyD,
    KeyE,
    KeyF,
    KeyG,
    KeyH,
    KeyI,
    KeyJ,
    KeyK,
    KeyL,
    KeyM,
    KeyN,
    KeyO,
    KeyP,
    KeyQ,
    KeyR,
    KeyS,
    KeyT,
    KeyU,
    KeyV,
    KeyW,
    KeyX,
    KeyY,
    KeyZ,
    Digit0,
    Digit1,
    Digit2,
    Digit3,
    Digit4,
    Digit5,
    Digit6,
    Digit7,
    Digit8,
    Digit9,
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F9,
    F10,
    F11,
    F12,
    ArrowUp,
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    Space,
    Enter,
    Escape,
    Tab,
    Backspace,
    ShiftLeft,
    ShiftRight,
    ControlLeft,
    ControlRight,
    AltLeft,
    AltRight,
    Home,
    End,
    PageUp,
    PageDown,
    Delete,
    Insert,
    Minus,
    Equal,
    Comma,
    Period,
    Slash,
    Backquote,
);

/// The key of this name, or what would be legal.
pub(super) fn key_named(given: &str) -> Result<KeyCode, String> {
    let found = KEYS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(given));
    found.map(|(_, key)| *key).ok_or_else(|| {
        let names = KEYS.iter().map(|(name, _)| *name);
        let hint = did_you_mean(given, names.clone());
        let legal: Vec<&str> = names.collect();
        format!(
            "unknown key `{given}`{hint}; the keys are {}",
            legal.join(", ")
        )
    })
}

/// The message that the window system would send for this key.
pub(super) fn key_message(
    key: KeyCode,
    state: ButtonState,
    window: Option<Entity>,
) -> KeyboardInput {
    KeyboardInput {
        key_code: key,
        logical_key: Key::Unidentified(bevy::input::keyboard::NativeKey::Unidentified),
        state,
        text: None,
        repeat: false,
        window: window.unwrap_or(Entity::PLACEHOLDER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_name_and_unknown_ones_are_answered_with_the_list() {
        assert_eq!(key_named("KeyW"), Ok(KeyCode::KeyW));
        assert_eq!(key_named("f3"), Ok(KeyCode::F3));
        let error = key_named("Spce").expect_err("unknown");
        assert!(error.contains("did you mean `Space`?"), "{error}");
        assert!(error.contains("ArrowLeft"), "{error}");
    }
}
