//! Reading what the game wrote: a run report, or telemetry with one line per frame.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde_json::Value;
use thiserror::Error;

/// Reports of this schema family are understood.
const SCHEMA: &str = "ringroad.report/1";

/// Why a file was refused.
#[derive(Debug, Error)]
pub enum InputError {
    /// The system could not read it.
    #[error("{}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what its name says.
    #[error("{}:{line}: {what}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where, from 1.
        line: usize,
        /// What is wrong, and what would be legal.
        what: String,
    },
}

/// A file that can be shown and compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A run report.
    Report {
        /// The file's name.
        name: String,
        /// Its content.
        report: Value,
    },
    /// One line per frame.
    Telemetry {
        /// The file's name.
        name: String,
        /// Its content.
        telemetry: Telemetry,
    },
}

/// Values of every frame by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// One row per frame; `None` is no data.
    pub rows: Vec<Vec<Option<f64>>>,
}

impl Input {
    /// Reads a file: `.csv` and `.jsonl` are telemetry, everything else is a report.
    pub fn read(file: &Path) -> Result<Self, InputError> {
        let name = file.display().to_string();
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Telemetry {
                name,
                telemetry: read_lines(file, Telemetry::take_csv_line)?,
            }),
            Some("jsonl") => Ok(Self::Telemetry {
                name,
                telemetry: read_lines(file, Telemetry::take_json_line)?,
            }),
            _ => Ok(Self::Report {
                name,
                report: read_report(file)?,
            }),
        }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Report { name, .. } | Self::Telemetry { name, .. } => name,
        }
    }
}

fn read_report(file: &Path) -> Result<Value, InputError> {
    let text = std::fs::read_to_string(file).map_err(|source| InputError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    let malformed = |line, what| InputError::Malformed {
        file: file.to_owned(),
        line,
        what,
    };
    let report: Value = serde_json::from_str(&text)
        .map_err(|error| malformed(error.line(), format!("{error}; a run report is JSON")))?;
    if report["schema"] == SCHEMA {
        Ok(report)
    } else {
        Err(malformed(
            1,
            format!(
                "the schema is {}; legal is \"{SCHEMA}\", or a telemetry file .csv or .jsonl",
                report["schema"]
            ),
        ))
    }
}

fn read_lines(
    file: &Path,
    mut take: impl FnMut(&mut Telemetry, &str) -> Result<(), String>,
) -> Result<Telemetry, InputError> {
    let unreadable = |source| InputError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    // Shown on a terminal only.
    let progress = ProgressBar::new(opened.metadata().map_err(unreadable)?.len());
    let mut telemetry = Telemetry::default();
    for (index, line) in BufReader::new(opened).lines().enumerate() {
        let line = line.map_err(unreadable)?;
        progress.inc(line.len() as u64 + 1);
        take(&mut telemetry, &line).map_err(|what| InputError::Malformed {
            file: file.to_owned(),
            line: index + 1,
            what,
        })?;
    }
    progress.finish_and_clear();
    Ok(telemetry)
}

impl Telemetry {
    fn take_csv_line(&mut self, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split(',').collect();
        if self.columns.is_empty() {
            self.columns = fields.iter().map(|field| (*field).to_owned()).collect();
            return Ok(());
        }
        if fields.len() != self.columns.len() {
            return Err(format!(
                "{} fields where the heading has {}",
                fields.len(),
                self.columns.len()
            ));
        }
        let row = fields.iter().map(|field| match *field {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| format!("`{text}` is not a number")),
        });
        self.rows.push(row.collect::<Result<_, String>>()?);
        Ok(())
    }

    fn take_json_line(&mut self, line: &str) -> Result<(), String> {
        let frame: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let frame = frame.as_object().ok_or("each line is one JSON object")?;
        if self.columns.is_empty() {
            self.columns = frame.keys().cloned().collect();
        }
        let row = self
            .columns
            .iter()
            .map(|column| frame.get(column).and_then(Value::as_f64));
        let row = row.collect();
        self.rows.push(row);
        Ok(())
    }

    /// The values of a column, where it has any.
    pub fn column(&self, name: &str) -> Option<impl Iterator<Item = Option<f64>>> {
        let index = self.columns.iter().position(|column| column == name)?;
        Some(self.rows.iter().map(move |row| row[index]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_telemetry_say_the_same() {
        let mut csv = Telemetry::default();
        for line in ["frame,dt_ms", "1,16.5", "2,"] {
            csv.take_csv_line(line).expect("legal");
        }
        let mut json = Telemetry::default();
        for line in [r#"{"frame":1,"dt_ms":16.5}"#, r#"{"frame":2,"dt_ms":null}"#] {
            json.take_json_line(line).expect("legal");
        }
        assert_eq!(csv, json);
        let frames: Vec<_> = csv.column("frame").expect("there").collect();
        assert_eq!(frames, [Some(1.0), Some(2.0)]);
    }

    #[test]
    fn malformed_lines_are_refused() {
        let mut csv = Telemetry::default();
        csv.take_csv_line("a,b").expect("a heading");
        assert!(csv.take_csv_line("1").is_err() && csv.take_csv_line("1,x").is_err());
        assert!(Telemetry::default().take_json_line("[1]").is_err());
    }
}
