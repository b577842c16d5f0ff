//! Writes one line per frame to a file: CSV or JSON lines, by the file's extension.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use bevy::prelude::*;

use super::{
    Telemetry,
    log::EventKind,
    record::TelemetrySystems,
    registry::{Metric, MetricKind, columns},
    sample::Sample,
};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Last,
        (
            write_frame.run_if(resource_exists::<TelemetryFile>),
            flush_on_exit.run_if(resource_exists::<TelemetryFile>.and_then(on_message::<AppExit>)),
        )
            .chain()
            .after(TelemetrySystems::Record),
    );
}

/// Why a telemetry file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The extension names no format.
    #[error("telemetry file {path}: the extension must be .csv or .jsonl")]
    UnknownFormat {
        /// The file asked for.
        path: PathBuf,
    },
    /// The file cannot be created.
    #[error("telemetry file {path} cannot be created: {source}")]
    Create {
        /// The file asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A line cannot be written.
    #[error("telemetry file {path} cannot be written: {source}")]
    Write {
        /// The file being written.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The form of a line.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum TelemetryFormat {
    /// A heading, then values separated by commas; no data is an empty field.
    Csv,
    /// One JSON object per line; no data is `null`.
    JsonLines,
}

impl TelemetryFormat {
    /// The format that a path's extension names.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// The open telemetry file; insert it as a resource before the first frame. Flushed at exit and when dropped.
#[derive(Resource)]
pub struct TelemetryFile {
    path: PathBuf,
    format: TelemetryFormat,
    writer: BufWriter<File>,
    failure: Option<String>,
}

impl TelemetryFile {
    /// Creates (or truncates) the file and writes the heading.
    ///
    /// # Errors
    /// Names the file when the extension is unknown or the file cannot be created or written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, ExportError> {
        let path = path.into();
        let Some(format) = TelemetryFormat::of_path(&path) else {
            return Err(ExportError::UnknownFormat { path });
        };
        let file = File::create(&path).map_err(|source| ExportError::Create {
            path: path.clone(),
            source,
        })?;
        let mut writer = BufWriter::new(file);
        write_heading(&mut writer, format).map_err(|source| ExportError::Write {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            format,
            writer,
            failure: None,
        })
    }

    /// Writes one frame; after a failure it does nothing.
    ///
    /// # Errors
    /// Names the file, once, when it cannot be written.
    pub fn write(&mut self, sample: &Sample) -> Result<(), ExportError> {
        if self.failure.is_some() {
            return Ok(());
        }
        let written = write_line(&mut self.writer, self.format, sample);
        self.remember(written)
    }

    /// Hands everything written to the system.
    ///
    /// # Errors
    /// Names the file, once, when it cannot be written.
    pub fn flush(&mut self) -> Result<(), ExportError> {
        if self.failure.is_some() {
            return Ok(());
        }
        let flushed = self.writer.flush();
        self.remember(flushed)
    }

    /// Why writing ended early; a run with a failure here must not exit with code 0.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    fn remember(&mut self, result: io::Result<()>) -> Result<(), ExportError> {
        result.map_err(|source| {
            let error = ExportError::Write {
                path: self.path.clone(),
                source,
            };
            self.failure = Some(error.to_string());
            error
        })
    }
}

fn write_heading(out: &mut impl Write, format: TelemetryFormat) -> io::Result<()> {
    if format == TelemetryFormat::JsonLines {
        return Ok(());
    }
    for (index, metric) in columns().iter().enumerate() {
        write!(out, "{}{}", if index == 0 { "" } else { "," }, metric.id)?;
    }
    writeln!(out)
}

/// Writes one frame as a line; no allocation.
fn write_line(out: &mut impl Write, format: TelemetryFormat, sample: &Sample) -> io::Result<()> {
    match format {
        TelemetryFormat::Csv => {
            for (index, metric) in columns().iter().enumerate() {
                if index > 0 {
                    write!(out, ",")?;
                }
                write_value(out, metric, sample, "")?;
            }
            writeln!(out)
        }
        TelemetryFormat::JsonLines => {
            for (index, metric) in columns().iter().enumerate() {
                write!(
                    out,
                    "{}\"{}\":",
                    if index == 0 { "{" } else { "," },
                    metric.id
                )?;
                write_value(out, metric, sample, "null")?;
            }
            writeln!(out, "}}")
        }
    }
}

/// The heading and a line for each of the frames, as in a `.csv` file.
pub(super) fn csv_text(samples: &[Sample]) -> Vec<u8> {
    let mut text = Vec::with_capacity(samples.len() * 400);
    // Writing to memory cannot fail.
    let _ = write_heading(&mut text, TelemetryFormat::Csv);
    for sample in samples {
        let _ = write_line(&mut text, TelemetryFormat::Csv, sample);
    }
    text
}

fn write_value(
    out: &mut impl Write,
    metric: &Metric,
    sample: &Sample,
    no_data: &str,
) -> io::Result<()> {
    match metric.value(sample) {
        None => write!(out, "{no_data}"),
        Some(value) if metric.kind == MetricKind::Measure => write!(out, "{value:.6}"),
        Some(value) => write!(out, "{value:.0}"),
    }
}

fn write_frame(mut file: ResMut<TelemetryFile>, mut telemetry: ResMut<Telemetry>) {
    let Some(sample) = telemetry.samples().last().copied() else {
        return;
    };
    if let Err(error) = file.write(&sample) {
        error!("{error}");
        telemetry.note(EventKind::Warning, error.to_string());
    }
}

fn flush_on_exit(mut file: ResMut<TelemetryFile>) {
    if let Err(error) = file.flush() {
        error!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: TelemetryFormat, sample: &Sample) -> String {
        let mut out = Vec::new();
        write_line(&mut out, format, sample).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn busy() -> Sample {
        Sample {
            frame: 12,
            t_secs: 0.25,
            dt_ms: 16.666_667,
            requested: 9,
            applied: 4,
            active: 3,
            ready: 2,
            max_concurrent_tasks: 3,
            apply_budget_ms: 2.0,
            ..Sample::default()
        }
    }

    #[test]
    fn csv_line_has_a_value_for_each_heading() {
        let mut heading = Vec::new();
        write_heading(&mut heading, TelemetryFormat::Csv).unwrap();
        let heading = String::from_utf8(heading).unwrap();
        let line = line(TelemetryFormat::Csv, &busy());
        let row: std::collections::BTreeMap<_, _> = heading
            .trim()
            .split(',')
            .zip(line.trim().split(','))
            .collect();
        assert_eq!(
            heading.trim().split(',').count(),
            line.trim().split(',').count()
        );
        assert_eq!(row["frame"], "12");
        assert_eq!(row["dt_ms"], "16.666667");
        assert_eq!(row["active"], "3");
        assert_eq!(row["apply_budget_ms"], "2.000000");
    }

    #[test]
    fn json_line_is_an_object_with_every_column() {
        let value: serde_json::Value =
            serde_json::from_str(&line(TelemetryFormat::JsonLines, &busy())).unwrap();
        let object = value.as_object().unwrap();
        let keys: Vec<_> = object.keys().map(String::as_str).collect();
        let columns: Vec<_> = columns().iter().map(|metric| metric.id).collect();
        assert_eq!(keys, columns);
        assert_eq!(object["requested"], 9);
    }

    #[test]
    fn law_one_can_be_recomputed_from_a_line() {
        let sample = busy();
        let value: serde_json::Value =
            serde_json::from_str(&line(TelemetryFormat::JsonLines, &sample)).unwrap();
        let sum: u64 = [
            "applied",
            "stale",
            "cancelled",
            "failed",
            "active",
            "queued",
            "ready",
            "applying",
        ]
        .iter()
        .map(|key| value[key].as_u64().unwrap())
        .sum();
        assert_eq!(sum, sample.accounted());
        assert_eq!(value["requested"].as_u64().unwrap(), sum);
    }

    #[test]
    fn value_that_is_no_number_is_no_data() {
        let sample = Sample {
            scan_ms: f64::NAN,
            ..busy()
        };
        assert!(line(TelemetryFormat::JsonLines, &sample).contains("\"scan_ms\":null"));
        assert!(line(TelemetryFormat::Csv, &sample).contains(",,"));
    }

    #[test]
    fn bad_paths_are_refused_by_name() {
        let unknown = TelemetryFile::create("frames.txt")
            .err()
            .unwrap()
            .to_string();
        assert!(
            unknown.contains("frames.txt") && unknown.contains(".jsonl"),
            "{unknown}"
        );
        let nowhere = TelemetryFile::create("no-such-folder/frames.csv")
            .err()
            .unwrap()
            .to_string();
        assert!(nowhere.contains("no-such-folder/frames.csv"), "{nowhere}");
    }
}
