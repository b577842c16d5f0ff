//! Who gets mouse and keys: the mode decides, hover is never asked.
//!
//! In Drive egui's input writers are off, so egui hears nothing. Switching them off is not enough: egui would keep
//! its last pointer and focus and want input for ever, and never hear of the release of what is held. So the gate also
//! releases everything, tells it that the pointer is gone and takes the focus away. The game's half of the gate is its own run condition on [`ControlMode`].

use bevy::prelude::*;
use bevy_egui::{
    EguiContext, EguiGlobalSettings, EguiInput, EguiInputSystemSettings, EguiPreUpdateSet,
    PrimaryEguiContext, egui,
};

use super::context::{let_go, wants_egui};
use crate::modes::{ControlMode, InspectorOpen, KeyboardTaken, MapOpen, OverlayDepth};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        move_gate
            .run_if(gate_is_wrong)
            .before(EguiPreUpdateSet::ProcessInput)
            .after(EguiPreUpdateSet::InitContexts),
    );
}

/// All eleven input writers on or off; the settings have no constructor for off.
fn writers(gate: Gate) -> EguiInputSystemSettings {
    let on = gate == Gate::Open;
    EguiInputSystemSettings {
        run_write_modifiers_keys_state_system: on,
        run_write_window_pointer_moved_messages_system: on,
        run_write_pointer_button_messages_system: on,
        run_write_window_touch_messages_system: on,
        run_write_non_window_pointer_moved_messages_system: on,
        run_write_mouse_wheel_messages_system: on,
        run_write_pinch_gesture_messages_system: on,
        run_write_non_window_touch_messages_system: on,
        run_write_keyboard_input_messages_system: on,
        run_write_ime_messages_system: on,
        run_write_file_dnd_messages_system: on,
    }
}

/// Whether egui hears anything.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    Shut,
}

/// egui hears mouse and keys only while tuning, and only while something of ours is shown.
const fn gate_for(mode: ControlMode, is_shown: bool) -> Gate {
    match (mode, is_shown) {
        (ControlMode::Tune, true) => Gate::Open,
        (ControlMode::Tune, false) | (ControlMode::Drive, _) => Gate::Shut,
    }
}

type Mode<'w> = Option<Res<'w, State<ControlMode>>>;
type Depth<'w> = Option<Res<'w, OverlayDepth>>;
type Inspector<'w> = Option<Res<'w, InspectorOpen>>;
type Map<'w> = Option<Res<'w, MapOpen>>;

fn wanted_gate(mode: Mode, depth: Depth, inspector: Inspector, map: Map) -> Gate {
    let mode = mode.map(|mode| *mode.get()).unwrap_or_default();
    gate_for(mode, wants_egui(depth, inspector, map))
}

fn gate_is_wrong(
    mode: Mode,
    depth: Depth,
    inspector: Inspector,
    map: Map,
    settings: Res<EguiGlobalSettings>,
) -> bool {
    settings.input_system_settings != writers(wanted_gate(mode, depth, inspector, map))
}

fn move_gate(
    mode: Mode,
    depth: Depth,
    inspector: Inspector,
    map: Map,
    mut settings: ResMut<EguiGlobalSettings>,
    mut keyboard: ResMut<KeyboardTaken>,
    mut contexts: Query<(&mut EguiContext, &mut EguiInput), With<PrimaryEguiContext>>,
) {
    let gate = wanted_gate(mode, depth, inspector, map);
    settings.input_system_settings = writers(gate);
    if gate == Gate::Shut {
        keyboard.0 = false;
        for (mut context, mut input) in &mut contexts {
            forget_input(context.get_mut(), &mut input);
        }
    }
}

/// Lets egui forget pointer, drag, held buttons and keys, and focus.
fn forget_input(ctx: &egui::Context, input: &mut egui::RawInput) {
    let_go(ctx);
    input.events.clear();
    ctx.input(|before| {
        // The drag has ended; a release far from the press clicks nothing.
        let pos = FAR_AWAY;
        let held = BUTTONS
            .into_iter()
            .filter(|button| before.pointer.button_down(*button));
        let releases = held.flat_map(|button| {
            let release = egui::Event::PointerButton {
                pos,
                button,
                pressed: false,
                modifiers: egui::Modifiers::NONE,
            };
            [egui::Event::PointerMoved(pos), release]
        });
        input.events.extend(releases);
        let keys = before.keys_down.iter().map(|key| egui::Event::Key {
            key: *key,
            physical_key: None,
            pressed: false,
            repeat: false,
            modifiers: egui::Modifiers::NONE,
        });
        input.events.extend(keys);
    });
    input.events.push(egui::Event::PointerGone);
}

/// A place where nothing of ours is.
const FAR_AWAY: egui::Pos2 = egui::pos2(-1e4, -1e4);

/// Every button that egui knows.
const BUTTONS: [egui::PointerButton; egui::NUM_POINTER_BUTTONS] = [
    egui::PointerButton::Primary,
    egui::PointerButton::Secondary,
    egui::PointerButton::Middle,
    egui::PointerButton::Extra1,
    egui::PointerButton::Extra2,
];

#[cfg(test)]
mod tests;
