//! Plain SVG: bars for distributions, lines for values over time.

use std::fmt::Write;

use serde_json::Value;

use crate::Telemetry;

/// Okabe and Ito's blue and orange, which everybody can tell apart.
const COLOURS: [&str; 2] = ["#0072b2", "#e69f00"];
const WIDTH: f64 = 760.0;
const LABEL_WIDTH: f64 = 150.0;
const ROW_HEIGHT: f64 = 26.0;
const PLOT_HEIGHT: f64 = 90.0;

/// One row per timing: a line from p50 to p99 with marks at p50, p95 and p99, on one logarithmic axis in ms.
pub fn timings(reports: &[&Value]) -> String {
    let names: Vec<&str> = reports
        .first()
        .and_then(|report| report["timings_ms"].as_object())
        .map(|timings| timings.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let place = |ms: f64| {
        // From a microsecond to ten seconds.
        let share = (ms.max(1e-3).log10() + 3.0) / 7.0;
        LABEL_WIDTH + share.clamp(0.0, 1.0) * (WIDTH - LABEL_WIDTH - 20.0)
    };
    let height = ROW_HEIGHT * (names.len() as f64 + 1.0);
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">");
    for decade in -3..=4_i32 {
        let ms = 10_f64.powi(decade);
        let x = place(ms);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{:.1}\"/>",
            height - ROW_HEIGHT
        );
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{ms} ms</text>",
            height - 8.0
        );
    }
    for (row, name) in names.iter().enumerate() {
        let top = row as f64 * ROW_HEIGHT;
        let _ = write!(svg, "<text x=\"0\" y=\"{:.1}\">{name}</text>", top + 17.0);
        for (report, colour) in reports.iter().zip(COLOURS).rev() {
            let summary = &report["timings_ms"][*name];
            let second = if colour == COLOURS[1] { 7.0 } else { 0.0 };
            let y = top + 9.0 + second;
            let quantiles = ["p50", "p95", "p99"].map(|quantile| summary[quantile].as_f64());
            if let [Some(p50), Some(p95), Some(p99)] = quantiles {
                let _ = write!(
                    svg,
                    "<line stroke=\"{colour}\" stroke-width=\"3\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                    place(p50),
                    place(p99)
                );
                for (ms, radius) in [(p50, 4.0), (p95, 3.0), (p99, 2.0)] {
                    let _ = write!(
                        svg,
                        "<circle fill=\"{colour}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>",
                        place(ms)
                    );
                }
            }
        }
    }
    svg.push_str("</svg>");
    svg
}

/// One plot per column over time, all files in the same axes.
pub fn history(files: &[&Telemetry]) -> String {
    let columns = files
        .first()
        .map(|file| file.columns.as_slice())
        .unwrap_or_default();
    let drawn = columns
        .iter()
        .filter(|column| !["frame", "t"].contains(&column.as_str()));
    drawn.map(|column| column_plot(column, files)).collect()
}

fn column_plot(column: &str, files: &[&Telemetry]) -> String {
    let series: Vec<Vec<(f64, f64)>> = files.iter().map(|file| points(file, column)).collect();
    let all = || series.iter().flatten();
    let end = all().map(|(t, _)| *t).fold(0.0, f64::max).max(1e-9);
    let most = all().map(|(_, value)| *value).fold(0.0, f64::max);
    let scale = if most > 0.0 { most } else { 1.0 };
    let mut svg = format!(
        "<figure><figcaption>{column}, 0 to {most:.6}, over {end:.1} s</figcaption><svg viewBox=\"0 0 {WIDTH} {PLOT_HEIGHT}\" role=\"img\">"
    );
    for (points, colour) in series.iter().zip(COLOURS) {
        let mut line = String::new();
        for (t, value) in points {
            let (x, y) = (
                t / end * WIDTH,
                PLOT_HEIGHT - 2.0 - value / scale * (PLOT_HEIGHT - 4.0),
            );
            let _ = write!(line, "{x:.1},{y:.1} ");
        }
        let _ = write!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" points=\"{}\"/>",
            line.trim_end()
        );
    }
    svg.push_str("</svg></figure>");
    svg
}

/// At most two points per pixel: the first and the greatest of each bin, so that no peak gets lost.
fn points(file: &Telemetry, column: &str) -> Vec<(f64, f64)> {
    let (Some(times), Some(values)) = (file.column("t"), file.column(column)) else {
        return Vec::new();
    };
    let all: Vec<(f64, f64)> = times
        .zip(values)
        .filter_map(|(t, value)| t.zip(value))
        .collect();
    let bin = all.len().div_ceil(WIDTH as usize).max(1);
    all.chunks(bin)
        .filter_map(|bin| bin.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_peak_of_one_frame_is_still_drawn() {
        let rows = (0..100_000).map(|frame| {
            let ms = if frame == 54_321 { 99.0 } else { 1.0 };
            vec![Some(f64::from(frame) / 60.0), Some(ms)]
        });
        let telemetry = Telemetry {
            columns: vec!["t".into(), "dt_ms".into()],
            rows: rows.collect(),
        };
        let points = points(&telemetry, "dt_ms");
        assert!(points.len() <= WIDTH as usize && points.iter().any(|(_, ms)| *ms == 99.0));
    }

    #[test]
    fn timings_without_data_draw_no_marks() {
        let report =
            json!({ "timings_ms": { "scan": { "n": 0, "p50": null, "p95": null, "p99": null } } });
        let svg = timings(&[&report]);
        assert!(svg.contains("scan") && !svg.contains("circle"));
    }
}
