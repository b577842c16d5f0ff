//! Keys, mouse and menu: who hears what.

use super::*;

#[test]
fn a_taken_keyboard_moves_nothing_and_switches_nothing() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let before = body::<Walker>(&mut app).position;
    app.world_mut().resource_mut::<KeyboardTaken>().0 = true;
    press(&mut app, KeyCode::KeyW);
    for key in [KeyCode::F3, KeyCode::F4, KeyCode::Escape, KeyCode::KeyF] {
        tap(&mut app, key);
    }
    run(&mut app, 0.5);
    assert_eq!(body::<Walker>(&mut app).position, before);
    assert_eq!(*app.world().resource::<OverlayDepth>(), OverlayDepth::Off);
    assert_eq!(
        *app.world().resource::<State<ControlMode>>().get(),
        ControlMode::Drive
    );
    assert!(!app.world().resource::<PauseMenu>().is_open);
}

#[cfg(feature = "overlay")]
#[test]
fn the_mouse_turns_the_view_while_driving_and_not_while_tuning() {
    use bevy::window::PrimaryWindow;
    let mut app = game();
    app.world_mut().spawn((Window::default(), PrimaryWindow));
    let turned = |app: &mut App| {
        let before = app.world().resource::<Look>().yaw;
        app.world_mut()
            .write_message(bevy::input::mouse::MouseMotion {
                delta: Vec2::new(40.0, 0.0),
            });
        app.update();
        assert!(app.world().contains_resource::<AccumulatedMouseMotion>());
        (app.world().resource::<Look>().yaw - before).abs()
    };
    assert!(turned(&mut app) > 0.01);
    tune(&mut app);
    assert_eq!(turned(&mut app), 0.0);
}

#[cfg(feature = "overlay")]
#[test]
fn the_keyboard_drives_while_tuning() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    tune(&mut app);
    let before = body::<Walker>(&mut app).position;
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 0.5);
    assert!(body::<Walker>(&mut app).position.distance(before) > 0.5);
}

#[test]
fn the_menu_stops_the_games_time_and_only_it() {
    let mut app = game();
    tap(&mut app, KeyCode::Escape);
    assert!(app.world().resource::<Time<Virtual>>().is_paused());
    let real = app.world().resource::<Time<Real>>().elapsed();
    app.update();
    assert!(app.world().resource::<Time<Real>>().elapsed() > real);
    tap(&mut app, KeyCode::Escape);
    assert!(!app.world().resource::<Time<Virtual>>().is_paused());
}

#[test]
fn the_overlay_key_cycles_the_depth() {
    let mut app = game();
    for expected in [OverlayDepth::Hud, OverlayDepth::Full, OverlayDepth::Off] {
        tap(&mut app, KeyCode::F3);
        assert_eq!(*app.world().resource::<OverlayDepth>(), expected);
    }
}
