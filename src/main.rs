//! Parses the command line, runs what it asks for, and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ringroad::cli::main()
}
