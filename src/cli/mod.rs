//! The command line: options, their whole validation before anything starts, and the exit code.

mod options;
mod plan;
mod version;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

pub use options::Options;
pub use plan::UsageError;
pub use version::{TRACY_VERSION, version_text};

use crate::scenario::{Outcome, run};

/// Bad usage or input; nothing was done. Also: the report could not be written.
const USAGE: u8 = 2;

/// Parses the arguments of the process, runs, and says how it went: 0 as asked, 1 something did not hold, 2 bad usage.
pub fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            let is_answer = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            // A closed pipe behind `--help` is no reason to fail.
            let _ = error.print();
            return if is_answer {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(USAGE)
            };
        }
    };
    let plan = match options.plan() {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(USAGE);
        }
    };
    let outcome = run(plan);
    match &outcome {
        Outcome::Fine => {}
        Outcome::Failed(failures) => print_failures(failures),
        Outcome::Refused(why) => eprintln!("error: {why}"),
        Outcome::Unwritten { why, failures } => {
            print_failures(failures);
            eprintln!("error: {why}");
        }
    }
    ExitCode::from(outcome.exit_code())
}

fn print_failures(failures: &[String]) {
    for failure in failures {
        eprintln!("failed: {failure}");
    }
}
