//! The bench as it is called.

use std::process::{Command, Output};

use serde_json::Value;

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(arguments)
        .output()
        .expect("the tool starts")
}

#[test]
fn an_unknown_ratio_is_bad_usage_and_the_legal_ones_are_named() {
    let output = bench(&["--only", "P1,H7"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    for word in ["H7", "P1", "Q1", "CITY"] {
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[test]
fn the_help_explains_every_ratio() {
    let output = bench(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stdout);
    for word in ["--only", "--quick", "--json", "churn", "K1"] {
        let is_there = said.contains(word) || word == "churn" && said.contains("distinct chunks");
        assert!(is_there, "{word} in {said}");
    }
}

#[test]
fn a_quick_look_at_one_ratio_gives_its_lines_and_judges_nothing() {
    let output = bench(&["--quick", "--only", "W2", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(report["schema"], "ringroad.bench/1");
    assert!(report["control"]["value"].as_f64().is_some());
    let ratios = report["ratios"].as_array().expect("a list");
    assert!(!ratios.is_empty());
    for ratio in ratios {
        assert_eq!(ratio["id"], "W2");
        assert_eq!(ratio["verdict"], "unresolved");
        // Fewer loads than distinct chunks cannot be.
        assert!(ratio["value"].as_f64().expect("counted") >= 1.0);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let output = bench(&[
        "--quick",
        "--only",
        "W2",
        "--json",
        "/no/such/folder/bench.json",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/no/such/folder/bench.json"));
}
