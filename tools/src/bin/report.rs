//! Shows one or two run reports or telemetry files as one page, or says whether two reports are equal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use ringroad_tools::{Difference, Input, compare, flatten, page};
use serde_json::{Map, Value, json};

/// Bad usage or input.
const USAGE: u8 = 2;

/// Turn one or two run reports or telemetry files into one self-contained HTML page.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
struct Options {
    /// Run reports (.json) or telemetry (.csv, .jsonl), one or two of a kind
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Where the page goes; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "report.html", conflicts_with_all = ["equal", "json"])]
    out: PathBuf,

    /// Compare two reports but for wall times and memory; name each differing path and exit with 1 if there is one
    #[arg(long)]
    equal: bool,

    /// Print JSON instead of a page
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(USAGE)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let inputs = options.files.iter().map(|file| Input::read(file));
    let inputs: Vec<Input> = inputs
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if options.equal || (options.json && inputs.len() == 2) {
        return compared(options, &inputs);
    }
    if options.json {
        print(&format!("{:#}\n", listed(&inputs[0])))?;
        return Ok(ExitCode::SUCCESS);
    }
    write_page(&options.out, &page(&inputs))?;
    Ok(ExitCode::SUCCESS)
}

fn compared(options: &Options, inputs: &[Input]) -> Result<ExitCode, String> {
    let [
        Input::Report { report: left, .. },
        Input::Report { report: right, .. },
    ] = inputs
    else {
        return Err("a comparison needs two run reports".to_owned());
    };
    let differences = compare(left, right);
    let counted: Vec<&Difference> = differences
        .iter()
        .filter(|difference| !difference.is_wall)
        .collect();
    if options.json {
        let rows: Vec<Value> = differences
            .iter()
            .map(|difference| {
                json!({
                    "path": difference.path,
                    "left": difference.left,
                    "right": difference.right,
                    "wall": difference.is_wall,
                })
            })
            .collect();
        let table = json!({
            "schema": "ringroad.comparison/1",
            "left": inputs[0].name(),
            "right": inputs[1].name(),
            "equal": counted.is_empty(),
            "differences": rows,
        });
        print(&format!("{table:#}\n"))?;
    } else if counted.is_empty() {
        print("equal but for wall times and memory\n")?;
    } else {
        let lines = counted.iter().map(|difference| {
            format!(
                "{}: {} != {}\n",
                difference.path, difference.left, difference.right
            )
        });
        print(&lines.collect::<String>())?;
    }
    let is_fine = counted.is_empty() || !options.equal;
    Ok(if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Every value of one file by its path.
fn listed(input: &Input) -> Value {
    match input {
        Input::Report { report, .. } => {
            Value::Object(flatten(report).into_iter().collect::<Map<_, _>>())
        }
        Input::Telemetry { telemetry, .. } => {
            json!({ "columns": telemetry.columns, "rows": telemetry.rows })
        }
    }
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| format!("standard output: {error}"))
}

fn write_page(file: &Path, html: &str) -> Result<(), String> {
    if file == Path::new("-") {
        return print(html);
    }
    std::fs::write(file, html).map_err(|error| format!("{}: {error}", file.display()))?;
    eprintln!("{}", file.display());
    Ok(())
}
