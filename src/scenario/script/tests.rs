//! What is legal in a scenario file, and what is said of what is not.

use super::*;

fn parse(source: &str) -> Result<Scenario, String> {
    Scenario::parse(Path::new("t.ron"), source).map_err(|error| error.to_string())
}

fn with_event(event: &str) -> Result<Scenario, String> {
    parse(&format!(
        "Scenario(name: \"t\", generator: City, events: [\n(at: 0, do: {event}),\n])"
    ))
}

#[test]
fn the_example_of_the_report_page_is_legal() {
    let scenario = parse(
        r#"Scenario(
  name: "first-drive", seed: 7, preset: "Conservative", set: { "load_radius_m": 1200 },
  generator: City,                       // or Synthetic(cost_us: 1000, spread: Heavy, entities: 150, bytes: 200000)
  city_cost_us: [8000, 900, 120],        // virtual service time by level; ignored on the real clock
  apply_cost: (us_per_entity: 1.0, ns_per_byte: 0.5),
  start: At(x: 0, z: 0, heading_deg: 90),
  events: [
    (at: 0.0, do: Settle(timeout: 30)),  // wait until nothing wanted is missing
    (at: 0.0, do: Mark("start")),
    (at: 0.0, do: DriveTo(x: 1500, z: 300)),
    (at: 20.0, do: Set(field: "max_concurrent_tasks", value: 6)),
    (at: 40.0, do: Repeat(times: 3, every: 2.0, do: Teleport(x: 4000, z: -900))),
    (at: 60.0, do: Screenshot("street")),
  ],
  expect: ["gauges_max.loaded >= 98", "counters.applied > 200", "late.must_have == 0"],
  until: 90.0,
)"#,
    )
    .expect("legal");
    assert_eq!(
        (scenario.seed, scenario.until, scenario.events.len()),
        (Some(7), Some(90.0), 6)
    );
    let repeated = Event::Repeat {
        times: 3,
        every: 2.0,
        event: Box::new(Event::Teleport {
            x: 4000.0,
            z: -900.0,
            after_preload: false,
        }),
    };
    assert_eq!(scenario.events[4].event, repeated);
}

#[test]
fn time_weather_and_graphics_are_read_strictly() {
    let with_fields = |fields: &str| {
        parse(&format!(
            "Scenario(name: \"t\", generator: City, {fields}, events: [])"
        ))
    };
    let scenario = with_fields("time: 21.5, weather: Mist, graphics: Full").expect("legal");
    assert_eq!(
        (scenario.time, scenario.weather, scenario.graphics),
        (Some(21.5), Weather::Mist, Some(Graphics::Full))
    );
    for (fields, said) in [
        (
            "time: 25",
            "time of day in hours 25 is out of range; legal is 0 to 24",
        ),
        ("weather: Snow", "Snow"),
        ("graphics: Best", "Best"),
    ] {
        let error = with_fields(fields).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
    let error = with_event("SetTime(hours: -1)").unwrap_err();
    assert!(error.contains("legal is 0 to 24"), "{error}");
}

#[test]
fn every_event_of_the_page_is_understood() {
    for event in [
        "FlyTo(x: 1, z: 2, height: 3, speed: 4)",
        "Shuttle(metres: 6, times: 40)",
        "Orbit(radius: 100, speed: 20)",
        "View(x: 8, z: 30, yaw_deg: 0)",
        "View(x: 8, z: 30, height: 120, yaw_deg: 0, pitch_deg: -20)",
        "SetTime(hours: 18.5)",
        "SetTime(hours: 0, runs: true)",
        "SetWeather(Rain)",
        "SetWeather(Free)",
        "Look(yaw_deg: 90, pitch_deg: -10)",
        "AddFocus(name: \"b\", x: 1, z: 2)",
        "RemoveFocus(name: \"b\")",
        "DropFocus",
        "RestoreFocus",
        "PanicAt(x: 1, z: 2)",
        "PanicRate(0.05)",
        "SlowWorkers(ms: 20)",
        "Stall(secs: 2)",
        "EnterVehicle",
        "LeaveVehicle",
        "Key(\"F3\")",
        "HoldKey(key: \"KeyW\", secs: 2)",
        "PanelText(\"panel\")",
        "FlyTo(x: 1, z: 2, height: 3, speed: 1500, then: true)",
        "FlyArc(radius: 2000, degrees: -180, height: 300, speed: 250, then: true)",
        "FlyArc(radius: 100, degrees: 90)",
        "Teleport(x: 1, z: 2, after_preload: true)",
        "Respawn",
        "Preload(x: 1, z: 2, radius: 1200, within: 8)",
        "Preload(x: 1, z: 2, radius: 1200)",
        "AddFocus(name: \"b\", x: 1, z: 2, purpose: Collide)",
        "StickAt(x: 1, z: 2)",
        "ReleasePreloads",
        "MakeAnew(x: 1, z: 2)",
        "SweepOrphans",
        "RetryQuarantined",
        "GeneratorChanged",
        "Pause(secs: 2)",
        "LoseFocus(secs: 2)",
        "Autopilot(streaming_ms: 0.5)",
        "Autopilot(on: false)",
        "Autopilot(on: true, streaming_ms: 1, nothing_late: false)",
        "Set(field: \"detail_rings_m\", value: [800, 2400])",
        "Set(field: \"need_weights\", value: (heading: 1, view: 0.5))",
        "Overlay(Full)",
        "LookBack(30)",
        "Quit",
    ] {
        with_event(event).unwrap_or_else(|error| panic!("{event}: {error}"));
    }
}

#[test]
fn unknown_events_are_refused_with_place_and_the_known_ones() {
    for event in ["FollowAdvise", "Telport(x: 1, z: 2)"] {
        let error = with_event(event).expect_err("refused");
        assert!(error.starts_with("t.ron:2:"), "{event}: {error}");
        assert!(
            error.contains("`Settle`") && error.contains("`Overlay`"),
            "{event}: {error}"
        );
    }
    for (event, hint) in [
        ("FollowAdvise", "did you mean `FollowAdvice`?"),
        ("Telport(x: 1, z: 2)", "did you mean `Teleport`?"),
        ("Preloads(x: 1, z: 2)", "did you mean `Preload`?"),
        ("Autopilt(on: true)", "did you mean `Autopilot`?"),
    ] {
        let error = with_event(event).expect_err("refused");
        assert!(error.contains(hint), "{event}: {error}");
    }
}

#[test]
fn values_that_make_no_sense_are_refused_with_their_place() {
    for event in [
        "Settle(timeout: -1)",
        "Settle(timeout: NaN)",
        "LookBack(-1)",
        "DriveTo(x: inf, z: 0)",
        "Teleport(x: 1e9, z: 0)",
        "FlyTo(x: 0, z: 0, speed: 0)",
        "PanicRate(1.5)",
        "PanicRate(NaN)",
        "Repeat(times: 0, every: 1, do: DropFocus)",
        "Repeat(times: 2, every: 1, do: Quit)",
        "Repeat(times: 2, every: 1, do: Set(field: \"sead\", value: 1))",
        "Set(field: \"sead\", value: 1)",
        "SetTogether({\"seed\": 1, \"sead\": 1})",
        "SetTogether({})",
        "Set(field: \"apply_budget_ms\", value: NaN)",
        "Set(field: \"max_concurrent_tasks\", value: 1000)",
        "Mark(\"\")",
        "Screenshot(\"../out\")",
        "Key(\"Spce\")",
        "Look(yaw_deg: 1e6)",
        "AddFocus(name: \" \", x: 0, z: 0)",
        "DriveTo(x: 1)",
        "DriveTo(x: 1, z: 2, y: 3)",
        "SlowWorkers(ms: \"fast\")",
        "FlyTo(x: 0, z: 0, speed: 1501)",
        "FlyTo(x: 0, z: 0, then: 1)",
        "FlyArc(radius: 0, degrees: 90)",
        "FlyArc(radius: 100, degrees: 3601)",
        "FlyArc(degrees: 90)",
        "Preload(x: 1, z: 2)",
        "Preload(x: 1, z: 2, radius: 0.5)",
        "Preload(x: 1, z: 2, radius: 10001)",
        "Preload(x: NaN, z: 2, radius: 100)",
        "Preload(x: 1, z: 2, radius: 100, within: -1)",
        "StickAt(x: 1e8, z: 0)",
        "Pause(secs: -1)",
        "LoseFocus(secs: NaN)",
        "Autopilot(streaming_ms: 0)",
        "Autopilot(streaming_ms: 21)",
        "Autopilot(speed: 1)",
        "AddFocus(name: \"a\", x: 0, z: 0, purpose: Smell)",
        "Set(field: \"detail_rings_m\", value: [2400, 800])",
        "Set(field: \"need_weights\", value: (speed: 1))",
        "Set(field: \"detail_ring_m\", value: [800])",
    ] {
        let error = with_event(event).expect_err(event);
        assert!(error.starts_with("t.ron:2:"), "{event}: {error}");
    }
}

#[test]
fn seeds_of_all_64_bits_in_any_notation_are_legal() {
    for (text, seed) in [
        ("18446744073709551615", u64::MAX),
        ("0xff", 255),
        ("1_000", 1000),
    ] {
        let source = format!("Scenario(name: \"t\", generator: City, events: [], seed: {text})");
        assert_eq!(parse(&source).expect("legal").seed, Some(seed), "{text}");
    }
}

#[test]
fn an_event_after_the_end_is_refused_with_its_place_and_both_times() {
    let with = |events: &str| {
        parse(&format!(
            "Scenario(name: \"t\", generator: City, until: 2.5, events: [\n{events}\n])"
        ))
    };
    let error = with("(at: 0, do: DropFocus),\n  (at: 3, do: DropFocus)").expect_err("late");
    assert!(error.starts_with("t.ron:3:4: at 3 "), "{error}");
    assert!(error.contains("2.5"), "{error}");
    let strange = "(at: 1, do: Mark(\"at: last\")), (at: 3, do: DropFocus)";
    let error = with(strange).expect_err("late");
    assert!(error.starts_with("t.ron: at 3 "), "{error}");
    // Before the last `Settle` times count from another beginning.
    with("(at: 9, do: DropFocus), (at: 10, do: Settle(timeout: 9)), (at: 2.5, do: DropFocus)")
        .expect("legal");
}

#[test]
fn unknown_fields_presets_paths_and_half_files_are_refused() {
    for (source, part) in [
        (
            "Scenario(name: \"t\", generator: City, events: [], speed: 3)",
            "`speed`",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], preset: \"Fast\")",
            "Conservative",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], expect: [\"gauge.x > 1\"])",
            "gauges.wanted",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], expect: [\"marks[\\\"a\\\"].frame > 1\"])",
            "no event sets the mark",
        ),
        (
            "Scenario(name: \"t\", generator: Town, events: [])",
            "`City`",
        ),
        ("Scenario(name: \"t\", generator: City", "t.ron:1:"),
        ("Scenario(generator: City, events: [])", "name"),
        ("", "t.ron:1:1"),
        (
            "Scenario(name: \"t\", generator: City, events: [], set: { \"sead\": 3 })",
            "did you mean `seed`?",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], city_cost_us: [])",
            "at least one",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], seed: -3)",
            "seed -3 is not a whole number in range; legal is 0 to 18446744073709551615",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], seed: \"a\")",
            "18446744073709551615",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], set: { \"need_weights\": 3 })",
            "heading, view, age, purpose",
        ),
        (
            "Scenario(name: \"t\", generator: City, events: [], set: { \"detail_rings_m\": [9, 8] })",
            "rising radii",
        ),
    ] {
        let error = parse(source).expect_err(source);
        assert!(
            error.starts_with("t.ron:") && error.contains(part),
            "{source}: {error}"
        );
    }
}

#[test]
fn rings_and_weights_stand_in_a_scenario_as_what_they_are() {
    let scenario = parse(
        "Scenario(name: \"t\", generator: City, events: [], set: { \"detail_rings_m\": [800, 2400], \"need_weights\": (view: 2) })",
    )
    .expect("legal");
    let settings = crate::settings::layered(&[scenario.layer("t.ron")]).expect("legal");
    assert_eq!(settings.detail_rings_m.to_string(), "800,2400");
    assert_eq!(settings.need_weights.view, 2.0);
}

#[test]
fn values_of_new_events_that_are_left_out_are_the_usual_ones() {
    let event = |text: &str| with_event(text).expect(text).events[0].event.clone();
    let arc = Event::FlyArc {
        radius: 100.0,
        degrees: 90.0,
        height: 60.0,
        speed: 60.0,
        then: false,
    };
    assert_eq!(event("FlyArc(radius: 100, degrees: 90)"), arc);
    let autopilot = Event::Autopilot {
        on: true,
        streaming_ms: 1.0,
        nothing_late: true,
    };
    assert_eq!(event("Autopilot()"), autopilot);
    let preload = Event::Preload {
        x: 1.0,
        z: 2.0,
        radius: 300.0,
        within: 10.0,
    };
    assert_eq!(event("Preload(x: 1, z: 2, radius: 300)"), preload);
}
