//! Measures the ratios that say how fast streaming is, as a table and as JSON.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use ringroad_tools::bench::{
    Bench, BenchOptions, Id, MemoryProbe, Watch, bench, json, probe_memory, read_ids, table,
};

/// Bad usage, or an outcome that could not be written.
const USAGE: u8 = 2;

/// The ratios of streaming, each of two things that are measured in turn in one process, with a control that says
/// how far the machine can be trusted. Exits with 0 when it has measured, whatever it found.
#[derive(Debug, Parser)]
#[command(name = "bench", version, after_help = ratios())]
struct Options {
    /// These ratios alone, as in P1,A1
    #[arg(long, value_name = "IDS", value_parser = ids)]
    only: Option<Ids>,

    /// A look of under two minutes: shows where the values stand, never judges
    #[arg(long)]
    quick: bool,

    /// Leave out the note under each line
    #[arg(long)]
    brief: bool,

    /// Write the outcome as JSON, to standard output without a FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,

    /// Measure memory in this process; the bench calls itself with this
    #[arg(long, hide = true, value_parser = probe, conflicts_with_all = ["only", "quick", "json"])]
    memory_probe: Option<MemoryProbe>,
}

#[derive(Clone, Debug)]
struct Ids(Vec<Id>);

fn ids(text: &str) -> Result<Ids, String> {
    read_ids(text).map(Ids).map_err(|error| error.to_string())
}

fn probe(text: &str) -> Result<MemoryProbe, String> {
    MemoryProbe::ALL
        .into_iter()
        .find(|probe| probe.name() == text)
        .ok_or_else(|| "no such probe".to_owned())
}

fn ratios() -> String {
    let lines = Id::ALL
        .iter()
        .map(|id| format!("  {:5} {}", id.name(), id.about()));
    format!("Ratios:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn main() -> ExitCode {
    let options = Options::parse();
    let told = match options.memory_probe {
        Some(probe) => probe_memory(probe).and_then(|answer| print(&format!("{answer}\n"))),
        None => measure(&options),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(USAGE)
        }
    }
}

fn measure(options: &Options) -> Result<(), String> {
    let to_measure = BenchOptions {
        only: options.only.clone().map(|ids| ids.0).unwrap_or_default(),
        is_quick: options.quick,
    };
    let bar = Bar::on_a_terminal();
    let found = bench(&to_measure, &bar);
    bar.0.finish_and_clear();
    tell(options, &found)
}

fn tell(options: &Options, found: &Bench) -> Result<(), String> {
    let text = table(found, !options.brief);
    let Some(file) = &options.json else {
        return print(&text);
    };
    let document = format!("{:#}\n", json(found));
    if file == Path::new("-") {
        return print(&document);
    }
    std::fs::write(file, document).map_err(|error| format!("{}: {error}", file.display()))?;
    print(&text)
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| format!("standard output: {error}"))
}

/// A bar with an estimate; nothing where standard error is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn on_a_terminal() -> Self {
        let bar = ProgressBar::new(1);
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30} {percent:>3} % {msg}  {elapsed} gone, about {eta} left",
        ) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(bar)
    }
}

impl Watch for Bar {
    fn plans(&self, units: u64) {
        self.0.set_length(units);
    }

    fn begins(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    fn has_done(&self, units: u64) {
        self.0.inc(units);
    }
}
