//! In Drive egui hears nothing; in Tune it does, and typing is kept from the game.

use bevy::{
    input::{
        ButtonState, InputPlugin,
        keyboard::{Key, KeyboardInput},
        mouse::MouseButtonInput,
    },
    shader::Shader,
    state::app::StatesPlugin,
    window::{CursorMoved, PrimaryWindow, WindowPlugin},
};
use bevy_egui::{EguiPlugin, EguiPrimaryContextPass};

use super::*;
use crate::{
    modes,
    overlay::{context, pace, scale, screen},
    settings::{TuneRequest, Tuning},
    streaming::StreamingSettings,
    telemetry::TelemetryPlugin,
};

/// Events that egui got, without those that say that something ended.
#[derive(Resource, Default)]
struct Heard(usize);

/// Which widget of the test asks for the focus.
#[derive(Resource, Default, Copy, Clone, PartialEq, Eq)]
enum WantsFocus {
    #[default]
    Nothing,
    TextField,
    Button,
}

/// Where the test's slider is, and its value.
#[derive(Resource)]
struct Slider {
    value: f32,
    rect: egui::Rect,
}

fn listen(world: &mut World) {
    let Some(ctx) = context::primary_context(world) else {
        return;
    };
    let heard = ctx.input(|input| {
        let is_news = |event: &&egui::Event| {
            !matches!(
                event,
                egui::Event::PointerGone | egui::Event::WindowFocused(_)
            )
        };
        input.events.iter().filter(is_news).count()
    });
    world.resource_mut::<Heard>().0 += heard;
    let wants_focus = *world.resource::<WantsFocus>();
    egui::Area::new(egui::Id::new("field")).show(&ctx, |ui| {
        let mut text = String::new();
        let field = ui.text_edit_singleline(&mut text);
        let button = ui.button("button");
        match wants_focus {
            WantsFocus::Nothing => {}
            WantsFocus::TextField => field.request_focus(),
            WantsFocus::Button => button.request_focus(),
        }
        let mut slider = world.resource_mut::<Slider>();
        let shown = ui.add(egui::Slider::new(&mut slider.value, 0.0..=1.0).show_value(false));
        slider.rect = shown.rect;
    });
}

fn app() -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        StatesPlugin,
        AssetPlugin::default(),
        WindowPlugin::default(),
        InputPlugin,
        ImagePlugin::default(),
    ))
    .init_asset::<Shader>()
    .add_plugins((EguiPlugin::default(), TelemetryPlugin))
    .insert_resource(pace::Pace::tireless())
    .init_resource::<Heard>()
    .init_resource::<WantsFocus>()
    .insert_resource(Slider {
        value: 0.5,
        rect: egui::Rect::NOTHING,
    });
    modes::ensure(&mut app);
    app.add_plugins((
        context::plugin,
        pace::plugin,
        scale::plugin,
        plugin,
        screen::plugin,
    ))
    .add_systems(EguiPrimaryContextPass, listen.before(screen::tell_keyboard));
    app.world_mut()
        .spawn((Name::new("main camera"), Camera3d::default()));
    app.insert_resource(OverlayDepth::Full);
    frames(&mut app, 3);
    app
}

fn frames(app: &mut App, count: u32) {
    for _ in 0..count {
        app.update();
    }
}

fn go_to(app: &mut App, mode: ControlMode) {
    app.world_mut()
        .resource_mut::<NextState<ControlMode>>()
        .set(mode);
    frames(app, 2);
}

/// Moves the pointer onto the panel, clicks and types; returns how many events egui heard.
fn poke(app: &mut App) -> usize {
    let mut windows = app
        .world_mut()
        .query_filtered::<Entity, With<PrimaryWindow>>();
    let window = windows.single(app.world()).unwrap();
    app.world_mut().resource_mut::<Heard>().0 = 0;
    app.world_mut().write_message(CursorMoved {
        window,
        position: Vec2::new(40.0, 40.0),
        delta: None,
    });
    app.update();
    for state in [ButtonState::Pressed, ButtonState::Released] {
        app.world_mut().write_message(MouseButtonInput {
            button: MouseButton::Left,
            state,
            window,
        });
        app.world_mut().write_message(KeyboardInput {
            key_code: KeyCode::KeyW,
            logical_key: Key::Character("w".into()),
            state,
            text: Some("w".into()),
            repeat: false,
            window,
        });
        app.update();
    }
    app.world().resource::<Heard>().0
}

/// Presses the mouse on the slider, right of its middle, and holds it.
fn hold_slider(app: &mut App) {
    frames(app, 2);
    let mut windows = app
        .world_mut()
        .query_filtered::<Entity, With<PrimaryWindow>>();
    let window = windows.single(app.world()).unwrap();
    let rect = app.world().resource::<Slider>().rect;
    app.world_mut().write_message(CursorMoved {
        window,
        position: Vec2::new(rect.left() + 0.75 * rect.width(), rect.center().y),
        delta: None,
    });
    frames(app, 2);
    mouse(app, ButtonState::Pressed);
    frames(app, 2);
    let ctx = context::primary_context(app.world_mut()).unwrap();
    assert!(ctx.dragged_id().is_some(), "the slider is held");
    assert!(app.world().resource::<Slider>().value > 0.6);
}

fn mouse(app: &mut App, state: ButtonState) {
    let mut windows = app
        .world_mut()
        .query_filtered::<Entity, With<PrimaryWindow>>();
    let window = windows.single(app.world()).unwrap();
    app.world_mut().write_message(MouseButtonInput {
        button: MouseButton::Left,
        state,
        window,
    });
    app.update();
}

fn assert_nothing_is_held(app: &mut App) {
    let ctx = context::primary_context(app.world_mut()).unwrap();
    assert_eq!(ctx.dragged_id(), None);
    assert!(!ctx.input(|input| input.pointer.any_down()));
    assert!(!ctx.egui_is_using_pointer());
}

fn has_context(app: &mut App) -> bool {
    app.world_mut()
        .query::<&PrimaryEguiContext>()
        .iter(app.world())
        .next()
        .is_some()
}

#[test]
fn in_drive_egui_hears_nothing_though_the_panel_is_open() {
    let mut app = app();
    assert!(has_context(&mut app));
    assert_eq!(poke(&mut app), 0);
}

#[test]
fn in_tune_egui_hears_and_back_in_drive_it_is_deaf_again() {
    let mut app = app();
    go_to(&mut app, ControlMode::Tune);
    assert!(poke(&mut app) > 0);
    go_to(&mut app, ControlMode::Drive);
    assert_eq!(poke(&mut app), 0);
    let ctx = context::primary_context(app.world_mut()).unwrap();
    assert!(
        !ctx.is_pointer_over_egui(),
        "egui would want the pointer for ever"
    );
    assert!(
        !ctx.egui_wants_keyboard_input(),
        "egui would want the keys for ever"
    );
}

#[test]
fn typing_takes_the_keyboard_and_driving_gives_it_back() {
    let mut app = app();
    go_to(&mut app, ControlMode::Tune);
    assert!(
        !app.world().resource::<KeyboardTaken>().0,
        "without a focused field the keys still drive"
    );
    app.insert_resource(WantsFocus::TextField);
    frames(&mut app, 2);
    assert!(app.world().resource::<KeyboardTaken>().0);
    app.insert_resource(WantsFocus::Nothing);
    go_to(&mut app, ControlMode::Drive);
    assert!(!app.world().resource::<KeyboardTaken>().0);
}

#[test]
fn focused_button_does_not_keep_the_keys() {
    let mut app = app();
    go_to(&mut app, ControlMode::Tune);
    app.insert_resource(WantsFocus::Button);
    frames(&mut app, 2);
    assert!(!app.world().resource::<KeyboardTaken>().0);
    let ctx = context::primary_context(app.world_mut()).unwrap();
    assert!(
        !ctx.egui_wants_keyboard_input(),
        "Space would press the button while it drives"
    );
}

#[test]
fn off_takes_the_context_away_and_full_brings_it_back() {
    let mut app = app();
    go_to(&mut app, ControlMode::Tune);
    app.insert_resource(OverlayDepth::Off);
    frames(&mut app, 2);
    assert!(!has_context(&mut app));
    assert_eq!(poke(&mut app), 0);
    app.insert_resource(OverlayDepth::Full);
    frames(&mut app, 2);
    assert!(has_context(&mut app));
    assert!(poke(&mut app) > 0);

    // A slider held while it goes is not held when it comes back: the release was heard by nobody.
    hold_slider(&mut app);
    let value = app.world().resource::<Slider>().value;
    app.insert_resource(OverlayDepth::Off);
    frames(&mut app, 2);
    mouse(&mut app, ButtonState::Released);
    app.insert_resource(OverlayDepth::Full);
    frames(&mut app, 3);
    assert_nothing_is_held(&mut app);
    assert_eq!(app.world().resource::<Slider>().value, value);
}

#[test]
fn slider_held_while_driving_begins_is_let_go_and_keeps_its_value() {
    let mut app = app();
    go_to(&mut app, ControlMode::Tune);
    hold_slider(&mut app);
    let value = app.world().resource::<Slider>().value;
    go_to(&mut app, ControlMode::Drive);
    mouse(&mut app, ButtonState::Released);
    assert_nothing_is_held(&mut app);
    go_to(&mut app, ControlMode::Tune);
    assert_nothing_is_held(&mut app);
    assert_eq!(app.world().resource::<Slider>().value, value);
}

#[test]
fn hud_alone_needs_no_egui_and_the_inspector_does() {
    let mut app = app();
    app.insert_resource(OverlayDepth::Hud);
    frames(&mut app, 2);
    assert!(!has_context(&mut app));
    app.insert_resource(InspectorOpen(true));
    frames(&mut app, 2);
    assert!(has_context(&mut app));
}

#[test]
fn gate_is_open_only_while_tuning_something_shown() {
    for (mode, is_shown, gate) in [
        (ControlMode::Tune, true, Gate::Open),
        (ControlMode::Tune, false, Gate::Shut),
        (ControlMode::Drive, true, Gate::Shut),
        (ControlMode::Drive, false, Gate::Shut),
    ] {
        assert_eq!(gate_for(mode, is_shown), gate);
    }
}

/// A panel on which the mouse holds the saved values and drags a slider, as far as tuning knows.
fn holding() -> App {
    let mut app = app();
    let folder = std::env::temp_dir().join(format!("ringroad-holding-{}", std::process::id()));
    app.insert_resource(Tuning::with_folder(folder))
        .insert_resource(StreamingSettings::conservative());
    crate::settings::plugin(&mut app);
    go_to(&mut app, ControlMode::Tune);
    let other = StreamingSettings::conservative()
        .with_changes(&[("max_concurrent_tasks".into(), "6".into())])
        .expect("legal");
    app.insert_resource(other);
    hold_slider(&mut app);
    app.world_mut().write_message(TuneRequest::HoldSaved(true));
    frames(&mut app, 5);
    assert!(app.world().resource::<Tuning>().is_comparing(), "held");
    app
}

fn assert_let_go(mut app: App, by: &str) {
    frames(&mut app, 3);
    assert!(!app.world().resource::<Tuning>().is_comparing(), "{by}");
}

#[test]
fn saved_values_are_held_no_longer_than_a_hand_holds_them() {
    let mut app = holding();
    mouse(&mut app, ButtonState::Released);
    assert_let_go(app, "released where no button was painted");

    let mut app = holding();
    app.insert_resource(OverlayDepth::Off);
    assert_let_go(app, "panel closed");

    let mut app = holding();
    go_to(&mut app, ControlMode::Drive);
    assert_let_go(app, "driving");

    let mut app = holding();
    let mut windows = app
        .world_mut()
        .query_filtered::<&mut Window, With<PrimaryWindow>>();
    windows.single_mut(app.world_mut()).unwrap().focused = false;
    assert_let_go(app, "another window has the keyboard");
}

#[test]
fn a_drag_ends_with_the_panel_that_it_was_on() {
    let mut app = holding();
    app.world_mut().write_message(TuneRequest::HoldSaved(false));
    app.world_mut().write_message(TuneRequest::BeginDrag);
    frames(&mut app, 4);
    let is_dragging = |app: &App| app.world().resource::<Tuning>().history().is_dragging();
    assert!(is_dragging(&app));
    app.insert_resource(OverlayDepth::Off);
    frames(&mut app, 4);
    assert!(!is_dragging(&app));
}
