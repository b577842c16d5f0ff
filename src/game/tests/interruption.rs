//! Pause and loss of the window's focus, asked for by a script.

use bevy::window::PrimaryWindow;

use super::*;

#[test]
fn a_pause_by_script_ends_by_itself() {
    let mut app = game();
    ask(&mut app, GameRequest::Pause { secs: 1.0 });
    assert!(app.world().resource::<PauseMenu>().is_open);
    let before = app.world().resource::<Time<Virtual>>().elapsed();
    run(&mut app, 0.9);
    assert_eq!(app.world().resource::<Time<Virtual>>().elapsed(), before);
    run(&mut app, 0.3);
    assert!(!app.world().resource::<PauseMenu>().is_open);
    assert!(app.world().resource::<Time<Virtual>>().elapsed() > before);
}

#[test]
fn losing_the_focus_lets_every_key_go_and_comes_back() {
    let mut app = game();
    load_around(&mut app, 0.0, 0.0, 1);
    run(&mut app, 0.5);
    let window = app
        .world_mut()
        .spawn((Window::default(), PrimaryWindow))
        .id();
    let is_focused = |app: &App| app.world().get::<Window>(window).unwrap().focused;
    press(&mut app, KeyCode::KeyW);
    run(&mut app, 0.2);
    ask(&mut app, GameRequest::LoseFocus { secs: 0.5 });
    app.update();
    assert!(!is_focused(&app));
    let keys = app.world().resource::<ButtonInput<KeyCode>>();
    assert!(!keys.pressed(KeyCode::KeyW), "nothing is held any more");
    run(&mut app, 0.3);
    let standing = body::<Walker>(&mut app).position;
    run(&mut app, 0.3);
    assert_eq!(body::<Walker>(&mut app).position, standing);
    assert!(is_focused(&app));
}
