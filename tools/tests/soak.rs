//! The tool as it is called.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of one test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("ringroad-soak-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a scratch folder");
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn soak(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(arguments)
        .output()
        .expect("the tool starts")
}

/// 30 simulated seconds.
const SHORT: [&str; 2] = ["--hours", "0.0084"];

#[test]
fn a_short_soak_passes_with_exit_code_0_and_says_so_as_json() {
    let output = soak(&[&SHORT[..], &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["schema"], "ringroad.soak/1");
    assert_eq!(report["passed"], true);
    assert_eq!(report["reproduce"], Value::Null);
    assert!(report["frames"].as_u64() >= Some(1_800), "{report}");
    assert!(report["wall_secs"].is_number() && report["hours"].is_number());
    for law in 1..=15 {
        assert_eq!(report["laws"][law.to_string()]["violations"], 0, "{law}");
    }
    for what in ["entities", "meshes", "materials", "results"] {
        assert_eq!(report["growth"][what], 0, "{report}");
    }
}

#[test]
fn what_is_broken_fails_with_exit_code_1_and_a_scenario_beside_the_json() {
    let scratch = Scratch::new("broken");
    let json = scratch.0.join("soak.json").display().to_string();
    let arguments = ["--sabotage", "content", "--json", &json];
    let output = soak(&[&SHORT[..], &arguments].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = std::fs::read_to_string(&json).expect("written");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["passed"], false);
    assert!(report["laws"]["9"]["violations"].as_u64() > Some(0));
    let scenario = std::fs::read_to_string(scratch.0.join("soak.ron")).expect("written");
    assert_eq!(report["reproduce"], scenario.as_str());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("law 9") && errors.contains(&scenario),
        "{errors}"
    );
}

#[test]
fn bad_usage_exits_with_2_and_says_what_is_legal() {
    for (arguments, legal) in [
        (["--hours", "0"], "more than 0"),
        (["--hours", "NaN"], "more than 0"),
        (["--generator", "town"], "synthetic"),
        (["--seed", "-1"], "--seed"),
    ] {
        let output = soak(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains(legal), "{errors}");
    }
    let output = soak(&[&SHORT[..], &["--json", "no-such-folder/soak.json"]].concat());
    assert_eq!(output.status.code(), Some(2));
}
