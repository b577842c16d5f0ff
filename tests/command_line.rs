//! The program as it is called: exit codes, and one message on standard error that names the thing and what is legal.

use std::process::{Command, Output};

fn ringroad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringroad"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

fn refused(arguments: &[&str], part: &str) {
    let output = ringroad(arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(text.contains(part), "{arguments:?}: {text}");
    assert!(!text.contains("panicked"), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
}

#[test]
fn bad_usage_and_bad_input_exit_with_2_and_say_what_is_legal() {
    refused(&["--bogus"], "--bogus");
    refused(&["--headless"], "--max-frames");
    refused(
        &["--headless", "--max-frames", "3", "--set", "seed=x"],
        "seed",
    );
    refused(
        &[
            "--headless",
            "--max-frames",
            "3",
            "--set",
            "detail_rings_m=[2400, 800]",
        ],
        "detail_rings_m",
    );
    refused(
        &[
            "--headless",
            "--max-frames",
            "3",
            "--set",
            "need_weights=(speed: 1)",
        ],
        "heading, view, age, purpose",
    );
    refused(
        &["--headless", "--max-frames", "3", "--preset", "x"],
        "Conservative, Balanced",
    );
    refused(&["--headless", "--scenario", "no-such.ron"], "no-such.ron");
    refused(
        &["--headless", "--scenario", "Cargo.toml"],
        "Cargo.toml:1:1",
    );
    refused(
        &[
            "--headless",
            "--max-frames",
            "3",
            "--settings",
            "Cargo.toml",
        ],
        "Cargo.toml:1:1",
    );
    refused(
        &["--headless", "--max-frames", "3", "--telemetry", "t.xml"],
        ".csv and .jsonl",
    );
}

#[test]
fn without_a_display_the_window_is_refused_with_the_way_out() {
    refused(&[], "--offscreen");
}

#[test]
fn version_names_the_commit_and_the_tracy_that_fits() {
    let output = ringroad(&["--version"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(
        text.contains("commit") && text.contains("Tracy 0.14"),
        "{text}"
    );
}

#[test]
fn a_headless_run_of_a_few_frames_prints_its_report_and_nothing_else() {
    let output = ringroad(&["--headless", "--max-frames", "5", "--report", "-"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("only the report");
    assert_eq!(report["schema"], "ringroad.report/1");
    assert_eq!(report["scenario"]["frames"], 5);
    assert_eq!(report["scenario"]["name"], serde_json::Value::Null);
}
