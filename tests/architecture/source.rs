//! A source file taken apart: its tokens, the paths it names, and which lines are tests.

use crate::tokens::{Token, tokens};

/// A path as written from the crate root, or from another crate by its name.
#[derive(Debug)]
pub struct ItemPath {
    /// `["crate", "city", "CityPlan"]`, `["std", "fs", "read"]`.
    pub segments: Vec<String>,
    pub line: usize,
}

/// One file, taken apart.
#[derive(Debug)]
pub struct Source {
    /// From the top of the repository, with `/`.
    pub path: String,
    pub tokens: Vec<Token>,
    pub paths: Vec<ItemPath>,
    /// Lines of modules that are tests, or of a file that is.
    test_lines: Vec<std::ops::RangeInclusive<usize>>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let tokens = tokens(text);
        let (paths, mut test_lines) = paths(&tokens, module_of(path));
        if path.contains("tests") || path.contains("/trials/") {
            test_lines.push(0..=usize::MAX);
        }
        Self {
            path: path.to_owned(),
            tokens,
            paths,
            test_lines,
        }
    }

    pub fn is_test(&self, line: usize) -> bool {
        self.test_lines.iter().any(|lines| lines.contains(&line))
    }
}

/// The module that a file is, as the words after `crate`.
fn module_of(path: &str) -> Vec<String> {
    let inside = ["src/streaming/", "tools/src/", "src/"]
        .iter()
        .find_map(|folder| path.strip_prefix(folder));
    let mut words: Vec<String> = inside
        .unwrap_or(path)
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if words
        .last()
        .is_some_and(|word| matches!(word.as_str(), "mod" | "lib" | "main"))
    {
        words.pop();
    }
    words
}

/// Every path with at least two words, or after `use`, and the lines of the modules that hold tests.
fn paths(
    tokens: &[Token],
    file_module: Vec<String>,
) -> (Vec<ItemPath>, Vec<std::ops::RangeInclusive<usize>>) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let (mut found, mut tests) = (Vec::new(), Vec::new());
    let mut module = file_module;
    // Of each open brace: the line on which it opens a module, if it does.
    let mut braces: Vec<Option<usize>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let line = tokens[at].line;
        match text(at) {
            "mod" if text(at + 2) == "{" => {
                module.push(text(at + 1).to_owned());
                braces.push(Some(line));
                at += 3;
                continue;
            }
            "{" => braces.push(None),
            "}" => {
                if let Some(Some(start)) = braces.pop()
                    && module
                        .pop()
                        .is_some_and(|name| name.starts_with("test") || name.ends_with("_tests"))
                {
                    tests.push(start..=line);
                }
            }
            "use" => {
                at = tree(tokens, at + 1, &[], &module, &mut found);
                continue;
            }
            word if is_name(word) && text(at + 1) == "::" => {
                at = tree(tokens, at, &[], &module, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    (found, tests)
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Adds the paths of the tree that starts at a token and returns where it ends.
fn tree(
    tokens: &[Token],
    start: usize,
    before: &[String],
    module: &[String],
    found: &mut Vec<ItemPath>,
) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut segments = before.to_vec();
    let mut at = start;
    if text(at) == "::" {
        at += 1;
    }
    loop {
        if text(at) == "{" {
            at += 1;
            while !matches!(text(at), "}" | "") {
                at = tree(tokens, at, &segments, module, found);
                while !matches!(text(at), "," | "}" | "") {
                    at += 1;
                }
                if text(at) == "," {
                    at += 1;
                }
            }
            return at + 1;
        }
        if !is_name(text(at)) && text(at) != "*" {
            break;
        }
        segments.push(text(at).to_owned());
        at += 1;
        if text(at) != "::" {
            break;
        }
        at += 1;
    }
    if let Some(token) = tokens.get(start)
        && !segments.is_empty()
    {
        found.push(ItemPath {
            segments: from_root(segments, module),
            line: token.line,
        });
    }
    // What cannot be a path still has to be passed.
    at.max(start + 1)
}

/// `self::` and `super::` written out from `crate`.
fn from_root(segments: Vec<String>, module: &[String]) -> Vec<String> {
    let ups = segments
        .iter()
        .take_while(|word| *word == "super" || *word == "self")
        .count();
    if ups == 0 {
        return segments;
    }
    let levels = segments[..ups]
        .iter()
        .filter(|word| *word == "super")
        .count();
    let kept = module.len().saturating_sub(levels);
    std::iter::once("crate".to_owned())
        .chain(module[..kept].iter().cloned())
        .chain(segments.into_iter().skip(ups))
        .collect()
}
