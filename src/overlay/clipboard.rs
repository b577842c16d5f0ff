//! The system's clipboard through the programs that desktops bring for it: this build has no library that holds it.

use std::{
    io::{self, ErrorKind, Write},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// What to call: program and arguments, the first that there is.
const PROGRAMS: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
    &[("pbcopy", &[])]
} else if cfg!(target_os = "windows") {
    &[("clip", &[])]
} else {
    &[
        ("wl-copy", &[]),
        ("xclip", &["-selection", "clipboard"]),
        ("xsel", &["--clipboard", "--input"]),
    ]
};

/// A program that has taken the text and goes on for so long keeps the clipboard itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between two looks at whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// The program that took the text, or why none did.
pub type Copied = Result<&'static str, String>;

/// Puts a text into the clipboard on a thread of its own, since the program may take its time.
pub fn copy(text: String) -> io::Result<JoinHandle<Copied>> {
    thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || copy_with(PROGRAMS, &text))
}

/// The first program that is there and says that it took the text; one that fails leaves it to the next.
fn copy_with(programs: &[(&'static str, &[&str])], text: &str) -> Copied {
    let mut failures = Vec::new();
    for (program, arguments) in programs {
        let child = Command::new(program)
            .args(*arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let took = match child {
            Ok(child) => hand_over(child, text),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => Err(error.to_string()),
        };
        match took {
            Ok(()) => return Ok(program),
            Err(why) => failures.push(format!("{program}: {why}")),
        }
    }
    if failures.is_empty() {
        let names: Vec<&str> = programs.iter().map(|(program, _)| *program).collect();
        return Err(format!("none of {} is installed", names.join(", ")));
    }
    Err(failures.join("; "))
}

/// Writes the text and waits for the verdict: a program that cannot reach the desktop reads everything and fails.
fn hand_over(mut child: Child, text: &str) -> Result<(), String> {
    let written = child
        .stdin
        .take()
        .ok_or_else(|| ErrorKind::BrokenPipe.into())
        .and_then(|mut stdin| stdin.write_all(text.as_bytes()));
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if !status.success() => return Err(status.to_string()),
            Ok(Some(_)) => return written.map_err(|error| error.to_string()),
            Ok(None) if began.elapsed() >= PATIENCE => break,
            Ok(None) => thread::sleep(LOOK),
            Err(error) => return Err(error.to_string()),
        }
    }
    // It keeps the clipboard for as long as it runs; somebody must hear of its end.
    let waiter = thread::Builder::new().name("clipboard".to_owned());
    waiter
        .spawn(move || child.wait())
        .map_err(|error| error.to_string())?;
    written.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_that_is_there_takes_the_text() {
        let programs: &[(&str, &[&str])] = &[("no-such-program-of-ringroad", &[]), ("cat", &[])];
        assert_eq!(copy_with(programs, "report"), Ok("cat"));
    }

    #[test]
    fn one_that_fails_is_not_believed_and_the_next_is_tried() {
        let reads_and_fails: (&str, &[&str]) = ("sh", &["-c", "cat > /dev/null; exit 3"]);
        let error = copy_with(&[reads_and_fails], "report").expect_err("it failed");
        assert!(error.contains("sh:") && error.contains('3'), "{error}");
        assert_eq!(
            copy_with(&[reads_and_fails, ("cat", &[])], "report"),
            Ok("cat")
        );
    }

    #[test]
    fn one_that_stays_has_the_text() {
        let stays: (&str, &[&str]) = ("sh", &["-c", "cat > /dev/null; sleep 3"]);
        assert_eq!(copy_with(&[stays], "report"), Ok("sh"));
    }

    #[test]
    fn without_a_program_the_error_names_those_that_would_do() {
        let error = copy_with(&[("no-such-program-of-ringroad", &[])], "report");
        assert_eq!(
            error,
            Err("none of no-such-program-of-ringroad is installed".to_owned())
        );
    }
}
