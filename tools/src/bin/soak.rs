//! Plays hours of seeded use on the virtual clock, checks every law at every frame, and shrinks what fails.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use ringroad_tools::soak::{
    CountingAllocator, Ground, Sabotage, Soak, SoakOptions, Watch, report, soak,
};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Bad usage, or an outcome that could not be written.
const USAGE: u8 = 2;

/// Hours of seeded driving, flying, teleports, faults and setting changes on the virtual clock. Fails on any broken
/// law and on growth of memory, entities, assets or queues, with a scenario that leads there again.
#[derive(Debug, Parser)]
#[command(name = "soak", version)]
struct Options {
    /// Simulated hours, more than 0, at most 1,000
    #[arg(long, value_name = "HOURS", default_value = "2", value_parser = hours)]
    hours: f64,

    /// What fills the chunks
    #[arg(long, value_enum, default_value = "synthetic")]
    generator: Ground,

    /// The seed of everything that happens
    #[arg(
        allow_negative_numbers = true,
        long,
        value_name = "N",
        default_value = "1"
    )]
    seed: u64,

    /// Write the outcome as JSON, to standard output without a FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,

    /// Where the scenario of a failure goes; beside the JSON, or here, if absent
    #[arg(long, value_name = "FILE")]
    reproduce: Option<PathBuf>,

    /// Break something on purpose, to see that the soak finds it
    #[arg(long, value_enum)]
    sabotage: Option<Sabotage>,

    /// Go on when this law is broken, and fail at the end: to look past a known fault (repeatable)
    #[arg(long, value_name = "LAW", value_parser = clap::value_parser!(u8).range(1..=15))]
    tolerate: Vec<u8>,
}

fn hours(text: &str) -> Result<f64, String> {
    let hours: f64 = text
        .parse()
        .map_err(|_| "not a number; legal is more than 0, at most 1000".to_owned())?;
    if hours > 0.0 && hours <= 1_000.0 {
        Ok(hours)
    } else {
        Err("out of range; legal is more than 0, at most 1000".to_owned())
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    give_freed_memory_back();
    let to_soak = SoakOptions {
        hours: options.hours,
        ground: options.generator,
        seed: options.seed,
        sabotage: options.sabotage,
        tolerated: options.tolerate.clone(),
    };
    let outcome = soak_with_progress(&to_soak);
    match tell(&options, &to_soak, &outcome) {
        Ok(()) if outcome.finding.is_none() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(USAGE)
        }
    }
}

/// How the allocator of the GNU C library must be set up so that freed memory goes back to the system: one arena
/// instead of one per thread, and blocks of meshes on pages of their own. Otherwise what the process holds is the
/// most that it ever used (the city: 700 MiB of which 600 were free), and growth cannot be told from that.
const SYSTEM_ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "131072"),
    ("MALLOC_TRIM_THRESHOLD_", "131072"),
];

/// The allocator reads its set-up when a process starts, so the program starts itself again, once.
#[cfg(target_os = "linux")]
fn give_freed_memory_back() {
    use std::os::unix::process::CommandExt;

    let (first, _) = SYSTEM_ALLOCATOR[0];
    let (Ok(program), None) = (std::env::current_exe(), std::env::var_os(first)) else {
        return;
    };
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .envs(SYSTEM_ALLOCATOR)
        .exec();
    eprintln!("warning: memory is measured with what the allocator keeps: {error}");
}

#[cfg(not(target_os = "linux"))]
fn give_freed_memory_back() {}

/// Soaks beside a bar that is shown on a terminal only.
fn soak_with_progress(options: &SoakOptions) -> Soak {
    let total_secs = (options.hours * 3_600.0).ceil() as u64;
    let bar = ProgressBar::new(total_secs);
    let style = ProgressStyle::with_template(
        "{bar:30} {percent:>3} % of {msg}  {elapsed} gone, about {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(format!("{} simulated hours", options.hours));
    let watch = Watch::default();
    let soaking = {
        let (watch, options) = (watch.clone(), options.clone());
        std::thread::Builder::new()
            .name("soak".to_owned())
            .spawn(move || soak(&options, &watch))
            .expect("a process that could not start one thread could not soak either")
    };
    while !soaking.is_finished() {
        std::thread::park_timeout(Duration::from_millis(200));
        bar.set_position((watch.secs() as u64).min(total_secs));
    }
    bar.finish_and_clear();
    // What dies in a soak dies on a thread of its own: this one only waits and shrinks.
    soaking
        .join()
        .unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

fn tell(options: &Options, soaked: &SoakOptions, outcome: &Soak) -> Result<(), String> {
    let value = report(soaked, outcome);
    match &options.json {
        Some(file) => write(file, &format!("{value:#}\n"))?,
        None => print(&summary(soaked, outcome))?,
    }
    if let (Some(finding), Some(scenario)) = (&outcome.finding, &outcome.reproduce) {
        eprintln!("failed: {finding}\n\n{scenario}");
        let file = scenario_file(options);
        write(&file, scenario)?;
        eprintln!("ringroad --headless --scenario {}", file.display());
    }
    Ok(())
}

fn scenario_file(options: &Options) -> PathBuf {
    match (&options.reproduce, &options.json) {
        (Some(file), _) => file.clone(),
        (None, Some(json)) if json != Path::new("-") => json.with_extension("ron"),
        (None, _) => PathBuf::from(format!("soak-{}.ron", options.seed)),
    }
}

fn summary(options: &SoakOptions, soak: &Soak) -> String {
    let mut lines = vec![format!(
        "{} simulated hours of {} in {:.1} s ({:.0} times real time), {} frames, {} episodes, {} acts",
        options.hours,
        options.ground.name(),
        soak.wall_secs,
        soak.simulated_secs / soak.wall_secs.max(1e-9),
        soak.frames,
        soak.episodes,
        soak.acts,
    )];
    for law in &soak.laws {
        let verdict = match (law.checked, law.violations) {
            (0, _) => "not seen from inside a frame",
            (_, 0) => "held",
            _ => "BROKEN",
        };
        lines.push(format!(
            "law {:>2}  {:>10} checked  {:>4} violations  {verdict}",
            law.number, law.checked, law.violations
        ));
    }
    lines.extend(soak.growth_lines());
    let verdict = if soak.finding.is_none() {
        "passed"
    } else {
        "FAILED"
    };
    lines.push(verdict.to_owned());
    lines.join("\n") + "\n"
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    if file == Path::new("-") {
        return print(text);
    }
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| format!("standard output: {error}"))
}
