//! One table of keys drives the bindings, the help screen and what a frame's key presses mean.

use bevy::platform::collections::{HashMap, HashSet};
use bevy::prelude::*;

use super::GameSet;
use super::pause::PauseMenu;
use crate::modes::{
    ControlMode, GraphicsQuality, InspectorOpen, KeyboardTaken, MapOpen, OverlayDepth, SaveMoment,
    Toast, WorldMarks, has_something_to_tune,
};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<KeyBindings>()
        .init_resource::<Actions>()
        .add_systems(
            PreUpdate,
            (
                (read_actions, switch_modes).chain().in_set(GameSet::Keys),
                // After the menu, so that the click after the key that opened it is already the game's.
                end_tuning
                    .run_if(in_state(ControlMode::Tune))
                    .after(GameSet::Menu)
                    .before(GameSet::Act),
            ),
        );
}

/// Something that a key can ask for.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, Reflect)]
pub enum Action {
    /// Walk forward, throttle, fly forward.
    Forward,
    /// Walk back, brake and reverse, fly back.
    Back,
    /// Step or steer left.
    Left,
    /// Step or steer right.
    Right,
    /// Run; fly fast.
    Run,
    /// Jump; handbrake.
    Jump,
    /// Get into or out of the car.
    EnterOrLeave,
    /// Back to where the city starts.
    Respawn,
    /// Free camera: up.
    FlyUp,
    /// Free camera: down.
    FlyDown,
    /// Show or hide the list of keys.
    Help,
    /// Pause and show the menu; close what is open.
    Pause,
    /// Cycle the overlay.
    CycleOverlay,
    /// Switch between driving and tuning.
    ToggleTune,
    /// Open or close the chunk map.
    ChunkMap,
    /// Show or hide what the overlay draws into the world.
    WorldMarks,
    /// Detach the camera, or attach it again.
    FreeCamera,
    /// Open or close the world inspector.
    Inspector,
    /// Save this moment as a bundle.
    SaveMoment,
    /// Save a picture.
    Photo,
    /// Make it an hour later.
    LaterHour,
    /// Let the time of day stand still, or go on.
    HoldTime,
    /// The next kind of weather.
    NextWeather,
    /// In the pause menu: end the game.
    Quit,
}

/// One row of the key table.
#[derive(Copy, Clone, Debug)]
pub struct KeyRow {
    /// What the keys do.
    pub action: Action,
    /// The default keys; any of them is enough.
    pub keys: &'static [KeyCode],
    /// How the help screen names the keys.
    pub label: &'static str,
    /// What the help screen says about them.
    pub text: &'static str,
}

const fn row(
    action: Action,
    keys: &'static [KeyCode],
    label: &'static str,
    text: &'static str,
) -> KeyRow {
    KeyRow {
        action,
        keys,
        label,
        text,
    }
}

/// Every key that works, in the order of the help screen.
pub const KEY_TABLE: &[KeyRow] = &[
    row(
        Action::Forward,
        &[KeyCode::KeyW],
        "W",
        "walk forward, throttle",
    ),
    row(
        Action::Back,
        &[KeyCode::KeyS],
        "S",
        "walk back, brake, reverse",
    ),
    row(Action::Left, &[KeyCode::KeyA], "A", "step left, steer left"),
    row(
        Action::Right,
        &[KeyCode::KeyD],
        "D",
        "step right, steer right",
    ),
    row(
        Action::Run,
        &[KeyCode::ShiftLeft, KeyCode::ShiftRight],
        "Shift",
        "run, fly fast",
    ),
    row(Action::Jump, &[KeyCode::Space], "Space", "jump, handbrake"),
    row(
        Action::EnterOrLeave,
        &[KeyCode::KeyF],
        "F",
        "get in or out of the car",
    ),
    row(Action::Respawn, &[KeyCode::KeyR], "R", "back to the start"),
    row(Action::FlyDown, &[KeyCode::KeyQ], "Q", "free camera: down"),
    row(Action::FlyUp, &[KeyCode::KeyE], "E", "free camera: up"),
    row(Action::LaterHour, &[KeyCode::KeyT], "T", "an hour later"),
    row(
        Action::HoldTime,
        &[KeyCode::KeyY],
        "Y",
        "hold the time of day, and let go",
    ),
    row(
        Action::NextWeather,
        &[KeyCode::KeyU],
        "U",
        "weather: clear, overcast, rain, mist, as it comes",
    ),
    row(Action::Help, &[KeyCode::F1], "F1", "this list"),
    row(Action::Pause, &[KeyCode::Escape], "Esc", "pause and menu"),
    row(
        Action::CycleOverlay,
        &[KeyCode::F3],
        "F3",
        "what limits? HUD, panel, off",
    ),
    row(
        Action::ToggleTune,
        &[KeyCode::F4],
        "F4",
        "tune: the mouse for the panel's sliders",
    ),
    row(Action::ChunkMap, &[KeyCode::F5], "F5", "chunk map"),
    row(
        Action::FreeCamera,
        &[KeyCode::F6],
        "F6",
        "free camera, and back",
    ),
    row(Action::Inspector, &[KeyCode::F7], "F7", "world inspector"),
    row(
        Action::WorldMarks,
        &[KeyCode::F8],
        "F8",
        "chunk borders in the world",
    ),
    row(
        Action::SaveMoment,
        &[KeyCode::F9],
        "F9",
        "save a bundle of this moment",
    ),
    row(Action::Photo, &[KeyCode::F10], "F10", "photo"),
    row(Action::Quit, &[KeyCode::KeyQ], "Q", "in the menu: quit"),
];

/// Which keys ask for which action; starts from [`KEY_TABLE`] and can be changed live.
#[derive(Resource, Clone, Debug)]
pub struct KeyBindings(HashMap<Action, Vec<KeyCode>>);

impl Default for KeyBindings {
    fn default() -> Self {
        Self(
            KEY_TABLE
                .iter()
                .map(|row| (row.action, row.keys.to_vec()))
                .collect(),
        )
    }
}

impl KeyBindings {
    /// Replaces the keys of one action.
    pub fn bind(&mut self, action: Action, keys: Vec<KeyCode>) {
        self.0.insert(action, keys);
    }

    /// The keys of one action, empty when it has none.
    #[must_use]
    pub fn keys(&self, action: Action) -> &[KeyCode] {
        self.0.get(&action).map_or(&[], Vec::as_slice)
    }

    /// How to write the keys of one action; the table's own words while the binding is the table's.
    #[must_use]
    pub fn label(&self, row: &KeyRow) -> String {
        let keys = self.keys(row.action);
        if keys == row.keys {
            return row.label.to_owned();
        }
        keys.iter()
            .map(|key| format!("{key:?}").replace("Key", ""))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The actions asked for in this frame, after gating; everything in the game reads keys through it.
#[derive(Resource, Default, Debug)]
pub struct Actions {
    held: HashSet<Action>,
    started: HashSet<Action>,
}

impl Actions {
    /// Whether a key of the action is down.
    #[must_use]
    pub fn held(&self, action: Action) -> bool {
        self.held.contains(&action)
    }

    /// Whether a key of the action went down in this frame.
    #[must_use]
    pub fn started(&self, action: Action) -> bool {
        self.started.contains(&action)
    }

    /// One minus the other: 1, 0 or -1.
    #[must_use]
    pub fn axis(&self, positive: Action, negative: Action) -> f32 {
        f32::from(u8::from(self.held(positive))) - f32::from(u8::from(self.held(negative)))
    }
}

/// What the keyboard asks for: nothing while a text field has it, whatever the mode.
#[must_use]
pub fn actions_from(
    keyboard: &ButtonInput<KeyCode>,
    bindings: &KeyBindings,
    taken: KeyboardTaken,
) -> Actions {
    let mut actions = Actions::default();
    if taken.0 {
        return actions;
    }
    for row in KEY_TABLE {
        let keys = bindings.keys(row.action);
        if keyboard.any_pressed(keys.iter().copied()) {
            actions.held.insert(row.action);
        }
        if keyboard.any_just_pressed(keys.iter().copied()) {
            actions.started.insert(row.action);
        }
    }
    actions
}

/// Whether the mouse belongs to the game: only while driving, not in the menu, with the window in front.
#[must_use]
pub fn game_has_mouse(mode: ControlMode, paused: bool, window_focused: bool) -> bool {
    mode == ControlMode::Drive && !paused && window_focused
}

fn read_actions(
    keyboard: Res<ButtonInput<KeyCode>>,
    bindings: Res<KeyBindings>,
    taken: Res<KeyboardTaken>,
    mut actions: ResMut<Actions>,
) {
    *actions = actions_from(&keyboard, &bindings, *taken);
}

fn switch_modes(
    actions: Res<Actions>,
    menu: Res<PauseMenu>,
    mode: Res<State<ControlMode>>,
    quality: Option<Res<GraphicsQuality>>,
    mut next_mode: ResMut<NextState<ControlMode>>,
    mut depth: ResMut<OverlayDepth>,
    mut inspector: ResMut<InspectorOpen>,
    (mut map, mut marks): (ResMut<MapOpen>, ResMut<WorldMarks>),
    mut moments: MessageWriter<SaveMoment>,
    mut toasts: MessageWriter<Toast>,
) {
    // The menu has the pointer for itself.
    if menu.is_open {
        return;
    }
    if actions.started(Action::CycleOverlay) {
        *depth = depth.next();
        if let Some(text) = overlay_hint(*depth, *mode.get()) {
            toasts.write(Toast::new(text));
        }
    }
    if actions.started(Action::ToggleTune) {
        match mode.get() {
            ControlMode::Tune => next_mode.set(ControlMode::Drive),
            ControlMode::Drive if has_something_to_tune(*depth, *inspector, *map) => {
                next_mode.set(ControlMode::Tune);
            }
            ControlMode::Drive => {
                toasts.write(Toast::new(NOTHING_TO_TUNE));
            }
        }
    }
    if actions.started(Action::ChunkMap) {
        map.0 = !map.0;
    }
    if actions.started(Action::WorldMarks) {
        marks.is_shown = !marks.is_shown;
    }
    if actions.started(Action::SaveMoment) {
        moments.write(SaveMoment);
    }
    if actions.started(Action::Inspector) {
        inspector.0 = !inspector.0;
        if !cfg!(feature = "overlay") {
            toasts.write(Toast::new("built without the overlay: no inspector"));
        } else if inspector.0 && *mode.get() == ControlMode::Drive && quality.is_some() {
            toasts.write(Toast::new("F4 frees the mouse for the inspector"));
        }
    }
}

const NOTHING_TO_TUNE: &str = if cfg!(feature = "overlay") {
    "F3 opens the panel first"
} else {
    "built without the overlay"
};

/// One rule instead of transitions: tuning ends with what there was to tune, by whatever way it was closed, and when
/// the menu takes the pointer.
fn end_tuning(
    depth: Res<OverlayDepth>,
    inspector: Res<InspectorOpen>,
    map: Res<MapOpen>,
    menu: Res<PauseMenu>,
    mut next_mode: ResMut<NextState<ControlMode>>,
) {
    if menu.is_open || !has_something_to_tune(*depth, *inspector, *map) {
        next_mode.set(ControlMode::Drive);
    }
}

fn overlay_hint(depth: OverlayDepth, mode: ControlMode) -> Option<&'static str> {
    if !cfg!(feature = "overlay") {
        return Some("built without the overlay");
    }
    (depth == OverlayDepth::Full && mode == ControlMode::Drive)
        .then_some("F4 frees the mouse for the panel")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyboard_with(key: KeyCode) -> ButtonInput<KeyCode> {
        let mut keyboard = ButtonInput::default();
        keyboard.press(key);
        keyboard
    }

    #[test]
    fn keys_are_ignored_while_a_text_field_has_the_keyboard() {
        let keyboard = keyboard_with(KeyCode::KeyW);
        let bindings = KeyBindings::default();
        let free = actions_from(&keyboard, &bindings, KeyboardTaken(false));
        assert!(free.held(Action::Forward) && free.started(Action::Forward));
        let taken = actions_from(&keyboard, &bindings, KeyboardTaken(true));
        assert!(taken.held.is_empty() && taken.started.is_empty());
    }

    #[test]
    fn the_mouse_belongs_to_the_game_only_while_driving() {
        assert!(game_has_mouse(ControlMode::Drive, false, true));
        assert!(!game_has_mouse(ControlMode::Tune, false, true));
        assert!(!game_has_mouse(ControlMode::Drive, true, true));
        assert!(!game_has_mouse(ControlMode::Drive, false, false));
    }

    #[test]
    fn every_action_has_one_row_and_at_least_one_key() {
        let actions: HashSet<_> = KEY_TABLE.iter().map(|row| row.action).collect();
        assert_eq!(actions.len(), KEY_TABLE.len());
        assert!(KEY_TABLE.iter().all(|row| !row.keys.is_empty()));
    }

    #[test]
    fn a_rebound_key_replaces_the_default_one_and_shows_in_the_help() {
        let mut bindings = KeyBindings::default();
        bindings.bind(Action::Forward, vec![KeyCode::KeyI]);
        let actions = actions_from(
            &keyboard_with(KeyCode::KeyW),
            &bindings,
            KeyboardTaken(false),
        );
        assert!(!actions.held(Action::Forward));
        let actions = actions_from(
            &keyboard_with(KeyCode::KeyI),
            &bindings,
            KeyboardTaken(false),
        );
        assert!(actions.held(Action::Forward));
        assert_eq!(bindings.label(&KEY_TABLE[0]), "I");
    }

    #[test]
    fn three_presses_of_the_overlay_key_come_back_to_off() {
        let depth = OverlayDepth::Off;
        assert_eq!(depth.next(), OverlayDepth::Hud);
        assert_eq!(depth.next().next().next(), OverlayDepth::Off);
    }
}
