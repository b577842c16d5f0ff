//! The system's clipboard through the programs that desktops bring for it: this build has no library that holds it.

use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
    thread,
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

/// Puts a text into the clipboard and names the program that took it.
///
/// # Errors
/// None of the programs is there, or the one that is did not take the text.
pub fn copy(text: &str) -> Result<&'static str, String> {
    copy_with(PROGRAMS, text)
}

fn copy_with(programs: &[(&'static str, &[&str])], text: &str) -> Result<&'static str, String> {
    for (program, arguments) in programs {
        let child = Command::new(program)
            .args(*arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{program}: {error}")),
        };
        let written = child
            .stdin
            .take()
            .ok_or_else(|| ErrorKind::BrokenPipe.into())
            .and_then(|mut stdin| stdin.write_all(text.as_bytes()));
        // Some stay as long as they own the clipboard; the game waits for none.
        let waiter = thread::Builder::new().name("clipboard".to_owned());
        if let Err(error) = waiter.spawn(move || child.wait()) {
            return Err(format!("{program}: {error}"));
        }
        return match written {
            Ok(()) => Ok(program),
            Err(error) => Err(format!("{program}: {error}")),
        };
    }
    let names: Vec<&str> = programs.iter().map(|(program, _)| *program).collect();
    Err(format!("none of {} is installed", names.join(", ")))
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
    fn without_a_program_the_error_names_those_that_would_do() {
        let error = copy_with(&[("no-such-program-of-ringroad", &[])], "report");
        assert_eq!(
            error,
            Err("none of no-such-program-of-ringroad is installed".to_owned())
        );
    }
}
