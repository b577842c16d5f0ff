//! The tool as people start it: equal runs, changed runs, bad input.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SCRIPT: &str = r#"Scenario(
    name: "small", seed: 3, preset: "Conservative",
    set: { "must_have_radius_m": 400, "load_radius_m": 500, "unload_radius_m": 700, "view_radius_m": 500 },
    generator: Synthetic(cost_us: 200000, entities: 8, bytes: 3000),
    events: [
        (at: 0, do: Settle(timeout: 30)),
        (at: 0, do: Set(field: "max_concurrent_tasks", value: 1)),
        (at: 0, do: Teleport(x: 5000, z: 0)),
        (at: 0, do: Settle(timeout: 30)),
    ],
    until: 0.5,
)"#;

fn scratch(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("ringroad-replay-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("made");
    folder
}

fn replay(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_replay"))
        .args(words)
        .current_dir(folder)
        .env("RUST_LOG", "off")
        .output()
        .expect("it starts")
}

fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_same_twice_is_equal_and_a_held_setting_makes_another_run() {
    let folder = scratch("twice");
    std::fs::write(folder.join("small.ron"), SCRIPT).expect("written");
    let same = replay(&folder, &["small.ron", "--json"]);
    assert_eq!(same.status.code(), Some(0), "{same:?}");
    assert_eq!(told(&same)["equal"], true);
    let more = replay(
        &folder,
        &["small.ron", "--json", "--set", "max_concurrent_tasks=6"],
    );
    assert_eq!(more.status.code(), Some(0), "{more:?}");
    let told = told(&more);
    assert_eq!(told["equal"], false);
    let metrics = told["metrics"].as_array().expect("a list");
    let find = |id: &str| {
        let metric = metrics.iter().find(|metric| metric["id"] == id).expect(id);
        [0, 1].map(|run| metric["runs"][run]["most"].as_f64().expect("a number"))
    };
    // The script lowers it to 1 in the run as it is; held, it stays 6 and the run is over sooner.
    assert_eq!(find("max_concurrent_tasks"), [3.0, 6.0]);
    let [as_it_is, held] = find("t");
    assert!(held < as_it_is, "{held} {as_it_is}");
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn bad_input_is_refused_by_name() {
    let folder = scratch("bad");
    for (words, part) in [
        (&["no-such.ron"][..], "no-such.ron"),
        (&["."][..], "no bundle"),
    ] {
        let output = replay(&folder, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(part), "{words:?}: {error}");
    }
    let _ = std::fs::remove_dir_all(&folder);
}
