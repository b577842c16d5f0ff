//! Files made up to break a rule each: a rule that was never seen to fail proves nothing.

use crate::rules::violations;
use crate::source::Source;

/// The one violation of a made-up file stands on this line and its message has these words.
#[track_caller]
fn is_caught(path: &str, text: &str, line: usize, words: &str) {
    let found = violations(&Source::new(path, text));
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        shown.len() == 1
            && found[0].line == line
            && shown[0].contains(words)
            && shown[0].starts_with(path),
        "expected one violation on line {line} with '{words}', found {shown:?}"
    );
}

#[track_caller]
fn is_fine(path: &str, text: &str) {
    let shown: Vec<String> = violations(&Source::new(path, text))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(shown.is_empty(), "{shown:?}");
}

#[test]
fn logic_that_touches_the_world_a_clock_a_thread_or_a_file_is_caught() {
    let path = "src/streaming/logic/plan.rs";
    is_caught(
        path,
        "//! Plans.\nfn plan(world: &mut World) {}",
        2,
        "`World`",
    );
    is_caught(path, "fn plan(commands: &mut Commands) {}", 1, "`Commands`");
    is_caught(
        path,
        "\n\nfn plan(chunks: Query<&InChunk>) {}",
        3,
        "`Query`",
    );
    is_caught(path, "fn plan(mut queue: ResMut<Queue>) {}", 1, "`ResMut`");
    is_caught(path, "fn now() {\n    Instant::now();\n}", 2, "`Instant`");
    is_caught(path, "use std::thread;", 1, "`std::thread`");
    is_caught(
        path,
        "use std::{\n    collections::BTreeMap,\n    fs::{self, File},\n};",
        3,
        "`std::fs`",
    );
    is_caught(
        "src/streaming/logic/mod.rs",
        "fn rest() { std::thread::sleep(second) }",
        1,
        "`std::thread`",
    );
}

#[test]
fn streaming_that_imports_something_of_ours_is_caught() {
    is_caught(
        "src/streaming/scan.rs",
        "use bevy::prelude::*;\nuse ringroad::city::CityPlan;",
        2,
        "anything else of ours",
    );
    is_caught(
        "src/streaming/logic/plan.rs",
        "use ringroad::settings;",
        1,
        "anything else of ours",
    );
}

#[test]
fn egui_outside_the_overlay_is_caught() {
    is_caught(
        "src/telemetry/history.rs",
        "use egui_plot::Line;",
        1,
        "only `overlay` names egui",
    );
    is_caught(
        "src/game/help.rs",
        "fn help() {\n    egui::Window::new(title);\n}",
        2,
        "only `overlay`",
    );
    is_caught(
        "src/streaming/metrics.rs",
        "impl iyes_perf_ui::entry::PerfUiEntry for Tasks {}",
        1,
        "only `overlay`",
    );
    is_caught(
        "tools/src/bin/report.rs",
        "use egui::Ui;",
        1,
        "only `overlay`",
    );
    is_fine("src/overlay/panel.rs", "use bevy_egui::egui;");
}

#[test]
fn a_module_that_imports_against_the_table_is_caught() {
    is_caught(
        "src/city/mod.rs",
        "use crate::game::Player;",
        1,
        "`city` must not import `game`",
    );
    is_caught(
        "src/game/car.rs",
        "use crate::{city::CityPlan, telemetry};",
        1,
        "`game` must not import `telemetry`",
    );
    is_caught(
        "src/game/car.rs",
        "fn drive() { crate::overlay::show() }",
        1,
        "`game` must not import `overlay`",
    );
    is_caught(
        "src/game/car/wheel.rs",
        "use super::super::super::scenario::Event;",
        1,
        "`game` must not import `scenario`",
    );
    is_caught(
        "src/game/mod.rs",
        "mod inner {\n    use super::super::settings;\n}",
        2,
        "`game` must not import `settings`",
    );
    is_caught(
        "src/telemetry/mod.rs",
        "use ringroad::overlay::Panel;",
        1,
        "`telemetry` must not import `overlay`",
    );
    is_caught(
        "src/overlay/panel.rs",
        "use crate::game::Journey;",
        1,
        "`overlay` must not import `game`",
    );
    is_caught(
        "src/cli.rs",
        "use super::game;",
        1,
        "`cli` must not import `game`",
    );
    is_caught(
        "src/modes.rs",
        "use crate::*;",
        1,
        "`modes` must not import `*`",
    );
    is_caught("src/traffic.rs", "//! Cars.", 1, "no row");
}

#[test]
fn imports_of_the_table_are_fine() {
    is_fine(
        "src/scenario/run.rs",
        "use crate::{game::script::GameRequest, settings, streaming::StreamingFocus};",
    );
    is_fine(
        "src/game/car/mod.rs",
        "use super::collision;\nmod tests {\n    use super::*;\n}",
    );
    is_fine(
        "src/overlay/mod.rs",
        "use crate::telemetry::History;\nuse ringroad_streaming::StreamingMetrics;",
    );
    is_fine("src/main.rs", "use ringroad::{cli, game, overlay};");
}

#[test]
fn a_game_or_panel_that_reads_the_chunk_table_is_caught() {
    is_caught(
        "src/game/collision.rs",
        "fn ground(table: Res<ChunkTable>) {}",
        1,
        "chunk table",
    );
    is_caught(
        "src/overlay/map.rs",
        "fn map(\n    table: Res<ChunkTable>,\n) {}",
        2,
        "chunk table",
    );
    is_fine(
        "src/streaming/scan.rs",
        "fn scan(table: ResMut<ChunkTable>) {}",
    );
}

#[test]
fn a_panel_that_changes_what_is_not_its_own_is_caught() {
    let path = "src/overlay/tune.rs";
    is_caught(
        path,
        "fn tune(settings: ResMut<StreamingSettings>) {}",
        1,
        "`StreamingSettings`",
    );
    is_caught(
        path,
        "struct Tune<'w> {\n    all: ResMut<'w, streaming::StreamingMetrics>,\n}",
        2,
        "`StreamingMetrics`",
    );
    is_caught(
        path,
        "fn tune(world: &mut World) { world.resource_mut::<LawBook>(); }",
        1,
        "`LawBook`",
    );
    is_fine(
        path,
        "fn tune(settings: Res<StreamingSettings>, own: ResMut<PanelState>) {}",
    );
}

#[test]
fn a_tool_that_imports_the_overlay_is_caught() {
    is_caught(
        "tools/src/bin/bench.rs",
        "use ringroad::{scenario, overlay::OverlayPlugin};",
        1,
        "tools must not import",
    );
    is_fine("tools/src/bin/bench.rs", "use ringroad::scenario;");
}

#[test]
fn another_place_that_catches_panics_is_caught() {
    is_caught(
        "src/streaming/apply.rs",
        "fn apply() { std::panic::catch_unwind(work); }",
        1,
        "caught by the workers",
    );
    is_fine(
        "src/streaming/workers/contained.rs",
        "fn work() { std::panic::catch_unwind(generate); }",
    );
    is_fine(
        "src/city/mod.rs",
        "#[cfg(test)]\nmod tests {\n    fn ends() { std::panic::catch_unwind(build); }\n}",
    );
}

#[test]
fn a_second_source_of_the_chunk_size_is_caught() {
    is_caught(
        "src/city/streets.rs",
        "const CHUNK_SIZE_M: f64 = 200.0;",
        1,
        "chunk size",
    );
    is_caught(
        "src/game/mod.rs",
        "fn chunk() {\n    let chunk_size_m = 200.0;\n}",
        2,
        "chunk size",
    );
    is_caught(
        "src/city/mod.rs",
        "fn plan() -> Plan { Plan { chunk_size_m: 128.0 } }",
        1,
        "chunk size",
    );
    is_fine(
        "src/streaming/settings.rs",
        "fn conservative() -> Values { Values { chunk_size_m: 200.0 } }",
    );
    is_fine(
        "src/city/mod.rs",
        "fn plan(chunk_size_m: f64) {}\nmod tests {\n    const CHUNK_SIZE_M: f64 = 137.0;\n}",
    );
}

#[test]
fn comments_and_strings_are_not_code() {
    is_fine(
        "src/streaming/logic/plan.rs",
        "//! Never a World, never std::fs.\n/* ResMut /* Query */ Commands */\nconst HELP: &str = \"World \\\" Instant\";\n\
         const RAW: &str = r#\"Commands \" World\"#;\nconst QUOTE: char = '\"';\nfn name<'a>(text: &'a str) -> char { '\\'' }",
    );
}

#[test]
fn lines_are_counted_through_comments_and_strings() {
    let text = "/* one\ntwo */\nconst TEXT: &str = \"\nfour\n\";\nfn plan(world: &World) {}";
    is_caught("src/streaming/logic/plan.rs", text, 6, "`World`");
}

#[test]
fn an_example_that_names_more_than_streaming_is_caught() {
    let path = "examples/islands.rs";
    is_caught(
        path,
        "use bevy::prelude::*;\nuse ringroad::city::CityPlan;",
        2,
        "`ringroad`",
    );
    is_caught(
        path,
        "use std::env::args;\n\nuse clap::Parser;",
        3,
        "`clap`",
    );
    is_caught(
        path,
        "fn main() {\n    ringroad::cli::run();\n}",
        2,
        "`ringroad`",
    );
    is_caught(
        path,
        "fn main() {\n    let x = rand::random();\n}",
        2,
        "`rand`",
    );
    is_fine(
        path,
        "use ringroad_streaming::*;\nfn half() -> f32 {\n    f32::from(1u8) * Vec3::ONE.x\n}",
    );
}
