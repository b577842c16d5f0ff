//! One self-contained page of one or two files: no script, no other file, readable without a network.

use std::fmt::Write;

use serde_json::Value;

use crate::{Input, Telemetry, flatten, plot};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:820px;margin:2em auto;padding:0 1em;color:#222}\
h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}table{border-collapse:collapse;width:100%}\
td,th{padding:2px 8px;border-bottom:1px solid #ddd;text-align:right;font-variant-numeric:tabular-nums}\
td:first-child,th:first-child{text-align:left}tr.differs td{background:#fff3d6}svg{width:100%;height:auto}\
svg text{font:11px system-ui,sans-serif;fill:#444}.grid{stroke:#e4e4e4}.a{color:#0072b2}.b{color:#b37400}figure{margin:1em 0}";

/// The page. Reports become tables with a comparison, telemetry becomes plots.
pub fn page(inputs: &[Input]) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Ringroad report</title>",
    );
    let _ = write!(
        html,
        "<style>{STYLE}</style></head><body><h1>Ringroad report</h1><p>"
    );
    for (input, class) in inputs.iter().zip(["a", "b"]) {
        let _ = write!(
            html,
            "<span class=\"{class}\">■ {}</span><br>",
            escaped(input.name())
        );
    }
    html.push_str("</p>");
    let reports: Vec<&Value> = inputs
        .iter()
        .filter_map(|input| match input {
            Input::Report { report, .. } => Some(report),
            Input::Telemetry { .. } => None,
        })
        .collect();
    if !reports.is_empty() {
        let _ = write!(
            html,
            "<h2>Timings, p50 to p99</h2>{}",
            plot::timings(&reports)
        );
        tables(&mut html, &reports);
    }
    let histories: Vec<&Telemetry> = inputs
        .iter()
        .filter_map(|input| match input {
            Input::Telemetry { telemetry, .. } => Some(telemetry),
            Input::Report { .. } => None,
        })
        .collect();
    if !histories.is_empty() {
        let _ = write!(html, "<h2>Every frame</h2>{}", plot::history(&histories));
    }
    html.push_str("</body></html>\n");
    html
}

/// One table per group of the report; with two reports a column for the difference.
fn tables(html: &mut String, reports: &[&Value]) {
    let leaves: Vec<Vec<(String, Value)>> = reports.iter().map(|report| flatten(report)).collect();
    let find = |index: usize, path: &str| {
        let leaves: &Vec<(String, Value)> = leaves.get(index)?;
        leaves
            .iter()
            .find(|(leaf, _)| leaf == path)
            .map(|(_, value)| value)
    };
    let only_second = leaves
        .get(1)
        .into_iter()
        .flatten()
        .filter(|(path, _)| find(0, path).is_none());
    let mut group = "";
    let paths: Vec<&str> = leaves[0]
        .iter()
        .chain(only_second)
        .map(|(path, _)| path.as_str())
        .collect();
    for path in paths {
        let of_path = path.split(['.', '[']).next().unwrap_or(path);
        if of_path != group {
            if !group.is_empty() {
                html.push_str("</table>");
            }
            group = of_path;
            let _ = write!(html, "<h2>{}</h2><table>", escaped(group));
        }
        let (a, b) = (find(0, path), find(1, path));
        let class = if reports.len() > 1 && a != b {
            " class=\"differs\""
        } else {
            ""
        };
        let _ = write!(
            html,
            "<tr{class}><td>{}</td><td>{}</td>",
            escaped(path),
            shown(a)
        );
        if reports.len() > 1 {
            let _ = write!(html, "<td>{}</td><td>{}</td>", shown(b), difference(a, b));
        }
        html.push_str("</tr>");
    }
    html.push_str("</table>");
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "—".to_owned(),
        Some(Value::String(text)) => escaped(text),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(float) if !(number.is_u64() || number.is_i64()) => format!("{float:.3}"),
            _ => number.to_string(),
        },
        Some(other) => escaped(&other.to_string()),
    }
}

/// By how much the second differs, as a number and in percent.
fn difference(a: Option<&Value>, b: Option<&Value>) -> String {
    let numbers = a.and_then(Value::as_f64).zip(b.and_then(Value::as_f64));
    match numbers {
        Some((a, b)) if a == b => String::new(),
        Some((a, b)) if a != 0.0 => format!("{:+.3} ({:+.1} %)", b - a, (b - a) / a.abs() * 100.0),
        Some((a, b)) => format!("{:+.3}", b - a),
        None if a == b => String::new(),
        None => "differs".to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(applied: u64) -> Input {
        Input::Report {
            name: "<a&b>.json".to_owned(),
            report: json!({ "counters": { "applied": applied }, "verdict": null, "timings_ms": {} }),
        }
    }

    #[test]
    fn the_page_is_self_contained_and_escapes_names() {
        let html = page(&[report(3)]);
        assert!(html.contains("&lt;a&amp;b&gt;.json") && !html.contains("<a&b>"));
        assert!(!html.contains("src=") && !html.contains("href=") && !html.contains("<script"));
        assert!(html.contains("<td>—</td>"), "missing data is a dash");
    }

    #[test]
    fn two_reports_have_a_column_for_the_difference() {
        let html = page(&[report(200), report(150)]);
        assert!(html.contains("-50.000 (-25.0 %)"), "{html}");
    }
}
