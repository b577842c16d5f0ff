//! The panel's own lines, reckoned again from the telemetry file and the report.

use serde_json::Value;

use super::Row;

/// What two decimals leave open, and what a column of six and an `f32` add to it.
const ROUNDED: f64 = 0.005_1;

/// The numbers of the first line that begins so, behind that beginning.
fn numbers(text: &str, begins: &str) -> Vec<f64> {
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(begins))
        .unwrap_or_else(|| panic!("no line begins with {begins:?} in\n{text}"));
    line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn of(row: &Row, id: &str) -> f64 {
    *row.get(id).unwrap_or_else(|| panic!("no {id}"))
}

/// Ledger, flow, stale, cancelled, levels: all that is a count of the newest frame.
pub fn counts_are_those_of_the_frame(text: &str, row: &Row) {
    let of = |id: &str| of(row, id);
    let waiting = of("queued") + of("ready") + of("applying");
    let limit = of("max_concurrent_tasks");
    let full = of("loaded") - of("loaded_coarse");
    for (begins, expected) in [
        (
            "ledger  requested",
            vec![
                of("requested"),
                of("applied"),
                of("stale"),
                of("cancelled"),
                of("failed"),
                of("active"),
                waiting,
            ],
        ),
        ("hitches ", vec![of("hitches")]),
        (
            "wanted ",
            vec![of("wanted"), of("queued"), of("active"), limit, of("ready")],
        ),
        ("tasks ", vec![of("active"), limit, of("threads")]),
        ("ready ", vec![of("ready")]),
        (
            "loading ",
            vec![
                of("loading"),
                of("loaded"),
                of("missing"),
                of("quarantined"),
            ],
        ),
        ("world ", vec![of("chunk_entities")]),
        (
            "levels ",
            vec![full, of("loaded_coarse"), of("holes"), of("level_changes")],
        ),
        (
            "total ",
            vec![
                of("stale"),
                of("stale_gone"),
                of("stale_wrong_state"),
                of("stale_old_ticket"),
            ],
        ),
    ] {
        let said = numbers(text, begins);
        assert_eq!(said.get(..expected.len()), Some(&expected[..]), "{begins}");
    }
    let (_, cancelled) = text.split_once("\nCANCELLED").expect("its heading");
    let reasons = ["", "_unwanted", "_regenerated", "_level", "_memory"];
    let expected: Vec<f64> = reasons
        .iter()
        .map(|reason| of(&format!("cancelled{reason}")))
        .collect();
    assert_eq!(numbers(cancelled, "total ")[..5], expected);
    let world = numbers(text, "world ");
    let late = [of("late_must_have"), of("frames_with_hole")];
    assert_eq!(world[world.len() - 2..], late);
}

/// Rates and shares over the last ten seconds. Which frame is the first of them hangs on a rounded time: one more or less
/// is right, too.
pub fn rates_are_the_slopes_of_the_file(text: &str, rows: &[Row]) {
    let newest = rows.last().expect("frames");
    let since = of(newest, "t") - 10.0;
    let first = rows
        .iter()
        .position(|row| of(row, "t") >= since)
        .expect("the newest is in");
    let spans = || [first.saturating_sub(1), first, first + 1];
    let slope = |from: usize, id: &str| {
        let oldest = &rows[from];
        (of(newest, id) - of(oldest, id)) / (of(newest, "t") - of(oldest, "t"))
    };
    let rates = numbers(text, "rates ");
    for (said, id) in rates.iter().zip(["requested", "applied", "unloaded"]) {
        let is_near = |from| (slope(from, id) - said).abs() <= 0.051;
        assert!(spans().into_iter().any(is_near), "{id} {said}");
    }
    let ready = numbers(text, "ready ");
    // Chunks, bytes, their cap, then the growth.
    let is_near = |from| (slope(from, "ready") - ready[3]).abs() <= 0.051;
    assert!(spans().into_iter().any(is_near), "{ready:?}");
    let share = |from: usize| {
        let span = &rows[from..];
        let all: f64 = span.iter().map(|row| of(row, "dt_ms")).sum();
        let limited = span
            .iter()
            .filter(|row| of(row, "active") >= of(row, "max_concurrent_tasks"));
        100.0 * limited.map(|row| of(row, "dt_ms")).sum::<f64>() / all
    };
    let said = numbers(text, "tasks ")[3];
    let is_near = |from| (share(from) - said).abs() <= 0.51;
    assert!(spans().into_iter().any(is_near), "at the limit {said} %");
}

/// A line of a COST table: now, p50, p95, p99, max, n; `None` is no data.
fn cost_line(text: &str, heading: &str, label: &str) -> [Option<f64>; 6] {
    let (_, table) = text.split_once(heading).expect("the heading of a table");
    let line = table
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(label))
        .unwrap_or_else(|| panic!("no {label} in {heading}"));
    let words: Vec<Option<f64>> = line
        .split_whitespace()
        .map(|word| word.parse().ok())
        .collect();
    words.try_into().expect("six columns")
}

fn at_rank(sorted: &[f64], quantile: f64) -> Option<f64> {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Every line of COST per frame, and that the rest is the frame without all of them.
pub fn cost_is_the_distribution_of_the_file(text: &str, rows: &[Row]) {
    let stages = [
        ("scan", "scan_ms"),
        ("queue", "queue_ms"),
        ("apply", "apply_ms"),
        ("unload", "unload_ms"),
        ("overlay", "overlay_ms"),
        ("recording", "record_ms"),
        ("game", "game_ms"),
        ("render", "render_ms"),
        ("sleep", "sleep_ms"),
    ];
    for row in rows.iter().skip(1) {
        let named: f64 = stages.iter().filter_map(|(_, id)| row.get(*id)).sum();
        let rest = (of(row, "frame_ms") - named).max(0.0);
        assert!((rest - of(row, "unattributed_ms")).abs() < 1e-4, "{row:?}");
    }
    let since = of(rows.last().expect("frames"), "t") - 60.0;
    for (label, id) in stages
        .into_iter()
        .chain([("unattributed", "unattributed_ms")])
    {
        let is_part_of_every_frame = matches!(id, "game_ms" | "unattributed_ms");
        let mut values: Vec<f64> = rows
            .iter()
            .filter(|row| of(row, "t") >= since)
            .filter_map(|row| row.get(id).copied())
            .filter(|ms| *ms > 0.0 || is_part_of_every_frame)
            .collect();
        if label == "sleep" && values.is_empty() {
            assert!(!text.contains("  sleep "), "a line without data");
            continue;
        }
        values.sort_by(f64::total_cmp);
        let [_, p50, p95, p99, max, n] = cost_line(text, "\nCOST per frame", label);
        assert_eq!(n, Some(values.len() as f64), "{label}");
        let expected = [0.5, 0.95, 0.99, 1.0].map(|quantile| at_rank(&values, quantile));
        for (said, expected) in [p50, p95, p99, max].into_iter().zip(expected) {
            let is_same = match (said, expected) {
                (Some(said), Some(expected)) => (said - expected).abs() <= ROUNDED,
                (said, expected) => said == expected,
            };
            assert!(
                is_same,
                "{label}: {said:?} is said, {expected:?} in the file"
            );
        }
    }
}

/// Every line of COST per chunk, against the report's own distribution, which has three digits.
pub fn chunk_times_are_those_of_the_report(text: &str, timings: &Value) {
    for (label, key) in [
        ("queue wait", "queue_wait"),
        ("generate", "generate"),
        ("ready wait", "ready_wait"),
        ("apply", "apply"),
        ("to visible", "time_to_visible"),
    ] {
        let [_, p50, p95, p99, max, n] = cost_line(text, "\nCOST per chunk", label);
        assert_eq!(n, timings[key]["n"].as_f64(), "{label}");
        let said = [("p50", p50), ("p95", p95), ("p99", p99), ("max", max)];
        for (name, said) in said {
            let reported = timings[key][name].as_f64().expect("landed chunks");
            let said = said.expect("landed chunks");
            let near = ROUNDED + 0.002 * reported;
            assert!(
                (said - reported).abs() <= near,
                "{label} {name}: {said} {reported}"
            );
        }
    }
}
