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
use ringroad::settings::SettingsLayer;
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
    /// `recorded`, `as it is`, and `changed` or `again`.
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
        let name = if options.changes.is_empty() {
            "again"
        } else {
            "changed"
        };
        begins(name);
        replayed.push(play(
            name,
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
    let fixed = fixed_by(&options);
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

/// The settings that the options name: by `--set`, `--seed`, a preset or a settings file.
fn fixed_by(options: &GameOptions) -> Vec<String> {
    let mut fixed: Vec<String> = options.set.iter().map(|set| set.field.clone()).collect();
    fixed.extend(options.seed.map(|_| "seed".to_owned()));
    let preset = options.preset.map(|preset| preset.0.layer());
    let named = preset.iter().flat_map(SettingsLayer::changes);
    fixed.extend(named.map(|(field, _)| field.clone()));
    fixed
}

/// A setting that is changed for a run stays so: what the script or somebody's hand did to it then is left out, also
/// what is repeated.
fn hold(plan: &mut RunPlan, fixed: &[String]) {
    if let Some(scenario) = &mut plan.scenario {
        scenario
            .events
            .retain_mut(|timed| keeps_something(&mut timed.event, fixed));
    }
}

/// Takes the fixed settings out of an event; whether anything of it is left.
fn keeps_something(event: &mut Event, fixed: &[String]) -> bool {
    match event {
        Event::Set { field, .. } => !fixed.contains(field),
        Event::SetTogether(changes) => {
            changes.retain(|(field, _)| !fixed.contains(field));
            !changes.is_empty()
        }
        Event::Repeat { event, .. } => keeps_something(event, fixed),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_for_a_run_is_held_whatever_names_it() {
        let file = std::env::temp_dir().join(format!("ringroad-hold-{}.ron", std::process::id()));
        let script = r#"Scenario(name: "hold", generator: City, until: 3, events: [
            (at: 1.0, do: Set(field: "max_concurrent_tasks", value: 6)),
            (at: 1.0, do: Set(field: "linger_secs", value: 2)),
            (at: 2.0, do: SetTogether({"seed": 7, "linger_secs": 3})),
            (at: 2.0, do: SetTogether({"seed": 9})),
            (at: 2.5, do: Repeat(times: 2, every: 0.1, do: Set(field: "apply_budget_ms", value: 4))),
        ])"#;
        std::fs::write(&file, script).expect("written");
        let left = |words: &[&str]| {
            let fixed: Vec<&str> = vec!["ringroad", "--headless", "--scenario"];
            let path = file.display().to_string();
            let words = fixed
                .into_iter()
                .chain([path.as_str()])
                .chain(words.iter().copied());
            let options = GameOptions::try_parse_from(words).expect("legal words");
            let fixed = fixed_by(&options);
            let mut plan = options.plan().expect("a legal script");
            hold(&mut plan, &fixed);
            let events = plan.scenario.expect("there is one").events;
            events
                .into_iter()
                .map(|timed| timed.event)
                .collect::<Vec<_>>()
        };
        assert_eq!(left(&[]).len(), 5);
        // Balanced names the tasks and the budget.
        let preset = left(&["--preset", "Balanced"]);
        assert!(
            matches!(&preset[0], Event::Set { field, .. } if field == "linger_secs"),
            "{preset:?}"
        );
        let seed = left(&["--seed", "3"]);
        assert_eq!(seed.len(), 4, "{seed:?}");
        let linger_alone = vec![("linger_secs".to_owned(), "3".to_owned())];
        assert!(seed.contains(&Event::SetTogether(linger_alone)), "{seed:?}");
        let _ = std::fs::remove_file(&file);
    }

    #[test]
    fn a_folder_that_is_no_bundle_is_refused_with_what_one_holds() {
        let folder = std::env::temp_dir();
        let error = source(&folder).expect_err("no bundle").to_string();
        assert!(error.contains(SCRIPT) && error.contains(FRAMES), "{error}");
        let (script, frames) = source(Path::new("x.ron")).expect("a scenario");
        assert_eq!((script, frames), (PathBuf::from("x.ron"), None));
    }
}
