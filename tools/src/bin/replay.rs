//! Runs a scenario or a bundle again, also with other settings, and says what differs.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::ProgressBar;
use ringroad_tools::replay::{ReplayOptions, Replayed, Row, Series, replay, summarise};
use serde_json::{Value, json};

/// Bad usage or input.
const USAGE: u8 = 2;

/// Run a scenario or a recorded bundle again on the virtual clock, also with other settings, and compare telemetry.
///
/// Without changes a scenario is run twice and must be equal, frame by frame; a bundle is compared with what was recorded.
#[derive(Debug, Parser)]
#[command(name = "replay", version)]
struct Options {
    /// A scenario (.ron), or the folder of a bundle
    #[arg(value_name = "FILE|BUNDLE")]
    source: PathBuf,

    /// Change one setting for every run and hold it; may be given again
    #[arg(long, value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    base: Vec<String>,

    /// Change one setting for the second run and hold it; may be given again
    #[arg(long, value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,

    /// A preset for the second run
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// A seed for the second run
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    seed: Option<String>,

    /// Generation workers of the second run
    #[arg(long, value_name = "N")]
    threads: Option<String>,

    /// Where telemetry and reports of the runs go
    #[arg(long, value_name = "DIR", default_value = "replay")]
    out: PathBuf,

    /// Show every metric, not only those that differ
    #[arg(long)]
    all: bool,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Options {
    fn changes(&self) -> Vec<String> {
        let with = |name: &str, value: &String| [name.to_owned(), value.clone()];
        let mut changes: Vec<String> = self.set.iter().flat_map(|set| with("--set", set)).collect();
        changes.extend(self.preset.iter().flat_map(|name| with("--preset", name)));
        changes.extend(self.seed.iter().flat_map(|seed| with("--seed", seed)));
        changes.extend(
            self.threads
                .iter()
                .flat_map(|count| with("--threads", count)),
        );
        changes
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    // Shown on a terminal only. How long a script takes nobody knows before its end.
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(200));
    let replayed = replay(
        &ReplayOptions {
            source: options.source.clone(),
            base: options
                .base
                .iter()
                .flat_map(|set| ["--set".to_owned(), set.clone()])
                .collect(),
            changes: options.changes(),
            folder: options.out.clone(),
        },
        |name| progress.set_message(format!("running {name}")),
    );
    progress.finish_and_clear();
    match replayed {
        Ok(replayed) => tell(&options, &replayed),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(USAGE)
        }
    }
}

fn tell(options: &Options, replayed: &[Replayed]) -> ExitCode {
    let rows = summarise(replayed);
    let is_equal = rows.iter().all(|row| row.is_equal != Some(false));
    let text = if options.json {
        format!("{:#}\n", as_json(options, replayed, &rows, is_equal))
    } else {
        as_table(options, replayed, &rows, is_equal)
    };
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        eprintln!("error: standard output: {error}");
        return ExitCode::from(USAGE);
    }
    for run in replayed {
        for failure in &run.failures {
            eprintln!("{}: {failure}", run.name);
        }
    }
    let has_failed = replayed.iter().any(|run| !run.failures.is_empty());
    let was_recorded = replayed.iter().any(|run| run.name == "recorded");
    // The same script twice must be the same, frame by frame.
    let must_be_equal = options.changes().is_empty() && !was_recorded;
    if has_failed || (must_be_equal && !is_equal) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn as_json(options: &Options, replayed: &[Replayed], rows: &[Row], is_equal: bool) -> Value {
    let series = |series: &Series| json!({ "mean": series.mean, "most": series.most });
    let metrics: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.metric.id,
                "unit": row.metric.unit,
                "equal": row.is_equal,
                "differs": row.differs(),
                "runs": row.series.iter().map(series).collect::<Vec<_>>(),
            })
        })
        .collect();
    let runs: Vec<Value> = replayed
        .iter()
        .map(|run| {
            json!({
                "name": run.name,
                "frames": run.telemetry.rows.len(),
                "failures": run.failures,
            })
        })
        .collect();
    json!({
        "schema": "ringroad.replay/1",
        "source": options.source.display().to_string(),
        "base": options.base,
        "changes": options.changes(),
        "equal": is_equal,
        "runs": runs,
        "metrics": metrics,
    })
}

fn as_table(options: &Options, replayed: &[Replayed], rows: &[Row], is_equal: bool) -> String {
    let number =
        |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"));
    let mut text = format!("{:<26}", "");
    for run in replayed {
        text += &format!(
            "{:>26}",
            format!("{} ({})", run.name, run.telemetry.rows.len())
        );
    }
    text += "\n";
    text += &format!("{:<26}", "metric");
    for _ in replayed {
        text += &format!("{:>13}{:>13}", "mean, /s", "most, last");
    }
    text += "\n";
    let shown = rows
        .iter()
        .filter(|row| options.all || (row.differs() && !row.metric.is_wall));
    for row in shown {
        text += &format!("{:<26}", format!("{} [{}]", row.metric.id, row.metric.unit));
        for series in &row.series {
            text += &format!("{:>13}{:>13}", number(series.mean), number(series.most));
        }
        text += "\n";
    }
    text + if is_equal {
        "the last two are equal frame by frame, but for true times\n"
    } else {
        "the last two differ\n"
    }
}
