//! The import table of docs/ARCHITECTURE.md as rules over one file.

use std::fmt;

use crate::source::Source;
use crate::table::{
    EXAMPLES_MAY_NAME, MAY_CATCH_PANICS, MAY_NAME, NOT_IN_LOGIC, NOT_THE_PANELS, PANEL_CRATES,
    PATHS_NOT_IN_LOGIC, PRIMITIVES, TAKES_TO_CHANGE,
};
use crate::tokens::Token;

/// A line that breaks a rule.
#[derive(Debug)]
pub struct Violation {
    pub path: String,
    pub line: usize,
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// Every rule over one file.
pub fn violations(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut report = |line: usize, rule: String| {
        found.push(Violation {
            path: source.path.clone(),
            line,
            rule,
        });
    };
    match Place::of(&source.path) {
        Place::Logic => {
            logic_is_pure(source, &mut report);
            streaming_stands_alone(source, &mut report);
        }
        Place::Streaming => streaming_stands_alone(source, &mut report),
        Place::Module(module) => {
            modules_keep_to_the_table(source, module, &mut report);
            chunk_table_is_streamings(source, &mut report);
            if module == "overlay" {
                panel_proposes(source, &mut report);
            }
        }
        Place::Root => chunk_table_is_streamings(source, &mut report),
        Place::Tool => tools_have_no_panel(source, &mut report),
        Place::Example => examples_take_streaming_alone(source, &mut report),
    }
    if Place::of(&source.path) != Place::Module("overlay") {
        egui_is_the_overlays(source, &mut report);
    }
    panics_are_caught_where_the_table_says(source, &mut report);
    chunk_size_has_one_source(source, &mut report);
    found.sort_by(|a, b| (a.line, &a.rule).cmp(&(b.line, &b.rule)));
    found.dedup_by(|a, b| (a.line, &a.rule) == (b.line, &b.rule));
    found
}

#[derive(Debug, PartialEq)]
enum Place<'a> {
    /// `streaming::logic`
    Logic,
    Streaming,
    Module(&'a str),
    /// `lib.rs` and `main.rs`
    Root,
    Tool,
    Example,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        if path.starts_with("examples/") {
            return Self::Example;
        }
        let Some(inside) = path.strip_prefix("src/") else {
            return Self::Tool;
        };
        match inside
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs")
        {
            "streaming" if inside.starts_with("streaming/logic") => Self::Logic,
            "streaming" => Self::Streaming,
            "lib" | "main" => Self::Root,
            module => Self::Module(module),
        }
    }
}

/// Module of the library that a path leads to, if it leads there.
fn module_named(segments: &[String]) -> Option<&str> {
    match segments {
        [first, ..] if first == "ringroad_streaming" => Some("streaming"),
        [first, module, ..] if first == "crate" || first == "ringroad" => Some(module),
        _ => None,
    }
}

fn modules_keep_to_the_table(
    source: &Source,
    module: &str,
    report: &mut impl FnMut(usize, String),
) {
    let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == module) else {
        report(
            1,
            format!("`{module}` has no row in MAY_NAME: say what it may import"),
        );
        return;
    };
    for path in &source.paths {
        let Some(target) = module_named(&path.segments) else {
            continue;
        };
        let is_known = target == "streaming"
            || target == "*"
            || MAY_NAME.iter().any(|(name, _)| *name == target);
        if is_known && target != module && target != "streaming" && !allowed.contains(&target) {
            report(path.line, format!("`{module}` must not import `{target}`"));
        }
    }
}

fn streaming_stands_alone(source: &Source, report: &mut impl FnMut(usize, String)) {
    for path in source
        .paths
        .iter()
        .filter(|path| path.segments[0] == "ringroad")
    {
        report(
            path.line,
            "`streaming` must not import anything else of ours".to_owned(),
        );
    }
}

fn logic_is_pure(source: &Source, report: &mut impl FnMut(usize, String)) {
    for token in source
        .tokens
        .iter()
        .filter(|token| NOT_IN_LOGIC.contains(&token.text.as_str()))
    {
        report(
            token.line,
            format!("`streaming::logic` must not touch `{}`", token.text),
        );
    }
    for path in &source.paths {
        if let Some(forbidden) = PATHS_NOT_IN_LOGIC.iter().find(|forbidden| {
            forbidden.iter().copied().eq(path
                .segments
                .iter()
                .map(String::as_str)
                .take(forbidden.len()))
        }) {
            report(
                path.line,
                format!(
                    "`streaming::logic` must not touch `{}`",
                    forbidden.join("::")
                ),
            );
        }
    }
}

fn egui_is_the_overlays(source: &Source, report: &mut impl FnMut(usize, String)) {
    for token in source
        .tokens
        .iter()
        .filter(|token| PANEL_CRATES.contains(&token.text.as_str()))
    {
        report(
            token.line,
            format!("only `overlay` names egui: `{}`", token.text),
        );
    }
}

fn chunk_table_is_streamings(source: &Source, report: &mut impl FnMut(usize, String)) {
    for token in source
        .tokens
        .iter()
        .filter(|token| token.text == "ChunkTable")
    {
        report(
            token.line,
            "only `streaming` reads the chunk table; ask ChunkReadiness or listen to ChunkLoaded"
                .to_owned(),
        );
    }
}

fn panel_proposes(source: &Source, report: &mut impl FnMut(usize, String)) {
    for (at, token) in source.tokens.iter().enumerate() {
        if !TAKES_TO_CHANGE.contains(&token.text.as_str()) {
            continue;
        }
        let Some(resource) = type_argument(&source.tokens[at + 1..]) else {
            continue;
        };
        if NOT_THE_PANELS.contains(&resource) {
            report(
                token.line,
                format!("`overlay` proposes and requests, it does not change `{resource}`"),
            );
        }
    }
}

/// The last word of the type in `<'w, path::Type>` or `::<Type>`.
fn type_argument(tokens: &[Token]) -> Option<&str> {
    let mut words = tokens
        .iter()
        .map(|token| token.text.as_str())
        .skip_while(|word| *word == "::");
    (words.next()? == "<").then_some(())?;
    words
        .take_while(|word| !matches!(*word, ">" | "<"))
        .filter(|word| word.starts_with(char::is_alphabetic))
        .last()
}

fn tools_have_no_panel(source: &Source, report: &mut impl FnMut(usize, String)) {
    for path in source
        .paths
        .iter()
        .filter(|path| module_named(&path.segments) == Some("overlay"))
    {
        if path.segments[0] == "ringroad" {
            report(path.line, "tools must not import `overlay`".to_owned());
        }
    }
}

/// An example shows that another game can take streaming and leave the rest. It is in our package, so only this rule
/// keeps it from naming more.
fn examples_take_streaming_alone(source: &Source, report: &mut impl FnMut(usize, String)) {
    // One word alone is a call such as `sum::<f32>()`.
    for path in source.paths.iter().filter(|path| path.segments.len() > 1) {
        let root = path.segments[0].as_str();
        // Types begin with a capital; everything else before `::` is a crate, a module or a primitive.
        let is_type = root.starts_with(char::is_uppercase) || PRIMITIVES.contains(&root);
        if !is_type && !EXAMPLES_MAY_NAME.contains(&root) {
            report(
                path.line,
                format!("an example stands on `ringroad_streaming` alone, not on `{root}`"),
            );
        }
    }
}

fn panics_are_caught_where_the_table_says(source: &Source, report: &mut impl FnMut(usize, String)) {
    if MAY_CATCH_PANICS
        .iter()
        .any(|place| source.path.starts_with(place))
    {
        return;
    }
    for token in source
        .tokens
        .iter()
        .filter(|token| token.text == "catch_unwind" && !source.is_test(token.line))
    {
        report(
            token.line,
            "a panic is caught by the workers of streaming, not here".to_owned(),
        );
    }
}

/// A second "the" chunk size is the fault that came back most often where this project comes from.
fn chunk_size_has_one_source(source: &Source, report: &mut impl FnMut(usize, String)) {
    if source.path.starts_with("src/streaming/settings") {
        return;
    }
    let text = |at: usize| {
        source
            .tokens
            .get(at)
            .map_or("", |token| token.text.as_str())
    };
    for (at, token) in source
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| !source.is_test(token.line))
    {
        let is_constant = matches!(text(at.wrapping_sub(1)), "const" | "static")
            && token.text.contains("CHUNK_SIZE");
        let is_literal = token.text.ends_with("chunk_size_m")
            && matches!(text(at + 1), "=" | ":")
            && text(at + 2).starts_with(|c: char| c.is_ascii_digit());
        if is_constant || is_literal {
            report(
                token.line,
                "the chunk size comes from StreamingSettings and is passed on".to_owned(),
            );
        }
    }
}
