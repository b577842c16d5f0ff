//! Whether what the options name can be written to; nothing is left behind.

use std::fs::OpenOptions;
use std::path::Path;

use super::UsageError;
use crate::scenario::report::{ReportTarget, is_special, resolved_file, try_beside};
use crate::telemetry::export::TelemetryFormat;

pub(super) fn report_target(path: &Path) -> Result<ReportTarget, UsageError> {
    if path == Path::new("-") {
        return Ok(ReportTarget::StandardOutput);
    }
    check_file("--report", path)?;
    if !is_special(path) {
        try_beside(path).map_err(|error| {
            unusable("--report", path, format!("it cannot be written: {error}"))
        })?;
    }
    Ok(ReportTarget::File(path.to_owned()))
}

pub(super) fn check_telemetry(path: &Path) -> Result<(), UsageError> {
    let refused = |why: String| unusable("--telemetry", path, why);
    if TelemetryFormat::of_path(path).is_none() {
        return Err(refused(
            "the ending says the form; legal are .csv and .jsonl".to_owned(),
        ));
    }
    check_file("--telemetry", path)?;
    // What is there is opened as it is, so that a run that is refused for another reason does not empty it.
    let tried = if is_special(path) {
        Ok(())
    } else if path.exists() {
        OpenOptions::new().write(true).open(path).map(drop)
    } else {
        try_beside(path)
    };
    tried.map_err(|error| refused(format!("it cannot be written: {error}")))
}

/// A file to write must not be a folder, and its folder must exist.
fn check_file(option: &'static str, path: &Path) -> Result<(), UsageError> {
    let refused = |why: &str| Err(unusable(option, path, why.to_owned()));
    if path.as_os_str().is_empty() || path.is_dir() {
        return refused("it is a folder or empty; name a file");
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return refused("its folder does not exist; make it first");
    }
    Ok(())
}

/// Two things cannot be written into one file.
pub(super) fn check_two_files(report: &Path, telemetry: &Path) -> Result<(), UsageError> {
    match (resolved_file(report), resolved_file(telemetry)) {
        (Ok(one), Ok(other)) if one == other => Err(unusable(
            "--telemetry",
            telemetry,
            format!(
                "it is the file of --report {}; name two files",
                report.display()
            ),
        )),
        _ => Ok(()),
    }
}

/// A folder for files must be there and take some, or be one that can be made.
pub(super) fn check_folder(path: &Path) -> Result<(), UsageError> {
    let refused = |why: String| Err(unusable("--screenshot", path, why));
    if path.as_os_str().is_empty() {
        return refused("it is empty; name a folder".to_owned());
    }
    let there = path.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new("."));
    if !there.is_dir() {
        return refused(format!("{} is no folder; name a folder", there.display()));
    }
    match try_beside(&there.join("picture")) {
        Ok(()) => Ok(()),
        Err(error) => refused(format!(
            "nothing can be written in {}: {error}",
            there.display()
        )),
    }
}

fn unusable(option: &'static str, path: &Path, why: String) -> UsageError {
    UsageError::Path {
        option,
        path: path.to_owned(),
        why,
    }
}
