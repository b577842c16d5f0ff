//! Runs a scenario or a recorded bundle again, also with other settings, and compares telemetry.
//!
//! ```text
//!  scenario.ron ─┬─► run as it is ─────────► telemetry ─┐
//!  or a bundle   └─► run with the changes ─► telemetry ─┼─► metric by metric: mean and most, or per second
//!  its frames.csv ──────────────────────────────────────┘
//! ```

mod summary;

use std::path::{Path, PathBuf};

use clap::Parser;
use ringroad::cli::Options as GameOptions;
use ringroad::scenario::{Event, Outcome, RunPlan, run};
use thiserror::Error;

use crate::{Input, InputError, Telemetry};
pub use summary::{Row, Series, summarise};

/// The script of a bundle.
const SCRIPT: &str = "scenario.ron";
/// The frames of a bundle.
const FRAMES: &str = "frames.csv";

/// What to run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// A scenario, or the folder of a bundle.
    pub source: PathBuf,
    /// Options of the game for every run.
    pub base: Vec<String>,
    /// Options of the game that make the other run another one: `--set`, `--preset`, `--settings`, `--seed`,
    /// `--threads`.
    pub changes: Vec<String>,
    /// Where telemetry and reports of the runs go.
    pub folder: PathBuf,
}

/// Why nothing could be run.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// It is neither a scenario nor a bundle.
    #[error("{}: {what}", path.display())]
    Source {
        /// What was given.
        path: PathBuf,
        /// What is wrong, and what would be legal.
        what: String,
    },
    /// The game refuses the options or files.
    #[error("{0}")]
    Refused(String),
    /// A telemetry file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A folder cannot be made.
    #[error("{}: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// One run, or what was recorded.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// `recorded`, `as it is` or `changed`.
    pub name: &'static str,
    /// Its frames.
    pub telemetry: Telemetry,
    /// What went wrong in it: broken laws, expectations not met.
    pub failures: Vec<String>,
}

/// Runs it, and hands out what was recorded (of a bundle), the run as it is, and the run with changes: without any, a
/// scenario is run twice as it is.
///
/// # Errors
/// Nothing was run, or a run was refused: what, where, and what would be legal.
pub fn replay(
    options: &ReplayOptions,
    mut begins: impl FnMut(&str),
) -> Result<Vec<Replayed>, ReplayError> {
    let (script, frames) = source(&options.source)?;
    std::fs::create_dir_all(&options.folder).map_err(|source| ReplayError::Io {
        path: options.folder.clone(),
        source,
    })?;
    let mut replayed = Vec::new();
    if let Some(frames) = &frames {
        replayed.push(Replayed {
            name: "recorded",
            telemetry: telemetry(frames)?,
            failures: Vec::new(),
        });
    }
    begins("as it is");
    replayed.push(play("as it is", &script, &options.base, &options.folder)?);
    if !options.changes.is_empty() || frames.is_none() {
        begins("changed");
        replayed.push(play(
            "changed",
            &script,
            &[options.base.as_slice(), &options.changes].concat(),
            &options.folder,
        )?);
    }
    Ok(replayed)
}

/// The script, and the recorded frames of a bundle.
fn source(path: &Path) -> Result<(PathBuf, Option<PathBuf>), ReplayError> {
    if !path.is_dir() {
        return Ok((path.to_owned(), None));
    }
    let (script, frames) = (path.join(SCRIPT), path.join(FRAMES));
    if script.is_file() && frames.is_file() {
        return Ok((script, Some(frames)));
    }
    Err(ReplayError::Source {
        path: path.to_owned(),
        what: format!("it is no bundle: {SCRIPT} and {FRAMES} must be in it; or name a scenario"),
    })
}

fn telemetry(file: &Path) -> Result<Telemetry, ReplayError> {
    match Input::read(file)? {
        Input::Telemetry { telemetry, .. } => Ok(telemetry),
        Input::Report { name, .. } => Err(ReplayError::Refused(format!(
            "{name} is a report; telemetry is needed"
        ))),
    }
}

fn play(
    name: &'static str,
    script: &Path,
    changes: &[String],
    folder: &Path,
) -> Result<Replayed, ReplayError> {
    let file = |ending: &str| folder.join(format!("{}.{ending}", name.replace(' ', "-")));
    let frames = file("csv");
    let mut words: Vec<String> = ["ringroad", "--headless", "--scenario"]
        .map(str::to_owned)
        .into();
    words.push(script.display().to_string());
    words.extend(["--telemetry".to_owned(), frames.display().to_string()]);
    words.extend(["--report".to_owned(), file("json").display().to_string()]);
    words.extend(changes.iter().cloned());
    let options = GameOptions::try_parse_from(words)
        .map_err(|error| ReplayError::Refused(error.to_string()))?;
    let fixed: Vec<String> = options.set.iter().map(|set| set.field.clone()).collect();
    let mut plan = options
        .plan()
        .map_err(|error| ReplayError::Refused(error.to_string()))?;
    hold(&mut plan, &fixed);
    let failures = match run(plan) {
        Outcome::Fine => Vec::new(),
        Outcome::Failed(failures) => failures,
        Outcome::Refused(why) => return Err(ReplayError::Refused(why)),
        Outcome::Unwritten { why, mut failures } => {
            failures.push(why);
            failures
        }
    };
    Ok(Replayed {
        name,
        telemetry: telemetry(&frames)?,
        failures,
    })
}

/// A setting that is changed for a run stays so: what the script or somebody's hand did to it then is left out.
fn hold(plan: &mut RunPlan, fixed: &[String]) {
    if let Some(scenario) = &mut plan.scenario {
        scenario.events.retain(
            |timed| !matches!(&timed.event, Event::Set { field, .. } if fixed.contains(field)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_bundle_is_refused_with_what_one_holds() {
        let folder = std::env::temp_dir();
        let error = source(&folder).expect_err("no bundle").to_string();
        assert!(error.contains(SCRIPT) && error.contains(FRAMES), "{error}");
        let (script, frames) = source(Path::new("x.ron")).expect("a scenario");
        assert_eq!((script, frames), (PathBuf::from("x.ron"), None));
    }
}
