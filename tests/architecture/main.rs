//! Keeps the walls of docs/ARCHITECTURE.md: reads every source file and reports each line that breaks a rule.
//!
//! Each rule is tested by sabotage too: a made-up file that breaks it has to be reported with its place.

mod rules;
mod sabotage;
mod source;
mod table;
mod tokens;

use std::path::{Path, PathBuf};

use rules::violations;
use source::Source;
use tokens::tokens;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below a folder of the repository, as paths from its top, in order.
fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root().join(&folder)) else {
            continue;
        };
        for entry in entries {
            let path = folder.join(entry.expect("its folder was just opened").file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn no_source_file_breaks_a_wall() {
    let files: Vec<String> = ["src", "tools", "examples"]
        .into_iter()
        .flat_map(rust_files)
        .collect();
    for known in [
        "examples/islands.rs",
        "src/main.rs",
        "src/streaming/lib.rs",
        "tools/src/bin/report.rs",
    ] {
        assert!(
            files.iter().any(|path| path == known),
            "{known} was not read: {files:?}"
        );
    }
    let found: Vec<String> = files
        .iter()
        .flat_map(|path| violations(&Source::new(path, &read(path))))
        .map(|violation| violation.to_string())
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_islands_are_a_whole_game_on_one_page() {
    let text = read("examples/islands.rs");
    let lines = text.lines().count();
    assert!(lines < table::EXAMPLE_LINES, "{lines} lines");
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(
        longest.is_some_and(|longest| longest <= 100),
        "{longest:?} characters"
    );
}

#[test]
fn the_streaming_package_depends_on_nothing_of_ours() {
    let names = dependency_names(&read("src/streaming/Cargo.toml"));
    assert!(
        names.iter().any(|name| name == "bevy"),
        "no dependencies found: {names:?}"
    );
    let ours: Vec<_> = names
        .iter()
        .filter(|name| {
            name.contains("ringroad") || name.contains("egui") || name.contains("perf_ui")
        })
        .collect();
    assert!(
        ours.is_empty(),
        "another game could not take it alone: {ours:?}"
    );
}

/// The names on the left in every `[…dependencies]` table.
fn dependency_names(manifest: &str) -> Vec<String> {
    let mut is_inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            is_inside = line.contains("dependencies");
        } else if is_inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.push(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn a_panic_unwinds_in_every_profile() {
    for path in ["Cargo.toml", "src/streaming/Cargo.toml", "tools/Cargo.toml"] {
        let manifest = read(path);
        assert!(
            !aborts(&manifest),
            "{path}: panic = \"abort\" would end the game with the first bad chunk"
        );
    }
    assert!(aborts("[profile.release]\npanic = \"abort\" # smaller"));
    assert!(!aborts("# never panic = \"abort\"\npanic = \"unwind\""));
}

fn aborts(manifest: &str) -> bool {
    manifest
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().replace(' ', ""))
        .any(|line| line == "panic=\"abort\"")
}

#[test]
fn the_streaming_package_refuses_to_compile_without_unwinding() {
    let tokens = tokens(&read("src/streaming/lib.rs"));
    let wanted = [
        "cfg",
        "(",
        "panic",
        "=",
        "\"abort",
        ")",
        "]",
        "compile_error",
        "!",
    ];
    let is_there = tokens
        .windows(wanted.len())
        .any(|window| window.iter().map(|token| token.text.as_str()).eq(wanted));
    assert!(
        is_there,
        "src/streaming/lib.rs needs #[cfg(panic = \"abort\")] compile_error!(…)"
    );
}
