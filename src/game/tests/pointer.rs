//! Who has the pointer: game, panel, inspector or menu.

use super::*;
use crate::modes::Toast;

#[test]
fn without_anything_to_tune_the_mouse_stays_with_the_game() {
    let mut app = game();
    tap(&mut app, KeyCode::F4);
    assert_eq!(mode(&app), ControlMode::Drive);
    let toasts = app.world().resource::<Messages<Toast>>();
    assert!(!toasts.is_empty(), "and it says what to press first");
}

#[cfg(feature = "overlay")]
#[test]
fn tuning_ends_when_the_last_of_panel_and_inspector_closes() {
    let mut app = game();
    tune(&mut app);
    tap(&mut app, KeyCode::F7);
    tap(&mut app, KeyCode::F3);
    assert_eq!(mode(&app), ControlMode::Tune, "the inspector is still open");
    // As its own button would close it.
    app.world_mut()
        .resource_mut::<crate::modes::InspectorOpen>()
        .0 = false;
    app.update();
    assert_eq!(mode(&app), ControlMode::Drive);
    for _ in 0..2 {
        tap(&mut app, KeyCode::F3);
    }
    tap(&mut app, KeyCode::F4);
    assert_eq!(mode(&app), ControlMode::Tune);
    app.insert_resource(OverlayDepth::Hud);
    app.update();
    assert_eq!(mode(&app), ControlMode::Drive, "as by a script");
}

#[cfg(feature = "overlay")]
#[test]
fn the_menu_has_the_pointer_for_itself() {
    use bevy::window::{CursorGrabMode, CursorOptions, PrimaryWindow};
    let mut app = game();
    app.add_plugins(crate::game::cursor::windowed);
    let window = app
        .world_mut()
        .spawn((Window::default(), CursorOptions::default(), PrimaryWindow))
        .id();
    let grabbed = |app: &App| {
        let cursor = app.world().get::<CursorOptions>(window).unwrap();
        assert_eq!(
            cursor.visible,
            cursor.grab_mode == CursorGrabMode::None,
            "free means visible"
        );
        cursor.grab_mode != CursorGrabMode::None
    };
    app.update();
    assert!(grabbed(&app));
    tune(&mut app);
    tap(&mut app, KeyCode::Escape);
    assert!(app.world().resource::<PauseMenu>().is_open);
    assert_eq!(mode(&app), ControlMode::Drive, "egui hears nothing");
    assert!(!grabbed(&app), "the menu wants a pointer");
    for key in [KeyCode::F4, KeyCode::F7, KeyCode::F3] {
        tap(&mut app, key);
    }
    assert_eq!(
        mode(&app),
        ControlMode::Drive,
        "and goes on hearing nothing"
    );
    assert_eq!(*app.world().resource::<OverlayDepth>(), OverlayDepth::Full);
    tap(&mut app, KeyCode::Escape);
    assert!(grabbed(&app));
}
