//! What plans come of which options, and what is refused.

use clap::Parser;

use super::*;

/// A scratch folder of a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("ringroad-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a scratch folder");
        Self(folder)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn plan(arguments: &[&str]) -> Result<RunPlan, String> {
    let options = Options::try_parse_from(std::iter::once(&"ringroad").chain(arguments))
        .map_err(|error| error.to_string())?;
    options.plan().map_err(|error| error.to_string())
}

fn refusal(arguments: &[&str]) -> String {
    plan(arguments).expect_err("refused")
}

#[test]
fn without_options_the_game_opens_a_window_on_the_real_clock() {
    let plan = plan(&[]).expect("legal");
    assert_eq!((plan.screen, plan.clock), (Screen::Window, Clock::Real));
}

#[test]
fn the_clock_is_virtual_without_a_window_unless_asked_otherwise() {
    assert_eq!(
        plan(&["--headless", "--max-frames", "1"])
            .expect("legal")
            .clock,
        Clock::Virtual
    );
    let real = plan(&[
        "--offscreen",
        "--max-frames",
        "1",
        "--clock",
        "real",
        "--size",
        "320x200",
    ])
    .expect("legal");
    assert_eq!(real.clock, Clock::Real);
    assert_eq!(
        real.screen,
        Screen::Offscreen {
            size: UVec2::new(320, 200)
        }
    );
}

#[test]
fn the_graphics_are_the_adapters_unless_they_are_chosen() {
    use crate::modes::GraphicsQuality;
    assert_eq!(
        plan(&["--offscreen", "--max-frames", "9"])
            .expect("legal")
            .graphics,
        None
    );
    for (name, quality) in [
        ("full", GraphicsQuality::Full),
        ("balanced", GraphicsQuality::Balanced),
        ("software", GraphicsQuality::Software),
    ] {
        let chosen = plan(&["--graphics", name]).expect("legal");
        assert_eq!(chosen.graphics, Some(quality));
    }
}

#[test]
fn precedence_is_defaults_file_scenario_preset_set() {
    let scratch = Scratch::new("precedence");
    let file = scratch.file(
        "s.ron",
        "(seed: 1, max_concurrent_tasks: 11, linger_secs: 3.0, retry_limit: 9, apply_budget_ms: 7)",
    );
    let script = scratch.file(
        "x.ron",
        "Scenario(name: \"x\", seed: 7, preset: \"Balanced\", set: { \"linger_secs\": 4, \"apply_budget_ms\": 5 }, generator: City, events: [])",
    );
    let only_file = plan(&["--settings", &file]).expect("legal").settings;
    assert_eq!(
        (only_file.max_concurrent_tasks, only_file.linger_secs),
        (11, 3.0)
    );
    let with_script = ["--settings", &file, "--scenario", &script];
    let settings = plan(&with_script).expect("legal").settings;
    assert_eq!((settings.seed, settings.max_concurrent_tasks), (7, 4));
    assert_eq!(
        (
            settings.linger_secs,
            settings.retry_limit,
            settings.apply_budget_ms
        ),
        (4.0, 9, 5.0)
    );
    let mut over = with_script.to_vec();
    over.extend([
        "--preset",
        "conservative",
        "--seed",
        "8",
        "--set",
        "max_concurrent_tasks=2",
    ]);
    let settings = plan(&over).expect("legal").settings;
    assert_eq!(
        (
            settings.seed,
            settings.max_concurrent_tasks,
            settings.apply_budget_ms
        ),
        (8, 2, 2.0)
    );
    assert_eq!(settings.linger_secs, 4.0);
    over.extend(["--set", "seed=9"]);
    assert_eq!(plan(&over).expect("legal").settings.seed, 9);
}

#[test]
fn rings_and_weights_are_set_in_any_of_their_forms() {
    for (given, rings, view) in [
        (
            ["detail_rings_m=[800, 2400]", "need_weights=(view: 0.25)"],
            "800,2400",
            0.25,
        ),
        (
            ["detail_rings_m=800,2400", "need_weights=view=0.25"],
            "800,2400",
            0.25,
        ),
        (["detail_rings_m=none", "need_weights=age=0"], "none", 0.5),
    ] {
        let plan = plan(&[
            "--headless",
            "--max-frames",
            "9",
            "--set",
            given[0],
            "--set",
            given[1],
        ]);
        let settings = plan.expect("legal").settings;
        assert_eq!(settings.detail_rings_m.to_string(), rings);
        assert_eq!(settings.need_weights.view, view);
    }
}

#[test]
fn contradictions_are_refused_with_a_reason() {
    for (arguments, reason) in [
        (&["--headless", "--offscreen"][..], "cannot be used with"),
        (&["--size", "640x360"][..], "--offscreen"),
        (&["--clock", "virtual"][..], "--headless or --offscreen"),
        (&["--headless"][..], "--max-frames"),
        (&["--offscreen"][..], "--max-frames"),
        (
            &["--headless", "--max-frames", "9", "--overlay", "full"][..],
            "renderer",
        ),
    ] {
        let text = refusal(arguments);
        assert!(text.contains(reason), "{arguments:?}: {text}");
    }
}

#[test]
fn bad_values_are_refused_with_what_is_legal() {
    for (arguments, reason) in [
        (&["--bogus"][..], "--bogus"),
        (&["--seed", "-1"][..], "0 to 18446744073709551615"),
        (&["--seed", "abc"][..], "0 to 18446744073709551615"),
        (&["--size", "0x0", "--offscreen"][..], "16 to 8192"),
        (&["--size", "big", "--offscreen"][..], "16 to 8192"),
        (&["--threads", "0"][..], "1 to 256"),
        (&["--threads", "9999"][..], "1 to 256"),
        (&["--max-frames", "0"][..], "1 to 18446744073709551615"),
        (&["--max-frames", "-3"][..], "--max-frames"),
        (&["--clock", "sun"][..], "virtual, real"),
        (&["--overlay", "half"][..], "off, hud, full"),
        (&["--preset", "Fast"][..], "Conservative, Balanced"),
        (&["--set", "seed"][..], "FIELD=VALUE"),
        (&["--set", "sead=3"][..], "did you mean `seed`?"),
        (&["--set", "memory_cap_mib=0"][..], "memory_cap_mib"),
        (&["--set", "detail_rings_m=[2400, 800]"][..], "rising radii"),
        (
            &["--set", "need_weights=(speed: 1)"][..],
            "heading, view, age, purpose",
        ),
        (
            &["--set", "detail_ring_m=800"][..],
            "did you mean `detail_rings_m`?",
        ),
        (
            &["--screenshot", "Cargo.toml/p"][..],
            "Cargo.toml is no folder",
        ),
        (&["--set", "apply_budget_ms=NaN"][..], "apply_budget_ms"),
        (
            &["--set", "max_concurrent_tasks=-1"][..],
            "max_concurrent_tasks",
        ),
        (&["--set", "load_radius_m=5000"][..], "--set: "),
        (&["--telemetry", "t.txt"][..], ".csv and .jsonl"),
        (&["--report", "no-such-folder/r.json"][..], "does not exist"),
        (&["--report", "."][..], "name a file"),
        (&["--scenario", "no-such.ron"][..], "no-such.ron"),
        (&["--settings", "no-such.ron"][..], "no-such.ron"),
    ] {
        let text = refusal(arguments);
        assert!(text.contains(reason), "{arguments:?}: {text}");
    }
}

#[test]
fn report_and_telemetry_are_two_files_by_whatever_path() {
    let scratch = Scratch::new("two-files");
    let file = scratch.0.join("t.csv").display().to_string();
    let other = scratch.0.join(".").join("t.csv").display().to_string();
    let text = refusal(&["--telemetry", &file, "--report", &other]);
    assert!(text.contains("name two files"), "{text}");
    let report = scratch.0.join("r.json").display().to_string();
    plan(&["--telemetry", &file, "--report", &report]).expect("legal");
}

#[test]
fn a_plan_leaves_files_and_folders_as_they_are() {
    let scratch = Scratch::new("untouched");
    let telemetry = scratch.file("keep.csv", "kept");
    let report = scratch.0.join("r.json").display().to_string();
    let pictures = scratch.0.join("a").join("b").display().to_string();
    plan(&[
        "--telemetry",
        &telemetry,
        "--report",
        &report,
        "--screenshot",
        &pictures,
    ])
    .expect("legal");
    let kept = std::fs::read_to_string(&telemetry).expect("there");
    assert_eq!(kept, "kept");
    assert_eq!(std::fs::read_dir(&scratch.0).expect("there").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_refused_with_the_path_and_the_reason() {
    // Not even the administrator can make files here.
    for arguments in [
        ["--report", "/proc/r.json"],
        ["--telemetry", "/proc/t.csv"],
        ["--screenshot", "/proc/pictures"],
    ] {
        let text = refusal(&arguments);
        assert!(
            text.contains(arguments[1]) && text.contains("os error"),
            "{text}"
        );
    }
    plan(&["--report", "/dev/null"]).expect("a device is written into");
}

#[test]
fn a_bad_scenario_setting_is_refused_with_file_line_and_column() {
    let scratch = Scratch::new("scenario");
    let script = scratch.file(
        "bad.ron",
        "Scenario(name: \"x\", generator: City,\n  set: { \"load_radius_m\": 5000 },\n  events: [])",
    );
    let text = refusal(&["--scenario", &script]);
    assert!(text.contains("bad.ron:2:11: "), "{text}");
}
