//! What a script player does with routes, jumps and refusals.

use std::path::Path;

use super::*;

fn player() -> ScriptPlayer {
    let source = r#"Scenario(name: "t", generator: City, events: [])"#;
    ScriptPlayer::new(&Scenario::parse(Path::new("t.ron"), source).expect("legal"))
}

fn fly_to(x: f64) -> GameRequest {
    GameRequest::FlyTo {
        x,
        z: 0.0,
        height: 60.0,
        speed: 60.0,
    }
}

#[test]
fn a_flight_begins_at_once_or_where_the_one_before_it_ends() {
    let arriving = Journey {
        is_arriving: true,
        ..Journey::default()
    };
    let mut player = player();
    player.travel_on(fly_to(1.0), true);
    assert_eq!(player.next_leg(&arriving), Some(fly_to(1.0)));
    player.travel_on(fly_to(2.0), true);
    player.frame += route::ORDER_FRAMES;
    assert_eq!(player.next_leg(&Journey::default()), None);
    assert_eq!(player.next_leg(&arriving), Some(fly_to(2.0)));
    player.travel_on(fly_to(3.0), false);
    assert_eq!(player.next_leg(&Journey::default()), Some(fly_to(3.0)));
    assert!(player.is_travelling());
    player.frame += route::ORDER_FRAMES;
    let arrived = Journey {
        arrived: true,
        ..Journey::default()
    };
    assert_eq!(player.next_leg(&arrived), None);
    assert!(!player.is_travelling());
}

#[test]
fn an_orbit_holds_back_no_end() {
    let mut player = player();
    player.travel(route::orbit(DVec2::ZERO, 100.0, 30.0), true);
    assert!(!player.is_travelling());
    // A flight after something endless cannot wait for its end.
    player.travel_on(fly_to(1.0), true);
    assert!(player.is_travelling());
}

#[test]
fn only_refusals_of_the_script_fail_the_run() {
    let mut app = App::new();
    app.add_message::<SettingRefused>()
        .init_resource::<RunRecord>()
        .add_systems(Last, note_refused_settings);
    for source in [SettingSource::Panel, SettingSource::Script] {
        app.world_mut().write_message(SettingRefused {
            changes: vec![("load_radius_m".to_owned(), "9".to_owned())],
            reason: format!("{source:?} says so"),
            source,
        });
    }
    app.update();
    let failures = app.world().resource::<RunRecord>().failures();
    let [failure] = failures else {
        panic!("one failure: {failures:?}");
    };
    assert!(failure.contains("load_radius_m = 9") && failure.contains("Script says so"));
}
