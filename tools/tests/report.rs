//! The tool as it is called.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of one test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("ringroad-tools-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a scratch folder");
        Self(folder)
    }

    fn report(&self, name: &str, applied: u64, wall_secs: f64) -> String {
        let text = format!(
            r#"{{"schema":"ringroad.report/1","scenario":{{"wall_secs":{wall_secs}}},"counters":{{"applied":{applied}}},"timings_ms":{{}}}}"#
        );
        let file = self.0.join(name);
        std::fs::write(&file, text).expect("written");
        file.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn report(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_report"))
        .args(arguments)
        .output()
        .expect("the tool starts")
}

#[test]
fn equal_reports_exit_with_0_and_differing_ones_with_1_and_the_path() {
    let scratch = Scratch::new("equal");
    let (a, b) = (
        scratch.report("a.json", 3, 1.0),
        scratch.report("b.json", 3, 2.0),
    );
    assert_eq!(report(&["--equal", &a, &b]).status.code(), Some(0));
    let c = scratch.report("c.json", 4, 1.0);
    let differing = report(&["--equal", &a, &c]);
    assert_eq!(differing.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&differing.stdout),
        "counters.applied: 3 != 4\n"
    );
}

#[test]
fn bad_files_exit_with_2_and_are_named() {
    let scratch = Scratch::new("bad");
    let broken = scratch.0.join("broken.json");
    std::fs::write(&broken, "{\n  \"schema\": ").expect("written");
    for file in [broken.display().to_string(), "no-such.json".to_owned()] {
        let output = report(&[&file]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(&file));
    }
    let alone = scratch.report("a.json", 1, 1.0);
    assert_eq!(report(&["--equal", &alone]).status.code(), Some(2));
}

#[test]
fn the_page_is_written_where_it_was_asked_for() {
    let scratch = Scratch::new("page");
    let (a, b) = (
        scratch.report("a.json", 3, 1.0),
        scratch.report("b.json", 4, 1.0),
    );
    let page = scratch.0.join("page.html").display().to_string();
    assert_eq!(report(&[&a, &b, "--out", &page]).status.code(), Some(0));
    let html = std::fs::read_to_string(page).expect("written");
    assert!(html.starts_with("<!doctype html>") && html.contains("counters.applied"));
}
