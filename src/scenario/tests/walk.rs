//! What the random walks of the streaming package print when they fail can be read and played here.

use super::*;

fn walk() -> (Scenario, SettingsLayer) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/streaming/trials/walk.ron");
    Scenario::read(&file).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_failed_random_walk_is_printed_in_the_form_of_a_scenario() {
    let (scenario, layer) = walk();
    let settings = layered(&[layer]).expect("the settings of a walk are legal");
    assert_eq!(
        (settings.chunk_size_m, settings.load_radius_m),
        (100.0, 400.0)
    );
    let asked = |wanted: &Event| scenario.events.iter().any(|timed| timed.event == *wanted);
    assert!(asked(&Event::SweepOrphans) && asked(&Event::ReleasePreloads) && asked(&Event::Quit));
    assert!(asked(&Event::MakeAnew {
        x: 650.0,
        z: -850.0
    }));
}

#[test]
fn a_failed_random_walk_can_be_played_again() {
    let scratch = Scratch::new("walk");
    let (scenario, layer) = walk();
    let last = scenario.events.last().map(|timed| timed.at);
    let mut plan = plan("events: []", &scratch);
    plan.settings = layered(&[layer]).expect("legal");
    plan.scenario = Some(scenario);
    assert_eq!(run(plan), Outcome::Fine);
    let report = scratch.read();
    let secs = report["scenario"]["simulated_secs"].as_f64();
    assert!(secs >= last, "played to its end: {secs:?} of {last:?}");
    let counters = &report["counters"];
    for happened in ["applied", "cancelled", "panicked", "unloaded"] {
        assert!(
            counters[happened].as_u64() > Some(0),
            "{happened}: {counters}"
        );
    }
}
