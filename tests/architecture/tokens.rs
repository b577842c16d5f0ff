//! Splits Rust source into words and signs, without comments, and remembers where each stands.

/// A word, number or sign of the source. A string is its text after one `"`, so that it never looks like a word.
#[derive(Debug)]
pub struct Token {
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

/// Splits source into tokens; comments are left out.
pub fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let start = at;
        let rest = &characters[at..];
        let kept = match rest {
            ['/', '/', ..] => {
                at += rest.iter().position(|&c| c == '\n').unwrap_or(rest.len());
                None
            }
            ['/', '*', ..] => {
                at += block_comment(rest);
                None
            }
            [c, ..] if c.is_whitespace() => {
                at += 1;
                None
            }
            _ => {
                let (length, text) = token(rest);
                at += length;
                Some(text)
            }
        };
        tokens.extend(kept.map(|text| Token { text, line }));
        line += characters[start..at].iter().filter(|&&c| c == '\n').count();
    }
    tokens
}

/// The length of a comment, which may hold others.
fn block_comment(rest: &[char]) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// The length and text of the token that stands first.
fn token(rest: &[char]) -> (usize, String) {
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    let word: String = rest.iter().take_while(|c| is_word(c)).collect();
    let length = word.chars().count();
    match (word.as_str(), rest.get(length)) {
        ("r" | "br" | "cr", Some('#' | '"')) => raw_string(rest, length).unwrap_or((length, word)),
        ("" | "b" | "c", Some('"')) => quoted(rest, length, '"'),
        ("b", Some('\'')) => quoted(rest, length, '\''),
        ("", Some('\'')) => {
            // 'a' and '\n' are characters, 'a without an end is a lifetime.
            if rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'') {
                quoted(rest, 0, '\'')
            } else {
                let name: String = rest[1..].iter().take_while(|c| is_word(c)).collect();
                (1 + name.chars().count(), format!("'{name}"))
            }
        }
        ("", Some(':')) if rest.get(1) == Some(&':') => (2, "::".to_owned()),
        ("", Some(sign)) => (1, sign.to_string()),
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => number(rest),
        _ => (length, word),
    }
}

/// `200`, `200.0`, `1e3` and `0x1f`, but only the `0` of `0..3` and of `0.max(1)`.
fn number(rest: &[char]) -> (usize, String) {
    let mut at = 0;
    while let Some(c) = rest.get(at) {
        let is_point = *c == '.' && rest.get(at + 1).is_some_and(char::is_ascii_digit);
        if !(c.is_alphanumeric() || *c == '_' || is_point) {
            break;
        }
        at += 1;
    }
    (at, rest[..at].iter().collect())
}

fn quoted(rest: &[char], prefix: usize, quote: char) -> (usize, String) {
    let mut at = prefix + 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    let end = at.min(rest.len());
    (
        (end + 1).min(rest.len()),
        format!("\"{}", rest[prefix + 1..end].iter().collect::<String>()),
    )
}

/// `r"…"` and `r#"…"#`; nothing for a raw word such as `r#type`.
fn raw_string(rest: &[char], prefix: usize) -> Option<(usize, String)> {
    let hashes = rest[prefix..].iter().take_while(|&&c| c == '#').count();
    let start = prefix + hashes + 1;
    (rest.get(start - 1) == Some(&'"')).then_some(())?;
    let end: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    let length = rest[start..]
        .windows(end.len())
        .position(|window| window == end)?;
    Some((
        start + length + end.len(),
        format!(
            "\"{}",
            rest[start..start + length].iter().collect::<String>()
        ),
    ))
}
