//! A run of the bench as JSON, schema `ringroad.bench/1`.

use serde_json::{Value, json};

use super::{Bench, Estimate, Row};

/// The whole run.
pub fn json(bench: &Bench) -> Value {
    json!({
        "schema": "ringroad.bench/1",
        "control": control(bench),
        "machine": {
            "cpu": cpu_name(),
            "cores": std::thread::available_parallelism().ok().map(std::num::NonZero::get),
            "os": std::env::consts::OS,
        },
        "commit": commit(),
        "quick": bench.is_quick,
        "wall_secs": bench.wall_secs,
        "interval": "sign test: holds the true median in at least 90 % of cases from five pairs on, 75 % with three",
        "ratios": bench.rows.iter().map(ratio).collect::<Vec<_>>(),
    })
}

fn control(bench: &Bench) -> Value {
    let of = |value: fn(&Estimate) -> f64| bench.control.as_ref().map(value);
    json!({
        "value": of(|e| e.value),
        "low": of(|e| e.low),
        "high": of(|e| e.high),
        "pairs": bench.control_pairs,
    })
}

fn ratio(row: &Row) -> Value {
    let of = |value: fn(&Estimate) -> f64| row.estimate.as_ref().map(value);
    let note = match &row.why_unresolved {
        Some(why) if row.estimate.is_some() => format!("{}; {why}", row.measured.note),
        _ => row.measured.note.clone(),
    };
    json!({
        "id": row.measured.id.name(),
        "case": row.measured.case,
        "value": of(|e| e.value),
        "low": of(|e| e.low),
        "high": of(|e| e.high),
        "good": row.measured.target.good,
        "goal": row.measured.target.goal,
        "verdict": row.verdict.word(),
        "stands": row.stands.map(super::Verdict::word),
        "pairs": row.measured.samples.len(),
        "note": note,
    })
}

/// The commit that the library was built from, where it was built in a clone.
fn commit() -> Option<String> {
    let text = ringroad::cli::version_text();
    let (_, after) = text.split_once("(commit ")?;
    let (commit, _) = after.split_once(',')?;
    (commit != "unknown").then(|| commit.to_owned())
}

/// The processor's name where the system tells it in a file.
fn cpu_name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::id::Id;
    use super::super::ratio::{Kind, Measured, Target, judge};
    use super::*;

    fn keys(value: &Value) -> Vec<&str> {
        let object = value.as_object().expect("an object");
        object.keys().map(String::as_str).collect()
    }

    #[test]
    fn every_key_of_the_schema_is_there_even_without_a_value() {
        let unmeasured = Measured {
            id: Id::Q1,
            case: "none".to_owned(),
            samples: Vec::new(),
            target: Target::at_most(0.1, 0.03),
            kind: Kind::Counted,
            note: "not measured".to_owned(),
        };
        let bench = Bench {
            control: None,
            control_pairs: 0,
            rows: vec![judge(unmeasured, None, true)],
            is_quick: false,
            wall_secs: 1.0,
        };
        let value = json(&bench);
        assert_eq!(value["schema"], "ringroad.bench/1");
        for key in ["schema", "control", "machine", "commit", "ratios"] {
            assert!(keys(&value).contains(&key), "{key}");
        }
        for key in ["value", "low", "high"] {
            assert!(value["control"][key].is_null(), "{key}");
        }
        let ratio = &value["ratios"][0];
        let wanted = [
            "id", "case", "value", "low", "high", "good", "goal", "verdict", "pairs", "note",
        ];
        for key in wanted {
            assert!(keys(ratio).contains(&key), "{key}");
        }
        assert_eq!(ratio["verdict"], "unresolved");
        assert!(ratio["value"].is_null());
    }
}
