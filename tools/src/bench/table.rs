//! A run of the bench as a table for people.

use std::fmt::Write;

use super::control::is_calm;
use super::{Bench, CALM, Row, Verdict};

/// The table; with the note of each line if `with_notes`.
pub fn table(bench: &Bench, with_notes: bool) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}\n", control(bench));
    let width = |of: fn(&Row) -> usize| bench.rows.iter().map(of).max().unwrap_or(0);
    let wide = width(|row| row.measured.case.chars().count());
    let _ = writeln!(
        text,
        "{:4} {:wide$} {:>9} {:>19} {:>7} {:>7}  {:10} pairs",
        "id", "case", "value", "interval", "good", "goal", "verdict"
    );
    for row in &bench.rows {
        let _ = writeln!(text, "{}", line(row, wide, bench.is_quick));
        if with_notes {
            let _ = writeln!(text, "       {}", row.measured.note);
            let is_worth_saying = !bench.is_quick && row.stands.is_some();
            if let (Some(why), true) = (&row.why_unresolved, is_worth_saying) {
                let _ = writeln!(text, "       {why}");
            }
        }
    }
    let _ = writeln!(text, "\n{:.0} s. {}", bench.wall_secs, legend(bench));
    text
}

fn control(bench: &Bench) -> String {
    let Some(control) = &bench.control else {
        return "control: not measured; the run counts for nothing".to_owned();
    };
    let says = if is_calm(control) {
        String::new()
    } else {
        format!(
            ": outside {} to {}, the run counts for nothing",
            CALM.0, CALM.1
        )
    };
    format!(
        "control (raw ÷ raw): {:.3} [{:.3}, {:.3}], {} pairs{says}",
        control.value, control.low, control.high, bench.control_pairs
    )
}

fn legend(bench: &Bench) -> &'static str {
    if bench.is_quick {
        "A quick look shows where values stand (in brackets) and never judges."
    } else {
        "Intervals by the sign test, at least 90 % from five pairs on."
    }
}

fn line(row: &Row, wide: usize, is_quick: bool) -> String {
    let bound = |value: Option<f64>| value.map_or("–".to_owned(), number);
    let (value, interval) = match &row.estimate {
        None => ("–".to_owned(), "–".to_owned()),
        Some(e) => (
            number(e.value),
            format!("[{}, {}]", number(e.low), number(e.high)),
        ),
    };
    let verdict = match (row.verdict, row.stands) {
        (Verdict::Unresolved, Some(stands)) if is_quick => format!("({})", stands.word()),
        (Verdict::Unresolved, None) if row.estimate.is_some() => "shown".to_owned(),
        (verdict, _) => verdict.word().to_owned(),
    };
    format!(
        "{:4} {:wide$} {value:>9} {interval:>19} {:>7} {:>7}  {verdict:10} {}",
        row.measured.id,
        row.measured.case,
        bound(row.measured.target.good),
        bound(row.measured.target.goal),
        row.measured.samples.len(),
    )
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Estimate;
    use super::super::id::Id;
    use super::super::ratio::{Kind, Measured, Target, judge};
    use super::*;

    fn bench(control: f64, is_quick: bool) -> Bench {
        let control = Estimate {
            value: control,
            low: control,
            high: control,
        };
        let measured = Measured {
            id: Id::W2,
            case: "shuttle".to_owned(),
            samples: vec![1.0],
            target: Target::at_most(1.0, 1.0),
            kind: Kind::Counted,
            note: "counted".to_owned(),
        };
        Bench {
            control: Some(control),
            control_pairs: 5,
            rows: vec![judge(measured, Some(&control), !is_quick)],
            is_quick,
            wall_secs: 1.0,
        }
    }

    #[test]
    fn the_control_opens_the_table_and_a_bad_one_is_called_so() {
        assert!(table(&bench(1.0, false), false).starts_with("control (raw ÷ raw): 1.000"));
        let bad = table(&bench(1.2, false), false);
        assert!(bad.lines().next().unwrap().contains("counts for nothing"));
        assert!(bad.contains("unresolved"));
    }

    #[test]
    fn a_quick_look_shows_where_a_value_stands_in_brackets() {
        assert!(table(&bench(1.0, true), false).contains("(goal)"));
        assert!(table(&bench(1.0, false), true).contains("counted"));
    }
}
