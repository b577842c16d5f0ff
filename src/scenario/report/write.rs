//! Writing a report: whole or not at all.

use std::fmt;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

/// More links in a row than this are a circle, as the system sees it too.
const MOST_LINKS: usize = 40;

/// Where the report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportTarget {
    /// Standard output, on which nothing else is printed then.
    StandardOutput,
    /// A file, replaced at once when the report is whole; what is no regular file is written into as it is.
    File(PathBuf),
}

impl fmt::Display for ReportTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardOutput => f.write_str("standard output"),
            Self::File(file) => file.display().fmt(f),
        }
    }
}

/// The report could not be written.
#[derive(Debug, Error)]
#[error("report {target}: {source}")]
pub struct ReportUnwritten {
    target: ReportTarget,
    source: Error,
}

impl ReportTarget {
    /// Writes the report with a line break at its end.
    pub fn write(&self, report: &Value) -> Result<(), ReportUnwritten> {
        let text = format!("{report:#}\n");
        let written = match self {
            Self::StandardOutput => {
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
            Self::File(file) if is_special(file) => write_into(file, text.as_bytes()),
            Self::File(file) => replace(file, text.as_bytes()),
        };
        written.map_err(|source| ReportUnwritten {
            target: self.clone(),
            source,
        })
    }
}

/// Whether the path leads to something that is neither a regular file nor a folder: a device, a pipe.
pub fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The file that writing to `path` reaches: links are followed, also one whose target is not there yet.
pub fn resolved_file(path: &Path) -> std::io::Result<PathBuf> {
    let mut file = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(canonical) = file.canonicalize() {
            return Ok(canonical);
        }
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.canonicalize()?,
            _ => Path::new(".").canonicalize()?,
        };
        match std::fs::read_link(&file) {
            Ok(target) => file = folder.join(target),
            Err(_) => {
                let name = file.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
                return Ok(folder.join(name));
            }
        }
    }
    Err(Error::other("too many links in a row"))
}

/// Whether a file can be made beside the one that `path` leads to: makes it and takes it away again.
pub fn try_beside(path: &Path) -> std::io::Result<()> {
    let beside = beside(&resolved_file(path)?);
    std::fs::write(&beside, "")?;
    std::fs::remove_file(&beside)
}

/// The temporary file of this process for a file.
fn beside(file: &Path) -> PathBuf {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    PathBuf::from(beside)
}

/// Writes into what is there.
fn write_into(file: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut out = std::fs::OpenOptions::new().write(true).open(file)?;
    out.write_all(content).and_then(|()| out.flush())
}

/// Writes beside the file that the path leads to and renames, so that a reader never sees half of it.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let file = resolved_file(path)?;
    let beside = beside(&file);
    let written = std::fs::write(&beside, content).and_then(|()| std::fs::rename(&beside, &file));
    if written.is_err() {
        // What is left of it is of no use; that it may not exist at all is no second error.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A scratch folder of a test, removed at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("ringroad-report-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a scratch folder");
            Self(folder)
        }

        fn files(&self) -> usize {
            std::fs::read_dir(&self.0).expect("there").count()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_report_replaces_the_old_file_and_leaves_nothing_beside_it() {
        let scratch = Scratch::new("replaced");
        let file = scratch.0.join("r.json");
        std::fs::write(&file, "old").expect("written");
        try_beside(&file).expect("a folder to write to");
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "old");
        ReportTarget::File(file.clone())
            .write(&json!({ "a": 1 }))
            .expect("written");
        let text = std::fs::read_to_string(&file).expect("there");
        assert_eq!(text, "{\n  \"a\": 1\n}\n");
        assert_eq!(scratch.files(), 1);
    }

    #[test]
    fn a_report_that_cannot_be_written_is_an_error_that_names_the_file() {
        let target = ReportTarget::File(PathBuf::from("no/such/folder/r.json"));
        let error = target.write(&json!({})).expect_err("no folder").to_string();
        assert!(error.contains("no/such/folder/r.json"), "{error}");
        assert!(try_beside(Path::new("no/such/folder/r.json")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_whether_its_target_is_there_or_not() {
        let scratch = Scratch::new("links");
        let (link, target) = (scratch.0.join("link.json"), scratch.0.join("target.json"));
        std::os::unix::fs::symlink("target.json", &link).expect("a link");
        for _ in 0..2 {
            ReportTarget::File(link.clone())
                .write(&json!({}))
                .expect("written");
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&target).expect("there"), "{}\n");
        }
        assert_eq!(scratch.files(), 2);
        assert_eq!(
            resolved_file(&link).expect("there"),
            resolved_file(&target).expect("there")
        );
        let circle = scratch.0.join("circle.json");
        std::os::unix::fs::symlink("circle.json", &circle).expect("a link");
        assert!(resolved_file(&circle).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_into_and_says_what_it_has_to_say() {
        let scratch = Scratch::new("device");
        let link = scratch.0.join("full");
        std::os::unix::fs::symlink("/dev/full", &link).expect("a link");
        assert!(is_special(&link));
        let target = ReportTarget::File(link.clone());
        let error = target.write(&json!({})).expect_err("full").to_string();
        assert!(error.contains("full: "), "{error}");
        assert!(link.is_symlink() && is_special(&link) && scratch.files() == 1);
        let nowhere = ReportTarget::File(PathBuf::from("/dev/null"));
        nowhere.write(&json!({})).expect("taken");
        assert!(is_special(Path::new("/dev/null")));
    }
}
